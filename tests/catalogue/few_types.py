"""The shipped catalogue cut down to the reference types: the same rows, loaded in no time."""

from estimator.catalogue.reader import Catalogue
from tests.catalogue.shipped import shipped_catalogue


def reference_catalogue() -> Catalogue:
    """One type of each cloud, with all its shipped prices."""
    shipped = shipped_catalogue()
    hardware = tuple(row for row in shipped.hardware if row.reference)
    names = {row.name for row in hardware}
    return Catalogue(hardware=hardware, prices=tuple(price for price in shipped.prices if price.name in names))
