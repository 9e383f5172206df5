"""quality(): a report card of one recording."""

import dataclasses
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from musictools._result import Result
from musictools._threads import one_thread
from musictools.audio._bandwidth import Bandwidth
from musictools.audio._channels import Channels
from musictools.audio._clicks import ClickDetector
from musictools.audio._clipping import Clipping
from musictools.audio._descriptor import Family, Track, Tracks
from musictools.audio._edges import EdgeDetector
from musictools.audio._envelope import Envelope, StereoImage, average_spectrum, shows
from musictools.audio._finding import SEVERITIES, Detector, Kind, look, tabulate
from musictools.audio._gaps import GapDetector
from musictools.audio._hum import Hum
from musictools.audio._levels import Levels
from musictools.audio._limiting import Limiting
from musictools.audio._loudness import LOUDNESS_TRACKS, Loudness, conclude_loudness
from musictools.audio._noise import Noise
from musictools.audio._offset import Offset
from musictools.audio._origin import Origin
from musictools.audio._overs import IntersamplePeaks, Overs
from musictools.audio._padding import Padding
from musictools.audio._pass import gather
from musictools.audio._playback import PLAYBACK_TRACKS, playback
from musictools.audio._recording import Recording, Source
from musictools.audio._reference import Comparison, compare
from musictools.audio._reference_profile import ReferenceProfile, as_profile
from musictools.audio._resonance import Resonance
from musictools.audio._sibilance import Sibilance
from musictools.audio._song_row import COMPARISON_TRACKS
from musictools.audio._stereo import FrontFrames, Stereo
from musictools.audio._stream import AudioFile, as_source
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from musictools.audio._song_rows import Songs


DETECTORS: tuple[Detector, ...] = (
    Clipping(),
    Overs(),
    IntersamplePeaks(),
    Offset(),
    Channels(),
    ClickDetector(),
    GapDetector(),
    EdgeDetector(),
    Hum(),
    Origin(),
    Padding(),
    Limiting(),
    Noise(),
    Resonance(),
    Sibilance(),
)

#: What a report shows beside loudness, from families whose tracks the detectors want anyway.
_FAMILIES: tuple[Family, ...] = (Levels(), Stereo(), Bandwidth())
_PICTURES: tuple[type[Track], ...] = (Envelope, StereoImage, FrontFrames)


@dataclass(frozen=True, repr=False)
class QualityReport(Result):
    """What is well and what is not about one recording.

    Attributes
    ----------
    findings : pandas.DataFrame
        ``kind``, ``start_s``, ``end_s``, ``severity`` (info, warning, error), ``value``, ``unit``,
        ``confidence``, ``meaning``, ``remedy``; the most severe first.
    loudness : Loudness
        As :func:`musictools.audio.loudness` gives it.
    playback : pandas.DataFrame
        One row for each platform and setting: gain, limiting, loudness and true peak after it.
    codecs : pandas.DataFrame or None
        What lossy codecs do to it; None where that was not asked for.
    reference : Comparison or None
        How it differs from a reference; None where none was given.
    measures : pandas.Series
        More numbers, named as in :func:`musictools.audio.descriptors`: levels, stereo image,
        bandwidth.
    kinds : tuple of str
        The kinds of finding that were looked for.
    envelope : pandas.DataFrame
        ``channel``, ``start_s``, ``low``, ``high``: the waveform in up to 4096 cells.
    spectrum : pandas.DataFrame
        ``frequency_hz``, ``level_db``: mean power of third octaves, twelve an octave, in dBFS.
    image : numpy.ndarray, shape (301, 301)
        How often the front channels stand at each mid (rows) and side (columns, the left channel
        first), from -1 to 1 of full scale.
    provenance : dict
        Version, function, and the recording.
    """

    _drawn_by: ClassVar[str] = "findings"

    findings: "pd.DataFrame" = field(compare=False)
    loudness: Loudness
    playback: "pd.DataFrame" = field(compare=False)
    codecs: "pd.DataFrame | None" = field(compare=False)
    reference: Comparison | None = field(compare=False)
    measures: "pd.Series[float]" = field(compare=False)
    kinds: tuple[str, ...]
    envelope: "pd.DataFrame" = field(compare=False)
    spectrum: "pd.DataFrame" = field(compare=False)
    image: npt.NDArray[np.int64] = field(compare=False)
    _source: Recording | AudioFile | None = field(default=None, compare=False)
    _stamp: tuple[int, int] | None = field(default=None, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """Keep what is shown, and where the sound is, but no samples: they take the most room.

        A recording without a file leaves no sounds for :meth:`html`; all else stays. The same is
        true of ``copy.deepcopy``, which works through this; ``copy.copy`` shares the samples.
        """
        state = dict(self.__dict__)
        if isinstance(self._source, Recording):
            path = self._source.path
            state["_source"] = None if path is None else AudioFile(path)
        return state

    def __copy__(self) -> "QualityReport":
        """Share everything, samples too."""
        return dataclasses.replace(self)

    def __eq__(self, other: object) -> bool:
        """Compare what is told: all that :meth:`to_json` says, but for the provenance."""
        if not isinstance(other, QualityReport):
            return NotImplemented
        from musictools.audio._quality_json import told

        return told(self) == told(other)

    __hash__ = None  # type: ignore[assignment]  # tables have none

    @property
    def worst(self) -> str | None:
        """Severity of the worst finding; None where nothing was found."""
        found = set(self.findings["severity"])
        return next((severity for severity in reversed(SEVERITIES) if severity in found), None)

    @property
    def verdict(self) -> str:
        """One or two sentences: whether it is ready, the worst, and what was not checked."""
        from musictools.audio._card import verdict

        return verdict(self)

    def passes(self, fail_on: str = "error") -> bool:
        """Tell whether nothing so severe was found.

        Parameters
        ----------
        fail_on : str, default "error"
            ``"info"``, ``"warning"``, ``"error"``, or ``"never"``.

        Returns
        -------
        bool
            False if any finding is at least so severe.
        """
        if fail_on not in (*SEVERITIES, "never"):
            raise InputError(
                "judge a report",
                got=f"fail_on={fail_on!r}",
                expected="info, warning, error or never",
                hint='report.passes(fail_on="warning")',
            )
        if fail_on == "never" or self.worst is None:
            return True
        order: tuple[str, ...] = SEVERITIES
        return order.index(self.worst) < order.index(fail_on)

    def to_frame(self) -> "pd.DataFrame":
        """Give the findings.

        Returns
        -------
        pandas.DataFrame
            A copy of ``findings``.
        """
        return self.findings.copy()

    def to_json(self, path: str | os.PathLike[str] | None = None, *, history: bool = False) -> str:
        """Give the report for machines.

        Parameters
        ----------
        path : path-like, optional
            Where to write it as well.
        history : bool, default False
            With the loudness of every 100 ms.

        Returns
        -------
        str
            JSON; what is not a number is null.
        """
        from musictools.audio._quality_json import as_json, write

        text = as_json(self, history=history)
        if path is not None:
            write(path, text)
        return text

    def html(self) -> str:
        """Give the report as a page that needs nothing but itself.

        Returns
        -------
        str
            HTML with pictures and sounds inside.
        """
        from musictools.plot._report import page

        return page(self, self._readable())

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the report as a page that needs nothing but itself.

        Parameters
        ----------
        path : path-like
            Where to write it; what is there is replaced.

        Returns
        -------
        pathlib.Path
            Where it is.
        """
        from musictools.audio._quality_json import check_place, write

        # Before the pictures are drawn, which takes a second.
        check_place(path)
        return write(path, self.html())

    def _readable(self) -> Recording | AudioFile | None:
        """Give the recording, if it still is what was measured."""
        source = self._source
        if isinstance(source, AudioFile):
            # Of a recording that was in memory, only the sound itself can tell.
            stamp = self._stamp
            same = shows(self.envelope, source) if stamp is None else _stamp(source) == stamp
            return source if same else None
        return source

    def _repr_html_(self) -> str:
        from musictools.audio._card import card

        return card(self)

    def __repr__(self) -> str:
        from musictools.audio._card import lines

        return "\n".join(lines(self))


def quality(
    source: Source,
    *,
    reference: "Songs | ReferenceProfile | None" = None,
    codecs: bool = False,
    sample_rate: int | None = None,
) -> QualityReport:
    """Look for production faults, and measure how the recording will play.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    reference : ReferenceProfile, Recording, path-like, or iterable of them, optional
        What to compare it with: one recording, many, folders of them, or a profile of many.
    codecs : bool, default False
        Encode it with the lossy codecs that are there, and listen to what they make of it; takes
        seconds.
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    QualityReport
        Findings, loudness, playback and more; ``to_html(path)`` writes a page.

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
    >>> report.passes(fail_on="never")
    True
    >>> list(report.findings.columns[:4])
    ['kind', 'start_s', 'end_s', 'severity']
    """
    played = as_source(source, sample_rate)
    stamp = _stamp(played)
    profile = None if reference is None else as_profile(reference)
    tracks = gather(played, _wanted(compared=profile is not None))
    with one_thread():
        return QualityReport(
            findings=tabulate(look(tracks, DETECTORS)),
            loudness=conclude_loudness(tracks),
            playback=playback(tracks),
            codecs=_codecs(played) if codecs else None,
            reference=None if profile is None else compare(tracks, profile),
            measures=_measures(tracks),
            kinds=tuple(kind.name for kind in _kinds()),
            envelope=tracks[Envelope].to_frame(),
            spectrum=average_spectrum(tracks),
            image=tracks[StereoImage].counts,
            _source=played,
            _stamp=stamp,
            provenance=tracks.provenance("quality"),
        )


def finding_kinds() -> "pd.DataFrame":
    """List every kind of finding that :func:`quality` looks for.

    Returns
    -------
    pandas.DataFrame
        ``kind``, ``basis`` (fact: found by a rule; judgement: information only), ``unit`` and
        ``value`` (what the value of a finding says), ``rule``, ``source``.

    Examples
    --------
    >>> import musictools as mt
    >>> list(mt.audio.finding_kinds().columns)
    ['kind', 'basis', 'unit', 'value', 'rule', 'source']
    """
    import pandas as pd

    names = [f.name for f in dataclasses.fields(Kind)]
    table = pd.DataFrame([dataclasses.astuple(kind) for kind in _kinds()], columns=names)
    return table.rename(columns={"name": "kind"})


def _kinds() -> list[Kind]:
    return [kind for detector in DETECTORS for kind in detector.kinds]


def _wanted(*, compared: bool) -> list[type[Track]]:
    wanted = [*LOUDNESS_TRACKS, *PLAYBACK_TRACKS, *_PICTURES]
    wanted += COMPARISON_TRACKS if compared else ()
    wanted += [track for family in _FAMILIES for track in family.tracks]
    wanted += [track for detector in DETECTORS for track in detector.tracks]
    return wanted


def _measures(tracks: Tracks) -> "pd.Series[float]":
    import pandas as pd

    values: dict[str, Any] = {}
    for family in _FAMILIES:
        values.update(family.measure(tracks))
    return pd.Series(values, dtype=float)


def _codecs(played: Recording | AudioFile) -> "pd.DataFrame":
    from musictools.audio._codecs import codecs

    return codecs(played if isinstance(played, Recording) else played.path)


def _stamp(played: Recording | AudioFile) -> tuple[int, int] | None:
    """Size and time of change of a file: whether it is still the same."""
    if isinstance(played, Recording):
        return None
    try:
        info = played.path.stat()
    except OSError:
        return None
    return info.st_size, info.st_mtime_ns
