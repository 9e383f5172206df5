"""The label's weekly spend, day by day, as ad platforms tell it."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from musictools.datasets._label import Label


@dataclass(frozen=True)
class Day:
    """One campaign on one day."""

    ds: pd.Timestamp
    campaign: str
    spend: Decimal
    impressions: int
    reach: int
    clicks: int


def spread(
    label: "Label", channels: Collection[str], weeks: int, rng: np.random.Generator
) -> list[Day]:
    """Take some weeks that follow each other, and spread each over its days, by chance."""
    spend = label.spend
    spend = spend[spend["channel"].isin(channels) & (spend["impressions"] > 0)]
    weekly = spend.groupby("ds")["spend"].sum().asfreq("W-MON", fill_value=0.0)
    ahead = weekly[::-1].rolling(weeks).sum()[::-1].dropna()
    # Where money was spent, so that a report is not all noughts.
    starts = ahead.index[ahead >= ahead.max() / 2]
    first = starts[int(rng.integers(len(starts)))]
    spend = spend[(spend["ds"] >= first) & (spend["ds"] < first + pd.Timedelta(weeks=weeks))]
    spend = spend.groupby(["ds", "artist_id"], as_index=False)[["spend", "impressions"]].sum()
    names = label.artists.set_index("artist_id")["name"]
    days: list[Day] = []
    for row in spend.to_dict("records"):
        cents = _parts(round(row["spend"] * 100), rng)
        shown = _parts(int(row["impressions"]), rng)
        for i in range(7):
            if shown[i] == cents[i] == 0:
                continue
            reach = int(np.ceil(shown[i] / rng.uniform(1.0, 1.6)))
            days.append(
                Day(
                    row["ds"] + pd.Timedelta(days=i),
                    f"{names[row['artist_id']]} - always on",
                    Decimal(cents[i]).scaleb(-2),
                    shown[i],
                    reach,
                    int(rng.binomial(shown[i], 0.012)),
                )
            )
    return sorted(days, key=lambda day: (day.ds, day.campaign))


def _parts(total: int, rng: np.random.Generator) -> list[int]:
    return [int(part) for part in rng.multinomial(total, np.full(7, 1 / 7))]


def period(days: list[Day]) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day of a report."""
    return days[0].ds, days[-1].ds


def tabled(days: list[Day], channel: str, currency: str) -> pd.DataFrame:
    """Give the days as a `spend` table, without reach and frequency."""
    return pd.DataFrame(
        {
            "ds": [day.ds for day in days],
            "channel": channel,
            "spend": pd.Series([day.spend for day in days], dtype=object),
            "impressions": [float(day.impressions) for day in days],
            "campaign": [day.campaign for day in days],
            "clicks": [float(day.clicks) for day in days],
            "currency": currency,
        }
    )
