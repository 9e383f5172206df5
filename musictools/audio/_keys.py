"""The names of notes and keys, in the one order and spelling that the package uses."""

#: The pitch classes, from C up.
ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
#: The 24 keys, major ones first.
KEYS = tuple(f"{root} {mode}" for mode in ("major", "minor") for root in ROOTS)
