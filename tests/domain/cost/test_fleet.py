"""From load to fleet: redundancy is counted once."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.cost.fleet import FleetRule
from estimator.domain.cost.traffic import Redundancy

policies = st.builds(
    Redundancy,
    zones=st.integers(2, 6),
    survive_zone_loss=st.booleans(),
    minimum_instances=st.integers(1, 20),
    spares=st.integers(0, 4),
)
loads = st.floats(min_value=1e-6, max_value=1e6)


def rule(**policy: object) -> FleetRule:
    return FleetRule.of(Redundancy(**policy))  # type: ignore[arg-type]


@pytest.mark.parametrize(("load", "instances"), [(0.2, 3), (1.0, 3), (2.0, 3), (2.1, 6), (4.0, 6), (4.5, 9)])
def test_a_minimum_of_three_over_three_zones_already_survives_one(load: float, instances: int) -> None:
    assert rule(zones=3, minimum_instances=3).instances(load) == instances


@pytest.mark.parametrize(
    ("policy", "load", "instances"),
    [
        ({"zones": 3, "minimum_instances": 4}, 0.5, 6),  # whole zones
        ({"zones": 2, "minimum_instances": 1}, 1.0, 2),
        ({"zones": 2, "minimum_instances": 1}, 3.0, 6),  # each zone carries all
        ({"zones": 3, "minimum_instances": 3, "spares": 2}, 1.0, 3),  # spares are not added
        ({"survive_zone_loss": False, "minimum_instances": 1}, 0.5, 1),
        ({"survive_zone_loss": False, "minimum_instances": 3}, 4.2, 5),
        ({"survive_zone_loss": False, "minimum_instances": 3, "spares": 1}, 4.2, 6),
        ({"survive_zone_loss": False, "minimum_instances": 3, "spares": 1}, 1.0, 3),  # a spare is among the minimum
    ],
)
def test_the_rule_of_the_cost_model(policy: dict[str, object], load: float, instances: int) -> None:
    assert rule(**policy).instances(load) == instances


def test_arithmetic_noise_adds_no_instance() -> None:
    assert rule(survive_zone_loss=False, minimum_instances=1).instances(0.1 + 0.2 + 1.7 + 1e-13) == 2


@given(policies, loads)
def test_the_rule_is_the_formula(policy: Redundancy, load: float) -> None:
    k = max(1, math.ceil(load * (1 - 1e-12)))
    zones, minimum = policy.zones, policy.minimum_instances
    expected = max(minimum, k + policy.spares)
    if policy.survive_zone_loss:
        expected = max(zones * math.ceil(k / (zones - 1)), zones * math.ceil(minimum / zones))
    assert FleetRule.of(policy).instances(load) == expected


@given(policies, loads)
def test_the_fleet_without_a_zone_still_carries_the_load(policy: Redundancy, load: float) -> None:
    if policy.survive_zone_loss:
        instances = FleetRule.of(policy).instances(load)
        assert instances - instances // policy.zones >= math.ceil(load * (1 - 1e-12))


@given(policies, st.lists(loads, min_size=1, max_size=30))
def test_arrays_are_sized_as_single_loads_are(policy: Redundancy, many: list[float]) -> None:
    fleet = FleetRule.of(policy)
    assert fleet.instances_of(np.array(many)).tolist() == [fleet.instances(load) for load in many]


@given(policies, loads, loads)
def test_more_load_never_needs_fewer_instances(policy: Redundancy, one: float, other: float) -> None:
    fleet = FleetRule.of(policy)
    assert fleet.instances(min(one, other)) <= fleet.instances(max(one, other))


@given(policies, loads)
def test_the_greatest_load_is_where_the_next_instance_begins(policy: Redundancy, load: float) -> None:
    fleet = FleetRule.of(policy)
    instances = fleet.instances(load)
    greatest = fleet.greatest_load(instances)
    assert greatest >= load * (1 - 1e-12)
    assert fleet.instances(greatest) == instances < fleet.instances(greatest + 1e-3)


@given(policies, loads)
def test_a_minimum_that_survives_a_zone_anyway_adds_nothing(policy: Redundancy, load: float) -> None:
    without = FleetRule.of(Redundancy(zones=policy.zones, minimum_instances=1)).instances(load)
    raised = FleetRule.of(Redundancy(zones=policy.zones, minimum_instances=without)).instances(load)
    assert raised == without


@pytest.mark.parametrize(
    ("policy", "load", "name"),
    [
        ({"zones": 3, "minimum_instances": 3}, 1.5, "redundancy minimum"),
        ({"zones": 3, "minimum_instances": 1}, 0.5, "zone loss"),
        ({"zones": 3, "minimum_instances": 3}, 2.5, None),
        ({"survive_zone_loss": False, "minimum_instances": 1}, 0.5, "one instance"),
        ({"survive_zone_loss": False, "minimum_instances": 2, "spares": 3}, 0.5, "spares"),
    ],
)
def test_what_decides_the_count_has_a_name(policy: dict[str, object], load: float, name: str | None) -> None:
    assert rule(**policy).floor_name(load) == name
