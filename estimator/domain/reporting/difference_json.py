"""The difference of two frozen estimates as plain data: stack by stack, machine by machine, and what has changed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from estimator.domain.reporting.difference import (
    CAUSES,
    FLEET,
    PERFORMANCE,
    PRICE,
    TRAFFIC,
    Difference,
    split_difference,
)
from estimator.domain.reporting.frozen_rows import NotKept, bills_of, cheapest_rows, row_key

Json = dict[str, Any]
Frozen = Mapping[str, Any]


def difference_json(before: Frozen, after: Frozen) -> Json:
    """Two contents as they were frozen. Each stack's cheapest fleet, then each machine that both hold.

    Raises CurrencyMismatch.
    """
    old, new = cheapest_rows(before), cheapest_rows(after)
    stacks, untold = [], [*_missing(old, new, after, "the later estimate"), *_missing(new, old, before, "the base")]
    for stack in [stack for stack in old if stack in new]:
        try:
            stacks.append(_pair(before, old[stack], after, new[stack]))
        except NotKept as reason:
            untold.append({"stack": stack, "title": new[stack]["title"], "reason": str(reason)})
    return {"stacks": stacks, "machines": list(_machines(before, after)), "not_compared": untold}


def _missing(here: Mapping[str, Frozen], there: Mapping[str, Frozen], other: Frozen, name: str) -> Iterator[Json]:
    """Stacks that have a cost on one side alone, with the reasons that the other side gives."""
    refused = {one["stack"]: "; ".join(one["reasons"]) for one in other["refused"]}
    for stack in [stack for stack in here if stack not in there]:
        why = refused.get(stack, "it was not measured")
        yield {"stack": stack, "title": here[stack]["title"], "reason": f"no cost in {name}: {why}"}


def _machines(before: Frozen, after: Frozen) -> Iterator[Json]:
    """Each stack on each machine, region and term that both estimates hold."""
    known = {(row["stack"], *row_key(row)): row for row in before["rows"]}
    for row in after["rows"]:
        old = known.get((row["stack"], *row_key(row)))
        if old and old.get("months") and row.get("months"):
            yield _pair(before, old, after, row)


def _pair(before: Frozen, old: Frozen, after: Frozen, new: Frozen) -> Json:
    (month_before, year_before), (month_after, year_after) = bills_of(before, old), bills_of(after, new)
    month, year = split_difference(month_before, month_after), split_difference(year_before, year_after)
    return {
        "stack": new["stack"],
        "title": new["title"],
        "hardware": {"base": old["hardware"], "estimate": new["hardware"]},
        "currency": new["currency"],
        "sentence": month.sentence,
        "month": _split_json(month),
        "year": _split_json(year),
        "changes": list(_changes(before, old, after, new)),
    }


def _split_json(split: Difference) -> Json:
    """Before + parts = after, in the minor unit; null: a part that is not told alone."""
    parts = split.shown()
    named = {cause.replace(" ", "_"): parts.get(cause) for cause in (*CAUSES, FLEET)}
    return {
        "base": str(split.before.rounded()),
        "estimate": str(split.after.rounded()),
        "difference": str(split.shown_total),
        **{name: None if amount is None else str(amount) for name, amount in named.items()},
        "not_split_because": split.joint or None,
    }


@dataclass(frozen=True, kw_only=True)
class _Fact:
    """Something that may have changed, as text with its unit."""

    cause: str
    name: str
    of: Callable[[Frozen, Frozen], str]


def _changes(before: Frozen, old: Frozen, after: Frozen, new: Frozen) -> Iterator[Json]:
    """The facts that are not the same, by cause."""
    for fact in _FACTS:
        was, now = fact.of(before, old), fact.of(after, new)
        if was != now:
            yield {"cause": fact.cause, "name": fact.name, "base": was, "estimate": now}


def _price(_: Frozen, row: Frozen) -> str:
    return f"{row['hourly_price']} {row['currency']}/h as of {row['priced_as_of']}, {row['price_source']}"


def _upfront(_: Frozen, row: Frozen) -> str:
    return f"{row['upfront_per_instance_month']} {row['currency']} per instance and month"


def _demand(content: Frozen, row: Frozen) -> str:
    demand_ms = next(
        (one.get("service_demand_ms") for one in content["capacities"] if one["stack"] == row["stack"]), None
    )
    return "not kept" if demand_ms is None else f"{demand_ms:.4g} ms of CPU per request"


def _carried(_: Frozen, row: Frozen) -> str:
    rate = row.get("scenario", {}).get("p50_requests_per_second_per_instance")
    return "not kept" if rate is None else f"{rate:,.5g} requests/s at the P50 of the draws"


def _objective(content: Frozen, _: Frozen) -> str:
    return f"p99 {content['traffic']['slo_p99_ms']:g} ms"


def _redundancy(content: Frozen, _: Frozen) -> str:
    traffic = content["traffic"]
    loss = f"{traffic['zones']} zones of which one may be lost" if traffic["survive_zone_loss"] else "no zone loss"
    spares = f", {traffic['spares']} spare" if traffic["spares"] and not traffic["survive_zone_loss"] else ""
    return f"{loss}, at least {traffic['minimum_instances']} instances{spares}"


def _peak(content: Frozen, _: Frozen) -> str:
    traffic = content["traffic"]
    if shape := traffic.get("shape"):
        return f"{shape['name']}, {shape['peak_to_mean']:.4g} at its peak, bursts of {traffic['burst']:g}"
    ratio = traffic["peak_to_mean"]
    return f"{ratio['mid']:g} ({ratio['low']:g} to {ratio['high']:g})"


def _share(name: str) -> Callable[[Frozen, Frozen], str]:
    return lambda content, _: f"{content['traffic'][name] * 100:g} %"


def _requests(content: Frozen, _: Frozen) -> str:
    return str(content["traffic"]["requests_per_day"])


def _growth(content: Frozen, _: Frozen) -> str:
    growth = content["traffic"]["growth_per_month"]
    doubt = f" ({growth['low'] * 100:g} % to {growth['high'] * 100:g} %)" if growth["low"] != growth["high"] else ""
    return f"{growth['mid'] * 100:g} % a month{doubt}"


def _of_row(name: str) -> Callable[[Frozen, Frozen], str]:
    return lambda _, row: str(row[name])


def _workload(content: Frozen, _: Frozen) -> str:
    return str(content["workload"])


_FACTS = (
    _Fact(cause=PRICE, name="machine", of=_of_row("hardware")),
    _Fact(cause=PRICE, name="region", of=_of_row("region")),
    _Fact(cause=PRICE, name="term", of=_of_row("term")),
    _Fact(cause=PRICE, name="price", of=_price),
    _Fact(cause=PRICE, name="upfront payment, spread", of=_upfront),
    _Fact(cause=PERFORMANCE, name="machine", of=_of_row("hardware")),
    _Fact(cause=PERFORMANCE, name="run", of=_of_row("run")),
    _Fact(cause=PERFORMANCE, name="workload", of=_workload),
    _Fact(cause=PERFORMANCE, name="objective", of=_objective),
    _Fact(cause=PERFORMANCE, name="service demand D on the benchmark host", of=_demand),
    _Fact(cause=PERFORMANCE, name="an instance carries", of=_carried),
    _Fact(cause=TRAFFIC, name="requests a day", of=_requests),
    _Fact(cause=TRAFFIC, name="peak over mean", of=_peak),
    _Fact(cause=TRAFFIC, name="growth", of=_growth),
    _Fact(cause=TRAFFIC, name="headroom", of=_share("headroom")),
    _Fact(cause=TRAFFIC, name="redundancy", of=_redundancy),
)
