"""Spotify for Artists: timelines of an artist and of songs, and the table of songs.

What can be exported: https://artists.spotify.com/faq/stats ; headers of several years:
github.com/1x7xxxxxxx/Dashboard_music_platform_algo_spotify (tests of its upload) and
github.com/RegisNobel/vvviruzcommandcenter-v2. Read on 2026-11-26.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from musictools.datasets._exports._counting import (
    Counted,
    count_artist,
    file_name,
    followers,
    observed,
    write_dated,
)
from musictools.datasets._exports._packing import csv_text, rows_of
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

#: Header of the audience's timeline, by year.
AUDIENCE: Mapping[str, tuple[str, ...]] = {
    "2026": (
        "date",
        "listeners",
        "monthly listeners",
        "monthly active listeners",
        "super listeners",
        "streams",
        "playlist adds",
        "saves",
        "followers",
    ),
    "2025": (
        "date",
        "listeners",
        "monthly listeners",
        "monthly active listeners",
        "streams",
        "playlist adds",
        "saves",
        "followers",
    ),
    "2019": ("date", "listeners", "streams", "followers"),
}
SONG = ("date", "streams")
SONGS = ("song", "listeners", "streams", "saves", "release_date")
_FIRST, _LAST = "2025-09-01", "2025-12-31"
_PLATFORM = "spotify"


def write_spotify_for_artists(
    label: "Label",
    folder: Path,
    rng: np.random.Generator,
    *,
    version: Literal["2026", "2025", "2019"] | None = None,
) -> SimulatedExport:
    """Write what an artist downloads: the audience, two songs day by day, and all songs."""
    chosen = version or ("2026", "2025", "2019")[int(rng.integers(3))]
    counted = count_artist(label, rng, first=_FIRST, last=_LAST)
    encoding = "utf-8" if chosen == "2019" else "utf-8-sig"
    truth = _audience(label, rng, counted, folder, header=AUDIENCE[chosen], encoding=encoding)
    truth += _timelines(counted, folder, encoding)
    truth += _songs(rng, counted, folder, encoding)
    return SimulatedExport(
        format="spotify_for_artists",
        path=folder,
        kind="observations",
        truth=observed(truth),
        quirks=(
            "whose numbers they are stands in the names of the files only",
            "days may be missing; a cell may be empty",
            "the table of songs has no date: it is that of the day on which it was written",
            f"header of {chosen}, {'without' if chosen == '2019' else 'with'} a byte-order mark",
        ),
    )


def _audience(
    label: "Label",
    rng: np.random.Generator,
    counted: Counted,
    folder: Path,
    *,
    header: tuple[str, ...],
    encoding: str,
) -> list[dict[str, Any]]:
    known = followers(label, counted, "Sprocket")
    missing = set(rng.choice(len(counted.days), 2, replace=False).tolist())
    name = f"{file_name(counted.name)}-audience-timeline.csv"
    rows: list[tuple[Any, ...]] = [header]
    truth = []
    for n, day in enumerate(rows_of(counted.days)):
        if n in missing:
            continue
        numbers = {
            "listeners": day["listeners"],
            "monthly listeners": day["monthly"],
            "monthly active listeners": day["active"],
            "super listeners": day["keen"],
            "streams": day["streams"],
            "playlist adds": int(rng.binomial(day["streams"], 0.03)),
            "saves": int(rng.binomial(day["streams"], 0.02)),
            "followers": known.get(day["day"]),
        }
        rows.append((f"{day['day']:%Y-%m-%d}", *(numbers[metric] for metric in header[1:])))
        truth += [
            {
                "entity_id": file_name(counted.name),
                "platform": _PLATFORM,
                "metric": metric.replace(" ", "_"),
                "observed_at": day["day"],
                "value": numbers[metric],
                "source": name,
                "artist": file_name(counted.name),
            }
            for metric in header[1:]
            if numbers[metric] is not None
        ]
    write_dated(folder / name, csv_text(rows).encode(encoding))
    return truth


def _timelines(counted: Counted, folder: Path, encoding: str) -> list[dict[str, Any]]:
    truth = []
    heard = counted.songs.groupby("recording_id")["streams"].sum().nlargest(2)
    songs = counted.recordings[counted.recordings["recording_id"].isin(heard.index)]
    for song in rows_of(songs):
        title = file_name(song["title"])
        days = counted.songs[counted.songs["recording_id"] == song["recording_id"]]
        name = f"{title}-timeline.csv"
        cells = list(zip(days["day"], days["streams"], strict=True))
        rows = [SONG, *((f"{day:%Y-%m-%d}", streams) for day, streams in cells)]
        write_dated(folder / name, csv_text(rows).encode(encoding))
        truth += [
            {
                "entity_id": title,
                "platform": _PLATFORM,
                "metric": "streams",
                "observed_at": day,
                "value": streams,
                "source": name,
                "title": title,
            }
            for day, streams in cells
        ]
    return truth


def _songs(
    rng: np.random.Generator, counted: Counted, folder: Path, encoding: str
) -> list[dict[str, Any]]:
    artist = file_name(counted.name)
    name = f"{artist}-songs-1year.csv"
    sums = counted.songs.groupby("recording_id")[["listeners", "streams"]].sum()
    rows: list[tuple[Any, ...]] = [SONGS]
    for song in rows_of(counted.recordings):
        known = song["recording_id"] in sums.index
        listeners, streams = sums.loc[song["recording_id"]] if known else (0, 0)
        saves = int(rng.binomial(int(streams), 0.02))
        rows.append(
            (song["title"], int(listeners), int(streams), saves, f"{song['released_at']:%Y-%m-%d}")
        )
    day = write_dated(folder / name, csv_text(rows).encode(encoding))
    return [
        {
            "entity_id": row[0],
            "platform": _PLATFORM,
            "metric": f"{metric}_period",
            "observed_at": day,
            "value": value,
            "source": name,
            "title": row[0],
            "artist": artist,
        }
        for row in rows[1:]
        for metric, value in zip(SONGS[1:4], row[1:4], strict=True)
    ]
