"""Songs to learn tempo from: what is heard in each and its true tempo, kept in a scratch folder."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

import musictools as mt
from musictools.audio import _harmony, _onsets, _peaks
from musictools.audio._pass import gather
from musictools.datasets._synth._styles import STYLES

#: Seeds of ``songs.py`` from here on are not learned from.
HELD_BACK_FROM, HELD_BACK = 10_000, "held-back"
# Songs whose tempo the studio of mt.datasets draws, for each of its styles.
_SIMULATED_EACH, _SIMULATED_S = 15, 42.0
_SIMULATED_SEED = 70_000


@dataclass(frozen=True)
class Song:
    """A song and its truth.

    Attributes
    ----------
    collection, name : str
        Which set it belongs to, and which song it is.
    bpm : float
        The nominal tempo.
    beats_s : numpy.ndarray, shape (beats,)
        Empty where the truth does not tell.
    curves : numpy.ndarray, shape (4, frames)
    bands : numpy.ndarray, shape (frames, 6)
    harmony : tuple of numpy.ndarray, shapes (other frames, 12)
        As of ``read_harmony``.
    """

    collection: str
    name: str
    bpm: float
    beats_s: npt.NDArray[np.float64]
    curves: npt.NDArray[np.float32]
    bands: npt.NDArray[np.float32]
    harmony: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]

    def part(self, start_s: float, end_s: float) -> "Kept":
        """Give the curves, bands and harmony of a part."""
        frames = slice(*(round(time * _onsets.RATE_HZ) for time in (start_s, end_s)))
        other = slice(*(round(time * _harmony.CHANGES_HZ) for time in (start_s, end_s)))
        every, bass = self.harmony
        return self.curves[:, frames], self.bands[frames], (every[other], bass[other])

    def bpm_between(self, start_s: float, end_s: float) -> float:
        """Give the median tempo of the beats of a part; of the song where too few are known."""
        inside = self.beats_s[(self.beats_s >= start_s) & (self.beats_s < end_s)]
        return float(60 / np.median(np.diff(inside))) if inside.size > 4 else self.bpm


def read_development(folder: Path, cache: Path) -> Iterator[Song]:
    """Read the recordings of the development set that have a tempo."""
    index = pd.read_csv(folder / "index.csv").dropna(subset=["bpm"])
    truth = json.loads((folder / "midi_render_truth.json").read_text("utf-8"))
    beats = {song["name"]: song["beats"] for song in truth}
    for row in index.itertuples():
        path = folder / str(row.path)
        known = (float(row.bpm), np.array(beats.get(path.stem, []), dtype=float))
        yield _load(path, str(row.set), known, cache)


def read_songs(folder: Path, cache: Path) -> Iterator[Song]:
    """Read the songs that ``songs.py`` rendered: each FLAC file has its truth in a JSON beside.

    Loops of a few bars are a collection of their own, and so are songs whose seeds are held back.
    """
    for beside in sorted(folder.glob("*.json")):
        truth = json.loads(beside.read_text("utf-8"))
        group = "songs" if truth["material"] == "song" else "loops"
        kind = HELD_BACK if int(beside.stem) >= HELD_BACK_FROM else "simulated"
        known = (float(truth["bpm"]), np.array(truth["beats_s"], dtype=float))
        yield _load(beside.with_suffix(".flac"), f"{kind} {group}", known, cache)


def simulate_songs(cache: Path) -> Iterator[Song]:
    """Make songs with ``mt.datasets.simulate_recording``."""
    for number, style in enumerate(sorted(STYLES)):
        for i in range(_SIMULATED_EACH):
            seed = _SIMULATED_SEED + 1000 * number + i
            yield _studio(style, seed, cache)


def _studio(style: str, seed: int, cache: Path) -> Song:
    name = f"{style.replace(' ', '_')}_{seed}"

    def make() -> tuple[Kept, float, npt.NDArray[np.float64]]:
        song = mt.datasets.simulate_recording(style=style, duration_s=_SIMULATED_S, rng=seed)
        return _analyse(song.recording), song.truth["bpm"], song.truth["beats_s"]

    return _cached(cache / "studio", ("studio", name), make)


def _load(
    path: Path, collection: str, truth: tuple[float, npt.NDArray[np.float64]], cache: Path
) -> Song:
    return _cached(
        cache / path.parent.name,
        (collection, path.stem),
        lambda: (_analyse(mt.audio.read(path)), *truth),
    )


Kept = tuple[
    npt.NDArray[np.float32],
    npt.NDArray[np.float32],
    tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
]


def _analyse(recording: mt.audio.Recording) -> Kept:
    tracks = gather(recording, [_onsets.OnsetTrack, _peaks.PeakTrack])
    onsets = tracks[_onsets.OnsetTrack]
    return onsets.curves(), onsets.bands(), _harmony.read_harmony(tracks[_peaks.PeakTrack])


def _cached(
    cache: Path,
    names: tuple[str, str],
    make: Callable[[], tuple[Kept, float, npt.NDArray[np.float64]]],
) -> Song:
    """Give a song from the scratch folder, where it is valid for one version of what is heard."""
    rooms = (_onsets, _peaks, _harmony)
    code = b"".join(Path(str(room.__file__)).read_bytes() for room in rooms)
    file = cache / hashlib.sha256(code).hexdigest()[:8] / f"{names[1]}.npz"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        (curves, bands, harmony), bpm, beats_s = make()
        np.savez(file, curves=curves, bands=bands, harmony=harmony, bpm=bpm, beats_s=beats_s)
    with np.load(file) as kept:
        every, bass = kept["harmony"]
        heard = (kept[name] for name in ("beats_s", "curves", "bands"))
        return Song(*names, float(kept["bpm"]), *heard, (every, bass))
