"""Google Ads: the campaign report by day, as "Excel .csv" is downloaded."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musictools.datasets._exports._packing import write_text
from musictools.datasets._exports._spending import Day, period, spread, tabled
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

_HEADER = (
    "Day", "Campaign status", "Campaign", "Budget", "Budget name", "Budget type", "Currency code",
    "Campaign type", "Impr.", "Clicks", "CTR", "Cost", "Avg. CPM",
)  # fmt: skip
_NONE = " --"
_QUIRKS = (
    "UTF-16 with a byte order mark, and tabs",
    "the title and the period stand in two lines before the header",
    "several totals at the end, in the column of the day",
    "no value is a blank and two dashes",
    "commas between thousands",
    "a paused campaign has lines of noughts",
)


def write_google_ads(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write eight weeks of the label's TV spend, as if it had been video at Google, into a folder.

    The label buys no search ads.
    """
    days = spread(label, ("tv",), 8, rng)
    first, last = period(days)
    paused = Day(first, "Debut (old)", Decimal("0.00"), 0, 0, 0)
    days = [paused, *days]
    lines = [
        "Campaign report",
        f"{first:%B} {first.day}, {first.year} - {last:%B} {last.day}, {last.year}",
        "\t".join(_HEADER),
        *("\t".join([f"{day.ds:%Y-%m-%d}", *_cells(day, paused)]) for day in days),
        *("\t".join(_total(name, days)) for name in ("Campaigns", "Account")),
    ]
    path = folder / "Campaign report.csv"
    write_text(path, "\n".join(lines) + "\n", "utf-16-le")
    return SimulatedExport("google_ads", path, "spend", tabled(days, "google", "USD"), _QUIRKS)


def _cells(day: Day, paused: Day) -> list[str]:
    state = "Paused" if day is paused else "Enabled"
    return [state, day.campaign, "25.00", _NONE, "Daily", "USD", "Video", *_numbers([day])]


def _numbers(days: list[Day]) -> list[str]:
    shown, clicks = sum(day.impressions for day in days), sum(day.clicks for day in days)
    spent = sum((day.spend for day in days), Decimal(0))
    rates = [f"{clicks / shown:.2%}", f"{spent * 1000 / shown:.2f}"] if shown else [_NONE, _NONE]
    return [f"{shown:,}", f"{clicks:,}", rates[0], f"{spent:,}", rates[1]]


def _total(name: str, days: list[Day]) -> list[str]:
    return [f"Total: {name}", "", "", "", "", "", "USD", "", *_numbers(days)]
