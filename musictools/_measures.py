"""Measures of inequality of sorted amounts, zeros included: one definition each."""

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Measures that `of_sorted` gives, in its order.
NAMES = (
    "gini",
    "gini_small_sample",
    "theil",
    "palma",
    "hhi",
    "effective_number",
    "effective_number_entropy",
    "top_0_1_percent_share",
    "top_1_percent_share",
    "top_10_percent_share",
)


def of_sorted(amounts: "Floats") -> dict[str, float]:
    """Measure amounts that are sorted, smallest first; nan where they sum to zero."""
    n = len(amounts)
    # Shares first: squares of tiny or huge amounts would leave the range of floats.
    top = float(amounts[-1]) if n else 0.0
    if top <= 0:
        return dict.fromkeys(NAMES, math.nan)
    shares = amounts / top
    shares = shares / float(np.sum(shares))
    ranks = np.arange(1, n + 1)
    gini = max(0.0, 2 * float(np.sum(ranks * shares)) / n - (n + 1) / n)
    positive = shares[shares > 0]
    entropy = -float(np.sum(positive * np.log(positive)))
    hhi = float(np.sum(shares**2))
    curve = np.concatenate([[0.0], np.cumsum(shares)])
    poorest = float(np.interp(0.4 * n, np.arange(n + 1), curve))
    richest = float(np.interp(0.1 * n, np.arange(n + 1), np.cumsum(np.r_[0.0, shares[::-1]])))
    return {
        "gini": gini,
        "gini_small_sample": gini * n / (n - 1) if n > 1 else math.nan,
        "theil": max(0.0, math.log(n) - entropy),
        "palma": richest / poorest if poorest > 0 else math.inf,
        "hhi": hhi,
        "effective_number": 1 / hhi,
        "effective_number_entropy": math.exp(entropy),
        "top_0_1_percent_share": _top(shares, 1000),
        "top_1_percent_share": _top(shares, 100),
        "top_10_percent_share": _top(shares, 10),
    }


def _top(shares: "Floats", part: int) -> float:
    """Give what the top artists have: a whole number of them, rounded up."""
    count = (len(shares) + part - 1) // part
    return float(np.sum(shares[len(shares) - count :]))
