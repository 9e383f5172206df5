"""From points of a posterior to what a reader sees: contributions, and returns with a verdict."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musictools.marketing import _media_words as words
from musictools.marketing._adstock import Array
from musictools.marketing._media_check import prior_variance
from musictools.marketing._media_data import MediaData
from musictools.marketing._media_honesty import overlap
from musictools.marketing._posterior import Posterior

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Summary:
    """Numbers that are worked out once.

    Attributes
    ----------
    totals : numpy.ndarray
        Sales that channels brought, (channels, groups, points).
    contributions : pandas.DataFrame
        Means by week, rows as given.
    noise_sd, r_squared : float
        Of the mean fit.
    """

    totals: Array
    contributions: "pd.DataFrame"
    noise_sd: float
    r_squared: float


def summarize(posterior: Posterior, data: MediaData, points: Array) -> Summary:
    """Add up what channels brought, in pieces: ten territories are many numbers."""
    import pandas as pd

    panel, level = data.panel, data.panel.level[None, :, None, None]
    mean, totals = np.zeros(1), []
    for part in np.array_split(points, max(len(points) // 100, 1)):
        brought = posterior.media(part) * level
        mean = mean + brought.sum(axis=3)
        totals.append(brought.sum(axis=2))
    mean = mean / len(points)
    flat = np.empty((data.rows.size, len(data.channels)))
    flat[data.rows.ravel()] = mean.reshape(len(data.channels), -1).T
    left = panel.y - mean.sum(axis=0)
    basis = posterior.basis
    left = left - (basis @ (basis.transpose(0, 2, 1) @ left[..., None]))[..., 0]
    around = panel.y - panel.y.mean(axis=1, keepdims=True)
    return Summary(
        totals=np.concatenate(totals, axis=2),
        contributions=pd.DataFrame(flat, index=data.index, columns=data.channels),
        noise_sd=float(np.sqrt((left**2).sum() / (left.shape[0] * posterior.free_df))),
        r_squared=float(1 - (left**2).sum() / (around**2).sum()),
    )


def roas_table(
    posterior: Posterior, data: MediaData, summary: Summary, groups: slice, r_hat: Array
) -> "pd.DataFrame":
    """Give returns of some groups together, with what may be said of them.

    `r_hat` is of every parameter, NaN for a quick look.
    """
    import pandas as pd

    spend = data.panel.spend[groups]
    totals, spent = summary.totals[:, groups].sum(axis=1), spend.sum(axis=(0, 1))
    low, high = np.quantile(totals, [0.05, 0.95], axis=1)
    mean = totals.mean(axis=1)
    before = prior_variance(posterior, groups)
    # A channel may be off in one territory: nothing is known of it there.
    on = spent > 0
    share = np.log(np.where(on[:, None], totals / data.panel.y[groups].sum(), 1.0))
    learned = np.where(on, 1 - share.var(axis=1) / before, 0.0)
    half = np.where(on, (high - low) / 2 / np.where(on, mean, 1.0), np.inf)
    common = np.ones(len(on))
    centre = posterior.mean[posterior.shares.start]
    quick = bool(np.isnan(r_hat).any())
    if not quick:
        common[on] = overlap(np.sqrt(before[on]), centre, share[on])
    # Where chains do not agree on a channel, nothing is known of it; of others it may be.
    agreed = r_hat.reshape(-1, len(on)).max(axis=0) <= words.R_HAT
    known = words.judge(learned, half) & agreed
    verdict = np.where(known, words.IDENTIFIED, words.NOT_IDENTIFIED)
    # A prior of logarithms never reaches nothing; where it alone speaks, that is no evidence.
    low = np.where((learned < words.LEARNED) & (not quick), 0.0, low)
    if quick:
        learned = common = np.full(len(mean), np.nan)
        verdict = np.full(len(mean), words.QUICK_LOOK)
    spent = np.where(on, spent, np.nan)
    rows = {
        "mean": mean / spent, "lo_90": low / spent, "hi_90": high / spent,
        "learned": learned, "overlap": common, "verdict": verdict,
    }  # fmt: skip
    frame = pd.DataFrame(rows, index=pd.Index(data.channels, name="channel"))
    ranked = frame["mean"].where(frame["verdict"] == words.IDENTIFIED)
    frame["rank"] = ranked.rank(ascending=False).astype("Int64")
    if quick:
        return frame.assign(why="thirty fits, no posterior", remedy="method='bayes'")
    used = (spend > 0).mean(axis=(0, 1))
    frame["why"] = [
        words.why(float(a), float(b)) if fine else "the chains do not agree on it"
        for a, b, fine in zip(learned, half, agreed, strict=True)
    ]
    frame["remedy"] = [
        words.remedy(identified=bool(k), on=float(o), learned=float(a))
        for k, o, a in zip(known, used, learned, strict=True)
    ]
    return frame
