"""What each field of two rows can say, what that adds to the odds, and how it is said.

Each field adds to the logarithm of the odds that two rows are one thing, as Fellegi and Sunter
(1969) link records: what agrees adds, what disagrees takes away, what is not known adds nothing.
The weights are rounded, and set by what each field can tell, not fitted to a catalogue.
"""

#: Of a pair about which nothing is known but that it shares a key.
PRIOR = -8.0
#: Title: what is found, what it adds, and how it is said.
TITLE = {
    "unknown": (0.0, "no title to compare"),
    "same": (6.0, "same title"),
    "aside": (4.0, "same title but for brackets"),
    "misprint": (4.0, "title with a misprint"),
    "misprints": (3.2, "title with misprints"),
    "misprinted": (2.6, "title with many misprints"),
    "short misprint": (-0.5, "short title but for one letter"),
    "cut": (4.0, "title cut short"),
    "shorter": (0.0, "one title begins with the other"),
    "word": (0.0, "title but for a word like it"),
    "longer": (0.0, "one title has a word more"),
    "sounds": (4.0, "title of the same sound in another script"),
    "sounds near": (3.0, "title of about the same sound in another script"),
    "translated": (3.0, "same title, other words in brackets"),
    "swapped": (4.0, "title and artist have changed places"),
    "other": (-5.0, "other title"),
}
ARTIST = {
    "unknown": (0.0, "no artist to compare"),
    "same": (6.0, "same artist"),
    "misprint": (4.0, "artist with a misprint"),
    "misprints": (1.0, "artist with misprints"),
    "sounds": (4.0, "artist of the same sound in another script"),
    "swapped": (6.0, ""),
    "part": (3.0, "all artists of one among those of the other"),
    "some": (1.0, "some artists in common"),
    "name": (-1.0, "artist but for a name like it"),
    "other": (-6.0, "other artist"),
}
VERSION = {
    "same": (0.0, ""),
    "same one": (0.5, "same version"),
    "vague": (-1.0, "one tells more of the version"),
    "cut": (-2.5, "the version may be cut off"),
    "doubt": (-5.0, "remaster, mix or edit named on one side only"),
    "years": (-5.0, "remasters of two years"),
    "other": (-12.0, "other version"),
}
CODE = {-1: -4.0, 0: 0.0, 1: 9.0}
#: Title that may be another's of the same release: what one release adds, it adds to both.
RELEASE, TELLING = 1.5, 2.0
#: One tells more of the version, and the years, or the codes, speak for two of its kind.
VAGUE_YEARS, VAGUE_CODE = -3.5, -1.5
KNOWN = 12.0
TITLES, ARTISTS, VERSIONS = (list(table) for table in (TITLE, ARTIST, VERSION))
#: Seconds within which two lengths are equal, close, and not yet different.
SAME_S, CLOSE_S, APART_S = 1.5, 3.0, 7.0
#: Seconds that an equal code and title excuse.
EXCUSED_S = 15.0
