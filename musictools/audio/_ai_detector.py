"""AIDetector: taught with the reader's own folders, judged on generators that it has not met."""

import math
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from musictools._card import ModelCard, Table
from musictools._checks import generator
from musictools._threads import one_thread
from musictools._version import __version__
from musictools.audio._ai_files import WHAT, Pile, read_pile, shortcuts
from musictools.audio._ai_report import CANNOT, AIReport, verdict_words
from musictools.audio._excerpt import loudest
from musictools.audio._recording import Source, as_recording, from_samples
from musictools.audio._upsampling import Floats
from musictools.audio._upsampling_copies import CONDITIONS, vectors
from musictools.errors import AudioError, InputError

if TYPE_CHECKING:
    import pandas as pd

_FEWEST = 8
_FOLDS = 4
_THRESHOLD = 0.5
#: Scores nearer to the threshold than this are no verdict.
_UNSURE = 0.2
_DRAWS = 400


class AIDetector(ModelCard, BaseEstimator):  # type: ignore[misc]
    """Detector of generated music that knows nothing until it is taught.

    musictools ships no verdict on who made a recording: generators change every month, and one who
    is wrongly accused has no defence against a number. This learns from two folders of the
    reader's own, by the lines that up-sampling leaves (see :func:`upsampling`), and says how well
    it does on generators that were held out, and on copies that were re-encoded, resampled or
    played faster.

    Parameters
    ----------
    conditions : sequence of str
        What files are put through, in teaching and in tests: ``as_is`` and any of ``mp3``,
        ``vorbis``, ``pitch_up`` and ``pitch_down`` (a semitone, by speed), ``resampled`` (to 32
        kHz and back).
    augment : bool, default True
        Teach with the copies too; False teaches with files as they are.
    rng : int or numpy.random.Generator, optional
        Seed for folds and intervals. The same seed gives the same numbers.

    Attributes
    ----------
    report_ : AIReport
        After ``fit``: scores by held-out generator and condition, shortcuts, verdict.

    See Also
    --------
    upsampling : The descriptor behind it.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.audio.AIDetector().predict("song.wav")
    Traceback (most recent call last):
    ...
    musictools.errors.InputError: say whether music was generated: got a detector that was taught...
    """

    def __init__(
        self,
        *,
        conditions: Iterable[str] = CONDITIONS,
        augment: bool = True,
        rng: Any = None,
    ) -> None:
        self.conditions = conditions
        self.augment = augment
        self.rng = rng

    def fit(self, human: Any, generated: Any, *, progress: bool | None = None) -> "AIDetector":
        """Learn from two labelled folders, and judge what was learnt.

        Parameters
        ----------
        human : path-like, mapping or iterable
            A folder with a subfolder for each artist, a mapping of artists to recordings, or
            recordings (paths or :class:`Recording`). At least eight.
        generated : path-like, mapping or iterable
            The same with a subfolder for each generator. At least eight, and of two generators to
            know anything of a third.
        progress : bool, optional
            Show a progress bar; by default when a person watches.

        Returns
        -------
        AIDetector
            Itself; ``report_`` has what it can do.

        Raises
        ------
        AudioNotFoundError
            If a folder is not there.
        InputError
            If there are too few recordings, or a condition is unknown.

        Notes
        -----
        Each generator is held out in turn, together with a fourth of the artists (one of them,
        where there are two or three; a fourth of the files, where no artists are named); with one
        generator, files are held out. Intervals of the AUC come from draws of recordings.
        """
        conditions = self._checked()
        random = generator(self.rng, WHAT)
        piles = [read_pile(each, conditions, progress=progress) for each in (human, generated)]
        for name, pile in zip(("human", "generated"), piles, strict=True):
            if len(pile) < _FEWEST:
                why = f"; {pile.failed[0]}" if pile.failed else ""
                raise InputError(
                    WHAT,
                    got=f"{len(pile)} {name} recordings that can be used{why}",
                    expected=f"{_FEWEST} or more of each",
                    hint="bring more songs of your own; none come with the package",
                )
        left, right = piles
        with one_thread():
            scores = self._judged(left, right, conditions, random)
            self._model = self._taught(left.x, right.x)
        names = sorted(set(right.group))
        verdict, sentences = verdict_words(scores, len(names))
        known = np.concatenate([left.x, right.x]).reshape(-1, left.x.shape[2])
        self._centre, self._spread = known.mean(axis=0), known.std(axis=0) + 1e-9
        self._far = float(np.quantile(self._distance(known), 0.995))
        self.report_ = AIReport(
            scores=scores,
            shortcuts=shortcuts(left, right),
            verdict=verdict,
            sentences=sentences,
            threshold=_THRESHOLD,
            human=len(left),
            generated=len(right),
            generators=len(names),
            failed=(*left.failed, *right.failed),
            provenance={
                "musictools": __version__,
                "function": "audio.AIDetector",
                "conditions": conditions,
                "augment": self.augment,
            },
        )
        return self

    def predict(self, sources: Any) -> "pd.DataFrame":
        """Say which pile a recording is more like, where the detector has earned it.

        Parameters
        ----------
        sources : Recording or path-like, or a list of them
            What to judge.

        Returns
        -------
        pandas.DataFrame
            ``recording, score`` (0 to 1, in the mixture of your two folders and not of the world),
            ``verdict`` (``like the generated``, ``like the human`` or ``cannot tell``),
            ``why``, and ``error`` (null on success): a file that is broken, silent or too short
            has no score, and does not keep the others from theirs.

        Raises
        ------
        InputError
            If it was taught nothing.
        """
        import pandas as pd

        if not hasattr(self, "report_"):
            raise InputError(
                "say whether music was generated",
                got="a detector that was taught nothing",
                expected="your own folders of human and of generated music",
                hint='AIDetector().fit("human/", "generated/"); no verdict comes with the package',
            )
        given = sources if isinstance(sources, list | tuple) else [sources]
        rows: list[tuple[str, float, str, str, str | None]] = []
        for each in given:
            try:
                rows.append((*self._row(each), None))
            except (AudioError, InputError) as error:
                name = os.fspath(each) if isinstance(each, str | os.PathLike) else repr(each)
                lost = (name, math.nan, "cannot tell", "it could not be measured", str(error))
                rows.append(lost)
        return pd.DataFrame(rows, columns=["recording", "score", "verdict", "why", "error"])

    def words(self) -> str:
        """Say what it can do, what may have fooled it, and what it cannot tell.

        Returns
        -------
        str
            Sentences, one a line.
        """
        if hasattr(self, "report_"):
            return self.report_.words()
        return f"It was taught nothing, and gives no verdict.\n{CANNOT}"

    def _row(self, source: Source) -> tuple[str, float, str, str]:
        whole = as_recording(source)
        excerpt = loudest(whole, 30.0)
        x = vectors(from_samples(excerpt.samples, excerpt.rate_hz), ("as_is",))
        score = float(self._model.predict_proba(x)[0, 1])
        name = str(whole.path) if whole.path else repr(whole)
        if self.report_.verdict == "nothing":
            return name, score, "cannot tell", "the detector has shown no skill"
        if float(self._distance(x)[0]) > 1.5 * self._far:
            return name, score, "cannot tell", "unlike anything that it was taught with"
        if abs(score - _THRESHOLD) < _UNSURE:
            return name, score, "cannot tell", "between the two"
        why = {
            "unseen": "held on generators that were held out, and on copies",
            "fragile": "held in part: see report_ for the copies or generators that it misses",
            "known_only": "held on one generator; nothing is known of others",
        }[self.report_.verdict]
        return name, score, f"like the {'generated' if score > _THRESHOLD else 'human'}", why

    def _distance(self, x: Floats) -> Floats:
        z = (x - self._centre) / self._spread
        out: Floats = np.sqrt((z**2).mean(axis=1))
        return out

    def _checked(self) -> tuple[str, ...]:
        asked = () if isinstance(self.conditions, str) else tuple(self.conditions)
        if "as_is" not in asked or any(each not in CONDITIONS for each in asked):
            raise InputError(
                WHAT,
                got=f"conditions={self.conditions!r}",
                expected=f"'as_is' and any of {', '.join(CONDITIONS[1:])}",
                hint="conditions=('as_is', 'mp3')",
            )
        return tuple(dict.fromkeys(asked))

    def _taught(self, human: Floats, made: Floats) -> Any:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        used = slice(None) if self.augment else slice(0, 1)
        parts = [each[:, used].reshape(-1, each.shape[2]) for each in (human, made)]
        label = np.repeat([0, 1], [len(each) for each in parts])
        # Strong: a hundred numbers of a few dozen songs say what one likes.
        model = make_pipeline(
            StandardScaler(), LogisticRegression(C=0.02, class_weight="balanced", max_iter=500)
        )
        return model.fit(np.concatenate(parts), label)

    def _judged(
        self, human: Pile, made: Pile, conditions: tuple[str, ...], random: np.random.Generator
    ) -> "pd.DataFrame":
        import pandas as pd

        fold = _folds(human.group, random)
        names = sorted(set(made.group))
        held = np.array([names.index(each) for each in made.group])
        if len(names) == 1:
            held = _folds(["" for _ in made.group], random)
        got = np.full((len(made), len(conditions)), np.nan)
        seen = np.full((int(held.max()) + 1, len(human), len(conditions)), np.nan)
        for out in range(int(held.max()) + 1):
            for part in range(int(fold.max()) + 1):
                model = self._taught(human.x[fold != part], made.x[held != out])
                for k in range(len(conditions)):
                    # Each human fold has its own model; the generator is judged by all of them.
                    new = model.predict_proba(made.x[held == out, k])[:, 1]
                    old = got[held == out, k]
                    got[held == out, k] = np.where(np.isnan(old), 0.0, old) + new / (fold.max() + 1)
                    seen[out, fold == part, k] = model.predict_proba(human.x[fold == part, k])[:, 1]
        rows = []
        for number, name in enumerate(names):
            mine = held == number if len(names) > 1 else np.ones(len(made), dtype=bool)
            for k, condition in enumerate(conditions):
                human_scores = seen[number, :, k] if len(names) > 1 else seen[:, :, k].mean(axis=0)
                rows.append(
                    {"generator": name, "condition": condition}
                    | _row_of(human_scores, got[mine, k], random)
                )
        return pd.DataFrame(rows)

    def _verdict(self) -> str:
        return self.words()

    def _tables(self) -> Iterable[Table]:
        known = hasattr(self, "report_")
        return [("By generator and condition", self.report_.to_frame())] if known else ()


def _folds(group: list[str], random: np.random.Generator) -> npt.NDArray[np.int_]:
    """Deal groups into folds; files, where there is one group only."""
    names, place = np.unique(np.array(group, dtype=str), return_inverse=True)
    # A part of an artist must not be taught when another part is judged.
    if len(names) < 2:
        place = np.arange(len(group))
    count = int(place.max()) + 1
    dealt = random.permutation(count) % _FOLDS
    out: npt.NDArray[np.int_] = dealt[place]
    return out


def _row_of(human: Floats, made: Floats, random: np.random.Generator) -> dict[str, Any]:
    drawn = [
        _auc(random.choice(human, len(human)), random.choice(made, len(made)))
        for _ in range(_DRAWS)
    ]
    lo, hi = np.quantile(drawn, [0.05, 0.95])
    return {
        "generated": len(made),
        "human": len(human),
        "auc": _auc(human, made),
        "auc_lo": float(lo),
        "auc_hi": float(hi),
        "caught": float((made > _THRESHOLD).mean()),
        "false_alarms": float((human > _THRESHOLD).mean()),
    }


def _auc(human: Floats, made: Floats) -> float:
    above = (made[:, None] > human[None, :]).mean()
    return float(above + (made[:, None] == human[None, :]).mean() / 2)
