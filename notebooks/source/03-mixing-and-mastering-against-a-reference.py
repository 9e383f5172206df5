# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 60
#     description: Is our master dull and small, or is the reference only louder?
#     level: inter
#     requires:
#     - audio
#     songs: all
#     title: Is our ballad dull, or only quieter?
#     track: production
# ---

# %% [markdown]
# # Is our ballad dull, or only quieter?
#
# **Question.** The Copper Hours, the rock band of Lantern & Tide, write to the mastering engineer:
# "Our ballad *Low Winter Sun* sounds dull and small beside *Rust & Honey*. Please make it as bright
# and big." The master has passed every check of the last notebook. Is the ballad dull and small, or
# is it only quieter?
#
# **You will learn**
#
# - why loudness comes first whenever two songs are compared
# - what one reference can tell you, what many can, and how to choose them
# - how to find out what was done to a master, by aligning it with another one
# - what a limiter takes away, in numbers and by ear
# - which song of an album makes a listener reach for the volume knob, and what streaming does
#
# **Before you start.** [What can we write on a song's data
# sheet?](01-what-a-recording-measures.ipynb) explains peak, LUFS and the track explorer; [Which
# masters must go back to the studio?](02-production-quality.ipynb) explains PLR and PSR. Headphones
# or good loudspeakers help.
#
# **Time.** 30 minutes with listening and exercises; a minute more at the first run.
#
# **Data and licence.** Songs of the fictional label *Lantern & Tide* and ballads made to order, all
# synthesised on your computer, under CC0 1.0.

# %% [markdown]
# ## Set up
#
# A *mix* brings all instruments together. *Mastering* is the last step: tone and loudness of the
# finished song, which is then called a *master*. A *reference* is a record that the engineer
# listens to for comparison. We take the singles of the label and all songs of the band. (All is
# computed with the toolkit's own engine; nothing optional is needed.)

# %%
import IPython.display as ipd
import numpy as np
import pandas as pd
from scipy import ndimage, signal

import musictools as mt

label = mt.datasets.load_label()
chosen = label.recordings.query("release_kind == 'single' or artist == 'The Copper Hours'")
songs = label.render(chosen["recording_id"]).set_index("title")
ours, theirs = "Low Winter Sun", "Rust & Honey"
song, reference = (mt.audio.read(songs.loc[title, "path"]) for title in (ours, theirs))

# %% [markdown]
# ## Listen first
#
# Choose a comfortable volume with the second player, and do not touch it any more. `play` can turn
# a song up or down; at first we leave both as they are.

# %%
rate = song.sample_rate


def play(source, what, start_s=30, gain_db=0.0):
    turned = mt.audio.from_samples(source.samples * 10 ** (gain_db / 20), rate)
    credit = "Lantern & Tide (fictional, synthesised), CC0 1.0."
    ipd.display(mt.plot.listen(turned, start_s=start_s, duration_s=8, alt=what, credit=credit))


play(song, "Low Winter Sun: the chorus of a slow ballad, soft.")
play(reference, "Rust & Honey: the chorus of a fast rock song, loud.", start_s=15)

# %% [markdown]
# The band is right about what it hears: the ballad has less of everything. The tempting answer is
# to measure exactly that. `mt.audio.quality` writes a report about a song. Its `spectrum` is the
# level at each frequency as the file has it, in dBFS: 0 is the most that a file can hold.

# %%
spectra = {t: mt.audio.quality(one).spectrum for t, one in ((ours, song), (theirs, reference))}
spectra = pd.DataFrame({t: s.set_index("frequency_hz")["level_db"] for t, s in spectra.items()})
with mt.plot.style():
    ax = spectra.loc[40:16000].plot(logx=True, xlabel="Frequency (Hz)", ylabel="Level (dBFS)")
mt.plot.show(ax, alt="Two spectra; that of Rust & Honey is the higher one almost everywhere.")

# %% [markdown]
# Let us put a number on "dull". Here *treble* means the mean level from 5000 to 16000 Hz, where
# cymbals shine and words hiss.

# %%
raw = spectra[ours] - spectra[theirs]
raw_db, lower = raw.loc[5000:16000].mean(), (raw < 0).mean()
ipd.Markdown(f"Lower at **{lower:.0%}** of all frequencies, in the treble by **{-raw_db:.1f} dB**.")

# %% [markdown]
# ## Match the loudness
#
# The naive answer is to turn up the treble by as much. But look at the picture once more. If a song
# has less bass, less middle *and* less treble, it is not dull. It is quiet. The ear makes it worse:
# the softer a sound, the less we hear of its bass and treble [1]. So before we speak of tone, both
# songs must be equally loud. `quality(..., reference=...)` does this: it gives the level of each
# *third octave* (a band as wide as four semitones [2]) over the loudness of the song itself.

# %%
beside_one = mt.audio.quality(song, reference=reference).reference


def balance(comparison, title, alt):
    with mt.plot.style():
        ax = mt.plot.tonal_balance(comparison)
        ax.set_title(title)
    return mt.plot.show(ax, alt=f"Levels of third octaves: {alt}")


balance(beside_one, "Beside one reference", "they cross; the ballad is lower on top.")

# %% [markdown]
# The dashed line is the reference. Now the curves cross: the ballad has more middle, and less
# treble. The next player has the reference turned down until it is as loud as the ballad (whose
# player is further up). A difference of loudness is given in *LU*; one LU is one decibel.

# %%
loudness_db = beside_one.measures.set_index("name").loc["integrated_lufs", "difference"]
play(reference, "Rust & Honey, as loud as the ballad.", start_s=15, gain_db=loudness_db)
treble = beside_one.tonal_balance["band_hz"].between(5000, 16000)
one_db = beside_one.tonal_balance.loc[treble, "difference_db"].mean()
ipd.Markdown(f"Loudness: **{loudness_db:.1f} LU**. Treble after the match: **{one_db:.1f} dB**.")

# %% [markdown]
# So about half of "dull" was the volume knob. And the rest?
#
# ## One song is no yardstick
#
# The report also tells the largest differences in words.

# %%
ipd.Markdown("\n".join(f"- {sentence}" for sentence in beside_one.words))

# %% [markdown]
# Look at the one about a single band in the bass. Has anybody done something wrong there? No: the
# two songs have other keys, so their basses play other notes. And a ballad has soft cymbals, a rock
# song loud ones. With *one* reference you cannot tell a fault from an arrangement, because one song
# has no range. So we take many: all these songs except ours, and except those that are known to
# have a fault (a yardstick should be straight; the last notebook has shown how to find out).
# `reference_profile` measures them. (`jobs=1`: songs of a minute are measured sooner than other
# processes have started. Leave it out for long ones.)

# %%
others = songs[~songs["recording_id"].isin(label.truth["faults"]["recording_id"])].drop(ours)
profile = mt.audio.reference_profile(others["path"], jobs=1)
own_db = beside_one.tonal_balance.loc[treble, "level_db"].mean()
few, most = np.sort(own_db - profile.levels_db()[:, treble].mean(axis=1))[[0, -1]]
ipd.Markdown(f"Our treble beside one of {len(profile)} songs: **{few:.1f} to {most:+.1f} dB**.")

# %% [markdown]
# Whoever chooses the one reference chooses the answer. Beside all of them, there is a range. The
# grey area goes from the 5th to the 95th *percentile*: of a hundred songs, five would lie below it
# and five above. The dashed line is the *median*: half of the songs have more.

# %%
balance(mt.audio.quality(song, reference=profile).reference, "Beside the label", "low treble.")

# %% [markdown]
# The ballad is outside, in the treble and in the deepest bass. Dull after all?
#
# ## The right yardstick
#
# Not yet. Nearly all those songs are pop, rock, house and the like. "Unlike the label" may just
# mean "a ballad". A fair corpus holds what the song wants to be. We have a dozen ballads made,
# each in a key and tempo by chance.

# %%
rng = np.random.default_rng(2026)
made = [mt.datasets.simulate_recording(style="ballad", duration_s=30, rng=rng) for _ in range(12)]
ballads = mt.audio.reference_profile([one.recording for one in made])
beside_ballads = mt.audio.quality(song, reference=ballads).reference
balance(beside_ballads, "Beside ballads", "the curve follows the narrow grey range.")

# %% [markdown]
# That is another picture: the curve runs along with the ballads. What sticks out in the middle is
# narrow, one or two bands wide, so it is notes that this song happens to play, and no equaliser.
# (These ballads come from one studio. They are more alike than real ones, and the range is narrow.)
#
# How sure is the small rest in the treble? Another dozen ballads would have another median. We
# imitate this by drawing twelve of our twelve again and again, each time with some of them doubled
# and some left out. This is the *bootstrap* [3], and the middle 95 % of its answers are an interval
# for the truth.

# %%
ballad_db = ballads.levels_db()[:, treble].mean(axis=1)
left_db = own_db - np.median(ballad_db)
medians = np.median(rng.choice(ballad_db, (1000, ballad_db.size)), axis=1)
low_db, high_db = np.percentile(own_db - medians, [2.5, 97.5])
words = f"Loudness {loudness_db:.1f} dB, a ballad {one_db - left_db:.1f}, **{left_db:.1f} dB left**"
ipd.Markdown(f"{words} ({low_db:.1f} to {high_db:.1f}; duller: {sum(ballad_db < own_db)} of 12).")

# %% [markdown]
# So this is what "dull" was made of. The first part goes away with the volume knob. The second is
# the arrangement, and no equaliser should touch it. Only the third is about this master. The
# interval does not reach zero, so it is no accident of this dozen. Half of all ballads lie below
# their median, of course; but the last number says that hardly one lies below ours. Here the band
# has a point, if a small one.
#
# And "small"? Size is not one number, but engineers look at the width of the stereo image (0 is
# mono) and at the low end, here as its share of the energy.

# %%
size = beside_ballads.measures.set_index("name").loc[["stereo_width", "low_end_share"]]
size[["value", "reference", "lo", "hi", "percentile"]].round(2)

# %% [markdown]
# Each `value` is close to the `reference`, the median of the ballads. `lo` and `hi` are the ends of
# the grey range, and `percentile` is where ours stands. For the low end it stands at the very
# bottom, and yet almost nothing is missing: these ballads are so alike that whatever is a hair
# lower is the lowest. So look at the difference first, and at the percentile then. Nothing here
# says "small". That was the volume.
#
# ## What was done to this master?
#
# The engineer tries a *shelf*: an equaliser that lifts everything above a frequency. Ours gives
# 3 dB in the end, and half of that at 8000 Hz. Since we know the curve, we can see whether
# `mt.audio.compare_masters` finds it. It lays two masters of one song on each other and gives the
# difference by third octaves.

# %%
hz = beside_one.tonal_balance["band_hz"]


def shelf(gain_db, above_hz=8000):
    g, w = 10 ** (gain_db / 40), 2 * np.pi * above_hz
    return signal.bilinear([g, w], [1 / g, w], fs=rate)


bright = mt.audio.from_samples(signal.lfilter(*shelf(3), song.samples), rate)
found = mt.audio.compare_masters(song, bright)
true_db = 20 * np.log10(np.abs(signal.freqz(*shelf(3), worN=hz, fs=rate)[1])) - found.gain_db
with mt.plot.style():
    ax = mt.plot.tonal_difference(found)
    ax.plot(hz, true_db, "k--", label="true curve")
mt.plot.show(ax, alt="A curve that rises above 2 kHz; the dashed true curve lies exactly on it.")

# %% [markdown]
# The dashed line is the true curve, and it lies on the one found. Both begin a little below zero,
# though the bass was not touched. That is the loudness match again: the new treble made the song a
# little louder, so all of it was turned down a little.
#
# Then a second studio sends a master, and the band loves it: "*This* is big!" We build it ourselves
# to know the truth. A *limiter* turns the song up, and for a moment down again wherever a peak
# would be too high (here above 0.89 of full scale). Like many a file from elsewhere, it begins
# later, and its *polarity* is inverted: plus is minus, as when a cable is wired the wrong way
# round. You cannot hear that. Beside it we put our own master at half the amplitude, and the one
# with the shelf, which is compared already.

# %%
softer = mt.audio.from_samples(song.samples / 2, rate)


def limiter(samples, gain_db):
    loud = samples * 10 ** (gain_db / 20)
    allowed = 0.89 / np.maximum(np.abs(loud).max(axis=0), 0.89)
    return loud * ndimage.uniform_filter1d(ndimage.minimum_filter1d(allowed, 441), 441)


second = mt.audio.from_samples(np.pad(-limiter(song.samples, 7), ((0, 0), (rate // 4, 0))), rate)

# %% [markdown]
# Engineers know the *null test*: subtract one master from the other, and what is left is what was
# changed. Done naively, with files that do not begin together, it leaves more than there was.
# `compare_masters` first finds the delay [4], the polarity and the loudness, and then subtracts.

# %%
compared = {"only softer": mt.audio.compare_masters(song, softer), "shelf": found}
compared["second studio"] = mt.audio.compare_masters(song, second)
changed = {name: c.measures.set_index("name")["difference"] for name, c in compared.items()}
changed = pd.DataFrame(changed).loc[["plr_lu", "psr_min_lu"]]
for name in ("offset_s", "inverted", "gain_db", "residual_db"):
    changed.loc[name] = [float(getattr(c, name)) for c in compared.values()]
changed.round(2) + 0.0

# %% [markdown]
# Start below. `residual_db` is what the null test leaves, beside our own master. The one that was
# only turned down leaves nothing (the scale ends there): it *is* our master, whatever it sounds
# like. The shelf leaves a little, the second studio the most. Its `inverted` of 1 means yes.
#
# The first rows say what the limiting cost. *PLR*, peak-to-loudness ratio, is the true peak less
# the loudness; *PSR* is the same for each three seconds, and of these the worst. By so much less do
# the peaks stand out, and they are mostly drums.
#
# ## Is it better, or only louder?
#
# First listen as the band did. Both as delivered: ours, then the second studio's.

# %%
play(song, "Our master, as delivered.")
play(second, "The master of the second studio: clearly louder.", 30.25)

# %% [markdown]
# Many a listener prefers the second, at first. Now turn it down by what `gain_db` says, and listen
# again. Do not look at which is which: shut your eyes and start one of the two.

# %%
play(song, "Our master, once more.")
play(second, "The second studio, as loud as ours.", 30.25, -compared["second studio"].gain_db)

# %% [markdown]
# Or let the explorer do it. Given two masters of one song, it brings them together in time and in
# loudness; `gains_db` says how far each is turned down. Start it with the space bar, and press X
# again and again: the music goes on, and only the master changes.

# %%
alt = "Our master, with spikes above a thin band; below it two curves of loudness, theirs on top."
explorer = mt.lab.explore(song, second, layers=["loudness"], names=("ours", "theirs"), alt=alt)
ipd.display(explorer, explorer.gains_db)

# %% [markdown]
# The two curves are the loudness of the files, as delivered: theirs lies far above ours. The gains
# take away just that, as `gain_db` did. So what changes when you press X is not the level.
#
# If you find them nearly alike now, or the first one livelier, then it was not better. It was
# louder. You are in good company: in a listening test, the strongest compression was liked the
# least, with the loudness matched or not [5]. The opposite answer is allowed, too. But it is an
# answer about sound only if the loudness is the same.
#
# ## The album
#
# The four songs of The Copper Hours come out as one album. `mt.audio.album` compares them.

# %%
band = songs[songs["artist"] == "The Copper Hours"]
album = mt.audio.album(band["path"], jobs=1, progress=False)
with mt.plot.style():
    ax = mt.plot.album_loudness(album)
    ax.set_xticks(range(len(band)), band.index, rotation=0, ha="center")
mt.plot.show(ax, alt="Loudness of four songs; Low Winter Sun lies far below the three others.")

# %% [markdown]
# The dashed line is the loudness of the whole album, played in one go. The ballad lies far below it
# (`album.words` says what stands out). So the listener reaches for the knob twice: up for the
# ballad, down after it. But who plays which song after which? Spotify turns songs to -14 LUFS.
# Played as an album, all songs get *one* gain, so that a soft song stays soft; in a playlist, each
# gets its own [6]. We ask for both.

# %%
played = album.songs[["integrated_lufs"]].set_index(band.index)
played["in_the_album"] = played["integrated_lufs"] + album.spotify_album_gain_db
played["in_a_playlist"] = [mt.audio.quality(p).playback["loudness_lufs"][0] for p in band["path"]]
played.round(1)

# %% [markdown]
# All numbers are LUFS; the first column is as delivered. In a playlist every song plays equally
# loud. The second studio's master would as well: there the limiting buys nothing, and its cost
# stays. In the album the ballad stays as far below as it was delivered. Is that wrong? A ballad
# between rock songs may be soft; that is for the band to say. If it is to come closer, turning the
# rock songs down costs no peak at all.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert np.allclose([lower, loudness_db / raw_db], [1, 0.5], atol=0.1), "nearly all; about half"
assert few < one_db - left_db < low_db < left_db < high_db < 0 < most
assert ((size["value"] - size["reference"]).abs() < [0.05, 0.02]).all()
assert np.allclose(found.tonal_difference["difference_db"], true_db, atol=0.1)
assert np.allclose(changed.loc[["offset_s", "inverted"], "second studio"], [0.25, 1], atol=1e-4)
assert changed.loc["residual_db"].is_monotonic_increasing
assert abs(np.subtract(*explorer.gains_db.values()) - compared["second studio"].gain_db) < 0.1
assert album.songs["outlier"].str.contains("loudness").tolist() == [t == ours for t in band.index]
assert np.allclose(played["in_a_playlist"], -14, atol=0.1)

# %% [markdown]
# ## What this cannot tell you
#
# - Whether it is good. A profile is a habit, not a law: many a great record is dark on purpose.
# - What an arrangement needs. If there are no cymbals, no equaliser will find them.
# - Which corpus is right. The computer measures what you give it; you choose what it is like.
# - How your room, your loudspeakers and your ears change the sound. They come after the file.
# - How wide the range of real ballads is. Ours come from one studio.
#
# ## The same on your own song
#
# Give the name of your song, and a list of references: files, or a folder with twenty or more
# records beside which you want to stand. As long as the song is `None`, the cell does nothing.

# %%
my_song, my_references = None, ["My references"]
my_song and mt.audio.quality(my_song, reference=my_references).reference

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** How strong must the shelf be to bring the treble of the ballad to the median of
# the ballads? Try gains of 0, 1, 2 and 3 dB, and hold each result against `ballads`.

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
lifted = [signal.lfilter(*shelf(gain), song.samples) for gain in range(4)]
lifted = mt.audio.reference_profile([mt.audio.from_samples(each, rate) for each in lifted])
rest = lifted.levels_db()[:, treble].mean(axis=1) - np.median(ballad_db)
ipd.display(pd.Series(rest, name="treble_db").rename_axis("shelf_db").round(2).to_frame())
assert rest[0] < 0 < rest[3]

# %% [markdown]
# Compare the gain at which the sign changes with the naive answer at the beginning. And it is still
# a matter of taste whether to use it.
#
# **Exercise 2.** The band insists on the second studio's master. Put it into the album in the place
# of our ballad. Does the loudness still stand out? What does Spotify's gain for the album do?
# (`mt.audio.album` takes files and recordings in one list.)

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
louder = mt.audio.album([*band["path"].drop(ours), second], progress=False)
ipd.display(ipd.Markdown("\n".join(f"- {sentence}" for sentence in louder.words)))
assert louder.spotify_album_gain_db < album.spotify_album_gain_db

# %% [markdown]
# The ballad does not stand out in loudness any more, but the whole album is turned down further. In
# the album, every other song got softer for it.
#
# ## Takeaways
#
# - Match the loudness before you compare anything. A quieter song has less of every frequency, and
#   the louder one sounds better for no other reason.
# - One reference gives a difference, but no range. Many give percentiles, and they mean something
#   only if the corpus is what the song wants to be.
# - Two masters of one song can be aligned and subtracted. What is left is what was done, and the
#   difference by third octaves shows an equaliser as it is.
# - A limiter pays for loudness with peaks: PLR and PSR say how much. Listen at equal loudness
#   before you pay.
# - In an album, a song that is far from the others is heard; in a playlist, streaming makes all of
#   them alike, and loudness buys nothing.
#
# ## Next
#
# - [Is the new single too like the last one?](04-songwriting-and-structure.ipynb): from the sound
#   to what is played; keys, chords and form.
# - [Can we tell from the sound which song will be a hit?](17-does-sound-predict-success.ipynb)
# - [All notebooks](README.md).
#
# ## References
#
# 1. ISO 226:2023, *Acoustics: Normal equal-loudness-level contours*.
#    <https://www.iso.org/standard/83117.html>
# 2. IEC 61260-1:2014, *Electroacoustics: Octave-band and fractional-octave-band filters*.
#    <https://webstore.iec.ch/publication/5063>
# 3. B. Efron, Bootstrap methods: another look at the jackknife, *Annals of Statistics* 7(1), 1979.
#    <https://doi.org/10.1214/aos/1176344552>
# 4. C. Knapp, G. Carter, The generalized correlation method for estimation of time delay, *IEEE
#    Trans. ASSP* 24(4), 1976. <https://doi.org/10.1109/TASSP.1976.1162830>
# 5. N. Croghan, K. Arehart, J. Kates, Quality and loudness judgments for music subjected to
#    compression limiting, *J. Acoust. Soc. Am.* 132(2), 2012.
#    <https://doi.org/10.1121/1.4730881>
# 6. Spotify, *Loudness normalization*.
#    <https://support.spotify.com/us/artists/article/loudness-normalization>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
