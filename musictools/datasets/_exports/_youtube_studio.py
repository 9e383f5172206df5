"""YouTube Studio's advanced mode: a zip of a table, a chart and totals, in the user's language.

Headers, names and quirks: parsers of YouTube Studio's exports in English and German that are
public: github.com/wdr-data/wdr-okr, okr/admin/youtube.py at 3d25114a, has both sets of names.
Read on 2026-11-26.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from musictools.datasets._exports._counting import Counted, count_artist, file_name, observed
from musictools.datasets._exports._packing import csv_text, made_up, rows_of, zip_bytes
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

#: Names of the files and headers, by language: table, chart, totals.
NAMES: Mapping[str, tuple[str, str, str]] = {
    "english": ("Table data.csv", "Chart data.csv", "Totals.csv"),
    "german": ("Tabellendaten.csv", "Diagrammdaten.csv", "Gesamtwerte.csv"),
}
HEADERS: Mapping[str, tuple[str, str, str]] = {
    "english": (
        (
            "Content,Video title,Video publish time,Duration,Views,Watch time (hours),Subscribers,"
            "Average view duration,Impressions,Impressions click-through rate (%)"
        ),
        "Date,Content,Video title,Video publish time,Duration,Views",
        "Date,Views",
    ),
    "german": (
        (
            "Videos,Videotitel,Veröffentlichungszeitpunkt des Videos,Dauer,Aufrufe,"
            "Wiedergabezeit (Stunden),Abonnenten,Geschätzter Umsatz (EUR),Impressionen,"
            "Klickrate der Impressionen (%)"
        ),
        "Datum,Videos,Videotitel,Veröffentlichungszeitpunkt des Videos,Dauer,Aufrufe",
        "Datum,Aufrufe",
    ),
}
#: What each column of the table after the fourth counts.
_METRICS: Mapping[str, tuple[str, ...]] = {
    "english": (
        "views_period",
        "watch_hours_period",
        "subscribers_net_period",
        "average_view_duration_s_period",
        "impressions_period",
        "impressions_ctr_percent_period",
    ),
    "german": (
        "views_period",
        "watch_hours_period",
        "subscribers_net_period",
        "estimated_revenue_eur_period",
        "impressions_period",
        "impressions_ctr_percent_period",
    ),
}
_TAB, _TOTAL = {"english": "Content", "german": "Videos"}, {"english": "Total", "german": "Gesamt"}
_FIRST, _LAST = "2025-10-01", "2025-12-31"
_PLATFORM = "youtube"


def write_youtube_studio(
    label: "Label",
    folder: Path,
    rng: np.random.Generator,
    *,
    version: Literal["english", "german"] | None = None,
) -> SimulatedExport:
    """Write what a channel downloads from the advanced mode, in English or in German."""
    chosen = version or ("english", "german")[int(rng.integers(2))]
    counted = count_artist(label, rng, first=_FIRST, last=_LAST)
    videos = _videos(counted)
    channel = file_name(counted.name)
    table, truth = _table(rng, counted, videos, chosen)
    chart, totals, daily = _daily(counted, videos, chosen, channel)
    contents = (table, chart, totals)
    members = {
        name: (header + "\n" + text).encode()
        for name, header, text in zip(NAMES[chosen], HEADERS[chosen], contents, strict=True)
    }
    path = folder / f"{_TAB[chosen]} {_FIRST}_{_LAST} {channel}.zip"
    path.write_bytes(zip_bytes(members))
    return SimulatedExport(
        format="youtube_studio",
        path=path,
        kind="observations",
        truth=observed([*truth, *daily]),
        quirks=(
            "the first row of the table is the total, and more than the rows add up to",
            "an identifier that begins with a hyphen has a blank before it",
            "cells may be empty; the days of the table stand in the name of the zip only",
            f"names of files and columns in {chosen.title()}",
        ),
    )


def _videos(counted: Counted) -> dict[str, tuple[str, str, str, int]]:
    """Give identifier, title, publish time and length of the video of each recording."""
    found = {}
    for n, song in enumerate(rows_of(counted.recordings)):
        video = made_up(f"studio/{song['recording_id']}", 11)
        if n == 0:
            video = "-" + video[1:]
        day = song["released_at"]
        # How other languages write the time was not found, and a reader takes it as text.
        told = f"{day:%b} {day.day}, {day.year}"
        found[song["recording_id"]] = (video, song["title"], told, int(song["duration_s"]))
    return found


def _cells(video: tuple[str, str, str, int]) -> tuple[Any, ...]:
    return (" " + video[0] if video[0].startswith("-") else video[0], *video[1:])


def _table(
    rng: np.random.Generator,
    counted: Counted,
    videos: dict[str, tuple[str, str, str, int]],
    language: str,
) -> tuple[str, list[dict[str, Any]]]:
    sums = counted.songs.groupby("recording_id")[["streams", "seconds"]].sum().reset_index()
    heard = {row["recording_id"]: (row["streams"], row["seconds"]) for row in rows_of(sums)}
    rows: list[tuple[Any, ...]] = []
    truth = []
    for recording, video in videos.items():
        views, seconds = heard.get(recording, (0, 0))
        shown = int(views * rng.uniform(8, 14))
        lasted = seconds // views if views else 0
        money = round(views * 0.0011, 3)
        fourth = f"{lasted // 3600}:{lasted // 60 % 60:02d}:{lasted % 60:02d}"
        rate = round(100 * views / shown, 2) if shown else None
        numbers = (views, round(seconds / 3600, 4), int(rng.poisson(views * 0.01)))
        told = fourth if language == "english" else money
        rows.append((*_cells(video), *numbers, told, shown, rate))
        values = (*numbers, lasted if language == "english" else money, shown, rate)
        truth += [
            {
                "entity_id": video[0],
                "platform": _PLATFORM,
                "metric": metric,
                "observed_at": _LAST,
                "value": value,
                "source": NAMES[language][0],
                "title": video[1],
            }
            for metric, value in zip(_METRICS[language], values, strict=True)
            if value is not None
        ]
    hidden = 17
    views, hours, fans, shown = (sum(row[n] for row in rows) for n in (4, 5, 6, 8))
    fourth = "0:00:41" if language == "english" else round(sum(row[7] for row in rows), 3)
    rate = round(100 * views / shown, 2) if shown else None
    first = (_TOTAL[language], None, None, None, views + hidden, round(hours, 4), fans)
    total = (*first, fourth, shown, rate)
    return csv_text([total, *rows]), truth


def _daily(
    counted: Counted,
    videos: dict[str, tuple[str, str, str, int]],
    language: str,
    channel: str,
) -> tuple[str, str, list[dict[str, Any]]]:
    import pandas as pd

    _, chart_name, totals_name = NAMES[language]
    chart, totals, truth = [], [], []
    views = {(row["recording_id"], row["day"]): row["streams"] for row in rows_of(counted.songs)}
    for recording, video in videos.items():
        for day in pd.date_range(_FIRST, _LAST):
            value = views.get((recording, day), 0)
            chart.append((f"{day:%Y-%m-%d}", *_cells(video), value))
            entry = {"entity_id": video[0], "title": video[1], "source": chart_name}
            truth.append({**entry, "observed_at": day, "value": value})
    for row in rows_of(counted.days):
        totals.append((f"{row['day']:%Y-%m-%d}", row["streams"]))
        entry = {"entity_id": channel, "artist": channel, "source": totals_name}
        truth.append({**entry, "observed_at": row["day"], "value": row["streams"]})
    for record in truth:
        record |= {"platform": _PLATFORM, "metric": "views"}
    return csv_text(chart), csv_text(totals), truth
