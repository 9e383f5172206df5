"""What a codec changed: two versions of one sound, aligned and compared."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._levels import to_db
from musictools.audio._recording import LAYOUTS, Samples
from musictools.audio._true_peak import TruePeaks

Floats = npt.NDArray[np.float64]

# Samples that are looked at to find a delay, and the longest that is looked for.
_LOOK, _REACH = 2**17, 2**13
# Of maxima as good as the largest, as tones have many, the one nearest to what is expected.
_AS_GOOD = 0.999
_FRAME = 4_096
# A tenth of a kilohertz: single bins are noisy.
_SMOOTH = 9
_CUT_DB = 10.0
# What is farther below the loudest bin, or a band below the whole, is nothing that could be lost:
# dither of 16 bits lies there, and the noise of codecs.
_REACH_DB = 80.0
_BANDS_HZ = {
    "loss_below_10khz_db": (0.0, 10_000.0),
    "loss_10_16khz_db": (10_000.0, 16_000.0),
    "loss_above_16khz_db": (16_000.0, math.inf),
}


@dataclass(frozen=True, eq=False)
class Original:
    """What goes into a codec, and what is measured of it once.

    Attributes
    ----------
    samples : numpy.ndarray, shape (channels, n)
        At ``rate_hz``.
    rate_hz : int
        Samples per second.
    true_peak_dbtp : float
        NaN for silence.
    spectrum : numpy.ndarray, shape (bins,)
        Mean power by frequency.
    """

    samples: Samples
    rate_hz: int
    true_peak_dbtp: float
    spectrum: Floats

    @classmethod
    def of(cls, samples: Samples, rate_hz: int) -> "Original":
        """Measure it."""
        return cls(samples, rate_hz, true_peak_dbtp(samples, rate_hz), _spectrum(samples))


def losses(original: Original, decoded: Samples, *, expected_delay: int = 0) -> dict[str, float]:
    """Compare what came out of a codec with what went in.

    Parameters
    ----------
    original : Original
        What went in.
    decoded : numpy.ndarray, shape (channels, m)
        What came out, at the same rate.
    expected_delay : int
        In samples; decides between delays that fit equally well.

    Returns
    -------
    dict
        ``overs``, ``sample_peak_dbfs``, ``true_peak_dbtp``, ``true_peak_rise_db``,
        ``cutoff_hz``, a loss in dB for each of three bands, ``snr_db``, ``delay_ms``.
    """
    delay = find_delay(original.samples, decoded, expected=expected_delay)
    before, after = _overlap(original.samples, decoded, delay)
    peak = true_peak_dbtp(after, original.rate_hz)
    spectrum = _spectrum(after)
    return {
        "overs": float((np.abs(after) > 1).sum()),
        "sample_peak_dbfs": to_db(float(np.abs(after).max(initial=0.0))),
        "true_peak_dbtp": peak,
        "true_peak_rise_db": peak - original.true_peak_dbtp,
        "cutoff_hz": _cutoff_hz(original, spectrum),
        **_by_band(original, spectrum),
        "snr_db": _snr_db(before, after),
        "delay_ms": 1000 * delay / original.rate_hz,
    }


def true_peak_dbtp(samples: Samples, rate_hz: int) -> float:
    """Give the largest value between the samples, too; NaN for silence."""
    if not samples.shape[1]:
        return math.nan
    track = TruePeaks(rate_hz, LAYOUTS[len(samples)])
    track.update(samples)
    return track.true_peak_dbtp()


def find_delay(before: Samples, after: Samples, *, expected: int = 0) -> int:
    """Give by how many samples the second is later than the first, by cross-correlation."""
    from scipy import fft

    energy = np.square(before, dtype=np.float64).sum(axis=0)
    sums = np.add.reduceat(energy, np.arange(0, energy.size, _LOOK))
    start = int(sums.argmax()) * _LOOK
    first = before[:, start : start + _LOOK]
    # Room on both sides, so that every delay is judged on as many samples.
    wide = np.zeros((len(after), first.shape[1] + 2 * _REACH), np.float32)
    begin = max(0, start - _REACH)
    part = after[:, begin : start + first.shape[1] + _REACH]
    wide[:, begin - start + _REACH :][:, : part.shape[1]] = part
    size = fft.next_fast_len(wide.shape[1] + first.shape[1], real=True)
    product = np.conj(fft.rfft(first, size)) * fft.rfft(wide, size)
    fit = fft.irfft(product.sum(axis=0), size)[: 2 * _REACH + 1]
    if not fit.max() > 0:
        return expected
    inner = fit[1:-1]
    tops = (inner >= fit[:-2]) & (inner >= fit[2:]) & (inner >= _AS_GOOD * fit.max())
    lags = np.flatnonzero(tops) + 1 - _REACH
    if not lags.size:
        return expected
    return int(lags[np.abs(lags - expected).argmin()])


def _overlap(before: Samples, after: Samples, delay: int) -> tuple[Samples, Samples]:
    before, after = before[:, max(0, -delay) :], after[:, max(0, delay) :]
    length = min(before.shape[1], after.shape[1])
    return before[:, :length], after[:, :length]


def _snr_db(before: Samples, after: Samples) -> float:
    power = np.square(before, dtype=np.float64).sum()
    noise = np.square(after.astype(np.float64) - before).sum()
    return 10 * math.log10(power / noise) if power > 0 and noise > 0 else math.nan


def _spectrum(samples: Samples) -> Floats:
    """Mean power of half-overlapping Hann frames; a short sound is one frame with zeros."""
    from scipy import fft

    short = _FRAME - samples.shape[1]
    padded = np.pad(samples, ((0, 0), (0, short))) if short > 0 else samples
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME, axis=1)
    frames = frames[:, :: _FRAME // 2]
    window = np.hanning(_FRAME).astype(np.float32)
    total = np.zeros(_FRAME // 2 + 1)
    # Some frames at a time: all at once take eight times the memory of the sound.
    for start in range(0, frames.shape[1], 128):
        part = fft.rfft(frames[:, start : start + 128] * window)
        total += (part.real**2 + part.imag**2).sum(axis=(0, 1), dtype=np.float64)
    spectrum: Floats = total / (frames.shape[0] * frames.shape[1])
    return spectrum


def _cutoff_hz(original: Original, after: Floats) -> float:
    """Give the highest frequency that is kept within 10 dB."""
    weights = np.ones(_SMOOTH) / _SMOOTH
    before, after = (np.convolve(s, weights, "same") for s in (original.spectrum, after))
    alive = before > before.max() * 10 ** (-_REACH_DB / 10)
    kept = np.flatnonzero(alive & (after > before * 10 ** (-_CUT_DB / 10)))
    return float(kept[-1] * original.rate_hz / _FRAME) if kept.size else math.nan


def _by_band(original: Original, after: Floats) -> dict[str, float]:
    before = original.spectrum
    hz = np.arange(before.size) * original.rate_hz / _FRAME
    least = before.sum() * 10 ** (-_REACH_DB / 10)
    values = {}
    for name, (low, high) in _BANDS_HZ.items():
        inside = (hz >= low) & (hz < high)
        there, left = float(before[inside].sum()), float(after[inside].sum())
        lost = 10 * math.log10(there / max(left, least)) if there > max(least, 0.0) else math.nan
        values[name] = lost
    return values
