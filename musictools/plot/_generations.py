"""Pictures of generations of series, and of how much the few at the top have."""

from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from musictools.errors import TableError
from musictools.plot._style import (
    PALETTE,
    axes_or_current,
    boxes_for_strange_letters,
    legend_of_groups,
)
from musictools.plot._words import no_formula, time_label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: Part of a generation that must have been seen at an age for it to be drawn.
_SEEN = 0.5
_SHARES = {
    "top_1_share": "the first",
    "top_10_share": "the first ten",
    "top_10_percent_share": "the first 10 %",
}


def cohorts(
    curves: "pd.DataFrame", *, value: str = "present", unit: str = "steps", ax: "Axes | None" = None
) -> "Axes":
    """Draw generations by their age, one line each.

    Parameters
    ----------
    curves : pandas.DataFrame
        What ``mt.trends.cohort_curves`` gave.
    value : str, default: 'present'
        Which column to draw: ``"present"``, ``"mean"``, ``"median"``.
    unit : str, default: 'steps'
        Unit of the ages, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a line for each generation, as far as half of it was seen.

    Raises
    ------
    TableError
        If a column is missing.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> weeks = pd.date_range("2024-01-01", periods=3, freq="7D")
    >>> plays = pd.DataFrame({"unique_id": "a", "ds": weeks, "y": [9.0, 4.0, 0.0]})
    >>> ax = mt.plot.cohorts(mt.trends.cohort_curves(plays, ages=2))
    >>> ax.get_ylabel()
    'Share still present'
    >>> plt.close(ax.figure)
    """
    _need(curves, ["cohort", "age", "series", value], "cohort_curves")
    ax = axes_or_current(ax)
    for place, (name, rows) in enumerate(curves.groupby("cohort", sort=False)):
        # Later ages rest on the oldest of a generation, which need not be like the rest.
        whole = rows[rows["series"] >= _SEEN * rows["series"].max()]
        style = ("-", "--", ":")[place // len(PALETTE) % 3]
        colour = PALETTE[place % len(PALETTE)]
        with boxes_for_strange_letters():
            ax.plot(whole["age"], whole[value], style, color=colour, lw=1.4, label=no_formula(name))
    label = "Share still present" if value == "present" else f"Value, {value} (same as series)"
    ax.set(xlabel=f"Age ({unit})", ylabel=label)
    ax.set_ylim(bottom=0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    with boxes_for_strange_letters():
        legend_of_groups(ax)
    return ax


def concentration(found: "pd.DataFrame", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the shares of those at the top over time.

    Parameters
    ----------
    found : pandas.DataFrame
        What ``mt.trends.concentration`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: the shares of the first, of the first ten, and of the first ten per cent.

    Raises
    ------
    TableError
        If a column is missing.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> days = pd.to_datetime(["2024-01-01", "2025-01-01"] * 2)
    >>> streams = pd.DataFrame({"unique_id": list("aabb"), "ds": days, "y": [8.0, 9.0, 2.0, 1.0]})
    >>> ax = mt.plot.concentration(mt.trends.concentration(streams))
    >>> ax.get_ylabel()
    'Share of the whole (%)'
    >>> plt.close(ax.figure)
    """
    _need(found, ["period", *_SHARES], "concentration")
    ax = axes_or_current(ax)
    for colour, style, (name, label) in zip(
        PALETTE, ("o-", "s--", "^:"), _SHARES.items(), strict=False
    ):
        ax.plot(found["period"], 100 * found[name], style, color=colour, markersize=4, label=label)
    ax.set(xlabel=time_label(found["period"]), ylabel="Share of the whole (%)")
    ax.set_ylim(bottom=0)
    ax.legend(fontsize="small")
    return ax


def _need(frame: "pd.DataFrame", columns: list[str], maker: str) -> None:
    missing = [name for name in columns if name not in getattr(frame, "columns", ())]
    if missing:
        raise TableError(
            "draw generations",
            got=f"no column {', '.join(missing)}",
            expected=f"what mt.trends.{maker} gives",
            hint=f"mt.trends.{maker}(series)",
        )
