"""Hum: the mains and their multiples, in every gap of the music."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Tracks
from musictools.audio._finding import Finding, Kind, Severity, confidence, stretches
from musictools.audio._hum_frames import HARMONICS, MAINS_HZ
from musictools.audio._hum_lines import HumLines
from musictools.audio._hum_scales import SEGMENT_S, Scale
from musictools.audio._hum_steady import HARMONICS as LOWEST
from musictools.audio._hum_steady import Steady
from musictools.audio._levels import LevelSums

Floats = npt.NDArray[np.float64]

# Evidence that counts as nothing: about what noise of a few segments scatters by.
_FLOOR = 0.02
# More than so much of one harmonic does not help the sum of all.
_MOST_OF_ONE = 4.0
# Thresholds by scale, for the sum over harmonics and for the first or the second alone: a third or
# more above the most that 41 clean songs showed.
_SUM, _ALONE = (2.6, 7.0), (2.0, 4.0)
# Over segments of 15 s: a floor, for a segment of one second, and the thresholds against the 95th
# percentile and the highest of what is beside the line.
_LONG_FLOOR, _LONG = 2.0, (1.4, 1.15)
# The sum counts only where the first or the second stands out: chords have higher ones.
_WITH_LOW = 1.0
# A segment has hum when its line stands out by so much of the mean of those that do.
_PRESENT = 0.15
# A drum that is struck in step with the mains leaves what lies along its line (0.3 to 1), hum what
# lies anywhere (at most 0.1).
_ALIGNED = 0.25
# It is no hum if it is absent in a third as many rests as it is there in, by so much of all frames.
_ABSENT = 0.03
# Music that makes a line at the very frequency, by strokes in step or by a loop, leaves more there
# than was taken away as steady, and more than just beside it. The first (a ratio of powers) times
# the cube root of the second may be so much, times the score: the clearer a line, the more, but no
# more than for such a score. Clean music that is as clear leaves 1.4 times as much and more.
_LEFT, _CLEAREST = 5.0, 2.5
# A line 30 dB below all that sounds in the quietest frames may be leakage; one so soft is not heard
# at 50 Hz, however loud the music is played.
_LEAKED, _SOFTEST_DBFS, _SOFTEST_LONG_DBFS = 1e-3, -75.0, -60.0
# Hum farther below the quietest passage is hidden by the music.
_HIDDEN_DB = 30.0
_SILENCE_DB = -90.0


@dataclass(frozen=True)
class _Hum:
    """What was found: mains, score against the threshold, level and harmonic, place."""

    mains_hz: int
    score: float
    harmonic: int
    level_dbfs: float
    places: list[tuple[float, float]]


class Hum:
    """Detector of mains hum."""

    tracks = (HumLines, LevelSums)
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(
            "hum",
            "fact",
            "dBFS",
            "RMS of the strongest harmonic, where a full-scale sine reads -3.01",
            "50 or 60 Hz within 0.2 %, or their first five multiples, stay in step with themselves "
            "over 8 s, in frames of 0.1 or 0.25 s weighted by the inverse of their power: their "
            f"evidence stands out of what lies up to 4.5 Hz beside them {_ALONE[0]:g} to "
            f"{_ALONE[1]:g} times as far as the 95th percentile does for the first or second, or "
            f"{_SUM[0]:g} to {_SUM[1]:g} times for all together; or one steady tone, taken away "
            "from frames of 0.5 s in segments of 15 s, lowers the mean logarithm of their power "
            f"at the first {_LONG[0]:g} times as far as at the 95th percentile and {_LONG[1]:g} "
            "times as far as at the highest of what is beside it. What is left does not lie along "
            "it, as of a drum struck in step, nor makes a strong line at its very frequency, as of "
            "a loop, and it is not absent in rests. Not below -75 dBFS over 8 s and "
            f"{_SOFTEST_LONG_DBFS:g} dBFS over 15 s, nor where louder tones leak so much.",
            "definition; weighted coherence",
        ),
    )

    def find(self, tracks: Tracks) -> Iterable[Finding]:
        """Look for hum."""
        found = _listen(tracks[HumLines], tracks.duration_s)
        if found is not None:
            yield from self._tell(found, _quietest_dbfs(tracks[LevelSums]), tracks.duration_s)

    def _tell(self, hum: _Hum, quiet_dbfs: float, duration_s: float) -> Iterator[Finding]:
        below_db = quiet_dbfs - hum.level_dbfs
        severity: Severity = "warning" if not below_db > _HIDDEN_DB else "info"
        heard = (
            "which is heard in quiet passages"
            if severity == "warning"
            else "which the music mostly hides"
        )
        which = "" if hum.harmonic == 1 else f", strongest at {hum.harmonic * hum.mains_hz} Hz"
        start_s, end_s = hum.places[0][0], hum.places[-1][1]
        covered = sum(b - a for a, b in hum.places)
        part = "" if covered > 0.9 * duration_s else f" for {covered:.0f} s in all"
        yield self.kinds[0].found(
            start_s,
            end_s,
            severity=severity,
            value=hum.level_dbfs,
            confidence=confidence(hum.score - 1, 0.5),
            meaning=f"Mains hum of {hum.mains_hz} Hz{which} at {hum.level_dbfs:.0f} dBFS{part}, "
            f"{heard}.",
            remedy=f"Look for a ground loop or an unbalanced cable, or notch {hum.mains_hz} Hz and "
            "its multiples.",
        )


def _listen(lines: HumLines, duration_s: float) -> _Hum | None:
    scales, steady = lines.finish()
    if not all(scale.segments for scale in scales):
        return None
    found = [
        hum
        for scale, for_all, alone in zip(scales, _SUM, _ALONE, strict=True)
        if (hum := _in_short(scale, for_all, alone, steady, duration_s))
    ]
    # Who hears 8 s at a time knows better where it is.
    best = max(found, key=lambda hum: hum.score, default=None)
    return best or (_in_long(steady, duration_s) if steady.history else None)


def _in_short(
    scale: Scale, for_all: float, alone: float, steady: Steady, duration_s: float
) -> _Hum | None:
    standing = scale.standing(_FLOOR)
    together = np.clip(standing, 0, _MOST_OF_ONE).sum(axis=1) / for_all
    lowest = standing[:, :2].max(axis=1)
    scores = np.maximum(np.where(lowest > _WITH_LOW, together, 0), lowest / alone)
    mains, signal = np.unravel_index(int(scores.argmax()), scores.shape)
    score = float(scores[mains, signal])
    if score <= 1.0:
        return None
    first = int(mains) * len(HARMONICS)
    rows = slice(first, first + len(HARMONICS))
    out, size, aligned, absent = np.array(scale.history, np.float64)[:, :, rows, signal].swapaxes(
        0, 1
    )
    size *= _gain(int(signal), standing.shape[2])
    found = standing[mains, :, signal] > 0.5 * standing[mains, :, signal].max()
    best, level = _loudest(out, size, found)
    clear = out[:, best] >= np.quantile(out[:, best], 0.8)
    least_power = _LEAKED * np.median(np.array(scale.quietest)[clear])
    if (
        _is_played(aligned[clear, best], absent[clear, best])
        or (best == 0 and _speaks_against(steady, int(mains) * len(LOWEST), int(signal)))
        or level < _SOFTEST_DBFS
        or 10 ** (level / 10) < least_power
    ):
        return None
    there = size[:, best] >= 0.5 * 10 ** (level / 20) * math.sqrt(2)
    places = _places(out[:, found].sum(axis=1), there, duration_s)
    return _Hum(MAINS_HZ[int(mains)], score, HARMONICS[best], level, places)


def _in_long(steady: Steady, duration_s: float) -> _Hum | None:
    """Look in all segments and in parts of them; the clearest that is no music counts."""
    history = np.array(steady.history, np.float64)
    for score, first, stop, line, signal in _clearest(steady):
        out, size, *_ = history[:, :, line, signal].T
        part = np.zeros(out.size, np.bool_)
        part[first:stop] = True
        clear = part & (out >= 0.5 * out[part].max())
        amplitude = np.median(size[clear]) * _gain(signal, history.shape[3])
        level = 20 * math.log10(max(amplitude, 1e-9) / math.sqrt(2))
        left, alone = steady.left(clear, line, signal)
        if (
            left * alone ** (1 / 3) > _LEFT * min(score, _CLEAREST)
            or _speaks_against(steady, line, signal, clear)
            or level < _SOFTEST_LONG_DBFS
        ):
            continue
        # Each segment stands for the time up to the next.
        edges = [0.0, *(place[0] for place in steady.places[1:]), duration_s]
        runs = stretches(out > _PRESENT * out[part].max(), bridge=1)
        places = [(edges[i], edges[j]) for i, j in runs]
        number, harmonic = divmod(line, len(LOWEST))
        return _Hum(MAINS_HZ[number], score, LOWEST[harmonic], level, places)
    return None


def _clearest(steady: Steady) -> list[tuple[float, int, int, int, int]]:
    """Score, part, line and signal of all that stands out, the clearest first.

    Of each line it is only the part where it is clearest: if that is music, so may the others be.
    Single segments count for a line that is clear in no longer part: a bare end may be so short.
    """
    best: dict[int, list[tuple[float, int, int, int, int]]] = {}
    singly = [(i, i + 1) for i in range(len(steady.history))]
    for parts in (steady.parts(), singly):
        known = set(best)
        for first, stop in parts:
            low, high = steady.standing(first, stop, _LONG_FLOOR)
            scores = np.minimum(low / _LONG[0], high / _LONG[1])
            for line, row in enumerate(scores.tolist()):
                if line not in known and max(row) > best.get(line, [(1.0,)])[0][0]:
                    found = [(x, first, stop, line, i) for i, x in enumerate(row) if x > 1.0]
                    best[line] = sorted(found, reverse=True)
    return sorted((one for found in best.values() for one in found), reverse=True)


def _speaks_against(
    steady: Steady, line: int, signal: int, clear: npt.NDArray[np.bool_] | None = None
) -> bool:
    """Whether 15 s at a time, where rests are heard best, a first harmonic is no hum."""
    if not steady.history:
        # Frames of half a second need a little longer than the others for their first segment.
        return False
    out, _, aligned, absent = np.array(steady.history, np.float64)[:, :, line, signal].T
    if clear is None:
        clear = out >= 0.5 * out.max()
    return _is_played(aligned[clear], absent[clear])


def _is_played(aligned: Floats, absent: Floats) -> bool:
    """Whether a tone is a drum struck in step with it, or silent in rests."""
    return bool(aligned.mean() > _ALIGNED or np.median(absent) > _ABSENT)


def _gain(signal: int, signals: int) -> float:
    """Half the difference of two channels, the last, holds half of what is in one of them."""
    return 2.0 if signals > 1 and signal == signals - 1 else 1.0


def _loudest(out: Floats, size: Floats, found: npt.NDArray[np.bool_]) -> tuple[int, float]:
    """Give the number of the strongest harmonic that was found, and its level in dBFS."""
    amplitudes = np.zeros(len(HARMONICS))
    for i in np.flatnonzero(found):
        # The clearest segments: in the others the music covers it.
        clear = out[:, i] >= np.quantile(out[:, i], 0.8)
        amplitudes[i] = np.median(size[clear, i])
    best = int(amplitudes.argmax())
    return best, 20 * math.log10(max(amplitudes[best], 1e-9) / math.sqrt(2))


def _places(
    out: Floats, there: npt.NDArray[np.bool_], duration_s: float
) -> list[tuple[float, float]]:
    """Stretches where the line stands out, the gaps that loud music makes bridged.

    Such a gap may reach the start or the end: there the line does not stand out, but what sounds at
    its frequency is not softer than hum.
    """
    hop_s = SEGMENT_S / 2
    strong = out > _PRESENT * np.quantile(out, 0.9)
    bridge = max(1, round(0.25 * out.size))
    runs = stretches(strong, bridge=bridge)
    last = out.size
    if runs and runs[0][0] <= bridge and there[: runs[0][0]].all():
        runs[0] = (0, runs[0][1])
    if runs and last - runs[-1][1] <= bridge and there[runs[-1][1] :].all():
        runs[-1] = (runs[-1][0], last)
    return [
        (
            0.0 if first == 0 else (first + 0.5) * hop_s,
            duration_s if stop == last else min(duration_s, (stop + 0.5) * hop_s),
        )
        for first, stop in runs
    ] or [(0.0, duration_s)]


def _quietest_dbfs(levels: LevelSums) -> float:
    """Level of the quietest 3 s that are no silence, the louder channel; NaN for silence."""
    _, squares, _ = levels.blocks()
    loud = 10 * np.log10(np.maximum(squares.max(axis=0), 1e-20))
    sounding = loud[loud > _SILENCE_DB]
    return float(sounding.min()) if sounding.size else math.nan
