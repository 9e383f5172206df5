"""What an artist and a company agree on: royalty, profit split, distribution, 360 degrees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from numbers import Integral
from typing import Any, Literal

from musictools.economics._cents import exact
from musictools.errors import InputError

_WHAT = "make a deal"
#: Columns of a cash table that are no other income.
_OURS = {"deal", "period", "revenue", "costs", "advance", "units"}


@dataclass(frozen=True, kw_only=True)
class Deal:
    """The terms between an artist and a company.

    Made by `royalty_deal`, `profit_split_deal`, `distribution_deal` and `deal_360`.

    Attributes
    ----------
    name : str
        What the column ``deal`` of a cash table calls it.
    recoup_from : {"artist_share", "net_receipts"}
        What repays advances and costs: the artist's share alone, or all receipts after the fee.
    share : number
        The artist's share of net receipts, from 0 to 1.
    fee : number
        What the company takes off the top of revenue.
    advance : number
        Paid to the artist in the first period, recoupable.
    reserve : number
        Part of what is earned that is held back against returns.
    release_after : int
        Periods until a reserve is released.
    escalator : tuple of (units, share)
        From so many cumulative units on, this share in place of ``share``.
    minimum : number
        Least payment of a period; what it exceeds the payout by is one more advance.
    participation : dict of str to number
        The company's part of the artist's other income, by column of the cash table.
    participation_recoups : bool
        Whether that part repays the balance as well.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.economics.royalty_deal("0.20", advance=50_000).recoup_from
    'artist_share'
    """

    name: str
    recoup_from: Literal["artist_share", "net_receipts"]
    share: Any
    fee: Any = 0
    advance: Any = 0
    reserve: Any = 0
    release_after: int = 4
    escalator: tuple[tuple[Any, Any], ...] = ()
    minimum: Any = 0
    participation: Mapping[str, Any] = field(default_factory=dict)
    participation_recoups: bool = False

    def __post_init__(self) -> None:
        listed: Any = self.escalator
        pairs = all(isinstance(each, Sequence) and len(each) == 2 for each in listed)
        other: Any = self.participation
        if not pairs or not isinstance(other, Mapping) or set(other) & _OURS:
            raise _refused(
                f"escalator={self.escalator}, participation={self.participation!r}",
                "pairs of units and a share; shares by the name of a column of other income",
                "escalator=[(100_000, '0.22')], participation={'touring': '0.15'}",
            )
        shares: list[Any] = [
            self.share,
            self.fee,
            self.reserve,
            *(rate for _, rate in self.escalator),
        ]
        rates: list[Any] = [*shares, *self.participation.values()]
        for rate in rates:
            if not 0 <= exact(rate, _WHAT) <= 1:
                raise _refused(f"a share of {rate}", "shares from 0 to 1", "0.15 for 15 %")
        if exact(self.advance, _WHAT) < 0 or exact(self.minimum, _WHAT) < 0:
            raise _refused(
                f"advance={self.advance}, minimum={self.minimum}", "0 or more", "advance=50_000"
            )
        whole = isinstance(self.release_after, Integral)
        if not whole or self.release_after < 1:
            raise _refused(f"release_after={self.release_after}", "1 or more", "release_after=4")
        steps = [exact(units, _WHAT) for units, _ in self.escalator]
        if any(b <= a for a, b in zip([Fraction(0), *steps], steps, strict=False)):
            raise _refused(
                f"escalator={self.escalator}",
                "rising numbers of units, each with a share",
                "escalator=((100_000, '0.22'), (500_000, '0.25'))",
            )


def royalty_deal(
    share: Any,
    *,
    advance: Any = 0,
    escalator: Sequence[tuple[Any, Any]] = (),
    minimum: Any = 0,
    reserve: Any = 0,
    release_after: int = 4,
    name: str = "royalty",
) -> Deal:
    """Agree on a royalty: the artist gets a share, and out of it advances and costs are repaid.

    Parameters
    ----------
    share : number
        Royalty rate, from 0 to 1.
    advance : number
        Paid in the first period.
    escalator : sequence of (units, share)
        Higher shares from so many cumulative units on; only units above count at the higher one.
    minimum : number
        Least payment of a period, an advance where nothing is due.
    reserve : number
        Part of royalties that is held back against returns.
    release_after : int
        Periods until a reserve is released.
    name : str
        Name of the deal.

    Returns
    -------
    Deal
        For `statement`.

    Raises
    ------
    InputError
        If a share is outside 0 to 1, an amount below zero, or the escalator does not rise.

    Examples
    --------
    >>> import musictools as mt
    >>> deal = mt.economics.royalty_deal("0.20", advance=50_000, escalator=[(100_000, "0.25")])
    >>> deal.escalator
    ((100000, '0.25'),)
    """
    return Deal(
        name=name,
        recoup_from="artist_share",
        share=share,
        advance=advance,
        escalator=tuple(escalator),
        minimum=minimum,
        reserve=reserve,
        release_after=release_after,
    )


def profit_split_deal(
    share: Any = "0.5",
    *,
    advance: Any = 0,
    minimum: Any = 0,
    reserve: Any = 0,
    release_after: int = 4,
    name: str = "profit split",
) -> Deal:
    """Agree on a profit split: all receipts repay advances and costs, the profit is shared.

    Parameters
    ----------
    share : number
        The artist's share of the profit, from 0 to 1.
    advance : number
        Paid in the first period.
    minimum : number
        Least payment of a period, an advance where nothing is due.
    reserve : number
        Part of receipts that is held back against returns.
    release_after : int
        Periods until a reserve is released.
    name : str
        Name of the deal.

    Returns
    -------
    Deal
        For `statement`.

    Raises
    ------
    InputError
        If a share is outside 0 to 1, or an amount below zero.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.economics.profit_split_deal("0.5", advance=10_000).recoup_from
    'net_receipts'
    """
    return Deal(
        name=name,
        recoup_from="net_receipts",
        share=share,
        advance=advance,
        minimum=minimum,
        reserve=reserve,
        release_after=release_after,
    )


def distribution_deal(
    fee: Any,
    *,
    share: Any = 1,
    advance: Any = 0,
    minimum: Any = 0,
    reserve: Any = 0,
    release_after: int = 4,
    name: str = "distribution",
) -> Deal:
    """Agree on distribution: a fee off the top, then costs are repaid, and the artist has the rest.

    Parameters
    ----------
    fee : number
        The distributor's part of revenue, from 0 to 1.
    share : number
        The artist's share of what is left.
    advance : number
        Paid in the first period.
    minimum : number
        Least payment of a period, an advance where nothing is due.
    reserve : number
        Part of receipts that is held back against returns.
    release_after : int
        Periods until a reserve is released.
    name : str
        Name of the deal.

    Returns
    -------
    Deal
        For `statement`.

    Raises
    ------
    InputError
        If a share is outside 0 to 1, or an amount below zero.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.economics.distribution_deal("0.15").share
    1
    """
    return Deal(
        name=name,
        recoup_from="net_receipts",
        share=share,
        fee=fee,
        advance=advance,
        minimum=minimum,
        reserve=reserve,
        release_after=release_after,
    )


def deal_360(
    share: Any,
    participation: Mapping[str, Any],
    *,
    participation_recoups: bool = False,
    advance: Any = 0,
    escalator: Sequence[tuple[Any, Any]] = (),
    reserve: Any = 0,
    name: str = "360",
) -> Deal:
    """Agree on a 360-degree deal: a royalty, and the company takes part in other income.

    Parameters
    ----------
    share : number
        Royalty rate on recordings, from 0 to 1.
    participation : dict of str to number
        The company's part of other income, such as ``{"touring": "0.15", "merch": "0.20"}``; the
        names are columns of the cash table.
    participation_recoups : bool
        Whether that part repays the artist's balance as well, beside going to the company.
    advance : number
        Paid in the first period.
    escalator : sequence of (units, share)
        Higher shares from so many cumulative units on.
    reserve : number
        Part of royalties that is held back against returns, for four periods.
    name : str
        Name of the deal.

    Returns
    -------
    Deal
        For `statement`.

    Raises
    ------
    InputError
        If a share is outside 0 to 1, an amount below zero, or the escalator does not rise.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.economics.deal_360("0.18", {"touring": "0.15"}, advance=80_000).participation
    {'touring': '0.15'}
    """
    other: Any = participation
    return Deal(
        name=name,
        recoup_from="artist_share",
        share=share,
        advance=advance,
        escalator=tuple(escalator),
        reserve=reserve,
        participation=dict(other) if isinstance(other, Mapping) else other,
        participation_recoups=participation_recoups,
    )


def _refused(got: str, expected: str, hint: str) -> InputError:
    return InputError(_WHAT, got=got, expected=expected, hint=hint)
