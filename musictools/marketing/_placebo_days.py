"""Normal equations of posts, and what days without a post would seem to bring."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from musictools._counts import counted
from musictools.errors import InputError

WHAT = "measure the lift of posts"
DRAWS = 999
#: Posts as near as this move to placebo days together.
_TOGETHER = 3
#: Placebo days: so many of those most alike, at least, or this part of them.
_ALIKE, _ALIKE_PART = 30, 0.25
#: Periods whose means tell how it was going.
_PASTS = (1, 3, 7, 14)


@dataclass(frozen=True)
class Sums:
    """Normal equations of the posts: kernels x platforms (x platforms)."""

    right: np.ndarray
    square: np.ndarray
    #: Each kernel's columns times those of each other kernel.
    across: np.ndarray
    sums: np.ndarray
    #: From the coefficient of a platform to its effect per 1,000, before the sum of the kernel.
    scale: np.ndarray
    #: Share of each platform in all of them together.
    share: np.ndarray

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Coefficients of every kernel; right is (draws) x kernels x platforms."""
        inverse = np.linalg.pinv(self.square, hermitian=True)
        found: np.ndarray = np.einsum("kpq,...kq->...kp", inverse, right)
        return found

    def best(self, right: np.ndarray) -> np.ndarray:
        """Kernel that explains most."""
        gain = (self.solve(right) * right).sum(axis=-1)
        best: np.ndarray = gain.argmax(axis=-1)
        return best

    def told(self, right: np.ndarray, best: np.ndarray) -> np.ndarray:
        """Effects per 1,000 of each platform, and of all."""
        beta = np.take_along_axis(self.solve(right), best[..., None, None], axis=-2)[..., 0, :]
        own = beta * self.sums[best][..., None] * self.scale
        return np.concatenate([own, (own * self.share).sum(axis=-1, keepdims=True)], axis=-1)


@dataclass(frozen=True)
class Days:
    """What follows every day of every series, beside what its past leads to."""

    #: Of each series, days x kernels: kernel-weighted sums of what follows, and as expected.
    seen: list[np.ndarray]
    expected: list[np.ndarray]
    #: Days without a post near, of all series together: series and day.
    pool: np.ndarray
    #: What it was learned from.
    rests: list[np.ndarray]

    @classmethod
    def of(cls, shapes: np.ndarray, parts: list[Any], rests: list[np.ndarray]) -> "Days":
        """Learn from days without a post what a past leads to."""
        seen = [windows(rest, shapes) for rest in rests]
        pasts = [_pasts(rest) for rest in rests]
        pool = []
        for number, (_, posts, _, left, _) in enumerate(parts):
            day = np.arange(len(left))
            far = np.abs(day[:, None] - posts["at"].to_numpy()[None]).min(axis=1) > _TOGETHER
            far &= (day >= _PASTS[-1]) & (day < len(left) - _PASTS[-1])
            pool.append(np.column_stack([np.full(far.sum(), number), day[far]]))
        places = np.concatenate(pool)
        if len(places) < _ALIKE:
            raise InputError(WHAT, got=f"{counted(len(places), 'day')} without a post near",
                             expected=f"at least {_ALIKE}", hint="longer series")  # fmt: skip
        past = np.array([pasts[n][day] for n, day in places])
        after = np.array([seen[n][day] for n, day in places])
        learned = np.linalg.lstsq(past, after, rcond=None)[0]
        return cls(seen, [each @ learned for each in pasts], places, rests)

    def usual(self, parts: list[Any], names: list[str]) -> np.ndarray:
        """Tell what the pasts of the posts lead to without them: kernels x platforms."""
        out = np.zeros((self.seen[0].shape[1], len(names)))
        for number, (_, posts, _, _, size) in enumerate(parts):
            for at, name, mark in zip(posts["at"], posts["platform"], posts["mark"], strict=True):
                out[:, names.index(name)] += mark / size * self.expected[number][at]
        return out

    def placebos(self, parts: list[Any], names: list[str], rng: np.random.Generator) -> np.ndarray:
        """Tell what posts on placebo days would seem to bring: draws x kernels x platforms."""
        out = np.zeros((DRAWS, self.seen[0].shape[1], len(names)))
        start = np.concatenate([[0], np.cumsum([len(each) for each in self.seen])])
        ends = start[self.pool[:, 0] + 1] - 1
        flat = start[self.pool[:, 0]] + self.pool[:, 1]
        left = np.concatenate(self.seen) - np.concatenate(self.expected)
        going = np.concatenate(self.expected)[:, 0]
        first = np.array([track.first for track, *_ in parts])
        weekday = (first[self.pool[:, 0]] + self.pool[:, 1]) % 7
        for number, (track, table, _, _, size) in enumerate(parts):
            posts = table.sort_values("at", kind="stable")
            group = np.concatenate([[0], np.cumsum(np.diff(posts["at"]) > _TOGETHER)])
            for each in range(group[-1] + 1):
                mine = posts[group == each]
                one = int(mine["at"].iloc[0])
                alike = np.arange(len(flat))
                same = np.flatnonzero(weekday == (track.first + one) % 7)
                if track.daily and len(same) >= _ALIKE:
                    alike = same
                off = np.abs(going[flat[alike]] - going[start[number] + one])
                alike = alike[np.argsort(off, kind="stable")]
                alike = alike[: max(_ALIKE, int(_ALIKE_PART * len(alike)))]
                picked = alike[rng.integers(len(alike), size=DRAWS)]
                for at, name, mark in zip(mine["at"], mine["platform"], mine["mark"], strict=True):
                    moved = np.minimum(flat[picked] + at - one, ends[picked])
                    out[:, :, names.index(name)] += mark / size * left[moved]
        return out


def windows(rest: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """Kernel-weighted sums of what follows each day: days x kernels."""
    span = shapes.shape[1]
    padded = np.concatenate([rest, np.zeros(span)])
    out: np.ndarray = np.lib.stride_tricks.sliding_window_view(padded, span)[: len(rest)] @ shapes.T
    return out


def _pasts(rest: np.ndarray) -> np.ndarray:
    """Means of the last days before each day, over several spans, and one."""
    sums = np.concatenate([[0.0], np.cumsum(rest)])
    at = np.arange(len(rest))
    means = [(sums[at] - sums[np.maximum(at - n, 0)]) / n for n in _PASTS]
    return np.column_stack([*means, np.ones(len(rest))])
