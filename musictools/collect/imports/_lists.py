"""Fields that hold several things, and lengths of time, of files that nobody has described."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from musictools.collect.imports import _numbers, _usual
from musictools.collect.imports._field import Bound, Context, Field, column, quoted
from musictools.collect.imports._fields import number
from musictools.collect.imports._synonyms import CODES, currency_of
from musictools.errors import ExportError

_SPLITS = (";", "|", "/", ",")
#: What is written with the sign of a pound.
_POUNDS = ("GBP", "EGP", "FKP", "GIP", "LBP", "SDG", "SHP", "SSP", "SYP")


def any_words(*names: str) -> Field:
    """Read a list of names; the file's rows tell what stands between them."""

    def bind(self: Field, context: Context) -> Bound:
        name = context.first(self.names)
        if name is None:
            return Bound("CAST(NULL AS VARCHAR[])", same=True)
        raw = column(name)
        return Bound(f"{_split(raw, _between(context.values(name)))}", raw)

    return Field("VARCHAR[]", bind, names, "a list of names")


def any_shares(name: str, writers: str) -> Field:
    """Read the share of each writer, in percent or in parts of one: they sum to one afterwards.

    Parameters
    ----------
    name : str
        Column of the shares.
    writers : str
        Column of the writers, in the same order.
    """

    def bind(_: Field, context: Context) -> Bound:
        raw, names = column(name), column(writers)
        splits = (";", "|", "/") if _commas(context.values(name)) else _SPLITS
        parts = _split(raw, _between(context.values(name), splits))
        bare = "replace(replace(x, '%', ''), ',', '.')"
        numbers = f"list_transform({parts}, lambda x: TRY_CAST({bare} AS DOUBLE))"
        same = f"len({parts}) = len({_split(names, _between(context.values(writers)))})"
        whole = f"list_count({numbers}) = len({parts}) AND list_sum({numbers}) > 0 AND {same}"
        value = f"list_transform({numbers}, lambda x: x / list_sum({numbers}))"
        return Bound(f"CASE WHEN {whole} THEN {value} END", raw)

    return Field("DOUBLE[]", bind, (name,), "a share for each writer")


def _commas(values: Sequence[str]) -> bool:
    """Tell whether shares are written with decimal commas."""
    return any(re.search(r"\d,\d+\s*%?\s*[;|/]", value) for value in values)


def _between(values: Sequence[str], splits: Sequence[str] = _SPLITS) -> str:
    return next((each for each in splits if any(each in value for value in values)), ";")


def _split(raw: str, split: str) -> str:
    return f"list_transform(string_split({raw}, {quoted(split)}), lambda x: trim(x))"


def any_number(*names: str, type_: str = "DOUBLE") -> Field:
    """Read a number; where it can be read two ways, the other columns of the file tell."""

    def bind(self: Field, context: Context) -> Bound:
        name = context.first(self.names)
        if name is None:
            return Bound(f"CAST(NULL AS {type_})", same=True)
        return Bound(_numbers.number_sql(column(name), context.decimal(name), type_), column(name))

    return Field(type_, bind, names, "a number" if type_ == "DOUBLE" else "an amount")


def in_row_currency(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Give the fields of a table for rows whose amounts must be in the currency of the row."""
    return {
        name: in_currency(each, fields["currency"])
        if each.type == _numbers.EXACT and each.names
        else each
        for name, each in fields.items()
    }


def in_currency(amount: Field, currency: Field) -> Field:
    """Give the field of an amount for rows whose currency is known.

    What is marked as of another currency is not understood, whether in its cell or in the header of
    its column; a header that contradicts the one currency of all rows is refused.
    """

    def bind(_: Field, context: Context) -> Bound:
        bound = amount.bind(amount, context)
        if bound.raw is None:
            return bound
        own = currency.bind(currency, context)
        clash = _another(bound.raw, own.sql)
        name = context.written[context.header.index(context.first(amount.names) or "")]
        if head := currency_of(name):
            told = re.search(r"'([A-Z]{3})'", own.sql) if own.same else None
            if told and told[1] != head:
                raise _contradicted(context, name, head, told[1])
            clash = f"({clash} OR coalesce({own.sql} <> {quoted(head)}, FALSE))"
        return replace(bound, sql=f"CASE WHEN {clash} THEN NULL ELSE {bound.sql} END")

    return replace(amount, bind=bind, what=f"{amount.what} in the currency of its row")


def _contradicted(context: Context, name: str, head: str, told: str) -> ExportError:
    return ExportError(
        f"read {context.file}",
        got=f"amounts in {name!r}, told to be in {told}",
        expected="amounts in the currency that their header says",
        hint=f"constants={{'currency': {head!r}}}, or another column of amounts",
    )


def _another(raw: str, currency: str) -> str:
    """Write SQL that tells whether an amount bears the mark of another currency than its row."""
    own = f"CASE {currency} WHEN 'EUR' THEN '€' WHEN 'GBP' THEN '£' END"
    pounds = ", ".join(map(quoted, _POUNDS))
    codes = "|".join(sorted(CODES))
    written = f"nullif(regexp_extract({raw}, '{codes}'), '')"
    cases = [
        f"contains({raw}, '€') AND {currency} <> 'EUR'",
        f"contains({raw}, '£') AND {currency} NOT IN ({pounds})",
        # A dollar or a crown may be of many countries, but not of those.
        f"regexp_matches({raw}, '\\p{{Sc}}|kr') AND NOT contains({raw}, {own})",
        f"{written} <> {currency}",
    ]
    # Most amounts have no mark, and need not be looked at closely.
    marked = f"regexp_matches({raw}, '\\p{{Sc}}|kr|[A-Z]{{3}}')"
    return f"{marked} AND coalesce({' OR '.join(cases)}, FALSE)"


def any_seconds(*names: str) -> Field:
    """Read a length: seconds, a clock's, or milliseconds where the header says so."""

    def bind(self: Field, context: Context) -> Bound:
        name = context.first(self.names) or ""
        if any(":" in value for value in context.values(name)):
            return _usual.clock(name).bind(self, context)
        thousandths = re.search(r"(^|[\W_])ms($|[\W_])|millis", name, re.IGNORECASE)
        return number(name, scale=0.001 if thousandths else 1).bind(self, context)

    return Field("DOUBLE", bind, names, "a length, such as 205 or 3:25")
