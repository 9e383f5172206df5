"""Levels in mel, Bark and ERB bands, how they are spread, and the cepstra made of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Descriptor, Value
from musictools.audio._filters import (
    BARK_EDGES_HZ,
    FilterBank,
    bark_filters,
    cosines,
    erb_centres_hz,
    erb_filters,
    mel_edges_hz,
    mel_filters,
)
from musictools.audio._framewise import Covariance, Measure, Statistics, declare, spread
from musictools.audio._timbre_frames import (
    FLOOR_DBFS,
    HEARD,
    SPECTRUM,
    heard,
    mean_square_per_power,
    round_up,
)

Floats = npt.NDArray[np.float64]

_INF = math.inf
_MEL_BANDS, _MEL_TOP_HZ = 40, 11_025.0
_MEL128_BANDS, _MEL128_TOP_HZ = 128, 22_050.0
_ERB_BANDS, _ERB_BOTTOM_HZ, _ERB_TOP_HZ = 40, 40.0, 22_050.0
_COEFFICIENTS = 13
# Of the power in a mel band, not normalised, for cepstra; librosa's.
_LEAST_DB = -100.0
# Bands this far below their mean are rounding, and told of no further.
_DEPTH_DB = 100.0
_SLANEY = "M. Slaney, Auditory Toolbox, 1998"
_ZWICKER = "E. Zwicker, J. Acoust. Soc. Am. 33(2), 1961"
_PATTERSON = (
    "R. Patterson et al., Complex sounds and auditory images, 1992; ERB of Glasberg and Moore, 1990"
)
_PEETERS = "G. Peeters, A large set of audio features, IRCAM 2004"


@dataclass(frozen=True)
class _Scale:
    """Bands on one scale of frequency."""

    name: str
    title: str
    source: str
    filters: npt.NDArray[np.float32]
    #: Largest weight that a filter would have on a fine grid: levels are as if it were one.
    heights: Floats
    places: tuple[str, ...]
    has_shape: bool = True

    def levels(self) -> list[Measure]:
        digits = len(str(len(self.places) - 1))
        return [
            Measure(
                f"{self.name}_band_{i:0{digits}d}",
                "dbfs",
                "dBFS",
                FLOOR_DBFS,
                _INF,
                self.source,
                f"Level in {self.title} band {i}, {place}, not below -120; a full-scale sine at "
                "its centre reads about -3.01",
            )
            for i, place in enumerate(self.places)
        ]

    def shapes(self) -> list[Measure]:
        last = len(self.places) - 1
        most_db = round_up(10 * math.log10(len(self.places)))
        of = f"the power in the {len(self.places)} {self.title} bands"
        return [
            Measure(f"{self.name}_crest", "db", "dB", 0, most_db, _PEETERS,
                    f"Largest over mean of {of}"),
            Measure(f"{self.name}_flatness", "db", "dB", -_INF, 0, _PEETERS,
                    f"Geometric over arithmetic mean of {of}; bands 100 dB below the mean count "
                    "as if there"),
            Measure(f"{self.name}_kurtosis", "", "1", 1, _INF, _PEETERS,
                    f"Fourth standardised moment of {of}, over the number of the band"),
            Measure(f"{self.name}_skewness", "", "1", -_INF, _INF, _PEETERS,
                    f"Third standardised moment of {of}, over the number of the band"),
            Measure(f"{self.name}_spread", "bands", "band", 0, last, _PEETERS,
                    f"Standard deviation of {of}, over the number of the band (Essentia gives its "
                    "square)"),
        ]  # fmt: skip


def _triangles(name: str, bands: int, top_hz: float, *, has_shape: bool) -> _Scale:
    edges = mel_edges_hz(bands, top_hz=top_hz)
    feet = zip(edges[:-2], edges[2:], strict=True)
    return _Scale(
        name,
        "mel",
        _SLANEY,
        mel_filters(SPECTRUM.rate_hz, SPECTRUM.size, bands, top_hz=top_hz),
        2 / (edges[2:] - edges[:-2]),
        tuple(f"a triangle from {low:.0f} to {high:.0f} Hz" for low, high in feet),
        has_shape=has_shape,
    )


@cache
def _scales() -> tuple[_Scale, ...]:
    limits = pairwise(BARK_EDGES_HZ)
    centres = erb_centres_hz(_ERB_BANDS, bottom_hz=_ERB_BOTTOM_HZ, top_hz=_ERB_TOP_HZ)
    return (
        _triangles("mel", _MEL_BANDS, _MEL_TOP_HZ, has_shape=True),
        _triangles("mel128", _MEL128_BANDS, _MEL128_TOP_HZ, has_shape=False),
        _Scale(
            "bark",
            "Bark",
            _ZWICKER,
            bark_filters(SPECTRUM.rate_hz, SPECTRUM.size),
            np.ones(len(BARK_EDGES_HZ) - 1),
            tuple(f"from {low:g} to {high:g} Hz" for low, high in limits),
        ),
        _Scale(
            "erb",
            "ERB",
            _PATTERSON,
            erb_filters(
                SPECTRUM.rate_hz,
                SPECTRUM.size,
                _ERB_BANDS,
                bottom_hz=_ERB_BOTTOM_HZ,
                top_hz=_ERB_TOP_HZ,
            ),
            np.ones(_ERB_BANDS),
            tuple(f"a gammatone at {centre:.0f} Hz" for centre in centres),
        ),
    )


@cache
def _bank() -> FilterBank:
    return FilterBank([scale.filters for scale in _scales()])


@cache
def _columns() -> Mapping[str, slice]:
    ends = np.cumsum([0, *(len(scale.places) for scale in _scales())])
    return {
        scale.name: slice(int(start), int(stop))
        for scale, start, stop in zip(_scales(), ends[:-1], ends[1:], strict=True)
    }


@cache
def _offsets_db() -> npt.NDArray[np.float32]:
    """From the power in a filter to the level in dBFS, shape (bands,)."""
    heights = np.concatenate([scale.heights for scale in _scales()])
    scale = mean_square_per_power(SPECTRUM.size)
    return np.asarray(10 * np.log10(scale / heights), dtype=np.float32)


@cache
def level_measures() -> tuple[Measure, ...]:
    """Give the levels of all bands."""
    return tuple(measure for scale in _scales() for measure in scale.levels())


@cache
def shape_measures() -> tuple[Measure, ...]:
    """Give the shapes of the bands of each scale."""
    return tuple(measure for scale in _scales() if scale.has_shape for measure in scale.shapes())


@cache
def cepstrum_measures() -> tuple[Measure, ...]:
    """Give the cepstral coefficients."""
    mel = (
        "mfcc",
        "S. Davis, P. Mermelstein, IEEE Trans. ASSP 28(4), 1980; mel scale of M. Slaney, 1998",
        "Mel-frequency cepstral coefficient {} of 40 bands up to 11 kHz",
    )
    gammatone = (
        "gfcc",
        "Y. Shao et al., An auditory-based feature for robust speech recognition, ICASSP 2009",
        "Gammatone-frequency cepstral coefficient {} of the levels of 40 ERB bands",
    )
    return tuple(
        Measure(f"{name}_{i:02d}", "db", "dB", -_INF, _INF, source, meaning.format(i))
        for name, source, meaning in (mel, gammatone)
        for i in range(_COEFFICIENTS)
    )


@cache
def covariance_descriptors() -> tuple[Descriptor, ...]:
    """Covariances of the coefficients of each cepstrum, each pair once."""
    measures = cepstrum_measures()
    return tuple(
        Descriptor(
            f"{measures[i].name[:4]}_cov_{i % _COEFFICIENTS:02d}_{j % _COEFFICIENTS:02d}_db2",
            "dB^2",
            "timbre",
            -_INF,
            _INF,
            measures[i].source,
            f"Covariance over all frames of {measures[i].name} and {measures[j].name}; with the "
            "squares of their standard deviations on the diagonal it makes the matrix whose "
            "inverse Essentia calls icov. NaN if there is not one.",
        )
        for i, j in _pairs()
    )


@cache
def _pairs() -> tuple[tuple[int, int], ...]:
    """Pairs of coefficients of one cepstrum, the first below the second."""
    within = list(combinations(range(_COEFFICIENTS), 2))
    return tuple((start + i, start + j) for start in (0, _COEFFICIENTS) for i, j in within)


class BandFrames:
    """Levels, shapes and cepstra of the bands of every frame."""

    needs = SPECTRUM

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:  # noqa: ARG002 - the mono mix at one rate needs neither
        self._levels = Statistics(len(level_measures()))
        self._shapes = Statistics(len(shape_measures()))
        self._cepstra = Statistics(len(cepstrum_measures()))
        self._covariance = Covariance(len(cepstrum_measures()))

    def update(self, block: Block) -> None:
        """Take a block of power spectra."""
        power = _bank().apply(block)
        decibel = 10 * np.log10(np.maximum(power, np.finfo(np.float32).tiny))
        levels = np.maximum(decibel + _offsets_db(), np.float32(FLOOR_DBFS))
        self._levels.update(levels)
        columns = _columns()
        mel = np.maximum(decibel[:, columns["mel"]], np.float32(_LEAST_DB))
        erb = levels[:, columns["erb"]]
        cepstra = np.concatenate(
            [bands @ cosines(bands.shape[1], _COEFFICIENTS) for bands in (mel, erb)], axis=1
        )
        self._cepstra.update(cepstra)
        self._covariance.update(cepstra)
        audible = heard(block)
        if audible.any():
            shapes = [
                describe_shape(power[audible, part], decibel[audible, part])
                for part in (columns[scale.name] for scale in _scales() if scale.has_shape)
            ]
            self._shapes.update(np.concatenate(shapes, axis=1))

    def finish(self) -> Mapping[str, Value]:
        """Give the statistics."""
        matrix = self._covariance.finish()
        covariances = [float(matrix[pair]) for pair in _pairs()]
        return {
            **spread(cepstrum_measures(), self._cepstra.finish()),
            **dict(zip((d.name for d in covariance_descriptors()), covariances, strict=True)),
            **spread(level_measures(), self._levels.finish()),
            **spread(shape_measures(), self._shapes.finish()),
        }


def descriptors() -> tuple[Descriptor, ...]:
    """Give the columns of this room."""
    return (
        *declare(cepstrum_measures(), "timbre"),
        *covariance_descriptors(),
        *declare(level_measures(), "timbre"),
        *declare(shape_measures(), "timbre", frames=HEARD),
    )


def describe_shape(power: Block, decibel: Block) -> Floats:
    """Crest and flatness in dB, kurtosis, skewness and spread of bands, shape (frames, 5)."""
    from musictools.audio._band_kernels import describe_bands

    rows = np.empty((len(power), 5))
    describe_bands(power, decibel, _DEPTH_DB, rows)
    return rows
