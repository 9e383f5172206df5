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
from musictools.audio._card import words
from musictools.audio._playback_card import playback_tables
from musictools.errors import InputError
from musictools.plot._clips import spans
from musictools.plot._closeup import found_in, shaped
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
    assert page.count("<img ") == 6
    assert all(re.findall(r"<img [^>]*alt='[^']{20,}'", page))
    assert page.count("<caption") >= 5
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


def test_clips_are_numbered_as_the_table_has_them(plant):
    page = mt.audio.quality(noise(40.0)).html()
    table = page[page.index("<caption") : page.index("</table>")]
    links = re.findall(r"<a href='#clip-(\d)'>Clip (\d)</a>", table)
    assert links == [("1", "1"), ("2", "2"), ("2", "2"), ("3", "3")]
    heard = re.findall(r"<figcaption>(Clip \d), [^:]*:[^:]*:[^:]*: ([^.]*)\.", page)
    assert heard == [("Clip 1", "clipping"), ("Clip 2", "clipping, hum"), ("Clip 3", "sibilance")]


def test_many_findings_give_ten_sounds_at_most(plant):
    plant(*[("clipping", "error", i / 40, i / 40 + 0.001, 0.9) for i in range(30)])
    report = mt.audio.quality(noise(240.0, 1, 8_000))
    assert len(spans(report)) == 10
    plant(*[("clipping", "error", 0.1, 0.1, 0.9) for _ in range(30)])
    (one,) = spans(mt.audio.quality(noise(20.0, 1, 8_000)))
    assert one.findings == tuple(range(30)), "all that is heard there belongs to it"


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
    # Stretches are lines, and the sibilance is a point.
    drawn = [len(c.get_segments()) for c in ax.collections if hasattr(c, "get_segments")]
    assert drawn == [2, 1, 0]
    assert [line.get_xdata().tolist() for line in ax.lines if len(line.get_xdata())] == [[2.0]]
    widths = [c.get_linewidth()[0] for c in ax.collections if hasattr(c, "get_segments")]
    assert widths[0] > widths[1], "an error is wider than a warning"


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


def test_the_legend_hides_neither_title_nor_data():
    with mt.plot.style():
        ax = mt.plot.playback(PLAYBACK)
        ax.set_title("How it will play")
        ax.figure.canvas.draw()
    legend = ax.get_legend().get_window_extent()
    assert legend.y1 <= ax.xaxis.label.get_window_extent().y0
    assert legend.y0 >= 0


def row(kind, start_s, end_s):
    return {"kind": kind, "start_s": start_s, "end_s": end_s}


def song():
    rng = np.random.default_rng(8)
    return 0.3 * np.sin(np.arange(88_200) / 40) + 0.01 * rng.standard_normal((2, 88_200))


@pytest.mark.parametrize("begins_s", [0.0, 10.0])
@pytest.mark.parametrize(
    ("kind", "there", "shown"),
    [
        ("clipping", (0.1, 1.9), (1.2, 1.203)),
        ("dropout", (0.5, 0.58), (0.5, 0.58)),
        ("click", (0.2, 1.5), (0.9, 0.9)),
        ("truncated_end", (2.0, 2.0), (1.995, 2.0)),
    ],
)
def test_a_close_up_is_of_the_worst_place(kind, there, shown, begins_s):
    samples = song()
    samples[1, 52_920:53_052] = 0.9  # 3 ms, longer than the other top
    samples[0, 30_000:30_010] = 0.9
    samples[:, 22_050:25_578] = 0
    samples[0, 39_690] += 0.8
    part = mt.audio.from_samples(samples, 44_100)
    look = found_in(part, begins_s, row(kind, *(begins_s + s for s in there)))
    assert (look.start_s, look.end_s) == pytest.approx([begins_s + s for s in shown], abs=1e-4)
    assert 0.005 <= look.end_s - look.start_s + 2 * look.around_s <= 0.2001


def test_a_long_gap_is_shown_in_part():
    look = found_in(mt.audio.from_samples(0 * song(), 44_100), 0.0, row("dropout", 0.2, 1.8))
    assert look.start_s == pytest.approx(0.2, abs=1e-3)
    assert look.end_s - look.start_s + 2 * look.around_s == pytest.approx(0.2)


def test_what_has_a_place_is_looked_at_first(plant):
    plant(("clipping", "error", 0.0, 1.0, 0.9), ("hum", "error", 0.2, 0.3, 1.0))
    assert shaped(mt.audio.quality(noise()))["end_s"] == 4.0
    plant(("clipping", "error", 0.0, 1.0, 0.9), ("clipping", "warning", 0.2, 0.3, 0.9))
    assert shaped(mt.audio.quality(noise()))["severity"] == "warning"
    plant(("hum", "error", 0.2, 0.3, 1.0))
    report = mt.audio.quality(noise())
    assert shaped(report) is None
    assert "Close up" not in report.html()


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_the_page_has_a_close_up(plant, channels):
    page = mt.audio.quality(noise(12.0, channels)).html()
    (alt,) = re.findall(r"alt='(Close up[^']*)'", page)
    assert "clipping" in alt
    assert ("left and right" in alt) == (channels > 1)


def test_every_channel_is_drawn_and_the_stretch_is_shaded():
    ax = mt.plot.closeup(song(), 0.5, 0.51, around_s=0.02, sample_rate=44_100)
    left, right = (line for line in ax.lines if len(line.get_xdata()) > 2)
    assert left.get_ydata().mean() > right.get_ydata().mean() + 0.3
    assert len(left.get_xdata()) == pytest.approx(0.05 * 44_100, abs=2)
    assert ax.get_xlim() == pytest.approx((-20, 30))
    (shade,) = ax.patches
    assert (shade.get_x(), shade.get_width()) == pytest.approx((0, 10))
    plt.close("all")
    assert mt.plot.closeup(song()[0], 2.5, 2.5, sample_rate=44_100).get_xlim() == (-3, 3)


@pytest.mark.parametrize(("start_s", "end_s", "around_s"), [(1, 0.5, None), (-1, 0, 1), (0, 1, 0)])
def test_an_impossible_close_up_is_refused(start_s, end_s, around_s):
    with pytest.raises(InputError, match="start_s="):
        mt.plot.closeup(song(), start_s, end_s, around_s=around_s, sample_rate=44_100)


def test_what_many_platforms_say_is_told_once():
    loud = mt.audio.quality(noise(level=0.4))
    plays, delivers = playback_tables(loud.playback)
    assert plays.count("advised for delivery") == 1  # all advise -1 dBTP
    assert "turned down" in plays
    assert "delivery" not in re.sub(r"<p.*", "", plays)
    assert delivers.count("</span> no") == delivers.count("<tr>") - 1
    assert "\N{HEAVY MULTIPLICATION X}" in delivers
    assert "&lt;NA&gt;" not in loud.html()


def test_the_words_of_a_quiet_master():
    rows = PLAYBACK.assign(gain_db=[2.0, 0.0, np.nan], below_target_db=[1.5, 3.0, np.nan])
    rows["meets_delivery"] = None
    plays, delivers = playback_tables(rows)
    assert "peaks allow no more, 1.5\N{NO-BREAK SPACE}dB below target" in plays
    assert "not turned up, 3.0\N{NO-BREAK SPACE}dB below target, limited" in plays
    assert "Limiter takes" in plays
    assert "Headroom" not in plays, "a column of noughts"
    assert delivers == ""


def test_without_a_loudness_there_is_a_sentence_and_no_table():
    plays, delivers = playback_tables(mt.audio.quality(noise(level=0.0)).playback)
    assert plays.startswith("<p>No loudness can be measured")
    assert delivers == ""


def test_kinds_have_one_name_each(plant):
    assert [words(kind) for kind in ("dc_offset", "dropout", "over_limiting", "channel_delay")] == [
        "DC offset",
        "drop-out",
        "over-limiting",
        "channel delay",
    ]


def test_a_recording_without_a_name_is_told_by_length_and_format(plant):
    report = mt.audio.quality(noise())
    assert "<h1>Recording (0:04.0, 44.1 kHz, 16 bit, stereo)</h1>" in report.html()
    assert "Recording (0:04.0" in report._repr_html_()
