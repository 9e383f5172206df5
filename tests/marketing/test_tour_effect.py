"""Shows lift streams in their cities, from the announcement on; the truth is put in."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError, TableError


def tour(*, seed=0, played=8, count=24, before=0.1, after=0.3):
    """Announced three weeks before: the series, the shows, and the extra streams that there are."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 0.03, 60).cumsum()
    frames, shows, extra = [], [], 0.0
    for n in range(count):
        base = np.exp(rng.normal(7, 1) + common + rng.normal(0, 0.04, 60))
        y = base.copy()
        if n < played:
            at = 30 + 2 * n
            y[at - 3 : at] *= 1 + before
            y[at : at + 4] *= 1 + after
            shows.append((at, "show", f"city {n}", 900.0, at - 3))
        extra += (y - base).sum()
        frames.append(pd.DataFrame({"unique_id": f"city {n}", "ds": np.arange(60), "y": y}))
    shows = pd.DataFrame(shows, columns=["ds", "kind", "subject", "size", "announced"])
    return pd.concat(frames, ignore_index=True), shows, extra


@pytest.fixture(scope="module")
def made():
    series, shows, extra = tour()
    return mt.marketing.tour_effect(series, shows), extra


def test_each_phase_is_found(made):
    found, _ = made
    assert (found.lead, found.played, found.others) == (3, 8, 16)
    told = found.phases.set_index("phase")
    assert told.index.tolist() == ["before", "show", "after"]
    for phase, truth in (("before", 10), ("show", 30), ("after", 30)):
        assert told.loc[phase, "lo_90"] < truth < told.loc[phase, "hi_90"]
    assert told.loc["before", "lo_90"] > 0
    assert found.pre_p_value > 0.1


def test_extra_streams_are_those_that_were_put_in(made):
    found, extra = made
    assert found.total_lo_90 < extra < found.total_hi_90
    assert found.total == pytest.approx(extra, rel=0.25)
    assert found.p_value <= 0.002


def test_the_path_is_that_of_an_event_study(made):
    found, _ = made
    series, shows, _ = tour()
    starts = series["unique_id"].map(shows.set_index("subject")["ds"])
    logs = series.assign(y=np.log(series["y"]), treated_from=starts.astype(float))
    study = mt.marketing.event_study(logs, anticipation=3, window=(-15, 3))
    assert found.path["effect_pct"].to_numpy() == pytest.approx(
        100 * np.expm1(study.path["effect"])
    )
    assert found.to_frame().equals(found.path)


def test_single_cities(made):
    found, _ = made
    cities = found.cities.set_index("city")
    assert cities["show"].to_dict() == {f"city {n}": 30 + 2 * n for n in range(8)}
    truth = 100 * ((3 * 0.1 + 4 * 0.3) / 7)
    assert ((cities["lo_90"] < truth) & (cities["hi_90"] > truth)).mean() >= 0.6
    assert (cities["p_adjusted"] >= cities["p_value"]).all()
    assert cities["total"].sum() == pytest.approx(made[1], rel=0.25)


def test_without_an_effect_nothing_is_seen():
    series, shows, _ = tour(before=0.0, after=0.0, seed=4)
    found = mt.marketing.tour_effect(series, shows.drop(columns="announced"), after=3)
    assert found.lead == 4
    assert found.lo_90 < 0 < found.hi_90
    assert "No effect is also compatible" in found.verdict


def test_cities_on_the_rise_are_told():
    series, shows, _ = tour(played=8)
    rising = series["unique_id"].isin(shows["subject"])
    series["y"] *= np.where(rising, np.exp(0.03 * series["ds"]), 1.0)
    found = mt.marketing.tour_effect(series, shows)
    assert found.pre_p_value <= 0.1
    assert "went apart before the announcement" in found.verdict


def test_it_is_drawn(made):
    ax = made[0].plot(plt.subplots()[1])
    assert "extra streams" in ax.get_title(loc="left")
    assert ax.containers[0][0].get_ydata() == pytest.approx(made[0].path["effect_pct"])
    plt.close(ax.figure)


def test_what_cannot_be_used():
    series, shows, _ = tour()
    with pytest.raises(InputError, match="no show in a city"):
        mt.marketing.tour_effect(series, shows.assign(subject="Atlantis"))
    with pytest.raises(InputError, match="no show in a city"):
        mt.marketing.tour_effect(series, shows.assign(ds=99))
    with pytest.raises(InputError, match="'city 0' has nothing"):
        mt.marketing.tour_effect(series.assign(y=series["y"].where(series.index != 3, 0.0)), shows)
    with pytest.raises(TableError, match="no value of 'city 0'"):
        mt.marketing.tour_effect(series.drop(index=3), shows)
    with pytest.raises(InputError, match="lead"):
        mt.marketing.tour_effect(series, shows, lead=-1)
    with pytest.raises(TableError, match="subject"):
        mt.marketing.tour_effect(series, shows.drop(columns="subject"))
