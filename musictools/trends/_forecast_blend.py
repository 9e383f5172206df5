"""Forecasts put together by how well each of them did before."""

from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from musictools.trends._read_series import Floats, Whole

#: Weights are tried in parts of this.
_PARTS = 5
#: Origins of its own that the past of all series counts as.
_COMMON = 12.0


class Skill(NamedTuple):
    """1 less an error over that of naive, and its interval."""

    value: float
    low: float
    high: float


def weigh(
    forecasts: Floats, truth: Floats, active: np.ndarray, series: Whole, count: int
) -> dict[bool, Floats]:
    """Give each series the weights with the least absolute error, at zero and above zero.

    Its own past decides together with that of all series, which counts as much as a few origins of
    its own: errors relative to those of naive, so that no series is louder than another.

    Parameters
    ----------
    forecasts : numpy.ndarray, shape (methods, origins, horizon)
        What each method said; the first method is naive.
    truth : numpy.ndarray, shape (origins, horizon)
        What came; NaN where it is not known.
    active : numpy.ndarray of bool
        Origins at which a series was above zero.
    series : numpy.ndarray
        Whose origins they are.
    count : int
        How many series there are.

    Returns
    -------
    dict of bool to numpy.ndarray, shape (series, methods)
        Weights of each series, where it is above zero and where not.
    """
    trials = np.array(simplex(len(forecasts)))
    known = np.isfinite(truth)
    came = np.where(known, truth, 0.0)
    found = {}
    for part in (True, False):
        mine = np.flatnonzero(active == part)
        who = series[mine]
        losses = np.stack(
            [
                (np.abs(came[mine] - np.tensordot(w, forecasts[:, mine], 1)) * known[mine]).sum(1)
                for w in trials
            ]
        )
        own = np.stack([np.bincount(who, each, minlength=count) for each in losses], axis=1)
        origins = np.bincount(who, minlength=count).astype(float)
        found[part] = trials[_least(own, origins)]
    return found


def _least(losses: npt.NDArray[Any], origins: npt.NDArray[Any]) -> Whole:
    """Give the best trial of each series; of equal ones the first, which is nearest to naive."""
    whole = losses.sum(axis=0)
    common = whole / whole[0] if whole[0] > 0 else (whole > 0).astype(float)
    # A series that hardly moves is judged by the size of its usual error, not by its smallest.
    size = np.maximum(losses[:, :1], 1e-9 + 0.05 * losses[:, :1].mean())
    score = origins[:, None] * losses / size + _COMMON * common[None, :]
    return np.asarray(np.argmin(np.round(score, 9), axis=1))


def simplex(methods: int) -> list[Floats]:
    """List all weights in fifths, naive's own first."""
    cuts = combinations(range(_PARTS + methods - 1), methods - 1)
    found = []
    for cut in cuts:
        ends = np.array([-1, *cut, _PARTS + methods - 1])
        found.append((np.diff(ends) - 1) / _PARTS)
    return sorted(found, key=lambda weights: -float(weights[0]))


def blend(
    forecasts: Floats, active: np.ndarray, series: Whole, weights: dict[bool, Floats]
) -> Floats:
    """Put forecasts together."""
    chosen = np.where(active[:, None], weights[True][series], weights[False][series])
    return np.asarray(np.einsum("nm,mnh->nh", chosen, forecasts))


def skill(mine: Floats, naive: Floats, clusters: np.ndarray, rng: np.random.Generator) -> Skill:
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
