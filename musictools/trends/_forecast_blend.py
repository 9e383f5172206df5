"""Forecasts put together by how well each of them did before."""

from itertools import combinations
from typing import NamedTuple

import numpy as np

from musictools.trends._read_series import Floats

#: Weights are tried in tenths.
_TENTHS = 10
#: Origins that are looked at, at most.
_MOST = 6_000


class Skill(NamedTuple):
    """1 less an error over that of naive, and its interval."""

    value: float
    low: float
    high: float


def weigh(
    forecasts: Floats, truth: Floats, active: np.ndarray, weight: Floats
) -> dict[bool, Floats]:
    """Give the weights with the least absolute error, for active series and for the others.

    Parameters
    ----------
    forecasts : numpy.ndarray, shape (methods, origins, horizon)
        What each method said; the first method is naive.
    truth : numpy.ndarray, shape (origins, horizon)
        What came; NaN where it is not known.
    active : numpy.ndarray of bool
        Origins at which a series was above zero.
    weight : numpy.ndarray
        How much an origin counts.
    """
    found = {}
    for part in (True, False):
        mine = np.flatnonzero(active == part)
        mine = mine[:: max(1, -(-len(mine) // _MOST))]
        found[part] = _best(forecasts[:, mine], truth[mine], weight[mine])
    return found


def _best(forecasts: Floats, truth: Floats, weight: Floats) -> Floats:
    methods = len(forecasts)
    naive = np.eye(methods)[0]
    known = np.isfinite(truth) & np.isfinite(forecasts).all(axis=0)
    if methods == 1 or not known.any():
        return naive
    heavy = np.broadcast_to(weight[:, None], truth.shape)[known]
    columns, came = forecasts[:, known], truth[known]
    best, least = naive, np.inf
    for trial in simplex(methods):
        error = float(np.abs(came - trial @ columns) @ heavy)
        # Naive comes first: what is no better than it does not replace it.
        if error < least * (1 - 1e-9):
            best, least = trial, error
    return best


def simplex(methods: int) -> list[Floats]:
    """List all weights in tenths, naive's own first."""
    cuts = combinations(range(_TENTHS + methods - 1), methods - 1)
    found = []
    for cut in cuts:
        ends = np.array([-1, *cut, _TENTHS + methods - 1])
        found.append((np.diff(ends) - 1) / _TENTHS)
    return sorted(found, key=lambda weights: -float(weights[0]))


def blend(forecasts: Floats, active: np.ndarray, weights: dict[bool, Floats]) -> Floats:
    """Put forecasts together."""
    chosen = np.where(active[:, None], weights[True][None, :], weights[False][None, :])
    return np.asarray(np.einsum("nm,mnh->nh", chosen, forecasts))


def skill(
    mine: Floats, naive: Floats, clusters: np.ndarray, rng: np.random.Generator
) -> Skill:
    """Give skill with a 90 % interval, by drawing whole clusters again (series, or origins)."""
    _, place = np.unique(clusters, return_inverse=True)
    sums = np.stack([np.bincount(place, np.nan_to_num(each)) for each in (mine, naive)])
    if not sums.size or sums[1].sum() <= 0:
        return Skill(0.0, 0.0, 0.0)
    count = sums.shape[1]
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=500).astype(float) @ sums.T
    ratio = drawn[:, 0] / np.where(drawn[:, 1] > 0, drawn[:, 1], np.inf)
    low, high = np.quantile(1 - ratio, [0.05, 0.95])
    return Skill(float(1 - sums[0].sum() / sums[1].sum()), float(low), float(high))


def verdict(found: Skill, method: str, where: str) -> str:
    """Say in words whether there is skill."""
    told = f"skill {found.value:.2f} (90 % interval {found.low:.2f} to {found.high:.2f})"
    told = f"{told} against naive, {where}"
    if method == "naive":
        return "This is the naive forecast: the last value stays. It has no skill by definition."
    if found.low > 0:
        return f"There is skill: {told}."
    if found.high < 0:
        return f"Worse than naive: {told}. Use method='naive'."
    return f"No skill is shown: {told}. The last value does as well."
