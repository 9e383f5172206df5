"""What the services pay: monthly statements, exact to the cent."""

from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from musictools.datasets._world import _calendar
from musictools.datasets._world._facts import (
    AD_REVENUE_USD,
    COUNTED_SECONDS,
    DISTRIBUTION_FEE,
    PAYOUT_SHARE,
)

Ints = npt.NDArray[np.int64]
#: What a line of a statement is about; the first three tell its pool.
_BY = ["period", "platform", "country", "recording_id"]


def largest_remainder(total: int, weights: npt.ArrayLike) -> Ints:
    """Share out whole cents in proportion, so that they sum to the total exactly.

    Ties go to the first.
    """
    weight = np.asarray(weights, dtype=float)
    ideal = total * weight / weight.sum()
    cents: Ints = np.floor(ideal).astype(np.int64)
    left = total - int(cents.sum())
    cents[np.argsort(-(ideal - cents), kind="stable")[:left]] += 1
    return cents


def to_money(cents: npt.ArrayLike) -> list[Decimal]:
    """Whole cents to exact decimals with two places."""
    return [Decimal(int(each)).scaleb(-2) for each in np.asarray(cents)]


def units(plays: pd.DataFrame) -> pd.DataFrame:
    """Count the plays that are paid for, by month, service, country and recording."""
    counted = plays[plays["seconds"] >= COUNTED_SECONDS]
    period = counted["played_at"].dt.to_period("M").rename("period")
    keys = [period, *(counted[name] for name in _BY[1:])]
    found = counted.groupby(keys, observed=True).size().rename("units").reset_index()
    return found.astype(dict.fromkeys(_BY, str)).sort_values(_BY, kind="stable")


def pools(units: pd.DataFrame, listeners: pd.DataFrame) -> pd.DataFrame:
    """Work out what the label gets from each service, country and month.

    The service shares out ``PAYOUT_SHARE`` of its income among all counted plays of all music;
    the label's part is its own counted plays. An account counts from the month of joining.
    """
    months = pd.period_range(_calendar.DAYS[0], _calendar.DAYS[-1], freq="M")
    plays = units.groupby(_BY[:3])["units"].sum()
    rows = []
    for (platform, country), members in listeners.groupby(["platform", "country"]):
        joined = members["joined_on"].dt.to_period("M").to_numpy()
        paid = np.where(members["tier"] == "free", AD_REVENUE_USD, members["fee_usd"])
        heard = members["all_plays_per_month"].to_numpy()
        for month in months:
            here = joined <= month
            own = int(plays.get((str(month), platform, country), 0))
            if not own:
                continue
            income, streams = float(paid[here].sum()), int(heard[here].sum())
            cents = round(100 * PAYOUT_SHARE * income * own / streams)
            row = (str(month), platform, country, int(here.sum()), income, streams, own, cents)
            rows.append(row)
    columns = [
        "period",
        "platform",
        "country",
        "accounts",
        "income_usd",
        "all_plays",
        "label_plays",
    ]
    return pd.DataFrame(rows, columns=[*columns, "pool_cents"])


def royalties(units: pd.DataFrame, recordings: pd.DataFrame, paid: pd.DataFrame) -> pd.DataFrame:
    """Statements by service, country and recording: each pool shared pro rata by counted plays."""
    lines = units.merge(paid, on=_BY[:3], how="left", validate="m:1")
    gross = np.zeros(len(lines), dtype=np.int64)
    for places in lines.groupby(_BY[:3]).indices.values():
        total = int(lines["pool_cents"].iloc[places[0]])
        gross[places] = largest_remainder(total, lines["units"].to_numpy()[places])
    fees = (gross * round(DISTRIBUTION_FEE * 100) + 50) // 100
    works = dict(zip(recordings["recording_id"], recordings["work_id"], strict=True))
    return pd.DataFrame(
        {
            "statement": lines["platform"] + "-" + lines["period"],
            "period": lines["period"],
            "payer": lines["platform"] + " Licensing",
            "platform": lines["platform"],
            "country": lines["country"],
            "recording_id": lines["recording_id"],
            "work_id": lines["recording_id"].map(works),
            "units": lines["units"],
            "gross": to_money(gross),
            "fees": to_money(fees),
            "net": to_money(gross - fees),
            "currency": "USD",
        }
    )
