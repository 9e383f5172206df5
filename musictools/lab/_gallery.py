"""Run every notebook and show the results as web pages that need no network."""

import asyncio
import html
import logging
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from musictools import _optional
from musictools.errors import InputError
from musictools.lab._folder import shipped_folder
from musictools.lab._pages import index_page, notebook_page
from musictools.lab._server import ending_on_signals, environment

_log = logging.getLogger("musictools")
T = TypeVar("T")
_PURPOSE = "build the gallery"


@dataclass(frozen=True)
class Page:
    """One notebook of the gallery.

    Attributes
    ----------
    name : str
        File name of the notebook.
    title, description : str
        From its metadata, or its first heading and paragraph.
    level, track : str
        From its metadata; empty where it says nothing.
    picture : str
        First picture as base64 PNG, or empty.
    seconds_s : float
        Run time in seconds.
    error : str
        What stopped it, or empty.
    """

    name: str
    title: str
    description: str
    level: str
    track: str
    picture: str
    seconds_s: float
    error: str


@dataclass(frozen=True)
class Gallery:
    """The pages that were built.

    Attributes
    ----------
    index : pathlib.Path
        The page to open.
    pages : tuple of Page
        One per notebook, in their order.
    """

    index: Path
    pages: tuple[Page, ...]

    @property
    def passed(self) -> bool:
        """Whether every notebook ran to its end."""
        return not any(page.error for page in self.pages)


def build_gallery(
    folder: str | os.PathLike[str] | None = None,
    *,
    out: str | os.PathLike[str] = "build/gallery",
    jobs: int = 2,
    timeout_s: float = 600.0,
    tell: Callable[[str], None] | None = None,
) -> Gallery:
    """Run every notebook and write one web page each, and an index.

    The notebooks run in a copy of their folder and stay as they are. A notebook that fails gets
    its page too, up to the error.

    Parameters
    ----------
    folder : path-like, optional
        Where the notebooks stand; the shipped ones by default.
    out : path-like
        Where the pages go. Made where it is missing.
    jobs : int
        Notebooks at a time, 1 or 2: each may want a processor of its own.
    timeout_s : float
        Seconds that one cell may take, above 0.
    tell : callable, optional
        Gets one line per notebook; by default the log.

    Returns
    -------
    Gallery
        The index and what became of each notebook.

    Raises
    ------
    InputError
        If there is no notebook, or `jobs` is not 1 or 2.
    MissingExtraError
        If JupyterLab's converter is not installed.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.lab.build_gallery("notebooks").passed  # doctest: +SKIP
    True
    """
    for module in ("nbclient", "nbconvert"):
        _optional.require(module, extra="lab", purpose=_PURPOSE)
    source = shipped_folder() if folder is None else Path(folder).resolve()
    paths = sorted(source.glob("*.ipynb"))
    if not paths or jobs not in (1, 2):
        raise InputError(
            _PURPOSE,
            got=f"{len(paths)} notebooks in {source} and jobs={jobs}",
            expected="at least one notebook, and one or two jobs",
            hint="musictools gallery notebooks",
        )
    target = Path(out).resolve()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix="musictools-gallery-", ignore_cleanup_errors=True
    ) as home:
        work = Path(home, "work")
        shutil.copytree(source, work, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        env = environment("", private=Path(home))

        def report(page: Page) -> None:
            state = f"FAILED: {page.error}" if page.error else "ok"
            (tell or _log.info)(f"{page.seconds_s:6.1f} s  {page.name}  {state}")

        copies = [work / path.name for path in paths]
        building = _build_all(
            copies, target=target, env=env, jobs=jobs, timeout_s=timeout_s, report=report
        )
        with ending_on_signals():
            pages = tuple(run_to_end(building))
    index = target / "index.html"
    index.write_text(index_page(pages), encoding="utf-8")
    return Gallery(index, pages)


def run_to_end(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own, and cancel it when this thread is interrupted.

    A thread, because the runner of notebooks takes the signals of the main thread for itself, and
    because a loop runs already where this is called from a notebook.
    """
    started: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = []

    async def remembered() -> T:
        task = asyncio.ensure_future(work)
        started.append((asyncio.get_running_loop(), task))
        return await task

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(asyncio.run, remembered())
        try:
            return future.result()
        except BaseException:
            if started and not future.done():
                loop, task = started[0]
                # What the runner's own tasks say about a kernel taken from them is no news.
                loop.call_soon_threadsafe(loop.set_exception_handler, lambda *_: None)
                loop.call_soon_threadsafe(task.cancel)
            raise


async def _build_all(
    paths: list[Path],
    *,
    target: Path,
    env: Mapping[str, str],
    jobs: int,
    timeout_s: float,
    report: Callable[[Page], None],
) -> list[Page]:
    # One loop for all: an interruption reaches every notebook, and ends its kernel.
    places = asyncio.Semaphore(jobs)

    async def one(path: Path) -> Page:
        async with places:
            page = await _build(path, target=target, env=env, timeout_s=timeout_s)
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            # The runner turns an interruption into a dead kernel.
            raise asyncio.CancelledError
        report(page)
        return page

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(path)) for path in paths]
    return [task.result() for task in tasks]


async def _build(path: Path, *, target: Path, env: Mapping[str, str], timeout_s: float) -> Page:
    nbclient, nbformat = (
        _optional.require(name, extra="lab", purpose=_PURPOSE) for name in ("nbclient", "nbformat")
    )
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook,
        timeout=int(timeout_s),
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
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
    seconds = time.monotonic() - start
    page = notebook_page(notebook, name=path.stem)
    (target / f"{path.stem}.html").write_text(page, encoding="utf-8")
    return _describe(notebook, name=path.name, seconds=seconds, error=error)


def _describe(notebook: Any, *, name: str, seconds: float, error: str) -> Page:
    told = notebook.metadata.get("musictools", {})
    title, description = _opening(notebook)
    return Page(
        name=name,
        title=str(told.get("title") or title or name),
        description=str(told.get("description") or description),
        level=str(told.get("level", "")),
        track=str(told.get("track", "")),
        picture=_first_picture(notebook),
        seconds_s=seconds,
        error=error,
    )


def _opening(notebook: Any) -> tuple[str, str]:
    """First heading, and the first paragraph after it."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
    title = next((block for block in blocks if block.startswith("# ")), "")
    lines = title.splitlines()
    plain = [block for block in blocks if not block.startswith(("#", "|", "-", "*", ">", "<", "!"))]
    heading = lines[0].removeprefix("# ").strip() if lines else ""
    return html.unescape(heading), " ".join(plain[0].split()) if plain else ""


def _first_picture(notebook: Any) -> str:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            picture = output.get("data", {}).get("image/png")
            if picture:
                return "".join(str(picture).split())
    return ""
