# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 60
#     description: Which songs can follow each other? Tempo, key, chords, form.
#     level: inter
#     requires:
#     - audio
#     songs: all
#     title: What moves and what it is made of
#     track: production
# ---

# %% [markdown]
# # What moves and what it is made of
#
# **Question.** A playlist editor wants two songs of the label to run into each other without a
# break. The beats must fall together, and the keys must agree. Which pairs can she take?
#
# **You will learn**
#
# - why a tempo and a key, read literally, lose songs that fit
# - how to work with alternatives and confidence, and how to test whether a confidence is honest
# - how beats, bars and swing are found, and what to check when they are wrong
# - how to read chords, key changes and sections beside the truth
#
# **Before you start.** [What a recording measures](01-what-a-recording-measures.ipynb): the tempo
# and its double, the key and its relatives.
#
# **Time.** 30 minutes. The first run takes a minute or two more, because all songs of the label are
# synthesised on your computer.
#
# **Data and licence.** Songs of the fictional label *Lantern & Tide*, under CC0 1.0. Their true
# tempo, beats, key, chords and sections are known, so the truth stands beside every answer.

# %% [markdown]
# ## Set up
#
# `mt` is the toolkit. `plt` draws, `np` calculates, `pd` makes tables, `librosa` is another toolkit
# for audio, and `proportion_confint` gives the interval around a share.

# %%
import itertools

import IPython.display as ipd
import librosa
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

import musictools as mt

# %% [markdown]
# ## All songs of the label
#
# `render` plays and keeps every song. `truth` holds what each was made with.

# %%
label = mt.datasets.load_label()
songs = label.render().set_index("title")
truth = label.truth["recordings"].set_index(songs.index).rename(columns={"bpm": "tempo_bpm"})

# %% [markdown]
# `extract` measures them all. The *metre* is the number of beats in a bar: four in most pop, three
# in a waltz. We look at some songs, with the truth in the columns that end in `true`.

# %%
measured = mt.audio.extract(songs["path"], out=label.folder / "what-moves.parquet")
measured = measured.set_index("path").loc[songs["path"]].set_index(songs.index)
facts = ["tempo_bpm", "key", "beats_per_bar"]
measured[facts].join(truth[facts].add_suffix("_true")).round(1).head(8)

# %% [markdown]
# ## When do two songs fit?
#
# The editor has three rules. The metres are the same. The tempi differ by at most 3 %, which a
# player can correct without being noticed. And the keys agree, by a rule that many DJs use,
# *harmonic mixing* [1]: put the keys on the *circle of fifths*, where neighbours share all notes
# but one, and each minor key with the major key that has the same notes (its *relative*). Two keys
# agree if they stand at one place, or side by side and are both major or both minor.

# %%
roots = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
place = {f"{root} major": 7 * i % 12 for i, root in enumerate(roots)}
place |= {f"{root} minor": 7 * (i + 3) % 12 for i, root in enumerate(roots)}


def agree(one, two):
    steps = (place[one] - place[two]) % 12
    return steps == 0 or (steps in (1, 11) and one[-5:] == two[-5:])


# %% [markdown]
# ## The tempting answer: take the numbers literally
#
# One tempo, one key, one metre for each song. We compare every song with every other.

# %%
pairs = list(itertools.combinations(songs.index, 2))


def near(one, two, levels=(0.5, 1, 2)):
    return any(abs(np.log(level * one / two)) <= np.log(1.03) for level in levels)


def fitting(table, **how):
    bpm, key, bar = (table[name] for name in facts)
    alike = [(a, b) for a, b in pairs if bar[a] == bar[b] and near(bpm[a], bpm[b], **how)]
    return {(a, b) for a, b in alike if agree(key[a], key[b])}


literal = fitting(measured, levels=(1,))
pd.DataFrame(sorted(literal), columns=["first", "then"])

# %% [markdown]
# A short list, and the editor might stop here. But a kind of pair is missing that every DJ knows.
# At twice the tempo, every other beat of the fast song falls on a beat of the slow one, so the two
# run together as well. And whether a program calls a song fast or slow is nearly a matter of taste:
# half and double are what programs, and people, confuse most [2].
#
# ## Better: allow half and double
#
# Now we ask the truth which pairs fit at the same, half or double tempo. How many of them did the
# literal reading find, and how many do we find if we allow half and double there, too?

# %%
wanted = fitting(truth)
ways = {"literally": literal, "half and double, too": fitting(measured), "truth": wanted}
pd.DataFrame({k: {"right": len(v & wanted), "wrong": len(v - wanted)} for k, v in ways.items()})

# %% [markdown]
# Half and double bring in pairs that nobody would have looked at. If pairs are still missing, or
# wrong, a wrong key may be the reason.
#
# ## A key is a list, not a word
#
# `mt.audio.key` gives an answer with its `confidence`, and `alternatives` with theirs;
# `mt.audio.tempo` does the same. This is the song whose key is the least sure.

# %%
heard = {title: (mt.audio.key(path), mt.audio.tempo(path)) for title, path in songs["path"].items()}
doubtful = min(heard, key=lambda title: heard[title][0].confidence)
with mt.plot.style():
    ax = mt.plot.alternatives(heard[doubtful][0])
    ax.set_title(f"{doubtful}: which key? The truth is {truth['key'][doubtful]}.")
mt.plot.show(ax, alt=f"Bars for five keys, the highest on the left: {heard[doubtful][0].value}.")

# %% [markdown]
# Compare it with the truth: is it the `value`, or an alternative? Whoever reads only the first
# answer throws the others away. Let us keep them all. The probability that two keys agree is a sum:
# take each answer for the first song with each for the second, and where they agree, add the
# product of their probabilities. The same works for tempi, and both together multiply. (That takes
# errors to be independent, from song to song and of tempo and key. It takes the metre as read, too;
# `downbeat_confidence` would give its doubt.)

# %%
same = [(a, b) for a, b in pairs if len({*measured["beats_per_bar"].loc[[a, b]]}) == 1]


def chance(one, two, fits, **how):
    answers = itertools.product(*([(e.value, e.confidence), *e.alternatives] for e in (one, two)))
    return sum(p * q for (a, p), (b, q) in answers if fits(a, b, **how))


def mix(a, b, **how):
    (key, tempo), (other, pace) = heard[a], heard[b]
    return chance(key, other, agree) * chance(tempo, pace, near, **how)


ranked = pd.Series({pair: mix(*pair) for pair in same}).nlargest(12)
ranked.to_frame("chance").assign(fits=[pair in wanted for pair in ranked.index]).round(2)

# %% [markdown]
# The column `fits` is the truth. The list has no edge any more: it says where to begin, and where
# to listen first. A pair with a chance in the middle is no failure of the computer. It is a pair
# that takes an ear and a minute.
#
# ## Is the confidence honest?
#
# A confidence is *calibrated* if, of all answers given with 80 %, eighty in a hundred are right
# [3]. So we sort the answers about tempo and key by their confidence, and count. A tempo is right
# if it lies within 4 % of the truth (that is what its confidence speaks of). `low` and `high` are
# the Wilson interval [4]: the shares that could well have led to such a count.

# %%
right = pd.DataFrame({"key_confidence": measured["key"] == truth["key"]})
right["tempo_confidence"] = (measured["tempo_bpm"] / truth["tempo_bpm"] - 1).abs() < 0.04
sure = measured[right.columns].astype(float).melt()["value"]
asked = pd.DataFrame({"confidence": sure, "right": right.astype(float).melt()["value"]})
groups = asked.groupby(pd.cut(sure, [0, 0.7, 0.9, 0.97, 1]).rename("between"), observed=True)
bins, n = groups.mean(), groups.size()
bins["low"], bins["high"] = proportion_confint(bins["right"] * n, n, method="wilson")
bins.assign(answers=n).round(2)

# %% [markdown]
# On the dashed line of the picture, confidence and reality are the same. Read the bars before the
# points: the fewer the answers, the longer the bar. (Each song gives two answers, which may go
# wrong together, so the bars are rather too short.) The title compares all wrong answers with the
# number that the confidences let us expect.

# %%
with mt.plot.style():
    ax = bins.plot("confidence", "right", style="o", legend=False, figsize=(6, 4.4))
    ax.plot([0.4, 1], [0.4, 1], "k--")
    ax.vlines(bins["confidence"], bins["low"], bins["high"], lw=4, alpha=0.4)
    ax.set(xlabel="Mean confidence (0 to 1)", ylabel="Share of right answers (0 to 1)")
    ax.set_title(f"Wrong: {sum(asked['right'] == 0)}, expected: {sum(1 - sure):.1f}")
mt.plot.show(ax, alt="Points with bars around a dashed line; the bars are longest on the left.")

# %% [markdown]
# So much can three dozen songs say: whether the confidence is far off, and no more. To tell nine
# right in ten from nineteen in twenty takes hundreds of songs. And ours are easy, since they keep
# time like a clock. The confidence was calibrated on harder ones, so here it may be too modest. On
# real records, which are harder still, it may be too proud.
#
# ## Beats and bars
#
# `mt.audio.beats` says when a listener would tap, and `mt.audio.downbeats` on which taps a bar
# begins. We look at four seconds of *Sobremesa*, a jazz piece; triangles are the true beats.

# %%
song = mt.audio.read(songs.loc["Sobremesa", "path"])
exact, rate = label.song_truth(songs.loc["Sobremesa", "recording_id"]), song.sample_rate
with mt.plot.style():
    ax = mt.plot.waveform(song.samples[:, 20 * rate : 24 * rate], sample_rate=rate)
    ax.vlines(mt.audio.beats(song) - 20, -1, 1, colors="#D55E00", label="beat")
    ax.vlines(mt.audio.downbeats(song) - 20, -1, 1, colors="#000000", lw=3, label="downbeat")
    ax.plot(exact["beats_s"] - 20, 0 * exact["beats_s"] - 0.95, "^", c="#009E73", label="true beat")
    ax.set_title("Sobremesa: beats and bars")
    ax.legend(ncols=3, loc="lower right", bbox_to_anchor=(1, 1))
mt.plot.show(ax, alt="Waveform of four seconds; a line on each beat, a thick one on each downbeat.")

# %% [markdown]
# Could you have drawn these lines by eye? The whole band plays, and the waveform hardly shows where
# a beat is. The program listens to low, middle and high notes apart. One piece proves nothing, so
# we ask for all songs. The *F-measure* counts how many of the places found are near a true one, and
# how many of the true ones were found: 1 is perfect. "Near" means 0.07 s for beats, the custom of
# the field [5], and 3 s for the boundaries of sections, which come later.

# %%
scores = measured[["swing_ratio"]].copy()


def f_measure(found_s, true_s, near_s):
    hit = np.abs(np.subtract.outer(found_s, true_s)) <= near_s
    return (hit.any(axis=0).sum() + hit.any(axis=1).sum()) / sum(hit.shape)


for title, path in songs["path"].items():
    known = label.song_truth(songs.loc[title, "recording_id"])
    scores.loc[title, "beats"] = f_measure(mt.audio.beats(path), known["beats_s"], 0.07)
    both = [t["start_s"].to_numpy()[1:] for t in (mt.audio.sections(path), known["sections"])]
    scores.loc[title, "sections"] = f_measure(*both, 3)
scores.groupby(truth["style"]).agg(["min", "median"]).round(2)

# %% [markdown]
# First, look for a `min` of the beats that is far from its `median`. Where there is one, a song of
# that style went wrong, and one should ask what is special about it. The label has planted faults,
# so we look them up for the song with the lowest score.

# %%
faults = label.truth["faults"].groupby("recording_id")["kind"].agg(", ".join).rename("faults")
songs[["recording_id"]].join(faults, on="recording_id").loc[[scores["beats"].idxmin()]]

# %% [markdown]
# A fault such as `polarity_inversion` turns one channel upside down. Whatever is in the middle,
# such as the drums, then cancels when the channels are added, and it is in their sum that beats are
# sought. The tempo can be right all the same, with every beat in the wrong place.
#
# Second, *swing*: where the second half of a beat falls. `swing_ratio` is 0.5 if both halves are
# equally long, and two thirds in a triplet feel [6]. In this studio jazz swings. The waltz has
# nothing between its beats, so there is no number. Hip-hop swings, too, but in notes half as long,
# which this number does not see.
#
# ## Chords
#
# A *chord* is a group of notes that sound together; `Db:min` is the minor chord on Db. *Chroma*
# over time shows which pitch classes sound. Above it stand the chords that `mt.audio.chords` found,
# and the true ones.

# %%
chroma = librosa.feature.chroma_stft(y=song.samples[0], sr=rate, n_fft=8192, tuning=0)


def strips(ax, *tables, bottom, title):
    ax.set_title(title)
    for height, table in enumerate(tables, start=bottom):
        for begin, end, name in table.itertuples(index=False):
            ax.barh(height, end - begin, 0.9, begin, color="#d5e8f4", edgecolor="#555555")
            ax.text((begin + end) / 2, height, name, ha="center", va="center", size=7, clip_on=True)


with mt.plot.style():
    ax = plt.pcolormesh(librosa.times_like(chroma, sr=rate), roots, chroma, cmap="Greys").axes
    strips(ax, mt.audio.chords(song), exact["chords"], bottom=12, title="Sobremesa: chroma, chords")
    ax.set_yticks(range(14), [*roots, "found", "true"])
    ax.set(xlim=(20, 30.3), ylim=(-0.5, 13.5), xlabel="Time (s)", ylabel="Pitch class")
mt.plot.show(ax, alt="Dark cells of chroma over time; above them two rows of chord names.")

# %% [markdown]
# The studio's jazz has chords of four notes, such as `maj7`. `mt.audio.chords` knows three kinds:
# `maj`, `min` and `7`. So `Db:maj` is the best that it can say for `Db:maj7`.
# The darkest cells of the picture are not the chords but the tune, which is louder. Where the two
# rows differ in the root, the chords are usually relatives that share most of their notes, and the
# tune does not tell them apart.
#
# ## Sections
#
# `mt.audio.sections` finds where the material changes; sections with one letter sound alike. For
# whoever cuts music to a film this is the list of places for a cut.

# %%
with mt.plot.style():
    ax = mt.plot.waveform(song)
    strips(ax, mt.audio.sections(song), exact["sections"], bottom=2, title="Sobremesa: sections")
    ax.set(ylim=(-1, 3.6), yticks=[-1, 0, 1, 2, 3], yticklabels=["-1", "0", "1", "found", "true"])
mt.plot.show(ax, alt="Waveform; above it two rows of sections: those found, and the true ones.")

# %% [markdown]
# The names do not match and cannot: a computer hears that a part returns, and not that it is called
# a chorus. And the boundaries are the weakest numbers of this notebook, as the column `sections` of
# the table says. Here the same players go on from the verse to the chorus, so the sound changes
# little. Listen before you cut.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert (songs["recording_id"] == truth["recording_id"]).all()
assert len(literal & wanted) < len(fitting(measured) & wanted)
assert scores["beats"].median() > 0.95 > scores["sections"].median()
assert scores["swing_ratio"][truth["style"] == "jazz"].min() > 0.6

# %% [markdown]
# ## What this cannot tell you
#
# - Whether a mix sounds good. Two songs can keep all three rules and clash in sound or mood; and
#   there are ways to compare the sounds themselves, without any key [1].
# - What people would tap. If half of a room taps twice as fast, both are right.
# - Which key holds where you want to mix, at the end of one song and at the beginning of the other.
#   The `segments` of a key say where it changes; exercise 2 tries them.
# - How well all this works on real records. No model has seen these songs, but they were made by
#   the studio that also made some of the songs for training.
#
# ## The same on your own music
#
# Write the names of two files into the list, for example
# `my_files = ["Music/a.wav", "Music/b.wav"]`. With two or more names, the cell gives the chance of
# each pair; with none, an empty table.

# %%
my_files = []
heard |= {path: (mt.audio.key(path), mt.audio.tempo(path)) for path in my_files}
pd.Series({pair: mix(*pair) for pair in itertools.combinations(my_files, 2)}, dtype=float)

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** The editor of another playlist does not accept half and double. Which pairs of
# `ranked` are left with a chance above one half? Which doubt comes back into the numbers? (`near`
# has `levels`.)

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
strict = pd.Series({pair: mix(*pair, levels=(1,)) for pair in same})
ipd.display(strict[strict > 0.5].to_frame("chance").round(2))
assert (strict[ranked.index] <= ranked + 1e-9).all()

# %% [markdown]
# With half and double, it did not matter whether a tempo was read at the right level. Now it does,
# so every pair becomes less sure. Which doubt matters depends on the question.
#
# **Exercise 2.** Play *Concrete Weather* directly after *Grid Reference*: join their samples with
# `np.concatenate(..., axis=1)`. Do the `segments` that `mt.audio.key` gives have the joint?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
one, two = (mt.audio.read(songs.loc[t, "path"]) for t in ("Grid Reference", "Concrete Weather"))
key = mt.audio.key(np.concatenate([one.samples, two.samples], axis=1), sample_rate=rate)
ipd.display(key.segments, f"Changes in {sum(len(k.segments) > 1 for k, _ in heard.values())} songs")
assert (key.segments["start_s"] - one.duration_s).abs().min() < 4

# %% [markdown]
# The joint is there, within the few seconds that one look at the notes takes. But the last line
# counts the songs of the label in which `segments` reports a change, and in truth none of them
# changes its key. Such false changes usually lead to a related key, one that shares most notes: a
# change between neighbours on the circle may be real, or only a doubt. A change between keys far
# apart, as here, is safer.
#
# ## Takeaways
#
# - A number read literally loses songs that fit: think of half and double, and of the related keys.
# - Alternatives and confidence turn a list into a ranking. To test a confidence, sort by it and
#   count; with few songs the intervals are wide, and that is the result.
# - Beats, bars and swing can be checked in a picture and by an F-measure. If one song falls out,
#   look for a fault in the recording.
# - Chords and keys are close to the truth here; sections are proposals. Look and listen before you
#   cut.
#
# ## Next
#
# - [What a recording measures](01-what-a-recording-measures.ipynb) goes deeper into one song.
# - [All notebooks](README.md).
#
# ## References
#
# 1. R. Gebhardt, M. Davies, B. Seeber, Psychoacoustic approaches for harmonic music mixing,
#    *Applied Sciences* 6(5), 2016. <https://doi.org/10.3390/app6050123>
# 2. F. Gouyon and others, An experimental comparison of audio tempo induction algorithms, *IEEE
#    Trans. ASLP* 14(5), 2006. <https://doi.org/10.1109/TSA.2005.858509>
# 3. M. DeGroot, S. Fienberg, The comparison and evaluation of forecasters, *The Statistician*
#    32(1/2), 1983. <https://doi.org/10.2307/2987588>
# 4. L. Brown, T. Cai, A. DasGupta, Interval estimation for a binomial proportion, *Statistical
#    Science* 16(2), 2001. <https://doi.org/10.1214/ss/1009213286>
# 5. C. Raffel and others, mir_eval: a transparent implementation of common MIR metrics, *ISMIR*,
#    2014. <https://mir-eval.readthedocs.io>
# 6. A. Friberg, A. Sundström, Swing ratios and ensemble timing in jazz performance, *Music
#    Perception* 19(3), 2002. <https://doi.org/10.1525/mp.2002.19.3.333>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
