"""The arithmetic of a fleet by the hour: from the week's instance-hours to the bill of each policy."""

from estimator.domain.cost.hourly import HourlyFleet, PolicyCost
from estimator.domain.cost.pricing import HOURS_PER_MONTH, Price
from estimator.domain.cost.shape import HOURS_PER_WEEK, hour_name
from estimator.domain.cost.traffic import FleetPolicy
from estimator.domain.reporting.trace import Given, Step

_ABOVE = "the step above"


def explain_hours(fleet: HourlyFleet) -> tuple[Step, ...]:
    """The week at the P50 of the draws, then each policy's month."""
    steps = [_busiest(fleet), _quietest(fleet), _week(fleet)]
    for cost in fleet.costs:
        steps += [] if cost.committed is None else [_base(cost, cost.committed)]
        steps.append(_month(cost))
    return tuple(steps)


def _busiest(fleet: HourlyFleet) -> Step:
    hour = fleet.load.index(max(fleet.load))
    return _instances(fleet, hour, f"instances in the busiest hour, {hour_name(hour)}", fleet.fixed)


def _quietest(fleet: HourlyFleet) -> Step:
    hour = fleet.instances.index(min(fleet.instances))
    return _instances(fleet, hour, f"instances in the quietest hour, {hour_name(hour)}", fleet.instances[hour])


def _instances(fleet: HourlyFleet, hour: int, name: str, value: int) -> Step:
    target = fleet.row.fleet.target
    ahead = max(fleet.load[(hour + step) % HOURS_PER_WEEK] for step in range(fleet.lag_h + 1))
    return Step(
        name=name,
        formula="the redundancy rule on the greatest load of the hour and of those that the lag looks ahead",
        inputs=(
            Given(name="load", value=ahead, unit="instances' worth", origin="P50 of the draws, headroom included"),
            Given(name="lag", value=fleet.lag_h, unit="h", origin=f"boot {target.boot_s:g} s and measured cold start"),
        ),
        value=value,
        unit="instances",
    )


def _week(fleet: HourlyFleet) -> Step:
    return Step(
        name="autoscaled instance-hours of a week",
        formula="the sum over 168 hours of the instances in each",
        inputs=(
            Given(name="least", value=min(fleet.instances), unit="instances", origin="above"),
            Given(name="most", value=max(fleet.instances), unit="instances", origin="above"),
        ),
        value=sum(fleet.instances),
        unit="instance-hours",
    )


def _base(cost: PolicyCost, committed: Price) -> Step:
    return Step(
        name=f"committed base, {committed.term}",
        formula="the least expected cost: one more only where it is needed in more than c / p of the hours",
        inputs=(
            Given(name="c", value=committed.monthly, unit=f"{committed.currency}/month", origin=_origin(committed)),
            Given(name="p", value=cost.price.monthly, unit=f"{cost.price.currency}/month", origin=_origin(cost.price)),
        ),
        value=cost.base,
        unit="instances",
    )


def _month(cost: PolicyCost) -> Step:
    hours = cost.week_hours.p50
    inputs = [
        Given(name="instance-hours", value=hours, unit="h/week", origin="P50 of the draws"),
        Given(
            name="hourly price", value=cost.price.hourly, unit=f"{cost.price.currency}/h", origin=_origin(cost.price)
        ),
    ]
    upfront = " + upfront / months of the term" if cost.price.upfront else ""
    formula = f"instance-hours / {HOURS_PER_WEEK} x ({HOURS_PER_MONTH} h x hourly price{upfront})"
    if cost.committed is not None:
        formula = f"base x c + {formula}"
        inputs.append(Given(name="base", value=cost.base, unit="instances", origin=_ABOVE))
        inputs.append(Given(name="c", value=cost.committed.monthly, unit="per month", origin=_ABOVE))
    return Step(
        name=f"monthly cost, {_title(cost)}",
        formula=formula,
        inputs=tuple(inputs),
        value=cost.monthly_cost.p50.amount,
        unit=f"{cost.price.currency}/month",
    )


def _title(cost: PolicyCost) -> str:
    if cost.policy is FleetPolicy.FIXED:
        return "fixed at the peak"
    return "autoscaled" if cost.committed is None else f"committed base ({cost.committed.term})"


def _origin(price: Price) -> str:
    return f"{price.told}, {price.region}, {price.term}"
