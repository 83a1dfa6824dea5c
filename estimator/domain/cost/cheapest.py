"""How often each stack is cheapest, over draws that all stacks share. Equal bills are ties, not wins."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from estimator.domain.statistics import Floats

_EQUAL = 1e-9  # bills this near to each other are one bill: float products of price and count differ in the last place


@dataclass(frozen=True, kw_only=True, slots=True)
class CheapestShare:
    """Shares of the draws in which a stack has the lowest bill: by itself, or together with others."""

    stack: str
    alone: float
    tied: float


def cheapest_shares(drawn: Mapping[str, Floats]) -> tuple[CheapestShare, ...]:
    """For each stack, in the order given; `drawn` holds each stack's bill in every draw."""
    lowest = _lowest(drawn)
    alone = lowest & (lowest.sum(axis=0) == 1)
    return tuple(
        CheapestShare(stack=stack, alone=float(own.mean()), tied=float((all_ways & ~own).mean()))
        for stack, own, all_ways in zip(drawn, alone, lowest, strict=True)
    )


def same_bill_share(drawn: Mapping[str, Floats]) -> float:
    """The share of the draws in which every stack has the same bill."""
    return float(_lowest(drawn).all(axis=0).mean())


def _lowest(drawn: Mapping[str, Floats]) -> np.typing.NDArray[np.bool_]:
    """Which stacks have the lowest bill; (stacks, draws)."""
    bills = np.array(list(drawn.values()))
    lowest: np.typing.NDArray[np.bool_] = bills <= bills.min(axis=0) * (1 + _EQUAL)
    return lowest
