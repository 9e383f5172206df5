"""Matched markets and geo tests: against exhaustive search, and by chance as promised."""

import itertools

import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError, TableError
from musictools.marketing._matched_markets import pairs
from tests.marketing.test_power import long, noise

matched, geo_test = mt.marketing.matched_markets, mt.marketing.geo_test


def twins(count=6, periods=80, seed=1):
    """Units that come in twos: the same path, another level, a little noise."""
    rng = np.random.default_rng(seed)
    paths = np.cumsum(0.05 * rng.standard_normal((count, periods)), axis=1).repeat(2, axis=0)
    levels = rng.normal(8, 1, (2 * count, 1))
    return long(np.exp(levels + paths + 0.01 * rng.standard_normal(paths.shape)))


def test_twins_find_each_other():
    made = matched(twins())
    assert sorted(zip(made.matches["unit"], made.matches["match"], strict=True)) == [
        (f"U{n:03d}", f"U{n + 1:03d}") for n in range(0, 12, 2)
    ]
    assert (made.matches["distance"] < 0.02).all()
    one = matched(twins(), treated="U004", count=3)
    assert one.matches["match"].iloc[0] == "U005"
    assert one.matches["rank"].tolist() == [1, 2, 3]
    without = matched(twins(), treated=["U004"], exclude="U005")
    assert "U005" not in set(without.matches["match"])


def test_numbers_of_a_match_by_numpy():
    history = twins()
    wide = history.pivot_table(index="ds", columns="unique_id", values="y")
    logs = np.log(wide)
    row = matched(history, treated="U003", count=1).matches.iloc[0]
    a, b = logs["U003"], logs[row["match"]]
    assert row["distance"] == pytest.approx((a - b).std(ddof=0))
    assert row["correlation"] == pytest.approx(a.diff().corr(b.diff()))
    assert row["size_ratio"] == pytest.approx(wide[row["match"]].mean() / wide["U003"].mean())


def exhaustive(cost, rows):
    if not rows:
        return 0.0
    first, rest = rows[0], rows[1:]
    return min(
        cost[first, other] + exhaustive(cost, [r for r in rest if r != other]) for other in rest
    )


def test_pairs_are_near_the_best_of_all():
    """Ten units have 945 pairings; exchanges between two pairs come close to the best one."""
    lost = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        points = rng.standard_normal((10, 3))
        distance = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
        found = pairs(distance, list(range(10)))
        assert sorted(itertools.chain(*found)) == list(range(10))
        total = sum(distance[pair] ** 2 for pair in found)
        lost.append(total / exhaustive(distance**2, list(range(10))) - 1)
    assert min(lost) > -1e-9
    assert np.median(lost) < 0.02
    assert np.mean(lost) < 0.10


def test_of_an_odd_number_the_oddest_is_left():
    distance = np.abs(np.subtract.outer([0.0, 0.1, 5.0, 5.1, 50.0], [0.0, 0.1, 5.0, 5.1, 50.0]))
    assert pairs(distance, [0, 1, 2, 3, 4]) == [(0, 1), (2, 3)]


def test_pairs_of_a_geo_test_are_split_by_a_coin():
    history = twins()
    arms = []
    for seed in range(120):
        test = geo_test(history, rng=seed)
        table = test.assignment
        assert table.groupby("pair")["arm"].agg(set).eq({"treated", "control"}).all()
        arms.append(table["arm"].eq("treated").to_numpy())
    share = np.mean(arms, axis=0)
    # 120 coins: three standard deviations and a half.
    assert np.abs(share - 0.5).max() < 3.5 * np.sqrt(0.25 / 120)
    few = geo_test(history, treated=2, rng=1)
    assert (few.n_treated, few.n_control) == (2, 2)
    assert (few.assignment["arm"] == "left out").sum() == 8
    assert len(few.treated) == 2


def test_rerandomised_lots_are_alike():
    history = twins(seed=3)
    apart = {
        method: np.mean(
            [geo_test(history, method=method, treated=5, rng=seed).distance for seed in range(12)]
        )
        for method in ("complete", "rerandomised")
    }
    assert apart["rerandomised"] < 0.6 * apart["complete"]
    lots = {tuple(geo_test(history, method="rerandomised", rng=s).treated) for s in range(12)}
    assert len(lots) > 3


def test_arms_of_twins_move_alike():
    """And the numbers are those of numpy on the same history."""
    history = twins(count=8, periods=150)
    test = geo_test(history, rng=1)
    assert test.distance < 0.02
    again = geo_test(history, rng=1)
    pd.testing.assert_frame_equal(test.assignment, again.assignment)
    means = test.series.pivot_table(index="ds", columns="unique_id", values="y")
    wide = history.pivot_table(index="ds", columns="unique_id", values="y")
    np.testing.assert_allclose(means["treated"], np.exp(np.log(wide[test.treated]).mean(axis=1)))
    gap = np.log(means["treated"]) - np.log(means["control"])
    assert test.distance == pytest.approx(gap.std(ddof=0))


@pytest.mark.parametrize(
    "wrong",
    [{"method": "paris"}, {"treated": 7}, {"treated": 0}, {"exclude": "nobody"},
     {"exclude": [f"U{n:03d}" for n in range(11)]}, {"rng": -1}],
    ids=str,
)  # fmt: skip
def test_geo_tests_that_cannot_be(wrong):
    with pytest.raises(InputError, match="Try: "):
        geo_test(twins(), **wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"treated": "nobody"}, {"treated": []}, {"count": 0},
     {"treated": "U000", "exclude": [f"U{n:03d}" for n in range(1, 12)]}],
    ids=str,
)  # fmt: skip
def test_matches_that_cannot_be(wrong):
    with pytest.raises(InputError, match="Try: "):
        matched(twins(), **wrong)


def test_histories_that_cannot_be_matched():
    with pytest.raises(InputError, match="above 0"):
        matched(twins().assign(y=0.0))
    with pytest.raises(InputError, match="two units"):
        matched(long(noise(units=1)))
    with pytest.raises(InputError, match="four periods"):
        geo_test(long(noise(periods=3)))
    with pytest.raises(TableError):
        geo_test(twins().iloc[1:])


def test_results_show_themselves():
    made, test = matched(twins()), geo_test(twins(), rng=1)
    assert "in the middle" in made._repr_html_()
    assert "controls" in test._repr_html_()
    assert made.to_frame().shape == (6, 6)
    assert test.to_frame()["unit"].is_unique
