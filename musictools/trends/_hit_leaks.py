"""What lets a model of hits see more than sound: found, and said in words."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from musictools.trends._hit_songs import Songs

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

# Words of names that stand for what happens after a release, or for the artist and not the sound.
_AFTER = frozenset({
    "airplay", "award", "awards", "certification", "certified", "chart", "charted", "charts",
    "grammy", "hit", "hits", "likes", "listeners", "playcount", "playlists", "plays", "popularity",
    "rank", "revenue", "royalties", "sales", "saves", "shazams", "spins", "streamcount", "streams",
    "views", "weeks",
})  # fmt: skip
_ARTIST = frozenset(("followers", "fans", "subscribers", "monthly"))
_DATE = frozenset(("date", "decade", "released", "year"))
_PEAK = re.compile(r"(^|_)peak(_(position|pos|rank|week|chart))?$|(^|_)position$", re.IGNORECASE)
#: A single number of sound that tells hits this well was measured on the outcome.
_TOO_GOOD = 0.95
#: Sound drifts; what follows the calendar this closely is the calendar.
_IS_DATE = 0.98
#: Fewer values than these go with the calendar by chance.
_FEWEST_DATED = 25
_MOST_ROWS = 20_000
#: Columns with fewer different values, beside songs, cannot tell that two songs are one.
_FINE = 0.2
_FEWEST_FINE = 4


@dataclass(frozen=True)
class Leak:
    """One way in which the outcome may get into the sound.

    Attributes
    ----------
    kind : str
        ``after_release, artist_fact, date, too_good, reissue, same_sound, missingness, year`` or
        ``artist``.
    where : str
        Columns or songs.
    evidence : float
        The number that gave it away, by kind.
    done : str
        ``left out``, ``kept`` or ``watch``.
    words : str
        What leaks, and why.
    """

    kind: str
    where: str
    evidence: float
    done: str
    words: str


def auc(hit: npt.NDArray[np.int_], score: Floats) -> float:
    """Give the chance that a hit has more of it than another song; ties count half."""
    from scipy.stats import rankdata

    hits = hit == 1
    ones, zeros = int(hits.sum()), int((~hits).sum())
    if not ones or not zeros:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[hits].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def column_leaks(songs: Songs, allow: tuple[str, ...]) -> list[Leak]:
    """Look for columns that are no sound.

    Parameters
    ----------
    songs : Songs
        All of them.
    allow : tuple of str
        Columns that the reader vouches for.
    """
    out = []
    for name in songs.sound.columns:
        done = "kept" if name in allow else "left out"
        values = songs.sound[name].to_numpy()
        there = np.isfinite(values)
        tells = auc(songs.hit[there], values[there])
        tells = max(tells, 1 - tells)
        tokens = set(re.split(r"[\W_\d]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()))
        if tokens & _AFTER or _PEAK.search(name):
            words = f"{name!r} is known only after the release, by its name"
            out.append(Leak("after_release", name, tells, done, words))
        elif tokens & _ARTIST or _of_artist(songs, values):
            words = f"{name!r} is a fact of the artist and not of the song: it tells fame"
            out.append(Leak("artist_fact", name, tells, done, words))
        elif tokens & _DATE or _follows(songs.years[there], values[there]) >= _IS_DATE:
            words = f"{name!r} is the date of the release and not sound; history knows it already"
            out.append(Leak("date", name, _follows(songs.years[there], values[there]), done, words))
        elif tells >= _TOO_GOOD:
            words = (
                f"{name!r} alone tells hits from other songs in {tells:.0%} of pairs, which no "
                "sound does: was it measured after the release, or on the outcome?"
            )
            out.append(Leak("too_good", name, tells, done, words))
        if 0 < (~there).sum() < len(there):
            missing = auc(songs.hit, (~there).astype(float))
            if max(missing, 1 - missing) > 0.6:
                words = (
                    f"{name!r} is missing more often of {'hits' if missing > 0.5 else 'others'}: "
                    "that it is missing tells the outcome"
                )
                out.append(Leak("missingness", name, missing, done, words))
    return out


def _follows(years: Floats, values: Floats) -> float:
    """Give how closely values go with the years, 0 to 1; 0 where too few are there to tell."""
    if len(values) < _FEWEST_DATED or np.ptp(values) == 0 or np.ptp(years) == 0:
        return 0.0
    return abs(float(np.corrcoef(years, values)[0, 1]))


def _of_artist(songs: Songs, values: Floats) -> bool:
    """Whether all songs of an artist have the same value, and artists different ones."""
    import pandas as pd

    there = np.isfinite(values)
    grouped = pd.Series(values[there]).groupby(songs.artist[there])
    several = grouped.count() >= 2
    distinct = int(grouped.first()[several].nunique())
    return bool(several.sum() >= 5 and distinct > 2 and (grouped.nunique()[several] == 1).all())


def same_songs(songs: Songs) -> tuple[npt.NDArray[np.bool_], list[Leak]]:
    """Find later versions of a song that is there already.

    Parameters
    ----------
    songs : Songs
        In the order of dates.

    Returns
    -------
    numpy.ndarray of bool
        Which are later versions.
    list of Leak
        In words.
    """
    import pandas as pd

    key = pd.Series(
        [f"{a}\n{w}" if w else "" for a, w in zip(songs.artist, songs.work, strict=True)]
    )
    by_title = (key.duplicated() & (key != "")).to_numpy()
    code = pd.Series(songs.isrc)
    by_code = (code.duplicated() & (code != "")).to_numpy() & ~by_title
    later = by_title | by_code
    out = []
    if later.any():
        share, rest = songs.hit[later].mean(), songs.hit[~later].mean()
        first = songs.work[later][0] or songs.isrc[later][0]
        words = (
            f"{int(later.sum())} recordings are later versions (reissue, remaster, live ...) of a "
            f"song that is there already, such as {first!r}; {share:.0%} of them count as hits, "
            f"against {rest:.0%} of the rest. What is reissued was a hit before, its sound is that "
            "of the later master, and its date is not that of the song"
        )
        out.append(Leak("reissue", "titles and codes", float(later.sum()), "left out", words))
    if not songs.titled:
        words = "there is no column 'title', so that reissues and remasters could not be looked for"
        out.append(Leak("reissue", "titles", float("nan"), "watch", words))
    if len(songs) > _MOST_ROWS:
        words = f"copies under other names are not looked for among more than {_MOST_ROWS:,} songs"
        out.append(Leak("same_sound", "features", float("nan"), "watch", words))
    twins = _twins(songs) & ~later
    if twins.any():
        words = (
            f"{int(twins.sum())} recordings sound the same as an earlier one, number for number "
            "almost: copies under other names stand in training and test alike"
        )
        out.append(Leak("same_sound", "features", float(twins.sum()), "left out", words))
    return later | twins, out


def _twins(songs: Songs) -> npt.NDArray[np.bool_]:
    """Find songs that lie as good as on an earlier one."""
    from scipy.sparse.csgraph import connected_components
    from sklearn.neighbors import NearestNeighbors

    out = np.zeros(len(songs), dtype=bool)
    fine = songs.sound.loc[:, songs.sound.nunique() > _FINE * len(songs)]
    # What was not measured is no likeness.
    rows = np.flatnonzero(fine.notna().mean(axis=1) > 0.5)
    if fine.shape[1] < _FEWEST_FINE or not 3 <= len(rows) <= _MOST_ROWS:
        return out
    z = standardised(fine.iloc[rows])
    nearest = NearestNeighbors(n_neighbors=2).fit(z)
    distance = nearest.kneighbors(z)[0][:, 1]
    # Copies lie at 0, whatever the others do; were half of the songs copies, so would the median.
    apart = distance[distance > 1e-9]
    radius = max(0.05 * float(np.median(apart)), 1e-9) if len(apart) else 1e-9
    near = nearest.radius_neighbors_graph(z, radius)
    label = connected_components(near, directed=False)[1]
    # The first of all that sound the same stays.
    first = np.unique(label, return_index=True)[1]
    out[np.delete(rows, first)] = True
    return out


def standardised(frame: "pd.DataFrame", clip: float = 4.0) -> Floats:
    """Give columns about 0 with a spread of 1; missing values are in the middle."""
    values = frame.to_numpy(dtype=float)
    middle = np.nanmedian(values, axis=0)
    spread = np.nanstd(values, axis=0)
    z = (values - middle) / np.where(spread > 0, spread, 1.0)
    out: Floats = np.clip(np.nan_to_num(z, nan=0.0), -clip, clip)
    return out


def year_leak(songs: Songs) -> list[Leak]:
    """Say whether the sound tells the year, and whether the year tells hits."""
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GroupKFold, cross_val_predict

    z, years = standardised(songs.sound), songs.years
    if years.std() < 1e-9:
        return []
    folds = GroupKFold(5)
    told = cross_val_predict(Ridge(float(z.shape[1])), z, years, groups=songs.artist, cv=folds)
    r2 = 1 - float(((years - told) ** 2).sum() / ((years - years.mean()) ** 2).sum())
    by_year = max(auc(songs.hit, years), 1 - auc(songs.hit, years))
    half = years > np.median(years)
    early, late = songs.hit[~half].mean(), songs.hit[half].mean()
    if r2 < 0.1 or by_year < 0.53:
        return []
    words = (
        f"the sound tells the year (R2 {r2:.2f}), and the share of hits changes from {early:.0%} "
        f"in the first half to {late:.0%} in the second: dealt at random, a model of sound would "
        "live on the year; only a test after training shows what is left"
    )
    return [Leak("year", "sound as a whole", r2, "watch", words)]


def ladder_leak(splits: "pd.DataFrame") -> list[Leak]:
    """Say what the wrong ways to split would have made of it.

    Parameters
    ----------
    splits : pandas.DataFrame
        Columns ``split, auc, skill``, the honest one last.
    """
    skill = splits.set_index("split")["skill"]
    random, honest = float(skill.iloc[0]), float(skill.iloc[-1])
    grouped = float(skill.iloc[1])
    if random - honest < 0.02:
        return []
    part = "most of it" if random - grouped > 0.5 * (random - honest) else "a part of it"
    words = (
        f"with songs dealt at random, sound seems to have a skill of {random:.3f}; with no artist "
        f"in both and the test after the training {honest:.3f} is left. {part.capitalize()} is the "
        "artist: a house sound tells who it is, and who it is tells the fame"
    )
    return [Leak("artist", "sound as a whole", random - honest, "watch", words)]
