"""A manifest's tables, read field by field; each mistake is one sentence with file, field and remedy."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import BenchmarkError

_ENDS, _LONGEST_S = 2, 60  # of a range
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")


class ManifestError(BenchmarkError):
    """A manifest that cannot be used: file, field and remedy in one sentence."""


def read_document(source: Path) -> "Table":
    """The whole of a TOML file. Raises ManifestError."""
    try:
        values = tomllib.loads(source.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{source} is not valid TOML: {error}.") from error
    return Table(source=source, name="", values=values)


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of a manifest; each method raises ManifestError."""

    source: Path
    name: str
    values: Mapping[str, object]

    def error(self, key: str, problem: str) -> ManifestError:
        """What is wrong with a field, ready to be raised."""
        return ManifestError(f"{self.source}: {self._path(key)} {problem}.")

    def refuse_keys_beyond(self, *known: str) -> None:
        """A key that nobody reads is a mistake."""
        for key in self.values:
            if key not in known:
                raise self.error(key, f"is not known; remove it or use one of: {', '.join(known)}")

    def table(self, key: str) -> "Table":
        """A table below this one."""
        value = self._value(key, f"[{self._path(key)}]")
        if not isinstance(value, dict):
            raise self.error(key, f"must be a table; write [{self._path(key)}]")
        return Table(source=self.source, name=self._path(key), values=value)

    def text(self, key: str) -> str:
        """Text that is not empty."""
        value = self._value(key, f'{key} = "..."')
        if not isinstance(value, str) or not value:
            raise self.error(key, f'must be text that is not empty, not {value!r}; write {key} = "..."')
        return value

    def slug(self, key: str) -> str:
        """A name that people type."""
        value = self.text(key)
        if not _SLUG.fullmatch(value):
            raise self.error(key, f"must hold only a-z, 0-9, - and _, not {value!r}; people type it")
        return value

    def slug_key(self, key: str) -> str:
        """A table's own name, as people type it."""
        if not _SLUG.fullmatch(key):
            raise self.error(key, "must be named with only a-z, 0-9, - and _; people type it")
        return key

    def url_path(self, key: str) -> str:
        """The path of a URL."""
        value = self.text(key)
        if not value.startswith("/"):
            raise self.error(key, f"must start with a slash, not {value!r}")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false where it is left out."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"must be true or false, not {value!r}")
        return value

    def texts_by_name(self, key: str) -> Mapping[str, str]:
        """A table of texts; empty where it is left out."""
        value = self.values.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise self.error(key, f'must be a table of texts, not {value!r}; write {key} = {{ Name = "value" }}')
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, at least one."""
        value = self._value(key, f'{key} = ["..."]')
        if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
            raise self.error(key, f'must be a list of texts, not {value!r}; write {key} = ["..."]')
        return tuple(value)

    def whole(self, key: str) -> int:
        """A whole number."""
        value = self._value(key, f"{key} = 1")
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(key, f"must be a whole number, not {value!r}; write {key} = 1")
        return value

    def seconds(self, key: str) -> float:
        """A duration above 0."""
        value = self._value(key, f"{key} = 20")
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < float("inf"):
            raise self.error(key, f"must be a number of seconds above 0, not {value!r}; write {key} = 20")
        return float(value)

    def range_s(self, key: str) -> tuple[float, float]:
        """Two durations of 0 or more, the shorter first."""
        value = self._value(key, f"{key} = [0.5, 1.5]")
        numbers = value if isinstance(value, list) else []
        seconds = [float(one) for one in numbers if isinstance(one, int | float) and not isinstance(one, bool)]
        if len(numbers) != _ENDS or len(seconds) != _ENDS or not 0 <= seconds[0] <= seconds[1] <= _LONGEST_S:
            problem = f"must be two numbers of seconds from 0 to {_LONGEST_S}, the shorter first, not {value!r}"
            raise self.error(key, f"{problem}; write {key} = [0.5, 1.5]")
        return seconds[0], seconds[1]

    def scalars(self) -> Mapping[str, str | int | bool]:
        """All fields, of a table without tables."""
        kept: dict[str, str | int | bool] = {}
        for key, value in self.values.items():
            if not isinstance(value, str | int | bool):
                raise self.error(key, f"must be text, a whole number, true or false, not {value!r}")
            kept[key] = value
        return kept

    def _value(self, key: str, example: str) -> object:
        if key not in self.values:
            raise self.error(key, f"is missing; add {example}")
        return self.values[key]

    def _path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key
