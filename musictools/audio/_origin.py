"""Findings of where a recording comes from: a cut-off as of lossy codecs, an up-sampled source."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from musictools.audio._descriptor import Tracks
from musictools.audio._finding import Finding, Kind, Severity, confidence
from musictools.audio._images import mirrored, stands_out
from musictools.audio._spectrum_edge import (
    DEPTH_DB,
    FALL_DB,
    LOW_FALL_DB,
    LOW_HZ,
    Edge,
    find_edge,
    loud_segments,
)
from musictools.audio._stereo import FrontFrames

#: Files of lower rates are limited on purpose.
_LOWEST_RATE_HZ = 32_000
#: Cuts from here on come from good codecs and converters; nor is an edge near the top a cut.
_HARMLESS_HZ, _HARMLESS_OF_NYQUIST = 17_800.0, 0.82
#: MP3 of 128 kbit/s ends at 16 to 16.6 kHz.
_WARNING_HZ = 17_000.0
#: What usually ends below a frequency.
_ORIGINS = (
    (5_500.0, "a telephone, a speech codec or a source of 8 or 11 kHz"),
    (11_700.0, "lossy coding at about 64 kbit/s or a source of 22 or 24 kHz"),
    (14_700.0, "lossy coding at some 64 to 96 kbit/s or an old sampler"),
    (15_600.0, "MP3 or Vorbis at some 64 to 96 kbit/s, FM radio or a source of 32 kHz"),
    (16_400.0, "MP3 or AAC at some 96 to 128 kbit/s or a source of 32 kHz"),
    (17_000.0, "MP3, AAC or Vorbis at some 96 to 128 kbit/s"),
    (_HARMLESS_HZ, "MP3 or AAC at some 128 to 160 kbit/s"),
)
_USUAL_RATES_HZ = (
    8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000,
)  # fmt: skip
#: Nearer to the rate of the file, good codecs and converters cut at the same place.
_HIGHEST_OF_RATE = 0.76
#: What a cut means in a file that keeps every sample, in one that does not, and in neither.
_OF_FILE = {
    True: "a lossless file should not have it",
    False: "this file is lossy, so that its own encoder may have done it",
    None: "a lossy file may well have it, a lossless one should not",
}
_REMEDY = "Find the master from before the cut; no equaliser brings the treble back."
_LOSSY_REMEDY = (
    "If the lossless master goes higher, deliver that one, or encode it at a higher bit rate; no "
    "equaliser brings the treble back."
)
#: The one rate whose half codecs cut at, too.
_CODEC_RATE_HZ = 32_000


@dataclass(frozen=True)
class _Way:
    """How one sort of resampler ends: its corner and its foot, as shares of half the rate."""

    corner: tuple[float, float]
    foot: tuple[float, float]
    trust: float
    usual: float = 0.953
    images: bool = False


# Measured with soxr, scipy, libsamplerate's and librosa's windows, and ffmpeg.
_WAYS = (
    _Way((0.90, 0.99), (0.955, 1.02), 1.0),
    # All bins above half the rate set to zero, by way of one long transform.
    _Way((0.99, 1.005), (0.995, 1.006), 0.6, usual=1.0),
    # Short filters, which let some of the mirrored spectrum pass.
    _Way((0.90, 1.10), (1.02, 1.25), 1.0, images=True),
)
#: The quick setting of soxr, where good codecs do not cut.
_QUICK_WAY = _Way((0.79, 0.84), (0.885, 0.925), 0.5, usual=0.815)
#: In a file of twice the rate or more, nothing else ends there.
_FAR_WAYS = (
    _Way((0.86, 1.01), (0.86, 1.12), 0.7),
    _Way((0.994, 1.006), (0.99, 1.15), 0.9, usual=1.0),
)
#: Correlation of the two sides of half the rate, near it, where the spectrum ends; and over all
#: the spectrum, at least so many points in so many segments, where it does not. Chance gives
#: 0.3 at most.
_NEAR, _NEAR_LEAST = (0.01, 0.12), 0.5
_WIDE, _WIDE_LEAST, _WIDE_POINTS, _WIDE_SEGMENTS = (0.02, 0.9), 0.42, 400, 3

_CUTOFF = Kind(
    "bandwidth_cutoff",
    "fact",
    "Hz",
    "corner, 6 dB down",
    f"In the usual and in the brightest moments alike, the spectrum falls {FALL_DB:g} dB "
    f"({LOW_FALL_DB:g} dB below {LOW_HZ / 1000:g} kHz) below its own trend within three eighths "
    f"of an octave, and {DEPTH_DB:g} dB within an octave, and stays down. Corners from "
    f"{_HARMLESS_HZ / 1000:g} kHz or {_HARMLESS_OF_NYQUIST:.0%} of half the rate on are harmless, "
    f"and files below {_LOWEST_RATE_HZ / 1000:g} kHz are not judged. Warning below "
    f"{_WARNING_HZ / 1000:g} kHz in files that are lossless.",
    "definition",
)
_UPSAMPLED = Kind(
    "upsampled_source",
    "fact",
    "Hz",
    "sample rate of the supposed source",
    "The spectrum ends as for bandwidth_cutoff, its corner at 0.90 to 1 of half a usual sample "
    "rate and its foot (40 dB down) at that half, as resamplers leave it; a few other shapes "
    f"with less confidence, and mirrored spectra. Sources from {_HIGHEST_OF_RATE:.0%} of the rate "
    f"on are not told from good codecs, nor 32 kHz from a lossy file's own. Files below "
    f"{_LOWEST_RATE_HZ / 1000:g} kHz are not judged.",
    "definition",
)


class Origin:
    """Detector of cut-offs and of up-sampled sources."""

    tracks = (FrontFrames,)
    kinds: ClassVar[tuple[Kind, ...]] = (_CUTOFF, _UPSAMPLED)

    def find(self, tracks: Tracks) -> Iterator[Finding]:
        """Look for the end of the spectrum, and say what may have ended it."""
        if tracks.sample_rate < _LOWEST_RATE_HZ:
            return
        edge = tracks.once(find_edge)
        highest = min(_HARMLESS_HZ, _HARMLESS_OF_NYQUIST * tracks.sample_rate / 2)
        if edge is not None and edge.corner_hz < highest:
            yield _cut(edge, tracks)
        source = None if edge is None else _source_rate(edge, tracks)
        if source is not None and source[0] == _CODEC_RATE_HZ and tracks.lossless is False:
            # A lossy file's own encoder ends there, too, and is the likelier reason.
            return
        if edge is not None and source is not None:
            yield _upsampled(edge, *source, tracks)
        else:
            yield from _unfiltered(tracks)


def _cut(edge: Edge, tracks: Tracks) -> Finding:
    origin = next(words for hz, words in _ORIGINS if edge.corner_hz <= hz)
    sure = tracks.lossless is True
    severity: Severity = "warning" if sure and edge.corner_hz < _WARNING_HZ else "info"
    return _CUTOFF.found(
        0,
        tracks.duration_s,
        severity=severity,
        value=edge.corner_hz,
        confidence=confidence(edge.fall_db - FALL_DB, 8),
        meaning=(
            f"The spectrum ends at {edge.corner_hz / 1000:.1f} kHz, {edge.depth_db:.0f} dB down, "
            f"in every loud moment, which usually comes from {origin}; "
            f"{_OF_FILE[tracks.lossless]}, and the treble above is lost to the listener."
        ),
        remedy=_LOSSY_REMEDY if tracks.lossless is False else _REMEDY,
    )


def _source_rate(edge: Edge, tracks: Tracks) -> tuple[int, float] | None:
    """Give the usual rate at whose half the spectrum ends best, and how far to trust it."""
    found: list[tuple[float, int, float]] = []
    rate_hz = tracks.sample_rate
    for source_hz in _USUAL_RATES_HZ:
        if source_hz > _HIGHEST_OF_RATE * rate_hz:
            break
        far = rate_hz > 1.8 * source_hz and source_hz >= 44_100
        ways = (*_WAYS, *(_FAR_WAYS if far else ()))
        ways += (_QUICK_WAY,) if far or source_hz <= _CODEC_RATE_HZ else ()
        corner, foot = (2 * hz / source_hz for hz in (edge.corner_hz, edge.foot_hz))
        for way in ways:
            fits = way.corner[0] <= corner <= way.corner[1] and way.foot[0] <= foot <= way.foot[1]
            if fits and (not way.images or _near_images(tracks, source_hz)):
                cost = abs(corner - way.usual) + (1 - way.trust) / 10
                # A mirror stands at one place only; shapes alone fit several rates.
                found.append((cost - way.images, source_hz, way.trust))
    return min(found)[1:] if found else None


def _near_images(tracks: Tracks, source_hz: int) -> bool:
    hz, _ = tracks[FrontFrames].long_term()
    half, loud = source_hz / 2, loud_segments(tracks)
    return mirrored(hz, loud, tracks.sample_rate / 2, half, reach=_NEAR)[0] >= _NEAR_LEAST


def _unfiltered(tracks: Tracks) -> Iterator[Finding]:
    """Look for a source that was resampled with hardly a filter, so that no edge was left."""
    hz, _ = tracks[FrontFrames].long_term()
    loud, nyquist = loud_segments(tracks), tracks.sample_rate / 2
    for source_hz in _USUAL_RATES_HZ:
        if len(loud) < _WIDE_SEGMENTS or source_hz > _HIGHEST_OF_RATE * tracks.sample_rate:
            return
        same, points = mirrored(hz, loud, nyquist, source_hz / 2, reach=_WIDE)
        if same < _WIDE_LEAST or points < _WIDE_POINTS:
            continue
        if stands_out(hz, loud, nyquist, source_hz / 2, reach=_WIDE):
            yield _UPSAMPLED.found(
                0,
                tracks.duration_s,
                severity="warning",
                value=source_hz,
                confidence=confidence(same - _WIDE_LEAST, 0.15),
                meaning=(
                    f"The spectrum above {source_hz / 2000:g} kHz mirrors the one below, as if a "
                    f"source of {source_hz / 1000:g} kHz had been resampled to "
                    f"{tracks.sample_rate / 1000:g} kHz without a filter; the mirrored treble "
                    "sounds harsh and was never played."
                ),
                remedy=f"Resample the original of {source_hz / 1000:g} kHz with a good resampler.",
            )
            return


def _upsampled(edge: Edge, source_hz: int, trust: float, tracks: Tracks) -> Finding:
    # Of what nobody knows to be lossless an end at 16 kHz is a guess.
    codec = source_hz == _CODEC_RATE_HZ
    severity: Severity = "info" if codec and tracks.lossless is not True else "warning"
    sure = confidence(edge.fall_db - FALL_DB, 8)
    rival = "; a lossy codec of some 96 to 128 kbit/s leaves nearly the same picture"
    return _UPSAMPLED.found(
        0,
        tracks.duration_s,
        severity=severity,
        value=source_hz,
        confidence=0.5 + (sure - 0.5) * trust * (0.4 if codec else 0.9),
        meaning=(
            f"The spectrum ends at {edge.corner_hz / 1000:.1f} kHz, just under half of "
            f"{source_hz / 1000:g} kHz, and nothing lies above, as if a source of that rate had "
            f"been resampled to {tracks.sample_rate / 1000:g} kHz{rival if codec else ''}; the "
            "higher rate carries no more sound."
        ),
        remedy=(
            f"Deliver the original, at {source_hz / 1000:g} kHz or, if there is one, a true "
            f"master of {tracks.sample_rate / 1000:g} kHz."
        ),
    )
