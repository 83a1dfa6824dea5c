"""The append-only record of who did what: written in the transaction of the deed, so that neither is there alone."""

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

from estimator.models.audit import AuditEntry, Verb
from estimator.services.storable import storable_text

_LONGEST = {field.name: field.max_length for field in AuditEntry._meta.concrete_fields}


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts, and by what right; `address` as the request has it."""

    name: str = ""
    through: str = "the service itself"
    address: str | None = None


_acting: ContextVar[Callable[[], Actor]] = ContextVar("acting", default=Actor)


@contextmanager
def acting(who: Callable[[], Actor]) -> Iterator[None]:
    """Inside, every entry names this actor; asked for when one is written, as a key is read after the request began."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


def record(
    verb: Verb,
    row: models.Model | None = None,
    *,
    noun: str = "",
    label: str = "",
    detail: str = "",
    by: User | None = None,
    through: str = "",
) -> None:
    """Add an entry about a stored row, or about what `noun` and `label` name. Call it inside the deed's transaction.

    `by` and `through` win over who is known to act.
    """
    actor = _acting.get()()
    if by is not None:
        actor = replace(actor, name=by.get_username())
    texts = {"label": label or str(row or ""), "detail": detail, "object_id": str(row.pk) if row else ""}
    AuditEntry.objects.create(
        at=timezone.now(),
        actor=actor.name,
        through=through or actor.through,
        verb=verb,
        noun=noun or (str(row._meta.verbose_name) if row else ""),
        address=_address(actor.address),
        **{name: storable_text(text)[: _LONGEST[name]] for name, text in texts.items()},
    )


def record_export(what: str, row: models.Model | None = None, *, detail: str = "", through: str = "") -> None:
    """A file, or a page behind a link, left the service: `what` names it."""
    noun = "" if row else what
    record(Verb.EXPORTED, row, noun=noun, label=noun, detail=detail or what, through=through)


def _address(text: str | None) -> str | None:
    """None for what is no address of the internet, such as a socket's."""
    try:
        return str(ipaddress.ip_address(text)) if text else None
    except ValueError:
        return None
