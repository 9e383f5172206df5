"""The table of playback targets: complete, cited, and dated."""

import pytest

import musictools as mt


@pytest.fixture
def targets():
    return mt.datasets.load_playback_targets()


def test_what_spotify_says(targets):
    spotify = targets[targets.platform == "Spotify"].set_index("setting")
    assert spotify.target_lufs.to_dict() == {"normal": -14, "loud": -11, "quiet": -19}
    assert spotify.gain_up.to_dict() == {
        "normal": "headroom",
        "loud": "limiter",
        "quiet": "headroom",
    }
    assert (spotify.ceiling_dbtp == -1).all()
    assert (spotify.verified == "yes").all()


def test_the_platforms_that_were_promised(targets):
    wanted = {
        "Spotify", "Apple Music", "Tidal", "YouTube", "Deezer", "Amazon Music", "SoundCloud",
        "EBU R 128", "ATSC A/85", "Apple Podcasts",
    }  # fmt: skip
    assert wanted <= set(targets.platform)
    assert not targets.duplicated(["platform", "setting"]).any()


def test_every_row_says_where_it_is_from(targets):
    assert targets.source_url.str.startswith("https://").all()
    assert targets[["source_title", "note", "loudness_measure"]].notna().all(axis=None)
    assert (targets.checked_on == "2026-11-25").all()
    assert targets.verified.isin({"yes", "partly", "no"}).all()


def test_only_words_that_the_datasheet_explains(targets, root):
    assert targets.gain_up.isin({"never", "headroom", "limiter"}).all()
    assert targets.applied_by.isin({"service", "producer"}).all()
    assert targets.album_mode.isin({"yes", "no", "unknown"}).all()
    assert targets.target_lufs.between(-30, -5).all()
    assert targets.ceiling_dbtp.between(-3, 0).all()
    must = targets.applied_by == "producer"
    assert (targets.tolerance_lu.notna() == must).all()
    assert targets[must].max_true_peak_dbtp.notna().all()
    sheet = (root / "datasets" / "playback_targets.md").read_text("utf-8")
    assert all(f"`{column}`" in sheet for column in targets)
    assert f"{len(targets)} rows" in sheet


def test_a_reader_may_change_the_copy(targets):
    targets.loc[:, "target_lufs"] = 0.0
    assert mt.datasets.load_playback_targets().target_lufs.max() < 0
