"""Every format that can be read, by name."""

from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType

from musictools.collect.imports import (
    _apple_play_activity,
    _deezer,
    _distrokid,
    _lastfm,
    _spotify,
    _tidal,
    _youtube_takeout,
)
from musictools.collect.imports._format import Format

_EVERY: tuple[Format, ...] = (
    *_apple_play_activity.FORMATS,
    *_deezer.FORMATS,
    *_distrokid.FORMATS,
    *_lastfm.FORMATS,
    *_spotify.FORMATS,
    *_tidal.FORMATS,
    *_youtube_takeout.FORMATS,
)

#: Name to its layouts, in alphabetical order.
FORMATS: Mapping[str, tuple[Format, ...]] = MappingProxyType(
    {
        name: tuple(some)
        for name, some in groupby(sorted(_EVERY, key=lambda f: f.name), key=lambda f: f.name)
    }
)
