"""Shapes of decay: formulas, starts, bounds and half-lives.

Values are scaled to 1 at the largest, and parameters are logs, so that none can be below zero:

* ``exponential``: ``exp(a - k t)``; a, log k. The same part is lost in each step.
* ``stretched``: ``exp(a - (k t)**s)``; a, log k, log s. Fast first, then slower, for s < 1.
* ``power``: ``exp(a) (1 + t / c)**-p``; a, log c, log p. A long tail.
* ``biexponential``: ``A exp(-k t) + B exp(-m t) + floor``; logs of A, k, B, m and the floor.
"""

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]

#: From the simplest: of two that do equally well the earlier is taken.
MODELS = ("exponential", "power", "stretched", "biexponential")
#: Numbers that the compiled loop knows them by.
KINDS = {"exponential": 0, "stretched": 1, "power": 2, "biexponential": 3}
SIZES = {"exponential": 2, "stretched": 3, "power": 3, "biexponential": 5}

_LN2 = float(np.log(2))


def means(model: str, theta: Floats, t: Floats) -> Floats:
    """Give curves at ages: ``theta`` (..., parameters), ``t`` (ages); result (..., ages)."""
    th = theta[..., None]
    if model == "biexponential":
        parts = [np.exp(th[..., i, :] - np.exp(th[..., i + 1, :]) * t) for i in (0, 2)]
        return np.asarray(parts[0] + parts[1] + np.exp(th[..., 4, :]))
    if model == "exponential":
        fallen = np.exp(th[..., 1, :]) * t
    elif model == "stretched":
        fallen = (np.exp(th[..., 1, :]) * t) ** np.exp(th[..., 2, :])
    else:
        fallen = np.exp(th[..., 2, :]) * np.log1p(t * np.exp(-th[..., 1, :]))
    return np.asarray(np.exp(th[..., 0, :] - fallen))


def half_lives(model: str, theta: Floats) -> Floats:
    """Give the age at which each curve is at half of what it is at age 0; infinite where never."""
    if model == "exponential":
        return np.asarray(_LN2 * np.exp(-theta[..., 1]))
    if model == "stretched":
        return np.asarray(np.exp(np.log(_LN2) * np.exp(-theta[..., 2]) - theta[..., 1]))
    if model == "power":
        return np.asarray(np.exp(theta[..., 1]) * np.expm1(_LN2 * np.exp(-theta[..., 2])))
    aim = means(model, theta, np.zeros(1))[..., 0] / 2
    never = np.exp(theta[..., 4]) >= aim
    # Between the half-lives of the faster and something beyond the slower: halve the gap.
    low = np.full(theta.shape[:-1], -30.0)
    high = np.full(theta.shape[:-1], 30.0)
    for _ in range(60):
        middle = (low + high) / 2
        values = (
            np.exp(theta[..., 0] - np.exp(theta[..., 1] + middle))
            + np.exp(theta[..., 2] - np.exp(theta[..., 3] + middle))
            + np.exp(theta[..., 4])
        )
        above = values > aim
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.asarray(np.where(never, np.inf, np.exp((low + high) / 2)))


def bounds(model: str, span: float, gap: float) -> tuple[Floats, Floats]:
    """Give least and greatest parameters for series of some length and distance of points."""
    rate = (np.log(1e-4 / span), np.log(20 / gap))
    level = (-14.0, 3.0)
    pairs = {
        "exponential": [level, rate],
        "stretched": [level, rate, (np.log(0.15), np.log(3.0))],
        "power": [level, (np.log(gap / 100), np.log(100 * span)), (np.log(0.05), np.log(200.0))],
        "biexponential": [level, rate, level, rate, (-14.0, 0.0)],
    }[model]
    low, high = np.array(pairs, dtype=float).T
    return np.asarray(low), np.asarray(high)


def starts(model: str, t: Floats, y: Floats) -> list[list[float]]:
    """Give where to begin: from the mean age of what was counted, and from the tail."""
    total = float(y.sum())
    mean_age = max(float(t @ y) / total, float(t[-1]) / 200)
    # Of a decay that outlasts the series the mean age is short of its life.
    life = mean_age / max(0.05, 1 - 2 * min(mean_age / float(t[-1]), 0.475))
    first = float(np.log(max(y[: max(1, len(y) // 10)].mean(), 1e-4)))
    rate = -np.log(life)
    if model == "exponential":
        return [[first, rate]]
    if model == "stretched":
        return [[first, rate, np.log(0.7)]]
    if model == "power":
        return [[first, np.log(mean_age), np.log(1.5)]]
    tail = float(np.log(max(y[-max(1, len(y) // 5) :].mean() / 2, 1e-5)))
    fast = -np.log(mean_age)
    return [
        [first - 0.7, fast + 1.5, first - 0.7, fast - 0.7, tail],
        [first - 0.3, fast + 0.5, first - 1.5, fast - 2.0, tail - 2.0],
    ]
