"""What the exports of Meta's two networks share: daily graphs in UTF-16, and posts.

Layout of the graphs: github.com/crispee107161/pcm-dss-main at 9b9512cb (its catalogue of files);
headers of the posts: public tests that keep them, listed in the evidence of issue 6. Read on
2026-11-26.
"""

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.datasets._exports._counting import Counted, write_dated
from musictools.datasets._exports._packing import csv_text, rows_of

if TYPE_CHECKING:
    from musictools.datasets._label import Label

FIRST, LAST = "2025-10-01", "2025-12-31"
_PREAMBLE = 'sep=,\n"{}"\n"Date","Primary"\n'
#: Nobody is named in the graphs.
_ME = "me"


def write_graphs(
    home: Path,
    platform: str,
    graphs: Mapping[str, tuple[str, str]],
    numbers: Mapping[str, Mapping[Any, int]],
) -> list[dict[str, Any]]:
    """Write one file a graph, ``graphs`` being file, title and metric; gives what is true."""
    truth = []
    for name, (title, metric) in graphs.items():
        cells = sorted(numbers[metric].items())
        lines = (f'"{day:%Y-%m-%d}T00:00:00","{value}"' for day, value in cells)
        text = _PREAMBLE.format(title) + "\n".join(lines) + "\n"
        write_dated(home / f"{name}.csv", b"\xff\xfe" + text.encode("utf-16-le"))
        truth += [
            {
                "entity_id": _ME,
                "platform": platform,
                "metric": metric,
                "observed_at": day,
                "value": value,
                "source": f"{name}.csv",
            }
            for day, value in cells
        ]
    return truth


def daily_numbers(
    rng: np.random.Generator, counted: Counted, known: Mapping[Any, int]
) -> dict[str, dict[Any, int]]:
    """Count by metric and day for an account that is about as popular as its songs."""
    days = rows_of(counted.days)
    views = {row["day"]: int(rng.poisson(row["streams"] * 7)) for row in days}
    found: dict[str, dict[Any, int]] = {"views": views}
    for metric, part in (
        ("reach", 0.7),
        ("viewers", 0.7),
        ("interactions", 0.06),
        ("profile_visits", 0.03),
        ("link_clicks", 0.01),
    ):
        found[metric] = {day: int(rng.binomial(count, part)) for day, count in views.items()}
    # Days without new followers are left out, and so are those that nobody noted.
    ordered = sorted(known.items())
    steps = {
        day: count - before
        for (_, before), (day, count) in itertools.pairwise(ordered)
        if day in views
    }
    found["follows"] = {day: step for day, step in steps.items() if step > 0}
    return found


def announcements(label: "Label", counted: Counted) -> list[tuple[Any, str]]:
    """Day and caption of the posts that told what the artist did, oldest first."""
    events = label.events
    own = events[events["artist_id"] == counted.artist_id]
    captions = []
    for event in rows_of(own.sort_values("ds")):
        subject = event["title"] if isinstance(event["title"], str) else event["kind"]
        captions.append((event["ds"], f'{counted.name}: "{subject}" \U0001f342\nOut now, listen.'))
    return captions


def write_posts(
    home: Path,
    header: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    metrics: Mapping[str, str],
    *,
    platform: str,
) -> list[dict[str, Any]]:
    """Write the table of posts; gives what is true of them on the day of the export."""
    name = "Oct-01-2025_Dec-31-2025_1000000000000001.csv"
    # Names with a blank are quoted, and those of one word are not.
    first = ",".join(f'"{cell}"' if " " in cell else cell for cell in header)
    text = csv_text([[row.get(cell) for cell in header] for row in rows])
    day = write_dated(home / name, f"{first}\n{text}".encode("utf-8-sig"))
    return [
        {
            "entity_id": row["Post ID"],
            "platform": platform,
            "metric": metric,
            "observed_at": day,
            "value": row[cell],
            "source": name,
            "title": row.get("Title") or row["Description"],
            "artist": row.get("Page name") or row["Account name"],
        }
        for row in rows
        for cell, metric in metrics.items()
        if row.get(cell) is not None
    ]
