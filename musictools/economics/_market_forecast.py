"""market_forecast(): the next years of a market, beside what no forecast at all would have been."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from musictools._checks import generator
from musictools._frames import as_pandas
from musictools._result import Result
from musictools._version import __version__
from musictools.economics._market_series import MARKET, check_limits, one_market
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_LEAST = 12
_FIRST = 8
_DRIFT_YEARS = 5
_GRID = tuple((a, b, f) for a in (0.3, 0.6, 0.9) for b in (0.1, 0.3, 0.6) for f in (0.8, 0.9, 0.98))


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class MarketForecast(Result):
    """Years to come of one market series, with intervals and the record of the method.

    Attributes
    ----------
    value : str
        The column that was forecast.
    level : float
        Per cent of the intervals.
    method : str
        What the forecast is made by: ``"naive"`` (the last year stays), ``"drift"`` (as the last
        five years went on average) or ``"damped_trend"``.
    skill : float
        1 less the error of the method chosen at each origin by the errors before it, over that of
        naive; all horizons together. Above 0 is better than naive.
    skill_lo, skill_hi : float
        Its interval at `level`, by resampling stretches of origins.
    verdict : str
        Whether there is skill, in a sentence.
    forecast : pandas.DataFrame
        ``year``, ``y_hat``, ``lo_90``, ``hi_90`` (or as `level` says).
    backtest : pandas.DataFrame
        ``method`` (``"chosen"`` is the one that `skill` is about), ``horizon``, ``origins``,
        ``error_pct`` (mean absolute error, per cent).
    history : pandas.DataFrame
        ``year``, ``y``.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "market_forecast"
    _caption: ClassVar[str] = "Forecast"

    value: str
    level: float
    method: str
    skill: float
    skill_lo: float
    skill_hi: float
    verdict: str
    forecast: "pd.DataFrame"
    backtest: "pd.DataFrame"
    history: "pd.DataFrame"

    def to_frame(self) -> "pd.DataFrame":
        """Give the forecast, one row for each year.

        Returns
        -------
        pandas.DataFrame
            A copy of ``forecast``.
        """
        return self.forecast.copy()


def market_forecast(
    series: "pd.DataFrame",
    horizon: int,
    *,
    value: str = "revenue_usd_m",
    level: float = 90,
    rng: int | np.random.Generator | None = 0,
) -> MarketForecast:
    """Forecast a yearly market series, and say whether the forecast beats the last year's figure.

    Three simple methods forecast from every year in turn. At each the one that was best before is
    chosen; only if that choice was better than naive, beyond chance, is it trusted with the years
    to come. Otherwise the forecast is the last figure, and the verdict says so.

    Parameters
    ----------
    series : pandas.DataFrame
        ``year`` and the column `value`, one format; such as ``market_series(...)`` gives.
    horizon : int
        Years ahead.
    value : str
        The column to forecast; above zero.
    level : float
        Per cent of the intervals.
    rng : int or numpy.random.Generator, optional
        For resampling.

    Returns
    -------
    MarketForecast
        Forecast, intervals, backtest, verdict.

    Raises
    ------
    TableError
        If a column is missing.
    InputError
        If years are missing or twice, two bases are mixed, there are fewer than 12 years, the
        horizon is longer than a third of them, or a figure is not above zero.

    Notes
    -----
    Intervals are the backtest's own errors (split conformal, in logarithms), never narrower farther
    ahead. They know of no change that the series has not seen: editions that restate, a new format.

    Examples
    --------
    >>> import musictools as mt
    >>> us = mt.economics.market_series(mt.datasets.load_market(), region="US", basis="retail")
    >>> mt.economics.market_forecast(us, 3).forecast["year"].tolist()
    [2025, 2026, 2027]
    """
    import pandas as pd

    years, y = _series(series, value, horizon, level)
    errors = _errors(np.log(y), horizon)
    errors["chosen"], best = _chosen(errors)
    skill, low, high = _skill(errors, level, generator(rng, "forecast a market"))
    method = best if low > 0 else "naive"
    middle = y[-1] * np.exp(_METHODS[method](np.log(y), horizon) - np.log(y[-1]))
    widths = np.maximum.accumulate([_width(errors[method][:, h], level) for h in range(horizon)])
    ahead = years[-1] + np.arange(1, horizon + 1)
    bounds = {f"lo_{level:g}": middle * np.exp(-widths), f"hi_{level:g}": middle * np.exp(widths)}
    return MarketForecast(
        value=value,
        level=level,
        method=method,
        skill=skill,
        skill_lo=low,
        skill_hi=high,
        verdict=_verdict(skill, low, high, level),
        forecast=pd.DataFrame({"year": ahead, "y_hat": middle} | bounds),
        backtest=_table(errors),
        history=pd.DataFrame({"year": years, "y": y}),
        provenance={
            "musictools": __version__,
            "function": "economics.market_forecast",
            "horizon": horizon,
            "level": level,
        },
    )


def _naive(log: np.ndarray, horizon: int) -> np.ndarray:
    return np.full(horizon, log[-1])


def _drift(log: np.ndarray, horizon: int) -> np.ndarray:
    slope = (log[-1] - log[-1 - _DRIFT_YEARS]) / _DRIFT_YEARS
    drifted: np.ndarray = log[-1] + slope * np.arange(1, horizon + 1)
    return drifted


def _damped(log: np.ndarray, horizon: int) -> np.ndarray:
    """Holt's damped trend; its three weights are those with the least one-step error so far."""
    lowest, level, trend, damp = np.inf, log[-1], 0.0, 1.0
    for alpha, beta, phi in _GRID:
        at, slope, cost = log[0], log[1] - log[0], 0.0
        for value in log[1:]:
            ahead = at + phi * slope
            cost += (value - ahead) ** 2
            at, before = ahead + alpha * (value - ahead), at
            slope = beta * (at - before) + (1 - beta) * phi * slope
        if cost < lowest:
            lowest, level, trend, damp = cost, at, slope, phi
    steps: np.ndarray = level + trend * np.cumsum(damp ** np.arange(1, horizon + 1))
    return steps


_METHODS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "naive": _naive,
    "drift": _drift,
    "damped_trend": _damped,
}


def _errors(log: np.ndarray, horizon: int) -> dict[str, np.ndarray]:
    """Log errors of each method: a row for each origin, a column for each year ahead."""
    origins = range(_FIRST, len(log))
    found = {name: np.full((len(origins), horizon), np.nan) for name in _METHODS}
    for row, origin in enumerate(origins):
        true = log[origin : origin + horizon]
        for name, method in _METHODS.items():
            found[name][row, : len(true)] = true - method(log[:origin], horizon)[: len(true)]
    return found


def _chosen(errors: dict[str, np.ndarray]) -> tuple[np.ndarray, str]:
    """Errors of choosing, at each origin, what was best by the errors that were known there."""
    rows, horizon = errors["naive"].shape
    chosen = np.empty((rows, horizon))
    best = "naive"
    for row in range(rows + 1):
        # An error h years ahead of origin r is known once r + h years have passed.
        known = np.add.outer(np.arange(rows), np.arange(1, horizon + 1)) <= row
        if known.any():
            mean = {name: np.nanmean(np.abs(errors[name][known])) for name in _METHODS}
            best = min(mean, key=lambda name: float(mean[name]))
        if row < rows:
            chosen[row] = errors[best][row]
    return chosen, best


def _skill(
    errors: dict[str, np.ndarray], level: float, rng: np.random.Generator
) -> tuple[float, float, float]:
    mine, naive = (np.nansum(_percent(errors[name]), axis=1) for name in ("chosen", "naive"))
    rows, block = len(mine), max(2, errors["naive"].shape[1])
    starts = rng.integers(0, rows, (2000, math.ceil(rows / block)))
    picked = (starts[:, :, None] + np.arange(block)) % rows
    picked = picked.reshape(len(starts), -1)[:, :rows]
    below = naive[picked].sum(axis=1)
    ratios = np.where(below > 0, 1 - mine[picked].sum(axis=1) / np.where(below > 0, below, 1), 0.0)
    low, high = np.quantile(ratios, [0.5 - level / 200, 0.5 + level / 200])
    whole = 1 - mine.sum() / naive.sum() if naive.sum() else 0.0
    return float(whole), float(low), float(high)


def _percent(errors: np.ndarray) -> np.ndarray:
    off: np.ndarray = 100 * np.abs(np.expm1(-errors))
    return off


def _width(errors: np.ndarray, level: float) -> float:
    """Half the interval in logarithms: the error that so many of the past ones kept to."""
    from scipy.stats import t as student

    sizes = np.sort(np.abs(errors[~np.isnan(errors)]))
    rank = math.ceil((len(sizes) + 1) * level / 100)
    if rank <= len(sizes):
        return float(sizes[rank - 1])
    # Too few for the rank: as if they were normal.
    return float(np.sqrt(np.mean(sizes**2)) * student.ppf(0.5 + level / 200, len(sizes)))


def _table(errors: dict[str, np.ndarray]) -> "pd.DataFrame":
    import pandas as pd

    rows = [
        {
            "method": name,
            "horizon": h + 1,
            "origins": int(np.isfinite(values[:, h]).sum()),
            "error_pct": float(np.nanmean(_percent(values[:, h]))),
        }
        for name, values in errors.items()
        for h in range(values.shape[1])
    ]
    return pd.DataFrame(rows)


def _verdict(skill: float, low: float, high: float, level: float) -> str:
    told = f"skill {skill:.2f} ({level:g} % interval {low:.2f} to {high:.2f}) against naive"
    if low > 0:
        return f"There is skill: {told}."
    return f"No skill is shown, so the last figure stands as the forecast: {told}."


def _series(
    series: "pd.DataFrame", value: str, horizon: int, level: float
) -> tuple[np.ndarray, np.ndarray]:
    what = "forecast a market"
    series = as_pandas(series, what, hint=MARKET)
    rows = series.assign(format="one") if "format" not in series else series
    one_market(rows, value, what)
    rows = rows[["year", "format", value]].dropna().sort_values("year")
    years, y = rows["year"].to_numpy(int), rows[value].to_numpy(float)
    formats = set(rows["format"])
    if len(formats) > 1:
        _refuse(f"{len(formats)} formats", "one", "mt.economics.market_series(...)")
    if len(y) < _LEAST:
        _refuse(f"{len(y)} years", f"at least {_LEAST}", "a longer series")
    gaps = years[1:][np.diff(years) > 1]
    if len(gaps):
        _refuse(f"a gap before {gaps[0]}", "years in a row", f"series[series.year >= {gaps[-1]}]")
    if not (np.isfinite(y).all() and (y > 0).all()):
        _refuse("a figure not above zero", "revenue or units", f"series[series[{value!r}] > 0]")
    check_limits(what, horizon=horizon, least=1, most=len(y) // 3, level=level)
    return years, y


def _refuse(got: str, expected: str, hint: str) -> None:
    raise InputError("forecast a market", got=got, expected=expected, hint=hint)
