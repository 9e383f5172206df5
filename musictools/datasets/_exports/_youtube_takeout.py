"""The watch history of YouTube and YouTube Music, as Google Takeout packs it.

Fields and pages: github.com/metabrainz/listenbrainz-server,
listenbrainz/background/listens_importer/youtubemusic.py at 20ef53a7, and
github.com/purarue/google_takeout_parser, google_takeout_parser/parse_html at b7897682. Read on
2026-11-26.
"""

import html
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from musictools.datasets._exports._listening import heavy_listener, plays_table
from musictools.datasets._exports._packing import made_up, rows_of, zip_bytes
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

_NAMES = {
    "json": "Takeout/YouTube and YouTube Music/history/watch-history.json",
    "html": "Takeout/YouTube and YouTube Music/history/watch-history.html",
    "german": "Takeout/YouTube und YouTube Music/Verlauf/Wiedergabeverlauf.json",
}
_WATCH = "https://music.youtube.com/watch?v="
#: Characters that Google writes by their number in JSON.
_NUMBERED = {letter: f"\\u{ord(letter):04x}" for letter in "=&<>'"}
#: In winter, eight hours behind; an export writes the zone of its own day in every row.
_ZONE, _BEHIND_H = "PST", 8
_CELL = "content-cell mdl-cell mdl-cell--{}-col mdl-typography--{}"


def write_youtube_takeout(
    label: "Label",
    folder: Path,
    rng: np.random.Generator,
    *,
    version: Literal["json", "html", "german"] | None = None,
) -> SimulatedExport:
    """Write one listener's watch history: as JSON, as a web page, or as JSON in German."""
    chosen = version or ("json", "html", "german")[int(rng.integers(3))]
    entries, truth = _entries(label, rng, chosen)
    if chosen == "html":
        content = _page(entries)
        for record in truth:
            # The page tells whole seconds.
            record["played_at"] = record["played_at"].floor("s")
    else:
        content = json.dumps([entry for _, entry in entries], ensure_ascii=False, indent=2)
        for letter, number in _NUMBERED.items():
            content = content.replace(letter, number)
    path = folder / "takeout-20260105T120000Z-001.zip"
    path.write_bytes(zip_bytes({_NAMES[chosen]: content.encode()}))
    return SimulatedExport(
        format="youtube_takeout",
        path=path,
        kind="plays",
        truth=plays_table(truth),
        quirks=(
            "films, advertisements, removed and nameless videos stand between the songs",
            "artists are channels that end in - Topic; titles say that they were watched",
            "no durations, no countries, no releases; newest first",
            {
                "json": "JSON in English",
                "html": "a web page, its times in the zone of the day of the export",
                "german": "JSON in German, with German names of folders and files",
            }[chosen],
        ),
    )


def _watched(title: str, version: str) -> str:
    return f"{title} angesehen" if version == "german" else f"Watched {title}"


def _entries(
    label: "Label", rng: np.random.Generator, version: str
) -> tuple[list[tuple[Any, dict[str, Any]]], list[dict[str, Any]]]:
    """All entries with their time, newest first, and the plays of songs among them."""
    import pandas as pd

    plays = heavy_listener(label, rng)
    entries, truth = [], []
    for n, play in enumerate(rows_of(plays)):
        moment = play["played_at"] + pd.Timedelta(milliseconds=play["milliseconds"] % 1000)
        video = made_up(f"youtube/{play['recording_id']}", 11)
        entry = {
            "header": "YouTube Music",
            "title": _watched(play["title"], version),
            "titleUrl": _WATCH + video,
            "subtitles": [
                {
                    "name": f"{play['artist']} - Topic",
                    "url": "https://www.youtube.com/channel/UC" + made_up(play["artist"], 22),
                }
            ],
            "time": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
            "products": ["YouTube"],
            "activityControls": ["YouTube watch history"],
        }
        entries.append((moment, entry))
        truth.append(
            {
                "artist_id": play["artist"],
                "recording_id": video,
                "played_at": moment,
                "platform": "youtube_music",
                "title": play["title"],
                "artist": play["artist"],
            }
        )
        entries.extend((moment, other) for other in _other(entry, n, version))
    return entries[::-1], truth


def _other(entry: dict[str, Any], n: int, version: str) -> list[dict[str, Any]]:
    """Tell what was watched beside the songs, or can no longer be named."""
    bare = {key: value for key, value in entry.items() if key not in {"titleUrl", "subtitles"}}
    if n % 13 == 0:
        film = {"name": "Example Films", "url": "https://www.youtube.com/channel/UC" + "0" * 22}
        address = "https://www.youtube.com/watch?v=" + made_up(f"film/{n}", 11)
        title = _watched("How to tune a kettle", version)
        changed = {"header": "YouTube", "title": title, "titleUrl": address, "subtitles": [film]}
        return [{**entry, **changed}]
    if n % 41 == 0:
        removed = "Watched a video that has been removed"
        if version == "german":
            removed = "Ein Video, das entfernt wurde, angesehen"
        return [{**bare, "title": removed}]
    if n % 61 == 0:
        return [
            {**bare, "titleUrl": entry["titleUrl"], "title": _watched(entry["titleUrl"], version)}
        ]
    if n % 67 == 0 and version != "german":
        # Its German words were not found in public.
        return [{**entry, "header": "YouTube", "details": [{"name": "From Google Ads"}]}]
    return []


def _page(entries: list[tuple[Any, dict[str, Any]]]) -> str:
    cells = "".join(_block(moment, entry) for moment, entry in entries)
    head = '<html><head><meta charset="UTF-8"><title>My Activity History</title></head>'
    return f'{head}<body><div class="mdl-grid">{cells}</div></body></html>'


def _link(address: str, text: str) -> str:
    return f'<a href="{html.escape(address)}">{html.escape(text, quote=False)}</a>'


def _block(moment: Any, entry: dict[str, Any]) -> str:
    import pandas as pd

    title, address = entry["title"], entry.get("titleUrl")
    lines = [html.escape(title, quote=False)]
    if address:
        lines = [f"Watched\xa0{_link(address, title.removeprefix('Watched '))}"]
    lines += [_link(each["url"], each["name"]) for each in entry.get("subtitles", ())]
    local = moment - pd.Timedelta(hours=_BEHIND_H)
    clock = f"{local.hour % 12 or 12}:{local:%M:%S %p}"
    lines.append(f"{local:%b} {local.day}, {local.year}, {clock} {_ZONE}")
    caption = "<b>Products:</b><br>&emsp;YouTube<br>"
    if "details" in entry:
        caption += f"<b>Details:</b><br>&emsp;{entry['details'][0]['name']}<br>"
    body = _CELL.format(6, "body-1")
    return (
        '<div class="outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp"><div class="mdl-grid">'
        '<div class="header-cell mdl-cell mdl-cell--12-col"><p class="mdl-typography--title">'
        f"{entry['header']}<br></p></div>"
        f'<div class="{body}">{"<br>".join(lines)}<br></div>'
        f'<div class="{body} mdl-typography--text-right"></div>'
        f'<div class="{_CELL.format(12, "caption")}">{caption}</div></div></div>'
    )
