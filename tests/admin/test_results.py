"""What was measured and frozen is shown with its units, and nobody edits it."""

from typing import Any

import pytest

from estimator.models import Estimate, Run, TrialRecord, WindowRecord
from tests.admin.cast import a_profile, address, everything, signed_in, text

pytestmark = pytest.mark.django_db


def test_a_run_shows_its_trials_its_events_and_the_ways_to_more() -> None:
    rows = everything("plan of ours")

    page = text(signed_in("viewer").get(address(rows.run, "change")))

    assert f'href="/runs/{rows.run.pk}/"' in page
    assert f"trial__run__id__exact={rows.run.pk}" in page
    assert "stack_failed" in page and "block_finished" in page


def test_the_windows_of_one_run_are_a_link_away() -> None:
    rows = everything()

    client = signed_in("viewer")

    def found(run_id: int) -> list[WindowRecord]:
        page: Any = client.get(f"{address(WindowRecord, 'changelist')}?trial__run__id__exact={run_id}")
        return list(page.context["cl"].result_list)

    assert found(rows.run.pk) == [rows.window]
    assert found(rows.run.pk + 1) == []


def test_a_window_shows_percentiles_of_its_exact_histogram() -> None:
    rows = everything()

    page = text(signed_in("viewer").get(address(rows.window, "change")))

    assert "P50, p95, p99, max (ms)" in page
    assert "1.20, 40." in page


def test_rates_and_times_carry_their_units_in_the_headings() -> None:
    everything()
    client = signed_in("viewer")

    windows = text(client.get(address(WindowRecord, "changelist"))).lower()
    trials = text(client.get(address(TrialRecord, "changelist"))).lower()

    assert "offered (requests/s)" in windows and "duration (s)" in windows
    assert "cold start (s)" in trials and "idle memory (mib)" in trials
    assert "not measured" in trials


def test_an_estimate_shows_that_it_is_what_was_frozen() -> None:
    rows = everything()

    assert "as it was frozen" in text(signed_in("viewer").get(address(rows.estimate, "change")))


def test_a_tampered_estimate_says_so() -> None:
    rows = everything()
    Estimate.objects.update(content={"p50": "1.00"})

    assert "was changed after it was frozen" in text(signed_in("viewer").get(address(rows.estimate, "change")))


def test_runs_are_filtered_by_hosts_that_measured_and_not_by_every_machine_of_the_catalogue() -> None:
    everything("the host")
    a_profile("m7g.metal")

    page = text(signed_in("viewer").get(address(Run, "changelist")))

    assert "aws the host" in page and "m7g.metal" not in page
