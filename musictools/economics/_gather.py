"""Plays of any kind of frame in a DuckDB of their own, which gives small tables of counts.

DuckDB spills to disk what does not fit, so that only accounts, artists and their counts are held
in memory as arrays.
"""
# ruff: noqa: S608 - the names that are put into queries are our own.

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw

from musictools._counts import counted
from musictools.economics._engine import Engine, check_columns, engine_of, has_column
from musictools.errors import TableError

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pandas as pd
    import pyarrow as pa

#: What a track has to be heard for to count, seconds.
COUNTED_S = 30
#: Plays that end within so many seconds after that are just long enough.
JUST_S = 10
_OPTIONAL = ("recording_id", "played_at", "seconds", "active", "plays")


class Ledger:
    """Plays in a DuckDB of their own: ``events`` as they came, ``pairs`` of account and artist.

    Accounts and artists are numbered by what they are called, so that nothing depends on the order
    of rows.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        Where the view ``plays_`` is.
    columns : set of str
        What the plays tell.
    what : str
        What is done with them, for errors.

    Attributes
    ----------
    database : duckdb.DuckDBPyConnection
        The database.
    columns : set of str
        What the plays tell.
    """

    def __init__(self, database: "duckdb.DuckDBPyConnection", columns: set[str], what: str) -> None:
        self.database, self.columns, self._what = database, columns, what
        self._check()
        run = database.execute
        # What is no number is more than all numbers there; here it is as good as missing.
        told = "* REPLACE (nullif(seconds::DOUBLE, 'nan'::DOUBLE) AS seconds)"
        whole = told if "seconds" in columns else "*"
        shown = ", ".join([whole, *map(self._plain, ("user_id", "artist_id"))])
        run(f"CREATE VIEW events AS SELECT {shown} FROM plays_")
        for name in ("user", "artist"):
            run(
                f"CREATE TABLE {name}s AS SELECT name, (row_number() OVER (ORDER BY name) - 1)::INT"
                f" AS {name} FROM (SELECT DISTINCT {name} AS name FROM events)"
            )
        paid = f" WHERE seconds >= {COUNTED_S}" if "seconds" in columns else ""
        run(
            f"CREATE TABLE pairs AS SELECT u.user, a.artist, p.n FROM (SELECT user AS u_, artist AS"
            f" a_, sum({self.weight})::DOUBLE AS n FROM events{paid} GROUP BY ALL) p"
            " JOIN users u ON u.name = p.u_ JOIN artists a ON a.name = p.a_ WHERE p.n > 0"
        )
        run(
            "CREATE TABLE totals AS SELECT user, sum(n) AS t, max(n) AS most, count(*)::DOUBLE AS"
            " artists FROM pairs GROUP BY user"
        )

    @property
    def weight(self) -> str:
        """How many plays a row stands for, in SQL."""
        return "plays" if "plays" in self.columns else "1"

    def _plain(self, column: str) -> str:
        """Give an identifier under its short name; categories are sorted as text is."""
        found = self._one(f"SELECT typeof({column}) FROM plays_ LIMIT 1")
        cast = "::VARCHAR" if str(found[0]).startswith("ENUM") else ""
        return f"{column}{cast} AS {column.removesuffix('_id')}"

    def _check(self) -> None:
        has_counts = "plays" in self.columns
        odd = ", count(*) FILTER (plays IS NULL OR NOT isfinite(plays::DOUBLE) OR plays < 0)"
        empty = "count(*) FILTER (user_id IS NULL), count(*) FILTER (artist_id IS NULL)"
        query = f"SELECT count(*), {empty}{odd * has_counts} FROM plays_"
        rows, users, artists, *wrong = self._one(query)
        if not rows:
            raise TableError(
                self._what,
                got="no plays",
                expected="at least one",
                hint="look at the filters before",
            )
        for name, count in (("user_id", users), ("artist_id", artists)):
            if count:
                raise TableError(
                    self._what,
                    got=f"{counted(count, 'play')} without {name}",
                    expected=f"{name} in each row",
                    hint=f"drop them, or give them a name of their own: {name} 'unknown'",
                )
        if any(wrong):
            raise TableError(
                self._what,
                got="missing, infinite or negative values among plays",
                expected="numbers, 0 or more",
                hint="sum refunds with the plays that they take back first",
            )

    def _one(self, query: str) -> tuple[Any, ...]:
        found = self.database.execute(query).fetchone()
        return found or ()

    def names(self, of: str) -> "pa.ChunkedArray":
        """Give the names of ``user`` or ``artist``, by number."""
        query = f"SELECT name FROM {of}s ORDER BY {of}"
        return self.database.sql(query).to_arrow_table().column(0)

    def ask(self, query: str) -> dict[str, "np.ndarray"]:
        """Give a query as columns."""
        found: dict[str, Any] = self.database.execute(query).fetchnumpy()
        return found

    def put(self, name: str, table: "pd.DataFrame") -> None:
        """Keep a small table beside the plays."""
        self.database.register("_put", table)
        self.database.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM _put")
        self.database.unregister("_put")


@contextmanager
def ledger_of(plays: Any, what: str) -> Iterator[tuple[Ledger, Engine]]:
    """Bring plays into a database that lasts as long as the ``with``.

    Parameters
    ----------
    plays : frame
        Of any kind.
    what : str
        What is done with them, for errors.

    Yields
    ------
    tuple of Ledger and Engine
        The plays; and how to give a result back as the same kind.
    """
    import duckdb

    engine = engine_of(plays, what)
    schema = engine.frame.collect_schema()
    check_columns(schema, ["user_id", "artist_id"], what)
    told = [name for name in _OPTIONAL if has_column(schema, name, what)]
    kept = ["user_id", "artist_id", *told]
    _check_kinds(schema, what)
    with tempfile.TemporaryDirectory(prefix="musictools-plays-") as folder:
        settings: dict[str, Any] = {"temp_directory": folder, "memory_limit": "2GB"}
        database = duckdb.connect(":memory:", config=settings)
        try:
            _bring(database, engine, kept, Path(folder), what)
            yield Ledger(database, set(kept), what), engine
        finally:
            database.close()


def _check_kinds(schema: Any, what: str) -> None:
    wanted = {"played_at": (nw.Datetime,), "seconds": _NUMBERS, "plays": _NUMBERS,
              "active": (nw.Boolean, nw.Object, *_NUMBERS)}  # fmt: skip
    told = {"played_at": ("times", "pandas.to_datetime(frame['played_at'])"),
            "active": ("truth values", "frame['active'] = frame['active'] == ...")}  # fmt: skip
    for name, kinds in wanted.items():
        if name in schema and not any(schema[name] == kind for kind in kinds):
            expected, hint = told.get(name, ("numbers", f"frame[{name!r}].astype(float)"))
            raise TableError(
                what, got=f"a column {name!r} of {schema[name]}", expected=expected, hint=hint
            )


_NUMBERS = (
    nw.Int8, nw.Int16, nw.Int32, nw.Int64, nw.Int128, nw.UInt8, nw.UInt16, nw.UInt32, nw.UInt64,
    nw.Float32, nw.Float64, nw.Decimal,
)  # fmt: skip


def _arrow(frame: "pd.DataFrame", what: str) -> "pa.Table":
    """Give a frame of pandas as arrow: DuckDB cannot read columns that are stored backwards."""
    import pyarrow as pa

    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise TableError(
            what,
            got=f"a column of several types ({error.args[0]:.80})",
            expected="all of one type, such as text",
            hint="frame['user_id'] = frame['user_id'].astype(str)",
        ) from error


def _bring(database: Any, engine: Engine, kept: list[str], folder: Path, what: str) -> None:
    """Show the plays to the database; what is lazy passes through a file, read only once."""
    frame = engine.frame.select(kept)
    path = folder / "plays.parquet"
    if not engine.lazy:
        database.register("plays_", _arrow(frame.to_native(), what) if engine.kind == "pandas"
                          else frame.to_arrow())  # fmt: skip
        return
    if engine.kind == "polars_lazy":
        frame.to_native().sink_parquet(path)
    elif engine.kind == "duckdb":
        frame.to_native().write_parquet(str(path))
    else:
        database.register("plays_", engine.collect(frame).to_arrow())
        return
    shown = str(path).replace("'", "''")
    database.execute(f"CREATE VIEW plays_ AS SELECT * FROM read_parquet('{shown}')")
