"""Who listens, what they like, and every single play."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from musictools.datasets._world import _calendar, _catalogue
from musictools.datasets._world._chance import stream
from musictools.datasets._world._demand import joined_share
from musictools.datasets._world._facts import (
    ARTISTS,
    COUNTED_SECONDS,
    COUNTRIES,
    FRAUD_ACCOUNTS,
    N_LISTENERS,
    PLATFORMS,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Small: most listeners care for one or two of the artists.
_TASTE_CONCENTRATION = 0.22
_HOME_BOOST = 2.5
#: Share of plays that are skipped before they count, and of those heard to the end.
_SKIPPED, _FINISHED = 0.12, 0.66
#: Relative number of plays in each hour of the day, UTC.
_HOURS = np.array(
    [
        *(2.0, 1.2, 0.8, 0.6, 0.6, 1.0, 2.2, 4.0, 5.0, 4.6, 4.4, 4.5),
        *(5.0, 5.1, 5.0, 5.2, 5.8, 6.6, 6.8, 6.4, 6.0, 5.4, 4.4, 3.2),
    ]
)


@dataclass(frozen=True)
class Crowd:
    """Listeners in order of joining, with what is hidden about them.

    Attributes
    ----------
    table : pandas.DataFrame
        The public table.
    joined : numpy.ndarray, shape (listeners,)
        Day number of joining; negative before the story.
    activity : numpy.ndarray, shape (listeners,)
        Relative number of plays.
    taste : numpy.ndarray, shape (listeners, artists)
        Rows sum to 1.
    fraud : numpy.ndarray, shape (listeners,), bool
        The accounts that are no people.
    """

    table: pd.DataFrame
    joined: Ints
    activity: Floats
    taste: Floats
    fraud: npt.NDArray[np.bool_]


def crowd(seed: int) -> Crowd:
    """Draw the listeners."""
    rng = stream(seed, "listeners")
    shares = np.asarray([platform.listeners for platform in PLATFORMS])
    platform = rng.choice(len(PLATFORMS), size=N_LISTENERS, p=shares / shares.sum())
    country = rng.choice(len(COUNTRIES), size=N_LISTENERS, p=[c[0] for c in COUNTRIES.values()])
    joined = _joined(platform, rng)
    fraud = np.zeros(N_LISTENERS, dtype=bool)
    fraud[:FRAUD_ACCOUNTS] = True
    # Bought by the dozen: one service, two countries, made within three days.
    platform[fraud], country[fraud] = 0, rng.choice([5, 6], size=FRAUD_ACCOUNTS)
    joined[fraud] = 500 + rng.integers(0, 3, size=FRAUD_ACCOUNTS)

    order = np.argsort(joined, kind="stable")
    platform, country, joined = platform[order], country[order], joined[order]
    fraud = fraud[order]
    activity = rng.lognormal(0.0, 1.05, N_LISTENERS)
    every = np.maximum(20.0, 530.0 * activity**0.6 * rng.lognormal(-0.1, 0.45, N_LISTENERS))
    every[fraud] = 900.0
    tier, fee = _tiers(platform, country, rng)
    table = pd.DataFrame(
        {
            "user_id": [f"U{n:05d}" for n in range(1, N_LISTENERS + 1)],
            "platform": np.asarray([p.name for p in PLATFORMS])[platform],
            "country": np.asarray(list(COUNTRIES))[country],
            "tier": tier,
            "fee_usd": fee,
            "joined_on": _calendar.DAYS[0] + pd.to_timedelta(joined, unit="D"),
            "all_plays_per_month": np.round(every).astype(np.int64),
        }
    )
    return Crowd(table, joined, activity, _taste(country, rng), fraud)


def _joined(platform: Ints, rng: np.random.Generator) -> Ints:
    drawn = rng.random(len(platform))
    joined = np.zeros(len(platform), dtype=np.int64)
    for p, service in enumerate(PLATFORMS):
        here = platform == p
        # The same curve that lets demand grow, so that listeners and streams agree.
        day = np.searchsorted(joined_share(service), drawn[here])
        before = drawn[here] <= service.joined_before
        history = -1 - rng.integers(0, 1500, size=int(here.sum()))
        joined[here] = np.where(before, history, np.minimum(day, len(_calendar.DAYS) - 1))
    return joined


def _tiers(
    platform: Ints, country: Ints, rng: np.random.Generator
) -> tuple[npt.NDArray[np.object_], Floats]:
    tier = np.empty(len(platform), dtype=object)
    fee = np.zeros(len(platform))
    level = np.asarray([c[1] for c in COUNTRIES.values()])[country]
    for p, service in enumerate(PLATFORMS):
        here = np.flatnonzero(platform == p)
        drawn = rng.choice(len(service.tiers), size=len(here), p=[t[2] for t in service.tiers])
        tier[here] = np.asarray([t[0] for t in service.tiers], dtype=object)[drawn]
        fee[here] = np.asarray([t[1] for t in service.tiers])[drawn] * level[here]
    return tier, np.round(fee, 2)


def _taste(country: Ints, rng: np.random.Generator) -> Floats:
    pull = np.asarray([artist.pull for artist in ARTISTS])
    home = np.asarray([artist.country for artist in ARTISTS])
    names = np.asarray(list(COUNTRIES))[country]
    base = pull * np.where(names[:, None] == home[None, :], _HOME_BOOST, 1.0)
    base /= base.sum(axis=1, keepdims=True)
    drawn = rng.gamma(_TASTE_CONCENTRATION * len(ARTISTS) * base) + 1e-9
    taste: Floats = drawn / drawn.sum(axis=1, keepdims=True)
    return taste


def plays(seed: int, counts: npt.NDArray[np.int64], people: Crowd) -> pd.DataFrame:
    """Turn counts into plays: who, what, when, and for how long.

    Parameters
    ----------
    seed : int
        Seed of the world.
    counts : numpy.ndarray, shape (recordings, platforms, days)
        Streams to be handed out.
    people : Crowd
        Those who may have been listening: they have joined and like the artist.
    """
    rng = stream(seed, "plays")
    recordings = _catalogue.recordings(seed)
    song, platform, day = np.nonzero(counts)
    repeats = counts[song, platform, day]
    song, platform, day = (np.repeat(a, repeats) for a in (song, platform, day))
    artist = recordings["artist_id"].str[1:].astype(int).to_numpy()[song] - 1
    user = np.zeros(len(song), dtype=np.int64)
    home = people.table["platform"].to_numpy()
    for p, service in enumerate(PLATFORMS):
        members = np.flatnonzero((home == service.name) & ~people.fraud)
        # In order of joining, so those who may listen on a day are the first so many.
        ready = np.searchsorted(people.joined[members], np.arange(len(_calendar.DAYS)), "right")
        for a in range(len(ARTISTS)):
            chosen = np.flatnonzero((platform == p) & (artist == a))
            weight = np.cumsum(people.activity[members] * people.taste[members, a])
            limit = weight[ready[day[chosen]] - 1]
            place = np.searchsorted(weight, rng.random(len(chosen)) * limit, "right")
            user[chosen] = members[np.minimum(place, ready[day[chosen]] - 1)]
    second = _second_of_day(len(song), rng)
    heard = _seconds(recordings["duration_s"].to_numpy()[song], rng)
    fake = _fake_plays(recordings, people, stream(seed, "fraud"))
    columns = [
        np.concatenate(pair) for pair in zip((song, user, day, second, heard), fake, strict=True)
    ]
    return _table(recordings, people, columns)


def _second_of_day(count: int, rng: np.random.Generator) -> Ints:
    hour = rng.choice(24, size=count, p=_HOURS / _HOURS.sum())
    second: Ints = hour * 3600 + rng.integers(0, 3600, size=count)
    return second


def _seconds(length_s: Floats, rng: np.random.Generator) -> Ints:
    how = rng.random(len(length_s))
    part = rng.random(len(length_s))
    skipped = 2 + part * (COUNTED_SECONDS - 2.001)
    broken_off = COUNTED_SECONDS + part * (length_s - COUNTED_SECONDS)
    heard = np.where(how < _SKIPPED, skipped, broken_off)
    return np.floor(np.where(how > 1 - _FINISHED, length_s, heard)).astype(np.int64)


def fraud_target(seed: int) -> str:
    """Name the recording that the fraudulent accounts play: a small artist's first one."""
    recordings = _catalogue.recordings(seed)
    small = min(range(len(ARTISTS)), key=lambda index: ARTISTS[index].pull)
    own = recordings["artist_id"] == _catalogue.artist_id(small)
    return str(recordings.loc[own, "recording_id"].iloc[0])


def _fake_plays(
    recordings: pd.DataFrame, people: Crowd, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Plays just long enough to count, round the clock, nine in ten of one recording."""
    small = min(range(len(ARTISTS)), key=lambda index: ARTISTS[index].pull)
    own = (recordings["artist_id"] == _catalogue.artist_id(small)).to_numpy()
    released = np.asarray([_calendar.day_index(d) for d in recordings["released_at"]])
    target = int(np.flatnonzero(own)[0])
    begin = max(int(people.joined[people.fraud].max()) + 4, int(released[target]) + 10)
    accounts = np.flatnonzero(people.fraud)
    span = min(110, len(_calendar.DAYS) - begin)
    per_day = rng.poisson(14, size=(len(accounts), span))
    who, when = np.nonzero(per_day)
    repeats = per_day[who, when]
    user, day = np.repeat(accounts[who], repeats), begin + np.repeat(when, repeats)
    others = np.flatnonzero(released <= begin)
    off_target = rng.random(len(user)) > 0.9
    song = np.where(off_target, rng.choice(others, size=len(user)), target)
    second = rng.integers(0, 86_400, size=len(user))
    return song, user, day, second, rng.integers(31, 39, size=len(user))


def _table(recordings: pd.DataFrame, people: Crowd, columns: list[Ints]) -> pd.DataFrame:
    song, user, day, second, heard = columns
    table = people.table
    moment = day * 86_400 + second
    # One whole number to sort by is three times as quick as the three of which it is made.
    order = np.argsort((moment * len(recordings) + song) * len(table) + user, kind="stable")
    song, user, moment, heard = (a[order] for a in (song, user, moment, heard))
    start = np.datetime64(_calendar.DAYS[0], "s").astype("datetime64[us]")
    when = start + moment.astype("timedelta64[s]")
    frame = pd.DataFrame(
        {
            "user_id": _codes(table["user_id"], user),
            "artist_id": _codes(recordings["artist_id"], song),
            "recording_id": _codes(recordings["recording_id"], song),
            "played_at": when,
            "seconds": heard.astype(np.uint16),
        }
    )
    for column in ("country", "tier", "platform"):
        frame[column] = _codes(table[column], user)
    return frame


def _codes(values: "pd.Series[str]", places: Ints) -> "pd.Categorical[str]":
    known = pd.Categorical(values)
    return known.take(places)


def hidden(people: Crowd) -> pd.DataFrame:
    """Truth about the listeners: activity, and taste for each artist."""
    frame = pd.DataFrame({"user_id": people.table["user_id"], "activity": people.activity})
    for index in range(len(ARTISTS)):
        frame[_catalogue.artist_id(index)] = people.taste[:, index]
    return frame
