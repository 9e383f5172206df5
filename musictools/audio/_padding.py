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
# Telephone codes (G.711) have 8 bits, and levels that lie the farther apart the louder they are:
# multiples of a fourteenth or thirteenth bit, which hold no more than the code does. So many
# samples of a block are looked at.
_CODES = ((2**13, 33), (2**12, 0))
_CODE_BITS, _CODE_USES, _LOOKED_AT, _FEWEST_CODED = 8, {13, 14}, 4_096, 100

Singles = npt.NDArray[np.float32]

KIND = Kind(
    "padded_bit_depth",
    "fact",
    "bit",
    "bits that the samples use",
    "90 % of the tenths of a second that sound have all their samples on a coarser grid than the "
    "file stores; where its depth is unknown, on one of 14 bits or fewer. The levels of G.711 "
    "count as 8 bits where more are stored, and are no padding in a file of that code.",
    "definition; ITU-T G.711",
)


class UsedBits:
    """Which bits the samples of every tenth of a second use, over all channels."""

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        del layout
        self._rate, self._seen = sample_rate, 0
        self._begun = 0
        self._found: list[int] = []
        self._coded, self._looked_at = np.ones(len(_CODES), np.bool_), 0

    def update(self, block: Block) -> None:
        """Take the next samples."""
        from musictools.audio._padding_kernels import used_bits

        start, self._seen = self._seen, self._seen + block.shape[1]
        if self._coded.any():
            some = block[:, :: max(block.shape[1] // _LOOKED_AT, 1)]
            some = some[some != 0]
            self._looked_at += some.size
            self._coded &= [_is_coded(some, *code) for code in _CODES]
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

    def is_coded(self) -> bool:
        """Tell whether all samples looked at are levels of one of the telephone codes."""
        return bool(self._coded.any()) and self._looked_at >= _FEWEST_CODED

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
        coded = used in _CODE_USES and tracks[UsedBits].is_coded()
        if coded and stored is None:
            return
        yield _coded(tracks) if coded else _padded(tracks, used, sure=bool(depths[-1] == used))


def _coded(tracks: Tracks) -> Finding:
    return KIND.found(
        0,
        tracks.duration_s,
        severity="warning",
        value=_CODE_BITS,
        confidence=1.0,
        meaning=f"The samples have the 256 levels of a telephone code (mu-law or A-law, "
        f"{_CODE_BITS} bits), where the file has {tracks.bit_depth}: its noise follows the sound.",
        remedy="Ask for the recording as it was before it went through that code.",
    )


def _padded(tracks: Tracks, used: int, *, sure: bool) -> Finding:
    stored = tracks.bit_depth
    says = "its format has room for 16 or more" if stored is None else f"the file has {stored}"
    return KIND.found(
        0,
        tracks.duration_s,
        severity="warning",
        value=used,
        confidence=1.0 if sure else 0.95,
        meaning=f"The samples use {used} bits, where {says}: it was made from a source of {used} "
        "bits, whose noise and quantisation stay.",
        remedy="Ask for the original of the full depth, or deliver it as what it is.",
    )


def _is_coded(samples: Singles, scale: int, bias: int) -> bool:
    """Tell whether samples are levels of a code: an odd number below 64, shifted."""
    steps = np.minimum(np.abs(samples.astype(np.float64)), 2) * scale + bias
    shift = np.maximum(np.floor(np.log2(np.maximum(steps, 1))) - 5, 0)
    return bool((np.exp2(-shift) * steps % 2 == 1).all())
