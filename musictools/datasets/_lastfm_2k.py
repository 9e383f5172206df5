"""Who listened to whom on Last.fm: the set of the HetRec 2011 workshop, fetched by its user."""

import hashlib
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musictools._card import Card, Table
from musictools._version import __version__
from musictools.datasets._fetch import Remote, fetch
from musictools.errors import ExportError, InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LastFm2k", "fetch_lastfm_2k"]

REMOTE = Remote(
    name="HetRec 2011 Last.fm 2k",
    file="hetrec2011-lastfm-2k.zip",
    address="https://files.grouplens.org/datasets/hetrec2011/hetrec2011-lastfm-2k.zip",
    checksum="sha256:6738f48195667ff03caaab4d32ca9a3133d8cc026b7c3cdaf6ce1010e913c59c",
    size_mb=3,
    licence="non-commercial use (its readme.txt); commercial use: ask Last.fm",
    citation=(
        "I. Cantador, P. Brusilovsky and T. Kuflik, 2nd Workshop on Information Heterogeneity and "
        "Fusion in Recommender Systems (HetRec 2011), RecSys 2011; and Last.fm, "
        "https://www.last.fm"
    ),
    own_copy='mt.datasets.fetch_lastfm_2k(path="hetrec2011-lastfm-2k.zip")',
)
_WHAT = f"read {REMOTE.name}"
#: SHA-256 of user_artists.dat with the line ends of Unix: copies differ in nothing else.
_PLAYS_SHA256 = "edbb24b56424eadec8fbe60f05037749360ea4bef7e51821ca96fb4b1c5b38dc"
#: What is read, with the columns of which each file must have.
_MEMBERS = {
    "user_artists.dat": ("userID", "artistID", "weight"),
    "artists.dat": ("id", "name"),
    "tags.dat": ("tagID", "tagValue"),
    "user_taggedartists.dat": ("userID", "artistID", "tagID"),
}


@dataclass(frozen=True, eq=False, repr=False)
class LastFm2k(Card):
    """Listening of 1,892 users of Last.fm.

    Attributes
    ----------
    plays : pandas.DataFrame
        user_id, artist_id, plays: how often in all the years of the account, and of the user's 50
        most played artists only.
    artists : pandas.DataFrame
        artist_id, name, and tag: the one that most users gave, of several the first by alphabet;
        missing where nobody gave one.
    tags : pandas.DataFrame
        user_id, artist_id, tag: each tag that a user gave.
    provenance : dict
        Name, address and checksum of the source, its licence and what to cite; whether the plays
        were found to be those that were published.

    See Also
    --------
    fetch_lastfm_2k : Reads it.
    """

    plays: "pd.DataFrame"
    artists: "pd.DataFrame"
    tags: "pd.DataFrame"
    provenance: dict[str, Any] = field(default_factory=dict)

    def _verdict(self) -> str:
        return (
            f"{self.plays['plays'].sum():,} plays of {self.plays['user_id'].nunique():,} users and "
            f"{self.plays['artist_id'].nunique():,} artists; {REMOTE.licence}"
        )

    def _tables(self) -> Iterable[Table]:
        return [("Plays", self.plays), ("Artists", self.artists)]


def fetch_lastfm_2k(
    path: str | PathLike[str] | None = None, *, check: bool = True, progress: bool | None = None
) -> LastFm2k:
    r"""Fetch who listened to whom on Last.fm: HetRec 2011 Last.fm 2k.

    The set may not be passed on, so that each user downloads it (about 3 MB) from GroupLens, once;
    it is then kept with musictools' own files (``MUSICTOOLS_DATA_DIR``). Non-commercial use only.

    Parameters
    ----------
    path : str or pathlib.Path, optional
        Your own copy, the zip or a folder with what was in it; nothing is downloaded then.
    check : bool, default: True
        Of your own copy, whether its plays must be those that were published. (A download is
        checked always.)
    progress : bool, optional
        Show a progress bar while downloading. None shows one when a person watches.

    Returns
    -------
    LastFm2k
        ``.plays``, as ``mt.economics.payouts`` and ``compare`` take them, ``.artists`` and
        ``.tags``.

    Raises
    ------
    ServiceError
        If there is no network, or the server refuses; the error says what to do. As a
        MalformedResponse, if what came is another file.
    ExportError
        If your copy lacks a file or a column, or is not what was published.
    InputError
        If the download cannot be kept, or the path is none.

    Notes
    -----
    Collected in 2011 by I. Fernández-Tobías, I. Cantador and A. Bellogín (Universidad Autónoma de
    Madrid) [1]_. 92,834 pairs of a user and an artist, with 1,892 users, 17,632 artists and
    69,183,975 plays. Lists end at each user's 50th artist: what is said of rarely played artists
    is an artefact of that. Users of Last.fm are no sample of those who pay for streaming.

    References
    ----------
    .. [1] I. Cantador, P. Brusilovsky and T. Kuflik, 2nd Workshop on Information Heterogeneity and
       Fusion in Recommender Systems (HetRec 2011), RecSys 2011.
       https://grouplens.org/datasets/hetrec-2011/

    Examples
    --------
    A copy with two users, made up here:

    >>> import pathlib, tempfile
    >>> import musictools as mt
    >>> lines = {
    ...     "user_artists.dat": ["userID artistID weight", "1 7 10", "2 8 90"],
    ...     "artists.dat": ["id name", "7 Joey", "8 Ben"],
    ...     "tags.dat": ["tagID tagValue", "1 folk"],
    ...     "user_taggedartists.dat": ["userID artistID tagID", "1 7 1"],
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, rows in lines.items():
    ...         text = "\n".join(rows).replace(" ", "\t")
    ...         _ = pathlib.Path(folder, name).write_text(text)
    ...     found = mt.datasets.fetch_lastfm_2k(folder, check=False)
    >>> mt.economics.compare(found.plays, ["pro_rata", "user_centric"])
       artist_id  plays  pro_rata  user_centric
    0          8   90.0       1.8           1.0
    1          7   10.0       0.2           1.0
    """
    given: Any = path
    if not isinstance(given, str | PathLike | None):
        raise InputError(
            _WHAT, got=f"path={given!r}", expected="a zip or a folder", hint=REMOTE.own_copy
        )
    place = fetch(REMOTE, progress=progress) if path is None else Path(path)
    files = _opened(place)
    if path is not None and check:
        _check(files["user_artists.dat"])
    parts = {name: _table(name, content) for name, content in files.items()}
    plays = parts["user_artists.dat"].set_axis(["user_id", "artist_id", "plays"], axis=1)
    words = parts["tags.dat"].drop_duplicates("tagID").set_index("tagID")["tagValue"]
    tags = parts["user_taggedartists.dat"].set_axis(["user_id", "artist_id", "tag"], axis=1)
    tags["tag"] = tags["tag"].map(words)
    tags = tags.dropna(subset="tag").reset_index(drop=True)
    artists = parts["artists.dat"].rename(columns={"id": "artist_id"})
    artists["tag"] = artists["artist_id"].map(_usual(tags))
    told = {
        "musictools": __version__,
        "function": "datasets.fetch_lastfm_2k",
        **REMOTE.provenance(),
        "read": "a download" if path is None else "an own copy",
        "as_published": path is None or check or None,
    }
    return LastFm2k(plays, artists, tags, told)


def _opened(place: Path) -> dict[str, bytes]:
    """Read the files, of a zip or a folder."""
    try:
        if place.is_dir():
            return {name: (place / name).read_bytes() for name in _MEMBERS}
        with zipfile.ZipFile(place) as archive:
            # Whoever packs a folder again has its name before those of the files.
            there = {Path(name).name: name for name in archive.namelist()}
            return {name: archive.read(there[name]) for name in _MEMBERS}
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ExportError(
            _WHAT,
            got=f"{place.name}: {type(error).__name__}, {error}",
            expected="the zip, or a folder, with " + ", ".join(_MEMBERS),
            hint=f"download {REMOTE.address} again",
        ) from error


def _check(content: bytes) -> None:
    plain = content.replace(b"\r\n", b"\n").rstrip(b"\n")
    if hashlib.sha256(plain).hexdigest() != _PLAYS_SHA256:
        raise ExportError(
            _WHAT,
            got=f"user_artists.dat with {plain.count(bytes([10])):,} rows that differ",
            expected="the 92,834 rows that were published",
            hint="check=False, if you have changed or cut them yourself",
        )


def _table(name: str, content: bytes) -> "pd.DataFrame":
    """Read a file of columns with tabs between them, as strings and whole numbers."""
    import pandas as pd

    wanted = _MEMBERS[name]
    try:
        table = pd.read_csv(
            io.StringIO(_text(content.splitlines())),
            sep="\t",
            # Names may hold quotation marks, and be "NA" or "null".
            quoting=3,
            keep_default_na=False,
            usecols=list(wanted),
            dtype={each: str if each in {"name", "tagValue"} else "int64" for each in wanted},
        )
    except (ValueError, OverflowError) as error:
        raise ExportError(
            _WHAT,
            got=f"{name}: {error}",
            expected="columns " + ", ".join(wanted) + " with tabs between them, ids and counts",
            hint=f"download {REMOTE.address} again",
        ) from error
    return table[list(wanted)]


def _text(lines: Iterable[bytes]) -> str:
    """Decode UTF-8; some tags are in Latin-1."""

    def decoded(line: bytes) -> str:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            return line.decode("latin-1")

    return "\n".join(decoded(line) for line in lines)


def _usual(tags: "pd.DataFrame") -> "pd.Series[str]":
    """Give the tag that most users gave to an artist."""
    counts = tags.groupby(["artist_id", "tag"]).size().rename("users").reset_index()
    ordered = counts.sort_values(["users", "tag"], ascending=[False, True], kind="stable")
    found: pd.Series[str] = ordered.drop_duplicates("artist_id").set_index("artist_id")["tag"]
    return found
