"""A table that was read, against the truth of a simulated export: every row, whatever the order."""

from collections import Counter
from decimal import Decimal

import pandas as pd

from musictools import tables


def plain(value):
    # Most cells are texts, and nothing need be asked of them.
    if type(value) is str:
        return value
    if isinstance(value, list | tuple) or getattr(value, "ndim", 0):
        return tuple(map(plain, list(value)))
    if pd.isna(value):
        return None
    if isinstance(value, Decimal):
        return value.normalize() + 0
    if isinstance(value, pd.Timestamp):
        return value.round("ms").isoformat()
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return round(float(value), 6) if number else str(value)


def upc(value):
    text = plain(value)
    return text if text is None else str(text).lstrip("0").zfill(12)


def rows(frame, columns):
    read = [[(upc if name == "upc" else plain)(v) for v in frame[name]] for name in columns]
    return Counter(zip(*read, strict=True))


def assert_same(result, made):
    """Every row of the truth was read, no other was, and the table is what its name promises."""
    table, truth = result.to_frame(), made.truth
    assert result.kind == made.kind
    assert result.format == made.format
    tables.check(table, result.kind)
    # Where the file is named, the truth cannot know how.
    columns = [name for name in truth.columns if name not in {"source", "fetched_at"}]
    missing = [name for name in columns if name not in table and truth[name].notna().any()]
    assert not missing, f"columns {missing} were not read"
    columns = [name for name in columns if name in table]
    got, want = rows(table, columns), rows(truth, columns)
    lost, extra = list((want - got).elements()), list((got - want).elements())
    assert not lost, f"{columns}\nlost {lost[:3]} of {len(lost)}\nextra {extra[:3]}"
    assert not extra, f"{columns}\nextra {extra[:3]} of {len(extra)}"
    assert len(result.problems) == 0, result.problems.head()
