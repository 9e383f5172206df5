"""What all rooms of timbre agree on: their spectra, what is silent, and what is full scale."""

import math

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Spectrum

#: The spectra of timbre: long enough for a low partial, short enough for a stroke of a drum.
SPECTRUM = Spectrum(rate_hz=44_100, size=2048, hop=1024)
#: Long ones, that tell partials and narrow resonances apart.
FINE_SPECTRUM = Spectrum(rate_hz=44_100, size=8192, hop=8192)
BINS = SPECTRUM.size // 2 + 1
BIN_HZ = SPECTRUM.rate_hz / SPECTRUM.size
#: Levels go no lower: the rounding of 32-bit spectra and the dither of 16 bits lie below.
FLOOR_DBFS = -120.0
#: For the meaning of descriptors that are ratios, and senseless for a frame without sound.
HEARD = "frames above -100 dBFS"
# Share of the energy of a sound that a Hann window lets through.
_HANN_POWER = 3 / 8


def mean_square_per_power(size: int) -> float:
    """Mean square of a sound for each unit of one-sided power of its Hann spectrum.

    Levels made with it agree with ``rms_dbfs``: a sine of full scale reads -3.01 dBFS.
    """
    return 2 / (_HANN_POWER * size**2)


def heard(power: Block) -> npt.NDArray[np.bool_]:
    """Say which frames lie above -100 dBFS: what is below is dither or silence."""
    size = 2 * (power.shape[1] - 1)
    loud: npt.NDArray[np.bool_] = mean_power(power) > 1e-10 * _HANN_POWER * size
    return loud


def mean_power(power: Block) -> Block:
    """Mean of the bins of each frame, as the matrix product that is the fastest of sums."""
    bins = power.shape[1]
    mean: Block = power @ np.full(bins, 1 / bins, dtype=np.float32)
    return mean


def to_dbfs(power: Block, size: int) -> Block:
    """Level of some one-sided power of Hann spectra of ``size``, not below the floor."""
    level: Block = 10 * np.log10(np.maximum(power, np.finfo(np.float32).tiny))
    level += np.float32(10 * math.log10(mean_square_per_power(size)))
    return np.maximum(level, np.float32(FLOOR_DBFS), out=level)


def round_up(bound: float) -> float:
    """Round an upper bound, since a median of 32-bit numbers may lie a hair above the exact."""
    return math.ceil(1e4 * bound) / 1e4
