"""Groove: onsets counted, swing and strokes as they were made."""

import numpy as np
import pytest
from scipy.signal import find_peaks

import musictools as mt
from musictools.audio._beats import find_beats
from musictools.audio._groove import Groove, measure_swing, pick_onsets
from musictools.audio._onsets import BAND_EDGES_HZ, OnsetTrack
from musictools.audio._pass import analyse, gather
from musictools.audio._peaks import PeakTrack

RATE = 44_100


def drums(rate_hz, seconds=10.0):
    """Kick and snare in turns, and how many there were."""
    time = np.arange(RATE // 12) / RATE
    rng = np.random.default_rng(1)
    kick = np.exp(-time * 70) * np.sin(2 * np.pi * 60 * time)
    snare = np.exp(-time * 70) * rng.normal(0, 0.4, time.size)
    samples = np.zeros(round(seconds * RATE))
    times = np.arange(0.1, seconds - 0.2, 1 / rate_hz)
    for k, at in enumerate(times):
        sound = 0.5 * (snare if k % 2 else kick)
        samples[round(at * RATE) :][: sound.size] += sound
    return samples, times


def curves_of(samples, rate=RATE):
    return gather(mt.audio.from_samples(samples, rate), [OnsetTrack])[OnsetTrack].curves()


def onsets_of(samples, rate=RATE):
    track = gather(mt.audio.from_samples(samples, rate), [OnsetTrack])[OnsetTrack]
    return pick_onsets(track.curves(), track.bands())


@pytest.mark.parametrize("rate_hz", [1, 2, 4, 8])
def test_onsets_of_drums_are_counted(rate_hz):
    samples, times = drums(rate_hz)
    found = onsets_of(samples)
    assert found.size == times.size
    # Out of silence, a second after the last sound, the curve peaks as soon as its window touches.
    np.testing.assert_allclose(found, times, atol=0.012 if rate_hz == 1 else 0.006)
    row = analyse(mt.audio.from_samples(samples, RATE), [Groove()])
    assert row["onset_rate_hz"] == pytest.approx(times.size / 10, abs=0.01)


def test_onset_rates_agree_with_essentia_and_librosa(shared):
    standard = pytest.importorskip("essentia.standard")
    librosa = pytest.importorskip("librosa")
    folder = shared / "data" / "audio" / "midi_render"
    apart = []
    for path in sorted(folder.glob("*.ogg"))[:8]:
        recording = mt.audio.read(path)
        mono = recording.samples.mean(axis=0)[: 20 * RATE]
        ours = onsets_of(mono).size / 20
        theirs = float(standard.OnsetRate()(mono)[1])
        # librosa's own picking of peaks is compiled in a way that has ended the process once.
        strength = librosa.util.normalize(librosa.onset.onset_strength(y=mono, sr=RATE))
        peaks, _ = find_peaks(strength, height=0.07, prominence=0.07, distance=3)
        apart.append([np.log(ours / theirs), np.log(ours / (peaks.size / 20))])
    assert np.abs(np.median(apart, axis=0)).max() < 0.15
    assert np.abs(apart).max() < 0.5


@pytest.mark.parametrize(("style", "ratio"), [("jazz", 0.64), ("folk", 0.5), ("pop", 0.5)])
@pytest.mark.parametrize("seed", [1, 2])
def test_swing_is_what_was_played(style, ratio, seed):
    song = mt.datasets.simulate_recording(style=style, duration_s=30, rng=seed)
    row = analyse(song.recording, [Groove()])
    assert row["swing_ratio"] == pytest.approx(ratio, abs=0.03)
    assert row["swing_clarity"] >= 0.15


@pytest.mark.parametrize("ratio", [0.5, 0.58, 0.64, 0.667])
def test_swing_of_clicks_is_exact(ratio):
    beats_s = np.arange(0.2, 19, 0.5)
    samples = np.zeros(RATE * 20)
    for time_s in np.concatenate((beats_s, beats_s[:-1] + 0.5 * ratio)):
        at = round(time_s * RATE)
        samples[at : at + 400] += 0.5 * np.exp(-np.arange(400) / 60)
    found, clarity = measure_swing(curves_of(samples), beats_s)
    assert found == pytest.approx(ratio, abs=0.01)
    assert clarity > 0.7


def test_no_swing_without_off_beats():
    samples, times = drums(2.0, 20.0)
    found, clarity = measure_swing(curves_of(samples), times)
    assert np.isnan(found)
    assert clarity < 0.15
    assert np.isnan(measure_swing(curves_of(samples), times[:5])).all()


def test_strokes_are_as_loud_as_they_are():
    """A click track of tones: their level in the window is that of the tone."""
    time = np.arange(RATE * 20) / RATE
    # Faded out over 50 ms, since an abrupt end is an onset too.
    sounding = np.clip((0.2 - (time - 0.2) % 0.5) / 0.05, 0, 1) * (time > 0.2)
    tone = 0.5 * np.sin(2 * np.pi * 1000 * time) * sounding
    row = analyse(mt.audio.from_samples(tone, RATE), [Groove()])
    assert row["beats_loudness_median_dbfs"] == pytest.approx(
        20 * np.log10(0.5 / np.sqrt(2)), abs=0.2
    )
    number = 1 + next(k for k, edge in enumerate(BAND_EDGES_HZ[1:]) if edge > 1000)
    assert row[f"beats_loudness_band_ratio_{number}_median"] > 0.95
    quiet = analyse(mt.audio.from_samples(tone / 10, RATE), [Groove()])
    assert quiet["beats_loudness_mean_dbfs"] == pytest.approx(
        row["beats_loudness_mean_dbfs"] - 20, abs=0.01
    )


def test_band_ratios_agree_with_essentia():
    standard = pytest.importorskip("essentia.standard")
    recording = mt.datasets.simulate_recording(style="rock", duration_s=20, rng=8).recording
    beats_s = gather(recording, [OnsetTrack, PeakTrack]).once(find_beats)
    row = analyse(recording, [Groove()])
    ours = [row[f"beats_loudness_band_ratio_{band}_mean"] for band in range(1, 7)]
    mono = recording.samples.mean(axis=0)
    edges = [0.1, 200, 400, 800, 1600, 3200, 22_000]
    _, theirs = standard.BeatsLoudness(
        beats=beats_s[1:-1].astype(np.float32), frequencyBands=edges
    )(mono)
    assert np.corrcoef(ours, theirs.mean(axis=0))[0, 1] > 0.95


@pytest.mark.parametrize(
    "samples",
    [np.zeros(1), np.zeros(RATE * 3), np.full(RATE * 3, 0.2), drums(4)[0]],
    ids=["one sample", "silence", "dc", "drums"],
)
def test_descriptors_keep_their_bounds(samples):
    values = analyse(mt.audio.from_samples(samples, RATE), [Groove()])
    assert [d.name for d in Groove.descriptors] == list(values)
    for descriptor in Groove.descriptors:
        value = values[descriptor.name]
        assert np.isnan(value) or descriptor.minimum <= value <= descriptor.maximum
        assert not np.isnan(value) or "NaN" in descriptor.meaning
