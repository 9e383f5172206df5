"""One file into a table: what is a row goes there, and what is none is told with its line."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from musictools.collect.imports import _spool
from musictools.collect.imports._ask import ask
from musictools.collect.imports._fields import Options, column, quoted
from musictools.collect.imports._format import Broken, Format, Parsed
from musictools.collect.imports._lines import count_lines, lines_at, lines_of
from musictools.collect.imports._rows import LINE, SUMS, Projection, context_of, project
from musictools.collect.imports._sniff import Layout
from musictools.collect.imports._unpack import has_utf8, to_plain

#: A line longer than this is no line of a statement.
_LONGEST = 1 << 21


@dataclass
class Loaded:
    """What one file gave.

    Attributes
    ----------
    file : str
        Its name.
    problems : list of Broken
        Lines that gave no row, and why.
    left_out : dict of str to int
        Reasons to leave rows out, and how many.
    stated : list of (int, dict of str to Decimal)
        Lines that sum up the file, and what they say.
    lines : int
        Records read: rows, those left out, broken ones, totals.
    """

    file: str
    problems: list[Broken] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    stated: list[tuple[int, dict[str, Decimal]]] = field(default_factory=list)
    lines: int = 0


@dataclass(frozen=True)
class Job:
    """What all files of one import share.

    Attributes
    ----------
    connection : duckdb.DuckDBPyConnection
        Of the database.
    table : str
        The table that rows go into.
    chosen : Format
        What the files are.
    source : str
        What stands in the column of that name.
    options : Options
        What the reader said.
    private : bool
        Whether private columns are wanted.
    scratch : pathlib.Path
        Folder for what must be unpacked.
    progress : bool or None
        Whether to show how far it is.
    careful : frozenset of str
        Files that are read line by line, since a whole reader has lost lines of them.
    """

    connection: Any
    table: str
    chosen: Format
    source: str
    options: Options
    private: bool
    scratch: Path
    progress: bool | None
    careful: frozenset[str] = frozenset()


class CarefulError(Exception):
    """A file of which lines were lost; it must be read again, line by line."""


def load(job: Job, layout: Layout, columns: dict[str, str]) -> Loaded:
    """Read one file into the table.

    Parameters
    ----------
    job : Job
        What it is read with.
    layout : Layout
        The file.
    columns : dict of str to str
        Columns that the table has by now, with their types; new ones are added.
    """
    path = to_plain(layout.member, layout.encoding, job.scratch)
    context = context_of(layout, job.chosen, job.options)
    projection = project(
        context,
        job.chosen,
        source=job.source,
        private=job.private,
        separator=layout.separator or " | ",
    )
    _widen(job, columns, projection)
    loaded = Loaded(layout.member.name)
    if layout.shape == "cells":
        _load_cells(job, layout, path, context.header, projection, loaded)
    elif layout.shape == "parsed" or not _load_json(job, layout, path, projection, loaded):
        _load_spooled(job, layout, path, context.header, projection, loaded)
    return loaded


def _widen(job: Job, columns: dict[str, str], projection: Projection) -> None:
    for name, type_ in projection.columns.items():
        if name not in columns:
            job.connection.execute(f"ALTER TABLE {job.table} ADD COLUMN {column(name)} {type_}")
            columns[name] = type_


def _insert(job: Job, projection: Projection, source: str) -> int:
    sql = f"INSERT INTO {job.table} BY NAME {projection.good(source)}"
    cursor = ask(job.connection, sql, label="reading", progress=job.progress)
    return int(cursor.fetchall()[0][0])


def _note(loaded: Loaded, rows: Sequence[Any], lines: Sequence[int]) -> None:
    """Keep what is no row: lines that are broken, and lines that sum up."""
    for line, (_, why, total, text, *stated) in zip(lines, rows, strict=True):
        if not total:
            loaded.problems.append(Broken(line, why, text))
            continue
        sums = {
            name: Decimal(value)
            for name, value in zip(SUMS, stated, strict=True)
            if value is not None
        }
        loaded.stated.append((line, sums))


# --- cells ---------------------------------------------------------------------------------------


def _csv(path: Path, header: Sequence[str], layout: Layout, *, skip: int, rejects: bool) -> str:
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in header)
    quote = '"' if layout.quotes else ""
    kept = "store_rejects=true, rejects_limit=0" if rejects else "ignore_errors=true"
    return (
        f"read_csv({quoted(str(path))}, auto_detect=false, header=false, skip={skip}, "
        f"delim={quoted(layout.separator)}, quote={quoted(quote)}, escape={quoted(quote)}, "
        f"columns={{{columns}}}, strict_mode=true, max_line_size={_LONGEST}, {kept})"
    )


def _load_cells(
    job: Job,
    layout: Layout,
    path: Path,
    header: Sequence[str],
    projection: Projection,
    loaded: Loaded,
) -> None:
    counted = count_lines(path)
    if not counted.utf8 and not has_utf8(path):
        # It began with plain letters, and is no UTF-8 further down.
        path = to_plain(layout.member, "cp1252", job.scratch)
    if layout.member.name in job.careful:
        records = _spool.careful_records(path, layout.separator, len(header), layout.skip)
        _load_records(job, records, header, projection, loaded)
        return
    skip, offset, path = _headless(layout, path, job.scratch)
    source = _csv(path, header, layout, skip=skip, rejects=True)
    inserted = _insert(job, projection, source)
    rejected = _rejects(job.connection)
    again = _csv(path, header, layout, skip=skip, rejects=False)
    expected = counted.filled(layout.skip)
    if inserted == expected and not rejected and not job.chosen.metrics:
        loaded.lines += inserted
        return
    names = column(header[0])
    count = f"SELECT count(*) FROM (SELECT {names} FROM {again})"
    accepted = int(job.connection.execute(count).fetchall()[0][0])
    lines = lines_at(path, [each.byte - 1 for each in rejected])
    lines = [line + offset + each.text.startswith("\n") for line, each in zip(lines, rejected, strict=True)]
    lost = expected - accepted - len(rejected)
    extra = _extra(job.connection, again, header) if lost else {}
    if lost != sum(extra.values()) or any("\n" in each.text.strip("\r\n") for each in rejected):
        raise CarefulError(layout.member.name)
    loaded.left_out |= _left_out(job, projection, again)
    other = job.connection.execute(projection.other(again, "row_number() OVER ()")).fetchall()
    taken = [*map(int, counted.blank), *lines]
    _note(loaded, other, lines_of([row[0] for row in other], taken, extra, layout.skip))
    loaded.lines += accepted
    if rejected:
        texts = [each.text.strip("\r\n") for each in rejected]
        records = _again(lines, texts, rejected, layout.separator, len(header))
        _load_records(job, records, header, projection, loaded)


def _again(
    lines: Sequence[int],
    texts: Sequence[str],
    rejected: Sequence["_Reject"],
    separator: str,
    width: int,
) -> Iterator[Parsed | Broken]:
    """Look again at the lines that DuckDB refused: some are only quoted in a way of their own."""
    for line, text, each in zip(lines, texts, rejected, strict=True):
        broken = each.kind == "INVALID ENCODING"
        cells = None if broken else _spool.one_line(text, separator, width)
        if cells is None:
            yield Broken(line, _WHY.get(each.kind, each.why.split("\n")[0]), text)
        else:
            yield Parsed(line, cells)


def _headless(layout: Layout, path: Path, scratch: Path) -> tuple[int, int, Path]:
    """Say how many lines DuckDB must skip, and how many were cut off for it.

    It does not count lines as people do where some are blank, or quotation marks hold some: such
    a preamble is cut off first.
    """
    if layout.skip <= 1:
        return layout.skip, 0, path
    plain = layout.preamble.splitlines()
    if all(line.strip() for line in plain) and '"' not in layout.preamble:
        return layout.skip, 0, path
    target = scratch / f"{len(list(scratch.iterdir()))}.txt"
    with path.open("rb") as stream, target.open("wb") as out:
        for _ in range(layout.skip):
            stream.readline()
        while block := stream.read(1 << 22):
            out.write(block)
    return 0, layout.skip, target


@dataclass(frozen=True)
class _Reject:
    byte: int
    kind: str
    why: str
    text: str


def _rejects(connection: Any) -> list[_Reject]:
    rows = connection.execute(
        "SELECT line_byte_position, any_value(CAST(error_type AS VARCHAR)), "
        "any_value(error_message), any_value(csv_line) FROM reject_errors GROUP BY 1 ORDER BY 1"
    ).fetchall()
    connection.execute("DROP TABLE reject_errors")
    connection.execute("DROP TABLE reject_scans")
    return [_Reject(int(byte or 1), kind, why, text or "") for byte, kind, why, text in rows]


_WHY = {
    "TOO MANY COLUMNS": "it has more cells than the header",
    "MISSING COLUMNS": "it has fewer cells than the header",
    "UNQUOTED VALUE": "a quotation mark is not closed",
    "INVALID ENCODING": "it has bytes that are no text",
    "LINE SIZE OVER MAXIMUM": "it is longer than two million letters",
}


def _extra(connection: Any, source: str, header: Sequence[str]) -> dict[int, int]:
    """Find the rows that take up several lines; blank ones among them are counted elsewhere."""
    text = "concat_ws('', " + ", ".join(column(name) for name in header) + ")"
    inner = f"SELECT row_number() OVER () AS n, {text} AS cells FROM {source}"
    sql = f"SELECT n, cells FROM ({inner}) WHERE contains(cells, chr(10)) ORDER BY n"
    found = {}
    for n, cells in connection.execute(sql).fetchall():
        parts = cells.split("\n")
        found[int(n)] = len(parts) - 1 - sum(not part.strip("\r") for part in parts[1:-1])
    return found


def _left_out(job: Job, projection: Projection, source: str) -> dict[str, int]:
    if not job.chosen.leave_out:
        return {}
    return dict(job.connection.execute(projection.left_out(source)).fetchall())


# --- what is taken apart -------------------------------------------------------------------------


def _load_json(
    job: Job, layout: Layout, path: Path, projection: Projection, loaded: Loaded
) -> bool:
    """Read a JSON file whole, if all of it is right."""
    import duckdb

    if layout.shape == "nested":
        return False
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in layout.header)
    form = "array" if layout.shape == "array" else "newline_delimited"
    source = f"read_json({quoted(str(path))}, format='{form}', columns={{{columns}}})"
    other = projection.other(source, "row_number() OVER ()")
    try:
        # Nothing has gone into the table yet where this fails.
        found = job.connection.execute(f"SELECT count(*) FROM ({other})").fetchall()[0][0]
        if found:
            return False
        count = job.connection.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]
    except duckdb.InvalidInputException:
        return False
    _insert(job, projection, source)
    loaded.left_out |= _left_out(job, projection, source)
    loaded.lines += int(count)
    return True


def _load_spooled(
    job: Job,
    layout: Layout,
    path: Path,
    header: Sequence[str],
    projection: Projection,
    loaded: Loaded,
) -> None:
    if job.chosen.parse is not None:
        records = job.chosen.parse(path)
    else:
        records = _spool.json_records(path, job.chosen.records, layout.header)
    _load_records(job, records, header, projection, loaded)


def _load_records(
    job: Job,
    records: Iterable[Parsed | Broken],
    header: Sequence[str],
    projection: Projection,
    loaded: Loaded,
) -> None:
    target = job.scratch / f"{len(list(job.scratch.iterdir()))}.csv"
    broken = _spool.spool(records, header, target)
    loaded.problems += broken
    loaded.lines += len(broken)
    _load_table(job, target, header, projection, loaded)


def _load_table(
    job: Job, path: Path, header: Sequence[str], projection: Projection, loaded: Loaded
) -> None:
    """Read a table that we have written ourselves, whose lines are known."""
    layout = Layout(None, "utf-8", ",")  # type: ignore[arg-type]
    source = _csv(path, [LINE, *header], layout, skip=1, rejects=False)
    _insert(job, projection, source)
    for reason, count in _left_out(job, projection, source).items():
        loaded.left_out[reason] = loaded.left_out.get(reason, 0) + count
    other = job.connection.execute(projection.other(source, f"CAST({LINE} AS BIGINT)")).fetchall()
    _note(loaded, other, [row[0] for row in other])
    count = f"SELECT count(*) FROM {source}"
    loaded.lines += int(job.connection.execute(count).fetchall()[0][0])


def now() -> dt.datetime:
    """Give the time, as databases keep it."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
