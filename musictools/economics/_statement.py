"""statement(): what a deal pays, period by period, and what is still to be recouped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from musictools._card import Table
from musictools._result import Result
from musictools._version import __version__
from musictools.economics._cash import read_cash
from musictools.economics._cents import money
from musictools.economics._deals import Deal
from musictools.economics._recoupment import Line, run
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_LINES = (
    "opening", "revenue", "fee", "rate", "earned", "withheld", "released", "advance", "costs",
    "recouped", "contributed", "top_up", "paid", "closing", "reserve", "other", "participation",
)  # fmt: skip
_SHOWN = ("deal", "period", "opening", "earned", "advance", "costs", "recouped", "paid", "closing")


@dataclass(frozen=True, kw_only=True, repr=False)
class Statement(Result):
    """Accounts of one deal or several, period by period, in exact decimals.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each period and deal: ``deal, period``; ``opening`` (still to be recouped),
        ``revenue``, ``fee`` (off the top), ``rate`` (the artist's share, blended over the steps of
        an escalator), ``earned`` (what recoups: the artist's share, or all net receipts),
        ``withheld`` and ``released`` (reserves), ``advance, costs`` (which raise the balance),
        ``recouped`` (which lowers it; below zero where returns raise it), ``contributed`` (to the
        balances of other deals), ``top_up`` (up to the minimum, raises the balance), ``paid`` (to
        the artist, top-up included), ``closing``, ``reserve`` (still held), ``other`` and
        ``participation`` (other income, and the company's part of it), ``to_artist`` (advance,
        payment, other income less participation), ``to_company`` (revenue and participation, less
        costs and what the artist got of revenue). Opening + advance + costs + top-up - recouped =
        closing; to_artist + to_company + costs = revenue + other.
    deals : tuple of Deal
        What was agreed.
    crossed : bool
        Whether the deals repay each other's balances.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "recoupment"

    table: "pd.DataFrame" = field(repr=False)
    deals: tuple[Deal, ...]
    crossed: bool = False

    @property
    def balance(self) -> Decimal:
        """What is still to be recouped at the end, of all deals."""
        last = self.table.groupby("deal", sort=False)["closing"].last()
        return sum(last, Decimal("0.00"))

    @property
    def paid(self) -> Decimal:
        """What was paid in all periods, advances left aside."""
        return sum(self.table["paid"], Decimal("0.00"))

    @property
    def recouped_in(self) -> Any:
        """The first period at whose end nothing is to be recouped any more, or None."""
        closing = self.table.groupby("period", sort=False)["closing"].sum()
        done = [period for period, amount in closing.items() if amount <= 0]
        return done[0] if done else None

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each period and deal.

        Returns
        -------
        pandas.DataFrame
            As ``table``.
        """
        return self.table.copy()

    def _verdict(self) -> str:
        when = self.recouped_in
        even = "" if when is None else f"; even in {when}"
        return f"Paid {self.paid:,.2f}; to be recouped {self.balance:,.2f}{even}."

    def _tables(self) -> Iterable[Table]:
        names = [name for name in _SHOWN if name != "deal" or len(self.deals) > 1]
        return [("By period", self.table[names])]


def statement(
    deals: Deal | Sequence[Deal], cash: Any, *, cross_collateralise: bool = False
) -> Statement:
    """Account for deals: who earns, recoups and is paid what in each period.

    A royalty deal repays advances and costs from the artist's share alone; profit split and
    distribution repay them from all net receipts, and then share. So the same balance is recouped
    with a fraction of the sales, and the company carries less of the cost.

    Parameters
    ----------
    deals : Deal or sequence of Deal
        What was agreed.
    cash : frame
        A row for each period (and ``deal``, by name, where there are several): ``period`` (dates,
        numbers, or text that sorts, such as ``"2025-Q1"``), ``revenue`` (what the company received;
        below zero for returns), and where there are any ``costs`` (recoupable), ``advance``
        (further ones), ``units`` (for an escalator), and the columns of other income that a deal
        takes part in. Rows of one period are added up exactly, and then rounded to the cent.
    cross_collateralise : bool
        Whether what one deal earns beyond its own balance repays the others', in their order,
        before it is paid.

    Returns
    -------
    Statement
        All periods, to the cent. Shares are rounded so that their sums never drift from the exact
        ones.

    Raises
    ------
    TableError
        If a column is missing.
    InputError
        If an amount is missing or no number, costs are below zero, or a name is not of a deal.

    Examples
    --------
    >>> import pandas as pd, musictools as mt
    >>> cash = pd.DataFrame({"period": [1, 2, 3], "revenue": 100_000, "costs": [20_000, 0, 0]})
    >>> royalty = mt.economics.royalty_deal("0.20", advance=30_000)
    >>> mt.economics.statement(royalty, cash).table["paid"].map(str).tolist()
    ['0.00', '0.00', '10000.00']
    >>> split = mt.economics.profit_split_deal("0.20", advance=30_000)
    >>> mt.economics.statement(split, cash).table["paid"].map(str).tolist()
    ['10000.00', '20000.00', '20000.00']
    """
    agreed = (deals,) if isinstance(deals, Deal) else tuple(deals)
    if not agreed or not all(isinstance(deal, Deal) for deal in agreed):
        raise InputError(
            "account for a deal",
            got=f"deals={deals!r}",
            expected="a deal or several",
            hint="mt.economics.royalty_deal('0.20', advance=50_000)",
        )
    periods, found = read_cash(agreed, cash)
    rows = run(agreed, periods, found, crossed=cross_collateralise)
    return Statement(
        table=_table(rows),
        deals=agreed,
        crossed=cross_collateralise,
        provenance={
            "musictools": __version__,
            "function": "economics.statement",
            "periods": len(periods),
        },
    )


def _table(rows: list[tuple[str, Any, Line]]) -> "pd.DataFrame":
    import pandas as pd

    frame = pd.DataFrame({"deal": [r[0] for r in rows], "period": [r[1] for r in rows]})
    for name in _LINES:
        values = [getattr(line, name) for _, _, line in rows]
        frame[name] = values if name == "rate" else pd.Series(map(money, values), dtype=object)
    lines = [line for _, _, line in rows]
    own = [x.advance + x.paid for x in lines]
    artist = [a + x.other - x.participation for a, x in zip(own, lines, strict=True)]
    company = [x.revenue - x.costs - a + x.participation for a, x in zip(own, lines, strict=True)]
    frame["to_artist"] = pd.Series(map(money, artist), dtype=object)
    frame["to_company"] = pd.Series(map(money, company), dtype=object)
    return frame
