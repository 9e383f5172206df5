"""Forecasts put together by how well each of them did before."""

from itertools import combinations
from typing import NamedTuple

import numpy as np

from musictools.trends._read_series import Floats, Whole

#: Weights are tried in parts of this.
_PARTS = 5
#: Standard errors by which a series alone has to be better than naive.
_CLEAR = 1.0
#: Independent parts (series, or origins) below which no skill is claimed: of four, all are of one
#: sign by chance more than once in twenty times.
_JUDGES = 5
#: Blocks of its own that the common spread counts as.
_PRIOR = 4.0
#: Per cent of the interval of a skill.
SKILL_LEVEL = 90


class Skill(NamedTuple):
    """1 less an error over that of naive, its interval, and of how many independent parts."""

    value: float
    low: float
    high: float
    parts: int


def weigh(
    forecasts: Floats, truth: Floats, active: np.ndarray, origins: tuple[Whole, Whole], count: int
) -> dict[bool, Floats]:
    """Give each series its weights, at zero and above zero.

    Half of the weight goes where all series together did best, half to where the series itself
    did, as far as that can be told: its mean errors are drawn towards those of all by how much of
    their difference is chance (empirical Bayes; Efron and Morris, 1975). What is found by chance
    in few origins would be worse than naive later on; what is best for all suits no series that
    differs. A series alone stays with naive unless clearly better. Errors are relative to those of
    naive, so that no series is louder than another; origins that share what came after them count
    once.

    Parameters
    ----------
    forecasts : numpy.ndarray, shape (methods, origins, horizon)
        What each method said; the first method is naive.
    truth : numpy.ndarray, shape (origins, horizon)
        What came; NaN where it is not known.
    active : numpy.ndarray of bool
        Origins at which a series was above zero.
    origins : tuple of numpy.ndarray
        Series and column of each.
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
    horizon = truth.shape[1]
    found = {}
    for part in (True, False):
        mine = np.flatnonzero(active == part)
        series, column = origins[0][mine], origins[1][mine]
        losses = np.stack(
            [
                (np.abs(came[mine] - np.tensordot(w, forecasts[:, mine], 1)) * known[mine]).sum(1)
                for w in trials
            ],
            axis=1,
        )
        usual = _means(losses[:, :1], series, count)[0]
        # A series that hardly moves is judged by the size of the others' errors.
        size = np.maximum(usual, 1e-9 + 0.05 * (losses[:, 0].mean() if len(mine) else 0.0))
        found[part] = _shrunk(trials, losses / size[series], series, column // horizon, count)
    return found


def _means(values: Floats, place: Whole, count: int) -> tuple[Floats, Floats]:
    """Give means of rows by place, and how many rows there are."""
    sums = np.stack([np.bincount(place, each, minlength=count) for each in values.T], axis=1)
    number = np.bincount(place, minlength=count).astype(float)
    return sums / np.maximum(number, 1.0)[:, None], number


def _shrunk(trials: Floats, losses: Floats, series: Whole, block: Whole, count: int) -> Floats:
    """Give the weights of each series; the first trial is naive."""
    if not len(losses):
        return np.tile(trials[0], (count, 1))
    key, place = np.unique(series * (block.max() + 1) + block, return_inverse=True)
    blocks = _means(losses, place, len(key))[0]
    whose = key // (block.max() + 1)
    gap = blocks - blocks[:, :1]
    mine, number = _means(gap, whose, count)
    seen = number > 0
    scatter = (gap - mine[whose]) ** 2
    usual = scatter.sum(axis=0) / max(len(gap) - int(seen.sum()), 1)
    # Few blocks tell little of how much they scatter: the scatter of all counts as some more.
    spread = (_means(scatter, whose, count)[0] * number[:, None] + _PRIOR * usual) / (
        np.maximum(number - 1, 0.0) + _PRIOR
    )[:, None]
    chance = spread / np.maximum(number, 1.0)[:, None]
    if seen.sum() < 2:
        # A series alone has no others to go by: it departs from naive where it clearly may.
        surely = np.where(number[:, None] < 2, np.inf, mine + _CLEAR * np.sqrt(chance))
        surely[:, 0] = 0.0
        return np.asarray(trials[np.argmin(np.round(surely, 9), axis=1)])
    mean = mine[seen].mean(axis=0)
    between = np.maximum(mine[seen].var(axis=0, ddof=1) - chance[seen].mean(axis=0), 0.0)
    trust = np.where(seen[:, None], between / (between + chance + 1e-12), 0.0)
    own = trials[np.argmin(np.round(mean + trust * (mine - mean), 9), axis=1)]
    return np.asarray((own + trials[np.argmin(np.round(mean, 9))]) / 2)


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


def independent(series: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Give what tells of skill independently: each series, or where they are few each time."""
    return series if len(np.unique(series)) >= _JUDGES else times


def skill(mine: Floats, naive: Floats, clusters: np.ndarray, rng: np.random.Generator) -> Skill:
    """Give skill with its interval, by drawing whole clusters again (series, or origins).

    Draws of few clusters vary too little, by the size and by the shape of Student's t; a cluster
    alone leaves everything open.
    """
    from scipy.special import ndtri, stdtrit

    names, place = np.unique(clusters, return_inverse=True)
    count = len(names)
    sums = np.stack([np.bincount(place, np.nan_to_num(each)) for each in (mine, naive)])
    if not count or sums[1].sum() <= 0:
        # Where naive was right throughout, whatever missed at all is endlessly worse.
        none = float("-inf") if sums[0].sum() > 0 else 0.0
        return Skill(none, none, none, count)
    value = float(1 - sums[0].sum() / sums[1].sum())
    if count == 1:
        return Skill(value, float("-inf"), 1.0, count)
    miss = (100 - SKILL_LEVEL) / 200
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=500).astype(float) @ sums.T
    # Draws in which naive never misses: endlessly worse, or as good where neither does.
    never = np.where(drawn[:, 0] > 0, np.inf, 1.0)
    ratio = np.divide(drawn[:, 0], drawn[:, 1], out=never, where=drawn[:, 1] > 0)
    with np.errstate(invalid="ignore"):
        ends = np.nan_to_num(np.quantile(1 - ratio, [miss, 1 - miss]), nan=-np.inf, neginf=-np.inf)
    wider = float(stdtrit(count - 1, 1 - miss) / ndtri(1 - miss) * np.sqrt(count / (count - 1)))
    low, high = value + wider * (ends - value)
    return Skill(value, float(low), min(float(high), 1.0), count)


def verdict(found: Skill, method: str, where: str) -> str:
    """Say in words whether there is skill, or that this is too little to tell."""
    span = f"{SKILL_LEVEL} % interval {found.low:.2f} to {found.high:.2f}"
    told = f"skill {found.value:.2f} ({span}) against naive, {where}"
    if method == "naive":
        return "This is the naive forecast: the last value stays. It has no skill by definition."
    if found.parts < _JUDGES:
        return (
            f"Too little to tell: {told}. It takes {_JUDGES} series, or as many origins of one, a "
            f"horizon apart; here are {found.parts}."
        )
    if found.low > 0:
        return f"There is skill: {told}."
    if found.high < 0:
        return f"Worse than naive: {told}. Use method='naive'."
    return f"No skill is shown: {told}. The last value does as well."
