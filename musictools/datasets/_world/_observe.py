"""What the outside sees: daily series, counters and followers."""

import numpy as np
import pandas as pd

from musictools.datasets._world import _calendar, _catalogue
from musictools.datasets._world._chance import stream
from musictools.datasets._world._facts import ARTISTS, PLATFORMS, START

#: Part of the days on which nobody fetched the counters of a platform.
_MISSED = 0.015
_SOCIAL = {"instagram": 9_000.0, "tiktok": 7_000.0, "facebook": 3_500.0, "x": 2_200.0}


def series(plays: pd.DataFrame, recordings: pd.DataFrame) -> pd.DataFrame:
    """Plays a day of each recording on each platform, zeros included, from its release on."""
    days, names = len(_calendar.DAYS), sorted(platform.name for platform in PLATFORMS)
    day = (
        (plays["played_at"].to_numpy() - np.datetime64(START)).astype("timedelta64[D]").astype(int)
    )
    place = {name: n for n, name in enumerate(names)}
    code = np.asarray([place[c] for c in plays["platform"].cat.categories])
    platform = code[plays["platform"].cat.codes.to_numpy()]
    song = plays["recording_id"].cat.codes.to_numpy().astype(np.int64)
    cell = (song * len(names) + platform) * days + day
    counts = np.bincount(cell, minlength=len(recordings) * len(names) * days)
    counts = counts.reshape(len(recordings), len(names), days)
    tables = []
    for n, (name_of, released) in enumerate(
        zip(recordings["recording_id"], recordings["released_at"], strict=True)
    ):
        first = _calendar.day_index(released)
        for p, name in enumerate(names):
            frame = pd.DataFrame({"ds": _calendar.DAYS[first:], "y": counts[n, p, first:]})
            frame.insert(0, "unique_id", f"{name_of}/{name}")
            tables.append(frame)
    table = pd.concat(tables, ignore_index=True)
    return table.astype({"unique_id": "category", "y": "int32"})


def observations(seed: int, daily: pd.DataFrame) -> pd.DataFrame:
    """Counters as a platform shows them: cumulative streams, and followers of each artist.

    A few days of each platform are missing, because nobody fetched them.
    """
    rng = stream(seed, "observations")
    totals = daily.copy()
    totals["value"] = totals.groupby("unique_id", observed=True)["y"].cumsum()
    split = totals["unique_id"].astype(str).str.split("/", expand=True)
    streams = pd.DataFrame(
        {
            "entity_id": split[0],
            "platform": split[1],
            "metric": "streams_total",
            "observed_at": totals["ds"],
            "value": totals["value"].astype("int64"),
        }
    )
    frame = pd.concat([streams, _followers(seed, daily, rng)], ignore_index=True)
    kept = np.ones(len(frame), dtype=bool)
    age = (frame["observed_at"] - _calendar.DAYS[0]).dt.days.to_numpy()
    for places in frame.groupby("platform").indices.values():
        missed = rng.random(len(_calendar.DAYS)) < _MISSED
        kept[places] = ~missed[age[places]]
    frame = frame[kept].reset_index(drop=True)
    late = pd.to_timedelta(rng.integers(3 * 3600, 6 * 3600, len(frame)), unit="s")
    frame["fetched_at"] = frame["observed_at"] + pd.Timedelta(days=1) + late
    frame["source"] = "label export of " + frame["platform"]
    frame["policy"] = "own"
    texts = ("entity_id", "platform", "metric", "source", "policy")
    return frame.astype(dict.fromkeys(texts, "category"))


def _followers(seed: int, daily: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Followers grow with the plays of the artist, and a few leave every day."""
    owner = _catalogue.recordings(seed).set_index("recording_id")["artist_id"]
    split = daily["unique_id"].astype(str).str.split("/", expand=True)
    keys = [split[0].map(owner).rename("artist"), daily["ds"]]
    streams = daily["y"].groupby(keys).sum()
    tables = []
    for index, artist in enumerate(ARTISTS):
        name = _catalogue.artist_id(index)
        heard = streams.loc[name].reindex(_calendar.DAYS, fill_value=0).to_numpy(dtype=float)
        places = {p.name: 900.0 * p.listeners for p in PLATFORMS} | _SOCIAL
        for platform, size in places.items():
            start = size * artist.pull * float(rng.lognormal(-1.0, 0.3))
            gained = rng.poisson(size / 9_000.0 * heard * 0.6 + 1e-4 * start)
            left = rng.poisson(1e-4 * start, len(gained))
            value = np.maximum(np.round(start) + np.cumsum(gained - left), 0)
            frame = pd.DataFrame({"observed_at": _calendar.DAYS, "value": value.astype("int64")})
            frame["entity_id"], frame["platform"], frame["metric"] = name, platform, "followers"
            tables.append(frame)
    return pd.concat(tables, ignore_index=True)
