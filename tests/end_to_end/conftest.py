"""One running service for all tests of this folder: starting it takes longer than most of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from tests.end_to_end.running_service import RunningService, running_service


@pytest.fixture(scope="module")
def service(django_db_setup: None, django_db_blocker: Any) -> Iterator[RunningService]:
    """The service on the tests' database, which is emptied again afterwards."""
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)
        with running_service() as running:
            yield running
        call_command("flush", interactive=False, verbosity=0)
