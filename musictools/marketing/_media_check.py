"""check(): what a reader's own design can tell, by simulations whose truth is known."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musictools._result import Result
from musictools._threads import one_thread
from musictools._version import __version__
from musictools.errors import InputError
from musictools.marketing import _media_words as words
from musictools.marketing._adstock import Array, whole
from musictools.marketing._hmc import Sampler
from musictools.marketing._media_data import MediaData
from musictools.marketing._media_fit import Fitted
from musictools.marketing._posterior import NU, Posterior

if TYPE_CHECKING:
    import pandas as pd

#: Chains of each simulation, and how long they run: they begin at the truth, with the metric that
#: the fit has learned, so there is little to warm up.
_CHAINS, _WARM, _DRAWS = 4, (40, 40), 100
_LEAST, _MOST = 4, 200


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class MixCheck(Result):
    """What a design can tell, channel by channel.

    Attributes
    ----------
    identified : tuple of str
        Channels whose ROAS this data can tell: half the 90 % interval is typically no more than a
        fifth of it, and the data removes at least 70 % of what was unknown.
    verdict : str
        The same in a sentence.
    table : pandas.DataFrame
        Indexed by channel: ``verdict``, ``half_width`` (of the 90 % interval, as a part of the
        estimate, the median over simulations), ``error`` (median absolute, as a part of the truth),
        ``coverage`` (of the intervals), ``learned``, ``why``, ``remedy``.
    simulations : int
        Truths that were tried.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "media_check"
    _called: ClassVar[str] = "Check of a media mix"
    _caption: ClassVar[str] = "Channels"

    identified: tuple[str, ...]
    verdict: str
    table: "pd.DataFrame"
    simulations: int

    def to_frame(self) -> "pd.DataFrame":
        """Give the table, one row for each channel.

        Returns
        -------
        pandas.DataFrame
            A copy of ``table``.
        """
        return self.table.copy()


def check_design(
    posterior: Posterior, data: MediaData, fitted: Fitted, simulations: int, seed: int
) -> MixCheck:
    """Simulate from the posterior, fit anew, compare with the truth."""
    if not whole(simulations) or not _LEAST <= simulations <= _MOST:
        raise InputError(
            "check a media mix", got=f"simulations={simulations!r}",
            expected=f"{_LEAST} to {_MOST}", hint="mix.check(simulations=12)",
        )  # fmt: skip
    rng = np.random.default_rng([seed, 1])
    with one_thread():
        truth, sales = simulate_sales(posterior, fitted.points, simulations, rng)
        draws = _refit(posterior, fitted, truth, sales, rng)
    found = _scores(posterior, truth, draws)
    table = _table(data, found)
    names = table.index[table["verdict"] == words.IDENTIFIED]
    return MixCheck(
        identified=tuple(map(str, names)),
        verdict=words.summary(table),
        table=table,
        simulations=int(simulations),
        provenance={"musictools": __version__, "function": "marketing.MediaMix.check",
                    "simulations": int(simulations), "seed": seed},
    )  # fmt: skip


def simulate_sales(
    posterior: Posterior, points: Array, count: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Truths (count, dim), and sales (groups, weeks, count) of each, in units of mean sales."""
    truth = points[rng.choice(len(points), count, replace=len(points) < count)]
    kept = posterior.root, posterior.roots_basis
    posterior.root = posterior.roots_basis = None
    variance, base = posterior.draw_rest(truth, rng)
    posterior.root, posterior.roots_basis = kept
    noise = rng.standard_normal(base.shape)
    if posterior.student:
        noise *= np.sqrt((NU - 2) / 2 / rng.standard_gamma(NU / 2, base.shape))
    sales = posterior.media(truth).sum(axis=0) + base + noise * np.sqrt(variance)[:, None]
    return truth, sales


def _refit(
    posterior: Posterior, fitted: Fitted, truth: Array, sales: Array, rng: np.random.Generator
) -> Array:
    """Draws (sets, draws, dim), each set from sales of its own."""
    sets = len(truth)
    own = posterior.like(posterior.panel.without_tests())
    own.set_y(np.repeat(sales, _CHAINS, axis=2))
    metric, step = own.first_metric(), 0.2
    if fitted.chains is not None:
        metric, step = fitted.chains.metric, fitted.chains.step
    start = np.repeat(truth, _CHAINS, axis=0)
    start = start + 0.5 * rng.standard_normal(start.shape) @ metric.T
    sampler = Sampler(own, own.refresh, start, metric, rng, sets=sets, step=step * 0.99)
    draws = sampler.run(_WARM, _DRAWS).draws
    return draws.reshape(sets, -1, own.dim)


def _scores(posterior: Posterior, truth: Array, draws: Array) -> dict[str, Array]:
    """Medians over sets, for each channel over all groups."""
    level = posterior.panel.level[:, None]

    def total(points: Array) -> Array:
        share = np.exp(posterior.split(points)[2]) * posterior.on[:, :, 0].transpose(1, 0, 2)
        brought: Array = (share * level[..., None]).sum(axis=0).T
        return brought

    true = total(truth)
    each = np.stack([total(own) for own in draws])
    low, high = np.quantile(each, [0.05, 0.95], axis=1)
    mean = each.mean(axis=1)
    before = prior_variance(posterior, slice(None))
    return {
        "half_width": np.median((high - low) / 2 / mean, axis=0),
        "error": np.median(np.abs(mean / true - 1), axis=0),
        "coverage": ((low <= true) & (true <= high)).mean(axis=0),
        "learned": np.median(1 - np.log(each).var(axis=1) / before, axis=0),
    }


def prior_variance(posterior: Posterior, groups: slice) -> Array:
    """Of the log of a channel's contribution over some groups, before any data."""
    cov = posterior.cov[posterior.shares, posterior.shares]
    shape = (posterior.groups, posterior.channels)
    cov = cov.reshape(*shape, *shape)[groups][:, :, groups]
    level = posterior.panel.level[groups]
    part = level / level.sum()
    variance: Array = np.einsum("g,h,gchc->c", part, part, cov)
    return variance


def _table(data: MediaData, found: dict[str, Array]) -> "pd.DataFrame":
    import pandas as pd

    known = words.judge(found["learned"], found["half_width"])
    on = (data.panel.spend > 0).mean(axis=(0, 1))
    rows: list[dict[str, Any]] = []
    for c in range(len(data.channels)):
        own = {name: float(values[c]) for name, values in found.items()}
        rows.append(
            {"verdict": words.IDENTIFIED if known[c] else words.NOT_IDENTIFIED}
            | own
            | {
                "why": words.why(own["learned"], own["half_width"]),
                "remedy": words.remedy(
                    identified=bool(known[c]), on=float(on[c]), learned=own["learned"]
                ),
            }
        )
    return pd.DataFrame(rows, index=pd.Index(data.channels, name="channel"))
