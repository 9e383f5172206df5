"""What can be asked where, what can no longer be asked since when, and what answers it instead."""

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any

from musictools._shipped import shipped_table
from musictools.errors import CollectError, NotOffered, RemovedByPlatform

if TYPE_CHECKING:
    import pandas as pd

#: The methods that have one name everywhere.
METHODS = ("search", "artist", "releases", "tracks", "track", "charts", "playlist", "metrics")


def capabilities(*, long: bool = False) -> "pd.DataFrame":
    """Show which platform answers which question today.

    Parameters
    ----------
    long : bool
        One row for each platform and question, with dates, reasons, sources, and what to use
        instead; else a grid.

    Returns
    -------
    pandas.DataFrame
        The grid has one row a platform and one column a question that somebody answers: ``yes``,
        ``key`` (with a key), ``removed 2026-03-09``, or nothing. What nobody answers any more, such
        as audio features, stands in the long form.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.collect.capabilities().loc["Deezer", "charts"]
    'yes'
    """
    table = shipped_table("collect_capabilities")
    if long:
        return table
    shown = table["state"].where(
        table["state"] != "removed",
        "removed " + table["since"].astype(object).fillna("").astype(str),
    )
    grid = table.assign(shown=shown.str.strip()).pivot_table(
        index="platform", columns="question", values="shown", aggfunc="first", sort=False
    )
    answered = set(table.loc[table["state"] != "removed", "question"])
    rest = [name for name in grid if name in answered and name not in METHODS]
    return grid[[*METHODS, *rest]].fillna("")


def lacking(platform: str, question: str) -> CollectError:
    """Make the error of a question that a platform does not answer."""
    row = _rows().get((platform, question))
    instead = _instead(question, platform)
    if row is None or row["state"] != "removed":
        return NotOffered(
            f"ask {platform} for {question}",
            got=f"no such thing on {platform}",
            expected="a question that it answers",
            hint=" or ".join(instead) or "mt.collect.capabilities()",
        )
    named = tuple(name for name in _text(row["instead"]).split(" ") if name) or instead
    since = _text(row["since"])
    return RemovedByPlatform(
        f"ask {platform} for {question}",
        got=f"removed on {since or 'a day that it does not tell'}: {_text(row['reason'])}",
        expected="a question that it still answers",
        hint=" or ".join(f"mt.collect.{name}" for name in named) or "mt.collect.capabilities()",
        removed_on=dt.date.fromisoformat(since) if since else None,
        alternatives=named,
    )


def was_removed(platform: str, question: str) -> bool:
    """Say whether a platform once answered a question, and does no longer."""
    return _rows().get((platform, question), {}).get("state") == "removed"


def _instead(question: str, platform: str) -> tuple[str, ...]:
    return tuple(
        f"mt.collect.{name}(...).{question}"
        for (name, asked), row in _rows().items()
        if asked == question and name != platform and row["state"] == "yes" and asked in METHODS
    )[:3]


@cache
def _rows() -> dict[tuple[str, str], dict[str, Any]]:
    records: list[Any] = shipped_table("collect_capabilities").to_dict("records")
    return {(row["platform"], row["question"]): row for row in records}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
