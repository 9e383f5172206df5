"""The tables of a store, made from the kinds of rows."""

import dataclasses
import datetime as dt
import json
import operator
import typing
import zlib
from collections.abc import Iterable
from functools import cache
from typing import Any

from musictools.collect._rows import KINDS, Observation, Row

_RAW = """
CREATE TABLE IF NOT EXISTS raw (
    raw_id INTEGER PRIMARY KEY, job_id INTEGER, platform TEXT NOT NULL, method TEXT NOT NULL,
    url TEXT NOT NULL, params_hash TEXT NOT NULL, fetched_at REAL NOT NULL,
    status INTEGER NOT NULL, body BLOB NOT NULL, policy TEXT NOT NULL
)"""
# A number is never given again: answers of a job that was asked anew keep its number.
_JOBS = """
CREATE TABLE IF NOT EXISTS jobs (
    job_id INTEGER PRIMARY KEY AUTOINCREMENT, platform TEXT NOT NULL, base_url TEXT NOT NULL,
    call TEXT NOT NULL, run TEXT NOT NULL, state TEXT, n_rows INTEGER NOT NULL DEFAULT 0,
    n_calls INTEGER NOT NULL DEFAULT 0, started_at REAL NOT NULL, finished_at REAL,
    UNIQUE (platform, base_url, call, run)
)"""
_ABSENCES = """
CREATE TABLE IF NOT EXISTS absences (
    platform TEXT, base_url TEXT, call TEXT, found_at REAL NOT NULL, expires_at REAL NOT NULL,
    PRIMARY KEY (platform, base_url, call)
) WITHOUT ROWID"""
# Append-only: a number that the platform corrects later is another row, and both stay.
_OBSERVATIONS = """
CREATE TABLE IF NOT EXISTS observations (
    observation_id INTEGER PRIMARY KEY, entity_id TEXT NOT NULL, platform TEXT NOT NULL,
    metric TEXT NOT NULL, observed_at TEXT NOT NULL, value REAL NOT NULL,
    fetched_at REAL NOT NULL, raw_id INTEGER, source TEXT NOT NULL, policy TEXT NOT NULL
)"""
_BY_ENTITY = """
CREATE INDEX IF NOT EXISTS observations_by_entity
    ON observations (platform, metric, entity_id, observed_at, observation_id)"""
_BY_RAW = "CREATE INDEX IF NOT EXISTS raw_by_age ON raw (platform, fetched_at)"
# A number that is the same as when it was last asked for is no news.
_ADD_OBSERVATION = """
INSERT INTO observations
    (entity_id, platform, metric, observed_at, value, fetched_at, raw_id, source, policy)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
WHERE ?5 IS NOT (
    SELECT value FROM observations
    WHERE platform = ?2 AND metric = ?3 AND entity_id = ?1 AND observed_at = ?4
    ORDER BY observation_id DESC LIMIT 1
)"""
_ORIGIN = ("fetched_at REAL NOT NULL", "raw_id INTEGER", "source TEXT NOT NULL",
           "policy TEXT NOT NULL")  # fmt: skip
_TYPES = {str: "TEXT", int: "INTEGER", bool: "INTEGER", float: "REAL", tuple: "TEXT"}


def insert_of(kind: type[Row]) -> str:
    """Give the statement that keeps a row of a kind, in place of an older one of the same key."""
    if kind is Observation:
        return _ADD_OBSERVATION
    return _upsert(kind)


def values_of(rows: Iterable[Row], kind: type[Row]) -> list[tuple[Any, ...]]:
    """Give what is stored of rows of one kind, in the order of their columns."""
    plain = operator.attrgetter(*_names(kind))
    found = [plain(row) for row in rows]
    odd = _unstorable(kind)
    if not odd:
        return found
    return [
        tuple([_stored(value) if i in odd else value for i, value in enumerate(values)])
        for values in found
    ]


def read_key(kind: type[Row], key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Turn a stored key back into what rows hold."""
    if kind is not Observation:
        return key
    *names, observed_at = key
    return (*names, dt.datetime.fromisoformat(observed_at))


def pack(body: str) -> bytes:
    """Make an answer small: JSON repeats itself, and years of snapshots add up (zlib)."""
    return zlib.compress(body.encode(), 1)


def unpack(body: bytes) -> str:
    """Undo `pack`."""
    return zlib.decompress(body).decode()


def _stored(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        # Without a zone it is UTC, as everywhere here, and not the time of this machine.
        utc = value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
        return utc.isoformat()
    return json.dumps(value, ensure_ascii=False)


@cache
def _unstorable(kind: type[Row]) -> frozenset[int]:
    """Columns of lists and times, which SQLite has no type for."""
    hints = typing.get_type_hints(kind)
    return frozenset(
        i
        for i, name in enumerate(_names(kind))
        if typing.get_origin(hints[name]) is tuple or hints[name] is dt.datetime
    )


@cache
def _upsert(kind: type[Row]) -> str:
    names = [*_names(kind), "fetched_at", "raw_id", "source", "policy"]
    marks = ", ".join("?" * len(names))
    rest = [name for name in names if name not in kind.KEY]
    news = ", ".join(f"{name} = excluded.{name}" for name in rest)
    return (
        f"INSERT INTO {kind.TABLE} ({', '.join(names)}) VALUES ({marks}) "  # noqa: S608 - our own names
        f"ON CONFLICT ({', '.join(kind.KEY)}) DO UPDATE SET {news}"
    )


def _names(kind: type[Row]) -> tuple[str, ...]:
    return tuple(kind.__match_args__)  # type: ignore[attr-defined]


def _create(kind: type[Row]) -> str:
    hints = typing.get_type_hints(kind)
    lines = []
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        options = [t for t in typing.get_args(hints[field.name]) if t is not type(None)]
        bare = typing.get_origin(hints[field.name])
        plain = tuple if bare is tuple else options[0] if options else hints[field.name]
        lines.append(f"{field.name} {_TYPES[plain]}")
    key = f"PRIMARY KEY ({', '.join(kind.KEY)})"
    parts = ", ".join([*lines, *_ORIGIN, key])
    # The key is the table: one tree to write instead of two.
    return f"CREATE TABLE IF NOT EXISTS {kind.TABLE} ({parts}) WITHOUT ROWID"


SCHEMA = (
    _RAW,
    _JOBS,
    _ABSENCES,
    _OBSERVATIONS,
    _BY_ENTITY,
    _BY_RAW,
    *(_create(kind) for kind in KINDS if kind is not Observation),
)
