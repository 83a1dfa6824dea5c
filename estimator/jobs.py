"""The one door to the queue: sends task names and ids, nothing else."""

from kombu.exceptions import OperationalError

from estimator.celery import app

RUN_BENCHMARK = "benchmarks.run_benchmark"


def enqueue_run(run_id: int) -> bool:
    """Tell a bench worker of a run. False when the broker is away: the reconciler tells it again."""
    try:
        app.send_task(RUN_BENCHMARK, args=[run_id], queue="bench", retry=False)
    except OperationalError:
        return False
    return True
