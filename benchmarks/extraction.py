"""Extraction beside decoding alone and beside librosa, on the same songs, in one run.

    python benchmarks/extraction.py [FOLDER] [--songs N] [--rounds N]

Prints seconds, multiples of real time and ratios. The three take turns, so that a machine whose
speed drifts slows all of them. Without FOLDER the fictional label's songs are used.
"""

import argparse
import statistics
import time
from pathlib import Path

import librosa
import numpy as np

import musictools as mt
from musictools.audio._find import find_files


def decode(paths: list[str]) -> None:
    for path in paths:
        mt.audio.read(path)


def ours(paths: list[str]) -> None:
    for path in paths:
        mt.audio.describe(path)


def theirs(paths: list[str]) -> None:
    """What comes nearest in librosa, called as its documentation shows; it has no key or LUFS."""
    for path in paths:
        y, rate = librosa.load(path)
        for measure in (
            librosa.feature.spectral_centroid,
            librosa.feature.spectral_bandwidth,
            librosa.feature.spectral_rolloff,
            librosa.feature.mfcc,
            librosa.feature.chroma_cqt,
        ):
            np.mean(measure(y=y, sr=rate), axis=1)
        librosa.feature.spectral_flatness(y=y).mean()
        librosa.beat.beat_track(y=y, sr=rate)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--songs", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.folder is None:
        label = mt.datasets.load_label()
        paths = label.render(list(label.recordings["recording_id"][: options.songs]))["path"]
        found = [str(p) for p in paths.dropna()][: options.songs]
    else:
        everything = find_files(options.folder)
        found = everything[:: max(1, len(everything) // options.songs)][: options.songs]
    seconds = sum(mt.audio.read(path).duration_s for path in found)
    runners = {"decode": decode, "musictools": ours, "librosa": theirs}
    spent: dict[str, list[float]] = {name: [] for name in runners}
    for runner in runners.values():
        runner(found[:1])  # loading and compiling are not what is compared
    for _ in range(options.rounds):
        for name, runner in runners.items():
            started = time.process_time()
            runner(found)
            spent[name].append(time.process_time() - started)
    print(f"{len(found)} songs, {seconds:.0f} s of audio, CPU seconds, median of {options.rounds}")
    for name, times in spent.items():
        middle = statistics.median(times)
        print(f"{name:>11}: {middle:7.2f} s  {seconds / middle:6.0f} x real time per core")
    pairs = {
        name: [a / b for a, b in zip(spent[name], spent["musictools"], strict=True)]
        for name in spent
    }
    for name in ("decode", "librosa"):
        print(f"{name:>11} / musictools: {statistics.median(pairs[name]):.2f}")
    started = time.perf_counter()
    mt.audio.extract(found, progress=False)
    elapsed = time.perf_counter() - started
    print(f"extract() with its workers, from the start: {elapsed:.1f} s, {seconds / elapsed:.0f} x")


if __name__ == "__main__":
    main()
