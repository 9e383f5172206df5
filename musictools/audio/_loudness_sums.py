"""Weighted energy of every 10 ms of a recording, and the loudness that follows from it.

Two biquads in float64, energies of 10 ms, and everything else is sums of those. Multiplying the
two biquads into one filter, or running them in float32, reads up to several LU wrong on bass: the
high-pass has its poles at 38 Hz, next to the unit circle.
"""

import math

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block
from musictools.audio._k_weighting import k_weighting, weights

Floats = npt.NDArray[np.float64]

STEPS_PER_S = 100
#: Lengths in steps of 10 ms: the two windows of Tech 3341, and the hop of both gates.
MOMENTARY, SHORT_TERM, GATE_HOP = 40, 300, 10
ABSOLUTE_GATE_LUFS = -70.0
# Below this the shelf at 1.68 kHz nears half the rate, and the weighting has no meaning.
_MIN_RATE_HZ = 8_000
_INTEGRATED_GATE_LU, _RANGE_GATE_LU = -10, -20


class LoudnessSums:
    """Weighted energy of every 10 ms. Nothing below a rate of 8 kHz."""

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        self._rate = sample_rate
        self._sections = k_weighting(sample_rate)
        self._weights = weights(layout)
        heard = [int(channel) for channel in np.flatnonzero(self._weights)]
        # In pairs, for the kernel's sake; one that is left over is paired with itself.
        self._pairs = [
            (heard[i], heard[min(i + 1, len(heard) - 1)]) for i in range(0, len(heard), 2)
        ]
        self._states = np.zeros((len(self._pairs), 2, 4))
        self._begun = np.zeros((len(self._pairs), 2))
        self._energies: list[Floats] = []
        self._seen = 0

    def update(self, block: Block) -> None:
        """Take the next samples, as many as there are, of any memory layout."""
        # Loading numba takes longer than measuring a song; listing descriptors must not pay.
        from musictools.audio._loudness_kernels import weigh_pair

        if self._rate < _MIN_RATE_HZ:
            return
        owned = np.require(block, np.float32, ["C", "W"])
        start, self._seen = self._seen, self._seen + owned.shape[1]
        # At 11,025 Hz, say, 10 ms is no whole number of samples: steps of 110 and 111 take turns.
        steps = np.arange(start * STEPS_PER_S // self._rate + 1, self._steps() + 1)
        edges = np.concatenate(([0], _first_samples(steps, self._rate) - start, [owned.shape[1]]))
        energies = np.zeros((len(self._pairs), 2, edges.size - 1))
        energies[:, :, 0] = self._begun
        total = np.zeros(edges.size - 1)
        for (left, right), state, energy in zip(self._pairs, self._states, energies, strict=True):
            weigh_pair(owned[left], owned[right], self._sections, state, edges, energy)
            total += self._weights[left] * energy[0]
            if right != left:
                total += self._weights[right] * energy[1]
        self._begun = energies[:, :, -1].copy()
        self._energies.append(total[:-1])

    def _steps(self) -> int:
        """Whole steps so far."""
        return self._seen * STEPS_PER_S // self._rate

    def powers(self) -> Floats:
        """Mean weighted power of every 10 ms."""
        return self.series(1)

    def series(self, steps: int) -> Floats:
        """Mean power of every window of so many steps, one window each 10 ms."""
        energy = np.concatenate((np.empty(0), *self._energies))
        if energy.size < steps:
            return np.empty(0)
        # Windowed sums, not differences of one long cumulative sum: those lose the quiet parts
        # of a recording after a loud one.
        inner = GATE_HOP if steps % GATE_HOP == 0 else 1
        view = np.lib.stride_tricks.sliding_window_view
        parts = view(energy, inner).sum(axis=1)
        sums = view(parts, steps - inner + 1)[:, ::inner].sum(axis=1)
        edges = _first_samples(np.arange(energy.size + 1), self._rate)
        power: Floats = sums / (edges[steps:] - edges[:-steps])
        return power

    def history(self) -> tuple[Floats, Floats]:
        """Momentary and short-term loudness in LUFS, every 100 ms."""
        momentary, short_term = (self.series(n)[::GATE_HOP] for n in (MOMENTARY, SHORT_TERM))
        return to_lufs(momentary), to_lufs(short_term)

    def integrated_lufs(self) -> float:
        """Gated loudness of the whole; NaN if no block of 400 ms is above -70 LUFS."""
        return gated_lufs(self.series(MOMENTARY)[::GATE_HOP])

    def finish(self) -> dict[str, float]:
        """Give integrated loudness, loudness range, and the loudest moments."""
        momentary, short_term = self.series(MOMENTARY), self.series(SHORT_TERM)
        return {
            "integrated_lufs": gated_lufs(momentary[::GATE_HOP]),
            "loudness_range_lu": _range(short_term[::GATE_HOP]),
            "max_momentary_lufs": _loudest(momentary),
            "max_short_term_lufs": _loudest(short_term),
        }


def to_lufs(power: Floats) -> Floats:
    """Loudness of a weighted mean power, minus infinity for none."""
    with np.errstate(divide="ignore"):
        loudness: Floats = -0.691 + 10 * np.log10(power)
    return loudness


def _first_samples(steps: npt.NDArray[np.int64], rate: int) -> npt.NDArray[np.int64]:
    """Where each step begins: the first sample at or after its time."""
    return -(-steps * rate // STEPS_PER_S)


def _loudest(power: Floats) -> float:
    return float(to_lufs(power.max())) if power.size and power.max() > 0 else math.nan


def gated_lufs(power: Floats) -> float:
    """Integrated loudness of the power of blocks of 400 ms; NaN if none is above -70 LUFS."""
    loud = power[to_lufs(power) > ABSOLUTE_GATE_LUFS]
    if not loud.size:
        return math.nan
    gate = to_lufs(loud.mean()) + _INTEGRATED_GATE_LU
    return float(to_lufs(loud[to_lufs(loud) > gate].mean()))


def _range(power: Floats) -> float:
    loud = power[to_lufs(power) >= ABSOLUTE_GATE_LUFS]
    if not loud.size:
        return math.nan
    levels = np.sort(to_lufs(loud))
    levels = levels[levels >= to_lufs(loud.mean()) + _RANGE_GATE_LU]
    # Tech 3342 takes the nearest rank, without interpolation.
    low, high = (levels[round((levels.size - 1) * q)] for q in (0.10, 0.95))
    return float(high - low)
