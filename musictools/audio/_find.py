"""From what the reader typed (files, folders, globs) to a list of recordings."""

import glob
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from musictools.audio._decode import AUDIO_SUFFIXES
from musictools.errors import AudioNotFoundError, InputError

_log = logging.getLogger("musictools")

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def find_files(paths: Paths, *, hint: str = 'mt.audio.extract("my-music/")') -> list[str]:
    """List the recordings that files, folders and globs name.

    Parameters
    ----------
    paths : path-like, or iterable of path-like
        A file is taken whatever it is called; a folder gives every file below it with an audio
        suffix, hidden ones left out; a pattern gives its matches.
    hint : str
        What an error suggests to type.

    Returns
    -------
    list of str
        Each once; in the order given, and sorted within a folder or a pattern. A file that is not
        there is listed too, so that it becomes a row with an error.

    Raises
    ------
    AudioNotFoundError
        If nothing that was given exists, an empty list was given, or the folders hold no recording.
    InputError
        If a path is no path.
    """
    given = [paths] if isinstance(paths, str | os.PathLike) else _listed(paths, hint)
    if not given:
        raise AudioNotFoundError(
            "find recordings", got="an empty list", expected=_EXPECTED, hint=hint
        )
    found: dict[str, str] = {}
    exists = False
    for path in given:
        matches = _expand(path)
        exists = exists or bool(matches)
        for match in matches if matches is not None else [os.fspath(path)]:
            found.setdefault(os.path.abspath(match), match)
    if not exists:
        raise AudioNotFoundError(
            "find recordings",
            got=_told(given),
            expected=_EXPECTED,
            hint=hint,
        )
    return list(found.values())


_EXPECTED = "files, folders or patterns that exist and hold audio (.wav .flac .mp3 .ogg .m4a ...)"
_MOST_TOLD = 5


def _told(given: Sequence[str | os.PathLike[str]]) -> str:
    """Name what led to nothing, and whether it is there."""
    names = [
        f"the folder {os.fspath(p)!r} without audio"
        if os.path.isdir(os.path.expanduser(p))
        else f"{os.fspath(p)!r}, which leads to nothing"
        for p in given[:_MOST_TOLD]
    ]
    more = len(given) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _listed(paths: object, hint: str) -> list[str | os.PathLike[str]]:
    given = list(paths) if isinstance(paths, Iterable) and not isinstance(paths, bytes) else [paths]
    listed: list[str | os.PathLike[str]] = []
    for path in given:
        if not isinstance(path, str | os.PathLike):
            raise InputError(
                "find recordings",
                got=f"{path!r} of type {type(path).__name__}",
                expected="a path, a pattern, or a list of them",
                hint=hint,
            )
        listed.append(path)
    return listed


def _expand(path: str | os.PathLike[str]) -> list[str] | None:
    """Files that one argument names; None if it names nothing that exists."""
    text = os.path.expanduser(os.fspath(path))
    if os.path.isdir(text):
        return sorted(_walk(text))
    if os.path.lexists(text):
        return [text]
    # A Path is a name, and so is "Take [1].wav": its brackets would match "Take 1.wav", which is
    # another song.
    is_name = isinstance(path, os.PathLike) or not ("*" in text or "?" in text)
    if is_name and (isinstance(path, os.PathLike) or Path(text).suffix.lower() in AUDIO_SUFFIXES):
        return None
    return _matches(text) or None


def _matches(pattern: str) -> list[str]:
    """Files that a pattern matches; the folders before its first wildcard may hold brackets."""
    fixed, rest = "", pattern
    while os.sep in rest:
        head, _, tail = rest.partition(os.sep)
        if not os.path.isdir(fixed + head + os.sep):
            break
        fixed, rest = fixed + head + os.sep, tail
    # A link to a folder above gives each file many names: the shortest is enough.
    names: dict[str, str] = {}
    found = glob.glob(glob.escape(fixed) + rest, recursive=True)
    for match in sorted(found, key=lambda m: (len(m), m)):
        for file in _walk(match) if os.path.isdir(match) else [match]:
            names.setdefault(os.path.realpath(file), file)
    return sorted(names.values())


def _walk(folder: str) -> Iterator[str]:
    seen: set[str] = set()
    for where, folders, names in os.walk(folder, followlinks=True, onerror=_unreadable):
        # A linked album is wanted; a link to a folder above would never end.
        real = os.path.realpath(where)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        # Hidden folders hold thumbnails, trash and version control, never the reader's songs.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in AUDIO_SUFFIXES:
                yield os.path.join(where, name)


def _unreadable(error: OSError) -> None:
    _log.warning("cannot look into the folder %s: %s", error.filename, error.strerror)
