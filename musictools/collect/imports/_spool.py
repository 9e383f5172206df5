"""Files that are no plain tables, taken apart line by line into one that is."""

import csv
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from musictools.collect.imports._format import Broken, Parsed
from musictools.collect.imports._rows import LINE

_BLOCK = 1 << 20


def spool(records: Iterable[Parsed | Broken], header: Sequence[str], target: Path) -> list[Broken]:
    """Write the records of a file as a table, with their lines, and give the broken ones.

    Parameters
    ----------
    records : iterable of Parsed or Broken
        In the order of the file.
    header : sequence of str
        Names of their cells.
    target : pathlib.Path
        A file that is written: comma-separated, UTF-8.
    """
    broken = []
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow([LINE, *header])
        for each in records:
            if isinstance(each, Broken):
                broken.append(each)
            elif len(each.cells) != len(header):
                got = f"{len(each.cells)} cells in place of {len(header)}"
                broken.append(Broken(each.line, got, " | ".join(str(c or "") for c in each.cells)))
            else:
                writer.writerow([each.line, *("" if c is None else c for c in each.cells)])
    return broken


def json_records(path: Path, key: str, header: Sequence[str]) -> Iterator[Parsed | Broken]:
    """Take a JSON file apart, record by record, and go on behind a broken one.

    Parameters
    ----------
    path : pathlib.Path
        The file, in UTF-8.
    key : str
        Where its records stand; ``"[]"`` for a bare list, or one record a line.
    header : sequence of str
        Keys that are read.
    """
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        reader = _Reader(stream)
        if key != "[]" and not reader.seek(f'"{key}"'):
            yield Broken(0, f"the file has no {key!r}")
            return
        yield from reader.records(header)


class _Reader:
    """A JSON text, some of which is in memory."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream, self.text, self.line = stream, "", 1
        self.decoder = json.JSONDecoder()

    def more(self) -> bool:
        block = self.stream.read(_BLOCK)
        self.text += block
        return bool(block)

    def drop(self, count: int) -> None:
        self.line += self.text.count("\n", 0, count)
        self.text = self.text[count:]

    def seek(self, word: str) -> bool:
        while (at := self.text.find(word)) < 0:
            self.drop(max(len(self.text) - len(word), 0))
            if not self.more():
                return False
        self.drop(at + len(word))
        return True

    def records(self, header: Sequence[str]) -> Iterator[Parsed | Broken]:
        # Between records stand brackets, commas and blanks; a closing bracket ends them.
        while True:
            bare = self.text.lstrip(" \t\r\n,[:")
            self.drop(len(self.text) - len(bare))
            if not self.text:
                if not self.more():
                    return
                continue
            if self.text[0] == "]":
                return
            yield self.record(header)

    def record(self, header: Sequence[str]) -> Parsed | Broken:
        while True:
            try:
                value, end = self.decoder.raw_decode(self.text)
            except ValueError as error:
                # It may only be cut off; but no record of such files is a megabyte long.
                if len(self.text) < _BLOCK and self.more():
                    continue
                return self.broken(str(error))
            if end == len(self.text) and not isinstance(value, dict) and self.more():
                continue
            break
        line, text = self.line, self.text[:end]
        self.drop(end)
        if not isinstance(value, dict):
            return Broken(line, "it is no record", text[:500])
        return Parsed(line, [_cell(value.get(name)) for name in header])

    def broken(self, why: str) -> Broken:
        """Leave a broken record behind: the next begins with a brace that follows a comma."""
        line, at = self.line, 1
        while True:
            at = self.text.find("{", at)
            if at < 0:
                if not self.more():
                    at = len(self.text)
                    break
                at = 1
                continue
            if self.text[:at].rstrip().endswith((",", "[", "}", "\n")) and self.starts(at):
                break
            at += 1
        text = self.text[:at]
        self.drop(at)
        return Broken(line, f"it is no JSON: {why.split(':', maxsplit=1)[0]}", text.strip()[:500])

    def starts(self, at: int) -> bool:
        try:
            self.decoder.raw_decode(self.text, at)
        except ValueError:
            return False
        return True


def _cell(value: object) -> str | None:
    if value is None:
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


#: A record of statements takes up no more lines than this.
_TALLEST = 50


def careful_records(path: Path, separator: str, width: int, skip: int) -> Iterator[Parsed | Broken]:
    """Read a table line by line, where quotation marks are not what they should be.

    A line that is whole by itself is a row, even if it holds a quotation mark that is never closed;
    only one that is not is joined with those that follow.

    Parameters
    ----------
    path : pathlib.Path
        The file, in UTF-8.
    separator : str
        Between its cells.
    width : int
        Number of cells of a whole line.
    skip : int
        Lines up to and with the header.
    """
    with path.open("rb") as stream:
        numbered = enumerate((raw.decode("utf-8", "replace") for raw in stream), 1)
        waiting = [line for line in itertools.islice(numbered, skip + _TALLEST) if line[0] > skip]
        while waiting:
            used, cells = _record([text for _, text in waiting], separator, width)
            line, text = waiting[0][0], waiting[0][1].rstrip("\r\n")
            if cells is not None:
                yield Parsed(line, cells)
            elif text:
                yield Broken(line, _why(text, separator, width), text)
            del waiting[:used]
            waiting.extend(itertools.islice(numbered, _TALLEST - len(waiting)))


def _record(lines: list[str], separator: str, width: int) -> tuple[int, list[str] | None]:
    bare = lines[0].rstrip("\r\n")
    if not bare:
        return 1, None
    alone = one_line(bare, separator, width)
    if alone is not None:
        return 1, alone
    if '"' in bare:
        for count in range(2, len(lines) + 1):
            # Only a quotation mark can end what one has begun.
            if '"' in lines[count - 1]:
                row = _strict(lines[:count], separator)
                if row is not None and len(row) == width:
                    return count, row
    return 1, None


def _strict(lines: list[str], separator: str) -> list[str] | None:
    try:
        rows = list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def one_line(line: str, separator: str, width: int) -> list[str] | None:
    """Read one line, if it is whole by itself."""
    # First as it should be; then as those mean it who do not know that quotation marks are special.
    row = _strict([line], separator)
    if row is None or len(row) != width:
        row = _unescaped(line, separator)
    if row is None or len(row) != width:
        row = line.split(separator)
    return row if len(row) == width and "\ufffd" not in line else None


def _unescaped(line: str, separator: str) -> list[str] | None:
    """Read a line whose cells stand in quotation marks, as those write it who never double them."""
    cells: list[str] = []
    rest = line
    while rest.startswith('"') or cells:
        if rest.startswith('"'):
            end = rest.find('"' + separator, 1)
            end = len(rest) - 1 if end < 0 else end
            if end < 1 or rest[end] != '"':
                return None
            cells.append(rest[1:end])
            rest, more = rest[end + 2 :], end + 1 < len(rest)
        else:
            cell, mark, rest = rest.partition(separator)
            cells.append(cell)
            more = bool(mark)
        if not more:
            return cells
    return None


def _why(text: str, separator: str, width: int) -> str:
    if "\ufffd" in text:
        return "it has bytes that are no text"
    count = len(_strict([text], separator) or text.split(separator))
    return f"it has {count} cells, and the header has {width}"
