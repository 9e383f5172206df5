"""How every object looks at home in a notebook: one card for all, and a few lines of text."""

import math
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from musictools._figures import figure, shown
from musictools._html import bullets, folded, framed, narrow, opening, pairs, table

if TYPE_CHECKING:
    import pandas as pd

#: Lines of a table and of the figures that stand open; the rest is counted, or folded.
_MOST_ROWS, _MOST_FIGURES = 10, 12
#: Columns of a table: more do not fit beside each other.
_MOST_COLUMNS = 10
#: Letters of a line of text.
_LONGEST = 240
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
#: Not after what may be a part of a name, as in "Dr. Dre" and "J. Cole"; a unit is none.
_SENTENCE_ENDS = re.compile(
    r"(?<=[.!?])(?<!\b[A-Z]\.)(?<!\b(?!Hz)[A-Z][a-z]\.)(?<!\b[A-Z][a-z]{2}\.)\s+(?=[A-Z])"
)

#: A caption and a table.
Table = tuple[str, "pd.DataFrame"]


class Card:
    """What an object shows of itself: a card in a notebook, a few lines elsewhere.

    A class says what is on it by ``_verdict``, ``_rows``, ``_tables`` and ``_notes``; how it
    looks is settled here.
    """

    #: What the field calls it; the name of the class, spelt out, otherwise.
    _called: ClassVar[str] = ""
    #: Names whose numbers are written as those of another, such as a value that is money.
    _kinds: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def _title(self) -> str:
        """Give what it is, in the words of the field."""
        first, *rest = _CAPITAL.split(type(self).__name__)
        spelt = " ".join([first, *(word if word.isupper() else word.lower() for word in rest)])
        return self._called or spelt

    def _verdict(self) -> str:
        """Give paragraphs, one a line; the first sentence is the verdict."""
        return ""

    def _rows(self) -> Mapping[str, str]:
        """Give the figures: what each is, with its unit, and its text."""
        return {}

    def _tables(self) -> Iterable[Table]:
        """Give tables with their captions."""
        return ()

    def _notes(self) -> Sequence[str]:
        """Give what to beware of."""
        return ()

    def _level(self) -> float | None:
        """Give the per cent of intervals that do not say it in their name."""
        level: float | None = getattr(self, "level", None)
        if level is None or math.isnan(level):
            return None
        return 100 * level if level <= 1 else level

    def _figure(self, value: object, name: str) -> str:
        """Write a number within a sentence as the rows and tables of the card do."""
        return figure(value, self._kinds.get(name, name))

    def _interval(self, low: float, high: float, of: str = "") -> str:
        """Write an interval within a sentence, of the number of some name."""
        level = self._level()
        kind = "interval" if level is None else f"{level:g} % interval"
        return f"{kind} {self._figure(low, of)} to {self._figure(high, of)}"

    def _repr_html_(self) -> str:
        paragraph, *more = self._verdict().splitlines() or [""]
        verdict, *rest = _SENTENCE_ENDS.split(paragraph.strip(), maxsplit=1)
        figures = list(self._rows().items())
        parts = [
            opening(self._title(), verdict, " ".join(rest)),
            bullets(more),
            pairs(figures[:_MOST_FIGURES]),
            folded("More figures", pairs(figures[_MOST_FIGURES:])),
            *(self._drawn(caption, frame) for caption, frame in self._tables()),
            bullets(self._notes()),
        ]
        return framed("".join(parts))

    def _drawn(self, caption: str, frame: "pd.DataFrame") -> str:
        first, columns = shown(frame.iloc[:_MOST_ROWS], self._level(), self._kinds)
        left = [f"{len(frame):,} rows"] if len(frame) > _MOST_ROWS else []
        if len(columns) > _MOST_COLUMNS:
            left.append(f"{len(first.columns)} columns")
            columns = dict(list(columns.items())[:_MOST_COLUMNS])
        told = f"{caption}; the first of {' and '.join(left)}" if left else caption
        return narrow(table(first, columns, caption=told))

    def __repr__(self) -> str:
        name = type(self).__name__
        verdict = _SENTENCE_ENDS.split(self._verdict().strip(), maxsplit=1)[0]
        figures = ", ".join(f"{name} {value}" for name, value in self._rows().items())
        lines = [f"{name}: {verdict}" if verdict else name, *([figures] if figures else [])]
        return "\n  ".join(map(_short, lines))


def _short(line: str) -> str:
    """Cut a line between words, or within one that would leave next to nothing."""
    short = textwrap.shorten(line, _LONGEST, placeholder=" ...")
    cut = len(line) > _LONGEST > 2 * len(short)
    return f"{line[:_LONGEST]} ..." if cut else short


class ModelCard(Card):
    """The card of a model of scikit-learn, whose own diagram of settings would hide it."""

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def __repr__(self) -> str:
        # As scikit-learn writes it: the settings are what makes it.
        return str(super(Card, self).__repr__())
