"""The steady part of arrows, by weights that are taken again and again from what is left."""

import math

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel

Block = npt.NDArray[np.float32]
Complex = npt.NDArray[np.complex64]

_REFINEMENTS, _MORE = 2, 4
# What is left that is shorter than this much of the steady part says nothing about its direction.
_SHORT = 0.05
# Powers against that of the hum: nothing else sounds below the first, hum is not there below the
# second; and how far an arrow may lie from the steady one in such a frame, by their squares.
_ALL_BUT, _LEAST, _NEAR = 1.25, 0.6, 0.12
# A frame without it speaks against so many with it; one of digital silence says nothing.
_AGAINST, _SILENCE = 3, np.float32(1e-9)
# Ratios are multiplied before a logarithm is taken: the product of so many is still a number.
_AT_ONCE = 8


@kernel(
    "void(float32[:, ::1], float32[:, ::1], float32[::1], float32[::1], float32, float32[::1], "
    "complex64[::1])",
    fastmath=True,
)
def steady_parts(
    cosines: Block,
    sines: Block,
    real: Block,
    imaginary: Block,
    least: np.float32,
    gains: Block,
    steady: Complex,
) -> None:
    """Fit a steady arrow to those of one line, for each offset that ``cosines`` turn back by.

    The fit has the least mean logarithm of what is left, by weights taken again and again. The gain
    is the mean logarithm of power before over power after: only an arrow of one length, there in
    the quietest frames too, lets it grow; one that comes and goes leaves more than there was.
    """
    n = real.size
    across = np.empty(n, np.float32)
    up = np.empty(n, np.float32)
    one = np.float32(1)
    for row in range(cosines.shape[0]):
        x = np.float32(0)
        y = np.float32(0)
        for i in range(n):
            across[i] = real[i] * cosines[row, i] + imaginary[i] * sines[row, i]
            up[i] = imaginary[i] * cosines[row, i] - real[i] * sines[row, i]
        for _ in range(_REFINEMENTS + 1):
            total = np.float32(0)
            sum_x = np.float32(0)
            sum_y = np.float32(0)
            for i in range(n):
                a = across[i] - x
                b = up[i] - y
                weight = one / (a * a + b * b + least)
                total += weight
                sum_x += weight * across[i]
                sum_y += weight * up[i]
            x = sum_x / total
            y = sum_y / total
        gain = 0.0
        for first in range(0, n, _AT_ONCE):
            ratio = 1.0
            for i in range(first, min(n, first + _AT_ONCE)):
                a = across[i] - x
                b = up[i] - y
                whole = across[i] * across[i] + up[i] * up[i] + least
                ratio *= whole / (a * a + b * b + least)
            gain += math.log(ratio)
        gains[row] = gain / n
        steady[row] = complex(x, y)


@kernel(
    "void(complex64[:, :, :], float32[:], complex64[:, :], int64[:, ::1], float32[::1], "
    "complex64[:, ::1], float32, float32[:, ::1], float32[:, ::1])",
    fastmath=True,
)
def measure(  # noqa: PLR0913, PLR0917 - a kernel takes arrays
    arrows: Complex,
    power: Block,
    turns: Complex,
    offsets: npt.NDArray[np.int64],
    window: Block,
    steady: Complex,
    least: np.float32,
    aligned: Block,
    absent: Block,
) -> None:
    """Fit a steady arrow, from the guess in its place, and tell what speaks against its being hum.

    ``arrows`` have shape (lines, signals, frames), ``power`` is that of all that sounds in a frame,
    ``turns`` have shape (offsets, frames); the others one number for each line and signal. Aligned
    is the mean of cos(2 angle): 1 where arrows only grow and shrink, as those of a drum that is
    struck in step; about 0 where other sound is added. Absent is the share of frames with so little
    power that nothing but hum can sound in them, yet it does not, thrice, less that of those where
    it does.
    """
    frames = arrows.shape[2]
    across = np.empty(frames, np.float32)
    up = np.empty(frames, np.float32)
    for line in range(arrows.shape[0]):
        for signal in range(arrows.shape[1]):
            row = offsets[line, signal]
            for i in range(frames):
                turned = arrows[line, signal, i] * turns[row, i]
                across[i], up[i] = turned.real, turned.imag
            x, y = steady[line, signal].real, steady[line, signal].imag
            for _ in range(_MORE):
                total = np.float32(0)
                sum_x = np.float32(0)
                sum_y = np.float32(0)
                for i in range(frames):
                    a = across[i] - x
                    b = up[i] - y
                    weight = window[i] / (a * a + b * b + least)
                    total += weight
                    sum_x += weight * across[i]
                    sum_y += weight * up[i]
                x = sum_x / total
                y = sum_y / total
            square = x * x + y * y + np.float32(1e-30)
            power_of_hum = square / 2
            short = np.float32(_SHORT * _SHORT) * square
            mean = np.float32(0)
            balance = 0
            for i in range(frames):
                a = across[i] - x
                b = up[i] - y
                along = (a * x + b * y) ** 2 / square
                aside = (b * x - a * y) ** 2 / square
                if _SILENCE < power[i] < _ALL_BUT * power_of_hum:
                    there = along + aside < _NEAR * square and power[i] > _LEAST * power_of_hum
                    balance += -1 if there else _AGAINST
                mean += (along - aside) / (along + aside + short)
            steady[line, signal] = complex(x, y)
            aligned[line, signal] = mean / np.float32(frames)
            absent[line, signal] = np.float32(balance) / np.float32(frames)
