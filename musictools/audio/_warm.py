"""Compiled loops, made once for a machine and not once for each worker."""

import contextlib
import hashlib
import importlib
import logging
import pkgutil
from importlib.metadata import version
from pathlib import Path

from musictools import _workers
from musictools._files import replacing
from musictools._paths import cache_dir

_log = logging.getLogger("musictools")


def warm() -> None:
    """Compile every kernel, or load it from numba's cache, and remember that it was done."""
    for name in _modules():
        importlib.import_module(name)
    # Where nothing can be kept, the next run asks again, and numba's own cache answers.
    with contextlib.suppress(OSError), replacing(_note()) as temporary:
        temporary.touch()


def is_warm() -> bool:
    """Whether the kernels as they are were compiled on this machine, with this numba, before."""
    try:
        return _note().exists()
    except OSError:
        return False


def compile_once() -> None:
    """Have one process compile the kernels where none has, rather than each worker its own."""
    if is_warm():
        return
    for outcome in _workers.run("musictools.audio._warm:warm", [{}], jobs=1):
        if outcome.error is not None:
            _log.warning("kernels are not compiled yet: %s", outcome.error)


def _modules() -> list[str]:
    package = importlib.import_module("musictools.audio")
    found = pkgutil.iter_modules(package.__path__, "musictools.audio.")
    return sorted(m.name for m in found if m.name.endswith("_kernels"))


def _note() -> Path:
    """Name the file that stands for this code, and for what compiles it."""
    seen = hashlib.blake2b(version("numba").encode(), digest_size=8)
    here = Path(__file__).parent
    seen.update(str(here).encode())
    for path in sorted(here.glob("*_kernels.py")):
        seen.update(path.read_bytes())
    return cache_dir() / "kernels" / seen.hexdigest()
