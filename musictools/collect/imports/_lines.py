"""Lines of a file, counted: which are blank, and on which a row begins."""

import re
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


#: Bytes that are looked at together.
_BLOCK = 1 << 20
#: Bytes from which on it is worth while to look at two halves at once.
LARGE = 1 << 26
#: The polynomial of CRC-32; its highest power stands in the lowest bit.
_POLYNOMIAL = 0xEDB88320
_RETURNS = re.compile(rb"(^|\n)\r\n")


@dataclass(frozen=True)
class Counted:
    """The lines of a file.

    Attributes
    ----------
    lines : int
        All of them.
    blank : numpy.ndarray of int
        Numbers of the empty ones, from 1.
    utf8 : bool
        Whether all of them are UTF-8.
    padded : bool
        Whether a blank stands beside a separator, a quotation mark or the end of a line.
    marks : sequence of (int, int)
        Where some lines begin: byte, from 0, and number of the line; about one in each megabyte.
    checksum : (int, int)
        CRC-32 and number of the bytes.
    """

    lines: int
    blank: "np.ndarray"
    utf8: bool
    padded: bool
    marks: Sequence[tuple[int, int]] = ((0, 1),)
    checksum: tuple[int, int] = (0, 0)

    def __add__(self, other: "Counted") -> "Counted":
        """Count what follows as well."""
        import numpy as np

        (crc, size), (others, length) = self.checksum, other.checksum
        return Counted(
            self.lines + other.lines,
            np.concatenate([self.blank, self.lines + other.blank]),
            self.utf8 and other.utf8,
            self.padded or other.padded,
            [*self.marks, *((at + size, line + self.lines) for at, line in other.marks)],
            (_appended(crc, others, length), size + length),
        )

    def filled(self, after: int) -> int:
        """Count the lines behind some others that are not blank."""
        return max(self.lines - after, 0) - int((self.blank > after).sum())


def count_lines(path: Path, separator: str = ",") -> Counted:
    """Count the lines of a file, at the speed at which it is read."""
    size = path.stat().st_size
    if size < LARGE:
        return _count(path, separator, 0, size)
    with path.open("rb") as stream:
        stream.seek(size // 2)
        stream.readline()
        middle = stream.tell()
    with ThreadPoolExecutor(1, thread_name_prefix="musictools lines") as pool:
        second = pool.submit(_count, path, separator, middle, size)
        return _count(path, separator, 0, middle) + second.result()


def _count(path: Path, separator: str, start: int, end: int) -> Counted:
    """Count the lines of a part, which begins where a line does."""
    import numpy as np

    before, blank, utf8, padded, marks, at, crc = 0, [], True, False, [], 0, 0
    scratch = np.empty((3, _BLOCK), bool)
    for buffer, size in _blocks(path, start, end):
        held, block = memoryview(buffer)[:size], np.frombuffer(buffer, np.uint8, size)
        # To look for what is not there costs least in this way.
        odd = [mark for mark in '"\r' if buffer.find(mark.encode(), 0, size) >= 0]
        if len(block) > scratch.shape[1]:
            scratch = np.empty((3, len(block)), bool)
        marks.append((at, before + 1))
        ends, beside, found = scratch[:, : len(block)]
        np.equal(block, 10, out=ends)
        # Most files have no blank line, and looking for one must cost little.
        np.logical_and(ends[1:], ends[:-1], out=beside[1:])
        if ends[0] or beside[1:].any() or ("\r" in odd and _RETURNS.search(held)):
            blank.append(before + _blank(block))
        before += int(np.count_nonzero(ends)) + (block[-1] != 10)
        padded = padded or _is_padded(block, [separator, *odd], ends, beside, found)
        utf8 = utf8 and (int(block.max()) < 128 or _is_utf8(held))
        at, crc = at + len(block), zlib.crc32(held, crc)
    blanks = np.concatenate(blank) if blank else np.zeros(0, np.int64)
    return Counted(before, blanks, utf8, padded, marks, (crc, at))


def _blocks(path: Path, start: int, end: int) -> Iterator[tuple[bytearray, int]]:
    """Read a part of a file in blocks that a processor keeps at hand; each ends where a line does.

    All of them share their memory: asking for it anew each time would take as long as the rest.
    """
    buffer, held = bytearray(_BLOCK), 0
    with path.open("rb", buffering=0) as stream:
        stream.seek(start)
        while count := stream.readinto(memoryview(buffer)[held : held + end - start]):
            held, start = held + count, start + count
            cut = buffer.rfind(b"\n", 0, held) + 1
            if cut:
                yield buffer, cut
                buffer[: held - cut] = buffer[cut:held]
                held -= cut
            elif held == len(buffer):
                # A line that is longer than all of it.
                buffer = buffer + bytes(held)
    if held:
        yield buffer, held


def _is_padded(
    block: "np.ndarray",
    others: Iterable[str],
    marks: "np.ndarray",
    blanks: "np.ndarray",
    found: "np.ndarray",
) -> bool:
    import numpy as np

    for other in others:
        marks |= np.equal(block, ord(other), out=found)
    np.equal(block, 32, out=blanks)
    # A block begins where a line does, and ends where one does.
    before = np.logical_and(blanks[:-1], marks[1:], out=found[1:]).any()
    behind = np.logical_and(blanks[1:], marks[:-1], out=found[1:]).any()
    return bool(before or behind or blanks[0] or blanks[-1])


def _appended(crc: int, other: int, size: int) -> int:
    """Give the CRC-32 of bytes and others behind them, from that of each and the others' number.

    A checksum is a polynomial, and each bit behind multiplies it by x.
    """
    power, square = 1 << 31, 1 << 23  # x to the 0, and to the 8: a byte
    while size:
        if size & 1:
            power = _times(power, square)
        square, size = _times(square, square), size >> 1
    return _times(power, crc) ^ other


def _times(one: int, other: int) -> int:
    product = 0
    for bit in range(31, -1, -1):
        if one >> bit & 1:
            product ^= other
        other = other >> 1 ^ (_POLYNOMIAL if other & 1 else 0)
    return product


def _is_utf8(block: memoryview) -> bool:
    # Blocks end with their lines, so that no letter is cut.
    try:
        str(block, "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _blank(block: "np.ndarray") -> "np.ndarray":
    import numpy as np

    ends = np.flatnonzero(block == 10)
    starts = np.concatenate([[0], ends[:-1] + 1])
    length = ends - starts
    bare = (length == 0) | ((length == 1) & (block[starts] == 13))
    return np.flatnonzero(bare) + 1


def lines_of(
    places: Iterable[int], taken: Iterable[int], extra: dict[int, int], first: int
) -> list[int]:
    """Say on which line some rows begin.

    Parameters
    ----------
    places : iterable of int
        Places of the rows among the rows, from 1.
    taken : iterable of int
        Lines behind the header on which no row begins: blank ones, broken ones.
    extra : dict of int to int
        Place of a row to the number of its lines beyond the first.
    first : int
        Lines up to and with the header.
    """
    import numpy as np

    wanted = np.fromiter(places, np.int64)
    gone = np.array(sorted({line - first for line in taken if line > first}), np.int64)
    longer = np.array(sorted(extra), np.int64)
    added = np.cumsum([extra[int(place)] for place in longer]) if len(longer) else longer
    before = np.searchsorted(longer, wanted)
    index = wanted + np.where(before > 0, added[before - 1] if len(added) else 0, 0)
    behind = np.searchsorted(gone - np.arange(len(gone)), index, side="right")
    return [int(line) for line in index + behind + first]


def lines_at(
    path: Path, places: Iterable[int], marks: Sequence[tuple[int, int]] = ((0, 1),)
) -> list[int]:
    """Say on which lines some bytes stand, counted from 0; they come in order.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    places : iterable of int
        The bytes.
    marks : sequence of (int, int), default: the beginning
        Where some lines begin, as it was counted; a file is not read from mark to mark again.
    """
    found, at, line = [], 0, 1
    starts = [start for start, _ in marks]
    with path.open("rb") as stream:
        for place in places:
            nearest = marks[max(bisect_right(starts, place) - 1, 0)]
            if nearest[0] > at:
                at, line = nearest
            stream.seek(at)
            while at < place and (block := stream.read(min(place - at, 1 << 20))):
                line += block.count(b"\n")
                at += len(block)
            found.append(line)
    return found
