"""What the finished blocks of a run hold: all that a later attempt must know to decide on further blocks."""

from estimator.domain.measuring.measurement import StackFailed, Window
from estimator.models import WindowRecord
from estimator.queries.measurements import counted_trials


def finished_measurements(*, run_id: int) -> list[Window | StackFailed]:
    """Windows and failures of the trials that count, by block; empty for a run without a finished block."""
    trials = list(counted_trials(run_id).order_by("block", "pk"))
    records = WindowRecord.objects.filter(trial__in=trials).order_by("trial__block", "trial", "sequence")
    failures = [
        StackFailed(stack=trial.stack.slug, workload=trial.workload.slug, block=trial.block, reason=trial.failure)
        for trial in trials
        if trial.failure
    ]
    return [*(record.to_domain() for record in records.iterator(chunk_size=200)), *failures]
