"""How right tempo, beats, key, chords and sections are, beside essentia and librosa.

    python benchmarks/accuracy.py [--songs N] [--quick] [--out DIR]

On the development recordings (where ../shared is there), on the studio's songs
(``simulate_recording``, seeds that no model has learned from) and on freely composed ones of
``tools/training/songs.py`` (seeds from 10000 on, likewise). Each engine hears the same samples.

Tempo: Acc1 is the share within 4 % (1 %) of the truth, Acc2 allows its double, triple, half and
third. Beats: F-measure within 70 ms, and the shares of time that continue rightly at the right
level (CMLt) and at any (AMLt). Key: exact, and the MIREX score with the fifth above only, and with
both fifths. Chords: share of time with major, minor, none (sevenths folded), and with dominant
sevenths told apart. Sections: F-measure of the boundaries within 3 s. All by mir_eval, but for
tempo, which it scores otherwise.

The freely composed songs are shown once more by the course of their tempo and by style. Their true
tempo is the median of the times from beat to beat; where players breathe (rubato) that median may
lie between two crowds of beats, and no number stands within 1 % of it for sure: ``bpm_unsure`` is
the share of songs where the median of every other beat differs from that of the rest by more.
"""

import argparse
import itertools
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import mir_eval
import numpy as np
import pandas as pd
import soxr

import musictools as mt

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools" / "training"))
SHARED = Path(os.environ.get("MUSICTOOLS_SHARED", ROOT.parent / "shared"))
RATE_HZ = 44_100
STUDIO_STYLES = (
    "pop", "rock", "ballad", "waltz", "house", "hip-hop", "folk", "jazz", "soul", "drum and bass",
)  # fmt: skip
STUDIO_SEED, FREE_SEED = 770_000, 10_000
FOLD = {"maj": "maj", "7": "maj", "min": "min", "N": "N"}


@dataclass
class Song:
    """Samples and what is known about them."""

    group: str
    samples: np.ndarray  # (channels, n)
    truth: dict = field(default_factory=dict)

    @property
    def mono(self) -> np.ndarray:
        return np.ascontiguousarray(self.samples.mean(axis=0), dtype=np.float32)


def development() -> Iterator[Song]:
    folder = SHARED / "data" / "audio"
    if not folder.is_dir():
        print(f"no development recordings in {folder}: left out")
        return
    index = pd.read_csv(folder / "index.csv")
    beats = {
        one["name"]: one["beats"]
        for one in pd.read_json(folder / "midi_render_truth.json").to_dict("records")
    }
    for row in index[index["bpm"].notna()].to_dict("records"):
        recording = mt.audio.read(folder / row["path"])
        samples = soxr.resample(recording.samples.T, recording.sample_rate, RATE_HZ).T
        truth = {"bpm": row["bpm"], "key": row["key"] if isinstance(row["key"], str) else None}
        truth["beats_s"] = beats.get(Path(row["path"]).stem)
        yield Song(row["set"], samples.astype(np.float32), truth)


def studio(count: int) -> Iterator[Song]:
    for i in range(count):
        style = STUDIO_STYLES[i % len(STUDIO_STYLES)]
        made = mt.datasets.simulate_recording(style=style, duration_s=45, rng=STUDIO_SEED + i)
        truth = dict(made.truth)
        for name in ("chords", "sections"):
            truth[name] = truth[name][["start_s", "end_s", "label"]].to_numpy().tolist()
        yield Song("studio jazz" if style == "jazz" else "studio", made.recording.samples, truth)


def free(count: int) -> Iterator[Song]:
    from songs import make_song

    for i in range(count):
        made = make_song(FREE_SEED + i)
        samples = made.samples
        if made.sample_rate != RATE_HZ:
            samples = soxr.resample(samples.T, made.sample_rate, RATE_HZ).T.astype(np.float32)
        material = made.truth.get("material", "song")
        group = "free" if material == "song" else "free loops"
        yield Song(group, samples, made.truth)


# --- what each engine answers ---------------------------------------------------------------------


def ours(song: Song) -> dict:
    spent = time.process_time()
    tempo = mt.audio.tempo(song.samples, sample_rate=RATE_HZ)
    spent = time.process_time() - spent
    key = mt.audio.key(song.samples, sample_rate=RATE_HZ)
    return {
        "bpm": tempo.value,
        "bpm_confidence": tempo.confidence,
        "tempo_cpu_s": spent * 30 / (song.samples.shape[1] / RATE_HZ),
        "beats": mt.audio.beats(song.samples, sample_rate=RATE_HZ),
        "key": key.value,
        "key_confidence": key.confidence,
        "chords": mt.audio.chords(song.samples, sample_rate=RATE_HZ).to_numpy().tolist(),
        "sections": mt.audio.sections(song.samples, sample_rate=RATE_HZ).to_numpy().tolist(),
    }


def essentia(song: Song) -> dict:
    import essentia as package
    import essentia.standard as es

    package.log.infoActive = package.log.warningActive = False
    mono = song.mono
    found: dict = {}
    spent = time.process_time()
    bpm, beats, *_ = es.RhythmExtractor2013(method="multifeature")(mono)
    spent = time.process_time() - spent
    key, scale, strength = es.KeyExtractor(profileType="bgate")(mono)
    found["tempo_cpu_s"] = spent * 30 / (mono.size / RATE_HZ)
    found |= {"bpm": float(bpm), "beats": np.asarray(beats), "key": f"{_root(key)} {scale}"}
    found["chords"] = _essentia_chords(es, mono)
    found["key_confidence"] = float(strength)
    return found


def _essentia_chords(es: object, mono: np.ndarray) -> list:
    windowing, spectrum = es.Windowing(type="blackmanharris62"), es.Spectrum()
    peaks = es.SpectralPeaks(
        magnitudeThreshold=1e-5, maxPeaks=60, minFrequency=20, maxFrequency=3500
    )
    hpcp = es.HPCP(size=36, harmonics=8, bandPreset=False, maxFrequency=3500, minFrequency=20)
    rows = [
        hpcp(*peaks(spectrum(windowing(frame))))
        for frame in es.FrameGenerator(mono, frameSize=4096, hopSize=2048, startFromZero=True)
    ]
    labels, _ = es.ChordsDetection(hopSize=2048)(np.array(rows, dtype=np.float32))
    step = 2048 / RATE_HZ
    return [
        (
            i * step,
            (i + 1) * step,
            f"{_root(one.removesuffix('m'))}:{'min' if one.endswith('m') else 'maj'}",
        )
        for i, one in enumerate(labels)
    ]


def _root(name: str) -> str:
    flats = {"C#": "Db", "D#": "Eb", "Gb": "F#", "G#": "Ab", "A#": "Bb"}
    return flats.get(name, name)


def librosa_(song: Song) -> dict:
    import librosa

    mono = librosa.resample(song.mono, orig_sr=RATE_HZ, target_sr=22_050)
    spent = time.process_time()
    bpm, beats = librosa.beat.beat_track(y=mono, sr=22_050, units="time")
    spent = time.process_time() - spent
    chroma = librosa.feature.chroma_cqt(y=mono, sr=22_050)
    frames = librosa.segment.agglomerative(chroma, max(2, round(mono.size / 22_050 / 15)))
    times = [*librosa.frames_to_time(frames, sr=22_050), mono.size / 22_050]
    return {
        "bpm": float(np.ravel(bpm)[0]),
        "beats": beats,
        "tempo_cpu_s": spent * 30 / (mono.size / 22_050),
        "sections": [(a, b, "A") for a, b in itertools.pairwise(times)],
    }


ENGINES: dict[str, Callable[[Song], dict]] = {
    "musictools": ours,
    "essentia": essentia,
    "librosa": librosa_,
}

# --- scores ---------------------------------------------------------------------------------------


def score(song: Song, found: dict) -> dict:
    scores: dict = {"tempo_cpu_ms": 1000 * found.get("tempo_cpu_s", np.nan)}
    truth = song.truth
    if truth.get("beats_s") is not None and len(truth["beats_s"]) > 8:
        steps = np.diff(np.asarray(truth["beats_s"], float))
        halves = np.median(steps[::2]) / np.median(steps[1::2])
        scores["bpm_unsure"] = abs(halves - 1) > 0.01
    if truth.get("bpm") and "bpm" in found:
        ratio = found["bpm"] / truth["bpm"]
        for tolerance in (4, 1):
            near = [abs(ratio / r - 1) <= tolerance / 100 for r in (1, 2, 3, 1 / 2, 1 / 3)]
            scores[f"acc1_{tolerance}"], scores[f"acc2_{tolerance}"] = near[0], any(near)
    if truth.get("beats_s") is not None and len(truth["beats_s"]) > 4 and "beats" in found:
        reference = mir_eval.beat.trim_beats(np.asarray(truth["beats_s"], float))
        estimated = mir_eval.beat.trim_beats(np.asarray(found["beats"], float))
        scores["beat_f"] = mir_eval.beat.f_measure(reference, estimated)
        if len(estimated) > 2:
            _, scores["cmlt"], _, scores["amlt"] = mir_eval.beat.continuity(reference, estimated)
    if truth.get("key") and found.get("key"):
        scores |= key_scores(truth["key"], found["key"])
    if truth.get("chords") and "chords" in found:
        scores |= chord_scores(truth["chords"], found["chords"])
    if truth.get("sections") and len(truth["sections"]) > 1 and "sections" in found:
        scores["boundary_f_3s"] = boundary_f(truth["sections"], found["sections"])
    return scores


def key_scores(truth: str, found: str) -> dict:
    both = max(
        mir_eval.key.weighted_score(truth.lower(), found.lower()),
        # mir_eval knows the fifth above only; MIREX has counted both since 2017.
        0.5 if mir_eval.key.weighted_score(found.lower(), truth.lower()) == 0.5 else 0.0,
    )
    exact = mir_eval.key.weighted_score(truth.lower(), found.lower())
    return {"key_exact": exact == 1.0, "mirex_up": exact, "mirex_both": both}


def chord_scores(truth: list, found: list) -> dict:
    # A power chord, or a bass alone, is neither major nor minor.
    known = [row for row in truth if not row[2].endswith((":5", ":1"))]
    intervals, labels = np.array([row[:2] for row in known], float), [row[2] for row in known]
    if not labels:
        return {}
    found_intervals = np.array([row[:2] for row in found], float)
    found_intervals, found_labels = mir_eval.util.adjust_intervals(
        found_intervals, [row[2] for row in found], intervals.min(), intervals.max(), "N", "N"
    )
    merged, ours_, theirs = mir_eval.util.merge_labeled_intervals(
        *_gapless(intervals, labels), found_intervals, found_labels
    )
    lengths = mir_eval.util.intervals_to_durations(merged)
    kept = np.array([label != "X" for label in ours_])
    scores = {}
    for name, keep in (("chords_majmin", _third), ("chords_7", _seventh)):
        same = [keep(a) == keep(b) for a, b in zip(ours_, theirs, strict=True)]
        scores[name] = float(np.average(np.array(same)[kept], weights=lengths[kept]))
    return scores


def _gapless(intervals: np.ndarray, labels: list[str]) -> tuple[np.ndarray, list[str]]:
    """Fill what was left out with X, which is not scored."""
    rows: list[tuple[float, float, str]] = []
    for (start, end), label in zip(intervals, labels, strict=True):
        if rows and start > rows[-1][1] + 1e-6:
            rows.append((rows[-1][1], start, "X"))
        rows.append((rows[-1][1] if rows else start, end, label))
    return np.array([row[:2] for row in rows]), [row[2] for row in rows]


def _parts(label: str) -> tuple[str, str]:
    root, _, quality = label.partition(":")
    return root, quality.split("/")[0] or "maj"


def _third(label: str) -> str:
    """Fold a chord to major or minor by its third; a suspended one counts as major."""
    root, quality = _parts(label)
    if root in {"N", "X"}:
        return root
    minor = quality.startswith(("min", "dim", "hdim"))
    return f"{root}:{'min' if minor else 'maj'}"


def _seventh(label: str) -> str:
    root, quality = _parts(label)
    return f"{root}:7" if quality in {"7", "9", "13", "7sus4"} else _third(label)


def boundary_f(truth: list, found: list) -> float:
    intervals = [np.array([row[:2] for row in rows], float) for rows in (truth, found)]
    intervals = [one - one[0, 0] for one in intervals]
    return mir_eval.segment.detection(*intervals, window=3.0, trim=True)[2]


def pairs(songs: list[Song], rng: np.random.Generator) -> Iterator[Song]:
    """Nineteen seconds of one song and eleven of another in another key, either order."""
    keyed = [s for s in songs if s.truth.get("key") and s.samples.shape[1] > 24 * RATE_HZ]
    for i, one in enumerate(keyed):
        others = [s for s in keyed if s.truth["key"] != one.truth["key"] and s.group == one.group]
        if not others:
            continue
        other = others[int(rng.integers(len(others)))]
        parts = []
        for song, seconds in ((one, 19), (other, 11)):
            cut = song.mono[2 * RATE_HZ : (2 + seconds) * RATE_HZ]
            cents = rng.uniform(-30, 30)
            bent = soxr.resample(cut, RATE_HZ * 2 ** (cents / 1200), RATE_HZ)
            parts.append(bent / (np.sqrt(np.mean(bent**2)) + 1e-9) * 0.1)
        samples = np.concatenate(parts if i % 2 else parts[::-1])[None]
        yield Song(
            f"{one.group}, modulating", samples.astype(np.float32), {"key": one.truth["key"]}
        )


def detuned(songs: list[Song], cents: float) -> Iterator[Song]:
    for song in songs:
        if song.truth.get("key"):
            bent = soxr.resample(song.mono, RATE_HZ * 2 ** (cents / 1200), RATE_HZ)
            yield Song(f"{song.group}, {cents:+.0f} cents", bent[None], {"key": song.truth["key"]})


def calibration(table: pd.DataFrame) -> None:
    """Among answers with such a confidence, how many are right?"""
    mine = table[table["engine"] == "musictools"]
    for name, right in (("bpm_confidence", "acc1_4"), ("key_confidence", "key_exact")):
        if name not in mine or right not in mine:
            continue
        known = mine[mine[name].notna() & mine[right].notna()]
        bins = pd.cut(known[name], [0, 0.3, 0.5, 0.7, 0.9, 1.0], include_lowest=True)
        grouped = known.groupby(bins, observed=True)
        shown = grouped.agg(n=(right, "size"), confidence=(name, "mean"), right=(right, "mean"))
        print(f"\n{name}: how many are right\n{shown.round(2).to_string()}")


def show(table: pd.DataFrame, by: list[str]) -> None:
    """Print the mean of every score, and of how many songs."""
    words = {"group", "engine", "style", "course", "bpm", "bpm_true", "key"}
    numbers = [c for c in table if c not in words and not c.endswith("_confidence")]
    grouped = table.groupby(by)[numbers]
    shown = grouped.mean().astype(float).round(3)
    shown.insert(0, "n", grouped.size())
    print(f"\nby {' and '.join(by)}\n{shown.to_string()}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--songs", type=int, default=60, help="of each simulated kind")
    parser.add_argument("--quick", action="store_true", help="our engine only")
    parser.add_argument("--out", type=Path, default=Path("build/accuracy"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    engines = dict(list(ENGINES.items())[: 1 if options.quick else None])
    made = [*development(), *studio(options.songs), *free(options.songs)]
    rng = np.random.default_rng(1)
    keyed = [s for s in made if s.group == "midi_render"]
    jobs = [(song, engines) for song in made]
    only_key = {n: e for n, e in engines.items() if n != "librosa"}
    jobs += [(s, only_key) for c in (-40, 40) for s in detuned(keyed, c)]
    jobs += [(s, only_key) for s in pairs(made, rng)]
    rows = []
    for song, which in jobs:
        for name, engine in which.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = engine(song)
                row = {"group": song.group, "engine": name, "style": song.truth.get("style")}
                row["course"] = song.truth.get("tempo")
                row |= {k: found.get(k) for k in ("bpm", "bpm_confidence", "key", "key_confidence")}
                rows.append(row | {"bpm_true": song.truth.get("bpm")} | score(song, found))
    table = pd.DataFrame(rows)
    table.to_csv(options.out / "accuracy.csv", index=False)
    show(table, ["group", "engine"])
    composed = table[table["group"].isin({"free", "free loops"})]
    if len(composed):
        show(composed, ["engine"])
        show(composed, ["course", "engine"])
        show(composed.assign(style=composed["style"].str.split().str[0]), ["style", "engine"])
    calibration(table)
    print(f"\n{options.out / 'accuracy.csv'}")


if __name__ == "__main__":
    main()
