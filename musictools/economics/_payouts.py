"""payouts() and compare(): what rules pay, computed once and checked against what they promise."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import narwhals as nw
import numpy as np

from musictools.economics import rules as named
from musictools.economics._engine import Engine, engine_of, numbers, sort_by
from musictools.economics._fees import Fees, fees_of
from musictools.economics._passes import Pass, View
from musictools.economics._rule import Rule, Term
from musictools.economics._terms import Users
from musictools.errors import ImbalanceError, InputError, closest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FrameT = TypeVar("FrameT")
#: How far payouts may be from what a rule hands out.
_RELATIVE = 1e-9
#: Rules that need no number.
_SIMPLE = ("pro_rata", "user_centric", "shapley", "compromise", "user_cap", "artist_centric",
           "spotify_2024", "fan_powered", "direct_artist", "apple_weights")  # fmt: skip


def payouts(
    plays: FrameT, rule: Rule | str, *, fee: Any = 1.0, pool: float | None = None
) -> FrameT:
    """Pay out the money of subscribers by a rule.

    Parameters
    ----------
    plays : pandas, polars (eager or lazy), pyarrow, DuckDB or PySpark frame
        Columns ``user_id`` and ``artist_id``, one row a play; or with a column ``plays``, how many
        a row stands for. Some rules ask for more.
    rule : Rule or str
        A rule of ``mt.economics.rules``, or the name of one that needs no number.
    fee : float or frame, default: 1
        What each user pays; or a table ``user_id, fee``, which may hold subscribers who played
        nothing, and must hold all who played.
    pool : float, optional
        What all fees sum to, in place of their own sum: each is scaled.

    Returns
    -------
    same kind as ``plays``
        Columns ``artist_id, plays, payout, share``, the largest payout first.

    Raises
    ------
    TableError
        If a column is missing, or holds missing or negative values.
    InputError
        If the fee, the pool or the rule cannot be.
    ImbalanceError
        If payouts do not sum to what the rule hands out, to 1e-9 of it.

    Notes
    -----
    Sums are taken in 64-bit floats, and are the same to 1e-12 for any kind of frame and number of
    threads; `to_cents` gives cents that sum exactly. Lazy frames are read twice, once for users and
    once for artists, for each way in which the terms of a rule look at plays (pools, weights, and
    whether a user's money is split otherwise than by plays), and once more where artists or
    recordings must reach something. Of plays only the columns are read that are needed. The result
    is computed: to look at it runs nothing again.

    Examples
    --------
    >>> import pandas as pd
    >>> import musictools as mt
    >>> plays = pd.DataFrame(
    ...     {"user_id": ["a", "b"], "artist_id": ["Joey", "Ben"], "plays": [10, 90]}
    ... )
    >>> mt.economics.payouts(plays, mt.economics.rules.pro_rata(), fee=10)
      artist_id  plays  payout  share
    0       Ben   90.0    18.0    0.9
    1      Joey   10.0     2.0    0.1
    """
    chosen = rule_of(rule)
    engine = engine_of(plays, "pay out plays")
    table = paid(engine, [chosen], fee, pool).rename({"_rule_0": "payout"})
    total = float(numbers(table, "payout").sum())
    share = nw.col("payout") / total if total else nw.col("payout") * 0.0
    table = table.with_columns(share.alias("share"))
    given: FrameT = engine.give(largest_first(table, "payout"))
    return given


def compare(
    plays: FrameT, rules: Sequence[Rule | str], *, fee: Any = 1.0, pool: float | None = None
) -> FrameT:
    """Pay out the same money by several rules.

    Parameters
    ----------
    plays : pandas, polars (eager or lazy), pyarrow, DuckDB or PySpark frame
        As for `payouts`.
    rules : sequence of Rule or str
        The rules; their names must differ (``rule.named(...)``).
    fee : float or frame, default: 1
        As for `payouts`.
    pool : float, optional
        As for `payouts`.

    Returns
    -------
    same kind as ``plays``
        Columns ``artist_id, plays`` and a payout for each rule, named as it is; the artist with
        most plays first.

    Raises
    ------
    TableError
        If a column is missing, or holds missing or negative values.
    InputError
        If the fee, the pool or a rule cannot be, or two rules have one name.
    ImbalanceError
        If payouts do not sum to what a rule hands out, to 1e-9 of it.

    Examples
    --------
    >>> import pandas as pd
    >>> import musictools as mt
    >>> plays = pd.DataFrame(
    ...     {"user_id": ["a", "b"], "artist_id": ["Joey", "Ben"], "plays": [10, 90]}
    ... )
    >>> mt.economics.compare(plays, ["pro_rata", "user_centric"])
      artist_id  plays  pro_rata  user_centric
    0       Ben   90.0       1.8           1.0
    1      Joey   10.0       0.2           1.0
    """
    chosen = [rule_of(each) for each in ([rules] if isinstance(rules, Rule | str) else rules)]
    names = [each.name for each in chosen]
    # Databases do not tell capitals apart.
    plain = {name.casefold() for name in names} - {"artist_id", "plays", ""}
    if not chosen or len(plain) < len(names):
        raise InputError(
            "compare rules",
            got=f"rules named {', '.join(names) or '(none)'}",
            expected="at least one, each with a name of its own, whatever the capitals",
            hint='scaled_user_prop(0.7).named("scaled_70")',
        )
    engine = engine_of(plays, "compare rules")
    table = largest_first(paid(engine, chosen, fee, pool), "plays")
    given: FrameT = engine.give(table.rename({f"_rule_{i}": name for i, name in enumerate(names)}))
    return given


def rule_of(rule: Any) -> Rule:
    if isinstance(rule, Rule):
        return rule
    if isinstance(rule, str) and rule in _SIMPLE:
        found: Rule = getattr(named, rule)()
        return found
    told = isinstance(rule, str)
    raise InputError(
        "choose a rule",
        got=repr(rule) if told else f"an object of type {type(rule).__name__}",
        expected="a rule of mt.economics.rules, or the name of one that needs no number",
        hint=closest(rule, _SIMPLE) if told else "mt.economics.rules.pro_rata()",
    )


def largest_first(table: "nw.DataFrame[Any]", by: str) -> "nw.DataFrame[Any]":
    """Put the largest first; those that differ in their last bits only are a tie, sorted by id."""
    mantissa, exponent = np.frexp(numbers(table, by))
    rounded = np.ldexp(np.round(np.ldexp(mantissa, 40)), exponent - 40)
    order = nw.new_series("_order", rounded, nw.Float64, backend=table.implementation)
    return sort_by(table.with_columns(order), ["artist_id"], largest="_order").drop("_order")


# --- how it is computed --------------------------------------------------------------------------


def paid(
    engine: Engine, rules: Sequence[Rule], fee: Any, pool: float | None
) -> "nw.DataFrame[Any]":
    """Pay by all rules, with as few passes as they need: ``artist_id, plays, _rule_0`` ..."""
    parts: dict[View, list[tuple[int, Rule, Term]]] = {}
    for i, rule in enumerate(rules):
        columns = rule.pools.columns if rule.pools else ()
        for term in rule.terms:
            parts.setdefault(View.of(term, columns), []).append((i, rule, term))
    fees = fees_of(fee, pool)
    handed_out = np.zeros(len(rules))
    tables: list[tuple[nw.DataFrame[Any], list[int]]] = []
    for view, terms in parts.items():
        found = Pass(engine, view)
        factors: list[np.ndarray | float] = []
        shared = fees_by_pool(found, fees, view)
        for i, rule, term in terms:
            factor, total = factor_of(found, shared, rule, term)
            factors.append(factor)
            handed_out[i] += total
        tables.append((found.artists(factors), [i for i, _, _ in terms]))
    table = _joined(tables, len(rules))
    for i, rule in enumerate(rules):
        _check_balance(numbers(table, f"_rule_{i}"), float(handed_out[i]), rule)
    return table.rename({"_plays": "plays"})


def _joined(tables: list[tuple["nw.DataFrame[Any]", list[int]]], count: int) -> "nw.DataFrame[Any]":
    """Add up the terms of each rule, by artist; each pass has met the same artists."""
    whole, _ = tables[0]
    whole = sort_by(whole.select("artist_id", "_plays"), ["artist_id"])
    sums = np.zeros((count, len(whole)))
    for table, places in tables:
        ordered = sort_by(table, ["artist_id"])
        for k, i in enumerate(places):
            sums[i] += numbers(ordered, f"_pay_{k}")
    backend = whole.implementation
    return whole.with_columns(
        nw.new_series(f"_rule_{i}", sums[i], nw.Float64, backend=backend) for i in range(count)
    )


def _check_balance(paid: "Floats", handed_out: float, rule: Rule) -> None:
    total = float(np.sum(paid))
    # The other way round, NaN would pass.
    if not abs(total - handed_out) <= _RELATIVE * max(abs(handed_out), abs(total)):
        raise ImbalanceError(
            f"pay out by {rule.name}",
            got=f"payouts that sum to {total!r}",
            expected=f"{handed_out!r}, which the rule hands out",
            hint="this is a fault of musictools or of the frame's engine: please report it",
        )


def fees_by_pool(
    found: Pass, fees: Fees, view: View
) -> list[tuple["NDArray[np.bool_]", "Floats", float, float]]:
    """Give, for each pool: its rows, their fees, those of silent subscribers, and subscribers."""
    own, silent = fees.of(found.users, view.pools, found.plays)
    if not view.pools:
        everyone = np.ones(len(own), bool)
        return [(everyone, own, silent[()], len(own) + fees.silent_count)]
    keys = list(zip(*(found.users[name].to_list() for name in view.pools), strict=True))
    index: dict[Any, int] = {}
    places = np.array([index.setdefault(key, len(index)) for key in keys])
    lost = sum(money for key, money in silent.items() if key not in index)
    if lost:
        raise InputError(
            "pay out by pool",
            got=f"{lost:g} of fees in pools without plays",
            expected="plays in each pool with fees",
            hint="leave those subscribers out: no rule says who gets their fees",
        )
    counts = fees.silent_by_pool(view.pools)
    return [
        (
            places == i,
            own[places == i],
            silent.get(key, 0.0),
            float((places == i).sum()) + counts.get(key, 0),
        )
        for key, i in index.items()
    ]


def factor_of(
    found: Pass, pools: Iterable[tuple[Any, Any, float, float]], rule: Rule, term: Term
) -> tuple["np.ndarray | float", float]:
    """Give money for a unit of each user's base, and what that hands out."""
    factors, total = np.zeros(len(found.plays)), 0.0
    constant: float | None = None
    for rows, own, silent, subscribers in pools:
        counts = found.weights[rows] > 0
        fees, kept = own[counts], silent + float(own[~counts].sum())
        weights, plays = found.weights[rows][counts], found.plays[rows][counts]
        if not counts.any():
            continue
        revenue = float(fees.sum()) + kept
        if rule.pools is not None:
            money = rule.pools.money(revenue, subscribers)
            if revenue > 0:
                fees, kept = fees * (money / revenue), kept * (money / revenue)
            elif money > 0:
                # Where nobody pays, each subscriber stands for the same part of the minimum.
                fees = np.full(len(fees), money / subscribers)
                kept = money - float(fees.sum())
        users = Users(fees, plays, weights, kept)
        bases = found.bases[rows][counts]
        part = factors[rows]
        part[counts] = term.share * term.money.of(users) / bases
        factors[rows] = part
        total += term.share * term.money.total(users)
        if term.money.flat and not term.in_pairs and not rule.pools:
            constant = float(term.share * term.money.total(users) / weights.sum())
    return (factors if constant is None else constant), total
