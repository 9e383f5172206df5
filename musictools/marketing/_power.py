"""power(): how small an effect a test would find, tried out on the reader's own history."""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musictools._card import Table
from musictools._checks import check_number, generator
from musictools._counts import counted
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError, closest
from musictools.marketing import _placebo_tests as tests
from musictools.marketing._history import (
    History,
    check_units,
    read_history,
    seed_of,
)
from musictools.marketing._placebo_tests import WHAT, Found, Setting

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Power", "power"]

_DESIGNS = ("geo", "pre_post", "switchback")
#: Effects of a grid of our own: fine where answers are quick, coarse where each is a fit.
_FINE, _COARSE = 41, 6
#: Fewer tests that share no data say little about the next one.
_FEW = 20


@dataclass(frozen=True, kw_only=True, repr=False)
class Power(Result):
    """How often a test finds an effect, by the size of the effect and the length of the test.

    Attributes
    ----------
    design : str
        ``geo``, ``pre_post`` or ``switchback``.
    mde : float
        Minimum detectable effect, relative, of the first duration: the smallest that is found
        with the power asked for; NaN where none of the effects tried is.
    mde_per_period : float
        The same in the unit of y: a part of the mean of the treated, of a period.
    false_positive : float
        How often something is found where nothing happened; the level promises 1 - level / 100.
    target : float
        Power asked for.
    level : float
        Confidence of the test, per cent.
    treated : int
        Units that are treated; of a sum, the number of its units.
    runs : int
        Placebo tests of the first duration.
    verdict : str
        All of that in words.
    by_duration : pandas.DataFrame
        duration, mde, false_positive, runs, independent (placebo tests that share no data).
    curve : pandas.DataFrame
        duration, effect, power, lo_90, hi_90 (Wilson interval for the tests that share no data).
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "power_curve"
    _called: ClassVar[str] = "Power of a test"

    design: str
    mde: float
    mde_per_period: float
    false_positive: float
    target: float
    level: float
    treated: int
    runs: int
    verdict: str
    by_duration: "pd.DataFrame"
    curve: "pd.DataFrame"

    def to_frame(self) -> "pd.DataFrame":
        """Give the curve.

        Returns
        -------
        pandas.DataFrame
            duration, effect, power, lo_90, hi_90.
        """
        return self.curve.copy()

    def _tables(self) -> Iterable[Table]:
        return [("By duration", self.by_duration)]


def power(  # noqa: PLR0913 - every one is a choice of the test
    series: "pd.DataFrame",
    *,
    treated: str | Sequence[str] | int | None = None,
    duration: int | Sequence[int] = 4,
    pre: int | None = None,
    design: str = "geo",
    effects: Sequence[float] | None = None,
    estimator: Callable[..., Any] | None = None,
    target: float = 0.8,
    level: float = 90,
    block: int = 1,
    carry: float = 0.0,
    washout: int = 0,
    runs: int | None = None,
    rng: int | np.random.Generator | None = None,
) -> Power:
    """Work out what effect a test could find, by placebo tests on a history.

    At many dates of the history a test is pretended and an effect of known size put in. How often
    it is found is the power; how often something is found without any is the false-positive rate.

    Parameters
    ----------
    series : pandas.DataFrame
        The ``series`` table: unique_id, ds, y; no gaps, without known events if possible.
    treated : str, sequence of str or int, optional
        Units of the test, or how many are drawn at random for each placebo (a fifth of them
        without it). ``pre_post`` and ``switchback`` look at the sum of the named, or of all.
    duration : int or sequence of int
        Periods of the test; several to compare.
    pre : int, optional
        Periods before it that are compared with; twice the longest duration, and 8 at least,
        without it.
    design : str
        ``geo``: treated units against the others. ``pre_post``: after against before.
        ``switchback``: on and off in turns, in pairs of blocks of random order.
    effects : sequence of float, optional
        Relative effects to try, all of one sign; 0 is always tried. Without it a grid that reaches
        well beyond what can be found.
    estimator : callable, optional
        Called with (series, treated=, start=), gives .effect and .p_value, such as
        ``functools.partial(mt.marketing.impact, method="did")``. It is asked runs x effects times.
    target : float
        Power that is asked for, 0.05 to 0.99.
    level : float
        Confidence, per cent, 50 to 99.9.
    block : int
        Periods of a block of ``switchback``.
    carry : float
        Part of the effect that is carried over into the next period of ``switchback``, which
        blurs it; 0 to 0.95.
    washout : int
        Periods at the beginning of each block of ``switchback`` that are not used.
    runs : int, optional
        Placebo tests; 1000 without it, 50 with an estimator. Where units are named, no more than
        there are dates.
    rng : int or numpy.random.Generator, optional
        Seed.

    Returns
    -------
    Power
        Minimum detectable effect, curve and verdict.

    Raises
    ------
    TableError
        If the history has gaps or doubles.
    InputError
        If it is too short for the test, or an argument is out of range.

    Notes
    -----
    Without an estimator, ``geo`` compares the log growth (mean of the test over mean before it) of
    treated units with that of the others by a t test of pooled variance, whose level holds where
    it is chance who is treated. ``pre_post`` compares the growth with that at all other dates of
    which no period is shared (these spread a little wider, as in an interval for one more value),
    and needs many of them; a trend that stays is allowed for, a season is not. ``switchback`` is a
    paired t test of the logs of blocks. Effects are relative: y of a treated period becomes
    (1 + effect) y.

    Measured on simulated panels with season, trend and noise that may be correlated and have heavy
    tails, at a level of 90: something is found where nothing happened in 10 % (geo, random units;
    30 % and more where those are picked that grow anyway), 2 to 9 % (pre_post) and 10 %
    (switchback) of tests. What it is on your history is in ``false_positive``.

    Examples
    --------
    >>> import musictools as mt
    >>> history = mt.datasets.simulate_panel(effect=0.0, rng=1).series
    >>> found = mt.marketing.power(history, treated=8, duration=[4, 8], rng=1)
    >>> found.by_duration["duration"].tolist(), bool(0 < found.mde < 0.1)
    ([4, 8], True)
    """
    history = read_history(series, WHAT)
    lengths = _durations(duration, block if design == "switchback" else 1)
    units = _treated(history, treated, design)
    before = (
        max(8, 2 * max(lengths))
        if pre is None
        else int(check_number(WHAT, "pre", pre, (1, 10_000)))
    )
    method = _method(design, estimator, block, (carry, washout))
    number = (1_000 if estimator is None else 50) if runs is None else runs
    count = int(check_number(WHAT, "runs", number, (10, 1_000_000)))
    goal = check_number(WHAT, "target", target, (0.05, 0.99))
    alpha = 1.0 - check_number(WHAT, "level", level, (50.0, 99.9)) / 100.0
    grid = None if effects is None else _grid(effects)
    chance = generator(rng, WHAT)
    made = []
    for length in lengths:
        setting = Setting(length, before, alpha, count)
        own = grid if grid is not None else _own_grid(history, units, design, setting, estimator)
        made.append((length, own, method(history, units, setting, own, chance)))
    kept = {
        "treated": treated if isinstance(treated, int | str | None) else list(treated),
        "duration": lengths,
        "pre": before,
        "estimator": None if estimator is None else repr(estimator),
        "block": block,
        "carry": carry,
        "washout": washout,
        "rng": seed_of(rng),
    }
    return _result((history, units, design), made, (goal, float(level)), kept)


def _result(
    tested: tuple[History, list[str] | int, str],
    made: list[tuple[int, np.ndarray, Found]],
    wanted: tuple[float, float],
    kept: dict[str, Any],
) -> Power:
    history, units, design = tested
    table, curve = _tables(made, wanted[0])
    first = table.iloc[0]
    rows = history.rows(units) if isinstance(units, list) else np.arange(len(history.names))
    mean = float(history.y[rows].mean())
    if design == "geo":
        named = len(units) if isinstance(units, list) else units
    else:
        # What is looked at is the sum.
        mean, named = mean * len(rows), len(rows)
    most = float(curve["effect"].abs().max())
    return Power(
        design=design,
        mde=float(first["mde"]),
        mde_per_period=float(first["mde"]) * mean,
        false_positive=float(first["false_positive"]),
        target=wanted[0],
        level=wanted[1],
        treated=named,
        runs=int(first["runs"]),
        verdict=_words(table, wanted[0], 1.0 - wanted[1] / 100.0, most),
        by_duration=table,
        curve=curve,
        provenance={"musictools": __version__, "function": "power", "design": design, **kept},
    )


def _durations(duration: object, block: int) -> list[int]:
    asked = [duration] if isinstance(duration, int | np.integer) else duration
    if not isinstance(asked, Sequence | np.ndarray | range) or isinstance(asked, str):
        raise InputError(WHAT, got=f"duration={duration!r}", expected="periods", hint="duration=4")
    found = [int(check_number(WHAT, "duration", each, (1, 10_000))) for each in asked]
    if not found:
        raise InputError(WHAT, got="no duration", expected="periods", hint="duration=4")
    check_number(WHAT, "block", block, (1, 10_000))
    return list(dict.fromkeys(found))


def _treated(history: History, treated: object, design: str) -> list[str] | int:
    """Names, or how many to draw."""
    if design not in _DESIGNS:
        raise InputError(
            WHAT,
            got=f"design={design!r}",
            expected="one of " + ", ".join(map(repr, _DESIGNS)),
            hint=closest(str(design), _DESIGNS),
        )
    units = len(history.names)
    if design == "geo" and units < 3:
        raise InputError(
            WHAT,
            got=counted(units, "unit"),
            expected="three or more for a geo test",
            hint="design='pre_post' or 'switchback' for one series",
        )
    if treated is None or (isinstance(treated, int | np.integer) and design != "geo"):
        return max(1, units // 5)
    if isinstance(treated, int | np.integer):
        return int(check_number(WHAT, "treated", treated, (1, units - 1)))
    names = check_units(history, treated, WHAT)
    if design == "geo" and len(names) == units:
        raise InputError(
            WHAT,
            got="all units treated",
            expected="others to compare with",
            hint="design='pre_post', which needs none",
        )
    return names


def _method(
    design: str, estimator: object, block: int, blur: tuple[float, int]
) -> Callable[..., Found]:
    kept = check_number(WHAT, "carry", blur[0], (0.0, 0.95))
    dropped = int(check_number(WHAT, "washout", blur[1], (0, block - 1)))
    if estimator is None:
        if design == "switchback":
            return functools.partial(tests.switchback, block=block, carry=kept, washout=dropped)
        return tests.geo if design == "geo" else tests.pre_post
    if not callable(estimator) or design == "switchback":
        raise InputError(
            WHAT,
            got=f"estimator={estimator!r} of a design {design!r}",
            expected="a callable, for geo or pre_post",
            hint="leave estimator out",
        )
    asked = functools.partial(tests.by_estimator, estimator=estimator)
    if design == "geo":
        return asked

    def of_sum(history: History, units: list[str] | int, *rest: Any) -> Found:
        total = tests.summed(history, units)
        return asked(total, list(total.names), *rest)

    return of_sum


def _grid(effects: Sequence[float]) -> np.ndarray:
    try:
        grid = np.unique(np.append(np.asarray(effects, dtype=float), 0.0))
    except (TypeError, ValueError) as error:
        raise InputError(
            WHAT, got=f"effects={effects!r}", expected="numbers", hint="effects=[0.05, 0.1]"
        ) from error
    one_sign = grid.min() >= 0 or grid.max() <= 0
    if not np.isfinite(grid).all() or grid.min() <= -1 or not one_sign or len(grid) == 1:
        raise InputError(
            WHAT,
            got=f"effects={effects!r}",
            expected="finite numbers above -1, of one sign, one of them not 0",
            hint="effects=[0.05, 0.1], which are 5 % and 10 %",
        )
    return grid[np.argsort(np.abs(grid))]


def _own_grid(
    history: History,
    units: list[str] | int,
    design: str,
    setting: Setting,
    estimator: object,
) -> np.ndarray:
    """Effects from 0 to well beyond what can be found, by the error of a plain test."""
    plain = {"geo": tests.geo, "pre_post": tests.pre_post}.get(design)
    if plain is None:
        # Blocks of a series vary as its periods do.
        total = tests.summed(history, units).y[0]
        change = np.diff(np.log(np.maximum(total, 1e-300)))
        error = float(np.std(change)) / np.sqrt(max(1, setting.duration // 2))
    else:
        quick = Setting(setting.duration, setting.pre, setting.alpha, min(setting.runs, 200))
        error = plain(history, units, quick, np.zeros(1), np.random.default_rng(0)).error
    reach = max(7.0 * error, 1e-6)
    return np.linspace(
        0.0, float(np.expm1(min(reach, 3.0))), _FINE if estimator is None else _COARSE
    )


def _tables(
    made: list[tuple[int, np.ndarray, Found]], goal: float
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    import pandas as pd

    rows, curves = [], []
    for length, effects, found in made:
        runs = len(found.detected)
        share = found.detected.mean(axis=0)
        independent = min(runs, found.independent)
        low, high = _wilson(share, independent)
        curves.append(
            pd.DataFrame(
                {"duration": length, "effect": effects, "power": share, "lo_90": low, "hi_90": high}
            )
        )
        rows.append((length, _smallest(effects, share, goal), float(share[0]), runs, independent))
    columns = ["duration", "mde", "false_positive", "runs", "independent"]
    return pd.DataFrame(rows, columns=columns), pd.concat(curves, ignore_index=True)


def _smallest(effects: np.ndarray, share: np.ndarray, goal: float) -> float:
    """Effect at which the curve first stays at the goal, between two that were tried."""
    # What a test finds at effect 0 is no power.
    curve = np.concatenate([[0.0], share[1:]])
    rising = np.minimum.accumulate(curve[::-1])[::-1]
    at = int(np.argmax(rising >= goal))
    if rising[at] < goal:
        return float("nan")
    low, high = rising[at - 1], rising[at]
    part = (goal - low) / (high - low)
    return float(effects[at - 1] + part * (effects[at] - effects[at - 1]))


def _wilson(share: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Interval of 90 % for a share."""
    z = 1.6448536269514722
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    spread = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    # At 0 and 1 the limit is the share itself, but for rounding.
    return np.clip(middle - spread, 0.0, share), np.clip(middle + spread, share, 1.0)


def _words(table: "pd.DataFrame", goal: float, alpha: float, most: float) -> str:
    said = []
    for duration, mde in zip(table["duration"], table["mde"].astype(float), strict=True):
        of = f"A test of {counted(duration, 'period')}"
        if np.isnan(mde):
            said.append(f"{of} finds no effect up to {most:.1%} in {goal:.0%} of cases.")
        else:
            said.append(f"{of} finds an effect of {mde:.1%} in {goal:.0%} of cases.")
    first = table.iloc[0]
    rate, count = float(first["false_positive"]), int(first["independent"])
    low, high = (float(each[0]) for each in _wilson(np.array([rate]), count))
    if low > alpha:
        said.append(
            f"It finds something in {rate:.0%} of cases where nothing happened, and {alpha:.0%} "
            "was promised: do not trust it with these units."
        )
    elif high < alpha:
        said.append(f"Where nothing happened it finds something in {rate:.0%}: it is careful.")
    if count < _FEW:
        said.append(
            f"The history holds only {counted(count, 'test')} without shared data, so these "
            "numbers are rough."
        )
    return " ".join(said)
