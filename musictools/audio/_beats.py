"""Beats: when listeners tap.

A chain of onsets at the tempo is found by dynamic programming (``_beat_chain``), and moved to the
part of the beat that is most like one (``_beat_phases``). At last every beat is drawn to the onset
nearest to it, as far as its neighbours allow.
"""

from dataclasses import replace

import numpy as np

from musictools.audio._beat_chain import (
    LEAST_BEATS,
    LEAST_MEAN,
    Chain,
    even_chain,
    even_out,
    find_chain,
)
from musictools.audio._beat_phases import (
    follow_phase,
    profile_phases,
    score_phases,
)
from musictools.audio._descriptor import Tracks
from musictools.audio._fold import Curves, Floats, lead_of, read_curves
from musictools.audio._harmony import read_harmony
from musictools.audio._onsets import RATE_HZ, OnsetTrack
from musictools.audio._peaks import PeakTrack
from musictools.audio._periodicity import FASTEST_BPM, SLOWEST_BPM
from musictools.audio._pulse import find_pulse
from musictools.audio._recording import Source
from musictools.audio._stream import hear
from musictools.audio._tempo_curve import TempoCurve, trace_tempo

# How far a beat is drawn to an onset, in seconds and as a share of the period.
_DRAWN_S, _DRAWN_PART = 0.035, 0.08
# Beats are as even as their tempo is.
_STIFF, _LOOSE = 4.0, 0.5
# ... and beats without any onset stay where the chain was.
_FAITH = 1e-3
# Beats before the first and after the last that has an onset of this share of the usual.
_QUIET = 0.1
# The tempo of beats must be that of the curve.
_SAME_TEMPO = 0.04


def beats(source: Source, *, sample_rate: int | None = None) -> Floats:
    """Find the beats of a recording.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Seconds, rising, within the recording. Empty under 2 s and where nothing repeats.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate.

    Notes
    -----
    Beats follow the tempo curve, go on through breaks, and end with the last onset. A beat that
    has an onset stands on it within some 5 ms; others lie where their neighbours leave them.

    References
    ----------
    D. Ellis, Beat tracking by dynamic programming, JNMR 36(1), 2007.

    Examples
    --------
    >>> import numpy as np
    >>> import musictools as mt
    >>> clicks = np.zeros(44_100 * 10)
    >>> clicks[:: 44_100 // 2] = 1.0
    >>> mt.audio.beats(clicks, sample_rate=44_100)[:4].round(1).tolist()
    [0.0, 0.5, 1.0, 1.5]
    """
    tracks = hear(source, [OnsetTrack, PeakTrack], sample_rate=sample_rate)
    return tracks.once(find_beats).copy()


def find_beats(tracks: Tracks) -> Floats:
    """Conclude the beats in seconds, shape (n,), not to be written to; for ``Tracks.once``."""
    chain = tracks.once(find_chain)
    if chain.times_s.size < LEAST_BEATS:
        return np.empty(0)
    onsets = tracks[OnsetTrack]
    harmony = read_harmony(tracks[PeakTrack])
    return place_beats(onsets.curves(), onsets.bands(), harmony, chain=chain)


def settle_tempo(tracks: Tracks) -> tuple[tuple[float, float], ...]:
    """Conclude the tempo: candidates as of ``Pulse``, of a drifting tempo its median over beats.

    All candidates move together, as they are levels of one pulse. For ``Tracks.once``.
    """
    candidates = tracks.once(find_pulse).candidates
    if not candidates:
        return ()
    bpm, curve = candidates[0][0], tracks.once(trace_tempo)
    steady = tracks.once(find_chain).steady
    usual = curve.median_bpm if steady else usual_bpm(tracks.once(find_beats), curve)
    moved = usual / bpm
    return tuple((min(max(other * moved, SLOWEST_BPM), FASTEST_BPM), p) for other, p in candidates)


def settle_curve(tracks: Tracks) -> TempoCurve:
    """Conclude the course of the tempo: from beat to beat where windows level out what it does.

    For ``Tracks.once``.
    """
    curve = tracks.once(trace_tempo)
    beats_s = tracks.once(find_beats)
    if not curve.steady or tracks.once(find_chain).steady or beats_s.size <= LEAST_BEATS:
        return curve
    bpm = np.clip(60 / np.diff(beats_s), SLOWEST_BPM, FASTEST_BPM)
    return replace(curve, times_s=(beats_s[1:] + beats_s[:-1]) / 2, bpm=bpm, steady=False)


def usual_bpm(beats_s: Floats, curve: TempoCurve) -> float:
    """Give the median tempo of beats.

    Windows of seconds level out what a phrase does; and beats are counted by number, not by time.
    Where both disagree, the median of the curve, which hears longer stretches.
    """
    if beats_s.size > LEAST_BEATS:
        bpm = float(60 / np.median(np.diff(beats_s)))
        if abs(bpm / curve.median_bpm - 1) < _SAME_TEMPO:
            return bpm
    return curve.median_bpm


def place_beats(
    curves: Curves,
    bands: Curves,
    harmony: tuple[Floats, Floats],
    *,
    chain: Chain,
) -> Floats:
    """Place beats by a chain of onsets.

    Parameters
    ----------
    curves : numpy.ndarray, shape (4, frames)
        Onset curves.
    bands : numpy.ndarray, shape (frames, 6)
        Power of the bands of the onset track.
    harmony : tuple of numpy.ndarray, shapes (frames, 12)
        As of ``read_harmony``.
    chain : Chain
        Of ``LEAST_BEATS`` and more.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Seconds, rising.
    """
    even = even_chain(chain.times_s, steady=chain.steady)
    phase = follow_phase(score_phases(profile_phases(curves, bands, harmony, even)))
    return _settle(curves, bands, _moved(even, phase), _STIFF if chain.steady else _LOOSE)


def _moved(chain: Floats, shift: Floats) -> Floats:
    """Move beats by parts of a beat, and go on at both ends, for the move may make room there."""
    place = np.arange(chain.size) + np.append(shift, shift[-1])
    around = np.concatenate((place[0] - [2, 1], place, place[-1] + [1, 2]))
    first, last = chain[1] - chain[0], chain[-1] - chain[-2]
    before, after = chain[0] - first * np.arange(4, 0, -1), chain[-1] + last * np.arange(1, 5)
    longer = np.concatenate((before, chain, after))
    moved: Floats = np.interp(around, np.arange(-4, chain.size + 4), longer)
    return moved


def _settle(curves: Curves, bands: Curves, beats_s: Floats, stiffness: float) -> Floats:
    """Draw beats to the onsets near them, and leave out those before and after the music."""
    steps = np.arange(-8, 9) / 8
    reach = np.minimum(_DRAWN_S, _DRAWN_PART * np.gradient(beats_s))
    tried = beats_s[:, None] + reach[:, None] * steps
    height = read_curves(curves[3:], tried.ravel()).reshape(tried.shape)
    place, peak = _summits(height)
    weight = np.minimum(peak / max(float(np.median(peak)), LEAST_MEAN), 2.0)
    drawn = (weight > 0) & np.isfinite(place)
    onset_s = np.where(drawn, beats_s + reach * place, beats_s)
    even = even_out(onset_s, np.where(drawn, weight, 0.0) + _FAITH, stiffness)
    even += lead_of(bands, even[weight > _QUIET]) if (weight > _QUIET).any() else 0.0
    last_s = (curves.shape[1] - 1) / RATE_HZ
    used = np.flatnonzero((weight > _QUIET) & (even > -reach) & (even < last_s))
    if not used.size:
        return np.empty(0)
    kept: Floats = np.clip(even[used[0] : used[-1] + 1], 0.0, last_s)
    rising: Floats = kept[np.append(True, np.diff(kept) > 0)]
    return rising


def _summits(height: Floats) -> tuple[Floats, Floats]:
    """Place (from -1 to 1) and height of the largest of each row.

    One at an end belongs to something else: NaN, and the height of the middle.
    """
    at = np.argmax(height, axis=1)
    inner = np.clip(at, 1, height.shape[1] - 2)
    rows = np.arange(len(height))
    left, middle, right = (height[rows, inner + d] for d in (-1, 0, 1))
    curvature = left - 2 * middle + right
    part = np.divide(0.5 * (left - right), curvature, out=np.zeros_like(left), where=curvature < 0)
    half = (height.shape[1] - 1) / 2
    place = (inner + np.clip(part, -0.5, 0.5) - half) / half
    edge = at != inner
    return np.where(edge, np.nan, place), np.where(edge, height[:, int(half)], middle)
