"""Where the rows of a file go: into memory, or into a database that may be larger."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musictools._version import __version__
from musictools.collect.imports._connection import (
    check_no_transaction,
    connect,
    refusing,
    transaction,
    tuned,
)
from musictools.collect.imports._field import Options, quoted
from musictools.collect.imports._format import Broken, Format
from musictools.collect.imports._frames import to_pandas
from musictools.collect.imports._imported import Imported
from musictools.collect.imports._lines import LARGE, Counted, count_lines
from musictools.collect.imports._load import CarefulError, Job, Loaded, load
from musictools.collect.imports._rows import SUMS, context_of, owner_of
from musictools.collect.imports._sniff import Layout
from musictools.collect.imports._stored import Stored
from musictools.collect.imports._twice import settle
from musictools.errors import ExportError

#: Tables that tell what was read, and their columns.
_KEPT = {
    "imports": {
        "source": "VARCHAR",
        "format": "VARCHAR",
        "kind": "VARCHAR",
        "problems": "BIGINT",
        "musictools": "VARCHAR",
        "read_at": "TIMESTAMP",
    },
    "import_problems": {
        "source": "VARCHAR",
        "kind": "VARCHAR",
        "file": "VARCHAR",
        "line": "BIGINT",
        "why": "VARCHAR",
        "text": "VARCHAR",
    },
}

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from musictools.collect._store import Store

    Into = str | Path | duckdb.DuckDBPyConnection | Store | None


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
    parts, counted = _counting(parts)
    parts, again = _once([_owned(*part, options) for part in parts])
    chosen, layouts = parts[0][0], [layout for _, layout in parts]
    source = f"{_common_name(layouts)}#{_digest(layouts)}"
    connection, in_memory = connect(into)
    if progress is None and all(each.member.checksum[1] < LARGE for each in layouts):
        # A bar that comes and goes within a second is only in the way.
        progress = False
    careful: frozenset[str] = frozenset()
    with refusing(connection, into):
        check_no_transaction(connection)
        while True:
            try:
                bounded = not in_memory and connection is not into
                with tuned(connection, bounded=bounded), transaction(connection):
                    stored = Stored(connection, chosen.kind, new=in_memory)
                    if not in_memory:
                        _prepare(connection, stored, layouts, source)
                    reading = (options, private, scratch, progress, counted, careful)
                    job = Job(connection, stored, source, *reading)
                    loaded = [load(job, each, layout) for each, layout in parts]
                    if chosen.kind == "observations":
                        loaded.append(_settled(connection, stored, source))
                    loaded += again
                    totals = _totals(connection, chosen.kind, stored.columns, source, loaded)
                    problems = _problems(loaded)
                    if not in_memory:
                        _keep(connection, chosen, source, problems)
                break
            except CarefulError as lost:
                careful |= {str(lost)}
    kept = stored.select_in_order() if in_memory else f"FROM {chosen.kind}"
    relation = connection.sql(f"SELECT * FROM ({kept}) WHERE source = {quoted(source)}")
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


def _counting(
    parts: Sequence[tuple[Format, Layout]],
) -> tuple[list[tuple[Format, Layout]], dict[Path, Counted]]:
    """Count the lines of large files, and keep the checksums that come of it."""
    kept, found = [], {}
    for chosen, layout in parts:
        path = layout.member.path
        plain = layout.shape == "cells" and layout.encoding == "utf-8"
        if plain and path is not None and path.stat().st_size >= LARGE:
            found[path] = count_lines(path, layout.separator)
            crc, size = found[path].checksum
            sums = (crc, size % (1 << 32))
            kept.append((chosen, replace(layout, member=replace(layout.member, sums=sums))))
        else:
            kept.append((chosen, layout))
    return kept, found


def _owned(chosen: Format, layout: Layout, options: Options) -> tuple[Format, Layout]:
    """Note of whom a dashboard's numbers are, where its name or the reader tells it.

    Two songs that nobody has heard have files that are the same.
    """
    if chosen.kind != "observations":
        return chosen, layout
    owner = owner_of(context_of(layout, chosen, options), chosen)
    member = replace(layout.member, sums=layout.member.checksum, whose=owner)
    return chosen, replace(layout, member=member)


def _once(
    parts: Sequence[tuple[Format, Layout]],
) -> tuple[list[tuple[Format, Layout]], list[Loaded]]:
    """Leave out files that are others again, such as one that was downloaded twice, and say so."""
    first: dict[tuple[int | str, ...], tuple[Format, Layout]] = {}
    again = []
    for part in parts:
        member = part[1].member
        held = first.setdefault(member.identity, part)
        if held is not part:
            why = f"it is {held[1].member.name} once more, and is read once"
            again.append(Loaded(member.name, [Broken(0, why)]))
    return list(first.values()), again


def _settled(connection: Any, stored: Stored, source: str) -> Loaded:
    again, problems = settle(connection, stored, source)
    left_out = {"told before, with the same number": again} if again else {}
    return Loaded(source.rsplit("#", 1)[0], problems, left_out)


def _common_name(layouts: Sequence[Layout]) -> str:
    names = [each.member.name for each in layouts]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _digest(layouts: Sequence[Layout]) -> str:
    """Tell files apart by what is in them, packed or not."""
    sums = sorted(each.member.identity for each in layouts)
    return hashlib.blake2b(repr(sums).encode(), digest_size=6).hexdigest()


def _prepare(connection: Any, stored: Stored, layouts: Sequence[Layout], source: str) -> None:
    """Make the tables that tell what was read, and take out what was read of the same files."""
    for name, columns in _KEPT.items():
        told = ", ".join(f"{column} {type_}" for column, type_ in columns.items())
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({told})")
        found = [each[0] for each in connection.execute(f"FROM {name} LIMIT 0").description]
        if found != list(columns):
            raise ExportError(
                f"keep in the table {name} what was read",
                got=f"a table with the columns {', '.join(found)}",
                expected=f"one that mt.collect.read made: {', '.join(columns)}",
                hint="read into a database of its own",
            )
    stored.replace([each.member for each in layouts], source)


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


def _keep(connection: Any, chosen: Format, source: str, problems: "pd.DataFrame") -> None:
    """Keep beside the rows what was read, when, and what was wrong with it."""
    row = [source, chosen.name, chosen.kind, len(problems), __version__, _now()]
    connection.execute("INSERT INTO imports VALUES (?, ?, ?, ?, ?, ?)", row)
    # By their values, since a table of the reader's may be called as a variable of ours.
    cells = [problems[name].tolist() for name in ("file", "line", "why", "text")]
    connection.execute(
        "INSERT INTO import_problems SELECT ?, ?, unnest(?), unnest(?), unnest(?), unnest(?)",
        [source, chosen.kind, *cells],
    )
