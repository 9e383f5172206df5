"""FormatSuccession: what norton_bass() found, with intervals."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musictools._result import Result

if TYPE_CHECKING:
    import pandas as pd

Sells = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FormatSuccession(Result):
    """Successive formats of a market, as the Norton-Bass model sees them.

    Attributes
    ----------
    value : str
        The column that was fitted; m and the curves are in its unit.
    level : float
        Per cent of the intervals.
    r_squared : float
        Share of the variance of all figures that the curves explain.
    rmse : float
        Root of the mean squared residual, in the unit of `value`.
    autocorrelation : float
        Of neighbouring residuals of a format. Near 1 the curves miss slow swings, and the
        intervals, though widened, are still too narrow.
    parameters : pandas.DataFrame
        One row for each format: ``format``, ``p`` (innovation, a year), ``q`` (imitation, a year),
        ``m`` (what it adds to the market), ``launch`` (year), and of each the interval, such as
        ``p_lo_90`` and ``p_hi_90``; NaN where it was given and not estimated.
    curves : pandas.DataFrame
        ``year``, ``format``, ``observed``, ``fitted``, ``lo_90``, ``hi_90`` (interval of the curve,
        not of single figures; named as `level` says), ``ahead`` (whether after the last figure).
    notes : tuple of str
        What speaks against reading the parameters as they stand.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "format_succession"
    _called: ClassVar[str] = "Succession of formats (Norton-Bass)"
    _caption: ClassVar[str] = "Formats"

    value: str
    level: float
    r_squared: float
    rmse: float
    autocorrelation: float
    parameters: "pd.DataFrame"
    curves: "pd.DataFrame"
    notes: tuple[str, ...] = ()

    def to_frame(self) -> "pd.DataFrame":
        """Give the parameters with their intervals, one row for each format.

        Returns
        -------
        pandas.DataFrame
            A copy of ``parameters``.
        """
        return self.parameters.copy()


@dataclass(frozen=True)
class Spread:
    """How far the estimates may be off."""

    covariance: np.ndarray
    reach: float
    autocorrelation: float
    level: float


def spread(
    full: np.ndarray,
    residuals: np.ndarray,
    level: float,
    fitted: Callable[[np.ndarray], np.ndarray],
    where: tuple[np.ndarray, np.ndarray],
) -> Spread:
    """Estimate the covariance of all parameters from the curvature at the optimum."""
    from scipy.stats import t as student

    slopes = gradient(fitted, full)
    freedom = max(len(residuals) - len(full), 1)
    year, generation = where
    order = np.lexsort((year, generation))
    r, g = residuals[order], generation[order]
    next_to = (g[1:] == g[:-1]) & (np.diff(year[order]) == 1)
    power = float(r @ r)
    correlation = float(r[1:][next_to] @ r[:-1][next_to]) / power if power else 0.0
    correlation = float(np.clip(correlation, -0.95, 0.95))
    # Residuals that go together tell less than their number says.
    wider = max((1 + correlation) / (1 - correlation), 1.0)
    # Columns of very different size: without scaling the small ones are lost.
    size = np.maximum(np.linalg.norm(slopes, axis=0), 1e-300)
    inverse = np.linalg.pinv((slopes / size).T @ (slopes / size), rcond=1e-12, hermitian=True)
    covariance = inverse / np.outer(size, size) * power / freedom * wider
    return Spread(covariance, float(student.ppf(0.5 + level / 200, freedom)), correlation, level)


def gradient(function: Callable[[np.ndarray], np.ndarray], at: np.ndarray) -> np.ndarray:
    """Slopes by central differences."""
    columns = []
    for place in range(len(at)):
        step = np.zeros(len(at))
        step[place] = 1e-5 * max(abs(at[place]), 1.0) if abs(at[place]) < 1e3 else 1e-3
        columns.append((function(at + step) - function(at - step)) / (2 * step[place]))
    return np.column_stack(columns)


def parameters(
    formats: list[str],
    theta: np.ndarray,
    m: np.ndarray,
    known: np.ndarray,
    shown: Spread,
    *,
    shared: bool,
    ends: tuple[np.ndarray, np.ndarray],
) -> "pd.DataFrame":
    """Tell the estimates with their intervals, those of p and q within what was searched."""
    import pandas as pd

    count = len(formats)
    pairs = 1 if shared else count
    off = shown.reach * np.sqrt(np.maximum(np.diag(shown.covariance), 0))
    full = np.concatenate([theta, m])
    rows, free = [], 2 * pairs
    for g, name in enumerate(formats):
        pair = 0 if shared else g
        row: dict[str, Any] = {"format": name}
        for at, (label, place) in enumerate((("p", pair), ("q", pairs + pair))):
            low, high = ends[0][at], ends[1][at]
            row |= _with(
                label, full[place], off[place], shown.level,
                lambda log, low=low, high=high: float(np.exp(np.clip(log, low, high))),
            )  # fmt: skip
        row |= _with("m", full[len(theta) + g], off[len(theta) + g], shown.level)
        if np.isnan(known[g]):
            row |= _with("launch", full[free], off[free], shown.level)
            free += 1
        else:
            row |= _with("launch", known[g], np.nan, shown.level)
        rows.append(row)
    return pd.DataFrame(rows)


def _with(
    label: str, value: float, off: float, level: float, scale: Callable[..., Any] = float
) -> dict[str, Any]:
    """Name an estimate and the ends of its interval."""
    return {
        label: scale(value),
        f"{label}_lo_{level:g}": scale(value - off),
        f"{label}_hi_{level:g}": scale(value + off),
    }


def curves(
    formats: list[str],
    year: np.ndarray,
    generation: np.ndarray,
    y: np.ndarray,
    horizon: int,
    full: np.ndarray,
    sells: Sells,
    shown: Spread,
) -> "pd.DataFrame":
    """Draw every format over all years, and the years ahead, with the interval of the curve."""
    import pandas as pd

    years = np.arange(year.min(), year.max() + horizon + 1)
    all_years = np.tile(years, len(formats))
    which = np.repeat(np.arange(len(formats)), len(years))
    fitted = sells(full, all_years, which)
    slopes = gradient(lambda at: sells(at, all_years, which), full)
    off = shown.reach * np.sqrt(
        np.maximum(np.einsum("ij,jk,ik->i", slopes, shown.covariance, slopes), 0)
    )
    seen = {(a, g): v for a, g, v in zip(year, generation, y, strict=True)}
    return pd.DataFrame(
        {
            "year": all_years.astype(int),
            "format": [formats[g] for g in which],
            "observed": [seen.get(key, np.nan) for key in zip(all_years, which, strict=True)],
            "fitted": fitted,
            f"lo_{shown.level:g}": fitted - off,
            f"hi_{shown.level:g}": fitted + off,
            "ahead": all_years > year.max(),
        }
    )
