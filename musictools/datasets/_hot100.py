"""fetch_hot100(): the weekly Hot 100 from a public collection, or a copy of the reader's own."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musictools._version import __version__
from musictools.datasets._fetch import Remote, fetch
from musictools.errors import InputError, MalformedResponse, TableError

if TYPE_CHECKING:
    import os

    import pandas as pd

#: The file grows by a chart a week, so there is no checksum of the whole; `_KNOWN` is of the part
#: that stands still.
_SOURCE = Remote(
    name="the Hot 100",
    file="hot100_all.json",
    address="https://raw.githubusercontent.com/mhollingshead/billboard-hot-100/main/all.json",
    checksum="",
    size_mb=45,
    licence="none stated: for the reader's own research, and not to be passed on",
    citation="mhollingshead/billboard-hot-100 on GitHub; charts by Billboard",
    own_copy="mt.datasets.fetch_hot100('all.json')",
)
#: Last chart of the part that is checked, and SHA-256 of its lines (date, rank, song, artist).
_KNOWN = ("2019-12-28", "55d1a161c7cc478aa66b97c9a106e6ec4b3103a5d75c34d72f16fe703da88b5f")
#: Names of columns in collections of this chart, letters and digits only.
_NAMES = {
    "date": ("date", "chartdate", "chartweek", "weekid", "week"),
    "rank": ("rank", "thisweek", "currentweek", "weekposition", "position"),
    "song": ("song", "title", "track"),
    "artist": ("artist", "performer"),
    "last_week": ("lastweek", "previousweekposition", "lastweekposition", "lastpos"),
    "peak": ("peak", "peakrank", "peakpos", "peakposition"),
    "weeks": ("weeks", "weeksonboard", "wksonchart", "weeksonchart"),
}
_NEEDED = ("date", "rank", "song", "artist")
_WHAT = "read the Hot 100"


def fetch_hot100(
    path: "str | os.PathLike[str] | None" = None,
    *,
    until: str | None = None,
    progress: bool | None = None,
) -> "pd.DataFrame":
    """Fetch the weekly Hot 100 since August 1958, or read a copy of it.

    Parameters
    ----------
    path : path-like, optional
        A copy of the reader's own: ``.csv``, ``.parquet``, or the collection's ``.json``. Columns
        of the usual collections are known by their names. Nothing is downloaded then.
    until : str, optional
        Last day that is wanted, such as ``"2019-12-31"``.
    progress : bool, optional
        None shows a bar when a person watches.

    Returns
    -------
    pandas.DataFrame
        One row for each place of each week: ``date`` (of the chart), ``rank``, ``song``,
        ``artist``, and as far as they are there ``last_week`` (NaN for what is new), ``peak``
        (best rank so far) and ``weeks`` (on the chart so far). ``attrs`` holds where it is from.

    Raises
    ------
    ServiceError
        If there is no network, or the server refuses.
    MalformedResponse
        If what came is not the chart, or its history to the end of 2019 has changed: the checksum
        of those lines differs. Nothing of it is kept.
    InputError
        If there is no such file, or it is of another kind.
    TableError
        If the file lacks a column, or holds what is no rank or no date.

    Notes
    -----
    The collection states no licence, so musictools never ships it: it is downloaded from its place
    (about 45 MB) the first time, and kept in the folder of fetched files. Delete the file there for
    newer charts. Thirteen weeks of the history have 99 rows for 100 places.

    Examples
    --------
    >>> import tempfile, pathlib, pandas as pd, musictools as mt
    >>> own = pd.DataFrame({"chart_week": ["2024-01-06"], "current_week": [1]})
    >>> own = own.assign(title="A Song", performer="Her")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "chart.csv")
    ...     own.to_csv(path, index=False)
    ...     chart = mt.datasets.fetch_hot100(path)
    >>> chart[["rank", "song", "artist"]].values.tolist()
    [[1, 'A Song', 'Her']]
    """
    import pandas as pd

    if path is None:
        kept = fetch(_SOURCE, progress=progress)
        try:
            chart = _read(kept)
            _check_history(chart)
        except (InputError, MalformedResponse) as error:
            kept.unlink()
            raise MalformedResponse(
                "fetch the Hot 100",
                got=error.got,
                expected=f"the history to {_KNOWN[0]} with sha256:{_KNOWN[1][:12]}...",
                hint=f"again; or look at the file in a browser, and then {_SOURCE.own_copy}",
            ) from error
        told: dict[str, Any] = _SOURCE.provenance() | {"checksum": f"sha256:{_KNOWN[1]}"}
    else:
        chart = _read(Path(path))
        told = {"name": _SOURCE.name, "path": Path(path).name}
    if until is not None:
        try:
            chart = chart[chart["date"] <= pd.Timestamp(until)].reset_index(drop=True)
        except (TypeError, ValueError) as error:
            raise InputError(
                _WHAT, got=f"until={until!r}", expected="a day", hint="until='2019-12-31'"
            ) from error
    chart.attrs["provenance"] = {
        "musictools": __version__,
        "function": "datasets.fetch_hot100",
        **told,
    }
    return chart


def _read(path: Path) -> "pd.DataFrame":
    import pandas as pd

    readers = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".json": _read_json}
    reader: Any = readers.get(path.suffix.lower())
    if reader is None or not path.is_file():
        raise InputError(
            _WHAT,
            got=f"{path.name!r}" + ("" if path.is_file() else ", which is not there"),
            expected="a file that ends in .csv, .parquet or .json",
            hint="mt.datasets.fetch_hot100('charts.csv')",
        )
    try:
        # A song may be called NA.
        table = reader(path, keep_default_na=False) if reader is pd.read_csv else reader(path)
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise InputError(
            _WHAT,
            got=f"{path.name!r}, which cannot be read ({type(error).__name__})",
            expected="a table of charts",
            hint="copy it again, or open it and look",
        ) from error
    return _tidy(table)


def _read_json(path: Path) -> "pd.DataFrame":
    import pandas as pd

    charts = json.loads(path.read_text(encoding="utf-8"))
    return pd.DataFrame([{"date": each["date"], **row} for each in charts for row in each["data"]])


def _tidy(table: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    plain = {"".join(c for c in str(name).lower() if c.isalnum()): name for name in table.columns}
    found = {
        ours: next((plain[name] for name in names if name in plain), None)
        for ours, names in _NAMES.items()
    }
    lacking = [name for name in _NEEDED if found[name] is None]
    if lacking:
        raise TableError(
            _WHAT,
            got=f"no column {', '.join(lacking)} among {', '.join(map(str, table.columns))}",
            expected=f"columns {', '.join(_NEEDED)}",
            hint="table.rename(columns={...}), saved as another file",
        )
    chart = pd.DataFrame({ours: table[theirs] for ours, theirs in found.items() if theirs})
    try:
        chart["date"] = pd.to_datetime(chart["date"]).astype("datetime64[us]")
        chart["rank"] = pd.to_numeric(chart["rank"]).astype("int64")
    except (TypeError, ValueError) as error:
        raise TableError(
            _WHAT,
            got=f"what is no date or no rank ({error})",
            expected="a date and a whole number in every row",
            hint="look at the first and the last rows of the file",
        ) from error
    for name in ("last_week", "peak", "weeks"):
        if name in chart:
            chart[name] = pd.to_numeric(chart[name], errors="coerce")
    for name in ("song", "artist"):
        chart[name] = chart[name].astype(str)
    return chart.sort_values(["date", "rank"], kind="stable").reset_index(drop=True)


def _check_history(chart: "pd.DataFrame") -> None:
    found = _digest(chart[chart["date"] <= _KNOWN[0]])
    if found != _KNOWN[1]:
        raise MalformedResponse(
            _WHAT,
            got=f"a history to {_KNOWN[0]} with sha256:{found[:12]}...",
            expected=_KNOWN[1],
            hint=_SOURCE.own_copy,
        )


def _digest(chart: "pd.DataFrame") -> str:
    """Give SHA-256 of the lines of a chart in order: date, rank, song, artist."""
    days = chart["date"].dt.strftime("%Y-%m-%d")
    rows = zip(days, chart["rank"], chart["song"], chart["artist"], strict=True)
    text = "".join(f"{day}\t{rank}\t{song}\t{artist}\n" for day, rank, song, artist in rows)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
