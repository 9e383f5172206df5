"""Where in a recording something is: tenths of a second, merged into stretches."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._finding import stretches

#: Places are told to a tenth of a second.
PER_S = 10
# Stretches that are no farther apart than 2 s are one, and no more than ten are told.
_BRIDGE, _MOST = 2 * PER_S, 10
# What fills so much of a recording, or comes up so often over half of it, is everywhere.
_EVERYWHERE, _OFTEN = 0.9, 0.5

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Place:
    """A stretch: tenths of a second from ``first`` to before ``last``, and its time."""

    first: int
    last: int
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Places:
    """The worst stretches, in order of time, and how many there are in all."""

    worst: tuple[Place, ...]
    count: int

    def among(self) -> str:
        """Say of how many these are the worst; nothing where none is left out."""
        left_out = self.count > len(self.worst)
        return f" (one of {self.count} stretches, the worst are listed)" if left_out else ""

    def __iter__(self) -> Iterator[Place]:
        """Give them one by one."""
        return iter(self.worst)


def edges_of_tenths(start: int, stop: int, rate: int) -> Integers:
    """Give the samples after ``start`` and up to ``stop`` at which a tenth of a second begins."""
    steps = np.arange(start * PER_S // rate + 1, stop * PER_S // rate + 1)
    edges: Integers = -(-steps * rate // PER_S)
    return edges[(edges > start) & (edges <= stop)]


def places(
    flags: npt.NDArray[np.bool_], harm: npt.NDArray[np.float64], duration_s: float
) -> Places:
    """Merge flagged tenths of a second, and pick the worst stretches.

    Parameters
    ----------
    flags, harm : numpy.ndarray, shape (tenths,)
        Where it is, and how bad; the largest of a stretch counts.
    duration_s : float
        Length of the recording.
    """
    found = stretches(flags, bridge=_BRIDGE)
    covered = sum(stop - start for start, stop in found)
    share = covered / max(flags.size, 1)
    if share >= _EVERYWHERE or (len(found) > _MOST and share >= _OFTEN):
        return Places((Place(0, flags.size, 0.0, duration_s),), 1)
    ranked = sorted(found, key=lambda run: -float(harm[run[0] : run[1]].max()))
    worst = sorted(ranked[:_MOST])
    return Places(
        tuple(Place(a, b, a / PER_S, min(b / PER_S, duration_s)) for a, b in worst), len(found)
    )
