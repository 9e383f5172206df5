"""Numbers that were collected, as the long frame that models take; and as files."""

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musictools.collect._tables import unpack
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_FREQUENCIES = {"D": "D", "W": "W-MON", "M": "MS"}


def read_series(
    db: sqlite3.Connection,
    metric: str,
    *,
    platform: str | None,
    entity_id: str | None,
    freq: str,
    as_of: "pd.Timestamp | None",
) -> "pd.DataFrame":
    """Read one metric: see `Store.series`."""
    import pandas as pd

    if freq not in _FREQUENCIES:
        raise InputError(
            f"read a series at freq={freq!r}",
            got=repr(freq),
            expected="D (day), W (week, from Monday) or M (month)",
            hint="freq='D'",
        )
    where, values = ["metric = ?"], list[Any]([metric])
    for name, value in (("platform", platform), ("entity_id", entity_id)):
        if value is not None:
            where.append(f"{name} = ?")
            values.append(value)
    if as_of is not None:
        where.append("fetched_at <= ?")
        values.append(_epoch(as_of))
    found = pd.read_sql_query(
        "SELECT platform, entity_id, observed_at, value, policy FROM observations"  # noqa: S608
        f" WHERE {' AND '.join(where)} ORDER BY observation_id",
        db,
        params=values,
    )
    if found.empty:
        _refuse_unknown(db, metric)
    # Models take days without a zone; all times of a store are UTC.
    seen = pd.to_datetime(found["observed_at"], utc=True, format="ISO8601").dt.tz_localize(None)
    found = found.assign(unique_id=found["platform"] + "/" + found["entity_id"], seen=seen)
    # The same moment twice: what came later stands, and both are in the store.
    moments = found.groupby(["unique_id", "seen"], sort=True)
    last = moments.agg(y=("value", "last"), versions=("value", "size"), policy=("policy", "last"))
    frame = last.reset_index()
    frame["ds"] = frame["seen"].dt.to_period(_FREQUENCIES[freq][0]).dt.start_time
    steps = frame.groupby(["unique_id", "ds"], sort=True)
    out = steps.agg(
        y=("y", "last"),
        restated=("versions", lambda n: bool((n > 1).any())),
        policy=("policy", "last"),
    ).reset_index()
    out = _with_gaps(out, _FREQUENCIES[freq])
    out.attrs["policies"] = tuple(sorted(out["policy"].dropna().unique()))
    return out


def _epoch(as_of: Any) -> float:
    import pandas as pd

    try:
        return float(pd.Timestamp(as_of).timestamp())
    except (TypeError, ValueError) as error:
        raise InputError(
            f"read a series as of {as_of!r}",
            got=repr(as_of),
            expected="a date or time",
            hint="as_of='2026-11-25'",
        ) from error


def _with_gaps(frame: "pd.DataFrame", freq: str) -> "pd.DataFrame":
    """Put in the steps that nobody looked at: their y is missing, and they say so."""
    import pandas as pd

    whole = []
    for name, some in frame.groupby("unique_id", sort=True):
        steps = pd.date_range(some["ds"].iloc[0], some["ds"].iloc[-1], freq=freq, name="ds")
        filled = some.set_index("ds").reindex(steps).reset_index()
        filled["gap"] = filled["y"].isna()
        filled["restated"] = filled["restated"].eq(other=True)
        filled["unique_id"] = name
        filled["policy"] = filled["policy"].ffill()
        whole.append(filled)
    columns = ["unique_id", "ds", "y", "gap", "restated", "policy"]
    if not whole:
        return frame.assign(gap=False, y=frame["y"].astype(float))[columns]
    return pd.concat(whole, ignore_index=True)[columns]


def _refuse_unknown(db: sqlite3.Connection, metric: str) -> None:
    known = [row[0] for row in db.execute("SELECT DISTINCT metric FROM observations ORDER BY 1")]
    if metric not in known:
        raise InputError(
            f"read the series of {metric!r}",
            got="no such metric in this store",
            expected="one of " + (", ".join(known) or "none yet: the store holds no numbers"),
            hint="store.collect(mt.collect.Deezer().metrics('27'))",
        )


def give_types(frame: "pd.DataFrame") -> None:
    """Turn what SQLite keeps as numbers, texts and bytes into times and answers, in place."""
    import pandas as pd

    for name in ("fetched_at", "started_at", "finished_at"):
        if name in frame:
            frame[name] = pd.to_datetime(frame[name], unit="s", utc=True)
    if "observed_at" in frame:
        frame["observed_at"] = pd.to_datetime(frame["observed_at"], format="ISO8601", utc=True)
    if "body" in frame:
        frame["body"] = [unpack(body) for body in frame["body"]]


def export_parquet(db: sqlite3.Connection, tables: tuple[str, ...], folder: Path) -> list[Path]:
    """Write tables as Parquet, whole files or none; empty ones are left out."""
    import pandas as pd

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in tables:
        frame = pd.read_sql_query(f"SELECT * FROM {table}", db)  # noqa: S608 - our own names
        if frame.empty:
            continue
        give_types(frame)
        path = folder / f"{table}.parquet"
        # Of its own, since another process may export to the same place.
        fresh = path.with_suffix(f".parquet.{os.getpid()}.new")
        frame.to_parquet(fresh, index=False)
        fresh.replace(path)
        written.append(path)
    return written
