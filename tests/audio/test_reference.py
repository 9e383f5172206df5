"""A recording against a corpus: percentiles, words, and profiles that keep their numbers."""

import json
import logging

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import soundfile
from scipy import signal

import musictools as mt
from musictools.audio._comparison_words import compared_in_words
from musictools.audio._dynamics import Dynamics
from musictools.audio._levels import Levels
from musictools.audio._loudness import LoudnessFamily
from musictools.audio._pass import analyse
from musictools.audio._percentiles import percentile_of
from musictools.audio._reference import compare
from musictools.audio._reference_profile import ReferenceProfile, as_profile
from musictools.audio._song_row import COMPARISON_TRACKS, NAMES, band_columns, song_row
from musictools.audio._stereo import Stereo
from musictools.audio._stream import hear
from musictools.audio._third_octaves import BANDS_HZ
from musictools.errors import AudioError, AudioNotFoundError, InputError


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    plt.close("all")


def simulated(seed, **options):
    return mt.datasets.simulate_recording(duration_s=12, rng=seed, **options).recording


@pytest.fixture(scope="module")
def songs():
    return [simulated(seed, style=s) for seed, s in enumerate(["pop", "rock", "soul", "folk"])]


@pytest.fixture(scope="module")
def profile(songs):
    return mt.audio.reference_profile(songs)


def against(source, reference, **options):
    return compare(hear(source, COMPARISON_TRACKS, **options), as_profile(reference))


def made_up(column, values):
    """A corpus in which one column is known."""
    base = dict.fromkeys([*NAMES, *band_columns()], 0.0)
    rows = [{"path": f"{i}.wav", **base, column: float(v)} for i, v in enumerate(values)]
    return ReferenceProfile(recordings=pd.DataFrame(rows))


def test_a_row_is_what_the_other_functions_say(songs, profile):
    assert len(profile) == 4
    for i, song in enumerate(songs):
        loudness = mt.audio.loudness(song)
        described = analyse(song, [Levels(), LoudnessFamily(), Dynamics(), Stereo()])
        row = profile.recordings.iloc[i]
        assert row["integrated_lufs"] == loudness.integrated_lufs
        assert row["psr_min_lu"] == loudness.psr_lu
        for name in set(NAMES) - {"low_end_share"}:
            assert row[name] == pytest.approx(described[name], nan_ok=True), name


def test_the_low_end_is_a_share_of_the_energy():
    t = np.arange(44_100 * 5) / 44_100
    samples = 0.3 * np.sin(2 * np.pi * 60 * t) + 0.3 * np.sin(2 * np.pi * 1000 * t)
    row = song_row(hear(samples, COMPARISON_TRACKS, sample_rate=44_100))
    assert row["low_end_share"] == pytest.approx(0.5, abs=0.01)


def test_percentiles_are_exact_on_a_made_corpus():
    corpus = made_up("plr_lu", range(100))
    assert percentile_of(29.5, corpus.column("plr_lu")) == 30
    assert percentile_of(29.0, corpus.column("plr_lu")) == 29.5
    assert np.isnan(percentile_of(1.0, np.array([1.0, np.nan])))
    assert percentile_of(-1.0, corpus.column("plr_lu")) == 0


def test_a_song_of_the_corpus_stands_in_it(songs, profile):
    found = against(songs[0], profile)
    measures = found.measures.set_index("name")
    values = profile.column("plr_lu")
    expected = 100 * (np.sum(values < values[0]) + 0.5) / 4
    assert measures.loc["plr_lu", "percentile"] == expected
    assert measures.loc["plr_lu", "value"] == values[0]
    assert measures.loc["plr_lu", "reference"] == np.median(values)
    assert measures.loc["plr_lu", "lo"] == pytest.approx(np.percentile(values, 5))
    balance = found.tonal_balance
    assert balance["band_hz"].tolist() == list(BANDS_HZ)
    assert balance["reference_db"].to_numpy() == pytest.approx(
        np.median(profile.levels_db(), axis=0)
    )
    inside = (balance["level_db"] >= balance["lo_db"]) & (balance["level_db"] <= balance["hi_db"])
    assert found.to_frame()["inside"].tolist()[-30:] == inside.tolist()
    assert len(found.to_frame()) == len(NAMES) + 30


def test_one_reference_gives_differences_and_no_percentiles(songs):
    b, a = signal.butter(2, [2_000, 4_500], "bandpass", fs=44_100)
    harsh = songs[0].samples + signal.lfilter(b, a, songs[0].samples)
    found = against(harsh, songs[0], sample_rate=44_100)
    assert found.references == 1
    assert found.measures["percentile"].isna().all()
    assert found.measures["inside"].isna().all()
    balance = found.tonal_balance.set_index("band_hz")
    assert balance["percentile"].isna().all()
    assert balance.loc[3150, "difference_db"] - balance.loc[500, "difference_db"] == pytest.approx(
        6, abs=0.7
    )
    assert "kHz is" in found.words[0]
    assert "above the reference" in found.words[0]
    assert not any("songs" in text for text in found.words)


def test_the_words_say_where_and_how_many_have_less():
    corpus = made_up("plr_lu", [0] * 100)
    row = dict.fromkeys([*NAMES, *band_columns()], 0.0)
    for hz in (2000, 2500, 3150, 4000):
        row[f"third_octave_{hz}_db"] = 4.1
    words = compared_in_words(row, corpus)
    assert words == ("2 to 4 kHz is 4.1 dB above the reference; all of its songs have less.",)
    spread = made_up("third_octave_2000_db", np.linspace(-3, 5.1, 100))
    row = dict.fromkeys([*NAMES, *band_columns()], 0.0) | {"third_octave_2000_db": 4.9}
    (text,) = compared_in_words(row, spread)
    assert text == "The band at 2 kHz is 3.9 dB above the reference; 97 % of its songs have less."
    few = made_up("loudness_range_lu", [1, 2, 9, 2])
    row = dict.fromkeys([*NAMES, *band_columns()], 0.0) | {"loudness_range_lu": 7.0}
    (text,) = compared_in_words(row, few)
    assert text.startswith("Loudness range is 5.0 LU above the reference (7.0 LU against 2.0 LU)")
    assert text.endswith("; 3 of its 4 songs have less.")


def test_a_song_against_itself_differs_by_nothing(songs):
    (text,) = against(songs[1], songs[1]).words
    assert text.startswith("Nothing differs by much")


def test_at_most_five_things_are_told(songs, profile):
    rng = np.random.default_rng(0)
    found = against(rng.normal(0, 0.01, (2, 441_000)), profile, sample_rate=44_100)
    assert len(found.words) >= 3
    for song in songs:
        assert len(against(song, profile).words) <= 5


def test_a_profile_comes_back_as_it_was_saved(profile, tmp_path):
    place = tmp_path / "new" / "profile.json"
    profile.save(place)
    back = ReferenceProfile.load(place)
    assert back == profile
    assert back.provenance == profile.provenance
    pd.testing.assert_frame_equal(back.to_frame(), profile.to_frame(), check_exact=True)
    stored = json.loads(place.read_text())
    assert stored["version"] == 1
    assert back != made_up("plr_lu", [1])


def test_missing_numbers_come_back_missing(tmp_path):
    silent = mt.audio.reference_profile(mt.audio.from_samples(np.zeros(44_100), 44_100))
    silent.save(tmp_path / "p.json")
    assert ReferenceProfile.load(tmp_path / "p.json") == silent
    assert np.isnan(silent.levels_db()).all()


def spoilt(stored, **changes):
    return json.dumps(stored | changes)


def test_what_is_no_profile_is_refused(profile, tmp_path):
    place = tmp_path / "profile.json"
    profile.save(place)
    stored = json.loads(place.read_text())
    short = [{k: v for k, v in row.items() if k != "plr_lu"} for row in stored["recordings"]]
    wrong = [row | {"plr_lu": "loud"} for row in stored["recordings"]]
    for text, got in (
        ("{", "no readable JSON"),
        ("[]", "something else"),
        (spoilt(stored, version=2), "version 2"),
        (spoilt(stored, recordings=[]), "without recordings"),
        (spoilt(stored, recordings=short), "without plr_lu"),
        (spoilt(stored, recordings=wrong), "'loud' for plr_lu"),
        (spoilt(stored, bands_hz=[1]), "other bands"),
    ):
        place.write_text(text)
        with pytest.raises(InputError, match=got):
            ReferenceProfile.load(place)
    with pytest.raises(AudioNotFoundError, match="no file"):
        ReferenceProfile.load(tmp_path / "none.json")
    with pytest.raises(InputError, match=r"\.json"):
        profile.save(tmp_path / "profile.txt")


@pytest.fixture(scope="module")
def folder(songs, tmp_path_factory):
    place = tmp_path_factory.mktemp("references")
    for i, song in enumerate(songs):
        soundfile.write(place / f"{i}.wav", song.samples.T, song.sample_rate, subtype="FLOAT")
    (place / "broken.wav").write_bytes(b"RIFF no more")
    return place


def test_a_reference_may_be_anything(songs, profile, folder, tmp_path):
    profile.save(tmp_path / "p.json")
    assert as_profile(profile) is profile
    assert as_profile(tmp_path / "p.json") == profile
    assert len(as_profile(songs[0])) == 1
    assert len(as_profile(str(folder / "0.wav"))) == 1
    assert len(as_profile([str(tmp_path / "p.json"), songs[0], folder / "1.wav"])) == 6
    for wrong in (5, b"x", np.zeros(10), [5], None):
        with pytest.raises(InputError):
            as_profile(wrong)


def test_files_are_measured_by_workers_to_the_same_numbers(profile, folder, caplog):
    with caplog.at_level(logging.WARNING, "musictools"):
        found = mt.audio.reference_profile(folder, jobs=2, progress=False)
    assert "broken.wav" in caplog.text
    numbers = found.to_frame().drop(columns="path")
    pd.testing.assert_frame_equal(numbers, profile.to_frame().drop(columns="path"))
    assert [path[-5:] for path in found.recordings["path"]] == [f"{i}.wav" for i in range(4)]


def test_nothing_to_measure_is_an_error(folder, tmp_path):
    other = tmp_path / "other.wav"
    other.write_text("No sound either. " * 40)
    with pytest.raises(AudioError) as caught:
        mt.audio.reference_profile(folder / "broken.wav")
    assert str(caught.value) == (
        "use as a reference: got broken.wav, which cannot be measured (text); expected a recording "
        'that can be measured. Try: mt.audio.reference_profile("my-references/")'
    )
    with pytest.raises(AudioNotFoundError):
        mt.audio.reference_profile(folder / "none.wav")
    samples = np.zeros(100)
    with pytest.raises(AudioError, match=r"2 files, the first .*\(text\), nor can the others; ex"):
        mt.audio.quality(samples, sample_rate=44_100, reference=[folder / "broken.wav", other])
    with pytest.raises(AudioNotFoundError, match=r"none\.wav.*leads to nothing.*Try: reference="):
        mt.audio.quality(samples, sample_rate=44_100, reference=folder / "none.wav")
    with pytest.raises(AudioNotFoundError, match=r"an empty list.*Try: mt\.audio\.reference_prof"):
        mt.audio.reference_profile([])
    with pytest.raises(InputError, match="use a reference: got an empty list"):
        mt.audio.quality(np.zeros(100), sample_rate=44_100, reference=[])
    with pytest.raises(InputError, match="jobs=0"):
        mt.audio.reference_profile(folder, jobs=0)


@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        (np.zeros((2, 44_100)), 44_100),
        (np.full((1, 1), 0.5), 44_100),
        (np.full(4_410, 0.5), 44_100),
        (np.random.default_rng(0).normal(0, 0.1, 4_000), 4_000),
        (np.random.default_rng(0).normal(0, 0.1, 44_100), 22_050),
        (np.random.default_rng(0).normal(0, 0.1, (6, 96_000)), 48_000),
        (np.sign(np.sin(np.arange(100_000) / 9)), 192_000),
    ],
)
def test_anything_can_be_compared(samples, rate, profile):
    found = against(samples, profile, sample_rate=rate)
    assert found.words
    assert len(found.to_frame()) == len(NAMES) + 30
    assert found.plot().get_xlabel() == "Frequency (Hz)"
    alone = mt.audio.reference_profile(mt.audio.from_samples(samples, rate))
    assert against(samples, alone, sample_rate=rate).words
    assert alone.plot().get_xlabel() == "Frequency (Hz)"


def test_what_results_can_do(songs, profile):
    found = against(songs[0], profile)
    assert found.words[0].split()[0] in found._repr_html_()
    assert "4" in profile._repr_html_()
    assert repr(profile).startswith("ReferenceProfile\n  Recordings 4, ")
    assert found.provenance["duration_s"] == songs[0].duration_s
