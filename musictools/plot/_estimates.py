"""Pictures of estimated features, and of what takes them to other values."""

import math
from typing import TYPE_CHECKING

from musictools.plot._style import (
    PALETTE,
    axes_or_current,
    name_rows,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.audio._calibrator import Calibrator
    from musictools.audio._echonest_table import FeatureEstimates

_COLOURS = {"good": PALETTE[0], "weak": PALETTE[4], "refused": PALETTE[3]}


def feature_estimates(found: "FeatureEstimates", *, ax: "Axes | None" = None) -> "Axes":
    """Draw each estimated feature with its 90 % interval, coloured by tier.

    Parameters
    ----------
    found : FeatureEstimates
        What ``mt.audio.estimate`` gave. What is measured has other units, and is left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> song = mt.datasets.simulate_recording(duration_s=12, rng=1)
    >>> ax = mt.plot.feature_estimates(mt.audio.estimate(song.recording))
    >>> [label.get_text() for label in ax.get_yticklabels()][:2]
    ['energy', 'acousticness']
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    rows = found.table[found.table["tier"] != "measured"]
    told: set[str] = set()
    for place, (_, row) in enumerate(rows.iterrows()):
        colour = _COLOURS[row["tier"]]
        if not math.isfinite(row["estimate"]):
            reason = "refused" if row["tier"] == "refused" else "not estimated"
            ax.text(0.5, place, reason, ha="center", va="center", color="#555555", style="italic")
            continue
        label = None if row["tier"] in told else str(row["tier"])
        told.add(row["tier"])
        if math.isfinite(row["lo_90"]):
            ax.plot([row["lo_90"], row["hi_90"]], [place, place], color=colour, lw=6, alpha=0.35,
                    solid_capstyle="butt")  # fmt: skip
        ax.plot(row["estimate"], place, "o", color=colour, markersize=7, label=label)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    name_rows(ax, range(len(rows)), list(rows.index))
    ax.set_xlim(-0.02, 1.02)
    ax.set_xlabel("Estimate, 0 to 1, with 90 % interval (Echonest-calibrated)")
    if found.out_of_domain:
        ax.set_title("Out of domain: intervals promise nothing")
    if told:
        ax.legend(title="Tier", loc="center left", bbox_to_anchor=(1.0, 0.5))
    ax.grid(visible=False, axis="y")
    return ax


def calibration(found: "Calibrator", *, ax: "Axes | None" = None) -> "Axes":
    """Draw what each estimate becomes.

    Parameters
    ----------
    found : Calibrator
        What ``mt.audio.fit_calibrator`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> found = pd.DataFrame({"energy": np.linspace(0.3, 0.7, 20)})
    >>> calibrator = mt.audio.fit_calibrator(2 * found - 0.5, found)
    >>> ax = mt.plot.calibration(calibrator)
    >>> ax.get_xlabel()
    'Estimate'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    ax.plot([0, 1], [0, 1], color="#999999", lw=1, ls="--", label="as it is")
    for place, (name, (before, after)) in enumerate(found.steps.items()):
        ax.plot(before, after, color=PALETTE[place % len(PALETTE)], label=name)
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="Estimate", ylabel="On the scale of your values")
    ax.set_title(f"Calibration ({found.method})")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax
