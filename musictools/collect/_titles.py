"""Titles and credits taken apart: the core, the version, and who plays."""

# ruff: noqa: RUF001 - so do the commas of other scripts.

import re
from typing import NamedTuple

from musictools.collect._scripts import fold, squash, words
from musictools.collect._version_words import NOTHING, Version, both, read_version, trailing

_GROUP = re.compile(r"\(([^()]*)(?:\)|$)")
_CUT = re.compile(r"\([^)]*$|\w\s*\.\.\.$")
_GUEST = re.compile(r"^\s*(?:feat|ft|featuring|with|w/|con|avec)(?:\b\.?|(?<=/))\s*(?=\S)")
_BARE_GUEST = re.compile(r"(?<=\S)\s+(?:feat\.?|ft\.?|featuring)\s+(?=\S)")
_DASH = re.compile(r"\s+-\s+|\s+/\s+|\s*~\s+")
_SPLIT = re.compile(
    r"\s*[,;/|、，;]\s*|\s*&\s*|\s+(?:and|und|et|y|x|vs\.?|con|with|med|og|och|ja|и|a\.k\.a\.?)\s+|\s+[+]\s+"
    r"|\s+-\s+"
)
_FEATURING = re.compile(r"\s*[(]?\s*\b(?:feat\.?|ft\.?|featuring)\s+|\s*\((?:with)\s+")
_LEADING = re.compile(r"^(?:the|dj)\s+(?=\S)")
_NOBODY = frozenset(
    {"various artists", "various", "va", "v a", "unknown artist", "unknown", "n a", "na", "none",
     "verschiedene", "verschiedene interpreten", "null", "nan",
     "varios artistas"}  # codespell:ignore varios,artistas
)  # fmt: skip
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
#: Behind these, letters and words are numbers.
_PARTS = frozenset(
    {
        "part", "volume", "opus", "chapter", "act", "teil", "parte", "partie", "kapitel", "side",
    }
)  # fmt: skip
_COUNT = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNTED = {"i": "1", "v": "5", "x": "10"} | {
    word: str(number) for number, word in enumerate(_COUNT, 1)
}
_ALIKE = {"pt": "part", "vol": "volume", "nr": "no", "op": "opus", "ft": "feat"}
#: Signs of nobody's script, which hold the places of brackets.
_MARKS = "".join(map(chr, range(0xE000, 0xE010)))
_DIGIT = re.compile(r"\d")
_STYLED = re.compile(r"(?<=\w)[$!](?=\w)")


class Title(NamedTuple):
    """A title in its parts, folded.

    Attributes
    ----------
    core : str
        Words of the title, with what stands in brackets and is no version.
    main : str
        Without what stands in brackets.
    aside : str
        What stands in brackets: often the title in another language.
    numbers : str
        Numbers among the words: parts and volumes are other songs.
    version : Version
        Which version it is.
    guests : tuple of str
        Texts that name guests.
    raw : str
        All of it, squashed.
    is_cut : bool
        It breaks off in a bracket, or in dots.
    """

    core: str
    main: str
    aside: str
    numbers: str
    version: Version
    guests: tuple[str, ...]
    raw: str
    is_cut: bool


def read_title(text: str, *, artist: str = "", is_release: bool = False) -> Title:
    """Take a title apart.

    A text of any kind gives something: what has no words keeps its signs.
    """
    folded = fold(text).strip()
    plain, version = folded, NOTHING
    guests: list[str] = []
    extras: list[str] = []
    if "(" in folded:
        plain, version, guests, extras = _out_of_brackets(folded, is_release=is_release)
    plain = _without_artist(plain, artist)
    if " - " in plain or " / " in plain or "~" in plain:
        plain, version, more = _out_of_tail(plain, version, is_release=is_release)
        guests += more
    if found := _BARE_GUEST.search(plain):
        guests.append(plain[found.end() :])
        plain = plain[: found.start()]
    main = words(plain)
    left, tail = trailing(main)
    if tail and (said := read_version(tail, is_release=is_release)) is not None:
        version = both(version, said)
        plain = left + "".join(sign for sign in plain if sign in _MARKS)
        main = left
    core = words(_unmarked(plain, extras)) if extras else main
    aside = words(_unmarked(" ".join(extras), extras)) if extras else ""
    core, numbers = _alike(core or main or words(folded))
    main, _ = _alike(main or core)
    is_cut = bool("(" in folded or "..." in folded) and _CUT.search(folded) is not None
    raw = squash(core) if main == core == folded else squash(words(folded))
    return Title(core, main, aside, numbers, version, tuple(guests), raw, is_cut)


def _unmarked(text: str, extras: list[str]) -> str:
    """Put what belongs to the title back into its place; the last may hold the first."""
    for sign, extra in reversed(list(zip(_MARKS, extras, strict=False))):
        text = text.replace(sign, f" {extra} ")
    return text


def _out_of_brackets(folded: str, *, is_release: bool) -> tuple[str, Version, list[str], list[str]]:
    """Say what each bracket is; what belongs to the title leaves a mark in its place."""
    version = NOTHING
    guests: list[str] = []
    extras: list[str] = []

    def take(found: re.Match[str]) -> str:
        nonlocal version
        inside = found[1].strip()
        if guest := _GUEST.match(inside):
            guests.append(inside[guest.end() :])
            return " "
        said = read_version(words(inside), is_release=is_release) if inside else NOTHING
        if said is not None:
            version = both(version, said)
            return " "
        if len(extras) == len(_MARKS):
            return f" {inside} "
        extras.append(inside)
        return f" {_MARKS[len(extras) - 1]} "

    plain = folded
    for _ in range(4):  # brackets in brackets
        if "(" not in plain:
            break
        plain = _GROUP.sub(take, plain)
    if not plain.replace(")", " ").strip():
        # All of it stood in brackets.
        return folded.replace("(", " ").replace(")", " "), NOTHING, guests, []
    return plain, version, guests, extras


def _out_of_tail(
    plain: str, version: Version, *, is_release: bool
) -> tuple[str, Version, list[str]]:
    """Take versions and guests off the end, behind dashes."""
    guests: list[str] = []
    while True:
        cuts = list(_DASH.finditer(plain))
        if not cuts or not plain[: cuts[-1].start()].strip():
            return plain, version, guests
        tail = plain[cuts[-1].end() :]
        if guest := _GUEST.match(tail):
            guests.append(tail[guest.end() :])
        else:
            said = read_version(words(tail), is_release=is_release)
            if said is None or any(sign in _MARKS for sign in tail):
                return plain, version, guests
            version = both(version, said)
        plain = plain[: cuts[-1].start()]


def _without_artist(plain: str, artist: str) -> str:
    """Video titles begin with the artist."""
    if " - " not in plain or not artist:
        return plain
    first, rest = plain.split(" - ", 1)
    return rest if rest.strip() and words(first) == words(fold(artist)) else plain


def _alike(core: str) -> tuple[str, str]:
    """Write numbers and short words one way; say which numbers there are."""
    found = core.split(" ")
    if len(found) > 1:
        if found[0] == "the":
            found = found[1:]
        found[1:] = [_ROMAN.get(one) or _ALIKE.get(one, one) for one in found[1:]]
        for i, before in enumerate(found[:-1], 1):
            if before in _PARTS:
                found[i] = _COUNTED.get(found[i], found[i])
        core = " ".join(found)
    # Most titles have no digit, and are done.
    if core.isalpha() or not _DIGIT.search(core):
        return core, ""
    numbers = [one for one in found if _DIGIT.search(one)]
    # Once each: a title and its translation in brackets have the same ones.
    return core, " ".join(sorted(set(numbers)))


class Credit(NamedTuple):
    """Who plays: squashed names, each once, in the order of letters.

    Attributes
    ----------
    main : tuple of str
        Those that stand first.
    everybody : tuple of str
        With the guests.
    bag : str
        Words of all main names, in the order of letters: ``Last, First`` has the same.
    """

    main: tuple[str, ...]
    everybody: tuple[str, ...]
    bag: str


def read_credit(text: str, guests: tuple[str, ...] = ()) -> Credit:
    """Take the names of a credit apart, and add the guests that a title names."""
    first, *more = _FEATURING.split(fold(text))
    found = _names(first)
    main = set(map(squash, found))
    parts = (_names(part.rstrip(") ")) for part in (*more, *guests))
    everybody = main.union(*(map(squash, names) for names in parts))
    # Its comma splits "Tyler, The Creator", and the article of one name goes.
    bag = " ".join(sorted(word for name in found for word in name.split() if word != "the"))
    return Credit(tuple(sorted(main)), tuple(sorted(everybody)), bag)


def _names(text: str) -> list[str]:
    """Give the names in a text of names; nobody for ``Various Artists``."""
    if words(text) in _NOBODY:
        return []
    found = [name for part in _SPLIT.split(text) if (name := _name(part))]
    return found or [plain for plain in [words(text)] if plain]


def _name(text: str) -> str:
    text = _STYLED.sub(lambda sign: "s" if sign[0] == "$" else "i", text.strip())
    plain = words(text)
    if plain in {"the", "and"}:
        return ""
    return _LEADING.sub("", plain)
