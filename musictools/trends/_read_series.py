"""A long table of series as one rectangle, checked and, where asked to, repaired."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import numpy as np
import numpy.typing as npt

from musictools import tables
from musictools._frames import as_pandas
from musictools.errors import closest
from musictools.trends._series_checks import check_once, check_values, check_zones, refuse

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Gaps = Literal["error", "interpolate", "zero"]

GAPS = ("error", "interpolate", "zero")
_DAY = 86_400
#: Steps of a season, by seconds of a step; months and quarters stand apart.
_SEASONS = {3600: (24, 168), _DAY: (7, 365), 7 * _DAY: (52,)}
_MONTHS = {1: (12,), 3: (4,)}


@dataclass(frozen=True)
class Clock:
    """How times of a table are counted: steps of one length, numbered from an origin.

    Attributes
    ----------
    unit : {"steps", "seconds", "months"}
        Of what a step is made.
    step : int
        How many of them.
    phase : int
        Where step 0 lies: seconds within a step, or the day of the month (0: its last day).
    zone : object
        Time zone of the table; None without one.
    """

    unit: str
    step: int
    phase: int = 0
    zone: Any = None

    @property
    def seasons(self) -> tuple[int, ...]:
        """Lengths of seasons in steps, the shortest first."""
        if self.unit == "months":
            return _MONTHS.get(self.step, ())
        return _SEASONS.get(self.step, ()) if self.unit == "seconds" else ()

    @property
    def name(self) -> str:
        """What a step is called."""
        if self.unit == "months":
            return {1: "months", 3: "quarters", 12: "years"}.get(self.step, f"{self.step} months")
        if self.unit == "seconds":
            known = {3600: "hours", _DAY: "days", 7 * _DAY: "weeks"}
            return known.get(self.step, f"steps of {self.step} s")
        return "steps"

    @property
    def elapsed(self) -> bool:
        """Whether steps are time that passed, such as hours: clocks on the wall are put back."""
        return self.zone is not None and self.unit == "seconds" and self.step < _DAY

    def number(self, ds: "pd.Series[Any]", *, late: bool = False) -> Whole:
        """Count times in steps; what lies between two gets the one before, or if late the next."""
        if self.unit == "steps":
            part = np.asarray(ds, dtype=float) / self.step
            return np.asarray(np.ceil(part) if late else np.floor(part), dtype=np.int64)
        times = self._wall(ds)
        if self.unit == "months":
            months = 12 * times.dt.year.to_numpy("int64") + times.dt.month.to_numpy("int64") - 1
            numbers = np.asarray(months // self.step)
        else:
            numbers = np.asarray((_seconds(times) - self.phase) // self.step)
        if late:
            numbers = numbers + (_seconds(self._wall(self.times(numbers))) < _seconds(times))
        return numbers

    def _wall(self, ds: "pd.Series[Any]") -> "pd.Series[Any]":
        """Give times as the table's clocks show them, in UTC for hours."""
        import pandas as pd

        times = pd.to_datetime(ds)
        if self.elapsed and times.dt.tz is None:
            summer = np.ones(len(times), dtype=bool)
            times = times.dt.tz_localize(self.zone, ambiguous=summer, nonexistent="shift_forward")
        if self.zone is not None and times.dt.tz is not None:
            times = times.dt.tz_convert("UTC" if self.elapsed else self.zone)
        return times.dt.tz_localize(None)

    def times(self, numbers: Whole) -> "pd.Series[Any]":
        """Give the times of steps."""
        import pandas as pd

        if self.unit == "steps":
            return pd.Series(numbers * self.step + self.phase)
        if self.unit == "months":
            # The phase counts months within a step as well: quarters may end in any month.
            months = numbers * self.step + self.phase // 100
            first = pd.Series((months - 12 * 1970).astype("datetime64[M]").astype("datetime64[ns]"))
            day = self.phase % 100
            shift = pd.to_timedelta((day or 1) - 1, unit="D")
            out = first + shift if day else first + pd.offsets.MonthEnd(0)
        else:
            stamps = (numbers * self.step + self.phase).astype("datetime64[s]")
            out = pd.Series(stamps.astype("datetime64[ns]"))
        if self.zone is None:
            return out
        if self.elapsed:
            return out.dt.tz_localize("UTC").dt.tz_convert(self.zone)
        # A time that summer time leaves out moves on to the next that there is.
        summer = np.ones(len(out), dtype=bool)
        return out.dt.tz_localize(self.zone, ambiguous=summer, nonexistent="shift_forward")


@dataclass(frozen=True)
class Panel:
    """Series in rows, all ending in the last column; what is before their start is NaN.

    Attributes
    ----------
    names : list of str
        Series, in the order of their names: what a table says must not depend on how it is sorted.
    y : numpy.ndarray, shape (series, steps)
        Values.
    end : numpy.ndarray
        Number of each series' last step.
    clock : Clock
        How steps are counted.
    notes : dict of str to str
        What was repaired, or is to be known, by series.
    """

    names: list[str]
    y: Floats
    end: Whole
    clock: Clock
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def length(self) -> Whole:
        """Points of each series."""
        return np.asarray(np.isfinite(self.y).sum(axis=1), dtype=np.int64)

    def until(self, last: int) -> "Panel":
        """Give what was known at a step; series that had not begun are left out."""
        begun = np.flatnonzero(self.end - self.length < last)
        hidden = np.maximum(self.end[begun] - last, 0)
        width = self.y.shape[1]
        source = np.arange(width)[None, :] - hidden[:, None]
        y = np.take_along_axis(self.y[begun], np.maximum(source, 0), axis=1)
        y = np.where(source >= 0, y, np.nan)
        known = np.flatnonzero(np.isfinite(y).any(axis=0))
        return replace(
            self,
            names=[self.names[i] for i in begun],
            y=np.ascontiguousarray(y[:, known[0] :]) if len(known) else y[:, :0],
            end=np.minimum(self.end[begun], last),
        )

    def at(self, numbers: Whole) -> Floats:
        """Give values at steps, (series, steps); NaN where there are none."""
        column = self.y.shape[1] - 1 - (self.end[:, None] - numbers[None, :])
        inside = (column >= 0) & (column < self.y.shape[1])
        found = np.take_along_axis(self.y, np.clip(column, 0, self.y.shape[1] - 1), axis=1)
        return np.where(inside, found, np.nan)


def read_series(series: Any, what: str, *, gaps: Gaps = "error") -> Panel:
    """Turn a ``series`` table into a panel.

    Parameters
    ----------
    series : pandas, polars, pyarrow or DuckDB frame
        Long frame ``unique_id, ds, y``, in any order.
    what : str
        For the words of errors.
    gaps : {"error", "interpolate", "zero"}
        What to do about steps that are missing inside a series. With ``"zero"`` series also go on
        at zero until the last step of the whole table.

    Raises
    ------
    TableError
        If it is no such table.
    InputError
        If it is empty, has a time twice, values that are infinite or below zero, gaps that nobody
        asked to fill, steps of several lengths, or several time zones.
    """
    if gaps not in GAPS:
        refuse(what, f"gaps={gaps!r}", "one of " + ", ".join(GAPS), closest(str(gaps), GAPS))
    long = _checked(as_pandas(series, what), what)
    codes, names = _coded(long["unique_id"])
    clock = _clock(long["ds"], codes, what)
    at = clock.number(long["ds"])
    stamps = clock.times(at)
    check_once(long["unique_id"], at, stamps, what, each=clock.name)
    order = np.lexsort((at, codes))
    codes, at, y = codes[order], at[order], long["y"].to_numpy(dtype=float)[order]
    sorted_before = bool(((np.diff(order) > 0) | (np.diff(codes) > 0)).all())
    if gaps == "interpolate":
        # After the last value there is nothing to interpolate to: the series ends there.
        ends = np.full(len(names), np.iinfo(np.int64).max)
        known = np.isfinite(y)
        ends[np.unique(codes[known])] = np.iinfo(np.int64).min
        np.maximum.at(ends, codes[known], at[known])
        kept = at <= ends[codes]
        codes, at, y = codes[kept], at[kept], y[kept]
    panel = _laid_out(codes, at, y, names, clock, to_end=gaps == "zero")
    panel = _filled(panel, gaps, what)
    if not sorted_before:
        panel.notes[""] = "rows were not in order of time: sorted"
    return panel


def _seconds(times: "pd.Series[Any]") -> Whole:
    return np.asarray(times.to_numpy("datetime64[ns]").astype("datetime64[s]").astype("int64"))


def _checked(frame: "pd.DataFrame", what: str) -> "pd.DataFrame":
    if "ds" in frame:
        check_zones(frame["ds"], what)
    frame = tables.check(frame, "series")
    check_values(frame, what)
    return frame


def _coded(ids: "pd.Series[Any]") -> tuple[Whole, list[str]]:
    import pandas as pd

    codes, names = pd.factorize(ids.astype(str), sort=True)
    return np.asarray(codes, dtype=np.int64), [str(name) for name in names]


def _clock(ds: "pd.Series[Any]", codes: Whole, what: str) -> Clock:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(ds):
        # Numbers count steps themselves: a gap is a gap, even where all series have it.
        return Clock("steps", 1)
    times = pd.to_datetime(ds)
    zone = times.dt.tz
    hours = zone is not None and (_gaps(_seconds(times), codes)[2] < _DAY * 23 // 24).any()
    # Hours are counted as they passed, days and more by the clock on the wall.
    times = (times.dt.tz_convert("UTC") if hours else times).dt.tz_localize(None)
    seconds = _seconds(times)
    order, same, gaps = _gaps(seconds, codes)
    if not len(gaps):
        return Clock("seconds", _DAY, int(seconds[0] % _DAY), zone)
    if gaps.min() >= 28 * _DAY and (monthly := _monthly(times, order, same)):
        return replace(monthly, zone=zone)
    lengths, counts = np.unique(gaps, return_counts=True)
    step = int(lengths[counts.argmax()])
    phases = np.unique(seconds % step)
    if len(phases) > 1 and not (step == _DAY and (seconds % _DAY).max() < _DAY):
        _uneven(ds, seconds, step, what)
    if len(phases) > 1:
        # Days that are stamped at different hours are days all the same.
        phases = np.zeros(1, dtype=np.int64)
    if (gaps % step).any() and step != _DAY:
        _uneven(ds, seconds, step, what)
    return Clock("seconds", step, int(phases[0]), zone)


def _gaps(seconds: Whole, codes: Whole) -> tuple[Whole, Any, Whole]:
    """Give the order of time within series, which neighbours are of one series, and their gaps."""
    order = np.lexsort((seconds, codes))
    same = codes[order][1:] == codes[order][:-1]
    gaps = np.diff(seconds[order])[same]
    return order, same, gaps[gaps > 0]


def _uneven(ds: "pd.Series[Any]", seconds: Whole, step: int, what: str) -> NoReturn:
    phases, counts = np.unique(seconds % step, return_counts=True)
    odd = int(np.flatnonzero(seconds % step != phases[counts.argmax()])[0])
    ways = "sum to weeks: series.groupby(['unique_id', pandas.Grouper(key='ds', freq='W-MON')])"
    if getattr(ds.dt, "tz", None) is not None:
        ways = f"of local times kept in UTC, ds.dt.tz_convert('Europe/Paris') or their zone; {ways}"
    refuse(
        what,
        f"{ds.iloc[odd]}, which is no multiple of {step / _DAY:g} days from the others",
        "steps of one length, the same for all series",
        ways,
    )


def _monthly(times: "pd.Series[Any]", order: Whole, same: Any) -> Clock | None:
    """Give a clock of months, where all times are the same day of the month, or its last."""
    days = times.dt.day.to_numpy()
    if bool(times.dt.is_month_end.all()):
        day = 0
    elif (days == days[0]).all():
        day = int(days[0])
    else:
        return None
    months = 12 * times.dt.year.to_numpy("int64") + times.dt.month.to_numpy("int64") - 1
    gaps = np.diff(months[order])[same]
    step = int(np.gcd.reduce(np.append(gaps[gaps > 0], 12)))
    phases = np.unique(months % step)
    if len(phases) > 1:
        step, phases = 1, phases[:1] * 0
    return Clock("months", step, int(phases[0]) * 100 + day)


def _laid_out(
    codes: Whole, at: Whole, y: Floats, names: list[str], clock: Clock, *, to_end: bool
) -> Panel:
    first = np.full(len(names), np.iinfo(np.int64).max)
    end = np.full(len(names), np.iinfo(np.int64).min)
    np.minimum.at(first, codes, at)
    np.maximum.at(end, codes, at)
    if to_end:
        end = np.full_like(end, end.max())
    width = int((end - first).max()) + 1
    laid = np.full((len(names), width), np.nan)
    laid[codes, width - 1 - (end[codes] - at)] = y
    return Panel(names=names, y=laid, end=end, clock=clock)


def _filled(panel: Panel, gaps: Gaps, what: str) -> Panel:
    """Fill what is missing after each series' first value."""
    begun = np.cumsum(np.isfinite(panel.y), axis=1) > 0
    if not begun.any(axis=1).all():
        name = panel.names[int(np.flatnonzero(~begun.any(axis=1))[0])]
        refuse(what, f"no value of {name!r}", "at least one number", "series.dropna(subset='y')")
    holes = begun & ~np.isfinite(panel.y)
    rows = np.flatnonzero(holes.any(axis=1))
    if len(rows) and gaps == "error":
        row = int(rows[0])
        column = int(np.flatnonzero(holes[row])[0])
        number = panel.end[row : row + 1] - (panel.y.shape[1] - 1 - column)
        refuse(
            what,
            f"no value of {panel.names[row]!r} at {panel.clock.times(number).iloc[0]}, "
            f"one of {int(holes.sum())} missing {panel.clock.name}",
            f"a value for each of the {panel.clock.name}",
            "gaps='zero' (what is off a chart has no points) or gaps='interpolate'",
        )
    y = panel.y.copy()
    for row in map(int, rows):
        known = np.flatnonzero(np.isfinite(y[row]))
        missing = np.flatnonzero(holes[row])
        zero = gaps == "zero"
        y[row, missing] = 0.0 if zero else np.interp(missing, known, y[row, known])
        panel.notes[panel.names[row]] = f"{len(missing)} missing {panel.clock.name} " + (
            "taken as zero" if zero else "interpolated"
        )
    return replace(panel, y=y)
