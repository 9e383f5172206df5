"""What the study of spill-over is made of: cleaned series, tests of leads, local projections."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

#: Leader, follower, p-value.
Leads = list[tuple[int, int, float]]

#: Time constants of what is left of an event after the blackout, in periods.
_TAILS = (4.0, 20.0)
_HARMONICS = 3
#: Observations for each coefficient below which a test is a guess.
_ROOM = 20
#: Entities from which on they tell what they share, and turns until that is out.
_FROM = 3
_TURNS = 20


def usual_seasons(times: "pd.Index[Any]") -> tuple[float, ...]:
    """Give a week and a year in periods, where there are two of them in the history."""
    import pandas as pd

    if times.dtype.kind in "iuf" or len(times) < 3:
        return ()
    stamps = pd.to_datetime(pd.Series(times))
    step = float(stamps.diff().median() / pd.Timedelta(days=1))
    lengths = [days / step for days in (7.0, 365.25)]
    return tuple(length for length in lengths if 2 <= length <= len(times) / 2)


def clean(
    cube: np.ndarray, seasons: tuple[float, ...], events: list[np.ndarray], blackout: int
) -> tuple[np.ndarray, int]:
    """Free series of trend, seasons and events; and say how many coefficients each took."""
    kept = cube.copy()
    bases = [_basis(cube.shape[2], seasons, own, blackout) for own in events]
    # What all entities share at a time is no lead of any of them; what is taken from one must not
    # come back as the mean of others, hence in turns.
    turns = _TURNS if len(kept) >= _FROM else 1
    for turn in range(turns):
        if turn:
            kept -= kept.mean(axis=0, keepdims=True)
        for row, basis in enumerate(bases):
            kept[row] -= (kept[row] @ basis) @ basis.T
    return kept, max(basis.shape[1] for basis in bases)


def _basis(
    periods: int, seasons: tuple[float, ...], events: np.ndarray, blackout: int
) -> np.ndarray:
    """Orthonormal columns of what is taken out."""
    t = np.arange(periods)
    columns = [np.ones(periods), np.linspace(-1, 1, periods)]
    for length in seasons:
        for turn in range(1, _HARMONICS + 1):
            if length / turn >= 2:
                angle = 2 * np.pi * turn * t / length
                columns += [np.sin(angle), np.cos(angle)]
    for event in events:
        age = t - event
        columns += [(age == each).astype(float) for each in range(blackout)]
        late = np.maximum(age - blackout, 0)
        columns += [np.where(age >= blackout, np.exp(-late / tail), 0.0) for tail in _TAILS]
    stacked = np.column_stack(columns)
    # Events near each other, or at the edge, share columns.
    left, sizes, _ = np.linalg.svd(stacked, full_matrices=False)
    basis: np.ndarray = left[:, sizes > 1e-9 * sizes[0]]
    return basis


def fewest_periods(entities: int, platforms: int, *, lags: int, horizon: int, used: int) -> int:
    """Periods below which the regressions have no room."""
    own = platforms * (lags + 1) / entities
    return int(np.ceil(own + used + lags + 1 + horizon + _ROOM))


def _regression(
    kept: np.ndarray, lags: int, ahead: int, used: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Regress what is `ahead` periods after on the lags: coefficients, covariances, freedom.

    Coefficients have shape (columns, platforms); covariances (platforms, columns, columns).
    Column l * platforms + i is platform i at l periods before.
    """
    entities, platforms, periods = kept.shape
    width, rows = lags + 1, periods - lags - ahead
    first = width - 1
    blocks = [kept[:, :, first - lag : first - lag + rows] for lag in range(width)]
    x = np.concatenate(blocks, axis=1).transpose(0, 2, 1)
    y = kept[:, :, first + ahead : first + ahead + rows].transpose(0, 2, 1)
    flat = x.reshape(-1, width * platforms)
    inverse = np.linalg.pinv(flat.T @ flat)
    coefficients = inverse @ (flat.T @ y.reshape(-1, platforms))
    # Errors as each period has them that is left out (HC3; CR3 of several entities, which share
    # shocks): without, the test finds too much.
    x, y = x.transpose(1, 0, 2), y.transpose(1, 0, 2)
    held = np.eye(entities) - x @ inverse @ x.transpose(0, 2, 1)
    miss = np.linalg.solve(held, y - x @ coefficients)
    scores = np.einsum("tec,tep->ptc", x, miss)
    seen, columns = entities * rows, width * platforms
    left = max(1, seen - used * entities)
    freedom = max(1, rows - used - (columns if entities == 1 else 0))
    meat = np.einsum("ptc,ptd->pcd", scores, scores) * seen / left
    return coefficients, inverse @ meat @ inverse, freedom


def lead_tests(kept: np.ndarray, lags: int, used: int) -> Leads:
    """F test of all lags of each leader in what follows one period later."""
    from scipy.stats import f as fisher

    platforms = kept.shape[1]
    coefficients, covariances, freedom = _regression(kept, lags, 1, used)
    found = []
    for leader in range(platforms):
        columns = leader + platforms * np.arange(lags)
        for follower in range(platforms):
            if leader == follower:
                continue
            own = coefficients[columns, follower]
            spread = covariances[follower][np.ix_(columns, columns)]
            size = own @ np.linalg.lstsq(spread, own, rcond=None)[0] / lags
            found.append((leader, follower, float(fisher.sf(size, lags, freedom))))
    return found


def responses(kept: np.ndarray, lags: int, horizon: int, used: int) -> np.ndarray:
    """Local projections: shape (leaders, followers, horizon, 3), size, error and half width."""
    from scipy.stats import t as student

    platforms = kept.shape[1]
    out = np.empty((platforms, platforms, horizon, 3))
    for ahead in range(1, horizon + 1):
        coefficients, covariances, freedom = _regression(kept, lags, ahead, used)
        errors = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))[:, :platforms].T
        out[:, :, ahead - 1, 0] = coefficients[:platforms]
        out[:, :, ahead - 1, 1] = np.maximum(errors, 1e-300)
        out[:, :, ahead - 1, 2] = student.ppf(0.95, freedom) * errors
    return out


def adjusted(p_values: np.ndarray, correction: str) -> np.ndarray:
    """Correct p-values for their number: Holm, Benjamini-Hochberg or Benjamini-Yekutieli."""
    count = len(p_values)
    order = np.argsort(p_values, kind="stable")
    ranked, rank = p_values[order], np.arange(1, count + 1)
    if correction == "holm":
        steps = np.maximum.accumulate(ranked * (count - rank + 1))
    else:
        factor = (1 / rank).sum() if correction == "by" else 1.0
        steps = np.minimum.accumulate((ranked * count * factor / rank)[::-1])[::-1]
    out = np.empty(count)
    out[order] = np.minimum(steps, 1.0)
    return out
