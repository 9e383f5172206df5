"""A second release takes, lifts, or does neither: each is put in, and each is told."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError


def catalogue(*, change=-0.3, tracks=14, seed=0):
    """Exponential decays over a floor; the first is met by another at age 18."""
    rng = np.random.default_rng(seed)
    frames, rows = [], []
    for n in range(tracks):
        born = 6 if n == 0 else n % 7
        age = np.arange(44 - born)
        mean = 6000 * 0.5 ** (age / rng.uniform(4, 8)) + 400
        if n == 0:
            mean = mean * np.where(age >= 18, 1 + change, 1.0)
        y = mean * np.exp(rng.normal(0, 0.05, len(age)))
        frames.append(pd.DataFrame({"unique_id": f"R{n}", "ds": np.arange(born, 44), "y": y}))
        rows.append((born, "single", f"R{n}", 1.0))
    frames.append(pd.DataFrame({"unique_id": "new", "ds": np.arange(24, 44), "y": 3000.0}))
    rows.append((24, "single", "new", 1.0))
    return pd.concat(frames), pd.DataFrame(rows, columns=["ds", "kind", "subject", "size"])


@pytest.fixture(scope="module")
def taken():
    return mt.marketing.cannibalisation(*catalogue(), first="R0", second="new")


def test_substitution_is_told_with_its_size(taken):
    assert taken.hi_90 < 0
    assert taken.lo_90 < -30 < taken.hi_90
    assert taken.verdict.startswith("Substitution: new took from R0.")
    assert (taken.age, taken.peers_used) == (18, 13)


def test_diversion_is_what_was_lost_over_what_the_second_had(taken):
    played = taken.path["observed"].iloc[18:].sum()
    lost = played * (1 / (1 + taken.effect_pct / 100) - 1)
    assert taken.total == pytest.approx(-lost)
    assert taken.diversion_pct == pytest.approx(100 * lost / (8 * 3000))
    assert taken.diversion_lo_90 < taken.diversion_pct < taken.diversion_hi_90
    assert taken.net == pytest.approx(8 * 3000 - lost)
    after = taken.path.iloc[18:]
    assert after["observed"].sum() / after["counterfactual"].sum() == pytest.approx(
        1 + taken.effect_pct / 100
    )


def test_lift_and_neither():
    lifted = mt.marketing.cannibalisation(*catalogue(change=0.4), first="R0", second="new")
    assert lifted.lo_90 > 0
    assert lifted.verdict.startswith("Lift")
    assert lifted.diversion_pct < 0
    same = mt.marketing.cannibalisation(*catalogue(change=0.0), first="R0", second="new")
    assert same.lo_90 < 0 < same.hi_90
    assert same.verdict.startswith("Neither is seen")


def test_what_all_curves_get_wrong_is_not_an_effect():
    """All tracks fall at that age by a half: so do peers, and it is no substitution."""
    series, releases = catalogue(change=0.0)
    born = releases.set_index("subject")["ds"]
    age = series["ds"] - series["unique_id"].map(born)
    late = (age >= 18) & (series["unique_id"] != "new")
    series["y"] *= np.where(late, 0.5, 1.0)
    found = mt.marketing.cannibalisation(series, releases, first="R0", second="new")
    assert found.lo_90 < 0 < found.hi_90
    assert found.peers["ratio_pct"].mean() < -40


def test_tracks_of_the_same_artist_are_no_peers(taken):
    series, releases = catalogue()
    names = [f"R{n}" for n in range(14)]
    artist = ["own", "own", "other", "other", *(f"artist {n}" for n in range(4, 14))]
    recordings = pd.DataFrame({"recording_id": names, "artist": artist, "title": "", "isrc": "",
                               "path": None, "duration_s": 200.0})  # fmt: skip
    found = mt.marketing.cannibalisation(
        series, releases, first="R0", second="new", recordings=recordings
    )
    assert "R1" not in set(found.peers["unique_id"])
    assert found.peers_used == 12
    # R3 comes out when R2 is at the age that is compared: R2 is no peer.
    late = releases.assign(ds=releases["ds"].where(releases["subject"] != "R3", 2 + 20))
    late_series = series[(series["unique_id"] != "R3") | (series["ds"] >= 22)]
    found = mt.marketing.cannibalisation(
        late_series, late, first="R0", second="new", recordings=recordings
    )
    assert "R2" not in set(found.peers["unique_id"])
    assert taken.peers_used == 13


def test_it_is_drawn(taken):
    ax = taken.plot(plt.subplots()[1])
    assert ax.get_lines()[0].get_ydata() == pytest.approx(taken.path["observed"])
    assert taken.to_frame().equals(taken.path)
    plt.close(ax.figure)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"first": "R99"}, "R99"), ({"second": "newer"}, "'new'"), ({"after": 30}, "smaller after"),
        ({"first": "new", "second": "R0"}, "periods before"), ({"peers": 2}, "peers"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(how, told):
    series, releases = catalogue()
    with pytest.raises(InputError, match=told):
        mt.marketing.cannibalisation(series, releases, **({"first": "R0", "second": "new"} | how))


def test_too_few_peers():
    series, releases = catalogue(tracks=4)
    with pytest.raises(InputError, match="3 peers"):
        mt.marketing.cannibalisation(series, releases, first="R0", second="new")
