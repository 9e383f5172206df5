"""Pulse: how many beats there are, how evenly they fall, and which note values fill them."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from musictools.audio._beats import find_beats
from musictools.audio._descriptor import Descriptor, Tracks, Value
from musictools.audio._downbeats import find_bars
from musictools.audio._fold import Floats
from musictools.audio._onsets import OnsetTrack
from musictools.audio._peaks import PeakTrack
from musictools.audio._pulse import Pulse, find_pulse

#: Multiples of the tempo at which the tempogram is read, by the note they stand for.
NOTES = {
    "sixteenth": 4.0,
    "dotted_sixteenth": 8 / 3,
    "eighth_triplet": 3.0,
    "eighth": 2.0,
    "dotted_eighth": 4 / 3,
    "quarter_triplet": 3 / 2,
    "quarter": 1.0,
    "dotted_quarter": 2 / 3,
    "half_triplet": 3 / 4,
    "half": 1 / 2,
    "dotted_half": 1 / 3,
    "whole_triplet": 3 / 8,
    "whole": 1 / 4,
}
# Listeners notice it when a beat comes so much too early or too late (Friberg, Sundberg 1995).
_NOTICED = 0.025
_PHRASE = 4  # beats: shorter changes are the looseness of hands
_LEAST_BEATS = 3
# Bins of the histogram, in BPM; those that count as the peak, and as its surroundings.
_FASTEST_BPM, _PEAK, _AROUND = 250, 1, 4


def _of_beats(name: str, unit: str, maximum: float, source: str, meaning: str) -> Descriptor:
    return Descriptor(name, unit, "rhythm", 0, maximum, source, meaning)


def _histogram_descriptors() -> tuple[Descriptor, ...]:
    source = "G. Tzanetakis, P. Cook, IEEE Trans. SAP 10(5), 2002 (beat histogram)"
    found = []
    for name, nothing in (("first", "under three beats"), ("second", "where there is no other")):
        peak = f"bpm_histogram_{name}_peak"
        found += [
            _of_beats(
                f"{peak}_bpm",
                "BPM",
                _FASTEST_BPM,
                source,
                f"Bin of 1 BPM that holds the {name} most intervals between beats. NaN {nothing}.",
            ),
            _of_beats(
                f"{peak}_weight",
                "1",
                1,
                source,
                f"Share of the intervals within 1 BPM of it. NaN {nothing}.",
            ),
            _of_beats(
                f"{peak}_spread",
                "1",
                1,
                source,
                f"Share of those within 4 BPM of it that are not within 1 BPM. NaN {nothing}.",
            ),
        ]
    return tuple(found)


class BeatIntervals:
    """Family of the beats themselves."""

    tracks = (OnsetTrack, PeakTrack)
    descriptors: ClassVar[tuple[Descriptor, ...]] = (
        _of_beats("beats_count", "1", math.inf, "D. Ellis, JNMR 36(1), 2007", "Number of beats."),
        _of_beats(
            "beat_interval_std_ms",
            "ms",
            math.inf,
            "definition",
            "Standard deviation of the time from beat to beat. NaN under three beats.",
        ),
        _of_beats(
            "beat_regularity",
            "1",
            1,
            "A. Friberg, J. Sundberg, J. Acoust. Soc. Am. 98, 1995",
            "Share of the intervals that differ by less than 2.5 %, which nobody hears, from the "
            "one before. NaN under three beats.",
        ),
        _of_beats(
            "rubato_percent",
            "%",
            math.inf,
            "definition",
            "Standard deviation of the log of the tempo of each four beats, times 100. NaN under "
            "six beats.",
        ),
        _of_beats(
            "beats_per_bar",
            "1",
            4,
            "M. Goto, JNMR 30(2), 2001",
            "2, 3 or 4, with weights learned by tools/training/train_beats.py. NaN under eight "
            "beats.",
        ),
        _of_beats(
            "downbeat_confidence",
            "1",
            1,
            "tools/training/train_beats.py",
            "Posterior probability of that metre and of its first downbeat. NaN under eight beats.",
        ),
        *_histogram_descriptors(),
        *(
            _of_beats(
                f"tempogram_ratio_{note}",
                "1",
                1,
                "G. Peeters, ISMIR 2005; M. Prockup et al., WASPAA 2015",
                f"Autocorrelation of the onsets at {factor:.3g} times the tempo. NaN without one.",
            )
            for note, factor in NOTES.items()
        ),
    )

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        beats_s = tracks.once(find_beats)
        bars = tracks.once(find_bars)
        return {
            "beats_count": float(beats_s.size),
            **_evenness(beats_s),
            "beats_per_bar": float(bars.beats_per_bar) or math.nan,
            "downbeat_confidence": bars.confidence if bars.beats_per_bar else math.nan,
            **histogram_peaks(beats_s),
            **tempogram_ratios(tracks.once(find_pulse)),
        }


def _evenness(beats_s: Floats) -> dict[str, float]:
    names = ("beat_interval_std_ms", "beat_regularity", "rubato_percent")
    if beats_s.size < _LEAST_BEATS:
        return dict.fromkeys(names, math.nan)
    intervals = np.diff(beats_s)
    changes = np.abs(np.diff(intervals)) / intervals[:-1]
    phrases = beats_s[_PHRASE:] - beats_s[:-_PHRASE]
    rubato = 100 * float(np.log(phrases).std()) if phrases.size > 1 else math.nan
    regular = float((changes < _NOTICED).mean())
    return dict(zip(names, (1000 * float(intervals.std()), regular, rubato), strict=True))


def histogram_peaks(beats_s: Floats) -> dict[str, float]:
    """Give the two highest peaks of the histogram of the tempi of all intervals.

    Parameters
    ----------
    beats_s : numpy.ndarray, shape (n,)
        Beats.
    """
    names = [d.name for d in _histogram_descriptors()]
    if beats_s.size < _LEAST_BEATS:
        return dict.fromkeys(names, math.nan)
    tempi = np.rint(60 / np.diff(beats_s)).astype(np.int64)
    counts = np.bincount(tempi[tempi < _FASTEST_BPM], minlength=_FASTEST_BPM).astype(np.float64)
    if not counts.any():
        return dict.fromkeys(names, math.nan)
    shares = counts / counts.sum()
    found: list[float] = []
    for _ in range(2):
        peak = int(shares.argmax())
        weight = float(shares[max(0, peak - _PEAK) : peak + _PEAK + 1].sum())
        around = slice(max(0, peak - _AROUND), peak + _AROUND + 1)
        everything = float(shares[around].sum())
        if everything <= 0:
            found += [math.nan] * 3
            continue
        found += [float(peak), min(weight, 1.0), max(0.0, 1 - weight / everything)]
        shares[around] = 0
    return dict(zip(names, found, strict=True))


def tempogram_ratios(pulse: Pulse) -> dict[str, float]:
    """Read the autocorrelation of all onsets at ``NOTES`` of the tempo."""
    names = [f"tempogram_ratio_{note}" for note in NOTES]
    if pulse.periodicity is None or not pulse.candidates:
        return dict.fromkeys(names, math.nan)
    repeats = pulse.periodicity.overall / pulse.periodicity.overall[0]
    tempi_bpm = 60 * pulse.periodicity.rate_hz / np.arange(1, repeats.size)
    asked = pulse.candidates[0][0] * np.array(list(NOTES.values()))
    values = np.interp(asked, tempi_bpm[::-1], repeats[:0:-1])
    return dict(zip(names, np.clip(values, 0.0, 1.0).tolist(), strict=True))
