"""The running account of a deal: what is earned, held back, recouped and paid, in cents."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from musictools.economics._cash import Cash
from musictools.economics._cents import cents_of, exact
from musictools.economics._deals import Deal

_WHAT = "account for a deal"


class _Rounded:
    """A running sum whose cents never drift from the exact one: each part is what it grows by."""

    def __init__(self) -> None:
        self._sum, self._cents = Fraction(0), 0

    def add(self, amount: Fraction) -> int:
        self._sum += amount
        # Halves up, whatever the sign: so that a part never exceeds the whole it is of.
        now = math.floor(self._sum + Fraction(1, 2))
        part, self._cents = now - self._cents, now
        return part


@dataclass
class Line:
    """One period of one deal, in cents; balances are what is still to be recouped."""

    opening: int = 0
    revenue: int = 0
    fee: int = 0
    rate: float = 0.0
    earned: int = 0
    withheld: int = 0
    released: int = 0
    advance: int = 0
    costs: int = 0
    recouped: int = 0
    contributed: int = 0
    surplus: int = 0
    top_up: int = 0
    paid: int = 0
    closing: int = 0
    reserve: int = 0
    other: int = 0
    participation: int = 0


class Account:
    """One deal as its periods go by."""

    def __init__(self, deal: Deal) -> None:
        self.deal = deal
        self.balance = 0
        self._began = False
        self._units = Fraction(0)
        self._held: deque[int] = deque([0] * deal.release_after)
        self._net, self._earned, self._paid = _Rounded(), _Rounded(), _Rounded()
        self._blend = Fraction(0)

    def earn(self, cash: Cash) -> Line:
        """Account for what came in and was spent, and recoup from the deal's own receipts."""
        deal = self.deal
        line = Line(opening=self.balance, revenue=cash.revenue, costs=cash.costs)
        line.advance = cash.advance + (0 if self._began else cents_of(deal.advance, _WHAT))
        self._began = True
        self.balance += line.advance + line.costs
        net = self._net.add(cash.revenue * (1 - exact(deal.fee, _WHAT)))
        line.fee = cash.revenue - net
        self._blend = _blended(deal, self._units, self._units + cash.units)
        self._units += cash.units
        line.rate = float(self._blend)
        own = deal.recoup_from == "artist_share"
        line.earned = self._earned.add(net * self._blend) if own else net
        line.withheld = max(0, round(line.earned * exact(deal.reserve, _WHAT)))
        self._held.append(line.withheld)
        line.released = self._held.popleft()
        line.reserve = sum(self._held)
        credited = line.earned - line.withheld + line.released
        # Returns beyond what came in are owed: they raise the balance.
        line.recouped = min(self.balance, credited)
        line.surplus = credited - line.recouped
        self.balance -= line.recouped
        for stream, amount in cash.other.items():
            line.other += amount
            line.participation += round(amount * exact(deal.participation[stream], _WHAT))
        if deal.participation_recoups:
            self.repay(line, max(0, line.participation))
        return line

    def repay(self, line: Line, amount: int) -> int:
        """Take as much of an amount as there is to recoup, and say how much that was."""
        taken = min(amount, max(0, self.balance))
        self.balance -= taken
        line.recouped += taken
        return taken

    def pay(self, line: Line) -> None:
        """Pay what is left, at least the minimum, and close the period."""
        own = self.deal.recoup_from == "artist_share"
        due = line.surplus if own else self._paid.add(line.surplus * self._blend)
        line.top_up = max(0, cents_of(self.deal.minimum, _WHAT) - due)
        line.paid = due + line.top_up
        self.balance += line.top_up
        line.closing = self.balance


def run(
    deals: Sequence[Deal],
    periods: Sequence[Any],
    cash: dict[tuple[str, Any], Cash],
    *,
    crossed: bool,
) -> list[tuple[str, Any, Line]]:
    """Account for all periods; crossed deals repay each other's balances before any is paid."""
    accounts = [Account(deal) for deal in deals]
    rows: list[tuple[str, Any, Line]] = []
    for period in periods:
        lines = [a.earn(cash.get((a.deal.name, period), Cash())) for a in accounts]
        for giver in lines if crossed else []:
            for account, line in zip(accounts, lines, strict=True):
                if line is not giver:
                    taken = account.repay(line, giver.surplus)
                    giver.surplus -= taken
                    giver.contributed += taken
        for account, line in zip(accounts, lines, strict=True):
            account.pay(line)
            rows.append((account.deal.name, period, line))
    return rows


def _blended(deal: Deal, before: Fraction, after: Fraction) -> Fraction:
    """Give the artist's share, blended over the units of a period by the steps of the escalator."""
    steps = [(exact(units, _WHAT), exact(rate, _WHAT)) for units, rate in deal.escalator]
    edges = [(Fraction(0), exact(deal.share, _WHAT)), *steps]
    if before == after:
        return next(rate for units, rate in reversed(edges) if units <= max(before, Fraction(0)))
    low, high = min(before, after), max(before, after)
    total = Fraction(0)
    for i, (units, rate) in enumerate(edges):
        end = edges[i + 1][0] if i + 1 < len(edges) else high
        # Units below zero (more returns than sales) count at the first share.
        begin = min(low, units) if i == 0 else units
        total += rate * max(Fraction(0), min(high, max(end, begin)) - max(low, begin))
    return total / (high - low)
