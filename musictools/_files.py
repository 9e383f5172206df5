"""Writing files that are there whole or not at all."""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name beside ``path``, and rename it to ``path`` if all goes well.

    Parameters
    ----------
    path : pathlib.Path
        Where the file is wanted; its folder is made.

    Yields
    ------
    pathlib.Path
        Where to write. The suffix stays the same, for writers that go by it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(6)}{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
