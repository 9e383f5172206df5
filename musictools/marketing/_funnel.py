"""funnel(): streams per listener, saves, skips, followers and sources as rates with intervals."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musictools._card import Table
from musictools._figures import chance, figure
from musictools._frames import as_pandas
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError, TableError
from musictools.tables import check

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "measure the funnel"
LEVEL = 0.90
#: Rate: what is counted, of what, and whether it is a share (at most 1).
_RATES = {
    "streams_per_listener": ("streams", "listeners", False),
    "save_rate": ("saves", "listeners", True),
    "skip_rate": ("skips", "streams", True),
    "follower_conversion": ("new_followers", "listeners", True),
}
_SOURCE = "streams_source_"
#: Rows that show by themselves how far counts spread.
_ROWS = 4


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Funnel(Result):
    """Rates of the funnel with intervals, and their change between two periods.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each rate and period: ``rate``, ``period`` (``"all"``, ``"before"``, ``"after"``),
        ``value``, ``lo_90``, ``hi_90``, ``count``, ``of``, ``rows``, ``dispersion`` (variance over
        that of independent people; 1 where it could not be seen) and ``interval``.
    changes : pandas.DataFrame
        A row for each rate: ``rate``, ``before``, ``after``, ``change`` (difference of shares,
        ratio less 1 of streams per listener), ``lo_90``, ``hi_90``, ``p_value``. Empty without two
        periods.
    words : str
        What it means, what it does not, and what was done to the data.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "funnel"

    table: "pd.DataFrame"
    changes: "pd.DataFrame"
    words: str

    def to_frame(self) -> "pd.DataFrame":
        """Give the rates, one row for each rate and period.

        Returns
        -------
        pandas.DataFrame
            A copy of ``table``.
        """
        return self.table.copy()

    def _tables(self) -> Iterable[Table]:
        changed = [("Changes", self.changes)] if len(self.changes) else []
        return [("Rates", self.table), *changed]


@dataclass(frozen=True)
class _Rate:
    """One rate in one period."""

    value: float
    count: float
    of: float
    rows: int
    dispersion: float
    #: t over normal, and standard error of a ratio on the logarithm.
    z: float
    share: bool

    @property
    def freedom(self) -> float:
        """People that would tell as much if they were independent."""
        return self.of / self.dispersion

    @property
    def interval(self) -> tuple[float, float]:
        """Of Wilson for shares, log-normal for ratios."""
        if self.share:
            n, p, z = self.freedom, self.value, self.z
            middle = (p + z * z / (2 * n)) / (1 + z * z / n)
            half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
            return max(0.0, float(middle - half)), min(1.0, float(middle + half))
        if self.count == 0:
            return 0.0, float(-np.log(0.05) * self.dispersion / self.of)
        half = self.z * self.log_error
        return float(self.value * np.exp(-half)), float(self.value * np.exp(half))

    @property
    def log_error(self) -> float:
        """Standard error of the logarithm of a ratio."""
        return float(np.sqrt(self.dispersion / max(self.count, 1e-300)))


def funnel(observations: "pd.DataFrame", *, split: Any = None, entity: str | None = None) -> Funnel:
    """Measure how listeners go on: streams, saves, skips, followers, and where streams come from.

    Parameters
    ----------
    observations : pandas.DataFrame
        An `observations` table with metrics (of single days or periods, not running totals)
        ``streams``, ``listeners``, ``saves``, ``skips``, ``new_followers`` or ``followers`` (a
        level, whose rises and falls are taken), and ``streams_source_NAME`` for where streams come
        from, of those that are there. Or a wide table of such columns and ``ds``.
    split : date or str, optional
        First time of the second of two periods that are compared.
    entity : str, optional
        The one entity to look at; needed where the table holds several, whose listeners cannot be
        added up. Of several platforms the rows stay apart and are summed.

    Returns
    -------
    Funnel
        Rates with intervals, changes between the periods, and words.

    Raises
    ------
    TableError
        If it is no such table.
    InputError
        If no rate can be made of the metrics, a count is negative, there are several entities, or a
        period has no rows.

    Notes
    -----
    Shares have intervals of Wilson (1927), their differences those of Newcombe (1998); streams per
    listener log-normal ones. People are not independent of each other from day to day, so that from
    four rows on the spread between rows (Pearson's statistic over its degrees of freedom, 1 at
    least for shares) widens them, with Student's t. With fewer rows of shares they are as if all
    were independent, and `words` says so.

    Somebody who listens on two days is a listener of both: rates go by listener-days (or weeks).

    In 100 simulations (``benchmarks/lifts.py --only funnel``; four weeks before and four after, of
    200 to 2,000 listeners a day whose readiness to save differs from day to day; standard error
    .03) the 90 % interval held the truth of the save rate in .86, of streams per listener in .84
    and of the change in .89; p-values of changes were at most 0.10 in .13 and .14 where there was
    none. With five days these were .87, .91 and .87; with fewer than four people are taken as
    independent, and the interval may hold in .20 only.

    Examples
    --------
    >>> import pandas as pd, musictools as mt
    >>> days = pd.date_range("2025-01-01", periods=4)
    >>> table = pd.DataFrame({"ds": days, "streams": [300, 330, 280, 310],
    ...                       "listeners": [150, 160, 140, 150], "saves": [15, 14, 15, 16]})
    >>> rates = mt.marketing.funnel(table).table.set_index("rate")
    >>> rates["value"].round(3).to_dict()
    {'streams_per_listener': 2.033, 'save_rate': 0.1}
    """
    import pandas as pd

    notes: list[str] = []
    wide = _wide(observations, entity, notes)
    asked = _asked(wide)
    periods = {"all": wide}
    if split is not None:
        periods = _halves(wide, split)
    rows, changes = [], []
    for name, (count, of, share) in asked.items():
        rates = {}
        for period, part in periods.items():
            rate = _rate(part[count], part[of], share, f"{name} ({period})", notes)
            if rate is None:
                continue
            rates[period] = rate
            low, high = rate.interval
            way = ("Wilson" if share else "log-normal") + (
                ", overdispersed" if rate.dispersion != 1 else ""
            )
            rows.append((name, period, rate.value, low, high, rate.count, rate.of, rate.rows,
                         rate.dispersion, way))  # fmt: skip
        if len(rates) == 2:
            changes.append((name, *_change(rates["before"], rates["after"])))
    columns = ["rate", "period", "value", "lo_90", "hi_90", "count", "of", "rows", "dispersion",
               "interval"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    changed = pd.DataFrame(
        changes, columns=["rate", "before", "after", "change", "lo_90", "hi_90", "p_value"]
    )
    return Funnel(
        table=table,
        changes=changed,
        words=_words(table, changed, notes),
        provenance={
            "musictools": __version__,
            "function": "marketing.funnel",
            "split": None if split is None else str(split),
            "entity": entity,
        },
    )


def _wide(observations: Any, entity: str | None, notes: list[str]) -> "pd.DataFrame":
    """One row for each time and platform, one column for each metric."""
    import pandas as pd

    frame = as_pandas(observations, _WHAT)
    if "metric" in frame or "value" in frame:
        frame = as_pandas(check(observations, "observations"), _WHAT)
        names = sorted(frame["entity_id"].astype(str).unique())
        if entity is None and len(names) > 1:
            raise InputError(
                _WHAT,
                got=f"{len(names)} entities, such as {names[0]!r} and {names[1]!r}",
                expected="one: people who listen to several would count more than once",
                hint=f"entity={names[0]!r}",
            )
        if entity is not None:
            frame = frame[frame["entity_id"].astype(str) == entity]
        if frame.empty:
            raise InputError(_WHAT, got=f"no rows of entity={entity!r}", expected="at least one",
                             hint=f"one of {', '.join(map(repr, names[:3]))}")  # fmt: skip
        # What was fetched last is what the platform stands by.
        frame = frame.sort_values("fetched_at", kind="stable", na_position="first")
        wide = frame.pivot_table(index=["observed_at", "platform"], columns="metric",
                                 values="value", aggfunc="last", observed=True)  # fmt: skip
        wide = wide.reset_index().rename(columns={"observed_at": "ds"})
        keys = ["platform"]
    else:
        if "ds" not in frame:
            raise TableError(
                _WHAT,
                got=f"columns {', '.join(map(repr, frame.columns))}",
                expected="an observations table, or ds and a column for each metric",
                hint="rename the column of dates to 'ds'",
            )
        wide, keys = frame.copy(), [name for name in ("platform",) if name in frame]
    wide = wide.sort_values("ds", kind="stable").reset_index(drop=True)
    _gained(wide, keys, notes)
    numbers = [name for name in wide if name not in {"ds", "platform"}]
    for name in numbers:
        if not pd.api.types.is_numeric_dtype(wide[name]):
            continue
        values = wide[name].to_numpy(float)
        if (values < 0).any() or np.isinf(values).any():
            raise InputError(_WHAT, got=f"a negative or infinite number of {name}",
                             expected="counts of 0 or more", hint="wide.clip(lower=0)")  # fmt: skip
    return wide


def _gained(wide: "pd.DataFrame", keys: list[str], notes: list[str]) -> None:
    """Take new followers from the level of followers."""
    if "followers" not in wide or "new_followers" in wide:
        return
    level = wide["followers"].astype(float)
    gained = (level.groupby(wide[keys[0]].astype(str)) if keys else level).diff()
    if (gained < 0).any():
        notes.append(
            f"followers fell {int((gained < 0).sum())} times: those are counted as no new ones"
        )
    wide["new_followers"] = gained.clip(lower=0)


def _asked(wide: "pd.DataFrame") -> dict[str, tuple[str, str, bool]]:
    found = {
        name: (count, of, share)
        for name, (count, of, share) in _RATES.items()
        if count in wide and of in wide
    }
    sources = [str(name) for name in wide if str(name).startswith(_SOURCE)]
    if sources:
        # Sources are shares of what has a source.
        wide["_sourced"] = wide[sources].sum(axis=1, min_count=len(sources))
        found |= {
            f"source: {name.removeprefix(_SOURCE)}": (name, "_sourced", True) for name in sources
        }
    if not found:
        raise InputError(
            _WHAT,
            got="metrics " + ", ".join(map(repr, (n for n in wide if n not in {"ds", "platform"}))),
            expected="two that make a rate, such as streams and listeners",
            hint="frame['metric'] = frame['metric'].replace({'listeners_28d': 'listeners'})",
        )
    return found


def _halves(wide: "pd.DataFrame", split: Any) -> "dict[str, pd.DataFrame]":
    import pandas as pd

    moment = split
    if wide["ds"].dtype.kind == "M":
        try:
            moment = pd.Timestamp(split)
        except (TypeError, ValueError):
            moment = pd.NaT
        if moment is not pd.NaT and moment.tz is None and wide["ds"].dt.tz is not None:
            moment = moment.tz_localize(wide["ds"].dt.tz)
    try:
        before = (wide["ds"] < moment).to_numpy()
    except TypeError:
        before = np.zeros(len(wide), bool)
    if not 0 < before.sum() < len(wide):
        raise InputError(
            _WHAT,
            got=f"split={split!r}",
            expected=f"a time after {wide['ds'].iloc[0]} and up to {wide['ds'].iloc[-1]}",
            hint=f"split={str(wide['ds'].iloc[len(wide) // 2])!r}",
        )
    return {"before": wide[before], "after": wide[~before]}


def _rate(
    count: "pd.Series[Any]", of: "pd.Series[Any]", share: bool, name: str, notes: list[str]  # noqa: FBT001
) -> _Rate | None:  # fmt: skip
    from scipy.stats import norm
    from scipy.stats import t as student

    x, n = count.to_numpy(float), of.to_numpy(float)
    there = np.isfinite(x) & np.isfinite(n) & (n > 0)
    if not there.any():
        notes.append(f"{name} has no rows with both numbers")
        return None
    x, n = x[there], n[there]
    if share and (x > n).any():
        raise InputError(_WHAT, got=f"{name}: a count above what it is a share of",
                         expected="a part of the whole",
                         hint="compare numbers of the same days and platform")  # fmt: skip
    value = float(x.sum() / n.sum())
    dispersion, z = 1.0, float(norm.ppf((1 + LEVEL) / 2))
    if len(x) >= (_ROWS if share else 2) and x.sum() > 0 and (not share or value < 1):
        spread = value * (1 - value) if share else value
        seen = float(((x - n * value) ** 2 / (n * spread)).sum() / (len(x) - 1))
        # Streams of one listener are no coin tosses: they may spread less than Poisson.
        dispersion = max(seen, 1.0) if share else max(seen, 1e-12)
        # Rows differ in size: so many of one size would tell as much.
        alike = n.sum() ** 2 / (n**2).sum()
        z = float(student.ppf((1 + LEVEL) / 2, max(alike - 1, 1)))
    else:
        notes.append(f"{name}: {len(x)} rows do not show how far they spread; people are taken as "
                     "independent, so that the interval may be too short")  # fmt: skip
    return _Rate(value, float(x.sum()), float(n.sum()), len(x), dispersion, z, share)


def _change(one: _Rate, two: _Rate) -> tuple[float, ...]:
    """Difference of shares by Newcombe; ratio less 1 on the logarithm."""
    from scipy.stats import norm
    from scipy.stats import t as student

    if one.share:
        (a, b), (c, d) = one.interval, two.interval
        p, q = one.value, two.value
        low = q - p - np.sqrt((q - c) ** 2 + (b - p) ** 2)
        high = q - p + np.sqrt((d - q) ** 2 + (p - a) ** 2)
        both = (one.count + two.count) / (one.of + two.of)
        error = np.sqrt(both * (1 - both) * (1 / one.freedom + 1 / two.freedom))
        score = abs(q - p) / error if error > 0 else 0.0
        change = q - p
    else:
        if not (one.count and two.count):
            return one.value, two.value, float("nan"), float("nan"), float("nan"), float("nan")
        error = float(np.hypot(one.log_error, two.log_error))
        half = np.hypot(one.z * one.log_error, two.z * two.log_error)
        middle = np.log(two.value / one.value)
        change, low, high = np.expm1([middle, middle - half, middle + half])
        score = abs(middle) / error if error > 0 else 0.0
    if min(one.rows, two.rows) >= _ROWS:
        p_value = 2 * student.sf(score, one.rows + two.rows - 2)
    else:
        p_value = 2 * norm.sf(score)
    return one.value, two.value, float(change), float(low), float(high), float(p_value)


def _words(table: "pd.DataFrame", changes: "pd.DataFrame", notes: list[str]) -> str:
    told = []
    rows: Any = table[table["period"] != "before"].itertuples()
    for row in rows:
        when = " after the split" if row.period == "after" else ""
        told.append(f"{str(row.rate).replace('_', ' ')}{when}: {figure(row.value)} "
                    f"({figure(row.lo_90)} to {figure(row.hi_90)}).")  # fmt: skip
    rows = changes.itertuples()
    for row in rows:
        if np.isnan(row.change):
            continue
        name = str(row.rate).replace("_", " ")
        as_what = f"{100 * row.change:+.3g} " + ("%" if row.rate == "streams_per_listener" else
                                                "points")  # fmt: skip
        if row.lo_90 <= 0 <= row.hi_90:
            told.append(f"{name} changed by {as_what}, which chance may well do "
                        f"({chance(row.p_value)}).")  # fmt: skip
        else:
            told.append(f"{name} changed by {as_what} ({chance(row.p_value)}).")
    told.append("Rates go by listener-days where rows are days: who listens twice counts twice. A "
                "change says that the mix or the behaviour changed, not what changed it: "
                "listeners of a playlist save less than those who looked for a song.")  # fmt: skip
    if len(changes) > 1:
        told.append(f"{len(changes)} changes were looked at: one in ten is seen where there is "
                    "none.")  # fmt: skip
    told.extend(f"Of the data: {note}." for note in dict.fromkeys(notes))
    return " ".join(told)
