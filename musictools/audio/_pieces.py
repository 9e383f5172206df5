"""Sums over pieces of a stream of blocks: a piece may begin in one and end in another."""

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block

Floats = npt.NDArray[np.float64]


class Pieces:
    """Sum, sum of squares and largest magnitude of each piece, by channel."""

    def __init__(self, channels: int) -> None:
        #: Of the piece that has not ended yet, shape (channels, 1, 3).
        self.begun: Floats = np.zeros((channels, 1, 3))

    def add(self, block: Block, ends: npt.NDArray[np.int64]) -> Floats:
        """Take the next samples, and give the pieces that end with them.

        Parameters
        ----------
        block : numpy.ndarray, shape (channels, n), C-contiguous
            The samples.
        ends : numpy.ndarray, shape (pieces,)
            Where in the block pieces end, each one past its last sample.

        Returns
        -------
        numpy.ndarray, shape (channels, pieces, 3)
            Sum, sum of squares, largest magnitude.
        """
        from musictools.audio._loudness_kernels import sum_pieces

        sums = np.zeros((len(block), ends.size + 1, 3))
        sums[:, :1] = self.begun
        sum_pieces(block, np.concatenate(([0], ends, [block.shape[1]])), sums)
        self.begun = sums[:, -1:].copy()
        return sums[:, :-1]
