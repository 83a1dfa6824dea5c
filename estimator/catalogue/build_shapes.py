"""Makes the shipped traffic profiles again: `python -m estimator.catalogue.build_shapes --requests FILE`.

One profile is measured (a load balancer's requests every five minutes, of the Numenta Anomaly Benchmark); the others
are constructions of this project and say so. docs/catalogue.md describes them.
"""

import argparse
import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from estimator.catalogue.reader import DATA
from estimator.catalogue.shapes import HOURS_FILE
from estimator.domain.cost.shape import HOURS_PER_WEEK

_DAYS, _HOURS = 7, 24
_MEASURED, _OFFICE, _EVENING, _FLAT = "load_balancer", "office_hours", "consumer_evening", "flat"
# Relative requests in the hours of a day, from 00:00 on.
_OFFICE_DAY = (15,) * 6 + (30, 60, 130, 220, 240, 240, 190, 220, 240, 240, 200, 130, 70, 45, 35, 30, 20, 15)
_OFFICE_WEEKEND = (15,) * 8 + (20, 25, 30, 30, 30, 30, 30, 30, 30, 25, 25, 20, 20, 20, 15, 15)
_EVENING_DAY = (
    70,
    50,
    40,
    35,
    35,
    40,
    55,
    75,
    90,
    100,
    105,
    110,
    115,
    110,
    110,
    110,
    115,
    125,
    140,
    160,
    170,
    160,
    130,
    100,
)
_WEEKEND_MORE = 1.1


def constructed() -> dict[str, list[float]]:
    """The assumed weeks: weekdays from Monday to Friday, then the weekend."""
    evening = [float(value) for value in _EVENING_DAY]
    return {
        _OFFICE: [float(value) for value in _OFFICE_DAY * 5 + _OFFICE_WEEKEND * 2],
        _EVENING: evening * 5 + [round(value * _WEEKEND_MORE, 1) for value in evening] * 2,
        _FLAT: [100.0] * HOURS_PER_WEEK,
    }


def measured_week(lines: Iterable[str]) -> list[float]:
    """Mean requests of each hour of the week, from rows of `timestamp,value` over whole weeks."""
    hours: list[list[float]] = [[] for _ in range(HOURS_PER_WEEK)]
    for row in csv.DictReader(lines):
        moment = datetime.fromisoformat(row["timestamp"])
        hours[moment.weekday() * _HOURS + moment.hour].append(float(row["value"]))
    return [round(sum(hour) / len(hour), 1) for hour in hours]


def write_weeks(weeks: Mapping[str, Sequence[float]], directory: Path = DATA) -> None:
    """One row for each hour, one column for each profile."""
    with (directory / HOURS_FILE).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["hour", *weeks])
        for hour in range(HOURS_PER_WEEK):
            writer.writerow([hour, *(f"{week[hour]:g}" for week in weeks.values())])


def main() -> None:
    """Write the file of hours; the facts beside them are edited by hand."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=Path, required=True, help="elb_request_count_8c0756.csv of NAB")
    with parser.parse_args().requests.open(encoding="utf-8") as lines:
        write_weeks({_MEASURED: measured_week(lines), **constructed()})


if __name__ == "__main__":
    main()
