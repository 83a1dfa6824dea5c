"""What an engine and the sampler saw -> the domain's window."""

from benchmarks.load.locust_engine import LocustResult
from benchmarks.load.results import StepResult
from estimator.domain.measuring.measurement import ResourceUse, Window
from estimator.domain.measuring.workload import StepKind, Trial

Place = tuple[Trial, int, int]  # trial, block, sequence number within the trial


def measured_window(
    place: Place, result: StepResult, use: ResourceUse, *, repeat: int = 0, void: tuple[str, ...] = ()
) -> Window:
    """A window of the open-loop engine."""
    trial, block, sequence = place
    return Window(
        stack=trial.stack,
        workload=trial.workload,
        block=block,
        sequence=sequence,
        kind=result.step.kind,
        offered_rate=result.step.rate,
        duration_s=result.duration_s,
        scheduled=result.scheduled,
        sent=result.sent,
        completed=result.completed,
        errors=result.errors,
        wrong=result.wrong,
        unsent=result.unsent,
        answered=result.answered,
        latency=result.latency,
        lateness=result.lateness,
        reconnects=result.reconnects,
        busy_pool=result.busy_pool,
        resources=use,
        generator_share=result.generator_cpu_s / result.duration_s,
        repeat=repeat,
        void=void,
        notes=(result.first_error,) if result.first_error else (),
    )


def part_windows(place: Place, result: LocustResult) -> list[Window]:
    """What users saw of each part of a journey: its right answers."""
    trial, block, sequence = place
    return [
        Window(
            stack=trial.stack,
            workload=trial.workload,
            block=block,
            sequence=sequence + number,
            kind=StepKind.JOURNEY_PART,
            part=part,
            offered_rate=None,
            duration_s=result.duration_s,
            scheduled=latency.total,
            sent=latency.total,
            completed=latency.total,
            latency=latency,
        )
        for number, (part, latency) in enumerate(sorted(result.parts.items()))
    ]


def locust_window(
    place: Place, result: LocustResult, use: ResourceUse, *, repeat: int = 0, void: tuple[str, ...] = ()
) -> Window:
    """A window of Locust. How busy it is itself is not judged: its requests cost ten times ours."""
    trial, block, sequence = place
    right = result.requests - result.errors - result.wrong
    return Window(
        stack=trial.stack,
        workload=trial.workload,
        block=block,
        sequence=sequence,
        kind=StepKind.LOCUST,
        offered_rate=result.offered_rate,
        duration_s=result.duration_s,
        scheduled=result.requests,
        sent=result.requests,
        completed=right,
        errors=result.errors,
        wrong=result.wrong,
        latency=result.latency,
        resources=use,
        senders=result.senders,
        repeat=repeat,
        void=void,
        notes=(result.first_error,) if result.first_error else (),
    )
