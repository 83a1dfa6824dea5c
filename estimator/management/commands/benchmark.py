"""`manage.py benchmark`: ask for a run of a plan, and follow it to its end."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from estimator.models import BenchmarkPlan, Run, RunState
from estimator.services import runs
from estimator.services.errors import Refused

_POLL_S = 0.5


class Command(BaseCommand):
    """The run itself is done by the bench worker of a running service."""

    help = "Ask for a run of a benchmark plan and follow it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("plan", nargs="?", help="name or number of the plan; the first one when left out")
        parser.add_argument("--detach", action="store_true", help="only ask for the run, do not wait for its end")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = runs.request_run(plan=_plan(options["plan"]))
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"run {run.pk} of plan {run.plan.name!r} ({run.plan.profile}) is asked for")
        if not options["detach"]:
            self._follow(run)

    def _follow(self, run: Run) -> None:
        said = ""
        while not run.ended:
            run.refresh_from_db()
            said = self._say(run, said)
            time.sleep(_POLL_S)
        if run.state != RunState.SUCCEEDED:
            raise CommandError(f"run {run.pk} {run.get_state_display()}: {run.reason}")

    def _say(self, run: Run, said: str) -> str:
        line = f"{run.progress_share:4.0%}  {run.progress_message or run.get_state_display()}"
        if line != said:
            self.stdout.write(f"  {line}")
            self.stdout.flush()
        return line


def _plan(asked: str | None) -> BenchmarkPlan:
    plans = BenchmarkPlan.objects.order_by("id")
    if asked is not None:
        plans = plans.filter(pk=int(asked)) if asked.isdigit() else plans.filter(name=asked)
    plan = plans.first()
    if plan is None:
        names = ", ".join(repr(name) for name in BenchmarkPlan.objects.values_list("name", flat=True)) or "none yet"
        raise CommandError(f"there is no plan {asked or ''!r}; there are: {names}.")
    return plan
