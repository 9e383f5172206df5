"""Beats and bars: where clicks are, through breaks and drifts; right on songs with known beats."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import musictools as mt
from musictools.audio._beat_chain import chain_onsets, find_chain
from musictools.audio._beat_intervals import NOTES, BeatIntervals, histogram_peaks
from musictools.audio._beat_kernels import chain_beats, climb_path
from musictools.audio._beats import beats, find_beats, settle_tempo, usual_bpm
from musictools.audio._downbeats import downbeats, find_bars
from musictools.audio._fold import divide_beats, fold_curves, read_curves
from musictools.audio._onsets import RATE_HZ, OnsetTrack
from musictools.audio._pass import analyse, gather
from musictools.audio._peaks import PeakTrack
from musictools.audio._pulse import find_pulse
from musictools.audio._tempo_curve import TempoCurve, follow_tempo
from musictools.audio._viterbi_kernels import follow

RATE = 22_050


def strike(times_s, seconds, *, rate=RATE, noise=True):
    """Short bursts at some times."""
    samples = np.zeros(round(seconds * rate))
    long = rate // 50
    burst = np.exp(-np.arange(long) / (rate / 350))
    burst *= np.random.default_rng(0).normal(0, 0.3, long) if noise else 0.5
    for time_s in times_s:
        at = round(time_s * rate)
        samples[at : at + long] += burst[: max(0, samples.size - at)]
    return samples


def distances(found, truth):
    return np.abs(found[:, None] - truth).min(axis=1)


@pytest.mark.parametrize("bpm", [72.3, 100.0, 123.4, 151.0])
@pytest.mark.parametrize("start", [0.0, 0.21])
def test_beats_stand_on_clicks(bpm, start):
    truth = np.arange(start, 19.9, 60 / bpm)
    found = beats(strike(truth, 20), sample_rate=RATE)
    assert found.size == truth.size
    np.testing.assert_allclose(found, truth, atol=0.005)


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_the_rate_of_the_file_does_not_move_beats(rate):
    truth = np.arange(0.3, 14.9, 0.5)
    np.testing.assert_allclose(
        beats(strike(truth, 15, rate=rate), sample_rate=rate), truth, atol=0.005
    )


def test_beats_follow_a_tempo_that_rises_from_100_to_110():
    intervals = 60 / np.linspace(100, 110, 70)
    truth = 0.2 + np.cumsum(intervals)
    found = beats(strike(truth, truth[-1] + 1), sample_rate=RATE)
    assert found.size == truth.size
    np.testing.assert_allclose(found, truth, atol=0.01)


def test_beats_go_on_through_a_break():
    truth = np.arange(0.1, 30, 0.5)
    played = truth[(truth < 12) | (truth > 16)]
    found = beats(strike(played, 30), sample_rate=RATE)
    assert found.size == truth.size
    np.testing.assert_allclose(found, truth, atol=0.02)


def test_beats_end_with_the_music():
    truth = np.arange(2.1, 12, 0.5)
    found = beats(strike(truth, 20), sample_rate=RATE)
    assert found[0] == pytest.approx(truth[0], abs=0.01)
    assert found[-1] == pytest.approx(truth[-1], abs=0.01)


def drum(beats_s):
    """Kick and snare in turn on beats, and a louder hat half-way to the next."""
    time = np.arange(RATE // 8) / RATE
    kick = np.exp(-time * 25) * np.sin(2 * np.pi * 55 * time)
    rng = np.random.default_rng(2)
    snare = np.exp(-time * 30) * rng.normal(0, 0.25, time.size)
    hat = np.diff(np.exp(-time * 60) * rng.normal(0, 0.5, time.size), prepend=0)
    samples = np.zeros(round((beats_s[-1] + 1.0) * RATE))
    halves = (beats_s[:-1] + beats_s[1:]) / 2
    strokes = [((kick, snare)[k % 2], beat) for k, beat in enumerate(beats_s)]
    for sound, at in (*strokes, *((hat, half) for half in halves)):
        samples[round(at * RATE) :][: sound.size] += 0.5 * sound
    return samples


def test_hats_between_the_beats_do_not_catch_them():
    """Louder off-beats than beats, in the high band: kick and snare are where people tap."""
    truth = np.arange(0.25, 19.5, 0.5)
    found = beats(drum(truth), sample_rate=RATE)
    assert np.median(distances(found, truth)) < 0.01


def rubato(bpm, beats_count, depth):
    """Beats of phrases of eight that begin and end slowly."""
    tempo = bpm * (1 - depth * np.cos(2 * np.pi * np.arange(beats_count) / 8))
    return 0.3 + np.concatenate(([0.0], np.cumsum(60 / tempo)))


@pytest.mark.parametrize("bpm", [76.0, 104.0])
def test_beats_breathe_with_the_phrases(bpm):
    truth = rubato(bpm, 56, 0.07)
    samples = drum(truth)
    found = beats(samples, sample_rate=RATE)
    assert abs(found.size - truth.size) <= 1
    assert np.median(distances(found, truth)) < 0.01
    assert distances(found, truth).max() < 0.05
    # The tempo is what most beats have, which the mean over seconds is not.
    tempo = mt.audio.tempo(samples, sample_rate=RATE)
    assert tempo.value == pytest.approx(60 / np.median(np.diff(found)), rel=1e-6)
    assert tempo.value == pytest.approx(60 / np.median(np.diff(truth)), rel=0.01)


def test_the_usual_tempo_is_that_of_the_beats_where_the_curve_agrees():
    times_s = np.arange(0.0, 30.0)
    curve = TempoCurve(times_s, np.full(30, 100.0), steady=False, stability=1.0, support=0.5)
    assert usual_bpm(np.arange(40) * 60 / 103, curve) == pytest.approx(103)
    assert usual_bpm(np.arange(40) * 60 / 105, curve) == 100
    assert usual_bpm(np.arange(3) * 60 / 103, curve) == 100


def test_the_course_of_the_tempo_is_that_of_the_beats_where_phrases_breathe_in_windows():
    truth = rubato(170.0, 120, 0.09)
    found = mt.audio.tempo(strike(truth, truth[-1] + 0.5), sample_rate=RATE)
    assert found.curve["bpm"].min() < found.value < found.curve["bpm"].max()
    wanted = 60 / np.diff(truth)
    assert found.curve["bpm"].std() == pytest.approx(wanted.std(), rel=0.3)


def test_a_pause_makes_no_steady_song_free():
    strokes = np.concatenate((np.arange(0, 20, 0.5), np.arange(60, 80, 0.5)))
    tracks = gather(mt.audio.from_samples(strike(strokes, 80.5), RATE), [OnsetTrack, PeakTrack])
    assert tracks.once(find_chain).steady
    assert tracks.once(settle_tempo)[0][0] == pytest.approx(120, rel=1e-3)


def test_phrases_that_windows_level_out_are_not_steady():
    """At 170 BPM eight beats last three seconds: the tempo curve hears only their mean."""
    truth = rubato(170.0, 90, 0.09)
    track = gather(mt.audio.from_samples(strike(truth, truth[-1] + 0.5), RATE), [OnsetTrack])
    curves = track[OnsetTrack].curves()
    curve = follow_tempo(curves, 170.0)
    assert curve.steady
    chain = chain_onsets(curves, curve)
    assert not chain.steady
    assert np.median(distances(chain.times_s, truth)) < 0.012
    even = np.arange(0.3, 30, 60 / 170)
    curves = gather(mt.audio.from_samples(strike(even, 30), RATE), [OnsetTrack])[
        OnsetTrack
    ].curves()
    assert chain_onsets(curves, follow_tempo(curves, 170.0)).steady


def test_chords_change_on_beats():
    """The same strokes on beats and between them: only the chords tell them apart."""
    truth = np.arange(0.4, 29.5, 0.6)
    samples = strike(np.sort(np.concatenate((truth, truth + 0.3))), 31)
    time = np.arange(samples.size) / RATE
    for k, roots in enumerate(np.random.default_rng(6).permutation(np.arange(truth.size)) % 12):
        inside = (time >= truth[k]) & (time < truth[k] + 0.6)
        for semitones in (0, 4, 7):
            hz = 220 * 2 ** ((roots + semitones) / 12)
            samples[inside] += 0.05 * np.sin(2 * np.pi * hz * time[inside])
    found = beats(samples, sample_rate=RATE)
    # At any level, what is found holds the beats rather than what lies between them.
    assert distances(truth[2:-2], found).mean() < 0.02


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(RATE * 5),
        np.full(RATE * 5, 0.3),
        np.zeros(1),
        strike([0.5], 1.5),
        strike([2.0], 5),
    ],
    ids=["silence", "dc", "one sample", "short", "one click"],
)
def test_no_beats_where_nothing_repeats(samples):
    for function in (beats, downbeats):
        found = function(samples, sample_rate=RATE)
        assert found.shape == (0,)
        assert found.dtype == np.float64


@settings(max_examples=10)
@given(
    shift_s=st.floats(0.05, 1.0),
    bpm=st.floats(80, 160),
    gain=st.floats(0.001, 1.0),
)
def test_beats_move_with_the_sound_and_not_with_its_gain(shift_s, bpm, gain):
    truth = np.arange(0.1, 14.5, 60 / bpm)
    plain = beats(strike(truth, 15), sample_rate=RATE)
    moved = beats(gain * strike(truth + shift_s, 16), sample_rate=RATE)
    assert plain.size == moved.size
    np.testing.assert_allclose(moved - plain, shift_s, atol=0.004)


@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**32 - 1), seconds=st.floats(0.001, 8), density=st.sampled_from([0, 3, 50])
)
def test_beats_rise_within_the_recording(seed, seconds, density):
    rng = np.random.default_rng(seed)
    samples = 0.01 * rng.normal(0, 1, max(1, round(seconds * RATE)))
    samples += strike(rng.uniform(0, seconds, int(density * seconds)), samples.size / RATE)
    found = beats(samples, sample_rate=RATE)
    assert (np.diff(found) > 0).all()
    assert ((found >= 0) & (found <= seconds)).all()


def test_the_chain_is_the_best_of_all():
    """Against every chain there is, on a row of frames so short that they can be tried."""
    rng = np.random.default_rng(4)
    ratios = np.array([2 / 3, 1.0, 4 / 3])
    near = np.array([0.2, 0.0, 0.2], np.float32)
    change = np.array([0.3, 0.0, 0.3], np.float32)
    for _ in range(20):
        onset = rng.normal(0, 1, 14).astype(np.float32)
        period = np.full(14, 3.0)

        def value(end, column, onset=onset):
            step = [2, 3, 4][column]
            gain = onset[end] * ratios[column] - near[column]
            if end < step:
                return gain, (end,)
            options = [
                (value(end - step, other)[0] - change[other - column + 1], value(end - step, other))
                for other in range(max(0, column - 1), min(3, column + 2))
            ]
            best = max(options, key=lambda option: option[0])
            return best[0] + gain, (*best[1][1], end)

        ends = [value(end, column) for end in (11, 12, 13) for column in range(3)]
        chain = chain_beats(onset, period, ratios, near, change)
        np.testing.assert_allclose(chain, max(ends, key=lambda end: end[0])[1], atol=1e-9)


def best_path(scores, cost):
    """Every path there is; ``cost`` of going from one column to another."""
    paths = itertools.product(range(scores.shape[1]), repeat=len(scores))
    return max(
        paths,
        key=lambda path: (
            sum(scores[row, column] for row, column in enumerate(path))
            - sum(cost(a, b) for a, b in itertools.pairwise(path))
        ),
    )


def test_paths_are_the_best_of_all():
    rng = np.random.default_rng(7)
    costs = np.array([1.1, 0.4, 0.0, 0.4, 1.1])
    for _ in range(20):
        scores = rng.normal(0, 1, (5, 4))
        wanted = best_path(scores, lambda a, b: 0.8 * (a != b))
        assert tuple(follow(scores, 0.0, -0.8)) == wanted
        wanted = best_path(scores, lambda a, b: costs[b - a + 2] if abs(a - b) < 3 else np.inf)
        assert tuple(climb_path(scores, costs)) == wanted


def test_curves_are_read_along_the_beat():
    frames = np.arange(1000) / RATE_HZ
    curves = np.stack((frames, 2 * frames)).astype(np.float32)
    times = np.array([1.0, 2.0, 2.75])
    np.testing.assert_allclose(divide_beats(times, 4)[1], [2.0, 2.1875, 2.375, 2.5625])
    late = read_curves(curves, np.zeros(1))[0, 0]
    assert 0 < late < 0.01
    folded = fold_curves(curves, times, 4)
    np.testing.assert_allclose(folded[0] - late, divide_beats(times, 4), atol=1e-5)
    np.testing.assert_allclose(folded[1], 2 * folded[0], rtol=1e-5)


# Bars


def test_bars_of_a_waltz_and_of_a_rock_song():
    mir_eval = pytest.importorskip("mir_eval")
    for style, beats_per_bar in (("waltz", 3), ("rock", 4)):
        song = mt.datasets.simulate_recording(style=style, duration_s=25, rng=77)
        tracks = gather(song.recording, [OnsetTrack, PeakTrack])
        bars = tracks.once(find_bars)
        assert bars.beats_per_bar == beats_per_bar
        found = bars.downbeats(tracks.once(find_beats))
        np.testing.assert_array_equal(found, downbeats(song.recording))
        assert mir_eval.beat.f_measure(song.truth["downbeats_s"], found) > 0.95
        assert set(found) <= set(beats(song.recording))


def test_equal_clicks_have_no_clear_bars():
    """Which of them is the first, nobody knows."""
    truth = np.arange(0.1, 19.9, 0.5)
    assert downbeats(strike(truth, 20, noise=False), sample_rate=RATE).size == 0


# Against the truth


@pytest.fixture(scope="module")
def rendered(shared, rhythms):
    songs = json.loads((shared / "data" / "audio" / "midi_render_truth.json").read_text())
    return [(song, *rhythms[1][f"midi_render/{song['name']}.ogg"]) for song in songs]


def test_beats_of_the_generated_songs(rendered):
    mir_eval = pytest.importorskip("mir_eval")
    scores = [mir_eval.beat.f_measure(np.array(s["beats"]), found) for s, found, _ in rendered]
    assert len(scores) == 24
    assert np.mean(scores) >= 0.95
    errors = np.concatenate([distances(found, np.array(s["beats"])) for s, found, _ in rendered])
    assert np.median(errors) < 0.005


def test_bars_of_the_generated_songs(rendered):
    mir_eval = pytest.importorskip("mir_eval")
    assert np.mean([bars.beats_per_bar == song["num"] for song, _, bars in rendered]) >= 0.95
    scores = [
        mir_eval.beat.f_measure(np.array(song["beats"][:: song["num"]]), bars.downbeats(found))
        for song, found, bars in rendered
    ]
    assert np.mean(scores) >= 0.9


# What follows from beats


def test_evenness_of_clicks():
    even = analyse(
        mt.audio.from_samples(strike(np.arange(0.1, 19.9, 0.5), 20), RATE), [BeatIntervals()]
    )
    assert even["beats_count"] == 40
    assert even["beat_interval_std_ms"] < 3
    assert even["beat_regularity"] == 1
    assert even["rubato_percent"] < 0.2
    assert even["bpm_histogram_first_peak_bpm"] == 120
    intervals = 60 / np.linspace(100, 120, 60)
    times = 0.2 + np.cumsum(intervals)
    drifting = analyse(
        mt.audio.from_samples(strike(times, times[-1] + 0.5), RATE), [BeatIntervals()]
    )
    assert drifting["beat_interval_std_ms"] == pytest.approx(1000 * intervals.std(), rel=0.1)
    phrases = times[4:] - times[:-4]
    assert drifting["rubato_percent"] == pytest.approx(100 * np.log(phrases).std(), rel=0.1)


def test_the_histogram_is_that_of_essentia():
    standard = pytest.importorskip("essentia.standard")
    rng = np.random.default_rng(5)
    for tempi in (
        rng.normal(120, 2, 80),
        np.concatenate((rng.normal(90, 1, 40), rng.normal(140, 3, 30))),
        np.concatenate((np.full(5, 300.0), np.full(9, 100.2), np.full(4, 104.6))),
    ):
        times = np.cumsum(np.concatenate(([0.0], 60 / tempi)))
        found = list(histogram_peaks(times).values())
        theirs = standard.BpmHistogramDescriptors()(np.diff(times).astype(np.float32))[:6]
        np.testing.assert_allclose(found, theirs, atol=1e-5)


def test_one_tempo_has_no_second_peak():
    found = histogram_peaks(np.arange(20) * 0.5)
    assert found["bpm_histogram_first_peak_weight"] == 1
    assert np.isnan(found["bpm_histogram_second_peak_bpm"])
    assert all(np.isnan(value) for value in histogram_peaks(np.arange(2.0)).values())


def test_tempogram_ratios_are_those_of_librosa():
    librosa = pytest.importorskip("librosa")
    recording = mt.datasets.simulate_recording(style="pop", duration_s=20, rng=3).recording
    tracks = gather(recording, BeatIntervals.tracks)
    ours = [BeatIntervals().measure(tracks)[f"tempogram_ratio_{note}"] for note in NOTES]
    pulse = tracks.once(find_pulse)
    overall = pulse.periodicity.overall
    with np.errstate(divide="ignore"):
        tempi = 60 * pulse.periodicity.rate_hz / np.arange(overall.size)
    theirs = librosa.feature.tempogram_ratio(
        tg=overall[:, None] / overall[0], bpm=np.array([pulse.candidates[0][0]]), freqs=tempi
    )[:, 0]
    np.testing.assert_allclose(ours, np.clip(theirs, 0, 1), atol=1e-6)


@pytest.mark.parametrize(
    "samples", [np.zeros(RATE * 3), np.zeros(1), strike([0.1, 0.6, 1.1, 1.6], 2.2)]
)
def test_descriptors_keep_their_bounds(samples):
    values = analyse(mt.audio.from_samples(samples, RATE), [BeatIntervals()])
    assert [d.name for d in BeatIntervals.descriptors] == list(values)
    for descriptor in BeatIntervals.descriptors:
        value = values[descriptor.name]
        assert np.isnan(value) or descriptor.minimum <= value <= descriptor.maximum
        assert not np.isnan(value) or "NaN" in descriptor.meaning
