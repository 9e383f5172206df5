"""read(): the one door for every file that people download."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from musictools.collect._store import Store
from musictools.collect.imports import _into, _into_store
from musictools.collect.imports._field import Options
from musictools.collect.imports._format import Format
from musictools.collect.imports._formats import FORMATS
from musictools.collect.imports._imported import Imported
from musictools.collect.imports._mapping import constant_text
from musictools.collect.imports._sheet import is_workbook, sheets_of
from musictools.collect.imports._sniff import Layout, lacking, sniff
from musictools.collect.imports._unpack import Member, decoded, encoding_of, known_encoding, members
from musictools.errors import ExportError, closest

if TYPE_CHECKING:
    from musictools.collect.imports._into import Into


def read(  # noqa: PLR0913 - what a file may not tell of itself
    path: str | Path,
    *,
    into: "Into" = None,
    format: str | None = None,  # noqa: A002 - the word that everybody uses
    decimal: str | None = None,
    day_first: bool | None = None,
    encoding: str | None = None,
    constants: Mapping[str, object] | None = None,
    private: bool = False,
    progress: bool | None = None,
) -> Imported:
    """Read a file that was downloaded from a platform, a payer or a society.

    Parameters
    ----------
    path : path-like
        A file, a folder, or a zip archive or gzip file as it was downloaded. Of files that are the
        same byte for byte one is read, and the others are among the problems.
    into : path-like, duckdb.DuckDBPyConnection or Store, optional
        A DuckDB database (made if need be), for files that are larger than memory: the view of
        their kind, such as ``royalties``, shows the rows, in no order, and what was read of the
        same files before, one by one or with others of these, is replaced; a file that has changed
        since is another one, and its old rows stay. A connection must have no transaction open. A
        collector's `Store` takes observations: the table then holds the numbers that it did not
        have yet, or other ones.
    format : str, optional
        Name in `formats`; by default the content tells.
    decimal : str, optional
        ``"."`` or ``","``, for files whose numbers do not tell which they use.
    day_first : bool, optional
        Whether 03/04 is the third of April, for files whose dates do not tell.
    encoding : str, optional
        Such as ``"latin-1"``; by default the content tells.
    constants : mapping of str to object, optional
        Columns of the table that the file does not tell, or tells otherwise, such as
        ``{"entity_id": "A01"}`` for a dashboard that only says "me".
    private : bool
        Whether to keep what is nobody else's business: addresses, devices, names of buyers.
    progress : bool, optional
        None shows a progress bar when a person watches, and the file is large.

    Returns
    -------
    Imported
        The table, the lines that gave no row with the reason of each, and the sums.

    Raises
    ------
    ExportError
        If it is no file of a known format, a column is missing, or it cannot be told how its
        numbers or dates are written.

    Examples
    --------
    >>> import tempfile, musictools as mt
    >>> folder = tempfile.TemporaryDirectory()
    >>> made = mt.datasets.simulate_exports(folder.name, formats="distrokid")["distrokid"]
    >>> statement = mt.collect.read(made.path)
    >>> statement.kind, statement.format, len(statement.problems)
    ('royalties', 'distrokid', 0)
    >>> folder.cleanup()
    """
    parts, unknown = recognise(Path(path), format, encoding)
    kind = parts[0][0].kind
    told = {name: constant_text(name, value, kind) for name, value in (constants or {}).items()}
    options = Options(decimal, day_first, told)
    return bring_in(
        parts,
        unknown,
        into=into,
        options=options,
        private=private,
        progress=progress,
    )


def recognise(
    path: Path, name: str | None, encoding: str | None
) -> tuple[list[tuple[Format, Layout]], list[str]]:
    """Tell the format of a file, and lay it out; name the files of an archive that are others."""
    encoding = known_encoding(encoding)
    found: dict[str, list[tuple[Format, Layout]]] = {}
    unknown, doubtful = [], []
    for member in members(path):
        among = FORMATS[_known(name)] if name is not None else _readable(member.name)
        told = [_best(member, among, encoding)]
        # What is handed out as a table of text may be had as a workbook too.
        told = told if told[0] else [_best(each, among, encoding) for each in sheets_of(member)]
        if not any(told):
            unknown.append(member.name)
        doubtful += [(member.name, best) for best in told if len(best) > 1]
        for format_name, part in (pair for best in told if len(best) == 1 for pair in best.items()):
            found.setdefault(format_name, []).append(part)
    for file, best in doubtful:
        # The files beside it may tell what it is.
        others = [each for each in best if each in found]
        if len(others) != 1:
            raise _several(file, sorted(best))
        found[others[0]].append(best[others[0]])
    if not found:
        raise _unknown(path, name)
    if len(found) > 1:
        counts = ", ".join(f"{len(some)} of {each}" for each, some in found.items())
        raise ExportError(
            f"tell the format of {path.name}",
            got=f"files of several formats: {counts}",
            expected="files of one",
            hint=f"format={next(iter(found))!r}, and then the others",
        )
    (parts,) = found.values()
    return parts, unknown


def _best(
    member: Member, among: Sequence[Format], encoding: str | None
) -> dict[str, tuple[Format, Layout]]:
    """Give what a file is, by name; several where nothing in it tells."""
    fitting = sniff(member, among, encoding)
    # Of layouts of one format the first stands.
    return {each.name: (each, lay) for n, each, lay in reversed(fitting) if n == fitting[0][0]}


def _several(file: str, names: list[str]) -> ExportError:
    return ExportError(
        f"tell the format of {file}",
        got=f"a file that may be of {' or '.join(names)}: nothing in it tells",
        expected="one format; or a folder whose other files tell",
        hint=" or ".join(f"format={name!r}" for name in names),
    )


def _readable(file: str) -> list[Format]:
    every = (each for some in FORMATS.values() for each in some)
    own = [each for each in every if each.verified and each.guessed]
    return [each for each in own if re.search(each.called, file, re.IGNORECASE)]


def _known(name: str) -> str:
    if name in FORMATS:
        return name
    raise ExportError(
        "read a file",
        got=f"format={name!r}",
        expected="a name in mt.collect.formats()",
        hint=closest(name, FORMATS),
    )


def _unknown(path: Path, name: str | None) -> ExportError:
    kinds = f"a file of {FORMATS[name][0].title}" if name else "a format of mt.collect.formats()"
    some = next(iter(members(path)), None)
    first = ""
    if some is not None and is_workbook(some):
        some = next(iter(sheets_of(some)), None)
    if some is not None:
        near = lacking(some, FORMATS[name] if name else _readable(some.name))
        if near is not None and (name or len(near[1]) == 1):
            return _changed(path, *near)
        head = some.head()
        first = decoded(head, encoding_of(head)).lstrip().split("\n", 1)[0][:200]
        if "\0" in first:
            raise ExportError(
                f"read {path.name}",
                got="a file that is no text",
                expected=kinds,
                hint="mt.audio.quality(path) for a recording",
            )
    return ExportError(
        f"read {path.name}",
        got=f"a file that begins with {first!r}" if first else "an empty file",
        expected=kinds,
        hint="mt.collect.read_table(path, mapping=mt.collect.guess_mapping(path))",
    )


def _changed(path: Path, near: Format, missing: Sequence[str]) -> ExportError:
    return ExportError(
        f"read {path.name} as {near.name}",
        got=f"no column {' and '.join(map(repr, missing))}",
        expected=f"the columns of {near.title}",
        hint="download it again in English and unedited; or "
        "mt.collect.read_table(path, mapping=mt.collect.guess_mapping(path))",
    )


def bring_in(
    parts: Sequence[tuple[Format, Layout]],
    unknown: Sequence[str],
    *,
    into: "Into",
    options: Options,
    private: bool,
    progress: bool | None,
) -> Imported:
    """Read files that are laid out into a table.

    Parameters
    ----------
    parts : sequence of (Format, Layout)
        The files, and what each is.
    unknown : sequence of str
        Files beside them that are of no known format.
    into : path-like, duckdb.DuckDBPyConnection, Store or None
        Where to.
    options : Options
        What the reader said.
    private : bool
        Whether private columns are wanted.
    progress : bool or None
        Whether to show how far it is.
    """
    store = into if isinstance(into, Store) else None
    if store is not None:
        _into_store.check_kind(parts[0][0].kind, parts[0][1].member.name)
    with tempfile.TemporaryDirectory(prefix="musictools-") as scratch:
        read = _into.run(
            parts,
            unknown,
            into=into if store is None else None,
            options=options,
            private=private,
            progress=progress,
            scratch=Path(scratch),
        )
    return read if store is None else _into_store.keep(read, store)
