"""quality(): a report card of one recording."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from musictools._result import Result
from musictools.audio._finding import Detector, look, tabulate
from musictools.audio._loudness import LOUDNESS_TRACKS, Loudness, conclude_loudness
from musictools.audio._recording import Source
from musictools.audio._stream import hear

if TYPE_CHECKING:
    import pandas as pd

DETECTORS: tuple[Detector, ...] = ()


@dataclass(frozen=True)
class QualityReport(Result):
    """What is well and what is not about one recording.

    Attributes
    ----------
    findings : pandas.DataFrame
        ``kind``, ``start_s``, ``end_s``, ``severity`` (info, warning, error), ``value``, ``unit``,
        ``confidence``, ``meaning``, ``remedy``; the most severe first.
    loudness : Loudness
        As :func:`musictools.audio.loudness` gives it.
    provenance : dict
        Version, function, and the recording.
    """

    findings: "pd.DataFrame" = field(repr=False, compare=False)
    loudness: Loudness


def quality(source: Source, *, sample_rate: int | None = None) -> QualityReport:
    """Look for production faults, and measure how the recording will play.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    QualityReport
        Findings, loudness and more.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate.

    Examples
    --------
    >>> import musictools as mt
    >>> song = mt.datasets.simulate_recording(duration_s=10, rng=1)
    >>> report = mt.audio.quality(song.recording)
    """
    wanted = {track for detector in DETECTORS for track in detector.tracks}
    tracks = hear(source, (*LOUDNESS_TRACKS, *wanted), sample_rate=sample_rate)
    return QualityReport(
        findings=tabulate(look(tracks, DETECTORS)),
        loudness=conclude_loudness(tracks),
        provenance=tracks.provenance("quality"),
    )
