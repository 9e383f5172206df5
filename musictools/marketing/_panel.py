"""The long frame of series made ready: who was treated, from when, and who was not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._counts import counted
from musictools.errors import InputError, closest
from musictools.marketing._history import listed, read_series, rectangle, shown, whole

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Panel:
    """Series by periods, without a gap: the treated and the others."""

    treated: tuple[str, ...]
    donors: tuple[str, ...]
    times: "pd.Index[Any]"
    #: Series x periods; the treated come first.
    matrix: np.ndarray
    #: Periods before the treatment.
    before: int
    regular: bool
    #: What was done to the data, in words.
    notes: tuple[str, ...]

    @property
    def own(self) -> np.ndarray:
        """Mean of the treated series."""
        mean: np.ndarray = self.matrix[: len(self.treated)].mean(axis=0)
        return mean

    @property
    def others(self) -> np.ndarray:
        """Series that were not treated."""
        return self.matrix[len(self.treated) :]


def panel(series: Any, *, treated: str | Sequence[str], start: Any, what: str) -> Panel:
    """Lay series beside each other; say what was left out; refuse what cannot be used."""
    rows = read_series(series, what)
    names = _names(treated, sorted(rows["unique_id"].unique()), what)
    notes: list[str] = []
    wide = _span(rectangle(rows).T, names, notes, what)
    before = _before(wide.index, start, notes, what)
    others = whole(wide.drop(columns=names).T, notes, " of the treated")
    donors = [str(name) for name in others.index]
    regular = is_regular(wide.index)
    if not regular:
        notes.append("the periods are not evenly spaced")
    return Panel(
        treated=tuple(names),
        donors=tuple(donors),
        times=wide.index,
        matrix=wide[[*names, *donors]].to_numpy(float).T,
        before=before,
        regular=regular,
        notes=tuple(notes),
    )


def is_regular(times: "pd.Index[Any]") -> bool:
    """Whether periods follow each other evenly: so many steps, days or months."""
    import pandas as pd

    if len(times) < 3:
        return True
    if not isinstance(times, pd.DatetimeIndex):
        if times.dtype.kind not in "iuf":
            # Dates as Python objects.
            times = pd.to_datetime(times)
            return is_regular(times)
        return len(set(np.diff(times.to_numpy()).tolist())) == 1
    months = (times.year * 12 + times.month).to_numpy()
    same_day = len(set(times.day.tolist())) == 1 or bool(times.is_month_end.all())
    even_months = months[1] > months[0] and len(set(np.diff(months).tolist())) == 1
    return len(set(np.diff(times.asi8).tolist())) == 1 or (same_day and even_months)


def _names(treated: str | Sequence[str], known: list[str], what: str) -> list[str]:
    names = [treated] if isinstance(treated, str) else [str(name) for name in treated]
    for name in names:
        if name not in known:
            raise InputError(
                what,
                got=f"treated={name!r}",
                expected="the unique_id of a series in the frame",
                hint=closest(name, known) if known else "a frame that is not empty",
            )
    if not names or len(set(names)) < len(names):
        raise InputError(
            what,
            got=f"treated={treated!r}",
            expected="one name at least, each once",
            hint=f"treated={known[0]!r}" if known else "a frame that is not empty",
        )
    return names


def _span(wide: "pd.DataFrame", names: list[str], notes: list[str], what: str) -> "pd.DataFrame":
    """Keep the periods that all the treated have."""
    own = wide[names]
    there = own.dropna(how="any")
    if there.empty:
        raise InputError(
            what,
            got=f"no period in which all of {listed(names)} have a value",
            expected="treated series that overlap",
            hint="one of them at a time",
        )
    within = own.loc[there.index[0] : there.index[-1]]
    some = own.dropna(how="all").index
    cut = len(some) - len(some.intersection(within.index))
    if cut:
        notes.append(
            f"{counted(cut, 'period')} left out, in which not all of the treated have a value"
        )
    # A row that no treated series has stands there for other series only, say another calendar.
    gaps = within.index[within.isna().any(axis=1)]
    if len(gaps):
        more = f" and {len(gaps) - 1} other times" if len(gaps) > 1 else ""
        raise InputError(
            what,
            got=f"no value of the treated series at {shown(gaps[0])}{more}, where series have rows",
            expected="a value in every period between its first and its last",
            hint="series = series[series.ds != that time], or fill the gap and say so",
        )
    return wide.loc[within.index]


def _before(times: "pd.Index[Any]", start: Any, notes: list[str], what: str) -> int:
    import pandas as pd

    moment = start
    numbers = times.dtype.kind in "iuf"
    if numbers != (isinstance(start, int | float | np.number) and not isinstance(start, bool)):
        raise _start_error(times, start, what, "of the kind of ds")
    if not numbers:
        try:
            moment = pd.Timestamp(start)
        except (TypeError, ValueError):
            raise _start_error(times, start, what, "a date, since ds holds dates") from None
        if not isinstance(times, pd.DatetimeIndex):
            moment = moment.date()
        elif times.tz is not None and moment.tzinfo is None:
            moment = moment.tz_localize(times.tz)
        elif times.tz is None:
            moment = moment.tz_localize(None)
    before = int(times.searchsorted(moment))
    if before == 0 or before == len(times):
        raise _start_error(
            times, start, what,
            f"after {shown(times[0])} and no later than {shown(times[-1])}, the last of the series",
        )  # fmt: skip
    if times[before] != moment:
        notes.append(f"{shown(times[before])} is the first period from {shown(start)} on")
    return before


def _start_error(times: "pd.Index[Any]", start: Any, what: str, expected: str) -> InputError:
    return InputError(
        what,
        got=f"start={start!r}",
        expected=expected,
        hint=f"start={shown(times[len(times) // 2])!r}",
    )
