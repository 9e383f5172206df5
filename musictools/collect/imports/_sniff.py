"""What a file is: its encoding, its separator, its header, its format."""

import contextlib
import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from musictools.collect.imports._format import Format, Sample
from musictools.collect.imports._unpack import HEAD, Member, decoded, encoding_of

_SEPARATORS = ("\t", ",", ";", "|", "^")
#: The header stands at most so far down.
_DEEPEST = 60


@dataclass(frozen=True)
class Layout:
    """How a file is laid out.

    Attributes
    ----------
    member : Member
        The file.
    encoding : str
        Of its text.
    separator : str
        Between cells; empty where it is no table of cells.
    header : tuple of str
        Its columns, as they are written; those of JSON are the keys of its records.
    skip : int
        Lines up to and with the header.
    preamble : str
        The lines above the header.
    rows : tuple of tuple of str
        The first rows.
    quotes : bool
        Whether cells may stand in quotation marks.
    shape : str
        ``cells``, ``array`` or ``lines`` (JSON), ``nested`` (JSON under a key), or ``parsed``.
    """

    member: Member
    encoding: str
    separator: str = ""
    header: tuple[str, ...] = ()
    skip: int = 0
    preamble: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    quotes: bool = True
    shape: str = "cells"


def sniff(
    member: Member, formats: Iterable[Format], encoding: str | None = None
) -> list[tuple[int, Format, Layout]]:
    """Say which formats a file may be of, the surest first.

    Parameters
    ----------
    member : Member
        The file.
    formats : iterable of Format
        The ones to think of.
    encoding : str, optional
        If the reader knows it.

    Returns
    -------
    list of (int, Format, Layout)
        With the number of columns by which each was known.
    """
    head = member.head()
    # Bytes of a workbook are passed on as they are.
    packed = head.startswith(b"PK\x03\x04")
    coded = "utf-8" if packed else encoding or encoding_of(head)
    text = "" if packed else decoded(head, coded)
    sample = Sample(member.name, text, tuple(text.splitlines()[:_DEEPEST]), head, member.open)
    known = [each for each in formats if each.also is None or each.also(sample)]
    found = [
        (len(each.names) or 1, each, _told(member, coded, text, each))
        for each in known
        if each.sniff is not None and each.sniff(sample)
    ]
    if text.lstrip()[:1] in {"[", "{"}:
        json_layout = _json(member, coded, text)
        keyed = {each.records: each for each in known if each.records}
        layouts = {key: _keyed(json_layout, text, each) for key, each in keyed.items()}
        found += [
            (count, each, _widened(layouts[each.records], each))
            for each in known
            if each.records and (count := each.fit(layouts[each.records].header))
        ]
    elif text:
        tabular = [each for each in known if each.needs and not each.records]
        found += _tables(member, coded, text, tabular)
    return sorted(found, key=lambda some: -some[0])


def lacking(member: Member, formats: Iterable[Format]) -> tuple[Format, list[str]] | None:
    """Say which format a table is nearest to, and by which columns it would be known.

    Parameters
    ----------
    member : Member
        A file that no format knows.
    formats : iterable of Format
        The ones to think of.
    """
    head = member.head()
    if head.startswith(b"PK\x03\x04"):
        return None
    text = decoded(head, encoding_of(head))
    tabular = [each for each in formats if each.needs and not each.records]
    found: list[tuple[int, int, Format, list[str]]] = []
    for separator in _SEPARATORS:
        for _, line in _lines(text, separator):
            for each in tabular:
                there = set(each.english(line))
                for names in each.needs:
                    missing = [name for name in names if name not in there]
                    # Half of the columns may be anybody's.
                    if 2 * len(missing) < len(names):
                        found.append((len(missing), -len(names), each, missing))
    if not found:
        return None
    _, _, near, missing = min(found, key=lambda some: some[:2])
    return near, missing


def _told(member: Member, encoding: str, text: str, each: Format) -> Layout:
    """Lay out a file that is known by something else than its header."""
    if each.parse is not None:
        return Layout(member, encoding, header=each.names, shape="parsed")
    if each.needs:
        found = _tables(member, encoding, text, [each])
        if found:
            return found[0][2]
    guesses = [(s, _rows(text, s, 0)) for s in _SEPARATORS]
    separator, rows = max(guesses, key=lambda g: sum(len(r) == len(each.names) for r in g[1]))
    return Layout(member, encoding, separator, each.names, rows=tuple(map(tuple, rows)))


def _tables(
    member: Member, encoding: str, text: str, formats: Sequence[Format]
) -> list[tuple[int, Format, Layout]]:
    found: dict[int, tuple[int, Format, Layout]] = {}
    for separator in _SEPARATORS:
        for skip, line in _lines(text, separator):
            for each in formats:
                count = each.fit(line)
                if count > found.get(id(each), (0,))[0]:
                    layout = lay_out(member, encoding, text, separator, skip, line)
                    found[id(each)] = (count, each, layout)
    return list(found.values())


def lay_out(
    member: Member, encoding: str, text: str, separator: str, skip: int, header: Sequence[str]
) -> Layout:
    """Describe a table of cells whose header is known."""
    rows = _rows(text, separator, skip)
    names = list(header)
    # Some programs end every line, but for the header, with a separator.
    if rows and all(len(row) == len(names) + 1 and not row[-1] for row in rows):
        names.append("")
    # Others end the header so, and no line.
    while names and not names[-1].strip() and rows and all(len(row) < len(names) for row in rows):
        names.pop()
    # Tabs seldom stand in a title, so those who write them seldom quote; but titles hold quotes.
    quotes = (
        separator != "\t" or re.search(r'(^|\t)"[^"\n]*"(\t|\r?$)', text, re.MULTILINE) is not None
    )
    above = "".join(_cut(text)[: skip - 1])
    return Layout(
        member, encoding, separator, distinct(names), skip, above, tuple(map(tuple, rows)), quotes
    )


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Give the columns of a file names of their own; capitals make none."""
    given: dict[str, str] = {}
    for i, name in enumerate(names):
        bare = name.strip() or f"column {i + 1}"
        first, shown, count = given.get(bare.casefold(), bare), bare, 1
        while shown.casefold() in given:
            count += 1
            shown = f"{first} ({count})"
        given[shown.casefold()] = shown
    return tuple(given.values())


def _cut(text: str) -> list[str]:
    """Cut a text where those who read the rows do: only a line feed ends a line."""
    return list(io.StringIO(text, newline="\n"))


def _lines(text: str, separator: str) -> Iterable[tuple[int, list[str]]]:
    """Give the first lines as rows, each with the number of the line on which it ends."""
    # A return within a line is as good as a blank.
    lines = (line.rstrip("\r\n").replace("\r", " ") + "\n" for line in _cut(text))
    reader = csv.reader(lines, delimiter=separator)
    try:
        for row in reader:
            if reader.line_num > _DEEPEST:
                return
            if len(row) > 1:
                yield reader.line_num, row
    except csv.Error:
        return


def _rows(text: str, separator: str, skip: int) -> list[list[str]]:
    """Give whole rows from behind the header; the last may be cut, and is left out."""
    reader = csv.reader(_cut(text)[skip:], delimiter=separator)
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        # What comes before the error is kept.
        rows.extend(row for row in reader if row)
    # A letter takes four bytes at most: what is shorter than that is the whole file.
    cut = len(text) * 4 >= HEAD and not text.endswith("\n")
    return rows[:-1] if len(rows) > 1 and cut else rows


# --- JSON ----------------------------------------------------------------------------------------


def _json(member: Member, encoding: str, text: str) -> Layout:
    shape = "array" if text.lstrip()[0] == "[" else "nested"
    lines = text.splitlines()
    if shape == "nested" and len(lines) > 1 and all(_is_object(line) for line in lines[:2]):
        shape = "lines"
    return Layout(member, encoding, shape=shape)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _keyed(layout: Layout, text: str, each: Format) -> Layout:
    """Give the keys and values of the first records, as a format looks for them."""
    start = 0
    if layout.shape == "nested":
        at = re.search(rf'"{re.escape(each.records)}"\s*:\s*\[', text)
        if each.records == "[]" or at is None:
            return layout
        start = at.end()
    elif each.records != "[]":
        return layout
    records: list[dict[str, object]] = []
    decoder = json.JSONDecoder()
    while len(records) < 2000 and (at_ := text.find("{", start)) >= 0:
        try:
            record, start = decoder.raw_decode(text, at_)
        except (ValueError, RecursionError):
            break
        records.append(record)
    keys = tuple(dict.fromkeys(key for record in records for key in record))
    rows = tuple(tuple(_cell(record.get(key)) for key in keys) for record in records)
    return replace(layout, header=keys, rows=rows)


def _widened(layout: Layout, each: Format) -> Layout:
    """Add the keys that a format knows: the first records may lack what later ones have."""
    keys = tuple(dict.fromkeys((*layout.header, *each.sometimes(layout.header))))
    more = ("",) * (len(keys) - len(layout.header))
    return replace(layout, header=keys, rows=tuple((*row, *more) for row in layout.rows))


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
