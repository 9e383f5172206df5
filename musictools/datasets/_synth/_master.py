"""Mastering: tone, bus compression, loudness and peak limit of a mix."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import ndimage, signal

from musictools.audio._loudness_sums import LoudnessSums
from musictools.audio._recording import LAYOUTS
from musictools.datasets._synth._voices import SAMPLE_RATE, Sound

#: Sample peak of every master.
CEILING_DBFS = -1.0
#: Half a sample between samples: enough of an interpolator to see most peaks that a converter
#: will make of them.
_AT = np.arange(-7.5, 8.0)
HALFWAY = (np.sinc(_AT) * np.hanning(18)[1:-1]).astype(np.float32)
#: Gains are worked out once per so many samples.
HOP = 64
#: Common slope of popular music above 100 Hz (Pestana et al., "Spectral characteristics of
#: popular commercial recordings 1950-2010", AES 135, 2013).
SLOPE_DB_PER_OCTAVE = -4.5
OCTAVES_HZ = 62.5 * 2.0 ** np.arange(0, 9)

Floats = npt.NDArray[np.float64]


def gated_lufs(samples: Sound, sample_rate: int = SAMPLE_RATE) -> float:
    """Integrated loudness of front channels after ITU-R BS.1770-5, in LUFS.

    Parameters
    ----------
    samples : numpy.ndarray, shape (channels, n), float32
        Full scale is 1.0.
    sample_rate : int
        In Hz.

    Returns
    -------
    float
        Minus infinity if nothing is above -70 LUFS.
    """
    # Under 400 ms there is no block to measure: silence makes one of it.
    short = max(0, 2 * sample_rate // 5 - samples.shape[1])
    padded = np.pad(samples, ((0, 0), (0, short)))
    sums = LoudnessSums(sample_rate, LAYOUTS[padded.shape[0]])
    # Second by second: in double precision a long song would fill a good part of memory.
    for start in range(0, padded.shape[1], sample_rate):
        sums.update(padded[:, start : start + sample_rate])
    found = sums.integrated_lufs()
    return -np.inf if np.isnan(found) else found


def spectrum_db(samples: Sound) -> Floats:
    """Long-term power in octaves about ``OCTAVES_HZ``, in dB per hertz, of the mid signal."""
    mid = samples.mean(axis=0)
    # Every third window is plenty for an average, and saves two thirds of the time.
    size, stride = 8_192, 24_576
    starts = range(0, max(mid.size - size, 1), stride)
    window = np.hanning(size).astype(np.float32)
    power = np.zeros(size // 2 + 1)
    for start in starts:
        frame = mid[start : start + size]
        power += np.abs(np.fft.rfft(frame * window[: frame.size], size)) ** 2
    hz = np.fft.rfftfreq(size, 1.0 / SAMPLE_RATE)
    edges = np.searchsorted(hz, np.append(OCTAVES_HZ / 2**0.5, OCTAVES_HZ[-1] * 2**0.5))
    means = [power[a:b].mean() for a, b in pairwise(edges)]
    return np.asarray(10 * np.log10(np.array(means) + 1e-12), dtype=np.float64)


def match_tone(samples: Sound, tilt_db: float) -> Sound:
    """Bring the long-term spectrum towards the common slope, within 6 dB, and 70 % of the way."""
    octaves = np.log2(OCTAVES_HZ / 125.0)
    # Below 100 Hz records are flat.
    target = (SLOPE_DB_PER_OCTAVE + tilt_db) * np.maximum(octaves, 0.0)
    excess = spectrum_db(samples) - target
    change = np.clip(-0.7 * (excess - np.median(excess)), -6.0, 6.0)
    hz = np.concatenate([[0.0, 20.0, 30.0], OCTAVES_HZ, [SAMPLE_RATE / 2]])
    gain = 10 ** (np.concatenate([[change[0]], change[:1], change[:1], change, change[-1:]]) / 20)
    gain[:2] = 0.0
    taps = signal.firwin2(2_049, hz, gain, fs=SAMPLE_RATE).astype(np.float32)
    return np.stack(
        [np.asarray(signal.oaconvolve(c, taps, mode="same"), dtype=np.float32) for c in samples]
    )


def _spread(gain: Floats, n: int) -> Sound:
    """Interpolate a gain per hop to a gain per sample."""
    steps = (np.arange(HOP, dtype=np.float32) / HOP)[np.newaxis]
    start = gain.astype(np.float32)[:-1, np.newaxis]
    rise = np.diff(gain).astype(np.float32)[:, np.newaxis]
    return np.asarray((start + rise * steps).ravel()[:n])


def _block_peaks(samples: Sound, *, between: bool = False) -> Floats:
    n = samples.shape[1]
    count = -(-n // HOP) + 1
    padded = np.zeros(count * HOP, dtype=np.float32)
    for channel in samples:
        np.maximum(padded[:n], np.abs(channel), out=padded[:n])
        if between:
            halfway = np.convolve(channel, HALFWAY, mode="same")
            np.maximum(padded[:n], np.abs(halfway), out=padded[:n])
    return np.asarray(padded.reshape(count, HOP).max(axis=1), dtype=np.float64)


def compress(samples: Sound, *, threshold_db: float, ratio: float, release_s: float) -> Sound:
    """Glue: gain reduction from the level of both channels, smoothed in decibels."""
    level_db: Floats = 20 * np.log10(_block_peaks(samples) + 1e-6)
    over = np.maximum(level_db - threshold_db, 0.0) * (1.0 / ratio - 1.0)
    pole = np.exp(-HOP / (release_s * SAMPLE_RATE))
    smooth = signal.lfilter([1.0 - pole], [1.0, -pole], over)
    gain = np.asarray(10 ** (smooth / 20), dtype=np.float64)
    return samples * _spread(gain, samples.shape[1])


def limiter_gain(
    samples: Sound,
    ceiling: float,
    *,
    hold_s: float = 0.004,
    release_s: float = 0.06,
    between: bool = False,
) -> Floats:
    """Gain per hop that keeps every sample below a ceiling, looking ahead.

    The lowest gain needed nearby, smoothed by a window no longer than "nearby": so the smooth
    gain is never above what is needed. ``between`` looks at the peaks between samples, too.
    """
    need = np.minimum(1.0, ceiling / np.maximum(_block_peaks(samples, between=between), 1e-9))
    reach = max(1, int(hold_s * SAMPLE_RATE / HOP))
    lowest = ndimage.minimum_filter1d(need, 2 * reach + 3)
    window = np.hanning(2 * reach + 3)[1:-1]
    smooth = ndimage.convolve1d(lowest, window / window.sum(), mode="nearest")
    # A slow release on top, always below: two speeds, as in mastering limiters.
    pole = np.exp(-HOP / (release_s * SAMPLE_RATE))
    slow = signal.lfilter([1.0 - pole], [1.0, -pole], smooth - 1.0) + 1.0
    return np.asarray(np.minimum(smooth, slow))


def limit(samples: Sound, ceiling: float) -> Sound:
    """Keep every sample within a ceiling."""
    gain = limiter_gain(samples, ceiling, between=True)
    return samples * _spread(gain, samples.shape[1])


def master(mix: Sound, *, loudness_lufs: float, tilt_db: float, tail_s: float) -> Sound:
    """Turn a mix into a master.

    Parameters
    ----------
    mix : numpy.ndarray, shape (2, n), float32
        At any level.
    loudness_lufs : float
        Wanted integrated loudness.
    tilt_db : float
        Brightness against the common slope, in dB per octave.
    tail_s : float
        Length of the fade at the end.

    Returns
    -------
    numpy.ndarray, shape (2, n), float32
        Sample peak at or below -1 dBFS; loudness within 0.1 LU, unless limiting cannot reach it.
    """
    out = match_tone(mix, tilt_db)
    power = np.sqrt(np.einsum("ij,ij->i", out, out, dtype=np.float64))
    out *= (power.mean() / (power + 1e-12)).astype(np.float32)[:, np.newaxis]
    fade = int(tail_s * SAMPLE_RATE)
    out[:, -fade:] *= np.cos(np.linspace(0.0, np.pi / 2, fade)).astype(np.float32) ** 2
    out *= np.float32(10 ** ((-18.0 - gated_lufs(out)) / 20))
    out = compress(out, threshold_db=-12.0, ratio=2.0, release_s=0.12)
    return _reach(out, loudness_lufs)


def _reach(samples: Sound, loudness_lufs: float) -> Sound:
    # A tenth of a decibel is kept for the last, exact trim.
    ceiling = 10 ** ((CEILING_DBFS - 0.1) / 20)
    gain_db = loudness_lufs - gated_lufs(samples)
    for _ in range(6):
        loud = samples * np.float32(10 ** (gain_db / 20))
        # Rounded shoulders take the sharpest peaks, so that the limiter has less to do.
        over = np.abs(loud) > 0.7 * ceiling
        loud[over] = _soften(loud[over], ceiling)
        out = limit(loud, ceiling)
        miss = loudness_lufs - gated_lufs(out)
        if abs(miss) < 0.08:
            break
        gain_db += 1.5 * miss if miss > 0.3 else miss
    return out * np.float32(10 ** (np.clip(miss, -0.1, 0.1) / 20))


def _soften(peaks: Sound, ceiling: float) -> Sound:
    knee = 0.7 * ceiling
    span = 1.5 * ceiling - knee
    size = np.abs(peaks) - knee
    return np.asarray(np.sign(peaks) * (knee + span * np.tanh(size / span)), dtype=np.float32)
