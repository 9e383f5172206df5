"""Sums over the spectra of two channels, in one pass over memory."""

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel

Block = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


@kernel(
    "void(float32[:, ::1], float32[:, ::1], int64[::1], float32[:, :, ::1], float32[::1])",
    fastmath=True,
)
def add_spectra(left: Block, right: Block, edges: Indices, sums: Block, squares: Block) -> None:
    """Add up power and cross power of every frame by band, and power of every bin.

    Spectra come as pairs of real and imaginary parts. Squares and products of the parts add up to
    power and to the real part of cross power, whichever part they are of, so that nothing has to
    be taken out of the pairs.

    Parameters
    ----------
    left, right : numpy.ndarray, shape (frames, 2 * bins), float32
        One-sided spectra.
    edges : numpy.ndarray, shape (bands + 1,), int64
        First bin of each band, and the one after the last.
    sums : numpy.ndarray, shape (frames, bands, 3), float32
        Is filled with the power of the left channel, of the right, and the real part of their
        cross power.
    squares : numpy.ndarray, shape (2 * bins,), float32
        The squares of the parts of both channels are added to it.
    """
    for frame in range(left.shape[0]):
        for band in range(edges.size - 1):
            a = left[frame, 2 * edges[band] : 2 * edges[band + 1]]
            b = right[frame, 2 * edges[band] : 2 * edges[band + 1]]
            own = other = both = np.float32(0)
            for k in range(a.size):
                own += a[k] * a[k]
                other += b[k] * b[k]
                both += a[k] * b[k]
            sums[frame, band, 0] = own
            sums[frame, band, 1] = other
            sums[frame, band, 2] = both
        x, y = left[frame], right[frame]
        for k in range(squares.size):
            squares[k] += x[k] * x[k] + y[k] * y[k]
