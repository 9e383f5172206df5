"""The package spotipy, on our transport: polite, and frank about what Spotify took away."""

import re
from typing import TYPE_CHECKING, Any

import requests

from musictools._optional import require
from musictools.collect._capabilities import lacking
from musictools.collect._paging import get
from musictools.collect._secrets import keep_secret
from musictools.errors import InputError

if TYPE_CHECKING:
    from musictools.collect.platforms._spotify import Spotify

# What Spotify's own description of its API marks as deprecated, and refuses to apps in
# development mode: methods, path, and the question of our table of capabilities.
_GONE = tuple(
    (frozenset(methods.split()), re.compile(path), question)
    for methods, path, question in (
        ("GET", "/albums", "several_albums"),
        ("GET", "/artists", "several_artists"),
        ("GET", "/tracks", "several_tracks"),
        ("GET", "/shows", "several_shows"),
        ("GET", "/episodes", "several_episodes"),
        ("GET", "/audiobooks", "several_audiobooks"),
        ("GET", "/chapters", "several_chapters"),
        ("GET", "/artists/[^/]+/top-tracks", "top_tracks"),
        ("GET", "/artists/[^/]+/related-artists", "related_artists"),
        ("GET", "/audio-features(/[^/]+)?", "audio_features"),
        ("GET", "/audio-analysis/[^/]+", "audio_analysis"),
        ("GET", "/recommendations", "recommendations"),
        ("GET", "/recommendations/available-genre-seeds", "recommendation_genre_seeds"),
        ("GET", "/browse/featured-playlists", "featured_playlists"),
        ("GET", "/browse/new-releases", "new_releases"),
        ("GET", "/browse/categories", "categories"),
        ("GET", "/browse/categories/[^/]+", "category"),
        ("GET", "/browse/categories/[^/]+/playlists", "category_playlists"),
        ("GET", "/markets", "markets"),
        ("GET", "/users/[^/]+", "user"),
        ("GET", "/users/[^/]+/playlists", "user_playlists"),
        ("POST", "/users/[^/]+/playlists", "user_playlist_create"),
        ("GET POST PUT DELETE", "/playlists/[^/]+/tracks", "playlist_tracks"),
        ("PUT DELETE", "/playlists/[^/]+/followers", "follow_playlist"),
        ("GET", "/playlists/[^/]+/followers/contains", "follow_playlist"),
        ("PUT DELETE", "/me/(albums|tracks|episodes|shows|audiobooks)", "save_to_library"),
        ("GET", "/me/(albums|tracks|episodes|shows|audiobooks)/contains", "save_to_library"),
        ("PUT DELETE", "/me/following", "follow"),
        ("GET", "/me/following/contains", "follow"),
    )
)


def removed(method: str, path: str) -> str | None:
    """Name the question behind a request that Spotify no longer answers.

    Parameters
    ----------
    method, path : str
        Of the request; the path below the address of the API, without a query.

    Returns
    -------
    str or None
        As in the table of capabilities; None for what still works.
    """
    for methods, pattern, question in _GONE:
        if method in methods and pattern.fullmatch(path):
            return question
    return None


class SpotipySession(requests.Session):
    """What spotipy takes for a session of requests.

    The token is put on here and is never shown to spotipy, which would write it to its log.

    Parameters
    ----------
    source : Spotify
        Who asks.
    auth_manager : object or None
        Of spotipy, for what belongs to a person.
    """

    def __init__(self, source: "Spotify", auth_manager: Any = None) -> None:
        super().__init__()
        self._source, self._manager = source, auth_manager

    def request(  # type: ignore[override]  # the parent lists sixteen parameters; they pass through
        self, method: str, url: str, **kwargs: Any
    ) -> requests.Response:
        """Send a request as the source would, or say since when there is no answer to it.

        Parameters
        ----------
        method, url : str
            As in requests.
        **kwargs
            As in requests.

        Returns
        -------
        requests.Response
            Of any status; spotipy makes its own errors of those that are not good.
        """
        source = self._source
        site, params = source._address(get(url))  # noqa: SLF001 - one of its own rooms
        # spotipy asks for `tracks/?ids=` and `me/`.
        path = site.removeprefix(source.base_url).rstrip("/")
        question = removed(method.upper(), path)
        if question is not None:
            raise lacking(source.NAME, question)
        kwargs["params"] = {**params, **(kwargs.get("params") or {})}
        kwargs.pop("proxies", None)
        headers = kwargs.pop("headers", None) or {}
        for renewed in (False, True):
            response = source.transport.request(
                method,
                source.base_url + path,
                headers={**headers, **self._token()},
                **kwargs,
            )
            refused = source.judge(response).meaning == "refused"
            if renewed or not refused or self._manager is not None or not source.auth.renew():
                break
        return response

    def _token(self) -> dict[str, str]:
        if self._manager is None:
            return self._source.auth.headers(self._source.transport)
        token = self._manager.get_access_token(as_dict=False)
        return {"Authorization": f"Bearer {keep_secret(token)}"}


def make_client(source: "Spotify", auth_manager: Any = None) -> Any:
    """Make a client of spotipy that asks through a source.

    Parameters
    ----------
    source : Spotify
        Who asks.
    auth_manager : object, optional
        Of spotipy, for what belongs to a person.

    Returns
    -------
    spotipy.Spotify
        Of the extra ``spotify``.

    Raises
    ------
    InputError
        If the manager would write the token of a person to a file ``.cache``.
    """
    spotipy: Any = require("spotipy", extra="spotify", purpose="ask Spotify through spotipy")
    keeper = getattr(auth_manager, "cache_handler", None)
    if isinstance(keeper, spotipy.CacheFileHandler):
        raise InputError(
            "log in through spotipy",
            got="a manager that writes the token to a file, " + str(keeper.cache_path),
            expected="one that keeps it in memory",
            hint="spotipy.SpotifyOAuth(..., cache_handler=spotipy.MemoryCacheHandler())",
        )
    client: Any = spotipy.Spotify(
        requests_session=SpotipySession(source, auth_manager),
        requests_timeout=source.transport.timeout_s,
    )
    client.prefix = source.base_url + "/"
    return client
