"""Meta Ads Manager: campaigns by day, as a table is exported."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musictools.datasets._exports._packing import csv_text, write_text
from musictools.datasets._exports._spending import period, spread, tabled
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

_HEADER = (
    "Reporting starts", "Reporting ends", "Campaign name", "Campaign delivery", "Day",
    "Amount spent (USD)", "Impressions", "Reach", "Frequency", "Link clicks",
)  # fmt: skip
_QUIRKS = (
    "the currency stands in the header",
    "reporting starts and ends are those of the whole report; the day stands beside them",
    "the first line is a total, without a campaign and a day",
    "a day without clicks has an empty cell",
    "begins with a byte order mark",
)


def write_meta_ads(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write four weeks of what the label spent on Facebook and Instagram into a folder."""
    days = spread(label, ("facebook", "instagram"), 4, rng)
    first, last = (f"{day:%Y-%m-%d}" for day in period(days))
    frequencies = [f"{day.impressions / day.reach:.6g}" if day.reach else "" for day in days]
    total = sum((day.spend for day in days), Decimal(0))
    shown = sum(day.impressions for day in days)
    # Fewer people than the sum of the days, since many were met on several.
    people = max(day.reach for day in days) * 3
    rows = [
        _HEADER,
        (first, last, "", "", "", total, shown, people, f"{shown / people:.6g}", ""),
        *(
            (
                first,
                last,
                day.campaign,
                "active",
                f"{day.ds:%Y-%m-%d}",
                day.spend,
                day.impressions,
                day.reach,
                frequency,
                day.clicks or "",
            )
            for day, frequency in zip(days, frequencies, strict=True)
        ),
    ]
    path = folder / f"Lantern-Tide-Campaigns-{first}-{last}.csv"
    write_text(path, csv_text(rows), "utf-8-sig")
    truth = tabled(days, "meta", "USD")
    truth["reach"] = [float(day.reach) for day in days]
    truth["frequency"] = [float(told) if told else np.nan for told in frequencies]
    truth["clicks"] = truth["clicks"].where(truth["clicks"] > 0)
    return SimulatedExport("meta_ads", path, "spend", truth, _QUIRKS)
