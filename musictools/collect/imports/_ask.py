"""Questions to DuckDB that show how far they are, and can be interrupted."""

import threading
from typing import Any

from musictools import _progress


def ask(connection: Any, sql: str, *, label: str, progress: bool | None) -> Any:
    """Run a query while its progress is shown, and give its cursor.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Where to ask.
    sql : str
        What to ask.
    label : str
        What is done.
    progress : bool, optional
        None shows it when a person watches.
    """
    wanted = _progress.watched() if progress is None else progress
    if not wanted:
        return connection.execute(sql)
    done: dict[str, Any] = {}

    def run() -> None:
        try:
            done["cursor"] = connection.execute(sql)
        except BaseException as error:  # noqa: BLE001 - raised again by the one who waits
            done["error"] = error

    worker = threading.Thread(target=run, name=label, daemon=True)
    worker.start()
    with _progress.bar(total=100, desc=label, unit="%") as bar:
        try:
            while worker.is_alive():
                worker.join(0.2)
                share = connection.query_progress()
                bar.update(max(min(share, 100) - bar.n, 0))
        except KeyboardInterrupt:
            connection.interrupt()
            worker.join()
            raise
    if "error" in done:
        raise done["error"]
    return done["cursor"]
