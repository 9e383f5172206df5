"""What a forecaster knows of a series at each step: level, lags, age, runs, season."""

from dataclasses import dataclass, field

import numpy as np

from musictools.trends._read_series import Floats, Panel, Whole

#: Lags whose values are told, in steps.
LAGS = (1, 2, 3, 4, 6, 8, 12)
#: Windows whose means are told.
_WINDOWS = (4, 13, 26, 52)
#: A scale is never less than this part of the largest value so far.
_FLOOR = 0.05
#: Steps over which changes are compared with those of one step, and how far back.
_SPANS = (2, 8)
_BACK = 52
_SCALE_WINDOW = 8


@dataclass(frozen=True)
class State:
    """All steps of a panel as a forecaster sees them; arrays are (series, steps).

    Attributes
    ----------
    y : numpy.ndarray
        Values; NaN before the start.
    scale : numpy.ndarray
        What differences are divided by, from the past alone.
    known : numpy.ndarray of bool
        From the first value on.
    active : numpy.ndarray of bool
        Above zero at that step.
    end : numpy.ndarray
        Number of the last step.
    features : numpy.ndarray, shape (features, series, steps)
        Of the past alone, and free of the series' unit.
    names : list of str
        Names of the features.
    seasons : tuple of int
        Steps of a season.
    extra : dict of str to numpy.ndarray
        Arrays (series, steps + ahead) that are known ahead, read at the target.
    """

    y: Floats
    scale: Floats
    known: np.ndarray
    active: np.ndarray
    end: Whole
    features: np.ndarray
    names: list[str]
    seasons: tuple[int, ...]
    extra: dict[str, Floats] = field(default_factory=dict)


def states(
    panel: Panel,
    *,
    past: dict[str, Floats] | None = None,
    extra: dict[str, Floats] | None = None,
) -> State:
    """Look at every step of a panel."""
    y, known = panel.y, np.isfinite(panel.y)
    filled = np.where(known, y, 0.0)
    age = np.cumsum(known, axis=1)
    top = np.maximum.accumulate(filled, axis=1)
    recent = _mean(filled, known, _SCALE_WINDOW)
    scale = np.maximum(recent, _FLOOR * top)
    scale = np.where(scale > 0, scale, 1.0)
    found: dict[str, Floats] = {
        "level": np.log(scale),
        "now": filled / scale,
        "age": np.log1p(age),
        "top": filled / np.where(top > 0, top, 1.0),
    }
    for lag in LAGS:
        found[f"lag_{lag}"] = _shifted(y, lag) / scale
    for window in _WINDOWS:
        found[f"mean_{window}"] = np.where(
            age > window // 2, _mean(filled, known, window) / scale, np.nan
        )
    steps = np.abs(np.diff(y, axis=1, prepend=np.nan))
    moved = np.isfinite(steps)
    found["swing"] = _mean(np.where(moved, steps, 0.0), moved, 8) / scale
    found |= _wandering(y)
    positive = known & (filled > 0)
    found |= _runs(positive, known, top == filled) | (past or {})
    kept = np.stack([values.astype(np.float32) for values in found.values()])
    seasons = panel.clock.seasons
    names = list(found)
    return State(y, scale, known, positive, panel.end, kept, names, seasons, extra or {})


def _wandering(y: Floats) -> dict[str, Floats]:
    """Compare changes over many steps with those of one: variance ratios (Lo and MacKinlay, 1988).

    Of a random walk, which has nothing to learn, they are one; less where levels are kept to, more
    where ways are. Changes are relative, so that no single leap decides.
    """

    def variance(span: int) -> Floats:
        before = _shifted(y, span)
        total = y + before
        change = (y - before) / np.where(total > 0, total, 1.0)
        seen = np.isfinite(change)
        return _mean(np.where(seen, change, 0.0) ** 2, seen, _BACK) / span

    one = variance(1)
    return {
        f"wander_{span}": np.where(one > 0, variance(span) / np.where(one > 0, one, 1.0), np.nan)
        for span in _SPANS
    }


def _shifted(y: Floats, lag: int) -> Floats:
    out = np.full_like(y, np.nan)
    if lag < y.shape[1]:
        out[:, lag:] = y[:, :-lag]
    return out


def _mean(filled: Floats, known: np.ndarray, window: int) -> Floats:
    """Mean over the last steps, as far as there are any."""
    total, count = np.cumsum(filled, axis=1), np.cumsum(known, axis=1).astype(float)
    for sums in (total, count):
        sums[:, window:] = sums[:, window:] - sums[:, :-window].copy()
    return np.asarray(total / np.maximum(count, 1.0))


def _runs(positive: np.ndarray, known: np.ndarray, peak: np.ndarray) -> dict[str, Floats]:
    """Count steps since things changed: on the chart, off it, since its best, how many stays."""
    column = np.arange(positive.shape[1])[None, :]

    def since(event: np.ndarray) -> Floats:
        last = np.maximum.accumulate(np.where(event, column, -1), axis=1)
        return np.where(last >= 0, column - last, np.nan)

    before = np.concatenate([np.zeros((len(positive), 1), dtype=bool), positive[:, :-1]], axis=1)
    return {
        "off": np.log1p(since(positive)),
        "run": np.log1p(since(known & ~positive)),
        "since_peak": np.log1p(since(peak & positive)),
        "stays": np.cumsum(positive & ~before, axis=1).astype(float),
        "weeks_on": np.cumsum(positive, axis=1).astype(float),
    }


def rows(state: State, series: Whole, column: Whole, ahead: Whole) -> np.ndarray:
    """Give the design matrix of some steps, each with how far ahead it looks."""
    width = state.y.shape[1]
    parts = [state.features[:, series, column].T, ahead[:, None].astype(np.float32)]
    scale = state.scale[series, column]
    for season in state.seasons:
        # The same time of the season, the last that is known at the origin.
        back = np.ceil(ahead / season).astype(int) * season
        at = column + ahead - back
        value = np.where(at >= 0, state.y[series, np.clip(at, 0, width - 1)], np.nan)
        now = np.where(column - season >= 0, state.y[series, np.maximum(column - season, 0)], 0)
        part = np.where(at >= 0, value / scale, np.nan)
        change = np.where((at >= 0) & (column >= season), (value - now) / scale, np.nan)
        number = state.end[series] - (width - 1 - column) + ahead
        phase = (number % season).astype(np.float32)
        parts.append(np.stack([part, change, phase], axis=1).astype(np.float32))
    outside = [values[series, column + ahead][:, None] for values in state.extra.values()]
    parts += [values.astype(np.float32) for values in outside]
    return np.concatenate(parts, axis=1)


def learnable(design: np.ndarray) -> np.ndarray:
    """Put zeros into columns of nothing but NaN, at which scikit-learn fails."""
    empty = ~np.isfinite(design).any(axis=0)
    design[:, empty] = 0.0
    return design
