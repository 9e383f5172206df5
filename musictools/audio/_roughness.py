"""Sensory dissonance: how strongly the partials of a sound beat against each other."""

import math
from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Descriptor, Spectrum, Value
from musictools.audio._framewise import Measure, Statistics, declare, spread
from musictools.audio._timbre_frames import HEARD, heard

Floats = npt.NDArray[np.float64]

# The spectra of the tonal room: 44.1 kHz in 2048 samples cannot tell two partials of the middle
# octaves apart that lie a quarter of a critical band from each other, where they beat most.
_SPECTRUM = Spectrum(rate_hz=11_025, size=4096, hop=2048)
_BIN_HZ = _SPECTRUM.rate_hz / _SPECTRUM.size
_LOW_HZ, _HIGH_HZ = 40.0, 5000.0
# Within 40 dB of the strongest, and the hundred strongest of those: noise has a thousand.
_SHARE = 1e-4
_MOST = 100

DISSONANCE = (
    Measure("dissonance", "", "1", 0, math.inf,
            "W. Hutchinson, L. Knopoff, The acoustic component of Western consonance, Interface "
            "7, 1978; curve of E. Bigand et al., Percept. Psychophys. 58, 1996; weighting A of "
            "IEC 61672",
            "Sensory dissonance of the hundred strongest partials from 40 Hz to 5 kHz, A-weighted: "
            "sum over pairs of the product of amplitudes and of (4 y exp(1 - 4 y))^2, where y is "
            "their distance in critical bands (1.72 f^0.65 Hz, mean of both), over the sum of "
            "squared amplitudes"),
)  # fmt: skip


class RoughnessFrames:
    """Dissonance of every frame."""

    needs = _SPECTRUM

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:  # noqa: ARG002 - the mono mix at one rate needs neither
        self._statistics = Statistics(len(DISSONANCE))

    def update(self, block: Block) -> None:
        """Take a block of power spectra."""
        audible = heard(block)
        if audible.any():
            self._statistics.update(dissonance(block[audible])[:, None])

    def finish(self) -> Mapping[str, Value]:
        """Give the statistics."""
        return spread(DISSONANCE, self._statistics.finish())


def descriptors() -> tuple[Descriptor, ...]:
    """Give the columns of this room."""
    return declare(DISSONANCE, "timbre", frames=HEARD)


def dissonance(power: Block) -> Floats:
    """Dissonance of each power spectrum of shape (frames, 2049), shape (frames,)."""
    from musictools.audio._roughness_kernels import measure_roughness

    found = np.empty(len(power))
    measure_roughness(power, _weights(), _SHARE, _MOST, _BIN_HZ, found)
    return found


@cache
def _weights() -> Block:
    """A-weighting of the amplitude of each bin, none outside the range of partials."""
    frequency = np.linspace(0, _SPECTRUM.rate_hz / 2, _SPECTRUM.size // 2 + 1, dtype=np.float64)
    inside = (frequency >= _LOW_HZ) & (frequency <= _HIGH_HZ)
    return np.where(inside, a_weighting(frequency), 0.0).astype(np.float32)


def a_weighting(frequency_hz: Floats) -> Floats:
    """Factor of amplitude of weighting A (IEC 61672-1), one at 1 kHz."""
    square = np.square(frequency_hz)
    response = square**2 / (
        (square + 20.598997**2)
        * np.sqrt((square + 107.65265**2) * (square + 737.86223**2))
        * (square + 12194.217**2)
    )
    # The standard's two decibels, 12194 squared among them, that make 1 kHz one.
    scaled: Floats = response * 12194.217**2 * 10**0.1
    return scaled
