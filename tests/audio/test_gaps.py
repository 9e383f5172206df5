"""Drop-outs and long silences: found, placed and measured, and not where music rests."""

import numpy as np
import pytest
from scipy import signal

import musictools as mt
from musictools.audio._gaps import GapDetector, Gaps, _severity
from musictools.audio._stream import hear

RATE = 44_100
DETECTOR = GapDetector()


def find(samples, rate=RATE):
    recording = mt.audio.from_samples(np.asarray(samples, np.float32), rate)
    return list(DETECTOR.find(hear(recording, DETECTOR.tracks)))


@pytest.fixture(scope="module", params=["pop", "house"])
def song(request):
    return mt.datasets.simulate_recording(style=request.param, duration_s=12, rng=4).recording


def loud_place(samples, ms):
    """Where 10 ms before and after a gap are loud."""
    rng = np.random.default_rng(ms)
    while True:
        at = int(rng.integers(2 * RATE, 9 * RATE))
        end = at + RATE * ms // 1000
        sides = [samples[:, at - 441 : at], samples[:, end : end + 441]]
        levels = [np.sqrt(np.square(s).mean()) for s in sides]
        if min(levels) > 0.4 * max(levels) > 0.02:
            return at


def test_clean_songs_have_none(song):
    assert find(song.samples) == []


@pytest.mark.parametrize("ms", [5, 20, 100, 500])
@pytest.mark.parametrize("how", ["zero", "hold", "one channel"])
def test_a_drop_out_is_found_at_its_place(song, ms, how):
    out, at = song.samples.copy(), loud_place(song.samples, ms)
    rows = slice(1, 2) if how == "one channel" else slice(None)
    stop = at + RATE * ms // 1000
    out[rows, at:stop] = out[rows, at - 1 : at] if how == "hold" else 0
    [found] = [f for f in find(out) if f.kind == "dropout"]
    assert found.start_s == pytest.approx(at / RATE, abs=0.002)
    assert found.value == pytest.approx(ms, abs=1.5)
    assert found.value == pytest.approx(1_000 * (found.end_s - found.start_s))
    assert found.severity == ("error" if 3 <= found.value <= 200 else "warning")


@pytest.mark.parametrize("ramp", [10, 40, 80])
@pytest.mark.parametrize("floor", [0, 0.003])
def test_ramps_do_not_hide_a_drop_out(song, ramp, floor):
    out, at = song.samples.copy(), loud_place(song.samples, 20)
    gain = np.interp(np.arange(882), [0, ramp, 882 - ramp, 882], [1, floor, floor, 1])
    out[:, at : at + 882] *= gain.astype(np.float32)
    [found] = find(out)
    assert found.kind == "dropout"


def test_rests_of_a_gated_tone_are_no_drop_outs():
    t = np.arange(10 * RATE) / RATE
    tone = 0.3 * signal.square(2 * np.pi * 220 * t)
    assert find(tone * (t % 0.2 < 0.15)) == []


def test_a_few_beats_of_a_gate_are_no_drop_outs():
    noise = 0.1 * np.random.default_rng(2).standard_normal(10 * RATE)
    gate = np.ones(10 * RATE)
    for beat in range(4):
        gate[(4 * RATE + beat * RATE // 4) :][: RATE // 8] = 0
    assert find(noise * gate) == []
    gate[4 * RATE :][: RATE // 2] = 1
    assert [f.kind for f in find(noise * gate)] == ["dropout"] * 2


def with_holes(samples, at, holes_ms, how="zero"):
    """Holes of (start, length) in ms from a place on."""
    out = samples.copy()
    for start_ms, length_ms in holes_ms:
        first = at + round(start_ms * RATE / 1000)
        last = first + round(length_ms * RATE / 1000)
        out[:, first:last] = out[:, first : first + 1] if how == "held" else 0
    return out


@pytest.mark.parametrize("how", ["zero", "held"])
@pytest.mark.parametrize(("hole", "pace"), [(10, 50), (10, 30), (20, 100), (5, 60), (10, 400)])
def test_a_burst_of_holes_is_found_though_it_is_regular(song, hole, pace, how):
    at = loud_place(song.samples, 6 * pace)
    out = with_holes(song.samples, at, [(k * pace, hole) for k in range(6)], how)
    found = find(out)
    assert {f.kind for f in found} == {"dropout"}
    assert all(f.severity == "error" and "gone" in f.meaning for f in found)
    assert found[0].start_s == pytest.approx(at / RATE, abs=0.15 + 2 * pace / 1000)
    assert max(f.value for f in found) == pytest.approx(hole, abs=1.5)


@pytest.mark.parametrize(
    ("hole_ms", "holes", "severity"),
    [(1000, 2, "warning"), (50, 1, "error"), (2.6, 2, "warning"), (2.6, 3, "error")],
)
def test_long_holes_may_be_meant_and_short_ones_are_heard_together(hole_ms, holes, severity):
    assert _severity(hole_ms, holes) == severity


def test_a_burst_is_one_finding_with_its_longest_hole(song):
    at = loud_place(song.samples, 300)
    holes = [(0, 10), (41, 6), (90, 18), (150, 8), (210, 12)]
    [found] = find(with_holes(song.samples, at, holes))
    assert (found.start_s, found.end_s) == pytest.approx((at / RATE, at / RATE + 0.222), abs=0.002)
    assert found.value == pytest.approx(18, abs=1.5)
    assert "gone 5 times" in found.meaning


def test_many_short_holes_are_no_rests(song):
    """A recording full of them is worse than one with a few, and no music with rests."""
    rng = np.random.default_rng(7)
    holes = [(1_500 + 400 * k + rng.uniform(0, 200), 10) for k in range(24)]
    found = find(with_holes(song.samples, 0, holes))
    assert len(found) == 10
    assert all("in the whole recording" in f.meaning for f in found)


def two_holes(between_s):
    """A hole of each channel, one after the other."""
    out = 0.1 * np.random.default_rng(3).standard_normal((2, 4 * RATE))
    first, size = 2 * RATE, RATE // 100
    second = first + size + round(between_s * RATE)
    out[0, first : first + size] = out[1, second : second + size] = 0
    return find(out)


def test_holes_of_two_channels_are_one_where_they_follow_within_a_millisecond():
    [once] = two_holes(0.001)
    assert once.value == pytest.approx(21, abs=1.5)
    assert "times" not in once.meaning
    [twice] = two_holes(0.003)
    assert twice.value == pytest.approx(10, abs=1.5)
    assert "gone 2 times within 0.02 s" in twice.meaning


@pytest.mark.parametrize("hz", [28, 41, 55, 82, 110])
@pytest.mark.parametrize("wave", ["half", "pulse", "clipped", "gated"])
def test_notes_with_flat_parts_beside_other_notes_are_no_drop_outs(hz, wave):
    t = np.arange(4 * RATE) / RATE
    turn = 2 * np.pi * hz * (t % 0.25)
    flat = {
        "half": 0.6 * np.maximum(np.sin(turn), 0),
        "pulse": 0.4 * (signal.square(turn, 0.125) > 0),
        "clipped": 0.7 * np.clip(3 * np.sin(turn), -1, 1),
        "gated": 0.4 * np.sin(2 * np.pi * 440 * t) * (signal.square(turn) > 0),
    }[wave]
    other = 0.4 * signal.sawtooth(2 * np.pi * 220 * t, 0.5)
    assert find(np.where(t // 0.25 % 3 == 0, other, flat)) == []


def test_music_may_change_behind_a_long_gap(song):
    out, at = song.samples.copy(), loud_place(song.samples, 300)
    out[:, at : at + 3 * RATE // 10] = 0
    out[:, at + 3 * RATE // 10 :] *= 0.25
    [found] = [f for f in find(out) if f.kind == "dropout"]
    assert found.value == pytest.approx(300, abs=2)


@pytest.mark.parametrize("hz", [55, 110, 220])
@pytest.mark.parametrize("duty", [0.1, 0.25, 0.5])
def test_flat_parts_of_waves_are_no_drop_outs(hz, duty):
    t = np.arange(5 * RATE) / RATE
    wave = signal.square(2 * np.pi * hz * t, duty)
    assert find(0.4 * (wave - wave.mean())) == []
    assert find(np.clip(6 * np.sin(2 * np.pi * hz * t), -1, 1)) == []


def test_notes_that_decay_are_no_drop_outs():
    t = np.arange(10 * RATE) / RATE
    assert find(0.5 * np.sin(2 * np.pi * 330 * t) * np.exp(-30 * (t % 0.5))) == []


@pytest.mark.parametrize(
    ("where", "noise"),
    [("start", 0), ("start", 2e-5), ("middle", 0), ("middle", 2e-5), ("end", 0)],
)
def test_silence_of_three_seconds_is_found(song, where, noise):
    quiet = noise * np.random.default_rng(0).uniform(-1, 1, (2, 3 * RATE))
    cut = {"start": 0, "middle": 5 * RATE, "end": song.samples.shape[1]}[where]
    # A song may itself decay to silence at its end.
    parts = [song.samples[:, :cut], quiet, song.samples[:, cut:]]
    [found] = [f for f in find(np.concatenate(parts, axis=1)) if f.kind == "long_silence"]
    assert found.value == pytest.approx(3, abs=0.7)
    assert found.start_s == pytest.approx(cut / RATE, abs=0.7)
    assert found.severity == ("info" if where == "end" else "warning")


@pytest.mark.parametrize("quiet", [0, 2e-5])
@pytest.mark.parametrize(("seconds", "severity"), [(3, "warning"), (7, "warning"), (9, "error")])
def test_a_hole_of_eight_seconds_is_an_error(song, quiet, seconds, severity):
    noise = quiet * np.random.default_rng(0).uniform(-1, 1, (2, seconds * RATE))
    parts = [song.samples[:, : 5 * RATE], noise, song.samples[:, 5 * RATE :]]
    [found] = [f for f in find(np.concatenate(parts, axis=1)) if f.kind == "long_silence"]
    assert found.severity == severity


def test_a_tail_that_is_not_quite_silent_is_long_from_ten_seconds_on(song):
    def tail(seconds):
        dither = np.random.default_rng(0).uniform(-3e-5, 3e-5, (2, seconds * RATE))
        return [f.kind for f in find(np.concatenate((song.samples, dither), axis=1))]

    assert tail(8) == []
    assert tail(12) == ["long_silence"]


def test_digital_silence_before_a_faint_tail_is_found(song):
    out = song.samples.copy()
    out[:, -4 * RATE : -RATE] = 0
    out[:, -RATE:] *= 1e-3
    [found] = [f for f in find(out) if f.kind == "long_silence"]
    assert found.end_s - found.start_s == pytest.approx(3, abs=0.01)


def test_a_pause_and_a_fade_are_no_silence():
    t = np.arange(30 * RATE) / RATE
    tone = 0.5 * np.sin(2 * np.pi * 220 * t)
    assert find(tone * 10 ** (-2.5 * t / 20)) == []
    assert find(tone * np.clip(abs(t - 10.75) - 0.75, 0, 1)) == []


def test_many_silences_are_told_as_the_ten_longest():
    rng = np.random.default_rng(5)
    parts = []
    for i in range(13):
        parts += [0.1 * rng.standard_normal(8_000), np.zeros(round((2.2 + 0.1 * i) * 8_000))]
    found = [f for f in find(np.concatenate(parts), 8_000) if f.kind == "long_silence"]
    assert len(found) == 10
    assert [f.start_s for f in found] == sorted(f.start_s for f in found)
    assert min(f.value for f in found) == pytest.approx(2.5, abs=0.01)
    assert all("one of 13" in f.meaning for f in found)
    assert "the next song comes late" in found[-1].meaning


def test_nothing_at_all_is_an_error():
    [found] = find(np.zeros((2, 5 * RATE)))
    assert (found.kind, found.severity, found.value) == ("long_silence", "error", 5)


@pytest.mark.parametrize("block", [1_001, 30_011])
def test_blocks_change_nothing(song, block):
    out, at = song.samples.copy(), loud_place(song.samples, 20)
    out[:, at : at + 882] = 0
    out[:, 9 * RATE : 11 * RATE] = 0

    def gathered(size):
        track = Gaps(RATE, ("L", "R"))
        for start in range(0, out.shape[1], size):
            track.update(out[:, start : start + size])
        gaps = track.gaps()
        return gaps[np.lexsort(gaps.T)].tolist(), track.silences().tolist()

    assert gathered(block) == gathered(out.shape[1])
    assert all(gathered(block))


@pytest.mark.parametrize("rate", [8_000, 192_000])
@pytest.mark.parametrize("channels", [1, 6])
def test_any_rate_and_number_of_channels(rate, channels):
    out = 0.1 * np.random.default_rng(1).standard_normal((channels, 4 * rate))
    assert find(out, rate) == []
    out[-1, 2 * rate : 2 * rate + rate // 100] = 0
    [found] = find(out, rate)
    assert found.value == pytest.approx(10, abs=1)


@pytest.mark.parametrize("n", [1, 100, RATE // 10])
def test_short_recordings(n):
    assert find(np.full((2, n), 0.5)) == []
