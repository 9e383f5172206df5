"""How Deezer, Spotify and Instagram speak, from their documents: the label's shop window."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from musictools.datasets._shop import Shop, name_of, number_of, plain

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Said:
    """An answer: a body that becomes JSON, or bytes."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Keys(Protocol):
    """What a dialect has to know of its server."""

    day: "dt.date"
    client_id: str
    client_secret: str
    token: str
    purged: float

    def base_url(self, platform: str) -> str:
        """Give the address of a platform."""


def _page(rows: list[Any], asked: Asked, here: str, *, largest: int, param: str) -> dict[str, Any]:
    start, size = int(asked.query.get(param, 0)), int(asked.query.get("limit", 25))
    size = min(size, largest)
    query = {k: v for k, v in asked.query.items() if k not in {param, "limit"}}
    words = "".join(f"&{k}={v}" for k, v in query.items())
    more = start + size < len(rows)
    following = f"{here}{asked.path}?{param}={start + size}&limit={size}{words}" if more else None
    return {"rows": rows[start : start + size], "next": following, "total": len(rows)}


# --- Deezer: no key, index and limit, errors with status 200 -------------------------------------


def deezer(shop: Shop, asked: Asked, keys: Keys) -> Said:
    """Answer as api.deezer.com does."""
    rows = _deezer_list(shop, asked, keys.day)
    if rows is not None:
        page = _page(rows, asked, keys.base_url("Deezer"), largest=100, param="index")
        body = {"data": page["rows"], "total": page["total"]}
        return Said(body | ({"next": page["next"]} if page["next"] else {}))
    one = _deezer_one(shop, asked.path, keys.day)
    error = {"type": "DataException", "message": "no data", "code": 800}
    return Said(one if one is not None else {"error": error})


def _deezer_list(shop: Shop, asked: Asked, day: "dt.date") -> list[Any] | None:
    path = asked.path
    if path.startswith("/search"):
        return _deezer_search(shop, asked, day)
    if re.fullmatch(r"/chart/\d+/tracks", path):
        return [_deezer_track(one, position=i) for i, one in enumerate(reversed(shop.out(day)), 1)]
    match = re.fullmatch(r"/(artist|album)/(\d+)/(albums|top|tracks)", path)
    if not match:
        return None
    name = name_of(match[2])
    if match[3] == "albums":
        return [_deezer_album(some) for some in shop.releases(day, name).values()]
    found = shop.out(day, name)[::-1] if match[3] == "top" else shop.releases(day).get(name, [])
    return [_deezer_track(one) for one in found]


def _deezer_search(shop: Shop, asked: Asked, day: "dt.date") -> list[Any]:
    words = plain(asked.query.get("q", ""))
    if asked.path == "/search/artist":
        return [_deezer_artist(shop, a, day) for a in shop.artists if words in plain(a["name"])]
    if asked.path == "/search/album":
        return [
            _deezer_album(some)
            for some in shop.releases(day).values()
            if words in plain(some[0]["release_title"])
        ]
    # Of the operators of its advanced search, the one that a label needs.
    if match := re.fullmatch(r'label:"(.*)"', words):
        return [_deezer_track(one) for one in shop.out(day) if match[1] == plain(shop.label)]
    return [
        _deezer_track(one)
        for one in shop.out(day)
        if words in plain(f"{one['artist']} {one['title']}")
    ]


def _deezer_one(shop: Shop, path: str, day: "dt.date") -> dict[str, Any] | None:
    match = re.fullmatch(r"/(artist|album|track)/(\d+|isrc:\w+)", path)
    if not match:
        return None
    kind, name = match[1], match[2]
    wanted = name_of(name)
    if kind == "artist":
        artists = [a for a in shop.artists if a["artist_id"] == wanted]
        return _deezer_artist(shop, artists[0], day) if artists else None
    if kind == "album":
        some = shop.releases(day).get(wanted)
        return _deezer_album(some) if some else None
    isrc = name.removeprefix("isrc:")
    tracks = [r for r in shop.out(day) if wanted == r["recording_id"] or isrc == r["isrc"]]
    return _deezer_track(tracks[0]) | {"bpm": 0} if tracks else None


def _deezer_artist(shop: Shop, artist: dict[Any, Any], day: "dt.date") -> dict[str, Any]:
    name = artist["artist_id"]
    return {
        "id": number_of(name),
        "name": artist["name"],
        "nb_album": len(shop.releases(day, name)),
        "nb_fan": shop.followers(name, "Sprocket", day),
        "type": "artist",
    }


def _deezer_track(one: dict[str, Any], *, position: int | None = None) -> dict[str, Any]:
    return {
        "id": number_of(one["recording_id"]),
        "title": one["title"],
        "isrc": one["isrc"],
        "duration": round(one["duration_s"]),
        "rank": 100_000,
        "explicit_lyrics": False,
        "release_date": str(one["released_at"])[:10],
        "artist": {"id": number_of(one["artist_id"]), "name": one["artist"]},
        "album": {"id": number_of(one["release_id"]), "title": one["release_title"]},
        "type": "track",
    } | ({"position": position} if position else {})


def _deezer_album(some: list[dict[str, Any]]) -> dict[str, Any]:
    first = some[0]
    return {
        "id": number_of(first["release_id"]),
        "title": first["release_title"],
        "upc": first["upc"],
        "record_type": first["release_kind"],
        "release_date": str(first["released_at"])[:10],
        "nb_tracks": len(some),
        "artist": {"id": number_of(first["artist_id"]), "name": first["artist"]},
        "type": "album",
    }


# --- Spotify in development mode: client credentials, ten a page, no popularity ------------------


_GONE = re.compile(
    r"/(audio-features|audio-analysis|recommendations|artists/\w+/(top-tracks|related-artists))"
)


def spotify(shop: Shop, asked: Asked, keys: Keys) -> Said:
    """Answer as api.spotify.com does to an app in development mode."""
    if asked.path == "/token":
        return _spotify_token(asked, keys)
    if asked.headers.get("authorization") != f"Bearer {keys.token}":
        return _spotify_error(401, "Invalid access token")
    if int(asked.query.get("limit", 5)) > (50 if asked.path.endswith("/tracks") else 10):
        return _spotify_error(400, "Invalid limit")
    if _GONE.match(asked.path):
        return _spotify_error(403, "Forbidden")
    if asked.path == "/search":
        return _spotify_search(shop, asked, keys)
    found = _spotify_thing(shop, asked, keys)
    return Said(found) if found else _spotify_error(404, "Resource not found")


def _spotify_token(asked: Asked, keys: Keys) -> Said:
    basic = base64.b64encode(f"{keys.client_id}:{keys.client_secret}".encode()).decode()
    if asked.headers.get("authorization") != f"Basic {basic}":
        return Said({"error": "invalid_client"}, 400)
    return Said({"access_token": keys.token, "token_type": "Bearer", "expires_in": 3600})


def _spotify_thing(shop: Shop, asked: Asked, keys: Keys) -> dict[str, Any] | None:
    match = re.fullmatch(r"/(artists|albums|tracks)/(\w{3})0{19}(/albums|/tracks)?", asked.path)
    if not match:
        return None
    kind, name, part = match.groups()
    if kind == "artists":
        if part:
            rows = [_spotify_album(some) for some in shop.releases(keys.day, name).values()]
            return _spotify_page(rows, asked, keys)
        return next((_spotify_artist(a) for a in shop.artists if a["artist_id"] == name), None)
    if kind == "albums":
        some = shop.releases(keys.day).get(name)
        if not some:
            return None
        rows = [_spotify_track(one, i) for i, one in enumerate(some, 1)]
        # Lists of an album leave out what only single tracks tell.
        short = [
            {k: v for k, v in row.items() if k not in {"album", "external_ids"}} for row in rows
        ]
        return _spotify_page(short, asked, keys) if part else _spotify_album(some)
    out = shop.out(keys.day)
    return next((_spotify_track(one, 1) for one in out if one["recording_id"] == name), None)


def _spotify_search(shop: Shop, asked: Asked, keys: Keys) -> Said:
    words = plain(asked.query.get("q", ""))
    kind = asked.query.get("type", "track")
    rows: list[Any]
    if kind == "artist":
        rows = [_spotify_artist(a) for a in shop.artists if words in plain(a["name"])]
    elif kind == "album":
        rows = [
            _spotify_album(some)
            for some in shop.releases(keys.day).values()
            if words in plain(some[0]["release_title"])
        ]
    else:
        isrc = words.removeprefix("isrc:")
        rows = [
            _spotify_track(one, 1)
            for one in shop.out(keys.day)
            if words in plain(f"{one['artist']} {one['title']}") or isrc == plain(one["isrc"])
        ]
    return Said({f"{kind}s": _spotify_page(rows, asked, keys)})


def _spotify_page(rows: list[Any], asked: Asked, keys: Keys) -> dict[str, Any]:
    page = _page(rows, asked, keys.base_url("Spotify"), largest=50, param="offset")
    return {"items": page["rows"], "next": page["next"], "total": page["total"]}


def _spotify_error(status: int, message: str) -> Said:
    return Said({"error": {"status": status, "message": message}}, status)


def _spotify_id(identifier: str) -> str:
    return identifier + "0" * 19


def _spotify_artist(artist: dict[Any, Any]) -> dict[str, Any]:
    return {
        "id": _spotify_id(artist["artist_id"]),
        "name": artist["name"],
        "genres": [],
        "type": "artist",
    }


def _spotify_album(some: list[dict[str, Any]]) -> dict[str, Any]:
    first = some[0]
    return {
        "id": _spotify_id(first["release_id"]),
        "name": first["release_title"],
        "album_type": "single" if first["release_kind"] == "single" else "album",
        "total_tracks": len(some),
        "release_date": str(first["released_at"])[:10],
        "release_date_precision": "day",
        "artists": [{"id": _spotify_id(first["artist_id"]), "name": first["artist"]}],
        "external_ids": {"upc": first["upc"]},
        "type": "album",
    }


def _spotify_track(one: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "id": _spotify_id(one["recording_id"]),
        "name": one["title"],
        "duration_ms": round(one["duration_s"] * 1000),
        "explicit": False,
        "disc_number": 1,
        "track_number": number,
        "external_ids": {"isrc": one["isrc"]},
        "artists": [{"id": _spotify_id(one["artist_id"]), "name": one["artist"]}],
        "album": {"id": _spotify_id(one["release_id"]), "name": one["release_title"]},
        "type": "track",
    }


# --- Instagram: a token, fields in a field, cursors ----------------------------------------------


def instagram(shop: Shop, asked: Asked, keys: Keys) -> Said:
    """Answer as the Graph API does for an account's discovery of another."""
    if asked.headers.get("authorization") != f"Bearer {keys.token}":
        error = {"message": "Invalid OAuth access token.", "type": "OAuthException", "code": 190}
        return Said({"error": error}, 400)
    match = re.search(r"business_discovery\.username\((\w+)\)", asked.query.get("fields", ""))
    artists = {handle_of(a["name"]): a for a in shop.artists}
    if not match or match[1] not in artists:
        error = {"message": "Cannot find User", "type": "OAuthException", "code": 110}
        return Said({"error": error}, 400)
    artist = artists[match[1]]
    return Said(
        {
            "business_discovery": {
                "id": f"178{number_of(artist['artist_id'])}",
                "username": match[1],
                "name": artist["name"],
                "followers_count": shop.followers(
                    artist["artist_id"], "instagram", keys.day, purged=keys.purged
                ),
                "media_count": 0,
                "media": {"data": []},
            },
            "id": "1780000",
        }
    )


def handle_of(name: str) -> str:
    """Give the name after the @ sign."""
    return re.sub(r"\W+", "", plain(name)).replace("ø", "o").replace("å", "a")


DIALECTS: dict[str, Callable[[Shop, Asked, Keys], Said]] = {
    "Deezer": deezer,
    "Spotify": spotify,
    "Instagram": instagram,
}
