"""Where the rows of a file go: into memory, or into a database that may be larger."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musictools import tables
from musictools._version import __version__
from musictools.collect.imports._connection import (
    check_no_transaction,
    connect,
    refusing,
    transaction,
    tuned,
)
from musictools.collect.imports._field import Options, column
from musictools.collect.imports._format import Broken, Format
from musictools.collect.imports._frames import to_pandas
from musictools.collect.imports._imported import Imported
from musictools.collect.imports._lines import Counted, count_lines
from musictools.collect.imports._load import CarefulError, Job, Loaded, load
from musictools.collect.imports._numbers import EXACT
from musictools.collect.imports._rows import SUMS
from musictools.collect.imports._sniff import Layout
from musictools.collect.imports._twice import settle
from musictools.errors import ExportError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from musictools.collect._store import Store

    Into = str | Path | duckdb.DuckDBPyConnection | Store | None

#: Bytes from which on it is worth while to do two things at once.
_LARGE = 1 << 26
_TYPES = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "decimal": EXACT,
    "datetime": "TIMESTAMP",
    "time": "TIMESTAMP",
}
#: What a contract leaves open: of what there are lists, and that money is exact here.
_OWN_TYPES = {"writers": "VARCHAR[]", "shares": "DOUBLE[]", "spend": EXACT}


def run(
    parts: Sequence[tuple[Format, Layout]],
    unknown: Sequence[str],
    *,
    into: "Into",
    options: Options,
    private: bool,
    progress: bool | None,
    scratch: Path,
) -> Imported:
    """Read files that are laid out, all or none of them, and say what came of it.

    Parameters
    ----------
    parts : sequence of (Format, Layout)
        The files, and what each is; all formats have one name and kind.
    unknown : sequence of str
        Files beside them that are of no known format.
    into : path-like, duckdb.DuckDBPyConnection, Store or None
        Where to.
    options : Options
        What the reader said.
    private : bool
        Whether private columns are wanted.
    progress : bool or None
        Whether to show how far it is.
    scratch : pathlib.Path
        Folder for what must be unpacked.
    """
    counted = _counting(parts)
    parts, again = _once(parts)
    chosen, layouts = parts[0][0], [layout for _, layout in parts]
    source = f"{_common_name(layouts)}#{_digest(layouts)}"
    connection, in_memory = connect(into)
    if progress is None and all(each.member.checksum[1] < _LARGE for each in layouts):
        # A bar that comes and goes within a second is only in the way.
        progress = False
    job = Job(connection, chosen.kind, source, options, private, scratch, progress, counted)
    with refusing(connection, into):
        check_no_transaction(connection)
        while True:
            try:
                with tuned(connection), transaction(connection):
                    columns = _prepare(connection, chosen)
                    if not in_memory:
                        _replace(connection, chosen.kind, source, layouts)
                    loaded = [load(job, each, layout, columns) for each, layout in parts]
                    if chosen.kind == "observations":
                        loaded.append(_settled(connection, columns, source))
                    loaded += again
                    totals = _totals(connection, chosen.kind, columns, source, loaded)
                    problems = _problems(loaded)
                    if not in_memory:
                        _keep(connection, chosen, source, problems)
                break
            except CarefulError as lost:
                job = replace(job, careful=job.careful | {str(lost)})
    relation = _select(connection, chosen.kind, columns, source)
    provenance = {
        "musictools": __version__,
        "function": f"collect.read_{chosen.name}",
        "source": source,
        "files": [each.member.name for each in layouts],
        "other_files": list(unknown),
        "encodings": sorted({each.encoding for each in layouts}),
        "left_out": _left_out(loaded),
        "remarks": _remarks(connection, parts, source),
        "notes": list(dict.fromkeys(note for each, _ in parts for note in each.notes)),
        "read_at": _now().isoformat(timespec="seconds"),
    }
    table = to_pandas(relation) if in_memory else relation
    if in_memory:
        connection.close()
    return Imported(table, chosen.kind, problems, totals, chosen.name, provenance=provenance)


def _counting(parts: Sequence[tuple[Format, Layout]]) -> dict[Path, "Future[Counted]"]:
    """Begin to count the lines of large files on one core, while another makes their checksums."""
    found = {}
    pool = ThreadPoolExecutor(1, thread_name_prefix="musictools lines")
    for _, layout in parts:
        path = layout.member.path
        plain = layout.shape == "cells" and layout.encoding == "utf-8"
        if plain and path is not None and path.stat().st_size >= _LARGE:
            found[path] = pool.submit(count_lines, path, layout.separator)
    pool.shutdown(wait=False)
    return found


def _once(
    parts: Sequence[tuple[Format, Layout]],
) -> tuple[list[tuple[Format, Layout]], list[Loaded]]:
    """Leave out files that are others again, such as one that was downloaded twice, and say so."""
    first: dict[tuple[int, int], tuple[Format, Layout]] = {}
    again = []
    for part in parts:
        member = part[1].member
        held = first.setdefault(member.checksum, part)
        if held is not part:
            why = f"it is {held[1].member.name} once more, and is read once"
            again.append(Loaded(member.name, [Broken(0, why)]))
    return list(first.values()), again


def _settled(connection: Any, columns: Iterable[str], source: str) -> Loaded:
    again, problems = settle(connection, columns, source)
    left_out = {"told before, with the same number": again} if again else {}
    return Loaded(source.rsplit("#", 1)[0], problems, left_out)


def _common_name(layouts: Sequence[Layout]) -> str:
    names = [each.member.name for each in layouts]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _digest(layouts: Sequence[Layout]) -> str:
    """Tell files apart by what is in them, packed or not."""
    sums = sorted(each.member.checksum for each in layouts)
    return hashlib.blake2b(repr(sums).encode(), digest_size=6).hexdigest()


def _prepare(connection: Any, chosen: Format) -> dict[str, str]:
    """Make the table if need be, and give its columns."""
    contract = tables.TABLES[chosen.kind]
    # Columns that a contract only allows are made where a format has them.
    own = {
        each.name: _OWN_TYPES.get(each.name) or _TYPES[each.kind]
        for each in contract.columns
        if each.required
    }
    made = ", ".join(f"{column(name)} {type_}" for name, type_ in own.items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS {chosen.kind} ({made})")
    shown = connection.execute(f"DESCRIBE {chosen.kind}").fetchall()
    columns = {row[0]: row[1] for row in shown}
    missing = [name for name in own if name not in columns]
    if missing:
        raise ExportError(
            f"read into the table {chosen.kind}",
            got=f"a table without {', '.join(missing)}",
            expected=f"a table that mt.collect.read made: {', '.join(own)}",
            hint="read into a database of its own",
        )
    inexact = [name for name, type_ in own.items() if type_ == EXACT and columns[name] != EXACT]
    if inexact:
        raise ExportError(
            f"read into the table {chosen.kind}",
            got=f"a column {inexact[0]} of type {columns[inexact[0]]}",
            expected=f"{EXACT}, as mt.collect.read makes it: amounts are exact",
            hint="read into a database of its own",
        )
    return columns


def _select(connection: Any, kind: str, columns: dict[str, str], source: str) -> Any:
    quoted = source.replace("'", "''")
    names = ", ".join(map(column, columns))
    return connection.sql(f"SELECT {names} FROM {kind} WHERE source = '{quoted}'")


# --- what it adds up to --------------------------------------------------------------------------


def _totals(
    connection: Any, kind: str, columns: Iterable[str], source: str, loaded: list[Loaded]
) -> "pd.DataFrame":
    there = set(columns)
    sums = [name for name in SUMS if name in there]
    by = ["currency"] if "currency" in there else []
    parts = [*by, "count(*) AS rows", *(f"sum({name}) AS {name}" for name in sums)]
    grouped = f"GROUP BY {by[0]} ORDER BY {by[0]}" if by else ""
    quoted = source.replace("'", "''")
    found = connection.sql(
        f"SELECT {', '.join(parts)} FROM {kind} WHERE source = '{quoted}' {grouped}"
    )
    totals = to_pandas(found)
    stated = _check_stated(connection, kind, source, loaded, sums)
    for name, value in stated.items():
        totals.insert(len(totals.columns), f"stated_{name}", [value] * len(totals))
    return totals.assign(
        lines=sum(each.lines for each in loaded),
        left_out=sum(_left_out(loaded).values()),
        problems=sum(len(each.problems) for each in loaded),
    )


def _check_stated(
    connection: Any, kind: str, source: str, loaded: list[Loaded], sums: list[str]
) -> dict[str, Decimal]:
    """Hold what files state of themselves against their lines; what differs is a problem."""
    found: dict[str, Decimal] = {}
    if not any(each.stated for each in loaded):
        return found
    parts = ", ".join(f"sum({name})" for name in sums)
    sql = f"SELECT {parts} FROM {kind} WHERE source = ?"
    (row,) = connection.execute(sql, [source]).fetchall()
    for name, value in zip(sums, row, strict=True):
        told = [
            (each, line, some[name])
            for each in loaded
            for line, some in each.stated
            if name in some
        ]
        if not told:
            continue
        total = Decimal(str(value or 0))
        stated = sum((amount for _, _, amount in told), Decimal(0))
        # Parts may be summed up first, and then the whole.
        whole = told[-1][2] in {total, stated - told[-1][2]} and stated != total
        found[name] = told[-1][2] if whole else stated
        scopes = {amount for _, _, amount in told} if kind == "spend" else set()
        if total in scopes:
            # Advertisers' totals are of several scopes: what is shown, the campaigns, the account.
            found[name] = total
        if found[name] != total:
            where, line, _ = told[-1]
            shown, summed = (_short(some) for some in (found[name], total))
            why = f"the file states {name} of {shown}, and its lines sum to {summed}"
            where.problems.append(Broken(line, why))
    return found


def _short(amount: Decimal) -> str:
    text = f"{amount:f}"
    whole, mark, decimals = text.partition(".")
    return f"{whole}{mark}{decimals.rstrip('0').ljust(2, '0')}" if mark else text


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def _left_out(loaded: list[Loaded]) -> dict[str, int]:
    reasons: dict[str, int] = {}
    for each in loaded:
        for reason, count in each.left_out.items():
            reasons[reason] = reasons.get(reason, 0) + count
    return reasons


def _remarks(
    connection: Any, parts: Sequence[tuple[Format, Layout]], source: str
) -> dict[str, int]:
    """Count rows of which something is not known."""
    asked = {what: sql for each, _ in parts for what, sql in each.remarks.items()}
    if not asked:
        return {}
    sums = ", ".join(f"count(*) FILTER (WHERE {sql})" for sql in asked.values())
    kind = parts[0][0].kind
    (row,) = connection.execute(f"SELECT {sums} FROM {kind} WHERE source = ?", [source]).fetchall()
    return {what: count for what, count in zip(asked, row, strict=True) if count}


def _problems(loaded: list[Loaded]) -> "pd.DataFrame":
    import pandas as pd

    rows = [
        (each.file, some.line, some.why, some.text)
        for each in loaded
        for some in sorted(each.problems, key=lambda broken: broken.line)
    ]
    return pd.DataFrame(rows, columns=["file", "line", "why", "text"]).astype({"line": "int64"})


def _replace(connection: Any, kind: str, source: str, layouts: Sequence[Layout]) -> None:
    """Take out what was read of the same files before, one by one or with others of these."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS import_files "
        "(source VARCHAR, kind VARCHAR, file VARCHAR, checksum VARCHAR)"
    )
    files = {f"{crc:08x} {size}": name for (crc, size), name in map(_told, layouts)}
    held = connection.execute(
        "SELECT source, list(checksum), list(file) FROM import_files WHERE kind = ? "
        "GROUP BY source HAVING list_has_any(list(checksum), ?)",
        [kind, list(files)],
    ).fetchall()
    for earlier, sums, names in held:
        others = [name for name, each in zip(names, sums, strict=True) if each not in files]
        if others:
            raise ExportError(
                f"read {source.rsplit('#', 1)[0]}",
                got=f"a file that was read together with {', '.join(sorted(others)[:3])} before",
                expected="files that are new, or all of those that were read together",
                hint="read their folder or archive again, with what is new in it",
            )
        for name in (kind, "imports", "import_problems", "import_files"):
            connection.execute(f"DELETE FROM {name} WHERE source = ?", [earlier])
    connection.execute(
        "INSERT INTO import_files SELECT ?, ?, unnest(?), unnest(?)",
        [source, kind, list(files.values()), list(files)],
    )


def _told(layout: Layout) -> tuple[tuple[int, int], str]:
    return layout.member.checksum, layout.member.name


def _keep(connection: Any, chosen: Format, source: str, problems: "pd.DataFrame") -> None:
    """Keep beside the rows what was read, when, and what was wrong with it."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS imports (source VARCHAR, format VARCHAR, kind VARCHAR, "
        "problems BIGINT, musictools VARCHAR, read_at TIMESTAMP)"
    )
    connection.execute(
        "CREATE TABLE IF NOT EXISTS import_problems "
        "(source VARCHAR, file VARCHAR, line BIGINT, why VARCHAR, text VARCHAR)"
    )
    row = [source, chosen.name, chosen.kind, len(problems), __version__, _now()]
    connection.execute("INSERT INTO imports VALUES (?, ?, ?, ?, ?, ?)", row)
    # By their values, since a table of the reader's may be called as a variable of ours.
    cells = [problems[name].tolist() for name in ("file", "line", "why", "text")]
    connection.execute(
        "INSERT INTO import_problems SELECT ?, unnest(?), unnest(?), unnest(?), unnest(?)",
        [source, *cells],
    )
