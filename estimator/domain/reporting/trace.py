"""The arithmetic of a figure: named steps with formula, inputs with unit and origin, and value."""

from dataclasses import dataclass
from decimal import Decimal

from estimator.domain.cost.costing import DRAWS, CostRow
from estimator.domain.cost.pricing import Price
from estimator.domain.cost.shape import hour_name
from estimator.domain.cost.sizing import CONTENTION
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.performance.capacity import SLOT_USE

Number = Decimal | float | int


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """One input of a step."""

    name: str
    value: Number
    unit: str
    origin: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One line of arithmetic."""

    name: str
    formula: str
    inputs: tuple[Given, ...]
    value: Number
    unit: str


def explain(row: CostRow) -> tuple[Step, ...]:
    """The P50-input scenario of a row, step by step in exact order, and last what the draws made of it."""
    return (*_rate_steps(row), *_capacity_steps(row), *_fleet_steps(row), *_money_steps(row))


def _rate_steps(row: CostRow) -> tuple[Step, ...]:
    target = row.fleet.target
    origin = f"traffic target {target.name!r}"
    mean = Step(
        name="mean rate",
        formula="requests per day / 86,400 s",
        inputs=(Given(name="requests per day", value=target.requests_per_day, unit="requests/day", origin=origin),),
        value=target.mean_rate,
        unit="requests/s",
    )
    peak = Step(
        name="rate to carry",
        formula=f"mean rate x {'peak/mean' if target.shape is None else 'busiest hour x burst'} x (1 + headroom)",
        inputs=(
            Given(name="mean rate", value=target.mean_rate, unit="requests/s", origin="the step above"),
            *_peak_inputs(target),
            Given(name="headroom", value=target.headroom, unit="share", origin=origin),
        ),
        value=rate_to_carry(row),
        unit="requests/s",
    )
    return mean, peak


def _peak_inputs(target: TrafficTarget) -> tuple[Given, ...]:
    """The shape's own peak and nothing on top; without a shape the ratio."""
    origin = f"traffic target {target.name!r}"
    if target.shape is None:
        return (Given(name="peak/mean", value=target.peak_to_mean.mid, unit="ratio", origin=origin),)
    busiest = f"shape {target.shape.name!r}, {hour_name(target.shape.busiest_hour)}"
    return (
        Given(name="busiest hour", value=target.shape.peak, unit="of the mean", origin=busiest),
        Given(name="burst", value=target.burst, unit="ratio", origin=origin),
    )


def rate_to_carry(row: CostRow) -> float:
    """Requests/s at the peak, with headroom, in the P50-input scenario."""
    target = row.fleet.target
    return target.mean_rate * target.peak.mid * (1 + target.headroom)


def carried_at_p50(row: CostRow) -> float:
    """Requests/s that one instance carries at the P50 of the draws: rate to carry over it is the load of P50."""
    return rate_to_carry(row) / (row.fleet.load.p50 * row.fleet.target.mean_rate)


def _capacity_steps(row: CostRow) -> tuple[Step, ...]:
    return (_demand(row), _carried(row), _knee(row), _cpu_rate(row), *_slot_steps(row), _instance_rate(row))


def _run(row: CostRow) -> str:
    return f"run {row.run}" if row.run else "measured"


def _demand(row: CostRow) -> Step:
    capacity = row.fleet.capacity
    inputs = tuple(
        Given(name=f"D of block {block.block}", value=block.service_demand_s, unit="CPU-s/request", origin=_run(row))
        for block in capacity.blocks
    )
    return Step(
        name="service demand D on the benchmark host",
        formula="geometric mean of the blocks (app CPU-seconds / requests, windows with rho >= 0.7)",
        inputs=inputs,
        value=capacity.service_demand_s,
        unit="CPU-s/request",
    )


def _carried(row: CostRow) -> Step:
    carrying = row.fleet.carrying
    origin = f"{carrying.basis.value}, {carrying.doubt}"
    return Step(
        name=f"service demand on {row.hardware.label}",
        formula="D_B = D x (y_A s_A) / (y_B s_B)",
        inputs=(
            Given(name="D", value=row.fleet.capacity.service_demand_s, unit="CPU-s/request", origin="the step above"),
            Given(name="(y_A s_A) / (y_B s_B)", value=carrying.middle_ratio, unit="ratio", origin=origin),
        ),
        value=row.fleet.middle.service_demand_s,
        unit="CPU-s/request",
    )


def _knee(row: CostRow) -> Step:
    middle, target = row.fleet.middle, row.fleet.target
    return Step(
        name="knee utilisation u*",
        formula="highest rho with at most 1 % over T_A = W + (T - W) D / D_B (isotonic, pooled by planned rate)",
        inputs=(
            Given(name="T", value=target.objective_ms, unit="ms p99", origin=f"traffic target {target.name!r}"),
            Given(name="W", value=row.fleet.capacity.waiting_s * 1000, unit="ms", origin="waits on any machine"),
            Given(name="T_A", value=middle.objective_host_ms, unit="ms p99", origin="scaled with the work"),
        ),
        value=middle.knee,
        unit="share of a core",
    )


def _cpu_rate(row: CostRow) -> Step:
    middle, packing = row.fleet.middle, row.fleet.packing
    busiest = _run(row) if middle.utilisation == middle.knee else f"what {row.hardware.label} sustains, below the knee"
    return Step(
        name="capacity of an instance by its CPU",
        formula="u* x vCPUs x s(w) / D_B, s(w) = (1 + sigma (w_A - 1)) / (1 + sigma (w - 1))",
        inputs=(
            Given(name="u*", value=middle.utilisation, unit="share of a core", origin=busiest),
            Given(name="vCPUs", value=packing.cores, unit="vCPU", origin=row.hardware.label),
            Given(name="w", value=packing.workers, unit="workers", origin="one per measured core's worth"),
            Given(name="w_A", value=row.fleet.capacity.limits.workers, unit="workers", origin=_run(row)),
            Given(name="sigma", value=CONTENTION.mid, unit="per worker", origin="prior, log-uniform 0.001-0.02"),
            Given(name="D_B", value=middle.service_demand_s, unit="CPU-s/request", origin="above"),
        ),
        value=middle.cpu_rate,
        unit="requests/s",
    )


def _slot_steps(row: CostRow) -> tuple[Step, ...]:
    middle = row.fleet.middle
    if middle.slots is None or middle.slot_rate is None:
        return ()
    step = Step(
        name="capacity of an instance by its slots",
        formula="0.8 x slots / R_B (Little's law)",
        inputs=(
            Given(name="share of slots", value=SLOT_USE, unit="share", origin="cost model"),
            Given(name="slots", value=middle.slots, unit="requests at once", origin="workers x threads or held pool"),
            Given(name="R_B", value=middle.response_s, unit="s", origin="D_B + waiting + queries x round trip"),
        ),
        value=middle.slot_rate,
        unit="requests/s",
    )
    return (step,)


def _instance_rate(row: CostRow) -> Step:
    middle = row.fleet.middle
    rates = {"cpu": middle.cpu_rate, "slots": middle.slot_rate, "network": middle.network_rate}
    inputs = tuple(
        Given(name=name, value=rate, unit="requests/s", origin="above" if name != "network" else row.hardware.label)
        for name, rate in rates.items()
        if rate is not None
    )
    return Step(
        name="capacity of an instance",
        formula="the least of its limits",
        inputs=inputs,
        value=middle.rate,
        unit="requests/s",
    )


def _fleet_steps(row: CostRow) -> tuple[Step, ...]:
    rule, load = row.fleet.rule, rate_to_carry(row) / row.fleet.middle.rate
    policy = rule.redundancy
    inputs = [
        Given(name="rate to carry", value=rate_to_carry(row), unit="requests/s", origin="above"),
        Given(name="C_B", value=row.fleet.middle.rate, unit="requests/s", origin="above"),
        Given(name="minimum", value=policy.minimum_instances, unit="instances", origin="redundancy"),
    ]
    if policy.survive_zone_loss:
        formula = "max(Z x ceil(k / (Z - 1)), Z x ceil(minimum / Z)), k = ceil(rate / C_B)"
        inputs.append(Given(name="Z", value=policy.zones, unit="zones", origin="redundancy"))
    else:
        formula = "max(minimum, k + spares), k = ceil(rate / C_B)"
        inputs.append(Given(name="spares", value=policy.spares, unit="instances", origin="redundancy"))
    step = Step(name="instances", formula=formula, inputs=tuple(inputs), value=rule.instances(load), unit="instances")
    return (step,)


def _money_steps(row: CostRow) -> tuple[Step, ...]:
    price, instances = row.price, row.fleet.rule.instances(rate_to_carry(row) / row.fleet.middle.rate)
    currency = f"{price.currency}/month"
    origin = f"{price.told}, {price.region}, {price.term}"
    given = [Given(name="hourly price", value=price.hourly, unit=f"{price.currency}/h", origin=origin)]
    if price.upfront:
        given.append(Given(name="upfront", value=price.upfront, unit=price.currency, origin=origin))
    scenario = Step(
        name="monthly cost, every input at its middle",
        formula="instances x (730 h x hourly price" + (" + upfront / months of the term)" if price.upfront else ")"),
        inputs=(Given(name="instances", value=instances, unit="instances", origin="above"), *given),
        value=price.monthly * instances,
        unit=currency,
    )
    return *_conversion(price), scenario, _drawn(row, currency)


def _conversion(price: Price) -> tuple[Step, ...]:
    """Nothing where the price is listed in the currency that was asked for."""
    listed, rate = price.listed, price.rate
    if listed is None or rate is None:
        return ()
    unit = f"{rate.quote} per {rate.base}"
    step = Step(
        name=f"hourly price in {price.currency}",
        formula="listed price x exchange rate",
        inputs=(
            Given(name="listed price", value=listed.hourly, unit=f"{listed.currency}/h", origin=listed.told),
            Given(name="exchange rate", value=rate.rate, unit=unit, origin=rate.sentence),
        ),
        value=price.hourly,
        unit=f"{price.currency}/h",
    )
    return (step,)


def _drawn(row: CostRow, currency: str) -> Step:
    counts, cost = row.instances, row.monthly_cost
    return Step(
        name="monthly cost, P50 of the draws",
        formula=f"{DRAWS:,} seeded draws of D, u*, speed, SMT yield, contention and peak; 730 h x price x instances",
        inputs=(
            Given(name="instances P10", value=counts.p10, unit="instances", origin="draws"),
            Given(name="instances P50", value=counts.p50, unit="instances", origin="draws"),
            Given(name="instances P90", value=counts.p90, unit="instances", origin="draws"),
            Given(name="cost P10", value=cost.p10.amount, unit=currency, origin="draws"),
            Given(name="cost P90", value=cost.p90.amount, unit=currency, origin="draws"),
        ),
        value=cost.p50.amount,
        unit=currency,
    )
