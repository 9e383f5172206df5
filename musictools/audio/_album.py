"""How consistent the songs of an album are."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from musictools._counts import counted
from musictools._result import Result
from musictools._version import __version__
from musictools.audio._loudness_sums import gated_lufs
from musictools.audio._percentiles import middle
from musictools.audio._playback import Master, gain_db
from musictools.audio._song_row import band_columns
from musictools.audio._song_rows import SongRow, Songs, album_values, measure_songs
from musictools.audio._third_octaves import BANDS_HZ

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

# Rumble and the last treble differ between songs without anybody hearing it.
_TONAL_HZ = (40.0, 16_000.0)
# B. Iglewicz, D. Hoaglin, "How to detect and handle outliers" (1993).
_OUTLIER, _TO_SIGMA = 3.5, 1.4826
_FEWEST = 3
_HINT = 'mt.audio.album("my-album/")'


@dataclass(frozen=True)
class _Column:
    """One column of the report, and the least spread (one standard deviation) that it is given."""

    name: str
    unit: str
    spoken: str
    floor: float


# Floors are such that 3.5 of them are a difference that a listener of an album notices.
_COLUMNS = (
    _Column("integrated_lufs", "LU", "loudness", 0.8),
    _Column("true_peak_dbtp", "dB", "true peak", 0.6),
    _Column("loudness_range_lu", "LU", "loudness range", 1.5),
    _Column("plr_lu", "LU", "peak-to-loudness ratio", 0.8),
    _Column("tonal_deviation_db", "dB", "tonal deviation from the album", 0.8),
    _Column("stereo_width", "1", "stereo width", 0.03),
    _Column("low_end_share", "1", "share of the energy below 120 Hz", 0.06),
    _Column("silence_start_s", "s", "silence at the start", 0.5),
    _Column("silence_end_s", "s", "silence at the end", 0.8),
)
_NUMBERS = ("duration_s", *(column.name for column in _COLUMNS))


@dataclass(frozen=True, repr=False)
class AlbumReport(Result):
    """The songs of an album beside each other.

    Attributes
    ----------
    songs : pandas.DataFrame
        One row for each: ``path``, ``error`` (null on success), ``duration_s``,
        ``integrated_lufs``, ``true_peak_dbtp``, ``loudness_range_lu``, ``plr_lu``,
        ``tonal_deviation_db`` (root mean square, over the third octaves from 40 Hz to 16 kHz, of
        its loudness-matched level less the median of the album), ``stereo_width``,
        ``low_end_share``, ``silence_start_s``, ``silence_end_s`` (until the first and after the
        last 10 ms above -70 LUFS), and ``outlier`` (what is unlike the other songs; empty where
        nothing is).
    tonal_balance : pandas.DataFrame
        One row for each third octave: ``band_hz``, ``median_db`` over the songs, ``lo_db``,
        ``hi_db`` (smallest and largest).
    album_lufs : float
        Integrated loudness of all songs one after the other, as BS.1770 gates them; NaN if none
        has one.
    spotify_album_gain_db : float
        What Spotify turns the whole album up or down by when it is played as one: to -14 LUFS,
        and not beyond what leaves 1 dB below full scale at its highest true peak.
    words : tuple of str
        What stands out, in plain sentences.
    provenance : dict
        Version, function, and how many songs.
    """

    _drawn_by: ClassVar[str] = "album_loudness"
    _called: ClassVar[str] = "Album"
    _caption: ClassVar[str] = "Songs"

    songs: "pd.DataFrame" = field(repr=False, compare=False)
    tonal_balance: "pd.DataFrame" = field(repr=False, compare=False)
    album_lufs: float
    spotify_album_gain_db: float
    words: tuple[str, ...]

    def to_frame(self) -> "pd.DataFrame":
        """Give the songs.

        Returns
        -------
        pandas.DataFrame
            One row for each.
        """
        return self.songs.copy()

    def _rows(self) -> Mapping[str, str]:
        return {"Songs": f"{len(self.songs):,}", **super()._rows()}


def album(sources: Songs, *, jobs: int | None = None, progress: bool | None = None) -> AlbumReport:
    """Tell how consistent the songs of an album are.

    Parameters
    ----------
    sources : Recording, path-like, or iterable of them
        A folder, files, patterns or recordings, in the order of the album.
    jobs : int, optional
        Worker processes; all processors by default. The numbers do not depend on it.
    progress : bool, optional
        Show a progress bar; by default when a person watches.

    Returns
    -------
    AlbumReport
        A row for each song, what stands out, and the loudness of the whole. A file that cannot be
        measured has its error and no numbers.

    Raises
    ------
    AudioNotFoundError
        If nothing was given, or nothing of it exists.
    InputError
        If a source is none, or ``jobs`` is below 1.

    Notes
    -----
    A song stands out where its distance from the median of the album is more than 3.5 times the
    median absolute deviation, scaled to a standard deviation, or a least spread if that is larger
    (0.8 LU for loudness: nothing closer than 2.8 LU stands out). It takes three songs.

    Examples
    --------
    >>> import musictools as mt
    >>> songs = [
    ...     mt.datasets.simulate_recording(duration_s=8, loudness_lufs=level, rng=1).recording
    ...     for level in (-14, -14, -14, -20)
    ... ]
    >>> report = mt.audio.album(songs)
    >>> report.songs["outlier"].tolist()
    ['', '', '', 'loudness, true peak']
    """
    rows = measure_songs(sources, album_values, hint=_HINT, jobs=jobs, progress=progress)
    levels = np.array([[row.found.get(name, math.nan) for name in band_columns()] for row in rows])
    median = np.array([middle(column) for column in levels.T])
    for row, level in zip(rows, levels, strict=True):
        if row.error is None:
            row.found["tonal_deviation_db"] = _deviation(level - median)
    told = _outliers(rows)
    album_lufs = gated_lufs(np.concatenate([[0.0], *(r.found.get("powers", []) for r in rows)]))
    peaks = _of(rows, "true_peak_dbtp")
    gain = gain_db("Spotify", "normal", Master(album_lufs, peaks[np.isfinite(peaks)]))
    return AlbumReport(
        songs=_table(rows, told),
        tonal_balance=_balance(levels, median),
        album_lufs=album_lufs,
        spotify_album_gain_db=gain,
        words=_words(rows, told, album_lufs=album_lufs, gain_db=gain),
        provenance={"musictools": __version__, "function": "album", "songs": len(rows)},
    )


def _deviation(difference_db: Floats) -> float:
    bands = np.array(BANDS_HZ)
    within = difference_db[(bands >= _TONAL_HZ[0]) & (bands <= _TONAL_HZ[1])]
    known = within[~np.isnan(within)]
    return float(np.sqrt(np.mean(known**2))) if known.size else math.nan


def _of(rows: Sequence[SongRow], name: str) -> Floats:
    return np.array([row.found.get(name, math.nan) for row in rows], np.float64)


def _outliers(rows: Sequence[SongRow]) -> list[dict[str, str]]:
    """For each song, what stands out: a sentence part by the spoken name."""
    told: list[dict[str, str]] = [{} for _ in rows]
    for column in _COLUMNS:
        values = _of(rows, column.name)
        if np.sum(~np.isnan(values)) < _FEWEST:
            continue
        centre = middle(values)
        spread = max(_TO_SIGMA * middle(np.abs(values - centre)), column.floor)
        for place, value in enumerate(values):
            if abs(value - centre) > _OUTLIER * spread and _matters(column, value, centre):
                told[place][column.spoken] = _apart(column, value, centre)
    return told


def _matters(column: _Column, value: float, centre: float) -> bool:
    """Nobody minds a song that is closer to the others than they are to each other."""
    return column.name != "tonal_deviation_db" or value > centre


def _apart(column: _Column, value: float, centre: float) -> str:
    digits = 2 if column.unit == "1" else 1
    unit = "" if column.unit == "1" else f" {column.unit}"
    amount = f"{abs(value - centre):.{digits}f}{unit}"
    return f"{column.spoken} {amount} {'above' if value > centre else 'below'} the median"


def _table(rows: Sequence[SongRow], told: Sequence[Mapping[str, str]]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(
        {
            "path": pd.Series([row.path for row in rows], dtype="str"),
            "error": pd.Series([row.error for row in rows], dtype="str"),
            **{name: _of(rows, name) for name in _NUMBERS},
            "outlier": pd.Series([", ".join(parts) for parts in told], dtype="str"),
        }
    )


def _balance(levels: Floats, median: Floats) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(
        {
            "band_hz": np.array(BANDS_HZ, np.float64),
            "median_db": median,
            # Of nothing but NaN there is no smallest, and numpy would warn.
            "lo_db": np.fmin.reduce(levels, axis=0),
            "hi_db": np.fmax.reduce(levels, axis=0),
        }
    )


def _words(
    rows: Sequence[SongRow],
    told: Sequence[Mapping[str, str]],
    *,
    album_lufs: float,
    gain_db: float,
) -> tuple[str, ...]:
    from pathlib import PurePath

    words = []
    if math.isfinite(album_lufs):
        words.append(
            f"The album has {album_lufs:.1f} LUFS; played as one, Spotify changes it by "
            f"{gain_db:+.1f} dB."
        )
    for row, parts in zip(rows, told, strict=True):
        if parts:
            words.append(f"{PurePath(row.path).name}: {'; '.join(parts.values())}.")
    failed = sum(row.error is not None for row in rows)
    if failed:
        words.append(f"{failed} of {counted(len(rows), 'file')} could not be measured: see error.")
    if len(rows) - failed >= _FEWEST and not any(told):
        words.append("No song stands out from the others.")
    return tuple(words)
