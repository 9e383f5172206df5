"""TikTok Studio: zips of CSV files whose days have no year.

Files, headers and their traps: github.com/duytienitptit/ahd-dashboard, docs/CSV_FORMAT.md at
3355e6f2. Read on 2026-11-26.
"""

import csv
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from musictools.datasets._exports._counting import count_artist, followers, observed
from musictools.datasets._exports._packing import csv_text, rows_of, zip_bytes
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

OVERVIEW: Mapping[str, tuple[str, ...]] = {
    "english": ("Date", "Video Views", "Profile Views", "Likes", "Comments", "Shares"),
    "portuguese": (
        "Data",
        "Visualizações de vídeo",
        "Visualizações do perfil",
        "Curtidas",
        "Comentários",
        "Compartilhamentos",
    ),
}
FOLLOWERS: Mapping[str, tuple[str, ...]] = {
    "english": ("Date", "Followers", "Difference in followers from previous day"),
    "portuguese": (
        "Data",
        "Seguidores",
        "Diferença de seguidores em relação ao dia anterior",
    ),
}
VIEWERS = ("Date", "Total Viewers", "New Viewers", "Returning Viewers")
_METRICS = ("views", "profile_views", "likes", "comments", "shares")
_MONTHS = (
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
)
#: Sixty days across a new year, exported two days later.
_FIRST, _LAST = "2024-11-20", "2025-01-18"
_MADE = datetime(2025, 1, 20, 18, 46, 14, tzinfo=UTC)
_UNKNOWN, _UNCOUNTED = "undefined", 2
_PLATFORM = "tiktok"


def write_tiktok(
    label: "Label",
    folder: Path,
    rng: np.random.Generator,
    *,
    version: Literal["english", "portuguese"] | None = None,
) -> SimulatedExport:
    """Write what an account downloads from TikTok Studio, in English or in Portuguese."""
    chosen = version or ("english", "portuguese")[int(rng.integers(2))]
    counted = count_artist(label, rng, first=_FIRST, last=_LAST)
    handle = "".join(letter for letter in counted.name.lower() if letter.isalnum())
    handle = handle.encode("ascii", "ignore").decode() + ".example"
    known = followers(label, counted, "tiktok")
    days = rows_of(counted.days)
    overview, truth = _overview(rng, days, chosen)
    fans, more = _followers(days, known, chosen)
    truth += more
    # The date in the name is not that of the export; the seconds beside it are.
    stem = f"Overview_2024-06-18_{int(_MADE.timestamp())}_{handle}"
    _write(folder / f"{stem}.zip", {"Overview.csv": overview})
    _write(folder / f"Followers_{handle}.zip", {"FollowerHistory.csv": fans})
    if chosen == "english":
        # How the other language heads this file was not found.
        viewers, more = _viewers(rng, days)
        truth += more
        _write(folder / f"Viewers_{handle}.zip", {"Viewers.csv": viewers})
    for record in truth:
        record |= {"entity_id": handle, "platform": _PLATFORM}
    return SimulatedExport(
        format="tiktok",
        path=folder,
        kind="observations",
        truth=observed(truth),
        quirks=(
            "days have no year, and a new year lies between them",
            "what is not known is the word undefined; its neighbours are then 0 and mean nothing",
            "the difference of followers is the one to the next day",
            "a byte-order mark, every cell quoted, no end of line at the end",
            f"names of columns and months in {chosen.title()}",
        ),
    )


def _write(path: Path, files: Mapping[str, str]) -> None:
    members = {name: text.rstrip("\n").encode("utf-8-sig") for name, text in files.items()}
    path.write_bytes(zip_bytes(members, method=zipfile.ZIP_STORED))


def _day(day: Any, language: str) -> str:
    if language == "portuguese":
        return f"{day.day} de {_MONTHS[day.month - 1]}"
    return f"{day:%B} {day.day}"


def _overview(
    rng: np.random.Generator, days: list[dict[str, Any]], language: str
) -> tuple[str, list[dict[str, Any]]]:
    rows: list[tuple[Any, ...]] = [OVERVIEW[language]]
    truth = []
    for row in days:
        views = int(rng.poisson(row["streams"] * 12))
        values = (views, *(int(rng.binomial(views, part)) for part in (0.02, 0.06, 0.004, 0.01)))
        rows.append((_day(row["day"], language), *values))
        truth += [
            {"metric": metric, "observed_at": row["day"], "value": value, "source": "Overview.csv"}
            for metric, value in zip(_METRICS, values, strict=True)
        ]
    return csv_text(rows, quoting=csv.QUOTE_ALL), truth


def _followers(
    days: list[dict[str, Any]], known: dict[Any, int], language: str
) -> tuple[str, list[dict[str, Any]]]:
    rows: list[tuple[Any, ...]] = [FOLLOWERS[language]]
    truth = []
    # The first days of an account come without a count.
    counts = [None if n < _UNCOUNTED else known.get(row["day"]) for n, row in enumerate(days)]
    for row, count, after in zip(days, counts, [*counts[1:], None], strict=True):
        more = 0 if count is None or after is None else after - count
        rows.append((_day(row["day"], language), _UNKNOWN if count is None else count, more))
        if count is not None:
            entry = {"metric": "followers", "observed_at": row["day"], "value": count}
            truth.append({**entry, "source": "FollowerHistory.csv"})
    return csv_text(rows, quoting=csv.QUOTE_ALL), truth


def _viewers(
    rng: np.random.Generator, days: list[dict[str, Any]]
) -> tuple[str, list[dict[str, Any]]]:
    rows: list[tuple[Any, ...]] = [VIEWERS]
    truth = []
    for n, row in enumerate(days):
        if n in {0, len(days) - 1}:
            rows.append((_day(row["day"], "english"), _UNKNOWN, 0, 0))
            continue
        total = int(rng.poisson(row["listeners"] * 9))
        new = int(rng.binomial(total, 0.6))
        rows.append((_day(row["day"], "english"), total, new, total - new))
        metrics = {"viewers": total, "new_viewers": new, "returning_viewers": total - new}
        truth += [
            {"metric": metric, "observed_at": row["day"], "value": value, "source": "Viewers.csv"}
            for metric, value in metrics.items()
        ]
    return csv_text(rows, quoting=csv.QUOTE_ALL), truth
