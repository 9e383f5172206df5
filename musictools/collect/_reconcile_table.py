"""Royalties from any kind of frame, made ready to be held against themselves."""

import re
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING, Any

from musictools import tables
from musictools._counts import counted
from musictools.errors import InputError, TableError

if TYPE_CHECKING:
    import pandas as pd

#: No sum of a statement has more digits.
EXACT = Context(prec=200)
#: Lines that are held in memory, a gigabyte or two of them.
_MOST = 3_000_000
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_KEYS = (
    *("statement", "period", "payer", "platform", "country", "recording_id", "work_id", "currency"),
    *("use", "title", "artist"),
)
_AMOUNTS = ("gross", "fees", "net")
#: Columns that describe a recording or a file; what else is text tells lines apart.
_BESIDE = {*_KEYS, *_AMOUNTS, "units", "release", "isrc", "upc", "source"}


@dataclass(frozen=True)
class Finding:
    """One row of the findings."""

    kind: str
    severity: str
    meaning: str
    payer: str | None = None
    platform: str | None = None
    period: str | None = None
    statement: str | None = None
    recording_id: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    lines: int = 0


def prepared(royalties: Any) -> "pd.DataFrame":
    """Check a royalties table, take it into memory, and say of each line what it is about.

    Parameters
    ----------
    royalties : pandas, polars, pyarrow or DuckDB frame, or Imported
        The table.

    Returns
    -------
    pandas.DataFrame
        Texts without missing values, exact amounts, ``who`` (the recording, else the work, else
        title and artist), and ``more`` (whatever else tells lines apart).
    """
    import pandas as pd

    frame = _in_memory(royalties)
    tables.check(frame, "royalties")
    lines = pd.DataFrame({name: _texts(frame, name) for name in _KEYS})
    units = pd.to_numeric(frame["units"]).astype(float)
    lines["units"] = units.to_numpy()
    for name in _AMOUNTS:
        lines[name] = pd.Series([_exact(value, name) for value in frame[name]], dtype=object)
    title = lines["title"].str.casefold() + " / " + lines["artist"].str.casefold()
    work = lines["work_id"].where(lines["work_id"] != "", title)
    lines["who"] = lines["recording_id"].where(lines["recording_id"] != "", work)
    others = [c for c in frame.columns if c not in _BESIDE and _is_text(frame[c])]
    lines["more"] = ""
    for name in others:
        lines["more"] = lines["more"] + "\t" + _texts(frame, name)
    return lines


def _in_memory(royalties: Any) -> "pd.DataFrame":
    import narwhals as nw
    import pandas as pd

    # What a reader gave holds its table.
    given = royalties.table if hasattr(royalties, "table") else royalties
    if isinstance(given, pd.DataFrame):
        return given
    try:
        wrapped: Any = nw.from_native(given)
    except TypeError as error:
        raise TableError(
            "reconcile royalties",
            got=f"an object of type {type(given).__name__}",
            expected="a royalties table: pandas, polars, pyarrow or a DuckDB relation",
            hint="mt.collect.read(path) gives one",
        ) from error
    tables.check(given, "royalties")
    lazy = wrapped.lazy()
    count = int(lazy.select(nw.len()).collect().item())
    if count > _MOST:
        raise InputError(
            "reconcile royalties",
            got=counted(count, "line"),
            expected=f"at most {_MOST:,} lines in memory",
            hint="a year at a time: relation.filter(\"period LIKE '2025%'\")",
        )
    arrow = lazy.collect(backend="pyarrow").to_native()
    frame: pd.DataFrame = arrow.to_pandas()
    return frame


def _texts(frame: "pd.DataFrame", name: str) -> "pd.Series[str]":
    import pandas as pd

    if name not in frame:
        return pd.Series([""] * len(frame), dtype="str")
    return frame[name].astype("object").fillna("").astype("str").reset_index(drop=True)


def _is_text(values: "pd.Series[Any]") -> bool:
    import pandas as pd

    if values.dtype == object:
        return all(isinstance(value, str) for value in values.dropna())
    return bool(pd.api.types.is_string_dtype(values.dtype))


def _exact(value: Any, name: str) -> Decimal:
    if isinstance(value, Decimal) and value.is_finite():
        return value
    raise TableError(
        f"reconcile the amounts in {name!r}",
        got=repr(value),
        expected="exact decimals (decimal.Decimal) in every line",
        hint=f"frame[{name!r}] = [decimal.Decimal(str(v)) for v in frame[{name!r}]]",
    )


def totals_of(lines: "pd.DataFrame") -> "pd.DataFrame":
    """Sum up exactly: one row for each payer, period and currency."""
    grouped = lines.groupby(["payer", "period", "currency"], sort=True)
    counted = grouped.agg(lines=("net", "size"), units=("units", "sum"))
    with localcontext(EXACT):
        sums = grouped[list(_AMOUNTS)].agg(_total)
    return counted.join(sums).reset_index()


def _total(values: "pd.Series[Any]") -> Decimal:
    return sum(values, Decimal(0))


def step(period: str) -> tuple[str, int] | None:
    """Say whether a period is a month or a quarter, and which one since the year 0."""
    if found := _MONTH.fullmatch(period):
        return "month", int(found[1]) * 12 + int(found[2]) - 1
    if found := _QUARTER.fullmatch(period):
        return "quarter", int(found[1]) * 4 + int(found[2]) - 1
    return None


def period_of(kind: str, place: int) -> str:
    """Write a month or a quarter."""
    if kind == "month":
        return f"{place // 12}-{place % 12 + 1:02d}"
    return f"{place // 4}-Q{place % 4 + 1}"


def label_of(country: str, use: str) -> str:
    """Name a market and a use, where they are told."""
    return ", ".join(part for part in (country, use) if part) or "no market told"
