"""Planted production faults, each of exactly known size and place."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from musictools.datasets._synth import _plant
from musictools.datasets._synth._plant import Plan, Planted, Samples, refuse
from musictools.datasets._synth._spec import Fault
from musictools.errors import InputError, closest

#: A fault that begins or ends inside a song is faded in and out, so that it adds no click.
EDGE_S = 0.005


@dataclass(frozen=True)
class Kind:
    """How to plant one kind of fault: size in ``unit``, usual size, and smallest and largest."""

    plant: Callable[[Samples, Plan], Planted]
    unit: str
    usual: float
    low: float
    high: float


KINDS: dict[str, Kind] = {
    "clipping": Kind(_plant.clipping, "db", 6.0, 0.1, 30.0),
    "decoder_overs": Kind(_plant.decoder_overs, "db", 1.0, 0.1, 12.0),
    "over_limiting": Kind(_plant.over_limiting, "db", 10.0, 0.5, 30.0),
    "dc_offset": Kind(_plant.dc_offset, "fs", 0.03, -0.5, 0.5),
    "polarity_inversion": Kind(_plant.polarity_inversion, "1", 1.0, 1.0, 1.0),
    "channel_delay": Kind(_plant.channel_delay, "ms", 0.5, -50.0, 50.0),
    "dual_mono": Kind(_plant.dual_mono, "1", 1.0, 1.0, 1.0),
    "fake_stereo": Kind(_plant.fake_stereo, "ms", 12.0, 1.0, 50.0),
    "channel_imbalance": Kind(_plant.channel_imbalance, "db", 4.0, -40.0, 40.0),
    "mono_cancellation": Kind(_plant.mono_cancellation, "db", 9.0, 0.5, 40.0),
    "low_end_phase": Kind(_plant.low_end_phase, "hz", 150.0, 40.0, 400.0),
    "hum": Kind(_plant.hum, "dbfs", -42.0, -90.0, -6.0),
    "click": Kind(_plant.click, "fs", 0.6, 0.01, 2.0),
    "dropout": Kind(_plant.dropout, "ms", 60.0, 1.0, 2_000.0),
    "noise": Kind(_plant.noise, "dbfs", -45.0, -100.0, -6.0),
    "bandwidth_cutoff": Kind(_plant.bandwidth_cutoff, "hz", 16_000.0, 1_000.0, 200_000.0),
    "upsampled_source": Kind(_plant.upsampled_source, "hz", 22_050.0, 8_000.0, 192_000.0),
    "resonance": Kind(_plant.resonance, "db", 15.0, 1.0, 40.0),
    "truncated_start": Kind(_plant.truncated_start, "s", 1.0, 0.01, 300.0),
    "truncated_end": Kind(_plant.truncated_end, "s", 3.0, 0.01, 300.0),
    "long_silence": Kind(_plant.long_silence, "s", 4.0, 0.1, 300.0),
    "padded_bit_depth": Kind(_plant.padded_bit_depth, "bits", 16.0, 4.0, 23.0),
}
#: Kinds that change or fill their own place, rather than a stretch of sound.
PLACED = {"click", "dropout", "long_silence", "truncated_start", "truncated_end"}


def usual_fault(kind: str) -> Fault:
    """Give a fault of a kind in a size that is plainly audible or measurable."""
    known = _kind(kind)
    return Fault(kind, known.usual, known.unit)


def apply_faults(
    samples: Samples, sample_rate: int, faults: Iterable[Fault], *, rng: np.random.Generator
) -> tuple[Samples, list[Fault]]:
    """Plant faults, one after the other.

    Parameters
    ----------
    samples : numpy.ndarray, shape (2, n), float32
        A clean stereo recording; it is not changed.
    sample_rate : int
        In Hz.
    faults : iterable of Fault
        What to plant. Sizes mean: clipping, gain above the point where the highest peak stands at
        full scale, into a hard clip (dB); decoder_overs, peak above full scale (dB);
        over_limiting, gain into a limiter that keeps the peak where it was (dB); dc_offset, added
        to both channels (FS); channel_delay, right behind left, negative for left behind right
        (ms); channel_imbalance, left above right (dB); mono_cancellation, level lost in mono
        (dB); low_end_phase, below which the right channel is inverted (Hz); fake_stereo, delay of
        the comb (ms); hum, RMS of the fundamental and noise, RMS, where a full-scale sine reads
        -3.01 (dBFS); click, height (FS); dropout, gap (ms); bandwidth_cutoff, -6 dB corner (Hz);
        upsampled_source, rate of the source (Hz); resonance, height of a peak of Q 12 (dB);
        truncated_start, truncated_end and long_silence, length (s); padded_bit_depth, bits kept.
    rng : numpy.random.Generator
        For what a fault leaves open: places, mains frequency, phases, noise.

    Returns
    -------
    samples : numpy.ndarray, shape (2, n), float32
        With the faults. It may exceed full scale.
    faults : list of Fault
        As planted: places, frequencies and sizes filled in, in seconds of the result.

    Raises
    ------
    InputError
        If a kind is unknown or cannot be planted exactly, or a size, unit or place cannot be.

    Examples
    --------
    >>> import numpy as np
    >>> host = np.zeros((2, 44_100), dtype=np.float32)
    >>> hum = Fault("hum", -40.0, "dbfs", frequency_hz=50.0)
    >>> out, [planted] = apply_faults(host, 44_100, [hum], rng=np.random.default_rng(0))
    >>> planted.start_s, planted.end_s, planted.frequency_hz
    (0.0, 1.0, 50.0)
    """
    planted: list[Fault] = []
    for fault in faults:
        kind = _kind(fault.kind)
        _check(fault, kind, length_s=samples.shape[1] / sample_rate)
        before = samples
        samples, done = kind.plant(samples, Plan(fault, sample_rate, rng))
        if fault.kind not in PLACED:
            samples, done = _keep_to_place(before, samples, done, sample_rate)
        if fault.kind == "truncated_start":
            planted = [_earlier(one, done.size) for one in planted]
        planted.append(done)
    return samples, planted


def _keep_to_place(clean: Samples, faulty: Samples, fault: Fault, sample_rate: int) -> Planted:
    length_s = clean.shape[1] / sample_rate
    start_s = 0.0 if fault.start_s is None else fault.start_s
    end_s = length_s if fault.end_s is None else min(fault.end_s, length_s)
    placed = replace(fault, start_s=start_s, end_s=end_s)
    if start_s <= 0.0 and end_s >= length_s:
        return faulty, placed
    t = np.arange(clean.shape[1]) / sample_rate
    # Full strength from start to end; the edges lie outside.
    distance = np.maximum(np.maximum(start_s - t, t - end_s), 0.0)
    share = np.maximum(1.0 - distance / EDGE_S, 0.0).astype(np.float32)
    return clean + share * (faulty - clean), placed


def _earlier(fault: Fault, by_s: float) -> Fault:
    def move(t: float | None) -> float | None:
        return None if t is None else max(t - by_s, 0.0)

    kept = tuple(t - by_s for t in fault.at_s if t >= by_s)
    return replace(fault, start_s=move(fault.start_s), end_s=move(fault.end_s), at_s=kept)


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise InputError(
            "plant a fault",
            got=repr(name),
            expected="a kind that can be planted with exact truth",
            hint=closest(name, KINDS),
        )
    return KINDS[name]


def _check(fault: Fault, kind: Kind, *, length_s: float) -> None:
    if fault.unit != kind.unit:
        raise refuse(fault, got=f"unit {fault.unit!r}", expected=f"unit {kind.unit!r}")
    if not kind.low <= fault.size <= kind.high or (fault.size == 0.0):
        raise refuse(
            fault, got=f"{fault.size!r}", expected=f"{kind.low:g} to {kind.high:g} {kind.unit}"
        )
    start_s, end_s = fault.start_s or 0.0, length_s if fault.end_s is None else fault.end_s
    if not 0.0 <= start_s < length_s or end_s <= start_s:
        raise refuse(
            fault, got=f"{start_s:g} to {end_s:g} s", expected=f"a stretch within {length_s:.2f} s"
        )
