"""From estimates to values that a reader holds for songs of their own."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from musictools._counts import counted
from musictools._frames import as_pandas
from musictools._policy import check_use
from musictools._result import Result
from musictools._version import __version__
from musictools.audio._echonest_model import card
from musictools.audio._echonest_table import FeatureEstimates
from musictools.errors import InputError, TableError

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Estimates: TypeAlias = "Sequence[FeatureEstimates] | pd.DataFrame"

_WHAT = "fit a calibrator"
_HINT = "mt.audio.fit_calibrator(my_values, [mt.audio.estimate(path) for path in my_files])"
METHODS = ("linear", "quantile")
#: Songs without which a line says nothing, and without which no 90 % interval exists.
LEAST, _LEAST_FOR_INTERVAL = 10, 19
_QUANTILES = np.linspace(0, 1, 41)


@dataclass(frozen=True, repr=False)
class Calibrator(Result):
    """Takes estimates to the scale of values that a reader holds.

    Attributes
    ----------
    table : pandas.DataFrame
        One row for each feature, by which it is indexed: ``songs``, ``mae_before`` (of the plain
        estimates), ``mae`` (after; each song by a line through the others, NaN for quantiles),
        ``baseline_mae`` (of the median of the values), ``half_width_90`` (of the interval).
    method : str
        ``"linear"`` or ``"quantile"``.
    steps : dict
        For each feature, points of the map: estimates, rising, and what they become.
    provenance : dict
        Version and function.
    """

    _drawn_by: ClassVar[str] = "calibration"
    _caption: ClassVar[str] = "Features"

    table: "pd.DataFrame" = field(repr=False, compare=False)
    method: str
    steps: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = field(repr=False)

    def to_frame(self) -> "pd.DataFrame":
        """Give the table.

        Returns
        -------
        pandas.DataFrame
            One row for each feature.
        """
        return self.table.copy()

    def apply(self, estimates: FeatureEstimates) -> FeatureEstimates:
        """Take the estimates of a recording to the scale of the reader's values.

        Parameters
        ----------
        estimates : FeatureEstimates
            Not calibrated before.

        Returns
        -------
        FeatureEstimates
            With other estimates, intervals and errors where the calibrator knows the feature.
            Quantiles promise no interval, so that there is none.
        """
        import pandas as pd

        if estimates.provenance.get("calibrate"):
            raise InputError(
                "apply a calibrator",
                got=f"estimates calibrated already ({estimates.provenance['calibrate']})",
                expected="plain estimates",
                hint="mt.audio.estimate(path), without calibrate=",
            )
        rows = estimates.table.to_dict("index")
        for name, (before, after) in self.steps.items():
            row: dict[Any, Any] = rows[name]
            if math.isfinite(row["estimate"]):
                mine: dict[Any, Any] = self.table.loc[name].to_dict()
                value = float(np.interp(row["estimate"], before, after))
                row["estimate"] = value
                row["lo_90"] = max(0.0, value - mine["half_width_90"])
                row["hi_90"] = min(1.0, value + mine["half_width_90"])
                if math.isnan(mine["half_width_90"]):
                    row["lo_90"] = row["hi_90"] = math.nan
                row |= {column: mine[column] for column in ("mae", "baseline_mae")}
                songs = counted(int(mine["songs"]), "song")
                note = f"calibrated ({self.method}) on {songs} of your own"
                row["note"] = "; ".join(filter(None, (row["note"], note)))
        table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("feature")
        told = estimates.provenance | {"calibrate": f"own values ({self.method})"}
        return replace(estimates, table=table, provenance=told)

    def _rows(self) -> Mapping[str, str]:
        return {"Features": f"{len(self.table):,}", **super()._rows()}


def fit_calibrator(
    values: "pd.DataFrame",
    estimates: "Sequence[FeatureEstimates] | pd.DataFrame",
    *,
    method: str = "linear",
    overrule: Iterable[str] = (),
) -> Calibrator:
    """Fit a map from estimates to values that you hold for songs of your own.

    For people who kept legacy values (of the Echo Nest, or of Spotify before it closed its
    endpoint) of their own tracks. Whether the terms under which those came allow this is theirs to
    know: Spotify's forbid to train models on its content.

    Parameters
    ----------
    values : pandas.DataFrame
        One row for each song; columns named like the features, 0 to 1. Others are not looked at.
    estimates : sequence of FeatureEstimates, or pandas.DataFrame
        As of :func:`estimate`, one for each row in the same order; or a frame with the features as
        columns and the same index.
    method : str, default "linear"
        ``"linear"``: a least-squares line, never falling, for pairs. ``"quantile"``: the spread of
        the estimates becomes that of the values, whichever songs those are of; ranks stay.
    overrule : iterable of str
        Names of sources whose terms forbid it and from which you have leave, for tables that
        musictools collected.

    Returns
    -------
    Calibrator
        For ``estimate(..., calibrate=)``. Features with fewer than 10 songs are left out.

    Raises
    ------
    InputError
        If no feature has 10 songs, the rows do not pair, or the method is unknown.
    TableError
        If the values have no column of a feature, or one that is not 0 to 1.
    PolicyError
        If the values were collected under terms that forbid it.

    Examples
    --------
    >>> import numpy as np, pandas as pd, musictools as mt
    >>> found = pd.DataFrame({"energy": np.linspace(0.3, 0.7, 20)})
    >>> own = pd.DataFrame({"energy": np.linspace(0.1, 0.9, 20)})
    >>> calibrator = mt.audio.fit_calibrator(own, found)
    >>> calibrator.table.loc["energy", ["mae_before", "mae"]].astype(float).round(3).to_dict()
    {'mae_before': 0.105, 'mae': 0.0}
    """
    if method not in METHODS:
        raise InputError(
            _WHAT, got=f"method={method!r}", expected=" or ".join(METHODS), hint='method="linear"'
        )
    own = as_pandas(values, _WHAT, hint=_HINT)
    check_use(own, "machine learning", overrule=overrule)
    guessed = _columns(estimates)
    names = [name for name in card()["features"] if name in own.columns and name in guessed.columns]
    if not names:
        raise TableError(
            _WHAT,
            got=f"columns {', '.join(map(str, own.columns[:6]))}",
            expected=f"one of {', '.join(card()['features'])}",
            hint=_HINT,
        )
    paired = method == "linear"
    if paired:
        guessed = _paired(own, guessed, by_index=not isinstance(estimates, Sequence))
    fits = {name: _fit(name, own[name], guessed[name], paired=paired) for name in names}
    known = {name: fit for name, fit in fits.items() if fit is not None}
    if not known:
        raise InputError(
            _WHAT,
            got="too few songs with both",
            expected=f"{LEAST} of one feature",
            hint="more songs of your own",
        )
    return _assembled(known, method)


@dataclass(frozen=True)
class _Fit:
    """The map of one feature, and a row of the table."""

    before: Floats
    after: Floats
    row: dict[str, float]


def _assembled(fits: dict[str, _Fit], method: str) -> Calibrator:
    import pandas as pd

    table = pd.DataFrame({name: fit.row for name, fit in fits.items()}).T
    table["songs"] = table["songs"].astype("int64")
    return Calibrator(
        table=table.rename_axis("feature"),
        method=method,
        steps={n: (tuple(f.before.tolist()), tuple(f.after.tolist())) for n, f in fits.items()},
        provenance={"musictools": __version__, "function": "fit_calibrator", "method": method},
    )


def _columns(estimates: Any) -> "pd.DataFrame":
    import pandas as pd

    if isinstance(estimates, FeatureEstimates):
        estimates = [estimates]
    if isinstance(estimates, Sequence):
        if not estimates or not all(isinstance(each, FeatureEstimates) for each in estimates):
            raise InputError(
                _WHAT,
                got=f"{len(estimates)} estimates, not all of mt.audio.estimate",
                expected="a list of what mt.audio.estimate gives",
                hint=_HINT,
            )
        return pd.DataFrame([each.table["estimate"] for each in estimates]).reset_index(drop=True)
    return as_pandas(estimates, _WHAT, hint=_HINT)


def _paired(own: "pd.DataFrame", guessed: "pd.DataFrame", *, by_index: bool) -> "pd.DataFrame":
    if len(own) != len(guessed) or (by_index and not own.index.equals(guessed.index)):
        raise InputError(
            _WHAT,
            got=f"{len(own)} rows of values, {len(guessed)} of estimates"
            + (", of other indices" if len(own) == len(guessed) else ""),
            expected="a row of each for every song, in the same order",
            hint='method="quantile", if they are of other songs; or values.loc[estimates.index]',
        )
    return guessed


def _numbers(name: str, column: "pd.Series[Any]", *, own: bool) -> Floats:
    import pandas as pd

    numbers = np.asarray(pd.to_numeric(column, errors="coerce"), np.float64)
    strange = ~np.isfinite(numbers) & column.notna().to_numpy()
    outside = strange | (numbers < 0) | (numbers > 1)
    if own and outside.any():
        raise TableError(
            _WHAT,
            got=f"{column.iloc[int(np.argmax(outside))]!r} as {name}",
            expected="numbers from 0 to 1",
            hint=f'values["{name}"] / 100, if they are percentages',
        )
    return numbers


def _fit(
    name: str, own: "pd.Series[Any]", guessed: "pd.Series[Any]", *, paired: bool
) -> _Fit | None:
    y, x = _numbers(name, own, own=True), _numbers(name, guessed, own=False)
    if paired:
        both = np.isfinite(x) & np.isfinite(y)
        y, x = y[both], x[both]
    y, x = y[np.isfinite(y)], x[np.isfinite(x)]
    if min(y.size, x.size) < LEAST:
        return None
    row = {"songs": float(y.size), "mae_before": math.nan, "mae": math.nan}
    row |= {"baseline_mae": float(np.abs(y - np.median(y)).mean()), "half_width_90": math.nan}
    if not paired:
        return _Fit(np.quantile(x, _QUANTILES), np.quantile(y, _QUANTILES), row)
    off = np.sort(np.abs(_left_out(x, y)))
    row |= {"mae_before": float(np.abs(x - y).mean()), "mae": float(off.mean())}
    if y.size >= _LEAST_FOR_INTERVAL:
        row["half_width_90"] = float(off[math.ceil(0.9 * (y.size + 1)) - 1])
    slope, constant = _line(x, y)
    # Points enough that the bounds 0 and 1 cut where the line meets them.
    before = np.linspace(0, 1, 401)
    return _Fit(before, np.clip(constant + slope * before, 0, 1), row)


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Least squares; level where it would fall, since ranks must not turn over."""
    apart = x - x.mean()
    power = float(apart @ apart)
    slope = max(0.0, float(apart @ y) / power) if power > 0 else 0.0
    return slope, float(y.mean() - slope * x.mean())


def _left_out(x: Floats, y: Floats) -> Floats:
    """Error of each song by a line through all others."""
    everyone = np.arange(x.size)
    found = np.empty(x.size)
    for i in everyone:
        slope, constant = _line(x[everyone != i], y[everyone != i])
        found[i] = y[i] - np.clip(constant + slope * x[i], 0, 1)
    return found
