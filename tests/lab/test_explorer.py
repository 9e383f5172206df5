"""The track explorer in Python: what it shows, sends, plays, and lets be set."""

import base64
import html
import io
import json
import zipfile
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import soundfile as sf

import musictools as mt
from musictools.errors import InputError, MissingExtraError
from musictools.lab import _explorer_widget, _sound
from musictools.lab._explorer_widget import StillExplorer, payload
from musictools.lab._peak_pyramid import peak_pyramid
from musictools.lab._spectrum_cells import BANDS, RANGE_DB, spectrum_cells
from musictools.lab._still import draw_still
from musictools.lab._track_view import LAYERS, MOST_BEATS, MOST_ROWS, view_track

RATE = 44_100
TITLE = "<script>alert(1)</script> & Söhne"


def recording(samples, rate=RATE):
    return mt.audio.from_samples(samples, rate)


@pytest.fixture(scope="module")
def song():
    return mt.datasets.simulate_recording(duration_s=12, rng=1).recording


@pytest.fixture(scope="module")
def explorer(song):
    quieter = recording(np.pad(song.samples, ((0, 0), (4410, 0))) * 0.25, song.sample_rate)
    return mt.lab.explore(song, quieter, title=TITLE, layers=["loudness", "spectrogram", "beats"])


@pytest.fixture
def fresh(explorer):
    """The same explorer, as it was at first."""
    yield explorer
    explorer.position_s, explorer.selection_s, explorer.heard = 0, (), 0
    explorer.window_s = (0, explorer.duration_s)
    explorer.layers = ("beats", "spectrogram", "loudness")


# -- waveform ------------------------------------------------------------------------------------
def levels_of(pyramid):
    bytes_, at = np.frombuffer(pyramid.data, np.int8), 0
    for count in pyramid.cells:
        pair = bytes_[at : at + 2 * count].reshape(2, count) / 127 * pyramid.scale
        yield pair[0], pair[1]
        at += 2 * count
    assert at == bytes_.size


def test_no_peak_is_lost_at_any_level():
    samples = np.zeros((2, 1_000_003), np.float32)
    samples[0, 500_001], samples[1, 999_999], samples[1, 0] = 0.9, -0.8, 0.3
    pyramid = peak_pyramid(samples)
    assert len(pyramid.cells) > 2
    for low, high in levels_of(pyramid):
        cells = low.size
        assert 0.9 <= high.max() <= 0.9 + 1 / 127
        assert high.argmax() == pytest.approx(cells * 500_001 / 1_000_003, abs=1)
        assert low[-1] <= -0.8
        assert high[0] >= 0.3
        assert np.count_nonzero(high) == 2
        assert np.count_nonzero(low) == 1


def test_levels_lie_on_each_other():
    noise = np.random.default_rng(1).standard_normal((1, 300_000)).astype(np.float32)
    pyramid = peak_pyramid(noise)
    assert pyramid.scale == np.abs(noise).max()
    levels = list(levels_of(pyramid))
    assert all(a == 4 * b for a, b in pairwise(pyramid.cells))
    for (low, high), (coarse_low, coarse_high) in pairwise(levels):
        np.testing.assert_array_equal(low.reshape(-1, 4).min(axis=1), coarse_low)
        np.testing.assert_array_equal(high.reshape(-1, 4).max(axis=1), coarse_high)


@pytest.mark.parametrize("count", [1, 15, 16, 100, 2048 * 16 + 1])
def test_short_recordings_have_a_pyramid_too(count):
    pyramid = peak_pyramid(np.full((1, count), 0.5, np.float32))
    low, high = next(levels_of(pyramid))
    assert set(low) == {63 / 127}
    assert set(high) == {64 / 127}


# -- spectrogram ---------------------------------------------------------------------------------
def test_a_tone_is_loudest_in_its_band_and_as_far_above_a_quieter_one_as_it_is():
    t = np.arange(RATE * 4) / RATE
    tone = np.sin(2 * np.pi * 1000 * t) * np.where(t < 2, 1.0, 0.01)
    cells = spectrum_cells(recording(tone))
    level = np.frombuffer(cells.data, np.uint8).reshape(cells.columns, BANDS)
    edges = np.array(cells.edges_hz)
    band = int(level[cells.columns // 4].argmax())
    assert edges[band] <= 1000 < edges[band + 1]
    assert level.max() == 255
    drop = (int(level[cells.columns // 4, band]) - level[3 * cells.columns // 4, band]) / 255
    assert drop * RANGE_DB == pytest.approx(40, abs=0.5)


# -- payload -------------------------------------------------------------------------------------
def test_ten_minutes_of_two_masters_are_sent_in_less_than_four_megabytes():
    rate = 8_000
    noise = np.random.default_rng(1).standard_normal((1, rate * 600)).astype(np.float32) / 8
    long = recording(noise, rate)
    one = view_track(
        (long,), (0.0,), title="Long", names=("A",), layers=["spectrogram", "loudness"]
    )
    view = replace(one, masters=one.masters * 2)
    sent = payload(view, "alt")
    sizes = {name: len(value) for name, value in sent.items() if isinstance(value, bytes)}
    assert sizes["_peaks"] == 2 * sum(2 * count for count in view.masters[0].peaks.cells)
    assert view.masters[0].peaks.cells[0] == 1 << 17
    assert sizes["_spectra"] == 2 * 8192 * BANDS
    assert 2_000_000 < sum(sizes.values()) < 3_000_000
    assert len(json.dumps(sent["_facts"])) < 20_000


def test_the_longest_tables_fit_into_the_rest(explorer):
    span = (12345.678, 12345.678, "F#:min")
    meaning = {"start_s": 1e4, "end_s": 1e4, "kind": "click", "severity": "error"}
    view = replace(
        explorer._view,
        sections=[span] * MOST_ROWS,
        chords=[span] * MOST_ROWS,
        findings=[meaning | {"meaning": "m" * 160}] * MOST_ROWS,
        beats_s=np.zeros(MOST_BEATS, np.float32),
    )
    sent = payload(view, "alt")
    assert len(json.dumps(sent["_facts"])) + len(sent["_beats"]) < 1_000_000


def test_loudness_that_is_sent_is_the_one_that_is_measured(explorer, song):
    history = mt.audio.loudness(song).history
    sent = payload(explorer._view, "alt")
    told = sent["_facts"]["masters"][0]
    short = np.frombuffer(sent["_curves"], np.float32)[told["points"] : 2 * told["points"]]
    np.testing.assert_allclose(short, history["short_term_lufs"], rtol=1e-6)
    assert told["start_s"] == history["time_s"].iloc[0]
    beats = np.frombuffer(sent["_beats"], np.float32)
    np.testing.assert_array_equal(beats, mt.audio.beats(song).astype(np.float32))


# -- two masters ---------------------------------------------------------------------------------
def decoded(explorer):
    sound = explorer._view.sound()
    samples, rate = sf.read(io.BytesIO(sound.data), always_2d=True)
    return samples.T, rate, sound


def test_masters_are_aligned_and_equally_loud_when_played(explorer, song):
    samples, rate, sound = decoded(explorer)
    assert (samples.shape, rate) == ((4, song.samples.shape[1]), song.sample_rate)
    assert sound.words == "lossless FLAC"
    first, second = (mt.audio.loudness(samples[k : k + 2], sample_rate=rate) for k in (0, 2))
    assert first.integrated_lufs == pytest.approx(second.integrated_lufs, abs=0.05)
    # The second is a quarter of the first, 0.1 s later: once laid beside it, nothing is left.
    assert np.abs(samples[:2] - samples[2:]).max() < 1e-3
    gains = list(explorer.gains_db.values())
    assert gains[0] - gains[1] == pytest.approx(20 * np.log10(0.25), abs=0.02)
    assert max(gains) <= 0


@pytest.mark.parametrize(
    ("peaks", "louder_db", "wanted"),
    [
        ((0.5,), 0.0, (0.0,)),
        ((1.0,), 0.0, (-1.0,)),
        ((2.0,), 0.0, (-1 - 6.0206,)),
        ((0.5, 0.25), -6.0, (-6.0, 0.0)),
        ((0.25, 0.5), 6.0, (0.0, -6.0)),
        # The quieter one has the higher peaks: both go down until it fits.
        ((0.5, 1.0), -6.0, (-7.0, -1.0)),
    ],
)
def test_gains_match_loudness_and_never_clip(peaks, louder_db, wanted):
    recordings = tuple(recording(np.array([0.0, peak])) for peak in peaks)
    assert _sound.gains_db(recordings, louder_db) == pytest.approx(wanted, abs=1e-3)


def test_long_songs_are_sent_as_vorbis_with_the_same_sound(song):
    sound = _sound.encode_sound((song,), (0.0,), most_lossless=100_000)
    assert (sound.kind, sound.words) == ("audio/ogg", "Ogg Vorbis, not lossless")
    samples, rate = sf.read(io.BytesIO(sound.data), always_2d=True)
    assert (rate, samples.shape) == (song.sample_rate, song.samples.T.shape)
    assert np.corrcoef(samples[:, 0], song.samples[0])[0, 1] > 0.98
    assert len(sound.data) < 12 * 40_000


def test_high_rates_are_halved_for_browsers():
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(96_000) / 96_000)
    sound = _sound.encode_sound((recording(tone, 96_000),), (0.0,))
    assert sf.info(io.BytesIO(sound.data)).samplerate == 48_000


def test_two_songs_are_no_masters_of_one():
    songs = [np.random.default_rng(seed).standard_normal(3 * RATE) / 8 for seed in (1, 2)]
    with pytest.raises(InputError, match="two masters of one recording"):
        mt.lab.explore(songs[0], songs[1], sample_rate=RATE, layers=[])


# -- what can be set -----------------------------------------------------------------------------
def test_what_is_set_can_be_read_and_observed(fresh):
    seen = []
    fresh.observe(lambda change: seen.append(change["new"]), ["position_s", "selection_s"])
    fresh.position_s = 3
    fresh.selection_s = [1, np.float64(2.5)]
    assert seen == [3.0, (1.0, 2.5)]
    assert fresh.excerpt().duration_s == pytest.approx(1.5)
    fresh.heard = 1
    expected = fresh._view.masters[1].recording.samples[:, RATE : RATE + 100]
    np.testing.assert_array_equal(fresh.excerpt().samples[:, :100], expected)
    fresh.selection_s = ()
    assert fresh.excerpt().duration_s == fresh.duration_s
    fresh.layers = ["loudness", "beats"]
    assert fresh.layers == ("beats", "loudness")
    fresh.window_s = (2, 2.001)
    assert fresh.window_s == pytest.approx((2, 2.05))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("position_s", -1, "seconds from 0 to"),
        ("position_s", "1:20", "seconds from 0 to"),
        ("position_s", float("nan"), "seconds from 0 to"),
        ("selection_s", (3, 2), "start and end"),
        ("selection_s", (0, 1e6), "start and end"),
        ("selection_s", "ab", "start and end"),
        ("window_s", (), "start and end"),
        ("layers", ["beat"], "'beats'"),
        ("layers", ["chords"], "layers="),
        ("heard", 2, "0 or 1"),
        ("heard", True, "0 or 1"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(fresh, name, value, told):
    before = getattr(fresh, name)
    with pytest.raises(InputError, match=told):
        setattr(fresh, name, value)
    assert getattr(fresh, name) == before


def test_unknown_layers_are_refused_before_anything_is_measured():
    with pytest.raises(InputError, match="spectrogram"):
        mt.lab.explore("no-such-file.wav", layers=["spectogram"])


# -- where no widgets run ------------------------------------------------------------------------
def test_without_widgets_there_is_a_picture_with_words_and_an_escaped_title(explorer):
    data, notes = explorer._repr_mimebundle_()
    page = data["text/html"]
    assert "<script" not in page
    assert html.escape(TITLE) in page
    assert f'alt="{html.escape(explorer._alt)}"' in page
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert len(data["image/png"]) < 700_000
    assert notes["musictools"]["axes"][0] == ["", "Amplitude\n(of full scale)"]
    assert {"text/plain", "image/png", "text/html"} <= set(data)


def test_the_description_says_what_is_there(song):
    told = mt.lab.explore(song, title="Midnight Ferry")._view.words()
    for words in ("Waveform of Midnight Ferry, 1", "LUFS", "Sections A", "beats", "findings"):
        assert words in told


def test_the_still_picture_names_the_sections_in_sight_and_goes_as_near_as_the_window(song):
    explorer = mt.lab.explore(song, layers=["sections", "spectrogram"])
    whole = draw_still(explorer, explorer._view)
    sections = [label for *_, label in explorer._view.sections]
    assert [text.get_text().strip() for text in whole.texts] == sections
    assert not any(text.get_clip_on() for text in whole.texts), "they stand above the axes"
    explorer.window_s = (1.0, 1.5)
    near = draw_still(explorer, explorer._view)
    assert len(near.texts) == 1
    drawn_s = near.collections[0].get_paths()[0].vertices[:, 0]
    assert ((drawn_s > 1.0) & (drawn_s < 1.5)).sum() > 500, "the window is as sharp as the whole"


def test_without_anywidget_the_picture_is_all_and_says_how_to_get_more(song, monkeypatch):
    def missing():
        raise MissingExtraError("explore", got="nothing", expected="it", hint="pip")

    monkeypatch.setattr(_explorer_widget, "explorer_class", missing)
    still = mt.lab.explore(song, layers=["loudness"])
    assert type(still) is StillExplorer
    seen = []
    still.observe(seen.append, "position_s")
    still.position_s = 2
    still.selection_s = (1, 2)
    assert [(one["old"], one["new"]) for one in seen] == [(0.0, 2.0)]
    with pytest.raises(InputError):
        still.position_s = -1
    data, _ = still._repr_mimebundle_()
    assert "musictools-research[widgets]" in html.unescape(data["text/html"])
    assert "image/png" in data


def test_silence_and_one_sample_can_be_looked_at():
    for samples in (np.zeros(RATE), np.array([0.5])):
        explorer = mt.lab.explore(samples, sample_rate=RATE)
        assert explorer.layers == LAYERS
        assert "image/png" in explorer._repr_mimebundle_()[0]
        assert explorer._view.sound().kind == "audio/flac"


# -- what a browser is sent ----------------------------------------------------------------------
def test_the_sound_is_served_once_when_asked_for(explorer, monkeypatch):
    pytest.importorskip("anywidget", reason="no anywidget: nothing is sent to a browser")
    sent = []
    monkeypatch.setattr(type(explorer), "send", lambda _self, message: sent.append(message))
    explorer.answer(None, {"ask": "weather"}, [])
    assert sent == []
    explorer.answer(None, {"ask": "sound"}, [])
    explorer.answer(None, {"ask": "sound"}, [])
    assert sent[0] == sent[1]
    assert sent[0]["kind"] == "audio/flac"
    assert not any(isinstance(v, bytes) and v[:4] == b"fLaC" for v in explorer.get_state().values())
    widget, sound = explorer._served
    assert widget.data == sound.data
    explorer.hush()

    def fails(_self):
        raise OSError("disk full")

    monkeypatch.setattr(type(explorer._view), "sound", fails)
    explorer.answer(None, {"ask": "sound"}, [])
    assert sent[2] == {"trouble": "No sound: disk full"}


def test_scripts_and_styles_fetch_nothing_and_use_no_markup():
    web = _explorer_widget.WEB
    assert {one.name for one in web.iterdir()} == {
        "explorer.js", "explorer.css", "knobs.js", "knobs.css",
    }  # fmt: skip
    for path in web.iterdir():
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        for word in (
            "http:",
            "https:",
            "//cdn",
            "import ",
            "@import",
            "url(",
            "innerHTML",
            "eval(",
        ):
            assert word not in text, (path.name, word)


def test_scripts_and_styles_are_in_the_wheel(root, tmp_path):
    wheels = pytest.importorskip("hatchling.builders.wheel", reason="no hatchling: no wheel")
    (made,) = wheels.WheelBuilder(str(root)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(made) as wheel:
        for path in _explorer_widget.WEB.iterdir():
            assert wheel.read(f"musictools/lab/web/{path.name}") == path.read_bytes()
