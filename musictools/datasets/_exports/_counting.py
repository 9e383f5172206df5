"""What an artist's dashboard counts, day by day, from what the label's listeners did."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.datasets._exports._packing import EXPORTED

if TYPE_CHECKING:
    import pandas as pd

    from musictools.datasets._label import Label

_COLUMNS = (
    "entity_id",
    "platform",
    "metric",
    "observed_at",
    "value",
    "fetched_at",
    "source",
    "policy",
    "title",
    "artist",
    "country",
)
#: How far back monthly listeners are counted, and how often the keen ones play.
_MONTH_DAYS, _ACTIVE_PLAYS, _SUPER_PLAYS = 28, 2, 5
_COUNTED_S = 30


@dataclass(frozen=True)
class Counted:
    """One artist in a stretch of days.

    Attributes
    ----------
    artist_id, name : str
        The artist.
    days : pandas.DataFrame
        One row a day: day, streams, listeners, monthly, active, keen.
    songs : pandas.DataFrame
        One row a song and day with streams: recording_id, day, streams, listeners, seconds.
    recordings : pandas.DataFrame
        The artist's recordings that were out by the last day.
    """

    artist_id: str
    name: str
    days: "pd.DataFrame"
    songs: "pd.DataFrame"
    recordings: "pd.DataFrame"


def count_artist(label: "Label", rng: np.random.Generator, *, first: str, last: str) -> Counted:
    """Count the plays of an artist, drawn among those who were out when the days began."""
    import pandas as pd

    artists = label.artists
    out = artists[artists["debut_on"] < pd.Timestamp(first)]
    chosen = out.iloc[int(rng.integers(len(out)))]
    artist_id = str(chosen["artist_id"])
    plays = label.plays
    own = plays[(plays["artist_id"] == artist_id) & (plays["seconds"] >= _COUNTED_S)]
    own = own[["user_id", "recording_id", "played_at", "seconds"]].astype(
        {"user_id": str, "recording_id": str}
    )
    own["day"] = own["played_at"].dt.floor("D")
    users = pd.factorize(own["user_id"])[0]
    rows = []
    for day in pd.date_range(first, last):
        ago = (day - own["day"]).dt.days.to_numpy()
        today = users[ago == 0]
        often = np.bincount(users[(ago >= 0) & (ago < _MONTH_DAYS)])
        rows.append(
            {
                "day": day,
                "streams": len(today),
                "listeners": len(np.unique(today)),
                "monthly": int((often > 0).sum()),
                "active": int((often >= _ACTIVE_PLAYS).sum()),
                "keen": int((often >= _SUPER_PLAYS).sum()),
            }
        )
    inside = own[own["day"].between(pd.Timestamp(first), pd.Timestamp(last))]
    songs = (
        inside.groupby(["recording_id", "day"])
        .agg(
            streams=("user_id", "size"),
            listeners=("user_id", "nunique"),
            seconds=("seconds", "sum"),
        )
        .reset_index()
    )
    known = label.recordings
    mine = known[(known["artist_id"] == artist_id) & (known["released_at"] <= pd.Timestamp(last))]
    return Counted(artist_id, str(chosen["name"]), pd.DataFrame(rows), songs, mine)


def followers(label: "Label", counted: Counted, platform: str) -> dict[Any, int]:
    """Followers by day, as far as they were noted: some days are missing."""
    seen = label.observations
    rows = seen[
        (seen["entity_id"] == counted.artist_id)
        & (seen["platform"] == platform)
        & (seen["metric"] == "followers")
    ]
    return {day: int(value) for day, value in zip(rows["observed_at"], rows["value"], strict=True)}


def observed(records: Iterable[Mapping[str, Any]]) -> "pd.DataFrame":
    """Make the truth of a dashboard's export: what is missing in a record is null."""
    import pandas as pd

    frame = pd.DataFrame([{"policy": "own", **record} for record in records], columns=[*_COLUMNS])
    for name in _COLUMNS:
        if name not in {"observed_at", "fetched_at", "value"}:
            # A column that holds nothing is still one of texts.
            frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    for name in ("observed_at", "fetched_at"):
        frame[name] = frame[name].astype("datetime64[us]")
    frame["value"] = frame["value"].astype(float)
    return frame


def file_name(text: str) -> str:
    """Text as part of a file's name: what may not stand there becomes a low line."""
    return "".join("_" if letter in '<>:"/\\|?*' else letter for letter in text)


def write_dated(path: Path, content: bytes) -> datetime:
    """Write a file that was last changed when the export was made; gives that day."""
    path.write_bytes(content)
    os.utime(path, (EXPORTED.timestamp(), EXPORTED.timestamp()))
    return EXPORTED.replace(hour=0, tzinfo=None)
