"""Where the notebooks stand: in the checkout, or copied from the installed package."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from musictools._files import replacing
from musictools._paths import share_dir
from musictools.errors import InputError, MusictoolsError, closest

COPY_NAME = "musictools-notebooks"
FIRST = "00-start-here.ipynb"
_RECORD = ".shipped.json"


def notebook_folder(*, parent: Path | None = None) -> Path:
    """Give the folder of notebooks to work in, and fill it where there is none.

    Parameters
    ----------
    parent : Path, optional
        Where the copy of an installed package goes; the working directory by default.

    Returns
    -------
    Path
        The checkout's own folder, or ``musictools-notebooks`` with a copy of the shipped ones.
    """
    shipped = share_dir("notebooks")
    if shipped.parent.name != "_share":
        return shipped
    return copy_notebooks(shipped, (parent or Path.cwd()) / COPY_NAME)


def shipped_folder() -> Path:
    """Give the folder of notebooks to read from, which is never written to."""
    return share_dir("notebooks")


def copy_notebooks(shipped: Path, folder: Path) -> Path:
    """Copy the notebooks that are new, and their README; never touch what the reader changed."""
    sources = [*sorted(shipped.glob("*.ipynb")), *shipped.glob("README.md")]
    files = {one.name: one.read_bytes() for one in sources if not one.name.startswith(".")}
    place_files(files, folder)
    return folder


def place_files(files: Mapping[str, bytes], folder: Path) -> tuple[list[str], list[str]]:
    """Write files into a folder, and never over what the reader wrote.

    A file is replaced only while it is byte for byte what was written here earlier.

    Parameters
    ----------
    files : mapping of str to bytes
        Path within the folder, with slashes, to content.
    folder : Path
        Made where it is missing.

    Returns
    -------
    written, kept : list of str
        What is now as given, and what is the reader's and stayed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    record_path = folder / _RECORD
    record = _read_record(record_path)
    written: list[str] = []
    kept: list[str] = []
    for name, content in files.items():
        target, fresh = folder / name, hashlib.sha256(content).hexdigest()
        there = _digest(target) if target.exists() else None
        # Who has the same already has nothing to lose.
        ours = there in (None, fresh, record.get(name))
        if ours:
            with replacing(target) as path:
                path.write_bytes(content)
            record[name] = fresh
        (written if ours else kept).append(name)
    with replacing(record_path) as path:
        path.write_text(json.dumps(record, indent=1), encoding="utf-8")
    return written, kept


def find_notebook(name: str | Path | None, *, copied: bool = True) -> Path:
    """Find a notebook by path, by name, or by the number it begins with.

    Parameters
    ----------
    name : str or Path, optional
        The first notebook by default.
    copied : bool
        Whether the reader works in it: that of an installed package is then a copy in the
        working directory. Otherwise it is the shipped one, and nothing is written.

    Raises
    ------
    InputError
        If there is none.
    """
    if name is not None and Path(name).suffix == ".ipynb" and Path(name).is_file():
        return Path(name).resolve()
    folder = notebook_folder() if copied else shipped_folder()
    names = sorted(path.name for path in folder.glob("*.ipynb"))
    if not names:
        raise MusictoolsError(
            "open a notebook",
            got=f"none in {folder}",
            expected=f"{FIRST} and its fellows",
            hint="musictools lab PATH.ipynb",
        )
    wanted = FIRST if name is None else str(name)
    found = [one for one in names if one in (wanted, f"{wanted}.ipynb")]
    found = found or [one for one in names if one.startswith(f"{wanted}-")]
    if name is None and not found:
        found = names
    if not found:
        raise InputError(
            "open a notebook",
            got=wanted,
            expected=f"a file, or one of {len(names)} in {folder}",
            hint=closest(wanted, names),
        )
    return folder / found[0]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read_record(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
