"""Learns the chord model of musictools from simulated songs, and says how well it does.

    python tools/training/songs.py --first 0 --count 400 --out FOLDER
    python tools/training/songs.py --first 10000 --count 120 --out FOLDER
    python tools/training/train_chords.py --songs FOLDER

writes ``musictools/audio/_models/chords.json``. Figures are of songs that were left out when the
weights that judged them were learned (four folds), and of songs kept back from all of it (seeds
from 10000 on, and two of each style of the studio). They leave out what rings on after the last
chord. Peaks are kept in the cache folder; delete it when they are found in another way.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import mir_eval
import numpy as np
from _chord_fit import fit_network
from _chord_songs import JAZZ, Song, fold_label, play_tones, read_songs, simulate_songs, targets

from musictools.audio._chord_model import (
    CHORDS,
    ChordEvidence,
    ChordWeights,
    chord_scores,
    evidence_of,
)
from musictools.audio._chords import spans_of

ROOT = Path(__file__).resolve().parents[2]
FOLDS = 4
# Neighbouring frames overlap by half: every other one teaches as much.
EVERY = 2


def learn(songs: Sequence[Song]) -> ChordWeights:
    """Fit the network to songs."""
    known = [targets(song) for song in songs]
    return fit_network(
        np.concatenate([song.clues.notes[::EVERY] for song in songs]),
        np.concatenate([song.clues.sound[::EVERY] for song in songs]),
        np.concatenate([right[::EVERY] for right, _ in known]),
        weight=np.concatenate([weight[::EVERY] for _, weight in known]),
    )


def hear(song: Song, weights: ChordWeights) -> ChordEvidence:
    """Find the chords of a song."""
    return evidence_of(chord_scores(song.clues, weights), song.clues.pitched)


def score(song: Song, found: ChordEvidence) -> dict[str, tuple[float, float]]:
    """Give seconds that are right, and that count, for major and minor, and for three qualities.

    By mir_eval: the first leaves out diminished, augmented and suspended chords and bare fifths;
    the second only what may be called by more than one of the three, and compares after folding.
    """
    start_s, end_s = song.spans[0][0], song.spans[-1][1]
    spans = spans_of(found, end_s)
    true = np.array([span[:2] for span in song.spans])
    labels = [span[2] for span in song.spans]
    heard, named = mir_eval.util.adjust_intervals(
        np.array([span[:2] for span in spans]),
        [CHORDS[span[2]] for span in spans],
        t_min=start_s,
        t_max=end_s,
        start_label="N",
        end_label="N",
    )
    joint, true_labels, named = mir_eval.util.merge_labeled_intervals(true, labels, heard, named)
    lasts = mir_eval.util.intervals_to_durations(joint)
    folded = [fold_label(label) for label in true_labels]
    both = {
        "majmin": mir_eval.chord.majmin(true_labels, named),
        "maj_min_7": mir_eval.chord.sevenths(folded, named),
    }
    return {
        name: (float((lasts * right)[right >= 0].sum()), float(lasts[right >= 0].sum()))
        for name, right in both.items()
    }


def describe(scores: Sequence[tuple[Song, dict[str, tuple[float, float]]]]) -> dict[str, object]:
    """Give shares of time for each collection, and for its jazz."""
    figures: dict[str, object] = {}
    for collection in dict.fromkeys(song.collection for song, _ in scores):
        own = [(song, found) for song, found in scores if song.collection == collection]
        jazz = [(song, found) for song, found in own if song.style in JAZZ]
        for name, part in ((collection, own), (f"{collection}, jazz", jazz)):
            if not part:
                continue
            figures[name] = {"songs": len(part)} | {
                measure: round(
                    sum(found[measure][0] for _, found in part)
                    / max(sum(found[measure][1] for _, found in part), 1e-9),
                    3,
                )
                for measure in ("majmin", "maj_min_7")
            }
    return figures


def main() -> None:
    """Read the command line, and do it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=Path, nargs="+", required=True, help="of songs.py")
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "training" / "chords")
    parser.add_argument("--out", type=Path, default=ROOT / "musictools/audio/_models/chords.json")
    given = parser.parse_args()
    songs = [song for folder in given.songs for song in read_songs(folder, given.cache)]
    songs += [*simulate_songs(given.cache), *play_tones(np.random.default_rng(0))]
    taught = [song for song in songs if song.fold >= 0]
    scores = []
    for left_out in range(FOLDS):
        weights = learn([song for song in taught if song.fold != left_out])
        scores += [(s, score(s, hear(s, weights))) for s in taught if s.fold == left_out]
    weights = learn(taught)
    scores += [(s, score(s, hear(s, weights))) for s in songs if s.fold < 0]
    figures = describe(scores)
    for name, values in figures.items():
        print(f"{name:28s}", values)
    text = {
        "made_by": "tools/training/train_chords.py",
        "learned_from": f"{len(taught)} simulated songs",
        "figures": figures,
        "weights": {
            name: np.round(value.astype(np.float64), 3).tolist()
            for name, value in vars(weights).items()
        },
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(text) + "\n", "utf-8")


if __name__ == "__main__":
    main()
