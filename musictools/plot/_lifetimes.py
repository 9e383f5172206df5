"""Pictures of how long things last: survival, hazards, and one title's way through a chart."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._counts import counted
from musictools._frames import as_pandas
from musictools.errors import InputError, TableError, closest
from musictools.plot._style import (
    PALETTE,
    axes_or_current,
    boxes_for_strange_letters,
    legend_of_groups,
    name_rows,
    plain_logs,
)
from musictools.plot._words import no_formula, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.trends._cox import Hazards
    from musictools.trends._survival import Survival

_WHAT = "draw a chart run"


def survival(found: "Survival", *, ax: "Axes | None" = None) -> "Axes":
    """Draw survival curves with their intervals, and where some were last seen.

    Parameters
    ----------
    found : Survival
        What ``mt.trends.survival`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a stair and a band for each group, its median in the legend, and small
        ticks where something was last seen that had not ended.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> made = mt.datasets.simulate_chart(weeks=60, size=20, rng=1)
    >>> ax = mt.trends.survival(mt.trends.chart_runs(made.chart)).plot()
    >>> ax.get_ylabel()
    'Lasts longer (share)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    medians = dict(zip(found.groups["group"], found.groups["median"], strict=True))
    for number, (group, rows) in enumerate(found.table.groupby("group", sort=False)):
        colour = PALETTE[number % len(PALETTE)]
        style = ("-", "--", ":")[number // len(PALETTE) % 3]
        time = rows["time"].to_numpy()
        with boxes_for_strange_letters():
            ax.step(
                time, rows["survival"], where="post", color=colour, linestyle=style,
                label=no_formula(f"{group}: median {medians[group]:g}"),
            )  # fmt: skip
        ax.fill_between(time, rows["lo"], rows["hi"], step="post", color=colour, alpha=0.18, lw=0)
        lost, stays = rows["censored"].to_numpy() > 0, rows["survival"].to_numpy()
        ax.scatter(time[lost], stays[lost], marker="|", s=24, color=colour, lw=0.8)
    ax.set(xlabel=f"Time ({found.unit})", ylabel="Lasts longer (share)", ylim=(0, 1.02))
    ax.set_xlim(left=0)
    with boxes_for_strange_letters():
        legend_of_groups(ax)
    return ax


def hazards(found: "Hazards", *, ax: "Axes | None" = None) -> "Axes":
    """Draw hazard ratios with their intervals.

    Parameters
    ----------
    found : Hazards
        What ``mt.trends.cox`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, logarithmic: left of 1 lasts longer, right of it ends sooner. Hollow
        points are ratios that change with time (proportionality is rejected at 5 %).

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> made = mt.datasets.simulate_chart(weeks=60, size=20, rng=1)
    >>> runs = mt.trends.chart_runs(made.chart).merge(made.songs[["song", "playlisted"]])
    >>> ax = mt.trends.cox(runs, ["playlisted", "debut"]).plot()
    >>> ax.get_xscale()
    'log'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    rows = found.table.iloc[::-1].reset_index(drop=True)
    places = np.arange(len(rows))
    ax.hlines(places, rows["lo"], rows["hi"], color=PALETTE[0], lw=1.5)
    steady = rows["proportional_p"].to_numpy() >= 0.05
    filled = [PALETTE[0] if each else "white" for each in steady]
    ax.scatter(rows["hazard_ratio"], places, s=30, c=filled, edgecolors=PALETTE[0], zorder=3)
    ax.axvline(1, color="#555555", lw=0.8)
    ax.set_xscale("log")
    plain_logs(ax.xaxis)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    name_rows(ax, places.tolist(), list(rows["covariate"]))
    ax.set_xlabel(f"Hazard ratio ({100 * found.level:g} % interval); beyond 1 ends sooner")
    return ax


def chart_run(chart: Any, title: Mapping[str, str], *, ax: "Axes | None" = None) -> "Axes":
    """Draw one title's way through a chart, the top at the top.

    Parameters
    ----------
    chart : pandas, polars, pyarrow or DuckDB frame
        One row for each place of each chart: ``date``, ``rank``, and what titles are told by.
    title : mapping of str to str
        What the title's rows have in which column, such as ``{"song": "Sail"}``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a line for each stay, broken where the title was off the chart, and a
        mark at its peak.

    Raises
    ------
    TableError
        If a column is missing.
    InputError
        If no row is of that title.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> made = mt.datasets.simulate_chart(weeks=30, size=20, rng=1)
    >>> ax = mt.plot.chart_run(made.chart, {"song": made.chart["song"][0]})
    >>> ax.get_ylabel()
    'Rank'
    >>> plt.close(ax.figure)
    """
    import pandas as pd

    frame = as_pandas(chart, _WHAT)
    for name in ("date", "rank", *title):
        if name not in frame.columns:
            raise TableError(
                _WHAT,
                got=f"no column {name!r} among {', '.join(map(repr, frame.columns))}",
                expected=f"columns {', '.join(map(repr, ('date', 'rank', *title)))}",
                hint=closest(str(name), map(str, frame.columns)),
            )
    rows = frame
    for name, value in title.items():
        rows = rows[rows[name] == value]
    if not title or not len(rows):
        near = [str(v) for v in frame[next(iter(title))].unique()] if title else []
        raise InputError(
            _WHAT,
            got=f"no row with {dict(title)!r}",
            expected="a title of the chart",
            hint=closest(str(next(iter(title.values()), "")), near) if near else "title={...}",
        )
    days = pd.DatetimeIndex(np.sort(pd.to_datetime(frame["date"].unique())))
    best = rows.assign(date=pd.to_datetime(rows["date"])).groupby("date")["rank"].min()
    # Charts without it become gaps of the line.
    line = best.reindex(days[(days >= best.index[0]) & (days <= best.index[-1])])
    ax = axes_or_current(ax)
    ax.plot(line.index, line, color=PALETTE[0], marker=".", ms=4)
    at, peak = best.index[int(best.to_numpy().argmin())], best.min()
    ax.plot([at], [peak], "o", color=PALETTE[1], ms=6, zorder=3, label=f"peak {peak:g}")
    deepest = frame["rank"].max()
    ax.set_ylim(deepest + 0.02 * deepest, 1 - 0.04 * deepest)
    ax.set(xlabel="Date of the chart", ylabel="Rank")
    ax.set_yticks([1, *range(round(deepest / 5), int(deepest) + 1, max(round(deepest / 5), 1))])
    with boxes_for_strange_letters():
        told = ", ".join(map(str, title.values()))
        ax.set_title(no_formula(f"{shortened(told, 60)}: {counted(len(best), 'chart')}"))
    ax.legend()
    return ax
