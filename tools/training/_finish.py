"""What happens to a mix on its way to a listener: tone, room, glue, width, codecs, noise."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import signal

Sound = npt.NDArray[np.float32]
HOP = 64


@dataclass(frozen=True)
class Treatment:
    """What was done, for the truth.

    Attributes
    ----------
    peak_dbfs : float
        Sample peak at the end.
    lowpass_hz : float
        Corner of a codec's low-pass; 0 for none.
    mono : bool
        Whether both channels are the same.
    noise_dbfs : float
        Level of an added noise floor; minus infinity for none.
    """

    peak_dbfs: float
    lowpass_hz: float
    mono: bool
    noise_dbfs: float


def finish(mix: Sound, sample_rate: int, *, rng: np.random.Generator) -> tuple[Sound, Treatment]:
    """Finish a mix at random.

    Parameters
    ----------
    mix : numpy.ndarray, shape (2, n), float32
        At any level.
    sample_rate : int
        In Hz.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    numpy.ndarray, shape (2, n), float32
        Peaks within full scale.
    Treatment
        What was done.
    """
    out = mix / np.float32(np.abs(mix).max() + 1e-9)
    if rng.random() < 0.4:
        out = _add_room(out, sample_rate, reverb_s=float(rng.uniform(0.4, 2.2)),
                        wet=float(rng.uniform(0.05, 0.35)), rng=rng)  # fmt: skip
    lowpass_hz = float(rng.uniform(7_000, 16_000)) if rng.random() < 0.35 else 0.0
    tilt_db = float(rng.normal(0.0, 1.2))
    bumps = [(float(np.exp(rng.uniform(np.log(80), np.log(8_000)))), float(rng.normal(0.0, 3.0)))
             for _ in range(3)]  # fmt: skip
    out = _equalise(out, sample_rate, tilt_db=tilt_db, bumps=bumps, lowpass_hz=lowpass_hz)
    if rng.random() < 0.6:
        out = _squeeze(out, sample_rate, threshold_db=float(rng.uniform(-24, -8)),
                       ratio=float(rng.uniform(1.5, 5.0)))  # fmt: skip
    out /= np.float32(np.abs(out).max() + 1e-9)
    if rng.random() < 0.35:
        drive = np.float32(rng.uniform(1.2, 3.5))
        out = np.tanh(drive * out) / np.tanh(drive)
    mono = bool(rng.random() < 0.15)
    if mono:
        out = np.repeat(out.mean(axis=0, keepdims=True), 2, axis=0)
    peak_dbfs = float(rng.uniform(-12.0, -0.1))
    out *= np.float32(10 ** (peak_dbfs / 20) / (np.abs(out).max() + 1e-9))
    noise_dbfs = float(rng.uniform(-75.0, -48.0)) if rng.random() < 0.25 else -np.inf
    if np.isfinite(noise_dbfs):
        hiss = rng.standard_normal(out.shape).astype(np.float32)
        out += np.float32(10 ** (noise_dbfs / 20)) * hiss
        out /= np.float32(max(1.0, np.abs(out).max()))
    return out.astype(np.float32), Treatment(peak_dbfs, lowpass_hz, mono, noise_dbfs)


def _add_room(
    mix: Sound, sample_rate: int, *, reverb_s: float, wet: float, rng: np.random.Generator
) -> Sound:
    n = int(reverb_s * sample_rate)
    fall = 10 ** (-3.0 * np.arange(n) / n)
    out = mix.copy()
    for row in range(2):
        tail = rng.standard_normal(n) * fall
        tail = signal.lfilter([0.35], [1.0, -0.65], tail)
        tail *= wet / np.sqrt((tail**2).sum())
        out[row] += signal.oaconvolve(mix[row], tail.astype(np.float32))[: mix.shape[1]]
    return out


def _equalise(
    mix: Sound, sample_rate: int, *, tilt_db: float, bumps: list[tuple[float, float]],
    lowpass_hz: float,
) -> Sound:  # fmt: skip
    """Tilt (in dB per octave about 1 kHz) and bend the spectrum with one short linear filter."""
    hz = np.concatenate([[0.0], np.geomspace(20.0, sample_rate / 2, 200)])
    octaves = np.log2(np.maximum(hz, 20.0) / 1_000.0)
    gain_db = tilt_db * np.clip(octaves, -4.0, 4.0)
    for centre_hz, bump_db in bumps:
        gain_db += bump_db * np.exp(-0.5 * ((octaves - np.log2(centre_hz / 1_000.0)) / 0.7) ** 2)
    if lowpass_hz:
        gain_db -= 60.0 * np.clip((hz - lowpass_hz) / (0.06 * lowpass_hz), 0.0, 1.0)
    taps = signal.firwin2(513, hz, 10 ** (gain_db / 20), fs=sample_rate).astype(np.float32)
    return np.stack([signal.oaconvolve(row, taps, mode="same") for row in mix]).astype(np.float32)


def _squeeze(mix: Sound, sample_rate: int, *, threshold_db: float, ratio: float) -> Sound:
    """Compress by the peak of both channels in hops, with a 150 ms release in decibels."""
    count = -(-mix.shape[1] // HOP)
    padded = np.pad(np.abs(mix).max(axis=0), (0, count * HOP - mix.shape[1]))
    level_db = 20 * np.log10(padded.reshape(count, HOP).max(axis=1) + 1e-6)
    over = np.maximum(level_db - threshold_db, 0.0) * (1.0 / ratio - 1.0)
    pole = float(np.exp(-HOP / (0.15 * sample_rate)))
    smooth = signal.lfilter([1.0 - pole], [1.0, -pole], over)
    gain = np.interp(np.arange(mix.shape[1]), HOP * np.arange(count), 10 ** (smooth / 20))
    return mix * gain.astype(np.float32)
