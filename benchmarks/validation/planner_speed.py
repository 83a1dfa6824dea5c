"""How long the nearest peer takes: Netflix service-capacity-modeling's uncertain plan of one stateless service.

It is installed from its own lock into an environment of its own, as an app under test is. What it answers is not what
we answer: it plans one service in one region and term, with fewer draws.
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.environments import EnvironmentFailed, ensure_environment
from benchmarks.validation.figures import Figure, middle, spread
from benchmarks.validation.ground import Ground
from benchmarks.validation.projection_speed import on_core

FOLDER = Path(__file__).parent / "capacity_planner"
DRAWS, REPEATS = 128, 3
WHAT = f"the nearest peer: service-capacity-modeling's uncertain plan of one stateless service, {DRAWS} draws, one core"
_LIMIT_S = 300
# The standing example's peak, P10/P50/P90, and a service demand as the other rows have it.
_PROGRAM = """\
import json, sys, time
from service_capacity_modeling.capacity_planner import planner
from service_capacity_modeling.interface import CapacityDesires, DataShape, Interval, QueryPattern
draws, repeats = int(sys.argv[1]), int(sys.argv[2])
pattern = QueryPattern(
    estimated_read_per_second=Interval(low=162, mid=197, high=318, confidence=0.8),
    estimated_mean_read_latency_ms=Interval(low=1.5, mid=2, high=3, confidence=0.8),
)
desires = CapacityDesires(service_tier=1, query_pattern=pattern, data_shape=DataShape())
def took_s():
    started = time.perf_counter()
    planner.plan(
        model_name="org.netflix.stateless-java", region="us-east-1", desires=desires, simulations=draws
    )
    return time.perf_counter() - started
took_s()  # the first plan reads its shapes
print(json.dumps([took_s() for _ in range(repeats)]))
"""


def planner_figure(ground: Ground) -> Figure:
    """Its times, or in the same row why there are none."""
    try:
        with on_core(ground.cores.app[0]):
            return times_figure(_times_s(ground))
    except (EnvironmentFailed, OSError, subprocess.SubprocessError) as error:
        return absent_figure(error)


def times_figure(times_s: Sequence[float]) -> Figure:
    """The median of the repeats."""
    return Figure(what=WHAT, measured=f"{middle(times_s, '.1f')} s", spread=spread(times_s, ".1f", of="repeats"))


def absent_figure(reason: Exception) -> Figure:
    """The row without a figure: the peer is no part of us, so the others stand."""
    said = getattr(reason, "stderr", "") or str(reason)
    lines = said.strip().splitlines() or ["it ended without a word"]
    return Figure(what=WHAT, measured="not measured", spread=lines[-1])


def _times_s(ground: Ground) -> list[float]:
    """On the core of this process, which the child inherits."""
    python = ensure_environment(FOLDER, ground.folder / "environments")
    done = subprocess.run(
        [str(python), "-I", "-c", _PROGRAM, str(DRAWS), str(REPEATS)],
        capture_output=True,
        text=True,
        check=True,
        timeout=_LIMIT_S,
        stdin=subprocess.DEVNULL,
    )
    times_s: list[float] = json.loads(done.stdout)
    return times_s
