"""Where one recording lies in another: offset, speed, polarity, and whether it is the same at all.

Cross-correlation of whitened signals (C. Knapp, G. Carter, "The generalized correlation method for
estimation of time delay", IEEE Trans. ASSP 24(4), 1976): masters of one song differ in spectrum
and in level, and much less in phase.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block
from musictools.audio._envelope_match import match_envelopes
from musictools.audio._third_octaves import Decimator

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: Rate of the coarse search: enough treble for a sharp peak.
_COARSE_HZ = 5_500
_FROM_HZ = 60.0
# Equalisers turn phases as much as this; a master that was moved by a part of a sample went
# through a converter.
_SNAP = 0.3
# Peaks of noise over its own RMS stay below 6 for a million lags.
_CLEAR = 14.0
_WINDOWS, _WINDOW_S, _SEARCH_S = 24, 4.0, 0.5
_LOCAL_CLEAR = 7.0
#: Windows lie on the line if they miss it by less; a second and third look are stricter.
_AGREES_S = (0.01, 0.002, 0.001)
# Windows that must agree before their line is believed.
_LEAST_WINDOWS = 3
# Less than this, and less than so many samples from end to end, is no drift that can be told.
_LEAST_PPM, _LEAST_SAMPLES = 1.0, 0.5
_FINE_WINDOWS, _FINE_SIZE = 8, 1 << 16
_FINE_HZ = (300.0, 8_000.0)
_COHERENCE_SIZE = 1024
_PIECES, _PIECE_FRAMES = 8, 24
_COHERENCE_HZ = (80.0, 2_000.0)


@dataclass(frozen=True)
class Alignment:
    """How a second recording lies beside a first.

    Attributes
    ----------
    offset : float
        Samples by which the second lags behind the first, at its start and at the first's speed.
    speed : float
        Seconds of the second for each second of the first.
    inverted : bool
        Whether the second has opposite polarity.
    agreement : float
        Share of windows of 4 s that lie where these numbers say, 0 to 1.
    coherence : float
        How much of the second is a filtered copy of the first, 80 to 2000 Hz, 0 to 1.
    """

    offset: float
    speed: float
    inverted: bool
    agreement: float
    coherence: float

    @property
    def drift_ppm(self) -> float:
        """Millionths by which the second is slower."""
        return (self.speed - 1) * 1e6


def align(first: Block, second: Block, sample_rate: int) -> Alignment | None:
    """Find the second recording in the first.

    Parameters
    ----------
    first, second : numpy.ndarray, shape (n,)
        Mono mixes at one rate.
    sample_rate : int
        In Hz.

    Returns
    -------
    Alignment or None
        None where nothing lies together anywhere.
    """
    factor = max(1, sample_rate // _COARSE_HZ)
    rate_hz = sample_rate / factor
    a, b = (_decimated(samples, factor) for samples in (first, second))
    lag, clear = _whole(a, b, rate_hz)
    found = Alignment(float(lag), 1.0, inverted=False, agreement=0.0, coherence=0.0)
    if clear < _CLEAR:
        matched = match_envelopes(a, b, rate_hz)
        if matched is None:
            return None
        found = replace(found, offset=matched[0] * rate_hz, speed=matched[1])
    for agrees_s in _AGREES_S:
        found = _follow(a, at_speed(b, found.speed), found, rate_hz, agrees_s=agrees_s)
    drifts = abs(found.speed - 1) * a.size >= _LEAST_SAMPLES
    if abs(found.drift_ppm) < _LEAST_PPM or not drifts:
        found = _follow(a, b, replace(found, speed=1.0), rate_hz, steady=True)
    coherence = _coherence(a, at_speed(b, found.speed), round(found.offset), rate_hz)
    return replace(found, offset=found.offset * factor, coherence=coherence)


def refine(
    first: Block, second: Block, sample_rate: int, coarse: Alignment, *, steady: bool
) -> Alignment:
    """Give the offset to a fraction of a sample, and the polarity.

    Parameters
    ----------
    first, second : numpy.ndarray, shape (n,)
        Mono mixes at one rate and one speed.
    sample_rate : int
        In Hz.
    coarse : Alignment
        Of :func:`align`.
    steady : bool
        Both were made at this rate and speed: offsets are whole samples unless they clearly are
        not.
    """
    lag = round(coarse.offset)
    start, stop = overlap(first.size, second.size, lag)
    size = min(_FINE_SIZE, stop - start)
    cross = np.zeros(size // 2 + 1, np.complex128)
    for place in _places(start, stop - size, _FINE_WINDOWS):
        cross += _whitened(first[place : place + size], second[place + lag : place + lag + size])
    band_hz = np.arange(cross.size) * sample_rate / size
    within = (band_hz >= _FINE_HZ[0]) & (band_hz <= min(_FINE_HZ[1], 0.4 * sample_rate))
    cross[~within] = 0
    from scipy.fft import irfft

    reach = min(size // 2 - 1, 4 * max(1, sample_rate // _COARSE_HZ))
    near = np.roll(irfft(cross, size), reach)[: 2 * reach + 1]
    best = int(np.argmax(np.abs(near)))
    whole, inverted = best - reach, bool(near[best] < 0)
    fraction = _fraction(cross, whole, size)
    if steady and abs(fraction) < _SNAP:
        fraction = 0.0
    return replace(coarse, offset=lag + whole + fraction, inverted=inverted)


def _fraction(cross: npt.NDArray[np.complex128], whole: int, size: int) -> float:
    """Find the top of the correlation within a sample, read at each hundredth."""
    used = np.flatnonzero(cross)[::4]
    angle = 2j * np.pi * used / size
    turned = cross[used] * np.exp(angle * whole)
    steps = np.arange(-60, 61) / 100
    height = np.abs((np.exp(np.outer(steps, angle)) @ turned).real)
    return float(steps[int(np.argmax(height))])


def overlap(first: int, second: int, lag: int) -> tuple[int, int]:
    """Give start and stop, in samples of the first, of what both have."""
    start = max(0, -lag)
    return start, max(start, min(first, second - lag))


def at_speed(samples: Block, speed: float) -> Block:
    """Bring samples of shape (n,) or (channels, n) to the speed of the first recording."""
    if speed == 1:
        return samples
    import soxr

    resampled = soxr.resample(samples.T, speed, 1.0, quality="HQ").T
    return np.ascontiguousarray(resampled, dtype=np.float32)


def _decimated(samples: Block, factor: int) -> Block:
    decimator = Decimator(factor)
    return np.concatenate((decimator.push(samples), decimator.push(samples[:0], last=True)))


def _whole(a: Block, b: Block, rate_hz: float) -> tuple[int, float]:
    """Lag of b behind a, and its peak over the RMS of the correlation."""
    from scipy.fft import irfft, next_fast_len, rfft

    size = next_fast_len(a.size + b.size, real=True)
    cross = np.conj(rfft(a, size)) * rfft(b, size)
    correlation = irfft(_white(cross, rate_hz / size), size)
    best = int(np.argmax(np.abs(correlation)))
    clear = float(abs(correlation[best]) / max(float(np.sqrt(np.mean(correlation**2))), 1e-20))
    return best - size if best > b.size else best, clear


def _white(
    cross: npt.NDArray[np.complexfloating], bin_hz: float
) -> npt.NDArray[np.complexfloating]:
    """Keep the phase of a cross spectrum, of what is more than rumble and rounding."""
    size = np.abs(cross)
    white: npt.NDArray[np.complexfloating] = cross / np.maximum(
        size, 1e-9 * max(float(size.max()), 1e-20)
    )
    white[: int(_FROM_HZ / bin_hz)] = 0
    return white


def _whitened(a: Block, b: Block) -> npt.NDArray[np.complex128]:
    from scipy.fft import rfft

    window = np.hanning(a.size + 2)[1:-1].astype(np.float32)
    cross = (np.conj(rfft(a * window)) * rfft(b * window)).astype(np.complex128)
    size = np.abs(cross)
    white: npt.NDArray[np.complex128] = cross / np.maximum(
        size, 1e-9 * max(float(size.max()), 1e-20)
    )
    return white


def _places(start: int, stop: int, most: int) -> list[int]:
    count = int(min(most, max(1, stop - start + 1)))
    return [int(p) for p in np.linspace(start, max(start, stop), count)]


def _follow(
    a: Block,
    b: Block,
    found: Alignment,
    rate_hz: float,
    *,
    agrees_s: float = _AGREES_S[-1],
    steady: bool = False,
) -> Alignment:
    """Find where windows all over the recording lie, and lay a line through them."""
    lag = round(found.offset)
    start, stop = overlap(a.size, b.size, lag)
    size, reach = round(_WINDOW_S * rate_hz), round(_SEARCH_S * rate_hz)
    size = min(size, stop - start)
    if size < _COHERENCE_SIZE:
        return replace(found, agreement=0.0)
    places = _places(start, stop - size, _WINDOWS)
    local = [_local(a[p : p + size], b, p + lag, reach, rate_hz) for p in places]
    centre = np.array(places) + size / 2
    shift, clear = np.array(local).T
    sure = clear >= _LOCAL_CLEAR
    if sure.sum() < min(_LEAST_WINDOWS, len(places)):
        return replace(found, agreement=0.0)
    slope = 0.0 if steady else _slope(centre[sure], shift[sure])
    base = float(np.median((shift - slope * centre)[sure]))
    agrees = sure & (np.abs(shift - slope * centre - base) <= agrees_s * rate_hz)
    if not steady and agrees.sum() > 2:
        slope, base = np.polyfit(centre[agrees], shift[agrees], 1)
    speed = found.speed * (1 + float(slope))
    # The second at the new speed: every lag is counted in its new samples.
    offset = (lag + base) / (1 + float(slope))
    return replace(found, offset=offset, speed=speed, agreement=float(np.mean(agrees)))


def _slope(x: Floats, y: Floats) -> float:
    """Median of the slopes of all pairs: outliers do not move it."""
    i, j = np.triu_indices(x.size, 1)
    apart = x[j] != x[i]
    if not apart.any():
        return 0.0
    return float(np.median((y[j] - y[i])[apart] / (x[j] - x[i])[apart]))


def _local(window: Block, b: Block, place: int, reach: int, rate_hz: float) -> tuple[float, float]:
    """Lag of b behind a window beyond what was expected, in samples, and how clear it is."""
    from scipy.fft import irfft, next_fast_len, rfft

    low, high = max(0, place - reach), min(b.size, place + window.size + reach)
    piece = b[low:high]
    size = next_fast_len(piece.size + window.size, real=True)
    cross = np.conj(rfft(window, size)) * rfft(piece, size)
    correlation = irfft(_white(cross, rate_hz / size), size)
    scale = max(float(np.sqrt(np.mean(correlation**2))), 1e-20)
    lags = np.arange(-reach, reach + 1) + place - low
    height = np.abs(correlation[lags % size])
    best = int(np.argmax(height))
    top = 0.0
    if 0 < best < height.size - 1:
        left, middle, right = height[best - 1 : best + 2]
        bend = left - 2 * middle + right
        top = float(0.5 * (left - right) / bend) if bend < 0 else 0.0
    return best - reach + top, float(height[best]) / scale


def _coherence(a: Block, b: Block, lag: int, rate_hz: float) -> float:
    """Squared coherence of what both have, mean over bands, of the better pieces of the song.

    Where a part was cut out, what comes before or after it still is the same recording.
    """
    start, stop = overlap(a.size, b.size, lag)
    size = _COHERENCE_SIZE
    frames = (stop - start) // size
    if frames < 2:
        return 0.0
    from scipy.fft import rfft

    window = np.hanning(size).astype(np.float32)
    x, y = (
        rfft(samples[at : at + frames * size].reshape(frames, size) * window, axis=1)
        for samples, at in ((a, start), (b, start + lag))
    )
    pieces = int(np.clip(frames // _PIECE_FRAMES, 1, _PIECES))
    cuts = np.linspace(0, frames, pieces + 1).astype(np.int64)
    edges_hz = np.geomspace(*_COHERENCE_HZ, 13)
    bins = np.unique(np.ceil(edges_hz * size / rate_hz).astype(np.int64))
    found = [_piece_coherence(x[i:j], y[i:j], bins) for i, j in pairwise(cuts)]
    return float(np.quantile(found, 0.75))


def _piece_coherence(
    x: npt.NDArray[np.complexfloating], y: npt.NDArray[np.complexfloating], bins: Integers
) -> float:
    both = np.abs((np.conj(x) * y).sum(axis=0)) ** 2
    own = (np.abs(x) ** 2).sum(axis=0) * (np.abs(y) ** 2).sum(axis=0)
    squared = both / np.maximum(own, 1e-30)
    bands = [squared[low:high].mean() for low, high in pairwise(bins)]
    # So many frames agree by chance.
    chance = 1 / len(x)
    return float(np.clip((math.fsum(bands) / len(bands) - chance) / (1 - chance), 0, 1))
