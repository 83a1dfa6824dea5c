"""Before a trial's load counts: every answer compared, connections primed, the app warm."""

import time
from collections.abc import Iterator

from benchmarks.errors import AppError
from benchmarks.measuring import Measuring
from benchmarks.setting import Setting, Step
from benchmarks.side_effects import SideEffects, asked_for, count_side_effects, settled_side_effects
from estimator.domain.measuring.measurement import Measurement, Window
from estimator.domain.measuring.steady_state import is_steady
from estimator.domain.measuring.workload import LoadStep, SteadyRule, StepKind

TURN_S = 0.5  # in which all connections are answered once, where the work waits
_SLOWEST_RATE = 1.0  # requests/s; guards the warm-up's rate against a division by nothing
_LEAST_WARM_UP = 0.5  # of the profile's time, however long the verification took

_UNSTEADY = {
    SteadyRule.HALVES: "its halves differ by more than 10 %",
    SteadyRule.MSER5: "MSER-5 finds no steady second half",
}


def made_ready(measuring: Measuring, *, share_of_warm_up: float) -> Iterator[Measurement | Step]:
    """Verify, prime, warm up. Raises AppError for a wrong answer or a wrong side effect."""
    requests = len(measuring.setting.ring)
    yield Step(message=f"verifying {requests:,} answers", share=0.05)
    took_s = verify(measuring, "before load")
    rate = max(_SLOWEST_RATE, requests / took_s)
    measuring.connections = connections_at(rate, measuring.setting)
    measuring.engine.prime(measuring.connections)
    yield Step(message="warming up", share=share_of_warm_up)
    yield from _warm_up(measuring, rate, after_s=took_s)


def verify(measuring: Measuring, when: str) -> float:
    """Every request of the ring, whole bodies and side effects compared; the seconds it took. Raises AppError."""
    before = _side_effects(measuring.setting)
    started = time.monotonic()
    result = measuring.engine.verify(measuring.setting.verify_connections)
    took_s = time.monotonic() - started
    if result.failures:
        raise AppError(
            f"{result.failures} of {result.checked} answers were wrong {when}: {result.first_failure};"
            f" see {measuring.app.app.log}"
        )
    if before is not None:
        _compare_side_effects(measuring, before, when)
    return took_s


def connections_at(rate: float, setting: Setting) -> int:
    """The load's connections, for work that was answered at `rate` (requests/s) when it was verified.

    Where it waits, as many as are answered in half a second: several times those that wait their 100 ms at once, and
    no more turns of a slow server than a short window can count.
    """
    if not setting.facts.waits:
        return setting.connections
    return max(min(setting.connections, setting.profile.connections), min(setting.connections, int(rate * TURN_S)))


def _side_effects(setting: Setting) -> SideEffects | None:
    """What the workload left in the database so far; None for one that only reads."""
    return settled_side_effects(setting.services.database.app_url) if setting.facts.writes else None


def _compare_side_effects(measuring: Measuring, before: SideEffects, when: str) -> None:
    written = count_side_effects(measuring.setting.services.database.app_url).since(before)
    asked = asked_for(measuring.setting.ring)
    if written != asked:
        raise AppError(f"{when} the app wrote {written}, but was asked for {asked}; see {measuring.app.app.log}")


def _warm_up(measuring: Measuring, rate: float, *, after_s: float) -> Iterator[Window]:
    """At about 60 % of the rate seen; judged by MSER-5 it goes on once for as long when it is not steady by then.

    The verification's requests are its first, and the `after_s` seconds they took count as part of its time.
    """
    profile = measuring.profile
    seconds = max(profile.warm_up_s - after_s, _LEAST_WARM_UP * profile.warm_up_s)
    step = LoadStep(
        kind=StepKind.WARM_UP,
        duration_s=seconds,
        rate=profile.warm_up_rate * rate,
        connections=measuring.connections,
    )
    yield measuring.taken(step)
    bins = measuring.bins
    if profile.steady_rule is SteadyRule.MSER5 and not is_steady(bins, profile.steady_rule):
        yield measuring.taken(step)
        bins += measuring.bins
    if not is_steady(bins, profile.steady_rule):
        measuring.warnings.append(
            f"the warm-up had not settled after {len(bins) / 10:.0f} s: {_UNSTEADY[profile.steady_rule]}"
        )
