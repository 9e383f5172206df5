"""A corpus profile: what many recordings measure, kept song by song."""

import logging
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from musictools._figures import figure
from musictools._result import Result
from musictools._units import label
from musictools._version import __version__
from musictools.audio._percentiles import middle
from musictools.audio._profile_json import read_profile, write_profile
from musictools.audio._recording import Recording
from musictools.audio._song_row import NAMES, band_columns
from musictools.audio._song_rows import SongRow, Songs, measure_songs, profile_values
from musictools.errors import AudioError, InputError

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

_HINT = 'reference="reference.flac"'
#: The part of the text of an error that says what was there.
_GOT = re.compile(r": got (.*?)(?:; expected .*)?$", re.DOTALL)

_log = logging.getLogger("musictools")


@dataclass(frozen=True, repr=False)
class ReferenceProfile(Result):
    """What one or many reference recordings measure.

    Attributes
    ----------
    recordings : pandas.DataFrame
        One row for each recording: ``path``; ``integrated_lufs``, ``true_peak_dbtp``,
        ``loudness_range_lu``, ``plr_lu``, ``psr_min_lu``, ``dr_exact_db``, ``crest_db``,
        ``low_end_share`` (energy from 20 to 120 Hz over that from 20 Hz to 20 kHz),
        ``low_end_mono_share``, ``stereo_width`` and ``stereo_correlation`` of the whole and of
        each band, all as in the features table; and the third octaves of IEC 61260 from
        ``third_octave_25_db`` to ``third_octave_20000_db``: mean power in dBFS, summed over the
        front channels, less the loudness of the whole in LUFS, which is not gated (pauses add to
        neither). NaN where there is none.
    provenance : dict
        Version, function, and how many recordings were measured.
    """

    _drawn_by: ClassVar[str] = "tonal_balance"
    _caption: ClassVar[str] = "Recordings"

    recordings: "pd.DataFrame" = field(repr=False)

    def __eq__(self, other: object) -> bool:
        """Compare the recordings."""
        if not isinstance(other, ReferenceProfile):
            return NotImplemented
        return bool(self.recordings.equals(other.recordings))

    __hash__ = None  # type: ignore[assignment]  # a table has none

    def __len__(self) -> int:
        """Count the recordings."""
        return len(self.recordings)

    def column(self, name: str) -> Floats:
        """Give one quantity of every recording.

        Parameters
        ----------
        name : str
            A column of ``recordings``.

        Returns
        -------
        numpy.ndarray, shape (recordings,)
            NaN where a recording has none.
        """
        return self.recordings[name].to_numpy(np.float64)

    def levels_db(self) -> Floats:
        """Give the third octaves of every recording.

        Returns
        -------
        numpy.ndarray, shape (recordings, 30)
            In dB over the loudness.
        """
        return self.recordings[list(band_columns())].to_numpy(np.float64)

    def to_frame(self) -> "pd.DataFrame":
        """Give the recordings.

        Returns
        -------
        pandas.DataFrame
            One row for each recording.
        """
        return self.recordings.copy()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the profile as plain JSON, for :meth:`load` and for ``reference=``.

        Parameters
        ----------
        path : path-like
            Where; the name must end in ``.json``.

        Raises
        ------
        InputError
            If the name ends otherwise, or the file cannot be written.
        """
        records = self.recordings.to_dict("records")
        write_profile(
            path, [{str(k): v for k, v in row.items()} for row in records], self.provenance
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a profile that was saved.

        Parameters
        ----------
        path : path-like
            A JSON file.

        Returns
        -------
        ReferenceProfile
            The same numbers as were saved.

        Raises
        ------
        AudioNotFoundError
            If there is no such file.
        InputError
            If it is no profile, or one of a later version.
        """
        rows, provenance = read_profile(path)
        return cls(recordings=_table(rows), provenance=provenance)

    def _rows(self) -> Mapping[str, str]:
        middles = {name: middle(self.column(name)) for name in NAMES[:5]}
        medians = {f"{label(name)}, median": figure(value) for name, value in middles.items()}
        return {"Recordings": f"{len(self):,}", **medians}


def reference_profile(
    sources: Songs, *, jobs: int | None = None, progress: bool | None = None
) -> ReferenceProfile:
    """Measure one or many recordings that others are to be held against.

    Parameters
    ----------
    sources : Recording, path-like, or iterable of them
        Recordings, files, folders (with everything below them) and patterns such as
        ``"references/*.flac"``.
    jobs : int, optional
        Worker processes; all processors by default. The numbers do not depend on it.
    progress : bool, optional
        Show a progress bar; by default when a person watches.

    Returns
    -------
    ReferenceProfile
        Tonal balance, dynamics, width and low end of every recording. Files that cannot be
        measured are left out, with a warning in the log.

    Raises
    ------
    AudioError
        If no recording can be measured.
    InputError
        If a source is none, or ``jobs`` is below 1.

    References
    ----------
    IEC 61260-1 (2014), octave-band and fractional-octave-band filters: the bands, whose slopes
    are those of a Fourier transform here.

    Examples
    --------
    >>> import musictools as mt
    >>> songs = [mt.datasets.simulate_recording(duration_s=8, rng=i).recording for i in range(2)]
    >>> profile = mt.audio.reference_profile(songs)
    >>> len(profile)
    2
    >>> profile.levels_db().shape
    (2, 30)
    """
    hint = 'mt.audio.reference_profile("my-references/")'
    return _profile(sources, hint, jobs=jobs, progress=progress)


def _profile(
    sources: Songs, hint: str, *, jobs: int | None = None, progress: bool | None = None
) -> ReferenceProfile:
    rows = measure_songs(sources, profile_values, hint=hint, jobs=jobs, progress=progress)
    measured = [row for row in rows if row.error is None]
    for row in rows:
        if row.error is not None:
            _log.warning("left out of the reference: %s (%s)", row.path, row.error)
    if not measured:
        raise _nothing_measured(rows, hint)
    return ReferenceProfile(
        recordings=_table([{"path": row.path, **row.found} for row in measured]),
        provenance={
            "musictools": __version__,
            "function": "reference_profile",
            "recordings": len(measured),
        },
    )


def as_profile(reference: "Songs | ReferenceProfile") -> ReferenceProfile:
    """Turn whatever is held to be a reference into a profile.

    Parameters
    ----------
    reference : ReferenceProfile, Recording, path-like, or iterable of them
        A profile, a saved one (``.json``), recordings, files, folders; a list may mix all these.

    Returns
    -------
    ReferenceProfile
        Of all that was given.
    """
    if isinstance(reference, ReferenceProfile):
        return reference
    single = isinstance(reference, Recording | str | os.PathLike)
    given: list[Any] = [reference] if single else _items(reference)
    if not given:
        raise _no_reference("an empty list")
    stored = [
        part if isinstance(part, ReferenceProfile) else ReferenceProfile.load(part)
        for part in given
        if isinstance(part, ReferenceProfile) or _is_json(part)
    ]
    songs = [p for p in given if not (isinstance(p, ReferenceProfile) or _is_json(p))]
    parts = [*stored, *([_profile(songs, _HINT, progress=False)] if songs or not stored else [])]
    if len(parts) == 1:
        return parts[0]
    import pandas as pd

    joined = pd.concat([part.recordings for part in parts], ignore_index=True)
    return ReferenceProfile(
        recordings=joined,
        provenance={"musictools": __version__, "function": "quality", "recordings": len(joined)},
    )


def _items(reference: Any) -> list[Any]:
    if isinstance(reference, Iterable) and not isinstance(reference, bytes | np.ndarray):
        return list(reference)
    raise _no_reference(f"something of type {type(reference).__name__}")


def _no_reference(got: str) -> InputError:
    return InputError(
        "use a reference",
        got=got,
        expected="a recording, a file, a saved profile, a ReferenceProfile, or a list of them",
        hint=f"{_HINT}, or mt.audio.from_samples(samples, 44_100) of an array",
    )


def _is_json(part: object) -> bool:
    return isinstance(part, str | os.PathLike) and os.fspath(part).lower().endswith(".json")


def _nothing_measured(rows: list[SongRow], hint: str) -> AudioError:
    """Say in one sentence why nothing could be measured: what the first one has instead of sound.

    An error within an error would have two of everything.
    """
    first = rows[0]
    # A row keeps the text of an error, which may come from another process.
    why = _GOT.search(first.error or "")
    got = (
        f"{PurePath(first.path).name}, which cannot be measured ({why[1] if why else first.error})"
    )
    if len(rows) > 1:
        got = f"{len(rows)} files, the first {got}, nor can the others"
    return AudioError(
        "use as a reference", got=got, expected="a recording that can be measured", hint=hint
    )


def _table(rows: list[dict[str, Any]]) -> "pd.DataFrame":
    import pandas as pd

    names = [*NAMES, *band_columns()]
    numbers = {name: np.array([row.get(name) for row in rows], np.float64) for name in names}
    return pd.DataFrame({"path": pd.Series([row["path"] for row in rows], dtype="str")} | numbers)
