"""Where musictools keeps and finds its own files."""

import os
from pathlib import Path

import platformdirs

from musictools.errors import MusictoolsError

DATA_DIR_VARIABLE = "MUSICTOOLS_DATA_DIR"


def cache_dir(*parts: str) -> Path:
    """Folder for what can be made again: ``MUSICTOOLS_DATA_DIR``, or the platform's cache.

    The folder is not created.
    """
    base = os.environ.get(DATA_DIR_VARIABLE) or platformdirs.user_cache_dir(
        "musictools", appauthor=False
    )
    return Path(base).expanduser().joinpath(*parts)


def share_dir(name: str) -> Path:
    """Folder of shipped files: inside the wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent
    for folder in (package / "_share" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise MusictoolsError(
        f"find the shipped folder {name!r}",
        got=f"nothing in {package}",
        expected="an installed wheel or a checkout",
        hint="install musictools-research again",
    )
