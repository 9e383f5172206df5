"""Pictures of a recording beside others."""

import math
from pathlib import PurePath
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt

from musictools.audio._percentiles import middle, usual
from musictools.audio._reference import Comparison
from musictools.audio._reference_profile import ReferenceProfile
from musictools.audio._third_octaves import BANDS_HZ
from musictools.plot._style import PALETTE
from musictools.plot._words import no_formula

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.audio._album import AlbumReport
    from musictools.audio._masters import MasterComparison

Floats = npt.NDArray[np.float64]

_TICKS_HZ = (31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000)
# What lies deeper under the loudest band tells nothing of the balance.
_DEPTH_DB = 60.0
_LEAST_RANGE_DB = 3.0
# So many names stand beside each other; more are numbered.
_NAMES = 12
_LONGEST, _BEGINNING = 18, 3


def tonal_balance(compared: Comparison | ReferenceProfile, *, ax: "Axes | None" = None) -> "Axes":
    """Draw third octaves, matched in loudness, over those of the reference.

    Parameters
    ----------
    compared : Comparison or ReferenceProfile
        What ``mt.audio.quality(song, reference=...)`` holds, or a profile on its own.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: Hz across (logarithmic), dB over the loudness up. What nine of ten
        references have is shaded, and so is what the recording has more or less than their median.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> song = mt.datasets.simulate_recording(duration_s=8, rng=1).recording
    >>> ax = mt.plot.tonal_balance(mt.audio.reference_profile(song))
    >>> ax.get_xlabel()
    'Frequency (Hz)'
    >>> plt.close(ax.figure)
    """
    ax = plt.gca() if ax is None else ax
    hz = np.array(BANDS_HZ)
    if isinstance(compared, Comparison):
        frame, count = compared.tonal_balance, compared.references
        reference, lo, hi = (frame[f"{n}_db"].to_numpy() for n in ("reference", "lo", "hi"))
        level = frame["level_db"].to_numpy()
    else:
        columns, count = compared.levels_db().T, len(compared)
        reference = np.array([middle(column) for column in columns])
        lo, hi = np.array([usual(column) for column in columns]).T
        level = np.full(hz.size, math.nan)
    if np.isfinite(lo).any():
        ax.fill_between(
            hz, lo, hi, color="#999999", alpha=0.3, linewidth=0, label="5 to 95 % of the references"
        )
    name = "Reference" if count == 1 else f"Median of {count} references"
    ax.plot(hz, reference, color="#000000", linestyle="--", linewidth=1.2, label=name)
    if np.isfinite(level).any():
        for more, colour in ((True, PALETTE[1]), (False, PALETTE[5])):
            ax.fill_between(
                hz,
                level,
                reference,
                where=(level > reference) == more,
                interpolate=True,
                color=colour,
                alpha=0.45,
                linewidth=0,
                label="More than the reference" if more else "Less than the reference",
            )
        ax.plot(hz, level, color=PALETTE[0], linewidth=1.8, label="This recording")
    _hertz(ax)
    ax.set_ylabel("Level (dB over loudness)")
    known = np.concatenate([values[np.isfinite(values)] for values in (level, reference, lo, hi)])
    if known.size:
        top = float(known.max())
        ax.set_ylim(max(float(known.min()), top - _DEPTH_DB) - 2, top + 3)
    # Music falls towards both ends: the middle of the floor is free.
    ax.legend(loc="lower center", fontsize="small")
    return ax


def tonal_difference(compared: "MasterComparison", *, ax: "Axes | None" = None) -> "Axes":
    """Draw what a second master has more or less than the first, third octave by third octave.

    Parameters
    ----------
    compared : MasterComparison
        What ``mt.audio.compare_masters`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: Hz across (logarithmic), dB up, matched in loudness.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> song = mt.datasets.simulate_recording(duration_s=8, rng=1).recording
    >>> ax = mt.plot.tonal_difference(mt.audio.compare_masters(song, song))
    >>> ax.get_ylabel()
    'Second less first (dB)'
    >>> plt.close(ax.figure)
    """
    ax = plt.gca() if ax is None else ax
    frame = compared.tonal_difference
    hz, difference = frame["band_hz"].to_numpy(), frame["difference_db"].to_numpy()
    ax.axhline(0, color="#000000", linewidth=0.8)
    for more, colour in ((True, PALETTE[1]), (False, PALETTE[5])):
        ax.fill_between(
            hz,
            difference,
            0,
            where=(difference > 0) == more,
            interpolate=True,
            color=colour,
            alpha=0.45,
            linewidth=0,
        )
    ax.plot(hz, difference, color=PALETTE[0], marker="o", markersize=3, linewidth=1.6)
    _hertz(ax)
    known = np.abs(difference[np.isfinite(difference)])
    reach = max(_LEAST_RANGE_DB, 1.15 * float(known.max()) if known.size else 0.0)
    ax.set(ylabel="Second less first (dB)", ylim=(-reach, reach))
    return ax


def album_loudness(report: "AlbumReport", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the loudness of every song of an album, and of the whole.

    Parameters
    ----------
    report : AlbumReport
        What ``mt.audio.album`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: songs across, LUFS up; songs that stand out for anything in another
        colour.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> song = mt.datasets.simulate_recording(duration_s=8, rng=1).recording
    >>> ax = mt.plot.album_loudness(mt.audio.album([song]))
    >>> ax.get_ylabel()
    'Loudness (LUFS)'
    >>> plt.close(ax.figure)
    """
    ax = plt.gca() if ax is None else ax
    songs = report.songs
    loudness = songs["integrated_lufs"].to_numpy()
    place = np.arange(len(songs))
    apart = (songs["outlier"] != "").to_numpy()
    for which, colour, name in (
        (~apart, PALETTE[0], "Song"),
        (apart, PALETTE[1], "Song that stands out"),
    ):
        if which.any():
            ax.plot(place[which], loudness[which], "o", color=colour, label=name)
    if math.isfinite(report.album_lufs):
        ax.axhline(
            report.album_lufs,
            color="#000000",
            linestyle="--",
            linewidth=1.2,
            label=f"Album ({report.album_lufs:.1f} LUFS)",
        )
    known = loudness[np.isfinite(loudness)]
    if known.size:
        ax.set_ylim(float(known.min()) - 3, float(known.max()) + 2)
    few = len(songs) <= _NAMES
    names = [_short(path) if few else str(i + 1) for i, path in enumerate(songs["path"])]
    shown = slice(None, None, max(1, len(songs) // 20))
    ax.set_xticks(
        place[shown], names[shown], rotation=30 if few else 0, ha="right" if few else None
    )
    ax.set(xlabel="Song", ylabel="Loudness (LUFS)", xlim=(-0.5, len(songs) - 0.5))
    ax.grid(visible=False, axis="x")
    ax.legend(loc="lower center", ncols=3, fontsize="small")
    return ax


def _hertz(ax: "Axes") -> None:
    ax.set(xlabel="Frequency (Hz)", xscale="log", xlim=(BANDS_HZ[0] * 0.9, BANDS_HZ[-1] * 1.1))
    ax.set_xticks(_TICKS_HZ, [f"{hz:,g}" for hz in _TICKS_HZ])
    ax.minorticks_off()


def _short(path: str) -> str:
    name = PurePath(path).stem
    if len(name) > _LONGEST:
        # Files of an album begin alike, with a number and the artist; their titles stand last.
        name = f"{name[:_BEGINNING]}…{name[_BEGINNING + 1 - _LONGEST :]}"
    # A dollar would begin a formula.
    return no_formula(name)
