"""The tempo: candidates from the periodicity of onsets, weighed by a learned model.

A conditional logit gives every candidate of a recording a share of one: which of the levels
(half, double, three in two) listeners would tap to is a matter of what the bands do at parts and
multiples of the beat, of when chords change, and of which tempi are usual.
"""

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from musictools.audio._descriptor import Tracks
from musictools.audio._harmony import find_changes
from musictools.audio._model import load_model
from musictools.audio._onsets import RATE_HZ, OnsetTrack
from musictools.audio._periodicity import (
    Floats,
    Periodicity,
    find_candidates,
    measure_periodicity,
)
from musictools.audio._tempo_features import FEATURES, Heard, describe_candidates

SHORTEST_S = 2.0
# Music measures 1.2 and more; one event that never comes again, under 0.01.
_LEAST_COMB = 0.2
# Shorter ones are repeated: lags of some bars need some bars.
_REPEATED_S = 12.0
_CERTAIN_S = 6.0
# The learned prior: bumps a quarter of an octave apart.
_PRIOR_BPM, _PRIOR_WIDTH = 120.0, 0.2
_PRIOR_OCTAVES = np.arange(-1.5, 1.01, 0.25)
#: Standardised features are cut here, so that one odd number cannot decide alone.
MOST_DEVIATION = 4.0


@dataclass(frozen=True)
class Pulse:
    """The tempi that a recording may have.

    Attributes
    ----------
    candidates : tuple of (float, float)
        Beats per minute and posterior probability, most probable first; empty where there is none.
    periodicity : Periodicity or None
        What they follow from; None where nothing begins.
    """

    candidates: tuple[tuple[float, float], ...]
    periodicity: Periodicity | None


def find_pulse(tracks: Tracks) -> Pulse:
    """Conclude the tempo from onsets and harmony of a recording; for ``Tracks.once``."""
    track = tracks[OnsetTrack]
    curves = track.curves()
    if curves.shape[1] < SHORTEST_S * RATE_HZ or not curves.any():
        return Pulse((), None)
    bands = track.bands().mean(axis=0, dtype=np.float64)
    return rank_tempi(Heard(curves, bands, tracks.once(find_changes)))


def rank_tempi(heard: Heard) -> Pulse:
    """Weigh the tempi that a recording may have, whose curves are not all zero."""
    tempi, features, found = propose_tempi(heard)
    if not tempi.size:
        return Pulse((), None)
    score = _model().score(tempi, features)
    share = np.exp(score - score.max())
    # What is short is often a tempo that nobody could tell: the rest goes to "none of these".
    seconds = heard.curves.shape[1] / heard.rate_hz
    share *= min(1.0, seconds / _CERTAIN_S) / share.sum()
    order = np.argsort(-share, kind="stable")
    return Pulse(tuple((float(tempi[i]), float(share[i])) for i in order), found)


def propose_tempi(heard: Heard) -> tuple[Floats, Floats, Periodicity]:
    """Find candidates and describe them, shapes (n,) and (n, len(FEATURES)); n may be 0."""
    curves, rate_hz = heard.curves, heard.rate_hz
    found = measure_periodicity(curves, rate_hz)
    if found.comb.max() < _LEAST_COMB:
        return np.empty(0), np.empty((0, len(FEATURES))), found
    if curves.shape[1] < _REPEATED_S * rate_hz:
        # A loop goes on as it began. (What does not repeat itself has been sent away above.)
        curves = np.tile(curves, math.ceil(2 * _REPEATED_S * rate_hz / curves.shape[1]))
        heard = replace(heard, curves=curves)
        found = measure_periodicity(curves, rate_hz)
    tempi = find_candidates(found)
    return tempi, describe_candidates(heard, found, tempi), found


def usual_tempi(tempi_bpm: Floats) -> Floats:
    """Bumps along the axis of log tempo, whose weighted sum is a learned prior, shape (n, 11)."""
    octaves = np.log2(tempi_bpm[:, None] / _PRIOR_BPM) - _PRIOR_OCTAVES
    bumps: Floats = np.exp(-0.5 * (octaves / _PRIOR_WIDTH) ** 2)
    return bumps


@dataclass(frozen=True)
class _Model:
    """The learned numbers; see ``tools/training/train_tempo.py``."""

    mean: Floats
    scale: Floats
    weights: Floats
    usual: Floats
    sharpness: float

    def score(self, tempi_bpm: Floats, features: Floats) -> Floats:
        """Log of the share of each candidate, but for a constant."""
        standard = np.clip((features - self.mean) / self.scale, -MOST_DEVIATION, MOST_DEVIATION)
        logit: Floats = standard @ self.weights + usual_tempi(tempi_bpm) @ self.usual
        return logit * self.sharpness


@cache
def _model() -> _Model:
    kept = load_model("tempo")
    columns = kept["features"]
    mean, scale, weights = (
        np.array([columns[name][key] for name in FEATURES]) for key in ("mean", "scale", "weight")
    )
    usual = np.array(kept["usual"])
    return _Model(mean, scale, weights, usual, sharpness=float(kept["sharpness"]))
