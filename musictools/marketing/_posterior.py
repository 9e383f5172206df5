"""What a media mix knows: the posterior of curves and shares, all that is linear integrated out.

Sales of week t are controls, and for each channel its share of sales, laid over the weeks as its
saturated adstock is, and noise. Coefficients of the controls and the variance of the noise (scaled
inverse chi-square) are integrated out in closed form, territory by territory, so what is sampled
are a few numbers for each channel, without bounds, with exact gradients. The prior of controls is
flat, but for how the kernels of a release share its effect (``_media_kernels``) and what is loose
(``_media_loose``).
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from musictools.marketing._adstock import KERNELS, Array, weights
from musictools.marketing._media_kernels import prior_rows
from musictools.marketing._media_loose import find_loose
from musictools.marketing._media_panel import Panel
from musictools.marketing._saturation import CURVES, curve

#: The prior of the variance of noise weighs as two weeks, and expects a tenth of what controls
#: leave unexplained.
_WEIGHT, _PART = 1.0, 0.1
#: Degrees of freedom of Student's noise: tails that outliers do not pull, near normal otherwise.
NU = 5.0
#: Least adstock, in usual weeks: slopes of curves are infinite at nothing.
_LEAST = 1e-9
#: Singular values below this part of the largest are nothing.
_SINGULAR = 1e-11
_ALL = slice(None)
#: Curves that a first regression looks at.
_TRIES = 40


@dataclass(frozen=True)
class SharePrior:
    """Normal prior of the logarithm of the share of sales that a channel brings.

    Channels teach nothing about each other: where they did, the total of a known truth came out
    too low by more than its error (measured in ``benchmarks/mix.py``).

    Attributes
    ----------
    total : float
        Share of sales of all channels together, at the median.
    own, group : float
        Standard deviations: of a channel, and of a channel in one territory around the channel.
    """

    total: float = 0.3
    own: float = 1.0
    group: float = 0.4

    def covariance(self, groups: int, channels: int) -> Array:
        """Of log shares, territories outside, channels inside."""
        same = np.tile(np.eye(channels), (groups, groups))
        cov: Array = self.own**2 * same
        return cov + self.group**2 * np.eye(groups * channels) * (groups > 1)


@dataclass
class Posterior:
    """Log posterior and gradient for many points at once.

    Attributes
    ----------
    panel : Panel
        Data.
    adstock, saturation : str
        Families of curves.
    lags : int
        Weeks that adstock counts.
    prior : SharePrior
        Of shares.
    student : bool
        Whether noise has the tails of Student's t.
    y : numpy.ndarray
        (groups, weeks, points or 1), in units of the mean: one data set for all points, or each
        point its own.
    """

    panel: Panel
    adstock: str = "geometric"
    saturation: str = "hill"
    lags: int = 13
    prior: SharePrior = field(default_factory=SharePrior)
    student: bool = False
    y: Array = field(init=False)

    def __post_init__(self) -> None:
        self.groups, self.weeks, self.channels = self.panel.spend.shape
        spend = self.panel.spend / self.panel.unit[:, None, :]
        before = np.zeros((self.groups, self.lags - 1, self.channels))
        padded = np.concatenate([before, spend], axis=1)
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.lags, axis=1)[..., ::-1]
        # Channels first, since each has weights of its own.
        self._windows = np.ascontiguousarray(
            windows.transpose(2, 0, 1, 3).reshape(self.channels, -1, self.lags)
        )
        # A channel that is off in a territory brings nothing there; nor does one that only begins
        # in weeks to be forecast, of which nothing is known.
        on: Array = np.any(self.panel.spend[:, : self.panel.known] > 0, axis=1)
        self.on = on.T[:, :, None, None].astype(float)
        self.root: Array | None = None
        self.roots_basis: Array | None = None
        self._set_prior()
        self._set_rows()
        self.set_y((self.panel.y / self.panel.level[:, None])[..., None])

    def _set_prior(self) -> None:
        families = (KERNELS[self.adstock].parameters, CURVES[self.saturation].parameters)
        self.n_adstock, self.n_curve = map(len, families)
        known = [p for family in families for p in family]
        curves = len(known) * self.channels
        shares = self.groups * self.channels
        self.dim = curves + shares
        self.shares = slice(curves, self.dim)
        centre = np.log(self.prior.total / self.channels)
        self.mean = np.r_[np.repeat([p.centre for p in known], self.channels), [centre] * shares]
        self.cov = np.zeros((self.dim, self.dim))
        self.cov[np.arange(curves), np.arange(curves)] = np.repeat(
            [p.spread**2 for p in known], self.channels
        )
        self.cov[curves:, curves:] = self.prior.covariance(self.groups, self.channels)
        self._precision = np.linalg.inv(self.cov)

    def _set_rows(self) -> None:
        """Put what is known of controls into rows of data, and make the projection of both."""
        controls, y = self.panel.controls, self.panel.y / self.panel.level[:, None]
        # Always the same ones: a few, so that some are near.
        tries = np.random.default_rng(0).standard_normal((_TRIES, self.dim))
        media = self.media(self.mean + tries * np.sqrt(np.diag(self.cov)))
        shared = prior_rows(controls, y, media, self.panel.kinds)
        loose = find_loose(controls, y, media, self.panel.kinds, self.panel.known)
        self.loose = loose
        self.controls = np.concatenate([controls, loose.columns], axis=2)
        self.rows = np.concatenate(
            [
                np.pad(shared, ((0, 0), (0, 0), (0, len(loose.parts)))),
                np.pad(loose.rows, ((0, 0), (0, 0), (controls.shape[2], 0))),
            ],
            axis=1,
        )
        self.free_df = self.weeks + self.rows.shape[1] - self.controls.shape[2]
        self.basis, self._triangle = self._factors(self.controls)

    def _factors(self, controls: Array) -> tuple[Array, Array]:
        """Q (..., weeks, columns) and R of controls: Q Q' fits them; without rows, orthonormal."""
        rows = np.broadcast_to(self.rows, (*controls.shape[:-2], *self.rows.shape[1:]))
        fit, triangle = np.linalg.qr(np.concatenate([controls, rows], axis=-2))
        return fit[..., : self.weeks, :], triangle

    def like(self, panel: Panel) -> "Posterior":
        """Make one with the same settings for other data."""
        return Posterior(
            panel, self.adstock, self.saturation, self.lags, self.prior, student=self.student
        )

    def set_y(self, y: Array) -> None:
        """Take (groups, weeks, points or 1) in units of mean sales."""
        self.y = y
        left = y - self.basis @ (self.basis.transpose(0, 2, 1) @ y)
        self._b0 = _WEIGHT * _PART * (left**2).sum(axis=1) / self.free_df

    def split(self, points: Array) -> tuple[Array, Array, Array]:
        """Free parameters of adstock and saturation (parameters, channels, points); log shares."""
        turned = points.T
        cut = self.n_adstock * self.channels
        first = turned[:cut].reshape(self.n_adstock, self.channels, -1)
        second = turned[cut : self.shares.start].reshape(self.n_curve, self.channels, -1)
        return first, second, turned[self.shares].reshape(self.groups, self.channels, -1)

    def media(self, points: Array) -> Array:
        """Contributions in units of mean sales, (channels, groups, weeks, points)."""
        first, second, log_share = self.split(points)
        kept, _ = weights(self.adstock, first, self.lags)
        stock = self._windows @ kept.transpose(1, 0, 2)
        value = curve(self.saturation, stock, second[:, :, None, :])[0]
        value = value.reshape(self.channels, self.groups, self.weeks, -1)
        share = np.exp(log_share).transpose(1, 0, 2)[:, :, None, :] * self.on
        mean = value[:, :, : self.panel.known].mean(axis=2, keepdims=True)
        brought: Array = value * (share / mean)
        return brought

    def stock(self, kept: Array, group: int) -> Array:
        """Adstock of one group in usual weeks, (channels, weeks, points)."""
        rows = slice(group * self.weeks, (group + 1) * self.weeks)
        spread: Array = self._windows[:, rows] @ kept.transpose(1, 0, 2)
        return spread

    def kept(self, first: Array) -> Array:
        """Weights of adstock from its free parameters, (lags, ..., points)."""
        return weights(self.adstock, first, self.lags)[0]

    def shapes(self, kept: Array, second: Array, group: int) -> Array:
        """Saturated adstock of one group, (channels, weeks, points)."""
        return curve(self.saturation, self.stock(kept, group), second[:, :, None, :])[0]

    def __call__(self, points: Array) -> tuple[Array, Array]:
        """Log posterior (points,) and gradient (points, dim)."""
        if self.groups == 1:
            return self._evaluate(points, slice(None))
        # Two halves at a time, always the same ones, so that numbers do not depend on the machine.
        half = len(points) // 2
        halves = [slice(0, half), slice(half, None)] if half else [slice(None)]
        parts = list(_threads().map(lambda part: self._evaluate(points[part], part), halves))
        return np.concatenate([log for log, _ in parts]), np.concatenate([g for _, g in parts])

    def _evaluate(self, points: Array, part: slice) -> tuple[Array, Array]:
        # Far out a trajectory may overflow; such a proposal is refused.
        with np.errstate(all="ignore"):
            return self._density(points, part)

    def _density(self, points: Array, part: slice) -> tuple[Array, Array]:
        count = len(points)
        first, second, log_share = self.split(points)
        kept, turned = weights(self.adstock, first, self.lags)
        # One product gives adstock and its slopes.
        stacked = np.concatenate([kept[None], turned]).transpose(2, 1, 0, 3)
        both = self._windows @ stacked.reshape(self.channels, self.lags, -1)
        both = both.reshape(self.channels, -1, 1 + self.n_adstock, count)
        stock, stock_slopes = both[:, :, 0], both[:, :, 1:]
        value, along, slopes = curve(self.saturation, stock, second[:, :, None, :])
        along = np.where(stock > _LEAST, along, 0.0)
        shape = (self.channels, self.groups, self.weeks, count)
        value = value.reshape(shape)
        mean = value.mean(axis=2, keepdims=True)
        rate = np.exp(log_share).transpose(1, 0, 2)[:, :, None, :] * self.on / mean
        brought = value * rate
        log, pull = self._likelihood(brought, part)
        by_share = _summed("cgnp,cgnp->cgp", np.broadcast_to(pull, brought.shape), brought)
        # A share is of the mean over weeks, so a change of shape brings no more in all.
        force = pull * rate - by_share[:, :, None] / (mean * self.weeks)
        force = force.reshape(self.channels, -1, count)
        along *= force
        parts = [
            _summed("cnp,cnp->cp", along, stock_slopes[:, :, i]) for i in range(self.n_adstock)
        ]
        parts += [_summed("cnp,cnp->cp", force, slope) for slope in slopes]
        parts += list(by_share.transpose(1, 0, 2))
        off = points - self.mean
        weighed = off @ self._precision
        log = log - 0.5 * (off * weighed).sum(axis=1)
        return log, np.concatenate(parts).T - weighed

    def _likelihood(self, brought: Array, part: slice) -> tuple[Array, Array]:
        """Log likelihood, and its slope along each contribution (channels or 1, ...)."""
        left, squares = self.leftover(brought.sum(axis=0), part)
        spread = _of(self._b0, part) + 0.5 * squares
        weight = _WEIGHT + self.free_df / 2
        log: Array = -weight * np.log(spread).sum(axis=0)
        pull: Array = (left * (weight / spread)[:, None])[None]
        if self.root is not None:
            pull = pull * _of(self.root, part)
        if not self.panel.lifts:
            return log, pull
        pull = np.repeat(pull, self.channels, axis=0)
        for test in self.panel.lifts:
            at = (test.channel, test.group, test.rows)
            off = (test.lift - brought[at].sum(axis=0)) / test.sd
            log = log - 0.5 * off**2
            pull[at] += off / test.sd
        return log, pull

    def leftover(self, total: Array, part: slice = _ALL) -> tuple[Array, Array]:
        """Take away media and controls; weighed by the roots, (groups, weeks, points).

        And its squares (groups, points), with those of what is known of controls.
        """
        whole = _of(self.y, part) - total
        if self.root is None or self.roots_basis is None:
            left = whole - self.basis @ (self.basis.transpose(0, 2, 1) @ whole)
        else:
            whole = whole * _of(self.root, part)
            turned = whole.transpose(2, 0, 1)[..., None]
            basis = self.roots_basis[part]
            inside = basis @ (basis.swapaxes(-1, -2) @ turned)
            left = whole - inside[..., 0].transpose(1, 2, 0)
        return left, (whole * left).sum(axis=1)

    def draw_rest(self, points: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Draw what was integrated out.

        Variance (groups, points), and what controls bring (groups, weeks, points).
        """
        variance, rest, chance = self._draw_chance(points, rng)
        if self.root is None or self.roots_basis is None:
            base = self.basis @ (self.basis.transpose(0, 2, 1) @ rest + chance)
            return variance, base
        turned = (rest * self.root).transpose(2, 0, 1)[..., None]
        inside = self.roots_basis.swapaxes(-1, -2) @ turned
        inside = self.roots_basis @ (inside + chance.transpose(2, 0, 1)[..., None])
        return variance, inside[..., 0].transpose(1, 2, 0) / self.root

    def draw_slopes(self, points: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Draw what was integrated out, as if noise were normal.

        Variance (groups, points), and the coefficients of controls (groups, columns, points).
        """
        variance, rest, chance = self._draw_chance(points, rng)
        turned = self.basis.transpose(0, 2, 1) @ rest + chance
        # Controls are in units of their own, and nothing where a territory has no such event.
        size = np.linalg.norm(self._triangle, axis=1)[..., None]
        size = np.where(size > 0, size, 1.0)
        scaled = np.linalg.pinv(self._triangle / size.swapaxes(1, 2), rcond=_SINGULAR)
        return variance, (scaled @ turned) / size

    def _draw_chance(self, points: Array, rng: np.random.Generator) -> tuple[Array, Array, Array]:
        """Variance (groups, points), sales less media, and errors of what controls bring."""
        total = self.media(points).sum(axis=0)
        weight = _WEIGHT + self.free_df / 2
        spread = self._b0 + 0.5 * self.leftover(total)[1]
        variance = spread / rng.standard_gamma(weight, spread.shape)
        chance = rng.standard_normal((self.groups, self.basis.shape[2], len(points)))
        return variance, self.y - total, chance * np.sqrt(variance)[:, None]

    def refresh(self, points: Array, rng: np.random.Generator) -> bool:
        """Draw the weights of weeks, where noise is Student's: a scale mixture of normals."""
        if not self.student:
            return False
        variance, base = self.draw_rest(points, rng)
        off = self.y - self.media(points).sum(axis=0) - base
        rate = (NU + off**2 / variance[:, None]) / 2
        self.root = np.sqrt(rng.standard_gamma((NU + 1) / 2, off.shape) / rate)
        weighed = self.root.transpose(2, 0, 1)[..., None] * self.controls
        self.roots_basis = self._factors(weighed)[0]
        return True

    def start(self, count: int, rng: np.random.Generator) -> Array:
        """Points to begin at: somewhat closer together than the prior is."""
        points: Array = self.mean + 0.7 * np.sqrt(np.diag(self.cov)) * rng.standard_normal(
            (count, self.dim)
        )
        points[:, self.shares] = (
            self.mean[self.shares]
            - 0.35
            + 0.5 * rng.standard_normal((count, self.dim))[:, self.shares]
        )
        return points

    def first_metric(self) -> Array:
        """Scale of the first steps: half the prior's."""
        return np.diag(0.5 * np.minimum(np.sqrt(np.diag(self.cov)), 1.2))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="media-mix")


def _of(values: Array, part: slice) -> Array:
    """Values of some points, where each has its own."""
    return values[..., part] if values.shape[-1] > 1 else values


def _summed(rule: str, left: Array, right: Array) -> Array:
    """Sum of products, which einsum makes without an array between."""
    total: Array = np.einsum(rule, left, right)
    return total
