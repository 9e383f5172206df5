"""mann_kendall(): is there a trend at all, and how steep is it, whatever the noise looks like."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._checks import check_number
from musictools.trends._long_series import read_long

if TYPE_CHECKING:
    import pandas as pd

    Floats = np.ndarray[Any, np.dtype[np.float64]]

_WHAT = "test for a trend"
#: Points below which no order could be called rare.
FEWEST = 4


@dataclass(frozen=True)
class Slope:
    """A monotonic trend: Kendall's S, and the slope of Theil and Sen."""

    s: float
    tau: float
    inflation: float
    p_value: float
    slope: float
    lo: float
    hi: float


def mann_kendall(series: Any, *, correct: bool = True, level: float = 0.9) -> "pd.DataFrame":
    """Test series for a monotonic trend (Mann-Kendall), and measure it (Theil-Sen).

    Parameters
    ----------
    series : pandas, polars, pyarrow or DuckDB frame
        Long frame ``unique_id, ds, y``; values may be below zero. Missing values are left out.
    correct : bool, default: True
        Widen the variance where neighbouring values go together, as Hamed and Rao do: otherwise a
        slow swing passes for a trend.
    level : float, default: 0.9
        Level of the interval of the slope.

    Returns
    -------
    pandas.DataFrame
        A row for each series: ``unique_id, points, s`` (rises less falls, over all pairs), ``tau``
        (Kendall's tau-b), ``inflation`` (of the variance, 1 without correction), ``p_value``;
        ``slope`` (the median over all pairs, a step), ``slope_lo, slope_hi``. NaN with fewer than
        four points.

    Raises
    ------
    TableError
        If it is no long frame.
    InputError
        If a value is infinite, a series holds a time twice, or an argument is out of range.

    Notes
    -----
    The variance counts ties; p is two-sided, by the normal law with a correction for continuity.
    Of the autocorrelation of ranks about the slope, lags up to a quarter of the series count that
    are beyond 1.96 / sqrt(n); the variance never gets smaller by it.

    References
    ----------
    H. B. Mann (1945): Nonparametric tests against trend. Econometrica 13.
    P. K. Sen (1968): Estimates of the regression coefficient based on Kendall's tau. JASA 63.
    K. H. Hamed, A. R. Rao (1998): A modified Mann-Kendall trend test for autocorrelated data.
    Journal of Hydrology 204.

    Examples
    --------
    >>> import pandas as pd, musictools as mt
    >>> plays = pd.DataFrame({"unique_id": "a", "ds": range(8), "y": [1, 3, 2, 5, 4, 7, 6, 9]})
    >>> mt.trends.mann_kendall(plays)[["s", "slope"]].values.tolist()
    [[22.0, 1.0]]
    """
    import pandas as pd

    level = check_number(_WHAT, "level", level, (0.01, 0.999))
    found, _ = read_long(series, _WHAT, signed=True)
    rows = []
    for each in found:
        row: dict[str, Any] = {"unique_id": each.name, "points": len(each.y)}
        got = slope_of(each.age / each.step, each.y, level, correct=correct)
        row |= {"s": got.s, "tau": got.tau, "inflation": got.inflation, "p_value": got.p_value}
        rows.append(row | {"slope": got.slope, "slope_lo": got.lo, "slope_hi": got.hi})
    return pd.DataFrame(rows)


def slope_of(t: "Floats", y: "Floats", level: float, *, correct: bool = True) -> Slope:
    """Give the trend of one series."""
    from scipy.special import ndtr, ndtri

    n = len(y)
    if n < FEWEST:
        return Slope(*[float("nan")] * 7)
    first, second = np.triu_indices(n, 1)
    rises = y[second] - y[first]
    slopes = np.sort(rises / (t[second] - t[first]))
    slope = float(np.median(slopes))
    s = float(np.sign(rises).sum())
    ties = np.unique(y, return_counts=True)[1]
    variance = float(n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    inflation = _inflation(t, y, slope) if correct else 1.0
    variance *= inflation
    z = (s - np.sign(s)) / np.sqrt(variance) if variance > 0 else 0.0
    # Pairs that are equal can tell no order: tau-b leaves them out.
    pairs = len(rises)
    unequal = pairs - float((ties * (ties - 1)).sum()) / 2
    reach = float(ndtri(0.5 + level / 2)) * np.sqrt(variance)
    low = max(round((pairs - reach) / 2) - 1, 0)
    high = min(round((pairs + reach) / 2), pairs - 1)
    return Slope(
        s=s,
        tau=s / np.sqrt(pairs * unequal) if unequal else 0.0,
        inflation=inflation,
        p_value=float(2 * ndtr(-abs(z))),
        slope=slope,
        lo=float(slopes[low]),
        hi=float(slopes[high]),
    )


def _inflation(t: "Floats", y: "Floats", slope: float) -> float:
    from scipy.stats import rankdata

    n = len(y)
    ranks = rankdata(y - slope * t)
    ranks = ranks - ranks.mean()
    power = float(ranks @ ranks)
    if power <= 0:
        return 1.0
    lags = np.arange(1, max(n // 4, 1) + 1)
    together = np.array([float(ranks[lag:] @ ranks[:-lag]) / power for lag in lags])
    counted = np.where(np.abs(together) > 1.96 / np.sqrt(n), together, 0.0)
    weight = (n - lags) * (n - lags - 1) * (n - lags - 2)
    return max(1.0, 1 + 2 / (n * (n - 1) * (n - 2)) * float(weight @ counted))
