"""What a style is made of."""

from dataclasses import dataclass, field

#: Four bars; a bar holds one chord, or two with a blank between.
Bars = tuple[str, str, str, str]


@dataclass(frozen=True)
class Part:
    """One instrument in the mix.

    Attributes
    ----------
    voice : str
        A name that ``_voices.play`` knows.
    level_lu : float
        Loudness against the drums, in LU.
    pattern : str
        Steps of a bar in sixteenth notes: see ``_compose`` for the letters.
    gate : float
        Share of the time up to the next event for which a note is held.
    pan : float
        -1 left to 1 right.
    send : float
        Share that goes to the reverb.
    low_hz, high_hz : float or None
        High-pass and low-pass of the channel strip.
    drive : float
        Saturation: 0 is clean, 1 is warm, 6 is a distorted amplifier.
    echo : float
        Level of a dotted-eighth ping-pong delay.
    double_ms : float
        Delay of a second copy that widens the part; 0 for none.
    """

    voice: str
    level_lu: float
    pattern: str = ""
    gate: float = 0.95
    pan: float = 0.0
    send: float = 0.15
    low_hz: float | None = None
    high_hz: float | None = None
    drive: float = 0.0
    echo: float = 0.0
    double_ms: float = 0.0


@dataclass(frozen=True)
class Style:
    """A way of making music: instruments, groove, harmony and room.

    Attributes
    ----------
    bpm : tuple of float
        Usual range of the tempo, in BPM.
    beats_per_bar : int
        3 or 4.
    kit : str
        A name of ``KITS``.
    verse, chorus, light : dict
        Drum patterns by role; ``light`` serves intro, bridge and outro.
    parts : dict
        ``bass``, ``chords``, ``pad``, ``lead`` and ``hook`` (the tune of the chorus).
    major, minor : dict
        Progressions of ``verse``, ``chorus`` and ``bridge``.
    tune : str
        A name of ``RHYTHMS``: how busy the tune is.
    swing : float
        Where the second of two short notes falls, 0.5 (straight) to 0.67 (triplets).
    swing_unit : int
        8 or 16: which notes swing.
    loose_ms : float
        Standard deviation of the timing of a hand.
    reverb_s, wet_db : float
        Time to -60 dB, and level of the return.
    pump_db : float
        How far the kick ducks bass, chords and pad.
    tilt_db : float
        Brightness of the master against the common slope, in dB per octave.
    voicing : str
        ``"close"`` or ``"power"``.
    """

    bpm: tuple[float, float]
    beats_per_bar: int
    kit: str
    verse: dict[str, str]
    chorus: dict[str, str]
    light: dict[str, str]
    parts: dict[str, Part]
    major: dict[str, Bars]
    minor: dict[str, Bars]
    tune: str = "medium"
    swing: float = 0.5
    swing_unit: int = 8
    loose_ms: float = 4.0
    reverb_s: float = 1.3
    wet_db: float = -14.0
    pump_db: float = 0.0
    tilt_db: float = 0.0
    voicing: str = "close"
    fills: bool = field(default=True)
