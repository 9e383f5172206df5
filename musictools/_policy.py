"""The terms of each source, as a table that travels with its rows."""

import datetime as dt
import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from musictools._shipped import shipped_table
from musictools.errors import InputError, PolicyError, closest

if TYPE_CHECKING:
    import pandas as pd

#: What data may be used for, and the column that says whether it may.
USES = {
    "machine learning": "machine_learning",
    "aggregation": "aggregation",
    "redistribution": "redistribution",
}


#: What a reader's own files are marked with: no terms but his own.
OWN = "own"


@dataclass(frozen=True)
class Policy:
    """What a source allows.

    Attributes
    ----------
    name : str
        The source.
    storable : bool or None
        Answers may be kept beyond temporary copies; None where the terms do not say.
    ttl_days : float or None
        Days after which they must be deleted or asked for again; None for no limit.
    machine_learning : bool or None
        Models may be trained on them; None where the terms do not say.
    aggregation : bool or None
        They may be merged with other sources into one number.
    redistribution : bool or None
        They may be given on.
    deletion : bool
        What its owner deletes there must be deleted here.
    attribution : str
        What must be shown beside them.
    terms_url : str
        Where the terms stand.
    checked_on : dt.date
        The day they were read.
    verified : str
        ``yes`` (read there), ``partly``, or ``no`` (from second hand).
    note : str
        What matters, in a sentence or two.
    """

    name: str
    storable: bool | None
    ttl_days: float | None
    machine_learning: bool | None
    aggregation: bool | None
    redistribution: bool | None
    deletion: bool
    attribution: str
    terms_url: str
    checked_on: dt.date
    verified: str
    note: str


def policy(name: str) -> Policy:
    """Give the terms of a source.

    Parameters
    ----------
    name : str
        Such as ``"Spotify"``.

    Returns
    -------
    Policy
        What may be stored, for how long, and used for what; with the address of the terms and the
        day they were read. A help to decide, and no legal advice.

    Raises
    ------
    InputError
        If there is no such source.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.collect.policy("YouTube").ttl_days
    30.0
    """
    found = _by_name()
    lower = {key.lower(): key for key in found}
    if str(name).lower() not in lower:
        raise InputError(
            f"give the policy of {name!r}",
            got=repr(name),
            expected="a source",
            hint=closest(str(name), found),
        )
    return found[lower[str(name).lower()]]


def all_policies() -> tuple[Policy, ...]:
    """Give the terms of all sources."""
    return tuple(_by_name().values())


def check_use(
    frame: "pd.DataFrame", use: str = "machine learning", *, overrule: Iterable[str] = ()
) -> None:
    """Refuse a use of collected data that the terms of a source forbid; models call it.

    Parameters
    ----------
    frame : pandas.DataFrame
        With a ``policy`` column, or ``attrs["policies"]``. What has neither, or says ``own``, is
        the reader's own.
    use : str
        ``"machine learning"``, ``"aggregation"`` or ``"redistribution"``.
    overrule : iterable of str
        Names of sources for which the reader has leave.

    Returns
    -------
    None
        If nothing forbids it.

    Raises
    ------
    PolicyError
        If the terms of a source forbid it.

    Warns
    -----
    UserWarning
        If the terms of a source do not say.

    Examples
    --------
    >>> import musictools as mt, pandas as pd
    >>> mt.collect.check_use(pd.DataFrame({"y": [1.0], "policy": ["MusicBrainz"]}))
    """
    if use not in USES:
        raise InputError(
            f"check the use {use!r}", got=repr(use), expected="a use", hint=closest(use, USES)
        )
    allowed = {overrule} if isinstance(overrule, str) else set(overrule)
    for name in sorted(_sources(frame) - allowed - {OWN}):
        terms = _by_name().get(name)
        answer = getattr(terms, USES[use]) if terms else None
        if answer is None:
            warnings.warn(
                f"the terms of {name} do not say whether {use} is allowed; "
                f"overrule=[{name!r}] if you know",
                stacklevel=3,
            )
        elif not answer and terms is not None:
            raise PolicyError(
                f"use data of {name} for {use}",
                got=f"terms that forbid it ({terms.terms_url}, read on {terms.checked_on})",
                expected="a source that allows it, or leave of your own",
                hint=f"overrule=[{name!r}] if you have leave; MusicBrainz, ListenBrainz and "
                "Wikipedia allow it",
            )


def _sources(frame: Any) -> set[str]:
    told = getattr(frame, "attrs", {}).get("policies", ())
    found = {told} if isinstance(told, str) else set(told)
    # A merge makes policy_x and policy_y of two; a join of polars policy_right.
    values = [frame[name].unique() for name in frame.columns if _is_policy(name)]
    for axis in ("index", "columns"):
        labels: Any = getattr(frame, axis, None)
        for level, name in enumerate(getattr(labels, "names", ())):
            if _is_policy(name):
                values.append(labels.get_level_values(level).unique())
    # A missing value is no text.
    found |= {value for some in values for value in some if isinstance(value, str)}
    known = {name.lower(): name for name in _by_name()}
    return {known.get(name.lower(), name) for name in found}


def _is_policy(name: object) -> bool:
    return isinstance(name, str) and (name == "policy" or name.startswith("policy_"))


@cache
def _by_name() -> dict[str, Policy]:
    records: list[Any] = shipped_table("collect_policies").to_dict("records")
    return {row["name"]: _policy(row) for row in records}


def _policy(row: dict[str, Any]) -> Policy:
    ttl = row["ttl_days"]
    return Policy(
        name=row["name"],
        storable=_maybe(row["storable"]),
        ttl_days=None if math.isnan(ttl) else float(ttl),
        machine_learning=_maybe(row["machine_learning"]),
        aggregation=_maybe(row["aggregation"]),
        redistribution=_maybe(row["redistribution"]),
        deletion=row["deletion"] == "yes",
        attribution=_text(row["attribution"]),
        terms_url=_text(row["terms_url"]),
        checked_on=row["checked_on"].date(),
        verified=_text(row["verified"]),
        note=_text(row["note"]),
    )


def _maybe(word: object) -> bool | None:
    return {"yes": True, "no": False}.get(str(word))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
