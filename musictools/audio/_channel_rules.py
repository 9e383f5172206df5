"""What sums over a stretch say about its two channels: the rules, and where each of them holds."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._channel_pairs import EDGES_HZ, STEP_DB, Pairs, total
from musictools.audio._finding import stretches
from musictools.audio._stereo import LIMIT_DB, energies_to_db

Floats = npt.NDArray[np.float64]

#: Mean power of a channel at -90 dBFS: what is below is dither or silence.
SILENCE = 1e-9
# Fewest bins that must sound in a band, or in a stretch, before its phases say anything.
_FEWEST_BINS = 20
_BASS_HZ = 250.0
#: Mean cosine of the phase over octaves, the bass twice: opposite below the negative of it.
POLARITY = 0.11
# Where only the low end is opposite, what is above still agrees this much.
_UPPER_HZ, _UPPER_COSINE = 500.0, 0.22
# Correlation that leaves no room for a part that agrees.
_NEARLY_ALL = 0.9
# Bands below 120 Hz.
_BASS_BANDS = 5
# Share of the coherent amplitude that lies in the middle and in phase: nothing of a flipped mix.
_CENTRE_LEFT = 0.12
#: Least height of the peak of the correlation, and how far it stands above any other.
DELAY_PEAK, _DELAY_LEAD = 0.08, 1.6
#: Shortest delay that is called one: 3 cm, nearer than spaced microphones stand.
SHORTEST_MS = 0.08
# Main lobe of the correlation of a band of 8 kHz, to its first zero and a little.
_LOBE_MS = 0.14
#: Least difference of the levels of the centre, and of the energies where there is no centre.
OFF_CENTRE_DB, OFF_BALANCE_DB = 2.0, 2.7
# Least lean to the louder side, and how many of bass, middle and treble must have it.
_LEAN_DB, _LEANING = 0.3, 2
# Share of the coherent amplitude within a decibel that makes a centre.
_CENTRE = 0.3
# What may remain in the middle, or lie on the other side, of what the centre has.
_RIVAL = 0.25
# Share of the imbalance that the energies must show as well.
_BORNE_OUT = 0.35
# Segments in a window, 12 s, that a fault of a part must be seen in.
_WINDOW = 4
# Segments, 9 s, that make a stretch.
_SHORTEST = 3
# Share of the windows that may speak against a fault of the whole.
_AGAINST = 0.1


@dataclass(frozen=True)
class Verdict:
    """What a rule says of a stretch.

    Attributes
    ----------
    state : int
        1 faulty, -1 clean, 0 not to be told.
    value : float
        Size of the fault.
    excess : float
        How far past the threshold, 1 for as far again.
    """

    state: int
    value: float = 0.0
    excess: float = 0.0


UNKNOWN, CLEAN = Verdict(0), Verdict(-1)


def sounds(pairs: Pairs) -> bool:
    """Tell whether anything is heard."""
    return bool(pairs.energy[0] + pairs.energy[1] > 2 * SILENCE * pairs.samples)


def places(
    segments: Sequence[Pairs],
    judge: Callable[[Pairs], Verdict],
    *,
    part: Callable[[Pairs], Verdict] | None = None,
    contrast: float = 0.0,
) -> list[tuple[int, int, Verdict]]:
    """Find where a rule holds.

    Parameters
    ----------
    segments : sequence of Pairs
        The recording.
    judge : callable
        The rule.
    part : callable, optional
        The rule for a part of the recording; by default the same.
    contrast : float, default 0
        Share of the recording that must be plainly clean, or a part is not believed.

    Returns
    -------
    list of (int, int, Verdict)
        First segment, and one past the last; all of them where nothing speaks against it.
    """
    whole = judge(total(segments))
    count = len(segments)
    if count <= _WINDOW:
        return [(0, count, whole)] if whole.state > 0 else []
    starts = range(count - _WINDOW + 1)
    seen = [judge(total(segments[i : i + _WINDOW])) for i in starts]
    clean = sum(one.state < 0 for one in seen) / len(seen)
    if whole.state > 0 and clean <= _AGAINST:
        return [(0, count, whole)]
    if part is not None:
        seen, judge = [part(total(segments[i : i + _WINDOW])) for i in starts], part
    if clean < contrast or all(one.state <= 0 for one in seen):
        return []
    found = []
    single = [judge(one).state for one in segments]
    for first, last in stretches(np.array([one.state > 0 for one in seen]), bridge=_WINDOW):
        start, stop = first, last + _WINDOW - 1
        # A window is faulty before all of it is; its single segments say where it begins.
        # At the ends of the recording a fade may say nothing.
        while start < stop and single[start] < (start > 0) and start < first + _WINDOW:
            start += 1
        while stop > start and single[stop - 1] < (stop < count) and stop > last - 1:
            stop -= 1
        verdict = judge(total(segments[start:stop])) if stop - start >= _SHORTEST else UNKNOWN
        if verdict.state > 0:
            found.append((start, stop, verdict))
    return found


def delay(pairs: Pairs, lag_ms: float) -> Verdict:
    """Find right behind left, in milliseconds; negative for left behind right.

    The correlation with phase transform has one peak, and it does not stand at zero. A second
    source that is doubled late, or microphones apart, leave the centre at zero.
    """
    bins = pairs.bands[:, 4].sum()
    if bins < _FEWEST_BINS:
        return UNKNOWN
    height = np.abs(pairs.lags) / bins
    middle = height.size // 2
    top = int(height.argmax())
    away = np.abs(np.arange(height.size) - top) * lag_ms > _LOBE_MS
    rival = float(height[away].max(initial=0.0))
    peak = float(height[top])
    if peak < DELAY_PEAK or peak < _DELAY_LEAD * rival:
        return UNKNOWN
    late_ms = (top + _vertex(height, top) - middle) * lag_ms
    if abs(late_ms) < SHORTEST_MS:
        return CLEAN
    return Verdict(1, late_ms, min(peak / DELAY_PEAK, peak / (_DELAY_LEAD * rival + 1e-12)) - 1)


def _vertex(height: Floats, top: int) -> float:
    """Where between its neighbours the peak of a parabola lies."""
    if not 0 < top < height.size - 1:
        return 0.0
    before, at, after = (float(h) for h in height[top - 1 : top + 2])
    bend = before - 2 * at + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0


def polarity(pairs: Pairs, lag_ms: float) -> Verdict:
    """Tell whether what the channels share is of opposite sign; the value is its mean cosine."""
    late = delay(pairs, lag_ms)
    bins = max(float(pairs.bands[:, 4].sum()), 1.0)
    if late.state > 0:
        at = pairs.lags.size // 2 + round(late.value / lag_ms)
        height = float(pairs.lags[at]) / bins
        return Verdict(1, height, late.excess) if height < 0 else CLEAN
    score = _mean_cosine(pairs)
    if score > POLARITY:
        return CLEAN
    coherent = pairs.levels.sum()
    middle = pairs.levels.shape[1] // 2
    centre = pairs.levels[0, middle - 2 : middle + 3].sum()
    if score > -POLARITY:
        return UNKNOWN
    # Where the middle is only turned down, its bass is still in phase.
    own, other, shared = pairs.bands[:_BASS_BANDS, :3].sum(axis=0)
    if centre > _CENTRE_LEFT * coherent and shared > -_NEARLY_ALL * math.sqrt(own * other):
        return UNKNOWN
    left, right, both = (float(e) for e in pairs.energy[:3])
    nearly_all = both < -_NEARLY_ALL * math.sqrt(left * right)
    if _mean_cosine(pairs, from_hz=_UPPER_HZ) > _UPPER_COSINE and not nearly_all:
        return UNKNOWN
    return Verdict(1, score, -score / POLARITY - 1)


def _mean_cosine(pairs: Pairs, from_hz: float = 0.0) -> float:
    """Mean over octaves of the mean cosine of the phase; NaN-free, 0 for no bins."""
    edges = np.array(EDGES_HZ)
    octaves = ((20, 60), (60, 120), (120, 250), (250, 500), (500, 1e3), (1e3, 2e3), (2e3, 8e3))
    score = weights = 0.0
    for low, high in octaves:
        inside = (edges[:-1] >= low) & (edges[:-1] < high)
        cosine, bins = pairs.bands[inside, 3:].sum(axis=0)
        if bins < _FEWEST_BINS or low < from_hz:
            continue
        weight = 2.0 if high <= _BASS_HZ else 1.0
        score += weight * cosine / bins
        weights += weight
    return score / weights if weights > 0 else 0.0


# The bass is opposite where both its phases and its energy are.
_LOW_COSINE, _LOW_CORRELATION = -0.25, -0.4
# Up to where it may be, from where at least, and which share of the energy it must have.
_HIGHEST_LOW, _LOWEST_LOW, _LOW_SHARE = 400.0, 60.0, 3e-4


def low_end(pairs: Pairs) -> Verdict:
    """Find the frequency below which the channels are opposite while they agree above."""
    bands = pairs.bands
    power = bands[:, 0] + bands[:, 1]
    if not power.sum() > 0:
        return UNKNOWN
    lows = [i for i, edge in enumerate(EDGES_HZ[1:]) if edge <= _HIGHEST_LOW]
    best, value = UNKNOWN, 0.0
    for i in lows:
        if EDGES_HZ[i + 1] < _LOWEST_LOW or bands[i, 2] >= 0:
            continue
        below, above = bands[: i + 1].sum(axis=0), bands[i + 1 :].sum(axis=0)
        cosine = below[3] / max(below[4], 1.0)
        correlation = below[2] / math.sqrt(max(below[0] * below[1], 1e-30))
        agrees = above[3] / max(above[4], 1.0)
        enough = below[4] >= _FEWEST_BINS and power[: i + 1].sum() > _LOW_SHARE * power.sum()
        if cosine > _LOW_COSINE or correlation > _LOW_CORRELATION or not enough:
            continue
        next_up = bands[i + 1 : i + 4].sum(axis=0)
        if agrees > 0.05 and next_up[3] > 0.1 * next_up[4]:
            excess = min(cosine / _LOW_COSINE, correlation / _LOW_CORRELATION) - 1
            value = EDGES_HZ[i + 1]
            best = Verdict(1, value, excess)
    if best.state == 0 and (bands[: lows[-1] + 1, 3].sum() > 0.2 * bands[: lows[-1] + 1, 4].sum()):
        return CLEAN
    return best


def imbalance(pairs: Pairs) -> Verdict:
    """Find how far left is above right, in decibels, by the centre or, without one, by energy."""
    by_energy = energies_to_db(pairs.energy[0], pairs.energy[1])
    if abs(by_energy) >= LIMIT_DB / 2:
        return Verdict(1, by_energy, 9.0)
    verdict = off_centre(pairs)
    return verdict if verdict.state else _by_energy(pairs, by_energy)


def off_centre(pairs: Pairs) -> Verdict:
    """Find the level of left over right, in decibels, that most of what both share has.

    In a mix that is right, that is 0 dB, however lopsided the arrangement.
    """
    in_phase = pairs.levels.sum(axis=0)
    amplitude = float(in_phase.sum())
    if not amplitude > 0:
        return UNKNOWN
    # Two and a half decibels wide.
    share = np.convolve(in_phase, np.ones(5), "same") / amplitude
    middle, top = share.size // 2, int(share.argmax())
    if share[top] < _CENTRE:
        return UNKNOWN
    near = slice(max(top - 2, 0), top + 3)
    steps = np.arange(share.size)[near] - middle
    centre_db = STEP_DB * float(in_phase[near] @ steps / in_phase[near].sum())
    if abs(centre_db) < OFF_CENTRE_DB:
        return CLEAN if abs(centre_db) < 0.75 * OFF_CENTRE_DB else UNKNOWN
    rival = max(share[middle], share[2 * middle - top])
    by_energy = energies_to_db(pairs.energy[0], pairs.energy[1])
    # Where most is panned to one side, the rest balances it.
    if rival > _RIVAL * share[top] or by_energy / centre_db < _BORNE_OUT:
        return UNKNOWN
    return Verdict(1, centre_db, abs(centre_db) / OFF_CENTRE_DB - 1)


def _by_energy(pairs: Pairs, by_energy: float) -> Verdict:
    """Call it an imbalance where most of bass, middle and treble leans to the same side."""
    if abs(by_energy) < OFF_BALANCE_DB:
        return UNKNOWN
    edges, leaning = np.array(EDGES_HZ), 0
    for low, high in ((60, 250), (250, 1_000), (1_000, 8_000)):
        inside = (edges[:-1] >= low) & (edges[:-1] < high)
        left, right = pairs.bands[inside, :2].sum(axis=0)
        lean = energies_to_db(left, right) * math.copysign(1.0, by_energy)
        leaning += lean >= _LEAN_DB
    if leaning < _LEANING:
        return UNKNOWN
    return Verdict(1, by_energy, abs(by_energy) / OFF_BALANCE_DB - 1)


#: Level lost in mono that is a fault: two unrelated channels lose 3 dB.
MONO_LOSS_DB, _CLEAN_LOSS_DB = 5.0, 3.5
#: The same of one band, and the share of the energy that the band must have.
BAND_LOSS_DB, _BAND_SHARE = 12.0, 0.03
BANDS_HZ = ((20.0, 120.0), (120.0, 500.0), (500.0, 2_000.0), (2_000.0, 6_000.0))


def cancellation(pairs: Pairs) -> Verdict:
    """Find the level that is lost in mono, in decibels."""
    if not sounds(pairs):
        return UNKNOWN
    lost = _lost_db(*pairs.energy[:3])
    if lost >= MONO_LOSS_DB:
        return Verdict(1, lost, lost / MONO_LOSS_DB - 1)
    return CLEAN if lost < _CLEAN_LOSS_DB else UNKNOWN


def cancellation_by_band(pairs: Pairs) -> list[tuple[float, float, float]]:
    """Bands that lose more in mono than a band may: lower and upper edge in Hz, loss in dB."""
    edges = np.array(EDGES_HZ)
    whole = pairs.bands[:, :2].sum()
    found = []
    for low, high in BANDS_HZ:
        left, right, both = pairs.bands[(edges[:-1] >= low) & (edges[:-1] < high), :3].sum(axis=0)
        if left + right > max(_BAND_SHARE * whole, 1e-12):
            found.append((low, high, _lost_db(left, right, both)))
    return [one for one in found if one[2] >= BAND_LOSS_DB]


def _lost_db(left: float, right: float, both: float) -> float:
    """Energy of left and right over that of their sum: 0 for equal channels."""
    return max(0.0, energies_to_db(left + right, (left + right) / 2 + both))


#: One recording in both channels leaves less than this when the one is taken from the other.
SAME_DB = -45.0
# Power of rounding both channels to 16 bits, with room for dither.
_ROUNDED = 8 * 2.0**-30 / 12


def same(pairs: Pairs) -> Verdict:
    """Tell whether one channel is the other but for its gain; the value is what is left, in dB."""
    left, right, both, apart = (float(e) for e in pairs.energy)
    floor = SILENCE * pairs.samples
    if min(left, right) <= floor:
        return UNKNOWN
    rest = max(0.0, 1 - both * both / (left * right))
    rounded = rest * min(left, right) < _ROUNDED * pairs.samples and min(left, right) > 100 * floor
    left_db = -120.0 if apart == 0 else max(-120.0, 10 * math.log10(max(rest, 1e-12)))
    if left_db <= SAME_DB or rounded:
        return Verdict(1, left_db, max(left_db / SAME_DB, 1.0) - 1)
    return UNKNOWN
