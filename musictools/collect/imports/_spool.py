"""Files that are no plain tables, taken apart line by line into one that is."""

import csv
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from musictools.collect.imports._format import Broken, Parsed
from musictools.collect.imports._rows import LINE

_BLOCK = 1 << 20
#: Letters of a broken record that are shown, and that are looked back on.
_SHOWN, _BEHIND = 500, 200


def spool(
    records: Iterable[Parsed | Broken], header: Sequence[str], target: Path
) -> tuple[int, list[Broken]]:
    """Write the records of a file as a table, with their lines; count them, give the broken ones.

    Parameters
    ----------
    records : iterable of Parsed or Broken
        In the order of the file.
    header : sequence of str
        Names of their cells.
    target : pathlib.Path
        A file that is written: comma-separated, UTF-8.
    """
    written, broken = 0, []
    # JSON can write halves of letters, which are no text.
    with target.open("w", encoding="utf-8", errors="replace", newline="") as out:
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow([LINE, *header])
        for each in records:
            if isinstance(each, Broken):
                broken.append(replace(each, text=each.text.encode("utf-8", "replace").decode()))
            elif len(each.cells) != len(header):
                got = f"{len(each.cells)} cells in place of {len(header)}"
                broken.append(Broken(each.line, got, " | ".join(str(c or "") for c in each.cells)))
            else:
                writer.writerow([each.line, *("" if c is None else c for c in each.cells)])
                written += 1
    return written, broken


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
        yield from reader.records(header, whole=key == "[]")


def ends_with(path: Path, mark: bytes) -> bool:
    """Tell whether a file's last letter is a certain one, blanks and ends of lines left out."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(size - 4096, 0))
        return stream.read().rstrip().endswith(mark)


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

    def records(self, header: Sequence[str], *, whole: bool) -> Iterator[Parsed | Broken]:
        """Give what stands in the list, and behind it if it is the whole file."""
        # Between records stand brackets, commas and blanks.
        opened, last = 0, None
        while True:
            between = len(self.text) - len(self.text.lstrip(" \t\r\n,[:"))
            opened += self.text.count("[", 0, between)
            self.drop(between)
            if self.text.startswith("]"):
                opened -= 1
                self.drop(1)
                if opened <= 0 and not whole:
                    return
            elif self.text:
                last = self.record(header)
                yield last
            elif not self.more():
                break
        if opened > 0 and not isinstance(last, Broken):
            yield Broken(self.line, "the file ends before its list does: it is cut off")

    def record(self, header: Sequence[str]) -> Parsed | Broken:
        while True:
            try:
                value, end = self.decoder.raw_decode(self.text)
            except (ValueError, RecursionError) as error:
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
            return Broken(line, "it is no record", text[:_SHOWN])
        return Parsed(line, [_cell(value.get(name)) for name in header])

    def broken(self, why: str) -> Broken:
        """Leave a broken record behind: the next begins with a brace behind a comma or a line."""
        line, at, shown = self.line, 1, ""
        while True:
            at = self.text.find("{", at)
            if at >= 0 and self.begins(at):
                break
            if 0 <= at < _BLOCK:
                at += 1
                continue
            # What has been seen is let go: all of the file may be like it.
            shown = shown or self.text[:_SHOWN]
            self.drop(max((len(self.text) if at < 0 else at + 1) - _BEHIND, 0))
            at = max(len(self.text), 1) if at < 0 else _BEHIND
            if at >= len(self.text) and not self.more():
                at = len(self.text)
                break
        text = shown or self.text[:at]
        self.drop(at)
        return Broken(
            line, f"it is no JSON: {why.split(':', maxsplit=1)[0]}", text.strip()[:_SHOWN]
        )

    def begins(self, at: int) -> bool:
        """Tell whether a record begins at a brace; one that is cut off by the block is read on."""
        before = self.text[max(at - _BEHIND, 0) : at]
        bare = before.rstrip()
        if not bare.endswith((",", "[", "}")) and "\n" not in before[len(bare) :]:
            return False
        while not self.starts(at):
            if len(self.text) - at >= _BLOCK or not self.more():
                return False
        return True

    def starts(self, at: int) -> bool:
        try:
            self.decoder.raw_decode(self.text, at)
        except (ValueError, RecursionError):
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
        row = _cut(line, separator)
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


def _cut(line: str, separator: str) -> list[str]:
    """Cut a line at its separators; not if that cuts a cell that stands in quotation marks."""
    cells = line.split(separator)
    opened = False
    for cell in cells:
        # Such a line may have the right number of cells by chance, each in another's place.
        if opened and cell.endswith('"') and not cell.startswith('"'):
            return []
        opened = opened or (cell.startswith('"') and not (len(cell) > 1 and cell.endswith('"')))
    return cells


def _why(text: str, separator: str, width: int) -> str:
    if "\ufffd" in text:
        return "it has bytes that are no text"
    count = len(_strict([text], separator) or text.split(separator))
    return f"it has {count} cells, and the header has {width}"
