"""Every format that can be read, by name."""

from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType

from musictools.collect.imports import (
    _distrokid,
    _facebook_insights,
    _instagram_insights,
    _presets_dashboards,
    _spotify_for_artists,
    _tiktok,
    _youtube_studio,
)
from musictools.collect.imports._format import Format

_EVERY: tuple[Format, ...] = (
    *_distrokid.FORMATS,
    *_facebook_insights.FORMATS,
    *_instagram_insights.FORMATS,
    *_presets_dashboards.FORMATS,
    *_spotify_for_artists.FORMATS,
    *_tiktok.FORMATS,
    *_youtube_studio.FORMATS,
)

#: Name to its layouts, in alphabetical order.
FORMATS: Mapping[str, tuple[Format, ...]] = MappingProxyType(
    {
        name: tuple(some)
        for name, some in groupby(sorted(_EVERY, key=lambda f: f.name), key=lambda f: f.name)
    }
)
