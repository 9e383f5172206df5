"""Makes the function that reads files of one format, from what the format says of itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from musictools.collect.imports._format import Format
from musictools.collect.imports._imported import Imported

if TYPE_CHECKING:
    from musictools.collect.imports._into import Into


class Reader(Protocol):
    """A function that reads files of one format."""

    def __call__(
        self,
        path: str | Path,
        *,
        into: "Into" = None,
        decimal: str | None = None,
        day_first: bool | None = None,
        encoding: str | None = None,
        constants: Mapping[str, object] | None = None,
        private: bool = False,
        progress: bool | None = None,
    ) -> Imported:
        """Read a file."""
        ...


def reader(chosen: Format, *, simulated: str = "") -> Reader:
    """Make the function that reads files of one format; its documentation is the format's own.

    Parameters
    ----------
    chosen : Format
        The format.
    simulated : str
        Name of a simulated export for its example, if it has none of its own.
    """

    def read_one(
        path: str | Path,
        *,
        into: "Into" = None,
        decimal: str | None = None,
        day_first: bool | None = None,
        encoding: str | None = None,
        constants: Mapping[str, object] | None = None,
        private: bool = False,
        progress: bool | None = None,
    ) -> Imported:
        # Rooms of formats are listed by the room that reads any of them.
        from musictools.collect.imports._read import read

        return read(
            path,
            into=into,
            format=chosen.name,
            decimal=decimal,
            day_first=day_first,
            encoding=encoding,
            constants=constants,
            private=private,
            progress=progress,
        )

    read_one.__name__ = read_one.__qualname__ = f"read_{chosen.name}"
    read_one.__doc__ = _document(chosen, simulated or chosen.name)
    return read_one


def _document(chosen: Format, simulated: str) -> str:
    notes = "".join(f"\n* {note}" for note in chosen.notes)
    seen = "".join(f"\n* {each.where} (read on {each.read_on})" for each in chosen.evidence)
    return f"""Read {chosen.title}.

Where to download it: {chosen.where}

Parameters
----------
path : path-like
    A file, a folder, or a zip archive or gzip file as it was downloaded.
into : path-like, duckdb.DuckDBPyConnection or Store, optional
    A DuckDB database, for files that are larger than memory; see `read`.
decimal : str, optional
    ``"."`` or ``","``, for files whose numbers do not tell which they use.
day_first : bool, optional
    Whether 03/04 is the third of April, for files whose dates do not tell.
encoding : str, optional
    Such as ``"latin-1"``; by default the content tells.
constants : mapping of str to object, optional
    Columns of the table that the file does not tell, or tells otherwise.
private : bool
    Whether to keep what is nobody else's business.
progress : bool, optional
    None shows a progress bar when a person watches.

Returns
-------
Imported
    The ``{chosen.kind}`` table, the lines that gave no row with the reason of each, and the sums.

Raises
------
ExportError
    If it is no file of this format, or cannot be understood.

Notes
-----
Columns of the table: {", ".join(chosen.columns)}.
{notes}

Its header was seen in:
{seen}

Examples
--------
>>> import tempfile, musictools as mt
>>> folder = tempfile.TemporaryDirectory()
>>> made = mt.datasets.simulate_exports(folder.name, formats="{simulated}")["{simulated}"]
>>> mt.collect.read_{chosen.name}(made.path).kind
'{chosen.kind}'
>>> folder.cleanup()
"""
