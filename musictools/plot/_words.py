"""Names and numbers of tables as pictures write them."""

from collections.abc import Sequence
from typing import Any

from musictools._units import label
from musictools.errors import InputError, closest

__all__ = ["label", "no_formula", "series_named", "shortened", "time_label", "written"]

#: Letters of a name before it is cut.
_LONGEST = 40


def no_formula(name: object) -> str:
    """Escape a name from a table: a dollar would begin a formula."""
    return str(name).replace("$", r"\$")


def shortened(name: str, longest: int = _LONGEST) -> str:
    """Cut a long name."""
    return name if len(name) <= longest else name[: longest - 1] + "…"


def written(value: float) -> str:
    """Write large numbers whole, and others to three digits."""
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", "\N{MINUS SIGN}")


def time_label(ds: Any) -> str:
    """Name the axis of a column of times."""
    return "Date" if getattr(ds.dtype, "kind", "") == "M" else "Period"


def series_named(name: str | None, names: Sequence[str], what: str) -> str:
    """Give the series that was asked for, or the first of those that can be drawn."""
    wanted = name if name is not None else next(iter(names), "")
    if wanted not in names:
        raise InputError(
            what,
            got=f"unique_id={wanted!r}",
            expected="a series that could be fitted",
            hint=closest(str(wanted), names[:20]) if names else "look at the column note",
        )
    return wanted
