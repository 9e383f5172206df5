"""What histories of several players share: when a play began, from what their files tell."""

from collections.abc import Callable

from musictools.collect.imports._field import Bound, Context, Field, column
from musictools.collect.imports._fields import constant, derived
from musictools.collect.imports._moments import moment_sql

#: The listener: a history has one, whose name is nobody else's business.
ME = constant("me")
#: No play is longer than these milliseconds; what is, is a clock that went wrong.
LONGEST_MS = 10**12
#: Times as programs write them: in UTC, with or without fractions and zone.
ISO = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f")
#: What is no ISRC is no identifier.
ISRC_ONLY = "CASE WHEN regexp_full_match(_isrc, '[A-Z]{2}[A-Z0-9]{3}[0-9]{7}') THEN _isrc END"


def iso_sql(raw: str) -> str:
    """Write SQL that reads a time in any of the ways of `ISO`, null where it is none."""
    # What most are is tried alone: a list costs three times as much.
    usual, *others = ISO
    rest = ", ".join(f"'{each}'" for each in others)
    return f"coalesce({moment_sql(raw, usual)}, try_strptime({raw}, [{rest}]))"


def iso(*names: str) -> Field:
    """Read a time in UTC that is written with fractions and zone, or without, even in one file."""
    return _time(names, iso_sql)


def epoch(*names: str) -> Field:
    """Read a time that is written as seconds since 1970."""
    return _time(names, lambda raw: f"make_timestamp({_whole(raw)} * 1000000)")


def _whole(raw: str) -> str:
    return f"CASE WHEN regexp_full_match({raw}, '[0-9]{{1,11}}') THEN CAST({raw} AS BIGINT) END"


def _time(names: tuple[str, ...], render: Callable[[str], str]) -> Field:
    def bind(self: Field, context: Context) -> Bound:
        name = context.first(self.names)
        if name is None:
            return Bound("CAST(NULL AS TIMESTAMP)", same=True)
        return Bound(render(column(name)), column(name))

    return Field("TIMESTAMP", bind, names, "a time")


def began(ended: str = "_ended", milliseconds: str = "_ms") -> Field:
    """Compute when a play began, from columns of ours: when it ended, less how long it was."""
    lasted = f"to_microseconds(CAST({milliseconds} * 1000 AS BIGINT))"
    return derived(f"{ended} - {lasted}", "TIMESTAMP")


def seconds(milliseconds: str = "_ms") -> Field:
    """Compute how long a play was."""
    return derived(f"{milliseconds} / 1000", "DOUBLE")


def market(*columns: str) -> Field:
    """Give the first of some columns of ours that is a country, and not where nobody knows."""
    some = ", ".join(
        f"CASE WHEN length({each}) = 2 AND {each} <> 'ZZ' THEN upper({each}) END"
        for each in columns
    )
    return derived(f"coalesce({some})" if len(columns) > 1 else some)
