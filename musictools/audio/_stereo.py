"""Stereo image: what the two front channels share, band by band."""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Descriptor, Tracks, Value
from musictools.audio._pass import hann

Floats = npt.NDArray[np.float64]

# Sub and bass, which vinyl and clubs want mono; warmth; body of voices; presence; air.
_BANDS = ("low", "low_mid", "mid", "high_mid", "high")
_EDGES_HZ = (20.0, 120.0, 500.0, 2_000.0, 6_000.0, 20_000.0)
#: 4096 samples at 44.1 kHz: eleven bins below 120 Hz.
_FRAME_S = 4096 / 44_100
#: Bins of a frame that a band must have, or the rate is too low for it.
_FEWEST_BINS = 4
#: Frames overlap by a third: a click between two loses 9 dB at most, and a half costs 0.02 s more.
_HOP = 2 / 3
#: Frames in a block, 0.37 s: about what a correlation meter integrates over.
_BLOCK = 6
#: Frames in a segment of the long-term spectrum, 3 s.
_SEGMENT = 48
#: Frames that are transformed at once: they stay in the processor's cache.
_BATCH = 16
#: Bins of 10.8 Hz that make one of 43 Hz in the long-term spectrum.
_POOL = 4
#: Mean power at -100 dBFS: what is below is dither or silence.
SILENCE = 1e-10
# A band 80 dB below the whole holds leakage and rounding, not music.
_EMPTY = 1e-8
# A block 40 dB below the mean of its band is a pause.
_PAUSE = 1e-4
# Side 30 dB below mid: what dither and lossy coding leave of a mono recording.
_MONO_WIDTH = 1e-3
#: Decibels end here, so that a silent channel gives a number.
LIMIT_DB = 60.0


class FrontFrames:
    """Spectra of the two front channels at their own rate, summed by band, block and segment.

    Frames of 93 ms (Hann) at any rate, so that frequencies mean the same. A
    mono recording counts as two equal channels; without a left and a right loudspeaker the first
    two channels count.
    """

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        from scipy.fft import next_fast_len

        from musictools.audio._stereo_kernels import add_spectra

        self._add = add_spectra
        self.sample_rate = sample_rate
        # Half the fast length keeps the whole even.
        self.size: int = 2 * next_fast_len(round(sample_rate * _FRAME_S / 2), real=True)
        self.bin_hz = sample_rate / self.size
        self._front = front(layout)
        self._hop = round(self.size * _HOP)
        #: Frames in a row of :meth:`long_term`, and its length.
        self.segment_frames = _SEGMENT
        self.segment_s = _SEGMENT * self._hop / sample_rate
        self._window = hann(self.size)
        bins = self.size // 2 + 1
        self._edges = np.minimum(np.ceil(np.array(_EDGES_HZ) / self.bin_hz), bins).astype(np.int64)
        # Half a frame of zeros on each side: the first sample stands in the middle of a frame.
        self._rest = [np.zeros(self.size // 2, dtype=np.float32) for _ in self._front]
        # Used again and again: fresh memory costs more than writing into it.
        self._windowed = np.empty((_BATCH, self.size), dtype=np.float32)
        self._sums: list[Block] = []
        self._squares = np.zeros(2 * bins, dtype=np.float32)
        self._segments: list[Block] = []
        self.frames = 0
        self._ended = False

    def update(self, block: Block) -> None:
        """Take a block of samples."""
        channels = [block[channel] for channel in self._front]
        # Frames that begin in what is left of the block before need both joined; all others are
        # cut from the block as it is, which spares a walk over memory.
        joined = [
            np.concatenate((rest, channel[: self.size]))
            for rest, channel in zip(self._rest, channels, strict=True)
        ]
        left = self._rest[0].size
        begun = self._cut(joined, most=-(-left // self._hop))
        first = begun * self._hop - left
        if first < 0:
            self._rest = [samples[begun * self._hop :] for samples in joined]
            return
        channels = [channel[first:] for channel in channels]
        end = self._hop * self._cut(channels, most=len(channels[0]))
        self._rest = [channel[end:].copy() for channel in channels]

    def _cut(self, channels: Sequence[Block], *, most: int) -> int:
        """Take as many frames as there are whole ones, at most so many; give how many."""
        wanted: int = min(most, max(0, (len(channels[0]) - self.size) // self._hop + 1))
        if not wanted:
            return 0
        view = np.lib.stride_tricks.sliding_window_view
        cut = [view(channel, self.size)[:: self._hop] for channel in channels]
        start = 0
        while start < wanted:
            count = min(_BATCH, wanted - start, _SEGMENT - self.frames % _SEGMENT)
            self._add_frames([frames[start : start + count] for frames in cut])
            start += count
        return wanted

    def _add_frames(self, channels: Sequence[Block]) -> None:
        """Add frames of shape (count, size), one array for each channel."""
        from scipy.fft import rfft

        count = len(channels[0])
        windowed = self._windowed[:count]
        spectra = []
        for frames in channels:
            np.multiply(frames, self._window, out=windowed)
            spectra.append(rfft(windowed, axis=1).view(np.float32))
        sums = np.empty((count, len(_BANDS), 3), dtype=np.float32)
        self._add(spectra[0], spectra[-1], self._edges, sums, self._squares)
        self._sums.append(sums)
        self.frames += count
        if not self.frames % _SEGMENT:
            self._end_segment(_SEGMENT)

    def bands(self) -> Floats:
        """Give energy left, energy right and cross energy of each block, shape (blocks, bands, 3).

        Energy is power times time in frames, so that the last block may be short.
        """
        self._end()
        sums = np.concatenate(self._sums)
        starts = np.arange(0, len(sums), _BLOCK)
        found: Floats = np.add.reduceat(sums, starts, axis=0, dtype=np.float64)
        return found * self._scale()

    def covers(self) -> npt.NDArray[np.bool_]:
        """Tell which bands the sample rate leaves room for."""
        covered: npt.NDArray[np.bool_] = np.diff(self._edges) >= _FEWEST_BINS
        return covered

    def long_term(self) -> tuple[Floats, Block]:
        """Give frequencies, shape (n,), and mean power of each 3 s there, shape (segments, n).

        The power of one row adds up to the mean power of the two channels.
        """
        self._end()
        power = np.stack(self._segments)
        frequency: Floats = (np.arange(power.shape[1]) + (1 - 1 / _POOL) / 2) * _POOL * self.bin_hz
        return frequency, power

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        # The last sample is not to come after the middle of the last frame.
        left = self._rest[0].size
        late = left - 1 - self.size // 2
        missing = max(0, -(-late // self._hop)) * self._hop + self.size - left
        self.update(np.zeros((max(self._front) + 1, missing), dtype=np.float32))
        if self.frames % _SEGMENT:
            self._end_segment(self.frames % _SEGMENT)

    def _end_segment(self, frames: int) -> None:
        bins = self._squares.size // 2 // _POOL * _POOL
        pooled = self._squares[: 2 * bins].reshape(-1, 2 * _POOL).sum(axis=1, dtype=np.float64)
        self._segments.append((pooled * (self._scale() / (2 * frames))).astype(np.float32))
        self._squares[:] = 0

    def _scale(self) -> float:
        """Power of a sample for power of a one-sided spectrum."""
        return 2.0 / (self.size * float(self._window @ self._window))


def front(layout: Sequence[str]) -> list[int]:
    """Which channels are the front pair: left and right, or the first two, or the only one."""
    if "L" in layout and "R" in layout:
        return [layout.index("L"), layout.index("R")]
    return list(range(min(2, len(layout))))


_SOURCE = "definition; correlation as on a phase correlation meter"
_IN_BAND = {
    "low": "20 to 120 Hz",
    "low_mid": "120 to 500 Hz",
    "mid": "500 to 2000 Hz",
    "high_mid": "2 to 6 kHz",
    "high": "6 to 20 kHz",
    "": "20 Hz to 20 kHz",
}
_NONE = "NaN for silence, and where the band is empty (80 dB below all) or above half the rate."


def _name(quantity: str, band: str, suffix: str = "") -> str:
    return "_".join(filter(None, (quantity, band, suffix)))


def _image(name: str, unit: str, minimum: float, maximum: float, meaning: str) -> Descriptor:
    return Descriptor(name, unit, "stereo", minimum, maximum, _SOURCE, meaning)


def _of_band(band: str) -> tuple[Descriptor, ...]:
    where = f"front left and right, {_IN_BAND[band]}"
    return (
        _image(
            _name("stereo_correlation", band),
            "1",
            -1,
            1,
            f"Correlation of {where}, over all energy: 1 mono, 0 unrelated or one channel silent, "
            f"-1 opposite polarity. {_NONE}",
        ),
        _image(
            _name("stereo_correlation", band, "p05"),
            "1",
            -1,
            1,
            f"5th percentile of that correlation over blocks of 0.37 s, pauses left out. {_NONE}",
        ),
        _image(
            _name("stereo_width", band),
            "1",
            0,
            1,
            f"Side energy over side and mid energy of {where}: 0 mono, 0.5 unrelated or one "
            f"channel silent, 1 opposite polarity. {_NONE}",
        ),
        _image(
            _name("stereo_balance", band, "db"),
            "dB",
            -LIMIT_DB,
            LIMIT_DB,
            f"Energy of right over left of {where}; positive to the right, held within "
            f"{LIMIT_DB:g} dB. {_NONE}",
        ),
    )


class Stereo:
    """Family of the stereo image."""

    tracks = (FrontFrames,)
    descriptors: ClassVar[tuple[Descriptor, ...]] = (
        *(d for band in ("", *_BANDS) for d in _of_band(band)),
        _image(
            "low_end_mono_share",
            "1",
            0,
            1,
            "Share of the energy from 20 to 120 Hz that lies in mid: 1 mono, 0 lost when folded "
            f"to mono; 1 less stereo_width_low. {_NONE}",
        ),
        _image(
            "mono_compatibility_db",
            "dB",
            -LIMIT_DB,
            0,
            "Level of (left + right) / 2 over that of the two channels: 0 mono, -3 unrelated; "
            f"opposite polarity vanishes and is held at {-LIMIT_DB:g} dB. NaN for silence.",
        ),
        _image(
            "mono_compatibility_p05_db",
            "dB",
            -LIMIT_DB,
            0,
            "5th percentile of that over blocks of 0.37 s, pauses left out. NaN for silence.",
        ),
        _image(
            "stereo_time_share",
            "1",
            0,
            1,
            "Share of the blocks of 0.37 s, pauses left out, where side is less than 30 dB below "
            "mid: 0 for a mono recording in two channels. NaN for silence.",
        ),
    )

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        frames = tracks[FrontFrames]
        by_band = frames.bands()
        whole = by_band.sum(axis=1)
        silence = 2 * SILENCE * frames.frames
        empty = max(silence, _EMPTY * float(whole[:, :2].sum()))
        values = _image_of("", whole, least=silence)
        for i, (band, covered) in enumerate(zip(_BANDS, frames.covers(), strict=True)):
            values.update(_image_of(band, by_band[:, i], least=empty if covered else math.inf))
        values["low_end_mono_share"] = 1 - values["stereo_width_low"]
        return values | _folded(whole, least=silence)


def _image_of(band: str, energies: Floats, *, least: float) -> dict[str, float]:
    """Correlation, width and balance of one band, energies of shape (blocks, 3)."""
    total = energies.sum(axis=0)
    sounds = total[0] + total[1] > least
    over_time = _correlation(_sounding(energies)) if sounds else np.array([math.nan])
    return {
        _name("stereo_correlation", band): float(_correlation(total)) if sounds else math.nan,
        _name("stereo_correlation", band, "p05"): float(np.quantile(over_time, 0.05)),
        _name("stereo_width", band): float(_width(total)) if sounds else math.nan,
        _name("stereo_balance", band, "db"): energies_to_db(total[1], total[0])
        if sounds
        else math.nan,
    }


def _folded(energies: Floats, *, least: float) -> dict[str, float]:
    """Tell what becomes of the whole in mono, energies of shape (blocks, 3)."""
    total = energies.sum(axis=0)
    if not total[0] + total[1] > least:
        names = ("mono_compatibility_db", "mono_compatibility_p05_db", "stereo_time_share")
        return dict.fromkeys(names, math.nan)
    width = _width(_sounding(energies))
    kept = 1 - float(np.quantile(width, 0.95))
    return {
        "mono_compatibility_db": energies_to_db(1 - float(_width(total)), 1),
        "mono_compatibility_p05_db": energies_to_db(kept, 1),
        "stereo_time_share": float((width > _MONO_WIDTH).mean()),
    }


def _sounding(energies: Floats) -> Floats:
    """Leave out the blocks that are pauses."""
    energy = energies[:, :2].sum(axis=1)
    sounding: Floats = energies[energy > _PAUSE * energy.mean()]
    return sounding


def _correlation(energies: Floats) -> Floats:
    """Correlation from left, right and cross energy on the last axis; 0 for a silent channel."""
    left, right, both = np.moveaxis(energies, -1, 0)
    size = np.sqrt(left * right)
    found: Floats = np.clip(both / np.where(size > 0, size, 1), -1, 1)
    return found


def _width(energies: Floats) -> Floats:
    """Side over side and mid from left, right and cross energy on the last axis."""
    left, right, both = np.moveaxis(energies, -1, 0)
    found: Floats = np.clip(0.5 - both / (left + right), 0, 1)
    return found


def energies_to_db(energy: float, reference: float) -> float:
    """Ratio of two energies in decibels, held within the limit; 0 for none of either."""
    if not energy + reference > 0:
        return 0.0
    least = 10 ** (-LIMIT_DB / 10)
    ratio = max(energy, least * reference) / max(reference, least * energy)
    return 10 * math.log10(ratio)
