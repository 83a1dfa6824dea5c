"""What an attempt writes down: each measurement in one fenced transaction."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from estimator.domain.measuring.measurement import (
    BlockFinished,
    HostFacts,
    MeasuredEnough,
    Measurement,
    Progress,
    StackFailed,
    StackStarted,
    TrialFinished,
    Window,
)
from estimator.models import Block, Run, RunEvent, Stack, TrialRecord, WindowRecord, Workload
from estimator.services.runs import Claim, hold
from estimator.services.storable import storable_json, storable_text


def record(claim: Claim, measurement: Measurement) -> None:
    """Write one measurement of this attempt. Raises StaleClaim and writes nothing when the attempt is over."""
    with transaction.atomic():
        run = hold(claim)
        _WRITERS[type(measurement)](run, measurement)


def _trial(run: Run, measured: Window | StackStarted | StackFailed | TrialFinished) -> TrialRecord:
    trial, _ = TrialRecord.objects.get_or_create(
        run=run,
        attempt=run.attempt,
        block=measured.block,
        stack=Stack.objects.get(slug=measured.stack),
        workload=Workload.objects.get(slug=measured.workload),
    )
    return trial


def _window(run: Run, window: Window) -> None:
    row = WindowRecord.of(window, trial=_trial(run, window))
    row.data = storable_json(row.data)
    row.save(force_insert=True)


def _started(run: Run, started: StackStarted) -> None:
    trial = _trial(run, started)
    trial.cold_start_s, trial.idle_memory_mib = started.cold_start_s, started.idle_memory_mib
    trial.versions, trial.settings = storable_json(dict(started.versions)), storable_json(dict(started.settings))
    trial.save()


def _failed(run: Run, failed: StackFailed) -> None:
    trial = _trial(run, failed)
    trial.finished, trial.failure = True, storable_text(failed.reason) or "no reason was given; see the app's log"
    trial.save()
    _event(run, "stack_failed", f"{failed.stack}: {trial.failure}")


def _finished(run: Run, finished: TrialFinished) -> None:
    trial = _trial(run, finished)
    trial.finished, trial.warnings = True, storable_json(finished.warnings)
    trial.save()


def _block(run: Run, block: BlockFinished) -> None:
    Block.objects.create(run=run, number=block.block, attempt=run.attempt, finished_at=timezone.now())
    _event(run, "block_finished", f"block {block.block}")


def _enough(run: Run, enough: MeasuredEnough) -> None:
    _event(run, "measured_enough", enough.reason)


def _facts(run: Run, facts: HostFacts) -> None:
    run.host_facts = storable_json(dict(facts.facts))
    run.save(update_fields=["host_facts"])


def _progress(run: Run, progress: Progress) -> None:
    run.progress_message, run.progress_share = storable_text(progress.message)[:300], progress.share
    run.expected_end_at = timezone.now() + timedelta(seconds=progress.remaining_s)
    run.save(update_fields=["progress_message", "progress_share", "expected_end_at"])


def _event(run: Run, kind: str, message: str) -> None:
    RunEvent.objects.create(run=run, at=timezone.now(), attempt=run.attempt, kind=kind, message=message)


_WRITERS: dict[type, Callable[[Run, Any], None]] = {
    Window: _window,
    StackStarted: _started,
    StackFailed: _failed,
    TrialFinished: _finished,
    BlockFinished: _block,
    MeasuredEnough: _enough,
    HostFacts: _facts,
    Progress: _progress,
}
