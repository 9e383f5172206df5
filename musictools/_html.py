"""Web pages that need nothing but themselves, and the tables on them."""

import html
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from string import Template
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

#: What a page may load when everything is inside it.
NOTHING_OUTSIDE = (
    "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
_PAGE = Template(
    """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="generator" content="$generator">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title><style>$style</style></head>
<body>
$body
</body></html>
"""
)
#: What a table says where there is no number.
MISSING = "\N{EN DASH}"

#: Integers, unsigned, floats.
_NUMERIC = "iuf"
#: Letters of what is more than a name.
_SENTENCE = 40
#: Letters of what stays on one line, and of what does so as the head of a row.
_SHORT, _HEAD = 20, 34
_SPAN = re.compile(r"\S+ to \S+")
_QUANTITY = re.compile(r"(?<=\d) (?=(?:dB\w*|LUFS|LU|ms|s|k?Hz|kbit/s|bits?|%)(?!\w))")
#: What a formula begins and ends with.
_FORMULA = re.compile(r"[$\\]")
#: A title, and what makes the text of a cell; the text is escaped afterwards.
Column = tuple[str, Callable[[Any], str]]


def escape(value: object) -> str:
    """Turn anything into text that is no markup."""
    # What a file system gives for a name it cannot read as text would not go into a file.
    return html.escape(str(value).encode("utf-8", "replace").decode("utf-8"))


def words(value: object) -> str:
    """Turn anything into text on a page: escaped, and never read as a formula."""
    # Notebooks look for formulas between dollars, \( and \), \[ and \], and from \begin to
    # \end, but not across elements.
    return _FORMULA.sub(r"<span>\g<0></span>", escape(value))


def bullets(sentences: Iterable[str]) -> str:
    """Give sentences as a list, if there are any."""
    inside = "".join(f"<li>{words(sentence)}</li>" for sentence in sentences if sentence)
    return f"<ul>{inside}</ul>" if inside else ""


def opening(title: str, verdict: str, rest: str = "", *, mark: str = "", colour: str = "") -> str:
    """Give the head of a card: what it is, the verdict, and what else is to be said of it.

    Parameters
    ----------
    title, verdict, rest : str
        Plain text.
    mark : str
        A sign before the verdict.
    colour : str
        Of the line at the side; that of the text otherwise.
    """
    sign = f"<span aria-hidden='true'>{escape(mark)}</span> " if mark else ""
    said = f"<br>{sign}<b>{words(verdict)}</b> {words(rest)}" if verdict else ""
    return (
        f"<p style='margin:.3em 0;border-left:.4em solid {colour or 'currentColor'};"
        f"padding-left:.6em'><strong>{words(title)}</strong>{said.rstrip()}</p>"
    )


def pairs(figures: Iterable[tuple[str, str]]) -> str:
    """Give names and what they are as a table of two columns, if there are any."""
    rows = "".join(
        f"<tr><th scope='row' style='text-align:left;padding:.2em .7em'>{words(name)}</th>"
        f"<td style='text-align:left;padding:.2em .7em'>{words(text)}</td></tr>"
        for name, text in figures
    )
    style = "color:inherit;margin:.3em 0"
    return f"<table style='{style}'><tbody>{rows}</tbody></table>" if rows else ""


def framed(inside: str) -> str:
    """Give a card: no wider than one reads, and in the colours of the page, light or dark."""
    return f"<div style='color:inherit;background:transparent;max-width:70em'>{inside}</div>"


def narrow(inside: str) -> str:
    """Give what is wide a bar to move it by, where the page is not so wide."""
    return f"<div style='overflow-x:auto'>{inside}</div>"


def folded(summary: str, inside: str) -> str:
    """Give what opens when it is asked for, if there is anything."""
    return f"<details><summary>{words(summary)}</summary>{inside}</details>" if inside else ""


def document(title: str, body: str, *, style: str, generator: str = "musictools") -> str:
    """Give a whole page that may load nothing from outside.

    Parameters
    ----------
    title : str
        Plain text.
    body : str
        HTML.
    style : str
        CSS.
    generator : str
        What made it, plain text.

    Returns
    -------
    str
        HTML.
    """
    return _PAGE.substitute(
        title=escape(title),
        body=body,
        style=style,
        policy=escape(NOTHING_OUTSIDE),
        generator=escape(generator),
    )


def table(
    frame: "pd.DataFrame",
    columns: Mapping[str, Column],
    *,
    caption: str,
    cell: Callable[[str, Any, str], str] | None = None,
) -> str:
    """Give a table with a caption, the first column as heads of the rows.

    Parameters
    ----------
    frame : pandas.DataFrame
        What to show.
    columns : mapping of str to (str, callable)
        For each column to show: its title, and what makes text of a value.
    caption : str
        Plain text.
    cell : callable, optional
        Given column, value and escaped text, it gives the HTML inside of a cell.

    Returns
    -------
    str
        HTML.
    """
    shown = {name: column for name, column in columns.items() if name in frame.columns}
    texts = {name: [write(value) for value in frame[name]] for name, (_, write) in shown.items()}
    sides = {
        name: _side(frame[name], texts[name], most=_SHORT if place else _HEAD)
        for place, name in enumerate(shown)
    }
    heads = "".join(
        f"<th scope='col'{_side(frame[n], [])}>{words(title)}</th>"
        for n, (title, _) in shown.items()
    )
    rows = []
    for i, record in enumerate(frame[list(shown)].to_dict("records")):
        parts = []
        for place, name in enumerate(shown):
            text = words(texts[name][i])
            inside = text if cell is None else cell(name, record[name], text)
            label = f" data-label='{escape(shown[name][0])}'"
            tag, more = ("td", label) if place else ("th", " scope='row'")
            parts.append(f"<{tag}{more}{sides[name]}>{inside}</{tag}>")
        rows.append(f"<tr>{''.join(parts)}</tr>")
    return (
        # Without a document type, browsers give tables a colour of their own.
        "<table style='color:inherit;margin-left:0'>"
        f"<caption style='text-align:left'>{words(caption)}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _side(column: "pd.Series[Any]", texts: Sequence[str], *, most: int = 0) -> str:
    """Numbers stand at the right, below each other; sentences get room, and names one line."""
    side = "right" if column.dtype.kind in _NUMERIC else "left"
    longest = max(map(len, texts), default=1)
    room = ";min-width:11em" if longest > _SENTENCE else ""
    # Of an interval in two lines, one would not see where a number ends.
    spans = bool(texts) and all(text == MISSING or _SPAN.fullmatch(text) for text in texts)
    room = ";white-space:nowrap" if longest <= most or spans else room
    return f" style='text-align:{side};vertical-align:top;padding:.35em .7em{room}'"


def number(digits: int = 1, unit: str = "", *, sign: bool = False) -> Callable[[Any], str]:
    """Make what writes numbers with so many decimals, and a dash where there is none."""

    def write(value: Any) -> str:
        if is_missing(value) or not math.isfinite(value):
            return MISSING
        rounded = round(value, digits) + 0.0  # no minus before a zero
        text = f"{rounded:+.{digits}f}" if sign and rounded else f"{rounded:.{digits}f}"
        return f"{text} {unit}".rstrip()

    return write


def is_missing(value: Any) -> bool:
    """Tell None, NaN, and what pandas has for them."""
    # pandas' own missing values equal nothing, and are no floats.
    lost = isinstance(value, float) and math.isnan(value)
    return value is None or lost or type(value).__name__ in {"NAType", "NaTType"}


def plain(value: Any) -> str:
    """Write anything, and a dash where there is nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return MISSING if is_missing(value) else str(value)


def bound(value: Any) -> str:
    """Write anything, with every number on one line with its unit."""
    return _QUANTITY.sub("\N{NO-BREAK SPACE}", plain(value))
