"""Progress bars that show only where a person watches, and are gone when the work is done."""

import io
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from tqdm.std import tqdm

Item = TypeVar("Item")
#: Letters of a bar in a notebook.
_WIDTH = 80


def watched() -> bool:
    """Tell whether a person sees standard error: a terminal, or a notebook."""
    return _in_notebook() or bool(sys.stderr is not None and sys.stderr.isatty())


def _in_notebook() -> bool:
    # A plain script may import ipykernel too: only a notebook's shell has a kernel.
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)
    return "ipykernel" in sys.modules and hasattr(shell(), "kernel")


def track(
    items: Iterable[Item],
    *,
    total: int,
    label: str,
    unit: str = "file",
    progress: bool | None = None,
) -> Iterable[Item]:
    """Wrap an iterable in a progress bar, or hand it back as it is.

    Parameters
    ----------
    items : iterable
        What is worked through.
    total : int
        How many there will be.
    label : str
        What is done with them.
    unit : str
        What one of them is.
    progress : bool, optional
        None shows the bar when a person watches.
    """
    wanted = watched() if progress is None else progress
    # A program without a console has no standard error to draw on.
    if total == 0 or not wanted or sys.stderr is None:
        return items
    counted: Iterable[Item] = bar(items, total=total, desc=label, unit=unit)
    return counted


def bar(items: Iterable[Any] | None = None, **settings: Any) -> "tqdm[Any]":
    """Give tqdm's bar that leaves nothing behind.

    Parameters
    ----------
    items : iterable, optional
        What is worked through; without it, the bar is told by ``update``.
    **settings
        As tqdm takes them.
    """
    from tqdm.std import tqdm

    if not _in_notebook():
        return tqdm(items, leave=False, **settings)
    from IPython.display import display

    # tqdm's own bar for notebooks is a widget: where a notebook is opened again, it says that its
    # model is lost. Text can be taken back.
    place = display({"text/plain": ""}, raw=True, display_id=True)  # type: ignore[no-untyped-call]

    class Bar(tqdm):  # type: ignore[type-arg]
        def display(self, msg: str | None = None, pos: int | None = None) -> None:  # noqa: ARG002
            # At the end it is told to show nothing.
            place.update({"text/plain": str(self) if msg is None else msg}, raw=True)

    return Bar(items, file=io.StringIO(), ncols=_WIDTH, leave=False, **settings)
