"""When requests are meant to start, fixed before the first is sent."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

_NS_PER_S = 1_000_000_000
_SURPLUS_DRAWS = 6  # standard deviations: a second draw is almost never needed


def arrivals_ns(*, rate: float, duration_s: float, spacing: str, seed: int) -> list[int]:
    """Intended starts in ns from zero, ascending, all before `duration_s`; `rate` in requests/s, above 0.

    `spacing` is "poisson" (independent users) or "constant" (round(rate x duration) arrivals, the first at 0).
    """
    if rate <= 0 or duration_s <= 0:
        raise ValueError(
            f"A schedule needs a rate and a duration above 0, not {rate:g} requests/s and {duration_s:g} s."
        )
    seconds = _SPACINGS[spacing](rate, duration_s, seed)
    arrivals: list[int] = (seconds * _NS_PER_S).astype(np.int64).tolist()
    return arrivals


def _poisson(rate: float, duration_s: float, seed: int) -> npt.NDArray[np.float64]:
    generator = np.random.default_rng(seed)
    expected = rate * duration_s
    size = int(expected + _SURPLUS_DRAWS * expected**0.5) + 16
    seconds = np.cumsum(generator.exponential(1 / rate, size))
    while seconds[-1] < duration_s:
        seconds = np.append(seconds, seconds[-1] + np.cumsum(generator.exponential(1 / rate, size)))
    return seconds[seconds < duration_s]


def _constant(rate: float, duration_s: float, seed: int) -> npt.NDArray[np.float64]:
    return np.arange(round(rate * duration_s)) / rate


_SPACINGS: dict[str, Callable[[float, float, int], npt.NDArray[np.float64]]] = {
    "poisson": _poisson,
    "constant": _constant,
}
