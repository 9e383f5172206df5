"""Chance that is the same whatever the number of workers, and identifiers that tell nothing."""

import zlib

import numpy as np
import numpy.typing as npt

_WORDS = npt.NDArray[np.uint64]
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def stream(seed: int, room: str, block: int = 0) -> np.random.Generator:
    """Make the generator of one seed, one named purpose, and one block of rows."""
    return np.random.default_rng([seed, zlib.crc32(room.encode()), block])


def unit(words: _WORDS) -> npt.NDArray[np.float64]:
    """Numbers from 0 to 1 that belong to whole numbers: what a listener likes, without a table.

    The finaliser of SplitMix64 (Steele, Lea and Flood 2014), which takes 64 bits to 64 bits.
    """
    with np.errstate(over="ignore"):
        mixed = words * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(30)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(27)
        mixed *= np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def letters(count: int, letter: str, seed: int) -> npt.NDArray[np.uint8]:
    """Make identifiers of nine bytes, such as ``U03f9c2d1``, one for each number below a count.

    Each step can be undone, so no two numbers share an identifier; and the order of the
    identifiers says nothing about the order of the numbers, by which a bot could be known.
    """
    word = np.arange(count, dtype=np.uint32) + np.uint32(zlib.crc32(f"{seed} {letter}".encode()))
    with np.errstate(over="ignore"):
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
            word ^= word >> np.uint32(shift)
            word *= np.uint32(factor)
        word ^= word >> np.uint32(16)
    text = np.empty((count, 9), dtype=np.uint8)
    text[:, 0] = ord(letter)
    for place in range(8):
        text[:, place + 1] = _HEX[(word >> np.uint32(28 - 4 * place)) & np.uint32(15)]
    return text
