"""typicality(): how near a song is to what was around it when it came out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from musictools._checks import check_number
from musictools._counts import counted
from musictools._frames import as_pandas
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError, closest
from musictools.trends._hit_columns import read_sounds
from musictools.trends._hit_songs import plain_artist
from musictools.trends._inverted_u import InvertedU, inverted_u

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

_WHAT = "measure typicality"
#: Similarities at a time: a window of years of a large corpus would not fit in memory.
_BLOCK = 512


@dataclass(frozen=True, kw_only=True, repr=False)
class Typicality(Result):
    """How typical songs were of their time.

    Attributes
    ----------
    table : pandas.DataFrame
        In the order of dates: ``recording_id, artist, date, genre`` (the last where it was given),
        ``typicality`` (weighted mean cosine similarity to the songs of the window before; NaN
        with fewer than ``fewest``), ``rank`` (among songs within half a window of it, 0 to 1),
        ``neighbours`` (songs that it was compared with).
    columns : tuple of str
        Descriptors that count.
    window_days : float
        Length of the window.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "typicality"
    _caption: ClassVar[str] = "Songs"

    table: "pd.DataFrame" = field(repr=False)
    columns: tuple[str, ...]
    window_days: float

    def _verdict(self) -> str:
        known = self.table["typicality"].dropna()
        if len(known) == 0:
            return "No song has enough others in the window before it."
        low, middle, high = known.quantile([0.05, 0.5, 0.95])
        return (
            f"The median song is like those of the {self.window_days:g} days before it by a "
            f"similarity of {middle:.2f}; nine of ten are from {low:.2f} to {high:.2f}. "
            f"Of {counted(len(self.table), 'song')}, {len(self.table) - len(known)} cannot be "
            "told: too few others before them."
        )

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each song.

        Returns
        -------
        pandas.DataFrame
            As ``table``.
        """
        return self.table.copy()

    def inverted_u(
        self, outcomes: Any, *, outcome: str = "hit", using: str = "rank", level: float = 0.9
    ) -> InvertedU:
        """Ask whether the middle does best: neither the most typical nor the strangest.

        Parameters
        ----------
        outcomes : frame
            ``recording_id`` and the outcome: 0 or 1, or any number where more is better.
        outcome : str
            Its column.
        using : str
            ``rank`` (within its time) or ``typicality``.
        level : float
            Level of the intervals.

        Returns
        -------
        InvertedU
            Slopes at both ends, the peak, and a verdict; errors are clustered by artist.
        """
        frame = as_pandas(outcomes, _WHAT)
        lost = [c for c in ("recording_id", outcome) if c not in frame.columns]
        if lost or using not in ("rank", "typicality"):
            raise InputError(
                "ask for an inverted U",
                got=f"no column {lost[0]!r}" if lost else f"using={using!r}",
                expected="recording_id and an outcome; 'rank' or 'typicality'",
                hint=closest(outcome, map(str, frame.columns)) if lost else "using='rank'",
            )
        joined = self.table.merge(frame[["recording_id", outcome]], on="recording_id")
        joined = joined.dropna(subset=[using, outcome])
        who = joined["artist"].map(plain_artist)
        return inverted_u(joined[using], joined[outcome], groups=who, level=level)


def typicality(
    features: Any,
    songs: Any = None,
    *,
    columns: Sequence[str] | None = None,
    genre: str | None = None,
    artist: str = "artist",
    date: str = "released_at",
    window_days: float = 365.0,
    fewest: int = 10,
) -> Typicality:
    """Measure how typical each song was of the songs that came out before it.

    Parameters
    ----------
    features : pandas, polars, pyarrow or DuckDB frame
        The ``features`` table.
    songs : frame, optional
        Artist and date, and genre, by recording_id; without it they stand in ``features``.
    columns : sequence of str, optional
        Descriptors that count; all numbers without it. A dozen chosen ones say more than three
        thousand, of which most are of timbre.
    genre : str, optional
        Column of the genre. Songs of near genres then count more: the weight is the cosine
        similarity of the two genres' mean songs in that window.
    artist, date : str
        Columns of the artist and the date (or year) of release.
    window_days : float, default 365
        How far back a song is compared; its own artist's songs and its own day do not count.
        "Drake", "drake " and "Drake feat. X" are one artist.
    fewest : int, default 10
        Songs that there must be to compare with.

    Returns
    -------
    Typicality
        A row for each song, and ``inverted_u`` for the question behind it.

    Raises
    ------
    TableError
        If a column is missing.
    InputError
        If a name is unknown or an argument out of range.

    Notes
    -----
    Each descriptor is put between 0 (its 1st percentile) and 1 (its 99th), as the features in the
    paper are between 0 and 1; similarity is the cosine of two such vectors, which lies high for
    any two songs: look at ``rank``. Reissues that are dated by their reissue are compared with the
    wrong time.

    References
    ----------
    N. Askin, M. Mauskapf (2017): What makes popular culture popular? Product features and optimal
    differentiation in music. American Sociological Review 82. There the songs of the Hot 100 did
    best a little off the typical.

    Examples
    --------
    >>> import musictools as mt
    >>> made = mt.datasets.simulate_hits(400, artists=80, rng=1)
    >>> found = mt.trends.typicality(made.features, made.songs, genre="genre")
    >>> found.inverted_u(made.songs).verdict
    'none'
    """
    import pandas as pd

    window = check_number(_WHAT, "window_days", window_days, (1.0, 36_500.0))
    least = int(check_number(_WHAT, "fewest", fewest, (1, 1_000_000)))
    frame, names = read_sounds(
        features, songs, _WHAT, columns=columns, about=[c for c in (artist, date, genre) if c]
    )
    days = (frame[date].to_numpy("datetime64[s]") - np.datetime64(0, "s")) / np.timedelta64(1, "D")
    unit = _directions(frame[names])
    who = pd.factorize(frame[artist].map(plain_artist))[0]
    kinds = pd.factorize(frame[genre].astype(str))[0] if genre else np.zeros(len(frame), dtype=int)
    value, count = _similar(unit, days, who, kinds, window)
    value[count < least] = np.nan
    kept = [artist, date, *([genre] if genre else [])]
    table = frame[["recording_id", *kept]].set_axis(
        ["recording_id", "artist", "date", *(["genre"] if genre else [])], axis=1
    )
    table = table.assign(typicality=value, rank=_ranks(value, days, window), neighbours=count)
    return Typicality(
        table=table,
        columns=tuple(names),
        window_days=window,
        provenance={"musictools": __version__, "function": "trends.typicality", "genre": genre},
    )


def _directions(frame: "pd.DataFrame") -> Floats:
    values = frame.to_numpy(dtype=float)
    low, high = np.nanquantile(values, [0.01, 0.99], axis=0)
    scaled = np.clip((values - low) / np.where(high > low, high - low, 1.0), 0, 1)
    middle = np.nanmedian(scaled, axis=0)
    scaled = np.where(np.isfinite(scaled), scaled, middle)
    out: Floats = scaled / np.maximum(np.linalg.norm(scaled, axis=1, keepdims=True), 1e-12)
    return out


def _similar(
    unit: Floats,
    days: Floats,
    who: npt.NDArray[np.int_],
    kinds: npt.NDArray[np.int_],
    window: float,
) -> tuple[Floats, npt.NDArray[np.int_]]:
    """Weighted mean similarity to the songs before, song by song."""
    value, count = np.full(len(unit), np.nan), np.zeros(len(unit), dtype=int)
    begin = np.searchsorted(days, days - window, side="left")
    end = np.searchsorted(days, days, side="left")
    for first in range(0, len(unit), _BLOCK):
        rows = np.arange(first, min(first + _BLOCK, len(unit)))
        low, high = int(begin[rows[0]]), int(end[rows[-1]])
        if high <= low:
            continue
        near = unit[rows] @ unit[low:high].T
        for row in rows:
            among = slice(begin[row] - low, end[row] - low)
            others = np.arange(begin[row], end[row])
            keep = who[others] != who[row]
            count[row] = int(keep.sum())
            if not count[row]:
                continue
            here = near[row - first, among][keep]
            weight = _weights(unit[others[keep]], kinds[others[keep]], kinds[row], unit[row])
            value[row] = float(here @ weight / weight.sum())
    return value, count


def _weights(unit: Floats, kinds: npt.NDArray[np.int_], own: int, song: Floats) -> Floats:
    """How near the genre of each song is to one's own, in this window."""
    total = np.zeros((int(kinds.max()) + 1, unit.shape[1]))
    np.add.at(total, kinds, unit)
    size = np.maximum(np.linalg.norm(total, axis=1), 1e-12)
    # The first song of a genre in its window stands for the genre itself.
    there = own < len(total) and total[own].any()
    mine = total[own] / size[own] if there else song
    near = (total @ mine) / size
    out: Floats = np.maximum(near[kinds], 1e-6)
    return out


def _ranks(value: Floats, days: Floats, window: float) -> Floats:
    out = np.full(len(value), np.nan)
    low = np.searchsorted(days, days - window / 2, side="left")
    high = np.searchsorted(days, days + window / 2, side="right")
    for row in np.flatnonzero(np.isfinite(value)):
        around = value[low[row] : high[row]]
        around = around[np.isfinite(around)]
        if len(around) > 1:
            below = (around < value[row]).sum() + ((around == value[row]).sum() - 1) / 2
            out[row] = below / (len(around) - 1)
    return out
