"""Curves of activity and of popularity that have the moments they are asked for."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_GRID = 4_000
_EXACT_RANKS = 1_000
_STEPS = 48


def gini(values: Floats, counts: Floats | None = None) -> float:
    """Gini coefficient of a whole population, 0 to 1 - 1/n; counts say how often each stands."""
    order = np.argsort(values)
    amount = values[order]
    often = np.ones(len(amount)) if counts is None else counts[order]
    people, money = np.cumsum(often), np.cumsum(often * amount)
    if not len(amount) or money[-1] <= 0:
        return 0.0
    below = money - often * amount / 2
    return float(1 - 2 * np.sum(often * below) / (people[-1] * money[-1]))


def intensities(users: int, target_gini: float, lognormal_share: float, cap: float) -> Floats:
    """Relative plays of users, ascending, mean 1: a mixture of a lognormal and a gamma.

    They are quantiles and not draws, so that a small population has the same moments as a large
    one. Nobody plays more than ``cap`` times the mean.
    """
    component_gini = _component_gini(target_gini, lognormal_share, cap)
    return _mixture(users, component_gini, lognormal_share, cap)


@lru_cache(maxsize=64)
def _component_gini(target_gini: float, lognormal_share: float, cap: float) -> float:
    low, high = 1e-4, 1 - 1e-4
    for _ in range(_STEPS):
        middle = (low + high) / 2
        grid = _mixture(_GRID, middle, lognormal_share, cap)
        low, high = (middle, high) if gini(grid) < target_gini else (low, middle)
    return (low + high) / 2


def _mixture(users: int, component_gini: float, lognormal_share: float, cap: float) -> Floats:
    from scipy import special

    first = round(users * lognormal_share)
    sigma = np.sqrt(2) * special.ndtri((1 + component_gini) / 2)
    shape = _gamma_shape(component_gini)
    upper = np.exp(sigma * special.ndtri(_levels(first)) - sigma**2 / 2)
    lower = special.gammaincinv(shape, _levels(users - first)) / shape
    # The mean is 1 again after the cap, so the cap has to be asked for more than once.
    both: Floats = np.sort(np.concatenate([upper, lower]))
    for _ in range(8):
        both = np.minimum(both / max(both.mean(), 1e-300), max(cap, 1.0))
    return both


def _levels(count: int) -> Floats:
    return (np.arange(count) + 0.5) / max(count, 1)


def _gamma_shape(wanted: float) -> float:
    from scipy import special

    low, high = -12.0, 12.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        shape = np.exp(middle)
        log = special.gammaln(shape + 0.5) - special.gammaln(shape + 1) - 0.5 * np.log(np.pi)
        low, high = (middle, high) if np.exp(log) > wanted else (low, middle)
    return float(np.exp((low + high) / 2))


def popularity(artists: int, target_gini: float, top_share: float) -> Floats:
    """Shares of artists by rank, after Zipf and Mandelbrot: (rank + q) ** -s, summing to 1.

    The exponent s gives the Gini coefficient, and q the share of the top hundredth. Where there
    are too few artists for a hundredth, q is 0 and only the Gini coefficient is met.
    """
    shift, power = _zipf_mandelbrot(artists, target_gini, top_share)
    weights = _zipf(np.arange(1.0, artists + 1), shift, power)
    shares: Floats = weights / weights.sum()
    return shares


@lru_cache(maxsize=64)
def _zipf_mandelbrot(artists: int, target_gini: float, top_share: float) -> tuple[float, float]:
    """Find q and s: thousands of curves are tried, and many worlds ask for the same."""
    ranks, counts = _ranks(artists)
    shift = 0.0
    if artists >= 2 * 100:
        low, high = -6.0, np.log(artists)
        for _ in range(_STEPS):
            middle = (low + high) / 2
            share = _top(ranks, counts, np.exp(middle), target_gini)
            low, high = (middle, high) if share > top_share else (low, middle)
        shift = float(np.exp((low + high) / 2))
    return shift, _power(ranks, counts, shift, target_gini)


def _zipf(ranks: Floats, shift: float, power: float) -> Floats:
    values: Floats = ((ranks + shift) / (1.0 + shift)) ** -power
    return values


def _power(ranks: Floats, counts: Floats, shift: float, target_gini: float) -> float:
    # Few artists cannot be as unequal as that; then the steepest curve is taken.
    low, high = 0.0, 8.0 * (1.0 + shift) ** 0.25
    for _ in range(_STEPS):
        middle = (low + high) / 2
        steep = gini(_zipf(ranks, shift, middle), counts) < target_gini
        low, high = (middle, high) if steep else (low, middle)
    power: float = (low + high) / 2
    return power


def _top(ranks: Floats, counts: Floats, shift: float, target_gini: float) -> float:
    weights = counts * _zipf(ranks, shift, _power(ranks, counts, shift, target_gini))
    edge = counts.sum() / 100
    before = np.cumsum(counts) - counts
    part = np.clip((edge - before) / counts, 0.0, 1.0)
    return float((weights * part).sum() / weights.sum())


def _ranks(artists: int) -> tuple[Floats, Floats]:
    """Every rank of the head, and bins of the tail: a million ranks need no million powers."""
    if artists <= _EXACT_RANKS:
        return np.arange(1.0, artists + 1), np.ones(artists)
    edges = np.unique(np.geomspace(_EXACT_RANKS, artists, 400).astype(np.int64))
    middle = np.sqrt((edges[:-1] + 1.0) * edges[1:])
    ranks = np.concatenate([np.arange(1.0, _EXACT_RANKS + 1), middle])
    return ranks, np.concatenate([np.ones(_EXACT_RANKS), np.diff(edges).astype(float)])
