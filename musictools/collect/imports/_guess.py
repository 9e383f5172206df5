"""guess_mapping(): which column of a file may be which of ours, to be looked at and confirmed."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from musictools._card import Card, Table
from musictools.collect.imports._grid import Grid, best_header, grids
from musictools.collect.imports._mapping import KINDS, METRIC, lacking
from musictools.collect.imports._synonyms import (
    BY_CONTENT,
    CONTENT,
    CURRENCIES,
    METRICS,
    NAMES,
    content_of,
    currency_of,
    words_of,
)
from musictools.errors import ExportError, closest

if TYPE_CHECKING:
    import pandas as pd

#: Columns that may stand in a table, the most telling first.
_WANTED: dict[str, tuple[str, ...]] = {
    "royalties": (
        "period", "net", "gross", "fees", "currency", "platform", "country", "isrc", "upc", "iswc",
        "work_id", "units", "title", "artist", "release", "use", "payer",
    ),
    "plays": (
        "played_at", "plays", "artist", "title", "release", "seconds", "country", "platform",
        "isrc", "recording_id",
    ),
    "observations": (
        "observed_at", "metric", "value", "platform", "isrc", "title", "artist", "country",
    ),
    "airplay": (
        "ds", "station", "spins", "audience", "seconds", "isrc", "title", "artist", "medium",
    ),
    "spend": (
        "ds", "spend", "impressions", "reach", "frequency", "campaign", "clicks", "currency",
        "channel",
    ),
    "works": ("work_id", "title", "writers", "shares", "iswc"),
}  # fmt: skip
#: Without any of these it is no such table.
_TELLING = {
    "royalties": ("net", "gross"),
    "plays": ("played_at", "plays"),
    "observations": ("observed_at",),
    "airplay": ("station", "spins"),
    "spend": ("spend",),
    "works": ("writers",),
}
_AMOUNTS = frozenset({"gross", "fees", "net", "spend"})
_SURE = 0.5
#: Of a name that is one of those that are known, not only like it.
_CERTAIN = 0.8
#: Signs that almost always stand for one currency; a dollar may be of a dozen countries.
_SIGNS = {"€": "EUR", "£": "GBP"}
#: What is said of marks, without a column of currencies and with one.
_UNCLEAR = (
    "Currency not guessed: the amounts have",
    "The header of an amount and the column of currencies do not agree: they have",
)
#: What is no mark of a currency in an amount.
_UNMARKED = re.compile(r"(?<=\d)[eE][-+]?\d+|[\d\s.,'\u2019()+\-\u2212%]")


@dataclass(frozen=True)
class GuessedColumn:
    """A guess of what a column is.

    Attributes
    ----------
    ours, theirs : str
        Column of the table, and column of the file.
    examples : tuple of str
        What stands in it.
    confidence : float
        From 0 to 1: how well name and cells agree.
    """

    ours: str
    theirs: str
    examples: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, eq=False)
class GuessedMapping(Card, Mapping[str, str]):
    """A mapping that was guessed: look at it, and hand it to `read_table`.

    It is a mapping of our columns to the file's: ``dict(guess) | {"net": "Amount"}`` corrects it.

    Attributes
    ----------
    file : str
        Name of the file.
    kind : str
        The table that it gives.
    columns : tuple of GuessedColumn
        What each column is.
    missing : tuple of str
        What the table must have, and no column is: to be told as ``constants``.
    unused : tuple of str
        Columns of the file that are left.
    constants : mapping of str to object
        What the header or the amounts tell of all rows, such as the currency of
        ``Earnings (USD)`` or of ``€ 1.50``.
    marks : tuple of str
        Signs and codes of currencies in the amounts, where they do not tell one of all rows; and
        those of the column of currencies, where the header of an amount says another.
    """

    file: str
    kind: str
    columns: tuple[GuessedColumn, ...]
    missing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    constants: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    marks: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> str:
        """Give the column of the file."""
        found = {each.ours: each.theirs for each in self.columns}
        return found[name]

    def __iter__(self) -> Iterator[str]:
        """Go through our columns."""
        return (each.ours for each in self.columns)

    def __len__(self) -> int:
        """Count the columns that are mapped."""
        return len(self.columns)

    @property
    def code(self) -> str:
        """Python that reads the file by it, with dots where something is missing."""
        inside = ", ".join(f"{each.ours!r}: {each.theirs!r}" for each in self.columns)
        told = [f"{name!r}: {value!r}" for name, value in self.constants.items()]
        told += [f"{name!r}: ..." for name in self.missing]
        constants = f", constants={{{', '.join(told)}}}" if told else ""
        return (
            f"mt.collect.read_table({self.file!r}, kind={self.kind!r}, "
            f"mapping={{{inside}}}{constants})"
        )

    def _frame(self) -> "pd.DataFrame":
        """Give it as a table; what is missing has no column of the file."""
        import pandas as pd

        rows: list[tuple[str, str | None, str, float]] = [
            (each.ours, each.theirs, ", ".join(each.examples), each.confidence)
            for each in self.columns
        ]
        rows += [(name, None, f"always {value}", 1.0) for name, value in self.constants.items()]
        rows += [(name, None, "missing", 0.0) for name in self.missing]
        return pd.DataFrame(rows, columns=["ours", "theirs", "examples", "confidence"])

    def __repr__(self) -> str:
        """Show it for confirmation."""
        lines = [f"{self.file}: {self.kind}, guessed"]
        lines += [
            f"  {each.ours:<14} {each.theirs!r} ({each.confidence:.0%}), such as "
            + ", ".join(each.examples[:2])
            for each in self.columns
        ]
        lines += [f"  {name:<14} always {value!r}" for name, value in self.constants.items()]
        lines += [f"  {name:<14} missing" for name in self.missing]
        return "\n".join([*lines, self.code])

    def _title(self) -> str:
        return f"{self.file}: {self.kind}, guessed"

    def _verdict(self) -> str:
        return "Look at it before you use it."

    def _tables(self) -> Iterable[Table]:
        frame = self._frame()
        sure = [f"{each:.0%}" for each in frame["confidence"]]
        return [("Columns", frame.assign(confidence=sure))]

    def _notes(self) -> Sequence[str]:
        missing = [f"Missing: {', '.join(self.missing)}"] if self.missing else []
        unused = [f"Not used: {', '.join(self.unused)}"] if self.unused else []
        marked = [f"{_UNCLEAR['currency' in self]} {', '.join(self.marks)}"] if self.marks else []
        return (*missing, *marked, *unused, self.code)


def guess_mapping(path: str | Path, *, kind: str | None = None) -> GuessedMapping:
    r"""Guess which column of a file is which of ours, by their names and by what stands in them.

    Parameters
    ----------
    path : path-like
        A table of cells, as for `read_table`. Of several files the first is looked at.
    kind : str, optional
        Which table it is; by default the columns tell.

    Returns
    -------
    GuessedMapping
        To be looked at, corrected if need be, and handed to `read_table` as its mapping.

    Raises
    ------
    ExportError
        If the file holds no table, or it cannot be told which of ours it is.

    Examples
    --------
    >>> import pathlib, tempfile, musictools as mt
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "acme.csv")
    >>> _ = path.write_text("Monat;Titel;ISRC;Betrag\n2025-03;Song;XXA000000001;1234,50\n")
    >>> guess = mt.collect.guess_mapping(path)
    >>> guess.kind, guess.missing
    ('royalties', ('payer', 'currency'))
    >>> dict(guess)
    {'period': 'Monat', 'net': 'Betrag', 'isrc': 'ISRC', 'title': 'Titel'}
    >>> folder.cleanup()
    """
    if kind is not None and kind not in KINDS:
        raise ExportError(
            "guess a mapping", got=f"kind={kind!r}", expected="a table", hint=closest(kind, KINDS)
        )
    where = Path(path)
    grid = next((found for _, rows in grids(where, None) if (found := best_header(rows))), None)
    if grid is None:
        raise ExportError(
            f"guess a mapping for {where.name}",
            got="nothing that looks like a table with a header",
            expected="cells with the names of the columns above them",
            hint="write the names of the columns above the rows",
        )
    columns = _columns(grid)
    guesses = [_guess(grid, columns, each) for each in ([kind] if kind else KINDS)]
    weight, best = max(guesses, key=lambda some: some[0])
    if weight <= 0 and kind is None:
        raise ExportError(
            f"guess a mapping for {where.name}",
            got="columns " + ", ".join(map(repr, grid.header)),
            expected="names that tell which table they are of",
            hint=f"kind= one of {', '.join(KINDS)}",
        )
    return best


@dataclass(frozen=True)
class _Column:
    name: str
    words: str
    examples: tuple[str, ...]
    content: Mapping[str, float]


def _columns(grid: Grid) -> list[_Column]:
    columns = []
    for at, name in enumerate(grid.header):
        values = [text for row in grid.layout.rows if at < len(row) and (text := row[at].strip())]
        examples = tuple(dict.fromkeys(values))[:3]
        columns.append(_Column(name, words_of(name), examples, content_of(values)))
    return columns


def _guess(grid: Grid, columns: Sequence[_Column], kind: str) -> tuple[float, GuessedMapping]:
    """Guess the columns of one table, and say how much it looks like one."""
    pairs = _paired(columns, {name: NAMES[name] for name in _WANTED[kind]})
    if kind == "observations" and "value" not in pairs:
        pairs.pop("metric", None)
        left = [each for each in columns if each.name not in {c.name for c, _ in pairs.values()}]
        wide = _paired(left, METRICS, numbers=True)
        pairs |= {METRIC + name: found for name, found in wide.items()}
    if kind == "royalties" and {"gross", "net"} <= pairs.keys():
        # What lies between the two may be a share and no fee.
        pairs.pop("fees", None)
    if kind == "plays" and "artist" in pairs:
        pairs = {"artist_id": pairs["artist"]} | pairs
    order = [name for name in ("artist_id", *_WANTED[kind]) if name in pairs]
    order += [name for name in pairs if name.startswith(METRIC)]
    mapped = tuple(
        GuessedColumn(name, pairs[name][0].name, pairs[name][0].examples, round(pairs[name][1], 2))
        for name in order
    )
    constants, marks = _constants(grid, mapped, kind)
    guess = GuessedMapping(
        grid.layout.member.name.rsplit("/", 1)[-1],
        kind,
        mapped,
        _missing(mapped, kind, constants),
        tuple(each.name for each in columns if each.name not in {c.theirs for c in mapped}),
        MappingProxyType(constants),
        marks,
    )
    return _weight(guess), guess


def _constants(
    grid: Grid, mapped: Sequence[GuessedColumn], kind: str
) -> tuple[dict[str, object], tuple[str, ...]]:
    """Take the currency out of the amounts and their header, where no column tells it.

    Where they do not agree on one, or on none that is known, their marks are given instead; so are
    they where a column of currencies says another than the header.
    """
    if kind not in {"royalties", "spend"}:
        return {}, ()
    amounts = [each for each in mapped if each.ours in _AMOUNTS]
    codes = {code for each in amounts if (code := currency_of(each.theirs))}
    column = next((each.theirs for each in mapped if each.ours == "currency"), None)
    if column is not None:
        at = grid.header.index(column)
        told = {row[at].strip().upper() for row in grid.layout.rows if at < len(row)} - {""}
        told = {_SIGNS.get(cell, cell) for cell in told} & CURRENCIES
        agree = not codes or (len(codes) == 1 and told <= codes)
        return {}, () if agree else tuple(sorted(codes | told))
    places = [grid.header.index(each.theirs) for each in amounts]
    cells = {row[at] for row in grid.layout.rows for at in places if at < len(row)}
    marks = {_UNMARKED.sub("", cell) for cell in cells if any(map(str.isdigit, cell))} - {""}
    found = codes | {_SIGNS.get(mark, mark) for mark in marks}
    if len(found) == 1 and found <= codes | (CURRENCIES - _SIGNS.keys()):
        return {"currency": found.pop()}, ()
    return {}, tuple(sorted(codes | marks))


def _missing(
    mapped: Sequence[GuessedColumn], kind: str, constants: Mapping[str, object]
) -> tuple[str, ...]:
    mapping = {each.ours: each.theirs for each in mapped}
    return tuple(lacking(mapping, kind, constants))


def _weight(guess: GuessedMapping) -> float:
    """Say how much a file looks like a table: by what is there, less what should be."""
    names = {each.ours: each.confidence for each in guess.columns}
    telling = [name for name in _TELLING[guess.kind] if name in names]
    metrics = [name for name in names if name.startswith(METRIC)]
    if not telling or (guess.kind == "observations" and not metrics and "value" not in names):
        return 0.0
    # Names that many tables have tell little.
    common = {"title", "artist", "isrc", "country", "artist_id", "release", "upc", "platform"}
    weight = sum(conf * (0.3 if name in common else 1) for name, conf in names.items())
    return weight + sum(names[name] for name in telling) - 0.8 * len(guess.missing)


# --- columns to columns --------------------------------------------------------------------------


def _paired(
    columns: Sequence[_Column],
    names: Mapping[str, Sequence[str]],
    *,
    numbers: bool = False,
) -> dict[str, tuple[_Column, float]]:
    """Give each of our columns the one of the file that fits best, the surest first."""
    scored = [
        (_score(each, ours, some, numbers=numbers), -place, ours, each)
        for place, (ours, some) in enumerate(names.items())
        for each in columns
    ]
    found: dict[str, tuple[_Column, float]] = {}
    used: set[str] = set()
    for score, _, ours, each in sorted(scored, key=lambda some: some[:2], reverse=True):
        if score >= _SURE and ours not in found and each.name not in used:
            found[ours] = (each, score)
            used.add(each.name)
    return found


def _score(each: _Column, ours: str, names: Sequence[str], *, numbers: bool) -> float:
    kinds = ("number",) if numbers else CONTENT.get(ours, ())
    fits = max((each.content.get(kind, 0.0) for kind in kinds), default=1.0)
    named = _named(each.words, names)
    if not each.content:
        # Nothing stands in it: only its name speaks.
        return 0.9 * named if named > _CERTAIN else 0.0
    if kinds and fits < 0.5:
        return 0.0
    if ours in _AMOUNTS and each.content["digits of a day"] == 1:
        # A day without marks, such as 20250415, would be a fortune.
        return 0.0
    if not kinds and each.content.get("number", 0) > 0.9 and ours != "work_id":
        return 0.4 * named
    # Seconds since 1970 look like any number.
    clear = fits >= 0.9 and each.content["epoch"] < 0.5
    own = BY_CONTENT.get(ours, 0.0) if clear and not numbers else 0.0
    if own and ours == "country" and max(map(len, each.examples)) == 2 and len(each.examples) < 2:
        # One word of two letters may be anything.
        own = 0.0
    return max(named * (0.6 + 0.4 * fits), own)


def _named(words: str, names: Sequence[str]) -> float:
    """Say how much a column's name is one of those that ours goes by."""
    if words in names:
        return 1 - 0.006 * list(names).index(words)
    parts, best = set(words.split()), 0.0
    for i, name in enumerate(names):
        own = set(name.split())
        if own <= parts:
            best = max(best, (0.8 if len(own) > 1 else 0.66) - 0.004 * i)
        elif len(words) > 5:
            ratio = difflib.SequenceMatcher(None, words, name).ratio()
            best = max(best, 0.75 * ratio if ratio > 0.85 else 0.0)
    return best
