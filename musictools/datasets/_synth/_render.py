"""From a spec to a song."""

import math
from typing import Any

import numpy as np

from musictools._threads import one_thread
from musictools.datasets._synth._compose import Score, compose, stream
from musictools.datasets._synth._faults import apply_faults
from musictools.datasets._synth._harmony import parse_key
from musictools.datasets._synth._master import gated_lufs, master
from musictools.datasets._synth._mix import LEAD_IN_S, mix
from musictools.datasets._synth._spec import Fault, Song, SongSpec
from musictools.datasets._synth._styles import STYLES
from musictools.datasets._synth._voices import SAMPLE_RATE
from musictools.errors import InputError, closest

#: What rings on after the last bar.
TAIL_S = 1.6
LIMITS: dict[str, tuple[float, float, str]] = {
    "bpm": (60.0, 190.0, "BPM"),
    "duration_s": (5.0, 600.0, "seconds"),
    "loudness_lufs": (-40.0, -6.0, "LUFS"),
}


def render(spec: SongSpec) -> Song:
    """Synthesise a song.

    Parameters
    ----------
    spec : SongSpec
        What to synthesise; any style goes with any key, tempo and metre.

    Returns
    -------
    Song
        44.1 kHz stereo and the truth about it. The same spec gives the same bits.

    Raises
    ------
    InputError
        If a style, key or fault is unknown, or a number is out of range.

    Examples
    --------
    >>> from musictools.datasets._synth._spec import SongSpec
    >>> song = render(SongSpec("pop", 120.0, "C major", 4, 10.0, -14.0))
    >>> song.samples.shape[0], song.truth["key"], len(song.truth["downbeats_s"])
    (2, 'C major', 4)
    """
    check_spec(spec)
    bar_s = spec.beats_per_bar * 60.0 / spec.bpm
    bars = max(1, round((spec.duration_s - TAIL_S - LEAD_IN_S) / bar_s))
    n = math.ceil((LEAD_IN_S + bars * bar_s + TAIL_S) * SAMPLE_RATE)
    score = compose(spec, bars=bars)
    style = STYLES[spec.style]
    truth = _truth(score, spec, n / SAMPLE_RATE)
    # Products here are small: a second thread would only wait for the first.
    with one_thread():
        samples = mix(score, style, bpm=spec.bpm, seed=spec.seed, n=n)
        samples = master(
            samples, loudness_lufs=spec.loudness_lufs, tilt_db=style.tilt_db, tail_s=TAIL_S
        )
        truth["loudness_lufs"] = gated_lufs(samples)
        samples, faults = apply_faults(
            samples, SAMPLE_RATE, spec.faults, rng=stream(spec.seed, "faults")
        )
    truth["faults"] = faults
    _recut(truth, faults, samples.shape[1] / SAMPLE_RATE)
    return Song(samples, SAMPLE_RATE, truth)


def check_spec(spec: SongSpec) -> None:
    """Refuse what cannot be synthesised."""
    if spec.style not in STYLES:
        raise InputError(
            "synthesise a song",
            got=f"style {spec.style!r}",
            expected="a known style",
            hint=closest(spec.style, STYLES),
        )
    parse_key(spec.key)
    for name, (low, high, unit) in LIMITS.items():
        value = getattr(spec, name)
        if not low <= value <= high:
            raise InputError(
                "synthesise a song",
                got=f"{name}={value!r}",
                expected=f"{low:g} to {high:g} {unit}",
                hint=f"pass {name}={min(max(low, 100.0), high):g}",
            )
    if spec.beats_per_bar not in {3, 4}:
        raise InputError(
            "synthesise a song",
            got=f"beats_per_bar={spec.beats_per_bar!r}",
            expected="3 or 4",
            hint="pass beats_per_bar=4",
        )


def _truth(score: Score, spec: SongSpec, duration_s: float) -> dict[str, Any]:
    beat_s = 60.0 / spec.bpm
    beats = LEAD_IN_S + beat_s * np.arange(score.bars * score.beats_per_bar)
    chord_starts = [LEAD_IN_S + beat_s * beat for beat, _ in score.chords]
    section_starts = [
        LEAD_IN_S + beat_s * score.beats_per_bar * section.first_bar for section in score.sections
    ]
    return {
        "style": spec.style,
        "bpm": spec.bpm,
        "key": spec.key,
        "beats_per_bar": spec.beats_per_bar,
        "beats_s": beats,
        "downbeats_s": beats[:: score.beats_per_bar],
        "chords": _spans(chord_starts, [chord.label for _, chord in score.chords], duration_s),
        "sections": _spans(section_starts, [s.name for s in score.sections], duration_s),
    }


def _spans(starts: list[float], labels: list[str], end_s: float) -> list[tuple[float, float, str]]:
    return list(zip(starts, [*starts[1:], end_s], labels, strict=True))


def _recut(truth: dict[str, Any], faults: list[Fault], duration_s: float) -> None:
    """Move the truth where a fault has cut the start off, and end it where the samples end."""
    cut_s = sum(fault.size for fault in faults if fault.kind == "truncated_start")
    for name in ("beats_s", "downbeats_s"):
        moved = truth[name] - cut_s
        truth[name] = moved[(moved >= 0.0) & (moved < duration_s)]
    for name in ("chords", "sections"):
        truth[name] = [
            (max(start - cut_s, 0.0), min(end - cut_s, duration_s), label)
            for start, end, label in truth[name]
            if end - cut_s > 0.0 and start - cut_s < duration_s
        ]
