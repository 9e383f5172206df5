"""Foote's novelty over years, and how large it gets where sound changes at a steady pace."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

_MOST = 10
_EXPLAINED = 0.9


def components(z: Floats) -> Floats:
    """Turn standardised columns into their main axes, shape (songs, axes)."""
    centred = z - z.mean(axis=0)
    _, size, axes = np.linalg.svd(centred, full_matrices=False)
    share = np.cumsum(size**2) / max(float((size**2).sum()), 1e-12)
    count = min(int(np.searchsorted(share, _EXPLAINED)) + 1, _MOST)
    out: Floats = centred @ axes[:count].T
    return out


def kernel(half: int) -> Floats:
    """Give Foote's checkerboard, tapered, so that the sum over a constant distance is 0.

    Parameters
    ----------
    half : int
        Years on either side.
    """
    at = np.arange(-half, half) + 0.5
    taper = np.exp(-((at / half) ** 2))
    across = np.sign(at)[:, None] != np.sign(at)[None, :]
    weight = taper[:, None] * taper[None, :]
    np.fill_diagonal(weight, 0.0)
    out: Floats = np.where(across, weight / weight[across].sum(), 0.0)
    out -= np.where(~across, weight / weight[~across].sum(), 0.0)
    return out


def novelty(means: Floats, half: int) -> Floats:
    """Give how much farther the years before and after lie from each other than among themselves.

    Parameters
    ----------
    means : numpy.ndarray, shape (..., years, axes)
        Mean song of each year.
    half : int
        Years on either side.

    Returns
    -------
    numpy.ndarray, shape (..., years - 2 half + 1)
        For each boundary that has ``half`` years on both sides.
    """
    shape = kernel(half)
    count = means.shape[-2] - 2 * half + 1
    square = (means**2).sum(axis=-1)
    far = square[..., :, None] + square[..., None, :] - 2 * means @ np.swapaxes(means, -1, -2)
    far = np.sqrt(np.maximum(far, 0.0))
    parts = [
        (far[..., k : k + 2 * half, k : k + 2 * half] * shape).sum(axis=(-1, -2))
        for k in range(count)
    ]
    return np.stack(parts, axis=-1)


def steady_pace(
    axes: Floats,
    year: npt.NDArray[np.int_],
    effective: Floats,
    *,
    draws: int,
    random: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Simulate years of a sound that changes at a steady pace.

    Parameters
    ----------
    axes : numpy.ndarray, shape (songs, axes)
        Songs.
    year : numpy.ndarray of int, shape (songs,)
        Number of each song's year.
    effective : numpy.ndarray, shape (years,)
        Independent songs of each year: its artists.
    draws : int
        How many.
    random : numpy.random.Generator
        Chance.

    Returns
    -------
    numpy.ndarray, shape (years, axes)
        Mean songs that were seen.
    numpy.ndarray, shape (draws, years, axes)
        Mean songs of a drift, with random steps as large as those seen, and as few songs a year.
    """
    count = int(year.max()) + 1
    size = np.bincount(year, minlength=count)[:, None]
    means = np.zeros((count, axes.shape[1]))
    np.add.at(means, year, axes)
    means /= size
    rest = axes - means[year]
    within = rest.T @ rest / max(len(axes) - count, 1)
    steps = np.diff(means, axis=0)
    drift = steps.mean(axis=0)
    # What few songs a year make of the steps is no change of sound: it is taken off, and comes
    # back as noise.
    noise = (1 / effective[1:] + 1 / effective[:-1]).mean()
    # Noise takes a step back of each one forward, so that little of it is in the drift.
    about = steps - drift
    moved = about.T @ about / max(len(steps) - 1, 1) - noise * within
    value, axis = np.linalg.eigh(moved)
    pace = axis * np.sqrt(np.maximum(value, 0.0))
    spread, turned = np.linalg.eigh(within)
    blur = turned * np.sqrt(np.maximum(spread, 0.0))
    dims = axes.shape[1]
    walk = random.standard_normal((draws, count - 1, dims)) @ pace.T + drift
    start = np.zeros((draws, 1, dims))
    path = np.concatenate([start, np.cumsum(walk, axis=1)], axis=1)
    blurred = random.standard_normal((draws, count, dims)) @ blur.T
    return means, path + blurred / np.sqrt(effective)[:, None]


def judge_novelty(
    years: npt.NDArray[np.int_], seen: Floats, null: Floats, half: int
) -> "pd.DataFrame":
    """Compare novelty with that of a steady pace, boundary by boundary and over all of them.

    Parameters
    ----------
    years : numpy.ndarray of int
        Calendar years, in order.
    seen : numpy.ndarray, shape (years, axes)
        Mean songs.
    null : numpy.ndarray, shape (draws, years, axes)
        Those of a steady pace.
    half : int
        Years on either side.
    """
    import pandas as pd

    value, drawn = novelty(seen, half), novelty(null, half)
    most = drawn.max(axis=1)
    point = (1 + (drawn >= value).sum(axis=0)) / (1 + len(drawn))
    family = (1 + (most[:, None] >= value[None, :]).sum(axis=0)) / (1 + len(drawn))
    return pd.DataFrame(
        {
            "year": years[half : half + len(value)],
            "novelty": value,
            "null_median": np.median(drawn, axis=0),
            "null_95": np.quantile(drawn, 0.95, axis=0),
            "p_point": point,
            "p_family": family,
        }
    )


def revolutions(table: "pd.DataFrame", alpha: float = 0.05) -> "pd.DataFrame":
    """Give the tops of novelty that a steady pace rarely reaches anywhere.

    Parameters
    ----------
    table : pandas.DataFrame
        As :func:`judge_novelty` gives it.
    alpha : float
        How rarely.

    Returns
    -------
    pandas.DataFrame
        ``year`` (the first of the new sound), ``first, last`` (the stretch about it that is as
        rare), ``p_family``.
    """
    import pandas as pd

    rare = (table["p_family"] <= alpha).to_numpy()
    rows: list[dict[str, Any]] = []
    begin = None
    for k, each in enumerate([*rare, False]):
        if each and begin is None:
            begin = k
        elif not each and begin is not None:
            part = table.iloc[begin:k]
            top = part.to_dict("records")[int(part["novelty"].argmax())]
            rows.append(
                {
                    "year": int(top["year"]),
                    "first": int(part["year"].iloc[0]),
                    "last": int(part["year"].iloc[-1]),
                    "p_family": float(top["p_family"]),
                }
            )
            begin = None
    return pd.DataFrame(rows, columns=["year", "first", "last", "p_family"])
