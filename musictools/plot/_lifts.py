"""Pictures of lifts: playlists by time, posts by platform, airplay by week, syncs, the funnel."""

from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._counts import counted
from musictools._figures import chance
from musictools.plot._style import (
    PALETTE,
    amounts_in_full,
    axes_or_current,
    name_rows,
)
from musictools.plot._words import written

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from musictools.marketing import AirplayResponse, Funnel, PlaylistLift, PostLift, SyncLift

_MOST = 20


def playlist_lift(lift: "PlaylistLift", *, ax: "Axes | None" = None) -> "Axes":
    """Draw what adds brought by the time since, with intervals, beside a plain comparison.

    Parameters
    ----------
    lift : PlaylistLift
        What ``mt.marketing.playlist_lift`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> made = mt.datasets.simulate_panel("playlist", periods=60, rng=1)
    >>> ax = mt.plot.playlist_lift(mt.marketing.playlist_lift(made.series, made.events))
    >>> ax.get_xlabel()
    'Periods since the add'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    path = lift.path
    ax.fill_between(path["event_time"], path["lo_90"], path["hi_90"], color=PALETTE[0], alpha=0.2,
                    linewidth=0, label="90 % interval of each period")  # fmt: skip
    ax.plot(path["event_time"], path["effect"], "o-", color=PALETTE[0], markersize=4,
            label="lift, momentum allowed for")  # fmt: skip
    ax.plot(path["event_time"], path["unadjusted"], "--", color=PALETTE[1],
            label="beside tracks not added, no more")  # fmt: skip
    ax.axhline(lift.naive, color="#555555", linestyle=(0, (2, 3)), label="before/after")
    ax.axhline(0, color="#555555", linewidth=0.8)
    span = f"{written(lift.lo_90)} to {written(lift.hi_90)}"
    title = f"{written(lift.effect)} a period on the list ({span}), {counted(lift.adds, 'add')}"
    ax.set_title(title, loc="left", fontsize="medium")
    ax.set(xlabel="Periods since the add", ylabel="Lift per period (unit of the series)")
    ax.yaxis.set_major_formatter(lambda value, _: written(value))
    # Inside, four entries would lie upon a line or the interval.
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.16), ncols=2, fontsize="small")
    return ax


def post_lift(lift: "PostLift", *, ax: "Axes | None" = None) -> "Axes":
    """Draw what posts brought for each 1,000 people reached, by platform, with intervals.

    Parameters
    ----------
    lift : PostLift
        What ``mt.marketing.post_lift`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> made = mt.datasets.simulate_panel("post", units=12, treated=8, periods=90, rng=1)
    >>> ax = mt.plot.post_lift(mt.marketing.post_lift(made.series, made.events))
    >>> ax.get_xlabel()
    'Brought within 28 periods for each 1,000 engaged (unit of the series)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    table = lift.platforms
    names = [f"{row.platform} ({row.posts})" for row in _rows(table)]
    values = [*table["per_1000"], lift.per_1000]
    low, high = [*table["lo_90"], lift.lo_90], [*table["hi_90"], lift.hi_90]
    _forest(ax, [*names, f"all ({lift.posts})"], values, low, high)
    ax.set_title(f"Memory: {lift.kernel}, {lift.memory:g}; {chance(lift.p_value)}", loc="left",
                 fontsize="medium")  # fmt: skip
    span = counted(lift.memory_periods, "period")
    ax.set(xlabel=f"Brought within {span} for each 1,000 {lift.unit} (unit of the series)",
           ylabel="Platform (posts)")  # fmt: skip
    return ax


def airplay_response(found: "AirplayResponse", *, ax: "Axes | None" = None) -> "Axes":
    """Draw what airplay brought, period by period, with its size in the title.

    Parameters
    ----------
    found : AirplayResponse
        What ``mt.marketing.airplay_response`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> made = mt.datasets.simulate_campaign(events=["airplay"], channels=1, rng=1)
    >>> ax = mt.plot.airplay_response(mt.marketing.airplay_response(made.series, made.airplay))
    >>> ax.get_ylabel()
    'Brought per period (unit of the series)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    path = found.path
    dated = path["ds"].dtype.kind == "M"
    ax.fill_between(path["ds"], 0, path["effect"], color=PALETTE[0], alpha=0.4, linewidth=0)
    ax.plot(path["ds"], path["effect"], color=PALETTE[0])
    ax.set_title(
        "; ".join(
            f"{row.medium} {written(row.per_1000)} for each 1,000 contacts "
            f"({written(row.lo_90)} to {written(row.hi_90)})"
            for row in _rows(found.media)
        ),
        loc="left",
        fontsize="medium",
    )
    ax.set(xlabel="Date" if dated else "Period",
           ylabel="Brought per period (unit of the series)")  # fmt: skip
    amounts_in_full(ax, "y")
    return ax


def sync_lift(lift: "SyncLift", *, ax: "Axes | None" = None) -> "Axes":
    """Draw what each sync brought, and all together, with intervals.

    Parameters
    ----------
    lift : SyncLift
        What ``mt.marketing.sync_lift`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; of many syncs the first twenty and the mean.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> made = mt.datasets.simulate_panel("campaign", units=20, treated=1, rng=1)
    >>> lift = mt.marketing.sync_lift(made.series, made.events.assign(kind="sync"))
    >>> ax = mt.plot.sync_lift(lift)
    >>> ax.get_ylabel()
    'Sync'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    table = lift.syncs.head(_MOST)
    names = [
        f"{row.subject}, {str(row.ds).removesuffix(' 00:00:00')}" for row in table.itertuples()
    ]
    values = [*table["effect"], lift.effect]
    low, high = [*table["lo_90"], lift.lo_90], [*table["hi_90"], lift.hi_90]
    _forest(ax, [*names, f"mean of {len(lift.syncs)}"], values, low, high)
    ax.set(xlabel="Lift per period (unit of the series)", ylabel="Sync")
    return ax


def funnel(found: "Funnel", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the shares of the funnel with intervals, before and after where there are two periods.

    Parameters
    ----------
    found : Funnel
        What ``mt.marketing.funnel`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; streams per listener, which are no share, stand in the title.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> table = pd.DataFrame({"ds": [1, 2], "streams": [300, 330], "listeners": [150, 160],
    ...                       "saves": [15, 14]})
    >>> ax = mt.plot.funnel(mt.marketing.funnel(table))
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['save rate']
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    table = found.table
    ratio = table[table["rate"] == "streams_per_listener"]
    shares = table[table["rate"] != "streams_per_listener"]
    rates = list(dict.fromkeys(shares["rate"]))
    periods = list(dict.fromkeys(shares["period"]))
    for number, period in enumerate(periods):
        part = shares[shares["period"] == period]
        at = [len(rates) - 1 - rates.index(name) for name in part["rate"]]
        moved = np.array(at) + (0.12 - 0.24 * number if len(periods) > 1 else 0.0)
        bars = 100 * np.array([part["value"] - part["lo_90"], part["hi_90"] - part["value"]])
        ax.errorbar(100 * part["value"], moved, xerr=np.maximum(bars, 0), fmt="o", markersize=4,
                    color=PALETTE[number], label=period)  # fmt: skip
    ax.set_ylim(-0.5, max(len(rates), 1) - 0.5)
    name_rows(ax, range(len(rates)), [name.replace("_", " ") for name in rates[::-1]])
    if len(periods) > 1:
        ax.legend(loc="best", fontsize="small")
    if len(ratio):
        told = ", ".join(
            f"{written(row.value)} ({written(row.lo_90)} to {written(row.hi_90)})"
            + ("" if row.period == "all" else f" {row.period}")
            for row in _rows(ratio)
        )
        ax.set_title(f"Streams per listener: {told}", loc="left", fontsize="medium")
    ax.set(xlabel="Share, with its 90 % interval (%)", ylabel="Rate")
    return ax


def _forest(ax: "Axes", names: list[str], values: Any, low: Any, high: Any) -> None:
    """Points with intervals under each other; the last, which is of all, stands out."""
    values, low, high = (np.asarray(each, float) for each in (values, low, high))
    at = np.arange(len(names))[::-1]
    bars = np.array([values - low, high - values])
    bars[~np.isfinite(bars)] = 0.0
    ax.errorbar(values[:-1], at[:-1], xerr=bars[:, :-1], fmt="o", markersize=4, color=PALETTE[0])
    ax.errorbar(values[-1:], at[-1:], xerr=bars[:, -1:], fmt="D", markersize=5, color="black")
    ax.axvline(0, color="#555555", linewidth=0.8)
    ax.set_ylim(-0.5, len(names) - 0.5)
    name_rows(ax, list(at), names)
    amounts_in_full(ax, "x")


def _rows(table: "pd.DataFrame") -> Any:
    return table.itertuples()
