"""Runs that could not end: refused when they are asked for, not after hours of measuring."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from estimator.domain.measuring.durations import expected_run
from estimator.domain.measuring.workload import PROFILES
from estimator.models import BenchmarkPlan
from estimator.services.errors import Refused

_HOUR_S = 3600


def refuse_too_long(plan: BenchmarkPlan, trials: Sequence[Mapping[str, Any]]) -> None:
    """Raises Refused for a run whose fewest blocks take longer than all attempts together may."""
    count = _measured(plan, trials)
    expected = expected_run(PROFILES[plan.profile], trials=count, with_locust=plan.confirm_with_locust)
    attempts, attempt_s = settings.MAXIMUM_ATTEMPTS, settings.CELERY_TASK_SOFT_TIME_LIMIT
    if not expected.fits(attempts=attempts, attempt_s=attempt_s):
        raise Refused(
            f"plan {plan.name!r} would take {expected.run_s / _HOUR_S:.0f} hours or more ({count} pairs of stack and"
            f" workload, at least {expected.blocks} blocks), and its {attempts} attempts have"
            f" {attempts * attempt_s / _HOUR_S:.0f} together; choose a shorter profile than {plan.profile}, or fewer"
            " stacks or workloads.",
            field="profile",
        )


def _measured(plan: BenchmarkPlan, trials: Sequence[Mapping[str, Any]]) -> int:
    """A pair that cannot be measured takes no time."""
    unsupported = {(stack.slug, slug) for stack in plan.stacks.all() for slug in stack.unsupported}
    return sum((trial["stack"], trial["workload"]) not in unsupported for trial in trials)
