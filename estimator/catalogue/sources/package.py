"""Opens the data files of a source package that was downloaded and unpacked, never installed."""

import gzip
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from estimator.catalogue.reader import CatalogueError


@dataclass(frozen=True, kw_only=True)
class Package:
    """One version of a source package, unpacked to `<sources>/<name>-<version>`."""

    name: str
    version: str
    licence: str
    publishable: bool = True  # False: share-alike, its figures serve as a check and are not copied
    sources: Path = Path()

    def json(self, path: str) -> Any:
        """A JSON file of the package, gzipped if its name says so; numbers with a point are exact decimals."""
        file = self._existing(path)
        raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        return json.loads(raw, parse_float=Decimal)

    def text(self, path: str) -> str:
        """A text file of the package."""
        return self._existing(path).read_text(encoding="utf-8")

    def files(self, pattern: str) -> list[Path]:
        """The package's files of a pattern, by name; raises CatalogueError when there is none."""
        found = sorted(self.root.glob(pattern))
        return found or [self._existing(pattern)]

    def query(self, path: str, sql: str, parameters: Sequence[str] = ()) -> list[Any]:
        """Rows of one SELECT on an SQLite file of the package, opened read-only."""
        with closing(sqlite3.connect(f"{self._existing(path).as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, tuple(parameters)).fetchall()

    @property
    def root(self) -> Path:
        return (self.sources / f"{self.name}-{self.version}").resolve()

    def _existing(self, path: str) -> Path:
        if not (self.root / path).is_file():
            raise CatalogueError(
                f"{self.root} has no {path}; download {self.name}=={self.version} and unpack it there, "
                f"see docs/catalogue.md."
            )
        return self.root / path
