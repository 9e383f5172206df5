"""Songs to learn chords from: the spectral peaks and the true chords of each."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

import musictools as mt
from musictools.audio._chord_model import CHORDS, NONE, Clues, frame_clues
from musictools.audio._pass import gather
from musictools.audio._peaks import FIRST_S, HOP_S, Peaks, PeakTrack
from musictools.datasets._synth._styles import STYLES

Spans: TypeAlias = list[tuple[float, float, str]]

#: Songs by the studio of mt.datasets, for each of its styles.
STUDIO_EACH, STUDIO_S, STUDIO_SEED = 14, 45.0, 92_000
#: Songs from this seed on are only judged.
KEPT_BACK = 10_000
JAZZ = {"jazz", "jazz waltz", "swing jazz", "bossa nova"}
_PITCH = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
# What each of Harte's qualities may be called with only three: a chord without its third may have
# either, and one with a fourth in its place is major in most theories, with a seventh or without.
_MAY_BE = {
    "maj": ("maj", "maj6", "maj7", "maj9", "aug"),
    "min": ("min", "min6", "min7", "min9", "minmaj7", "dim", "dim7", "hdim7"),
    "7": ("7", "9", "11", "13"),
}
_OPEN = {"5": ("maj", "min", "7"), "sus2": ("maj", "min"), "sus4": ("maj", "7")}
_QUALITIES = {q: (name,) for name, qualities in _MAY_BE.items() for q in qualities} | _OPEN
# Where a chord begins or ends, half of a frame is another one.
_NEAR_S, _NEAR_WEIGHT = 0.09, 0.3
_SAMPLE_RATE = 22_050


@dataclass(frozen=True, eq=False)
class Song:
    """A song and its truth.

    Attributes
    ----------
    collection, style, name : str
        Which set it belongs to, its style, and which song it is.
    fold : int
        Songs of one fold are left out together; -1 if it is only judged.
    spans : list of (float, float, str)
        Start and end in seconds, and chord.
    clues : Clues
        What the network reads.
    """

    collection: str
    style: str
    name: str
    fold: int
    spans: Spans
    clues: Clues


def classes_of(label: str) -> list[int]:
    """Give the numbers of the chords, of 37, that a label in Harte's notation may be called."""
    if label == "N":
        return [NONE]
    root, _, quality = label.partition(":")
    pitch = _PITCH[root[0]] + root.count("#") - root.count("b")
    names = _QUALITIES[quality or "maj"]
    return [(12 * ("maj", "min", "7").index(name)) + pitch % 12 for name in names]


def fold_label(label: str) -> str:
    """Give the one chord of 37 that a label stands for; X if more than one would do."""
    classes = classes_of(label)
    return CHORDS[classes[0]] if len(classes) == 1 else "X"


def targets(song: Song) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Give the chords that would be right, shape (frames, 37), and how much each frame counts."""
    middle_s = FIRST_S + np.arange(len(song.clues.notes)) * HOP_S
    starts_s, ends_s = (np.array([span[i] for span in song.spans]) for i in (0, 1))
    at = np.clip(np.searchsorted(starts_s, middle_s, side="right") - 1, 0, None)
    right = np.zeros((len(song.spans), len(CHORDS)), np.float32)
    for row, (_, _, label) in zip(right, song.spans, strict=True):
        row[classes_of(label)] = 1
    edge_s = np.minimum(middle_s - starts_s[at], ends_s[at] - middle_s)
    weight = np.where(edge_s < _NEAR_S, _NEAR_WEIGHT, 1.0)
    return right[at], np.where(edge_s < 0, 0.0, weight).astype(np.float32)


def read_songs(folder: Path, cache: Path) -> Iterator[Song]:
    """Read the songs that ``songs.py`` rendered: each FLAC file has its truth in a JSON beside."""
    for path in sorted(folder.glob("*.json")):
        sound, truth = path.with_suffix(".flac"), json.loads(path.read_text("utf-8"))
        if not sound.is_file():
            continue
        kept = cache / folder.name / f"{path.stem}-{truth['revision']}.npz"
        spans = [tuple(span) for span in truth["chords"]]
        if len(spans) > 1 and spans[-1][2] == "N":
            # The last chord rings on there: nobody would call that silence.
            spans = spans[:-1]
        back = truth["seed"] >= KEPT_BACK
        name = f"{folder.name}, kept back" if back else folder.name
        yield Song(
            name,
            truth["style"],
            path.stem,
            -1 if back else truth["seed"] % 4,
            spans,
            frame_clues(_peaks(kept, lambda sound=sound: mt.audio.read(sound))),
        )


def simulate_songs(cache: Path) -> Iterator[Song]:
    """Make songs with ``mt.datasets.simulate_recording``; the last two of a style are judged."""
    for number, style in enumerate(sorted(STYLES)):
        for i in range(STUDIO_EACH):
            name = f"{style.replace(' ', '_')}_{i:02d}"
            kept = cache / "studio" / f"{name}.npz"
            truth = kept.with_suffix(".json")
            if not truth.is_file():
                song = mt.datasets.simulate_recording(
                    style=style, duration_s=STUDIO_S, rng=STUDIO_SEED + 100 * number + i
                )
                _peaks(kept, lambda song=song: song.recording)
                chords = song.truth["chords"].itertuples(index=False)
                truth.write_text(json.dumps([list(span) for span in chords]), "utf-8")
            spans = [tuple(span) for span in json.loads(truth.read_text("utf-8"))]
            back = i >= STUDIO_EACH - 2
            yield Song(
                "studio, kept back" if back else "studio",
                style,
                name,
                -1 if back else i % 4,
                spans,
                frame_clues(_load(kept)),
            )


def play_tones(rng: np.random.Generator) -> Iterator[Song]:
    """Play chords of bare tones, for a network that knows no instrument; and noise, for none."""
    for number in range(24):
        labels = [CHORDS[c] for c in rng.integers(NONE, size=12)]
        samples = np.concatenate([_chord(label, rng) for label in labels])
        edges = np.arange(13) * len(samples) / 12 / _SAMPLE_RATE
        spans = list(zip(edges[:-1].tolist(), edges[1:].tolist(), labels, strict=True))
        yield _own("tones", number, spans, samples)
    for number in range(8):
        # White, pink, brown, and in between.
        spectrum = np.fft.rfft(rng.standard_normal(20 * _SAMPLE_RATE))
        spectrum /= np.maximum(np.arange(len(spectrum)), 20) ** (number / 7)
        samples = np.fft.irfft(spectrum)
        yield _own("noise", number, [(0.0, 20.0, "N")], samples)


def _chord(label: str, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    root, _, quality = label.partition(":")
    steps = {"maj": (0, 4, 7), "min": (0, 3, 7), "7": (0, 4, 7, 10)}[quality]
    pitch = _PITCH[root[0]] + root.count("#") - root.count("b")
    notes = [pitch + step - 12 * int(rng.integers(2)) for step in steps]
    if rng.random() < 0.5:
        notes.append(pitch - 24)
    time_s = np.arange(2 * _SAMPLE_RATE) / _SAMPLE_RATE
    partials, slope = int(rng.integers(1, 9)), rng.uniform(0.5, 2.0)
    sound = np.zeros_like(time_s)
    for note in notes:
        for partial in range(1, partials + 1):
            turn = partial * 261.626 * 2 ** (note / 12) * time_s + rng.random()
            sound += np.sin(2 * np.pi * turn) / partial**slope
    return sound


def _own(collection: str, number: int, spans: Spans, samples: npt.NDArray[np.float64]) -> Song:
    sound = (0.5 * samples / np.abs(samples).max()).astype(np.float32)
    recording = mt.audio.from_samples(sound, _SAMPLE_RATE)
    clues = frame_clues(gather(recording, [PeakTrack])[PeakTrack])
    return Song(collection, collection, f"{number:02d}", number % 4, spans, clues)


def _peaks(kept: Path, play) -> PeakTrack:  # noqa: ANN001
    if not kept.is_file():
        track = gather(play(), [PeakTrack])[PeakTrack]
        peaks = track.peaks
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            kept,
            frame=peaks.frame,
            pitch=peaks.pitch,
            magnitude=peaks.magnitude,
            prominence=peaks.prominence,
            energies=track.energies(),
        )
    return _load(kept)


def _load(kept: Path) -> PeakTrack:
    with np.load(kept) as data:
        peaks = Peaks(data["frame"], data["pitch"], data["magnitude"], data["prominence"])
        return PeakTrack.of(peaks, data["energies"])
