"""Every table that passes between rooms: column, kind, unit, meaning; and one check for all.

Tables are long and tidy, and the unit of a number stands in the name of its column. A function
that takes a table checks it here first, so a missing or mistyped column is found at the door.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import narwhals as nw

from musictools.errors import TableError, closest

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TABLES", "Column", "Table", "check", "describe"]

FrameT = TypeVar("FrameT")

_CURE = {
    "text": "frame[{0!r}].astype(str)",
    "integer": "frame[{0!r}].astype('int64')",
    "number": "pandas.to_numeric(frame[{0!r}])",
    "decimal": "[decimal.Decimal(str(v)) for v in frame[{0!r}]]",
    "datetime": "pandas.to_datetime(frame[{0!r}])",
    "time": "pandas.to_datetime(frame[{0!r}])",
    "list": "[list(v) for v in frame[{0!r}]]",
}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Name, with a unit suffix where there is a unit.
    kind : str
        ``text``, ``integer``, ``number``, ``decimal`` (exact money), ``datetime``, ``time`` (a
        date, a time or a step number) or ``list``.
    meaning : str
        What stands in it, in a few words.
    unit : str
        Unit in words, empty where there is none.
    required : bool
        Whether a table without it is refused.
    nullable : bool
        Whether missing values may stand in it.
    """

    name: str
    kind: str
    meaning: str
    unit: str = ""
    required: bool = True
    nullable: bool = False


@dataclass(frozen=True)
class Table:
    """The contract of one table: its name, what a row is, and its columns.

    Attributes
    ----------
    name : str
        Name in :data:`TABLES`.
    row : str
        What one row is.
    columns : tuple of Column
        In order. A table may always bring further columns along.
    """

    name: str
    row: str
    columns: tuple[Column, ...]

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be there."""
        return tuple(column.name for column in self.columns if column.required)


def _key(name: str, meaning: str, kind: str = "text") -> Column:
    return Column(name, kind, meaning)


def _maybe(name: str, kind: str, meaning: str, unit: str = "") -> Column:
    return Column(name, kind, meaning, unit, required=False, nullable=True)


def _facts(name: str, kind: str, meaning: str, unit: str = "") -> Column:
    return Column(name, kind, meaning, unit, nullable=True)


_RECORDING = _key("recording_id", "identifier of the recording")

_ALL = (
    Table(
        "recordings",
        "one recording",
        (
            _RECORDING,
            _facts("title", "text", "title as released"),
            _facts("artist", "text", "name of the artist"),
            _facts("isrc", "text", "International Standard Recording Code, twelve characters"),
            _facts("path", "text", "where the audio file is, missing where there is none"),
            _facts("duration_s", "number", "length", "seconds"),
        ),
    ),
    Table("features", "one recording; one more column per descriptor", (_RECORDING,)),
    Table(
        "observations",
        "one number that a platform showed at one time",
        (
            _key("entity_id", "recording, artist, playlist ... that the number is about"),
            _key("platform", "where it was shown"),
            _key("metric", "what was counted"),
            _key("observed_at", "time that the number is true of", "datetime"),
            _facts("value", "number", "the number that was shown"),
            _facts("fetched_at", "datetime", "time at which it was fetched"),
            _facts("source", "text", "address or file that it came from"),
            _facts("policy", "text", "name of the terms under which it may be kept"),
        ),
    ),
    Table(
        "series",
        "one series at one step (the Nixtla convention); covariates follow",
        (
            _key("unique_id", "which series"),
            _key("ds", "date, time or step", "time"),
            _facts("y", "number", "the value"),
        ),
    ),
    Table(
        "plays",
        "one play, or a count of plays where there is a plays column",
        (
            _key("user_id", "who listened"),
            _key("artist_id", "whose music it was"),
            _maybe("recording_id", "text", "which recording"),
            _maybe("played_at", "datetime", "when it began"),
            _maybe("seconds", "number", "how long it was heard", "seconds"),
            _maybe("country", "text", "market, ISO 3166 alpha-2"),
            _maybe("tier", "text", "product, such as free or premium"),
            _maybe("plays", "number", "plays that this row stands for", "plays"),
        ),
    ),
    Table(
        "spend",
        "one channel in one period",
        (
            _key("ds", "first day of the period", "time"),
            _key("channel", "where the money went"),
            Column("spend", "number", "money spent", "the label's currency"),
            _maybe("impressions", "number", "times that it was shown or heard", "contacts"),
            _maybe("reach", "number", "different people who met it", "people"),
            _maybe("frequency", "number", "impressions per person reached", "contacts per person"),
        ),
    ),
    Table(
        "events",
        "one thing that happened on one day",
        (
            _key("ds", "day on which it happened", "time"),
            _key("kind", "what happened, such as single, album, tour"),
            _facts("subject", "text", "recording, release or artist that it happened to"),
            _facts("size", "number", "how big it was; the unit depends on the kind"),
        ),
    ),
    Table(
        "royalties",
        "one line of a statement",
        (
            _key("statement", "name of the statement"),
            _key("period", "month or quarter accounted for"),
            _key("payer", "who pays"),
            _facts("platform", "text", "where the use took place"),
            _facts("country", "text", "market, ISO 3166 alpha-2"),
            _facts("recording_id", "text", "which recording"),
            _facts("work_id", "text", "which work"),
            _facts("units", "number", "uses paid for", "plays, sales"),
            Column("gross", "decimal", "before deductions", "currency"),
            Column("fees", "decimal", "deductions", "currency"),
            Column("net", "decimal", "gross less fees", "currency"),
            _key("currency", "ISO 4217 code"),
        ),
    ),
    Table(
        "works",
        "one musical work",
        (
            _key("work_id", "identifier of the work"),
            _facts("title", "text", "title of the work"),
            Column("writers", "list", "names of the writers"),
            Column("shares", "list", "share of each writer, in the same order; they sum to 1"),
        ),
    ),
    Table(
        "airplay",
        "one recording on one station in one period",
        (
            _key("ds", "first day of the period", "time"),
            _key("station", "name of the station"),
            _key("medium", "radio or TV"),
            _RECORDING,
            Column("spins", "number", "times broadcast", "spins"),
            _facts("audience", "number", "people reached, summed over the spins", "contacts"),
            _facts("seconds", "number", "time on air", "seconds"),
        ),
    ),
    Table(
        "market",
        "one year, region and format",
        (
            _key("year", "calendar year", "integer"),
            _key("region", "country or region"),
            _key("format", "such as streaming, vinyl, download"),
            _facts("revenue_usd_m", "number", "revenue", "million US dollars"),
            _key("basis", "retail or wholesale: the two do not add up or splice"),
            _facts("vintage", "text", "edition of the source, since history is restated"),
            _facts("source", "text", "where the figure was published"),
        ),
    ),
)

#: Name to contract, in the order in which data flows.
TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _ALL})


def check(frame: FrameT, table: str) -> FrameT:
    """Check that a table is what its name promises.

    Parameters
    ----------
    frame : pandas, polars, pyarrow, DuckDB, Spark or dask frame
        The table. Of a lazy one only the schema is looked at; nothing is computed.
    table : str
        Name of the contract, a key of :data:`TABLES`.

    Returns
    -------
    same as ``frame``
        The very frame that was given, untouched. Further columns are welcome.

    Raises
    ------
    TableError
        If the contract is unknown, the object is no frame, a required column is missing or of the
        wrong kind, or values are missing where a key is needed.

    Examples
    --------
    >>> import pandas as pd
    >>> from musictools import tables
    >>> spend = pd.DataFrame({"ds": pd.to_datetime(["2025-01-06"]), "channel": "tv", "spend": 9.0})
    >>> tables.check(spend, "spend").shape
    (1, 3)
    """
    contract = _contract(table)
    try:
        wrapped: Any = nw.from_native(frame)
    except TypeError as error:
        raise TableError(
            f"check the table {table!r}",
            got=f"an object of type {type(frame).__name__}",
            expected="a pandas, polars, pyarrow, DuckDB, Spark or dask frame",
            hint="pandas.DataFrame(...) makes one of a dict or a list of records",
        ) from error
    schema: Mapping[str, Any] = wrapped.collect_schema()
    _check_names(contract, list(schema))
    for column in contract.columns:
        if column.name in schema:
            _check_column(contract, column, wrapped, schema[column.name])
    return frame


def describe(table: str | None = None) -> "pd.DataFrame":
    """List the columns of one table, or of all.

    Parameters
    ----------
    table : str, optional
        Name of the contract; all of them without it.

    Returns
    -------
    pandas.DataFrame
        Columns ``table, column, kind, unit, required, meaning``.

    Raises
    ------
    TableError
        If there is no such table.

    Examples
    --------
    >>> from musictools import tables
    >>> list(tables.describe("series")["column"])
    ['unique_id', 'ds', 'y']
    """
    import pandas as pd

    chosen = list(TABLES.values()) if table is None else [_contract(table)]
    return pd.DataFrame(
        [
            (each.name, column.name, column.kind, column.unit, column.required, column.meaning)
            for each in chosen
            for column in each.columns
        ],
        columns=["table", "column", "kind", "unit", "required", "meaning"],
    )


def _contract(table: str) -> Table:
    if table in TABLES:
        return TABLES[table]
    raise TableError(
        "find a table",
        got=repr(table),
        expected="the name of a table",
        hint=closest(str(table), TABLES),
    )


def _check_names(contract: Table, present: list[str]) -> None:
    missing = [name for name in contract.required if name not in present]
    if not missing:
        return
    near = {name: match for name in missing if (match := _nearest(name, present))}
    if near:
        hint = "rename " + ", ".join(f"{have!r} to {want!r}" for want, have in near.items())
    else:
        hint = f"mt.tables.describe({contract.name!r}) says what belongs in each column"
    raise TableError(
        f"check the table {contract.name!r}",
        got=f"no column {', '.join(map(repr, missing))} among {', '.join(map(repr, present))}",
        expected=f"columns {', '.join(map(repr, contract.required))}",
        hint=hint,
    )


def _nearest(name: str, present: Iterable[str]) -> str | None:
    # Capitals, blanks and camel case are the usual differences between exports.
    plain = {_plain(each): each for each in present}
    found = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=0.7)
    return plain[found[0]] if found else None


def _plain(name: str) -> str:
    return "".join(letter for letter in str(name).casefold() if letter.isalnum())


def _check_column(contract: Table, column: Column, frame: Any, dtype: Any) -> None:
    eager = isinstance(frame, nw.DataFrame)
    if not (_fits(column.kind, dtype) or (eager and _values_fit(column, frame, dtype))):
        raise TableError(
            f"check the table {contract.name!r}",
            got=f"column {column.name!r} of type {dtype}",
            expected=f"{column.kind}" + (f" in {column.unit}" if column.unit else ""),
            hint=f"frame[{column.name!r}] = " + _CURE[column.kind].format(column.name),
        )
    if eager and not column.nullable and (missing := _missing(frame[column.name])):
        raise TableError(
            f"check the table {contract.name!r}",
            got=f"{missing} missing values in column {column.name!r}",
            expected="a value in every row",
            hint=f"frame = frame[frame[{column.name!r}].notna()], or fill them",
        )


def _missing(values: Any) -> int:
    missing = int(values.null_count())
    if not missing and values.dtype.is_float():
        missing = int(values.is_nan().sum())
    return missing


def _fits(kind: str, dtype: Any) -> bool:
    if kind == "text":
        return bool(dtype in (nw.String, nw.Categorical, nw.Enum))
    if kind == "integer":
        return bool(dtype.is_integer())
    if kind == "number":
        return bool(dtype.is_numeric())
    if kind == "decimal":
        return bool(dtype == nw.Decimal)
    if kind == "list":
        return bool(dtype in (nw.List, nw.Array))
    is_date = dtype in (nw.Datetime, nw.Date)
    return bool(is_date or (kind == "time" and dtype.is_integer()))


def _values_fit(column: Column, frame: Any, dtype: Any) -> bool:
    """Look into columns whose type says nothing: Python objects, and nothing but nulls."""
    values = frame[column.name]
    if dtype not in (nw.Object, nw.Unknown) and values.null_count() < len(values):
        return False
    wanted: dict[str, Any] = {
        "text": str,
        "number": (int, float, Decimal),
        "integer": int,
        "decimal": Decimal,
        # Sequences come back from parquet as arrays.
        "list": (list, tuple, values.to_numpy().__class__),
    }
    if values.null_count() == len(values):
        return True
    kinds = wanted.get(column.kind, ())
    return all(isinstance(value, kinds) for value in values.drop_nulls().to_list())
