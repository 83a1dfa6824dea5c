"""What each column of the FOCUS export means here, in which unit and type. Every column that is written has words."""

from collections.abc import Mapping

from estimator.exports.words import DATE, DATE_TIME, DECIMAL, TRUE_OR_FALSE, WHOLE, Word

_MONEY = "BillingCurrency"
_COST = "P50 of the month, exact; upfront payments spread over their term"

FOCUS_WORDS: Mapping[str, Word] = {
    "BilledCost": Word(meaning=f"{_COST}. An estimate, not a bill", unit=_MONEY, type=DECIMAL),
    "BillingAccountId": Word(meaning="The estimate's cost centre; unassigned where it has none"),
    "BillingAccountName": Word(meaning="The estimate's cost centre"),
    "BillingAccountType": Word(meaning="Always Cost centre"),
    "BillingCurrency": Word(meaning="Currency of every amount in the row", unit="ISO 4217"),
    "BillingPeriodEnd": Word(meaning="First moment after the month", unit="UTC", type=DATE_TIME),
    "BillingPeriodStart": Word(meaning="First moment of the month, which lies ahead", unit="UTC", type=DATE_TIME),
    "ChargeCategory": Word(meaning="Always Usage"),
    "ChargeClass": Word(meaning="Always empty: nothing is corrected"),
    "ChargeDescription": Word(meaning="That this is an estimate and no bill, and the fleet in words"),
    "ChargeFrequency": Word(meaning="Always Usage-Based"),
    "ChargePeriodEnd": Word(meaning="As BillingPeriodEnd", unit="UTC", type=DATE_TIME),
    "ChargePeriodStart": Word(meaning="As BillingPeriodStart", unit="UTC", type=DATE_TIME),
    "ContractedCost": Word(meaning="As BilledCost: no discount of a contract is known", unit=_MONEY, type=DECIMAL),
    "EffectiveCost": Word(meaning="As BilledCost", unit=_MONEY, type=DECIMAL),
    "HostProviderName": Word(meaning="The cloud whose machines these would be"),
    "InvoiceIssuerName": Word(meaning="Always this service: nobody else has issued anything"),
    "ListCost": Word(meaning="As BilledCost, at the catalogue's prices", unit=_MONEY, type=DECIMAL),
    "PricingQuantity": Word(meaning="Instances times the 730 hours of a month", unit="h", type=DECIMAL),
    "PricingUnit": Word(meaning="Always Hours"),
    "ProviderName": Word(meaning="The cloud that sells the machines"),
    "PublisherName": Word(meaning="The cloud that makes what it sells"),
    "RegionId": Word(meaning="The provider's name of the region of the price"),
    "RegionName": Word(meaning="As RegionId"),
    "ServiceCategory": Word(meaning="Always Compute"),
    "ServiceName": Word(meaning="Always Virtual machines"),
    "ServiceProviderName": Word(meaning="The cloud that sells the machines"),
    "ServiceSubcategory": Word(meaning="Always Virtual Machines"),
    "x_IsEstimate": Word(meaning="Always true", type=TRUE_OR_FALSE),
    "x_EstimateId": Word(meaning="Id of the estimate", unit="number", type=WHOLE),
    "x_Estimate": Word(meaning="Its title"),
    "x_ContentHash": Word(meaning="SHA-256 of all that was frozen"),
    "x_Framework": Word(meaning="Slug of the stack; the rows with one of them are one deployment"),
    "x_RequestsPerDay": Word(meaning="Traffic of the month, with growth", unit="requests/day", type=DECIMAL),
    "x_CostLowerBound": Word(meaning="P10 of the month", unit=_MONEY, type=DECIMAL),
    "x_CostUpperBound": Word(meaning="P90 of the month", unit=_MONEY, type=DECIMAL),
    "x_Hardware": Word(meaning="Provider and machine type"),
    "x_Instances": Word(meaning="P50 of the fleet in the month", unit="instances", type=WHOLE),
    "x_HourlyPrice": Word(meaning="Of one instance", unit=f"{_MONEY} per hour", type=DECIMAL),
    "x_PricedAsOf": Word(meaning="Day on which the source gave the price", type=DATE),
    "x_ListedCurrency": Word(meaning="Currency in which the source lists the price, where it was converted"),
    "x_ListedHourlyPrice": Word(
        meaning="What the source lists, where it was converted", unit="listed currency per hour", type=DECIMAL
    ),
    "x_ExchangeRate": Word(
        meaning="What the price was converted at", unit="BillingCurrency per listed currency", type=DECIMAL
    ),
    "x_ExchangeRateAsOf": Word(meaning="Day of that rate", type=DATE),
}
