"""sound_evolution(): how the sound of a corpus changes over years, and whether it ever leaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from musictools._card import Table
from musictools._checks import check_number, generator
from musictools._counts import counted
from musictools._figures import chance
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError
from musictools.trends._hit_columns import read_sounds
from musictools.trends._hit_leaks import standardised
from musictools.trends._hit_songs import plain_artist
from musictools.trends._mann_kendall import slope_of
from musictools.trends._revolutions import components, judge_novelty, revolutions, steady_pace

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

_WHAT = "follow the sound over years"
_MOST_COLUMNS = 80
_ALPHA = 0.05
#: How far songs of a year lie from each other, in all columns: falls where music gets more alike.
VARIETY = "variety"


@dataclass(frozen=True, kw_only=True, repr=False)
class SoundEvolution(Result):
    """Sound over years.

    Attributes
    ----------
    medians : pandas.DataFrame
        ``column, year, songs, median, lo, hi``; the column ``variety`` is the mean distance of a
        year's songs from their centre, in standard deviations.
    trends : pandas.DataFrame
        ``column, slope`` (a year, Theil-Sen over the medians), ``lo, hi``, ``tau, p_value``
        (Mann and Kendall, corrected for years that go together) and ``p_holm`` (over all
        columns).
    novelty : pandas.DataFrame
        ``year`` (first of the years after), ``novelty, null_median, null_95, p_point, p_family``;
        empty with too few years.
    revolutions : pandas.DataFrame
        ``year, first, last, p_family``: leaps that a steady pace of change rarely shows anywhere.
    songs, artists : int
        What it is made of.
    level : float
        Level of the intervals.
    note : str
        What to beware of.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "sound_novelty"
    _called: ClassVar[str] = "Sound over years"

    medians: "pd.DataFrame" = field(repr=False)
    trends: "pd.DataFrame" = field(repr=False)
    novelty: "pd.DataFrame" = field(repr=False)
    revolutions: "pd.DataFrame" = field(repr=False)
    songs: int
    artists: int
    level: float
    note: str = field(repr=False)

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each column.

        Returns
        -------
        pandas.DataFrame
            As ``trends``.
        """
        return self.trends.copy()

    def words(self) -> str:
        """Say what changed.

        Returns
        -------
        str
            Sentences, one a line.
        """
        lines = []
        for row in self.trends.to_dict("records"):
            if row["p_holm"] <= _ALPHA:
                way = "rises" if row["slope"] > 0 else "falls"
                span = f"[{row['lo']:+.3g}, {row['hi']:+.3g}]"
                lines.append(f"{row['column']} {way} by {row['slope']:+.3g} {span} a year.")
        if not lines:
            lines.append("No column has a trend that chance over so many columns would not make.")
        lines += [
            f"A revolution in {row['year']}: a steady pace of change shows as much anywhere in "
            f"{row['p_family']:.1%} of histories."
            for row in self.revolutions.to_dict("records")
        ]
        if len(self.novelty) and not len(self.revolutions):
            best = self.novelty.to_dict("records")[int(self.novelty["novelty"].argmax())]
            lines.append(
                f"No revolution: the largest leap, in {int(best['year'])}, is within what a steady "
                f"pace of change shows somewhere ({chance(best['p_family'])})."
            )
        return "\n".join([*lines, self.note])

    def _tables(self) -> Iterable[Table]:
        names = ["column", "slope", "lo", "hi", "p_holm"]
        return [("Slopes a year", self.trends[names])]


def sound_evolution(  # noqa: PLR0913 - all by name, each with a default
    features: Any,
    songs: Any = None,
    *,
    columns: Sequence[str] | None = None,
    artist: str = "artist",
    date: str = "released_at",
    half_width: int = 4,
    fewest: int = 5,
    draws: int = 500,
    level: float = 0.9,
    rng: Any = None,
) -> SoundEvolution:
    """Follow descriptors over years: medians, trends, and leaps.

    Parameters
    ----------
    features : pandas, polars, pyarrow or DuckDB frame
        The ``features`` table.
    songs : frame, optional
        Artist and date by recording_id; without it they stand in ``features``.
    columns : sequence of str, optional
        Up to 80 descriptors, such as those of loudness and timbre; all numbers without it.
    artist, date : str
        Columns of the artist and the date (or year) of release.
    half_width : int, default 4
        Years on either side of a leap.
    fewest : int, default 5
        Songs that a year must have; others are left out.
    draws : int, default 500
        Draws of artists for intervals, and histories of a steady pace.
    level : float, default 0.9
        Level of the intervals.
    rng : int or numpy.random.Generator, optional
        Seed.

    Returns
    -------
    SoundEvolution
        Medians, trends, novelty, revolutions, and all of it in words.

    Raises
    ------
    TableError
        If a column is missing.
    InputError
        If there are fewer than five years, more than 80 columns, or an argument is out of range.

    Notes
    -----
    Novelty is Foote's: a checkerboard over the distances between the mean songs of years, in the
    main axes of the standardised columns. To shuffle years, or distances, as a null would call any
    drift a revolution; the null here is a sound that changes at a steady pace: a drift, random
    steps as large as those seen (less what the few songs of a year make of them), and as few songs
    a year. ``p_family`` is the part of such histories whose largest leap is as large. Trends are
    those of :func:`mann_kendall`, over the medians.

    References
    ----------
    J. Foote (2000): Automatic audio segmentation using a measure of audio novelty. ICME.
    M. Mauch et al. (2015): The evolution of popular music: USA 1960-2010. Royal Society Open
    Science 2, 150081. There the revolutions are 1964, 1983 and 1991.
    J. Serrà et al. (2012): Measuring the evolution of contemporary western popular music.
    Scientific Reports 2, 521.

    Examples
    --------
    >>> import musictools as mt
    >>> made = mt.datasets.simulate_hits(900, artists=300, drift=0, revolution=2006, rng=1)
    >>> found = mt.trends.sound_evolution(made.features, made.songs, rng=1)
    >>> found.revolutions["year"].tolist()
    [2006]
    """
    half = int(check_number(_WHAT, "half_width", half_width, (1, 50)))
    least = int(check_number(_WHAT, "fewest", fewest, (2, 1_000_000)))
    count = int(check_number(_WHAT, "draws", draws, (50, 100_000)))
    level = check_number(_WHAT, "level", level, (0.01, 0.999))
    random = generator(rng, _WHAT)
    frame, names = read_sounds(features, songs, _WHAT, columns=columns, about=[artist, date])
    frame = frame.assign(**{artist: frame[artist].map(plain_artist), date: frame[date].dt.year})
    size = frame[date].map(frame[date].value_counts())
    frame = frame[size >= least].reset_index(drop=True)
    years = np.unique(frame[date].to_numpy(dtype=int))
    _check_amount(years, names)
    medians = _medians(frame, names, (artist, date), count, level, random)
    novelty, leaps = _leaps(frame, names, (artist, date), half, count, random)
    gaps = int(years[-1] - years[0] + 1 - len(years))
    note = (
        "A remaster that is dated by its first release carries today's loudness into the past, and "
        "one that is dated by its reissue carries the past into today: use the first masters."
    )
    if gaps:
        thin = counted(gaps, "year")
        note += f" Left out, and closed up: {thin} with fewer than {least} songs."
    if not len(novelty):
        note += f" Too few years for leaps: they need {2 * half + 3}."
    return SoundEvolution(
        medians=medians,
        trends=_trends(medians, level),
        novelty=novelty,
        revolutions=leaps,
        songs=len(frame),
        artists=int(frame[artist].nunique()),
        level=level,
        note=note,
        provenance={
            "musictools": __version__,
            "function": "trends.sound_evolution",
            "half_width": half,
            "draws": count,
        },
    )


def _check_amount(years: npt.NDArray[np.int_], names: list[str]) -> None:
    if len(years) < 5 or len(names) > _MOST_COLUMNS:
        raise InputError(
            _WHAT,
            got=f"{len(years)} years with enough songs, {len(names)} columns",
            expected=f"five years or more, and up to {_MOST_COLUMNS} columns",
            hint="columns=['integrated_lufs', 'spectral_centroid_mean_hz'], or fewest=2",
        )


def _medians(
    frame: "pd.DataFrame",
    names: list[str],
    about: tuple[str, str],
    draws: int,
    level: float,
    random: np.random.Generator,
) -> "pd.DataFrame":
    import pandas as pd

    artist, date = about
    year: Any
    z = standardised(frame[names])
    tails = [(1 - level) / 2, (1 + level) / 2]
    rows: list[dict[str, Any]] = []
    for year, rest in frame.groupby(date, sort=True):
        at = rest.index.to_numpy()
        who = np.unique(rest[artist].astype(str), return_inverse=True)[1]
        people = int(who.max()) + 1
        times = random.multinomial(people, np.full(people, 1 / people), size=draws)[:, who]
        for name in names:
            values = rest[name].to_numpy(dtype=float)
            there = np.isfinite(values)
            if not there.any():
                continue
            drawn = _weighted_medians(values[there], times[:, there])
            lo, hi = np.nanquantile(drawn, tails)
            rows.append(
                {"column": name, "year": int(year), "songs": int(there.sum())}
                | {"median": float(np.median(values[there])), "lo": lo, "hi": hi}
            )
        # A centre found from the songs themselves lies too near to them.
        far = np.linalg.norm(z[at] - z[at].mean(axis=0), axis=1) * np.sqrt(len(at) / (len(at) - 1))
        total = np.maximum(times.sum(axis=1), 1)
        lo, hi = np.quantile((times @ far) / total, tails)
        rows.append(
            {"column": VARIETY, "year": int(year), "songs": len(at)}
            | {"median": float(far.mean()), "lo": lo, "hi": hi}
        )
    out = pd.DataFrame(rows)
    order = {name: k for k, name in enumerate([*names, VARIETY])}
    return out.sort_values("year").sort_values(
        "column", key=lambda c: c.map(order), kind="stable"
    ).reset_index(drop=True)  # fmt: skip


def _weighted_medians(values: Floats, times: npt.NDArray[np.int_]) -> Floats:
    order = np.argsort(values)
    summed = np.cumsum(times[:, order], axis=1)
    total = summed[:, -1]
    middle = (summed >= total[:, None] / 2).argmax(axis=1)
    out: Floats = np.where(total > 0, values[order][middle], np.nan)
    return out


def _trends(medians: "pd.DataFrame", level: float) -> "pd.DataFrame":
    import pandas as pd

    rows = []
    for name, part in medians.groupby("column", sort=False):
        years, values = part["year"].to_numpy(dtype=float), part["median"].to_numpy(dtype=float)
        if len(part) < 4:
            continue
        # Neighbouring years go together: uncorrected, a slow swing would pass for a trend.
        found = slope_of(years, values, level)
        rows.append(
            {"column": name, "slope": found.slope, "lo": found.lo, "hi": found.hi}
            | {"tau": found.tau, "p_value": found.p_value}
        )
    table = pd.DataFrame(rows, columns=["column", "slope", "lo", "hi", "tau", "p_value"])
    return table.assign(p_holm=_holm(table["p_value"].to_numpy(dtype=float)))


def _holm(p: Floats) -> Floats:
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    out = np.empty_like(p)
    out[order] = np.minimum(stepped, 1.0)
    return out


def _leaps(
    frame: "pd.DataFrame",
    names: list[str],
    about: tuple[str, str],
    half: int,
    draws: int,
    random: np.random.Generator,
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    import pandas as pd

    artist, date = about
    years, place = np.unique(frame[date].to_numpy(dtype=int), return_inverse=True)
    if len(years) < 2 * half + 3:
        empty = ["year", "novelty", "null_median", "null_95", "p_point", "p_family"]
        return pd.DataFrame(columns=empty), pd.DataFrame(
            columns=["year", "first", "last", "p_family"]
        )
    artists: Floats = np.asarray(frame.groupby(date)[artist].nunique(), dtype=np.float64)
    axes = components(standardised(frame[names]))
    seen, null = steady_pace(axes, place, artists, draws=draws, random=random)
    table = judge_novelty(years, seen, null, half)
    return table, revolutions(table, _ALPHA)
