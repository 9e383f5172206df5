"""Sums over the spectra of two channels, in one pass over memory."""

import numpy as np
import numpy.typing as npt

from musictools.audio._kernel import kernel

Block = npt.NDArray[np.float32]
Spectra = npt.NDArray[np.complex64]
Indices = npt.NDArray[np.int64]


@kernel(
    "void(complex64[:, ::1], complex64[:, ::1], int64[::1], float32[:, :, ::1], float32[::1])",
    fastmath=True,
)
def add_spectra(left: Spectra, right: Spectra, edges: Indices, sums: Block, power: Block) -> None:
    """Add up power and cross power of every frame by band, and power of every bin.

    Parameters
    ----------
    left, right : numpy.ndarray, shape (frames, bins), complex64
        One-sided spectra.
    edges : numpy.ndarray, shape (bands + 1,), int64
        First bin of each band, and the one after the last.
    sums : numpy.ndarray, shape (frames, bands, 3), float32
        Is filled with the power of the left channel, of the right, and the real part of their
        cross power.
    power : numpy.ndarray, shape (bins,), float32
        The power of both channels is added to it.
    """
    zero = np.float32(0)
    for frame in range(left.shape[0]):
        for band in range(edges.size - 1):
            own, other, both = zero, zero, zero
            for k in range(edges[band], edges[band + 1]):
                a, b = left[frame, k], right[frame, k]
                own += a.real * a.real + a.imag * a.imag
                other += b.real * b.real + b.imag * b.imag
                both += a.real * b.real + a.imag * b.imag
            sums[frame, band, 0] = own
            sums[frame, band, 1] = other
            sums[frame, band, 2] = both
        for k in range(power.size):
            a, b = left[frame, k], right[frame, k]
            power[k] += a.real * a.real + a.imag * a.imag + b.real * b.real + b.imag * b.imag
