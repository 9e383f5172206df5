"""Drop-outs and long silences: where a recording has nothing, and should have."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Tracks
from musictools.audio._finding import Finding, Kind, Severity, confidence, stretches

Floats = npt.NDArray[np.float64]

#: Cells of half a millisecond, for each the swing: half the way from lowest to highest sample, so
#: that a held sample counts as nothing, whatever its value.
_CELLS_PER_S = 2_000
_SHORTEST_S, _LONGEST_S = 0.0025, 2.0
# A gap begins 34 dB below the 10 ms before it and stays 30 dB below, or at two steps of 16 bits,
# which is dither; these and the 10 ms after it lie above -50 dBFS and within 18 dB, since music
# changes while it is gone. What marks a gap is that both its edges are abrupt: the 2 ms beside them
# keep a quarter of the level, and the millisecond an eighth, where notes decay. Waves with flat
# parts (chip tunes, clipped bass) have more of them around: other gaps there are holes of a burst
# where 8 ms sound in between, and move by more than a slow wave's hump would in half a millisecond.
_RULE = np.array([0.02, 0.03, 0.003, 0.25, 0.12, 8.0, 0.7, 6, 12, 7e-5, 16, 0.18])
# A gate that cuts sound in rhythm is meant: three gaps and more, up to a second apart. It rests for
# a good part of its beat, where a buffer that runs empty leaves short holes.
_PACE_S, _REST_S, _BEAT_S, _DUTY, _SHORT_S = 1.0, 0.025, 0.1, 0.24, 0.015
# A third of each beat of any length is a gate as well, and what comes again at 36 Hz a wave.
_THIRD, _PITCH_S, _SAME_PACE_S = 0.35, 0.028, 0.0006
# 100 ms of cells on each side, and some more.
_AROUND = 204
# Music with rests has many, and drop-outs of such length are few; a burst of them counts as one.
_FEW, _FEW_PER_MINUTE, _BURST_S = 12, 12.0, 0.1
# Shorter ones are hardly heard, and a longer one may be meant.
_ERROR_MS = (3.0, 200.0)
_MOST_A_BLOCK, _REPORTED, _MERGE_S = 4_096, 10, 0.0015

# -66 dBFS: noise of a 16-bit medium lies 20 dB lower, and the softest music above.
_SILENT = 10 ** (-66 / 20)
# A last note decays below that, and goes on: the end counts from -80 dBFS, three steps of 16 bits,
# on, and that is long in many a clean song. Digital silence, of one value only, is not.
_GONE, _EXACT = 1e-4, 1e-6
_KEPT_S, _SAME_S = 1.0, 0.01
# No song pauses for 8 s.
_MIDDLE_S, _EDGE_S, _DECAYED_S, _ERROR_S = 2.0, 2.5, 10.0, 8.0
_SHORT_END_S = 5.0

_HEARD = {
    "at the start": "a listener waits, or takes it for a fault and skips",
    "in the middle": "a listener takes it for the end or a fault, and skips",
    "at the end": "the next song comes late",
}


class Gaps:
    """Gaps of each channel, and stretches where all are silent."""

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        self._cell = max(sample_rate // _CELLS_PER_S, 4)
        self.cell_s = self._cell / sample_rate
        self.duration_s = 0.0
        self._sample_rate = sample_rate
        self._seen = 0
        self._rest = np.zeros((len(layout), 0), np.float32)
        self._previous = np.zeros(len(layout), np.float32)
        # Nothing stands before the first sample, so that no gap begins there.
        self._held = np.zeros((2, len(layout), _AROUND), np.float32)
        self._first = -_AROUND
        self._cells = 0
        # One past the last cell that is louder than decay.
        self._sounding = 0
        self._silence = (_Runs(), _Runs())
        self._gaps: list[Floats] = []

    def update(self, block: Block) -> None:
        """Take a block of samples."""
        from musictools.audio._gap_kernels import measure_cells

        self._seen += block.shape[1]
        self.duration_s = self._seen / self._sample_rate
        samples = np.concatenate((self._rest, block), axis=1)
        count = samples.shape[1] // self._cell
        cells = np.empty((2, len(samples), count), np.float32)
        for row, previous, swing, top in zip(samples, self._previous, *cells, strict=True):
            measure_cells(row, self._cell, previous, swing, top)
        if count:
            self._previous = samples[:, count * self._cell - 1].copy()
        self._rest = samples[:, count * self._cell :].copy()
        self._add_silence(*cells.max(axis=1))
        self._held = np.concatenate((self._held, cells), axis=2)
        self._find(round(_LONGEST_S / self.cell_s) + 2 * _AROUND)

    def gaps(self) -> Floats:
        """Channel, start and end in seconds, level before, level after, and level inside."""
        longest = round(_LONGEST_S / self.cell_s) + 2 * _AROUND
        silence = np.zeros((*self._held.shape[:2], longest), np.float32)
        self._held = np.concatenate((self._held, silence), axis=2)
        self._find(longest)
        found = np.concatenate([np.empty((0, 6)), *self._gaps])
        found[:, 1:3] *= self.cell_s
        # Of what follows the end nothing is known.
        return found[found[:, 2] < self.duration_s - 2 * self.cell_s]

    def silences(self) -> Floats:
        """Start and end in seconds of all that is silent for a second and more."""
        exact, silent = (runs.seconds(self.cell_s, self.duration_s) for runs in self._silence)
        trails = silent[:, 1] >= self.duration_s
        # Where the whole recording is silent there is no last note.
        ends = trails & (silent[:, 0] > 0)
        decay = silent[ends]
        decay[:, 0] = np.maximum(decay[:, 0], self._sounding * self.cell_s)
        decay = decay[decay[:, 1] - decay[:, 0] >= _DECAYED_S]
        # Digital silence inside a longer one is the same.
        known = np.concatenate((silent[~ends], decay))
        inside = (exact[:, :1] >= known[:, 0] - _SAME_S) & (exact[:, 1:] <= known[:, 1] + _SAME_S)
        return np.concatenate((known, exact[~inside.any(axis=1)]))

    def _add_silence(self, swing: Block, loudest: Block) -> None:
        sounding = np.flatnonzero(loudest > _GONE)
        if sounding.size:
            self._sounding = self._cells + int(sounding[-1]) + 1
        exact, silent = self._silence
        exact.add(swing <= _EXACT, self._cells, _KEPT_S / self.cell_s)
        silent.add(loudest <= _SILENT, self._cells, _KEPT_S / self.cell_s)
        self._cells += loudest.size

    def _find(self, held: int) -> None:
        """Look for gaps that begin before the cells that are held back."""
        from musictools.audio._gap_kernels import find_gaps

        last = self._held.shape[2] - held
        if last <= _AROUND:
            return
        cells = np.array([_AROUND, last, -self._first, self._cells - self._first])
        lengths = np.round(np.array([_SHORTEST_S, _LONGEST_S]) / self.cell_s).astype(np.int64)
        found = np.empty((_MOST_A_BLOCK, 5))
        for channel, (swing, top) in enumerate(zip(*self._held, strict=True)):
            count = find_gaps(swing, top, cells, lengths, _RULE, found)
            gaps = np.column_stack((np.full(count, float(channel)), found[:count]))
            gaps[:, 1:3] += self._first
            self._gaps.append(gaps)
        self._held = self._held[:, :, last - _AROUND :].copy()
        self._first += last - _AROUND


class _Runs:
    """Runs of silent cells."""

    def __init__(self) -> None:
        self._runs: list[tuple[int, int]] = []

    def add(self, flags: npt.NDArray[np.bool_], first: int, shortest: float) -> None:
        """Add flags of the cells from ``first`` on; keep what lasts, and what may go on."""
        for start, stop in stretches(flags):
            if self._runs and self._runs[-1][1] == first + start:
                self._runs[-1] = (self._runs[-1][0], first + stop)
            else:
                self._runs.append((first + start, first + stop))
        ended = [run for run in self._runs[:-1] if run[1] - run[0] >= shortest]
        self._runs = [*ended, *self._runs[-1:]]

    def seconds(self, cell_s: float, duration_s: float) -> Floats:
        """Start and end of all that last a second and more."""
        runs = np.array(self._runs, dtype=np.float64).reshape(-1, 2) * cell_s
        # What is left of the last cell belongs to it.
        runs[runs[:, 1] > duration_s - cell_s, 1] = duration_s
        return runs[runs[:, 1] - runs[:, 0] >= _KEPT_S]


class GapDetector:
    """Finds drop-outs and long silences."""

    tracks = (Gaps,)
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(
            "dropout",
            "fact",
            "ms",
            "length of the longest gap",
            "2.5 ms to 2 s where a channel lies 30 dB, at first 34 dB, and more below the 10 ms "
            "before, in cells of 0.5 ms; level falls and returns within 2 ms, most within 1 ms, to "
            "that before within 18 dB. Those within 0.1 s are one finding. Not where other cells "
            "within 100 ms are as flat, but for such gaps with 8 ms of sound between; nor "
            f"where three of one length follow at one pace, each of {1_000 * _REST_S:g} ms at "
            f"{1_000 * _BEAT_S:g} ms and slower, of {100 * _DUTY:g} % of it and "
            f"{1_000 * _SHORT_S:g} ms, of {100 * _THIRD:g} % of it, or at a pace below "
            f"{1_000 * _PITCH_S:g} ms; nor gaps from {1_000 * _REST_S:g} ms on, where more than "
            f"{_FEW} and {_FEW_PER_MINUTE:g} a minute are music with rests. Error from "
            f"{_ERROR_MS[0]:g} to {_ERROR_MS[1]:g} ms, and for three shorter ones together.",
            "definition",
        ),
        Kind(
            "long_silence",
            "fact",
            "s",
            "length",
            f"No sample above -66 dBFS, or none that changes, for {_MIDDLE_S:g} s inside or "
            f"{_EDGE_S:g} s at the start, "
            f"or at the end digital silence for {_EDGE_S:g} s or nothing above -80 dBFS for "
            f"{_DECAYED_S:g} s. Error from {_ERROR_S:g} s on inside, and everywhere.",
            "definition",
        ),
    )

    def find(self, tracks: Tracks) -> Iterable[Finding]:
        """Look for drop-outs and silence."""
        gaps = tracks[Gaps]
        yield from self._dropouts(tracks.once(_merged), gaps.duration_s)
        silent = [
            (start_s, end_s)
            for start_s, end_s in gaps.silences().tolist()
            if end_s - start_s >= _least_s(_where(start_s, end_s, gaps))
        ]
        longest = sorted(silent, key=lambda span: span[0] - span[1])[:_REPORTED]
        for start_s, end_s in sorted(longest):
            yield self._silence(start_s, end_s, gaps, count=len(silent))

    def _dropouts(self, found: Floats, duration_s: float) -> Iterator[Finding]:
        rests = found[:, 2] >= _REST_S
        if rests.sum() > max(_FEW, _FEW_PER_MINUTE * duration_s / 60):
            found = found[~rests]
        count = int(found[:, 4].sum())
        for i in np.sort(np.argsort(-found[:, 2], kind="stable")[:_REPORTED]):
            start_s, end_s, longest_s, value_db, here = found[i].tolist()
            length_ms = 1_000 * longest_s
            whole = f" ({count} in the whole recording)" if count > here else ""
            yield self.kinds[0].found(
                start_s,
                end_s,
                severity=_severity(length_ms, here),
                value=length_ms,
                confidence=confidence(value_db - 30 + length_ms, 10),
                meaning=f"The sound is gone for {length_ms:.1f} ms and goes on as before"
                f"{whole}: heard as a gap or a stutter."
                if here == 1
                else f"The sound is gone {here:.0f} times within {end_s - start_s:.2f} s, for up "
                f"to {length_ms:.1f} ms{whole}: heard as a stutter or a crackle.",
                remedy="Take the passage from the source again, or fill the gap by interpolation; "
                "look for a buffer that ran empty.",
            )

    def _silence(self, start_s: float, end_s: float, gaps: Gaps, *, count: int) -> Finding:
        where, length_s = _where(start_s, end_s, gaps), end_s - start_s
        serious = where == "everywhere" or (where == "in the middle" and length_s >= _ERROR_S)
        short = where == "at the end" and length_s < _SHORT_END_S
        which = f" (one of {count} such places, the longest are listed)"
        among = which if count > _REPORTED else ""
        sure = confidence(length_s - _least_s(where), 0.5)
        return self.kinds[1].found(
            start_s,
            end_s,
            severity="error" if serious else "info" if short else "warning",
            value=length_s,
            confidence=1.0 if where == "everywhere" else sure,
            meaning="The whole recording is silent: there is nothing to hear."
            if where == "everywhere"
            else f"{length_s:.1f} s {where} are silent{among}: {_HEARD[where]}.",
            remedy="Export again with the right tracks and range."
            if where == "everywhere"
            else "Trim the silence, unless it is meant.",
        )


def _in_rhythm(found: Floats) -> npt.NDArray[np.bool_]:
    """Tell which gaps, sorted by channel and time, belong to a wave or to a gate in rhythm."""
    steps, lengths = np.diff(found[:, 1]), found[:, 2] - found[:, 1]
    near = (np.diff(found[:, 0]) == 0) & (steps < _PACE_S)
    same = near & (np.abs(np.diff(lengths)) <= np.maximum(0.1 * lengths[1:], _SAME_PACE_S))
    rests = (lengths[1:] >= _REST_S) & (steps >= _BEAT_S)
    rests |= lengths[1:] >= np.maximum(_DUTY * steps, _SHORT_S)
    same &= rests | (lengths[1:] >= _THIRD * steps) | (steps < _PITCH_S)
    change = np.abs(np.diff(steps))
    even = same[:-1] & same[1:] & (change <= np.maximum(0.02 * steps[1:], _SAME_PACE_S))
    rhythm = np.zeros(len(found), np.bool_)
    for late in range(3):
        rhythm[late : late + len(even)] |= even
    # Where a wave begins and ends a gap may be shorter or longer.
    fast, inner = near & (steps < 2 * _PITCH_S), rhythm.copy()
    rhythm[1:] |= inner[:-1] & fast
    rhythm[:-1] |= inner[1:] & fast
    return rhythm


def _severity(length_ms: float, count: float) -> Severity:
    """Longer ones may be meant, and shorter ones are heard only together."""
    if _ERROR_MS[0] <= length_ms <= _ERROR_MS[1]:
        return "error"
    return "error" if length_ms < _ERROR_MS[0] and count > 2 else "warning"


def _where(start_s: float, end_s: float, gaps: Gaps) -> str:
    leads, trails = start_s < 2 * gaps.cell_s, end_s >= gaps.duration_s
    if leads and trails:
        return "everywhere"
    return "at the start" if leads else "at the end" if trails else "in the middle"


def _least_s(where: str) -> float:
    """Shortest silence that is told."""
    return {"everywhere": 0.0, "in the middle": _MIDDLE_S}.get(where, _EDGE_S)


def _merged(tracks: Tracks) -> Floats:
    """Stretches with gaps: start, end, longest gap, how far down in dB, and how many gaps."""
    found = tracks[Gaps].gaps()
    found = found[np.lexsort((found[:, 1], found[:, 0]))]
    found = found[~_in_rhythm(found)]
    found = found[np.argsort(found[:, 1], kind="stable")]
    down_db = 20 * np.log10(found[:, 3] / np.maximum(found[:, 5], 1e-6))
    # Those of several channels are one, and those that follow at once a burst.
    one = np.ones(len(found))
    gaps = _joined(np.column_stack((found[:, 1:3], one, down_db, one)), _MERGE_S)
    gaps[:, 2], gaps[:, 4] = gaps[:, 1] - gaps[:, 0], 1
    return _joined(gaps, _BURST_S)


def _joined(gaps: Floats, within_s: float) -> Floats:
    """Join stretches, sorted by their starts, that lie less than so many seconds apart."""
    joined: list[list[float]] = []
    for start_s, end_s, longest_s, down_db, count in gaps.tolist():
        if joined and start_s < joined[-1][1] + within_s:
            last = joined[-1]
            joined[-1] = [
                last[0],
                max(last[1], end_s),
                max(last[2], longest_s),
                max(last[3], down_db),
                last[4] + count,
            ]
        else:
            joined.append([start_s, end_s, longest_s, down_db, count])
    return np.array(joined, dtype=np.float64).reshape(-1, 5)
