"""geo_test(): who gets the campaign, by lot, in a way that makes the groups alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from musictools._checks import check_number, generator
from musictools._counts import counted
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError, closest
from musictools.marketing._history import (
    History,
    check_units,
    read_history,
    seed_of,
)
from musictools.marketing._matched_markets import likeness, pairs

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GeoTest", "geo_test"]

_WHAT = "assign a geo test"
_METHODS = ("pairs", "rerandomised", "complete")
#: Lots that are drawn to keep the best one in a hundred.
_LOTS = 1_000


@dataclass(frozen=True, kw_only=True, repr=False)
class GeoTest(Result):
    """Who gets the campaign and who does not.

    Attributes
    ----------
    method : str
        How the lot was drawn.
    n_treated, n_control : int
        Units in each arm.
    level_difference : float
        Log of the mean level of the treated less that of the controls.
    distance : float
        Standard deviation of the log of the ratio of the arms' geometric means; 0.03 is about 3 %.
    correlation : float
        Of the changes of the two means from period to period.
    verdict : str
        How alike the arms are, in words.
    assignment : pandas.DataFrame
        unit, arm (``treated``, ``control`` or ``left out``), pair (number, missing without pairs).
    series : pandas.DataFrame
        Geometric mean of each arm, in which every unit counts as much as another, as in the test
        that ``power`` tries: unique_id (``treated``, ``control``), ds, y.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "geo_test"
    _called: ClassVar[str] = "Geo test"
    _caption: ClassVar[str] = "Arms"

    method: str
    n_treated: int
    n_control: int
    level_difference: float
    distance: float
    correlation: float
    verdict: str
    assignment: "pd.DataFrame"
    series: "pd.DataFrame"

    @property
    def treated(self) -> list[str]:
        """Names of the treated units, for ``power`` and ``impact``."""
        return list(self.assignment.loc[self.assignment["arm"] == "treated", "unit"])

    def to_frame(self) -> "pd.DataFrame":
        """Give the assignment.

        Returns
        -------
        pandas.DataFrame
            unit, arm, pair.
        """
        return self.assignment.copy()


def geo_test(
    series: "pd.DataFrame",
    *,
    treated: int | None = None,
    method: str = "pairs",
    exclude: str | Sequence[str] = (),
    rng: int | np.random.Generator | None = None,
) -> GeoTest:
    """Draw by lot which cities or territories get a campaign.

    Parameters
    ----------
    series : pandas.DataFrame
        The ``series`` table of a history: unique_id, ds, y; no gaps, all above 0.
    treated : int, optional
        How many get it; half of them without it. With pairs, one of each of so many pairs, those
        that are most alike; the other pairs are left out.
    method : str
        ``pairs``: of two that moved alike, a coin decides. ``rerandomised``: of 1,000 lots one of
        the ten in which the arms moved most alike (Morgan and Rubin 2012). ``complete``: any lot.
    exclude : str or sequence of str
        Units that take no part.
    rng : int or numpy.random.Generator, optional
        Seed. Keep it: it shows that the lot was not chosen.

    Returns
    -------
    GeoTest
        The assignment and how alike the arms are.

    Raises
    ------
    TableError
        If the history has gaps or doubles.
    InputError
        If there are too few units or periods, or an argument is out of range.

    References
    ----------
    K. L. Morgan, D. B. Rubin (2012): Rerandomization to improve covariate balance in experiments.
    Annals of Statistics 40(2), 1263-1282.

    Examples
    --------
    >>> import musictools as mt
    >>> history = mt.datasets.simulate_panel(units=10, effect=0.0, rng=1).series
    >>> test = mt.marketing.geo_test(history, rng=1)
    >>> test.n_treated, test.n_control
    (5, 5)
    >>> found = mt.marketing.power(history, treated=test.treated, rng=1)
    """
    history = read_history(series, _WHAT)
    chance = generator(rng, _WHAT)
    distance, _ = likeness(history, _WHAT)
    if method not in _METHODS:
        raise InputError(
            _WHAT,
            got=f"method={method!r}",
            expected="one of " + ", ".join(map(repr, _METHODS)),
            hint=closest(str(method), _METHODS),
        )
    barred = [] if len(exclude) == 0 else check_units(history, exclude, _WHAT, "exclude")
    rows = history.rows([name for name in history.names if name not in barred])
    if len(rows) < 2:
        raise InputError(
            _WHAT, got=counted(len(rows), "unit"), expected="two or more", hint="exclude fewer"
        )
    most = len(rows) // 2 if method == "pairs" else len(rows) - 1
    number = len(rows) // 2 if treated is None else treated
    count = int(check_number(_WHAT, "treated", number, (1, most)))
    pair = np.full(len(history.names), np.nan)
    if method == "pairs":
        made = pairs(distance, rows.tolist())
        made = sorted(made, key=lambda two: float(distance[two]))[:count]
        for place, two in enumerate(made, start=1):
            pair[list(two)] = place
        coins = chance.integers(0, 2, count)
        inside = np.array([two[coin] for two, coin in zip(made, coins, strict=True)])
        outside = np.array([two[1 - coin] for two, coin in zip(made, coins, strict=True)])
    else:
        inside, outside = _lot(history, rows, count, chance, best=method == "rerandomised")
    return _result(history, (inside, outside, pair), method, seed_of(rng))


def _lot(
    history: History, rows: np.ndarray, count: int, rng: np.random.Generator, *, best: bool
) -> tuple[np.ndarray, np.ndarray]:
    lots = rng.permuted(np.tile(rows, (_LOTS if best else 1, 1)), axis=1)
    chosen = lots[0]
    if best:
        inside = np.zeros((_LOTS, len(history.names)))
        np.put_along_axis(inside, lots[:, :count], 1.0 / count, axis=1)
        np.put_along_axis(inside, lots[:, count:], -1.0 / (len(rows) - count), axis=1)
        apart = (inside @ np.log(history.y)).std(axis=1)
        keep = np.argsort(apart, kind="stable")[: _LOTS // 100]
        chosen = lots[int(rng.choice(keep))]
    return chosen[:count], chosen[count:]


def _result(
    history: History,
    arms: tuple[np.ndarray, np.ndarray, np.ndarray],
    method: str,
    seed: int | None,
) -> GeoTest:
    import pandas as pd

    inside, outside, pair = arms
    names = np.full(len(history.names), "left out", dtype=object)
    names[inside], names[outside] = "treated", "control"
    assignment = pd.DataFrame({"unit": history.names, "arm": names, "pair": pair})
    logs = [np.log(history.y[rows]).mean(axis=0) for rows in (inside, outside)]
    changes = [np.diff(each) for each in logs]
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = float(np.corrcoef(changes[0], changes[1])[0, 1])
    distance = float((logs[0] - logs[1]).std())
    mean = history.y.mean(axis=1)
    level = float(np.log(mean[inside].mean() / mean[outside].mean()))
    series = pd.concat(
        [
            pd.DataFrame({"unique_id": arm, "ds": history.times, "y": np.exp(log)})
            for arm, log in zip(("treated", "control"), logs, strict=True)
        ],
        ignore_index=True,
    )
    verdict = (
        f"{len(inside)} treated and {counted(len(outside), 'control')}; the ratio of their means "
        f"varies by {distance:.1%}. "
        "mt.marketing.power(series, treated=test.treated) says what effect that can show."
    )
    return GeoTest(
        method=method,
        n_treated=len(inside),
        n_control=len(outside),
        level_difference=level,
        distance=distance,
        correlation=correlation,
        verdict=verdict,
        assignment=assignment,
        series=series,
        provenance={
            "musictools": __version__,
            "function": "geo_test",
            "method": method,
            "rng": seed,
        },
    )
