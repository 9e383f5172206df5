"""Pictures of lines that up-sampling leaves, and of detectors that learn from them."""

from typing import TYPE_CHECKING

import numpy as np

from musictools.plot._style import (
    CHANCE,
    PALETTE,
    axes_or_current,
    boxes_for_strange_letters,
    legend_beside,
    name_columns,
)
from musictools.plot._words import no_formula

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.audio._ai_report import AIReport
    from musictools.audio._upsampling import Upsampling


def upsampling(found: "Upsampling", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the residue of a spectrum, and the comb that fits it best.

    Parameters
    ----------
    found : Upsampling
        What ``mt.audio.upsampling`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; teeth are marked where the comb is more regular than chance.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, musictools as mt
    >>> noise = np.random.default_rng(0).normal(0, 0.1, 44_100 * 4)
    >>> ax = mt.audio.upsampling(noise, sample_rate=44_100).plot()
    >>> ax.get_xlabel()
    'Frequency (kHz)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    khz = found.frequency_hz / 1_000
    ax.plot(khz, found.residue_db, color=PALETTE[0], linewidth=0.5)
    title = f"z {found.comb_z:.1f}"
    if found.p_value <= 0.01:
        first = np.ceil(found.frequency_hz[0] / found.spacing_hz)
        teeth = np.arange(first, found.frequency_hz[-1] / found.spacing_hz) * found.spacing_hz
        low = float(found.residue_db.min())
        ax.plot(teeth / 1_000, np.full(len(teeth), low - 1), "|", color=PALETTE[1], markersize=6)
        title = f"Lines every {found.spacing_hz:.1f} Hz, " + title
    else:
        title = "No regular lines, " + title
    ax.set(xlabel="Frequency (kHz)", ylabel="Residue (dB)")
    ax.set_title(title)
    return ax


def ai_report(report: "AIReport", *, ax: "Axes | None" = None) -> "Axes":
    """Draw how well a detector does on generators that it had not met, copy by copy.

    Parameters
    ----------
    report : AIReport
        ``report_`` of a fitted ``AIDetector``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: AUC with its interval by condition, a colour for each generator; 0.5 is
        chance.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, musictools as mt
    >>> rng = np.random.default_rng(0)
    >>> plain = [mt.audio.from_samples(rng.normal(0, 0.1, 132_300), 44_100) for _ in range(16)]
    >>> detector = mt.audio.AIDetector(conditions=["as_is"], rng=0)
    >>> ax = detector.fit({"a": plain[:8]}, {"b": plain[8:]}).report_.plot()
    >>> ax.get_ylabel()
    'AUC, held out (0 to 1)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    conditions = list(dict.fromkeys(report.scores["condition"]))
    names = list(dict.fromkeys(report.scores["generator"]))
    for number, name in enumerate(names):
        rows = report.scores[report.scores["generator"] == name]
        at = np.array([conditions.index(each) for each in rows["condition"]], dtype=float)
        at += 0.5 * (number + 0.5) / len(names) - 0.25
        error = [rows["auc"] - rows["auc_lo"], rows["auc_hi"] - rows["auc"]]
        colour = PALETTE[number % len(PALETTE)]
        label = no_formula(name) or "generated"
        ax.errorbar(at, rows["auc"], yerr=error, fmt="o", color=colour, label=label, markersize=5)
    ax.axhline(0.5, color="#777777", linewidth=0.8, linestyle="--", label=CHANCE)
    name_columns(ax, range(len(conditions)), [each.replace("_", " ") for each in conditions])
    ax.set(xlabel="What happened to the file", ylabel="AUC, held out (0 to 1)")
    ax.set_ylim(0, 1.03)
    ax.set_title(report.verdict.replace("_", " "))
    with boxes_for_strange_letters():
        legend_beside(ax, title="held-out generator")
    return ax
