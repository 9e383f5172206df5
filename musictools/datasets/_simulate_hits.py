"""Songs, some of which become hits, made to order: what sound has to do with it is known."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools._card import Card, Table
from musictools._checks import check_number, generator
from musictools._counts import counted
from musictools._version import __version__
from musictools.errors import InputError, closest

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SimulatedHits", "simulate_hits"]

Floats = npt.NDArray[np.float64]

_WHAT = "simulate hits"
_SHAPES = ("linear", "inverted_u")
_FASHIONS = ("none", "wave", "eras", "seasons")
_WAVE_YEARS = 8.0
_ERA_YEARS = 6.0
_GENRES = ("pop", "rock", "hip-hop", "dance", "country")
# Column, unit's centre, unit's spread, and the factor that it shares with its neighbours.
_COLUMNS = (
    ("integrated_lufs", -11.0, 2.5, 0, 0.9),
    ("plr_lu", 11.0, 2.0, 0, -0.9),
    ("dr_db", 8.5, 2.0, 0, -0.85),
    ("spectral_centroid_mean_hz", 2_300.0, 450.0, 1, 0.9),
    ("spectral_rolloff_mean_hz", 5_200.0, 900.0, 1, 0.9),
    ("spectral_flatness_mean_db", -28.0, 4.0, 1, 0.85),
    ("danceability", 1.2, 0.18, 2, 0.6),
    ("onset_rate_hz", 3.2, 0.8, 2, 0.6),
    ("stereo_width", 0.35, 0.1, 3, 0.3),
    ("dynamic_complexity_db", 4.0, 1.2, 4, 0.3),
    ("repetition_share", 0.55, 0.15, 5, 0.3),
    ("duration_s", 225.0, 35.0, 6, 0.3),
)
NAMES = tuple(each[0] for each in _COLUMNS)
#: What the linear effect is an effect of.
CAUSE = "danceability"
_SUFFIXES = (" (Remastered {year})", " - {year} Remaster", " (Deluxe Edition)", " (Live)")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SimulatedHits(Card):
    """Simulated songs, and everything that is known about them.

    Attributes
    ----------
    features : pandas.DataFrame
        The ``features`` table: recording_id and a column for each descriptor.
    songs : pandas.DataFrame
        recording_id, title, artist, genre, released_at, hit (0 or 1), and what is known only after
        the release: peak_position, popularity.
    truth : dict of str to pandas.DataFrame
        ``songs`` (recording_id, probability of a hit, sound: its part of the log-odds, fame: that
        of the artist, reissue_of: the recording that it is a reissue of, missing otherwise) and
        ``artists`` (artist, fame).
    provenance : dict
        What made it.

    See Also
    --------
    simulate_hits : Makes one.
    """

    features: "pd.DataFrame"
    songs: "pd.DataFrame"
    truth: "dict[str, pd.DataFrame]"
    provenance: dict[str, Any] = field(default_factory=dict)

    def _verdict(self) -> str:
        reissues = int(self.truth["songs"]["reissue_of"].notna().sum())
        return (
            f"{counted(len(self.songs), 'recording')} of "
            f"{counted(self.songs['artist'].nunique(), 'artist')}, "
            f"{self.songs['hit'].mean():.0%} hits, {counted(reissues, 'reissue')}, "
            f"effect of sound {self.provenance['effect']:g}."
        )

    def _tables(self) -> Iterable[Table]:
        return [("Songs", self.songs), ("Features", self.features)]


def simulate_hits(  # noqa: PLR0913 - every one is a thing to ask about
    songs: int = 1_200,
    *,
    artists: int = 200,
    effect: float = 0.8,
    shape: str = "linear",
    fame: float = 1.2,
    house_sound: float = 0.6,
    reissues: float = 0.0,
    drift: float = 0.04,
    revolution: int | None = None,
    fashion: str = "none",
    years: tuple[int, int] = (1990, 2019),
    rng: int | np.random.Generator | None = None,
) -> SimulatedHits:
    """Simulate songs with features, artists with fame, dates, and hits.

    Parameters
    ----------
    songs : int, default 1200
        Original recordings, 50 to 200,000; reissues come on top.
    artists : int, default 200
        At least 5, and no more than songs.
    effect : float, default 0.8
        Log-odds of a hit for each standard deviation of ``danceability`` (or of the bulge, see
        ``shape``). 0: sound has nothing to do with it.
    shape : str
        ``linear``: more danceable is better. ``inverted_u``: neither the most typical nor the
        strangest sound wins; typicality alone counts.
    fame : float, default 1.2
        Log-odds of a hit for each standard deviation of the artist's fame.
    house_sound : float, default 0.6
        How much of fame can be heard: the part of every artist's own sound that goes with fame.
        With ``effect=0`` it is what lures a model into hearing hits.
    reissues : float, default 0
        Part of the hits, 0 to 1, of which a louder remaster, live or deluxe version comes out 5 to
        15 years later, under the outcome of the old one: a trap.
    drift : float, default 0.04
        Standard deviations a year by which loudness grows; the share of hits falls as fast.
    revolution : int, optional
        A year from which brightness is up by two standard deviations, and rhythm down by as much.
    fashion : str
        What comes and goes, in brightness and rhythm and in the share of hits
        alike, though neither makes the other: ``none``; a ``wave`` of eight years; ``eras`` of six
        years each, up and down by turns; ``seasons``, highest in summer. A trap: with ``effect=0``
        it is the date that both follow.
    years : tuple of int
        First and last.
    rng : int or numpy.random.Generator, optional
        Seed. The same seed gives the same numbers.

    Returns
    -------
    SimulatedHits
        ``.features``, ``.songs`` and ``.truth``.

    Raises
    ------
    InputError
        If an argument is out of range, or the shape unknown.

    Notes
    -----
    log-odds = -1.3 + fame x (fame of the artist) + effect x (sound) - drift x (years from the
    middle) + fashion (from -1 to 1). Features are normal, in seven correlated blocks of standard
    units: 0.5 of the genre, 0.5 of the artist, and the song's own; a fashion moves them by up to
    one. All sizes are made up; nothing here is a claim about real music.

    Examples
    --------
    >>> import musictools as mt
    >>> made = mt.datasets.simulate_hits(300, artists=60, rng=1)
    >>> made.features.shape, round(float(made.songs["hit"].mean()), 2)
    ((300, 13), 0.26)
    """
    import pandas as pd

    count = int(check_number(_WHAT, "songs", songs, (50, 200_000)))
    people = int(check_number(_WHAT, "artists", artists, (5, count)))
    sizes = {"effect": effect, "fame": fame, "house_sound": house_sound, "drift": drift}
    for name, value in sizes.items():
        check_number(_WHAT, name, value, (-10.0, 10.0))
    check_number(_WHAT, "reissues", reissues, (0.0, 1.0))
    _check_names(shape, fashion, years, revolution)
    random = generator(rng, _WHAT)
    artist_fame = random.standard_normal(people)
    owner = np.concatenate([np.arange(people), random.integers(0, people, count - people)])
    year = _years(random, owner, people, years)
    z, typical = _sounds(random, owner, artist_fame, year, (house_sound, drift, revolution))
    luck, released = random.random(count), _dates(random, year)
    mode = _fashion(fashion, released)
    # Brightness and rhythm.
    z[:, 3:8] += mode[:, None]
    middle = (years[0] + years[1]) / 2
    sound = _standard(z[:, NAMES.index(CAUSE)]) if shape == "linear" else _bulge(typical)
    famous = fame * artist_fame[owner]
    odds = -1.3 + famous + effect * sound - drift * (year - middle) + mode
    chance = 1 / (1 + np.exp(-odds))
    hit = (luck < chance).astype(int)
    frame = pd.DataFrame(
        {
            "recording_id": [f"r{i:06d}" for i in range(count)],
            "title": [f"Song {i}" for i in range(count)],
            "artist": [f"Artist {a:04d}" for a in owner],
            "genre": np.asarray(_GENRES)[owner % len(_GENRES)],
            "released_at": released,
            "hit": hit,
            "probability": chance,
            "sound": effect * sound,
            "fame": famous,
            "reissue_of": pd.Series([None] * count, dtype="str"),
        }
    )
    frame, z = _reissued(random, frame, z, reissues)
    provenance = {"musictools": __version__, "function": "simulate_hits", "songs": count}
    provenance |= {"artists": people, **sizes, "shape": shape, "reissues": reissues}
    provenance |= {"rng": int(rng) if isinstance(rng, int | np.integer) else None}
    return _handed_over(random, frame, z, artist_fame, provenance)


def _check_names(shape: str, fashion: str, years: tuple[int, int], revolution: int | None) -> None:
    for name, value, known in (("shape", shape, _SHAPES), ("fashion", fashion, _FASHIONS)):
        if value not in known:
            got, hint = f"{name}={value!r}", closest(str(value), known)
            raise InputError(_WHAT, got=got, expected=f"a {name}", hint=hint)
    inside = revolution is None or years[0] < revolution <= years[-1]
    if not 1900 <= years[0] < years[1] <= 2100 or not inside:
        raise InputError(
            _WHAT,
            got=f"years={years!r}, revolution={revolution!r}",
            expected="first and last year, 1900 to 2100, and a revolution between them",
            hint="years=(1990, 2019)",
        )


def _years(
    random: np.random.Generator, owner: npt.NDArray[np.int_], people: int, years: tuple[int, int]
) -> npt.NDArray[np.int_]:
    # Careers last some ten years: artists of the test set are partly those of the training set.
    begin = random.uniform(years[0] - 5, years[1], people)
    length = 3 + random.exponential(8, people)
    at = begin[owner] + random.random(len(owner)) * length[owner]
    out: npt.NDArray[np.int_] = np.clip(np.floor(at), years[0], years[1]).astype(int)
    return out


def _dates(random: np.random.Generator, year: npt.NDArray[np.int_]) -> "pd.DatetimeIndex":
    import pandas as pd

    starts = pd.to_datetime([f"{y}-01-01" for y in year])
    return starts + pd.to_timedelta(random.integers(0, 365, len(year)), unit="D")


def _fashion(kind: str, released: "pd.DatetimeIndex") -> Floats:
    """Give how far up each day is, -1 to 1."""
    day = released.day_of_year.to_numpy() / 365.25
    years = released.year.to_numpy() + day
    if kind == "wave":
        out: Floats = np.sin(2 * np.pi * years / _WAVE_YEARS)
    elif kind == "eras":
        out = np.where(np.floor(years / _ERA_YEARS) % 2, 1.0, -1.0)
    else:
        out = -np.cos(2 * np.pi * day) * (kind == "seasons")
    return out


def _sounds(
    random: np.random.Generator,
    owner: npt.NDArray[np.int_],
    fame: Floats,
    year: npt.NDArray[np.int_],
    how: tuple[float, float, int | None],
) -> tuple[Floats, Floats]:
    """Features in standard units, and how typical each song is of its genre and year."""
    house_sound, drift, revolution = how
    factors = max(each[3] for each in _COLUMNS) + 1
    loading = np.zeros((factors, len(_COLUMNS)))
    for place, each in enumerate(_COLUMNS):
        loading[each[3], place] = each[4]
    own = np.sqrt(1 - (loading**2).sum(axis=0))
    genre = 0.5 * random.standard_normal((len(_GENRES), factors))
    people = 0.5 * random.standard_normal((len(fame), factors))
    # What can be heard of fame: in the sound of the rhythm, above all.
    people[:, 2] += house_sound * fame
    people[:, 1] += 0.5 * house_sound * fame
    song = random.standard_normal((len(owner), factors))
    noise = random.standard_normal((len(owner), len(_COLUMNS))) * own
    z = (song + people[owner] + genre[owner % len(_GENRES)]) @ loading + noise
    z[:, :3] += drift * (year - year.mean())[:, None] * np.sign(loading[0, :3])
    if revolution is not None:
        z[:, 3:6] += 2.0 * (year >= revolution)[:, None]
        z[:, 6:8] -= 2.0 * (year >= revolution)[:, None]
    return z, _typical(z, year)


def _typical(z: Floats, year: npt.NDArray[np.int_]) -> Floats:
    """Give the cosine of each song with the mean song of its year, in standard units."""
    low, high = np.quantile(z, [0.01, 0.99], axis=0)
    scaled = np.clip((z - low) / (high - low), 0, 1)
    means = np.zeros((int(np.ptp(year)) + 1, z.shape[1]))
    np.add.at(means, year - year.min(), scaled)
    mean = means[year - year.min()]
    size = np.linalg.norm(scaled, axis=1) * np.linalg.norm(mean, axis=1)
    cosine = (scaled * mean).sum(axis=1) / np.maximum(size, 1e-12)
    # Ranks: cosines crowd near 1, and a bulge over them would be a cliff.
    return _standard(np.argsort(np.argsort(cosine)).astype(float))


def _standard(values: Floats) -> Floats:
    out: Floats = (values - values.mean()) / values.std()
    return out


def _bulge(typical: Floats) -> Floats:
    # Highest at the middle of typicality, lowest at its ends.
    return _standard(-(typical**2))


def _reissued(
    random: np.random.Generator, frame: "pd.DataFrame", z: Floats, part: float
) -> tuple["pd.DataFrame", Floats]:
    import pandas as pd

    hits = np.flatnonzero(frame["hit"].to_numpy() == 1)
    chosen = np.sort(random.permutation(hits)[: round(part * len(hits))])
    if not len(chosen):
        return frame, z
    again = frame.iloc[chosen].copy()
    again["reissue_of"] = again["recording_id"]
    later = again["released_at"] + pd.to_timedelta(
        random.integers(5 * 365, 15 * 365, len(chosen)), unit="D"
    )
    again["released_at"] = later
    again["recording_id"] = [f"x{i:06d}" for i in range(len(chosen))]
    kinds = random.integers(0, len(_SUFFIXES), len(chosen))
    again["title"] = [
        title + _SUFFIXES[kind].format(year=when.year)
        for title, kind, when in zip(again["title"], kinds, later, strict=True)
    ]
    copy = z[chosen] + 0.1 * random.standard_normal((len(chosen), z.shape[1]))
    copy[:, :3] += 1.5 * np.array([1, -1, -1])
    return pd.concat([frame, again], ignore_index=True), np.concatenate([z, copy])


def _handed_over(
    random: np.random.Generator,
    frame: "pd.DataFrame",
    z: Floats,
    fame: Floats,
    provenance: dict[str, Any],
) -> SimulatedHits:
    import pandas as pd

    values = {
        name: centre + spread * z[:, place]
        for place, (name, centre, spread, _, _) in enumerate(_COLUMNS)
    }
    hit = frame["hit"].to_numpy() == 1
    peak = np.where(hit, random.integers(1, 41, len(frame)), random.integers(41, 300, len(frame)))
    after = np.clip(70 * hit + random.normal(15, 12, len(frame)), 0, 100).round()
    songs = frame[["recording_id", "title", "artist", "genre", "released_at", "hit"]].copy()
    truth = frame[["recording_id", "probability", "sound", "fame", "reissue_of"]].copy()
    names = [f"Artist {a:04d}" for a in range(len(fame))]
    return SimulatedHits(
        features=pd.DataFrame({"recording_id": frame["recording_id"], **values}),
        songs=songs.assign(peak_position=peak, popularity=after),
        truth={"songs": truth, "artists": pd.DataFrame({"artist": names, "fame": fame})},
        provenance=provenance,
    )
