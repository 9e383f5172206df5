"""Pictures of impacts: what was and what would have been; placebos; effects since the start."""

from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._counts import counted
from musictools._figures import chance
from musictools.errors import InputError
from musictools.plot._style import (
    PALETTE,
    amounts_in_full,
    axes_or_current,
    boxes_for_strange_letters,
)
from musictools.plot._words import no_formula, shortened, time_label, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.marketing import EventStudy, Impact

_WHAT = "draw placebos"


def impact(found: "Impact", *, ax: "Axes | None" = None) -> "Axes":
    """Draw a treated series beside what would have been, with a band, and the effect in the title.

    Parameters
    ----------
    found : Impact
        What ``mt.marketing.impact`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; a line stands at the start of the treatment.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> rng = np.random.default_rng(0)
    >>> series = pd.DataFrame({"unique_id": "single", "ds": np.arange(40),
    ...                        "y": rng.normal(100, 5, 40) + 30 * (np.arange(40) >= 30)})
    >>> found = mt.marketing.impact(series, treated="single", start=30, method="interrupted")
    >>> ax = mt.plot.impact(found)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['single', 'without the treatment (interrupted)', '90 % interval']
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    path = found.path
    after = np.arange(len(path)) >= found.periods_before
    ds, expected = path["ds"], path["counterfactual"]
    with boxes_for_strange_letters():
        ax.plot(ds, path["observed"], color="black", label=no_formula(shortened(found.treated)))
        ax.plot(ds, expected, "--", color=PALETTE[0],
                label=f"without the treatment ({no_formula(found.method)})")  # fmt: skip
        if np.isfinite(path["lo_90"][after]).any():
            # The effect is observed less counterfactual, so its upper end is the lower line.
            ax.fill_between(ds[after], (path["observed"] - path["hi_90"])[after],
                            (path["observed"] - path["lo_90"])[after],
                            color=PALETTE[0], alpha=0.2, linewidth=0, label="90 % interval")  # fmt: skip # noqa: E501
        ax.axvline(ds[after].iloc[0], color="#555555", linestyle=(0, (2, 3)))
        ax.set_title(
            f"Effect {written(found.effect)} a period "
            f"({written(found.lo_90)} to {written(found.hi_90)}), {chance(found.p_value)}",
            loc="left",
            fontsize="medium",
        )
        ax.set(xlabel=time_label(ds), ylabel="y (the unit of the series)")
        amounts_in_full(ax, "y")
        ax.legend(loc="best", fontsize="small")
    return ax


def placebos(found: "Impact", *, value: str = "ratio", ax: "Axes | None" = None) -> "Axes":
    """Draw what the same method finds where nothing was done, and what it found here.

    Parameters
    ----------
    found : Impact
        What ``mt.marketing.impact`` gives.
    value : str
        ``"ratio"``: effects over the miss of each before the start, of which the p-value by
        placebos is the rank; ``"effect"``: effects in the unit of the series, among which a wild
        series looks like a large effect.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a row of dots for others treated instead, one for earlier starts, and a
        line at what was found.

    Raises
    ------
    InputError
        If `value` is unknown, or the method and its interval made no placebos.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> rng = np.random.default_rng(0)
    >>> series = pd.DataFrame({"unique_id": np.repeat([f"city {n}" for n in range(12)], 40),
    ...                        "ds": np.tile(np.arange(40), 12), "y": rng.normal(100, 5, 480)})
    >>> found = mt.marketing.impact(series, treated="city 0", start=30)
    >>> ax = mt.plot.placebos(found)
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['11 others treated instead', '3 earlier starts']
    >>> plt.close(ax.figure)
    """
    labels = {
        "ratio": "Effect over its own miss before the start (no unit)",
        "effect": "Effect a period (the unit of the series)",
    }
    if value not in labels:
        raise InputError(_WHAT, got=f"value={value!r}", expected="'ratio' or 'effect'",
                         hint="value='ratio'")  # fmt: skip
    table = found.placebos
    if table.empty:
        raise InputError(
            _WHAT,
            got=f"a result of {found.method!r} with interval={found.interval!r} without placebos",
            expected="placebos in space or in time",
            hint="impact(..., interval='placebo')",
        )
    ax = axes_or_current(ax)
    kinds = [kind for kind in ("space", "time") if (table["kind"] == kind).any()]
    names = {
        "space": ("other treated instead", "others treated instead"),
        "time": ("earlier start", "earlier starts"),
    }
    ticks = []
    for row, kind in enumerate(kinds):
        values = table.loc[table["kind"] == kind, value].to_numpy(float)
        # Ranks side by side, so that dots of one value do not hide each other.
        lift = 0.3 * (np.arange(len(values)) % 5 - 2) / 2 if len(values) > 1 else np.zeros(1)
        ax.plot(np.sort(values), row + lift, "o", color="#888888", alpha=0.7, markersize=5,
                markeredgewidth=0, label="placebos" if row == 0 else "_")  # fmt: skip
        ticks.append(counted(len(values), *names[kind]))
    own = found.effect / found.miss_before if value == "ratio" else found.effect
    with boxes_for_strange_letters():
        ax.axvline(own, color=PALETTE[1], linewidth=2, label=no_formula(shortened(found.treated)))
        ax.axvline(0, color="#555555", linewidth=0.8)
        ax.set_yticks(range(len(kinds)), ticks)
        ax.set_ylim(len(kinds) - 0.5, -0.5)
        ax.set_xlabel(labels[value])
        size = np.abs(table.loc[table["kind"] == kinds[0], value].to_numpy(float))
        large = int((size >= abs(own)).sum())
        words = f"As large: {large} of {counted(len(size), *names[kinds[0]])}"
        if value == "ratio" and found.interval == "placebo":
            words += f" ({chance(found.p_value)})"
        ax.set_title(words, loc="left", fontsize="medium")
        ax.legend(loc="best", fontsize="small")
    return ax


def event_study(study: "EventStudy", *, ax: "Axes | None" = None) -> "Axes":
    """Draw effects by the time since the start: intervals as bars, the simultaneous band behind.

    Parameters
    ----------
    study : EventStudy
        What ``mt.marketing.event_study`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; times before the start are hollow.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> rng = np.random.default_rng(0)
    >>> series = pd.DataFrame({"unique_id": np.repeat([f"track {n}" for n in range(12)], 20),
    ...                        "ds": np.tile(np.arange(20), 12), "y": rng.normal(0, 1, 240),
    ...                        "treated_from": np.repeat([8, 12, np.nan] * 4, 20)})
    >>> ax = mt.plot.event_study(mt.marketing.event_study(series))
    >>> ax.get_xlabel()
    'Periods since the start'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    path = study.path
    since, effect = path["event_time"].to_numpy(), path["effect"].to_numpy()
    ax.fill_between(since, path["band_lo_90"], path["band_hi_90"], color=PALETTE[0], alpha=0.15,
                    linewidth=0, label="90 % band, all times together")  # fmt: skip
    bars = np.array([effect - path["lo_90"], path["hi_90"] - effect])
    for part, fill, label in (
        (since < 0, "white", "before the start"),
        (since >= 0, PALETTE[0], "effect, 90 % interval of each"),
    ):
        if part.any():
            look: dict[str, Any] = {
                "color": PALETTE[0],
                "markerfacecolor": fill,
                "markersize": 4,
                "linewidth": 1,
            }
            ax.errorbar(since[part], effect[part], bars[:, part], fmt="o", label=label, **look)
    ax.axhline(0, color="#555555", linewidth=0.8)
    ax.axvline(-0.5, color="#555555", linestyle=(0, (2, 3)))
    ax.set_title(
        f"Effect {written(study.effect)} a treated period "
        f"({written(study.lo_90)} to {written(study.hi_90)}), {chance(study.p_value)}",
        loc="left",
        fontsize="medium",
    )
    ax.set(xlabel="Periods since the start", ylabel="Effect (the unit of the series)")
    ax.legend(loc="best", fontsize="small")
    return ax
