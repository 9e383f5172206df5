"""HitModel: what sound tells of success, beside a baseline that knows artist and calendar."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from musictools._card import ModelCard, Table
from musictools._checks import check_number, generator
from musictools._threads import one_thread_for_trees
from musictools._version import __version__
from musictools.errors import InputError, closest
from musictools.trends import _hit_effects, _hit_scores
from musictools.trends._hit_effects import HitEffect
from musictools.trends._hit_folds import (
    VIEWS,
    Judged,
    Plan,
    Recipe,
    correlated,
    importance,
    judge,
    matrix,
    within_artists,
)
from musictools.trends._hit_leaks import (
    Leak,
    auc,
    column_leaks,
    ladder_leak,
    same_songs,
    year_leak,
)
from musictools.trends._hit_past import history
from musictools.trends._hit_report import DECIDES, HitReport, verdict_words
from musictools.trends._hit_songs import WHAT, Songs, as_learnt, read_songs

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

_MODELS = ("linear", "splines", "boosting")
_CALIBRATIONS = ("sigmoid", "isotonic", None)
_SPLITS = {
    "random": "dealt at random",
    "artist": "no artist in both",
    "time": "test after training",
    "both": "no artist in both, test after training",
}


class HitModel(ModelCard, BaseEstimator):  # type: ignore[misc]
    """Model of hits that asks what sound adds to artist and date.

    Three models are fitted side by side: ``history`` (what the artist had done by then, and the
    calendar), ``sound`` (the descriptors only) and ``both``. They are judged on songs that came out
    after all they learnt from, by artists of whom they learnt nothing; what would leak is looked
    for first, left out, and said.

    Parameters
    ----------
    model : str or scikit-learn classifier, default "linear"
        ``linear`` (ridge logistic regression), ``splines`` (the same on curves, for effects that
        rise and fall), ``boosting`` (trees, for some thousand songs), or any classifier with
        ``predict_proba`` that bears missing values.
    calibration : str or None, default "sigmoid"
        ``sigmoid``, ``isotonic`` (from about a thousand songs on) or None; fitted on artists that
        the model has not seen.
    blocks : int, default 3
        Stretches of time that are foretold, one after the other.
    groups : int, default 3
        Groups of artists; those to be judged are left out of the training.
    first : float, default 0.4
        Part of the songs, the oldest, that only teach.
    lag_days : float, default 90
        Days after a release at which it is known whether it is a hit; younger ones teach nothing
        and do not count as an artist's past.
    reissues : str, default "drop"
        ``drop`` later versions of a song that is there, or ``keep`` them, to see what they do.
    allow : sequence of str
        Columns that look like leaks, of which you know that they are none.
    level : float, default 0.9
        Level of the intervals that are shown in tables and pictures. The verdict and its sentences
        go by intervals of 90 %, whatever this is.
    rng : int or numpy.random.Generator, optional
        Seed for groups, shuffles and bootstrap. The same seed gives the same numbers.

    Attributes
    ----------
    report_ : HitReport
        After ``fit``: scores, reliability, importance, leaks, splits, predictions, and the verdict.

    See Also
    --------
    typicality : How near a song is to what was around it.

    Notes
    -----
    Every late song is predicted once for each model, by a fit on songs that were known before its
    stretch of time began, without its group of artists. Skill is 1 - Brier / Brier of the share of
    hits in the training set; intervals come from 1,000 draws of artists. Importance is the rise of
    the Brier score when a group of correlated columns is shuffled among the judged songs, five
    times. The artist's past of a judged song is told to the models as counts, as it could be read
    on the day of its release. "Drake ", "drake" and "Drake feat. X" are one artist in all of this:
    names count without case, spare blanks, and what follows feat., ft. or featuring.

    Of an artist, history knows the counts; of the calendar a straight line over dates, the season,
    and the share of hits among all songs of the last year whose outcomes were known on the day.
    Where hits and sound have fashions, that is not the whole calendar, and a song can tell its time
    by its sound: a gain over history may be that. History is straight whatever ``model`` is; other
    models than ``linear`` bend counts and dates in ``both``, and a part of their gain may be that.

    Sound can also foretell only by telling who the artist is, and how famous beyond what the counts
    tell. So ``adds`` asks for two things: a gain in the Brier score over history whose 90 %
    interval lies above 0; and that the log loss gets worse, in 95 of 100 orders, when the songs of
    an artist that are judged together swap their sounds. What they swap is what differs from the
    ten songs around each in time, and from what the season adds: a song keeps the fashion of its
    day, which can then hardly pass for an effect. What is not told apart are fashions of one genre
    only, and those that come and go within some ten songs. ``nothing`` says that a gain of 2 %
    would have been seen and no such order matters, or none is there to ask; ``unclear`` is the
    rest, and the sentences say which.

    Worlds of 900 songs by 150 artists were simulated (``benchmarks/hits.py``). Where sound says
    nothing, ``adds`` was said of 0 of 40 (``nothing`` of 39); where it tells fame and does nothing,
    of 1 of 40 (4 by the gain alone); where hits and sound follow a wave of eight years alike, of 2
    of 40 (23 by the gain alone); steps every six years, of 3 of 40 (37); the seasons, of 1 of 40
    (3). Of the first 20 worlds only, in a shorter form of the same with 99 orders: of 5 with an
    effect of 0.4, of 19 with an effect of 0.8.

    References
    ----------
    M. Interiano et al. (2018): Musical trends and predictability of success in contemporary songs
    in and out of the top charts. Royal Society Open Science 5, 171274.

    Examples
    --------
    >>> import musictools as mt
    >>> made = mt.datasets.simulate_hits(900, artists=150, effect=0, house_sound=0, rng=5)
    >>> model = mt.trends.HitModel(rng=1).fit(made.features, made.songs)
    >>> model.report_.verdict
    'nothing'
    """

    def __init__(  # noqa: PLR0913 - all by name, each with a default
        self,
        *,
        model: Any = "linear",
        calibration: str | None = "sigmoid",
        blocks: int = 3,
        groups: int = 3,
        first: float = 0.4,
        lag_days: float = 90.0,
        reissues: str = "drop",
        allow: Sequence[str] = (),
        level: float = 0.9,
        rng: Any = None,
    ) -> None:
        self.model = model
        self.calibration = calibration
        self.blocks = blocks
        self.groups = groups
        self.first = first
        self.lag_days = lag_days
        self.reissues = reissues
        self.allow = allow
        self.level = level
        self.rng = rng

    def fit(
        self,
        features: Any,
        songs: Any = None,
        *,
        outcome: str = "hit",
        artist: str = "artist",
        date: str = "released_at",
    ) -> "HitModel":
        """Fit the three models, and judge them.

        Parameters
        ----------
        features : pandas, polars, pyarrow or DuckDB frame
            The ``features`` table, as ``mt.audio.extract`` gives it; every column of numbers counts
            as sound unless it leaks.
        songs : frame, optional
            By recording_id: artist, date of release, outcome; ``title`` and ``isrc`` help to find
            reissues. Without it, ``features`` must hold them.
        outcome : str
            Column with 1 for a hit and 0 for none.
        artist, date : str
            Columns of the artist and of the date (or year) of release.

        Returns
        -------
        HitModel
            Itself; ``report_`` has what was found.

        Raises
        ------
        TableError
            If a column is missing, or a recording stands there twice.
        InputError
            If outcomes are not 0 and 1, there are too few songs, or a setting is out of range.
        PolicyError
            If the data come from a source whose terms forbid to train on them.
        """
        plan = self._checked()
        asked = read_songs(features, songs, (artist, date, outcome))
        self._names = (artist, date)
        chosen, leaks = self._cleaned(asked)
        seed = plan.seed
        with one_thread_for_trees():
            past = history(chosen, chosen, self.lag_days)
            recipe = Recipe(self.model, self.calibration, seed)
            judged = judge(chosen, past, recipe, plan=plan)
            splits = self._ladder(chosen, past, recipe, plan, judged)
            leaks += [*year_leak(chosen), *ladder_leak(splits)]
            self.report_ = self._reported(chosen, past, judged, leaks, splits)
            self._models = {
                view: recipe.fitted(view, matrix(chosen, past, view), chosen.hit, chosen.artist)
                for view in VIEWS
            }
        self._songs, self._past, self._recipe = chosen, past, recipe
        self._fits: dict[tuple[str, int], _hit_effects.Fits] = {}
        return self

    def predict_proba(self, features: Any, songs: Any = None) -> "pd.DataFrame":
        """Give the chance of a hit of other songs, by each of the three models.

        Parameters
        ----------
        features : frame
            With the columns that were learnt from.
        songs : frame, optional
            Artist and date by recording_id, under the names that ``fit`` was given.

        Returns
        -------
        pandas.DataFrame
            ``recording_id, history, sound, both``, in the order of dates. Unless the verdict is
            that sound adds, ``history`` is the one to believe.

        Raises
        ------
        TableError
            If the artist or the date is missing.
        InputError
            If it was not fitted, or a column that was learnt from is missing or holds words.
        """
        import pandas as pd

        self._need_fit()
        new = read_songs(features, songs, (*self._names, None), strict=False)
        new.sound = as_learnt(features, new, list(self._songs.sound.columns))
        past = history(new, self._songs, self.lag_days)
        chances = {
            view: self._models[view].predict_proba(matrix(new, past, view))[:, 1] for view in VIEWS
        }
        return pd.DataFrame({"recording_id": new.ids, **chances})

    def effect(
        self, column: str, *, using: str = "both", points: int = 15, draws: int = 40
    ) -> HitEffect:
        """Give how the chance of a hit goes with one column, all else as it is in the songs.

        Parameters
        ----------
        column : str
            A column of sound.
        using : str
            ``both`` or ``sound``.
        points : int
            Points between the 2nd and the 98th percentile.
        draws : int
            Models fitted to other draws of artists, for the band.

        Returns
        -------
        HitEffect
            The curve, the band, and what it looks like in words.
        """
        self._need_fit()
        if column not in self._songs.sound.columns or using not in ("both", "sound"):
            raise InputError(
                "give the effect of a column",
                got=f"column={column!r}, using={using!r}",
                expected="a column that was learnt from; 'both' or 'sound'",
                hint=closest(str(column), list(self._songs.sound.columns)[:40]),
            )
        points = int(check_number(WHAT, "points", points, (3, 200)))
        asked = using, int(check_number(WHAT, "draws", draws, (5, 1_000)))
        with one_thread_for_trees():
            # The models cost most of the time, and are the same for every column.
            if asked not in self._fits:
                found = _hit_effects.fits(
                    self._songs, self._past, self._recipe, using=using, draws=asked[1]
                )
                self._fits = {asked: found}
            return _hit_effects.effect(
                self._songs,
                self._models[using],
                self._fits[asked],
                column=column,
                points=points,
                level=self.level,
            )

    def words(self) -> str:
        """Say what was found, what leaks, and what this cannot tell.

        Returns
        -------
        str
            Sentences, one a line.
        """
        self._need_fit()
        return self.report_.words()

    def plot(self, ax: Any = None) -> Any:
        """Draw predicted against seen shares of hits; ``report_`` has more pictures.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; the current axes otherwise.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on.
        """
        self._need_fit()
        return self.report_.plot(ax)

    def _need_fit(self) -> None:
        if not hasattr(self, "report_"):
            raise InputError(
                "ask a HitModel",
                got="a model that has seen no song",
                expected="a fitted one",
                hint="model.fit(features, songs) comes first",
            )

    def _checked(self) -> Plan:
        if isinstance(self.model, str) and self.model not in _MODELS:
            raise _refused(f"model={self.model!r}", closest(self.model, _MODELS))
        if not isinstance(self.model, str) and not hasattr(self.model, "predict_proba"):
            raise _refused(f"model={self.model!r}", "model='linear'")
        if self.calibration not in _CALIBRATIONS:
            known = ("sigmoid", "isotonic")
            raise _refused(f"calibration={self.calibration!r}", closest(self.calibration, known))
        if self.reissues not in ("drop", "keep"):
            raise _refused(f"reissues={self.reissues!r}", "reissues='drop'")
        check_number(WHAT, "level", self.level, (0.01, 0.999))
        return Plan(
            blocks=int(check_number(WHAT, "blocks", self.blocks, (1, 50))),
            groups=int(check_number(WHAT, "groups", self.groups, (2, 50))),
            first=check_number(WHAT, "first", self.first, (0.1, 0.9)),
            lag_days=check_number(WHAT, "lag_days", self.lag_days, (0.0, 3_650.0)),
            seed=int(generator(self.rng, WHAT).integers(2**31)),
        )

    def _cleaned(self, asked: Songs) -> tuple[Songs, list[Leak]]:
        allow = (self.allow,) if isinstance(self.allow, str) else tuple(map(str, self.allow))
        leaks = column_leaks(asked, allow)
        out = {leak.where for leak in leaks if leak.done == "left out"}
        asked.sound = asked.sound[[c for c in asked.sound.columns if c not in out]]
        if not asked.sound.shape[1]:
            raise InputError(
                WHAT,
                got="nothing but columns that leak: " + ", ".join(sorted(out)[:8]),
                expected="descriptors of sound",
                hint="allow=[...] keeps a column of which you know that it is none",
            )
        later, found = same_songs(asked)
        if self.reissues == "keep":
            kept = [
                Leak(x.kind, x.where, x.evidence, x.done.replace("left out", "kept"), x.words)
                for x in found
            ]
            return asked, leaks + kept
        return asked.take(~later), leaks + found

    def _ladder(
        self, songs: Songs, past: Floats, recipe: Recipe, plan: Plan, honest: Judged
    ) -> "pd.DataFrame":
        """Judge the sound by the wrong splits too: the difference is what leaks."""
        import pandas as pd

        rows = []
        for how, name in _SPLITS.items():
            judged = honest
            if how != "both":
                judged = judge(songs, past, recipe, plan=plan, how=how, views=("sound",))
            hit, chance = songs.hit[judged.rows], judged.chance
            loss = float(((chance["sound"] - hit) ** 2).sum())
            skill = 1 - loss / float(((chance["base"] - hit) ** 2).sum())
            rows.append((name, auc(hit, chance["sound"]), skill))
        return pd.DataFrame(rows, columns=["split", "auc", "skill"])

    def _reported(
        self, songs: Songs, past: Floats, judged: Judged, leaks: list[Leak], splits: "pd.DataFrame"
    ) -> HitReport:
        import pandas as pd

        random = np.random.default_rng(self._recipe_seed(judged))
        hit = songs.hit[judged.rows]
        times = _hit_scores.other_artists(songs.artist[judged.rows], 1_000, random)
        scored = _hit_scores.scores(judged, hit, times, self.level)
        groups, lost = importance(
            songs, past, judged, groups=correlated(songs.sound, 0.6), repeats=5, random=random
        )
        swapped = within_artists(songs, past, judged, draws=199, random=random)
        dates = songs.date[judged.rows]
        counts = {
            "judged": len(hit),
            "p_within": swapped,
            "first": str(dates[0])[:10],
            "last": str(dates[-1])[:10],
        }
        decides = _hit_scores.scores(judged, hit, times, DECIDES)
        verdict, sentences = verdict_words(decides, splits, counts)
        predictions = pd.DataFrame(
            {"recording_id": songs.ids[judged.rows], "artist": songs.credit[judged.rows]}
            | {"date": dates, "hit": hit}
            | {view: judged.chance[view] for view in VIEWS}
        )
        names = ["kind", "where", "evidence", "done", "words"]
        told = [[getattr(leak, name) for name in names] for leak in leaks]
        return HitReport(
            scores=scored,
            reliability=_hit_scores.reliability(judged, hit, 8),
            importance=_hit_scores.importance_table(groups, lost, times, self.level),
            leaks=pd.DataFrame(told, columns=names),
            splits=splits,
            predictions=predictions,
            verdict=verdict,
            p_within=swapped,
            sentences=sentences,
            songs=len(songs),
            judged=len(hit),
            artists=len(set(songs.artist)),
            base_rate=float(songs.hit.mean()),
            level=self.level,
            provenance={
                "musictools": __version__,
                "function": "trends.HitModel",
                **{k: str(v) for k, v in self.get_params(deep=False).items()},
            },
        )

    def _recipe_seed(self, judged: Judged) -> int:
        # Bootstrap and shuffles must not follow the draws that dealt the artists.
        return len(judged.rows) + 7_919 * len(judged.folds)

    def _verdict(self) -> str:
        return self.words() if hasattr(self, "report_") else f"{self!r} is not fitted."

    def _tables(self) -> Iterable[Table]:
        return [("Models", self.report_.to_frame())] if hasattr(self, "report_") else ()


def _refused(got: str, hint: str) -> InputError:
    return InputError(
        WHAT,
        got=got,
        expected=f"a model of {', '.join(_MODELS)} or a classifier; sigmoid, isotonic or None",
        hint=hint,
    )
