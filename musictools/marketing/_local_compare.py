"""Changes of single series at times of their own, beside untouched series at the same time.

What came before is allowed for: series that rise are chosen because they rise. How a rise goes on
is learned from untouched series, at all those times together.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Floats = np.ndarray
LEVEL = 0.90
#: Untouched series looked at in one period, at most: more add time and no certainty.
_MOST = 400
_LEAST = 4
_DRAWS = 999
#: Periods without a spot that teach how a past goes on.
_LESSONS = 60
#: What is told of a past: see `_features`.
_TOLD = 3


@dataclass(frozen=True)
class Spots:
    """Where something changed: row and period, and for how many periods from there it is clean."""

    row: np.ndarray
    place: np.ndarray
    last: np.ndarray

    def __len__(self) -> int:
        return len(self.row)

    def keep(self, which: np.ndarray) -> "Spots":
        """Give some of them."""
        return Spots(self.row[which], self.place[which], self.last[which])


@dataclass(frozen=True)
class _Date:
    """Untouched series beside the spots of one period."""

    spots: np.ndarray
    rows: np.ndarray
    #: Untouched x features; x offsets; where there is a value; what is not explained.
    features: Floats
    there: np.ndarray
    rest: Floats


@dataclass(frozen=True)
class Compared:
    """Changes less those of untouched series, spots x offsets, and what makes their errors."""

    offsets: np.ndarray
    #: Mean before, by which everything is divided and multiplied again.
    base: Floats
    #: Relative to the base; NaN where it is not known.
    effects: Floats
    features: Floats
    dates: tuple[_Date, ...]
    slopes: Floats
    spread: Floats
    tracks: int

    @property
    def known(self) -> np.ndarray:
        """Where an effect was measured."""
        known: np.ndarray = np.isfinite(self.effects)
        return known

    @property
    def streams(self) -> Floats:
        """Effects in the unit of the series."""
        out: Floats = self.effects * self.base[:, None]
        return out

    def apply(self, weights: Floats) -> Floats:
        """Weighted sums of effects; weights are questions x spots x offsets."""
        found: Floats = np.einsum("kih,ih->k", weights, np.nan_to_num(self.streams))
        return found

    def errors(self, weights: Floats, seed: int, draws: int = _DRAWS) -> Floats:
        """Draw errors of `apply` by chance: draws x questions.

        Each spot errs as an untouched series drawn instead of it would; what was learned from the
        untouched errs as their own signs, turned at random, say.
        """
        rng = np.random.default_rng(seed)
        weights = weights * np.where(self.known, self.base[:, None], 0.0)
        influence = np.zeros((self.tracks, len(weights)))
        drawn = np.zeros((draws, len(weights)))
        pull = self._pull(weights)
        # The same names in the same order, whatever else was asked, so that one seed turns the
        # signs of one series alike.
        signs = np.random.default_rng([seed, 1]).standard_normal((draws, self.tracks))
        for date in self.dates:
            count = np.maximum(date.there.sum(axis=0), 1)
            own = weights[:, date.spots].sum(axis=1)
            influence[date.rows] -= (date.rest / count) @ own.T
            centred = _centred(date.features, date.there)
            influence[date.rows] -= np.einsum("ch,chf,khf->ck", date.rest, centred, pull)
            whole = np.flatnonzero(date.there.all(axis=1))
            pool = date.rest[whole if len(whole) >= _LEAST else slice(None)]
            pool = pool * np.sqrt(len(pool) / max(len(pool) - 1, 1))
            for spot in date.spots:
                picked = pool[rng.integers(len(pool), size=draws)]
                drawn += picked @ (weights[:, spot] * self.spread[spot]).T
        return drawn + signs @ influence

    def _pull(self, weights: Floats) -> Floats:
        """How questions depend on what was learned of momentum: questions x offsets x features."""
        pull = np.zeros((len(weights), len(self.offsets), self.features.shape[1]))
        if not self.features.shape[1]:
            return pull
        for date in self.dates:
            mean = _means(date.features, date.there)
            for spot in date.spots:
                pull += weights[:, spot, :, None] * (self.features[spot] - mean)[None]
        turned: Floats = np.einsum("khf,hfg->khg", pull, self.slopes)
        return turned


def compare(
    values: Floats,
    busy: np.ndarray,
    spots: Spots,
    *,
    offsets: np.ndarray,
    history: int,
    momentum: bool,
    seed: int,
) -> Compared:
    """Compare spots with series that nothing touched from `history` before until each offset.

    ``busy`` marks periods (series x periods) in which a series is no example of one untouched.
    Spots need a past of that length without a gap, and a mean above zero.
    """
    rng = np.random.default_rng(seed)
    width = len(values[0])
    base = np.array(
        [values[r, p - history : p].mean() for r, p in zip(spots.row, spots.place, strict=True)]
    )
    features = np.zeros((len(spots), _TOLD if momentum else 0))
    changes = np.full((len(spots), len(offsets)), np.nan)
    found = []
    # The untouched teach at other times too.
    lessons = np.linspace(history, width - 1, _LESSONS if momentum else 0).astype(int)
    for place in np.unique(np.concatenate([spots.place, lessons])):
        own = np.flatnonzero(spots.place == place)
        rows, there = _untouched(values, busy, place, history, offsets)
        if len(rows) > _MOST:
            picked = np.sort(rng.choice(len(rows), _MOST, replace=False))
            rows, there = rows[picked], there[picked]
        if len(rows) < _LEAST:
            continue
        enough = there.sum(axis=0) >= _LEAST
        there = there & enough
        level = values[rows, place - history : place].mean(axis=1)
        if momentum:
            shape = _features(values[rows], place, history)
            features[own] = _features(values[spots.row[own]], place, history)
        else:
            shape = np.zeros((len(rows), 0))
        at = np.clip(place + offsets, 0, width - 1)
        moved = (values[np.ix_(rows, at)] - values[rows, place - 1][:, None]) / level[:, None]
        moved = np.where(there, moved, 0.0)
        mine = values[np.ix_(spots.row[own], at)] - values[spots.row[own], place - 1][:, None]
        inside = (place + offsets < width)[None] & (offsets[None] <= spots.last[own][:, None])
        changes[own] = np.where(inside & enough, mine / base[own][:, None], np.nan)
        found.append((own, rows, shape, there, moved, level))
    return _adjusted((base, features, changes, offsets), found, len(values))


def _untouched(
    values: Floats, busy: np.ndarray, place: int, history: int, offsets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    first = place - history
    start = min(first, place + int(offsets.min()))
    past = values[:, first:place]
    fine = np.isfinite(past).all(axis=1) & ~busy[:, max(start, 0) : place].any(axis=1)
    fine &= np.nan_to_num(past.mean(axis=1)) > 0
    rows = np.flatnonzero(fine)
    there = np.zeros((len(rows), len(offsets)), dtype=bool)
    for number, offset in enumerate(offsets):
        if 0 <= place + offset < values.shape[1]:
            clean = ~busy[rows, place : place + max(offset, 0) + 1].any(axis=1)
            there[:, number] = clean & np.isfinite(values[rows, place + offset])
    return rows[there.any(axis=1)], there[there.any(axis=1)]


def _features(values: Floats, place: int, history: int) -> Floats:
    """Tell of a past as parts of its mean: last value, slope and bend."""
    past = values[:, place - history : place]
    shape = past / past.mean(axis=1)[:, None]
    t = np.linspace(-1, 1, history)
    bend = t**2 - (t**2).mean()
    return np.column_stack([shape[:, -1] - 1, shape @ t / (t @ t), shape @ bend / (bend @ bend)])


def _means(features: Floats, there: np.ndarray) -> Floats:
    """Mean features of those that are there, offsets x features."""
    mean: Floats = there.T.astype(float) @ features / np.maximum(there.sum(axis=0), 1)[:, None]
    return mean


def _centred(features: Floats, there: np.ndarray) -> Floats:
    """Features less those of the others that are there: series x offsets x features."""
    centred: Floats = (features[:, None] - _means(features, there)[None]) * there[:, :, None]
    return centred


def _adjusted(
    spots: tuple[Floats, Floats, Floats, np.ndarray], found: list[Any], tracks: int
) -> Compared:
    base, features, changes, offsets = spots
    number = features.shape[1]
    squares = np.zeros((len(offsets), number, number))
    products = np.zeros((len(offsets), number))
    for _, _, shape, there, moved, _ in found:
        centred = _centred(shape, there)
        squares += np.einsum("chf,chg->hfg", centred, centred)
        products += np.einsum("chf,ch->hf", centred, moved)
    slopes = np.linalg.pinv(squares, hermitian=True) if number else squares
    beta = np.einsum("hfg,hg->hf", slopes, products)
    dates, sizes, levels = [], [], []
    for own, rows, shape, there, moved, level in found:
        mean = moved.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
        rest = moved - mean - np.einsum("chf,hf->ch", _centred(shape, there), beta)
        rest = np.where(there, rest, 0.0)
        expected = mean + np.einsum("ihf,hf->ih", features[own][:, None] - _means(shape, there),
                                    beta)  # fmt: skip
        changes[own] -= expected
        dates.append(_Date(own, rows, shape, there, rest))
        sizes.append(np.sqrt((rest**2).sum(axis=1) / np.maximum(there.sum(axis=1), 1)))
        levels.append(level)
    spread = _spread(dates, sizes, levels, base)
    return Compared(offsets, base, changes, features, tuple(dates), slopes, spread, tracks)


def _spread(dates: list[_Date], sizes: list[Floats], levels: list[Floats], base: Floats) -> Floats:
    """How noisy each spot is beside the untouched of its period: small series are noisier."""
    out = np.ones(len(base))
    if not dates:
        return out
    size, level = np.concatenate(sizes), np.log(np.concatenate(levels))
    seen = size > 0
    if seen.sum() < 20 or np.ptp(level[seen]) == 0:
        return out
    # Poisson noise falls as the root of the level; nothing falls faster, or grows.
    slope = float(np.clip(np.polyfit(level[seen], np.log(size[seen]), 1)[0], -0.5, 0.0))
    for date, own in zip(dates, levels, strict=True):
        usual = np.log(np.mean(own ** (2 * slope))) / 2 if slope else 0.0
        out[date.spots] = np.exp(slope * np.log(base[date.spots]) - usual)
    return out


def student(dates: tuple[_Date, ...], features: int) -> float:
    """Student's t over normal: the noise is known from so many untouched series only."""
    from scipy.stats import norm
    from scipy.stats import t as quantile

    rows = {int(row) for date in dates for row in date.rows}
    return float(quantile.ppf(0.95, max(len(rows) - 1 - features, 2)) / norm.ppf(0.95))


def wide(rows: "pd.DataFrame", what: str) -> "pd.DataFrame":
    """Lay series beside each other, one row a series, and check that time goes evenly."""
    from musictools.marketing._panel import is_regular

    table = rows.pivot(index="unique_id", columns="ds", values="y")  # noqa: PD010 - rows are unique
    table = table.sort_index(axis=1)
    if not is_regular(table.columns):
        raise InputError(
            what,
            got="periods that are not evenly spaced",
            expected="days, weeks or months without a gap",
            hint="series.groupby(['unique_id', pandas.Grouper(key='ds', freq='W-MON', "
            "label='left', closed='left')])['y'].sum().reset_index()",
        )
    return table
