"""Reports on screen: the verdict with all that it rests on, asked again, frozen, and read as an estimate."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from estimator.models import Estimate, TrafficTarget
from estimator.queries.projections import cost_report, target_value
from tests.reports import measured_run
from tests.reports.test_run_pages import half_way, text

pytestmark = pytest.mark.django_db


def without_token(page: str) -> str:
    """The page less the token against forged requests, which is another one each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def address(target: TrafficTarget) -> str:
    return f"/reports/{target.pk}/"


def test_report_shows_the_verdict_of_the_projection(viewer: Client, measured: TrafficTarget) -> None:
    verdict = cost_report(target=target_value(measured)).projection.verdict

    page = text(viewer.get(address(measured)))

    assert verdict.sentence in page
    assert "The framework does not change the bill." in page


def test_report_prints_the_facts_above_the_figures(viewer: Client, measured: TrafficTarget) -> None:
    page = text(viewer.get(address(measured)))

    facts, figures = page.index("What was asked"), page.index("What each stack costs")
    asked = page[facts:figures]
    assert facts < figures
    for fact in ("10M a day", "1.7", "p99 100 ms", "25 %", "3 zones, one may be lost", "on demand, USD, compute only"):
        assert fact in asked


def test_report_costs_every_stack_on_every_reference_type(viewer: Client, measured: TrafficTarget) -> None:
    page = text(viewer.get(address(measured)))

    table = page[page.index("Every machine") : page.index("The same at other traffic")]
    for stack in ("FastAPI on Uvicorn", "Flask on Gunicorn", "Django on Gunicorn"):
        assert stack in table
    for machine in ("aws m7i.large", "gcp n2-standard-2", "azure Standard_D2s_v5"):
        assert table.count(machine) == 3


def test_prices_stand_with_source_and_date(viewer: Client, measured: TrafficTarget) -> None:
    row = next(iter(cost_report(target=target_value(measured)).rows))

    page = text(viewer.get(address(measured)))

    price = f"{row.price.hourly.normalize():f} {row.price.currency}/h as of {row.price.as_of.isoformat()}"
    assert f"{row.price.region}, {price}, {row.price.source}" in page


def test_figures_on_the_page_are_those_of_the_projection(viewer: Client, measured: TrafficTarget) -> None:
    report = cost_report(target=target_value(measured))

    page = text(viewer.get(address(measured)))

    for row in report.rows:
        assert f"{row.monthly_cost.p50.rounded():,f}" in page
        assert f"{row.monthly_cost.p90.rounded():,f}" in page


def test_every_figure_expands_to_its_arithmetic(viewer: Client, measured: TrafficTarget) -> None:
    rows = cost_report(target=target_value(measured)).rows

    page = text(viewer.get(address(measured)))

    assert page.count("<strong>115.741 requests/s</strong>") == len(rows)
    assert page.count("geometric mean of the blocks") == len(rows)


def test_charts_are_drawn_on_the_server_with_a_table_behind(viewer: Client, measured: TrafficTarget) -> None:
    page = text(viewer.get(address(measured)))

    assert page.count('<path class="line series-0" d="M') == 2  # the chart and its legend
    assert page.count("The chart as a table") == 1
    assert page.count('class="panel-chart"') == 3
    assert "objective, p99 100 ms" in page
    assert "this target: 10M a day" in page


def test_report_says_what_is_not_counted_assumed_and_left_out(viewer: Client, measured: TrafficTarget) -> None:
    page = text(viewer.get(address(measured)))

    for expected in ("load balancers", "benchmark host", "burstable"):
        assert expected in page[page.index("What to keep in mind") :]


def test_report_shows_set_ups_side_by_side_and_raw_windows(viewer: Client, measured: TrafficTarget) -> None:
    page = text(viewer.get(address(measured)))

    assert "2 settings differ" in page
    assert "SQLAlchemy 2 async" in page
    assert page.count("7 windows") == 3
    assert "93 %" in page[page.index("7 windows") :], "the canary's speed, window by window"
    assert "AMD EPYC" in page


def test_indicative_measurement_is_labelled(viewer: Client, measured: TrafficTarget) -> None:
    for page in (text(viewer.get(address(measured))), text(viewer.get("/"))):
        assert page.count("Every stack: indicative: one block measured") == 1


def test_what_if_is_recomputed_from_the_address_alone(viewer: Client, measured: TrafficTarget) -> None:
    page = text(viewer.get(address(measured), {"traffic": "1B/day", "redundancy": "pair"}))

    assert "1B a day" in page
    assert "These are your figures, not the target's." in page
    assert "Too close to call." in page
    assert TrafficTarget.objects.get(pk=measured.pk).requests_per_day == Decimal(10_000_000)


def test_what_if_that_cannot_be_read_keeps_the_target_s_figures(viewer: Client, measured: TrafficTarget) -> None:
    page = text(viewer.get(address(measured), {"traffic": "<script>alert(1)</script>"}))

    assert "until this is mended" in page
    assert "<script>alert" not in page
    assert "10M a day" in page


def test_more_traffic_never_costs_less_on_the_page(viewer: Client, measured: TrafficTarget) -> None:
    costs = []
    for traffic in ("10M/day", "200M/day", "1B/day"):
        page = text(viewer.get(address(measured), {"traffic": traffic}))
        figure = re.search(r'class="key-figure"> ([\d,.]+) <', page)
        assert figure
        costs.append(Decimal(figure[1].replace(",", "")))

    assert costs == sorted(costs)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"slo_p99_ms": "0.1"}, "No stack can be costed."),
        ({"term": "reserved_3y", "region": "us-ashburn-1"}, "No stack can be costed."),
        ({"traffic": "1000000B/day"}, "1,000,000B a day"),
        ({"traffic": "1/day"}, "1 a day"),
        ({"headroom": "0", "redundancy": "single"}, "1 instance at least"),
    ],
)
def test_extreme_questions_get_an_answer(
    viewer: Client, measured: TrafficTarget, query: dict[str, str], expected: str
) -> None:
    assert expected in text(viewer.get(address(measured), query))


def test_list_tells_of_each_target_whether_the_choice_matters(viewer: Client, measured: TrafficTarget) -> None:
    page = text(viewer.get("/reports/"))

    assert page.count("same cost") >= 1
    assert "too close to call" in page
    assert page.count("USD ") == TrafficTarget.objects.count()


def test_start_page_answers_for_the_standing_target(viewer: Client, measured: TrafficTarget) -> None:
    half_way()

    page = text(viewer.get("/"))

    assert "The framework does not change the bill." in page
    assert f'href="{address(measured)}"' in page
    assert "Being measured now" in page


def freeze(client: Client, target: TrafficTarget, query: str = "", title: str = "Budget 2027") -> Any:
    return client.post(f"{address(target)}freeze/{query}", {"title": title}, follow=True)


def test_analyst_freezes_what_the_page_shows(analyst: Client, measured: TrafficTarget) -> None:
    page = text(freeze(analyst, measured, "?traffic=1B/day"))

    estimate = Estimate.objects.get()
    assert estimate.title == "Budget 2027"
    assert estimate.content["traffic"]["requests_per_day"] == "1000000000"
    assert estimate.created_by is not None
    assert "Too close to call." in page
    assert estimate.content_hash in page


def test_estimate_stays_as_it_was_when_prices_and_targets_change(analyst: Client, measured: TrafficTarget) -> None:
    freeze(analyst, measured)
    estimate = Estimate.objects.get()
    before = without_token(text(analyst.get(f"/estimates/{estimate.pk}/")))
    TrafficTarget.objects.filter(pk=measured.pk).update(requests_per_day=1)
    measured_run.measure(demands_s=dict.fromkeys(measured_run.DEMANDS_S, 0.01))

    assert without_token(text(analyst.get(f"/estimates/{estimate.pk}/"))) == before


def test_edited_estimate_shows_no_figures(analyst: Client, measured: TrafficTarget) -> None:
    freeze(analyst, measured)
    estimate = Estimate.objects.get()
    estimate.content["rows"][0]["monthly_cost"]["p50"] = "1.00"
    estimate.save()

    page = text(analyst.get(f"/estimates/{estimate.pk}/"))

    assert "cannot be trusted" in page
    assert "key-figure" not in page


@pytest.mark.parametrize("title", ["", "   ", "x" * 201])
def test_estimate_needs_a_title_that_fits(analyst: Client, measured: TrafficTarget, title: str) -> None:
    page = text(freeze(analyst, measured, title=title))

    assert "title: enter between 1 and 200 characters" in page
    assert not Estimate.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "operator", ""])
def test_only_those_who_may_freeze_do(client_of: Any, measured: TrafficTarget, role: str) -> None:
    client = client_of(role)

    assert "Freeze these figures" not in text(client.get(address(measured)))
    assert client.post(f"{address(measured)}freeze/", {"title": "Budget"}).status_code == 403
    assert not Estimate.objects.exists()


def test_estimates_are_listed_newest_first(analyst: Client, measured: TrafficTarget) -> None:
    assert "Nothing was frozen yet" in text(analyst.get("/estimates/"))
    for title in ("Older", "Newer"):
        freeze(analyst, measured, title=title)

    page = text(analyst.get("/estimates/"))

    assert page.index("Newer") < page.index("Older")


def test_hostile_title_is_shown_as_text(analyst: Client, measured: TrafficTarget) -> None:
    page = text(freeze(analyst, measured, title="<img src=x onerror=alert(1)>"))

    assert "&lt;img src=x" in page
    assert "<img" not in page


@pytest.mark.parametrize("path", ["/reports/987/", "/estimates/987/"])
def test_what_never_was_is_not_found(viewer: Client, path: str) -> None:
    answer = viewer.get(path)

    assert answer.status_code == 404
    assert "Nothing is here" in answer.content.decode()
