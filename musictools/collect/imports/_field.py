"""What a field is, and what it must know of a file to read its column."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from musictools.collect.imports import _numbers
from musictools.errors import ExportError

#: What the cells of a count should be.
WHOLE = "a whole number"


@dataclass(frozen=True)
class Options:
    """What a reader may say about a file that does not tell it itself.

    Attributes
    ----------
    decimal : str or None
        ``"."`` or ``","``.
    day_first : bool or None
        Whether 03/04 is the third of April.
    constants : mapping of str to str
        Columns of ours that the file has not, and what to put there.
    """

    decimal: str | None = None
    day_first: bool | None = None
    constants: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what would be passed over in silence."""
        if self.decimal not in {None, ".", ","}:
            raise _no_option("decimal", self.decimal, '"." or ","')
        if self.day_first not in {None, True, False}:
            raise _no_option("day_first", self.day_first, "True or False")


def _no_option(name: str, value: object, expected: str) -> ExportError:
    hint = f"leave {name}= out, and the file tells"
    return ExportError("read a file", got=f"{name}={value!r}", expected=expected, hint=hint)


@dataclass(frozen=True)
class Context:
    """One file, as far as its fields have to know it.

    Attributes
    ----------
    file : str
        Its name, without its folders.
    modified : datetime.datetime
        When it was last changed.
    header : tuple of str
        Its columns, in the format's own spelling.
    preamble : str
        The lines above the header.
    sample : sequence of sequence of str
        Some of its rows.
    options : Options
        What the reader said.
    written : tuple of str
        Its columns, as they are written.
    around : str
        Name of the archive or the folder in which the file lies.
    others, counts : frozenset of str
        Columns that are known to hold no numbers, or whole ones.
    """

    file: str
    modified: dt.datetime
    header: tuple[str, ...]
    preamble: str
    sample: Sequence[Sequence[str]]
    options: Options
    written: tuple[str, ...] = ()
    around: str = ""
    others: frozenset[str] = frozenset()
    counts: frozenset[str] = frozenset()

    def values(self, name: str) -> list[str]:
        """Give what the sample shows in a column, blanks left out."""
        at = self.header.index(name)
        return [text for row in self.sample if at < len(row) and (text := row[at].strip())]

    def decimal(self, name: str) -> str:
        """Tell which mark a column has before its decimals; where it does not, others may."""
        beside = (self.marks(each) for each in self.header if each != name)
        return _numbers.decimal_mark(self.values(name), name, self.options.decimal, beside)

    def marks(self, name: str) -> set[str]:
        """Give the decimal marks that a column shows beyond doubt."""
        if name not in self._marks:
            cells = [] if name in self.others else self.values(name)
            self._marks[name] = _numbers.sure_marks(cells, whole=name in self.counts)
        return self._marks[name]

    # Each column that cannot tell asks all others.
    @cached_property
    def _marks(self) -> dict[str, set[str]]:
        return {}

    def first(self, names: Sequence[str]) -> str | None:
        """Give the first of some columns that the file has."""
        return next((name for name in names if name in self.header), None)


@dataclass(frozen=True)
class Bound:
    """A field, bound to a file.

    Attributes
    ----------
    sql : str
        Expression that gives the value, null where the text is not understood.
    raw : str or None
        Expression of the text itself; None where there is none.
    join : str
        What the expression has to be joined with.
    same : bool
        Whether it is the same for every row.
    """

    sql: str
    raw: str | None = None
    join: str = ""
    same: bool = False


@dataclass(frozen=True)
class Field:
    """How one column of ours is read.

    Attributes
    ----------
    type : str
        Of DuckDB.
    bind : callable
        From the context of a file to SQL.
    names : tuple of str
        Columns of the file; the first that it has is read.
    what : str
        What the text should be, for those who read of a problem.
    needed : bool
        Whether an empty cell is a problem.
    must : bool
        Whether a file without the column is refused.
    derived : bool
        Whether it is computed from other columns of ours.
    bounds : tuple of str or None
        Least and greatest value that it can have, in SQL; what is beyond them is a problem.
    strips : bool
        Whether it takes blanks at the end of a cell for what they are.
    """

    type: str
    bind: Callable[["Field", Context], Bound]
    names: tuple[str, ...] = ()
    what: str = ""
    needed: bool = False
    must: bool = True
    derived: bool = False
    bounds: tuple[str, str] | None = None
    strips: bool = False

    @property
    def shown(self) -> str:
        """Name of the column, for those who read of a problem."""
        return self.names[0]

    def optional(self) -> "Field":
        """Give it for a column that some versions of the file lack."""
        return replace(self, must=False)

    def required(self) -> "Field":
        """Give it for a column without which a row is none."""
        return replace(self, needed=True)

    def within(self, least: float | str, most: float | str) -> "Field":
        """Give it for a column whose value cannot be beyond some others; both are SQL."""
        return replace(self, bounds=(str(least), str(most)))


def column(name: str) -> str:
    """Quote a column of the file for SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def trimmed(cell: str, *, both: bool = True) -> str:
    """Take the blanks off a cell, from both its ends or the first; an empty one is null."""
    # Trimming what needs none would cost half of the time, and looking at ends a tenth.
    needed = f"{cell} < '!'" + (f" OR suffix({cell}, ' ')" if both else "")
    return f"CASE WHEN {needed} THEN nullif(trim({cell}), '') ELSE {cell} END"


Render = Callable[[str, Field, Context, str], str]


def from_column(render: Render) -> Callable[[Field, Context], Bound]:
    def bind(self: Field, context: Context) -> Bound:
        name = context.first(self.names)
        if name is None:
            return Bound(f"CAST(NULL AS {self.type})", same=True)
        raw = column(name)
        return Bound(render(raw, self, context, name), raw)

    return bind
