"""A report of use for SoundExchange: what one station played in a month."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

_HEADER = (
    "NAME_OF_SERVICE", "TRANSMISSION_CATEGORY", "FEATURED_ARTIST", "SOUND_RECORDING_TITLE", "ISRC",
    "ALBUM_TITLE", "MARKETING_LABEL", "ACTUAL_TOTAL_PERFORMANCES", "AGGREGATE_TUNING_HOURS",
    "CHANNEL_OR_PROGRAM_NAME", "PLAY_FREQUENCY",
)  # fmt: skip
_QUIRKS = (
    "the period stands in the name of the file only",
    "the header ends in CR LF, the lines in LF",
    "actual total performances are empty, as tuning hours and play frequency are told instead",
    "the tuning hours are those of the station, the same on every line, and padded with blanks",
    "some recordings have no ISRC",
)


def write_soundexchange(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write the report of one station and month, as station software does, into a folder."""
    logs = label.airplay
    logs = logs[logs["medium"] == "radio"]
    stations = sorted(set(logs["station"]))
    station = stations[int(rng.integers(len(stations)))]
    months = logs["ds"].dt.to_period("M")
    month = months.max() - int(rng.integers(24))
    chosen = logs[(logs["station"] == station) & (months == month)]
    plays = chosen.groupby("recording_id", as_index=False)["spins"].sum()
    plays = plays.merge(label.recordings, on="recording_id")
    heard = float((chosen["audience"] * chosen["seconds"] / chosen["spins"]).sum()) / 3600
    told = rng.random(len(plays)) >= 0.25
    plays["code"] = np.where(told, plays["isrc"], "")
    lines = [
        ",".join(f'"{name}"' for name in _HEADER) + "\r\n",
        *(
            f'"{station}","A","{row["artist"]}","{row["title"]}","{row["code"]}",'
            f'"{row["release_title"]}","{label.name}",,{heard:9.2f},"{station}",{row["spins"]}\n'
            for row in plays.to_dict("records")
        ),
    ]
    letters = "".join(c for c in station.upper() if c.isascii() and c.isalnum())
    path = folder / f"{letters}{month.start_time:%Y%m%d}-{month.end_time:%Y%m%d}_A.txt"
    path.write_bytes("".join(lines).encode())
    truth = _truth(plays, station, month.start_time)
    return SimulatedExport("soundexchange", path, "airplay", truth, _QUIRKS)


def _truth(plays: pd.DataFrame, station: str, first: pd.Timestamp) -> pd.DataFrame:
    named = plays["artist"] + " - " + plays["title"]
    return pd.DataFrame(
        {
            "ds": first,
            "station": station,
            "medium": "radio",
            "recording_id": plays["code"].where(plays["code"] != "", named),
            "spins": plays["spins"],
            "audience": np.nan,
            "seconds": np.nan,
            "title": plays["title"],
            "artist": plays["artist"],
            "isrc": [code or None for code in plays["code"]],
        }
    )
