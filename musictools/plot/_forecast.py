"""Pictures of forecasts: the fan of what may come, and how methods did before."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from musictools.errors import InputError, closest
from musictools.plot._style import (
    PALETTE,
    amounts_in_full,
    axes_or_current,
    boxes_for_strange_letters,
)
from musictools.plot._words import no_formula

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.trends import Backtest, Forecast

_TALES = 4.0
_FEWEST = 20


def forecast(
    ahead: "Forecast",
    *,
    unique_id: str | None = None,
    unit: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the end of a series and the fan of what may come.

    Parameters
    ----------
    ahead : Forecast
        What ``mt.trends.forecast`` gave.
    unique_id : str, optional
        Which series; the one with the largest forecast otherwise.
    unit : str
        Unit of the values, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: the last values, the forecast, a band for each level (wide ones paler),
        and the verdict.

    Raises
    ------
    InputError
        If there is no such series.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> weeks = pd.date_range("2024-01-01", periods=60, freq="7D")
    >>> streams = pd.DataFrame({"unique_id": "a", "ds": weeks, "y": 900 - 10.0 * np.arange(60)})
    >>> ax = mt.trends.forecast(streams, 4, levels=(50, 90), rng=0).plot()
    >>> ax.get_xlabel(), len(ax.collections)
    ('Date', 2)
    >>> plt.close(ax.figure)
    """
    names = list(dict.fromkeys(ahead.table["unique_id"]))
    largest = ahead.table["unique_id"].iloc[int(ahead.table["y_hat"].argmax())]
    name = largest if unique_id is None else unique_id
    if name not in names:
        hint = closest(str(name), names[:20])
        raise InputError("draw a forecast", got=repr(name), expected="a series", hint=hint)
    ax = axes_or_current(ax)
    rows = ahead.table[ahead.table["unique_id"] == name]
    past = ahead.history[ahead.history["unique_id"] == name]
    past = past.tail(max(_FEWEST, int(_TALES * ahead.horizon)))
    last = past.iloc[-1]
    # The fan opens where the series ends.
    ds = np.concatenate([[last["ds"]], rows["ds"].to_numpy(dtype=object)])
    for place, level in enumerate(sorted(ahead.levels, reverse=True)):
        low, high = (
            np.append(last["y"], rows[f"{side}_{level:g}"].to_numpy()) for side in ("lo", "hi")
        )
        shade = 0.15 + 0.3 * place / max(len(ahead.levels), 1)
        ax.fill_between(
            ds, low, high, color=PALETTE[0], alpha=shade, lw=0, label=f"{level:g} % interval"
        )
    ax.plot(past["ds"], past["y"], color="#444444", linewidth=1.3, label="seen")
    said = np.append(last["y"], rows["y_hat"].to_numpy())
    ax.plot(ds, said, color=PALETTE[0], label=ahead.method.replace("_", " "))
    ax.set(
        xlabel="Date" if past["ds"].dtype.kind == "M" else "Step",
        ylabel=f"Value ({unit})" if unit else "Value",
    )
    ax.set_ylim(bottom=0)
    amounts_in_full(ax, "y")
    if past["ds"].dtype.kind == "M":
        ax.tick_params(axis="x", rotation=30)
    with boxes_for_strange_letters():
        told = f"skill {ahead.skill:.2f} [{ahead.skill_lo:.2f}, {ahead.skill_hi:.2f}]"
        ax.set_title(no_formula(f"{name}\n{told} against naive"), fontsize="medium")
        ax.legend(loc="best", fontsize="small")
    return ax


def backtest(tested: "Backtest", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the skill of each method against naive, by distance.

    Parameters
    ----------
    tested : Backtest
        What ``mt.trends.backtest`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a line for each method, and naive as the line at zero.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> weeks = pd.date_range("2024-01-01", periods=80, freq="7D")
    >>> streams = pd.DataFrame({"unique_id": "a", "ds": weeks, "y": 900 - 10.0 * np.arange(80)})
    >>> ax = mt.trends.backtest(streams, 4, rng=0).plot()
    >>> ax.get_xlabel()
    'Steps ahead'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    rows = tested.by_horizon
    others = [name for name in dict.fromkeys(rows["method"]) if name != "naive"]
    for place, name in enumerate(others):
        own = rows[rows["method"] == name]
        colour = PALETTE[place % len(PALETTE)]
        label = name.replace("_", " ")
        ax.plot(own["horizon"], own["skill"], "o-", color=colour, label=label, markersize=4)
    ax.axhline(0, color="#444444", linewidth=1, label="naive")
    ax.set(xlabel="Steps ahead", ylabel="Skill against naive (1 less the ratio of errors)")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(fontsize="small")
    return ax
