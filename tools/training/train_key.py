"""Learns the key model of musictools from simulated songs, and says how well it does.

    python tools/training/songs.py --first 0 --count 800 --out FOLDER
    python tools/training/train_key.py --songs FOLDER --development ../shared/data/audio

writes ``musictools/audio/_models/key.json``. Figures are of songs that were left out when the
weights that judged them were learned (five folds, no song in two); the development set, where it
is given, and the songs that songs.py calls held back are judged only. Keys are read from chords:
learn those first (``train_chords.py``). That model has heard the songs of the folds; neither it
nor this one has heard what is held back. Peaks are kept in the cache folder; delete it when they
are found in another way.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from _key_fit import fit_clues, fit_keys, mirex
from _key_songs import Song, cut, join, make_noise, read_development, read_songs, simulate_songs

from musictools.audio._chord_model import hear_chords
from musictools.audio._key_model import (
    Harmony,
    find_harmony,
    find_scales,
    gather_clues,
    key_windows,
    part_features,
    window_features,
)
from musictools.audio._peaks import HOP_S, PeakTrack
from musictools.audio._viterbi import log_softmax

Floats = npt.NDArray[np.float64]

ROOT = Path(__file__).resolve().parents[2]
FOLDS = 5
EXCERPT_S = 30.0
# A modulating recording: the longer part gives the key.
MAIN_S, OTHER_S, DETUNED = 19.0, 11.0, 0.3
# By cross-validation: neighbours a factor of three away are as good.
PENALTIES = {"whole": 3.0, "windows": 1.0, "clues": 0.01}


@dataclass(eq=False)
class Question:
    """Something to find the key of, and the answer."""

    group: str
    fold: int
    key: int
    harmony: Harmony
    posterior: Floats


def ask(track: PeakTrack, group: str, fold: int, key: int) -> Question:
    """Put a question."""
    return Question(group, fold, key, harmony_of(track), np.empty(0))


def harmony_of(track: PeakTrack) -> Harmony:
    """Give what the model reads."""
    return find_harmony(track, hear_chords(track))


def excerpt(song: Song) -> PeakTrack:
    """Give the middle 30 s."""
    return cut(song, max(0.0, (song.track.frames * HOP_S - EXCERPT_S) / 2), EXCERPT_S)


def pair_up(songs: Sequence[Song], rng: np.random.Generator) -> list[tuple[PeakTrack, int]]:
    """Join 19 s of each song with 11 s of another in another key, in either order."""
    steady = [song for song in songs if song.steady]
    found = []
    for song in steady:
        others = [other for other in steady if other.key != song.key]
        other = others[int(rng.integers(len(others)))]
        parts = [
            cut(s, rng.uniform(0, max(0.0, s.track.frames * HOP_S - seconds)), seconds)
            for s, seconds in ((song, MAIN_S), (other, OTHER_S))
        ]
        tuning = float(rng.uniform(-DETUNED, DETUNED))
        if rng.random() < 0.5:
            parts.reverse()
        found.append((join(parts[0], parts[1], semitones=(tuning, tuning)), song.key))
    return found


@dataclass(frozen=True, eq=False)
class Lesson:
    """What one song teaches.

    Attributes
    ----------
    wholes : array of shape (n, 12, features)
        The song and its middle, if it has one key, or none at all; no row otherwise.
    windows : array of shape (n, 12, features)
        Those that one key fills.
    keys : array of shape (n,)
        Of the windows.
    """

    wholes: Floats
    windows: Floats
    keys: npt.NDArray[np.int64]


def prepare(song: Song) -> Lesson:
    """Read a song."""
    harmony = harmony_of(song.track)
    keys = song.keys(key_windows(song.track.frames))
    heard = [harmony, harmony_of(excerpt(song))] if song.steady else [harmony]
    rows = [part_features(one, np.ones((1, len(one.heard)))) for one in heard]
    taught = song.steady or song.key < 0
    wholes = np.concatenate(rows)[: None if taught else 0]
    return Lesson(wholes, window_features(harmony)[keys >= 0], keys[keys >= 0])


def learn(songs: Sequence[Song], lessons: dict[Song, Lesson]) -> dict[str, Any]:
    """Fit the weights of whole songs, and of windows that one key fills.

    Only the former learn that noise has no key: windows must be sharp to find where keys change,
    and the last decision sees both.
    """
    own = [lessons[song] for song in songs]
    known = [lesson for lesson in own if len(lesson.keys)]
    keys = np.array([song.key for song in songs])
    return {
        "whole": fit_keys(
            np.concatenate([lesson.wholes for lesson in own]),
            np.repeat(keys, [len(lesson.wholes) for lesson in own]),
            np.ones(sum(len(lesson.wholes) for lesson in own)),
            penalty=PENALTIES["whole"],
        ),
        "windows": fit_keys(
            np.concatenate([lesson.windows for lesson in known]),
            np.concatenate([lesson.keys for lesson in known]),
            # Every song counts as one, however many windows it has.
            np.concatenate([np.full(len(one.keys), 1 / len(one.keys)) for one in known]),
            penalty=PENALTIES["windows"],
        ),
    }


def clues_of(question: Question, model: dict[str, Any]) -> Floats:
    """Give the clues of one question."""
    scales = find_scales(question.harmony, model["windows"])
    return gather_clues(question.harmony, scales, model["whole"])


def answer(questions: Sequence[Question], model: dict[str, Any]) -> None:
    """Answer questions."""
    for question in questions:
        clues = clues_of(question, model)
        question.posterior = np.exp(log_softmax(clues @ np.array(model["clues"])))


def learn_and_judge(songs: list[Song], judged: list[Song]) -> tuple[dict[str, Any], list[Question]]:
    """Cross-validate, then learn from all songs, and answer what is only judged with that."""
    rng = np.random.default_rng(0)
    fold = rng.permutation(len(songs)) % FOLDS
    lessons = {song: prepare(song) for song in songs}
    questions: list[Question] = []
    clues = []
    for left_out in range(FOLDS):
        model = learn([s for s, f in zip(songs, fold, strict=True) if f != left_out], lessons)
        tested = [s for s, f in zip(songs, fold, strict=True) if f == left_out]
        new = put_questions(tested, left_out, rng)
        clues += [clues_of(question, model) for question in new]
        questions += new
    table, keys = np.stack(clues), np.array([q.key for q in questions])
    folds = np.array([q.fold for q in questions])
    for left_out in range(FOLDS):
        weights = fit_clues(
            table[folds != left_out], keys[folds != left_out], penalty=PENALTIES["clues"]
        )
        for at in np.flatnonzero(folds == left_out):
            questions[at].posterior = np.exp(log_softmax(table[at] @ np.array(weights)))
    model = learn(songs, lessons)
    model["clues"] = fit_clues(table, keys, penalty=PENALTIES["clues"])
    only_judged = put_questions(judged, -1, rng)
    answer(only_judged, model)
    return model, questions + only_judged


def put_questions(songs: Sequence[Song], fold: int, rng: np.random.Generator) -> list[Question]:
    """Ask for the key of songs that keep it, of their middle, and of each collection's pairs."""
    steady = [song for song in songs if song.steady]
    found = [ask(s.track, s.collection, fold, s.key) for s in steady]
    found += [ask(excerpt(s), f"{s.collection}, middle 30 s", fold, s.key) for s in steady]
    found += [ask(s.track, s.collection, fold, -1) for s in songs if s.key < 0]
    for collection in dict.fromkeys(s.collection for s in steady):
        own = [s for s in songs if s.collection == collection]
        found += [ask(t, f"{collection}, pairs", fold, key) for t, key in pair_up(own, rng)]
    return found


def describe(questions: Sequence[Question]) -> dict[str, dict[str, float]]:
    """Score each group of questions."""
    figures: dict[str, dict[str, float]] = {}
    for group in dict.fromkeys(q.group for q in questions):
        own = [q for q in questions if q.group == group]
        if own[0].key < 0:
            sure = [q.posterior.max() for q in own]
            figures[group] = {
                "questions": len(own),
                "median_confidence": round(float(np.median(sure)), 3),
                "largest_confidence": round(float(max(sure)), 3),
            }
            continue
        found = np.array([q.posterior.argmax() for q in own])
        true = np.array([q.key for q in own])
        figures[group] = {
            "questions": len(own),
            "exact": round(float((found == true).mean()), 3),
            "mirex_fifth_up": round(mirex(found, true, both_fifths=False), 3),
            "mirex_both_fifths": round(mirex(found, true, both_fifths=True), 3),
            "log_loss": round(float(np.mean([-np.log(q.posterior[q.key]) for q in own])), 3),
        }
    return figures


def check_confidence(questions: Sequence[Question]) -> list[dict[str, float]]:
    """Compare confidence with the share of right answers, in bins."""
    sure = np.array([q.posterior.max() for q in questions])
    right = np.array([q.posterior.argmax() == q.key for q in questions])
    rows = []
    for low, high in ((0.0, 0.4), (0.4, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0001)):
        inside = (sure >= low) & (sure < high)
        if inside.any():
            rows.append(
                {
                    "from": low,
                    "to": min(high, 1.0),
                    "answers": int(inside.sum()),
                    "mean_confidence": round(float(sure[inside].mean()), 3),
                    "right": round(float(right[inside].mean()), 3),
                }
            )
    return rows


def rounded(value: Any) -> Any:
    """Round numbers for the file: more digits are noise."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    return [rounded(part) for part in value] if isinstance(value, list) else round(value, 4)


def main() -> None:
    """Read the command line, and do it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=Path, nargs="+", required=True, help="of songs.py")
    parser.add_argument("--development", type=Path, help="folder of the development set")
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "training" / "key")
    parser.add_argument("--out", type=Path, default=ROOT / "musictools/audio/_models/key.json")
    given = parser.parse_args()
    made = [song for folder in given.songs for song in read_songs(folder, given.cache)]
    songs = [song for song in made if song.collection != "held back"]
    songs += [*simulate_songs(given.cache), *make_noise(given.cache)]
    judged = [song for song in made if song.collection == "held back"]
    if given.development:
        judged += read_development(given.development, given.cache)
    model, questions = learn_and_judge(songs, judged)
    figures = describe(questions)
    for group, scores in figures.items():
        print(f"{group:26s}", "  ".join(f"{name} {value}" for name, value in scores.items()))
    reliability = check_confidence([q for q in questions if q.fold >= 0 and q.key >= 0])
    for row in reliability:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    text = {
        "made_by": "tools/training/train_key.py",
        "learned_from": f"{len(songs)} simulated recordings",
        "figures": figures,
        "reliability": reliability,
        **rounded(model),
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(text) + "\n", "utf-8")


if __name__ == "__main__":
    main()
