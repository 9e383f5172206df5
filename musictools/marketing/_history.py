"""A history of several units as one rectangle, checked at the door."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools import tables
from musictools._frames import as_pandas
from musictools.errors import InputError, TableError, closest

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]


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
    """

    names: list[str]
    times: "pd.Index"
    y: Floats

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


def read_history(series: Any, what: str) -> History:
    """Turn a ``series`` table into a rectangle.

    Parameters
    ----------
    series : pandas.DataFrame
        The table.
    what : str
        For the words of errors.

    Raises
    ------
    TableError
        If it is no such table, a unit has a period twice or lacks one, or a value is missing.
    """
    # Checked first: of a lazy frame the schema alone tells whether it is one.
    long = as_pandas(tables.check(series, "series"), what)[["unique_id", "ds", "y"]]
    if long.empty:
        raise _refused(what, "an empty table", "a history", "read some weeks of streams")
    twice = long[long.duplicated(["unique_id", "ds"])]
    if len(twice):
        at = f"{twice['unique_id'].iloc[0]!r} at {twice['ds'].iloc[0]}"
        hint = "series.groupby(['unique_id', 'ds'], as_index=False)['y'].sum()"
        raise _refused(what, f"two values of {at}", "one for each unit and period", hint)
    long["y"] = long["y"].astype(float)
    # No value is lost: pairs are unique here, and what is missing stays so.
    wide = long.pivot_table(
        index="unique_id", columns="ds", values="y", dropna=False, aggfunc="first", observed=True
    )
    y = wide.to_numpy()
    if not np.isfinite(y).all():
        unit, period = np.argwhere(~np.isfinite(y))[0]
        at = f"{wide.index[unit]!r} at {wide.columns[period]}"
        hint = f"series[series.unique_id != {wide.index[unit]!r}], or fill the gaps"
        raise _refused(what, f"no value of {at}", "a number for each unit and period", hint)
    return History([str(name) for name in wide.index], wide.columns, np.asarray(y, dtype=float))


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
