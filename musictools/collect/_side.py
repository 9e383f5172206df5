"""One catalogue made ready to be compared: read from any frame, taken apart, put into DuckDB."""

# ruff: noqa: S608 - the names that are put into queries are our own.

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musictools._html import is_missing
from musictools.collect._identifiers import identify
from musictools.collect._known import links_of
from musictools.collect._scripts import fold, skeleton, squash, words
from musictools.collect._titles import Credit, Title, read_credit, read_title
from musictools.errors import InputError, TableError

if TYPE_CHECKING:
    import duckdb

#: Rows that are taken apart at once.
CHUNK = 100_000
#: What a column may be called, best first, by kind of thing.
_ID = {
    "recording": ("recording_id", "track_id", "id", "isrc"),
    "release": ("release_id", "album_id", "id", "upc"),
}
_TITLE = {
    "recording": ("title",),
    "release": ("release_title", "release", "title"),
}
_OTHER = {
    "artist": ("artist", "artists", "artist_name"),
    "isrc": ("isrc",),
    "gtin": ("upc", "ean", "gtin", "barcode"),
    "duration_s": ("duration_s",),
    "duration_ms": ("duration_ms",),
    "year": ("year", "released_at", "released_on", "release_date"),
    "release": ("release", "release_title", "album"),
}
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_YEAR = re.compile(r"(?:1[89]|20)[0-9]{2}")
#: Longest and shortest lengths that are believed.
_SECONDS = (0.5, 86_400.0)
_SCHEMA = """
    row INTEGER, core VARCHAR, sq VARCHAR, variants VARCHAR[], numbers VARCHAR, strange BOOLEAN,
    bones VARCHAR, hard VARCHAR, hard_words VARCHAR, soft VARCHAR, soft_words VARCHAR,
    main VARCHAR, everybody VARCHAR, names VARCHAR[], name_bones VARCHAR[], isrc VARCHAR,
    gtin VARCHAR, seconds DOUBLE, year INTEGER, release VARCHAR, raw VARCHAR, cut BOOLEAN,
    bag VARCHAR
"""
_NAMES = [line.split()[0] for line in _SCHEMA.split(",") if line.strip()]


@dataclass
class Side:
    """One catalogue.

    Attributes
    ----------
    name : str
        ``left`` or ``right``, also of its table in DuckDB.
    ids : list
        Identifier of each row, as given.
    tokens : list of (int, str)
        Row, and what names it elsewhere: links, identifiers of platforms.
    frame : Any
        The columns that are shown to people, a narwhals frame.
    columns : dict of str to str
        What is meant by which column.
    """

    name: str
    ids: list[Any]
    frame: Any
    columns: dict[str, str]
    tokens: list[tuple[int, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    def shown(self, rows: list[int], what: str) -> list[Any]:
        """Give what stands in some rows of a column, None where there is none (row -1 is none)."""
        if what not in self.columns:
            return [None] * len(rows)
        there = [row for row in rows if row >= 0]
        found = iter(self.frame[self.columns[what]][there].to_list() if there else [])
        values = [next(found) if row >= 0 else None for row in rows]
        return [None if is_missing(value) else value for value in values]


def open_side(frame: Any, name: str, kind: str, id_column: str | None) -> Side:
    """Look at a catalogue: which columns there are, and whether each row has a name of its own."""
    wrapped = _wrapped(frame, name)
    present = list(wrapped.columns)
    wanted = {"id": (id_column,) if id_column else _ID[kind], "title": _TITLE[kind]}
    # A column in which nothing stands tells less than another of the same meaning.
    empty = {one for one in present if int(wrapped[one].null_count()) == len(wrapped)}
    columns = {
        what: found[0]
        for what, names in (wanted | _OTHER).items()
        if (found := sorted((one for one in names if one in present), key=empty.__contains__))
    }
    if "id" not in columns:
        raise TableError(
            f"resolve the {name} catalogue",
            got="the columns " + (", ".join(map(repr, present)) or "of nothing"),
            expected="a column " + " or ".join(map(repr, wanted["id"])),
            hint="resolve(..., id_column='name of it')",
        )
    if kind == "release" and columns.get("release") == columns.get("title"):
        columns.pop("release", None)
    ids = wrapped[columns["id"]].to_list()
    _check_ids(ids, name, columns["id"])
    return Side(name, ids, wrapped, columns)


def _wrapped(frame: Any, name: str) -> Any:
    import narwhals as nw

    if isinstance(frame, str | Path):
        frame = _from_file(Path(frame), name)
    try:
        wrapped: Any = nw.from_native(frame)
    except TypeError as error:
        raise TableError(
            f"resolve the {name} catalogue",
            got=f"an object of type {type(frame).__name__}",
            expected="a frame, or the path of a CSV or Parquet file",
            hint="pandas.DataFrame(...) makes one of a dict or a list of records",
        ) from error
    except nw.exceptions.DuplicateError as error:
        raise TableError(
            f"resolve the {name} catalogue",
            got="several columns of one name",
            expected="a name for each column",
            hint="frame.loc[:, ~frame.columns.duplicated()]",
        ) from error
    return wrapped.collect() if isinstance(wrapped, nw.LazyFrame) else wrapped


def _from_file(path: Path, name: str) -> Any:
    import duckdb

    if not path.is_file():
        raise InputError(
            f"resolve the {name} catalogue",
            got=f"no file {str(path)!r}",
            expected="a CSV or Parquet file",
            hint="look at the spelling of the path",
        )
    try:
        with duckdb.connect() as reader:
            if path.suffix.lower() in {".parquet", ".pq"}:
                return reader.read_parquet(str(path)).to_arrow_table()
            # All is told: left to guess, it takes a later line for the header if one is too long.
            return reader.read_csv(
                str(path), all_varchar=True, header=True, sep=separator_of(path), quotechar='"',
                escapechar='"', skiprows=0,
            ).to_arrow_table()  # fmt: skip
    except duckdb.Error as error:
        raise InputError(
            f"resolve the {name} catalogue",
            got=f"{path.name}, which cannot be read: {str(error).splitlines()[0]}",
            expected="a CSV file in UTF-8 with as many cells in each line, or a Parquet file",
            hint="pandas.read_csv(path, encoding='latin-1')",
        ) from error


def separator_of(path: Path) -> str:
    """Say what stands between the names of columns of a CSV file."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        header = lines.readline()
    return max(",;\t|", key=header.count)


def _check_ids(ids: list[Any], name: str, column: str) -> None:
    missing = sum(is_missing(one) for one in ids)
    if missing or len(set(map(str, ids))) < len(ids):
        seen: set[str] = set()
        twice = next((one for one in map(str, ids) if one in seen or seen.add(one)), "")  # type: ignore[func-returns-value]
        raise TableError(
            f"resolve the {name} catalogue",
            got=f"{missing} rows without an identifier in {column!r}"
            if missing
            else f"several rows with the identifier {twice!r} in {column!r}",
            expected="one row for each identifier",
            hint=f"{name}.drop_duplicates({column!r}), or id_column= of another column",
        )


def load(db: "duckdb.DuckDBPyConnection", side: Side, kind: str) -> Iterator[int]:
    """Take a catalogue apart into a table of DuckDB, and tell how many rows are done."""
    import pyarrow as pa

    db.execute(f"CREATE TABLE {side.name}_rows ({_SCHEMA})")
    reader = _Reader(side, kind)
    for start in range(0, len(side), CHUNK):
        stop = min(start + CHUNK, len(side))
        part = side.frame[start:stop]
        values = {what: part[name].to_list() for what, name in side.columns.items()}
        links = links_of(part, kind)
        side.tokens += [(start + row, token) for row, token in links]
        made = [reader.row(start + i, values, i) for i in range(stop - start)]
        columns = zip(*made, strict=True)
        types = _types(pa)
        arrow = pa.table(
            {n: pa.array(list(c), types[n]) for n, c in zip(_NAMES, columns, strict=True)}
        )
        db.register("made", arrow)
        db.execute(f"INSERT INTO {side.name}_rows SELECT * FROM made")
        db.unregister("made")
        yield stop - start
    _distrust(db, side.name, "gtin" if kind == "release" else "isrc")


def _types(pa: Any) -> dict[str, Any]:
    types = dict.fromkeys(_NAMES, pa.string())
    return types | {
        "row": pa.int32(), "year": pa.int32(), "seconds": pa.float64(), "strange": pa.bool_(),
        "cut": pa.bool_(),
        "variants": pa.list_(pa.string()), "names": pa.list_(pa.string()),
        "name_bones": pa.list_(pa.string()),
    }  # fmt: skip


def _distrust(db: "duckdb.DuckDBPyConnection", name: str, code: str) -> None:
    """Take codes away that stand on three titles or more: placeholders, and labels' mistakes."""
    db.execute(
        f"UPDATE {name}_rows SET {code} = NULL WHERE {code} IN (SELECT {code} FROM {name}_rows "
        f"WHERE {code} IS NOT NULL GROUP BY {code} HAVING count(DISTINCT sq) > 2)"
    )


class _Reader:
    """Takes rows apart; what was read once is remembered."""

    def __init__(self, side: Side, kind: str) -> None:
        self.is_release = kind == "release"
        self.has = side.columns
        self.title = lru_cache(maxsize=1 << 17)(self._title)
        self.credit = lru_cache(maxsize=1 << 17)(read_credit)
        self.bones = lru_cache(maxsize=1 << 17)(skeleton)
        self.release = lru_cache(maxsize=1 << 17)(self._release)
        self.gtin = lru_cache(maxsize=1 << 17)(_gtin)

    def _title(self, text: str, artist: str) -> Title:
        return read_title(text, artist=artist, is_release=self.is_release)

    def _release(self, text: str) -> str | None:
        return squash(words(fold(text))) or None

    def row(self, number: int, values: Mapping[str, list[Any]], i: int) -> tuple[Any, ...]:
        """Give one row of the table."""
        raw_title = _text(values, "title", i)
        raw_artist = _text(values, "artist", i)
        title = self.title(raw_title, raw_artist if " - " in raw_title else "")
        credit: Credit = self.credit(raw_artist, title.guests)
        sq = squash(title.core)
        variants = dict.fromkeys([sq, squash(title.main), squash(title.aside)])
        version = title.version
        release = _text(values, "release", i)
        return (
            number, title.core or None, sq or None, [v for v in variants if v], title.numbers,
            not sq.isascii(), self.bones(sq) if sq else None,
            version.hard, version.hard_words, version.soft, version.soft_words,
            "|".join(credit.main) or None, "|".join(credit.everybody) or None,
            list(credit.everybody), [self.bones(name) for name in credit.everybody],
            _isrc(_text(values, "isrc", i)) or _isrc(_text(values, "id", i)),
            self.gtin(_text(values, "gtin", i)), _seconds(values, i), _year(values, i),
            self.release(release) if release else None, title.raw, title.is_cut,
            credit.bag or None,
        )  # fmt: skip


def _text(values: Mapping[str, list[Any]], what: str, i: int) -> str:
    value = values[what][i] if what in values else None
    if isinstance(value, list | tuple):
        value = " & ".join(map(str, value))
    text = value if isinstance(value, str) else "" if is_missing(value) else str(value)
    # Halves of letters, which a bad decoder leaves, are no text to a database.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _isrc(text: str) -> str | None:
    if not text:
        return None
    if not _ISRC.fullmatch(text):
        if not 12 <= len(text) <= 24:
            return None
        found = identify(text, "isrc")
        if not found.valid:
            return None
        text = found.value
    # Nothing but one digit is what people type where they have no code.
    return None if len(set(text[5:])) == 1 or len(set(text)) < 4 else text


def _gtin(text: str) -> str | None:
    found = identify(text, "gtin") if text else None
    if found is None or not found.valid or len(set(found.value[:-1])) < 3:
        return None
    return found.value


def _seconds(values: Mapping[str, list[Any]], i: int) -> float | None:
    for what, scale in (("duration_s", 1.0), ("duration_ms", 1e-3)):
        if what not in values or is_missing(values[what][i]):
            continue
        try:
            seconds = float(values[what][i]) * scale
        except (TypeError, ValueError):
            continue
        return seconds if _SECONDS[0] <= seconds <= _SECONDS[1] else None
    return None


def _year(values: Mapping[str, list[Any]], i: int) -> int | None:
    if "year" not in values:
        return None
    value = values["year"][i]
    if isinstance(value, dt.date):
        return None if is_missing(value) else value.year
    found = None if is_missing(value) else _YEAR.match(str(value))
    return int(found[0]) if found else None
