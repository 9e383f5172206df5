"""``musictools collect``: the daily snapshot of all that a list names.

The list is a TOML file. ``musictools.collect.watch`` says what may stand in it, and does the work;
this door prints the plan, the result, and an exit code that a schedule can go by::

    15 6 * * *   musictools collect ~/watch.toml
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from musictools._counts import counted

if TYPE_CHECKING:
    import pandas as pd

    from musictools.collect._watch import WatchList

FAILED = 1
AGAIN_LATER = 3


def collect(
    watch: Annotated[Path, typer.Argument(metavar="WATCH.TOML", help="What to watch.")],
    store: Annotated[
        Path | None,
        typer.Option("--store", help="SQLite file, instead of the one that the list names."),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print what it will take, before the first request.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what it would take, and ask nothing.")
    ] = False,
) -> None:
    """Take today's snapshot of what a TOML file lists.

    \b
    \\[store]
    path = "collected.sqlite"   # beside the list
    \\[budget.X]
    usd = 1                     # the most that a day may cost
    \\[\\[watch]]
    platform = "Deezer"
    method = "metrics"
    ids = \\["27", "13"]         # asked one after the other
    of = "artist"               # and whatever else the method takes

    Each question is asked once a day (UTC): a second run asks only for what is missing. Keys
    come from the environment or the keyring, never from the list. What fails is told, and the
    others go on.

    Exit codes: 0, all is there; 3, a limit was hit: run it again later; 1, something failed or is
    not there, or the list is wrong; 2, a command that was typed wrong.
    """  # noqa: D301 - \b is meant: what follows it keeps its lines
    from musictools.collect._watch import read_watch_list

    # A console of another encoding must not spoil the end.
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    listed = read_watch_list(watch, store=store, make=not dry_run)
    if plan or dry_run:
        _show_plan(listed)
    if dry_run:
        return
    taken = listed.take()
    _show(taken)
    states = set(taken["state"])
    if "limited" in states:
        raise typer.Exit(AGAIN_LATER)
    if states & {"failed", "absent"}:
        raise typer.Exit(FAILED)


def _show_plan(listed: "WatchList") -> None:
    plans = listed.plans()
    if not plans:
        typer.echo("Nothing is left to ask today.")
    open_ended = listed.open_ended()
    for one in plans:
        more = "; lists without a limit may take more" if one.platform in open_ended else ""
        typer.echo(f"{one}{more}")
    for terms in listed.unstorable():
        typer.echo(
            f"{terms.name}: its terms are not known to allow keeping its answers "
            f"({terms.terms_url}): {terms.note}"
        )


def _show(taken: "pd.DataFrame") -> None:
    counts = taken["state"].value_counts()
    for row in taken[taken["error"] != ""].to_dict("records"):
        name = " ".join(filter(None, (row["platform"], row["method"], row["id"])))
        typer.echo(f"[[watch]] {row['item']}: {name}: {row['state']}: {row['error']}", err=True)
    parts = [f"{count} {state}" for state, count in counts.items()] or ["nothing is listed"]
    new = taken[taken["state"] != "done before"]
    typer.echo(
        f"{', '.join(parts)}; {counted(int(new['rows'].sum()), 'row')}, "
        f"{counted(int(new['calls'].sum()), 'request')}"
    )
    later = taken["retry_at"].min()
    if later == later:  # noqa: PLR0124 - NaT is not itself
        typer.echo(f"Again after {later:%Y-%m-%d %H:%M} UTC.", err=True)
