"""A column mapping as a format: what a file's columns are in a table of ours."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from musictools import tables
from musictools.collect.imports._countries import country_names
from musictools.collect.imports._field import Bound, Context, Field, column
from musictools.collect.imports._fields import (
    code,
    constant,
    country,
    derived,
    file_stem,
    isrc,
    text,
    upc,
)
from musictools.collect.imports._format import Format
from musictools.collect.imports._lists import (
    any_number,
    any_seconds,
    any_shares,
    any_words,
)
from musictools.collect.imports._numbers import EXACT, LARGEST, PLACES, is_negative
from musictools.collect.imports._usual import (
    DAYS,
    any_day,
    any_moment,
    any_period,
    code_of_currency,
    first_day,
)
from musictools.errors import ExportError, closest

KINDS = ("royalties", "observations", "plays", "airplay", "spend", "works")
#: Columns beyond those of the tables that have a type of their own, or tell which table it is.
EXTRAS = {
    "royalties": ("title", "artist", "release", "isrc", "upc", "use", "iswc", "label"),
    "observations": ("title", "artist", "country", "isrc"),
    "plays": ("title", "artist", "release", "platform"),
    "airplay": ("title", "artist", "isrc", "release", "label"),
    "spend": ("campaign", "clicks", "currency"),
    "works": ("iswc",),
}
METRIC = "metric:"
_MONEY = ("gross", "fees", "net")
_TOTAL = r"(?i)^\s*(grand |sub)?(totals?|gesamt|summe|totale|suma)\b"
#: In how many columns, from the left, it may stand.
_FIRST = 3
#: What programs write where there is nothing.
_NOTHING = ("-", "--", "\u2013", "\u2014", "n/a", "N/A", "#N/A", "null", "NULL", "NaN", "nan")
_TIMES = ("period", "ds", "observed_at", "played_at")


def columns_of(kind: str) -> dict[str, tables.Column]:
    """Give the columns of a table's contract, by name."""
    return {each.name: each for each in tables.TABLES[kind].columns}


def _is_key(contract: tables.Column) -> bool:
    return contract.required and not contract.nullable


def guess_kind(names: Sequence[str]) -> str:
    """Tell which table some of our columns are of.

    Parameters
    ----------
    names : sequence of str
        Columns that are mapped, or constant.
    """
    counts = {}
    for kind in KINDS:
        contract = columns_of(kind)
        known = {*contract, *EXTRAS[kind]}
        own = [name for name in names if name in known]
        if kind == "observations":
            own += [name for name in names if name.startswith(METRIC)]
        keys = [name for name in own if name in contract and _is_key(contract[name])]
        counts[kind] = len(own) + len(keys)
    most = max(counts.values())
    best = [kind for kind, count in counts.items() if count == most]
    if len(best) == 1:
        return best[0]
    raise ExportError(
        "tell which table a mapping gives",
        got=f"columns {', '.join(names)}" if names else "no columns",
        expected="columns of one table",
        hint=f"kind={best[0]!r}; mt.tables.describe() lists the columns of every table",
    )


def lacking(mapping: Mapping[str, str], kind: str, constants: Mapping[str, object]) -> list[str]:
    """List what a table must have, and neither is mapped nor follows from what is.

    Parameters
    ----------
    mapping : mapping of str to str
        Our columns to the file's.
    kind : str
        Which table it gives.
    constants : mapping of str to object
        Columns that the file has not.
    """
    return _missing(_fields(mapping, kind, constants), kind, wide=_is_wide(mapping))


def _is_wide(mapping: Mapping[str, str]) -> bool:
    return any(name.startswith(METRIC) for name in mapping)


def _fields(
    mapping: Mapping[str, str], kind: str, constants: Mapping[str, object]
) -> dict[str, Field]:
    fields = {
        name: _field(name, theirs, kind, mapping)
        for name, theirs in mapping.items()
        if not name.startswith(METRIC)
    }
    for name, value in constants.items():
        fields[name] = constant(constant_text(name, value, kind), _type(name, kind))
    _complete(fields, kind)
    return fields


def format_of(mapping: Mapping[str, str], kind: str, constants: Mapping[str, object]) -> Format:
    """Make a format of a column mapping.

    Parameters
    ----------
    mapping : mapping of str to str
        Our columns to the file's.
    kind : str
        Which table it gives.
    constants : mapping of str to object
        Columns that the file has not.
    """
    _check_names(mapping, constants)
    metrics = {
        name.removeprefix(METRIC): any_number(theirs)
        for name, theirs in mapping.items()
        if name.startswith(METRIC)
    }
    fields = _fields(mapping, kind, constants)
    _check_complete(fields, kind, wide=bool(metrics), named=[*mapping, *constants])
    return Format(
        name="table",
        kind=kind,
        title="the mapping",
        where="",
        evidence=(),
        columns=fields,
        metrics=metrics,
        needs=(tuple(dict.fromkeys(mapping.values())),),
        total_if=_sums_up(mapping),
        nothing=_NOTHING,
        verified=False,
        guessed=False,
    )


def _check_names(mapping: Mapping[str, str], constants: Mapping[str, object]) -> None:
    for name in mapping:
        _check_name(name.removeprefix(METRIC))
    both = [name for name in mapping if name in constants]
    if both:
        raise ExportError(
            "map columns",
            got=f"{both[0]!r} in the mapping and among the constants",
            expected="one of them",
            hint=f"leave {both[0]!r} out of constants",
        )


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_]*", name) or name == "source":
        raise ExportError(
            "fill columns",
            got=f"a column {name!r} of the table",
            expected="a name of letters, digits and underscores; source is filled in",
            hint='mapping={"our column": "column of the file"}, constants={"our column": ...}',
        )


def _amount(name: str) -> Field:
    return any_number(name, type_=EXACT)


def _field(name: str, theirs: str, kind: str, mapping: Mapping[str, str]) -> Field:
    own: dict[str, Callable[[str], Field]] = {
        "period": any_period, "country": country, "isrc": isrc, "recording_id": isrc, "upc": upc,
        "currency": code_of_currency, "ds": any_day, "observed_at": any_day, "seconds": any_seconds,
        "writers": any_words, "spend": _amount, "clicks": any_number,
    }  # fmt: skip
    contract = columns_of(kind).get(name)
    if name == "shares":
        field = any_shares(theirs, mapping.get("writers", theirs))
    elif name in {"iswc", "work_id"}:
        field = code(theirs, kind="iswc")
    elif name in own:
        field = own[name](theirs)
    else:
        by_kind: dict[str, Callable[[str], Field]] = {
            "number": any_number,
            "decimal": _amount,
            "datetime": any_moment,
            "time": any_moment,
        }
        field = by_kind.get(contract.kind if contract else "text", text)(theirs)
    key = contract is not None and _is_key(contract) and name != "fees"
    return field.required() if key else field


def _type(name: str, kind: str) -> str:
    contract = columns_of(kind).get(name)
    if name == "spend":
        return EXACT
    types = {"number": "DOUBLE", "decimal": EXACT, "datetime": "TIMESTAMP", "time": "TIMESTAMP"}
    return types.get(contract.kind if contract else "text", "VARCHAR")


def constant_text(name: str, value: object, kind: str) -> str:
    """Write a constant as the text that a column of a table is cast from, if it can stand there."""
    _check_name(name)
    type_, said = _type(name, kind), str(value).strip()
    if type_ in {"DOUBLE", EXACT}:
        said = _number_text(name, said, exact=type_ == EXACT)
    elif type_ == "TIMESTAMP":
        moment = value if isinstance(value, dt.date) else first_day(said, DAYS[:4])
        if moment is None:
            raise _wrong_constant(name, value, "a day, such as 2025-03-31")
        said = moment.isoformat()
    elif name == "period" and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2]|Q[1-4])", said):
        raise _wrong_constant(name, value, "a month or a quarter, such as 2025-03 or 2025-Q1")
    elif name == "currency" and not re.fullmatch(r"[A-Z]{3}", said):
        raise _wrong_constant(name, value, "a code of ISO 4217, such as EUR")
    elif name == "country":
        said = country_names().get(said.casefold(), said)
    elif not said:
        raise _wrong_constant(name, value, "a text")
    return said


def _number_text(name: str, said: str, *, exact: bool) -> str:
    try:
        number = Decimal(said)
    except InvalidOperation:
        number = Decimal("NaN")
    exponent = number.as_tuple().exponent
    # Beyond these it would be rounded, or could not be held.
    fits = isinstance(exponent, int) and -exponent <= PLACES and abs(number) < LARGEST
    if not number.is_finite() or (exact and not fits):
        raise _wrong_constant(name, said, "a number, such as 1 or 0.5")
    return f"{number:f}"


def _wrong_constant(name: str, value: object, expected: str) -> ExportError:
    return ExportError(
        f"fill the column {name!r}",
        got=repr(value),
        expected=expected,
        hint=f"constants={{{name!r}: ...}}",
    )


# --- what follows from other columns -------------------------------------------------------------


def _complete(fields: dict[str, Field], kind: str) -> None:
    """Add what follows from the columns that there are."""
    if kind == "royalties":
        _complete_money(fields)
        fields.setdefault("statement", file_stem())
        if "isrc" in fields:
            fields.setdefault("recording_id", derived("isrc"))
    elif kind == "plays":
        fields.setdefault("user_id", constant("me"))
        if "isrc" in fields:
            fields.setdefault("recording_id", derived("isrc"))
        if "artist_id" not in fields and "artist" in fields:
            fields["artist"] = fields["artist"].required()
            fields["artist_id"] = derived("artist")
    elif kind == "observations":
        fields.setdefault("policy", constant("own"))
        _complete_entity(fields, "entity_id")
    elif kind == "airplay":
        _complete_entity(fields, "recording_id")


def _complete_entity(fields: dict[str, Field], name: str) -> None:
    """Name a recording by its ISRC, else by artist and title."""
    if name in fields:
        return
    named = "coalesce(artist || ' - ', '') || title" if "artist" in fields else "title"
    if "title" in fields:
        fields["title"] = fields["title"].required()
        fields[name] = derived(f"coalesce(isrc, {named})" if "isrc" in fields else named)
    elif "isrc" in fields:
        fields["isrc"] = fields["isrc"].required()
        fields[name] = derived("isrc")


def _complete_money(fields: dict[str, Field]) -> None:
    """Compute what is not told of gross, fees and net: gross - fees = net."""
    told = {name for name in _MONEY if name in fields}
    if "fees" in told:
        base = next((name for name in ("gross", "net") if name in told), "fees")
        fields["_fees"] = fields["fees"]
        fields["fees"] = _deductions(fields["fees"], fields[base])
    rules = {
        frozenset({"net"}): {"gross": "net", "fees": "0"},
        frozenset({"gross"}): {"net": "gross", "fees": "0"},
        frozenset({"gross", "net"}): {"fees": "gross - net"},
        frozenset({"gross", "fees"}): {"net": "gross - fees"},
        frozenset({"net", "fees"}): {"gross": "net + fees"},
    }
    for name, sql in rules.get(frozenset(told), {}).items():
        fields[name] = derived(f"CAST({sql} AS {EXACT})", EXACT)


def _deductions(fees: Field, base: Field) -> Field:
    """Read fees as what is taken off; some files write them with the sign of what they do."""

    def bind(_: Field, context: Context) -> Bound:
        signs = set()
        if fees.names and base.names and fees.names != base.names:
            at, of = (context.header.index(some.names[0]) for some in (fees, base))
            pairs = [(row[at].strip(), row[of].strip()) for row in context.sample]
            filled = [pair for pair in pairs if all(re.search("[1-9]", cell) for cell in pair)]
            signs = {is_negative(fee) != is_negative(whole) for fee, whole in filled}
        # An empty cell is no fee.
        return Bound(f"{'-' if signs == {True} else ''}coalesce(_fees, 0)")

    return Field(EXACT, bind, derived=True)


def _check_complete(
    fields: Mapping[str, Field], kind: str, *, wide: bool, named: Sequence[str]
) -> None:
    """Check that the table has what it must have."""
    missing = _missing(fields, kind, wide=wide)
    if not missing:
        return
    known = {*columns_of(kind), *EXTRAS[kind]}
    strange = [name for name in named if name not in known and not name.startswith(METRIC)]
    near = {name: closest(name, strange) for name in missing if strange}
    typed = [f"{name} (not {at})" for name, at in near.items() if not at.startswith("one of")]
    filled = ", ".join(f'"{name}": ...' for name in missing)
    raise ExportError(
        f"make the table {kind!r} of a mapping",
        got="no column for " + ", ".join(missing),
        expected="a column of the file, or a constant, for each",
        hint=f"rename {', '.join(typed)}" if typed else f"constants={{{filled}}}, or map them",
    )


def _missing(names: Mapping[str, object], kind: str, *, wide: bool) -> list[str]:
    """List the columns without which a table is none."""
    told = {"metric", "value"} if wide else set()
    return [
        each.name
        for each in tables.TABLES[kind].columns
        if (_is_key(each) or each.name == "value")
        and each.name not in names
        and each.name not in told
    ]


def _sums_up(mapping: Mapping[str, str]) -> Callable[[Context], str] | None:
    """Tell lines that sum up: they begin with Total, and are of no time."""
    time = next((mapping[name] for name in _TIMES if name in mapping), None)
    if time is None:
        return None

    def condition(context: Context) -> str:
        begins = [
            f"coalesce(regexp_matches({column(name)}, '{_TOTAL}'), FALSE)"
            + ("" if name == time else f" AND {column(time)} IS NULL")
            for name in context.header[:_FIRST]
        ]
        return f"({' OR '.join(begins)})"

    return condition
