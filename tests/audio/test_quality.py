"""The report card: one verdict, its evidence, and its forms for people and machines."""

import copy
import json
import pickle

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

import musictools as mt
from musictools.audio import _quality
from musictools.audio._card import span
from musictools.audio._envelope import Envelope, StereoImage
from musictools.audio._finding import Kind
from musictools.audio._levels import LevelSums
from musictools.audio._pass import gather
from musictools.errors import AudioError, InputError

RATE = 44_100
NASTY = "<script>alert(1)<b>.wav"


def kind(name, basis="fact"):
    return Kind(name, basis, "dB", "level", "When it is <there>.", "definition")


class Planted:
    """A detector that finds what a test wants found."""

    tracks = (LevelSums,)

    def __init__(self, *found):
        names = ("clipping", "hum", "sibilance", "dual_mono", "padded_bit_depth")
        self.kinds = tuple(
            kind(name, "judgement" if name == "sibilance" else "fact") for name in names
        )
        self._found = found

    def find(self, tracks):
        kinds = {kind.name: kind for kind in self.kinds}
        for name, severity, start, end, confidence in self._found:
            yield kinds[name].found(
                start * tracks.duration_s,
                end * tracks.duration_s,
                severity=severity,
                value=3.0,
                confidence=confidence,
                meaning="It <b>sounds</b> & crackles.",
                remedy="Turn it down.",
            )


ERRORS = (
    ("clipping", "error", 0.2, 0.3, 0.8),
    ("clipping", "error", 0.6, 0.7, 0.9),
    ("hum", "warning", 0.0, 1.0, 0.9),
    ("sibilance", "info", 0.5, 0.5, 0.6),
)


@pytest.fixture
def plant(monkeypatch):
    """Put a detector of the test's in the place of all others."""

    def put(*found):
        monkeypatch.setattr(_quality, "DETECTORS", (Planted(*found),))

    put()
    return put


def noise(seconds=4.0, channels=2, rate=RATE, level=0.1):
    rng = np.random.default_rng(3)
    return mt.audio.from_samples(
        level * rng.standard_normal((channels, max(1, round(seconds * rate)))), rate, bit_depth=16
    )


def test_a_clean_song_is_told_so_and_what_was_not_checked(plant):
    report = mt.audio.quality(noise())
    assert report.worst is None
    assert report.verdict.startswith("No faults found.")
    assert "lossy codecs" in report.verdict
    assert "a reference" in report.verdict
    assert all(report.passes(level) for level in ("info", "warning", "error", "never"))


def test_the_worst_finding_decides(plant):
    plant(*ERRORS)
    report = mt.audio.quality(noise())
    assert report.worst == "error"
    assert report.verdict.startswith("Not ready: 2 errors and 1 warning. Worst: clipping, 0:02.4")
    assert not report.passes()
    assert report.passes("never")
    assert report.findings["severity"].tolist() == ["error", "error", "warning", "info"]


@pytest.mark.parametrize(
    ("found", "begins", "passes"),
    [
        ([ERRORS[2]], "Ready, with 1 warning. Worst: hum (whole recording).", "error"),
        ([ERRORS[3]], "No faults found; 1 note.", "warning"),
    ],
)
def test_less_severe_findings_pass(plant, found, begins, passes):
    plant(*found)
    report = mt.audio.quality(noise())
    assert report.verdict.startswith(begins)
    assert report.passes(passes)
    assert not report.passes(report.worst)


def test_an_unknown_severity_is_refused(plant):
    with pytest.raises(InputError, match="fail_on='fatal'"):
        mt.audio.quality(noise()).passes("fatal")


def test_nothing_looked_for_is_not_praised(monkeypatch):
    monkeypatch.setattr(_quality, "DETECTORS", ())
    report = mt.audio.quality(noise())
    assert report.verdict.startswith("Nothing was looked for.")


def test_what_does_not_apply_is_said(plant):
    recording = noise(channels=1)
    verdict = mt.audio.quality(recording.samples, sample_rate=RATE).verdict
    assert "dual mono (one channel)" in verdict
    assert "padded bit depth (no bit depth known)" in verdict
    stereo = mt.audio.quality(noise()).verdict
    assert "dual mono" not in stereo
    assert "padded" not in stereo


def test_the_numbers_are_those_of_the_other_functions(plant):
    song = mt.datasets.simulate_recording(duration_s=8, rng=5).recording
    report = mt.audio.quality(song)
    assert report.loudness == mt.audio.loudness(song)
    row = mt.audio.describe(song)
    assert len(report.measures) > 20
    for name, value in report.measures.items():
        assert value == pytest.approx(row[name], nan_ok=True), name


def test_json_is_for_machines(plant, tmp_path):
    plant(*ERRORS)
    report = mt.audio.quality(noise(1.0))
    text = report.to_json(tmp_path / "r.json")
    assert (tmp_path / "r.json").read_text("utf-8") == text
    told = json.loads(text, parse_constant=pytest.fail)
    assert (told["schema"], told["schema_version"]) == ("musictools.quality-report", 1)
    assert told["loudness"]["loudness_range_lu"] is None  # one second is too short
    assert told["loudness"]["integrated_lufs"] == report.loudness.integrated_lufs
    assert "history" not in told["loudness"]
    assert [f["kind"] for f in told["findings"]] == report.findings["kind"].tolist()
    assert told["worst_first"][0] == 1  # the surer of the two errors
    assert told["codecs"] is None
    assert told["provenance"]["sample_rate_hz"] == RATE
    history = json.loads(report.to_json(history=True))["loudness"]["history"]
    assert len(history["time_s"]) == len(report.loudness.history)


def test_silence_is_not_simply_praised(plant):
    verdict = mt.audio.quality(noise(level=0.0)).verdict
    assert "loudness (silent, too short" in verdict


def test_a_reference_is_told_in_words(plant):
    song = mt.datasets.simulate_recording(duration_s=8, rng=5).recording
    dark = mt.datasets.simulate_recording(duration_s=8, rng=6).recording
    report = mt.audio.quality(song, reference=dark)
    assert report.reference.references == 1
    assert "a reference" not in report.verdict
    told = json.loads(report.to_json(), parse_constant=pytest.fail)["reference"]
    assert told["words"] == list(report.reference.words)
    assert len(told["tonal_balance"]) == len(report.reference.tonal_balance)
    assert "Against the reference" in report._repr_html_()
    page = report.html()
    assert "Against the reference" in page
    assert page.count("<img ") == 6


def test_codecs_are_asked_for(plant):
    report = mt.audio.quality(noise(0.6), codecs=True)
    assert len(report.codecs) >= 3
    assert "codecs" not in report.verdict
    assert len(json.loads(report.to_json())["codecs"]) == len(report.codecs)
    assert "What lossy codecs do to it" in report.html()


def test_playback_is_reckoned(plant):
    report = mt.audio.quality(noise())
    spotify = report.playback[report.playback["platform"] == "Spotify"]
    assert len(spotify) == 3
    assert "Spotify" in report._repr_html_()


def test_kinds_are_listed(plant):
    kinds = mt.audio.finding_kinds()
    assert kinds["kind"].tolist() == [k.name for k in _quality.DETECTORS[0].kinds]
    assert set(kinds["basis"]) == {"fact", "judgement"}


def test_the_notebook_form_escapes_and_has_no_colours_of_its_own(plant):
    plant(*ERRORS)
    recording = mt.audio.from_samples(noise().samples, RATE, path=NASTY)
    html = mt.audio.quality(recording)._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "It &lt;b&gt;sounds&lt;/b&gt; &amp; crackles." in html
    assert html.count("<div") == html.count("</div>")
    assert "color:inherit" in html
    assert "error" in html


def test_the_text_form_tells_findings(plant):
    plant(*ERRORS)
    text = repr(mt.audio.quality(noise()))
    assert text.splitlines()[0].startswith("Recording: Not ready")
    assert text.count("clipping") == 3


def test_a_report_can_be_kept(plant):
    plant(*ERRORS)
    report = mt.audio.quality(noise())
    again = pickle.loads(pickle.dumps(report))
    assert again.verdict == report.verdict
    pd.testing.assert_frame_equal(again.to_frame(), report.findings)


def kept(report):
    """A report as it comes back, and the bytes that it takes."""
    stored = pickle.dumps(report)
    return pickle.loads(stored), len(stored)


def test_a_kept_report_leaves_the_samples_behind(plant):
    plant(*ERRORS)
    recording = noise(20.0)
    report = mt.audio.quality(recording, reference=noise(3.0))
    again, size = kept(report)
    assert size < 4_000_000 < recording.samples.nbytes
    assert again == report
    assert again.to_json(history=True) == report.to_json(history=True)
    assert repr(again) == repr(report)
    assert again._repr_html_() == report._repr_html_()
    page = again.html()
    assert page.count("<img ") >= 5
    assert "No sounds here: the recording is gone" in page
    assert "<audio" not in page
    assert "<audio" in copy.copy(report).html(), "a copy shares the samples"


def test_a_kept_report_reads_its_sounds_from_the_file_if_that_still_has_them(plant, tmp_path):
    plant(*ERRORS)
    path = tmp_path / "song.flac"
    recording = noise(6.0)
    sf.write(path, recording.samples.T, RATE)
    page = mt.audio.quality(path).html()
    assert "<audio" in page
    for source in (path, mt.audio.read(path)):
        again, size = kept(mt.audio.quality(source))
        assert size < 4_000_000
        assert again.html() == page
    named = kept(mt.audio.quality(mt.audio.from_samples(recording.samples / 2, RATE, path=path)))[0]
    assert "<audio" not in named.html(), "another recording of that name"
    again = kept(mt.audio.quality(mt.audio.read(path)))[0]
    sf.write(path, -recording.samples.T, RATE)
    assert "No sounds here" in again.html()
    path.unlink()
    assert "No sounds here" in again.html()


@pytest.mark.parametrize(
    ("start_s", "end_s", "place"),
    [
        (0.0, 100.0, "whole recording"),
        (1.9, 98.1, "whole recording"),
        (2.1, 100.0, "0:02.1 to 1:40.0"),
        (0.0, 97.9, "0:00.0 to 1:37.9"),
        (50.0, 50.05, "0:50.0"),
        (50.0, 50.2, "0:50.0 to 0:50.2"),
    ],
)
def test_what_lacks_a_fiftieth_at_an_end_is_still_everywhere(plant, start_s, end_s, place):
    report = mt.audio.quality(noise(0.1))
    report.provenance["duration_s"] = 100.0
    assert span(report, start_s, end_s) == place


@pytest.mark.parametrize(
    "made",
    [
        noise(2.0),
        noise(0.01),
        noise(0),
        noise(level=0.0),
        noise(channels=1),
        noise(1.0, channels=6),
        noise(1.0, rate=8_000),
        noise(0.5, rate=192_000),
        mt.audio.from_samples(np.sign(np.sin(np.arange(RATE) / 9)), RATE),
    ],
    ids=["2 s", "10 ms", "1 sample", "silence", "mono", "5.1", "8 kHz", "192 kHz", "square"],
)
def test_every_recording_gets_a_report(made, tmp_path):
    report = mt.audio.quality(made)
    assert report.verdict
    json.loads(report.to_json(), parse_constant=pytest.fail)
    page = report.to_html(tmp_path / "r.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert report._repr_html_()


def test_a_broken_file_is_a_clear_error(tmp_path):
    path = tmp_path / "broken.flac"
    sf.write(path, noise().samples.T, RATE)
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(AudioError, match=r"broken\.flac"):
        mt.audio.quality(path)


@pytest.mark.parametrize("seconds", [0.013, 3.0, 47.0])
def test_the_envelope_does_not_depend_on_blocks(seconds):
    rate = 8_000
    samples = np.random.default_rng(1).standard_normal((2, round(seconds * rate)))
    samples = samples.astype(np.float32)
    whole = Envelope(rate, ("L", "R"))
    image = StereoImage(rate, ("L", "R"))
    for track in (whole, image):
        track.update(samples)
    parts, image_of_parts = Envelope(rate, ("L", "R")), StereoImage(rate, ("L", "R"))
    for start in range(0, samples.shape[1], 4_999):
        block = np.ascontiguousarray(samples[:, start : start + 4_999])
        parts.update(block)
        image_of_parts.update(block)
    pd.testing.assert_frame_equal(whole.to_frame(), parts.to_frame())
    assert (image.counts == image_of_parts.counts).all()
    frame = whole.to_frame()
    assert frame.groupby("channel").size().max() <= 4096
    for i, name in enumerate("LR"):
        assert frame[frame["channel"] == name]["low"].min() == samples[i].min()
        assert frame[frame["channel"] == name]["high"].max() == samples[i].max()


def test_the_envelope_is_where_the_sound_is():
    samples = np.zeros((1, 60 * 8_000), np.float32)
    samples[0, 45 * 8_000] = 0.7
    frame = gather(mt.audio.from_samples(samples, 8_000), [Envelope])[Envelope].to_frame()
    loud = frame[frame["high"] > 0]
    assert len(loud) == 1
    assert loud["start_s"].iloc[0] == pytest.approx(45, abs=0.03)


def test_the_image_tells_mono_from_opposite_polarity():
    tone = 0.5 * np.sin(np.arange(RATE) / 9)
    middle = 150
    mono = gather(mt.audio.from_samples([tone, tone], RATE), [StereoImage])[StereoImage].counts
    assert mono[:, middle].sum() == mono.sum() > 0
    flipped = gather(mt.audio.from_samples([tone, -tone], RATE), [StereoImage])
    assert flipped[StereoImage].counts[middle].sum() == flipped[StereoImage].counts.sum()


def test_the_spectrum_has_the_level_of_the_sound():
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(5 * RATE) / RATE)
    spectrum = mt.audio.quality([tone, tone], sample_rate=RATE).spectrum
    assert spectrum["level_db"].max() == pytest.approx(-9.03, abs=0.3)
    loudest = spectrum[spectrum["level_db"] > -10]["frequency_hz"]
    assert loudest.min() < 1000 < loudest.max()


def test_units_are_spelled_as_descriptors_spell_them():
    known = set(mt.audio.descriptors()["unit"])
    assert set(mt.audio.finding_kinds()["unit"]) <= known


def test_no_finding_is_a_table_of_the_same_columns(plant):
    none = mt.audio.quality(noise()).findings
    plant(*ERRORS)
    some = mt.audio.quality(noise()).findings
    assert len(none) == 0
    assert none.dtypes.to_dict() == some.dtypes.to_dict()


def test_reports_are_equal_when_they_say_the_same(plant):
    first, again = (mt.audio.quality(noise(level=0.0)) for _ in range(2))
    assert first == again, "what is not a number is equal here"
    plant(*ERRORS)
    assert mt.audio.quality(noise(level=0.0)) != first, "other findings"
    assert first != "a report"


@pytest.mark.parametrize("write", ["to_html", "to_json"])
def test_what_cannot_be_written_is_a_clear_error(plant, tmp_path, write):
    report = mt.audio.quality(noise(0.1))
    (tmp_path / "file").write_text("mine")
    for place in (tmp_path, tmp_path / "file" / "r.html", "", tmp_path / f"{300 * 'x'}.html"):
        with pytest.raises(InputError, match="Try: "):
            getattr(report, write)(place)


def test_a_home_is_known(plant, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert mt.audio.quality(noise(0.1)).to_html("~/r.html") == tmp_path / "r.html"
    assert (tmp_path / "r.html").is_file()
