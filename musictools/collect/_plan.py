"""What a collection will take, before the first request."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from musictools.collect._limits import Budget, Limits
from musictools.errors import InputError, closest

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Price:
    """What a method takes.

    Attributes
    ----------
    rows : float
        Rows, or things asked about, in one request.
    cost : mapping
        Of one request, by unit; one request by default.
    per_row : mapping
        Of each row, by unit: X bills what it returns.
    """

    rows: float = 1
    cost: Mapping[str, float] = field(default_factory=dict)
    per_row: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What a collection will take.

    Attributes
    ----------
    platform : str
        Whom it asks.
    calls : int
        Requests.
    seconds : float
        At the rate that the platform allows, without its answers' own time.
    days : int
        Days that quotas and budgets spread it over.
    quota : mapping
        By unit of the platform's budgets.
    usd : float
        Dollars.
    by_method : mapping
        Requests of each method.
    binding : str
        What makes it take so many days; empty where nothing does.
    """

    platform: str
    calls: int
    seconds: float
    days: int
    quota: Mapping[str, float]
    usd: float
    by_method: Mapping[str, int]
    binding: str = ""

    def __str__(self) -> str:
        time = f"{self.days} days" if self.days > 1 else _spoken(self.seconds)
        because = f" ({self.binding})" if self.binding else ""
        others = {u: amount for u, amount in self.quota.items() if u not in {"requests", "usd"}}
        units = "".join(f", {amount:g} {unit}" for unit, amount in others.items())
        money = f"{self.usd:.2f} US dollars" if self.usd else "free of charge"
        return f"{self.platform}: {self.calls} requests, {time}{because}{units}, {money}"

    @property
    def table(self) -> "pd.DataFrame":
        """Requests of each method, as a table."""
        import pandas as pd

        return pd.DataFrame(
            {"method": list(self.by_method), "calls": list(self.by_method.values())}
        )


def make_plan(
    platform: str, prices: Mapping[str, Price], limits: Limits, wanted: Mapping[str, int]
) -> Plan:
    """Add up what some rows of each method take."""
    quota: dict[str, float] = {}
    by_method: dict[str, int] = {}
    for method, rows in wanted.items():
        if method not in prices:
            raise InputError(
                f"plan {method} of {platform}",
                got=repr(method),
                expected="one of its methods",
                hint=closest(method, prices),
            )
        _check_count(platform, method, rows)
        price = prices[method]
        calls = math.ceil(rows / price.rows)
        by_method[method] = calls
        for unit, amount in ({"requests": 1.0} | dict(price.cost)).items():
            quota[unit] = quota.get(unit, 0.0) + amount * calls
        for unit, amount in price.per_row.items():
            quota[unit] = quota.get(unit, 0.0) + amount * rows
    calls = sum(by_method.values())
    days, binding = 1, ""
    for budget in limits.budgets:
        needed = _days(platform, budget, quota.get(budget.unit, 0.0))
        if needed > days:
            days, binding = needed, f"{budget.amount:g} {budget.unit} a day"
    seconds = limits.rate.seconds_of(calls) if limits.rate else 0.0
    if seconds > days * 86_400:
        days, binding = math.ceil(seconds / 86_400), "the rate of requests"
    return Plan(platform, calls, seconds, days, quota, quota.get("usd", 0.0), by_method, binding)


def _check_count(platform: str, method: str, rows: Any) -> None:
    if isinstance(rows, bool) or not isinstance(rows, int | float) or not 0 <= rows < math.inf:
        raise InputError(
            f"plan {method} of {platform}",
            got=repr(rows),
            expected="how many rows",
            hint=f"plan({method}=1000)",
        )


def _days(platform: str, budget: Budget, needed: float) -> int:
    if budget.amount:
        return math.ceil(needed / budget.amount - 1e-9)
    if needed:
        raise InputError(
            f"plan {platform}",
            got=f"{needed:g} {budget.unit}, and a budget of none",
            expected="a budget that holds some of it each day",
            hint=f"budget={{{budget.unit!r}: 1}}",
        )
    return 0


def _spoken(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
