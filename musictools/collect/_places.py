"""Addresses of pages: one table of sites, for those who ask what a link is and whose page it is."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
#: MusicBrainz' identifiers, in either case.
MBID = re.compile(_UUID, re.IGNORECASE)


@dataclass(frozen=True)
class Site:
    """One site.

    Attributes
    ----------
    platform : str
        As the collectors name it.
    hosts : str
        Pattern of the names of its machines.
    artists : tuple of (str, bool)
        Patterns of the paths of artists' pages, and whether what they find is a handle.
    kind : str
        As identifiers name it; empty where it has none.
    links : tuple of str
        Patterns of links to anything, anywhere in a text: they find ``id``, and may ``entity``.
    unnamed : str
        What a link is that does not tell.
    """

    platform: str
    hosts: str
    artists: tuple[tuple[str, bool], ...] = ()
    kind: str = ""
    links: tuple[str, ...] = ()
    unnamed: str = ""


#: First match counts, of sites and of patterns.
SITES = (
    Site(
        "Spotify", r"open\.spotify\.com", ((r"/(?:intl-\w+/)?artist/(\w+)", False),), "spotify",
        (
            r"open\.spotify\.com/(?:intl-\w+/|embed/)?(?P<entity>\w+)/(?P<id>\w{22})(?!\w)",
            r"spotify:(?P<entity>\w+):(?P<id>\w{22})(?!\w)",
        ),
    ),
    Site(
        "AppleMusic", r"(?:itunes|music)\.apple\.com",
        ((r"/(?:\w\w/)?artist/(?:[^/]+/)?(?:id)?(\d+)", False),), "apple",
        (
            r"(?:music|itunes)\.apple\.com/(?:\w\w/)?album/[^?]*\?(?:.*&)?i=(?P<id>\d+)",
            (
                r"(?:music|itunes)\.apple\.com/(?:\w\w/)?(?P<entity>(?!\w\w/)[\w-]+)/"
                r"(?:[^/?]+/)?(?:id)?"
                r"(?P<id>\d+|pl\.[\w.-]+)"
            ),
        ),
        "track",
    ),
    Site(
        "Deezer", r"(?:www\.)?deezer\.com", ((r"/(?:\w\w/)?artist/(\d+)", False),), "deezer",
        (r"(?<![\w-])deezer\.com/(?:\w\w(?:-\w\w)?/)?(?P<entity>\w+)/(?P<id>\d+)",),
    ),
    Site(
        "Tidal",
        r"(?:listen\.|www\.)?tidal\.com", ((r"/(?:browse/)?artist/(\d+)", False),), "tidal",
        (
            # A track may be named within its album.
            (
                r"(?<![\w-])tidal\.com/(?:browse/)?(?:album/\d+/(?=track/))?(?P<entity>\w+)/"
                r"(?P<id>[0-9a-f-]{36}|\d+)"
            ),
        ),
    ),
    Site(
        "YouTube", r"(?:www\.|music\.)?youtube\.com", ((r"/channel/([\w-]+)", False),), "youtube",
        (
            r"youtube\.com/(?P<entity>channel)/(?P<id>UC[\w-]{22})(?![\w-])",
            (
                r"(?:youtube\.com/(?:watch\?(?:.*&)?v=|(?:shorts|embed|live)/)|youtu\.be/)"
                r"(?P<id>[\w-]{11})(?![\w-])"
            ),
            r"youtube\.com/(?P<entity>playlist)\?(?:.*&)?list=(?P<id>[\w-]+)",
        ),
        "video",
    ),
    Site("YouTube", r"(?:www\.)?youtube\.com", ((r"/(?:@|user/|c/)([^/?]+)", True),)),
    Site("Instagram", r"(?:www\.)?instagram\.com", ((r"/([\w.]+)", True),)),
    Site("Facebook", r"(?:www\.)?facebook\.com", ((r"/([\w.-]+)/?$", True),)),
    Site("X", r"(?:www\.)?(?:twitter|x)\.com", ((r"/(\w+)", True),)),
    Site("TikTok", r"(?:www\.)?tiktok\.com", ((r"/@([\w.]+)", True),)),
    Site("SoundCloud", r"(?:www\.)?soundcloud\.com", ((r"/([\w-]+)/?$", True),)),
    Site("Discogs", r"(?:www\.)?discogs\.com", ((r"/artist/(\d+)", False),)),
    Site("LastFm", r"(?:www\.)?last\.fm", ((r"/music/([^/?]+)", False),)),
    Site("SetlistFm", r"(?:www\.)?setlist\.fm", ((r"/setlists/[^/]*-(\w+)\.html", False),)),
    Site("Songkick", r"(?:www\.)?songkick\.com", ((r"/artists/(\d+)", False),)),
    Site("Bandsintown", r"(?:www\.)?bandsintown\.com", ((r"/a(?:rtist)?/(\d+)", False),)),
    Site("Genius", r"(?:www\.)?genius\.com", ((r"/artists/([^/?]+)", True),)),
    Site("Wikidata", r"(?:www\.)?wikidata\.org", ((r"/(?:wiki|entity)/(Q\d+)", False),)),
    Site(
        "MusicBrainz",
        r"(?:\w+\.)?musicbrainz\.org", ((r"/artist/([0-9a-f-]{36})", False),), "mbid",
        (rf"musicbrainz\.org/(?P<entity>[\w-]+)/(?P<id>(?i:{_UUID}))",),
    ),
)  # fmt: skip

_NUMBER, _WORD = re.compile(r"[0-9]+"), re.compile(r"[0-9A-Za-z]{22}")
#: The shape of a bare identifier on each platform.
BARE = {
    "spotify": _WORD,
    "apple": re.compile(r"[0-9]+|pl\.[0-9A-Za-z.\-]+"),
    "deezer": _NUMBER,
    "tidal": re.compile(rf"[0-9]+|{_UUID}"),
    "youtube": re.compile(r"[0-9A-Za-z_\-]{11}|UC[0-9A-Za-z_\-]{22}|(PL|OLAK5uy_)[0-9A-Za-z_\-]+"),
}
#: One name for one thing, whatever the platform calls it.
_ENTITIES = {"album": "release", "channel": "artist", "song": "track", "music-video": "video"}


def link_of(text: str) -> tuple[str, str, str] | None:
    """Say what a link leads to: kind of identifier, identifier, entity; None if unknown."""
    for site in SITES:
        for pattern in site.links:
            if found := re.search(pattern, text):
                entity = found.groupdict().get("entity") or site.unnamed
                name = found["id"].lower() if site.kind == "mbid" else found["id"]
                return site.kind, name, _ENTITIES.get(entity, entity)
    return None


def place_of(url: str) -> tuple[str, str, str | None] | None:
    """Say whose page an address is: platform, identifier there, and handle; None if unknown."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    host = (parts.hostname or "").lower()
    if host.endswith(".wikipedia.org") and parts.path.startswith("/wiki/"):
        title = unquote(parts.path.removeprefix("/wiki/")).replace("_", " ")
        return "Wikipedia", f"{host.split('.', 1)[0]}:{title}", None
    if host.endswith(".bandcamp.com"):
        return "Bandcamp", (name := host.removesuffix(".bandcamp.com")), name
    for site in SITES:
        for pattern, is_handle in site.artists:
            if re.fullmatch(site.hosts, host) and (found := re.match(pattern, parts.path)):
                name = unquote(found[1])
                return site.platform, name, name if is_handle else None
    return None
