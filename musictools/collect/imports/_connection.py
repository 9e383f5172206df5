"""The database that rows go into: opened, tuned, in one transaction, and what it refuses."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musictools.collect.imports._numbers import LARGEST
from musictools.errors import ExportError

if TYPE_CHECKING:
    from musictools.collect.imports._into import Into

#: What DuckDB may hold while a large file passes by; Python and Arrow take the rest of a gigabyte.
_MEMORY = "600MB"


def connect(into: "Into") -> tuple[Any, bool]:
    import duckdb

    if into is None:
        # Several threads would hand rows over in another order each time.
        return duckdb.connect(config={"threads": 1}), True
    if isinstance(into, str | Path):
        try:
            connection = duckdb.connect(str(into))
        except duckdb.Error as error:
            raise ExportError(
                f"read into {into}",
                got=str(error).split("\n")[0],
                expected="a DuckDB database, or a path where there is none yet",
                hint="close the other connection to it; or pass that connection as into=",
            ) from error
        return connection, False
    if isinstance(into, duckdb.DuckDBPyConnection):
        return into, False
    raise ExportError(
        "read into a database",
        got=f"an object of type {type(into).__name__}",
        expected="a path, a connection of duckdb, or a Store",
        hint='into="music.duckdb"',
    )


@contextlib.contextmanager
def refusing(connection: Any, into: "Into") -> Iterator[None]:
    """Say what a database refuses; one that was opened here is closed, for others to open it."""
    import duckdb

    try:
        yield
    except BaseException as error:
        if connection is not into:
            connection.close()
        if not isinstance(error, duckdb.Error) or isinstance(error, duckdb.InterruptException):
            raise
        if isinstance(error, duckdb.OutOfRangeException):
            raise ExportError(
                "add up amounts",
                got=str(error).split("\n")[0],
                expected=f"amounts, and sums of them, below {LARGEST:,}",
                hint="look for a line whose cells stand in the wrong columns",
            ) from error
        raise ExportError(
            "read into a database" if into is not None else "read",
            got=str(error).split("\n")[0],
            expected="a database that is open, and can be written",
            hint='try again, or read into a database of its own: into="music.duckdb"',
        ) from error


def check_no_transaction(connection: Any) -> None:
    """Refuse to read within a transaction, before one of our own would end it."""
    # Without one, each question is a transaction.
    first, second = (connection.execute("SELECT txid_current()").fetchall() for _ in range(2))
    if first == second:
        raise ExportError(
            "read into a database",
            got="a connection with a transaction open",
            expected="one without, since a file is read as a transaction",
            hint="connection.commit() before, or into=connection.cursor()",
        )


@contextlib.contextmanager
def tuned(connection: Any, *, bounded: bool) -> Iterator[None]:
    """Keep DuckDB from what makes these queries slow, large or noisy.

    It takes a file for a small table, and would hold it in memory to join it with the names of
    countries; and it would read every number twice, once to see whether the row is one. All
    connections to a database share these settings, so they are put back.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        The database.
    bounded : bool
        Whether it may only hold so much.
    """
    wanted = {
        "disabled_optimizers": "filter_pushdown,build_side_probe_side,join_order,"
        "common_subexpressions",
    }
    if _counts(connection):
        # How far it is is for us to show; DuckDB would tell people at a prompt as well.
        wanted |= {"enable_progress_bar": "true", "enable_progress_bar_print": "false"}
    if bounded:
        # Rows in the order of the file would have to wait for each other in memory.
        wanted |= {"memory_limit": _MEMORY, "preserve_insertion_order": "false"}
    asked = ", ".join(f"CAST(current_setting('{name}') AS VARCHAR)" for name in wanted)
    before = connection.execute(f"SELECT {asked}").fetchall()[0]
    try:
        for name, value in wanted.items():
            connection.execute(f"SET {name}='{value}'")
        yield
    finally:
        for name, value in zip(wanted, before, strict=True):
            connection.execute(f"SET {name}='{_rounded_up(value)}'")


def _counts(connection: Any) -> bool:
    """Tell whether DuckDB can say how far it is: in a notebook it wants ipywidgets for that."""
    import duckdb

    name = "enable_progress_bar_print"
    (now,) = connection.execute(f"SELECT CAST(current_setting('{name}') AS VARCHAR)").fetchone()
    try:
        connection.execute(f"SET {name}='{now}'")
    except duckdb.InvalidInputException:
        return False
    return True


def _rounded_up(value: str) -> str:
    """Give a limit of memory that is shown as it was: each time, its decimals are cut off."""
    return re.sub(r"^\d+\.\d(?= [KMGT]iB$)", r"\g<0>5", value)


@contextlib.contextmanager
def transaction(connection: Any) -> Iterator[None]:
    connection.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
