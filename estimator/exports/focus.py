"""Estimates in the shape of FOCUS 1.4 or 1.2 (FinOps Open Cost and Usage Specification), dataset Cost and Usage.

It is no bill: each row says so, and its charge periods lie in the future. Of each stack the cheapest fleet is
exported, so that the rows with one `x_Framework` are one deployment and their costs add up to its year.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from estimator.domain.cost.pricing import HOURS_PER_MONTH
from estimator.exports.csv_text import Cell
from estimator.exports.estimate_lines import Line, estimate_lines
from estimator.models import Estimate

VERSIONS = ("1.4", "1.2")  # the first is written unless another is asked for
# FOCUS 1.3 replaced two columns; both of them name the cloud here, which hosts and sells what it makes.
_NAMES_OF_1_2 = {"HostProviderName": "PublisherName", "ServiceProviderName": "ProviderName"}
_PROVIDERS = {"aws": "AWS", "azure": "Microsoft", "gcp": "Google Cloud", "oci": "Oracle Cloud", "vultr": "Vultr"}
_OURSELVES = "Traffic cost estimator"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _provider(line: Line) -> str:
    provider = str(line.row["hardware"]).partition(" ")[0]
    return _PROVIDERS.get(provider, provider)


def _description(line: Line) -> str:
    fleet = f"{line.instances()} x {line.row['hardware']} in {line.row['region']}, {line.row['term']}"
    return f"Estimate, no bill: {line.row['title']} on {fleet}, compute only"


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _hours(line: Line) -> Decimal:
    return (line.instances() or 0) * HOURS_PER_MONTH


_FOCUS: Mapping[str, Callable[[Line], Cell]] = {
    "BilledCost": lambda line: line.cost("p50"),
    "BillingAccountId": lambda line: line.estimate.cost_centre or "unassigned",
    "BillingAccountName": lambda line: line.estimate.cost_centre or None,
    "BillingAccountType": lambda line: "Cost centre",
    "BillingCurrency": lambda line: line.row["currency"],
    "BillingPeriodEnd": lambda line: _time(line.ends_at),
    "BillingPeriodStart": lambda line: _time(line.starts_at),
    "ChargeCategory": lambda line: "Usage",
    "ChargeClass": lambda line: None,
    "ChargeDescription": _description,
    "ChargeFrequency": lambda line: "Usage-Based",
    "ChargePeriodEnd": lambda line: _time(line.ends_at),
    "ChargePeriodStart": lambda line: _time(line.starts_at),
    "ContractedCost": lambda line: line.cost("p50"),
    "EffectiveCost": lambda line: line.cost("p50"),
    "HostProviderName": _provider,
    "InvoiceIssuerName": lambda line: _OURSELVES,
    "ListCost": lambda line: line.cost("p50"),
    "PricingQuantity": _hours,
    "PricingUnit": lambda line: "Hours",
    "RegionId": lambda line: line.row["region"],
    "RegionName": lambda line: line.row["region"],
    "ServiceCategory": lambda line: "Compute",
    "ServiceName": lambda line: "Virtual machines",
    "ServiceProviderName": _provider,
    "ServiceSubcategory": lambda line: "Virtual Machines",
}
_OWN: Mapping[str, Callable[[Line], Cell]] = {
    "x_IsEstimate": lambda line: "true",
    "x_EstimateId": lambda line: line.estimate.pk,
    "x_Estimate": lambda line: line.estimate.title,
    "x_ContentHash": lambda line: line.estimate.content_hash,
    "x_Framework": lambda line: line.row["stack"],
    "x_RequestsPerDay": lambda line: line.requests_per_day(),
    "x_CostLowerBound": lambda line: line.cost("p10"),
    "x_CostUpperBound": lambda line: line.cost("p90"),
    "x_Hardware": lambda line: line.row["hardware"],
    "x_Instances": lambda line: line.instances(),
    "x_HourlyPrice": lambda line: line.hourly_price,
    "x_PricedAsOf": lambda line: line.row["priced_as_of"],
    "x_ListedCurrency": lambda line: line.listed.get("currency"),
    "x_ListedHourlyPrice": lambda line: _number(line.listed.get("hourly_price")),
    "x_ExchangeRate": lambda line: _number(line.listed.get("exchange_rate")),
    "x_ExchangeRateAsOf": lambda line: line.listed.get("exchange_rate_as_of"),
}
_COLUMNS = {**_FOCUS, **_OWN}


def focus_header(version: str) -> tuple[str, ...]:
    """One of VERSIONS' columns, ours last; versions differ in names, not in values."""
    names = _NAMES_OF_1_2 if version == "1.2" else {}
    return tuple(names.get(name, name) for name in _COLUMNS)


def focus_rows(estimate: Estimate) -> Iterator[list[Cell]]:
    """The rows under the header of any version, one for each stack and month. Raises Tampered."""
    lines = [line for line in estimate_lines(estimate) if line.month]
    chosen = _cheapest(lines)
    for line in lines:
        if line.row is chosen[line.row["stack"]]:
            yield [value(line) for value in _COLUMNS.values()]


def _cheapest(lines: list[Line]) -> dict[str, Mapping[str, object]]:
    """Of each stack the row whose first month costs least."""
    by_cost = sorted((line for line in lines if line.number == 1), key=lambda line: line.cost("p50") or 0, reverse=True)
    return {line.row["stack"]: line.row for line in by_cost}
