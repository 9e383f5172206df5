"""Every format that can be read, by name."""

from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType

from musictools.collect.imports import _distrokid
from musictools.collect.imports._format import Format

_EVERY: tuple[Format, ...] = (*_distrokid.FORMATS,)

#: Name to its layouts, in alphabetical order.
FORMATS: Mapping[str, tuple[Format, ...]] = MappingProxyType(
    {
        name: tuple(some)
        for name, some in groupby(sorted(_EVERY, key=lambda f: f.name), key=lambda f: f.name)
    }
)
