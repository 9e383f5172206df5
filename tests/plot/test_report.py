"""The page of a quality report: whole, escaped, and with sounds of what was found."""

import base64
import io
import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import soundfile as sf

import musictools as mt
from musictools.audio import _quality
from musictools.plot._clips import spans
from tests.audio.test_quality import ERRORS, NASTY, Planted, noise

mpl.use("Agg")
PLAYBACK = pd.DataFrame(
    {
        "platform": ["Spotify", "Spotify", "A <b> & more"],
        "setting": ["Normal", "Loud", None],
        "target_lufs": [-14.0, -11.0, np.nan],
        "gain_db": [-4.0, -1.0, np.nan],
        "limited_db": [0.0, 0.5, np.nan],
        "limited_time_share": [0.0, 0.1, np.nan],
        "loudness_lufs": [-14.0, -11.0, np.nan],
        "true_peak_dbtp": [-3.0, 0.0, np.nan],
        "headroom_lost_db": [0.0, 0.0, np.nan],
        "meets_delivery": [True, False, None],
        "note": ["", "limits", None],
    }
)


@pytest.fixture(autouse=True)
def no_figure_is_left():
    plt.close("all")
    yield
    assert not plt.get_fignums() or plt.close("all") is None


@pytest.fixture
def plant(monkeypatch):
    def put(*found):
        monkeypatch.setattr(_quality, "DETECTORS", (Planted(*found),))

    put(*ERRORS)
    return put


def sounds(page):
    found = re.findall(r"<audio [^>]*src='data:(audio/\w+);base64,([^']+)'", page)
    return [sf.read(io.BytesIO(base64.b64decode(data)), always_2d=True) for _, data in found]


def test_the_page_holds_everything(plant, tmp_path, monkeypatch):
    monkeypatch.setattr(_quality, "playback", lambda tracks: PLAYBACK)
    path = tmp_path / "song.flac"
    sf.write(path, noise(20.0).samples.T, 44_100)
    page = mt.audio.quality(path).to_html(tmp_path / "r.html").read_text("utf-8")
    assert "<h1>song.flac</h1>" in page
    assert "Not ready: 2 errors" in page
    assert page.count("<img ") == 5
    assert all(re.findall(r"<img [^>]*alt='[^']{20,}'", page))
    assert page.count("<caption>") >= 4
    assert "Content-Security-Policy" in page
    assert "default-src &#x27;none&#x27;" in page
    assert not re.search(r"(?:src|href)='(?!data:|#)", page)
    assert "A &lt;b&gt; &amp; more" in page
    assert "<script" not in page
    assert len(page) < 3e6
    assert plt.get_fignums() == []


def test_nothing_of_the_recording_is_markup(plant):
    recording = mt.audio.from_samples(noise().samples, 44_100, path=NASTY)
    page = mt.audio.quality(recording).html()
    assert "<script" not in page
    assert "<h1>&lt;script&gt;alert(1)&lt;b&gt;.wav</h1>" in page
    assert "It &lt;b&gt;sounds&lt;/b&gt; &amp; crackles." in page


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_sounds_are_cut_where_the_findings_are(plant, tmp_path, suffix):
    plant(("clipping", "error", 0.5, 0.5, 0.9))
    samples = np.zeros((2, 441_000))
    samples[:, 220_500:230_000] = 0.95 * np.sin(np.arange(9_500) / 9)
    sf.write(tmp_path / f"a.{suffix}", samples.T, 44_100)
    ((heard, rate),) = sounds(mt.audio.quality(tmp_path / f"a.{suffix}").html())
    assert rate == 44_100
    assert heard.shape[0] / rate == pytest.approx(1.5, abs=0.1)
    loud = np.flatnonzero(np.abs(heard[:, 0]) > 0.4) / rate
    assert loud[0] == pytest.approx(0.75, abs=0.06)
    assert np.abs(heard).max() < 10 ** (-0.5 / 20)


@pytest.mark.parametrize(("channels", "rate"), [(1, 8_000), (6, 44_100), (2, 96_000), (2, 37_800)])
def test_sounds_of_any_recording(plant, channels, rate):
    found = sounds(mt.audio.quality(noise(12.0, channels, rate, level=1.5)).html())
    assert len(found) == 3
    for heard, played_at in found:
        assert played_at <= 48_000
        assert heard.shape[1] == min(channels, 2)
        assert len(heard) / played_at <= 5.2
        assert np.abs(heard).max() <= 1


def test_a_stretch_serves_what_lies_in_it(plant):
    report = mt.audio.quality(noise(40.0))
    chosen = spans(report)
    rows = [row for span in chosen for row in span.findings]
    assert sorted(rows) == [0, 1, 2, 3]
    assert len(chosen) == 3  # the hum is everywhere, and heard with the worst
    assert all(0 < s.end_s - s.start_s <= 5 for s in chosen)


def test_many_findings_give_ten_sounds_at_most(plant):
    plant(*[("clipping", "error", i / 40, i / 40 + 0.001, 0.9) for i in range(30)])
    report = mt.audio.quality(noise(240.0, 1, 8_000))
    assert len(spans(report)) == 10


def test_the_loudest_stretch_of_a_song_is_heard(plant):
    plant(("hum", "warning", 0.0, 1.0, 0.9))
    quiet = 0.01 * np.random.default_rng(0).standard_normal((2, 60 * 8_000))
    quiet[:, 30 * 8_000 : 36 * 8_000] *= 20
    (span,) = spans(mt.audio.quality(quiet, sample_rate=8_000))
    assert span.start_s >= 29.9
    assert span.end_s <= 36.1


@pytest.mark.parametrize("what", ["gone", "changed"])
def test_a_file_that_is_not_the_same_gives_no_sounds(plant, tmp_path, what):
    path = tmp_path / "a.wav"
    sf.write(path, noise().samples.T, 44_100)
    report = mt.audio.quality(path)
    if what == "gone":
        path.unlink()
    else:
        sf.write(path, noise(5.0).samples.T, 44_100)
    page = report.html()
    assert "<audio" not in page
    assert "gone or has changed" in page


def test_the_reader_s_figures_and_settings_are_left_alone(plant):
    figure, _ = plt.subplots()
    before = dict(mpl.rcParams)
    mt.audio.quality(noise()).html()
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == [figure.number]


def test_findings_are_marked_by_colour_and_shape(plant):
    with mt.plot.style():
        ax = mt.audio.quality(noise()).plot()
        ax.figure.canvas.draw()
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names[-3:] == ["clipping", "hum", "sibilance"]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["error", "warning", "info"]


def test_playback_is_drawn_with_missing_numbers():
    with mt.plot.style():
        ax = mt.plot.playback(PLAYBACK)
        ax.figure.canvas.draw()
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["Spotify, Normal", "Spotify, Loud", "A <b> & more"]


def test_a_spectrum_beside_another():
    report = mt.audio.quality(noise())
    other = report.spectrum.assign(level_db=report.spectrum["level_db"] - 20)
    ax = mt.plot.spectrum(report.spectrum, reference=other)
    one, two = (line.get_ydata() for line in ax.lines)
    assert np.allclose(one, two)


def test_the_image_is_upright_for_mono():
    ax = mt.plot.stereo_image(mt.audio.quality(noise(channels=1)).image)
    shown = ax.images[0].get_array().filled(0)
    middle = shown.shape[0] // 2
    assert shown[:, middle].max() > 0
    assert not np.delete(shown, middle, axis=1).any()
