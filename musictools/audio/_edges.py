"""Truncated start and end: a recording that begins or ends in the middle of its sound."""

import math
from collections.abc import Iterable, Iterator
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Tracks
from musictools.audio._finding import Finding, Kind, confidence
from musictools.audio._levels import LevelSums

Floats = npt.NDArray[np.float64]

_KEPT_S = 0.2
# Mean power at -80 dBFS: below, all is silence.
_SILENCE = 1e-8
# Blocks of 3 s more than 20 dB below the loudest do not count for the level of a song.
_LOUD = 1e-2
# The first and last 5 ms against the song, and against the 20 to 200 ms next to them.
_EDGE_S, _NEXT_S = 0.005, 0.02
_START_DB, _END_DB = -20.0, -24.0
_START_NEXT_DB, _END_NEXT_DB = -9.0, -12.0
# A sound that is cut has its treble from the first 2 ms on, and a first sample far from zero.
_TREBLE_S, _TREBLE_DB, _JUMP = 0.002, -10.0, 0.1
#: Shorter recordings are loops and samples, which are cut by nature.
_LOOP_S = 12.0


class Edges:
    """The first and last fifth of a second."""

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        self._size = max(round(_KEPT_S * sample_rate), 1)
        self.sample_rate = sample_rate
        self.start = np.zeros((len(layout), 0), np.float32)
        self.end = np.zeros((len(layout), 0), np.float32)

    def update(self, block: Block) -> None:
        """Take a block of samples."""
        missing = self._size - self.start.shape[1]
        if missing > 0:
            self.start = np.concatenate((self.start, block[:, :missing]), axis=1)
        last = block[:, -self._size :]
        kept = self.end[:, max(self.end.shape[1] + last.shape[1] - self._size, 0) :]
        self.end = np.concatenate((kept, last), axis=1)


class EdgeDetector:
    """Finds truncated starts and ends."""

    tracks = (Edges, LevelSums)
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(
            "truncated_start",
            "fact",
            "dB",
            "level of the first 5 ms against the song",
            f"The first 5 ms lie at most {-_START_DB:g} dB below the song and {-_START_NEXT_DB:g} "
            "dB below the next 0.2 s; treble is there from the first 2 ms on, and the first sample "
            "is far from zero, where an attack begins near it.",
            "definition",
        ),
        Kind(
            "truncated_end",
            "fact",
            "dB",
            "level of the last 5 ms against the song",
            f"The last 5 ms lie at most {-_END_DB:g} dB below the song and {-_END_NEXT_DB:g} dB "
            "below the 0.2 s before: neither decay nor fade.",
            "definition",
        ),
    )

    def find(self, tracks: Tracks) -> Iterable[Finding]:
        """Look at both ends."""
        level = tracks.once(_song_power)
        edges = tracks[Edges]
        if level <= _SILENCE or edges.start.shape[1] < _KEPT_S * edges.sample_rate / 2:
            return
        short = tracks.duration_s < _LOOP_S
        yield from self._start(edges, level, short=short)
        yield from self._end(edges, level, tracks.duration_s, short=short)

    def _start(self, edges: Edges, level: float, *, short: bool) -> Iterator[Finding]:
        edge_db, next_db = _at_edge(edges.start, edges.sample_rate, level)
        excess_db = min(edge_db - _START_DB, edge_db - next_db - _START_NEXT_DB)
        if excess_db < 0 or not _established(edges.start, edges.sample_rate):
            return
        yield self.kinds[0].found(
            0,
            0,
            severity="info" if short else "warning",
            value=edge_db,
            confidence=confidence(excess_db, 6),
            meaning=f"The recording begins in the middle of a sound, {_against(edge_db)} the song: "
            "heard as a click, and the first note is cut.",
            remedy="Export again from before the first sound, or fade in over some milliseconds.",
        )

    def _end(
        self, edges: Edges, level: float, duration_s: float, *, short: bool
    ) -> Iterator[Finding]:
        edge_db, next_db = _at_edge(edges.end[:, ::-1], edges.sample_rate, level)
        excess_db = min(edge_db - _END_DB, edge_db - next_db - _END_NEXT_DB)
        if excess_db < 0:
            return
        yield self.kinds[1].found(
            duration_s,
            duration_s,
            severity="info" if short else "warning",
            value=edge_db,
            confidence=confidence(excess_db, 6),
            meaning=f"The recording stops in the middle of a sound, {_against(edge_db)} the song: "
            "no decay and no fade is left.",
            remedy="Export again with the whole decay, or fade out.",
        )


def _song_power(tracks: Tracks) -> float:
    """Mean power of what is loud, over all channels."""
    length, power, _ = tracks[LevelSums].blocks()
    mean = power.mean(axis=0)
    loud = mean >= _LOUD * mean.max(initial=0.0)
    return float(np.average(mean[loud], weights=length[loud])) if loud.any() else 0.0


def _at_edge(samples: Block, rate: int, level: float) -> tuple[float, float]:
    """Level of the first 5 ms, and of what is next to it, against the song, in dB."""
    power: Floats = np.square(samples, dtype=np.float64).mean(axis=0)
    first, following = round(_EDGE_S * rate), round(_NEXT_S * rate)
    # Twice as long shows a bass that crosses zero just there.
    edge = max(power[: max(first, 1)].mean(), power[: max(2 * first, 1)].mean())
    return _db(edge / level), _db(power[following:].mean() / level)


def _established(samples: Block, rate: int) -> bool:
    """Tell whether a start is a cut: no attack from zero."""
    rms = math.sqrt(float(np.square(samples[:, : round(0.01 * rate)], dtype=np.float64).mean()))
    jump = float(np.abs(samples[:, 0]).max())
    treble = np.square(np.diff(samples, axis=1), dtype=np.float64).mean(axis=0)
    first, following = max(round(_TREBLE_S * rate), 1), round(_NEXT_S * rate)
    rise_db = _db(treble[:first].mean() / max(treble[first:following].mean(), 1e-20))
    return jump >= _JUMP * rms and rise_db >= _TREBLE_DB


def _against(level_db: float) -> str:
    return f"{abs(level_db):.0f} dB {'below' if level_db < 0 else 'above'}"


def _db(ratio: float) -> float:
    return 10 * math.log10(max(ratio, 1e-12))
