"""Loads the shipped prices of containers, functions and lines; what people entered or deleted is left alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from estimator.catalogue.loader import Counts, apply_rows
from estimator.catalogue.tariff_reader import Row, TariffRows
from estimator.models import ContainerPrice, FunctionPrice, LinePrice
from estimator.models.hardware import CrossCheck
from estimator.services.locks import Turn, take_turn

_KEY = ("provider", "name", "region", "currency", "as_of")


@dataclass(frozen=True, kw_only=True)
class LoadedTariffs:
    """The outcome for each file."""

    containers: Counts
    functions: Counts
    lines: Counts


def load_tariffs(rows: TariffRows) -> LoadedTariffs:
    """Bring the rows to what the files say, in one transaction."""
    with transaction.atomic():
        take_turn(Turn.CATALOGUE)
        return LoadedTariffs(
            containers=_load(ContainerPrice, rows.containers, key=_KEY),
            functions=_load(FunctionPrice, rows.functions, key=_KEY),
            lines=_load(LinePrice, rows.lines, key=(*_KEY, "above")),
        )


def _load(model: Any, rows: Sequence[Row], *, key: tuple[str, ...]) -> Counts:
    offered = {tuple(row[name] for name in key): row for row in rows}
    stored = {tuple(getattr(row, name) for name in key): row for row in model.objects.all()}
    deleted = set(model.history.filter(history_type="-").values_list(*key))
    sources = {row["source"] for row in rows}
    by_hand = {place for place, row in stored.items() if _is_by_hand(row, sources)}
    places = {place[:4] for place in by_hand}
    left_alone = {place for place in offered if place[:4] in places or (place in deleted and place not in stored)}
    return apply_rows(
        {place: {name: value for name, value in row.items() if name not in key} for place, row in offered.items()},
        stored=stored,
        left_alone=left_alone,
        make=lambda place, facts: model(**dict(zip(key, place, strict=True)), **facts),
        model=model,
    )


def _is_by_hand(row: Any, sources: set[str]) -> bool:
    return row.cross_check == CrossCheck.ENTERED or row.source not in sources
