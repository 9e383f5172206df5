"""Ridge regression in two halves, and its honest errors by nested cross-validation in groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import GroupKFold

from musictools.audio._echonest_model import Block, scale_down, scale_up

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

FOLDS = 5
_COVERAGE = 0.9
_AXES = 15
# Songs that the prior of equal weights of two blocks counts as.
_PRIOR = 10.0
_LIMIT = 0.99


@dataclass(frozen=True)
class Setting:
    """How a block is fitted: fixed beforehand, and not tuned on the scores.

    Attributes
    ----------
    linear, wavy : float
        Penalties of the two halves.
    waves : int
        Random projections.
    width : float
        Mean squared length of a projection: larger is wavier.
    """

    linear: float
    wavy: float
    waves: int
    width: float = 0.5


@dataclass(frozen=True)
class Part:
    """Columns of one block; NaN in the rows of songs that have none."""

    names: tuple[str, ...]
    table: Floats
    setting: Setting

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Songs that have these columns."""
        return np.asarray(np.isfinite(self.table).all(axis=1))


@dataclass(frozen=True)
class Songs:
    """All that is learned from.

    Attributes
    ----------
    parts : sequence of Part
        Blocks, the main one first.
    values : numpy.ndarray, shape (n, t)
        Echonest features.
    ids : numpy.ndarray, shape (n,)
        Of tracks, or of artists.
    gap : int
        Ids that lie no further apart, through others, are of one group, which no fold may part:
        FMA numbers its tracks album by album.
    offsets : numpy.ndarray, shape (t,)
        As of ``scale_up``.
    """

    parts: Sequence[Part]
    values: Floats
    ids: Rows
    gap: int
    offsets: Floats

    def groups(self, rows: Rows) -> Rows:
        """Give the number of the group of some songs."""
        known, place = np.unique(self.ids[rows], return_inverse=True)
        number: Rows = np.cumsum(np.diff(known, prepend=known[:1]) > self.gap)
        return number[place]


def fit_block(part: Part, rows: Rows, wanted: Floats) -> Block:
    """Fit one block to some songs; ``wanted`` is scaled up, one row for each of ``rows``."""
    table = part.table[rows]
    mean, scale = table.mean(axis=0), table.std(axis=0) + 1e-9
    waves = _waves(table.shape[1], part.setting)
    standard = (table - mean) / scale
    cut = np.clip(standard, -4, 4)
    angles = cut @ waves
    # As if there were as many waves as columns, so that penalties compare.
    factor = np.sqrt(table.shape[1] / part.setting.waves)
    cosines = factor * np.concatenate((np.cos(angles), np.sin(angles)), axis=1)
    linear, base = _ridge(cut, wanted, part.setting.linear)
    wavy, other = _ridge(cosines, wanted, part.setting.wavy)
    _, sizes, axes = np.linalg.svd(standard, full_matrices=False)
    spread = sizes / np.sqrt(len(rows))
    rest = np.sqrt(np.square(spread[_AXES:]).sum() / (table.shape[1] - _AXES))
    spreads = np.append(spread[:_AXES], rest)
    return Block(
        part.names, mean, scale, waves,
        linear / 2, wavy * factor / 2, (base + other) / 2, axes[:_AXES].T, spreads,
    )  # fmt: skip


def _waves(columns: int, setting: Setting) -> Floats:
    """Draw projections, shape (columns, waves), at right angles to each other as far as they go.

    They vary less than independent ones: F. Yu et al., Orthogonal random features, NIPS 2016.
    """
    rng = np.random.default_rng(0)
    found: list[Floats] = []
    while len(found) * columns < setting.waves:
        directions, _ = np.linalg.qr(rng.normal(size=(columns, columns)))
        lengths = np.linalg.norm(rng.normal(size=(columns, columns)), axis=0)
        found.append(directions * lengths)
    waves = np.concatenate(found, axis=1)[:, : setting.waves]
    # As they will be stored.
    half = (waves * np.sqrt(setting.width / columns)).astype(np.float16)
    return np.asarray(half, np.float64)


def _ridge(design: Floats, wanted: Floats, penalty: float) -> tuple[Floats, Floats]:
    """Weights, and the constant."""
    centre, mean = design.mean(axis=0), wanted.mean(axis=0)
    apart = design - centre
    square = apart.T @ apart + penalty * np.eye(design.shape[1])
    weights: Floats = np.linalg.solve(square, apart.T @ (wanted - mean))
    return weights, mean - centre @ weights


def fit_all(songs: Songs, rows: Rows) -> list[Block]:
    """Fit every block to those of the songs that have its columns."""
    found = []
    for part in songs.parts:
        mine = rows[part.known[rows]]
        found.append(fit_block(part, mine, scale_up(songs.values[mine], songs.offsets)))
    return found


def predict_each(songs: Songs, fitted: Sequence[Block], rows: Rows) -> Floats:
    """Predict by each block, scaled, shape (blocks, rows, t); NaN where it has no columns."""
    return np.array([
        block.predict(part.table[rows]) for block, part in zip(fitted, songs.parts, strict=True)
    ])  # fmt: skip


def weigh(songs: Songs, each: Floats, rows: Rows) -> Floats:
    """Find the weight of each block for each feature, shape (blocks, t): least squares.

    Songs that have all blocks decide; equal weights are the prior, since they are few.
    """
    count, *_, features = each.shape
    if count == 1:
        return np.ones((1, features))
    both = np.isfinite(each).all(axis=(0, 2))
    wanted = scale_up(songs.values[rows[both]], songs.offsets)
    apart = each[0][both] - each[1][both]
    power = np.square(apart).sum(axis=0)
    prior = _PRIOR * power / max(1, both.sum())
    first = (((wanted - each[1][both]) * apart).sum(axis=0) + 0.5 * prior) / (power + prior)
    first = np.clip(first, 0.0, 1.0)
    return np.array([first, 1 - first])


def blend(each: Floats, weights: Floats) -> Floats:
    """Average the blocks that a song has, shape (rows, t)."""
    known = np.isfinite(each)
    shares = weights[:, None, :] * known
    # A feature whose weight for the only block is nothing is still told by it.
    shares = np.where(shares.sum(axis=0) > 0, shares, known)
    total: Floats = np.nansum(each * shares, axis=0) / shares.sum(axis=0)
    return total


def folds(
    songs: Songs, rows: Rows, judged: Rows, deal: int | None = None
) -> Iterator[tuple[Rows, Rows]]:
    """Part ``judged`` into five of whole groups; give the rows to learn from, and the part.

    What is not judged is learned from where it is of none of the part's groups. Groups are dealt by
    their size, or by chance where ``deal`` has a seed.
    """
    others = np.setdiff1d(rows, judged)
    everyone = np.concatenate((others, judged))
    groups = songs.groups(everyone)
    split = GroupKFold(FOLDS, shuffle=deal is not None, random_state=deal)
    for _, test in split.split(judged, groups=songs.groups(judged)):
        part = judged[test]
        kept = np.setdiff1d(judged, part)
        free = others[~np.isin(groups[: others.size], groups[others.size + test])]
        yield np.concatenate((kept, free)), part


@dataclass(frozen=True)
class Held:
    """Predictions of songs by models that have not seen them.

    Attributes
    ----------
    rows : numpy.ndarray, shape (n,)
    scaled : numpy.ndarray, shape (n, t)
        Predictions, scaled up.
    far : numpy.ndarray, shape (blocks, n)
        Distances.
    each : numpy.ndarray, shape (blocks, n, t)
        Predictions of each block.
    """

    rows: Rows
    scaled: Floats
    far: Floats
    each: Floats

    @property
    def whole(self) -> npt.NDArray[np.bool_]:
        """Songs that have the columns of every block, as every recording has that is heard."""
        return np.asarray(np.isfinite(self.each).all(axis=(0, 2)))

    def take(self, some: npt.NDArray[np.bool_]) -> "Held":
        """Give some of the songs."""
        return Held(self.rows[some], self.scaled[some], self.far[:, some], self.each[:, some])


def predict_held(songs: Songs, rows: Rows, judged: Rows, deal: int | None = None) -> Held:
    """Cross-validate; the weights of blocks are those of songs of the other folds."""
    parts = list(folds(songs, rows, judged, deal))
    each = np.full((len(songs.parts), len(songs.values), songs.values.shape[1]), np.nan)
    far = np.full(each.shape[:2], np.nan)
    for learn, test in parts:
        fitted = fit_all(songs, learn)
        each[:, test] = predict_each(songs, fitted, test)
        for place, (block, part) in enumerate(zip(fitted, songs.parts, strict=True)):
            far[place, test] = block.distance(part.table[test])
    scaled = np.full(songs.values.shape, np.nan)
    for _, test in parts:
        seen = np.setdiff1d(judged, test)
        scaled[test] = blend(each[:, test], weigh(songs, each[:, seen], seen))
    return Held(judged, scaled[judged], far[:, judged], each[:, judged])


def residual_ends(songs: Songs, held: Held) -> Floats:
    """Give the residuals between which 90 % lie, shape (2, t), on the scales of the models.

    Split conformal, each tail apart (Y. Romano et al., NeurIPS 2019): with so many residuals, the
    one that leaves a twentieth of one more than there are beyond it.
    """
    apart = np.sort(scale_up(songs.values[held.rows], songs.offsets) - held.scaled, axis=0)
    n = len(apart)
    beyond = int(np.floor((1 - _COVERAGE) / 2 * (n + 1)))
    return np.array([apart[max(0, beyond - 1)], apart[min(n - 1, n - beyond)]])


def covered(songs: Songs, held: Held, ends: Floats) -> npt.NDArray[np.bool_]:
    """Tell which values lie in their intervals, shape (n, t)."""
    low, high = (scale_down(held.scaled + end, songs.offsets) for end in ends)
    values = songs.values[held.rows]
    # Rounding at 0 and 1 is no miss.
    inside: npt.NDArray[np.bool_] = (values >= low - 1e-9) & (values <= high + 1e-9)
    return inside


def nested_coverage(
    songs: Songs, rows: Rows, judged: Rows, deal: int | None = None
) -> npt.NDArray[np.bool_]:
    """Tell which values lie in intervals that were made without the songs of their fold.

    A song with one block only is another case than one with all: its errors are of another model.
    So each is judged by the errors of its like.
    """
    found = np.zeros((len(songs.values), songs.values.shape[1]), bool)
    for learn, test in folds(songs, rows, judged, deal):
        inner = predict_held(songs, learn, np.intersect1d(learn, judged), deal)
        each = predict_each(songs, fit_all(songs, learn), test)
        scaled = blend(each, weigh(songs, inner.each, inner.rows))
        outer = Held(test, scaled, np.full(each.shape[:2], np.nan), each)
        for like in (True, False):
            mine = outer.take(outer.whole == like)
            if mine.rows.size:
                ends = residual_ends(songs, inner.take(inner.whole == like))
                found[mine.rows] = covered(songs, mine, ends)
    return found[judged]


def limits(held: Held) -> list[float]:
    """Give the distance that a hundredth of unseen songs exceed, for each block."""
    return [float(np.nanquantile(far, _LIMIT)) for far in held.far]
