"""What is read into a collector's Store: numbers that it does not hold yet."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from musictools.collect._rows import Observation
from musictools.collect.imports._imported import Imported
from musictools.errors import ExportError

if TYPE_CHECKING:
    import pandas as pd

    from musictools.collect._store import Store

_KEY = ["entity_id", "platform", "metric", "observed_at"]
_POLICY = "own"


def check_kind(kind: str, name: str) -> None:
    """Refuse what a store has no table for."""
    if kind != "observations":
        raise ExportError(
            f"read {name} into a store",
            got=f"a file of {kind}",
            expected="a file of observations: a store keeps numbers that platforms show",
            hint='into="music.duckdb"',
        )


def keep(read: Imported, store: "Store") -> Imported:
    """Keep the numbers of a file in a store, and give those that were new or changed.

    Parameters
    ----------
    read : Imported
        The file, read into memory.
    store : Store
        Where to.

    Returns
    -------
    Imported
        Its table holds what was added: all of the file the first time, nothing the second.
    """
    frame = read.to_frame()
    _check_countries(frame)
    plain = frame.dropna(subset=["value"]).drop_duplicates([*_KEY, "value"])
    # Of two numbers that differ nothing tells which is right: they are among the problems.
    plain = plain.drop_duplicates(_KEY, keep=False)
    rows = [
        Observation(entity, platform, metric, moment.to_pydatetime(), float(value))
        for entity, platform, metric, moment, value in plain[[*_KEY, "value"]].itertuples(
            index=False
        )
    ]
    source = read.provenance["source"]
    rows = _unheard(rows, store, source)
    before = _newest(store)
    store.add(rows, source=source, policy=_POLICY)
    added = store.frame(
        "observations", where="observation_id > ? AND source = ?", values=(before, source)
    )
    added = added.assign(
        observed_at=added["observed_at"].dt.tz_localize(None).astype(frame["observed_at"].dtype),
        fetched_at=added["fetched_at"].dt.tz_localize(None).astype("datetime64[us]"),
        value=added["value"].astype(float),
    )
    theirs = plain.drop(columns=["fetched_at", "source", "policy", "value"])
    table = added.drop(columns=["observation_id", "raw_id"]).merge(theirs, on=_KEY, how="left")
    provenance: dict[str, Any] = {**read.provenance, "added": len(table)}
    return replace(read, table=table, provenance=provenance)


def _unheard(rows: list[Observation], store: "Store", source: str) -> list[Observation]:
    """Leave out what the same file has told before, since others may have corrected it later."""
    same = "#" + source.rsplit("#", 1)[1]
    held = store.frame("observations", where="substr(source, ?) = ?", values=(-len(same), same))
    held["observed_at"] = held["observed_at"].dt.tz_localize(None)
    known = set(held[[*_KEY, "value"]].itertuples(index=False, name=None))
    return [
        row
        for row in rows
        if (row.entity_id, row.platform, row.metric, row.observed_at, row.value) not in known
    ]


def _newest(store: "Store") -> int:
    with store.database.read() as db:
        (number,) = db.execute("SELECT coalesce(max(observation_id), 0) FROM observations")
    return int(number[0])


def _check_countries(frame: "pd.DataFrame") -> None:
    if "country" in frame and frame["country"].notna().any():
        raise ExportError(
            "read into a store",
            got="numbers by country",
            expected="numbers of the whole world: a store keeps one for each day",
            hint='into="music.duckdb"',
        )
