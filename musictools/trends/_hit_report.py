"""What a HitModel found: scores, leaks, importances, and the verdict in words."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from musictools._card import Table
from musictools._figures import chance
from musictools._result import Result

if TYPE_CHECKING:
    import pandas as pd

#: How rarely swapped sounds may foretell as well, for the song's own sound to count.
ALPHA = 0.05
#: Level of the intervals that decide, and stand in the sentences, whatever level is shown.
DECIDES = 0.9
#: Part of the Brier score of history that a gain must have to matter.
LEAST_GAIN = 0.02


@dataclass(frozen=True, kw_only=True, repr=False)
class HitReport(Result):
    """What sound has to do with success, as far as these songs can tell.

    Attributes
    ----------
    scores : pandas.DataFrame
        A row for each ``model``: ``history`` (artist and calendar only), ``sound`` (sound only) and
        ``both``. ``brier``, ``log_loss``, ``auc``; ``skill`` (1 - Brier / that of the base rate)
        and ``gain`` (1 - Brier / that of history), each with ``_lo`` and ``_hi``.
    reliability : pandas.DataFrame
        By model, in bins: ``songs, predicted, seen, seen_lo, seen_hi``.
    importance : pandas.DataFrame
        A row for each ``group`` of correlated columns: ``columns, size, loss`` (rise of the Brier
        score of ``both`` when they are shuffled), ``lo, hi``.
    leaks : pandas.DataFrame
        What leaks: ``kind, where, evidence, done, words``.
    splits : pandas.DataFrame
        The sound alone, split in four ways: ``split, auc, skill``; only the last is honest.
    predictions : pandas.DataFrame
        ``recording_id, artist, date, hit``, and each model's chance before the fact.
    verdict : str
        ``adds``, ``nothing`` or ``unclear``: what sound does beyond artist and date. 90 %
        intervals decide it, whatever ``level`` is.
    p_within : float
        Part of the orders in which the songs of an artist swap their sounds (what differs from the
        songs of their time and season) and ``both`` foretells as well. Small where the song's own
        sound counts, and not only who the artist is, or what was in fashion; NaN where no artist
        has two songs judged together, since nothing can be swapped.
    sentences : tuple of str
        The verdict, in words.
    songs, judged, artists : int
        Recordings used, those of them that were predicted, and artists.
    base_rate : float
        Share of hits.
    level : float
        Level of the intervals in the tables; those in the sentences are of 90 %.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "hit_reliability"
    _called: ClassVar[str] = "Sound and success"

    scores: "pd.DataFrame" = field(repr=False)
    reliability: "pd.DataFrame" = field(repr=False)
    importance: "pd.DataFrame" = field(repr=False)
    leaks: "pd.DataFrame" = field(repr=False)
    splits: "pd.DataFrame" = field(repr=False)
    predictions: "pd.DataFrame" = field(repr=False)
    verdict: str
    p_within: float
    sentences: tuple[str, ...] = field(repr=False)
    songs: int
    judged: int
    artists: int
    base_rate: float
    level: float

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each model.

        Returns
        -------
        pandas.DataFrame
            As ``scores``.
        """
        return self.scores.copy()

    def words(self) -> str:
        """Say what was found, and what leaks.

        Returns
        -------
        str
            Sentences, one a line.
        """
        leaks = [f"Leak: {w}" + ("" if w.endswith("?") else ".") for w in self.leaks["words"]]
        return "\n".join([*self.sentences, *leaks])

    def _tables(self) -> Iterable[Table]:
        names = ["model", "brier", "auc", "skill", "skill_lo", "skill_hi", "gain"]
        return [("Models", self.scores[names])]


#: What neither a gain over history nor swapped sounds rule out.
_CALENDAR = (
    "What swaps is what is not of its time and season; but fashions of one genre only, or of a few "
    "songs, are not told apart from sound."
)


def _verdict(both: Any, counts: dict[str, Any]) -> tuple[str, str]:
    """Give the verdict, and its sentence."""
    span = f"[{both['gain_lo']:+.1%}, {both['gain_hi']:+.1%}]"
    amount = f"{both['gain']:+.1%} {span}, {DECIDES:.0%} interval over artists"
    p_within = counts["p_within"]
    swapped = f"when the songs of an artist swap their sounds ({chance(p_within)})"
    better, matters = both["gain_lo"] > 0, p_within <= ALPHA
    if math.isnan(p_within):
        return _verdict_unasked(both, amount)
    if better and matters:
        return "adds", (
            f"Sound adds to what artist and date tell: the Brier score gets better by {amount}. "
            "It is not only the artist, or the fashion of the day: the predictions get worse "
            f"{swapped}. {_CALENDAR}"
        )
    if better:
        return "unclear", (
            f"Unclear: with sound, the Brier score gets better by {amount}; but not surely worse "
            f"{swapped}, so that it may tell who the artist is, or what was in fashion, and "
            f"nothing of the song. {_CALENDAR}"
        )
    if matters:
        return "unclear", (
            f"Unclear: the predictions get worse {swapped}, so that the song's own sound counts; "
            f"but beside artist and date alone the Brier score changes by {amount}. {_CALENDAR}"
        )
    if both["gain_hi"] < LEAST_GAIN:
        return "nothing", _nothing(amount)
    return "unclear", _too_few(amount)


def _verdict_unasked(both: Any, amount: str) -> tuple[str, str]:
    """Give the verdict where no artist has two songs to swap."""
    unasked = (
        "no artist has two songs judged together, so whether it tells the song or the artist could "
        "not be asked."
    )
    if both["gain_lo"] > 0:
        better = f"Unclear: with sound, the Brier score gets better by {amount}; but {unasked}"
        return "unclear", f"{better} Nor are seasons and fashions told apart from sound."
    words = f"{unasked[0].upper()}{unasked[1:]}"
    if both["gain_hi"] < LEAST_GAIN:
        return "nothing", f"{_nothing(amount)} {words}"
    return "unclear", f"{_too_few(amount)} {words}"


def _nothing(amount: str) -> str:
    return (
        "Sound adds nothing that matters to what artist and date tell: with it, the Brier "
        f"score changes by {amount}, where {LEAST_GAIN:+.0%} would have been seen."
    )


def _too_few(amount: str) -> str:
    return (
        f"Unclear: with sound, the Brier score changes by {amount}. These songs are too few to "
        "tell a gain from none."
    )


def verdict_words(
    scores: "pd.DataFrame", splits: "pd.DataFrame", counts: dict[str, Any]
) -> tuple[str, tuple[str, ...]]:
    """Give the verdict, and say it.

    Parameters
    ----------
    scores : pandas.DataFrame
        As in the report, with intervals of the level :data:`DECIDES`.
    splits : pandas.DataFrame
        As in the report.
    counts : dict
        ``judged, p_within, first, last``.
    """
    rows = scores.set_index("model")
    both, sound, past = rows.loc["both"], rows.loc["sound"], rows.loc["history"]
    verdict, first = _verdict(both, counts)
    alone = "more than the base rate" if sound["skill_lo"] > 0 else "no more than the base rate"
    second = (
        f"Sound alone knows {alone} (skill {sound['skill']:+.3f} [{sound['skill_lo']:+.3f}, "
        f"{sound['skill_hi']:+.3f}], AUC {sound['auc']:.2f}); artist and date alone have a skill "
        f"of {past['skill']:+.3f}, both of {both['skill']:+.3f}."
    )
    third = (
        f"Judged on {counts['judged']} songs from {counts['first']} to {counts['last']}, each by "
        "models that knew none of its artist's songs and nothing of its time; of an artist's past "
        "only the counts were told to the history."
    )
    fourth = (
        "Dealt at random, the sound would have seemed to have a skill of "
        f"{splits['skill'].iloc[0]:+.3f}; honestly split it is {splits['skill'].iloc[-1]:+.3f}."
    )
    last = (
        "None of this says that a sound causes success: promotion, playlists and taste are not in "
        "the table, and sound may stand in for what the counts do not tell of an artist."
    )
    return verdict, (first, second, third, fourth, last)
