"""Set-up searches: what is tried, and which of it is best."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.performance.capacity import Capacity, RefusedStack
from estimator.domain.performance.setups import (
    MOST_SETUPS,
    NotSearchable,
    Setup,
    best_by_capacity,
    best_by_memory,
    setup_results,
    setups_to_try,
)
from tests.domain.cases import capacity_of

SHIPPED = {"workers": 1, "threads": 8, "pool_size": 8}
values = st.lists(st.integers(1, 5), max_size=3)


@given(workers=values, threads=values)
def test_every_combination_is_tried_once_and_the_shipped_one_first(workers: list[int], threads: list[int]) -> None:
    tries = {"workers": workers, "threads": threads}

    setups = setups_to_try(shipped=SHIPPED, tries=tries)

    wanted = {(w, t) for w in workers or [1] for t in threads or [8]} | {(1, 8)}
    assert {tuple({**SHIPPED, **dict(one.values)}[name] for name in ("workers", "threads")) for one in setups} == wanted
    assert len(setups) == len(wanted)
    assert [one.default for one in setups] == [True] + [False] * (len(setups) - 1)


def test_a_setup_is_named_by_what_it_varies() -> None:
    shipped, other = setups_to_try(shipped=SHIPPED, tries={"workers": [2], "threads": [8]})

    assert (other.suffix, other.label) == ("w2-t8", "2 workers x 8 threads")
    assert shipped.label == "1 worker x 8 threads (as shipped)"


def test_a_setting_that_the_command_does_not_use_is_refused_by_name() -> None:
    with pytest.raises(NotSearchable, match=r"threads cannot be varied: .* leave it empty") as caught:
        setups_to_try(shipped={"workers": 1}, tries={"threads": [4]})
    assert caught.value.setting == "threads"


def test_too_many_setups_are_refused_with_the_number() -> None:
    with pytest.raises(NotSearchable, match=rf"at most {MOST_SETUPS}\); try fewer values"):
        setups_to_try(shipped=SHIPPED, tries={"workers": [*range(1, 6)], "threads": [*range(1, 7)]})


def test_more_connections_than_the_database_takes_are_refused() -> None:
    with pytest.raises(NotSearchable, match="200 database connections are too many"):
        setups_to_try(shipped=SHIPPED, tries={"workers": [4], "pool_size": [50]})


def measured(name: str, *, demand_ms: float, memory_mib: float | None) -> tuple[Setup, Capacity]:
    one = capacity_of(demand_s=demand_ms / 1000)
    return Setup(values=(("threads", int(name)),)), replace(one, memory_p95_mib=memory_mib)


def test_the_front_holds_what_nothing_beats_in_both_measures() -> None:
    outcomes = [
        measured("1", demand_ms=2.0, memory_mib=50),  # least memory
        measured("2", demand_ms=1.0, memory_mib=80),  # most capacity
        measured("4", demand_ms=2.0, memory_mib=90),  # beaten in both
    ]

    results = setup_results(outcomes, objective_ms=100)

    assert {one.setup.suffix: one.on_front for one in results} == {"t1": True, "t2": True, "t4": False}
    best = best_by_capacity(results)
    assert best is not None
    assert best.setup.suffix == "t2" == results[0].setup.suffix


def test_best_by_memory_weighs_the_rate_with_what_it_costs() -> None:
    outcomes = [measured("1", demand_ms=1.5, memory_mib=50), measured("2", demand_ms=1.0, memory_mib=100)]

    best = best_by_memory(setup_results(outcomes, objective_ms=100))

    assert best is not None
    assert best.setup.suffix == "t1"


def test_a_setup_without_a_capacity_is_last_and_never_best() -> None:
    refused = RefusedStack(stack="s", workload="w", reasons=("it hung",))
    outcomes: list[tuple[Setup, Capacity | RefusedStack]] = [(Setup(values=(("threads", 1),)), refused)]
    outcomes.append(measured("2", demand_ms=1.0, memory_mib=None))

    results = setup_results(outcomes, objective_ms=100)

    assert [one.setup.suffix for one in results] == ["t2", "t1"]
    assert not results[1].on_front
    assert best_by_memory(results) is None
    assert best_by_capacity(results[1:]) is None
