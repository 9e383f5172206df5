"""Features, artists, dates and outcomes, laid side by side and looked at, for HitModel."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools import tables
from musictools._frames import as_pandas
from musictools._policy import check_use
from musictools.errors import InputError, TableError, closest

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

WHAT = "ask whether sound predicts success"
PREDICT = "predict hits"
_NEED = ("an artist", "a date", "an outcome")
_FEWEST = 25
_YEAR = np.timedelta64(365 * 24 + 6, "h")
# Columns of features tables that are no sound.
_NO_SOUND = frozenset({"recording_id", "path", "error", "features_version"})
_BEFORE = r"[\s(\[,;/]"
# Surely a guest: dotted, in brackets, or the whole word.
_SURE_GUEST = re.compile(
    rf"(?:{_BEFORE}+(?:feat|ft)\.|\s*[(\[]\s*(?:feat|ft)\b|{_BEFORE}+featuring\b)(?=\s*\S)"
)
# A bare word may be of the name: "Little Feat & Nobody".
_BARE_GUEST = re.compile(rf"{_BEFORE}+(?:feat|ft)\s+(?=[^\s,;/&+)-])")
# "Six Ft. Ditch" is a height.
_FEET = re.compile(r"\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty")
_SEPARATORS = " ([,;/|:-\u2010\u2011\u2012\u2013\u2014\u2015"
_VERSION = (
    r"re-?master(?:ed)?|re-?issue|deluxe|anniversary|bonus|live|mono|stereo|edit|mix|remix|"
    r"version|acoustic|demo|re-?recorded|expanded|edition|instrumental|extended|sped up|slowed|"
    r"session|unplugged"
)
_BRACKET = re.compile(rf"[(\[][^)\]]*\b(?:{_VERSION})\b[^)\]]*[)\]]", re.IGNORECASE)
_TAIL = re.compile(rf"\s[-\u2013\u2014]\s[^-\u2013\u2014]*\b(?:{_VERSION})\b.*$", re.IGNORECASE)


@dataclass
class Songs:
    """Songs in the order of their dates.

    Attributes
    ----------
    ids, work : numpy.ndarray of object
        Recording, and title without words such as "remastered" (empty where there is none).
    artist, credit : numpy.ndarray of object
        Artist as :func:`plain_artist` gives it, and as it was told.
    date : numpy.ndarray of datetime64
        When it came out.
    hit : numpy.ndarray
        0 or 1; empty where it is not known.
    sound : pandas.DataFrame
        Numbers that may be sound.
    ignored : list of str
        Columns that are no numbers.
    isrc : numpy.ndarray of object
        Codes, empty where there are none.
    titled : bool
        Whether there are titles.
    """

    ids: npt.NDArray[Any]
    artist: npt.NDArray[Any]
    credit: npt.NDArray[Any]
    date: npt.NDArray[np.datetime64]
    hit: npt.NDArray[np.int_]
    sound: "pd.DataFrame"
    work: npt.NDArray[Any]
    isrc: npt.NDArray[Any]
    titled: bool
    ignored: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: npt.NDArray[Any]) -> "Songs":
        """Give some of the rows."""
        return Songs(
            ids=self.ids[rows],
            artist=self.artist[rows],
            credit=self.credit[rows],
            date=self.date[rows],
            hit=self.hit[rows],
            sound=self.sound.loc[rows].reset_index(drop=True),
            work=self.work[rows],
            isrc=self.isrc[rows],
            titled=self.titled,
            ignored=self.ignored,
        )

    @property
    def years(self) -> Floats:
        """Dates as years."""
        out: Floats = 1970 + (self.date - np.datetime64(0, "s")) / _YEAR
        return out


def plain_artist(name: object) -> str:
    """Give the first artist of a credit, however it is spelt: of "Drake  feat. X", "drake".

    Parameters
    ----------
    name : object
        As credited.
    """
    text = unicodedata.normalize("NFKC", str(name)).casefold()
    whole = " ".join(text.split())
    for guest in (_SURE_GUEST, _BARE_GUEST):
        for found in guest.finditer(whole):
            first = whole[: found.start()].rstrip(_SEPARATORS)
            feet = found.group().strip(" .") == "ft" and _FEET.fullmatch(first)
            # Who is called "Feat" has no name before it.
            if first and not feet:
                return first
    return whole


def plain_title(title: object) -> str:
    """Give a title without the words that tell one version of a song from another.

    Parameters
    ----------
    title : object
        As released.
    """
    text = _TAIL.sub("", _BRACKET.sub(" ", str(title)))
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


def read_songs(
    features: Any, songs: Any | None, names: tuple[str, str, str | None], *, strict: bool = True
) -> Songs:
    """Join and check what a reader hands over.

    Parameters
    ----------
    features : frame
        The ``features`` table, or one with everything.
    songs : frame, optional
        Artist, date and outcome by recording_id.
    names : tuple of str
        Columns of the artist, the date and the outcome; None for songs whose outcome is to come.
    strict : bool
        Whether there must be enough for a fit.
    """
    frame = tables.check(as_pandas(features, WHAT), "features")
    check_use(frame)
    about = frame if songs is None else as_pandas(songs, WHAT)
    if songs is not None:
        check_use(about)
    _need(about, ("recording_id", *(name for name in names if name)), strict=strict)
    for each in (frame, about):
        check_recordings(each, WHAT if strict else PREDICT)
    artist, date, outcome = names
    need = _NEED if outcome else _NEED[:2]
    wanted = ["recording_id", artist, date, *([outcome] if outcome else [])]
    extra = [c for c in ("title", "isrc") if c in about.columns and c not in wanted]
    kept = frame if songs is None else frame[[c for c in frame if c not in {*wanted[1:], *extra}]]
    joined = kept if songs is None else kept.merge(about[wanted + extra], on="recording_id")
    if "error" in joined.columns:
        joined = joined[joined["error"].isna()]
    joined = joined.dropna(subset=[c for c in wanted if c])
    if not len(joined):
        raise InputError(
            WHAT,
            got=f"no recording with features, {', '.join(need[:-1])} and {need[-1]}",
            expected="the same recording_id in both tables",
            hint="mt.collect.resolve(left, right) finds which rows belong together",
        )
    joined = joined.assign(**{date: read_dates(joined[date], WHAT)})
    joined = joined.sort_values([date, "recording_id"], kind="stable").reset_index(drop=True)
    sound, ignored = _numbers(joined, {*wanted, *extra})
    out = Songs(
        ids=joined["recording_id"].to_numpy(object),
        artist=np.array([plain_artist(each) for each in joined[artist]], dtype=object),
        credit=joined[artist].astype(str).to_numpy(object),
        date=joined[date].to_numpy("datetime64[s]"),
        hit=_outcomes(joined[outcome]) if outcome else np.zeros(len(joined), dtype=int),
        sound=sound,
        work=_works(joined, extra),
        isrc=joined["isrc"].fillna("").to_numpy(object) if "isrc" in extra else _empty(joined),
        titled="title" in extra,
        ignored=ignored,
    )
    if strict:
        _enough(out)
    return out


def _empty(frame: "pd.DataFrame") -> npt.NDArray[Any]:
    return np.full(len(frame), "", dtype=object)


def _works(frame: "pd.DataFrame", extra: list[str]) -> npt.NDArray[Any]:
    if "title" not in extra:
        return _empty(frame)
    return np.array([plain_title(t) for t in frame["title"].fillna("")], dtype=object)


def _need(frame: "pd.DataFrame", names: tuple[str, ...], *, strict: bool) -> None:
    for name in names:
        if name not in frame.columns:
            near = closest(str(name), map(str, frame.columns))
            raise TableError(
                WHAT if strict else PREDICT,
                got=f"no column {name!r} among {', '.join(map(repr, list(frame.columns)[:12]))}",
                expected="an artist, a date and an outcome of 0 or 1 for each recording"
                if strict
                else f"columns {', '.join(map(repr, names))}, as fit() was given them",
                hint=f"{near}; artist=, date= and outcome= name the columns"
                if strict
                else f"{near}; songs=... may hold what features do not",
            )


def check_recordings(frame: "pd.DataFrame", what: str) -> None:
    """Refuse a recording that stands there twice."""
    twice = frame["recording_id"][frame["recording_id"].duplicated()]
    if len(twice):
        raise TableError(
            what,
            got=f"recording_id {twice.iloc[0]!r} more than once",
            expected="one row for each recording",
            hint="frame.drop_duplicates('recording_id')",
        )


def read_dates(values: "pd.Series[Any]", what: str) -> "pd.Series[Any]":
    """Give dates, or the middle of years, as clocks on the wall showed them."""
    import pandas as pd

    hint = "pandas.to_datetime(frame['date'])"
    if pd.api.types.is_numeric_dtype(values):
        # Years are what many tables have.
        years = values.astype(float)
        if not ((years >= 1880) & (years <= 2200) & (years % 1 == 0)).all():
            got = f"dates such as {values.iloc[0]!r}"
            raise InputError(what, got=got, expected="dates, or whole years", hint=hint)
        return pd.to_datetime(years.astype(int).astype(str) + "-07-01")
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        # New Year in Paris is still the old year in UTC.
        on_the_wall: pd.Series[Any] = values.dt.tz_localize(None)
        return on_the_wall
    try:
        return pd.to_datetime(values, utc=True).dt.tz_localize(None)
    except (ValueError, TypeError) as error:
        got = f"a date that cannot be read ({error})"
        raise InputError(what, got=got, expected="dates, or whole years", hint=hint) from error


def _outcomes(values: "pd.Series[Any]") -> npt.NDArray[np.int_]:
    import pandas as pd

    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
    if not np.isin(numbers, (0.0, 1.0)).all():
        raise InputError(
            WHAT,
            got=f"outcomes such as {values.iloc[0]!r}, not all of them 0 or 1",
            expected="1 for a hit and 0 for none",
            hint="songs.assign(hit=(songs['peak_position'] <= 40).astype(int))",
        )
    return numbers.astype(int)


def _numbers(frame: "pd.DataFrame", told: set[str]) -> tuple["pd.DataFrame", list[str]]:
    import pandas as pd

    candidates = [c for c in frame.columns if c not in told | _NO_SOUND]
    kept = [c for c in candidates if pd.api.types.is_numeric_dtype(frame[c])]
    numbers = frame[kept].astype(float).replace([np.inf, -np.inf], np.nan)
    varied = [c for c in kept if numbers[c].min() < numbers[c].max()]
    # Names may be numbers, as those of a bare array are.
    sound = numbers[varied].rename(columns=str)
    twice = sound.columns[sound.columns.duplicated()]
    if len(twice):
        raise TableError(
            WHAT,
            got=f"more than one column called {twice[0]!r}, as a number or in letters",
            expected="names that differ",
            hint="features.rename(columns=...) gives them other names",
        )
    return sound, [str(c) for c in candidates if c not in varied]


def as_learnt(features: Any, new: Songs, names: list[str]) -> "pd.DataFrame":
    """Give the columns that were learnt from, of other songs.

    What does not vary among a few songs was put aside on reading: it is taken from the table.
    """
    import pandas as pd

    whole = as_pandas(features, PREDICT).set_index("recording_id").rename(columns=str)
    gone = [name for name in names if name not in whole.columns]
    worded = [n for n in names if n not in gone and not pd.api.types.is_numeric_dtype(whole[n])]
    if gone or worded:
        shown = ", ".join(map(repr, (gone or worded)[:5]))
        more = len(gone or worded) - 5
        raise InputError(
            PREDICT,
            got=("no column " if gone else "words in ") + shown
            + (f" and {more} more" if more > 0 else ""),
            expected=f"the {len(names)} columns that were learnt from, as numbers",
            hint="measure the new songs with the same version of mt.audio.extract",
        )  # fmt: skip
    return whole[names].reindex(new.ids).astype(float).replace([np.inf, -np.inf], np.nan)


def _enough(songs: Songs) -> None:
    hits = int(songs.hit.sum())
    if min(hits, len(songs) - hits) < _FEWEST or len(set(songs.artist)) < 10:
        raise InputError(
            WHAT,
            got=f"{hits} hits and {len(songs) - hits} others of {len(set(songs.artist))} artists",
            expected=f"at least {_FEWEST} of each, of 10 artists",
            hint="bring more songs; a few dozen cannot answer this",
        )
    if not songs.sound.shape[1]:
        raise InputError(
            WHAT,
            got="no column of numbers that vary",
            expected="descriptors of sound",
            hint='mt.audio.extract("my-music/") makes them',
        )
