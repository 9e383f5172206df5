"""The studio: songs that are music, and faults that are exactly as big as they say."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyloudnorm
import pytest
from scipy import signal

from musictools.datasets._simulate import simulate_recording
from musictools.datasets._synth._compose import LAYERS, compose, form
from musictools.datasets._synth._faults import KINDS, apply_faults, usual_fault
from musictools.datasets._synth._harmony import (
    KEYS,
    ROOTS,
    SCALES,
    Chord,
    parse_key,
    parse_numeral,
    voice_chord,
)
from musictools.datasets._synth._mix import LEAD_IN_S, swung
from musictools.datasets._synth._render import TAIL_S, render
from musictools.datasets._synth._spec import Fault, SongSpec
from musictools.datasets._synth._styles import STYLES
from musictools.datasets._synth._voices import PATCHES, SAMPLE_RATE, STRINGS, STRUCK, play
from musictools.errors import InputError

RATE = SAMPLE_RATE


def spec_of(style, **changes):
    low, high = STYLES[style].bpm
    spec = SongSpec(style, (low + high) / 2, "D minor", STYLES[style].beats_per_bar, 24.0, -14.0)
    return replace(spec, **changes)


@pytest.fixture(scope="module")
def songs():
    return {style: render(spec_of(style)) for style in STYLES}


@pytest.fixture(scope="module")
def host(songs):
    return songs["pop"].samples


def plant(samples, *faults, seed=0, rate=RATE):
    return apply_faults(samples, rate, faults, rng=np.random.default_rng(seed))


def level_db(x):
    return 20 * np.log10(np.sqrt(np.mean(np.square(x, dtype=np.float64))) + 1e-15)


# --- harmony ------------------------------------------------------------------------------------


def test_twenty_four_keys():
    assert len(set(KEYS)) == 24
    assert parse_key("F# minor").tonic == 6


@pytest.mark.parametrize(
    ("numeral", "key", "label"),
    [
        ("I", "C major", "C"),
        ("vi", "C major", "A:min"),
        ("V7", "A minor", "E:7"),
        ("bVII", "D major", "C"),
        ("iih7", "C minor", "D:hdim7"),
        ("IVM7", "Bb major", "Eb:maj7"),
    ],
)
def test_numerals(numeral, key, label):
    assert parse_numeral(numeral, parse_key(key)).label == label


def test_voices_lead_smoothly():
    previous = voice_chord(Chord(0, ""), None)
    for root in (5, 7, 9, 2, 7, 0):
        chord = voice_chord(Chord(root, ""), previous)
        assert {note % 12 for note in chord} == set(Chord(root, "").tones)
        # No hand jumps: each note is at most a fourth from one of the chord before.
        assert max(min(abs(n - p) for p in previous) for n in chord) <= 5
        previous = chord


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("mode", SCALES)
def test_every_progression_can_be_read(style, mode):
    book = getattr(STYLES[style], mode)
    assert set(book) == {"verse", "chorus", "bridge"}
    for bars in book.values():
        for numeral in " ".join(bars).split():
            parse_numeral(numeral, parse_key(f"C {mode}"))


# --- score --------------------------------------------------------------------------------------


@pytest.mark.parametrize("bars", [1, 2, 3, 4, 9, 14, 27, 40, 85, 400])
def test_form_covers_every_bar_once(bars):
    sections = form(bars)
    assert sections[0].first_bar == 0
    assert sections[-1].first_bar + sections[-1].bars == bars
    assert all(a.first_bar + a.bars == b.first_bar for a, b in pairwise(sections))
    assert all(section.name in LAYERS for section in sections)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_tune_is_a_tune(style, seed):
    score = compose(spec_of(style, seed=seed), bars=32)
    tune = sorted(score.notes["lead"] + score.notes["hook"], key=lambda note: note.beat)
    pitches = np.array([note.pitch for note in tune])
    steps = np.abs(np.diff(pitches))
    assert len(tune) > 32
    assert np.mean(steps <= 4) > 0.8, "a tune moves by steps and thirds"
    assert 5 <= np.ptp(pitches) <= 19
    gaps = [b.beat - a.beat - a.length for a, b in pairwise(tune)]
    assert max(gaps) >= 0.4, "a singer breathes"
    in_scale = {(parse_key("D minor").tonic + s) % 12 for s in (*SCALES["minor"], 11)}
    outside = [p for p in pitches if p % 12 not in in_scale]
    assert len(outside) < 0.1 * len(tune)


@pytest.mark.parametrize("style", STYLES)
def test_motifs_come_back(style):
    score = compose(spec_of(style), bars=32)
    section = next(s for s in score.sections if s.name == "verse" and s.bars >= 4)
    beats = score.beats_per_bar

    def rhythm(bar):
        notes = score.notes["lead"]
        return [n.beat - bar * beats for n in notes if bar * beats <= n.beat < (bar + 1) * beats]

    assert rhythm(section.first_bar) == rhythm(section.first_bar + 2)
    assert rhythm(section.first_bar) != rhythm(section.first_bar + 3)


@pytest.mark.parametrize("style", STYLES)
def test_the_bass_plays_the_chord(style):
    score = compose(spec_of(style), bars=16)
    starts = dict(score.chords)
    heard = {}
    for note in score.notes["bass"]:
        heard.setdefault(note.beat, note.pitch % 12)
    both = [(chord.root, heard[beat]) for beat, chord in starts.items() if beat in heard]
    assert both or style == "house"
    assert all(root == pitch for root, pitch in both)


def test_swing_leaves_the_beats_alone():
    jazz = STYLES["jazz"]
    assert [swung(beat, jazz) for beat in (0.0, 1.0, 7.0)] == [0.0, 1.0, 7.0]
    assert swung(0.5, jazz) == pytest.approx(jazz.swing)
    assert swung(0.5, STYLES["hip-hop"]) == 0.5
    assert swung(0.25, STYLES["hip-hop"]) == pytest.approx(0.5 * STYLES["hip-hop"].swing)


# --- voices -------------------------------------------------------------------------------------


@pytest.mark.parametrize("voice", [*PATCHES, *STRINGS, *STRUCK])
@pytest.mark.parametrize("pitch", [40, 57, 69])
def test_voices_are_in_tune(voice, pitch):
    note = np.atleast_2d(play(voice, pitch, 1.2, velocity=0.8, rng=np.random.default_rng(1)))
    assert np.isfinite(note).all()
    assert abs(note[:, -1]).max() < 1e-3, "ends in silence"
    mid = note.mean(axis=0)
    hz = 440 * 2 ** ((pitch - 69) / 12)
    power = np.abs(np.fft.rfft(mid[2_000:] * np.hanning(mid.size - 2_000), 1 << 19)) ** 2
    freqs = np.fft.rfftfreq(1 << 19, 1 / RATE)

    # Mean place, in cents, of the energy around each of the first harmonics.
    cents = weight = 0.0
    for k in (1, 2, 3, 4):
        band = (freqs > k * hz * 2 ** (-0.6 / 12)) & (freqs < k * hz * 2 ** (0.6 / 12))
        cents += np.sum(power[band] * 1_200 * np.log2(freqs[band] / (k * hz)))
        weight += power[band].sum()
    assert abs(cents / weight) < 8


# --- songs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
def test_a_song_is_sane(songs, style):
    song, spec = songs[style], spec_of(style)
    x = song.samples
    assert x.dtype == np.float32
    assert x.shape[0] == 2
    assert song.sample_rate == RATE
    bar_s = spec.beats_per_bar * 60 / spec.bpm
    assert abs(x.shape[1] / RATE - spec.duration_s) <= bar_s / 2 + 0.01
    assert np.abs(x).max() <= 10 ** (-1 / 20)
    assert np.abs(x.mean(axis=1)).max() < 1e-3
    crest = 20 * np.log10(np.abs(x).max()) - level_db(x)
    assert 8 < crest < 18
    loudness = pyloudnorm.Meter(RATE).integrated_loudness(x.T.astype(np.float64))
    assert loudness == pytest.approx(spec.loudness_lufs, abs=0.15)
    assert song.truth["loudness_lufs"] == pytest.approx(loudness, abs=0.1)


@pytest.mark.parametrize("style", STYLES)
def test_a_song_begins_at_once_and_ends_by_itself(songs, style):
    x = np.abs(songs[style].samples).max(axis=0)
    assert x[: int(0.1 * RATE)].max() > 10 ** (-40 / 20)
    assert x[:100].max() < 10 ** (-60 / 20)
    assert x[-50:].max() < 1e-4
    # The ring-out is there, and short.
    loud = np.flatnonzero(x > 10 ** (-50 / 20))[-1] / RATE
    assert x.size / RATE - 1.6 < loud + 0.001 < x.size / RATE


@pytest.mark.parametrize("style", STYLES)
def test_the_spectrum_falls_like_a_record(songs, style):
    hz, power = signal.welch(songs[style].samples.mean(axis=0), RATE, nperseg=8_192)
    centres = 125.0 * 2.0 ** np.arange(0, 7)
    octave = [10 * np.log10(power[(hz > c / 1.41) & (hz < c * 1.41)].mean()) for c in centres]
    slope = np.polyfit(np.arange(7), octave, 1)[0]
    assert -7.5 < slope < -3.5
    # Something up to the top, or a clean song would look like a lossy one.
    assert power[(hz > 16_000) & (hz < 19_000)].mean() > 1e-12


@pytest.mark.parametrize("style", STYLES)
def test_stereo_is_wide_and_folds_down(songs, style):
    left, right = songs[style].samples
    mid, side = (left + right) / 2, (left - right) / 2
    assert -25 < level_db(side) - level_db(mid) < -2
    assert abs(level_db(left) - level_db(right)) < 0.5


@pytest.mark.parametrize("style", STYLES)
def test_strokes_stand_on_the_beats(songs, style):
    """More new energy at the beats than anywhere between them."""
    song = songs[style]
    x = np.abs(np.diff(song.samples.mean(axis=0)))
    hop = RATE // 200
    flux = np.diff(np.log(x[: x.size // hop * hop].reshape(-1, hop).mean(axis=1) + 1e-4))
    flux = np.maximum(flux, 0.0)
    beat = 60 / song.truth["bpm"]

    def strength(shift):
        centre = ((song.truth["beats_s"][:-1] + shift * beat) * 200).astype(int)
        return np.mean([flux[max(c - 4, 0) : c + 5].max() for c in centre if c < flux.size])

    others = [strength(s) for s in (0.2, 0.4, 0.8)]
    assert strength(0.0) > max(others)


@pytest.mark.parametrize("style", STYLES)
def test_the_key_can_be_heard(songs, style):
    """The tones of the scale hold most of the energy between the bass and the cymbals."""
    mono = songs[style].samples.mean(axis=0)
    freqs, _, power = signal.spectrogram(mono, RATE, nperseg=16_384, noverlap=8_192)
    keep = (freqs > 120) & (freqs < 1_500)
    chroma = np.zeros(12)
    pitch = np.round(69 + 12 * np.log2(freqs[keep] / 440)).astype(int) % 12
    np.add.at(chroma, pitch, np.sqrt(power[keep]).sum(axis=1))
    chroma /= chroma.sum()
    scale = [(2 + step) % 12 for step in SCALES["minor"]]
    inside = chroma[scale].mean()
    outside = np.delete(chroma, scale).mean()
    assert inside > 1.4 * outside


def test_truth_stands_on_the_grid(songs):
    truth = songs["waltz"].truth
    beat = 60 / truth["bpm"]
    assert truth["beats_s"][0] == LEAD_IN_S
    np.testing.assert_allclose(np.diff(truth["beats_s"]), beat)
    np.testing.assert_allclose(truth["downbeats_s"], truth["beats_s"][::3])
    length_s = songs["waltz"].samples.shape[1] / RATE
    for name in ("chords", "sections"):
        rows = truth[name]
        assert rows[0][0] == LEAD_IN_S
        assert rows[-1][1] == pytest.approx(length_s)
        assert all(a[1] == b[0] for a, b in pairwise(rows))
    assert truth["chords"][-1][2] == "D:min", "the last chord is the tonic"
    assert all(label.split(":")[0] in ROOTS for *_, label in truth["chords"])


def test_the_same_spec_gives_the_same_bits():
    spec = spec_of("soul", duration_s=8.0, seed=3)
    first, second = render(spec).samples, render(spec).samples
    np.testing.assert_array_equal(first, second)
    other = render(replace(spec, seed=4)).samples
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("bpm", "key", "beats"), [(60.0, "B major", 3), (190.0, "Eb minor", 4), (133.7, "F# major", 3)]
)
def test_any_style_goes_with_any_key_tempo_and_metre(style, bpm, key, beats):
    spec = spec_of(style, bpm=bpm, key=key, beats_per_bar=beats, duration_s=6.0, seed=9)
    song = render(spec)
    assert np.abs(song.samples).max() <= 10 ** (-1 / 20)
    assert song.truth["loudness_lufs"] == pytest.approx(-14.0, abs=0.15)
    assert len(song.truth["beats_s"]) == beats * len(song.truth["downbeats_s"])


@pytest.mark.parametrize("loudness", [-24.0, -9.0])
def test_loud_and_quiet_masters(loudness):
    song = render(spec_of("rock", duration_s=12.0, loudness_lufs=loudness))
    assert song.truth["loudness_lufs"] == pytest.approx(loudness, abs=0.15)
    assert np.abs(song.samples).max() <= 10 ** (-1 / 20)
    between = signal.resample_poly(song.samples, 4, 1, axis=1)
    assert np.abs(between).max() < 10 ** (-0.3 / 20), "no peaks between samples either"


# --- faults -------------------------------------------------------------------------------------


def test_every_kind_has_a_usual_size_that_can_be_planted(host):
    for name in KINDS:
        out, [planted] = plant(host, usual_fault(name))
        assert out.dtype == np.float32, name
        assert np.isfinite(out).all(), name
        assert out.shape[0] == 2, name
        assert planted.kind == name
        assert planted.start_s is not None, name
        assert planted.end_s is not None, name
        assert not np.array_equal(out, host), name


def test_planting_leaves_the_host_alone(host):
    before = host.copy()
    plant(host, *(usual_fault(name) for name in KINDS if name != "mono_cancellation"))
    np.testing.assert_array_equal(host, before)


def test_hum_is_as_loud_as_it_says():
    silent = np.zeros((2, 10 * RATE), dtype=np.float32)
    out, [planted] = plant(silent, Fault("hum", -38.0, "dbfs", frequency_hz=60.0))
    amps = np.abs(np.fft.rfft(out[0].astype(np.float64))) * 2 / out.shape[1]
    rms_db = 20 * np.log10(amps[600] / np.sqrt(2))
    assert rms_db == pytest.approx(-38.0, abs=0.01)
    assert planted.frequency_hz == 60.0
    assert amps[1_200] < amps[600]


def test_noise_is_as_loud_as_it_says():
    silent = np.zeros((2, 10 * RATE), dtype=np.float32)
    out, _ = plant(silent, Fault("noise", -50.0, "dbfs"))
    assert level_db(out) == pytest.approx(-50.0, abs=0.05)
    assert abs(np.corrcoef(out)[0, 1]) < 0.01


def test_noise_stays_in_its_place():
    silent = np.zeros((2, 10 * RATE), dtype=np.float32)
    out, [planted] = plant(silent, Fault("noise", -50.0, "dbfs", 2.0, 4.0))
    assert (planted.start_s, planted.end_s) == (2.0, 4.0)
    assert level_db(out[:, 2 * RATE : 4 * RATE]) == pytest.approx(-50.0, abs=0.1)
    assert not out[:, : int(1.99 * RATE)].any()
    assert not out[:, int(4.01 * RATE) :].any()


def test_clipping_drives_into_full_scale(host):
    out, _ = plant(host, Fault("clipping", 6.0, "db"))
    expected = host * (10 ** (6 / 20) / np.abs(host).max())
    assert np.abs(out).max() == 1.0
    clipped = np.abs(out) == 1.0
    np.testing.assert_array_equal(clipped, np.abs(expected) >= 1.0)
    np.testing.assert_allclose(out[~clipped], expected[~clipped], rtol=1e-5)


def test_decoder_overs_keep_their_shape(host):
    out, _ = plant(host, Fault("decoder_overs", 1.5, "db"))
    assert 20 * np.log10(np.abs(out).max()) == pytest.approx(1.5, abs=1e-4)
    assert np.corrcoef(out[0], host[0])[0, 1] > 1 - 1e-6


def test_limiting_takes_the_peak_down_by_what_it_says(host):
    out, _ = plant(host, Fault("over_limiting", 9.0, "db"))
    assert np.abs(out).max() <= np.abs(host).max() * 1.0001
    channel, peak = np.unravel_index(np.abs(host).argmax(), host.shape)
    gain_db = 20 * np.log10(out[channel, peak] / host[channel, peak])
    assert gain_db == pytest.approx(0.0, abs=0.05), "9 dB in, 9 dB reduction"
    assert level_db(out) > level_db(host) + 4


def test_offset(host):
    out, _ = plant(host, Fault("dc_offset", 0.02, "fs"))
    np.testing.assert_allclose((out - host).mean(axis=1), 0.02, atol=1e-6)


def test_polarity_and_mono(host):
    out, _ = plant(host, usual_fault("polarity_inversion"))
    np.testing.assert_array_equal(out, [host[0], -host[1]])
    out, _ = plant(host, usual_fault("dual_mono"))
    np.testing.assert_array_equal(out[0], out[1])
    np.testing.assert_allclose(out[0], host.mean(axis=0), atol=1e-7)


@pytest.mark.parametrize("ms", [0.3, -1.1, 4.0])
def test_delay_is_found_by_correlation(host, ms):
    mono = np.repeat(host.mean(axis=0, keepdims=True), 2, axis=0)
    out, [planted] = plant(mono, Fault("channel_delay", ms, "ms"))
    part = out[:, 5 * RATE : 8 * RATE].astype(np.float64)
    correlation = signal.correlate(part[1], part[0], method="fft")
    found = (correlation.argmax() - (part.shape[1] - 1)) / RATE * 1_000
    assert found == pytest.approx(planted.size, abs=1e-6)
    assert planted.size == pytest.approx(ms, abs=500 / RATE)


@pytest.mark.parametrize("db", [3.0, -5.0])
def test_imbalance(host, db):
    out, _ = plant(host, Fault("channel_imbalance", db, "db"))
    assert level_db(out[0]) - level_db(out[1]) == pytest.approx(db, abs=0.01)


def test_cancellation_loses_what_it_says_in_mono(host):
    out, _ = plant(host, Fault("mono_cancellation", 8.0, "db"))
    lost = level_db(out) - level_db(out.mean(axis=0))
    assert lost == pytest.approx(8.0, abs=0.01)
    with pytest.raises(InputError, match="equal"):
        plant(np.repeat(host[:1], 2, axis=0), usual_fault("mono_cancellation"))


def test_low_end_phase_turns_only_the_low_end(host):
    mono = np.repeat(host.mean(axis=0, keepdims=True), 2, axis=0)
    out, _ = plant(mono, Fault("low_end_phase", 150.0, "hz"))
    left, right = np.fft.rfft(out.astype(np.float64), axis=1)
    hz = np.fft.rfftfreq(out.shape[1], 1 / RATE)

    def correlation(low, high):
        band = (hz > low) & (hz < high)
        both = np.sum(left[band] * right[band].conj()).real
        return both / np.sqrt(np.sum(np.abs(left[band]) ** 2) * np.sum(np.abs(right[band]) ** 2))

    assert correlation(30, 100) < -0.99
    assert correlation(250, 10_000) > 0.99


def test_fake_stereo_folds_down_to_the_mid(host):
    out, [planted] = plant(host, Fault("fake_stereo", 10.0, "ms"))
    scale = np.float32(1.2)
    np.testing.assert_allclose(out.mean(axis=0) * scale, host.mean(axis=0), atol=1e-6)
    late = round(planted.size * RATE / 1_000)
    side = (out[0] - out[1]) / 2
    np.testing.assert_allclose(side[late:] * scale, 0.6 * host.mean(axis=0)[:-late], atol=1e-6)


def test_clicks_stand_at_their_times(host):
    out, [planted] = plant(host, Fault("click", 0.5, "fs"))
    changed = np.flatnonzero(np.abs(out - host).max(axis=0) > 0.4)
    np.testing.assert_allclose(changed / RATE, planted.at_s, atol=1e-9)
    assert len(planted.at_s) == 5
    out, [planted] = plant(host, Fault("click", 0.5, "fs", at_s=(1.0, 2.5)))
    assert planted.at_s == (1.0, 2.5)


def test_a_dropout_is_a_gap(host):
    out, [planted] = plant(host, Fault("dropout", 80.0, "ms", at_s=(6.0,)))
    gap = np.flatnonzero((out == 0).all(axis=0) & (np.abs(host).max(axis=0) > 1e-4)) / RATE
    assert gap.min() == pytest.approx(6.0, abs=0.001)
    assert gap.max() == pytest.approx(6.08, abs=0.001)
    assert (planted.start_s, planted.end_s) == (6.0, 6.08)


def test_silence_lies_where_it_says(host):
    out, [planted] = plant(host, usual_fault("long_silence"))
    first, last = round(planted.start_s * RATE), round(planted.end_s * RATE)
    assert not out[:, first:last].any()
    assert last - first == 4 * RATE
    np.testing.assert_array_equal(out[:, :first], host[:, :first])
    np.testing.assert_array_equal(out[:, last:], host[:, last:])


@pytest.mark.parametrize("cutoff", [16_000.0, 11_000.0])
def test_cutoff_is_found_in_the_spectrum(host, cutoff):
    out, _ = plant(host, Fault("bandwidth_cutoff", cutoff, "hz"))
    hz, before = signal.welch(host[0], RATE, nperseg=8_192)
    _, after = signal.welch(out[0], RATE, nperseg=8_192)
    change = 10 * np.log10(after / before)
    assert abs(change[(hz > 1_000) & (hz < cutoff - 400)]).max() < 0.1
    assert change[(hz > cutoff + 400) & (hz < 21_000)].max() < -50


def test_upsampled_source_has_nothing_above_its_rate(host):
    out, _ = plant(host, Fault("upsampled_source", 22_050.0, "hz"))
    hz, before = signal.welch(host[0], RATE, nperseg=8_192)
    _, after = signal.welch(out[0], RATE, nperseg=8_192)
    assert abs(10 * np.log10(after / before)[(hz > 1_000) & (hz < 9_000)]).max() < 0.2
    assert 10 * np.log10(after / before)[(hz > 11_500) & (hz < 21_000)].max() < -60


def test_resonance_rises_where_it_says(host):
    out, _ = plant(host, Fault("resonance", 12.0, "db", frequency_hz=1_000.0))
    hz, before = signal.welch(host[0], RATE, nperseg=32_768)
    _, after = signal.welch(out[0], RATE, nperseg=32_768)
    change = 10 * np.log10(after / before)
    assert np.interp(1_000.0, hz, change) == pytest.approx(12.0, abs=0.5)
    assert abs(change[(hz > 3_000) & (hz < 10_000)]).max() < 0.3


def test_bits(host):
    out, _ = plant(host, Fault("padded_bit_depth", 12.0, "bits"))
    np.testing.assert_array_equal(out * 2**11, np.round(out * 2**11))
    assert np.abs(out - host).max() <= 0.5 / 2**11 + 1e-7


def test_cut_ends(host):
    out, [planted] = plant(host, Fault("truncated_end", 5.0, "s"))
    np.testing.assert_array_equal(out, host[:, : out.shape[1]])
    assert planted.end_s == pytest.approx(host.shape[1] / RATE - 5.0)


def test_a_cut_start_moves_what_was_planted_before(host):
    click = Fault("click", 0.5, "fs", at_s=(1.0, 6.0))
    out, [moved, cut] = plant(host, click, Fault("truncated_start", 2.0, "s"))
    assert moved.at_s == (4.0,)
    assert np.abs(out[:, 4 * RATE] - host[:, 6 * RATE]).min() == pytest.approx(0.5, abs=1e-5)
    assert cut.size == 2.0


def test_a_cut_start_moves_the_truth():
    whole = render(spec_of("pop", duration_s=12.0))
    fault = Fault("truncated_start", 1.3, "s")
    cut = render(spec_of("pop", duration_s=12.0, faults=(fault,)))
    shift = whole.truth["beats_s"][-1] - cut.truth["beats_s"][-1]
    assert shift == pytest.approx(1.3, abs=1e-4)
    assert cut.truth["beats_s"][0] >= 0
    assert cut.truth["chords"][0][0] == 0.0
    np.testing.assert_array_equal(cut.samples, whole.samples[:, round(1.3 * RATE) :])
    assert cut.truth["loudness_lufs"] == whole.truth["loudness_lufs"], "before faults"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("humm", -40.0, "dbfs"), "'hum'"),
        (Fault("sibilance", 3.0, "db"), "exact truth"),
        (Fault("hum", -40.0, "db"), "unit 'dbfs'"),
        (Fault("hum", 40.0, "dbfs"), "-90 to -6"),
        (Fault("hum", float("nan"), "dbfs"), "-90 to -6"),
        (Fault("click", 0.5, "fs", at_s=(999.0,)), "within"),
        (Fault("noise", -40.0, "dbfs", 5.0, 4.0), "stretch"),
        (Fault("long_silence", 200.0, "s"), "80 %"),
        (Fault("bandwidth_cutoff", 30_000.0, "hz"), "half the rate"),
        (Fault("truncated_end", 250.0, "s"), "within"),
    ],
)
def test_faults_that_cannot_be(host, fault, words):
    with pytest.raises(InputError, match="plant a fault") as caught:
        plant(host, fault)
    assert words in str(caught.value)


# --- the public door ----------------------------------------------------------------------------


def test_simulate_recording():
    song = simulate_recording(style="jazz", duration_s=6, faults=["hum"], rng=5)
    again = simulate_recording(style="jazz", duration_s=6, faults=["hum"], rng=5)
    np.testing.assert_array_equal(song.recording.samples, again.recording.samples)
    low, high = STYLES["jazz"].bpm
    assert low <= song.truth["bpm"] <= high
    assert song.truth["key"] in KEYS
    assert [fault.kind for fault in song.truth["faults"]] == ["hum"]
    assert "jazz" in repr(song)
    assert "hum" in repr(song)


def test_giving_the_tempo_leaves_the_key_as_it_was():
    drawn = simulate_recording(duration_s=5, rng=8).truth
    given = simulate_recording(duration_s=5, bpm=100, rng=8).truth
    assert given["key"] == drawn["key"]
    assert given["bpm"] == 100


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"style": "popp"}, "'pop'"),
        ({"key": "H minor"}, "key"),
        ({"key": "Gb major"}, "root"),
        ({"faults": ["hiss"]}, "fault"),
        ({"bpm": 20}, "60 to 190"),
        ({"bpm": float("nan")}, "60 to 190"),
        ({"duration_s": 2}, "5 to 600"),
        ({"duration_s": 4_000}, "5 to 600"),
    ],
)
def test_bad_requests_are_refused(options, words):
    with pytest.raises(InputError) as caught:
        simulate_recording(**options)
    assert words in str(caught.value)


def test_the_shortest_and_slowest_song():
    song = simulate_recording(style="ballad", bpm=60, duration_s=5, rng=0)
    assert abs(song.recording.duration_s - 5.0) <= 2.0 + TAIL_S
    assert len(song.truth["downbeats_s"]) >= 1


def test_what_simulate_recording_refuses():
    for wrong in (
        {"bpm": "fast"}, {"bpm": True}, {"duration_s": None}, {"rng": -1}, {"rng": "seed"},
        {"faults": None}, {"faults": [3]}, {"style": None}, {"key": "H major"},
    ):  # fmt: skip
        with pytest.raises(InputError):
            simulate_recording(**wrong)
    for written, meant in (
        ("Gb major", "F# major"),
        ("a minor", "A minor"),
        ("g# Minor", "Ab minor"),
    ):
        with pytest.raises(InputError, match=f"Try: '{meant}'"):
            simulate_recording(key=written)


def test_the_truth_of_a_simulated_recording_is_in_tables():
    song = simulate_recording(duration_s=6, rng=1)
    for name in ("chords", "sections"):
        assert list(song.truth[name].columns) == ["start_s", "end_s", "label"]
        assert (song.truth[name]["end_s"] > song.truth[name]["start_s"]).all()
