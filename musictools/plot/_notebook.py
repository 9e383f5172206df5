"""Pictures and sounds as a notebook shows them: each with words for those who cannot see or hear.

JupyterLab draws a plain figure without any alternative text. What is given here is an image or a
player with its description inside, and notes about itself for the tests.
"""

import base64
import html
import io
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools.audio._recording import Source, as_recording
from musictools.errors import InputError
from musictools.plot._style import boxes_for_strange_letters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

LONGEST_S = 30.0
_CEILING_DBFS = -1.0
_FADE_S = 0.01
_DOTS_PER_INCH = 160  # sharp on screens with two dots to a pixel
_SHORTEST_ALT = 20
#: What matplotlib writes at a tick, powers of ten included.
_NUMBER = re.compile(r"[-+\u2212]?[\d.,]+\s?[%kM]?|\$\\mathdefault\{.+\}\$")


@dataclass(frozen=True, repr=False)
class Picture:
    """A finished figure with its description.

    Attributes
    ----------
    alt : str
        What a reader who cannot see it should know.
    png : bytes
        The image.
    width_in : float
        Width in inches.
    labels : tuple of (str, str)
        Labels of the x and y axes, for each axes.
    unlabelled : int
        How many axes show numbers without a word of what they are.
    """

    alt: str
    png: bytes = field(compare=False)
    width_in: float
    labels: tuple[tuple[str, str], ...]
    unlabelled: int = 0

    def __repr__(self) -> str:
        return f"<Picture: {self.alt}>"

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        del include, exclude
        data = base64.b64encode(self.png).decode("ascii")
        width = round(self.width_in * 96)
        image = (
            f'<img alt="{html.escape(self.alt)}" src="data:image/png;base64,{data}" '
            f'style="width:{width}px;max-width:100%;height:auto">'
        )
        axes = [list(pair) for pair in self.labels]
        notes = {"alt": self.alt, "axes": axes, "unlabelled": self.unlabelled}
        return (
            {"text/plain": repr(self), "text/html": image, "image/png": data},
            {"image/png": {"alt": self.alt, "width": width}, "musictools": notes},
        )


@dataclass(frozen=True, repr=False)
class Clip:
    """An excerpt to listen to, with its description.

    Attributes
    ----------
    alt : str
        What a reader who cannot hear it should know.
    credit : str
        Whose it is, and its licence.
    wav : bytes
        The sound, 16 bits.
    gain_db : float
        How much it was turned down, 0 dB or less.
    peak_dbfs : float
        Largest sample of the excerpt as it plays; minus infinity for silence.
    duration_s : float
        Length in seconds.
    """

    alt: str
    credit: str
    wav: bytes = field(compare=False)
    gain_db: float
    peak_dbfs: float
    duration_s: float

    def __repr__(self) -> str:
        return f"<Clip, {self.duration_s:.1f} s: {self.alt}>"

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        del include, exclude
        data = base64.b64encode(self.wav).decode("ascii")
        turned = f" Turned down by {-self.gain_db:.1f} dB." if self.gain_db <= -0.05 else ""
        player = (
            '<figure style="margin:0">'
            f'<audio controls preload="metadata" aria-label="{html.escape(self.alt)}" '
            f'src="data:audio/wav;base64,{data}"></audio>'
            f"<figcaption>{html.escape(self.alt)} {html.escape(self.credit)}{turned}</figcaption>"
            "</figure>"
        )
        peak = self.peak_dbfs if math.isfinite(self.peak_dbfs) else None  # JSON knows no infinity
        notes = {"alt": self.alt, "peak_dbfs": peak, "duration_s": self.duration_s}
        return {"text/plain": repr(self), "text/html": player}, {"musictools": notes}


def show(ax: "Axes", *, alt: str) -> Picture:
    """Finish the figure of an axes, and give it a description.

    Put it on the last line of a cell. The figure is closed, so that it is drawn once only and
    takes no memory afterwards.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Any axes of the figure.
    alt : str
        What a reader who cannot see the picture should know: what it shows, and what comes out.
        At least 20 characters.

    Returns
    -------
    Picture
        Shows itself in a notebook, with the description as alternative text.

    Raises
    ------
    InputError
        If the description is too short to be one.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> figure, ax = plt.subplots()
    >>> ax = mt.plot.waveform([0.0, 0.5, -0.5] * 100, sample_rate=8_000, ax=ax)
    >>> mt.plot.show(ax, alt="A waveform that fills half of the range.")
    <Picture: A waveform that fills half of the range.>
    """
    import matplotlib.pyplot as plt

    alt = _description(alt, what="show a picture")
    figure = ax.get_figure(root=True)
    if figure is None:
        raise InputError(
            "show a picture",
            got="an axes without a figure",
            expected="an axes that is still on its figure",
            hint="draw again, then show",
        )
    stream = io.BytesIO()
    with boxes_for_strange_letters():
        figure.savefig(stream, format="png", dpi=_DOTS_PER_INCH)
    labels = tuple((a.get_xlabel(), a.get_ylabel()) for a in figure.axes)
    unlabelled = sum(_shows_bare_numbers(axis) for a in figure.axes for axis in (a.xaxis, a.yaxis))
    picture = Picture(alt, stream.getvalue(), float(figure.get_figwidth()), labels, unlabelled)
    plt.close(figure)
    return picture


def listen(
    source: Source,
    *,
    alt: str,
    credit: str,
    start_s: float = 0.0,
    duration_s: float = 15.0,
    sample_rate: int | None = None,
) -> Clip:
    """Cut an excerpt to listen to, at a level that is safe for ears and loudspeakers.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    alt : str
        What a reader who cannot hear it should know. At least 20 characters.
    credit : str
        Whose recording it is, and its licence.
    start_s : float, default 0.0
        Where it begins, in seconds.
    duration_s : float, default 15.0
        How long it is, above 0 and up to 30 s; less where the recording ends before.
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    Clip
        A player in a notebook. An excerpt whose largest sample is above -1 dBFS is turned down
        to it, and never up. More than two channels are not mixed down: the first two are heard.

    Raises
    ------
    InputError
        If the excerpt is empty, too long or outside the recording, or the description or the
        credit is missing.

    Examples
    --------
    >>> import numpy as np, musictools as mt
    >>> tone = 0.5 * np.sin(np.arange(16_000) / 9)
    >>> mt.plot.listen(
    ...     tone, sample_rate=8_000, alt="A steady tone of 141 Hz.", credit="CC0 1.0."
    ... )
    <Clip, 2.0 s: A steady tone of 141 Hz.>
    """
    import soundfile

    alt = _description(alt, what="listen to an excerpt")
    credit = _credit(credit)
    recording = as_recording(source, sample_rate)
    if not (0 <= start_s < recording.duration_s and 0 < duration_s <= LONGEST_S):
        raise InputError(
            "listen to an excerpt",
            got=f"{duration_s:g} s from {start_s:g} s",
            expected=f"up to {LONGEST_S:g} s of the {recording.duration_s:.1f} s there are",
            hint="mt.plot.listen(song, start_s=0, duration_s=15, ...)",
        )
    rate = recording.sample_rate
    first = int(start_s * rate)
    last = first + max(1, int(duration_s * rate))
    cut, gain_db = safe(recording.samples[:, first:last], rate)
    stream = io.BytesIO()
    soundfile.write(stream, cut.T, rate, format="WAV", subtype="PCM_16")
    played = float(np.abs(cut).max())
    return Clip(
        alt,
        credit,
        stream.getvalue(),
        gain_db=gain_db,
        peak_dbfs=20 * math.log10(played) if played > 0 else -math.inf,
        duration_s=cut.shape[1] / rate,
    )


def safe(
    samples: npt.NDArray[np.floating], sample_rate: int
) -> tuple[npt.NDArray[np.float64], float]:
    """Make an excerpt safe for ears and loudspeakers.

    The first two channels, faded in and out, turned down where a sample is above -1 dBFS; and by
    how many decibels, 0 or less.
    """
    cut = samples[:2].astype(np.float64)
    peak = float(np.abs(cut).max())
    ceiling = 10 ** (_CEILING_DBFS / 20)
    gain = min(1.0, ceiling / peak) if peak > 0 else 1.0
    # A cut through a wave would click.
    ramp = np.minimum(1.0, np.arange(cut.shape[1]) / (_FADE_S * sample_rate))
    return cut * (gain * np.minimum(ramp, ramp[::-1])), 20 * math.log10(gain)


def _shows_bare_numbers(axis: "Axis") -> bool:
    """Tell whether a drawn axis has numbers and no label; names and dates need none."""
    from matplotlib.dates import AutoDateFormatter, ConciseDateFormatter, DateFormatter

    dates = (AutoDateFormatter, ConciseDateFormatter, DateFormatter)
    drawn = axis.axes.axison and axis.get_visible()
    if axis.get_label_text() or not drawn or isinstance(axis.get_major_formatter(), dates):
        return False
    ticks = [text.get_text() for text in axis.get_ticklabels() if text.get_visible()]
    return any(_NUMBER.fullmatch(tick) for tick in ticks)


def _description(alt: str, *, what: str) -> str:
    words = " ".join(alt.split())
    if len(words) < _SHORTEST_ALT:
        raise InputError(
            what,
            got=f"alt={alt!r}",
            expected=f"a description of {_SHORTEST_ALT} characters or more",
            hint='alt="Loudness over time; the chorus is louder than the verse."',
        )
    return words


def _credit(credit: str) -> str:
    if not credit.strip():
        raise InputError(
            "listen to an excerpt",
            got="no credit",
            expected="whose recording it is, and its licence",
            hint='credit="Maren Solvåg, Midnight Ferry. CC0 1.0."',
        )
    return credit.strip()
