"""allocate(): where the budget should go, and whether that beats what is done already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError, closest
from musictools.marketing import _media_words as words
from musictools.marketing._adstock import Array, weights
from musictools.marketing._media_data import MediaData
from musictools.marketing._posterior import Posterior
from musictools.marketing._saturation import curve

if TYPE_CHECKING:
    import pandas as pd

#: Beyond so many times today's spend the data has seen nothing.
_BEYOND = 3.0
#: Multiples of today's spend at which curves are worked out; between them they are straight.
_GRID = 41
#: A plan is said to beat another where it does so in so many posterior draws.
_SURE = 0.9
_ROUNDS = 200


@dataclass(frozen=True)
class Wishes:
    """What a reader asks for."""

    budget: float
    bounds: dict[str, tuple[float, float]]
    steps: int
    risk_aversion: float
    hold: bool


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Allocation(Result):
    """A budget spread over channels, beside an equal split and today's.

    Attributes
    ----------
    budget : float
        Money in all.
    sales : float
        What it is expected to bring: mean of the posterior.
    lo_90, hi_90 : float
        Its interval.
    beats_equal, beats_today : float
        Part of posterior draws in which it brings more than an equal split, and than today's split
        of the same budget.
    gain_equal, gain_today : float
        How much more, on average.
    verdict : str
        Whether to move money, in words.
    table : pandas.DataFrame
        Indexed by channel: ``spend``, ``today`` (today's split of this budget), ``equal``,
        ``sales``, ``roas``, ``marginal_roas`` (sales of the next unit of money) with
        ``marginal_lo_90`` and ``marginal_hi_90``, ``verdict``, ``held``.
    curves : pandas.DataFrame
        ``channel``, ``spend``, ``sales``, ``lo_90``, ``hi_90``, ``marginal_roas``.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "media_budget"
    _called: ClassVar[str] = "Budget over channels"
    _caption: ClassVar[str] = "Channels"
    _kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(("today", "equal"), "spend")

    budget: float
    sales: float
    lo_90: float
    hi_90: float
    beats_equal: float
    beats_today: float
    gain_equal: float
    gain_today: float
    verdict: str
    table: "pd.DataFrame"
    curves: "pd.DataFrame"

    def to_frame(self) -> "pd.DataFrame":
        """Give the plan, one row for each channel.

        Returns
        -------
        pandas.DataFrame
            A copy of ``table``.
        """
        return self.table.copy()


def allocate_budget(
    posterior: Posterior, data: MediaData, points: Array, roas: "pd.DataFrame", wishes: Wishes
) -> Allocation:
    """Find the best plan on a grid, then see how often it beats the others."""
    budget = wishes.budget
    if not (np.isfinite(budget) and budget > 0):
        _refuse(f"a budget of {budget}", "an amount above 0", "mix.allocate(10_000)")
    if not 2 <= wishes.steps <= 10_000 or not wishes.risk_aversion >= 0:
        _refuse(f"steps={wishes.steps}, risk_aversion={wishes.risk_aversion}",
                "2 to 10,000 steps, an aversion of 0 or more", "steps=200")  # fmt: skip
    spent = data.panel.spend.sum(axis=(0, 1))
    today = budget * spent / spent.sum()
    held = ~words.movable(roas) if wishes.hold else np.zeros(len(spent), dtype=bool)
    held &= np.array([name not in wishes.bounds for name in data.channels])
    low, high = _bounds(data.channels, wishes, today, held)
    equal = np.full(len(spent), budget / len(spent))
    most = np.maximum.reduce([high, today, equal, spent])
    money = np.linspace(0, 1, _GRID) ** 1.5 * most[:, None]
    brought = response_curves(posterior, points, money / spent[:, None])
    response = _Response(money, brought, wishes.risk_aversion)
    plan = _plan(response, low, high, wishes, (today, equal))
    return _result(data, roas, wishes, response, (plan, today, equal), held)


def response_curves(posterior: Posterior, points: Array, times: Array) -> Array:
    """Sales in the window at multiples of the spend that was, (channels, multiples, points)."""
    first, second, log_share = posterior.split(points)
    kept, _ = weights(posterior.adstock, first, posterior.lags)
    level = posterior.panel.level * posterior.weeks
    out = np.zeros((*times.shape, len(points)))
    for group in range(posterior.groups):
        stock = posterior.stock(kept, group)
        for c in range(posterior.channels):
            given = second[:, c, None, :]
            whole = curve(posterior.saturation, stock[c], given)[0].mean(axis=0)
            rate = level[group] * np.exp(log_share[group, c]) / whole
            if not posterior.on[c, group].any():
                continue
            for i, multiple in enumerate(times[c]):
                # A curve's least value is not quite nothing; no spend is.
                value = curve(posterior.saturation, multiple * stock[c], given)[0]
                out[c, i] += rate * value.mean(axis=0) * (multiple > 0)
    return out


@dataclass(frozen=True)
class _Response:
    """Sales by money: straight between the points of a grid."""

    money: Array
    brought: Array
    aversion: float

    def at(self, channel: int, amount: float) -> Array:
        """Sales of one channel in each draw."""
        grid = self.money[channel]
        i = int(np.clip(np.searchsorted(grid, amount) - 1, 0, len(grid) - 2))
        part = (amount - grid[i]) / (grid[i + 1] - grid[i])
        own = self.brought[channel]
        value: Array = own[i] + part * (own[i + 1] - own[i])
        return value

    def each(self, plan: Array) -> Array:
        """Sales (channels, draws)."""
        return np.stack([self.at(c, float(amount)) for c, amount in enumerate(plan)])

    def utility(self, sales: Array) -> Array:
        """Mean less the aversion times the spread; draws last."""
        worth: Array = sales.mean(axis=-1) - self.aversion * sales.std(axis=-1)
        return worth


def _bounds(channels: list[str], wishes: Wishes, today: Array, held: Array) -> tuple[Array, Array]:
    low, high = np.zeros(len(channels)), np.minimum(_BEYOND * today, wishes.budget)
    low[held] = high[held] = today[held]
    for name, pair in wishes.bounds.items():
        if name not in channels:
            _refuse(f"bounds of {name!r}", "a channel of spend", closest(str(name), channels))
        least, most = (float(value) for value in pair)
        if not 0 <= least <= most:
            _refuse(f"bounds of {name!r} from {least:g} to {most:g}", "0 <= least <= most",
                    f"bounds={{{name!r}: (0, {wishes.budget:g})}}")  # fmt: skip
        at = channels.index(name)
        low[at], high[at] = least, min(most, wishes.budget)
    if low.sum() > wishes.budget * (1 + 1e-9) or high.sum() < wishes.budget * (1 - 1e-9):
        _refuse(f"a budget of {wishes.budget:g}, bounds that allow {low.sum():g} to {high.sum():g}",
                "a budget between them", "wider bounds, or hold=False")  # fmt: skip
    return low, high


def _plan(
    response: _Response, low: Array, high: Array, wishes: Wishes, others: tuple[Array, ...]
) -> Array:
    """Give the best of the exact plan for independent channels and the others, improved."""
    unit = max((wishes.budget - low.sum()) / wishes.steps, 0.0)
    starts = [_exact(response, low, high, wishes.budget, wishes.steps)]
    starts += [o for o in others if (o >= low - 1e-9).all() and (o <= high + 1e-9).all()]
    if unit > 0:
        starts = [_exchange(response, start, (low, high), unit) for start in starts]
    worth = [float(response.utility(response.each(start).sum(axis=0))) for start in starts]
    return starts[int(np.argmax(worth))]


def _exact(response: _Response, low: Array, high: Array, budget: float, steps: int) -> Array:
    """Dynamic programming over steps: curves may be S-shaped, so greedy steps would be wrong."""
    unit = (budget - low.sum()) / steps
    if unit <= 0:
        return low
    room = np.minimum(np.floor((high - low) / unit + 1e-9).astype(int), steps)
    best = np.full(steps + 1, -np.inf)
    best[0] = 0.0
    taken = []
    for c in range(len(low)):
        worth = [
            float(response.utility(response.at(c, low[c] + k * unit))) for k in range(room[c] + 1)
        ]
        options = np.full((room[c] + 1, steps + 1), -np.inf)
        for k, value in enumerate(worth):
            options[k, k:] = best[: steps + 1 - k] + value
        taken.append(options.argmax(axis=0))
        best = options.max(axis=0)
    at = int(np.flatnonzero(np.isfinite(best))[-1])
    plan = low.copy()
    for c in reversed(range(len(low))):
        plan[c] += taken[c][at] * unit
        at -= int(taken[c][at])
    # Bounds that are no whole number of steps leave a rest.
    for c in np.argsort(-(high - plan)):
        plan[c] += max(min(budget - plan.sum(), high[c] - plan[c]), 0.0)
    return plan


def _exchange(response: _Response, plan: Array, bounds: tuple[Array, Array], unit: float) -> Array:
    """Move steps from one channel to another while that helps: draws are not independent."""
    low, high = bounds
    plan = plan.copy()
    sales = response.each(plan)
    for _ in range(_ROUNDS):
        total = sales.sum(axis=0)
        now = float(response.utility(total))
        best = (now * (1 + 1e-9), -1, -1)
        for give in np.flatnonzero(plan - unit >= low - 1e-9).tolist():
            less = response.at(give, max(plan[give] - unit, 0.0)) - sales[give]
            for take in np.flatnonzero(plan + unit <= high + 1e-9).tolist():
                if take == give:
                    continue
                more = response.at(take, plan[take] + unit) - sales[take]
                worth = float(response.utility(total + less + more))
                best = max(best, (worth, give, take))
        if best[1] < 0:
            break
        _, give, take = best
        plan[give] = max(plan[give] - unit, 0.0)
        plan[take] += unit
        sales[[give, take]] = response.at(give, plan[give]), response.at(take, plan[take])
    return plan


def _result(
    data: MediaData,
    roas: "pd.DataFrame",
    wishes: Wishes,
    response: _Response,
    plans: tuple[Array, Array, Array],
    held: Array,
) -> Allocation:
    import pandas as pd

    plan, today, equal = plans
    each = response.each(plan)
    total = each.sum(axis=0)
    gains = [total - response.each(other).sum(axis=0) for other in (equal, today)]
    beats = [float((gain > 1e-9 * total).mean()) for gain in gains]
    step = wishes.budget / wishes.steps
    ahead = response.each(np.minimum(plan + step, response.money[:, -1]))
    wide = np.minimum(plan + step, response.money[:, -1]) - plan
    behind = response.each(np.maximum(plan - step, 0.0))
    width = wide + plan - np.maximum(plan - step, 0.0)
    next_unit = (ahead - behind) / width[:, None]
    least, most = np.quantile(next_unit, [0.05, 0.95], axis=1)
    table = pd.DataFrame(
        {
            "spend": plan,
            "today": today,
            "equal": equal,
            "sales": each.mean(axis=1),
            "roas": each.mean(axis=1) / np.where(plan > 0, plan, np.nan),
            "marginal_roas": next_unit.mean(axis=1),
            "marginal_lo_90": least,
            "marginal_hi_90": most,
            "verdict": roas["verdict"].to_numpy(),
            "held": held,
        },
        index=pd.Index(data.channels, name="channel"),
    )
    low, high = np.quantile(total, [0.05, 0.95])
    return Allocation(
        budget=float(wishes.budget),
        sales=float(total.mean()),
        lo_90=float(low),
        hi_90=float(high),
        beats_equal=beats[0],
        beats_today=beats[1],
        gain_equal=float(gains[0].mean()),
        gain_today=float(gains[1].mean()),
        verdict=_verdict(beats, [float(g.mean()) for g in gains], table),
        table=table,
        curves=_curves(data.channels, response),
        provenance={
            "musictools": __version__,
            "function": "marketing.MediaMix.allocate",
            "budget": float(wishes.budget),
            "risk_aversion": wishes.risk_aversion,
        },
    )


def _curves(channels: list[str], response: _Response) -> "pd.DataFrame":
    import pandas as pd

    frames = []
    for c, name in enumerate(channels):
        own = response.brought[c]
        low, high = np.quantile(own, [0.05, 0.95], axis=1)
        frames.append(
            pd.DataFrame(
                {
                    "channel": name,
                    "spend": response.money[c],
                    "sales": own.mean(axis=1),
                    "lo_90": low,
                    "hi_90": high,
                    "marginal_roas": np.gradient(own.mean(axis=1), response.money[c]),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _verdict(beats: list[float], gains: list[float], table: "pd.DataFrame") -> str:
    free = table.index[~table["held"]]
    if len(free) < 2:
        return (
            "No plan is better than today's split: "
            + ("no channel is" if len(free) == 0 else "fewer than two channels are")
            + " known well enough, so money cannot be moved on this evidence."
        )
    told = [
        f"{name} in {part:.0%} of posterior draws (mean gain {gain:,.0f})"
        for name, part, gain in zip(("an equal split", "today's split"), beats, gains, strict=True)
    ]
    names = [str(name) for name in table.index[table["held"]]]
    # An equal split moves that money, so a plan that may not can lose against it.
    kept = f" Held at today's part, too little being known: {', '.join(names)}." if names else ""
    if min(beats) >= _SURE:
        return f"The plan beats {told[0]}, and {told[1]}.{kept}"
    if np.allclose(table["spend"], table["today"], rtol=0.02):
        return f"Today's split is as good as any that was found; it beats {told[0]}.{kept}"
    return f"The plan is not shown to be better: it beats {told[0]}, and {told[1]}.{kept}"


def _refuse(got: str, expected: str, hint: str) -> None:
    raise InputError("allocate a budget", got=got, expected=expected, hint=hint)
