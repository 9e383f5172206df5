"""Lines of a file, counted: which are blank, and on which a row begins."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


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
        Whether a blank stands before a separator, a quotation mark or the end of a line.
    """

    lines: int
    blank: "np.ndarray"
    utf8: bool
    padded: bool

    def filled(self, after: int) -> int:
        """Count the lines behind some others that are not blank."""
        return max(self.lines - after, 0) - int((self.blank > after).sum())


def count_lines(path: Path, separator: str = ",") -> Counted:
    """Count the lines of a file, at the speed at which it is read."""
    import numpy as np

    before, blank, utf8, padded = 0, [], True, False
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            # A line that is cut by the blocks stays whole.
            block += stream.readline()
            data = np.frombuffer(block, np.uint8)
            ends = data == 10
            # Most files have no blank line, and looking for one must cost little.
            beside = bool((ends[1:] & ends[:-1]).any() or ends[0])
            if beside or (b"\r" in block and _RETURNS.search(block)):
                blank.append(before + _blank(block))
            padded = padded or _is_padded(data, ends, separator)
            utf8 = utf8 and (block.isascii() or _is_utf8(block))
            before += int(np.count_nonzero(ends)) + (not block.endswith(b"\n"))
    return Counted(before, np.concatenate(blank) if blank else np.zeros(0, np.int64), utf8, padded)


def _is_padded(data: "np.ndarray", ends: "np.ndarray", separator: str) -> bool:
    marks = ends | (data == ord(separator))
    for other in '"\r':
        marks |= data == ord(other)
    return bool(((data[:-1] == 32) & marks[1:]).any())


def _is_utf8(block: bytes) -> bool:
    # Blocks end with their lines, so that no letter is cut.
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def _blank(block: bytes) -> "np.ndarray":
    import numpy as np

    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == 10)
    starts = np.concatenate([[0], ends[:-1] + 1])
    length = ends - starts
    bare = (length == 0) | ((length == 1) & (data[starts] == 13))
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


def lines_at(path: Path, places: Iterable[int]) -> list[int]:
    """Say on which lines some bytes stand, counted from 0; they come in order."""
    found, line, at = [], 1, 0
    with path.open("rb") as stream:
        for place in places:
            while at < place and (block := stream.read(min(place - at, 1 << 22))):
                line += block.count(b"\n")
                at += len(block)
            found.append(line)
    return found
