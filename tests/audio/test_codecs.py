"""What lossy codecs do, to sounds of which one knows what to expect."""

import importlib.util
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from musictools.audio import _codec_boxes
from musictools.audio._codec_boxes import CODECS
from musictools.audio._codecs import COLUMNS, codecs
from musictools.audio._excerpt import loudest
from musictools.audio._losses import Original, find_delay, losses
from musictools.errors import InputError

RATE = 44_100
HAS_AV = importlib.util.find_spec("av") is not None
MADE = len(CODECS) if HAS_AV else 5


def encode(samples, rate=RATE, **options):
    return codecs(samples, sample_rate=rate, **options).set_index(["codec", "nominal_kbps"])


def noise(seconds=1.2, channels=2, rate=RATE, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, (channels, int(seconds * rate)))


def sine(hz, seconds=1.2, amplitude=0.5, rate=RATE):
    return amplitude * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)


def test_a_square_master_comes_out_above_full_scale():
    table = encode(np.sign(sine(331.0)))
    made = table[table.overs.notna()]
    assert len(made) == MADE
    assert (made.overs > 100).all()
    assert (made.sample_peak_dbfs > 0.1).all()
    assert made.note.str.contains("lower the master by").all()


def test_a_loud_noise_shows_overs_and_a_rise_and_a_quiet_one_none():
    loud = np.clip(8 * noise(), -1, 1)
    table = encode(loud)
    assert (table.overs[table.overs.notna()] > 100).all()
    assert table.true_peak_rise_db["MP3", 128] > 0.2
    quiet = encode(0.1 * loud)
    made = quiet[quiet.overs.notna()]
    assert len(made) == MADE
    assert (made.overs == 0).all()
    assert made.true_peak_dbtp.between(-20, -10).all()
    assert made.note.str.startswith("Its peaks stay below full scale").all()


def test_delays_are_taken_out():
    """A tone fits again after every period; it has to fit, and at the delay of the codec."""
    table = encode(sine(440.0))
    made = table[table.overs.notna()]
    assert (made.snr_db > 20).all()
    sweep = 0.5 * np.sin(2 * np.pi * np.cumsum(np.geomspace(50, 8_000, RATE)) / RATE)
    table = encode(sweep)
    made = table[table.overs.notna()]
    assert (made.snr_db > 20).all()
    late = made.delay_ms.groupby(level="codec").agg(lambda each: each.abs().max())
    assert (late.drop("AAC", errors="ignore") < 0.05).all()
    if HAS_AV:
        assert late["AAC"] == pytest.approx(1000 * 1024 / RATE, abs=0.03)


@pytest.mark.parametrize("codec", CODECS[: None if HAS_AV else 5], ids=str)
@pytest.mark.parametrize("peak", [0.2, 1.0, 1.5])
def test_no_codec_bends_loud_sounds(codec, peak):
    rate = codec.rate_for(RATE)
    faded = np.hanning(rate) * sine(997.0, 1.0, peak, rate)
    decoded = codec.round_trip(faded[None].astype(np.float32), rate)[1]
    # LAME turns everything down by 0.4 dB at low bit rates.
    assert peak * 0.94 < np.abs(decoded).max() < peak * 1.03


@pytest.mark.parametrize("delay", [-700, 0, 1, 1_105, 5_000])
def test_a_delay_is_found(delay):
    sound = noise(1.0).astype(np.float32)
    sound[1] = -sound[0]
    moved = np.pad(sound, ((0, 0), (max(delay, 0), 0)))[:, max(-delay, 0) :]
    assert find_delay(sound, moved) == delay
    found = losses(Original.of(sound, RATE), moved + np.float32(1e-4))
    assert found["delay_ms"] == pytest.approx(1000 * delay / RATE)
    assert found["snr_db"] == pytest.approx(60, abs=0.5)


def test_cut_off_and_losses_of_a_known_filter():
    from scipy import signal

    sound = noise().astype(np.float32)
    taps = signal.firwin(401, 12_000, fs=RATE)
    cut = signal.oaconvolve(sound, taps[None], axes=1)[:, 200 : 200 + sound.shape[1]]
    found = losses(Original.of(sound, RATE), 0.5 * cut.astype(np.float32))
    assert found["cutoff_hz"] == pytest.approx(12_000, abs=150)
    assert found["loss_below_10khz_db"] == pytest.approx(6.02, abs=0.02)
    assert found["loss_10_16khz_db"] == pytest.approx(6.02 + 10 * np.log10(3), abs=0.2)
    assert found["loss_above_16khz_db"] > 50
    assert found["true_peak_rise_db"] < -6


def test_low_rates_cut_more_than_high_ones():
    table = encode(noise())
    assert table.cutoff_hz["MP3", 128] == pytest.approx(16_500, abs=1_000)
    assert table.cutoff_hz["MP3", 320] > 19_000
    assert table.loss_above_16khz_db["MP3", 128] > 6
    assert abs(table.loss_above_16khz_db["Ogg Vorbis", 320]) < 1.5
    for codec in {name for name, _ in table.index if name not in {"Opus", "AAC"}}:
        assert table.snr_db[codec].is_monotonic_increasing
    assert table.bitrate_kbps["MP3"].tolist() == pytest.approx([128, 320], rel=0.06)
    assert table.bitrate_kbps["Opus"].item() == pytest.approx(128, rel=0.15)


@pytest.mark.parametrize(
    ("channels", "rate", "seconds", "words"),
    [
        (1, RATE, 1.5, ""),
        (6, 48_000, 1.5, "6 channels mixed down to stereo"),
        (3, 96_000, 1.5, "resampled to 48000 Hz"),
        (2, 37_001, 1.5, "resampled to 44100 Hz"),
        (2, 1_000, 3.0, "resampled to 8000 Hz"),
        (2, 192_000, 0.1, ""),
        (2, 176_400, 0.1, "resampled to 44100 Hz"),
    ],
)
def test_what_codecs_do_not_take_is_converted(channels, rate, seconds, words):
    table = encode(noise(seconds, channels, rate), rate)
    made = table[table.overs.notna()]
    assert len(made) == MADE
    assert made.note.str.contains(words).any()
    assert (made.overs == 0).all()
    assert made[["true_peak_dbtp", "snr_db", "loss_below_10khz_db"]].notna().all(axis=None)


def test_mixing_down_makes_no_overs():
    table = encode(np.repeat(0.5 * np.sign(sine(100.0, 1.0))[None], 6, axis=0))
    assert table.sample_peak_dbfs["Ogg Vorbis", 320] < -4


@pytest.mark.parametrize("rate", [8_000, RATE, 192_000])
@pytest.mark.parametrize("samples", [np.zeros((2, 5_000)), np.zeros((1, 1)), np.ones((1, 1))])
def test_silence_and_one_sample_are_no_error(samples, rate):
    table = encode(samples, rate)
    assert table.reset_index().columns.tolist() == list(COLUMNS)
    assert table.note.ne("").all()
    if not samples.any():
        assert table.overs.isna().all()
        assert table.note.str.startswith("Silence").all()


def test_without_pyav_aac_is_left_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    table = encode(noise(0.2))
    assert table.overs.loc["AAC"].isna().all()
    assert table.note.loc["AAC"].str.contains("PyAV is not installed: pip install").all()
    assert table.overs.drop("AAC", level="codec").notna().all()


def test_a_codec_that_fails_says_so(monkeypatch):
    def fail(*_):
        raise RuntimeError("no such encoder")

    monkeypatch.setattr(_codec_boxes, "_through_soundfile", fail)
    table = encode(noise(0.2))
    assert (table.note["MP3"] == "Could not be encoded: no such encoder.").all()
    assert table.overs["MP3"].isna().all()


def test_the_loudest_part_is_taken():
    sound = 0.05 * noise(20.0)
    sound[:, 11 * RATE : 14 * RATE] *= 20
    part = loudest(sound, 3, sample_rate=RATE)
    assert (part.start_s, part.end_s) == (11, 14)
    expected = sound[:, 11 * RATE : 14 * RATE].astype(np.float32)
    np.testing.assert_array_equal(part.samples[:, 441:-441], expected[:, 441:-441])
    assert abs(part.samples[:, 0]).max() == 0
    whole = loudest(sound, 60, sample_rate=RATE)
    assert (whole.start_s, whole.end_s) == (0, 20)
    np.testing.assert_array_equal(whole.samples, sound.astype(np.float32))
    table = encode(sound, excerpt_s=1)
    assert 11 <= table.start_s.iloc[0] == table.end_s.iloc[0] - 1 <= 13
    for wrong in (0, -1, np.nan, np.inf):
        with pytest.raises(InputError, match="positive"):
            encode(sound, excerpt_s=wrong)


def test_a_file_gives_what_its_samples_give(tmp_path):
    sound = noise(25.0, channels=1)
    sound[:, 9 * RATE : 10 * RATE] *= 3
    sf.write(tmp_path / "a.wav", sound.T, RATE, subtype="FLOAT")
    before = sorted(tmp_path.iterdir())
    from_file = codecs(tmp_path / "a.wav", excerpt_s=2).drop(columns="took_s")
    pd.testing.assert_frame_equal(
        from_file, codecs(sound, sample_rate=RATE, excerpt_s=2).drop(columns="took_s")
    )
    assert sorted(tmp_path.iterdir()) == before


def test_more_than_a_minute_of_ogg_does_not_crash():
    """In a process of its own, since libsndfile would take this one along."""
    code = (
        "import numpy as np\n"
        "from musictools.audio._codec_boxes import CODECS\n"
        "sound = np.random.default_rng(0).normal(0, .1, (1, 8000 * 400)).astype(np.float32)\n"
        "print(CODECS[0].round_trip(sound, 8000)[1].shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "(1, 3200000)", done.stderr


def test_numbers_of_integers_do_not_break_a_codec():
    """Floats of the size of 24-bit integers: LAME ends the process, others make up something."""
    script = (
        "import numpy as np; from musictools.audio._codec_boxes import CODECS\n"
        "x = np.random.default_rng(1).normal(0, 1e6, (2, 44100)).astype(np.float32)\n"
        "for codec in CODECS:\n"
        "    if codec.kind != 'aac':\n"
        "        made = codec.round_trip(x, codec.rate_for(44100))[1]\n"
        "        print(codec.kind, np.abs(made).max() / np.abs(x).max())\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    ratios = [float(line.split()[1]) for line in ran.stdout.splitlines()]
    assert len(ratios) == 5
    assert all(0.7 < ratio < 1.4 for ratio in ratios), ran.stdout
