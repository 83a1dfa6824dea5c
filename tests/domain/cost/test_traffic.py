"""Traffic targets: what is read, what is refused, and what follows from a rate."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.cost.traffic import (
    Redundancy,
    TrafficError,
    TrafficTarget,
    format_growth,
    format_traffic,
    parse_growth,
    parse_traffic,
)
from estimator.domain.statistics import Interval


@pytest.mark.parametrize(
    ("text", "per_day"),
    [
        ("10M/day", "10000000"),
        ("10m/day", "10000000"),
        (" 1.5 B / day ", "1500000000"),
        ("100k/d", "100000"),
        ("10,000,000/day", "10000000"),
        ("10_000_000/day", "10000000"),
        ("250rps", "21600000"),
        ("250 req/s", "21600000"),
        ("0.5/s", "43200"),
        ("1k/hour", "24000"),
        ("730M/month", "24000000"),
    ],
)
def test_traffic_is_read_as_people_write_it(text: str, per_day: str) -> None:
    assert parse_traffic(text) == Decimal(per_day)


def test_a_month_has_730_hours() -> None:
    target = TrafficTarget(requests_per_day=parse_traffic("10M/day"))
    assert round(target.requests_per_month) == 304_166_667
    assert TrafficTarget(requests_per_day=parse_traffic("300M/month")).requests_per_month == Decimal(300_000_000)


@pytest.mark.parametrize(
    "text", ["10Q/day", "ten/day", "10M", "", "-5k/day", "10M/fortnight", "1,0M/day", "10M/day/day"]
)
def test_unreadable_traffic_is_refused_with_field_and_remedy(text: str) -> None:
    with pytest.raises(TrafficError) as refusal:
        parse_traffic(text)
    message = str(refusal.value)
    assert message.startswith("traffic: ")
    assert repr(text) in message
    assert "10M/day" in message


@pytest.mark.parametrize("text", ["0/day", "9999999999999M/day"])
def test_traffic_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(TrafficError, match="out of range"):
        parse_traffic(text)


@given(st.integers(min_value=1, max_value=999), st.sampled_from(["", "k", "M", "B"]))
def test_formatting_is_read_back_unchanged(number: int, suffix: str) -> None:
    text = f"{number}{suffix}/day"
    assert format_traffic(parse_traffic(text)) == text


@pytest.mark.parametrize(("value", "text"), [(999_999, "1M/day"), (304_166_666, "304M/day"), (1_234, "1.23k/day")])
def test_formatting_keeps_three_digits(value: float, text: str) -> None:
    assert format_traffic(value) == text


@pytest.mark.parametrize(
    ("text", "growth"),
    [
        ("5%", (0.05, 0.05, 0.05)),
        ("0.05", (0.05, 0.05, 0.05)),
        ("-2%", (-0.02, -0.02, -0.02)),
        ("2%/5%/9%", (0.02, 0.05, 0.09)),
        (" 0.02 / 0.05 / 0.09 ", (0.02, 0.05, 0.09)),
    ],
)
def test_growth_is_read_as_one_figure_or_as_three(text: str, growth: tuple[float, float, float]) -> None:
    found = parse_growth(text)
    assert (found.low, found.mid, found.high) == growth


@given(st.lists(st.integers(min_value=-40, max_value=100), min_size=3, max_size=3).map(sorted))
def test_growth_is_shown_as_it_is_read(percent: list[int]) -> None:
    text = "/".join(f"{value}%" for value in percent)
    assert parse_growth(format_growth(parse_growth(text))) == parse_growth(text)


@pytest.mark.parametrize("text", ["", "much", "2%/5%", "9%/5%/2%", "5%%", "1e3", "nan"])
def test_growth_that_cannot_be_read_is_refused_with_field_and_remedy(text: str) -> None:
    with pytest.raises(TrafficError, match=r"^growth_per_month: .*2%/5%/9%"):
        parse_growth(text)


def test_growth_compounds_from_the_first_month() -> None:
    target = TrafficTarget(growth_per_month=Interval.exact(0.1))
    assert target.growth_factor(1) == 1
    assert target.growth_factor(12) == pytest.approx(1.1**11)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"requests_per_day": Decimal(0)}, "traffic"),
        ({"peak_to_mean": Interval(low=0.9, mid=1.0, high=2.0)}, "peak_to_mean"),
        ({"growth_per_month": Interval.exact(-1.0)}, "growth_per_month"),
        ({"objective_ms": 0.0}, "slo_p99_ms"),
        ({"objective_ms": float("nan")}, "slo_p99_ms"),
        ({"objective_ms": float("inf")}, "slo_p99_ms"),
        ({"headroom": -0.1}, "headroom"),
        ({"payload_bytes": -1}, "payload_bytes"),
    ],
)
def test_a_target_that_makes_no_sense_names_its_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(TrafficError, match=f"^{field}"):
        TrafficTarget(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("budget", ["0", "-1", "NaN", "Infinity"])
def test_a_budget_that_is_none_is_refused(budget: str) -> None:
    with pytest.raises(TrafficError, match="monthly_budget: enter an amount above 0"):
        TrafficTarget(monthly_budget=Decimal(budget))


def test_a_zone_cannot_be_lost_where_there_is_only_one() -> None:
    with pytest.raises(TrafficError, match=r"^zones: .* at least 2 zones"):
        Redundancy(zones=1, survive_zone_loss=True)


def test_the_standing_example_is_the_default() -> None:
    target = TrafficTarget()
    assert target.mean_rate == pytest.approx(115.74, abs=0.01)
    assert (target.objective_ms, target.headroom, target.redundancy) == (100.0, 0.25, Redundancy())
