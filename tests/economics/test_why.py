"""Why rules pay differently: the identity, redistribution, users, one fee; figures of HetRec."""

from fractions import Fraction

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import musictools as mt
from musictools.errors import InputError, TableError

economics, rules = mt.economics, mt.economics.rules
explain = economics.explain_payouts

profiles = st.lists(
    st.lists(st.integers(0, 50), min_size=4, max_size=4), min_size=1, max_size=6
).filter(lambda rows: all(map(sum, rows)))


def as_plays(profile):
    """Rows are users, columns artists."""
    counts = np.array(profile)
    user, artist = np.nonzero(counts)
    return pd.DataFrame(
        {"user_id": [f"u{u}" for u in user], "artist_id": artist, "plays": counts[user, artist]}
    )


@settings(max_examples=12)
@given(profiles)
def test_the_identity_holds_in_fractions(profile):
    found = explain(as_plays(profile)).artists.set_index("artist_id")
    totals = [sum(row) for row in profile]
    mean = Fraction(sum(totals), len(totals))
    for artist in found.index:
        own = [(Fraction(row[artist]), total) for row, total in zip(profile, totals, strict=True)]
        user_centric = sum(n / total for n, total in own)
        pro_rata = sum(n for n, _ in own) / mean
        inverse = user_centric / sum(n for n, _ in own)
        row = found.loc[artist]
        assert np.isclose(row["other"], float(user_centric), rtol=1e-12)
        assert np.isclose(row["base"], float(pro_rata), rtol=1e-12)
        assert np.isclose(row["intensity"], float(1 / inverse), rtol=1e-12)
        assert np.isclose(row["factor"], float(mean * inverse), rtol=1e-9)
        assert (row["delta"] > 0) == (user_centric > pro_rata)


@settings(max_examples=3)
@given(profiles, st.floats(0.05, 0.95), st.lists(st.integers(1, 9), min_size=6, max_size=6))
def test_factors_of_any_rules_by_event(profile, alpha, money):
    plays = as_plays(profile)
    fees = pd.DataFrame({"user_id": [f"u{u}" for u in range(len(profile))]})
    fees["fee"] = money[: len(profile)]
    chosen = [rules.scaled_user_prop(alpha), rules.user_cap(20), rules.compromise(alpha)]
    for base in chosen:
        for other in (rules.user_centric(), rules.pro_rata()):
            why = explain(plays, base, other, fee=fees)
            assert np.allclose(why.artists["factor"] * why.artists["base"], why.artists["other"])
            told = why.users.set_index("user_id")
            # What is b(u) / a(u) by the definition of a user's money.
            assert np.allclose(told["factor"], told["moved_other"] / told["moved_base"])
            low, high = told["factor"].min(), told["factor"].max()
            assert (why.artists["factor"] >= low - 1e-9).all()
            assert (why.artists["factor"] <= high + 1e-9).all()


def test_rules_without_a_factor_say_so():
    plays = as_plays([[10, 2, 0, 0], [1, 5, 7, 0]])
    for other in (rules.shapley(), rules.apple_weights(), rules.artist_centric()):
        found = explain(plays.assign(spatial=True), "pro_rata", other).artists["factor"]
        assert found.isna().all()
    with pytest.raises(InputError, match="two rules named 'pro_rata'"):
        explain(plays, "pro_rata", "pro_rata")


def test_every_kind_of_frame():
    plays = as_plays([[10, 0, 3, 1], [10, 20, 0, 0], [0, 20, 60, 5]])
    known = pd.DataFrame({"artist_id": [0, 1, 3], "genre": ["rap", "folk", None]})
    expected = explain(plays, artists=known)
    events = plays.loc[plays.index.repeat(plays["plays"]), ["user_id", "artist_id"]]
    relation = duckdb.connect().from_df(plays)
    frames = (pl.from_pandas(plays), pl.from_pandas(plays).lazy(), relation, events)
    for frame in frames:
        found = explain(frame, artists=pl.from_pandas(known))
        pd.testing.assert_frame_equal(found.artists, expected.artists, check_dtype=False)
        pd.testing.assert_frame_equal(found.users, expected.users, check_dtype=False)
        assert np.isclose(found.cross_subsidy, expected.cross_subsidy)
        flow = economics.follow_fee(frame, "u0", "user_centric")
        assert np.allclose(flow["amount"], [10 / 14, 3 / 14, 1 / 14, 0])
        drawn = economics.user_intervals(frame, draws=5, rng=1)
        pd.testing.assert_frame_equal(drawn, economics.user_intervals(plays, draws=5, rng=1))


def test_groups_by_attribute_sum_to_the_whole():
    plays = as_plays([[10, 0, 3, 1], [10, 20, 0, 0], [0, 20, 60, 5]])
    known = pd.DataFrame({"artist_id": [0, 1, 3, 9], "genre": ["rap", "folk", None, "rap"],
                          "plays": [1, 2, 3, 4]})  # fmt: skip
    why = explain(plays, artists=known)
    table = why.by("genre").set_index("genre")
    assert table.loc["unknown", "artists"] == 2
    assert np.isclose(table["base_share"].sum(), 1)
    assert np.isclose(table["delta"].sum(), 0)
    assert np.isclose(table.loc["rap", "base"], 20 * 3 / 129)
    assert np.isclose(table.loc["rap", "other"], 10 / 14 + 10 / 30)
    assert "plays_given" in why.artists
    with pytest.raises(InputError, match="'genre'"):
        why.by("gender")
    with pytest.raises(TableError, match="two rows"):
        explain(plays, artists=pd.DataFrame({"artist_id": [0, 0]}))
    for odd in ((), (0, 5), (5, 5)):
        with pytest.raises(InputError, match="ranks that grow"):
            why.by_rank(odd)
    with pytest.raises(InputError, match="a number of groups"):
        why.by_decile(0)


def test_heavy_and_light_listeners():
    # u0 plays more than the mean of 20; artist 0 has 24 plays, artist 1 16.
    why = explain(as_plays([[22, 8, 0, 0], [2, 8, 0, 0]]))
    heavy = (22 * 24 + 8 * 16) / 30
    light = (2 * 24 + 8 * 16) / 10
    assert np.isclose(why.heavy_light_plays, heavy / light)
    assert np.isclose(why.heavy_light_pairs, 1)
    assert np.isnan(explain(as_plays([[5, 5, 0, 0], [1, 9, 0, 0]])).heavy_light_plays)


def test_who_pays_for_whom():
    plays = as_plays([[10, 0, 0, 0], [0, 90, 0, 0]])
    why = explain(plays)
    assert np.isclose(why.cross_subsidy, 0.4)
    assert why.net_payers == 0.5
    assert np.isclose(why.to_own_share, 0.5)
    assert explain(plays, "user_centric", "pro_rata").cross_subsidy == 0
    fees = pd.DataFrame({"user_id": ["u0", "u1", "quiet"], "fee": [6.0, 6.0, 3.0]})
    found = explain(plays, fee=fees)
    # Of 15, u1's plays move 13.5: 7.5 more than u1 pays, out of both other fees.
    assert np.isclose(found.cross_subsidy, 0.5)
    assert np.isclose(found.net_payers, 2 / 3)
    assert list(economics.user_subsidy(plays, fee=fees)["moved"]) == pytest.approx([1.5, 13.5])
    same = explain(as_plays([[5, 5, 0, 0], [9, 1, 0, 0]]))
    assert (same.gainers, same.losers, same.unchanged) == (0, 0, 2)
    assert same.net_payers == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_all_fees_together_are_the_payouts(seed):
    """Fees that are followed one by one sum to what artists are paid."""
    profile = np.random.default_rng(seed).integers(0, 40, (3, 4))
    plays = as_plays(profile).assign(country=lambda t: t["artist_id"] % 2)
    chosen = [rules.pro_rata(), rules.user_centric(), rules.shapley(), rules.direct_artist(),
              rules.user_cap(20), rules.scaled_user_prop(0.5),
              rules.by_pool(["country"], rules.user_centric())]  # fmt: skip
    for rule in chosen:
        flows = [economics.follow_fee(plays, u, rule, fee=9.0) for u in set(plays["user_id"])]
        assert all(np.isclose(flow["amount"].sum(), 9) for flow in flows)
        found = pd.concat(flows).groupby("artist_id")["amount"].sum()
        paid = economics.payouts(plays, rule, fee=9.0).set_index("artist_id")["payout"]
        assert np.allclose(found.reindex(paid.index), paid)


def test_fees_of_those_who_play_nothing():
    plays = as_plays([[10, 0, 0, 0], [0, 90, 0, 0]])
    fees = pd.DataFrame({"user_id": ["u0", "u1", "quiet"], "fee": [6.0, 6.0, 3.0]})
    kept = economics.follow_fee(plays, "quiet", "user_centric", fee=fees)
    assert list(kept["amount"]) == [3.0]
    for rule in (rules.pro_rata(), rules.user_centric(silent="shared")):
        flow = economics.follow_fee(plays, "quiet", rule, fee=fees, pool=30)
        assert np.allclose(flow["amount"], [5.4, 0.6, 0])
    with pytest.raises(InputError, match="user_id='u7'"):
        economics.follow_fee(plays, "u7", fee=fees)
    country, told = plays.assign(country="SE"), fees.assign(country="SE")
    rule = rules.by_pool(["country"], rules.pro_rata())
    with pytest.raises(InputError, match="several pools"):
        economics.follow_fee(country, "quiet", rule, fee=told)


# --- figures of the HetRec Last.fm data ----------------------------------------------------------


@pytest.fixture(scope="module")
def folder(shared):
    place = shared / "data" / "economics" / "hetrec2011-lastfm-2k"
    if not place.is_dir():
        pytest.skip("no HetRec Last.fm data")
    return place


@pytest.fixture(scope="module")
def hetrec(folder):
    plays = pd.read_csv(folder / "user_artists.dat", sep="\t")
    return plays.set_axis(["user_id", "artist_id", "plays"], axis=1)


@pytest.fixture(scope="module")
def genres(folder):
    """The tag that most users gave to each artist, of those of the published table."""
    tags = pd.read_csv(folder / "user_taggedartists.dat", sep="\t")
    names = pd.read_csv(folder / "tags.dat", sep="\t", encoding="latin-1")
    tags = tags.merge(names, on="tagID").groupby(["artistID", "tagValue"]).size().reset_index()
    wanted = {"rap", "pop", "rnb", "country", "indie", "folk", "ambient", "jazz", "blues", "rock",
              "classical", "hip-hop", "metal", "hard rock", "dance"}  # fmt: skip
    tags = tags[tags["tagValue"].isin(wanted)].sort_values([0, "tagValue"], ascending=[False, True])
    first = tags.drop_duplicates("artistID")[["artistID", "tagValue"]]
    return first.set_axis(["artist_id", "genre"], axis=1)


@pytest.fixture(scope="module")
def why(hetrec, genres):
    return explain(hetrec, artists=genres)


def close(found, expected):
    """As many digits as the research gives."""
    return np.isclose(found, expected, rtol=1e-4, atol=0)


def test_hetrec_inequality(why):
    base, other = (economics.inequality(why.artists, column=each) for each in ("base", "other"))
    assert base["artists"] == 17_632
    assert close(base["total"], 1892)
    for measure, one, two in (
        ("gini", 0.89267, 0.82272), ("theil", 2.6574, 2.0800),
        ("effective_number", 230.4247, 407.3365),
        ("top_1_percent_share", 0.52028, 0.42146), ("top_10_percent_share", 0.84957, 0.77330),
        ("median", 0.0095716, 0.0186367),
    ):  # fmt: skip
        assert close(base[measure], one), measure
        assert close(other[measure], two), measure
    assert np.isclose(base["hhi"] * 1e4, 43.40, atol=0.005)
    assert np.isclose(other["hhi"] * 1e4, 24.55, atol=0.005)


def test_hetrec_redistribution(why):
    assert close(why.redistributed_share, 0.19617)
    assert (why.gainers, why.losers, why.unchanged) == (13_420, 4_212, 0)
    top = why.artists.head(10)
    assert close(top["base"].sum(), 293.095)
    assert close(top["other"].sum(), 209.820)
    assert np.isclose(top["other"].sum() / top["base"].sum() - 1, -0.2841, atol=1e-4)


def test_hetrec_deciles(why):
    table = why.by_decile()
    assert list(table["artists"]) == [1764] * 2 + [1763] * 8
    base = [84.957, 7.239, 3.212, 1.807, 1.126, 0.730, 0.475, 0.287, 0.137, 0.029]
    other = [75.070, 8.242, 4.366, 2.904, 2.114, 1.782, 1.495, 1.281, 1.225, 1.521]
    change = [-11.64, 13.85, 35.91, 60.67, 87.69, 144.2, 215.1, 346.6, 794.0, 5107.9]
    assert np.allclose(table["base_share"] * 100, base, atol=6e-4)
    assert np.allclose(table["other_share"] * 100, other, atol=6e-4)
    assert np.allclose(table["relative_delta"] * 100, change, rtol=1e-4, atol=0.05)


def test_hetrec_ranks_and_intensity(why):
    table = why.by_rank()
    assert list(table["ranks"]) == [
        "1-10",
        "11-100",
        "101-1000",
        "1001-5000",
        "5001-10000",
        "10001+",
    ]
    change = [-28.4, -19.8, -0.8, 13.4, 78.4, 431.7]
    assert np.allclose(table["relative_delta"] * 100, change, atol=0.05)
    table = why.by_intensity()
    # The sign turns where listeners play as much as the mean.
    above, below = table["intensity_from"] > why.mean_plays, table["intensity_to"] < why.mean_plays
    assert (table["delta"][below] > 0).all()
    assert (table["delta"][above] < 0).all()
    assert below.sum() == 7
    assert above.sum() == 2


def test_hetrec_genres(why):
    change = why.by("genre").set_index("genre")["relative_delta"]
    # Figures depend on how tags are counted; who gains and who loses does not.
    assert (change[["rap", "pop", "rnb", "country", "rock", "dance"]] < 0).all()
    assert (
        change[["classical", "indie", "hard rock", "folk", "ambient", "jazz", "blues"]] > 0
    ).all()


def test_hetrec_users(why, hetrec):
    plays = why.users["plays"]
    assert close(why.mean_plays, 36_566.6)
    assert plays.median() == 21_573
    found = economics.inequality(plays.to_numpy())
    assert np.isclose(found["gini"], 0.559, atol=5e-4)
    assert np.isclose(found["top_10_percent_share"], 0.416, atol=5e-4)
    assert np.isclose(why.net_payers, 0.699, atol=5e-4)
    assert np.isclose(why.cross_subsidy, 0.409, atol=5e-4)
    assert np.isclose(why.to_own_share, 0.079, atol=5e-4)
    assert np.isclose(why.heavy_light_plays, 1.578, atol=5e-4)
    assert np.isclose(why.heavy_light_pairs, 1.335, atol=5e-4)
    flow = economics.follow_fee(hetrec, 2)
    told = why.users.set_index("user_id").loc[2, "to_own_share"]
    assert np.isclose(flow.loc[flow["played"], "share"].sum(), told)


def test_hetrec_shapley(hetrec):
    found = explain(hetrec, "pro_rata", "shapley")
    assert np.isclose(found.redistributed_share, 0.3047, atol=5e-5)
    assert np.isclose(
        explain(hetrec, "user_centric", "shapley").redistributed_share, 0.1932, atol=5e-5
    )


def test_artists_of_another_kind_of_ids_are_refused():
    plays = pd.DataFrame({"user_id": ["u", "v"], "artist_id": ["1", "2"]})
    with pytest.raises(TableError, match="such as '1'"):
        explain(plays, artists=pd.DataFrame({"artist_id": [1, 2], "genre": ["a", "b"]}))
