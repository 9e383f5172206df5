"""Tables of cells in files that nobody has described: where their header is, and their rows."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from musictools.collect.imports._format import Broken, Parsed, Parser, plain
from musictools.collect.imports._sniff import _DEEPEST, _SEPARATORS, Layout, _lines, lay_out
from musictools.collect.imports._unpack import Member, decoded, encoding_of, known_encoding, members
from musictools.collect.imports._workbook import Workbook, sheet_records
from musictools.errors import ExportError

#: Rows of a sheet that are looked at.
_SAMPLE = 2000


@dataclass(frozen=True)
class Grid:
    """A table of cells in a file.

    Attributes
    ----------
    layout : Layout
        How it is laid out.
    parse : callable or None
        Takes the file apart, where it is no plain text of cells.
    """

    layout: Layout
    parse: Parser | None = None

    @property
    def header(self) -> tuple[str, ...]:
        """Its columns, as they are written."""
        return self.layout.header


@dataclass(frozen=True)
class _Row:
    """A row that may be a header."""

    header: tuple[str, ...]
    make: Callable[[], Grid]
    fitting: int


def grids(path: Path, encoding: str | None) -> list[tuple[Member, list[_Row]]]:
    """List the files of a path, and the rows of each that may be its header.

    Parameters
    ----------
    path : pathlib.Path
        A file, a folder or an archive.
    encoding : str, optional
        If the reader knows it.
    """
    coded = known_encoding(encoding)
    return [(member, list(_candidates(member, coded))) for member in members(path)]


def best_header(rows: Sequence[_Row]) -> Grid | None:
    """Find the header where nothing is known of it: the first row that the next ones are like."""
    if not rows:
        return None
    most = max(each.fitting for each in rows)
    if most == 0:
        return None
    # Rows of text that are cut at another sign fit each other too, by chance: the wider the surer.
    close = [each for each in rows if 2 * each.fitting >= most]
    widest = max(len(each.header) for each in close)
    return next(each for each in close if len(each.header) == widest).make()


def nearest(rows: Sequence[_Row], wanted: Sequence[str]) -> tuple[Grid | None, list[str]]:
    """Find the row that has the most of some columns, and say which of them it lacks."""
    names = {plain(name): name for name in wanted}
    best: tuple[int, _Row | None] = (0, None)
    for each in rows:
        there = {plain(name) for name in each.header}
        count = len(names.keys() & there)
        if count > best[0]:
            best = (count, each)
    if best[1] is None:
        return None, list(wanted)
    there = {plain(name) for name in best[1].header}
    return best[1].make(), [name for key, name in names.items() if key not in there]


def _candidates(member: Member, encoding: str | None) -> Iterator[_Row]:
    head = member.head()
    if head.startswith(b"PK\x03\x04"):
        yield from _sheets(member)
        return
    coded = encoding or encoding_of(head)
    text = decoded(head, coded)
    for separator in _SEPARATORS:
        lines = list(_lines(text, separator))
        for i, (skip, line) in enumerate(lines):
            if not _names(line):
                continue
            after = [len(other) == len(line) for _, other in lines[i + 1 :]]
            yield _Row(
                tuple(_bare(name, separator) for name in line),
                _maker(member, coded, text, separator, skip, line),
                sum(after) if after else 1,
            )


def _names(cells: Sequence[str]) -> bool:
    """Tell whether a row may be a header: names in most cells, and no numbers or days."""
    filled = [cell for cell in cells if cell.strip()]
    # No name begins with a digit and goes on with nothing but digits and marks.
    values = [cell for cell in filled if re.fullmatch(r"[-+\d.,:/\s%]*\d[-+\d.,:/\s%]*", cell)]
    return len(filled) > 1 and not values


def _bare(name: str, separator: str) -> str:
    return name.strip().strip("^") if separator == "|" else name.strip()


def _maker(
    member: Member, encoding: str, text: str, separator: str, skip: int, line: Sequence[str]
) -> Callable[[], Grid]:
    def make() -> Grid:
        layout = lay_out(member, encoding, text, separator, skip, line)
        carets = separator == "|" and all(re.fullmatch(r"\^.*\^", name) for name in line)
        if not carets:
            return Grid(layout)
        # Texts stand in carets, as US webcasters write them.
        names = tuple(name.strip("^") for name in line)
        rows = tuple(tuple(cell.strip("^") for cell in row) for row in layout.rows)
        parsed = Layout(member, encoding, "", names, rows=rows, shape="parsed")
        return Grid(parsed, lambda path: _in_carets(path, skip))

    return make


def _in_carets(path: Path, skip: int) -> Iterator[Parsed | Broken]:
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        for number, line in enumerate(stream, 1):
            text = line.rstrip("\r\n")
            if number > skip and text.strip():
                yield Parsed(number, [cell.strip().strip("^") for cell in text.split("|")])


# --- workbooks -----------------------------------------------------------------------------------


def _workbook(member: Member) -> Workbook:
    if member.path is not None:
        return Workbook(member.path)
    with member.open() as stream:
        return Workbook(BytesIO(stream.read()))


def _sheets(member: Member) -> Iterator[_Row]:
    try:
        with _workbook(member) as book:
            for sheet in book.sheets:
                rows = []
                for row in book.rows(sheet):
                    rows.append(row)
                    if len(rows) > _SAMPLE:
                        break
                for i, (_, cells) in enumerate(rows[:_DEEPEST]):
                    if _names(cells):
                        yield _sheet_row(member, sheet, cells, [some for _, some in rows[i + 1 :]])
    except ExportError:
        # Another kind of archive.
        return


def _sheet_row(
    member: Member, sheet: str, cells: Sequence[str], rows: Sequence[Sequence[str]]
) -> _Row:
    width = len(cells)
    filled = [(*row, *[""] * (width - len(row))) for row in rows if len(row) <= width]

    def make() -> Grid:
        # Columns without a name cannot be asked for.
        names = tuple(dict.fromkeys(name for name in cells if name.strip()))
        places = [list(cells).index(name) for name in names]
        sample = tuple(tuple(row[at] for at in places) for row in filled)
        layout = Layout(member, "utf-8", "", names, rows=sample, shape="parsed")

        def parse(path: Path) -> Iterator[Parsed | Broken]:
            with Workbook(path) as book:
                yield from sheet_records(book.rows(sheet), names, names)

        return Grid(layout, parse)

    wide = [row for row in rows if 2 * sum(map(bool, row)) > width and len(row) <= width]
    return _Row(tuple(cells), make, len(wide) if rows else 1)
