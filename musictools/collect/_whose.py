"""Who is meant by a name, an address or an identifier; namesakes are told, never chosen."""

import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from musictools.collect._places import MBID, place_of
from musictools.collect.platforms._musicbrainz import MusicBrainz, quoted
from musictools.errors import InputError, NotFound

if TYPE_CHECKING:
    from musictools.collect._rows import Artist
    from musictools.collect.platforms._deezer import Deezer

_URI = re.compile(r"(spotify|deezer|tidal):artist:(\w+)")
# How far ahead of a namesake somebody must be, of the hundred points that MusicBrainz gives.
_MARGIN = 10
_LOOKED_AT = 25
#: How many times as many fans as any namesake.
_AHEAD = 10
# MusicBrainz looks addresses up letter by letter: this is how it writes them.
_ADDRESSES = {
    "Spotify": "https://open.spotify.com/artist/{}",
    "Deezer": "https://www.deezer.com/artist/{}",
    "AppleMusic": "https://music.apple.com/us/artist/{}",
    "Tidal": "https://tidal.com/artist/{}",
    "Instagram": "https://www.instagram.com/{}/",
    "Discogs": "https://www.discogs.com/artist/{}",
    "Wikidata": "https://www.wikidata.org/wiki/{}",
}


@dataclass
class Whose:
    """Who is meant, as far as it is known.

    Attributes
    ----------
    name, mbid : str or None
        Of MusicBrainz.
    state : str
        ``"matched"``, ``"ambiguous"`` or ``"none"``.
    how : str
        What it was matched by.
    ids : dict
        Identifiers that the reader gave, by platform.
    candidates : list of dict
        Who else it could be.
    problems : list of str
        What stood in the way.
    """

    name: str | None = None
    mbid: str | None = None
    state: str = "none"
    how: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    candidates: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def bare(name: str) -> str:
    """Reduce a name to what two spellings of it share: letters and digits, without accents."""
    text = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    letters = "".join(c if c.isalnum() else " " for c in text if not unicodedata.combining(c))
    # Names of signs alone, such as !!!, are compared as they are.
    return " ".join(letters.split()) or name.strip()


def is_identifier(query: str) -> bool:
    """Tell an MBID or URI from a name."""
    return bool(MBID.fullmatch(query.strip()) or _URI.fullmatch(query.strip()))


def find_out(query: str, musicbrainz: MusicBrainz, deezer: "Deezer") -> Whose:
    """Find out who is meant."""
    text = query.strip()
    if not text:
        raise InputError(
            "look for an artist", got=repr(query), expected="a name, link or MBID", hint="'Ana'"
        )
    if MBID.fullmatch(text):
        return _by_mbid(text.lower(), musicbrainz)
    if uri := _URI.fullmatch(text):
        text = _ADDRESSES[uri[1].capitalize()].format(uri[2])
    if "://" in text or re.match(r"[\w.-]+\.[a-z]{2,}/\S", text):
        return _by_link(text, musicbrainz, deezer)
    return by_name(text, musicbrainz)


def _by_mbid(mbid: str, musicbrainz: MusicBrainz) -> Whose:
    artist = musicbrainz.artist(mbid).one()
    return Whose(artist.name, artist.mbid, "matched", "the MBID given")


def _by_link(link: str, musicbrainz: MusicBrainz, deezer: "Deezer") -> Whose:
    place = place_of(link)
    if place is None:
        raise InputError(
            f"look for the artist of {link!r}",
            got="an address of no artist on a platform that is known here",
            expected="a link to an artist's page",
            hint="mt.collect.artist('a name')",
        )
    platform, identifier, _ = place
    if platform == "MusicBrainz":
        return _by_mbid(identifier, musicbrainz)
    plain = link.split("?", 1)[0].split("#", 1)[0]
    address = _ADDRESSES[platform].format(identifier) if platform in _ADDRESSES else plain
    ids = {platform: identifier}
    try:
        found = list(musicbrainz.by_url(address))
    except NotFound:
        found = []
    if len(found) == 1:
        how = f"MusicBrainz' link to {platform}"
        return Whose(found[0].name, found[0].mbid, "matched", how, ids)
    if found:
        told = [_told(one, how=f"shares {address}") for one in found]
        return Whose(state="ambiguous", ids=ids, candidates=told)
    problem = f"MusicBrainz does not know {address}"
    if platform != "Deezer":
        return Whose(ids=ids, problems=[problem])
    name = deezer.artist(identifier).one().name
    # The name alone would be a guess: MusicBrainz may mean a namesake.
    return Whose(name, None, "matched", "the link given", ids, problems=[problem])


def by_name(name: str, musicbrainz: MusicBrainz) -> Whose:
    """Take the one who bears exactly this name, if nobody else comes near."""
    words = quoted(name)
    rows = musicbrainz.search(f"artist:{words} OR alias:{words}", limit=_LOOKED_AT)
    found: list[dict[str, Any]] = []
    for page in rows.pages():
        # What a row does not hold: how well it fits, and what tells namesakes apart.
        more = {one["id"]: one for one in json.loads(page.answer.text)["artists"]}
        found += [_told(row, more[row.artist_id]) for row in page.rows]
    found.sort(key=lambda one: -one["score"])
    exact = [one for one in found if bare(one["name"]) == bare(name)]
    if not exact:
        problem = [f"nobody is called exactly {name!r} in MusicBrainz"]
        return Whose(candidates=found[:10], problems=problem)
    best, *others = exact
    second = max((one["score"] for one in others), default=-_MARGIN)
    if best["score"] - second < _MARGIN or best["score"] < found[0]["score"]:
        near = [one for one in found if one in exact or one["score"] > best["score"] - _MARGIN]
        return Whose(state="ambiguous", candidates=near)
    rest = [one for one in found if one is not best][:10]
    how = f"exact name, score {best['score']:g} of 100"
    return Whose(best["name"], best["id"], "matched", how, candidates=rest)


def on_deezer(name: str, deezer: "Deezer") -> tuple[str | None, str, list[dict[str, Any]]]:
    """Find somebody on Deezer by name: identifier, what it was matched by, and namesakes."""
    rows = list(deezer.search(name, kind="artist", limit=_LOOKED_AT))
    exact = [row for row in rows if bare(row.name) == bare(name)]
    exact.sort(key=lambda row: -(row.followers or 0))
    told = [_told(row, how=f"{row.followers or 0} fans") for row in exact]
    if len(exact) == 1:
        return exact[0].artist_id, "exact name, the only one", []
    if exact and (exact[0].followers or 0) >= _AHEAD * max(exact[1].followers or 0, 1):
        how = f"exact name, {_AHEAD} times the fans of any namesake"
        return exact[0].artist_id, how, told[1:]
    return None, "", told


def _told(row: "Artist", more: dict[str, Any] | None = None, *, how: str = "") -> dict[str, Any]:
    more = more or {}
    score = more.get("score", 0)
    return {
        "platform": row.platform,
        "id": row.artist_id,
        "name": row.name,
        "country": row.country,
        "about": str(more.get("disambiguation") or how),
        "score": float(score) if isinstance(score, int | float) else 0.0,
        "url": row.url,
    }
