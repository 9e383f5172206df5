"""Google Takeout's web page of a watch history, entry by entry."""

import datetime as dt
import html
import re
from collections.abc import Iterator
from pathlib import Path

from musictools.collect.imports._format import Broken, Parsed, Sample
from musictools.errors import ExportError

#: What an entry tells, under the names that it has in JSON.
COLUMNS = ("header", "title", "titleUrl", "subtitles", "time", "details")
_ENTRY = re.compile(r'<div\s+class="outer-cell\b')
_HEADER = re.compile(r'mdl-typography--title"[^>]*>(.*?)(?:<br|</p)', re.DOTALL)
_BODY = re.compile(r'<div\s+class="content-cell[^"]*body-1"[^>]*>(.*?)</div>', re.DOTALL)
_CAPTION = re.compile(r'<div\s+class="content-cell[^"]*caption"[^>]*>(.*?)</div>', re.DOTALL)
_DETAILS = re.compile(r"<b>Details:</b>(.*?)(?:<b>|$)", re.DOTALL)
_LINK = re.compile(r'<a\s[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_BLOCK = 1 << 20
#: No entry is longer than this.
_LONGEST = 1 << 18
#: So many entries whose time is not understood, and none whose is: another language.
_ENOUGH = 20

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = re.compile(
    r"([A-Z][a-z]{2})[a-z]* (\d{1,2}), (\d{4}), (\d{1,2}):(\d{2}):(\d{2}) ([AP]M)(?: (\S+))?"
)
_OFFSET = re.compile(r"(?:GMT|UTC)([+-])(\d{1,2})(?::?(\d{2}))?")
#: Hours before or behind UTC of what Google writes in place of an offset. Those that several
#: countries use for several clocks, such as IST, are not here.
_ZONES = {
    zone: float(hours)
    for hours, zones in (
        ("0", "UTC GMT WET"),
        ("1", "BST WEST CET"),
        ("2", "CEST EET"),
        ("3", "EEST MSK"),
        ("9", "JST KST"),
        ("10", "AEST"),
        ("11", "AEDT"),
        ("12", "NZST"),
        ("13", "NZDT"),
        ("-4", "EDT"),
        ("-5", "EST CDT"),
        ("-6", "CST MDT"),
        ("-7", "MST PDT"),
        ("-8", "PST AKDT"),
        ("-9", "AKST"),
        ("-10", "HST"),
    )
    for zone in zones.split()
}


def is_history(sample: Sample) -> bool:
    """Tell whether a file is a page of what was watched, and not of what was searched for."""
    headers = map(_words, _HEADER.findall(sample.text))
    return 'class="outer-cell' in sample.text and any(
        each.startswith("YouTube") for each in headers
    )


def page_records(path: Path) -> Iterator[Parsed | Broken]:
    """Take a page apart, a block at a time.

    Parameters
    ----------
    path : pathlib.Path
        The page, in UTF-8.
    """
    understood, not_understood = 0, []
    for line, entry in _entries(path):
        found = _entry(entry)
        if isinstance(found, str):
            yield Broken(line, found, _words(entry)[:500])
            continue
        try:
            time = _utc(found[4] or "")
        except (_ClockError, ValueError) as error:
            not_understood.append(str(error))
            if len(not_understood) >= _ENOUGH and not understood:
                raise _foreign(path, not_understood[0]) from error
            yield Broken(line, f"its time is not understood: {error}", _words(entry)[:500])
            continue
        understood += 1
        yield Parsed(line, [*found[:4], time, found[5]])


def _foreign(path: Path, time: str) -> ExportError:
    return ExportError(
        f"understand the times of {path.name}",
        got=repr(time),
        expected="English ones, such as 'Jul 3, 2026, 12:41:03 PM PDT'",
        hint="download it again as JSON (Multiple formats > history), read in any language",
    )


def _entries(path: Path) -> Iterator[tuple[int, str]]:
    """Give the entries of a page, each with the line on which it begins."""
    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        text, line, begun = "", 1, False
        while True:
            block = stream.read(_BLOCK)
            text += block
            starts = [seen.start() for seen in _ENTRY.finditer(text)]
            # The last entry may go on in the next block.
            ends = starts[1:] if block else [*starts[1:], len(text)]
            at = 0
            for start, end in zip(starts, ends, strict=False):
                line += text.count("\n", at, start)
                yield line, text[start:end]
                line, at, begun = line + text.count("\n", start, end), end, True
            if not block:
                if not begun and not starts:
                    yield line, text
                return
            if not starts:
                # Before the first entry stands what a page looks like.
                keep = max(len(text) - len('<div  class="outer-cell'), 0)
                line, at = line + text.count("\n", 0, keep), keep
            text = text[at:]


def _entry(text: str) -> list[str | None] | str:
    """Take one entry apart; what is none is told in words."""
    header, body = _HEADER.search(text), _BODY.search(text)
    if header is None or body is None or len(text) > _LONGEST:
        return "it is no entry of a watch history"
    lines = [line for line in _BREAK.split(body[1]) if _words(line)]
    if len(lines) < 2:
        return "an entry has no time"
    links = [(html.unescape(seen[1]), _words(seen[2])) for seen in _LINK.finditer(lines[0])]
    channel = [seen[1] for line in lines[1:-1] if (seen := _link(line)) is not None]
    caption = _CAPTION.search(text)
    details = _DETAILS.search(caption[1]) if caption else None
    return [
        _words(header[1]),
        links[0][1] if links else _words(lines[0]),
        links[0][0] if links else None,
        channel[0] if channel else None,
        _words(lines[-1]),
        _words(details[1]) if details else None,
    ]


def _link(line: str) -> tuple[str, str] | None:
    seen = _LINK.search(line)
    return None if seen is None else (seen[1], _words(seen[2]))


def _words(text: str) -> str:
    """Give a text without tags, with the letters that it names, and plain blanks."""
    return " ".join(html.unescape(_TAG.sub("", text)).split())


class _ClockError(Exception):
    """A time that cannot be understood."""


def _utc(text: str) -> str:
    """Turn a time of the page into UTC, as JSON has it."""
    seen = _TIME.fullmatch(text)
    if seen is None or seen[1].lower() not in _MONTHS:
        raise _ClockError(text)
    zone = seen[8] or "UTC"
    offset = _OFFSET.fullmatch(zone)
    if offset is not None:
        ahead = dt.timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        ahead = -ahead if offset[1] == "-" else ahead
    elif zone in _ZONES:
        ahead = dt.timedelta(hours=_ZONES[zone])
    else:
        raise _ClockError(f"{text} (several clocks are called {zone}, or none)")
    hour = int(seen[4]) % 12 + (12 if seen[7] == "PM" else 0)
    local = dt.datetime(  # noqa: DTZ001 - made UTC below
        int(seen[3]),
        _MONTHS.index(seen[1].lower()) + 1,
        int(seen[2]),
        hour,
        int(seen[5]),
        int(seen[6]),
    )
    return f"{local - ahead:%Y-%m-%dT%H:%M:%SZ}"
