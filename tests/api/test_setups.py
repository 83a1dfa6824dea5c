"""A run's set-up search over the API: the same values as on the run's page."""

import pytest
from django.test import Client

from estimator.models import TrafficTarget
from tests.api.conftest import World
from tests.reports.test_setup_search import searched

SEARCHED = {"flask--t8": 0.0020, "flask--t4": 0.0010}


def test_every_set_up_is_told_with_its_figures_the_best_first(reader: Client, standing: TrafficTarget) -> None:
    run = searched(SEARCHED, failing="flask--t16")

    body = reader.get(f"/api/v1/runs/{run.pk}/setups").json()

    (search,) = body["searches"]
    assert (body["run"], body["target"]) == (run.pk, "Ten million")
    assert (search["stack"], search["workload"], search["objective_p99_ms"]) == ("flask", "user_lookup", 100.0)
    assert search["verdict"].startswith("With 4 threads it carries 2.")
    best, shipped, failed = search["setups"]
    assert (best["stack"], best["settings"], best["best_by"]) == ("flask--t4", {"threads": 4}, ["capacity", "memory"])
    assert best["capacity_rps_per_core"] > shipped["capacity_rps_per_core"] > 0
    assert [one["shipped"] for one in search["setups"]] == [False, True, False]
    assert (failed["reasons"], failed["capacity_rps"], failed["best_by"]) == (["it hung"], None, [])


def test_the_comparison_and_what_is_saved_stand_beside(reader: Client, standing: TrafficTarget) -> None:
    run = searched(SEARCHED, failing="flask--t16")

    (search,) = reader.get(f"/api/v1/runs/{run.pk}/setups").json()["searches"]

    compared, (at_10m, _, at_1b) = search["comparison"], search["savings"]
    assert compared["low"] < compared["ratio"] == pytest.approx(2, rel=0.1)
    assert (compared["differs"], compared["high"] > compared["ratio"]) == (True, True)
    assert (float(at_10m["saved"]), at_10m["reason"]) == (0, "the redundancy minimum sets the bill")
    assert (at_1b["currency"], at_1b["reason"], at_1b["cheapest"]["stack"]) == ("USD", "", "flask--t4")
    spent, needed = (float(at_1b[name]["monthly_cost"]) for name in ("shipped", "cheapest"))
    assert float(at_1b["saved"]) == pytest.approx(spent - needed, abs=0.011) and spent > needed


def test_another_run_has_searched_nothing_and_no_run_is_not_found(reader: Client, world: World) -> None:
    assert reader.get(f"/api/v1/runs/{world.measured.run.pk}/setups").json()["searches"] == []
    assert reader.get("/api/v1/runs/999999/setups").status_code == 404
