"""Pictures of fading attention."""

from typing import TYPE_CHECKING

import numpy as np

from musictools.plot._style import (
    PALETTE,
    amounts_in_full,
    axes_or_current,
    boxes_for_strange_letters,
)
from musictools.plot._words import no_formula, series_named

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.trends._half_life import Decay

_POINTS = 300


def decay(
    found: "Decay",
    *,
    unique_id: str | None = None,
    unit: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a series, the curve of decay that was fitted to it, and its half-life.

    Parameters
    ----------
    found : Decay
        What ``mt.trends.half_life`` gave.
    unique_id : str, optional
        Which series; the first that could be fitted otherwise.
    unit : str
        Unit of the values, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: points of the series, the curve, and a line and a band at its half-life
        and the interval of it, as far as they are in the picture; a half-life beyond it is told in
        the legend.

    Raises
    ------
    InputError
        If there is no such series, or it could not be fitted.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> weeks = np.arange(30)
    >>> streams = pd.DataFrame({"unique_id": "single", "ds": weeks, "y": 900 * 0.9**weeks})
    >>> ax = mt.trends.half_life(streams, rng=0).plot()
    >>> ax.get_xlabel()
    'Age (steps)'
    >>> plt.close(ax.figure)
    """
    names = [name for name, fit in found.fits.items() if fit.chosen]
    name = series_named(unique_id, names, "draw decay")
    ax = axes_or_current(ax)
    fit = found.fits[name]
    row = found.table[found.table["unique_id"] == name].iloc[0]
    ages = np.linspace(0, fit.t[-1], _POINTS)
    ax.scatter(fit.t, fit.y * fit.scale, s=10, color="#777777", label="seen", linewidth=0)
    with boxes_for_strange_letters():
        ax.plot(ages, fit.predict(ages), color=PALETTE[0], label=str(row["model"]))
        ax.set_title(no_formula(name))
    if row["half_life"] <= fit.t[-1]:
        text = f"half-life {row['half_life']:.3g} {found.unit}"
        ax.axvline(row["half_life"], color=PALETTE[1], label=text)
        far = min(row["hi"], float(fit.t[-1]))
        ax.axvspan(row["lo"], far, color=PALETTE[1], alpha=0.15, lw=0)
    else:
        ax.plot([], [], " ", label=str(row["note"]))
    ax.set(xlabel=f"Age ({found.unit})", ylabel=f"Value ({unit})" if unit else "Value")
    ax.set_ylim(bottom=0)
    amounts_in_full(ax, "y")
    ax.legend()
    return ax
