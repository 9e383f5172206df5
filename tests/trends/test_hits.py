"""HitModel: planted effects are found, planted traps too, and nothing where nothing is."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.naive_bayes import GaussianNB

import musictools as mt
from musictools.errors import InputError, PolicyError, TableError
from musictools.trends._hit_folds import Fold, Judged, Plan, correlated, within_artists
from musictools.trends._hit_leaks import auc, column_leaks, same_songs
from musictools.trends._hit_past import HISTORY, history, hits_of_late, sound_of_the_time
from musictools.trends._hit_report import verdict_words
from musictools.trends._hit_songs import (
    as_learnt,
    plain_artist,
    plain_title,
    read_songs,
)

NAMES = ("artist", "released_at", "hit")


@pytest.fixture(scope="module")
def made():
    return mt.datasets.simulate_hits(900, artists=150, effect=1.0, reissues=0.25, rng=3)


@pytest.fixture(scope="module")
def trapped(made):
    """Traps among the features: by name, by fact, and too good to be sound."""
    fame = made.truth["artists"].rename(columns={"fame": "x1"})
    extra = made.songs.merge(fame)[["recording_id", "popularity", "x1"]]
    extra = extra.assign(x17=extra["popularity"] + 0.001)
    return made.features.merge(extra, on="recording_id")


@pytest.fixture(scope="module")
def model(made, trapped):
    return mt.trends.HitModel(rng=1).fit(trapped, made.songs)


@pytest.fixture(scope="module")
def null():
    """Neither sound nor what sounds like fame has anything to do with hits."""
    made = mt.datasets.simulate_hits(900, artists=150, effect=0, house_sound=0, rng=5)
    return mt.trends.HitModel(rng=1).fit(made.features, made.songs)


def test_a_planted_effect_is_found_and_said(model):
    report = model.report_
    assert report.verdict == "adds"
    assert model.words().startswith("Sound adds to what artist and date tell")
    rows = report.scores.set_index("model")
    assert rows.loc["both", "gain_lo"] > 0.03
    assert rows.loc["sound", "auc"] > 0.65
    first = report.importance.iloc[0]
    assert first["group"] == "danceability"
    assert first["lo"] > 0.01


def test_without_an_effect_there_is_no_skill_and_the_words_say_so(null):
    report = null.report_
    rows = report.scores.set_index("model")
    assert report.verdict == "nothing"
    assert null.words().startswith("Sound adds nothing")
    assert rows.loc["sound", "skill_lo"] < 0
    assert abs(rows.loc["sound", "skill"]) < 0.03
    # Fame is there, and the artist's past tells it.
    assert rows.loc["history", "skill_lo"] > 0
    names = ("dr_db", "duration_s")
    shapes = [null.effect(name, using="sound", draws=20).shape for name in names]
    assert shapes.count("flat") >= 1


def test_a_sound_that_only_tells_fame_does_not_pass_for_an_effect():
    """In this world sound foretells better, since the famous sound alike; songs owe it nothing."""
    made = mt.datasets.simulate_hits(900, artists=150, effect=0, rng=113)
    report = mt.trends.HitModel(rng=13).fit(made.features, made.songs).report_
    assert report.scores.set_index("model").loc["both", "gain_lo"] > 0
    assert report.p_within > 0.2
    assert report.verdict == "unclear"
    assert "may tell who the artist is" in report.words()


@pytest.mark.parametrize(
    ("gain", "p_within", "verdict", "said"),
    [
        ((0.05, 0.02, 0.08), 0.01, "adds", "get worse when the songs of an artist swap"),
        ((0.05, 0.02, 0.08), 0.3, "unclear", "nothing of the song"),
        ((0.01, -0.02, 0.04), 0.01, "unclear", "the song's own sound counts"),
        ((0.01, -0.02, 0.04), 0.3, "unclear", "too few to tell"),
        ((-0.01, -0.03, 0.015), 0.3, "nothing", "+2% would have been seen"),
        ((0.05, 0.02, 0.08), np.nan, "unclear", "but no artist has two songs judged together"),
        ((0.01, -0.02, 0.04), np.nan, "unclear", "No artist has two songs judged together"),
        ((-0.01, -0.03, 0.015), np.nan, "nothing", "No artist has two songs judged together"),
    ],
)
def test_the_verdict_needs_a_gain_and_the_songs_own_sound(gain, p_within, verdict, said):
    row = dict(zip(("gain", "gain_lo", "gain_hi"), gain, strict=True))
    row |= {"skill": 0.1, "skill_lo": 0.05, "skill_hi": 0.15, "auc": 0.6}
    scores = pd.DataFrame([{"model": name} | row for name in ("history", "sound", "both")])
    splits = pd.DataFrame({"skill": [0.1, 0.05]})
    counts = {"judged": 9, "first": "a", "last": "b", "p_within": p_within}
    found, sentences = verdict_words(scores, splits, counts)
    assert found == verdict
    assert said in sentences[0]
    claims = gain[1] > 0 or p_within <= 0.05
    assert ("told apart from sound" in sentences[0]) == claims


@pytest.mark.parametrize(("fashion", "seed"), [("wave", 5), ("eras", 3), ("seasons", 8)])
def test_a_fashion_that_hits_follow_too_does_not_pass_for_an_effect(fashion, seed):
    """Sound and hits both go with the calendar, and songs owe their sound nothing."""
    made = mt.datasets.simulate_hits(900, artists=150, effect=0, fashion=fashion, rng=100 + seed)
    model = mt.trends.HitModel(calibration=None, rng=seed)
    report = model.fit(made.features, made.songs).report_
    assert report.p_within > 0.05
    assert report.verdict != "adds"


def test_what_a_time_sounds_like():
    """A step stays a step, a season is found; neither artists nor what is missing are of it."""
    random = np.random.default_rng(0)
    n, people = 2_000, 100
    days = np.sort(random.integers(0, 20 * 365, n))
    years, artist = days / 365.25, random.integers(0, people, n)
    truth = np.column_stack([3.0 * (years > 10), np.cos(2 * np.pi * years), np.zeros(n)])
    own = random.normal(0, 2, (people, 3))
    sound = truth + own[artist] + random.normal(0, 0.3, (n, 3))
    frame = pd.DataFrame(sound, columns=["step", "season", "none"]).assign(
        recording_id=[f"r{k:04d}" for k in range(n)],
        artist=[f"a{k}" for k in artist],
        released_at=pd.Timestamp("1970-01-01") + pd.to_timedelta(days, unit="D"),
        hit=0,
    )
    frame.loc[frame.index % 7 == 0, "none"] = np.nan
    found = sound_of_the_time(read_songs(frame, None, NAMES, strict=False))
    # Ten songs are some five weeks, and at the step half of them are of the other side.
    away = np.abs(years - 10) > 0.1
    off = (found - found.mean(axis=0)) - (truth - truth.mean(axis=0))
    assert np.sqrt(np.square(off[away]).mean(axis=0)).max() < 0.15


def test_hits_of_late_are_of_the_past_only():
    known = np.array(["2000-01-01", "2000-06-01", "2001-03-01"], dtype="datetime64[s]")
    asked = np.array(["2000-01-01", "2000-08-01", "2001-05-01", "2001-06-01"], "datetime64[s]")
    lag = np.timedelta64(90, "D")
    got = hits_of_late(asked, known, np.array([1, 0, 1]), lag)
    share = 1 / (1 + np.exp(-got))
    # Nothing is known; one hit; of two songs one hit, of late none; of three two, of late one.
    ever = np.array([0.5, 1.5 / 2, 1.5 / 3, 2.5 / 4])
    late, hits = np.array([0, 1, 1, 2]), np.array([0, 1, 0, 1])
    assert share == pytest.approx((hits + 10 * ever) / (late + 10))
    # What comes later changes nothing.
    other = hits_of_late(asked[:3], known, np.array([1, 0, 0]), lag)
    assert (other == got[:3]).all()


@pytest.mark.parametrize("lag_days", [0, 90])
def test_where_only_years_are_known_the_year_before_is_of_late(lag_days):
    years = np.array([f"{year}-07-01" for year in range(2000, 2012)], dtype="datetime64[s]")
    hit = np.arange(len(years)) % 2
    got = hits_of_late(years, years, hit, np.timedelta64(lag_days, "D"))
    # Every other year had a hit; leap years are among them.
    assert (got[1:] > 0).tolist() == (hit[:-1] == 1).tolist()


def test_swapped_sounds_stay_with_the_artist(made):
    """Whoever asks only what an artist's songs have in common loses nothing by a swap."""
    songs = read_songs(made.features, made.songs, NAMES)
    past = history(songs, songs, 90)
    fold = Fold(1, np.arange(0), np.flatnonzero(songs.years > 2005))
    common = songs.sound.groupby(songs.artist).transform("mean")["danceability"].to_numpy()
    seen = []

    class Artistic:
        def predict_proba(self, x):
            place = list(songs.sound.columns).index("danceability")
            mean = [x[k : k + len(fold.test), place] for k in range(0, len(x), len(fold.test))]
            who = songs.artist[fold.test]
            seen.extend(pd.Series(m).groupby(who).mean().round(9).to_numpy() for m in mean)
            chance = np.clip(
                0.3 + 0.1 * x[:, place] - 0.1 * np.resize(common[fold.test], len(x)), 0.01, 0.99
            )
            return np.column_stack([1 - chance, chance])

    judged = Judged(fold.test, {}, [(fold, {"both": Artistic()})])
    p = within_artists(songs, past, judged, draws=49, random=np.random.default_rng(0))
    assert len(seen) == 50
    assert all((each == seen[0]).all() for each in seen)
    assert 0 < p <= 1


def test_where_no_artist_has_two_songs_nothing_is_swapped(made):
    songs = made.songs.assign(artist=[f"artist {k}" for k in range(len(made.songs))])
    report = mt.trends.HitModel(rng=1).fit(made.features, songs).report_
    assert np.isnan(report.p_within)
    assert report.verdict == "unclear"
    assert "whether it tells the song or the artist could not be asked" in report.words()
    assert "nan" not in report.words()
    assert repr(report)


def test_the_shown_level_does_not_decide():
    made = mt.datasets.simulate_hits(400, artists=80, effect=0, house_sound=0, rng=8)
    report = mt.trends.HitModel(rng=1, level=0.3).fit(made.features, made.songs).report_
    assert report.scores.set_index("model").loc["both", "gain_hi"] < 0.02
    assert report.verdict == "unclear"
    assert "90% interval" in report.sentences[0]


def test_every_trap_is_found_by_its_kind(model):
    leaks = model.report_.leaks.set_index("kind")
    assert leaks.loc["after_release", "where"] == "popularity"
    assert leaks.loc["artist_fact", "where"] == "x1"
    assert leaks.loc["too_good", "where"] == "x17"
    assert leaks.loc["too_good", "evidence"] > 0.95
    assert "remaster" in leaks.loc["reissue", "words"]
    assert (
        leaks.loc[["after_release", "artist_fact", "too_good", "reissue"], "done"] == "left out"
    ).all()
    assert not {"popularity", "x1", "x17"} & set(
        ", ".join(model.report_.importance["columns"]).split(", ")
    )


def test_reissues_are_counted_and_dropped(made, model):
    reissues = made.truth["songs"]["reissue_of"].notna()
    assert model.report_.songs == int((~reissues).sum())
    found = model.report_.leaks.set_index("kind").loc["reissue", "evidence"]
    assert found == reissues.sum()
    late = set(made.truth["songs"].loc[reissues, "recording_id"])
    assert not late & set(model.report_.predictions["recording_id"])


def test_descriptors_of_the_package_are_no_leaks_by_name():
    names = list(mt.audio.descriptors()["name"])[:200]
    names += [n for n in mt.audio.descriptors()["name"] if "peak" in n]
    names = list(dict.fromkeys(names))
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(80, len(names))), columns=names)
    frame = frame.assign(
        recording_id=[f"r{i}" for i in range(80)],
        artist=[f"a{i % 20}" for i in range(80)],
        released_at=pd.date_range("2000-01-01", periods=80, freq="30D"),
        hit=np.arange(80) % 2,
    )
    songs = read_songs(frame, None, NAMES)
    assert not [leak for leak in column_leaks(songs, ()) if leak.kind == "after_release"]


def test_no_artist_in_both_and_the_test_after_the_training(made):
    songs = read_songs(made.features, made.songs, NAMES)
    plan = Plan(blocks=3, groups=3, first=0.4, lag_days=90, seed=1)
    tested = []
    for fold in plan.folds(songs):
        assert not set(songs.artist[fold.train]) & set(songs.artist[fold.test])
        gap = songs.date[fold.test].min() - songs.date[fold.train].max()
        assert gap >= np.timedelta64(90, "D")
        tested += list(fold.test)
    assert len(tested) == len(set(tested))
    # Each wrong way tests the same songs, and leaks in its own way.
    for how in ("random", "artist", "time"):
        folds = list(plan.folds(songs, how))
        assert sorted(row for fold in folds for row in fold.test) == sorted(tested)
        assert not any(set(fold.train) & set(fold.test) for fold in folds)


def test_history_by_hand():
    frame = pd.DataFrame(
        {
            "recording_id": list("abcd"),
            "artist": ["x", "x", "y", "x"],
            "released_at": pd.to_datetime(["2000-01-01", "2001-01-01", "2001-06-01", "2001-02-01"]),
            "hit": [1, 0, 1, 0],
            "dr_db": [1.0, 2.0, 3.0, 4.0],
        }
    )
    songs = read_songs(frame, None, NAMES, strict=False)
    got = pd.DataFrame(history(songs, songs, 90), columns=HISTORY, index=songs.ids)
    assert got.loc["a", "new artist"] == 1
    # In February the song of January is not yet known to be none.
    assert np.expm1(got.loc["d", "earlier songs"]) == pytest.approx(1)
    assert got.loc["d", "share of hits"] == 1
    assert got.loc["d", "years since"] == pytest.approx(397 / 365.25, abs=0.01)
    assert got.loc["y" if "y" in got.index else "c", "earlier songs"] == 0


def test_scores_are_those_of_scikit_learn(model):
    report = model.report_
    seen = report.predictions
    for view in ("history", "sound", "both"):
        row = report.scores.set_index("model").loc[view]
        assert row["brier"] == pytest.approx(brier_score_loss(seen["hit"], seen[view]))
        assert row["auc"] == pytest.approx(roc_auc_score(seen["hit"], seen[view]))
    assert auc(np.array([1, 0, 1]), np.array([1.0, 1.0, 0.0])) == 0.25


def test_predictions_are_calibrated(model):
    table = model.report_.reliability
    both = table[table["model"] == "both"]
    assert both["songs"].sum() == model.report_.judged
    inside = (
        (both["predicted"] >= both["seen_lo"]) & (both["predicted"] <= both["seen_hi"])
    ).mean()
    assert inside >= 0.7


def test_the_same_seed_gives_the_same_report(made):
    settings = {"calibration": None, "blocks": 2, "groups": 2}
    one, two = (
        mt.trends.HitModel(rng=1, **settings).fit(made.features, made.songs.head(500)).report_
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(one.scores, two.scores)
    pd.testing.assert_frame_equal(one.importance, two.importance)


def test_new_songs_get_three_chances(made, trapped, model):
    new = trapped.tail(5)
    songs = made.songs.assign(released_at=pd.Timestamp("2021-01-01"))
    got = model.predict_proba(new, songs)
    assert list(got.columns) == ["recording_id", "history", "sound", "both"]
    assert len(got) == 5
    assert got[["history", "sound", "both"]].to_numpy().min() > 0
    one = model.predict_proba(new.tail(1), songs)
    row = got.set_index("recording_id").loc[one["recording_id"].iloc[0]]
    assert one[["history", "sound", "both"]].iloc[0].to_numpy() == pytest.approx(
        row.to_numpy(float)
    )
    with pytest.raises(InputError, match="no column 'plr_lu', 'dr_db'; expected the 12 columns"):
        model.predict_proba(new.drop(columns=["plr_lu", "dr_db"]), songs)
    with pytest.raises(InputError, match="words in 'dr_db'"):
        model.predict_proba(new.assign(dr_db="loud"), songs)
    # No outcome is asked for, nor arguments that only fit() has.
    with pytest.raises(TableError, match=r"'artist'.*as fit") as told:
        model.predict_proba(new, songs.drop(columns="artist"))
    assert "outcome" not in str(told.value)


def test_the_effect_has_the_planted_shape(model):
    rises = model.effect("danceability", draws=8)
    assert rises.shape == "rises"
    assert rises.lo > 0.1
    assert "rises with danceability" in rises.words()
    with pytest.raises(InputError, match="column='dancability'"):
        model.effect("dancability")


def test_other_classifiers_and_calibrations(made):
    some = made.songs.head(500)
    for settings in ({"model": "splines"}, {"model": GaussianNB(), "calibration": "isotonic"}):
        fitted = mt.trends.HitModel(blocks=2, groups=2, rng=1, **settings)
        report = fitted.fit(made.features, some).report_
        assert report.judged > 200
        assert report.scores["auc"].iloc[1] > 0.6


def test_one_artist_however_spelt(made):
    same = ["Drake", " drake ", "DRAKE feat. X", "Drake (ft. X & Y)", "Drake  featuring Z"]
    assert {plain_artist(name) for name in same} == {"drake"}
    assert plain_artist("Simon & Garfunkel") == "simon & garfunkel"
    assert plain_artist("Little Feat") == "little feat"
    assert plain_artist("Featherweight") == "featherweight"
    assert plain_artist("Feat. X") == "feat. x"
    same = ["Drake feat. (G)I-DLE", "Drake;feat. X", "Drake/ft. X", "Drake - feat. X", "Drake ft X"]
    assert {plain_artist(name) for name in same} == {"drake"}
    assert plain_artist('Eminem feat. "Weird Al"') == "eminem"
    assert plain_artist("Little Feat feat. Bonnie Raitt") == "little feat"
    heights = ["Six Ft Deep", "Six Ft. Ditch"]
    assert [plain_artist(name) for name in heights] == ["six ft deep", "six ft. ditch"]
    assert plain_artist("Six Ft Deep feat. Maroon 5") == "six ft deep"
    assert {plain_artist(f"Maroon 5 {x} Y") for x in ("feat.", "ft.", "ft", "(ft")} == {"maroon 5"}
    assert plain_artist("Little Feat & Nobody") == "little feat & nobody"
    spelt = made.songs.copy()
    spelt.loc[::2, "artist"] = spelt["artist"][::2].str.upper() + " feat. Nobody"
    songs, plain = (read_songs(made.features, each, NAMES) for each in (spelt, made.songs))
    assert len(set(songs.artist)) == len(set(plain.artist))
    assert (history(songs, songs, 90) == history(plain, plain, 90)).all()
    assert set(songs.credit) == set(spelt["artist"])


def test_the_date_is_no_sound(made):
    released = made.songs[["recording_id", "released_at"]]
    years = released["released_at"].dt.year
    more = released.assign(year=years, x3=years * 12.0).drop(columns="released_at")
    songs = read_songs(made.features.merge(more, on="recording_id"), made.songs, NAMES)
    found = {leak.where: leak.kind for leak in column_leaks(songs, ())}
    assert found == {"year": "date", "x3": "date"}
    # A few values lie on a line by chance.
    few = released.assign(x3=years.where(years.index < 3) * 12.0).drop(columns="released_at")
    songs = read_songs(made.features.merge(few, on="recording_id"), made.songs, NAMES)
    assert "date" not in {leak.kind for leak in column_leaks(songs, ())}


def test_names_of_columns_may_be_numbers(made):
    named = made.features.rename(columns={"danceability": 3, "dr_db": 4})
    songs = read_songs(named, made.songs, NAMES)
    assert {"3", "4"} < set(songs.sound.columns)
    assert not column_leaks(songs, ())
    learnt = as_learnt(named, songs, ["3", "4"])
    assert (learnt["3"].to_numpy() == songs.sound["3"].to_numpy()).all()
    with pytest.raises(TableError, match="more than one column called '3'"):
        read_songs(named.rename(columns={"duration_s": "3"}), made.songs, NAMES)


def test_copies_are_found_whatever_the_others_are(made):
    plain = read_songs(made.features, made.songs, NAMES)
    plain = plain.take(~same_songs(plain)[0])
    n = len(plain)
    for times in (1, 3):
        # More than half of the songs are copies: the median distance is 0.
        rows = np.sort(np.repeat(np.arange(n), times))
        songs = plain.take(rows)
        songs.work = np.array([f"song {k}" for k in range(len(rows))], dtype=object)
        later, leaks = same_songs(songs)
        assert later.sum() == (times - 1) * n
        assert (times > 1) == any(leak.kind == "same_sound" for leak in leaks)
    # A few values only, or none, are no likeness.
    coarse = plain.take(np.arange(n))
    coarse.sound = (coarse.sound > coarse.sound.median()).astype(float).assign(still=1.0)
    coarse.work = np.array([f"song {k}" for k in range(n)], dtype=object)
    assert not same_songs(coarse)[0].any()


def test_titles_without_their_versions():
    same = ["One Love", "One Love (Remastered 2009)", "One Love - 2011 Remaster", "ONE LOVE [Live]"]
    assert {plain_title(title) for title in same} == {"one love"}
    assert plain_title("Live and Let Die") == "live and let die"
    assert plain_title("Song (feat. Nobody)") == "song feat nobody"


def test_columns_that_go_together_are_shuffled_together(made):
    groups = correlated(made.features.drop(columns="recording_id"), 0.6)
    assert ["integrated_lufs", "plr_lu", "dr_db"] in groups
    assert ["danceability"] in groups


def test_bad_tables_are_refused(made):
    features, songs = made.features, made.songs
    fit = mt.trends.HitModel().fit
    with pytest.raises(TableError, match="no column 'artist'"):
        fit(features, songs.drop(columns="artist"))
    with pytest.raises(InputError, match="not all of them 0 or 1"):
        fit(features, songs, outcome="peak_position")
    with pytest.raises(TableError, match="more than once"):
        fit(pd.concat([features, features.head(1)]), songs)
    with pytest.raises(InputError, match="at least 25 of each"):
        fit(features, songs.head(30))
    with pytest.raises(InputError, match="cannot be read"):
        fit(features, songs.assign(released_at="once"))
    with pytest.raises(PolicyError):
        fit(features.assign(policy="Spotify"), songs)
    for wrong in ({"model": "forest"}, {"calibration": "beta"}, {"reissues": "x"}, {"groups": 1}):
        with pytest.raises(InputError):
            mt.trends.HitModel(**wrong).fit(features, songs)
    with pytest.raises(InputError, match="has seen no song"):
        mt.trends.HitModel().words()
    leaky = songs[["recording_id", "popularity"]]
    with pytest.raises(InputError, match="nothing but columns that leak"):
        fit(leaky, songs)
