"""upsampling(): the regular lines that up-sampling layers leave, and what they do not prove."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from musictools._card import Table
from musictools._figures import chance
from musictools._result import Result
from musictools._version import __version__
from musictools.audio._excerpt import loudest
from musictools.audio._recording import Source
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

_WHAT = "look for up-sampling"
_FFT_S = 0.74
_HARMONICS = 4
_ENOUGH = 12.0
_NEARLY, _THERE = 0.55, 2.0
# Parts of the spacing, far from halves and thirds.
_BESIDE = (0.236, 0.382, 0.618, 0.764)
_LOW_HZ, _HIGH_HZ = 1_500.0, 15_500.0
#: Spacings of lines that are looked for: strides of 8 at 44.1 kHz to 690, and what resampling
#: makes of them.
_LEAST_HZ, _MOST_HZ = 60.0, 3_000.0
_MEDIAN_HZ = 50.0
_CAP_DB = 9.0
_LINE_DB, _SIGMAS = 4.0, 4.5
_EXCERPT_S = 60.0
_SHORTEST_S = 3.0
_FLOOR = 1e-14
_POOLED = 96
#: Below it, peaks are called regular.
_REGULAR = 0.01

#: What every result says.
CANNOT = (
    "This is what the peaks of one spectrum show, and no verdict on who or what made the "
    "recording. It cannot tell that: resamplers, converters, power supplies, lossy codecs and "
    "steady drones leave regular lines too, and a generator with a good last layer, or a copy over "
    "loudspeakers, leaves none."
)


@dataclass(frozen=True, kw_only=True, repr=False)
class Upsampling(Result):
    """Regular lines in the spectrum of one recording.

    Attributes
    ----------
    spacing_hz : float
        Distance of the lines that fit best to one comb, in Hz; a half or a third of the true one
        fits as well.
    comb_z : float
        How well: standard deviations of what residues in no order would give.
    p_value : float
        Chance that some comb of all that were tried fits as well where the residue is in no order;
        real music is not quite that, so that small values are common.
    lines_per_khz : float
        Narrow lines that stand out: by 4 dB, or 4.5 robust standard deviations if that is more.
    residue_p99_db, residue_max_db : float
        99th percentile and largest residue, in dB.
    kurtosis : float
        Of the residue; 0 for a normal law.
    seconds : float
        Of the excerpt that was looked at.
    frequency_hz, residue_db : numpy.ndarray
        Residue of the median log spectrum over its running median.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "upsampling"
    _called: ClassVar[str] = "Traces of up-sampling"

    spacing_hz: float
    comb_z: float
    p_value: float
    lines_per_khz: float
    residue_p99_db: float
    residue_max_db: float
    kurtosis: float
    seconds: float
    frequency_hz: Floats = field(repr=False, compare=False)
    residue_db: Floats = field(repr=False, compare=False)

    def lines(self) -> "pd.DataFrame":
        """Give the lines that stand out.

        Returns
        -------
        pandas.DataFrame
            ``frequency_hz, height_db, off_hz`` (distance from the nearest tooth of the comb).
        """
        import pandas as pd

        tops = _tops(self.residue_db)
        at = self.frequency_hz[tops]
        off = at - np.round(at / self.spacing_hz) * self.spacing_hz
        return pd.DataFrame({"frequency_hz": at, "height_db": self.residue_db[tops], "off_hz": off})

    def words(self) -> str:
        """Say what was found, and what it cannot tell.

        Returns
        -------
        str
            Sentences, one a line.
        """
        fit = f"z {self.comb_z:.1f}, {chance(self.p_value)}"
        if self.p_value > _REGULAR:
            first = (
                f"No regular peaks: of all spacings {self.spacing_hz:.1f} Hz fits best, and no "
                f"better than peaks in no order would ({fit})."
            )
        else:
            first = (
                f"Regular peaks: they lie at multiples of {self.spacing_hz:.1f} Hz more than peaks "
                f"in no order would ({fit}); peaks of music are rarely in no order."
            )
        lines = f"{self.lines_per_khz:.1f} narrow lines a kHz stand out of the spectrum."
        return f"{first} {lines}\n{CANNOT}"

    def vector(self) -> Floats:
        """Give the numbers that a detector learns from.

        Returns
        -------
        numpy.ndarray, shape (103,)
            Seven descriptors, then the residue in 96 bands, the largest of each.
        """
        few = [
            self.comb_z,
            math.log(self.spacing_hz),
            -math.log10(max(self.p_value, 1e-30)),
            self.lines_per_khz,
            self.residue_p99_db,
            self.residue_max_db,
            math.log1p(max(self.kurtosis, 0.0)),
        ]
        grid = np.linspace(_LOW_HZ, _HIGH_HZ, _POOLED + 1)
        place = np.clip(np.searchsorted(grid, self.frequency_hz, side="right") - 1, 0, _POOLED - 1)
        pooled = np.zeros(_POOLED)
        np.maximum.at(pooled, place, self.residue_db)
        return np.concatenate([few, np.minimum(pooled, _CAP_DB)])

    def _tables(self) -> Iterable[Table]:
        return [("Lines that stand out", self.lines())]


def upsampling(source: Source, *, sample_rate: int | None = None) -> Upsampling:
    """Look for the regular lines that up-sampling layers leave in a spectrum.

    A network that makes sound ends in layers that raise the sample rate, by transposed convolution
    or by interpolation; each leaves weak copies of low frequencies at the multiples of its input
    rate. In a spectrum that is averaged over time these are narrow lines at equal distances. This
    is a measurement and no verdict: see :class:`AIDetector`, which learns one from the reader's own
    files.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    Upsampling
        How regular, at what distance, and the residue itself.

    Raises
    ------
    InputError
        If it is shorter than 3 s, sampled below 8 kHz, or silent.

    Notes
    -----
    Of the loudest minute, in windows of 0.74 s, the median over time of the log power of each bin
    is taken, so that notes come and go and steady lines stay. The residue over its running median
    (50 Hz) from 1.5 to 15.5 kHz is capped at 9 dB and Fourier-transformed; phases are counted from
    0 Hz, so that teeth at the multiples of d make the transform real and positive at the multiples
    of 1 / d, and each value is held against its neighbours. ``comb_z`` is the largest sum over four
    of them, for d from 60 to 3,000 Hz. For ``p_value`` it is held against the largest z of combs
    whose teeth stand beside the multiples, in the same residue. Written for this package; that such
    peaks give generators away was shown in the works below.

    References
    ----------
    A. Odena, V. Dumoulin, C. Olah (2016): Deconvolution and checkerboard artifacts. Distill.
    J. Pons et al. (2021): Upsampling artifacts in neural audio synthesis. ICASSP.
    D. Afchar et al. (2025): A Fourier explanation of AI-music artifacts. ISMIR.

    Examples
    --------
    >>> import numpy as np, musictools as mt
    >>> plain = np.random.default_rng(0).normal(0, 0.1, 44_100 * 6)
    >>> made = mt.datasets.simulate_upsampling(plain, 44_100, factor=256, leak_db=-20, rng=0)
    >>> round(mt.audio.upsampling(made, sample_rate=44_100).spacing_hz)
    172
    """
    excerpt = loudest(source, _EXCERPT_S, sample_rate=sample_rate)
    samples = np.asarray(excerpt.samples, dtype=float).mean(axis=0)
    rate = excerpt.rate_hz
    seconds = len(samples) / rate
    if seconds < _SHORTEST_S or rate < 8_000 or float(np.abs(samples).max(initial=0.0)) < 1e-6:
        raise InputError(
            _WHAT,
            got=f"{seconds:.1f} s at {rate} Hz"
            + ("" if np.any(np.abs(samples) >= 1e-6) else ", silent"),
            expected=f"{_SHORTEST_S:.0f} s or more that sound, at 8 kHz or more",
            hint="pass the whole recording",
        )
    frequency, residue = _residue(samples, rate)
    spacing, z, p = _comb(frequency, residue)
    centred = residue - residue.mean()
    spread = float(centred.std()) or 1.0
    span = float(frequency[-1] - frequency[0]) / 1_000
    return Upsampling(
        spacing_hz=spacing,
        comb_z=z,
        p_value=p,
        lines_per_khz=len(_tops(residue)) / span,
        residue_p99_db=float(np.quantile(residue, 0.99)),
        residue_max_db=float(residue.max()),
        kurtosis=float(((centred / spread) ** 4).mean() - 3),
        seconds=seconds,
        frequency_hz=frequency,
        residue_db=residue,
        provenance={"musictools": __version__, "function": "audio.upsampling"},
    )


def _residue(samples: Floats, rate: int) -> tuple[Floats, Floats]:
    """Median log spectrum over time, less its running median over frequency."""
    from scipy.ndimage import median_filter
    from scipy.signal.windows import hann

    size = 1 << round(math.log2(rate * _FFT_S))
    starts = range(0, len(samples) - size + 1, size // 2)
    window = hann(size, sym=False)
    low = max(int(_LOW_HZ * size / rate), 1)
    high = int(min(_HIGH_HZ, 0.47 * rate) * size / rate)
    # A margin, so that the running median sees both sides of every bin.
    wide = round(_MEDIAN_HZ * size / rate) | 1
    first, last = max(low - wide, 1), min(high + wide, size // 2)
    spectra = np.array(
        [np.abs(np.fft.rfft(window * samples[k : k + size])[first:last]) ** 2 for k in starts]
    )
    total = spectra.sum(axis=1)
    # Silence has the spectrum of dither.
    heard = spectra[total > 1e-4 * np.median(total[total > 0])] if (total > 0).any() else spectra
    level = np.median(10 * np.log10(heard / size + _FLOOR), axis=0)
    residue = level - median_filter(level, wide, mode="nearest")
    part = slice(low - first, low - first + (high - low))
    frequency = np.arange(low, high) * rate / size
    return frequency, residue[part]


def _comb(frequency: Floats, residue: Floats) -> tuple[float, float, float]:
    """Give the spacing whose multiples the residue prefers, its z, and how likely that is."""
    from scipy.ndimage import median_filter
    from scipy.special import ndtr, ndtri

    capped = np.clip(residue, -_CAP_DB, _CAP_DB)
    centred = capped - capped.mean()
    step = float(frequency[1] - frequency[0])
    # Zeros behind it, so that a spacing between two of those of the transform is not lost.
    size = 1 << (len(centred) * 4 - 1).bit_length()
    turned = np.fft.rfft(centred, size)
    quefrency = np.arange(len(turned)) / (size * step)
    # Phases are counted from 0 Hz: teeth are multiples of the spacing, wherever the band begins.
    turned = turned * np.exp(-2j * np.pi * frequency[0] * quefrency)
    # Residues of music are no white noise: each quefrency is held against its neighbours.
    near = median_filter(np.abs(turned)[::4], 101, mode="nearest")
    scale = np.interp(np.arange(len(turned)), np.arange(len(near)) * 4, near) / 1.1774
    scaled = turned / np.maximum(scale, 1e-9)
    first = int(np.ceil(size * step / _MOST_HZ))
    last = int(min(size * step / _LEAST_HZ, (len(turned) - 1) // _HARMONICS))
    at = np.arange(first, last + 1)
    # Narrow teeth answer at the multiples of a quefrency too; a ripple answers once. The cap keeps
    # that once from being enough.
    each = np.array([np.minimum(scaled[at * k].real, _ENOUGH) for k in range(1, _HARMONICS + 1)])
    z = each.sum(axis=0) / math.sqrt(_HARMONICS)
    best = _widest(z, each.min(axis=0), first)
    tried = max((last - first) * len(centred) // size * _HARMONICS, 1)
    # Combs whose teeth stand beside the multiples show how large z gets in this very residue.
    beside = max(float(_shifted(scaled, at, shift).max()) for shift in _BESIDE)
    usual = float(ndtri(1 - 0.5615 / (tried * len(_BESIDE))))
    corrected = float(z[best]) * min(usual / max(beside, 1e-9), 1.0)
    p = float(-np.expm1(tried * np.log1p(-ndtr(-corrected))))
    return float(1 / quefrency[at[best]]), float(z[best]), p


def _shifted(scaled: "npt.NDArray[np.complex128]", at: "npt.NDArray[np.int_]", by: float) -> Floats:
    each = [
        np.minimum((scaled[at * k] * np.exp(-2j * np.pi * k * by)).real, _ENOUGH)
        for k in range(1, _HARMONICS + 1)
    ]
    out: Floats = np.sum(each, axis=0) / math.sqrt(_HARMONICS)
    return out


def _widest(z: Floats, least: Floats, first: int) -> int:
    """Of spacings that are parts of one another, give the widest that has all its harmonics."""
    best = int(z.argmax())
    for part in range((best + first) // first, 1, -1):
        middle = (best + first) / part - first
        around = np.arange(int(np.floor(middle)), int(np.ceil(middle)) + 1)
        around = around[around >= 0]
        # Twice the true spacing lacks every other harmonic: half the sum, and a least of nothing.
        good = around[(z[around] >= _NEARLY * z[best]) & (least[around] >= _THERE)]
        if len(good):
            return int(good[z[good].argmax()])
    return best


def _tops(residue: Floats) -> npt.NDArray[np.int_]:
    inner = residue[1:-1]
    # Of a short recording the medians are noisy, and 4 dB are nothing.
    least = max(_LINE_DB, _SIGMAS * 1.4826 * float(np.median(np.abs(residue))))
    top = (inner >= least) & (inner > residue[:-2]) & (inner >= residue[2:])
    out: npt.NDArray[np.int_] = np.flatnonzero(top) + 1
    return out
