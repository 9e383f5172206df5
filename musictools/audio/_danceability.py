"""Danceability: how little the loudness of a recording wanders over longer times than a beat."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Descriptor, Mono, Tracks, Value

Floats = npt.NDArray[np.float64]

_RATE_HZ = 22_050
_BLOCK = 220  # 10 ms
# Lengths of the stretches, in blocks: 0.31 s to 8.8 s, each a tenth longer than the one before.
_SIZES = np.array([int(31 * 1.1**k) for k in range(36)], dtype=np.int64)
_OVERLAP = 50
# Short stretches bend to the line more easily than long ones; this evens the slope out.
_BIAS = 3.0
# 16-bit rounding noise: what is steadier has no fluctuation of its own.
_LEAST_SPREAD = 1e-7


class EnvelopeTrack:
    """Standard deviation of every 10 ms of the mono mix."""

    needs = Mono(_RATE_HZ)

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:  # noqa: ARG002 - the mono mix at one rate needs neither
        self._rest = np.empty(0, np.float32)
        self._parts: list[Block] = []

    def update(self, block: Block) -> None:
        """Take samples, shape (n,)."""
        from musictools.audio._danceability_kernels import measure_spread

        samples = np.concatenate((self._rest, block))
        blocks = len(samples) // _BLOCK
        self._rest = samples[blocks * _BLOCK :].copy()
        self._parts.append(measure_spread(samples[: blocks * _BLOCK], _BLOCK))

    def envelope(self) -> Block:
        """Give it, shape (n,); a last block that is not full is left out."""
        return np.concatenate([np.empty(0, np.float32), *self._parts])


class Danceability:
    """Family of danceability."""

    tracks = (EnvelopeTrack,)
    descriptors: ClassVar[tuple[Descriptor, ...]] = (
        Descriptor(
            "danceability",
            "1",
            "rhythm",
            -math.inf,
            math.inf,
            "S. Streich, P. Herrera, AES 118, 2005",
            "Inverse of the mean exponent of detrended fluctuation analysis of the 10 ms levels, "
            "for stretches of 0.31 to 8.8 s: 0.6 where loudness wanders, 1 for noise, 1.5 and more "
            "for a steady beat. NaN under 8.8 s, for a constant level, and where it fluctuates no "
            "more over long stretches than over short ones.",
        ),
    )

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        return {"danceability": measure_danceability(tracks[EnvelopeTrack].envelope())}


def measure_danceability(envelope: Block) -> float:
    """Give the inverse of the mean exponent of an envelope, shape (n,); NaN if it has none."""
    from musictools.audio._danceability_kernels import fluctuations

    levels = envelope.astype(np.float64)
    # Fewer stretches would make it another measure.
    if levels.size <= _SIZES[-1] or levels.std() <= _LEAST_SPREAD:
        return math.nan
    walk = np.cumsum((levels - levels.mean()) / levels.std())
    found = fluctuations(walk, _SIZES, _OVERLAP)
    if not found.all():
        return math.nan
    exponents = np.diff(np.log(found)) / np.diff(np.log(_SIZES + _BIAS))
    mean = float(exponents.mean())
    return 1 / mean if mean > 0 else math.nan
