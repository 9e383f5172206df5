"""Intervals from past errors (split conformal), by horizon, scaled, the gone apart from the rest.

Scores come from origins whose forecasts were made without what came after; how many of them an
interval would have held is how wide it becomes (Vovk et al., 2005; for quantile models Romano,
Patterson and Candes, 2019). The promise holds where the future is like the past.
"""

import math
from dataclasses import dataclass

import numpy as np

from musictools.trends._read_series import Floats, Whole

#: Scores below which distances are pooled, and then parts.
_FEWEST = 60
#: Series above zero are told apart by how much they swing, in so many classes.
_CLASSES = 6
#: Part of the level that a scale is at least.
_LEAST = 0.02


@dataclass(frozen=True)
class Past:
    """Forecasts of past origins, and what came; arrays are (origins, horizon).

    Attributes
    ----------
    truth, middle : numpy.ndarray
        What came, and what was forecast; truth is NaN where it is not known.
    scale : numpy.ndarray, shape (origins,)
        What errors are divided by.
    active : numpy.ndarray of bool, shape (origins,)
        Above zero at the origin.
    swing : numpy.ndarray, shape (origins,)
        How far a series moves in a step, as a part of its level.
    sides : tuple of numpy.ndarray or None
        Quantiles that a model gave, low and high.
    """

    truth: Floats
    middle: Floats
    scale: Floats
    active: np.ndarray
    swing: Floats
    sides: tuple[Floats, Floats] | None = None


def bands(past: Past, now: Past, level: float) -> tuple[Floats, Floats]:
    """Give lower and upper bounds for forecasts of now, which has no truth."""
    low, high = np.empty_like(now.middle), np.empty_like(now.middle)
    then, here = _classes(past, now)
    for each in np.unique(here):
        mine = here == each
        alike = then == each
        like = past.active == (each > 0)
        for step in range(now.middle.shape[1]):
            low[mine, step], high[mine, step] = _band(past, now, mine, step, level, (alike, like))
    low = np.minimum(np.maximum(low, 0.0), now.middle)
    return low, np.maximum(high, now.middle)


def _classes(past: Past, now: Past) -> tuple[Whole, Whole]:
    """Tell series at zero (0) from those above, and these by how much they swing."""
    swings = past.swing[past.active]
    count = min(_CLASSES, max(len(swings) // _FEWEST, 1))
    edges = np.quantile(swings, np.arange(1, count) / count) if count > 1 else np.zeros(0)
    then, here = (
        np.where(each.active, 1 + np.searchsorted(edges, each.swing), 0) for each in (past, now)
    )
    return then, here


def _band(
    past: Past,
    now: Past,
    mine: np.ndarray,
    step: int,
    level: float,
    alike: tuple[np.ndarray, np.ndarray],
) -> tuple[Floats, Floats]:
    miss = (1 - level / 100) / 2
    if past.sides is not None and now.sides is not None:
        low, high = past.sides
        size = _size(low, high, past.scale)
        score = np.maximum(low - past.truth, past.truth - high) / size
        wider = upper(_pool(score, alike, step), level / 100)
        ahead = _size(now.sides[0], now.sides[1], now.scale)[mine, step]
        return (
            now.sides[0][mine, step] - wider * ahead,
            now.sides[1][mine, step] + wider * ahead,
        )
    error = (past.truth - past.middle) / past.scale[:, None]
    scores = _pool(error, alike, step)
    middle, scale = now.middle[mine, step], now.scale[mine]
    return (
        middle - scale * upper(-scores, 1 - miss, far=True),
        middle + scale * upper(scores, 1 - miss, far=True),
    )


def _size(low: Floats, high: Floats, scale: Floats) -> Floats:
    return np.asarray(np.maximum(high - low, _LEAST * scale[:, None]))


def _pool(scores: Floats, alike: tuple[np.ndarray, np.ndarray], step: int) -> Floats:
    """Give scores of the class, of near distances, of all distances, then of all classes."""
    known = np.zeros(0)
    near = slice(max(step - 2, 0), step + 3)
    for mine, steps in ((0, slice(step, step + 1)), (0, near), (1, near), (1, slice(None))):
        chosen = scores[alike[mine], steps].ravel()
        known = chosen[np.isfinite(chosen)]
        if len(known) >= _FEWEST:
            break
    if len(known):
        return np.asarray(known)
    every = scores[np.isfinite(scores)]
    return np.asarray(every) if len(every) else np.zeros(1)


def upper(scores: Floats, share: float, *, far: bool = False) -> float:
    """Give the score that so many of all scores, and of one more, do not pass.

    Where too few are there to tell, ``far`` goes by the largest to either side: few errors may all
    lie on one side by chance.
    """
    ordered = np.sort(scores)
    rank = math.ceil((len(ordered) + 1) * share)
    # Too few for the rank: the largest, and a part more for each that is lacking.
    lacking = max(rank - len(ordered), 0)
    found = float(ordered[min(rank, len(ordered)) - 1])
    if lacking and far:
        found = float(np.abs(ordered).max())
    return found + 0.5 * lacking * abs(found)
