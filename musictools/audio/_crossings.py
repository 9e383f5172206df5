"""How often the sign of the samples changes."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Descriptor, Mono, Value
from musictools.audio._framewise import Measure, Statistics, declare, spread
from musictools.audio._timbre_frames import HEARD, SPECTRUM

Floats = npt.NDArray[np.float64]

_HOP = SPECTRUM.hop
_SILENCE = 1e-10

CROSSINGS = (
    Measure("zero_crossing_rate", "", "1", 0, 1,
            "B. Kedem, Spectral analysis and discrimination by zero-crossings, Proc. IEEE 74, 1986",
            "Changes of sign between neighbouring samples at 44.1 kHz, over the number of samples "
            "of the frame (2048)"),
)  # fmt: skip


class CrossingFrames:
    """Zero crossings of frames of two hops."""

    needs = Mono(SPECTRUM.rate_hz)

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:  # noqa: ARG002 - the mono mix at one rate needs neither
        self._statistics = Statistics(len(CROSSINGS))
        self._rest = np.empty(0, dtype=np.float32)
        self._before = np.float32(0)
        self._hops: Floats = np.empty((0, 3))
        self._any = False

    def update(self, block: Block) -> None:
        """Take a block of samples."""
        samples = np.concatenate((self._rest, block))
        hops = len(samples) // _HOP
        self._rest = samples[hops * _HOP :].copy()
        if hops:
            self._take(samples[: hops * _HOP])

    def _take(self, samples: Block) -> None:
        """Take whole hops."""
        from musictools.audio._spectral_kernels import count_crossings

        fresh = np.empty((len(samples) // _HOP, 3))
        count_crossings(samples, self._before, fresh)
        self._before = samples[-1]
        rows = np.concatenate((self._hops, fresh))
        self._hops = rows[-1:]
        within, at_start, squares = rows.T
        audible = squares[1:] + squares[:-1] > _SILENCE * SPECTRUM.size
        rate = (within[:-1] + at_start[1:] + within[1:]) / SPECTRUM.size
        self._any = self._any or len(rate) > 0
        self._statistics.update(rate[audible, None])

    def finish(self) -> Mapping[str, Value]:
        """Give the statistics."""
        if not self._any:
            # Shorter than a frame: zeros follow, as for the spectra.
            rest = np.zeros(SPECTRUM.size - len(self._hops) * _HOP, dtype=np.float32)
            rest[: len(self._rest)] = self._rest
            self._take(rest)
        return spread(CROSSINGS, self._statistics.finish())


def descriptors() -> tuple[Descriptor, ...]:
    """Give the columns of this room."""
    return declare(CROSSINGS, "timbre", frames=HEARD)
