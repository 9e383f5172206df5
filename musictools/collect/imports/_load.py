"""One file into a table: what is a row goes there, and what is none is told with its line."""

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from musictools.collect.imports import _spool
from musictools.collect.imports._ask import ask
from musictools.collect.imports._field import Options, column, quoted
from musictools.collect.imports._format import Broken, Format, Parsed
from musictools.collect.imports._lines import Counted, count_lines, lines_at, lines_of
from musictools.collect.imports._rows import LINE, SUMS, Projection, context_of, project
from musictools.collect.imports._sniff import Layout
from musictools.collect.imports._stored import Stored
from musictools.collect.imports._unpack import has_utf8, to_plain

#: A line longer than this is no line of a statement.
_LONGEST = 1 << 21
#: Two cells in a row may well hold two lines, each of two words; many cells do not.
_FEWEST = 3
_NUMBER = "row_number() OVER ()"
#: Tables of ours for a while; a reader's connection may well have DuckDB's own of such a name.
_STAGE, _REJECTS, _SCANS = "_musictools_stage", "_musictools_rejects", "_musictools_scans"
_HIDDEN = "... (private=True shows it)"


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
    stored : Stored
        The tables that rows go into.
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
    counted : mapping of pathlib.Path to Counted
        Lines of large files, which are counted already.
    careful : frozenset of str
        Files that are read line by line, since a whole reader has lost lines of them.
    """

    connection: Any
    stored: Stored
    source: str
    options: Options
    private: bool
    scratch: Path
    progress: bool | None
    counted: Mapping[Path, Counted] = field(default_factory=dict)
    careful: frozenset[str] = frozenset()

    def file(self, ending: str) -> Path:
        """Give the path of a new file for what must be unpacked."""
        return self.scratch / f"{len(list(self.scratch.iterdir()))}{ending}"

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the database."""
        rows: list[tuple[Any, ...]] = self.connection.execute(sql).fetchall()
        return rows


class CarefulError(Exception):
    """A file of which lines were lost; it must be read again, line by line."""


def load(job: Job, chosen: Format, layout: Layout) -> Loaded:
    """Read one file into the table.

    Parameters
    ----------
    job : Job
        What it is read with.
    chosen : Format
        What it is.
    layout : Layout
        How it is laid out.
    """
    part = _Part(job, chosen, layout)
    path = to_plain(layout.member, layout.encoding, job.scratch)
    if layout.shape == "cells":
        part.read_cells(path)
    elif layout.shape == "parsed" and chosen.parse is not None:
        part.read_records(chosen.parse(path))
    elif not part.read_json(path):
        part.read_records(_spool.json_records(path, chosen.records, layout.header))
    return part.loaded


class _Part:
    """One file on its way into the table."""

    def __init__(self, job: Job, chosen: Format, layout: Layout) -> None:
        self.job, self.chosen, self.layout = job, chosen, layout
        context = context_of(layout, chosen, job.options)
        self.header = context.header
        self.projection: Projection = project(
            context,
            chosen,
            private=job.private,
            separator=layout.separator or " | ",
        )
        told = self.projection.columns, self.projection.same
        self.number = job.stored.add(layout.member, job.source, *told)
        self.loaded = Loaded(layout.member.name)

    # --- what every road shares -------------------------------------------------------------------

    def insert(self, source: str) -> int:
        sql = self.job.stored.insert(self.number, self.projection.good(source))
        return int(self.ask(sql).fetchall()[0][0])

    def ask(self, sql: str) -> Any:
        return ask(self.job.connection, sql, label="reading", progress=self.job.progress)

    def note(self, rows: Sequence[Any], lines: Sequence[int]) -> None:
        """Keep what is no row: lines that are broken, and lines that sum up."""
        for line, (_, why, total, text, *stated) in zip(lines, rows, strict=True):
            if not total:
                self.loaded.problems.append(Broken(line, why, text))
                continue
            sums = zip(SUMS, stated, strict=True)
            told = {name: Decimal(value) for name, value in sums if value is not None}
            if not told and self.projection.states:
                self.loaded.problems.append(Broken(line, "it sums up no amount", text))
            self.loaded.stated.append((line, told))

    def shown(self, broken: Broken) -> Broken:
        """Hide a record that cannot be taken apart, if what is private may be in it."""
        hidden = self.chosen.private and not self.job.private and broken.text
        return replace(broken, text=_HIDDEN) if hidden else broken

    def left_out(self, source: str, most: int | None = None) -> dict[str, int]:
        if not self.chosen.leave_out:
            return {}
        return dict(self.job.fetch(self.projection.left_out(source, most)))

    def count_left_out(self, source: str) -> None:
        for reason, count in self.left_out(source).items():
            self.loaded.left_out[reason] = self.loaded.left_out.get(reason, 0) + count

    def count(self, source: str, name: str) -> int:
        # A bare count would not look whether the lines are whole.
        return int(
            self.job.fetch(f"SELECT count(*) FROM (SELECT {column(name)} FROM {source})")[0][0]
        )

    # --- cells ------------------------------------------------------------------------------------

    def read_cells(self, path: Path) -> None:
        import duckdb

        counted = self.job.counted.get(path) or count_lines(path, self.layout.separator)
        if not counted.utf8 and not has_utf8(path):
            # It began with plain letters, and is no UTF-8 further down.
            path = to_plain(self.layout.member, "cp1252", self.job.scratch)
            # Its letters take other bytes now, though its lines are the same.
            counted = replace(counted, marks=Counted.marks)
        if self.layout.member.name in self.job.careful:
            shape = (self.layout.separator, len(self.header), self.layout.skip)
            self.read_records(_spool.careful_records(path, *shape))
            return
        if not counted.padded:
            self.projection = self.projection.unpadded()
        skip, cut, path = self.cut_preamble(path)
        marks = Counted.marks if cut else counted.marks
        try:
            inserted = self.insert(self.csv(path, skip=skip, rejects=True))
        except duckdb.InvalidInputException as error:
            # Lines that end in two ways are more than it can follow.
            raise CarefulError(self.layout.member.name) from error
        rejected = self.rejects()
        starts = lines_at(path, [each.byte - 1 for each in rejected], marks)
        placed = [
            (line + cut + each.above, each) for line, each in zip(starts, rejected, strict=True)
        ]
        if any("\n" in each.text.strip("\r\n") for each in rejected):
            raise CarefulError(self.layout.member.name)
        source = self.csv(path, skip=skip, rejects=False)
        missing = counted.filled(self.layout.skip) - inserted - len(rejected)
        # Every line is a row, or one that is left out: then nothing is wrong with any.
        asked = missing > 0 and not self.chosen.metrics
        left_out = self.left_out(source, missing) if asked else {}
        if missing == sum(left_out.values()) and not self.chosen.metrics:
            self.loaded.lines += inserted + missing
            self.loaded.left_out |= left_out
        else:
            self.explain(source, counted, placed)
        if placed:
            self.read_records(self.look_again(placed))

    def csv(self, path: Path, *, skip: int, rejects: bool) -> str:
        quote = '"' if self.layout.quotes else ""
        stored = f"rejects_table='{_REJECTS}', rejects_scan='{_SCANS}', rejects_limit=0"
        kept = f"store_rejects=true, {stored}" if rejects else "ignore_errors=true"
        return _csv(path, self.header, self.layout.separator, quote, skip, kept)

    def explain(
        self, source: str, counted: Counted, rejected: Sequence[tuple[int, "_Reject"]]
    ) -> None:
        """Read the file once more, for what is no row; each line must be accounted for."""
        accepted = self.count(source, self.header[0])
        lost = counted.filled(self.layout.skip) - accepted - len(rejected)
        longer = self.longer(source) if lost else {}
        if lost != sum(longer.values()):
            raise CarefulError(self.layout.member.name)
        self.loaded.lines += accepted
        self.count_left_out(source)
        rows = self.job.fetch(self.projection.other(source, _NUMBER))
        taken = [*map(int, counted.blank), *(line for line, _ in rejected)]
        self.note(rows, lines_of([row[0] for row in rows], taken, longer, self.layout.skip))

    def cut_preamble(self, path: Path) -> tuple[int, int, Path]:
        """Say how many lines DuckDB must skip, and how many were cut off for it.

        It does not count lines as people do where some are blank, quotation marks hold some, or
        returns stand in them: such are cut off first.
        """
        skip = self.layout.skip
        with path.open("rb") as stream:
            top = [stream.readline() for _ in range(skip)]
            odd = any(not line.strip() or b'"' in line for line in top[:-1])
            if not odd and not any(b"\r" in line.rstrip(b"\r\n") for line in top):
                return skip, 0, path
            target = self.job.file(".txt")
            with target.open("wb") as out:
                shutil.copyfileobj(stream, out, 1 << 22)
        return 0, skip, target

    def rejects(self) -> list["_Reject"]:
        rows = self.job.fetch(
            "SELECT line_byte_position, any_value(CAST(error_type AS VARCHAR)), "
            f"any_value(error_message), any_value(csv_line) FROM {_REJECTS} GROUP BY 1 ORDER BY 1"
        )
        self.job.fetch(f"DROP TABLE {_REJECTS}; DROP TABLE {_SCANS}")
        return [_Reject(int(byte or 1), kind, why, text or "") for byte, kind, why, text in rows]

    def longer(self, source: str) -> dict[int, int]:
        """Find the rows that take up several lines; blank ones among them are counted elsewhere."""
        text = "concat_ws('', " + ", ".join(map(column, self.header)) + ")"
        inner = f"SELECT {_NUMBER} AS n, {text} AS cells FROM {source}"
        sql = f"SELECT n, cells FROM ({inner}) WHERE contains(cells, chr(10)) ORDER BY n"
        found = {}
        for n, cells in self.job.fetch(sql):
            parts = cells.split("\n")
            if self.swallows(cells, len(parts) - 1):
                raise CarefulError(self.layout.member.name)
            found[int(n)] = len(parts) - 1 - sum(not part.strip("\r") for part in parts[1:-1])
        return found

    def swallows(self, cells: str, ends: int) -> bool:
        """Tell whether a cell of several lines holds whole rows: its quotation mark was none."""
        gaps = len(self.header) - 1
        return gaps >= _FEWEST and cells.count(self.layout.separator) >= gaps * ends

    def look_again(self, rejected: Sequence[tuple[int, "_Reject"]]) -> Iterator[Parsed | Broken]:
        """Look again at lines that DuckDB refused: some are only quoted in a way of their own."""
        for line, each in rejected:
            text = each.text.strip("\r\n")
            cells = _spool.one_line(text, self.layout.separator, len(self.header))
            if cells is None or each.kind == "INVALID ENCODING":
                yield Broken(line, _WHY.get(each.kind, each.why.split("\n")[0]), text)
            else:
                yield Parsed(line, cells)

    # --- what is taken apart ----------------------------------------------------------------------

    def read_json(self, path: Path) -> bool:
        """Read a JSON file whole, if all of it is right; else nothing of it."""
        import duckdb

        if self.layout.shape == "nested" or self.layout.member.name in self.job.careful:
            return False
        if self.layout.shape == "array" and not _spool.ends_with(path, b"]"):
            return False
        columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in self.layout.header)
        form = "array" if self.layout.shape == "array" else "newline_delimited"
        source = f"read_json({_as_it_is(path)}, format='{form}', columns={{{columns}}})"
        # Taking JSON apart is what takes time: it is done once, and what comes of it looked at.
        try:
            self.ask(f"CREATE OR REPLACE TEMP TABLE {_STAGE} AS {self.projection.staged(source)}")
            found = self.job.fetch(
                f"SELECT _out, _total OR NOT _right, count(*) FROM {_STAGE} GROUP BY ALL"
            )
            right = not any(odd and out is None for out, odd, _ in found)
            if right:
                self.ask(self.job.stored.insert(self.number, self.projection.unstaged(_STAGE)))
        except duckdb.InvalidInputException as error:
            # It is no JSON somewhere, and DuckDB has given up the transaction.
            raise CarefulError(self.layout.member.name) from error
        self.job.fetch(f"DROP TABLE {_STAGE}")
        if not right:
            return False
        for out, _, count in found:
            self.loaded.lines += count
            if out is not None:
                self.loaded.left_out[out] = self.loaded.left_out.get(out, 0) + count
        return True

    def read_records(self, records: Iterable[Parsed | Broken]) -> None:
        """Read what Python has taken apart; its lines are known."""
        target = self.job.file(".csv")
        written, broken = _spool.spool(records, self.header, target)
        self.loaded.problems += map(self.shown, broken)
        source = _csv(target, [LINE, *self.header], ",", '"', 1, "ignore_errors=false")
        self.insert(source)
        self.count_left_out(source)
        rows = self.job.fetch(self.projection.other(source, f"CAST({column(LINE)} AS BIGINT)"))
        self.note(rows, [row[0] for row in rows])
        self.loaded.lines += written + len(broken)


def _csv(
    path: Path, header: Sequence[str], separator: str, quote: str, skip: int, rejects: str
) -> str:
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in header)
    return (
        f"read_csv({_as_it_is(path)}, auto_detect=false, header=false, skip={skip}, "
        f"delim={quoted(separator)}, quote={quoted(quote)}, escape={quoted(quote)}, "
        f"columns={{{columns}}}, strict_mode=true, max_line_size={_LONGEST}, "
        f"buffer_size={4 * _LONGEST}, {rejects})"
    )


def _as_it_is(path: Path) -> str:
    """Write a path for SQL so that its name tells nothing.

    DuckDB would look for other files where marks such as brackets stand in it, take columns from
    folders called ``name=value``, and unpack what is called ``.gz``.
    """
    bare = re.sub(r"[*?\[]", r"[\g<0>]", str(path))
    return f"{quoted(bare)}, hive_partitioning=false, compression='none'"


@dataclass(frozen=True)
class _Reject:
    """A record that DuckDB refused."""

    byte: int
    kind: str
    why: str
    text: str

    @property
    def above(self) -> int:
        """How many ends of lines stand before it, since blank lines belong to it."""
        return self.text[: len(self.text) - len(self.text.lstrip("\r\n"))].count("\n")


_WHY = {
    "TOO MANY COLUMNS": "it has more cells than the header",
    "MISSING COLUMNS": "it has fewer cells than the header",
    "UNQUOTED VALUE": "a quotation mark is not closed",
    "INVALID ENCODING": "it has bytes that are no text",
    "LINE SIZE OVER MAXIMUM": "it is longer than two million letters",
}
