"""Over-limiting: peaks that stand hardly above the loudness, for a judgement."""

import math
from collections.abc import Iterator

import numpy as np

from musictools.audio._descriptor import Tracks
from musictools.audio._dynamics import peak_to_loudness, psr_statistics
from musictools.audio._finding import Finding, Kind, confidence
from musictools.audio._loudness_sums import LoudnessSums
from musictools.audio._true_peak import TruePeaks

# Mixes before limiting were seen from 10 (PLR) and 9 (PSR) upwards; Shepherd calls a PSR below 8
# a sign of too much.
_MOST_PLR_LU, _MOST_PSR_LU = 9.0, 8.5
# The loudness of more loudspeakers adds up, and their peaks do not.
_MOST_CHANNELS = 2
# BS.1770 adds up channels: one alone reads so much less than the two loudspeakers that play it.
_MONO_LU = 10 * math.log10(2)

KIND = Kind(
    "over_limiting",
    "judgement",
    "LU",
    "peak to loudness ratio (PLR)",
    "True peak less than 9 LU above the integrated loudness (PLR), and 5th percentile of the same "
    "over 3 s (PSR) below 8.5 LU. Mono and stereo only; mono is measured as two equal channels. "
    "Organs, pads and square waves are so by nature.",
    "AES 143, 2017 (I. Shepherd et al., PSR)",
)


class Limiting:
    """Judges how hard a recording was limited."""

    tracks = (LoudnessSums, TruePeaks)
    kinds = (KIND,)

    def measure(self, tracks: Tracks) -> float:
        """Give by how many LU both ratios, or the one that is less so, are below their limits.

        NaN for silence, for less than 3 s, and for more channels than two.
        """
        ratio, fifth = tracks.once(_ratios)
        return float(np.minimum(_MOST_PLR_LU - ratio, _MOST_PSR_LU - fifth))

    def find(self, tracks: Tracks) -> Iterator[Finding]:
        """Look for it."""
        if not self.measure(tracks) > 0:
            return
        ratio, fifth = tracks.once(_ratios)
        yield KIND.found(
            0,
            tracks.duration_s,
            severity="info",
            value=ratio,
            confidence=confidence(_MOST_PLR_LU - ratio, 1.0),
            meaning=f"Peaks stand only {ratio:.1f} LU above the loudness, and {fifth:.1f} LU or "
            "less in the densest twentieth of all stretches of 3 s: limiting this hard takes punch "
            "and tires the ear, and platforms turn it down all the same.",
            remedy="Give the limiter less gain; after loudness normalisation the master with more "
            "dynamics is the one that sounds bigger.",
        )


def _ratios(tracks: Tracks) -> tuple[float, float]:
    """PLR and the 5th percentile of PSR, in LU, as two loudspeakers play it."""
    if len(tracks.layout) > _MOST_CHANNELS:
        return math.nan, math.nan
    less = _MONO_LU if len(tracks.layout) == 1 else 0.0
    return peak_to_loudness(tracks) - less, psr_statistics(tracks)["psr_p05_lu"] - less
