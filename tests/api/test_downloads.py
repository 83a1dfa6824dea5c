"""A run's raw windows as files: complete, streamed, sent once."""

import json
from typing import Any

import pytest
from django.test import Client
from hdrh.histogram import HdrHistogram

from estimator.domain.measuring.measurement import Histogram
from estimator.models import Run, WindowRecord
from tests.api.conftest import World
from tests.exports.test_hdr_log import at_their_rank
from tests.reports import measured_run
from tests.reports.test_run_pages import half_way


def address(run: Run, name: str) -> str:
    return f"/api/v1/runs/{run.pk}/{name}"


def raw(client: Client, run: Run) -> Any:
    answer = client.get(address(run, "windows.json"))
    assert answer.streaming
    return json.loads(answer.getvalue())


def test_json_holds_every_window_as_it_was_recorded(reader: Client, world: World) -> None:
    run = world.measured.run

    found = raw(reader, run)

    rows = WindowRecord.objects.filter(trial__run=run).order_by("trial_id", "sequence")
    assert [{name: window[name] for name in row.data} for window, row in zip(found["windows"], rows, strict=True)] == [
        row.data for row in rows
    ]
    assert all(window["counted"] for window in found["windows"])
    assert (found["run"]["spec"], found["run"]["host_facts"]) == (run.spec, run.host_facts)


def test_json_names_the_meaning_and_unit_of_every_field(reader: Client, world: World) -> None:
    found = raw(reader, world.measured.run)

    assert {name for window in found["windows"] for name in window} <= set(found["fields"])
    assert {name for trial in found["trials"] for name in trial} >= {"versions", "cold_start_s", "failure"}


def test_log_holds_the_same_counts_as_the_json(reader: Client, world: World) -> None:
    run = world.measured.run

    lines = reader.get(address(run, "latency.hlog")).getvalue().decode().splitlines()

    intervals = [line for line in lines if line.startswith("Tag=")]
    windows = raw(reader, run)["windows"]
    assert [line.split(",")[0] for line in intervals] == [
        f"Tag={one['stack']}:{one['workload']}:{one['kind']}:b{one['block']}:w{one['sequence']}" for one in windows
    ]
    for line, window in zip(intervals, windows, strict=True):
        decoded = HdrHistogram.decode(line.split(",")[-1])
        latency = Histogram.from_json(window["latency"])
        assert decoded.get_total_count() == latency.total
        assert decoded.get_value_at_percentile(99) / 1000 == pytest.approx(at_their_rank(latency, 99), rel=0.001)


@pytest.mark.parametrize("name", ["windows.json", "latency.hlog"])
def test_file_says_run_and_day_and_is_not_sent_twice(reader: Client, world: World, name: str) -> None:
    run = world.measured.run
    first = reader.get(address(run, name))

    again = reader.get(address(run, name), headers={"If-None-Match": first["ETag"]})

    assert first["Content-Disposition"] == f'attachment; filename="run-{run.pk}-{run.created_at:%Y-%m-%d}-{name}"'
    assert (again.status_code, again.getvalue()) == (304, b"")


def test_run_that_goes_on_gives_what_it_has_and_no_tag_to_keep_it_by(reader: Client, world: World) -> None:
    run = Run.objects.get(pk=half_way().run)

    answer = reader.get(address(run, "windows.json"))

    assert "ETag" not in answer
    found = json.loads(answer.getvalue())
    assert found["run"]["finished_at"] is None
    assert {window["counted"] for window in found["windows"]} == {False}


def test_disturbed_window_is_marked_in_the_log(reader: Client, world: World) -> None:
    window = WindowRecord.objects.filter(trial__run=world.measured.run, kind="open_loop").first()
    assert window is not None
    window.data["void"] = ["steal of 12% on the app's core (limit 10%)"]
    window.save()

    log = reader.get(address(world.measured.run, "latency.hlog")).getvalue().decode()

    assert log.count(":void,") == 1


@pytest.mark.parametrize("name", ["windows.json", "latency.hlog"])
def test_files_cost_the_same_few_queries_however_long_the_run(
    reader: Client, world: World, name: str, django_assert_max_num_queries: Any
) -> None:
    measured_run.measure()

    with django_assert_max_num_queries(9):
        assert reader.get(address(world.measured.run, name)).getvalue()
