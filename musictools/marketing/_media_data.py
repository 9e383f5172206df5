"""Spend and sales as a reader has them, checked at the door and made ready for the model."""

from dataclasses import dataclass
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._counts import counted
from musictools._frames import as_pandas
from musictools.errors import InputError, TableError, closest
from musictools.marketing._adstock import Array
from musictools.marketing._calendar import Calendar, read_calendar
from musictools.marketing._controls import build_controls, full_rank
from musictools.marketing._media_kernels import find_kinds
from musictools.marketing._media_panel import Lift, Panel

if TYPE_CHECKING:
    import pandas as pd

WHAT = "fit a media mix"
#: Weeks that must be left once controls and channels have each taken one.
_SPARE = 8


@dataclass(frozen=True)
class Side:
    """All that a reader may give beside spend and sales."""

    dates: Any = None
    releases: "pd.DataFrame | None" = None
    posts: "pd.DataFrame | None" = None
    controls: Any = None
    lift_tests: "pd.DataFrame | None" = None
    groups: Any = None
    season: int = 2
    trend: int = 1


@dataclass(frozen=True)
class MediaData:
    """What the model sees, and the names of it all.

    Attributes
    ----------
    panel : Panel
        Numbers.
    channels, groups, columns : list of str
        Names of channels, territories or artists (one, nameless, without), and controls.
    index : pandas.Index
        Of the rows, as given.
    rows : numpy.ndarray
        (groups, weeks): which row is where.
    parts : list of str
        What each control is about: base, releases, posts or controls.
    calendar : Calendar
        When rows begin.
    notes : list of str
        What was left out or put together, in words.
    """

    panel: Panel
    channels: list[str]
    groups: list[Any]
    columns: list[str]
    parts: list[str]
    index: "pd.Index[Any]"
    rows: Array
    calendar: Calendar
    notes: list[str]


def read_media(spend: Any, y: Any, side: Side) -> MediaData:
    """Check everything, and give the panel."""
    frame = _spend_frame(spend)
    sales = _sales(y, frame)
    dates, groups = _dates_and_groups(frame, side)
    names, rows = _rows(groups, len(frame))
    calendar = read_calendar(dates, rows, names)
    money, sold = frame.to_numpy(dtype=float)[rows], sales[rows]
    _check_channels(frame)
    controls, notes = build_controls(calendar, rows, names, side)
    kept, lost = full_rank(controls)
    columns = [str(name) for name in controls[0].columns[kept]]
    if lost:
        notes.append("controls that say what others say are left out: " + ", ".join(lost))
    values = np.stack([each.to_numpy(dtype=float)[:, kept] for each in controls])
    channels = [str(name) for name in frame.columns]
    _check_room(len(channels), values.shape[1:], columns)
    _check_sales(sold, values, names)
    lifts = _lifts(side.lift_tests, channels, names, calendar, sold.mean(axis=1))
    return MediaData(
        panel=Panel(money, sold, values, lifts, kinds=find_kinds(controls, columns)),
        channels=channels,
        groups=names,
        columns=columns,
        parts=[controls[0].attrs["parts"].get(name, "base") for name in columns],
        index=frame.index,
        rows=rows,
        calendar=calendar,
        notes=notes,
    )


def refuse(got: str, expected: str, hint: str) -> None:
    """Say that data cannot be used."""
    raise InputError(WHAT, got=got, expected=expected, hint=hint)


def _spend_frame(spend: Any) -> "pd.DataFrame":
    import pandas as pd

    if hasattr(spend, "to_pandas"):
        spend = spend.to_pandas()
    if isinstance(spend, np.ndarray) and spend.ndim == 2:
        spend = pd.DataFrame(spend, columns=[f"channel_{i + 1}" for i in range(spend.shape[1])])
    if not isinstance(spend, pd.DataFrame):
        raise TableError(
            WHAT, got=f"spend of type {type(spend).__name__}",
            expected="a frame with one row for each week, one column for each channel",
            hint="pandas.DataFrame({'tv': [...], 'radio': [...]}, index=weeks)",
        )  # fmt: skip
    if {"ds", "channel", "spend"} <= set(spend.columns):
        raise TableError(
            WHAT, got="the long table of spend", expected="one column for each channel",
            hint="spend.pivot_table(index='ds', columns='channel', values='spend', aggfunc='sum')",
        )  # fmt: skip
    if spend.shape[1] == 0 or len(spend) == 0:
        refuse(f"a frame of shape {spend.shape}", "weeks and channels", "spend.head()")
    twice = spend.columns[spend.columns.duplicated()]
    if len(twice):
        refuse(
            f"two channels {str(twice[0])!r}", "one name each", "spend.T.groupby(level=0).sum().T"
        )
    # Readers of exports give money exactly, as decimals.
    exact = [name for name in spend.columns if spend[name].dtype == object
             and all(isinstance(value, Number) for value in spend[name])]  # fmt: skip
    frame: pd.DataFrame = spend.astype(dict.fromkeys(exact, float))
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            raise TableError(
                WHAT, got=f"channel {str(name)!r} of type {frame[name].dtype}", expected="numbers",
                hint=f"pandas.to_numeric(spend[{name!r}]), or spend.set_index({name!r})",
            )  # fmt: skip
    return frame


def _sales(y: Any, frame: "pd.DataFrame") -> Array:
    import pandas as pd

    if hasattr(y, "to_pandas"):
        y = y.to_pandas()
    try:
        values = np.asarray(y, dtype=float)
    except (TypeError, ValueError) as error:
        raise TableError(
            WHAT, got=f"sales of type {type(y).__name__} that are no numbers",
            expected="one number for each week", hint="pandas.to_numeric(y)",
        ) from error  # fmt: skip
    values = values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
    if values.shape != (len(frame),):
        refuse(f"sales of shape {values.shape} and {len(frame)} weeks of spend",
               "one number for each week", "y.reindex(spend.index)")  # fmt: skip
    both = isinstance(y, pd.Series | pd.DataFrame) and not isinstance(y.index, pd.RangeIndex)
    if both and not isinstance(frame.index, pd.RangeIndex) and not y.index.equals(frame.index):
        refuse("sales of other weeks than spend", "the same index", "y.reindex(spend.index)")
    if not np.isfinite(values).all():
        refuse("sales that are missing or infinite", "a number for each week",
               "leave those weeks out at the ends, or find the numbers")  # fmt: skip
    return values


def _dates_and_groups(frame: "pd.DataFrame", side: Side) -> tuple[Any, Any]:
    import pandas as pd

    dates, groups = side.dates, side.groups
    if isinstance(frame.index, pd.MultiIndex):
        if frame.index.nlevels != 2:
            refuse(f"an index of {frame.index.nlevels} levels", "territory and week", "groups=")
        groups = frame.index.get_level_values(0) if groups is None else groups
        dates = frame.index.get_level_values(1) if dates is None else dates
    elif dates is None:
        dates = frame.index
    for name, values in (("dates", dates), ("groups", groups)):
        if values is not None and len(values) != len(frame):
            refuse(f"{len(values)} {name} and {len(frame)} rows", "as many", f"{name}=")
    return dates, groups


def _rows(groups: Any, count: int) -> tuple[list[Any], Array]:
    if groups is None:
        return [None], np.arange(count)[None]
    import pandas as pd

    codes, names = pd.factorize(pd.Series(list(groups)))
    if (codes < 0).any():
        refuse("a row without its group", "one for each row", "groups=")
    sizes = np.bincount(codes)
    if (sizes != sizes[0]).any():
        small, large = int(sizes.argmin()), int(sizes.argmax())
        refuse(
            f"{sizes[small]} weeks of {names[small]!r} and {sizes[large]} of {names[large]!r}",
            "the same weeks for all", "spend.unstack(fill_value=0).stack() completes a panel",
        )  # fmt: skip
    return list(names), np.stack([np.flatnonzero(codes == code) for code in range(len(names))])


def _check_channels(frame: "pd.DataFrame") -> None:
    for name in frame.columns:
        values, told = frame[name].to_numpy(dtype=float), repr(str(name))
        if np.isnan(values).any():
            refuse(f"{counted(int(np.isnan(values).sum()), 'week')} without spend of {told}",
                   "a number for each week", "spend.fillna(0) where nothing was spent")  # fmt: skip
        if not np.isfinite(values).all():
            refuse(
                f"infinite spend of {told}", "finite numbers", "correct the week, or leave it out"
            )
        if (values < 0).any():
            refuse(f"negative spend of {told}", "0 or more",
                   "put refunds into the weeks that they belong to")  # fmt: skip
        drop = f"spend.drop(columns=[{told}])"
        if not values.any():
            refuse(f"no spend at all of {told}", "spend in some weeks", drop)
        if np.ptp(values) <= 1e-9 * values.max():
            refuse(f"the same spend of {told} in every week: nothing can be learned from it",
                   "spend that varies", drop + ", and plan some dark weeks")  # fmt: skip


def _check_room(channels: int, shape: tuple[int, ...], columns: list[str]) -> None:
    weeks, taken = shape
    if channels >= weeks:
        refuse(f"{channels} channels in {weeks} weeks", "more weeks than channels",
               "put channels together, or bring more weeks")  # fmt: skip
    if weeks < taken + channels + _SPARE:
        refuse(
            f"{weeks} weeks for {channels} channels and {taken} controls ({', '.join(columns)})",
            f"at least {taken + channels + _SPARE} weeks",
            "more weeks, fewer kinds of events, season=0, or channels put together",
        )


def _check_sales(sold: Array, controls: Array, names: list[Any]) -> None:
    for own, columns, name in zip(sold, controls, names, strict=True):
        of = "" if name is None else f" of {name!r}"
        if own.mean() <= 0:
            refuse(f"mean sales{of} of {own.mean():g}", "above 0", "sales, streams or followers")
        left = own - columns @ np.linalg.lstsq(columns, own, rcond=None)[0]
        if np.abs(left).max() <= 1e-9 * np.abs(own).max():
            refuse(f"sales{of} without variation beyond trend, season and controls",
                   "sales that vary", "is this the right column?")  # fmt: skip


def _lifts(
    tests: Any,
    channels: list[str],
    groups: list[Any],
    calendar: Calendar,
    level: Array,
) -> tuple[Lift, ...]:
    if tests is None:
        return ()
    import pandas as pd

    tests = as_pandas(tests, "read lift tests")
    missing = {"channel", "start", "end", "lift", "sd"} - set(getattr(tests, "columns", ()))
    if missing:
        raise TableError(
            "read lift tests", got=f"no column {', '.join(sorted(missing))}",
            expected="channel, start, end, lift, sd",
            hint="one row a test; lift and sd in the unit of y",
        )  # fmt: skip
    if len(groups) > 1 and "group" not in tests.columns:
        raise TableError(
            "read lift tests", got="no column group", expected="the group of each test",
            hint=f"lift_tests.assign(group={groups[0]!r})",
        )  # fmt: skip
    read = []
    for row in tests.to_dict("records"):
        if str(row["channel"]) not in channels:
            refuse(f"a lift test of {row['channel']!r}", "a channel of spend",
                   closest(str(row["channel"]), channels))  # fmt: skip
        group = row.get("group", groups[0])
        if group not in groups:
            hint = closest(str(group), map(str, groups)) if groups != [None] else "groups="
            refuse(f"a lift test in {group!r}", "a group of the data", hint)
        lift, sd = (pd.to_numeric(row[name], errors="coerce") for name in ("lift", "sd"))
        if not (np.isfinite(lift) and np.isfinite(sd) and sd > 0):
            refuse(f"a lift of {row['lift']} with sd {row['sd']}", "numbers, sd above 0", "sd=")
        at = groups.index(group)
        read.append(
            Lift(
                channel=channels.index(str(row["channel"])),
                group=at,
                rows=calendar.between(row["start"], row["end"]),
                lift=float(lift) / level[at],
                sd=float(sd) / level[at],
            )
        )
    return tuple(read)
