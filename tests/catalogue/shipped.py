"""The catalogue that is shipped, read once."""

from functools import cache

from estimator.catalogue.reader import Catalogue, read_catalogue


@cache
def shipped_catalogue() -> Catalogue:
    """All of it; its rows are values, so tests may share them."""
    return read_catalogue()
