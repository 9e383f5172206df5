"""A close look: single samples of a few milliseconds, where a fault has a shape."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools.audio._card import everywhere, ranked, words
from musictools.audio._finding import stretches
from musictools.audio._recording import Recording, Samples, Source, as_recording
from musictools.errors import InputError
from musictools.plot._clips import Span, loudest
from musictools.plot._style import PALETTE, axes_or_current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.audio._quality import QualityReport

_SHAPED = ("clipping", "dropout", "click", "truncated_start", "truncated_end", "decoder_overs")
_FLAT = {"clipping", "decoder_overs"}
#: So much is searched for the place that shows the fault best.
_SEARCHED_S = 5.0
_SHORTEST_S, _LONGEST_S = 0.004, 0.15
_LEAST_AROUND_S = 0.003
#: An edge of a recording says nothing without the music beside it.
_BESIDE_EDGE_S, _EDGE_S = 0.04, 0.005
#: Of the highest sample: a top, and nothing.
_TOP, _NOTHING = 0.98, 0.001
_TICKS = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
#: With fewer samples than these each is a dot.
_DOTS = 700


def closeup(
    source: Source,
    start_s: float,
    end_s: float,
    *,
    around_s: float | None = None,
    sample_rate: int | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the samples of every channel around a short stretch, and shade the stretch.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    start_s, end_s : float
        The stretch, in seconds, such as those of a finding; equal for one place.
    around_s : float, optional
        Seconds drawn before and after it; half its length, and 3 ms at least, without it.
    sample_rate : int, optional
        In Hz; needed for an array only.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: milliseconds from ``start_s`` across; the channels below each other, of
        full scale. Dotted lines are full scale, where it comes near.

    Raises
    ------
    InputError
        If the stretch ends before it starts, or nothing would be drawn.

    Examples
    --------
    >>> import numpy as np, matplotlib.pyplot as plt, musictools as mt
    >>> clipped = np.clip(1.5 * np.sin(np.arange(8_000) / 9), -1, 1)
    >>> ax = mt.plot.closeup(clipped, 0.5, 0.505, sample_rate=8_000)
    >>> ax.get_xlabel()
    'Time from 0.500 s on (ms)'
    >>> plt.close(ax.figure)
    """
    recording = as_recording(source, sample_rate)
    around = max((end_s - start_s) / 2, _LEAST_AROUND_S) if around_s is None else around_s
    if not (0 <= start_s <= end_s and around > 0):
        raise InputError(
            "draw a close-up",
            got=f"start_s={start_s}, end_s={end_s}, around_s={around_s}",
            expected="a start of 0 or more, an end not before it, and more than 0 s around",
            hint="mt.plot.closeup(recording, 23.25, 23.33)",
        )
    return draw(recording, 0.0, Look(start_s, end_s, around), ax=ax)


@dataclass(frozen=True)
class Look:
    """What is looked at, in seconds, and how much around it."""

    start_s: float
    end_s: float
    around_s: float


def draw(part: Recording, begins_s: float, look: Look, *, ax: "Axes | None" = None) -> "Axes":
    """Draw a look at a recording of which a part is there, from ``begins_s`` on."""
    ax = axes_or_current(ax)
    rate = part.sample_rate
    left_s, right_s = look.start_s - look.around_s, look.end_s + look.around_s
    first, last = (max(0, round((at - begins_s) * rate)) for at in (left_s, right_s))
    shown = part.samples[:, first : last + 1]
    time_ms = 1000 * (begins_s - look.start_s + np.arange(first, first + shown.shape[1]) / rate)
    top = max(1.12 * float(np.abs(shown).max(initial=0.0)), _TICKS[-1])
    tick = next(tick for tick in _TICKS if tick <= top)
    places, names = [], []
    dots: dict[str, Any] = {"marker": "."} if shown.shape[1] < _DOTS else {}
    for i, (channel, name) in enumerate(zip(shown, part.layout, strict=True)):
        height = -2.0 * top * i
        ax.plot(time_ms, channel + height, color=PALETTE[i % 2], linewidth=1.0, **dots)
        places += [height + tick, height, height - tick]
        names += [f"{tick:g}", f"{name}  0" if len(shown) > 1 else "0", f"\N{MINUS SIGN}{tick:g}"]
        for rail in (-1.0, 1.0) if top >= 1 else ():
            ax.axhline(height + rail, color="#555555", linewidth=0.8, linestyle=":")
    width_ms = 1000 * (look.end_s - look.start_s)
    # What has no length is a line.
    ax.axvspan(0.0, width_ms, color=PALETTE[4], alpha=0.3, linewidth=0 if width_ms else 2)
    ax.set_yticks(places, names)
    ax.grid(visible=False, axis="y")
    ax.set(
        xlabel=f"Time from {look.start_s:.3f} s on (ms)",
        ylabel="Amplitude (of full scale)",
        xlim=(-1000 * look.around_s, width_ms + 1000 * look.around_s),
        ylim=(-2.0 * top * (len(shown) - 1) - top, top),
    )
    return ax


def shaped(report: "QualityReport") -> "dict[Any, Any] | None":
    """Give the worst finding whose shape samples show; what has a place before what has none."""
    found = report.findings[report.findings["kind"].isin(_SHAPED)]
    rows = ranked(found).to_dict("records")
    placed = [row for row in rows if not everywhere(report, row["start_s"], row["end_s"])]
    return next(iter(placed or rows), None)


def searched(report: "QualityReport", row: dict[Any, Any]) -> Span:
    """Give what has to be read to look at a finding."""
    start_s, end_s = row["start_s"], row["end_s"]
    if end_s - start_s > _SEARCHED_S:
        start_s = loudest(start_s, end_s, _SEARCHED_S, report.loudness.history)
        end_s = start_s + _SEARCHED_S
    duration_s, more = report.provenance["duration_s"], _LONGEST_S
    return Span(max(0.0, start_s - more), min(duration_s, end_s + more), ())


def found_in(part: Recording, begins_s: float, row: dict[Any, Any]) -> Look:
    """Find where a part of a recording shows a finding best: at most 0.2 s."""
    rate, kind = part.sample_rate, row["kind"]
    if kind == "truncated_start":
        return Look(0.0, _EDGE_S, _BESIDE_EDGE_S)
    if kind == "truncated_end":
        return Look(row["end_s"] - _EDGE_S, row["end_s"], _BESIDE_EDGE_S)
    first = max(0, round((row["start_s"] - begins_s) * rate) - 1)
    last = max(first + 3, round((row["end_s"] - begins_s) * rate) + 2)
    from_, to = _worst(kind, part.samples[:, first:last])
    start_s = begins_s + (first + from_) / rate
    length_s = min((to - from_) / rate, _LONGEST_S)
    least_s = _SHORTEST_S if kind in _FLAT else _LEAST_AROUND_S
    around_s = min(max(length_s / 2, least_s), (0.2 - length_s) / 2)
    return Look(start_s, start_s + length_s, around_s)


def _worst(kind: str, samples: Samples) -> tuple[int, int]:
    """Give first sample and one past the last of the longest top or gap, or the sharpest step."""
    if not samples.size:
        return 0, 0
    if kind == "click":
        bends = np.abs(np.diff(samples, 2, axis=1)).max(axis=0, initial=0.0)
        return (int(bends.argmax()), int(bends.argmax()) + 3) if bends.size else (0, 1)
    loud: npt.NDArray[np.float32] = np.abs(samples)
    highest = float(loud.max())
    flags = loud >= _TOP * highest if kind in _FLAT else loud <= _NOTHING
    runs = [run for channel in flags for run in stretches(channel)]
    return max(runs, key=lambda run: run[1] - run[0], default=(0, samples.shape[1]))


def told(row: dict[Any, Any], look: Look, *, channels: int) -> str:
    """Say what the picture shows."""
    width_ms = 1000 * (look.end_s - look.start_s + 2 * look.around_s)
    of = "left and right channel" if channels > 1 else "samples"
    place = f"around {look.start_s:.3f} s"
    shaded = {
        "clipping": "the longest flat top",
        "decoder_overs": "the longest top",
        "click": "the click",
        "dropout": "the gap" if row["end_s"] - row["start_s"] <= _LONGEST_S else "part of the gap",
    }.get(row["kind"], "the cut edge")
    return f"Close up, {words(row['kind'])}: {of} {place}, {width_ms:.0f} ms; shaded: {shaded}"
