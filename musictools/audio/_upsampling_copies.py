"""What happens to a file on its way: other codecs, another speed, another rate."""

import numpy as np

from musictools.audio._codec_boxes import Codec
from musictools.audio._recording import Recording, Samples, from_samples
from musictools.audio._upsampling import Floats, upsampling

_CODECS = {
    "mp3": Codec("MP3", "mp3", 128),
    "vorbis": Codec("Ogg Vorbis", "vorbis", 160),
}
#: One semitone, as a disc that turns faster: every line moves by 6 %.
_SEMITONE = 2 ** (1 / 12)
_LOWER_HZ = 32_000

#: As it is, and what may happen to it.
CONDITIONS = ("as_is", "mp3", "vorbis", "pitch_up", "pitch_down", "resampled")


def changed(recording: Recording, condition: str) -> Recording:
    """Give a copy of a recording after one of the things that happen to files.

    Parameters
    ----------
    recording : Recording
        Mono or stereo.
    condition : str
        One of :data:`CONDITIONS`.
    """
    import soxr

    rate = recording.sample_rate
    sound = recording.samples[:2]
    if condition == "as_is":
        return recording
    if condition in _CODECS:
        codec = _CODECS[condition]
        fed = codec.rate_for(rate)
        ready = sound if fed == rate else _resampled(sound, rate, fed)
        return from_samples(codec.round_trip(ready, fed)[1], fed)
    if condition == "resampled":
        there = _resampled(sound, rate, _LOWER_HZ)
        return from_samples(_resampled(there, _LOWER_HZ, rate), rate)
    factor = _SEMITONE if condition == "pitch_up" else 1 / _SEMITONE
    turned = soxr.resample(sound.T, rate * factor, rate)
    return from_samples(np.ascontiguousarray(turned.T), rate)


def _resampled(sound: Samples, rate: int, other: int) -> Samples:
    import soxr

    out: Samples = np.ascontiguousarray(soxr.resample(sound.T, rate, other).T, dtype=np.float32)
    return out


def vectors(recording: Recording, conditions: tuple[str, ...]) -> Floats:
    """Give the descriptors of a recording under each condition, shape (conditions, numbers)."""
    return np.array([upsampling(changed(recording, each)).vector() for each in conditions])
