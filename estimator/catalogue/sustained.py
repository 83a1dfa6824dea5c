"""What burstable types sustain of each vCPU: published figures, noted by hand with their source."""

import csv
from functools import cache

from estimator.catalogue.reader import DATA, CatalogueError

NOTED = DATA / "sustained.csv"


@cache
def sustained_shares() -> dict[tuple[str, str], float]:
    """(provider, name) -> share above 0 and at most 1. Raises CatalogueError naming the row."""
    with NOTED.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    shares = {(row["provider"], row["name"]): float(row["sustained_share"]) for row in rows}
    for name, share in shares.items():
        if not 0 < share <= 1:
            raise CatalogueError(
                f"{NOTED.name}: {' '.join(name)} sustains {share:g}; enter a share above 0, at most 1."
            )
    return shares
