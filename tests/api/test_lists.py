"""Lists: pages, filters, formats."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from estimator.models import WindowRecord
from tests.api.conftest import World, machine, priced


def all_pages(client: Client, path: str) -> list[list[dict[str, Any]]]:
    """Follows `next` to the end."""
    pages: list[list[dict[str, Any]]] = []
    address: str | None = path
    while address:
        body = client.get(address).json()
        pages.append(body["results"])
        address = body["next"]
    return pages


def names(client: Client, path: str) -> list[str]:
    return [row["name"] for page in all_pages(client, f"/api/v1/{path}") for row in page]


def test_pages_hold_every_row_once_newest_first(reader: Client) -> None:
    made = [machine(f"type-{number}").pk for number in range(7)]

    pages = all_pages(reader, "/api/v1/hardware-profiles?page_size=3")

    assert [len(page) for page in pages] == [3, 3, 1]
    assert [row["id"] for page in pages for row in page] == made[::-1]


def test_the_next_page_is_an_absolute_address_that_keeps_the_filters(reader: Client) -> None:
    for number in range(3):
        machine(f"type-{number}")
        machine(f"other-{number}", provider="gcp")

    body = reader.get("/api/v1/hardware-profiles?page_size=1&provider=gcp").json()

    assert body["next"].startswith("http://testserver/api/v1/hardware-profiles?")
    assert "provider=gcp" in body["next"]
    assert body["previous"] is None
    assert {row["provider"] for page in all_pages(reader, body["next"]) for row in page} == {"gcp"}


def test_a_row_added_meanwhile_moves_no_row_to_another_page(reader: Client) -> None:
    made = [machine(f"type-{number}").pk for number in range(4)]
    first = reader.get("/api/v1/hardware-profiles?page_size=2").json()

    machine("newcomer")
    second = reader.get(first["next"]).json()
    back = reader.get(second["previous"]).json()

    assert [row["id"] for row in second["results"]] == made[1::-1]
    assert [row["id"] for row in back["results"]] == made[:1:-1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("provider=gcp", {"n2"}),
        ("name=m7i", {"m7i"}),
        ("vcpus=8", {"n2"}),
        ("vcpus_min=4&vcpus_max=8", {"n2"}),
        ("memory_mib_max=1024", {"t3"}),
        ("memory_mib_min=8192", {"m7i", "n2"}),
        ("burstable=true", {"t3"}),
        ("reference=false", {"t3"}),
        ("architecture=arm64", set()),
    ],
)
def test_hardware_is_filtered(reader: Client, query: str, expected: set[str]) -> None:
    machine("m7i")
    machine("n2", provider="gcp", vcpus=8, memory_mib=32768)
    machine("t3", burstable=True, memory_mib=1024, reference=False)

    assert set(names(reader, f"hardware-profiles?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("hardware_name=m7i", 3),
        ("provider=gcp", 1),
        ("region=us-east-1", 2),
        ("term=spot", 1),
        ("currency=EUR", 1),
        ("as_of_after=2026-11-02", 1),
        ("cross_check=entered", 4),
    ],
)
def test_prices_are_filtered(reader: Client, query: str, expected: int) -> None:
    hardware = machine("m7i")
    priced(hardware)
    priced(hardware, "0.03", term="spot")
    priced(hardware, "0.09", region="eu-west-1", currency="EUR")
    priced(machine("n2", provider="gcp"), region="us-east1", as_of=date(2026, 11, 2))

    assert len(reader.get(f"/api/v1/prices?{query}").json()["results"]) == expected


def test_windows_and_runs_are_filtered_by_what_they_belong_to(reader: Client, world: World) -> None:
    run = world.measured.run.pk

    windows = all_pages(reader, f"/api/v1/windows?run={run}&stack=flask&kind=open_loop&void=false&page_size=2")
    runs = reader.get(f"/api/v1/runs?plan={world.measured.plan.pk}&state=succeeded&created_after=2020-01-01T00:00:00Z")

    assert {(row["run"], row["stack"], row["kind"]) for page in windows for row in page} == {
        (run, "flask", "open_loop")
    }
    assert sum(map(len, windows)) == 4
    assert [row["id"] for row in runs.json()["results"]] == [run]


def test_money_is_a_decimal_string_beside_its_currency(reader: Client, world: World) -> None:
    body = reader.get(f"/api/v1/prices/{world.price.pk}").json()

    assert (body["hourly"], body["upfront"], body["currency"]) == ("0.10080000", "0.0000", "USD")
    assert (body["as_of"], body["provider"], body["hardware_name"]) == ("2026-11-01", "aws", "m7i.large")


def test_times_are_utc_and_rates_are_numbers(reader: Client, world: World) -> None:
    run = reader.get(f"/api/v1/runs/{world.measured.run.pk}").json()
    window = reader.get("/api/v1/windows?page_size=1").json()["results"][0]

    assert run["created_at"].endswith("Z")
    assert isinstance(window["achieved_rate"], float)


def test_one_window_has_its_exact_histogram_and_the_list_its_percentiles(reader: Client, world: World) -> None:
    row = reader.get("/api/v1/windows?kind=open_loop&page_size=1").json()["results"][0]
    detail = reader.get(f"/api/v1/windows/{row['id']}").json()

    assert "data" not in row
    assert sum(detail["data"]["latency"].values()) == row["completed"]
    assert 0 < row["p50_ms"] < row["p99_ms"]


def test_a_window_carries_what_its_page_shows(reader: Client, world: World) -> None:
    row = reader.get("/api/v1/windows?kind=open_loop&page_size=1").json()["results"][0]
    window = WindowRecord.objects.get(pk=row["id"]).to_domain()

    assert (row["repeat"], row["void_reasons"], row["notes"]) == (0, [], [])
    assert row["utilisation"] == pytest.approx(window.utilisation)
    assert row["app_cpu_ms"] == pytest.approx(1000 * (window.app_cpu_per_request_s or 0))
    assert row["p99_ms"] <= row["p999_ms"]
    assert (row["memory_mib"], row["generator_share"]) == (74.0, 0.1)


def test_capacities_are_listed_by_workload_with_memory_and_cold_starts(reader: Client, world: World) -> None:
    found = reader.get("/api/v1/capacities?workload=user_lookup").json()["results"]
    others = reader.get("/api/v1/capacities?workload=json").json()["results"]

    assert ({row["stack"] for row in found}, others) == ({"fastapi", "flask", "django"}, [])
    for row in found:
        assert (row["idle_memory_mib"], row["memory_mib"]) == (61.0, 74.0)
        assert (row["cold_starts_s"], row["cold_start_median_s"]) == ([0.81], 0.81)
        assert row["service_demand_range_ms"]["p10"] < row["service_demand_ms"] < row["service_demand_range_ms"]["p90"]
        assert row["locust"]["open_loop_p99_ms"] > 0


def test_stacks_and_workloads_are_found_by_slug(reader: Client, world: World) -> None:
    stack = reader.get("/api/v1/stacks/flask").json()

    assert (stack["framework"], stack["settings"]["workers"]) == ("Flask", 1)
    assert stack["workloads"] == ["user_lookup", "journey-browse"]
    assert reader.get("/api/v1/workloads/user_lookup").json()["title"] == "Authenticated user lookup"
    assert [
        row["slug"] for row in reader.get("/api/v1/stacks?workload=user_lookup&server=Uvicorn").json()["results"]
    ] == ["fastapi"]


def test_a_slash_at_the_end_changes_nothing(reader: Client, world: World) -> None:
    for path in ("stacks", "stacks/flask", "projections", f"runs/{world.measured.run.pk}"):
        query = "?traffic=1M/day" if path == "projections" else ""
        assert reader.get(f"/api/v1/{path}/{query}").json() == reader.get(f"/api/v1/{path}{query}").json()


def test_an_unchanged_row_is_not_sent_again(reader: Client, world: World) -> None:
    row = world.hardware
    etag = reader.get(f"/api/v1/hardware-profiles/{row.pk}")["ETag"]

    unchanged = reader.get(f"/api/v1/hardware-profiles/{row.pk}", headers={"If-None-Match": etag})
    row.vcpus = 4
    row.save()
    changed = reader.get(f"/api/v1/hardware-profiles/{row.pk}", headers={"If-None-Match": etag})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert changed.json()["vcpus"] == 4


def test_answers_are_kept_for_nobody_else(reader: Client, world: World) -> None:
    for path in ("stacks", "projections?traffic=1M/day", "estimates.csv", "schema/", "nothing"):
        answer = reader.get(f"/api/v1/{path}")

        assert set(answer["Cache-Control"].split(", ")) == {"private", "no-cache"}
        assert {"Authorization", "Cookie"} <= set(answer["Vary"].split(", "))


def test_capacities_have_an_id_a_page_and_the_reasons_of_refused_stacks(reader: Client, world: World) -> None:
    rows = [row for page in all_pages(reader, "/api/v1/capacities?page_size=2") for row in page]

    assert [row["stack"] for row in rows] == ["django", "flask", "fastapi"]
    assert all(row["valid"] and row["capacity_rps"]["p50"] > 0 for row in rows)
    assert reader.get(f"/api/v1/capacities/{rows[0]['id']}").json() == rows[0]
    assert len(reader.get("/api/v1/capacities?stack=flask&workload=user_lookup").json()["results"]) == 1


def test_reading_a_list_asks_the_database_a_fixed_number_of_times(
    reader: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    for path in ("windows", "runs", "prices", "plans", "journeys", "stacks", "estimates"):
        with django_assert_max_num_queries(6):
            reader.get(f"/api/v1/{path}?page_size=50")


@pytest.mark.parametrize(("trusted", "scheme"), [(None, "http"), (("HTTP_X_FORWARDED_PROTO", "https"), "https")])
def test_the_next_page_is_https_behind_a_proxy_that_is_trusted(
    reader: Client, settings: Any, trusted: Any, scheme: str
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = trusted
    for number in range(2):
        machine(f"type-{number}")

    body = reader.get("/api/v1/hardware-profiles?page_size=1", headers={"X-Forwarded-Proto": "https"}).json()

    assert body["next"].startswith(f"{scheme}://testserver")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("container-prices?provider=test", 1),
        ("function-prices?region=elsewhere", 0),
        ("line-prices?line=disk&as_of_after=2026-11-01", 1),
        ("line-prices?line=egress", 0),
        ("developer-rates?currency=USD", 1),
        ("migration-cases?from_stack=flask&to_stack=fastapi", 1),
        ("migration-cases?to_stack=flask", 0),
    ],
)
def test_prices_by_use_rates_and_migrations_are_filtered(
    reader: Client, world: World, query: str, expected: int
) -> None:
    assert len(reader.get(f"/api/v1/{query}").json()["results"]) == expected
    assert reader.get("/api/v1/line-prices?line=odd").status_code == 400


def test_a_migration_names_its_stacks_and_its_hours_as_decimals(reader: Client, world: World) -> None:
    (found,) = reader.get("/api/v1/migration-cases").json()["results"]

    assert (found["from_stack"], found["to_stack"], found["hours_low"]) == ("flask", "fastapi", "80.0")
    assert found["rate"] == world.tariffs.rate.pk
