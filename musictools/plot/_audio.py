"""Pictures of one recording."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools.audio._key import Key
from musictools.audio._keys import ROOTS
from musictools.audio._loudness import Loudness
from musictools.audio._pass import hann, power_spectrum
from musictools.audio._recording import Recording, Source, as_recording
from musictools.plot._style import axes_or_current

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from musictools.audio._estimate import Estimate

_COLUMNS = 1000  # about as many as a wide figure has pixels
_BANDS, _BOTTOM_HZ, _TOP_HZ, _SIZE = 160, 30.0, 20_000.0, 4096
_RANGE_DB = 80.0
_CLASSES = ("c", "cs", "d", "ds", "e", "f", "fs", "g", "gs", "a", "as", "b")
_BLACK_KEYS = {1, 3, 6, 8, 10}
_TICKS_HZ = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)


def waveform(source: Source, *, sample_rate: int | None = None, ax: "Axes | None" = None) -> "Axes":
    """Draw the waveform: the lowest and highest sample of any channel, over time.

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
        The axes drawn on: seconds across, full scale up.

    Examples
    --------
    >>> import numpy as np, matplotlib.pyplot as plt, musictools as mt
    >>> ax = mt.plot.waveform(np.sin(np.arange(8_000) / 9), sample_rate=8_000)
    >>> ax.get_xlabel()
    'Time (s)'
    >>> plt.close(ax.figure)
    """
    recording = as_recording(source, sample_rate)
    ax = axes_or_current(ax)
    edges = _edges(recording)
    low = np.minimum.reduceat(recording.samples.min(axis=0), edges[:-1])
    high = np.maximum.reduceat(recording.samples.max(axis=0), edges[:-1])
    time = edges / recording.sample_rate
    ax.fill_between(
        time, [*low, low[-1]], [*high, high[-1]], step="post", edgecolor="face", linewidth=0.6
    )
    top = max(1.0, float(np.abs(recording.samples).max()))
    ax.set(
        xlabel="Time (s)",
        ylabel="Amplitude (of full scale)",
        xlim=(0, recording.duration_s),
        ylim=(-top, top),
    )
    return ax


def spectrogram(
    source: Source, *, sample_rate: int | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw the level of 160 logarithmic bands over time, in dB below the loudest.

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
        The axes drawn on: seconds across, Hz up (logarithmic), with a colour bar.

    Examples
    --------
    >>> import numpy as np, matplotlib.pyplot as plt, musictools as mt
    >>> ax = mt.plot.spectrogram(np.sin(np.arange(8_000) / 9), sample_rate=8_000)
    >>> ax.get_ylabel()
    'Frequency (Hz)'
    >>> plt.close(ax.figure)
    """
    recording = as_recording(source, sample_rate)
    ax = axes_or_current(ax)
    power, edges_hz = band_power(recording)
    level = 10 * np.log10(np.maximum(power, 1e-12))
    time = np.linspace(0, recording.duration_s, level.shape[1] + 1)
    top = float(level.max())
    mesh = ax.pcolormesh(
        time, edges_hz, level - top, vmin=-_RANGE_DB, vmax=0, cmap="magma", rasterized=True
    )
    ax.set(xlabel="Time (s)", ylabel="Frequency (Hz)", yscale="log")
    # Powers of ten are no frequencies that anybody has in mind.
    inside = [hz for hz in _TICKS_HZ if edges_hz[0] <= hz <= edges_hz[-1]]
    ax.set_yticks(inside, [f"{hz:,}" for hz in inside])
    ax.minorticks_off()
    ax.grid(visible=False)
    ax.figure.colorbar(mesh, ax=ax, label="Level (dB below the loudest)")
    return ax


def loudness(measured: Loudness, *, ax: "Axes | None" = None) -> "Axes":
    """Draw momentary and short-term loudness over time, with the integrated loudness.

    Parameters
    ----------
    measured : Loudness
        What ``mt.audio.loudness`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: seconds across, LUFS up.

    Examples
    --------
    >>> import numpy as np, matplotlib.pyplot as plt, musictools as mt
    >>> measured = mt.audio.loudness(np.sin(np.arange(48_000 * 4) / 9), sample_rate=48_000)
    >>> ax = mt.plot.loudness(measured)
    >>> ax.get_ylabel()
    'Loudness (LUFS)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    history = measured.history.replace([-np.inf], np.nan)
    ax.plot(
        history["time_s"], history["momentary_lufs"], linewidth=0.6, alpha=0.7, label="Momentary"
    )
    ax.plot(history["time_s"], history["short_term_lufs"], linewidth=1.8, label="Short-term")
    if np.isfinite(measured.integrated_lufs):
        ax.set_ylim(bottom=_bottom(history["short_term_lufs"], measured.integrated_lufs))
        ax.axhline(
            measured.integrated_lufs,
            color="#000000",
            linestyle="--",
            label=f"Integrated ({measured.integrated_lufs:.1f} LUFS)",
        )
    ax.set(xlabel="Time (s)", ylabel="Loudness (LUFS)")
    if len(history):
        ax.set_xlim(0, float(history["time_s"].iloc[-1]))
    ax.legend(loc="lower center")
    return ax


def alternatives(estimate: "Estimate[Any]", *, ax: "Axes | None" = None) -> "Axes":
    """Draw an estimate and its alternatives, a bar for the probability of each.

    Parameters
    ----------
    estimate : Key or Tempo
        What ``mt.audio.key`` or ``mt.audio.tempo`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: answers across, percent up; empty where there is no estimate.

    Examples
    --------
    >>> import numpy as np, matplotlib.pyplot as plt, musictools as mt
    >>> clicks = np.zeros(44_100 * 10)
    >>> clicks[:: 44_100 // 2] = 1.0
    >>> ax = mt.plot.alternatives(mt.audio.tempo(clicks, sample_rate=44_100))
    >>> ax.get_xlabel()
    'Tempo (BPM)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    answers = [(estimate.value, estimate.confidence), *estimate.alternatives]
    known = [(value, share) for value, share in answers if share > 0]
    names = [v if isinstance(v, str) else f"{v:.1f}" for v, _ in known]
    ax.bar(
        names,
        [100 * share for _, share in known],
        color=["#0072B2", *["#56B4E9"] * 9][: len(known)],
    )
    ax.set(
        xlabel="Key" if isinstance(estimate, Key) else "Tempo (BPM)",
        ylabel="Probability (%)",
    )
    ax.grid(visible=False, axis="x")
    return ax


def chroma(described: "pd.Series[float]", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the share of each pitch class of one recording.

    Parameters
    ----------
    described : pandas.Series
        What ``mt.audio.describe`` gave, or one row of ``mt.audio.extract``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: pitch classes across, percent up.

    Examples
    --------
    >>> import numpy as np, matplotlib.pyplot as plt, musictools as mt
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100)
    >>> ax = mt.plot.chroma(mt.audio.describe(tone, sample_rate=44_100))
    >>> ax.get_ylabel()
    'Share of the evidence (%)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    shares = 100 * described[[f"chroma_{c}" for c in _CLASSES]].astype(float).to_numpy()
    colours = ["#56B4E9" if k in _BLACK_KEYS else "#0072B2" for k in range(12)]
    ax.bar(ROOTS, shares, color=colours)
    ax.set(xlabel="Pitch class", ylabel="Share of the evidence (%)")
    ax.grid(visible=False, axis="x")
    return ax


def _bottom(short_term: "pd.Series[float]", integrated_lufs: float) -> float:
    """Lower end of the picture; the last moments of a fade would push the rest to the top."""
    quiet = float(short_term.quantile(0.02))
    return max(integrated_lufs - 30, min(integrated_lufs - 10, quiet - 4))


def _edges(recording: Recording) -> npt.NDArray[np.int64]:
    total = recording.samples.shape[1]
    return np.unique(np.linspace(0, total, min(total, _COLUMNS) + 1).astype(np.int64))


def band_power(recording: Recording) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Mean power in logarithmic bands, a column for each pixel; and the bands' edges in Hz."""
    mono = np.pad(recording.samples.mean(axis=0), _SIZE // 2)
    starts = np.linspace(0, mono.size - _SIZE, max(2, min(_COLUMNS, mono.size // 256)))
    frames = mono[starts.astype(np.int64)[:, None] + np.arange(_SIZE)] * hann(_SIZE)
    edges = np.geomspace(_BOTTOM_HZ, min(_TOP_HZ, recording.sample_rate / 2), _BANDS + 1)
    # Each bin is a step as wide as the distance of two bins: narrow bands take a part of one.
    bins = np.arange(_SIZE // 2 + 1)
    position = edges * _SIZE / recording.sample_rate + 0.5
    inside = np.clip(position[:, None] - bins, 0, 1)
    overlap = np.diff(inside, axis=0) / np.diff(position)[:, None]
    return (power_spectrum(frames) @ overlap.T.astype(np.float32)).T, edges
