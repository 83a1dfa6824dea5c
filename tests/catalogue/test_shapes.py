"""Shipped traffic profiles: whole weeks with a source, made again by the script in the repository."""

from datetime import date
from pathlib import Path

import pytest

from estimator.catalogue.build_shapes import constructed, measured_week, write_weeks
from estimator.catalogue.reader import DATA, CatalogueError
from estimator.catalogue.shapes import HOURS_FILE, PROFILES_FILE, read_profiles
from estimator.domain.cost.shape import TrafficShape, hour_name
from estimator.models.profiles import TrafficProfile
from estimator.services.profiles import ensure_profile


def test_each_shipped_week_has_a_source_a_licence_and_a_peak_of_its_own() -> None:
    rows = read_profiles()

    assert {row.licence for row in rows} == {"MIT", "Apache-2.0"}
    assert all(row.source and row.source_version and row.as_of <= date(2026, 11, 22) for row in rows)
    shapes = {row.name: TrafficShape.of(row.hourly, name=row.name) for row in rows}
    peaks = {name: round(shape.peak, 2) for name, shape in shapes.items()}
    assert peaks == {
        "Load balancer, two weeks of 2014": 2.45,
        "Office hours, weekdays 9 to 17 UTC": 3.04,
        "Consumers, evening peak at 20 UTC": 1.86,
        "Flat, the same in every hour": 1.0,
    }
    assert hour_name(shapes["Consumers, evening peak at 20 UTC"].busiest_hour) == "Saturday 20:00 UTC"


def test_only_what_was_measured_is_not_labelled_as_assumed() -> None:
    assert [row.name for row in read_profiles() if not row.assumed] == ["Load balancer, two weeks of 2014"]


def test_the_script_makes_the_constructed_weeks_again(tmp_path: Path) -> None:
    write_weeks({"load_balancer": read_profiles()[0].hourly, **constructed()}, tmp_path)

    assert (tmp_path / HOURS_FILE).read_text() == (DATA / HOURS_FILE).read_text()


def test_a_measured_week_is_the_mean_of_each_hour() -> None:
    days = [f"2026-06-{day:02d} {hour:02d}:30:00" for day in range(1, 15) for hour in range(24)]
    lines = ["timestamp,value", *(f"{moment},{number % 336}" for number, moment in enumerate(days))]

    week = measured_week(lines)

    assert (week[0], week[167]) == (84.0, 251.0)  # 2026-06-01 is a Monday: hours 0 and 168, 167 and 335


def test_a_bad_file_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / PROFILES_FILE).write_text((DATA / PROFILES_FILE).read_text())
    hours = (DATA / HOURS_FILE).read_text().splitlines()
    (tmp_path / HOURS_FILE).write_text("\n".join(hours[:-1]))

    with pytest.raises(CatalogueError, match=r"traffic_profiles.csv, 'Load balancer.*167 rows.*traffic_hours.csv"):
        read_profiles(tmp_path)


@pytest.mark.django_db
def test_shipped_weeks_are_made_once_and_do_not_come_back() -> None:
    rows = read_profiles()

    assert [ensure_profile(**vars(row)) for row in rows] == [True] * len(rows)
    TrafficProfile.objects.filter(assumed=False).update(hourly=[1.0] * 168)
    flat = TrafficProfile.objects.get(name__startswith="Flat")
    flat.delete()

    assert [ensure_profile(**vars(row)) for row in rows] == [False] * len(rows)
    assert not TrafficProfile.objects.filter(name=flat.name).exists()
    assert TrafficProfile.objects.get(assumed=False).to_shape().peak == 1.0
