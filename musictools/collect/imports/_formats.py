"""Every format that can be read, by name."""

from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType

from musictools.collect.imports import (
    _apple_play_activity,
    _ascap,
    _bandcamp,
    _believe,
    _bmi,
    _cdbaby,
    _cwr,
    _deezer,
    _distrokid,
    _dsr,
    _facebook_insights,
    _google_ads,
    _instagram_insights,
    _lastfm,
    _meta_ads,
    _orchard,
    _presets_dashboards,
    _presets_rest,
    _presets_royalties,
    _soundcloud,
    _soundexchange,
    _spotify,
    _spotify_for_artists,
    _tidal,
    _tiktok,
    _tiktok_ads,
    _tunecore,
    _youtube_studio,
    _youtube_takeout,
)
from musictools.collect.imports._format import Format

_EVERY: tuple[Format, ...] = (
    *_apple_play_activity.FORMATS,
    *_ascap.FORMATS,
    *_bandcamp.FORMATS,
    *_believe.FORMATS,
    *_bmi.FORMATS,
    *_cdbaby.FORMATS,
    *_cwr.FORMATS,
    *_deezer.FORMATS,
    *_distrokid.FORMATS,
    *_dsr.FORMATS,
    *_facebook_insights.FORMATS,
    *_google_ads.FORMATS,
    *_instagram_insights.FORMATS,
    *_lastfm.FORMATS,
    *_meta_ads.FORMATS,
    *_orchard.FORMATS,
    *_presets_dashboards.FORMATS,
    *_presets_rest.FORMATS,
    *_presets_royalties.FORMATS,
    *_soundcloud.FORMATS,
    *_soundexchange.FORMATS,
    *_spotify.FORMATS,
    *_spotify_for_artists.FORMATS,
    *_tidal.FORMATS,
    *_tiktok.FORMATS,
    *_tiktok_ads.FORMATS,
    *_tunecore.FORMATS,
    *_youtube_studio.FORMATS,
    *_youtube_takeout.FORMATS,
)

#: Name to its layouts, in alphabetical order.
FORMATS: Mapping[str, tuple[Format, ...]] = MappingProxyType(
    {
        name: tuple(some)
        for name, some in groupby(sorted(_EVERY, key=lambda f: f.name), key=lambda f: f.name)
    }
)
