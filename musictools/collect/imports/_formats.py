"""Every format that can be read, by name."""

from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType

from musictools.collect.imports import (
    _ascap,
    _bandcamp,
    _believe,
    _bmi,
    _cdbaby,
    _cwr,
    _distrokid,
    _dsr,
    _facebook_insights,
    _google_ads,
    _instagram_insights,
    _meta_ads,
    _orchard,
    _presets_dashboards,
    _presets_rest,
    _presets_royalties,
    _soundcloud,
    _soundexchange,
    _spotify_for_artists,
    _tiktok,
    _tiktok_ads,
    _tunecore,
    _youtube_studio,
)
from musictools.collect.imports._format import Format

_EVERY: tuple[Format, ...] = (
    *_ascap.FORMATS,
    *_bandcamp.FORMATS,
    *_believe.FORMATS,
    *_bmi.FORMATS,
    *_cdbaby.FORMATS,
    *_distrokid.FORMATS,
    *_dsr.FORMATS,
    *_orchard.FORMATS,
    *_presets_royalties.FORMATS,
    *_soundcloud.FORMATS,
    *_tunecore.FORMATS,
    *_cwr.FORMATS,
    *_google_ads.FORMATS,
    *_meta_ads.FORMATS,
    *_presets_rest.FORMATS,
    *_soundexchange.FORMATS,
    *_tiktok_ads.FORMATS,
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
