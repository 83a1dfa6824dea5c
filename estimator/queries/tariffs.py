"""The newest prices of containers, functions and lines, as the domain sees them."""

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import Any, TypeVar

from estimator.domain.cost.tariffs import (
    ContainerTariff,
    FunctionTariff,
    LineTariff,
    Origin,
    Tier,
    container_sizes,
    function_sizes,
)
from estimator.domain.reporting.alternatives import Tariffs
from estimator.models import ContainerPrice, FunctionPrice, LinePrice
from estimator.models.hardware import CrossCheck
from estimator.models.tariffs import Tariff
from estimator.queries.exchange import told_in

_Tariff = TypeVar("_Tariff", ContainerTariff, FunctionTariff, LineTariff)
_PLACE = ("provider", "name", "region", "currency")


def newest_tariffs(*, regions: Collection[str], currency: str) -> Tariffs:
    """What may be rented by use in the regions, in a currency; a disputed price is in it with its dispute."""
    asked: dict[str, Any] = {"region__in": regions}
    return Tariffs(
        containers=_told(currency, map(_container, _newest(ContainerPrice, asked))),
        functions=_told(currency, map(_function, _newest(FunctionPrice, asked))),
        lines=_told(currency, map(_line, _tiers(asked))),
    )


def _told(currency: str, tariffs: Iterable[_Tariff]) -> tuple[_Tariff, ...]:
    """Without those that no exchange rate brings into the currency."""
    return tuple(tariff for tariff in told_in(currency, list(tariffs)) if tariff.currency == currency)


def _newest(model: Any, asked: dict[str, Any]) -> list[Any]:
    return list(model.objects.filter(**asked).order_by(*_PLACE, "-as_of").distinct(*_PLACE))


def _tiers(asked: dict[str, Any]) -> list[list[LinePrice]]:
    """The rows of each line's newest day, tier by tier."""
    rows = LinePrice.objects.filter(**asked).order_by(*_PLACE, "-as_of", "above")
    places = groupby(rows, key=lambda row: tuple(getattr(row, name) for name in _PLACE))
    days = [list(own) for _, own in places]
    return [[row for row in own if row.as_of == own[0].as_of] for own in days]


def _container(row: ContainerPrice) -> ContainerTariff:
    return ContainerTariff(
        provider=row.provider,
        name=row.name,
        region=row.region,
        currency=row.currency,
        vcpu_hour=row.vcpu_hour,
        gib_hour=row.gib_hour,
        per_million_requests=row.per_million_requests,
        sizes=container_sizes(row.sizes),
        free_tier=row.free_tier,
        origin=_origin(row),
    )


def _function(row: FunctionPrice) -> FunctionTariff:
    return FunctionTariff(
        provider=row.provider,
        name=row.name,
        region=row.region,
        currency=row.currency,
        per_million_requests=row.per_million_requests,
        gib_second=row.gib_second,
        vcpu_second=row.vcpu_second,
        granularity_ms=row.granularity_ms,
        minimum_ms=row.minimum_ms,
        concurrency=row.concurrency,
        sizes=function_sizes(row.sizes),
        free_tier=row.free_tier,
        origin=_origin(row),
    )


def _line(rows: list[LinePrice]) -> LineTariff:
    first = rows[0]
    return LineTariff(
        provider=first.provider,
        region=first.region,
        line=first.line,
        name=first.name,
        unit=first.unit,
        currency=first.currency,
        tiers=tuple(Tier(above=row.above, unit_price=row.unit_price) for row in rows),
        sizes=tuple(map(int, first.servers.split())),
        origin=_origin(first),
    )


def _origin(row: Tariff) -> Origin:
    return Origin(
        source=f"{row.source} {row.source_version}".strip(),
        as_of=row.as_of,
        licence=row.licence,
        disputed=row.cross_check_note or "sources disagree" if row.cross_check == CrossCheck.DISAGREES else "",
    )
