"""Identifiers of recordings, works, releases and people: read, checked, and written one way."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from musictools.collect._places import BARE, MBID, link_of
from musictools.errors import InputError, closest


@dataclass(frozen=True)
class Identifier:
    """One identifier, as it was read.

    Attributes
    ----------
    kind : str
        ``isrc``, ``iswc``, ``gtin`` (UPC, EAN), ``ipi_name`` (CAE), ``ipi_base``, ``isni``,
        ``mbid``, or a platform: ``spotify``, ``apple``, ``deezer``, ``tidal``, ``youtube``.
    value : str
        Written one way, so that equal things are equal texts; as it came where it is not valid.
    entity : str
        ``recording``, ``work``, ``release``, ``party``, or on platforms ``artist``, ``track``,
        ``playlist`` ...; empty where the identifier does not tell.
    valid : bool
        Shape and check digits are right. It may still be somebody else's.
    problem : str
        What is wrong, in a sentence; empty where nothing is.
    """

    kind: str
    value: str
    entity: str = ""
    valid: bool = True
    problem: str = ""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class _Code:
    """A code with a shape of its own."""

    entity: str
    shape: re.Pattern[str]
    #: What it looks like, for those who mistype it.
    like: str
    #: From its bare form to what is wrong; empty where nothing is.
    check: Callable[[str], str]
    write: Callable[[str], str] = str


def identify(text: str | int, kind: str | None = None) -> Identifier:
    """Read an identifier: say what it is, whether it is right, and write it one way.

    Parameters
    ----------
    text : str or int
        A code, with or without dashes, dots, spaces and its name; or a link to a platform's page.
    kind : str, optional
        What it should be, as in `Identifier.kind`; by default it is guessed. Bare numbers of
        platforms cannot be guessed.

    Returns
    -------
    Identifier
        ``valid`` says whether it is right, and ``problem`` what is wrong.

    Raises
    ------
    InputError
        If there is no such kind, or nothing known looks like it.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.collect.identify("us-rc1-76-07839").value
    'USRC17607839'
    >>> mt.collect.identify("T-034.524.680-2").problem
    'the check digit is 2, and should be 1'
    """
    given = _plain(text)
    if kind is not None and kind not in KINDS:
        raise InputError(
            f"read an identifier of kind {kind!r}",
            got=repr(kind),
            expected="one of " + ", ".join(KINDS),
            hint=closest(kind, KINDS),
        )
    if kind is not None:
        return _platform(given, kind) if kind in BARE else _code(given, kind)
    linked = _link(given)
    if linked is not None:
        return linked
    read = {name: _code(given, name) for name in _CODES}
    fitting = [found for name, found in read.items() if found.problem != _SHAPELESS[name]]
    right = [found for found in fitting if found.valid]
    if right or fitting:
        return (right or fitting)[0]
    raise InputError(
        "read an identifier",
        got=repr(text),
        expected="an ISRC, ISWC, UPC, EAN, IPI, ISNI, MBID, or a link to a platform's page",
        hint=f"identify({given[:24]!r}, 'deezer') if you know what it is",
    )


def _plain(text: str | int) -> str:
    given = str(text).strip().strip("\ufeff'\"")
    # Spreadsheets turn long codes into numbers.
    return re.sub(r"(?<=\d)\.0+$", "", given) if re.fullmatch(r"\d+\.0+", given) else given


def _code(given: str, kind: str) -> Identifier:
    code = _CODES[kind]
    bare = re.sub(rf"^{_LABELS.get(kind, kind)}\s*[:#]?\s*", "", given, flags=re.IGNORECASE)
    bare = re.sub(r"[\s.\-\u2010-\u2015/]", "", bare).upper()
    if kind == "mbid":
        bare = given.rsplit("/", 1)[-1].lower()
    if not code.shape.fullmatch(bare):
        return Identifier(kind, given, code.entity, valid=False, problem=_SHAPELESS[kind])
    bare = code.write(bare)
    problem = code.check(bare)
    return Identifier(kind, bare, code.entity, not problem, problem)


# --- check digits --------------------------------------------------------------------------------


def _no_check(_: str) -> str:
    return ""


def _digit(is_: str, should: int | str) -> str:
    return "" if is_ == str(should) else f"the check digit is {is_}, and should be {should}"


def _check_weighted(first: int) -> Callable[[str], str]:
    """ISWC (ISO 15707) starts from 1 for its T, the IPI base number from 2 for its I."""

    def check(code: str) -> str:
        digits = [int(c) for c in code[1:]]
        total = first + sum(i * digit for i, digit in enumerate(digits[:9], 1))
        return _digit(code[-1], -total % 10)

    return check


def _check_gtin(code: str) -> str:
    """GS1: from the right, each second digit counts three times."""
    total = sum(int(c) * (3, 1)[i % 2] for i, c in enumerate(reversed(code[:-1])))
    return _digit(code[-1], -total % 10)


def _check_ipi_name(code: str) -> str:
    """CISAC: weights 10 to 2, modulo 101, two digits."""
    total = sum(int(c) * (10 - i) for i, c in enumerate(code[:9])) % 101
    should = f"{(101 - total) % 100 if total else 0:02}"
    return "" if code[9:] == should else f"the check digits are {code[9:]}, and should be {should}"


def _check_isni(code: str) -> str:
    """ISO 7064, MOD 11-2."""
    total = 0
    for c in code[:-1]:
        total = (total + int(c)) * 2 % 11
    should = (12 - total) % 11
    return _digit(code[-1], "X" if should == 10 else should)


def _check_isrc(code: str) -> str:
    """ISO 3901 has no check digit; letters in the number are read from bad print."""
    wrong = [c for c in code[5:] if not c.isdigit()]
    if wrong:
        return f"{', '.join(sorted(set(wrong)))} stands where year and number have digits"
    return ""


def _gtin(code: str) -> str:
    """Thirteen digits, as UPC and EAN-8 are EAN-13 with zeros; fourteen for cartons."""
    short = code.lstrip("0")
    return short.zfill(13)


_CODES: dict[str, _Code] = {
    "isrc": _Code(
        "recording", re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9OIL]{7}"), "USRC17607839", _check_isrc
    ),
    "iswc": _Code("work", re.compile(r"T[0-9]{10}"), "T-034.524.680-1", _check_weighted(1)),
    "ipi_base": _Code("party", re.compile(r"I[0-9]{10}"), "I-000.000.229-7", _check_weighted(2)),
    "isni": _Code("party", re.compile(r"[0-9]{15}[0-9X]"), "0000 0001 2103 2683", _check_isni),
    "gtin": _Code(
        "release", re.compile(r"[0-9]{8}|[0-9]{11,14}"), "0602445790128", _check_gtin, _gtin
    ),
    "ipi_name": _Code(
        "party", re.compile(r"[0-9]{8,11}"), "00017798450", _check_ipi_name, lambda c: c.zfill(11)
    ),
    "mbid": _Code(
        "",
        MBID,
        "f27ec8db-af05-4f36-916e-3d57f91ecf5e",
        _no_check,
    ),
}
_LABELS = {
    "gtin": "(upc|ean|gtin|barcode)",
    "ipi_name": "(ipi|cae)",
    "ipi_base": "ipi",
    "isni": r"(https?://(www\.)?isni\.org/(isni/)?|isni)",
}
_SHAPELESS = {
    kind: f"it has not the shape of one, such as {code.like}" for kind, code in _CODES.items()
}


# --- platforms -----------------------------------------------------------------------------------

KINDS = (*_CODES, *BARE)


def _link(given: str) -> Identifier | None:
    found = link_of(given)
    return None if found is None else Identifier(*found)


def _platform(given: str, kind: str) -> Identifier:
    linked = _link(given)
    if linked is not None:
        if linked.kind == kind:
            return linked
        problem = f"it is a link of {linked.kind}"
        return Identifier(kind, given, linked.entity, valid=False, problem=problem)
    if BARE[kind].fullmatch(given):
        return Identifier(kind, given)
    return Identifier(kind, given, valid=False, problem=f"{kind} has no identifiers of this shape")
