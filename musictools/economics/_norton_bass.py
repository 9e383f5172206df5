"""norton_bass(): how formats follow each other, as overlapping waves of Bass diffusion."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._checks import generator
from musictools._frames import as_pandas
from musictools._version import __version__
from musictools.economics._market_series import MARKET, check_limits, one_market
from musictools.economics._succession import FormatSuccession
from musictools.errors import InputError, closest
from musictools.trends._growth_curves import bass_share

if TYPE_CHECKING:
    import pandas as pd

_P, _Q = (0.002, 0.03), (0.25, 0.7)
#: A format that is there when the data begin may be as old as this.
_OLD = 40.0
_YOUNG = 6.0
_LOW, _HIGH = np.log([1e-6, 1e-3]), np.log([0.5, 3.0])


@dataclass(frozen=True)
class _Data:
    """Figures of the formats in order, as flat arrays, and what is known about launches."""

    formats: list[str]
    year: np.ndarray
    generation: np.ndarray
    y: np.ndarray
    first: np.ndarray
    begins: np.ndarray
    known: np.ndarray
    shared: bool

    @cached_property
    def free(self) -> np.ndarray:
        """Generations whose launch is estimated."""
        return np.flatnonzero(np.isnan(self.known))


def norton_bass(
    frame: "pd.DataFrame",
    *,
    value: str = "revenue_usd_m",
    formats: Sequence[str] | None = None,
    launches: Mapping[str, float] | None = None,
    shared: bool = True,
    horizon: int = 0,
    level: float = 90,
    rng: int | np.random.Generator | None = 0,
) -> FormatSuccession:
    """Fit the Norton-Bass model of successive generations to the formats of a market.

    Each format spreads by a Bass curve, F(t) = (1 - exp(-(p + q) t)) / (1 + q/p exp(-(p + q) t))
    with t years since its launch, and takes over the buyers of the one before as it does. With
    A_1 = m_1 F_1 and A_g = (m_g + A_(g-1)) F_g, format g sells A_g (1 - F_(g+1)) in a year.

    Parameters
    ----------
    frame : pandas.DataFrame
        Long: ``year``, ``format`` and the column `value`, one figure for each; one region and
        basis. Years without a figure may be missing.
    value : str
        The column to fit: revenue, or units.
    formats : sequence of str, optional
        The generations, oldest first; all in order of their first year otherwise.
    launches : mapping of str to float, optional
        Years of launch that are known (the curve begins there, so the first year with sales is
        later). The others are estimated, with an interval.
    shared : bool
        One p and q for all formats, as Norton and Bass fitted them, or a pair for each.
    horizon : int
        Years to go on with after the last; the model knows of no format to come.
    level : float
        Per cent of the intervals.
    rng : int or numpy.random.Generator, optional
        For a few of the starting points.

    Returns
    -------
    FormatSuccession
        Parameters and curves with intervals, and how well they fit.

    Raises
    ------
    TableError
        If a column is missing.
    InputError
        If the table holds several markets or figures of one year, a format is not in it, a figure
        is not finite, there are fewer figures than parameters need, or an argument is out of range.

    Notes
    -----
    m is linear in the model and solved exactly for each trial of the others, which are searched
    from twelve starts by nonlinear least squares: p from 1e-6 to 0.5, q from 0.001 to 3. Intervals
    come from the curvature at the optimum and Student's t, widened by (1 + r) / (1 - r) where
    neighbouring residuals correlate by r. They hold if the model does. Without bounds on m, a
    format that brings in less than the one it takes over gets an m below zero; Norton and Bass, who
    counted units in use, had none.

    References
    ----------
    J. A. Norton, F. M. Bass (1987): A diffusion theory model of adoption and substitution for
    successive generations of high-technology products. Management Science 33(9), 1069-1086.

    Examples
    --------
    >>> import musictools as mt
    >>> market = mt.datasets.load_market()
    >>> us = market[(market.vintage == "2020-02") & market.format.isin(["download", "streaming"])]
    >>> fit = mt.economics.norton_bass(us, shared=False)
    >>> fit.parameters["format"].tolist(), bool(fit.r_squared > 0.95)
    (['download', 'streaming'], True)
    """
    data = _data(frame, value, formats, launches, shared=shared)
    check_limits("fit successive formats", horizon=horizon, least=0, most=100, level=level)
    theta = _search(data, generator(rng, "fit successive formats"))
    return _result(data, theta, value=value, horizon=int(horizon), level=float(level))


def _basis(data: _Data, theta: np.ndarray, year: np.ndarray, generation: np.ndarray) -> np.ndarray:
    """Give what one unit of each m sells, in the year and generation of each row."""
    p, q, launch = _unpack(data, theta)
    share = bass_share(year[:, None] - launch[None, :], p, q)
    left = 1.0 - np.column_stack([share, np.zeros(len(year))])[np.arange(len(year)), generation + 1]
    own = np.arange(len(data.formats)) <= generation[:, None]
    chain = np.cumprod(np.where(own, share, 1.0)[:, ::-1], axis=1)[:, ::-1]
    basis: np.ndarray = np.where(own, chain * left[:, None], 0.0)
    return basis


def _unpack(data: _Data, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    pairs = 1 if data.shared else len(data.formats)
    p, q = np.exp(theta[:pairs]), np.exp(theta[pairs : 2 * pairs])
    launch = data.known.copy()
    launch[data.free] = theta[2 * pairs :]
    return p, q, launch


def _solve(data: _Data, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the best m for these curves, and the residuals."""
    columns = _basis(data, theta, data.year, data.generation)
    m = np.linalg.lstsq(columns, data.y, rcond=None)[0]
    return m, columns @ m - data.y


def _bounds(data: _Data) -> tuple[np.ndarray, np.ndarray]:
    pairs = 1 if data.shared else len(data.formats)
    free = data.free
    age = np.where(data.begins[free], _OLD, _YOUNG)
    low = np.concatenate([np.repeat(_LOW, pairs), data.first[free] - age])
    return low, np.concatenate([np.repeat(_HIGH, pairs), data.first[free] - 1e-3])


def _search(data: _Data, rng: np.random.Generator) -> np.ndarray:
    from scipy.optimize import least_squares

    pairs = 1 if data.shared else len(data.formats)
    free = data.free
    low, high = _bounds(data)
    age = np.where(data.begins[free], _OLD, _YOUNG)
    scale = np.abs(data.y).max()
    points = [
        np.concatenate([np.repeat(np.log([p, q]), pairs), data.first[free] - ago * age])
        for p in _P
        for q in _Q
        for ago in (0.15, 0.5)
    ]
    points += [low + (high - low) * rng.uniform(0.2, 0.8, len(low)) for _ in range(4)]
    best, lowest = points[0], np.inf
    for point in points:
        found = least_squares(
            lambda theta: _solve(data, theta)[1] / scale,
            np.clip(point, low + 1e-9, high - 1e-9),
            bounds=(low, high),
            x_scale=np.concatenate([np.ones(2 * pairs), np.full(len(free), 3.0)]),
            max_nfev=200,
        )
        if found.cost < lowest:
            best, lowest = found.x, float(found.cost)
    return best


def _notes(data: _Data, theta: np.ndarray, m: np.ndarray, swing: float) -> list[str]:
    pairs = 1 if data.shared else len(data.formats)
    whose = ["all formats"] if data.shared else data.formats
    names = [f"{letter} of {one}" for letter in "pq" for one in whose]
    names += [f"the launch of {data.formats[g]}" for g in data.free]
    low, high = _bounds(data)
    reach = np.concatenate([np.full(2 * pairs, 1e-3), np.full(len(data.free), 0.01)])
    edge = (theta - low < reach) | (high - theta < reach)
    notes = [
        f"{name} is at the edge of what was searched: its interval means little"
        for name, there in zip(names, edge, strict=True)
        if there
    ]
    notes += [
        f"m of {name} is below zero: it brings in less than what it took over"
        for name, size in zip(data.formats, m, strict=True)
        if size < 0
    ]
    if swing > 0.3:
        notes.append("residuals swing slowly: the model misses something, intervals are too narrow")
    return notes


def _result(
    data: _Data, theta: np.ndarray, *, value: str, horizon: int, level: float
) -> FormatSuccession:
    from musictools.economics._succession import curves, parameters, spread

    m, residuals = _solve(data, theta)
    full = np.concatenate([theta, m])

    def sells(at: np.ndarray, year: np.ndarray, generation: np.ndarray) -> np.ndarray:
        drawn: np.ndarray = _basis(data, at[: len(theta)], year, generation) @ at[len(theta) :]
        return drawn

    shown = spread(
        full, residuals, level, lambda at: sells(at, data.year, data.generation),
        (data.year, data.generation),
    )  # fmt: skip
    total = float(np.sum((data.y - data.y.mean()) ** 2))
    # Rounding errors of a perfect fit swing too, and mean nothing.
    swing = shown.autocorrelation if np.abs(residuals).max() > 1e-6 * np.abs(data.y).max() else 0.0
    return FormatSuccession(
        value=value,
        level=level,
        r_squared=1 - float(residuals @ residuals) / total if total else float("nan"),
        rmse=float(np.sqrt(np.mean(residuals**2))),
        autocorrelation=shown.autocorrelation,
        parameters=parameters(
            data.formats, theta, m, data.known, shown, shared=data.shared, ends=(_LOW, _HIGH)
        ),
        curves=curves(
            data.formats, data.year, data.generation, data.y, horizon, full, sells, shown
        ),
        notes=tuple(_notes(data, theta, m, swing)),
        provenance={
            "musictools": __version__,
            "function": "economics.norton_bass",
            "shared": data.shared,
            "horizon": horizon,
        },
    )


def _data(
    frame: "pd.DataFrame",
    value: str,
    formats: Sequence[str] | None,
    launches: Mapping[str, float] | None,
    *,
    shared: bool,
) -> _Data:
    frame = as_pandas(frame, "fit successive formats", hint=MARKET)
    one_market(frame, value, "fit successive formats")
    rows = frame[["year", "format", value]].dropna()
    rows = rows[rows[value] != 0].sort_values("year")
    first = rows.groupby("format", sort=False)["year"].min().sort_values(kind="stable")
    names = list(first.index) if formats is None else [str(name) for name in formats]
    for name in names + list(launches or {}):
        if name not in first.index:
            raise _bad(
                "format", name, "a format of the table", closest(name, map(str, first.index))
            )
    at: Any
    for name, at in (launches or {}).items():
        if name not in names:
            raise _bad("launches", name, "formats that are fitted", closest(name, names))
        if not isinstance(at, Real) or not math.isfinite(float(at)):
            raise _bad("launches", f"{name}: {at!r}", "a year", f"launches={{{name!r}: 2000}}")
    rows = rows[rows["format"].isin(names)]
    y = rows[value].to_numpy(float)
    known = np.array([float((launches or {}).get(name, np.nan)) for name in names])
    start = first[names].to_numpy(float)
    need = 3 * len(names) + 2 + (0 if shared else 2 * len(names))
    if len(y) < max(need, 8) or len(set(names)) < len(names):
        raise _bad(
            "figures", len(y), f"at least {max(need, 8)}, and each format once", "shared=True"
        )
    if not np.isfinite(y).all():
        raise _bad("figures", "values that are not finite", "numbers", f"frame[{value!r}].dropna()")
    late = [n for n, at, begin in zip(names, known, start, strict=True) if at >= begin]
    if late:
        raise _bad(
            "launches", f"{late[0]} after its first figure", "an earlier year", "launches=None"
        )
    place = {name: number for number, name in enumerate(names)}
    return _Data(
        formats=names,
        year=rows["year"].to_numpy(float),
        generation=rows["format"].map(place).to_numpy(int),
        y=y,
        first=start,
        begins=start <= rows["year"].min(),
        known=known,
        shared=shared,
    )


def _bad(name: str, got: object, expected: str, hint: str) -> InputError:
    return InputError("fit successive formats", got=f"{name}: {got}", expected=expected, hint=hint)
