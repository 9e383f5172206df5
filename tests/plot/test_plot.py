"""Pictures: what they say, what they leave alone, and what they survive."""

import io
import subprocess
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import soundfile

import musictools as mt
from musictools.errors import InputError, TableError
from musictools.plot import PALETTE

mpl.use("Agg")


def tone(duration_s=2.0, rate_hz=44_100, *, channels=2, hz=440.0, level=0.5):
    t = np.arange(round(duration_s * rate_hz)) / rate_hz
    return mt.audio.from_samples(
        np.tile(level * np.sin(2 * np.pi * hz * t), (channels, 1)), rate_hz
    )


SONG = tone(4.0)
TABLE = pd.DataFrame(
    {
        "title": ["A", "B", "C"],
        "style": ["pop", "rock", "pop"],
        "tempo_bpm": [90.0, 120.0, 150.0],
        "integrated_lufs": [-14.0, -9.0, -11.0],
    }
)
PARTS = pd.DataFrame(
    {
        "start_s": [0.0, 8.0, 9.0],
        "end_s": [8.0, 9.0, 20.0],
        "label": ["verse", "a drum fill", "verse"],
    }
)
DRAWINGS = {
    "waveform": lambda ax: mt.plot.waveform(SONG, ax=ax),
    "spectrogram": lambda ax: mt.plot.spectrogram(SONG, ax=ax),
    "loudness": lambda ax: mt.plot.loudness(mt.audio.loudness(SONG), ax=ax),
    "chroma": lambda ax: mt.plot.chroma(mt.audio.describe(SONG), ax=ax),
    "alternatives": lambda ax: mt.plot.alternatives(mt.audio.key(SONG), ax=ax),
    "features": lambda ax: mt.plot.features(TABLE, x="tempo_bpm", y="integrated_lufs", ax=ax),
    "spans": lambda ax: mt.plot.spans(PARTS, ax=ax),
}
UNITLESS = {"Pitch class", "Key", ""}
SOURCES = {
    "mono": tone(channels=1),
    "stereo": tone(),
    "5.1": tone(channels=6),
    "8 kHz": tone(rate_hz=8_000),
    "short": tone(0.01),
    "one sample": mt.audio.from_samples([0.5], 44_100),
    "silent": tone(level=0.0),
    "over full scale": tone(level=1.5),
}


def text_of(ax):
    return [t.get_text() for t in ax.texts]


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_axes_given_is_drawn_on_and_returned(name):
    _, (left, right) = plt.subplots(1, 2)
    assert DRAWINGS[name](left) is left
    assert left.has_data()
    assert not right.has_data()


@pytest.mark.parametrize("name", DRAWINGS)
def test_without_axes_the_current_one_is_used(name):
    ax = plt.gca()
    assert DRAWINGS[name](None) is ax


@pytest.mark.parametrize("name", DRAWINGS)
def test_labels_have_units(name):
    ax = DRAWINGS[name](None)
    for text in (ax.get_xlabel(), ax.get_ylabel()):
        assert text in UNITLESS or text.endswith(")")


@pytest.mark.parametrize("drawing", ["waveform", "spectrogram"])
@pytest.mark.parametrize("kind", SOURCES)
def test_any_recording_can_be_drawn(drawing, kind):
    song = SOURCES[kind]
    with mt.plot.style():
        ax = getattr(mt.plot, drawing)(song)
        ax.figure.canvas.draw()  # warnings come when it is drawn, and are errors here
    assert ax.get_xlim() == pytest.approx((0, song.duration_s))


@pytest.mark.parametrize("kind", SOURCES)
def test_measures_of_any_recording_can_be_drawn(kind):
    song = SOURCES[kind]
    with mt.plot.style():
        for draw, what in [
            (mt.plot.loudness, mt.audio.loudness(song)),
            (mt.plot.chroma, mt.audio.describe(song)),
            (mt.plot.alternatives, mt.audio.key(song)),
            (mt.plot.alternatives, mt.audio.tempo(song)),
        ]:
            _, ax = plt.subplots()
            draw(what, ax=ax).figure.canvas.draw()


def test_the_waveform_reaches_the_peaks():
    song = tone(level=0.8)
    path = mt.plot.waveform(song).collections[0].get_paths()[0]
    assert path.vertices[:, 1].max() == pytest.approx(song.samples.max())
    assert path.vertices[:, 1].min() == pytest.approx(song.samples.min())


def test_the_waveform_of_single_samples_is_seen():
    """Where a cell is one sample, an area alone would have no height."""
    area = mt.plot.waveform(tone(0.01)).collections[0]
    assert area.get_linewidth()[0] > 0
    assert len(area.get_edgecolor()) > 0


@pytest.mark.parametrize("hz", [60.0, 440.0, 5_000.0])
def test_the_spectrogram_is_brightest_at_the_tone(hz):
    mesh = mt.plot.spectrogram(tone(hz=hz)).collections[0]
    levels, edges_hz = mesh.get_array(), mesh.get_coordinates()[:, 0, 1]
    brightest = int(levels.mean(axis=1).argmax())
    # The line of a sine is as wide as the window's main lobe: two bins each side.
    bin_hz = 44_100 / 4096
    assert edges_hz[brightest] - 2 * bin_hz <= hz <= edges_hz[brightest + 1] + 2 * bin_hz
    assert levels.max() == pytest.approx(0)


def test_the_chroma_is_highest_at_the_note():
    ax = mt.plot.chroma(mt.audio.describe(tone(hz=440.0 * 2 ** (1 / 12))))
    heights = [bar.get_height() for bar in ax.patches]
    names = [t.get_text() for t in ax.get_xticklabels()]
    assert names[int(np.argmax(heights))] == "Bb"
    assert sum(heights) == pytest.approx(100)


def test_alternatives_begin_with_the_answer():
    key = mt.audio.key(SONG)
    ax = mt.plot.alternatives(key)
    assert ax.get_xticklabels()[0].get_text() == key.value
    assert ax.patches[0].get_height() == pytest.approx(100 * key.confidence)


def test_spans_have_a_colour_for_each_label_and_names_where_there_is_room():
    ax = mt.plot.spans(PARTS)
    assert [(b.get_x(), b.get_width()) for b in ax.patches] == [(0, 8), (8, 1), (9, 11)]
    first, second, third = (b.get_facecolor() for b in ax.patches)
    assert first == third != second
    assert text_of(ax) == ["verse", "verse"]
    for text in ax.texts:
        box = text.get_window_extent()
        assert any(b.get_window_extent().containsx(x) for b in ax.patches for x in box.intervalx)
    assert ax.get_xlim() == (0, 20)


def test_spans_of_many_tables_lie_in_rows_and_agree_in_colour():
    ax = mt.plot.spans({"found": PARTS.replace("verse", "$A$"), "true": PARTS})
    assert [t.get_text() for t in ax.get_yticklabels()] == ["found", "true"]
    assert ax.yaxis_inverted(), "the first is on top"
    assert ax.patches[1].get_facecolor() == ax.patches[4].get_facecolor()
    assert ax.patches[0].get_facecolor() != ax.patches[3].get_facecolor()
    ax.figure.canvas.draw()
    assert text_of(ax)[0] == r"\$A\$"


def test_a_stretch_of_spans_is_cut_at_its_ends():
    ax = mt.plot.spans(PARTS, start_s=8.5, end_s=10.0)
    assert [(b.get_x(), b.get_width()) for b in ax.patches] == [(8.5, 0.5), (9, 1)]
    assert ax.get_xlim() == (8.5, 10)
    assert text_of(ax) == ["a drum fill", "verse"], "now there is room"


@pytest.mark.parametrize("nothing", [PARTS[:0], {"none": PARTS[:0]}, {}])
def test_no_spans_are_no_error(nothing):
    mt.plot.spans(nothing).figure.canvas.draw()


def test_spans_come_from_the_measures_of_a_song():
    with mt.plot.style():
        ax = mt.plot.spans({"chords": mt.audio.chords(SONG), "sections": mt.audio.sections(SONG)})
        ax.figure.canvas.draw()
    assert ax.get_xlim() == pytest.approx((0, SONG.duration_s))


def test_spans_want_their_columns():
    with pytest.raises(TableError, match=r"'end_s'.*Try: 'end_sec'"):
        mt.plot.spans(PARTS.rename(columns={"end_s": "end_sec"}))


def test_the_style_ends_with_its_block():
    before = dict(mpl.rcParams)
    with mt.plot.style():
        assert mpl.rcParams["axes.grid"]
        assert dict(mpl.rcParams) != before
    assert dict(mpl.rcParams) == before


def test_the_style_ends_after_an_error():
    before = dict(mpl.rcParams)
    with pytest.raises(ZeroDivisionError), mt.plot.style():
        1 / 0  # noqa: B018 - any error will do
    assert dict(mpl.rcParams) == before


def test_importing_styles_nothing():
    code = (
        "import matplotlib as mpl; before = dict(mpl.rcParams); import musictools as mt; "
        "mt.plot.style; mt.plot.waveform; mt.plot.features; mt.plot.show; "
        "assert dict(mpl.rcParams) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_groups_have_colours_of_their_own():
    names = [f"kind {i}" for i in range(len(PALETTE))]
    table = pd.DataFrame({"kind": names, "tempo_bpm": 100.0, "integrated_lufs": range(len(names))})
    ax = mt.plot.features(table, x="tempo_bpm", y="integrated_lufs", hue="kind")
    assert len({tuple(c) for c in ax.collections[0].get_facecolors()}) == len(PALETTE)


def test_more_groups_than_colours_still_differ():
    names = [f"kind {i}" for i in range(len(PALETTE) + 4)]
    table = pd.DataFrame({"kind": names, "tempo_bpm": 100.0, "integrated_lufs": range(len(names))})
    ax = mt.plot.features(table, x="tempo_bpm", y="integrated_lufs", hue="kind")
    assert len({tuple(c) for c in ax.collections[0].get_facecolors()}) == len(names)


def test_rows_without_a_number_are_left_out():
    table = pd.concat([TABLE, TABLE.assign(title="D", integrated_lufs=np.nan)], ignore_index=True)
    ax = mt.plot.features(table, x="tempo_bpm", y="integrated_lufs", hue="style", text="title")
    ax.figure.canvas.draw()
    assert sorted(text_of(ax)) == ["A", "B", "C"]


def test_words_do_not_lie_on_each_other():
    crowd = TABLE.assign(tempo_bpm=[100.0, 100.1, 200.0], integrated_lufs=[-9.0, -9.0, -12.0])
    ax = mt.plot.features(crowd, x="tempo_bpm", y="integrated_lufs", text="title")
    boxes = [t.get_window_extent() for t in ax.texts]
    assert len(boxes) == len(crowd)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_words_are_words_and_no_formulas():
    odd = TABLE.assign(title=["$100 Bill$", "<b>&", "夜のバス"])
    ax = mt.plot.features(odd, x="tempo_bpm", y="integrated_lufs", text="title")
    assert text_of(ax)[0] == r"\$100 Bill\$"
    assert mt.plot.show(ax, alt="Three songs with odd titles.").png, "and no warning"


@pytest.mark.parametrize("role", ["x", "y", "hue", "style", "text"])
def test_a_missing_column_is_named_with_its_neighbour(role):
    wanted = {"x": "tempo_bpm", "y": "integrated_lufs"} | {role: "tempo_bmp"}
    with pytest.raises(TableError, match=r"'tempo_bmp'.*Try: 'tempo_bpm'"):
        mt.plot.features(TABLE, **wanted)


def test_show_gives_words_and_closes_the_figure():
    with mt.plot.style():
        ax = mt.plot.waveform(SONG)
    picture = mt.plot.show(ax, alt='A "steady" tone <of> one pitch.')
    assert plt.get_fignums() == []
    data, notes = picture._repr_mimebundle_()
    assert 'alt="A &quot;steady&quot; tone &lt;of&gt; one pitch."' in data["text/html"]
    assert notes["image/png"]["alt"] == picture.alt
    assert notes["musictools"]["axes"] == [["Time (s)", "Amplitude (of full scale)"]]
    assert picture.png.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("draw", "bare"),
    [
        (lambda ax: ax.plot([0, 1], [0, 1]), 2),
        (lambda ax: ax.set(xlabel="Time (s)", ylabel="Level (dB)"), 0),
        (lambda ax: ax.set(xlabel="Time (s)"), 1),
        (lambda ax: ax.loglog([1, 1e4], [1, 1e4]), 2),
        (lambda ax: ax.barh(["R01", "7 others"], [1, 2]), 1),
        (lambda ax: ax.plot(np.array(["2020", "2024"], "M8[D]"), [0, 1]), 1),
        (lambda ax: ax.set(xlabel="Time (s)", yticks=[]), 0),
        (lambda ax: ax.set_axis_off(), 0),
    ],
)
def test_axes_of_numbers_without_a_word_are_counted(draw, bare):
    ax = plt.subplots()[1]
    draw(ax)
    assert mt.plot.show(ax, alt="An axes with or without labels.").unlabelled == bare


def test_a_colour_bar_and_shared_axes_are_labelled_once():
    figure, (left, right) = plt.subplots(1, 2, sharey=True)
    left.set(xlabel="Time (s)", ylabel="Level (dB)")
    right.set(xlabel="Time (s)")
    bar = figure.colorbar(right.imshow([[0, 1]]), ax=right)
    assert mt.plot.show(left, alt="Two panels, one with a bar.").unlabelled == 1
    figure, ax = plt.subplots()
    ax.set(xlabel="Time (s)", ylabel="Level (dB)")
    bar = figure.colorbar(ax.imshow([[0, 1]]), ax=ax)
    bar.set_label("Level (dB)")
    assert mt.plot.show(ax, alt="A panel with a bar that is told.").unlabelled == 0


def test_show_wants_words():
    ax = mt.plot.waveform(SONG)
    with pytest.raises(InputError, match="alt='tone'"):
        mt.plot.show(ax, alt="tone")
    assert plt.get_fignums(), "nothing is lost"


def heard(clip):
    return soundfile.read(io.BytesIO(clip.wav))


@pytest.mark.parametrize("level", [0.0, 0.1, 0.89, 1.0, 1.7])
def test_a_clip_is_safe_and_never_turned_up(level):
    clip = mt.plot.listen(tone(level=level), alt="A steady tone of one pitch.", credit="CC0")
    samples, rate = heard(clip)
    step = 1 / 32768
    assert np.abs(samples).max() <= 10 ** (-1 / 20) + step
    assert np.abs(samples).max() <= level + step
    assert clip.gain_db <= 0
    assert rate == 44_100


def test_a_clip_is_cut_where_it_is_asked_for():
    song = mt.audio.from_samples(np.linspace(0, 0.5, 8_000 * 4), 8_000)
    clip = mt.plot.listen(
        song, start_s=1.0, duration_s=2.0, alt="A ramp from low to high.", credit="CC0"
    )
    samples, _ = heard(clip)
    assert clip.duration_s == pytest.approx(2.0)
    middle = slice(1_000, -1_000)  # past the short fades
    assert np.allclose(samples[middle], song.samples[0, 8_000:24_000][middle], atol=1e-4)
    assert samples[0] == samples[-1] == 0


@pytest.mark.parametrize(
    "given",
    [
        {"start_s": -1.0},
        {"start_s": 4.0},
        {"duration_s": 0.0},
        {"duration_s": 31.0},
        {"start_s": float("nan")},
        {"alt": "short"},
        {"credit": " "},
    ],
)
def test_a_clip_that_cannot_be_is_refused(given):
    with pytest.raises(InputError):
        mt.plot.listen(SONG, **{"alt": "A steady tone of one pitch.", "credit": "CC0"} | given)


def test_a_clip_of_many_channels_is_stereo():
    clip = mt.plot.listen(tone(channels=6), alt="A steady tone of one pitch.", credit="CC0")
    assert heard(clip)[0].shape[1] == 2


def test_days_on_an_axis_are_short():
    days = pd.date_range("2025-06-01", "2025-07-01")
    with mt.plot.style():
        _, ax = plt.subplots()
        ax.plot(days, range(len(days)))
        ax.figure.canvas.draw()
    words = [tick.get_text() for tick in ax.get_xticklabels()]
    plt.close(ax.figure)
    assert "Jun" in words
    assert all(len(word) <= 3 for word in words)


def test_what_comes_again_is_alike():
    """Two tones in turns, A B A: the third part is like the first, and unlike the second."""
    time = np.arange(22_050 * 3) / 22_050
    tones = [np.sin(2 * np.pi * hz * time) for hz in (300, 2_000, 300)]
    samples = np.concatenate(tones) + np.random.default_rng(0).normal(0, 1e-3, 22_050 * 9)
    ax = mt.plot.self_similarity(samples, sample_rate=22_050)
    alike = np.asarray(ax.images[0].get_array())
    third = len(alike) // 3
    middle = [third // 2, third + third // 2, 2 * third + third // 2]
    assert np.allclose(np.diag(alike), 1)
    assert alike[middle[0], middle[2]] > 0.9
    assert alike[middle[0], middle[1]] < 0
    assert ax.get_xlim() == ax.get_ylim() == (0, 9)
    assert np.isfinite(
        np.asarray(
            mt.plot.self_similarity(np.zeros(44_100), sample_rate=44_100, ax=plt.figure().gca())
            .images[0]
            .get_array()
        )
    ).all()
