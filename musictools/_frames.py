"""Frames of any kind, as pandas."""

from typing import TYPE_CHECKING, Any

import narwhals as nw

from musictools.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

_HINT = "pandas.DataFrame(...) makes one of a dict or a list of records"


def as_pandas(frame: Any, what: str, *, hint: str = _HINT) -> "pd.DataFrame":
    """Give a pandas, polars, pyarrow or DuckDB frame as pandas; a lazy one is computed."""
    try:
        wrapped = nw.from_native(frame)
    except TypeError as error:
        raise TableError(
            what,
            got=f"an object of type {type(frame).__name__}",
            expected="a table: a pandas, polars, pyarrow or DuckDB frame",
            hint=hint,
        ) from error
    eager = wrapped.collect() if isinstance(wrapped, nw.LazyFrame) else wrapped
    out: pd.DataFrame = eager.to_pandas()
    return out
