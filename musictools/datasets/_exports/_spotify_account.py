"""Spotify's account data: the last year of streams, to the minute.

Fields: https://support.spotify.com/us/article/understanding-my-data/ ; file names:
github.com/AJsQuestions/spotiframes, data/streaming_history/README.md. Read on 2026-11-26.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from musictools.datasets._exports._listening import heavy_listener, plays_table
from musictools.datasets._exports._packing import rows_of, zip_bytes
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

KEYS = ("endTime", "artistName", "trackName", "msPlayed")
#: Folder in the zip, and the name of the files, since 2024 and before.
_NAMES = {
    "new": ("Spotify Account Data", "StreamingHistory_music_{}.json"),
    "old": ("MyData", "StreamingHistory{}.json"),
}
_YEAR = "2025-01-05"


def write_spotify_account(
    label: "Label",
    folder: Path,
    rng: np.random.Generator,
    *,
    version: Literal["new", "old"] | None = None,
    listener: str | None = None,
) -> SimulatedExport:
    """Write one listener's account data, in the file names of either generation."""
    import pandas as pd

    chosen = version or ("new", "old")[int(rng.integers(2))]
    plays = heavy_listener(label, rng, listener)
    rows, truth = [], []
    for play in rows_of(plays[plays["played_at"] >= pd.Timestamp(_YEAR)]):
        lasted = pd.Timedelta(milliseconds=play["milliseconds"])
        ended = (play["played_at"] + lasted).floor("min")
        cells = (f"{ended:%Y-%m-%d %H:%M}", play["artist"], play["title"], play["milliseconds"])
        rows.append(dict(zip(KEYS, cells, strict=True)))
        truth.append(
            {
                "artist_id": play["artist"],
                "played_at": ended - lasted,
                "seconds": play["milliseconds"] / 1000,
                "platform": "spotify",
                "title": play["title"],
                "artist": play["artist"],
            }
        )
    home, name = _NAMES[chosen]
    half = len(rows) // 2
    files: dict[str, object] = {name.format(0): rows[:half], name.format(1): rows[half:]}
    if chosen == "new":
        # Its keys were not found in public, so nobody listened to a podcast.
        files["StreamingHistory_podcast_0.json"] = []
    # What is private lies beside it, and nobody needs to open it.
    files["Userdata.json"] = {"username": "listener-example", "email": "listener@example.com"}
    members = {
        f"{home}/{file}": json.dumps(content, ensure_ascii=False, indent=2).encode()
        for file, content in files.items()
    }
    path = folder / "my_spotify_data.zip"
    path.write_bytes(zip_bytes(members))
    return SimulatedExport(
        format="spotify_account",
        path=path,
        kind="plays",
        truth=plays_table(truth),
        quirks=(
            "endTime is when a stream ended, in UTC and whole minutes",
            "no identifier, no country, no release; podcasts have a file of their own, here empty",
            f"file names of the {chosen} kind; private files lie beside them",
        ),
    )
