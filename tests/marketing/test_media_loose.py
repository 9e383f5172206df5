"""What no kernel and no curve says: found where it is, and nothing where it is not."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import musictools as mt
from musictools.marketing import _media_honesty
from musictools.marketing._media_fit import quick_look
from musictools.marketing._media_kernels import Kind
from musictools.marketing._media_loose import Loose, _Evidence, find_loose
from musictools.marketing._media_panel import Panel
from musictools.marketing._posterior import Posterior

WEEKS = 120


def made(seed=0, *, step=0.0, differ=0.0, drift=0.0):
    """Controls, sales, media (one try, the true curves), one kind of six events."""
    rng = np.random.default_rng(seed)
    week = np.arange(WEEKS)
    age = week[:, None] - np.arange(5, WEEKS, 20)
    each = np.where(age >= 0, np.exp2(-np.maximum(age, 0) / 3.0), 0.0)
    controls = np.c_[np.ones(WEEKS), week / WEEKS, each.sum(axis=1)]
    media = np.where(rng.random((WEEKS, 2)) < 0.5, rng.gamma(2, 0.5, (WEEKS, 2)), 0)
    sizes = 1 + differ * np.array([1, -1, 1, -1, 1, -1])
    moving = 1 + drift * np.linspace(-1, 1, WEEKS)
    y = 5 + each @ (2 * sizes) + (media * moving[:, None]).sum(axis=1) + step * (week >= 53)
    y = y + 0.2 * rng.standard_normal(WEEKS)
    kind = Kind((2,), each[None], "releases")
    return controls[None], y[None], media.T[:, None, :, None], [kind]


def spreads(loose):
    """Of steps, events and drifts."""
    return loose.sizes[0]


def test_nothing_is_loose_where_the_model_is_right():
    found = np.array([spreads(find_loose(*made(seed))) for seed in range(20)])
    assert (found.max(axis=1) == 0).mean() >= 0.8


@pytest.mark.parametrize(
    ("what", "place"), [({"step": 1.0}, 0), ({"differ": 0.3}, 1), ({"drift": 0.5}, 2)]
)
def test_what_is_missing_is_found_and_named(what, place):
    found = np.array([spreads(find_loose(*made(seed, **what))) for seed in range(6)])
    assert (found[:, place] > 0.1).all()
    # Of its own kind, most of all.
    relative = found / [1.0, 0.3, 0.5]
    assert (relative.argmax(axis=1) == place).mean() >= 0.8


def test_evidence_is_the_density_of_sales():
    """But for a constant: by the normal density, over the fixed coefficients and the noise."""
    rng = np.random.default_rng(1)
    fixed, loose = np.c_[np.ones(20), rng.random(20)], rng.standard_normal((20, 3))
    y = rng.standard_normal(20)
    evidence = _Evidence(fixed, y, loose)
    apart = np.linalg.qr(fixed, mode="complete")[0][:, 2:].T

    def density(spread):
        cov = apart @ (np.eye(20) + (loose * spread**2) @ loose.T) @ apart.T
        noise = np.exp(np.linspace(-4, 4, 4001))
        logs = [stats.multivariate_normal(cov=s * s * cov).logpdf(apart @ y) for s in noise[::20]]
        # With the prior of noise that all that is linear leaves: one over itself.
        return np.log(np.exp(logs).sum())

    some, none = np.array([0.5, 1.0, 0.1]), np.zeros(3)
    expected = density(some) - density(none)
    assert evidence.log(some) - evidence.log(none) == pytest.approx(expected, abs=1e-6)


def test_columns_do_not_look_ahead():
    controls, y, media, kinds = made(step=1.0, differ=0.3, drift=0.5)
    whole = find_loose(controls, y, media, kinds, known=90)
    later = y.copy()
    later[:, 90:] += 50
    changed = find_loose(controls, later, media, kinds, known=90)
    np.testing.assert_array_equal(whole.columns, changed.columns)
    np.testing.assert_array_equal(whole.spread, changed.spread)
    before = find_loose(
        controls[:, :90], y[:, :90], media[:, :, :90], [kind.until(90, [0, 1, 2]) for kind in kinds]
    )
    np.testing.assert_allclose(whole.columns[:, :90], before.columns, atol=1e-9)
    np.testing.assert_allclose(whole.spread, before.spread, rtol=1e-9)


def test_drift_moves_effects_and_brings_none():
    controls, y, media, kinds = made(drift=0.5)
    loose = find_loose(controls, y, media, kinds)
    np.testing.assert_allclose(loose.columns[0, :, -2:].sum(axis=0), 0, atol=1e-9)


def test_sales_without_noise_are_no_trouble():
    controls, y, media, kinds = made()
    y = controls @ [5.0, 1.0, 2.0] + media[..., 0].sum(axis=0)
    assert np.isfinite(find_loose(controls, y, media, kinds).columns).all()


def test_a_step_that_nobody_told_of_widens_the_interval():
    """A step of the baseline while a channel begins: the channel must not be sure of it."""
    rng = np.random.default_rng(5)
    weeks = pd.date_range("2022-01-03", periods=WEEKS, freq="7D")
    spend = pd.DataFrame({"tv": np.where(rng.random(WEEKS) < 0.4, 100.0, 0.0)}, index=weeks)
    y = 1000 + 1.0 * spend["tv"] + 300 * (np.arange(WEEKS) >= 60) + rng.normal(0, 20, WEEKS)
    mix = mt.marketing.MediaMix(rng=0, adstock="geometric").fit(spend, y)
    assert any(note.startswith("the baseline steps") for note in mix.notes_)
    roas = mix.roas().loc["tv"]
    assert roas["lo_90"] <= 1.0 <= roas["hi_90"]
    assert roas["mean"] == pytest.approx(1.0, rel=0.15)
    panel = Panel(spend.to_numpy()[None], y.to_numpy()[None], np.ones((1, WEEKS, 1)))
    assert Posterior(panel).rows[0].diagonal(1).min() < 1e4


def forecast(monkeypatch, spend, y, controls, kinds):
    """Of weeks 110 to 117, by the quick look."""
    monkeypatch.setattr(_media_honesty, "sample", lambda own, rng, **_: quick_look(own, rng))
    panel = Panel(spend, y, controls, kinds=kinds)
    rng = np.random.default_rng(1)
    return _media_honesty._forecast(Posterior(panel), panel, 110, 118, rng)


def test_a_release_to_come_is_forecast_by_those_that_were(monkeypatch):
    """Columns of single events add up to their kind, but say nothing of the next event."""
    rng = np.random.default_rng(0)
    week = np.arange(WEEKS)
    age = week[:, None] - np.array([5, 25, 45, 65, 85, 112])
    each = np.where(age >= 0, np.exp2(-np.maximum(age, 0) / 3.0), 0.0)
    # A control may be in any unit.
    controls = np.c_[np.ones(WEEKS), 1e-9 * week, each.sum(axis=1)][None]
    spend = np.where(rng.random(WEEKS) < 0.5, rng.gamma(2, 50, WEEKS), 0.0)
    y = 10 + each @ (4 * np.array([1.3, 0.7, 1.3, 0.7, 1.3, 1.0])) + spend / 100
    y += 0.1 * rng.standard_normal(WEEKS)
    kinds = [Kind((2,), each[None], "releases")]
    found = forecast(monkeypatch, spend[None, :, None], y[None], controls, kinds)
    assert found["mae"] < 0.5
    assert found["skill"] > 0.3


def test_a_channel_that_begins_after_the_origin_brings_nothing_known(monkeypatch):
    controls, _, media, kinds = made()
    spend = np.stack([media[0, :, :, 0], np.zeros((1, WEEKS))], axis=2)
    spend[0, 112:, 1] = 100.0
    y = controls @ [5.0, 1.0, 2.0] + spend[..., 0]
    y += 0.1 * np.random.default_rng(0).standard_normal(WEEKS)
    assert forecast(monkeypatch, spend, y, controls, kinds)["mae"] < 0.5


def test_next_to_nothing_is_not_told():
    loose = Loose(np.zeros((1, 5, 0)), np.zeros((1, 0)), (), np.array([[0.03, 0.004, 0.2]]))
    (told,) = loose.words()
    assert told.startswith("effects of channels drift by about 20% to either side")
