"""What must go: data whose time is over, or whose owner asks for it."""

import json
import re
import sqlite3
from collections.abc import Callable
from urllib.parse import quote

from musictools._policy import Policy
from musictools.collect._rows import KINDS
from musictools.collect._tables import unpack

_DAY_S = 86_400.0
#: Columns that name what a row is about.
_ABOUT = ("entity_id", "artist_id", "track_id", "release_id", "playlist_id", "post_id", "author_id",
          "show_id", "station_id")  # fmt: skip


def purge_expired(
    db: sqlite3.Connection, policies: tuple[Policy, ...], now: float
) -> dict[str, int]:
    """Delete what is older than its policy allows; say how many rows of each table."""
    gone: dict[str, int] = {}
    for policy in policies:
        if policy.ttl_days is None:
            continue
        oldest = now - policy.ttl_days * _DAY_S
        for table in ("raw", *(kind.TABLE for kind in KINDS)):
            count = db.execute(
                f"DELETE FROM {table} WHERE policy = ? AND fetched_at < ?",  # noqa: S608
                (policy.name, oldest),
            ).rowcount
            gone[table] = gone.get(table, 0) + count
    return {table: count for table, count in gone.items() if count}


def purge_about(db: sqlite3.Connection, platform: str, entity_id: str | None) -> dict[str, int]:
    """Delete all that a platform told, or all that it told about one thing.

    The raw answers that hold it go as a whole: nobody can take one person out of a page.
    """
    gone: dict[str, int] = {}
    for kind in KINDS:
        names = [name for name in _ABOUT if name in kind.__match_args__]  # type: ignore[attr-defined]
        where, values = "platform = ?", [platform]
        if entity_id is not None:
            if not names:
                continue
            about = [f"{name} = ?" for name in names]
            values += [entity_id] * len(names)
            if "entity_id" in names:
                # Numbers name their kind as well: artist:27.
                about.append("substr(entity_id, instr(entity_id, ':') + 1) = ?")
                values.append(entity_id)
            where += f" AND ({' OR '.join(about)})"
        raws = f"SELECT raw_id FROM {kind.TABLE} WHERE {where} AND raw_id IS NOT NULL"  # noqa: S608
        _count(gone, "raw", db.execute(f"DELETE FROM raw WHERE raw_id IN ({raws})", values))  # noqa: S608
        _count(gone, kind.TABLE, db.execute(f"DELETE FROM {kind.TABLE} WHERE {where}", values))  # noqa: S608
    if entity_id is not None:
        # Rows know the last answer that held them; earlier ones hold them still.
        names_it = _naming(entity_id)
        db.create_function("names_it", 2, names_it, deterministic=True)
        _count(
            gone,
            "raw",
            db.execute("DELETE FROM raw WHERE platform = ? AND names_it(url, body)", (platform,)),
        )
    else:
        _count(gone, "raw", db.execute("DELETE FROM raw WHERE platform = ?", (platform,)))
        _count(gone, "jobs", db.execute("DELETE FROM jobs WHERE platform = ?", (platform,)))
        _count(gone, "absences", db.execute("DELETE FROM absences WHERE platform = ?", (platform,)))
    return gone


def _naming(entity_id: str) -> Callable[[str, bytes], bool]:
    """Find out whether an answer names something: in its address, or in a field of its body."""
    name = re.escape(json.dumps(entity_id, ensure_ascii=False)[1:-1])
    # A number alone means something else in most places: it must stand in a field of identifiers.
    field = r'"\w*(?:id|Id|ID)"\s*:\s*"?' if entity_id.isdecimal() else r"(?<![\w-])"
    in_body = re.compile(rf"{field}{name}(?![\w-])")
    in_url = re.compile(rf"[/=,]{re.escape(quote(entity_id, safe=''))}(?![\w-])")

    def names_it(url: str, body: bytes) -> bool:
        return bool(in_url.search(url) or in_body.search(unpack(body)))

    return names_it


def _count(gone: dict[str, int], table: str, cursor: sqlite3.Cursor) -> None:
    if cursor.rowcount > 0:
        gone[table] = gone.get(table, 0) + cursor.rowcount
