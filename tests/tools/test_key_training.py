"""What the key model is learned with: the fit finds what is there, the score is the field's."""

import sys

import numpy as np
import pytest

from musictools.audio._key_model import log_posteriors, turned
from musictools.audio._keys import KEYS
from musictools.audio._viterbi import log_softmax


@pytest.fixture(scope="module")
def fit(root):
    """The module, found the way its own siblings find each other."""
    folder = str(root / "tools" / "training")
    before = set(sys.modules)
    sys.path.insert(0, folder)
    try:
        import _key_fit

        yield _key_fit
    finally:
        sys.path.remove(folder)
        for name in set(sys.modules) - before:
            if name.startswith("_key"):
                del sys.modules[name]


def test_the_score_is_that_of_mir_eval(fit):
    mir_eval = pytest.importorskip("mir_eval")
    true, found = np.meshgrid(np.arange(24), np.arange(24))
    for t, f in zip(true.ravel(), found.ravel(), strict=True):
        expected = mir_eval.key.weighted_score(KEYS[t], KEYS[f])
        one = np.array([f]), np.array([t])
        assert fit.mirex(*one, both_fifths=False) == pytest.approx(expected)
        down = t % 12 == (f + 7) % 12 and t // 12 == f // 12
        assert fit.mirex(*one, both_fifths=True) == pytest.approx(0.5 if down else expected)


def test_the_fit_finds_the_weights_that_made_the_answers(fit):
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.full(24, 0.3), 4000)
    made = {"weights": rng.normal(0, 2, (2, 24)), "bias": np.array([0.5, -0.5])}
    odds = np.exp(log_posteriors(turned(shares), made))
    keys = (odds.cumsum(axis=1) < rng.random(4000)[:, None]).sum(axis=1)
    found = fit.fit_keys(turned(shares), keys, np.ones(4000), penalty=1e-3)
    assert np.corrcoef(np.ravel(found["weights"]), made["weights"].ravel())[0, 1] > 0.98


def test_what_has_no_key_teaches_doubt(fit):
    shares = np.random.default_rng(1).dirichlet(np.full(24, 20.0), 200)
    nothing = np.full(200, -1)
    found = fit.fit_keys(turned(shares), nothing, np.ones(200), penalty=1.0)
    assert np.exp(log_posteriors(turned(shares), found)).max() < 0.06


def test_a_clue_that_tells_gets_a_weight_and_noise_gets_none(fit):
    rng = np.random.default_rng(2)
    keys = rng.integers(24, size=500)
    tells = rng.normal(0, 1, (500, 24)) + 2 * (np.arange(24) == keys[:, None])
    clues = np.stack((tells, rng.normal(0, 1, (500, 24))), axis=2)
    good, bad = fit.fit_clues(clues, keys, penalty=0.1)
    assert good == pytest.approx(2, abs=0.3)
    assert abs(bad) < 0.15
    assert np.isfinite(log_softmax(clues @ np.array([good, bad]))).all()
