"""A budget over the weeks to come: laid around releases as it was before, and what it may bring."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.errors import InputError, TableError, closest
from musictools.marketing._adstock import Array
from musictools.marketing._calendar import Calendar, read_calendar
from musictools.marketing._controls import read_events
from musictools.marketing._media_data import MediaData
from musictools.marketing._posterior import Posterior
from musictools.marketing._saturation import curve

if TYPE_CHECKING:
    import pandas as pd

#: Weeks before and after a release in which spend is taken to be about it.
_BEFORE, _AFTER = 4, 12


def lay_out(
    data: MediaData,
    amounts: Mapping[str, float],
    dates: Any,
    past: "pd.DataFrame | None",
    coming: "pd.DataFrame | None",
) -> "pd.DataFrame":
    """Weeks x channels: even, with what each channel used to spend around releases on top."""
    import pandas as pd

    what = "lay out a budget"
    _one_group(data, what)
    index = pd.Index(dates)
    ahead = read_calendar(index, np.arange(len(index))[None], [None])
    if abs(ahead.step_days - data.calendar.step_days) > 1.5 and ahead.weeks > 1:
        raise InputError(
            what, got=f"rows of {ahead.step_days:g} days",
            expected=f"{data.calendar.step_days:g} days, as in the fit", hint="dates=",
        )  # fmt: skip
    frame = pd.DataFrame(0.0, index=index, columns=data.channels)
    for name, amount in amounts.items():
        if name not in data.channels:
            raise InputError(what, got=f"a channel {name!r}", expected="one of the fit",
                             hint=closest(str(name), data.channels))  # fmt: skip
        if not (np.isfinite(amount) and amount >= 0):
            raise InputError(what, got=f"{amount} for {name!r}", expected="0 or more",
                             hint="mix.allocate(10_000).table.spend")  # fmt: skip
        spend = data.panel.spend[0, :, data.channels.index(name)]
        weight = np.ones(ahead.weeks)
        if past is not None and coming is not None:
            weight = _rhythm(spend, data.calendar, past, ahead, coming)
        frame[name] = amount * weight / weight.sum()
    return frame


def _rhythm(
    spend: Array,
    calendar: Calendar,
    past: "pd.DataFrame",
    ahead: Calendar,
    coming: "pd.DataFrame",
) -> Array:
    """Usual spend out of releases, plus what came on top in each week around one."""
    offsets = _offsets(calendar, past)
    near = (offsets >= -_BEFORE) & (offsets <= _AFTER)
    quiet = ~near.any(axis=0)
    base = spend[quiet].mean() if quiet.any() else spend.min()
    on_top = np.zeros(_BEFORE + _AFTER + 1)
    for place in range(len(on_top)):
        hit = (offsets == place - _BEFORE).any(axis=0)
        on_top[place] = max(spend[hit].mean() - base, 0.0) if hit.any() else 0.0
    weight = np.full(ahead.weeks, float(base))
    for own in _offsets(ahead, coming):
        inside = (own >= -_BEFORE) & (own <= _AFTER)
        weight[inside] += on_top[own[inside] + _BEFORE]
    return weight if weight.sum() > 0 else np.ones(ahead.weeks)


def _offsets(calendar: Calendar, events: "pd.DataFrame") -> Array:
    """Weeks since each event, (events, weeks)."""
    table = read_events(events, "releases")
    # The last part of a row tells: a release in a week makes it week 0.
    return np.array(
        [np.floor(calendar.ages(when)[:, -1] + 1e-9).astype(int) for when in table["ds"]]
    ).reshape(len(table), calendar.weeks)


def expect_sales(
    posterior: Posterior, data: MediaData, points: Array, plan: "pd.DataFrame"
) -> "pd.DataFrame":
    """Sales that a plan brings by channel and in all, inside its weeks."""
    import pandas as pd

    what = "work out what a plan brings"
    _one_group(data, what)
    columns = [str(name) for name in getattr(plan, "columns", ())]
    unknown = [name for name in columns if name not in data.channels]
    if unknown or not columns:
        raise TableError(
            what, got=f"the columns {', '.join(columns) or 'of no table'}",
            expected="channels of the fit: " + ", ".join(data.channels),
            hint="mix.flight(amounts, dates)",
        )  # fmt: skip
    values = plan.to_numpy(dtype=float)
    if not np.isfinite(values).all() or (values < 0).any():
        raise InputError(what, got="spend that is missing, infinite or negative",
                         expected="0 or more", hint="plan.fillna(0)")  # fmt: skip
    first, second, log_share = posterior.split(points)
    past = posterior.shapes(posterior.kept(first), second, 0).mean(axis=1)
    rows, whole = [], np.zeros(len(points))
    for place, name in enumerate(columns):
        c = data.channels.index(name)
        stock = _stock(posterior, first[:, c], values[:, place] / data.panel.unit[0, c])
        on = stock.sum(axis=0) > 0
        shape = curve(posterior.saturation, stock, second[:, c, None, :])[0].sum(axis=0) * on
        brought = np.exp(log_share[0, c]) * data.panel.level[0] * shape / past[c]
        whole += brought
        rows.append(_row(name, float(values[:, place].sum()), brought))
    rows.append(_row("all", float(values.sum()), whole))
    return pd.DataFrame(rows).set_index("channel")


def _stock(posterior: Posterior, free: Array, spend: Array) -> Array:
    """Adstock of a new path of spend, (weeks, points); nothing before it counts."""
    kept = posterior.kept(free[:, None])[:, 0]
    out = np.zeros((len(spend), kept.shape[1]))
    for lag in range(min(posterior.lags, len(spend))):
        out[lag:] += kept[lag] * spend[: len(spend) - lag, None]
    return out


def _row(name: str, spend: float, brought: Array) -> dict[str, Any]:
    low, high = np.quantile(brought, [0.05, 0.95])
    return {"channel": name, "spend": spend, "sales": float(brought.mean()),
            "lo_90": float(low), "hi_90": float(high)}  # fmt: skip


def _one_group(data: MediaData, what: str) -> None:
    if len(data.groups) > 1:
        raise InputError(
            what, got=f"a fit of {len(data.groups)} groups", expected="one",
            hint="fit the group by itself",
        )  # fmt: skip
