"""The same data through PyMC-Marketing: an independent check, where it is installed."""

import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musictools._optional import require
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError, closest
from musictools.marketing._adstock import Array, whole
from musictools.marketing._hmc import agreement
from musictools.marketing._media_data import MediaData
from musictools.marketing._media_words import R_HAT

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "ask PyMC-Marketing"
_SATURATIONS = {"logistic": "LogisticSaturation", "hill": "HillSaturation",
                "michaelis_menten": "MichaelisMentenSaturation"}  # fmt: skip
_VERDICT = "independent check"


@dataclass(frozen=True)
class Effort:
    """How long to sample."""

    tune: int
    draws: int
    chains: int
    seed: int


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PyMCMix(Result):
    """What PyMC-Marketing makes of the same spend, sales and controls.

    Attributes
    ----------
    r_hat : float
        Worst of all numbers that were sampled.
    divergences : int
        Steps that went wrong.
    seconds : float
        CPU time of building and sampling.
    verdict : str
        Whether its chains agree, and where its intervals have nothing in common with ours.
    provenance : dict
        What made it, with the version of PyMC-Marketing.
    """

    _drawn_by: ClassVar[str] = "media_roas"
    _called: ClassVar[str] = "Media mix by PyMC-Marketing"
    _caption: ClassVar[str] = "Return on ad spend"

    r_hat: float
    divergences: int
    seconds: float
    verdict: str
    _table: "pd.DataFrame"
    _weekly: "pd.DataFrame"

    def to_frame(self) -> "pd.DataFrame":
        """Give the returns, one row for each channel.

        Returns
        -------
        pandas.DataFrame
            As `roas`.
        """
        return self.roas()

    def roas(self) -> "pd.DataFrame":
        """Return on ad spend of each channel, in the columns of ``MediaMix.roas``.

        Returns
        -------
        pandas.DataFrame
            ``mean``, ``lo_90``, ``hi_90``; ``learned``, ``overlap`` and ``rank`` are missing, since
            nothing is judged here; ``why`` tells what MediaMix found.
        """
        return self._table.copy()

    def contributions(self) -> "pd.DataFrame":
        """Sales that each channel brought in each week.

        Returns
        -------
        pandas.DataFrame
            As ``MediaMix.contributions``.
        """
        return self._weekly.copy()


def ask_pymc(
    data: MediaData, ours: "pd.DataFrame", curves: tuple[str, int], effort: Effort
) -> PyMCMix:
    """Fit, and put the answer beside ours; `curves` is (saturation, lags)."""
    import pandas as pd

    frame, y = _frames(data)
    saturation, lags = curves
    _check(data, saturation, effort)
    began = time.process_time()
    with warnings.catch_warnings():
        # About its own future, on import and in each call: nothing that a reader could mend.
        warnings.simplefilter("ignore")
        theirs = require("pymc_marketing.mmm", extra="bayes", purpose=_WHAT)
        model = _model_class()(
            date_column="date",
            target_column="y",
            channel_columns=data.channels,
            control_columns=list(frame.columns[1 + len(data.channels) :]) or None,
            adstock=theirs.GeometricAdstock(l_max=lags),
            saturation=getattr(theirs, _SATURATIONS[saturation])(),
        )
        model.build_model(frame, y)
        model.add_original_scale_contribution_variable(var=["channel_contribution"])
        found = model.fit(
            frame, y, tune=effort.tune, draws=effort.draws, chains=effort.chains, cores=1,
            progressbar=False, random_seed=effort.seed,
        )  # fmt: skip
    seconds = time.process_time() - began
    brought = _contributions(found.posterior, data.channels)
    weekly = pd.DataFrame(brought.mean(axis=(0, 1)), index=data.index, columns=data.channels)
    table = _table(brought.sum(axis=2).reshape(-1, len(data.channels)), data, ours)
    r_hat = _worst(found.posterior)
    divergences = int(found.sample_stats["diverging"].sum())
    version = require("pymc_marketing", extra="bayes", purpose=_WHAT).__version__
    return PyMCMix(
        r_hat=r_hat, divergences=divergences, seconds=seconds,
        verdict=_words(r_hat, divergences, table, ours), _table=table, _weekly=weekly,
        provenance={"musictools": __version__, "function": "marketing.MediaMix.pymc",
                    "pymc_marketing": str(version), "saturation": saturation,
                    "tune": effort.tune, "draws": effort.draws, "chains": effort.chains,
                    "seed": effort.seed},
    )  # fmt: skip


def _check(data: MediaData, saturation: str, effort: Effort) -> None:
    if saturation not in _SATURATIONS:
        raise InputError(_WHAT, got=f"saturation={saturation!r}", expected="a curve of both",
                         hint=closest(str(saturation), _SATURATIONS))  # fmt: skip
    if len(data.groups) > 1:
        raise InputError(_WHAT, got=f"{len(data.groups)} groups", expected="one",
                         hint="fit one territory or artist, and ask about that")  # fmt: skip
    for name, number, least in (("tune", effort.tune, 50), ("draws", effort.draws, 50),
                                ("chains", effort.chains, 2)):  # fmt: skip
        if not whole(number) or number < least:
            raise InputError(_WHAT, got=f"{name}={number!r}", expected=f"{least} or more",
                             hint=f"{name}={2 * least}")  # fmt: skip


def _model_class() -> Any:
    # Where it lives in 0.19; later ones have only this kind of model, under the shorter name.
    try:
        module = require("pymc_marketing.mmm.multidimensional", extra="bayes", purpose=_WHAT)
    except ImportError:
        module = require("pymc_marketing.mmm", extra="bayes", purpose=_WHAT)
    return module.MMM


def _frames(data: MediaData) -> "tuple[pd.DataFrame, pd.Series]":
    """Dates, spend and our controls (each divided by its largest) as one frame; sales."""
    import pandas as pd

    panel, starts = data.panel, data.calendar.starts
    if starts is None:
        starts = pd.date_range("2000-01-03", periods=data.calendar.weeks, freq="7D")
    controls = panel.controls[0][:, 1:]
    largest = np.abs(controls).max(axis=0, initial=0)
    names = [f"control: {name}" for name in data.columns[1:]]
    parts = [
        pd.DataFrame({"date": np.asarray(starts)}),
        pd.DataFrame(panel.spend[0], columns=data.channels),
        pd.DataFrame(controls / np.where(largest > 0, largest, 1.0), columns=names),
    ]
    return pd.concat(parts, axis=1), pd.Series(panel.y[0], name="y")


def _contributions(posterior: Any, channels: list[str]) -> Array:
    """(chains, draws, weeks, channels), in the unit of sales."""
    found = posterior["channel_contribution_original_scale"].sel(channel=channels)
    values: Array = np.asarray(found.transpose("chain", "draw", "date", "channel"), dtype=float)
    return values


def _worst(posterior: Any) -> float:
    """Worst R-hat of what was sampled; what is worked out for each week follows from it."""
    worst = 1.0
    for name in posterior.data_vars:
        values = posterior[name]
        if "date" not in values.dims:
            flat = np.asarray(values.transpose("chain", "draw", ...), dtype=float)
            worst = max(worst, float(agreement(flat.reshape(*flat.shape[:2], -1))[0].max()))
    return worst


def _table(totals: Array, data: MediaData, ours: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    spent = data.panel.spend[0].sum(axis=0)
    low, high = np.quantile(totals, [0.05, 0.95], axis=0) / spent
    table = pd.DataFrame(
        {"mean": totals.mean(axis=0) / spent, "lo_90": low, "hi_90": high, "learned": np.nan,
         "overlap": np.nan, "verdict": _VERDICT},
        index=pd.Index(data.channels, name="channel"),
    )  # fmt: skip
    table["rank"] = pd.array([pd.NA] * len(table), dtype="Int64")
    table["why"] = [
        f"musictools found {row.mean:.3g} ({row.lo_90:.3g} to {row.hi_90:.3g})"
        for row in ours[["mean", "lo_90", "hi_90"]].itertuples()
    ]
    return table.assign(remedy="")


def _words(r_hat: float, divergences: int, table: "pd.DataFrame", ours: "pd.DataFrame") -> str:
    agreed = r_hat <= R_HAT
    told = f"R-hat {r_hat:.3f}, {divergences} divergences"
    if not agreed:
        return f"Its chains do not agree ({told}): no check of anything; tune for longer."
    apart = (table["lo_90"] > ours["hi_90"]) | (table["hi_90"] < ours["lo_90"])
    names = [str(name) for name in table.index[apart]]
    rest = "no interval lies apart from ours" if not names else (
        "its intervals have nothing in common with ours for " + ", ".join(names)
    )  # fmt: skip
    return f"Its chains agree ({told}); {rest}."
