"""Facebook's insights from Meta Business Suite: one file a graph, and the posts.

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
    "Page ID",
    "Page name",
    "Title",
    "Description",
    "Duration (sec)",
    "Publish time",
    "Caption type",
    "Permalink",
    "Is crosspost",
    "Is share",
    "Post type",
    "Languages",
    "Custom labels",
    "Funded content status",
    "Data comment",
    "Date",
    "Views",
    "Reach",
    "Reactions, Comments and Shares",
    "Reactions",
    "Comments",
    "Shares",
    "Total clicks",
    "Other Clicks",
    "Matched Audience Targeting Consumption (Photo Click)",
)
#: File of a graph: its title, and what it counts.
GRAPHS = {
    "Views": ("Views", "views"),
    "Viewers": ("Viewers", "viewers"),
    "Interactions": ("Content interactions", "interactions"),
    "Visits": ("Facebook visits", "profile_visits"),
    "Follows": ("Facebook follows", "follows"),
    "Link clicks": ("Facebook link clicks", "link_clicks"),
}
_METRICS = {
    "Views": "views_total",
    "Reach": "reach_total",
    "Reactions, Comments and Shares": "interactions_total",
    "Reactions": "reactions_total",
    "Comments": "comments_total",
    "Shares": "shares_total",
    "Total clicks": "clicks_total",
    "Other Clicks": "other_clicks_total",
    "Matched Audience Targeting Consumption (Photo Click)": "photo_clicks_total",
}
_DIGITS = "0123456789"


def write_facebook_insights(
    label: "Label", folder: Path, rng: np.random.Generator
) -> SimulatedExport:
    """Write what a page downloads: six graphs of its days, and its posts."""
    counted = count_artist(label, rng, first=FIRST, last=LAST)
    numbers = daily_numbers(rng, counted, followers(label, counted, "facebook"))
    truth = write_graphs(folder, "facebook", GRAPHS, numbers)
    rows = [
        _post(rng, n, day, caption, page=counted.name)
        for n, (day, caption) in enumerate(announcements(label, counted))
    ]
    truth += write_posts(folder, POSTS, rows, _METRICS, platform="facebook")
    return SimulatedExport(
        format="facebook_insights",
        path=folder,
        kind="observations",
        truth=observed(truth),
        quirks=(
            "graphs in UTF-16 under two lines that are no table; nobody is named in them",
            "days without new followers are left out",
            "posts in UTF-8 with a byte-order mark; captions over several lines; empty cells",
            "numbers of posts are those of their life, on a day that only the file's time tells",
        ),
    )


def _post(rng: np.random.Generator, n: int, day: Any, caption: str, *, page: str) -> dict[str, Any]:
    views = int(rng.poisson(400))
    reactions, comments, shares, clicks, photo = (
        int(rng.binomial(views, part)) for part in (0.06, 0.005, 0.008, 0.02, 0.01)
    )
    number = "1" + made_up(f"facebook/{day}/{n}", 15, "0123456789")
    return {
        "Post ID": number,
        "Page ID": "100000000000000",
        "Page name": page,
        "Title": caption,
        "Duration (sec)": 0,
        "Publish time": f"{day:%m/%d/%Y} 15:30",
        "Caption type": "N/A",
        "Permalink": f"https://www.facebook.com/artist.example/posts/{number}",
        "Is crosspost": 0,
        "Is share": 0,
        "Post type": "Photos",
        "Date": "Lifetime",
        # One post in nine has no count of its views, as with real pages.
        "Views": None if n % 9 == 8 else views,
        "Reach": int(rng.binomial(views, 0.8)),
        "Reactions, Comments and Shares": reactions + comments + shares,
        "Reactions": reactions,
        "Comments": comments,
        "Shares": shares,
        "Total clicks": clicks + photo,
        "Other Clicks": clicks,
        "Matched Audience Targeting Consumption (Photo Click)": photo,
    }
