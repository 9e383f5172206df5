"""What moves sales beside media: trend, season, holidays, releases, posts, and what is given.

Releases come first: spend follows them, so what leaves them out credits media with their decay.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.errors import InputError, TableError
from musictools.marketing._adstock import Array
from musictools.marketing._calendar import Calendar

if TYPE_CHECKING:
    import pandas as pd

    from musictools.marketing._media_data import Side

#: Decay of a release: half-lives in weeks of any rows. Two exponentials and a floor are what
#: attention to songs is found to follow; mixtures come within 3 to 11 % of power laws of exponents
#: of 0.5 to 1.5, where a power law, 1 and 6 weeks missed floors and first weeks by 20 to 49 %.
_RELEASE = {"half a week": 0.5, "4 weeks": 4.0, "stays": np.inf}
_SIMPLE = {"power law": 0.0}
#: A post is forgotten sooner.
_POST = {"half a week": 0.5, "3 weeks": 3.0}
#: Controls may take so large a part of the weeks before kernels are made simpler.
_MOST = 1 / 4
_TOLERANCE = 1e-7


@dataclass(frozen=True)
class Laid:
    """Events of one kind in one group: kernel to (weeks, events)."""

    kernels: dict[str, Array]

    @property
    def middle(self) -> Array:
        """What each event does if all kernels are of one size, (weeks, events)."""
        sizes = [np.linalg.norm(each.sum(axis=1)) for each in self.kernels.values()]
        sized = [e / n for e, n in zip(self.kernels.values(), sizes, strict=True) if n > 0]
        mean: Array = np.mean(sized, axis=0) if sized else next(iter(self.kernels.values()))
        return mean


def build_controls(
    calendar: Calendar, rows: Array, names: list[Any], side: "Side"
) -> "tuple[list[pd.DataFrame], list[str]]":
    """One frame of controls for each group, the same columns; what had to be simplified."""
    notes: list[str] = []
    base = _base(calendar, side, notes)
    given = _given(side.controls, rows)
    tables = []
    for events, bank, what in (
        (side.releases, _RELEASE, "releases"),
        (side.posts, _POST, "posts"),
    ):
        if events is not None:
            table = read_events(events, what)
            notes += _strangers(table, names, what)
            tables.append((table, bank, what))
    frames = []
    for number, name in enumerate(names):
        frame = base.copy()
        kinds_of: dict[str, Laid] = {}
        parts = dict.fromkeys(given, "controls")
        for column, values in given.items():
            frame[column] = values[rows[number]]
        for table, bank, what in tables:
            here = table
            if name is not None and "group" in table.columns:
                here = table[table["group"] == name]
            kinds = sorted(set(table["kind"].astype(str)))
            chosen = bank
            if len(frame.columns) + len(kinds) * len(bank) > calendar.weeks * _MOST:
                chosen = _SIMPLE
                note = (
                    f"{len(kinds)} kinds of {what} in {calendar.weeks} weeks: one kernel for each"
                )
                notes += [note] if note not in notes else []
            for kind in kinds:
                own = here[here["kind"].astype(str) == kind]
                laid = Laid(
                    {
                        f"{kind}, {label}": responses(calendar, own, h * 7 / calendar.step_days)
                        for label, h in chosen.items()
                    }
                )
                for column, each in laid.kernels.items():
                    frame[column], parts[column] = each.sum(axis=1), what
                kinds_of[f"{what}, {kind}"] = laid
        frame.attrs |= {"kinds": kinds_of, "parts": parts}
        frames.append(frame)
    return frames, notes


def full_rank(frames: "list[pd.DataFrame]") -> tuple[list[int], list[str]]:
    """Columns that say something of their own in at least one group; the names of the others."""
    columns = independent(np.stack([frame.to_numpy(dtype=float) for frame in frames]))
    lost = [str(name) for i, name in enumerate(frames[0].columns) if i not in columns]
    return columns, lost


def independent(controls: Array) -> list[int]:
    """Places of the columns of (groups, weeks, columns) that are no mixture of others."""
    from scipy.linalg import qr

    kept: set[int] = set()
    for values in controls:
        size = np.linalg.norm(values, axis=0)
        scaled = values / np.where(size > 0, size, 1.0)
        # The intercept goes first; then whatever is farthest from those that are in.
        inside = scaled[:, :1]
        rest = scaled[:, 1:] - inside @ (inside.T @ scaled[:, 1:])
        if rest.shape[1]:
            _, triangle, order = qr(rest, mode="economic", pivoting=True)
            sure = np.abs(np.diag(triangle)) > _TOLERANCE
            kept |= {int(column) + 1 for column in order[: len(sure)][sure]}
    return [0, *sorted(kept)]


def _base(calendar: Calendar, side: "Side", notes: list[str]) -> "pd.DataFrame":
    import pandas as pd

    years = calendar.years
    whole = years[-1] + calendar.step_days / 365.2425
    columns = {"intercept": np.ones(calendar.weeks)}
    for power in range(1, side.trend + 1):
        columns["trend" if power == 1 else f"trend^{power}"] = (
            years / max(years[-1], 1e-9)
        ) ** power
    # Season needs more than a year to be told from trend.
    pairs = min(side.season, 2 if whole >= 1.95 else 1 if whole >= 1.45 else 0)
    if pairs < side.season:
        notes.append(f"{whole:.1f} years: {pairs} of {side.season} pairs of waves for the season")
    for pair in range(1, pairs + 1):
        columns[f"season sin {pair}"] = np.sin(2 * np.pi * pair * years)
        columns[f"season cos {pair}"] = np.cos(2 * np.pi * pair * years)
    if calendar.starts is not None and side.season > 0:
        columns |= _holidays(calendar.starts, calendar.step_days)
    return pd.DataFrame(columns)


def _holidays(starts: "pd.DatetimeIndex", step_days: float) -> dict[str, Array]:
    """Christmas to New Year; days of the week, with New Music Friday, where rows are days."""
    days = max(round(step_days), 1)
    inside = np.zeros(len(starts))
    if days <= 7:
        for part in range(days):
            day = starts + np.timedelta64(part, "D")
            inside += ((day.month == 12) & (day.day >= 24)) | ((day.month == 1) & (day.day == 1))
    seasons = len(set(starts[inside > 0].year - (starts[inside > 0].month == 1)))
    # Once is no pattern: it would only take that week away.
    columns = {"Christmas": inside / days} if seasons > 1 else {}
    if days == 1:
        for number, name in enumerate(("Tuesday", "Wednesday", "Thursday", "New Music Friday",
                                       "Saturday", "Sunday"), start=1):  # fmt: skip
            columns[name] = (starts.day_of_week == number).astype(float)
    return columns


def _given(controls: Any, rows: Array) -> dict[str, Array]:
    if controls is None:
        return {}
    import pandas as pd

    what = "read controls"
    if hasattr(controls, "to_pandas"):
        controls = controls.to_pandas()
    if isinstance(controls, pd.Series):
        controls = controls.to_frame("control" if controls.name is None else controls.name)
    frame = pd.DataFrame(controls)
    if len(frame) != rows.size:
        raise InputError(
            what, got=f"{len(frame)} rows", expected=f"{rows.size}, as spend has",
            hint="controls.reindex(spend.index)",
        )  # fmt: skip
    columns = {}
    for name in frame.columns:
        try:
            values = frame[name].to_numpy(dtype=float)
        except (TypeError, ValueError) as error:
            raise TableError(
                what, got=f"column {str(name)!r} of type {frame[name].dtype}", expected="numbers",
                hint="pandas.get_dummies(controls) makes columns of kinds",
            ) from error  # fmt: skip
        if not np.isfinite(values).all():
            raise InputError(
                what, got=f"missing or infinite values in {str(name)!r}", expected="numbers",
                hint="controls.interpolate(), or leave it out",
            )  # fmt: skip
        columns[str(name)] = values
    return columns


def read_events(events: Any, what: str) -> "pd.DataFrame":
    """Check a table of events."""
    frame = events.to_pandas() if hasattr(events, "to_pandas") else events
    missing = [name for name in ("ds", "kind") if name not in getattr(frame, "columns", ())]
    if missing:
        raise TableError(
            f"read {what}", got=f"a table without {', '.join(missing)}",
            expected="ds, kind and, where it is known, size",
            hint="pandas.DataFrame({'ds': [...], 'kind': ['single', ...], 'size': [...]})",
        )  # fmt: skip
    table: pd.DataFrame = frame
    for column, told in (("ds", "date"), ("kind", "kind")):
        if table[column].isna().any():
            raise TableError(
                f"read {what}", got=f"an event without its {told}",
                expected=f"{column} in every row", hint=f"events.dropna(subset={column!r})",
            )  # fmt: skip
    if "size" in table.columns:
        try:
            table["size"].to_numpy(dtype=float)
        except (TypeError, ValueError) as error:
            raise TableError(
                f"read {what}", got="sizes that are no numbers", expected="numbers, or none",
                hint="pandas.to_numeric(events['size'], errors='coerce')",
            ) from error  # fmt: skip
    return table


def _strangers(events: "pd.DataFrame", names: list[Any], what: str) -> list[str]:
    """Tell of events in groups that the data does not have; refuse if there are no others."""
    if names == [None] or "group" not in events.columns or events.empty:
        return []
    inside = events["group"].isin(names)
    others = ", ".join(sorted(map(repr, set(events.loc[~inside, "group"]))))
    if not inside.any():
        raise InputError(
            f"read {what}", got=f"groups {others} alone",
            expected="groups of the data", hint=", ".join(map(repr, names)),
        )  # fmt: skip
    return (
        [f"{what} of groups that the data does not have are left out: {others}"] if others else []
    )


def responses(calendar: Calendar, events: "pd.DataFrame", half_life: float) -> Array:
    """Lay each event over the weeks, (weeks, events); a half-life of 0 is a power law."""
    each = np.zeros((calendar.weeks, len(events)))
    if events.empty:
        return each
    size = np.ones(len(events))
    if "size" in events.columns:
        given = events["size"].to_numpy(dtype=float)
        known = given[np.isfinite(given)]
        if len(known) and (known >= 0).all() and known.mean() > 0:
            size = np.where(np.isfinite(given), given / known.mean(), 1.0)
    for place, (when, weight) in enumerate(zip(events["ds"], size, strict=True)):
        age = calendar.ages(when)
        since = np.maximum(age, 0.0)
        value = 1 / (1 + since) if half_life == 0 else np.exp2(-since / half_life)
        each[:, place] = weight * np.where(age >= 0, value, 0.0).mean(axis=1)
    return each
