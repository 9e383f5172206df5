"""mechanical_royalty(): what US streaming services owe for works, by the formula of the law."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from musictools._card import Table
from musictools._result import Result
from musictools._shipped import shipped_table
from musictools._version import __version__
from musictools.economics._cents import exact, money
from musictools.errors import InputError, closest

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "reckon the mechanical royalty"


@dataclass(frozen=True, kw_only=True, repr=False)
class Mechanical(Result):
    """Mechanical royalties of one offering in one accounting period, leg by leg.

    Attributes
    ----------
    year : int
        Calendar year, which sets the headline rate.
    offering : str
        Kind of offering, as in the table of rates.
    revenue_leg, content_leg : Decimal
        Headline rate of service revenue; the rate of total content cost, capped per subscriber.
    all_in : Decimal
        The greater of the two: what publishers get for mechanical and performance rights.
    performance : Decimal
        Performance royalties, which are taken off.
    floor : Decimal or None
        Least mechanical royalty, per subscriber; None where no floor is known.
    payable : Decimal
        The mechanical royalty.
    binding : str
        Which leg decided: ``"revenue"``, ``"content cost"``, ``"cap"`` or ``"floor"`` (zero where
        none is known, and performance royalties exceed the pool).
    currency : str
        US dollars.
    provenance : dict
        Rates that were used, and whether their source could be verified.
    """

    _drawn_by: ClassVar[str] = "waterfall"
    _called: ClassVar[str] = "Mechanical royalty"

    year: int
    offering: str
    revenue_leg: Decimal
    content_leg: Decimal
    all_in: Decimal
    performance: Decimal
    floor: Decimal | None
    payable: Decimal
    binding: str
    currency: str = "USD"

    @property
    def steps(self) -> dict[str, Decimal]:
        """From the all-in pool to what is payable, for a waterfall."""
        steps = {"All-in pool": self.all_in, "Performance royalties": -self.performance}
        if lift := self.payable - self.all_in + self.performance:
            steps["Up to the floor"] = lift
        return steps

    @property
    def after(self) -> str:
        """Name of the last bar."""
        return "Mechanical royalty"

    def to_frame(self) -> "pd.DataFrame":
        """Give the legs as a table, one row.

        Returns
        -------
        pandas.DataFrame
            One column for each field but the provenance.
        """
        import pandas as pd

        names = [each.name for each in fields(self) if each.name != "provenance"]
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def _tables(self) -> Iterable[Table]:
        return ()  # one row, and the figures tell it


def mechanical_royalty(
    year: int,
    offering: str = "standalone portable",
    *,
    revenue: Any,
    content_cost: Any,
    subscribers: int,
    performance: Any = 0,
    floor: Any = None,
) -> Mechanical:
    """Reckon mechanical royalties of a US streaming service under Phonorecords IV (2023-2027).

    The all-in pool is the greater of the headline rate of revenue and a rate of total content cost
    (what labels are paid), the latter capped per subscriber in standalone portable subscriptions.
    Performance royalties are taken off; what is left is lifted to the mechanical floor.

    Parameters
    ----------
    year : int
        Calendar year of the accounting period.
    offering : str
        ``"standalone portable"`` or ``"bundle"``, as in ``mt.datasets.load_mechanical_rates()``.
    revenue : number
        Service revenue of the period, US dollars; of a bundle the part that `bundle_revenue` gives.
    content_cost : number
        Total content cost (TCC): what was paid for sound recordings, US dollars.
    subscribers : int
        Subscriber-months: each subscriber counts once for each month. Of a bundle, those who
        listened.
    performance : number
        Performance royalties of the period, US dollars.
    floor : number, optional
        Mechanical floor per subscriber-month in place of the table's, US dollars.

    Returns
    -------
    Mechanical
        Each leg, what decided, and what is payable, to the cent.

    Raises
    ------
    InputError
        If the year or the offering is not in the table, or an amount is below zero.

    Notes
    -----
    37 CFR 385.21 and 385.22 as of 87 FR 80448 (30 December 2022). The table says of each row which
    numbers could be verified. To share the pool among works by plays, use `to_cents` with
    ``total=``. Of a bundle's floor no source could be read: without ``floor`` there is none.

    Examples
    --------
    >>> import musictools as mt
    >>> pool = mt.economics.mechanical_royalty(
    ...     2026, revenue=1_000_000, content_cost=520_000, subscribers=100_000, performance=60_000
    ... )
    >>> str(pool.all_in), pool.binding, str(pool.payable)
    ('153000.00', 'revenue', '93000.00')
    """
    rates = _rates(year, offering)
    income, cost, heads, paid = (
        exact(v, _WHAT) for v in (revenue, content_cost, subscribers, performance)
    )
    if min(income, cost, heads, paid) < 0:
        raise InputError(
            _WHAT,
            got="an amount below zero",
            expected="revenue, content cost, subscribers and performance royalties from 0 up",
            hint="account for a correction in the period that it corrects",
        )
    legs = {
        "revenue": income * exact(rates["headline_rate"], _WHAT),
        "content cost": cost * exact(rates["tcc_rate"], _WHAT),
    }
    content = legs["content cost"]
    if rates["tcc_cap_usd"] is not None:
        content = min(content, heads * exact(rates["tcc_cap_usd"], _WHAT))
    all_in = max(legs["revenue"], content)
    binding = "cap" if content < legs["content cost"] else "content cost"
    binding = "revenue" if legs["revenue"] >= content else binding
    least = rates["floor_usd"] if floor is None else floor
    bottom = None if least is None else heads * exact(least, _WHAT)
    if bottom is not None and bottom < 0:
        raise InputError(_WHAT, got=f"floor={floor}", expected="0 or more", hint="floor=0.60")
    payable = max(all_in - paid, Fraction(0) if bottom is None else bottom)
    if payable > all_in - paid:
        binding = "floor"
    return Mechanical(
        year=year,
        offering=offering,
        revenue_leg=_dollars(legs["revenue"]),
        content_leg=_dollars(content),
        all_in=_dollars(all_in),
        performance=_dollars(paid),
        floor=None if bottom is None else _dollars(bottom),
        payable=_dollars(payable),
        binding=binding,
        provenance={
            "musictools": __version__,
            "function": "economics.mechanical_royalty",
            "rates": dict(rates),
        },
    )


def bundle_revenue(revenue: Any, music_price: Any, other_prices: Any) -> Decimal:
    """Reckon which part of a bundle's revenue counts as revenue of music.

    Parameters
    ----------
    revenue : number
        What subscribers paid for the bundle.
    music_price : number
        Price of the music part sold alone.
    other_prices : number or sequence of number
        Price of each other part sold alone.

    Returns
    -------
    Decimal
        Revenue times the music part's share of the sum of all prices, to the cent.

    Raises
    ------
    InputError
        If a price is below zero, or all are zero.

    Notes
    -----
    The proportional rule of Phonorecords IV as the trade press tells it; the regulation's text
    could not be read. With 10.99 for music and 9.99 for audiobooks, 52.4 % counts as music.

    Examples
    --------
    >>> import musictools as mt
    >>> str(mt.economics.bundle_revenue("10.99", "10.99", "9.99"))
    '5.76'
    """
    listed = other_prices if isinstance(other_prices, list | tuple) else [other_prices]
    prices = [exact(price, _WHAT) for price in (music_price, *listed)]
    if min(prices) < 0 or not sum(prices):
        raise InputError(
            "apportion a bundle",
            got=f"the prices {', '.join(str(float(price)) for price in prices)}",
            expected="prices from 0 up, and one above",
            hint="the price of a comparable product, where a part is not sold alone",
        )
    return _dollars(exact(revenue, _WHAT) * prices[0] / sum(prices))


def _rates(year: int, offering: str) -> dict[str, Any]:
    table = shipped_table("mechanical_rates", text=("headline_rate", "tcc_rate"))
    offerings, years = list(dict.fromkeys(table["offering"])), sorted(set(table["year"]))
    if offering not in offerings:
        raise InputError(
            _WHAT,
            got=f"offering={offering!r}",
            expected="an offering of mt.datasets.load_mechanical_rates()",
            hint=closest(str(offering), offerings),
        )
    if year not in years:
        raise InputError(
            _WHAT,
            got=f"year={year!r}",
            expected=f"a year from {years[0]} to {years[-1]}",
            hint="other periods have other rates, which this table does not hold",
        )
    row = table[(table["year"] == year) & (table["offering"] == offering)].iloc[0]
    names = ("headline_rate", "tcc_rate", "tcc_cap_usd", "floor_usd", "verified", "source")
    return {name: None if row[name] != row[name] else row[name] for name in names}


def _dollars(amount: Fraction) -> Decimal:
    return money(round(amount * 100))
