"""What a manifest says of a workload: where the stack serves it, why it does not, or requests of the user's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from benchmarks.manifest_table import ManifestError, Table
from benchmarks.own_workloads import REQUEST_KEYS, is_own, own_requests
from benchmarks.workloads import (
    WORKLOADS,
    PreparedRequest,
    WorkloadFacts,
    repeated,
    request_ring,
    workload_facts,
)
from estimator.domain.measuring.journeys import Mix, quotas

MOST_CONNECTIONS = 1000


@dataclass(frozen=True, kw_only=True)
class WorkloadManifest:
    """Where a stack serves one kind of request: on its first listening socket, or on its second ({fd2}).

    Where it serves it nowhere, `path` is empty and `unsupported` says why. A workload of the user's own has `requests`.
    """

    path: str = ""
    listener: int = 1
    unsupported: str = ""
    title: str = ""
    requests: tuple[PreparedRequest, ...] = ()
    connections: int | None = None  # of the load; None: the profile's
    mixed: WorkloadFacts | None = None  # of a journey, whose requests come from several workloads

    def facts(self, slug: str) -> WorkloadFacts:
        """How it is measured. Raises UnknownWorkload."""
        if self.mixed:
            return self.mixed
        return WorkloadFacts(connections=self.connections) if self.requests else workload_facts(slug)

    def ring(self, slug: str, *, seed: int, size: int) -> tuple[PreparedRequest, ...]:
        """`size` seeded requests, or fewer where the workload asks for it. Raises UnknownWorkload."""
        size = min(size, self.facts(slug).ring_size)
        return repeated(self.requests, seed, size) if self.requests else request_ring(slug, self.path, seed, size)


def journey_workload(parts: Mapping[str, WorkloadManifest], mix: Mix, *, seed: int, size: int) -> WorkloadManifest:
    """A journey over workloads served at one address: as many requests of each as its weight asks for."""
    counts = {slug: count for slug, count in quotas(mix, size).items() if count}
    requests = [
        replace(request, part=slug)
        for slug, count in counts.items()
        for request in repeated(parts[slug].ring(slug, seed=seed, size=count), seed, count)
    ]
    facts = [parts[slug].facts(slug) for slug in counts]
    mixed = WorkloadFacts(
        statements=max(one.statements for one in facts),
        connections=max((one.connections for one in facts if one.connections), default=None),
        waits=any(one.waits for one in facts),
        writes=any(one.writes for one in facts),
        calls_upstream=any(one.calls_upstream for one in facts),
    )
    listener = next(iter(parts.values())).listener
    return WorkloadManifest(path=requests[0].path, listener=listener, requests=tuple(requests), mixed=mixed)


def read_workloads(table: Table, command: Iterable[str]) -> Mapping[str, WorkloadManifest]:
    """The [workloads] of a manifest whose server is started so. Raises ManifestError with file, field and remedy."""
    if not table.values:
        raise ManifestError(f'{table.source}: no workload is described; add [workloads.json] with path = "/json".')
    workloads = {name: _workload(table.table(name)) for name in map(table.slug_key, table.values)}
    if not any("{fd2}" in word for word in command):
        for name, workload in workloads.items():
            if workload.listener == 2:
                raise table.table(name).error("listener", "is 2, but server.command has no {fd2}; add it, or use 1")
    return workloads


def _workload(table: Table) -> WorkloadManifest:
    table.refuse_keys_beyond("listener", "unsupported", "title", "requests", "connections", *REQUEST_KEYS)
    if "unsupported" in table.values:
        beside = next((key for key in table.values if key != "unsupported"), None)
        if beside:
            raise table.error(beside, "stands beside unsupported; keep one of the two")
        return WorkloadManifest(unsupported=table.text("unsupported"))
    listener = table.whole("listener") if "listener" in table.values else 1
    if listener not in (1, 2):
        raise table.error("listener", f"must be 1 ({{fd}}) or 2 ({{fd2}}), not {listener}")
    if is_own(table):
        return _own_workload(table, listener)
    _refuse_unknown(table)
    table.refuse_keys_beyond("path", "listener", "unsupported")
    return WorkloadManifest(path=table.url_path("path"), listener=listener)


def _own_workload(table: Table, listener: int) -> WorkloadManifest:
    slug = table.name.rpartition(".")[2]
    if slug in WORKLOADS:
        raise table.error("path", f"is all that may be said of our workload {slug}; choose another name for your own")
    connections = table.whole("connections") if "connections" in table.values else None
    if connections is not None and not 1 <= connections <= MOST_CONNECTIONS:
        raise table.error("connections", f"must be 1 to {MOST_CONNECTIONS}, not {connections}")
    requests = own_requests(table)
    title = table.text("title") if "title" in table.values else ""
    return WorkloadManifest(
        path=requests[0].path, listener=listener, title=title, requests=requests, connections=connections
    )


def _refuse_unknown(table: Table) -> None:
    slug = table.name.rpartition(".")[2]
    if slug not in WORKLOADS:
        ours = ", ".join(WORKLOADS)
        raise table.error(
            "expected_json",
            f"is missing: {slug} is none of our workloads ({ours}), so say what its answer is;"
            " add expected_json, expected_text or any_body = true",
        )
