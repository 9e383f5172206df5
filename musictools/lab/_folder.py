"""Where the notebooks stand: in the checkout, or copied from the installed package."""

import hashlib
import json
import shutil
from pathlib import Path

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


def copy_notebooks(shipped: Path, folder: Path) -> Path:
    """Copy what is new; never touch what the reader changed.

    A file is replaced only while it is byte for byte what was copied here earlier.
    """
    folder.mkdir(parents=True, exist_ok=True)
    record_path = folder / _RECORD
    record = _read_record(record_path)
    for source in sorted(path for path in shipped.rglob("*") if path.is_file()):
        name = source.relative_to(shipped)
        if any(part.startswith((".", "__")) for part in name.parts):
            continue
        target, fresh = folder / name, _digest(source)
        if target.exists() and _digest(target) != record.get(name.as_posix()):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        record[name.as_posix()] = fresh
    record_path.write_text(json.dumps(record, indent=1), encoding="utf-8")
    return folder


def find_notebook(name: str | Path | None, *, parent: Path | None = None) -> Path:
    """Find a notebook by path, by name, or by the number it begins with.

    Raises
    ------
    InputError
        If there is none.
    """
    if name is not None and Path(name).suffix == ".ipynb" and Path(name).is_file():
        return Path(name).resolve()
    folder = notebook_folder(parent=parent)
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
