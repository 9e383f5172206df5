"""Series by the time at which their treatment began, and the comparisons between them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.errors import InputError, TableError
from musictools.marketing._history import listed, read_series, rectangle, whole

if TYPE_CHECKING:
    import pandas as pd

#: From so many series on a cohort tells its own noise.
_OWN = 30
_LEAST = 4


@dataclass(frozen=True)
class Cohorts:
    """Series x periods without a gap, with the place of each series' first treated period."""

    times: "pd.Index[Any]"
    values: np.ndarray
    #: Number of periods: never.
    starts: np.ndarray
    #: The different starts, in order.
    kinds: np.ndarray
    notes: tuple[str, ...]

    def members(self, kind: int) -> np.ndarray:
        """Rows of a cohort."""
        return np.flatnonzero(self.starts == kind)

    def means(self) -> np.ndarray:
        """Mean path of each cohort: cohorts x periods."""
        return np.array([self.values[self.members(kind)].mean(axis=0) for kind in self.kinds])

    def count(self, *, never: bool) -> int:
        """Count the series that were never, or at some time, treated."""
        treated = int((self.starts < len(self.times)).sum())
        return len(self.starts) - treated if never else treated

    def residuals(self) -> tuple[np.ndarray, np.ndarray]:
        """Paths around the mean of their cohort, as large as the noise; and their cohorts."""
        kept, whose = [], []
        for number, kind in enumerate(self.kinds):
            own = self.values[self.members(kind)]
            if len(own) > 1:
                kept.append((own - own.mean(axis=0)) * np.sqrt(len(own) / (len(own) - 1)))
                whose.append(np.full(len(own), number))
        if not kept:
            return np.zeros((0, len(self.times))), np.zeros(0, int)
        return np.concatenate(kept), np.concatenate(whose)

    def small_sample(self) -> float:
        """Student's t over normal: the noise is known from so many series only."""
        from scipy.stats import norm
        from scipy.stats import t as student

        residuals, whose = self.residuals()
        freedom = max(1, len(residuals) - len(set(whose.tolist())))
        return float(student.ppf(0.95, freedom) / norm.ppf(0.95))


@dataclass(frozen=True)
class Operator:
    """What is added up: times since the start, and all of them together (the last row)."""

    times: np.ndarray
    units: np.ndarray
    #: Rows x cohorts x periods.
    weights: np.ndarray
    cells: tuple[tuple[int, int, np.ndarray, int], ...]

    def apply(self, means: np.ndarray) -> np.ndarray:
        """Effects, from the mean path of each cohort (the last two axes)."""
        effects: np.ndarray = np.einsum("rct,...ct->...r", self.weights, means)
        return effects

    def table(self, laid: Cohorts, means: np.ndarray) -> "pd.DataFrame":
        """Effect of each cohort at each time."""
        import pandas as pd

        rows = [
            (
                laid.times[laid.kinds[cohort]],
                laid.times[time],
                float((weights * means).sum()),
                len(laid.members(laid.kinds[cohort])),
                against,
            )
            for cohort, time, weights, against in self.cells
        ]
        columns = ["treated_from", "ds", "effect", "units", "control_units"]
        return pd.DataFrame(rows, columns=columns)


def cohorts(series: Any, what: str) -> Cohorts:
    """Read the frame, and leave out what cannot be compared."""
    rows = read_series(series, what)
    if "treated_from" not in rows:
        raise TableError(
            what,
            got=f"no column 'treated_from' among {', '.join(map(repr, rows.columns))}",
            expected="the first treated period of each series, missing where there is none",
            hint="series['treated_from'] = series['unique_id'].map(starts)",
        )
    mixed = rows.groupby("unique_id")["treated_from"].nunique(dropna=False)
    if (mixed > 1).any():
        raise InputError(
            what,
            got=f"two values of treated_from of {mixed.index[mixed > 1][0]!r}",
            expected="one for all rows of a series",
            hint="series['treated_from'] = series.groupby('unique_id')['treated_from']"
            ".transform('min')",
        )
    notes: list[str] = []
    wide = whole(rectangle(rows), notes)
    starts = rows.drop_duplicates("unique_id").set_index("unique_id")["treated_from"]
    places = _places(wide.columns, starts.loc[wide.index], what)
    always = places == 0
    if always.any():
        notes.append(
            f"left out, since they were treated from the first period on: "
            f"{listed(list(wide.index[always]))}"
        )
    values, places = wide.to_numpy(float)[~always], places[~always]
    if not (places < len(wide.columns)).any():
        raise InputError(
            what,
            got="no series that begins to be treated" + (f"; {notes[0]}" if notes else ""),
            expected="a treated_from after the first period for some of them",
            hint="see series.groupby('unique_id')['treated_from'].first()",
        )
    return Cohorts(wide.columns, values, places, np.unique(places), tuple(notes))


def _places(times: "pd.Index[Any]", starts: "pd.Series[Any]", what: str) -> np.ndarray:
    there = starts.notna().to_numpy()
    places = np.full(len(starts), len(times))
    try:
        found = times.searchsorted(starts[there].astype(times.dtype).to_numpy())
    except (TypeError, ValueError) as error:
        raise InputError(
            what,
            got=f"treated_from of type {starts.dtype}, and ds of type {times.dtype}",
            expected="both of one kind",
            hint="series['treated_from'] = pandas.to_datetime(series['treated_from'])",
        ) from error
    places[there] = found
    return places


def operator(
    laid: Cohorts,
    *,
    controls: str,
    anticipation: int,
    window: tuple[int, int] | None,
    what: str,
) -> Operator:
    """Lay out every comparison as weights of the mean paths of cohorts."""
    periods = len(laid.times)
    cells = []
    for cohort, kind in enumerate(laid.kinds):
        base = kind - 1 - anticipation
        if kind == periods or base < 0:
            continue
        for time in range(periods):
            since = time - kind
            if window is not None and not window[0] <= since <= window[1]:
                continue
            clean = laid.starts > max(time, base) + anticipation
            clean &= laid.starts != kind
            if controls == "never":
                clean &= laid.starts == periods
            if not clean.any():
                continue
            weights = np.zeros((len(laid.kinds), periods))
            shares = np.array([(laid.starts[clean] == each).mean() for each in laid.kinds])
            for place, sign in ((time, 1.0), (base, -1.0)):
                weights[:, place] -= sign * shares
                weights[cohort, place] += sign
            cells.append((cohort, time, weights, int(clean.sum())))
    sizes = np.array([len(laid.members(kind)) for kind in laid.kinds])
    since = np.array([time - laid.kinds[cohort] for cohort, time, _, _ in cells])
    if not (since >= 0).any():
        raise InputError(
            what,
            got="no untreated series to compare a treated one with",
            expected="some that are never treated, or treated later",
            hint="controls='not_yet', or further series in the frame",
        )
    counts = np.array([sizes[cohort] for cohort, _, _, _ in cells])
    stacked = np.array([weights for _, _, weights, _ in cells])
    times = np.unique(since)
    groups = [since == each for each in times] + [since >= 0]
    rows = [np.average(stacked[g], axis=0, weights=counts[g]) for g in groups]
    units = np.array([counts[g].sum() for g in groups[:-1]])
    return Operator(times, units, np.array(rows), tuple(cells))


def resampled(
    laid: Cohorts, made: Operator, rng: np.random.Generator, draws: int, *, what: str
) -> np.ndarray:
    """Errors of the effects by chance: draws x rows of the operator."""
    residuals, whose = laid.residuals()
    if len(residuals) < _LEAST:
        raise InputError(
            what,
            got=f"{len(residuals)} series that share their start (or lack of one) with another",
            expected=f"at least {_LEAST}: their differences are the measure of chance",
            hint="more untreated series",
        )
    means = np.empty((draws, len(laid.kinds), len(laid.times)))
    for number, kind in enumerate(laid.kinds):
        size = len(laid.members(kind))
        pool = residuals[whose == number] if size >= _OWN else residuals
        picked = rng.multinomial(size, np.full(len(pool), 1 / len(pool)), draws)
        means[:, number] = picked @ pool / size
    errors = made.apply(means)
    centred: np.ndarray = errors - errors.mean(axis=0)
    return centred
