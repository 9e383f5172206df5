"""Where the level of a series changes: the best division of all, found by pruning (PELT)."""

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]


def segments(x: Floats, penalty: float, least: int) -> list[int]:
    """Give where segments begin, the first at 0, so that squares plus penalties are smallest.

    Parameters
    ----------
    x : numpy.ndarray
        Values.
    penalty : float
        What each further segment costs, in squares.
    least : int
        Points of the shortest segment.

    Notes
    -----
    R. Killick, P. Fearnhead, I. A. Eckley (2012): Optimal detection of changepoints with a linear
    computational cost. JASA 107.
    """
    n = len(x)
    centred = x - x.mean()
    sums = np.r_[0.0, np.cumsum(centred)]
    squares = np.r_[0.0, np.cumsum(centred**2)]
    best = np.full(n + 1, np.inf)
    best[0] = -penalty
    before = np.zeros(n + 1, dtype=int)
    begins, dies = np.array([0]), np.array([n + 1])
    for end in range(least, n + 1):
        begins, dies = begins[dies > end], dies[dies > end]
        cost = squares[end] - squares[begins] - (sums[end] - sums[begins]) ** 2 / (end - begins)
        total = best[begins] + cost + penalty
        chosen = int(np.argmin(total))
        best[end], before[end] = total[chosen], begins[chosen]
        # A beginning that is this far behind is never the best again, once what beats it may be
        # used: a shortest segment later.
        behind = total - penalty > best[end]
        dies[behind] = np.minimum(dies[behind], end + least)
        fresh = end - least + 1
        if fresh >= least:
            begins, dies = np.append(begins, fresh), np.append(dies, n + 1)
    out, end = [], n
    while end > 0:
        end = int(before[end])
        out.append(end)
    return out[::-1]


def noise(x: Floats, *scales: Floats) -> tuple[float, float]:
    """Give the standard deviation and the lag-1 correlation of what is no change of level.

    Differences hold a change of level only once; medians do not see it. For a first-order
    autoregression they are 2 s^2 (1 - r) and 2 s^2 (1 - r^2) wide at lags 1 and 2. Noise that is
    wider at some levels looks like correlation, and on another scale it may be even: of the
    correlations of ``x`` and of the same values on other ``scales``, the smallest counts.
    """
    together = min(_together(each) for each in (x, *scales))
    return float(np.sqrt(_width(x, 1) / (2 * (1 - together)))), together


def _together(x: Floats) -> float:
    near = _width(x, 1)
    return float(np.clip(_width(x, 2) / near - 1, 0.0, 0.9)) if near > 0 else 0.0


def _width(x: Floats, lag: int) -> float:
    return _spread(x[lag:] - x[:-lag]) ** 2


def _spread(values: Floats) -> float:
    """Give a standard deviation by the median, or by squares where more than half are equal."""
    middle = float(np.median(np.abs(values - np.median(values)))) * 1.4826
    return middle or float(np.std(values))
