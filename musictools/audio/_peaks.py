"""Spectral peaks of every frame: what tuning, chroma, key and chords are concluded from.

Peaks rather than bins, so that drums and noise between the partials do not vote; tuning is
estimated first, so that a song 40 cents sharp is not smeared over two pitch classes; and a peak
may also vote for the notes whose harmonic it can be, which mends the fifth that a bright timbre
adds to each root.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from musictools.audio._chroma import View, votes_of
from musictools.audio._descriptor import Block, Spectrum

Floats = npt.NDArray[np.float64]

SPECTRUM = Spectrum(rate_hz=11_025, size=4096, hop=2048)
#: Seconds from one frame to the next, and from the start to the middle of the first.
HOP_S = SPECTRUM.hop / SPECTRUM.rate_hz
FIRST_S = SPECTRUM.size / 2 / SPECTRUM.rate_hz
_BIN_HZ = SPECTRUM.rate_hz / SPECTRUM.size
# The lowest note of a bass guitar has 41 Hz; over 3500 Hz partials of drums prevail. The lowest
# and the highest note may be half a semitone flat or sharp.
_LOW_BIN, _HIGH_BIN = math.floor(40 / _BIN_HZ) - 1, math.ceil(3550 / _BIN_HZ)
# Every third bin gives the same median for a third of the work.
_MEDIAN_BINS = slice(round(55 / _BIN_HZ), _HIGH_BIN, 3)
_ABOVE_MEDIAN, _PROMINENCE_CAP, _PROMINENCE_REACH = 4.0, 4.0, 20
# Log of the power of the neighbours over that of a peak: at two bins alike there is no curve.
_FLAT = np.float32(-1e-6)
# A sine of -120 dBFS: keeps the rounding noise of silence from voting.
_LEAST_POWER = 1e-6
_TUNING_HZ = (100.0, 2000.0)


@dataclass(frozen=True)
class Peaks:
    """Spectral peaks, one element each, in the order of the frames.

    Attributes
    ----------
    frame : array of int32
        Number of the frame; its middle is at ``FIRST_S + frame * HOP_S`` seconds.
    pitch : array of float32
        Semitones above A = 440 Hz.
    magnitude : array of float32
        Height of the top, between the bins; a full-scale sine has ``size / 4``.
    prominence : array of float32
        Height over the mean of the 41 bins around it, at most 4.
    """

    frame: npt.NDArray[np.int32]
    pitch: npt.NDArray[np.float32]
    magnitude: npt.NDArray[np.float32]
    prominence: npt.NDArray[np.float32]

    @cached_property
    def weight(self) -> npt.NDArray[np.float32]:
        """How much each peak counts, from 0 up."""
        weight: npt.NDArray[np.float32] = np.sqrt(self.magnitude) * (
            self.prominence / np.float32(_PROMINENCE_CAP)
        )
        return weight

    @cached_property
    def even(self) -> "Peaks":
        """Those of frames 0, 2, 4, ..., counted 0, 1, 2, ...

        Frames overlap by half, so that these have heard everything too.
        """
        chosen = self.frame & 1 == 0
        return Peaks(
            self.frame[chosen] >> 1,
            self.pitch[chosen],
            self.magnitude[chosen],
            self.prominence[chosen],
        )


def pitch_of(frequency_hz: float) -> float:
    """Semitones above A = 440 Hz."""
    return 12 * math.log2(frequency_hz / 440.0)


def edge_of(frequency_hz: float) -> float:
    """Give the quarter tone nearest to a frequency, in semitones above A; the lower of two.

    What limits a range of notes: a limit in Hz would pass through a note, which would count in
    one recording and not in another that is tuned 20 cents lower.
    """
    return math.ceil(pitch_of(frequency_hz) - 1e-9) - 0.5


def view_of(*, harmonics: int = 1, low_hz: float = 55.0, high_hz: float = 3500.0) -> View:
    """Give the view of notes between two frequencies, for ``PeakTrack.chromas``."""
    return View(harmonics, edge_of(low_hz), edge_of(high_hz))


class PeakTrack:
    """Spectral peaks of every frame, and what follows from them.

    Frame i is 0.37 s long and centred on ``(i * 2048 + 2048) / 11025`` seconds. Answers are kept:
    asking again costs nothing. They are shared: do not write into them.
    """

    needs = SPECTRUM

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:  # noqa: ARG002 - the mono mix at one rate needs neither
        self._parts: list[Peaks] = []
        self._energies: list[Floats] = []
        self._frames = 0
        self._answers: dict[tuple[View, float], Floats] = {}

    @classmethod
    def of(cls, peaks: Peaks, energies: Floats) -> "PeakTrack":
        """Make the track of a recording whose peaks are known."""
        track = cls(SPECTRUM.rate_hz, ())
        track._parts, track._energies, track._frames = [peaks], [energies], len(energies)
        return track

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return self._frames

    def update(self, block: Block) -> None:
        """Find the peaks of a block of power spectra."""
        self._parts.append(_find_peaks(block, self._frames))
        self._energies.append(block.sum(axis=1).astype(np.float64))
        self._frames += len(block)

    @cached_property
    def peaks(self) -> Peaks:
        """All of them, from 40 to 3500 Hz, once the recording is over."""
        parts, self._parts = self._parts, []
        if not parts:
            nothing = np.empty(0, np.float32)
            return Peaks(np.empty(0, np.int32), nothing, nothing, nothing)
        return Peaks(
            np.concatenate([part.frame for part in parts]),
            np.concatenate([part.pitch for part in parts]),
            np.concatenate([part.magnitude for part in parts]),
            np.concatenate([part.prominence for part in parts]),
        )

    def energies(self) -> Floats:
        """Give the summed power of each frame, shape (frames,)."""
        if len(self._energies) != 1:
            self._energies = [np.concatenate([np.empty(0), *self._energies])]
        return self._energies[0]

    def tuning(self) -> float:
        """Give the deviation from A = 440 Hz, -0.5 to 0.5 semitones; NaN without any peak."""
        return float(self.tunings(np.array([[0, self._frames]]))[0])

    def tunings(self, windows: npt.NDArray[np.int64]) -> Floats:
        """Give the deviation from A = 440 Hz of stretches of frames.

        The circular mean of the peaks' distances from the nearest semitone.

        Parameters
        ----------
        windows : array of shape (windows, 2)
            First frame, and the one after the last.

        Returns
        -------
        numpy.ndarray of shape (windows,)
            -0.5 to 0.5 semitones; NaN where no peak is.
        """
        across, along = np.diff(self._tuning_votes[windows], axis=1)[:, 0].T
        angle = np.arctan2(across, along) / (2 * np.pi)
        return np.where((across == 0) & (along == 0), math.nan, angle)

    def tuning_over_time(self, seconds: float) -> Floats:
        """Give the deviation from A = 440 Hz around each frame, in semitones.

        Parameters
        ----------
        seconds : float
            Length of the stretch around each frame that it is measured over.

        Returns
        -------
        numpy.ndarray of shape (frames,)
            Within half a semitone of that of the whole recording; the same as that where no peak
            is near. A recording must have one.
        """
        middle = np.arange(self._frames)
        reach = max(1, round(seconds / 2 / HOP_S))
        windows = np.stack(
            (np.maximum(middle - reach, 0), np.minimum(middle + reach + 1, self._frames)), axis=1
        )
        whole = self.tuning()
        away = self.tunings(windows) - whole
        # A song near a quarter tone must not jump a semitone where it crosses the line.
        return np.where(np.isnan(away), whole, whole + away - np.rint(away))

    @cached_property
    def _tuning_votes(self) -> Floats:
        """Running sums over frames of the sines and cosines of the peaks' distances."""
        peaks = self.peaks
        low, high = (pitch_of(frequency_hz) for frequency_hz in _TUNING_HZ)
        weight = peaks.weight * ((peaks.pitch >= low) & (peaks.pitch <= high))
        if not weight.any():
            weight = peaks.weight
        angle = np.float32(2 * np.pi) * (peaks.pitch - np.rint(peaks.pitch))
        # Peaks are in the order of frames, so that each frame has one slice of them.
        edges = np.searchsorted(peaks.frame, np.arange(self._frames + 1, dtype=np.int32))
        sums = np.zeros((self._frames + 1, 2))
        for column, side in enumerate((np.sin(angle), np.cos(angle))):
            votes = np.add.reduceat(np.append(weight * side, 0), edges[:-1])
            np.cumsum(np.where(np.diff(edges) > 0, votes, 0), out=sums[1:, column])
        return sums

    def chroma(
        self,
        *,
        harmonics: int = 1,
        low_hz: float = 55.0,
        high_hz: float = 3500.0,
        tuning_window_s: float = math.inf,
    ) -> Floats:
        """Give the votes of the peaks of each frame for the pitch classes.

        Parameters
        ----------
        harmonics : int, default 1
            Up to this one, a peak also votes for the notes whose harmonic it may be.
        low_hz, high_hz : float
            Notes between these count, at the tuning of the recording: see ``edge_of``. 40 Hz and
            3500 Hz are the widest.
        tuning_window_s : float, optional
            Length of the stretch around each frame that its tuning is measured over; all of the
            recording where left out.

        Returns
        -------
        numpy.ndarray of shape (frames, 12)
            0 and more, not normalised; C first; rows of zeros where nothing stands out.
        """
        view = view_of(harmonics=harmonics, low_hz=low_hz, high_hz=high_hz)
        return self.chromas([view], tuning_window_s=tuning_window_s)[0]

    def chromas(self, views: Sequence[View], *, tuning_window_s: float = math.inf) -> list[Floats]:
        """Give the same as ``chroma`` of several views, in less time than one after another."""
        missing = [view for view in views if (view, tuning_window_s) not in self._answers]
        if missing:
            tuning = self._tuning_for(tuning_window_s)
            found = votes_of(self.peaks, self._frames, missing, tuning=tuning)
            self._answers |= {
                (view, tuning_window_s): votes for view, votes in zip(missing, found, strict=True)
            }
        return [self._answers[view, tuning_window_s] for view in views]

    def _tuning_for(self, window_s: float) -> float | Floats:
        if not self.peaks.frame.size:
            return 0.0
        if math.isinf(window_s):
            return self.tuning()
        return self.tuning_over_time(window_s)


def _find_peaks(power: Block, first_frame: int) -> Peaks:
    from musictools.audio._tonal_kernels import look_around, mark_peaks

    power = np.ascontiguousarray(power)
    some = np.ascontiguousarray(power[:, _MEDIAN_BINS])
    median = np.partition(some, some.shape[1] // 2, axis=1)[:, some.shape[1] // 2]
    floor = np.maximum(_ABOVE_MEDIAN**2 * median, _LEAST_POWER).astype(np.float32)
    marks = np.empty((len(power), _HIGH_BIN - _LOW_BIN + 1), np.bool_)
    mark_peaks(power, floor, _LOW_BIN, marks)
    frame, column = np.divmod(np.flatnonzero(marks).astype(np.int32), np.int32(marks.shape[1]))
    column += np.int32(_LOW_BIN)
    beside = np.empty((4, frame.size), np.float32)
    look_around(power, frame, column, _PROMINENCE_REACH, beside)
    before, here, after, around = beside
    # A parabola through three log magnitudes finds the top between two bins, and how high it is:
    # a note must not lose a tenth because the tuning puts it there.
    left = np.log(np.maximum(before / here, np.float32(1e-24)))
    right = np.log(np.maximum(after / here, np.float32(1e-24)))
    shift = np.clip(0.5 * (left - right) / np.minimum(left + right, _FLAT), -0.5, 0.5)
    magnitude = np.sqrt(here)
    top = magnitude * np.exp(np.float32(-0.125) * (left - right) * shift)
    frequency = (column + shift.astype(np.float64)) * _BIN_HZ
    return Peaks(
        frame + np.int32(first_frame),
        (12 * np.log2(frequency / 440.0)).astype(np.float32),
        top,
        np.minimum(magnitude / around, np.float32(_PROMINENCE_CAP)),
    )
