"""Pictures of a media mix: weeks taken apart, returns, what a design can tell, where money goes."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import EngFormatter

from musictools.plot._style import (
    PALETTE,
    axes_or_current,
    boxes_for_strange_letters,
    name_rows,
)
from musictools.plot._words import no_formula

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

    from musictools.marketing import Allocation, MediaMix, MixCheck

_UNSURE = "#999999"
_IDENTIFIED = "identified"
#: Greys of what comes without channels, dark to light.
_OTHERS = {"base": "#e4e4e4", "controls": "#d0d0d0", "posts": "#bdbdbd", "releases": "#a3a3a3"}
_MARKS = "Dxsv^"


def media_weeks(mix: "MediaMix", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the sales of each week, taken apart into what came anyway, releases and channels.

    Parameters
    ----------
    mix : MediaMix
        A fitted model of one group.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: areas upon each other, grey for what comes without channels, and a black
        line of the sales that were. Where a part is negative it takes from those below.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> made = mt.datasets.simulate_campaign(60, channels=2, events=(), rng=1)
    >>> mix = mt.marketing.MediaMix(method="ridge").fit(made.spend, made.y)
    >>> ax = mt.plot.media_weeks(mix)
    >>> ax.get_ylabel()
    'Sales (in each week)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    parts = mix.decompose()
    sales = parts.sum(axis=1).to_numpy()
    shown = parts.drop(columns="left_over")
    place = shown.index if len(shown.index.names) == 1 else np.arange(len(shown))
    top, colours = np.zeros(len(shown)), iter(PALETTE * (1 + shown.shape[1] // len(PALETTE)))
    with boxes_for_strange_letters():
        for name in shown:
            colour = _OTHERS.get(str(name)) or next(colours)
            above = top + shown[name].to_numpy()
            ax.fill_between(place, top, above, color=colour, linewidth=0, label=no_formula(name))
            top = above
        ax.plot(place, sales, color="black", linewidth=0.9, label="sales")
        handles, labels = ax.get_legend_handles_labels()
        ax.legend(handles[::-1], labels[::-1], fontsize="small", loc="upper left",
                  bbox_to_anchor=(1.0, 1.0))  # fmt: skip
    ax.set_ylabel("Sales (in each week)")
    ax.yaxis.set_major_formatter(EngFormatter(sep=""))
    ax.set_ylim(bottom=0)
    ax.margins(x=0)
    return ax


def media_roas(
    mix: "MediaMix",
    *,
    beside: "Mapping[str, pd.Series[float]] | None" = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the return on ad spend of each channel with its interval.

    Parameters
    ----------
    mix : MediaMix
        A fitted model.
    beside : mapping of str to pandas.Series, optional
        Returns from elsewhere, by channel, to mark beside: the truth of a simulation, the result of
        an experiment, another method's.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: identified channels as filled points, best first; below them those that
        the data does not tell, grey and hollow, in no order of merit.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> rng = np.random.default_rng(1)
    >>> spend = pd.DataFrame(rng.gamma(0.5, 100, (104, 2)), columns=["tv", "radio"])
    >>> sales = 500 + 3 * spend["tv"] ** 0.7 + spend["radio"] ** 0.7 + rng.normal(0, 5, 104)
    >>> ax = mt.plot.media_roas(mt.marketing.MediaMix().fit(spend, sales))
    >>> ax.get_xlabel()
    'ROAS (sales per unit of spend), 90 % interval'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    table = mix.roas().sort_values(["rank", "mean"], na_position="last", kind="stable")
    known = (table["verdict"] != "not identified").to_numpy()
    _points(ax, [str(name) for name in table.index], table[["lo_90", "mean", "hi_90"]].to_numpy(),
            known)  # fmt: skip
    for number, (label, values) in enumerate((beside or {}).items()):
        at = values.reindex(table.index).to_numpy(dtype=float)
        colour = PALETTE[1 + number % (len(PALETTE) - 1)]
        ax.plot(at, np.arange(len(at)), _MARKS[number % len(_MARKS)], linestyle="",
                color=colour, label=no_formula(label))  # fmt: skip
    if beside:
        ax.legend(fontsize="small", loc="best")
    ax.set_xlabel("ROAS (sales per unit of spend), 90 % interval")
    ax.set_xlim(left=0)
    return ax


def media_check(check: "MixCheck", *, ax: "Axes | None" = None) -> "Axes":
    """Draw how exactly a design tells the return of each channel.

    Parameters
    ----------
    check : MixCheck
        What ``MediaMix.check()`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: bars of half the typical 90 % interval, grey where a channel is not
        identified, and dots of the typical error in simulations.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> rng = np.random.default_rng(1)
    >>> spend = pd.DataFrame(rng.gamma(0.5, 100, (104, 2)), columns=["tv", "radio"])
    >>> sales = 500 + 3 * spend["tv"] ** 0.7 + spend["radio"] ** 0.7 + rng.normal(0, 5, 104)
    >>> check = mt.marketing.MediaMix().fit(spend, sales).check(simulations=4)
    >>> ax = mt.plot.media_check(check)
    >>> ax.get_xlabel()
    'Part of the ROAS (%)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    table = check.table.sort_values("half_width", kind="stable")
    known = (table["verdict"] == _IDENTIFIED).to_numpy()
    place = np.arange(len(table))
    for flag, colour, label in (
        (True, PALETTE[0], "half the 90 % interval: identified"),
        (False, _UNSURE, "half the 90 % interval: not identified"),
    ):
        at = known == flag
        if at.any():
            ax.barh(place[at], 100 * table["half_width"].to_numpy()[at], color=colour, label=label)
    ax.plot(100 * table["error"], place, "D", color=PALETTE[1], label="median error in simulations")
    ax.legend(fontsize="small", loc="best")
    ax.set_ylim(len(table) - 0.5, -0.5)
    name_rows(ax, place.tolist(), list(table.index))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("Part of the ROAS (%)")
    return ax


def media_budget(allocation: "Allocation", *, ax: "Axes | None" = None) -> "Axes":
    """Draw what each channel is expected to bring by money, with today's split and the plan.

    Parameters
    ----------
    allocation : Allocation
        What ``MediaMix.allocate()`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a curve with its 90 % band for each channel, dashed where it is not
        identified; a ring at today's split, a dot at the plan.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> rng = np.random.default_rng(1)
    >>> spend = pd.DataFrame(rng.gamma(0.5, 100, (104, 2)), columns=["tv", "radio"])
    >>> sales = 500 + 3 * spend["tv"] ** 0.7 + spend["radio"] ** 0.7 + rng.normal(0, 5, 104)
    >>> plan = mt.marketing.MediaMix().fit(spend, sales).allocate(10_000)
    >>> ax = mt.plot.media_budget(plan)
    >>> ax.get_ylabel()
    'Sales (in the window)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    shown = allocation.table[["spend", "today"]].to_numpy().max() * 1.3
    with boxes_for_strange_letters():
        for number, (name, own) in enumerate(allocation.curves.groupby("channel", sort=False)):
            colour = PALETTE[number % len(PALETTE)]
            row = allocation.table.loc[name].to_dict()
            dashed = "--" if row["verdict"] == "not identified" else "-"
            seen = own[own["spend"] <= shown]
            ax.plot(seen["spend"], seen["sales"], dashed, color=colour, label=no_formula(name))
            ax.fill_between(
                seen["spend"], seen["lo_90"], seen["hi_90"], color=colour, alpha=0.12, linewidth=0
            )
            for column, fill in (("today", "white"), ("spend", colour)):
                height = np.interp(float(row[column]), own["spend"], own["sales"])
                ax.plot(
                    float(row[column]), height, "o", color=colour, markerfacecolor=fill, zorder=5
                )
        ax.plot([], [], "o", color="black", markerfacecolor="white", label="today's split")
        ax.plot([], [], "o", color="black", label="plan")
        ax.legend(fontsize="small", loc="upper left")
    ax.set(xlabel="Spend (in the window)", ylabel="Sales (in the window)")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(EngFormatter(sep=""))
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    return ax


def _points(ax: "Axes", names: list[str], values: np.ndarray, known: np.ndarray) -> None:
    place = np.arange(len(names))
    for at, (low, mean, high), sure in zip(place, values, known, strict=True):
        colour = PALETTE[0] if sure else _UNSURE
        ax.plot([low, high], [at, at], color=colour, linewidth=2)
        ax.plot(mean, at, "o", color=colour, markerfacecolor=colour if sure else "white")
    if not known.all():
        ax.plot([], [], "o-", color=_UNSURE, markerfacecolor="white", label="not identified")
        ax.legend(fontsize="small", loc="best")
    ax.set_ylim(len(names) - 0.5, -0.5)
    name_rows(ax, place.tolist(), names)
    ax.grid(visible=False, axis="y")
