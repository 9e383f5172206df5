"""What a listener's plays add up to: habits by month or year, and how favourites fade."""

from typing import TYPE_CHECKING, Literal

from musictools.errors import InputError, TableError, closest

if TYPE_CHECKING:
    import pandas as pd

#: What most services call a stream; a play that is not timed is taken for one.
COUNTED_S = 30.0
_NEEDED = ("artist_id", "played_at", "seconds")
_FIRST_WEEKS, _SETTLED, _TOP = 4, 4, 10


def listening(
    plays: "pd.DataFrame",
    *,
    zone: str = "UTC",
    by: Literal["month", "year"] = "month",
    pause_s: float = 1800.0,
) -> "pd.DataFrame":
    """Add up one listener's plays by month or year: hours, sessions, discovery, concentration.

    Parameters
    ----------
    plays : pandas.DataFrame
        One listener's plays, as `read` gives them.
    zone : str
        Whose clock the months are of, such as ``"Europe/Berlin"``.
    by : {"month", "year"}
        How long a row is.
    pause_s : float
        A pause of more than so many seconds ends a session.

    Returns
    -------
    pandas.DataFrame
        Indexed by the period's name, without periods in which nothing was played:

        * rows: plays; streams: those of 30 s or more, which all further columns but the next two
          are about; hours: of all rows; sessions: that began in the period
        * artists, recordings: how many different ones; new_artists, new_recordings: those not
          streamed before in the table. At its beginning everything is new
        * top_10: share of the ten most streamed artists; effective_artists: 1 over the sum of the
          squared shares, as many artists as would be equally concentrated if all were equal
        * repeats: share of streams of a recording that was streamed before

        A recording is told by its identifier, or by artist and title where it has none.

    Raises
    ------
    TableError
        If a column is missing.
    InputError
        If there is no play, no such time zone, or no such period.

    Examples
    --------
    >>> import pandas as pd, musictools as mt
    >>> times = pd.to_datetime(["2025-01-31 22:50", "2025-01-31 23:30", "2025-02-03 08:00"])
    >>> plays = pd.DataFrame({"artist_id": ["X", "Y", "X"], "played_at": times,
    ...                       "recording_id": ["x1", "y1", "x1"], "seconds": [200.0, 180.0, 9.0]})
    >>> habits = mt.collect.listening(plays, zone="Europe/Berlin")
    >>> habits["rows"].to_dict(), habits["streams"].to_dict()
    ({'2025-01': 1, '2025-02': 2}, {'2025-01': 1, '2025-02': 1})
    """
    import pandas as pd

    if by not in ("month", "year"):
        raise InputError(
            "add up plays",
            got=f"by={by!r}",
            expected="'month' or 'year'",
            hint=closest(str(by), ("month", "year")),
        )
    table = _in_order(plays, "add up plays")
    begin = table["played_at"]
    local = _local(begin, zone)
    period = local.dt.strftime("%Y-%m" if by == "month" else "%Y").rename("played_at")
    seconds = table["seconds"]
    ended = begin + pd.to_timedelta(seconds.fillna(0), unit="s")
    # A play may begin before another one ends: a session lasts until the last of them has ended.
    pause = (begin - ended.cummax().shift()).dt.total_seconds()
    starts = ~(pause <= pause_s)
    counted = ~(seconds < COUNTED_S)
    streams, when = table[counted], period[counted]
    song = _songs(streams)
    out = pd.DataFrame(
        {
            "rows": period.groupby(period).size(),
            "streams": counted.groupby(period).sum(),
            "hours": seconds.groupby(period).sum() / 3600,
            "sessions": starts.groupby(period).sum(),
            "artists": streams["artist_id"].groupby(when).nunique(),
            "new_artists": (~streams["artist_id"].duplicated()).groupby(when).sum(),
            "recordings": song.groupby(when).nunique(),
            "new_recordings": (~song.duplicated()).groupby(when).sum(),
        }
    )
    shares = streams["artist_id"].groupby(when).value_counts(normalize=True).groupby(level=0)
    out["top_10"] = shares.apply(lambda each: each.nlargest(_TOP).sum())
    out["effective_artists"] = shares.apply(lambda each: 1 / (each**2).sum())
    out["repeats"] = song.duplicated().groupby(when).mean()
    whole = ["artists", "new_artists", "recordings", "new_recordings"]
    return out.fillna(dict.fromkeys(whole, 0)).astype(dict.fromkeys(whole, "int64"))


def fading(
    plays: "pd.DataFrame",
    *,
    choose: Literal["first_weeks", "all_weeks"] = "first_weeks",
    top: int = 20,
    weeks: int = 52,
) -> "pd.Series[float]":
    """Measure how fast one listener's favourites fade after the first stream.

    Parameters
    ----------
    plays : pandas.DataFrame
        One listener's plays, as `read` gives them.
    choose : {"first_weeks", "all_weeks"}
        Who is a favourite: the artists with the most streams in the first four weeks, or in all.
        The second knows the end when it chooses, and finds favourites that last (survivorship
        bias); it is here to be compared.
    top : int
        How many favourites.
    weeks : int
        How long each is watched. Artists who came later than so long before the last play are left
        out, and so are those of the first 90 days of the table: they may be old loves.

    Returns
    -------
    pandas.Series
        Streams of all favourites together, mean of four weeks, by the last of them (the week of the
        first stream is 0). 1 is the level in weeks 4 to 7: that of the weeks before has a part in
        the choice, and chance that helped to be chosen does not come back.

    Raises
    ------
    TableError
        If a column is missing.
    InputError
        If there is no such choice, or nobody could be watched for so long.

    Examples
    --------
    >>> import pandas as pd, musictools as mt
    >>> days = pd.date_range("2025-01-01", periods=400)
    >>> old = pd.DataFrame({"artist_id": "X", "played_at": days})
    >>> new = pd.DataFrame({"artist_id": "Y", "played_at": days[120:190]})
    >>> plays = pd.concat([old, new]).assign(seconds=200.0)
    >>> mt.collect.fading(plays, weeks=16).round(1).tolist()
    [1.0, 1.0, 1.0, 0.8, 0.5, 0.2, 0.0, 0.0, 0.0]
    """
    import pandas as pd

    if choose not in ("first_weeks", "all_weeks"):
        raise InputError(
            "measure how favourites fade",
            got=f"choose={choose!r}",
            expected="'first_weeks' or 'all_weeks'",
            hint=closest(str(choose), ("first_weeks", "all_weeks")),
        )
    table = _in_order(plays, "measure how favourites fade")
    table = table[~(table["seconds"] < COUNTED_S)]
    found = table.groupby("artist_id")["played_at"].transform("min")
    first, last = table["played_at"].min(), table["played_at"].max()
    watched = found.between(
        first + pd.Timedelta(days=90), last - pd.Timedelta(days=7 * weeks), inclusive="both"
    )
    artist, week = table["artist_id"][watched], ((table["played_at"] - found).dt.days // 7)[watched]
    early = artist[week < _FIRST_WEEKS] if choose == "first_weeks" else artist
    chosen = artist.isin(early.value_counts().index[:top])
    weekly = week[chosen].value_counts().reindex(range(weeks), fill_value=0)
    settled = weekly.iloc[_FIRST_WEEKS : _FIRST_WEEKS + _SETTLED].mean()
    if not settled > 0:
        raise InputError(
            "measure how favourites fade",
            got=f"no artist who came after 90 days and {weeks} weeks before the end, and stayed",
            expected="a longer history",
            hint=f"weeks={max(weeks // 2, 8)}",
        )
    curve = weekly.rolling(_SETTLED).mean().iloc[_FIRST_WEEKS + _SETTLED - 1 :] / settled
    return curve.rename("streams").rename_axis("week")


def _in_order(plays: "pd.DataFrame", what: str) -> "pd.DataFrame":
    missing = [name for name in _NEEDED if name not in plays.columns]
    if missing:
        raise TableError(
            what,
            got=f"a table without the column {missing[0]!r}",
            expected="plays: the columns " + ", ".join(_NEEDED),
            hint=closest(missing[0], map(str, plays.columns)),
        )
    table = plays.dropna(subset=["artist_id", "played_at"]).sort_values("played_at", kind="stable")
    if table.empty:
        raise InputError(
            what,
            got="no play",
            expected="one play or more",
            hint="look at .problems of what was read",
        )
    return table.reset_index(drop=True)


def _local(begin: "pd.Series[pd.Timestamp]", zone: str) -> "pd.Series[pd.Timestamp]":
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        clock = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            "add up plays",
            got=f"zone={zone!r}",
            expected="a time zone by its place",
            hint="'Europe/Berlin', 'America/New_York' or 'UTC'",
        ) from error
    return begin.dt.tz_localize("UTC").dt.tz_convert(clock)


def _songs(streams: "pd.DataFrame") -> "pd.Series[str]":
    """Name of each recording: its identifier, or artist and title."""
    title = streams["title"] if "title" in streams.columns else streams["artist_id"]
    written = streams["artist_id"].astype(str) + "\t" + title.astype(str)
    if "recording_id" not in streams.columns:
        return written
    known = streams["recording_id"]
    return known.astype(object).where(known.notna(), written)
