"""Sheets of a workbook as files of their own, for what vendors hand out as CSV as well."""

import csv
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import IO, Any

from musictools.collect.imports._unpack import Member
from musictools.collect.imports._workbook import Workbook

_IN_MEMORY = 1 << 25


def is_workbook(member: Member) -> bool:
    """Tell whether a file is a workbook, by its name and its first bytes."""
    if not member.name.lower().endswith((".xlsx", ".xlsm")):
        return False
    with member.open() as stream:
        return stream.read(4) == b"PK\x03\x04"


def sheets_of(member: Member) -> list[Member]:
    """Give the sheets of a workbook as files of comma-separated texts; none for other files.

    Parameters
    ----------
    member : Member
        Any file.

    Returns
    -------
    list of Member
        Each named like the workbook and, of several, the sheet; its lines have the numbers of the
        sheet's rows.
    """
    if not is_workbook(member):
        return []
    with _copy(member) as file, Workbook(file) as book:
        names = book.sheets
    crc, size = member.checksum
    return [
        replace(
            member,
            name=member.name if len(names) == 1 else f"{member.name} ({name})",
            open=_opener(member, name),
            path=None,
            sums=(crc, size + at),
        )
        for at, name in enumerate(names)
    ]


def _opener(member: Member, sheet: str) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        made: Any = io.BufferedReader(_Lines(_lines(member, sheet)))
        stream: IO[bytes] = made
        return stream

    return opened


def _copy(member: Member) -> IO[bytes]:
    # Workbooks are read from their end, and archives only from their beginning.
    file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    with member.open() as stream:
        shutil.copyfileobj(stream, file, 1 << 20)
    file.seek(0)
    return file


def _lines(member: Member, sheet: str) -> Iterator[bytes]:
    """Write the rows of a sheet, one after the other, all as wide as the widest before them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    line, width = 0, 0
    with _copy(member) as file, Workbook(file) as book:
        for number, cells in book.rows(sheet):
            width = max(width, len(cells))
            out.write("\n" * (number - line - 1))
            writer.writerow(cells + [""] * (width - len(cells)))
            line = number
            yield out.getvalue().encode("utf-8", "replace")
            out.seek(0)
            out.truncate()


class _Lines(io.RawIOBase):
    """A stream of bytes that are made when they are asked for."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._made, self._rest = lines, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            try:
                self._rest = next(self._made)
            except StopIteration:
                return 0
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count
