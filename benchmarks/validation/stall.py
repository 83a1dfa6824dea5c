"""A server that stalls one second once: every request that had to wait for it must be charged for it."""

from benchmarks.load.results import StepResult
from benchmarks.validation.ground import Ground, server, verified_engine
from benchmarks.validation.rows import Check, Row
from estimator.domain.measuring.workload import LoadStep, Spacing, StepKind

RATE, SECONDS = 100, 5
# The 100 requests that fall due in the stall wait 0.5 s on average; the slower half of them is a tenth of all.
TRUE_MEAN_MS, TRUE_P90_MS = 100.0, 500.0
_STALLS_AT = 250  # some 85 answers are given before the step, so the stall falls into its second second
_MEAN_MS = (80.0, 130.0)
CHECK = Check(
    name=f"server that stalls 1 s once; {RATE} req/s for {SECONDS} s, constant spacing",
    must_be=f"{RATE * SECONDS} sent, mean {_MEAN_MS[0]:.0f}-{_MEAN_MS[1]:.0f} ms",
)


def check_stall(ground: Ground) -> Row:
    """About 7 s."""
    return stall_row(stalled_step(ground))


def stalled_step(ground: Ground) -> StepResult:
    """The step during which the server stalls."""
    step = LoadStep(kind=StepKind.OPEN_LOOP, duration_s=SECONDS, rate=RATE, spacing=Spacing.CONSTANT)
    with server(ground, f"stall:{_STALLS_AT}") as app, verified_engine(ground, app) as engine:
        return engine.run_step(step)


def stall_row(result: StepResult) -> Row:
    """Sent in full, and a mean that holds the wait: 100 requests wait 0.5 s on average, so 100 ms over all 500."""
    mean_ms = result.latency.mean_ms() or 0.0
    holds = result.sent == result.completed == RATE * SECONDS and _MEAN_MS[0] <= mean_ms <= _MEAN_MS[1]
    return CHECK.judged(f"{result.sent} sent, {result.completed} answered, mean {mean_ms:.0f} ms", holds=holds)
