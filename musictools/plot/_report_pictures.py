"""The pictures on the page of a quality report."""

import base64
import io
from typing import TYPE_CHECKING

from musictools._html import escape, number
from musictools.audio._recording import LAYOUTS, Recording
from musictools.plot._audio import loudness
from musictools.plot._clips import Span
from musictools.plot._closeup import draw, found_in, shaped, told
from musictools.plot._quality import LEGEND_BELOW_IN, described, findings, spectrum, stereo_image
from musictools.plot._style import boxes_for_strange_letters

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from musictools.audio._quality import QualityReport
    from musictools.audio._recording import Samples

_DOTS_PER_INCH = 110
#: A little larger, and made in half the time.
_PNG = {"compress_level": 4}
_LABEL_IN, _LETTER_IN, _RIGHT_IN, _BOTTOM_IN, _TOP_IN = 0.42, 0.074, 0.15, 0.5, 0.14
_LEGEND_IN = LEGEND_BELOW_IN - 0.2


def pictures(report: "QualityReport", near: "tuple[Span, int, Samples] | None") -> str:
    """Give all pictures of what was measured.

    Parameters
    ----------
    report : QualityReport
        What to show.
    near : tuple of (Span, int, numpy.ndarray), optional
        Where the samples for a close-up are from, their rate, and they.

    Returns
    -------
    str
        HTML.
    """
    loud = report.loudness
    level = number(1, "LUFS")(loud.integrated_lufs)
    drawn = [
        picture(
            lambda ax: findings(report, ax=ax),
            described(report),
            "Waveform and findings",
            height_in=2.8 + 0.22 * report.findings["kind"].nunique(),
        )
    ]
    if near is not None:
        drawn.append(_near(report, *near))
    if len(loud.history):
        alt = f"Momentary and short-term loudness over time; integrated {level}."
        drawn.append(picture(lambda ax: loudness(loud, ax=ax), alt, "Loudness over time"))
    alt = "Long-term spectrum in third octaves; the cut-off and the tilt of the mix are seen here."
    drawn.append(picture(lambda ax: spectrum(report.spectrum, ax=ax), alt, "Spectrum", half=True))
    alt = (
        "Goniometer of the front channels: "
        f"correlation {number(2)(report.measures.get('stereo_correlation'))}, "
        f"width {number(2)(report.measures.get('stereo_width'))}."
    )
    drawn.append(
        picture(lambda ax: stereo_image(report.image, ax=ax), alt, "Stereo image", half=True)
    )
    return f"<div class='pictures'>{''.join(drawn)}</div>"


def _near(report: "QualityReport", where: Span, rate: int, samples: "Samples") -> str:
    row = shaped(report)
    if row is None or not samples.size:
        return ""
    # Of more channels the first two were read.
    layout = LAYOUTS[len(samples)]
    part = Recording(samples, rate, layout=layout)
    begins_s = int(where.start_s * rate) / rate
    look = found_in(part, begins_s, row)
    said = told(row, look, channels=len(layout))
    alt = f"{said}. {row['meaning']}"
    return picture(lambda ax: draw(part, begins_s, look, ax=ax), alt, said, height_in=3.2)


def picture(
    draw: "Callable[[Axes], Axes]",
    alt: str,
    caption: str = "",
    *,
    height_in: float = 2.7,
    half: bool = False,
) -> str:
    """Give a picture as part of a page.

    Parameters
    ----------
    draw : callable
        Draws on the axes it is given, and gives them back.
    alt : str
        What it shows, plain text.
    caption : str, optional
        What stands below it, plain text.
    height_in : float, optional
        In inches.
    half : bool, default False
        Whether it takes half the width of the page.

    Returns
    -------
    str
        HTML.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = (4.9, 4.0) if half else (10.0, height_in)
    with boxes_for_strange_letters():
        # A figure of its own, which no window of the reader's knows of.
        figure = Figure(figsize=size, dpi=_DOTS_PER_INCH)
        FigureCanvasAgg(figure)
        _set_margins(figure, draw(figure.add_subplot()))
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=_DOTS_PER_INCH, pil_kwargs=_PNG)
    width, height = (round(inches * _DOTS_PER_INCH) for inches in size)
    image = (
        f"<img width='{width}' height='{height}' alt='{escape(alt)}' "
        f"src='data:image/png;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}'>"
    )
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    if half:
        return f"<figure class='half'>{image}{below}</figure>"
    return f"<figure><div class='far' tabindex='0'>{image}</div>{below}</figure>"


def _set_margins(figure: "Figure", ax: "Axes") -> None:
    """Leave room for labels by their length, which spares drawing all to measure them."""
    longest = max((len(label.get_text()) for label in ax.get_yticklabels()), default=0)
    width_in, height_in = figure.get_size_inches()
    left_in = _LABEL_IN + _LETTER_IN * max(longest, 4)
    # The legends of pictures with lanes and rows stand below.
    legend = ax.get_legend()
    below_in = _LEGEND_IN if legend and legend.get_bbox_to_anchor() is not ax.bbox else 0.0
    figure.subplots_adjust(
        left=left_in / width_in,
        right=1 - _RIGHT_IN / width_in,
        bottom=(_BOTTOM_IN + below_in) / height_in,
        top=1 - _TOP_IN / height_in,
    )
