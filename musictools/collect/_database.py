"""One SQLite file that several threads and processes share."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from musictools.errors import InputError, ServiceError

# How long a writer waits for another: a daily job's page is written in milliseconds.
_PATIENCE_S = 60.0


class Database:
    """A connection that threads use one at a time.

    Parameters
    ----------
    path : str or Path
        SQLite file; ``":memory:"`` for this process alone.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.db = _connect(path)
        self.is_open = True

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, whole or not at all, one thread and one process at a time."""
        with self.lock:
            self._check_open()
            try:
                self.db.execute("BEGIN IMMEDIATE")
                yield self.db
                self.db.execute("COMMIT")
            except BaseException as error:
                # Of a full disk SQLite may have rolled back by itself.
                with contextlib.suppress(sqlite3.Error):
                    self.db.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error) and not isinstance(
                    error, sqlite3.IntegrityError
                ):
                    raise _unwritten(self.path, error) from error
                raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Keep other threads away while something is read."""
        with self.lock:
            self._check_open()
            yield self.db

    def _check_open(self) -> None:
        if not self.is_open:
            raise InputError(
                f"use the store {self.path}",
                got="a store that was closed",
                expected="an open one",
                hint="with mt.collect.Store(path) as store: ...",
            )

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self.is_open = False
            self.db.close()


def _unwritten(path: str | Path, error: sqlite3.Error) -> ServiceError:
    return ServiceError(
        f"write to the store {path}",
        got=str(error),
        expected="room on the disk, and leave to write",
        hint="nothing of this step was kept; collect again once that is mended, and it goes on",
    )


def _use_log(db: sqlite3.Connection) -> None:
    """Change to WAL mode; SQLite does not wait here for others who do the same just now."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _connect(path: str | Path) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(
            path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
        )
        _use_log(db)
    except sqlite3.Error as error:
        raise ServiceError(
            f"open the store {path}",
            got=str(error),
            expected="a SQLite file in a folder that can be written to",
            hint="mt.collect.Store('a-folder-of-yours/collected.sqlite')",
        ) from error
    # In WAL mode a crash of the process loses nothing, and one of the machine only the last pages.
    db.execute("PRAGMA synchronous=NORMAL")
    db.execute("PRAGMA wal_autocheckpoint=4000")
    # What must be deleted must not stay readable in the file.
    db.execute("PRAGMA secure_delete=ON")
    return db
