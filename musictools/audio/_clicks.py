"""Clicks: single samples, short pulses and jumps that no instrument makes.

Linear prediction removes what goes on as it was; a click stays and stands alone in what is left.
A drum's attack stays as well, but more of it follows for milliseconds; the edges of square waves
come back every period, and a drum sample is followed by the same sound each time.

A pulse of a few samples is fitted to the residual by least squares (the matched filter of Vaseghi
and Rayner, for several samples at once). A click is gone when it is taken out; an attack is not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Tracks
from musictools.audio._finding import Finding, Kind, confidence
from musictools.audio._pass import hann

Floats = npt.NDArray[np.float64]

_HOP_S = 1024 / 44_100
#: Cells of half a millisecond: a click and its answer fit into one or two.
_CELLS_PER_S = 2_000
_LEVEL_S = 0.025
# The 6 ms of residual from 1.5 ms after a peak on tell a sound that comes again.
_TAIL_S, _TAIL_FROM_S = 0.006, 0.0015
# What is kept: -54 dBFS and more, 8 dB below the level around, 2.5 times the residual around; and a
# pulse is fitted to what is 1.5 times the level around.
_LEAST = np.array([0.002, 0.4, 2.5, 1.5])
_MOST_A_BLOCK, _MOST = 4_096, 20_000
# A block longer than this is taken in parts.
_PART_S = 8
_FIELDS = 15

# A pulse is 5 dB above its surroundings, 5 times the loudest half millisecond of residual and twice
# the highest of the 10 ms around it, and 7 times what is left beside it once it is taken out. In
# music (three hours) the product of three of these stays below 160, in all but real clicks.
_PULSE, _ALONE, _FIRST, _CLEAN, _PRODUCT = 1.8, 5.0, 2.0, 7.0, 200.0
# Half a millisecond after it is at most so many times as rough as before.
_ROUGHER = 4.0
# A jump may be lower than its surroundings, and has to stand out farther.
_JUMP, _JUMP_ALONE, _JUMP_SHARP = 0.5, 25.0, 15.0
# Sound goes on after a click as before, within 12 dB; what does not is an attack or an end.
_SAME_LEVEL = 4.0
# Of quieter surroundings a click counts as if they were at -80 dBFS.
_QUIET = 1e-4
_EDGE_S = 0.0125
_ALIKE_S, _ALIKE, _PERIOD_S, _SAME_PERIOD = 0.125, 3, 0.06, 0.02
# The same sound follows again, as loud against its peak as this.
_SAME_TAIL, _TAIL_LEVEL = 0.6, 0.05
# Where many peaks nearly are clicks, the largest of them has to be larger: e times as many near
# misses within 2 s raise what chance reaches by a tenth.
_AROUND_S, _MISS, _ENOUGH, _RISE = 2.0, 0.55, 0.8, 0.1
# Peaks that may be the same wave's edges are nearly clicks themselves.
_LIKELY = 0.6
_MERGE_S, _REPORTED = 1.0, 10
# One that nobody misses, and so many in a minute (of a shorter recording, five at least), that it
# crackles.
_LOUD_DB, _A_MINUTE, _A_FEW = 20.0, 10.0, 5.0


@dataclass(frozen=True)
class Clicks:
    """Places in seconds, decibels above the surroundings, and margin past the thresholds (1)."""

    times_s: Floats
    level_db: Floats
    margin: Floats


class ClickPeaks:
    """Peaks of what linear prediction leaves of each channel, where they stand alone."""

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        self.sample_rate = sample_rate
        self._cell = max(sample_rate // _CELLS_PER_S, 4)
        # Cells must not straddle frames, and 10 ms of cells have to fit.
        pair = 2 * self._cell
        self._hop = max(round(_HOP_S * sample_rate / pair), 16) * pair
        self._window = hann(2 * self._hop)
        self._rest = np.zeros((len(layout), 4 * self._hop), np.float32)
        self._first = -4 * self._hop
        self._kept = 0
        self._peaks: list[Floats] = []
        self._tails: list[Block] = []
        self._seen = 0

    def update(self, block: Block) -> None:
        """Take a block of samples."""
        self._seen += block.shape[1]
        size = _PART_S * self.sample_rate
        for start in range(0, block.shape[1], size):
            self._advance(block[:, start : start + size])

    def _advance(self, block: Block) -> None:
        """Predict all whole frames; those at both ends only lend their residual."""
        from musictools.audio._click_kernels import ORDER, find_peaks, predict

        samples = np.concatenate((self._rest, block), axis=1)
        hop, cell = self._hop, self._cell
        frames = (samples.shape[1] - 2 * hop) // hop
        if frames < 4:
            self._rest = samples
            return
        residual = np.empty(frames * hop, np.float32)
        filters = np.empty((frames, ORDER + 1), np.float32)
        found = np.empty((_MOST_A_BLOCK, _FIELDS))
        tail = ORDER + round(_TAIL_FROM_S * self.sample_rate)
        offsets = tail + np.arange(round(_TAIL_S * self.sample_rate))
        cells, span = hop // cell, round(_LEVEL_S * self.sample_rate)
        sizes = np.array([hop, cell, cells, (frames - 2) * cells, span])
        for channel, (row, heard) in enumerate(_signals(samples)):
            predict(row, self._window, hop, residual, filters)
            count = find_peaks(row, heard, residual, filters, sizes, _LEAST, found)
            count = min(count, _MOST - self._kept)
            if not count:
                continue
            self._kept += count
            peaks = np.column_stack((found[:count], np.full(count, channel, np.float64)))
            self._tails.append(residual[peaks[:, :1].astype(np.int64) + offsets])
            peaks[:, 0] += self._first + hop
            self._peaks.append(peaks)
        done = (frames - 3) * hop
        self._rest = samples[:, done:].copy()
        self._first += done

    def clicks(self) -> Clicks:
        """Give the peaks that are clicks, in order, those of several channels as one."""
        if self._rest.shape[1]:
            # Zeros bring out what is held back; nothing follows them.
            self._advance(np.zeros((len(self._rest), 5 * self._hop), np.float32))
            self._rest = self._rest[:, :0]
        if not self._peaks:
            return Clicks(np.empty(0), np.empty(0), np.empty(0))
        peaks, tails = np.concatenate(self._peaks), np.concatenate(self._tails)
        margin = _margin(peaks)
        edge = _EDGE_S * self.sample_rate
        inside = (peaks[:, 0] > edge) & (peaks[:, 0] < self._seen - edge)
        accepted = np.flatnonzero((margin >= 1) & inside)
        accepted = accepted[~_periodic(peaks, margin, accepted, self.sample_rate)]
        accepted = accepted[~_again(peaks, margin, tails, accepted, self.sample_rate)]
        accepted = accepted[~_spiky(peaks, margin, accepted, self.sample_rate)]
        height = peaks[:, [1, 10]].max(axis=1)
        level_db = 20 * np.log10(height / np.maximum(peaks[:, 2], _QUIET))
        return _joined(peaks[accepted, 0] / self.sample_rate, level_db[accepted], margin[accepted])


def _signals(samples: Block) -> Iterator[tuple[Block, Block]]:
    """Give each signal to look at, and the channels whose level counts for it."""
    for channel in range(len(samples)):
        yield samples[channel], samples[channel : channel + 1]
    if len(samples) == 2:
        # What both channels share hides a click of one of them.
        yield samples[0] - samples[1], samples


def _margin(peaks: Floats) -> Floats:
    """How far each peak is past what makes it a click, 1 or more where it is one."""
    level, tiny = np.maximum(peaks[:, 2], _QUIET), 1e-6
    around = np.maximum(peaks[:, 3:5].max(axis=1), tiny)
    over, alone = peaks[:, 10] / level, peaks[:, 9] / around
    clean = peaks[:, 9] / np.maximum(peaks[:, 11], tiny)
    first = peaks[:, 9] / np.maximum(peaks[:, 12], tiny)
    product = np.cbrt(over * alone * clean / _PRODUCT)
    pulse = np.minimum.reduce(
        [over / _PULSE, alone / _ALONE, first / _FIRST, clean / _CLEAN, product]
    )
    over, alone = peaks[:, 1] / level, peaks[:, 1] / around
    sharp = peaks[:, 1] / np.maximum(peaks[:, 5:7].max(axis=1), tiny)
    jump = np.minimum.reduce([over / _JUMP, alone / _JUMP_ALONE, sharp / _JUMP_SHARP])
    before, after = np.maximum(peaks[:, 7:9], _QUIET).T
    goes_on = (before < _SAME_LEVEL * after) & (after < _SAME_LEVEL * before)
    # A note that begins with an edge, such as a resonant filter's, rings on after it.
    goes_on &= peaks[:, 14] <= _ROUGHER * np.maximum(peaks[:, 13], 0.1 * _QUIET)
    found: Floats = np.where(goes_on, np.maximum(pulse, jump), 0.0)
    return found


def _periodic(
    peaks: Floats, margin: Floats, chosen: npt.NDArray[np.int64], rate: int
) -> npt.NDArray[np.bool_]:
    """Tell which peaks are edges of a wave: alike before and after, or many around."""
    found = np.zeros(chosen.size, dtype=np.bool_)
    for channel in np.unique(peaks[chosen, -1]):
        mine = peaks[(peaks[:, -1] == channel) & (margin > _LIKELY)]
        mine = mine[np.argsort(mine[:, 0], kind="stable")]
        for i in np.flatnonzero(peaks[chosen, -1] == channel):
            place, height = peaks[chosen[i], :2]
            ends = np.searchsorted(mine[:, 0], place + np.array([-1, 1]) * _ALIKE_S * rate)
            near = mine[ends[0] : ends[1]]
            near = near[(near[:, 1] > 0.5 * height) & (near[:, 1] < 2 * height)]
            away = near[:, 0] - place
            close = (near[:, 1] > 0.7 * height) & (near[:, 1] < 1.4 * height)
            past, future = -away[away < 0], away[away > 0]
            pairs = np.abs(past[:, None] - future) < _SAME_PERIOD * future
            short = (past[:, None] < _PERIOD_S * rate) & pairs
            found[i] = bool(short.any()) or int(close.sum()) > _ALIKE
    return found


def _again(
    peaks: Floats, margin: Floats, tails: Block, chosen: npt.NDArray[np.int64], rate: int
) -> npt.NDArray[np.bool_]:
    """Tell which peaks are followed by the same sound as another likely peak of their channel."""
    found = np.zeros(chosen.size, dtype=np.bool_)
    likely = np.flatnonzero(margin > _MISS)
    size = np.sqrt(np.square(tails[likely], dtype=np.float64).sum(axis=1))
    shapes = (tails[likely] / np.maximum(size, 1e-9)[:, None]).astype(np.float32)
    loud = size > _TAIL_LEVEL * peaks[likely, 1] * np.sqrt(tails.shape[1])
    mine = np.searchsorted(likely, chosen)
    for i, row in enumerate(mine):
        alike = np.abs(shapes @ shapes[row]) > _SAME_TAIL
        alike &= peaks[likely, -1] == peaks[chosen[i], -1]
        alike &= np.abs(peaks[likely, 0] - peaks[chosen[i], 0]) > 2 * _TAIL_S * rate
        found[i] = loud[row] and bool(alike.any())
    return found


def _spiky(
    peaks: Floats, margin: Floats, chosen: npt.NDArray[np.int64], rate: int
) -> npt.NDArray[np.bool_]:
    """Tell which peaks stand among many that nearly are clicks, as in sounds made of edges."""
    places = peaks[chosen, 0]
    missed = np.sort(peaks[(margin > _MISS) & (margin < 1), 0])
    reach = _AROUND_S * rate
    near = np.searchsorted(missed, places + reach) - np.searchsorted(missed, places - reach)
    needed = _ENOUGH + _RISE * np.log(np.maximum(near, 1))
    found: npt.NDArray[np.bool_] = margin[chosen] < needed
    return found


def _joined(times_s: Floats, level_db: Floats, margin: Floats) -> Clicks:
    """Take peaks less than 2 ms apart for one click."""
    order = np.argsort(times_s, kind="stable")
    times_s, level_db, margin = times_s[order], level_db[order], margin[order]
    if not times_s.size:
        return Clicks(times_s, level_db, margin)
    starts = np.flatnonzero(np.diff(times_s, prepend=-1.0) > 0.002)
    return Clicks(
        times_s[starts],
        np.maximum.reduceat(level_db, starts),
        np.maximum.reduceat(margin, starts),
    )


def _dense(times_s: Floats, duration_s: float) -> npt.NDArray[np.bool_]:
    """Tell which clicks are in a minute that has many."""
    dense = np.zeros(times_s.size, np.bool_)
    needed = max(_A_MINUTE * min(duration_s / 60, 1.0), _A_FEW)
    stops = np.searchsorted(times_s, times_s + 60.0)
    for start, stop in enumerate(stops.tolist()):
        if stop - start >= needed:
            dense[start:stop] = True
    return dense


def _conclude(tracks: Tracks) -> Clicks:
    return tracks[ClickPeaks].clicks()


class ClickDetector:
    """Finds clicks."""

    tracks = (ClickPeaks,)
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(
            "click",
            "fact",
            "dB",
            "height over the RMS of the 25 ms around",
            "A pulse of up to 4 samples fitted to what linear prediction (16th order) leaves, 5 dB "
            "over the RMS around; its energy 5 times the residual of any half millisecond, twice "
            "any sample of the 10 ms around, and 7 times what is left when it is taken out; the "
            "three together 200, more where near misses are many. Or a jump of half the RMS, 25 "
            "and 15 times. Sound goes on within 12 dB, and nothing alike follows as in a wave or "
            f"a drum sample. Error from {_LOUD_DB:g} dB or {_A_MINUTE:g} a minute on.",
            "definition; residual of linear prediction after Vaseghi and Rayner (1990)",
        ),
    )

    def find(self, tracks: Tracks) -> Iterable[Finding]:
        """Look for clicks."""
        clicks = tracks.once(_conclude)
        count = clicks.times_s.size
        if not count:
            return
        starts = np.flatnonzero(np.diff(clicks.times_s, prepend=-np.inf) > _MERGE_S)
        stops = np.append(starts[1:], count)
        loudest = np.maximum.reduceat(clicks.level_db, starts)
        dense = _dense(clicks.times_s, tracks.duration_s)
        for i in np.sort(np.argsort(-loudest, kind="stable")[:_REPORTED]):
            part = slice(starts[i], stops[i])
            yield self._stretch(clicks, part, count, crackles=bool(dense[part].any()))

    def _stretch(self, clicks: Clicks, part: slice, total: int, *, crackles: bool) -> Finding:
        """One finding for the clicks of one stretch."""
        times_s, level_db = clicks.times_s[part], float(clicks.level_db[part].max())
        number = times_s.size
        here = "A click" if number == 1 else f"{number} clicks"
        whole = f" ({total} in the whole recording)" if total > number else ""
        return self.kinds[0].found(
            times_s[0],
            times_s[-1],
            severity="error" if crackles or level_db >= _LOUD_DB else "warning",
            value=level_db,
            confidence=confidence(float(np.log(clicks.margin[part].max())), 0.5),
            meaning=f"{here}, up to {level_db:.0f} dB against the sound around{whole}: heard as a "
            "tick or a crackle.",
            remedy="Redraw or interpolate the samples with a de-clicker, and look for a bad edit, "
            "a buffer that ran empty or a scratch.",
        )
