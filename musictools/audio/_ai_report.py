"""What a detector of generated music can and cannot do, on generators that it has not met."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from musictools._counts import counted
from musictools._result import Result

if TYPE_CHECKING:
    import pandas as pd

#: What no such detector can tell.
CANNOT = (
    "What this cannot tell: whether music is good, who owns it, or whether a person was at work; "
    "a voice or a loop from a generator inside a human mix; generators that are not in your "
    "folders, nor the next version of those that are; recordings that went through what was not "
    "tried here. A score is no evidence against a person."
)


@dataclass(frozen=True, kw_only=True, repr=False)
class AIReport(Result):
    """How well a detector does on generators, artists and copies that it has not met.

    Attributes
    ----------
    scores : pandas.DataFrame
        A row for each generator, held out, and each condition: ``generator, condition, generated,
        human, auc, auc_lo, auc_hi, caught`` (share of the generator's songs above the threshold)
        and ``false_alarms`` (share of human songs above it).
    shortcuts : pandas.DataFrame
        What tells the folders apart without listening: ``fact, balanced_accuracy, words``.
    verdict : str
        ``unseen`` (finds generators that it has not met, copies too), ``fragile`` (finds them until
        a file is re-encoded, resampled or played faster; or ranks a generator's songs higher, but
        catches fewer than half of them at the threshold), ``known_only`` (one generator only, so
        that nothing is known of others) or ``nothing``.
    sentences : tuple of str
        In words.
    threshold : float
        Score above which a song counts as like the generated.
    human, generated, generators : int
        Recordings and generators that it was taught with.
    failed : tuple of str
        Files that could not be used.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "ai_report"
    _caption: ClassVar[str] = "By generator and condition"

    scores: "pd.DataFrame" = field(repr=False)
    shortcuts: "pd.DataFrame" = field(repr=False)
    verdict: str
    sentences: tuple[str, ...] = field(repr=False)
    threshold: float
    human: int
    generated: int
    generators: int
    failed: tuple[str, ...] = field(repr=False)

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each generator and condition.

        Returns
        -------
        pandas.DataFrame
            As ``scores``.
        """
        return self.scores.copy()

    def words(self) -> str:
        """Say what it can do, what may have fooled it, and what it cannot tell.

        Returns
        -------
        str
            Sentences, one a line.
        """
        traps = [f"Beware: {each}." for each in self.shortcuts["words"]]
        lost = [f"Not usable: {counted(len(self.failed), 'file')}."] if self.failed else []
        return "\n".join([*self.sentences, *traps, *lost, CANNOT])


def verdict_words(scores: "pd.DataFrame", generators: int) -> tuple[str, tuple[str, ...]]:
    """Give the verdict, and say it.

    Parameters
    ----------
    scores : pandas.DataFrame
        As in the report.
    generators : int
        How many there are.
    """
    plainly = scores[scores["condition"] == "as_is"]
    worst = scores.to_dict("records")[int(scores["auc"].argmin())]
    lowest = float(plainly["auc_lo"].min())
    if lowest <= 0.5 or float(plainly["auc"].min()) < 0.7:
        low = plainly.to_dict("records")[int(plainly["auc"].argmin())]
        sentence = (
            f"No detector: as files are, {low['generator'] or 'generated songs'} can hardly "
            f"be told from human ones (AUC {low['auc']:.2f} [{low['auc_lo']:.2f}, "
            f"{low['auc_hi']:.2f}]). It gives no verdict."
        )
        return "nothing", (sentence,)
    rows = (
        f"Files as they are: AUC {plainly['auc'].min():.2f} to {plainly['auc'].max():.2f}, "
        f"{plainly['caught'].min():.0%} or more caught at "
        f"{plainly['false_alarms'].max():.0%} false alarms or fewer"
    )
    if generators < 2:
        sentence = (
            f"{rows}, on songs of the one generator that it was taught with. Of any other "
            "nothing is known: bring a second one."
        )
        return "known_only", (sentence,)
    sentence = f"{rows}, each on a generator that it had not met."
    if float(scores["auc"].min()) < 0.8:
        bad = (
            f"But after {worst['condition']} the AUC for {worst['generator']} is "
            f"{worst['auc']:.2f}: who wants to hide a song can."
        )
        return "fragile", (sentence, bad)
    missed = plainly.to_dict("records")[int(plainly["caught"].argmin())]
    if missed["caught"] < 0.5:
        # An AUC is about ranks: where the threshold should lie is not known for what is not met.
        bad = (
            f"But of {missed['generator']} only {missed['caught']:.0%} are caught: the order is "
            "right, and the threshold is not one for generators that it has not met."
        )
        return "fragile", (sentence, bad)
    kept = f"The worst copy ({worst['condition']}, {worst['generator']}): AUC {worst['auc']:.2f}."
    return "unseen", (sentence, kept)
