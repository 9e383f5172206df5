"""One recording in another at a different speed, by the rise and fall of their bands.

Waveforms at two speeds fall out of step within a fraction of a second; attacks do not.
"""

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block
from musictools.audio._pass import hann, power_spectrum

Floats = npt.NDArray[np.float64]

_SIZE, _HOP_S = 256, 0.01
_EDGES_HZ = (60, 120, 240, 480, 960, 1_900)
#: Speeds that are tried: film in television runs 4.3 % fast, and tape machines stray less.
_SPEEDS = 1 + np.arange(-60, 61) / 1000
_FINE = np.arange(-6, 7) / 10_000
_PIECE_S = 30.0
# Standard deviations. Peaks of what does not match reach as far: the waveforms must agree later.
_CLEAR = 4.0


def match_envelopes(a: Block, b: Block, rate_hz: float) -> tuple[float, float] | None:
    """Find speed and place of a second recording.

    Parameters
    ----------
    a, b : numpy.ndarray, shape (n,)
        Mono mixes.
    rate_hz : float
        Of both.

    Returns
    -------
    tuple of float or None
        Seconds by which the second lags behind the first at the first's speed, and seconds of the
        second for each of the first; None where nothing stands out.
    """
    hop = max(1, round(_HOP_S * rate_hz))
    one, two = (_attacks(samples, hop, rate_hz) for samples in (a, b))
    length = min(one.shape[1], round(_PIECE_S * rate_hz / hop))
    begin = (one.shape[1] - length) // 2
    clear, speed, _ = _best(one[:, begin : begin + length], two, _SPEEDS)
    if clear < _CLEAR:
        return None
    # A piece may come again in the song, the whole does not; and over its length speeds are told
    # apart far better.
    _, speed, lag = _best(one, two, speed + _FINE)
    return lag / speed * hop / rate_hz, speed


def _best(one: Floats, two: Floats, speeds: Floats) -> tuple[float, float, int]:
    """Peak of the correlation over its standard deviation, the speed, and the lag in frames."""
    from scipy.fft import irfft, next_fast_len, rfft

    length = one.shape[1]
    size = next_fast_len(two.shape[1] + round(1.1 * length), real=True)
    whole = rfft(two, size)
    best = (0.0, 1.0, 0)
    for speed in speeds:
        place = np.arange(int(length * speed)) / speed
        stretched = np.stack([np.interp(place, np.arange(length), band) for band in one])
        found = irfft((np.conj(rfft(stretched, size)) * whole).sum(axis=0), size)
        top = int(np.argmax(found))
        clear = float(found[top]) / max(float(found.std()), 1e-20)
        if clear > best[0]:
            best = (clear, float(speed), top - size if top > two.shape[1] else top)
    return best


def _attacks(samples: Block, hop: int, rate_hz: float) -> Floats:
    """Rise of the level of each band over 10 ms, shape (bands, frames)."""
    padded = np.pad(samples, _SIZE // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::hop]
    power = power_spectrum(frames * hann(_SIZE))
    bins = np.unique(np.ceil(np.array(_EDGES_HZ) * _SIZE / rate_hz).astype(np.int64))
    bands = np.add.reduceat(power, bins[bins < power.shape[1]], axis=1).T.astype(np.float64)
    level = np.log10(np.maximum(bands, 1e-6 * np.maximum(bands.max(), 1e-20)))
    rise = np.maximum(np.diff(level, axis=1, prepend=level[:, :1]), 0)
    centred: Floats = rise - rise.mean(axis=1, keepdims=True)
    return centred
