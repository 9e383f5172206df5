"""read_table(): any table of cells, by a mapping of its columns."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from musictools.collect.imports._field import Options
from musictools.collect.imports._format import Format, plain
from musictools.collect.imports._formats import FORMATS
from musictools.collect.imports._grid import Grid, best_header, grids, nearest
from musictools.collect.imports._guess import GuessedMapping, guess_mapping
from musictools.collect.imports._imported import Imported
from musictools.collect.imports._mapping import KINDS, constant_text, format_of, guess_kind
from musictools.collect.imports._read import bring_in, recognise
from musictools.collect.imports._sniff import Layout
from musictools.errors import ExportError, closest

if TYPE_CHECKING:
    from musictools.collect.imports._into import Into


def read_table(  # noqa: PLR0913 - what a file may not tell of itself
    path: str | Path,
    *,
    mapping: Mapping[str, str] | str | None = None,
    kind: str | None = None,
    constants: Mapping[str, object] | None = None,
    into: "Into" = None,
    decimal: str | None = None,
    day_first: bool | None = None,
    encoding: str | None = None,
    progress: bool | None = None,
) -> Imported:
    r"""Read any table of cells, by saying which of its columns is which of ours.

    Parameters
    ----------
    path : path-like
        CSV, or separated by tabs, semicolons or bars; a workbook (xlsx); or a folder, a zip archive
        or a gzip file of such. Lines above the header are passed over.
    mapping : mapping of str to str, or str
        Columns of ours to columns of the file, such as ``{"period": "Month", "net": "Amount"}``;
        ``mt.tables.describe(kind)`` lists ours, and others are kept as texts.
        ``{"metric:streams": "Streams", "metric:saves": "Saves"}`` gives observations of each. The
        result of `guess_mapping`, once you have looked at it; or the name of a format, such as
        ``"bds"``, whose columns are tried.
    kind : str, optional
        Which table it is: ``royalties``, ``observations``, ``plays``, ``airplay``, ``spend`` or
        ``works``. By default the columns tell.
    constants : mapping of str to object, optional
        What to put into columns that the file has not, such as
        ``{"payer": "Acme", "currency": "EUR"}``.
    into : path-like, duckdb.DuckDBPyConnection or Store, optional
        A DuckDB database, for files that are larger than memory; see `read`.
    decimal : str, optional
        ``"."`` or ``","``, for files whose numbers do not tell which they use.
    day_first : bool, optional
        Whether 03/04 is the third of April, for files whose dates do not tell.
    encoding : str, optional
        Such as ``"latin-1"``; by default the content tells.
    progress : bool, optional
        None shows a progress bar when a person watches.

    Returns
    -------
    Imported
        The table, the lines that gave no row with the reason of each, and the sums.

    Raises
    ------
    ExportError
        If there is no mapping (the hint is a guess of it), the file has not the columns, the table
        would lack some, or it cannot be told how numbers or dates are written.

    Notes
    -----
    Amounts are exact. Days, months and quarters are read in any of the usual ways, and the rows of
    the file tell in which. What follows is filled in: of gross, fees and net (gross - fees = net)
    one is enough; ``statement`` is the name of the file, ``user_id`` is ``me``, ``entity_id`` and
    the ``recording_id`` of airplay are the ISRC, else artist and title. Lengths are seconds, also
    where they are written ``3:25``, and milliseconds where the column's name has ``ms``. The shares
    of a work are made to sum to one. A line that begins with Total and has no day sums up: it is
    held against the others.

    Examples
    --------
    >>> import pathlib, tempfile, musictools as mt
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "acme.csv")
    >>> _ = path.write_text("Monat;Titel;Betrag\n03.2025;Song;1.234,50\n")
    >>> statement = mt.collect.read_table(
    ...     path,
    ...     mapping={"period": "Monat", "title": "Titel", "net": "Betrag"},
    ...     constants={"payer": "Acme", "currency": "EUR"},
    ... )
    >>> statement.table[["period", "title", "net"]].values.tolist()
    [['2025-03', 'Song', Decimal('1234.50')]]
    >>> folder.cleanup()
    """
    where, told = Path(path), dict(constants or {})
    options = Options(decimal, day_first)
    if mapping is None:
        raise _no_mapping(where, kind)
    if isinstance(mapping, str):
        parts, unknown = recognise(where, mapping, encoding)
        chosen = replace(options, constants=_texts(told, parts[0][0]))
    else:
        if isinstance(mapping, GuessedMapping):
            kind = kind or mapping.kind
            told = dict(mapping.constants) | told
        parts, unknown = lay_out_table(where, mapping, kind, told, encoding)
        chosen = options
    return bring_in(parts, unknown, into=into, options=chosen, private=False, progress=progress)


def _texts(constants: Mapping[str, object], chosen: Format) -> dict[str, str]:
    """Give constants as texts, if they can stand in the columns of a format's table."""
    return {name: constant_text(name, value, chosen.kind) for name, value in constants.items()}


def lay_out_table(
    path: Path,
    mapping: Mapping[str, str],
    kind: str | None,
    constants: Mapping[str, object],
    encoding: str | None,
) -> tuple[list[tuple[Format, Layout]], list[str]]:
    """Make a format of a mapping, and find the files that have its columns."""
    named = [*mapping, *constants]
    chosen = format_of(mapping, _known(kind) if kind else guess_kind(named), constants)
    wanted = list(dict.fromkeys(mapping.values()))
    parts: list[tuple[Format, Layout]] = []
    others: list[tuple[str, Grid | None, list[str]]] = []
    for member, rows in grids(path, encoding):
        grid, missing = nearest(rows, wanted)
        if grid is None or missing:
            others.append((member.name, grid or best_header(rows), missing))
        else:
            parts.append((replace(chosen, parse=grid.parse), grid.layout))
    if parts:
        return parts, [name for name, _, _ in others]
    if not others:
        raise _nothing(path)
    raise _lacks(*min(others, key=lambda some: len(some[2])))


def _known(kind: str) -> str:
    if kind in KINDS:
        return kind
    raise ExportError(
        "read a table", got=f"kind={kind!r}", expected="a table", hint=closest(kind, KINDS)
    )


def _nothing(path: Path) -> ExportError:
    return ExportError(
        f"read {path.name}",
        got="nothing in it",
        expected="a table of cells with a header",
        hint="download it again",
    )


def _lacks(name: str, grid: Grid | None, missing: Sequence[str]) -> ExportError:
    """Say which columns a file has not, and which it may mean."""
    header = list(grid.header) if grid is not None else []
    if not header:
        return _nothing(Path(name))
    plainly = {plain(each): each for each in header}
    near = {
        each: plainly[found[0]]
        for each in missing
        if (found := difflib.get_close_matches(plain(each), plainly, n=1, cutoff=0.5))
    }
    hint = ", ".join(f"{there!r} in place of {each!r}" for each, there in near.items())
    return ExportError(
        f"read {name}",
        got=f"no column {', '.join(map(repr, missing))} among {', '.join(map(repr, header))}",
        expected="the columns of the mapping",
        hint=hint or "mapping=mt.collect.guess_mapping(path)",
    )


def _no_mapping(path: Path, kind: str | None) -> ExportError:
    guess = guess_mapping(path, kind=kind)
    return ExportError(
        f"read {path.name}",
        got="no mapping",
        expected=f"mapping={{our column: its column}} for the table {guess.kind!r}, or the name of "
        f"one of {len(FORMATS)} formats",
        hint=f"this guess, once you have looked at it: {guess.code}",
    )
