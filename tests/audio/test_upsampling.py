"""Lines of up-sampling, and detectors: taught by the reader, judged on what was held out."""

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from scipy.signal import lfilter

import musictools as mt
from musictools.audio._ai_detector import _auc, _folds
from musictools.audio._ai_report import verdict_words
from musictools.errors import InputError

RATE = 32_000
QUICK = {"conditions": ("as_is", "vorbis", "pitch_up"), "rng": 0}


def song(seed, seconds=5):
    """Noise that falls with frequency as music does, of a colour of its own: without lines."""
    random = np.random.default_rng(seed)
    sound = lfilter([1.0], [1.0, -0.97], random.normal(0, 1, RATE * seconds))
    sound = np.convolve(sound, random.normal(0, 1, 8), "same")
    return 0.2 * sound / sound.std()


def made_by(factor, seed, layer=7, method="zero_stuffing"):
    return mt.datasets.simulate_upsampling(
        song(seed), RATE, factor=factor, method=method, leak_db=-22, rng=layer
    )


def recording(samples):
    return mt.audio.from_samples(samples, RATE)


@pytest.mark.parametrize("method", ["zero_stuffing", "transposed_convolution"])
@pytest.mark.parametrize("factor", [80, 256, 320])
def test_the_spacing_that_was_planted_is_found(factor, method):
    found = mt.audio.upsampling(made_by(factor, 1, method=method), sample_rate=RATE)
    # A part of it fits as well: every tooth is there.
    ratio = RATE / factor / found.spacing_hz
    assert ratio == pytest.approx(round(ratio), rel=0.01)
    assert round(ratio) <= 3
    assert found.p_value < 1e-4
    assert found.words().startswith(
        f"Regular peaks: they lie at multiples of {found.spacing_hz:.1f}"
    )
    assert "no verdict on who or what made the recording" in found.words()


def test_sound_without_lines_is_not_regular():
    found = [mt.audio.upsampling(song(seed), sample_rate=RATE) for seed in range(8)]
    assert sum(each.p_value < 0.05 for each in found) <= 2
    assert min(each.p_value for each in found) > 1e-4
    assert max(each.lines_per_khz for each in found) < 5
    plain = max(found, key=lambda each: each.p_value)
    assert plain.words().startswith("No regular peaks")
    assert "no verdict on who or what made the recording" in plain.words()


def test_a_planted_line_is_listed_at_its_height():
    t = np.arange(RATE * 4) / RATE
    noise = np.random.default_rng(0).normal(0, 0.1, len(t))
    found = mt.audio.upsampling(noise + 0.02 * np.sin(2 * np.pi * 7_000 * t), sample_rate=RATE)
    lines = found.lines()
    top = lines.loc[lines["height_db"].idxmax()]
    assert top["frequency_hz"] == pytest.approx(7_000, abs=2)
    assert top["height_db"] > 15
    assert found.vector().shape == (103,)
    assert np.isfinite(found.vector()).all()


@pytest.mark.parametrize("wrong", [np.zeros(RATE * 4), np.ones(RATE) * 0.1])
def test_silence_and_snippets_are_refused(wrong):
    with pytest.raises(InputError, match="look for up-sampling"):
        mt.audio.upsampling(wrong, sample_rate=RATE)


@pytest.fixture(scope="module")
def piles():
    human = {f"artist {a}": [recording(song(10 * a + k)) for k in range(2)] for a in range(5)}
    made = {
        f"layer {factor}": [
            recording(made_by(factor, 100 + 7 * factor + k, factor)) for k in range(5)
        ]
        for factor in (256, 320)
    }
    return human, made


@pytest.fixture(scope="module")
def taught(piles):
    return mt.audio.AIDetector(**QUICK).fit(*piles)


def test_it_finds_a_layer_that_it_had_not_met_after_other_codecs_too(taught, piles):
    report = taught.report_
    assert (report.human, report.generated, report.generators) == (10, 10, 2)
    assert list(report.scores["condition"].unique()) == ["as_is", "vorbis", "pitch_up"]
    assert report.verdict == "unseen"
    assert report.scores["auc"].min() > 0.8
    human, made = piles
    got = taught.predict([human["artist 0"][0], made["layer 256"][0]])
    assert got["score"].iloc[0] < 0.5 < got["score"].iloc[1]
    assert got["verdict"].iloc[1] in ("like the generated", "cannot tell")


def test_one_file_that_fails_does_not_keep_the_others_from_a_verdict(taught, piles, tmp_path):
    (tmp_path / "broken.wav").write_bytes(b"RIFF, or so it says")
    good = piles[0]["artist 0"][0]
    short = recording(song(1, seconds=1))
    got = taught.predict([tmp_path / "broken.wav", good, short, tmp_path / "none.flac"])
    assert got["error"].isna().tolist() == [False, True, False, False]
    assert got["score"].isna().tolist() == [True, False, True, True]
    assert got["recording"].iloc[0].endswith("broken.wav")
    assert got["verdict"].iloc[[0, 2, 3]].eq("cannot tell").all()
    assert "3 s or more" in got["error"].iloc[2]
    assert got["score"].iloc[1] == taught.predict(good)["score"].iloc[0]


def test_no_artist_is_in_two_folds():
    random = np.random.default_rng(0)
    for names in (["a", "b"], ["a", "b", "c"], list("abcdef")):
        group = names * 4
        fold = _folds(group, random)
        assert len(set(zip(group, fold, strict=True))) == len(names)
        assert len(set(fold)) == min(len(names), 4)
    assert len(set(_folds([""] * 8, random))) == 4


def test_untaught_it_refuses_and_says_why():
    with pytest.raises(InputError, match="taught nothing") as told:
        mt.audio.AIDetector().predict("song.wav")
    assert "no verdict comes with the package" in str(told.value)
    assert "no evidence against a person" in mt.audio.AIDetector().words()


def test_taught_with_two_piles_of_the_same_it_says_that_it_can_do_nothing(piles):
    human, _ = piles
    other = {
        name: [recording(song(500 + 10 * n + k)) for k in range(4)] for n, name in enumerate("ab")
    }
    quick = mt.audio.AIDetector(conditions=("as_is",), rng=0).fit(human, other)
    assert quick.report_.verdict == "nothing"
    assert quick.words().startswith("No detector")
    got = quick.predict(other["a"][0])
    assert got["verdict"].tolist() == ["cannot tell"]


def test_folders_are_labels_and_what_the_files_tell_is_said(piles, tmp_path):
    human, made = piles
    for root, pile, kind in (
        ("human", human, "flac"),
        ("made", {"one": made["layer 256"] + made["layer 320"]}, "wav"),
    ):
        for group, some in pile.items():
            folder = tmp_path / root / group
            folder.mkdir(parents=True)
            for k, each in enumerate(some):
                sf.write(folder / f"{k}.{kind}", each.samples.T, RATE)
    detector = mt.audio.AIDetector(conditions=("as_is",), rng=0)
    report = detector.fit(tmp_path / "human", tmp_path / "made", progress=False).report_
    assert report.verdict == "known_only"
    assert report.shortcuts.set_index("fact").loc["kind of file", "balanced_accuracy"] == 1
    assert "Beware: kind of file alone tells" in report.words()
    assert report.scores["generator"].tolist() == ["one"]


def test_the_same_seed_gives_the_same_scores(piles, taught):
    human, made = piles
    one, two = (
        mt.audio.AIDetector(conditions=("as_is",), rng=3).fit(human, made).report_.scores
        for _ in range(2)
    )
    assert one.equals(two)


def test_too_few_and_nonsense_are_refused(piles):
    human, made = piles
    with pytest.raises(InputError, match="2 human recordings"):
        mt.audio.AIDetector(conditions=("as_is",)).fit(human["artist 0"], made)
    for wrong in (("mp3",), "as_is", ("as_is", "tape")):
        with pytest.raises(InputError, match="conditions="):
            mt.audio.AIDetector(conditions=wrong).fit(human, made)
    with pytest.raises(InputError, match="type int"):
        mt.audio.AIDetector().fit(3, made)


@pytest.mark.parametrize(("caught", "verdict"), [(0.6, "unseen"), (0.0, "fragile")])
def test_ranks_without_a_threshold_are_no_verdict_on_unseen_generators(caught, verdict):
    scores = pd.DataFrame(
        {
            "generator": ["one", "two"],
            "condition": "as_is",
            "auc": [1.0, 0.98],
            "auc_lo": 0.94,
            "auc_hi": 1.0,
            "caught": [1.0, caught],
            "false_alarms": 0.0,
        }
    )
    found, sentences = verdict_words(scores, 2)
    assert found == verdict
    assert ("of two only 0% are caught" in sentences[1]) == (verdict == "fragile")


def test_auc_by_counting_pairs():
    assert _auc(np.array([0.1, 0.5]), np.array([0.5, 0.9])) == pytest.approx((1 + 0.5 + 1 + 1) / 4)
