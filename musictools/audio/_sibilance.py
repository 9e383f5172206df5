"""Sibilance: strong bursts from 5 to 9 kHz that have little above them, as the letter s has."""

import math
from collections.abc import Iterable
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Tracks
from musictools.audio._finding import Finding, Kind, confidence, stretches
from musictools.audio._timbre_frames import BIN_HZ, BINS, SPECTRUM

Floats = npt.NDArray[np.float64]

# Body of a voice; the letter s; what cymbals have and an s has not.
_BANDS_HZ = ((300, 4_000), (5_000, 9_000), (9_500, 16_000))
_LEAST_RATE_HZ = 18_500
_FEWEST_FRAMES = 60
# The strongest frames that count as bursts.
_SHARE = 1 / 30
# Above this a band of air is empty, and says no more.
_MOST_OVER_AIR_DB = 15.0
#: In clean music and speech 5 % reach this.
_FOUND_DB = 9.0
_BRIDGE_S, _MOST_PLACES = 1.0, 3
_TINY = 1e-9


class SibilantBands:
    """Power of each frame of 46 ms in the three bands that tell an s."""

    needs = SPECTRUM

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        del layout
        self.sample_rate = sample_rate
        frequency = np.arange(BINS) * BIN_HZ
        inside = [(frequency >= low) & (frequency < high) for low, high in _BANDS_HZ]
        self._weights = np.stack(inside, axis=1).astype(np.float32)
        self._power: list[Block] = []

    def update(self, block: Block) -> None:
        """Take power spectra."""
        self._power.append(block @ self._weights)

    def power(self) -> Block:
        """Give the powers, shape (frames, 3)."""
        return np.concatenate(self._power or [np.empty((0, len(_BANDS_HZ)), np.float32)])


class Sibilance:
    """Detector of sharp s sounds."""

    tracks = (SibilantBands,)
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(
            "sibilance",
            "judgement",
            "dB",
            "bursts from 5 to 9 kHz over the mean from 300 Hz to 4 kHz",
            "The strongest thirtieth of frames of 46 ms, from 5 to 9 kHz: their level over the "
            "mean of 300 Hz to 4 kHz, plus their level over 9.5 to 16 kHz (at most "
            f"{_MOST_OVER_AIR_DB:g} dB), comes to {_FOUND_DB:g} dB.",
            "definition",
        ),
    )

    def measure(self, tracks: Tracks) -> float:
        """Give the level of the bursts over the middle and over the air, in dB.

        NaN for less than 60 frames, and for rates without a band of air.
        """
        return tracks.once(_conclude)[0]

    def find(self, tracks: Tracks) -> Iterable[Finding]:
        """Look for sibilance."""
        score, value_db, bursts = tracks.once(_conclude)
        if not score >= _FOUND_DB:
            return
        power = tracks[SibilantBands].power()
        hop_s = SPECTRUM.hop / SPECTRUM.rate_hz
        places = stretches(bursts, bridge=round(_BRIDGE_S / hop_s))
        worst = sorted(places, key=lambda place: -power[slice(*place), 1].sum())[:_MOST_PLACES]
        for start, stop in sorted(worst):
            yield self.kinds[0].found(
                start * hop_s,
                min((stop + 1) * hop_s, tracks.duration_s),
                severity="info",
                value=value_db,
                confidence=confidence(score - _FOUND_DB, 5.0),
                meaning=f"Bursts from 5 to 9 kHz stand {value_db:+.0f} dB against the mean level "
                f"of the middle, at {len(places)} places in all, and may sound sharp.",
                remedy="If it is a voice, use a de-esser on it, or turn its s sounds down by hand.",
            )


def _conclude(tracks: Tracks) -> tuple[float, float, npt.NDArray[np.bool_]]:
    bands = tracks[SibilantBands]
    power = bands.power().astype(np.float64) + _TINY
    if len(power) < _FEWEST_FRAMES or bands.sample_rate < _LEAST_RATE_HZ:
        return math.nan, math.nan, np.zeros(len(power), dtype=np.bool_)
    return measure_sibilance(power)


def measure_sibilance(power: Floats) -> tuple[float, float, npt.NDArray[np.bool_]]:
    """Score, level of the bursts over the middle (both dB), and which frames are bursts.

    Parameters
    ----------
    power : numpy.ndarray, shape (frames, 3)
        Power in the middle, the sibilant band and the air; above 0.
    """
    middle, sibilant, air = power.T
    count = max(3, round(_SHARE * len(power)))
    strongest = np.argpartition(sibilant, -count)[-count:]
    bursts = np.zeros(len(power), dtype=np.bool_)
    bursts[strongest] = True
    value_db = 10 * math.log10(sibilant[strongest].mean() / middle.mean())
    over_air_db = 10 * math.log10(float(np.median(sibilant[strongest] / air[strongest])))
    return value_db + min(over_air_db, _MOST_OVER_AIR_DB), value_db, bursts
