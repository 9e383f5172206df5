"""A quality report as one page: words, tables, pictures and sounds, all inside the file."""

import base64
import io
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from musictools._html import Column, document, escape, number, plain, table
from musictools._version import __version__
from musictools.audio._card import (
    CODECS,
    PLAYBACK,
    clock,
    colour,
    figures,
    finding_columns,
    mark,
    not_applicable,
    shown_findings,
    sign,
    title,
    words,
)
from musictools.plot._audio import loudness
from musictools.plot._clips import Sound, cut, spans
from musictools.plot._quality import described, findings, playback, spectrum, stereo_image
from musictools.plot._report_style import STYLE
from musictools.plot._style import boxes_for_strange_letters, style

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from musictools.audio._quality import QualityReport
    from musictools.audio._recording import Recording
    from musictools.audio._stream import AudioFile

#: Also in the head of the file, so that a report is known as one.
GENERATOR = "musictools report"
_DOTS_PER_INCH = 110
#: A little larger, and made in half the time.
_PNG = {"compress_level": 4}
_LABEL_IN, _LETTER_IN, _RIGHT_IN, _BOTTOM_IN, _TOP_IN = 0.42, 0.074, 0.15, 0.5, 0.32


def page(report: "QualityReport", source: "Recording | AudioFile | None") -> str:
    """Give the page of a report.

    Parameters
    ----------
    report : QualityReport
        What to show.
    source : Recording, AudioFile or None
        Where to cut sounds from; None where the recording is not there any more.

    Returns
    -------
    str
        HTML that loads nothing from outside.
    """
    sounds = [] if source is None else cut(source, spans(report))
    # Once for all pictures: copying the settings back and forth takes longer than some of them.
    with style():
        # It draws everything twice to find the margins; the style's end takes this back.
        mpl.rcParams["figure.constrained_layout.use"] = False
        body = f"<main>{_body(report, sounds, source)}</main>"
    name = title(report)
    return document(
        f"{name}: quality report", body, style=STYLE, generator=f"{GENERATOR} {__version__}"
    )


def _body(
    report: "QualityReport", sounds: list[Sound], source: "Recording | AudioFile | None"
) -> str:
    parts = [
        _head(report),
        _section("Key figures", _cards(report)),
        _section("Findings", _findings(report, sounds) + _sounds(report, sounds, source)),
        _section("Pictures", _pictures(report)),
    ]
    if len(report.playback):
        parts.append(_section("How it will play", _playback(report)))
    if report.codecs is not None:
        parts.append(_section("What lossy codecs do to it", _wide(_codecs(report.codecs))))
    if report.reference is not None:
        parts.append(_section("Against the reference", _reference(report)))
    parts += [_section("What was checked", _checked(report)), _foot(report)]
    return "".join(parts)


def _section(heading: str, inside: str) -> str:
    name = heading.lower().replace(" ", "-")
    return f"<section aria-labelledby='{name}'><h2 id='{name}'>{heading}</h2>{inside}</section>\n"


def _wide(inside: str) -> str:
    # Who uses a keyboard has to be able to scroll it too.
    return f"<div class='wide' tabindex='0' role='group'>{inside}</div>"


def _head(report: "QualityReport") -> str:
    worst = report.worst
    return (
        f"<header><p class='kicker'>Quality report</p><h1>{escape(title(report))}</h1>"
        f"<p class='verdict' style='border-color:{colour(worst)}'>"
        f"<span class='sign' aria-hidden='true' style='background:{colour(worst)}'>"
        f"{sign(worst)}</span> <span>{escape(report.verdict)}</span></p></header>\n"
    )


def _cards(report: "QualityReport") -> str:
    cards = "".join(
        f"<div><dt>{escape(name)}</dt><dd><strong>{escape(value)}</strong>"
        f"<small>{escape(meaning)}</small></dd></div>"
        for name, value, meaning in figures(report)
    )
    return f"<dl class='cards'>{cards}</dl>"


def _findings(report: "QualityReport", sounds: list[Sound]) -> str:
    if not len(report.findings):
        return "<p>Nothing was found.</p>"
    heard = {row: i for i, sound in enumerate(sounds, 1) for row in sound.span.findings}
    shown = shown_findings(report)
    columns = finding_columns(report)
    if heard:
        links = [f"Clip {heard[i]}" if i in heard else "" for i in range(len(shown))]
        shown = shown.assign(clip=links)
        columns["clip"] = ("Listen", plain)

    def cell(name: str, value: Any, text: str) -> str:
        if name == "clip" and text:
            return f"<a href='#clip-{text.removeprefix('Clip ')}'>{text}</a>"
        return mark(name, value, text)

    caption = "Findings, the most severe first"
    return _wide(table(shown, columns, caption=caption, cell=cell))


def _sounds(
    report: "QualityReport", sounds: list[Sound], source: "Recording | AudioFile | None"
) -> str:
    if not len(report.findings):
        return ""
    if not sounds:
        why = "is gone or has changed since it was measured" if source is None else "cannot be read"
        return f"<p class='note'>No sounds here: the recording {why}.</p>"
    clips = "".join(_sound(report, i, sound) for i, sound in enumerate(sounds, 1))
    more = report.provenance["channels"] > 2
    note = "<p class='note'>Of all channels the first two are heard.</p>" if more else ""
    return f"<h3>Listen to the worst</h3>{note}<div class='clips'>{clips}</div>"


def _sound(report: "QualityReport", place: int, sound: Sound) -> str:
    kinds = dict.fromkeys(words(report.findings["kind"].iloc[row]) for row in sound.span.findings)
    span = f"{clock(sound.span.start_s)} to {clock(sound.span.end_s)}"
    told = f"Clip {place}, {span}: {', '.join(kinds)}."
    turned = f" Turned down by {-sound.gain_db:.1f} dB." if sound.gain_db <= -0.05 else ""
    return (
        f"<figure id='clip-{place}'><audio controls preload='metadata' aria-label='{escape(told)}' "
        f"src='data:{sound.kind};base64,{_base64(sound.data)}'></audio>"
        f"<figcaption>{escape(told + turned)}</figcaption></figure>"
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _pictures(report: "QualityReport") -> str:
    loud = report.loudness
    level = number(1, "LUFS")(loud.integrated_lufs)
    drawn = [
        _picture(
            lambda ax: findings(report, ax=ax),
            described(report),
            "Waveform and findings",
            height_in=2.9 + 0.22 * report.findings["kind"].nunique(),
        )
    ]
    if len(loud.history):
        alt = f"Momentary and short-term loudness over time; integrated {level}."
        drawn.append(_picture(lambda ax: loudness(loud, ax=ax), alt, "Loudness over time"))
    alt = "Long-term spectrum in third octaves; the cut-off and the tilt of the mix are seen here."
    drawn.append(_picture(lambda ax: spectrum(report.spectrum, ax=ax), alt, "Spectrum", half=True))
    alt = (
        "Goniometer of the front channels: "
        f"correlation {number(2)(report.measures.get('stereo_correlation'))}, "
        f"width {number(2)(report.measures.get('stereo_width'))}."
    )
    drawn.append(
        _picture(lambda ax: stereo_image(report.image, ax=ax), alt, "Stereo image", half=True)
    )
    return f"<div class='pictures'>{''.join(drawn)}</div>"


def _picture(
    draw: "Callable[[Axes], Axes]",
    alt: str,
    caption: str,
    *,
    height_in: float = 2.7,
    half: bool = False,
) -> str:
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
    place = " class='half'" if half else ""
    return (
        f"<figure{place}><img width='{width}' height='{height}' "
        f"alt='{escape(alt)}' src='data:image/png;base64,{_base64(stream.getvalue())}'>"
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _set_margins(figure: "Figure", ax: "Axes") -> None:
    """Leave room for labels by their length, which spares drawing all to measure them."""
    longest = max((len(label.get_text()) for label in ax.get_yticklabels()), default=0)
    width_in, height_in = figure.get_size_inches()
    left_in = _LABEL_IN + _LETTER_IN * max(longest, 4)
    figure.subplots_adjust(
        left=left_in / width_in,
        right=1 - _RIGHT_IN / width_in,
        bottom=_BOTTOM_IN / height_in,
        top=1 - _TOP_IN / height_in,
    )


def _playback(report: "QualityReport") -> str:
    caption = "Gain, loudness and true peak after normalisation"
    picture = _picture(
        lambda ax: playback(report.playback, ax=ax),
        "Loudness and true peak after the normalisation of each platform, as in the table.",
        "Loudness and true peak after normalisation",
        height_in=1.1 + 0.24 * len(report.playback),
    )
    inside = _wide(table(report.playback, PLAYBACK, caption=caption))
    return f"<div class='pictures'>{picture}</div>{inside}"


def _codecs(codecs: "pd.DataFrame") -> str:
    return table(codecs, CODECS, caption="Encoded, decoded, and measured again")


def _as_they_are(frame: "pd.DataFrame") -> dict[str, Column]:
    return {
        str(name): (
            words(str(name)).capitalize(),
            number(2) if frame[name].dtype.kind == "f" else plain,
        )
        for name in frame.columns
    }


def _reference(report: "QualityReport") -> str:
    compared = report.reference
    if compared is None:
        return ""
    told = "".join(f"<li>{escape(sentence)}</li>" for sentence in compared.words)
    alt = f"Tonal balance beside the reference. {' '.join(compared.words)}"
    picture = _picture(lambda ax: compared.plot(ax=ax), alt, "Tonal balance", height_in=3.4)
    measures = table(compared.measures, _as_they_are(compared.measures), caption="Measures")
    folded = f"<details><summary>All measures</summary>{_wide(measures)}</details>"
    return f"<ul>{told}</ul>{picture}{folded}"


def _checked(report: "QualityReport") -> str:
    from musictools.audio._quality import finding_kinds

    kinds = finding_kinds()
    kinds = kinds[kinds["kind"].isin(report.kinds)]
    if not len(kinds):
        return "<p>Nothing was looked for.</p>"
    counts = report.findings["kind"].value_counts()
    without = not_applicable(report)
    outcome = [
        f"does not apply: {without[kind]}" if kind in without else _times(int(counts.get(kind, 0)))
        for kind in kinds["kind"]
    ]
    columns: dict[str, Column] = {
        "kind": ("Kind", words),
        "outcome": ("Outcome", plain),
        "basis": ("Basis", plain),
        "rule": ("Found when", plain),
        "source": ("Source", plain),
    }
    caption = "Every kind that was looked for. A judgement is information, and never an error."
    inside = table(kinds.assign(outcome=outcome), columns, caption=caption)
    return (
        f"<details><summary>{len(kinds)} kinds and their rules</summary>{_wide(inside)}</details>"
    )


def _times(count: int) -> str:
    return "not found" if not count else "found" if count == 1 else f"found {count} times"


def _foot(report: "QualityReport") -> str:
    rows = "".join(
        f"<tr><th scope='row'>{escape(name)}</th><td>{escape(plain(value))}</td></tr>"
        for name, value in report.provenance.items()
    )
    return (
        "<footer><details><summary>How this report was made</summary><table>"
        f"<caption>Provenance</caption><tbody>{rows}</tbody></table></details></footer>"
    )
