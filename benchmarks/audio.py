"""Our engine beside essentia's MusicExtractor, librosa and decoding alone, on the same files.

    make bench-audio
    python benchmarks/audio.py [FOLDER] [--songs N] [--rounds N] [--long] [--out DIR]

Songs of three minutes in stereo FLAC: simulated ones, or those of FOLDER, repeated and cut. Each
pipeline has a process of its own, which first takes a short sound, so that loading and compiling
are not what is compared (they are shown beside it). Then all take turns on each song, so that a
machine whose speed drifts slows all of them. CPU seconds are those of all threads; nothing is read
from an earlier result. Prints multiples of real time, ratios and peak memory, and writes
results.csv and results.png.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
from peak import peak_mib

import musictools as mt
from musictools.audio._find import find_files

SONG_S, RATE_HZ = 180, 44_100
STYLES = ("pop", "house", "jazz", "ballad", "rock", "drum and bass", "hip-hop", "folk")
#: What the engine is held to: at least so many times as fast, at most so many times the decoding.
TARGETS = {"essentia": 7.0, "librosa naive": 7.0, "librosa shared": 1.7}
MOST_DECODES, MOST_MIB, LEAST_SPEEDUP = 5.5, 400.0, 1.8


def decode(path: str) -> None:
    mt.audio.read(path)


def ours(path: str) -> None:
    mt.audio.describe(path)


def essentia(path: str) -> None:
    import essentia as package
    from essentia import standard

    package.log.infoActive = package.log.warningActive = False
    standard.MusicExtractor()(path)


def librosa_naive(path: str) -> None:
    """Every feature of a whole recording, called from the samples as the documentation shows."""
    import librosa
    from librosa import feature

    y, rate = librosa.load(path)
    made = [
        feature.chroma_stft(y=y, sr=rate),
        feature.chroma_cqt(y=y, sr=rate),
        feature.chroma_cens(y=y, sr=rate),
        feature.melspectrogram(y=y, sr=rate),
        feature.mfcc(y=y, sr=rate),
        feature.rms(y=y),
        feature.spectral_centroid(y=y, sr=rate),
        feature.spectral_bandwidth(y=y, sr=rate),
        feature.spectral_contrast(y=y, sr=rate),
        feature.spectral_flatness(y=y),
        feature.spectral_rolloff(y=y, sr=rate),
        feature.tonnetz(y=y, sr=rate),
        feature.zero_crossing_rate(y),
    ]
    librosa.beat.beat_track(y=y, sr=rate)
    librosa.onset.onset_detect(y=y, sr=rate)
    for rows in made:
        np.mean(rows, axis=1), np.std(rows, axis=1)


def librosa_shared(path: str) -> None:
    """The same from one spectrogram, as a careful reader of the documentation would."""
    import librosa
    from librosa import feature

    y, rate = librosa.load(path)
    magnitude = np.abs(librosa.stft(y))
    mel = feature.melspectrogram(S=magnitude**2, sr=rate)
    decibel = librosa.power_to_db(mel)
    constant_q = np.abs(librosa.cqt(y, sr=rate))
    chroma = feature.chroma_cqt(C=constant_q, sr=rate)
    onsets = librosa.onset.onset_strength(S=decibel, sr=rate)
    made = [
        feature.chroma_stft(S=magnitude**2, sr=rate, tuning=0.0),
        chroma,
        feature.chroma_cens(C=constant_q, sr=rate),
        mel,
        feature.mfcc(S=decibel),
        feature.rms(S=magnitude),
        feature.spectral_centroid(S=magnitude, sr=rate),
        feature.spectral_bandwidth(S=magnitude, sr=rate),
        feature.spectral_contrast(S=magnitude, sr=rate),
        feature.spectral_flatness(S=magnitude),
        feature.spectral_rolloff(S=magnitude, sr=rate),
        feature.tonnetz(chroma=chroma, sr=rate),
        feature.zero_crossing_rate(y),
    ]
    librosa.beat.beat_track(onset_envelope=onsets, sr=rate)
    librosa.onset.onset_detect(onset_envelope=onsets, sr=rate)
    for rows in made:
        np.mean(rows, axis=1), np.std(rows, axis=1)


PIPELINES = {
    "decode": decode,
    "musictools": ours,
    "essentia": essentia,
    "librosa naive": librosa_naive,
    "librosa shared": librosa_shared,
}


def serve(name: str, warm_up: str) -> None:
    """Run one pipeline on every path that comes in; answer with CPU seconds and memory."""
    started = time.process_time()
    PIPELINES[name](warm_up)
    print(json.dumps({"start_s": time.process_time() - started}), flush=True)
    for line in sys.stdin:
        before = time.process_time()
        PIPELINES[name](line.strip())
        spent = time.process_time() - before
        print(json.dumps({"cpu_s": spent, "peak_mib": peak_mib()}), flush=True)


class Runner:
    """One pipeline in its own process."""

    def __init__(self, name: str, warm_up: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve", name, str(warm_up)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.start_s = self._answer()["start_s"]

    def run(self, path: Path) -> dict:
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict:
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        message = f"the pipeline ended with {self.process.wait()}"
        raise RuntimeError(message)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def make_songs(folder: Path, wanted: int, out: Path) -> list[Path]:
    found = []
    sources = find_files(folder) if folder else STYLES
    step = max(1, len(sources) // wanted)
    for i, source in enumerate(list(sources)[::step][:wanted]):
        if folder:
            recording = mt.audio.read(source)
        else:
            recording = mt.datasets.simulate_recording(
                style=source, duration_s=SONG_S, rng=i
            ).recording
        samples = np.atleast_2d(recording.samples)[:2]
        samples = np.tile(samples, -(-SONG_S * recording.sample_rate // samples.shape[1]))
        samples = samples[:, : SONG_S * recording.sample_rate]
        samples = np.broadcast_to(samples, (2, samples.shape[1]))
        found.append(out / f"song{i}.flac")
        soundfile.write(found[-1], samples.T, recording.sample_rate, subtype="PCM_16")
    return found


def compare(songs: list[Path], warm_up: Path, rounds: int) -> pd.DataFrame:
    runners = {}
    for name in PIPELINES:
        try:
            runners[name] = Runner(name, warm_up)
        except RuntimeError as error:
            print(f"{name}: left out ({error})")
    rows = []
    for round_ in range(rounds):
        for song in songs:
            for name, runner in runners.items():
                answer = runner.run(song)
                rows.append({"round": round_, "song": song.name, "pipeline": name, **answer})
    for runner in runners.values():
        runner.close()
    table = pd.DataFrame(rows)
    table["start_s"] = table["pipeline"].map({n: r.start_s for n, r in runners.items()})
    return table


def report(table: pd.DataFrame) -> bool:
    """Print the medians and the ratios; say whether every target is met."""
    median = table.groupby("pipeline", sort=False).agg(
        cpu_s=("cpu_s", "median"), peak_mib=("peak_mib", "max"), start_s=("start_s", "first")
    )
    print(
        f"\n{'pipeline':>16} {'CPU s':>8} {'x real time':>12} {'peak MiB':>9} {'first sound s':>14}"
    )
    for name, row in median.iterrows():
        print(
            f"{name:>16} {row['cpu_s']:8.3f} {SONG_S / row['cpu_s']:12.0f} "
            f"{row['peak_mib']:9.0f} {row['start_s']:14.2f}"
        )
    wide = table.pivot_table(index=["round", "song"], columns="pipeline", values="cpu_s")
    met = True
    print("\nratios, median over pairs on the same song in the same round (least .. most):")
    for name, target in TARGETS.items():
        if name in wide:
            met &= _say(f"{name} / musictools", wide[name] / wide["musictools"], at_least=target)
    met &= _say("musictools / decode", wide["musictools"] / wide["decode"], at_most=MOST_DECODES)
    peak = median.loc["musictools", "peak_mib"]
    print(f"  peak memory {peak:.0f} MiB (at most {MOST_MIB:.0f}): {_verdict(peak <= MOST_MIB)}")
    return met and bool(peak <= MOST_MIB)


def _say(what: str, ratio: pd.Series, *, at_least: float = 0.0, at_most: float = np.inf) -> bool:
    middle = ratio.median()
    met = bool(at_least <= middle <= at_most)
    bound = f"at least {at_least:g}" if at_least else f"at most {at_most:g}"
    print(
        f"  {what}: {middle:.2f} ({ratio.min():.2f} .. {ratio.max():.2f}), {bound}: {_verdict(met)}"
    )
    return met


def _verdict(met: bool) -> str:  # noqa: FBT001
    return "met" if met else "NOT MET"


def scale(songs: list[Path], rounds: int) -> bool:
    """One worker against two, and processes against threads, by the clock."""
    many = songs * 6
    with tempfile.TemporaryDirectory() as folder:
        links = []
        for i, song in enumerate(many):
            # Other names and other content, so that each is measured.
            links.append(Path(folder) / f"{i}.flac")
            samples, rate = soundfile.read(song, frames=RATE_HZ * SONG_S, start=i)
            soundfile.write(links[-1], samples, rate, subtype="PCM_16")
        clock: dict[str, list[float]] = {"one process": [], "two processes": [], "two threads": []}
        for _ in range(rounds):
            for name, jobs in (("one process", 1), ("two processes", 2)):
                started = time.perf_counter()
                mt.audio.extract(folder, jobs=jobs, progress=False)
                clock[name].append(time.perf_counter() - started)
            started = time.perf_counter()
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(mt.audio.describe, links))
            clock["two threads"].append(time.perf_counter() - started)
    print(f"\n{len(many)} songs by the clock, start of the workers included:")
    for name, times in clock.items():
        print(f"  {name:>13}: {statistics.median(times):6.2f} s")
    pairs = zip(clock["one process"], clock["two processes"], strict=True)
    return _say("one process / two", pd.Series([a / b for a, b in pairs]), at_least=LEAST_SPEEDUP)


def long_file(song: Path) -> bool:
    """Two hours in one file, streamed."""
    samples, rate = soundfile.read(song, dtype="int16")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.flac"
        with soundfile.SoundFile(path, "w", rate, 2, subtype="PCM_16") as file:
            for _ in range(7200 // SONG_S):
                file.write(samples)
        runner = Runner("musictools", song)
        started = time.perf_counter()
        peak = runner.run(path)["peak_mib"]
        seconds = time.perf_counter() - started
        runner.close()
    print(f"\ntwo hours: {seconds:.0f} s, {peak:.0f} MiB (under 1024): {_verdict(peak < 1024)}")
    return peak < 1024


def draw(table: pd.DataFrame, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import seaborn as sns
    from matplotlib import pyplot as plt

    with mt.plot.style():
        figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
        sns.barplot(
            table,
            x="cpu_s",
            y="pipeline",
            ax=ax,
            estimator="median",
            errorbar=("pi", 100),
            color="C0",
        )
        ax.set(
            xlabel="CPU seconds for 3 minutes of stereo FLAC (bar: median, line: range)", ylabel=""
        )
        figure.savefig(path, dpi=150)


def main() -> None:
    if sys.argv[1:2] == ["--serve"]:
        serve(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--songs", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--long", action="store_true", help="also two hours in one file")
    parser.add_argument("--out", type=Path, default=Path("build/bench-audio"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.2f} at the start")
    with tempfile.TemporaryDirectory() as folder:
        songs = make_songs(options.folder, options.songs, Path(folder))
        warm_up = Path(folder) / "short.flac"
        samples, rate = soundfile.read(songs[0], frames=12 * RATE_HZ)
        soundfile.write(warm_up, samples, rate)
        table = compare(songs, warm_up, options.rounds)
        table.to_csv(options.out / "results.csv", index=False)
        draw(table, options.out / "results.png")
        met = report(table)
        met &= scale(songs, options.rounds)
        if options.long:
            met &= long_file(songs[0])
    print(f"\n{options.out / 'results.csv'}, {options.out / 'results.png'}")
    print("every target met" if met else "some targets NOT MET")


if __name__ == "__main__":
    main()
