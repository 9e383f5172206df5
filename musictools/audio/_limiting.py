"""Over-limiting: peaks that stand hardly above the loudness, for a judgement."""

from collections.abc import Iterator

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

KIND = Kind(
    "over_limiting",
    "judgement",
    "LU",
    "peak to loudness ratio (PLR)",
    "True peak less than 9 LU above the integrated loudness (PLR), and 5th percentile of the same "
    "over 3 s (PSR) below 8.5 LU. Mono and stereo only. "
    "Organs, pads and square waves are so by nature.",
    "AES 143, 2017 (I. Shepherd et al., PSR)",
)


class Limiting:
    """Judges how hard a recording was limited."""

    tracks = (LoudnessSums, TruePeaks)
    kinds = (KIND,)

    def find(self, tracks: Tracks) -> Iterator[Finding]:
        """Look for it."""
        if len(tracks.layout) > _MOST_CHANNELS:
            return
        ratio, fifth = peak_to_loudness(tracks), psr_statistics(tracks)["psr_p05_lu"]
        # Silence and what is shorter than 3 s give NaN, which is below nothing.
        if not (ratio < _MOST_PLR_LU and fifth < _MOST_PSR_LU):
            return
        yield KIND.found(
            0,
            tracks.duration_s,
            severity="info",
            value=ratio,
            confidence=confidence(_MOST_PLR_LU - ratio, 1.0),
            meaning=f"Peaks stand only {ratio:.1f} LU above the loudness ({fifth:.1f} LU in the "
            "densest 3 s): limiting this hard takes punch and tires the ear, and platforms turn it "
            "down all the same.",
            remedy="Give the limiter less gain; after loudness normalisation the master with more "
            "dynamics is the one that sounds bigger.",
        )
