"""The ear of BS.1770: how much each frequency and each loudspeaker counts."""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

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

    The numerator of the second is a multiple of (1, -2, 1), which the loop that filters counts on.

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
