"""What is kept of a recording to estimate Echonest features: its middle, and its cepstra."""

from collections import deque

import numpy as np

from musictools.audio._descriptor import Block, Mono, Spectrum, Tracks
from musictools.audio._fma_recipe import (
    EXCERPT_HZ,
    HOP,
    MEL_BANDS,
    RECIPES,
    SIZE,
    cepstrum,
    condense,
    describe_excerpt,
    mel_powers,
)

#: FMA's clips are the middle 30 s of its songs.
CLIP_S = 30
#: Of longer recordings only so much is heard: an hour of radio is no song.
LONGEST_S = 20 * 60


class MiddleTrack:
    """Keeps the middle 30 s of the mono mix, without knowing where the end will be.

    What has come by so far could end now: all before its middle 30 s is let go.
    """

    needs = Mono(EXCERPT_HZ)

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:  # noqa: ARG002 - the mono mix at one rate needs neither
        self._kept: deque[Block] = deque()
        self._dropped = self._seen = 0

    def update(self, block: Block) -> None:
        """Take the next samples."""
        part = block[: LONGEST_S * EXCERPT_HZ - self._seen]
        if not part.size:
            return
        self._kept.append(part.copy())
        self._seen += part.size
        start = (self._seen - CLIP_S * EXCERPT_HZ) // 2
        while self._dropped + self._kept[0].size <= start:
            self._dropped += self._kept.popleft().size

    def middle(self) -> Block:
        """Give it, shape (n,); everything where the recording is no longer."""
        if not self._kept:
            return np.zeros(0, np.float32)
        length = min(self._seen, CLIP_S * EXCERPT_HZ)
        start = (self._seen - length) // 2 - self._dropped
        return np.concatenate(self._kept)[start : start + length]


class CepstrumTrack:
    """Keeps the mel bands of a whole recording, since levels are told below its highest."""

    needs = Spectrum(EXCERPT_HZ, SIZE, HOP, centred=True)

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:  # noqa: ARG002 - the mono mix at one rate needs neither
        self._bands: list[Block] = []
        self._frames = 0

    def update(self, block: Block) -> None:
        """Take a block of power spectra."""
        part = block[: LONGEST_S * EXCERPT_HZ // HOP - self._frames]
        if len(part):
            self._bands.append(mel_powers(part, EXCERPT_HZ))
            self._frames += len(part)

    def columns(self) -> dict[str, float]:
        """Give the statistics."""
        bands = np.concatenate([np.zeros((0, MEL_BANDS), np.float32), *self._bands])
        return condense("mfcc", cepstrum(bands), RECIPES["whole_44k"].statistics)


def read_columns(tracks: Tracks, recipes: frozenset[str]) -> dict[str, float]:
    """Give the columns of some recipes, each name with that of its recipe before it."""
    found: dict[str, float] = {}
    for name in sorted(recipes):
        if name == "whole_44k":
            values = tracks[CepstrumTrack].columns()
        else:
            values = describe_excerpt(tracks[MiddleTrack].middle(), RECIPES[name])
        found |= {f"{name}:{column}": value for column, value in values.items()}
    return found
