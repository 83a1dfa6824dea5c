"""What an attempt writes stands; what a stale one writes is refused whole."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from estimator.domain.measuring.measurement import (
    BlockFinished,
    HostFacts,
    MeasuredEnough,
    Measurement,
    Progress,
    Sender,
    StackFailed,
    TrialFinished,
)
from estimator.models import Block, Run, RunEvent, Stack, TrialRecord, WindowRecord
from estimator.queries.finished_blocks import finished_measurements
from estimator.queries.measurements import measured_stacks
from estimator.services import recording, runs
from estimator.services.errors import StaleClaim
from tests.services.benchmark_cast import a_claim, a_run, a_start, a_window, lose

pytestmark = pytest.mark.django_db

FAILURE = StackFailed(stack="flask", workload="user_lookup", block=0, reason="answered 500")
END = TrialFinished(stack="fastapi", workload="user_lookup", block=0, warnings=("steal 4 %",))
FACTS = HostFacts(facts={"kernel": "6.1"})
PROGRESS = Progress(message="fastapi, block 1 of 1", share=0.25, remaining_s=60)
EVERYTHING: tuple[Measurement, ...] = (
    a_start(),
    a_window(),
    END,
    FAILURE,
    BlockFinished(block=0),
    MeasuredEnough(blocks=1, reason="narrow enough"),
    FACTS,
    PROGRESS,
)


def test_a_window_comes_back_as_it_was_measured() -> None:
    senders = (Sender(host="load-1", requests=198, core_share=0.4),)
    claim, window = a_claim(), replace(a_window(3, notes=("a note",)), senders=senders)

    recording.record(claim, window)

    row = WindowRecord.objects.get()
    assert row.to_domain() == window
    assert (row.offered_rate, row.achieved_rate, row.completed, row.failed) == (100.0, 99.0, 198, 2)
    assert not row.void


def test_a_trial_gathers_its_start_its_windows_and_its_end() -> None:
    claim = a_claim()

    for measurement in (a_start(), a_window(0), a_window(1), END):
        recording.record(claim, measurement)

    trial = TrialRecord.objects.get()
    assert (trial.cold_start_s, trial.idle_memory_mib, trial.versions) == (0.5, 40, {"python": "3"})
    assert (trial.finished, trial.failure, trial.warnings) == (True, "", ["steal 4 %"])
    assert [window.sequence for window in trial.windows.all()] == [0, 1]


def test_a_failed_stack_keeps_its_reason_and_leaves_the_others_alone() -> None:
    claim = a_claim()

    for measurement in (a_start(), END, FAILURE):
        recording.record(claim, measurement)

    failures = dict(TrialRecord.objects.values_list("stack__slug", "failure"))
    assert failures == {"fastapi": "", "flask": "answered 500"}
    assert RunEvent.objects.get(kind="stack_failed").message == "flask: answered 500"


def test_what_an_app_answered_is_stored_whatever_bytes_it_holds() -> None:
    claim = a_claim()

    recording.record(claim, a_window(notes=("body \0 \udcff",)))
    recording.record(claim, StackFailed(stack="flask", workload="user_lookup", block=0, reason="\0"))
    recording.record(claim, HostFacts(facts={"cpu": {"model\0": ["\0"]}}))
    recording.record(claim, Progress(message="\0" * 1000, share=0.5, remaining_s=1))

    assert WindowRecord.objects.get().data["notes"] == ["body \N{REPLACEMENT CHARACTER} ?"]
    assert TrialRecord.objects.get(stack__slug="flask").failure == "\N{REPLACEMENT CHARACTER}"
    assert len(Run.objects.get().progress_message) == 300


def test_a_stack_without_a_reason_still_counts_as_failed() -> None:
    recording.record(a_claim(), StackFailed(stack="flask", workload="user_lookup", block=0, reason=""))

    assert TrialRecord.objects.get().failure.startswith("no reason was given")


def test_progress_and_facts_are_seen_on_the_run() -> None:
    claim = a_claim()

    recording.record(claim, FACTS)
    recording.record(claim, PROGRESS)

    run = Run.objects.get()
    assert (run.host_facts, run.progress_message, run.progress_share) == ({"kernel": "6.1"}, PROGRESS.message, 0.25)
    assert run.expected_end_at is not None


def test_a_finished_block_is_not_measured_again_by_the_next_attempt() -> None:
    run = a_run()
    claim = a_claim(run)
    recording.record(claim, BlockFinished(block=0))
    lose(claim)

    assert a_claim(run).spec.finished_blocks == {0}
    assert Block.objects.get().attempt == 1


def test_the_next_attempt_knows_the_windows_and_failures_of_finished_blocks_only() -> None:
    run = a_run()
    first = a_claim(run)
    lost = a_window(0, block=1)
    for measurement in (a_start(), a_window(0), a_window(1), END, FAILURE, BlockFinished(block=0), lost):
        recording.record(first, measurement)
    lose(first)
    second = a_claim(run)
    recording.record(second, a_window(2, block=1))

    assert finished_measurements(run_id=run.pk) == [a_window(0), a_window(1), FAILURE]
    assert second.spec.spent_s >= 0


def test_why_no_further_block_was_measured_is_told() -> None:
    claim = a_claim()
    recording.record(claim, MeasuredEnough(blocks=3, reason="every stack's intervals are narrow enough"))

    assert RunEvent.objects.get(kind="measured_enough").message == "every stack's intervals are narrow enough"


def test_the_next_attempt_has_trials_of_its_own() -> None:
    run = a_run()
    first = a_claim(run)
    recording.record(first, a_window())
    lose(first)

    recording.record(a_claim(run), a_window())

    assert list(TrialRecord.objects.values_list("attempt", flat=True)) == [1, 2]


def _cancelled(claim: runs.Claim) -> None:
    runs.cancel_run(claim.run, by="alice")


def _given_away(claim: runs.Claim) -> None:
    lose(claim)
    a_claim(Run.objects.get())


@pytest.mark.parametrize("measurement", EVERYTHING, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("lost", [_cancelled, _given_away, runs.finish_run])
def test_a_stale_claim_writes_nothing(lost: Callable[[runs.Claim], None], measurement: Measurement) -> None:
    claim = a_claim()
    lost(claim)
    before = _everything()

    with pytest.raises(StaleClaim):
        recording.record(claim, measurement)

    assert _everything() == before


def _everything() -> list[list[object]]:
    managers = (Run.objects, RunEvent.objects, TrialRecord.objects, WindowRecord.objects, Block.objects)
    return [list(manager.values_list()) for manager in managers]


def test_a_window_is_recorded_once() -> None:
    claim = a_claim()
    recording.record(claim, a_window())

    with pytest.raises(IntegrityError, match="window_recorded_once"), transaction.atomic():
        recording.record(claim, a_window())

    assert WindowRecord.objects.count() == 1


def test_a_block_finishes_once_in_all_attempts() -> None:
    claim = a_claim()
    recording.record(claim, BlockFinished(block=0))

    with pytest.raises(IntegrityError, match="block_finishes_once"), transaction.atomic():
        recording.record(claim, BlockFinished(block=0))


def test_a_run_keeps_the_settings_it_ran_with_whatever_becomes_of_the_stack() -> None:
    claim = a_claim()
    for measurement in (a_start(), a_window(0), END, BlockFinished(block=0)):
        recording.record(claim, measurement)
    Stack.objects.update(settings={"workers": 4})

    (measured, *_) = measured_stacks(run_id=claim.run)
    assert measured.settings == {"workers": 1, "threads": 8}

    TrialRecord.objects.update(settings={})  # a run of before they were kept
    (measured, *_) = measured_stacks(run_id=claim.run)
    assert measured.settings == {"workers": 4}
