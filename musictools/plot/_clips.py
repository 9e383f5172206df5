"""Short sounds of the worst findings, cut from the recording."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools.audio._card import ranked
from musictools.audio._recording import Recording, Samples
from musictools.audio._stream import AudioFile
from musictools.errors import AudioError
from musictools.plot._notebook import safe

if TYPE_CHECKING:
    import pandas as pd

    from musictools.audio._quality import QualityReport

_MOST = 10
#: The first three clips may be long; encoding a minute would take as long as all the measuring.
_LONGEST_S, _FIRST, _LATER_S = 5.0, 3, 3.0
#: What is heard before and after a short finding.
_AROUND_S = 0.75
#: So much of a finding has to be in a clip that is there already.
_ENOUGH_S = 2.0
#: What MPEG-1 and MPEG-2 Layer III know, of the rates that songs come in.
_MP3_RATES_HZ = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
#: What a seek to a sample is exact in.
_SEEKABLE = {"WAV", "WAVEX", "FLAC", "AIFF"}
#: In this order, as libsndfile has them: format, subtype, type for the browser.
_FORMATS = (
    ("MP3", "MPEG_LAYER_III", "audio/mpeg"),
    ("OGG", "VORBIS", "audio/ogg"),
    ("WAV", "PCM_16", "audio/wav"),
)


@dataclass(frozen=True)
class Span:
    """A stretch to hear, and the findings that it is about.

    Attributes
    ----------
    start_s, end_s : float
        From where to where.
    findings : tuple of int
        Their rows.
    """

    start_s: float
    end_s: float
    findings: tuple[int, ...]


@dataclass(frozen=True)
class Sound:
    """An encoded stretch.

    Attributes
    ----------
    span : Span
        Which.
    data : bytes
        The file.
    kind : str
        Its media type.
    gain_db : float
        How much it was turned down, 0 dB or less.
    """

    span: Span
    data: bytes
    kind: str
    gain_db: float


def spans(report: "QualityReport") -> list[Span]:
    """Choose what to hear of the ten worst findings, in the order of all of them.

    Those of one place share a stretch, and further findings of such a place belong to it.
    """
    chosen: list[Span] = []
    worst = ranked(report.findings.reset_index(drop=True))[["start_s", "end_s"]]
    for place, (row, start_s, end_s) in enumerate(worst.itertuples(name=None)):
        needed = min(_ENOUGH_S, end_s - start_s)
        for i, span in enumerate(chosen):
            if min(end_s, span.end_s) - max(start_s, span.start_s) >= needed:
                chosen[i] = Span(span.start_s, span.end_s, (*span.findings, row))
                break
        else:
            if place < _MOST:
                longest_s = _LONGEST_S if len(chosen) < _FIRST else _LATER_S
                chosen.append(_span(report, row, (start_s, end_s), longest_s))
    return sorted(chosen, key=lambda span: min(span.findings))


def _span(report: "QualityReport", row: int, found: tuple[float, float], longest_s: float) -> Span:
    first_s, last_s = found
    if last_s - first_s > longest_s:
        first_s = loudest(first_s, last_s, longest_s, report.loudness.history)
        last_s = first_s + longest_s
    around = min(_AROUND_S, (longest_s - (last_s - first_s)) / 2)
    duration_s = report.provenance["duration_s"]
    return Span(max(0.0, first_s - around), min(duration_s, last_s + around), (row,))


def loudest(start_s: float, end_s: float, length_s: float, history: "pd.DataFrame") -> float:
    """Give the start, between two places, of the loudest stretch of a length."""
    loudness = history["momentary_lufs"].to_numpy()
    power = np.append(0.0, np.cumsum(10 ** (np.nan_to_num(loudness, nan=-200.0) / 10)))
    size = round(length_s * 10)
    starts = np.arange(round(10 * start_s), round(10 * (end_s - length_s)) + 1)
    starts = starts[starts + size < len(power)]
    if not starts.size:
        return start_s
    loudest_s = float(starts[np.argmax(power[starts + size] - power[starts])]) / 10
    return min(max(start_s, loudest_s), end_s - length_s)


class _HeardError(Exception):
    """All that was wanted has been heard."""


class _Cutter:
    """Keeps the stretches that are wanted, and ends the recording after the last."""

    def __init__(self, sample_rate: int, wanted: Sequence[Span]) -> None:
        self.sample_rate = sample_rate
        self._edges = [_edges(span, sample_rate) for span in wanted]
        self._parts: list[list[Samples]] = [[] for _ in wanted]
        self._count = 0

    def push(self, block: Samples) -> None:
        """Take the next samples, shape (channels, n)."""
        start, self._count = self._count, self._count + block.shape[1]
        for (first, last), parts in zip(self._edges, self._parts, strict=True):
            if first < self._count and last > start:
                parts.append(block[:2, max(0, first - start) : last - start].copy())
        if self._count >= max(last for _, last in self._edges):
            raise _HeardError

    def cuts(self) -> list[Samples]:
        """Give the stretches, each of shape (channels, n)."""
        return [
            np.concatenate(parts, axis=1) if parts else np.empty((1, 0), np.float32)
            for parts in self._parts
        ]


def cut(source: Recording | AudioFile, wanted: Sequence[Span]) -> tuple[int, list[Samples]]:
    """Read stretches of a recording, two channels at most.

    Parameters
    ----------
    source : Recording or AudioFile
        Whose.
    wanted : sequence of Span
        Which.

    Returns
    -------
    rate : int
        In Hz.
    cuts : list of numpy.ndarray, each of shape (channels, n)
        One for each that is wanted; none where it cannot be read any more.
    """
    if not wanted:
        return 0, []
    sought = None if isinstance(source, Recording) else _sought(source.path, wanted)
    return sought or _heard(source, wanted)


def encode(wanted: Sequence[Span], cuts: Sequence[Samples], rate: int) -> list[Sound]:
    """Encode stretches for a browser, those that are not empty."""
    return [
        _encoded(span, samples, rate)
        for span, samples in zip(wanted, cuts, strict=True)
        if samples.size
    ]


def _sought(path: Path, wanted: Sequence[Span]) -> tuple[int, list[Samples]] | None:
    """Read stretches of a kind of file where every sample has its place; None for other kinds."""
    import soundfile

    try:
        with soundfile.SoundFile(path) as sound:
            if sound.format not in _SEEKABLE:
                return None
            cuts = []
            for span in wanted:
                first, last = _edges(span, sound.samplerate)
                sound.seek(min(first, sound.frames))
                cuts.append(sound.read(last - first, dtype="float32", always_2d=True)[:, :2].T)
            return sound.samplerate, cuts
    except (soundfile.LibsndfileError, OSError):
        return None


def _edges(span: Span, rate: int) -> tuple[int, int]:
    return int(span.start_s * rate), math.ceil(span.end_s * rate)


def _heard(source: Recording | AudioFile, wanted: Sequence[Span]) -> tuple[int, list[Samples]]:
    """Play the recording as far as the last stretch; no stretches where that fails."""
    begun: list[_Cutter] = []

    def begin(sample_rate: int, layout: tuple[str, ...], bit_depth: int | None) -> _Cutter:
        del layout, bit_depth
        begun.append(_Cutter(sample_rate, wanted))
        return begun[-1]

    try:
        source.play(begin)
    except _HeardError:
        pass
    except AudioError:
        return 0, []
    return begun[-1].sample_rate, begun[-1].cuts()


def _encoded(span: Span, samples: Samples, rate: int) -> Sound:
    import soundfile

    loud, gain_db = safe(samples, rate)
    there = soundfile.available_formats()
    name, subtype, kind = next(form for form in _FORMATS if form[0] in there)
    if name == "MP3":
        loud, rate = _at_a_rate_of_mp3(loud, rate)
    if len(loud) == 2 and np.array_equal(loud[0], loud[1]):
        # Two equal channels sound as one does, and take twice the time.
        loud = loud[:1]
    stream = io.BytesIO()
    options: dict[str, Any] = {}
    if name == "MP3":
        options = {"bitrate_mode": "VARIABLE", "compression_level": 0.6}
    soundfile.write(stream, loud.T, rate, format=name, subtype=subtype, **options)
    return Sound(span, stream.getvalue(), kind, gain_db)


def _at_a_rate_of_mp3(
    samples: npt.NDArray[np.float64], rate: int
) -> tuple[npt.NDArray[np.float64], int]:
    if rate in _MP3_RATES_HZ:
        return samples, rate
    import soxr

    wanted = next((known for known in _MP3_RATES_HZ if known >= rate), _MP3_RATES_HZ[-1])
    # Whole multiples stay so: 88.2 kHz becomes 44.1 kHz.
    wanted = next((known for known in reversed(_MP3_RATES_HZ) if rate % known == 0), wanted)
    resampled = soxr.resample(samples.T, rate, wanted).T
    # Between the samples there may be more than at them.
    loudest = float(np.abs(resampled).max(initial=0.0))
    return resampled / max(1.0, loudest), wanted
