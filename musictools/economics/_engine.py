"""Frames of any kind: brought in, small tables put beside them, and results given back alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from musictools.errors import TableError, closest

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


@dataclass(frozen=True)
class Engine:
    """One frame of the reader's, and how to work beside it.

    Attributes
    ----------
    native : frame
        As it was given.
    frame : narwhals.DataFrame or narwhals.LazyFrame
        The same, wrapped.
    """

    native: Any
    frame: Any

    @property
    def kind(self) -> str:
        """Name of the library, such as ``pandas``; of lazy frames of polars ``polars_lazy``."""
        name = str(self.frame.implementation).lower()
        return "polars_lazy" if name == "polars" and self.lazy else name

    @property
    def lazy(self) -> bool:
        """Whether nothing is computed before it is asked for."""
        return isinstance(self.frame, nw.LazyFrame)

    def collect(self, frame: Any) -> "nw.DataFrame[Any]":
        """Compute a small table, once."""
        found: nw.DataFrame[Any] = frame
        if not isinstance(frame, nw.LazyFrame):
            return found
        if self.kind == "polars_lazy":
            # In batches, so that plays which are larger than memory pass by.
            return frame.collect(backend="polars", engine="streaming")
        return frame.collect(backend="pyarrow" if self.kind == "duckdb" else "pandas")

    def beside(self, table: "nw.DataFrame[Any]") -> Any:
        """Put a small table of any kind where it can be joined with the frame."""
        if self.lazy and self.kind != "polars_lazy":
            return nw.from_native(self._native(table))
        if table.implementation != self.frame.implementation:
            table = nw.from_arrow(table.to_arrow(), backend=self.frame.implementation)
        if self.kind == "pyarrow":
            table = nw.from_native(_texts_alike(table.to_native(), self.native), eager_only=True)
        return table.lazy() if self.lazy else table

    def give(self, table: "nw.DataFrame[Any]") -> Any:
        """Give a small table as the kind of frame that came in."""
        if not self.lazy:
            plain = table.to_native()
            return plain.reset_index(drop=True) if hasattr(plain, "reset_index") else plain
        if self.kind == "polars_lazy":
            return table.to_native().lazy()
        return self._native(table)

    def _native(self, table: "nw.DataFrame[Any]") -> Any:
        if self.kind == "duckdb":
            # A relation can only be joined with those of its own connection, which it does not
            # tell; but it can ask for a variable by its name, unless a table has that.
            musictools_small_ = table.to_arrow()  # noqa: F841 - named in the query
            return self.native.query("musictools_plays_", "SELECT * FROM musictools_small_")
        if self.kind.startswith("pyspark"):
            return self.native.sparkSession.createDataFrame(table.to_pandas())
        raise TableError(
            "work beside a lazy frame",
            got=f"a frame of {self.kind}",
            expected="pandas, polars, pyarrow, DuckDB or PySpark",
            hint="collect it first, or read it with DuckDB",
        )


def _texts_alike(table: "pa.Table", other: "pa.Table") -> "pa.Table":
    """Give texts the type that they have in another table, or the plain one.

    Arrow has two types of text, and joins neither with the other.
    """
    import pyarrow as pa

    texts = (pa.string(), pa.large_string())
    there = {part.name: part.type for part in other.schema if part.type in texts}
    types = [there.get(p.name, texts[0]) if p.type in texts else p.type for p in table.schema]
    return table.cast(pa.schema(list(zip(table.column_names, types, strict=True))))


def engine_of(frame: Any, what: str) -> Engine:
    """Wrap a frame, or say that it is none."""
    try:
        return Engine(frame, nw.from_native(frame))
    except TypeError as error:
        raise TableError(
            what,
            got=f"an object of type {type(frame).__name__}",
            expected="a pandas, polars, pyarrow, DuckDB or PySpark frame",
            hint="pandas.DataFrame(...) makes one of a dict or a list of records",
        ) from error


def check_columns(schema: Mapping[str, Any], wanted: Sequence[str], what: str) -> None:
    """Refuse a frame that lacks a column."""
    for name in wanted:
        if name not in schema:
            alike = [each for each in schema if each.casefold() == name.casefold()]
            near = repr(alike[0]) if alike else closest(name, schema)
            raise TableError(
                what,
                got=f"columns {', '.join(map(repr, schema)) or 'none'}",
                expected=f"a column {name!r}",
                hint=f"{near}; or rename it to {name!r}",
            )


def check_sortable(engine: Engine, names: Sequence[str], what: str) -> None:
    """Refuse identifiers in kinds of arrow that arrow itself neither sorts nor joins by."""
    native = engine.native
    odd: tuple[str, ...] = ("string_view", "binary_view")
    if engine.kind == "pandas":
        kinds = {name: str(native.dtypes[name]) for name in names}
        odd = (*odd, "dictionary<")
    elif engine.kind == "pyarrow":
        kinds = {name: str(native.schema.field(name).type) for name in names}
    else:
        return
    for name, kind in kinds.items():
        if kind.startswith(odd):
            raise TableError(
                what,
                got=f"a column {name!r} of {kind}",
                expected="text or whole numbers",
                hint=f"frame[{name!r}].astype(str), or .cast(pyarrow.string()) in arrow",
            )


def has_column(schema: Mapping[str, Any], name: str, what: str) -> bool:
    """Tell whether a column is there that may be missing, and refuse one in capitals.

    To take it for missing would give other payouts without a word.
    """
    if name not in schema and any(each.casefold() == name for each in schema):
        check_columns(schema, [name], what)
    return name in schema


def check_numeric(schema: Mapping[str, Any], name: str, what: str) -> None:
    """Refuse a column that holds no numbers."""
    if not schema[name].is_numeric():
        raise TableError(
            what,
            got=f"a column {name!r} of {schema[name]}",
            expected="numbers",
            hint=f"cast {name!r} to a float first",
        )


def guarded(column: str, schema: Mapping[str, Any], what: str) -> Any:
    """Give a column as floats, infinite where there is no number from 0 on.

    One sum then tells whether all is well: pandas would skip what is missing, and a sum can hide
    what is below zero.
    """
    check_numeric(schema, column, what)
    # By a division, since arrow refuses to cast integers that a float cannot hold exactly.
    value = nw.col(column)
    value = value / 1 if schema[column].is_integer() else value.cast(nw.Float64)
    return nw.when((value >= 0).fill_null(value=False)).then(value).otherwise(nw.lit(float("inf")))


def sort_by(
    table: "nw.DataFrame[Any]", names: Sequence[str], *, largest: str | None = None
) -> "nw.DataFrame[Any]":
    """Sort a small table by identifiers, behind a column of which the largest comes first."""
    by = [*names] if largest is None else [largest, *names]
    try:
        return table.sort(by, descending=[each == largest for each in by])
    except TypeError as error:
        # Columns of Python objects can hold several kinds of identifiers.
        raise TableError(
            "sort identifiers",
            got=f"{' and '.join(names)} of several types in one column",
            expected="all of one type, such as text",
            hint=f"frame[{names[0]!r}] = frame[{names[0]!r}].astype(str)",
        ) from error


def numbers(table: "nw.DataFrame[Any]", name: str) -> "np.ndarray":
    """Give a column of a small table as floats, NaN where a value is missing."""
    import numpy as np

    found = table[name].cast(nw.Float64).to_numpy()
    return np.asarray(found, dtype=np.float64)
