"""How a master will play: arithmetic that can be done by hand."""

import math

import numpy as np
import pytest

import musictools as mt
from musictools.audio._descriptor import Tracks
from musictools.audio._playback import PLAYBACK_TRACKS, Master, Target, play, playback
from musictools.audio._stream import hear

RATE = 48_000
NUMBERS = [
    "gain_db", "limited_db", "limited_time_share", "loudness_lufs", "true_peak_dbtp",
    "headroom_lost_db", "below_target_db",
]  # fmt: skip


def reckon(samples, rate=RATE):
    table = playback(hear(samples, PLAYBACK_TRACKS, sample_rate=rate))
    return table.set_index(["platform", "setting"])


def master(loudness, *peaks):
    return Master(loudness, np.array(peaks, float))


def target(gain_up="headroom", *, lufs=-14.0, ceiling=-1.0, tolerance=math.nan, asked=-1.0):
    by = "service" if math.isnan(tolerance) else "producer"
    return Target("P", "s", by, lufs, tolerance, gain_up, ceiling, asked, "yes")


@pytest.fixture(scope="module")
def song():
    """Tones that come and go, at -20 LUFS; their peaks are far above."""
    time = np.arange(12 * RATE) / RATE
    tone = np.sin(2 * np.pi * 997 * time) * (0.3 + 0.7 * (time % 1 < 0.2))
    samples = np.stack([tone, tone])
    loudness = mt.audio.loudness(samples, sample_rate=RATE).integrated_lufs
    return samples * 10 ** ((-20 - loudness) / 20)


def raised(song, lufs, peak=None):
    louder = song * 10 ** ((lufs + 20) / 20)
    if peak is not None:
        louder[:, RATE : RATE + 480] = 10 ** (peak / 20) * np.sin(
            2 * np.pi * 997 * np.arange(480) / RATE
        )
    return louder


def test_the_example_on_spotifys_page():
    """-20 LUFS with a true peak of -5 dB is lifted to -16 LUFS only."""
    played = play(master(-20.0, -5.0, -9.0), target())
    assert played.gain_db == 4
    assert played.loudness_lufs == -16
    assert played.true_peak_dbtp == -1
    assert played.below_target_db == 2
    assert played.headroom_lost_db == played.limited_db == played.limited_time_share == 0
    assert "as far as its peaks allow" in played.note
    assert "2.0 dB below" in played.note


def test_a_loud_master_is_turned_down_and_loses_room():
    played = play(master(-8.0, 0.0, -1.0), target())
    assert played.gain_db == -6
    assert played.true_peak_dbtp == -6
    assert played.headroom_lost_db == 5, "peaks could end at -1"
    assert played.below_target_db == 0
    assert played.note == (
        "Turned down by 6.0 dB, as loud as everything else, with peaks at -6.0 dBTP; its true peak "
        "of +0.0 dBTP is above the -1 dBTP advised for delivery."
    )


@pytest.mark.parametrize(
    ("ceiling", "asked", "lost"),
    [(-1.0, -2.0, 4.0), (-2.0, -1.0, 4.0), (-1.0, math.nan, 5.0), (0.0, -1.0, 5.0)],
)
def test_room_ends_where_the_lower_of_the_two_limits_is(ceiling, asked, lost):
    assert play(master(-8.0, 0.0), target(ceiling=ceiling, asked=asked)).headroom_lost_db == lost


def test_room_is_lost_only_as_far_as_it_was_turned_down():
    assert play(master(-12.0, -8.0), target()).headroom_lost_db == 2
    assert play(master(-16.0, -8.0), target("never")).headroom_lost_db == 0


def test_a_limiter_takes_off_what_stands_out():
    played = play(master(-17.0, -3.0, -8.0, -20.0, -6.9), target("limiter", lufs=-11.0))
    assert played.gain_db == 6
    assert played.limited_db == 4
    assert played.limited_time_share == 0.5
    assert played.true_peak_dbtp == -1
    assert played.loudness_lufs == -11
    assert "takes up to 4.0 dB off" in played.note


def test_a_limiter_works_on_hot_peaks_even_when_nothing_is_raised():
    played = play(master(-11.0, 0.5), target("limiter", lufs=-11.0))
    assert played.gain_db == 0
    assert played.limited_db == 1.5


def test_no_room_no_rise():
    played = play(master(-16.0, 0.3), target())
    assert played.gain_db == 0
    assert played.true_peak_dbtp == 0.3
    assert "no room" in played.note


@pytest.mark.parametrize(
    ("loudness", "peak", "meets", "words"),
    [
        (-23.0, -1.0, True, "as it is."),
        (-23.24, -3.0, True, "as it is."),
        (-22.7, -3.0, False, "0.3 LU louder"),
        (-24.0, -3.0, False, "apply +1.0 dB."),
        (-23.1, -0.5, False, "take 0.5 dB off its peaks."),
        (-30.0, -6.0, False, "apply +7.0 dB and limit its peaks by 2.0 dB."),
    ],
)
def test_a_delivery_is_met_or_not(loudness, peak, meets, words):
    standard = target("limiter", lufs=-23.0, tolerance=0.2)
    played = play(master(loudness, peak), standard)
    assert played.meets_delivery is meets
    assert played.note.endswith(words) or words in played.note
    assert play(master(loudness, peak), target()).meets_delivery is None


def test_a_loud_song(song):
    loud = reckon(raised(song, -5.0))
    spotify = loud.loc["Spotify"]
    assert spotify.gain_db.tolist() == pytest.approx([-9, -6, -14], abs=0.02)
    assert spotify.loudness_lufs.tolist() == pytest.approx([-14, -11, -19], abs=1e-6)
    assert loud.below_target_db.max() == pytest.approx(0, abs=1e-9)
    assert not loud.loc["EBU R 128"].meets_delivery.any()
    assert loud.gain_db["EBU R 128"].item() == pytest.approx(-18, abs=0.02)


def test_a_quiet_song_with_peaks(song):
    quiet = reckon(raised(song, -30.0, peak=-10))
    loudness = quiet.loudness_lufs["YouTube"].item()
    assert loudness == pytest.approx(-30, abs=0.5)
    assert quiet.gain_db["Spotify", "normal"] == pytest.approx(9, abs=0.05)
    assert quiet.true_peak_dbtp["Spotify", "normal"] == pytest.approx(-1, abs=1e-6)
    assert quiet.gain_db["Spotify", "loud"] == pytest.approx(-11 - loudness, abs=1e-6)
    limited = quiet.limited_db["Spotify", "loud"]
    assert limited == pytest.approx(-10 - 11 - loudness + 1, abs=0.05)
    assert quiet.limited_time_share["Spotify", "loud"] == pytest.approx(1 / 120, abs=1e-9)
    for never in ("Tidal", "YouTube", "SoundCloud"):
        assert quiet.gain_db[never].item() == 0
        assert "never raised" in quiet.note[never].item()


def test_a_song_made_for_broadcast_meets_it(song):
    made = reckon(raised(song, -23.0))
    assert made.meets_delivery["EBU R 128"].item()
    assert made.meets_delivery["ATSC A/85"].item()
    assert not made.meets_delivery["Apple Podcasts"].item()
    assert made.meets_delivery["Spotify"].isna().all()


@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        (np.zeros((2, RATE)), RATE),
        (np.ones((1, 1)), RATE),
        (0.5 * np.ones((2, 4_800)), RATE),
        (np.sin(np.arange(20_000)), 4_000),
        (np.zeros((6, 1)), 192_000),
    ],
    ids=["silence", "one sample", "0.1 s", "4 kHz", "5.1"],
)
def test_nothing_to_measure(samples, rate):
    table = reckon(samples, rate)
    assert table[NUMBERS].isna().all(axis=None)
    assert table.meets_delivery.isna().all()
    assert table.note.str.startswith("No loudness").all()


def test_every_target_has_a_row_and_a_sentence(song):
    table = reckon(song).reset_index()
    targets = mt.datasets.load_playback_targets()
    assert table.platform.tolist() == targets.platform.tolist()
    assert table.verified.tolist() == targets.verified.tolist()
    assert table[NUMBERS].notna().all(axis=None)
    assert table.note.str.fullmatch(r"[A-Z].*\.").all()


def test_blocks_do_not_matter(song):
    whole = reckon(song)
    kinds = {kind: kind(RATE, ("L", "R")) for kind in PLAYBACK_TRACKS}
    for start in range(0, song.shape[1], 10_007):
        for track in kinds.values():
            track.update(song[:, start : start + 10_007].astype(np.float32))
    parts = playback(Tracks(kinds, sample_rate=RATE, layout=("L", "R")))
    np.testing.assert_allclose(parts[NUMBERS], whole[NUMBERS], atol=1e-6)
