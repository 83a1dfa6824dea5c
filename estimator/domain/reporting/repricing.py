"""A frozen estimate at other prices: its own fleets, none sized anew, so that nothing but the price has changed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from estimator.domain.cost.pricing import HOURS_PER_MONTH, Money, Price
from estimator.domain.reporting.frozen_rows import cheapest_rows, monthly_price, p50_of, row_key
from estimator.domain.reporting.rendering import listed_json, plain_price, rate_json

Json = dict[str, Any]
Frozen = Mapping[str, Any]
PriceKey = tuple[str, str, str, str]
NOT_RANKED = "not ranked"
NOT_PRICED_AGAIN = (
    "machines that the estimate did not hold, containers, functions, fleets by the hour, lines beside compute, paybacks"
)
_DISPUTED = "disputed price: "
_PARTS = ("p10", "p50", "p90")


@dataclass(frozen=True, kw_only=True)
class NewPrice:
    """What an instance costs now: by the hour, and its share of an upfront payment in a month."""

    hourly: Decimal
    upfront_share: Decimal
    as_of: str
    source: str
    disputed: str = ""
    listed: Json = field(default_factory=dict)  # as the row says it, where the price was converted
    rate: Json | None = None

    @property
    def monthly(self) -> Decimal:
        """730 h and the share."""
        return self.hourly * HOURS_PER_MONTH + self.upfront_share


def listed_price(price: Price) -> NewPrice:
    """Of a price list."""
    return NewPrice(
        hourly=price.hourly,
        upfront_share=Decimal(plain_price(price.monthly - price.hourly * HOURS_PER_MONTH)),
        as_of=price.as_of.isoformat(),
        source=price.source,
        disputed=price.disputed,
        listed=listed_json(price),
        rate=rate_json(price.rate) if price.rate else None,
    )


def frozen_prices(content: Frozen) -> dict[PriceKey, NewPrice]:
    """Those that an estimate rests on. Raises NotKept."""
    rates = {rate["base"]: dict(rate) for rate in content.get("exchange_rates", ())}
    return {row_key(row): _frozen_price(row, rates) for row in content["rows"]}


def _frozen_price(row: Frozen, rates: Mapping[str, Json]) -> NewPrice:
    listed = row.get("listed")
    hourly = Decimal(row["hourly_price"])
    return NewPrice(
        hourly=hourly,
        upfront_share=monthly_price(row).amount - hourly * HOURS_PER_MONTH,
        as_of=row["priced_as_of"],
        source=row["price_source"],
        disputed=next((text.removeprefix(_DISPUTED) for text in row["warnings"] if text.startswith(_DISPUTED)), ""),
        listed={"listed": listed} if listed else {},
        rate=rates.get(listed["currency"]) if listed else None,
    )


def reprice(content: Frozen, prices: Mapping[PriceKey, NewPrice], *, name: str, origin: Mapping[str, Any]) -> Json:
    """The content at `prices`, called `name` in its sentences; `origin` tells what was priced again. Raises NotKept.

    Rows without a price are left out and said so. What rests on draws that were not kept is left out too.
    """
    priced = [row for row in content["rows"] if row_key(row) in prices]
    unpriced = [row for row in content["rows"] if row_key(row) not in prices]
    rows = [_priced_again(content, row, prices[row_key(row)]) for row in priced]
    kept = {name: part for name, part in content.items() if name not in _BY_THE_HOUR}
    return kept | {
        "rows": rows,
        "verdict": _verdict(content, {"rows": rows}, name, origin),
        "refused": [*content["refused"], *_refused(priced, unpriced, name)],
        "excluded": list(_excluded(unpriced, name)),
        "not_counted": [*content["not_counted"], NOT_PRICED_AGAIN],
        "repriced": dict(origin),
        "exchange_rates": _rates([prices[row_key(row)] for row in priced]),
        **{part: [] for part in _LEFT_OUT},
    }


def _rates(prices: Iterable[NewPrice]) -> list[Json]:
    """What the new prices were converted at, each once."""
    found = {price.rate["base"]: price.rate for price in prices if price.rate}
    return list(found.values())


_BY_THE_HOUR = ("fleets", "fleet_verdicts")
_LEFT_OUT = ("answers", "sweep", "containers", "functions", "lines", "lines_totals", "unserved", "migrations")


def _priced_again(content: Frozen, row: Frozen, price: NewPrice) -> Json:
    """The same instances, P10 to P90, at another price."""
    monthly, currency = price.monthly, row["currency"]
    months = _instance_months(content, row)
    millions = Decimal(content["traffic"]["requests_per_month"]) / 1_000_000
    per_million = row["instances_range"]["p50"] * monthly / millions
    warnings = [text for text in row["warnings"] if not text.startswith(_DISPUTED)]
    return {
        **{name: value for name, value in row.items() if name != "listed"},
        **price.listed,
        "hourly_price": f"{price.hourly.normalize():f}",
        "upfront_per_instance_month": plain_price(price.upfront_share),
        "priced_as_of": price.as_of,
        "price_source": price.source,
        "monthly_cost": _costs(row["instances_range"], monthly, currency),
        "year_cost": _costs(months, monthly, currency),
        "cost_per_million_requests": f"{per_million.quantize(Decimal('0.000001')):f}",
        "warnings": [*warnings, *([_DISPUTED + price.disputed] if price.disputed else [])],
        "arithmetic": [*_steps_before_money(row), _money_step(row, price)],
    }


def _costs(counts: Mapping[str, int], monthly: Decimal, currency: str) -> dict[str, str]:
    return {part: str(Money(amount=counts[part] * monthly, currency=currency).rounded()) for part in _PARTS}


def _instance_months(content: Frozen, row: Frozen) -> dict[str, int]:
    """Of the year. With growth in doubt they are not those of the months: the bill tells how many it was made of."""
    growth, monthly = content["traffic"]["growth_per_month"], monthly_price(row).amount
    if growth["low"] == growth["high"]:
        return {part: sum(int(month["instances"][part]) for month in row["months"]) for part in _PARTS}
    return {part: int((Decimal(row["year_cost"][part]) / monthly).to_integral_value()) for part in _PARTS}


def _steps_before_money(row: Frozen) -> Iterator[Frozen]:
    return (step for step in row.get("arithmetic", ()) if not step["name"].startswith("monthly cost"))


def _money_step(row: Frozen, price: NewPrice) -> Json:
    currency, count = row["currency"], row["instances_range"]["p50"]
    origin = f"{price.source}, {price.as_of}, {row['region']}, {row['term']}"
    given = [
        {"name": "instances P50", "value": count, "unit": "instances", "origin": "the estimate that is priced again"},
        {"name": "hourly price", "value": plain_price(price.hourly), "unit": f"{currency}/h", "origin": origin},
    ]
    if price.upfront_share:
        share = {"name": "upfront share", "value": plain_price(price.upfront_share)}
        given.append({**share, "unit": f"{currency} per instance and month", "origin": origin})
    return {
        "name": "monthly cost, P50 of the draws",
        "formula": "instances x (730 h x hourly price" + (" + upfront share)" if price.upfront_share else ")"),
        "inputs": given,
        "value": f"{(count * price.monthly).normalize():f}",
        "unit": f"{currency}/month",
    }


def _verdict(content: Frozen, again: Frozen, name: str, origin: Mapping[str, Any]) -> Json:
    """Bills, and whether they are the same; who is cheapest how surely would need the draws."""
    rows = sorted(cheapest_rows(again).values(), key=p50_of)
    same = len(rows) > 1 and p50_of(rows[0]) == p50_of(rows[-1])
    outcome = ("no stack", "one stack")[len(rows)] if len(rows) < 2 else "same cost" if same else NOT_RANKED
    return {
        "sentence": _sentence(rows, outcome, name, origin),
        "outcome": outcome,
        "same_cost": same,
        "cheapest": rows[0]["stack"] if outcome == "one stack" else None,
        "capacity_comparisons": content["verdict"].get("capacity_comparisons", []),
        **dict.fromkeys(_UNKNOWN),
        **{part: [] for part in ("cheapest_shares", "comparisons", "first_to_grow", "at_ten_times")},
    }


_UNKNOWN = ("probability", "same_bill_probability", "indifference_requests_per_day", "difference_at_ten_times")


def _sentence(rows: list[Frozen], outcome: str, name: str, origin: Mapping[str, Any]) -> str:
    start = f"The fleets of estimate {origin['estimate']} at {name}"
    if not rows:
        return f"{start}: no machine of it has a price there."
    bills = ", ".join(_bill(row) for row in rows)
    ends = {
        "same cost": " The bills are the same.",
        NOT_RANKED: " They are not ranked: how sure an order is needs draws, which a new projection makes.",
    }
    return f"{start}, per month: {bills}.{ends.get(outcome, '')}"


def _bill(row: Frozen) -> str:
    amount = Money(amount=p50_of(row), currency=row["currency"])
    return f"{row['title']} {amount} ({row['instances']:,} x {row['hardware']})"


def _refused(priced: list[Frozen], unpriced: list[Frozen], name: str) -> Iterator[Json]:
    """Stacks that have no row left."""
    left = {row["stack"] for row in priced}
    for row in {row["stack"]: row for row in unpriced if row["stack"] not in left}.values():
        reason = f"none of its machines has a price among {name}; make a new projection"
        yield {"stack": row["stack"], "reasons": [reason], "warnings": [], "run": row["run"]}


def _excluded(unpriced: list[Frozen], name: str) -> Iterator[Json]:
    if unpriced:
        machines = list(dict.fromkeys(row["hardware"] for row in unpriced))
        yield {"stack": None, "reason": f"no price in its region, term and currency among {name}", "hardware": machines}
