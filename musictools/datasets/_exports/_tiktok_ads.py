"""TikTok Ads Manager: a custom report by day."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musictools.datasets._exports._packing import csv_text, write_text
from musictools.datasets._exports._spending import Day, spread, tabled
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

_HEADER = (
    "By Day", "Campaign name", "Currency", "Cost", "CPC (destination)", "CPM", "Impressions",
    "Clicks (destination)", "CTR (destination)", "Reach", "Frequency",
)  # fmt: skip
#: Below this the platform does not tell how often an ad was shown.
_FEW = 5
_QUIRKS = (
    "fewer than five impressions are told as <5",
    "the last line is a total, with a dash for the day",
    "a rate that cannot be reckoned is a dash",
)


def write_tiktok_ads(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write eight weeks of what the label spent on TikTok into a folder."""
    days = spread(label, ("tiktok",), 8, rng)
    # So that a masked cell is in every file.
    days.append(Day(days[-1].ds, "Test audience", Decimal("0.01"), 3, 3, 0))
    rows = [[f"{day.ds:%Y-%m-%d}", day.campaign, "USD", *_numbers([day])] for day in days]
    total = ["-", "Total", "USD", *_numbers(days)]
    path = folder / "Campaign Report.csv"
    write_text(path, csv_text([_HEADER, *rows, total]))
    truth = tabled(days, "tiktok", "USD")
    truth["reach"] = [float(day.reach) for day in days]
    truth["frequency"] = [
        float(_ratio(day.impressions, day.reach)) if day.reach else np.nan for day in days
    ]
    truth["impressions"] = truth["impressions"].where(truth["impressions"] >= _FEW)
    return SimulatedExport("tiktok_ads", path, "spend", truth, _QUIRKS)


def _ratio(part: float, whole: float, places: int = 2) -> str:
    return f"{part / whole:.{places}f}" if whole else "-"


def _numbers(days: list[Day]) -> list[str]:
    shown, clicks = sum(day.impressions for day in days), sum(day.clicks for day in days)
    spent, reach = sum((day.spend for day in days), Decimal(0)), sum(day.reach for day in days)
    return [
        str(spent),
        _ratio(float(spent), clicks),
        _ratio(float(spent) * 1000, shown),
        f"<{_FEW}" if shown < _FEW else str(shown),
        str(clicks),
        f"{100 * clicks / shown:.2f}%" if shown else "-",
        str(reach),
        _ratio(shown, reach),
    ]
