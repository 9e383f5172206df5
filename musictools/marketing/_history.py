"""The one reader of the wing: a long table of series, checked at the door, and as a rectangle."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools import tables
from musictools._counts import counted
from musictools._frames import as_pandas
from musictools.errors import InputError, TableError, closest

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

#: Names that a note lists before it only counts.
_NAMED = 3


@dataclass(frozen=True)
class History:
    """Units in rows and periods in columns.

    Attributes
    ----------
    names : list of str
        Units, sorted.
    times : pandas.Index
        Periods, in order.
    y : numpy.ndarray, shape (units, periods)
        Values.
    notes : tuple of str
        What was left out, in words.
    """

    names: list[str]
    times: "pd.Index"
    y: Floats
    notes: tuple[str, ...] = ()

    def rows(self, units: Iterable[str]) -> npt.NDArray[np.int64]:
        """Places of units."""
        place = {name: number for number, name in enumerate(self.names)}
        return np.array([place[name] for name in units], dtype=np.int64)

    def long(self, y: Floats, first: int, last: int) -> "pd.DataFrame":
        """Long table of some periods, with other values."""
        import pandas as pd

        width = last - first
        return pd.DataFrame(
            {
                "unique_id": np.repeat(self.names, width),
                "ds": np.tile(self.times[first:last], len(self.names)),
                "y": y[:, first:last].ravel(),
            }
        )


def read_series(series: Any, what: str) -> "pd.DataFrame":
    """Check a ``series`` table and give it as pandas, a row for each unit and period.

    Missing values stay: who cannot do with them says so, or leaves those units out.

    Parameters
    ----------
    series : pandas.DataFrame
        The table; further columns come along.
    what : str
        For the words of errors.

    Raises
    ------
    TableError
        If it is no such table, a unit has a period twice, or a value is infinite.
    """
    # Checked first: of a lazy frame the schema alone tells whether it is one.
    rows = as_pandas(tables.check(series, "series"), what)
    # A categorical would bring along names that have no row.
    rows = rows.assign(unique_id=rows["unique_id"].astype(str), y=rows["y"].astype(float))
    twice = rows[rows.duplicated(["unique_id", "ds"])]
    if len(twice):
        first = twice.iloc[0]
        raise TableError(
            what,
            got=f"{counted(len(twice), 'row')} whose series and time came before, such as "
            f"{first['unique_id']!r} at {shown(first['ds'])}",
            expected="one row for each unique_id and ds",
            hint="series.groupby(['unique_id', 'ds'], as_index=False)['y'].sum(), or .mean()",
        )
    if np.isinf(rows["y"]).any():
        bad = rows[np.isinf(rows["y"])].iloc[0]
        raise TableError(
            what,
            got=f"an infinite y of {bad['unique_id']!r} at {shown(bad['ds'])}",
            expected="finite numbers",
            hint="look for a division by zero where y was made",
        )
    return rows


def rectangle(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Lay checked rows out: units in rows, periods in columns, both in order; gaps are NaN."""
    # Rows are unique here; pivot sorts both axes.
    wide = rows.pivot(index="unique_id", columns="ds", values="y")  # noqa: PD010
    return wide.sort_index(axis=1)


def whole(wide: "pd.DataFrame", notes: list[str], lacking: str = "") -> "pd.DataFrame":
    """Leave out the units that lack a period, and note which."""
    short = wide.isna().any(axis=1)
    if short.any():
        names = [str(name) for name in wide.index[short]]
        notes.append(f"left out, since they lack periods{lacking}: {listed(names)}")
    return wide[~short]


def read_history(series: Any, what: str, *, gaps: str = "refuse") -> History:
    """Turn a ``series`` table into a rectangle.

    Parameters
    ----------
    series : pandas.DataFrame
        The table.
    what : str
        For the words of errors.
    gaps : str
        ``"refuse"``, or ``"leave_out"`` the units that lack a period (``notes`` says which).

    Raises
    ------
    TableError
        If it is no such table, a unit has a period twice or an infinite value; or lacks one, where
        that is refused; or if nothing is left.
    """
    rows = read_series(series, what)
    if rows.empty:
        raise _refused(what, "an empty table", "a history", "read some weeks of streams")
    wide, notes = rectangle(rows), list[str]()
    if gaps == "leave_out":
        wide = whole(wide, notes)
        if wide.empty:
            raise _refused(what, "no unit that has every period", "one at least", "fill the gaps")
    y = wide.to_numpy(float)
    if not np.isfinite(y).all():
        unit, period = np.argwhere(~np.isfinite(y))[0]
        at = f"{wide.index[unit]!r} at {shown(wide.columns[period])}"
        hint = f"series[series.unique_id != {wide.index[unit]!r}], or fill the gaps"
        raise _refused(what, f"no value of {at}", "a number for each unit and period", hint)
    return History([str(name) for name in wide.index], wide.columns, y, tuple(notes))


def listed(names: Sequence[str]) -> str:
    """Name some, and count the rest."""
    some = ", ".join(map(repr, names[:_NAMED]))
    return some if len(names) <= _NAMED else f"{some} and {len(names) - _NAMED} more"


def shown(time: Any) -> str:
    """Write a date without its midnight, and a step as it is."""
    return str(time).removesuffix(" 00:00:00")


def check_units(history: History, units: object, what: str, name: str = "treated") -> list[str]:
    """Give some units by name, each once."""
    asked = [units] if isinstance(units, str) else units
    if not isinstance(asked, Iterable):
        raise InputError(
            what, got=f"{name}={units!r}", expected="names of units", hint=f"{name}=['Paris']"
        )
    found = list(dict.fromkeys(asked))
    for each in found:
        if each not in history.names:
            raise InputError(
                what,
                got=f"{name} {each!r}",
                expected="a unit of the series",
                hint=closest(str(each), history.names[:20]),
            )
    if not found:
        raise InputError(
            what, got=f"no {name}", expected="at least one unit", hint=f"{name}=['Paris']"
        )
    return found


def seed_of(rng: object) -> int | None:
    """Seed as it stands in a provenance."""
    return int(rng) if isinstance(rng, int | np.integer) else None


def _refused(what: str, got: str, expected: str, hint: str) -> TableError:
    return TableError(what, got=got, expected=expected, hint=hint)
