"""Learn which metrical level of a recording is its tempo; writes _models/tempo.json.

    python tools/training/songs.py --first 0 --count 400 --out SONGS
    python tools/training/train_tempo.py --songs SONGS --development ../shared/data/audio

What is heard is kept in the scratch folder (``--cache``), so that only the first run is long. Each
song is asked several times: its middle 30 s and its whole as they are, and other parts with the
rate of the frames, and with it the true tempo, multiplied by a random number: any tempo for free.
Scores are of the middle 30 s of songs that the fit has not seen: five folds of songs, and the songs
whose seeds are held back.
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from _tempo_fit import Fit, Question, fit, sharpen
from _tempo_songs import HELD_BACK, Song, read_development, read_songs, simulate_songs

from musictools.audio._beat_chain import LEAST_BEATS, chain_onsets
from musictools.audio._beats import place_beats, usual_bpm
from musictools.audio._harmony import trace_changes
from musictools.audio._onsets import RATE_HZ
from musictools.audio._pulse import propose_tempi
from musictools.audio._tempo_curve import follow_tempo
from musictools.audio._tempo_features import FEATURES, Heard

Floats = npt.NDArray[np.float64]

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "musictools" / "audio" / "_models" / "tempo.json"
_FOLDS, _PENALTY, _COPIES = 5, 10.0, 4
_STRETCH = 0.14  # largest natural logarithm of the random factor
_EXCERPT_S, _COPY_S = 30.0, (18.0, 45.0)
_RIGHT = 0.03
# Few recordings that people made weigh as much as many simulated ones.
_WEIGHTS = {"midi_render": 3.0, "lmms_loops": 2.0, "sonicpi_loops": 2.0}
_OCTAVES = (1, 2, 3, 1 / 2, 1 / 3)


def main() -> None:
    """Read the command line, learn, print the scores and write the model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=Path, nargs="*", default=[])
    parser.add_argument("--development", type=Path)
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "training" / "tempo")
    parser.add_argument("--out", type=Path, default=MODEL)
    asked = parser.parse_args()
    songs = list(simulate_songs(asked.cache))
    for folder in asked.songs:
        songs += read_songs(folder, asked.cache)
    if asked.development:
        songs += read_development(asked.development, asked.cache)
    rng = np.random.default_rng(1)
    judged = [song for song in songs if song.collection.startswith(HELD_BACK)]
    songs = [song for song in songs if not song.collection.startswith(HELD_BACK)]
    copies = [ask(song, rng) for song in songs]
    logits = cross_validate(copies)
    sharpness = sharpen(logits, [questions[0].right for questions in copies])
    learned = fit([q for questions in copies for q in questions], penalty=_PENALTY)
    songs += judged
    copies += [ask(song, rng) for song in judged]
    logits += [learned.score(questions[0]) for questions in copies[len(logits) :]]
    tables = tabulate(songs, copies, logits), reliability(copies, logits, sharpness)
    asked.out.write_text(json.dumps(describe(learned, sharpness, *tables), indent=1) + "\n")
    for table in tables:
        for row in table:
            print(row)


def ask(song: Song, rng: np.random.Generator) -> list[Question]:
    """Cut a song into questions, the middle 30 s first."""
    start, end = middle(song)
    length = song.curves.shape[1] / RATE_HZ
    weight = _WEIGHTS.get(song.collection, 1.0) / (_COPIES + 2)
    found = [
        _question(song, start, end - start, 1.0, weight),
        _question(song, 0.0, length, 1.0, weight),
    ]
    for _ in range(_COPIES):
        factor = float(np.exp(rng.uniform(-_STRETCH, _STRETCH)))
        seconds = rng.uniform(*_COPY_S)
        start = rng.uniform(0, max(0.0, length - seconds))
        found.append(_question(song, start, seconds, factor, weight))
    return found


def middle(song: Song) -> tuple[float, float]:
    """Start and end of the middle 30 s, in seconds."""
    start = max(0.0, (song.curves.shape[1] / RATE_HZ - _EXCERPT_S) / 2)
    return start, start + _EXCERPT_S


def _question(song: Song, start: float, seconds: float, factor: float, weight: float) -> Question:
    """Ask for the tempo of a part of a song, played ``factor`` times as fast."""
    curves, bands, harmony = song.part(start, start + seconds)
    mean = bands.mean(axis=0, dtype=np.float64)
    heard = Heard(curves, mean, trace_changes(harmony), RATE_HZ * factor)
    tempi, features, _ = propose_tempi(heard)
    bpm = song.bpm_between(start, start + seconds) * factor
    apart = np.abs(tempi / bpm - 1)
    right = int(apart.argmin()) if tempi.size and apart.min() < _RIGHT else -1
    return Question(tempi, features, bpm, right, weight)


def cross_validate(copies: list[list[Question]]) -> list[Floats]:
    """Logits of the first question of each song, by a fit to songs of the other folds."""
    fold = np.random.default_rng(0).permutation(len(copies)) % _FOLDS
    fits = [
        fit([q for i, asked in enumerate(copies) if fold[i] != k for q in asked], penalty=_PENALTY)
        for k in range(_FOLDS)
    ]
    return [fits[k].score(asked[0]) for k, asked in zip(fold, copies, strict=True)]


def tabulate(
    songs: Iterable[Song], copies: Iterable[list[Question]], held: Iterable[Floats]
) -> list[dict[str, float | str]]:
    """Score each collection."""
    answers: dict[str, list[tuple[float, float]]] = {}
    for song, asked, logits in zip(songs, copies, held, strict=True):
        best = settled(song, float(asked[0].tempi_bpm[logits.argmax()])) if logits.size else np.nan
        answers.setdefault(song.collection, []).append((best, asked[0].bpm))
    rows: list[dict[str, float | str]] = []
    for collection, pairs in answers.items():
        found, wanted = np.array(pairs).T
        row: dict[str, float | str] = {"set": collection, "n": len(pairs)}
        for name, ratios in (("acc1", (1,)), ("acc2", _OCTAVES)):
            off = np.min([np.abs(found / (wanted * ratio) - 1) for ratio in ratios], axis=0)
            for percent in (4, 1):
                row[f"{name}_{percent}"] = round(float(np.mean(off <= percent / 100)), 3)
        rows.append(row)
    return rows


def settled(song: Song, bpm: float) -> float:
    """Follow the tempo of the middle 30 s, as the package does."""
    curves, bands, harmony = song.part(*middle(song))
    course = follow_tempo(curves, bpm)
    chain = chain_onsets(curves, course)
    if chain.steady or chain.times_s.size < LEAST_BEATS:
        return course.median_bpm
    return usual_bpm(place_beats(curves, bands, harmony, chain=chain), course)


def reliability(
    copies: Iterable[list[Question]], held: Iterable[Floats], sharpness: float
) -> list[dict[str, float | str]]:
    """How many answers are right, by their confidence, on songs held back."""
    pairs = []
    for asked, logits in zip(copies, held, strict=True):
        if logits.size:
            share = np.exp(sharpness * (logits - logits.max()))
            off = abs(asked[0].tempi_bpm[logits.argmax()] / asked[0].bpm - 1)
            pairs.append((1 / share.sum(), off <= 0.04))
    confidence, right = np.array(pairs, dtype=float).T
    rows: list[dict[str, float | str]] = []
    for low, high in ((0, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 0.95), (0.95, 1.01)):
        inside = (confidence >= low) & (confidence < high)
        if inside.any():
            rows.append({
                "confidence": round(float(confidence[inside].mean()), 3),
                "n": int(inside.sum()),
                "right": round(float(right[inside].mean()), 3),
            })  # fmt: skip
    return rows


def describe(learned: Fit, sharpness: float, *tables: list[dict[str, float | str]]) -> object:
    """Everything that the package needs, and what it can be expected to do."""
    columns = zip(FEATURES, learned.mean, learned.scale, learned.weights, strict=True)
    return {
        "made_by": "tools/training/train_tempo.py",
        "figures": {"middle_30_s_unseen": tables[0], "reliability": tables[1]},
        "features": {
            name: {"mean": _short(mean), "scale": _short(scale), "weight": _short(weight)}
            for name, mean, scale, weight in columns
        },
        "usual": [_short(weight) for weight in learned.usual],
        "sharpness": _short(sharpness),
    }


def _short(number: float) -> float:
    return float(f"{number:.6g}")


if __name__ == "__main__":
    main()
