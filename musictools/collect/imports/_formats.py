"""Every format that can be read, by name."""

from types import MappingProxyType

from musictools.collect.imports import _distrokid

_ROOMS = (_distrokid,)

#: Name to format, in alphabetical order.
FORMATS = MappingProxyType(
    {each.name: each for each in sorted((room.FORMAT for room in _ROOMS), key=lambda f: f.name)}
)
