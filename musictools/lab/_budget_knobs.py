"""explore_budget(): the same budget, split by hand and split so that no euro would rather move."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from musictools.lab._chart import Chart, Series
from musictools.lab._knobs import Knob, Knobs, Lesson, Shown, knobs_of
from musictools.marketing import saturate

Floats = npt.NDArray[np.float64]

#: Channel to its ceiling (thousand streams) and to the money (thousand) that brings half of it.
CHANNELS: Mapping[str, tuple[float, float]] = {
    "Instagram": (300.0, 8.0),
    "TikTok": (180.0, 3.0),
    "Radio": (500.0, 40.0),
    "Posters": (60.0, 6.0),
}
_BISECTIONS = 200
_KNOBS = (
    Knob("budget", "Budget", 1, 200, 1, 30, "thousand"),
    *(
        Knob(name.lower(), f"Weight of {name}", 0, 10, 0.5, weight)
        for name, weight in zip(CHANNELS, (5.0, 5.0, 5.0, 5.0), strict=True)
    ),
)


def explore_budget(values: Mapping[str, Any] | None = None) -> Knobs:
    """Turn the knobs of a budget over four channels.

    Parameters
    ----------
    values : mapping, optional
        Name to value of knobs that start elsewhere: ``budget``, and the weights ``instagram``,
        ``tiktok``, ``radio``, ``posters``, in proportion to which it is split.

    Returns
    -------
    Knobs
        A widget; a picture where no widgets run, or where anywidget is not installed.

    Raises
    ------
    InputError
        If there is no such knob, or it does not turn so far.

    See Also
    --------
    musictools.marketing.MediaMix : Learns the curves from data, with their uncertainty.

    Notes
    -----
    A channel brings top x / (half + x) for x of money. At the best split every channel that gets
    money has the same slope, and those that get none have less.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.lab.explore_budget({"budget": 30}).table.columns.tolist()
    ['channel', 'spend', 'streams', 'next', 'best_spend', 'best_streams']
    """
    return knobs_of(LESSON, values)


def best_split(budget: float, tops: Floats, halves: Floats) -> Floats:
    """Split a budget so that the sum of top x / (half + x) is greatest.

    Parameters
    ----------
    budget : float
        Above 0.
    tops, halves : numpy.ndarray, shape (channels,)
        Above 0.

    Returns
    -------
    numpy.ndarray, shape (channels,)
        Sums to `budget`, none below 0.
    """
    # Slope top half / (half + x)^2 = level where x > 0; the level falls as the budget grows.
    low, high = 0.0, float((tops / halves).max())
    for _ in range(_BISECTIONS):
        level = (low + high) / 2
        spent = np.maximum(np.sqrt(tops * halves / level) - halves, 0.0)
        low, high = (level, high) if spent.sum() > budget else (low, level)
    split: Floats = spent * (budget / spent.sum())
    return split


def _work(values: Mapping[str, Any]) -> Shown:
    import pandas as pd

    tops, halves = (np.array(column) for column in zip(*CHANNELS.values(), strict=True))
    weights = np.array([values[name.lower()] for name in CHANNELS])
    weights = weights if weights.sum() > 0 else np.ones(len(tops))
    spend = values["budget"] * weights / weights.sum()
    best = best_split(values["budget"], tops, halves)
    brought, most = (
        tops * saturate(split, "michaelis_menten", {"half": halves}) for split in (spend, best)
    )
    slope = tops * halves / (halves + spend) ** 2
    names = list(CHANNELS)
    worst, top = int(np.argmin(slope)), int(np.argmax(slope))
    words = (
        f"This split brings {brought.sum():,.0f} thousand streams, the best one {most.sum():,.0f} "
        f"({most.sum() / brought.sum() - 1:+.0%}). The next euro brings {slope[top]:.1f} streams "
        f"in {names[top]}, {slope[worst]:.1f} in {names[worst]}."
    )
    chart = Chart(
        kind="bars",
        x=names,
        x_label="Channel",
        y_label="Money (thousands)",
        series=[Series("this split", spend.tolist()), Series("best split", best.tolist())],
        marks=[],
    )
    table = pd.DataFrame(
        {
            "channel": names,
            "spend": spend,
            "streams": brought,
            "next": slope,
            "best_spend": best,
            "best_streams": most,
        }
    )
    return Shown(chart, words, table)


LESSON = Lesson(
    "Budget: where does the next euro go?",
    "Curves that are known exactly and that never change; real ones have to be measured.",
    _KNOBS,
    _work,
)
