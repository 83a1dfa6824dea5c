"""Tariffs of what is rented by use: containers, functions, and the lines that may stand beside compute."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property

from estimator.domain.cost.exchange import ExchangeRate
from estimator.domain.cost.pricing import HOURS_PER_MONTH, Money, PriceNotListed, refuse_other_base

MIB_PER_GIB = 1024
PER_MILLION = Decimal(1_000_000)


class GridError(ValueError):
    """A text that names no sizes; the message shows what one looks like."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a figure comes from, and whether a second source objects."""

    source: str
    as_of: date
    licence: str = ""
    disputed: str = ""  # why two sources differ by more than 2 %
    rate: ExchangeRate | None = None  # what its prices were converted at

    @property
    def told(self) -> str:
        """Source and day, and the rate where the price was listed in another currency."""
        converted = f", at {self.rate.quoted} as of {self.rate.as_of.isoformat()}" if self.rate else ""
        return f"{self.source or 'price list'}, {self.as_of.isoformat()}{converted}"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class ContainerSize:
    """One size a container can have."""

    vcpus: Decimal
    memory_gib: Decimal

    @property
    def label(self) -> str:
        """As people say it."""
        return f"{self.vcpus.normalize():f} vCPU, {self.memory_gib.normalize():f} GiB"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class FunctionSize:
    """One memory size a function can have, and the vCPUs that come with it."""

    memory_mib: int
    vcpus: Decimal

    @property
    def gib(self) -> Decimal:
        """Exact: sizes are whole MiB."""
        return Decimal(self.memory_mib) / MIB_PER_GIB

    @property
    def label(self) -> str:
        """As people say it."""
        return f"{self.memory_mib:,} MiB"


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """What every tariff tells, whatever is rented: where, in which currency, and on whose word."""

    provider: str
    name: str
    region: str
    currency: str = "USD"
    origin: Origin

    @property
    def label(self) -> str:
        """Provider and name, as shown."""
        return f"{self.provider} {self.name}"

    @property
    def as_of(self) -> date:
        """The day of its prices."""
        return self.origin.as_of

    @property
    def place(self) -> tuple[str, ...]:
        """What is priced, whatever the currency."""
        return self.provider, self.name, self.region


@dataclass(frozen=True, kw_only=True)
class ContainerTariff(Tariff):
    """Containers by vCPU-hour and GiB-hour, on a grid of sizes."""

    vcpu_hour: Decimal
    gib_hour: Decimal
    per_million_requests: Decimal = Decimal(0)  # 0: requests cost nothing here
    sizes: tuple[ContainerSize, ...]
    free_tier: str = ""  # said, never counted

    def __post_init__(self) -> None:
        """A missing price is never free."""
        _refuse_unpriced(self.label, self.region, self.vcpu_hour, self.gib_hour)

    def converted(self, rate: ExchangeRate) -> "ContainerTariff":
        """The same in the rate's other currency; exact."""
        refuse_other_base(rate, self.currency)
        return replace(
            self,
            currency=rate.quote,
            vcpu_hour=self.vcpu_hour * rate.rate,
            gib_hour=self.gib_hour * rate.rate,
            per_million_requests=self.per_million_requests * rate.rate,
            origin=replace(self.origin, rate=rate),
        )

    def hourly(self, size: ContainerSize) -> Decimal:
        """One container of that size for an hour; exact."""
        return self.vcpu_hour * size.vcpus + self.gib_hour * size.memory_gib

    def vcpu_month(self, size: ContainerSize, containers: int) -> Money:
        """The vCPU part of a month of 730 h; exact."""
        return Money(amount=self.vcpu_hour * size.vcpus * containers * HOURS_PER_MONTH, currency=self.currency)

    def memory_month(self, size: ContainerSize, containers: int) -> Money:
        """The memory part of a month of 730 h; exact."""
        return Money(amount=self.gib_hour * size.memory_gib * containers * HOURS_PER_MONTH, currency=self.currency)

    def requests_month(self, requests: Decimal) -> Money:
        """What the requests themselves cost; exact."""
        return Money(amount=self.per_million_requests * requests / PER_MILLION, currency=self.currency)


@dataclass(frozen=True, kw_only=True)
class FunctionTariff(Tariff):
    """Functions by request and by GiB-second, and by vCPU-second where the provider bills that apart."""

    per_million_requests: Decimal
    gib_second: Decimal
    vcpu_second: Decimal = Decimal(0)  # 0: the memory's price holds it
    granularity_ms: int
    minimum_ms: int = 0
    concurrency: int | None = None  # requests at once an account may serve before it asks for more
    sizes: tuple[FunctionSize, ...]
    free_tier: str = ""  # said, never counted

    def __post_init__(self) -> None:
        """A missing price is never free, and time is billed in steps."""
        _refuse_unpriced(self.label, self.region, self.per_million_requests, self.gib_second)
        if self.granularity_ms < 1 or self.minimum_ms < 0:
            raise ValueError(f"{self.label}: granularity_ms starts at 1 and minimum_ms at 0; correct the tariff.")

    def converted(self, rate: ExchangeRate) -> "FunctionTariff":
        """The same in the rate's other currency; exact."""
        refuse_other_base(rate, self.currency)
        return replace(
            self,
            currency=rate.quote,
            per_million_requests=self.per_million_requests * rate.rate,
            gib_second=self.gib_second * rate.rate,
            vcpu_second=self.vcpu_second * rate.rate,
            origin=replace(self.origin, rate=rate),
        )

    def second(self, size: FunctionSize) -> Decimal:
        """What one billed second costs; exact."""
        return size.gib * self.gib_second + size.vcpus * self.vcpu_second


@dataclass(frozen=True, kw_only=True, slots=True)
class Tier:
    """A price that holds from a quantity per month on."""

    above: Decimal
    unit_price: Decimal


@dataclass(frozen=True, kw_only=True)
class LineTariff(Tariff):
    """What one unit of something beside compute costs, in tiers of the month's quantity."""

    line: str
    unit: str
    tiers: tuple[Tier, ...]
    sizes: tuple[int, ...] = ()  # vCPUs of a server, for databases
    origin: Origin = field(compare=False)

    def __post_init__(self) -> None:
        """The first tier starts at nothing, and none is free."""
        if not self.tiers or self.tiers[0].above != 0:
            raise PriceNotListed(f"{self.label}, from the first {self.unit} on,", self.region)
        _refuse_unpriced(self.label, self.region, *(tier.unit_price for tier in self.tiers))

    @property
    def place(self) -> tuple[str, ...]:
        """What is priced, whatever the currency."""
        return *super().place, self.line

    def converted(self, rate: ExchangeRate) -> "LineTariff":
        """The same in the rate's other currency; exact."""
        refuse_other_base(rate, self.currency)
        tiers = (replace(tier, unit_price=tier.unit_price * rate.rate) for tier in self.tiers)
        return replace(self, currency=rate.quote, tiers=tuple(tiers), origin=replace(self.origin, rate=rate))

    @cached_property
    def ends(self) -> tuple[Decimal | None, ...]:
        """Where each tier ends; None for the last."""
        return (*(tier.above for tier in self.tiers[1:]), None)

    def cost(self, quantity: Decimal) -> Money:
        """A month's quantity through all its tiers; exact."""
        amount = Decimal(0)
        for tier, end in zip(self.tiers, self.ends, strict=True):
            within = max(Decimal(0), (quantity if end is None else min(quantity, end)) - tier.above)
            amount += within * tier.unit_price
        return Money(amount=amount, currency=self.currency)


def container_sizes(text: str) -> tuple[ContainerSize, ...]:
    """Sizes from `vcpus:GiB-GiB/step` parted by spaces, such as `0.5:1-4/1 1:2-8/1`. Raises GridError."""
    try:
        return tuple(size for part in _parts(text) for size in _sizes_of(part))
    except (ValueError, InvalidOperation):
        raise GridError(
            f"sizes: {text!r} cannot be read; write vcpus:GiB-GiB/step such as 0.5:1-4/1 1:2-8/1."
        ) from None


def _sizes_of(part: str) -> list[ContainerSize]:
    vcpus, memory = part.split(":")
    ends, step = memory.split("/")
    low, high = map(Decimal, ends.split("-"))
    if not (Decimal(vcpus) > 0 and 0 < low <= high and Decimal(step) > 0):
        raise ValueError(part)
    count = int((high - low) / Decimal(step)) + 1
    return [ContainerSize(vcpus=Decimal(vcpus), memory_gib=low + Decimal(step) * index) for index in range(count)]


def function_sizes(text: str) -> tuple[FunctionSize, ...]:
    """Sizes from `MiB:vcpus` parted by spaces, such as `128:0.0724 1769:1`, in rising order. Raises GridError."""
    try:
        pairs = [part.split(":") for part in _parts(text)]
        sizes = tuple(FunctionSize(memory_mib=int(mib), vcpus=Decimal(vcpus)) for mib, vcpus in pairs)
        if any(size.memory_mib < 1 or size.vcpus <= 0 for size in sizes) or list(sizes) != sorted(sizes):
            raise ValueError(text)
    except (ValueError, InvalidOperation):
        raise GridError(
            f"sizes: {text!r} cannot be read; write MiB:vCPUs in rising order, such as 128:0.07 1769:1."
        ) from None
    return sizes


def _parts(text: str) -> list[str]:
    parts = text.split()
    if not parts:
        raise ValueError(text)
    return parts


def _refuse_unpriced(label: str, region: str, *prices: Decimal) -> None:
    if any(price <= 0 for price in prices):
        raise PriceNotListed(label, region)
