"""Mirrored spectra: what short resampling filters leave above half the rate of the source.

Every partial and every speck of noise at a distance below half the source's rate comes again at
the same distance above. The fine structure of the two sides is compared.
"""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Fine structure is what differs from the mean of so many bins of 43 Hz.
_SMOOTH = 9
#: The top of the spectrum is left out: there the file's own filters end it.
_END_OF_NYQUIST = 0.97
_FEWEST_BINS = 10
#: Other centres, to tell mirrors from the even comb of a steady tone.
_OTHERS_HZ = np.concatenate([np.arange(150.0, 1_500.0, 22.0), -np.arange(150.0, 1_500.0, 22.0)])
_UNIQUE = 0.8
_LEAST = 1e-20
#: Of so many segments the mean over time is known.
_SEGMENTS = 3


def mirrored(
    hz: Floats, segments: Floats, nyquist_hz: float, half_hz: float, *, reach: tuple[float, float]
) -> tuple[float, int]:
    """Correlate both sides of a frequency.

    Parameters
    ----------
    hz, segments : numpy.ndarray
        As of ``FrontFrames.long_term``.
    nyquist_hz, half_hz : float
        Half the rate of the file, and of the supposed source.
    reach : tuple of float
        Distances compared, as shares of ``half_hz``.

    Returns
    -------
    correlation : float
        -1 to 1; 0 where there is no room.
    points : int
        How many bins of segments were compared.
    """
    far = min(reach[1] * half_hz, _END_OF_NYQUIST * nyquist_hz - half_hz)
    distance = np.arange(reach[0] * half_hz, far, hz[1] - hz[0])
    if distance.size < _FEWEST_BINS:
        return 0.0, 0
    level = 10 * np.log10(np.maximum(segments, _LEAST))
    below, above = (_fine(level, hz, half_hz + sign * distance) for sign in (-1, 1))
    size = math.sqrt(float(np.vdot(below, below)) * float(np.vdot(above, above)))
    return (float(np.vdot(below, above)) / size if size > 0 else 0.0), below.size


def stands_out(
    hz: Floats, segments: Floats, nyquist_hz: float, half_hz: float, *, reach: tuple[float, float]
) -> bool:
    """Tell whether no other frequency nearby mirrors the spectrum nearly as well."""
    best, _ = mirrored(hz, segments, nyquist_hz, half_hz, reach=reach)
    return all(
        mirrored(hz, segments, nyquist_hz, half_hz + away, reach=reach)[0] <= _UNIQUE * best
        for away in _OTHERS_HZ
    )


def _fine(level: Floats, hz: Floats, wanted: Floats) -> Floats:
    """Level at some frequencies, less its surroundings, shape (segments, n)."""
    # The wanted lie one bin apart, so that one share serves all.
    place = np.interp(wanted, hz, np.arange(hz.size))
    first = np.minimum(place.astype(np.int64), hz.size - 2)
    share = place - first
    there = (1 - share) * level[:, first] + share * level[:, first + 1]
    padded = np.pad(there, ((0, 0), (_SMOOTH // 2, _SMOOTH // 2)), mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, _SMOOTH, axis=1).mean(axis=2)
    fine: Floats = there - around
    # What stays all the time is a steady tone, even by nature, or a filter.
    return fine - fine.mean(axis=0) if len(fine) >= _SEGMENTS else fine
