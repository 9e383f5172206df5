"""The styles of training songs: what each may draw from."""

from dataclasses import dataclass

Names = tuple[str, ...]
STRAIGHT = (0.5, 0.5)


@dataclass(frozen=True)
class Style:
    """What a song of this style may draw from; repeated entries are likelier.

    Attributes
    ----------
    bpm : tuple of float
        Range of the beat that a listener taps.
    drums : tuple of str
        Names of ``GROOVES``; ``"none"`` leaves the drums out.
    bass, comp : tuple of str
        Names of patterns in ``_patterns``.
    harmony : tuple of str
        Names of ``BOOKS``, or ``"free"`` and ``"free7"``.
    basses, comps, pads, leads : tuple of str
        Names of ``INSTRUMENTS``.
    beats_per_bar, div : int
        Metre, and steps of a beat: 4, or 3 where beats are in three.
    swing : tuple of float
        Range of the place of the second of two notes: 0.5 straight, 0.667 triplet.
    swing_beats : float
        Length of such a pair.
    loose_ms : float
        Standard deviation of hands, at most.
    tempo : tuple of str
        Kinds of ``wander``.
    kit : str
        A sort of drum kit.
    minor : float
        Share of songs in minor.
    lead : float
        Share of songs with a tune.
    pad : float
        Share of songs with a pad.
    electronic : float
        Share of songs whose drums and synthesisers come from the studio.
    alt : float
        Another tempo that listeners may tap, as a multiple; 0 for none.
    weight : float
        How often, against the others.
    """

    bpm: tuple[float, float]
    drums: Names
    bass: Names
    comp: Names
    harmony: Names
    basses: Names
    comps: Names
    pads: Names = ("strings", "pad", "organ")
    leads: Names = ("voice", "flute", "lead", "violin", "sax", "guitarlead", "trumpet")
    beats_per_bar: int = 4
    div: int = 4
    swing: tuple[float, float] = STRAIGHT
    swing_beats: float = 1.0
    loose_ms: float = 8.0
    tempo: Names = ("steady", "steady", "human", "human", "drift")
    kit: str = "standard"
    minor: float = 0.5
    lead: float = 0.7
    pad: float = 0.4
    electronic: float = 0.3
    alt: float = 0.0
    weight: float = 1.0


_MACHINE = ("steady",)
_PLAYED = ("steady", "human", "human", "human", "drift", "ramp")
_FREE = ("human", "drift", "rubato", "rubato", "ritardando", "steady")

STYLES: dict[str, Style] = {
    "pop": Style(
        (84, 136), ("pop",), ("root8", "root4", "lock", "pop", "synco"),
        ("block1", "block2", "block4", "pushed", "arp8", "strum", "free"),
        ("pop", "pop", "free", "free7"), ("finger", "pick", "synthbass", "slap"),
        ("piano", "epiano", "steel", "clean", "synthpluck"), minor=0.45, weight=2.0,
    ),
    "rock": Style(
        (92, 172), ("rock", "rock", "pop"), ("root8", "root8", "lock", "root4"),
        ("power8", "block4", "block8", "pushed", "strum"), ("rock", "rock", "pop", "free"),
        ("pick", "finger"), ("drive", "clean", "drive", "organ"),
        pads=("organ", "drive", "strings"),
        leads=("guitarlead", "voice", "lead"), kit="rock", tempo=_PLAYED, pad=0.25, weight=1.8,
    ),
    "ballad": Style(
        (54, 84), ("ballad", "ballad", "ballad", "none"), ("root2", "root1", "ballad", "lock"),
        ("arp8", "arp16", "block4", "block1", "block2", "strum"), ("pop", "free", "free7", "soul"),
        ("finger", "synthbass", "upright"), ("piano", "epiano", "nylon", "steel", "piano"),
        pads=("strings", "strings", "pad", "choir"),
        tempo=("steady", "human", "drift", "ritardando"),
        pad=0.6, lead=0.85, weight=2.4,
    ),
    "waltz": Style(
        (84, 195), ("waltz", "waltz", "waltz", "none"), ("waltz", "waltz", "root1", "waltzwalk"),
        ("oompah3", "oompah3", "arp3", "block1", "block4", "strum3"),
        ("classical", "folk", "pop", "free"), ("upright", "finger", "tuba", "cello"),
        ("piano", "accordion", "nylon", "strings", "steel", "harpsichord"), beats_per_bar=3,
        tempo=("steady", "steady", "human", "drift", "rubato", "ritardando"), lead=0.85, weight=2.0,
    ),
    "house": Style(
        (116, 131), ("house", "house", "disco"), ("offbeat", "synco", "root8", "house", "octave"),
        ("stab", "stabs", "offbeat", "pushed", "block1", "free"),
        ("dance", "dance", "soul", "vamp", "free7"), ("synthbass", "sub", "finger"),
        ("epiano", "organ", "piano", "synthpluck", "supersaw"), pads=("pad", "strings", "choir"),
        leads=("voice", "lead", "sax"), swing=(0.5, 0.58), swing_beats=0.5, loose_ms=2.0,
        tempo=_MACHINE, kit="electronic", minor=0.7, lead=0.45, electronic=0.8, weight=1.4,
    ),
    "techno": Style(
        (122, 148), ("techno",), ("rolling", "offbeat", "pedal16", "root8", "synco"),
        ("stab", "stabs", "arp16", "free", "none"), ("vamp", "dance", "vamp"),
        ("synthbass", "sub", "reese"), ("synthpluck", "bell", "supersaw", "lead"),
        pads=("pad", "choir"), leads=("lead", "bell"), loose_ms=0.5, tempo=_MACHINE,
        kit="electronic", minor=0.9, lead=0.25, electronic=0.85, weight=1.3,
    ),
    "trance": Style(
        (128, 146), ("trance", "house"), ("rolling", "offbeat", "triplebass", "octave"),
        ("arp16", "gate16", "stab", "arp16", "block1"), ("dance", "pop", "free"),
        ("synthbass", "reese"), ("supersaw", "synthpluck", "supersaw", "bell"),
        pads=("pad", "strings"),
        leads=("lead", "supersaw", "voice"), loose_ms=0.5, tempo=_MACHINE, kit="electronic",
        minor=0.8,
        lead=0.6, pad=0.7, electronic=0.85, weight=1.3,
    ),
    "edm pop": Style(
        (98, 142), ("house", "pop", "trance"), ("root8", "lock", "offbeat", "octave", "synco"),
        ("stab", "pushed", "block1", "arp16", "free", "gate16"), ("dance", "pop", "free"),
        ("synthbass", "sub", "synthbass"), ("supersaw", "synthpluck", "piano", "pad", "brass"),
        leads=("lead", "voice", "synthpluck", "flute"), loose_ms=1.0, tempo=_MACHINE,
        kit="electronic",
        minor=0.55, lead=0.75, electronic=0.5, weight=1.4,
    ),
    "drum and bass": Style(
        (164, 180), ("dnb",), ("reese", "root1", "synco", "sub2", "root2"),
        ("block1", "stab", "arp8", "stabs", "none"), ("dance", "vamp", "soul", "free7"),
        ("reese", "sub", "synthbass"), ("pad", "epiano", "synthpluck", "piano"),
        pads=("pad", "strings"),
        loose_ms=1.5, tempo=_MACHINE, kit="electronic", minor=0.8, lead=0.35, pad=0.6,
        electronic=0.85,
        alt=0.5, weight=1.3,
    ),
    "breakbeat": Style(
        (108, 142), ("breaks",), ("synco", "root8", "octave", "lock"),
        ("stab", "stabs", "free", "block1"),
        ("vamp", "dance", "free7"), ("synthbass", "slap", "reese"),
        ("epiano", "organ", "synthpluck"),
        swing=(0.5, 0.57), swing_beats=0.5, loose_ms=3.0, tempo=_MACHINE, kit="electronic",
        minor=0.75,
        lead=0.4, electronic=0.75,
    ),
    "hip-hop": Style(
        (76, 104), ("hiphop",), ("lock", "synco", "root1", "sub2", "root2"),
        ("block1", "block2", "stabs", "arp8", "free"), ("soul", "vamp", "jazz", "free7", "dance"),
        ("sub", "finger", "upright", "synthbass"),
        ("epiano", "piano", "nylon", "strings", "mallet"),
        leads=("voice", "flute", "lead", "sax"), swing=(0.5, 0.64), swing_beats=0.5, loose_ms=7.0,
        tempo=("steady", "steady", "human"), kit="electronic", minor=0.75, lead=0.5, electronic=0.6,
        weight=1.3,
    ),
    "trap": Style(
        (128, 152), ("trap",), ("sub2", "lock", "root1"), ("arp8", "block1", "arp4", "free"),
        ("dance", "vamp", "free"), ("sub", "sub", "reese"),
        ("bell", "piano", "synthpluck", "mallet"),
        loose_ms=1.5, tempo=_MACHINE, kit="electronic", minor=0.9, lead=0.5, electronic=0.75,
        alt=0.5,
        weight=0.6,
    ),
    "electro": Style(
        (84, 128), ("electro",), ("octave", "root8", "pedal16", "synco"),
        ("arp16", "stab", "block1", "pushed", "arp8"), ("dance", "pop", "vamp", "free"),
        ("synthbass", "synthbass", "reese"), ("synthpluck", "pad", "supersaw", "brass"),
        leads=("lead", "voice", "sax"), loose_ms=1.0, tempo=_MACHINE, kit="electronic", minor=0.75,
        electronic=0.7,
    ),
    "funk": Style(
        (88, 122), ("funk",), ("funk", "synco", "lock", "funk"),
        ("funk16", "stabs", "free", "stab"),
        ("vamp", "soul", "blues"), ("slap", "finger", "synthbass"),
        ("clean", "muted", "epiano", "brass"),
        leads=("brass", "sax", "voice", "guitarlead"), swing=(0.5, 0.58), swing_beats=0.5,
        minor=0.6,
        tempo=_PLAYED, pad=0.2, weight=1.1,
    ),
    "soul": Style(
        (66, 118), ("soul", "pop", "funk"), ("synco", "lock", "pop", "root4"),
        ("block4", "stab", "block2", "free", "strum"), ("soul", "soul", "free7", "pop"),
        ("finger", "slap"),
        ("epiano", "organ", "clean", "piano", "brass"), leads=("voice", "sax", "brass"),
        swing=(0.5, 0.6),
        swing_beats=0.5, tempo=_PLAYED, loose_ms=10.0,
    ),
    "reggae": Style(
        (64, 94), ("reggae",), ("reggae", "reggae", "synco", "root2"),
        ("skank", "skank", "bubble", "skank"),
        ("pop", "vamp", "folk", "free"), ("finger", "sub", "synthbass"),
        ("clean", "organ", "muted", "piano"),
        leads=("voice", "sax", "brass", "flute"), swing=(0.5, 0.62), swing_beats=0.5, tempo=_PLAYED,
        pad=0.15, alt=2.0, weight=1.1,
    ),
    "dembow": Style(
        (84, 106), ("dembow",), ("root2", "lock", "tresillo", "sub2"),
        ("stab", "tresillo", "arp8", "block1"),
        ("dance", "pop", "free"), ("sub", "synthbass", "finger"),
        ("synthpluck", "nylon", "piano", "mallet"),
        loose_ms=2.0, tempo=_MACHINE, kit="electronic", minor=0.75, electronic=0.6, weight=1.2,
    ),
    "disco": Style(
        (106, 132), ("disco",), ("octave", "octave", "funk", "walk8"),
        ("funk16", "offbeat", "stabs", "block4"),
        ("soul", "dance", "pop", "free7"), ("finger", "slap", "synthbass"),
        ("clean", "epiano", "piano", "strings"), pads=("strings",),
        leads=("voice", "brass", "strings"),
        tempo=("steady", "human", "human"), minor=0.6, pad=0.6,
    ),
    "punk": Style(
        (146, 206), ("punk",), ("root8", "root8", "root4"), ("power8", "block8", "block4"),
        ("rock", "power", "power", "pop"), ("pick",), ("drive",), leads=("guitarlead", "voice"),
        kit="rock", tempo=_PLAYED, alt=0.5, minor=0.35, pad=0.05, lead=0.6, electronic=0.1,
    ),
    "metal": Style(
        (96, 200), ("metal", "metal", "rock"), ("root8", "pedal16", "lock"),
        ("power8", "chug", "power16"),
        ("power", "power", "rock"), ("pick",), ("drive",), pads=("strings", "choir"),
        leads=("guitarlead", "voice"), kit="rock", tempo=_PLAYED, minor=0.92, pad=0.15, lead=0.5,
        electronic=0.1,
    ),
    "swing jazz": Style(
        (96, 212), ("swing", "swing", "swing", "none"), ("walk", "walk", "walk", "two"),
        ("charleston", "green", "jazzcomp", "jazzcomp"), ("jazz", "jazz", "blues", "free7"),
        ("upright", "upright", "finger"), ("piano", "clean", "mallet", "piano", "organ"),
        leads=("sax", "trumpet", "clarinet", "mallet", "piano"), swing=(0.55, 0.7), loose_ms=12.0,
        tempo=_PLAYED, kit="jazz", minor=0.45, lead=0.85, pad=0.05, electronic=0.15, weight=2.0,
    ),
    "bossa nova": Style(
        (108, 152), ("bossa", "bossa", "none"), ("bossa", "bossa", "two"),
        ("bossa", "bossa2", "jazzcomp"),
        ("jazz", "soul", "free7"), ("upright", "finger"), ("nylon", "epiano", "nylon", "piano"),
        leads=("flute", "sax", "voice", "clarinet"), kit="jazz", tempo=_PLAYED, minor=0.45, pad=0.2,
        electronic=0.2, alt=0.5, weight=1.1,
    ),
    "jazz waltz": Style(
        (98, 184), ("jazzwaltz", "jazzwaltz", "none"), ("waltzwalk", "waltz", "waltzwalk"),
        ("comp3", "oompah3", "block1", "comp3"), ("jazz", "free7", "jazz"), ("upright",),
        ("piano", "clean", "epiano"), leads=("sax", "flute", "trumpet", "mallet"), beats_per_bar=3,
        swing=(0.55, 0.68), loose_ms=12.0, tempo=_PLAYED, kit="jazz", lead=0.8, pad=0.1,
        electronic=0.15,
        weight=0.9,
    ),
    "slow blues": Style(
        (50, 86), ("slow12", "slow12", "none"), ("blues12", "root12", "walk12"),
        ("arp12", "block12", "stab12", "arp12"), ("blues", "blues", "soul", "pop", "free"),
        ("finger", "upright", "pick"), ("clean", "organ", "piano", "steel"),
        leads=("guitarlead", "voice", "sax"), div=3, loose_ms=12.0, tempo=_PLAYED, minor=0.4,
        pad=0.2,
        electronic=0.15, weight=1.1,
    ),
    "shuffle": Style(
        (92, 168), ("shuffle",), ("shufflewalk", "shuffle8", "shufflewalk"),
        ("shuffle12", "stab12", "offbeat12"), ("blues", "blues", "rock", "free"),
        ("finger", "upright", "pick"),
        ("clean", "drive", "piano", "organ"), leads=("guitarlead", "sax", "voice"), div=3,
        loose_ms=10.0,
        tempo=_PLAYED, minor=0.25, pad=0.1, electronic=0.15, weight=1.1,
    ),
    "country": Style(
        (88, 132), ("country",), ("boomchuck", "boomchuck", "root2"),
        ("chuck", "strum", "chuck", "arp16"),
        ("folk", "folk", "pop", "free"), ("upright", "finger", "pick"),
        ("steel", "clean", "banjo", "piano"),
        leads=("violin", "voice", "guitarlead"), tempo=_PLAYED, minor=0.2, pad=0.1, electronic=0.15,
    ),
    "folk": Style(
        (76, 142), ("folk", "none", "none", "folk"), ("none", "root2", "boomchuck", "root1"),
        ("strum", "strum16", "arp8", "arp16", "travis", "strum"), ("folk", "folk", "pop", "free"),
        ("upright", "finger", "cello"), ("steel", "nylon", "banjo", "steel"),
        pads=("strings", "accordion"),
        leads=("voice", "violin", "flute"), loose_ms=14.0,
        tempo=("steady", "human", "human", "drift"),
        minor=0.4, pad=0.25, electronic=0.2, weight=2.0,
    ),
    "solo piano": Style(
        (58, 134), ("none",), ("root1", "root2", "root4", "alberti", "none"),
        ("block4", "arp8", "arp16", "arp12x", "alberti", "block1", "block2", "free"),
        ("pop", "classical", "free", "free7", "soul"), ("piano",), ("piano",), leads=("piano",),
        loose_ms=12.0, tempo=_FREE, lead=0.85, pad=0.0, electronic=0.2, weight=2.2,
    ),
    "chamber": Style(
        (58, 138), ("none",), ("root1", "root2", "root4", "walk"),
        ("block1", "block2", "block8", "block4", "arp8", "arp16", "pizz"),
        ("classical", "classical", "free"), ("cello", "upright", "tuba"),
        ("strings", "pizzicato", "harpsichord", "brass", "clarinet"),
        leads=("violin", "clarinet", "flute", "horn", "trumpet"), loose_ms=16.0, tempo=_FREE,
        lead=0.9, pad=0.4, electronic=0.15, weight=1.4,
    ),
    "ambient": Style(
        (58, 112), ("ambient", "none", "ambient"), ("root1", "none", "root1"),
        ("arp8", "block1", "arp4", "arp16", "free"), ("dance", "soul", "pop", "free7", "vamp"),
        ("sub", "synthbass", "finger"), ("bell", "epiano", "pad", "mallet", "synthpluck"),
        pads=("pad", "pad", "choir", "strings"), loose_ms=3.0, tempo=("steady", "steady", "human"),
        kit="electronic", minor=0.6, lead=0.4, pad=1.0, electronic=0.6,
    ),
    "afrobeat": Style(
        (94, 128), ("afrobeat",), ("synco", "tresillo", "lock", "funk"),
        ("stabs", "free", "arp8", "funk16"),
        ("vamp", "dance", "pop", "free"), ("finger", "synthbass"),
        ("clean", "muted", "mallet", "brass"),
        leads=("voice", "brass", "sax"), swing=(0.5, 0.57), swing_beats=0.5, tempo=_PLAYED,
        minor=0.55,
        electronic=0.35,
    ),
    "samba": Style(
        (88, 122), ("samba",), ("samba", "samba", "root2"), ("bossa16", "stabs", "funk16"),
        ("jazz", "soul", "folk", "free7"), ("finger", "upright"), ("nylon", "steel", "piano"),
        leads=("flute", "voice", "trumpet"), swing=(0.5, 0.55), swing_beats=0.5, tempo=_PLAYED,
        minor=0.4,
        pad=0.1, electronic=0.2,
    ),
    "latin": Style(
        (86, 124), ("latin",), ("tumbao", "tresillo", "tumbao"), ("montuno", "stabs", "montuno"),
        ("vamp", "soul", "folk", "classical", "free"), ("upright", "finger"),
        ("piano", "nylon", "piano"),
        leads=("trumpet", "brass", "flute", "voice"), tempo=_PLAYED, minor=0.6, pad=0.1,
        electronic=0.15,
        weight=0.9,
    ),
    "jig": Style(
        (92, 136), ("jig", "jig", "none"), ("jig", "jig", "root1"), ("jig", "jigarp", "strumjig"),
        ("folk", "folk", "classical"), ("upright", "cello", "tuba"),
        ("steel", "accordion", "banjo", "piano"),
        leads=("violin", "flute", "accordion", "clarinet"), beats_per_bar=2, div=3, tempo=_PLAYED,
        minor=0.45, lead=0.95, electronic=0.15,
    ),
    "march": Style(
        (96, 132), ("march",), ("march", "march"), ("marchoff", "marchoff"), ("classical", "folk"),
        ("tuba", "cello"), ("brass", "horn", "accordion", "clarinet"), pads=("strings", "brass"),
        leads=("trumpet", "flute", "clarinet", "brass"), beats_per_bar=2, tempo=_PLAYED,
        kit="orchestra",
        minor=0.35, lead=0.95, electronic=0.15, weight=0.8,
    ),
}  # fmt: skip
