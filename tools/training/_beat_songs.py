"""Songs to learn beats and bars from: what is heard in each, and its truth."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

import musictools as mt
from musictools.audio import _onsets, _peaks
from musictools.audio._harmony import read_harmony
from musictools.audio._onsets import OnsetTrack
from musictools.audio._pass import gather
from musictools.audio._peaks import PeakTrack
from musictools.datasets._synth._styles import STYLES

Floats = npt.NDArray[np.float64]

#: Seeds of ``songs.py`` from here on are not learned from.
HELD_BACK_FROM = 10_000
#: Names of the collections.
SONGS, HELD_BACK, STUDIO, RENDERS = "simulated", "held back", "studio", "midi_render"
_STUDIO_EACH, _STUDIO_S, _STUDIO_SEED = 6, 40.0, 1000


@dataclass(frozen=True)
class Song:
    """A song and its truth.

    Attributes
    ----------
    collection, name, style, tempo : str
        Which set it belongs to, which song it is, its style, and how its tempo moves.
    bpm : float
    beats_per_bar : int
    beats_s, downbeats_s : numpy.ndarray
    curves, bands : numpy.ndarray
        Of the onset track.
    harmony : tuple of numpy.ndarray
        Of ``read_harmony``.
    """

    collection: str
    name: str
    style: str
    tempo: str
    bpm: float
    beats_per_bar: int
    beats_s: Floats
    downbeats_s: Floats
    curves: npt.NDArray[np.float32]
    bands: npt.NDArray[np.float32]
    harmony: tuple[Floats, Floats]


def read_renders(folder: Path, cache: Path) -> Iterator[Song]:
    """Read the songs of the development set whose beats are known."""
    for truth in json.loads((folder / "midi_render_truth.json").read_text("utf-8")):
        path = folder / "midi_render" / f"{truth['name']}.ogg"
        told = {
            "style": truth["style"],
            "bpm": truth["bpm"],
            "beats_per_bar": truth["num"],
            "beats_s": truth["beats"],
            "downbeats_s": truth["beats"][:: truth["num"]],
        }
        yield _cached(cache, RENDERS, path.stem, lambda p=path, t=told: (mt.audio.read(p), t))


def read_songs(folder: Path, cache: Path) -> Iterator[Song]:
    """Read the songs that ``songs.py`` rendered; seeds from 10000 on are held back."""
    for beside in sorted(folder.glob("[0-9]*.json")):
        told = json.loads(beside.read_text("utf-8"))
        path = beside.with_suffix(".flac")
        kind = HELD_BACK if int(beside.stem) >= HELD_BACK_FROM else SONGS
        yield _cached(cache, kind, beside.stem, lambda p=path, t=told: (mt.audio.read(p), t))


def simulate_songs(cache: Path) -> Iterator[Song]:
    """Make songs with ``mt.datasets.simulate_recording``."""
    for number, style in enumerate(sorted(STYLES)):
        for i in range(_STUDIO_EACH):
            seed = _STUDIO_SEED * (number + 1) + i

            def make(style: str = style, seed: int = seed) -> tuple[mt.audio.Recording, dict]:
                song = mt.datasets.simulate_recording(style=style, duration_s=_STUDIO_S, rng=seed)
                return song.recording, song.truth

            yield _cached(cache, STUDIO, f"{style.replace(' ', '_')}_{seed}", make)


def _cached(
    cache: Path, collection: str, name: str, make: Callable[[], tuple[mt.audio.Recording, dict]]
) -> Song:
    """Give a song from the scratch folder, where it is valid for one version of the tracks."""
    code = b"".join(Path(module.__file__).read_bytes() for module in (_onsets, _peaks))
    file = cache / hashlib.sha256(code).hexdigest()[:8] / f"{collection} {name}.npz"
    if not file.is_file():
        recording, told = make()
        tracks = gather(recording, [OnsetTrack, PeakTrack])
        onsets = tracks[OnsetTrack]
        whole, bass = read_harmony(tracks[PeakTrack])
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            file,
            style=told["style"],
            tempo=told.get("tempo", "steady"),
            bpm=told["bpm"],
            beats_per_bar=told["beats_per_bar"],
            beats_s=told["beats_s"],
            downbeats_s=told["downbeats_s"],
            curves=onsets.curves(),
            bands=onsets.bands(),
            harmony=np.stack((whole, bass)),
        )
    with np.load(file) as kept:
        return Song(
            collection,
            name,
            str(kept["style"]),
            str(kept["tempo"]),
            float(kept["bpm"]),
            int(kept["beats_per_bar"]),
            kept["beats_s"],
            kept["downbeats_s"],
            kept["curves"],
            kept["bands"],
            (kept["harmony"][0], kept["harmony"][1]),
        )
