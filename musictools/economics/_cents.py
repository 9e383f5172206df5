"""to_cents(): whole cents that sum exactly; and how amounts of money are read."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar, cast

import narwhals as nw

from musictools.errors import InputError, TableError

if TYPE_CHECKING:
    import numpy as np

AmountsT = TypeVar("AmountsT")

#: Floats closer than this to a whole cent, or to each other, were meant to be equal: sums that
#: were taken in another order differ in their last digits, and must give the same cents.
_DIGITS = 7
#: Where amounts are so large that floats have fewer digits, with this many at least.
_FEWEST = 2


def to_cents(amounts: AmountsT, total: Any = None) -> AmountsT:
    """Round amounts to whole cents that sum exactly to the rounded total.

    Largest remainder: each amount is rounded down, and the cents that are missing go to those that
    lost most. So every amount is less than a cent away from what it was.

    Parameters
    ----------
    amounts : pandas, polars or pyarrow frame with a column ``payout``, series, or sequence
        Amounts of money in whole units, such as dollars; may be below zero (refunds). Decimals,
        fractions and integers are exact; floats are read to a ten-millionth of a cent, or to the
        fifteenth digit of the largest.
    total : number, optional
        What the cents must sum to, in the same unit; the sum of the amounts otherwise. It is
        rounded to the cent, halves to even.

    Returns
    -------
    same as ``amounts``
        A frame with one more column ``cents``; a series of integers; a list of integers.

    Raises
    ------
    TableError
        If a frame has no column ``payout``, or is lazy.
    InputError
        If an amount is missing or no finite number, is too large to be told to the cent, or if the
        amounts do not add up to ``total``.

    Notes
    -----
    Of equal remainders the first in order of ``artist_id`` gets the cent, or the first in order of
    place where there is no such column.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.economics.to_cents([10 / 3, 10 / 3, 10 / 3])
    [334, 333, 333]
    >>> mt.economics.to_cents([-0.005, -0.005, 0.01])
    [0, -1, 1]
    """
    given: Any = amounts
    # Frames of databases do not iterate either; they are told below what to do.
    several = any(hasattr(type(given), name) for name in ("__iter__", "columns"))
    if isinstance(given, str | bytes | Mapping) or not several:
        raise InputError(
            "round to cents",
            got=repr(given)[:60],
            expected="several amounts: a frame, a series or a sequence",
            hint="to_cents([12.345])",
        )
    wrapped: Any = nw.from_native(given, pass_through=True, allow_series=True)
    if isinstance(wrapped, nw.LazyFrame):
        raise TableError(
            "round to cents",
            got="a lazy frame",
            expected="one that is computed: the cents depend on all rows",
            hint="frame.collect(), or .to_arrow_table() of a DuckDB relation",
        )
    if isinstance(wrapped, nw.DataFrame):
        if "payout" not in wrapped.columns:
            raise TableError(
                "round to cents",
                got=f"a table without the column 'payout' among {', '.join(wrapped.columns)}",
                expected="the column payout",
                hint="give the column itself: to_cents(frame['amount'])",
            )
        order = wrapped["artist_id"].to_list() if "artist_id" in wrapped.columns else None
        cents = _cents(wrapped["payout"], total, order)
        new = nw.new_series("cents", cents, nw.Int64, backend=wrapped.implementation)
        if wrapped.implementation.is_pandas_like():
            frame = given.copy()
            frame["cents"] = cents
            return cast("AmountsT", frame)
        return cast("AmountsT", wrapped.with_columns(new).to_native())
    if isinstance(wrapped, nw.Series):
        cents = _cents(wrapped, total, None)
        if wrapped.implementation.is_pandas_like():
            return cast("AmountsT", type(given)(cents, index=given.index, name=given.name))
        return cast(
            "AmountsT",
            nw.new_series(
                wrapped.name, cents, nw.Int64, backend=wrapped.implementation
            ).to_native(),
        )
    return cast("AmountsT", _cents(list(given), total, None))


def exact(value: Any, what: str) -> Fraction:
    """Read an amount or a rate as it is written: 0.1 is a tenth, float or not."""
    try:
        if isinstance(value, int | Fraction) and not isinstance(value, bool):
            return Fraction(value)
        # Shortest text that gives this float back: what a person typed.
        number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
        return Fraction(number)
    except (TypeError, ValueError, OverflowError, InvalidOperation) as error:
        raise InputError(
            what,
            got=repr(value),
            expected="a finite number, such as Decimal('12.50')",
            hint="fill or drop what is missing; rates are parts of one: 0.15 for 15 %",
        ) from error


def cents_of(value: Any, what: str) -> int:
    """Read an amount, rounded to the cent, halves to even."""
    return round(exact(value, what) * 100)


def money(cents: int) -> Decimal:
    """Write cents as units with two decimals."""
    return Decimal(cents).scaleb(-2)


def share_out(parts: Sequence[Fraction], total: int) -> list[int]:
    """Round parts, in cents, to whole ones that sum to a total; of equal ones, the first wins."""
    floors = [math.floor(part) for part in parts]
    missing = total - sum(floors)
    order = sorted(range(len(parts)), key=lambda i: (floors[i] - parts[i], i))
    for i in order[:missing]:
        floors[i] += 1
    return floors


def _cents(values: Any, total: Any, order: Sequence[Any] | None) -> list[int]:
    import numpy as np

    floats = isinstance(values, nw.Series) and values.dtype.is_float()
    listed = [] if floats else list(values.to_list() if isinstance(values, nw.Series) else values)
    floats = floats or (bool(listed) and all(isinstance(each, float) for each in listed))
    if floats:
        array = values.to_numpy() if isinstance(values, nw.Series) else np.array(listed)
        down, lost, summed = _from_floats(array.astype(float))
    else:
        parts = [exact(each, "round to cents") * 100 for each in listed]
        down = np.array([math.floor(part) for part in parts], dtype=object)
        lost = np.array([part - math.floor(part) for part in parts], dtype=object)
        summed = sum(parts, Fraction(0))
    whole = cents_of(total, "round to cents") if total is not None else round(summed)
    missing = whole - int(sum(down.tolist()))
    _check_total(missing, int(np.count_nonzero(lost)), whole, summed)
    rank: Any = range(len(down)) if order is None else _ranks(order)
    if floats:
        best: Any = np.lexsort((np.asarray(rank), -lost))
    else:
        best = sorted(range(len(down)), key=lambda i: (-lost[i], rank[i]))
    for i in best[:missing]:
        down[i] += 1
    return [int(each) for each in down.tolist()]


def _from_floats(array: "np.ndarray[Any, Any]") -> tuple[Any, Any, Fraction]:
    import numpy as np

    scaled = array * 100.0
    most = 2.0**53 / 10**_FEWEST
    if not (np.abs(scaled) <= most).all():
        bad = array[~(np.abs(scaled) <= most)][0]
        raise InputError(
            "round to cents",
            got=f"the amount {bad}",
            expected="finite floats that tell cents apart",
            hint="drop missing payouts; give very large amounts as decimal.Decimal",
        )
    largest = max(1.0, float(np.max(np.abs(scaled), initial=0.0)))
    digits = min(_DIGITS, max(_FEWEST, 15 - math.ceil(math.log10(largest))))
    scaled = np.round(scaled, digits)
    down = np.floor(scaled)
    summed = Fraction(round(math.fsum(scaled.tolist()), digits - 1))
    return down.astype("int64"), np.round(scaled - down, digits), summed


def _check_total(missing: int, fractional: int, whole: int, summed: Fraction) -> None:
    if 0 <= missing <= fractional:
        return
    raise InputError(
        "round to cents",
        got=f"amounts that sum to {float(summed) / 100:,.2f}, and total={whole / 100:,.2f}",
        expected="a total that no amount has to move a whole cent for",
        hint="scale the amounts first: amounts * total / amounts.sum()",
    )


def _ranks(order: Sequence[Any]) -> list[int]:
    try:
        places = sorted(range(len(order)), key=lambda i: (order[i], i))
    except TypeError:
        # Ids of several kinds, or missing ones, have no order of their own.
        places = sorted(range(len(order)), key=lambda i: (str(order[i]), i))
    ranks = [0] * len(order)
    for rank, place in enumerate(places):
        ranks[place] = rank
    return ranks
