"""One running service and one run for all tests of this folder: making them takes longer than most of the tests."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from estimator.models import Run
from tests.end_to_end.running_service import (
    ROOT,
    STACKS,
    WRONG,
    RunningService,
    ended,
    requested,
    running_service,
    smoke_plan,
)

# The right app behind a mistake that no length and no status tells.
_WRONG_APP = """\
from app import app as right


def app(environ, start_response):
    return [part.replace(b"@example.org", b"@example.net") for part in right(environ, start_response)]
"""


@pytest.fixture(scope="package")
def service(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningService]:
    """The service on the tests' database, which is emptied again afterwards, with one stack more: `WRONG`."""
    apps = tmp_path_factory.mktemp("apps") / "apps"
    add_wrong_app(shutil.copytree(ROOT / "apps_under_test", apps))
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "STACKS_DIR", apps)
        call_command("flush", interactive=False, verbosity=0)
        with running_service(STACKS_DIR=str(apps)) as running:
            yield running
        call_command("flush", interactive=False, verbosity=0)


def add_wrong_app(apps: Path) -> None:
    """A second manifest in Flask's folder, so that it needs no environment of its own."""
    folder = apps / "flask_app"
    (folder / "wrong.py").write_text(_WRONG_APP)
    manifest = (folder / "benchmark.toml").read_text()
    for old, new in (
        ('slug = "flask"', f'slug = "{WRONG}"'),
        ('"app:app"', '"wrong:app"'),
        ("ready_timeout_s = 20", "ready_timeout_s = 4"),
    ):
        assert old in manifest
        manifest = manifest.replace(old, new)
    (folder / "benchmark-wrong.toml").write_text(manifest)


@pytest.fixture(scope="package")
def run(service: RunningService) -> Run:
    """One short real benchmark of three sound stacks and a wrong one."""
    return ended(requested(smoke_plan(*STACKS, WRONG)), within_s=150)
