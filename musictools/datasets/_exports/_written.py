"""What a simulated export is: a file as its vendor would make it, and what is true of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from musictools.datasets._label import Label


@dataclass(frozen=True)
class SimulatedExport:
    """One file, or folder of files, of the kind that people download.

    Attributes
    ----------
    format : str
        Name of the format, as in ``mt.collect.formats()``.
    path : pathlib.Path
        Where it was written.
    kind : str
        The table that it holds: ``plays``, ``observations``, ``royalties``, ``works``, ``airplay``
        or ``spend``.
    truth : pandas.DataFrame
        That table, as a reader without fault would give it; in any order.
    quirks : tuple of str
        What is strange about such files, and was done here too.
    """

    format: str
    path: Path
    kind: str
    truth: "pd.DataFrame"
    quirks: tuple[str, ...] = ()


#: Writes one export of the label into a folder.
Writer = Callable[["Label", Path, np.random.Generator], SimulatedExport]
