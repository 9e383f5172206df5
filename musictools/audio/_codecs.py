"""codecs(): what lossy codecs make of a master."""

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.audio._codec_boxes import CODECS, Codec
from musictools.audio._excerpt import Excerpt, loudest
from musictools.audio._losses import Original, losses
from musictools.audio._recording import Samples, Source
from musictools.errors import AudioError, MissingExtraError

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "codec", "nominal_kbps", "bitrate_kbps", "sample_rate_hz", "overs", "sample_peak_dbfs",
    "true_peak_dbtp", "true_peak_rise_db", "cutoff_hz", "loss_below_10khz_db",
    "loss_10_16khz_db", "loss_above_16khz_db", "snr_db", "delay_ms", "took_s", "start_s",
    "end_s", "note",
)  # fmt: skip
_WORDS = ("codec", "note")
#: MP3 and Opus take a second for half a minute, each time.
EXCERPT_S = 20.0
# ITU-R BS.775: centre and surrounds 3 dB down, the low-frequency effects left out.
_HALF = math.sqrt(0.5)
_DOWN: dict[str, tuple[float, float]] = {
    "L": (1, 0), "R": (0, 1), "C": (_HALF, _HALF), "M": (_HALF, _HALF), "LFE": (0, 0),
    "Ls": (_HALF, 0), "Rs": (0, _HALF), "Lc": (_HALF, 0), "Rc": (0, _HALF), "Cs": (0.5, 0.5),
}  # fmt: skip
_FAILURES = (AudioError, OSError, ValueError, LookupError, ArithmeticError, RuntimeError)
# What a meter shows as 0.0.
_SHOWN = 0.05


def codecs(
    source: Source, *, sample_rate: int | None = None, excerpt_s: float = EXCERPT_S
) -> "pd.DataFrame":
    """Encode a recording with lossy codecs, decode it, and say what changed.

    Ogg Vorbis, Opus and MP3 through libsndfile, AAC through FFmpeg's own encoder where PyAV is
    installed; services have other versions of them, or other settings, and what is found here is
    what to expect and no promise.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.
    excerpt_s : float, optional
        Of a longer recording, the part of this length with the most energy is encoded, in seconds;
        that is where peaks are. Seven encodings of 20 s take some four seconds.

    Returns
    -------
    pandas.DataFrame
        One row for each codec and bit rate. ``bitrate_kbps`` is that of the file,
        NaN below 1 s.
        ``overs``: decoded samples above full scale, of all channels. ``true_peak_rise_db``:
        against what went into the codec. ``cutoff_hz``: the highest frequency that is kept within
        10 dB. ``loss_..._db``: how much quieter a band became. ``snr_db``: level of the music above
        that of the difference; no measure of what is heard, since codecs put their noise where it
        is masked. ``delay_ms``: by how much it comes out later, taken out before comparing.
        ``took_s``: for encoding and decoding. ``start_s``, ``end_s``: the part that was encoded.
        ``note``: what it means; that more than two channels were mixed down, or another rate was
        needed; or why there are no numbers.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate, or ``excerpt_s`` is not positive.
    """
    import pandas as pd

    excerpt = loudest(source, excerpt_s, sample_rate=sample_rate)
    feed = _Feed(excerpt, *_two_channels(excerpt))
    rows = [_row(codec, feed) for codec in CODECS]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"overs": "Int64"})


@dataclass(frozen=True, eq=False)
class _Feed:
    """What all codecs are fed, at the rate that each one wants."""

    excerpt: Excerpt
    samples: Samples
    notes: tuple[str, ...]
    made: dict[int, Original] = field(default_factory=dict)

    def at(self, rate_hz: int) -> Original:
        """Give it at a rate, resampled and measured once."""
        if rate_hz not in self.made:
            self.made[rate_hz] = Original.of(self._resampled(rate_hz), rate_hz)
        return self.made[rate_hz]

    def _resampled(self, rate_hz: int) -> Samples:
        import soxr

        if rate_hz == self.excerpt.rate_hz:
            return self.samples
        columns = soxr.resample(self.samples.T, self.excerpt.rate_hz, rate_hz, "VHQ")
        return np.ascontiguousarray(columns.T, dtype=np.float32)


def _two_channels(excerpt: Excerpt) -> tuple[Samples, tuple[str, ...]]:
    samples = excerpt.samples
    if len(samples) <= 2:
        return samples, ()
    mix = np.array([_DOWN[name] for name in excerpt.layout], np.float32).T @ samples
    # The sum of the channels must not pass full scale before a codec has seen it.
    most, peak = float(np.abs(samples).max()), float(np.abs(mix).max())
    if peak > most:
        mix *= np.float32(most / peak)
    return mix, (f"{len(samples)} channels mixed down to stereo",)


def _row(codec: Codec, feed: _Feed) -> dict[str, Any]:
    excerpt = feed.excerpt
    rate = codec.rate_for(excerpt.rate_hz)
    row: dict[str, Any] = {name: "" if name in _WORDS else math.nan for name in COLUMNS}
    row |= {
        "codec": codec.name,
        "nominal_kbps": codec.kbps,
        "sample_rate_hz": rate,
        "overs": None,
        "start_s": excerpt.start_s,
        "end_s": excerpt.end_s,
    }
    original = feed.at(rate)
    notes = [*feed.notes] + ([f"resampled to {rate} Hz"] if rate != excerpt.rate_hz else [])
    if not original.samples.any():
        return row | {"note": _sentence("Silence, or too short: there is nothing to encode", notes)}
    begun = time.perf_counter()
    try:
        size, decoded = codec.round_trip(original.samples, rate)
    except MissingExtraError as error:
        return row | {"note": f"Left out, since PyAV is not installed: {error.hint}"}
    except _FAILURES as error:
        return row | {"note": _sentence(f"Could not be encoded: {error}", notes)}
    row["took_s"] = time.perf_counter() - begun
    length_s = original.samples.shape[1] / rate
    # A file of a moment is all header.
    row["bitrate_kbps"] = size * 8 / length_s / 1000 if length_s >= 1 else math.nan
    found = losses(original, decoded, expected_delay=codec.delay)
    row |= found | {"overs": int(found["overs"])}
    return row | {"note": _sentence(_verdict(row, original), notes)}


def _verdict(row: dict[str, Any], original: Original) -> str:
    peak, before = row["true_peak_dbtp"], original.true_peak_dbtp
    if not peak >= _SHOWN:
        return "Its peaks stay below full scale"
    if before >= _SHOWN:
        told = f"Peaks of {before:+.1f} dBTP come out at {peak:+.1f} dBTP"
    else:
        told = f"Peaks pass full scale after decoding, by {peak:.1f} dB"
    return f"{told}, where a player may clip them: lower the master by {peak:.1f} dB"


def _sentence(verdict: str, notes: list[str]) -> str:
    return f"{verdict} ({'; '.join(notes)})." if notes else f"{verdict}."
