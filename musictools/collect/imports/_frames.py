"""Tables of DuckDB, as pandas frames that keep money exact."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def to_pandas(relation: Any) -> "pd.DataFrame":
    """Take a relation into memory; money becomes ``decimal.Decimal``, no longer than it must be."""
    import pyarrow as pa

    table = relation.arrow()
    if not isinstance(table, pa.Table):
        table = table.read_all()
    columns = [_shortened(table.column(i)) for i in range(table.num_columns)]
    # Times of Arrow have microseconds, and a year 0001 fits in no nanosecond.
    frame: pd.DataFrame = pa.Table.from_arrays(columns, names=table.column_names).to_pandas()
    return frame


def _shortened(column: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Take the zeros off that pad exact amounts, down to cents."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_decimal(column.type):
        return column
    for places in (2, 4, 6, 8, 10, 12, 16, 20):
        if places >= column.type.scale:
            break
        try:
            short = column.cast(pa.decimal128(38, places))
        except pa.ArrowInvalid:
            # Digits would be lost.
            continue
        if pc.all(pc.equal(short.cast(column.type), column)).as_py() is not False:
            return short
    return column
