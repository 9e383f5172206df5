"""cohort_curves() and concentration(): how generations fare, and how much the few have."""

from typing import TYPE_CHECKING, Any

import numpy as np

from musictools import tables
from musictools._checks import check_number
from musictools._frames import as_pandas
from musictools._measures import of_sorted
from musictools.errors import InputError, TableError, closest
from musictools.trends._long_series import read_long
from musictools.trends._series_checks import check_values

if TYPE_CHECKING:
    import pandas as pd

_COHORTS = ("decade", "year", "quarter", "month")
_PERIODS = {"year": "Y", "quarter": "Q", "month": "M", "week": "W"}


def cohort_curves(series: Any, *, cohort: str = "year", ages: int = 52) -> "pd.DataFrame":
    """Follow generations of series from their first value on.

    Parameters
    ----------
    series : pandas, polars, pyarrow or DuckDB frame
        Long frame ``unique_id, ds, y``; not below zero. A time at which others have a value and a
        series has none counts as 0: out of the chart, or not heard.
    cohort : str, default: 'year'
        ``"decade"``, ``"year"``, ``"quarter"`` or ``"month"`` of the first value, or a column of
        the frame that tells it.
    ages : int, default: 52
        Steps that are followed after the first.

    Returns
    -------
    pandas.DataFrame
        A row for each cohort and age (steps since the first value, which is 0): ``cohort, age,
        series`` (how many can be seen that long: younger ones would make the curve jump),
        ``present`` (part of them that is above 0), ``mean, median, lower, upper`` (quartiles).

    Raises
    ------
    TableError
        If it is no long frame, or a series has two cohorts.
    InputError
        If a value is below zero or infinite, a series holds a time twice, ``ds`` holds no dates,
        or an argument is out of range.

    Examples
    --------
    >>> import pandas as pd, musictools as mt
    >>> weeks = pd.date_range("2024-12-29", periods=3, freq="7D")
    >>> points = pd.DataFrame(
    ...     {"unique_id": ["a", "a", "b"], "ds": weeks[[0, 2, 1]], "y": [9.0, 4.0, 6.0]}
    ... )
    >>> mt.trends.cohort_curves(points, ages=1)[["cohort", "age", "mean"]].values.tolist()
    [['2024', 0, 9.0], ['2024', 1, 0.0], ['2025', 0, 6.0], ['2025', 1, 0.0]]
    """
    import pandas as pd

    what = "follow cohorts"
    count = int(check_number(what, "ages", ages, (0, 10_000)))
    frame = as_pandas(series, what)
    found, unit = read_long(frame, what)
    if cohort in frame.columns:
        told = frame.groupby("unique_id")[cohort].agg(["first", "nunique"])
        if (told["nunique"] > 1).any():
            raise TableError(
                what,
                got=f"{told.index[told['nunique'] > 1][0]!r} in several cohorts",
                expected="one for each series",
                hint=f"frame.groupby('unique_id')[{cohort!r}].transform('first')",
            )
        told.index = told.index.astype(str)
        names = [str(told.loc[each.name, "first"]) for each in found]
    else:
        firsts = pd.DatetimeIndex([each.stamps[0] for each in found]) if unit == "days" else None
        names = _cohorts(firsts, cohort, what)
    grid = np.unique(np.concatenate([each.age for each in found]))
    values = np.full((len(found), count + 1), np.nan)
    for i, each in enumerate(found):
        at = np.searchsorted(grid, each.age)
        values[i, : len(grid) - at[0]] = 0.0
        inside = at - at[0] <= count
        values[i, (at - at[0])[inside]] = each.y[inside]
    labels = np.array(names)
    parts = [_curves(name, values[labels == name]) for name in np.unique(labels)]
    return pd.concat(parts, ignore_index=True)


def _cohorts(firsts: Any, cohort: str, what: str) -> list[str]:
    if cohort not in _COHORTS or firsts is None:
        raise InputError(
            what,
            got=f"cohort={cohort!r}" + (" of steps, not dates" if firsts is None else ""),
            expected="a column of the frame, or of dates " + ", ".join(map(repr, _COHORTS)),
            hint=closest(str(cohort), _COHORTS),
        )
    if cohort == "decade":
        return [f"{year // 10 * 10}s" for year in firsts.year]
    return [str(period) for period in firsts.to_period(_PERIODS[cohort])]


def _curves(name: str, values: Any) -> "pd.DataFrame":
    import pandas as pd

    seen = (~np.isnan(values)).sum(axis=0)
    values = values[:, seen > 0]
    lower, median, upper = np.nanquantile(values, [0.25, 0.5, 0.75], axis=0)
    return pd.DataFrame(
        {
            "cohort": name,
            "age": np.arange(values.shape[1]),
            "series": seen[seen > 0],
            "present": (values > 0).sum(axis=0) / seen[seen > 0],
            "mean": np.nanmean(values, axis=0),
            "median": median,
            "lower": lower,
            "upper": upper,
        }
    )


def concentration(series: Any, *, period: str | None = "year") -> "pd.DataFrame":
    """Measure how much of the whole the few at the top have, period by period.

    Parameters
    ----------
    series : pandas, polars, pyarrow or DuckDB frame
        Long frame ``unique_id, ds, y``, such as artists and their streams or chart points; not
        below zero.
    period : {"year", "quarter", "month", "week"}, optional
        What is added up first; None takes each ``ds`` by itself.

    Returns
    -------
    pandas.DataFrame
        A row for each period: ``period, names`` (those above 0), ``total, top_1_share,
        top_10_share`` (of the first one and ten), ``top_1_percent_share, top_10_percent_share,
        gini, hhi, effective_number`` (1 / hhi).

    Raises
    ------
    TableError
        If it is no long frame.
    InputError
        If a value is below zero or infinite, ``ds`` holds no dates, or the period is unknown.

    Notes
    -----
    Names without any attention in a period are no part of its population, so where the number of
    names grows, shares of per cents and of whole numbers tell different stories: look at both. A
    chart that is cut at rank 100 hides most of the inequality. Measures are those of
    ``mt.economics.inequality``.

    Examples
    --------
    >>> import pandas as pd, musictools as mt
    >>> streams = pd.DataFrame({"unique_id": list("abc"), "ds": 1, "y": [8.0, 1.0, 1.0]})
    >>> found = mt.trends.concentration(streams, period=None)
    >>> found[["names", "top_1_share", "gini"]].round(3).values.tolist()
    [[3.0, 0.8, 0.467]]
    """
    import pandas as pd

    what = "measure concentration"
    frame = tables.check(as_pandas(series, what), "series")
    check_values(frame, what)
    frame = frame[["unique_id", "ds", "y"]].dropna()
    when: Any = frame["ds"]
    if period is not None:
        if period not in _PERIODS or pd.api.types.is_numeric_dtype(when):
            raise InputError(
                what,
                got=f"period={period!r} of a {when.dtype} ds",
                expected="dates and 'year', 'quarter', 'month' or 'week'; or None",
                hint="period=None",
            )
        when = pd.to_datetime(when).dt.tz_localize(None).dt.to_period(_PERIODS[period])
        when = when.dt.start_time
    sums = frame.assign(period=when).groupby(["period", "unique_id"], observed=True)["y"].sum()
    rows = []
    for at, some in sums[sums > 0].groupby(level="period"):
        amounts = np.sort(some.to_numpy(dtype=np.float64))
        total = float(amounts.sum())
        found = of_sorted(amounts)
        rows.append(
            {
                "period": at,
                "names": len(amounts),
                "total": total,
                "top_1_share": float(amounts[-1]) / total,
                "top_10_share": float(amounts[-10:].sum()) / total,
                **{name: found[name] for name in _MEASURES},
            }
        )
    return pd.DataFrame(rows, columns=[*_WHOLES, *_MEASURES])


_WHOLES = ("period", "names", "total", "top_1_share", "top_10_share")
_MEASURES = ("top_1_percent_share", "top_10_percent_share", "gini", "hhi", "effective_number")
