"""Lossy codecs as boxes: samples go in, are encoded and decoded in memory, and come out again."""

import io
import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from musictools._optional import require
from musictools.audio._recording import Samples
from musictools.errors import UnsupportedAudioError

#: Sample rates of MPEG audio, which Vorbis takes as well.
RATES_HZ = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_OPUS_HZ = 48_000
# What FFmpeg's AAC encoder puts before the music.
_AAC_DELAY = 1_024
# libsndfile's kbit/s of one Opus channel at compression levels 1 and 0; of MP3, all channels.
_OPUS_KBPS, _MP3_KBPS = (6, 256), (32, 320)
# 24 dB above full scale. From 36 dB on Vorbis makes up peaks, then Opus is silent, and LAME ends
# the whole process; numbers of the size of integers are stored so, and are no music at that level.
_MOST = 16.0


@dataclass(frozen=True)
class Codec:
    """A codec at a bit rate.

    Attributes
    ----------
    name : str
        What people call it.
    kind : str
        Which encoder.
    kbps : int
        Nominal bit rate of stereo at 44.1 kHz, in kbit/s.
    """

    name: str
    kind: Literal["vorbis", "opus", "mp3", "aac"]
    kbps: int

    @property
    def delay(self) -> int:
        """By how many samples it is late as a rule."""
        return _AAC_DELAY if self.kind == "aac" else 0

    def rate_for(self, rate_hz: int) -> int:
        """Give the sample rate that it would be fed, in Hz."""
        if self.kind == "opus":
            return _OPUS_HZ
        if rate_hz > RATES_HZ[-1]:
            return 44_100 if rate_hz % 11_025 == 0 else 48_000
        return next(rate for rate in RATES_HZ if rate >= rate_hz)

    def round_trip(self, samples: Samples, rate_hz: int) -> tuple[int, Samples]:
        """Encode and decode.

        Parameters
        ----------
        samples : numpy.ndarray, shape (1 or 2, n)
            At a rate that ``rate_for`` gives.
        rate_hz : int
            That rate.

        Returns
        -------
        size : int
            Bytes of the encoded file.
        decoded : numpy.ndarray, shape (channels, m)
            Never clipped.

        Raises
        ------
        MissingExtraError
            If it is AAC, and PyAV is not installed.
        UnsupportedAudioError
            If FFmpeg cannot encode AAC; libsndfile raises an error of its own.
        """
        peak = float(np.abs(samples).max(initial=0.0))
        scale = _power_of_two(peak) if peak > _MOST else np.float32(1)
        if self.kind == "aac":
            size, decoded = _through_av(samples / scale, rate_hz, self.kbps)
        else:
            size, decoded = _through_soundfile(samples / scale, rate_hz, self)
        return size, decoded * scale


#: At the rates that services are known for.
CODECS = (
    Codec("Ogg Vorbis", "vorbis", 160),
    Codec("Ogg Vorbis", "vorbis", 320),
    Codec("Opus", "opus", 128),
    Codec("MP3", "mp3", 128),
    Codec("MP3", "mp3", 320),
    Codec("AAC", "aac", 128),
    Codec("AAC", "aac", 256),
)


def _through_soundfile(samples: Samples, rate_hz: int, codec: Codec) -> tuple[int, Samples]:
    import soundfile as sf

    container, subtype = {
        "vorbis": ("OGG", "VORBIS"),
        "opus": ("OGG", "OPUS"),
        "mp3": ("MP3", "MPEG_LAYER_III"),
    }[codec.kind]
    encoded = io.BytesIO()
    with sf.SoundFile(
        encoded,
        "w",
        rate_hz,
        len(samples),
        subtype,
        format=container,
        compression_level=_level(codec, len(samples)),
        bitrate_mode="CONSTANT" if codec.kind == "mp3" else None,
    ) as file:
        # In pieces: libsndfile 1.2.2 has crashed on a minute of Ogg in one.
        for start in range(0, samples.shape[1], rate_hz):
            file.write(samples[:, start : start + rate_hz].T)
    size = encoded.tell()
    encoded.seek(0)
    with sf.SoundFile(encoded) as file:
        decoded = file.read(dtype="float32", always_2d=True)
    return size, np.ascontiguousarray(decoded.T)


def _level(codec: Codec, channels: int) -> float:
    """Give libsndfile's compression level, 0 (best) to 1 (smallest)."""
    if codec.kind == "vorbis":
        # 160 and 320 kbit/s are Vorbis qualities 5 and 9 of 10.
        return {160: 0.5, 320: 0.1}[codec.kbps]
    least, most = _MP3_KBPS if codec.kind == "mp3" else _OPUS_KBPS
    each = codec.kbps / (channels if codec.kind == "opus" else 1)
    return (most - each) / (most - least)


def _through_av(samples: Samples, rate_hz: int, kbps: int) -> tuple[int, Samples]:
    av = require("av", extra="av", purpose="encode AAC")
    # FFmpeg's encoder turns a frame down to 0.95 of full scale, which others do not and which hides
    # what decoding adds; at half of full scale it leaves all frames alone.
    scale = _power_of_two(float(np.abs(samples).max()))
    try:
        encoded = _encoded_aac(av, samples / scale, rate_hz, kbps)
        return len(encoded.getvalue()), _decoded(av, encoded) * scale
    except av.FFmpegError as error:
        raise UnsupportedAudioError(
            "encode AAC",
            got=f"an error of FFmpeg's ({error})",
            expected="an FFmpeg with an AAC encoder",
            hint="install PyAV from its own wheels",
        ) from error


def _power_of_two(peak: float) -> np.float32:
    """Give twice the peak or a little more, as a number that divides without rounding."""
    return np.float32(2.0 ** max(0, math.ceil(math.log2(max(peak, 0.5))) + 1))


def _encoded_aac(av: Any, samples: Samples, rate_hz: int, kbps: int) -> io.BytesIO:
    encoded = io.BytesIO()
    layout = "mono" if len(samples) == 1 else "stereo"
    with av.open(encoded, "w", format="adts") as container:
        stream = container.add_stream("aac", rate=rate_hz, layout=layout)
        stream.bit_rate = kbps * 1000
        for start in range(0, samples.shape[1], rate_hz):
            piece = np.ascontiguousarray(samples[:, start : start + rate_hz])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout=layout)
            frame.sample_rate, frame.pts = rate_hz, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    encoded.seek(0)
    return encoded


def _decoded(av: Any, encoded: io.BytesIO) -> Samples:
    with av.open(encoded, "r", format="aac") as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.concatenate(frames, axis=1)
