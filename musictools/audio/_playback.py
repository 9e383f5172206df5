"""How a master will play: what each platform's rule makes of its loudness and its peaks.

Nothing is measured here: integrated loudness and the true peak of every tenth of a second are all
that a rule needs.
"""

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import numpy.typing as npt

from musictools._shipped import shipped_table
from musictools.audio._descriptor import Track, Tracks
from musictools.audio._loudness_sums import LoudnessSums
from musictools.audio._true_peak import TruePeaks

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

PLAYBACK_TRACKS: tuple[type[Track], ...] = (LoudnessSums, TruePeaks)
# What a meter shows as 0.0.
_SHOWN = 0.05


@dataclass(frozen=True)
class Master:
    """What is known of a recording: NaN loudness where there is none.

    Attributes
    ----------
    loudness_lufs : float
        Integrated loudness; NaN for silence, for less than 0.4 s, and below a rate of 8 kHz.
    peaks_dbtp : numpy.ndarray, shape (n,)
        True peak of every tenth of a second; minus infinity for silence.
    """

    loudness_lufs: float
    peaks_dbtp: Floats

    @property
    def true_peak_dbtp(self) -> float:
        """Largest of all; NaN for silence."""
        top = float(self.peaks_dbtp.max(initial=-math.inf))
        return top if top > -math.inf else math.nan


@dataclass(frozen=True)
class Target:
    """The part of a row of ``load_playback_targets`` that a gain follows from."""

    platform: str
    setting: str
    applied_by: Literal["service", "producer"]
    target_lufs: float
    tolerance_lu: float
    gain_up: Literal["never", "headroom", "limiter"]
    ceiling_dbtp: float
    max_true_peak_dbtp: float
    verified: Literal["yes", "partly", "no"]


@dataclass(frozen=True)
class Played:
    """A row of the table that :func:`playback` gives."""

    platform: str
    setting: str
    target_lufs: float
    gain_db: float
    limited_db: float
    limited_time_share: float
    loudness_lufs: float
    true_peak_dbtp: float
    headroom_lost_db: float
    below_target_db: float
    meets_delivery: bool | None
    verified: str
    note: str


def playback(tracks: Tracks) -> "pd.DataFrame":
    """Reckon how a recording will play on each platform, from what the pass has measured.

    Parameters
    ----------
    tracks : Tracks
        With those of ``PLAYBACK_TRACKS``.

    Returns
    -------
    pandas.DataFrame
        One row for each platform and setting of
        :func:`musictools.datasets.load_playback_targets`:

        ``gain_db``: what the platform applies; where a file has to be delivered at a loudness,
        what its producer has to apply. ``limited_db``: how far the largest peak then stands above
        the ceiling of a limiter, which takes it off (0 where there is no limiter), and
        ``limited_time_share``: in what part of the tenths of seconds it works, 0 to 1.
        ``loudness_lufs`` and ``true_peak_dbtp``: afterwards; what a limiter takes away from the
        loudness, tenths of a decibel, is left out. ``headroom_lost_db``: by how much peaks could
        have been higher at the same loudness, because the master was turned down: room that a
        more dynamic master would have used. ``below_target_db``: how much quieter than the target
        it plays. ``meets_delivery``: whether it can be delivered as it is, <NA> where no standard
        asks. ``verified``, ``note``.

        Numbers are NaN where there is no loudness: silence, less than 0.4 s, rates below 8 kHz.
    """
    import pandas as pd

    master = tracks.once(_master)
    rows = [asdict(play(master, target)) for target in _targets()]
    return pd.DataFrame(rows).astype({"meets_delivery": "boolean"})


def _master(tracks: Tracks) -> Master:
    peaks = tracks[TruePeaks].series().astype(np.float64)
    with np.errstate(divide="ignore"):
        levels = 20 * np.log10(peaks)
    return Master(tracks[LoudnessSums].integrated_lufs(), levels)


def _targets() -> list[Target]:
    rows = shipped_table("playback_targets")[list(Target.__dataclass_fields__)]
    return [Target(**cast("dict[str, Any]", row)) for row in rows.to_dict("records")]


def gain_db(platform: str, setting: str, master: Master) -> float:
    """Give the gain that one platform applies in one setting, in dB; NaN without loudness."""
    wanted = (platform, setting)
    return next(_gain(master, t) for t in _targets() if (t.platform, t.setting) == wanted)


def play(master: Master, target: Target) -> Played:
    """Apply the rule of one platform to one master."""
    gain = _gain(master, target)
    peak = master.true_peak_dbtp + gain
    limited = max(0.0, peak - target.ceiling_dbtp) if _limits(target) else 0.0
    above = master.peaks_dbtp + gain > target.ceiling_dbtp
    loudness, peak = master.loudness_lufs + gain, peak - limited
    known = not math.isnan(gain)
    room = max(0.0, _highest(target) - peak)
    return Played(
        platform=target.platform,
        setting=target.setting,
        target_lufs=target.target_lufs,
        gain_db=gain,
        limited_db=limited if known else math.nan,
        limited_time_share=float(above.mean() if limited else 0.0) if known else math.nan,
        loudness_lufs=loudness,
        true_peak_dbtp=peak,
        headroom_lost_db=min(max(0.0, -gain), room) if known else math.nan,
        below_target_db=max(0.0, target.target_lufs - loudness) if known else math.nan,
        meets_delivery=_meets(master, target),
        verified=target.verified,
        note=_note(master, target, gain, limited),
    )


def _limits(target: Target) -> bool:
    return target.gain_up == "limiter"


def _highest(target: Target) -> float:
    """Where the peaks of the most dynamic master would end."""
    asked = target.max_true_peak_dbtp
    return target.ceiling_dbtp if math.isnan(asked) else min(asked, target.ceiling_dbtp)


def _gain(master: Master, target: Target) -> float:
    wanted = target.target_lufs - master.loudness_lufs
    if math.isnan(wanted) or wanted <= 0 or _limits(target):
        return wanted
    room = target.ceiling_dbtp - master.true_peak_dbtp
    return min(wanted, max(0.0, room)) if target.gain_up == "headroom" else 0.0


def _meets(master: Master, target: Target) -> bool | None:
    """Whether loudness and peak are as asked, to the tenth that meters show."""
    away = abs(round(master.loudness_lufs - target.target_lufs, 1))
    if math.isnan(away) or math.isnan(target.tolerance_lu):
        return None
    peak = round(master.true_peak_dbtp, 1)
    return away <= target.tolerance_lu and not peak > target.max_true_peak_dbtp


def _note(master: Master, target: Target, gain: float, limited: float) -> str:
    if math.isnan(gain):
        return "No loudness can be measured: silence, less than 0.4 s, or a rate below 8 kHz."
    if target.applied_by == "producer":
        return _asked(master, target, gain, limited)
    parts = [_turned(master, target, gain)]
    if limited >= _SHOWN:
        parts.append(f"a limiter takes up to {limited:.1f} dB off its peaks")
    top = master.true_peak_dbtp
    if round(top, 1) > target.max_true_peak_dbtp:
        asked = f"{target.max_true_peak_dbtp:.0f} dBTP advised for delivery"
        parts.append(f"its true peak of {top:+.1f} dBTP is above the {asked}")
    return "; ".join(parts) + "."


def _turned(master: Master, target: Target, gain: float) -> str:
    loudness, below = master.loudness_lufs + gain, target.target_lufs - master.loudness_lufs - gain
    if gain <= -_SHOWN:
        return (
            f"Turned down by {-gain:.1f} dB, as loud as everything else, with peaks at "
            f"{master.true_peak_dbtp + gain:.1f} dBTP"
        )
    if below < _SHOWN:
        return f"Raised by {gain:.1f} dB" if gain >= _SHOWN else "Plays as it is"
    quieter = f"plays {below:.1f} dB below the target, at {loudness:.1f} LUFS"
    if gain >= _SHOWN:
        return f"Raised by {gain:.1f} dB, as far as its peaks allow, and {quieter}"
    why = "has no room for its peaks" if target.gain_up == "headroom" else "is never raised here"
    return f"It {why}, and {quieter}"


def _asked(master: Master, target: Target, gain: float, limited: float) -> str:
    if _meets(master, target):
        return "Can be delivered as it is."
    faults, remedy = [], ""
    away = round(master.loudness_lufs - target.target_lufs, 1)
    peak = round(master.true_peak_dbtp, 1)
    if peak > target.max_true_peak_dbtp:
        asked = f"{target.max_true_peak_dbtp:.0f} dBTP"
        faults.append(f"peaks at {peak:+.1f} dBTP where {asked} is the most")
        remedy = f"take {peak - target.max_true_peak_dbtp:.1f} dB off its peaks"
    if abs(away) > target.tolerance_lu:
        side = "louder" if away > 0 else "quieter"
        faults.insert(0, f"is {abs(away):.1f} LU {side} than {target.target_lufs:.0f} LUFS")
        limit = f" and limit its peaks by {limited:.1f} dB" if limited >= _SHOWN else ""
        remedy = f"apply {gain:+.1f} dB{limit}"
    return f"Cannot be delivered as it is: it {' and '.join(faults)}; {remedy}."
