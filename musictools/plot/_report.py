"""A quality report as one page: words, tables, pictures and sounds, all inside the file."""

import base64
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from musictools._html import Column, bullets, document, escape, number, plain, table
from musictools._version import __version__
from musictools.audio._card import (
    CODECS,
    FINDINGS,
    clock,
    colour,
    figures,
    heading,
    judged,
    mark,
    not_applicable,
    not_checked,
    shown_findings,
    sign,
    words,
)
from musictools.audio._playback_card import playback_tables
from musictools.plot._clips import Sound, Span, cut, encode, spans
from musictools.plot._closeup import searched, shaped
from musictools.plot._quality import playback
from musictools.plot._report_pictures import picture, pictures
from musictools.plot._report_style import STYLE
from musictools.plot._style import style

if TYPE_CHECKING:
    import pandas as pd

    from musictools.audio._quality import QualityReport
    from musictools.audio._recording import Recording, Samples
    from musictools.audio._stream import AudioFile

#: Also in the head of the file, so that a report is known as one.
GENERATOR = "musictools report"


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
    sounds, near = _read(report, source)
    # Once for all pictures: copying the settings back and forth takes longer than some of them.
    with style():
        # It draws everything twice to find the margins; the style's end takes this back.
        mpl.rcParams["figure.constrained_layout.use"] = False
        body = f"<main>{_body(report, sounds, near, source)}</main>"
    name = heading(report)
    return document(
        f"{name}: quality report", body, style=STYLE, generator=f"{GENERATOR} {__version__}"
    )


def _read(
    report: "QualityReport", source: "Recording | AudioFile | None"
) -> tuple[list[Sound], "tuple[Span, int, Samples] | None"]:
    """Read once what is to be heard, and what is to be seen from near."""
    if source is None:
        return [], None
    heard = spans(report)
    row = shaped(report)
    seen = [] if row is None else [searched(report, row)]
    rate, cuts = cut(source, [*heard, *seen])
    if not cuts:
        return [], None
    near = (seen[0], rate, cuts[-1]) if seen else None
    return encode(heard, cuts[: len(heard)], rate), near


def _body(
    report: "QualityReport",
    sounds: list[Sound],
    near: "tuple[Span, int, Samples] | None",
    source: "Recording | AudioFile | None",
) -> str:
    parts = [
        _head(report),
        _section("Key figures", _cards(report)),
        _section("Findings", _findings(report, sounds) + _sounds(report, sounds, source)),
        _section("Pictures", pictures(report, near)),
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


def _stacked(inside: str) -> str:
    """Let a table become a list on a narrow screen."""
    return f"<div class='stacked' tabindex='0' role='group'>{inside}</div>"


def _head(report: "QualityReport") -> str:
    worst = report.worst
    return (
        f"<header><p class='kicker'>Quality report</p><h1>{escape(heading(report))}</h1>"
        f"<p class='verdict' style='border-color:{colour(worst)}'>"
        f"<span class='sign' aria-hidden='true' style='background:{colour(worst)}'>"
        f"{sign(worst)}</span> <span><strong>{escape(judged(report))}</strong> "
        f"{escape(not_checked(report))}</span></p></header>\n"
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
    columns = FINDINGS
    if heard:
        links = [f"Clip {heard[i]}" if i in heard else "" for i in range(len(shown))]
        shown = shown.assign(clip=links)
        columns = {"clip": ("Listen", plain)} | columns
        columns = {"kind": columns.pop("kind")} | columns

    def cell(name: str, value: Any, text: str) -> str:
        if name == "clip" and text:
            return f"<a href='#clip-{text.removeprefix('Clip ')}'>{text}</a>"
        return mark(name, value, text)

    caption = "Findings, the most severe first"
    return _stacked(table(shown, columns, caption=caption, cell=cell))


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
        f"src='data:{sound.kind};base64,{base64.b64encode(sound.data).decode('ascii')}'></audio>"
        f"<figcaption>{escape(told + turned)}</figcaption></figure>"
    )


def _playback(report: "QualityReport") -> str:
    plays, delivers = playback_tables(report.playback)
    if "<table" not in plays + delivers:
        return plays
    drawn = picture(
        lambda ax: playback(report.playback, ax=ax),
        "Loudness and true peak after the normalisation of each platform, as in the tables.",
        height_in=1.3 + 0.24 * len(report.playback),
    )
    return f"<div class='pictures'>{drawn}</div>{_wide(plays)}{_stacked(delivers)}"


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
    alt = f"Tonal balance beside the reference. {' '.join(compared.words)}"
    drawn = picture(lambda ax: compared.plot(ax=ax), alt, "Tonal balance", height_in=3.4)
    measures = table(compared.measures, _as_they_are(compared.measures), caption="Measures")
    folded = f"<details><summary>All measures</summary>{_wide(measures)}</details>"
    return f"{bullets(compared.words)}{drawn}{folded}"


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
