"""Peaks above full scale: of samples in floating point, and of the curve between samples."""

from collections.abc import Iterator

import numpy as np

from musictools.audio._descriptor import Tracks
from musictools.audio._finding import Finding, Kind, Severity, confidence
from musictools.audio._levels import LevelSums, to_db
from musictools.audio._places import places
from musictools.audio._tops import Column, Tops
from musictools.audio._true_peak import TruePeaks

# Rounding in single precision may put full scale a hair above 1.
_OVER_DBFS = 0.01
# What a meter with four points for each sample may read wrong.
_METER_DB = 0.1
# Below these nothing of it will be heard.
_SLIGHT_OVER_DBFS, _SLIGHT_PEAK_DBTP = 0.1, 0.5
# So many samples that are cut off, of a second at least, are heard as distortion.
_HEARD, _HEARD_S = 0.005, 1.0
# No gain puts a mix so far above full scale: these are integers that nobody scaled.
_UNSCALED_DBFS = 20.0
_FULL_SCALES = (2**7, 2**15, 2**23, 2**31)

OVERS = Kind(
    "decoder_overs",
    "fact",
    "dBFS",
    "highest sample of the stretch",
    "A sample more than 0.01 dB above full scale, which only floating point and lossy files hold. "
    "Warning from 0.1 dB; error where 0.5 % of a channel's samples in the stretch, or in a second "
    "if it is shorter, are over, and from 20 dB on.",
    "definition",
)
PEAK = Kind(
    "intersample_peak",
    "fact",
    "dBTP",
    "highest true peak of the stretch",
    "True peak above 0.1 dBTP (0 and the tolerance of the meter), while no sample is above full "
    "scale. Warning from 0.5 dBTP.",
    "ITU-R BS.1770-5, annex 2",
)


class Overs:
    """Finds samples above full scale."""

    tracks = (Tops,)
    kinds = (OVERS,)

    def find(self, tracks: Tracks) -> Iterator[Finding]:
        """Look for them."""
        table = tracks[Tops].table()
        height = np.maximum(table[:, :, Column.HEIGHT], table[:, :, Column.LOWER]).max(axis=0)
        overs = table[:, :, Column.OVERS].astype(np.float64)
        count, length = overs.sum(axis=0), tracks[Tops].lengths()
        second = _HEARD_S * length.sum() / tracks.duration_s
        total, peak = int(count.sum()), float(height.max(initial=0.0))
        found = places(count > 0, height.astype(np.float64), tracks.duration_s)
        for place in found:
            part = slice(place.first, place.last)
            top, here = to_db(float(height[part].max())), int(count[part].sum())
            size = max(length[part].sum(), second)
            share = float(overs[:, part].sum(axis=1).max()) / size
            yield OVERS.found(
                place.start_s,
                place.end_s,
                severity=_severity(top, share),
                value=top,
                confidence=confidence(top - _OVER_DBFS, _OVER_DBFS),
                meaning=f"{here} samples stand up to {top:.2f} dB above full scale ({total} in the "
                f"recording) and are cut off wherever it is played or stored in integers"
                f"{found.among()}.",
                remedy=_remedy(peak),
            )


def _severity(top_dbfs: float, share: float) -> Severity:
    """Judge a stretch by its highest sample and the share that is over."""
    if share >= _HEARD or top_dbfs >= _UNSCALED_DBFS:
        return "error"
    return "warning" if top_dbfs >= _SLIGHT_OVER_DBFS else "info"


def _remedy(peak: float) -> str:
    """Say how a recording with this peak comes below full scale."""
    if to_db(peak) >= _UNSCALED_DBFS:
        # Dither and filters may overshoot a little.
        full = next((scale for scale in _FULL_SCALES if peak <= 1.1 * scale), _FULL_SCALES[-1])
        return (
            f"Divide integers by {full}, if they have {full.bit_length()} bits, when they are "
            f"turned into floating point: a peak of {peak:.0f}, where 1 is full scale, says that "
            "nobody did."
        )
    return (
        f"Read it in floating point and turn it down by {to_db(peak) + _METER_DB:.1f} dB before it "
        "is converted, or encode it again from a master with more headroom."
    )


class IntersamplePeaks:
    """Finds true peaks above full scale where no sample is."""

    tracks = (TruePeaks, LevelSums)
    kinds = (PEAK,)

    def find(self, tracks: Tracks) -> Iterator[Finding]:
        """Look for them."""
        if tracks[LevelSums].sample_peak_dbfs() > _OVER_DBFS:
            return
        peaks = tracks[TruePeaks].series().astype(np.float64)
        found = places(peaks > 10 ** (_METER_DB / 20), peaks, tracks.duration_s)
        for place in found:
            top = to_db(float(peaks[place.first : place.last].max()))
            severity: Severity = "warning" if top >= _SLIGHT_PEAK_DBTP else "info"
            yield PEAK.found(
                place.start_s,
                place.end_s,
                severity=severity,
                value=top,
                confidence=confidence(top - _METER_DB, _METER_DB),
                meaning=f"Between its samples the waveform reaches {top:.2f} dBTP, which a "
                f"converter or a lossy encoder may cut off{found.among()}.",
                remedy="Set the ceiling of a true-peak limiter to -1 dBTP, or turn the master down "
                f"by {to_db(float(peaks.max())) + 1:.1f} dB.",
            )
