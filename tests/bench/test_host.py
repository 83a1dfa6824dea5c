import json
import os

from benchmarks.host import canary, host_facts


def test_facts_name_what_decides_speed_and_fit_into_json() -> None:
    facts = host_facts()

    assert {
        "kernel",
        "cpu_vendor",
        "cpu_family",
        "cpu_model",
        "cpu_model_name",
        "cores",
        "memory_mib",
        "smt",
        "cpu_basis",
        "memory_basis",
    } <= set(facts)
    assert json.loads(json.dumps(facts)) == facts
    assert facts["cores"] >= 1
    assert facts["memory_mib"] > 0


def test_canary_works_on_the_core_asked_for_and_goes_back() -> None:
    before = os.sched_getaffinity(0)

    assert canary(0.02, core=min(before)) > 0
    assert os.sched_getaffinity(0) == before


def test_canary_takes_at_least_one_look() -> None:
    assert canary(0) > 0
