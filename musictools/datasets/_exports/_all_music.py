"""All that one listener hears: the label's music, and that of others, in the habits of one life.

The label's own world knows of each account how much music it plays in all, and only the label's
plays one by one. Here the others are made up, so that a history of the account is whole: sessions
by the clock of its country, favourites that fade, new artists who come now and then.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools.datasets._world import _calendar
from musictools.datasets._world._facts import COUNTED_SECONDS

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_FIRST = (
    *("Amber", "Brass", "Chalk", "Copper", "Damp", "Eleventh", "Faded", "Glass", "Hollow"),
    *("Idle", "Juniper", "Knitted", "Lesser", "Mild", "Northern", "Oblique", "Paper", "Quiet"),
    *("Rusted", "Second", "Tidal", "Untitled", "Violet", "Wooden"),
)
_SECOND = (
    *("Almanac", "Bicycle", "Canal", "Drawer", "Elevator", "Ferry", "Garage", "Hedge", "Inkwell"),
    *(
        "Jetty",
        "Kettle",
        "Ladder",
        "Meadow",
        "Notebook",
        "Orchard",
        "Platform",
        "Quarry",
        "Radiator",
    ),
    *("Staircase", "Telegram", "Umbrella", "Viaduct", "Window", "Yard"),
)
#: Three words, so that no name is that of somebody real.
_THIRD = ("Assembly", "Bureau", "Committee", "Department", "Observatory", "Parade")
_ARTISTS, _MOST_SONGS, _SONGS_PER_RELEASE = 420, 14, 5
#: Those who are known on the first day, and those who come in a day, at first.
_KNOWN, _NEW_PER_DAY = 30, 0.4
#: A favourite's half-life is about this many days; a part of the love remains.
_HALF_LIFE_D, _HALF_LIFE_SPREAD, _REMAINS = 45.0, 0.6, 0.03
_SESSION, _SAME_ARTIST = 11.0, 0.5
_SKIPPED, _SKIPPED_WHEN_NEW, _BROKEN_OFF, _NEW_FOR_D = 0.1, 0.32, 0.12, 14
#: Centre and spread of the hours in which sessions begin, and how often, on the listener's clock.
_WORKDAY = ((7.6, 0.5, 0.27), (13.2, 1.4, 0.18), (17.2, 0.9, 0.2), (21.0, 1.3, 0.35))
_WEEKEND = ((11.5, 1.6, 0.4), (17.5, 2.2, 0.25), (22.4, 1.6, 0.35))
_SATURDAY, _DAY_S = 5, 86_400


@dataclass(frozen=True)
class _Artists:
    """Those whom the listener comes to hear, in the order of coming."""

    names: list[str]
    found: Ints
    love: Floats
    half_life: Floats
    likely: Floats
    lengths: Floats


def all_music(
    account: "pd.Series[Any]", own: "pd.DataFrame", clock: str, rng: np.random.Generator
) -> "pd.DataFrame":
    """Add to an account's plays of the label those of all others.

    Parameters
    ----------
    account : pandas.Series
        A row of the label's listeners.
    own : pandas.DataFrame
        Its plays of the label, as `heavy_listener` gives them.
    clock : str
        Time zone of the account.
    rng : numpy.random.Generator
        Where chance comes from.
    """
    import pandas as pd

    start = max(_calendar.DAYS[0], account["joined_on"].to_pydatetime().replace(tzinfo=None))
    first = pd.Timestamp(start).normalize()
    days = (pd.Timestamp(_calendar.DAYS[-1]) - first).days + 1
    artists = _artists(days, rng)
    day, begin = _sessions(first, days, float(account["all_plays_per_month"]), rng)
    session = np.repeat(np.arange(len(day)), rng.geometric(1 / _SESSION, size=len(day)))
    artist = _heard(artists, day[session], session, rng)
    song = (artists.likely[artist] < rng.random(len(artist))[:, None]).sum(axis=1)
    length = artists.lengths[artist, song]
    heard = _seconds(length, day[session] - artists.found[artist], rng)
    zone = pd.DatetimeIndex(first + pd.to_timedelta(begin, unit="s")).tz_localize(
        clock, ambiguous=np.ones(len(begin), dtype=bool), nonexistent="shift_forward"
    )
    utc = zone.tz_convert("UTC").tz_localize(None)
    from_first = (utc - first).total_seconds().to_numpy()
    second = _one_after_another(from_first, session, heard, rng)
    rest = _named(artists, artist, song)
    rest["played_at"] = first + pd.to_timedelta(np.floor(second), unit="s")
    rest["milliseconds"] = np.floor(1000 * heard).astype(np.int64)
    rest["finished"] = heard >= length
    rest["country"] = account["country"]
    rest = rest[_free(rest, own) & (rest["played_at"] < first + pd.Timedelta(days=days))]
    rows = pd.concat([own, rest[own.columns]], ignore_index=True)
    return rows.sort_values(["played_at", "recording_id"], ignore_index=True)


def _artists(days: int, rng: np.random.Generator) -> _Artists:
    numbers = rng.permutation(len(_FIRST) * len(_SECOND) * len(_THIRD))[:_ARTISTS]
    names = [_name(int(n)) for n in numbers]
    # Fewer are new as time goes by.
    coming = rng.poisson(_NEW_PER_DAY * np.exp2(-np.arange(days) / 600))
    later = np.repeat(np.arange(days), coming)[: _ARTISTS - _KNOWN]
    before = np.sort(-rng.exponential(90, size=_KNOWN).astype(np.int64) - 1)
    found = np.concatenate([before, later, np.full(_ARTISTS, days)])[:_ARTISTS]
    songs = rng.integers(4, _MOST_SONGS + 1, size=_ARTISTS)
    rank = np.arange(1, _MOST_SONGS + 1)
    weight = np.where(rank[None, :] <= songs[:, None], rank[None, :] ** -0.9, 0.0)
    likely = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    likely[:, -1] = 1.0
    return _Artists(
        names,
        found.astype(np.int64),
        rng.lognormal(0.0, 1.1, size=_ARTISTS),
        _HALF_LIFE_D * rng.lognormal(0.0, _HALF_LIFE_SPREAD, size=_ARTISTS),
        likely,
        np.round(rng.uniform(140, 265, size=(_ARTISTS, _MOST_SONGS))),
    )


def _name(number: int) -> str:
    rest, third = divmod(number, len(_THIRD))
    first, second = divmod(rest, len(_SECOND))
    return f"{_FIRST[first]} {_SECOND[second]} {_THIRD[third]}"


def _sessions(
    first: "pd.Timestamp", days: int, per_month: float, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Day of each session, and the second after the first midnight, by the listener's clock."""
    import pandas as pd

    dates = pd.date_range(first, periods=days)
    busy = np.where(dates.day_of_week >= _SATURDAY, 0.9, 1.04)
    busy = np.where(dates.month.isin([2, 7]), 1.3 * busy, busy)
    busy = np.where((dates.month == 8) & (dates.day <= 18), 0.25 * busy, busy)
    counted = 1 - _SKIPPED - 0.04
    rate = per_month * 12 / 365.25 / counted / _SESSION
    day = np.repeat(np.arange(days), rng.poisson(rate * busy / busy.mean()))
    is_weekend = np.asarray(dates.day_of_week >= _SATURDAY)[day]
    hour = np.zeros(len(day))
    for habit, chosen in ((_WORKDAY, ~is_weekend), (_WEEKEND, is_weekend)):
        centre, spread, often = (np.asarray(column) for column in zip(*habit, strict=True))
        kind = rng.choice(len(habit), size=int(chosen.sum()), p=often)
        hour[chosen] = rng.normal(centre[kind], spread[kind])
    begin = day * float(_DAY_S) + np.maximum(hour, 0.0) * 3600
    order = np.argsort(begin, kind="stable")
    return day[order], begin[order]


def _heard(
    artists: _Artists, day: Ints, session: Ints, rng: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Choose an artist for each play: those who are loved on that day, several songs in a row."""
    drawn, chosen = rng.random(len(day)), np.zeros(len(day), dtype=np.intp)
    for today in np.unique(day):
        age = today - artists.found
        love = _REMAINS + np.exp2(-np.maximum(age, 0) / artists.half_life)
        weight = np.cumsum(np.where(age >= 0, artists.love * love, 0.0))
        here = day == today
        chosen[here] = np.searchsorted(weight, drawn[here] * weight[-1], "right")
    goes_on = rng.random(len(day)) < _SAME_ARTIST
    goes_on[np.flatnonzero(np.diff(session, prepend=-1))] = False
    return chosen[np.maximum.accumulate(np.where(goes_on, 0, np.arange(len(day))))]


def _seconds(length: Floats, age_d: Ints, rng: np.random.Generator) -> Floats:
    """Tell how long each play lasts: who is new is skipped more often."""
    skipped = np.where(age_d < _NEW_FOR_D, _SKIPPED_WHEN_NEW, _SKIPPED)
    how, part = rng.random(len(length)), rng.random(len(length))
    short = 1 + part**1.6 * (COUNTED_SECONDS - 1.001)
    broken_off = COUNTED_SECONDS + part * (length - COUNTED_SECONDS - 1)
    heard: Floats = np.where(
        how < skipped, short, np.where(how < skipped + _BROKEN_OFF, broken_off, length)
    )
    return heard


def _one_after_another(
    begin: Floats, session: Ints, heard: Floats, rng: np.random.Generator
) -> Floats:
    """Second at which each play begins; a session that another one still fills begins later."""
    lasts = heard + rng.uniform(1, 4, size=len(heard))
    before = np.concatenate([[0.0], np.cumsum(lasts)[:-1]])
    starts = np.flatnonzero(np.diff(session, prepend=-1))
    whole = np.add.reduceat(lasts, starts)
    free, late = 0.0, np.zeros(len(begin))
    for n, (at, span) in enumerate(zip(begin, whole, strict=True)):
        late[n] = max(at, free)
        free = late[n] + span
    second: Floats = late[session] + before - before[starts][session]
    return second


def _named(artists: _Artists, artist: npt.NDArray[np.intp], song: Ints) -> "pd.DataFrame":
    import pandas as pd

    shift = len(_FIRST) // 2
    titles = [
        [f"{_FIRST[(7 * a + 5 * s) % len(_FIRST)]} {_SECOND[(a + shift * s + s) % len(_SECOND)]}"
         for s in range(_MOST_SONGS)]
        for a in range(_ARTISTS)
    ]  # fmt: skip
    pairs = list(zip(artist.tolist(), song.tolist(), strict=True))
    return pd.DataFrame(
        {
            "recording_id": [f"other-{a:03d}-{s:02d}" for a, s in pairs],
            "isrc": [f"QZEXM25{a:03d}{s:02d}" for a, s in pairs],
            "title": [titles[a][s] for a, s in pairs],
            "artist": [artists.names[a] for a, _ in pairs],
            "release": [titles[a][s - s % _SONGS_PER_RELEASE] for a, s in pairs],
        }
    )


def _free(rest: "pd.DataFrame", own: "pd.DataFrame") -> npt.NDArray[np.bool_]:
    """Mark what does not play while the label's music does: nobody hears two songs at once."""
    import pandas as pd

    def spans(rows: "pd.DataFrame") -> tuple[Any, Any]:
        begin = rows["played_at"]
        end = begin + pd.to_timedelta(rows["milliseconds"], unit="ms")
        return begin.to_numpy("datetime64[ms]"), end.to_numpy("datetime64[ms]")

    (own_begin, own_end), (begin, end) = spans(own.sort_values("played_at")), spans(rest)
    last = np.searchsorted(own_begin, end) - 1
    free: npt.NDArray[np.bool_] = (last < 0) | (own_end[np.maximum(last, 0)] <= begin)
    return free
