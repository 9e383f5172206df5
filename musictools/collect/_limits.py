"""How often a platform may be asked, and what asking costs."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

UTC = dt.UTC

# So that a notebook's first questions need not wait.
_AT_ONCE = 0.2
# A request may leave a little late, and one behind it in time.
_SLACK = 1.02


@dataclass(frozen=True)
class Rate:
    """At most ``requests`` in any ``seconds``: a few at once, and the others spread out.

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
    def burst(self) -> int:
        """How many may go at once."""
        return max(int(self.requests * _AT_ONCE), 1)

    @property
    def interval_s(self) -> float:
        """Seconds from one request to the next, behind those that went at once.

        Slow enough that these and the burst stay within the limit in any window: a bucket of all
        requests, refilled at the full rate, would let twice as many through in its first one.
        """
        return _SLACK * self.seconds / (self.requests - self.burst + 1)

    def seconds_of(self, requests: int) -> float:
        """Give how long some requests take."""
        return max(requests - self.burst, 0) * self.interval_s


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
