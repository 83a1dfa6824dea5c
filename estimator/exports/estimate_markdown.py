"""An estimate as Markdown, for tickets and design documents."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from estimator.domain.cost.pricing import Money
from estimator.domain.cost.traffic import format_growth
from estimator.domain.statistics import Interval
from estimator.exports.estimate_lines import QUANTILES, Content, Line, estimate_lines
from estimator.models import Estimate
from estimator.services.estimates import frozen_content

_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|~&"})


def markdown_lines(estimate: Estimate) -> Iterator[str]:
    """Title, verdict, costs, assumptions and what is not counted. Raises Tampered."""
    content = frozen_content(estimate)
    lines = list(estimate_lines(estimate))
    yield f"# {_plain(estimate.title)}\n\n"
    yield f"{_plain(content['verdict']['sentence'])}\n\n"
    yield "An estimate, not a bill. Compute only.\n\n"
    yield from _facts(estimate, content)
    yield "\n"
    yield from _table(_HEAD, [_cost_cells(line) for line in lines if line.month and line.number == 1])
    refused = [line for line in lines if line.month is None]
    yield from _list("No cost", [f"{line.row['stack']}: {'; '.join(line.row['reasons'])}" for line in refused])
    assumed = dict.fromkeys(text for row in content["rows"] for text in row["assumptions"])
    yield from _list("Assumed, not measured", assumed)
    yield from _list("Not counted", content["not_counted"])


def _facts(estimate: Estimate, content: Content) -> Iterator[str]:
    yield f"- Traffic target: {_plain(estimate.target_name)}\n"
    if (growth := Interval(**content["traffic"]["growth_per_month"])) != Interval.exact(0.0):
        yield f"- Growth: {format_growth(growth)} a month{'' if growth.is_exact else ' (P10/P50/P90)'}\n"
    if estimate.cost_centre:
        yield f"- Cost centre: {_plain(estimate.cost_centre)}\n"
    for answers in content.get("answers", ())[:1]:
        if told := (answers.get("budget") or {}).get("use_sentence"):
            yield f"- Budget, cheapest fleet: {_plain(told)} {_plain(answers['budget']['sentence'])}\n"
    for rate in content.get("exchange_rates", ()):
        yield f"- Exchange rate: {_plain(rate['sentence'])}\n"
    yield f"- Frozen: {estimate.created_at:%Y-%m-%d %H:%M} UTC\n"
    yield f"- SHA-256 of the content: `{estimate.content_hash}`\n"


_HEAD = (
    *("Stack", "Machine", "Region", "Term", "Instances", "Currency"),
    *("Month P10", "Month P50", "Month P90", "Year P50", "Decided by", "Priced as of"),
)


def _cost_cells(line: Line) -> list[str]:
    row = line.row
    amounts = [*(line.cost(part) for part in QUANTILES), line.year_costs.get("p50")]
    names = [_plain(str(row[name])) for name in ("title", "hardware", "region", "term")]
    money = [_amount(amount, row["currency"]) for amount in amounts]
    return [*names, str(line.instances()), row["currency"], *money, row["binding_constraint"], row["priced_as_of"]]


def _amount(amount: Decimal | None, currency: str) -> str:
    return "" if amount is None else f"{Money(amount=amount, currency=currency).rounded():,f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cells)} |\n"


def _list(title: str, texts: Iterable[str]) -> Iterator[str]:
    texts = list(texts)
    if texts:
        yield f"\n{title}:\n\n"
    for text in texts:
        yield f"- {_plain(text)}\n"


def _plain(text: str) -> str:
    """Text as text: on one line, and none of it is mark-up."""
    return " ".join(text.translate(_MARKS).split())
