"""Spotify's extended streaming history: a zip of JSON files, one object a stream.

Fields: https://support.spotify.com/us/article/understanding-my-data/ ; files of several years:
github.com/metabrainz/listenbrainz-server, listenbrainz/testdata/spotify_streaming_endsong_0.json
at 2da21386, and blog.ortham.net/posts/2024-12-21-spotify-streaming-history-part-1. Read on
2026-11-26.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from musictools.datasets._exports._listening import flags, heavy_listener, plays_table
from musictools.datasets._exports._packing import made_up, rows_of, zip_bytes
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    import pandas as pd

    from musictools.datasets._label import Label

_FOLDER = "Spotify Extended Streaming History"
_TRACK = (
    "master_metadata_track_name",
    "master_metadata_album_artist_name",
    "master_metadata_album_album_name",
    "spotify_track_uri",
)
_EPISODE = ("episode_name", "episode_show_name", "spotify_episode_uri")
_BOOK = ("audiobook_title", "audiobook_uri", "audiobook_chapter_uri", "audiobook_chapter_title")
_HOW = (
    "reason_start",
    "reason_end",
    "shuffle",
    "skipped",
    "offline",
    "offline_timestamp",
    "incognito_mode",
)
#: Keys of one object, as downloaded since 2023, and before.
NEW = ("ts", "platform", "ms_played", "conn_country", "ip_addr", *_TRACK, *_EPISODE, *_BOOK, *_HOW)
OLD = (
    "ts",
    "username",
    "platform",
    "ms_played",
    "conn_country",
    "ip_addr_decrypted",
    "user_agent_decrypted",
    *_TRACK,
    *_EPISODE,
    *_HOW,
)
#: How often something else than music is heard, and in private.
_TALK_EVERY, _BOOK_EVERY, _UNNAMED_EVERY = 37, 101, 149
_OFFLINE, _INCOGNITO, _SHUFFLE = 0.06, 0.03, 0.4


def write_spotify_history(
    label: "Label",
    folder: Path,
    rng: np.random.Generator,
    *,
    version: Literal["new", "old"] | None = None,
    listener: str | None = None,
) -> SimulatedExport:
    """Write one listener's extended streaming history, in the fields of either generation."""
    chosen = version or ("new", "old")[int(rng.integers(2))]
    streams, truth = _streams(heavy_listener(label, rng, listener), rng, is_new=chosen == "new")
    half = len(streams) // 2
    members = {}
    for number, part in enumerate((streams[:half], streams[half:])):
        first, last = part[0]["ts"][:4], part[-1]["ts"][:4]
        years = first if first == last else f"{first}-{last}"
        name = (
            f"Streaming_History_Audio_{years}_{number}" if chosen == "new" else f"endsong_{number}"
        )
        members[f"{_FOLDER}/{name}.json"] = _json(part)
    if chosen == "new":
        films = [row for row in streams if row["episode_name"]][:3]
        members[f"{_FOLDER}/Streaming_History_Video_2023-2025.json"] = _json(films)
        # What the description says is read by people only.
        members[f"{_FOLDER}/ReadMeFirst_ExtendedStreamingHistory.pdf"] = b"%PDF-1.4\n%%EOF\n"
    path = folder / "my_spotify_data.zip"
    path.write_bytes(zip_bytes(members))
    return SimulatedExport(
        format="spotify_history",
        path=path,
        kind="plays",
        truth=plays_table(truth),
        quirks=(
            "ts is when a stream ended; played_at is when it began",
            "podcasts, audiobooks and nameless rows stand between the songs",
            "skipped, offline and incognito_mode may be null",
            "offline_timestamp counts seconds, thousandths, or nothing",
            f"keys of the {chosen} kind; several files, of which some hold no music",
        ),
    )


def _json(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows, ensure_ascii=False, indent=2).encode()


def _streams(
    plays: "pd.DataFrame", rng: np.random.Generator, *, is_new: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All rows of the files in order, and the plays among them."""
    import pandas as pd

    offline, incognito = (flags(rng, len(plays), part) for part in (_OFFLINE, _INCOGNITO))
    shuffle, unknown = (flags(rng, len(plays), part) for part in (_SHUFFLE, 0.05))
    rows, truth = [], []
    for n, play in enumerate(rows_of(plays)):
        lasted = pd.Timedelta(milliseconds=play["milliseconds"])
        ended = (play["played_at"] + lasted).floor("s")
        how = {
            "reason_start": "trackdone" if n % 3 else "clickrow",
            "reason_end": "trackdone" if play["finished"] else "fwdbtn",
            "shuffle": shuffle[n],
            # The old files leave it open whether a song was skipped.
            "skipped": (not play["finished"]) if is_new or n % 4 == 0 else None,
            "offline": offline[n],
            "incognito": None if unknown[n] and not is_new else incognito[n],
        }
        track = made_up(f"spotify/{play['recording_id']}", 22)
        started = ended - lasted
        rows.append(_row(play, how, track=track, ended=ended, started=started, is_new=is_new))
        truth.append(
            {
                "artist_id": play["artist"],
                "recording_id": track,
                "played_at": started,
                "seconds": play["milliseconds"] / 1000,
                "country": play["country"],
                "platform": "spotify",
                **{name: play[name] for name in ("title", "artist", "release")},
                **how,
            }
        )
        rows.extend(_other(rows[-1], n, is_new=is_new))
    return rows, truth


def _row(
    play: dict[str, Any], how: dict[str, Any], *, track: str, ended: Any, started: Any, is_new: bool
) -> dict[str, Any]:
    began = round(started.timestamp() * 1000)
    stamp = began // 1000 if is_new else began
    known: dict[str, Any] = {
        "ts": f"{ended:%Y-%m-%dT%H:%M:%SZ}",
        "username": "listener-example",
        "platform": "Android OS 13 API 33 (example, phone)",
        "ms_played": play["milliseconds"],
        "conn_country": play["country"],
        "ip_addr": "192.0.2.17",
        "ip_addr_decrypted": "192.0.2.17",
        "user_agent_decrypted": "unknown",
        "master_metadata_track_name": play["title"],
        "master_metadata_album_artist_name": play["artist"],
        "master_metadata_album_album_name": play["release"],
        "spotify_track_uri": f"spotify:track:{track}",
        **how,
        "offline_timestamp": stamp if how["offline"] else (None if is_new else 0),
        "incognito_mode": how["incognito"],
    }
    return {key: known.get(key) for key in (NEW if is_new else OLD)}


def _other(row: dict[str, Any], n: int, *, is_new: bool) -> list[dict[str, Any]]:
    """Tell what was heard between two songs and is no song."""
    nameless = {**row, **dict.fromkeys(_TRACK)}
    if n % _TALK_EVERY == 0:
        talk = ("Episode 7: The Long Fade", "Needle and Groove", "spotify:episode:" + "0" * 22)
        return [{**nameless, **dict(zip(_EPISODE, talk, strict=True))}]
    if n % _BOOK_EVERY == 0 and is_new:
        uri = "spotify:audiobook:" + "0" * 22
        book = ("The Quiet Chord", uri, uri.replace("audiobook", "chapter"), "Chapter 2")
        return [{**nameless, **dict(zip(_BOOK, book, strict=True))}]
    return [nameless] if n % _UNNAMED_EVERY == 0 else []
