"""What an estimate of one thing looks like: the answer, its probability, its rivals."""

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
        The next best answers and their probabilities.
    provenance : dict
        Version, function, and the recording.
    """

    value: Answer
    confidence: float
    alternatives: tuple[tuple[Answer, float], ...]

    def _rows(self) -> dict[str, str]:
        rivals = (f"{_named(value)} ({share:.2f})" for value, share in self.alternatives)
        return super()._rows() | {"alternatives": ", ".join(rivals) or "none"}

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


def _named(answer: float | str | None) -> str:
    return f"{answer:.1f}" if isinstance(answer, float) else str(answer)
