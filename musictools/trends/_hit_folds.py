"""Splits without an artist in both and with the test after the training; models; predictions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools.errors import InputError
from musictools.trends._hit_past import HISTORY, sound_of_the_time
from musictools.trends._hit_songs import WHAT, Songs

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int_]

#: What each model may see.
VIEWS = ("history", "sound", "both")
_INNER = 3
_CLIP = 4.0
#: Fewer hits than this in a training set teach nothing.
_FEWEST = 12
#: Numbers that are held at once, where many orders of the same songs are predicted.
_MOST_CELLS = 2_000_000


@dataclass(frozen=True)
class Recipe:
    """How models are made: kind of classifier, calibration, seed."""

    model: Any
    calibration: str | None
    seed: int

    def fitted(self, view: str, x: Floats, hit: Rows, artist: npt.NDArray[Any]) -> Any:
        """Fit one model, and calibrate it on artists that it has not seen."""
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.model_selection import GroupKFold

        plain = self._classifier(view, x.shape[1])
        if self.calibration is None:
            return plain.fit(x, hit)
        shuffled = GroupKFold(_INNER, shuffle=True, random_state=self.seed)
        inner = [
            (train, test)
            for train, test in shuffled.split(x, hit, artist)
            if 0 < hit[train].sum() < len(train) and 0 < hit[test].sum() < len(test)
        ]
        if len(inner) < _INNER:
            return plain.fit(x, hit)
        wrapped = CalibratedClassifierCV(plain, method=self.calibration, cv=inner, ensemble=False)
        return wrapped.fit(x, hit)

    def _classifier(self, view: str, columns: int) -> Any:
        from sklearn.base import clone
        from sklearn.ensemble import HistGradientBoostingClassifier
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import FunctionTransformer, SplineTransformer, StandardScaler

        if self.model == "boosting" and view != "history":
            return HistGradientBoostingClassifier(
                max_iter=80,
                learning_rate=0.05,
                max_leaf_nodes=6,
                min_samples_leaf=25,
                l2_regularization=5.0,
                random_state=self.seed,
            )
        if not isinstance(self.model, str) and view != "history":
            return clone(self.model)
        steps: list[Any] = [
            SimpleImputer(strategy="median", keep_empty_features=True),
            StandardScaler(),
            FunctionTransformer(_clipped),
        ]
        # The history is a straight line on the log-odds: a curve would not hold beyond its years.
        if self.model == "splines" and view != "history":
            steps += [SplineTransformer(4, extrapolation="linear", include_bias=False)]
            steps += [StandardScaler()]
        # The more columns, the less each may say: the whole has the same spread a priori.
        strength = 1.0 if view == "history" else min(1.0, 3.0 / columns)
        return make_pipeline(*steps, LogisticRegression(C=strength, max_iter=400))


def _clipped(values: Floats) -> Floats:
    out: Floats = np.clip(values, -_CLIP, _CLIP)
    return out


@dataclass(frozen=True)
class Fold:
    """Rows to learn from and rows to be judged on."""

    block: int
    train: Rows
    test: Rows


@dataclass(frozen=True)
class Plan:
    """How the songs are split.

    Attributes
    ----------
    blocks, groups : int
        Stretches of time that are foretold, and groups of artists.
    first : float
        Part of the songs that only teach.
    lag_days : float
        Days after which an outcome is known.
    seed : int
        For groups.
    """

    blocks: int
    groups: int
    first: float
    lag_days: float
    seed: int

    def artist_groups(self, songs: Songs) -> Rows:
        """Deal the artists into groups of about as many songs."""
        random = np.random.default_rng(self.seed)
        names, place, counts = np.unique(
            songs.artist.astype(str), return_inverse=True, return_counts=True
        )
        group = np.zeros(len(names), dtype=int)
        load = np.zeros(self.groups)
        shuffled = random.permutation(len(names))
        for artist in shuffled[np.argsort(-counts[shuffled], kind="stable")]:
            group[artist] = int(load.argmin())
            load[group[artist]] += counts[artist]
        return group[place]

    def blocks_of(self, songs: Songs) -> Rows:
        """Give the stretch of time of each song: 0 only teaches, and no day is cut."""
        edges = [self.first + (1 - self.first) * k / self.blocks for k in range(self.blocks)]
        cuts = songs.date[[int(edge * (len(songs) - 1)) for edge in edges]]
        out: Rows = np.searchsorted(cuts, songs.date, side="right")
        return out

    def folds(self, songs: Songs, how: str = "both") -> Iterator[Fold]:
        """Give the splits; the same rows are tested in each way.

        Parameters
        ----------
        songs : Songs
            In the order of dates.
        how : str
            ``both`` (no artist in both, test after training), ``artist``, ``time`` or ``random``.
        """
        block, group = self.blocks_of(songs), self.artist_groups(songs)
        if how == "random":
            group = np.random.default_rng(self.seed).integers(0, self.groups, len(songs))
        lag = np.timedelta64(round(self.lag_days * 86_400), "s")
        blocks = range(1, self.blocks + 1) if how in ("both", "time") else [0]
        groups = range(self.groups) if how != "time" else [0]
        for b in blocks:
            late = block == b if b else block > 0
            before = np.ones(len(songs), dtype=bool)
            if b:
                start = songs.date[block == b]
                before = songs.date + lag <= start[0] if len(start) else before & False
            for g in groups:
                mine = group == g if how != "time" else np.ones(len(songs), dtype=bool)
                train = before & ~mine if how != "time" else before
                train &= ~(late & mine)
                test = late & mine
                if test.any():
                    yield Fold(b, np.flatnonzero(train), np.flatnonzero(test))


def matrix(songs: Songs, past: Floats, view: str) -> Floats:
    """Give what a model may see."""
    sound = songs.sound.to_numpy(dtype=float)
    return {"history": past, "sound": sound, "both": np.hstack([sound, past])}[view]


def check_fold(songs: Songs, fold: Fold) -> None:
    """Refuse a training set with next to nothing in it."""
    hits = int(songs.hit[fold.train].sum())
    if min(hits, len(fold.train) - hits) < _FEWEST:
        raise InputError(
            WHAT,
            got=f"{hits} hits among {len(fold.train)} songs to learn from before "
            f"{str(songs.date[fold.test[0]])[:10]}, without the artists to be judged",
            expected=f"{_FEWEST} hits and {_FEWEST} others in every training set",
            hint="blocks=2, groups=2 or first=0.6 leave more to learn from",
        )


@dataclass(frozen=True)
class Judged:
    """Predictions of songs by models that knew neither their artists nor their time.

    Attributes
    ----------
    rows : numpy.ndarray
        Which songs.
    chance : dict of str to numpy.ndarray
        Predicted chance of a hit by view, and ``base``: the share of hits in the training set.
    folds : list
        (fold, models by view).
    """

    rows: Rows
    chance: dict[str, Floats]
    folds: list[tuple[Fold, dict[str, Any]]]


def judge(
    songs: Songs,
    past: Floats,
    recipe: Recipe,
    *,
    plan: Plan,
    how: str = "both",
    views: tuple[str, ...] = VIEWS,
) -> Judged:
    """Predict every late song by models that know neither its artist nor its time."""
    chance = {view: np.full(len(songs), np.nan) for view in (*views, "base")}
    done = []
    for fold in plan.folds(songs, how):
        check_fold(songs, fold)
        models = {}
        chance["base"][fold.test] = songs.hit[fold.train].mean()
        for view in views:
            x = matrix(songs, past, view)
            hit, artist = songs.hit[fold.train], songs.artist[fold.train]
            models[view] = recipe.fitted(view, x[fold.train], hit, artist)
            chance[view][fold.test] = models[view].predict_proba(x[fold.test])[:, 1]
        done.append((fold, models))
    rows = np.flatnonzero(np.isfinite(chance["base"]))
    return Judged(rows, {view: values[rows] for view, values in chance.items()}, done)


def correlated(frame: "pd.DataFrame", least: float) -> list[list[str]]:
    """Put columns together whose ranks go together.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns.
    least : float
        Mean Spearman correlation of two groups (of whatever sign) above which they are one.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    names = list(frame.columns)
    if len(names) == 1:
        return [names]
    ranks = frame.rank().fillna((len(frame) + 1) / 2).to_numpy()
    far = 1 - np.abs(np.nan_to_num(np.corrcoef(ranks, rowvar=False)))
    far = (far + far.T) / 2
    np.fill_diagonal(far, 0.0)
    tree = linkage(squareform(np.maximum(far, 0.0), checks=False), "average")
    label = fcluster(tree, 1 - least, "distance")
    by_label: dict[int, list[str]] = {}
    for name, number in zip(names, label, strict=True):
        by_label.setdefault(int(number), []).append(name)
    return list(by_label.values())


def importance(
    songs: Songs,
    past: Floats,
    judged: Judged,
    *,
    groups: list[list[str]],
    repeats: int,
    random: np.random.Generator,
) -> tuple[list[list[str]], Floats]:
    """Shuffle groups of columns among the songs of a test, and see what is lost.

    Returns
    -------
    list of list of str
        The groups; history and date are the last.
    numpy.ndarray, shape (songs, groups)
        Loss of each judged song, in squared error, mean over shuffles.
    """
    x = matrix(songs, past, "both")
    names = [*songs.sound.columns, *HISTORY]
    groups = [*groups, list(HISTORY)]
    places = [[names.index(name) for name in group] for group in groups]
    lost = np.zeros((len(songs), len(groups)))
    for fold, models in judged.folds:
        here, hit = x[fold.test], songs.hit[fold.test]
        before = (models["both"].predict_proba(here)[:, 1] - hit) ** 2
        for number, columns in enumerate(places):
            # All shuffles at once: one call of a pipeline costs more than its sums.
            stacked = np.tile(here, (repeats, 1))
            for k in range(repeats):
                mixed = random.permutation(len(here))
                rows = np.arange(k * len(here), (k + 1) * len(here))
                stacked[rows[:, None], columns] = here[mixed[:, None], columns]
            after = models["both"].predict_proba(stacked)[:, 1].reshape(repeats, -1)
            lost[fold.test, number] = ((after - hit) ** 2).mean(axis=0) - before
    return groups, lost[judged.rows]


def within_artists(
    songs: Songs, past: Floats, judged: Judged, *, draws: int, random: np.random.Generator
) -> float:
    """Ask whether it matters which of an artist's songs has which sound.

    Sound can add to a history only by telling who the artist is: how famous, beyond what was
    counted. Such a sound serves as well when the songs of an artist swap theirs; what the songs
    themselves owe to their sound is lost. Sound can also tell the date, where it has fashions and
    hits come more often at times: so each song keeps what its time sounds like, and only what
    differs from that is swapped. The question is asked afterwards: songs that came out a little
    later say what a time sounds like as well as those before.

    Parameters
    ----------
    songs, past, judged
        As in :func:`importance`.
    draws : int
        Orders, each within the songs of an artist that are judged together.
    random : numpy.random.Generator
        Chance.

    Returns
    -------
    float
        Part of the orders, the true one among them, with which ``both`` has a log loss as low;
        NaN where no artist has two songs that are judged together: there is no other order.
    """
    if all(len(set(songs.artist[f.test])) == len(f.test) for f, _ in judged.folds):
        return float("nan")
    x = matrix(songs, past, "both")
    time = sound_of_the_time(songs)
    width = time.shape[1]
    lost = np.zeros(draws + 1)
    for fold, models in judged.folds:
        here, hit, then = x[fold.test], songs.hit[fold.test], time[fold.test]
        artist = np.unique(songs.artist[fold.test].astype(str), return_inverse=True)[1]
        # Sorted by artist, and by chance within: the first order is the one that was seen.
        keys = random.random((draws + 1, len(here)))
        keys[0] = np.arange(len(here)) / len(here)
        place = np.argsort(artist, kind="stable")
        at_once = max(1, _MOST_CELLS // here.size)
        for first in range(0, draws + 1, at_once):
            some = np.argsort(artist + keys[first : first + at_once], axis=1)
            stacked = np.repeat(here[None], len(some), axis=0)
            stacked[:, place, :width] = (here[:, :width] - then)[some] + then[place]
            chance = models["both"].predict_proba(stacked.reshape(-1, here.shape[1]))[:, 1]
            chance = chance.reshape(some.shape)
            told = np.where(hit == 1, chance, 1 - chance)
            lost[first : first + at_once] -= np.log(np.maximum(told, 1e-6)).sum(axis=1)
    return float((lost <= lost[0] + 1e-9).mean())
