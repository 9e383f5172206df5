"""The columns of tonality: tuning, pitch classes, and the key by four judges."""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._chroma import cens_of, hpcp_of, tonnetz_of
from musictools.audio._descriptor import Descriptor, Tracks, Value
from musictools.audio._framewise import Measure, Statistics, declare, spread
from musictools.audio._key import key_segments
from musictools.audio._key_model import heard_frames, key_evidence
from musictools.audio._keys import KEYS
from musictools.audio._peaks import HOP_S, PeakTrack, view_of
from musictools.audio._profiles import DIATONIC, PROFILES, best_fit, profile_fits, turned_fits

Floats = npt.NDArray[np.float64]

# Sharps, since a column called chroma_db would read as decibels.
_CLASSES = ("c", "cs", "d", "ds", "e", "f", "fs", "g", "gs", "a", "as", "b")
_VIEWS = (view_of(), view_of(harmonics=4))
_HPCP_BINS, _HPCP_WINDOW = 36, 4 / 3
# Ten cents to a bin, and a window that does not blur them.
_FINE_BINS, _FINE_WINDOW, _FINE_PEAKS = 120, 0.5, 24
# The four seconds of Mueller's 41 frames at 10 Hz; odd, so that the window has a middle.
_CENS_FRAMES = 2 * round(2.05 / HOP_S) - 1

_GOMEZ = "E. Gomez, Tonal description of music audio signals, UPF 2006 (HPCP)"
_TUNING_SYSTEM = (
    "E. Gomez, P. Herrera, Empirical Musicology Review 3(3), 2008 (essentia HighResolutionFeatures)"
)
_CENS = "M. Mueller, S. Ewert, Chroma toolbox, ISMIR 2011 (librosa chroma_cens)"
_HARTE = "C. Harte, M. Sandler, M. Gasser, Detecting harmonic change in musical audio, AMCMM 2006"
_MODEL = "linear model over chords and their changes (tools/training/train_key.py)"
_NOTHING = "NaN where no peak stands out."
_NULL = "Null where no peak stands out."


def _hpcp_measures() -> tuple[Measure, ...]:
    def bound(name: str, unit: str, high: float, source: str, meaning: str) -> Measure:
        return Measure(name, "", unit, 0, high, source, meaning)

    bins = (
        bound(
            f"hpcp_{i:02d}",
            "1",
            1,
            _GOMEZ,
            f"Power of the peaks within 2/3 semitone of {i} / 3 semitones above A, at the "
            "recording's tuning, over the largest of the 36",
        )
        for i in range(_HPCP_BINS)
    )
    shape = (
        Measure("hpcp_crest", "", "1", 1, _HPCP_BINS, _GOMEZ, "Largest of the 36 over their mean"),
        bound(
            "hpcp_entropy",
            "bit",
            math.log2(_HPCP_BINS),
            "H. Misra et al., Spectral entropy based feature for robust ASR, ICASSP 2004",
            "Entropy of the shares of the 36",
        ),
    )
    return (*bins, *shape)


_HPCP = _hpcp_measures()
_TONNETZ = tuple(
    Measure(
        f"tonnetz_{circle}_{axis}",
        "",
        "1",
        -radius,
        radius,
        _HARTE,
        f"{axis.capitalize()} axis of the tonal centroid on the circle of {words}",
    )
    for circle, words, radius in (
        ("fifths", "fifths", 1.0),
        ("minor_thirds", "minor thirds", 1.0),
        ("major_thirds", "major thirds", 0.5),
    )
    for axis in ("sine", "cosine")
)


def _tuning_descriptors() -> tuple[Descriptor, ...]:
    def number(name: str, unit: str, low: float, high: float, source: str, text: str) -> Descriptor:
        return Descriptor(name, unit, "tonal", low, high, source, f"{text} {_NOTHING}")

    return (
        number("tuning_cents", "cents", -50, 50, _GOMEZ, "Deviation from A = 440 Hz."),
        number("tuning_frequency_hz", "Hz", 427.4, 452.9, _GOMEZ, "Frequency of the A above C4."),
        number(
            "tuning_diatonic_strength",
            "1",
            -1,
            1,
            _TUNING_SYSTEM,
            "Best correlation of the mean HPCP of 120 bins with a diatonic scale.",
        ),
        number(
            "tuning_equal_tempered_deviation",
            "1",
            0,
            0.5,
            _TUNING_SYSTEM,
            "Mean distance in semitones of the 24 largest peaks of the mean HPCP of 120 bins from "
            "the notes, weighted by height.",
        ),
        number(
            "tuning_nontempered_energy_ratio",
            "1",
            0,
            1,
            _TUNING_SYSTEM,
            "Share of the energy of the mean HPCP of 120 bins that is not on the notes.",
        ),
    )


def _class_descriptors() -> tuple[Descriptor, ...]:
    def share(name: str, source: str, text: str) -> Descriptor:
        return Descriptor(name, "1", "tonal", 0, 1, source, f"{text} {_NOTHING}")

    chroma = (share(f"chroma_{name}", _GOMEZ, "Share of pitch class.") for name in _CLASSES)
    thpcp = (
        share(f"thpcp_{i:02d}", _GOMEZ, f"Mean HPCP {i} / 3 semitones above its largest bin.")
        for i in range(_HPCP_BINS)
    )
    cens = (
        share(f"cens_{name}_{statistic}", _CENS, f"{words} over all frames.")
        for statistic, words in (("mean", "Mean"), ("std", "Standard deviation"))
        for name in _CLASSES
    )
    return (*chroma, *thpcp, *cens)


def _key_descriptors() -> tuple[Descriptor, ...]:
    def text(name: str, source: str, meaning: str) -> Descriptor:
        return Descriptor(name, "text", "tonal", math.nan, math.nan, source, f"{meaning} {_NULL}")

    def number(name: str, low: float, high: float, source: str, meaning: str) -> Descriptor:
        return Descriptor(name, "1", "tonal", low, high, source, f"{meaning} {_NOTHING}")

    judged = (
        descriptor
        for name, profile in PROFILES.items()
        if name != "albrecht"
        for descriptor in (
            text(f"key_{name}", profile.source, "Key whose profile fits the chroma best."),
            number(f"key_{name}_strength", -1, 1, profile.source, "Correlation with that profile."),
        )
    )
    return (
        text("key", _MODEL, "Such as 'F# minor'."),
        number(
            "key_strength",
            -1,
            1,
            PROFILES["albrecht"].source,
            "Correlation of the chroma with the profile of that key.",
        ),
        number("key_confidence", 0, 1, _MODEL, "Probability that the key is right."),
        text("key_alternative", _MODEL, "The next best key."),
        number(
            "key_alternative_confidence", 0, 1, _MODEL, "Probability that the alternative is right."
        ),
        number("key_changes_count", 0, math.inf, _MODEL, "Changes of key that last 8 s or more."),
        *judged,
    )


class Tonal:
    """Family of tonality."""

    tracks = (PeakTrack,)
    descriptors: ClassVar[tuple[Descriptor, ...]] = (
        *_tuning_descriptors(),
        *_class_descriptors(),
        *_key_descriptors(),
        *declare(_HPCP, "tonal", frames="every other frame, if it has a peak"),
        *declare(_TONNETZ, "tonal", frames="frames with a peak"),
    )

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        track = tracks[PeakTrack]
        if not track.peaks.frame.size:
            return {d.name: None if d.unit == "text" else math.nan for d in self.descriptors}
        heard = heard_frames(track)
        chroma, voted = (_average(votes, heard) for votes in track.chromas(_VIEWS))
        found: dict[str, Value] = {
            "tuning_cents": 100 * track.tuning(),
            "tuning_frequency_hz": 440 * 2 ** (track.tuning() / 12),
            **_tuning_system(track),
            **{f"chroma_{n}": float(v) for n, v in zip(_CLASSES, chroma, strict=True)},
            **_cens(track),
            **_keys(tracks, voted),
            **_hpcp(track),
            **_tonnetz(track),
        }
        return {d.name: found[d.name] for d in self.descriptors}


def _average(chroma: Floats, heard: npt.NDArray[np.bool_]) -> Floats:
    """Shares of the pitch classes in the frames that are heard, each scaled to its largest."""
    top = chroma.max(axis=1)
    used = heard & (top > 0)
    mean = (chroma[used] / top[used, None]).sum(axis=0)
    return mean / mean.sum() if used.any() else np.full(12, 1 / 12)


def _profile_frames(track: PeakTrack, bins: int, window_semitones: float) -> Floats:
    """HPCP of the even frames that have one, or of any if none has."""
    even, count = track.peaks.even, (track.frames + 1) // 2
    frames = hpcp_of(
        *((even, count) if even.frame.size else (track.peaks, track.frames)),
        tuning=track.tuning(),
        bins=bins,
        window_semitones=window_semitones,
    )
    return frames[frames.any(axis=1)]


def _hpcp(track: PeakTrack) -> dict[str, Value]:
    frames = _profile_frames(track, _HPCP_BINS, _HPCP_WINDOW)
    total = frames.sum(axis=1, keepdims=True)
    shares = frames / total
    logs = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    statistics = Statistics(len(_HPCP))
    statistics.update(
        np.column_stack((frames, _HPCP_BINS / total, np.maximum(-(shares * logs).sum(axis=1), 0)))
    )
    mean = frames.mean(axis=0)
    transposed = np.roll(mean / mean.max(), -int(mean.argmax()))
    return {
        **{f"thpcp_{i:02d}": float(v) for i, v in enumerate(transposed)},
        **spread(_HPCP, statistics.finish()),
    }


def _tonnetz(track: PeakTrack) -> Mapping[str, Value]:
    chroma = track.chroma()
    statistics = Statistics(len(_TONNETZ))
    statistics.update(tonnetz_of(chroma[chroma.any(axis=1)]))
    return spread(_TONNETZ, statistics.finish())


def _cens(track: PeakTrack) -> dict[str, Value]:
    frames = cens_of(track.chroma(), smooth_frames=_CENS_FRAMES)
    return {
        f"cens_{name}_{statistic}": float(value)
        for statistic, values in (("mean", frames.mean(axis=0)), ("std", frames.std(axis=0)))
        for name, value in zip(_CLASSES, values, strict=True)
    }


def _tuning_system(track: PeakTrack) -> dict[str, Value]:
    mean = _profile_frames(track, _FINE_BINS, _FINE_WINDOW).mean(axis=0)
    diatonic = max(float(turned_fits(mean, scale).max()) for scale in DIATONIC)
    return {
        "tuning_diatonic_strength": diatonic,
        "tuning_equal_tempered_deviation": tempered_deviation(mean),
        "tuning_nontempered_energy_ratio": nontempered_ratio(mean),
    }


def tempered_deviation(profile: Floats) -> float:
    """Mean distance of the largest peaks of a fine profile from the notes, in semitones."""
    before, after = np.roll(profile, 1), np.roll(profile, -1)
    peaks = np.flatnonzero((before <= profile) & (profile >= after))
    largest = peaks[np.argsort(-profile[peaks], kind="stable")[:_FINE_PEAKS]]
    place = largest * 12 / len(profile)
    return float(np.average(np.abs(place - np.rint(place)), weights=profile[largest]))


def nontempered_ratio(profile: Floats) -> float:
    """Share of the energy of a fine profile that is not on the notes."""
    energy = np.square(profile)
    return float(max(0.0, 1 - energy[:: len(profile) // 12].sum() / energy.sum()))


def _keys(tracks: Tracks, voted: Floats) -> dict[str, Value]:
    evidence = tracks.once(key_evidence)
    order: Sequence[int] = np.argsort(-evidence.posterior, kind="stable").tolist()
    found: dict[str, Value] = {
        "key": KEYS[order[0]],
        "key_strength": float(profile_fits(voted, "albrecht")[order[0]]),
        "key_confidence": float(evidence.posterior[order[0]]),
        "key_alternative": KEYS[order[1]],
        "key_alternative_confidence": float(evidence.posterior[order[1]]),
        "key_changes_count": float(max(0, len(tracks.once(key_segments)) - 1)),
    }
    for name in PROFILES:
        if name != "albrecht":
            best, strength = best_fit(voted, name)
            found |= {f"key_{name}": KEYS[best], f"key_{name}_strength": strength}
    return found
