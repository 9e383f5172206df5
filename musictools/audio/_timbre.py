"""Timbre: the shape of the spectrum, frame by frame, as mean and spread over the recording."""

import math
from collections.abc import Mapping
from functools import cache
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Descriptor, Spectrum, Tracks, Value

Floats = npt.NDArray[np.float64]

_SPECTRUM = Spectrum(rate_hz=44_100, size=2048, hop=1024)
_ROLLOFF = 0.85
_MEL_BANDS, _MEL_TOP_HZ, _MFCC = 40, 11_025.0, 13
# Mean power of a frame whose samples lie at -100 dBFS: what is below is dither or silence.
_SILENCE = 1e-10 * _SPECTRUM.size * 3 / 8

_SHAPES = (
    ("spectral_centroid", "hz", "Hz", 0, 22_050, "Centre of gravity of the magnitude spectrum"),
    ("spectral_spread", "hz", "Hz", 0, 22_050, "Standard deviation of the spectrum about it"),
    ("spectral_skewness", "", "1", -math.inf, math.inf, "Third standardised moment about it"),
    ("spectral_kurtosis", "", "1", 1, math.inf, "Fourth standardised moment (3 for a Gaussian)"),
    ("spectral_rolloff", "hz", "Hz", 0, 22_050, "Frequency below which 85 % of the energy lies"),
    ("spectral_flatness", "db", "dB", -math.inf, 0, "Geometric over arithmetic mean of the power"),
)
_STATISTICS = ("mean", "std")


def _name(shape: str, statistic: str, suffix: str) -> str:
    return "_".join(filter(None, (shape, statistic, suffix)))


def _descriptors() -> tuple[Descriptor, ...]:
    source = "G. Peeters, A large set of audio features, IRCAM 2004"
    found = [
        Descriptor(
            _name(shape, statistic, suffix),
            unit,
            "timbre",
            low if statistic == "mean" else 0,
            high if statistic == "mean" else math.inf,
            source,
            f"{meaning}; {statistic} over the frames above -100 dBFS. NaN if there is none.",
        )
        for shape, suffix, unit, low, high, meaning in _SHAPES
        for statistic in _STATISTICS
    ]
    found += [
        Descriptor(
            f"mfcc_{i:02d}_{statistic}_db",
            "dB",
            "timbre",
            -math.inf if statistic == "mean" else 0,
            math.inf,
            "S. Davis, P. Mermelstein, IEEE Trans. ASSP 28(4), 1980; mel scale of M. Slaney, 1998",
            f"Mel-frequency cepstral coefficient {i} of 40 bands up to 11 kHz; {statistic} over "
            "all frames.",
        )
        for i in range(_MFCC)
        for statistic in _STATISTICS
    ]
    return tuple(found)


class TimbreFrames:
    """Shape and cepstrum of every frame."""

    needs = _SPECTRUM

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:  # noqa: ARG002 - the mono mix at one rate needs neither
        self._shapes: list[Floats] = []
        self._mfcc: list[Block] = []

    def update(self, block: Block) -> None:
        """Take a block of power spectra."""
        self._mfcc.append(_cepstrum(block))
        heard = block[block.mean(axis=1) > _SILENCE]
        if len(heard):
            self._shapes.append(_shapes(heard))

    def finish(self) -> Mapping[str, Value]:
        """Give the statistics."""
        shapes = np.concatenate(self._shapes) if self._shapes else np.full((1, 6), math.nan)
        mfcc = np.concatenate(self._mfcc).astype(np.float64)
        values: dict[str, Value] = {}
        for column, (shape, suffix, *_) in zip(shapes.T, _SHAPES, strict=True):
            values[_name(shape, "mean", suffix)] = float(column.mean())
            values[_name(shape, "std", suffix)] = float(column.std())
        for i, column in enumerate(mfcc.T):
            values[f"mfcc_{i:02d}_mean_db"] = float(column.mean())
            values[f"mfcc_{i:02d}_std_db"] = float(column.std())
        return values


class Timbre:
    """Family of timbre."""

    tracks = (TimbreFrames,)
    descriptors: ClassVar[tuple[Descriptor, ...]] = _descriptors()

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        return tracks[TimbreFrames].finish()


def _shapes(power: Block) -> Floats:
    """Centroid, spread, skewness, kurtosis, rolloff and flatness of each frame, shape (n, 6)."""
    magnitude = np.sqrt(power).astype(np.float64)
    top = _SPECTRUM.rate_hz / 2
    # Raw moments by one matrix product, central ones from them: in float64 the cancellation
    # leaves ten digits even for a pure tone.
    raw = magnitude @ _powers(power.shape[1])
    raw /= raw[:, :1]
    m1, m2, m3, m4 = raw[:, 1:].T
    variance = np.maximum(m2 - m1**2, 1e-12)
    third = m3 - 3 * m1 * m2 + 2 * m1**3
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    energy = np.cumsum(power, axis=1, dtype=np.float64)
    rolloff = (energy < _ROLLOFF * energy[:, -1:]).sum(axis=1) / (power.shape[1] - 1)
    floor = np.float32(np.finfo(np.float32).tiny)
    geometric = np.log10(np.maximum(power, floor)).mean(axis=1, dtype=np.float64)
    flatness = 10 * (geometric - np.log10(power.mean(axis=1, dtype=np.float64)))
    return np.stack(
        [
            m1 * top,
            np.sqrt(variance) * top,
            third / variance**1.5,
            fourth / variance**2,
            rolloff * top,
            np.minimum(flatness, 0),
        ],
        axis=1,
    )


@cache
def _powers(bins: int) -> Floats:
    frequency = np.linspace(0, 1, bins)
    return np.stack([frequency**p for p in range(5)], axis=1)


def _cepstrum(power: Block) -> Block:
    """Mel-frequency cepstral coefficients of each frame, in dB, shape (n, 13)."""
    mel = power @ mel_filters(_SPECTRUM.rate_hz, _SPECTRUM.size, _MEL_BANDS, top_hz=_MEL_TOP_HZ).T
    decibel = 10 * np.log10(np.maximum(mel, np.float32(1e-10)))
    cepstrum: Block = decibel @ _cosines()
    return cepstrum


@cache
def _cosines() -> npt.NDArray[np.float32]:
    """Orthonormal discrete cosine transform (type II) of the bands, shape (40, 13)."""
    band, order = np.arange(_MEL_BANDS)[:, None] + 0.5, np.arange(_MFCC)
    cosines = math.sqrt(2 / _MEL_BANDS) * np.cos(np.pi / _MEL_BANDS * band * order)
    cosines[:, 0] /= math.sqrt(2)
    return np.asarray(cosines, dtype=np.float32)


@cache
def mel_filters(
    rate_hz: int, size: int, bands: int, *, bottom_hz: float = 0.0, top_hz: float
) -> npt.NDArray[np.float32]:
    """Triangular filters on Slaney's mel scale, each of unit area, shape (bands, size // 2 + 1).

    The scale is linear to 1 kHz and logarithmic above (M. Slaney, Auditory Toolbox, 1998).
    """
    edges = _from_mel(np.linspace(_to_mel(bottom_hz), _to_mel(top_hz), bands + 2))
    frequency = np.arange(size // 2 + 1) * rate_hz / size
    rising = (frequency - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - frequency) / np.diff(edges)[1:, None]
    area = 2 / (edges[2:] - edges[:-2])
    return (np.maximum(0, np.minimum(rising, falling)) * area[:, None]).astype(np.float32)


_MEL_STEP_HZ, _LOG_START_HZ = 200 / 3, 1000.0
_LOG_START_MEL, _LOG_STEP = _LOG_START_HZ / _MEL_STEP_HZ, math.log(6.4) / 27


def _to_mel(hz: float) -> float:
    if hz < _LOG_START_HZ:
        return hz / _MEL_STEP_HZ
    return _LOG_START_MEL + math.log(hz / _LOG_START_HZ) / _LOG_STEP


def _from_mel(mel: Floats) -> Floats:
    log = _LOG_START_HZ * np.exp(_LOG_STEP * (mel - _LOG_START_MEL))
    return np.where(mel < _LOG_START_MEL, mel * _MEL_STEP_HZ, log)
