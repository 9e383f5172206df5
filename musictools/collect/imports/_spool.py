"""Files that are no plain tables, taken apart line by line into one that is."""

import csv
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
        return Broken(line, f"it is no JSON: {why.split(':')[0]}", text.strip()[:500])

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


def salvage(text: str, separator: str, width: int) -> list[tuple[int, list[str] | None, str]]:
    """Read one by one the lines that a broken quotation mark drew into one record.

    Parameters
    ----------
    text : str
        The record.
    separator : str
        Between its cells.
    width : int
        Number of cells of a whole line.

    Returns
    -------
    list of (int, list of str or None, str)
        Of each line that is not blank: its place, from 0; its cells, if it can be read; itself.
    """
    found = []
    for place, line in enumerate(text.split("\n")):
        if line.strip("\r"):
            found.append((place, _cells(line.rstrip("\r"), separator, width), line.rstrip("\r")))
    return found


def _cells(line: str, separator: str, width: int) -> list[str] | None:
    # First as it should be; then as those mean it who do not know that quotation marks are special.
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        try:
            (row,) = csv.reader([line], delimiter=separator, strict=True, quoting=quoting)
        except (csv.Error, ValueError):
            continue
        if len(row) == width:
            return row
    return None
