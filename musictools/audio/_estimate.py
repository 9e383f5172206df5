"""What an estimate of one thing looks like: the answer, its share of the evidence, its rivals."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from musictools._result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Answer = TypeVar("Answer", float, str | None)


@dataclass(frozen=True)
class Estimate(Result, Generic[Answer]):
    """An answer and its rivals.

    Attributes
    ----------
    value : float, str or None
        The best answer.
    confidence : float
        Probability that the answer is right, 0 to 1, as counted on simulated songs.
    alternatives : tuple of (answer, float)
        The next best answers and their shares.
    provenance : dict
        Version, function, and the recording.
    """

    value: Answer
    confidence: float
    alternatives: tuple[tuple[Answer, float], ...]

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the answer and its rivals.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; the current axes otherwise.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on.
        """
        from musictools.plot import alternatives as draw

        return draw(self, ax=ax)
