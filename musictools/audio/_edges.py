"""Truncated start and end: a recording that begins or ends in the middle of its sound."""

import math
from collections.abc import Iterable
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
# The first and last 5 ms against the song, and against the 20 to 200 ms next to them. Of 312 cut
# ends 97 % are found so, and 6 of 70 clean ones (all of them cut). A cut that falls into a rest is
# missed: limits of -24 and -18 dB find 98 % and alarm at 1 clean end more, -30 and -24 dB 99 % and
# 4 more; asking besides for no fall by 20 dB a second 99 % and 2 more, for a level that the song
# has in 2 % of its time 99 % and 3 more. A last note that has decayed looks the same.
_EDGE_S, _NEXT_S = 0.005, 0.02
_EDGE_DB, _START_NEXT_DB, _END_NEXT_DB = -20.0, -18.0, -12.0
# A sound that is cut is far from zero at its first sample, where an attack begins near it. Now and
# then a cut meets a crossing of zero: then the treble of the first ms tells, which an attack has
# yet to get, and a drum that is trimmed to its first sample falls by much at once.
_FIRST_S, _TREBLE_S = 0.0001, 0.001
_JUMP, _SMALL_JUMP, _STRAY, _TREBLE_DB, _FALL_DB = 0.2, 0.05, 4.0, -12.0, 6.5
# Both ends by 2 ms: a short fade at the end is no cut, and a loop has its sound at once.
_TIP_S, _TIP_DB, _LOOP_DB = 0.002, -12.0, -15.0
# Mains hum goes on under the last note and is a fault of its own: 10 partials of at most -34 dBFS
# in all are taken off, where little but that is there. What is left below -39 dBFS, and steady, is
# a noise floor.
_MAINS_HZ, _PARTIALS, _HUM_POWER, _HUM_DB = (50.0, 60.0), 10, 4e-4, 8.0
_FLOOR_POWER, _STEADY_S, _STEADY_BLOCKS, _STEADY_DB, _ENOUGH = 1.26e-4, 0.02, 5, 0.4, 800
#: Shorter recordings are loops and samples, which are cut by nature.
_LOOP_S = 12.0
_LOOP = "; a loop may be meant so."
_NOT_SOUND = "Not where only mains hum up to -34 dBFS, or steady noise below -39 dBFS, is left."


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
            f"The first 5 ms lie at most {-_EDGE_DB:g} dB below the song and {-_START_NEXT_DB:g} "
            f"dB below the next 0.2 s, and the first sample at {_JUMP:g} of the RMS and more; or "
            f"at {_SMALL_JUMP:g}, with treble from the first ms on, and no fall by more than "
            f"{_FALL_DB:g} dB as after an attack. {_NOT_SOUND} Information for loops: short, or "
            "cut at both ends.",
            "definition",
        ),
        Kind(
            "truncated_end",
            "fact",
            "dB",
            "level of the last 5 ms against the song",
            f"The last 5 ms lie at most {-_EDGE_DB:g} dB below the song and {-_END_NEXT_DB:g} dB "
            f"below the 0.2 s before, the last 2 ms at most {-_TIP_DB:g} dB below them: neither "
            f"decay nor fade. {_NOT_SOUND} Information for loops: short, or with sound from the "
            "first 2 ms on.",
            "definition",
        ),
    )

    def find(self, tracks: Tracks) -> Iterable[Finding]:
        """Look at both ends."""
        level, edges = tracks.once(_song_power), tracks[Edges]
        if level <= _SILENCE or edges.start.shape[1] < _KEPT_S * edges.sample_rate / 2:
            return
        start = _Edge(edges.start, edges.sample_rate, level)
        end = _Edge(edges.end[:, ::-1], edges.sample_rate, level)
        short = tracks.duration_s < _LOOP_S
        loop = short or start.tip_db >= _LOOP_DB
        ends = end.stops() and end.without_hum().stops()
        if start.begins() and start.without_hum().begins():
            yield self._start(start, loop=short or ends)
        if ends:
            yield self._end(end, tracks.duration_s, loop=loop)

    def _start(self, edge: "_Edge", *, loop: bool) -> Finding:
        return self.kinds[0].found(
            0,
            0,
            severity="info" if loop else "warning",
            value=edge.edge_db,
            confidence=confidence(edge.excess_db(_START_NEXT_DB), 6),
            meaning=f"The recording begins in the middle of a sound, {_against(edge.edge_db)} the "
            f"song: heard as a click, and the first note is cut{_LOOP if loop else '.'}",
            remedy="Export again from before the first sound, or fade in over some milliseconds.",
        )

    def _end(self, edge: "_Edge", duration_s: float, *, loop: bool) -> Finding:
        return self.kinds[1].found(
            duration_s,
            duration_s,
            severity="info" if loop else "warning",
            value=edge.edge_db,
            confidence=confidence(edge.excess_db(_END_NEXT_DB), 6),
            meaning=f"The recording stops in the middle of a sound, {_against(edge.edge_db)} the "
            f"song: no decay and no fade is left{_LOOP if loop else '.'}",
            remedy="Export again with the whole decay, or fade out.",
        )


class _Edge:
    """Measures of an end, its samples given from the edge inwards."""

    def __init__(
        self, samples: Block, rate: int, level: float, sound: Floats | None = None
    ) -> None:
        if sound is None:
            # A constant offset is no sound.
            sound = samples - samples.mean(axis=1, keepdims=True, dtype=np.float64)
        self._samples, self._sound, self._rate, self._level = samples, sound, rate, level
        self._power: Floats = np.square(sound).mean(axis=0)
        # Twice as long shows a bass that crosses zero just there.
        edge = max(self._mean(self._power, 0, part * _EDGE_S) for part in (1, 2))
        self.edge_db = _db(edge / level)
        self.next_db = _db(self._mean(self._power, _NEXT_S, _KEPT_S) / level)
        self.tip_db = _db(self._mean(self._power, 0, _TIP_S) / level)

    def without_hum(self) -> "_Edge":
        """Measure it again with soft hum taken off."""
        sound = _without_hum(self._sound, self._rate)
        edge = _Edge(self._samples, self._rate, self._level, sound)
        return edge if edge.edge_db <= self.edge_db - _HUM_DB else self

    def excess_db(self, least_next_db: float) -> float:
        """How far it is past the levels of a cut."""
        return min(self.edge_db - _EDGE_DB, self.edge_db - self.next_db - least_next_db)

    def begins(self) -> bool:
        """Tell whether a start is cut."""
        return self.excess_db(_START_NEXT_DB) >= 0 and self.is_cut() and not self.is_floor()

    def stops(self) -> bool:
        """Tell whether an end, its samples given backwards, is cut."""
        whole = self.tip_db >= self.edge_db + _TIP_DB
        return self.excess_db(_END_NEXT_DB) >= 0 and whole and not self.is_floor()

    def is_cut(self) -> bool:
        """Tell whether a start is no attack."""
        rms = math.sqrt(self._mean(self._power, 0, 0.01))
        # One sample alone, with nothing in the 0.1 ms after it, is what a codec leaves.
        few = max(round(_FIRST_S * self._rate), 1)
        far = np.minimum(np.abs(self._samples[:, :few]), np.abs(self._sound[:, :few]))
        usual = np.median(far, axis=1)
        jump = float(np.minimum(far[:, 0], usual).max())
        stray = bool(far[:, 0].max() > _STRAY * usual.max())
        treble: Floats = np.square(np.diff(self._sound)).mean(axis=0)
        later = self._mean(treble, _TREBLE_S, _NEXT_S)
        rise_db = _db(self._mean(treble, _FIRST_S, _TREBLE_S) / max(later, 1e-20))
        fall_db = _db((rms * rms) / max(self._mean(self._power, 0.05, _KEPT_S), 1e-20))
        soft = jump >= _SMALL_JUMP * rms and rise_db >= _TREBLE_DB and fall_db <= _FALL_DB
        return jump >= _JUMP * rms or (soft and not stray)

    def is_floor(self) -> bool:
        """Tell whether there is nothing but soft, steady noise."""
        parts = range(_STEADY_BLOCKS)
        power = [self._mean(self._power, i * _STEADY_S, (i + 1) * _STEADY_S) for i in parts]
        # Of few samples the level of noise itself scatters more.
        few = max(1.0, _ENOUGH / (self._sound.shape[0] * _STEADY_S * self._rate))
        steady = float(np.std([_db(one) for one in power])) <= _STEADY_DB * math.sqrt(few)
        return steady and float(np.mean(power)) < _FLOOR_POWER

    def _mean(self, values: Floats, start_s: float, end_s: float) -> float:
        first = round(start_s * self._rate)
        return float(values[first : max(round(end_s * self._rate), first + 1)].mean())


def _without_hum(sound: Floats, rate: int) -> Floats:
    """Take mains hum off that is soft."""
    # Where it is quiet hum stands alone, so that counts most.
    power, size = np.square(sound).mean(axis=0), max(round(_STEADY_S * rate), 1)
    starts = np.arange(0, power.size, size)
    local = np.add.reduceat(power, starts) / np.diff(starts, append=power.size)
    weight = np.repeat(1 / np.maximum(np.sqrt(local), 1e-6), size)[: power.size]
    best, least = sound, _sum_of(sound, weight)
    for mains in _MAINS_HZ:
        turn = 2 * np.pi * mains * np.arange(power.size) / rate
        turns = np.outer(np.arange(1, _PARTIALS + 1), turn)
        waves = np.vstack((np.ones(power.size), np.cos(turns), np.sin(turns))) * weight
        share, *_ = np.linalg.lstsq(waves @ waves.T, waves @ (sound * weight).T, rcond=1e-9)
        hum = share.T @ (waves / weight)
        left = _sum_of(sound - hum, weight)
        if left < least and np.square(hum).mean() <= _HUM_POWER:
            best, least = sound - hum, left
    return best


def _sum_of(sound: Floats, weight: Floats) -> float:
    return float(np.square(sound * weight).sum())


def _song_power(tracks: Tracks) -> float:
    """Mean power of what is loud, over all channels."""
    length, power, _ = tracks[LevelSums].blocks()
    mean = power.mean(axis=0)
    loud = mean >= _LOUD * mean.max(initial=0.0)
    return float(np.average(mean[loud], weights=length[loud])) if loud.any() else 0.0


def _against(level_db: float) -> str:
    return f"{abs(level_db):.0f} dB {'below' if level_db < 0 else 'above'}"


def _db(ratio: float) -> float:
    return 10 * math.log10(max(ratio, 1e-12))
