# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 60
#     description: Loudness, key and tempo of one song, and which of them can be trusted.
#     level: intro
#     requires:
#     - audio
#     title: What can we write on a song's data sheet?
#     track: production
# ---

# %% [markdown]
# # What can we write on a song's data sheet?
#
# **Question.** A film editor may take *Midnight Ferry* for a scene. The *sync* manager of Lantern &
# Tide, who places songs in films, has a data sheet to fill in: how loud, which key, which tempo?
# "And if they want the acoustic version instead, is it as loud? I have three programs, and they do
# not agree. Which numbers can I put my name under?"
#
# **You will learn**
#
# - how a waveform and a spectrogram show what you hear
# - what peak, RMS and LUFS each say about the level, and why the first of them misleads
# - how key and tuning are read from the pitches
# - how the tempo is found, and why half or double the tempo is the usual mistake
# - how to see whether an estimate is stable, and how to say so on the sheet
#
# **Before you start.** [Start here](00-start-here.ipynb), where peak and LUFS meet for the first
# time. It helps to know what a beat and a key are; you need not read notes.
#
# **Time.** 25 minutes with listening and exercises. The first run takes about half a minute more,
# while five songs are synthesised.
#
# **Data and licence.** Songs of the fictional label *Lantern & Tide*, synthesised on your computer,
# under CC0 1.0. Their true tempo and key are known, so each answer can be checked.

# %% [markdown]
# ## Set up
#
# The toolkit is `mt`; `pd` makes tables, `np` calculates. (All numbers here are computed with the
# toolkit's own engine. Optional packages such as essentia are not needed, and change nothing.)

# %%
import IPython.display as ipd
import numpy as np
import pandas as pd

import musictools as mt

# %% [markdown]
# ## One song
#
# You know *Midnight Ferry* and its acoustic version from the first notebook. We take both, and
# two other songs to compare with. `read` opens a file and gives a *recording*: the samples, and
# how many of them make a second.

# %%
label = mt.datasets.load_label()
titles = ["Midnight Ferry", "Midnight Ferry (Acoustic)", "Was du nicht sagst", "Velvet Hour"]
catalogue = label.recordings.set_index("title").loc[titles, "recording_id"]
songs = label.render(catalogue).set_index("title")
song = mt.audio.read(songs.loc["Midnight Ferry", "path"])
song

# %% [markdown]
# ## Listen first
#
# Never measure a song that you have not heard. Turn your volume down before you press play, then up
# until it is comfortable.

# %%
credit = "Lantern & Tide (fictional, synthesised), CC0 1.0."
mt.plot.listen(song, start_s=20, alt="A pop song: drums, bass, chords, a tune.", credit=credit)

# %% [markdown]
# What did you hear? Drums, bass, chords, a tune. Try to tap the beat; you will need it later. Then
# the acoustic version, with the volume where it was.

# %%
acoustic = mt.audio.read(songs.loc["Midnight Ferry (Acoustic)", "path"])
mt.plot.listen(acoustic, start_s=20, alt="The acoustic version; clearly softer.", credit=credit)

# %% [markdown]
# It is clearly softer. Keep that in your ear.
#
# ## The tempting answer: copy the meter
#
# Nearly every program shows a peak, so the quickest sheet has the peak in the line "level". We ask
# for it with `describe`, which gives all descriptors of one song.

# %%
described = pd.DataFrame({t: mt.audio.describe(path) for t, path in songs["path"].items()}).T
described.loc[titles[:2], ["sample_peak_dbfs"]].astype(float).round(1)

# %% [markdown]
# The same number, twice. So the sheet says that both versions are equally loud, and the editor, who
# swaps one for the other, finds a hole in the scene. Your ear has told you that it is wrong. To see
# why, we have to look at the sound.
#
# ## The waveform: the sound, moment by moment
#
# A *sample* is one number: the sound pressure at one moment. The *waveform* shows the lowest and
# the highest sample over time. *Full scale* is 1: a file cannot hold more. `mt.lab.explore` opens
# the song to look at and to listen to. From top to bottom: the waveform, with coloured parts (one
# letter for those that sound alike) and with ticks for the beats; the spectrogram, about which more
# below; the loudness.

# %%
alt = "Three rows: a nearly solid waveform, thinner at both ends; a spectrogram, brightest in the "
alt += "bass; a loudness that is higher and even between the beginning and the end."
layers = ["sections", "beats", "spectrogram", "loudness"]
mt.lab.explore(song, title="Midnight Ferry", layers=layers, alt=alt)

# %% [markdown]
# Press the space bar to play, click to jump, and zoom in with the plus key until single beats fill
# the window. (In JupyterLab; on a web page you see a still picture of the same things.) Whoever
# tapped the beat can compare with the ticks.
#
# You see where parts begin and how dense the song is. You do not see one note. For this we have to
# take the sound apart.
#
# ## The spectrogram: which frequencies, and when
#
# *Frequency* is the number of vibrations per second, in hertz (Hz). Low is bass, high is treble.
# The *spectrogram* shows time from left to right, frequency from bottom to top, and the level as
# brightness. We look at one piece, so that the single beats can be seen.

# %%
rate = song.sample_rate
piece = mt.audio.from_samples(song.samples[:, 20 * rate : 32 * rate], rate)
with mt.plot.style():
    ax = mt.plot.spectrogram(piece)
    ax.set_title("Midnight Ferry: spectrogram of one piece")
mt.plot.show(ax, alt="Spectrogram: stripes of drums, lines of notes, darker towards the top.")

# %% [markdown]
# Vertical stripes are drums: short, and on all frequencies at once. Horizontal lines are notes:
# long, and on one frequency with its overtones above it. The picture gets darker towards the top,
# because music has less energy in the treble.
#
# ## The right answer: ask for loudness
#
# There are three usual ways to say how strong a sound is.
#
# - **Peak** (dBFS): the largest sample.
# - **RMS** (dBFS, root mean square): the mean level, taken from the energy of the whole song.
# - **LUFS**: like RMS, but filtered a little like the ear does, and without the quiet passages [1].

# %%
meters = ["sample_peak_dbfs", "rms_dbfs", "integrated_lufs", "crest_db"]
both = described.loc[titles[:2], meters].astype(float)
step = both.diff().iloc[1].abs()
pd.concat([both, step.to_frame("difference").T]).round(1)

# %% [markdown]
# By the peak there is no difference worth a word. RMS and LUFS both give the step that you heard.
# So the peak was the wrong meter for this question, as it was in the first notebook.
#
# Here the other two nearly agree. Are they the same meter, then? We try sounds on which they part:
# a deep and a high tone with the same energy, the high tone on two channels, and our song with 20 s
# of silence after it.

# %%
time_s = np.arange(8 * rate) / rate
low, high = (0.1 * np.sin(2 * np.pi * hz * time_s) for hz in (50, 2000))
sounds = {"50 Hz": low, "2000 Hz": high, "2000 Hz, two channels": np.stack([high, high])}
sounds["song, then silence"] = np.pad(song.samples, ((0, 0), (0, 20 * rate)))
parts = {name: mt.audio.describe(x, sample_rate=rate)[meters] for name, x in sounds.items()}
parts = pd.DataFrame({"song": described.loc["Midnight Ferry", meters], **parts}).T.astype(float)
parts.round(1)

# %% [markdown]
# RMS gives both tones the same level; LUFS puts the deep one far lower, because we hear it less.
# RMS takes the mean of the channels, but LUFS adds up their energy [1]; so a stereo song usually
# reads higher in LUFS than in RMS. And the silence pulls RMS down, while LUFS leaves it out. That
# is why LUFS goes on the sheet.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert step["sample_peak_dbfs"] < 0.2
assert step["integrated_lufs"] > 3
assert abs(step["rms_dbfs"] - step["integrated_lufs"]) < 0.5
rms, lufs = parts["rms_dbfs"], parts["integrated_lufs"]
assert np.ptp(rms.iloc[1:4]) < 0.01
assert lufs["2000 Hz"] - lufs["50 Hz"] > 6
assert np.isclose(lufs["2000 Hz, two channels"] - lufs["2000 Hz"], 10 * np.log10(2), atol=0.05)
assert rms["song"] - rms["song, then silence"] > 0.5 > 10 * np.ptp(lufs.iloc[[0, 4]])
assert both["crest_db"].diff().iloc[1] > 3

# %% [markdown]
# The last column of the tables, the *crest factor*, is the distance from RMS up to the peak. The
# acoustic version has more of it: its attacks stand out. In the pop version a limiter pushed the
# attacks down, so that the rest could be lifted.
#
# Loudness also changes inside a song. *Momentary* looks at 0.4 s, *short-term* at 3 s, and
# *integrated* at the whole song [2]. Go back to the lowest row of the explorer: the thin line is
# the momentary loudness, the thick one the short-term. (`mt.plot.loudness` draws them by
# themselves.)
#
# ## Pitch: key and tuning
#
# A *pitch class* is a note name without its octave: all Cs together, low or high. *Chroma* is the
# share of each of the twelve in the song.

# %%
with mt.plot.style():
    ax = mt.plot.chroma(described.loc["Midnight Ferry"])
    ax.set_title("Midnight Ferry: chroma")
mt.plot.show(ax, alt="Twelve bars; seven of them, the notes of the scale, are the highest.")

# %% [markdown]
# The light bars are the black keys of a piano. The high bars are the notes of the scale. A *key*,
# such as C major, is a pattern of high and low bars with a home note. `mt.audio.key` compares the
# bars with the usual pattern of all 24 keys [3] and gives the best one, with the next best as
# alternatives. For *Midnight Ferry* it has hardly a doubt. *Velvet Hour*, a soul ballad, makes it
# think:

# %%
key, velvet = (mt.audio.key(songs.loc[title, "path"]) for title in (titles[0], "Velvet Hour"))
with mt.plot.style():
    ax = mt.plot.alternatives(velvet)
    ax.set_title("Velvet Hour: which key?")
mt.plot.show(ax, alt="Bars for five keys. F# minor is the highest, A major is a sixth of that.")

# %% [markdown]
# The runner-up is no stranger: A major has the same seven notes as F# minor, and only another home.
# Two such keys are *relatives*. That is why a wrong key is usually a related key. *Tuning* says how
# far the notes are from the standard pitch of A = 440 Hz [5], in *cents*: one hundredth of a
# semitone.

# %%
truth = label.truth["recordings"].set_index("recording_id").loc[catalogue].set_index(songs.index)
keys = pd.DataFrame({titles[0]: vars(key), "Velvet Hour": vars(velvet)}).T
keys = keys.assign(truth=truth["key"])[["value", "truth", "confidence", "tuning_cents"]]
keys.infer_objects().round(2)

# %% [markdown]
# Both are right, and the second was right to be less sure.
#
# ## Rhythm: the tempo, and its double
#
# The *tempo* is the number of beats per minute (BPM). The program looks for *onsets*, moments where
# the sound suddenly changes, and asks at which distance they repeat. Let us ask for all our songs,
# and set the truth beside the answers.

# %%
tempi = {"measured_bpm": described["tempo_bpm"], "true_bpm": truth["bpm"]}
tempi = pd.DataFrame(tempi, dtype=float)
tempi["ratio"] = tempi["measured_bpm"] / tempi["true_bpm"]
tempi.round(2)

# %% [markdown]
# A ratio of 1 is a hit. A ratio of 2 or one half is an *octave error*: the computer counts two
# beats where a person taps one, or the other way round. It is the usual mistake of every tempo
# program [4], because music repeats at both distances. People disagree about it, too.

# %%
octave = int((np.abs(np.log2(tempi["ratio"])) > 0.9).sum())
luck = (3 / 4) ** len(tempi)
words = "songs are wrong. Even if one song in four were, all would come out right with a chance of"
ipd.Markdown(f"**{octave} of {len(tempi)}** {words} {luck:.0%}.")

# %% [markdown]
# So do not conclude that it never happens: so few songs cannot say so, and these keep time
# like a machine. A tempo is never only one number. `mt.audio.tempo` gives alternatives, and half or
# double the value is usually among them. Here they are for *Was du nicht sagst*, a slow ballad (and
# the song that was "the loudest" by its peak in the first notebook).

# %%
tempo = mt.audio.tempo(songs.loc["Was du nicht sagst", "path"])
with mt.plot.style():
    ax = mt.plot.alternatives(tempo)
    ax.set_title("Was du nicht sagst: which tempo?")
mt.plot.show(ax, alt="Bars for five tempi. 60 BPM is the highest, its double a fifth of that.")

# %% [markdown]
# In about one of six such songs the double would be right. A drummer who plays eighth notes to a
# slow song gives the ear two pulses to choose from.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert octave == 0
assert [velvet.value, velvet.alternatives[0][0]] == ["F# minor", "A major"]
assert all(0.1 < one.alternatives[0][1] < 0.21 for one in (velvet, tempo))
assert round(tempo.alternatives[0][0]) == 120
shares = np.sort(described.loc["Midnight Ferry"].filter(like="chroma_").astype(float))
assert shares[-7] > 1.2 * shares[-8], "seven notes stand out"
assert (keys["value"] == truth["key"].loc[keys.index]).all()
assert np.allclose(tempi["ratio"], 1, atol=0.02)

# %% [markdown]
# ## How sure are we?
#
# Each estimate comes with a `confidence` between 0 and 1. It is **calibrated** on songs that we
# made, and that the models had not learned from: of the answers there that had a confidence of
# three quarters, about three in four were right. On music of other kinds nobody has counted yet,
# so take it as a guide.
#
# There is a simple check that needs no theory: measure pieces of the song, and see whether they
# agree. We cut the song into pieces of 15 s that do not overlap.

# %%
starts = range(0, int(song.duration_s) - 14, 15)
cuts = [song.samples[:, s * rate : (s + 15) * rate] for s in starts]
pieces = pd.DataFrame([mt.audio.describe(cut, sample_rate=rate) for cut in cuts])
pieces.insert(0, "start_s", starts)
pieces[["start_s", "tempo_bpm", "key", "integrated_lufs"]].round(1)

# %% [markdown]
# A value that stays the same in every piece may be a property of the song. A value that moves may
# be a property of the place, or a guess.

# %%
agree = (pieces["key"] == key.value).sum()
spread = pieces[["tempo_bpm", "integrated_lufs"]].agg(["min", "max"])
words = f"Key: {agree} of {len(pieces)} pieces say {key.value}. Tempo and loudness:"
ipd.display(ipd.Markdown(words), spread.round(1))

# %% [markdown]
# Pieces that agree are a good sign, but no proof: all of them can be wrong in the same way. An
# octave error usually is. The loudness moves by more than it differs between some songs, since the
# song begins and ends softly. For a scene of 15 s, measure the piece that will be heard.
#
# ## The answer to the sync manager
#
# Here is the sheet. Each line says how the number was come by, so that whoever signs it knows what
# for.

# %%
bpm = mt.audio.tempo(song)
sheet = {"loudness": [f"{both['integrated_lufs'].iloc[0]:.1f} LUFS", "by ITU-R BS.1770-5"]}
sheet["acoustic"] = [f"{step['integrated_lufs']:.1f} LU softer", "by ITU-R BS.1770-5"]
sheet["key"] = [key.value, f"estimated, {key.confidence:.0%} sure, {agree} of {len(pieces)} pieces"]
sheet["tempo"] = [f"{bpm.value:.1f} BPM", f"estimated, {bpm.confidence:.0%} sure; or its double"]
pd.DataFrame(sheet, index=["write", "how sure"]).T

# %% [markdown]
# Loudness is measured by a rule that anybody can repeat, so it needs no more than the name of the
# rule. Key and tempo are estimates: play the chord of the key on a piano while the song runs, and
# clap to the tempo, before you sign. And that three programs disagree is now less of a wonder: they
# may have shown a peak, a relative of the key, and the double of the tempo.
#
# ## What this cannot tell you
#
# - Whether the song is good, or will be liked. None of these numbers knows.
# - The one key of music that changes it: you get the key that lasts longest, and `key.segments`
#   says where it changes.
# - The one tempo of music that speeds up or slows down: you get its median, and the columns
#   `tempo_min_bpm`, `tempo_max_bpm` and `tempo_drift_percent_per_min` say how far it goes.
# - How all this works on real productions. These songs are synthesised and play strictly in time;
#   real ones are harder.
#
# ## The same on your own recording
#
# Write the name of a file between quotation marks, for example `my_file = "Music/demo.wav"`. As
# long as it says `None`, the cell does nothing.

# %%
my_file = None

if my_file is None:
    result = ipd.Markdown("*No file yet. Nothing was measured.*")
else:
    mine = mt.audio.read(my_file)
    result = mt.audio.describe(mine)[[*meters, "tempo_bpm", "key", "tuning_cents"]].to_frame()
result

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** Turn the song down to half of its amplitude, and describe it again. What happens
# to the loudness, the tempo and the crest factor? Guess first. (`song.samples * 0.5` is the quiet
# song.)

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
soft = mt.audio.describe(song.samples * 0.5, sample_rate=rate)
loud = described.loc["Midnight Ferry"]
drop = loud["integrated_lufs"] - soft["integrated_lufs"]
ipd.display(ipd.Markdown(f"Loudness falls by {drop:.2f} LU; tempo and crest factor stay."))
assert np.isclose(drop, -20 * np.log10(0.5), atol=0.05)
assert np.isclose(soft["crest_db"], loud["crest_db"], atol=0.01)
assert np.isclose(soft["tempo_bpm"], loud["tempo_bpm"], rtol=0.001)

# %% [markdown]
# Half the amplitude is a step of the same size in every meter. The tempo and the crest factor do
# not know about the volume knob, and that is how a good descriptor behaves.
#
# **Exercise 2.** An old tape machine runs 2 per cent too fast. What does it do to the tempo and the
# tuning? (Pretend that the samples were taken at a higher rate: `round(rate * 1.02)`.)

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
fast = mt.audio.describe(song.samples, sample_rate=round(rate * 1.02))
bpm_ratio = fast["tempo_bpm"] / loud["tempo_bpm"]
cents = fast["tuning_cents"] - loud["tuning_cents"]
ipd.display(ipd.Markdown(f"Tempo times {bpm_ratio:.3f}, tuning {cents:+.0f} cents."))
assert np.isclose(bpm_ratio, 1.02, atol=0.005)
assert abs(cents - 1200 * np.log2(1.02)) < 5

# %% [markdown]
# Speed moves tempo and pitch together. So a song that is fast *and* sharp by the same ratio was
# probably played back too fast.
#
# ## Takeaways
#
# - The waveform shows parts and density; the spectrogram shows drums as vertical and notes as
#   horizontal lines.
# - Peak is one sample, RMS is energy, LUFS is close to what we hear. Two versions with one peak can
#   be several LU apart: ask loudness questions in LUFS.
# - The key comes from the shares of the pitch classes; a wrong key is usually a related one.
# - A tempo comes with alternatives: think of half and double before you believe it.
# - Measure pieces. If they disagree, so should you; and write beside a number how it was come by.
#
# ## Next
#
# - [Which masters must go back to the studio?](02-production-quality.ipynb): faults, and what being
#   loud is worth.
# - [Is our ballad dull, or only quieter?](03-mixing-and-mastering-against-a-reference.ipynb) and
#   [Is the new single too like the last one?](04-songwriting-and-structure.ipynb) go on from the
#   loudness, and from key and tempo.
# - [All notebooks](README.md).
#
# ## References
#
# 1. ITU-R BS.1770-5, *Algorithms to measure audio programme loudness and true-peak audio level*,
#    2023. <https://www.itu.int/rec/R-REC-BS.1770>
# 2. EBU Tech 3341, *Loudness metering: "EBU Mode" metering*, 2023.
#    <https://tech.ebu.ch/publications/tech3341>
# 3. J. Albrecht, D. Shanahan, The use of large corpora to train a new type of key-finding
#    algorithm, *Music Perception* 31(1), 2013. <https://doi.org/10.1525/mp.2013.31.1.59>
# 4. F. Gouyon and others, An experimental comparison of audio tempo induction algorithms, *IEEE
#    Trans. ASLP* 14(5), 2006. <https://doi.org/10.1109/TSA.2005.858509>
# 5. ISO 16:1975, *Acoustics: Standard tuning frequency*. <https://www.iso.org/standard/3601.html>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
