"""Months that a service shares out, and histories that are whole: they agree with the label."""

import pandas as pd
import pytest

import musictools as mt
from musictools.datasets._world._facts import AD_REVENUE_USD, PAYOUT_SHARE
from musictools.errors import InputError

OTHER = "all other music"


@pytest.fixture(scope="module")
def label():
    return mt.datasets.load_label()


@pytest.mark.parametrize(
    ("platform", "period"), [("Sprocket", "2025-11"), ("Pomelo", "2024-02"), ("Ebbtide", "2023-07")]
)
def test_pro_rata_gives_the_statements_to_the_cent(label, platform, period):
    streams = mt.datasets.load_streams(platform, period)
    lines = label.royalties.query("platform == @platform and period == @period")
    stated = lines.groupby("country")[["units", "gross"]].sum()
    for country, some in streams.groupby("country"):
        own = some["plays"][some["artist_id"].notna()].sum()
        paid = some.drop_duplicates("user_id")["paid_usd"].sum()
        assert own == stated["units"].get(country, 0)
        cents = round(100 * PAYOUT_SHARE * paid * own / some["plays"].sum())
        assert cents == round(100 * float(stated["gross"].get(country, 0)))


def test_each_account_has_its_streams_and_one_payment(label):
    streams = mt.datasets.load_streams("Sprocket", "2025-11", label=label)
    assert not streams.duplicated(["user_id", "artist"]).any()
    assert (streams["plays"] > 0).all()
    total = streams.groupby("user_id")["plays"].sum()
    listeners = label.listeners.set_index("user_id")
    expected = listeners["all_plays_per_month"][total.index]
    known = streams[streams["artist"] != OTHER].groupby("user_id")["plays"].sum()
    pd.testing.assert_series_equal(
        total, expected.where(expected >= known.reindex(total.index, fill_value=0), known),
        check_names=False,
    )  # fmt: skip
    assert not streams[["user_id", "paid_usd"]].drop_duplicates().duplicated("user_id").any()
    assert set(streams.loc[streams["tier"] == "free", "paid_usd"]) == {AD_REVENUE_USD}
    assert (listeners["joined_on"][total.index] < "2025-12-01").all()


def test_who_joins_in_the_month_counts_and_who_joins_later_does_not(label):
    joined = label.listeners.query("platform == 'Sprocket'").set_index("user_id")["joined_on"]
    there = set(mt.datasets.load_streams("Sprocket", "2024-05")["user_id"])
    assert there == set(joined.index[joined < "2024-06-01"])


@pytest.mark.parametrize(
    ("platform", "period", "told"),
    [
        ("Spotify", "2025-11", "Sprocket"),
        ("Sprocket", "2026-01", "2025-12"),
        ("Sprocket", "x", "2023-01"),
    ],
)
def test_a_month_that_is_not_there(platform, period, told):
    with pytest.raises(InputError, match=told):
        mt.datasets.load_streams(platform, period)


# --- histories that hold all music ------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    made = mt.datasets.simulate_exports(
        tmp_path_factory.mktemp("whole"), formats="spotify_history", listener="U04820", rng=3
    )["spotify_history"]
    return made, mt.collect.read(made.path, progress=False).table


def test_a_whole_history_is_read_as_it_was_written(whole):
    made, table = whole
    shared = ["artist_id", "recording_id", "played_at", "seconds", "title"]
    left, right = (
        frame[shared].sort_values(shared, ignore_index=True) for frame in (made.truth, table)
    )
    pd.testing.assert_frame_equal(left, right, check_dtype=False)


def test_a_whole_history_holds_the_label_and_as_much_music_as_the_label_says(label, whole):
    table = whole[1]
    account = label.listeners.set_index("user_id").loc["U04820"]
    own = table[table["artist"].isin(label.artists["name"])]
    plays = label.plays[label.plays["user_id"] == "U04820"]
    assert len(own) == len(plays)
    assert set(own["played_at"].dt.ceil("s")) == set(plays["played_at"])
    monthly = mt.collect.listening(table)["streams"]
    assert monthly.mean() == pytest.approx(account["all_plays_per_month"], rel=0.1)
    assert table["artist"].nunique() > 100


def test_nobody_hears_two_songs_at_once(whole):
    table = whole[1].sort_values("played_at")
    ended = table["played_at"] + pd.to_timedelta(table["seconds"], unit="s")
    # Files tell whole seconds of the end, and thousandths of how long.
    assert (table["played_at"].iloc[1:].to_numpy() >= ended.iloc[:-1] - pd.Timedelta("1s")).all()


def test_habits_follow_the_clock_of_the_country(whole):
    hour = whole[1]["played_at"].dt.tz_localize("UTC").dt.tz_convert("Europe/London").dt.hour
    part = hour.value_counts(normalize=True)
    assert part.reindex(range(2, 6), fill_value=0).sum() < 0.03
    assert part[[7, 20, 21]].min() > 0.05


def test_a_whole_history_is_the_same_every_time_and_others_are_as_before(tmp_path):
    def write(name, **given):
        made = mt.datasets.simulate_exports(
            tmp_path / name, formats=["spotify_account", "lastfm"], rng=1, **given
        )
        return {key: each.path.read_bytes() for key, each in made.items()}

    first, second, plain = write("a", listener="U03117"), write("b", listener="U03117"), write("c")
    assert first == second
    assert first["lastfm"] == plain["lastfm"]
    assert len(first["spotify_account"]) > len(plain["spotify_account"])


def test_a_listener_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="U99999"):
        mt.datasets.simulate_exports(tmp_path, formats="lastfm", listener="U99999")
