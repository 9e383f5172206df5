"""What users pay: a number for all, or a table that may hold subscribers who played nothing."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._counts import counted
from musictools.economics._engine import check_columns, check_numeric, engine_of, numbers
from musictools.errors import InputError, TableError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_WHAT = "read the fees"


@dataclass
class Fees:
    """Fees of users.

    Attributes
    ----------
    fee : float or None
        The same for all.
    table : narwhals.DataFrame or None
        One by one.
    pool : float or None
        What they are scaled to.
    """

    fee: float | None
    table: Any
    pool: float | None
    silent_count: int = 0
    _silent: Any = None

    def of(
        self, users: Any, pools: tuple[str, ...], plays: "Floats"
    ) -> tuple["Floats", dict[Any, float]]:
        """Give the fees of users, in their order, and those of silent subscribers by pool.

        Parameters
        ----------
        users : narwhals.DataFrame
            One row for each user and pool.
        pools : tuple of str
            Columns that tell the pool.
        plays : numpy.ndarray of float, shape (n,)
            Plays of each row: who plays in several pools pays into each in proportion.
        """
        silent: dict[Any, float] = {(): 0.0}
        if self.table is None:
            own = np.full(len(users), self.fee, np.float64)
        else:
            own, silent = self._looked_up(users, pools)
        if pools:
            own = own * _parts(users, plays)
        total = float(own.sum()) + sum(silent.values())
        if self.pool is not None:
            if total <= 0:
                raise InputError(
                    "scale fees to a pool",
                    got="fees that sum to 0",
                    expected="fees above 0",
                    hint="give fee= as well, or leave pool= out",
                )
            scale = self.pool / total
            own, silent = own * scale, {key: money * scale for key, money in silent.items()}
        return own, silent

    def _looked_up(self, users: Any, pools: tuple[str, ...]) -> tuple["Floats", dict[Any, float]]:
        import pandas as pd

        table = self.table
        known = pd.Series(numbers(table, "fee"), index=pd.Index(table["user_id"].to_list()))
        ids = users["user_id"].to_list()
        own = known.reindex(ids).to_numpy(dtype=np.float64)
        if np.isnan(own).any():
            who = ids[int(np.flatnonzero(np.isnan(own))[0])]
            lacking = counted(int(np.isnan(own).sum()), "user")
            raise TableError(
                _WHAT,
                got=f"no fee of {lacking} who played, such as {who!r}",
                expected="a fee for each user, 0 for who pays none",
                hint="add them to the table",
            )
        quiet = ~known.index.isin(ids)
        self.silent_count = int(quiet.sum())
        if not pools:
            return own, {(): float(known.to_numpy()[quiet].sum())}
        if not quiet.any():
            return own, {}
        check_columns(table.collect_schema(), list(pools), "read the fees of silent subscribers")
        keys = list(zip(*(table[name].to_list() for name in pools), strict=True))
        self._silent = [key for key, out in zip(keys, quiet, strict=True) if out]
        silent: dict[Any, float] = {}
        for key, money in zip(self._silent, known.to_numpy()[quiet], strict=True):
            silent[key] = silent.get(key, 0.0) + float(money)
        return own, silent

    def silent_by_pool(self, pools: tuple[str, ...]) -> dict[Any, int]:
        """Count silent subscribers by pool."""
        counts: dict[Any, int] = {}
        for key in self._silent or () if pools else ():
            counts[key] = counts.get(key, 0) + 1
        return counts


def _parts(users: Any, plays: "Floats") -> "Floats":
    """Give the part of a user's plays that each row holds."""
    _, places = np.unique(np.array(users["user_id"].to_list(), dtype=object), return_inverse=True)
    whole, count = np.bincount(places, weights=plays)[places], np.bincount(places)[places]
    # Who played nothing anywhere, as a row of 0 plays says, belongs to each pool alike.
    part = np.divide(plays, whole, out=1.0 / count, where=whole > 0)
    return np.asarray(part, dtype=np.float64)


def fees_of(fee: Any, pool: float | None) -> Fees:
    """Look at what the reader gave as fees."""
    if pool is not None:
        _check_number(pool, "pool")
    if isinstance(fee, int | float | np.number | Decimal) and not isinstance(fee, bool):
        _check_number(float(fee), "fee")
        return Fees(float(fee), None, pool)
    held = engine_of(fee, _WHAT)
    table = held.collect(held.frame)
    check_columns(table.collect_schema(), ["user_id", "fee"], _WHAT)
    check_numeric(table.collect_schema(), "fee", _WHAT)
    money = numbers(table, "fee")
    if not np.isfinite(money).all() or (money < 0).any():
        raise TableError(
            _WHAT,
            got="fees that are missing, infinite or below zero",
            expected="numbers, 0 or more",
            hint="fees of who pays nothing are 0",
        )
    if table["user_id"].is_null().any() or table["user_id"].is_duplicated().any():
        raise TableError(
            _WHAT,
            got="users without an id, or with two fees",
            expected="one row for each user",
            hint='frame.groupby("user_id", as_index=False)["fee"].sum()',
        )
    return Fees(None, table, pool)


def _check_number(value: Any, name: str) -> None:
    fits = isinstance(value, int | float | np.number) and np.isfinite(value) and value >= 0
    if not fits:
        raise InputError(
            "pay out plays",
            got=f"{name}={value!r}",
            expected="a finite number, 0 or more" + (", or a table" if name == "fee" else ""),
            hint=f"{name}=10.99",
        )
