"""Tidal's streaming.csv, from the personal data that Tidal sends.

Columns and a sample: github.com/metabrainz/listenbrainz-server,
listenbrainz/testdata/tidal_streaming.csv at 4d5b2138. Read on 2026-11-26.
"""

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from musictools.datasets._exports._listening import PLACES, flags, heavy_listener, plays_table
from musictools.datasets._exports._packing import csv_text, rows_of
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

COLUMNS = (
    "artist_name",
    "track_title",
    "entry_date",
    "stream_duration_ms",
    "product_type",
    "ip_address",
    "client_name_from_session",
    "country_name",
    "region_name",
    "city_name",
    "postal_code",
    "time_zone",
)
_NOTHING = "null"


def write_tidal(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write one listener's streams, to the minute of the listener's own clock."""
    import pandas as pd

    plays = heavy_listener(label, rng)
    mobile = flags(rng, len(plays), 0.3)
    rows: list[tuple[object, ...]] = [COLUMNS]
    truth = []
    for n, play in enumerate(rows_of(plays)):
        country, clock = PLACES[play["country"]]
        # Phones tell neither place nor clock, and then the time is UTC.
        zone = UTC if mobile[n] else ZoneInfo(clock)
        moment = play["played_at"].to_pydatetime().replace(tzinfo=UTC, second=0, microsecond=0)
        local = moment.astimezone(zone).replace(fold=0)
        where = (_NOTHING, "mobile", *[_NOTHING] * 5)
        if not mobile[n]:
            town = ("Province", "Exampleton", "A1B")
            where = ("203.0.113.9", "Tidal Web Player", country, *town, clock)
        stamp = f"{local:%d/%m/%Y} {local.hour}:{local:%M}"
        lasted = f"{play['milliseconds']}.0" + ("0000000000000" if n % 17 == 0 else "")
        rows.append((play["artist"], play["title"], stamp, lasted, "TRACK", *where))
        if n % 53 == 0:
            rows.append((play["artist"], play["release"], stamp, lasted, "ALBUM", *where))
        truth.append(
            {
                "artist_id": play["artist"],
                # The hour that an autumn night has twice is written once: the first is meant.
                "played_at": pd.Timestamp(local.astimezone(UTC)).tz_localize(None),
                "seconds": play["milliseconds"] / 1000,
                "country": None if mobile[n] else play["country"],
                "platform": "tidal",
                "title": play["title"],
                "artist": play["artist"],
            }
        )
    path = folder / "streaming.csv"
    path.write_bytes(csv_text(rows).encode("utf-8-sig"))
    return SimulatedExport(
        format="tidal",
        path=path,
        kind="plays",
        truth=plays_table(truth),
        quirks=(
            "days first, hours of one digit, whole minutes",
            "times are those of time_zone; UTC where that is the word null",
            "nothing is the word null; albums stand between the tracks",
        ),
    )
