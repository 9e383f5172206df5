"""What the sampler of a media mix is given: spend, sales, controls and lift tests, made ready."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from musictools.marketing._adstock import Array
from musictools.marketing._media_kernels import Kind


@dataclass(frozen=True)
class Lift:
    """A lift test: what a channel brought in some weeks, measured apart.

    Attributes
    ----------
    channel, group : int
        Which.
    rows : slice
        Weeks of the group.
    lift, sd : float
        Sales that it brought and their standard error, in units of mean sales of the group.
    """

    channel: int
    group: int
    rows: slice
    lift: float
    sd: float


@dataclass(frozen=True)
class Panel:
    """Data, made ready.

    Attributes
    ----------
    spend : numpy.ndarray
        (groups, weeks, channels).
    y : numpy.ndarray
        (groups, weeks).
    controls : numpy.ndarray
        (groups, weeks, columns), intercept first, of full rank.
    lifts : sequence of Lift
        Tests.
    known : int or None
        Weeks that usual weeks and means are of, where those after them are to be forecast.
    kinds : sequence of Kind
        Kinds of events among the controls.
    """

    spend: Array
    y: Array
    controls: Array
    lifts: Sequence[Lift] = ()
    known: int | None = None
    kinds: Sequence[Kind] = ()

    def without_tests(self) -> "Panel":
        """Drop the lift tests, whose results belong to the sales that were."""
        return replace(self, lifts=())

    @property
    def unit(self) -> Array:
        """Mean week in which a channel was on, (groups, channels)."""
        spend = self.spend[:, : self.known]
        on = spend > 0
        mean: Array = spend.sum(axis=1) / np.maximum(on.sum(axis=1), 1)
        return np.where(mean > 0, mean, 1.0)

    @property
    def level(self) -> Array:
        """Mean sales, (groups,)."""
        mean: Array = self.y[:, : self.known].mean(axis=1)
        return mean
