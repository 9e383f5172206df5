"""How each kind of production fault is planted in a stereo recording."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import soxr
from scipy import signal

from musictools.datasets._synth._master import HOP, limiter_gain
from musictools.datasets._synth._spec import Fault
from musictools.errors import InputError

Samples = npt.NDArray[np.float32]
Planted = tuple[Samples, Fault]
MAINS_HZ = (50.0, 60.0)
#: Level of each harmonic of mains hum against the first, in dB.
HUM_HARMONICS_DB = (0.0, -4.0, -9.0, -14.0, -20.0)
RESONANCE_Q = 12.0
CLICKS, DROPOUTS = 5, 1


@dataclass(frozen=True)
class Plan:
    """One fault, and what its open questions are decided with."""

    fault: Fault
    sample_rate: int
    rng: np.random.Generator


def refuse(fault: Fault, *, got: str, expected: str) -> InputError:
    """Give the error for a fault that cannot be planted as asked."""
    return InputError(
        f"plant a fault of kind {fault.kind!r}",
        got=got,
        expected=expected,
        hint=f"pass faults=({fault.kind!r},) for its usual size",
    )


def clipping(x: Samples, plan: Plan) -> Planted:
    gain = 10 ** (plan.fault.size / 20) / max(float(np.abs(x).max()), 1e-9)
    return np.clip(x * np.float32(gain), -1.0, 1.0), plan.fault


def decoder_overs(x: Samples, plan: Plan) -> Planted:
    gain = 10 ** (plan.fault.size / 20) / max(float(np.abs(x).max()), 1e-9)
    return x * np.float32(gain), plan.fault


def over_limiting(x: Samples, plan: Plan) -> Planted:
    ceiling = max(float(np.abs(x).max()), 1e-9)
    loud = x * np.float32(10 ** (plan.fault.size / 20))
    places = np.arange(x.shape[1]) / HOP
    gain = limiter_gain(loud, ceiling, hold_s=0.002, release_s=0.02)
    return loud * np.interp(places, np.arange(gain.size), gain).astype(np.float32), plan.fault


def dc_offset(x: Samples, plan: Plan) -> Planted:
    return x + np.float32(plan.fault.size), plan.fault


def polarity_inversion(x: Samples, plan: Plan) -> Planted:
    return np.stack([x[0], -x[1]]), plan.fault


def channel_delay(x: Samples, plan: Plan) -> Planted:
    late = round(abs(plan.fault.size) * plan.sample_rate / 1_000)
    late = max(1, min(late, x.shape[1] - 1))
    out = x.copy()
    row = 1 if plan.fault.size > 0 else 0
    out[row, late:], out[row, :late] = x[row, :-late], 0.0
    exact_ms = math.copysign(1_000 * late / plan.sample_rate, plan.fault.size)
    return out, replace(plan.fault, size=exact_ms)


def dual_mono(x: Samples, plan: Plan) -> Planted:
    return np.repeat(x.mean(axis=0, keepdims=True), 2, axis=0), plan.fault


def fake_stereo(x: Samples, plan: Plan) -> Planted:
    late = max(1, round(plan.fault.size * plan.sample_rate / 1_000))
    mid = x.mean(axis=0)
    delayed = np.concatenate([np.zeros(late, dtype=np.float32), mid[:-late]])
    out = np.stack([mid + 0.6 * delayed, mid - 0.6 * delayed]) / np.float32(1.2)
    return out.astype(np.float32), replace(plan.fault, size=1_000 * late / plan.sample_rate)


def channel_imbalance(x: Samples, plan: Plan) -> Planted:
    gains = [[1.0], [10 ** (-plan.fault.size / 20)]]
    if plan.fault.size < 0:
        gains = [[10 ** (plan.fault.size / 20)], [1.0]]
    # What was out of balance before is put right first, so that the size is exact.
    power = np.sqrt(np.mean(np.square(x, dtype=np.float64), axis=1, keepdims=True))
    even = np.minimum(1.0, power.min() / np.maximum(power, 1e-12))
    return (x * even * np.array(gains)).astype(np.float32), plan.fault


def mono_cancellation(x: Samples, plan: Plan) -> Planted:
    mid, side = x.mean(axis=0), (x[0] - x[1]) / 2
    mid_power, side_power = (float(np.vdot(s, s)) for s in (mid, side))
    if side_power < 1e-9 * max(mid_power, 1e-12):
        raise refuse(plan.fault, got="a host whose channels are equal", expected="a stereo host")
    wanted = 10 ** (plan.fault.size / 10) - 1.0
    mid_gain = math.sqrt(side_power / (wanted * mid_power))
    out = np.stack([mid_gain * mid + side, mid_gain * mid - side]).astype(np.float32)
    out *= np.float32(np.abs(x).max() / np.abs(out).max())
    return out, plan.fault


def low_end_phase(x: Samples, plan: Plan) -> Planted:
    taps = _low_pass_taps(plan.fault.size, 0.5 * plan.fault.size, plan.sample_rate)
    out = x.copy()
    out[1] -= (2.0 * signal.oaconvolve(x[1], taps, mode="same")).astype(np.float32)
    return out, plan.fault


def hum(x: Samples, plan: Plan) -> Planted:
    mains_hz = plan.fault.frequency_hz or float(plan.rng.choice(MAINS_HZ))
    t = np.arange(x.shape[1]) / plan.sample_rate
    hum = np.zeros(x.shape[1])
    for number, level_db in enumerate(HUM_HARMONICS_DB, start=1):
        phase = plan.rng.uniform(0.0, 2 * np.pi)
        hum += 10 ** (level_db / 20) * np.sin(2 * np.pi * number * mains_hz * t + phase)
    peak = math.sqrt(2.0) * 10 ** (plan.fault.size / 20)
    return x + (peak * hum).astype(np.float32), replace(plan.fault, frequency_hz=mains_hz)


def noise(x: Samples, plan: Plan) -> Planted:
    rms = 10 ** (plan.fault.size / 20)
    return x + (rms * plan.rng.standard_normal(x.shape)).astype(np.float32), plan.fault


def _places(plan: Plan, n: int, count: int, gap_s: float) -> tuple[float, ...]:
    """Give the times asked for, or draw them evenly spread, each on a whole sample."""
    if plan.fault.at_s:
        return plan.fault.at_s
    first = plan.fault.start_s or 0.0
    last = plan.fault.end_s if plan.fault.end_s is not None else n / plan.sample_rate
    room = (last - first) / count
    slack = max(room - gap_s, 0.0)
    times = [first + room * (i + 0.1) + 0.8 * slack * plan.rng.random() for i in range(count)]
    return tuple(round(t * plan.sample_rate) / plan.sample_rate for t in times)


def click(x: Samples, plan: Plan) -> Planted:
    out = x.copy()
    times = _places(plan, x.shape[1], CLICKS, 0.001)
    # One sharp edge and a short answer, as a scratch or a lost buffer leaves.
    shape = plan.fault.size * np.array([1.0, -0.5, 0.2, -0.08])
    for at_s in times:
        start = _index(at_s, plan, x.shape[1])
        view = out[:, start : start + shape.size]
        view += (plan.rng.choice([-1.0, 1.0]) * shape[: view.shape[1]]).astype(np.float32)
    return out, replace(plan.fault, at_s=times, start_s=min(times), end_s=max(times))


def dropout(x: Samples, plan: Plan) -> Planted:
    out = x.copy()
    gap_s = plan.fault.size / 1_000
    times = _places(plan, x.shape[1], DROPOUTS, gap_s)
    for at_s in times:
        start = _index(at_s, plan, x.shape[1])
        out[:, start : start + round(gap_s * plan.sample_rate)] = 0.0
    return out, replace(plan.fault, at_s=times, start_s=min(times), end_s=max(times) + gap_s)


def long_silence(x: Samples, plan: Plan) -> Planted:
    length_s = x.shape[1] / plan.sample_rate
    size_s = plan.fault.size
    if size_s > 0.8 * length_s:
        raise refuse(
            plan.fault, got=f"{size_s:g} s in {length_s:.1f} s", expected="at most 80 % of the song"
        )
    drawn = length_s * 0.1 + plan.rng.random() * (0.8 * length_s - size_s)
    first = round((drawn if plan.fault.start_s is None else plan.fault.start_s) * plan.sample_rate)
    out = x.copy()
    out[:, first : first + round(size_s * plan.sample_rate)] = 0.0
    start_s = first / plan.sample_rate
    return out, replace(plan.fault, start_s=start_s, end_s=start_s + size_s)


def truncated_start(x: Samples, plan: Plan) -> Planted:
    cut = _index(plan.fault.size, plan, x.shape[1])
    return x[:, cut:].copy(), replace(
        plan.fault, size=cut / plan.sample_rate, start_s=0.0, end_s=0.0
    )


def truncated_end(x: Samples, plan: Plan) -> Planted:
    cut = _index(plan.fault.size, plan, x.shape[1])
    kept = x[:, : x.shape[1] - cut].copy()
    end_s = kept.shape[1] / plan.sample_rate
    return kept, replace(plan.fault, size=cut / plan.sample_rate, start_s=end_s, end_s=end_s)


def bandwidth_cutoff(x: Samples, plan: Plan) -> Planted:
    if plan.fault.size >= 0.49 * plan.sample_rate:
        raise refuse(plan.fault, got=f"{plan.fault.size:g} Hz", expected="below half the rate")
    taps = _low_pass_taps(plan.fault.size, 300.0, plan.sample_rate)
    rows = [signal.oaconvolve(row, taps, mode="same") for row in x]
    return np.asarray(np.stack(rows), dtype=np.float32), plan.fault


def upsampled_source(x: Samples, plan: Plan) -> Planted:
    if plan.fault.size >= plan.sample_rate:
        raise refuse(plan.fault, got=f"{plan.fault.size:g} Hz", expected="below the rate")
    low = soxr.resample(x.T, plan.sample_rate, plan.fault.size)
    back = soxr.resample(low, plan.fault.size, plan.sample_rate).T[:, : x.shape[1]]
    out = np.zeros_like(x)
    out[:, : back.shape[1]] = back
    return out, plan.fault


def resonance(x: Samples, plan: Plan) -> Planted:
    centre_hz = plan.fault.frequency_hz or float(plan.rng.uniform(300.0, 3_000.0))
    a = 10 ** (plan.fault.size / 40)
    w = 2 * np.pi * centre_hz / plan.sample_rate
    alpha, cos = math.sin(w) / (2 * RESONANCE_Q), -2 * math.cos(w)
    b = [1 + alpha * a, cos, 1 - alpha * a]
    out = signal.lfilter(b, [1 + alpha / a, cos, 1 - alpha / a], x, axis=1)
    return np.asarray(out, dtype=np.float32), replace(plan.fault, frequency_hz=centre_hz)


def padded_bit_depth(x: Samples, plan: Plan) -> Planted:
    steps = np.float32(2.0 ** (plan.fault.size - 1))
    return (np.round(x * steps) / steps).astype(np.float32), plan.fault


def _low_pass_taps(cutoff_hz: float, width_hz: float, sample_rate: int) -> npt.NDArray[np.float32]:
    """Linear phase, -80 dB half a transition above the cut-off."""
    length, beta = signal.kaiserord(80.0, width_hz / (0.5 * sample_rate))
    taps = signal.firwin(length | 1, cutoff_hz, window=("kaiser", beta), fs=sample_rate)
    return np.asarray(taps, dtype=np.float32)


def _index(at_s: float, plan: Plan, n: int) -> int:
    index = round(at_s * plan.sample_rate)
    if not 0 <= index < n:
        length_s = n / plan.sample_rate
        raise refuse(plan.fault, got=f"{at_s:g} s", expected=f"a time within {length_s:.2f} s")
    return index
