"""What the two front channels share, stretch by stretch: the ground of all stereo faults.

Frames of 0.37 s stand side by side; eight make a segment. Each segment keeps sums, so that those
of any stretch, or of the whole, are a sum again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block
from musictools.audio._pass import hann

Floats = npt.NDArray[np.float64]

# Delays of up to 50 ms and combs of 20 ms are short beside a frame of 16,384 samples at 44.1 kHz.
_FRAME_S = 16_384 / 44_100
_FRAMES_PER_SEGMENT = 8
#: Segments in a chapter, 24 s: enough frames to tell coherence from chance.
CHAPTER = 8
# Half as many, twice as long, when there are more: hours must not fill the memory.
_MOST_SEGMENTS, _MOST_CHAPTERS = 512, 16
#: Above, codecs fold the channels together, and there is more noise than music.
TOP_HZ = 8_000.0
#: Band edges; those of the stereo image are among them.
EDGES_HZ = (
    *(20.0, 40.0, 60.0, 80.0, 100.0, 120.0, 150.0, 200.0, 250.0, 315.0, 400.0, 500.0),
    *(1_000.0, 2_000.0, 4_000.0, 6_000.0, TOP_HZ),
)
# Levels of left over right from -20 to 20 dB.
_LEVELS = 81
STEP_DB = 0.5
#: Longest delay between the channels that is looked for.
LONGEST_MS = 50.0
# Four times the power of rounding to 16 bits.
_ROUNDING = 4 * 2.0**-30 / 12


@dataclass(frozen=True)
class Pairs:
    """Sums over one stretch.

    Attributes
    ----------
    energy : numpy.ndarray, shape (4,)
        Squares of left, of right, their products, squares of their difference; of all samples.
    bands : numpy.ndarray, shape (bands, 5)
        Power of left, of right, real part of the cross power; sum of the cosine of the phase, and
        number of bins.
    levels : numpy.ndarray, shape (2, n)
        Amplitude of coherent bins by left over right, in phase and opposite.
    lags : numpy.ndarray, shape (n,)
        Generalised cross-correlation with phase transform (PHAT), not divided by the number of
        bins; right behind left in the second half.
    samples : int
        Length.
    """

    energy: Floats
    bands: Floats
    levels: Floats
    lags: Floats
    samples: int

    def __add__(self, other: "Pairs") -> "Pairs":
        """Join two stretches."""
        return Pairs(
            self.energy + other.energy,
            self.bands + other.bands,
            self.levels + other.levels,
            self.lags + other.lags,
            self.samples + other.samples,
        )


def total(stretch: Sequence[Pairs]) -> Pairs:
    """Join some stretches."""
    joined = stretch[0]
    for one in stretch[1:]:
        joined += one
    return joined


class ChannelPairs:
    """Sums over samples and spectra of the front left and right channels, by segment of 3 s.

    Without a left and a right loudspeaker it stays empty.
    """

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        from scipy.fft import next_fast_len

        self.sample_rate = sample_rate
        self._front = [layout.index(side) for side in ("L", "R") if side in layout]
        self.size: int = 2 * next_fast_len(round(sample_rate * _FRAME_S / 2), real=True)
        self._window = hann(self.size)
        bin_hz = sample_rate / self.size
        bins = min(int(TOP_HZ / bin_hz) + 1, self.size // 2)
        self.frequency: Floats = np.arange(bins) * bin_hz
        band_of = np.searchsorted(EDGES_HZ, self.frequency, side="right") - 1
        self._band_of = np.where(band_of < len(EDGES_HZ) - 1, band_of, -1).astype(np.int64)
        # Twice as many lags as the band has room for: a peak between two is not lost.
        self._lags_size: int = next_fast_len(4 * bins, real=True)
        self.lag_ms = 1000.0 / (self._lags_size * bin_hz)
        self._reach = min(round(LONGEST_MS / self.lag_ms), self._lags_size // 2 - 1)
        self._rest: Block = np.zeros((2, 0), np.float32)
        self._segments: list[Pairs] = []
        #: Segments of 8 frames that one segment stands for, and of one chapter.
        self._stride, self._chapter_stride = 1, CHAPTER
        self._chapters: list[Floats] = []
        self._frames = self._samples = 0
        self._ended = False
        self._begin_segment()
        self._lines = np.zeros((bins, 4))

    def _begin_segment(self) -> None:
        self._energy = np.zeros(4)
        self._phasors = np.zeros(2 * self.frequency.size)
        self._bands = np.zeros((len(EDGES_HZ) - 1, 5))
        self._levels = np.zeros((2, _LEVELS))
        self._begun = self._samples

    def update(self, block: Block) -> None:
        """Take a block of samples."""
        if len(self._front) < 2:
            return
        left, right = (block[channel] for channel in self._front)
        missing = self.size - self._rest.shape[1]
        if left.size < missing:
            self._rest = np.concatenate((self._rest, (left, right)), axis=1)
            return
        head = np.concatenate((self._rest, (left[:missing], right[:missing])), axis=1)
        self._add_frame(head[0], head[1], self.size)
        start = missing
        while start + self.size <= left.size:
            stop = start + self.size
            self._add_frame(left[start:stop], right[start:stop], self.size)
            start = stop
        self._rest = np.stack((left[start:], right[start:]))

    def _add_frame(self, left: Block, right: Block, length: int) -> None:
        from scipy.fft import rfft

        from musictools.audio._channel_pair_kernels import add_pairs, add_products

        self._samples += length
        add_products(left, right, self._energy)
        spectra = rfft(np.stack((left, right)) * self._window, axis=1).view(np.float32)
        noise = _ROUNDING * float(self._window @ self._window)
        add_pairs(
            spectra[:1],
            spectra[1:],
            self._band_of,
            noise,
            self._phasors,
            self._bands,
            self._levels,
            self._lines,
        )
        self._frames += 1
        if not self._frames % (_FRAMES_PER_SEGMENT * self._stride):
            self._end_segment()
        if not self._frames % (_FRAMES_PER_SEGMENT * self._chapter_stride):
            self._end_chapter()

    def _end_segment(self) -> None:
        from scipy.fft import irfft

        n = self._lags_size
        around = irfft(self._phasors.view(np.complex128), n) * (n / 2)
        lags = np.concatenate((around[-self._reach :], around[: self._reach + 1]))
        length = self._samples - self._begun
        # Single precision is enough to keep.
        self._segments.append(
            Pairs(self._energy, self._bands, self._levels, lags.astype(np.float32), length)
        )
        self._begin_segment()
        if len(self._segments) >= _MOST_SEGMENTS:
            pairs = zip(self._segments[::2], self._segments[1::2], strict=True)
            self._segments = [one + other for one, other in pairs]
            self._stride *= 2

    def _end_chapter(self) -> None:
        self._chapters.append(self._lines.astype(np.float32))
        self._lines = np.zeros_like(self._lines)
        if len(self._chapters) >= _MOST_CHAPTERS:
            self._chapters = [a + b for a, b in zip(*[iter(self._chapters)] * 2, strict=True)]
            self._chapter_stride *= 2

    def segments(self) -> list[Pairs]:
        """Give sums of each segment, the last shorter; none without two channels or samples."""
        self._end()
        return self._segments

    def chapters(self) -> tuple[float, list[Floats]]:
        """Length of a chapter in seconds; power and cross power of each bin in each of them.

        Power of left, of right, real and imaginary part, shape (bins, 4).
        """
        self._end()
        length = self._chapter_stride * _FRAMES_PER_SEGMENT * self.size / self.sample_rate
        return length, self._chapters

    @property
    def segment_s(self) -> float:
        """Length of a segment in seconds."""
        return self._stride * _FRAMES_PER_SEGMENT * self.size / self.sample_rate

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        left = self._rest.shape[1]
        if left:
            frame = np.zeros((2, self.size), np.float32)
            frame[:, :left] = self._rest
            self._add_frame(frame[0], frame[1], left)
        if self._samples > self._begun:
            self._end_segment()
        if self._lines.any():
            self._end_chapter()
