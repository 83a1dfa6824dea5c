"""moto: AWS machine types as the provider's own API describes them."""

from typing import Any

from estimator.catalogue.sources.package import Package

TYPES = "moto/ec2/resources/instance_types.json.gz"


def descriptions(package: Package) -> dict[str, Any]:
    """The provider's description by type name."""
    return package.json(TYPES)  # type: ignore[no-any-return]


def baseline_network_mbps(description: Any) -> int | None:
    """Sustained bandwidth of all network cards; None where the provider names none."""
    cards = description["NetworkInfo"]["NetworkCards"]
    gbps = sum(card.get("BaselineBandwidthInGbps", 0) for card in cards)
    return round(gbps * 1000) or None
