"""survival(): how long things last when the end of some was not seen (Kaplan and Meier)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musictools._card import Table
from musictools._checks import check_number
from musictools._figures import chance, figure
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError, TableError, closest
from musictools.trends._lifetimes import read_lifetimes

if TYPE_CHECKING:
    import pandas as pd

    Floats = np.ndarray[Any, np.dtype[np.float64]]

_WHAT = "estimate survival"
_INTERVALS = ("log-log", "plain")


@dataclass(frozen=True, kw_only=True, repr=False)
class Survival(Result):
    """Survival curves of one or several groups.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each group and time at which one ended or was last seen: ``group, time, at_risk,
        events, censored, survival`` (part that lasts longer than that), ``lo, hi``. The first row
        of a group is time 0.
    groups : pandas.DataFrame
        A row for each group: ``group, n, events, median, median_lo, median_hi`` (infinite where
        the curve never gets to a half) and ``mean``, restricted to times up to ``until``, the
        latest at which all groups are still seen.
    statistic, p_value : float
        Of the log-rank test that all groups last alike; NaN for one group.
    unit : str
        Name of the column of times.
    level : float
        Level of the intervals.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "survival"

    table: "pd.DataFrame" = field(repr=False)
    groups: "pd.DataFrame" = field(repr=False)
    statistic: float
    p_value: float
    unit: str
    level: float

    def at(self, time: float) -> "pd.DataFrame":
        """Give the part of each group that lasts longer than some time.

        Parameters
        ----------
        time : float
            In the unit of the curve.

        Returns
        -------
        pandas.DataFrame
            Columns ``group, survival, lo, hi``.
        """
        before = self.table[self.table["time"] <= time]
        last = before.groupby("group", sort=False).tail(1)
        return last[["group", "survival", "lo", "hi"]].reset_index(drop=True)

    def to_frame(self) -> "pd.DataFrame":
        """Give the curves.

        Returns
        -------
        pandas.DataFrame
            As ``table``.
        """
        return self.table.copy()

    def _verdict(self) -> str:
        if len(self.groups) > 1:
            test = f"log-rank {chance(self.p_value)}"
            if not self.p_value <= 1 - self.level:
                return (
                    f"No difference is seen between {len(self.groups)} groups ({test}). That does "
                    "not show that they last alike."
                )
            ends = self.groups.sort_values("median", kind="stable").iloc[[0, -1]]
            first, last = (
                f"{figure(row.median)} in {row.group}" for row in ends.itertuples(index=False)
            )
            return (
                f"Groups last differently ({test}): the median of {self.unit} is {first}, {last}."
            )
        n, events, median, low, high = self.groups.iloc[0][
            ["n", "events", "median", "median_lo", "median_hi"]
        ]
        told = (
            f"More than half last longer than was seen ({self._interval(low, high)} {self.unit})"
            if np.isinf(median)
            else f"Half last longer than {figure(median)} {self.unit} ({self._interval(low, high)})"
        )
        return f"{told}: of {n:,} it was seen how {events:,} ended."

    def _tables(self) -> Iterable[Table]:
        names = ["group", "n", "events", "median", "median_lo", "median_hi", "mean"]
        return [("Groups", self.groups[names])]


def survival(
    frame: Any,
    *,
    duration: str = "weeks",
    event: str | None = "left",
    entry: str | None = None,
    by: str | None = None,
    interval: str = "log-log",
    level: float = 0.9,
) -> Survival:
    """Estimate how long things last, some of which have not ended yet (Kaplan-Meier).

    Parameters
    ----------
    frame : pandas, polars, pyarrow or DuckDB frame
        One row for each thing, such as what `chart_runs` gives.
    duration : str, default: 'weeks'
        Column of how long it lasted, above 0.
    event : str, optional
        Column of whether it has ended (True or 1); False for what was still there when last seen.
        None if all have.
    entry : str, optional
        Column of the age from which on it was watched, for what was there before the data begin
        (left truncation). None if all were watched from the beginning.
    by : str, optional
        Column of groups, to compare them.
    interval : {"log-log", "plain"}
        Greenwood's variance on the scale of log(-log S), which stays within 0 and 1, or as it is.
    level : float, default: 0.9
        Level of the intervals.

    Returns
    -------
    Survival
        Curves, medians, and the log-rank test.

    Raises
    ------
    TableError
        If a column is missing, or not all numbers.
    InputError
        If a time is not above 0, an event is neither 0 nor 1, an argument is unknown, or so few
        were watched at some age that all of them ended there, though others were seen later.

    Notes
    -----
    Leaving out what has not ended, or taking it as ended, makes lives look shorter than they are.
    Titles of one artist are not independent, so intervals are a little too narrow. The median's
    interval holds the times at which the curve's interval holds a half (Brookmeyer and Crowley).
    With ``entry``, few may be watched at early ages; where the only one ends, the estimate is 0
    from there on, whatever the others do. That is refused, and the message tells whom to leave out.

    References
    ----------
    E. L. Kaplan, P. Meier (1958): Nonparametric estimation from incomplete observations. JASA 53.
    N. Mantel (1966): Evaluation of survival data and two new rank order statistics arising in its
    consideration. Cancer Chemotherapy Reports 50.

    Examples
    --------
    >>> import pandas as pd, musictools as mt
    >>> runs = pd.DataFrame({"weeks": [1, 2, 2, 4, 5], "left": [1, 1, 0, 1, 0]})
    >>> found = mt.trends.survival(runs)
    >>> found.table["survival"].round(2).tolist()
    [1.0, 0.8, 0.6, 0.3, 0.3]
    """
    import pandas as pd
    from scipy.stats import chi2

    level = check_number(_WHAT, "level", level, (0.01, 0.999))
    if interval not in _INTERVALS:
        raise InputError(
            _WHAT,
            got=f"interval={interval!r}",
            expected="'log-log' or 'plain'",
            hint=closest(str(interval), _INTERVALS),
        )
    lives = read_lifetimes(
        frame, _WHAT, duration=duration, event=event, entry=entry, more=[by] if by else []
    )
    codes, names = np.zeros(len(lives.time), dtype=int), ["all"]
    if by:
        codes, labels = pd.factorize(lives.frame[by], sort=True)
        names = list(labels)
    if (codes < 0).any():
        raise TableError(
            _WHAT,
            got=f"missing values in {by!r}",
            expected="a group for each row",
            hint=f"frame.dropna(subset=[{by!r}])",
        )
    groups = [codes == k for k in range(len(names))]
    until = min(float(lives.time[group].max()) for group in groups)
    curves, rows = [], []
    for name, group in zip(names, groups, strict=True):
        time, ended, begin = lives.time[group], lives.ended[group], lives.entry[group]
        curve = _curve(time, ended, begin, level, interval)
        _check_watched(curve, duration, entry, f" of {name!r}" if by else "")
        curves.append(curve.assign(group=name))
        rows.append(_summary(name, curve, len(time), int(ended.sum()), until))
    columns = ["group", "time", "at_risk", "events", "censored", "survival", "lo", "hi"]
    statistic = _log_rank(lives.time, lives.ended, lives.entry, groups)
    return Survival(
        table=pd.concat(curves, ignore_index=True)[columns],
        groups=pd.DataFrame(rows),
        statistic=statistic,
        p_value=float(chi2.sf(statistic, len(names) - 1)) if len(names) > 1 else float("nan"),
        unit=duration,
        level=level,
        provenance={"musictools": __version__, "function": "trends.survival", "by": by},
    )


def _counts(time: "Floats", ended: Any, entry: "Floats", at: "Floats") -> tuple[Any, Any]:
    """Give how many are at risk, and how many end, at some times."""
    ends, begins = np.sort(time), np.sort(entry)
    # At risk at t is who began before t and ends at t or later.
    at_risk = np.searchsorted(begins, at, "left") - np.searchsorted(ends, at, "left")
    deaths = np.sort(time[ended])
    events = np.searchsorted(deaths, at, "right") - np.searchsorted(deaths, at, "left")
    return at_risk, events


def _curve(
    time: "Floats", ended: Any, entry: "Floats", level: float, interval: str
) -> "pd.DataFrame":
    import pandas as pd
    from scipy.special import ndtri

    at = np.unique(time)
    at_risk, events = _counts(time, ended, entry, at)
    stays = np.cumprod(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.cumsum(events / (at_risk * (at_risk - events).astype(float)))
        reach = float(ndtri(0.5 + level / 2)) * np.sqrt(spread)
        if interval == "plain":
            low, high = stays - reach * stays, stays + reach * stays
        else:
            logs = reach / np.log(stays)
            low, high = stays ** np.exp(-logs), stays ** np.exp(logs)
    # Where none has ended, or all have, there is nothing that could vary.
    sure = (stays >= 1) | (stays <= 0)
    low, high = (np.clip(np.where(sure, stays, end), 0.0, 1.0) for end in (low, high))
    lost = np.bincount(np.searchsorted(at, time[~ended]), minlength=len(at))
    first = int((entry < at[0]).sum())
    return pd.DataFrame(
        {
            "time": np.r_[0.0, at],
            "at_risk": np.r_[first, at_risk],
            "events": np.r_[0, events],
            "censored": np.r_[0, lost],
            "survival": np.r_[1.0, stays],
            "lo": np.r_[1.0, low],
            "hi": np.r_[1.0, high],
        }
    )


def _check_watched(curve: "pd.DataFrame", duration: str, entry: str | None, whose: str) -> None:
    """Refuse a curve that is 0 before others are even watched: it says nothing of them."""
    # Products of fractions come to zero only where all who were at risk ended.
    lost = curve[(curve["survival"] <= 0) & (curve["time"] < curve["time"].iloc[-1])]
    if not len(lost):
        return
    at, risk = lost["time"].iloc[0], lost["at_risk"].iloc[0]
    ends = curve["events"] + curve["censored"]
    before, after = (int(ends[side].sum()) for side in (curve["time"] <= at, curve["time"] > at))
    early = f"frame[frame[{duration!r}] > {at:g}], and read its curve as of those that lasted that"
    late = f"frame[frame[{entry!r}] < {at:g}]"
    raise InputError(
        _WHAT,
        got=f"{risk} watched at the age of {at:g}{whose}, all of which ended there, though {after} "
        "were seen at later ages: the curve would be 0 from there on",
        expected="somebody who is watched at each age and outlasts it, up to the last",
        hint=early if after >= before else late,
    )


def _summary(name: Any, curve: "pd.DataFrame", n: int, events: int, until: float) -> dict[str, Any]:
    time = curve["time"].to_numpy()

    def half(column: str) -> float:
        # Products of fractions that make a half may miss it by a rounding error.
        below = np.flatnonzero(curve[column].to_numpy() <= 0.5 + 1e-12)
        return float(time[below[0]]) if len(below) else float("inf")

    inside = np.minimum(time, until)
    area = float((curve["survival"].to_numpy()[:-1] * np.diff(inside)).sum())
    return {
        "group": name,
        "n": n,
        "events": events,
        "median": half("survival"),
        "median_lo": half("lo"),
        "median_hi": half("hi"),
        "mean": area,
        "until": until,
    }


def _log_rank(time: "Floats", ended: Any, entry: "Floats", groups: list[Any]) -> float:
    if len(groups) < 2 or not ended.any():
        return float("nan")
    at = np.unique(time[ended])
    risk, deaths = _counts(time, ended, entry, at)
    parts = [_counts(time[g], ended[g], entry[g], at) for g in groups]
    share = np.array([r for r, _ in parts]) / risk
    off = np.array([d for _, d in parts]).sum(axis=1) - (share * deaths).sum(axis=1)
    scatter = deaths * (risk - deaths) / np.maximum(risk - 1, 1)
    covariance = -(share * scatter) @ share.T
    covariance[np.diag_indices(len(groups))] += (share * scatter).sum(axis=1)
    # One group is what the others leave.
    return float(off[1:] @ np.linalg.pinv(covariance[1:, 1:]) @ off[1:])
