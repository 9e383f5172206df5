"""Cash tables of deals, read into cents by deal and period."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import narwhals as nw

from musictools.economics._cents import exact
from musictools.economics._deals import Deal
from musictools.economics._engine import has_column
from musictools.errors import InputError, TableError, closest

_WHAT = "account for a deal"
_AMOUNTS = ("revenue", "costs", "advance", "units")


@dataclass
class Cash:
    """What came in and went out under one deal in one period, in cents."""

    revenue: int = 0
    costs: int = 0
    advance: int = 0
    units: Fraction = Fraction(0)
    other: dict[str, int] = field(default_factory=dict)


def read_cash(deals: Sequence[Deal], cash: Any) -> tuple[list[Any], dict[tuple[str, Any], Cash]]:
    """Give the periods in order, and the cash of each deal and period."""
    try:
        frame = nw.from_native(cash, eager_only=True)
    except TypeError as error:
        raise TableError(
            _WHAT,
            got=f"an object of type {type(cash).__name__}",
            expected="a frame that is in memory, with the columns period and revenue",
            hint="pandas.DataFrame({'period': ['2025-Q1'], 'revenue': ['1000.00']})",
        ) from error
    names = [deal.name for deal in deals]
    needed = ["period", "revenue"] + (["deal"] if len(deals) > 1 else [])
    needed += [stream for deal in deals for stream in deal.participation]
    needed += ["units"] if any(deal.escalator for deal in deals) else []
    for name in needed:
        if name not in frame.columns:
            raise TableError(
                _WHAT,
                got=f"a table without the column {name!r}",
                expected="the columns " + ", ".join(dict.fromkeys(needed)),
                hint=closest(name, frame.columns),
            )
    known = (*needed, "deal", *_AMOUNTS)
    for name in dict.fromkeys(known):
        # Left aside for its capitals, it would be missing from the account without a word.
        has_column(frame.schema, name, _WHAT)
    if len(set(names)) < len(names):
        raise InputError(
            _WHAT,
            got=f"deals named {', '.join(names)}",
            expected="a name of its own for each",
            hint="royalty_deal(..., name='first album')",
        )
    sums: dict[tuple[str, Any], dict[str, Fraction]] = {}
    for row in frame.iter_rows(named=True):
        name = row["deal"] if "deal" in row else names[0]
        if name not in names:
            raise InputError(
                _WHAT,
                got=f"cash of the deal {name!r}",
                expected=f"one of {', '.join(map(repr, names))}",
                hint="the column deal holds the names of the deals",
            )
        _add(sums.setdefault((name, row["period"]), {}), row, deals[names.index(name)])
    found = {at: _rounded(cell, deals[names.index(at[0])]) for at, cell in sums.items()}
    return _in_order({period for _, period in found}), found


def _add(cell: dict[str, Fraction], row: dict[str, Any], deal: Deal) -> None:
    for name in dict.fromkeys((*_AMOUNTS, *deal.participation)):
        amount = exact(row.get(name, 0), _WHAT)
        if name in ("costs", "advance") and amount < 0:
            raise InputError(
                _WHAT,
                got=f"{name} of {row[name]} in {row['period']}",
                expected="what was spent, from 0 up",
                hint="a refund of costs is revenue",
            )
        cell[name] = cell.get(name, Fraction(0)) + amount


def _rounded(cell: dict[str, Fraction], deal: Deal) -> Cash:
    """Round what a period adds up to, and not its rows: a stream is worth less than a cent."""
    return Cash(
        revenue=round(cell["revenue"] * 100),
        costs=round(cell["costs"] * 100),
        advance=round(cell["advance"] * 100),
        units=cell["units"],
        other={stream: round(cell[stream] * 100) for stream in deal.participation},
    )


def _in_order(periods: set[Any]) -> list[Any]:
    try:
        ordered = sorted(periods)
    except TypeError as error:
        raise InputError(
            _WHAT,
            got="periods of several kinds, or missing ones",
            expected="all dates, all numbers, or all text such as '2025-Q1'",
            hint="cash['period'].astype(str)",
        ) from error
    # What is no number is unequal to itself.
    if not ordered or any(period != period for period in ordered):  # noqa: PLR0124
        raise InputError(
            _WHAT, got="no periods, or missing ones", expected="a period in each row",
            hint="cash.dropna(subset=['period'])",
        )  # fmt: skip
    return ordered
