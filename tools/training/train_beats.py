"""Learn which part of a chain of onsets is the beat, and which beats begin bars.

    python tools/training/songs.py --first 0 --count 400 --out SONGS
    python tools/training/train_beats.py --songs SONGS --development ../shared/data/audio

Writes _models/beats.json and _models/downbeats.json. Both are conditional logits: every phase of
the chain (every metre and first downbeat) of a song is a candidate, and one is right. What is heard
is kept in the scratch folder (``--cache``), so that only the first run is long. Scores are those of
the whole way from onset curves to beats at the tempo that is found: five folds of songs, and the
songs whose seeds are held back, by weights learned from all others.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import mir_eval
import numpy as np
import numpy.typing as npt
from _beat_songs import HELD_BACK, STUDIO, Song, read_renders, read_songs, simulate_songs
from scipy.optimize import minimize

from musictools.audio import _beat_phases, _downbeats
from musictools.audio._beat_chain import LEAST_BEATS, chain_onsets, even_chain
from musictools.audio._beats import place_beats
from musictools.audio._harmony import trace_changes
from musictools.audio._pulse import rank_tempi
from musictools.audio._tempo_curve import TempoCurve, follow_tempo
from musictools.audio._tempo_features import Heard

Floats = npt.NDArray[np.float64]

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "musictools" / "audio" / "_models"
_FOLDS = 5
# For phases, of weights of features of unit spread.
_PHASE_PENALTY, _BAR_PENALTY = 30.0, 10.0
# The studio's songs have less variety than their number suggests.
_WEIGHTS = {STUDIO: 0.5}
# Chains that wander about the beats teach nothing: least length of the mean of their phases.
_LEAST_AGREEMENT = 0.7


def main() -> None:
    """Read the command line, learn, print the scores and write the models."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=Path, nargs="*", default=[])
    parser.add_argument("--development", type=Path)
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "training" / "beats")
    parser.add_argument("--out", type=Path, default=MODELS)
    asked = parser.parse_args()
    songs = list(simulate_songs(asked.cache))
    for folder in asked.songs:
        songs += read_songs(folder, asked.cache)
    if asked.development:
        songs += read_renders(asked.development, asked.cache)
    tempi = [follow_tempo(song.curves, song.bpm) for song in songs]
    fold = np.random.default_rng(1).permutation(len(songs)) % _FOLDS
    fold[[song.collection == HELD_BACK for song in songs]] = _FOLDS
    asked_phases = [ask_phase(*pair) for pair in zip(songs, tempi, strict=True)]
    spread = np.concatenate([q.features for q in asked_phases if q]).std(axis=0)
    phases, phase_of = learn(asked_phases, fold, _PHASE_PENALTY * spread**2)
    bars, bars_of = learn([ask_bars(song) for song in songs], fold, _BAR_PENALTY)
    figures = list(score(songs, [phase_of[k] for k in fold], [bars_of[k] for k in fold]))
    for row in figures:
        print(row)
    made = {"made_by": "tools/training/train_beats.py", "figures_unseen": figures}
    rows = _beat_phases.ROWS
    weights = phases.reshape(len(rows), -1)
    write(asked.out / "beats.json", made | {"rows": rows, "weights": weights})
    write(asked.out / "downbeats.json", made | {"weights": bars})


def write(file: Path, model: dict) -> None:
    """Write a model, weights to four digits."""
    model["weights"] = np.round(model["weights"], 4).tolist()
    file.write_text(json.dumps(model, indent=1) + "\n", "utf-8")


@dataclass(frozen=True)
class Question:
    """What is known of each candidate of a song, which of them is right, and how much it counts."""

    features: Floats
    right: int
    weight: float


def ask_phase(song: Song, tempo: TempoCurve) -> Question | None:
    """Ask which part of the chain is the beat; None where the chain does not follow the beats."""
    found = chain_onsets(song.curves, tempo)
    if found.times_s.size < LEAST_BEATS:
        return None
    chain = even_chain(found.times_s, steady=found.steady)
    inside = chain[(chain > song.beats_s[0] - 0.5) & (chain < song.beats_s[-1] + 0.5)]
    if inside.size < LEAST_BEATS or song.beats_s.size < LEAST_BEATS:
        return None
    place = np.interp(song.beats_s, inside, np.arange(inside.size), left=np.nan, right=np.nan)
    mean = np.exp(2j * np.pi * place[np.isfinite(place)]).mean()
    if abs(mean) < _LEAST_AGREEMENT:
        return None
    right = round(np.angle(mean) / (2 * np.pi) * _beat_phases.PHASES) % _beat_phases.PHASES
    profile = _beat_phases.profile_phases(song.curves, song.bands, song.harmony, inside)
    features = _beat_phases.turned(profile.mean(axis=0)).astype(np.float32)
    return Question(features, right, _WEIGHTS.get(song.collection, 1.0))


def ask_bars(song: Song) -> Question | None:
    """Ask for metre and first downbeat of the true beats."""
    if song.beats_s.size < _downbeats.LEAST_BEATS or not song.downbeats_s.size:
        return None
    features = _downbeats.describe_beats(song.curves, song.bands, song.harmony, song.beats_s)
    repeats = _downbeats.describe_repeats(song.curves, features, song.beats_s)
    first = int(np.abs(song.beats_s - song.downbeats_s[0]).argmin()) % song.beats_per_bar
    right = _downbeats.CANDIDATES.index((song.beats_per_bar, first))
    return Question(
        _downbeats.propose_bars(features, repeats), right, _WEIGHTS.get(song.collection, 1.0)
    )


def learn(
    questions: Sequence[Question | None], fold: npt.NDArray[np.int64], penalty: float | Floats
) -> tuple[Floats, list[Floats]]:
    """Fit to all songs that are not held back, and to those outside of each fold."""

    def without(k: int) -> Floats:
        used = [q for q, own in zip(questions, fold, strict=True) if q and own not in {k, _FOLDS}]
        return fit(used, penalty)

    every = without(_FOLDS)
    return every, [*(without(k) for k in range(_FOLDS)), every]


def fit(questions: Sequence[Question], penalty: float | Floats) -> Floats:
    """Conditional logit: weights of the features, with a squared penalty for each."""
    features = np.stack([q.features for q in questions])
    right = np.array([q.right for q in questions])
    weight = np.array([q.weight for q in questions])
    songs = np.arange(right.size)

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = features @ weights
        scores -= scores.max(axis=1, keepdims=True)
        share = np.exp(scores)
        share /= share.sum(axis=1, keepdims=True)
        value = -(weight * np.log(share[songs, right] + 1e-12)).sum()
        share[songs, right] -= 1
        slope = np.tensordot(weight[:, None] * share, features, axes=2)
        return value + 0.5 * (penalty * weights) @ weights, slope + penalty * weights

    found: Floats = minimize(loss, np.zeros(features.shape[2]), jac=True, method="L-BFGS-B").x
    return found


def score(
    songs: Sequence[Song], phases: Sequence[Floats], bars: Sequence[Floats]
) -> Iterator[dict]:
    """Mean scores of each collection at the true and at the found tempo."""
    rows = [judge(*one) for one in zip(songs, phases, bars, strict=True)]
    for collection in dict.fromkeys(song.collection for song in songs):
        own = [row for row, song in zip(rows, songs, strict=True) if song.collection == collection]
        table = {name: np.array([row[name] for row in own]) for name in own[0]}
        yield {"set": collection, "n": len(own)} | {
            name: round(float(np.nanmean(values)), 3) for name, values in table.items()
        }


def judge(song: Song, phases: Floats, bars: Floats) -> dict[str, float]:
    """Beats and downbeats of one song against its truth."""
    with (
        patch.object(_beat_phases, "_weights", lambda: phases),
        patch.object(_downbeats, "_weights", lambda: bars),
    ):
        # Kept turned between songs, but these are other weights.
        _beat_phases._turned_weights.cache_clear()  # noqa: SLF001
        bands = song.bands.mean(axis=0, dtype=np.float64)
        found = rank_tempi(Heard(song.curves, bands, trace_changes(song.harmony))).candidates
        beats_s = find_beats(song, found[0][0]) if found else np.empty(0)
        row = {"f_at_true_tempo": f_measure(song.beats_s, find_beats(song, song.bpm))}
        row |= {"f": f_measure(song.beats_s, beats_s), **continuity(song.beats_s, beats_s)}
        row["error_ms"] = 1000 * median_error(song.beats_s, beats_s)
        row |= judge_bars(song, beats_s)
    return row


def find_beats(song: Song, bpm: float) -> Floats:
    """Beats at about a tempo, as the package finds them."""
    chain = chain_onsets(song.curves, follow_tempo(song.curves, bpm))
    if chain.times_s.size < LEAST_BEATS:
        return np.empty(0)
    return place_beats(song.curves, song.bands, song.harmony, chain=chain)


def judge_bars(song: Song, beats_s: Floats) -> dict[str, float]:
    """Metre, and F-measure of the downbeats that are given (NaN where none is)."""
    question = ask_bars(song)
    nothing = {"bars_of_true_beats": np.nan, "downbeat_f": np.nan, "downbeats_given": 0.0}
    if question is None:
        return nothing | {"beats_per_bar": np.nan, "downbeats_given": np.nan}
    right = int(np.argmax(question.features @ _downbeats._weights())) == question.right  # noqa: SLF001
    nothing["bars_of_true_beats"] = float(right)
    if beats_s.size < _downbeats.LEAST_BEATS:
        return nothing | {"beats_per_bar": 0.0}
    features = _downbeats.describe_beats(song.curves, song.bands, song.harmony, beats_s)
    repeats = _downbeats.describe_repeats(song.curves, features, beats_s)
    bars = _downbeats.choose_bars(features, repeats)
    given = bars.downbeats(beats_s)
    metre = float(bars.beats_per_bar == song.beats_per_bar)
    f = f_measure(song.downbeats_s, given) if given.size else np.nan
    return nothing | {
        "beats_per_bar": metre,
        "downbeat_f": f,
        "downbeats_given": float(given.size > 0),
    }


def f_measure(truth_s: Floats, found_s: Floats) -> float:
    """70 ms F-measure of the beats from 5 s on, as is usual; NaN where there are none."""
    truth_s, found_s = (mir_eval.beat.trim_beats(times_s) for times_s in (truth_s, found_s))
    if not truth_s.size:
        return np.nan
    return float(mir_eval.beat.f_measure(truth_s, found_s)) if found_s.size else 0.0


def continuity(truth_s: Floats, found_s: Floats) -> dict[str, float]:
    """CMLt and AMLt."""
    if min(truth_s.size, found_s.size) < 2:
        return {"cmlt": 0.0, "amlt": 0.0}
    _, cmlt, _, amlt = mir_eval.beat.continuity(truth_s, found_s)
    return {"cmlt": float(cmlt), "amlt": float(amlt)}


def median_error(truth_s: Floats, found_s: Floats) -> float:
    """Median distance in seconds of the beats that count as found; NaN where none is."""
    if not found_s.size:
        return np.nan
    error = np.abs(found_s[:, None] - truth_s).min(axis=1)
    return float(np.median(error[error <= 0.07])) if (error <= 0.07).any() else np.nan


if __name__ == "__main__":
    main()
