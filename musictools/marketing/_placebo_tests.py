"""Placebo tests on a history: what three designs would have found where nothing happened.

Each gives, for every run and effect, whether the effect is found. Effects are relative and are
injected into the periods of the test; everything else is the reader's own history.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from musictools.errors import InputError
from musictools.marketing._history import History

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

WHAT = "work out the power of a test"


@dataclass(frozen=True)
class Setting:
    """Length of a test and of what goes before it, and when an effect counts as found."""

    duration: int
    pre: int
    alpha: float
    runs: int


@dataclass(frozen=True)
class Found:
    """What was found, shape (runs, effects), and how sure one test would be.

    ``error`` is the typical standard error of a relative effect; ``independent`` is the number of
    tests that share no data.
    """

    detected: Bools
    error: float
    independent: int


def geo(
    history: History,
    treated: list[str] | int,
    setting: Setting,
    effects: Floats,
    rng: np.random.Generator,
) -> Found:
    """Differences in differences: log growth of treated units against the others, pooled t."""
    from scipy.stats import t as student

    units, _ = history.y.shape
    starts = _starts(history, setting)
    count = treated if isinstance(treated, int) else len(treated)
    if isinstance(treated, int):
        begin = rng.choice(starts, setting.runs)
        chosen = np.argsort(rng.random((setting.runs, units)), axis=1)[:, :count]
    else:
        begin = _dates(starts, setting.runs, rng)
        chosen = np.tile(history.rows(treated), (len(begin), 1))
    growth = _growth(history.y, begin, setting, history.names)
    mask = np.zeros(growth.shape, dtype=bool)
    np.put_along_axis(mask, chosen, values=True, axis=1)
    inside, outside = growth[mask].reshape(-1, count), growth[~mask].reshape(-1, units - count)
    free = units - 2
    squares = inside.var(axis=1) * count + outside.var(axis=1) * (units - count)
    error = np.sqrt(squares / free * (1.0 / count + 1.0 / (units - count)))
    gap = inside.mean(axis=1) - outside.mean(axis=1)
    # A history without any noise would divide by nothing.
    t = (gap[:, None] + np.log1p(effects)[None, :]) / np.maximum(error, 1e-12)[:, None]
    independent = _windows(history, setting)
    if isinstance(treated, int):
        independent *= max(1, units // count)
    critical = float(student.ppf(1.0 - setting.alpha / 2.0, free))
    return Found(_right(t, critical, effects), float(np.median(error)), independent)


def pre_post(
    history: History,
    treated: list[str] | int,
    setting: Setting,
    effects: Floats,
    rng: np.random.Generator,
) -> Found:
    """Growth of the sum of units, against its growth at all dates that share no data with it."""
    total = summed(history, treated)
    starts = _starts(total, setting)
    growth = _growth(total.y, starts, setting, total.names)[:, 0]
    at = np.searchsorted(starts, _dates(starts, setting.runs, rng))
    detected, errors = [], []
    for place in at:
        apart = np.abs(starts - starts[place]) >= setting.duration + setting.pre
        others = growth[apart]
        if len(others) + 1 < 1.0 / setting.alpha:
            raise too_short(history, setting, "dates apart from each other to compare with")
        middle = others.mean()
        deviations = wider(len(others), setting) * np.sort(np.abs(others - middle))
        z = growth[place] + np.log1p(effects) - middle
        beyond = len(deviations) - np.searchsorted(deviations, np.abs(z) - 1e-12)
        p = (1.0 + beyond) / (1.0 + len(deviations))
        detected.append((p <= setting.alpha) & _same_sign(z, effects))
        errors.append(others.std())
    independent = _windows(total, setting)
    return Found(np.array(detected), float(np.median(errors)), independent)


def wider(count: int, setting: Setting) -> float:
    """How much further than others a new date strays, whose middle and spread are estimates.

    As in an interval of Student's t for one more value, of as many as share no period.
    """
    from scipy.stats import norm
    from scipy.stats import t as student

    apart = max(3.0, count / (setting.duration + setting.pre))
    tail = setting.alpha / 2.0
    return float(np.sqrt(1.0 + 1.0 / apart) * student.isf(tail, apart - 1.0) / norm.isf(tail))


def switchback(
    history: History,
    treated: list[str] | int,
    setting: Setting,
    effects: Floats,
    rng: np.random.Generator,
    *,
    block: int,
    carry: float,
    washout: int = 0,
) -> Found:
    """On and off in turns: pairs of blocks in random order, and a paired t of their logs.

    The first periods of each block, as many as are for washout, are not used.
    """
    from scipy.stats import t as student

    total = summed(history, treated)
    pairs = setting.duration // (2 * block)
    if pairs < 3:
        raise InputError(
            WHAT,
            got=f"duration={setting.duration} with blocks of {block}",
            expected="three pairs of blocks or more",
            hint=f"duration={6 * block}",
        )
    length = 2 * block * pairs
    if length > len(total.times):
        raise too_short(total, Setting(length, 0, setting.alpha, setting.runs), f"{length} periods")
    starts = np.arange(total.y.shape[1] - length + 1)
    begin = rng.choice(starts, setting.runs)
    y = total.y[0][begin[:, None] + np.arange(length)[None, :]]
    if (y <= 0).any():
        raise _nothing(total.names[0])
    first = rng.random((setting.runs, pairs)) < 0.5
    on = np.stack([first, ~first], axis=2).repeat(block, axis=2).reshape(setting.runs, length)
    dose = np.zeros(on.shape)
    level = np.zeros(setting.runs)
    for step in range(length):
        level = (1.0 - carry) * on[:, step] + carry * level
        dose[:, step] = level
    t, errors = [], []
    for effect in effects:
        blocks = (y * (1.0 + effect * dose)).reshape(setting.runs, pairs, 2, block)
        blocks = blocks[..., washout:].mean(axis=3)
        gap = np.log(blocks[:, :, 0] / blocks[:, :, 1]) * np.where(first, 1.0, -1.0)
        error = gap.std(axis=1, ddof=1) / np.sqrt(pairs)
        errors.append(np.median(error))
        t.append(gap.mean(axis=1) / np.maximum(error, 1e-12))
    critical = float(student.ppf(1.0 - setting.alpha / 2.0, pairs - 1))
    # Other coins are another test of the same weeks.
    independent = min(setting.runs, max(1, total.y.shape[1] // length) * 2**pairs)
    return Found(_right(np.array(t).T, critical, effects), float(np.median(errors)), independent)


def by_estimator(
    history: History,
    treated: list[str] | int,
    setting: Setting,
    effects: Floats,
    rng: np.random.Generator,
    *,
    estimator: Callable[..., Any],
) -> Found:
    """Ask an estimator of the reader's about each run and effect."""
    starts = _starts(history, setting)
    if isinstance(treated, int):
        begin = rng.choice(starts, setting.runs)
    else:
        begin = _dates(starts, setting.runs, rng)
    detected = np.zeros((len(begin), len(effects)), dtype=bool)
    spread = []
    for run, start in enumerate(begin):
        if isinstance(treated, int):
            rows = np.sort(rng.choice(len(history.names), treated, replace=False))
        else:
            rows = history.rows(treated)
        names = [history.names[row] for row in rows]
        first, last = start - setting.pre, start + setting.duration
        for place, effect in enumerate(effects):
            y = history.y.copy()
            y[rows, start:last] *= 1.0 + effect
            table = history.long(y, first, last)
            answer = estimator(table, treated=names, start=history.times[start])
            size, p = _answer(answer)
            sign = effect == 0 or np.sign(size) == np.sign(effect)
            detected[run, place] = p <= setting.alpha and sign
            if effect == 0:
                spread.append(size / history.y[rows, first:start].mean())
    independent = _windows(history, setting)
    if isinstance(treated, int):
        independent *= max(1, len(history.names) // treated)
    return Found(detected, float(np.std(spread)) if spread else np.nan, independent)


def summed(history: History, treated: list[str] | int) -> History:
    """One unit that is the sum of some, or of all where no names are given."""
    rows = np.arange(len(history.names)) if isinstance(treated, int) else history.rows(treated)
    name = history.names[rows[0]] if len(rows) == 1 else f"sum of {len(rows)} units"
    return History([name], history.times, history.y[rows].sum(axis=0, keepdims=True))


def too_short(history: History, setting: Setting, lacking: str) -> InputError:
    """Make the error of a history in which the test does not fit."""
    return InputError(
        WHAT,
        got=f"{history.y.shape[1]} periods for a test of {setting.duration} after {setting.pre}",
        expected=lacking,
        hint="a longer history, a shorter duration= or a shorter pre=",
    )


def _starts(history: History, setting: Setting) -> npt.NDArray[np.int64]:
    starts = np.arange(setting.pre, history.y.shape[1] - setting.duration + 1)
    if not len(starts):
        raise too_short(history, setting, f"at least {setting.pre + setting.duration} periods")
    return starts


def _dates(
    starts: npt.NDArray[np.int64], runs: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """All dates, or as many of them as there are runs."""
    if len(starts) <= runs:
        return starts
    return np.sort(rng.choice(starts, runs, replace=False))


def _windows(history: History, setting: Setting) -> int:
    return max(1, (len(history.times) - setting.pre) // setting.duration)


def _growth(y: Floats, starts: npt.NDArray[np.int64], setting: Setting, names: list[str]) -> Floats:
    """Log of the mean after over the mean before each start, shape (starts, units)."""
    sums = np.concatenate([np.zeros((len(y), 1)), np.cumsum(y, axis=1)], axis=1)
    after = (sums[:, starts + setting.duration] - sums[:, starts]) / setting.duration
    before = (sums[:, starts] - sums[:, starts - setting.pre]) / setting.pre
    bad = ((after <= 0) | (before <= 0)).any(axis=1)
    if bad.any():
        raise _nothing(names[int(np.argmax(bad))])
    growth: Floats = np.log(after / before).T
    return growth


def _nothing(name: str) -> InputError:
    return InputError(
        WHAT,
        got=f"periods in which {name!r} has nothing, or less",
        expected="values above 0 before and during each test, since effects are relative",
        hint=f"series[series.unique_id != {name!r}], or sum small units",
    )


def _right(t: Floats, critical: float, effects: Floats) -> Bools:
    """Beyond the critical value, and on the side of the effect where there is one."""
    found: Bools = (np.abs(t) >= critical) & _same_sign(t, effects)
    return found


def _same_sign(value: Floats, effects: Floats) -> Bools:
    same: Bools = (effects == 0) | (np.sign(value) == np.sign(effects))
    return same


@dataclass(frozen=True)
class _Named:
    """Attributes, asked for like the keys of a dict."""

    of: Any

    def __getitem__(self, name: str) -> Any:
        return getattr(self.of, name)


def _answer(answer: Any) -> tuple[float, float]:
    """Effect and p-value of whatever an estimator gives."""
    named = answer if isinstance(answer, Mapping) else _Named(answer)
    try:
        size, p = float(named["effect"]), float(named["p_value"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            WHAT,
            got=f"an estimator that gives {type(answer).__name__}",
            expected="a result with .effect and .p_value, or a dict of them",
            hint="estimator=functools.partial(mt.marketing.impact, method='did')",
        ) from error
    return size, p
