"""Answers about a row as plain data: odds, bill by month, budget and sensitivity; money as decimal strings."""

from decimal import Decimal
from typing import Any

from estimator.domain.cost.cheapest import CheapestShare
from estimator.domain.cost.pricing import MoneyQuantiles
from estimator.domain.reporting.answers import RowAnswers
from estimator.domain.reporting.budget import BudgetAnswer, Threshold
from estimator.domain.reporting.migration import HORIZON_MONTHS, Payback, Range, Unanswered
from estimator.domain.reporting.sensitivity import Sensitivity, Swing

Json = dict[str, Any]


def answers_json(answers: RowAnswers) -> Json:
    """One row's answers, with the names that find the row."""
    row = answers.row
    return {
        "stack": row.stack,
        "hardware": row.hardware.label,
        "region": row.price.region,
        "currency": row.price.currency,
        "instance_odds": [{"instances": count, "probability": round(share, 4)} for count, share in answers.odds],
        "monthly_costs": [
            {"month": month, "monthly_cost": money_json(bill)} for month, bill in enumerate(answers.bills, start=1)
        ],
        **({} if answers.budget is None else {"budget": _budget_json(answers.budget)}),
        "sensitivity": _sensitivity_json(answers.sensitivity),
    }


def share_json(share: CheapestShare) -> Json:
    """How often a stack is cheapest: by itself, or tied with others."""
    return {"stack": share.stack, "alone": share.alone, "tied": share.tied}


def money_json(cost: MoneyQuantiles) -> Json:
    """P10, P50 and P90 in the currency's minor unit."""
    return {"p10": str(cost.p10.rounded()), "p50": str(cost.p50.rounded()), "p90": str(cost.p90.rounded())}


def _budget_json(answer: BudgetAnswer) -> Json:
    """Months count from 1; null: not within the months projected."""
    return {
        "monthly_budget": str(answer.budget.rounded()),
        "months": answer.months,
        "first_month_over": {"p50": answer.p50_month, "p90": answer.p90_month},
        "sentence": answer.sentence,
        "status": str(answer.status),
        "used": {"p50": _share(answer.used_p50), "p90": _share(answer.used_p90)},
        "use_sentence": answer.use_sentence,
        "thresholds": [_threshold_json(one) for one in answer.thresholds],
    }


def _threshold_json(one: Threshold) -> Json:
    return {
        "percent": one.percent,
        "limit": str(one.limit.rounded()),
        "crossed_by": one.crossed_by,
        "first_month_over": {"p50": one.p50_month, "p90": one.p90_month},
    }


def _share(used: Decimal) -> float:
    return round(float(used), 4)


def _sensitivity_json(sensitivity: Sensitivity) -> Json:
    return {
        "monthly_cost": str(sensitivity.cost.rounded()),
        "swings": [_swing_json(swing) for swing in sensitivity.swings],
    }


def _swing_json(swing: Swing) -> Json:
    return {
        "input": swing.name,
        "unit": swing.unit,
        "low": swing.low,
        "mid": swing.mid,
        "high": swing.high,
        "monthly_cost_low": str(swing.cost_low.rounded()),
        "monthly_cost_high": str(swing.cost_high.rounded()),
        "swing": str(swing.swing.rounded()),
        "load_low": swing.load_low,
        "load_high": swing.load_high,
    }


def migration_json(answer: Payback | Unanswered) -> Json:
    """A migration with its payback month, or the reason why there is none. Months count from 1; null is never."""
    case = answer.case
    low, middle, high = case.cost
    found = {
        "name": case.name,
        "from_stack": case.from_stack,
        "to_stack": case.to_stack,
        "currency": case.currency,
        "hours": _span_json(case.hours),
        "hourly_rate": _span_json(case.rate),
        "cost": {"low": str(low.rounded()), "mid": str(middle.rounded()), "high": str(high.rounded())},
        "source": case.source,
        "horizon_months": HORIZON_MONTHS,
    }
    if isinstance(answer, Unanswered):
        return found | dict.fromkeys(_ANSWERED) | {"reason": answer.reason}
    months = answer.months
    return found | {
        "saving_per_month": str(answer.saving.rounded()),
        "payback_month": {"p10": months.p10, "p50": months.p50, "p90": months.p90},
        "probability_within_a_year": answer.within_a_year,
        "probability_never": answer.never,
        "sentence": answer.sentence,
        "reason": None,
    }


_ANSWERED = ("saving_per_month", "probability_within_a_year", "probability_never", "sentence")


def _span_json(span: Range) -> Json:
    return {"low": f"{span.low:f}", "high": f"{span.high:f}"}
