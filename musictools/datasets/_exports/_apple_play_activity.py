"""Apple Music Play Activity.csv, inside the Apple_Media_Services.zip of Apple's privacy page.

Columns: see _apple_columns; how it is packed: github.com/SamTheGeek/apple-music-history,
docs/apple-export-format.md at 1d5647ec. Read on 2026-11-26.
"""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import numpy as np

from musictools.datasets._exports._apple_columns import NAMED, UNNAMED
from musictools.datasets._exports._listening import PLACES, flags, heavy_listener, plays_table
from musictools.datasets._exports._packing import csv_text, made_up, rows_of, zip_bytes
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

_INSIDE = "Apple_Media_Services/Apple Music Activity/Apple Music Play Activity.csv"
_FULL = "NATURAL_END_OF_TRACK"
#: What players write where a clock went wrong: below nothing, and above a day.
_BROKEN_MS = (-140_027, 1_614_006_218_000)


def write_apple_play_activity(
    label: "Label",
    folder: Path,
    rng: np.random.Generator,
    *,
    version: Literal["named", "unnamed"] | None = None,
) -> SimulatedExport:
    """Write one listener's play activity, with the artist's name or, as of late, without."""
    chosen = version or ("named", "unnamed")[int(rng.integers(2))]
    columns = NAMED if chosen == "named" else UNNAMED
    rows, truth = _events(label, rng, is_named=chosen == "named")
    # Cells are quoted and the header is not.
    text = csv_text([columns]) + csv_text(
        ([row.get(name) for name in columns] for row in rows), quoting=csv.QUOTE_ALL
    )
    archive = zip_bytes({_INSIDE: text.encode()})
    name = "Apple_Media_Services.zip"
    if chosen == "unnamed":
        archive = zip_bytes({f"Apple Media Services information/{name}": archive})
        name = "Apple Media Services Information Part 1 of 1.zip"
    path = folder / name
    path.write_bytes(archive)
    return SimulatedExport(
        format="apple_play_activity",
        path=path,
        kind="plays",
        truth=plays_table(truth),
        quirks=(
            "events that are no play, films and nameless songs stand between the plays",
            "play durations below nothing or above a day are no durations",
            "times with and without fractions and zone, all UTC; a start may be missing",
            "columns with the artist's name"
            if chosen == "named"
            else "columns without the artist's name, which is known for few rows; zip in zip",
        ),
    )


def _events(
    label: "Label", rng: np.random.Generator, *, is_named: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All rows of the file in order, and the plays among them."""
    import pandas as pd

    plays = heavy_listener(label, rng)
    broken, unstarted, whose = (flags(rng, len(plays), part) for part in (0.02, 0.02, 0.1))
    rows, truth = [], []
    for n, play in enumerate(rows_of(plays)):
        lasted = pd.Timedelta(milliseconds=play["milliseconds"])
        began = play["played_at"]
        # A broken duration says nothing of the begin, so such a row has its own.
        told = _BROKEN_MS[n % 2] if broken[n] else play["milliseconds"]
        has_start = broken[n] or not unstarted[n]
        artist = play["artist"] if is_named or whose[n] else None
        reason = _FULL if play["finished"] else "TRACK_SKIPPED_FORWARDS"
        row = _row(play, artist=artist, is_named=is_named)
        row |= {
            "Event Start Timestamp": _stamp(began, n) if has_start else None,
            "Event End Timestamp": _stamp(began + lasted, 1),
            "Event Received Timestamp": _stamp(began + lasted, 1),
            "Play Duration Milliseconds": told,
            "End Reason Type": reason,
            "End Position In Milliseconds": play["milliseconds"],
            "Offline": "true" if n % 19 == 0 else "false",
        }
        rows.extend([row, *_other(row, n)])
        truth.append(
            {
                "artist_id": artist or "",
                "played_at": began,
                "seconds": None if broken[n] else told / 1000,
                "country": play["country"],
                "platform": "apple_music",
                "title": play["title"],
                "artist": artist,
                "release": None if is_named else play["release"],
                "reason_end": reason,
                "skipped": reason != _FULL,
                "offline": n % 19 == 0,
            }
        )
    return rows, truth


def _stamp(moment: Any, n: int) -> str:
    """Time as Apple writes it: with thousandths, with a zone, or with neither."""
    if moment.microsecond or n % 3 == 1:
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    return f"{moment:%Y-%m-%dT%H:%M:%S}" + ("Z" if n % 3 else "")


def _row(play: dict[str, Any], *, artist: str | None, is_named: bool) -> dict[str, Any]:
    country, clock = PLACES[play["country"]]
    offset = ZoneInfo(clock).utcoffset(play["played_at"].to_pydatetime())
    row = {
        "Apple ID Number": "000000000",
        "Apple Music Subscription": "true",
        "Client IP Address": "198.51.100.23",
        "Device Identifier": made_up("apple/device", 20),
        "Event Reason Hint Type": "NOT_SPECIFIED",
        "Event Type": "PLAY_END",
        "Feature Name": "library",
        "Item Type": "ITUNES_STORE_CONTENT",
        "Media Duration In Milliseconds": play["milliseconds"],
        "Media Type": "AUDIO",
        "Song Name": play["title"],
        "Source Type": "ORIGINATING_DEVICE",
        "Start Position In Milliseconds": 0,
        "Store Front Name": country,
        "UTC Offset In Seconds": int(offset.total_seconds()) if offset else 0,
    }
    if is_named:
        return {**row, "Artist Name": artist}
    return {
        **row,
        "Album Name": play["release"],
        "Container Artist Name": artist,
        "Container Type": "ARTIST" if artist else "PLAYLIST",
        "IP City": "Exampleton",
        "IP Country Code": play["country"],
    }


def _other(row: dict[str, Any], n: int) -> list[dict[str, Any]]:
    """Rows between two plays that tell of no play of a song."""
    if n % 11 == 0:
        return [{**row, "Event Type": "PLAY_START", "Play Duration Milliseconds": 0}]
    if n % 59 == 0:
        return [{**row, "Media Type": "VIDEO", "Song Name": "Behind the Scenes"}]
    return [{**row, "Song Name": None}] if n % 71 == 0 else []
