"""The fictional label agrees with itself, comes out the same every time, and survives damage."""

import html
import json
import logging
import os
import re
import subprocess
import sys
import textwrap
import time
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from musictools import tables
from musictools.datasets._label import Label, load_label
from musictools.datasets._world import _build, _cache, _calendar, _ids, _money, _promotion, _songs
from musictools.datasets._world._catalogue import KEYS, song_specs
from musictools.datasets._world._facts import COUNTED_SECONDS, DISTRIBUTION_FEE, PAYOUT_SHARE
from musictools.datasets._world._render_worker import to_16_bit
from musictools.errors import InputError, MusictoolsError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def label():
    """The world that all tests of this run share, in a cache that began empty."""
    return load_label(seed=2026)


@pytest.fixture(scope="module")
def plays(label):
    return label.plays


@pytest.fixture(scope="module")
def truth(label):
    return label.truth


# --- size and shape ---------------------------------------------------------------------------


def test_the_world_has_the_promised_size(label, plays):
    assert len(label.artists) == 12
    assert 34 <= len(label.recordings) <= 44
    assert len(label.listeners) == 10_000
    assert 1_000_000 < len(plays) < 2_000_000
    assert plays.memory_usage(deep=True).sum() < 200e6
    assert plays["played_at"].between("2023-01-01", "2026-01-01", inclusive="left").all()


def test_every_table_keeps_its_contract(label):
    for name in set(_build.TABLES) & set(tables.TABLES):
        tables.check(getattr(label, name), name)


def test_identifiers_are_unique_and_refer_to_something(label, plays):
    recordings = label.recordings
    for column in ("recording_id", "isrc"):
        assert recordings[column].is_unique
    assert set(recordings["artist_id"]) == set(label.artists["artist_id"])
    assert set(recordings["work_id"]) == set(label.works["work_id"])
    assert len(label.works) < len(recordings), "a version shares the work of its original"
    assert set(plays["recording_id"].unique()) == set(recordings["recording_id"])
    assert set(label.airplay["recording_id"]) <= set(recordings["recording_id"])
    assert set(label.spend["artist_id"]) == set(label.artists["artist_id"])


def rows_of(table, names):
    """The row of each name in a table, looked up once for each category."""
    places = pd.Index(table[names.name]).get_indexer(names.cat.categories)
    assert (places >= 0).all()
    return table.iloc[places[names.cat.codes]]


def test_a_play_agrees_with_its_listener_and_its_recording(label, plays):
    who = rows_of(label.listeners, plays["user_id"])
    for column in ("country", "tier", "platform"):
        assert (who[column].to_numpy() == plays[column].astype(str).to_numpy()).all()
    assert (who["joined_on"].to_numpy() <= plays["played_at"].to_numpy()).all()
    what = rows_of(label.recordings, plays["recording_id"])
    assert (what["artist_id"].to_numpy() == plays["artist_id"].astype(str).to_numpy()).all()
    assert (what["released_at"].to_numpy() <= plays["played_at"].to_numpy()).all()
    assert (plays["seconds"].to_numpy() <= what["duration_s"].to_numpy()).all()
    assert plays["seconds"].min() >= 1


def test_releases_fall_on_fridays(label):
    assert set(label.recordings["released_at"].dt.day_name()) == {"Friday"}


# --- identifiers ------------------------------------------------------------------------------


def test_isrc_upc_and_iswc_have_the_right_form_and_check_digits(label):
    assert label.recordings["isrc"].str.fullmatch(r"XX[A-Z0-9]{3}\d{7}").all()
    for code in label.recordings["upc"]:
        digits = [int(d) for d in code]
        assert len(digits) == 12
        assert (3 * sum(digits[0::2]) + sum(digits[1::2])) % 10 == 0
    for code in label.works["iswc"]:
        assert re.fullmatch(r"T-\d{3}\.\d{3}\.\d{3}-\d", code)
        digits = [int(d) for d in code if d.isdigit()]
        weighted = 1 + sum(n * d for n, d in enumerate(digits[:9], start=1))
        assert (weighted + digits[9]) % 10 == 0


def test_check_digits_of_known_codes():
    # The worked examples of ISO 15707 and of the GS1 General Specifications.
    assert _ids.iswc_check_digit("034524680") == 1
    assert _ids.upc_check_digit("03600029145") == 2


def test_names_become_ascii_files_that_every_system_takes():
    assert _ids.slug("Maren Solvåg: <b>Bold</b> & Broke") == "maren-solvag-b-bold-b-broke"
    assert _ids.slug("夜のバス") == "untitled"


# --- coherence --------------------------------------------------------------------------------


def test_plays_add_up_to_series_exactly(label, plays):
    name = plays["recording_id"].astype(str) + "/" + plays["platform"].astype(str)
    counted = plays.groupby([name, plays["played_at"].dt.normalize()]).size()
    series = label.series.astype({"unique_id": str}).set_index(["unique_id", "ds"])["y"]
    assert int(series.sum()) == len(plays)
    assert (counted.to_numpy() == series.loc[counted.index].to_numpy()).all()
    assert (series > 0).sum() == len(counted)


def test_series_have_no_gap_and_begin_with_the_release(label):
    series = label.series.astype({"unique_id": str})
    spans = series.groupby("unique_id")["ds"].agg(["min", "max", "size"])
    assert ((spans["max"] - spans["min"]).dt.days + 1 == spans["size"]).all()
    released = label.recordings.set_index("recording_id")["released_at"]
    assert (spans["min"].to_numpy() == released.loc[spans.index.str[:3]].to_numpy()).all()


def test_counters_are_running_totals_of_series(label):
    seen = label.observations
    seen = seen[seen["metric"] == "streams_total"].astype({"entity_id": str, "platform": str})
    totals = label.series.astype({"unique_id": str})
    totals["value"] = totals.groupby("unique_id")["y"].cumsum()
    key = seen["entity_id"] + "/" + seen["platform"]
    expected = totals.set_index(["unique_id", "ds"])["value"]
    found = expected.loc[pd.MultiIndex.from_arrays([key, seen["observed_at"]])]
    assert (found.to_numpy() == seen["value"].to_numpy()).all()
    assert 0 < len(totals) - len(seen) < 0.05 * len(totals), "a few days were missed"


def test_intensity_is_organic_plus_promotion_and_explains_the_counts(label, truth):
    expected = truth["intensity"]
    assert (expected["organic"] > 0).all()
    assert (expected["promotion"] >= 0).all()
    total = expected["organic"].sum() + expected["promotion"].sum()
    genuine = len(label.plays) - truth["fraud"]["plays"].sum()
    assert abs(genuine - total) < 6 * np.sqrt(total * 3)


def test_channel_effects_are_what_went_into_the_intensity(truth):
    effects, expected = truth["channel_effects"], truth["intensity"]
    monday = expected["ds"] - pd.to_timedelta(expected["ds"].dt.day_of_week, unit="D")
    weekly = expected["promotion"].groupby(monday).sum()
    from_channels = effects.groupby("ds")["streams"].sum()
    np.testing.assert_allclose(from_channels.loc[weekly.index], weekly, rtol=1e-9, atol=1e-9)
    by_channel = effects.groupby("channel")["streams"].sum()
    channels = truth["channels"].set_index("channel")
    np.testing.assert_allclose(by_channel.loc[channels.index], channels["streams"], rtol=1e-9)
    share = channels["streams"] / (expected["organic"].sum() + expected["promotion"].sum())
    np.testing.assert_allclose(share, channels["share"], rtol=1e-9)


def test_channel_effects_follow_from_the_public_tables(label, truth):
    """A reader can rebuild the truth: adstock, saturation, size."""
    spend, effects = label.spend, truth["channel_effects"]
    for channel in truth["channels"].itertuples():
        public = spend[spend["channel"] == channel.channel].groupby("ds")[channel.driver].sum()
        weeks = public.reindex(_calendar.WEEKS, fill_value=0).to_numpy(dtype=float)
        level = _promotion.adstock(weeks, channel.theta)
        rebuilt = channel.beta_streams * _promotion.hill(
            level, channel.half_saturation, channel.shape
        )
        stored = effects[effects["channel"] == channel.channel].groupby("ds")["streams"].sum()
        np.testing.assert_allclose(stored.iloc[:-1], rebuilt[:-1], rtol=1e-9)
        assert 0 < stored.iloc[-1] < rebuilt[-1], "the last week is cut"


def test_events_bring_the_organic_streams(truth):
    effects = truth["event_effects"]
    np.testing.assert_allclose(
        effects["streams"].sum(), truth["intensity"]["organic"].sum(), rtol=1e-9
    )
    assert set(effects["kernel"]) >= {"single", "album", "deluxe", "tour", "influencer_post"}


def test_broadcast_impressions_are_the_audience_on_air(label):
    spend, air = label.spend, label.airplay
    for channel, medium in (("radio", "radio"), ("tv", "TV")):
        heard = air[air["medium"] == medium]["audience"].sum()
        assert spend[spend["channel"] == channel]["impressions"].sum() == heard


def test_spend_follows_releases_except_in_the_randomised_weeks(label, truth):
    spend, tests = label.spend, truth["experiments"]
    dark = tests[tests["kind"] == "dark"][["ds", "channel"]]
    paused = dark.merge(spend, on=["ds", "channel"])
    assert len(paused) == len(dark) * 12
    pulsed = set(zip(*tests[tests["kind"] == "pulse"][["ds", "channel"]].T.to_numpy(), strict=True))
    untouched = [k not in pulsed for k in zip(paused["ds"], paused["channel"], strict=True)]
    assert (paused.loc[untouched, "spend"] == 0).all()
    weekly = spend.groupby("ds")["spend"].sum()
    released = label.recordings["released_at"]
    fresh = set(released - pd.to_timedelta(released.dt.day_of_week, unit="D"))
    assert weekly[weekly.index.isin(fresh)].mean() > 1.5 * weekly[~weekly.index.isin(fresh)].mean()


def test_frequency_is_impressions_over_reach(label):
    spend = label.spend
    seen = spend[spend["impressions"] > 0]
    np.testing.assert_allclose(seen["frequency"], seen["impressions"] / seen["reach"])
    assert (spend.loc[spend["impressions"] == 0, "frequency"] == 0).all()
    assert not spend.duplicated(["ds", "channel", "artist_id"]).any()


def test_statements_sum_to_the_pools_to_the_cent(label, truth):
    lines = label.royalties
    keys = ["period", "platform", "country"]
    paid = lines.groupby(keys)["gross"].agg(lambda cents: sum(cents, Decimal(0)))
    pools = truth["pools"].set_index(keys)["pool_usd"]
    assert paid.index.equals(pools.sort_index().index)
    assert (paid == pools.loc[paid.index]).all()
    assert (lines["gross"] - lines["fees"] == lines["net"]).all()
    off = lines["fees"].astype(float) - DISTRIBUTION_FEE * lines["gross"].astype(float)
    assert off.abs().max() <= 0.005 + 1e-9
    assert all(amount.as_tuple().exponent == -2 for amount in lines["gross"])


def test_units_are_the_plays_that_count(label, plays):
    counted = plays[plays["seconds"] >= COUNTED_SECONDS]
    assert label.royalties["units"].sum() == len(counted)
    by_song = label.royalties.groupby("recording_id")["units"].sum()
    own = counted.groupby("recording_id", observed=True).size()
    assert (by_song == own.set_axis(own.index.astype(str)).loc[by_song.index]).all()


def test_a_pool_follows_from_the_listeners(label, truth):
    pool = truth["pools"].sort_values("label_plays").iloc[-1]
    people = label.listeners
    here = people[(people["platform"] == pool["platform"]) & (people["country"] == pool["country"])]
    here = here[here["joined_on"] < pd.Period(pool["period"]).end_time]
    income = np.where(here["tier"] == "free", 0.62, here["fee_usd"]).sum()
    owed = PAYOUT_SHARE * income * pool["label_plays"] / here["all_plays_per_month"].sum()
    assert float(pool["pool_usd"]) == pytest.approx(owed, abs=0.0051)


@pytest.mark.parametrize("total", [0, 1, 7, 100])
def test_largest_remainder_loses_no_cent(total):
    weights = [5, 3, 3, 1, 0]
    cents = _money.largest_remainder(total, weights)
    assert cents.sum() == total
    assert (np.abs(cents - total * np.array(weights) / 12) < 1).all()


def test_shares_of_a_work_sum_to_one(label):
    works = label.works
    assert all(sum(shares) == 1 for shares in works["shares"])
    assert all(len(a) == len(b) for a, b in zip(works["writers"], works["shares"], strict=True))


def test_fees_go_with_the_tier(label):
    fee = label.listeners.groupby(["platform", "country", "tier"])["fee_usd"].nunique()
    assert (fee == 1).all()
    assert (label.listeners.query("tier == 'free'")["fee_usd"] == 0).all()
    assert (label.listeners.query("tier != 'free'")["fee_usd"] > 0).all()


def test_listening_is_concentrated(plays):
    counts = np.sort(plays["user_id"].value_counts().to_numpy())[::-1]
    top = counts[: len(counts) // 10].sum() / counts.sum()
    assert 0.3 < top < 0.7


def test_suspicious_accounts_stand_out_and_are_listed(plays, truth):
    fraud = truth["fraud"]
    assert len(fraud) == 15
    own = plays[plays["user_id"].isin(fraud["user_id"])]
    assert len(own) == fraud["plays"].sum()
    target = own["recording_id"].astype(str) == fraud["target_recording_id"].iloc[0]
    assert 0.8 < target.mean() < 1
    assert 0.01 < len(own) / len(plays) < 0.03
    assert own["seconds"].between(30, 40).all()


# --- songs to be ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [2026, 0, 7])
def test_specifications_cover_the_range(seed):
    specs = list(song_specs(seed).values())
    assert {spec.key for spec in specs} == set(KEYS)
    tempi = [spec.bpm for spec in specs]
    assert (min(tempi), max(tempi)) == (60, 190)
    assert {spec.beats_per_bar for spec in specs} == {3, 4}
    assert all(60 <= spec.duration_s <= 120 for spec in specs)
    assert all(-16 <= spec.loudness_lufs <= -7 for spec in specs)
    faulty = [spec for spec in specs if spec.faults]
    assert 0.2 <= len(faulty) / len(specs) <= 0.35
    kinds = [fault.kind for spec in faulty for fault in spec.faults]
    assert max(map(kinds.count, kinds)) <= 2
    assert len({spec.style for spec in specs}) >= 8
    assert len({spec.seed for spec in specs}) == len(specs)


def test_the_studio_accepts_every_specification():
    studio = pytest.importorskip("musictools.datasets._synth._render")
    for spec in song_specs(2026).values():
        studio.check_spec(spec)


def test_truth_lists_the_songs_and_their_faults(truth):
    songs = truth["recordings"].set_index("recording_id")
    faults = truth["faults"]
    assert (faults.groupby("recording_id").size() == songs["n_faults"][lambda n: n > 0]).all()
    spec = song_specs(2026)["R01"]
    assert (songs.loc["R01", "bpm"], songs.loc["R01", "key"]) == (spec.bpm, spec.key)


# --- the same every time ----------------------------------------------------------------------


def digest(frame):
    return int(pd.util.hash_pandas_object(frame.astype(str), index=False).sum())


def assert_same(left, right):
    assert list(left.dtypes.items()) == list(right.dtypes.items())
    for name in left:
        a, b = left[name], right[name]
        if isinstance(a.dtype, pd.CategoricalDtype):
            assert list(a.cat.categories) == list(b.cat.categories), name
            a, b = a.cat.codes, b.cat.codes
        assert a.equals(b), name


def test_the_same_seed_gives_the_same_world_from_disk_and_in_memory(label):
    kept, fresh = load_label(seed=label.seed), load_label(seed=label.seed, cache=False)
    assert not kept._shelf._held, "nothing was built again"
    for name in _build.TABLES:
        assert_same(getattr(kept, name), getattr(fresh, name))
    for name in kept.truth:
        assert_same(kept.truth[name], fresh.truth[name])


def test_another_seed_gives_another_world(label):
    other = song_specs(2027)
    assert other != song_specs(2026)
    assert digest(_calendar.events(2027)) != digest(label.events)
    assert digest(_calendar.events(2026)) == digest(_calendar.events(2026))


@pytest.mark.parametrize("seed", [-1, 1.5, "2026", True, None])
def test_a_seed_that_is_none(seed):
    with pytest.raises(InputError, match="whole number"):
        load_label(seed=seed)


def test_a_table_belongs_to_its_reader(label):
    mine = label.listeners
    mine["fee_usd"] = 0.0
    mine.loc[0, "country"] = "nowhere"
    assert label.listeners["fee_usd"].sum() > 0
    assert label.listeners.loc[0, "country"] != "nowhere"


# --- the cache --------------------------------------------------------------------------------


@pytest.fixture
def small_world(monkeypatch, tmp_path):
    """A quick stand-in for the real build, since only the keeping is on trial."""
    calls = []

    def build(seed):
        calls.append(seed)
        frame = pd.DataFrame({"n": np.arange(5), "seed": seed})
        return {name: frame.assign(table=name) for name in _cache.NAMES}

    monkeypatch.setattr(_cache, "build", build)
    monkeypatch.setenv("MUSICTOOLS_DATA_DIR", str(tmp_path))
    return calls


def test_the_second_load_reads_what_the_first_wrote(small_world):
    first = _cache.Shelf(1, cache=True)["plays"]
    second = _cache.Shelf(1, cache=True)["plays"]
    pd.testing.assert_frame_equal(first, second)
    assert small_world == [1]
    assert not list(_cache.world_dir(1).rglob(".*")), "no drafts are left behind"


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "plays.parquet").unlink(),
        lambda folder: (folder / "plays.parquet").write_bytes(b"PAR1"),
        lambda folder: flip_byte(folder / "plays.parquet"),
        lambda folder: (folder / "index.json").write_text('{"tables'),
        lambda folder: (folder / "index.json").write_text("[]"),
        lambda folder: forget_sources(folder / "index.json"),
    ],
)
def test_a_damaged_cache_is_built_again(small_world, damage):
    whole = _cache.Shelf(1, cache=True)["plays"]
    damage(_cache.world_dir(1) / "tables")
    pd.testing.assert_frame_equal(_cache.Shelf(1, cache=True)["plays"], whole)
    pd.testing.assert_frame_equal(_cache.Shelf(1, cache=True)["plays"], whole)
    assert small_world == [1, 1]


def flip_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def forget_sources(path):
    path.write_text(json.dumps(json.loads(path.read_text()) | {"sources": "older"}))


@pytest.mark.parametrize("cache", [True, False])
def test_songs_do_not_wait_for_listeners(small_world, cache):
    shelf = _cache.Shelf(1, cache=cache)
    songs = {name: shelf[name] for name in _build.CATALOGUE}
    assert [len(songs[name]) for name in _build.CATALOGUE[:2]] == [12, 36]
    assert shelf.rows("recordings") == 36
    assert small_world == [], "no play was made for them"
    assert len(shelf["plays"]) == shelf.rows("series") == 5
    assert small_world == [1], "all the rest at once"


def test_the_catalogue_is_that_of_the_whole_world(label):
    alone = _build.build_catalogue(label.seed)
    assert set(alone) == set(_build.CATALOGUE) <= set(_cache.NAMES)
    for name, frame in alone.items():
        kept = label.truth[name[6:]] if name.startswith("truth/") else label._shelf[name]
        pd.testing.assert_frame_equal(frame, kept)


def test_a_home_that_cannot_be_written_to(small_world, monkeypatch, tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MUSICTOOLS_DATA_DIR", str(tmp_path / "file"))
    with caplog.at_level(logging.WARNING, logger="musictools"):
        shelf = _cache.Shelf(1, cache=True)
        assert len(shelf["plays"]) == 5
    assert "held in memory" in caplog.text


def test_without_cache_nothing_is_written(small_world, tmp_path):
    assert len(_cache.Shelf(1, cache=False)["plays"]) == 5
    assert not list(tmp_path.iterdir())


# --- how it looks -----------------------------------------------------------------------------


def test_the_picture_in_a_notebook_is_escaped(label):
    assert "<b>" in " ".join(label.recordings["title"]), "the trap is set"
    shown = label._repr_html_()
    assert "<b>Bold" not in shown
    assert html.escape("<b>Bold</b> & Broke") in shown
    assert "Lantern &amp; Tide" in shown
    assert "\n" not in repr(label)
    assert "2026" in repr(label)


def test_an_unknown_table_of_truth_names_its_near_match(truth):
    with pytest.raises(InputError, match="Try: 'channel_effects'"):
        truth["channel_effect"]
    assert truth.get("nothing") is None
    assert "nothing" not in truth
    assert set(truth) == set(_build.TRUTH)


# --- rendering, with a studio that takes no time ----------------------------------------------

FAKE = """
import os, sys, time, types

def render(spec):
    import numpy as np
    from musictools.datasets._synth._spec import Song
    stop = os.environ.get("FAKE_STOP_AT")
    if stop and spec.seed == int(stop):
        os._exit(9)
    with open(os.environ["FAKE_LOG"], "a") as log:
        log.write(f"{spec.seed}\\n")
    rng = np.random.default_rng(spec.seed)
    samples = (0.1 * rng.standard_normal((2, 4410))).astype(np.float32)
    truth = {"bpm": spec.bpm, "key": spec.key, "beats_per_bar": spec.beats_per_bar,
             "beats_s": np.arange(4.0), "downbeats_s": np.arange(1.0),
             "chords": [(0.0, 0.1, "C")], "sections": [(0.0, 0.1, "intro")],
             "loudness_lufs": np.float32(-9.0), "faults": list(spec.faults)}
    return Song(samples, 44100, truth)

name = "musictools.datasets._synth._render"
sys.modules[name] = types.ModuleType(name)
sys.modules[name].render = render
"""


@pytest.fixture
def studio(monkeypatch, tmp_path):
    """Let the workers find a fake synthesiser; the list of what it rendered is returned."""
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "sitecustomize.py").write_text(FAKE)
    log = tmp_path / "rendered"
    log.touch()
    path = os.pathsep.join(filter(None, [str(tmp_path / "fake"), os.environ.get("PYTHONPATH")]))
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.setenv("FAKE_LOG", str(log))
    return lambda: len(log.read_text().split())


@pytest.fixture
def elsewhere(label, monkeypatch, tmp_path):
    """The same world, with an empty folder for its songs."""
    monkeypatch.setenv("MUSICTOOLS_DATA_DIR", str(tmp_path / "songs"))
    return Label(label.seed, label._shelf)


def test_songs_are_rendered_once_and_found_again(elsewhere, studio):
    assert elsewhere.recordings["path"].isna().all()
    frame = elsewhere.render(["R02", "R01"], jobs=2)
    assert list(frame["recording_id"]) == ["R02", "R01"], "in the order asked for"
    assert studio() == 2
    path = Path(frame["path"].iloc[1])
    assert path.is_absolute()
    assert re.fullmatch(r"01-[a-z0-9-]+\.flac", path.name)
    assert sf.info(path).subtype == "PCM_16"
    again = elsewhere.render("R01")
    assert studio() == 2
    assert again["path"].iloc[0] == str(path)
    assert elsewhere.recordings["path"].notna().sum() == 2
    tables.check(elsewhere.recordings, "recordings")


@pytest.mark.parametrize("damage", ["cut", "flip", "no note", "other spec"])
def test_a_damaged_song_is_rendered_again(elsewhere, studio, damage):
    path = Path(elsewhere.render("R01")["path"].iloc[0])
    whole = path.read_bytes()
    if damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "flip":
        flip_byte(path)
    elif damage == "no note":
        _songs.sidecar(path).unlink()
    else:
        note = json.loads(_songs.sidecar(path).read_text())
        _songs.sidecar(path).write_text(json.dumps(note | {"key": "another"}))
    elsewhere.render("R01")
    assert studio() == 2
    assert path.read_bytes() == whole


def test_a_song_that_fails_leaves_the_others_and_says_why(elsewhere, studio, monkeypatch):
    monkeypatch.setenv("FAKE_STOP_AT", str(song_specs(elsewhere.seed)["R02"].seed))
    with pytest.raises(MusictoolsError, match=r"1 of 3 failed; R02: WorkerDied"):
        elsewhere.render(["R01", "R02", "R03"], jobs=1)
    monkeypatch.delenv("FAKE_STOP_AT")
    frame = elsewhere.render(["R01", "R02", "R03"], jobs=1)
    assert studio() == 3
    assert frame["path"].notna().all()


def test_a_killed_run_goes_on_where_it_stopped(elsewhere, studio, tmp_path):
    """The script has no __main__ guard, as in a notebook or a first attempt."""
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
        from musictools.datasets._label import Label
        from musictools.datasets._world import _catalogue

        class Shelf(dict):
            pass

        shelf = Shelf(recordings=_catalogue.recordings({elsewhere.seed}))
        Label({elsewhere.seed}, shelf).render(jobs=1)
        """)
    )
    path = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    process = subprocess.Popen([sys.executable, str(script)], env=os.environ | {"PYTHONPATH": path})
    try:
        until = time.monotonic() + 40
        while studio() < 4 and time.monotonic() < until and process.poll() is None:
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    time.sleep(0.3)
    before = studio()
    assert before >= 4
    frame = elsewhere.render(jobs=1)
    assert frame["path"].notna().all()
    # At most the song that was under way is done twice.
    assert studio() <= len(frame) + 1


def test_abandoned_drafts_are_swept_away(elsewhere, studio):
    elsewhere.folder.mkdir(parents=True)
    old, young = elsewhere.folder / ".old.flac", elsewhere.folder / ".young.flac"
    for draft in (old, young):
        draft.touch()
    os.utime(old, (0, 0))
    elsewhere.render("R01")
    assert not old.exists()
    assert young.exists(), "another process may be writing it"


def test_the_truth_of_a_song_comes_with_it(elsewhere, studio):
    name = song_specs(elsewhere.seed)
    faulty = next(n for n, spec in name.items() if spec.faults)
    told = elsewhere.song_truth(faulty)
    assert told["bpm"] == name[faulty].bpm
    assert isinstance(told["beats_s"], np.ndarray)
    assert list(told["chords"].columns) == ["start_s", "end_s", "label"]
    assert tuple(told["faults"]) == name[faulty].faults


def test_one_real_song_keeps_what_the_tables_promise(elsewhere):
    row = elsewhere.render("R29", jobs=1).iloc[0]
    assert sf.info(row["path"]).duration == pytest.approx(row["duration_s"], abs=0.01)
    spec, told = song_specs(elsewhere.seed)["R29"], elsewhere.song_truth("R29")
    assert np.diff(told["beats_s"]) == pytest.approx(60 / spec.bpm, abs=1e-3)
    assert told["loudness_lufs"] == pytest.approx(spec.loudness_lufs, abs=0.3)
    assert [fault.kind for fault in told["faults"]] == [fault.kind for fault in spec.faults]


def test_what_cannot_be_rendered_is_refused(elsewhere):
    with pytest.raises(InputError, match="'R99'"):
        elsewhere.render("R99")
    with pytest.raises(InputError, match="jobs=0"):
        elsewhere.render("R01", jobs=0)


def test_dither_spares_full_scale_and_silence():
    rng = np.random.default_rng(1)
    samples = np.array([[0.0, 1.0, -1.0, 0.5, 1.7] * 200] * 2, dtype=np.float32)
    words = to_16_bit(samples, rng)
    assert (words[:, 0::5] == 0).all()
    assert (words[:, 1::5] == 32_767).all()
    assert (words[:, 2::5] == -32_768).all()
    assert (words[:, 4::5] == 32_767).all()
    half = words[:, 3::5].astype(int) - 16_384
    assert set(np.unique(half)) == {-1, 0, 1}
    assert (words[0] == words[1]).all()


def test_dither_makes_the_error_independent_of_the_signal():
    # A tone below one step would vanish without dither, and stays with it.
    t = np.arange(200_000)
    tone = (0.4 / 32_768 * np.sin(2 * np.pi * t / 100)).astype(np.float32)
    words = to_16_bit(np.stack([tone, tone]), np.random.default_rng(2))[0].astype(float)
    level = 2 * np.mean(words * np.sin(2 * np.pi * t / 100))
    assert level == pytest.approx(0.4, abs=0.02)
