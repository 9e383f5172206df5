"""Every format that can be read, by name."""

from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType

from musictools.collect.imports import (
    _cwr,
    _distrokid,
    _google_ads,
    _meta_ads,
    _presets_rest,
    _soundexchange,
    _tiktok_ads,
)
from musictools.collect.imports._format import Format

_EVERY: tuple[Format, ...] = (
    *_cwr.FORMATS,
    *_distrokid.FORMATS,
    *_google_ads.FORMATS,
    *_meta_ads.FORMATS,
    *_presets_rest.FORMATS,
    *_soundexchange.FORMATS,
    *_tiktok_ads.FORMATS,
)

#: Name to its layouts, in alphabetical order.
FORMATS: Mapping[str, tuple[Format, ...]] = MappingProxyType(
    {
        name: tuple(some)
        for name, some in groupby(sorted(_EVERY, key=lambda f: f.name), key=lambda f: f.name)
    }
)
