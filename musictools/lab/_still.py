"""An explorer where no widgets run: one picture of the same things, with the same description."""

import html
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools.lab._peak_pyramid import PeakPyramid
from musictools.lab._spectrum_cells import BANDS, RANGE_DB
from musictools.lab._track_view import Master, TrackView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.lab._explorer import Explorer

Floats = npt.NDArray[np.floating]

_COLUMNS = 1000  # about as many as the picture has dots across
_TICKS_HZ = (100, 1000, 10_000)
SEVERITY_COLOURS = {"error": "#D55E00", "warning": "#E69F00", "info": "#56B4E9"}
_NOTE = "A still picture: open the notebook in JupyterLab and run the cell to listen and to zoom."


def with_still(
    bundle: Any, explorer: "Explorer", view: TrackView, *, alt: str, note: str = _NOTE
) -> Any:
    """Add the picture to what a widget shows of itself.

    Parameters
    ----------
    bundle : (dict, dict)
        Data and notes by media type, the widget among them.
    explorer : Explorer
        For the layers that are switched on, and the play head.
    view : TrackView
        What it shows.
    alt : str
        Its description.
    note : str
        Said below the picture.

    Returns
    -------
    (dict, dict)
        With ``text/html``, ``image/png`` and ``text/plain``.
    """
    from musictools.plot import show

    picture = show(draw_still(explorer, view), alt=alt)
    return join_bundles(bundle, picture, title=view.title, note=note)


def join_bundles(bundle: Any, picture: Any, *, title: str, note: str) -> tuple[Any, Any]:
    """Lay a picture beside a widget, under an escaped title."""
    data, notes = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
    still, told = picture._repr_mimebundle_()
    page = (
        f"<figure style='margin:0'><figcaption>{html.escape(title)}</figcaption>"
        f"{still['text/html']}<figcaption><small>{html.escape(note)}</small></figcaption></figure>"
    )
    return {**still, **data, "text/html": page}, {**told, **notes}


def draw_still(explorer: "Explorer", view: TrackView) -> "Axes":
    """Draw waveform, spectrogram and loudness above each other; give the first axes."""
    from matplotlib.figure import Figure

    from musictools.plot import style

    layers, master = explorer.layers, view.masters[explorer.heard]
    rows = ["waveform", *(name for name in ("spectrogram", "loudness") if name in layers)]
    with style():
        figure = Figure(figsize=(8, 1.0 + 1.5 * len(rows)))
        made = figure.subplots(
            len(rows), sharex=True, height_ratios=[1.3 if r == "waveform" else 1 for r in rows]
        )
        axes: dict[str, Axes] = dict(zip(rows, np.atleast_1d(made), strict=True))
        _draw_waveform(axes["waveform"], view, master, explorer)
        if "spectrogram" in axes:
            _draw_spectrogram(axes["spectrogram"], view, master, explorer)
        if "loudness" in axes:
            _draw_loudness(axes["loudness"], view)
        for ax in axes.values():
            ax.set_xlim(*explorer.window_s)
            if explorer.position_s > 0:
                ax.axvline(explorer.position_s, color="black", linewidth=1)
        axes[rows[-1]].set_xlabel("Time (s)")
    return axes["waveform"]


def _draw_waveform(ax: "Axes", view: TrackView, master: Master, explorer: "Explorer") -> None:
    from musictools.plot._style import PALETTE

    layers, (first_s, last_s) = explorer.layers, explorer.window_s
    lowest, highest = _peaks(master.peaks, (last_s - first_s) / view.duration_s)
    count = lowest.size
    edges = np.arange(0, count, _step(count, view, explorer))
    low = np.minimum.reduceat(lowest, edges)
    high = np.maximum.reduceat(highest, edges)
    time_s = edges / count * view.duration_s
    ax.fill_between(time_s, low, high, step="post", color=PALETTE[0], linewidth=0.5)
    top = master.peaks.scale
    if "sections" in layers:
        labels = list(dict.fromkeys(label for *_, label in view.sections))
        for start_s, end_s, label in view.sections:
            colour = PALETTE[labels.index(label) % (len(PALETTE) - 1)]
            ax.axvspan(start_s, end_s, color=colour, alpha=0.14, linewidth=0)
            # Above the axes, where clipping would hide all of them: so only those in sight.
            if start_s < last_s and end_s > first_s:
                ax.text(max(start_s, first_s), 1.0, f" {label}", va="bottom", parse_math=False,
                        transform=ax.get_xaxis_transform())  # fmt: skip
    if "findings" in layers:
        for one in reversed(view.findings):
            span = (one["start_s"], max(0.002 * view.duration_s, one["end_s"] - one["start_s"]))
            colour = SEVERITY_COLOURS[one["severity"]]
            ax.broken_barh([span], (-top, 0.12 * top), color=colour)
    if "beats" in layers and view.beats_s.size:
        ax.vlines(view.beats_s, 0.88 * top, top, color="#555555", linewidth=0.5)
    ax.set(ylim=(-top, top), ylabel="Amplitude\n(of full scale)")


def _peaks(peaks: PeakPyramid, share: float) -> tuple[Floats, Floats]:
    """Lowest and highest samples, of the coarsest level that fills the picture with its share."""
    enough = [number for number, count in enumerate(peaks.cells) if count * share >= _COLUMNS]
    number = enough[-1] if enough else 0
    count, first = peaks.cells[number], 2 * sum(peaks.cells[:number])
    levels = np.frombuffer(peaks.data, np.int8)[first : first + 2 * count] / 127 * peaks.scale
    return levels[:count], levels[count:]


def _step(count: int, view: TrackView, explorer: "Explorer") -> int:
    """How many cells go into one column, so that what is in sight has about ``_COLUMNS``."""
    first_s, last_s = explorer.window_s
    return max(1, int(count * (last_s - first_s) / view.duration_s / _COLUMNS))


def _draw_spectrogram(ax: "Axes", view: TrackView, master: Master, explorer: "Explorer") -> None:
    cells = master.spectrum
    if cells is None:
        return
    level = np.frombuffer(cells.data, np.uint8).reshape(cells.columns, BANDS)
    step = _step(cells.columns, view, explorer)
    level = np.maximum.reduceat(level, np.arange(0, cells.columns, step), axis=0)
    time_s = np.linspace(0, view.duration_s, len(level) + 1)
    shown = (level.T / 255 - 1) * RANGE_DB
    mesh = ax.pcolormesh(time_s, cells.edges_hz, shown, vmin=-RANGE_DB, vmax=0, rasterized=True)
    ax.set(yscale="log", ylabel="Frequency (Hz)")
    inside = [hz for hz in _TICKS_HZ if cells.edges_hz[0] <= hz <= cells.edges_hz[-1]]
    ax.set_yticks(inside, [f"{hz:,}" for hz in inside])
    ax.minorticks_off()
    ax.grid(visible=False)
    ax.figure.colorbar(mesh, ax=ax, label="Level (dB below\nthe loudest)")


def _draw_loudness(ax: "Axes", view: TrackView) -> None:
    from musictools.plot._style import PALETTE

    for number, one in enumerate(view.masters):
        curve = one.loudness
        if curve is None:
            continue
        time_s = curve.start_s + curve.step_s * np.arange(curve.momentary.size)
        name = f"{one.name}: " if len(view.masters) > 1 else ""
        ax.plot(time_s, curve.momentary, color=PALETTE[number], linewidth=0.5, alpha=0.5)
        ax.plot(time_s, curve.short_term, color=PALETTE[number],
                label=f"{name}short-term; momentary is thin")  # fmt: skip
    values = [v for one in view.masters if one.loudness for v in one.loudness.momentary]
    heard = np.array([v for v in values if np.isfinite(v)])
    if heard.size:
        ax.set_ylim(max(float(heard.min()), float(heard.max()) - 30) - 1, float(heard.max()) + 1)
        ax.legend(loc="lower right", fontsize=8)
    ax.set_ylabel("Loudness\n(LUFS)")
