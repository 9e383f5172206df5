"""Pictures of hits, of sound over years, and of up-sampling: what they show is what was found."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import musictools as mt
from musictools.errors import InputError


@pytest.fixture(scope="module")
def made():
    return mt.datasets.simulate_hits(400, artists=80, rng=1)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_pictures_of_a_model(made):
    model = mt.trends.HitModel(blocks=2, groups=2, rng=1).fit(made.features, made.songs)
    ax = model.plot()
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    skill = model.report_.scores.set_index("model").loc["both", "skill"]
    assert f"both (skill {skill:+.3f})" in labels
    ax = mt.plot.hit_importance(model.report_, ax=plt.figure().gca())
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names[-1] == model.report_.importance["group"].iloc[0]
    ax = model.effect("dr_db", draws=5, points=7).plot(plt.figure().gca())
    assert len(ax.lines[0].get_xdata()) == 7
    assert "Sound" in model._repr_html_()


def test_pictures_of_time(made):
    found = mt.trends.sound_evolution(made.features, made.songs, draws=50, rng=1)
    ax = found.plot()
    assert np.allclose(ax.lines[0].get_ydata(), found.novelty["novelty"])
    ax = mt.plot.sound_trend(found, column="dr_db", ax=plt.figure().gca())
    assert ax.get_ylabel() == "DR (dB)"
    with pytest.raises(InputError, match="column='dr'"):
        mt.plot.sound_trend(found, column="dr")
    typical = mt.trends.typicality(made.features, made.songs)
    assert typical.plot(plt.figure().gca()).get_xlabel() == "Date of release"
    question = typical.inverted_u(made.songs)
    ax = question.plot(plt.figure().gca())
    assert len(ax.lines) >= 2
    assert "Slope low" in question._repr_html_()
