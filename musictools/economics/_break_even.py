"""break_even_streams() and tour_margin(): how many it takes, and what a show leaves."""

import math
from typing import TYPE_CHECKING, Any

from musictools._frames import as_pandas
from musictools.economics._cents import exact
from musictools.economics._engine import has_column
from musictools.errors import InputError, TableError, closest

if TYPE_CHECKING:
    import pandas as pd

_NEEDED = ("show", "tickets", "price")
#: What may stand beside, and what it is where it does not.
_USUAL = {
    "guarantee": 0.0,
    "ticket_tax": 0.0,
    "venue_share": 0.0,
    "cost_per_ticket": 0.0,
    "fixed_costs": 0.0,
    "merch_per_head": 0.0,
    "merch_cost": 0.0,
    "merch_venue_share": 0.0,
}
_PARTS = ("ticket_tax", "venue_share", "merch_cost", "merch_venue_share")


def break_even_streams(cost: Any, rate: Any, *, share: Any = 1) -> int:
    """Reckon how many streams pay back a cost.

    Parameters
    ----------
    cost : number
        What was spent, such as recording and promotion.
    rate : number
        What one stream brings, in the same currency.
    share : number
        The part of it that goes to whoever bears the cost, above 0 up to 1.

    Returns
    -------
    int
        The first number of streams whose income covers the cost.

    Raises
    ------
    InputError
        If the cost is below zero, the rate not above it, or the share is outside 0 to 1.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.economics.break_even_streams("5000", "0.0035", share="0.8")
    1785715
    """
    what = "reckon break-even streams"
    spent, each, part = exact(cost, what), exact(rate, what), exact(share, what)
    if spent < 0 or each <= 0 or not 0 < part <= 1:
        raise InputError(
            what,
            got=f"cost={cost}, rate={rate}, share={share}",
            expected="a cost from 0 up, a rate above 0, a share above 0 and up to 1",
            hint="break_even_streams(5000, 0.0035, share=0.8)",
        )
    return math.ceil(spent / (each * part))


def tour_margin(shows: Any) -> "pd.DataFrame":
    """Reckon the contribution margin of each show: what tickets and merchandise leave.

    Parameters
    ----------
    shows : pandas, polars, pyarrow or DuckDB frame
        A row for each show: ``show``, ``tickets`` (sold), ``price`` (mean, tax included). Where
        there are any: ``guarantee`` (least share of the box office for the artist), ``ticket_tax``
        (part of the net price, such as 0.07), ``venue_share`` (the promoter's part of net ticket
        money), ``cost_per_ticket``, ``fixed_costs`` (crew, travel, production), ``merch_per_head``
        (sales per visitor), ``merch_cost`` (part of them that goods cost) and
        ``merch_venue_share`` (part of them that the house keeps).

    Returns
    -------
    pandas.DataFrame
        For each show ``show, tickets, ticket_income`` (the artist's), ``merch_income`` (the
        artist's, less goods), ``variable_costs, contribution`` (income less variable costs),
        ``contribution_per_ticket`` (without the guarantee), ``fixed_costs, profit`` and
        ``break_even_tickets`` (at which the fixed costs are covered; 0 where the guarantee does,
        missing where no number of tickets would).

    Raises
    ------
    TableError
        If a column is missing.
    InputError
        If a number is missing or below zero, or a part is above one.

    Examples
    --------
    >>> import pandas as pd, musictools as mt
    >>> show = {"show": "Bergen", "tickets": 200, "price": 25.0, "venue_share": 0.2,
    ...         "fixed_costs": 2_400.0, "merch_per_head": 6.0, "merch_cost": 0.5}
    >>> margin = mt.economics.tour_margin(pd.DataFrame([show])).iloc[0]
    >>> float(margin["contribution"]), float(margin["profit"]), int(margin["break_even_tickets"])
    (4600.0, 2200.0, 105)
    """
    import numpy as np
    import pandas as pd

    table = _checked(as_pandas(shows, "reckon the margin of shows"))
    net_price = table["price"] / (1 + table["ticket_tax"]) * (1 - table["venue_share"])
    merch = table["merch_per_head"] * (1 - table["merch_cost"] - table["merch_venue_share"])
    tickets, fixed = table["tickets"], table["fixed_costs"]
    income = np.maximum(tickets * net_price, table["guarantee"])
    variable = tickets * table["cost_per_ticket"]
    each = net_price + merch - table["cost_per_ticket"]
    contribution = income + tickets * merch - variable
    return pd.DataFrame(
        {
            "show": table["show"],
            "tickets": tickets,
            "ticket_income": income,
            "merch_income": tickets * merch,
            "variable_costs": variable,
            "contribution": contribution,
            "contribution_per_ticket": each,
            "fixed_costs": fixed,
            "profit": contribution - fixed,
            "break_even_tickets": [
                _break_even(*row)
                for row in zip(
                    fixed, table["guarantee"], net_price, merch - table["cost_per_ticket"],
                    strict=True,
                )
            ],
        }
    )  # fmt: skip


def _break_even(fixed: float, guarantee: float, price: float, beside: float) -> float:
    """Least tickets that cover the fixed costs, where ticket money is at least the guarantee."""
    if guarantee >= fixed:
        return 0.0
    # Below the guarantee only what comes beside the tickets counts; above it everything does.
    guaranteed = (fixed - guarantee) / beside if beside > 0 else math.inf
    if price * guaranteed <= guarantee:
        return float(math.ceil(guaranteed - 1e-9))
    each = price + beside
    return float(math.ceil(fixed / each - 1e-9)) if each > 0 else math.nan


def _checked(shows: "pd.DataFrame") -> "pd.DataFrame":
    what = "reckon the margin of shows"
    for name in _NEEDED:
        if name not in shows.columns:
            raise TableError(
                what,
                got=f"a table without the column {name!r}",
                expected="the columns " + ", ".join(_NEEDED),
                hint=closest(name, map(str, shows.columns)),
            )
    plain = {str(name): None for name in shows.columns}
    # Left aside for its capitals, it would be missing from the margin without a word.
    given = {name for name in _USUAL if has_column(plain, name, what)}
    table = shows.assign(**{k: v for k, v in _USUAL.items() if k not in given})
    names = ["tickets", "price", *_USUAL]
    try:
        numbers = table[names].astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(
            what, got=f"what is no number ({error})", expected="numbers", hint="shows.astype(float)"
        ) from error
    bad = ~((numbers >= 0) & (numbers < math.inf))
    bad[list(_PARTS)] |= numbers[list(_PARTS)] > 1
    if bad.to_numpy().any():
        row, column = next(zip(*bad.to_numpy().nonzero(), strict=True))
        raise InputError(
            what,
            got=f"{names[column]} = {numbers.iloc[row, column]} of {table['show'].iloc[row]!r}",
            expected="a number from 0 up; for parts, to 1",
            hint="0.2 for 20 %; shows.fillna(0) where nothing is known",
        )
    return table.assign(**{name: numbers[name] for name in names})
