"""The rows of a format, as SQL over the text of a file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from musictools.collect.imports._field import (
    WHOLE,
    Bound,
    Context,
    Field,
    Options,
    column,
    quoted,
    trimmed,
)
from musictools.collect.imports._fields import constant
from musictools.collect.imports._format import Format
from musictools.collect.imports._lists import in_row_currency
from musictools.collect.imports._numbers import EXACT
from musictools.collect.imports._sniff import Layout, distinct
from musictools.collect.imports._stored import types_of
from musictools.errors import ExportError, closest

#: Our own column in front of the cells, where the lines of the records are known.
#: Those of files have no blank in front.
LINE = " line"
#: What a line that sums up a file may state.
SUMS = ("units", "gross", "fees", "net", "spend")


@dataclass(frozen=True)
class Projection:
    """What to ask a file for; each query is over ``FROM`` something that has its cells as texts.

    Attributes
    ----------
    columns : mapping of str to str
        Columns of the table that it gives, to types of DuckDB.
    same : mapping of str to str
        Those that are the same for every row, and the expression of each; no query has them.
    """

    columns: Mapping[str, str]
    same: Mapping[str, str]
    _header: tuple[str, ...]
    _cells: tuple[str, ...]
    _bare: tuple[str, ...]
    _first: tuple[str, ...]
    _raw: tuple[str, ...]
    _kept: tuple[str, ...]
    _joins: str
    _right: str
    _why: str
    _text: str
    _metrics: tuple[str, ...]
    _stated: tuple[str, ...]

    @property
    def states(self) -> bool:
        """Whether a line that sums up can be held against the others."""
        return bool(self._stated)

    def unpadded(self) -> "Projection":
        """Give it for a file without blanks around its cells: looking for them takes time."""
        return replace(self, _cells=self._bare)

    def _typed(self, source: str, verdict: str, *extra: str) -> str:
        cells = f"SELECT * REPLACE ({', '.join(self._cells)}) FROM {source}"
        inner = f"SELECT {', '.join([*self._first, *extra])} FROM ({cells}) AS _file {self._joins}"
        return f"SELECT *, {verdict} FROM ({inner})"

    def good(self, source: str) -> str:
        """Ask for the rows of the table."""
        return self._rows(f"({self._typed(source, f'{self._right} AS _right')})")

    def staged(self, source: str) -> str:
        """Ask for every row as it is understood, and whether it is right."""
        typed = self._typed(source, f"{self._right} AS _right")
        unwanted = f"EXCLUDE ({', '.join(self._raw)})" if self._raw else ""
        return f"SELECT * {unwanted} FROM ({typed})"

    def unstaged(self, table: str) -> str:
        """Ask for the rows of the table, where rows were staged."""
        return self._rows(table)

    def _rows(self, typed: str) -> str:
        usual = "_right AND _out IS NULL AND NOT _total"
        if not self._metrics:
            return f"SELECT {', '.join(self._kept)} FROM {typed} WHERE {usual}"
        names = ", ".join(map(quoted, self._metrics))
        values = ", ".join(column(f"metric {name}") for name in self._metrics)
        long = f"unnest([{names}]) AS metric, unnest([{values}]) AS value"
        rows = f"SELECT {', '.join([*self._kept, long])} FROM {typed} WHERE {usual}"
        return f"SELECT * FROM ({rows}) WHERE value IS NOT NULL"

    def other(self, source: str, number: str) -> str:
        """Ask for what is no row: its place, why, whether it is a total, its text, its sums.

        Parameters
        ----------
        source : str
            What to read.
        number : str
            Expression of a row's place.
        """
        stated = [f"CAST({name} AS VARCHAR)" if name in self._stated else "NULL" for name in SUMS]
        # Reasons and texts are made of those few rows only: of all rows they would take long.
        cells = [f"{column(name)} AS {column(f'cell {i}')}" for i, name in enumerate(self._header)]
        typed = self._typed(source, f"{self._right} AS _right", f"{number} AS _n", *cells)
        few = f"SELECT * FROM ({typed}) WHERE _total OR (NOT _right AND _out IS NULL)"
        return (
            f"SELECT _n, {self._why} AS _why, _total, {self._text} AS _text, {', '.join(stated)} "
            f"FROM ({few}) ORDER BY _n"
        )

    def left_out(self, source: str, most: int | None = None) -> str:
        """Ask how many rows are left out, and for which reason; no more than can be."""
        typed = self._typed(source, "TRUE AS _right")
        # A file need not be read to its end where all of them stand at its beginning.
        few = "" if most is None else f"LIMIT {most}"
        rows = f"SELECT _out FROM ({typed}) WHERE _out IS NOT NULL {few}"
        return f"SELECT _out, count(*) FROM ({rows}) GROUP BY 1"


def context_of(layout: Layout, chosen: Format, options: Options) -> Context:
    """Give what the fields of a format must know of a file."""
    header = tuple(chosen.english(layout.header))
    if layout.shape in {"cells", "parsed"}:
        # To DuckDB, and in English, two may be one.
        header = distinct(header)
    whole = [row for row in layout.rows if len(row) == len(header)]
    member = layout.member
    name = member.name.rsplit("/", 1)[-1]
    read = list(chosen.fields())
    numbers = _names(each for each in read if each.type in {"DOUBLE", EXACT})
    return Context(
        name,
        member.modified,
        header,
        layout.preamble,
        whole,
        options,
        tuple(layout.header),
        member.around,
        frozenset(_names(each for each in read if each.type not in {"DOUBLE", EXACT}) - numbers),
        frozenset(_names(each for each in read if each.what == WHOLE)),
    )


def owner_of(context: Context, chosen: Format) -> str:
    """Give what tells the entity of all rows at once, in SQL; empty where nothing does."""
    told = context.options.constants.get("entity_id")
    if told is not None:
        return quoted(told)
    # What it is computed from, such as the name of a channel, begins with a line.
    fields = [each for name, each in chosen.columns.items() if name.startswith(("_", "entity_id"))]
    bound = [each.bind(each, context) for each in fields if not each.names]
    texts = [re.sub(r"^CAST\((.*) AS \w+\)$", r"\1", each.sql) for each in bound if each.same]
    return " ".join(text for text in texts if text not in {"''", "'me'", "NULL"})


def _names(fields: Iterable[Field]) -> set[str]:
    return {name for each in fields for name in each.names}


def project(context: Context, chosen: Format, *, private: bool, separator: str) -> Projection:
    """Bind a format to a file.

    Parameters
    ----------
    context : Context
        The file.
    chosen : Format
        What it is.
    private : bool
        Whether private columns are wanted.
    separator : str
        Between the cells of a line that is shown again.
    """
    fields = dict(chosen.columns) | (dict(chosen.private) if private else {})
    # What is computed has no type of its own.
    own = types_of(chosen.kind)
    for name, value in context.options.constants.items():
        held = fields[name].type if name in fields else "VARCHAR"
        fields[name] = constant(value, own.get(name, held))
    if "currency" in fields and not chosen.verified:
        # Nobody has seen whether amounts and currency of such files belong together.
        fields = in_row_currency(fields)
    _check_header(context, chosen, [*fields.values(), *chosen.metrics.values()])
    _check_once(context, [*fields.values(), *chosen.metrics.values()])
    bound = {name: each.bind(each, context) for name, each in fields.items()}
    wide = {name: each.bind(each, context) for name, each in chosen.metrics.items()}
    wide = {name: some for name, some in wide.items() if some.raw is not None}
    if chosen.metrics and not wide:
        raise _no_metric(context, chosen)
    told = {name: some for name, some in bound.items() if not fields[name].derived}
    checked = [(fields[name], some) for name, some in told.items() if some.raw is not None]
    checked += [(chosen.metrics[name], some) for name, some in wide.items()]
    first = [f"{some.sql} AS {column(name)}" for name, some in told.items()]
    first += [f"{some.sql} AS {column(f'metric {name}')}" for name, some in wide.items()]
    first += [f"{some.raw} AS {column(f'raw {i}')}" for i, (_, some) in enumerate(checked)]
    first += [f"{_out(chosen, context)} AS _out", f"{_total(chosen, context)} AS _total"]
    columns = {
        name: own.get(name, each.type) for name, each in fields.items() if not name.startswith("_")
    }
    same = {name: bound[name].sql for name in columns if bound[name].same}
    if len(same) == len(columns) and not wide:
        # A row has to tell something.
        same.popitem()
    kept = [
        f"{bound[name].sql if fields[name].derived else column(name)} AS {column(name)}"
        for name in columns
        if name not in same
    ]
    columns |= {"source": "VARCHAR"} | ({"metric": "VARCHAR", "value": "DOUBLE"} if wide else {})
    seen = shown(chosen, context.header, private=private)
    cells = ", ".join(
        f"coalesce({column(f'cell {i}')}, '')" if name in seen else "'...'"
        for i, name in enumerate(context.header)
    )
    return Projection(
        columns,
        same,
        context.header,
        _cells(context, chosen),
        _cells(context, chosen, padded=False),
        tuple(first),
        tuple(column(f"raw {i}") for i in range(len(checked))),
        tuple(kept),
        " ".join(dict.fromkeys(some.join for some in bound.values() if some.join)),
        *_verdict(fields, told, chosen.metrics, wide),
        f"concat_ws({quoted(separator)}, {cells})",
        tuple(wide),
        tuple(name for name in SUMS if name in told),
    )


def shown(chosen: Format, header: Iterable[str], *, private: bool) -> set[str]:
    """Give the columns that may be shown with a broken line: what is dropped must not be."""
    if private or not chosen.private:
        return set(header)
    # Such files have more of a person than is known of them.
    read = (*chosen.columns.values(), *chosen.metrics.values())
    return {name for each in read for name in each.names}


def _cells(context: Context, chosen: Format, *, padded: bool = True) -> tuple[str, ...]:
    """Take from the cells what means nothing: blanks around them, words for what is not known."""
    fields = list(chosen.fields())
    ends = {name for each in fields if not each.strips for name in each.names}
    ends |= {name for each in chosen.leave_out.values() for name in context.header if name in each}
    # A song may be called "null"; a number may not.
    told = {name for each in fields if each.what for name in each.names}
    words = ", ".join(quoted(word.lower()) for word in chosen.nothing)
    cells = []
    for name in context.header:
        cell = column(name)
        if padded:
            cell = trimmed(cell, both=name in ends or bool(words))
        if words and name in told:
            cell = f"CASE WHEN lower({cell}) NOT IN ({words}) THEN {cell} END"
        cells.append(f"{cell} AS {column(name)}")
    return tuple(cells)


def _no_metric(context: Context, chosen: Format) -> ExportError:
    known = dict.fromkeys(each.shown for each in chosen.metrics.values())
    return ExportError(
        f"read {context.file} as {chosen.name}",
        got="no column with numbers among " + ", ".join(map(repr, context.header)),
        expected="one of " + ", ".join(map(repr, known)),
        hint="download it again with one of them; or read_table(path, mapping=...)",
    )


def _check_header(context: Context, chosen: Format, fields: Iterable[Field]) -> None:
    missing = [
        each for each in fields if each.names and each.must and not context.first(each.names)
    ]
    if missing:
        name = missing[0].names[0]
        raise ExportError(
            f"read {context.file} as {chosen.name}",
            got=f"no column {' or '.join(map(repr, missing[0].names))} among "
            + ", ".join(map(repr, context.header)),
            expected=f"the columns of {chosen.title}",
            hint=f"{closest(name, context.header)} may be its new name: read_table(path, "
            "mapping=...) reads any file",
        )


def _check_once(context: Context, fields: Iterable[Field]) -> None:
    """Refuse a file with two columns of one name that hold different things."""
    for each in fields:
        name = context.first(each.names)
        twin = f"{name} (2)"
        if name is not None and twin in context.header:
            at, of = context.header.index(name), context.header.index(twin)
            if any(row[at].strip() != row[of].strip() for row in context.sample):
                raise ExportError(
                    f"read {context.file}",
                    got=f"two columns {name!r}, with different cells",
                    expected="one column of each name",
                    hint="name one of them otherwise in the file",
                )


def _verdict(
    fields: Mapping[str, Field],
    told: Mapping[str, Bound],
    metrics: Mapping[str, Field],
    wide: Mapping[str, Bound],
) -> tuple[str, str]:
    """Write SQL that says whether a row is right, and SQL that says what is wrong with it.

    The first is asked of every row, and the second, which is slower, only of those that are not.
    """
    every = [(fields[name], column(name), some) for name, some in told.items()]
    every += [(metrics[name], column(f"metric {name}"), some) for name, some in wide.items()]
    right, wrong = [], []
    for i, (each, value) in enumerate((e, v) for e, v, some in every if some.raw is not None):
        raw, name = column(f"raw {i}"), each.shown
        if each.what:
            # What is not finite is no number, though a cast reads it.
            read = f"isfinite({value})" if each.type == "DOUBLE" else f"{value} IS NOT NULL"
            right.append(f"({raw} IS NULL OR coalesce({read}, FALSE))")
            message = f"{quoted(f'{name} is not {each.what}: ')} || {raw}"
            wrong.append(f"WHEN {raw} IS NOT NULL AND NOT coalesce({read}, FALSE) THEN {message}")
        if each.bounds is not None:
            least, most = each.bounds
            right.append(f"({value} IS NULL OR {value} BETWEEN {least} AND {most})")
            message = f"{quoted(f'{name} cannot be ')} || {raw}"
            wrong.append(f"WHEN {value} NOT BETWEEN {least} AND {most} THEN {message}")
        if each.needed:
            right.append(f"{raw} IS NOT NULL")
            wrong.append(f"WHEN {raw} IS NULL THEN {quoted(f'{name} is empty')}")
    if not right:
        return "TRUE", "CAST(NULL AS VARCHAR)"
    return " AND ".join(right), f"CASE {' '.join(wrong)} END"


def _out(chosen: Format, context: Context) -> str:
    cases = []
    for reason, condition in chosen.leave_out.items():
        names = re.findall(r"\{([^{}]+)\}", condition)
        if all(name in context.header for name in names):
            sql = condition
            for name in names:
                sql = sql.replace("{" + name + "}", column(name))
            cases.append(f"WHEN {sql} THEN {quoted(reason)}")
    return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS VARCHAR)"


def _total(chosen: Format, context: Context) -> str:
    if chosen.total_if is not None:
        return f"coalesce({chosen.total_if(context)}, FALSE)"
    name = context.first(chosen.total_in)
    if name is None:
        return "FALSE"
    return f"coalesce(regexp_matches({column(name)}, '(?i)^\\s*(grand |sub)?total'), FALSE)"


def unread(context: Context, chosen: Format, private: Iterable[str]) -> list[str]:
    """List the columns of a file that a format does not read."""
    used = {name for each in chosen.fields() for name in each.names} | set(private)
    return [name for name in context.header if name not in used]
