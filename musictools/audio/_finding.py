"""What a finding is, what kinds there are, and what a detector wants from the pass."""

import dataclasses
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Track, Tracks

if TYPE_CHECKING:
    import pandas as pd

Severity = Literal["info", "warning", "error"]
Basis = Literal["fact", "judgement"]

#: From least to most severe.
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")


@dataclass(frozen=True)
class Finding:
    """One thing found in a recording.

    Attributes
    ----------
    kind : str
        A name of :func:`musictools.audio.finding_kinds`.
    start_s, end_s : float
        Where it begins and ends, in seconds; the whole recording where it is everywhere.
    severity : str
        ``"info"``, ``"warning"`` (a listener or a platform may object) or ``"error"`` (do not
        deliver it so).
    value : float
        How strong, in ``unit``.
    unit : str
        Unit of ``value``.
    confidence : float
        Probability that it is there and is what it is called, 0.5 to 1.
    meaning : str
        One sentence: what was found, and what it does to the listener.
    remedy : str
        One sentence: what to do.
    """

    kind: str
    start_s: float
    end_s: float
    severity: Severity
    value: float
    unit: str
    confidence: float
    meaning: str
    remedy: str


@dataclass(frozen=True)
class Kind:
    """One kind of finding.

    Attributes
    ----------
    name : str
        Such as ``"clipping"``.
    basis : str
        ``"fact"``: measured by a rule, may be a warning or an error. ``"judgement"``: a matter of
        degree and taste, never more than information.
    unit : str
        Unit of the value.
    value : str
        What the value says, a few words.
    rule : str
        When it is found: one or two sentences with the numbers of the rule.
    source : str
        Standard, paper or ``"definition"``.
    """

    name: str
    basis: Basis
    unit: str
    value: str
    rule: str
    source: str

    def found(
        self,
        start_s: float,
        end_s: float,
        *,
        severity: Severity,
        value: float,
        confidence: float,
        meaning: str,
        remedy: str,
    ) -> Finding:
        """Make a finding of this kind; a judgement is information, whatever is asked for."""
        return Finding(
            self.name,
            float(start_s),
            float(end_s),
            "info" if self.basis == "judgement" else severity,
            float(value),
            self.unit,
            float(confidence),
            meaning,
            remedy,
        )


class Detector(Protocol):
    """A room that finds some kinds."""

    @property
    def tracks(self) -> tuple[type[Track], ...]:
        """What the pass has to gather for it."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What it can find."""

    def find(self, tracks: Tracks) -> Iterable[Finding]:
        """Look for them."""


@runtime_checkable
class Judge(Detector, Protocol):
    """A detector of one judgement, which also measures it where it finds nothing."""

    def measure(self, tracks: Tracks) -> float:
        """Give how much of it there is, from which ``find`` decides; NaN where nobody can tell."""


def confidence(excess: float, scale: float) -> float:
    """Probability from how far the evidence is past its threshold.

    Parameters
    ----------
    excess : float
        Evidence less threshold, 0 or more, in any unit.
    scale : float
        The excess that takes away 63 % of the doubt, in the same unit.

    Returns
    -------
    float
        0.5 at the threshold, towards 1 far from it.
    """
    return 1 - 0.5 * math.exp(-max(excess, 0.0) / scale)


def stretches(flags: npt.NDArray[np.bool_], *, bridge: int = 0) -> list[tuple[int, int]]:
    """Give first index and one past the last of every run of True; short gaps are bridged."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    runs: list[tuple[int, int]] = []
    for start, stop in edges.reshape(-1, 2).tolist():
        if runs and start - runs[-1][1] <= bridge:
            runs[-1] = (runs[-1][0], stop)
        else:
            runs.append((start, stop))
    return runs


def look(tracks: Tracks, detectors: Sequence[Detector]) -> Iterator[Finding]:
    """Give what some detectors find, those of a kind together."""
    for detector in detectors:
        yield from detector.find(tracks)


def tabulate(findings: Iterable[Finding]) -> "pd.DataFrame":
    """Give findings as a table, the most severe first, then by time."""
    import pandas as pd

    ordered = sorted(findings, key=lambda f: (-SEVERITIES.index(f.severity), f.start_s, f.kind))
    columns = [field.name for field in dataclasses.fields(Finding)]
    numbers = {"start_s", "end_s", "value", "confidence"}
    # Types are the same where nothing was found.
    types: dict[str, Any] = {name: "float64" if name in numbers else "str" for name in columns}
    return pd.DataFrame([dataclasses.astuple(f) for f in ordered], columns=columns).astype(types)
