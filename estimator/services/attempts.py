"""One attempt at a time on one host: its lock, its lease, its heartbeat."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings
from django.db import Error, connection

from estimator.models import HardwareProfile
from estimator.services import runs

logger = logging.getLogger(__name__)
_POLL_S = 0.5  # how soon a cancelled attempt notices
_LOCK_SPACE = 0x62656E63  # keeps our advisory locks apart from anybody else's in the same database


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A claim that is being kept alive; `over` is set once the attempt must stop."""

    claim: runs.Claim
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def host_lock(host: HardwareProfile) -> Iterator[bool]:
    """The host's advisory lock on this thread's session; yields False when another session measures there.

    The database drops it with the session, so nobody can hold it for a dead worker."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_SPACE, host.pk])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held:
            _unlock(host)


def _unlock(host: HardwareProfile) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, host.pk])
    except Error:
        connection.close()  # the session is gone, and the lock with it


@contextmanager
def attempt(run_id: int, *, host: HardwareProfile) -> Iterator[Attempt | None]:
    """Claim the run and keep the claim alive from a thread of its own; None when there is nothing to do.

    The lock and the lease live on that thread's own database session: when it is lost, the attempt is over,
    because another worker may take the host."""
    keeper = _Keeper(run_id, host)
    keeper.start()
    keeper.decided.wait()
    try:
        yield keeper.attempt
    finally:
        keeper.left.set()
        keeper.join()


class _Keeper(threading.Thread):
    """Holds the host and renews the lease until the attempt's body has been left."""

    def __init__(self, run_id: int, host: HardwareProfile) -> None:
        super().__init__(name=f"lease-{run_id}")
        self.run_id, self.host = run_id, host
        self.attempt: Attempt | None = None
        self.decided, self.left = threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            self._keep()
        except Error:
            logger.exception("the attempt at run %s ends: its database session is lost", self.run_id)
        finally:
            if self.attempt:
                self.attempt.over.set()
            self.decided.set()
            connection.close()

    def _keep(self) -> None:
        with host_lock(self.host) as held:
            claim = runs.claim_run(self.run_id, host=self.host) if held else None
            if claim is None:
                return
            self.attempt = Attempt(claim=claim)
            self.decided.set()
            self._beat(self.attempt)
            self.left.wait()  # the host stays ours until the body has cleaned up

    def _beat(self, kept: Attempt) -> None:
        due = time.monotonic() + settings.HEARTBEAT_S
        while not self.left.wait(_POLL_S) and not kept.over.is_set():
            if time.monotonic() < due:
                alive = runs.is_current(kept.claim)
            else:
                alive = runs.renew_lease(kept.claim)
                due = time.monotonic() + settings.HEARTBEAT_S
            if not alive:
                kept.over.set()
