"""The generator's own CPU per request beside that of the fastest stack it has to load."""

import statistics
from collections.abc import Mapping, Sequence

from benchmarks.validation.ground import Ground, closed_loop, null_asgi_server, verified_engine
from benchmarks.validation.rows import Check, Row
from benchmarks.validation.sitting import cpu_s_per_request, measured, of_kind
from estimator.domain.measuring.measurement import Window
from estimator.domain.measuring.workload import Profile, StepKind

STACKS, WORKLOAD = ("fastapi", "flask", "django"), "json"
PROFILE = Profile(
    name="validation",
    blocks=2,
    warm_up_s=1.5,
    saturation_s=1.5,
    window_s=2.0,
    window_rates=(0.70, 0.90),
    gate_s=0.5,
    ring_size=200,
    repeat_budget_s=3.0,
)
_SHARE = 5
_NULL_WINDOWS, _NULL_SECONDS = 5, 1.0
CHECK = Check(
    name="generator's CPU per request on the null ASGI server, against"
    f" `{WORKLOAD}` of the fastest of {', '.join(STACKS)}",
    must_be=f"at most 1/{_SHARE} of the app's",
)
BESIDE = Check(name="the same while it loads that stack: closed loop, open loop", must_be="not asked for")
ByStack = Mapping[str, Sequence[Window]]


def check_cost(ground: Ground, *, profile: Profile = PROFILE) -> list[Row]:
    """About 90 s. Raises AppError when a stack cannot be measured."""
    null_us = _on_null_server(ground)
    windows = measured(ground, [ground.stack(slug) for slug in STACKS], WORKLOAD, profile=profile)
    closed, opened = (
        {slug: of_kind(windows, slug, kind) for slug in STACKS} for kind in (StepKind.SATURATION, StepKind.OPEN_LOOP)
    )
    return cost_rows(null_us, closed, opened)


def _on_null_server(ground: Ground) -> list[float]:
    """CPU-microseconds per request of the generator in a closed loop, window by window."""
    with null_asgi_server(ground) as app, verified_engine(ground, app) as engine:
        windows = [closed_loop(engine, _NULL_SECONDS) for _ in range(_NULL_WINDOWS)]
    return [window.generator_cpu_s / window.completed * 1e6 for window in windows]


def cost_rows(null_us: Sequence[float], closed: ByStack, opened: ByStack) -> list[Row]:
    """The fastest is the stack with the least CPU per request in its open-loop windows."""
    demands_s = {slug: cpu_s_per_request(windows)[0] for slug, windows in opened.items()}
    fastest = min(demands_s, key=lambda slug: demands_s[slug])
    ours_us, app_us = statistics.median(null_us), demands_s[fastest] * 1e6
    windows = f"{len(null_us)} windows {min(null_us):.1f}-{max(null_us):.1f}"
    return [
        CHECK.judged(
            f"1/{app_us / ours_us:.1f} ({ours_us:.1f} us, {windows}; {fastest} {app_us:.0f} us)",
            holds=ours_us <= app_us / _SHARE,
        ),
        BESIDE.told(f"{_share(closed[fastest])}, {_share(opened[fastest])}"),
    ]


def _share(windows: Sequence[Window]) -> str:
    app_s, _, generator_s = cpu_s_per_request(windows)
    rates = [window.achieved_rate for window in windows]
    costs = f"{generator_s * 1e6:.0f} of {app_s * 1e6:.0f} us"
    return f"1/{app_s / max(generator_s, 1e-9):.1f} ({costs} at {min(rates):,.0f}-{max(rates):,.0f} req/s)"
