"""Who may ask when, and what was spent: one SQLite file for every process."""

import sqlite3
import time
from datetime import datetime

from musictools.collect._database import Database
from musictools.collect._limits import UTC, Budget, Rate
from musictools.collect._verdict import LONGEST_S
from musictools.errors import BudgetExceeded, RateLimited

_TABLES = (
    """
CREATE TABLE IF NOT EXISTS buckets (
    host TEXT PRIMARY KEY, due REAL NOT NULL DEFAULT 0,
    blocked_until REAL NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID""",
    """
CREATE TABLE IF NOT EXISTS budgets (
    name TEXT, unit TEXT, day TEXT, used REAL NOT NULL, PRIMARY KEY (name, unit, day)
) WITHOUT ROWID""",
)


class Ledger:
    """Token buckets and budgets.

    Parameters
    ----------
    database : Database
        Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.write() as db:
            for statement in _TABLES:
                db.execute(statement)

    def reserve(self, host: str, rate: Rate | None, *, longest_s: float) -> float:
        """Take a place in the queue of a host.

        Parameters
        ----------
        host : str
            Who is asked.
        rate : Rate or None
            Its limit.
        longest_s : float
            The longest wait that is accepted.

        Returns
        -------
        float
            Seconds to wait before the request may go.

        Raises
        ------
        RateLimited
            If the wait would be longer; no place is taken then.
        """
        now = time.time()
        if rate is None:
            _, blocked, reason = self._bucket(host)
            return _bearable(host, blocked - now, longest_s, reason)
        with self.database.write() as db:
            due, blocked, reason = self._bucket(host)
            # The generic cell rate algorithm: a bucket is one number, when its next token is due.
            turn = due - (rate.burst - 1) * rate.interval_s
            if turn > blocked:
                reason = "our own rate limit"
            wait = _bearable(host, max(turn, blocked) - now, longest_s, reason)
            db.execute(
                "INSERT INTO buckets (host, due) VALUES (?, ?)"
                " ON CONFLICT (host) DO UPDATE SET due = excluded.due",
                (host, max(due, now) + rate.interval_s),
            )
        return wait

    def _bucket(self, host: str) -> tuple[float, float, str]:
        with self.database.read() as db:
            row = db.execute(
                "SELECT due, blocked_until, reason FROM buckets WHERE host = ?", (host,)
            ).fetchone()
        return row or (0.0, 0.0, "")

    def block(self, host: str, until: float, reason: str) -> None:
        """Let nobody ask a host before a time (seconds since 1970)."""
        until = min(time.time() + LONGEST_S, max(0.0, until))
        with self.database.write() as db:
            db.execute(
                "INSERT INTO buckets (host, blocked_until, reason) VALUES (?, ?, ?)"
                " ON CONFLICT (host) DO UPDATE SET reason = excluded.reason,"
                " blocked_until = max(blocked_until, excluded.blocked_until)",
                (host, until, reason),
            )

    def charge(self, name: str, cost: dict[str, float], budgets: tuple[Budget, ...]) -> None:
        """Book a cost on all budgets of its unit, or on none.

        Raises
        ------
        BudgetExceeded
            If one of them does not hold as much today.
        """
        if not budgets or not cost:
            return
        now = time.time()
        booked: set[str] = set()
        with self.database.write() as db:
            for budget in budgets:
                amount = cost.get(budget.unit, 0.0)
                if not amount:
                    continue
                used = self._used(db, name, budget, now) - amount * (_unit(budget) in booked)
                # Cents are no binary fractions.
                if amount > 0 and used + amount > budget.amount * (1 + 1e-9):
                    raise _spent(name, budget, used, amount, now)
                if _unit(budget) in booked:
                    # Our own budget and the platform's read the same count.
                    continue
                booked.add(_unit(budget))
                db.execute(
                    "INSERT INTO budgets VALUES (?, ?, ?, ?) ON CONFLICT (name, unit, day)"
                    " DO UPDATE SET used = used + excluded.used",
                    (name, _unit(budget), budget.day(now), amount),
                )

    def used(self, name: str, budget: Budget) -> float:
        """Say how much of a budget is used today."""
        with self.database.read() as db:
            return self._used(db, name, budget, time.time())

    @staticmethod
    def _used(db: sqlite3.Connection, name: str, budget: Budget, now: float) -> float:
        row = db.execute(
            "SELECT used FROM budgets WHERE name = ? AND unit = ? AND day = ?",
            (name, _unit(budget), budget.day(now)),
        ).fetchone()
        return float(row[0]) if row else 0.0


def _bearable(host: str, wait: float, longest_s: float, reason: str) -> float:
    if wait > longest_s:
        raise too_long(host, time.time() + wait, reason)
    return max(wait, 0.0)


def _unit(budget: Budget) -> str:
    # Days of different zones are different days.
    return f"{budget.unit}/{budget.resets}"


def too_long(host: str, until: float, reason: str) -> RateLimited:
    """Make the error of a wait that is longer than we may."""
    at = datetime.fromtimestamp(until, UTC)
    return RateLimited(
        f"ask {host}",
        got=f"a wait of {max(until - time.time(), 0.0):.0f} s ({reason or 'too many requests'})",
        expected="a shorter one",
        hint=f"again after {at:%Y-%m-%d %H:%M:%S} UTC; what is stored goes on where it stopped",
        retry_at=at,
        reason=reason,
    )


def _spent(name: str, budget: Budget, used: float, amount: float, now: float) -> BudgetExceeded:
    at = budget.next_day(now)
    return BudgetExceeded(
        f"spend {amount:g} {budget.unit} on {name}",
        got=f"{used:g} of {budget.amount:g} {budget.unit} used today",
        expected="something left",
        hint=f"again after {at:%Y-%m-%d %H:%M} UTC, or a larger budget=",
        retry_at=at,
        reason=f"budget of {budget.unit}",
    )
