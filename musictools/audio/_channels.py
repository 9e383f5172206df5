"""Faults between the left and the right channel.

The rules are in ``_channel_rules``; here they become findings.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import numpy as np

from musictools.audio import _channel_copies as copied
from musictools.audio import _channel_rules as rules
from musictools.audio._channel_pairs import ChannelPairs, Pairs, total
from musictools.audio._channel_rules import Verdict
from musictools.audio._descriptor import Tracks
from musictools.audio._finding import Finding, Kind, Severity, confidence, stretches
from musictools.audio._stereo import energies_to_db

# A shorter recording may be a single sound: what rests on a whole mix wants more evidence there.
_SHORT_S, _SHORT_EXCESS = 8.0, 1.0
_SAME_S = 0.05
# At most so many stretches of a kind, the longest.
_MOST = 10
# Where at least this share of a recording must be plainly centred, before a part is off centre.
_CONTRAST = 0.25
# One channel this far down is silent.
_SILENT_DB = 30.0
# A mix narrower than this, side below mid, spreads nothing.
_NARROW_DB = -18.0
# Fewest seconds that tell two filtered copies from chance.
_COPIES_S = 6.0
_DEFINITION = "definition"

POLARITY = Kind(
    "polarity_inversion",
    "fact",
    "1",
    "mean cosine of the phase between the channels, -1 to 0",
    "What left and right share is of opposite sign: the cosine of the phase, averaged over the "
    f"bins that sound and then over octaves (bass twice), is below -{rules.POLARITY:g} and "
    "nothing is left in the middle; or the highest peak of the cross-correlation with phase "
    "transform is negative.",
    "Knapp and Carter 1976 (PHAT)",
)
DELAY = Kind(
    "channel_delay",
    "fact",
    "ms",
    "right behind left; negative for left behind right",
    "The cross-correlation with phase transform up to 8 kHz has its one peak (at least "
    f"{rules.DELAY_PEAK:g}, 1.6 times any other) {rules.SHORTEST_MS:g} to 50 ms away from 0.",
    "Knapp and Carter 1976 (PHAT)",
)
DUAL_MONO = Kind(
    "dual_mono",
    "fact",
    "dB",
    "what one channel leaves of the other, against it; -120 for nothing",
    "One channel is the other times a constant, but for rounding to 16 bits or a rest below "
    f"{rules.SAME_DB:g} dB, throughout.",
    _DEFINITION,
)
FAKE_STEREO = Kind(
    "fake_stereo",
    "fact",
    "1",
    "mean coherence of the channels, 0 to 1",
    "Left and right are two filtered copies of one signal: over the whole, their coherence is at "
    f"least {copied.COPIES:g} in every band from 60 Hz to 1 kHz and {copied.COPIES_ABOVE:g} up to "
    "8 kHz, and yet the mix is wide (side "
    f"above {_NARROW_DB:g} dB of mid) and no constant gain makes them equal. Combs and all-passes "
    "of up to 20 ms are found.",
    "Lauridsen 1954; Schroeder 1958 (pseudo-stereo)",
)
IMBALANCE = Kind(
    "channel_imbalance",
    "fact",
    "dB",
    "left above right",
    "What both channels share in phase is off centre: the most common ratio of their levels in "
    f"coherent bins is {rules.OFF_CENTRE_DB:g} dB or more, and the energies lean to the same "
    f"side. Without a centre: energies apart by {rules.OFF_BALANCE_DB:g} dB or more, in two of "
    "bass, middle and treble to the same side.",
    _DEFINITION,
)
CANCELLATION = Kind(
    "mono_cancellation",
    "fact",
    "dB",
    "level lost in mono",
    f"The sum of the channels is {rules.MONO_LOSS_DB:g} dB or more below what equal channels of "
    f"that energy give (unrelated ones lose 3 dB), or {rules.BAND_LOSS_DB:g} dB in a band of the "
    "stereo image that holds 3 % of the energy.",
    _DEFINITION,
)
LOW_END = Kind(
    "low_end_phase",
    "fact",
    "Hz",
    "frequency below which the channels are opposite",
    "Below some frequency from 60 to 400 Hz the channels are of opposite polarity (correlation "
    "below -0.4, mean cosine of the phase below -0.25), above it they are not.",
    _DEFINITION,
)

_Place = tuple[float, float, Verdict]


class _Heard:
    """The segments of one recording, and where in time they are."""

    def __init__(self, tracks: Tracks) -> None:
        self.track = tracks[ChannelPairs]
        self.duration_s = tracks.duration_s
        self.segments: Sequence[Pairs] = self.track.segments()
        self.whole = total(self.segments) if self.segments else None

    def at(self, first: int, last: int) -> tuple[float, float]:
        """Seconds from the first segment to the last, one past it."""
        length = self.track.segment_s
        return first * length, self.duration_s if last == len(self.segments) else last * length

    def between(self, start_s: float, end_s: float) -> Pairs:
        """Give sums from one time to another."""
        first, last = (round(at / self.track.segment_s) for at in (start_s, end_s))
        return total(self.segments[first : max(last, first + 1)])

    def places(
        self,
        judge: Callable[[Pairs], Verdict],
        *,
        part: Callable[[Pairs], Verdict] | None = None,
        contrast: float = 0.0,
    ) -> list[_Place]:
        """Where a rule holds: start, end and verdict, at most ten, the longest."""
        found = rules.places(self.segments, judge, part=part, contrast=contrast)
        longest = sorted(found, key=lambda one: one[0] - one[1])[:_MOST]
        return [(*self.at(first, last), verdict) for first, last, verdict in sorted(longest)]

    def everywhere(self, place: _Place) -> bool:
        """Tell whether a place is the whole recording."""
        return place[0] <= 0 and place[1] >= self.duration_s


class Channels:
    """Detector of faults between the front left and right channels."""

    tracks = (ChannelPairs,)
    kinds: ClassVar[tuple[Kind, ...]] = (
        *(POLARITY, DELAY, DUAL_MONO, FAKE_STEREO),
        *(IMBALANCE, CANCELLATION, LOW_END),
    )

    def find(self, tracks: Tracks) -> Iterator[Finding]:
        """Look for them."""
        heard = _Heard(tracks)
        if heard.whole is None or not rules.sounds(heard.whole):
            return
        lag_ms = heard.track.lag_ms
        late = heard.places(lambda pairs: rules.delay(pairs, lag_ms))
        flipped = [
            place
            for place in heard.places(lambda pairs: rules.polarity(pairs, lag_ms))
            if heard.duration_s >= _SHORT_S or place[2].excess >= _SHORT_EXCESS
        ]
        yield from (_flip(*place, whole=heard.everywhere(place)) for place in flipped)
        yield from (_late(*place) for place in late)
        # Of few samples one channel is the other times something by chance.
        mono = rules.same(heard.whole) if heard.duration_s >= _SAME_S else rules.UNKNOWN
        if mono.state > 0:
            yield _mono(heard.duration_s, mono)
        elif not late:
            yield from _copied(heard)
        yield from _unbalanced(heard)
        # A wide mix whose upper half was opposite before it was flipped looks like both.
        low = [] if late else heard.places(rules.low_end)
        yield from (_low(*place) for place in low)
        yield from _cancelled(heard, explained=bool(flipped or late or low))


def _flip(start_s: float, end_s: float, verdict: Verdict, *, whole: bool) -> Finding:
    severity: Severity = "error" if whole else "warning"
    return POLARITY.found(
        start_s,
        end_s,
        severity=severity,
        value=verdict.value,
        confidence=confidence(verdict.excess, 0.7),
        meaning="What left and right share is of opposite polarity (mean cosine of the phase "
        f"{verdict.value:.2f}): it sounds hollow, has no place between the loudspeakers, and "
        "vanishes in mono.",
        remedy="Invert the polarity of one channel, and look for the crossed cable or the "
        "inverter that did it.",
    )


def _late(start_s: float, end_s: float, verdict: Verdict) -> Finding:
    late, early = ("right", "left") if verdict.value > 0 else ("left", "right")
    size_ms = abs(verdict.value)
    return DELAY.found(
        start_s,
        end_s,
        severity="warning",
        value=verdict.value,
        confidence=confidence(verdict.excess, 0.5),
        meaning=f"The {late} channel comes {size_ms:.2f} ms behind the {early}: the centre is "
        f"pulled to the {early}, and mono has a comb filter with its first notch at "
        f"{500 / size_ms:.0f} Hz.",
        remedy=f"Move the {late} channel {size_ms:.2f} ms earlier.",
    )


def _mono(duration_s: float, verdict: Verdict) -> Finding:
    return DUAL_MONO.found(
        0.0,
        duration_s,
        severity="warning",
        value=verdict.value,
        confidence=confidence(1 + 10 * verdict.excess, 0.5),
        meaning="Both channels hold the same recording (what one leaves of the other is "
        f"{verdict.value:.0f} dB): it sounds mono, and takes twice the room.",
        remedy="If the recording is mono, deliver it as mono or say so; if not, look where the "
        "mix was folded, and export it again.",
    )


def _copied(heard: _Heard) -> Iterator[Finding]:
    """Fake stereo, of the whole or of chapters of 24 s or more."""
    length_s, chapters = heard.track.chapters()
    whole = heard.whole
    if whole is None or not chapters or heard.duration_s < _COPIES_S or not _wide(whole):
        return
    frequency = heard.track.frequency
    verdict = copied.copies(sum(chapters[1:], chapters[0].astype(float)), frequency)
    spans = [(0.0, heard.duration_s, verdict)]
    if verdict.state <= 0:
        each = [copied.copies(chapter.astype(float), frequency).state > 0 for chapter in chapters]
        spans = []
        for first, last in stretches(np.array(each)):
            start_s, end_s = first * length_s, min(last * length_s, heard.duration_s)
            joined = sum(chapters[first + 1 : last], chapters[first].astype(float))
            # A last chapter may be too short to tell.
            if end_s - start_s >= length_s and _wide(heard.between(start_s, end_s)):
                spans.append((start_s, end_s, copied.copies(joined, frequency)))
    for start_s, end_s, one in spans[:_MOST]:
        yield FAKE_STEREO.found(
            start_s,
            end_s,
            severity="warning",
            value=one.value,
            confidence=confidence(one.excess, 0.5),
            meaning="Left and right are one signal through two filters (coherence "
            f"{one.value:.2f}): the width is made of a mono recording, and colours it in mono.",
            remedy="Use the stereo mix, or deliver the mono recording as it is.",
        )


def _wide(pairs: Pairs) -> bool:
    left, right, both = (float(e) for e in pairs.energy[:3])
    return energies_to_db(left + right - 2 * both, left + right + 2 * both) > _NARROW_DB


def _unbalanced(heard: _Heard) -> Iterator[Finding]:
    long = heard.duration_s >= _SHORT_S
    found = heard.places(
        rules.imbalance if long else rules.off_centre, part=rules.off_centre, contrast=_CONTRAST
    )
    for start_s, end_s, verdict in found:
        louder, softer = ("left", "right") if verdict.value > 0 else ("right", "left")
        size_db = abs(verdict.value)
        silent = size_db >= _SILENT_DB
        said = (
            f"The {softer} channel is silent, or nearly ({size_db:.0f} dB below the {louder})"
            if silent
            else f"The {louder} channel is {size_db:.1f} dB above the {softer}"
        )
        yield IMBALANCE.found(
            start_s,
            end_s,
            severity="error" if silent else "warning",
            value=verdict.value,
            confidence=confidence(verdict.excess, 0.4),
            meaning=f"{said}: the whole picture leans to the {louder}.",
            remedy=f"Export again with the {softer} channel in place."
            if silent
            else f"Raise the {softer} channel, or lower the {louder}, by {size_db:.1f} dB.",
        )


def _low(start_s: float, end_s: float, verdict: Verdict) -> Finding:
    return LOW_END.found(
        start_s,
        end_s,
        severity="warning",
        value=verdict.value,
        confidence=confidence(verdict.excess, 0.6),
        meaning=f"Below about {verdict.value:.0f} Hz the channels are of opposite polarity: the "
        "bass is thin on loudspeakers, gone in mono and in clubs, and cannot be cut on vinyl.",
        remedy="Make the low end mono, and look for the inverted track or the widener on the bass.",
    )


def _cancelled(heard: _Heard, *, explained: bool) -> Iterator[Finding]:
    places = heard.places(rules.cancellation)
    severity: Severity = "info" if explained else "warning"
    why = ", as the other findings explain" if explained else ""
    for start_s, end_s, verdict in places:
        yield CANCELLATION.found(
            start_s,
            end_s,
            severity=severity,
            value=verdict.value,
            confidence=confidence(verdict.excess, 0.4),
            meaning=f"Folded to mono it loses {verdict.value:.1f} dB{why}: what the channels have "
            "out of phase cancels on a phone, in a shop or in a club.",
            remedy="Check polarity and wideners, and narrow what is out of phase.",
        )
    if places or explained or heard.whole is None or heard.duration_s < _SHORT_S:
        return
    for low, high, lost in rules.cancellation_by_band(heard.whole):
        yield CANCELLATION.found(
            0.0,
            heard.duration_s,
            severity="info",
            value=lost,
            confidence=confidence(lost / rules.BAND_LOSS_DB - 1, 0.4),
            meaning=f"From {low:.0f} to {high:.0f} Hz it loses {lost:.1f} dB when folded to mono: "
            "what plays there is all but gone on a phone or in a shop.",
            remedy="Find what is out of phase in this band, and narrow it.",
        )
