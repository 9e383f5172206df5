"""What an estimate of one thing looks like: the answer, its probability, its rivals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from musictools._figures import figure
from musictools._result import Result
from musictools._units import label

Answer = TypeVar("Answer", float, str | None)


@dataclass(frozen=True, repr=False)
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
    #: What the answer is, with its unit.
    _answer: ClassVar[str] = "value"

    value: Answer
    confidence: float
    alternatives: tuple[tuple[Answer, float], ...]

    def _rows(self) -> Mapping[str, str]:
        rivals = (f"{figure(value)} ({share:.2f})" for value, share in self.alternatives)
        return {
            label(self._answer): figure(self.value),
            **{name: text for name, text in super()._rows().items() if name != "Value"},
            "Alternatives": ", ".join(rivals) or "none",
        }
