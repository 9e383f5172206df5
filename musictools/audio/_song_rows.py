"""Rows of many songs: files in worker processes, recordings here."""

import contextlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from musictools import _workers
from musictools._progress import track
from musictools.audio._find import find_files
from musictools.audio._loudness_sums import GATE_HOP, MOMENTARY, STEPS_PER_S, LoudnessSums, to_lufs
from musictools.audio._recording import Recording
from musictools.audio._song_row import COMPARISON_TRACKS, song_row
from musictools.audio._stream import hear
from musictools.audio._warm import compile_once
from musictools.errors import AudioError, InputError

Songs: TypeAlias = (
    "Recording | str | os.PathLike[str] | Iterable[Recording | str | os.PathLike[str]]"
)
Measure: TypeAlias = Callable[[Recording | str], dict[str, Any]]

# Fewer files than this are measured before a worker has loaded its libraries.
_FEW = 3
_TIMEOUT_S, _MEMORY_MIB = 3600.0, 2048.0
# As of the absolute gate of BS.1770.
_SILENT_LUFS = -70.0


@dataclass(frozen=True)
class SongRow:
    """One song of many.

    Attributes
    ----------
    path : str
        Its file, or ``"recording 1"`` for one that has none.
    found : dict of str to Any
        What was measured; empty after an error.
    error : str or None
        Why it could not be.
    """

    path: str
    found: dict[str, Any]
    error: str | None = None


def profile_values(source: Recording | str) -> dict[str, Any]:
    """Give the row of one song."""
    return dict(song_row(hear(source, COMPARISON_TRACKS)))


def album_values(source: Recording | str) -> dict[str, Any]:
    """Give the row of one song, silence at both ends, and the power of every 400 ms."""
    tracks = hear(source, COMPARISON_TRACKS)
    sums = tracks[LoudnessSums]
    sounds = (to_lufs(sums.powers()) > _SILENT_LUFS).nonzero()[0]
    ends = (float("nan"), float("nan"))
    if sounds.size:
        last_s = (int(sounds[-1]) + 1) / STEPS_PER_S
        ends = (float(sounds[0]) / STEPS_PER_S, max(0.0, tracks.duration_s - last_s))
    return {
        "duration_s": tracks.duration_s,
        "silence_start_s": ends[0],
        "silence_end_s": ends[1],
        **song_row(tracks),
        "powers": sums.series(MOMENTARY)[::GATE_HOP].tolist(),
    }


def measure_songs(
    sources: Songs,
    measure: Measure,
    *,
    hint: str,
    jobs: int | None = None,
    progress: bool | None = None,
) -> list[SongRow]:
    """Measure every recording in what was given, in its order.

    Parameters
    ----------
    sources : Recording, path-like, or iterable of them
        Recordings, files, folders and patterns.
    measure : callable
        Gives the values of a ``source``; a function of a module, so that workers find it.
    hint : str
        What an error about ``sources`` suggests to type.
    jobs : int, optional
        Worker processes; all processors by default. 1 measures in this process.
    progress : bool, optional
        Show a progress bar; by default when a person watches.

    Returns
    -------
    list of SongRow
        A file that cannot be measured has its error.
    """
    if jobs is not None and jobs < 1:
        raise InputError(
            "measure songs", got=f"jobs={jobs}", expected="1 or more", hint="leave jobs out"
        )
    songs = _listed(sources, hint)
    files = [song for song in songs if isinstance(song, str)]
    rows: dict[str, SongRow] = {}
    if len(files) > _FEW and jobs != 1:
        rows = _by_workers(files, measure, jobs=jobs or _workers.cpu_count(), progress=progress)
    nameless = 0
    found = []
    for song in songs:
        if isinstance(song, str):
            found.append(rows[song] if song in rows else _measured(song, song, measure))
            continue
        nameless += song.path is None
        name = str(song.path) if song.path is not None else f"recording {nameless}"
        found.append(_measured(name, song, measure))
    return found


def _by_workers(
    files: list[str], measure: Measure, *, jobs: int, progress: bool | None
) -> dict[str, SongRow]:
    outcomes = _workers.run(
        f"{measure.__module__}:{measure.__name__}",
        [{"source": path} for path in files],
        jobs=jobs,
        timeout_s=_TIMEOUT_S,
        memory_mib=_MEMORY_MIB,
    )
    compile_once()
    rows = {}
    # Closed at once if the loop is left, so that no process outlives it.
    with contextlib.closing(outcomes):
        for done in track(outcomes, total=len(files), label="measuring", progress=progress):
            path = done.task["source"]
            rows[path] = SongRow(path, done.result or {}, done.error)
    return rows


def _measured(name: str, song: Recording | str, measure: Measure) -> SongRow:
    try:
        return SongRow(name, measure(song))
    except (AudioError, OSError) as error:
        if isinstance(song, Recording):
            raise
        return SongRow(name, {}, f"{type(error).__name__}: {error}")


def _listed(sources: Songs, hint: str) -> list[Recording | str]:
    """List recordings as they are, and the files that all else names, each once."""
    given = _given(sources)
    if not any(isinstance(one, Recording) for one in given):
        return list(find_files(given, hint=hint))
    found: list[Recording | str] = []
    for one in given:
        found.extend([one] if isinstance(one, Recording) else find_files(one, hint=hint))
    return list(dict.fromkeys(found))


def _given(sources: Any) -> list[Any]:
    if isinstance(sources, Recording | str | os.PathLike):
        return [sources]
    given = list(sources) if isinstance(sources, Iterable) else [sources]
    for one in given:
        if not isinstance(one, Recording | str | os.PathLike):
            raise InputError(
                "measure songs",
                got=f"something of type {type(one).__name__}",
                expected="recordings, files, folders or patterns, one or a list",
                hint="mt.audio.from_samples(samples, 44_100) makes a recording of an array",
            )
    return given
