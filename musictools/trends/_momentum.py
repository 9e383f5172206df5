"""momentum() and career_stage(): where a series stands, and where it is going."""

from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._checks import check_number
from musictools.trends._long_series import Series, read_long
from musictools.trends._mann_kendall import FEWEST, slope_of

if TYPE_CHECKING:
    import pandas as pd

#: A level that is this part of the best is at the top; below the other it is next to nothing.
_TOP, _NOTHING = 0.8, 0.01
#: A level below this part of the best, once reached, is what one can come back from.
_DOWN = 0.5


def momentum(series: Any, *, window: int = 8, level: float = 0.9) -> "pd.DataFrame":
    """Tell which series are rising now, how fast, and whether that is more than noise.

    Parameters
    ----------
    series : pandas, polars, pyarrow or DuckDB frame
        Long frame ``unique_id, ds, y``; counts or money, not below zero. Missing values are left
        out.
    window : int, default: 8
        Last points that are looked at, 4 or more.
    level : float, default: 0.9
        Level of the interval of growth.

    Returns
    -------
    pandas.DataFrame
        A row for each series: ``unique_id, recent`` (mean of the window), ``before`` (mean of the
        window before), ``ratio``, ``growth`` (a step: 0.05 is 5 % more each), ``growth_lo,
        growth_hi, p_value`` (Mann-Kendall), ``acceleration`` (growth less that of the window
        before), ``trend`` (rising, falling, or flat where the interval holds 0; ended where nothing
        came in the last half window or more, and in four steps at least, zeros or, by dates, no
        rows up to the end of the table, and it was never away as long before; unknown with fewer
        than four points).

    Raises
    ------
    TableError
        If it is no long frame.
    InputError
        If a value is below zero or infinite, a series holds a time twice, or an argument is out of
        range.

    Notes
    -----
    Growth is the median slope of log(1 + y) over all pairs of points in the window (Theil-Sen), so
    a single good day moves it little. Where y is no count and small, a hundredth of its mean takes
    the place of 1. Of what has ended, growth is that of its last window.

    Examples
    --------
    >>> import numpy as np, pandas as pd, musictools as mt
    >>> days = np.arange(16)
    >>> plays = pd.DataFrame({"unique_id": "a", "ds": days, "y": 1e6 * 1.05**days})
    >>> now = mt.trends.momentum(plays)
    >>> now["trend"][0], round(float(now["growth"][0]), 3)
    ('rising', 0.05)
    """
    import pandas as pd

    what = "measure momentum"
    count = int(check_number(what, "window", window, (FEWEST, 10_000)))
    level = check_number(what, "level", level, (0.01, 0.999))
    found, unit = read_long(series, what)
    away = _away(found, unit)
    rows = zip(found, away, strict=True)
    return pd.DataFrame([{"unique_id": s.name, **_momentum(s, count, level, a)} for s, a in rows])


def career_stage(series: Any, *, window: int = 12, level: float = 0.9) -> "pd.DataFrame":
    """Tell at which stage of its life an artist or a title is, by its own history alone.

    Parameters
    ----------
    series : pandas, polars, pyarrow or DuckDB frame
        Long frame ``unique_id, ds, y``; counts or money, not below zero, with zeros where nothing
        was counted. Missing values are left out.
    window : int, default: 12
        Points that a level is the mean of, 4 or more.
    level : float, default: 0.9
        Level of the interval that decides whether it rises or falls.

    Returns
    -------
    pandas.DataFrame
        A row for each series: ``unique_id, stage, recent`` (mean of the window), ``best`` (best
        such mean ever), ``of_best`` (their ratio), ``low`` (worst such mean after the best, as a
        part of it), ``growth, trend`` (as in `momentum`), ``age`` (points since the first above
        zero).

    Raises
    ------
    TableError
        If it is no long frame.
    InputError
        If a value is below zero or infinite, a series holds a time twice, or an argument is out of
        range.

    Notes
    -----
    The first rule that holds decides: ``unheard`` (nothing but zeros), ``dormant`` (ended, or two
    windows old and below 1 % of its best), ``new`` (younger than two windows), ``breaking``
    (rising, at 80 % of its best or more), ``peaking`` (there and not rising), ``reviving`` (rising
    after it had been below half of its best), ``fading`` (falling), ``steady``. Rules of ours, on
    one series at a time: they say nothing about how large an artist is.

    Examples
    --------
    >>> import numpy as np, pandas as pd, musictools as mt
    >>> y = 1e6 * 0.9 ** np.arange(40)
    >>> fades = pd.DataFrame({"unique_id": "a", "ds": np.arange(40), "y": y})
    >>> mt.trends.career_stage(fades)["stage"][0]
    'fading'
    """
    import pandas as pd

    what = "tell a career stage"
    count = int(check_number(what, "window", window, (FEWEST, 10_000)))
    level = check_number(what, "level", level, (0.01, 0.999))
    found, unit = read_long(series, what)
    away = _away(found, unit)
    rows = zip(found, away, strict=True)
    return pd.DataFrame([{"unique_id": s.name, **_stage(s, count, level, a)} for s, a in rows])


def _away(found: list[Series], unit: str) -> list[float]:
    """Give for how many steps nothing has come, up to the end of the table.

    0 where that is no longer than once before, or nothing ever came. Only dates are the same for
    all: steps may be counted from each series' own beginning.
    """
    usual = float(np.median([each.step for each in found if len(each.age) > 1] or [1.0]))
    end = max(float(each.age[-1]) for each in found)
    out = []
    for each in found:
        heard = each.age[each.y > 0]
        step = each.step if len(each.age) > 1 else usual
        last = end if unit == "days" else float(each.age[-1])
        since = (last - float(heard[-1])) / step if len(heard) else 0.0
        longest = float(np.diff(heard).max(initial=step)) / step - 1
        out.append(since if since > longest else 0.0)
    return out


def _momentum(each: Series, window: int, level: float, away: float) -> dict[str, Any]:
    t, x = each.age / each.step, np.log(each.y + _one(each.y))
    now = slope_of(t[-window:], x[-window:], level)
    past = slice(-2 * window, -window)
    earlier = slope_of(t[past], x[past], level)
    recent = float(each.y[-window:].mean())
    before = float(each.y[past].mean()) if len(each.y[past]) else float("nan")
    growth, low, high = (float(np.expm1(v)) for v in (now.slope, now.lo, now.hi))
    if away >= max(window / 2, FEWEST):
        trend = "ended"
    elif np.isnan(growth):
        trend = "unknown"
    else:
        trend = "rising" if low > 0 else "falling" if high < 0 else "flat"
    return {
        "recent": recent,
        "before": before,
        "ratio": recent / before if before > 0 else float("nan"),
        "growth": growth,
        "growth_lo": low,
        "growth_hi": high,
        "p_value": now.p_value,
        "acceleration": growth - float(np.expm1(earlier.slope)),
        "trend": trend,
    }


def _one(y: Any) -> float:
    """Give what is added before logarithms are taken: one play, or little of small amounts."""
    if (y % 1 == 0).all():
        return 1.0
    return min(1.0, 0.01 * float(y.mean()))


def _stage(each: Series, window: int, level: float, away: float) -> dict[str, Any]:
    now = _momentum(each, window, level, away)
    heard = np.flatnonzero(each.y > 0)
    age = len(each.y) - int(heard[0]) if len(heard) else 0
    width = min(window, len(each.y))
    means = np.convolve(each.y, np.full(width, 1 / width), "valid")
    at = int(means.argmax())
    best = float(means[at])
    part = now["recent"] / best if best > 0 else float("nan")
    low = float(means[at:].min()) / best if best > 0 else float("nan")
    rules = (
        ("unheard", not len(heard)),
        ("dormant", now["trend"] == "ended" or (part < _NOTHING and age >= 2 * window)),
        ("new", age < 2 * window),
        ("breaking", now["trend"] == "rising" and part >= _TOP),
        ("peaking", now["trend"] == "flat" and part >= _TOP),
        ("reviving", now["trend"] == "rising" and low < _DOWN),
        ("fading", now["trend"] == "falling"),
        ("steady", True),
    )
    return {
        "stage": next(name for name, holds in rules if holds),
        "recent": now["recent"],
        "best": best,
        "of_best": part,
        "low": low,
        "growth": now["growth"],
        "trend": now["trend"],
        "age": age,
    }
