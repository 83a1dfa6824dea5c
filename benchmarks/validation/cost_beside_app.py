"""The generator's own CPU per request beside that of the fastest stack it has to load."""

from collections.abc import Mapping, Sequence

from benchmarks.validation.ground import Ground
from benchmarks.validation.rows import Check, Row
from benchmarks.validation.sitting import cpu_s_per_request, measured, of_kind
from estimator.domain.measurement import Window
from estimator.domain.workload import Profile, StepKind

STACKS, WORKLOAD = ("fastapi", "flask", "django"), "json"
PROFILE = Profile(
    name="validation",
    blocks=2,
    warm_up_s=1.5,
    saturation_s=1.5,
    window_s=2.0,
    window_rates=(0.70, 0.90),
    gate_s=0.5,
    warm_up_requests=500,
    ring_size=200,
    repeat_budget_s=3.0,
)
_SHARE = 5
CHECK = Check(
    name=f"generator's CPU per request in a closed loop, `{WORKLOAD}` of the fastest of {', '.join(STACKS)}",
    must_be=f"at most 1/{_SHARE} of the app's",
)
OPEN = Check(
    name="the same in an open loop, where each arrival and each answer wakes the generator", must_be="not asked for"
)
ByStack = Mapping[str, Sequence[Window]]


def check_cost(ground: Ground, *, profile: Profile = PROFILE) -> list[Row]:
    """About 50 s. Raises AppError when a stack cannot be measured."""
    windows = measured(ground, [ground.stack(slug) for slug in STACKS], WORKLOAD, profile=profile)
    closed, opened = (
        {slug: of_kind(windows, slug, kind) for slug in STACKS} for kind in (StepKind.SATURATION, StepKind.OPEN_LOOP)
    )
    return cost_rows(closed, opened)


def cost_rows(closed: ByStack, opened: ByStack) -> list[Row]:
    """The fastest is the stack with the least CPU per request; both sides of a ratio come from the same windows."""
    fastest = min(closed, key=lambda slug: cpu_s_per_request(closed[slug])[0])
    app_s, _, generator_s = cpu_s_per_request(closed[fastest])
    return [
        CHECK.judged(_text(fastest, closed[fastest]), holds=generator_s <= app_s / _SHARE),
        OPEN.told(_text(fastest, opened[fastest])),
    ]


def _text(stack: str, windows: Sequence[Window]) -> str:
    app_s, _, generator_s = cpu_s_per_request(windows)
    rates = ", ".join(f"{window.achieved_rate:,.0f}" for window in windows)
    costs = f"{generator_s * 1e6:.0f} of {app_s * 1e6:.0f} us"
    return f"1/{app_s / max(generator_s, 1e-9):.1f} ({costs}, {stack} at {rates} req/s; windows {_spread(windows)})"


def _spread(windows: Sequence[Window]) -> str:
    costs = [cpu_s_per_request([window]) for window in windows]
    shares = sorted(app_s / max(generator_s, 1e-9) for app_s, _, generator_s in costs)
    return f"1/{shares[-1]:.1f} to 1/{shares[0]:.1f}"
