"""An app that answers wrongly gets no cost, only the reason; the others are reported."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from estimator.domain.capacity import Capacity, RefusedStack
from estimator.models import Run, RunState
from estimator.queries import measurements
from estimator.queries.projections import cost_report, standing_target, target_value
from tests.end_to_end.running_service import ROOT, ended, requested, running_service, smoke_plan


@pytest.fixture(scope="module")
def run(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run over a copy of the apps in which Flask's answers name another user."""
    folder = tmp_path_factory.mktemp("apps")
    spoil(shutil.copytree(ROOT / "apps_under_test", folder / "apps", dirs_exist_ok=True))
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "STACKS_DIR", folder / "apps")
        call_command("flush", interactive=False, verbosity=0)
        with running_service(STACKS_DIR=str(folder / "apps")):
            yield ended(requested(smoke_plan()), within_s=150)
        call_command("flush", interactive=False, verbosity=0)


def spoil(apps: Path) -> None:
    source = apps / "flask_app" / "users.py"
    right = source.read_text()
    wrong = right.replace('"email": user.email', '"email": user.name')
    assert wrong != right
    source.write_text(wrong)


def test_the_run_succeeds_with_the_other_two(run: Run) -> None:
    assert run.state == RunState.SUCCEEDED
    outcomes = {one.stack.slug: one.outcome for one in measurements.measured_stacks(run_id=run.pk)}
    assert set(outcomes) == {"fastapi", "flask", "django"}
    assert isinstance(outcomes["flask"], RefusedStack)


def test_the_reason_names_the_app_and_the_difference(run: Run) -> None:
    (reason,) = measurements.failure_reasons(run_id=run.pk)
    assert reason.startswith("flask: flask_app gave no correct response on /user")
    assert "another body than expected" in reason


def test_it_gets_no_cost_and_the_others_are_not_held_back(run: Run) -> None:
    target = standing_target()
    assert target is not None
    report = cost_report(target=target_value(target), smoke=True)
    assert "flask" not in {row.stack for row in report.rows}
    assert "flask" in {stack.stack for stack in report.projection.refused}
    others = [one.outcome for one in report.measured if one.stack.slug != "flask"]
    assert all("body" not in str(outcome) for outcome in others if not isinstance(outcome, Capacity))
