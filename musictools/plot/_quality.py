"""Pictures of a quality report: findings, spectrum, stereo image, and how it will play."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.ticker import MaxNLocator

from musictools.audio._card import COLOURS, span, words
from musictools.audio._finding import SEVERITIES
from musictools.plot._style import axes_or_current, name_rows

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from musictools.audio._quality import QualityReport

_TICKS_HZ = {31.5: "31.5", 63: "63", 125: "125", 250: "250", 500: "500"}
_TICKS_HZ |= {1000: "1k", 2000: "2k", 4000: "4k", 8000: "8k", 16_000: "16k"}
#: Shapes of what has no length, and widths of what has, for who does not tell the colours.
_SHAPES = {"error": "X", "warning": "^", "info": "o"}
_WIDTHS = {"error": 7.0, "warning": 4.5, "info": 2.0}
#: What a lane is as high as, of the waveform's full scale.
_LANE = 0.22
#: Share of the width below which a finding is a point.
_SHORTEST = 0.004
_QUIETEST_LUFS = -36.0
_SHOWN_PAIRS = 0.9995
_COLUMNS = 1000
#: From the axis down, past its numbers and its label.
LEGEND_BELOW_IN = 0.5
#: Findings that the words for the picture name.
_TOLD = 12


def findings(report: "QualityReport", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the waveform, and above it a lane for each kind of finding.

    Parameters
    ----------
    report : QualityReport
        What ``mt.audio.quality`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: seconds across, full scale up; the severity of a finding is its
        colour, and the shape of a point or the width of a line.

    Examples
    --------
    >>> import numpy as np, matplotlib.pyplot as plt, musictools as mt
    >>> report = mt.audio.quality(0.5 * np.sin(np.arange(8_000) / 9), sample_rate=8_000)
    >>> ax = mt.plot.findings(report)
    >>> ax.get_xlabel()
    'Time (s)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    duration_s = report.provenance["duration_s"]
    top = _draw_envelope(report.envelope, duration_s, ax)
    # Severe kinds stand nearest to the waveform.
    kinds = list(dict.fromkeys(report.findings["kind"]))
    lanes = {kind: top * (1 + _LANE * (i + 0.9)) for i, kind in enumerate(kinds)}
    for severity in reversed(SEVERITIES):
        found = report.findings[report.findings["severity"] == severity]
        if len(found):
            _draw_marks(found, severity, lanes, duration_s, ax)
    ax.set(
        xlabel="Time (s)",
        ylabel="Amplitude (of full scale)",
        xlim=(0, duration_s),
        ylim=(-top, top * (1 + _LANE * (len(kinds) + 0.4)) if kinds else top),
    )
    ticks = [tick for tick in MaxNLocator(4).tick_values(-top, top) if abs(tick) <= top]
    named = [f"{tick:g}".replace("-", "\N{MINUS SIGN}") for tick in ticks]
    name_rows(ax, [*ticks, *lanes.values()], [*named, *map(words, kinds)])
    if kinds:
        legend_below(ax)
    return ax


def _draw_envelope(envelope: "pd.DataFrame", duration_s: float, ax: "Axes") -> float:
    """Draw the extremes of all channels; give the upper end of the picture."""
    channels = envelope["channel"].nunique()
    start = envelope["start_s"].to_numpy().reshape(channels, -1)[0]
    low = envelope["low"].to_numpy().reshape(channels, -1).min(axis=0)
    high = envelope["high"].to_numpy().reshape(channels, -1).max(axis=0)
    # Many a cell for one pixel costs time and shows nothing.
    first = np.arange(0, len(start), max(1, len(start) // _COLUMNS))
    low, high = np.minimum.reduceat(low, first), np.maximum.reduceat(high, first)
    time = np.append(start[first], duration_s)
    ax.fill_between(
        time,
        np.append(low, low[-1]),
        np.append(high, high[-1]),
        step="post",
        linewidth=0.3,
        color="#7A8B99",
    )
    return max(1.0, float(high.max()), -float(low.min()))


def _draw_marks(
    found: "pd.DataFrame", severity: str, lanes: dict[str, float], duration_s: float, ax: "Axes"
) -> None:
    from matplotlib.collections import LineCollection

    start, end = found["start_s"].to_numpy(), found["end_s"].to_numpy()
    height = found["kind"].map(lanes).to_numpy(dtype=float)
    short = end - start < _SHORTEST * duration_s
    colour, width = COLOURS[severity], _WIDTHS[severity]
    ends = zip(start[~short], end[~short], height[~short], strict=True)
    lines = [[(a, y), (b, y)] for a, b, y in ends]
    ax.add_collection(LineCollection(lines, colors=colour, linewidths=width, capstyle="butt"))
    look: dict[str, Any] = {"marker": _SHAPES[severity], "markersize": 7, "markeredgewidth": 0.6}
    look |= {"color": colour, "markeredgecolor": "white", "zorder": 3, "linestyle": "none"}
    # The whole shape, at the ends too.
    ax.plot((start[short] + end[short]) / 2, height[short], clip_on=False, **look)
    # The legend shows the shape, or the line where there is nothing else.
    told = look if short.any() else {"color": colour, "linewidth": width}
    ax.plot([], [], label=severity, **told)


def legend_below(ax: "Axes", *, columns: int = 3) -> None:
    """Put the legend below the label of the axis across, where it hides neither data nor title."""
    from matplotlib.transforms import ScaledTranslation

    figure = ax.get_figure(root=True)
    if figure is None:
        return
    lower = ScaledTranslation(0, -LEGEND_BELOW_IN, figure.dpi_scale_trans)
    ax.legend(
        loc="upper right",
        bbox_to_anchor=(1, 0),
        bbox_transform=ax.transAxes + lower,
        borderaxespad=0,
        ncols=columns,
        frameon=False,
    )


def spectrum(
    levels: "pd.DataFrame", *, reference: "pd.DataFrame | None" = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw a long-term spectrum.

    Parameters
    ----------
    levels : pandas.DataFrame
        ``frequency_hz``, ``level_db``: ``spectrum`` of a :class:`QualityReport`.
    reference : pandas.DataFrame, optional
        The same of another recording; it is drawn at the same mean level.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: Hz across (logarithmic), dB up. Pink noise is level.

    Examples
    --------
    >>> import numpy as np, matplotlib.pyplot as plt, musictools as mt
    >>> report = mt.audio.quality(0.5 * np.sin(np.arange(8_000) / 9), sample_rate=8_000)
    >>> ax = mt.plot.spectrum(report.spectrum)
    >>> ax.get_xlabel()
    'Frequency (Hz)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    frequency, level = levels["frequency_hz"].to_numpy(), levels["level_db"].to_numpy()
    if reference is not None:
        other = np.interp(frequency, reference["frequency_hz"], reference["level_db"])
        shift = float(np.mean(level - other))
        amount = f"{shift:+.1f}".replace("-", "\N{MINUS SIGN}")
        label = f"Reference, moved by {amount} dB to the same mean level"
        ax.plot(frequency, other + shift, color="#D55E00", linestyle="--", label=label)
    ax.plot(frequency, level, color="#0072B2", linewidth=1.8, label="This recording")
    top = float(level.max())
    ax.fill_between(frequency, level, top - 200, color="#0072B2", alpha=0.12, linewidth=0)
    ax.set(
        xlabel="Frequency (Hz)",
        ylabel="Level (dBFS in a third octave)",
        xscale="log",
        ylim=(max(float(level.min()) - 3, top - 75), top + 6),
    )
    ax.set_xlim(frequency[0], max(frequency[-1], 1.01 * frequency[0]))
    inside = [hz for hz in _TICKS_HZ if frequency[0] <= hz <= frequency[-1]]
    ax.set_xticks(inside, [_TICKS_HZ[hz] for hz in inside])
    ax.minorticks_off()
    if reference is not None:
        ax.legend(loc="lower left")
    return ax


def stereo_image(image: npt.ArrayLike, *, ax: "Axes | None" = None) -> "Axes":
    """Draw where the sound stands between left and right, as a goniometer does.

    Parameters
    ----------
    image : array_like, shape (n, n)
        ``image`` of a :class:`QualityReport`: counts at each mid (rows) and side (columns), from
        -1 to 1 of full scale.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: side across, mid up. Mono is an upright line; opposite polarity lies.

    Examples
    --------
    >>> import numpy as np, matplotlib.pyplot as plt, musictools as mt
    >>> report = mt.audio.quality(0.5 * np.sin(np.arange(8_000) / 9), sample_rate=8_000)
    >>> ax = mt.plot.stereo_image(report.image)
    >>> ax.get_ylabel()
    'Mid (of full scale)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    counts = np.asarray(image, dtype=np.float64)
    half = _shown_half(counts)
    middle = len(counts) // 2
    part = counts[middle - half : middle + half + 1, middle - half : middle + half + 1]
    reach = (half + 0.5) / middle
    shade = np.log1p(part)
    ax.imshow(
        # Nothing is white, as the page is.
        np.ma.masked_less_equal(shade, 0.0),
        extent=(-reach, reach, -reach, reach),
        origin="lower",
        cmap="viridis_r",
        vmin=0,
        vmax=max(float(shade.max()), 1.0),
        interpolation="nearest",
        aspect="equal",
    )
    line: dict[str, Any] = {"color": "#888888", "linewidth": 0.8, "linestyle": ":"}
    ax.plot([-reach, reach], [reach, -reach], **line)
    ax.plot([-reach, reach], [-reach, reach], **line)
    inset: dict[str, Any] = {"transform": ax.transAxes, "weight": "bold", "va": "top"}
    ax.text(0.02, 0.98, "L", ha="left", **inset)
    ax.text(0.98, 0.98, "R", ha="right", **inset)
    ax.set(
        xlabel="Side, left to right (of full scale)",
        ylabel="Mid (of full scale)",
        xlim=(-reach, reach),
        ylim=(-reach, reach),
    )
    ax.grid(visible=False)
    return ax


def _shown_half(counts: npt.NDArray[np.float64]) -> int:
    """Cells from the middle that hold nearly all pairs."""
    middle = len(counts) // 2
    reach = np.maximum(*np.abs(np.indices(counts.shape) - middle))
    pairs = np.cumsum(np.bincount(reach.ravel(), weights=counts.ravel()))
    held = int(np.searchsorted(pairs, _SHOWN_PAIRS * pairs[-1])) if pairs[-1] else middle
    return min(middle, max(held + 2, middle // 20))


def playback(table: "pd.DataFrame", *, ax: "Axes | None" = None) -> "Axes":
    """Draw loudness and true peak after the normalisation of each platform.

    Parameters
    ----------
    table : pandas.DataFrame
        ``playback`` of a :class:`QualityReport`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: LUFS and dBTP across, a row for each platform and setting.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> row = {"platform": "Spotify", "setting": "Normal", "target_lufs": -14.0}
    >>> row |= {"gain_db": -5.0, "loudness_lufs": -14.0, "true_peak_dbtp": -5.2}
    >>> ax = mt.plot.playback(pd.DataFrame([row]))
    >>> [tick.get_text() for tick in ax.get_yticklabels()]
    ['Spotify, Normal']
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    rows = np.arange(len(table))
    target, loud, peak = (
        table[name].to_numpy(dtype=float)
        for name in ("target_lufs", "loudness_lufs", "true_peak_dbtp")
    )
    ax.hlines(rows, loud, peak, color="#bbbbbb", linewidth=2, zorder=1)
    ax.scatter(target, rows, marker="|", s=160, color="#000000", linewidths=2, label="Target")
    ax.scatter(loud, rows, s=46, color="#0072B2", label="Loudness (LUFS)", zorder=3)
    ax.scatter(peak, rows, marker="D", s=34, color="#D55E00", label="True peak (dBTP)", zorder=3)
    ax.axvline(0, color="#555555", linewidth=0.8)
    names = [
        ", ".join(str(part) for part in pair if isinstance(part, str) and part)
        for pair in zip(table["platform"], table["setting"], strict=True)
    ]
    known = np.concatenate([x[np.isfinite(x)] for x in (target, loud, peak)])
    left = float(known.min()) - 2 if known.size else _QUIETEST_LUFS
    right = max(2.0, float(known.max()) + 1) if known.size else 2.0
    ax.set(
        xlabel="Loudness (LUFS), true peak (dBTP)",
        ylabel="Platform (setting)",
        xlim=(left, right),
        ylim=(len(table) - 0.4, -0.6),
    )
    name_rows(ax, rows.tolist(), names)
    ax.grid(visible=False, axis="y")
    legend_below(ax)
    return ax


def described(report: "QualityReport") -> str:
    """Say in words what the picture of the findings shows."""
    found = report.findings
    if not len(found):
        return "The waveform; no finding is marked."
    parts = [
        f"{words(row['kind'])} ({row['severity']}), {span(report, row['start_s'], row['end_s'])}"
        for row in found.head(_TOLD).to_dict("records")
    ]
    more = f"; and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return f"The waveform with the findings marked: {'; '.join(parts)}{more}."
