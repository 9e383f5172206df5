"""Keep the tables of a world on disk, and notice when they were damaged."""

import hashlib
import io
import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from musictools._files import replacing
from musictools._paths import cache_dir
from musictools.datasets._world._build import (
    CATALOGUE,
    TABLES,
    TRUTH,
    VERSION,
    build,
    build_catalogue,
    settled,
)

_LOG = logging.getLogger("musictools")
_INDEX = "index.json"
NAMES = (*TABLES, *(f"truth/{name}" for name in TRUTH))


def world_dir(seed: int) -> Path:
    """Folder of one world; not created."""
    return cache_dir("label", f"{seed}-v{VERSION}")


def fingerprint(folder: Path) -> str:
    """Digest of the sources in a folder: whatever they make is stale when they change."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    with replacing(path) as draft:
        draft.write_bytes(content)


class Shelf(Mapping[str, pd.DataFrame]):
    """The tables of one world, each read when it is first asked for, and built when nowhere kept.

    Parameters
    ----------
    seed : int
        Seed of the world.
    cache : bool
        Whether to keep the tables on disk. Where that is not possible they are kept in memory.
    """

    def __init__(self, seed: int, *, cache: bool) -> None:
        self._seed = seed
        self._folder = world_dir(seed) / "tables" if cache else None
        self._held: dict[str, pd.DataFrame] = {}
        self._index = self._read_index()

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._hold(name).copy()

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)

    def rows(self, name: str) -> int:
        """Rows of a table, without reading it where that can be avoided."""
        if name in self._held or not self._index:
            return len(self._hold(name))
        return int(self._index["tables"][name]["rows"])

    def _hold(self, name: str) -> pd.DataFrame:
        if name not in NAMES:
            raise KeyError(name)
        if name not in self._held:
            frame = self._read(name) if self._index else None
            if frame is not None:
                self._held[name] = frame
            elif name in CATALOGUE and not self._index:
                self._held |= build_catalogue(self._seed)
            else:
                self._rebuild()
        return self._held[name]

    def _read_index(self) -> dict[str, Any]:
        if self._folder is None:
            return {}
        try:
            index = json.loads((self._folder / _INDEX).read_text(encoding="utf-8"))
            complete = index["sources"] == _sources() and set(index["tables"]) == set(NAMES)
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return dict(index) if complete else {}

    def _read(self, name: str) -> pd.DataFrame | None:
        if self._folder is None:
            return None
        try:
            content = (self._folder / _file(name)).read_bytes()
        except OSError:
            return None
        if hashlib.sha256(content).hexdigest() != self._index["tables"][name]["sha256"]:
            return None
        return _from_parquet(content)

    def _rebuild(self) -> None:
        if self._index:
            _LOG.warning("a table in %s was damaged or removed: building again", self._folder)
        self._held = build(self._seed)
        if self._folder is None:
            return
        try:
            self._index = _store(self._folder, self._held)
        except OSError as error:
            _LOG.warning("cannot keep the tables in %s (%s): held in memory", self._folder, error)
            self._folder = None


def _sources() -> str:
    here = Path(__file__).resolve().parent
    return fingerprint(here)


def _file(name: str) -> str:
    return name.replace("/", "-") + ".parquet"


def _store(folder: Path, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    entries = {}
    for name, frame in tables.items():
        buffer = io.BytesIO()
        frame.to_parquet(buffer, index=False, compression="zstd")
        content = buffer.getvalue()
        write_bytes(folder / _file(name), content)
        entries[name] = {"rows": len(frame), "sha256": hashlib.sha256(content).hexdigest()}
    index = {"sources": _sources(), "tables": entries}
    # The index comes last: without it the folder counts as empty.
    write_bytes(folder / _INDEX, json.dumps(index, indent=1).encode())
    return index


def _from_parquet(content: bytes) -> pd.DataFrame:
    frame = pd.read_parquet(io.BytesIO(content))
    for name in {"writers", "shares", "at_s"} & set(frame.columns):
        frame[name] = [list(values) for values in frame[name]]
    return settled(frame)
