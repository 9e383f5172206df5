"""What else is known of series: covariates by step, and events that may be announced."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from musictools import tables
from musictools._frames import as_pandas
from musictools.errors import InputError
from musictools.trends._read_series import Floats, Panel, Whole

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
        ``number, kind, subject, announced``.
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
        else _covariates(as_pandas(covariates, what), panel, horizon, what)
    )
    happened = None if events is None else _events(as_pandas(events, what), panel, what, notes)
    return Outside(table, ahead, happened, notes)


def _covariates(
    frame: "pd.DataFrame", panel: Panel, horizon: int, what: str
) -> tuple["pd.DataFrame", frozenset[str]]:
    import pandas as pd

    names = [name for name in frame.columns if name not in ("unique_id", "ds", "y")]
    lacking = {"unique_id", "ds"} - set(frame.columns)
    wrong = [n for n in names if not pd.api.types.is_numeric_dtype(frame[n])]
    if lacking or wrong or not names:
        _refuse(
            what,
            f"covariates with columns {', '.join(map(str, frame.columns))}",
            "unique_id, ds and numbers",
            "covariates[['unique_id', 'ds', 'followers']]",
        )
    out = frame[names].astype(float)
    out.insert(0, "number", _numbers(frame["ds"], panel, what))
    out.insert(0, "unique_id", frame["unique_id"].astype(str))
    if out.duplicated(["unique_id", "number"]).any():
        _refuse(
            what,
            "two rows of covariates for one series and step",
            "one",
            "covariates.groupby(['unique_id', 'ds'], as_index=False).mean()",
        )
    last = {name: _laid(out, name, panel, horizon)[:, -horizon:] for name in names}
    return out, frozenset(name for name in names if np.isfinite(last[name]).all())


def _numbers(ds: "pd.Series[Any]", panel: Panel, what: str) -> Whole:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(ds) != (panel.clock.unit == "steps"):
        _refuse(
            what,
            "times of another kind than the series'",
            "dates beside dates, steps beside steps",
            "pandas.to_datetime(...)",
        )
    return panel.clock.number(ds)


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


def _events(frame: "pd.DataFrame", panel: Panel, what: str, notes: list[str]) -> "pd.DataFrame":
    import pandas as pd

    frame = tables.check(frame, "events")
    numbers = _numbers(frame["ds"], panel, what)
    lead = np.zeros(len(frame), dtype=np.int64)
    if "announced" in frame:
        lead = np.maximum(numbers - _numbers(frame["announced"], panel, what), 0)
    elif (numbers > panel.end.max()).any():
        notes.append("events to come have no column 'announced', so that no forecast knows of them")
    subject = frame["subject"].astype("object") if "subject" in frame else None
    everybody = [None] * len(frame)
    return pd.DataFrame(
        {
            "number": numbers,
            "kind": frame["kind"].astype(str).to_numpy(),
            "subject": everybody if subject is None else subject.where(subject.notna(), None),
            "lead": lead,
        }
    )


def _kinds(events: "pd.DataFrame") -> list[tuple[str, "pd.DataFrame"]]:
    frequent = list(events["kind"].value_counts().index[:_KINDS])
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


def _refuse(what: str, got: str, expected: str, hint: str) -> NoReturn:
    raise InputError(what, got=got, expected=expected, hint=hint)
