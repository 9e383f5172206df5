"""Pictures of what something is worth, and of what that depends on."""

from typing import TYPE_CHECKING, Any

from musictools._counts import counted
from musictools.plot._style import (
    PALETTE,
    amounts_in_full,
    axes_or_current,
    boxes_for_strange_letters,
    name_rows,
)
from musictools.plot._words import no_formula, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.economics._tornado import Tornado
    from musictools.economics._valuation import Valuation

_LINE = "#555555"


def valuation(
    found: "Valuation", *, top: int = 15, unit: str = "", ax: "Axes | None" = None
) -> "Axes":
    """Draw what each recording is worth, with its interval, the most valuable first.

    Parameters
    ----------
    found : Valuation
        What ``mt.economics.value_catalogue`` or ``value_by_multiple`` gave.
    top : int
        How many recordings.
    unit : str
        Currency, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, with the value of the whole in the title.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> found = mt.economics.value_by_multiple({"A": 100, "B": 300}, (8, 10, 12))
    >>> ax = mt.plot.valuation(found)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['B', 'A']
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    rows: Any = found.table.sort_values("value", ascending=False, kind="stable").head(top)
    with boxes_for_strange_letters():
        for place, row in enumerate(rows.itertuples()):
            ax.plot([row.lo, row.hi], [place, place], color=PALETTE[0], lw=2, alpha=0.5)
            ax.plot(row.value, place, "o", color=PALETTE[0], markersize=5)
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    name_rows(ax, range(len(rows)), list(rows["unique_id"]))
    ax.set_xlim(left=0)
    suffix = f" {unit}" if unit else ""
    text = f"{counted(len(found.table), 'recording')}: {found.value:,.0f}{suffix}"
    if found.hi > found.lo:
        text += f" ({found.lo:,.0f} to {found.hi:,.0f})"
    ax.set_title(no_formula(text))
    ax.set(xlabel=f"Value ({unit})" if unit else "Value")
    amounts_in_full(ax, "x")
    ax.grid(visible=False, axis="y")
    return ax


def tornado(found: "Tornado", *, unit: str = "", ax: "Axes | None" = None) -> "Axes":
    """Draw how far a result moves with each input, the one that matters most on top.

    Parameters
    ----------
    found : Tornado
        What ``mt.economics.tornado`` gave.
    unit : str
        Unit of the result, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: from the base, a blue bar to the result at the low end of each input and
        an orange one at the high end, with the ends written at them.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> ranges = {"streams": (1e6, 2e6, 4e6), "rate": (0.003, 0.0035, 0.004)}
    >>> ax = mt.economics.tornado(lambda streams, rate: streams * rate, ranges).plot()
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['streams', 'rate']
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    rows: Any = found.table.itertuples()
    with boxes_for_strange_letters():
        for place, row in enumerate(rows):
            ends = ((row.at_low, row.low, PALETTE[0]), (row.at_high, row.high, PALETTE[1]))
            for end, value, colour in ends:
                label = ("low" if value is row.low else "high") if not place else None
                ax.barh(place, end - found.base, 0.6, left=found.base, color=colour, label=label)
                other = row.at_high if value is row.low else row.at_low
                right = end > other or (end == other and value is row.high)
                ax.annotate(
                    written(value),
                    (end, place), (4 if right else -4, 0), textcoords="offset points",
                    ha="left" if right else "right", va="center", fontsize="small",
                )  # fmt: skip
    ax.axvline(found.base, color=_LINE, linewidth=0.8)
    ax.set_ylim(max(len(found.table), 1) - 0.5, -0.5)
    name_rows(ax, range(len(found.table)), list(found.table["input"]))
    # Room for an input of seven figures beside its bar.
    ax.margins(x=0.25)
    ax.legend(title="Input", loc="lower right")
    ax.set(xlabel=f"Result ({unit})" if unit else "Result")
    amounts_in_full(ax, "x")
    ax.grid(visible=False, axis="y")
    return ax
