"""A report card in words: its verdict, its key figures, as text and for a notebook."""

import math
from typing import TYPE_CHECKING, Any

from musictools._counts import counted
from musictools._html import (
    MISSING,
    Column,
    bound,
    bullets,
    folded,
    framed,
    is_missing,
    narrow,
    number,
    opening,
    pairs,
    plain,
    table,
)
from musictools._html import words as text
from musictools.audio._finding import SEVERITIES
from musictools.audio._playback_card import playback_tables

if TYPE_CHECKING:
    import pandas as pd

    from musictools.audio._quality import QualityReport

#: A severity is told by word and sign, and by colour only besides.
SIGNS = {"error": "\N{HEAVY MULTIPLICATION X}", "warning": "\N{BLACK UP-POINTING TRIANGLE}"}
SIGNS |= {"info": "\N{BLACK CIRCLE}"}
_NO_SIGN = "\N{CHECK MARK}"
#: Colour-blind-safe (M. Okabe, K. Ito, 2008).
COLOURS = {"error": "#D55E00", "warning": "#E69F00", "info": "#0072B2"}
_GOOD = "#009E73"
#: What one channel alone cannot have.
_OF_TWO_CHANNELS = {
    "channel_delay",
    "channel_imbalance",
    "dual_mono",
    "fake_stereo",
    "low_end_phase",
    "mono_cancellation",
    "polarity_inversion",
}
_OF_BITS = {"padded_bit_depth"}
_MINUTE_S = 60
#: Kinds whose words are more than the parts of their name.
_NAMES = {
    "bandwidth_cutoff": "bandwidth cut-off",
    "dc_offset": "DC offset",
    "dropout": "drop-out",
    "intersample_peak": "inter-sample peak",
    "low_end_phase": "low-end phase",
    "over_limiting": "over-limiting",
    "upsampled_source": "up-sampled source",
}

CODECS: dict[str, Column] = {
    "codec": ("Codec", plain),
    "nominal_kbps": ("Bit rate (kbit/s)", number(0)),
    "overs": ("Overs (samples)", plain),
    "true_peak_dbtp": ("True peak (dBTP)", number(sign=True)),
    "true_peak_rise_db": ("Peak rises by (dB)", number(sign=True)),
    "cutoff_hz": ("Cut-off (Hz)", number(0)),
    "loss_10_16khz_db": ("Lost, 10 to 16 kHz (dB)", number()),
    "loss_above_16khz_db": ("Lost above 16 kHz (dB)", number()),
    "note": ("Note", plain),
}


def clock(seconds: float) -> str:
    """Write a place in time as minutes and seconds."""
    tenths = round(10 * seconds)
    return f"{tenths // 600}:{tenths // 10 % _MINUTE_S:02d}.{tenths % 10}"


def everywhere(report: "QualityReport", start_s: float, end_s: float) -> bool:
    """Tell whether a finding is of the whole recording."""
    duration_s = report.provenance["duration_s"]
    # The first and last tenth may be missing from what is everywhere.
    return bool(start_s <= 0.02 * duration_s and end_s >= 0.98 * duration_s)


def span(report: "QualityReport", start_s: float, end_s: float) -> str:
    """Write where a finding is."""
    if everywhere(report, start_s, end_s):
        return "whole recording"
    if end_s - start_s < 0.1:
        return clock(start_s)
    return f"{clock(start_s)} to {clock(end_s)}"


def words(kind: str) -> str:
    """Write the name of a kind as words."""
    return _NAMES.get(kind, kind.replace("_", " "))


def title(report: "QualityReport") -> str:
    """Name the recording."""
    path = report.provenance.get("path")
    # Either system's separator: the record may have travelled.
    return str(path).replace("\\", "/").rpartition("/")[2] if path else "Recording"


def heading(report: "QualityReport") -> str:
    """Name the recording, and tell one without a name by its length and format."""
    made = report.provenance
    if made.get("path"):
        return title(report)
    parts = [clock(made["duration_s"]), _rate(report), _stored(report)]
    return f"{title(report)} ({', '.join(parts)})"


def _rate(report: "QualityReport") -> str:
    return f"{report.provenance['sample_rate_hz'] / 1000:g} kHz"


def _stored(report: "QualityReport") -> str:
    made = report.provenance
    channels = {1: "mono", 2: "stereo"}.get(made["channels"], counted(made["channels"], "channel"))
    return f"{made['bit_depth']} bit, {channels}" if made["bit_depth"] else channels


def sign(severity: str | None) -> str:
    """Give the sign of a severity, or of none."""
    return SIGNS.get(severity or "", _NO_SIGN)


def colour(severity: str | None) -> str:
    """Give the colour of a severity, or of none."""
    return COLOURS.get(severity or "", _GOOD)


def not_applicable(report: "QualityReport") -> dict[str, str]:
    """Give the kinds that this recording cannot have, and why."""
    found: dict[str, str] = {}
    if report.provenance["channels"] == 1:
        found |= dict.fromkeys(_OF_TWO_CHANNELS, "one channel")
    if report.provenance["bit_depth"] is None:
        found |= dict.fromkeys(_OF_BITS, "no bit depth known")
    return {kind: why for kind, why in found.items() if kind in report.kinds}


def verdict(report: "QualityReport") -> str:
    """Say in a sentence or two what was found, and what was not looked at."""
    return f"{judged(report)} {not_checked(report)}".strip()


def judged(report: "QualityReport") -> str:
    """Say what was found."""
    counts = report.findings["severity"].value_counts()
    errors, warnings, infos = (int(counts.get(s, 0)) for s in reversed(SEVERITIES))
    notes = _many(infos, "note")
    if not report.kinds:
        return "Nothing was looked for."
    if errors:
        parts = [_many(errors, "error"), *([_many(warnings, "warning")] if warnings else [])]
        return f"Not ready: {' and '.join(parts)}. Worst: {_worst(report)}."
    if warnings:
        return f"Ready, with {_many(warnings, 'warning')}. Worst: {_worst(report)}."
    return f"No faults found{f'; {notes}' if infos else ''}."


def _worst(report: "QualityReport") -> str:
    first = ranked(report.findings).iloc[0]
    name, place = words(first["kind"]), span(report, first["start_s"], first["end_s"])
    if everywhere(report, first["start_s"], first["end_s"]):
        return f"{name} ({place})"
    return f"{name}, {place}" if " to " in place else f"{name} at {place}"


def ranked(findings: "pd.DataFrame") -> "pd.DataFrame":
    """Sort findings, the worst first: by severity, then by confidence as shown, then by time."""
    order = findings["severity"].map(SEVERITIES.index).astype(int)
    return (
        findings.assign(_order=-order, _doubt=-findings["confidence"].round(2))
        .sort_values(["_order", "_doubt", "start_s"], kind="stable")
        .drop(columns=["_order", "_doubt"])
    )


def not_checked(report: "QualityReport") -> str:
    """Say what was not looked at."""
    left = [f"{words(kind)} ({why})" for kind, why in sorted(not_applicable(report).items())]
    # One reason for many kinds is told once.
    mono = [kind for kind, why in not_applicable(report).items() if why == "one channel"]
    if len(mono) > 1:
        left = [text for text in left if "(one channel)" not in text]
        left.append("the stereo image (one channel)")
    if math.isnan(report.loudness.integrated_lufs):
        left.append("loudness (silent, too short, or a rate below 8 kHz)")
    if report.codecs is None:
        left.append("lossy codecs")
    if report.reference is None:
        left.append("a reference")
    return f"Not checked: {', '.join(left)}." if left else ""


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def figures(report: "QualityReport") -> list[tuple[str, str, str]]:
    """Give the key figures: name, value with unit, and what the name means."""
    loud, made = report.loudness, report.provenance
    shown = [
        ("Loudness", number(1, "LUFS")(loud.integrated_lufs), "integrated (BS.1770)"),
        ("Loudness range", number(1, "LU")(loud.loudness_range_lu), "EBU Tech 3342"),
        ("True peak", number(1, "dBTP", sign=True)(loud.true_peak_dbtp), "between the samples"),
        ("PLR", number(1, "LU")(loud.plr_lu), "peak to loudness ratio"),
        ("DR", number(0)(loud.dr_db), "dynamic range, in dB"),
        ("Length", clock(made["duration_s"]), "minutes and seconds"),
        ("Format", _rate(report), f"{_stored(report)}, as stored"),
    ]
    for name, label, digits, unit, meaning in _MEASURES:
        if name in report.measures.index:
            value = report.measures[name] / (1000 if unit == "kHz" else 1)
            shown.append((label, number(digits, unit)(value), meaning))
    return shown


_MEASURES = (
    ("crest_db", "Crest factor", 1, "dB", "peak over RMS"),
    ("stereo_width", "Stereo width", 2, "", "0 mono, 0.5 unrelated"),
    ("stereo_correlation", "Correlation", 2, "", "1 mono, -1 opposite polarity"),
    ("stereo_balance_db", "Balance", 1, "dB", "right over left"),
    ("effective_bandwidth_hz", "Bandwidth", 1, "kHz", "80 dB below the strongest"),
)


def lines(report: "QualityReport") -> list[str]:
    """Write the card as lines of text."""
    written = [f"{title(report)}: {report.verdict}"]
    written.append(", ".join(f"{name} {value}" for name, value, _ in figures(report)[:6]))
    for row in report.findings.to_dict("records"):
        place = span(report, row["start_s"], row["end_s"])
        written.append(
            f"  {sign(row['severity'])} {row['severity']:7}  {words(row['kind'])}, {place}: "
            f"{row['meaning']} {row['remedy']}"
        )
    return written


#: How a table shows what ``shown_findings`` gives.
FINDINGS: dict[str, Column] = {
    "kind": ("Finding", words),
    "severity": ("Severity", plain),
    "place": ("Where", plain),
    "strength": ("Value", plain),
    "confidence": ("Confidence", lambda value: f"{100 * value:.0f}\N{NO-BREAK SPACE}%"),
    "meaning": ("What it means", bound),
    "remedy": ("What to do", bound),
}


def shown_findings(report: "QualityReport") -> "pd.DataFrame":
    """Give findings with ``place`` and ``strength`` as words."""
    rows = report.findings.to_dict("records")
    return report.findings.assign(
        place=[span(report, row["start_s"], row["end_s"]) for row in rows],
        strength=[strength(row["value"], row["unit"]) for row in rows],
    )


def strength(value: float, unit: str) -> str:
    """Write a value with its unit; a pure number has none."""
    if is_missing(value):
        return MISSING
    text = f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return text if unit == "1" else f"{text} {unit}"


def mark(name: str, value: Any, text: str) -> str:
    """Give a severity its sign and colour; any other cell stays as it is."""
    if name != "severity":
        return text
    return (
        f"<span style='white-space:nowrap;border-left:.4em solid {colour(value)};"
        f"padding-left:.4em'><span aria-hidden='true'>{sign(value)}</span> {text}</span>"
    )


def card(report: "QualityReport") -> str:
    """Give the card as a notebook shows it, in light and in dark."""
    worst = report.worst
    found = shown_findings(report)
    head = opening(
        heading(report),
        judged(report),
        not_checked(report),
        mark=sign(worst),
        colour=colour(worst),
    )
    keys = " &middot; ".join(
        f"<span style='white-space:nowrap'>{text(name)} <b>{text(value)}</b></span>"
        for name, value, _ in figures(report)[:7]
    )
    parts = [head, f"<p style='margin:.3em 0'>{keys}</p>"]
    if len(found):
        parts.append(narrow(table(found, FINDINGS, caption="Findings", cell=mark)))
    if len(report.playback):
        plays, delivers = map(narrow, playback_tables(report.playback))
        parts.append(folded("How it will play", plays + delivers))
    if report.codecs is not None:
        caption = "What lossy codecs do to it"
        parts.append(folded(caption, narrow(table(report.codecs, CODECS, caption=caption))))
    if report.reference is not None:
        parts.append(folded("Against the reference", bullets(report.reference.words)))
    more = [(name, f"{value} ({meaning})") for name, value, meaning in figures(report)]
    parts.append(folded("More figures", pairs(more)))
    checked = ", ".join(words(kind) for kind in report.kinds) or "nothing"
    parts.append(folded("What was looked for", f"<p>{text(checked)}.</p>"))
    return framed("".join(parts))
