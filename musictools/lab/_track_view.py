"""All that an explorer shows of a track, worked out once and bounded in size."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools import audio
from musictools._counts import counted
from musictools.audio._card import ranked
from musictools.audio._loudness import Loudness
from musictools.audio._recording import Recording
from musictools.lab._peak_pyramid import PeakPyramid, peak_pyramid
from musictools.lab._spectrum_cells import SpectrumCells, spectrum_cells

if TYPE_CHECKING:
    import pandas as pd

    from musictools.lab._sound import Sound

#: What can be laid over the waveform, from top to bottom.
LAYERS = ("sections", "findings", "beats", "chords", "spectrogram", "loudness")
_MOST_POINTS = 8192
#: Rows that are shown of each table; hours of music have more than anybody looks through.
MOST_ROWS, MOST_BEATS = 2000, 20_000
_STEP_S = 0.1

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Curve:
    """Loudness over time.

    Attributes
    ----------
    start_s, step_s : float
        Of the first value, and between values, in seconds.
    momentary, short_term : numpy.ndarray, shape (n,)
        In LUFS; NaN where there is none.
    integrated_lufs : float
        NaN where there is none.
    """

    start_s: float
    step_s: float
    momentary: Floats
    short_term: Floats
    integrated_lufs: float


@dataclass(frozen=True)
class Master:
    """One version of the sound.

    Attributes
    ----------
    name : str
        On its button.
    recording : Recording
        What is heard.
    gain_db : float
        How it is turned down when played, 0 or less.
    peaks : PeakPyramid
        Its waveform.
    spectrum : SpectrumCells or None
        Its spectrogram, if that is shown.
    loudness : Curve or None
        Its loudness, if that is shown.
    """

    name: str
    recording: Recording
    gain_db: float
    peaks: PeakPyramid
    spectrum: SpectrumCells | None
    loudness: Curve | None


@dataclass(frozen=True)
class TrackView:
    """One track, or two masters of it on one time line.

    Attributes
    ----------
    title : str
        Plain text.
    layers : tuple of str
        Those that were worked out.
    masters : tuple of Master
        One or two.
    beats_s : numpy.ndarray, shape (n,)
        Of the first master, as all tables are.
    sections, chords : list of (float, float, str)
        Start and end in seconds, and name.
    findings : list of dict
        ``start_s``, ``end_s``, ``kind``, ``severity``, ``meaning``, the worst first.
    """

    title: str
    layers: tuple[str, ...]
    masters: tuple[Master, ...]
    beats_s: Floats
    sections: list[tuple[float, float, str]]
    chords: list[tuple[float, float, str]]
    findings: list[dict[str, Any]]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.masters[0].recording.duration_s

    def sound(self) -> "Sound":
        """Encode what is heard."""
        from musictools.lab._sound import encode_sound

        return encode_sound(
            tuple(one.recording for one in self.masters), tuple(one.gain_db for one in self.masters)
        )

    def words(self) -> str:
        """Describe it to a reader who cannot see it."""
        return ". ".join([self._heading(), *self._parts()]) + "."

    def _heading(self) -> str:
        both = " and ".join(one.name for one in self.masters)
        versions = f", two masters at equal loudness: {both}" if len(self.masters) > 1 else ""
        return f"Waveform of {self.title}, {spoken(self.duration_s)}{versions}"

    def _parts(self) -> list[str]:
        parts = [
            f"Integrated loudness{f' of {one.name}' if len(self.masters) > 1 else ''} "
            f"{one.loudness.integrated_lufs:.1f} LUFS"
            for one in self.masters
            if one.loudness and math.isfinite(one.loudness.integrated_lufs)
        ]
        if "sections" in self.layers:
            parts.append("Sections " + " ".join(label for *_, label in self.sections[:20]))
        if "beats" in self.layers:
            parts.append(counted(self.beats_s.size, "beat"))
        if "chords" in self.layers:
            parts.append(counted(len(self.chords), "stretch", "stretches") + " of one chord")
        if "findings" in self.layers:
            errors = sum(one["severity"] == "error" for one in self.findings)
            parts.append(f"{counted(len(self.findings), 'finding')}, {counted(errors, 'error')}")
        return parts


def spoken(duration_s: float) -> str:
    """Give a length as people say it."""
    minutes, seconds = divmod(round(duration_s), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{duration_s:.1f} s"


def view_track(
    recordings: Sequence[Recording],
    gains: Sequence[float],
    *,
    title: str,
    names: Sequence[str],
    layers: Sequence[str],
) -> TrackView:
    """Work out all that is shown.

    Parameters
    ----------
    recordings : sequence of Recording
        One, or two of the same rate and length.
    gains : sequence of float
        Of each, in dB.
    title : str
        Plain text.
    names : sequence of str
        Of each recording.
    layers : sequence of str
        Which of :data:`LAYERS`; what is not named is not worked out.
    """
    song = recordings[0]
    report = audio.quality(song) if "findings" in layers else None
    # The report has measured the first one already.
    measured = [report.loudness if report else None, None][: len(recordings)]
    masters = tuple(
        _master(name, recording, gain, layers=layers, measured=known)
        for name, recording, gain, known in zip(names, recordings, gains, measured, strict=True)
    )
    beats = audio.beats(song) if "beats" in layers else np.empty(0)
    return TrackView(
        title=title,
        layers=tuple(name for name in LAYERS if name in layers),
        masters=masters,
        beats_s=beats[:MOST_BEATS].astype(np.float32),
        sections=_spans(audio.sections(song)) if "sections" in layers else [],
        chords=_spans(audio.chords(song)) if "chords" in layers else [],
        findings=_findings(report.findings) if report is not None else [],
    )


def _master(
    name: str,
    recording: Recording,
    gain_db: float,
    *,
    layers: Sequence[str],
    measured: Loudness | None,
) -> Master:
    loudness = None
    if "loudness" in layers:
        loudness = _curve(measured or audio.loudness(recording))
    return Master(
        name=name,
        recording=recording,
        gain_db=gain_db,
        peaks=peak_pyramid(recording.samples),
        spectrum=spectrum_cells(recording) if "spectrogram" in layers else None,
        loudness=loudness,
    )


def _curve(measured: Loudness) -> Curve:
    history = measured.history
    joined = max(1, math.ceil(len(history) / _MOST_POINTS))
    momentary, short_term = (
        _loudest(history[name].to_numpy(np.float32), joined)
        for name in ("momentary_lufs", "short_term_lufs")
    )
    start_s = float(history["time_s"].iloc[0]) if len(history) else 0.0
    return Curve(start_s, _STEP_S * joined, momentary, short_term, measured.integrated_lufs)


def _loudest(values: Floats, joined: int) -> Floats:
    """Of so many neighbours each, the loudest; what no meter shows is NaN."""
    finite = np.where(np.isfinite(values), values, -np.inf)
    padded = np.pad(finite, (0, -len(finite) % joined), constant_values=-np.inf)
    most = padded.reshape(-1, joined).max(axis=1)
    shown: Floats = np.where(np.isfinite(most), most, np.nan).astype(np.float32)
    return shown


def _spans(table: "pd.DataFrame") -> list[tuple[float, float, str]]:
    rows = table[["start_s", "end_s", "label"]].head(MOST_ROWS).itertuples(index=False, name=None)
    return [(round(float(a), 3), round(float(b), 3), str(label)) for a, b, label in rows]


def _findings(table: "pd.DataFrame") -> list[dict[str, Any]]:
    rows: Sequence[Mapping[Any, Any]] = ranked(table).head(MOST_ROWS).to_dict("records")
    return [
        {
            "start_s": round(float(row["start_s"]), 3),
            "end_s": round(float(row["end_s"]), 3),
            "kind": str(row["kind"]).replace("_", " "),
            "severity": str(row["severity"]),
            "meaning": str(row["meaning"]),
        }
        for row in rows
    ]
