"""What up-sampling layers leave in a sound, put there on purpose."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from musictools._checks import check_number, generator
from musictools.audio import from_samples
from musictools.errors import InputError, closest

__all__ = ["simulate_upsampling"]

Floats = npt.NDArray[np.float64]

_WHAT = "simulate up-sampling"
_METHODS = ("zero_stuffing", "transposed_convolution")
_TAPS = 9


def simulate_upsampling(
    samples: Any,
    sample_rate: int,
    *,
    method: str = "zero_stuffing",
    factor: int = 256,
    leak_db: float = -40.0,
    rng: int | np.random.Generator | None = None,
) -> Floats:
    """Give a sound the traces of an up-sampling layer.

    Parameters
    ----------
    samples : array_like, shape (channels, n) or (n,)
        Sound without such traces; full scale is 1.
    sample_rate : int
        Samples per second, in Hz.
    method : str
        ``zero_stuffing``: zeros between samples, and a filter too short to take away the copies.
        ``transposed_convolution``: a kernel whose length is no multiple of its stride, so that
        samples are covered by unequal numbers of taps (checkerboard).
    factor : int, default 256
        By how much the layer raises the rate: traces stand at multiples of sample_rate / factor. 2
        to 4,096.
    leak_db : float, default -40
        Level of the traces beside the sound, in dB.
    rng : int or numpy.random.Generator, optional
        Seed for the layer's weights: the same seed is the same layer.

    Returns
    -------
    numpy.ndarray
        Of the same shape.

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    The sound as it is, plus the traces: sound and a constant (activations are not centred) times a
    pattern of period ``factor``, filtered. A model of the trace and not of a generator: what a real
    one adds is learnt from its own files.

    Examples
    --------
    >>> import numpy as np, musictools as mt
    >>> noise = np.random.default_rng(0).normal(0, 0.1, 44_100)
    >>> made = mt.datasets.simulate_upsampling(noise, 44_100, leak_db=-20, rng=0)
    >>> round(float(20 * np.log10(np.std(made - noise) / np.std(noise))))
    -20
    """
    sound = np.atleast_2d(from_samples(np.asarray(samples), sample_rate).samples.astype(float))
    stride = int(check_number(_WHAT, "factor", factor, (2, 4_096)))
    level = check_number(_WHAT, "leak_db", leak_db, (-140.0, 20.0))
    if method not in _METHODS:
        raise InputError(
            _WHAT, got=f"method={method!r}", expected="a method", hint=closest(method, _METHODS)
        )
    random = generator(rng, _WHAT)
    rms = float(np.sqrt((sound**2).mean()))
    if rms == 0:
        return np.zeros(np.shape(samples))
    pattern = np.zeros(stride)
    if method == "zero_stuffing":
        pattern[0] = 1.0
        taps = random.normal(0, 1, min(_TAPS, stride)) * np.hanning(min(_TAPS, stride) + 2)[1:-1]
    else:
        kernel = random.normal(1.0, 0.4, stride + stride // 2 + 1)
        np.add.at(pattern, np.arange(len(kernel)) % stride, kernel)
        taps = np.ones(1)
    pattern -= pattern.mean()
    wave = np.resize(pattern, sound.shape[1])
    traces = np.array([np.convolve((row + rms) * wave, taps, "same") for row in sound])
    size = math.sqrt(float((traces**2).mean())) or 1.0
    out: Floats = sound + traces * (rms / size) * 10 ** (level / 20)
    return out.reshape(np.shape(samples))
