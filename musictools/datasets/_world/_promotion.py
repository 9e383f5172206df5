"""Money spent, spins on air, and the streams that both bring.

Spend follows releases, as it does in life, so a naive regression credits the campaign with what
the release did by itself. Randomised dark weeks and pulses break that tie; they are listed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from musictools.datasets._world import _calendar, _catalogue
from musictools.datasets._world._chance import stream
from musictools.datasets._world._facts import ARTISTS, CHANNELS, STATIONS, Channel

Floats = npt.NDArray[np.float64]

#: Weeks with a Monday to Sunday inside the story; no money is spent in the cut last one.
FULL_WEEKS = len(_calendar.WEEKS) - 1
#: Dark weeks and pulses for each channel.
TESTS = 8
#: Weight of a campaign by kind of release, US dollars for an artist of pull 1.
_BUDGET_USD = {"single": 68.0, "album": 124.0, "deluxe": 56.0}
#: Facebook hardly rests, which makes it the channel that no regression can learn.
_ALWAYS_ON = {"instagram": 0.16, "facebook": 0.4}
_MEDIUM = {"radio": "radio", "tv": "TV"}


@dataclass(frozen=True)
class Promotion:
    """What promotion did.

    Attributes
    ----------
    spend, airplay, experiments, effects, channels : pandas.DataFrame
        The two public tables and three of truth.
    daily : numpy.ndarray, shape (channels, artists, days)
        Streams brought, each day.
    """

    spend: pd.DataFrame
    airplay: pd.DataFrame
    experiments: pd.DataFrame
    effects: pd.DataFrame
    channels: pd.DataFrame
    daily: Floats


def promote(seed: int, organic: Floats, total: float) -> Promotion:
    """Plan the campaigns of a world and work out their effects.

    Parameters
    ----------
    seed : int
        Seed of the world.
    organic : numpy.ndarray, shape (recordings, days)
        Streams a day without promotion; hits are played on air without being plugged.
    total : float
        Streams of all kinds over the story, of which each channel brings its share.
    """
    rng = stream(seed, "promotion")
    money, experiments = _money(seed, rng)
    recordings = _catalogue.recordings(seed)
    airplay = _airplay(recordings, organic, money, stream(seed, "airplay"))
    impressions = _impressions(recordings, airplay, money, rng)
    released = _released(recordings)
    effects, daily, facts = [], [], []
    for c, channel in enumerate(CHANNELS):
        driver = money[c] if channel.driver == "spend" else impressions[c]
        effect = _Effect(channel, driver, released, total)
        daily.append(effect.daily)
        effects.append(effect.table())
        facts.append(effect.facts() | {"spend": float(money[c].sum())})
    channels = pd.DataFrame(facts)
    channels["streams_per_usd"] = channels["streams"] / channels["spend"]
    return Promotion(
        spend=_spend_table(money, impressions),
        airplay=airplay,
        experiments=experiments,
        effects=pd.concat(effects, ignore_index=True),
        channels=channels,
        daily=np.asarray(daily),
    )


def adstock(driver: Floats, theta: float) -> Floats:
    """Geometric carry-over along the first axis: ``a[t] = x[t] + theta a[t-1]``."""
    carried = np.array(driver, dtype=float)
    for week in range(1, len(carried)):
        carried[week] += theta * carried[week - 1]
    return carried


def hill(level: Floats, half: float, shape: float) -> Floats:
    """Saturation ``x^shape / (x^shape + half^shape)``."""
    powered = level**shape
    result: Floats = powered / (powered + half**shape)
    return result


class _Effect:
    """Adstock, saturation and size of one channel.

    Saturation acts on the sum over artists, since they compete for the same feed; each artist
    then gets the part of its own carried-over exposure.
    """

    def __init__(self, channel: Channel, driver: Floats, released: Floats, total: float) -> None:
        self.channel = channel
        weeks = len(_calendar.WEEKS)
        self.driver = np.vstack([driver, np.zeros((weeks - len(driver), driver.shape[1]))])
        self.carried = adstock(self.driver, channel.theta)
        label = self.driver.sum(axis=1)
        self.half = channel.half * float(label[label > 0].mean())
        level = self.carried.sum(axis=1)
        self.saturated = hill(level, self.half, channel.shape)
        parts = self.carried / np.where(level > 0, level, 1.0)[:, None]
        unit = _spread(self.saturated[:, None] * parts, released)
        self.beta = channel.share * total / float(unit.sum())
        self.daily = self.beta * unit

    def table(self) -> pd.DataFrame:
        """Weekly effect by artist, exactly what went into the intensity."""
        streams = _by_week(self.daily)
        weeks, artists = self.driver.shape
        return pd.DataFrame(
            {
                "ds": np.repeat(_calendar.WEEKS, artists),
                "channel": self.channel.name,
                "artist_id": [_catalogue.artist_id(i) for i in range(artists)] * weeks,
                "driver": self.driver.ravel(),
                "adstocked": self.carried.ravel(),
                "streams": streams.ravel(),
            }
        )

    def facts(self) -> dict[str, object]:
        """Parameters of the channel."""
        return {
            "channel": self.channel.name,
            "driver": "spend" if self.channel.driver == "spend" else "impressions",
            "adstock": "geometric",
            "theta": self.channel.theta,
            "saturation": "hill",
            "shape": self.channel.shape,
            "half_saturation": self.half,
            "beta_streams": self.beta,
            "share": self.channel.share,
            "streams": float(self.daily.sum()),
        }


def _spread(weekly: Floats, released: Floats) -> Floats:
    """Spread weeks over days by weekday, from the artist's first release on; (artists, days)."""
    day_week = _week_of_day()
    inside = day_week >= 0
    shape = _calendar.weekday_factors()[None, :] * released
    shape[:, ~inside] = 0.0
    sums = _by_week(shape).T
    # The last week is cut, so its days get what they would have had in a whole one.
    sums[:, -1] = 7.0
    safe = np.where(sums > 0, sums, 1.0)
    rate = weekly.T / safe
    daily = np.zeros_like(shape)
    daily[:, inside] = rate[:, day_week[inside]] * shape[:, inside]
    return daily


def _week_of_day() -> npt.NDArray[np.int64]:
    """Give the number of the week of each day; -1 before the first Monday."""
    return ((_calendar.DAYS - _calendar.WEEKS[0]).days // 7).to_numpy().astype(np.int64)


def _by_week(daily: Floats) -> Floats:
    """Sum (rows, days) by week; shape (weeks, rows)."""
    day_week = _week_of_day()
    sums = np.zeros((len(_calendar.WEEKS), len(daily)))
    inside = day_week >= 0
    np.add.at(sums, day_week[inside], daily.T[inside])
    return sums


def _released(recordings: pd.DataFrame) -> Floats:
    """1.0 from each artist's first release on; shape (artists, days)."""
    first = recordings.groupby("artist_id")["released_at"].min().sort_index()
    starts = np.asarray([_calendar.day_index(day) for day in first])
    released: Floats = (np.arange(len(_calendar.DAYS)) >= starts[:, None]).astype(float)
    return released


def _money(seed: int, rng: np.random.Generator) -> tuple[Floats, pd.DataFrame]:
    """US dollars by channel, week and artist, in whole cents, and the randomised tests."""
    plan = np.zeros((len(CHANNELS), FULL_WEEKS, len(ARTISTS)))
    debut = np.full(len(ARTISTS), FULL_WEEKS)
    for release in _catalogue.releases(seed):
        week = int((release.day - _calendar.WEEKS[0]).days // 7)
        debut[release.artist] = min(debut[release.artist], week)
        budget = _BUDGET_USD[release.kind] * ARTISTS[release.artist].pull ** 0.6
        for c, channel in enumerate(CHANNELS):
            late = channel.name in {"tv", "radio"}
            first, span = week + int(late and rng.random() < 0.5), min(7, FULL_WEEKS - week - 1)
            flight = np.exp(-np.arange(span) / rng.uniform(1.4, 3.2)) * rng.lognormal(0, 0.35, span)
            flight *= rng.random(span) < 0.9
            size = budget * channel.mix * rng.lognormal(0.0, 0.35) / max(flight.sum(), 1.0)
            plan[c, first : first + span, release.artist] += (size * flight)[: FULL_WEEKS - first]
    for c, channel in enumerate(CHANNELS):
        steady = _ALWAYS_ON.get(channel.name, 0.0) * rng.lognormal(0.0, 0.2, plan[c].shape)
        plan[c] += steady * (np.arange(FULL_WEEKS)[:, None] >= debut[None, :])
    return _test(plan, debut, rng)


def _test(
    plan: Floats, debut: npt.NDArray[np.int64], rng: np.random.Generator
) -> tuple[Floats, pd.DataFrame]:
    rows: list[tuple[pd.Timestamp, str, str, int, str | None, float]] = []
    for c, channel in enumerate(CHANNELS):
        weeks = rng.choice(np.arange(12, FULL_WEEKS - 1), size=2 * TESTS, replace=False)
        pulse = 2.0 * float(plan[c].sum(axis=1)[plan[c].sum(axis=1) > 0].mean())
        for n, week in enumerate(sorted(int(w) for w in weeks[:TESTS])):
            plan[c, week] = 0.0
            rows.append((_calendar.WEEKS[week], channel.name, "dark", n + 1, None, 0.0))
        for n, week in enumerate(sorted(int(w) for w in weeks[TESTS:])):
            who = int(rng.choice(np.flatnonzero(debut <= week)))
            amount = round(pulse * float(rng.uniform(0.6, 1.4)), 2)
            plan[c, week, who] += amount
            name = _catalogue.artist_id(who)
            rows.append((_calendar.WEEKS[week], channel.name, "pulse", n + 1, name, amount))
    columns = ["ds", "channel", "kind", "number", "artist_id", "amount_usd"]
    experiments = pd.DataFrame(rows, columns=columns).sort_values(["ds", "channel"])
    return np.round(plan, 2), experiments.reset_index(drop=True)


def _airplay(
    recordings: pd.DataFrame, organic: Floats, money: Floats, rng: np.random.Generator
) -> pd.DataFrame:
    weekly = _by_week(organic)[:FULL_WEEKS]
    popularity = weekly / weekly.max()
    artist = recordings["artist_id"].str[1:].astype(int).to_numpy() - 1
    home = np.asarray([ARTISTS[i].country for i in artist])
    names = [channel.name for channel in CHANNELS]
    newest = _newest(recordings)
    tables = []
    for station, (medium, country, heard_by) in STATIONS.items():
        plugged = money[names.index("tv" if medium == "TV" else "radio")][:, artist] * newest
        near = np.where(home == country, 1.8, 0.5)
        rate = (4.5, 0.90) if medium == "radio" else (0.20, 0.050)
        spins = rng.poisson(near * (rate[0] * popularity**0.7 + rate[1] * plugged) * (weekly > 0))
        week, song = np.nonzero(spins)
        count = spins[week, song]
        tables.append(
            pd.DataFrame(
                {
                    "ds": _calendar.WEEKS[week],
                    "station": station,
                    "medium": medium,
                    "recording_id": recordings["recording_id"].to_numpy()[song],
                    "spins": count,
                    "audience": np.round(count * heard_by * rng.lognormal(0, 0.25, len(count))),
                    "seconds": _on_air(recordings, song, count, medium),
                    "country": country,
                }
            )
        )
    frame = pd.concat(tables).sort_values(["ds", "station", "recording_id"], kind="stable")
    return frame.astype({"audience": "int64"}).reset_index(drop=True)


def _on_air(
    recordings: pd.DataFrame,
    song: npt.NDArray[np.int64],
    count: npt.NDArray[np.int64],
    medium: str,
) -> Floats:
    # Radio plays the song, television a clip of it.
    length = recordings["duration_s"].to_numpy()[song]
    each: Floats = length if medium == "radio" else np.minimum(length, 45.0)
    on_air: Floats = np.round(count * each, 1)
    return on_air


def _newest(recordings: pd.DataFrame) -> Floats:
    """1.0 where a recording is its artist's latest in that week; shape (weeks, recordings)."""
    start = ((recordings["released_at"] - _calendar.WEEKS[0]).dt.days // 7).to_numpy()
    weeks = np.arange(FULL_WEEKS)[:, None]
    newest = np.zeros((FULL_WEEKS, len(recordings)))
    for places in recordings.groupby("artist_id").indices.values():
        ends = np.append(start[places][1:], FULL_WEEKS)
        newest[:, places] = (weeks >= start[places]) & (weeks < ends)
    return newest


def _impressions(
    recordings: pd.DataFrame, airplay: pd.DataFrame, money: Floats, rng: np.random.Generator
) -> Floats:
    seen = np.zeros_like(money)
    artist = dict(zip(recordings["recording_id"], recordings["artist_id"], strict=True))
    for c, channel in enumerate(CHANNELS):
        if channel.driver == "spend":
            noise = rng.lognormal(0.0, 0.12, money[c].shape)
            seen[c] = np.round(money[c] / channel.cpm_usd * 1000 * noise)
            continue
        heard = airplay[airplay["medium"] == _MEDIUM[channel.name]]
        week = ((heard["ds"] - _calendar.WEEKS[0]).dt.days // 7).to_numpy()
        who = heard["recording_id"].map(artist).str[1:].astype(int).to_numpy() - 1
        np.add.at(seen[c], (week, who), heard["audience"].to_numpy(dtype=float))
    return seen


def _spend_table(money: Floats, impressions: Floats) -> pd.DataFrame:
    channels, weeks, artists = money.shape
    people = 4_000.0 * np.asarray([artist.pull for artist in ARTISTS])
    frequency = np.where(impressions > 0, 1.0 + impressions / people, 0.0)
    reach = np.round(impressions / np.where(frequency > 0, frequency, 1.0))
    frame = pd.DataFrame(
        {
            "ds": np.tile(np.repeat(_calendar.WEEKS[:weeks], artists), channels),
            "channel": np.repeat([channel.name for channel in CHANNELS], weeks * artists),
            "artist_id": [_catalogue.artist_id(i) for i in range(artists)] * (channels * weeks),
            "spend": money.ravel(),
            "impressions": impressions.ravel().astype(np.int64),
            "reach": reach.ravel().astype(np.int64),
        }
    )
    shown = frame["impressions"] / frame["reach"].where(frame["reach"] > 0)
    frame["frequency"] = shown.fillna(0.0)
    order = ["ds", "channel", "artist_id"]
    return frame.sort_values(order, kind="stable").reset_index(drop=True)
