"""Counts of rows that a query passes by, made while it runs: reading a file twice would be slow."""

from collections.abc import Iterable
from typing import Any

_NAME = "_musictools_counter_"


class Counters:
    """Counters of a database, one a reason; they are sequences, which all its threads share.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Of the database; a transaction must be open, and takes them back if it fails.
    reasons : iterable of str
        What is counted.
    """

    def __init__(self, connection: Any, reasons: Iterable[str]) -> None:
        self._connection = connection
        self._names = {f"{_NAME}{i}": reason for i, reason in enumerate(reasons)}
        for name in self._names:
            connection.execute(f"CREATE OR REPLACE TEMP SEQUENCE {name}")

    def sql(self, reason: str) -> str:
        """Write SQL that counts each row by its reason, and gives null where there is none."""
        cases = " ".join(
            f"WHEN '{text.replace(chr(39), chr(39) * 2)}' THEN nextval('temp.{name}')"
            for name, text in self._names.items()
        )
        return f"CASE {reason} {cases} END" if cases else "NULL"

    def close(self) -> dict[str, int]:
        """Give the counts that are not zero, and take the counters away."""
        rows = self._connection.execute(
            "SELECT sequence_name, last_value FROM duckdb_sequences() "
            "WHERE temporary AND last_value IS NOT NULL"
        ).fetchall()
        for name in self._names:
            self._connection.execute(f"DROP SEQUENCE temp.{name}")
        return {self._names[name]: int(count) for name, count in rows if name in self._names}
