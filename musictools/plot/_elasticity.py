"""Pictures of price rises, and of what may happen."""

from typing import TYPE_CHECKING

import numpy as np

from musictools.plot._style import PALETTE, amounts_in_full, axes_or_current, small_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.economics._elasticity import Elasticity
    from musictools.economics._scenarios import Scenarios

_LINE = "#555555"


def elasticity(found: "Elasticity", *, ax: "Axes | None" = None) -> "Axes":
    """Draw by how much prices and quantities changed, and the elasticity as a line.

    Parameters
    ----------
    found : Elasticity
        What ``mt.economics.price_elasticity`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, with changes of logs in per cent; no line where the events do not
        identify the elasticity.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> rise = {"price_before": 10.0, "price_after": 11.0, "quantity_before": 100.0,
    ...         "quantity_after": 97.0}
    >>> ax = mt.economics.price_elasticity(pd.DataFrame([rise]), trend="none").plot()
    >>> ax.get_xlabel()
    'Change of price (log %)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    price, quantity = 100 * found.events["log_price"], 100 * found.events["log_quantity"]
    ax.scatter(price, quantity, color=PALETTE[0], s=24, label="price rises")
    ax.axhline(0, color=_LINE, linewidth=0.8)
    if found.identified:
        ends = np.array([min(0.0, price.min()), price.max() * 1.05])
        trend = 0.0 if found.trend != "estimate" else 100 * found.trend_value
        text = f"elasticity {found.value:.2f}"
        if np.isfinite(found.lo):
            text += f" ({found.lo:.2f} to {found.hi:.2f})"
        text = text.replace("-", "\u2212")
        ax.plot(ends, trend + found.value * ends, color=PALETTE[1], label=text)
    # What it rests on, or why there is none.
    small_title(ax, found.reason[:1].upper() + found.reason[1:])
    ax.set(xlabel="Change of price (log %)", ylabel="Change of quantity (log %)")
    # Points may lie anywhere: the legend gets room of its own above them.
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.3 * (high - low))
    ax.legend(loc="upper left", fontsize="small")
    return ax


def scenarios(found: "Scenarios", *, unit: str = "", ax: "Axes | None" = None) -> "Axes":
    """Draw how likely it is that a tree of scenarios comes to a value or less.

    Parameters
    ----------
    found : Scenarios
        What ``mt.economics.scenario_tree`` gave.
    unit : str
        Unit of the values, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: steps of the distribution, and a line at the expected value.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> from musictools.economics import Node
    >>> tree = Node("single", -10, children=[Node("hit", 60, "0.2"), Node("flop", 2, "0.8")])
    >>> ax = mt.economics.scenario_tree(tree).plot()
    >>> ax.get_ylabel()
    'Probability of this or less (%)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    values = found.table["value"].to_numpy()
    room = 0.05 * (values[-1] - values[0] or 1.0)
    x = np.concatenate([[values[0] - room], values, [values[-1] + room]])
    y = np.concatenate([[0.0], 100 * found.table["at_most"].to_numpy(), [100.0]])
    ax.step(x, y, where="post", color=PALETTE[0])
    label = f"expected {found.expected:,.0f}".replace("-", "\u2212")
    ax.axvline(found.expected, color=PALETTE[1], label=label)
    ax.set(xlabel=f"Value ({unit})" if unit else "Value", ylim=(0, 102))
    ax.set(ylabel="Probability of this or less (%)")
    amounts_in_full(ax, "x")
    ax.legend()
    return ax
