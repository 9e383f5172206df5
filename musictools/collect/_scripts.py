"""Text folded to what can be compared: accents, signs, scripts; by Unicode's own names."""

# ruff: noqa: RUF001 - letters that look alike are what this is about.

import re
import unicodedata
from functools import lru_cache

#: What has an accent in it that Unicode does not take apart.
_FOLDED = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ŋ": "n",
        "ħ": "h", "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "‑": "-", "‒": "-",
        "–": "-", "—": "-", "―": "-", "−": "-",
        "【": "(", "】": ")", "「": "(", "」": ")", "『": "(", "』": ")", "〈": "(", "〉": ")",
        "〔": "(", "〕": ")", "[": "(", "]": ")", "{": "(", "}": ")",
        "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "…": "...", "・": " ", "×": " x ",
    }
)  # fmt: skip
#: Of the accents of Latin, Greek and Cyrillic only: marks of other scripts are letters.
_ACCENTS = re.compile("[\u0300-\u036f]")
_JOINED = re.compile(r"(?<=\w)['.](?=\w)|'")
_SIGNS = re.compile(r"[^\w]+|_")
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "",
    "ы": "y", "ь": "", "э": "e", "ю": "iu", "я": "ia", "і": "i", "ї": "i", "є": "ie", "ґ": "g",
    "ј": "i", "љ": "l", "њ": "n", "ћ": "c", "ђ": "d", "џ": "dz", "ў": "u",
}  # fmt: skip
_GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
#: First letters of the names of letters that are written without vowels.
_CONSONANTS = {
    "alef": "a", "bet": "b", "beh": "b", "gimel": "g", "dalet": "d", "dal": "d", "he": "h",
    "heh": "h", "vav": "v", "waw": "w", "zayin": "z", "zain": "z", "het": "ch", "hah": "h",
    "tet": "t", "tah": "t", "theh": "th", "yod": "i", "yeh": "i", "kaf": "k",
    "lamed": "l", "lam": "l", "mem": "m", "meem": "m", "nun": "n", "noon": "n", "samekh": "s",
    "seen": "s", "sad": "s", "ayin": "a", "ain": "a", "pe": "p", "feh": "f", "tsadi": "ts",
    "qof": "k", "qaf": "k", "resh": "r", "reh": "r", "shin": "sh", "sheen": "sh", "tav": "t",
    "jeem": "j", "khah": "kh", "thal": "dh", "dad": "d", "zah": "z", "ghain": "gh", "hamza": "",
    "teh": "t",  # codespell:ignore teh
}  # fmt: skip
#: Spellings of one sound in the systems of romanisation, to one of them.
_SOUNDS = (
    (re.compile("shch|sch|sh"), "s"), (re.compile("zh|dz|ts|tz|cz"), "z"), (re.compile("ph"), "f"),
    (re.compile("ck|q|c(?!h)"), "k"), (re.compile("[jy]"), "i"), (re.compile("w"), "v"),
    (re.compile("x"), "ks"), (re.compile("ou"), "u"), (re.compile("h"), ""),
    (re.compile(r"(.)\1+"), r"\1"), (re.compile("i(?=[aeou])"), ""), (re.compile("(?<=.)i$"), ""),
)  # fmt: skip
_BONES = str.maketrans("cqzwp", "kksvf", "aeiouyjh")
_DOUBLE = re.compile(r"(.)\1+")


def fold(text: str) -> str:
    """Fold width, case, accents and kinds of dashes, quotes and brackets."""
    text = text.casefold() if text.isascii() else _fold_wide(text)
    return text.translate(_FOLDED) if not text.isascii() or "[" in text or "{" in text else text


def _fold_wide(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))


def words(folded: str) -> str:
    """Give the words alone, one space between; of a text of signs only, the signs."""
    if "'" in folded or "." in folded:
        folded = _JOINED.sub("", folded)
    if "&" in folded or "+" in folded:
        folded = folded.replace("&", " and ").replace("+", " and ")
    if folded.isascii():
        found = _SIGNS.sub(" ", folded).strip()
    else:
        found = " ".join("".join(map(_letter, folded)).split())
    return found or "".join(folded.split())


@lru_cache(maxsize=1 << 16)
def _letter(sign: str) -> str:
    # Vowels of Indic scripts are marks, and no letters to Python.
    return sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" else " "


def squash(text: str) -> str:
    """Take the spaces out, which are the first thing that catalogues disagree about."""
    return text.replace(" ", "")


def is_wide(text: str) -> bool:
    """Tell scripts in which one sign is a syllable or a word."""
    return not text.isascii() and any(sign >= "\u2e80" for sign in text)


@lru_cache(maxsize=1 << 16)
def _sound(sign: str) -> str:
    if sign.isascii():
        return sign
    found = _CYRILLIC.get(sign, _GREEK.get(sign))
    if found is not None:
        return found
    name = unicodedata.name(sign, "").lower()
    if match := re.match(r"(?:hiragana|katakana) letter (small )?(\w+)$", name):
        # A small tsu doubles what follows, and small vowels are part of what is before.
        return "" if match[1] and match[2] == "tu" else match[2]
    if name.startswith("hangul syllable "):
        return name.removeprefix("hangul syllable ")
    if match := re.match(r"(?:hebrew|arabic) letter (?:final |farsi )?(\w+)", name):
        return _CONSONANTS.get(match[1], "")
    return "" if name.startswith(("arabic", "hebrew", "katakana-hiragana")) else sign


def latin(text: str) -> str:
    """Write a text in Latin letters as well as Unicode's names tell; ideographs stay."""
    if text.isascii():
        return text
    return "".join(map(_sound, unicodedata.normalize("NFC", text)))


def sounds(text: str) -> str:
    """Write a squashed text by its sounds, so that systems of romanisation agree."""
    text = latin(text)
    for pattern, plain in _SOUNDS:
        text = pattern.sub(plain, text)
    return text


def skeleton(text: str) -> str:
    """Keep the consonants, those of one sound as one: a key for finding, never a proof."""
    text = latin(text).translate(_BONES)
    return _DOUBLE.sub(r"\1", text) or "a"
