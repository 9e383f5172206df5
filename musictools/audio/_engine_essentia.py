"""essentia's MusicExtractor as an engine, for comparison.

Its columns are named ``essentia_`` and then as essentia names them, with underscores for dots and
numbers for the places of a vector. Left out: what is no number or key (tags, positions of beats),
the histogram of 250 tempi, and covariance matrices. Its numbers stand as they come, wrong ones
among them: loudness reads low on bass (see benchmarks/).
"""

import contextlib
import importlib
import math
import tempfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from musictools._optional import require
from musictools.audio._descriptor import Descriptor, Value
from musictools.audio._recording import Recording
from musictools.audio._stream import AudioFile
from musictools.errors import AudioError

_STATISTICS = ("mean", "var", "stdev", "median", "min", "max", "dmean", "dmean2", "dvar", "dvar2")
_BAND_SHAPES = ("crest", "flatness_db", "kurtosis", "skewness", "spread")
_SPECTRAL = (
    "centroid", "complexity", "decrease", "energy", "energyband_high", "energyband_low",
    "energyband_middle_high", "energyband_middle_low", "entropy", "flux", "kurtosis", "rms",
    "rolloff", "skewness", "spread", "strongpeak",
)  # fmt: skip
#: Frame by frame: each has all the statistics.
_FRAMEWISE = (
    *(f"lowlevel.{scale}_{shape}" for scale in ("barkbands", "erbbands", "melbands")
      for shape in _BAND_SHAPES),
    *(f"lowlevel.spectral_{name}" for name in _SPECTRAL),
    *(f"lowlevel.silence_rate_{level}dB" for level in (20, 30, 60)),
    "lowlevel.dissonance", "lowlevel.hfc", "lowlevel.pitch_salience", "lowlevel.zerocrossingrate",
    "lowlevel.loudness_ebu128.momentary", "lowlevel.loudness_ebu128.short_term",
    "rhythm.beats_loudness", "tonal.chords_strength", "tonal.hpcp_crest", "tonal.hpcp_entropy",
)  # fmt: skip
_FRAMEWISE_VECTORS = {
    "lowlevel.barkbands": 27,
    "lowlevel.erbbands": 40,
    "lowlevel.melbands": 40,
    "lowlevel.melbands128": 128,
    "lowlevel.spectral_contrast_coeffs": 6,
    "lowlevel.spectral_contrast_valleys": 6,
    "rhythm.beats_loudness_band_ratio": 6,
    "tonal.hpcp": 36,
}
_VECTORS = {
    "lowlevel.gfcc.mean": 13,
    "lowlevel.mfcc.mean": 13,
    "tonal.chords_histogram": 24,
    "tonal.thpcp": 36,
}
_PROFILES = ("edma", "krumhansl", "temperley")
_NUMBERS = (
    "lowlevel.average_loudness", "lowlevel.dynamic_complexity",
    "lowlevel.loudness_ebu128.integrated", "lowlevel.loudness_ebu128.loudness_range",
    "metadata.audio_properties.replay_gain",
    "rhythm.beats_count", "rhythm.bpm", "rhythm.danceability", "rhythm.onset_rate",
    *(f"rhythm.bpm_histogram_{place}_peak_{what}" for place in ("first", "second")
      for what in ("bpm", "spread", "weight")),
    "tonal.chords_changes_rate", "tonal.chords_number_rate",
    *(f"tonal.key_{profile}.strength" for profile in _PROFILES),
    "tonal.tuning_diatonic_strength", "tonal.tuning_equal_tempered_deviation",
    "tonal.tuning_frequency", "tonal.tuning_nontempered_energy_ratio",
)  # fmt: skip
_WORDS = (
    "tonal.chords_key", "tonal.chords_scale",
    *(f"tonal.key_{profile}.{what}" for profile in _PROFILES for what in ("key", "scale")),
)  # fmt: skip


class _Essentia:
    """MusicExtractor with its usual parameters."""

    def version(self) -> str:
        """Name the release of essentia."""
        _load()
        return f"essentia-{metadata.version('essentia')}"

    def columns(self) -> tuple[Descriptor, ...]:
        """Every number and key that it gives, but for what the module leaves out."""
        return tuple(
            Descriptor(
                _column(name, place),
                "text" if name in _WORDS else "1",
                "essentia",
                math.nan if name in _WORDS else -math.inf,
                math.nan if name in _WORDS else math.inf,
                "essentia MusicExtractor",
                f"{name}{'' if place is None else f'[{place}]'}. NaN where essentia gives none.",
            )
            for name, place in _keys()
        )

    def measure(self, source: Recording | AudioFile) -> Mapping[str, Value]:
        """Run MusicExtractor on a file; samples are written to one first."""
        standard = _load()
        with _as_file(source) as path:
            try:
                pool, _ = standard.MusicExtractor()(str(path))
            except RuntimeError as error:
                raise AudioError(
                    f"measure {path.name} with essentia",
                    got=str(error).strip().splitlines()[-1],
                    expected="a recording that its MusicExtractor takes, of a second or more",
                    hint='engine="musictools"',
                ) from error
        names = set(pool.descriptorNames())
        values = {name: pool[name] if name in names else None for name, _ in _keys()}
        return {_column(name, place): _value(values[name], place) for name, place in _keys()}


def _keys() -> Iterator[tuple[str, int | None]]:
    yield from ((name, None) for name in (*_NUMBERS, *_WORDS))
    for base in _FRAMEWISE:
        yield from ((f"{base}.{statistic}", None) for statistic in _STATISTICS)
    vectors = dict(_VECTORS)
    for base, size in _FRAMEWISE_VECTORS.items():
        vectors |= {f"{base}.{statistic}": size for statistic in _STATISTICS}
    for name, size in vectors.items():
        yield from ((name, place) for place in range(size))


def _column(name: str, place: int | None) -> str:
    return f"essentia_{name.replace('.', '_')}" + ("" if place is None else f"_{place:03d}")


def _value(value: Any, place: int | None) -> Value:
    if value is None or isinstance(value, str):
        return value if isinstance(value, str) else math.nan
    number = float(np.ravel(value)[0 if place is None else place])
    return number if math.isfinite(number) else math.nan


@contextlib.contextmanager
def _as_file(source: Recording | AudioFile) -> Iterator[Path]:
    if isinstance(source, AudioFile):
        yield source.path
        return
    import soundfile

    with tempfile.TemporaryDirectory(prefix="musictools-") as folder:
        path = Path(folder) / "samples.wav"
        soundfile.write(path, source.samples.T, source.sample_rate, subtype="FLOAT")
        yield path


def _load() -> Any:
    essentia = require("essentia", extra="essentia", purpose='engine="essentia"')
    # It would print each step of its work.
    essentia.log.infoActive = False
    essentia.log.warningActive = False
    return importlib.import_module("essentia.standard")


ENGINE = _Essentia()
