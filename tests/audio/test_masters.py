"""Two masters of one song: what was done to the second is found again."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import soxr
from scipy import signal

import musictools as mt
from musictools.audio._third_octaves import CENTRES_HZ
from musictools.errors import InputError

SHIFT = 12_345


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def song():
    return mt.datasets.simulate_recording(style="rock", duration_s=30, rng=11).recording


def again(samples, rate=44_100):
    return mt.audio.from_samples(samples, rate)


def equaliser(kind, hz, gain_db, q, rate):
    """R. Bristow-Johnson's cookbook."""
    a, w = 10 ** (gain_db / 40), 2 * np.pi * hz / rate
    alpha, c = np.sin(w) / (2 * q), np.cos(w)
    if kind == "peak":
        return [1 + alpha * a, -2 * c, 1 - alpha * a], [1 + alpha / a, -2 * c, 1 - alpha / a]
    root = 2 * np.sqrt(a) * alpha
    return (
        [
            a * (a + 1 + (a - 1) * c + root),
            -2 * a * (a - 1 + (a + 1) * c),
            a * (a + 1 + (a - 1) * c - root),
        ],
        [a + 1 - (a - 1) * c + root, 2 * (a - 1 - (a + 1) * c), a + 1 - (a - 1) * c - root],
    )


def value(found, name):
    return found.measures.set_index("name").loc[name, "difference"]


def test_shift_gain_and_polarity_are_found_exactly(song):
    later = np.pad(song.samples * -(10 ** (-3.7 / 20)), ((0, 0), (SHIFT, 0)))
    found = mt.audio.compare_masters(song, again(later))
    assert found.offset_s * 44_100 == pytest.approx(SHIFT, abs=1e-6)
    assert found.gain_db == pytest.approx(-3.7, abs=0.01)
    assert found.inverted
    assert found.drift_ppm == 0
    assert found.residual_db < -80
    assert found.correlation == pytest.approx(1, abs=1e-6)
    assert found.same_song > 0.99
    assert found.tonal_difference["difference_db"].abs().max() < 0.05
    assert "later" in found.words[0]
    assert "3.7 LU quieter" in found.words[0]
    assert "opposite polarity" in found.words[0]
    back = mt.audio.compare_masters(again(later), song)
    assert back.offset_s == pytest.approx(-found.offset_s)
    assert back.gain_db == pytest.approx(3.7, abs=0.01)


def test_an_equaliser_is_recovered(song):
    samples, gain = song.samples, np.ones(30, complex)
    for kind, hz, gain_db, q in (("shelf", 8_000, 3, 0.707), ("peak", 200, -4, 1)):
        b, a = equaliser(kind, hz, gain_db, q, 44_100)
        samples = signal.lfilter(b, a, samples)
        gain *= signal.freqz(b, a, CENTRES_HZ, fs=44_100)[1]
    found = mt.audio.compare_masters(song, again(samples))
    assert found.offset_s == 0
    difference = found.tonal_difference["difference_db"].to_numpy()
    miss = np.abs(difference + found.gain_db - 20 * np.log10(np.abs(gain)))
    # The energy of a band may lie off its centre, where the curve is steep.
    assert np.quantile(miss, 0.8) < 0.25
    assert miss[2:29].max() < 0.8
    text = " ".join(found.words)
    assert "above the first, loudness matched" in text
    assert "below the first, loudness matched" in text


def test_a_limiter_takes_from_the_ratio_of_peak_to_loudness(song):
    peak = np.abs(song.samples).max()
    squeezed = np.tanh(3 * song.samples / peak) * peak
    found = mt.audio.compare_masters(song, again(squeezed))
    assert found.offset_s == 0
    assert found.gain_db > 4
    ratios = [
        mt.audio.loudness(again(x)).plr_lu for x in (song.samples, squeezed.astype(np.float32))
    ]
    assert value(found, "plr_lu") == pytest.approx(ratios[1] - ratios[0], abs=0.01)
    assert value(found, "plr_lu") < -3
    told = ("Peak-to-loudness", "Smallest peak", "DR is", "Crest")
    assert any(text.startswith(told) and "below the first" in text for text in found.words)
    assert found.same_song > 0.9


@pytest.mark.parametrize("ppm", [200, -1_000, 42_708])
def test_another_speed_is_told_and_undone(song, ppm):
    slow = soxr.resample(song.samples.T, 1.0, 1 + ppm * 1e-6).T
    found = mt.audio.compare_masters(song, again(slow))
    assert found.drift_ppm == pytest.approx(ppm, abs=3)
    assert found.residual_db < -12
    assert found.tonal_difference["difference_db"].abs()[2:28].max() < 0.3
    assert ("slower" if ppm > 0 else "faster") in found.words[1]


def test_rates_may_differ(song):
    other = soxr.resample(song.samples.T, 44_100, 48_000).T
    found = mt.audio.compare_masters(again(np.pad(other, ((0, 0), (480, 0))), 48_000), song)
    assert found.offset_s == pytest.approx(-0.01, abs=3e-6)
    assert found.drift_ppm == 0
    assert found.residual_db < -25
    assert found.provenance["sample_rate_hz"] == 44_100


def test_a_mono_master_is_narrower_and_nulls_as_far_as_mid(song):
    mono = song.samples.mean(axis=0)
    found = mt.audio.compare_masters(song, again(mono))
    assert value(found, "stereo_width") < 0
    assert found.offset_s == 0
    middle = np.stack([mono, mono])
    rest = np.sum((song.samples - middle) ** 2) / np.sum(song.samples**2)
    # Loudness match adds a little to what side leaves.
    assert found.residual_db == pytest.approx(10 * np.log10(rest), abs=1)
    same = mt.audio.compare_masters(again(middle), again(mono))
    assert same.residual_db < -80


def test_an_edit_is_told(song):
    cut = np.concatenate([song.samples[:, : 44_100 * 14], song.samples[:, 44_100 * 20 :]], axis=1)
    found = mt.audio.compare_masters(song, again(cut))
    assert found.agreement < 0.8
    assert "cut, moved or another take" in " ".join(found.words)


@pytest.mark.parametrize("style", ["rock", "jazz"])
def test_another_song_is_refused(song, style):
    other = mt.datasets.simulate_recording(style=style, duration_s=15, rng=12).recording
    with pytest.raises(InputError, match="two masters of one recording"):
        mt.audio.compare_masters(song, other)


def test_the_same_drums_at_the_same_tempo_are_no_master():
    """The studio has one drum kit: songs of one style and tempo share it, and nothing else."""
    songs = [
        mt.datasets.simulate_recording(
            style="house", bpm=124, key="A minor", duration_s=20, rng=seed
        ).recording
        for seed in (1, 2)
    ]
    with pytest.raises(InputError, match="share"):
        mt.audio.compare_masters(*songs)


@pytest.mark.parametrize(
    ("samples", "got"), [(np.zeros(44_100 * 3), "silent"), (np.full(4_410, 0.1), "0.10 s")]
)
def test_silence_and_moments_are_refused(song, samples, got):
    for pair in ((song, again(samples)), (again(samples), song)):
        with pytest.raises(InputError, match=got):
            mt.audio.compare_masters(*pair)


@pytest.mark.parametrize("rate", [8_000, 22_050])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_few_hertz_and_many_channels(song, rate, channels):
    slow = soxr.resample(song.samples[:, : 44_100 * 12].T, 44_100, rate).T
    samples = np.zeros((channels, slow.shape[1]))
    samples[: min(2, channels)] = slow[: min(2, channels)]
    found = mt.audio.compare_masters(again(samples, rate), again(0.5 * samples[:, 100:], rate))
    assert found.offset_s * rate == pytest.approx(-100, abs=1e-6)
    assert found.gain_db == pytest.approx(-6.02, abs=0.05)
    assert found.residual_db < -60


def test_what_results_can_do(song):
    found = mt.audio.compare_masters(song, song)
    assert found.residual_db == -120
    assert "same" in found.words[1]
    assert len(found.to_frame()) == 1
    assert "<li>" in found._repr_html_()
    assert found.plot().get_ylabel() == "Second less first (dB)"


def test_arrays_have_a_rate(song):
    found = mt.audio.compare_masters(song.samples, song.samples, sample_rate=song.sample_rate)
    assert found.residual_db == -120
    with pytest.raises(InputError, match="sample_rate"):
        mt.audio.compare_masters(song.samples, song.samples)
