"""Run every notebook and show the results as web pages that need no network."""

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from musictools import _optional
from musictools.errors import InputError
from musictools.lab._executed import RUN, Run, execute, is_executed
from musictools.lab._folder import shipped_folder
from musictools.lab._lesson import Lesson, lesson
from musictools.lab._pages import index_page, link_bar, notebook_page
from musictools.lab._server import ending_on_signals, environment

_log = logging.getLogger("musictools")
T = TypeVar("T")
_PURPOSE = "build the gallery"
#: Folder of the notebooks with their outputs, beside the pages.
EXECUTED = "executed"
#: Where `musictools.plot.show` keeps notes about a picture.
RESULT = "musictools"


@dataclass(frozen=True)
class Page:
    """One notebook of the gallery.

    Attributes
    ----------
    lesson : Lesson
        What the notebook says about itself.
    picture : str
        Largest of its pictures as base64 PNG, or empty.
    alt : str
        Its description.
    seconds_s : float
        Run time in seconds.
    error : str
        What stopped it, or empty.
    """

    lesson: Lesson
    picture: str
    alt: str
    seconds_s: float
    error: str

    @property
    def name(self) -> str:
        """File name of the notebook."""
        return self.lesson.name


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
    resume: bool = False,
    tell: Callable[[str], None] | None = None,
) -> Gallery:
    """Run every notebook and write one web page each, and a front page.

    The notebooks run in a copy of their folder and stay as they are. A notebook that fails gets
    its page too, up to the error. What was run is kept in the folder ``executed`` beside the pages.

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
    resume : bool
        Whether a notebook that ran to its end before, and has not changed since, is only shown
        again. What it calls may have changed; nobody looks at that.
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
    kept = target / EXECUTED
    kept.mkdir(parents=True, exist_ok=True)
    todo = [path for path in paths if not (resume and is_executed(path, kept / path.name))]
    with tempfile.TemporaryDirectory(
        prefix="musictools-gallery-", ignore_cleanup_errors=True
    ) as home:
        work = Path(home, "work")
        shutil.copytree(source, work, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        env = environment("", private=Path(home))

        def report(run: Run) -> None:
            state = f"FAILED: {run.error}" if run.error else "ok"
            (tell or _log.info)(f"{run.seconds_s:6.1f} s  {run.name}  {state}")

        jobs_to_do = [(path, work / path.name, kept / path.name) for path in todo]
        running = _run_all(jobs_to_do, env=env, jobs=jobs, timeout_s=timeout_s, report=report)
        with ending_on_signals():
            run_to_end(running)
    pages = tuple(write_pages([kept / path.name for path in paths], target=target))
    index = target / "index.html"
    index.write_text(index_page(pages), encoding="utf-8")
    return Gallery(index, pages)


def write_pages(executed: Sequence[Path], *, target: Path) -> Iterator[Page]:
    """Write the web pages of notebooks that were run, each with the way to its neighbours.

    Parameters
    ----------
    executed : sequence of Path
        As the gallery keeps them, in their order.
    target : Path
        Where the pages go.

    Yields
    ------
    Page
        One for each.
    """
    nbformat = _optional.require("nbformat", extra="lab", purpose=_PURPOSE)
    names = [path.stem for path in executed]
    for place, path in enumerate(executed):
        notebook = nbformat.read(path, as_version=4)
        bar = link_bar(names, place)
        page = notebook_page(notebook, name=path.stem, bar=bar)
        (target / f"{path.stem}.html").write_text(page, encoding="utf-8")
        yield describe(notebook, path.name)


def describe(notebook: Any, name: str) -> Page:
    """Tell what a card of the front page shows of a notebook that was run."""
    run = notebook.metadata.get(RUN, {})
    picture, alt = _best_picture(notebook)
    return Page(
        lesson=lesson(notebook, name=name),
        picture=picture,
        alt=alt,
        seconds_s=float(run.get("seconds_s", 0.0)),
        error=str(run.get("error", "")),
    )


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


async def _run_all(
    todo: Sequence[tuple[Path, Path, Path]],
    *,
    env: Mapping[str, str],
    jobs: int,
    timeout_s: float,
    report: Callable[[Run], None],
) -> None:
    # One loop for all: an interruption reaches every notebook, and ends its kernel.
    places = asyncio.Semaphore(jobs)

    async def one(source: Path, work: Path, kept: Path) -> None:
        async with places:
            run = await execute(source, work=work, kept=kept, env=env, timeout_s=timeout_s)
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            # The runner turns an interruption into a dead kernel.
            raise asyncio.CancelledError
        report(run)

    async with asyncio.TaskGroup() as group:
        for files in todo:
            group.create_task(one(*files))


def _best_picture(notebook: Any) -> tuple[str, str]:
    """Give the picture with most ink that has a description, or the first without one."""
    found = [
        ("".join(str(output.data["image/png"]).split()), output)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    alts = [str(output.get("metadata", {}).get(RESULT, {}).get("alt", "")) for _, output in found]
    told = [(png, alt) for (png, _), alt in zip(found, alts, strict=True) if alt]
    if told:
        return max(told, key=lambda one: len(one[0]))
    return (found[0][0], "") if found else ("", "")
