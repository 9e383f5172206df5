"""What agreed and what did not, in words."""

from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.collect._scores import Scored
from musictools.collect._weights import ARTIST, CLOSE_S, SAME_S, TITLE, VERSION

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TITLES, _ARTISTS, _VERSIONS = (
    [words for _, words in table.values()] for table in (TITLE, ARTIST, VERSION)
)
_MOST_S, _MOST_YEARS = 250, 60


def methods(pairs: Scored, kind: str) -> "NDArray[Any]":
    """Say by what each pair was found, the surest first."""
    code = pairs.gtin if kind == "release" else pairs.isrc
    choices = [pairs.how == 1, pairs.how == 2, code == 1]
    names = ["id", "relation", "upc" if kind == "release" else "isrc"]
    return np.select(choices, names, "fuzzy").astype(object)


def evidence(pairs: Scored, kind: str) -> "NDArray[Any]":
    """Put into words why each pair may be one thing."""
    if not len(pairs.left):
        return np.zeros(0, object)
    seconds = np.where(
        pairs.apart_s < 0, -1, np.where(pairs.apart_s <= SAME_S, 0, np.ceil(pairs.apart_s))
    )
    seconds = np.clip(seconds, -1, _MOST_S).astype(np.int64)
    columns = (
        pairs.title, pairs.artist, pairs.version, seconds,
        np.clip(pairs.years, -1, _MOST_YEARS), pairs.isrc, pairs.gtin, pairs.release, pairs.how,
    )  # fmt: skip
    # Few combinations come again and again: each is put into words once.
    key = np.zeros(len(seconds), np.int64)
    for values in columns:
        key = key * 256 + (values.astype(np.int64) + 1) if values is seconds else key * 64 + (
            values.astype(np.int64) + 1
        )  # fmt: skip
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    told = [_words([int(values[i]) for values in columns], kind) for i in first]
    return np.array(told, object)[which]


def _words(codes: list[int], kind: str) -> str:
    title, artist, version, seconds, years, isrc, gtin, release, how = codes
    told = [{1: "identifier in common", 2: "related in MusicBrainz"}.get(how, "")]
    if kind == "recording":
        told.append({1: "same ISRC", -1: "other ISRC"}.get(isrc, ""))
    told += [_TITLES[title], _VERSIONS[version], _ARTISTS[artist]]
    if seconds >= 0:
        told.append(_length(seconds))
    if years >= 0:
        told.append("same year" if not years else f"years {years}{_more(years)} apart")
    told.append({1: "same UPC", -1: "other UPC" if kind == "release" else ""}.get(gtin, ""))
    if release and kind == "recording":
        told.append("same release")
    return "; ".join(word for word in told if word)


def _length(seconds: int) -> str:
    if not seconds:
        return "same length"
    close = "lengths within" if seconds <= CLOSE_S else "lengths apart by"
    return f"{close} {seconds}{' or more' if seconds == _MOST_S else ''} s"


def _more(years: int) -> str:
    return " or more" if years == _MOST_YEARS else ""
