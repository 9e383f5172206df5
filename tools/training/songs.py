"""Songs to learn from, and to be judged by: composed by chance, with their whole truth.

    python tools/training/songs.py --first 0 --count 400 --out FOLDER

makes pairs of ``00000.flac`` and ``00000.json`` by one process; pairs that are there are kept.
A song is played by General-MIDI sound fonts through the ``fluidsynth`` program, where both are
installed (Debian: ``fluidsynth timgm6mb-soundfont fluidr3mono-gm-soundfont``), or by the studio of
musictools. The same seed gives the same score everywhere, and the same sound with the same fonts.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile as sf
from _composer import compose
from _finish import finish
from _midi import SAMPLE_RATE, find_fonts
from _player import play
from _score import Score, stream
from _styles import STYLES

#: Raise it when the same seed gives another song.
REVISION = 2
#: Share of songs that begin somewhere in the middle, as excerpts do.
EXCERPTS = 0.4


@dataclass(frozen=True)
class Song:
    """A song and the truth about it.

    Attributes
    ----------
    samples : numpy.ndarray, shape (2, n), float32
        Full scale is 1.0.
    sample_rate : int
        In Hz.
    truth : dict
        What ``describe_truth`` says.
    """

    samples: npt.NDArray[np.float32]
    sample_rate: int
    truth: dict[str, Any]


def make_song(seed: int, *, fonts: list[Path] | None = None) -> Song:
    """Make one song.

    Parameters
    ----------
    seed : int
        Decides everything.
    fonts : list of Path, optional
        Sound fonts to choose from; all of this machine unless given; empty for the studio alone.

    Returns
    -------
    Song
        30 to 45 seconds, or 1 to 20 seconds if it is a loop.
    """
    score = compose(seed)
    mix, setup = play(score, seed, find_fonts() if fonts is None else fonts)
    samples, treatment = finish(mix, SAMPLE_RATE, rng=stream(seed, "finish"))
    start_s, end_s = _window(score, samples.shape[1] / SAMPLE_RATE, stream(seed, "window"))
    samples = samples[:, round(start_s * SAMPLE_RATE) : round(end_s * SAMPLE_RATE)]
    truth = describe_truth(score, start_s, end_s)
    truth |= {
        "seed": seed,
        "revision": REVISION,
        "drums_by": setup.drums if score.hits else "none",
        "played_by": setup.pitched if score.tracks else "none",
        "font": setup.font.name if setup.font else "",
        "lowpass_hz": round(treatment.lowpass_hz, 1),
        "mono": treatment.mono,
    }
    return Song(np.ascontiguousarray(samples), SAMPLE_RATE, truth)


def _window(score: Score, total_s: float, rng: np.random.Generator) -> tuple[float, float]:
    """Give the part that is kept: loops end on their last bar, excerpts begin anywhere."""
    if score.material != "song":
        return 0.0, score.clock.plain(score.end_beat)
    start_s = 0.0
    if rng.random() < EXCERPTS:
        start_s = float(rng.uniform(0.0, 2.0 * score.grid.beats_per_bar * 60.0 / score.bpm))
    # Half of the excerpts stop in full swing as well.
    end_s = score.clock.plain(score.end_beat) if start_s and rng.random() < 0.5 else total_s
    return start_s, end_s


def describe_truth(score: Score, start_s: float, end_s: float) -> dict[str, Any]:
    """Write down what is true of the part of a song from ``start_s`` to ``end_s``.

    Returns
    -------
    dict
        Times in seconds from the start of the part: ``beats_s``, ``downbeats_s``;
        ``key_segments``, ``chords`` and ``sections`` as lists of ``[start, end, label]`` that cover
        the part; ``bpm`` (median of the beats), ``bpm_alt`` (another tempo a listener may tap, or
        None), ``key`` (of the longest segment; None for drums alone), ``beats_per_bar``,
        ``swing`` (0.5 straight), ``swing_beats``, ``tempo`` (the sort of its course),
        ``tuning_cents``, ``style``, ``material``.
    """
    clock, style = score.clock, STYLES[score.style]
    beats_s = clock.beats_s[:-1]
    steps_s = np.diff(clock.beats_s)
    kept = (beats_s >= start_s) & (beats_s < end_s)
    downbeat = np.arange(beats_s.size) % score.grid.beats_per_bar == 0
    keys = [(beat, key.label) for beat, key in score.keys] if score.tracks else [(0.0, "N")]
    music_s = (clock.plain(0.0), clock.plain(score.end_beat))
    spans = {
        "key_segments": _spans(keys, score, (start_s, end_s)),
        "sections": _spans(
            [(float(s.first_bar * score.grid.beats_per_bar), s.label) for s in score.sections],
            score, (start_s, end_s),
        ),
        "chords": _name_silence(_sounding(score), score, music_s, (start_s, end_s)),
    }  # fmt: skip
    bpm = round(float(60.0 / np.median(steps_s[kept] if kept.any() else steps_s)), 3)
    segments: dict[str, float] = {}
    for a, b, label in spans["key_segments"]:
        segments[label] = segments.get(label, 0.0) + b - a
    return {
        "style": score.style,
        "material": score.material,
        "duration_s": round(end_s - start_s, 6),
        "bpm": bpm,
        "bpm_alt": round(bpm * style.alt, 3) if style.alt else None,
        "tempo": score.tempo,
        "beats_s": [round(float(t) - start_s, 5) for t in beats_s[kept]],
        "downbeats_s": [round(float(t) - start_s, 5) for t in beats_s[kept & downbeat]],
        "beats_per_bar": score.grid.beats_per_bar,
        "subdivision": score.grid.div,
        "swing": round(clock.swing, 4),
        "swing_beats": clock.swing_beats,
        "loose_ms": round(score.loose_ms, 2),
        "tuning_cents": round(score.tuning_cents, 2),
        "key": max(segments, key=segments.__getitem__) if score.tracks else None,
        "instruments": {name: track.instrument for name, track in score.tracks.items()},
        **spans,
    }


Span = tuple[float, float, str]


def _spans(
    starts: list[tuple[float, str]], score: Score, part_s: tuple[float, float]
) -> list[Span]:
    """Turn labels at beats into spans that cover the part."""
    times = [-1.0, *[score.clock.plain(beat) for beat, _ in starts[1:]], np.inf]
    return [
        (round(max(a, part_s[0]) - part_s[0], 5), round(min(b, part_s[1]) - part_s[0], 5), label)
        for a, b, (_, label) in zip(times[:-1], times[1:], starts, strict=True)
        if min(b, part_s[1]) - max(a, part_s[0]) > 1e-4
    ]


def _sounding(score: Score) -> list[tuple[float, str]]:
    """Label the chords bar by bar by what is heard: N without pitch, a bare root under a bass."""
    bar = score.grid.beats_per_bar
    chordal = np.zeros(score.bars, dtype=bool)
    low = np.zeros(score.bars, dtype=bool)
    for name, track in score.tracks.items():
        heard = low if name in {"bass", "lead"} else chordal
        for note in track.notes:
            first = int(note.beat // bar)
            last = int((note.beat + note.length - 1e-6) // bar)
            heard[first : max(last, first) + 1] = True
    out: list[tuple[float, str]] = []
    marks = [(beat, chord) for beat, chord in score.chords]
    for number in range(score.bars):
        start, end = number * bar, (number + 1) * bar
        before = [c for beat, c in marks if beat <= start + 1e-6][-1]
        inside = [(float(start), before)] + [(b, c) for b, c in marks if start + 1e-6 < b < end]
        for beat, chord in inside:
            label = chord.label if chordal[number] else f"{chord.label.split(':')[0]}:5"
            label = label if chordal[number] or low[number] else "N"
            if not out or out[-1][1] != label:
                out.append((beat, label))
    return out


def _name_silence(
    starts: list[tuple[float, str]], score: Score, music_s: tuple[float, float],
    part_s: tuple[float, float],
) -> list[Span]:  # fmt: skip
    """Cover the part with chords; N before the first beat and after the last bar."""
    spans = []
    times = [music_s[0], *[score.clock.plain(beat) for beat, _ in starts[1:]], music_s[1]]
    labelled = [(0.0, music_s[0], "N")]
    labelled += [(a, b, s[1]) for a, b, s in zip(times[:-1], times[1:], starts, strict=True)]
    labelled.append((music_s[1], np.inf, "N"))
    for a, b, label in labelled:
        low, high = max(a, part_s[0]), min(b, part_s[1])
        if high - low > 1e-4:
            spans.append((round(low - part_s[0], 5), round(high - part_s[0], 5), label))
    return spans


def songs(first_seed: int, count: int, folder: str | Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give songs from a folder, making those that are not there.

    Parameters
    ----------
    first_seed : int
        Of the first song.
    count : int
        How many.
    folder : str or Path
        For pairs of FLAC and JSON.

    Yields
    ------
    Path
        Of the FLAC file.
    dict
        The truth.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    for seed in range(first_seed, first_seed + count):
        sound, words = place / f"{seed:05d}.flac", place / f"{seed:05d}.json"
        if not (sound.exists() and words.exists()):
            song = make_song(seed)
            # The sound first: where there is truth, there is a song.
            with tempfile.TemporaryDirectory(dir=place, prefix=".making-") as making:
                part = Path(making) / "song.flac"
                sf.write(str(part), song.samples.T, song.sample_rate, subtype="PCM_16")
                text = Path(making) / "song.json"
                text.write_text(json.dumps(song.truth), encoding="utf-8")
                part.replace(sound)
                text.replace(words)
        yield sound, json.loads(words.read_text(encoding="utf-8"))


def main() -> None:
    """Make songs from the command line."""
    words = argparse.ArgumentParser(description="Make training songs.")
    words.add_argument("--first", type=int, default=0, help="first seed")
    words.add_argument("--count", type=int, default=100, help="how many")
    words.add_argument("--out", required=True, help="folder for FLAC and JSON")
    asked = words.parse_args()
    fonts = find_fonts()
    print("sound fonts:", ", ".join(font.name for font in fonts) or "none: the studio plays all")
    for path, truth in songs(asked.first, asked.count, asked.out):
        print(path.name, truth["style"], truth["bpm"], truth["key"], truth["played_by"], flush=True)


if __name__ == "__main__":
    main()
