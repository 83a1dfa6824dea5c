"""wrk (https://github.com/wg/wrk) as a child process, and what it prints as values."""

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.app_process import RunningApp
from benchmarks.errors import EngineError
from benchmarks.guarded_process import GuardedProcess, Program, guarded, wait_until
from benchmarks.validation.ground import Ground, never
from benchmarks.workloads import PreparedRequest

INSTALL = "wrk is not installed (apt-get install wrk)"
CONNECTIONS = 32
_END_LIMIT_S = 20.0
_SETTLED_S = 0.3  # its CPU is counted from then on: it has opened its connections
_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
_TIME = r"([0-9.]+)(us|ms|s|m)"
_RATE = re.compile(r"^Requests/sec:\s+([0-9.]+)$", re.MULTILINE)
_COUNT = re.compile(r"^\s*([0-9]+) requests in ", re.MULTILINE)
_MEAN = re.compile(rf"^\s*Latency\s+{_TIME}\s", re.MULTILINE)
_P90 = re.compile(rf"^\s*90%\s+{_TIME}$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class WrkReport:
    """What wrk says, and the share of its core it used meanwhile."""

    rate: float
    requests: int
    mean_ms: float
    p90_ms: float
    core_share: float = 0.0

    @property
    def cpu_us(self) -> float:
        """CPU-microseconds per request."""
        return self.core_share / self.rate * 1e6


def wrk_path() -> str | None:
    """Where it is installed; None where it is not."""
    return shutil.which("wrk")


def run_wrk(
    ground: Ground,
    app: RunningApp,
    *,
    seconds: int,
    request: PreparedRequest,
    connections: int = CONNECTIONS,
    script: Path | None = None,
) -> WrkReport:
    """One thread on the load's cores, closed loop. Raises EngineError when it says no rate."""
    log = ground.log("wrk")
    log.unlink(missing_ok=True)
    headers = [f"-H{name}: {value}" for name, value in request.headers]
    scripted = [] if script is None else ["-s", str(script)]
    program = Program(
        name="wrk",
        argv=[
            wrk_path() or "wrk",
            *("-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *headers, *scripted),
            f"http://{app.host}:{app.port}{request.path}",
        ],
        cpus=ground.cores.load,
        env={"LANG": "C.UTF-8"},
        cwd=ground.folder,
        log=log,
        record_folder=ground.records,
    )
    with guarded(program) as process:
        share = _core_share(process, seconds)
    return parse_wrk(log.read_text(errors="replace"), core_share=share)


def _core_share(process: GuardedProcess, seconds: float) -> float:
    """Cores used between two readings, without a third: whoever samples all along takes the time of what it samples."""
    time.sleep(_SETTLED_S)
    first = time.monotonic(), process.tree.cpu_s()
    time.sleep(max(0.1, seconds - 2 * _SETTLED_S))
    last = time.monotonic(), process.tree.cpu_s()
    wait_until(lambda: not process.running(), limit_s=_END_LIMIT_S, should_stop=never)
    return max(0.0, last[1] - first[1]) / (last[0] - first[0])


def parse_wrk(text: str, *, core_share: float = 0.0) -> WrkReport:
    """What wrk prints with --latency. Raises EngineError when it says no rate."""
    rate, count = _RATE.search(text), _COUNT.search(text)
    if rate is None or count is None or not float(rate[1]):
        raise EngineError(f"wrk told no rate: {text.strip()[-200:] or 'it said nothing'}")
    return WrkReport(
        rate=float(rate[1]),
        requests=int(count[1]),
        mean_ms=_ms(_MEAN.search(text)),
        p90_ms=_ms(_P90.search(text)),
        core_share=core_share,
    )


def _ms(found: "re.Match[str] | None") -> float:
    return float("nan") if found is None else float(found[1]) * _UNITS_MS[found[2]]
