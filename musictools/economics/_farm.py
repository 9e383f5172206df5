"""What a farm of accounts would earn under each rule, by its size, and where it breaks even."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import narwhals as nw
import numpy as np

from musictools._counts import counted
from musictools._figures import figure
from musictools._result import Result
from musictools._version import __version__
from musictools.economics._engine import check_columns, engine_of, guarded, has_column
from musictools.economics._payouts import compare
from musictools.economics._rule import Rule
from musictools.errors import InputError, closest

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "work out what a farm earns"
#: Sizes that are looked at, in times the mean plays of a genuine account.
_SIZES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
#: Plays an account beyond which a farm that has not broken even never will, in means.
_NEVER = 1e6
_FORMS = ("pro_rata", "user_centric", "scaled_user_prop")


@dataclass(frozen=True, kw_only=True, repr=False)
class FarmProfit(Result):
    """What a farm that plays one artist would earn, by rule and size.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns ``rule, plays_per_account, payout, cost, profit, roi``; ``roi`` is profit over cost.
    break_even : pandas.Series
        Plays of each account at which the payout first meets the cost, by rule; infinite where it
        never does.
    accounts : int
        Accounts of the farm.
    mean_plays : float
        Mean plays of a genuine account.
    provenance : dict
        What made the numbers: version of musictools, function, and what it was given.
    """

    table: "pd.DataFrame"
    break_even: "pd.Series[float]"
    accounts: int
    mean_plays: float
    _drawn_by: ClassVar[str] = "farm_profit"
    _called: ClassVar[str] = "Profit of a farm"
    _caption: ClassVar[str] = "By rule and size"

    def _verdict(self) -> str:
        pays = [f"by {rule} {_from(size)}" for rule, size in self.break_even.items()]
        return (
            f"A farm of {counted(self.accounts, 'account')} gets its cost back {', '.join(pays)}. "
            "That takes all to go undetected, and the genuine plays to stay as they were."
        )

    def to_frame(self) -> "pd.DataFrame":
        """Give the table, one row for each rule and size.

        Returns
        -------
        pandas.DataFrame
            A copy of ``table``.
        """
        return self.table.copy()


def _from(size: float) -> str:
    """Say from which size on it does."""
    if size == 0:
        return "at any size"
    return f"from {figure(size)} plays of each on" if np.isfinite(size) else "at no size"


def farm_profit(
    plays: Any,
    rules: Sequence[Rule | str],
    *,
    accounts: int = 100,
    plays_per_account: Iterable[float] | None = None,
    fee: float = 1.0,
    price_per_play: float = 0.0,
) -> FarmProfit:
    """Work out what accounts that play nothing but one new artist would earn under each rule.

    Parameters
    ----------
    plays : pandas, polars (eager or lazy), pyarrow, DuckDB or PySpark frame
        Genuine plays: ``user_id, artist_id``, and ``plays`` where they are counted.
    rules : sequence of Rule or str
        The rules, as for `compare`; of what look at who played whom and no more. A service that
        passes on 70 % of its revenue is ``0.7 * pro_rata()``.
    accounts : int, default: 100
        Accounts of the farm; each pays a fee, which goes into the pool like those of others.
    plays_per_account : iterable of float, optional
        Sizes; without it, 0.1 to 20 times the mean plays of a genuine account.
    fee : float, default: 1
        What each account pays.
    price_per_play : float, default: 0
        What a play costs besides, such as electricity and proxies.

    Returns
    -------
    FarmProfit
        ``.table``, ``.break_even`` and ``.plot()``.

    Raises
    ------
    InputError
        If a number cannot be, or a rule.
    TableError
        If a column is missing, or a rule asks for one that counts of plays do not have.

    See Also
    --------
    break_even_plays : The same by formula, for three rules.
    attack_profit : For an attack that was carried out or simulated.

    Examples
    --------
    >>> import pandas as pd
    >>> import musictools as mt
    >>> plays = pd.DataFrame({"user_id": ["a", "b"], "artist_id": ["x", "y"], "plays": [10, 30]})
    >>> found = mt.economics.farm_profit(
    ...     plays, ["pro_rata", "user_centric"], accounts=1, plays_per_account=[20, 40]
    ... )
    >>> found.table[["rule", "plays_per_account", "payout", "profit"]]
               rule  plays_per_account  payout  profit
    0      pro_rata               20.0     1.0     0.0
    1      pro_rata               40.0     1.5     0.5
    2  user_centric               20.0     1.0     0.0
    3  user_centric               40.0     1.0     0.0
    """
    _check(accounts, fee, price_per_play)
    pairs = _pairs(plays)
    mean = float(pairs["plays"].sum() / pairs["user_id"].nunique())
    sizes = _sizes([mean * size for size in _SIZES] if plays_per_account is None
                   else plays_per_account)  # fmt: skip
    own_fees = accounts * fee

    def paid(size: float, chosen: Sequence[Rule | str]) -> "pd.Series[float]":
        table = compare(_with_farm(pairs, accounts, size), chosen, fee=fee)
        farm = table[table["artist_id"] == len(pairs)].iloc[0]
        return farm.drop(["artist_id", "plays"]).astype(float)

    table = _table({size: paid(size, rules) for size in sizes}, own_fees, price_per_play * accounts)
    names = list(table["rule"].unique())
    listed = [rules] if isinstance(rules, Rule | str) else rules
    found = {}
    for name, rule in zip(names, listed, strict=True):

        def left(size: float, rule: Rule | str = rule) -> float:
            return float(paid(size, [rule]).iloc[0]) - price_per_play * accounts * size

        found[name] = _break_even(left, own_fees, mean)
    import pandas as pd

    return FarmProfit(
        table=table,
        break_even=pd.Series(found, name="plays_per_account", dtype=float),
        accounts=int(accounts),
        mean_plays=mean,
        provenance={
            "musictools": __version__,
            "function": "farm_profit",
            "rules": [str(rule) for rule in listed],
            "accounts": accounts,
            "fee": fee,
            "price_per_play": price_per_play,
        },
    )


def break_even_plays(
    rule: str = "pro_rata",
    *,
    users: float,
    plays: float,
    accounts: float = 1.0,
    share: float = 1.0,
) -> float:
    """Give the plays of each account of a farm at which it breaks even, by formula.

    Parameters
    ----------
    rule : {'pro_rata', 'user_centric', 'scaled_user_prop'}, default: 'pro_rata'
        The rule.
    users, plays : float
        Genuine accounts, and their plays together.
    accounts : float, default: 1
        Accounts of the farm; all accounts pay the same fee.
    share : float, default: 1
        Part of the fees that is handed out; ``alpha`` of ``scaled_user_prop``.

    Returns
    -------
    float
        Plays of each account; 0 where any number does, infinite where none does.

    Raises
    ------
    InputError
        If the rule is another one, or a number cannot be.

    Notes
    -----
    Pro-rata pays ``share (users + accounts) b / (plays + b)`` fees for ``b`` plays of the farm
    together, which is ``accounts`` fees at ``b / accounts = plays / (share (users + accounts) -
    accounts)``: of a small farm the mean plays of a genuine account over ``share``.
    ``scaled_user_prop`` gives the fees back from the same number on at the latest (exactly there if
    genuine accounts play alike, sooner if not), and never more than the fees. User-centric gives
    back ``share`` of them whatever is played.

    Examples
    --------
    >>> import musictools as mt
    >>> round(mt.economics.break_even_plays(users=1_000_000, plays=6e8, share=0.7))
    857
    >>> mt.economics.break_even_plays("user_centric", users=1_000_000, plays=6e8, share=0.7)
    inf
    """
    if rule not in _FORMS:
        raise InputError(
            "work out the break-even",
            got=repr(rule),
            expected=f"one of {', '.join(_FORMS)}",
            hint=f"{closest(str(rule), _FORMS)}; farm_profit(...).break_even for any other",
        )
    for name, value in (("users", users), ("plays", plays), ("accounts", accounts)):
        if not _is_number(value) or not 0 < value < np.inf:
            raise InputError(
                "work out the break-even",
                got=f"{name}={value!r}",
                expected="a number above 0",
                hint=f"{name}=1000",
            )
    if not _is_number(share) or not 0 <= share <= 1:
        raise InputError(
            "work out the break-even", got=f"share={share!r}", expected="0 to 1", hint="share=0.7"
        )
    if rule == "pro_rata" or (rule == "scaled_user_prop" and share < 1):
        left = share * (users + accounts) - accounts
        return plays / left if left > 0 else float("inf")
    return 0.0 if share == 1 else float("inf")


def dilution_loss(share: float) -> float:
    """Give what others lose of a pro-rata pool to plays of generated music.

    Parameters
    ----------
    share : float
        Plays of generated music relative to those of all other, 0 or more.

    Returns
    -------
    float
        Part of what others had, exactly ``share / (1 + share)``.

    Raises
    ------
    InputError
        If the share is below zero or no number.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.economics.dilution_loss(0.25)
    0.2
    """
    if not _is_number(share) or not 0 <= share < np.inf:
        raise InputError(
            "work out a dilution",
            got=f"share={share!r}",
            expected="a number, 0 or more",
            hint="dilution_loss(0.1)",
        )
    return share / (1 + share)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number)


def _check(accounts: Any, fee: Any, price: Any) -> None:
    given = {"accounts": accounts, "fee": fee, "price_per_play": price}
    for name, value in given.items():
        least = int(name == "accounts")
        fits = isinstance(value, int | float | np.number) and np.isfinite(value)
        whole = name != "accounts" or (fits and int(value) == value)
        if not fits or value < least or not whole:
            raise InputError(
                _WHAT,
                got=f"{name}={value!r}",
                expected=f"a {'whole ' if name == 'accounts' else ''}number, {least} or more",
                hint=f"{name}=100" if name == "accounts" else f"{name}=0.01",
            )


def _sizes(given: Any) -> list[float]:
    listed = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    numbers = all(_is_number(size) for size in listed)
    if not listed or not numbers or not all(0 < size < np.inf for size in listed):
        raise InputError(
            _WHAT, got=f"plays_per_account={listed}", expected="numbers above 0", hint="[100, 1000]"
        )
    return [float(size) for size in listed]


def _pairs(plays: Any) -> "pd.DataFrame":
    """Count plays of pairs, with numbers in place of names: no farm can have one of them."""
    import pandas as pd

    engine = engine_of(plays, _WHAT)
    schema = engine.frame.collect_schema()
    check_columns(schema, ["user_id", "artist_id"], _WHAT)
    # Sums of pairs could hide what is missing or below zero.
    count = guarded("plays", schema, _WHAT) if has_column(schema, "plays", _WHAT) else nw.lit(1.0)
    counted = engine.frame.with_columns(count.alias("_count"))
    pairs = counted.group_by("user_id", "artist_id").agg(nw.col("_count").sum())
    table = engine.collect(pairs)
    codes = {
        name: pd.factorize(pd.Series(table[name].to_list()), sort=True)[0]
        for name in ("user_id", "artist_id")
    }
    if not len(table) or any((code < 0).any() for code in codes.values()):
        raise InputError(
            _WHAT,
            got="no plays, or plays without a user or an artist",
            expected="plays with both",
            hint="drop rows that are missing one",
        )
    counts = table["_count"].cast(nw.Float64).to_numpy()
    if not np.isfinite(counts).all() or counts.sum() == 0:
        raise InputError(
            _WHAT,
            got="plays that are missing, infinite or below zero, or none at all",
            expected="numbers, 0 or more",
            hint="drop or fill what is missing; sum refunds with the plays they take back",
        )
    found = pd.DataFrame({**codes, "plays": counts})
    return found.sort_values(["user_id", "artist_id"], ignore_index=True)


def _table(paid: "dict[float, pd.Series[float]]", own_fees: float, price: float) -> "pd.DataFrame":
    import pandas as pd

    sizes = np.array(list(paid))
    parts = [
        pd.DataFrame(
            {
                "rule": rule,
                "plays_per_account": sizes,
                "payout": [payout[rule] for payout in paid.values()],
                "cost": own_fees + price * sizes,
            }
        )
        for rule in next(iter(paid.values())).index
    ]
    table = pd.concat(parts, ignore_index=True)
    table["profit"] = table["payout"] - table["cost"]
    return table.assign(roi=table["profit"] / table["cost"].where(table["cost"] > 0))


def _with_farm(pairs: "pd.DataFrame", accounts: int, size: float) -> "pd.DataFrame":
    import pandas as pd

    farm = pd.DataFrame(
        {
            # There are no more users, nor artists, than pairs.
            "user_id": len(pairs) + np.arange(int(accounts)),
            "artist_id": len(pairs),
            "plays": size,
        }
    )
    return pd.concat([pairs, farm], ignore_index=True)


def _break_even(earned: Callable[[float], float], own_fees: float, mean: float) -> float:
    """Find where what is earned first meets the fees: between two sizes of which one is double."""
    aim = own_fees * (1 - 1e-12)
    low, high = 0.0, mean / 64
    while earned(high) < aim:
        low, high = high, high * 2
        if high > _NEVER * mean:
            return float("inf")
    if low == 0.0 and earned(mean * 1e-9) >= aim:
        return 0.0
    for _ in range(100):
        middle = (low + high) / 2
        if high - low <= 1e-9 * high:
            break
        low, high = (low, middle) if earned(middle) >= aim else (middle, high)
    return high
