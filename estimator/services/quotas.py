"""How much benchmarking people may ask for; held in the database, so that no number of web processes exceeds it."""

from datetime import timedelta

from django.conf import settings
from django.db.models import F, Sum
from django.db.models.functions import Coalesce, Now

from estimator.models import Run, RunState
from estimator.services.errors import Refused
from estimator.services.locks import Turn, take_turn

_DAY = timedelta(hours=24)


def refuse_beyond_quota() -> None:
    """Raises Refused when too many runs wait, or the last 24 hours were used up. Call it in the run's transaction."""
    take_turn(Turn.REQUEST_RUN)  # two requests at once must not both see the last free place
    _refuse_queue()
    _refuse_day()


def _refuse_queue() -> None:
    most = settings.MAXIMUM_QUEUED_RUNS
    if Run.objects.filter(state__in=(RunState.PENDING, RunState.RUNNING)).count() >= most:
        raise Refused(f"{most} runs are waiting or measuring already; cancel one or wait for one to end.")


def _refuse_day() -> None:
    most = settings.MAXIMUM_MINUTES_PER_DAY
    used = measured_in_last_day()
    if used >= timedelta(minutes=most):
        raise Refused(
            f"Benchmarks ran {used.total_seconds() / 60:.0f} of the {most} minutes allowed in 24 hours; "
            "ask again later, or let an administrator raise MAXIMUM_MINUTES_PER_DAY."
        )


def measured_in_last_day() -> timedelta:
    """How long runs that started in the last 24 hours have been measuring, all hosts together."""
    started = Run.objects.filter(started_at__gt=Now() - _DAY)
    spent = started.aggregate(spent=Sum(Coalesce(F("finished_at"), Now()) - F("started_at")))["spent"]
    return spent or timedelta()
