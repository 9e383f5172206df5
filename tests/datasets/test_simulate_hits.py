"""Simulated songs: what is planted is there."""

import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError


def test_the_same_seed_gives_the_same_songs_and_another_others():
    one, two = (mt.datasets.simulate_hits(200, artists=40, reissues=0.3, rng=4) for _ in range(2))
    pd.testing.assert_frame_equal(one.features, two.features)
    pd.testing.assert_frame_equal(one.songs, two.songs)
    other = mt.datasets.simulate_hits(200, artists=40, rng=5)
    assert not np.allclose(one.features["dr_db"][:200], other.features["dr_db"])


def test_odds_are_the_formula_of_the_notes():
    made = mt.datasets.simulate_hits(3_000, artists=200, effect=0.7, fame=1.1, drift=0, rng=1)
    truth = made.truth["songs"]
    odds = np.log(truth["probability"] / (1 - truth["probability"]))
    assert np.allclose(odds, -1.3 + truth["fame"] + truth["sound"])
    assert truth["sound"].std() == pytest.approx(0.7, abs=0.001)
    # Hits come as often as their probabilities say.
    assert made.songs["hit"].mean() == pytest.approx(truth["probability"].mean(), abs=0.03)
    fame = made.truth["artists"].set_index("artist")["fame"] * 1.1
    assert np.allclose(made.songs["artist"].map(fame), truth["fame"])


def test_reissues_are_later_louder_hits_under_a_longer_title():
    made = mt.datasets.simulate_hits(600, artists=80, reissues=0.5, rng=2)
    joined = made.songs.merge(made.truth["songs"]).merge(made.features)
    again = joined.dropna(subset=["reissue_of"])
    first = joined.set_index("recording_id").loc[again["reissue_of"]]
    assert len(again) == round(0.5 * (joined["hit"].sum() - len(again)))
    assert (again["hit"] == 1).all()
    years = (again["released_at"].to_numpy() - first["released_at"].to_numpy()).astype(
        "timedelta64[D]"
    ).astype(int) / 365  # fmt: skip
    assert years.min() >= 5
    assert years.max() < 15
    louder = again["integrated_lufs"].to_numpy() - first["integrated_lufs"].to_numpy()
    assert louder.mean() == pytest.approx(1.5 * 2.5, abs=0.2)
    pairs = zip(again["title"], first["title"], strict=True)
    assert all(late.startswith(early) and late != early for late, early in pairs)


@pytest.mark.parametrize(
    "wrong",
    [
        {"songs": 3},
        {"artists": 2},
        {"shape": "round"},
        {"years": (2000, 1990)},
        {"revolution": 1950},
        {"reissues": 2.0},
        {"rng": "dice"},
    ],
)
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises(InputError):
        mt.datasets.simulate_hits(**wrong)


def test_traces_stand_at_multiples_of_rate_over_factor_at_the_level_asked_for():
    rate, factor = 32_000, 100
    noise = np.random.default_rng(0).normal(0, 0.1, rate)
    for method in ("zero_stuffing", "transposed_convolution"):
        made = mt.datasets.simulate_upsampling(
            noise, rate, method=method, factor=factor, leak_db=-12, rng=3
        )
        # from_samples keeps single precision.
        traces = made - noise.astype(np.float32)
        assert 20 * np.log10(traces.std() / noise.std()) == pytest.approx(-12, abs=0.3)
        power = np.abs(np.fft.rfft(traces)) ** 2
        at = np.arange(factor, 100) if factor > 100 else np.arange(1, 50) * rate // factor
        rest = np.setdiff1d(np.arange(10, len(power) - 10), at)
        assert np.median(power[at]) > 20 * np.median(power[rest])


def test_upsampling_of_stereo_silence_and_nonsense():
    assert mt.datasets.simulate_upsampling(np.zeros((2, 500)), 8_000).shape == (2, 500)
    for wrong in ({"method": "magic"}, {"factor": 1}, {"leak_db": 90}):
        with pytest.raises(InputError):
            mt.datasets.simulate_upsampling(np.ones(500), 8_000, **wrong)
