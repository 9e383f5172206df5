"""One listener of the label, and the table that a reader without fault makes of the history."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.datasets._exports._all_music import all_music

if TYPE_CHECKING:
    import pandas as pd

    from musictools.datasets._label import Label

#: Somebody with a history worth reading, and yet a small file.
_FEWEST, _MOST = 300, 1200
_TRUTH = (
    "user_id",
    "artist_id",
    "recording_id",
    "played_at",
    "seconds",
    "country",
    "platform",
    "title",
    "artist",
    "release",
)
#: Country: its English name, and the clock of most who live there.
PLACES: Mapping[str, tuple[str, str]] = {
    "BR": ("Brazil", "America/Sao_Paulo"),
    "DE": ("Germany", "Europe/Berlin"),
    "FR": ("France", "Europe/Paris"),
    "GB": ("United Kingdom", "Europe/London"),
    "JP": ("Japan", "Asia/Tokyo"),
    "MX": ("Mexico", "America/Mexico_City"),
    "SE": ("Sweden", "Europe/Stockholm"),
    "US": ("United States", "America/New_York"),
}


def heavy_listener(
    label: "Label", rng: np.random.Generator, listener: str | None = None
) -> "pd.DataFrame":
    """Plays of one keen listener in order of time, with the names of what was heard.

    They are the label's only; of a listener who is named, all that was heard. Columns played_at,
    milliseconds, finished, country, recording_id, isrc, title, artist, release.
    """
    plays = label.plays
    counts = plays["user_id"].value_counts()
    keen = sorted(str(user) for user in counts.index[counts.between(_FEWEST, _MOST)])
    user = keen[int(rng.integers(len(keen)))] if listener is None else listener
    own = plays[plays["user_id"] == user]
    own = own[["recording_id", "played_at", "seconds", "country"]].astype(
        {"recording_id": str, "country": str}
    )
    known = label.recordings[
        ["recording_id", "isrc", "title", "artist", "release_title", "duration_s"]
    ].rename(columns={"release_title": "release"})
    rows = own.merge(known, on="recording_id").sort_values(
        ["played_at", "recording_id"], ignore_index=True
    )
    # The world counts whole seconds; players count thousandths.
    rows["milliseconds"] = rows["seconds"].astype(int) * 1000 + rng.integers(0, 1000, len(rows))
    rows["finished"] = rows["seconds"] >= rows["duration_s"] - 2
    rows = rows.drop(columns=["seconds", "duration_s"])
    if listener is None:
        return rows
    listeners = label.listeners
    account = listeners[listeners["user_id"] == listener].iloc[0]
    return all_music(account, rows, PLACES[str(account["country"])][1], rng)


def flags(rng: np.random.Generator, count: int, part: float) -> list[bool]:
    """Mark about that part of the rows."""
    return [bool(mark) for mark in rng.random(count) < part]


def plays_table(records: Iterable[Mapping[str, Any]]) -> "pd.DataFrame":
    """Make the truth of a listener's export: what is missing in a record is null."""
    import pandas as pd

    rows = [{"user_id": "me", **record} for record in records]
    further = dict.fromkeys(name for row in rows for name in row if name not in _TRUTH)
    frame = pd.DataFrame(rows, columns=[*_TRUTH, *further])
    for name in _TRUTH:
        if name not in {"played_at", "seconds"}:
            # A column that holds nothing is still one of texts.
            frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    frame["played_at"] = frame["played_at"].astype("datetime64[us]")
    frame["seconds"] = frame["seconds"].astype(float)
    return frame
