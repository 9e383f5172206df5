"""Which rows are compared at all: those that share a key, by joins of DuckDB."""

# ruff: noqa: S608 - the names that are put into queries are our own.

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import duckdb

#: Left rows that are paired at once.
SLICE = 50_000
#: Rows of the right catalogue under one key that are all compared. Above it, only those of about
#: the same length (for releases: year) are; still above it, none, and the rows are named crowded.
CAP = 100

_NAMES = ", unnest(names) AS _n(n)"
_FEW = "CASE WHEN strange THEN 2 ELSE 3 END"


class _Key(NamedTuple):
    """What rows must share to be compared.

    `near` keys have the length in them always. Rows that lack what is in `needs` have no key: to
    lack the same thing is not to be alike.
    """

    name: str
    parts: str
    needs: str
    source: str = ""
    near: bool = False


_KEYS = (
    _Key("isrc", "isrc", "isrc"),
    _Key("title", "v, n", "sq", f", unnest(variants) AS _v(v){_NAMES}"),
    # The rest is for misprints: in the title's end or beginning, the artist's, vowels, or both.
    _Key("start", f"left(sq, {_FEW}), n", "sq", _NAMES),
    _Key("end", f"right(sq, {_FEW}), n", "sq", _NAMES),
    _Key("name", "sq, left(n, 3)", "sq", _NAMES),
    _Key("tail", "sq, right(n, 3)", "sq", _NAMES),
    _Key("bag", "sq, bag", "bag"),
    _Key("bones", "bones, b", "bones", ", unnest(name_bones) AS _n(b)"),
    _Key("starts", "left(sq, 4), left(n, 4)", "sq", _NAMES, near=True),
    _Key("ends", "right(sq, 4), right(n, 4)", "sq", _NAMES, near=True),
)
_RELEASE_KEYS = (_Key("gtin", "gtin", "gtin"), *_KEYS[1:])
_SIDES = ("left", "right")


def block(db: "duckdb.DuckDBPyConnection", kind: str) -> None:
    """Write keys of all rows, and ``crowded`` (l, strong): rows of which not all are compared.

    Strong ones are not compared with all that have their very title and artist.
    """
    is_release = kind == "release"
    # Neighbours are asked for too: lengths that are up to one bucket apart always meet.
    wide, close = ("year / 2", "year / 2") if is_release else ("seconds / 8", "seconds / 4")
    buckets = {near: f"CAST(floor({close if near else wide}) AS INTEGER)" for near in (False, True)}
    keys = _RELEASE_KEYS if is_release else _KEYS
    for side in _SIDES:
        made = {
            near: [
                f"SELECT hash('{key.name}', {key.parts}) AS k, row, {buckets[near]} AS bucket, "
                f"{key.name == 'title'} AS strong FROM {side}_rows{key.source} "
                f"WHERE {key.needs} IS NOT NULL"
                for key in keys
                if key.near == near
            ]
            for near in (False, True)
        }
        made[False].append(_swapped(side, buckets[False]))
        made[True] += _nameless(side, buckets[True])
        for table, near in (("keys", False), ("near", True)):
            db.execute(f"CREATE TABLE {table}_{side} AS " + " UNION ALL ".join(made[near]))
    _refine(db)


def pair_up(db: "duckdb.DuckDBPyConnection", start: int, stop: int) -> int:
    """Write ``pairs`` (l, r) of some left rows, and say how many there are.

    Some at a time, since all pairs of two large catalogues do not fit in memory.
    """
    part = f"(SELECT * FROM {{}} WHERE row >= {start} AND row < {stop})"
    db.execute(
        "CREATE OR REPLACE TABLE pairs AS SELECT DISTINCT l, r FROM ("
        f"SELECT a.row AS l, b.row AS r FROM {part.format('keys_left')} a "
        "JOIN keys_right b ON a.k = b.k "
        f"UNION ALL SELECT a.row, b.row FROM {part.format('wide_left')} a "
        "JOIN wide_right b ON a.k = b.k "
        f"UNION ALL SELECT l, r FROM known WHERE l >= {start} AND l < {stop})"
    )
    return int(db.execute("SELECT count(*) FROM pairs").fetchall()[0][0])


def _nameless(side: str, bucket: str) -> list[str]:
    """Let rows without an artist be found by title and length: of which catalogue they may be."""
    return [
        f"SELECT hash('alone {one}', sq), row, {bucket}, false FROM {side}_rows "
        f"WHERE sq IS NOT NULL AND {'len(names) = 0' if one == side else 'true'} "
        f"AND EXISTS (SELECT 1 FROM {one}_rows WHERE len(names) = 0)"
        for one in _SIDES
    ]


def _swapped(side: str, bucket: str) -> str:
    """Let a row be found whose title is the other's artist, and the reverse."""
    parts = "sq, everybody" if side == "left" else "everybody, sq"
    return (
        f"SELECT hash('swapped', {parts}), row, {bucket}, false FROM {side}_rows "
        "WHERE sq IS NOT NULL AND everybody IS NOT NULL"
    )


def _refine(db: "duckdb.DuckDBPyConnection") -> None:
    """Give crowded keys, and those that always have it, the length as a further part."""
    db.execute(
        "CREATE TABLE big AS SELECT k, count(bucket) < count(*) AS bare FROM keys_right "
        f"GROUP BY k HAVING count(*) > {CAP}"
    )
    # One catalogue keeps each bucket, the other asks for its neighbours too.
    for side, steps in (("left", "(-1), (0), (1)"), ("right", "(0)")):
        db.execute(
            f"CREATE TABLE wide_{side} AS SELECT hash(k, bucket + step) AS k, row, strong FROM ("
            f"SELECT * FROM near_{side} UNION ALL "
            f"SELECT k.* FROM keys_{side} k SEMI JOIN big USING (k)), (VALUES {steps}) AS s(step) "
            "WHERE bucket IS NOT NULL"
        )
    db.execute(f"CREATE TABLE over AS SELECT k FROM wide_right GROUP BY k HAVING count(*) > {CAP}")
    db.execute(
        "CREATE TABLE crowded AS SELECT l, bool_or(strong) AS strong FROM ("
        "SELECT row AS l, strong FROM wide_left SEMI JOIN over USING (k) UNION ALL "
        "SELECT row, strong FROM keys_left JOIN big USING (k) WHERE bare OR bucket IS NULL) "
        "GROUP BY l"
    )
    for side in _SIDES:
        db.execute(f"DELETE FROM keys_{side} WHERE k IN (SELECT k FROM big)")
        db.execute(f"DELETE FROM wide_{side} WHERE k IN (SELECT k FROM over)")
    for table in ("big", "over", "near_left", "near_right"):
        db.execute(f"DROP TABLE {table}")
