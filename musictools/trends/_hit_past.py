"""What was known on the day of a release: of the artist, of hits of late, of the season."""

from typing import Any

import numpy as np
import numpy.typing as npt

from musictools.trends._hit_songs import Songs

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
Dates = npt.NDArray[np.datetime64]

_ARTIST = ("earlier songs", "earlier hits", "share of hits", "new artist", "years since")
_CALENDAR = ("date", "hits of late", "midsummer", "spring")
#: What is known of an artist, and of the day, before the song comes out.
HISTORY = (*_ARTIST, *_CALENDAR)
#: A hit this long ago is as good as none.
_FORGOTTEN_YEARS = 10.0
# A whole year of hits: its seasons are in balance. Where only years are known, the year before a
# leap year is so far away as well.
_LATELY = np.timedelta64(366, "D")
#: Songs of all the past that count beside those of late.
_PRIOR_SONGS = 10.0
#: Songs around a song that say what its time sounds like.
_AROUND = 10
#: Artists and times are told apart in so many turns.
_TURNS = 10


def history(songs: Songs, known: Songs, lag_days: float) -> Floats:
    """Give what was known of each artist, and of the time, when a song came out.

    Parameters
    ----------
    songs : Songs
        The songs to be judged.
    known : Songs
        Songs with outcomes.
    lag_days : float
        Days after which an outcome is known.

    Returns
    -------
    numpy.ndarray, shape (songs, 9)
        As :data:`HISTORY`.
    """
    lag = np.timedelta64(round(lag_days * 86_400), "s")
    return np.column_stack(
        [
            _artists(songs, known, lag),
            songs.years,
            hits_of_late(songs.date, known.date, known.hit, lag),
            seasons(songs.years),
        ]
    )


def _artists(songs: Songs, known: Songs, lag: np.timedelta64) -> Floats:
    past: dict[str, list[int]] = {}
    for row, name in enumerate(known.artist):
        past.setdefault(name, []).append(row)
    out = np.zeros((len(songs), len(_ARTIST)))
    years, known_years = songs.years, known.years
    for row, (name, date) in enumerate(zip(songs.artist, songs.date, strict=True)):
        rows = np.asarray(past.get(name, []), dtype=int)
        # Strictly before: a song of the same day tells nothing yet, least of all about itself.
        rows = rows[(known.date[rows] + lag <= date) & (known.date[rows] < date)]
        hits = rows[known.hit[rows] == 1]
        count = len(rows)
        since = years[row] - known_years[hits].max() if len(hits) else _FORGOTTEN_YEARS
        share = len(hits) / count if count else 0.0
        recent = min(float(since), _FORGOTTEN_YEARS)
        out[row] = [np.log1p(count), np.log1p(len(hits)), share, not count, recent]
    return out


def hits_of_late(
    date: Dates, known: Dates, hit: npt.NDArray[np.int_], lag: np.timedelta64
) -> Floats:
    """Give the log-odds of a hit among the songs of all artists of the last year that is known.

    Parameters
    ----------
    date : numpy.ndarray of datetime64
        Days on which the question is asked.
    known : numpy.ndarray of datetime64
        Days of the songs with outcomes, in order.
    hit : numpy.ndarray
        Their outcomes.
    lag : numpy.timedelta64
        Time after which an outcome is known.
    """
    hits = np.concatenate([[0], np.cumsum(hit)])
    # Strictly before, as with the artists.
    until = np.minimum(
        np.searchsorted(known, date - lag, side="right"), np.searchsorted(known, date)
    )
    since = np.minimum(np.searchsorted(known, date - lag - _LATELY), until)
    ever = (hits[until] + 0.5) / (until + 1.0)
    share = (hits[until] - hits[since] + _PRIOR_SONGS * ever) / (until - since + _PRIOR_SONGS)
    out: Floats = np.log(share / (1 - share))
    return out


def seasons(years: Floats) -> Floats:
    """Give the day of the year as a point on a circle, shape (songs, 2)."""
    turn = 2 * np.pi * years
    return np.column_stack([-np.cos(turn), np.sin(turn)])


def sound_of_the_time(songs: Songs) -> Floats:
    """Give what the time and the season of each song add to the sound of its artist.

    The artists of a time are not the fashion of the time: were they in its mean, each mean would be
    off by the few artists who happen to be near. So both are found in turns, each in what the other
    leaves.

    Parameters
    ----------
    songs : Songs
        In the order of dates.

    Returns
    -------
    numpy.ndarray, shape (songs, columns of sound)
        Mean of the songs nearest in time, those before and those after, less their artists.
    """
    sound = songs.sound.to_numpy(dtype=float)
    seen = np.isfinite(sound)
    mean = np.where(seen, sound, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    centred = np.where(seen, sound - mean, 0.0)
    artist = np.unique(songs.artist.astype(str), return_inverse=True)[1]
    by_artist = np.argsort(artist, kind="stable")
    first = np.searchsorted(artist[by_artist], artist)
    last = np.searchsorted(artist[by_artist], artist, side="right")
    around = _around(songs.years)
    circle = np.column_stack([np.ones(len(songs)), seasons(songs.years)])
    out = np.zeros_like(centred)
    for _ in range(_TURNS):
        own = _mean(np.where(seen, centred - out, 0.0)[by_artist], seen[by_artist], first, last)
        rest = np.where(seen, centred - own, 0.0)
        out = _mean(rest, seen, *around)
        left = np.where(seen, rest - out, 0.0)
        out += circle @ np.linalg.lstsq(circle, left, rcond=None)[0]
    return out


def _around(years: Floats) -> tuple[Rows, Rows]:
    """Give where the nearest of each song begin and end; songs of one day stay together."""
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=min(_AROUND, len(years))).fit(years[:, None])
    reach = nearest.kneighbors(years[:, None])[0][:, -1] + 1e-9
    return np.searchsorted(years, years - reach), np.searchsorted(years, years + reach)


def _mean(values: Floats, seen: npt.NDArray[np.bool_], first: Rows, last: Rows) -> Floats:
    def total(each: npt.NDArray[Any]) -> Floats:
        sums = np.concatenate([np.zeros((1, each.shape[1])), np.cumsum(each, axis=0)])
        out: Floats = sums[last] - sums[first]
        return out

    return total(values) / np.maximum(total(seen), 1.0)
