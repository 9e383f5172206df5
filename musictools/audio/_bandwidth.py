"""Bandwidth: how high the spectrum reaches, and whether it ends at a cliff.

Instruments fade out towards high frequencies; lossy codecs, resamplers and old equipment cut. The
long-term spectrum is looked through for the frequency where it falls farthest within an eighth of
an octave and stays down.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Descriptor, Tracks, Value
from musictools.audio._stereo import SILENCE, FrontFrames

Floats = npt.NDArray[np.float64]

# Segments more than 20 dB below the loudest show the noise of the room or the converter.
_LOUD = 1e-2
# Below 43 Hz lie offsets and rumble.
_FIRST_BIN = 1
# Levels so far below the strongest band count as nothing: dither of 16 bits lies there.
_REACH_DB = 80.0
_DEEPEST_DB = 120.0
# A cliff is looked for between two windows of a quarter octave, an eighth of an octave apart:
# what filters of codecs and resamplers need to close, and instruments do not.
_HALF_GAP, _WINDOW = 1 / 16, 1 / 4
_LOWEST_HZ = 2_000.0
_STEPS_PER_OCTAVE = 48
# Just below half its rate every recording ends: no cliff is claimed there, nor its foot used.
_HIGHEST_OF_NYQUIST, _FOOT_OF_NYQUIST = 0.94, 0.98
# Bins, half a kilohertz, over which a whistle above the cliff is averaged away.
_BEYOND = 11
# Low and high quantile: what nearly all of a window is above, or below.
_LOW, _HIGH = 0.25, 0.9
# What falls must be a plateau: single tones stand farther out of what is between them.
_EVEN_DB = 30.0
# A filter of 48 dB an octave drops 14 dB from window to window.
_CLIFF_DB = 20.0
_CORNER_DB = 6.0
_TREBLE_HZ = 16_000.0


@dataclass(frozen=True)
class _Cliff:
    """Where the spectrum falls farthest: how far, from which level, between which bins."""

    depth_db: float
    top_db: float
    first: int
    last: int


class Bandwidth:
    """Family of the upper end of the spectrum, at the recording's own rate."""

    tracks = (FrontFrames,)
    descriptors: ClassVar[tuple[Descriptor, ...]] = (
        Descriptor(
            "bandwidth_cutoff_hz",
            "Hz",
            "bandwidth",
            _LOWEST_HZ / 2,
            math.inf,
            "definition",
            f"Corner ({_CORNER_DB:g} dB down) of the cliff where the long-term spectrum of the "
            f"front channels falls by at least {_CLIFF_DB:g} dB within an eighth of an octave and "
            "stays down, as low-pass filters of lossy codecs and resamplers leave it. NaN where "
            f"there is none from {_LOWEST_HZ / 1000:g} kHz to 94 % of half the sample rate, and "
            "for silence.",
        ),
        Descriptor(
            "bandwidth_cutoff_depth_db",
            "dB",
            "bandwidth",
            0,
            _DEEPEST_DB,
            "definition",
            "The farthest such fall, a cliff or not: from the level that three quarters of the "
            "quarter octave below exceed to the one that nine tenths of the quarter octave above "
            "stay under; 0 for rates below 5 kHz. NaN for silence.",
        ),
        Descriptor(
            "bandwidth_cutoff_slope_db_per_octave",
            "dB/octave",
            "bandwidth",
            0,
            math.inf,
            "definition",
            "Steepness of the cliff, from its corner to 6 dB above its foot. NaN where there is "
            "none.",
        ),
        Descriptor(
            "effective_bandwidth_hz",
            "Hz",
            "bandwidth",
            0,
            math.inf,
            "definition",
            f"Highest frequency where the long-term spectrum is within {_REACH_DB:g} dB of its "
            "strongest 43 Hz. NaN for silence.",
        ),
        Descriptor(
            "energy_above_16khz_db",
            "dB",
            "bandwidth",
            -_DEEPEST_DB,
            0,
            "definition",
            f"Energy above 16 kHz, relative to all, held at -{_DEEPEST_DB:g} dB. NaN for silence "
            "and for rates up to 32 kHz.",
        ),
    )

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        frames = tracks[FrontFrames]
        frequency, segments = frames.long_term()
        total = segments[:, _FIRST_BIN:].sum(axis=1, dtype=np.float64)
        if not total.size or not total.max() > SILENCE:
            return dict.fromkeys((d.name for d in self.descriptors), math.nan)
        # The median of the loud segments: neither a click nor a quiet intro moves it.
        power = np.median(segments[total > _LOUD * total.max()], axis=0).astype(np.float64)
        power[:_FIRST_BIN] = 0
        level = 10 * np.log10(np.maximum(power, 10 ** (-_DEEPEST_DB / 10) * power.max()))
        nyquist = frames.sample_rate / 2
        cliff = _farthest_fall(frequency, level, _FOOT_OF_NYQUIST * nyquist)
        corner_hz, slope = math.nan, math.nan
        if cliff.depth_db >= _CLIFF_DB:
            corner, foot = _corners(level, cliff)
            if frequency[corner] <= _HIGHEST_OF_NYQUIST * nyquist:
                corner_hz = frequency[corner]
                fall_db = max(level[corner] - level[foot], 0)
                slope = fall_db / math.log2(frequency[foot] / corner_hz)
        treble = frequency > _TREBLE_HZ
        return {
            "bandwidth_cutoff_hz": float(corner_hz),
            "bandwidth_cutoff_depth_db": float(cliff.depth_db),
            "bandwidth_cutoff_slope_db_per_octave": float(slope),
            "effective_bandwidth_hz": float(frequency[level >= level.max() - _REACH_DB][-1]),
            "energy_above_16khz_db": _share_db(power[treble].sum(), power.sum())
            if treble.any()
            else math.nan,
        }


def _farthest_fall(frequency: Floats, level: Floats, end_hz: float) -> _Cliff:
    """Look for the farthest fall from one window to the next that is not made good above."""
    half = _BEYOND // 2
    smooth = np.convolve(np.pad(level, half, mode="edge"), np.full(_BEYOND, 1 / _BEYOND), "valid")
    beyond = np.maximum.accumulate(smooth[::-1])[::-1]
    least = level.max() - _REACH_DB
    octaves = math.log2(max(end_hz / _LOWEST_HZ, 1)) - _HALF_GAP
    centres = _LOWEST_HZ * 2 ** (np.arange(0, octaves, 1 / _STEPS_PER_OCTAVE))
    inner, outer = 2**_HALF_GAP, 2 ** (_HALF_GAP + _WINDOW)
    edges = np.stack(
        [centres / outer, centres / inner, centres * inner, np.minimum(centres * outer, end_hz)]
    )
    best = _Cliff(0.0, 0.0, 0, 0)
    for a, b, c, d in np.searchsorted(frequency, edges).T:
        if b - a < 2 or d - c < 2:
            continue
        below, above = np.sort(level[a:b]), np.sort(level[c:d])
        top, foot = below[int(_LOW * (b - a))], above[int(_HIGH * (d - c - 1))]
        even = below[int(_HIGH * (b - a - 1))] - top <= _EVEN_DB
        comes_back = beyond[min(c + half, len(beyond) - 1)] > (top + foot) / 2
        if top - foot > best.depth_db and top >= least and even and not comes_back:
            best = _Cliff(float(top - foot), float(below[(b - a) // 2]), int(a), int(c))
    return best


def _corners(level: Floats, cliff: _Cliff) -> tuple[int, int]:
    """Bins where the fall has begun, and where it is nearly done."""
    # Three bins together, so that one strong or weak partial does not count for a corner.
    smooth = 10 * np.log10(np.convolve(10 ** (level / 10), np.full(3, 1 / 3), "same"))
    high = np.flatnonzero(smooth[cliff.first : cliff.last + 1] >= cliff.top_db - _CORNER_DB)
    corner = cliff.first + int(high[-1]) if high.size else cliff.first
    low = np.flatnonzero(level[corner:] <= cliff.top_db - cliff.depth_db + _CORNER_DB)
    return corner, corner + max(int(low[0]) if low.size else 1, 1)


def _share_db(part: float, whole: float) -> float:
    return 10 * math.log10(max(part / whole, 10 ** (-_DEEPEST_DB / 10)))
