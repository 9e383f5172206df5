"""Pictures of sound over years."""

from typing import TYPE_CHECKING

import numpy as np

from musictools.plot._hits import chosen_column
from musictools.plot._style import PALETTE, axes_or_current, boxes_for_strange_letters
from musictools.plot._words import label, no_formula

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.trends._sound_evolution import SoundEvolution


def sound_trend(
    found: "SoundEvolution", *, column: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw the medians of one column over years, and their trend.

    Parameters
    ----------
    found : SoundEvolution
        What ``mt.trends.sound_evolution`` gave.
    column : str, optional
        Which; the first otherwise. ``variety`` is how far songs of a year lie from each other.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    InputError
        If there is no such column.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> made = mt.datasets.simulate_hits(500, artists=100, rng=1)
    >>> found = mt.trends.sound_evolution(made.features, made.songs, draws=50, rng=1)
    >>> ax = mt.plot.sound_trend(found, column="integrated_lufs")
    >>> ax.get_xlabel()
    'Year'
    >>> plt.close(ax.figure)
    """
    name = chosen_column(list(dict.fromkeys(found.medians["column"])), column)
    ax = axes_or_current(ax)
    rows = found.medians[found.medians["column"] == name]
    years = rows["year"].to_numpy(dtype=float)
    band = f"{100 * found.level:g} % interval over artists"
    ax.fill_between(years, rows["lo"], rows["hi"], color=PALETTE[0], alpha=0.2, lw=0, label=band)
    ax.plot(years, rows["median"], color=PALETTE[0], marker="o", markersize=3)
    trend = found.trends[found.trends["column"] == name]
    if len(trend):
        slope = float(trend["slope"].iloc[0])
        middle = float(np.median(rows["median"] - slope * years))
        ax.plot(years, middle + slope * years, "--", color=PALETTE[1], label=f"{slope:+.3g} a year")
    with boxes_for_strange_letters():
        ax.set_ylabel(no_formula(label(name)))
    ax.set_xlabel("Year")
    ax.legend()
    return ax


def sound_novelty(found: "SoundEvolution", *, ax: "Axes | None" = None) -> "Axes":
    """Draw novelty over years beside that of a steady pace of change.

    Parameters
    ----------
    found : SoundEvolution
        What ``mt.trends.sound_evolution`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: novelty, the 95 % line of each year under a steady pace, and revolutions.
        With too few years for novelty, the first column's medians.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> made = mt.datasets.simulate_hits(500, artists=100, rng=1)
    >>> ax = mt.trends.sound_evolution(made.features, made.songs, draws=50, rng=1).plot()
    >>> ax.get_ylabel()
    'Novelty (standard deviations)'
    >>> plt.close(ax.figure)
    """
    if not len(found.novelty):
        return sound_trend(found, ax=ax)
    ax = axes_or_current(ax)
    rows = found.novelty
    years = rows["year"].to_numpy(dtype=float)
    ax.plot(years, rows["novelty"], color=PALETTE[0], marker="o", markersize=3, label="novelty")
    ax.plot(years, rows["null_95"], "--", color="#777777", label="95 % of steady change")
    ax.plot(years, rows["null_median"], ":", color="#777777", label="median of steady change")
    for row in found.revolutions.to_dict("records"):
        ax.axvspan(row["first"] - 0.4, row["last"] + 0.4, color=PALETTE[1], alpha=0.15, lw=0)
        label = f"revolution {row['year']} (p {row['p_family']:.3f})"
        ax.axvline(row["year"], color=PALETTE[1], label=label)
    ax.set(xlabel="Year", ylabel="Novelty (standard deviations)")
    # Novelty jumps about: within the axes there is no room for words.
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.16))
    return ax
