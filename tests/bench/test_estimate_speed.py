"""Rows of docs/benchmarks.md about many stored estimates, and what they are made of."""

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from benchmarks.management.many_estimates import fill
from benchmarks.validation.estimate_speed import LISTS, Export, export_figures, list_figure, peak_memory_mib
from estimator.models import Estimate, TrafficTarget
from estimator.services.estimates import frozen_content
from tests.api.conftest import machine, priced
from tests.reports import measured_run


@pytest.fixture
def filled(db: None, tmp_path: Path) -> Path:
    """Twelve estimates of six names; where the ways in are written."""
    measured_run.measure()
    priced(machine())
    TrafficTarget.objects.create(name="Ten million", requests_per_day=Decimal(10_000_000), standing=True)
    User.objects.create_superuser("admin")
    fill(originals=6, copies=2, small=1, large=2, access=tmp_path / "access.json")
    return tmp_path / "access.json"


def test_copies_are_as_intact_as_their_originals(filled: Path) -> None:
    estimates = list(Estimate.objects.order_by("id"))

    assert [estimate.title for estimate in estimates] == 2 * [f"Budget {number}" for number in range(6)]
    assert {str(frozen_content(estimate)["traffic"]["name"]) for estimate in estimates} == {"Ten million"}
    assert [estimate.cost_centre for estimate in estimates[:4]] == ["small", "large", "large", "centre 3"]


def test_the_ways_in_open_lists_and_pages(filled: Path, settings: pytest.FixtureRequest) -> None:
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = False  # type: ignore[attr-defined]
    access = json.loads(filled.read_text())
    client = Client(headers={"Authorization": f"Api-Key {access['key']}"})
    client.cookies["sessionid"] = access["session"]

    assert {path: client.get(path).status_code for path in LISTS.values()} == dict.fromkeys(LISTS.values(), 200)
    assert filled.stat().st_mode & 0o077 == 0


def test_a_service_that_holds_estimates_is_not_filled(filled: Path) -> None:
    with pytest.raises(ValueError, match="empty"):
        fill(originals=1, copies=1, small=0, large=0, access=filled)


def test_the_95th_percentile_is_the_figure_of_a_list() -> None:
    figure = list_figure("a list", [float(number) for number in range(100, 0, -1)])

    assert (figure.what, figure.measured) == ("100,000 estimates stored: a list", "p95 95 ms")
    assert figure.spread == "median 50, slowest 100 ms of 100"


def test_the_larger_export_is_shown_beside_the_smaller() -> None:
    exports = [
        Export(estimates=10, rows=1000, first_byte_s=0.1, took_s=0.5, peak_mib=100.2),
        Export(estimates=200, rows=20_000, first_byte_s=0.12, took_s=8, peak_mib=101.7),
    ]

    speed, memory = export_figures(exports)

    assert speed.what.endswith("CSV of 200, streamed")
    assert (speed.measured, speed.spread) == (
        "2,500 rows/s, first byte after 0.12 s",
        "2,000 rows/s and 0.10 s for 10",
    )
    assert (memory.measured, memory.spread) == ("102 MiB after 20,000 rows", "100 MiB after 1,000 rows")


def test_the_peak_of_memory_is_the_kernels() -> None:
    assert 10 < peak_memory_mib(os.getpid()) < 10_000
