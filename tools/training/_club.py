"""What a club producer does to a band: echoes, filters that open, noise that rises."""

import numpy as np
from _midi import SAMPLE_RATE, Sound
from _score import Score
from scipy import signal

#: Lengths of an echo, in beats.
ECHOES = (0.5, 0.75, 0.75, 1.0)
#: Sections into which a filter opens.
OPENING = {"intro", "build", "break", "bridge", "verse"}


def club(band: Sound, score: Score, rng: np.random.Generator) -> Sound:
    """Treat the band of a club song, each treatment in some songs only.

    Parameters
    ----------
    band : numpy.ndarray, shape (2, n), float32
        All but the drums.
    score : Score
        For the sections and the tempo.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    numpy.ndarray, shape (2, n), float32
        The band, treated.
    """
    if rng.random() < 0.3:
        band = _echo(
            band, float(rng.choice(ECHOES)) * 60.0 / score.bpm, float(rng.uniform(0.2, 0.5))
        )
    sweep, rise = rng.random() < 0.4, rng.random() < 0.35
    closed_hz = float(rng.uniform(250.0, 900.0))
    for section in score.sections:
        first = section.first_bar * score.grid.beats_per_bar
        last = first + section.bars * score.grid.beats_per_bar
        start, end = (int(score.clock.plain(float(b)) * SAMPLE_RATE) for b in (first, last))
        if section.label not in OPENING or end - start < SAMPLE_RATE:
            continue
        part = band[:, start:end]
        opening = np.linspace(0.0, 1.0, part.shape[1], dtype=np.float32)
        if sweep:
            sos = signal.butter(2, closed_hz, "lowpass", fs=SAMPLE_RATE, output="sos")
            dark = signal.sosfilt(sos, part, axis=-1).astype(np.float32)
            part[:] = dark + opening * (part - dark)
        if rise:
            noise = rng.standard_normal(part.shape[1]).astype(np.float32)
            noise[1:] -= 0.9 * noise[:-1]
            level = np.float32(0.5 * np.sqrt((part**2).mean()) + 1e-6)
            part += level * opening**3 * noise
    return band


def _echo(band: Sound, delay_s: float, share: float) -> Sound:
    delay = int(delay_s * SAMPLE_RATE)
    out = band.copy()
    for turn in range(1, 4):
        shift = turn * delay
        if shift < band.shape[1]:
            # Each turn comes from the other side.
            echo = (
                band[::-1, : band.shape[1] - shift]
                if turn % 2
                else band[:, : band.shape[1] - shift]
            )
            out[:, shift:] += np.float32(share**turn) * echo
    return out
