"""explain_payouts(): why two rules pay an artist differently, exactly."""

from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._version import __version__
from musictools.economics._comparison import RuleComparison, relative
from musictools.economics._engine import Engine, check_columns, engine_of
from musictools.economics._payouts import largest_first, paid, rule_of
from musictools.economics._rule import Rule
from musictools.economics._users import SAME, Audience, moved, small_pandas, subsidies
from musictools.errors import ImbalanceError, InputError, TableError

if TYPE_CHECKING:
    import pandas as pd

#: How far an identity may be from the payouts.
_RELATIVE = 1e-9
_OURS = {"rank", "artist_id", "plays", "listeners", "base", "other", "delta", "relative_delta",
         "intensity", "factor"}  # fmt: skip


def explain_payouts(
    plays: Any,
    base: Rule | str = "pro_rata",
    other: Rule | str = "user_centric",
    *,
    fee: Any = 1.0,
    pool: float | None = None,
    artists: Any = None,
) -> RuleComparison:
    """Say what artists gain or lose from one rule to another, and why.

    Parameters
    ----------
    plays : pandas, polars (eager or lazy), pyarrow, DuckDB or PySpark frame
        As for `payouts`.
    base, other : Rule or str
        The rules, of two names; gains are from ``base`` to ``other``.
    fee : float or frame, default: 1
        As for `payouts`.
    pool : float, optional
        As for `payouts`.
    artists : frame, optional
        ``artist_id``, one row each, and what is known of artists, such as ``genre`` or ``country``,
        to sum up by.

    Returns
    -------
    RuleComparison
        Artists, users and sums; ``.by_decile()``, ``.by_rank()``, ``.by("genre")`` and
        ``.by_intensity()`` sum up artists.

    Raises
    ------
    TableError
        If a column is missing, or holds what cannot be; or an artist has two rows in ``artists``.
    InputError
        If the fee, the pool or a rule cannot be, or both rules have one name.
    ImbalanceError
        If payouts do not sum to what a rule hands out, or the identity does not hold, to 1e-9.

    Notes
    -----
    Between pro-rata and user-centric, with equal fees, this holds exactly for each artist::

        other / base = mean plays of a user * mean over the artist's plays of 1 / plays of the
        listener = mean_plays / intensity

    so that an artist gains if and only if its plays come from listeners who play less than the
    mean, in the harmonic mean over plays. For any two rules that split by plays, weigh streams
    alike and have the same pools, a stream of user u brings a(u) by one and b(u) by the other, and
    ``other / base`` is the mean of ``b(u) / a(u)`` over the artist's streams, weighted by what they
    bring by the first rule: that is ``factor``, and ``factor`` of users is ``b(u) / a(u)``. Both
    are checked against the payouts; ``factor`` is nan where rules do not allow it.

    Examples
    --------
    >>> import pandas as pd
    >>> import musictools as mt
    >>> plays = pd.DataFrame(
    ...     {"user_id": ["a", "b"], "artist_id": ["Joey", "Ben"], "plays": [10, 90]}
    ... )
    >>> why = mt.economics.explain_payouts(plays)
    >>> why.artists[["artist_id", "base", "other", "intensity", "factor"]].round(3)
      artist_id  base  other  intensity  factor
    0       Ben   1.8    1.0       90.0   0.556
    1      Joey   0.2    1.0       10.0   5.000
    >>> why.redistributed_share
    0.4
    """
    rules = [rule_of(base), rule_of(other)]
    if rules[0].name == rules[1].name:
        raise InputError(
            "explain payouts",
            got=f"two rules named {rules[0].name!r}",
            expected="two names",
            hint='scaled_user_prop(0.7).named("scaled_70")',
        )
    engine = engine_of(plays, "explain payouts")
    known = _attributes(artists)
    audience = Audience(engine)
    table = _payouts(engine, rules, fee, pool)
    told = audience.artists().join(audience.listeners(), how="left").reindex(table["artist_id"])
    table["listeners"] = told["listeners"].fillna(0).to_numpy().astype(np.int64)
    count, inverse = told["plays"].to_numpy(), told["inverse"].to_numpy()
    table["intensity"] = np.divide(
        count, inverse, out=np.full(len(table), np.nan), where=inverse > 0
    )
    factors, by_user = _factors(engine, rules, fee, pool)
    table["factor"] = factors.reindex(table["artist_id"]).to_numpy() if len(factors) else np.nan
    users, sums = _users(engine, rules, fee, pool, audience)
    users["factor"] = by_user.reindex(users["user_id"]).to_numpy() if len(by_user) else np.nan
    _check_identity(table, audience, rules, users, sums["silent_count"])
    if known is not None:
        _check_same_ids(known, table)
        table = table.merge(known, on="artist_id", how="left", validate="one_to_one")
    kept = [*(name for name in table.columns if name != "factor")]
    kept.insert(kept.index("intensity") + 1, "factor")
    return RuleComparison(
        base=rules[0].name,
        other=rules[1].name,
        artists=table[kept],
        users=users,
        mean_plays=float(np.mean(audience.plays)),
        **_gains(table),
        **_heavy_light(told),
        cross_subsidy=sums["cross_subsidy"],
        net_payers=sums["net_payers"],
        to_own_share=sums["to_own_share"],
        provenance={
            "musictools": __version__,
            "function": "economics.explain_payouts",
            "rules": [str(rule) for rule in rules],
            "fee": fee if isinstance(fee, int | float) else "a table",
            "pool": pool,
        },
    )


def _attributes(artists: Any) -> "pd.DataFrame | None":
    """Read what is known of artists."""
    if artists is None:
        return None
    held = engine_of(artists, "read what is known of artists")
    check_columns(held.frame.collect_schema(), ["artist_id"], "read what is known of artists")
    known = small_pandas(held.collect(held.frame))
    if known["artist_id"].duplicated().any():
        raise TableError(
            "read what is known of artists",
            got="artists with two rows",
            expected="one row for each artist",
            hint='artists.drop_duplicates("artist_id")',
        )
    # A column of theirs that has the name of one of ours would hide it.
    taken = {name: f"{name}_given" for name in known.columns if name in _OURS - {"artist_id"}}
    return known.rename(columns=taken)


def _check_same_ids(known: "pd.DataFrame", table: "pd.DataFrame") -> None:
    """Refuse ids of two kinds, such as text and numbers, of which none would ever match."""
    if not set(known["artist_id"]) & set(table["artist_id"]):
        raise TableError(
            "read what is known of artists",
            got=f"ids such as {known['artist_id'].iloc[0]!r}" if len(known) else "no artists",
            expected=f"those of the plays, such as {table['artist_id'].iloc[0]!r}",
            hint="artists.astype({'artist_id': str})",
        )


def _payouts(engine: Engine, rules: list[Rule], fee: Any, pool: float | None) -> "pd.DataFrame":
    """Pay by both rules, and rank artists by plays; ties by id."""
    ranked = largest_first(paid(engine, rules, fee, pool), "plays")
    table = small_pandas(ranked).rename(columns={"_rule_0": "base", "_rule_1": "other"})
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    table["delta"] = table["other"] - table["base"]
    # Rounding is no gain.
    rounding = SAME * np.maximum(table["other"], table["base"])
    table.loc[table["delta"].abs() <= rounding, "delta"] = 0.0
    table["relative_delta"] = relative(table["delta"].to_numpy(), table["base"].to_numpy())
    return table


def _gains(table: "pd.DataFrame") -> dict[str, Any]:
    whole = float(table["base"].sum())
    return {
        "redistributed_share": float(table["delta"].abs().sum()) / 2 / whole if whole else np.nan,
        "gainers": int((table["delta"] > 0).sum()),
        "losers": int((table["delta"] < 0).sum()),
        "unchanged": int((table["delta"] == 0).sum()),
    }


def _heavy_light(told: "pd.DataFrame") -> dict[str, Any]:
    """Divide the mean popularity of artists of heavy listeners by that of light ones."""
    popularity = told["plays"].to_numpy()
    found: dict[str, Any] = {}
    for name, whole, heavy in (
        ("heavy_light_plays", "plays", "heavy_plays"),
        ("heavy_light_pairs", "listeners", "heavy_listeners"),
    ):
        by_heavy = told[heavy].fillna(0.0).to_numpy(dtype=float)
        by_light = told[whole].fillna(0.0).to_numpy(dtype=float) - by_heavy
        if by_heavy.sum() > 0 and by_light.sum() > 0:
            found[name] = float(
                np.average(popularity, weights=by_heavy) / np.average(popularity, weights=by_light)
            )
        else:
            # All play alike: nobody is heavy.
            found[name] = float("nan")
    return found


def _factors(
    engine: Engine, rules: list[Rule], fee: Any, pool: float | None
) -> tuple["pd.Series[float]", "pd.Series[float]"]:
    """Give what a stream brings by the second rule over the first: by artist, and by user."""
    import pandas as pd

    nothing = pd.Series(dtype=float), pd.Series(dtype=float)
    same = {(term.weights, rule.pools and rule.pools.columns) for rule in rules
            for term in rule.terms}  # fmt: skip
    if len(same) > 1 or any(term.in_pairs for rule in rules for term in rule.terms):
        return nothing
    terms = moved(engine, rules, fee, pool)
    found = terms[0].found
    first, second = (
        np.sum([each.factors for each in terms if each.rule is rule], axis=0) for rule in rules
    )
    if ((first == 0) & (second > 0)).any():
        return nothing
    ratio = np.divide(second, first, out=np.zeros(len(first)), where=first > 0)
    table = small_pandas(found.artists([first, first * ratio])).set_index("artist_id")
    base = table["_pay_0"]
    by_artist = (table["_pay_1"] / base).where(base > 0)
    by_user = pd.Series(ratio, index=pd.Index(found.users["user_id"].to_list()))
    # In several pools, a user has several factors.
    return by_artist, by_user.groupby(level=0).first() if by_user.index.is_unique else nothing[1]


def _users(
    engine: Engine, rules: list[Rule], fee: Any, pool: float | None, audience: Audience
) -> tuple["pd.DataFrame", dict[str, Any]]:
    """Give the table of users, and what the first rule makes of them."""
    table, (silent, silent_count) = subsidies(engine, rules[0], fee, pool, audience=audience)
    terms = moved(engine, rules[1:], fee, pool)
    second = np.sum([each.by_user.reindex(audience.ids).to_numpy() for each in terms], axis=0)
    import pandas as pd

    table["moved_other"] = (
        pd.Series(second, index=audience.ids).reindex(table["user_id"]).to_numpy()
    )
    table = table.rename(columns={"moved": "moved_base"})
    over = table["net"].where(table["net"].abs() > SAME * table["fee"], 0.0)
    whole = float(table["fee"].sum()) + silent
    sums = {
        "silent_count": silent_count,
        "cross_subsidy": float(over.clip(lower=0).sum()) / whole if whole else np.nan,
        "net_payers": (int((over < 0).sum()) + silent_count) / (len(table) + silent_count),
        "to_own_share": float(table["to_own_share"].mean()),
    }
    columns = ["user_id", "plays", "fee", "moved_base", "moved_other", "to_own_share"]
    return table[columns], sums


def _check_identity(
    table: "pd.DataFrame",
    audience: Audience,
    rules: list[Rule],
    users: "pd.DataFrame",
    silent_count: int,
) -> None:
    """Hold what explains the payouts against the payouts."""
    same_fee = users["fee"].min() == users["fee"].max()
    predicted = {"factor": table["factor"].to_numpy()}
    plain = [str(rule) for rule in rules] == [
        "all fees, in proportion to plays, split by plays",
        "the user's own fee, split by plays",
    ]
    if plain and not silent_count and same_fee and (audience.plays > 0).all():
        predicted["intensity"] = np.mean(audience.plays) / table["intensity"].to_numpy()
    base, other = table["base"].to_numpy(), table["other"].to_numpy()
    for name, ratio in predicted.items():
        there = np.isfinite(ratio)
        off = np.abs(ratio[there] * base[there] - other[there])
        if (off > _RELATIVE * np.maximum(other[there], base[there])).any():
            raise ImbalanceError(
                f"explain payouts by {name}",
                got=f"a payout that is off by {float(off.max())!r}",
                expected="the ratio of both payouts, to 1e-9",
                hint="this is a fault of musictools or of the frame's engine: please report it",
            )
