"""Common Works Registration, taken apart: transactions of fixed-width records into works."""

import array
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from musictools.collect.imports._format import Broken, Parsed

#: Names of the cells of one work.
NAMES = (
    "group", "later", "number", "title", "iswc", "language", "writers", "shares", "roles", "ipis",
    "artists", "isrcs",
)  # fmt: skip
#: Between the parts of a cell; no text holds it.
SPLIT = "\x1f"
_ENVELOPE = frozenset({"HDR", "GRH", "GRT", "TRL"})
_FIRST = frozenset({"NWR", "REV", "ISW", "EXC", "ACK", "AGR", "WRK", "ISR"})
_WRITERS = frozenset({"SWR", "OWR"})
_SHARES = frozenset({"SWT", "OWT"})
#: Records of a transaction that say nothing of what is read here.
_OTHERS = frozenset(
    {
        "SPU", "SPT", "OPU", "OPT", "PWR", "ALT", "ORN", "NCT", "NVT", "NET", "NOW", "NPN", "NWN",
        "NPR", "NAT", "EWT", "VER", "COM", "INS", "IND", "ARI", "MSG", "TER", "IPA", "NPA", "XRF",
        "WRI",
    }
)  # fmt: skip
#: Groups whose transactions hold works inside.
_ANSWERS = frozenset({"ACK", "AGR"})
_INSIDE = _WRITERS | _SHARES | _OTHERS | {"PER", "REC"}
_PREFIX = 19
#: Where the first share of a writer ends.
_SHORTEST = 134
_WHOLE = 10_000
#: Records of one transaction; no work has as many.
_LONGEST = 100_000


@dataclass
class _Transaction:
    """The records between two beginnings."""

    group: str
    line: int
    prefix: str
    records: list[tuple[int, str]] = field(default_factory=list)
    faults: list[Broken] = field(default_factory=list)
    #: What number the next record should have.
    expected: int = 0


@dataclass
class _Counts:
    groups: int = 0
    transactions: int = 0
    records: int = 0


def works_of(path: Path) -> Iterator[Parsed | Broken]:
    """Give the works of a file; an earlier registration of a work that comes again is marked."""
    earlier = _earlier(path)
    for each in _read(path):
        if isinstance(each, Parsed):
            cells = list(each.cells)
            cells[1] = "yes" if each.line in earlier else ""
            each = Parsed(each.line, cells)  # noqa: PLW2901
        yield each


def _earlier(path: Path) -> set[int]:
    """Find the lines of registrations that a later one replaces."""
    import numpy as np

    # Sixteen bytes a work: a society's file may hold millions.
    works, lines = array.array("Q"), array.array("Q")
    for each in _read(path):
        if isinstance(each, Parsed) and each.cells[0] in {"NWR", "REV", "WRK"} and each.cells[2]:
            digest = hashlib.blake2b(each.cells[2].encode(), digest_size=8).digest()
            works.append(int.from_bytes(digest, "little"))
            lines.append(each.line)
    numbers, places = np.array(works, np.uint64), np.array(lines, np.uint64)
    order = np.argsort(numbers, kind="stable")
    again = np.flatnonzero(numbers[order][1:] == numbers[order][:-1])
    return {int(place) for place in places[order][again]}


def _read(path: Path) -> Iterator[Parsed | Broken]:
    """Give works and what is wrong, in the order of the file."""
    file = _File()
    for line, record in _records(path):
        yield from file.take(line, record)
    yield from file.end()


class _File:
    """A file, as far as it was read."""

    def __init__(self) -> None:
        self.whole, self.part = _Counts(), _Counts()
        self.group = self.version = ""
        self.current: _Transaction | None = None
        self.last, self.ended = 0, False

    def take(self, line: int, record: str) -> Iterator[Parsed | Broken]:
        kind, self.last = record[:3], line
        self.whole.records += 1
        self.part.records += 1
        if self.ended:
            yield Broken(line, "it stands behind the end (TRL) of the file", record)
        elif kind in _ENVELOPE:
            yield from self.close()
            yield from self.envelope(kind, line, record)
        elif kind in _FIRST and (kind in {self.group, "ACK"} or self.group not in _ANSWERS):
            yield from self.close()
            self.current = _Transaction(self.group or kind, line, record[3:11])
            _append(self.current, line, record)
            self.whole.transactions += 1
            self.part.transactions += 1
        elif self.current is None:
            yield Broken(line, f"a record {kind!r} has no place here", record)
        else:
            _take(self.current, line, record)

    def envelope(self, kind: str, line: int, record: str) -> Iterator[Broken]:
        """Take a record that begins or ends a group, or the file."""
        if kind == "GRT":
            told = (self.part.transactions, self.part.records)
            yield from _check(line, record, "group", told, (8, 16))
            self.group = ""
            return
        if self.group:
            yield Broken(line, f"the group before it ({self.group}) has no end (GRT)", record)
        if kind == "GRH":
            self.group, self.version = record[3:6], record[11:16]
            self.part = _Counts(records=1)
            self.whole.groups += 1
        elif kind == "TRL":
            counts = (self.whole.groups, self.whole.transactions, self.whole.records)
            yield from _check(line, record, "file", counts, (3, 8, 16))
            self.ended = True
        elif self.whole.records > 1:
            yield Broken(line, "a record 'HDR' has no place here", record)

    def close(self) -> Iterator[Parsed | Broken]:
        """Give the work of the transaction that has just ended, or what is wrong with it."""
        current, self.current = self.current, None
        if current is not None:
            yield from _given(current, self.version)

    def end(self) -> Iterator[Parsed | Broken]:
        if self.current is not None:
            fault = Broken(self.last, "the file ends within the transaction")
            self.current.faults.append(fault)
        yield from self.close()
        if not self.ended:
            yield Broken(self.last, "the file ends without its end (TRL): it may be cut off")


def _records(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as stream:
        for line, raw in enumerate(stream, 1):
            # CP/M marked the end of a file, and some programs still do.
            bare = raw.rstrip(b"\r\n\x1a")
            if not bare.strip():
                continue
            try:
                text = bare.decode("utf-8-sig" if line == 1 else "utf-8")
            except UnicodeDecodeError:
                text = bare.decode("latin-1")
            yield line, text


def _take(current: _Transaction, line: int, record: str) -> None:
    """Put a record into its transaction, or say what is wrong with it."""
    kind = record[:3]
    nested = current.group == "ACK" and kind in _FIRST
    if kind not in _INSIDE and not nested:
        current.faults.append(Broken(line, f"there are no records {kind!r}", record))
        current.expected += 1
    elif record[3:11] != current.prefix:
        why = f"its transaction is {record[3:11]!r}, and it follows {current.prefix!r}"
        current.faults.append(Broken(line, why, record))
        current.expected += 1
    elif len(current.records) >= _LONGEST:
        current.faults = [Broken(line, "its transaction has too many records", record)]
    else:
        _append(current, line, record)


def _append(current: _Transaction, line: int, record: str) -> None:
    """Add a record, and check its two numbers: a gap is a record that was lost."""
    transaction, number = record[3:11], record[11:_PREFIX]
    why, place = "", current.expected
    if not _digits(transaction, 8):
        why = f"the number of its transaction is {transaction!r}"
    elif not _digits(number, 8):
        why = f"its number is {number!r}"
    elif int(number) != place:
        why = f"its number is {int(number)}, and should be {place}"
        place = int(number)
    if why:
        current.faults.append(Broken(line, why, record))
    current.expected = place + 1
    current.records.append((line, record))


def _digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdigit()


def _check(
    line: int, record: str, what: str, counted: Sequence[int], places: Sequence[int]
) -> Iterator[Broken]:
    """Hold what a group or the file says of itself against what is in it."""
    names = ("groups", "transactions", "records")[-len(counted) :]
    widths = (5, 8, 8)[-len(counted) :]
    for name, count, place, width in zip(names, counted, places, widths, strict=True):
        told = record[place : place + width]
        if not _digits(told, width):
            yield Broken(line, f"the number of {name} of the {what} is {told!r}", record)
        elif int(told) != count:
            why = f"the {what} states {int(told)} {name}, and has {count}"
            yield Broken(line, why, record)


# --- one work ------------------------------------------------------------------------------------


class _RecordError(Exception):
    """A record that cannot be understood."""


@dataclass
class _Writer:
    name: str
    role: str
    ipi: str
    number: str
    #: Of performing, mechanical and synchronisation rights, in hundredths of a percent.
    parts: tuple[int, int, int]


def _given(current: _Transaction, version: str) -> Iterator[Parsed | Broken]:
    """Give the work of a transaction, or all that is wrong with it."""
    faults = list(current.faults)
    answers = current.group not in {"NWR", "REV", "WRK"}
    work = None if answers or faults else _work(current, version, faults)
    if faults:
        number = current.records[0][1][81:95].strip() if current.records else ""
        for each in faults:
            refused = f"{each.why}; work {number!r} of line {current.line} is refused with it"
            yield Broken(each.line, refused, each.text)
        return
    yield Parsed(current.line, work or [current.group, "", *[""] * (len(NAMES) - 2)])


def _work(current: _Transaction, version: str, faults: list[Broken]) -> list[str] | None:
    later = version.startswith("03")
    first = current.records[0][1]
    writers: list[_Writer] = []
    artists: list[str] = []
    isrcs: list[str] = []
    for line, record in current.records[1:]:
        kind = record[:3]
        try:
            if kind in _WRITERS:
                writers.append(_writer(record, later=later))
            elif kind in _SHARES and later:
                _share(record, writers)
        except _RecordError as error:
            faults.append(Broken(line, str(error), record))
        if kind == "PER":
            artists.append(_name(record[64:94], record[19:64]))
        elif kind == "REC":
            isrcs.append((record[33:45] if later else record[249:261]).strip())
    shares = _shares(current, writers, faults)
    if faults:
        return None
    lists = [
        [each.name for each in writers],
        [repr(share) for share in shares],
        [each.role for each in writers],
        [each.ipi for each in writers],
        list(dict.fromkeys(filter(None, artists))),
        list(dict.fromkeys(filter(None, isrcs))),
    ]
    number, title, iswc = first[81:95].strip(), first[19:79].strip(), first[95:106].strip()
    told = [current.group, "", number, title, iswc, first[79:81].strip()]
    return told + [SPLIT.join(some) for some in lists]


def _writer(record: str, *, later: bool) -> _Writer:
    if not later and len(record) < _SHORTEST:
        raise _RecordError("it ends before its shares")
    ipi = record[115:126].strip().strip("0")
    # Versions 3 hold no shares of ownership.
    places = () if later else (129, 137, 145)
    parts = [_part(record[at : at + 5]) for at in places] or [0, 0, 0]
    return _Writer(
        _name(record[73:103], record[28:73]) or "UNKNOWN",
        record[104:106].strip(),
        record[115:126].strip() if ipi else "",
        record[19:28].strip(),
        (parts[0], parts[1], parts[2]),
    )


def _share(record: str, writers: list[_Writer]) -> None:
    """Give a writer the shares that version 3 tells behind it; the first territory counts."""
    number = record[22:31].strip()
    own = [each for each in writers if each.number == number] or writers[-1:]
    if not own:
        raise _RecordError("a writer's shares have no writer before them")
    if not any(own[-1].parts):
        pr, mr, sr = (_part(record[at : at + 5]) for at in (31, 36, 41))
        own[-1].parts = (pr, mr, sr)


def _name(first: str, last: str) -> str:
    return " ".join(f"{first} {last}".replace(SPLIT, " ").split())


def _part(text: str) -> int:
    bare = text.strip()
    if not bare:
        return 0
    if not _digits(text, 5) or int(text) > _WHOLE:
        raise _RecordError(f"a share is {text!r}, and should be from 00000 to 10000")
    return int(text)


def _shares(current: _Transaction, writers: Sequence[_Writer], faults: list[Broken]) -> list[float]:
    """Give the writers' parts of what they have of the work together."""
    for right in range(3):
        parts = [each.parts[right] for each in writers]
        if sum(parts):
            return [part / sum(parts) for part in parts]
    if not faults:
        why = "none of its writers has a share" if writers else "it has no writers"
        line, record = current.records[0]
        faults.append(Broken(line, why, record))
    return []
