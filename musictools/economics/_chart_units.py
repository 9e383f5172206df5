"""Units of charts and awards, and when a song leaves the Hot 100, by the rules of the day."""

import datetime as dt
import math
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from musictools._shipped import shipped_table
from musictools.errors import InputError, closest

if TYPE_CHECKING:
    import pandas as pd

_COUNTS = {
    "sales": "sales_per_unit",
    "tracks": "tracks_per_unit",
    "premium_streams": "premium_streams_per_unit",
    "ad_streams": "ad_streams_per_unit",
}


def album_units(
    *,
    sales: int = 0,
    tracks: int = 0,
    premium_streams: int = 0,
    ad_streams: int = 0,
    top_track_streams: int | None = None,
    rules: str = "billboard_200",
    date: str | dt.date | None = None,
) -> Fraction:
    """Count album-equivalent units exactly, by the rules of a chart or an award on one day.

    Parameters
    ----------
    sales : int
        Albums sold (of rules for singles: singles).
    tracks : int
        Single tracks sold from it.
    premium_streams, ad_streams : int
        Streams paid by subscriptions and by advertising. Of rules that count only the twelve
        most-streamed tracks (``"bpi_album"``, ``"bvmi_album"``): those that are left of them.
    top_track_streams : int, optional
        Premium streams of the most-streamed track, contained in ``premium_streams``; only
        ``"snep_album"`` asks for them.
    rules : str
        Rules of kind ``"units"`` of ``mt.datasets.load_chart_rules()``: ``"billboard_200"``,
        ``"riaa_album"``, ``"riaa_single"``, ``"uk_singles"``, ``"uk_singles_accelerated"``,
        ``"bpi_album"``, ``"bvmi_album"``, ``"bvmi_single"``, ``"snep_album"``, ``"snep_single"``.
    date : str or datetime.date, optional
        Of the chart (``"2018-07-14"``), or of the award; the rules in force last otherwise.

    Returns
    -------
    fractions.Fraction
        Units; whole ones and parts, without rounding. What the rules do not count adds nothing.

    Raises
    ------
    InputError
        If a count is no whole number from zero on, the rules are unknown, nothing is known about
        them on that day, or they say nothing about what was sold.

    Examples
    --------
    >>> import musictools as mt
    >>> week = {"sales": 1000, "tracks": 500, "premium_streams": 2_500_000, "ad_streams": 750_000}
    >>> for day in ("2018-07-07", "2018-07-14", "2026-01-17"):
    ...     print(float(mt.economics.album_units(**week, date=day)))
    3216.6666666666665
    3250.0
    3850.0
    """
    rule = _rule(rules, _day(date))
    counts = {
        "sales": sales,
        "tracks": tracks,
        "premium_streams": premium_streams,
        "ad_streams": ad_streams,
    }
    whole = {name: Fraction(_count(name, value)) for name, value in counts.items()}
    if not math.isnan(rule["top_track_off"]) and premium_streams:
        whole["premium_streams"] -= Fraction(rule["top_track_off"]) * _top(
            top_track_streams, premium_streams
        )
    units = Fraction(0)
    for name, column in _COUNTS.items():
        per_unit = rule[column]
        if not math.isnan(per_unit):
            units += whole[name] / Fraction(per_unit)
        elif whole[name] and not name.endswith("streams"):
            raise InputError(
                "count units",
                got=f"{name}={counts[name]}",
                expected=f"only what {rules} has a known rule for",
                hint=f"{name}=0",
            )
    return units


def is_recurrent(rank: int, weeks: int, *, date: str | dt.date | None = None) -> bool:
    """Say whether a descending song leaves the Hot 100 as a recurrent.

    Parameters
    ----------
    rank : int
        Where it would be on this chart.
    weeks : int
        How many weeks it has been on the chart before.
    date : str or datetime.date, optional
        Of the chart; the rules in force last otherwise. The older rules are known until the
        chart of 2025-10-18; since when was not found, and 2019 is as far back as this goes.

    Returns
    -------
    bool
        Whether one of the rules of that day sends it away. Songs that climb, holiday songs and
        exceptions are not reckoned with.

    Raises
    ------
    InputError
        If a number is no whole one from 1 on (``weeks`` from 0 on), or the day is too early.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.economics.is_recurrent(20, 60, date="2025-10-18")
    False
    >>> mt.economics.is_recurrent(20, 60, date="2025-10-25")
    True
    """
    _count("rank", rank, least=1)
    _count("weeks", weeks)
    day = _day(date)
    if day is not None and day < dt.date(2019, 1, 1):
        raise InputError(
            "look up the rules of the Hot 100",
            got=str(day),
            expected="a day from 2019 on: since when the older rules held was not found",
            hint="date='2019-01-05'",
        )
    rules = _in_force("hot_100", "recurrent", day)
    out = (rules["weeks"] <= weeks) & (rules["below_rank"] < rank)
    return bool(out.any())


def _rule(rules: str, day: dt.date | None) -> dict[str, Any]:
    row = _in_force(rules, "units", day).iloc[0]
    return {str(name): value for name, value in row.items()}


@lru_cache(maxsize=256)
def _in_force(rules: str, kind: str, day: dt.date | None) -> "pd.DataFrame":
    import pandas as pd

    table = shipped_table("chart_rules")
    table = table[table["kind"] == kind]
    own = table[table["rules"] == rules]
    if own.empty:
        raise InputError(
            "look up rules",
            got=f"rules={rules!r}",
            expected=f"rules of kind {kind!r} of mt.datasets.load_chart_rules()",
            hint=closest(str(rules), dict.fromkeys(table["rules"])),
        )
    start, end = (pd.to_datetime(own[name]) for name in ("valid_from", "valid_to"))
    if day is None:
        return own[end.isna()]
    moment = pd.Timestamp(day)
    held = own[(start.isna() | (start <= moment)) & (end.isna() | (end >= moment))]
    if held.empty:
        raise InputError(
            "look up rules",
            got=f"{rules} on {day}",
            expected=f"a day from {start.min().date()} on",
            hint=f"date='{start.min().date()}'",
        )
    return held


def _day(date: str | dt.date | None) -> dt.date | None:
    if date is None:
        return None
    if isinstance(date, dt.datetime):
        return date.date()
    if isinstance(date, dt.date):
        return date
    try:
        return dt.date.fromisoformat(date)
    except (TypeError, ValueError) as error:
        raise InputError(
            "look up rules", got=f"date={date!r}", expected="a day", hint="date='2026-01-17'"
        ) from error


def _count(name: str, value: int, *, least: int = 0) -> int:
    try:
        whole = int(value)
    except (TypeError, ValueError, OverflowError):
        whole = least - 1
    if isinstance(value, bool) or whole != value or whole < least:
        raise InputError(
            "count units",
            got=f"{name}={value!r}",
            expected=f"a whole number from {least} on",
            hint=f"{name}={least}",
        )
    return whole


def _top(top_track_streams: int | None, premium_streams: int) -> int:
    if top_track_streams is None or _count("top_track_streams", top_track_streams) > (
        premium_streams
    ):
        raise InputError(
            "count units",
            got=f"top_track_streams={top_track_streams!r}",
            expected="the streams of the most-streamed track, at most premium_streams",
            hint="top_track_streams=streams_by_track.max()",
        )
    return int(top_track_streams)
