"""Faults between left and right: found where they are, and nothing found where there is none."""

import itertools

import numpy as np
import pytest
from scipy import signal

import musictools as mt
from musictools.audio._channels import Channels
from musictools.audio._finding import Finding
from musictools.audio._pass import Pass
from musictools.datasets._synth._faults import apply_faults, usual_fault
from musictools.datasets._synth._spec import Fault

RATE = 44_100
DETECTOR = Channels()


def find(samples, rate=RATE, block=None, layout=None) -> list[Finding]:
    samples = np.atleast_2d(np.asarray(samples, dtype=np.float32))
    layout = layout or {1: ("C",), 2: ("L", "R")}[len(samples)]
    listener = Pass(rate, layout, DETECTOR.tracks)
    step = block or samples.shape[1] or 1
    for start in range(0, samples.shape[1], step):
        listener.push(samples[:, start : start + step].copy())
    return list(DETECTOR.find(listener.finish()))


def by_kind(found):
    return {one.kind: one for one in found}


@pytest.fixture(scope="module")
def songs():
    made = [
        mt.datasets.simulate_recording(style=style, duration_s=24, rng=seed).recording
        for seed, style in enumerate(("pop", "house", "jazz"))
    ]
    return [(song.samples, song.sample_rate) for song in made]


def late(samples, count, row=1):
    out = samples.copy()
    out[row, count:], out[row, :count] = samples[row, :-count], 0
    return out


def test_a_clean_song_has_no_findings(songs):
    assert [find(x, rate) for x, rate in songs] == [[], [], []]


def test_a_flipped_channel_is_an_error_of_the_whole(songs):
    for x, rate in songs:
        for row in (0, 1):
            flipped = x.copy()
            flipped[row] *= -1
            one = by_kind(find(flipped, rate))["polarity_inversion"]
            assert one.severity == "error"
            assert (one.start_s, one.end_s) == (0, pytest.approx(x.shape[1] / rate))
            assert one.value < 0
            assert one.confidence > 0.8


def test_a_flip_of_the_second_half_is_placed(songs):
    for x, rate in songs:
        half = x.shape[1] // 2
        flipped = x.copy()
        flipped[1, half:] *= -1
        one = by_kind(find(flipped, rate))["polarity_inversion"]
        assert one.start_s == pytest.approx(half / rate, abs=4)
        assert one.end_s == pytest.approx(x.shape[1] / rate, abs=0.01)
        assert one.severity == "warning"


@pytest.mark.parametrize(("row", "sign"), [(0, -1), (1, 1)])
@pytest.mark.parametrize("count", [9, 60, 2_000])
def test_a_delay_has_its_size_and_side(songs, count, row, sign):
    x, rate = songs[0]
    found = by_kind(find(late(x, count, row), rate))
    assert found["channel_delay"].value == pytest.approx(sign * 1000 * count / rate, abs=0.02)
    assert "polarity_inversion" not in found
    assert "low_end_phase" not in found


def test_a_delay_between_samples_is_found(songs):
    x, rate = songs[1]
    spectrum = np.fft.rfft(x[1])
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(x.shape[1]) * 9.5)
    moved = np.stack([x[0], np.fft.irfft(spectrum * turn, x.shape[1])])
    assert by_kind(find(moved, rate))["channel_delay"].value == pytest.approx(
        9.5e3 / rate, abs=0.01
    )


def test_a_delay_and_a_flip_are_both_found(songs):
    for x, rate in songs:
        both = late(x, 22)
        both[1] *= -1
        assert {"channel_delay", "polarity_inversion"} <= set(by_kind(find(both, rate)))


def test_one_recording_in_both_channels(songs):
    x, rate = songs[0]
    mono = np.repeat(x.mean(axis=0, keepdims=True), 2, axis=0)
    [one] = find(mono, rate)
    assert (one.kind, one.value, one.severity) == ("dual_mono", -120, "warning")
    noise = np.random.default_rng(0).uniform(-1, 1, mono.shape) / 32_768
    assert [f.kind for f in find(mono + noise, rate)] == ["dual_mono"]
    softer = by_kind(find(mono * np.array([[0.5], [1]]), rate))
    assert set(softer) == {"dual_mono", "channel_imbalance"}
    assert softer["channel_imbalance"].value == pytest.approx(-6.02, abs=0.1)


def test_a_mono_song_in_one_channel_of_a_file_has_no_findings(songs):
    x, rate = songs[0]
    assert find(x[:1], rate) == []


@pytest.mark.parametrize("size_db", [3.0, -3.0])
def test_a_channel_turned_down_is_found(songs, size_db):
    for x, rate in songs:
        down = x.copy()
        down[1 if size_db > 0 else 0] *= 10 ** (-abs(size_db) / 20)
        one = by_kind(find(down, rate))["channel_imbalance"]
        assert one.value == pytest.approx(size_db, abs=0.8)
        assert one.severity == "warning"


def test_a_silent_channel_is_an_error(songs):
    x, rate = songs[0]
    one = by_kind(find(x * np.array([[1], [0]]), rate))["channel_imbalance"]
    assert (one.severity, one.value) == ("error", 60)


@pytest.mark.parametrize(
    "kind", ["fake_stereo", "mono_cancellation", "low_end_phase", "polarity_inversion"]
)
def test_planted_faults_are_found(songs, kind):
    for x, rate in songs:
        faulty, _ = apply_faults(x, rate, [usual_fault(kind)], rng=np.random.default_rng(0))
        one = by_kind(find(faulty, rate))[kind]
        assert (one.start_s, one.end_s) == (0, pytest.approx(x.shape[1] / rate))


def test_sizes_of_planted_faults(songs):
    x, rate = songs[0]
    rng = np.random.default_rng(0)
    lost, _ = apply_faults(x, rate, [Fault("mono_cancellation", 9.0, "db")], rng=rng)
    assert by_kind(find(lost, rate))["mono_cancellation"].value == pytest.approx(9, abs=0.1)
    low, _ = apply_faults(x, rate, [Fault("low_end_phase", 150.0, "hz")], rng=rng)
    found = by_kind(find(low, rate))
    assert 100 <= found["low_end_phase"].value <= 200
    assert "polarity_inversion" not in found


def test_findings_do_not_depend_on_blocks(songs):
    x, rate = songs[0]
    faulty = late(x, 30)
    whole = find(faulty, rate)
    assert whole
    for block in (1_000, 16_384, 100_001):
        assert [f.kind for f in find(faulty, rate, block)] == [f.kind for f in whole]
        for one, other in zip(find(faulty, rate, block), whole, strict=True):
            assert one.value == pytest.approx(other.value, rel=1e-6)
            assert (one.start_s, one.end_s) == (other.start_s, other.end_s)


def test_front_channels_of_surround_count_and_others_do_not(songs):
    x, rate = songs[0]
    flipped = x * np.array([[1], [-1]], dtype=np.float32)
    six = np.concatenate((flipped, np.zeros((4, x.shape[1]), np.float32)))
    layout = ("L", "R", "C", "LFE", "Ls", "Rs")
    assert "polarity_inversion" in by_kind(find(six, rate, layout=layout))
    assert find(flipped, rate, layout=("Ls", "Rs")) == []


@pytest.mark.parametrize("rate", [8_000, 22_050, 96_000, 192_000])
def test_a_delay_and_a_flip_at_other_rates(rate):
    rng = np.random.default_rng(3)
    centre = signal.lfilter([1], [1, -0.9], rng.normal(0, 0.02, 10 * rate))
    wide = centre + rng.normal(0, 0.03, (2, 10 * rate))
    assert find(wide, rate) == []
    count = round(0.0005 * rate)
    moved = np.stack([wide[0], np.roll(wide[1], count)])
    assert by_kind(find(moved, rate))["channel_delay"].value == pytest.approx(
        1e3 * count / rate, abs=0.03
    )
    assert "polarity_inversion" in by_kind(find(wide * [[1], [-1]], rate))


def worst_cases():
    t = np.arange(12 * RATE) / RATE
    rng = np.random.default_rng(1)
    yield "noise", rng.normal(0, 0.1, (2, t.size))
    yield "tones", 0.3 * np.sin(2 * np.pi * np.array([[440], [554]]) * t)
    yield "quarter", 0.3 * np.sin(2 * np.pi * 440 * t + np.array([[0], [np.pi / 2]]))
    chirp = signal.chirp(t, 20, t[-1], 20_000)
    yield "chirps", 0.3 * np.stack([chirp, signal.chirp(t, 30, t[-1], 15_000)])
    clicks = np.zeros((2, t.size))
    clicks[:, :: RATE // 2] = [[0.5], [0.5]]
    yield "impulses", clicks + rng.normal(0, 0.01, clicks.shape)
    yield "silence", np.zeros((2, t.size))


@pytest.mark.parametrize(("name", "samples"), list(worst_cases()))
def test_worst_cases_are_clean(name, samples):
    assert find(samples) == [], name


def test_short_and_odd_recordings_raise_nothing():
    for count, rows in itertools.product((1, 2, 4_410, 20_000), (1, 2)):
        find(np.full((rows, count), 0.5))
        find(np.random.default_rng(0).normal(0, 0.1, (rows, count)))
    square = np.sign(np.sin(2 * np.pi * 100 * np.arange(RATE) / RATE))
    assert [f.kind for f in find(np.stack([square, square]))] == ["dual_mono"]
    assert find(np.zeros((2, 0))) == []


def test_a_few_samples_are_no_dual_mono():
    assert find([[0.5], [0.2]]) == []
    assert find([[0.5, 0.1], [0.25, 0.05]]) == []


def test_hours_are_kept_small():
    from musictools.audio._channel_pairs import ChannelPairs

    track = ChannelPairs(8_000, ("L", "R"))
    rng = np.random.default_rng(0)
    block = rng.normal(0, 0.1, (2, 8_000 * 240)).astype(np.float32)
    for _ in range(8):
        track.update(block)
    segments = track.segments()
    assert len(segments) < 512
    assert sum(one.samples for one in segments) == 8 * block.shape[1]
    assert len(track.chapters()[1]) <= 16
