"""What an account does: how much, how spread over artists, when, and for how long.

Each is measured against most of the accounts, with the error that a number of plays leaves, so that
who plays much is not suspicious for being known better.
"""
# ruff: noqa: S608 - the names that are put into queries are our own.

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from musictools.economics._gather import COUNTED_S, JUST_S, Ledger

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Plays below which a habit cannot be told.
_LEAST = 12
#: Hours in a row in which a person is quietest.
_NIGHT_H = 6
_DAYS_S = 2 * 86_400


@dataclass(frozen=True)
class Habit:
    """One view of all accounts.

    Attributes
    ----------
    value : numpy.ndarray of float, shape (n,)
        What was measured, NaN where that cannot be.
    usual : float
        The median of accounts.
    z : numpy.ndarray of float, shape (n,)
        How far it is from there, towards fraud, in standard deviations; 0 where it is NaN.
    """

    value: "Floats"
    usual: float
    z: "Floats"


def standardised(value: "Floats", error: "Floats", *, sign: float = 1.0) -> Habit:
    """Standardise by median and spread of accounts, and by each account's own error."""
    told = np.isfinite(value)
    if not told.any():
        return Habit(value, float("nan"), np.zeros(len(value)))
    middle = float(np.median(value[told]))
    spread = 1.4826 * float(np.median(np.abs(value[told] - middle)))
    scale = np.sqrt(spread**2 + np.where(told, error, 1.0) ** 2)
    z = np.where(told & (scale > 0), sign * (np.where(told, value, middle) - middle), 0.0)
    return Habit(value, middle, z / np.where(scale > 0, scale, 1.0))


def habits_of(ledger: Ledger) -> dict[str, Habit]:
    """Measure all that the columns tell, by account."""
    counts = ledger.ask(
        "SELECT u.user, coalesce(t.t, 0.0) AS t, coalesce(t.most, 0.0) AS most, coalesce(t.artists,"
        " 0.0) AS artists FROM users u LEFT JOIN totals t USING (user) ORDER BY u.user"
    )
    total, most = (np.asarray(counts[name], np.float64) for name in ("t", "most"))
    found = {"volume": standardised(np.log(np.maximum(total, 0.5)), np.zeros(len(total)))}
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(total >= _LEAST, most / total, np.nan)
        found["concentration"] = standardised(part, np.sqrt(0.25 / np.maximum(total, 1)))
        if "seconds" in ledger.columns:
            found["just"] = _just(ledger, total)
        if "played_at" in ledger.columns:
            found |= _times(ledger, len(total))
    return found


def _just(ledger: Ledger, total: "Floats") -> Habit:
    upper = COUNTED_S + JUST_S
    found = ledger.ask(
        f"SELECT u.user, sum({ledger.weight})::DOUBLE AS k FROM events p JOIN users u ON u.name ="
        f" p.user WHERE p.seconds >= {COUNTED_S} AND p.seconds < {upper} GROUP BY ALL"
    )
    short = np.zeros(len(total))
    short[found["user"]] = found["k"]
    share = np.where(total >= _LEAST, short / total, np.nan)
    return standardised(share, np.sqrt(0.25 / np.maximum(total, 1)))


def _times(ledger: Ledger, accounts: int) -> dict[str, Habit]:
    """Quiet hours, and how even the gaps between two plays are."""
    found = ledger.ask(
        "WITH e AS (SELECT u.user, epoch(p.played_at)::BIGINT AS moment FROM events p JOIN users u"
        " ON u.name = p.user WHERE p.played_at IS NOT NULL), g AS (SELECT user,"
        " moment - lag(moment) OVER (PARTITION BY user ORDER BY moment) AS gap FROM e) SELECT user,"
        " count(gap)::DOUBLE AS n, sum(gap)::DOUBLE AS s, sum(gap::HUGEINT * gap)::DOUBLE AS ss"
        " FROM g GROUP BY user"
    )
    n, mean = np.asarray(found["n"], np.float64), np.asarray(found["s"], np.float64)
    mean = mean / n
    uneven = np.sqrt(np.maximum(np.asarray(found["ss"], np.float64) / n - mean**2, 0.0)) / mean
    # Who comes once plays evenly, for an evening; even over days is another thing.
    told = (n >= _LEAST) & np.isfinite(uneven) & (mean * n >= _DAYS_S)
    value, error = np.full(accounts, np.nan), np.ones(accounts)
    value[found["user"]] = np.where(told, np.log(np.maximum(uneven, 0.05)), np.nan)
    error[found["user"]] = np.sqrt(1.0 / np.maximum(n, 1.0))
    even = standardised(value, error, sign=-1.0)
    # Gaps between moments of mere chance have a standard deviation of their mean (log 1 is 0).
    chance = -np.nan_to_num(value) / np.sqrt(0.15**2 + error**2)
    even = replace(even, z=np.minimum(even.z, chance))
    return {"even": even, "night": _night(ledger, accounts)}


def _night(ledger: Ledger, accounts: int) -> Habit:
    found = ledger.ask(
        "SELECT u.user, (epoch(p.played_at)::BIGINT // 3600) % 24 AS hour, count(DISTINCT"
        " epoch(p.played_at)::BIGINT // 3600)::DOUBLE AS cells FROM events p JOIN users u ON"
        " u.name = p.user WHERE p.played_at IS NOT NULL GROUP BY ALL"
    )
    cells = np.zeros((accounts, 24))
    cells[found["user"], np.asarray(found["hour"], np.int64) % 24] = found["cells"]
    twice = np.concatenate([np.zeros((accounts, 1)), np.cumsum(np.tile(cells, 2), axis=1)], axis=1)
    nights = twice[:, _NIGHT_H : _NIGHT_H + 24] - twice[:, :24]
    whole = cells.sum(axis=1)
    share = np.where(whole >= 2 * _LEAST, nights.min(axis=1) / whole, np.nan)
    return standardised(share, np.sqrt(0.1875 / np.maximum(whole, 1)))
