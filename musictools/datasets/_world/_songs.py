"""Where the rendered songs are, and whether they are whole."""

import dataclasses
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from musictools.datasets import _synth
from musictools.datasets._synth._spec import SongSpec
from musictools.datasets._world._cache import fingerprint
from musictools.datasets._world._ids import slug


def file_name(recording_id: str, artist: str, title: str) -> str:
    """Readable name of a song's file, such as ``07-artist-title.flac``."""
    return f"{recording_id[1:]}-{slug(artist)}-{slug(title)}.flac"


@lru_cache(maxsize=1)
def _studio() -> str:
    return fingerprint(Path(_synth.__path__[0]))


def song_key(spec: SongSpec) -> str:
    """Digest of everything that decides a song: its specification and the studio's sources."""
    return hashlib.sha256(f"{_studio()} {spec!r}".encode()).hexdigest()


def sidecar(path: Path) -> Path:
    """File of the truth and the checksum, beside the song."""
    return path.with_suffix(".json")


def record(path: Path) -> dict[str, Any] | None:
    """Read what was written down about a song when it was rendered; None if nothing was."""
    try:
        note = json.loads(sidecar(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return note if isinstance(note, dict) else None


def is_there(path: Path, spec: SongSpec) -> bool:
    """Whether a song was rendered from this specification and has its full size."""
    note = record(path)
    try:
        size = path.stat().st_size
    except OSError:
        return False
    return note is not None and note.get("key") == song_key(spec) and note.get("size") == size


def is_whole(path: Path, spec: SongSpec) -> bool:
    """Whether a song is there and has the checksum that it was written with."""
    if not is_there(path, spec):
        return False
    note = record(path)
    return note is not None and note.get("sha256") == checksum(path)


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def plain(value: Any) -> Any:
    """Turn arrays and dataclasses into what JSON can carry."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {k: plain(v) for k, v in dataclasses.asdict(value).items()}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value
