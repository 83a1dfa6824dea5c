"""One price as one source lists it, before it is weighed against the other sources."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from estimator.catalogue.sources.package import Package

PriceKey = tuple[str, str, str, str]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What a source asks for one machine type per hour, in USD; `hourly` 0 means that the source has no figure."""

    package: Package
    as_of: date
    provider: str
    name: str
    region: str
    hourly: Decimal
    term: str = "on_demand"
    remark: str = ""

    @property
    def key(self) -> PriceKey:
        return (self.provider, self.name, self.region, self.term)

    @property
    def origin(self) -> str:
        return f"{self.package.name} {self.package.version} ({self.as_of})"


def exact(number: float | Decimal) -> Decimal:
    """The decimal that a floating-point price was written as."""
    return number if isinstance(number, Decimal) else Decimal(repr(number))
