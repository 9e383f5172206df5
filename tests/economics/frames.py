"""The same plays as frames of every kind, and results of every kind as one table."""

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa

KINDS = ("pandas", "polars", "polars_lazy", "pyarrow", "duckdb", "polars_scan", "duckdb_parquet")
LAZY = ("polars_lazy", "duckdb", "polars_scan", "duckdb_parquet")
NATIVE = {
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "polars_lazy": pl.LazyFrame,
    "polars_scan": pl.LazyFrame,
    "pyarrow": pa.Table,
    "duckdb": duckdb.DuckDBPyRelation,
    "duckdb_parquet": duckdb.DuckDBPyRelation,
}


def frame(kind, columns, folder):
    """Make a frame of a dict of columns, or of an arrow table."""
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    made = {
        "pandas": table.to_pandas,
        "polars": lambda: pl.from_arrow(table),
        "polars_lazy": lambda: pl.from_arrow(table).lazy(),
        "pyarrow": lambda: table,
        # Not the default connection: relations of two cannot be joined.
        "duckdb": lambda: duckdb.connect().from_arrow(table),
    }
    if kind in made:
        return made[kind]()
    path = folder / "plays.parquet"
    pl.from_arrow(table).write_parquet(path)
    if kind == "polars_scan":
        return pl.scan_parquet(path)
    return duckdb.connect().read_parquet(str(path))


def table_of(found):
    """Give a result as a pandas table, in its own order."""
    wrapped = nw.from_native(found)
    if isinstance(wrapped, nw.LazyFrame):
        wrapped = wrapped.collect("pyarrow")
    return pd.DataFrame(wrapped.to_dict(as_series=False))


def paid(found, column="payout"):
    """Give payouts by artist."""
    table = table_of(found)
    return dict(zip(table["artist_id"], table[column], strict=True))


def events(matrix):
    """Give one row a play, of rows of artists and columns of users, as in the golden cases."""
    users, artists = [], []
    for i, row in enumerate(matrix):
        for j, count in enumerate(row):
            users += [f"u{j}"] * count
            artists += [f"a{i}"] * count
    return {"user_id": users, "artist_id": artists}


def counted(matrix):
    """Give the same in pairs with their plays, each pair in two rows."""
    cells = [(f"u{j}", f"a{i}", n) for i, row in enumerate(matrix) for j, n in enumerate(row)]
    halves = [(u, a, n // 2) for u, a, n in cells] + [(u, a, n - n // 2) for u, a, n in cells]
    users, artists, plays = zip(*halves, strict=True)
    return {"user_id": list(users), "artist_id": list(artists), "plays": list(plays)}
