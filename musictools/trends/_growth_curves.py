"""Curves of growth: the share of those who will ever come that has come by an age.

* ``bass``: F(t) = (1 - E) / (1 + q/p E), E = exp(-(p + q) t). Some come by themselves (p), some
  because others did (q). Parameters log p, log q.
* ``gompertz``: F(t) = exp(-exp(-k (t - peak))). Fast at first, then long in coming to its end.
  Parameters log k, peak.
"""

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]

#: Names of the parameters, as readers see them.
NAMES = {"bass": ("p", "q"), "gompertz": ("k", "peak")}
#: Which of them are kept as logs.
LOGS = {"bass": (True, True), "gompertz": (True, False)}


def bass_share(t: Floats, p: Floats | float, q: Floats | float) -> Floats:
    """Bass' share of adopters at age t; 0 before the launch."""
    decay = np.exp(-(p + q) * np.maximum(t, 0.0))
    share: Floats = (1.0 - decay) / (1.0 + q / p * decay)
    return share


def gompertz_share(t: Floats, k: Floats | float, peak: Floats | float) -> Floats:
    """Gompertz' share at age t; never quite 0."""
    # Beyond 50 the share is nothing, and the exponential would leave the range of floats.
    share: Floats = np.exp(-np.exp(np.minimum(-k * (t - peak), 50.0)))
    return share


def shares(model: str, theta: Floats, t: Floats) -> Floats:
    """Give the share at ages: ``theta`` (..., 2), ``t`` (..., ages); result (..., ages)."""
    first, second = np.exp(theta[..., 0, None]), theta[..., 1, None]
    if model == "bass":
        return bass_share(t, first, np.exp(second))
    return gompertz_share(t, first, second)


def slopes(model: str, theta: Floats, t: Floats) -> tuple[Floats, Floats, Floats]:
    """Give the share at ages, and its slopes by both parameters."""
    first, second = np.exp(theta[..., 0, None]), theta[..., 1, None]
    if model == "bass":
        p, q, t = first, np.exp(second), np.maximum(t, 0.0)
        decay = np.exp(-(p + q) * t)
        ratio = q / p * decay
        below = 1.0 + ratio
        share = (1.0 - decay) / below
        # By p and q themselves: of 1 - E it is t E, of q/p E it is what follows.
        by_p = (t * decay + share * ratio * (1.0 / p + t)) / below
        by_q = (t * decay - share * (decay / p - ratio * t)) / below
        return share, by_p * p, by_q * q
    z = np.minimum(-first * (t - second), 50.0)
    rate = np.exp(z)
    share = np.exp(-rate)
    inner = share * rate
    return share, inner * first * (t - second), -inner * first


def peaks(model: str, theta: Floats) -> Floats:
    """Give the age at which most come; 0 where it only falls."""
    if model == "gompertz":
        return np.asarray(np.maximum(theta[..., 1], 0.0))
    p, q = np.exp(theta[..., 0]), np.exp(theta[..., 1])
    return np.asarray(np.maximum(np.log(q / p) / (p + q), 0.0))


def limits(model: str, span: float) -> tuple[Floats, Floats]:
    """Give least and greatest parameters, for ages in steps up to ``span``."""
    if model == "bass":
        return np.log([1e-9, 1e-5]), np.log([0.9, 5.0])
    return np.array([np.log(0.02 / span), -2.0 * span]), np.array([np.log(5.0), 4.0 * span])


def starts(model: str, span: float) -> Floats:
    """Give where to look first: fast and slow, with a peak before, within and after the data."""
    speeds = np.array([1.5, 3.0, 6.0, 12.0, 24.0, 48.0]) / span
    places = np.array([0.05, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5]) * span
    if model == "gompertz":
        grid = [(np.log(k), at) for k in speeds for at in (-0.5 * span, *places)]
    else:
        # At the peak E is p/q, so p follows from q and the age of the peak.
        grid = [(np.log(q) - q * at, np.log(q)) for q in speeds for at in places]
        grid += [(np.log(p), np.log(0.1 * p)) for p in np.array([0.3, 1.0, 3.0, 8.0]) / span]
    low, high = limits(model, span)
    return np.asarray(np.clip(np.array(grid), low, high))
