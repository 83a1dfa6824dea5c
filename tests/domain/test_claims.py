"""Each rule of the claim checker with its numbers."""

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.claims.arithmetic import mean_latency_ms, proportional_from
from estimator.domain.claims.rules import check_claims
from estimator.domain.claims.values import (
    Bill,
    Check,
    Claim,
    ClaimCheck,
    ClaimVerdict,
    Evidence,
    Observed,
    Quantity,
    SameCost,
    ratio_of,
)
from estimator.domain.cost.pricing import Money
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.statistics import Interval

PER_DAY = Decimal(10_000_000)
TITLES = {"fastapi": "FastAPI", "django": "Django", "flask": "Flask"}
positive = st.floats(min_value=1e-3, max_value=1e6)


def claim(
    check: Check, value: float | tuple[float, float] | None = None, stack: str = "fastapi", **fields: Any
) -> Claim:
    low, high = value if isinstance(value, tuple) else (value, value)
    claimed = None if low is None or high is None else Interval(low=low, mid=(low + high) / 2, high=high)
    return Claim(slug=f"{check}_{stack}", check=check, claimed=claimed, stack=stack, **fields)


def rate(value: float, stack: str, workload: str = "json", **fields: Any) -> Claim:
    return claim(Check.THROUGHPUT, value, stack, workload=workload, cores=8, unit="req/s", **fields)


def seen(*values: float, run: str = "7", **fields: Any) -> Observed:
    return Observed(run=run, blocks=dict(enumerate(values)), **fields)


def rates(workload: str = "json", **by_stack: float) -> dict[tuple[Quantity, str, str], Observed]:
    """Five steady blocks for each stack."""
    blocks = (0.99, 1.0, 1.01, 1.0, 1.0)
    return {
        (Quantity.THROUGHPUT, stack, workload): seen(*(value * block for block in blocks))
        for stack, value in by_stack.items()
    }


def bill(stack: str, cheapest: str, high: str) -> Bill:
    low, top = (Money(amount=Decimal(text), currency="USD") for text in (cheapest, high))
    return Bill(
        stack=stack, run="7", cheapest=low, low=low, high=top, fleet="3 x m1.large", constraint="redundancy minimum"
    )


def check(one: Claim, *others: Claim, **evidence: Any) -> ClaimCheck:
    return check_claims([one, *others], Evidence(titles=TITLES, **evidence))[0]


def test_absolute_rates_of_other_hardware_are_judged_as_ratios_between_stacks() -> None:
    found = check(rate(8520, "fastapi"), rate(1090, "django"), observed=rates(fastapi=5000, django=2340))

    assert found.verdict is ClaimVerdict.NOT_REPRODUCED
    assert found.finding and found.finding.claimed.mid == pytest.approx(7.817, abs=0.001)
    assert found.finding.ours.mid == pytest.approx(2.137, abs=0.001)
    assert found.holds_if == "the CPU time of a request on Django were 3.66 times what it was here."
    assert found.runs == ("7",)


def test_the_stack_that_looks_too_slow_in_the_claim_is_the_one_to_blame_from_either_side() -> None:
    found = check(rate(1090, "django"), rate(8520, "fastapi"), observed=rates(fastapi=5000, django=2340))

    assert found.holds_if == "the CPU time of a request on Django were 3.66 times what it was here."


def test_the_same_ratio_and_alike_cores_reproduce_a_rate() -> None:
    found = check(rate(8000, "fastapi"), rate(4000, "django"), observed=rates(fastapi=1300, django=650))

    assert (found.verdict, found.holds_if) == (ClaimVerdict.REPRODUCED, "")
    assert found.absolute and found.absolute.claimed.mid == 1000


def test_a_ratio_is_not_enough_where_no_hardware_explains_the_figure() -> None:
    found = check(rate(8000, "fastapi"), rate(4000, "django"), observed=rates(fastapi=5000, django=2500))

    assert found.verdict is ClaimVerdict.NOT_REPRODUCED
    assert found.holds_if == "a core of the source's machine did 0.2 times the work of one of ours."


def test_without_another_stack_the_rate_stands_alone() -> None:
    found = check(rate(2800, "django"), observed=rates(django=420))

    assert found.verdict is ClaimVerdict.REPRODUCED  # 350 a core
    assert "no ratio" in found.why


def test_what_was_not_measured_is_no_figure_but_the_plan_to_run() -> None:
    evidence = {"plans": {("fastapi", "json"): "Every stack, every workload"}}

    found = check(rate(8520, "fastapi"), **evidence)

    assert (found.verdict, found.ours, found.finding) == (ClaimVerdict.UNSUPPORTED, "not measured", None)
    assert "run the plan 'Every stack, every workload'" in found.why


def test_words_against_itself_decide_only_where_nothing_was_measured() -> None:
    one = rate(8520, "fastapi", contradiction="the table lists 4,200")
    measured = check(one, rate(1090, "django"), observed=rates(fastapi=5000, django=2340))

    assert check(one).verdict is ClaimVerdict.INCONSISTENT
    assert measured.verdict is ClaimVerdict.NOT_REPRODUCED
    assert "The source contradicts itself: the table lists 4,200." in measured.why


@pytest.mark.parametrize(("throughput", "mean_ms"), [(8520, 59), (2190, 228), (1090, 459)])
def test_littles_law_gives_the_mean_of_500_busy_connections(throughput: float, mean_ms: int) -> None:
    assert round(mean_latency_ms(connections=500, rate=throughput)) == mean_ms


@pytest.mark.parametrize(("p99", "throughput", "most"), [(14, 8520, 119), (52, 2190, 113), (98, 1090, 106)])
def test_a_p99_below_the_mean_is_inconsistent_whatever_was_measured(p99: float, throughput: float, most: int) -> None:
    one = claim(Check.CROWD_P99, p99, workload="json", connections=500, unit="ms")
    observed = {(Quantity.CROWD_P99, "fastapi", "json"): seen(p99)}

    found = check(one, rate(throughput, "fastapi"), observed=observed)

    assert found.verdict is ClaimVerdict.INCONSISTENT
    assert "Little's law" in found.why
    assert found.holds_if == f"at most {most} connections were busy, not 500."
    assert found.ours.startswith(str(p99))


@given(p99=positive, throughput=positive, connections=st.integers(1, 10_000))
def test_only_a_p99_below_the_mean_is_called_impossible(p99: float, throughput: float, connections: int) -> None:
    one = claim(Check.CROWD_P99, p99, workload="json", connections=connections)

    found = check(one, rate(throughput, "fastapi"))

    assert (found.verdict is ClaimVerdict.INCONSISTENT) == (p99 < connections / throughput * 1000)


def test_a_possible_p99_is_judged_against_our_crowd() -> None:
    p99s = {(Quantity.CROWD_P99, stack, "json"): seen(value) for stack, value in (("fastapi", 80), ("django", 160))}
    claims = [claim(Check.CROWD_P99, 70, workload="json", connections=500)]
    claims += [claim(Check.CROWD_P99, 140, "django", workload="json", connections=500)]

    assert check(*claims, observed=p99s).verdict is ClaimVerdict.REPRODUCED
    assert check(replace(claims[0], claimed=Interval.exact(14.0)), claims[1], observed=p99s).holds_if.startswith(
        "the time in the queue of Django were 5 times"
    )


def test_a_ratio_outside_of_the_sets_own_rates_is_inconsistent_and_our_ratio_stands_beside() -> None:
    one = claim(Check.THROUGHPUT_RATIO, (7, 8), other_stack="django", workload="user_lookup", unit="ratio")
    own = (rate(4200, "fastapi", "user_lookup"), rate(620, "django", "user_lookup"))

    found = check(one, *own, observed=rates("user_lookup", fastapi=1080, django=1119))

    assert found.verdict is ClaimVerdict.INCONSISTENT
    assert "6.8, outside of 7 to 8" in found.why
    assert found.ours.startswith("0.965 (")
    assert check(one, *own).verdict is ClaimVerdict.INCONSISTENT


def test_a_ratio_without_own_rates_is_judged_by_measurement() -> None:
    one = claim(Check.THROUGHPUT_RATIO, (7, 8), other_stack="django", workload="json", unit="ratio")

    assert check(one, observed=rates(fastapi=700, django=100)).verdict is ClaimVerdict.REPRODUCED
    assert check(one, observed=rates(fastapi=110, django=100)).verdict is ClaimVerdict.NOT_REPRODUCED


def test_memory_is_compared_as_it_is_in_megabytes() -> None:
    one = claim(Check.MEMORY, 58, unit="MB")
    idle = {(Quantity.MEMORY, "fastapi", ""): seen(55.3, 55.3, 55.4)}

    assert check(one, observed=idle).verdict is ClaimVerdict.REPRODUCED
    assert check(claim(Check.MEMORY, 145, unit="MB"), observed=idle).holds_if.startswith("they held 2.5 times as much")


@pytest.mark.parametrize(
    ("starts", "verdict"),
    [
        ((0.7, 0.71, 0.69), ClaimVerdict.REPRODUCED),
        ((1.7, 1.71, 1.69), ClaimVerdict.NOT_REPRODUCED),
        ((0.9,), ClaimVerdict.UNSUPPORTED),  # one block: the stated prior reaches beyond the limit
    ],
)
def test_a_cold_start_is_below_a_limit_only_with_its_whole_interval(
    starts: tuple[float, ...], verdict: ClaimVerdict
) -> None:
    observed = {(Quantity.COLD_START, "fastapi", ""): seen(*starts)}

    assert check(claim(Check.COLD_START_BELOW, 1, unit="s"), observed=observed).verdict is verdict


@pytest.mark.parametrize(("django", "verdict"), [(100, ClaimVerdict.REPRODUCED), (50, ClaimVerdict.NOT_REPRODUCED)])
def test_cpu_bound_work_closes_the_gap_where_the_stacks_are_alike_under_it(
    django: float, verdict: ClaimVerdict
) -> None:
    observed = rates("cpu", fastapi=102, django=django) | rates("json", fastapi=5000, django=2340)
    gap = claim(Check.CPU_GAP, stack="", workload="cpu")

    found = check(gap, rate(8520, "fastapi"), rate(1090, "django"), observed=observed)

    assert found.verdict is verdict
    assert "Under 'json' FastAPI carries 2.14" in found.why


def bills() -> tuple[Claim, Claim]:
    return (
        claim(Check.MONTHLY_COST, 200, requests_per_day=PER_DAY, unit="USD/month"),
        claim(Check.MONTHLY_COST, 1400, "django", requests_per_day=PER_DAY, unit="USD/month"),
    )


def test_bills_that_differ_though_one_server_does_for_either_are_inconsistent() -> None:
    low, high = bills()
    own = (rate(4200, "fastapi"), rate(620, "django"))
    measured = {(stack, PER_DAY): bill(stack, "100.74", "220.75") for stack in ("fastapi", "django")}

    found = check(high, low, *own, bills=measured)

    assert found.verdict is ClaimVerdict.INCONSISTENT
    assert "A peak of 197 req/s is 32% of one server at the source's own 620 req/s" in found.why
    assert "differ 7 times" in found.why
    assert found.holds_if.startswith("cost were proportional to throughput, without a floor")
    assert check(low, high, *own, bills=measured).verdict is ClaimVerdict.REPRODUCED


def test_a_bill_that_our_projection_does_not_reach_is_not_reproduced() -> None:
    low, high = bills()

    found = check(high, low, bills={("django", PER_DAY): bill("django", "100.74", "220.75")})

    assert found.verdict is ClaimVerdict.NOT_REPRODUCED
    assert "USD 100.74 a month at the least (3 x m1.large)" in found.why
    assert check(high, low).ours == "not measured"


def test_bills_follow_throughput_only_far_beyond_the_redundancy_minimum() -> None:
    target = TrafficTarget()

    start = proportional_from(fast=4200, slow=620, target=target)

    assert start is not None and start > 10 * PER_DAY
    per_second = float(start) / 86_400 * 1.7 * 1.25
    fleets = [3 * math.ceil(math.ceil(per_second / capacity) / 2) for capacity in (620, 4200)]
    assert fleets[0] / fleets[1] >= 0.9 * 4200 / 620


@pytest.mark.parametrize(
    ("differ_at", "verdict"),
    [
        (Decimal(160_000_000), ClaimVerdict.REPRODUCED),
        (Decimal(50_000), ClaimVerdict.NOT_REPRODUCED),
        (None, ClaimVerdict.REPRODUCED),
    ],
)
def test_a_negligible_difference_ends_where_our_bills_first_differ(
    differ_at: Decimal | None, verdict: ClaimVerdict
) -> None:
    known = SameCost(per_day=differ_at, stacks=("fastapi", "django"), runs=("7",))
    one = claim(Check.SAME_COST_BELOW, stack="", requests_per_day=Decimal(100_000))

    assert check(one, same_cost=known).verdict is verdict
    assert check(one).verdict is ClaimVerdict.UNSUPPORTED


@pytest.mark.parametrize(
    ("monthly", "verdict"), [("12", "reproduced"), ("3", "not reproduced"), ("40", "not reproduced")]
)
def test_an_entry_price_is_that_of_the_cheapest_machine_with_room(monthly: str, verdict: str) -> None:
    one = claim(Check.ENTRY_PRICE, (10, 15), unit="USD/month")

    assert check(one, entries={"fastapi": bill("fastapi", monthly, monthly)}).verdict == verdict


def test_wages_are_never_confirmed() -> None:
    found = check(claim(Check.NONE, (25, 40), unit="USD/hour"))

    assert (found.verdict, found.ours) == (ClaimVerdict.UNSUPPORTED, "cannot be measured")


@given(st.lists(positive, min_size=1, max_size=6), st.lists(positive, min_size=1, max_size=6), st.booleans())
def test_a_ratio_turned_round_is_the_inverse_with_its_interval(
    first: list[float], second: list[float], same_run: bool
) -> None:
    one, other = seen(*first), seen(*second, run="7" if same_run else "8")

    there, back = ratio_of(one, other), ratio_of(other, one)

    assert there.low <= there.mid <= there.high
    for end, opposite in ((there.low, back.high), (there.mid, back.mid), (there.high, back.low)):
        assert end * opposite == pytest.approx(1) or end == 0.0


def test_a_disturbed_host_widens_the_interval() -> None:
    calm, disturbed = seen(1.0, 1.1, 1.2), seen(1.0, 1.1, 1.2, disturbed=True)

    assert disturbed.interval.high > calm.interval.high > calm.mid == disturbed.mid
    assert ratio_of(disturbed, calm).high >= ratio_of(calm, calm).high
