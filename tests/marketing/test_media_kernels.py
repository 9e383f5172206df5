"""What is known of a decay before any data: by mixtures drawn, by generalised least squares."""

import numpy as np
import pytest

import musictools as mt
from musictools.marketing._media_data import Side, read_media
from musictools.marketing._media_kernels import Kind, prior_rows
from musictools.marketing._media_panel import Panel
from musictools.marketing._posterior import Posterior

WEEKS, BANK = 60, (2, 3, 4)


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(2)
    age = np.arange(WEEKS) % 20
    bank = np.stack([1 / (1.0 + age), 0.5**age, 0.5 ** (age / 6)], axis=1)
    controls = np.c_[np.ones(WEEKS), np.linspace(0, 1, WEEKS), bank]
    spend = np.where(rng.random((1, WEEKS, 2)) < 0.6, rng.lognormal(0, 1, (1, WEEKS, 2)), 0)
    y = 5 + 2 * bank[:, 0] + 0.3 * spend[0].sum(axis=1) + 0.2 * rng.standard_normal(WEEKS)
    each = np.stack([np.where(np.arange(WEEKS) // 20 == n, bank.mean(axis=1), 0) for n in range(3)])
    return Panel(spend, y[None], controls[None], kinds=[Kind(BANK, each.T[None], "releases")])


@pytest.fixture(scope="module")
def mixtures():
    """Covariance of weights that are as likely any mixture."""
    return np.cov(np.random.default_rng(0).dirichlet([1, 1, 1], 200_000).T)


def test_kernels_share_an_effect_as_any_mixture_would(panel, mixtures):
    rows = Posterior(panel, lags=4).rows[0][:2, :5]
    assert not rows[:, :2].any()
    norms = np.linalg.norm(panel.controls[0][:, BANK], axis=0)
    weights = rows[:, BANK] / norms
    # Equal weights are what is expected: the sum of them is free.
    np.testing.assert_allclose(weights.sum(axis=1), 0, atol=1e-12)
    ratio = np.linalg.pinv(weights.T @ weights) / mixtures
    assert ratio.max() / ratio.min() == pytest.approx(1, rel=0.03)
    # Rows are in units of the noise, which is of about .2; the effect is of about 2.
    assert np.sqrt(ratio.mean()) == pytest.approx(2 * norms[0] / 0.2, rel=0.4)


def test_an_effect_that_is_not_there_is_known_no_better_than_the_noise(mixtures):
    rng = np.random.default_rng(0)
    controls = np.c_[np.ones(400), rng.random((400, 3))][None]
    y = rng.standard_normal((1, 400))
    y -= controls[0] @ np.linalg.lstsq(controls[0], y[0], rcond=None)[0]
    kind = Kind((1, 2, 3), np.zeros((1, 400, 0)), "releases")
    rows = prior_rows(controls, y, np.zeros((0, 1, 400, 1)), [kind])[0][:, 1:]
    rows = rows / np.linalg.norm(controls[0][:, 1:], axis=0)
    np.testing.assert_allclose(np.linalg.pinv(rows.T @ rows), mixtures, rtol=0.03)


def test_without_kinds_controls_are_free(panel):
    free = Posterior(Panel(panel.spend, panel.y, panel.controls), lags=4)
    assert not free.rows[0][:, :5].any()
    inside = free.basis[0] @ free.basis[0].T @ panel.controls[0]
    np.testing.assert_allclose(inside, panel.controls[0], atol=1e-10)
    assert free.free_df == WEEKS - 5
    assert Posterior(panel, lags=4).free_df == WEEKS - 3


def test_what_is_integrated_out_is_what_generalised_least_squares_gives(panel):
    """Deviations from equal weights are noise of a known covariance; the rest is free."""
    posterior = Posterior(panel, lags=4)
    rng = np.random.default_rng(1)
    points = posterior.start(4, rng)
    norms = np.linalg.norm(panel.controls[0][:, BANK], axis=0)
    bank, rows = panel.controls[0][:, BANK] / norms, posterior.rows[0][:2, BANK] / norms
    cov = np.eye(WEEKS) + bank @ np.linalg.pinv(rows.T @ rows) @ bank.T
    loose = posterior.controls[0][:, 5:] / np.diag(posterior.rows[0][2:, 5:])
    cov += loose @ loose.T
    free = np.c_[panel.controls[0][:, :2], bank.mean(axis=1)]
    inverse = np.linalg.inv(cov)
    without = inverse - inverse @ free @ np.linalg.solve(free.T @ inverse @ free, free.T @ inverse)
    left = posterior.y[0] - posterior.media(points).sum(axis=0)[0]
    squares = np.einsum("wp,wv,vp->p", left, without, left)
    off = points - posterior.mean
    prior = -0.5 * (off**2 / np.diag(posterior.cov)).sum(axis=1)
    weight = 1 + (WEEKS - 3) / 2
    expected = prior - weight * np.log(posterior._b0[0] + squares / 2)
    np.testing.assert_allclose(posterior(points)[0], expected, rtol=1e-8)


def test_gradient_is_exact(panel):
    rng = np.random.default_rng(0)
    for student in (False, True):
        posterior = Posterior(panel, lags=4, student=student)
        points = posterior.start(3, rng)
        posterior.refresh(points, rng)
        _, slope = posterior(points)
        for i in range(posterior.dim):
            step = np.zeros(posterior.dim)
            step[i] = 1e-5
            change = (posterior(points + step)[0] - posterior(points - step)[0]) / 2e-5
            np.testing.assert_allclose(slope[:, i], change, rtol=1e-5, atol=1e-6)


def test_what_controls_bring_is_drawn_around_the_ridge_solution(panel):
    posterior = Posterior(panel, lags=4)
    rng = np.random.default_rng(3)
    point = posterior.start(1, rng)
    rest = (posterior.y - posterior.media(point).sum(axis=0))[0, :, 0]
    both = np.r_[posterior.controls[0], posterior.rows[0]]
    known = np.r_[rest, np.zeros(len(posterior.rows[0]))]
    ridge = np.linalg.lstsq(both, known, rcond=None)[0]
    _, base = posterior.draw_rest(np.repeat(point, 4_000, axis=0), rng)
    np.testing.assert_allclose(base[0].mean(axis=1), posterior.controls[0] @ ridge, rtol=4e-3)


def test_kinds_of_events_have_a_bank_each():
    made = mt.datasets.simulate_campaign(156, events=("releases", "posts"), rng=1)
    side = Side(releases=made.releases, posts=made.events[made.events["kind"] == "post"])
    data = read_media(made.spend, made.y, side)
    banks = [kind.columns for kind in data.panel.kinds]
    named = [{data.columns[column].split(",")[0] for column in bank} for bank in banks]
    assert named == [{kind} for kind in [*sorted(set(made.releases["kind"])), "post"]]
    assert [len(bank) for bank in banks] == [3, 3, 3, 3, 3, 2]
    # In fewer weeks one kernel must do for a kind: then there is nothing to share.
    short = read_media(made.spend[:70], made.y[:70], side)
    assert any("one kernel" in note for note in short.notes)
    assert any(len(kind.columns) == 1 for kind in short.panel.kinds)
