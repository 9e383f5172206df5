"""reconcile(): forecasts of tracks, artists and labels that add up."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import numpy as np

from musictools import tables
from musictools._frames import as_pandas
from musictools.errors import InputError, closest
from musictools.trends._forecast_result import Forecast
from musictools.trends._read_series import Floats

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "reconcile forecasts"
_METHODS = ("mint", "bottom_up")
#: Past errors that series must have in common before their covariance is believed.
_FEWEST = 8

Parents = Mapping[str, Sequence[str]]


def aggregate(series: Any, parents: Parents) -> "pd.DataFrame":
    """Add series up: tracks to artists, artists to a label, countries to the world.

    Parameters
    ----------
    series : pandas, polars, pyarrow or DuckDB frame
        Long frame ``unique_id, ds, y`` of the lowest level.
    parents : mapping of str to sequence of str
        What each sum is made of: series, or other sums. A series may belong to several.

    Returns
    -------
    pandas.DataFrame
        The same rows, and those of the sums: ``unique_id, ds, y``.

    Raises
    ------
    TableError
        If it is no long frame.
    InputError
        If a sum has the name of a series, is made of nothing, of itself, or of what is not there.

    Examples
    --------
    >>> import pandas as pd, musictools as mt
    >>> tracks = pd.DataFrame({"unique_id": ["a", "b"], "ds": [1, 1], "y": [3.0, 4.0]})
    >>> mt.trends.aggregate(tracks, {"artist": ["a", "b"]})["y"].tolist()
    [3.0, 4.0, 7.0]
    """
    import pandas as pd

    frame = tables.check(as_pandas(series, _WHAT), "series")[["unique_id", "ds", "y"]]
    frame = frame.assign(unique_id=frame["unique_id"].astype(str))
    names = list(dict.fromkeys(frame["unique_id"]))
    taken = [name for name in parents if name in set(names)]
    if taken:
        _refuse(f"the sum {taken[0]!r}, which is a series", "names of their own", "another name")
    made_of = _resolved(names, parents)
    parts = [frame]
    for name, below in made_of.items():
        own = frame[frame["unique_id"].isin(below)]
        parts.append(own.groupby("ds", as_index=False)["y"].sum().assign(unique_id=name))
    return pd.concat(parts, ignore_index=True)[["unique_id", "ds", "y"]]


def reconcile(
    forecast: Forecast, parents: Parents, *, method: Literal["mint", "bottom_up"] = "mint"
) -> Forecast:
    """Make forecasts of parts and of their sums add up.

    Parameters
    ----------
    forecast : Forecast
        Of all series and all sums, such as ``forecast(aggregate(series, parents), ...)``.
    parents : mapping of str to sequence of str
        As for ``aggregate``.
    method : {"mint", "bottom_up"}
        ``"bottom_up"``: sums are the sums of their parts. ``"mint"``: all forecasts are changed, as
        little as their past errors and how these go together suggest.

    Returns
    -------
    Forecast
        With ``y_hat`` that adds up; intervals are moved along, not below zero.

    Raises
    ------
    InputError
        If a series or sum has no forecast, or hierarchy or method cannot be used.

    Notes
    -----
    MinT's covariance is that of errors one step ahead at the past origins that all series share,
    shrunk towards its diagonal (Schafer and Strimmer, 2005). With fewer than eight such origins
    only variances are used. Where a part would fall below zero it is set to zero, and the sums are
    added up again.

    References
    ----------
    Wickramasuriya, Athanasopoulos and Hyndman (2019), *JASA* 114(526).

    Examples
    --------
    >>> import numpy as np, pandas as pd, musictools as mt
    >>> rng = np.random.default_rng(1)
    >>> tracks = pd.DataFrame({
    ...     "unique_id": np.repeat(["a", "b"], 50),
    ...     "ds": np.tile(np.arange(50), 2),
    ...     "y": rng.poisson(100, 100),
    ... })
    >>> parents = {"both": ["a", "b"]}
    >>> ahead = mt.trends.forecast(mt.trends.aggregate(tracks, parents), 1, rng=0)
    >>> y = mt.trends.reconcile(ahead, parents).table["y_hat"]
    >>> bool(abs(y[0] + y[1] - y[2]) < 1e-9)  # rows in the order of names: a, b, both
    True
    """
    from dataclasses import replace

    if method not in _METHODS:
        _refuse(f"method={method!r}", " or ".join(_METHODS), closest(str(method), _METHODS))
    rows = forecast.table
    names = list(dict.fromkeys(rows["unique_id"]))
    bottom = [name for name in names if name not in parents]
    made_of = _resolved(bottom, parents)
    lacking = [name for name in made_of if name not in names]
    if lacking or not bottom:
        _refuse(
            f"no forecast of {lacking[0]!r}" if lacking else "nothing but sums",
            "forecasts of all series and all sums",
            "forecast(aggregate(series, parents), horizon)",
        )
    before = rows["y_hat"].to_numpy().reshape(len(names), forecast.horizon)
    ends = rows["ds"].to_numpy().reshape(before.shape)
    if (ends != ends[0]).any():
        _refuse("series that end at different times", "one end for all", "gaps='zero', or cut them")
    sums = _summing(names, bottom, made_of)
    place = np.array([names.index(name) for name in bottom])
    low = before[place] if method == "bottom_up" else _mint(forecast, names, before, sums)
    after = sums @ np.maximum(low, 0.0)
    table = rows.copy()
    table["y_hat"] = after.ravel()
    moved = (after - before).ravel()
    for name in rows.columns[3:]:
        table[name] = np.maximum(rows[name] + moved, 0.0)
    note = f"Reconciled by {method}: sums add up, intervals are moved along."
    return replace(forecast, table=table, notes=(*forecast.notes, note))


def _resolved(names: Sequence[str], parents: Parents) -> dict[str, list[str]]:
    """Give the series that each sum is made of in the end."""
    known = set(names)
    done: dict[str, list[str]] = {}

    def of(name: str, above: tuple[str, ...]) -> list[str]:
        if name in known:
            return [name]
        if name in above:
            _refuse(f"{name!r}, which is a part of itself", "a hierarchy", "take it out")
        if name not in parents:
            hint = closest(str(name), sorted(known)[:20])
            _refuse(f"{name!r}, a part of {above[-1]!r}", "a series or a sum", hint)
        if name not in done:
            parts = [each for child in parents[name] for each in of(child, (*above, name))]
            if not parts or len(set(parts)) < len(parts):
                told = "nothing" if not parts else f"{max(parts, key=parts.count)!r} twice"
                _refuse(f"{name!r}, made of {told}", "each part once", "list its parts")
            done[name] = parts
        return done[name]

    for name in parents:
        of(name, ())
    return {name: done[name] for name in parents}


def _summing(names: list[str], bottom: list[str], made_of: dict[str, list[str]]) -> Floats:
    column = {name: place for place, name in enumerate(bottom)}
    sums = np.zeros((len(names), len(bottom)))
    for row, name in enumerate(names):
        for part in made_of.get(name, [name]):
            sums[row, column[part]] = 1.0
    return sums


def _mint(forecast: Forecast, names: list[str], before: Floats, sums: Floats) -> Floats:
    """Give the lowest level by generalised least squares, S (S'W^-1 S)^-1 S'W^-1."""
    from musictools._threads import one_thread

    wide = forecast.errors.pivot_table(index="back", columns="unique_id", values="error")
    errors = wide.reindex(columns=names)
    shared = errors.dropna().to_numpy()
    squares = np.square(errors.to_numpy())
    # A series without errors counts as one without spread, and no mean of nothing is taken.
    spread = np.sqrt(np.nansum(squares, axis=0) / np.maximum(errors.notna().sum(axis=0), 1))
    spread = np.asarray(spread, dtype=float)
    spread = np.maximum(np.nan_to_num(spread), 1e-6 * max(float(np.nanmax(spread)), 1e-9))
    correlation = _shrunk(shared / spread) if len(shared) >= _FEWEST else np.eye(len(names))
    weight = correlation * np.outer(spread, spread)
    with one_thread():
        inverse = np.linalg.solve(weight, sums)
        return np.asarray(np.linalg.solve(sums.T @ inverse, inverse.T @ before))


def _shrunk(scaled: Floats) -> Floats:
    """Shrink correlations towards none, as much as their own uncertainty asks for."""
    count, size = scaled.shape
    together = scaled.T @ scaled / count
    products = np.einsum("ti,tj->tij", scaled, scaled)
    variance = products.var(axis=0, ddof=1) / count
    off = ~np.eye(size, dtype=bool)
    below = float(np.square(together[off]).sum())
    part = min(max(float(variance[off].sum()) / below, 0.0), 1.0) if below > 0 else 1.0
    # Some shrinkage always: a covariance of few origins is singular.
    part = max(part, 0.02)
    own = np.diag(np.maximum(np.diag(together), 1e-9))
    return np.asarray(np.where(off, (1 - part) * together, own))


def _refuse(got: str, expected: str, hint: str) -> NoReturn:
    raise InputError(_WHAT, got=got, expected=expected, hint=hint)
