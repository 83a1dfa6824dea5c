"""The one way by which prices of a file or a provider's list reach the database: all of them or none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from estimator.domain.cost.pricing import TERM_MONTHS
from estimator.models import HardwareProfile, Price
from estimator.models.audit import Verb
from estimator.models.hardware import CrossCheck
from estimator.services.audit import record
from estimator.services.differences import (
    Difference,
    Differences,
    FieldChange,
    Kind,
    Refusal,
    changes_between,
    facts_of,
    refuse_unless_clean,
)
from estimator.services.locks import Turn, take_turn

_BATCH = 500
_KEY = ("row", "provider", "name", "region", "term", "currency", "as_of")
_WRITTEN_FIELDS = ("hourly", "upfront", "source", "source_version", "licence", "cross_check", "cross_check_note")

Series = tuple[int, str, str, str]  # hardware, region, term, currency


@dataclass(frozen=True, kw_only=True)
class PriceOffer:
    """What a file or a list says of one price; `hourly` and `upfront` in `currency`, `row` is its place there."""

    row: int
    provider: str
    name: str
    region: str
    term: str
    hourly: Decimal
    currency: str
    as_of: date
    source: str
    upfront: Decimal = Decimal(0)
    source_version: str = ""
    licence: str = ""
    cross_check_note: str = ""

    @property
    def label(self) -> str:
        """As people say it."""
        return f"{self.provider} {self.name}, {self.region}, {self.term.replace('_', ' ')}, {self.currency}"


@dataclass(frozen=True, kw_only=True)
class _Step:
    difference: Difference
    create: Price | None = None
    update: Price | None = None


def price_differences(offers: Sequence[PriceOffer], *, entered: bool, today: date) -> Differences:
    """What `import_prices` would do; reads only."""
    steps, refusals = _plan(offers, entered=entered, today=today)
    return Differences(rows=tuple(step.difference for step in steps), refusals=tuple(refusals))


def import_prices(
    offers: Sequence[PriceOffer],
    *,
    entered: bool,
    by: User | None,
    reason: str,
    today: date,
    expected: str | None = None,
) -> Differences:
    """Write all offers with their history, or none. Raises ImportRefused.

    `entered`: a person answers for the rows, so they replace what stands; a provider's list leaves alone what a
    person entered. A later day is a row of its own, so that the past stays. `expected` is the fingerprint of the
    differences that were looked at.
    """
    with transaction.atomic():
        take_turn(Turn.CATALOGUE)
        steps, refusals = _plan(offers, entered=entered, today=today)
        differences = Differences(rows=tuple(step.difference for step in steps), refusals=tuple(refusals))
        refuse_unless_clean(differences, expected=expected)
        record(Verb.IMPORTED, noun="price", label=reason, detail=str(differences), by=by)
        new = [step.create for step in steps if step.create]
        changed = [step.update for step in steps if step.update]
        options: dict[str, Any] = {"batch_size": _BATCH, "default_change_reason": reason[:100], "default_user": by}
        bulk_create_with_history(new, Price, **options)
        if changed:
            bulk_update_with_history(changed, Price, list(_WRITTEN_FIELDS), **options)
    return differences


def _plan(offers: Sequence[PriceOffer], *, entered: bool, today: date) -> tuple[list[_Step], list[Refusal]]:
    """Each offer beside what is stored; only `create` and `update` would be written."""
    machines = _machines(offers)
    stored = _stored(machines)
    steps: list[_Step] = []
    refusals: list[Refusal] = []
    first: dict[tuple[object, ...], int] = {}
    for offer in offers:
        problems = list(_problems(offer, machines=machines, today=today, first=first))
        if not problems:
            step = _step(offer, machine=machines[offer.provider, offer.name], stored=stored, entered=entered)
            problems = list(_invalid(step, row=offer.row))
            steps.append(step)
        refusals += problems
    return steps, refusals


def _machines(offers: Sequence[PriceOffer]) -> dict[tuple[str, str], HardwareProfile]:
    providers = {offer.provider for offer in offers}
    return {(row.provider, row.name): row for row in HardwareProfile.objects.filter(provider__in=providers)}


def _stored(machines: Mapping[tuple[str, str], HardwareProfile]) -> dict[Series, dict[date, Price]]:
    found: dict[Series, dict[date, Price]] = {}
    for price in Price.objects.filter(hardware__in=[row.pk for row in machines.values()]):
        series = (price.hardware_id, price.region, price.term, price.currency)
        found.setdefault(series, {})[price.as_of] = price
    return found


def _problems(
    offer: PriceOffer,
    *,
    machines: Mapping[tuple[str, str], HardwareProfile],
    today: date,
    first: dict[tuple[object, ...], int],
) -> Iterator[Refusal]:
    key = tuple(getattr(offer, name) for name in _KEY[1:])
    earlier = first.setdefault(key, offer.row)
    if earlier != offer.row:
        yield Refusal(row=offer.row, field="", message=f"repeats the price of row {earlier}; delete one of the two.")
    if (offer.provider, offer.name) not in machines:
        message = f"{offer.provider} {offer.name} is no known type; correct the name or import its hardware profile."
        yield Refusal(row=offer.row, field="name", message=message)
    if offer.as_of > today:
        message = f"{offer.as_of} lies ahead; enter the day on which the source said so."
        yield Refusal(row=offer.row, field="as_of", message=message)
    if offer.upfront and offer.term not in TERM_MONTHS:
        message = f"the term {offer.term} has no length to spread a payment over; enter 0."
        yield Refusal(row=offer.row, field="upfront", message=message)


def _step(
    offer: PriceOffer, *, machine: HardwareProfile, stored: Mapping[Series, Mapping[date, Price]], entered: bool
) -> _Step:
    days = stored.get((machine.pk, offer.region, offer.term, offer.currency), {})
    newest = days[max(days)] if days else None
    difference = Difference(row=offer.row, kind=Kind.NEW, label=offer.label)
    if not entered and newest and newest.cross_check == CrossCheck.ENTERED:
        remark = f"{newest.source}, as of {newest.as_of}, stays"
        return _Step(difference=replace(difference, kind=Kind.KEPT, remark=remark))
    if offer.as_of in days:
        return _correction(offer, difference, standing=days[offer.as_of], entered=entered)
    row = Price(hardware=machine, **_key_of(offer), **_facts(offer), **_check(offer, entered=entered))
    if newest is None:
        return _Step(difference=difference, create=row)
    return _Step(difference=_against(newest, offer, difference), create=row)


def _correction(offer: PriceOffer, difference: Difference, *, standing: Price, entered: bool) -> _Step:
    """The same day again: nothing new, or the stored row was wrong."""
    facts = _facts(offer) | ({} if entered else {"cross_check_note": offer.cross_check_note})
    changes = changes_between(standing, facts)
    if not changes:
        return _Step(difference=replace(difference, kind=Kind.UNCHANGED))
    for name, value in (_facts(offer) | _check(offer, entered=entered)).items():
        setattr(standing, name, value)
    return _Step(difference=replace(difference, kind=Kind.CHANGED, changes=changes), update=standing)


def _against(newest: Price, offer: PriceOffer, difference: Difference) -> Difference:
    """Another day: a row beside the stored ones, of which the newest counts."""
    if offer.as_of < newest.as_of:
        return replace(difference, remark=f"older than the price as of {newest.as_of}, which still counts")
    money = changes_between(newest, {"hourly": offer.hourly, "upfront": offer.upfront})
    day = FieldChange(name="as_of", old=newest.as_of, new=offer.as_of)
    origin = changes_between(newest, {"source": offer.source})
    return replace(difference, kind=Kind.CHANGED if money else Kind.CONFIRMED, changes=(*money, day, *origin))


def _key_of(offer: PriceOffer) -> dict[str, Any]:
    return {name: getattr(offer, name) for name in ("region", "term", "currency", "as_of")}


def _facts(offer: PriceOffer) -> dict[str, Any]:
    return facts_of(offer, without=(*_KEY, "cross_check_note"))


def _check(offer: PriceOffer, *, entered: bool) -> dict[str, str]:
    if entered:
        return {"cross_check": CrossCheck.ENTERED, "cross_check_note": ""}
    return {"cross_check": CrossCheck.SINGLE_SOURCE, "cross_check_note": offer.cross_check_note}


def _invalid(step: _Step, *, row: int) -> Iterator[Refusal]:
    """What the admin's own form would refuse."""
    price = step.create or step.update
    if price is None:
        return
    try:
        price.clean_fields(exclude=["hardware"])
    except ValidationError as error:
        for field, messages in error.message_dict.items():
            yield Refusal(row=row, field=field, message=" ".join(messages))
