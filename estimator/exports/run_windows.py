"""A run's raw windows as files: JSON with all that was recorded, and an HdrHistogram log of the latencies."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from estimator.exports.hdr_log import LogLine, log_lines
from estimator.models import Run, TrialRecord
from estimator.models.windows import window_from_json
from estimator.queries.recorded import RecordedWindow, recorded_trials, recorded_windows

FORMAT_VERSION = 1  # fields are only ever added; a changed meaning would raise it
_BUCKETS = (
    "sparse counts by bucket number, as text; the buckets of HdrHistogram with 3 significant digits from 1 us on: "
    "bucket = value for values below 2048, else 1024 * s + (value >> s) with s = bit length of the value - 11"
)
FIELDS: Mapping[str, str] = {
    "attempt": "which attempt of the run measured it, from 1",
    "counted": "its block was finished by this attempt: only such windows enter a capacity",
    "stack": "slug",
    "workload": "slug",
    "block": "number from 0; within a block each stack ran once, in a fresh process",
    "sequence": "number within the trial, from 0",
    "kind": "saturation and crowd are closed loops; open_loop, half_capacity and confirmation keep a schedule; locust",
    "offered_rate": "requests/s that were to be sent; null for a closed loop",
    "duration_s": "seconds, without the discarded start",
    "scheduled": "arrivals that fell due in the window",
    "sent": "of those, requests that were sent",
    "completed": "right answers",
    "errors": "no answer, or another status than expected",
    "wrong": "answered with another body than expected",
    "unsent": "fell due and were never sent",
    "answered": "answers that arrived inside the window, whenever they fell due; what its CPU paid for",
    "latency": f"from the intended start, in microseconds: {_BUCKETS}",
    "lateness": "from the intended start to the send while a connection was idle, in microseconds; buckets as latency",
    "reconnects": "connections that the server closed, and the generator opened again",
    "busy_pool": "arrivals that found no idle connection",
    "resources": "app_cpu_s, database_cpu_s, generator_cpu_s: CPU-seconds in the window; app_core_busy, app_steal, "
    "load_steal: shares of the cores' time; foreign_cpu: cores; memory_mib: MiB of the app's process tree, "
    "at memory_at_s on one clock; cpu_basis: cgroup v2, cgroup v1 or proc; cpu_pressure: share of the window in which "
    "some task waited for a core; canary_speed: of fixed work on the app's cores, as a share of its calm speed, and "
    "canary_slowest in the slowest half second",
    "generator_share": "the generator's own work as a share of its core",
    "part": "of a journey: the workload that these requests belong to; empty else",
    "senders": "Locust's workers on other hosts: host, requests, core_share of a core of theirs; empty else",
    "repeat": "0, or which repeat of a void window this is",
    "void": "why the machine makes this window decide nothing; empty where it counts",
    "notes": "remarks, such as the first error",
    "cold_start_s": "seconds from spawn to the first right answer",
    "idle_memory_mib": "MiB before any load",
}


def file_name(run: Run, *, ending: str) -> str:
    """run-42-2026-11-22-windows.json: which run, and of which day."""
    return f"run-{run.pk}-{run.created_at:%Y-%m-%d}-{ending}"


def json_chunks(run: Run) -> Iterator[str]:
    """The JSON file in pieces, one window a line."""
    head = {
        "format": {"name": "raw windows of a benchmark run", "version": FORMAT_VERSION},
        "fields": FIELDS,
        "run": _run_json(run),
        "trials": [_trial_json(trial, counted) for trial, counted in recorded_trials(run)],
    }
    yield json.dumps(head, indent=1)[:-2] + ',\n "windows": ['
    separator = "\n"
    for window in recorded_windows(run):
        yield separator + json.dumps(_window_json(window), separators=(",", ":"))
        separator = ",\n"
    yield "\n ]\n}\n"


def _run_json(run: Run) -> dict[str, Any]:
    return {
        "id": run.pk,
        "plan": run.plan.name,
        "state": run.state,
        "reason": run.reason,
        "created_at": _utc(run.created_at),
        "started_at": _utc(run.started_at),
        "finished_at": _utc(run.finished_at),
        "spec": run.spec,
        "host": run.host.name if run.host else None,
        "host_facts": run.host_facts,
    }


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _trial_json(trial: TrialRecord, counted: bool) -> dict[str, Any]:
    return {
        "stack": trial.stack.slug,
        "title": trial.stack.title,
        "workload": trial.workload.slug,
        "block": trial.block,
        "attempt": trial.attempt,
        "counted": counted,
        "finished": trial.finished,
        "failure": trial.failure,
        "warnings": trial.warnings,
        "cold_start_s": trial.cold_start_s,
        "idle_memory_mib": trial.idle_memory_mib,
        "versions": trial.versions,
        "settings": trial.settings,
    }


def _window_json(window: RecordedWindow) -> dict[str, Any]:
    return {"attempt": window.attempt, "counted": window.counted, **window.data}


def hdr_log(run: Run) -> Iterator[str]:
    """The latencies as an HdrHistogram log: one interval for each window, its tag saying which."""
    comments = (
        f"[Run {run.pk} of {run.plan.name!a}: latencies from the intended start, in microseconds]",
        "[Tag: stack:workload:kind:b<block>:w<sequence>, then :void where the machine disturbed the window]",
        "[Start: the windows' lengths added up; the pauses between them are not in it]",
    )
    yield from log_lines(_intervals(run), started_at=run.started_at or timezone.now(), comments=comments)


def _intervals(run: Run) -> Iterator[LogLine]:
    start_s = 0.0
    for recorded in recorded_windows(run):
        window = window_from_json(dict(recorded.data))
        place = f"{window.stack}:{window.workload}:{window.kind}:b{window.block}:w{window.sequence}"
        tag = place + (":void" if window.void else "") + ("" if recorded.counted else ":uncounted")
        yield LogLine(tag=tag, start_s=start_s, duration_s=window.duration_s, latency=window.latency)
        start_s += window.duration_s
