"""explain_change(): why a period brought more or less than another; parts that sum exactly."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import permutations
from typing import TYPE_CHECKING, Any, ClassVar

from musictools import tables
from musictools._result import Result
from musictools._version import __version__
from musictools.collect._reconcile_table import EXACT
from musictools.errors import InputError, TableError, closest

if TYPE_CHECKING:
    import pandas as pd

_PARTS = ("volume", "rate", "currency", "other")
#: Decimals of a part: products of quotients have no end, and the volume takes the rest.
_PLACES = 12
_ORDERS = tuple(permutations(range(3)))
#: Units, net in the currency of the statement, net in the common one.
_Sums = tuple[Fraction | None, Fraction, Fraction]
_Factors = tuple[Fraction, Fraction, Fraction]


@dataclass(frozen=True, kw_only=True, repr=False)
class Change(Result):
    """From what one period brought to what another did, in parts that sum exactly.

    Attributes
    ----------
    table : pandas.DataFrame
        One row for each market, the largest change first: its names, ``net_before, net_after,
        change`` and the parts ``volume, rate, currency, other`` (exact decimals).
    before, after : str
        The periods.
    currency : str
        Currency of all amounts.
    steps : dict of str to Decimal
        What the first period brought, and each part that is not zero; their sum is what the second
        brought.
    provenance : dict
        What was looked at.
    """

    _drawn_by: ClassVar[str] = "waterfall"
    _called: ClassVar[str] = "What changed"
    _caption: ClassVar[str] = "By market, rounded to be read"

    table: "pd.DataFrame" = field(repr=False)
    before: str
    after: str
    currency: str
    steps: dict[str, Decimal]

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each market.

        Returns
        -------
        pandas.DataFrame
            As ``table``.
        """
        return self.table.copy()

    def _verdict(self) -> str:
        total = sum(self.steps.values(), Decimal(0))
        return (
            f"{self.currency} {self.steps[self.before]:,.2f} in {self.before}, {total:,.2f} in "
            f"{self.after}."
        )


def explain_change(
    royalties: Any,
    before: str,
    after: str,
    *,
    by: Sequence[str] = ("payer", "platform", "country"),
) -> Change:
    """Say how much of a change of income comes from volume, from rates, and from currency.

    In each market, net is units, times net per unit in the statement's currency, times the
    exchange rate. A part is by how much net changes when its factor does and the other two stay;
    since that depends on which of them changes first, the mean of all six orders is taken (the
    Shapley value). So the parts sum to the change, whatever the order.

    Parameters
    ----------
    royalties : pandas.DataFrame
        A `royalties` table in one currency. What `convert_currency` gave tells exchange rates;
        without them nothing is put down to currency.
    before, after : str
        Two periods of the table, such as ``"2025-11"`` and ``"2025-12"``.
    by : sequence of str
        Columns that make a market. Listeners who move from one to another change the volume; what
        changes inside of one changes its rate.

    Returns
    -------
    Change
        Parts of each market, and of all.

    Raises
    ------
    TableError
        If it is no royalties table, a column is missing, or there are several currencies.
    InputError
        If nothing stands in one of the periods.

    Notes
    -----
    A market of one period only is volume. Where units are missing or not positive (refunds only,
    lump sums), there is no rate, and the change is ``other``. ``rate`` and ``currency`` are rounded
    to 12 decimals, and ``volume`` is what is left, so that the sums are exact.

    Examples
    --------
    >>> from decimal import Decimal
    >>> import musictools as mt
    >>> royalties = mt.datasets.load_label().royalties
    >>> euros = mt.collect.convert_currency(royalties, "EUR")
    >>> change = mt.collect.explain_change(euros, "2025-11", "2025-12")
    >>> {part: round(amount, 2) for part, amount in change.steps.items()}
    {'2025-11': Decimal('114.69'), 'volume': Decimal('0.39'), 'rate': Decimal('0.11'), 'currency': Decimal('-1.46')}
    """  # noqa: E501 - an answer in an example cannot be broken
    frame, currency = _checked(royalties, (before, after), by)
    marks = [*by, "currency_original"] if "net_original" in frame else [*by]
    sums = [_sums(frame[frame["period"] == period], marks) for period in (before, after)]
    rows: list[list[Any]] = []
    for market in dict.fromkeys([*sums[0], *sums[1]]):
        first, last = (each.get(market) for each in sums)
        ends = [_decimal(each[2] if each else Fraction(0)) for each in (first, last)]
        change = _minus(ends[1], ends[0])
        rows.append([*market, *ends, change, *_parts(first, last, change)])
    names = [*marks, "net_before", "net_after", "change", *_PARTS]
    rows.sort(key=lambda row: -abs(row[names.index("change")]))
    parts = {name: _total(row[names.index(name)] for row in rows) for name in _PARTS}
    start = _total(row[names.index("net_before")] for row in rows)
    return Change(
        table=_frame(rows, names),
        before=before,
        after=after,
        currency=currency,
        steps={before: start} | {name: part for name, part in parts.items() if part},
        provenance={
            "musictools": __version__,
            "function": "collect.explain_change",
            "by": list(by),
            "exchange_rates": "net_original" in frame,
        },
    )


def _checked(royalties: Any, periods: tuple[str, str], by: Sequence[str]) -> "tuple[Any, str]":
    import pandas as pd

    frame = tables.check(royalties, "royalties")
    if not isinstance(frame, pd.DataFrame):
        raise TableError(
            "explain a change",
            got=f"a table of type {type(royalties).__module__}.{type(royalties).__name__}",
            expected="a pandas.DataFrame with exact decimals",
            hint="most other tables have .to_pandas()",
        )
    for name in by:
        if name not in frame or name in _PARTS:
            raise TableError(
                "explain a change", got=f"by {name!r}",
                expected="columns of the table, none of " + ", ".join(_PARTS),
                hint=closest(name, map(str, frame.columns)),
            )  # fmt: skip
    wanted = frame[frame["period"].isin(periods)]
    for period in periods:
        if period not in set(wanted["period"]):
            some = ", ".join(sorted(frame["period"].unique())[-3:])
            raise InputError(
                "explain a change", got=f"no line of {period!r}", expected="periods of the table",
                hint=f"the last ones are {some}",
            )  # fmt: skip
    currencies = sorted(wanted["currency"].unique())
    if len(currencies) > 1:
        raise TableError(
            "explain a change", got="amounts in " + ", ".join(currencies), expected="one currency",
            hint=f"mt.collect.convert_currency(royalties, {currencies[0]!r})",
        )  # fmt: skip
    return wanted, str(currencies[0])


def _sums(frame: "pd.DataFrame", marks: Sequence[str]) -> "dict[tuple[str, ...], _Sums]":
    """Sum up each market; units are none where a line does not tell them."""
    own = frame["net_original" if "net_original" in frame else "net"]
    names = zip(*(frame[mark].astype(object).fillna("").tolist() for mark in marks), strict=True)
    found: dict[tuple[str, ...], list[tuple[float, Decimal, Decimal]]] = {}
    values = zip(frame["units"].tolist(), own.tolist(), frame["net"].tolist(), strict=True)
    for market, value in zip(names, values, strict=True):
        found.setdefault(tuple(map(str, market)), []).append(value)
    return {
        market: (
            None if any(math.isnan(units) for units, _, _ in lines)
            else sum((Fraction(units) for units, _, _ in lines), Fraction(0)),
            sum((Fraction(net) for _, net, _ in lines), Fraction(0)),
            sum((Fraction(net) for _, _, net in lines), Fraction(0)),
        )
        for market, lines in found.items()
    }  # fmt: skip


def _parts(first: _Sums | None, last: _Sums | None, change: Decimal) -> list[Decimal]:
    """Divide the change of one market."""
    nothing = Decimal(0)
    begin, end = _factors(first), _factors(last)
    if (first and not begin) or (last and not end):
        return [nothing, nothing, nothing, change]
    if not begin or not end:
        return [change, nothing, nothing, nothing]
    sums = [Fraction(0)] * 3
    for order in _ORDERS:
        now = list(begin)
        for place in order:
            old = now[0] * now[1] * now[2]
            now[place] = end[place]
            sums[place] += (now[0] * now[1] * now[2] - old) / len(_ORDERS)
    rate, currency = (_rounded(part) for part in sums[1:])
    return [_minus(change, rate, currency), rate, currency, nothing]


def _factors(sums: _Sums | None) -> _Factors | None:
    """Give units, net per unit, and the exchange rate; none where there is no rate."""
    if sums is None:
        return None
    units, own, net = sums
    if units is None or units <= 0 or own == 0:
        return None
    return units, own / units, net / own


def _rounded(part: Fraction) -> Decimal:
    return Decimal(round(part * 10**_PLACES)).scaleb(-_PLACES, EXACT)


def _decimal(amount: Fraction) -> Decimal:
    """Give a sum of decimals as the decimal that it is."""
    with localcontext(EXACT):
        return Decimal(amount.numerator) / Decimal(amount.denominator)


def _minus(amount: Decimal, *others: Decimal) -> Decimal:
    with localcontext(EXACT):
        return amount - sum(others, Decimal(0))


def _total(amounts: Any) -> Decimal:
    with localcontext(EXACT):
        return sum(amounts, Decimal(0))


def _frame(rows: list[list[Any]], names: list[str]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(
        {name: pd.Series([row[i] for row in rows], dtype=object) for i, name in enumerate(names)}
    )
