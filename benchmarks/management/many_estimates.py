"""A service full of estimates, for `manage.py bench`: called in the environment of a scratch service, by no person."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from estimator.models import ApiKey, Estimate
from estimator.queries.projections import cost_report, frozen_json, standing_target, target_value
from estimator.services.estimates import content_hash, lowest_bill

_FIRST = datetime(2024, 1, 1, tzinfo=UTC)
_TARGETS, _CENTRES = 20, 30


def fill(*, originals: int, copies: int, small: int, large: int, access: Path) -> None:
    """Freeze what the standing example costs now `originals` times, apart in name and time, and copy all of these.

    `small` and `large` originals have a cost centre of their own. How to get in is written to `access`.
    """
    target = standing_target()
    if target is None or Estimate.objects.exists():
        raise ValueError("This fills an empty, measured service; start one of its own for it.")
    content = json.loads(json.dumps(frozen_json(cost_report(target=target_value(target)))))
    currency, monthly_cost = lowest_bill(content)
    made = [
        Estimate(
            title=f"Budget {number}",
            target_name=f"Target {number % _TARGETS}",
            cost_centre=_centre(number, small, large),
            created_at=_FIRST + timedelta(days=number),
            currency=currency,
            monthly_cost=monthly_cost,
            content=content,
        )
        for number in range(originals)
    ]
    for estimate in made:
        estimate.content_hash = content_hash(estimate)
    Estimate.objects.bulk_create(made, batch_size=50)
    _copy(copies - 1)
    access.touch(mode=0o600)
    access.write_text(json.dumps(_ways_in()))


def _centre(number: int, small: int, large: int) -> str:
    if number < small:
        return "small"
    return "large" if number < small + large else f"centre {number % _CENTRES}"


def _copy(times: int) -> None:
    """In the database, which copies a packed content as it is: through Python it would be packed again each time."""
    table, key = Estimate._meta.db_table, Estimate._meta.pk.column
    columns = ", ".join(str(field.column) for field in Estimate._meta.concrete_fields if not field.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}, generate_series(1, %s) AS copy"  # noqa: S608 - names of our own model
            f" ORDER BY copy, {key}",
            [times],
        )
        cursor.execute(f"ANALYZE {table}")  # as the server does by itself after a while


def _ways_in() -> dict[str, str]:
    """A key for the API and a session for the pages."""
    user = User.objects.filter(is_superuser=True).earliest("id")
    _, key = ApiKey.objects.create_key(name="bench", owner=user, scopes=["read"])
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return {"key": key, "session": str(session.session_key)}
