"""Workbooks (xlsx), read row by row with the standard library: cells as the texts they show."""

import array
import datetime as dt
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from xml.etree import ElementTree as ET

from musictools.collect.imports._format import Parsed, plain
from musictools.errors import ExportError

#: Shared texts beyond these bytes lie on disk.
_IN_MEMORY = 1 << 25
#: Formats of numbers that every program knows, and that show days, times of day, or both.
_DAYS = {14, 15, 16, 17, *range(27, 37), *range(50, 59)}
_TIMES = {18, 19, 20, 21, 45, 46, 47}
_BOTH = {22}
#: What no spreadsheet holds further right or below.
_WIDEST = 16_384
#: Day 0. Serial numbers have no zone.
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001
_NO_TEXT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]hms]*\]', re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BROKEN = (zipfile.BadZipFile, ET.ParseError, OSError, EOFError, zlib.error, RuntimeError, KeyError)


class Workbook:
    """A workbook whose sheets are read one row after the other.

    Parameters
    ----------
    file : path-like or binary stream
        The workbook; a stream must be able to seek.

    Attributes
    ----------
    sheets : tuple of str
        Names of its sheets, in their order.
    """

    def __init__(self, file: Path | IO[bytes]) -> None:
        self._name = file.name if isinstance(file, Path) else "the workbook"
        try:
            self._archive = zipfile.ZipFile(file)
            self._open()
        except _BROKEN as error:
            raise self._broken(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._archive.close()
        self._texts.close()

    def _open(self) -> None:
        roots = self._relations("_rels/.rels", "")
        book = next((target for kind, target in roots.values() if kind == "officeDocument"), None)
        book = book or "xl/workbook.xml"
        folder, _, file = book.rpartition("/")
        parts = self._relations(f"{folder}/_rels/{file}.rels", folder)
        self._parts: dict[str, str] = {}
        self._epoch = _EPOCH
        for each in _elements(self._archive, book, {"sheet", "workbookPr"}):
            if _local(each) == "workbookPr" and each.get("date1904") in {"1", "true"}:
                self._epoch = dt.datetime(1904, 1, 1)  # noqa: DTZ001
            elif _local(each) == "sheet":
                key = next(v for name, v in each.items() if name.rsplit("}", 1)[-1] == "id")
                if parts[key][0] == "worksheet":
                    self._parts[each.get("name", "")] = parts[key][1]
        self.sheets = tuple(self._parts)
        by_kind = dict(parts.values())
        self._shown = self._formats(by_kind.get("styles"))
        self._shared = by_kind.get("sharedStrings")
        self._texts = _Texts()

    def _relations(self, path: str, folder: str) -> dict[str, tuple[str, str]]:
        if path not in self._archive.namelist():
            return {}
        found = {}
        for each in _elements(self._archive, path, {"Relationship"}):
            target = each.get("Target", "")
            inside = target[1:] if target.startswith("/") else f"{folder}/{target}".lstrip("/")
            found[each.get("Id", "")] = (each.get("Type", "").rsplit("/", 1)[-1], inside)
        return found

    def _formats(self, path: str | None) -> list[str]:
        """Say of each style whether it shows a ``day``, a ``time``, ``both``, or a number."""
        if path is None or path not in self._archive.namelist():
            return []
        own, shown = {}, []
        for each in _elements(self._archive, path, {"numFmt", "cellXfs"}):
            if _local(each) == "numFmt":
                own[int(each.get("numFmtId", 0))] = each.get("formatCode", "")
            else:
                shown = [int(style.get("numFmtId", 0)) for style in each]
        return [_shows(number, own.get(number)) for number in shown]

    def rows(self, sheet: str) -> Iterator[tuple[int, list[str]]]:
        """Give the rows of a sheet that hold anything, each with its number.

        Parameters
        ----------
        sheet : str
            Its name.

        Returns
        -------
        iterator of (int, list of str)
            Days are written ``2025-03-31``, moments ``2025-03-31 18:05:09``, numbers with no more
            digits than they need, truths ``TRUE`` and ``FALSE``; empty cells are empty texts.
        """
        try:
            self._texts.fill(self._archive, self._shared)
            with self._archive.open(self._parts[sheet]) as stream:
                yield from self._rows(stream)
        except _BROKEN as error:
            raise self._broken(error) from error

    def _rows(self, stream: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
        number, holder = 0, None
        for event, each in _parse(stream):
            name = _local(each)
            if event == "start":
                holder = each if name == "sheetData" else holder
            elif name == "row" and holder is not None:
                number = int(each.get("r") or number + 1)
                cells = self._row(each)
                holder.clear()
                if any(cells):
                    yield number, cells

    def _row(self, row: ET.Element) -> list[str]:
        cells: list[str] = []
        for each in row:
            place = each.get("r")
            at = _column(place) if place else len(cells)
            if len(cells) <= at < _WIDEST:
                cells.extend([""] * (at - len(cells)))
                cells.append(self._cell(each))
        return cells

    def _cell(self, cell: ET.Element) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _text(cell)
        value = next((each.text or "" for each in cell if _local(each) == "v"), "")
        if not value:
            return ""
        if kind == "s":
            return self._texts[int(value)]
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind != "n":
            return _unescaped(value)
        style = int(cell.get("s") or 0)
        shown = self._shown[style] if style < len(self._shown) else ""
        return _moment(float(value), shown, self._epoch) if shown else _number(value)

    def _broken(self, error: Exception) -> ExportError:
        return ExportError(
            f"read {self._name}",
            got=f"a workbook that is broken: {str(error) or type(error).__name__}",
            expected="an xlsx file, as it was downloaded",
            hint="download it again; or save it as CSV in a spreadsheet program",
        )


class _Texts:
    """Texts that cells share: in one file, with the place of each, since there may be millions."""

    def __init__(self) -> None:
        # Closed by the workbook.
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self._ends = array.array("Q", [0])
        self._full = False

    def fill(self, archive: zipfile.ZipFile, path: str | None) -> None:
        if self._full or path is None:
            return
        at, holder = 0, None
        with archive.open(path) as stream:
            for event, each in _parse(stream):
                name = _local(each)
                if event == "start":
                    holder = each if name == "sst" else holder
                elif name == "si" and holder is not None:
                    at += self._file.write(_text(each).encode("utf-8", "replace"))
                    self._ends.append(at)
                    holder.clear()
        self._full = True

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < len(self._ends) - 1:
            raise KeyError(f"text {index} of {len(self._ends) - 1}")
        start, end = self._ends[index], self._ends[index + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode()

    def close(self) -> None:
        self._file.close()


def sheet_records(
    rows: Iterator[tuple[int, list[str]]], names: Sequence[str], needs: Sequence[str]
) -> Iterator[Parsed]:
    """Give the rows of a sheet as records, once its header is found.

    Parameters
    ----------
    rows : iterator of (int, list of str)
        As of `Workbook.rows`.
    names : sequence of str
        Columns of the records, in their order; those that the sheet lacks are missing in each.
    needs : sequence of str
        Columns that it must have: the first row that has all of them is the header.

    Returns
    -------
    iterator of Parsed
        Cells beyond the header are appended, so that such a row is a problem.
    """
    wanted, first = {plain(name): name for name in needs}, None
    for _, cells in rows:
        header = [plain(cell) for cell in cells]
        if wanted.keys() <= set(header):
            break
        first = first or cells
    else:
        gone = [name for key, name in wanted.items() if key not in map(plain, first or ())]
        raise ExportError(
            "read a workbook",
            got=f"no column {gone[0]!r} among {', '.join(map(repr, first or ['nothing']))}",
            expected=f"the columns {', '.join(needs)}",
            hint="read_table(path, mapping=...) reads any table that was saved as CSV",
        )
    places = [header.index(plain(name)) if plain(name) in header else -1 for name in names]
    for line, cells in rows:
        own = [cells[at] if 0 <= at < len(cells) else None for at in places]
        yield Parsed(line, own + [cell for cell in cells[len(header) :] if cell])


# --- XML -----------------------------------------------------------------------------------------


def _parse(stream: IO[bytes]) -> Iterator[tuple[str, ET.Element]]:
    # No entity is fetched, and the parser itself stops those that grow.
    yield from ET.iterparse(stream, ("start", "end"))  # noqa: S314


def _elements(archive: zipfile.ZipFile, path: str, names: set[str]) -> Iterator[ET.Element]:
    with archive.open(path) as stream:
        for event, each in _parse(stream):
            if event == "end" and _local(each) in names:
                yield each


def _local(element: ET.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _text(holder: ET.Element) -> str:
    """Join the parts of a text that are formatted each; how it is pronounced is left out."""
    parts = []
    for each in holder:
        name = _local(each)
        if name == "t":
            parts.append(each.text or "")
        elif name in {"r", "is"}:
            parts.append(_text(each))
    joined = "".join(parts)
    return joined if _local(holder) == "r" else _unescaped(joined)


def _unescaped(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda seen: chr(int(seen[1], 16)), text).replace("\r\n", "\n")


def _column(place: str) -> int:
    at = 0
    for letter in place:
        if letter.isdigit():
            break
        at = at * 26 + ord(letter.upper()) - 64
    return at - 1


# --- numbers -------------------------------------------------------------------------------------


def _number(value: str) -> str:
    """Write a number as it is meant: files hold 0.1 as 0.10000000000000001."""
    try:
        number = float(value)
    except ValueError:
        return value
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return f"{Decimal(repr(number)):f}"


def _shows(number: int, code: str | None) -> str:
    if code is None:
        known = {"day": _DAYS, "time": _TIMES, "both": _BOTH}
        return next((what for what, some in known.items() if number in some), "")
    bare = _NO_TEXT.sub("", code.split(";")[0]).lower()
    if "general" in bare:
        return ""
    day, time = bool(re.search("[yd]", bare)), bool(re.search("[hs]", bare))
    if day and time:
        return "both"
    if time:
        return "time"
    return "day" if day or "m" in bare else ""


def serial_moment(serial: float) -> str:
    """Write a serial number of days, of a cell that does not say that it is one, as a time."""
    return _moment(serial, "both", _EPOCH)


def _moment(serial: float, shown: str, epoch: dt.datetime) -> str:
    """Write a serial number of days as a day or a time."""
    if not -1 < serial < 2_958_466:
        return _number(repr(serial))
    if epoch.year == 1899 and serial < 60:
        # Lotus 1-2-3 believed that there was a 29th of February 1900, and all others follow.
        epoch += dt.timedelta(days=1)
    moment = epoch + dt.timedelta(milliseconds=round(serial * 86_400_000))
    if shown == "day":
        return f"{moment:%Y-%m-%d}"
    if moment.microsecond:
        time = f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"
    else:
        time = f"{moment:%H:%M:%S}"
    return time if shown == "time" else f"{moment:%Y-%m-%d} {time}"
