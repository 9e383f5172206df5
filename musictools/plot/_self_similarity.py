"""How alike every moment of a recording is to every other."""

from typing import TYPE_CHECKING

import numpy as np

from musictools.audio._recording import Source, as_recording
from musictools.plot._audio import band_power
from musictools.plot._style import axes_or_current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Moments along each side: more do not show in a picture.
_MOMENTS = 300
#: What is this far below the loudest counts as silence.
_RANGE_DB = 80.0


def self_similarity(
    source: Source, *, sample_rate: int | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw how alike the sound of every moment is to that of every other.

    Squares along the diagonal are parts that stay alike, such as a verse; lines beside it are
    what comes again. Compared are levels in 160 bands, each less its mean over the recording, by
    their cosine (after J. Foote, Visualizing music and audio using self-similarity, 1999).

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: seconds across and up, likeness from -1 to 1 as colour.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> song = mt.datasets.simulate_recording(duration_s=8, rng=1).recording
    >>> ax = mt.plot.self_similarity(song)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('Time (s)', 'Time (s)')
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    recording = as_recording(source, sample_rate)
    power = band_power(recording)[0].astype(float)
    count = min(_MOMENTS, power.shape[1])
    starts = np.linspace(0, power.shape[1], count + 1).astype(int)[:-1]
    moments = np.add.reduceat(power, starts, axis=1)
    floor = max(float(moments.max()) * 10 ** (-_RANGE_DB / 10), np.finfo(float).tiny)
    levels = 10 * np.log10(np.maximum(moments, floor))
    levels -= levels.mean(axis=1, keepdims=True)
    length = np.linalg.norm(levels, axis=0)
    # A moment that is just the mean is like all others: nothing tells it from them.
    unit = levels / np.where(length > 0, length, 1.0)
    ends = (0.0, recording.duration_s) * 2
    image = ax.imshow(unit.T @ unit, origin="lower", extent=ends, vmin=-1, vmax=1, cmap="cividis")
    ax.figure.colorbar(image, ax=ax, label="Likeness (cosine, -1 to 1)")
    ax.set(xlabel="Time (s)", ylabel="Time (s)")
    ax.grid(visible=False)
    return ax
