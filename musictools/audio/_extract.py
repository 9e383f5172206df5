"""From a folder of songs to a table of features, on all cores, resumable."""

import contextlib
import os
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools import _workers
from musictools._progress import track
from musictools.audio import _shards
from musictools.audio._descriptor import Descriptor
from musictools.audio._engine import choose
from musictools.audio._find import Paths, find_files
from musictools.audio._shards import ERROR, ID, PATH, VERSION, Row, Shards
from musictools.audio._warm import compile_once
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_CHANGED = "AudioError: the file changed while it was measured. Try: run again"


def extract(
    paths: Paths,
    *,
    out: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    engine: str = "musictools",
    resume: bool = True,
    progress: bool | None = None,
    timeout_s: float = 3600.0,
    memory_mib: float = 2048.0,
) -> "pd.DataFrame":
    """Measure every recording in files, folders and patterns.

    Parameters
    ----------
    paths : path-like, or iterable of path-like
        Files, folders (with everything below them) and patterns such as ``"album/*.flac"``.
    out : path-like, optional
        A Parquet file for the table, which holds the recordings of this run and no others.
        Finished rows are kept beside it while the run goes on, so that a run that was killed goes
        on where it stopped. An earlier table with rows that this one lacks is kept as
        ``NAME.previous.parquet``.
    jobs : int, optional
        Worker processes; all processors by default. The numbers do not depend on it.
    engine : str, default "musictools"
        Who measures: ``"musictools"``, or for comparison ``"essentia"`` or ``"librosa"``, whose
        columns begin with their name.
    resume : bool, default True
        Take rows of recordings with the same content from ``out``, if an earlier run measured
        them with the same version of the descriptors; False measures all again.
    progress : bool, optional
        Show a progress bar; by default when a person watches.
    timeout_s : float, default 3600
        A recording that takes longer becomes an error row; a song takes seconds.
    memory_mib : float, default 2048
        A recording whose worker grows beyond it becomes an error row.

    Returns
    -------
    pandas.DataFrame
        One row for each recording: ``path``, ``recording_id`` (a hash of the file's content),
        ``error`` (null on success), one column for each row of :func:`descriptors`, and
        ``features_version``. A recording that cannot be measured has its error and no numbers.

    Raises
    ------
    AudioNotFoundError
        If nothing that was given exists, or holds any recording.
    InputError
        If ``out`` is something else than a features table, the engine is unknown, or a number is
        out of range.
    MissingExtraError
        If the engine is not installed.

    Examples
    --------
    >>> import tempfile, pathlib, numpy as np, soundfile, musictools as mt
    >>> folder = tempfile.TemporaryDirectory()
    >>> soundfile.write(pathlib.Path(folder.name, "a.wav"), np.full(44_100, 0.5), 44_100)
    >>> features = mt.audio.extract(folder.name, jobs=1)
    >>> features["duration_s"].tolist(), features["error"].isna().all()
    ([1.0], np.True_)
    >>> folder.cleanup()
    """
    _check_limits(jobs=jobs, timeout_s=timeout_s, memory_mib=memory_mib)
    columns = choose(engine).columns()
    target = None if out is None else Path(out).expanduser()
    earlier = None if target is None else _shards.check_target(target)
    files = find_files(paths)
    names = [d.name for d in columns]
    version = _shards.features_version(choose(engine).version(), names)
    shards = None if target is None else Shards(target, version)
    ids = _content_ids(files, progress=progress)
    known: dict[str, Row] = {}
    if shards is not None and resume:
        known = _shards.known_rows(earlier, version, names) | shards.rows(names)
    tasks = [
        {"path": path, "recording_id": ids[path], "shard": _place(shards, ids[path])}
        | {"engine": engine}
        for path in sorted(files, key=_size, reverse=True)  # a long last file idles the others
        if ids[path] not in known
    ]
    if engine == "musictools" and tasks:
        compile_once()
    outcomes = _workers.run(
        "musictools.audio._measure:measure",
        tasks,
        jobs=jobs or _workers.cpu_count(),
        timeout_s=timeout_s,
        memory_mib=memory_mib,
    )
    measured, errors = _sort(outcomes, total=len(tasks), progress=progress)
    rows = known | measured
    table = _table(files, ids, rows, errors, columns=columns, version=version)
    if target is not None and shards is not None:
        _shards.write_table(target, table, earlier)
        shards.clear(rows)
    return table


def _check_limits(**limits: float | None) -> None:
    for name, value in limits.items():
        least = 1 if name == "jobs" else 0
        if value is not None and (value < least or not value > 0):
            raise InputError(
                "extract",
                got=f"{name}={value}",
                expected="1 or more" if least else "more than 0",
                hint=f"leave {name} out",
            )


def _sort(
    outcomes: Generator[_workers.Outcome, None, None], *, total: int, progress: bool | None
) -> tuple[dict[str, Row], dict[str, str]]:
    """Rows by recording, and errors by path."""
    rows: dict[str, Row] = {}
    errors: dict[str, str] = {}
    # Closed at once if the loop is left: an interrupted notebook keeps its traceback, and with it
    # the generator and its processes.
    with contextlib.closing(outcomes):
        for outcome in track(outcomes, total=total, label="measuring", progress=progress):
            path, recording_id = outcome.task["path"], outcome.task["recording_id"]
            if outcome.error is not None or recording_id is None:
                errors[path] = outcome.error or _CHANGED
            else:
                rows[recording_id] = outcome.result
    return rows, errors


def _content_ids(files: list[str], *, progress: bool | None) -> dict[str, str | None]:
    with ThreadPoolExecutor(_workers.cpu_count()) as pool:
        found = pool.map(_shards.content_id, files)
        shown = track(found, total=len(files), label="looking", progress=progress)
        return dict(zip(files, shown, strict=True))


def _place(shards: Shards | None, recording_id: str | None) -> str | None:
    return None if shards is None or recording_id is None else str(shards.path(recording_id))


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return 0


def _table(
    files: list[str],
    ids: Mapping[str, str | None],
    rows: Mapping[str, Row],
    errors: Mapping[str, str],
    *,
    columns: Sequence[Descriptor],
    version: str,
) -> "pd.DataFrame":
    import pandas as pd

    measured: list[Row] = [{} if path in errors else rows[ids[path] or ""] for path in files]
    data: dict[str, Any] = {
        PATH: pd.Series([_writable(path) for path in files], dtype="str"),
        ID: pd.Series([ids[path] for path in files], dtype="str"),
        ERROR: pd.Series([_writable(errors.get(path)) for path in files], dtype="str"),
    }
    for descriptor in columns:
        values = [row.get(descriptor.name) for row in measured]
        # Arrays of numbers, since three thousand series would take half a second to make.
        data[descriptor.name] = (
            pd.Series(values, dtype="str")
            if descriptor.unit == "text"
            else np.array(values, dtype=np.float64)
        )
    data[VERSION] = pd.Series([version] * len(files), dtype="str")
    return pd.DataFrame(data)


def _writable(text: str | None) -> str | None:
    """Spell bytes of a file name that are no text, which no table can hold."""
    return None if text is None else os.fsencode(text).decode("utf-8", "backslashreplace")
