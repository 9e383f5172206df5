"""Pictures of attention that spreads, answers to promotion, and goes to another level."""

from typing import TYPE_CHECKING

import numpy as np

from musictools.plot._style import (
    PALETTE,
    amounts_in_full,
    axes_or_current,
    boxes_for_strange_letters,
    plain_logs,
)
from musictools.plot._words import no_formula, series_named

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.trends._breakouts import Breakouts
    from musictools.trends._diffusion import Diffusion
    from musictools.trends._hawkes import HawkesResponse

_GREY = "#777777"
#: How much of the future is drawn, as a part of what was seen.
_AHEAD = 0.5


def diffusion(
    found: "Diffusion", *, unique_id: str | None = None, unit: str = "", ax: "Axes | None" = None
) -> "Axes":
    """Draw newcomers, and the curve of growth that was fitted to them, into the future.

    Parameters
    ----------
    found : Diffusion
        What ``mt.trends.bass`` or ``mt.trends.gompertz`` gave.
    unique_id : str, optional
        Which series; the first that could be fitted otherwise.
    unit : str
        Unit of the values, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: points of the series, the curve (dashed where it goes on beyond them),
        and a line and a band at the peak and the interval of it.

    Raises
    ------
    InputError
        If there is no such series, or it could not be fitted.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> t = np.arange(30)
    >>> y = 90 * np.exp(-((t - 9) ** 2) / 40)
    >>> came = pd.DataFrame({"unique_id": "single", "ds": t, "y": y})
    >>> ax = mt.trends.bass(came, rng=0).plot()
    >>> ax.get_xlabel()
    'Age (steps)'
    >>> plt.close(ax.figure)
    """
    name = series_named(unique_id, list(found.fits), "draw diffusion")
    ax = axes_or_current(ax)
    fit = found.fits[name]
    row = found.table[found.table["unique_id"] == name].iloc[0]
    last = float(fit.age[-1])
    ages = np.linspace(1, last * (1 + _AHEAD), 400)
    told = found.predict(ages)
    curve = told[told["unique_id"] == name]["y_hat"].to_numpy()
    ax.scatter(fit.age, fit.y, s=10, color=_GREY, label="seen", linewidth=0)
    ax.plot(ages[ages <= last], curve[ages <= last], color=PALETTE[0], label=found.model)
    ax.plot(ages[ages >= last], curve[ages >= last], color=PALETTE[0], linestyle="--")
    if 0 < row["peak"] <= ages[-1]:
        text = f"peak at {row['peak']:.3g} steps"
        ax.axvline(row["peak"], color=PALETTE[1], label=text)
        low, high = (min(max(row[f"peak_{end}"], 0), ages[-1]) for end in ("lo", "hi"))
        ax.axvspan(low, high, color=PALETTE[1], alpha=0.15, lw=0)
    ax.set(xlabel="Age (steps)", ylabel=f"Newcomers ({unit})" if unit else "Newcomers")
    ax.set_ylim(bottom=0)
    amounts_in_full(ax, "y")
    _titled(ax, name)
    ax.legend()
    return ax


def hawkes(
    found: "HawkesResponse",
    *,
    unique_id: str | None = None,
    unit: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a series, what a Hawkes process makes of it, and the part that came of promotion.

    Parameters
    ----------
    found : HawkesResponse
        What ``mt.trends.hawkes`` gave.
    unique_id : str, optional
        Which series; the first that could be fitted otherwise.
    unit : str
        Unit of the values, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: the series, the mean, a band from the mean down to what it would be
        without promotion, and ticks where there was some.

    Raises
    ------
    InputError
        If there is no such series, or it could not be fitted.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> t = np.arange(40)
    >>> views = pd.DataFrame({"unique_id": "clip", "ds": t, "y": 9.0 + 50 * (t % 10 == 5)})
    >>> views["promotion"] = (t % 10 == 5).astype(float)
    >>> ax = mt.trends.hawkes(views, rng=0).plot()
    >>> ax.get_xlabel()
    'Step'
    >>> plt.close(ax.figure)
    """
    name = series_named(unique_id, list(found.fits), "draw responses")
    ax = axes_or_current(ax)
    fit = found.fits[name]
    row = found.table[found.table["unique_id"] == name].iloc[0]
    steps, mean = np.arange(len(fit.y)), fit.mean
    ax.plot(steps, fit.y, color=_GREY, lw=0.9, label="seen")
    ax.plot(steps, mean, color=PALETTE[0], label="mean")
    without = mean - fit.linear[2] * fit.bases[2]
    ax.fill_between(
        steps, without, mean, color=PALETTE[1], alpha=0.3, lw=0,
        label=f"of promotion: {row['promoted']:.0%}",
    )  # fmt: skip
    given = np.flatnonzero(fit.promotion > 0)
    ax.scatter(
        given, np.zeros(len(given)), marker="^", s=22, color=PALETTE[1], label="promotion", zorder=3
    )
    ax.set(xlabel="Step", ylabel=f"Attention ({unit})" if unit else "Attention")
    ax.set_ylim(bottom=0)
    amounts_in_full(ax, "y")
    _titled(ax, name)
    ax.legend()
    return ax


def breakouts(
    found: "Breakouts", *, unique_id: str | None = None, unit: str = "", ax: "Axes | None" = None
) -> "Axes":
    """Draw a series, its levels, and where it went from one to the next.

    Parameters
    ----------
    found : Breakouts
        What ``mt.trends.breakouts`` gave.
    unique_id : str, optional
        Which series; the first with a change otherwise.
    unit : str
        Unit of the values, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, with a logarithmic scale where all values are above 0.

    Raises
    ------
    InputError
        If there is no such series.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> y = np.r_[np.tile([10.0, 12, 11], 9), np.tile([40.0, 44, 42], 9)]
    >>> plays = pd.DataFrame({"unique_id": "song", "ds": range(54), "y": y})
    >>> ax = mt.trends.breakouts(plays).plot()
    >>> ax.get_ylabel()
    'Attention'
    >>> plt.close(ax.figure)
    """
    changed = list(found.table["unique_id"].unique())
    names = changed + [each for each in found.levels["unique_id"].unique() if each not in changed]
    name = series_named(unique_id, names, "draw breakouts")
    ax = axes_or_current(ax)
    rows = found.levels[found.levels["unique_id"] == name]
    ax.plot(rows["ds"], rows["y"], color=_GREY, lw=0.9, marker=".", ms=3, label="seen")
    ax.plot(rows["ds"], rows["level"], color=PALETTE[0], drawstyle="steps-post", label="level")
    for kind, colour, style in (("rise", PALETTE[2], "-"), ("fall", PALETTE[1], "--")):
        some = found.table[(found.table["unique_id"] == name) & (found.table["kind"] == kind)]
        for number, at in enumerate(some["ds"]):
            label = kind if number == 0 else None
            ax.axvline(at, color=colour, lw=1.2, linestyle=style, label=label)
    if (rows["y"] > 0).all():
        ax.set_yscale("log")
        plain_logs(ax.yaxis)
    dated = not np.issubdtype(np.asarray(rows["ds"]).dtype, np.number)
    ax.set(
        xlabel="Date" if dated else "Step", ylabel=f"Attention ({unit})" if unit else "Attention"
    )
    _titled(ax, name)
    ax.legend()
    return ax


def _titled(ax: "Axes", name: str) -> None:
    with boxes_for_strange_letters():
        ax.set_title(no_formula(name))
