"""Random damage: `mt.audio.read` gives sound or an error of its own, soon, and nothing else."""

import importlib.util
import shutil
import subprocess
import time

import numpy as np
import pytest

from musictools import errors
from musictools.audio._decode import read
from tests.audio.bad_files import RATE_HZ, encode, tone

FUZZ_FORMS = {
    "wav": {"format": "WAV", "subtype": "PCM_16"},
    "float": {"format": "WAV", "subtype": "FLOAT"},
    "adpcm": {"format": "WAV", "subtype": "MS_ADPCM"},
    "rf64": {"format": "RF64", "subtype": "PCM_24"},
    "w64": {"format": "W64", "subtype": "PCM_16"},
    "aiff": {"format": "AIFF", "subtype": "PCM_16"},
    "caf": {"format": "CAF", "subtype": "PCM_16"},
    "au": {"format": "AU", "subtype": "PCM_16"},
    "flac": {"format": "FLAC", "subtype": "PCM_16"},
    "ogg": {"format": "OGG", "subtype": "VORBIS"},
    "opus": {"format": "OGG", "subtype": "OPUS"},
    "mp3": {"format": "MP3", "subtype": "MPEG_LAYER_III"},
}
FUZZ_FFMPEG = ["m4a", "wma", "webm", "aac", "wv"]


def damaged_copies(whole: bytes, rng: np.random.Generator):
    """Twenty cut copies, and twenty with some bytes changed, half of those in the header too."""
    for place in rng.integers(1, len(whole), 20):
        yield whole[:place]
    for i in range(20):
        data = bytearray(whole)
        places = list(rng.integers(0, len(data), rng.integers(1, 30)))
        if i % 2:
            places += list(rng.integers(0, min(len(data), 120), 3))
        for place in places:
            data[place] = rng.integers(256)
        yield bytes(data)


@pytest.mark.parametrize("form", [*FUZZ_FORMS, *FUZZ_FFMPEG])
def test_damage_never_passes_for_anything_but_an_error_or_sound(tmp_path, form):
    if form in FUZZ_FORMS:
        rate_hz = 48_000 if form == "opus" else RATE_HZ
        whole = encode(tone(1.0, rate_hz=rate_hz), rate_hz, **FUZZ_FORMS[form])
    else:
        pytest.importorskip("av", reason="needs the extra av")
        if shutil.which("ffmpeg") is None:
            pytest.skip("needs the ffmpeg program")
        source = tmp_path / "source.wav"
        source.write_bytes(encode(tone(1.0), format="WAV"))
        target = tmp_path / f"whole.{form}"
        command = ["ffmpeg", "-v", "error", "-i", str(source), str(target)]
        subprocess.run(command, check=True, timeout=60)
        whole = target.read_bytes()
    rng = np.random.default_rng(len(form))
    for content in damaged_copies(whole, rng):
        path = tmp_path / "damaged.bin"
        path.write_bytes(content)
        for allow_truncated in (False, True):
            started = time.perf_counter()
            try:
                recording = read(path, allow_truncated=allow_truncated)
            except errors.AudioError:
                pass
            except errors.MissingExtraError:
                # A damaged header may name a codec that only PyAV knows.
                assert importlib.util.find_spec("av") is None
            else:
                assert recording.samples.dtype == np.float32
                assert np.isfinite(recording.samples).all()
            assert time.perf_counter() - started < 5
