"""Turns: work that must not run twice at once waits until the other transaction has ended."""

from enum import IntEnum

from django.db import connection

_LOCK_SPACE = 0x7475726E  # keeps our advisory locks apart from anybody else's in the same database


class Turn(IntEnum):
    """What is done by one transaction at a time."""

    SET_UP = 1
    CATALOGUE = 2
    REQUEST_RUN = 3


def take_turn(turn: Turn) -> None:
    """Wait for the turn and keep it until the surrounding transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_SPACE, turn.value])
