"""Pictures of what sound has to do with hits."""

from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.errors import InputError, closest
from musictools.plot._style import (
    PALETTE,
    axes_or_current,
    boxes_for_strange_letters,
    name_rows,
)
from musictools.plot._words import label, no_formula

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.trends._hit_effects import HitEffect
    from musictools.trends._hit_report import HitReport
    from musictools.trends._inverted_u import InvertedU
    from musictools.trends._typicality import Typicality

_COLOURS = {"history": PALETTE[1], "sound": PALETTE[0], "both": PALETTE[2]}
_NAMES = {"history": "artist and date", "sound": "sound", "both": "both"}
_MOST_GROUPS = 15


def hit_reliability(report: "HitReport", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the shares of hits that were predicted against those that came.

    Parameters
    ----------
    report : HitReport
        ``report_`` of a fitted ``HitModel``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a line for each model, with its skill, and the diagonal on which
        predictions come true.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> made = mt.datasets.simulate_hits(400, artists=60, rng=1)
    >>> ax = mt.trends.HitModel(rng=1).fit(made.features, made.songs).plot()
    >>> ax.get_xlabel()
    'Predicted hits (share)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    skills = report.scores.set_index("model")["skill"]
    for shift, (model, part) in enumerate(report.reliability.groupby("model", sort=False)):
        name = str(model)
        label = f"{_NAMES[name]} (skill {skills[name]:+.3f})"
        # A hair apart, so that three bars at one place can be told.
        x = part["predicted"].to_numpy() + 0.003 * (shift - 1)
        seen = part["seen"].to_numpy()
        below, above = seen - part["seen_lo"], part["seen_hi"] - seen
        ax.errorbar(
            x,
            seen,
            yerr=[below, above],
            marker="o",
            markersize=4,
            linewidth=1.2,
            elinewidth=0.8,
            color=_COLOURS[name],
            label=label,
        )
    top = float(report.reliability[["predicted", "seen_hi"]].max().max())
    line: dict[str, Any] = {"color": "#777777", "linewidth": 0.8}
    ax.plot([0, top], [0, top], linestyle="--", label="predictions come true", **line)
    ax.axhline(report.base_rate, linestyle=":", label="base rate", **line)
    ax.set(xlabel="Predicted hits (share)", ylabel="Hits that came (share)")
    ax.set_title(f"Sound {'adds' if report.verdict == 'adds' else 'adds nothing'}")
    # Below: intervals reach into every corner.
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.16), fontsize="small", ncols=2)
    return ax


def hit_importance(report: "HitReport", *, ax: "Axes | None" = None) -> "Axes":
    """Draw what is lost when groups of correlated columns are shuffled.

    Parameters
    ----------
    report : HitReport
        ``report_`` of a fitted ``HitModel``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: the fifteen groups that matter most, with intervals.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> made = mt.datasets.simulate_hits(400, artists=60, rng=1)
    >>> model = mt.trends.HitModel(rng=1).fit(made.features, made.songs)
    >>> ax = mt.plot.hit_importance(model.report_)
    >>> ax.get_xlabel()
    'Rise of the Brier score (0 to 1) when shuffled'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    rows = report.importance.head(_MOST_GROUPS).iloc[::-1]
    at = np.arange(len(rows))
    history = (rows["group"] == "artist history and date").to_numpy()
    for mine, colour in ((history, PALETTE[1]), (~history, PALETTE[0])):
        part = rows[mine]
        error = [part["loss"] - part["lo"], part["hi"] - part["loss"]]
        ax.errorbar(part["loss"], at[mine], xerr=error, fmt="o", color=colour, markersize=5)
    ax.axvline(0, color="#777777", linewidth=0.8)
    ax.set_ylim(-0.6, max(len(rows), 1) - 0.4)
    name_rows(ax, at.tolist(), list(rows["group"]))
    ax.set(xlabel="Rise of the Brier score (0 to 1) when shuffled", ylabel="")
    ax.grid(axis="y", visible=False)
    return ax


def hit_effect(found: "HitEffect", *, ax: "Axes | None" = None) -> "Axes":
    """Draw how the chance of a hit goes with one column.

    Parameters
    ----------
    found : HitEffect
        What ``HitModel.effect`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: the curve and its band.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> made = mt.datasets.simulate_hits(400, artists=60, rng=1)
    >>> model = mt.trends.HitModel(rng=1).fit(made.features, made.songs)
    >>> ax = model.effect("danceability", draws=5).plot()
    >>> ax.get_xlabel()
    'Danceability'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    table = found.table
    band = f"{100 * found.level:g} % interval over artists"
    ax.fill_between(
        table["value"], table["lo"], table["hi"], color=PALETTE[0], alpha=0.2, lw=0, label=band
    )
    ax.plot(table["value"], table["chance"], color=PALETTE[0])
    with boxes_for_strange_letters():
        ax.set_xlabel(no_formula(label(found.column)))
    ax.set_ylabel("Mean chance of a hit (0 to 1)")
    ax.set_ylim(bottom=0)
    ax.legend()
    return ax


def typicality(found: "Typicality", *, ax: "Axes | None" = None) -> "Axes":
    """Draw how typical the songs were of their time.

    Parameters
    ----------
    found : Typicality
        What ``mt.trends.typicality`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a point for each song, and the median of each year.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> made = mt.datasets.simulate_hits(300, artists=60, rng=1)
    >>> ax = mt.trends.typicality(made.features, made.songs).plot()
    >>> ax.get_ylabel()
    'Typicality (cosine)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    rows = found.table.dropna(subset=["typicality"])
    ax.scatter(rows["date"], rows["typicality"], s=5, color="#999999", linewidth=0, label="songs")
    yearly = rows.groupby(rows["date"].dt.year)["typicality"].median()
    middles = [np.datetime64(f"{int(year)}-07-01") for year in yearly.index]
    ax.plot(middles, yearly.to_numpy(), color=PALETTE[0], label="median of a year")
    ax.set(xlabel="Date of release", ylabel="Typicality (cosine)")
    # Above: songs are everywhere.
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return ax


def inverted_u(found: "InvertedU", *, ax: "Axes | None" = None) -> "Axes":
    """Draw whether the middle does best.

    Parameters
    ----------
    found : InvertedU
        What ``mt.trends.inverted_u`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: means of twelve bins, the quadratic, and where it turns.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, musictools as mt
    >>> x = np.linspace(0, 1, 200)
    >>> noise = np.random.default_rng(0).normal(0, 0.1, 200)
    >>> ax = mt.trends.inverted_u(x, -((x - 0.5) ** 2) * 4 + noise).plot()
    >>> ax.get_ylabel()
    'Mean outcome'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    rows = found.bins
    error = [rows["y"] - rows["lo"], rows["hi"] - rows["y"]]
    ax.errorbar(rows["x"], rows["y"], yerr=error, fmt="o", color="#777777", markersize=4)
    ax.plot(rows["x"], rows["curve"], color=PALETTE[0], label="quadratic")
    low, high = float(rows["x"].min()), float(rows["x"].max())
    if low < found.peak < high and found.verdict in ("inverted_u", "u"):
        ax.axvline(found.peak, color=PALETTE[1], label=f"turns at {found.peak:.2f}")
        band = max(found.peak_lo, low), min(found.peak_hi, high)
        ax.axvspan(*band, color=PALETTE[1], alpha=0.15, lw=0)
    ax.set(xlabel="Typicality, or what else was asked about", ylabel="Mean outcome")
    ax.set_title(found.verdict.replace("_", " "))
    ax.legend()
    return ax


def chosen_column(names: list[str], name: str | None) -> str:
    """Give a column that is there, or say which are."""
    picked = names[0] if name is None else name
    if picked not in names:
        raise InputError(
            "draw a column",
            got=f"column={picked!r}",
            expected="a column that was followed",
            hint=closest(str(picked), names),
        )
    return picked
