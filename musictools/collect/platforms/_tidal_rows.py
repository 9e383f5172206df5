"""What Tidal's resources hold, as rows."""

import re

from musictools.collect._reading import Reader
from musictools.collect._rows import Artist, Release, Track
from musictools.collect.platforms._json_api import Resources

NAME = "Tidal"
_LENGTH = re.compile(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?")


def title_of(one: Reader) -> str | None:
    """Give a title with its version."""
    title, version = one.text("attributes", "title"), one.text("attributes", "version")
    return f"{title} ({version})" if title and version else title


def names_of(found: Resources, one: Reader) -> str | None:
    """Give the names of the artists that came along."""
    artists = found.related(one, "artists")
    return ", ".join(n for a in artists if (n := a.text("attributes", "name"))) or None


def _url(one: Reader, name: str) -> str:
    return f"https://tidal.com/{name}/{one.need('id')}"


def artist_of(_found: Resources, _name: Reader, one: Reader) -> Artist:
    """Read an artist."""
    return Artist(
        NAME, one.need("id"), one.need("attributes", "name"), url=_url(one, "artist"),
        handle=one.text("attributes", "handle"), popularity=one.number("attributes", "popularity"),
    )  # fmt: skip


def release_of(found: Resources, _name: Reader, one: Reader) -> Release:
    """Read an album, single or EP."""
    one.need("attributes", "title")
    artists, about = found.related(one, "artists"), one.at("attributes")
    kind = about.text("albumType") or about.text("type")
    return Release(
        NAME, one.need("id"), title_of(one) or "", artist=names_of(found, one),
        artist_id=artists[0].text("id") if artists else None, kind=kind.lower() if kind else None,
        released_on=about.text("releaseDate"), barcode=about.text("barcodeId"),
        n_tracks=about.count("numberOfItems"), url=_url(one, "album"),
    )  # fmt: skip


def track_of(
    found: Resources, name: Reader, one: Reader, *, release_id: str | None = None
) -> Track:
    """Read a track; its place in a release stands beside its name there."""
    one.need("attributes", "title")
    about, artists = one.at("attributes"), found.related(one, "artists")
    album = next(iter(found.related(one, "albums")), Reader({}))
    return Track(
        NAME, one.need("id"), title_of(one) or "", artist=names_of(found, one),
        artist_id=artists[0].text("id") if artists else None, release=title_of(album),
        release_id=album.text("id") or release_id, isrc=about.text("isrc"),
        duration_s=_seconds(about), released_on=album.text("attributes", "releaseDate"),
        disc=name.count("meta", "volumeNumber"), number=name.count("meta", "trackNumber"),
        explicit=about.flag("explicit"), popularity=about.number("popularity"),
        bpm=about.number("bpm") or None, musical_key=_key(about), url=_url(one, "track"),
    )  # fmt: skip


def _seconds(about: Reader) -> float | None:
    """Read a length of ISO 8601, such as ``PT2M58S``."""
    text = about.text("duration")
    if text is None:
        return None
    parts = _LENGTH.fullmatch(text)
    if parts is None:
        about.oddities.append(f"duration is {text!r:.40}, and should be a length of ISO 8601")
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in parts.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _key(about: Reader) -> str | None:
    """Read ``FSharp`` and ``MINOR`` as ``F# minor``; new words are passed on, not refused."""
    key, scale = about.text("key"), about.text("keyScale")
    if key in {None, "UNKNOWN"}:
        return None
    words = [str(key).replace("Sharp", "#")]
    if scale not in {None, "UNKNOWN"}:
        words.append(str(scale).replace("_", " ").lower())
    return " ".join(words)
