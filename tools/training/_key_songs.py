"""Songs to learn keys from: the spectral peaks and the true keys of each, kept in a folder."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

import musictools as mt
from musictools.audio._keys import KEYS
from musictools.audio._pass import gather
from musictools.audio._peaks import FIRST_S, HOP_S, Peaks, PeakTrack
from musictools.datasets._synth._styles import STYLES

# Songs by the studio of mt.datasets, for each of its styles.
_STUDIO_EACH, _STUDIO_S, _STUDIO_SEED = 12, 32.0, 81_000
# Noise, so that what has no key is not given one with certainty.
_NOISES, _NOISE_S, _NOISE_SEED = 24, 20.0, 82_000
# Loops of a few chords leave the key open.
_SHORTEST_S, _SHORTEST_DRUMS_S = 20.0, 5.0
# Songs of ``songs.py`` from this seed on are kept back: judged, never learned from.
_HELD_BACK_SEED = 10_000
_SPELLED = {"Gb": "F#", "C#": "Db", "D#": "Eb", "G#": "Ab", "A#": "Bb"}


@dataclass(frozen=True, eq=False)
class Song:
    """A song and its truth.

    Attributes
    ----------
    collection, name : str
        Which set it belongs to, and which song it is.
    segments : tuple of (float, float, int)
        Start and end in seconds, and the number of the key in ``KEYS``; none for noise and drums.
    track : PeakTrack
        Its peaks.
    """

    collection: str
    name: str
    segments: tuple[tuple[float, float, int], ...]
    track: PeakTrack

    @property
    def key(self) -> int:
        """The key of most of the song, or -1."""
        if not self.segments:
            return -1
        lasts = np.zeros(len(KEYS))
        for start_s, end_s, key in self.segments:
            lasts[key] += end_s - start_s
        return int(lasts.argmax())

    @property
    def steady(self) -> bool:
        """Whether there is a key that never changes."""
        return len({key for *_, key in self.segments}) == 1

    def keys(self, windows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Key that fills each window of frames, or -1 where it changes inside."""
        found = np.full(len(windows), -1)
        for start_s, end_s, key in self.segments:
            inside = (windows[:, 0] * HOP_S + FIRST_S >= start_s) & (
                windows[:, 1] * HOP_S <= end_s + FIRST_S
            )
            found[inside] = key
        return found


def number_of(key: str) -> int:
    """Give the number of a key, however its root is spelled."""
    root, mode = key.split()
    return KEYS.index(f"{_SPELLED.get(root, root)} {mode}")


def read_songs(folder: Path, cache: Path) -> Iterator[Song]:
    """Read the songs that ``songs.py`` rendered: each FLAC file has its truth in a JSON beside."""
    for path in sorted(folder.glob("*.json")):
        sound = path.with_suffix(".flac")
        truth = json.loads(path.read_text("utf-8"))
        tonal = truth["key"] is not None
        shortest_s = _SHORTEST_S if tonal else _SHORTEST_DRUMS_S
        if not sound.is_file() or truth["duration_s"] < shortest_s:
            continue
        segments = tuple(
            (start_s, end_s, number_of(label))
            for start_s, end_s, label in truth["key_segments"]
            if label != "N"
        )
        kept = cache / "songs" / f"{truth['seed']}-{truth['revision']}.npz"
        held_back = truth["seed"] >= _HELD_BACK_SEED
        name = "drums" if not tonal else "held back" if held_back else "songs"
        if not tonal and held_back:
            continue
        track = _peaks(sound, kept)
        if track.peaks.frame.size:
            yield Song(name, path.stem, segments, track)


def read_development(folder: Path, cache: Path) -> Iterator[Song]:
    """Read the generated songs of the development set."""
    index = pd.read_csv(folder / "index.csv").query("set == 'midi_render'")
    for row in index.itertuples():
        path = folder / str(row.path)
        segments = ((0.0, float(row.seconds), number_of(str(row.key))),)
        yield Song(
            "midi_render", path.stem, segments, _peaks(path, cache / f"midi_render/{path.stem}.npz")
        )


def simulate_songs(cache: Path) -> Iterator[Song]:
    """Make songs with ``mt.datasets.simulate_recording``."""
    for number, style in enumerate(sorted(STYLES)):
        for i in range(_STUDIO_EACH):
            # The key is drawn here, so that it is known when the sound is not made again.
            seed = _STUDIO_SEED + 100 * number + i
            key = int(np.random.default_rng(seed).integers(len(KEYS)))
            name = f"{style.replace(' ', '_')}_{i:02d}"
            kept = cache / "studio" / f"{name}.npz"
            if not kept.is_file():
                song = mt.datasets.simulate_recording(
                    style=style, key=KEYS[key], duration_s=_STUDIO_S, rng=seed
                )
                _keep(song.recording, kept)
            yield Song("studio", name, ((0.0, 60.0, key),), _load(kept))


def make_noise(cache: Path) -> Iterator[Song]:
    """Make noise, from white to brown."""
    for i in range(_NOISES):
        kept = cache / "noise" / f"{i:02d}.npz"
        if not kept.is_file():
            rng = np.random.default_rng(_NOISE_SEED + i)
            spectrum = np.fft.rfft(rng.normal(0, 1, int(22_050 * _NOISE_S)))
            noise = np.fft.irfft(spectrum / (np.arange(spectrum.size) + 1.0) ** rng.uniform(0, 1))
            _keep(mt.audio.from_samples(0.1 * noise / noise.std(), 22_050), kept)
        yield Song("noise", f"{i:02d}", (), _load(kept))


def cut(song: Song, first_s: float, seconds: float) -> PeakTrack:
    """Give the peaks of a part of a song."""
    first = max(0, round(first_s / HOP_S))
    last = min(song.track.frames, first + round(seconds / HOP_S))
    peaks = song.track.peaks
    span = slice(*np.searchsorted(peaks.frame, (first, last)))
    part = Peaks(
        peaks.frame[span] - np.int32(first),
        peaks.pitch[span],
        peaks.magnitude[span],
        peaks.prominence[span],
    )
    return PeakTrack.of(part, song.track.energies()[first:last])


def join(before: PeakTrack, after: PeakTrack, *, semitones: tuple[float, float]) -> PeakTrack:
    """Put one part after another, as loud, each detuned by so much."""
    peaks = [track.peaks for track in (before, after)]
    energies = [track.energies() for track in (before, after)]
    return PeakTrack.of(
        Peaks(
            np.concatenate([peaks[0].frame, peaks[1].frame + np.int32(before.frames)]),
            np.concatenate(
                [p.pitch + np.float32(s) for p, s in zip(peaks, semitones, strict=True)]
            ),
            np.concatenate([p.magnitude for p in peaks]),
            np.concatenate([p.prominence for p in peaks]),
        ),
        np.concatenate([energy / max(energy.mean(), 1e-12) for energy in energies]),
    )


def _peaks(sound: Path, kept: Path) -> PeakTrack:
    if not kept.is_file():
        _keep(mt.audio.read(sound), kept)
    return _load(kept)


def _keep(recording: mt.audio.Recording, kept: Path) -> None:
    track = gather(recording, [PeakTrack])[PeakTrack]
    peaks = track.peaks
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        kept,
        frame=peaks.frame,
        pitch=peaks.pitch,
        magnitude=peaks.magnitude,
        prominence=peaks.prominence,
        energies=track.energies(),
    )


def _load(kept: Path) -> PeakTrack:
    with np.load(kept) as data:
        peaks = Peaks(data["frame"], data["pitch"], data["magnitude"], data["prominence"])
        return PeakTrack.of(peaks, data["energies"])
