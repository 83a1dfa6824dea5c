"""A set-up search on its run's page: every set-up, the best, and what tuning alone saves."""

from collections.abc import Mapping

import pytest
from django.test import Client

from estimator.catalogue.loader import load_catalogue
from estimator.catalogue.reader import Catalogue
from estimator.domain.measuring.measurement import BlockFinished, HostFacts, StackFailed
from estimator.models import Run, Stack
from estimator.queries.measurements import newest_measurements
from estimator.queries.projections import standing_target, target_value
from estimator.queries.setups import SetupSearch, setup_search
from estimator.services import recording, runs
from estimator.services.first_start import ensure_targets
from estimator.services.plans import save_plan
from tests.catalogue.shipped import shipped_catalogue
from tests.reports import measured_run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _prices(db: None) -> None:
    """Of one reference machine type."""
    shipped = shipped_catalogue()
    (hardware,) = [row for row in shipped.hardware if row.name == "m7i.large"]
    prices = tuple(row for row in shipped.prices if row.name == hardware.name)
    load_catalogue(Catalogue(hardware=(hardware,), prices=prices))
    ensure_targets()


def searched(demands_s: Mapping[str, float], *, failing: str = "") -> Run:
    """A run over threads 8 (as shipped), 4 and 16, whose CPU times per request are given by variant."""
    plan = measured_run.register()
    Stack.objects.filter(slug="flask").update(tunable=["threads", "workers"])
    plan.stacks.set(Stack.objects.filter(slug="flask"))
    save_plan(plan, changes={"try_threads": [4, 16]})
    claim = runs.claim_run(runs.request_run(plan=plan, seed=1).pk, host=measured_run.host())
    assert claim is not None
    recording.record(claim, HostFacts(facts=measured_run.FACTS))
    for slug, demand_s in demands_s.items():
        for measurement in measured_run.stack_measurements(slug, demand_s):
            recording.record(claim, measurement)
    if failing:
        recording.record(claim, StackFailed(stack=failing, workload="user_lookup", block=0, reason="it hung"))
    recording.record(claim, BlockFinished(block=0))
    runs.finish_run(claim)
    return Run.objects.get(pk=claim.run)


def found(run: Run) -> SetupSearch:
    target = standing_target()
    assert target is not None
    search = setup_search(run_id=run.pk, workload="user_lookup", target=target_value(target))
    assert search is not None
    return search


def test_the_best_setup_stands_first_and_is_compared_with_the_shipped_one() -> None:
    search = found(searched({"flask--t8": 0.0020, "flask--t4": 0.0010, "flask--t16": 0.0030}))

    assert [row.result.setup.suffix for row in search.rows] == ["t4", "t8", "t16"]
    assert search.rows[0].bests == ("capacity", "memory")
    assert search.comparison is not None and search.comparison.differs
    assert search.sentence.startswith("With 4 threads it carries 2.")


def test_a_difference_within_the_prior_is_too_close_to_call() -> None:
    search = found(searched({"flask--t8": 0.0020, "flask--t4": 0.0019, "flask--t16": 0.0030}))

    assert search.sentence.startswith("Too close to call: it carried most with 4 threads")


def test_nothing_is_saved_where_the_redundancy_minimum_sets_the_bill() -> None:
    search = found(searched({"flask--t8": 0.0020, "flask--t4": 0.0010, "flask--t16": 0.0030}))

    at_10m, _, at_1b = search.savings
    assert not at_10m.saved.amount
    assert at_10m.reason == "the redundancy minimum sets the bill"
    assert at_1b.saved.amount > 0 == len(at_1b.reason)
    assert at_1b.cheapest.row.stack == "flask--t4"


def test_a_setup_that_failed_says_why_and_is_never_best() -> None:
    search = found(searched({"flask--t8": 0.0020, "flask--t4": 0.0015}, failing="flask--t16"))

    assert search.rows[-1].reasons == ("it hung",)
    assert search.rows[-1].bests == ()


def test_variants_appear_in_no_other_report() -> None:
    measured_run.measure()
    searched({"flask--t8": 0.0020, "flask--t4": 0.0010, "flask--t16": 0.0030})

    assert [one.stack.slug for one in newest_measurements()] == ["fastapi", "flask", "django"]


def test_another_run_is_no_search() -> None:
    run = measured_run.measure().run

    assert setup_search(run_id=run.pk, workload="user_lookup", target=None) is None


def test_the_run_s_page_shows_the_search(viewer: Client) -> None:
    run = searched({"flask--t8": 0.0020, "flask--t4": 0.0010, "flask--t16": 0.0030})

    page = viewer.get(f"/runs/{run.pk}/").content.decode()

    assert "Set-ups of Flask on Gunicorn" in page
    assert "Capacity against memory" in page
    assert page.count('<circle class="dot') == 3
    assert "What tuning alone saves" in page
    assert "nothing: the redundancy minimum sets the bill" in page
