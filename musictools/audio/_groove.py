"""Groove: how often something begins, where the off-beat falls, and how hard beats strike."""

import itertools
import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from musictools.audio._beats import find_beats
from musictools.audio._descriptor import Descriptor, Tracks, Value
from musictools.audio._fold import LATENCY_S, Curves, Floats, fold_curves, lead_of
from musictools.audio._framewise import Measure, Statistics, declare, spread
from musictools.audio._onsets import BAND_EDGES_HZ, RATE_HZ, SPECTRUM, OnsetTrack
from musictools.audio._peaks import PeakTrack

# An onset is the largest value within 29 ms, and exceeds the mean of the 0.2 s around it by a
# tenth of a clear onset: rates of drum patterns are then exact up to eight a second, and those of
# songs within a tenth of essentia's and librosa's.
_ONSET_NEAR, _ONSET_AROUND, _ONSET_ABOVE = 5, 17, 0.1

# Readings of a beat for its profile: 5 ms at 120 BPM.
_READINGS = 96
# Where the off-beat may fall: straight is 0.5; a dotted eighth at 0.75 is no swing.
_EARLIEST, _LATEST = 0.44, 0.72
# The onset that the beat itself makes lies within so much of it.
_ON_BEAT = 0.05
_LEAST_CLARITY, _LEAST_BEATS = 0.15, 8

# A beat is loudest in a window (46 ms) whose middle is at most so much after it.
_STRUCK_S = 0.05
_QUIETEST_DBFS = -120.0
# Parseval: summed power of a Hann frame to the mean square of its samples.
_TO_MEAN_SQUARE = 2 / (0.375 * SPECTRUM.size**2)
_SOURCE = "E. Scheirer, J. Acoust. Soc. Am. 103, 1998"

_LOUDNESS = Measure(
    "beats_loudness",
    "dbfs",
    "dBFS",
    _QUIETEST_DBFS,
    math.inf,
    _SOURCE,
    "RMS level of the loudest 46 ms centred 0 to 50 ms after a beat, mono mix",
)
_RATIOS = tuple(
    Measure(
        f"beats_loudness_band_ratio_{number}",
        "",
        "1",
        0,
        1,
        _SOURCE,
        f"Share of {low:g} to {high:g} Hz in the power of that stretch",
    )
    for number, (low, high) in enumerate(itertools.pairwise(BAND_EDGES_HZ), start=1)
)


class Groove:
    """Family of groove."""

    tracks = (OnsetTrack, PeakTrack)
    descriptors: ClassVar[tuple[Descriptor, ...]] = (
        Descriptor(
            "onset_rate_hz",
            "Hz",
            "rhythm",
            0,
            RATE_HZ / (_ONSET_NEAR + 1) + 1,
            "J. Bello et al., IEEE Trans. SAP 13(5), 2005",
            "Onsets a second: peaks of the onset curve, at least 29 ms apart. 0 where nothing "
            "begins.",
        ),
        Descriptor(
            "swing_ratio",
            "1",
            "rhythm",
            _EARLIEST - _ON_BEAT,
            _LATEST + _ON_BEAT,
            "A. Friberg, A. Sundstroem, Music Perception 19(3), 2002",
            "Where the off-beat eighth falls in the beat: 0.5 is straight, 0.67 a triplet. NaN "
            "under eight beats and where no off-beat stands out.",
        ),
        Descriptor(
            "swing_clarity",
            "1",
            "rhythm",
            0,
            1,
            "definition",
            "Height of the off-beat over the mean of the beat, as a share of the highest part of "
            "the beat. NaN under eight beats.",
        ),
        *declare((_LOUDNESS,), "rhythm", frames="all beats"),
        *declare(_RATIOS, "rhythm", frames="all beats that are not silent"),
    )

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        onsets = tracks[OnsetTrack]
        curves, beats_s = onsets.curves(), tracks.once(find_beats)
        swing, clarity = measure_swing(curves, beats_s)
        found = pick_onsets(curves, onsets.bands())
        return {
            "onset_rate_hz": found.size * RATE_HZ / max(curves.shape[1], 1),
            "swing_ratio": swing,
            "swing_clarity": clarity,
            **_strokes(onsets.bands(), beats_s),
        }


def pick_onsets(curves: Curves, bands: Curves) -> Floats:
    """Find where something begins.

    Parameters
    ----------
    curves : numpy.ndarray, shape (4, frames)
        Onset curves.
    bands : numpy.ndarray, shape (frames, 6)
        Power of the bands of the onset track.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Seconds, rising.
    """
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    curve = curves[3]
    if not curve.size:
        return np.empty(0)
    highest = maximum_filter1d(curve, 2 * _ONSET_NEAR + 1)
    around = uniform_filter1d(curve, 2 * _ONSET_AROUND + 1)
    peaks = np.flatnonzero((curve == highest) & (curve >= around + _ONSET_ABOVE))
    # A flat top is one onset.
    peaks = peaks[np.diff(peaks, prepend=-_ONSET_NEAR - 1) > _ONSET_NEAR]
    if not peaks.size:
        return np.empty(0)
    times = peaks / RATE_HZ - LATENCY_S
    late: Floats = np.maximum(times + lead_of(bands, times), 0.0)
    return late


def measure_swing(curves: Curves, beats_s: Floats) -> tuple[float, float]:
    """Find the place of the off-beat in the mean beat, and how clear it is.

    Parameters
    ----------
    curves : numpy.ndarray, shape (4, frames)
        Onset curves.
    beats_s : numpy.ndarray, shape (n,)
        Beats.

    Returns
    -------
    tuple of float
        Ratio and clarity, or NaN.
    """
    if beats_s.size < _LEAST_BEATS:
        return math.nan, math.nan
    mean = fold_curves(curves[3:], beats_s, _READINGS)[0].mean(axis=0)
    # A triangle of a twentieth of a beat: hands stray by as much.
    around = np.array([1, 2, 3, 2, 1]) / 9
    profile = np.convolve(np.concatenate((mean[-2:], mean, mean[:2])), around, "valid")
    contrast = float(profile.max() - profile.mean())
    middle = profile[1:-1]
    peaks = 1 + np.flatnonzero((middle >= profile[:-2]) & (middle > profile[2:]))
    peaks = peaks[(peaks >= _EARLIEST * _READINGS) & (peaks <= _LATEST * _READINGS)]
    if contrast <= 0 or not peaks.size:
        return math.nan, 0.0
    peak = int(peaks[np.argmax(profile[peaks])])
    clarity = max(0.0, float(profile[peak] - profile.mean()) / contrast)
    if clarity < _LEAST_CLARITY:
        return math.nan, clarity
    reach = int(_ON_BEAT * _READINGS)
    near = np.roll(profile, reach)[: 2 * reach + 1]
    on_beat = int(np.argmax(near))
    late = _summit(near, on_beat) - reach if 0 < on_beat < 2 * reach else 0.0
    return (_summit(profile, peak) - late) / _READINGS, clarity


def _summit(curve: Floats, peak: int) -> float:
    """Place of a maximum between its readings: top of the parabola through three."""
    left, middle, right = curve[peak - 1 : peak + 2]
    curvature = left - 2 * middle + right
    return peak + (0.5 * float((left - right) / curvature) if curvature < 0 else 0.0)


def _strokes(bands: Curves, beats_s: Floats) -> Mapping[str, float]:
    """Statistics of the level of the beats and of their bands."""
    levels, ratios = Statistics(1), Statistics(len(_RATIOS))
    if beats_s.size:
        offsets = np.arange(round(_STRUCK_S * RATE_HZ) + 1)
        frames = np.rint(beats_s * RATE_HZ).astype(np.int64)[:, None] + offsets
        frames = np.minimum(frames, len(bands) - 1)
        loudest = bands[frames].sum(axis=2).argmax(axis=1)
        power = bands[frames[np.arange(frames.shape[0]), loudest]].astype(np.float64)
        total = power.sum(axis=1)
        least = 10 ** (_QUIETEST_DBFS / 10)
        mean_square = np.maximum(total * _TO_MEAN_SQUARE, least)
        levels.update(10 * np.log10(mean_square)[:, None])
        heard = mean_square > least
        ratios.update(power[heard] / total[heard, None])
    return {**spread((_LOUDNESS,), levels.finish()), **spread(_RATIOS, ratios.finish())}
