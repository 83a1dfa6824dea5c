"""The stacks that can be measured: one benchmark.toml each, or several benchmark-<name>.toml in one folder."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.manifest_table import ManifestError, Table, read_document
from benchmarks.workload_manifest import WorkloadManifest, read_workloads

MANIFESTS = ("benchmark.toml", "benchmark-*.toml")
_MADE_BY_RUNNING = frozenset({"__pycache__", "node_modules", "venv"})
PLACEHOLDERS = ("python", "fd", "fd2", "port")  # filled in at each start; whole numbers of [settings] are others


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
    environment: Mapping[str, str] = field(default_factory=dict)  # beside what every app is told

    @property
    def needs_python(self) -> bool:
        """Whether it runs in an environment that is made from its lock, or brings all it needs."""
        return any("{python}" in word for word in self.command)

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
    def tunable(self) -> tuple[str, ...]:
        """Settings that change what runs: those that the command names, and the pool's size, which the app is told."""
        used = {name for name in whole_numbers(self.settings) if any(f"{{{name}}}" in word for word in self.command)}
        return tuple(sorted(used.union({"pool_size"}.intersection(whole_numbers(self.settings)))))

    def varied(self, settings: Mapping[str, int]) -> "StackManifest":
        """The same stack, started with other settings."""
        return replace(self, settings={**self.settings, **settings})

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


def read_manifests(root: Path, own: Sequence[Path] = ()) -> tuple[StackManifest, ...]:
    """The stacks in the folders directly below `root`, and in the folders `own`, in display order.

    Raises ManifestError.
    """
    if not root.is_dir():
        raise ManifestError(f"{root} is no folder; name the folder that holds the apps under test.")
    sources = [source for folder in root.resolve().iterdir() for source in _manifests_in(folder)]
    for folder in own:
        sources += _own_manifests(folder)
    manifests = [_read(source) for source in sorted(set(sources))]
    _refuse_duplicates(manifests)
    return tuple(sorted(manifests, key=lambda manifest: (manifest.position, manifest.slug)))


def _manifests_in(folder: Path) -> list[Path]:
    return [source for name in MANIFESTS for source in folder.glob(name)]


def _own_manifests(folder: Path) -> list[Path]:
    found = _manifests_in(folder.resolve())
    if not found:
        raise ManifestError(f"{folder} holds no {MANIFESTS[0]}; write one there, or take the folder out of OWN_APPS.")
    return found


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
    """All files but those that running makes; folders of thousands of installed packages are not even entered."""
    others = {*_manifests_in(manifest.folder)} - {manifest.source}
    for folder, inner, names in os.walk(manifest.folder):
        inner[:] = sorted(name for name in inner if not (name.startswith(".") or name in _MADE_BY_RUNNING))
        for name in sorted(name for name in names if not name.startswith(".")):
            source = Path(folder, name)
            if source.is_file() and source not in others:
                yield source


def _read(source: Path) -> StackManifest:
    document = read_document(source)
    document.refuse_keys_beyond("stack", "server", "environment", "settings", "workloads")
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
        packages=stack.texts("packages") if "packages" in stack.values else (),
        command=command,
        health_path=server.url_path("health_path"),
        ready_timeout_s=server.seconds("ready_timeout_s"),
        settings=settings,
        workloads=read_workloads(document.table("workloads"), command),
        environment=_environment(document),
    )


def _environment(document: Table) -> Mapping[str, str]:
    given = document.texts_by_name("environment")
    for name in given:
        if name.startswith("BENCH_"):
            raise document.error("environment", f"sets {name}, which the benchmark sets itself; take it out")
    return given


def _command(server: Table, settings: Mapping[str, str | int | bool]) -> tuple[str, ...]:
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


def _refuse_duplicates(manifests: Iterable[StackManifest]) -> None:
    first: dict[str, Path] = {}
    for manifest in manifests:
        other = first.setdefault(manifest.slug, manifest.source)
        if other != manifest.source:
            raise ManifestError(
                f"{manifest.source}: stack.slug {manifest.slug!r} is taken by {other}; choose another slug."
            )
