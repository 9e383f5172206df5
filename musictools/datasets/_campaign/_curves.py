"""How spend becomes an effect: two families of carry-over and saturation."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from musictools.datasets._campaign._settings import MediaChannel
from musictools.datasets._world._promotion import adstock, hill

Floats = npt.NDArray[np.float64]

_WEIBULL_SHAPE = 2.0
_LAGS = 26


@dataclass(frozen=True)
class Curve:
    """Carry-over, saturation and size of one channel in one territory.

    Attributes
    ----------
    channel, territory : str
        Which.
    family : str
        ``own``: normalised geometric adstock, Hill. ``other``: Weibull-density adstock, whose
        peak is delayed, and logistic saturation.
    theta, scale : float
        Of the carry-over: part kept (``own``), weeks (``other``).
    shape, half : float
        Exponent (``own``), and adstock at half effect in money (both).
    beta : float
        Effect at full saturation, in the outcome's own unit.
    drift : numpy.ndarray, shape (weeks,)
        Factor of the effect in each week.
    """

    channel: str
    territory: str
    family: str
    theta: float
    scale: float
    shape: float
    half: float
    beta: float
    drift: Floats

    def adstocked(self, spend: Floats) -> Floats:
        """Carry spend over; nothing was spent before the first week."""
        if self.family == "own":
            carried: Floats = (1.0 - self.theta) * adstock(spend, self.theta)
            return carried
        weights = weibull_weights(self.scale)
        return np.convolve(spend, weights)[: len(spend)]

    def saturated(self, carried: Floats) -> Floats:
        """From 0 to 1."""
        if self.family == "own":
            return hill(carried, self.half, self.shape)
        # tanh(z / 2) is the logistic (1 - exp(-z)) / (1 + exp(-z)); half effect at z = log 3.
        level: Floats = np.tanh(0.5 * np.log(3.0) * carried / self.half)
        return level

    def effect(self, spend: Floats) -> Floats:
        """Give what this spend brings in each week."""
        return self.beta * self.drift * self.saturated(self.adstocked(spend))

    def facts(self) -> dict[str, Any]:
        """Parameters as they stand in the truth."""
        own = self.family == "own"
        return {
            "channel": self.channel,
            "territory": self.territory,
            "adstock": "geometric" if own else "weibull_pdf",
            "theta": self.theta if own else np.nan,
            "weibull_shape": np.nan if own else _WEIBULL_SHAPE,
            "weibull_scale_weeks": np.nan if own else self.scale,
            "saturation": "hill" if own else "logistic",
            "shape": self.shape if own else np.nan,
            "half_saturation": self.half,
            "beta": self.beta,
        }


def weibull_weights(scale: float) -> Floats:
    """Weights of lags 0 to 25 by the Weibull density in the middle of each week; they sum to 1."""
    lag = (np.arange(_LAGS) + 0.5) / scale
    weights: Floats = lag ** (_WEIBULL_SHAPE - 1.0) * np.exp(-(lag**_WEIBULL_SHAPE))
    shares: Floats = weights / weights.sum()
    return shares


def scale_of(theta: float) -> float:
    """Weibull scale with a mean lag of one week more than that of geometric carry-over."""
    # The mean of Weibull(2, scale) is scale * sqrt(pi) / 2; half a week is the bin's middle.
    return float((theta / (1.0 - theta) + 1.5) * 2.0 / np.sqrt(np.pi))


def make_curve(
    channel: MediaChannel,
    spend: Floats,
    where: tuple[str, float, str],
    drift: Floats,
) -> Curve:
    """Settle the curve of a channel; where is (territory, unit of the outcome there, family)."""
    territory, unit, family = where
    on = spend[spend > 0]
    level = float(on.mean()) if len(on) else 1.0
    return Curve(
        channel=channel.name,
        territory=territory,
        family=family,
        theta=channel.theta,
        scale=scale_of(channel.theta),
        shape=channel.shape,
        half=channel.half * level,
        beta=channel.effect * unit,
        drift=drift,
    )


def drifts(rng: np.random.Generator, weeks: int, *, moving: bool) -> Floats:
    """Factor of an effect in each week: 1, or a slow move of about a third of it."""
    # Drawn in any case, so that the option changes nothing else.
    middle, turn = rng.uniform(0.25, 0.75), rng.choice([-1.0, 1.0]) * rng.uniform(0.25, 0.45)
    place = (np.arange(weeks) / weeks - middle) / 0.12
    return 1.0 + turn * np.tanh(place) if moving else np.ones(weeks)
