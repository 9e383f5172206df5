"""What the browser plays: one file, from which it takes one master or the other.

Two masters share one file of four channels. So there is one clock, and switching between them is a
matter of gains: no gap, no jump, no drift.
"""

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._recording import Recording, Samples
from musictools.audio._stereo import front

_CEILING = 10 ** (-1 / 20)  # -1 dBFS, as for all that the house plays
#: Above so many bytes without loss, Vorbis takes a sixth of the room. Every browser plays FLAC.
MOST_LOSSLESS = 40_000_000
_VORBIS_QUALITY = 0.35  # of 0 (best) to 1, as libsndfile counts: about 190 kbit/s in stereo
_HIGHEST_RATE_HZ = 48_000
_BLOCK = 1 << 14  # libsndfile's Vorbis encoder keeps a whole write on the stack


@dataclass(frozen=True)
class Sound:
    """A sound file in memory.

    Attributes
    ----------
    data : bytes
        The file.
    kind : str
        Its media type.
    """

    data: bytes
    kind: str

    @property
    def words(self) -> str:
        """What a listener should know of the encoding."""
        return "lossless FLAC" if self.kind == "audio/flac" else "Ogg Vorbis, not lossless"


def gains_db(recordings: tuple[Recording, ...], louder_db: float = 0.0) -> tuple[float, ...]:
    """Say how far to turn each master down, so that all are equally loud and none clips.

    Parameters
    ----------
    recordings : tuple of Recording
        One, or two.
    louder_db : float
        By how many LU the second is louder than the first.

    Returns
    -------
    tuple of float
        One for each, in dB, 0 or less.
    """
    matched = np.array([0.0, -louder_db])[: len(recordings)]
    peaks = np.array([float(np.abs(one.samples).max()) for one in recordings])
    level = matched + 20 * np.log10(np.maximum(peaks, 1e-9) / _CEILING)
    down = matched - max(0.0, float(level.max()), float(matched.max()))
    return tuple(float(gain) + 0.0 for gain in down)


def encode_sound(
    recordings: tuple[Recording, ...],
    gains: tuple[float, ...],
    *,
    most_lossless: int = MOST_LOSSLESS,
) -> Sound:
    """Encode one master, or two of equal length side by side.

    Parameters
    ----------
    recordings : tuple of Recording
        Of one rate and length. The front channels are heard.
    gains : tuple of float
        Of each, in dB.
    most_lossless : int
        Bytes above which it is Vorbis.

    Returns
    -------
    Sound
        Of one or two channels, or of four for two masters, the first master's two first.
    """
    rate = recordings[0].sample_rate
    factors = [np.float32(10 ** (gain / 20)) for gain in gains]
    rows = [_front(one) * factor for one, factor in zip(recordings, factors, strict=True)]
    if len(rows) > 1:
        rows = [np.repeat(row, 2 // len(row), axis=0) for row in rows]
    samples = np.concatenate(rows).T
    if rate > _HIGHEST_RATE_HZ:
        samples, rate = _halved(samples, rate)
    lossless = _written(samples, rate, "FLAC")
    if len(lossless) <= most_lossless:
        return Sound(lossless, "audio/flac")
    return Sound(_written(samples, rate, "OGG"), "audio/ogg")


def _front(recording: Recording) -> Samples:
    picked: Samples = recording.samples[front(recording.layout)]
    return picked


def _halved(samples: npt.NDArray[np.float32], rate: int) -> tuple[npt.NDArray[np.float32], int]:
    import soxr

    wanted = 44_100 if rate % 44_100 == 0 else _HIGHEST_RATE_HZ
    made = soxr.resample(samples, rate, wanted, quality="HQ")
    # Between samples there may be more than at them.
    return made / max(1.0, float(np.abs(made).max(initial=0.0))), wanted


def _written(samples: npt.NDArray[np.float32], rate: int, form: str) -> bytes:
    import soundfile

    stream = io.BytesIO()
    subtype = "PCM_16" if form == "FLAC" else "VORBIS"
    # The quality goes with the file object; FLAC's of 0.5 is its usual one.
    quality = 0.5 if form == "FLAC" else _VORBIS_QUALITY
    with soundfile.SoundFile(
        stream, "w", rate, samples.shape[1], format=form, subtype=subtype, compression_level=quality
    ) as file:
        for first in range(0, len(samples), _BLOCK):
            file.write(samples[first : first + _BLOCK])
    return stream.getvalue()
