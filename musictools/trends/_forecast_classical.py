"""Exponential smoothing, Theta and ARIMA by statsforecast, an optional package."""

from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._optional import require
from musictools.trends._forecast_simple import naive
from musictools.trends._read_series import Floats, Whole

if TYPE_CHECKING:
    from musictools.trends._forecast_methods import Task

_NAMES = {"ets": "AutoETS", "theta": "AutoTheta", "arima": "AutoARIMA"}
#: Seasons longer than this make the automatic models search for minutes.
_LONGEST = 24
#: Points that they are given, at most, and at least.
_POINTS = (8, 260)


def classical(task: "Task", method: str, origins: tuple[Whole, Whole]) -> Floats:
    """Forecast from each origin; naive where a model fails, or has fewer than eight points."""
    require("statsforecast", extra="forecast", purpose=f"forecast with method={method!r}")
    series, column = origins
    season = task.season if 1 < task.season <= _LONGEST else 1
    out = naive(task.panel.y, series, column, task.horizon, season)
    for place, (row, end) in enumerate(zip(series, column, strict=True)):
        y = task.panel.y[row, max(end + 1 - _POINTS[1], 0) : end + 1]
        y = y[np.isfinite(y)]
        if len(y) >= _POINTS[0] and np.ptp(y) > 0:
            said = _one(_model(method, season if len(y) > 2 * season else 1), y, task.horizon)
            if said is not None:
                out[place] = np.maximum(said, 0.0)
    return out


def _model(method: str, season: int) -> Any:
    from statsforecast import models

    return getattr(models, _NAMES[method])(season_length=season)


def _one(model: Any, y: Floats, horizon: int) -> Floats | None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            said = np.asarray(model.forecast(y=y.astype(np.float64), h=horizon)["mean"])
        except Exception:  # noqa: BLE001  # whatever a foreign optimiser raises on odd series
            return None
    return said if np.isfinite(said).all() else None
