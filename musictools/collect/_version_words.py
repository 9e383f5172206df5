"""Words in titles that say which version this is, and words that say nothing."""

import re
from functools import lru_cache
from typing import NamedTuple

_NOUN = (
    r"(?:version|versions|mix|edit|session|sessions|take|recording|performance|track|cut|"
    r"remaster|remastered|\d{2,4})"
)
#: Kinds of recordings that are other recordings, and the words for them.
_KINDS = {
    "live": r"live|en vivo|ao vivo|en directo|dal vivo|(?:in|en) concert|en concierto|"
    r"concert version|live lounge|"
    "ライブ|라이브|живьем|现场|現場",
    "unplugged": r"(?:mtv )?unplugged",
    "acoustic": r"acoustic|acustic[ao]?|acoustique|akustik|акустика",
    "instrumental": r"instrumental|instrumental[ae]s?|instr?|off vocal|"
    "インストゥルメンタル|伴奏",
    "karaoke": r"karaoke|backing track|カラオケ",
    "acappella": r"a ?cappella|a ?capella|vocals? only",
    "demo": r"demo|demos|work tape|rough mix|home recording|maqueta",
    "sped up": r"sped ?up|speed ?up|nightcore|fast(?:er)? version",
    "slowed": r"slowed(?: down)?(?: and reverb| reverb)?|slow(?:er)? version|"
    r"chopped and screwed",
    "orchestral": r"orchestral|symphonic|strings? version",
    "piano": r"piano|solo piano",
    "stripped": r"stripped(?: down)?",
    "extended": r"extended|(?:12|twelve) ?inch|long version|maxi",
    "edit": r"(?:radio|single|short) edit|radio mix|(?:radio|short) version|edit|edited|tv size",
    "club": r"club",
    "dub": r"dub",
    "mono": r"mono",
    "spatial": r"(?:dolby )?atmos|spatial audio|binaural",
    "mixed": r"mixed|dj mix|continuous mix",
    "clean": r"clean|censored|radio clean",
    "rehearsal": r"rehearsal|soundcheck|outtake|alternate|alternative|alt",
    "reprise": r"reprise",
    "interlude": r"interlude|skit|intro|outro",
    "cover": r"cover|tribute",
    "rerecorded": r"re ?recorded|re ?recording|reimagined|revisited|reworked|redux",
    "commentary": r"commentary|voice memo",
    "8d": r"8d(?: audio)?|16d(?: audio)?|bass boosted",
    "lullaby": r"lullaby|music box|8 bit|lo ?fi",
    "medley": r"medley|megamix|mashup",
}
_AT = r"(?: (?:at|from|in|on|by|and|with|aus|im|de|do|en)\b)"
_FOUND = {
    kind: re.compile(
        rf"(?:^(?:{text})(?={_AT}))|(?<!\w)(?:{text})(?=$| {_NOUN}(?!\w))|^(?:{text})$"
    )
    for kind, text in _KINDS.items()
}
#: A place or a year behind it makes a version; what follows the verb makes a title.
_VERB = (
    r"(?: (?:your|my|our|it|like|for|forever|to|while|without|free|fast|life|up|and|laugh|or)\b"
    r"| a (?:little|lie|life|dream)\b)"
)
_FOUND["live"] = re.compile(rf"{_FOUND['live'].pattern}|^(?:{_KINDS['live']})(?= \w)(?!{_VERB})")
_ANY = re.compile("|".join(_KINDS.values()))
#: One recording under another name: by convention (ISRC) a new one, in practice often the same.
_REMASTER = re.compile(
    r"\b(?:digital(?:ly)? )?re ?master(?:ed|izado|isado|izada|ise|isiert|s)?\b|リマスター"
)
_SINGLE = re.compile(r"^(?:single|7 ?inch|lp|ep|album edit|stereo) ?(?:version|mix|cut)?$")
_REMIX = re.compile(
    r"\b(?:remix|rmx|rework|bootleg|refix|flip|vip|mix|edit)$|\b(?:remix(?:es|ed)?|rmx)\b"
)
_SESSION = re.compile(r"\bsessions?$")
_REMIXED = re.compile(r"\b(?:remix(?:es|ed)?|rmx)\b")
_EDITION_NOUN = re.compile(r"\b(?:edition|version|set)\b")
_ONLY_EDITION = re.compile(r"\b(?:edition|deluxe|expanded)\b")
_VERSION = re.compile(r"\b(?:version|ver)\b")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
#: Words that catalogues add and drop as they like.
_NOTHING = re.compile(
    r"^(?:the )?(?:album|original|full(?: length)?|main|standard|studio|lp|explicit|official"
    r"|regular)"
    r"(?: (?:album|original|version|mix|edit|recording|track))*$"
    r"|^(?:version|explicit|dirty|stereo|stereo (?:version|mix))$"
    r"|^(?:official )?(?:music |lyrics? |hd |4k )?(?:video|audio|visuali[sz]er|clip)"
    r"(?: oficial)?$"  # codespell:ignore oficial
    r"|^(?:lyrics?|with lyrics|hd|hq|4k|bonus(?: track)?|bonus .{1,20} track|audio|topic|new)$"
    r"|^(?:music |theme |songs? )?from (?:the )?.+$"
    r"|^(?:original )?(?:motion picture )?soundtrack$|^ost$"
    r"|^clip officiel$"
)
#: Of a recording, the year in which it was made anew: a remaster, or sung again.
_ONLY_YEAR = re.compile(r"(?:19|20)\d\d")
#: Words with so many letters that one of them may be wrong.
_LONG = (
    "remix", "remaster", "remastered", "acoustic", "instrumental", "karaoke", "extended", "version",
    "orchestral", "slowed", "unplugged",
)  # fmt: skip
#: Editions of releases: other releases; for a recording they say nothing.
_EDITION = re.compile(
    r"\b(?:deluxe|expanded|anniversary|special|limited|collectors?|super deluxe|complete|tour|"
    r"bonus|platinum|gold|japan(?:ese)?|international|reissue|box set|extended|explicit|clean|"
    r"digital|vinyl|[a-z0-9]+)\b.*\b(?:edition|version|set)\b"
    r"|^(?:super )?(?:deluxe|expanded|reissue)$"
    r"|^(?:deluxe|expanded|special|anniversary)\b"
)
_RELEASE_NOTHING = re.compile(r"^(?:single|ep|e p|album|lp)$")
_BARE = re.compile(
    r" (?:(?:live (?:at|from) .+)|(?:(?:radio|single|extended) (?:edit|mix|version))|(?:remastered)"
    r"|(?:(?:19|20)\d\d remaster(?:ed)?)|(?:remaster(?:ed)? (?:19|20)\d\d)|(?:sped up)|(?:slowed)"
    r"|(?:slowed and reverb)|(?:(?:live|acoustic|instrumental|karaoke|demo|album|original|piano)"
    r" (?:version|mix))|(?:\w+ remix))$"
)
_FILLERS = re.compile(
    r"(?<!\w)(?:version|versions|mix|edit|sessions?|take|recording|performance|track|cut|at|from|in|on|the|by|and|of|with|remix|rmx|ver|live|a|original|official)(?!\w)"
)


class Version(NamedTuple):
    """Which version a title says that it is; all empty where it says nothing.

    Attributes
    ----------
    hard, hard_words : str
        Kinds that make another recording, and the words about them (where, by whom).
    soft, soft_words : str
        Kinds that may, and their words (year of the remaster).
    """

    hard: str = ""
    hard_words: str = ""
    soft: str = ""
    soft_words: str = ""


#: Said of words that add nothing.
NOTHING = Version()


def read_version(text: str, *, is_release: bool = False) -> Version | None:
    """Read words that stood apart in a title; None where they belong to the title."""
    if _ONLY_YEAR.fullmatch(text):
        return NOTHING if is_release else Version("", "", "remaster", text)
    said = _read(text, is_release=is_release)
    if said is None and (mended := _mended(text)) != text:
        said = _read(mended, is_release=is_release)
    return said


@lru_cache(maxsize=1 << 14)
def _mended(text: str) -> str:
    """Mend misprints of long words that say which version it is: short ones may be words."""
    from rapidfuzz.distance import OSA

    found = []
    for word in text.split():
        close = [one for one in _LONG if len(word) >= 5 and OSA.distance(word, one) == 1]
        found.append(close[0] if close else word)
    return " ".join(found)


def _read(text: str, *, is_release: bool) -> Version | None:
    if _NOTHING.match(text) or (is_release and _RELEASE_NOTHING.match(text)):
        return NOTHING
    if "remaster" not in text and _EDITION.search(text):
        if is_release:
            return Version("edition", _rest(_EDITION_NOUN.sub(" ", text)))
        if _ONLY_EDITION.search(text):
            return NOTHING
    soft, soft_words = "", ""
    if _REMASTER.search(text):
        soft, soft_words = "remaster", " ".join(_YEAR.findall(text))
        text = " ".join(_YEAR.sub(" ", _REMASTER.sub(" ", text)).split())
    hard = _kinds(text)
    if not hard and not soft and _SINGLE.match(text):
        soft = "single"
    elif not hard and _VERSION.search(text) and text != "version":
        hard = {"version"}
    if not hard:
        return Version("", "", soft, soft_words) if soft else None
    rest = text
    for kind in hard & _FOUND.keys():
        rest = _FOUND[kind].sub(" ", rest)
    return Version("+".join(sorted(hard)), _rest(rest), soft, soft_words)


def _kinds(text: str) -> set[str]:
    found = (
        {k for k, pattern in _FOUND.items() if pattern.search(text)} if _ANY.search(text) else set()
    )
    # A mix or edit of a kind (radio edit, extended mix) is said already; a remix is one more thing.
    if (_REMIX if not found else _REMIXED).search(text):
        found.add("remix")
    elif not found and _SESSION.search(text):
        found.add("session")
    return found


def both(first: Version, second: Version) -> Version:
    """Put together what two places of one title say."""
    kinds = sorted({*first.hard.split("+"), *second.hard.split("+")} - {""})
    return Version(
        "+".join(kinds),
        f"{first.hard_words} {second.hard_words}".strip(),
        first.soft or second.soft,
        first.soft_words or second.soft_words,
    )


def trailing(text: str) -> tuple[str, str]:
    """Split off words of a version that stand at the end without a bracket or dash."""
    found = _BARE.search(text)
    return (text[: found.start()], found[0].strip()) if found and found.start() else (text, "")


def _rest(text: str) -> str:
    return " ".join(sorted(set(_FILLERS.sub(" ", text).split())))
