"""The stacks that can be measured: one folder each, described by its benchmark.toml."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import BenchmarkError

MANIFEST = "benchmark.toml"
PLACEHOLDERS = ("python", "fd", "port")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")


class ManifestError(BenchmarkError):
    """A manifest that cannot be used: file, field and remedy in one sentence."""


@dataclass(frozen=True, kw_only=True)
class WorkloadManifest:
    """Where a stack serves one kind of request."""

    path: str


@dataclass(frozen=True, kw_only=True)
class StackManifest:
    """One stack as its manifest describes it. `settings` is its row of the equality matrix, `command` an argv
    with the placeholders {python}, {fd} and {port}, to be run in `folder`.
    """

    slug: str
    title: str
    framework: str
    server: str
    position: int
    folder: Path
    packages: tuple[str, ...]
    command: tuple[str, ...]
    health_path: str
    ready_timeout_s: float
    settings: Mapping[str, str | int | bool]
    workloads: Mapping[str, WorkloadManifest]


def read_manifests(root: Path) -> tuple[StackManifest, ...]:
    """The stacks in the folders directly below `root`, in display order. Raises ManifestError."""
    if not root.is_dir():
        raise ManifestError(f"{root} is no folder; name the folder that holds the apps under test.")
    manifests = [_read(source) for source in sorted(root.resolve().glob(f"*/{MANIFEST}"))]
    _refuse_duplicates(manifests)
    return tuple(sorted(manifests, key=lambda manifest: (manifest.position, manifest.slug)))


def manifest_hash(manifest: StackManifest) -> str:
    """SHA-256 (hex) of the manifest and every source file beside it: two equal hashes are the same stack."""
    digest = hashlib.sha256()
    for source in _sources(manifest.folder):
        name = source.relative_to(manifest.folder).as_posix()
        digest.update(f"{name}\0{hashlib.sha256(source.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    for source in sorted(folder.rglob("*")):
        parts = source.relative_to(folder).parts
        made_by_running = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if source.is_file() and not made_by_running:
            yield source


def _read(source: Path) -> StackManifest:
    document = _Table(source=source, name="", values=_parsed(source))
    document.refuse_keys_beyond("stack", "server", "settings", "workloads")
    stack, server = document.table("stack"), document.table("server")
    stack.refuse_keys_beyond("slug", "title", "framework", "server", "position", "packages")
    server.refuse_keys_beyond("command", "health_path", "ready_timeout_s")
    return StackManifest(
        slug=stack.slug("slug"),
        title=stack.text("title"),
        framework=stack.text("framework"),
        server=stack.text("server"),
        position=stack.whole("position"),
        folder=source.parent,
        packages=stack.texts("packages"),
        command=_command(server),
        health_path=server.url_path("health_path"),
        ready_timeout_s=server.seconds("ready_timeout_s"),
        settings=document.table("settings").scalars(),
        workloads=_workloads(document.table("workloads")),
    )


def _parsed(source: Path) -> dict[str, object]:
    try:
        return tomllib.loads(source.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{source} is not valid TOML: {error}.") from error


def _command(server: "_Table") -> tuple[str, ...]:
    command = server.texts("command")
    used = {name for word in command for name in re.findall(r"\{(\w+)\}", word)}
    unknown = sorted(used.difference(PLACEHOLDERS))
    if unknown:
        raise server.error(
            "command", f"uses the unknown placeholder {{{unknown[0]}}}; known are {_braced(PLACEHOLDERS)}"
        )
    if used.isdisjoint({"fd", "port"}):
        raise server.error("command", "must say where to listen; use {fd} (a listening socket) or {port}")
    return command


def _braced(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def _workloads(table: "_Table") -> Mapping[str, WorkloadManifest]:
    if not table.values:
        raise ManifestError(f'{table.source}: no workload is described; add [workloads.json] with path = "/json".')
    return {name: _workload(table.table(name)) for name in map(table.slug_key, table.values)}


def _workload(table: "_Table") -> WorkloadManifest:
    table.refuse_keys_beyond("path")
    return WorkloadManifest(path=table.url_path("path"))


def _refuse_duplicates(manifests: Iterable[StackManifest]) -> None:
    first: dict[str, Path] = {}
    for manifest in manifests:
        source = manifest.folder / MANIFEST
        other = first.setdefault(manifest.slug, source)
        if other != source:
            raise ManifestError(f"{source}: stack.slug {manifest.slug!r} is taken by {other}; choose another slug.")


@dataclass(frozen=True, kw_only=True)
class _Table:
    """One table of a manifest, read field by field; each method raises ManifestError."""

    source: Path
    name: str
    values: Mapping[str, object]

    def error(self, key: str, problem: str) -> ManifestError:
        return ManifestError(f"{self.source}: {self._path(key)} {problem}.")

    def refuse_keys_beyond(self, *known: str) -> None:
        for key in self.values:
            if key not in known:
                raise self.error(key, f"is not known; remove it or use one of: {', '.join(known)}")

    def table(self, key: str) -> "_Table":
        value = self._value(key, f"[{self._path(key)}]")
        if not isinstance(value, dict):
            raise self.error(key, f"must be a table; write [{self._path(key)}]")
        return _Table(source=self.source, name=self._path(key), values=value)

    def text(self, key: str) -> str:
        value = self._value(key, f'{key} = "..."')
        if not isinstance(value, str) or not value:
            raise self.error(key, f'must be text that is not empty, not {value!r}; write {key} = "..."')
        return value

    def slug(self, key: str) -> str:
        value = self.text(key)
        if not _SLUG.fullmatch(value):
            raise self.error(key, f"must hold only a-z, 0-9, - and _, not {value!r}; people type it")
        return value

    def slug_key(self, key: str) -> str:
        if not _SLUG.fullmatch(key):
            raise self.error(key, "must be named with only a-z, 0-9, - and _; people type it")
        return key

    def url_path(self, key: str) -> str:
        value = self.text(key)
        if not value.startswith("/"):
            raise self.error(key, f"must start with a slash, not {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._value(key, f'{key} = ["..."]')
        if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
            raise self.error(key, f'must be a list of texts, not {value!r}; write {key} = ["..."]')
        return tuple(value)

    def whole(self, key: str) -> int:
        value = self._value(key, f"{key} = 1")
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(key, f"must be a whole number, not {value!r}; write {key} = 1")
        return value

    def seconds(self, key: str) -> float:
        value = self._value(key, f"{key} = 20")
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < float("inf"):
            raise self.error(key, f"must be a number of seconds above 0, not {value!r}; write {key} = 20")
        return float(value)

    def scalars(self) -> Mapping[str, str | int | bool]:
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
