"""Where a number stands among others, of which some may be missing."""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: What a corpus calls usual: from the 5th to the 95th percentile.
_USUAL = (5.0, 95.0)


def middle(values: Floats) -> float:
    """Give the median of what is there; NaN for nothing."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else math.nan


def usual(values: Floats) -> tuple[float, float]:
    """Give 5th and 95th percentile; NaN for fewer than two."""
    known = values[~np.isnan(values)]
    if known.size < 2:
        return math.nan, math.nan
    low, high = np.percentile(known, _USUAL)
    return float(low), float(high)


def percentile_of(value: float, corpus: Floats) -> float:
    """Share in % of a corpus that has less; what has as much counts by half. NaN for fewer than 2.

    Parameters
    ----------
    value : float
        Of the recording.
    corpus : numpy.ndarray, shape (n,)
        Of the references.

    Returns
    -------
    float
        From 0 to 100.
    """
    known = corpus[~np.isnan(corpus)]
    if known.size < 2 or math.isnan(value):
        return math.nan
    less, same = np.sum(known < value), np.sum(known == value)
    return float(100 * (less + 0.5 * same) / known.size)
