"""Spectra that the tests of timbre share."""

import numpy as np

from musictools.audio._pass import hann, power_spectrum

RATE = 44_100


def frames_of(samples, size=2048, hop=1024):
    """Windowed power spectra of samples, shape (frames, size // 2 + 1), float32."""
    view = np.lib.stride_tricks.sliding_window_view(np.asarray(samples, np.float32), size)[::hop]
    return power_spectrum(view * hann(size))


def harmonic_noise(seed, seconds=0.5, rate=RATE):
    """Nine partials of some pitch over noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    pitch = rng.uniform(90, 500)
    partials = (
        0.2 / k * np.sin(2 * np.pi * k * pitch * t + rng.uniform(0, 6)) for k in range(1, 10)
    )
    return sum(partials) + rng.normal(0, 0.01, t.size)


def measure(samples, *, sample_rate=RATE):
    """Give the whole room of timbre."""
    import musictools as mt
    from musictools.audio._pass import analyse
    from musictools.audio._timbre import Timbre

    return analyse(mt.audio.from_samples(samples, sample_rate), [Timbre()])
