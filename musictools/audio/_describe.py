"""Every descriptor of one recording, and the list of what there is."""

import dataclasses
from typing import TYPE_CHECKING

from musictools.audio._engine import choose
from musictools.audio._recording import Source
from musictools.audio._stream import as_source

if TYPE_CHECKING:
    import pandas as pd


def describe(
    source: Source, *, sample_rate: int | None = None, engine: str = "musictools"
) -> "pd.Series[float]":
    """Measure every descriptor of one recording.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file of any length, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.
    engine : str, default "musictools"
        Who measures: ``"musictools"``, or for comparison ``"essentia"`` or ``"librosa"``.

    Returns
    -------
    pandas.Series
        One value for each row of :func:`descriptors`, in that order; NaN where it says so, and
        None for the key of a recording without pitch.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate, or the engine is unknown.
    MissingExtraError
        If the engine is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> import musictools as mt
    >>> tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100)
    >>> row = mt.audio.describe(tone, sample_rate=44_100)
    >>> round(row["sample_peak_dbfs"], 2), round(row["rms_dbfs"], 2)
    (-6.02, -9.03)
    """
    import pandas as pd

    played = as_source(source, sample_rate)
    name = None if played.path is None else str(played.path)
    return pd.Series(dict(choose(engine).measure(played)), name=name, dtype=object)


def descriptors(*, engine: str = "musictools") -> "pd.DataFrame":
    """List every descriptor.

    Parameters
    ----------
    engine : str, default "musictools"
        Whose: ``"musictools"``, ``"essentia"`` or ``"librosa"``.

    Returns
    -------
    pandas.DataFrame
        ``name``, ``unit``, ``family``, ``minimum``, ``maximum``, ``source``, ``meaning``; one row
        for each column that :func:`describe` and :func:`extract` give.

    Examples
    --------
    >>> import musictools as mt
    >>> table = mt.audio.descriptors().set_index("name")
    >>> table.loc["integrated_lufs", "unit"]
    'LUFS'
    """
    import pandas as pd

    return pd.DataFrame([dataclasses.asdict(d) for d in choose(engine).columns()])
