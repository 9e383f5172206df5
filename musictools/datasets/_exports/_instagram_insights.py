"""Instagram's insights from Meta Business Suite: one file a graph, and the posts.

Evidence: see _meta_insights. Read on 2026-11-26.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.datasets._exports._counting import count_artist, followers, observed
from musictools.datasets._exports._meta_insights import (
    FIRST,
    LAST,
    announcements,
    daily_numbers,
    write_graphs,
    write_posts,
)
from musictools.datasets._exports._packing import made_up
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

POSTS = (
    "Post ID",
    "Account ID",
    "Account username",
    "Account name",
    "Description",
    "Duration (sec)",
    "Publish time",
    "Permalink",
    "Post type",
    "Data comment",
    "Date",
    "Views",
    "Reach",
    "Likes",
    "Shares",
    "Follows",
    "Comments",
    "Saves",
)
#: File of a graph: its title, and what it counts.
GRAPHS = {
    "Views": ("Views", "views"),
    "Reach": ("Reach", "reach"),
    "Interactions": ("Content interactions", "interactions"),
    "Visits": ("Instagram profile visits", "profile_visits"),
    "Follows": ("Instagram follows", "follows"),
    "Link clicks": ("Instagram link clicks", "link_clicks"),
}
_METRICS = {name: f"{name.lower()}_total" for name in POSTS[-7:]}
_DIGITS = "0123456789"


def write_instagram_insights(
    label: "Label", folder: Path, rng: np.random.Generator
) -> SimulatedExport:
    """Write what an account downloads: six graphs of its days, and its posts."""
    counted = count_artist(label, rng, first=FIRST, last=LAST)
    numbers = daily_numbers(rng, counted, followers(label, counted, "instagram"))
    truth = write_graphs(folder, "instagram", GRAPHS, numbers)
    rows: list[dict[str, Any]] = []
    for day, caption in announcements(label, counted):
        number = "1" + made_up(f"instagram/{day}/{len(rows)}", 16, _DIGITS)
        views = int(rng.poisson(900))
        parts = {"Reach": 0.7, "Likes": 0.07, "Shares": 0.01, "Follows": 0.003}
        parts |= {"Comments": 0.004, "Saves": 0.01}
        rows.append(
            {
                "Post ID": number,
                "Account ID": "17840000000000000",
                "Account username": "artist.example",
                "Account name": counted.name,
                "Description": caption,
                "Duration (sec)": 0,
                "Publish time": f"{day:%m/%d/%Y} 18:12",
                "Permalink": f"https://www.instagram.com/p/{number[:11]}/",
                "Post type": "IG reel",
                "Date": "Lifetime",
                "Views": views,
                **{name: int(rng.binomial(views, part)) for name, part in parts.items()},
            }
        )
    truth += write_posts(folder, POSTS, rows, _METRICS, platform="instagram")
    return SimulatedExport(
        format="instagram_insights",
        path=folder,
        kind="observations",
        truth=observed(truth),
        quirks=(
            "graphs in UTF-16 under two lines that are no table; nobody is named in them",
            "days without new followers are left out",
            "posts in UTF-8 with a byte-order mark; captions over several lines",
            "numbers of posts are those of their life, on a day that only the file's time tells",
        ),
    )
