"""Loads the shipped catalogue into the database: adds, refreshes its own rows, leaves alone what people entered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db import transaction
from django.db.models import Model
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from estimator.catalogue.reader import Catalogue, HardwareRow, PriceRow
from estimator.catalogue.sustained import sustained_shares
from estimator.models import HardwareProfile, Price
from estimator.models.hardware import CrossCheck
from estimator.services.locks import Turn, take_turn

_REASON = "shipped catalogue"
_HARDWARE_KEY = ("provider", "name")
_HARDWARE_FACTS = tuple(field.name for field in fields(HardwareRow) if field.name not in _HARDWARE_KEY)
_PRICE_KEY = ("provider", "name", "region", "term", "currency", "as_of")
_PRICE_FACTS = tuple(field.name for field in fields(PriceRow) if field.name not in _PRICE_KEY)

Key = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What became of the rows of one file. `kept` were left alone because of what a person entered or deleted."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0

    def __str__(self) -> str:
        return f"{self.added} added, {self.updated} updated, {self.unchanged} unchanged, {self.kept} left to your edits"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """The outcome for both files; `disagreeing` prices were loaded with their sources' disagreement."""

    hardware: Counts
    prices: Counts
    disagreeing: int

    @property
    def changed_anything(self) -> bool:
        """Whether a row was added or updated."""
        return any(counts.added or counts.updated for counts in (self.hardware, self.prices))


def load_catalogue(catalogue: Catalogue) -> Loaded:
    """Bring the rows to what the catalogue says, in one transaction.

    A row is the catalogue's as long as its source is one that the catalogue cites; any other source was entered by a
    person, and so was a price marked as entered. Rows that a person deleted do not come back.
    """
    with transaction.atomic():
        take_turn(Turn.CATALOGUE)
        hardware = _load_hardware(catalogue.hardware)
        prices = _load_prices(catalogue.prices)
    disagreeing = sum(row.cross_check == CrossCheck.DISAGREES for row in catalogue.prices)
    return Loaded(hardware=hardware, prices=prices, disagreeing=disagreeing)


def _load_hardware(rows: Sequence[HardwareRow]) -> Counts:
    sources = {row.source for row in rows}
    stored = {(row.provider, row.name): row for row in HardwareProfile.objects.all()}
    deleted = set(HardwareProfile.history.filter(history_type="-").values_list(*_HARDWARE_KEY))
    return apply_rows(
        {(row.provider, row.name): _facts(row) for row in rows},
        stored=stored,
        left_alone={key for key, row in stored.items() if row.source not in sources} | (deleted - stored.keys()),
        make=lambda key, facts: HardwareProfile(provider=key[0], name=key[1], **facts),
        model=HardwareProfile,
    )


def _facts(row: HardwareRow) -> dict[str, Any]:
    """With what a burstable type sustains, where somebody tells."""
    share = sustained_shares().get((row.provider, row.name)) if row.burstable else None
    return {**{name: getattr(row, name) for name in _HARDWARE_FACTS}, "sustained_share": share}


def _load_prices(rows: Sequence[PriceRow]) -> Counts:
    hardware = {(row.provider, row.name): row for row in HardwareProfile.objects.only("pk", *_HARDWARE_KEY)}
    stored = {_key(price): price for price in Price.objects.select_related("hardware")}
    offered = {tuple(getattr(row, name) for name in _PRICE_KEY): row for row in rows}
    return apply_rows(
        {key: {name: getattr(row, name) for name in _PRICE_FACTS} for key, row in offered.items()},
        stored=stored,
        left_alone=_prices_left_alone(offered, stored=stored, hardware=hardware),
        make=lambda key, facts: Price(
            hardware=hardware[key[:2]], region=key[2], term=key[3], currency=key[4], as_of=key[5], **facts
        ),
        model=Price,
    )


def _key(price: Price) -> Key:
    machine = price.hardware
    return (machine.provider, machine.name, price.region, price.term, price.currency, price.as_of)


def _prices_left_alone(
    offered: Mapping[Key, PriceRow], *, stored: Mapping[Key, Price], hardware: Mapping[Key, HardwareProfile]
) -> set[Key]:
    """Deleted ones, those of deleted machine types, and all where the newest price was entered by a person."""
    sources = {row.source for row in offered.values()}
    newest = {key[:5]: stored[key] for key in sorted(stored)}  # the day comes last: later rows replace earlier ones
    by_hand = {key for key, price in newest.items() if _is_by_hand(price, sources)}
    deleted = _deleted_prices(hardware)
    return {
        key
        for key in offered
        if key[:2] not in hardware
        or key[:5] in by_hand
        or (_is_by_hand(stored[key], sources) if key in stored else key in deleted)
    }


def _is_by_hand(price: Price, sources: set[str]) -> bool:
    return price.cross_check == CrossCheck.ENTERED or price.source not in sources


def _deleted_prices(hardware: Mapping[Key, HardwareProfile]) -> set[Key]:
    machine = {row.pk: key for key, row in hardware.items()}
    gone = Price.history.filter(history_type="-").values_list("hardware_id", "region", "term", "currency", "as_of")
    return {(*machine[pk], *rest) for pk, *rest in gone if pk in machine}


def apply_rows(
    offered: Mapping[Key, Mapping[str, Any]],
    *,
    stored: Mapping[Key, Any],
    left_alone: set[Key],
    make: Any,
    model: type[Model],
) -> Counts:
    """Add what is new, change what differs, leave alone what shall be; `offered`: facts by key of one model's rows."""
    open_keys = [key for key in offered if key not in left_alone]
    new = [make(key, offered[key]) for key in open_keys if key not in stored]
    changed = [stored[key] for key in open_keys if key in stored and _take_over(stored[key], offered[key])]
    bulk_create_with_history(new, model, batch_size=500, default_change_reason=_REASON)
    if changed:
        names = list(next(iter(offered.values())))
        bulk_update_with_history(changed, model, names, batch_size=500, default_change_reason=_REASON)
    unchanged = len(open_keys) - len(new) - len(changed)
    return Counts(added=len(new), updated=len(changed), unchanged=unchanged, kept=len(offered) - len(open_keys))


def _take_over(row: Model, facts: Mapping[str, Any]) -> bool:
    """Set what differs; False when nothing does."""
    different = {name: value for name, value in facts.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)
