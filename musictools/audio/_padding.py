"""Padded bit depth: a file stores more bits than its samples use."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Tracks
from musictools.audio._finding import Finding, Kind
from musictools.audio._places import edges_of_tenths

_BITS = 24
# Any format stores 16 bits: where nobody knows how many there were, 14 and fewer say something.
_MOST_IF_UNKNOWN = 14
# Square waves are made of two or three levels, and use few bits by nature.
_FEWEST = 4
# Tenths of a second that sound: by chance none of them is ever on a coarser grid, so a part that
# is not (a fade that was made afterwards) leaves no doubt about the rest.
_SHARE, _FEWEST_TENTHS = 0.9, 3

KIND = Kind(
    "padded_bit_depth",
    "fact",
    "bit",
    "bits that the samples use",
    "90 % of the tenths of a second that sound have all their samples on a coarser grid than the "
    "file stores; where its depth is unknown, on one of 14 bits or fewer.",
    "definition",
)


class UsedBits:
    """Which bits the samples of every tenth of a second use, over all channels."""

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        del layout
        self._rate, self._seen = sample_rate, 0
        self._begun = 0
        self._found: list[int] = []

    def update(self, block: Block) -> None:
        """Take the next samples."""
        from musictools.audio._padding_kernels import used_bits

        start, self._seen = self._seen, self._seen + block.shape[1]
        inner = edges_of_tenths(start, self._seen, self._rate) - start
        edges = np.concatenate(([0], inner, [block.shape[1]])).tolist()
        for piece, (first, last) in enumerate(pairwise(edges)):
            if piece:
                self._found.append(self._begun)
                self._begun = 0
            for channel in block:
                if self._begun & 1:
                    break
                self._begun |= int(used_bits(channel[first:last]))

    def depths(self) -> npt.NDArray[np.int64]:
        """Bits that each tenth needs, 25 for more than 24; silent ones are left out."""
        bits = np.array([*self._found, self._begun], dtype=np.int64)
        lowest = bits[bits != 0] & -bits[bits != 0]
        depths: npt.NDArray[np.int64] = _BITS - np.round(np.log2(lowest)).astype(np.int64)
        return depths


class Padding:
    """Finds samples that use fewer bits than are stored."""

    tracks = (UsedBits,)
    kinds = (KIND,)

    def find(self, tracks: Tracks) -> Iterator[Finding]:
        """Look for them."""
        depths = np.sort(tracks[UsedBits].depths())
        if depths.size < _FEWEST_TENTHS:
            return
        used = int(depths[int(np.ceil(_SHARE * depths.size)) - 1])
        stored = tracks.bit_depth
        most = _MOST_IF_UNKNOWN if stored is None else stored - 1
        if not _FEWEST <= used <= min(most, _BITS):
            return
        says = "its format has room for 16 or more" if stored is None else f"the file has {stored}"
        yield KIND.found(
            0,
            tracks.duration_s,
            severity="warning",
            value=used,
            confidence=1.0 if depths[-1] == used else 0.95,
            meaning=f"The samples use {used} bits, where {says}: it was made from a source of "
            f"{used} bits, whose noise and quantisation stay.",
            remedy="Ask for the original of the full depth, or deliver it as what it is.",
        )
