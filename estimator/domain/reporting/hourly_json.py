"""Fleets by the hour as plain data, money as decimal strings."""

from collections.abc import Sequence
from typing import Any

from estimator.domain.cost.hourly import HourlyFleet, PolicyCost
from estimator.domain.cost.pricing import TERM_MONTHS, MoneyQuantiles, Price, Term
from estimator.domain.cost.regret import DISCOUNT, FALLS, commitment_regret, present_saving
from estimator.domain.cost.shape import hour_name
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.reporting.answer_rendering import share_json
from estimator.domain.reporting.hourly_trace import explain_hours
from estimator.domain.reporting.hourly_verdict import PolicyVerdict, judge_hours
from estimator.domain.reporting.rendering import listed_json, steps_json
from estimator.domain.reporting.verdict import Comparison

Json = dict[str, Any]


def shape_json(target: TrafficTarget) -> Json:
    """What a shape adds to the traffic; nothing where there is none."""
    if target.shape is None:
        return {}
    return {
        "shape": {
            "name": target.shape.name,
            "peak_to_mean": target.shape.peak,
            "busiest_hour": hour_name(target.shape.busiest_hour),
            "assumed": target.shape.assumed,
            "source": target.shape.source,
        },
        "burst": target.burst,
        "fleet_policy": str(target.policy),
        "boot_s": target.boot_s,
        "allow_spot": target.allow_spot,
    }


def fleets_json(fleets: Sequence[HourlyFleet]) -> Json:
    """All fleets by the hour, and who is cheapest under each policy; nothing where there are none."""
    if not fleets:
        return {}
    verdicts = [policy_verdict_json(verdict) for verdict in judge_hours(fleets)]
    return {"fleets": [hourly_json(fleet) for fleet in fleets], "fleet_verdicts": verdicts}


def hourly_json(fleet: HourlyFleet) -> Json:
    """One stack's fleet through the week; lists of 168 hours start on Monday 00:00 UTC."""
    row, asked, cheapest = fleet.row, fleet.asked, fleet.cheapest
    return {
        "stack": row.stack,
        "title": row.label,
        "hardware": row.hardware.label,
        "region": row.price.region,
        "currency": row.price.currency,
        "lag_h": fleet.lag_h,
        "fixed_instances": fleet.fixed,
        "demand_rps": [float(f"{rate:.6g}") for rate in fleet.demand],
        "load": [float(f"{load:.6g}") for load in fleet.load],
        "instances": list(fleet.instances),
        "policies": [
            {**_policy(cost), **_commitment(fleet, cost), "asked": cost is asked, "cheapest": cost is cheapest}
            for cost in fleet.costs
        ],
        "missing": list(fleet.missing),
        "arithmetic": steps_json(explain_hours(fleet)),
    }


def policy_verdict_json(verdict: PolicyVerdict) -> Json:
    """Who is cheapest under a policy by the hour."""
    return {
        "policy": str(verdict.policy),
        "asked": verdict.asked,
        "sentence": verdict.sentence,
        "outcome": str(verdict.outcome),
        "cheapest": verdict.cheapest,
        "probability": verdict.probability,
        "cheapest_shares": [share_json(share) for share in verdict.cheapest_shares],
        "same_bill_probability": verdict.same_bill,
        "comparisons": [_comparison(one) for one in verdict.comparisons],
    }


def _comparison(found: Comparison) -> Json:
    return {
        "stack": found.stack,
        "other": found.other,
        "saving": str(found.saving.rounded()),
        "currency": found.saving.currency,
        "probability": found.probability,
        "decided": found.decided,
    }


def _policy(cost: PolicyCost) -> Json:
    hours = cost.week_hours
    return {
        "policy": str(cost.policy),
        "base": cost.base,
        **({} if cost.committed is None else {"base_price": _price(cost.committed)}),
        "price": _price(cost.price),
        "week_instance_hours": {"p10": hours.p10, "p50": hours.p50, "p90": hours.p90},
        "monthly_cost": _money(cost.monthly_cost),
        "year_cost": _money(cost.year_cost),
        "expected_year_cost": str(cost.expected_year.rounded()),
    }


def _commitment(fleet: HourlyFleet, cost: PolicyCost) -> Json:
    """What a base is worth today, and what is lost where traffic falls halfway through its term."""
    if cost.committed is None or not cost.base:
        return {}
    halfway = TERM_MONTHS[Term(cost.committed.term)] // 2
    regrets = [commitment_regret(fleet, cost, fall=fall, after_months=halfway) for fall in FALLS]
    return {
        "present_saving": str(present_saving(fleet, cost).rounded()),
        "discount_per_year": f"{DISCOUNT:f}",
        "regrets": [
            {
                "fall": one.fall,
                "after_months": one.after_months,
                "term_months": one.term_months,
                "saved": str(one.saved.rounded()),
                "lost": str(one.lost.rounded()),
                "net": str(one.net.rounded()),
            }
            for one in regrets
        ],
    }


def _price(price: Price) -> Json:
    return {
        "term": str(price.term),
        "hourly": f"{price.hourly.normalize():f}",
        "upfront": f"{price.upfront.normalize():f}",
        "as_of": price.as_of.isoformat(),
        "source": price.source,
        **listed_json(price),
    }


def _money(cost: MoneyQuantiles) -> Json:
    return {"p10": str(cost.p10.rounded()), "p50": str(cost.p50.rounded()), "p90": str(cost.p90.rounded())}
