"""What rules move for each user: money of terms, whole listeners, who pays for whom."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from musictools.economics._engine import Engine, engine_of, numbers
from musictools.economics._fees import Fees, fees_of
from musictools.economics._passes import Pass, View
from musictools.economics._payouts import factor_of, fees_by_pool, paid, rule_of
from musictools.economics._rule import Rule, Term
from musictools.economics._terms import Pooled

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Shares = list[tuple["NDArray[np.bool_]", "Floats", float, float]]

#: Relative difference below which two amounts are the same.
SAME = 1e-12


@dataclass(frozen=True)
class Moved:
    """What one term hands out.

    Attributes
    ----------
    rule, term : Rule and Term
        The term, and whose it is.
    found : Pass
        The plays as it looks at them.
    shared : list of tuple
        Of each pool: its rows, their fees, fees of silent subscribers, and subscribers.
    factors : numpy.ndarray of float, shape (n,)
        Money for a unit of each row's base.
    """

    rule: Rule
    term: Term
    found: Pass
    shared: "Shares"
    factors: "Floats"

    @property
    def by_user(self) -> "pd.Series[float]":
        """What is handed out for the plays of each user."""
        import pandas as pd

        amounts = self.factors * self.found.bases
        ids = self.found.users["user_id"].to_list()
        return pd.Series(amounts, index=pd.Index(ids)).groupby(level=0, sort=False).sum()


def moved(engine: Engine, rules: Sequence[Rule], fee: Any, pool: float | None) -> list[Moved]:
    """Give what each term of each rule hands out; plays are looked at once for each view."""
    fees = fees_of(fee, pool)
    passes: dict[View, tuple[Pass, Shares]] = {}
    given = []
    for rule in rules:
        columns = rule.pools.columns if rule.pools else ()
        for term in rule.terms:
            view = View.of(term, columns)
            if view not in passes:
                found = Pass(engine, view)
                passes[view] = found, fees_by_pool(found, fees, view)
            found, shared = passes[view]
            factor, _ = factor_of(found, shared, rule, term)
            given.append(Moved(rule, term, found, shared, np.zeros(len(found.plays)) + factor))
    return given


class Audience:
    """Who listens to whom, apart from any rule.

    Parameters
    ----------
    engine : Engine
        The plays.

    Attributes
    ----------
    ids : pandas.Index
        Users.
    plays : numpy.ndarray of float, shape (n,)
        Their plays.
    """

    def __init__(self, engine: Engine) -> None:
        import pandas as pd

        self._engine = engine
        self._found = Pass(engine, View((), None, ()))
        self.ids = pd.Index(self._found.users["user_id"].to_list())
        self.plays = self._found.plays

    def fees(self, fees: Fees) -> tuple["Floats", float]:
        """Give what users pay, and what those pay who play nothing."""
        own, silent = fees.of(self._found.users, (), self.plays)
        return own, silent[()]

    def plays_of(self, user_id: Any) -> dict[Any, float]:
        """Give the plays of one user, by artist."""
        one = (self.ids == user_id).astype(float)
        table = small_pandas(self._found.artists([np.asarray(one)]))
        own = table[table["_pay_0"] > 0]
        return dict(zip(own["artist_id"], own["_pay_0"], strict=True))

    @property
    def heavy(self) -> "NDArray[np.bool_]":
        """Who plays more than users do on average."""
        return np.asarray(self.plays > np.mean(self.plays))

    def artists(self) -> "pd.DataFrame":
        """Give plays, those by heavy listeners, and the sum of 1 / plays of the listener."""
        inverse = np.divide(1.0, self.plays, out=np.zeros(len(self.plays)), where=self.plays > 0)
        table = self._found.artists([inverse, self.heavy.astype(float)])
        table = table.rename({"_plays": "plays", "_pay_0": "inverse", "_pay_1": "heavy_plays"})
        return small_pandas(table).set_index("artist_id")

    def pairs(self) -> Any:
        """Give pairs of a user and an artist the user played, each once."""
        frame = self._engine.frame
        if "plays" in frame.collect_schema():
            frame = frame.filter(nw.col("plays") > 0)
        return frame.select("user_id", "artist_id").unique()

    def listeners(self) -> "pd.DataFrame":
        """Count listeners of each artist, and the heavy ones among them."""
        users = self._found.users.with_columns(
            nw.new_series(
                "_heavy", self.heavy.astype(float), nw.Float64,
                backend=self._found.users.implementation,
            )
        )  # fmt: skip
        joined = self.pairs().join(self._engine.beside(users), on="user_id", how="inner")
        sums = joined.group_by("artist_id").agg(
            nw.len().alias("_listeners"), nw.col("_heavy").sum()
        )
        table = small_pandas(self._engine.collect(sums)).set_index("artist_id")
        return table.rename(columns={"_listeners": "listeners", "_heavy": "heavy_listeners"})

    def played_shares(self, shares: Any) -> "pd.Series[float]":
        """Sum up, for each user, shares (columns artist_id, _share) of artists the user played."""
        joined = self.pairs().join(self._engine.beside(shares), on="artist_id", how="inner")
        sums = self._engine.collect(joined.group_by("user_id").agg(nw.col("_share").sum()))
        found = small_pandas(sums).set_index("user_id")["_share"].astype(float)
        return found.reindex(self.ids, fill_value=0.0)


def small_pandas(table: "nw.DataFrame[Any]") -> "pd.DataFrame":
    """Give a small table as pandas, whatever made it; ids stay what they are."""
    import pandas as pd

    return pd.DataFrame({name: table[name].to_list() for name in table.columns})


def user_subsidy(
    plays: Any, rule: Rule | str = "pro_rata", *, fee: Any = 1.0, pool: float | None = None
) -> "pd.DataFrame":
    """Say for each user what was paid, and what the user's plays moved.

    Parameters
    ----------
    plays : pandas, polars (eager or lazy), pyarrow, DuckDB or PySpark frame
        As for `payouts`.
    rule : Rule or str, default: 'pro_rata'
        The rule.
    fee : float or frame, default: 1
        As for `payouts`.
    pool : float, optional
        As for `payouts`.

    Returns
    -------
    pandas.DataFrame
        One row for each user with plays: ``user_id, plays, fee``; ``moved``, the money that the
        rule hands out for the user's plays; ``net``, which is ``moved - fee`` and below zero for
        those who pay for others; ``to_own_share``, the part of the fee that reaches artists whom
        the user played.

    Raises
    ------
    TableError, InputError
        As `payouts` does.

    Notes
    -----
    A fee goes into the pool wherever a rule pools fees, and to the user's own artists otherwise.
    ``to_own_share`` is nan for rules in several pools (`by_pool`): see `follow_fee` for one user.

    Examples
    --------
    >>> import pandas as pd
    >>> import musictools as mt
    >>> plays = pd.DataFrame(
    ...     {"user_id": ["a", "b"], "artist_id": ["Joey", "Ben"], "plays": [10, 90]}
    ... )
    >>> mt.economics.user_subsidy(plays)
      user_id  plays  fee  moved  net  to_own_share
    0       a   10.0  1.0    0.2 -0.8           0.1
    1       b   90.0  1.0    1.8  0.8           0.9
    """
    engine = engine_of(plays, "say what users moved")
    table, _ = subsidies(engine, rule_of(rule), fee, pool)
    return table


def subsidies(
    engine: Engine, rule: Rule, fee: Any, pool: float | None, *, audience: Audience | None = None
) -> tuple["pd.DataFrame", tuple[float, int]]:
    """Give the table of `user_subsidy`, and the fees and number of silent subscribers."""
    import pandas as pd

    audience = audience or Audience(engine)
    fees = fees_of(fee, pool)
    own, silent = audience.fees(fees)
    terms = moved(engine, [rule], fee, pool)
    whole = np.zeros(len(own))
    reached = np.zeros(len(own))
    for each in terms:
        part = each.by_user.reindex(audience.ids).to_numpy()
        whole += part
        if rule.pools is not None:
            reached += np.nan
        elif isinstance(each.term.money, Pooled):
            shares = shares_of(engine, each.term)
            reached += each.term.share * own * audience.played_shares(shares).to_numpy()
        else:
            # What is handed out beyond the fee is not the user's money.
            reached += np.minimum(part, each.term.share * own)
    ratio = np.divide(reached, own, out=np.full(len(own), np.nan), where=own > 0)
    table = pd.DataFrame(
        {
            "user_id": audience.ids.to_numpy(),
            "plays": audience.plays,
            "fee": own,
            "moved": whole,
            "net": whole - own,
            "to_own_share": ratio,
        }
    )
    table = table.sort_values("user_id", kind="stable", ignore_index=True)
    return table, (silent, fees.silent_count)


def shares_of(engine: Engine, term: Term) -> Any:
    """Give artist_id and _share of one pool, shared out by one term."""
    table = paid(engine, [Rule("share", (replace(term, share=1.0),))], 1.0, None)
    table = table.rename({"_rule_0": "_share"})
    total = float(numbers(table, "_share").sum())
    share = nw.col("_share") / total if total else nw.col("_share") * 0.0
    return table.select("artist_id", share.alias("_share"))
