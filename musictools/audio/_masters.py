"""Two masters of one song, brought together in time, speed, rate and loudness."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from musictools._card import Table
from musictools._result import Result
from musictools._threads import one_thread
from musictools._version import __version__
from musictools.audio._align import Alignment, align, at_speed, overlap, refine
from musictools.audio._descriptor import Tracks
from musictools.audio._pass import gather, mono_weights
from musictools.audio._recording import Recording, Source, as_recording
from musictools.audio._song_row import COMPARISON_TRACKS, QUANTITIES, band_columns, song_row
from musictools.audio._stereo import front
from musictools.audio._third_octaves import BANDS_HZ
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Samples = npt.NDArray[np.float32]

_LEAST_S = 1.0
# Different songs with the same drums at the same tempo agree by 0.45 at most; a master that was
# driven 15 dB into distortion agrees with its source by 0.58.
_SAME_COHERENCE, _DOUBT = 0.51, 0.04
_TAPS = 64
# Smaller parts of a sample matter to no null test of music.
_LEAST_FRACTION = 0.015
_FLOOR_DB = -120.0
_BLOCK = 1 << 18
_HINT = "mt.audio.compare_masters(first, second) with two masters of one recording"


@dataclass(frozen=True, repr=False)
class MasterComparison(Result):
    """What differs between two masters of one song.

    Attributes
    ----------
    offset_s : float
        How much later the music begins in the second than in the first, in s.
    gain_db : float
        Loudness of the second over the first, over what both have, in LU.
    inverted : bool
        Whether the second has opposite polarity.
    drift_ppm : float
        Millionths by which the second is slower than the first; 0 where it is below 1. A faster
        or slower one was brought to the speed of the first before anything else was measured.
    same_song : float
        Probability that both are one recording, 0.5 to 1; what is below is refused.
    agreement : float
        Share of the song, in windows of 4 s, that lies where offset and drift say; less than 1
        where parts were cut, moved or played anew.
    overlap_s : float
        How much both have, in s of the first.
    residual_db : float
        Null test: level of the difference after alignment and loudness match, over the first, in
        dB; not below -120.
    correlation : float
        Correlation of the samples after alignment, polarity put right, -1 to 1.
    tonal_difference : pandas.DataFrame
        One row for each third octave: ``band_hz``, ``first_db``, ``second_db`` (level over the
        loudness of each) and ``difference_db``, second less first: loudness-matched.
    measures : pandas.DataFrame
        One row for each of loudness, peak, dynamics, low end, and width and correlation by band:
        ``name``, ``unit``, ``first``, ``second``, ``difference`` (second less first), over what
        both have, each at its own level.
    words : tuple of str
        What was done to the second, in plain sentences.
    provenance : dict
        Version, function, and both recordings.
    """

    _drawn_by: ClassVar[str] = "tonal_difference"
    _called: ClassVar[str] = "Two masters"

    offset_s: float
    gain_db: float
    inverted: bool
    drift_ppm: float
    same_song: float
    agreement: float
    overlap_s: float
    residual_db: float
    correlation: float
    tonal_difference: "pd.DataFrame" = field(repr=False, compare=False)
    measures: "pd.DataFrame" = field(repr=False, compare=False)
    words: tuple[str, ...] = field(repr=False)

    def _tables(self) -> Iterable[Table]:
        return [("Measures", self.measures)]


def compare_masters(
    first: Source, second: Source, *, sample_rate: int | None = None
) -> MasterComparison:
    """Compare two masters of one song after aligning them.

    The higher sample rate is brought to the lower one, a slightly different speed to that of the
    first, and only what both have is measured.

    Parameters
    ----------
    first, second : Recording, path-like or array_like
        The two; at least 1 s each.
    sample_rate : int, optional
        In Hz; needed for arrays only.

    Returns
    -------
    MasterComparison
        Offset, gain, polarity, null test, and differences in tone, dynamics and width, second
        less first.

    Raises
    ------
    AudioError
        If a file cannot be read.
    InputError
        If they are not the same recording, silent, or shorter than 1 s, or if an array comes
        without its rate.

    References
    ----------
    C. Knapp, G. Carter, "The generalized correlation method for estimation of time delay", IEEE
    Trans. ASSP 24(4), 1976.

    Examples
    --------
    >>> import numpy as np
    >>> import musictools as mt
    >>> song = mt.datasets.simulate_recording(duration_s=8, rng=1).recording
    >>> later = np.pad(song.samples * -0.5, ((0, 0), (441, 0)))
    >>> found = mt.audio.compare_masters(song, mt.audio.from_samples(later, song.sample_rate))
    >>> found.offset_s, round(found.gain_db, 2), found.inverted
    (0.01, -6.02, True)
    """
    with one_thread():
        return _compare(*(as_recording(one, sample_rate) for one in (first, second)))


def on_one_timeline(first: Recording, second: Recording) -> tuple[Recording, Recording, float]:
    """Lay two masters beside each other, sample by sample, in the time of the first.

    Returns
    -------
    first, second : Recording
        At the lower rate of both; the second as long as the first, silent where it has nothing.
    gain_db : float
        Loudness of the second over the first, over what both have, in LU.
    """
    with one_thread():
        one, two, found = _laid(first, second)
        a, b = _together(one, two, found)
        gain_db = _gain_db(a, b, [song_row(_heard(part)) for part in (a, b)])
    start, _ = overlap(one.samples.shape[1], two.samples.shape[1], round(found.offset))
    placed = np.zeros((b.samples.shape[0], one.samples.shape[1]), np.float32)
    placed[:, start : start + b.samples.shape[1]] = b.samples
    return one, Recording(placed, one.sample_rate, second.path, second.layout), gain_db


def _laid(first: Recording, second: Recording) -> tuple[Recording, Recording, Alignment]:
    """Bring both to one rate and one speed, and find how the second lies beside the first."""
    rate = min(first.sample_rate, second.sample_rate)
    one, two = (_at_rate(recording, rate) for recording in (first, second))
    found = _aligned(one, two)
    two = Recording(at_speed(two.samples, found.speed), rate, two.path, two.layout)
    steady = found.speed == 1 and first.sample_rate == second.sample_rate
    return one, two, refine(_mono(one), _mono(two), rate, found, steady=steady)


def _compare(first: Recording, second: Recording) -> MasterComparison:
    from musictools.audio._comparison_words import masters_in_words

    one, two, found = _laid(first, second)
    rate = one.sample_rate
    a, b = _together(one, two, found)
    rows = [song_row(tracks) for tracks in (_heard(a), _heard(b))]
    gain_db = _gain_db(a, b, rows)
    residual_db, correlation = _null(a, b, gain_db=gain_db, inverted=found.inverted)
    drift_ppm = found.drift_ppm
    result: dict[str, Any] = {
        # At the second's own speed, which is what its file shows.
        "offset_s": found.offset * found.speed / rate,
        "gain_db": gain_db,
        "inverted": found.inverted,
        "drift_ppm": drift_ppm,
        "agreement": found.agreement,
        "overlap_s": a.duration_s,
        "residual_db": residual_db,
        "correlation": correlation,
    }
    tonal, measures = _tonal(rows), _measures(rows)
    return MasterComparison(
        **result,
        same_song=_same_song(found),
        tonal_difference=tonal,
        measures=measures,
        words=masters_in_words(result, rows),
        provenance={
            "musictools": __version__,
            "function": "compare_masters",
            "first": None if first.path is None else str(first.path),
            "second": None if second.path is None else str(second.path),
            "sample_rate_hz": rate,
        },
    )


def _at_rate(recording: Recording, rate: int) -> Recording:
    if not float(np.abs(recording.samples).max()) > 0:
        raise _refusal("a silent recording")
    if recording.duration_s < _LEAST_S:
        raise _refusal(f"a recording of {recording.duration_s:.2f} s")
    if recording.sample_rate == rate:
        return recording
    import soxr

    made = soxr.resample(recording.samples.T, recording.sample_rate, rate, quality="HQ").T
    owned = np.ascontiguousarray(made, dtype=np.float32)
    return Recording(owned, rate, recording.path, recording.layout)


def _aligned(one: Recording, two: Recording) -> Alignment:
    found = align(_mono(one), _mono(two), one.sample_rate)
    if found is None or _same_song(found) < 0.5:
        share = 0.0 if found is None else found.coherence
        raise _refusal(
            f"recordings that share {100 * share:.0f} % of their sound wherever one is laid "
            "beside the other"
        )
    return found


def _same_song(found: Alignment) -> float:
    return 1 / (1 + math.exp(-(found.coherence - _SAME_COHERENCE) / _DOUBT))


def _refusal(got: str) -> InputError:
    return InputError(
        "compare masters",
        got=got,
        expected=f"two masters of one recording, of {_LEAST_S:g} s or more",
        hint=_HINT,
    )


def _mono(recording: Recording) -> Samples:
    weights = mono_weights(recording.layout)
    mixed: Samples = weights @ recording.samples if weights.size > 1 else recording.samples[0]
    # Two channels of opposite polarity leave nothing: either of them is the song.
    if float(mixed @ mixed) > 1e-4 * float(np.vdot(recording.samples[0], recording.samples[0])):
        return mixed
    return np.ascontiguousarray(recording.samples[0])


def _together(one: Recording, two: Recording, found: Alignment) -> tuple[Recording, Recording]:
    """Cut what both have, sample beside sample."""
    lag = round(found.offset)
    start, stop = overlap(one.samples.shape[1], two.samples.shape[1], lag)
    a, b = one.samples[:, start:stop], two.samples[:, start + lag : stop + lag]
    fraction = found.offset - lag
    if abs(fraction) > _LEAST_FRACTION:
        from scipy.signal import oaconvolve

        place = np.arange(-_TAPS // 2, _TAPS // 2 + 1) + fraction
        taps = np.sinc(place) * np.kaiser(place.size, 8.0)
        b = oaconvolve(b, taps.astype(np.float32)[None], mode="same", axes=1)
        b = np.ascontiguousarray(b, dtype=np.float32)
    if a.shape[1] < _LEAST_S * one.sample_rate:
        raise _refusal(f"recordings that have {a.shape[1] / one.sample_rate:.2f} s in common")
    rate = one.sample_rate
    return Recording(a, rate, None, one.layout), Recording(b, rate, None, two.layout)


def _heard(recording: Recording) -> Tracks:
    return gather(recording, COMPARISON_TRACKS)


def _gain_db(a: Recording, b: Recording, rows: list[dict[str, float]]) -> float:
    first, second = (row["integrated_lufs"] for row in rows)
    if math.isfinite(first) and math.isfinite(second):
        return second - first
    # Rates below 8 kHz have no loudness.
    power = [float(np.mean(part.samples**2, dtype=np.float64)) for part in (a, b)]
    return 10 * math.log10(max(power[1], 1e-30) / max(power[0], 1e-30))


def _null(a: Recording, b: Recording, *, gain_db: float, inverted: bool) -> tuple[float, float]:
    """Level of the difference over that of the first, in dB; and the correlation."""
    pairs = list(zip(front(a.layout), front(b.layout), strict=False))
    if len(front(a.layout)) != len(front(b.layout)):
        # One channel is as good as two equal ones, but 3 dB less loud than they are.
        wide, narrow = (a, b) if len(front(a.layout)) > 1 else (b, a)
        gain_db -= 10 * math.log10(2) * (1 if wide is b else -1)
        left, right = front(wide.layout)
        only = front(narrow.layout)[0]
        pairs = [(left, only), (right, only)] if wide is a else [(only, left), (only, right)]
    gain = np.float32((-1 if inverted else 1) * 10 ** (-gain_db / 20))
    sums = np.zeros(4)
    for i, j in pairs:
        for start in range(0, a.samples.shape[1], _BLOCK):
            x = a.samples[i, start : start + _BLOCK]
            y = b.samples[j, start : start + _BLOCK] * gain
            difference = x - y
            sums += [float(np.vdot(*p)) for p in ((x, x), (y, y), (x, y), (difference, difference))]
    own, other, both, rest = sums
    level = 10 * math.log10(max(rest, 1e-30) / max(own, 1e-30))
    correlation = both / math.sqrt(max(own * other, 1e-30))
    return max(level, _FLOOR_DB), float(np.clip(correlation, -1, 1))


def _tonal(rows: list[dict[str, float]]) -> "pd.DataFrame":
    import pandas as pd

    first, second = (np.array([row[name] for name in band_columns()]) for row in rows)
    return pd.DataFrame(
        {
            "band_hz": np.array(BANDS_HZ, np.float64),
            "first_db": first,
            "second_db": second,
            "difference_db": second - first,
        }
    )


def _measures(rows: list[dict[str, float]]) -> "pd.DataFrame":
    import pandas as pd

    first, second = (np.array([row[q.name] for q in QUANTITIES]) for row in rows)
    return pd.DataFrame(
        {
            "name": pd.Series([q.name for q in QUANTITIES], dtype="str"),
            "unit": pd.Series([q.unit for q in QUANTITIES], dtype="str"),
            "first": first,
            "second": second,
            "difference": second - first,
        }
    )
