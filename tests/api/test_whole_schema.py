"""schemathesis: whatever the schema describes, and what it does not, is answered as the schema says and never with 5xx.

`SCHEMATHESIS_EXAMPLES=100` looks harder: so many requests of each kind for each operation.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from tests.api.conftest import Keys, World
from tests.api.endpoints import parameters, schema

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "1"))
# Not among them: that a valid request is accepted, for a schema cannot say which rows there are; and who may ask, which
# the matrix of roles and keys says.
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
LOOKED_AT = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink] if EXAMPLES > 1 else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
OPERATIONS: list[Any] = []


def operations() -> list[Any]:
    """All of the schema, loaded once."""
    if not OPERATIONS:
        loaded: Any = schemathesis.openapi.from_dict(schema())
        loaded.app = get_wsgi_application()
        OPERATIONS.extend(found.ok() for found in loaded.get_all_operations())
    return OPERATIONS


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """A WSGI request would close the connection, and with it the transaction that the world stands in."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """More requests than a key may send in a minute."""
    monkeypatch.setattr("estimator.api.throttling.PerKey.allow_request", lambda *args: True)


def cases(operation: Any, world: World) -> list[st.SearchStrategy[Any]]:
    """Valid requests, to the row that is there, and invalid ones to any."""
    there = {start: value for start, value in parameters(world).items() if operation.path.startswith(start)}
    row = {name: value for value in there.values() for name in ("id", "slug") if f"{{{name}}}" in operation.path}
    valid = operation.as_strategy(path_parameters=row)
    some = any(len(part) for part in (operation.path_parameters, operation.query, operation.body))
    takes_any = some and "{slug}" not in operation.path  # any text may be a slug: nothing is invalid there
    return [valid, operation.as_strategy(GenerationMode.NEGATIVE)] if takes_any else [valid]


def undone(headers: dict[str, str]) -> Callable[[Any], None]:
    """Asks and looks at the answer. Whatever a request did is taken back, so that the next one meets the same world."""

    def asked(case: Any) -> None:
        with transaction.atomic():
            case.call_and_validate(headers=headers, checks=CHECKS)
            transaction.set_rollback(True)

    return asked


def test_every_operation_answers_as_the_schema_says(world: World, secret: Keys) -> None:
    headers = {"Authorization": f"Api-Key {secret('read', 'run', 'admin')}"}
    found: dict[str, str] = {}

    for operation in operations():
        try:
            for strategy in cases(operation, world):
                with suppress(Unsatisfiable):  # where no parameter can be invalid
                    given(strategy)(LOOKED_AT(undone(headers)))()
        except FailureGroup as failure:
            found[operation.label] = str(failure)

    assert found == {}, "\n\n".join(found.values())
