"""What the numbers of a media mix mean, in words: one rule for fit, check and budget."""

from typing import TYPE_CHECKING

import numpy as np

from musictools.marketing._adstock import Array

if TYPE_CHECKING:
    import pandas as pd

IDENTIFIED, NOT_IDENTIFIED, QUICK_LOOK = "identified", "not identified", "quick look"
#: Below it a number is mostly prior. A convention, as is the next.
LEARNED = 0.7
#: A channel is identified where half the 90 % interval is no more than a fifth of the ROAS: then
#: the error is 8 % at the median, or less (0.67 standard deviations of 12 %).
HALF_WIDTH = 0.2
#: Money is not moved on what is known less well than this; draws of the posterior do the rest.
MOVABLE = 0.5
#: Chains that differ more than this do not agree.
R_HAT = 1.05
#: Channels on in so many weeks are always on.
_ALWAYS = 0.95


def judge(learned: Array, half_width: Array) -> Array:
    """Whether each channel is identified."""
    known: Array = (np.asarray(learned) >= LEARNED) & (np.asarray(half_width) <= HALF_WIDTH)
    return known


def movable(table: "pd.DataFrame") -> Array:
    """Whether enough is known of each channel to move money; of a quick look nothing is asked."""
    half = (table["hi_90"] - table["lo_90"]) / 2 / table["mean"]
    enough: Array = ((table["learned"] >= LEARNED) & (half <= MOVABLE)).to_numpy()
    return enough | (table["verdict"] == QUICK_LOOK).to_numpy()


def why(learned: float, half_width: float) -> str:
    """Say why a channel is identified or not."""
    if learned < LEARNED:
        return f"mostly prior: the data removed {max(learned, 0):.0%} of what was unknown before"
    if half_width > HALF_WIDTH:
        return f"the 90 % interval is ± {half_width:.0%} of the ROAS"
    return f"known to ± {half_width:.0%} (90 % interval)"


def remedy(*, identified: bool, on: float, learned: float) -> str:
    """Say what to do about a channel; `on` is its part of weeks with spend."""
    if identified:
        return ""
    if on >= _ALWAYS:
        return "some dark weeks (4 or more, apart from each other), or a lift test"
    if learned < LEARNED:
        return (
            "a lift test, or flights that differ more, at other times than those of other channels"
        )
    return "more weeks, flights at other times than those of other channels, or a lift test"


def convergence(r_hat: float, ess: float) -> str:
    """Say whether chains agree."""
    if not np.isfinite(r_hat):
        return "A quick look: no posterior was sampled, intervals are the spread of thirty fits."
    told = f"R-hat {r_hat:.3f}, effective sample size {ess:.0f}"
    if r_hat <= 1.01 and ess >= 400:
        return f"The chains agree ({told})."
    if r_hat <= R_HAT:
        return f"The chains agree well enough for means and intervals ({told})."
    return f"The chains do not agree ({told}): do not use these numbers; fewer channels may help."


def summary(table: "pd.DataFrame") -> str:
    """Say in one sentence which channels are identified."""
    names = [str(name) for name in table.index[table["verdict"] == IDENTIFIED]]
    others = [str(name) for name in table.index[table["verdict"] != IDENTIFIED]]
    if not names:
        return "Not identified: this data tells of no channel what it brings; no ROAS is promised."
    told = "Identified: " + ", ".join(names) + "."
    if others:
        told += " Not identified, and left out of rankings: " + ", ".join(others) + "."
    return told
