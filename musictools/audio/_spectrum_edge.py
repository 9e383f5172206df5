"""Where the spectrum of a recording ends, if it ends as filters end it.

What instruments leave out fades, and fades elsewhere in every loud moment; a filter bends the
spectrum at one frequency for good, and leaves nothing above. So the spectrum is compared with its
own trend, carried on from below, in the usual moment and in the brightest alike.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Tracks
from musictools.audio._finding import stretches
from musictools.audio._stereo import SILENCE, FrontFrames

Floats = npt.NDArray[np.float64]

#: Segments more than 20 dB below the loudest show the noise of the room or the converter.
_LOUD = 1e-2
_FIRST_BIN = 1
_START_HZ = 1_000.0
#: Telephones end at 3.4 kHz; below, filters are a sound, and no trend can be seen.
_LOWEST_HZ = 3_000.0
_PER_OCTAVE = 48
#: Below half its rate every recording ends.
_HIGHEST_OF_NYQUIST, _END_OF_NYQUIST = 0.94, 0.98
#: The trend: from the third quarter octave below the edge to the one just below it.
_QUARTER = _PER_OCTAVE // 4
_FAR, _NEAR = 3 * _QUARTER, _QUARTER
#: A low quantile: partials stand out of what is between them.
_LOW = 0.25
#: Steeper than strings and pianos fade; what falls faster is not carried on.
_STEEPEST_DB = 36.0
#: The fall is looked for from 1/12 to 3/8 octave above.
_GAP, _REACH, _FEWEST = 4, 18, 3
#: Fall below the trend there. A filter of 36 dB an octave gives 20 dB and more; instruments up to
#: 12 dB, seen in music of many kinds.
FALL_DB, LOW_FALL_DB, LOW_HZ = 16.0, 28.0, 10_000.0
#: What comes above never comes back to so little below the corner, clipped peaks included.
_BACK_DB = 15.0
#: From edge to floor: less is a shelf.
DEPTH_DB = 26.0
#: Within a sixth of an octave above the corner a filter has begun in earnest.
_SOON, _SOON_DB = 8, 11.5
#: Up here cymbals fade by themselves, and what codecs cut they cut sharply.
_HIGH_HZ, _HIGH_SOON_DB = 16_500.0, 16.0
#: Few notes may end anywhere: in fewer segments of 3 s only what is cut off sharply counts.
_FEW, _SHARP_DB = 3, 20.0
#: A recording that fades so fast below the edge has no full band that could be cut, but for a
#: precipice in what is still well heard.
_FADING_DB, _PRECIPICE_DB, _HEARD_DB = 30.0, 30.0, -90.0
#: Foot over corner of an edge so sharp that no trend could be drawn through it.
_SHARP_FOOT = 1.05
#: Power of 43 Hz, re full scale: where lossy codecs begin to leave out what nobody hears; and
#: relative to the strongest.
_FAINT_DB, _FAINT_OF_STRONGEST_DB = -96.5, -86.0
#: Above 20 kHz all is faint, and lossy codecs are rare.
_ULTRASONIC_HZ, _FAINT_ULTRASONIC_DB = 20_000.0, 14.0
_NOTHING_DB = -200.0
_CORNER_DB, _FOOT_DB = 6.0, 40.0
#: Usual and brightest moments, and how many steps their corners may lie apart.
_BRIGHT, _APART = 0.9, 5
#: So far above the floor there is something to fall from; and how far it falls at least.
_SOUNDS_DB, _ALWAYS_DB = 20.0, 6.0


@dataclass(frozen=True)
class Edge:
    """The end of a spectrum.

    Attributes
    ----------
    corner_hz, foot_hz : float
        Where it is 6 dB, and 40 dB (or all but 6 dB of the depth), below its trend.
    fall_db : float
        How far it falls below its trend within three eighths of an octave.
    depth_db : float
        How far in all.
    floor_db : float
        What is left above, in 43 Hz, re full scale.
    """

    corner_hz: float
    foot_hz: float
    fall_db: float
    depth_db: float
    floor_db: float


@dataclass(frozen=True)
class _Spectrum:
    """Levels by bin, and on a grid of equal steps in octaves, in dB re full scale."""

    hz: Floats
    level: Floats
    grid_hz: Floats
    grid: Floats


def loud_segments(tracks: Tracks) -> Floats:
    """Give the power spectra of the loud stretches of 3 s, shape (segments, n); none in silence."""
    _, segments = tracks[FrontFrames].long_term()
    total = segments[:, _FIRST_BIN:].sum(axis=1, dtype=np.float64)
    loudest = total.max(initial=0.0)
    loud: Floats = segments[(total > _LOUD * loudest) & (loudest > SILENCE)].astype(np.float64)
    return loud


def find_edge(tracks: Tracks) -> Edge | None:
    """Look for the lowest edge; None where the spectrum fades, or reaches the top."""
    nyquist = tracks.sample_rate / 2
    hz, _ = tracks[FrontFrames].long_term()
    loud = loud_segments(tracks)
    if not loud.size or nyquist < 2 * _LOWEST_HZ:
        return None
    # A median, so that neither a click nor a quiet intro counts.
    usual = _spectrum(hz, np.median(loud, axis=0), nyquist)
    bright = _spectrum(hz, np.quantile(loud, _BRIGHT, axis=0), nyquist)
    falls = _falls(usual.grid)
    soon_db = _SHARP_DB if len(loud) < _FEW else _SOON_DB
    for start, stop in _runs(falls, usual.grid_hz, _HIGHEST_OF_NYQUIST * nyquist):
        steepest = start + int(falls[start:stop].argmax())
        # A slow bend may come before the edge proper.
        edges = [
            edge
            for place in (start, steepest)
            if (edge := _edge_at(place, float(falls[steepest]), usual, soon_db=soon_db))
            and _stays(place, usual, bright)
            and _always(edge, hz, loud)
        ]
        if edges:
            sharp = edges[-1].foot_hz < _SHARP_FOOT * edges[-1].corner_hz
            return edges[-1] if sharp else edges[0]
    return None


def _spectrum(hz: Floats, power: Floats, nyquist: float) -> _Spectrum:
    level = 10 * np.log10(np.maximum(_smooth(power, 3), 10 ** (_NOTHING_DB / 10)))
    wide = 10 * np.log10(np.maximum(_smooth(power, 5), 10 ** (_NOTHING_DB / 10)))
    octaves = math.log2(_END_OF_NYQUIST * nyquist / _START_HZ)
    grid_hz = _START_HZ * 2 ** np.arange(0, octaves, 1 / _PER_OCTAVE)
    return _Spectrum(hz, level, grid_hz, np.interp(grid_hz, hz, wide))


def _smooth(power: Floats, bins: int) -> Floats:
    """Mean of some bins, so that one strong or weak partial does not count for an edge."""
    padded = np.pad(power, bins // 2, mode="edge")
    smooth: Floats = np.convolve(padded, np.full(bins, 1 / bins), "valid")
    return smooth


def _trend(grid: Floats, at: int) -> tuple[float, float]:
    """Level at the middle of the quarter octave below a place, and slope in dB a step."""
    near = grid[at - _NEAR : at + 1]
    far = grid[at - _FAR : at - _FAR + _QUARTER]
    slope = (near.mean() - far.mean()) / (_FAR - _NEAR)
    return float(np.quantile(near, _LOW)), float(np.clip(slope, -_STEEPEST_DB / _PER_OCTAVE, 0))


def _falls(grid: Floats) -> Floats:
    """How far each place's surroundings above lie below the trend from below, 0 at the ends."""
    falls = np.zeros(grid.size)
    places = np.arange(_FAR, grid.size - _GAP - _FEWEST + 1)
    if not places.size:
        return falls
    near = np.lib.stride_tricks.sliding_window_view(grid, _NEAR + 1)[places - _NEAR]
    sums = np.concatenate(([0.0], np.cumsum(grid)))
    far = (sums[places - _FAR + _QUARTER] - sums[places - _FAR]) / _QUARTER
    slope = np.clip((near.mean(axis=1) - far) / (_FAR - _NEAR), -_STEEPEST_DB / _PER_OCTAVE, 0)
    first, end = places + _GAP, np.minimum(places + _REACH + 1, grid.size)
    above = (sums[end] - sums[first]) / (end - first)
    steps = (first + end - 1) / 2 - places + _NEAR / 2
    falls[places] = np.quantile(near, _LOW, axis=1) + slope * steps - above
    return falls


def _runs(falls: Floats, grid_hz: Floats, highest_hz: float) -> list[tuple[int, int]]:
    """Places, from low to high, where the fall begins to be far enough, and where it ends."""
    least = np.where(grid_hz < LOW_HZ, LOW_FALL_DB, FALL_DB)
    return stretches((falls >= least) & (grid_hz >= _LOWEST_HZ) & (grid_hz <= highest_hz))


def _edge_at(start: int, fall_db: float, usual: _Spectrum, *, soon_db: float) -> Edge | None:
    """Measure the edge above the place where a fall begins; None if it is faint or shallow."""
    grid, corner = usual.grid, _corner(start, usual.grid)
    level, slope = _trend(grid, corner - 1)
    strongest = float(usual.level[_FIRST_BIN:].max())
    least = max(_FAINT_DB, strongest + _FAINT_OF_STRONGEST_DB)
    if level < least - _FAINT_ULTRASONIC_DB * (usual.grid_hz[corner] > _ULTRASONIC_HZ):
        return None
    last = min(corner + _PER_OCTAVE, grid.size - 1)
    drops = _drops(grid, corner - 1, last)[2:]
    depth = float(drops.max())
    soon = float(drops[min(_SOON, drops.size - 1)])
    if usual.grid_hz[corner] > _HIGH_HZ:
        soon_db = max(soon_db, _HIGH_SOON_DB)
    fades = slope * _PER_OCTAVE < -_FADING_DB and (soon < _PRECIPICE_DB or level < _HEARD_DB)
    if depth < DEPTH_DB or soon < soon_db or fades:
        return None
    place = np.log2(np.maximum(usual.hz, 1) / _START_HZ) * _PER_OCTAVE
    fine = level + slope * (place - (corner - 1) + _NEAR / 2) - usual.level
    within = (place >= corner - 2) & (place <= last)
    hz, fine = usual.hz[within], fine[within]
    if not hz.size:
        return None
    corner_hz = _crossing(hz, fine, _CORNER_DB, usual.grid_hz[corner])
    foot_hz = _crossing(hz, fine, min(_FOOT_DB, depth - _CORNER_DB), usual.grid_hz[last])
    foot_hz = max(foot_hz, corner_hz)
    above = usual.level[(usual.hz >= foot_hz) & (usual.hz <= usual.grid_hz[-1])]
    floor = float(np.median(above)) if above.size else level - depth
    return Edge(corner_hz, foot_hz, fall_db, depth, floor)


def _drops(grid: Floats, at: int, last: int) -> Floats:
    """How far each place from ``at - 1`` to ``last`` lies below the trend that ends at ``at``."""
    level, slope = _trend(grid, at)
    steps = np.arange(-1, last - at + 1) + _NEAR / 2
    drops: Floats = level + slope * steps - grid[at - 1 : last + 1]
    return drops


def _crossing(hz: Floats, drops: Floats, least_db: float, otherwise: float) -> float:
    """Where drops first reach a depth, between bins."""
    there = drops >= least_db
    at = int(there.argmax())
    if not there[at]:
        return float(otherwise)
    if at == 0:
        return float(hz[0])
    share = (least_db - drops[at - 1]) / (drops[at] - drops[at - 1])
    return float(hz[at - 1] + share * (hz[at] - hz[at - 1]))


def _corner(start: int, grid: Floats) -> int:
    """Give the first place above the last that is still near the trend."""
    drops = _drops(grid, start, min(start + _REACH, grid.size - 1))
    near = np.flatnonzero(drops < _CORNER_DB / 2)
    return min(start + (int(near[-1]) if near.size else 0), grid.size - 2)


def _stays(start: int, usual: _Spectrum, bright: _Spectrum) -> bool:
    """Tell whether the brightest moments end at the same frequency, for good."""
    grid, corner = bright.grid, _corner(start, bright.grid)
    apart = abs(corner - _corner(start, usual.grid))
    level, _ = _trend(grid, corner - 1)
    beyond = float(grid[min(corner + _REACH, grid.size - 1) :].max())
    return apart <= _APART and level - beyond >= _BACK_DB


def _always(edge: Edge, hz: Floats, loud: Floats) -> bool:
    """Tell whether nearly all loud moments fall there, if they have anything to fall from."""
    below, above = edge.corner_hz * 2.0 ** np.array([[-0.2, -0.04], [0.13, 0.2]])
    first, last = np.searchsorted(hz, [below, above]).T
    if last[1] - first[1] < 1 or last[0] - first[0] < 1:
        return True
    level, rest = (
        10 * np.log10(loud[:, a:b].mean(axis=1) + 10 ** (_NOTHING_DB / 10))
        for a, b in zip(first, last, strict=True)
    )
    sounds = level > edge.floor_db + _SOUNDS_DB
    falls = level[sounds] - rest[sounds]
    return not falls.size or float(np.quantile(falls, 1 - _BRIGHT)) >= _ALWAYS_DB
