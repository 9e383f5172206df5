"""What an estimate of one thing looks like: the answer, its probability, its rivals."""

from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from musictools._result import Result

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

    _drawn_by: ClassVar[str] = "alternatives"

    value: Answer
    confidence: float
    alternatives: tuple[tuple[Answer, float], ...]

    def _rows(self) -> dict[str, str]:
        rivals = (f"{_named(value)} ({share:.2f})" for value, share in self.alternatives)
        return super()._rows() | {"alternatives": ", ".join(rivals) or "none"}


def _named(answer: float | str | None) -> str:
    return f"{answer:.1f}" if isinstance(answer, float) else str(answer)
