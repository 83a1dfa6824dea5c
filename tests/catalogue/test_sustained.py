"""What burstable types sustain: every figure has a source, and only types that nobody tells of have none."""

import csv

from estimator.catalogue.sustained import NOTED, sustained_shares
from tests.catalogue.shipped import shipped_catalogue


def test_shares_are_noted_of_burstable_types_with_their_source() -> None:
    burstable = {(row.provider, row.name) for row in shipped_catalogue().hardware if row.burstable}
    assert sustained_shares().keys() <= burstable
    assert {provider for provider, _ in burstable - sustained_shares().keys()} == {"vultr"}  # it tells none
    with NOTED.open(newline="", encoding="utf-8") as lines:
        assert all(row["source"] and row["read_on"] and row["licence"] for row in csv.DictReader(lines))


def test_shares_are_the_published_ones() -> None:
    """AWS: credits an hour / vCPUs / 60; Azure: the machine's base performance over its vCPUs."""
    shares = sustained_shares()
    assert shares["aws", "t3.nano"] == 6 / 2 / 60
    assert shares["aws", "t4g.xlarge"] == 96 / 4 / 60
    assert shares["azure", "Standard_B4ms"] == 0.90 / 4
    assert shares["gcp", "e2-micro"] == 0.25 / 2
