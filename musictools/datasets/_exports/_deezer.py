"""Deezer's personal data: one workbook, its tenth sheet the listening history.

Sheet and columns: github.com/avinaxhroy/Tempo, DeezerXlsxParser.kt at 15cb9171, and
github.com/albined/your_spotify, apps/server/src/tools/importers/deezer.ts at 191ce252. Read on
2026-11-26. The column with the IP address is not here: how it is spelt was not found.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musictools.datasets._exports._listening import flags, heavy_listener, plays_table
from musictools.datasets._exports._packing import rows_of, xlsx_bytes
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

SHEET = "10_listeningHistory"
COLUMNS = (
    "Song Title",
    "Artist",
    "ISRC",
    "Album Title",
    "Listening Time",
    "Platform Name",
    "Platform Model",
    "Date",
)
_UNKNOWN_S = -1


def write_deezer(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write one listener's personal data as a workbook."""
    plays = heavy_listener(label, rng)
    untimed, uncoded = flags(rng, len(plays), 0.02), flags(rng, len(plays), 0.03)
    rows: list[tuple[object, ...]] = [COLUMNS]
    truth = []
    for n, play in enumerate(rows_of(plays)):
        lasted = play["milliseconds"] // 1000
        code = None if uncoded[n] else play["isrc"]
        rows.append(
            (
                play["title"],
                play["artist"],
                code,
                play["release"],
                _UNKNOWN_S if untimed[n] else lasted,
                "android",
                "example phone",
                f"{play['played_at']:%Y-%m-%d %H:%M:%S}",
            )
        )
        truth.append(
            {
                "artist_id": play["artist"],
                "recording_id": code,
                "played_at": play["played_at"],
                "seconds": None if untimed[n] else lasted,
                "platform": "deezer",
                **{name: play[name] for name in ("title", "artist", "release")},
            }
        )
    path = folder / "deezer-data_1234567890.xlsx"
    path.write_bytes(xlsx_bytes({"4_favoriteArtist": (), "5_favoriteAlbum": (), SHEET: rows}))
    return SimulatedExport(
        format="deezer",
        path=path,
        kind="plays",
        truth=plays_table(truth),
        quirks=(
            "a workbook of several sheets, texts shared between them",
            "times are text, in UTC; a listening time of -1 is unknown",
            "an ISRC may be missing; no countries",
        ),
    )
