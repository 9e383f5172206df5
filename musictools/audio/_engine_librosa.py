"""librosa's features as an engine, for comparison.

Everything in ``librosa.feature`` that describes a whole recording, at its usual 22.05 kHz and hop
of 512 samples, from one shared spectrogram, with the statistics of our own framewise descriptors.
Columns are named ``librosa_`` and then as librosa names them. librosa keeps whole recordings and
spectrograms in memory, so what ``read`` refuses for its length is refused here.
"""

import math
from collections.abc import Mapping
from importlib import metadata

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Descriptor, Value
from musictools.audio._framewise import Measure, Statistics, declare, spread
from musictools.audio._pass import mono_weights
from musictools.audio._recording import Recording
from musictools.audio._stream import AudioFile
from musictools.errors import AudioError

_RATE_HZ, _SIZE, _HOP = 22_050, 2048, 512
_SIZES = {
    "chroma_stft": 12,
    "chroma_cqt": 12,
    "chroma_cens": 12,
    "tonnetz": 6,
    "melspectrogram": 128,
    "mfcc": 20,
    "rms": 1,
    "spectral_centroid": 1,
    "spectral_bandwidth": 1,
    "spectral_contrast": 7,
    "spectral_flatness": 1,
    "spectral_rolloff": 1,
    "poly_features": 2,
    "zero_crossing_rate": 1,
    "onset_strength": 1,
    "tempogram_ratio": 13,
}
_NUMBERS = ("tempo_bpm", "beats_count")
# What the constant-Q transform of seven octaves and the tempogram need to fill a frame.
_LEAST_S = 1.0

Floats = npt.NDArray[np.floating]


class _Librosa:
    """librosa from one shared spectrogram."""

    def version(self) -> str:
        """Name the release of librosa."""
        return f"librosa-{metadata.version('librosa')}"

    def columns(self) -> tuple[Descriptor, ...]:
        """Every statistic of every feature."""
        numbers = tuple(
            Descriptor(
                f"librosa_{name}", unit, "librosa", 0, math.inf, "librosa.beat.beat_track", meaning
            )
            for name, unit, meaning in zip(
                _NUMBERS, ("BPM", "1"), ("Its tempo.", "How many beats."), strict=True
            )
        )
        return numbers + declare(_measures(), "librosa")

    def measure(self, source: Recording | AudioFile) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        import librosa

        samples = _mono(source)
        try:
            frames, tempo, beats = _features(samples)
        except librosa.ParameterError as error:
            raise AudioError(
                "measure a recording with librosa",
                got=str(error),
                expected=f"at least {_LEAST_S:g} s",
                hint='engine="musictools"',
            ) from error
        values: dict[str, Value] = {
            "librosa_tempo_bpm": tempo,
            "librosa_beats_count": float(beats),
        }
        measures = iter(_measures())
        for name, size in _SIZES.items():
            statistics = Statistics(size)
            statistics.update(np.atleast_2d(frames[name]).T)
            mine = [next(measures) for _ in range(size)]
            values.update(spread(mine, statistics.finish()))
        return values


def _measures() -> list[Measure]:
    return [
        Measure(
            f"librosa_{name}" + (f"_{place:03d}" if size > 1 else ""),
            "",
            "1",
            -math.inf,
            math.inf,
            "librosa.feature",
            f"librosa's {name}" + (f"[{place}]" if size > 1 else ""),
        )
        for name, size in _SIZES.items()
        for place in range(size)
    ]


def _mono(source: Recording | AudioFile) -> npt.NDArray[np.float32]:
    import soxr

    from musictools.audio._decode import read

    recording = source if isinstance(source, Recording) else read(source.path)
    mono = mono_weights(recording.layout) @ recording.samples
    samples: npt.NDArray[np.float32] = np.asarray(
        soxr.resample(mono, recording.sample_rate, _RATE_HZ, quality="HQ"), dtype=np.float32
    )
    if samples.size < _LEAST_S * _RATE_HZ:
        raise AudioError(
            "measure a recording with librosa",
            got=f"{recording.duration_s:.2f} s",
            expected=f"at least {_LEAST_S:g} s",
            hint='engine="musictools"',
        )
    return samples


def _features(samples: npt.NDArray[np.float32]) -> tuple[dict[str, Floats], float, int]:
    import librosa
    from librosa import feature

    magnitude = np.abs(librosa.stft(samples, n_fft=_SIZE, hop_length=_HOP))
    power = magnitude**2
    mel = feature.melspectrogram(S=power, sr=_RATE_HZ)
    decibel = librosa.power_to_db(mel)
    constant_q = np.abs(librosa.cqt(samples, sr=_RATE_HZ, hop_length=_HOP))
    chroma_cqt = feature.chroma_cqt(C=constant_q, sr=_RATE_HZ)
    onsets = librosa.onset.onset_strength(S=decibel, sr=_RATE_HZ)
    tempo, beats = librosa.beat.beat_track(onset_envelope=onsets, sr=_RATE_HZ)
    frames = {
        "chroma_stft": feature.chroma_stft(S=power, sr=_RATE_HZ),
        "chroma_cqt": chroma_cqt,
        "chroma_cens": feature.chroma_cens(C=constant_q, sr=_RATE_HZ),
        "tonnetz": feature.tonnetz(chroma=chroma_cqt, sr=_RATE_HZ),
        "melspectrogram": mel,
        "mfcc": feature.mfcc(S=decibel),
        "rms": feature.rms(S=magnitude, frame_length=_SIZE),
        "spectral_centroid": feature.spectral_centroid(S=magnitude, sr=_RATE_HZ),
        "spectral_bandwidth": feature.spectral_bandwidth(S=magnitude, sr=_RATE_HZ),
        "spectral_contrast": feature.spectral_contrast(S=magnitude, sr=_RATE_HZ),
        "spectral_flatness": feature.spectral_flatness(S=magnitude),
        "spectral_rolloff": feature.spectral_rolloff(S=magnitude, sr=_RATE_HZ),
        "poly_features": feature.poly_features(S=magnitude, sr=_RATE_HZ),
        "zero_crossing_rate": feature.zero_crossing_rate(samples),
        "onset_strength": onsets,
        "tempogram_ratio": feature.tempogram_ratio(onset_envelope=onsets, sr=_RATE_HZ),
    }
    return frames, float(np.ravel(tempo)[0]), len(beats)


ENGINE = _Librosa()
