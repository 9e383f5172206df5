"""How often a platform may be asked, and what asking costs."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

UTC = dt.UTC


@dataclass(frozen=True)
class Rate:
    """At most ``requests`` in ``seconds``, in a burst or spread out.

    Attributes
    ----------
    requests : float
        How many.
    seconds : float
        In how long.
    """

    requests: float
    seconds: float

    @property
    def interval_s(self) -> float:
        """Seconds from one request to the next, in the long run."""
        return self.seconds / self.requests


@dataclass(frozen=True)
class Budget:
    """An amount for a day.

    Attributes
    ----------
    unit : str
        ``"requests"``, ``"units"`` (a platform's own), or ``"usd"``.
    amount : float
        How much a day.
    resets : str
        Time zone in which the day begins.
    """

    unit: str
    amount: float
    resets: str = "UTC"

    def day(self, now: float) -> str:
        """Give the day to which a moment belongs."""
        return dt.datetime.fromtimestamp(now, ZoneInfo(self.resets)).date().isoformat()

    def next_day(self, now: float) -> dt.datetime:
        """Give the moment of the next reset, UTC."""
        here = dt.datetime.fromtimestamp(now, ZoneInfo(self.resets))
        tomorrow = here.date() + dt.timedelta(days=1)
        midnight = dt.datetime.combine(tomorrow, dt.time(), ZoneInfo(self.resets))
        return midnight.astimezone(UTC)


@dataclass(frozen=True)
class Limits:
    """What a platform allows.

    Attributes
    ----------
    rate : Rate or None
        Token bucket of each host, shared by all processes of one store.
    budgets : tuple of Budget
        What a day may take; several hold at once.
    """

    rate: Rate | None = None
    budgets: tuple[Budget, ...] = ()
