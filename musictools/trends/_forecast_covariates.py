"""What else is known of series: covariates by step, and events that may be announced."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools import tables
from musictools._counts import counted
from musictools._frames import as_pandas
from musictools.errors import closest
from musictools.trends._read_series import Floats, Panel, Whole
from musictools.trends._series_checks import check_once, refuse

if TYPE_CHECKING:
    import pandas as pd

#: Kinds of events that have columns of their own; the others share one.
_KINDS = 8


@dataclass(frozen=True)
class Outside:
    """Tables that go with a panel, counted by its clock.

    Attributes
    ----------
    covariates : pandas.DataFrame or None
        ``unique_id, number`` and a column for each covariate.
    ahead : frozenset of str
        Those that are known beyond the end of every series.
    events : pandas.DataFrame or None
        ``number, kind, subject, lead``: how many steps before it was announced.
    """

    covariates: "pd.DataFrame | None" = None
    ahead: frozenset[str] = frozenset()
    events: "pd.DataFrame | None" = None
    notes: list[str] = field(default_factory=list)

    def past(self, panel: Panel) -> dict[str, Floats]:
        """Give what is known at each step, (series, steps)."""
        found = {}
        if self.covariates is not None:
            for name in _columns(self.covariates):
                found[f"covariate_{name}"] = _laid(self.covariates, name, panel, 0)
        if self.events is not None:
            for kind, rows in _kinds(self.events):
                found[f"since_{kind}"] = _since(rows, panel, 0)
        return found

    def coming(self, panel: Panel, horizon: int) -> dict[str, Floats]:
        """Give what is known so far ahead, (series, steps + horizon)."""
        found = {}
        for name in sorted(self.ahead):
            found[f"covariate_{name}"] = _laid(self.covariates, name, panel, horizon)
        if self.events is not None:
            early = self.events[self.events["lead"] >= horizon]
            for kind, rows in _kinds(early):
                found[f"since_{kind}"] = _since(rows, panel, horizon)
        return found


def read_outside(covariates: Any, events: Any, panel: Panel, horizon: int, what: str) -> Outside:
    """Check covariates and events, and count their times by the panel's clock.

    Parameters
    ----------
    covariates : frame or None
        ``unique_id, ds`` and numbers.
    events : frame or None
        An ``events`` table; ``announced`` is when it became known.
    panel : Panel
        The series.
    horizon : int
        Steps ahead.
    what : str
        For the words of errors.
    """
    notes: list[str] = []
    table, ahead = (
        (None, frozenset[str]())
        if covariates is None
        else _covariates(as_pandas(covariates, what), panel, horizon, what, notes)
    )
    happened = (
        None if events is None else _events(as_pandas(events, what), panel, horizon, what, notes)
    )
    return Outside(table, ahead, happened, notes)


def _covariates(
    frame: "pd.DataFrame", panel: Panel, horizon: int, what: str, notes: list[str]
) -> tuple["pd.DataFrame", frozenset[str]]:
    import pandas as pd

    names = sorted((n for n in frame.columns if n not in ("unique_id", "ds", "y")), key=str)
    lacking = {"unique_id", "ds"} - set(frame.columns)
    wrong = [n for n in names if not pd.api.types.is_numeric_dtype(frame[n])]
    if lacking or wrong or not names:
        refuse(
            what,
            f"covariates with columns {', '.join(map(str, frame.columns))}",
            "unique_id, ds and numbers",
            "covariates[['unique_id', 'ds', 'followers']]",
        )
    out = frame[names].astype(float)
    endless = [name for name in names if np.isinf(out[name]).any()]
    if endless:
        refuse(what, f"infinite values of {endless[0]!r}", "finite numbers", "NaN where unknown")
    out.insert(0, "number", _numbers(frame["ds"], panel, what))
    out.insert(0, "unique_id", frame["unique_id"].astype(str))
    check_once(
        out["unique_id"],
        out["number"],
        frame["ds"],
        f"{what}, with covariates",
        each=panel.clock.name,
        hint="mean()",
    )
    _check_known(out["unique_id"], panel, what, notes)
    last = {name: _laid(out, name, panel, horizon)[:, -horizon:] for name in names}
    return out, frozenset(name for name in names if np.isfinite(last[name]).all())


def _check_known(ids: "pd.Series[Any]", panel: Panel, what: str, notes: list[str]) -> None:
    """Say whose covariates are left out, and refuse those that are of no series at all."""
    given = set(ids)
    strange = sorted(given - set(panel.names))
    if strange and len(strange) == len(given):
        refuse(
            what,
            f"covariates of {strange[0]!r}, and of no series",
            "the unique_id of the series",
            closest(strange[0], panel.names),
        )
    if strange:
        notes.append(f"Left out: covariates of {counted(len(strange), 'name')} without a series.")


def _numbers(ds: "pd.Series[Any]", panel: Panel, what: str, *, late: bool = False) -> Whole:
    """Count times by the panel's clock; what lies between two steps is the later one's if late."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(ds) != (panel.clock.unit == "steps"):
        refuse(
            what,
            "times of another kind than the series'",
            "dates beside dates, steps beside steps",
            "pandas.to_datetime(...)",
        )
    return panel.clock.number(ds, late=late)


def _columns(frame: "pd.DataFrame") -> list[str]:
    return [name for name in frame.columns if name not in ("unique_id", "number")]


def _laid(frame: Any, name: str, panel: Panel, ahead: int) -> Floats:
    width = panel.y.shape[1] + ahead
    place = {series: row for row, series in enumerate(panel.names)}
    rows = np.array([place.get(each, -1) for each in frame["unique_id"]])
    column = np.full(len(rows), -1)
    own = rows >= 0
    column[own] = width - 1 - ahead - panel.end[rows[own]] + frame["number"].to_numpy()[own]
    inside = own & (column >= 0) & (column < width)
    out = np.full((len(panel.names), width), np.nan)
    out[rows[inside], column[inside]] = frame[name].to_numpy()[inside]
    return out


def _events(
    frame: "pd.DataFrame", panel: Panel, horizon: int, what: str, notes: list[str]
) -> "pd.DataFrame":
    import pandas as pd

    frame = tables.check(frame, "events")
    numbers = _numbers(frame["ds"], panel, what)
    lead = np.zeros(len(frame), dtype=np.int64)
    if "announced" in frame:
        # What has no day of announcement was known to nobody before it happened.
        told = np.flatnonzero(frame["announced"].notna())
        if len(told):
            # A step knows what was announced until its own date, not what followed within it.
            since = _numbers(frame["announced"].iloc[told], panel, what, late=True)
            lead[told] = np.maximum(numbers[told] - since, 0)
    coming = numbers > panel.end.max()
    unknown = int((coming & (lead < horizon)).sum())
    if unknown:
        notes.append(
            f"Of {int(coming.sum())} events to come {unknown} were not announced {horizon} steps "
            "before (column 'announced'), so that no forecast knows of them."
        )
    subjects = [None if pd.isna(each) else str(each) for each in frame["subject"]]
    strange = len({each for each in subjects if each is not None} - set(panel.names))
    if strange:
        notes.append(f"Events of {strange} subjects that are no series are left out.")
    return pd.DataFrame(
        {
            "number": numbers,
            "kind": frame["kind"].astype(str).to_numpy(),
            "subject": subjects,
            "lead": lead,
        }
    )


def _kinds(events: "pd.DataFrame") -> list[tuple[str, "pd.DataFrame"]]:
    # Of kinds that are as frequent the first by name: the order of rows decides nothing.
    frequent = list(events["kind"].value_counts().sort_index().nlargest(_KINDS, keep="first").index)
    kind = events["kind"].where(events["kind"].isin(frequent), "other")
    return [(str(name), rows) for name, rows in events.groupby(kind, sort=True)]


def _happened(rows: "pd.DataFrame", panel: Panel, ahead: int) -> np.ndarray:
    """Mark the steps at which something of a kind happens to a series, or to all of them."""
    width = panel.y.shape[1] + ahead
    marks = np.zeros((len(panel.names), width), dtype=bool)
    place = {series: row for row, series in enumerate(panel.names)}
    for number, subject in zip(rows["number"], rows["subject"], strict=True):
        if subject is not None and subject not in place:
            continue
        who = np.arange(len(panel.names)) if subject is None else np.array([place[subject]])
        column = width - 1 - ahead - panel.end[who] + int(number)
        inside = (column >= 0) & (column < width)
        marks[who[inside], column[inside]] = True
    return marks


def _since(rows: "pd.DataFrame", panel: Panel, ahead: int) -> Floats:
    marks = _happened(rows, panel, ahead)
    column = np.arange(marks.shape[1])[None, :]
    last = np.maximum.accumulate(np.where(marks, column, -1), axis=1)
    return np.where(last >= 0, column - last, np.nan)
