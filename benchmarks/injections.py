"""Faults put into clean songs: several kinds, strengths and ways, for faults.py.

None of this is the code that plants faults in the package (``datasets/_synth/_plant``), on purpose:
a detector that only knows how one program makes a fault knows little.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import soundfile as sf
import soxr
from scipy import fft, signal
from scipy.ndimage import minimum_filter1d, uniform_filter1d

Samples = npt.NDArray[np.float32]


@dataclass
class Sound:
    """A recording as it goes through the hands that spoil it."""

    x: Samples  # (channels, n)
    rate: int
    bits: int | None = None
    spans: list[tuple[float, float]] = field(
        default_factory=list
    )  # where the fault is; all if none


Injection = Callable[[Sound, np.random.Generator], Sound]


@dataclass(frozen=True)
class Case:
    """One way to make one fault at one strength.

    Attributes
    ----------
    kind : str
        What must be found.
    strength : float
        In the unit that its maker takes; clipping in per cent of the samples.
    way : str
        A name for how it is made.
    make : callable
        Makes it.
    must : bool
        This strength has to be found in 95 % of songs.
    wants : str
        What the host must be: "stereo", "centred" (without an offset), "treble" (with
        energy above 16.5 kHz), or anything.
    """

    kind: str
    strength: float
    way: str
    make: Injection
    must: bool = field(default=False, kw_only=True)
    wants: str = field(default="", kw_only=True)


def _replace(
    sound: Sound, x: Samples, *, bits: int | None = None, spans: list | None = None
) -> Sound:
    return Sound(np.ascontiguousarray(x, np.float32), sound.rate, bits or sound.bits, spans or [])


def _round(x: Samples, bits: int = 16) -> Samples:
    steps = 2.0 ** (bits - 1)
    return (np.clip(np.round(x * steps), -steps, steps - 1) / steps).astype(np.float32)


def _db(value: float) -> float:
    return 10 ** (value / 20)


# --- level ----------------------------------------------------------------------------------------


def clip_share(share: float, after: str) -> Injection:
    def make(sound: Sound, rng: np.random.Generator) -> Sound:
        x = sound.x
        rail = np.quantile(np.abs(x), 1 - share)
        y = np.clip(x, -rail, rail)
        if after == "full scale":
            y = y / rail
        elif after == "rounded":
            y = _round(y)
        elif after == "dithered":
            y = _round(y + rng.triangular(-1, 0, 1, y.shape).astype(np.float32) / 2**15)
        elif after == "turned down":
            y = y * 0.5
        return _replace(sound, y)

    return make


def overs(db: float) -> Injection:
    return lambda sound, _: _replace(sound, sound.x / np.abs(sound.x).max() * _db(db))


def dc(fs: float, *, one: bool = False) -> Injection:
    def make(sound: Sound, _: np.random.Generator) -> Sound:
        y = sound.x.copy()
        y[: 1 if one else None] += np.float32(fs)
        return _replace(sound, y)

    return make


def pad(bits: int) -> Injection:
    def make(sound: Sound, _: np.random.Generator) -> Sound:
        return _replace(sound, _round(np.clip(sound.x, -1, 1), bits), bits=24)

    return make


def limit(db: float) -> Injection:
    """Gain into a look-ahead limiter: minimum of the gain over 5 ms, smoothed by as much."""

    def make(sound: Sound, _: np.random.Generator) -> Sound:
        ceiling = np.abs(sound.x).max()
        loud = sound.x * _db(db)
        wanted = np.minimum(1, ceiling / np.maximum(np.abs(loud).max(axis=0), 1e-9))
        size = int(0.005 * sound.rate) | 1
        gain = uniform_filter1d(minimum_filter1d(wanted, size), size)
        return _replace(sound, loud * gain)

    return make


# --- channels -------------------------------------------------------------------------------------


def flip(sound: Sound, rng: np.random.Generator) -> Sound:
    y = sound.x.copy()
    y[int(rng.integers(2))] *= -1
    return _replace(sound, y)


def delay(ms: float, *, fractional: bool = False) -> Injection:
    def make(sound: Sound, rng: np.random.Generator) -> Sound:
        row, late = int(rng.integers(2)), ms * sound.rate / 1000
        y = sound.x.copy()
        if fractional:
            size = fft.next_fast_len(y.shape[1] + 4096, real=True)
            turn = np.exp(-2j * np.pi * np.arange(size // 2 + 1) * late / size)
            y[row] = fft.irfft(fft.rfft(y[row], size) * turn, size)[: y.shape[1]]
        else:
            whole = max(1, round(late))
            y[row] = np.pad(y[row], (whole, 0))[:-whole]
        return _replace(sound, y)

    return make


def imbalance(db: float) -> Injection:
    def make(sound: Sound, rng: np.random.Generator) -> Sound:
        y = sound.x.copy()
        y[int(rng.integers(2))] *= _db(-db)
        return _replace(sound, y)

    return make


def dual(after: str) -> Injection:
    def make(sound: Sound, rng: np.random.Generator) -> Sound:
        y = np.repeat(sound.x.mean(axis=0, keepdims=True), 2, axis=0)
        if after == "left twice":
            y = np.repeat(sound.x[:1], 2, axis=0)
        elif after == "dithered":
            y = _round(y + rng.triangular(-1, 0, 1, y.shape).astype(np.float32) / 2**15)
        elif after == "vorbis":
            y = _coded(y, sound.rate, "OGG", "VORBIS")
        return _replace(sound, y)

    return make


def cancel(db: float) -> Injection:
    """Side turned up until folding to mono costs so much."""

    def make(sound: Sound, _: np.random.Generator) -> Sound:
        mid, side = sound.x.mean(axis=0), (sound.x[0] - sound.x[1]) / 2
        gain = np.sqrt((10 ** (db / 10) - 1) * (mid @ mid) / max(side @ side, 1e-9))
        y = np.stack([mid + gain * side, mid - gain * side])
        return _replace(sound, y / np.abs(y).max() * 0.9)

    return make


def low_flip(hz: float) -> Injection:
    def make(sound: Sound, _: np.random.Generator) -> Sound:
        low = signal.sosfiltfilt(signal.butter(4, hz, fs=sound.rate, output="sos"), sound.x[1])
        y = sound.x.copy()
        y[1] -= (2 * low).astype(np.float32)
        return _replace(sound, y)

    return make


def spread(ms: float) -> Injection:
    """Lauridsen: the mono mix and its delayed self, added left and taken away right."""

    def make(sound: Sound, _: np.random.Generator) -> Sound:
        mid, late = sound.x.mean(axis=0), max(1, round(ms * sound.rate / 1000))
        copy = 0.7 * np.pad(mid, (late, 0))[:-late]
        return _replace(sound, np.stack([mid + copy, mid - copy]) / 1.7)

    return make


# --- time -----------------------------------------------------------------------------------------


def _places(sound: Sound, rng: np.random.Generator, count: int) -> list[int]:
    """Places in sounding passages: RMS of 50 ms above -40 dBFS, 2 s from the ends, 1 s apart."""
    size = int(0.05 * sound.rate)
    mono = sound.x.mean(axis=0)
    power = uniform_filter1d(mono.astype(np.float64) ** 2, size)
    inner = slice(2 * sound.rate, mono.size - 2 * sound.rate)
    good = np.flatnonzero(power[inner] > 1e-4) + inner.start
    chosen: list[int] = []
    for place in rng.permutation(good)[:5000].tolist():
        if all(abs(place - other) > sound.rate for other in chosen):
            chosen.append(place)
        if len(chosen) == count:
            break
    return sorted(chosen)


def clicks(db: float, shape: list[float], *, count: int = 1, over: str = "rms") -> Injection:
    """Pulses whose height is so far above the RMS, or the peak, of the 50 ms around."""

    def make(sound: Sound, rng: np.random.Generator) -> Sound:
        y = sound.x.copy()
        half = int(0.025 * sound.rate)
        places = _places(sound, rng, count)
        for place in places:
            around = sound.x[:, place - half : place + half]
            level = np.abs(around).max() if over == "peak" else np.sqrt((around**2).mean())
            pulse = rng.choice([-1, 1]) * level * _db(db) * np.array(shape, np.float32)
            y[:, place : place + pulse.size] += pulse
        return _replace(sound, y, spans=[(p / sound.rate,) * 2 for p in places])

    return make


def skips(ms: float) -> Injection:
    """A piece cut out: the wave jumps."""

    def make(sound: Sound, rng: np.random.Generator) -> Sound:
        size = round(ms * sound.rate / 1000)
        places, y = _places(sound, rng, 3), sound.x
        kept = np.ones(y.shape[1], bool)
        for place in places:
            kept[place : place + size] = False
        gone = np.arange(len(places)) * size
        return _replace(
            sound,
            y[:, kept],
            spans=[((p - g) / sound.rate,) * 2 for p, g in zip(places, gone, strict=True)],
        )

    return make


def dropouts(ms: float, how: str) -> Injection:
    def make(sound: Sound, rng: np.random.Generator) -> Sound:
        y, size = sound.x.copy(), round(ms * sound.rate / 1000)
        places = _places(sound, rng, 2)
        for place in places:
            part = y[0 if how == "one channel" else slice(None), place : place + size]
            if how == "held":
                part[:] = part[..., :1]
            elif how == "ramped":
                ramp = min(round(0.0005 * sound.rate), size // 4)
                shape = np.zeros(size, np.float32)
                shape[:ramp] = np.linspace(1, 0, ramp)
                shape[-ramp:] = np.linspace(0, 1, ramp)
                part *= shape
            else:
                part[:] = 0
        ends = [(p / sound.rate, (p + size) / sound.rate) for p in places]
        return _replace(sound, y, spans=ends)

    return make


def silence(seconds: float, where: str) -> Injection:
    def make(sound: Sound, rng: np.random.Generator) -> Sound:
        size, n = round(seconds * sound.rate), sound.x.shape[1]
        gap = np.zeros((len(sound.x), size), np.float32)
        if where == "dithered":
            gap += rng.triangular(-1, 0, 1, gap.shape).astype(np.float32) / 2**15
        place = {"start": 0, "end": n}.get(where, int(rng.integers(n // 4, 3 * n // 4)))
        y = np.concatenate((sound.x[:, :place], gap, sound.x[:, place:]), axis=1)
        return _replace(sound, y, spans=[(place / sound.rate, (place + size) / sound.rate)])

    return make


def cut(seconds: float, where: str) -> Injection:
    def make(sound: Sound, _: np.random.Generator) -> Sound:
        size = round(seconds * sound.rate)
        y = sound.x[:, size:] if where == "start" else sound.x[:, :-size]
        at = 0.0 if where == "start" else y.shape[1] / sound.rate
        return _replace(sound, y, spans=[(at, at)])

    return make


# --- spectrum -------------------------------------------------------------------------------------


def hum(dbfs: float, levels_db: list[float], *, off: float = 1.0, one: bool = False) -> Injection:
    """Mains hum: the RMS of its first partial, and the levels of all against it."""

    def make(sound: Sound, rng: np.random.Generator) -> Sound:
        mains = float(rng.choice([50.0, 60.0])) * off
        t = np.arange(sound.x.shape[1]) / sound.rate
        wave = sum(
            _db(level) * np.sin(2 * np.pi * k * mains * t + rng.uniform(0, 2 * np.pi))
            for k, level in enumerate(levels_db, start=1)
        )
        y = sound.x.copy()
        y[: 1 if one else None] += (np.sqrt(2) * _db(dbfs) * wave).astype(np.float32)
        return _replace(sound, y)

    return make


def white(dbfs: float) -> Injection:
    def make(sound: Sound, rng: np.random.Generator) -> Sound:
        return _replace(sound, sound.x + _db(dbfs) * rng.standard_normal(sound.x.shape))

    return make


def low_pass(hz: float, how: str, *, bits: int | None = None) -> Injection:
    def make(sound: Sound, _: np.random.Generator) -> Sound:
        if how == "fft":
            spectrum = np.fft.rfft(sound.x, axis=1)
            spectrum[:, round(hz * sound.x.shape[1] / sound.rate) :] = 0
            y = np.fft.irfft(spectrum, sound.x.shape[1])
        elif how == "fir":
            taps = signal.firwin(511, hz, fs=sound.rate, window=("kaiser", 9))
            y = np.stack([signal.oaconvolve(row, taps, mode="same") for row in sound.x])
        elif how == "elliptic":
            sos = signal.ellip(10, 0.1, 80, hz, fs=sound.rate, output="sos")
            y = signal.sosfilt(sos, sound.x)
        else:
            sos = signal.butter(int(how), hz, fs=sound.rate, output="sos")
            y = signal.sosfiltfilt(sos, sound.x)
        return _replace(sound, _round(y, bits) if bits else y, bits=bits)

    return make


def _coded(x: Samples, rate: int, form: str, subtype: str, **how: object) -> Samples:
    stream = io.BytesIO()
    with sf.SoundFile(
        stream, "w", rate, len(x), format=form, subtype=subtype, **how
    ) as file:  # in blocks: long one-shot writes crash libsndfile 1.2.2
        for start in range(0, x.shape[1], 4096):
            file.write(x[:, start : start + 4096].T)
    stream.seek(0)
    y, _ = sf.read(stream, dtype="float32", always_2d=True)
    return y.T


def mp3(level: float) -> Injection:
    """A detour over MP3; libsndfile's level 0 is the best, 1 the smallest file."""

    def make(sound: Sound, _: np.random.Generator) -> Sound:
        how = {"compression_level": level, "bitrate_mode": "CONSTANT"}
        y = _coded(sound.x, sound.rate, "MP3", "MPEG_LAYER_III", **how)
        return _replace(sound, _round(np.clip(y, -1, 1)), bits=16)

    return make


def upsampled(source_hz: int, how: str, *, bits: int | None = 16) -> Injection:
    def make(sound: Sound, _: np.random.Generator) -> Sound:
        if how == "polyphase":
            ratio = np.gcd(sound.rate, source_hz)
            up, down = source_hz // ratio, sound.rate // ratio
            low = signal.resample_poly(sound.x, up, down, axis=1)
            y = signal.resample_poly(low, down, up, axis=1)
        else:
            low = soxr.resample(sound.x.T, sound.rate, source_hz, how)
            y = soxr.resample(low, source_hz, sound.rate, how).T
        return _replace(sound, _round(y, bits) if bits else y, bits=bits)

    return make


def resonance(db: float) -> Injection:
    def make(sound: Sound, rng: np.random.Generator) -> Sound:
        centre = float(np.exp(rng.uniform(np.log(300), np.log(3000))))
        a, w = 10 ** (db / 40), 2 * np.pi * centre / sound.rate
        alpha = np.sin(w) / 24
        b = [1 + alpha * a, -2 * np.cos(w), 1 - alpha * a]
        y = signal.lfilter(b, [1 + alpha / a, -2 * np.cos(w), 1 - alpha / a], sound.x, axis=1)
        return _replace(sound, y / max(1, np.abs(y).max()))

    return make


def hiss_bursts(db: float) -> Injection:
    """Bursts like the letter s, four a second, as far above the song's own 5 to 9 kHz."""

    def make(sound: Sound, rng: np.random.Generator) -> Sound:
        band = signal.butter(
            4, [5000, min(9000, 0.45 * sound.rate)], "band", fs=sound.rate, output="sos"
        )
        own = np.sqrt((signal.sosfilt(band, sound.x.mean(axis=0)) ** 2).mean())
        noise = signal.sosfilt(band, rng.standard_normal(sound.x.shape[1]))
        gate = np.zeros(noise.size)
        size = int(0.09 * sound.rate)
        for start in range(0, noise.size - size, sound.rate // 4):
            gate[start : start + size] = np.hanning(size)
        burst = noise * gate / noise.std() * own * _db(db)
        return _replace(sound, sound.x + burst)

    return make


BUZZ = [0.0, -4.0, -9.0, -14.0, -20.0]


def cases() -> list[Case]:
    """Every case of the study."""
    return [
        *(
            Case("clipping", 100 * share, after, clip_share(share, after), must=share >= 1e-3)
            for share in (1e-4, 3e-4, 1e-3, 1e-2)
            for after in ("full scale", "as it is", "rounded", "dithered", "turned down")
        ),
        *(Case("decoder_overs", db, "gain", overs(db), must=True) for db in (0.1, 0.5, 3.0)),
        *(
            Case(
                "dc_offset",
                abs(fs),
                way,
                dc(fs, one=way == "one channel"),
                must=abs(fs) >= 0.005,
                wants="centred",
            )
            for fs in (0.001, 0.002, 0.005, -0.005, 0.02)
            for way in ("all channels", "one channel")
        ),
        *(
            Case("padded_bit_depth", bits, "rounded", pad(bits), must=True)
            for bits in (8, 12, 16, 20)
        ),
        *(Case("over_limiting", db, "look-ahead", limit(db)) for db in (3, 6, 9, 12)),
        Case("polarity_inversion", 1, "one channel", flip, must=True, wants="stereo"),
        *(
            Case(
                "channel_delay",
                ms,
                way,
                delay(ms, fractional=way == "fractional"),
                must=ms >= 0.2,
                wants="stereo",
            )
            for ms in (0.05, 0.1, 0.2, 0.5, 2.0, 10.0)
            for way in ("whole samples", "fractional")
        ),
        *(
            Case(
                "channel_imbalance", db, "one channel", imbalance(db), must=db >= 3, wants="stereo"
            )
            for db in (1, 2, 3, 6)
        ),
        *(
            Case("dual_mono", 1, after, dual(after), must=True, wants="stereo")
            for after in ("mean", "left twice", "dithered", "vorbis")
        ),
        *(
            Case("mono_cancellation", db, "side", cancel(db), must=db >= 9, wants="stereo")
            for db in (4, 6, 9)
        ),
        *(
            Case("low_end_phase", hz, "low band", low_flip(hz), must=True, wants="stereo")
            for hz in (100, 200)
        ),
        *(Case("fake_stereo", ms, "comb", spread(ms), must=True, wants="stereo") for ms in (5, 15)),
        *(
            Case("click", db, way, clicks(db, shape, over=over), must=db >= 10)
            for db in (0, 5, 10, 15, 20)
            for way, shape, over in (
                ("sample over RMS", [1.0], "rms"),
                ("pulse over RMS", [1.0, -0.5, 0.2, -0.08], "rms"),
                ("sample over peak", [1.0], "peak"),
                ("2 samples over RMS", [1.0, 0.7], "rms"),
            )
        ),
        *(Case("click", ms, "skip (ms)", skips(ms)) for ms in (2, 10)),
        *(
            Case("dropout", ms, how, dropouts(ms, how), must=ms >= 5)
            for ms in (1, 2, 5, 10, 50)
            for how in ("zeros", "held", "ramped")
        ),
        *(
            Case(
                "dropout",
                ms,
                "one channel",
                dropouts(ms, "one channel"),
                must=ms >= 5,
                wants="stereo",
            )
            for ms in (5, 50)
        ),
        *(
            Case("long_silence", s, where, silence(s, where), must=s >= 3)
            for s in (2, 3, 5)
            for where in ("middle", "start", "end", "dithered")
        ),
        *(Case("truncated_start", s, "cut", cut(s, "start"), must=True) for s in (1, 5)),
        *(Case("truncated_end", s, "cut", cut(s, "end"), must=True) for s in (3, 6)),
        *(
            Case("hum", db, way, make, must=db >= -50)
            for db in (-70, -60, -55, -50, -40)
            for way, make in (
                ("buzz", hum(db, BUZZ)),
                ("sine", hum(db, [0.0])),
                ("49.95 or 59.94 Hz", hum(db, BUZZ, off=0.999)),
                ("left only", hum(db, BUZZ, one=True)),
            )
        ),
        *(Case("noise", db, "white", white(db)) for db in (-65, -55, -45)),
        *(
            Case(
                "bandwidth_cutoff",
                hz,
                how,
                low_pass(hz, how, bits=16),
                must=hz <= 16_000,
                wants="treble",
            )
            for hz in (12_000, 16_000, 17_000)
            for how in ("fft", "fir", "elliptic", "8", "12")
        ),
        Case("bandwidth_cutoff", 16_000, "mp3, level 0.8", mp3(0.8), wants="treble"),
        *(
            Case("upsampled_source", hz, how, upsampled(hz, how), must=hz <= 32_000, wants="treble")
            for hz in (22_050, 32_000)
            for how in ("HQ", "VHQ", "LQ", "polyphase")
        ),
        *(Case("resonance", db, "Q 12", resonance(db)) for db in (6, 10, 15)),
        *(Case("sibilance", db, "bursts", hiss_bursts(db)) for db in (6, 12, 18)),
    ]
