"""Hardware profiles of a file into the database: all of them or none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from estimator.models import HardwareProfile
from estimator.models.audit import Verb
from estimator.services.audit import record
from estimator.services.differences import (
    Difference,
    Differences,
    Kind,
    Refusal,
    changes_between,
    facts_of,
    refuse_unless_clean,
)
from estimator.services.locks import Turn, take_turn

_BATCH = 500
_NOT_FACTS = ("row", "provider", "name")


@dataclass(frozen=True, kw_only=True)
class HardwareOffer:
    """What a file says of one machine type; `row` is its place there. None is unknown."""

    row: int
    provider: str
    name: str
    family: str
    architecture: str
    vcpus: int
    memory_mib: int
    vcpu_kind: str
    cpu_vendor: str
    cpu_model: str
    clock_ghz: float | None
    single_thread_score: float | None
    burstable: bool
    network_mbps: int | None
    reference: bool
    source: str
    source_version: str
    as_of: date
    licence: str


@dataclass(frozen=True, kw_only=True)
class _Step:
    difference: Difference
    row: HardwareProfile


def profile_differences(offers: Sequence[HardwareOffer], *, today: date) -> Differences:
    """What `import_profiles` would do; reads only."""
    steps, refusals = _plan(offers, today=today)
    return Differences(rows=tuple(step.difference for step in steps), refusals=tuple(refusals))


def import_profiles(
    offers: Sequence[HardwareOffer], *, by: User | None, reason: str, today: date, expected: str | None = None
) -> Differences:
    """Write all offers with their history, or none. Raises ImportRefused; `expected` as in `import_prices`."""
    with transaction.atomic():
        take_turn(Turn.CATALOGUE)
        steps, refusals = _plan(offers, today=today)
        differences = Differences(rows=tuple(step.difference for step in steps), refusals=tuple(refusals))
        refuse_unless_clean(differences, expected=expected)
        record(Verb.IMPORTED, noun="hardware profile", label=reason, detail=str(differences), by=by)
        rows = {kind: [step.row for step in steps if step.difference.kind == kind] for kind in Kind}
        options: dict[str, Any] = {"batch_size": _BATCH, "default_change_reason": reason[:100], "default_user": by}
        bulk_create_with_history(rows[Kind.NEW], HardwareProfile, **options)
        if rows[Kind.CHANGED]:
            names = list(facts_of(offers[0], without=_NOT_FACTS))
            bulk_update_with_history(rows[Kind.CHANGED], HardwareProfile, names, **options)
    return differences


def _plan(offers: Sequence[HardwareOffer], *, today: date) -> tuple[list[_Step], list[Refusal]]:
    providers = {offer.provider for offer in offers}
    stored = {(row.provider, row.name): row for row in HardwareProfile.objects.filter(provider__in=providers)}
    steps: list[_Step] = []
    refusals: list[Refusal] = []
    first: dict[tuple[str, str], int] = {}
    for offer in offers:
        key = (offer.provider, offer.name)
        step = _step(offer, stored=stored.get(key))
        steps.append(step)
        refusals += _problems(offer, today=today, earlier=first.setdefault(key, offer.row))
        refusals += _invalid(step, row=offer.row)
    return steps, refusals


def _problems(offer: HardwareOffer, *, today: date, earlier: int) -> Iterator[Refusal]:
    if earlier != offer.row:
        yield Refusal(row=offer.row, field="name", message=f"repeats the type of row {earlier}; delete one of the two.")
    if offer.as_of > today:
        message = f"{offer.as_of} lies ahead; enter the day on which the source said so."
        yield Refusal(row=offer.row, field="as_of", message=message)


def _step(offer: HardwareOffer, *, stored: HardwareProfile | None) -> _Step:
    difference = Difference(row=offer.row, kind=Kind.NEW, label=f"{offer.provider} {offer.name}")
    facts = facts_of(offer, without=_NOT_FACTS)
    if stored is None:
        return _Step(difference=difference, row=HardwareProfile(provider=offer.provider, name=offer.name, **facts))
    changes = changes_between(stored, facts)
    for change in changes:
        setattr(stored, change.name, change.new)
    kind = Kind.CHANGED if changes else Kind.UNCHANGED
    return _Step(difference=replace(difference, kind=kind, changes=changes), row=stored)


def _invalid(step: _Step, *, row: int) -> Iterator[Refusal]:
    """What the admin's own form would refuse."""
    try:
        step.row.clean_fields()
    except ValidationError as error:
        for field, messages in error.message_dict.items():
            yield Refusal(row=row, field=field, message=" ".join(messages))
