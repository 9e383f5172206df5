"""How a media mix does on weeks it has not seen, and on channels that did nothing."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from musictools._counts import counted
from musictools.errors import InputError
from musictools.marketing import _media_words as words
from musictools.marketing._adstock import Array, whole
from musictools.marketing._controls import independent
from musictools.marketing._media_data import MediaData
from musictools.marketing._media_fit import sample
from musictools.marketing._media_panel import Panel
from musictools.marketing._posterior import Posterior

if TYPE_CHECKING:
    import pandas as pd

_LEAST_WEEKS = 40
_POINTS = 400


def overlap(before_sd: Array, centre: float, values: Array) -> Array:
    """Area that prior and posterior have in common, both as normals; one for each row of values."""
    from scipy.stats import norm

    mean, sd = values.mean(axis=1), values.std(axis=1)
    areas = []
    for b, m, s in zip(before_sd, mean, sd, strict=True):
        grid = np.linspace(min(centre - 5 * b, m - 5 * s), max(centre + 5 * b, m + 5 * s), 2001)
        lower = np.minimum(norm.pdf(grid, centre, b), norm.pdf(grid, m, s))
        areas.append(lower.sum() * (grid[1] - grid[0]))
    return np.array(areas)


def hold_out(
    posterior: Posterior, data: MediaData, origins: int, horizon: int, seed: int
) -> "pd.DataFrame":
    """Fit to what was known at each origin, and forecast the weeks after it."""
    import pandas as pd

    what, weeks = "hold out weeks", data.panel.y.shape[1]
    for name, number in (("origins", origins), ("horizon", horizon)):
        if not whole(number) or number < 1:
            raise InputError(what, got=f"{name}={number!r}", expected="1 or more", hint=f"{name}=3")
    first = weeks - origins * horizon
    if first < max(_LEAST_WEEKS, 2 * (data.panel.controls.shape[2] + len(data.channels))):
        raise InputError(
            what, got=f"{counted(first, 'week')} before the first origin",
            expected=f"{_LEAST_WEEKS} weeks, and twice as many as controls and channels",
            hint="fewer origins, or a shorter horizon",
        )  # fmt: skip
    rows = []
    for number in range(origins):
        cut = first + number * horizon
        rng = np.random.default_rng([seed, 2, number])
        found = _forecast(posterior, data.panel, cut, cut + horizon, rng)
        rows.append({"known_weeks": cut} | found)
    return pd.DataFrame(rows)


def _forecast(
    posterior: Posterior, panel: Panel, cut: int, end: int, rng: np.random.Generator
) -> dict[str, float]:
    """Errors of one origin, of this model and of controls alone."""
    # What was not known must not be seen, not even by controls that only vary later.
    kept = independent(panel.controls[:, :cut])
    whole, known = (
        Panel(panel.spend[:, :last], panel.y[:, :last], panel.controls[:, :last, kept],
              known=cut, kinds=[kind.until(last, kept) for kind in panel.kinds])
        for last in (end, cut)
    )  # fmt: skip
    own = posterior.like(known)
    # A forecast needs what the channels bring together, on which chains agree soonest.
    points = sample(own, rng, patient=False).points
    points = points[:: max(len(points) // _POINTS, 1)]
    own.root = own.roots_basis = None
    # What is loose is a mixture of controls until a new release comes, so the fit does not tell
    # them apart, and the prior must.
    variance, slopes = own.draw_slopes(points, rng)
    later = posterior.like(whole)
    ahead = later.controls[:, cut:] @ slopes
    ahead += later.media(points).sum(axis=0)[:, cut:]
    middle = ahead.mean(axis=2) * whole.level[:, None]
    noisy = ahead + rng.standard_normal(ahead.shape) * np.sqrt(variance)[:, None]
    low, high = np.quantile(noisy, [0.05, 0.95], axis=2) * whole.level[:, None]
    true = whole.y[:, cut:]
    plain = np.linalg.pinv(known.controls) @ known.y[..., None]
    plain = (whole.controls[:, cut:] @ plain)[..., 0]
    error, without = (float(np.abs(p - true).mean()) for p in (middle, plain))
    return {
        "mae": error,
        "mae_without_media": without,
        "skill": 1 - error / without,
        "coverage": float(((low <= true) & (true <= high)).mean()),
    }


def placebo_channels(
    posterior: Posterior, data: MediaData, count: int, seed: int
) -> "pd.DataFrame":
    """Fit with channels that did nothing: spend of real ones, moved round in time."""
    import pandas as pd

    if not whole(count) or not 1 <= count <= len(data.channels):
        raise InputError(
            "try placebo channels", got=f"count={count!r}",
            expected=f"1 to {len(data.channels)}, as there are channels", hint="count=1",
        )  # fmt: skip
    rng = np.random.default_rng([seed, 3])
    weeks = data.panel.y.shape[1]
    # The most uneven channels, since moving an even one round changes nothing.
    spread = data.panel.spend.std(axis=1) / data.panel.spend.mean(axis=1)
    chosen = np.argsort(-np.nan_to_num(spread).mean(axis=0), kind="stable")[:count]
    moved = [
        np.roll(data.panel.spend[:, :, c], rng.integers(weeks // 4, 3 * weeks // 4), axis=1)
        for c in chosen
    ]
    panel = replace(
        data.panel, spend=np.concatenate([data.panel.spend, np.stack(moved, axis=2)], axis=2)
    )
    own = posterior.like(panel)
    points = sample(own, rng).points
    share = np.exp(own.split(points)[2]) * panel.level[:, None, None]
    total = share.sum(axis=0)[-count:] / panel.level.sum()
    low, high = np.quantile(total, [0.05, 0.95], axis=1)
    mean = total.mean(axis=1)
    learned = 1 - np.log(total).var(axis=1) / posterior.prior.own**2
    known = words.judge(learned, (high - low) / 2 / mean)
    return pd.DataFrame(
        {
            "share": mean,
            "lo_90": low,
            "hi_90": high,
            "verdict": np.where(known, words.IDENTIFIED, words.NOT_IDENTIFIED),
        },
        index=pd.Index([f"{data.channels[c]}, moved" for c in chosen], name="placebo"),
    )
