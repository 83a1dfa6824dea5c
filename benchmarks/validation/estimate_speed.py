"""How fast stored estimates are listed and exported: over HTTP, by a service as `manage.py up` starts it.

Their content is what the standing example costs on the runs that the service has, so it must have measured before.
"""

import http.client
import json
import shutil
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.validation.figures import Figure
from benchmarks.validation.own_service import OwnService
from benchmarks.validation.service_cost import web_workers

ORIGINALS, COPIES = 400, 250  # 100,000 estimates
SMALL, LARGE = 1, 10  # originals in the two exports: 250 and 2,500 estimates
REQUESTS = 100  # of each kind: far fewer than a key may send in a minute
_LIMIT_S = 1_200
_DISK_GB = 20  # rows and what the database logs of them take 11
_PIECE = 1 << 16
_API, _PAGE = "/api/v1/estimates", "/estimates/"
_FILL = (
    "from pathlib import Path; from benchmarks.management.many_estimates import fill;"
    " fill(originals={originals}, copies={copies}, small={small}, large={large}, access=Path({access!r}))"
)


@dataclass(frozen=True, kw_only=True)
class Export:
    """One file from its first byte to its last: rows without the heading, and the web's peak of memory by then."""

    estimates: int
    rows: int
    first_byte_s: float
    took_s: float
    peak_mib: float


def estimate_figures(service: OwnService) -> Iterator[Figure]:
    """About 3 min. Raises BenchmarkError when an answer is none."""
    if shutil.disk_usage(service.var).free < _DISK_GB * 10**9:
        what = f"{ORIGINALS * COPIES:,} estimates stored"
        yield Figure(what=what, measured="not measured", spread=f"they need {_DISK_GB} GB of disk for a while")
        return
    access = service.var / "many-estimates.json"
    fill = _FILL.format(originals=ORIGINALS, copies=COPIES, small=SMALL, large=LARGE, access=str(access))
    service.manage("shell", "-c", fill)
    web = Web(port=service.port, **json.loads(access.read_text(encoding="utf-8")))
    for name, path in LISTS.items():
        yield list_figure(name, [web.took_ms(path) for _ in range(REQUESTS)])
    yield list_figure("the API's list, page after page", list(web.pages_ms(_API, REQUESTS)))
    workers = web_workers(service.supervisor)
    yield from export_figures([web.export(centre, size * COPIES, workers) for centre, size in _EXPORTS.items()])


_EXPORTS = {"small": SMALL, "large": LARGE}
LISTS: Mapping[str, str] = {
    "the API's list, first page of 100": _API,
    "the API's list, filtered by cost centre, currency, time and approval": (
        f"{_API}?cost_centre=centre%207&currency=USD&created_after=2024-06-01T00:00:00Z&approved=false"
    ),
    "the API's list, filtered to nothing": f"{_API}?title=nothing",
    "the page with the newest": _PAGE,
    "the page, filtered by cost centre, currency, time and approval": (
        f"{_PAGE}?cost_centre=centre+7&currency=USD&since=2024-06-01&approved=no"
    ),
}


def list_figure(name: str, took_ms: Sequence[float]) -> Figure:
    """The 95th percentile, which is to stay under 100 ms."""
    ordered = sorted(took_ms)
    p95 = ordered[max(0, round(0.95 * len(ordered)) - 1)]
    return Figure(
        what=f"{ORIGINALS * COPIES:,} estimates stored: {name}",
        measured=f"p95 {p95:.0f} ms",
        spread=f"median {statistics.median(ordered):.0f}, slowest {ordered[-1]:.0f} ms of {len(ordered)}",
    )


def export_figures(exports: Sequence[Export]) -> Iterator[Figure]:
    """The last and largest beside those before it."""
    *others, largest = exports
    yield Figure(
        what=f"{ORIGINALS * COPIES:,} estimates stored: CSV of {largest.estimates:,}, streamed",
        measured=f"{largest.rows / largest.took_s:,.0f} rows/s, first byte after {largest.first_byte_s:.2f} s",
        spread="; ".join(
            f"{other.rows / other.took_s:,.0f} rows/s and {other.first_byte_s:.2f} s for {other.estimates:,}"
            for other in others
        ),
    )
    yield Figure(
        what="the same: peak memory of the web process",
        measured=f"{largest.peak_mib:,.0f} MiB after {largest.rows:,} rows",
        spread="; ".join(f"{other.peak_mib:,.0f} MiB after {other.rows:,} rows" for other in others),
    )


@dataclass(frozen=True, kw_only=True)
class Web:
    """The service as a client sees it."""

    port: int
    key: str
    session: str

    def took_ms(self, path: str) -> float:
        """From the request to the last byte of the answer. Raises BenchmarkError."""
        started_s = time.perf_counter()
        self._read(path)
        return (time.perf_counter() - started_s) * 1000

    def pages_ms(self, path: str, count: int) -> Iterator[float]:
        """The same of one page after the other, each where the last one pointed to; from the start again at the end."""
        start = path
        for _ in range(count):
            started_s = time.perf_counter()
            body = self._read(path)
            yield (time.perf_counter() - started_s) * 1000
            path = (json.loads(body)["next"] or start).partition(f":{self.port}")[2] or start

    def export(self, cost_centre: str, estimates: int, workers: Sequence[int]) -> Export:
        """The CSV of a cost centre, thrown away as it comes."""
        started_s = time.perf_counter()
        answer = self._asked(f"{_API}.csv?cost_centre={cost_centre}")
        lines, first_byte_s = answer.read(1).count(b"\n"), time.perf_counter() - started_s
        while piece := answer.read(_PIECE):
            lines += piece.count(b"\n")
        took_s = time.perf_counter() - started_s
        peak_mib = max(map(peak_memory_mib, workers))
        return Export(estimates=estimates, rows=lines - 1, first_byte_s=first_byte_s, took_s=took_s, peak_mib=peak_mib)

    def _read(self, path: str) -> bytes:
        return self._asked(path).read()

    def _asked(self, path: str) -> http.client.HTTPResponse:
        """A connection of its own for each, as most clients of such a service have it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_LIMIT_S)
        way_in = {"Authorization": f"Api-Key {self.key}"} if path.startswith(_API) else {}
        way_in |= {} if way_in else {"Cookie": f"sessionid={self.session}"}
        connection.request("GET", path, headers={**way_in, "Connection": "close"})
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise BenchmarkError(f"{path} answered {answer.status}: {answer.read(300)!r}")
        return answer


def peak_memory_mib(pid: int) -> float:
    """The most that a process ever had resident (VmHWM of proc(5))."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise BenchmarkError(f"process {pid} has no VmHWM: this kernel does not tell peaks of memory")
