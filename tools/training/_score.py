"""The score of a training song: what is played, in beats from the first downbeat."""

import zlib
from dataclasses import dataclass, field

import numpy as np
from _clock import Clock
from _drummer import Hit
from _harmony import Key
from _parts import Grid, Harmony, Note

#: Names of sections that are like verse, chorus and bridge of a song.
LIKE = {"build": "verse", "drop": "chorus", "break": "bridge"}


@dataclass
class Track:
    """One instrument: its name, the singing in it, and its notes."""

    instrument: str
    notes: list[Note]
    vibrato_cents: float = 0.0


@dataclass(frozen=True)
class Section:
    """Some bars with one function, and who plays in them."""

    label: str
    first_bar: int
    bars: int
    layers: frozenset[str]


@dataclass
class Score:
    """All that is played, in beats from the first downbeat."""

    style: str
    material: str
    bpm: float
    grid: Grid
    bars: int
    clock: Clock
    keys: list[tuple[float, Key]]
    sections: list[Section]
    chords: Harmony
    loose_ms: float
    tuning_cents: float
    electronic: bool
    tempo: str
    tracks: dict[str, Track] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)

    @property
    def end_beat(self) -> float:
        """Where the last bar ends."""
        return float(self.bars * self.grid.beats_per_bar)

    def key_at(self, beat: float) -> Key:
        """Give the key at a beat."""
        return [key for start, key in self.keys if start <= beat + 1e-6][-1]


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Give an independent source of chance for one purpose, the same on every machine."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])
