"""Scrobbles of Last.fm, as two public exporters write them (Last.fm itself has no download).

Headless: github.com/benfoxall/lastfm-to-csv, index.html at 2ce84224 and js/lastfm-export.js at
0291a6ab. With header: lastfm.ghan.nl/export, as public importers read it. Read on 2026-11-26.
"""

import csv
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from musictools.datasets._exports._listening import flags, heavy_listener, plays_table
from musictools.datasets._exports._packing import csv_text, rows_of
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

HEADER = ("uts", "utc_time", "artist", "artist_mbid", "album", "album_mbid", "track", "track_mbid")
_NAMES = {
    "headless": "listener-example.csv",
    "headed": "recenttracks-listener-example-1767614400.csv",
}


def write_lastfm(
    label: "Label",
    folder: Path,
    rng: np.random.Generator,
    *,
    version: Literal["headless", "headed"] | None = None,
) -> SimulatedExport:
    """Write one listener's scrobbles: four columns without a header, or eight with one."""
    chosen = version or ("headless", "headed")[int(rng.integers(2))]
    plays = heavy_listener(label, rng)
    albumless = flags(rng, len(plays), 0.05)
    records = list(zip(rows_of(plays), albumless, strict=True))[::-1]
    if chosen == "headless":
        text, truth = _headless(records)
    else:
        text, truth = _headed(records)
    path = folder / _NAMES[chosen]
    path.write_bytes(text.encode())
    return SimulatedExport(
        format="lastfm",
        path=path,
        kind="plays",
        truth=plays_table(truth),
        quirks=(
            "newest first; no durations, no countries; releases may be missing",
            "no header, commas and quotation marks lost, whole minutes; the song now playing "
            "has no time"
            if chosen == "headless"
            else "a header without quotation marks above cells with them; few identifiers",
        ),
    )


def _record(play: dict[str, Any], moment: Any, *, albumless: bool) -> dict[str, Any]:
    return {
        "artist_id": play["artist"],
        "played_at": moment,
        "platform": "lastfm",
        "title": play["title"],
        "artist": play["artist"],
        "release": None if albumless else play["release"],
    }


def _headless(records: list[tuple[dict[str, Any], bool]]) -> tuple[str, list[dict[str, Any]]]:
    lines, truth = [], []
    for play, albumless in records:
        plain = {name: _plain(play[name]) for name in ("artist", "title", "release")}
        moment = play["played_at"].floor("min")
        album = "" if albumless else plain["release"]
        cells = (plain["artist"], album, plain["title"], f"{moment:%d %b %Y %H:%M}")
        lines.append(",".join(cells))
        truth.append(_record(plain, moment, albumless=albumless))
    playing = lines[0].rpartition(",")[0] + ","
    return "\n".join([playing, *lines]) + "\n", truth


def _plain(text: str) -> str:
    # That exporter does not quote: it takes out what would need it.
    return text.replace(",", "").replace('"', "")


def _headed(records: list[tuple[dict[str, Any], bool]]) -> tuple[str, list[dict[str, Any]]]:
    rows, truth = [], []
    for play, albumless in records:
        moment = play["played_at"]
        # One song in three is known to MusicBrainz, as it is with small labels.
        number = int(play["recording_id"].strip("R"))
        known = number % 3 == 0
        mbid = str(uuid.uuid5(uuid.NAMESPACE_URL, play["isrc"])) if known else ""
        artist_mbid = str(uuid.uuid5(uuid.NAMESPACE_URL, play["artist"])) if known else ""
        album = "" if albumless else play["release"]
        rows.append(
            (
                int(moment.timestamp()),
                f"{moment:%d %b %Y, %H:%M}",
                play["artist"],
                artist_mbid,
                album,
                "",
                play["title"],
                mbid,
            )
        )
        truth.append({**_record(play, moment, albumless=albumless), "recording_id": mbid or None})
    return csv_text([HEADER]) + csv_text(rows, quoting=csv.QUOTE_ALL), truth
