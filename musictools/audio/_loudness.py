"""Loudness after ITU-R BS.1770-5, EBU R 128, Tech 3341 and Tech 3342.

Two biquads in float64, energies of 10 ms, and everything else is sums of those. Multiplying the
two biquads into one filter, or running them in float32, reads up to several LU wrong on bass: the
high-pass has its poles at 38 Hz, next to the unit circle.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from musictools._result import Result
from musictools.audio._descriptor import Block, Descriptor, Tracks, Value
from musictools.audio._levels import LevelSums
from musictools.audio._pass import gather
from musictools.audio._recording import Source, as_recording, provenance

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

_STEPS_PER_S = 100
_MOMENTARY, _SHORT_TERM, _GATE_HOP = 40, 300, 10  # in steps of 10 ms
_ABSOLUTE_GATE_LUFS = -70.0
# Below this the shelf at 1.68 kHz nears half the rate, and the weighting has no meaning.
_MIN_RATE_HZ = 8_000
# 1 - a1 + a2 of the high-pass that BS.1770-5 prints for 48 kHz.
_PRINTED_HIGH_PASS = 1 + 1.99004745483398 + 0.99007225036621


def weights(layout: tuple[str, ...]) -> Floats:
    """Weight of each channel in the sum: surrounds count 1.41 times, LFE not at all.

    BS.1770-5, table 4 (positions of the 5.1 layout).
    """
    table = {"LFE": 0.0, "Ls": 1.41, "Rs": 1.41}
    return np.array([table.get(name, 1.0) for name in layout])


def k_weighting(sample_rate: int) -> Floats:
    """Coefficients of the K filter at any rate, as two second-order sections.

    BS.1770-5 prints them for 48 kHz only; the analogue prototypes behind them (a high shelf of
    +4 dB at 1682 Hz and a high-pass at 38 Hz) give them at every rate, and give the printed ones
    at 48 kHz to all their digits (B. De Man, "Evaluation of implementations of the EBU R128
    loudness measurement", AES 145, 2018).
    """
    centre, gain_db, q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    k = math.tan(math.pi * centre / sample_rate)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = [
        (high + band * k / q + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / q + k * k) / a0,
        1.0,
        2 * (k * k - 1) / a0,
        (1 - k / q + k * k) / a0,
    ]
    centre, q = 38.13547087602444, 0.5003270373238773
    k = math.tan(math.pi * centre / sample_rate)
    a0 = 1 + k / q + k * k
    a1, a2 = 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0
    # The printed numerator (1, -2, 1) leaves 0.043 dB in the passband at 48 kHz. As it stands it
    # would leave another amount at another rate, and read 96 kHz 0.02 LU low.
    level = (1 - a1 + a2) / _PRINTED_HIGH_PASS
    high_pass = [level, -2 * level, level, 1.0, a1, a2]
    return np.array([shelf, high_pass])


_SOURCE = "ITU-R BS.1770-5; EBU Tech 3341"


def _lufs(name: str, meaning: str) -> Descriptor:
    return Descriptor(name, "LUFS", "loudness", -math.inf, math.inf, _SOURCE, meaning)


class LoudnessSums:
    """Weighted energy of every 10 ms, and the loudness that follows from it."""

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        self._rate = sample_rate
        self._sections = k_weighting(sample_rate)
        self._weights = weights(layout)
        self._state = np.zeros((2, len(layout), 2))
        self._energies: list[Floats] = []
        self._counts: list[npt.NDArray[np.int64]] = []
        self._seen = 0

    def update(self, block: Block) -> None:
        """Filter a block; every block but the last holds whole steps of 10 ms."""
        # Loading scipy.signal takes longer than measuring a song; listing descriptors must not pay.
        from scipy.signal import sosfilt

        if self._rate < _MIN_RATE_HZ:
            return
        filtered, self._state = sosfilt(
            self._sections, block.astype(np.float64), axis=1, zi=self._state
        )
        power = self._weights @ np.square(filtered, out=filtered)
        # At 11,025 Hz, say, 10 ms is no whole number of samples: steps of 110 and 111 take turns.
        first = -(-self._seen * _STEPS_PER_S // self._rate)
        last = (self._seen + power.size) * _STEPS_PER_S // self._rate
        edges = -(-np.arange(first, last + 1) * self._rate // _STEPS_PER_S) - self._seen
        self._seen += power.size
        if last > first:
            self._energies.append(np.add.reduceat(power[: edges[-1]], edges[:-1]))
            self._counts.append(np.diff(edges))

    def finish(self) -> Mapping[str, float]:
        """Give integrated loudness, loudness range, and the loudest moments."""
        momentary, short_term = self.series(_MOMENTARY), self.series(_SHORT_TERM)
        return {
            "integrated_lufs": _integrated(momentary[::_GATE_HOP]),
            "loudness_range_lu": _range(short_term[::_GATE_HOP]),
            "max_momentary_lufs": _loudest(momentary),
            "max_short_term_lufs": _loudest(short_term),
        }

    def series(self, steps: int) -> Floats:
        """Mean power of every window of so many steps, one window each 10 ms."""
        if not self._energies:
            return np.empty(0)
        energy, count = np.concatenate(self._energies), np.concatenate(self._counts)
        if energy.size < steps:
            return np.empty(0)
        # Windowed sums, not differences of one long cumulative sum: those lose the quiet parts
        # of a recording after a loud one.
        view = np.lib.stride_tricks.sliding_window_view
        power: Floats = view(energy, steps).sum(axis=1) / view(count, steps).sum(axis=1)
        return power


class LoudnessFamily:
    """Family of loudness."""

    tracks = (LoudnessSums,)
    descriptors: ClassVar[tuple[Descriptor, ...]] = (
        _lufs(
            "integrated_lufs",
            "Gated loudness of the whole. NaN if no block of 400 ms is above -70 LUFS, or below 8 "
            "kHz.",
        ),
        Descriptor(
            "loudness_range_lu",
            "LU",
            "loudness",
            0,
            math.inf,
            "EBU Tech 3342",
            "95th less 10th percentile of the gated short-term loudness. NaN under 3 s, if nothing "
            "is above -70 LUFS, or below 8 kHz.",
        ),
        _lufs(
            "max_momentary_lufs",
            "Loudest 400 ms, looked for every 10 ms. NaN under 0.4 s, for silence, or below 8 kHz.",
        ),
        _lufs(
            "max_short_term_lufs",
            "Loudest 3 s, looked for every 10 ms. NaN under 3 s, for silence, or below 8 kHz.",
        ),
    )

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        return tracks[LoudnessSums].finish()


def to_lufs(power: Floats) -> Floats:
    """Loudness of a weighted mean power, minus infinity for none."""
    with np.errstate(divide="ignore"):
        loudness: Floats = -0.691 + 10 * np.log10(power)
    return loudness


def _loudest(power: Floats) -> float:
    return float(to_lufs(power.max())) if power.size and power.max() > 0 else math.nan


def _integrated(power: Floats) -> float:
    loud = power[to_lufs(power) > _ABSOLUTE_GATE_LUFS]
    if not loud.size:
        return math.nan
    gate = to_lufs(loud.mean()) - 10
    return float(to_lufs(loud[to_lufs(loud) > gate].mean()))


def _range(power: Floats) -> float:
    loud = power[to_lufs(power) >= _ABSOLUTE_GATE_LUFS]
    if not loud.size:
        return math.nan
    levels = np.sort(to_lufs(loud))
    levels = levels[levels >= to_lufs(loud.mean()) - 20]
    # Tech 3342 takes the nearest rank, without interpolation.
    low, high = (levels[round((levels.size - 1) * q)] for q in (0.10, 0.95))
    return float(high - low)


@dataclass(frozen=True)
class Loudness(Result):
    """Loudness of one recording.

    Attributes
    ----------
    integrated_lufs : float
        Gated loudness of the whole, in LUFS; NaN if no 400 ms block is above -70 LUFS. Like all
        that follows but the peak, NaN for a sample rate below 8 kHz.
    loudness_range_lu : float
        In LU; NaN under 3 s, and where nothing is above -70 LUFS.
    max_momentary_lufs, max_short_term_lufs : float
        Loudest 400 ms and 3 s, in LUFS; NaN for shorter recordings and for silence.
    sample_peak_dbfs : float
        Largest sample, in dBFS; NaN for silence.
    history : pandas.DataFrame
        ``time_s`` (end of the window), ``momentary_lufs``, ``short_term_lufs``, every 100 ms.
    provenance : dict
        Version, function, and the recording.
    """

    integrated_lufs: float
    loudness_range_lu: float
    max_momentary_lufs: float
    max_short_term_lufs: float
    sample_peak_dbfs: float
    history: "pd.DataFrame" = field(repr=False, compare=False)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw loudness over time.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; the current axes otherwise.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on.
        """
        from musictools.plot import loudness as draw

        return draw(self, ax=ax)


def loudness(source: Source, *, sample_rate: int | None = None) -> Loudness:
    """Measure loudness after EBU R 128.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    Loudness
        Integrated, range, loudest moments, sample peak, and the history for a picture. All NaN
        below a rate of 8 kHz.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate.

    References
    ----------
    ITU-R BS.1770-5 (2023); EBU R 128, Tech 3341 and Tech 3342 (2023).

    Examples
    --------
    >>> import numpy as np
    >>> import musictools as mt
    >>> t = np.arange(48_000 * 5) / 48_000
    >>> tone = 10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * t)
    >>> round(mt.audio.loudness(np.stack([tone, tone]), sample_rate=48_000).integrated_lufs, 1)
    -23.0
    """
    import pandas as pd

    recording = as_recording(source, sample_rate)
    tracks = gather(recording, (LoudnessSums, LevelSums))
    sums = tracks[LoudnessSums]
    values: dict[str, Any] = {**sums.finish(), **tracks[LevelSums].finish()}
    momentary = to_lufs(sums.series(_MOMENTARY)[::_GATE_HOP])
    short_term = to_lufs(sums.series(_SHORT_TERM)[::_GATE_HOP])
    history = pd.DataFrame(
        {
            "time_s": (_MOMENTARY + _GATE_HOP * np.arange(momentary.size)) / _STEPS_PER_S,
            "momentary_lufs": momentary,
            # The first 3 s window ends 26 rows after the first 400 ms one.
            "short_term_lufs": np.concatenate(
                (np.full(momentary.size - short_term.size, np.nan), short_term)
            ),
        }
    )
    names = [d.name for d in LoudnessFamily.descriptors] + ["sample_peak_dbfs"]
    return Loudness(
        **{name: values[name] for name in names},
        history=history,
        provenance=provenance(recording, "loudness"),
    )
