"""The section that tells how sure a report is, what moves its bill, and whether a migration pays back."""

from decimal import Decimal

import pytest
from django.test import Client

from estimator.catalogue.loader import load_catalogue
from estimator.catalogue.reader import Catalogue
from estimator.domain.cost.traffic import TrafficTarget as Target
from estimator.domain.reporting.projection import project
from estimator.domain.reporting.rendering import to_json
from estimator.models import MigrationCase, TrafficTarget
from estimator.reports.answers import AnswerSheet, answer_sheet
from estimator.services.first_start import ensure_targets
from estimator.services.migrations import ensure_shipped_migrations
from tests.catalogue.shipped import shipped_catalogue
from tests.domain.cases import capacity_of, catalogue
from tests.reports import measured_run
from tests.reports.test_run_pages import text


def sheet(requests_per_day: int = 1_000_000_000) -> AnswerSheet:
    projection = project(
        target=Target(requests_per_day=Decimal(requests_per_day)),
        capacities=[capacity_of("fastapi", 0.0016, blocks=5), capacity_of("django", 0.0026, blocks=5)],
        candidates=catalogue(),
        draws=1000,
    )
    found = answer_sheet(to_json(projection), {"fastapi": "FastAPI", "django": "Django"})
    assert found is not None
    return found


def test_bars_start_at_the_middle_and_stay_in_the_picture() -> None:
    tornado = sheet().tornado

    for bar in tornado.bars:
        for part in bar.parts:
            assert tornado.left <= part.x <= part.x + part.width <= tornado.right + 0.2
            touches = {round(part.x, 1), round(part.x + part.width, 1)}
            assert any(abs(edge - tornado.middle_x) < 0.2 for edge in touches)


def test_the_widest_bar_is_on_top() -> None:
    widths = [sum(part.width for part in bar.parts) for bar in sheet().tornado.bars]

    assert widths == sorted(widths, reverse=True)
    assert [bar.y for bar in sheet().tornado.bars] == sorted(bar.y for bar in sheet().tornado.bars)


def test_stacks_are_told_by_title() -> None:
    assert {share.title for share in sheet().shares} == {"FastAPI", "Django"}


def test_estimates_frozen_before_have_no_such_section() -> None:
    assert answer_sheet({"verdict": {}}, {}) is None


@pytest.fixture
def measured(db: None) -> TrafficTarget:
    """The standing example on reference types, the three stacks measured, the shipped migration."""
    shipped = shipped_catalogue()
    hardware = tuple(row for row in shipped.hardware if row.reference)
    names = {row.name for row in hardware}
    load_catalogue(Catalogue(hardware=hardware, prices=tuple(row for row in shipped.prices if row.name in names)))
    ensure_targets()
    measured_run.measure()
    ensure_shipped_migrations()
    return TrafficTarget.objects.get(standing=True)


def test_report_tells_ties_tornado_odds_and_payback(viewer: Client, measured: TrafficTarget) -> None:
    page = text(viewer.get(f"/reports/{measured.pk}/"))

    assert "They have the same bill in" in page
    assert "tornado-low" in page
    assert "CPU time on the machine" in page
    assert "Instances at most" in page
    assert "Does a migration pay back?" in page
    assert "article, not measured" in page
    assert MigrationCase.objects.get().name in page
    assert "never" in page
