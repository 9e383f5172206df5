"""Render one song to a file: the part that runs in a process of its own."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile as sf

from musictools._files import replacing
from musictools.datasets._synth._spec import Song
from musictools.datasets._world._cache import write_bytes
from musictools.datasets._world._catalogue import song_specs
from musictools.datasets._world._songs import checksum, plain, sidecar, song_key

FULL_SCALE = 32_768
#: Of libFLAC's nine levels the sixth: the last takes twice as long to save one part in two hundred.
_COMPRESSION = 0.625


def render_song(*, seed: int, recording_id: str, path: str) -> int:
    """Synthesise one song of a world and write it, with its truth beside it.

    Parameters
    ----------
    seed : int
        Seed of the world.
    recording_id : str
        Which song.
    path : str
        The FLAC file; 16 bits, dithered.

    Returns
    -------
    int
        Size of the file in bytes.
    """
    from musictools.datasets._synth._render import render

    spec = song_specs(seed)[recording_id]
    song = render(spec)
    target = Path(path)
    with replacing(target) as draft:
        _write(draft, song, spec.seed)
        note = {
            "key": song_key(spec),
            "size": draft.stat().st_size,
            "sha256": checksum(draft),
            "duration_s": song.samples.shape[1] / song.sample_rate,
            "truth": plain(song.truth),
        }
        # The old note goes first, or a kill in between would leave it beside a new song.
        sidecar(target).unlink(missing_ok=True)
    write_bytes(sidecar(target), json.dumps(note).encode())
    return target.stat().st_size


def _write(path: Path, song: Song, seed: int) -> None:
    samples = to_16_bit(song.samples, np.random.default_rng([seed, 16]))
    sf.write(
        path,
        samples.T,
        song.sample_rate,
        format="FLAC",
        subtype="PCM_16",
        compression_level=_COMPRESSION,
    )


def to_16_bit(samples: npt.NDArray[np.float32], rng: np.random.Generator) -> npt.NDArray[np.int16]:
    """Quantise with triangular dither of one step either way.

    What was cut to full scale or to silence stays exactly there, and both channels get the same
    dither, so planted faults survive. Shape (channels, n) in and out.
    """
    count = samples.shape[1]
    dither = rng.random(count, dtype=np.float32) - rng.random(count, dtype=np.float32)
    untouched = (np.abs(samples) >= 1.0) | (samples == 0.0).all(axis=0)
    scaled = np.rint(samples * FULL_SCALE + np.where(untouched, 0.0, dither))
    return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
