"""From a folder of songs to a table of features, on all cores, resumable."""

import contextlib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musictools import _workers
from musictools._progress import track
from musictools.audio import _shards
from musictools.audio._find import Paths, find_files
from musictools.audio._shards import ERROR, ID, PATH, VERSION, Row, Shards
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

# A song takes seconds; a decoder that hangs must not hold the run for ever.
_TIMEOUT_S = 1800.0
_CHANGED = "AudioError: the file changed while it was measured. Try: run again"


def extract(
    paths: Paths,
    *,
    out: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    resume: bool = True,
    progress: bool | None = None,
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
    resume : bool, default True
        Take rows of recordings with the same content from ``out``, if an earlier run measured
        them with the same version of the descriptors; False measures all again.
    progress : bool, optional
        Show a progress bar; by default when a person watches.

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
        If ``out`` is something else than a features table, or ``jobs`` is below 1.

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
    if jobs is not None and jobs < 1:
        raise InputError("extract", got=f"jobs={jobs}", expected="1 or more", hint="jobs=2")
    target = None if out is None else Path(out).expanduser()
    earlier = None if target is None else _shards.check_target(target)
    files = find_files(paths)
    names = descriptor_names()
    version = _shards.features_version(names)
    shards = None if target is None else Shards(target, version)
    ids = _content_ids(files, progress=progress)
    known: dict[str, Row] = {}
    if shards is not None and resume:
        known = _shards.known_rows(earlier, version, names) | shards.rows(names)
    rows, errors = _measure(files, ids, known, shards, jobs=jobs, progress=progress)
    table = _table(files, ids, rows, errors, version=version)
    if target is not None and shards is not None:
        _shards.write_table(target, table, earlier)
        shards.clear(rows)
    return table


def descriptor_names() -> list[str]:
    """Columns that a row holds, without loading what computes them."""
    from musictools.audio._describe import columns

    return [d.name for d in columns()]


def _measure(
    files: list[str],
    ids: Mapping[str, str | None],
    known: Mapping[str, Row],
    shards: Shards | None,
    *,
    jobs: int | None,
    progress: bool | None,
) -> tuple[dict[str, Row], dict[str, str]]:
    """Rows by recording, and errors by path."""
    rows = dict(known)
    errors: dict[str, str] = {}
    tasks = [
        {"path": path, "recording_id": ids[path], "shard": _place(shards, ids[path])}
        for path in sorted(files, key=_size, reverse=True)  # a long last file idles the others
        if ids[path] not in known
    ]
    outcomes = _workers.run(
        "musictools.audio._measure:measure",
        tasks,
        jobs=jobs or _workers.cpu_count(),
        timeout_s=_TIMEOUT_S,
    )
    # Closed at once if the loop is left: an interrupted notebook keeps its traceback, and with it
    # the generator and its processes.
    with contextlib.closing(outcomes):
        for outcome in track(outcomes, total=len(tasks), label="measuring", progress=progress):
            path = outcome.task["path"]
            recording_id = ids[path]
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
    version: str,
) -> "pd.DataFrame":
    import pandas as pd

    from musictools.audio._describe import columns

    measured: list[Row] = [{} if path in errors else rows[ids[path] or ""] for path in files]
    data: dict[str, Any] = {
        PATH: pd.Series([_writable(path) for path in files], dtype="str"),
        ID: pd.Series([ids[path] for path in files], dtype="str"),
        ERROR: pd.Series([_writable(errors.get(path)) for path in files], dtype="str"),
    }
    for descriptor in columns():
        dtype = "str" if descriptor.unit == "text" else "float64"
        values = [row.get(descriptor.name) for row in measured]
        data[descriptor.name] = pd.Series(values, dtype=dtype)
    data[VERSION] = pd.Series([version] * len(files), dtype="str")
    return pd.DataFrame(data)


def _writable(text: str | None) -> str | None:
    """Spell bytes of a file name that are no text, which no table can hold."""
    return None if text is None else os.fsencode(text).decode("utf-8", "backslashreplace")
