"""Identifiers as the trade writes them, from ranges that belong to nobody."""

import re
import unicodedata

#: ISO 3166 leaves XX to its users, so no real recording can have such a code.
ISRC_PREFIX = "XXLTN"
#: GS1 keeps number system 2 for use inside one shop.
UPC_PREFIX = "2"
_SPELLED = {"ø": "o", "Ø": "O", "ß": "ss", "æ": "ae", "Æ": "AE", "ł": "l", "Ł": "L"}


def isrc(year: int, number: int) -> str:
    """ISRC (ISO 3901): prefix, two digits of the year, five of the number."""
    return f"{ISRC_PREFIX}{year % 100:02d}{number:05d}"


def upc_check_digit(digits: str) -> int:
    """Check digit of the first eleven digits of a UPC-A (GS1 General Specifications)."""
    total = sum(int(d) * (3 if place % 2 == 0 else 1) for place, d in enumerate(digits))
    return -total % 10


def upc(number: int) -> str:
    """Twelve digits of UPC-A."""
    digits = f"{UPC_PREFIX}{number:010d}"
    return digits + str(upc_check_digit(digits))


def iswc_check_digit(digits: str) -> int:
    """Check digit of nine digits of an ISWC (ISO 15707)."""
    return -(1 + sum(place * int(d) for place, d in enumerate(digits, start=1))) % 10


def iswc(number: int) -> str:
    """ISWC as printed, such as ``T-034.524.680-1``."""
    digits = f"{number:09d}"
    return f"T-{digits[:3]}.{digits[3:6]}.{digits[6:]}-{iswc_check_digit(digits)}"


def slug(text: str) -> str:
    """Lower-case ASCII words joined by hyphens, for file names that every system takes."""
    # Letters without a decomposition would vanish and leave unreadable names.
    spelled = text
    for letter, ascii_letters in _SPELLED.items():
        spelled = spelled.replace(letter, ascii_letters)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-") or "untitled"
