"""Progress bars that show only where a person watches."""

import sys
from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar("Item")


def watched() -> bool:
    """Tell whether a person sees standard error: a terminal, or a notebook."""
    if "ipykernel" in sys.modules:
        return True
    return bool(sys.stderr is not None and sys.stderr.isatty())


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
    from tqdm.auto import tqdm

    bar: Iterable[Item] = tqdm(items, total=total, desc=label, unit=unit, leave=False)
    return bar
