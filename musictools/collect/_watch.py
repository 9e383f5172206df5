"""A list of what to watch, in a TOML file, and the daily snapshot of all of it."""

import logging
import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musictools._policy import Policy, all_policies
from musictools._progress import bar, watched
from musictools.collect._limits import Limits
from musictools.collect._paging import OnePage
from musictools.collect._plan import Plan, Price, make_plan
from musictools.collect._reading import now
from musictools.collect._secrets import hide
from musictools.collect._source import Source
from musictools.collect._store import Store
from musictools.collect._watch_list import Job, read_list
from musictools.errors import MusictoolsError, RateLimited

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

_log = logging.getLogger("musictools.collect")
_COLUMNS = ("item", "platform", "method", "id", "state", "rows", "calls", "retry_at", "error")


@dataclass(frozen=True)
class WatchList:
    """A list that has been read and checked.

    Attributes
    ----------
    store : Store
        Where snapshots go.
    jobs : tuple of Job
        All questions.
    run : str
        The day, UTC: each question is asked once in it.
    """

    store: Store
    jobs: tuple[Job, ...]
    run: str = field(default_factory=lambda: now().date().isoformat())

    def remaining(self) -> tuple[Job, ...]:
        """Give the questions that this day has not answered yet."""
        with self.store.database.read() as db:
            done = {
                (platform, base_url, call)
                for platform, base_url, call in db.execute(
                    "SELECT platform, base_url, call FROM jobs"
                    " WHERE run = ? AND finished_at IS NOT NULL",
                    (self.run,),
                )
            }
        return tuple(
            job
            for job in self.jobs
            if (job.platform, job.rows.call.source.base_url, job.rows.call.name) not in done
        )

    def plans(self) -> tuple[Plan, ...]:
        """Say what the rest of the day's snapshot takes, one plan a platform.

        A list without a limit is planned with its first page: nobody knows its length before.
        """
        by_source: dict[Source, list[Job]] = {}
        for job in self.remaining():
            by_source.setdefault(job.rows.call.source, []).append(job)
        return tuple(_plan(source, jobs) for source, jobs in by_source.items())

    def open_ended(self) -> frozenset[str]:
        """Name the platforms whose lists have no limit: they may take more than is planned."""
        return frozenset(job.platform for job in self.remaining() if _is_open(job))

    def unstorable(self) -> tuple[Policy, ...]:
        """Give the terms that are not known to allow keeping what a platform says."""
        asked = {job.platform for job in self.jobs}
        return tuple(
            one for one in all_policies() if one.name in asked and one.storable is not True
        )

    def take(self, *, progress: bool | None = None) -> "pd.DataFrame":
        """Take the snapshot: see `watch`."""
        import pandas as pd

        shown = None
        if watched() if progress is None else progress:
            shown = bar(total=len(self.jobs), desc=f"watch {self.run}", unit="item")
        taken = []
        try:
            for job in self.jobs:
                taken.append(_take(job, self.store, self.run))
                if shown is not None:
                    shown.update()
        finally:
            if shown is not None:
                shown.close()
        frame = pd.DataFrame(taken, columns=list(_COLUMNS))
        frame["retry_at"] = pd.to_datetime(frame["retry_at"], utc=True)
        return frame


def watch(
    path: str | Path, *, store: Store | str | Path | None = None, progress: bool | None = None
) -> "pd.DataFrame":
    """Take today's snapshot of all that a list names.

    The list is a TOML file::

        [store]
        path = "collected.sqlite"      # beside the list, unless it is absolute

        [budget.X]
        usd = 1                        # the most that a day may cost

        [[watch]]
        platform = "Deezer"
        method = "metrics"
        ids = ["27", "13"]             # asked one after the other
        of = "artist"                  # and whatever else the method takes

        [[watch]]
        platform = "Deezer"
        method = "charts"
        limit = 100

    It is checked as a whole before the first request. Each question is asked once a day (UTC): a
    second run asks for what the first one did not get, and for nothing where it got all. What
    fails does not keep the others from being asked.

    Parameters
    ----------
    path : path
        The list.
    store : Store or path, optional
        Instead of the one that the list names; by default the store of musictools.
    progress : bool, optional
        None shows a bar when a person watches.

    Returns
    -------
    pandas.DataFrame
        One row a question: item (number of its ``[[watch]]``), platform, method, id, state
        (``stored``, ``done before``, ``absent``: the platform says that there is no such thing,
        ``limited``: again after ``retry_at``, ``failed``), rows, calls, retry_at, error.

    Raises
    ------
    InputError
        If the list cannot be read, or names what there is not.
    RemovedByPlatform
        If it asks for what a platform took away.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import musictools as mt
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "watch.toml")
    ...     _ = path.write_text("watch = []")
    ...     mt.collect.watch(path, store=":memory:").empty
    True
    """
    return read_watch_list(path, store=store).take(progress=progress)


def read_watch_list(
    path: str | Path, *, store: Store | str | Path | None = None, make: bool = True
) -> WatchList:
    """Read a list and check it, without a request.

    Parameters
    ----------
    path : path
        TOML file.
    store : Store or path, optional
        Instead of the one that the list names.
    make : bool
        Make the store where it is not there; else nothing is written.

    Returns
    -------
    WatchList
        What it asks for.
    """
    return WatchList(*read_list(Path(path).expanduser(), store, make=make))


# --- taking ------------------------------------------------------------------------------------


def _take(job: Job, store: Store, run: str) -> tuple[Any, ...]:
    rows, calls, state, error = 0, 0, "failed", ""
    retry_at: dt.datetime | None = None
    try:
        done = store.collect(job.rows, run=run, progress=False)
    except RateLimited as reason:
        state, error, retry_at = "limited", str(reason), reason.retry_at
    except MusictoolsError as reason:
        error = str(reason)
    except Exception as reason:  # noqa: BLE001 - a bug must not cost the others their day
        error = f"{type(reason).__name__}: {reason}"
        _log.debug("%s %s: %s", job.platform, job.method, hide(error))
    else:
        rows, calls = done.rows, done.calls
        state = "absent" if done.absent else "done before" if done.cached else "stored"
        error = f"{job.platform} says that there is no such thing" if done.absent else ""
    return (job.item, job.platform, job.method, job.id, state, rows, calls, retry_at, hide(error))


# --- planning ----------------------------------------------------------------------------------


def _plan(source: Source, jobs: list[Job]) -> Plan:
    prices: dict[str, Price] = {}
    wanted: dict[str, int] = {}
    for method in dict.fromkeys(job.method for job in jobs):
        price = source.PRICES[method]
        some = [job for job in jobs if job.method == method]
        calls = sum(_calls(job, price) for job in some)
        rows = sum(job.rows.call.limit or _calls(job, price) * price.rows for job in some)
        # Counted in requests, since each question begins a page of its own.
        per_call = {unit: amount * rows / calls for unit, amount in price.per_row.items()}
        prices[method] = replace(price, rows=1, per_row=per_call)
        wanted[method] = calls
    own = source.transport.limits.budgets
    budgets = (*source.LIMITS.budgets, *(one for one in own if one not in source.LIMITS.budgets))
    return make_plan(source.NAME, prices, Limits(source.LIMITS.rate, budgets), wanted)


def _calls(job: Job, price: Price) -> int:
    call = job.rows.call
    pages = math.ceil(call.limit / price.rows) if call.limit is not None else 0
    return max(len(call.requests), pages, 1)


def _is_open(job: Job) -> bool:
    return job.rows.call.limit is None and not isinstance(job.rows.call.paging, OnePage)
