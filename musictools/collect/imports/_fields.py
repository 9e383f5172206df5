"""What stands in a column of ours: which column of the file, and how its text is understood."""

import re
from collections.abc import Sequence

from musictools.collect.imports import _moments, _numbers
from musictools.collect.imports._countries import country_join
from musictools.collect.imports._field import (
    WHOLE,
    Bound,
    Context,
    Field,
    column,
    from_column,
    quoted,
)
from musictools.errors import ExportError

# --- texts ---------------------------------------------------------------------------------------


def text(*names: str) -> Field:
    """Read a text; blanks at its ends are taken off, and an empty one is missing."""
    return Field("VARCHAR", from_column(lambda raw, *_: raw), names)


def code(*names: str, kind: str) -> Field:
    """Read an identifier and write it one way; what is none is kept as it is written."""
    shapes = {"isrc": "^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$", "iswc": "^T[0-9]{10}$"}

    def render(raw: str, *_: object) -> str:
        bare = f"upper(regexp_replace({raw}, '[-\\s.]', '', 'g'))"
        usual = f"length({raw}) = 12 AND {raw} = upper({raw})" if kind == "isrc" else "FALSE"
        known = f"regexp_matches({bare}, '{shapes[kind]}')"
        return f"CASE WHEN {usual} THEN {raw} WHEN {known} THEN {bare} ELSE {raw} END"

    return Field("VARCHAR", from_column(render), names, strips=True)


def isrc(*names: str) -> Field:
    """Read an ISRC: twelve characters."""
    return code(*names, kind="isrc")


def upc(*names: str) -> Field:
    """Read a UPC (twelve digits) or an EAN (thirteen); zeros in front make no other code."""

    def render(raw: str, *_: object) -> str:
        # Spreadsheets add .0; what they write as 2.0026E+11 is lost, and kept as it is written.
        # Some importers met "Empty:" before the digits, in files of two vendors.
        bare = f"ltrim(regexp_replace({raw}, '^[Ee]mpty:|[.]0$|[-\\s]', '', 'g'), '0')"
        usual = f"length({raw}) IN (12, 13) AND TRY_CAST({raw} AS BIGINT) >= 10000000000"
        usual += f" AND ({raw} >= '1' OR length({raw}) = 12)"
        known = f"regexp_matches({bare}, '^[0-9]{{7,14}}$')"
        short = f"CASE WHEN length({bare}) < 12 THEN lpad({bare}, 12, '0') ELSE {bare} END"
        return f"CASE WHEN {usual} THEN {raw} WHEN {known} THEN {short} ELSE {raw} END"

    return Field("VARCHAR", from_column(render), names, strips=True)


def country(*names: str) -> Field:
    """Read a market, by code or by name; what is no country stays as it is written."""

    def bind(self: Field, context: Context) -> Bound:
        name = context.first(self.names)
        if name is None:
            return Bound("CAST(NULL AS VARCHAR)", same=True)
        raw, alias = column(name), column(f"country of {name}")
        return Bound(f"coalesce({alias}.code, {raw})", raw, country_join(raw, alias))

    return Field("VARCHAR", bind, names)


def currency(*names: str) -> Field:
    """Read a currency, by its code of ISO 4217."""

    def render(raw: str, *_: object) -> str:
        return f"CASE WHEN regexp_full_match({raw}, '[A-Za-z]{{3}}') THEN upper({raw}) END"

    return Field("VARCHAR", from_column(render), names, "the code of a currency")


def flag(*names: str) -> Field:
    """Read yes or no."""
    words = dict.fromkeys(("true", "yes", "1", "1.0", "y", "t"), "TRUE")
    words |= dict.fromkeys(("false", "no", "0", "0.0", "n", "f"), "FALSE")
    known = " ".join(f"WHEN {quoted(word)} THEN {value}" for word, value in words.items())

    def render(raw: str, *_: object) -> str:
        # A list of words would be joined to, which takes ten times as long.
        usual = "WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE"
        return f"CASE {raw} {usual} ELSE CASE lower({raw}) {known} END END"

    return Field("BOOLEAN", from_column(render), names, "yes or no")


def words(*names: str, split: str = ";") -> Field:
    """Read a list of texts."""

    def render(raw: str, *_: object) -> str:
        return f"list_transform(string_split({raw}, {quoted(split)}), lambda x: trim(x))"

    return Field("VARCHAR[]", from_column(render), names)


def fractions(*names: str, split: str = ";", whole: str = "1") -> Field:
    """Read a list of numbers, as parts of a whole."""

    def render(raw: str, *_: object) -> str:
        parts = f"string_split({raw}, {quoted(split)})"
        return f"list_transform({parts}, lambda x: TRY_CAST(trim(x) AS DOUBLE) / {whole})"

    return Field("DOUBLE[]", from_column(render), names)


# --- numbers and times ---------------------------------------------------------------------------


def count(*names: str) -> Field:
    """Read a whole number; marks between its digits are thousands in any language."""

    def render(raw: str, _: Field, context: Context, name: str) -> str:
        marks = r"[.,''\s\x{00a0}\x{202f}]"
        grouped = rf"^[-+]?\d{{1,3}}({marks}\d{{3}})+$"
        bare = f"regexp_replace({raw}, '{marks}', '', 'g')"
        # Where the file shows decimal commas, 1.000 is a thousand.
        shown = context.marks(name) or set().union(*map(context.marks, context.header))
        comma = (context.options.decimal or ".") == "," or shown == {","}
        value = f"replace({raw}, ',', '.')" if comma else raw
        return (
            f"CASE WHEN regexp_full_match({raw}, '[-+]?[0-9]+([{',' if comma else '.'}]0+)?') "
            f"THEN TRY_CAST({value} AS DOUBLE) "
            f"WHEN regexp_matches({raw}, '{grouped}') THEN TRY_CAST({bare} AS DOUBLE) END"
        )

    return Field("DOUBLE", from_column(render), names, WHOLE)


def number(*names: str, scale: float = 1.0) -> Field:
    """Read a number that is counted or measured.

    Parameters
    ----------
    *names : str
        Columns.
    scale : float
        What it is multiplied by, for units.
    """

    def render(raw: str, _: Field, context: Context, name: str) -> str:
        value = _numbers.number_sql(raw, context.decimal(name), "DOUBLE")
        return value if scale == 1 else f"({value}) * {scale!r}"

    return Field("DOUBLE", from_column(render), names, "a number", strips=True)


def money(*names: str) -> Field:
    """Read an amount, exactly."""

    def render(raw: str, _: Field, context: Context, name: str) -> str:
        return _numbers.number_sql(raw, context.decimal(name), _numbers.EXACT)

    return Field(_numbers.EXACT, from_column(render), names, "an amount", strips=True)


def _chosen(context: Context, name: str, formats: Sequence[str]) -> str:
    first = context.options.day_first
    return _moments.choose(context.values(name), formats, name, day_first=first)


def day(*names: str, formats: Sequence[str] = ("%Y-%m-%d",)) -> Field:
    """Read a day.

    Parameters
    ----------
    *names : str
        Columns.
    formats : sequence of str
        As for ``strptime``. A file is written in one of them; which one, its rows tell.
    """

    def render(raw: str, _: Field, context: Context, name: str) -> str:
        chosen = _moments.choose(
            context.values(name), formats, name, day_first=context.options.day_first
        )
        return f"CAST(date_trunc('day', {_moments.moment_sql(raw, chosen)}) AS TIMESTAMP)"

    return Field("TIMESTAMP", from_column(render), names, "a day")


def moment(*names: str, formats: Sequence[str] = ("%Y-%m-%dT%H:%M:%SZ",)) -> Field:
    """Read a time, in UTC; the formats are those of `day`, with ``%z`` where there is an offset."""

    def render(raw: str, _: Field, context: Context, name: str) -> str:
        chosen = _moments.choose(
            context.values(name), formats, name, day_first=context.options.day_first
        )
        return _moments.moment_sql(raw, chosen)

    return Field("TIMESTAMP", from_column(render), names, "a time")


#: What spreadsheets make of a month or a day when they save a file again. An American day is not
#: among them: nothing tells it from a European one.
_SAVED_AGAIN = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y", "%b-%y")


def period(
    *names: str,
    formats: Sequence[str] = ("%Y-%m",),
    by: str = "month",
    letters: int | None = None,
) -> Field:
    """Read a month or a quarter, written ``2025-03`` or ``2025-Q1``.

    Parameters
    ----------
    *names : str
        Columns.
    formats : sequence of str
        As for `day`; ``%q`` stands for the number of a quarter. What a spreadsheet makes of them
        is read, too.
    by : str
        ``month`` or ``quarter``: which one a date belongs to.
    letters : int, optional
        How many letters of a cell tell it, where it goes on.
    """
    candidates = tuple(dict.fromkeys((*formats, *_SAVED_AGAIN)))

    def render(raw: str, _: Field, context: Context, name: str) -> str:
        values = [value[:letters] for value in context.values(name)]
        chosen = _moments.choose(values, candidates, name, day_first=context.options.day_first)
        told = raw if letters is None else f"substr({raw}, 1, {letters})"
        return _moments.period_sql(told, chosen, by)

    return Field("VARCHAR", from_column(render), names, f"a {by}")


# --- what the rows do not tell -------------------------------------------------------------------


def constant(value: str | None, type_: str = "VARCHAR") -> Field:
    """Tell the same text of every row, or what it says in another type."""
    sql = f"CAST({'NULL' if value is None else quoted(value)} AS {type_})"
    return Field(type_, lambda *_: Bound(sql, same=True))


def told(name: str) -> Field:
    """Put there what the reader says, of a file that does not tell it; else it is refused."""

    def bind(_: Field, context: Context) -> Bound:
        value = context.options.constants.get(name)
        if value is None:
            raise ExportError(
                f"read {context.file}",
                got=f"a file that does not tell its {name}",
                expected=f"its {name} from you",
                hint=f"read_table(path, mapping=..., constants={{{name!r}: ...}})",
            )
        return Bound(quoted(value), same=True)

    return Field("VARCHAR", bind)


def file_stem() -> Field:
    """Put the file's name there, without its ending."""
    return Field("VARCHAR", _stem)


def _stem(_: Field, context: Context) -> Bound:
    return Bound(quoted(re.sub(r"\.\w+$", "", context.file)), same=True)


def file_day() -> Field:
    """Put the day there on which the file was last changed, for files that tell none."""
    return Field("TIMESTAMP", _modified)


def _modified(_: Field, context: Context) -> Bound:
    return Bound(f"TIMESTAMP '{context.modified:%Y-%m-%d}'", same=True)


def found(pattern: str, *, where: str = "preamble", default: str | None = None) -> Field:
    """Put there what a pattern finds outside the rows.

    Parameters
    ----------
    pattern : str
        Regular expression with one group.
    where : str
        ``preamble`` (the lines above the header), ``file`` (its name), ``around`` (that of its
        archive or folder) or ``header``.
    default : str, optional
        What to put there where nothing is found; without it the file is refused.
    """

    def bind(_: Field, context: Context) -> Bound:
        place = {"preamble": context.preamble, "file": context.file, "around": context.around}
        seen = re.search(pattern, place.get(where, "\n".join(context.header)), re.IGNORECASE)
        if seen is None and default is None:
            raise ExportError(
                f"read {context.file}",
                got=f"nothing like {pattern!r} in its {where}",
                expected="a file of this format, as it was downloaded",
                hint="download it again, and do not rename or edit it",
            )
        return Bound(quoted(seen[1].strip() if seen else str(default)), same=True)

    return Field("VARCHAR", bind)


def derived(sql: str, type_: str = "VARCHAR") -> Field:
    """Compute it from other columns of ours, by an expression in SQL.

    A column whose name begins with ``_`` is only there to be computed with.
    """
    return Field(type_, lambda *_: Bound(sql), derived=True)
