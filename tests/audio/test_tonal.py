"""Peaks, chroma and the tonal columns: against essentia, librosa, scipy and formulas."""

import math

import librosa
import numpy as np
import pytest
from scipy.signal import find_peaks

import musictools as mt
from musictools.audio._chroma import View, cens_of, hpcp_of, tonnetz_of, votes_of
from musictools.audio._pass import analyse, gather, hann, power_spectrum
from musictools.audio._peaks import FIRST_S, HOP_S, Peaks, PeakTrack, edge_of, view_of
from musictools.audio._profiles import DIATONIC, PROFILES, profile_fits, turned_fits
from musictools.audio._tonal import Tonal, nontempered_ratio, tempered_deviation

RATE = 11_025


def track_of(samples, rate=RATE):
    return gather(mt.audio.from_samples(samples, rate), [PeakTrack])[PeakTrack]


def tones(*frequencies, seconds=4.0, rate=RATE, level=0.2):
    t = np.arange(int(seconds * rate)) / rate
    return level * sum(np.sin(2 * np.pi * hz * t) for hz in frequencies)


@pytest.fixture(scope="module")
def song():
    return mt.datasets.simulate_recording(style="jazz", duration_s=20, rng=11).recording


@pytest.fixture(scope="module")
def track(song):
    return gather(song, [PeakTrack])[PeakTrack]


@pytest.fixture(scope="module")
def row(song):
    return analyse(song, [Tonal()])


@pytest.fixture(scope="module")
def essentia():
    return pytest.importorskip("essentia.standard", reason="the essentia extra is not installed")


def test_the_peaks_of_tones_are_those_tones():
    track = track_of(tones(110.0, 523.25, 2000.0))
    peaks = track.peaks
    wanted = 12 * np.log2(np.array([110.0, 523.25, 2000.0]) / 440)
    for frame in range(track.frames):
        own = peaks.frame == frame
        loudest = np.sort(peaks.pitch[own][np.argsort(-peaks.magnitude[own])[:3]])
        np.testing.assert_allclose(loudest, wanted, atol=0.02)
        # A full-scale sine has a quarter of the size, wherever it lies between two bins: of the
        # 1.4 dB that Hann loses there, the parabola leaves 0.2.
        np.testing.assert_allclose(np.sort(peaks.magnitude[own])[-3:], 0.2 * 4096 / 4, rtol=0.03)


def test_peaks_are_those_that_scipy_finds(track, song):
    samples = np.random.default_rng(2).normal(0, 0.05, RATE * 3) + tones(220, 880, seconds=3)
    found = track_of(samples).peaks
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float32), 4096)[::2048]
    bin_hz = RATE / 4096
    low, high = math.floor(40 / bin_hz) - 1, math.ceil(3550 / bin_hz)
    for number, power in enumerate(power_spectrum(frames * hann(4096))):
        magnitude = np.sqrt(power)
        floor = 4 * np.sort(magnitude[round(55 / bin_hz) : high : 3])
        place, _ = find_peaks(magnitude[: high + 2], height=floor[len(floor) // 2])
        place = place[(place >= low) & (place <= high)]
        around = np.array([magnitude[max(p - 20, 0) : p + 21].mean() for p in place])
        own = found.frame == number
        frequency = 440 * 2 ** (found.pitch[own] / 12)
        assert np.all(np.abs(frequency / bin_hz - place) <= 0.51)
        # The top of the parabola through the logarithms of three bins.
        left, middle, right = (np.log(magnitude[place + d]) for d in (-1, 0, 1))
        aside = (left - right) / (left - 2 * middle + right) / 2
        top = np.exp(middle - (left - right) * aside / 4)
        np.testing.assert_allclose(found.magnitude[own], top, rtol=1e-4)
        np.testing.assert_allclose(
            found.prominence[own], np.minimum(magnitude[place] / around, 4), rtol=1e-5
        )


def test_frames_stand_where_the_track_says(track, song):
    assert pytest.approx(2048 / 11_025) == FIRST_S == HOP_S
    assert track.frames == (int(song.duration_s * 11_025) - 4096) // 2048 + 1
    assert track.energies().shape == (track.frames,)
    late = np.concatenate([np.zeros(RATE * 3), tones(440.0, seconds=1)])
    first = track_of(late).peaks.frame.min() * HOP_S + FIRST_S
    assert first == pytest.approx(3.0, abs=HOP_S)


def test_pieces_of_any_size_give_the_same_peaks(track, song):
    whole = gather(song, [PeakTrack])[PeakTrack]
    assert np.array_equal(whole.peaks.pitch, track.peaks.pitch)
    again = PeakTrack.of(track.peaks, track.energies())
    assert again.frames == track.frames
    assert again.tuning() == track.tuning()
    assert np.array_equal(again.chroma(harmonics=4), track.chroma(harmonics=4))


def test_votes_are_what_their_description_says(track):
    some = track.peaks.frame < 4
    few = Peaks(
        *(getattr(track.peaks, n)[some] for n in ("frame", "pitch", "magnitude", "prominence"))
    )
    tuning = np.array([0.07, 0.07, -0.4, 0.2])
    views = [View(), View(4), View(3, -9.5, 20.5), View(1, -41.5, -9.5)]
    found = votes_of(few, 4, views, tuning=tuning)
    for view, votes in zip(views, found, strict=True):
        expected = np.zeros((4, 12))
        for frame, pitch, magnitude, prominence in zip(
            few.frame, few.pitch, few.magnitude, few.prominence, strict=True
        ):
            tuned = pitch - tuning[frame]
            if not view.low <= tuned <= view.high:
                continue
            for nth in range(view.harmonics):
                away = tuned + 9 - 12 * math.log2(nth + 1) - np.arange(12)
                away = np.abs((away + 6) % 12 - 6)
                weight = math.sqrt(magnitude) * prominence / 4 * 0.6**nth
                near = np.where(away < 0.75, np.cos(np.pi / 2 * away / 0.75) ** 2, 0)
                expected[frame] += weight * near
        # The place of a peak is kept to a tenth of a semitone, shared by two.
        np.testing.assert_allclose(votes, expected, atol=0.012 * expected.max())


def test_several_views_are_the_same_as_one_at_a_time(track):
    views = [view_of(), view_of(harmonics=4, low_hz=150.0)]
    both = PeakTrack.of(track.peaks, track.energies()).chromas(views, tuning_window_s=7.0)
    own = PeakTrack.of(track.peaks, track.energies())
    for view, votes in zip(views, both, strict=True):
        np.testing.assert_allclose(own.chromas([view], tuning_window_s=7.0)[0], votes, atol=1e-4)
    again = own.chroma(harmonics=4, low_hz=150.0, tuning_window_s=7.0)
    assert again is own.chromas(views, tuning_window_s=7.0)[1]


def test_an_hour_votes_as_a_minute_does(track):
    """Frames are taken some at a time."""
    often = 1 + 1100 // track.frames
    shifts = np.repeat(np.arange(often, dtype=np.int32) * track.frames, track.peaks.frame.size)
    fields = (track.peaks.frame, track.peaks.pitch, track.peaks.magnitude, track.peaks.prominence)
    frame, *rest = (np.tile(one, often) for one in fields)
    long = votes_of(Peaks(frame + shifts, *rest), often * track.frames, [View()], tuning=0.1)[0]
    once = votes_of(track.peaks, track.frames, [View()], tuning=0.1)[0]
    np.testing.assert_allclose(long, np.tile(once, (often, 1)), atol=1e-4)


def test_limits_of_notes_are_quarter_tones():
    assert [edge_of(hz) for hz in (40.0, 55.0, 150.0, 260.0, 3500.0)] == [
        *(-41.5, -36.5, -18.5, -9.5, 35.5)
    ]


@pytest.mark.parametrize("cents", [-45, -12, 12, 45])
def test_no_note_crosses_a_limit_because_of_its_tuning(cents):
    """C4 has 261.6 Hz and D3 146.8: at limits of 260 and 150 Hz a fifth of a semitone would do."""
    tuned = 2 ** (np.array([0.0, cents]) / 1200)
    there, back = (
        track_of(tones(*(hz * ratio for hz in (110.0, 146.83, 261.63, 440.0)))) for ratio in tuned
    )
    for limits in ({"high_hz": 260.0}, {"low_hz": 150.0}):
        ours, theirs = (t.chroma(**limits).mean(axis=0) for t in (there, back))
        np.testing.assert_allclose(ours, theirs, atol=0.05 * ours.max())


def test_tuning_follows_a_recording_that_drifts():
    cents = np.linspace(-30, 30, RATE * 30)
    samples = 0.2 * np.sin(2 * np.pi * np.cumsum(440 * 2 ** (cents / 1200)) / RATE)
    track = track_of(samples)
    assert track.tuning() == pytest.approx(0, abs=0.02)
    followed = track.tuning_over_time(5.0)
    middle = (np.arange(track.frames) * HOP_S + FIRST_S) * 2 - 30
    inside = slice(15, -15)
    np.testing.assert_allclose(100 * followed[inside], middle[inside], atol=2)


def test_tuning_near_a_quarter_tone_does_not_jump():
    parts = [tones(440 * 2 ** (c / 1200), 660 * 2 ** (c / 1200)) for c in (47, 53, 48, 52)]
    followed = track_of(np.concatenate(parts)).tuning_over_time(4.0)
    assert np.ptp(followed) < 0.15


def test_hpcp_is_that_of_essentia(track, essentia):
    """The same peaks into both: squared magnitudes, squared cosine, the largest is 1."""
    tuning = track.tuning()
    ours = hpcp_of(track.peaks, track.frames, tuning=tuning, bins=36, window_semitones=4 / 3)
    theirs = essentia.HPCP(
        size=36,
        referenceFrequency=440 * 2 ** (tuning / 12),
        bandPreset=False,
        minFrequency=20,
        maxFrequency=5000,
        weightType="squaredCosine",
        windowSize=4 / 3,
        sampleRate=RATE,
    )
    for frame in range(0, track.frames, 7):
        own = track.peaks.frame == frame
        frequency = (440 * 2 ** (track.peaks.pitch[own] / 12)).astype(np.float32)
        expected = theirs(frequency, track.peaks.magnitude[own])
        np.testing.assert_allclose(ours[frame], expected, atol=4e-3)


def test_the_shape_of_hpcp_is_that_of_essentia(track, row, essentia):
    """Of every other frame: they overlap by half."""
    frames = hpcp_of(
        track.peaks, track.frames, tuning=track.tuning(), bins=36, window_semitones=4 / 3
    ).astype(np.float32)[::2]
    crest = [essentia.Crest()(frame) for frame in frames if frame.any()]
    entropy = [essentia.Entropy()(frame) for frame in frames if frame.any()]
    assert row["hpcp_crest_mean"] == pytest.approx(np.mean(crest), rel=1e-4)
    assert row["hpcp_crest_max"] == pytest.approx(np.max(crest), rel=1e-4)
    assert row["hpcp_entropy_mean"] == pytest.approx(np.mean(entropy), rel=1e-4)
    assert row["hpcp_00_mean"] == pytest.approx(frames[frames.any(axis=1), 0].mean(), rel=1e-5)


def test_bin_zero_of_hpcp_is_a_and_of_chroma_is_c():
    found = analyse(mt.audio.from_samples(tones(440.0), RATE), [Tonal()])
    assert found["hpcp_00_mean"] == pytest.approx(1)
    assert found["chroma_a"] == max(found[f"chroma_{n}"] for n in ("c", "a", "gs", "as"))
    # Three bins to a semitone: E is seven semitones, 21 bins above A.
    found = analyse(mt.audio.from_samples(tones(659.26), RATE), [Tonal()])
    assert found["hpcp_21_mean"] == pytest.approx(1)
    assert found["thpcp_00"] == 1


def test_the_tuning_system_is_that_of_essentia(essentia):
    rng = np.random.default_rng(6)
    for _ in range(20):
        profile = rng.random(120).astype(np.float32) ** 3
        deviation, ratio, _ = essentia.HighResolutionFeatures(maxPeaks=24)(profile)
        assert tempered_deviation(profile.astype(float)) == pytest.approx(deviation, rel=1e-4)
        assert nontempered_ratio(profile.astype(float)) == pytest.approx(ratio, rel=1e-4)


@pytest.mark.parametrize("name", ["krumhansl", "temperley", "edma"])
def test_profiles_are_those_of_essentia(name, essentia):
    rng = np.random.default_rng(7)
    judge = essentia.Key(profileType=name, usePolyphony=False, pcpSize=12)
    for _ in range(50):
        chroma = rng.random(12)
        # Essentia counts from A.
        root, mode, strength, _ = judge(np.roll(chroma, -9).astype(np.float32))
        fits = profile_fits(chroma, name)
        best = int(fits.argmax())
        assert strength == pytest.approx(fits.max(), abs=1e-5)
        assert ("major", "minor")[best // 12] == mode
        assert librosa.note_to_midi(root) % 12 == best % 12


def test_diatonic_strength_is_that_of_essentia(essentia):
    rng = np.random.default_rng(8)
    judge = essentia.Key(profileType="diatonic", usePolyphony=False, pcpSize=120)
    for _ in range(10):
        profile = rng.random(120)
        ours = max(turned_fits(profile, scale).max() for scale in DIATONIC)
        assert judge(profile.astype(np.float32))[2] == pytest.approx(ours, abs=1e-4)


def test_profiles_are_correlations():
    chroma = np.random.default_rng(9).random(12)
    for name, profile in PROFILES.items():
        for tonic in range(12):
            expected = np.corrcoef(chroma, np.roll(profile.minor, tonic))[0, 1]
            assert profile_fits(chroma, name)[12 + tonic] == pytest.approx(expected)
    assert not profile_fits(np.ones(12), "krumhansl").any()


def test_cens_is_that_of_librosa(track, row):
    chroma = track.chroma()
    theirs = librosa.feature.chroma_cens(
        C=chroma.T,
        fmin=librosa.note_to_hz("C3"),
        n_octaves=1,
        bins_per_octave=12,
        win_len_smooth=21,
        norm=2,
    ).T
    np.testing.assert_allclose(cens_of(chroma, smooth_frames=21), theirs, atol=1e-9)
    assert row["cens_c_mean"] == pytest.approx(theirs[:, 0].mean())
    assert row["cens_b_std"] == pytest.approx(theirs[:, 11].std())


def test_tonnetz_is_that_of_librosa(track, row):
    chroma = track.chroma()
    theirs = librosa.feature.tonnetz(chroma=chroma.T).T
    np.testing.assert_allclose(tonnetz_of(chroma), theirs, atol=1e-9)
    assert row["tonnetz_fifths_sine_mean"] == pytest.approx(theirs[:, 0].mean())
    assert row["tonnetz_major_thirds_cosine_std"] == pytest.approx(theirs[:, 5].std())


@pytest.mark.parametrize("cents", [-40, 0, 35])
def test_tuning_is_that_of_the_recording(cents, essentia):
    ratio = 2 ** (cents / 1200)
    samples = tones(220 * ratio, 277.18 * ratio, 329.63 * ratio)
    found = analyse(mt.audio.from_samples(samples, RATE), [Tonal()])
    assert found["tuning_cents"] == pytest.approx(cents, abs=1.5)
    assert found["tuning_frequency_hz"] == pytest.approx(440 * ratio, rel=1e-3)
    # On the notes of the recording, wherever those are.
    assert found["tuning_equal_tempered_deviation"] < 0.1


def test_columns_are_declared_and_in_their_bounds(row):
    assert list(row) == [d.name for d in Tonal.descriptors]
    for descriptor in Tonal.descriptors:
        value = row[descriptor.name]
        if descriptor.unit == "text":
            assert isinstance(value, str)
        else:
            assert descriptor.minimum <= value <= descriptor.maximum, descriptor.name
    assert sum(row[f"chroma_{n}"] for n in ("c", "cs", "d", "ds", "e", "f")) < 1


def test_columns_agree_with_key(song, row):
    found = mt.audio.key(song)
    assert row["key"] == found.value
    assert row["key_confidence"] == found.confidence
    assert row["key_alternative"] == found.alternatives[0][0]
    assert row["tuning_cents"] == found.tuning_cents
    assert row["key_changes_count"] == len(found.segments) - 1


STRANGE = {
    "silence": np.zeros((2, RATE)),
    "constant": np.full((1, RATE), 0.5),
    "a click": np.eye(1, RATE, 100),
    "noise": np.random.default_rng(1).normal(0, 0.2, (1, RATE)),
    "one sample": np.array([[0.5]]),
    "0.2 s": tones(440.0, seconds=0.2)[None],
    "5.1": np.random.default_rng(2).normal(0, 0.1, (6, RATE)),
    "barely anything": 1e-7 * np.random.default_rng(3).normal(0, 1, (1, RATE)),
}


@pytest.mark.parametrize("rate", [1_000, 11_025, 192_000])
@pytest.mark.parametrize("kind", STRANGE)
def test_strange_recordings_give_numbers_in_range_or_nothing(kind, rate):
    found = analyse(mt.audio.from_samples(STRANGE[kind], rate), [Tonal()])
    for descriptor in Tonal.descriptors:
        value = found[descriptor.name]
        if descriptor.unit == "text":
            assert value is None or isinstance(value, str)
        elif math.isnan(value):
            assert "NaN" in descriptor.meaning
        else:
            assert descriptor.minimum - 1e-9 <= value <= descriptor.maximum + 1e-9, descriptor.name


def test_gain_moves_nothing(song):
    """While it rings out, the song falls under the floor of what is heard at all: not that."""
    middle = song.samples[:, song.sample_rate : 12 * song.sample_rate]
    there, back = (
        analyse(mt.audio.from_samples(middle * gain, song.sample_rate), [Tonal()])
        for gain in (1.0, 0.1)
    )
    for name, value in there.items():
        if isinstance(value, str):
            assert back[name] == value
        else:
            assert back[name] == pytest.approx(value, rel=1e-3, abs=1e-3), name
