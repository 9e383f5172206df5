"""Simulated exports of listeners and artists: as the evidence says, the same every time, true.

The headers below are copied from the evidence and not from the writers, and export_parsers reads
the files with nothing of the writers, so that their faults are not repeated.
"""

import importlib
import io
import json
import re
import zipfile
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from musictools import tables
from musictools.datasets._label import load_label
from tests.datasets import export_parsers

VERSIONS = {
    "spotify_history": ("new", "old"),
    "spotify_account": ("new", "old"),
    "apple_play_activity": ("named", "unnamed"),
    "youtube_takeout": ("json", "html", "german"),
    "lastfm": ("headless", "headed"),
    "deezer": (None,),
    "tidal": (None,),
    "spotify_for_artists": ("2026", "2025", "2019"),
    "youtube_studio": ("english", "german"),
    "tiktok": ("english", "portuguese"),
    "instagram_insights": (None,),
    "facebook_insights": (None,),
}
CASES = [(name, version) for name, versions in VERSIONS.items() for version in versions]
PLAYS = [case for case in CASES if list(VERSIONS).index(case[0]) < 7]
COUNTS = [case for case in CASES if case not in PLAYS]


@pytest.fixture(scope="module")
def label():
    return load_label(seed=2026)


@pytest.fixture(scope="module")
def made(label, tmp_path_factory):
    """Write an export once for all tests that look at it."""
    kept = {}

    def make(name, version, seed=7):
        key = (name, version, seed)
        if key not in kept:
            folder = tmp_path_factory.mktemp(name)
            kept[key] = write(label, name, version, folder=folder, seed=seed)
        return kept[key]

    return make


def write(label, name, version, *, folder, seed):
    folder.mkdir(parents=True, exist_ok=True)
    room = importlib.import_module(f"musictools.datasets._exports._{name}")
    given = {} if version is None else {"version": version}
    return getattr(room, f"write_{name}")(label, folder, np.random.default_rng(seed), **given)


def files(path, *, archives=(".zip",)):
    """Names and bytes of everything below a path, archives opened."""
    found = {}
    todo = (
        [(path.name, path.read_bytes())]
        if path.is_file()
        else [(p.name, p.read_bytes()) for p in sorted(path.rglob("*")) if p.is_file()]
    )
    for name, content in todo:
        if name.endswith(archives):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                todo.extend((inner, archive.read(inner)) for inner in archive.namelist())
        else:
            found[name] = content
    return found


# --- all of them ------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "version"), CASES)
def test_the_truth_is_a_table_of_its_kind(made, name, version):
    export = made(name, version)
    assert export.format == name
    assert export.kind == ("plays" if (name, version) in PLAYS else "observations")
    tables.check(export.truth, export.kind)
    assert 90 < len(export.truth) < 2000
    assert export.quirks
    assert sum(map(len, files(export.path).values())) < 2_000_000


@pytest.mark.parametrize(("name", "version"), CASES)
def test_a_seed_makes_the_same_bytes(label, made, tmp_path, name, version):
    first = made(name, version)
    again = write(label, name, version, folder=tmp_path, seed=7)
    other = made(name, version, seed=8)
    read = [
        {p.name: p.read_bytes() for p in ([e.path] if e.path.is_file() else e.path.iterdir())}
        for e in (first, again, other)
    ]
    assert read[0] == read[1]
    assert read[0] != read[2]
    pd.testing.assert_frame_equal(first.truth, again.truth)


@pytest.mark.parametrize("name", VERSIONS)
def test_without_a_version_the_generator_draws_one(label, tmp_path, name):
    for seed in range(2):
        assert len(write(label, name, None, folder=tmp_path / str(seed), seed=seed).truth)


@pytest.mark.parametrize(("name", "version"), CASES)
def test_what_looks_private_is_made_up(made, name, version):
    text = "".join(
        content.decode("utf-16" if content[:2] == b"\xff\xfe" else "utf-8", "ignore")
        for content in files(made(name, version).path, archives=(".zip", ".xlsx")).values()
    )
    for address in re.findall(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", text):
        assert address.startswith(("192.0.2.", "198.51.100.", "203.0.113."))
    assert all(mail.endswith("example.com") for mail in re.findall(r"[\w.]+@[\w.]+\w", text))


# --- headers of the evidence ------------------------------------------------------------------

SPOTIFY = {
    "new": "ts platform ms_played conn_country ip_addr master_metadata_track_name "
    "master_metadata_album_artist_name master_metadata_album_album_name spotify_track_uri "
    "episode_name episode_show_name spotify_episode_uri audiobook_title audiobook_uri "
    "audiobook_chapter_uri audiobook_chapter_title reason_start reason_end shuffle skipped "
    "offline offline_timestamp incognito_mode",
    "old": "ts username platform ms_played conn_country ip_addr_decrypted user_agent_decrypted "
    "master_metadata_track_name master_metadata_album_artist_name "
    "master_metadata_album_album_name spotify_track_uri episode_name episode_show_name "
    "spotify_episode_uri reason_start reason_end shuffle skipped offline offline_timestamp "
    "incognito_mode",
}
FIRST_LINES = {
    ("lastfm", "headed", "recenttracks"): "uts,utc_time,artist,artist_mbid,album,album_mbid,"
    "track,track_mbid",
    ("tidal", None, "streaming.csv"): "artist_name,track_title,entry_date,stream_duration_ms,"
    "product_type,ip_address,client_name_from_session,country_name,region_name,city_name,"
    "postal_code,time_zone",
    ("spotify_for_artists", "2026", "audience-timeline"): "date,listeners,monthly listeners,"
    "monthly active listeners,super listeners,streams,playlist adds,saves,followers",
    ("spotify_for_artists", "2025", "audience-timeline"): "date,listeners,monthly listeners,"
    "monthly active listeners,streams,playlist adds,saves,followers",
    ("spotify_for_artists", "2019", "audience-timeline"): "date,listeners,streams,followers",
    ("spotify_for_artists", "2026", "songs-1year"): "song,listeners,streams,saves,release_date",
    ("youtube_studio", "english", "Table data"): "Content,Video title,Video publish time,"
    "Duration,Views,Watch time (hours),Subscribers,Average view duration,Impressions,"
    "Impressions click-through rate (%)",
    ("youtube_studio", "english", "Chart data"): "Date,Content,Video title,Video publish time,"
    "Duration,Views",
    ("youtube_studio", "english", "Totals"): "Date,Views",
    ("youtube_studio", "german", "Tabellendaten"): "Videos,Videotitel,"
    "Veröffentlichungszeitpunkt des Videos,Dauer,Aufrufe,Wiedergabezeit (Stunden),Abonnenten,"
    "Geschätzter Umsatz (EUR),Impressionen,Klickrate der Impressionen (%)",
    ("youtube_studio", "german", "Diagrammdaten"): "Datum,Videos,Videotitel,"
    "Veröffentlichungszeitpunkt des Videos,Dauer,Aufrufe",
    ("youtube_studio", "german", "Gesamtwerte"): "Datum,Aufrufe",
    ("tiktok", "english", "Overview"): '"Date","Video Views","Profile Views","Likes","Comments",'
    '"Shares"',
    ("tiktok", "english", "FollowerHistory"): '"Date","Followers",'
    '"Difference in followers from previous day"',
    ("tiktok", "english", "Viewers"): '"Date","Total Viewers","New Viewers","Returning Viewers"',
    ("tiktok", "portuguese", "Overview"): '"Data","Visualizações de vídeo",'
    '"Visualizações do perfil","Curtidas","Comentários","Compartilhamentos"',
    ("instagram_insights", None, "Oct-01"): '"Post ID","Account ID","Account username",'
    '"Account name",Description,"Duration (sec)","Publish time",Permalink,"Post type",'
    '"Data comment",Date,Views,Reach,Likes,Shares,Follows,Comments,Saves',
    ("facebook_insights", None, "Oct-01"): '"Post ID","Page ID","Page name",Title,Description,'
    '"Duration (sec)","Publish time","Caption type",Permalink,"Is crosspost","Is share",'
    '"Post type",Languages,"Custom labels","Funded content status","Data comment",Date,Views,'
    'Reach,"Reactions, Comments and Shares",Reactions,Comments,Shares,"Total clicks",'
    '"Other Clicks","Matched Audience Targeting Consumption (Photo Click)"',
}


@pytest.mark.parametrize("version", SPOTIFY)
def test_keys_of_a_spotify_history(made, version):
    for name, content in files(made("spotify_history", version).path).items():
        if name.endswith(".json"):
            assert all(list(row) == SPOTIFY[version].split() for row in json.loads(content))


@pytest.mark.parametrize("case", FIRST_LINES, ids=lambda c: " ".join(map(str, c)))
def test_first_lines(made, case):
    name, version, part = case
    (content,) = (c for file, c in files(made(name, version).path).items() if part in file)
    assert content.decode("utf-8-sig").splitlines()[0] == FIRST_LINES[case]


def test_columns_of_apple(made):
    heads = {}
    for version, count in (("named", 38), ("unnamed", 118)):
        (content,) = files(made("apple_play_activity", version).path).values()
        heads[version] = content.decode().splitlines()[0].split(",")
        assert len(heads[version]) == count
    assert "Artist Name" in heads["named"]
    assert "Artist Name" not in heads["unnamed"]
    assert {"Song Name", "Event Start Timestamp", "User\u2019s Audio Quality"} <= set(
        heads["named"]
    ) & set(heads["unnamed"])


def test_graphs_of_meta_are_utf_16_under_two_lines(made):
    content = files(made("facebook_insights", None).path)["Follows.csv"]
    assert content[:2] == b"\xff\xfe"
    lines = content.decode("utf-16").split("\n")
    assert lines[:3] == ["sep=,", '"Facebook follows"', '"Date","Primary"']
    assert re.fullmatch(r'"2025-\d\d-\d\dT00:00:00","\d+"', lines[3])


def test_a_byte_order_mark_where_the_vendor_has_one(made):
    marked = {("tidal", None), ("tiktok", "english"), ("spotify_for_artists", "2026")}
    plain = {("lastfm", "headed"), ("spotify_for_artists", "2019"), ("youtube_studio", "german")}
    for name, version in marked | plain:
        for content in files(made(name, version).path).values():
            assert content.startswith(b"\xef\xbb\xbf") is ((name, version) in marked)


# --- files and truth agree --------------------------------------------------------------------


@pytest.mark.parametrize(("name", "version"), PLAYS)
def test_the_truth_of_plays_is_in_the_files(made, name, version):
    export = made(name, version)
    parsed = [
        (began.replace(tzinfo=None), title, artist or "", lasted and lasted.total_seconds())
        for began, title, artist, lasted in getattr(export_parsers, f"parse_{name}")(
            files(export.path)
        )
    ]
    truth = [
        (row.played_at.to_pydatetime(), row.title, row.artist_id, row.seconds)
        for row in export.truth.itertuples()
    ]
    truth = [(*row[:3], None if np.isnan(row[3]) else row[3]) for row in truth]
    assert sorted(parsed, key=str) == sorted(truth, key=str)


@pytest.mark.parametrize(("name", "version"), COUNTS)
def test_the_truth_of_counts_is_in_the_files(made, name, version):
    export = made(name, version)
    parsed = [
        (metric, day, float(value), whose)
        for whose, metric, day, value in getattr(export_parsers, f"parse_{name}")(
            files(export.path)
        )
        if value
    ]
    metrics, nameless = {row[0] for row in parsed}, any(row[3] is None for row in parsed)
    truth = [
        (row.metric, f"{row.observed_at:%Y-%m-%d}", row.value, row.entity_id)
        for row in export.truth.itertuples()
        if row.metric in metrics
    ]
    if nameless:
        parsed, truth = [row[:3] for row in parsed], [row[:3] for row in truth]
    assert sorted(parsed) == sorted(truth)


def test_files_without_a_date_were_written_on_the_day_of_the_export(made):
    for name in ("spotify_for_artists", "instagram_insights", "facebook_insights"):
        for path in made(name, VERSIONS[name][0]).path.iterdir():
            assert datetime.fromtimestamp(path.stat().st_mtime, UTC).hour == 12
