"""How alike the letters of two titles, credits or versions are: a code of the tables of weights."""

# ruff: noqa: S608 - the names that are put into queries are our own.

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.collect._scripts import is_wide, sounds
from musictools.collect._weights import ARTISTS, TITLES, VERSIONS

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

_DIGIT = re.compile(r"\d")
#: Words that are there to tell one piece from the next.
_TELLING = frozenset(
    {
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve", "first", "second", "third", "fourth", "major", "minor", "sharp", "flat", "dur",
        "moll", "majeur", "mineur", "mayor", "menor", "maggiore", "minore",
    }
)  # fmt: skip
#: Words that catalogues drop and add.
_LITTLE = frozenset(
    {
        "the", "a", "an", "and", "i", "o", "e", "y", "de", "le", "la", "les", "el", "los", "las",
        "der", "die", "das",
    }
)  # fmt: skip
#: What the query says of titles of which one breaks off where the other, all of it, goes on.
_CUT_BEFORE = 5


class Vocabulary:
    """Words of both catalogues, to tell a misprint from another word.

    A misprint is far rarer than what it should be: *feather* and *feathers* are two words where
    both are often written, and *fether* is none.
    """

    #: Rows that a word must stand in, and how many for each of the more frequent one.
    LEAST, SHARE = 3, 0.02

    def __init__(self, db: "duckdb.DuckDBPyConnection") -> None:
        self.counts: dict[str, dict[str, int]] = {}
        for name, column in (("title", "core"), ("artist", "bag")):
            both = " UNION ALL ".join(f"SELECT {column} FROM {s}_rows" for s in ("left", "right"))
            rows = db.execute(
                f"SELECT w, count(*) FROM (SELECT unnest(string_split({column}, ' ')) AS w "
                f"FROM ({both})) GROUP BY w HAVING count(*) >= {self.LEAST}"
            ).fetchall()
            self.counts[name] = dict(rows)

    def is_other(self, first: str, second: str, name: str) -> bool:
        """Say whether two texts that are nearly equal differ in a word that is one of its own."""
        one, two = first.split(" "), second.split(" ")
        if len(one) != len(two):
            return False
        counts = self.counts[name]
        for a, b in zip(one, two, strict=True):
            few, many = sorted((counts.get(a, 0), counts.get(b, 0)))
            if a != b and few >= self.LEAST and few >= many * self.SHARE:
                return True
        return False


# --- titles --------------------------------------------------------------------------------------


def titles(batch: Any, vocabulary: Vocabulary) -> "NDArray[np.int8]":
    known = [
        TITLES.index(n)
        for n in ("unknown", "same", "aside", "translated", "other", "cut", "swapped")
    ]
    codes: NDArray[np.int8] = np.array(known, np.int8)[batch["title"].to_numpy()]
    open_ = np.flatnonzero(codes == TITLES.index("other"))
    if not len(open_):
        return codes
    first, second = (batch[n].take(_indices(open_)).to_pylist() for n in ("a_core", "b_core"))
    numbered = batch["numbered"].take(_indices(open_)).to_numpy(zero_copy_only=False)
    edits, allowed = _edits(first, second)
    near = (edits <= allowed) & numbered
    names = np.array([TITLES.index(n) for n in ("misprint", "misprints", "misprinted")])
    short = np.array([min(len(a), len(b)) < 7 for a, b in zip(first, second, strict=True)])
    which = np.clip(edits - 1 + short, 0, 2)
    codes[open_[near]] = names[which[near]]
    short_one = (edits == 1) & ~near & numbered & _short(first, second)
    codes[open_[short_one]] = TITLES.index("short misprint")
    for i in np.flatnonzero(near | short_one):
        if said := other_words(first[i], second[i]):
            codes[open_[i]] = TITLES.index(said)
        elif near[i] and vocabulary.is_other(first[i], second[i], "title"):
            codes[open_[i]] = TITLES.index("word")
    for i in np.flatnonzero(~near):
        found = _cut(first[i], second[i], numbered=bool(numbered[i])) or _heard(first[i], second[i])
        if found:
            codes[open_[i]] = TITLES.index(found)
    return codes


def other_words(first: str, second: str) -> str:
    """Name what two titles of nearly the same letters are where no misprint makes one the other.

    A misprint makes a word that is none. Part A and part B, or C major and C minor, are words that
    tell pieces apart, and a word more is a word.
    """
    one, two = Counter(first.split(" ")), Counter(second.split(" "))
    ours, theirs = [*(one - two)], [*(two - one)]
    if ours and theirs:
        both = (ours, theirs)
        lettered = all(any(len(word) == 1 for word in words) for words in both)
        return "other" if lettered or all(_TELLING & {*words} for words in both) else ""
    more = {*ours, *theirs}
    if more & _TELLING:
        return "other"
    return "longer" if more - _LITTLE else ""


def _indices(where: "NDArray[Any]") -> Any:
    import pyarrow as pa

    return pa.array(where)


def _edits(first: list[str], second: list[str]) -> tuple["NDArray[Any]", "NDArray[Any]"]:
    """Count edits (a swap of neighbours is one), and say how many a misprint may have."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    plain = [[text.replace(" ", "") for text in texts] for texts in (first, second)]
    edits = cpdist(*plain, scorer=OSA.distance, workers=-1).astype(np.int64)
    allowed = [_allowance(*two) for two in zip(*plain, strict=True)]
    return edits, np.array(allowed, np.int64)


def _allowance(first: str, second: str) -> int:
    length = min(len(first), len(second))
    if is_wide(first) or is_wide(second):
        return length // 8
    if not (first.isascii() or second.isascii()) and length < 5:
        return 0
    return 0 if length < 5 else 1 if length < 7 else 2 if length < 13 else 3 if length < 21 else 4


def _short(first: list[str], second: list[str]) -> "NDArray[np.bool_]":
    return np.array([min(len(a), len(b)) >= 3 for a, b in zip(first, second, strict=True)], bool)


def _cut(first: str, second: str, *, numbered: bool) -> str:
    """Tell a title that was cut short from one that is another's beginning."""
    short, long = sorted((first, second), key=len)
    if not long.startswith(short) or is_wide(short):
        return ""
    if short[-1:].isdigit() and long[len(short) :][:1].isdigit():
        return ""  # No. 1 is not the beginning of No. 10.
    # Catalogues cut at a number of letters; that it falls between two words is rarer.
    if len(short) >= 9 and long[len(short)] != " ":
        return "cut"
    return "shorter" if numbered and len(short) >= 5 else ""


@lru_cache(maxsize=1 << 15)
def _heard_as(text: str) -> str:
    return sounds(text.replace(" ", ""))


def _heard(first: str, second: str) -> str:
    """Compare by sound what is written in two scripts."""
    if first.isascii() == second.isascii():
        return ""
    one, other = _heard_as(first), _heard_as(second)
    if not (one.isascii() and other.isascii()) or min(len(one), len(other)) < 2:
        return ""
    if one == other:
        return "sounds"
    from rapidfuzz.distance import OSA

    alike = OSA.normalized_similarity(one, other)
    return "sounds near" if alike >= 0.75 and min(len(one), len(other)) >= 5 else ""


# --- artists and versions ------------------------------------------------------------------------


def artists(batch: Any, vocabulary: Vocabulary) -> "NDArray[np.int8]":
    known = [ARTISTS.index(n) for n in ("unknown", "same", "part", "some", "other", "swapped")]
    codes: NDArray[np.int8] = np.array(known, np.int8)[batch["artist"].to_numpy()]
    open_ = np.flatnonzero(codes >= ARTISTS.index("some"))
    if not len(open_):
        return codes
    columns = ("a_main", "b_main", "a_all", "b_all", "a_bag", "b_bag")
    texts = [batch[n].take(_indices(open_)).to_pylist() for n in columns]
    edits, allowed = _edits(texts[0], texts[1])
    more, most = _edits(texts[2], texts[3])
    fits = (edits <= allowed) | (more <= most)
    fewest = np.where(edits <= allowed, edits, more)
    names = np.array([ARTISTS.index(n) for n in ("misprint", "misprints")])
    codes[open_[fits]] = names[np.clip(fewest[fits] - 1, 0, 1)]
    for i in np.flatnonzero(fits):
        if vocabulary.is_other(texts[4][i], texts[5][i], "artist"):
            codes[open_[i]] = ARTISTS.index("name")
    for i in np.flatnonzero(~fits):
        if _heard(texts[0][i], texts[1][i]):
            codes[open_[i]] = ARTISTS.index("sounds")
    return codes


def versions(batch: Any, title: "NDArray[np.int8]") -> "NDArray[np.int8]":
    hard = batch["hard"].to_numpy(zero_copy_only=False)
    soft = batch["soft"].to_numpy()
    same, same_one, vague, cut, doubt, years, other = range(7)
    codes: NDArray[np.int8] = np.array([same, same_one, doubt, years, vague], np.int8)[soft]
    kinds, b_kinds = (np.array(batch[n].to_pylist(), object) for n in ("kinds", "b_kinds"))
    said = np.flatnonzero(hard & (kinds != ""))
    codes[said] = np.maximum(codes[said], same_one)
    first, second = (batch[n].take(_indices(said)).to_pylist() for n in ("a_words", "b_words"))
    for i, (one, two) in enumerate(zip(first, second, strict=True)):
        if one != two and codes[said[i]] <= vague:
            named = not {"remix", "edit", "version"}.isdisjoint(kinds[said[i]].split("+"))
            half = doubt if named else vague
            codes[said[i]] = _told(one, two, half, edition="edition" in kinds[said[i]])
    codes[~hard] = other
    # What was cut off may have been the version.
    broken = title == TITLES.index("cut")
    codes[broken & ~hard & ((kinds == "") | (b_kinds == ""))] = doubt
    codes[broken & (codes == same)] = cut
    codes[batch["title"].to_numpy() == _CUT_BEFORE] = vague
    return codes


def _told(one: str, two: str, half: int, *, edition: bool) -> int:
    """Compare what is said about two versions of one kind."""
    if not one or not two:
        return half
    from rapidfuzz import fuzz

    ours, theirs = ({w for w in text.split() if _DIGIT.search(w)} for text in (one, two))
    if ours and theirs and ours != theirs:
        return VERSIONS.index("other")  # two years of one hall, two anniversaries
    # Of a take, one may tell more; a super deluxe edition is no deluxe one.
    alike = (fuzz.token_sort_ratio if edition else fuzz.token_set_ratio)(one, two)
    return VERSIONS.index("same one" if alike >= 85 else "other")
