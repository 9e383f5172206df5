"""Instruments of training songs: General-MIDI programs and voices of the studio by name."""

#: Name: General-MIDI programs (from 0) that may play it, and voices of the studio.
INSTRUMENTS: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "piano": ((0, 0, 1, 2, 3), ("piano",)),
    "epiano": ((4, 5, 4, 5, 2), ("electric piano",)),
    "harpsichord": ((6, 7), ("nylon guitar",)),
    "mallet": ((11, 12, 8, 9, 13, 108, 10), ("mallet",)),
    "organ": ((16, 17, 18, 19), ("organ",)),
    "accordion": ((21, 23, 22, 20), ("organ",)),
    "nylon": ((24,), ("nylon guitar",)),
    "steel": ((25,), ("steel guitar",)),
    "clean": ((27, 26), ("electric guitar",)),
    "muted": ((28,), ("muted guitar",)),
    "drive": ((29, 30), ("guitar lead", "electric guitar")),
    "banjo": ((105, 106, 15, 46), ("steel guitar",)),
    "upright": ((32, 43), ("upright bass",)),
    "finger": ((33, 33, 35), ("finger bass",)),
    "pick": ((34,), ("picked bass",)),
    "slap": ((36, 37), ("slap bass",)),
    "synthbass": ((38, 39, 87, 81), ("synth bass", "reese bass")),
    "sub": ((39, 38, 80), ("sub bass",)),
    "reese": ((38, 87), ("reese bass",)),
    "tuba": ((58, 57, 70), ("brass",)),
    "strings": ((48, 49, 50, 51, 44), ("strings",)),
    "pizzicato": ((45,), ("nylon guitar",)),
    "violin": ((40, 41, 110), ("strings", "saw lead")),
    "cello": ((42, 43), ("strings",)),
    "choir": ((52, 53, 54, 91), ("voice", "warm pad")),
    "voice": ((53, 54, 52, 85), ("voice",)),
    "trumpet": ((56, 59, 57), ("brass",)),
    "brass": ((61, 62, 63, 61), ("brass",)),
    "horn": ((60,), ("brass",)),
    "sax": ((65, 66, 64, 67), ("sax",)),
    "clarinet": ((71, 68, 69), ("sax", "flute")),
    "flute": ((73, 74, 75, 72, 79, 78), ("flute",)),
    "lead": ((81, 80, 82, 84, 83, 87), ("saw lead", "square lead")),
    "guitarlead": ((29, 30, 27), ("guitar lead",)),
    "pad": ((88, 89, 90, 92, 94, 95, 93), ("warm pad",)),
    "supersaw": ((81, 90, 62, 63), ("super saw",)),
    "synthpluck": ((81, 80, 98, 7, 5, 46), ("synth pluck",)),
    "bell": ((98, 14, 112, 9, 99), ("mallet",)),
}

#: Keys of the General-MIDI drum kit; where there are several, a song takes one.
DRUM_KEYS: dict[str, tuple[int, ...]] = {
    "kick": (36, 35), "snare": (38, 40), "clap": (39,), "rim": (37,), "hat": (42,),
    "pedal": (44,), "open": (46,), "ride": (51, 59), "crash": (49, 57), "shaker": (70, 69, 82),
    "tamb": (54,), "tom1": (50, 48), "tom2": (47, 45), "tom3": (41, 43), "conga_hi": (62, 63, 60),
    "conga_lo": (64, 61), "cowbell": (56,), "agogo_hi": (67,), "agogo_lo": (68,), "clave": (75,),
    "wood": (76, 77), "triangle": (81, 80), "timbale": (65, 66),
}  # fmt: skip
#: Programs of the drum channel, by the sort of kit.
DRUM_KITS: dict[str, tuple[int, ...]] = {
    "standard": (0, 0, 1, 8, 16), "rock": (0, 8, 16, 16), "electronic": (24, 25, 24, 25, 26, 0),
    "jazz": (32, 40, 0, 32), "orchestra": (48, 0),
}  # fmt: skip
#: Kits of the studio, by the same sort.
STUDIO_KITS: dict[str, tuple[str, ...]] = {
    "standard": ("studio", "studio", "soft", "loud", "breaks"), "rock": ("loud", "studio"),
    "electronic": ("machine", "deep", "breaks", "machine"), "jazz": ("jazz", "soft"),
    "orchestra": ("soft",),
}  # fmt: skip
