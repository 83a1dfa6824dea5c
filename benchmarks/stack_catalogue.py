"""The stacks that can be measured: one benchmark.toml each, or several benchmark-<name>.toml in one folder."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import BenchmarkError

MANIFESTS = ("benchmark.toml", "benchmark-*.toml")
PLACEHOLDERS = ("python", "fd", "fd2", "port")  # filled in at each start; whole numbers of [settings] are others
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")


class ManifestError(BenchmarkError):
    """A manifest that cannot be used: file, field and remedy in one sentence."""


@dataclass(frozen=True, kw_only=True)
class WorkloadManifest:
    """Where a stack serves one kind of request: on its first listening socket, or on its second ({fd2}).

    Where it serves it nowhere, `path` is empty and `unsupported` says why.
    """

    path: str = ""
    listener: int = 1
    unsupported: str = ""


@dataclass(frozen=True, kw_only=True)
class StackManifest:
    """One stack as its manifest, `source`, describes it. `settings` is its row of the equality matrix, `command` an
    argv to be run in `folder`, with placeholders: {python}, {fd}, {fd2}, {port}, and whole numbers of the settings.
    """

    slug: str
    title: str
    framework: str
    server: str
    position: int
    source: Path
    packages: tuple[str, ...]
    command: tuple[str, ...]
    health_path: str
    ready_timeout_s: float
    settings: Mapping[str, str | int | bool]
    workloads: Mapping[str, WorkloadManifest]

    @property
    def folder(self) -> Path:
        """Where the app lies; several stacks may share it."""
        return self.source.parent

    @property
    def app_name(self) -> str:
        """What logs and messages call the app: its folder, and the manifest's own name where there are several."""
        return self.folder.name + self.source.stem.removeprefix("benchmark")

    @property
    def argv(self) -> tuple[str, ...]:
        """The command with its settings filled in, as they are now; {python}, {fd}, {fd2} and {port} are left."""
        return tuple(filled(word, whole_numbers(self.settings)) for word in self.command)

    @property
    def served(self) -> tuple[str, ...]:
        """Slugs of the workloads that it can be measured under."""
        return tuple(slug for slug, workload in self.workloads.items() if not workload.unsupported)

    @property
    def unsupported(self) -> Mapping[str, str]:
        """Slugs of the workloads that it cannot be measured under, with the reason."""
        return {slug: workload.unsupported for slug, workload in self.workloads.items() if workload.unsupported}


def filled(word: str, values: Mapping[str, object]) -> str:
    """`word` with each {name} in `values` replaced; other braces stay as they are."""
    for name, value in values.items():
        word = word.replace(f"{{{name}}}", str(value))
    return word


def whole_numbers(settings: Mapping[str, str | int | bool]) -> Mapping[str, int]:
    """The settings that a command may name."""
    return {name: value for name, value in settings.items() if isinstance(value, int) and not isinstance(value, bool)}


def read_manifests(root: Path) -> tuple[StackManifest, ...]:
    """The stacks in the folders directly below `root`, in display order. Raises ManifestError."""
    if not root.is_dir():
        raise ManifestError(f"{root} is no folder; name the folder that holds the apps under test.")
    sources = [source for name in MANIFESTS for source in root.resolve().glob(f"*/{name}")]
    manifests = [_read(source) for source in sorted(sources)]
    _refuse_duplicates(manifests)
    return tuple(sorted(manifests, key=lambda manifest: (manifest.position, manifest.slug)))


def manifest_hash(manifest: StackManifest) -> str:
    """SHA-256 (hex) of the manifest, its settings as they are now, and every source file beside it.

    Two equal hashes are the same stack. Manifests of other stacks in the folder do not count.
    """
    digest = hashlib.sha256()
    for source in _sources(manifest):
        name = source.relative_to(manifest.folder).as_posix()
        digest.update(f"{name}\0{hashlib.sha256(source.read_bytes()).hexdigest()}\n".encode())
    digest.update(json.dumps(dict(manifest.settings), sort_keys=True).encode())
    return digest.hexdigest()


def _sources(manifest: StackManifest) -> Iterator[Path]:
    folder = manifest.folder
    others = {source for name in MANIFESTS for source in folder.glob(name)} - {manifest.source}
    for source in sorted(folder.rglob("*")):
        parts = source.relative_to(folder).parts
        made_by_running = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if source.is_file() and not made_by_running and source not in others:
            yield source


def _read(source: Path) -> StackManifest:
    document = _Table(source=source, name="", values=_parsed(source))
    document.refuse_keys_beyond("stack", "server", "settings", "workloads")
    stack, server = document.table("stack"), document.table("server")
    stack.refuse_keys_beyond("slug", "title", "framework", "server", "position", "packages")
    server.refuse_keys_beyond("command", "health_path", "ready_timeout_s")
    settings = document.table("settings").scalars()
    command = _command(server, settings)
    return StackManifest(
        slug=stack.slug("slug"),
        title=stack.text("title"),
        framework=stack.text("framework"),
        server=stack.text("server"),
        position=stack.whole("position"),
        source=source,
        packages=stack.texts("packages"),
        command=command,
        health_path=server.url_path("health_path"),
        ready_timeout_s=server.seconds("ready_timeout_s"),
        settings=settings,
        workloads=_workloads(document.table("workloads"), command),
    )


def _parsed(source: Path) -> dict[str, object]:
    try:
        return tomllib.loads(source.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{source} is not valid TOML: {error}.") from error


def _command(server: "_Table", settings: Mapping[str, str | int | bool]) -> tuple[str, ...]:
    command = server.texts("command")
    used = {name for word in command for name in re.findall(r"\{(\w+)\}", word)}
    known = (*PLACEHOLDERS, *whole_numbers(settings))
    unknown = sorted(used.difference(known))
    if unknown:
        raise server.error("command", f"uses the unknown placeholder {{{unknown[0]}}}; known are {_braced(known)}")
    if used.isdisjoint({"fd", "port"}):
        raise server.error("command", "must say where to listen; use {fd} (a listening socket) or {port}")
    return command


def _braced(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def _workloads(table: "_Table", command: Iterable[str]) -> Mapping[str, WorkloadManifest]:
    if not table.values:
        raise ManifestError(f'{table.source}: no workload is described; add [workloads.json] with path = "/json".')
    workloads = {name: _workload(table.table(name)) for name in map(table.slug_key, table.values)}
    if not any("{fd2}" in word for word in command):
        for name, workload in workloads.items():
            if workload.listener == 2:
                raise table.table(name).error("listener", "is 2, but server.command has no {fd2}; add it, or use 1")
    return workloads


def _workload(table: "_Table") -> WorkloadManifest:
    table.refuse_keys_beyond("path", "listener", "unsupported")
    if "unsupported" in table.values:
        for key in ("path", "listener"):
            if key in table.values:
                raise table.error(key, "stands beside unsupported; keep one of the two")
        return WorkloadManifest(unsupported=table.text("unsupported"))
    listener = table.whole("listener") if "listener" in table.values else 1
    if listener not in (1, 2):
        raise table.error("listener", f"must be 1 ({{fd}}) or 2 ({{fd2}}), not {listener}")
    return WorkloadManifest(path=table.url_path("path"), listener=listener)


def _refuse_duplicates(manifests: Iterable[StackManifest]) -> None:
    first: dict[str, Path] = {}
    for manifest in manifests:
        other = first.setdefault(manifest.slug, manifest.source)
        if other != manifest.source:
            raise ManifestError(
                f"{manifest.source}: stack.slug {manifest.slug!r} is taken by {other}; choose another slug."
            )


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
