"""Loads exchange rates into the database; what people entered or deleted is left alone."""

from collections.abc import Sequence

from django.db import transaction

from estimator.catalogue.loader import Counts, apply_rows
from estimator.catalogue.reference_rates import KEY, Row
from estimator.models import ExchangeRate
from estimator.models.audit import Verb
from estimator.services.audit import record
from estimator.services.locks import Turn, take_turn


def load_rates(rows: Sequence[Row]) -> Counts:
    """Bring the rates to what the rows say, in one transaction. A later day is a row of its own."""
    offered = {tuple(row[name] for name in KEY): row for row in rows}
    sources = {row["source"] for row in rows}
    with transaction.atomic():
        take_turn(Turn.CATALOGUE)
        stored = {tuple(getattr(row, name) for name in KEY): row for row in ExchangeRate.objects.all()}
        deleted = set(ExchangeRate.history.filter(history_type="-").values_list(*KEY))
        by_hand = {key for key, row in stored.items() if row.source not in sources}
        counts = apply_rows(
            {key: {name: value for name, value in row.items() if name not in KEY} for key, row in offered.items()},
            stored=stored,
            left_alone=by_hand | (deleted - stored.keys()),
            make=lambda key, facts: ExchangeRate(**dict(zip(KEY, key, strict=True)), **facts),
            model=ExchangeRate,
        )
        if counts.added or counts.updated:
            record(Verb.IMPORTED, noun="exchange rate", label=str(rows[0]["source"]), detail=str(counts))
    return counts
