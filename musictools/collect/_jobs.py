"""Questions that were asked, and how far each has come: what lets a killed process go on."""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable
from typing import Any

from musictools.collect._call import Call, Page
from musictools.collect._database import Database
from musictools.collect._paging import Request
from musictools.collect._rows import Observation, Row
from musictools.collect._tables import insert_of, pack, read_key, values_of

#: A thing that is not there today may be there tomorrow.
_ABSENT_S = 24 * 3600.0


class OvertakenError(Exception):
    """Another process has landed the page that this one brings, or asks anew."""


class Jobs:
    """The questions of a store.

    Parameters
    ----------
    database : Database
        The store's.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(
        self, call: Call[Any], run: str, *, refresh: bool
    ) -> tuple[int, tuple[Request, ...] | None, tuple[int, int], bool]:
        """Give a job: its number, where to go on, rows and calls so far, and whether it is done."""
        key = (call.source.NAME, call.source.base_url, call.name, run)
        with self.database.write() as db:
            if refresh:
                db.execute(
                    "DELETE FROM jobs WHERE platform = ? AND base_url = ? AND call = ? AND run = ?",
                    key,
                )
            row = db.execute(
                "SELECT job_id, state, n_rows, n_calls, finished_at FROM jobs"
                " WHERE platform = ? AND base_url = ? AND call = ? AND run = ?",
                key,
            ).fetchone()
            if row is None:
                made = db.execute(
                    "INSERT INTO jobs (platform, base_url, call, run, started_at)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (*key, time.time()),
                )
                return int(made.lastrowid or 0), None, (0, 0), False
        job, state, n_rows, n_calls, finished = row
        start = None
        if state is not None:
            start = tuple(Request.from_json(text) for text in json.loads(state))
        return job, start, (n_rows, n_calls), finished is not None

    def land(self, pages: list[Page[Any]], call: Call[Any], job: int, n_calls: int) -> None:
        """Store pages and where to go on, whole or not at all, unless somebody was faster."""
        following = pages[-1].following
        with self.database.write() as db:
            for page in pages:
                _land_page(db, page, call, job)
            done = db.execute(
                "UPDATE jobs SET state = ?, n_rows = n_rows + ?, n_calls = n_calls + ?,"
                " finished_at = ? WHERE job_id = ? AND n_calls = ?",
                (
                    json.dumps([request.to_json() for request in following]),
                    sum(len(page.rows) for page in pages),
                    len(pages),
                    None if following else time.time(),
                    job,
                    n_calls,
                ),
            )
            if not done.rowcount:
                raise OvertakenError

    def keys_of(self, kind: type[Row], job: int) -> list[tuple[Any, ...]]:
        """Give the keys of the rows that a job has stored: the next page may repeat some."""
        with self.database.read() as db:
            keys = db.execute(
                f"SELECT {', '.join(kind.KEY)} FROM {kind.TABLE}"  # noqa: S608 - our own names
                " WHERE raw_id IN (SELECT raw_id FROM raw WHERE job_id = ?)",
                (job,),
            ).fetchall()
        return [read_key(kind, key) for key in keys]

    def is_absent(self, call: Call[Any]) -> bool:
        """Tell whether a platform said, not long ago, that there is no such thing."""
        with self.database.read() as db:
            row = db.execute(
                "SELECT 1 FROM absences WHERE platform = ? AND base_url = ? AND call = ?"
                " AND expires_at > ?",
                (call.source.NAME, call.source.base_url, call.name, time.time()),
            ).fetchone()
        return row is not None

    def note_absence(self, call: Call[Any], job: int) -> None:
        """Remember that there is no such thing."""
        stamp = time.time()
        with self.database.write() as db:
            db.execute("DELETE FROM jobs WHERE job_id = ?", (job,))
            db.execute(
                "INSERT OR REPLACE INTO absences VALUES (?, ?, ?, ?, ?)",
                (
                    call.source.NAME,
                    call.source.base_url,
                    call.name,
                    stamp,
                    stamp + _ABSENT_S,
                ),
            )


def _land_page(db: sqlite3.Connection, page: Page[Any], call: Call[Any], job: int) -> None:
    answer, policy = page.answer, call.source.NAME
    raw = db.execute(
        "INSERT INTO raw (job_id, platform, method, url, params_hash, fetched_at, status,"
        " body, policy) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            job,
            call.source.NAME,
            call.method,
            answer.url,
            hashlib.sha256(answer.request.to_json().encode()).hexdigest()[:16],
            answer.fetched_at,
            answer.status,
            pack(answer.text),
            policy,
        ),
    ).lastrowid
    insert_rows(db, page.rows, (answer.fetched_at, raw, answer.url, policy))


def insert_rows(
    db: sqlite3.Connection,
    rows: Iterable[Row],
    origin: tuple[float, int | None, str, str],
) -> None:
    """Keep rows of any kinds, with when and where they come from, and under which terms."""
    by_kind: dict[type[Row], list[Row]] = {}
    for row in rows:
        by_kind.setdefault(type(row), []).append(row)
    for kind, some in by_kind.items():
        if kind is Observation:
            # What nobody measured is a gap, and no number: NaN is not itself.
            some = [row for row in some if row["value"] == row["value"]]  # noqa: PLW2901
        db.executemany(insert_of(kind), [values + origin for values in values_of(some, kind)])
