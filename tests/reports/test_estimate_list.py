"""The list of estimates: searched, a page at a time, without reading a content."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from estimator.models import Estimate
from estimator.queries.estimates import EstimateSearch, each_estimate, estimate_page
from estimator.services.approvals import approve_estimate
from estimator.services.estimates import freeze_estimate
from tests.reports.test_run_pages import text

ROW = {"currency": "USD", "monthly_cost": {"p10": "80.00", "p50": "100.00", "p90": "140.00"}}


def froze(title: str, target: str = "Shop", cost_centre: str = "4711", **row: Any) -> Estimate:
    content = {"rows": [{**ROW, **row}]}
    return freeze_estimate(title=title, target_name=target, cost_centre=cost_centre, content=content, created_by=None)


@pytest.fixture
def three(db: None) -> dict[str, Estimate]:
    """Apart in every way that can be searched; the middle one is approved."""
    made = {
        "Old": froze("Old", cost_centre="42"),
        "Middle": froze("Middle", target="Blog", currency="EUR"),
        "New": froze("New"),
    }
    for day, estimate in enumerate(made.values(), 1):
        Estimate.objects.filter(pk=estimate.pk).update(created_at=datetime(2026, 11, day, 23, 59, 59, tzinfo=UTC))
    approve_estimate(estimate=froze("Approved", target="Blog", cost_centre="1"), by=User.objects.create_user("second"))
    return made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Approved", "New", "Middle", "Old"]),
        ("cost_centre=42", ["Old"]),
        ("target=Blog", ["Approved", "Middle"]),
        ("currency=eur", ["Middle"]),
        ("approved=yes", ["Approved"]),
        ("approved=no&target=Blog", ["Middle"]),
        ("since=2026-11-02&until=2026-11-02", ["Middle"]),
        ("until=2026-11-03", ["New", "Middle", "Old"]),
        ("until=9999-12-31&since=0001-01-01", ["Approved", "New", "Middle", "Old"]),
        ("cost_centre=nobody", []),
    ],
)
def test_estimates_are_found_by_each_field(
    viewer: Client, three: dict[str, Estimate], query: str, expected: list[str]
) -> None:
    page: Any = viewer.get(f"/estimates/?{query}")

    assert [row.title for row in page.context["estimates"]] == expected
    assert ("No estimate matches" in page.content.decode()) is (not expected)


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("since=yesterday", "Frozen since"),
        ("approved=perhaps", "Approved"),
        ("below=0", "Below"),
        ("target=%00", "Traffic"),
    ],
)
def test_a_search_that_makes_no_sense_names_its_field(viewer: Client, query: str, label: str) -> None:
    page = text(viewer.get(f"/estimates/?{query}"))

    assert "notice-error" in page and f">{label}" in page


def test_pages_hold_each_estimate_once_and_keep_the_search(db: None) -> None:
    made = [froze(f"Number {number}").pk for number in range(5)]
    froze("Elsewhere", cost_centre="42")
    search, seen, below = EstimateSearch(cost_centre="4711"), [], None
    while page := estimate_page(search, below=below, size=2):
        seen += [row.id for row in page.rows]
        below = page.older
        if below is None:
            break

    assert seen == made[::-1]


def test_the_way_to_older_ones_keeps_the_search(viewer: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    froze("Older")
    for number in range(50):
        froze(f"Number {number}")

    page: Any = viewer.get("/estimates/?cost_centre=4711")
    older: Any = viewer.get(f"/estimates/?{page.context['older']}")

    assert "cost_centre=4711" in page.context["older"]
    assert [row.title for row in older.context["estimates"]] == ["Older"]
    assert "Older estimates" in text(page) and "Older estimates" not in text(older)


def test_a_list_reads_no_content(
    viewer: Client, three: dict[str, Estimate], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6) as asked:
        viewer.get("/estimates/")

    assert not any('"content"' in query["sql"] for query in asked.captured_queries)


def test_every_estimate_is_read_once_a_few_at_a_time(db: None, django_assert_num_queries: Any) -> None:
    made = [froze(f"Number {number}").pk for number in range(12)]

    with django_assert_num_queries(4):
        assert [estimate.pk for estimate in each_estimate(Estimate.objects.all())] == made[::-1]
