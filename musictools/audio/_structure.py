"""Sections of a recording: where its material changes, and what comes back."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Descriptor, Tracks, Value
from musictools.audio._framewise import Measure, Statistics, declare, spread
from musictools.audio._peaks import FIRST_S, HOP_S, SPECTRUM, PeakTrack
from musictools.audio._recording import Source
from musictools.audio._sections import Sections, divide, mean_rows
from musictools.audio._stream import hear

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

_BANDS, _LOW_HZ, _HIGH_HZ = 32, 55.0, 5000.0
# Bands this far under the loudest are as good as silent, so that noise floors have no timbre.
_RANGE_DB, _LEAST_POWER = 60.0, 1e-6
_CEPSTRUM = 10
_CHROMA_LOW_HZ, _CHROMA_HARMONICS, _TUNING_WINDOW_S = 150.0, 4, 7.0
# Two frames are 0.37 s, a beat or less; the self-similarity of more than 2000 would take more
# memory than all other families.
_FEWEST_FRAMES, _MOST_STEPS = 2, 2000

_FOOTE = "J. Foote, Automatic audio segmentation using a measure of audio novelty, ICME 2000"
_NOVELTY = Measure(
    "sections_novelty",
    "",
    "1",
    0,
    1,
    _FOOTE,
    "How much the twelve seconds after differ from the twelve before, against how much each is "
    "alike in itself",
)


class BandTrack:
    """Power of 32 bands, an octave of which holds five, of every frame."""

    needs = SPECTRUM

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:  # noqa: ARG002 - the mono mix at one rate needs neither
        self._parts: list[Block] = []

    def update(self, block: Block) -> None:
        """Sum the power of a block of spectra."""
        self._parts.append(block @ _filters())

    def powers(self) -> Block:
        """Give the power of each band, shape (frames, 32)."""
        if len(self._parts) != 1:
            self._parts = [np.concatenate([np.empty((0, _BANDS), np.float32), *self._parts])]
        return self._parts[0]


@cache
def _filters() -> Block:
    """Give triangles over the logarithm of frequency, each to the middles of its neighbours."""
    edges = np.linspace(math.log(_LOW_HZ), math.log(_HIGH_HZ), _BANDS + 2)
    hertz = np.arange(SPECTRUM.size // 2 + 1) * SPECTRUM.rate_hz / SPECTRUM.size
    away = np.abs(np.log(np.maximum(hertz, 1.0))[:, None] - edges[1:-1]) / (edges[1] - edges[0])
    triangles: Block = np.maximum(0.0, 1.0 - away).astype(np.float32)
    return triangles


def sections(source: Source, *, sample_rate: int | None = None) -> "pd.DataFrame":
    """Divide a recording into sections, and say which are of the same material.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    pandas.DataFrame
        ``start_s``, ``end_s``, ``label``: one row for each section; they follow one another
        without a gap from 0 to the end. Sections of the same letter are of the same material;
        letters stand in the order of their first section, from ``"A"`` on.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate.

    Notes
    -----
    Timbre, level and harmony of steps of 0.37 s (of a 2000th of recordings over 12 minutes) are
    compared with one another; a checkerboard of 12 s to either side finds where the material
    changes. A section has at least 6 s. Sections whose means differ no more than their parts do
    get the same letter.

    References
    ----------
    J. Foote, Automatic audio segmentation using a measure of audio novelty, ICME 2000.

    Examples
    --------
    >>> import numpy as np
    >>> import musictools as mt
    >>> t = np.arange(8_000 * 15) / 8_000
    >>> low, high = np.sin(2 * np.pi * 220 * t), np.sin(2 * np.pi * 1760 * t)
    >>> table = mt.audio.sections(np.concatenate([low, high, low]), sample_rate=8_000)
    >>> list(table["label"])
    ['A', 'B', 'A']
    """
    import pandas as pd

    tracks = hear(source, [PeakTrack, BandTrack], sample_rate=sample_rate)
    found = tracks.once(find_sections)
    starts_s = found.starts_s
    return pd.DataFrame(
        {
            "start_s": np.array(starts_s, dtype=np.float64),
            "end_s": np.array([*starts_s[1:], tracks.duration_s], dtype=np.float64),
            "label": pd.Series([name_letter(n) for n in found.labels], dtype="str"),
        }
    )


def name_letter(number: int) -> str:
    """Give A to Z, then AA, AB, ..."""
    first, last = divmod(number, 26)
    return (name_letter(first - 1) if first else "") + chr(ord("A") + last)


@dataclass(frozen=True)
class Form:
    """What is known of the sections.

    Attributes
    ----------
    starts_s : list of float
        Start of each section, 0 first.
    labels : list of int
        Number of the material of each, 0 first.
    novelty : array of shape (steps,)
        How much each step divides what is before from what is after, 0 to 1.
    """

    starts_s: list[float]
    labels: list[int]
    novelty: Floats


def find_sections(tracks: Tracks) -> Form:
    """Conclude the sections; meant for ``Tracks.once``."""
    power = tracks[BandTrack].powers()
    if not len(power):
        return Form([0.0], [0], np.empty(0))
    frames = max(_FEWEST_FRAMES, math.ceil(len(power) / _MOST_STEPS))
    found: Sections = divide(
        mean_rows(_timbre(power), frames),
        mean_rows(_harmony(tracks[PeakTrack]), frames),
        step_s=frames * HOP_S,
    )
    # A step begins where the first of its frames has more behind its middle than its neighbour.
    begin_s = FIRST_S - HOP_S / 2
    starts = [0.0, *(begin_s + step * frames * HOP_S for step in found.starts[1:])]
    return Form(starts, found.labels, found.novelty)


def _timbre(power: Block) -> Floats:
    """Give the level and the first cepstral coefficients of each frame, in decibels."""
    from scipy.fft import dct

    level = 10 * np.log10(np.maximum(power, _LEAST_POWER).astype(np.float64))
    floor = np.percentile(level.max(axis=1), 95) - _RANGE_DB
    cepstrum: Floats = dct(np.maximum(level, floor), axis=1, norm="ortho")[:, :_CEPSTRUM]
    return cepstrum / math.sqrt(_BANDS)


def _harmony(track: PeakTrack) -> Floats:
    """Give the roots of the shares of the pitch classes in each frame."""
    votes = track.chroma(
        harmonics=_CHROMA_HARMONICS, low_hz=_CHROMA_LOW_HZ, tuning_window_s=_TUNING_WINDOW_S
    )
    total = votes.sum(axis=1, keepdims=True)
    even = np.full_like(votes, 1 / votes.shape[1])
    shares: Floats = np.divide(votes, total, out=even, where=total > 0)
    return np.sqrt(shares)


class Structure:
    """Family of sections."""

    tracks = (PeakTrack, BandTrack)
    descriptors: ClassVar[tuple[Descriptor, ...]] = (
        Descriptor(
            "sections_count", "1", "structure", 1, math.inf, _FOOTE, "Sections, at least one."
        ),
        Descriptor(
            "sections_distinct",
            "1",
            "structure",
            1,
            math.inf,
            _FOOTE,
            "Different materials that the sections are of.",
        ),
        Descriptor(
            "sections_mean_s", "s", "structure", 0, math.inf, _FOOTE, "Mean length of a section."
        ),
        Descriptor(
            "repetition_share",
            "1",
            "structure",
            0,
            1,
            _FOOTE,
            "Share of the time whose material fills more than one section.",
        ),
        *declare([_NOVELTY], "structure", frames="all steps of 0.37 s or more"),
    )

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        found = tracks.once(find_sections)
        frames = tracks[PeakTrack].frames
        end_s = 2 * FIRST_S + max(frames - 1, 0) * HOP_S
        lasts_s = np.diff([*found.starts_s, end_s])
        again = np.bincount(found.labels)[found.labels] > 1
        novelty = Statistics(1)
        novelty.update(found.novelty[:, None])
        return {
            "sections_count": float(len(lasts_s)),
            "sections_distinct": float(len(set(found.labels))),
            "sections_mean_s": float(lasts_s.mean()),
            "repetition_share": float(lasts_s[again].sum() / lasts_s.sum()),
            **spread([_NOVELTY], novelty.finish()),
        }
