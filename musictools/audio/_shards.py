"""Measured rows on disk: one small file each while a run goes on, one Parquet file at its end.

A row is keyed by the content of the recording and by the version of the descriptors, so that a
moved file is not measured again and an edited one is. Each shard is written whole under another
name and then renamed, so that whatever a killed run leaves behind can be trusted.
"""

import contextlib
import hashlib
import json
import logging
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from musictools._files import replacing
from musictools.audio._descriptor import Value
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

ID, VERSION, PATH, ERROR = "recording_id", "features_version", "path", "error"
_BLOCK = 1 << 20
_log = logging.getLogger("musictools")

Row = dict[str, Value]


def features_version(revision: str, names: Iterable[str]) -> str:
    """Name the numbers: the revision of the engine, and a checksum of the columns."""
    return f"{revision}-{zlib.crc32(' '.join(names).encode()):08x}"


def content_id(path: str) -> str | None:
    """Name a file by its content; None if it cannot be read."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        # A pipe or device would never end.
        if not Path(path).is_file():
            return None
        with Path(path).open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return None
    return digest.hexdigest()


class Shards:
    """The rows of one run, in a folder beside its table.

    Parameters
    ----------
    out : pathlib.Path
        The Parquet file that the run will end in.
    version : str
        Rows of any other version are passed over.
    """

    def __init__(self, out: Path, version: str) -> None:
        self.folder = out.with_name(out.name + ".parts")
        self._version = version

    def path(self, recording_id: str) -> Path:
        """Place of one row."""
        return self.folder / f"{recording_id}-{self._version}.json"

    def rows(self, names: Iterable[str]) -> dict[str, Row]:
        """Rows that a run before this one finished, by recording."""
        found, wanted = {}, set(names)
        for path in self.folder.glob(f"*-{self._version}.json"):
            with contextlib.suppress(OSError, ValueError):
                row = json.loads(path.read_text("utf-8"))
                if isinstance(row, dict) and set(row) == wanted:
                    found[path.name.split("-", 1)[0]] = row
        return found

    def clear(self, recording_ids: Iterable[str]) -> None:
        """Forget the rows of some recordings; another run may still need the others."""
        for recording_id in recording_ids:
            with contextlib.suppress(OSError):
                self.path(recording_id).unlink()
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def write_shard(path: Path, row: Mapping[str, Value]) -> None:
    """Write one row so that it is there whole or not at all."""
    for _ in range(2):
        # Another run may have removed the folder that it thought empty: make it again.
        with contextlib.suppress(FileNotFoundError), replacing(path) as temporary:
            temporary.write_text(json.dumps(row), "utf-8")
            return


def known_rows(table: "pd.DataFrame | None", version: str, names: Iterable[str]) -> dict[str, Row]:
    """Take the rows of an earlier table, by recording; none of another version."""
    if table is None:
        return {}
    table = table[table[ERROR].isna() & (table[VERSION] == version)]
    wanted = [name for name in names if name in table.columns]
    # Column by column, since a row of three thousand columns takes pandas long to make.
    rows = zip(*(table[name].tolist() for name in wanted), strict=True)
    # Copies of one file have one id and the same numbers: the last one stands for all.
    return {
        recording_id: dict(zip(wanted, map(_value, row), strict=True))
        for recording_id, row in zip(table[ID], rows, strict=True)
    }


def check_target(out: Path) -> "pd.DataFrame | None":
    """Refuse, before any work, to write where it cannot be done or something would be lost.

    Parameters
    ----------
    out : pathlib.Path
        Where the table is wanted.

    Returns
    -------
    pandas.DataFrame or None
        The features table of an earlier run that stands there.

    Raises
    ------
    InputError
        If the name is no Parquet name, the file is no features table, or the folder cannot be
        written to.
    """
    if out.suffix.lower() not in {".parquet", ".pq"} or out.is_dir():
        raise InputError(
            "write the features table",
            got=f"{str(out)!r}" + (", a folder" if out.is_dir() else ""),
            expected="a name that ends in .parquet",
            hint="features.parquet; for CSV, --csv at the command line or .to_csv() in Python",
        )
    try:
        with contextlib.suppress(_Rehearsed), replacing(out) as temporary:
            temporary.touch()
            raise _Rehearsed
    except OSError as error:
        raise _cannot_write(out, error) from error
    return _read_table(out) if out.exists() else None


def write_table(out: Path, table: "pd.DataFrame", earlier: "pd.DataFrame | None") -> None:
    """Write the table so that it is there whole or not at all, and lose no row of an earlier one.

    Parameters
    ----------
    out : pathlib.Path
        Where.
    table : pandas.DataFrame
        The rows of this run.
    earlier : pandas.DataFrame or None
        What stood there before; kept beside it if it holds a recording that the table lacks.
    """
    try:
        if earlier is not None and _measured(earlier) - _measured(table):
            kept = out.with_name(f"{out.stem}.previous{out.suffix}")
            out.replace(kept)
            _log.warning("%s held recordings that are not in this run: kept as %s", out, kept)
        with replacing(out) as temporary:
            table.to_parquet(temporary, index=False)
    except OSError as error:
        raise _cannot_write(out, error) from error


class _Rehearsed(Exception):  # noqa: N818 - no error: it ends the rehearsal before the renaming
    """Nothing is renamed."""


def _measured(table: "pd.DataFrame") -> set[str]:
    return set(table.loc[table[ERROR].isna(), ID])


def _cannot_write(out: Path, error: OSError) -> InputError:
    return InputError(
        f"write the features table {str(out)!r}",
        got=error.strerror or str(error),
        expected="a folder that can be written to, with room on its disk",
        hint="another place for the table; what was measured so far is kept where it could be",
    )


def _read_table(out: Path) -> "pd.DataFrame":
    import pandas as pd
    import pyarrow as pa

    try:
        table = pd.read_parquet(out)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise _not_ours(out, f"a file that is no Parquet ({error})") from error
    missing = {ID, VERSION, ERROR} - set(table.columns)
    if missing:
        raise _not_ours(out, f"a table without {', '.join(sorted(missing))}")
    return table


def _not_ours(out: Path, got: str) -> InputError:
    return InputError(
        f"write the features table {str(out)!r}",
        got=got,
        expected="no file there, or a features table of an earlier run",
        hint="pass another out=, or move that file away",
    )


def _value(stored: object) -> Value:
    # A missing word comes back from Parquet as NaN, which the table takes for missing too.
    return stored if stored is None or isinstance(stored, str) else float(stored)  # type: ignore[arg-type]  # a number
