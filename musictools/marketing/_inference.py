"""How sure: placebo treatments of other series and of earlier times, conformal, jackknife."""

import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from musictools.marketing._donors import (
    Mixture,
    did_penalty,
    difference_in_differences,
    synthetic_control,
)
from musictools.marketing._simplex import simplex_weights

#: Two-sided, of every interval.
LEVEL = 0.90
_SETS = 200
#: Fewer placebos than this, and the rank of 90 % is one of the two largest: a lottery.
_RANKED = 19
#: The least scale, as a share of how far the series strays from the mean of the others.
_FLOOR = 0.1

#: From rows of the treated and of the donors, periods before and periods in all, to weights.
Fit = Callable[[np.ndarray, np.ndarray, int, int], Mixture]


class Gap(NamedTuple):
    """Own less counterfactual, period by period; and how well it fitted before."""

    path: np.ndarray
    scale: float
    before: int

    @property
    def effect(self) -> float:
        """Mean over the periods after."""
        return float(self.path[self.before :].mean())


class Placebos(NamedTuple):
    """Treatments that never were: who, and what the method finds."""

    names: list[tuple[int, ...]]
    gaps: list[Gap]


def gap(values: np.ndarray, own: np.ndarray, donors: np.ndarray, mixture: Mixture) -> Gap:
    """Compare the mean of some series with what their donors say."""
    before = len(mixture.periods)
    target, others = values[own].mean(axis=0), values[donors]
    path = target - mixture.path(others, target)
    past = path[:before]
    # Where the level is free, only what strays around it is a miss.
    miss = past.std() if mixture.periods.sum() > 0 else float(np.sqrt((past**2).mean()))
    plain = (target - others.mean(axis=0))[:before].std()
    return Gap(path, max(float(miss), _FLOOR * float(plain)), before)


def in_space(
    values: np.ndarray, treated: int, before: int, fit: Fit, rng: np.random.Generator
) -> Placebos:
    """Treat donors instead: each in turn, or random sets as large as the treated."""
    donors = np.arange(treated, len(values))
    if math.comb(len(donors), treated) <= max(_SETS, len(donors) * (treated == 1)):
        chosen = list(itertools.combinations(donors.tolist(), treated))
    else:
        drawn = {tuple(sorted(rng.choice(donors, treated, replace=False).tolist()))
                 for _ in range(_SETS)}  # fmt: skip
        chosen = sorted(drawn)
    gaps = []
    for each in chosen:
        own = np.array(each)
        rest = np.setdiff1d(donors, own)
        gaps.append(gap(values, own, rest, fit(own, rest, before, values.shape[1])))
    return Placebos(chosen, gaps)


def half_width(ratios: np.ndarray) -> float:
    """Give what a ratio of effect to scale stays within, nine times in ten, with no effect.

    With n placebos the rank ceil(0.9 (n + 1)) is exact if the treated series is as likely as any
    donor to be the odd one out. Few placebos have no such rank that is stable; then the ratios are
    taken to be normal around zero.
    """
    from scipy.stats import t as student

    sizes = np.sort(np.abs(ratios))
    if len(sizes) >= _RANKED:
        return float(sizes[math.ceil(LEVEL * (len(sizes) + 1)) - 1])
    spread = float(np.sqrt((sizes**2).mean()))
    return spread * float(student.ppf(0.5 + LEVEL / 2, len(sizes)))


def permutation_p(ratio: float, ratios: np.ndarray) -> float:
    """Share of treatments, the real one among them, with so large a ratio."""
    # Rounding must not make a tie a loss.
    as_large = np.abs(ratios) >= abs(ratio) * (1 - 1e-9)
    return float((1 + as_large.sum()) / (1 + len(ratios)))


def band(gaps: list[Gap], own: Gap) -> np.ndarray:
    """Half width for each period after, by the placebos of that period."""
    after = np.array([each.path[own.before :] / each.scale for each in gaps])
    return own.scale * np.array([half_width(column) for column in after.T])


def conformal(
    values: np.ndarray, treated: int, before: int, method: str
) -> tuple[float, float, float, float]:
    """Interval, p-value and width of the band: Chernozhukov, Wuethrich and Zhu (2021).

    Under the null that the effect is a constant, the series less that constant is refitted with all
    periods, and the mean residual after is compared with those of all cyclic shifts of time.
    """
    own, donors = values[:treated].mean(axis=0), values[treated:]
    periods = values.shape[1]
    places = (np.arange(periods)[:, None] + np.arange(before, periods)) % periods
    refit = _refits(donors, method, before=before, treated=treated)

    def p_value(effect: float) -> float:
        null = own.copy()
        null[before:] -= effect
        means = np.abs(refit(null)[places].mean(axis=1))
        return float((means >= means[0] * (1 - 1e-9)).mean())

    middle, step = _least_rejected(p_value, refit, own, before)
    low = _edge(p_value, middle, -step)
    high = _edge(p_value, middle, step)
    null = own.copy()
    null[before:] -= middle
    width = float(np.quantile(np.abs(refit(null)), LEVEL))
    return low, high, p_value(0.0), width


def _least_rejected(
    p_value: Callable[[float], float],
    refit: Callable[[np.ndarray], np.ndarray],
    own: np.ndarray,
    before: int,
) -> tuple[float, float]:
    """Find the constant effect with the largest p-value nearby, and a step to search with."""
    guess = 0.0
    for _ in range(12):
        null = own.copy()
        null[before:] -= guess
        miss = float(refit(null)[before:].mean())
        guess += miss
    null = own.copy()
    null[before:] -= guess
    step = float(refit(null).std()) or float(own.std()) or 1.0
    around = guess + step * np.linspace(-1, 1, 9)
    return float(max(around, key=p_value)), step


def _edge(p_value: Callable[[float], float], middle: float, step: float) -> float:
    """Find where the p-value falls to 0.1, on one side."""
    inside, outside = middle, middle + step
    for _ in range(12):
        if p_value(outside) <= 1 - LEVEL:
            break
        inside, outside = outside, outside + 2 * (outside - inside)
    else:
        return math.copysign(math.inf, step)
    for _ in range(12):
        half = (inside + outside) / 2
        inside, outside = (inside, half) if p_value(half) <= 1 - LEVEL else (half, outside)
    return outside


def _refits(
    donors: np.ndarray, method: str, *, before: int, treated: int
) -> Callable[[np.ndarray], np.ndarray]:
    """Make what gives the residuals of all periods, where all of them are fitted."""
    periods = donors.shape[1]
    # With a free level, it is set by all periods alike.
    even = np.full(periods, 1 / periods)
    penalty = did_penalty(donors[:, :before], treated, periods - before)

    def refit(null: np.ndarray) -> np.ndarray:
        if method == "synthetic_control":
            plain = synthetic_control(donors, null, periods, treated).donors
            return Mixture(plain, 0 * even).apart(donors, null)
        if method == "did":
            weights = difference_in_differences(donors, null, periods, treated).donors
        else:
            weights = simplex_weights(donors.T, null, ridge=penalty * periods, intercept=True)
        return Mixture(weights, even).apart(donors, null)

    return refit


def jackknife(values: np.ndarray, treated: int, mixture: Mixture) -> float:
    """Give the standard error, weights as they are: algorithm 3 of Arkhangelsky et al. (2021)."""
    before = len(mixture.periods)
    contrast = np.concatenate(
        [-mixture.periods, np.full(values.shape[1] - before, 1 / (values.shape[1] - before))]
    )
    scores = values @ contrast
    own, others = scores[:treated], scores[treated:]
    whole = own.mean() - mixture.donors @ others
    mixed = mixture.donors @ others
    without_own = (own.sum() - own) / (treated - 1) - mixed
    left = 1 - mixture.donors
    # A donor that is all of the mixture leaves nothing to be without it.
    without_donor = own.mean() - np.where(
        left > 1e-9, (mixed - mixture.donors * others) / np.maximum(left, 1e-9), mixed
    )
    moves = np.concatenate([without_own, without_donor]) - whole
    return float(np.sqrt((len(moves) - 1) / len(moves) * (moves**2).sum()))
