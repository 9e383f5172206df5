"""read_riaa(): the reader's own copy of the RIAA's table of formats, which may not be shipped."""

from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from musictools.errors import ExportError, InputError

if TYPE_CHECKING:
    import pandas as pd

_DOWNLOAD = {
    "Download Album",
    "Download Music Video",
    "Download Single",
    "Kiosk",
    "Other Digital",
    "Ringtones & Ringbacks",
}
_STREAMING = {
    "Limited Tier Paid Subscription",
    "On-Demand Streaming (Ad-Supported)",
    "Other Ad-Supported Streaming",
    "Paid Subscription",
    "SoundExchange Distributions",
}
_PHYSICAL = {
    "8 - Track",
    "CD",
    "CD Single",
    "Cassette",
    "Cassette Single",
    "DVD Audio",
    "LP/EP",
    "Music Video (Physical)",
    "Other Tapes",
    "SACD",
    "Vinyl Single",
}
#: Copies spell it both ways, the one for units, the other for values.
_SAME = {"Paid Subscriptions": "Paid Subscription"}
_FAMILY = (
    dict.fromkeys(_DOWNLOAD, "download")
    | dict.fromkeys(_STREAMING, "streaming")
    | dict.fromkeys(_PHYSICAL, "physical")
    | {"Synchronization": "other"}
)
_METRICS = {
    "Units": "units_m",
    "Value": "revenue_usd_m",
    "Value (Adjusted)": "revenue_adjusted_usd_m",
}
_VALUES = ("value", "value_actual")


def read_riaa(path: str | PathLike[str]) -> "pd.DataFrame":
    """Read your own copy of the RIAA's table of revenues by format.

    The RIAA showed it on its web site until 2025; copies as CSV have one row for each format,
    metric and year. musictools ships annual sums by family only (``mt.datasets.load_market()``).

    Parameters
    ----------
    path : path-like
        A CSV file with the columns ``format``, ``metric`` (``"Units"``, ``"Value"``,
        ``"Value (Adjusted)"``), ``year`` and ``value`` or ``value_actual``.

    Returns
    -------
    pandas.DataFrame
        A `market` table at retail, one row for each year and format: ``year``, ``region``,
        ``format``, ``family`` (``"physical"``, ``"download"``, ``"streaming"``, ``"other"``),
        ``units_m`` (millions; NaN where none are counted; of paid subscriptions their number),
        ``revenue_usd_m`` (nominal), ``revenue_adjusted_usd_m`` (in dollars of the copy's last
        year), ``basis``, ``vintage`` (the last year of the copy), ``source``. Returns make a few
        values negative; they stay. Where a copy gives units of subscriptions twice, the first
        stand.

    Raises
    ------
    InputError
        If there is no such file.
    ExportError
        If it is not such a table, names a format that is not known, or tells a value twice.

    Examples
    --------
    >>> import tempfile, pathlib, musictools as mt
    >>> copy = pathlib.Path(tempfile.mkdtemp()) / "riaa.csv"
    >>> lines = ["format,metric,year,value", "CD,Value,1999,12816.3", "CD,Units,1999,938.9"]
    >>> _ = copy.write_text(chr(10).join(lines))
    >>> mt.economics.read_riaa(copy)[["year", "format", "family", "units_m", "revenue_usd_m"]]
       year format    family  units_m  revenue_usd_m
    0  1999     CD  physical    938.9        12816.3
    """
    rows = _rows(Path(fspath(path)))
    wide = rows.pivot_table(index=["year", "format"], columns="metric", values="value")
    wide = wide.reindex(columns=list(_METRICS)).rename(columns=_METRICS).reset_index()
    wide.columns.name = None
    table = wide.assign(
        region="US",
        family=wide["format"].map(_FAMILY),
        basis="retail",
        vintage=str(int(wide["year"].max())),
        source="RIAA U.S. Sales Database, estimated retail value; the reader's own copy",
    )
    columns = ["year", "region", "format", "family", *_METRICS.values(), "basis", "vintage"]
    return table[[*columns, "source"]]


def _rows(path: Path) -> "pd.DataFrame":
    import pandas as pd

    if not path.is_file():
        raise InputError(
            "read the RIAA's table",
            got=f"no file {path.name!r}",
            expected="a CSV file",
            hint="mt.datasets.load_market() for the sums that are shipped",
        )
    try:
        frame = pd.read_csv(path, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _odd(path, "no table of comma-separated values") from error
    value = next((name for name in _VALUES if name in frame.columns), None)
    if value is None or not {"format", "metric", "year"} <= set(frame.columns):
        raise _odd(path, f"the columns {', '.join(map(str, frame.columns[:8]))}")
    frame = frame.rename(columns={value: "value"})[["format", "metric", "year", "value"]]
    frame["format"] = frame["format"].astype("str").str.strip().replace(_SAME)
    unknown = sorted(set(frame["format"]) - set(_FAMILY))
    if unknown:
        raise _odd(path, f"the format {unknown[0]!r}, which belongs to no known family")
    frame = frame[frame["metric"].isin(_METRICS)]
    for name in ("year", "value"):
        found = pd.to_numeric(frame[name], errors="coerce")
        odd = frame[name][found.isna() & frame[name].notna()]
        if name == "value" and len(odd):
            # Left out, it would be missing from every sum without a word.
            raise _odd(path, f"the value {odd.iloc[0]!r}, which is no plain number,")
        frame[name] = found
    if frame.empty or frame["year"].isna().any():
        raise _odd(path, "no row with a known metric and a year")
    frame = frame.dropna(subset=["value"]).astype({"year": "int64"})
    key = ["format", "metric", "year"]
    twice = frame[frame.duplicated(key) & (frame["metric"] != "Units")]
    if len(twice):
        raise _odd(path, f"two values of {twice['format'].iloc[0]} in {twice['year'].iloc[0]}")
    return frame.drop_duplicates(key, keep="first")


def _odd(path: Path, got: str) -> ExportError:
    return ExportError(
        "read the RIAA's table",
        got=f"{got} in {path.name!r}",
        expected="the columns format, metric, year and value, one row for each",
        hint="mt.datasets.load_market() for the sums that are shipped",
    )
