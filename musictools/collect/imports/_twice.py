"""The same number told twice: once is enough, and two that differ are a problem."""

from typing import Any

from musictools.collect.imports._field import column
from musictools.collect.imports._format import Broken
from musictools.collect.imports._stored import Stored

#: What a number is of.
_KEY = ("entity_id", "platform", "metric", "observed_at", "country")


def settle(connection: Any, stored: Stored, source: str) -> tuple[int, list[Broken]]:
    """Take out numbers that were told before, and say where two of them differ.

    People download months that overlap, and the same file twice. Numbers that differ stay: nothing
    tells which of them is right.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Of the database.
    stored : Stored
        The tables of observations.
    source : str
        What stands in the column of that name.

    Returns
    -------
    int
        How many were taken out.
    list of Broken
        Those that differ.
    """
    key = ", ".join(column(name) for name in _KEY if name in stored.columns)
    numbered = f"({stored.select('r.rowid AS _place')})"
    own = f"SELECT {{}} FROM {numbered} WHERE source = ?"
    first = own.format("min(_place)") + f" GROUP BY {key}, value"
    gone = connection.execute(
        f"DELETE FROM {stored.rows} WHERE rowid IN ({own.format('_place')}) "
        f"AND rowid NOT IN ({first})",
        [source, source],
    ).fetchall()[0][0]
    # Whole numbers are shown as such.
    told = "string_agg(printf('%.12g', value), ', ' ORDER BY value)"
    several = own.format(f"entity_id, metric, observed_at, {told}") + f" GROUP BY {key}"
    found = connection.execute(f"{several} HAVING count(*) > 1 ORDER BY 1, 2, 3", [source])
    return int(gone), [
        Broken(0, f"{metric} of {entity!r} on {day:%Y-%m-%d} is told differently: {values}", entity)
        for entity, metric, day, values in found.fetchall()
    ]
