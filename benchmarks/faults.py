"""Which production faults are found, how strong they must be, and what is found where nothing is.

    python benchmarks/faults.py [--half test|tune] [--kinds K ...] [--songs N] [--hours H]
                                [--seed S] [--seconds S] [--peers] [--jobs J] [--out DIR]

Clean songs (the development recordings, where ../shared is there, and the studio's own) are spoilt
by ``injections.py``, a fault at a time, at several strengths and in several ways. Each cell is the
share of songs in which ``mt.audio.quality`` then finds the fault, at the right place where it has
one. Detectors are tuned on one half of the songs and judged on the other (``--half``): every second
development recording, and simulated songs with seeds below, or from, 5000 (``--seed`` for songs
that nobody has looked at). A kind is as good as the worst way to make it, which stands beside its
mean.

False alarms are counted on the same songs as they are, whole, and on ``--hours`` of simulated
music; the bound is the upper end of the two-sided 95 % interval (Poisson). Songs that truly have
what was found are listed, so that they can be looked at; they count as false alarms all the same.

Judgements (noise, sibilance, resonance, over-limiting) have no right threshold: their share found
stands beside that of the clean songs, and so does the area under the ROC of what they measure in
the same songs, spoilt and clean.

With ``--peers`` essentia's detectors and ffmpeg's filters hear the same files, where they have
something alike; a peer finds a fault where it says anything at all.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile as sf
from injections import Case, Sound, cases
from scipy import signal, stats

import musictools as mt
from musictools.audio._finding import Judge
from musictools.audio._quality import DETECTORS
from musictools.audio._stream import hear

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("MUSICTOOLS_SHARED", ROOT.parent / "shared"))
STYLES = (
    "pop", "rock", "ballad", "waltz", "house", "hip-hop", "folk", "jazz", "soul", "drum and bass",
)  # fmt: skip
FIRST_SEED = {"tune": 1000, "test": 5000}
EXCERPT_S, FADE_S = 30.0, 2.0
# Loops and speech are no songs; what is shorter is no host for silences and cuts.
SONG_SETS = {"deb_extremetuxracer", "deb_frozen_bubble", "deb_xmoto", "midi_render"}
SHORTEST_S = 15.0
PLACE_S = 0.1
JUDGED = {detector.kinds[0].name for detector in DETECTORS if isinstance(detector, Judge)}


@dataclass(frozen=True)
class Host:
    """A clean song that is made, or read, where it is needed."""

    group: str
    name: str
    style: str = ""
    seconds: float = EXCERPT_S

    @property
    def path(self) -> Path | None:
        """Its file; None if it is made."""
        return None if self.group == "simulated" else SHARED / "data" / "audio" / self.name

    def sound(self) -> Sound:
        """The whole song."""
        if self.path is not None:
            recording = mt.audio.read(self.path)
            return Sound(recording.samples, recording.sample_rate, recording.bit_depth)
        made = mt.datasets.simulate_recording(
            style=self.style, duration_s=self.seconds, rng=int(self.name)
        )
        return Sound(made.recording.samples, made.recording.sample_rate, 24)

    def excerpt(self) -> Sound:
        """Its middle, faded in and out, with all peaks inside."""
        sound = self.sound()
        n, size = sound.x.shape[1], int(self.seconds * sound.rate)
        if n > size:
            x = sound.x[:, (n - size) // 2 :][:, :size].copy()
            ramp = np.minimum(1, np.arange(size) / (FADE_S * sound.rate)).astype(np.float32)
            sound = Sound(x * ramp * ramp[::-1], sound.rate, sound.bits)
        top = float(np.abs(sound.x).max())
        return Sound(sound.x * np.float32(min(1.0, 0.89 / top)), sound.rate, sound.bits)


def hosts(half: str, simulated: int, first: int) -> list[Host]:
    """The songs of one half, and so many simulated ones."""
    found = []
    folder = SHARED / "data" / "audio"
    if folder.is_dir():
        index = pd.read_csv(folder / "index.csv").sort_values("path").reset_index(drop=True)
        index = index[index.index % 2 == (half == "test")]
        songs = index[index["set"].isin(SONG_SETS) & (index["seconds"] >= SHORTEST_S)]
        found = [Host(row.set, row.path) for row in songs.itertuples()]
    else:
        print(f"no development recordings in {folder}: simulated songs only")
    return found + [
        Host("simulated", str(first + i), STYLES[i % len(STYLES)]) for i in range(simulated)
    ]


def clean(half: str, hours: float, first: int) -> list[Host]:
    """Whole development recordings but loops, and so many hours of simulated songs."""
    halves = ["tune"] if half == "tune" else ["tune", "test"]
    found = [host for name in halves for host in hosts(name, 0, first)]
    folder = SHARED / "data" / "audio" / "librosa_examples"
    if folder.is_dir():
        others = sorted(folder.glob("*.ogg"))
        found += [Host("librosa_examples", f"librosa_examples/{path.name}") for path in others]
    return found + [
        Host("simulated", str(first + 100 + i), STYLES[i % len(STYLES)], 180.0)
        for i in range(round(hours * 20))
    ]


# --- who listens ----------------------------------------------------------------------------------


def ours(sound: Sound) -> pd.DataFrame:
    recording = mt.audio.from_samples(sound.x, sound.rate, bit_depth=sound.bits)
    return mt.audio.quality(recording).findings


def _essentia() -> dict[str, Callable[[np.ndarray, np.ndarray], bool]]:
    """Each kind that essentia has a detector for, from (mono, stereo frames) to found or not."""
    import essentia
    import essentia.standard as es

    essentia.log.infoActive = essentia.log.warningActive = False

    def framed(make: Callable[[], object], size: int, hop: int, which: int = 0) -> Callable:
        def run(mono: np.ndarray, _: np.ndarray) -> bool:
            detector = make()
            frames = es.FrameGenerator(mono, frameSize=size, hopSize=hop, startFromZero=True)
            return any(len(detector(frame)[which]) > 0 for frame in frames)

        return run

    def saturation(mono: np.ndarray, _: np.ndarray) -> bool:
        detector = es.SaturationDetector(frameSize=512, hopSize=256)
        frames = es.FrameGenerator(mono, frameSize=512, hopSize=256, startFromZero=True)
        return any(len(detector(frame)[0]) > 0 for frame in frames)

    def false_stereo(_: np.ndarray, both: np.ndarray) -> bool:
        detector = es.FalseStereoDetector()
        size = 4096
        votes = [
            detector(np.ascontiguousarray(both[i : i + size]))[0]
            for i in range(0, len(both) - size, size)
        ]
        return bool(votes) and np.mean(votes) > 0.5

    def hum(mono: np.ndarray, _: np.ndarray) -> bool:
        _, found, *_ = es.HumDetector()(mono)
        return any(40 < f < 70 for f in np.ravel(found))

    def cut(which: int) -> Callable:
        return lambda mono, _: bool(es.StartStopCut()(mono)[which])

    def true_peak(mono: np.ndarray, _: np.ndarray) -> bool:
        places, _ = es.TruePeakDetector(threshold=0.0)(mono)
        return len(places) > 0

    return {
        "clipping": saturation,
        "intersample_peak": true_peak,
        "dual_mono": false_stereo,
        "click": framed(lambda: es.ClickDetector(frameSize=512, hopSize=256), 512, 256),
        "dropout": framed(lambda: es.GapsDetector(frameSize=2048, hopSize=1024), 2048, 1024),
        "hum": hum,
        "truncated_start": cut(0),
        "truncated_end": cut(1),
    }


def essentia_finds(sound: Sound, kinds: set[str]) -> dict[str, bool]:
    detectors = _essentia()
    mono = np.ascontiguousarray(sound.x.mean(axis=0), np.float32)
    both = np.ascontiguousarray(
        np.repeat(sound.x, 2, axis=0)[:2].T if len(sound.x) == 1 else sound.x.T
    )
    return {kind: bool(detectors[kind](mono, both)) for kind in kinds & set(detectors)}


def ffmpeg_finds(sound: Sound, kinds: set[str]) -> dict[str, bool]:
    """Kinds that a filter of ffmpeg's says something about."""
    if not kinds & {"dc_offset", "clipping", "long_silence"}:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/a.wav"
        sf.write(path, sound.x.T, sound.rate, subtype="FLOAT")
        command = ["ffmpeg", "-hide_banner", "-nostats", "-i", path, "-af"]
        command += ["silencedetect=n=-60dB:d=2,astats=measure_overall=none", "-f", "null", "-"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    numbers = {
        name: [abs(float(line.split(":")[-1])) for line in text.splitlines() if f" {name}:" in line]
        for name in ("DC offset", "Flat factor")
    }
    found = {
        "dc_offset": max(numbers["DC offset"], default=0) > 0.004,
        "clipping": max(numbers["Flat factor"], default=0) > 0,
        "long_silence": "silence_start" in text,
    }
    return {kind: value for kind, value in found.items() if kind in kinds}


# --- the study ------------------------------------------------------------------------------------


def suits(sound: Sound, case: Case) -> bool:
    """Whether a fault can be put into a song at all."""
    if case.wants == "stereo":
        # Two channels that differ: nothing can be told from channels that are equal.
        return len(sound.x) == 2 and float(np.abs(sound.x[0] - sound.x[1]).max()) > 0.01
    if case.wants == "centred":
        # An offset of the host's own, the other way, takes away what is put in.
        return float(np.abs(sound.x.mean(axis=1)).max()) < 0.001
    if case.wants == "treble":
        return sound.rate >= 44_100 and _treble_db(sound) > -60
    return True


def _treble_db(sound: Sound) -> float:
    """Power from 16.5 to 18 kHz against that from 2 to 8 kHz: is the host full-band?"""
    frequency, power = signal.welch(sound.x.mean(axis=0), sound.rate, nperseg=4096)
    treble = power[(frequency > 16_500) & (frequency < 18_000)].mean()
    middle = power[(frequency > 2_000) & (frequency < 8_000)].mean()
    return 10 * float(np.log10(max(treble, 1e-20) / max(middle, 1e-20)))


def located(findings: pd.DataFrame, sound: Sound, kind: str) -> bool:
    """Found, and where it is: at any of its places, with a tenth of a second to spare.

    A finding that is much longer than all places together has found none of them.
    """
    rows = findings[findings["kind"] == kind]
    if not len(rows):
        return False
    if not sound.spans:
        return True
    longest = max(e for _, e in sound.spans) - min(s for s, _ in sound.spans) + 10 * PLACE_S
    return any(
        row.start_s - PLACE_S <= end
        and start <= row.end_s + PLACE_S
        and row.end_s - row.start_s <= longest
        for row in rows.itertuples()
        for start, end in sound.spans
    )


def measured(sound: Sound, kind: str) -> float:
    """How much of a judgement there is, also where it is not found; NaN for facts."""
    judge = next((d for d in DETECTORS if isinstance(d, Judge) and d.kinds[0].name == kind), None)
    if judge is None:
        return float("nan")
    recording = mt.audio.from_samples(sound.x, sound.rate, bit_depth=sound.bits)
    return judge.measure(hear(recording, judge.tracks))


def spoil(task: tuple[Host, set[str], bool]) -> list[dict]:
    """Put every case of some kinds into one host."""
    host, kinds, peers = task
    wanted = [case for case in cases() if case.kind in kinds]
    sound = host.excerpt()
    before = {kind: measured(sound, kind) for kind in JUDGED & kinds}
    rows = []
    for case in wanted:
        if not suits(sound, case):
            continue
        seed = zlib.crc32(f"{host.name}/{case.kind}/{case.way}/{case.strength}".encode())
        made = case.make(sound, np.random.default_rng(seed))
        findings = ours(made)
        row = {
            "host": host.name,
            "group": host.group,
            "kind": case.kind,
            "way": case.way,
            "strength": case.strength,
            "must": case.must,
            "musictools": located(findings, made, case.kind),
            "value": findings.loc[findings["kind"] == case.kind, "value"].abs().max(),
            "measure": measured(made, case.kind),
            "clean": before.get(case.kind),
            "others": " ".join(sorted(set(findings["kind"]) - {case.kind})),
        }
        if peers:
            row |= {"essentia": essentia_finds(made, {case.kind}).get(case.kind)}
            row |= {"ffmpeg": ffmpeg_finds(made, {case.kind}).get(case.kind)}
        rows.append(row)
    return rows


def listen(task: tuple[Host, bool, set[str]]) -> list[dict]:
    """What is found in a clean song, whole; the excerpt is heard by peers, who take long."""
    host, peers, kinds = task
    sound = host.sound()
    # From its file where it has one: only that tells what the codec has done.
    findings = ours(sound) if host.path is None else mt.audio.quality(host.path).findings
    seconds = sound.x.shape[1] / sound.rate
    row = {"host": host.name, "group": host.group, "style": host.style, "seconds": seconds}
    row["findings"] = [
        (r.kind, r.severity, round(r.start_s, 2), round(r.end_s, 2), round(r.value, 3), r.meaning)
        for r in findings.itertuples()
    ]
    if peers:
        excerpt = host.excerpt()
        again = ours(excerpt)
        row["ours_excerpt"] = set(again["kind"])
        row["essentia"] = {k for k, v in essentia_finds(excerpt, kinds).items() if v}
        row["ffmpeg"] = {k for k, v in ffmpeg_finds(excerpt, kinds).items() if v}
    return [row]


def run(function: Callable, tasks: list, jobs: int) -> Iterator[dict]:
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for done, rows in enumerate(pool.map(function, tasks), start=1):
            if sys.stderr.isatty():
                print(f"\r{done}/{len(tasks)}", end="", file=sys.stderr)
            yield from rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--half", choices=("test", "tune"), default="test")
    parser.add_argument("--kinds", nargs="*")
    parser.add_argument("--songs", type=int, default=20, help="simulated hosts")
    parser.add_argument("--most", type=int, help="hosts in all")
    parser.add_argument("--hours", type=float, default=3.0, help="simulated clean music")
    parser.add_argument("--seed", type=int, help="of the first simulated song")
    parser.add_argument("--seconds", type=float, default=EXCERPT_S, help="length of a host")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path)
    wanted = parser.parse_args()
    started = time.monotonic()
    kinds = set(wanted.kinds or [case.kind for case in cases()])
    first = FIRST_SEED[wanted.half] if wanted.seed is None else wanted.seed
    chosen = hosts(wanted.half, wanted.songs, first)
    if wanted.most:
        chosen = [chosen[i] for i in np.linspace(0, len(chosen) - 1, wanted.most).astype(int)]
    chosen = [replace(host, seconds=wanted.seconds) for host in chosen]
    rows = pd.DataFrame(run(spoil, [(h, kinds, wanted.peers) for h in chosen], wanted.jobs))
    show_detection(rows, peers=wanted.peers)
    quiet = clean(wanted.half, wanted.hours, first)
    heard = pd.DataFrame(
        run(listen, [(h, wanted.peers, kinds | {"intersample_peak"}) for h in quiet], wanted.jobs)
    )
    show_alarms(heard, peers=wanted.peers)
    show_judgements(rows, heard)
    if wanted.out:
        wanted.out.mkdir(parents=True, exist_ok=True)
        rows.to_csv(wanted.out / "faults-detection.csv", index=False)
        heard.to_csv(wanted.out / "faults-clean.csv", index=False)
    print(f"\n{time.monotonic() - started:.0f} s on {wanted.jobs} processes")


def show_detection(rows: pd.DataFrame, *, peers: bool) -> None:
    print("\n# Share of songs in which the fault is found, at its place\n")
    names = ["musictools", *(["essentia", "ffmpeg"] if peers else [])]
    table = rows.groupby(["kind", "way", "strength", "must"], sort=True)
    shares = table[names].agg(lambda x: pd.to_numeric(x).mean())
    shares.insert(0, "n", table.size())
    print(shares.round(3).to_string())
    must = rows[rows["must"]]
    floor = must.groupby("kind")["musictools"].agg(["mean", "sum", "size"])
    floor["low"] = stats.beta.ppf(0.025, floor["sum"], floor["size"] - floor["sum"] + 1)
    floor["low"] = floor["low"].fillna(0.0)
    ways = must.groupby(["kind", "way", "strength"])["musictools"].mean()
    floor["worst"] = ways.groupby("kind").min()
    floor["worst_is"] = [f"{way}, {size:g}" for _, way, size in ways.groupby("kind").idxmin()]
    print("\n# At the strengths that must be found, and above (target 0.95; low: of 95 %)\n")
    print(floor.rename(columns={"mean": "found"}).round(3).to_string())
    by_strength = rows.groupby(["kind", "strength"])["musictools"].mean()
    print("\n# Strengths found in 95 % of songs, all ways together\n")
    for kind, shares_of in by_strength.groupby("kind"):
        found = [f"{s:g}" for (_, s), share in shares_of.items() if share >= 0.95]
        print(f"{kind:20} {', '.join(found) or 'none'}")


def show_alarms(heard: pd.DataFrame, *, peers: bool) -> None:
    hours = heard["seconds"].sum() / 3600
    print(f"\n# Found in {len(heard)} clean songs, {hours:.2f} h\n")
    basis = mt.audio.finding_kinds().set_index("kind")["basis"]
    for kind in basis.index:
        songs = [row for row in heard.itertuples() if any(f[0] == kind for f in row.findings)]
        upper = stats.chi2.ppf(0.975, 2 * (len(songs) + 1)) / 2 / hours
        print(f"{kind:20} {basis[kind]:10} {len(songs):4} songs, at most {upper:.2f} an hour")
        for row in songs[:8] if basis[kind] == "fact" else []:
            first = next(f for f in row.findings if f[0] == kind)
            print(f"    {row.group}/{row.host} {row.style}: {first[1:5]} {first[5][:110]}")
    if peers:
        print(f"\n# The same songs' excerpts: alarms of {len(heard)}\n")
        for name in ("ours_excerpt", "essentia", "ffmpeg"):
            counts = heard[name].explode().value_counts()
            print(f"{name}: " + ", ".join(f"{k} {v}" for k, v in counts.items()))


def show_judgements(rows: pd.DataFrame, heard: pd.DataFrame) -> None:
    print("\n# Judgements: share found against share of clean songs; area under the ROC\n")
    for kind in sorted(JUDGED & set(rows["kind"])):
        part = rows[rows["kind"] == kind]
        alarms = np.mean([any(f[0] == kind for f in found) for found in heard["findings"]])
        before = part.drop_duplicates("host")["clean"]
        for strength, some in part.groupby("strength"):
            shares = f"{some['musictools'].mean():.2f} against {alarms:.2f}"
            print(f"{kind:15} {strength:6g}: {shares}, AUC {auc(some['measure'], before):.3f}")
        print(f"{kind:15}    all: AUC {auc(part['measure'], before):.3f}")


def auc(faulty: pd.Series, clean: pd.Series) -> float:
    """Probability that a spoilt song measures more than a clean one (Mann and Whitney)."""
    x, y = faulty.dropna().to_numpy(float), clean.dropna().to_numpy(float)
    if not x.size or not y.size:
        return float("nan")
    return float(stats.mannwhitneyu(x, y).statistic / (x.size * y.size))


if __name__ == "__main__":
    main()
