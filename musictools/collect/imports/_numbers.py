"""Numbers as people write them: either decimal mark, thousands, signs, currencies; exactly."""

import re
from collections.abc import Iterable, Sequence

from musictools.errors import ExportError

#: Exact amounts: 24 decimals hold what a spreadsheet prints of a stream's share, and 14 digits
#: before them what a society pays in a weak currency.
PLACES = 24
EXACT = f"DECIMAL(38,{PLACES})"
LARGEST = 10 ** (38 - PLACES)
_DIGITS = r"\d[\d.,'\u2019\s\u00a0\u202f]*"
_NUMBER = re.compile(rf"[-+(]?[^\d\s.,-]{{0,4}}\s?((?<![^\W\d_])[.,]?{_DIGITS})")
_POWER = re.compile(r"[eE][-+]?\d")
#: A number and nothing else, but for its sign and its currency.
_BARE = re.compile(
    r"[-+(\u2212]{0,2}[^\d\s.,+-]{0,4}\s?"
    r"(\d{1,3}([.,'\u2019\s]\d{3})+([.,]\d+)?|(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?)"
    r"\s?[^\d\s.,+-]{0,4}[-)]?"
)
_ZEROS = re.compile(r"[.,]000\b").search
_MONTH = re.compile(r"(0?[1-9]|1[0-2])\.(19|20)\d\d|(19|20)\d\d\.(0[1-9]|1[0-2])")


def decimal_mark(
    values: Iterable[str],
    column: str,
    told: str | None = None,
    beside: Iterable[set[str]] = (),
) -> str:
    """Tell which mark a column's numbers have before their decimals.

    Parameters
    ----------
    values : iterable of str
        Cells of the column.
    column : str
        Its name, for errors.
    told : str, optional
        What the reader says; it is believed.
    beside : iterable of set of str
        Marks that the other columns show: a file is written in one way, and they tell where these
        cells do not.

    Returns
    -------
    str
        ``"."`` or ``","``.

    Raises
    ------
    ExportError
        If nothing but the reader can tell: all numbers with a mark look like ``1,234``, or some
        are written one way and some the other.
    """
    if told in {".", ","}:
        return str(told)
    votes: dict[str, str] = {}
    doubtful: dict[str, str] = {}
    for value in values:
        mark = _vote(value)
        if mark == "?":
            doubtful.setdefault("," if "," in value else ".", value)
        elif mark:
            votes.setdefault(mark, value)
    if len(votes) == 2:
        raise _two_ways(column, f"{votes['.']!r} and {votes[',']!r}")
    if votes or not doubtful:
        return next(iter(votes), ".")
    marks = set().union(*beside)
    if len(marks) == 1:
        return marks.pop()
    # One mark and three digits, everywhere: thousands and thousandths look the same. A point is
    # believed to be a decimal point, since programs write no others; if nothing speaks against it.
    if "," in doubtful or marks:
        raise _two_ways(column, " and ".join(map(repr, doubtful.values())))
    return "."


def sure_marks(values: Sequence[str], *, whole: bool = False) -> set[str]:
    """Give the decimal marks that a column of numbers shows beyond doubt; other columns none.

    Parameters
    ----------
    values : sequence of str
        Its cells.
    whole : bool
        Whether they are whole numbers, so that ``1.234`` shows where thousands are; ``1.000`` does
        not.
    """
    numbers = [value for value in values if _BARE.fullmatch(value)]
    if 2 * len(numbers) <= len(values) or all(map(_MONTH.fullmatch, numbers)):
        return set()
    shown = {_vote(value) for value in numbers}
    if whole:
        thousands = [value for value in numbers if _vote(value) == "?" and not _ZEROS(value)]
        shown |= {"." if "," in value else "," for value in thousands}
    return shown & {".", ","}


def is_negative(value: str) -> bool:
    """Tell whether an amount is below zero, in any of the ways in which that is written."""
    return re.search(r"[-\u2212(]\D*[\d.,]|\d\s*-$", value) is not None


def _vote(value: str) -> str:
    """Give the decimal mark that one number shows; ``?`` where it may be either."""
    seen = _NUMBER.search(value)
    if seen is None:
        return ""
    body = re.sub(r"[\s'\u2019\u00a0\u202f]", "", seen[1])
    marks = [c for c in body if c in ".,"]
    if not marks:
        return ""
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        # Only thousands are written more than once.
        return "," if marks[0] == "." else "."
    whole, _, rest = body.partition(marks[0])
    thousands = len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    # Nobody groups the digits before a power of ten.
    return "?" if thousands and not _POWER.match(value, seen.end()) else marks[0]


def _two_ways(column: str, seen: str) -> ExportError:
    return ExportError(
        f"understand the numbers of {column!r}",
        got=seen,
        expected="numbers that show which of their marks is before the decimals",
        hint='decimal=".", or decimal=","',
    )


def number_sql(raw: str, mark: str, type_: str) -> str:
    """Write SQL that reads a number, and gives null where the text is none.

    Words such as ``inf`` and ``nan`` are read as a cast of DuckDB does: a row with one is refused
    where it is judged, since to look twice at each number would take long.

    Parameters
    ----------
    raw : str
        Expression of the text, without blanks at its ends.
    mark : str
        Decimal mark.
    type_ : str
        ``DOUBLE`` or `EXACT`.
    """
    fast = f"TRY_CAST({raw} AS {type_})"
    if mark == ".":
        # What programs write is all but everything, and a cast reads it fast; but a cast also
        # takes 1_000 for a number, which no statement means.
        usual = f"CASE WHEN contains({raw}, '_') THEN NULL ELSE {fast} END"
    else:
        usual = f"CASE WHEN regexp_full_match({raw}, '-?[0-9]+') THEN {fast} END"
    other = "," if mark == "." else "."
    esc, esc_other = re.escape(mark), re.escape(other)
    # Signs, currency signs and codes, percent, blanks and apostrophes between thousands.
    blanks = "[\\s''\\x{2019}\\x{00a0}\\x{202f}\\x{2009}]"
    percent = "" if type_ == EXACT else "|%"
    front, behind = r"\p{Sc}|[A-Z]{1,3}\p{Sc}?|kr", rf"\p{{Sc}}|[A-Z]{{3}}|kr{percent}"
    signs = rf"(^|[-+(\x{{2212}}])({front})|({behind})([-)]?)$"
    bare = f"regexp_replace({raw}, '{blanks}', '', 'g')"
    bare = f"regexp_replace({bare}, '{signs}', '\\1\\4', 'g')"
    bare = f"replace({bare}, '\u2212', '-')"
    grouped = rf"\d{{1,3}}({esc_other}\d{{3}})+({esc}\d*)?"
    simple = rf"\d+({esc}\d*)?|{esc}\d+"
    exponent = r"([eE][-+]?\d+)?"
    shape = (
        rf"^([-+]?({grouped}|({simple}){exponent})|({grouped}|{simple})-|\(({grouped}|{simple})\))$"
    )
    negative = f"(({bare}) LIKE '%-' OR ({bare}) LIKE '(%')"
    digits = f"replace(replace(rtrim(ltrim({bare}, '('), '-)'), '{other}', ''), '{mark}', '.')"
    value = f"TRY_CAST({digits} AS {type_})"
    close = (
        f"CASE WHEN regexp_matches({bare}, '{shape}') THEN "
        f"CASE WHEN {negative} THEN -{value} ELSE {value} END END"
    )
    whole = f"coalesce({usual}, {close})"
    if type_ != EXACT:
        return whole
    # A cast rounds what is longer, or has an exponent below zero; rounding is not reading.
    long = f"length({raw}) > {PLACES - 4} OR contains({raw}, '-')"
    fine = f"({long}) AND {_too_fine(raw, mark)}"
    # Most fees are none, and their zeros need no cast.
    return f"CASE WHEN {raw} = '0' THEN 0 WHEN {fine} THEN NULL ELSE {whole} END"


def _too_fine(raw: str, mark: str) -> str:
    esc = re.escape(mark)
    decimals = f"length(rtrim(regexp_extract({raw}, '{esc}(\\d*)', 1), '0'))"
    power = (
        f"coalesce(TRY_CAST(nullif(regexp_extract({raw}, '[eE]([-+]?\\d+)', 1), '') AS INTEGER), 0)"
    )
    return f"{decimals} - {power} > {PLACES}"
