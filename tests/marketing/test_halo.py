"""What a release does for a catalogue: found where it was put in, and nothing else taken for it."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError, TableError
from musictools.marketing import EventStudy, Impact

START = 40


def label(*, lift=0.25, artists=14, seed=0, releases=((0, START),)):
    """Artists with three tracks each; some release something, which lifts their catalogue."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 0.05, 50).cumsum()
    when = dict(releases)
    frames, rows = [], []
    for artist in range(artists):
        own = common * rng.uniform(0.7, 1.3) + rng.normal(0, 0.03, 50)
        for track in range(3):
            mean = np.exp(rng.normal(7, 0.5) + own)
            if artist in when:
                mean[when[artist] :] *= 1 + lift
            y = rng.poisson(mean)
            frames.append(
                pd.DataFrame({"unique_id": f"R{artist}.{track}", "ds": np.arange(50), "y": y})
            )
            rows.append((f"R{artist}.{track}", f"artist {artist}"))
    for artist, at in releases:
        new = pd.DataFrame({"unique_id": f"new {artist}", "ds": np.arange(at, 50), "y": 9000})
        frames.append(new)
        rows.append((f"new {artist}", f"artist {artist}"))
    recordings = pd.DataFrame(rows, columns=["recording_id", "artist"])
    recordings = recordings.assign(title="", isrc="", path=None, duration_s=180.0)
    return pd.concat(frames, ignore_index=True), recordings


@pytest.fixture(scope="module")
def found():
    series, recordings = label()
    return mt.marketing.halo(series, "new 0", recordings=recordings)


def test_the_lift_is_found(found):
    assert isinstance(found.study, Impact)
    assert found.lo_90 < 25 < found.hi_90
    assert found.lo_90 > 0
    assert (found.artist, found.tracks_used, found.donors) == ("artist 0", 3, 13)
    assert found.effect_pct == pytest.approx(100 * np.expm1(found.study.effect))
    assert "the rest of the catalogue of 'artist 0' gained" in found.verdict


def test_extra_plays_are_what_the_effect_makes_of_what_was_played(found):
    played = found.path["observed"].iloc[-8:].sum()
    assert found.total == pytest.approx(played * (1 - 1 / (1 + found.effect_pct / 100)))
    assert found.total_lo_90 < found.total < found.total_hi_90
    # A quarter more than would have been: a fifth of what was.
    assert found.total_lo_90 < played / 5 < found.total_hi_90


def test_the_release_itself_is_no_part_of_it(found):
    series, recordings = label()
    louder = series.assign(y=series["y"].where(series["unique_id"] != "new 0", 10**6))
    assert mt.marketing.halo(louder, "new 0", recordings=recordings).effect_pct == found.effect_pct
    assert found.tracks["unique_id"].tolist() == ["R0.0", "R0.1", "R0.2"]
    assert ((found.tracks["lo_90"] < 25) & (found.tracks["hi_90"] > 25)).sum() >= 2


def test_who_releases_something_is_no_donor():
    series, recordings = label(releases=((0, START), (1, 38), (2, 12)))
    found = mt.marketing.halo(series, "new 0", recordings=recordings)
    assert found.donors == 12
    assert "no donors, since they released something at that time: 'artist 1'" in found.verdict
    assert "artist 1" not in set(found.study.weights["unique_id"])
    # What came out two periods before the start is none of the last zero periods.
    again = mt.marketing.halo(series, "new 0", recordings=recordings, settle=0)
    assert again.donors == 13


def test_platforms_are_summed_and_dates_are_welcome(found):
    series, recordings = label()
    half = series["y"] // 2
    parts = [series.assign(unique_id=series["unique_id"] + "/a", y=half),
             series.assign(unique_id=series["unique_id"] + "/b", y=series["y"] - half)]  # fmt: skip
    days = pd.Timestamp("2025-01-06") + 7 * pd.to_timedelta(np.arange(50), "D")
    both = pd.concat(parts).assign(ds=lambda f: days[f["ds"]])
    # Released on a Friday: the week from the Monday before it on.
    told = recordings.assign(released_at=pd.NaT)
    told.loc[told["recording_id"] == "new 0", "released_at"] = days[START] + pd.Timedelta("4D")
    same = mt.marketing.halo(both, "new 0", recordings=told, split="/")
    assert same.effect_pct == pytest.approx(found.effect_pct)
    assert same.study.start == "2025-10-13"


def test_single_tracks_are_compared_where_there_are_few_artists():
    series, recordings = label(artists=4)
    with pytest.raises(InputError, match="3 others to compare with"):
        mt.marketing.halo(series, "new 0", recordings=recordings)
    found = mt.marketing.halo(series, "new 0", recordings=recordings, by="track")
    assert found.lo_90 < 25 < found.hi_90
    assert found.donors == 9


def test_releases_of_several_artists_are_one_event_study():
    releases = tuple((n, 30 + 2 * n) for n in range(5))
    series, recordings = label(artists=24, releases=releases)
    names = [f"new {n}" for n, _ in releases]
    found = mt.marketing.halo(series, names, recordings=recordings, before=16)
    assert isinstance(found.study, EventStudy)
    assert (found.study.treated_units, found.donors) == (5, 19)
    assert found.lo_90 < 25 < found.hi_90
    assert found.path["event_time"].tolist() == list(range(-16, 8))
    ax = found.plot(plt.subplots()[1])
    assert ax.get_xlabel() == "Periods since the release"
    plt.close(ax.figure)


def test_it_is_drawn(found):
    ax = found.plot(plt.subplots()[1])
    observed, expected = ax.get_lines()[:2]
    assert observed.get_ydata() == pytest.approx(found.path["observed"])
    assert expected.get_ydata() == pytest.approx(found.path["counterfactual"])
    plt.close(ax.figure)


@pytest.mark.parametrize(
    ("release", "how", "told"),
    [
        ("newer 0", {}, "'new 0'"), ("new 0", {"before": 60}, "before=60"),
        ("new 0", {"by": "song"}, "'artist' or 'track'"), ("new 0", {"settle": 30}, "donors"),
        ("new 0", {"method": "structurel"}, "structural"), (["new 0", "R0.1"], {}, "one artist"),
        (["new 0", "R1.1"], {"start": 40}, "several releases"), ("new 0", {"after": 0}, "after"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(release, how, told):
    series, recordings = label()
    if "settle" in how:
        names = recordings["recording_id"]
        recordings = recordings.assign(
            released_at=np.select([names.str.startswith("R0"), names == "new 0"], [12, START], 0)
        )
        told = "no other track of 'artist 0'"
    with pytest.raises(InputError, match=told):
        mt.marketing.halo(series, release, recordings=recordings, **how)


def test_tables_are_checked():
    series, recordings = label()
    with pytest.raises(TableError, match="artist"):
        mt.marketing.halo(series, "new 0", recordings=recordings.drop(columns="artist"))
    with pytest.raises(InputError, match="below 0"):
        mt.marketing.halo(series.assign(y=-1.0), "new 0", recordings=recordings)


def test_few_others_and_their_p_value_are_said(found):
    """Five others, one by one: the smallest p-value is 1 in 6, however large the halo."""
    series, recordings = label(lift=1.0, artists=6)
    few = mt.marketing.halo(series, "new 0", recordings=recordings)
    assert few.lo_90 > 0
    assert few.p_value == pytest.approx(1 / 6)
    assert "compares with 5 others, one by one, and cannot be below 0.167" in few.verdict
    assert "cannot be below" not in found.verdict


def with_company(*, lift, seed=3):
    """An album with three new songs and an old single, whose plays rise fivefold."""
    series, recordings = label(lift=lift, seed=seed)
    fresh = [(f"new 0.{n}", "artist 0") for n in range(2)]
    frames = [
        pd.DataFrame({"unique_id": name, "ds": np.arange(START, 50), "y": 7000})
        for name, _ in fresh
    ]
    old = series["unique_id"].eq("R0.2") & (series["ds"] >= START)
    series = pd.concat([series.assign(y=series["y"].where(~old, 5 * series["y"])), *frames])
    extra = pd.DataFrame(fresh, columns=["recording_id", "artist"])
    extra = extra.assign(title="", isrc="", path=None, duration_s=180.0)
    return series, pd.concat([recordings, extra], ignore_index=True)


@pytest.mark.parametrize("lift", [0.0, 0.25])
def test_what_is_on_the_release_is_no_halo(lift):
    series, recordings = with_company(lift=lift)
    found = mt.marketing.halo(series, "new 0", recordings=recordings, together="R0.2")
    assert found.lo_90 < 100 * lift < found.hi_90
    assert found.tracks_used == 2
    assert not found.contaminated
    gone = found.left_out.set_index("unique_id")["reason"]
    assert dict(gone) == dict.fromkeys(["R0.2", "new 0.0", "new 0.1"], "on the release itself")
    assert "Left out, on the release itself: 'R0.2', 'new 0.0', 'new 0.1'." in found.verdict
    # Without being told it is taken for a halo, and the verdict says what to do.
    blind = mt.marketing.halo(series, "new 0", recordings=recordings)
    assert blind.lo_90 > 100 * lift
    assert "unless together= names them" in blind.verdict


def test_events_tell_of_old_songs_on_it_and_of_what_else_happened():
    series, recordings = with_company(lift=0.0)
    recordings = recordings.assign(release_id=np.where(recordings["recording_id"] == "new 0",
                                                       "L1", pd.NA))  # fmt: skip
    rows = [(START, "album", "L1", 4.0), (START + 3, "tour", "artist 0", 900.0),
            (START - 30, "tour", "artist 0", 900.0), (START + 1, "tour", "artist 1", 900.0),
            (START, "single", "R9.9", 1.0), (START - 2, "pre_save", "new 0", 50.0)]  # fmt: skip
    events = pd.DataFrame(rows, columns=["ds", "kind", "subject", "size"])
    found = mt.marketing.halo(series, "new 0", recordings=recordings, events=events)
    assert found.contaminated
    assert found.happened["kind"].tolist() == ["album", "tour"]
    assert "of 4 tracks, of which only 'new 0', 'new 0.0', 'new 0.1' are known" in found.verdict
    assert "or toured at that time: 'artist 1'" in found.verdict
    told = mt.marketing.halo(
        series, "new 0", recordings=recordings, events=events[events["kind"] != "tour"],
        together=["R0.2"],
    )  # fmt: skip
    assert not told.contaminated


def test_another_release_in_the_window_contaminates():
    series, recordings = label(lift=0.0)
    late = pd.DataFrame({"unique_id": "late", "ds": np.arange(START - 3, 50), "y": 900})
    row = recordings.iloc[[0]].assign(recording_id="late")
    found = mt.marketing.halo(
        pd.concat([series, late]), "new 0", recordings=pd.concat([recordings, row])
    )
    assert found.contaminated
    assert found.happened[["ds", "subject"]].to_numpy().tolist() == [[str(START - 3), "late"]]
    assert found.left_out.to_numpy().tolist() == [["late", "not out for long enough before"]]
    with pytest.raises(InputError, match=r"'R0\.0' on the release itself; 'R0\.1' on"):
        mt.marketing.halo(series, "new 0", recordings=recordings,
                          together=["R0.0", "R0.1", "R0.2"])  # fmt: skip
    # A campaign for a song that was out asks about its neighbours on the album.
    old = mt.marketing.halo(series, "R0.0", recordings=recordings, start=30)
    assert old.tracks_used == 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"together": None}, "together=None"),
        ({"together": 5}, "together= of type int"),
        ({"together": ["R0.9"]}, "together='R0.9'"),
        ({"release": None}, "release=None"),
        ({"release": []}, "no release"),
    ],
)
def test_recordings_that_are_none_are_refused(given, message):
    series, recordings = label()
    with pytest.raises(InputError, match=message):
        mt.marketing.halo(series, **{"release": "new 0", "recordings": recordings} | given)


def test_a_release_of_nobody_is_refused():
    series, recordings = label()
    nobody = recordings.assign(
        artist=recordings["artist"].where(recordings["recording_id"] != "new 0")
    )
    with pytest.raises(InputError, match="no artist is known"):
        mt.marketing.halo(series, "new 0", recordings=nobody)
