"""p99 by utilisation, from windows at a few rates: what heavy traffic lets one rate tell of another.

The waiting time of a busy queue depends on rho only through (1 - rho): p99 x (1 - rho) is a constant of the service
(Kingman 1961). Over rho 0.7-0.94 it changes by 0 % in M/M/1, by 2 % in M/D/1, by 6 % and 13 % where service times are
hyper-exponential and lognormal (squared variation 4 and 1.7). So its logarithm is taken as a random walk in ln(1 - rho)
that wanders about as little, seen at each rate as well as that rate's bursts allow, and estimated by least squares.
"""

import numpy as np

from estimator.domain.statistics import Floats

WANDER = 0.15  # sigma of the walk per e-fold of 1 - rho: the lognormal queue's 13 % over 1.6 e-folds, rounded up
LAW_SIGMA = 0.03  # on ln(p99 x (1 - rho)): what the law may be wrong by at the knee, however many windows there are
LEAST_IDLE = 0.01  # 1 - rho of an overloaded window, which then hardly counts
# Where tails are exponential the latencies exceeded by 1, 2 and 4 % tell one scale, and more bursts reach the latter.
_SHARES = (0.01, 0.02, 0.04)
_BURST = 4.0  # variance of ln p99, in scale / (seconds x (1 - rho)^2): bursts last 2 scale / (1 - rho)^2 (simulated)
_MOST_VARIANCE = 1.0  # beyond it half the variance says too much; such a rate hardly weighs anyway
_VAGUE = 25.0  # prior variance of the walk's start: nothing is known of it
_TINY = 1e-9
_GRID = 48


def log_p99(shares_over: Floats, log_latencies: Floats) -> Floats:
    """ln p99 from the shares over ascending latencies; (..., latencies) -> (...)."""
    found = [
        _log_quantile(shares_over, log_latencies, share) + np.log(np.log(_SHARES[0]) / np.log(share))
        for share in _SHARES
    ]
    mean: Floats = np.mean(found, axis=0)
    return mean


def _log_quantile(shares_over: Floats, log_latencies: Floats, share: float) -> Floats:
    """Where the share falls to a value; ln(share) linear between two latencies, the ends beyond them."""
    after = np.clip((shares_over > share).sum(axis=-1), 1, log_latencies.size - 1)
    above = np.log(np.take_along_axis(shares_over, after[..., None] - 1, -1)[..., 0] + _TINY)
    below = np.log(np.take_along_axis(shares_over, after[..., None], -1)[..., 0] + _TINY)
    step = np.clip((above - np.log(share)) / np.maximum(above - below, _TINY), 0, 1)
    found: Floats = log_latencies[after - 1] + step * (log_latencies[after] - log_latencies[after - 1])
    return found


def p99_curve(log_p99_ms: Floats, idle: Floats, seconds: Floats) -> tuple[Floats, Floats]:
    """ln(1 - rho), descending, and ln p99 (ms) there; (rows, levels) -> (rows, grid) each.

    `idle` is 1 - rho, `seconds` how long each level was watched; a level of 0 s is not there, unless none is.
    """
    log_idle = np.log(np.clip(idle, LEAST_IDLE, 1.0))
    there = (seconds > 0) | ~(seconds > 0).any(axis=1, keepdims=True)
    widest = np.where(there, log_idle, -np.inf).max(axis=1, keepdims=True)
    grid = widest + np.linspace(0, 1, _GRID) * (np.log(LEAST_IDLE / 2) - widest)
    log_scales = log_p99_ms + log_idle
    variances = _variances(log_scales, log_idle, seconds)
    unbiased = log_scales + np.minimum(variances, _MOST_VARIANCE) / 2  # the logarithm of what scatters is low by that
    walk = _estimated_walk(unbiased, log_idle, variances, grid)
    return grid, np.maximum.accumulate(walk - grid, axis=1)


def _variances(log_scales: Floats, log_idle: Floats, seconds: Floats) -> Floats:
    """Of ln p99 at each level, for the bursts it had time to see."""
    scale_s = np.exp(np.median(log_scales, axis=1, keepdims=True)) / 1000
    variances: Floats = _BURST * scale_s / (np.maximum(seconds, _TINY) * np.exp(2 * log_idle))
    return variances


def _estimated_walk(seen: Floats, places: Floats, variances: Floats, wanted: Floats) -> Floats:
    """The best linear estimate of a random walk from noisy sights of it (kriging with an unknown mean)."""
    between = _VAGUE - WANDER**2 / 2 * np.abs(places[:, :, None] - places[:, None, :])
    across = _VAGUE - WANDER**2 / 2 * np.abs(wanted[:, :, None] - places[:, None, :])
    noise = variances[:, :, None] * np.eye(places.shape[1])
    centre = np.median(seen, axis=1, keepdims=True)
    estimate: Floats = centre + (across @ np.linalg.solve(between + noise, (seen - centre)[:, :, None]))[:, :, 0]
    return estimate
