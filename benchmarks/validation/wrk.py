"""The generator against wrk (https://github.com/wg/wrk) on the same null server, one core each."""

import re
import shutil
import statistics

from benchmarks.app_process import RunningApp
from benchmarks.errors import EngineError
from benchmarks.guarded_process import Program, guarded, wait_until
from benchmarks.load.engine import LoadEngine
from benchmarks.load.results import StepResult
from benchmarks.validation.ground import Ground, never, server, verified_engine
from benchmarks.validation.rows import Check, Row
from estimator.domain.workload import LoadStep, StepKind

PAIRS, SECONDS = 10, 1
_CONNECTIONS = 32
_AT_LEAST = 0.9
_END_LIMIT_S = 20.0
_RATE = re.compile(r"^Requests/sec:\s+([0-9.]+)$", re.MULTILINE)
CHECK = Check(name="generator against a null server, one core", must_be=f"at least {_AT_LEAST:g} of wrk's rate")


def check_wrk(ground: Ground) -> Row:
    """About 30 s: interleaved pairs, each with the same number of connections."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return CHECK.not_testable("wrk is not installed (apt-get install wrk)")
    ours: list[StepResult] = []
    theirs: list[float] = []
    with server(ground, "null") as app, verified_engine(ground, app) as engine:
        for _ in range(PAIRS):
            ours.append(closed_loop(engine, SECONDS))
            theirs.append(_wrk_rate(ground, app, wrk))
    busy = statistics.median(result.generator_cpu_s / result.duration_s for result in ours)
    return wrk_row([result.completed / result.duration_s for result in ours], theirs, busy=busy)


def wrk_row(ours: list[float], theirs: list[float], *, busy: float) -> Row:
    """Rates in requests/s of each pair; `busy` is the share of its core that the generator used."""
    ratios = [mine / its for mine, its in zip(ours, theirs, strict=True)]
    middle = statistics.geometric_mean(ratios)
    rates = f"{statistics.median(ours):,.0f} against {statistics.median(theirs):,.0f} req/s"
    spread = f"{len(ratios)} pairs {min(ratios):.2f}-{max(ratios):.2f}"
    return CHECK.judged(f"{middle:.3f} ({rates}, {spread}; own core {busy:.0%} busy)", holds=middle >= _AT_LEAST)


def closed_loop(engine: LoadEngine, seconds: float) -> StepResult:
    """As fast as the server answers. Raises EngineError when it does not answer."""
    step = LoadStep(kind=StepKind.SATURATION, duration_s=seconds + 0.3, discard_s=0.3, connections=_CONNECTIONS)
    result = engine.run_step(step)
    if not result.completed:
        raise EngineError(f"the null server did not answer: {result.first_error}")
    return result


def _wrk_rate(ground: Ground, app: RunningApp, wrk: str) -> float:
    log = ground.log("wrk")
    log.unlink(missing_ok=True)
    program = Program(
        name="wrk",
        argv=[wrk, "-t1", f"-c{_CONNECTIONS}", f"-d{SECONDS}s", f"http://{app.host}:{app.port}/"],
        cpus=ground.cores.load,
        env={"LANG": "C.UTF-8"},
        cwd=ground.folder,
        log=log,
        record_folder=ground.records,
    )
    with guarded(program) as process:
        wait_until(lambda: not process.running(), limit_s=SECONDS + _END_LIMIT_S, should_stop=never)
    return parse_wrk(log.read_text(errors="replace"))


def parse_wrk(text: str) -> float:
    """Requests/s out of what wrk prints. Raises EngineError when it does not say."""
    found = _RATE.search(text)
    if found is None or not float(found[1]):
        raise EngineError(f"wrk told no rate: {text.strip()[-200:] or 'it said nothing'}")
    return float(found[1])
