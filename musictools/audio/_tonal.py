"""Tonality: tuning, chroma and key, from spectral peaks.

Peaks rather than bins, so that drums and noise between the partials do not vote; tuning is
estimated first, so that a song 40 cents sharp is not smeared over two pitch classes; and every
peak also votes for the notes whose harmonic it may be, which mends the fifth that a bright
timbre adds to each root.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Descriptor, Spectrum, Tracks, Value
from musictools.audio._estimate import Estimate
from musictools.audio._pass import gather
from musictools.audio._recording import Source, as_recording, provenance

Floats = npt.NDArray[np.float64]

ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
#: The 24 keys, major ones first.
KEYS = tuple(f"{root} {mode}" for mode in ("major", "minor") for root in ROOTS)
# Sharps, since a column called chroma_db would read as decibels.
_CLASSES = ("c", "cs", "d", "ds", "e", "f", "fs", "g", "gs", "a", "as", "b")

_SPECTRUM = Spectrum(rate_hz=11_025, size=4096, hop=2048)
_BIN_HZ = _SPECTRUM.rate_hz / _SPECTRUM.size
_LOW_BIN, _HIGH_BIN = round(55 / _BIN_HZ), round(3500 / _BIN_HZ)
_TUNING_HZ = (100.0, 2000.0)
_ABOVE_MEDIAN, _PROMINENCE_CAP, _PROMINENCE_BINS = 4.0, 4.0, 41
_SPREAD_SEMITONES = 0.75
_HARMONICS, _HARMONIC_DECAY = 4, 0.6
_QUIET_SHARE = 0.1

# How well each pitch class above the tonic fits a key: shares of the notes of 490 major and 233
# minor pieces (J. Albrecht, D. Shanahan, Music Perception 31(1), 2013).
_PROFILES = np.array(
    [
        [0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081],
        [0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052],
    ]
)
# Turns correlations into shares that add up to one; calibrated confidence needs labelled songs.
_SHARPNESS = 20.0


def _descriptors() -> tuple[Descriptor, ...]:
    peaks = "E. Gomez, Tonal description of music audio signals, UPF 2006 (HPCP)"
    profile = "J. Albrecht, D. Shanahan, Music Perception 31(1), 2013"
    nothing = "NaN where no peak stands out."
    return (
        Descriptor(
            "tuning_cents",
            "cents",
            "tonal",
            -50,
            50,
            peaks,
            f"Deviation of the pitch grid from A = 440 Hz. {nothing}",
        ),
        *(
            Descriptor(
                f"chroma_{name}", "1", "tonal", 0, 1, peaks, f"Share of pitch class. {nothing}"
            )
            for name in _CLASSES
        ),
        Descriptor(
            "key",
            "text",
            "tonal",
            math.nan,
            math.nan,
            profile,
            "Such as 'F# minor'. Null where no peak stands out.",
        ),
        Descriptor(
            "key_strength",
            "1",
            "tonal",
            -1,
            1,
            profile,
            f"Correlation of the chroma with the profile of that key. {nothing}",
        ),
    )


@dataclass(frozen=True)
class _Peaks:
    """Spectral peaks of all frames, one element each."""

    frame: npt.NDArray[np.int64]
    pitch: Floats  # semitones from A = 440 Hz
    magnitude: Floats
    prominence: Floats


class TonalFrames:
    """Spectral peaks of every frame, and the tonality that follows from them."""

    needs = _SPECTRUM

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:  # noqa: ARG002 - the mono mix at one rate needs neither
        self._peaks: list[_Peaks] = []
        self._energies: list[Floats] = []
        self._frames = 0

    def update(self, block: Block) -> None:
        """Find the peaks of a block of power spectra."""
        self._peaks.append(_find_peaks(block, first_frame=self._frames))
        self._energies.append(block.sum(axis=1, dtype=np.float64))
        self._frames += len(block)

    def finish(self) -> Mapping[str, Value]:
        """Give tuning, chroma and key."""
        tuning, plain, fits = self.evidence()
        if fits is None:
            nothing: dict[str, Value] = {d.name: math.nan for d in Tonal.descriptors}
            return nothing | {"key": None}
        best = int(np.argmax(fits))
        chroma = plain / plain.sum()
        return {
            "tuning_cents": 100 * tuning,
            **{f"chroma_{n}": float(v) for n, v in zip(_CLASSES, chroma, strict=True)},
            "key": KEYS[best],
            "key_strength": float(fits[best]),
        }

    def evidence(self) -> tuple[float, Floats, Floats | None]:
        """Tuning in semitones, chroma, and the fit of all 24 keys; None without any peak."""
        peaks = _joined(self._peaks)
        if not peaks.frame.size:
            return math.nan, np.empty(0), None
        tuning = _tuning(peaks)
        energy = np.concatenate(self._energies)
        heard = energy > _QUIET_SHARE * np.median(energy[energy > 0])
        plain = _average(_chroma(peaks, tuning, self._frames, harmonics=1), heard)
        voted = _average(_chroma(peaks, tuning, self._frames, harmonics=_HARMONICS), heard)
        return tuning, plain, _fits(voted)


class Tonal:
    """Family of tonality."""

    tracks = (TonalFrames,)
    descriptors: ClassVar[tuple[Descriptor, ...]] = _descriptors()

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        return tracks[TonalFrames].finish()


def _find_peaks(power: Block, *, first_frame: int) -> _Peaks:
    from scipy.ndimage import uniform_filter1d

    magnitude = np.sqrt(power[:, : _HIGH_BIN + 2])
    floor = _ABOVE_MEDIAN * np.median(magnitude[:, _LOW_BIN:], axis=1, keepdims=True)
    middle = magnitude[:, _LOW_BIN : _HIGH_BIN + 1]
    before = magnitude[:, _LOW_BIN - 1 : _HIGH_BIN]
    after = magnitude[:, _LOW_BIN + 1 : _HIGH_BIN + 2]
    # The absolute floor, -120 dBFS for a sine, keeps the rounding noise of silence from voting.
    stands = (middle > before) & (middle >= after) & (middle > np.maximum(floor, 1e-3))
    frame, column = np.nonzero(stands)
    left, centre, right = (
        np.log(np.maximum(side[frame, column], np.float32(1e-12))).astype(np.float64)
        for side in (before, middle, after)
    )
    # A parabola through three log magnitudes finds the frequency to a few hundredths of a bin.
    curvature = left - 2 * centre + right
    shift = np.where(curvature < 0, 0.5 * (left - right) / np.minimum(curvature, -1e-12), 0.0)
    frequency = (_LOW_BIN + column + np.clip(shift, -0.5, 0.5)) * _BIN_HZ
    around = uniform_filter1d(magnitude, _PROMINENCE_BINS, axis=1)[:, _LOW_BIN : _HIGH_BIN + 1]
    tall = middle[frame, column].astype(np.float64)
    return _Peaks(
        frame=frame + first_frame,
        pitch=12 * np.log2(frequency / 440.0),
        magnitude=tall,
        prominence=np.minimum(tall / around[frame, column], _PROMINENCE_CAP),
    )


def _joined(parts: Sequence[_Peaks]) -> _Peaks:
    return _Peaks(
        frame=np.concatenate([p.frame for p in parts]),
        pitch=np.concatenate([p.pitch for p in parts]),
        magnitude=np.concatenate([p.magnitude for p in parts]),
        prominence=np.concatenate([p.prominence for p in parts]),
    )


def _tuning(peaks: _Peaks) -> float:
    """Circular mean of the peaks' distance from the nearest semitone, in semitones."""
    low, high = (12 * math.log2(hz / 440.0) for hz in _TUNING_HZ)
    used = (peaks.pitch >= low) & (peaks.pitch <= high)
    weight = np.sqrt(peaks.magnitude[used]) * peaks.prominence[used]
    return float(np.angle(np.sum(weight * np.exp(2j * np.pi * peaks.pitch[used])))) / (2 * math.pi)


def _chroma(peaks: _Peaks, tuning: float, frames: int, *, harmonics: int) -> Floats:
    """Votes of the peaks of each frame for the pitch classes, C first, shape (frames, 12)."""
    weight = np.sqrt(peaks.magnitude) * peaks.prominence
    votes = np.zeros(frames * 12)
    for harmonic in range(1, harmonics + 1):
        # Nine semitones lead from A to the next C's count.
        pitch = peaks.pitch - tuning + 9 - 12 * math.log2(harmonic)
        share = weight * _HARMONIC_DECAY ** (harmonic - 1)
        nearest = np.rint(pitch).astype(np.int64)
        for neighbour in (nearest - 1, nearest, nearest + 1):
            away = np.minimum(np.abs(pitch - neighbour), _SPREAD_SEMITONES)
            vote = share * np.cos(0.5 * np.pi * away / _SPREAD_SEMITONES) ** 2
            votes += np.bincount(
                peaks.frame * 12 + neighbour % 12, weights=vote, minlength=votes.size
            )
    return votes.reshape(frames, 12)


def _average(chroma: Floats, heard: npt.NDArray[np.bool_]) -> Floats:
    """Mean of the frames that are not much quieter than usual, each scaled to its largest."""
    top = chroma.max(axis=1)
    used = heard & (top > 0)
    if not used.any():
        used = top > 0
    mean: Floats = (chroma[used] / top[used, None]).mean(axis=0)
    return mean


def _fits(chroma: Floats) -> Floats:
    """Correlation of the chroma with the profiles of all 24 keys, in the order of KEYS."""
    turned = np.stack([np.roll(profile, k) for profile in _PROFILES for k in range(12)])
    if chroma.std() == 0:
        return np.zeros(24)
    fits: Floats = np.corrcoef(chroma, turned)[0, 1:]
    return fits


@dataclass(frozen=True)
class Key(Estimate[str | None]):
    """Key of one recording.

    Attributes
    ----------
    value : str or None
        Such as ``"F# minor"``; None where nothing has a pitch.
    confidence : float
        Share of the evidence, 0 to 1; it ranks answers, and is not yet calibrated.
    alternatives : tuple of (str, float)
        The next best keys and their shares.
    tuning_cents : float
        Deviation from A = 440 Hz, -50 to 50.
    provenance : dict
        Version, function, and the recording.
    """

    tuning_cents: float


def key(source: Source, *, sample_rate: int | None = None) -> Key:
    """Estimate the key of a recording.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    Key
        The best key, its share of the evidence, and four alternatives.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate.

    References
    ----------
    E. Gomez, Tonal description of music audio signals, UPF 2006. J. Albrecht, D. Shanahan, The use
    of large corpora to train a new type of key-finding algorithm, Music Perception 31(1), 2013.

    Examples
    --------
    >>> import numpy as np
    >>> import musictools as mt
    >>> t = np.arange(44_100 * 4) / 44_100
    >>> chord = sum(np.sin(2 * np.pi * hz * t) for hz in (261.63, 329.63, 392.00)) / 3
    >>> mt.audio.key(chord, sample_rate=44_100).value
    'C major'
    """
    recording = as_recording(source, sample_rate)
    made = provenance(recording, "key")
    frames = gather(recording, [TonalFrames])[TonalFrames]
    tuning, _, fits = frames.evidence()
    if fits is None:
        return Key(None, 0.0, (), math.nan, provenance=made)
    shares = np.exp(_SHARPNESS * (fits - fits.max()))
    shares /= shares.sum()
    ranked = [(KEYS[i], float(shares[i])) for i in np.argsort(-shares)]
    return Key(*ranked[0], tuple(ranked[1:5]), 100 * tuning, provenance=made)
