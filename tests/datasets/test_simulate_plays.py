"""Simulated plays: as unequal as real ones, the same on any workers, and with the whole truth."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import musictools as mt
from musictools import tables
from musictools.datasets import _plays
from musictools.datasets._plays import _carry_out, _listening
from musictools.datasets._plays._chance import letters, unit
from musictools.datasets._plays._moments import intensities, popularity
from musictools.errors import InputError

COLUMNS = [
    "user_id", "artist_id", "recording_id", "played_at", "seconds", "country", "tier", "active",
    "noise",
]  # fmt: skip
START = pd.Timestamp("2026-01-01")
World = mt.datasets.ListeningWorld


def simulate(*args, **kwargs):
    return mt.datasets.simulate_plays(*args, **{"rng": 7, **kwargs})


def plain_gini(values):
    """By the mean absolute difference, another form than the one in the package."""
    x = np.sort(np.asarray(values, dtype=float))
    n = len(x)
    return float(((2 * np.arange(1, n + 1) - n - 1) * x).sum() / (n * x.sum()))


def counted(made):
    return made.plays[made.plays["seconds"] >= 30]


def by_artist(made):
    """Counted plays of every artist, of those that nobody played too."""
    size = counted(made)["artist_id"].value_counts()
    return size.reindex(made.artists["artist_id"].to_numpy(), fill_value=0)


def top_share(values, part):
    x = np.sort(np.asarray(values, dtype=float))[::-1]
    return x[: round(len(x) * part)].sum() / x.sum()


def mcdonald(made):
    plays = counted(made)
    popular = plays["artist_id"].map(plays["artist_id"].value_counts()).astype(float)
    total = plays["user_id"].value_counts()
    total = total[total > 0]
    heavy = plays["user_id"].map(total).astype(float) > total.mean()
    return popular[heavy].mean() / popular[~heavy].mean()


def new_share(made):
    kind = made.recordings.set_index("recording_id")["kind"]
    return (kind.reindex(made.plays["recording_id"].astype(str)) == "new").mean()


@pytest.fixture(scope="module")
def plain():
    return simulate()


def test_the_table_is_what_its_name_promises(plain):
    assert tables.check(plain.plays, "plays") is plain.plays
    assert list(plain.plays.columns) == COLUMNS
    assert plain.plays["played_at"].dtype == "datetime64[us]"
    assert not plain.plays.isna().any(axis=None)


def test_as_many_plays_as_asked_and_each_account_its_own(plain):
    assert len(plain.plays) == plain.n_plays == 1_000_000
    per_user = plain.plays["user_id"].value_counts()
    told = plain.users.set_index("user_id")["plays"]
    assert (per_user.reindex(told.index).to_numpy() == told.to_numpy()).all()
    assert set(plain.users["kind"]) == {"genuine"}


def test_every_key_is_known(plain):
    recordings = plain.recordings.set_index("recording_id")
    assert recordings.index.is_unique
    assert plain.users["user_id"].is_unique
    owner = recordings["artist_id"].reindex(plain.plays["recording_id"].astype(str))
    assert (owner.to_numpy() == plain.plays["artist_id"].astype(str).to_numpy()).all()
    assert set(recordings["artist_id"]) == set(plain.artists["artist_id"])
    country = plain.users.set_index("user_id")["country"]
    asked = country.reindex(plain.plays["user_id"].astype(str)).to_numpy()
    assert (asked == plain.plays["country"].astype(str).to_numpy()).all()


class TestCalibration:
    """Sources of the figures stand in the docstring of simulate_plays."""

    def test_listeners(self, plain):
        total = counted(plain)["user_id"].value_counts()
        assert plain_gini(total) == pytest.approx(0.559, abs=0.01)
        assert top_share(total, 0.1) == pytest.approx(0.416, abs=0.01)
        assert total.mean() * 30.436875 / 30 == pytest.approx(600, rel=0.01)

    def test_artists(self, plain):
        size = by_artist(plain)
        assert plain_gini(size) == pytest.approx(0.893, abs=0.025)
        assert plain_gini(size[size > 0]) == pytest.approx(0.893, abs=0.02)
        assert top_share(size, 0.01) == pytest.approx(0.520, abs=0.02)

    def test_skips(self, plain):
        heard = plain.plays["seconds"]
        assert (heard < 5).mean() == pytest.approx(0.2414, abs=0.003)
        assert (heard < 30).mean() == pytest.approx(0.3505, abs=0.003)
        length = plain.recordings.set_index("recording_id")["duration_s"]
        whole = length.reindex(plain.plays["recording_id"].astype(str)).to_numpy()
        assert (heard.to_numpy() < whole).mean() == pytest.approx(0.486, abs=0.003)
        assert (heard.to_numpy() <= whole).all()

    @pytest.mark.parametrize("ratio", [1.58, 0.83])
    def test_heavy_listeners_and_popular_artists(self, ratio):
        made = simulate(world=World(popularity_ratio=ratio))
        assert mcdonald(made) == pytest.approx(ratio, abs=0.06)
        # What McDonald's ratio says of user-centric shares, by the definition of these.
        plays = counted(made)
        weight = 1.0 / plays["user_id"].map(plays["user_id"].value_counts()).astype(float)
        centric = weight.groupby(plays["artist_id"].astype(str)).sum()
        rata = plays["artist_id"].astype(str).value_counts().reindex(centric.index)
        gain = plain_gini(centric) - plain_gini(rata)
        assert np.sign(gain) == np.sign(1 - ratio)
        assert abs(gain) > 0.005

    @pytest.mark.parametrize(
        ("name", "value", "measure"),
        [
            ("user_gini", 0.3, lambda m: plain_gini(m.users["plays"])),
            ("artist_gini", 0.75, lambda m: plain_gini(by_artist(m))),
            ("artist_top_share", 0.35, lambda m: top_share(by_artist(m), 0.01)),
            ("noise_share", 0.1, lambda m: m.plays["noise"].mean()),
            ("new_release_share", 0.2, new_share),
            ("active_share", 0.7, lambda m: m.plays["active"].mean()),
            ("skip_share", 0.1, lambda m: (m.plays["seconds"] < 30).mean()),
            ("plays_per_month", 300.0, lambda m: len(counted(m)) / len(m.users)),
            ("recordings_per_artist", 3.0, lambda m: (m.recordings["kind"] == "catalogue").sum()
             / len(m.artists)),
        ],
    )  # fmt: skip
    def test_each_can_be_moved(self, name, value, measure):
        # Nobody loves favourites here: few listeners' favourites are popularity by themselves.
        world = replace(World(favourite_share=0.0), **{name: value})
        assert measure(simulate(400_000, world=world)) == pytest.approx(value, rel=0.08)

    def test_the_top_tenth_follows_the_mixture(self):
        low, high = (
            top_share(simulate(300_000, world=World(lognormal_share=w)).users["plays"], 0.1)
            for w in (0.0, 1.0)
        )
        assert low == pytest.approx(0.373, abs=0.01)
        assert high == pytest.approx(0.423, abs=0.01)


class TestClock:
    def test_nobody_hears_two_at_once_and_nothing_before_its_release(self, plain):
        plays = plain.plays
        same = plays["user_id"].cat.codes.diff() == 0
        gap = plays["played_at"].diff().dt.total_seconds() - plays["seconds"].shift()
        assert (gap[same] >= 0).all()
        released = plain.recordings.set_index("recording_id")["released_on"]
        released = released.reindex(plays["recording_id"].astype(str)).to_numpy()
        assert (plays["played_at"].to_numpy() >= released).all()
        assert plays["played_at"].between(START, START + pd.Timedelta(days=30), "left").all()

    def test_who_listens_all_day_hears_nothing_before_its_release_either(self):
        # The last day is a Friday, full to the end: what does not fit is heard on Thursday.
        world = World(start="2026-01-07", days=3, new_release_share=0.2, releases_per_year=52.0)
        made = simulate(200_000, users=225, world=world)
        released = made.recordings.set_index("recording_id")["released_on"]
        released = released.reindex(made.plays["recording_id"].astype(str)).to_numpy()
        assert (released == np.datetime64("2026-01-09")).mean() > 0.01
        assert (made.plays["played_at"].to_numpy() >= released).all()

    def test_local_hours(self, plain):
        offset = plain.users.set_index("user_id")["utc_offset_h"]
        hours = pd.to_timedelta(
            offset.reindex(plain.plays["user_id"].astype(str)).to_numpy(), unit="h"
        )
        local = (plain.plays["played_at"] + hours).dt.hour.value_counts(normalize=True)
        wanted = _listening.HOURS / _listening.HOURS.sum()
        # Listeners live up to some hours later, and sessions last: the curve is smoother.
        assert np.corrcoef(local.sort_index(), wanted)[0, 1] > 0.9
        utc = plain.plays["played_at"].dt.hour.value_counts(normalize=True).sort_index()
        assert np.corrcoef(utc, wanted)[0, 1] < 0.8

    def test_weekdays(self):
        made = simulate(400_000, world=World(start="2026-01-05", days=28))
        share = made.plays["played_at"].dt.day_of_week.value_counts(normalize=True).sort_index()
        wanted = _listening.WEEKDAYS / _listening.WEEKDAYS.sum()
        assert share.to_numpy() == pytest.approx(wanted, abs=0.006)

    def test_tracks_in_a_row(self):
        made = simulate(200_000, world=World(session_tracks=4.0, days=360, plays_per_month=10.0))
        plays = made.plays
        gap = plays["played_at"].diff().dt.total_seconds() - plays["seconds"].shift()
        begun = (gap != 1) | (plays["user_id"].cat.codes.diff() != 0)
        # One a month, so hardly any two sessions touch.
        assert len(plays) / begun.sum() == pytest.approx(4.0, rel=0.03)

    def test_releases_fade_as_they_should(self):
        world = World(days=84, new_release_share=0.2, favourite_share=0.0)
        made = simulate(600_000, world=world)
        kind = made.recordings.set_index("recording_id")
        own = kind.reindex(made.plays["recording_id"].astype(str))
        inside = own["released_on"].between(START, START + pd.Timedelta(days=27)).to_numpy()
        age = pd.Series(
            ((made.plays["played_at"].to_numpy() - own["released_on"].to_numpy())
             / np.timedelta64(1, "D"))[inside & (own["kind"] == "new").to_numpy()]
        )  # fmt: skip
        days = np.arange(56)
        drawn = 0.6 * np.exp(-days / 6) + 0.4 * np.exp(-days / 45)
        week = [drawn[7 * k : 7 * k + 7].sum() for k in range(8)]
        found = [((age >= 7 * k) & (age < 7 * k + 7)).sum() for k in range(8)]
        assert np.array(found) / found[0] == pytest.approx(np.array(week) / week[0], rel=0.1)
        assert set(own["released_on"][(own["kind"] == "new").to_numpy()].dt.day_of_week) == {4}


class TestPeople:
    def test_fees(self, plain):
        users = plain.users.set_index("user_id")
        level = {market.country: market.price_level for market in World().markets}
        level = users["country"].map(level)
        premium = users["tier"] == "premium"
        paid = 10.99 * 30 / 30.436875 * level
        assert users["fee"][premium].to_numpy() == pytest.approx(paid[premium].to_numpy())
        shown = 0.002 * users["plays"] * level
        assert users["fee"][~premium].to_numpy() == pytest.approx(shown[~premium].to_numpy())

    def test_who_pays_plays_more(self):
        users = simulate(users=20_000, artists=2_000).users
        mean = users.groupby("tier")["plays"].mean()
        assert mean["premium"] > 1.5 * mean["free"]
        wanted = {market.country: market.premium_share for market in World().markets}
        share = (users["tier"] == "premium").groupby(users["country"]).mean()
        assert share.to_numpy() == pytest.approx(share.index.map(wanted).to_numpy(), abs=0.06)

    def test_communities_hear_their_own(self):
        alone = simulate(100_000, world=World(loyalty=1.0))
        mixed = simulate(100_000, world=World(loyalty=0.0))
        for made, low, high in ((alone, 1.0, 1.0), (mixed, 0.05, 0.25)):
            home = made.users.set_index("user_id")["community"]
            home = home.reindex(made.plays["user_id"].astype(str)).to_numpy()
            music = made.artists.set_index("artist_id")["community"]
            music = music.reindex(made.plays["artist_id"].astype(str)).to_numpy()
            assert low <= (home == music).mean() <= high

    def test_favourites_come_again(self):
        kinds = [
            made.plays.groupby("user_id", observed=True)["artist_id"].nunique().mean()
            for made in (simulate(200_000, world=World(favourite_share=s)) for s in (0.0, 0.9))
        ]
        assert kinds[1] < 0.5 * kinds[0]


def same_rows(left, right):
    assert len(left) == len(right)
    for name in left.columns:
        a, b = (frame[name].astype(object) for frame in (left, right))
        assert (a.isna() == b.isna()).all(), name
        assert (a.dropna().to_numpy() == b.dropna().to_numpy()).all(), name


ALL = [
    mt.datasets.BotFarm(accounts=3, plays_per_day=50),
    mt.datasets.CopyingFarm(accounts=10),
    mt.datasets.PlaylistPayola(listeners=50),
    mt.datasets.AIDilution(accounts=4, artists=20),
    mt.datasets.TrackSlicing(artists=200),
]


class TestSameNumbers:
    def test_seed(self):
        first, again, other = (simulate(30_000, rng=seed) for seed in (5, 5, 6))
        same_rows(first.plays, again.plays)
        assert not first.plays["played_at"].equals(other.plays["played_at"])
        same_rows(simulate(999, rng=np.random.default_rng(5)).plays, simulate(999, rng=5).plays)

    def test_workers_files_and_parts(self, tmp_path, monkeypatch):
        monkeypatch.setattr(_listening, "BLOCK_ROWS", 1 << 14)
        memory = simulate(60_000, attacks=ALL, jobs=1)
        assert len(memory.plays) > 3 * _listening.BLOCK_ROWS
        for rows in (1, 40_000, 10**9):
            monkeypatch.setattr(_carry_out, "GROUP_ROWS", rows)
            written = simulate(60_000, attacks=ALL, jobs=3, out=tmp_path / str(rows))
            tables.check(written.plays, "plays")
            assert written.plays.columns == COLUMNS
            read = pd.read_parquet(written.path / "plays.parquet")
            same_rows(memory.plays, read)
            same_rows(memory.truth["plays"], written.truth["plays"].df())
            for name in ("users", "artists", "recordings"):
                told = pd.read_parquet(written.path / f"{name}.parquet")
                same_rows(getattr(memory, name), told)
        left = {path.name for path in written.path.iterdir()}
        kept = ("artists", "planted", "plays", "recordings", "users")
        assert left == {f"{name}.parquet" for name in kept}

    def test_an_attack_changes_only_what_it_replaces(self):
        plain = simulate(100_000)
        attacks = [attack for attack in ALL if not isinstance(attack, mt.datasets.TrackSlicing)]
        made = simulate(100_000, attacks=attacks)
        genuine = made.plays.iloc[: len(plain.plays)]
        planted = made.truth["plays"]["row"]
        untouched = np.setdiff1d(np.arange(len(plain.plays)), planted)
        assert 0 < len(plain.plays) - len(untouched) < 5_000
        same_rows(plain.plays.iloc[untouched], genuine.iloc[untouched])
        same_rows(plain.plays[["user_id", "played_at"]], genuine[["user_id", "played_at"]])
        assert set(made.users["kind"].iloc[len(plain.users) :]) == {"copy", "robot"}


def attacked(attack, plays=300_000, **kwargs):
    made = simulate(plays, attacks=attack, **kwargs)
    planted = made.plays.iloc[made.truth["plays"]["row"].to_numpy()]
    targets = set(made.truth["targets"]["artist_id"])
    return made, planted, targets, made.truth["attacks"].iloc[0]


class TestAttacks:
    def test_bot_farm(self):
        farm = mt.datasets.BotFarm(accounts=7, plays_per_day=636, tier="free")
        made, planted, targets, told = attacked(farm, world=World(days=5))
        assert len(planted) == told.planted_plays == told.added_plays == 7 * 636 * 5
        assert len(made.plays) == 300_000 + 7 * 636 * 5
        assert set(planted["artist_id"]) == targets
        assert len(targets) == 1
        assert set(planted["user_id"]) == set(made.truth["users"]["user_id"])
        each = planted.groupby(
            [planted["user_id"].astype(str), planted["played_at"].dt.date]
        ).size()
        assert (each == 636).all()
        assert len(each) == 35
        hours = planted["played_at"].dt.hour.value_counts(normalize=True)
        assert hours.to_numpy() == pytest.approx(1 / 24, abs=0.003)
        assert planted["seconds"].between(31, 39).all()
        assert set(planted["tier"]) == {"free"}
        popularity_of = made.artists.set_index("artist_id")["popularity"]
        assert popularity_of[list(targets)].max() <= popularity_of.median()

    def test_copying_farm(self):
        attack = mt.datasets.CopyingFarm(accounts=200, share=0.25, artists=2)
        made, planted, targets, told = attacked(attack)
        users = made.users.set_index("user_id")
        fake = made.truth["users"]
        bots, models = users.loc[fake["user_id"]], users.loc[fake["copied_user_id"]]
        for column in ("plays", "country", "tier", "community"):
            assert (bots[column].to_numpy() == models[column].to_numpy()).all(), column
        assert set(models["kind"]) == {"genuine"}
        assert len(planted) == told.added_plays == bots["plays"].sum()
        on_target = planted["artist_id"].isin(targets)
        assert told.plays_on_target == on_target.sum()
        number = on_target.groupby(planted["user_id"].astype(str)).sum()
        wanted = bots["plays"] * 0.25
        # What they choose for themselves may be the target too, but hardly ever is.
        assert (number - wanted.reindex(number.index)).between(-1, 2).all()
        assert planted["seconds"][on_target].min() > 30
        model_plays = made.plays[made.plays["user_id"].isin(models.index)]
        day, copied = (
            frame["played_at"].dt.hour.value_counts(normalize=True).sort_index()
            for frame in (model_plays, planted)
        )
        assert np.corrcoef(day, copied)[0, 1] > 0.95

    def test_playlist_payola(self):
        attack = mt.datasets.PlaylistPayola(listeners=100, share=0.1)
        made, planted, targets, told = attacked(attack)
        assert len(made.plays) == 300_000
        assert told.added_plays == 0
        assert len(made.truth["users"]) == 0
        assert set(planted["artist_id"]) == targets
        users = made.users.set_index("user_id")["plays"]
        number = planted["user_id"].astype(str).value_counts()
        assert len(number) <= 100
        assert (number - 0.1 * users.reindex(number.index)).between(-1, 1).all()
        assert told.planted_plays == len(planted) == told.plays_on_target

    def test_ai_dilution(self):
        attack = mt.datasets.AIDilution(share=0.25, fraudulent=0.6, accounts=50, artists=30)
        made, planted, targets, told = attacked(attack)
        generated = made.plays["artist_id"].isin(targets).sum()
        human = len(made.plays) - generated
        assert generated == len(planted) == told.planted_plays
        assert generated / human == pytest.approx(0.25, abs=1e-5)
        assert generated / len(made.plays) == pytest.approx(0.25 / 1.25, abs=1e-5)
        assert told.added_plays / generated == pytest.approx(0.6, abs=1e-4)
        artists = made.artists.set_index("artist_id")["kind"]
        assert set(artists[list(targets)]) == {"generated"}
        assert (artists == "generated").sum() == 30
        robots = set(made.truth["users"]["user_id"])
        heard = planted[~planted["user_id"].isin(robots)]
        assert len(heard) == told.planted_plays - told.added_plays
        assert len(made.plays) - told.added_plays == 300_000

    def test_track_slicing(self):
        attack = mt.datasets.TrackSlicing(artists=300, piece_s=31)
        before = simulate(300_000)
        made, planted, targets, told = attacked(attack)
        assert set(planted["artist_id"].astype(str)) <= targets
        assert len(made.plays) == 300_000 + told.added_plays
        for key in ("user_id", "artist_id"):
            a, b = (
                frame["seconds"].astype(int).groupby(frame[key].astype(str)).sum()
                for frame in (before.plays, made.plays)
            )
            assert a.equals(b), f"seconds of each {key} stay"
        own = before.plays[before.plays["artist_id"].isin(targets)]
        paid = (own["seconds"] >= 31).sum()
        assert (planted["seconds"] <= 31).all()
        # By arithmetic: s seconds hold s // 31 whole pieces, and a rest.
        assert (planted["seconds"] == 31).sum() == (own["seconds"] // 31).sum() > 2 * paid
        assert len(planted) == (-(-own["seconds"].astype(int) // 31)).sum()
        kind = made.recordings.set_index("recording_id")["kind"]
        assert set(kind.reindex(planted["recording_id"].astype(str))) == {"piece"}

    def test_several_at_once_keep_apart(self):
        made = simulate(300_000, attacks=[*ALL, mt.datasets.BotFarm(accounts=1, plays_per_day=1)])
        told = made.truth["attacks"].set_index("attack")
        assert list(told.index) == [
            "bot_farm", "copying_farm", "playlist_payola", "ai_dilution", "track_slicing",
            "bot_farm-2",
        ]  # fmt: skip
        assert not made.truth["plays"]["row"].duplicated().any()
        assert not made.truth["targets"]["artist_id"].duplicated().any()
        size = made.truth["plays"]["attack"].value_counts()
        assert (size.reindex(told.index) == told["planted_plays"]).all()
        assert len(made.plays) == 300_000 + told["added_plays"].sum()
        assert told.loc["bot_farm-2", "planted_plays"] == 30


class TestEdges:
    @pytest.mark.parametrize(
        ("plays", "kwargs"),
        [
            (0, {}),
            (0, {"users": 3, "artists": 2}),
            (1, {}),
            (500, {"users": 1}),
            (500, {"artists": 1}),
            (500, {"users": 1, "artists": 1}),
            (300, {"users": 1, "world": World(days=1)}),
            (500, {"users": 2_000}),
            (900, {"world": World(communities=1, loyalty=1.0, favourite_share=1.0)}),
            (900, {"world": World(skip_share=0.0, cut_share=1.0, session_tracks=1.0)}),
            (900, {"world": World(new_release_share=0.2, releases_per_year=52.0)}),
            (900, {"world": World(releases_per_year=0.0, noise_share=0.0, active_share=0.0)}),
            (900, {"world": World(user_gini=0.0, artist_gini=0.0, artist_top_share=0.01)}),
            (900, {"world": World(popularity_ratio=10.0, active_share=1.0)}),
            (900, {"world": World(markets=(mt.datasets.Market("SE", 1.0, 1.0),), days=400)}),
            (40, {"artists": 1, "attacks": mt.datasets.BotFarm(accounts=1, plays_per_day=1)}),
            (0, {"attacks": [mt.datasets.AIDilution(), mt.datasets.TrackSlicing()]}),
            (900, {"attacks": mt.datasets.AIDilution(fraudulent=0.0, share=100.0)}),
            (900, {"attacks": mt.datasets.CopyingFarm(accounts=99, share=1.0)}),
            (900, {"attacks": mt.datasets.PlaylistPayola(listeners=1, share=0.0)}),
        ],
    )
    def test_small_worlds(self, plays, kwargs):
        made = simulate(plays, **kwargs)
        tables.check(made.plays, "plays")
        added = made.truth["attacks"]["added_plays"].sum()
        assert (
            len(made.plays)
            == plays + added
            == made.users["plays"].sum()
            + (added - made.users.loc[made.users["kind"] != "genuine", "plays"].sum())
        )
        assert (made.plays["seconds"] >= 1).all()
        assert made.users["fee"].notna().all()
        end = START + pd.Timedelta(days=made.provenance["world"]["days"])
        assert made.plays["played_at"].between(START, end, "left").all()

    def test_nothing_can_be_written_too(self, tmp_path):
        made = simulate(0, out=tmp_path)
        assert made.plays.df().empty
        assert tables.check(made.plays, "plays") is made.plays
        assert "0 plays" in repr(made)

    def test_shown_in_a_notebook(self, plain):
        page = replace(plain, truth={"attacks": pd.DataFrame({"attack": ["<b>"]})})._repr_html_()
        assert "&lt;b&gt;" in page
        assert "1,000,000" in page

    @pytest.mark.parametrize(
        ("kwargs", "match"),
        [
            ({"plays": -1}, "plays=-1"),
            ({"plays": 1e6}, "whole number"),
            ({"plays": True}, "plays=True"),
            ({"plays": 10**9}, "999,999,999"),
            ({"plays": 10_000, "users": 1}, "300 plays a day"),
            ({"users": 0}, "users=0"),
            ({"artists": 0}, "artists=0"),
            ({"artists": "many"}, "artists='many'"),
            ({"world": {"days": 3}}, "a ListeningWorld"),
            ({"world": World(days=0)}, "days=0"),
            ({"world": World(user_gini=1.0)}, "user_gini=1.0"),
            ({"world": World(user_gini=float("nan"))}, "user_gini=nan"),
            ({"world": World(skip_share=0.6, cut_share=0.6)}, "sum to 1"),
            ({"world": World(start="yesterday")}, "start='yesterday'"),
            ({"world": World(start="0001-01-01")}, "1971"),
            ({"world": World(markets=())}, "markets"),
            ({"world": World(markets=(mt.datasets.Market("SE", -1.0),))}, "share of 'SE'"),
            ({"world": World(markets=(mt.datasets.Market("SE", 0.0),))}, "sum to 0"),
            ({"world": World(markets=(mt.datasets.Market("SE", 1.0),) * 2)}, "each country once"),
            ({"attacks": ["bots"]}, "the attack 'bots'"),
            ({"attacks": 3}, "the attack 3"),
            ({"attacks": mt.datasets.BotFarm(accounts=0)}, "accounts of BotFarm=0"),
            ({"attacks": mt.datasets.BotFarm(plays_per_day=9_999)}, "2,160"),
            ({"attacks": mt.datasets.BotFarm(tier="gold")}, "'premium' or 'free'"),
            ({"attacks": mt.datasets.BotFarm(artists=10**6)}, "more artists"),
            ({"attacks": mt.datasets.CopyingFarm(share=1.5)}, "share of CopyingFarm=1.5"),
            ({"plays": 0, "attacks": mt.datasets.CopyingFarm()}, "genuine plays"),
            ({"attacks": mt.datasets.PlaylistPayola(listeners=10**6)}, "no more listeners"),
            (
                {"attacks": mt.datasets.AIDilution(share=100.0, accounts=1, fraudulent=1.0)},
                "accounts=",
            ),
            ({"attacks": mt.datasets.TrackSlicing(piece_s=29)}, "piece_s"),
            ({"jobs": 0}, "jobs=0"),
            ({"rng": -1}, "rng=-1"),
            ({"rng": "x"}, "rng='x'"),
            ({"out": 5}, "out=5"),
        ],
    )
    def test_bad_input_is_told(self, kwargs, match):
        with pytest.raises(InputError, match=match):
            simulate(**{"plays": 1_000, **kwargs})

    def test_a_file_is_no_folder(self, tmp_path):
        (tmp_path / "taken").write_text("x")
        with pytest.raises(InputError, match="taken"):
            simulate(10, out=tmp_path / "taken")


class TestParts:
    @pytest.mark.parametrize("moments", [(0.893, 0.52), (0.893, 0.45), (0.75, 0.3), (0.95, 0.7)])
    @pytest.mark.parametrize("artists", [1_500, 20_000, 300_000])
    def test_popularity_has_its_moments(self, artists, moments):
        share = popularity(artists, *moments)
        assert share.sum() == pytest.approx(1)
        assert (np.diff(share) <= 0).all()
        assert plain_gini(share) == pytest.approx(moments[0], abs=1e-3)
        assert top_share(share, 0.01) == pytest.approx(moments[1], abs=0.01)

    @pytest.mark.parametrize("artists", [2, 10, 50])
    def test_few_artists_are_as_unequal_as_they_can_be(self, artists):
        reached = plain_gini(popularity(artists, 0.893, 0.52))
        # n artists reach 1 - 1/n at most, by the formula.
        assert reached == pytest.approx(min(0.893, 1 - 1 / artists), abs=0.005)

    @given(st.integers(500, 50_000), st.floats(0.1, 0.7), st.floats(0, 1))
    @settings(max_examples=10)
    def test_activity_has_its_moments(self, users, wanted, lognormal):
        curve = intensities(users, wanted, lognormal, 1e9)
        assert curve.mean() == pytest.approx(1)
        assert plain_gini(curve) == pytest.approx(wanted, abs=0.02)

    def test_identifiers_are_unique_and_tell_no_order(self):
        text = letters(200_000, "U", 3)
        number = np.array([int(bytes(row[1:]), 16) for row in text[:20_000]])
        assert len(np.unique(text.view("S9"))) == 200_000
        assert abs(np.corrcoef(number, np.arange(20_000))[0, 1]) < 0.03

    def test_hashes_are_even(self):
        level = unit(np.arange(100_000, dtype=np.uint64))
        assert np.histogram(level, 20, (0, 1))[0] == pytest.approx(5_000, abs=350)
        assert abs(np.corrcoef(level[1:], level[:-1])[0, 1]) < 0.015

    def test_rooms_are_documented(self):
        assert _plays.__doc__


MEASURE = """
import pathlib, tempfile
import musictools as mt
with tempfile.TemporaryDirectory() as folder:
    made = mt.datasets.simulate_plays(10_000_000, out=folder, jobs=1, rng=1)
    assert made.plays.shape == (10_000_000, 9)
    # Not the peak of getrusage, which is handed down from the process that started this one.
    peak = pathlib.Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
    print(int(peak) / 2**10)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_ten_million_plays_in_little_memory():
    """In memory these plays alone would hold 280 MiB, and a multiple of that on the way."""
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True, env=os.environ
    )
    assert float(ran.stdout) < 700
