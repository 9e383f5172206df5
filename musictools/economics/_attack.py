"""What an attack earned under each rule: the same plays with it and without it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

import narwhals as nw
import numpy as np

from musictools._counts import counted
from musictools._result import Result
from musictools._version import __version__
from musictools.economics._engine import check_columns, check_numeric, engine_of, has_column
from musictools.economics._payouts import compare
from musictools.economics._rule import Rule
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "work out what an attack earned"


@dataclass(frozen=True, kw_only=True, repr=False)
class AttackProfit(Result):
    """What an attack earned and cost, by rule.

    Attributes
    ----------
    table : pandas.DataFrame
        One row for each rule: ``rule``; ``without`` and ``with_attack``: payouts of the targets;
        ``gain`` (their difference), ``cost``, ``profit`` and ``roi`` (profit over cost), and
        ``others``: what all other artists gained, below zero where they lost.
    accounts : int
        Accounts that were made for it.
    plays : float
        Plays of the targets with the attack, less those without.
    cost : float
        Fees of those accounts that pay, and the price of the plays.
    provenance : dict
        What made the numbers: version of musictools, function, and what it was given.
    """

    table: "pd.DataFrame"
    accounts: int
    plays: float
    cost: float
    _drawn_by: ClassVar[str] = "attack_profit"
    _called: ClassVar[str] = "Profit of an attack"
    _caption: ClassVar[str] = "By rule"
    _kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("without", "with_attack", "gain", "others"), "money"
    )

    def _verdict(self) -> str:
        paid = int((self.table["profit"] > 0).sum())
        top = self.table.iloc[int(self.table["profit"].to_numpy().argmax())]
        gain, cost = (self._figure(top[name], name) for name in ("gain", "cost"))
        return (
            f"The attack pays by {paid} of {counted(len(self.table), 'rule')}: at best, by "
            f"{top['rule']}, its targets gain {gain}, for a cost of {cost}. This is one attack "
            "that went undetected; another would earn something else."
        )

    def to_frame(self) -> "pd.DataFrame":
        """Give the table, one row for each rule.

        Returns
        -------
        pandas.DataFrame
            A copy of ``table``.
        """
        return self.table.copy()


def attack_profit(
    attacked: Any,
    genuine: Any,
    rules: Sequence[Rule | str],
    *,
    targets: Iterable[Any] | None = None,
    fee: Any = None,
    account_fee: float | None = None,
    price_per_play: float = 0.0,
    counted_s: float = 30.0,
) -> AttackProfit:
    """Work out what an attack earned: payouts of its targets with it, less those without it.

    Parameters
    ----------
    attacked, genuine : SimulatedPlays or frame
        Plays with the attack and without it: two runs of `simulate_plays` with one seed, or two
        tables of plays of any kind.
    rules : sequence of Rule or str
        The rules, as for `compare`.
    targets : iterable, optional
        ``artist_id`` of those for whom it is; of a simulation those that the truth tells.
    fee : float or frame, optional
        As for `payouts`; of a simulation the fees of its accounts, otherwise 1.
    account_fee : float, optional
        What each account that was made for the attack costs; otherwise what it pays as ``fee``,
        and nothing where a simulation says that it is a free one.
    price_per_play : float, default: 0
        What each further play of the targets costs besides, such as a place on a playlist.
    counted_s : float, default: 30
        Plays heard for less than these seconds do not count, where there is a column ``seconds``.

    Returns
    -------
    AttackProfit
        ``.table`` and ``.plot()``.

    Raises
    ------
    InputError
        If targets are not told, or a number cannot be.
    TableError
        If a column is missing.

    See Also
    --------
    farm_profit : For farms of any size that were not carried out.

    Examples
    --------
    >>> import musictools as mt
    >>> farm = mt.datasets.BotFarm(accounts=3, plays_per_day=1000)
    >>> attacked = mt.datasets.simulate_plays(100_000, attacks=farm, rng=1)
    >>> genuine = mt.datasets.simulate_plays(100_000, rng=1)
    >>> found = mt.economics.attack_profit(attacked, genuine, ["pro_rata", "user_centric"])
    >>> found.accounts
    3
    >>> found.table.set_index("rule")["profit"].round(6) > 0
    rule
    pro_rata         True
    user_centric    False
    Name: profit, dtype: bool
    """
    import pandas as pd

    _check_price(price_per_play, account_fee)
    aims = _targets(attacked, targets)
    frames = [_counted(_plays(each), counted_s) for each in (attacked, genuine)]
    if fee is None and hasattr(attacked, "truth"):
        fee = attacked.users[["user_id", "fee"]]
    fee = 1.0 if fee is None else fee
    added = _users(frames[0]) - _users(frames[1])
    fees, before = _fees(fee, added)
    paid = [
        _frame(compare(frame, rules, fee=each))
        for frame, each in zip(frames, (fee, before), strict=True)
    ]
    own = [table["artist_id"].isin(aims) for table in paid]
    if not own[0].any():
        raise InputError(
            _WHAT,
            got="targets that nobody plays",
            expected="one artist_id of the plays at least",
            hint=f"such as {paid[0]['artist_id'].iloc[0]!r}",
        )
    more = float(paid[0].loc[own[0], "plays"].sum() - paid[1].loc[own[1], "plays"].sum())
    cost = len(added) * account_fee if account_fee is not None else _paying(attacked, fees)
    cost += max(more, 0.0) * price_per_play
    names = [name for name in paid[0].columns if name not in {"artist_id", "plays"}]
    sums = [table.loc[rows, names].sum() for table, rows in zip(paid, own, strict=True)]
    rest = [table.loc[~rows, names].sum() for table, rows in zip(paid, own, strict=True)]
    gain = sums[0] - sums[1]
    columns = {
        "without": sums[1], "with_attack": sums[0], "gain": gain, "cost": cost,
        "profit": gain - cost, "roi": (gain - cost) / cost if cost else float("nan"),
        "others": rest[0] - rest[1],
    }  # fmt: skip
    table = pd.DataFrame(columns, index=pd.Index(names, name="rule")).reset_index()
    return AttackProfit(
        table=table,
        accounts=len(added),
        plays=more,
        cost=float(cost),
        provenance={"musictools": __version__, "function": "attack_profit", "rules": names},
    )


def _plays(given: Any) -> Any:
    # A frame may have a column of that name.
    return given.plays if hasattr(given, "truth") else given


def _check_price(price: Any, account_fee: Any) -> None:
    for name, value in (("price_per_play", price), ("account_fee", account_fee)):
        if value is not None and not (isinstance(value, int | float) and 0 <= value < 1e18):
            raise InputError(
                _WHAT, got=f"{name}={value!r}", expected="a number, 0 or more", hint=f"{name}=0.01"
            )


def _targets(attacked: Any, targets: Iterable[Any] | None) -> set[Any]:
    if targets is not None:
        return {targets} if isinstance(targets, str) else set(targets)
    truth = getattr(attacked, "truth", None)
    if not isinstance(truth, dict) or not len(truth["targets"]):
        raise InputError(
            _WHAT,
            got="no targets",
            expected="those for whom it is, or a simulation with an attack",
            hint="targets=['an artist_id']",
        )
    return set(truth["targets"]["artist_id"])


def _counted(plays: Any, counted_s: float) -> Any:
    engine = engine_of(plays, _WHAT)
    schema = engine.frame.collect_schema()
    check_columns(schema, ["user_id", "artist_id"], _WHAT)
    if not has_column(schema, "seconds", _WHAT) or counted_s <= 0:
        return plays
    check_numeric(schema, "seconds", _WHAT)
    return engine.frame.filter(nw.col("seconds") >= counted_s).to_native()


def _users(plays: Any) -> set[Any]:
    engine = engine_of(plays, _WHAT)
    return set(engine.collect(engine.frame.select("user_id").unique())["user_id"].to_list())


def _frame(table: Any) -> "pd.DataFrame":
    engine = engine_of(table, _WHAT)
    found = engine.collect(engine.frame).to_pandas()
    return found.astype({"artist_id": object})


def _fees(fee: Any, added: set[Any]) -> tuple[dict[Any, float], Any]:
    """Give what those accounts pay, and the fees of all others, who were there before."""
    if isinstance(fee, int | float | np.number | Decimal):
        return dict.fromkeys(added, float(fee)), fee
    held = engine_of(fee, "read the fees")
    check_columns(held.frame.collect_schema(), ["user_id", "fee"], "read the fees")
    table = held.collect(held.frame.select("user_id", "fee")).to_pandas()
    table["user_id"] = table["user_id"].astype(object)
    mine = table["user_id"].isin(added)
    own = dict(zip(table.loc[mine, "user_id"], table.loc[mine, "fee"].astype(float), strict=True))
    return own, table[~mine]


def _paying(attacked: Any, fees: dict[Any, float]) -> float:
    """Add up the fees that the accounts pay: advertising pays for free ones."""
    if not hasattr(attacked, "truth"):
        return float(sum(fees.values()))
    users = attacked.users
    free = set(users.loc[users["tier"] == "free", "user_id"])
    return float(sum(money for user, money in fees.items() if user not in free))
