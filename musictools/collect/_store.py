"""One SQLite file with all that was collected: raw answers, rows, and numbers over time."""

import contextlib
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from musictools import _progress
from musictools._paths import cache_dir
from musictools._policy import all_policies
from musictools.collect._call import Call, Rows, in_time
from musictools.collect._database import Database
from musictools.collect._jobs import Jobs, OvertakenError, insert_rows
from musictools.collect._ledger import Ledger
from musictools.collect._purge import purge_about, purge_expired
from musictools.collect._reading import now
from musictools.collect._rows import KINDS, Row
from musictools.collect._series import export_parquet, give_types, read_series
from musictools.collect._tables import SCHEMA
from musictools.errors import InputError, NotFound, closest

if TYPE_CHECKING:
    import pandas as pd

# Pages that come within this share a transaction, which costs more than a page does.
_AT_ONCE_S = 0.1


@dataclass(frozen=True)
class Collected:
    """What one call brought.

    Attributes
    ----------
    rows, calls : int
        Rows stored and requests answered, those of earlier processes of the same run included.
    resumed : bool
        An earlier process had begun it.
    cached : bool
        An earlier process had finished it: nothing was asked.
    absent : bool
        The platform says that there is no such thing.
    """

    rows: int
    calls: int
    resumed: bool = False
    cached: bool = False
    absent: bool = False


class Store:
    """A file that a daily job and open notebooks share.

    Parameters
    ----------
    path : path, optional
        SQLite file, made where it is not there; by default ``collect/store.sqlite`` in the folder
        of musictools. ``":memory:"`` for a trial.

    Examples
    --------
    >>> import musictools as mt
    >>> store = mt.collect.Store(":memory:")
    >>> store.frame("tracks").empty
    True
    """

    def __init__(self, path: str | Path | None = None) -> None:
        if path is None:
            path = cache_dir("collect", "store.sqlite")
            # Where that cannot be, opening the file says so.
            with contextlib.suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.database = Database(path)
        self._jobs = Jobs(self.database)
        # Turns are taken while a page is being stored; only a file can be opened twice.
        shared = str(path) == ":memory:"
        self.ledger = Ledger(self.database if shared else Database(path))
        with self.database.write() as db:
            for statement in SCHEMA:
                db.execute(statement)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.ledger.database.close()
        self.database.close()

    # --- what comes in -----------------------------------------------------------------------

    def collect(
        self,
        rows: Rows[Any],
        *,
        run: str | None = None,
        refresh: bool = False,
        progress: bool | None = None,
    ) -> Collected:
        """Fetch all rows and keep them, page by page; go on where an earlier process stopped.

        Each page is stored whole or not at all: its raw answer, its rows, and where to go on. So a
        process may be killed at any moment, and the next one with the same question goes on behind
        the last page that is stored.

        Parameters
        ----------
        rows : Rows
            What a method of a source gave, not yet read.
        run : str, optional
            Name of the run; today's date by default. The same question in the same run is asked
            once.
        refresh : bool
            Ask again, even if this run has the answer.
        progress : bool, optional
            None shows a bar when a person watches.

        Returns
        -------
        Collected
            How many rows and calls, and whether it was resumed, cached or absent.
        """
        if not isinstance(rows, Rows):
            raise InputError(
                "collect rows",
                got=type(rows).__name__,
                expected="what a method of a source gives, not yet read",
                hint="store.collect(mt.collect.Deezer().tracks('27')); store.add() for rows",
            )
        call = rows.call
        run = run or now().date().isoformat()
        if not refresh and self._jobs.is_absent(call):
            return Collected(0, 0, cached=True, absent=True)
        bar = _bar(call, progress=progress)
        try:
            while True:
                try:
                    return self._go_on(rows, run, bar, refresh=refresh)
                except OvertakenError:
                    # Another process asks the same: what it has landed need not be asked again.
                    refresh = False
        finally:
            if bar is not None:
                bar.close()

    def add(self, rows: Iterable[Row], *, source: str, policy: str) -> int:
        """Keep rows that come from elsewhere than a platform's answer, such as a file.

        Parameters
        ----------
        rows : iterable of Row
            Of any kinds.
        source : str
            Where they come from: a path or an address.
        policy : str
            Name of the terms they stand under.

        Returns
        -------
        int
            How many are new or changed.
        """
        stamp = time.time()
        given = list(rows)
        for row in given:
            if type(row) not in KINDS:
                raise InputError(
                    "add rows to a store",
                    got=type(row).__name__,
                    expected="rows of " + ", ".join(kind.__name__ for kind in KINDS),
                    hint="what the methods of sources give",
                )
        try:
            with self.database.write() as db:
                before = db.total_changes
                insert_rows(db, given, (stamp, None, source, policy))
                return db.total_changes - before
        except (sqlite3.IntegrityError, UnicodeEncodeError, OverflowError, TypeError) as error:
            raise InputError(
                "add rows to a store",
                got=str(error),
                expected="a value in each column of a row's key, and texts of whole characters",
                hint="none of them was added; leave out the one that lacks it",
            ) from error

    # --- what goes out -----------------------------------------------------------------------

    def frame(self, table: str, *, where: str = "", values: tuple[Any, ...] = ()) -> "pd.DataFrame":
        """Read a table.

        Parameters
        ----------
        table : str
            ``tracks``, ``artists``, ``observations``, ``raw``, ``jobs`` ...
        where : str
            Condition in SQL, with question marks for values.
        values : tuple
            What stands for the question marks.

        Returns
        -------
        pandas.DataFrame
            Its rows, each with when it was fetched and under which policy.
        """
        import pandas as pd

        names = self.tables()
        if table not in names:
            raise InputError(
                f"read the table {table!r}",
                got=repr(table),
                expected="a table of the store",
                hint="one of " + ", ".join(names),
            )
        text = f"SELECT * FROM {table}" + (f" WHERE {where}" if where else "")  # noqa: S608
        try:
            with self.database.read() as db:
                frame = pd.read_sql_query(text, db, params=values)
        except pd.errors.DatabaseError as error:
            raise InputError(
                f"read the table {table!r}",
                got=str(error.__cause__ or error),
                expected="a condition in SQL, with a value for each question mark",
                hint="store.frame('tracks', where='platform = ?', values=('Deezer',))",
            ) from error
        give_types(frame)
        if "policy" in frame:
            frame.attrs["policies"] = tuple(sorted(frame["policy"].dropna().unique()))
        return frame

    def tables(self) -> tuple[str, ...]:
        """Name the tables."""
        return tuple(sorted({kind.TABLE for kind in KINDS} | {"raw", "jobs"}))

    def series(
        self,
        metric: str,
        *,
        platform: str | None = None,
        entity_id: str | None = None,
        freq: str = "D",
        as_of: "pd.Timestamp | None" = None,
    ) -> "pd.DataFrame":
        """Give a number over time, as the long frame that models take.

        Parameters
        ----------
        metric : str
            Such as ``followers``, ``views``, ``listeners``.
        platform, entity_id : str, optional
            Of one platform, about one thing; all by default.
        freq : str
            ``D`` day, ``W`` week from Monday, ``M`` month. Of several numbers in a step the last
            one stands.
        as_of : timestamp, optional
            Only what had been fetched by then: a number that was corrected later is seen as it was.

        Returns
        -------
        pandas.DataFrame
            Columns unique_id (``platform/entity_id``), ds, y, gap (nobody looked: y is missing),
            restated (the platform changed the number later), policy. ``attrs["policies"]`` names
            the terms, which `musictools.collect.check_use` reads.

        Raises
        ------
        InputError
            If the store has no such metric.
        """
        with self.database.read() as db:
            return read_series(
                db,
                metric,
                platform=platform,
                entity_id=entity_id,
                freq=freq,
                as_of=as_of,
            )

    def export(self, folder: str | Path) -> list[Path]:
        """Write every table that is not empty as Parquet, which DuckDB and others read.

        Parameters
        ----------
        folder : path
            Made where it is not there; files of an earlier export are replaced.

        Returns
        -------
        list of Path
            The files.
        """
        with self.database.read() as db:
            return export_parquet(db, self.tables(), Path(folder))

    # --- what goes ---------------------------------------------------------------------------

    def purge(self, platform: str | None = None, entity_id: str | None = None) -> dict[str, int]:
        """Delete what may no longer be kept, for good.

        Parameters
        ----------
        platform : str, optional
            All of this platform; by default what is older than its source's policy allows.
        entity_id : str, optional
            Only what is about one artist, track, post ... of the platform: its rows, its numbers
            (``27`` means ``artist:27`` too), and every raw answer that names it.

        Returns
        -------
        dict
            How many rows of each table.
        """
        if entity_id is not None and platform is None:
            raise InputError(
                "purge one thing",
                got=f"entity_id={entity_id!r} without a platform",
                expected="the platform that knows it by this name",
                hint="store.purge('X', entity_id='...')",
            )
        if platform is not None:
            self._check_platform(platform)
        with self.database.write() as db:
            if platform is None:
                gone = purge_expired(db, all_policies(), time.time())
            else:
                gone = purge_about(db, platform, entity_id)
        if gone:
            with self.database.read() as db:
                # The log of what was written last holds pages of before.
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def _check_platform(self, platform: str) -> None:
        """Refuse a name that is misspelt: who deletes must not believe that nothing was there."""
        known = {one.name for one in all_policies()}
        with self.database.read() as db:
            for kind in KINDS:
                known |= {
                    name
                    for (name,) in db.execute(f"SELECT DISTINCT platform FROM {kind.TABLE}")  # noqa: S608
                }
        if platform not in known:
            raise InputError(
                f"purge {platform!r}",
                got=repr(platform),
                expected="a platform",
                hint=closest(platform, sorted(known)),
            )

    # --- inside ------------------------------------------------------------------------------

    def _go_on(self, rows: Rows[Any], run: str, bar: Any, *, refresh: bool) -> Collected:
        call = rows.call
        job, start, before, done = self._jobs.begin(call, run, refresh=refresh)
        if done:
            return Collected(*before, cached=True)
        n_rows, n_calls = before
        known = self._jobs.keys_of(call.kind, job) if start else ()
        try:
            for pages in in_time(rows.pages(start, seen=known, given=n_rows), _AT_ONCE_S):
                self._jobs.land(pages, call, job, n_calls)
                landed = sum(len(page.rows) for page in pages)
                n_rows, n_calls = n_rows + landed, n_calls + len(pages)
                if bar is not None:
                    bar.update(landed)
        except NotFound:
            if n_calls:
                # A list that ends in a 404 is no thing that is not there.
                raise
            self._jobs.note_absence(call, job)
            return Collected(0, 1, absent=True)
        return Collected(n_rows, n_calls, resumed=start is not None)


def _bar(call: Call[Any], *, progress: bool | None) -> Any:
    if not (_progress.watched() if progress is None else progress):
        return None
    return _progress.bar(desc=f"{call.source.NAME} {call.method}", unit="row")
