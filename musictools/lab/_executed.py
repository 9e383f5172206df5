"""Notebooks that were run, kept with a note of what was run and how it went."""

import hashlib
import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from musictools import _optional
from musictools._files import replacing
from musictools._version import __version__

_PURPOSE = "build the gallery"
#: Where the note stands in the metadata of a notebook that was run.
RUN = "musictools_run"


@dataclass(frozen=True)
class Run:
    """How a notebook ran.

    Attributes
    ----------
    name : str
        File name.
    digest : str
        SHA-256 of the notebook that was run.
    version : str
        Version of musictools.
    seconds_s : float
        Run time in seconds.
    error : str
        What stopped it, or empty.
    """

    name: str
    digest: str
    version: str
    seconds_s: float
    error: str


def is_executed(source: Path, kept: Path) -> bool:
    """Tell whether a notebook ran to its end before, and has not changed since."""
    try:
        note = json.loads(kept.read_text(encoding="utf-8"))["metadata"][RUN]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    same = note.get("digest") == _digest(source) and note.get("version") == __version__
    return same and not note.get("error")


async def execute(
    source: Path, *, work: Path, kept: Path, env: Mapping[str, str], timeout_s: float
) -> Run:
    """Run a notebook, and keep it with its outputs.

    Parameters
    ----------
    source : Path
        The notebook, which stays as it is.
    work : Path
        The copy that runs, among its fellows.
    kept : Path
        Where the notebook with its outputs goes.
    env : mapping of str to str
        Environment of the kernel.
    timeout_s : float
        Seconds that one cell may take.

    Returns
    -------
    Run
        With the error that stopped it, if one did.
    """
    nbclient, nbformat = (
        _optional.require(name, extra="lab", purpose=_PURPOSE) for name in ("nbclient", "nbformat")
    )
    notebook = nbformat.read(work, as_version=4)
    client = nbclient.NotebookClient(
        notebook,
        timeout=int(timeout_s),
        kernel_name="python3",
        resources={"metadata": {"path": str(work.parent)}},
        # Saved widgets want a script from the network to come alive; their still picture does not.
        store_widget_state=False,
    )
    start, error = time.monotonic(), ""
    try:
        # What a kernel logs is no output of a cell.
        await client.async_execute(env=dict(env), stderr=subprocess.DEVNULL)
    except nbclient.exceptions.CellExecutionError as failure:
        error = f"{failure.ename}: {failure.evalue}"
    except (nbclient.exceptions.CellTimeoutError, nbclient.exceptions.DeadKernelError) as failure:
        error = str(failure).splitlines()[0]
    return keep(notebook, source, kept, seconds_s=time.monotonic() - start, error=error)


def keep(notebook: Any, source: Path, kept: Path, *, seconds_s: float, error: str = "") -> Run:
    """Keep a notebook that was run, with its outputs and a note of how it went.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With its outputs.
    source : Path
        The notebook without them, as it was when it ran.
    kept : Path
        Where it goes.
    seconds_s : float
        Run time in seconds.
    error : str
        What stopped it, or empty.

    Returns
    -------
    Run
        The note.
    """
    nbformat = _optional.require("nbformat", extra="lab", purpose=_PURPOSE)
    run = Run(source.name, _digest(source), __version__, seconds_s, error)
    notebook.metadata[RUN] = asdict(run)
    with replacing(kept) as path:
        path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return run


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
