"""Rhythms of basses and accompaniments, one sign a step; shorter ones repeat.

Basses: r root, f fifth, O octave, t third, a approach to the next chord, comma rest. Chords: x all
voices, o all softly, digits one voice each (counted from below, then an octave up), comma rest.
"""

BASSES: dict[str, tuple[str, ...]] = {
    "root1": ("r...............",), "root2": ("r.......r.......", "r.......f......."),
    "root4": ("r...r...r...r...", "r...r...f...r...", "r...r...r...r.a."),
    "root8": ("r.r.r.r.r.r.r.r.", "r.r.r.r.r.r.r.a.", "r.r.r.r.r.r.f.f."),
    "pop": ("r.....r.r.....r.", "r..r..r.r.......", "r.......r.r...f.", "r...r.r...r.r...",
            "r.....r...r.....", "r..r......r.r..."),
    "ballad": ("r.......r.....f.", "r.....f.r.......", "r.....r.f.......", "r.........f.r..."),
    "octave": ("r.O.r.O.r.O.r.O.", "r,O,r,O,r,O,r,O,", "r.Or.OrOr.Or.OrO"),
    "offbeat": ("..r...r...r...r.", "..rr..rr..rr..rr", "..r,..r,..r,..r,"),
    "house": ("r..r..r...r..r..", "..r..r....r..rO.", "r.....r..rO.....", "..rr..r...rO..r."),
    "rolling": (".rrr.rrr.rrr.rrr", "..rr..rr..rr..rr", ".rrO.rrO.rrO.rrO"),
    "triplebass": (".rrr.rrr.rrr.rrr", ".rOr.rOr.rOr.rOr"),
    "pedal16": ("rrrrrrrrrrrrrrrr", "rrOrrrOrrrOrrrOr", "r.rrr.rrr.rrr.rr"),
    "reese": ("r...............r.........f.....", "r.........r.....", "r.....r........."),
    "sub2": ("r.........r.....", "r......r........", "r.....r...r.....", "r..........r...."),
    "funk": ("r.,rO.,r..rO.fr.", "r..r..O,..r..fr.", "rr,.O.r...tf..rr", "r.,.r.Orr..,f.O."),
    "walk8": ("r.O.f.O.t.O.f.a.",),
    "reggae": ("r.....f.r.t.f...", "..r.r.f.....r.t.", "r..rr...f..ft...", ",...r.r.f.t.r..."),
    "tresillo": ("r.....r.....r...", "r..r..r.r..r..r.", "r..r..f.r..r..f."),
    "boomchuck": ("r.......f.......", "r.......f.....a.", "r...r...f...f..."),
    "bossa": ("r.....rff.....fr", "r.....f.f.....r.", "r.....f.......f."),
    "samba": ("r..rf..ff..fr..r", "r...f..ff...r..r"),
    "two": ("r.......f.......", "r.......f.....a."),
    "tumbao": ("......f.....r...", "r.....f.....r...", "...f..r....f..r."),
    "alberti": ("r.......r.......",),
    "waltz": ("r...........", "r...........f...........", "r.......a..."),
    "waltzwalk": ("r...t...f...", "r...f...a...", "r...O...f..."),
    "march": ("r...f...", "r...r..."),
    "blues12": ("r....rf.....", "r.....f....a", "r....rr....f"),
    "root12": ("r...........", "r.....r....."), "walk12": ("r..t..f..t..", "r..t..f..a.."),
    "shuffle8": ("r.rr.rr.rr.r", "r.rf.fr.rf.f"),
    "shufflewalk": ("r..t..f..a..", "r..r..f..f..", "r.rt.tf.fO.O"),
    "jig": ("r..f..", "r.....", "r..r.."),
    "none": ("",),
}  # fmt: skip
COMPS: dict[str, tuple[str, ...]] = {
    "block1": ("x...............",), "block2": ("x.......x.......", "x.......o......."),
    "block4": ("x...x...x...x...", "x...o...x...o...", "x...o...o...o..."),
    "block8": ("x.o.x.o.x.o.x.o.", "xoooxoooxoooxooo"[:16]),
    "pushed": ("x.....x.........", "x.....x...x.....", "x..x..x.........", "x.....xx..x...x.",
               "x..x..x.x..x..x.", "x.......x.x...x."),
    "arp4": ("0...1...2...1...", "0...2...1...2...", "2...1...0...1...", "0.....1.2......."),
    "arp8": ("0.1.2.1.0.1.2.1.", "0.1.2.3.2.1.2.3.", "0.2.1.2.0.2.1.2.", "0.1.2.3.4.3.2.1.",
             "2.1.0.1.2.1.0.1.", "0.2.4.2.3.2.1.2."),
    "arp16": ("0123210123210121", "0121012101210121", "0123456754321012", "0213021302130213",
              "0.12.0120.12.012", "3210321032103210", "0120120120120123"),
    "alberti": ("0.2.1.2.0.2.1.2.", "0212021202120212"),
    "arp12x": ("0.....1.....2...", "0..1..2..3..2..1"),
    "strum": ("x...x.o..ox.o...", "x.o.x.o.x.o.x.o.", "x...x.o...o.x.o.", "x...o...x...o.o.",
              "x.....o.x...o.o.", "x...xo..o.x.xo.."),
    "strum16": ("x.oox.oox.oox.oo", "xooxooxoxooxoxoo", "x.o.xooox.o.xooo"),
    "travis": ("0.3.1.4.0.3.1.4.", "0.3.1.2.0.4.1.3."),
    "power8": ("x.x.x.x.x.x.x.x.", "x.o.o.x.o.o.x.o.", "x.oxo.x.x.oxo.x.", "x...x.x.x...x.x."),
    "power16": ("xoooxoooxoooxooo", "xoxxoxoxxoxxoxox"), "chug": ("x.ooX.oox.oox.oo".replace("X",
                                                                                             "x"),
                                                                 "x..oxx..x..oxx.."),
    "stab": ("x.......x.......", "..x.......x.....", "x.....x.........", "......x.......x."),
    "stabs": ("x..x..x.........", "..x..x....x.....", "x.....x..x..x...", "..x...x..x....x.",
              "x..x...x..x.....", "...x..x....x..x."),
    "offbeat": ("..x...x...x...x.", "..xx..xx..xx..xx"),
    "gate16": ("x.xxx.xxx.xxx.xx", "xx.xx.x.xx.xx.x.", "x.xx.xx.x.xx.xx."),
    "funk16": ("..x,..xo..x,.xx,", "x,.x,.ox,..x,.o,", ".oxo.ox,.oxo.xo,", "x,oxo,xox,oxo,xo"),
    "skank": ("..x,..x,..x,..x,", "..xo..xo..xo..xo", "..x,..x,..x,..xx"),
    "bubble": ("..xo.oxo..xo.oxo", ".ox,.ox,.ox,.ox,"),
    "tresillo": ("x.....x.....x...", "x..x..x.x..x..x.", "...x..x....x..x."),
    "charleston": ("x.....x.........", "..x.......x.....", "x.....x.......x."),
    "green": ("x,..x,..x,..x,..", "o...x...o...x..."),
    "jazzcomp": ("x.....x...........x.......x.....", "......x.......x.x.......x.......",
                 "..x...........x...x...x.........", "x.............x.......x.....x..."),
    "bossa": ("x..x..x...x..x..", "x..x...x..x..x..", "x.x..x..x.x..x.."),
    "bossa2": ("x.....x.....x.......x.....x.....",),
    "bossa16": ("x.x..x.xx.x..x.x", "xo.xo.xoxo.xo.x.", ".x.x..x.x.x.x..x"),
    "chuck": ("....x.......x...", "..x...x...x...x.", "....x.o.....x.o."),
    "montuno": ("0.12.1.20.12.1.2", "x.0x.1.xx.0x.1.x", "x..x.x.x.x.x.x.x"),
    "pizz": ("0...1...2...1...", "x...,...x...,...", "0.1.2...0.1.2..."),
    "oompah3": ("....x...x...", "....x...o...", "..x.x...x..."),
    "comp3": ("......x.....", "x.....x.....", "....x.........x.........", "x.......x..."),
    "arp3": ("0.1.2.3.2.1.", "0.1.2.1.2.1.", "0...1...2...", "0.2.1.2.1.2.", "012321012321"),
    "strum3": ("x...x.o.x.o.", "x...o...o...", "x.o.x.o.x.o."),
    "arp12": ("012321012321", "012012012012", "021021021021", "012345432101"),
    "block12": ("xooxooxooxoo", "x..x..x..x..", "x.....x....."),
    "stab12": ("...x.....x..", "..x..x..x..x", "x.....x....x"),
    "shuffle12": ("x.ox.ox.ox.o", "x..x.ox..x.o"), "offbeat12": ("..x..x..x..x",),
    "jig": ("..x..x", "x.xx.x", "x..x.."), "jigarp": ("012210", "012321", "021021"),
    "strumjig": ("xooxoo", "x.ox.o"),
    "marchoff": ("..x...x.", "..xx..x."),
    "none": ("",),
}  # fmt: skip
#: How much of the time to the next note is held; 0.95 for what is not named.
GATES = {
    "stab": 0.3, "stabs": 0.35, "offbeat": 0.45, "gate16": 0.6, "funk16": 0.5, "skank": 0.4,
    "bubble": 0.4, "green": 0.5, "chuck": 0.4, "pizz": 0.3, "marchoff": 0.35, "oompah3": 0.5,
    "chug": 0.5, "power16": 0.7, "stab12": 0.35, "offbeat12": 0.4, "jig": 0.6, "montuno": 0.7,
    "charleston": 0.5, "jazzcomp": 0.45, "rolling": 0.7, "pedal16": 0.8, "octave": 0.7,
    "funk": 0.7, "walk": 0.92, "march": 0.6, "boomchuck": 0.8, "tumbao": 0.9,
}  # fmt: skip
#: Longest time that a chord of a pattern with short gates is held, in beats.
LONGEST_STAB = 1.0


def fill_steps(pattern: str, steps: int) -> str:
    """Repeat a pattern until it fills so many steps; an empty one stays silent."""
    return (pattern * (steps // len(pattern) + 1))[:steps] if pattern else "." * steps


def fit_bars(pattern: str, steps: int) -> str:
    """Cut or repeat a pattern to whole bars of so many steps."""
    return pattern if pattern and len(pattern) % steps == 0 else fill_steps(pattern, steps)
