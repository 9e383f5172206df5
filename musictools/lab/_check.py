"""Run a notebook through a real JupyterLab server, from start to stop."""

import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from musictools.errors import MusictoolsError
from musictools.lab._folder import find_notebook
from musictools.lab._kernel import CellError, Kernel, code_cells, kernel_for
from musictools.lab._server import serving

_log = logging.getLogger("musictools")
_START_S = 120.0


@dataclass(frozen=True)
class LabCheck:
    """What a laboratory check found.

    Attributes
    ----------
    notebook : pathlib.Path
        The notebook that was run.
    cells : int
        Code cells that ran without an error.
    of : int
        Code cells in the notebook.
    error : str or None
        The first error with its cell, or None.
    seconds_s : float
        From start to stop, in seconds.
    """

    notebook: Path
    cells: int
    of: int
    error: str | None
    seconds_s: float

    @property
    def passed(self) -> bool:
        """Whether every cell ran."""
        return self.error is None and self.cells == self.of


def check(
    notebook: str | os.PathLike[str] | None = None,
    *,
    timeout_s: float = 600.0,
    tell: Callable[[str], None] | None = None,
) -> LabCheck:
    """Start JupyterLab, run a notebook through it, and stop it again.

    The server runs on a free loopback port with private folders, on a copy of the notebook's
    folder: neither the reader's settings nor the notebook change.

    Parameters
    ----------
    notebook : path-like, optional
        A file, or the name or number of a shipped notebook; the first one by default.
    timeout_s : float
        Seconds that all its cells together may take, above 0.
    tell : callable, optional
        Gets one line per step; by default the log.

    Returns
    -------
    LabCheck
        ``passed``, and the first error if there was one.

    Raises
    ------
    MissingExtraError
        If JupyterLab is not installed.
    InputError
        If there is no such notebook.
    MusictoolsError
        If the server does not come up, or lets strangers in.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.lab.check("00").passed  # doctest: +SKIP
    True
    """
    start = time.monotonic()
    say = tell or _log.info

    def lap(words: str) -> None:
        say(f"[{time.monotonic() - start:5.1f} s] {words}")

    path = find_notebook(None if notebook is None else Path(notebook), copied=False)
    cells = code_cells(path)
    with tempfile.TemporaryDirectory(prefix="musictools-lab-", ignore_cleanup_errors=True) as home:
        work = Path(home, "work")
        shutil.copytree(path.parent, work, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        with serving(work, private=Path(home), timeout_s=_START_S) as server:
            _check_doors(server.ask, refuses=server.refuses_strangers())
            lap("JupyterLab answers with its token, and refuses without")
            end = time.monotonic() + timeout_s
            with kernel_for(server, path.name, end=end) as kernel:
                lap(f"kernel started, {len(cells)} code cells to run")
                done, error = _run_cells(kernel, cells)
            lap(f"{done} of {len(cells)} cells ran")
    lap("JupyterLab stopped")
    return LabCheck(path, done, len(cells), error, time.monotonic() - start)


def _run_cells(kernel: Kernel, cells: list[tuple[int, str, bool]]) -> tuple[int, str | None]:
    for number, source, may_fail in cells:
        lost = False
        try:
            trouble = kernel.run(source)
        except CellError as failure:
            # A kernel that is lost was never meant to be, whatever the cell may do.
            trouble, lost = str(failure), True
        if trouble and (lost or not may_fail):
            return number - 1, f"cell {number}: {trouble}\n    {source.strip().splitlines()[0]}"
    return len(cells), None


def _check_doors(ask: Callable[[str], object], *, refuses: bool) -> None:
    ask("/lab")
    if not refuses:
        raise MusictoolsError(
            "check the laboratory",
            got="an answer without the token",
            expected="a refusal",
            hint="look for a Jupyter configuration that switches the token off: jupyter --paths",
        )
