"""follow_fee(): where the fee of one subscriber goes."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from musictools.economics._engine import Engine, engine_of
from musictools.economics._fees import fees_of
from musictools.economics._payouts import rule_of
from musictools.economics._rule import Rule
from musictools.economics._terms import OwnFee, Pooled, Split
from musictools.economics._users import Audience, Moved, moved, shares_of, small_pandas
from musictools.errors import InputError, closest

if TYPE_CHECKING:
    import pandas as pd


def follow_fee(
    plays: Any,
    user_id: Any,
    rule: Rule | str = "pro_rata",
    *,
    fee: Any = 1.0,
    pool: float | None = None,
) -> "pd.DataFrame":
    """Say where the fee of one subscriber goes.

    Parameters
    ----------
    plays : pandas, polars (eager or lazy), pyarrow, DuckDB or PySpark frame
        As for `payouts`, of all users.
    user_id : str or int
        Whose fee is followed.
    rule : Rule or str, default: 'pro_rata'
        The rule.
    fee : float or frame, default: 1
        As for `payouts`.
    pool : float, optional
        As for `payouts`.

    Returns
    -------
    pandas.DataFrame
        ``artist_id``; ``plays``, those of this user; ``played``; ``amount``, how much of the fee
        the artist gets; ``share`` of the fee. The largest amount first, and last a row without
        ``artist_id``: what the platform keeps. Amounts sum to the fee.

    Raises
    ------
    TableError
        As `payouts` does.
    InputError
        As `payouts` does; or if nobody of that name plays or pays.

    Notes
    -----
    Where a rule pools fees, one coin is as good as another: each artist gets the same part of this
    fee as of the pool. Otherwise it goes to the artists whom the user played, as the rule splits
    it; what a rule pays for the user's plays beyond the fee comes from elsewhere and is left out.

    Examples
    --------
    >>> import pandas as pd
    >>> import musictools as mt
    >>> plays = pd.DataFrame(
    ...     {"user_id": ["a", "b"], "artist_id": ["Joey", "Ben"], "plays": [10, 90]}
    ... )
    >>> mt.economics.follow_fee(plays, "a", fee=10)
      artist_id  plays  played  amount  share
    0       Ben    0.0   False     9.0    0.9
    1      Joey   10.0    True     1.0    0.1
    2      None    0.0   False     0.0    0.0
    """
    engine = engine_of(plays, "follow a fee")
    chosen = rule_of(rule)
    audience = Audience(engine)
    own, silent = _fee_of(audience, user_id, (fee, pool))
    amounts: dict[Any, float] = {}
    for each in moved(engine, [chosen], fee, pool):
        parts = _silent_parts(engine, each, own) if silent else _parts(engine, each, user_id)
        for artist, amount in parts:
            amounts[artist] = amounts.get(artist, 0.0) + amount
    return _table(amounts, {} if silent else audience.plays_of(user_id), own)


def _fee_of(
    audience: Audience, user_id: Any, money: tuple[Any, float | None]
) -> tuple[float, bool]:
    """Give what the user pays, and whether that is a subscriber without plays."""
    fees = fees_of(*money)
    own, _ = audience.fees(fees)
    place = audience.ids.get_indexer([user_id])[0]
    if place >= 0:
        return float(own[place]), False
    if fees.table is not None:
        known = dict(zip(fees.table["user_id"].to_list(), fees.table["fee"].to_list(), strict=True))
        if user_id in known:
            # Fees may have been scaled to a pool, the same for all.
            scale = 1.0 if money[1] is None else money[1] / float(sum(known.values()))
            return float(known[user_id]) * scale, True
    raise InputError(
        "follow a fee",
        got=f"user_id={user_id!r}",
        expected="a user of the plays, or of the table of fees",
        hint=closest(str(user_id), map(str, audience.ids)),
    )


def _parts(engine: Engine, each: Moved, user_id: Any) -> list[tuple[Any, float]]:
    """Give what artists get of the user's fee by one term."""
    found, term = each.found, each.term
    ids = found.users["user_id"].to_list()
    given: list[tuple[Any, float]] = []
    for row in [i for i, name in enumerate(ids) if name == user_id]:
        money = term.share * _handed_out(each, row)
        one = np.zeros(len(ids))
        one[row] = 1.0
        weight = float(found.bases[row])
        if isinstance(term.money, Pooled) or (weight == 0 and _shares_silent(term.money)):
            pooled = replace(term, money=_pooled(term.money), split=Split())
            given += _spread(shares_of(_pool_of(engine, each, row), pooled), money)
        elif weight > 0:
            paid = min(money, float(each.factors[row]) * weight)
            parts = small_pandas(found.artists([one]))
            own = parts[parts["_pay_0"] > 0]
            given += [
                (artist, paid * base / weight)
                for artist, base in zip(own["artist_id"], own["_pay_0"], strict=True)
            ]
    return given


def _handed_out(each: Moved, row: int) -> float:
    """Give the fee of a row of users, scaled to what the pool hands out."""
    for rows, own, silent, subscribers in each.shared:
        if rows[row]:
            fee = float(own[int(np.count_nonzero(rows[:row]))])
            revenue = float(own.sum()) + silent
            if each.rule.pools is None or revenue <= 0:
                return fee
            return fee * min(1.0, each.rule.pools.money(revenue, subscribers) / revenue)
    return 0.0


def _pool_of(engine: Engine, each: Moved, row: int) -> Engine:
    """Give the plays of the pool of a row of users."""
    frame = engine.frame
    for name in each.rule.pools.columns if each.rule.pools else ():
        frame = frame.filter(nw.col(name) == each.found.users[name].to_list()[row])
    return replace(engine, native=frame.to_native(), frame=frame)


def _silent_parts(engine: Engine, each: Moved, fee: float) -> list[tuple[Any, float]]:
    """Give what artists get of the fee of a subscriber without plays."""
    if each.rule.pools is not None:
        raise InputError(
            "follow the fee of a subscriber without plays",
            got="a rule in several pools",
            expected="a rule with one",
            hint="follow a user who plays",
        )
    term = each.term
    if not (isinstance(term.money, Pooled) or _shares_silent(term.money)):
        return []
    pooled = replace(term, money=_pooled(term.money), split=Split())
    return _spread(shares_of(engine, pooled), term.share * fee)


def _shares_silent(money: Any) -> bool:
    return isinstance(money, OwnFee) and money.silent == "shared"


def _pooled(money: Any) -> Pooled:
    return money if isinstance(money, Pooled) else Pooled()


def _spread(shares: Any, money: float) -> list[tuple[Any, float]]:
    table = small_pandas(shares)
    return [(a, money * s) for a, s in zip(table["artist_id"], table["_share"], strict=True)]


def _table(amounts: dict[Any, float], played: dict[Any, float], fee: float) -> "pd.DataFrame":
    import pandas as pd

    artists = list(dict.fromkeys([*amounts, *played]))
    table = pd.DataFrame(
        {
            "artist_id": pd.Series(artists, dtype=object),
            "plays": [played.get(artist, 0.0) for artist in artists],
            "played": [artist in played for artist in artists],
            "amount": [amounts.get(artist, 0.0) for artist in artists],
        }
    )
    table = table.sort_values(["amount", "artist_id"], ascending=[False, True], kind="stable")
    rest = fee - float(table["amount"].sum())
    # Rounding is nothing that anybody keeps.
    rest = 0.0 if abs(rest) <= 1e-12 * fee else rest
    kept = pd.DataFrame({"artist_id": [None], "plays": 0.0, "played": False, "amount": rest})
    table = pd.concat([table, kept.astype({"artist_id": object})], ignore_index=True)
    table["share"] = table["amount"] / fee if fee else 0.0
    return table
