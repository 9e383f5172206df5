"""From rows of features to sections: checkerboard novelty, and clusters of what it divides."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# By the boundaries of simulated songs: 8 to 16 s are alike; a phrase or two of most music.
_REACH_S = 12.0
_SHORTEST_S = 6.0
# Harmony moves with every chord: it says less of the section than timbre does.
_HARMONY_SHARE = 0.5
# Features count in units of their usual stir within 3 s, and no finer than what is heard at all:
# half a decibel, and a 400th of the votes.
_STIR_STEPS, _LEAST_STIR_DB, _LEAST_STIR_SHARE = 8, 0.5, 0.05
# A summit of the novelty divides if it is so many standard deviations over the mean.
_SUMMIT, _LEAST_NOVELTY = 0.25, 0.02
# Squared distance of the means of two sections, in units of the stir, that makes two materials.
_APART = 0.08


@dataclass(frozen=True)
class Sections:
    """Sections of rows of features.

    Attributes
    ----------
    starts : list of int
        First row of each section, 0 first.
    labels : list of int
        Number of the material of each, in the order of appearance.
    novelty : array of shape (rows,)
        How much each row divides what is before from what is after, 0 to 1.
    """

    starts: list[int]
    labels: list[int]
    novelty: Floats


def divide(timbre: Floats, harmony: Floats, *, step_s: float) -> Sections:
    """Find the sections.

    Parameters
    ----------
    timbre : array of shape (rows, d)
        In decibels.
    harmony : array of shape (rows, 12)
        Roots of shares.
    step_s : float
        From one row to the next.
    """
    rows = np.concatenate(
        (
            timbre / _stir(timbre, _LEAST_STIR_DB),
            _HARMONY_SHARE * harmony / _stir(harmony, _LEAST_STIR_SHARE),
        ),
        axis=1,
    )
    novelty = checkerboard_novelty(rows, reach=max(2, round(_REACH_S / step_s)))
    starts = [0, *_summits(novelty, apart=max(1, round(_SHORTEST_S / step_s)))]
    return Sections(*_fused(starts, _materials(rows, starts)), novelty)


def mean_rows(rows: Floats, count: int) -> Floats:
    """Give the mean of every ``count`` rows; fewer at the end are left out, unless they are all."""
    whole = len(rows) // count
    taken = rows[: whole * count].reshape(whole, count, -1) if whole else rows[None]
    mean: Floats = taken.mean(axis=1)
    return mean


def checkerboard_novelty(rows: Floats, *, reach: int) -> Floats:
    """Measure how much the rows before differ from those after (J. Foote, ICME 2000).

    Parameters
    ----------
    rows : array of shape (n, d)
        Features in units of their stir.
    reach : int
        Rows to either side that count; those near count more.

    Returns
    -------
    numpy.ndarray of shape (n,)
        0 (no change) to 1 (two halves that are alike in themselves and have nothing in common).
    """
    if len(rows) == 1:
        return np.zeros(1)
    product = rows @ rows.T
    length = np.diag(product)
    apart = np.maximum(length[:, None] + length - 2 * product, 0.0) / rows.shape[1]
    usual = float(np.median(apart))
    # In a recording that hardly moves, the stir itself is the measure.
    alike = np.exp(-apart / max(usual, 1.0)).astype(np.float32)
    reach = min(reach, max(2, len(rows) // 2))
    wide = np.pad(alike, reach, mode="reflect" if len(rows) > reach else "edge")
    place = np.arange(-reach, reach) + 0.5
    side = (np.exp(-2 * np.square(place / reach)) * np.sign(place)).astype(np.float32)
    # The squares along the diagonal, as a view: the sums of one kernel at every place.
    down, across = wide.strides
    squares = np.lib.stride_tricks.as_strided(
        wide, (len(rows), 2 * reach, 2 * reach), (down + across, down, across), writeable=False
    )
    sums = (squares @ side) @ side
    novelty: Floats = np.clip(sums / np.square(np.abs(side).sum()), 0.0, 1.0).astype(np.float64)
    return novelty


def _stir(rows: Floats, least: float) -> Floats:
    """Give the usual standard deviation of each column within some steps."""
    firsts = range(0, max(1, len(rows) - _STIR_STEPS + 1), _STIR_STEPS // 2)
    variance = np.median(
        [rows[first : first + _STIR_STEPS].var(axis=0) for first in firsts], axis=0
    )
    stir: Floats = np.sqrt(np.maximum(variance, least**2))
    return stir


def _summits(novelty: Floats, *, apart: int) -> list[int]:
    """Give the summits, the highest first served, so many rows from the ends and one another."""
    floor = max(_LEAST_NOVELTY, novelty.mean() + _SUMMIT * novelty.std())
    found: list[int] = []
    for at in np.argsort(-novelty, kind="stable"):
        if novelty[at] < floor:
            break
        near = novelty[max(0, at - 2) : at + 3]
        inside = apart <= at <= len(novelty) - apart
        if inside and novelty[at] >= near.max() and all(abs(at - o) >= apart for o in found):
            found.append(int(at))
    return sorted(found)


def _materials(rows: Floats, starts: list[int]) -> list[int]:
    """Join sections whose means are near, the nearest first; give the group of each."""
    ends = [*starts[1:], len(rows)]
    means = np.stack([rows[a:b].mean(axis=0) for a, b in zip(starts, ends, strict=True)])
    sizes = np.array([b - a for a, b in zip(starts, ends, strict=True)], dtype=np.float64)
    groups = [[i] for i in range(len(starts))]
    while len(groups) > 1:
        away = np.square(means[:, None] - means).mean(axis=2)
        # Means of a few rows differ by chance, and by so much.
        away -= 1 / sizes[:, None] + 1 / sizes
        np.fill_diagonal(away, np.inf)
        one, other = sorted(int(i) for i in np.unravel_index(int(away.argmin()), away.shape))
        if away[one, other] > _APART:
            break
        both = sizes[one] + sizes[other]
        means[one] = (means[one] * sizes[one] + means[other] * sizes[other]) / both
        sizes[one] = both
        groups[one] += groups.pop(other)
        means, sizes = np.delete(means, other, axis=0), np.delete(sizes, other)
    number = {section: group for group, members in enumerate(groups) for section in members}
    return [number[section] for section in range(len(starts))]


def _fused(starts: list[int], groups: list[int]) -> tuple[list[int], list[int]]:
    """Make one of neighbours of one group, and number the groups as they appear."""
    kept = [i for i in range(len(starts)) if not i or groups[i] != groups[i - 1]]
    order = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    return [starts[i] for i in kept], [order[groups[i]] for i in kept]
