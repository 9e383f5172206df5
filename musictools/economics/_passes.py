"""Two passes over the plays: what each user played, and what that brings each artist.

Plays stay plays: to sum them to pairs of user and artist first, as payout scripts do, costs three
to six times the time, and only rules that look at pairs need it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from musictools._counts import counted
from musictools.economics._engine import (
    Engine,
    check_columns,
    check_sortable,
    guarded,
    has_column,
    numbers,
    sort_by,
)
from musictools.economics._rule import Term, Weight
from musictools.economics._terms import Flag, Reach, Seconds, ToTop
from musictools.errors import InputError, TableError

#: Names of our own columns, which no table of plays has.
_W, _N, _T = "_weight", "_plays", "_total"
_WHAT = "pay out plays"
# Types of text; of all but the first a library keeps a list, which others do not know.
_TEXTS = (nw.String, nw.Categorical, nw.Enum)


@dataclass(frozen=True)
class View:
    """Plays as some terms look at them: with weights, in pools, perhaps in pairs.

    Attributes
    ----------
    weights : tuple of Seconds, Flag or Reach
        What a stream weighs.
    split : object
        How a user's money is split.
    pools : tuple of str
        Columns that tell the pool.
    """

    weights: tuple[Weight, ...]
    split: Any
    pools: tuple[str, ...]

    @staticmethod
    def of(term: Term, pools: tuple[str, ...]) -> "View":
        """Give the view that a term needs."""
        return View(term.weights, term.split if term.in_pairs else None, pools)


class Pass:
    """The two passes of one view.

    Parameters
    ----------
    engine : Engine
        The plays.
    view : View
        How to look at them.

    Attributes
    ----------
    users : narwhals.DataFrame
        One row for each user and pool, as it was found.
    plays, weights, bases : numpy.ndarray of float, shape (n,)
        Of each: plays, their weights, and what its money is divided by.
    """

    def __init__(self, engine: Engine, view: View) -> None:
        self._engine, self._view = engine, view
        schema = engine.frame.collect_schema()
        check_columns(schema, ["user_id", "artist_id", *view.pools], _WHAT)
        check_sortable(engine, ["user_id", "artist_id", *view.pools], _WHAT)
        self._counted = has_column(schema, "plays", _WHAT)
        self.keys = ["user_id", *view.pools]
        _check_pools(self.keys)
        self._events, self._weighted = self._weigh(schema)
        self._shared = self._pairs() if view.split is not None else self._events
        users = engine.collect(self._user_totals())
        self._check(users)
        users = users if engine.lazy else sort_by(users, self.keys)
        self.plays, self.weights = numbers(users, _N), numbers(users, _W)
        self.bases = numbers(users, _T)
        self.users = users.select(self.keys)

    # --- what a stream weighs ---------------------------------------------------------------------

    def _weigh(self, schema: Any) -> tuple[Any, bool]:
        """Give what each row stands for, and what it weighs, and nothing else.

        Both are floats: counts may be too large for the integers that they come in.
        """
        frame = self._engine.frame.select(self._needed(schema))
        kept = [*self.keys, "artist_id"]
        weight: Any = None
        if self._counted:
            frame = frame.with_columns(guarded("plays", schema, _WHAT).alias(_N))
            kept, weight = [*kept, _N], nw.col(_N)
        for each in self._view.weights:
            if isinstance(each, Reach):
                frame, factor = self._reach(frame, each, schema)
            else:
                factor = _factor(each, schema, self._engine)
            if factor is not None:
                weight = factor if weight is None else weight * factor
        if weight is None:
            return frame, False
        return frame.with_columns(weight.alias(_W)).select(*kept, _W), True

    def _needed(self, schema: Any) -> list[str]:
        """Name the columns that are looked at: an eager frame would copy the others as well."""
        names = [*self.keys, "artist_id", *(["plays"] if self._counted else [])]
        for each in self._view.weights:
            if isinstance(each, Reach):
                names.append(each.of)
            else:
                names.append("seconds" if isinstance(each, Seconds) else each.column)
        return [name for name in dict.fromkeys(names) if name in schema]

    def _reach(self, frame: Any, each: Reach, schema: Any) -> tuple[Any, Any]:
        """Join with who reached enough, by the plays at hand or by a history."""
        check_columns(schema, [each.of], f"{_WHAT} by {each.of.removesuffix('_id')}")
        streams, listeners, key = f"_streams_{each.of}", f"_listeners_{each.of}", each.of
        if each.history is None:
            reached = frame.group_by(each.of).agg(
                self._number().alias(streams), nw.col("user_id").n_unique().alias(listeners)
            )
            reached = self._engine.collect(reached)
        else:
            reached, frame, key = _told(frame, each.history.frame, each.of, schema)
            reached = reached.with_columns(
                nw.col("plays").cast(nw.Float64).alias(streams),
                nw.col("listeners").cast(nw.Float64).alias(listeners),
            )
        enough = (nw.col(streams) >= each.streams) & (nw.col(listeners) >= each.listeners)
        passed = reached.filter(enough).select(key).with_columns(nw.lit(1.0).alias(_T))
        name = f"_reached_{each.of}"
        passed = passed.rename({_T: name}).filter(~nw.col(key).is_null())
        if not len(passed):
            # Spark makes no table of nothing.
            return frame, nw.lit(each.below)
        joined = frame.join(self._engine.beside(passed), on=key, how="left")
        factor = nw.when(nw.col(name).is_null()).then(nw.lit(each.below))
        return joined, factor.otherwise(nw.lit(each.factor))

    # --- first pass: users ------------------------------------------------------------------------

    def _pairs(self) -> Any:
        """Sum plays to pairs of a user and an artist, with the part of each."""
        sums = [self._number().alias(_N), self._sum(_W).alias(_T)]
        pairs = self._events.group_by([*self.keys, "artist_id"]).agg(*sums)
        pairs = pairs.with_columns(nw.col(_N).cast(nw.Float64), nw.col(_T).cast(nw.Float64))
        if isinstance(self._view.split, ToTop):
            most = pairs.group_by(self.keys).agg(nw.col(_T).max().alias("_most"))
            top = nw.col(_T) == nw.col("_most")
            pairs = pairs.join(most, on=self.keys, how="inner")
            part = nw.when(top & (nw.col(_T) > 0)).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
        else:
            beta = self._view.split.beta
            part = nw.when(nw.col(_T) > 0).then(nw.col(_T) ** beta if beta else nw.lit(1.0))
            part = part.otherwise(nw.lit(0.0))
        return pairs.with_columns(part.alias("_part"))

    def _number(self) -> Any:
        return nw.col(_N).sum() if self._counted else nw.len()

    def _sum(self, column: str) -> Any:
        return nw.col(column).sum() if self._weighted else self._number()

    def _user_totals(self) -> Any:
        if self._view.split is not None:
            sums = [nw.col(_N).sum(), nw.col(_T).sum().alias(_W), nw.col("_part").sum().alias(_T)]
            return self._shared.group_by(self.keys).agg(*sums)
        sums = [self._number().alias(_N), self._sum(_W).alias(_W)]
        return self._shared.group_by(self.keys).agg(*sums).with_columns(nw.col(_W).alias(_T))

    def _check(self, users: "nw.DataFrame[Any]") -> None:
        if not len(users):
            raise TableError(
                _WHAT, got="no plays", expected="at least one", hint="look at the filters before"
            )
        for name in self.keys:
            _check_ids(users, name)
        for name, column in ((_N, "plays"), (_W, "seconds")):
            if not np.isfinite(numbers(users, name)).all():
                raise TableError(
                    _WHAT,
                    got=f"values of {column!r} that are missing, infinite or below zero",
                    expected="numbers, 0 or more",
                    hint="drop or fill what is missing; sum refunds with the plays they take back",
                )

    def pairs(self) -> "nw.DataFrame[Any]":
        """Sum up bases to pairs of a row of users and an artist.

        Returns
        -------
        narwhals.DataFrame
            The keys of users, ``artist_id`` and ``_base``; much larger than either table.
        """
        keys = [*self.keys, "artist_id"]
        if self._view.split is not None:
            return self._engine.collect(self._shared.select(*keys, nw.col("_part").alias("_base")))
        base = self._sum(_W).alias("_base")
        return self._engine.collect(self._shared.group_by(keys).agg(base))

    # --- second pass: artists ---------------------------------------------------------------------

    def artists(self, factors: Sequence["np.ndarray | float"]) -> "nw.DataFrame[Any]":
        """Sum up what plays bring each artist.

        Parameters
        ----------
        factors : sequence of numpy.ndarray or float
            Money for a unit of a user's base, by user; or one for all.

        Returns
        -------
        narwhals.DataFrame
            Columns ``artist_id``, ``_plays`` and ``_pay_0``, ``_pay_1`` ...
        """
        by_user = {i: each for i, each in enumerate(factors) if isinstance(each, np.ndarray)}
        frame = self._shared
        if by_user:
            columns = [
                nw.new_series(f"_factor_{i}", each, nw.Float64, backend=self.users.implementation)
                for i, each in by_user.items()
            ]
            beside = self._engine.beside(self.users.with_columns(*columns))
            frame = frame.join(beside, on=self.keys, how="inner")
        base: Any = None
        if self._view.split is not None:
            base = nw.col("_part")
        elif self._weighted:
            base = nw.col(_W)
        frame = frame.with_columns(
            (nw.col(f"_factor_{i}") * base if base is not None else nw.col(f"_factor_{i}")).alias(
                f"_pay_{i}"
            )
            for i in by_user
        )
        plays = nw.col(_N).sum() if self._counted or self._view.split is not None else nw.len()
        sums = [plays.alias(_N), *(nw.col(f"_pay_{i}").sum() for i in by_user)]
        flat = len(by_user) < len(factors)
        if flat:
            sums.append((base.sum() if base is not None else nw.len()).alias(_T))
        table = self._engine.collect(frame.group_by("artist_id").agg(*sums))
        _check_ids(table, "artist_id")
        table = table.with_columns(nw.col(_N).cast(nw.Float64))
        return table.with_columns(
            (nw.col(_T).cast(nw.Float64) * float(each)).alias(f"_pay_{i}")
            for i, each in enumerate(factors)
            if not isinstance(each, np.ndarray)
        )


def _told(frame: Any, history: Any, of: str, schema: Any) -> "tuple[nw.DataFrame[Any], Any, str]":
    """Read a history: it, the frame, and the name of the column by which they can be joined."""
    told = nw.from_native(history)
    told = told.collect() if isinstance(told, nw.LazyFrame) else told
    there = told.collect_schema()
    check_columns(there, [of, "plays", "listeners"], "read a history")
    theirs, ours = there[of], schema[of]
    if None not in (families := {_family(theirs), _family(ours)}) and len(families) > 1:
        raise TableError(
            "read a history",
            got=f"{of!r} of type {theirs}",
            expected=f"what the plays have: {ours}",
            hint=f"cast {of!r} of the history to the type of the plays",
        )
    told = told.select(of, "plays", "listeners")
    if theirs == ours and ours not in _TEXTS[1:]:
        return told, frame, of
    if theirs.is_numeric() and ours.is_numeric():
        # Half a number is nobody's: a cast would make it somebody's.
        whole = told.filter(nw.col(of) == nw.col(of).round(0))
        return whole.with_columns(nw.col(of).cast(ours)), frame, of
    if theirs in _TEXTS and ours in _TEXTS:
        key = f"_key_{of}"
        text = nw.col(of).cast(nw.String).alias(key)
        return told.with_columns(text), frame.with_columns(text), key
    return told, frame, of


def _family(dtype: Any) -> str | None:
    """Tell what kind of id a column holds; None where anything may be in it."""
    if dtype.is_numeric():
        return "number"
    if dtype == nw.String:
        return "text"
    return "date" if dtype.is_temporal() else "bytes" if dtype == nw.Binary else None


def _factor(each: Seconds | Flag, schema: Any, engine: Engine) -> Any:
    if isinstance(each, Seconds):
        check_columns(schema, ["seconds"], f"{_WHAT} by listening time")
        return guarded("seconds", schema, _WHAT)
    if not each.optional:
        check_columns(schema, [each.column], _WHAT)
    if not has_column(schema, each.column, _WHAT):
        return None
    kind = schema[each.column]
    if kind == nw.Object and not engine.lazy:
        # pandas keeps truth values as objects where some are missing.
        told = engine.frame[each.column].drop_nulls().unique().to_list()
        kind = nw.Boolean if all(isinstance(value, bool | np.bool_) for value in told) else kind
    if not (kind == nw.Boolean or kind.is_numeric()):
        raise InputError(
            f"{_WHAT} by {each.column}",
            got=f"a column of {kind}",
            expected="truth values",
            hint=f"frame[{each.column!r}] = frame[{each.column!r}] == ...",
        )
    flag = nw.col(each.column)
    if kind.is_numeric():
        # Of whole numbers with gaps pandas makes floats.
        flag = (flag != 0) & ~flag.is_nan() if kind.is_float() else flag != 0
    else:
        flag = flag == True  # noqa: E712 - objects of pandas as well
    flag = flag.fill_null(value=False)
    return nw.when(flag).then(nw.lit(each.factor)).otherwise(nw.lit(1.0))


def _check_pools(keys: Sequence[str]) -> None:
    taken = {"user_id", "artist_id", "plays", _N, _W, _T}
    if len(set(keys)) < len(keys) or taken & {name.casefold() for name in keys[1:]}:
        raise InputError(
            "pay out by pool",
            got=f"pools by {', '.join(keys[1:])}",
            expected="each column once, and none that tells user, artist or plays",
            hint='by_pool(["country", "tier"], rule)',
        )


def _check_ids(table: "nw.DataFrame[Any]", name: str) -> None:
    """Refuse rows without an identifier."""
    lost = nw.col(name).is_null()
    if table.schema[name].is_float():
        lost = lost | nw.col(name).is_nan()
    missing = table.filter(lost)
    if len(missing):
        count = float(numbers(missing, _N).sum())
        raise TableError(
            _WHAT,
            got=f"{counted(round(count), 'play')} without {name}",
            expected=f"{name} in each row",
            hint=f"drop them, or give them a name of their own: fillna({{{name!r}: 'unknown'}})",
        )
