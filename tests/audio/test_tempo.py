"""Tempo: on made signals exactly, on the development recordings at the right level."""

from itertools import pairwise

import numpy as np
import pytest

import musictools as mt
from musictools.audio._onsets import BAND_EDGES_HZ, RATE_HZ, OnsetTrack
from musictools.audio._pass import analyse, gather
from musictools.audio._peaks import PeakTrack
from musictools.audio._pulse import find_pulse
from musictools.audio._rhythm import Rhythm
from musictools.audio._tempo_curve import trace_tempo
from musictools.audio._tempo_features import FEATURES
from musictools.datasets._synth._styles import STYLES

RATE = 22_050
OCTAVES = (1, 2, 3, 1 / 2, 1 / 3)


def strike(beats_s, seconds):
    """A burst of noise at each time."""
    samples = np.zeros(int(seconds * RATE))
    burst = np.random.default_rng(0).normal(0, 0.5, 400) * np.exp(-np.arange(400) / 60)
    for beat in beats_s:
        at = round(beat * RATE)
        part = samples[at : at + 400]
        part += burst[: part.size]
    return samples


def clicks(bpm, seconds=20):
    return strike(np.arange(0, seconds - 0.1, 60 / bpm), seconds)


def ramp(first_bpm, last_bpm, seconds):
    """Times of beats whose tempo rises along a straight line."""
    t = np.linspace(0, seconds, 100_000)
    count = np.cumsum(np.interp(t, (0, seconds), (first_bpm, last_bpm)) / 60) * (t[1] - t[0])
    return np.interp(np.arange(1, int(count[-1])), count, t)


def tracks_of(samples, rate=RATE):
    return gather(mt.audio.from_samples(samples, rate), [OnsetTrack, PeakTrack])


def described(samples, rate=RATE):
    return analyse(mt.audio.from_samples(samples, rate), [Rhythm()])


@pytest.mark.parametrize("bpm", [72.3, 95.0, 103.9, 123.4, 138.0])
def test_the_tempo_of_a_click_track_is_exact(bpm):
    found = mt.audio.tempo(clicks(bpm), sample_rate=RATE)
    assert found.value == pytest.approx(bpm, rel=0.001)  # librosa's grid is 3 % wide here
    assert 0 < found.confidence <= 1
    assert all(share <= found.confidence for _, share in found.alternatives)


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_the_tempo_does_not_depend_on_the_rate_of_the_samples(rate):
    samples = np.zeros(rate * 15)
    samples[np.rint(np.arange(0.3, 14.8, 60 / 101.3) * rate).astype(int)] = 0.9
    assert mt.audio.tempo(samples, sample_rate=rate).value == pytest.approx(101.3, rel=0.001)


def test_gain_changes_nothing():
    loud = mt.audio.tempo(clicks(111), sample_rate=RATE)
    soft = mt.audio.tempo(clicks(111) * 1e-3, sample_rate=RATE)
    assert soft.value == pytest.approx(loud.value, rel=1e-6)
    assert soft.confidence == pytest.approx(loud.confidence, abs=1e-4)


def test_no_tempo_where_nothing_begins():
    for samples in (np.zeros(RATE * 5), np.full(RATE * 5, 0.3), clicks(120, 1), np.ones(1)):
        found = mt.audio.tempo(samples, sample_rate=RATE)
        assert np.isnan(found.value)
        assert found.confidence == 0
        assert found.alternatives == ()


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(RATE * 3),
        np.zeros(1),
        np.random.default_rng(1).normal(0, 0.2, RATE * 9),
        np.random.default_rng(1).normal(0, 0.2, RATE // 5),
        clicks(100, 2.5),
        np.eye(1, RATE * 8, RATE * 4)[0],
        np.sin(np.arange(RATE * 6) * 0.2),
    ],
    ids=["silence", "one sample", "noise", "0.2 s", "2.5 s", "a click", "a tone"],
)
def test_every_descriptor_keeps_its_bounds(samples):
    row = described(samples)
    assert list(row) == [d.name for d in Rhythm.descriptors]
    for descriptor in Rhythm.descriptors:
        value = row[descriptor.name]
        missing = np.isnan(value) and "NaN" in descriptor.meaning
        assert missing or descriptor.minimum <= value <= descriptor.maximum, descriptor.name
    if np.isnan(row["tempo_bpm"]):
        assert row["tempo_confidence"] == row["tempo_stability"] == 0


def test_a_short_loop_is_less_certain():
    long, short = (mt.audio.tempo(clicks(120, s), sample_rate=RATE) for s in (20, 4))
    assert short.value == pytest.approx(120, rel=0.01)
    assert short.confidence <= 4 / 6 < long.confidence


def test_a_steady_tempo_has_no_course():
    row = described(clicks(96, 60))
    assert row["tempo_min_bpm"] == row["tempo_max_bpm"] == row["tempo_bpm"]
    assert row["tempo_std_bpm"] == row["tempo_drift_percent_per_min"] == 0
    assert row["tempo_stability"] == 1


@pytest.mark.parametrize(("first", "last"), [(100, 110), (126, 118)])
def test_a_drifting_tempo_is_followed(first, last):
    seconds = 60
    samples = strike(ramp(first, last, seconds), seconds)
    curve = tracks_of(samples).once(trace_tempo)
    truth = np.interp(curve.times_s, (0, seconds), (first, last))
    assert not curve.steady
    assert np.abs(curve.bpm / truth - 1).max() < 0.01
    row = described(samples)
    assert row["tempo_bpm"] == pytest.approx((first + last) / 2, rel=0.005)
    assert row["tempo_min_bpm"] == pytest.approx(min(first, last), rel=0.01)
    assert row["tempo_max_bpm"] == pytest.approx(max(first, last), rel=0.01)
    slope = 100 * np.log(last / first)  # in one minute
    assert row["tempo_drift_percent_per_min"] == pytest.approx(slope, rel=0.05)
    assert row["tempo_std_bpm"] == pytest.approx(abs(last - first) / np.sqrt(12), rel=0.2)


def test_a_recording_of_many_minutes_is_gathered_in_parts(monkeypatch):
    samples = clicks(107, 40)
    whole = tracks_of(samples)
    monkeypatch.setattr("musictools.audio._onsets._PART_FRAMES", round(7 * RATE_HZ))
    parts = tracks_of(samples)
    assert np.array_equal(whole[OnsetTrack].bands(), parts[OnsetTrack].bands())
    # Every part has the same peak here.
    np.testing.assert_allclose(
        parts[OnsetTrack].curves(), whole[OnsetTrack].curves(), atol=0.02, rtol=0.02
    )
    best, again = (tracks.once(find_pulse).candidates[0] for tracks in (whole, parts))
    assert again[0] == pytest.approx(best[0], rel=1e-4)


def test_curves_rise_where_something_begins():
    times = np.arange(0.5, 19.5, 0.61)
    curves = tracks_of(strike(times, 20))[OnsetTrack].curves()
    assert curves.shape == (4, 1 + 20 * RATE // 128)
    for curve in curves[1:]:
        near = [curve[round((t - 0.06) * RATE_HZ) : round((t + 0.06) * RATE_HZ)] for t in times]
        assert min(piece.max() for piece in near) > 1
        assert np.mean(curve < 0.05) > 0.7


def test_bands_hold_the_power_between_their_edges():
    for band, (low, high) in enumerate(pairwise(BAND_EDGES_HZ)):
        middle = (low + high) / 2
        tone = np.sin(2 * np.pi * middle / RATE * np.arange(RATE))
        power = tracks_of(tone)[OnsetTrack].bands()[20:-20].mean(axis=0)
        assert power.argmax() == band
        assert power[band] / power.sum() > 0.99
        # Parseval for a Hann window: half the transform holds half of size * sum(window^2).
        assert power[band] == pytest.approx(0.5 * 1024 * (1024 * 3 / 8) / 2, rel=0.01)


def test_the_model_knows_every_feature():
    from musictools.audio._model import load_model

    model = load_model("tempo")
    assert tuple(model["features"]) == FEATURES
    assert model["made_by"] == "tools/training/train_tempo.py"


@pytest.fixture
def truth(rhythms):
    return rhythms[0]


def within(found, wanted, tolerance, ratios=(1,)):
    return np.any([abs(found / (wanted * r) - 1) <= tolerance for r in ratios], axis=0)


def test_tempo_of_the_generated_songs(truth):
    songs = truth[truth["set"] == "midi_render"]
    assert len(songs) == 24
    found, wanted = songs["tempo_bpm"], songs["bpm"]
    assert within(found, wanted, 0.04).mean() >= 0.96
    assert within(found, wanted, 0.01).mean() >= within(found, wanted, 0.04).mean() - 0.02
    assert within(found, wanted, 0.01, OCTAVES).mean() == 1
    assert within(found, wanted, 0.001, OCTAVES).mean() == 1
    assert (songs["tempo_stability"] > 0.9).mean() >= 0.9


def test_tempo_of_the_loops(truth):
    """Many are shorter than two bars; what matters is that they are no gamble."""
    loops = truth[truth["set"].isin(["lmms_loops", "sonicpi_loops"]) & truth["tempo_bpm"].notna()]
    assert len(loops) > 20
    right = within(loops["tempo_bpm"], loops["bpm"], 0.04)
    assert within(loops["tempo_bpm"], loops["bpm"], 0.04, OCTAVES).mean() >= 0.9
    assert right.mean() >= 0.75
    assert loops["tempo_confidence"][loops["seconds"] < 6].max() <= 1


@pytest.mark.slow
def test_tempo_of_simulated_songs():
    """Seeds that nothing was learned from; the rates are those that the product promises."""
    off = []
    for style in sorted(STYLES):
        for seed in (501, 502):
            song = mt.datasets.simulate_recording(style=style, duration_s=20, rng=seed)
            off.append(mt.audio.tempo(song.recording).value / song.truth["bpm"])
    off = np.array(off)
    assert within(off, 1, 0.04).mean() >= 0.85
    assert within(off, 1, 0.01, OCTAVES).mean() >= 0.97


def test_the_result_tells_the_course_of_the_tempo():
    found = mt.audio.tempo(clicks(120), sample_rate=RATE)
    assert found.stability == 1.0
    assert list(found.curve.columns) == ["time_s", "bpm"]
    np.testing.assert_allclose(found.curve["bpm"], found.value, rtol=1e-3)
    assert "stability" in found.to_frame()
    nothing = mt.audio.tempo(np.zeros(RATE * 5), sample_rate=RATE)
    assert nothing.curve.empty
    assert nothing.stability == 0.0
