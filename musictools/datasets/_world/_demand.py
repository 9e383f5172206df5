"""How many streams each recording has on each platform each day."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from musictools.datasets._world import _calendar, _catalogue
from musictools.datasets._world._chance import stream
from musictools.datasets._world._facts import (
    ARTISTS,
    CHANNELS,
    DISPERSION,
    PLATFORMS,
    TARGET_PLAYS,
    Platform,
)
from musictools.datasets._world._promotion import Promotion, promote

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

#: Each platform's audience is a little younger or older in its tastes.
_LEANING = 0.18


@dataclass(frozen=True)
class Demand:
    """Expected and drawn streams.

    Attributes
    ----------
    organic, promoted : numpy.ndarray, shape (recordings, platforms, days)
        Expected streams without promotion, and those that it brings.
    counts : numpy.ndarray, shape (recordings, platforms, days)
        Drawn counts.
    effects : pandas.DataFrame
        What each event does to each recording, with its streams.
    promotion : Promotion
        Campaigns, airplay and their truth.
    """

    organic: Floats
    promoted: Floats
    counts: Counts
    effects: pd.DataFrame
    promotion: Promotion


def demand(seed: int) -> Demand:
    """Work out the expected streams of a world and draw the counts."""
    recordings = _catalogue.recordings(seed)
    effects = _calendar.effects(seed)
    curves = _calendar.responses(effects)
    place = {name: n for n, name in enumerate(recordings["recording_id"])}
    row = np.asarray([place[effect.recording_id] for effect in effects])
    season = _calendar.weekday_factors() * _calendar.yearly_factors()
    factor = season * _calendar.friday_factors(recordings["released_at"])
    audience = _audience(seed, len(recordings))
    relative = np.zeros((len(recordings), len(_calendar.DAYS)))
    np.add.at(relative, row, curves)
    relative *= factor

    free_share = 1.0 - sum(channel.share for channel in CHANNELS)
    scale = TARGET_PLAYS * free_share / float((relative[:, None, :] * audience).sum())
    organic = scale * relative[:, None, :] * audience
    promotion = promote(seed, organic.sum(axis=1), TARGET_PLAYS)
    promoted = _promoted(recordings, organic, promotion)
    lifted = curves * factor[row] * scale * audience.sum(axis=1)[row]
    rng = stream(seed, "counts")
    expected = organic + promoted
    noisy = expected * rng.gamma(DISPERSION, 1.0 / DISPERSION, expected.shape)
    table = _effect_table(effects, scale, lifted.sum(axis=1))
    return Demand(organic, promoted, rng.poisson(noisy), table, promotion)


def _effect_table(effects: list[_calendar.Effect], scale: float, streams: Floats) -> pd.DataFrame:
    day = _calendar.DAYS[0]
    rows = [
        {
            "event_id": effect.event_id,
            "recording_id": effect.recording_id,
            "kernel": effect.kernel,
            "amplitude": effect.amplitude * scale,
            "streams": float(count),
            "start_on": day + pd.Timedelta(days=effect.start),
            "stop_on": day + pd.Timedelta(days=effect.stop),
        }
        for effect, count in zip(effects, streams, strict=True)
    ]
    return pd.DataFrame(rows)


def joined_share(platform: Platform) -> Floats:
    """Part of a platform's listeners who are there on each day; an S-shaped curve up to 1."""
    t = np.linspace(-2.2, 2.2, len(_calendar.DAYS))
    rise = 1.0 / (1.0 + np.exp(-t))
    rise = (rise - rise[0]) / (rise[-1] - rise[0])
    result: Floats = platform.joined_before + (1.0 - platform.joined_before) * rise
    return result


def _audience(seed: int, count: int) -> Floats:
    """Relative size of each platform for each recording; shape (recordings, platforms, days)."""
    lean = stream(seed, "platforms").lognormal(0.0, _LEANING, (count, len(PLATFORMS)))
    growth = np.asarray([p.listeners * joined_share(p) for p in PLATFORMS])
    audience: Floats = lean[:, :, None] * growth[None, :, :]
    return audience


def _promoted(recordings: pd.DataFrame, organic: Floats, promotion: Promotion) -> Floats:
    """Share out what promotion brought an artist, in proportion to what is streamed anyway."""
    daily = promotion.daily.sum(axis=0)
    promoted = np.zeros_like(organic)
    for index in range(len(ARTISTS)):
        own = (recordings["artist_id"] == _catalogue.artist_id(index)).to_numpy()
        total = organic[own].sum(axis=(0, 1))
        promoted[own] = organic[own] * (daily[index] / np.where(total > 0, total, 1.0))
    return promoted


def intensity_table(recordings: pd.DataFrame, found: Demand) -> pd.DataFrame:
    """Tabulate the expected streams by day, recording and platform, from the day of release on."""
    first = np.asarray([_calendar.day_index(day) for day in recordings["released_at"]])
    alive = np.arange(len(_calendar.DAYS))[None, :] >= first[:, None]
    song, day = np.nonzero(alive)
    names = recordings["recording_id"].to_numpy()
    tables = []
    for p, platform in enumerate(PLATFORMS):
        frame = pd.DataFrame({"ds": _calendar.DAYS[day], "recording_id": names[song]})
        frame["platform"] = platform.name
        frame["organic"] = found.organic[song, p, day]
        frame["promotion"] = found.promoted[song, p, day]
        tables.append(frame)
    table = pd.concat(tables, ignore_index=True)
    return table.astype({"recording_id": "category", "platform": "category"})
