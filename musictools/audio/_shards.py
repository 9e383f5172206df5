"""Measured rows on disk: one small file each while a run goes on, one Parquet file at its end.

A row is keyed by the content of the recording and by the version of the descriptors, so that a
moved file is not measured again and an edited one is. Each shard is written whole under another
name and then renamed, so that whatever a killed run leaves behind can be trusted.
"""

import contextlib
import hashlib
import json
import shutil
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from musictools._files import replacing
from musictools.audio._descriptor import Value
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

#: Raised by hand whenever a descriptor changes its numbers.
REVISION = 1
ID, VERSION, PATH, ERROR = "recording_id", "features_version", "path", "error"
_BLOCK = 1 << 20

Row = dict[str, Value]


def features_version(names: Iterable[str]) -> str:
    """Name the numbers: the revision, and a checksum of the columns."""
    return f"{REVISION}-{zlib.crc32(' '.join(names).encode()):08x}"


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
    except OSError:
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

    def rows(self) -> dict[str, Row]:
        """Rows that a run before this one finished, by recording."""
        found = {}
        for path in self.folder.glob(f"*-{self._version}.json"):
            with contextlib.suppress(OSError, ValueError):
                found[path.name.split("-", 1)[0]] = json.loads(path.read_text("utf-8"))
        return found

    def clear(self) -> None:
        """Forget all rows."""
        shutil.rmtree(self.folder, ignore_errors=True)


def write_shard(path: Path, row: Mapping[str, Value]) -> None:
    """Write one row so that it is there whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(row), "utf-8")


def read_rows(out: Path, version: str, names: Iterable[str]) -> dict[str, Row]:
    """Read the rows of a finished table, by recording; none if it is of another version."""
    if not out.exists():
        return {}
    table = _read_table(out)
    table = table[table[ERROR].isna() & (table[VERSION] == version)]
    wanted = [name for name in names if name in table.columns]
    # Copies of one file have one id and the same numbers: the last one stands for all.
    rows = zip(table[ID], table[wanted].itertuples(index=False), strict=True)
    return {
        recording_id: dict(zip(wanted, map(_value, row), strict=True)) for recording_id, row in rows
    }


def check_target(out: Path) -> None:
    """Refuse to write where something else would be lost.

    Raises
    ------
    InputError
        If the name is no Parquet name, or the file is no features table.
    """
    if out.suffix.lower() not in {".parquet", ".pq"} or out.is_dir():
        raise InputError(
            "write the features table",
            got=f"out={str(out)!r}" + (", a folder" if out.is_dir() else ""),
            expected="a name that ends in .parquet",
            hint=f"out={str(out.with_suffix('.parquet'))!r}, and .to_csv() for a CSV file",
        )
    if out.exists():
        _read_table(out)


def write_table(out: Path, table: "pd.DataFrame") -> None:
    """Write the table so that it is there whole or not at all."""
    with replacing(out) as temporary:
        table.to_parquet(temporary, index=False)


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
