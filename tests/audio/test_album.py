"""Consistency of an album: a uniform one has no outlier, and what is planted is found."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import soundfile

import musictools as mt
from musictools.audio._album import _outliers
from musictools.audio._loudness_sums import LoudnessSums
from musictools.audio._song_rows import SongRow
from musictools.audio._stream import hear
from musictools.errors import AudioNotFoundError


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    plt.close("all")


def simulated(seed, **options):
    return mt.datasets.simulate_recording(style="pop", duration_s=12, rng=seed, **options).recording


@pytest.fixture(scope="module")
def songs():
    return [simulated(seed) for seed in range(5)]


def test_a_uniform_album_has_no_outlier(songs):
    report = mt.audio.album(songs)
    assert report.songs["outlier"].tolist() == [""] * 5
    assert report.words[-1] == "No song stands out from the others."
    copies = [mt.audio.from_samples(songs[0].samples, 44_100) for _ in range(4)]
    assert mt.audio.album(copies).songs["tonal_deviation_db"].max() == 0


def test_what_stands_out_is_named(songs):
    rate = songs[0].sample_rate
    quiet = mt.audio.from_samples(songs[3].samples * 0.5, rate)
    late = mt.audio.from_samples(np.pad(songs[4].samples, ((0, 0), (0, 5 * rate))), rate)
    dull = np.cumsum(songs[2].samples, axis=1) * 0.02
    dull = mt.audio.from_samples(dull - dull.mean(axis=1, keepdims=True), rate)
    report = mt.audio.album([*songs[:3], quiet, late, dull])
    outliers = report.songs["outlier"].tolist()
    assert outliers[:3] == ["", "", ""]
    assert "loudness" in outliers[3].split(", ")
    assert "silence at the end" in outliers[4]
    assert "tonal deviation from the album" in outliers[5]
    assert report.songs["silence_end_s"][4] == pytest.approx(
        report.songs["silence_end_s"].iloc[0] + 5, abs=1.5
    )
    assert any(text.startswith("recording 4: loudness") for text in report.words)


def test_silence_at_both_ends_is_measured():
    tone = 0.1 * np.sin(np.arange(44_100 * 4) / 20)
    samples = np.pad(tone, (44_100 * 2, 44_100 // 2))
    report = mt.audio.album(mt.audio.from_samples(samples, 44_100))
    row = report.songs.iloc[0]
    assert row["silence_start_s"] == pytest.approx(2.0, abs=0.011)
    # The weighting filter rings on for a moment.
    assert row["silence_end_s"] == pytest.approx(0.5, abs=0.08)


def test_the_album_is_as_loud_as_its_songs_end_to_end(songs):
    report = mt.audio.album(songs)
    joined = np.concatenate([song.samples for song in songs], axis=1)
    whole = hear(joined, (LoudnessSums,), sample_rate=44_100)[LoudnessSums].integrated_lufs()
    assert report.album_lufs == pytest.approx(whole, abs=0.05)


def test_spotify_turns_a_loud_album_down_and_a_quiet_one_up_to_its_headroom(songs):
    loud = mt.audio.album([simulated(1, loudness_lufs=-9), simulated(2, loudness_lufs=-9)])
    assert loud.spotify_album_gain_db == pytest.approx(-14 - loud.album_lufs)
    quiet = [mt.audio.from_samples(0.25 * song.samples, 44_100) for song in songs]
    report = mt.audio.album(quiet)
    room = -1 - report.songs["true_peak_dbtp"].max()
    assert report.spotify_album_gain_db == pytest.approx(min(-14 - report.album_lufs, room))
    assert report.spotify_album_gain_db > 0


def test_a_broken_file_is_a_row(songs, tmp_path):
    for i, song in enumerate(songs[:2]):
        soundfile.write(tmp_path / f"{i}.wav", song.samples.T, song.sample_rate)
    (tmp_path / "2 broken.wav").write_bytes(b"RIFF no more")
    report = mt.audio.album(tmp_path)
    assert report.songs["error"].isna().tolist() == [True, True, False]
    assert "AudioError" in report.songs["error"][2] or "Audio" in report.songs["error"][2]
    assert np.isnan(report.songs["integrated_lufs"][2])
    assert "1 of 3 files" in " ".join(report.words)


@pytest.mark.parametrize("frames", [1, 4_410, 44_100])
def test_silence_and_moments_make_an_album(frames):
    silent = mt.audio.from_samples(np.zeros((2, frames)), 44_100)
    short = mt.audio.from_samples(np.full(frames, 0.5), 44_100)
    for sources in (silent, [silent, short], [silent, short, silent, short]):
        report = mt.audio.album(sources)
        assert len(report.songs) == (1 if sources is silent else len(set(sources)))
        assert report.plot().get_ylabel() == "Loudness (LUFS)"
        assert "Album loudness (LUFS)" in report._repr_html_()
        assert isinstance(report.words, tuple)


def test_results_have_a_table(songs):
    report = mt.audio.album(songs[:3])
    assert len(report.to_frame()) == 3
    assert report.tonal_balance["band_hz"].iloc[0] == 25
    assert (report.tonal_balance["lo_db"] <= report.tonal_balance["hi_db"]).all()


def test_names_in_the_picture_keep_what_tells_files_apart(songs):
    with mt.plot.style():
        paths = [f"0{i}-the-copper-hours-{title}.flac" for i, title in enumerate(("rust", "sun"))]
        named = [
            mt.audio.from_samples(song.samples, song.sample_rate, path=path)
            for song, path in zip(songs, paths, strict=False)
        ]
        ax = mt.audio.album(named).plot()
    shown = [label.get_text() for label in ax.get_xticklabels()]
    assert shown == ["00-…per-hours-rust", "01-…pper-hours-sun"]
    plt.close(ax.figure)


def test_no_song_at_all_is_a_clear_error(tmp_path):
    with pytest.raises(AudioNotFoundError, match=r"got an empty list; .*Try: mt.audio.album\("):
        mt.audio.album([])
    with pytest.raises(AudioNotFoundError, match=r"the folder '.*' without audio; .*album\("):
        mt.audio.album(tmp_path)
    names = [f"{i}.wav" for i in range(7)]
    with pytest.raises(AudioNotFoundError, match=r"'4.wav', which leads to nothing and 2 more"):
        mt.audio.album(names)
    with pytest.raises(AudioNotFoundError, match=r"'x/\*.wav'.*Try: mt.audio.album\("):
        mt.audio.album(["x/*.wav"])


def rows(name, values):
    return [SongRow(f"{i}.wav", {name: value}) for i, value in enumerate(values)]


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        ("tonal_deviation_db", [6.0, 6.1, 5.9, 6.0, 0.5], {}),
        ("tonal_deviation_db", [1.0, 1.1, 0.9, 1.0, 6.5], {4: "5.5 dB above the median"}),
        ("integrated_lufs", [-14.0, -14.1, -13.9, -14.0, -20.0], {4: "6.0 LU below the median"}),
        ("integrated_lufs", [-14.0, -14.1, -13.9, -14.0, -8.0], {4: "6.0 LU above the median"}),
    ],
)
def test_a_song_that_is_closer_to_the_others_than_they_are_does_not_stand_out(name, values, told):
    found = _outliers(rows(name, values))
    assert [bool(parts) for parts in found] == [place in told for place in range(len(values))]
    for place, text in told.items():
        (said,) = found[place].values()
        assert said.endswith(text)
