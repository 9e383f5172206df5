# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 60
#     description: What do our songs share, and is the new one too like the last?
#     level: inter
#     requires:
#     - audio
#     songs: all
#     title: Is the new single too like the last one?
#     track: production
# ---

# %% [markdown]
# # Is the new single too like the last one?
#
# **Question.** Maren Solvåg, the pop singer of Lantern & Tide, hands in a new song, *Paper
# Lanterns*. The A&R manager, who chooses what is released, asks: "Is it too like her last single,
# *Midnight Ferry*? And is the chorus soon enough?"
#
# **You will learn**
#
# - why chords by name, and form by the clock, hide what songs share
# - how to read chords as degrees of the key, bar by bar, and to check them
# - how to say when the chorus comes, and how sure that is
# - how to judge whether two songs are alike: against all other pairs
# - how to find songs that can follow each other, with half and double tempo and with every doubt
#
# **Before you start.** [What can we write on a song's data
# sheet?](01-what-a-recording-measures.ipynb): the tempo and its double, the key and its relatives.
#
# **Time.** 35 minutes. The first run takes a minute more, because the songs are synthesised on your
# computer.
#
# **Data and licence.** Songs of the fictional label *Lantern & Tide*, under CC0 1.0. Their true
# tempo, bars, key, chords and sections are known, so the truth stands beside every answer.

# %% [markdown]
# ## Set up
#
# `mt` is the toolkit. `plt` draws, `np` calculates, `pd` makes tables, `itertools` makes pairs.
# `rng` draws at random, with a seed, so that you get the same numbers as everybody. (All is
# computed with the toolkit's own engine; nothing optional is needed.)

# %%
import itertools

import IPython.display as ipd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import musictools as mt

rng = np.random.default_rng(2026)

# %% [markdown]
# ## Hear the songs of the label
#
# We take every style but those that are built on a beat more than on chords: house, hip-hop, and
# drum and bass. `render` plays and keeps the songs; `song_truth` tells what each was made from.
# Each goes through five tools: tempo, key, chords, sections, and *downbeats*, the moments when a
# bar begins. The first two you know from the data sheet.

# %%
label = mt.datasets.load_label()
written = ~label.recordings["style"].isin(["house", "hip-hop", "drum and bass"])
songs = label.render(label.recordings["recording_id"][written]).set_index("title")
known = {t: label.song_truth(name) for t, name in songs["recording_id"].items()}
chorus_s = {t: k["sections"].query("label == 'chorus'")["start_s"].min() for t, k in known.items()}
tools = mt.audio.tempo, mt.audio.key, mt.audio.chords, mt.audio.sections, mt.audio.downbeats


def hear(path):
    song = mt.audio.read(path)
    return {tool.__name__: tool(song) for tool in tools}


heard = {title: hear(path) for title, path in songs["path"].items()}

# %% [markdown]
# ## The tempting answer: compare what the tools print
#
# So we fill in a data sheet for both: the tempo, the key, and the four most frequent chords
# (`F:min` is F minor). The chorus comes after an introduction and a verse, so we take the moment
# when the third section begins.

# %%
last, new, printed = "Midnight Ferry", "Paper Lanterns", {}
for title in (last, new):
    tempo, key, chords, sections, _ = heard[title].values()
    most = ", ".join(sorted(chords["label"].value_counts().index[:4]))
    printed[title] = [f"{tempo.value:.1f}", key.value, most, f"{sections['start_s'][2]:.1f}"]
pd.DataFrame(printed, index=["tempo (BPM)", "key", "chords", "chorus (s)"])

# %% [markdown]
# Another tempo, another key, no chord in common, and a chorus at another moment. So the two songs
# have nothing to do with each other? It is tempting: each number was right on the data sheet.
# Before you write that to the manager, listen to the first chorus of each. (Here the truth tells
# where it is. Turn your volume down first.)

# %%
for t in (last, new):
    alt = f"First chorus of {t}: drums, bass, chords, a tune."
    ipd.display(mt.plot.listen(songs["path"][t], start_s=chorus_s[t], alt=alt, credit="CC0 1.0."))

# %% [markdown]
# The second is a little lower and slower, and the tune is another one. But underneath, the same
# thing happens. Sing the bass of the first, then of the second: it takes the same steps.
#
# ## Better: chords as degrees of the key
#
# Musicians move a song to another key, and it is still the same song. So they count chords from the
# home note: the chord on it is *degree* `I`, the one on the fifth note of the major scale is `V`,
# and so on. Small letters stand for minor chords, and `b` for a note lowered by a semitone.

# %%
roots = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
degrees = ["I", "bII", "II", "bIII", "III", "IV", "#IV", "V", "bVI", "VI", "bVII", "VII"]


def degree(name, key):
    root, _, kind = name.partition(":")
    if root not in roots:
        return "-"
    step = degrees[(roots.index(root) - roots.index(key.split()[0])) % 12]
    return step.lower() if kind.startswith(("min", "hdim")) else step


# %% [markdown]
# The chords of both songs: by name, then by degree. Below them stand the true sections.

# %%
rows = [{t: heard[t]["chords"] for t in (last, new)}, {}]
for t, chords in rows[0].items():
    counted = [degree(name, heard[t]["key"].value) for name in chords["label"]]
    rows[1][t] = chords.assign(label=counted)
rows.append({t: known[t]["sections"] for t in (last, new)})
with mt.plot.style():
    figure, axes = plt.subplots(3, figsize=(9, 5.4), sharex=True)
    for ax, title, tables in zip(axes, ["Names", "Degrees", "True sections"], rows, strict=True):
        mt.plot.spans(tables, start_s=0, end_s=40, ax=ax).set_title(title)
mt.plot.show(ax, alt="Two songs: their names of chords differ, their degrees agree.")

# %% [markdown]
# By name, the songs share no colour. By degree they are the same, but for the slower bars of the
# second. And you see *loops*: chords that return every four bars. With the chorus begins another
# loop.
#
# ## Bar by bar, beside the truth
#
# To get rid of the clock, we give each bar one degree, that of the chord that fills most of it. We
# do the same with the true chords, bars and key, and count the bars that agree. These are the songs
# with the smallest share of right bars.

# %%
truths = {t: (k["chords"], k["downbeats_s"], k["key"]) for t, k in known.items()}


def by_bar(chords, downbeats, key):
    starts, ends = chords["start_s"].to_numpy(), chords["end_s"].to_numpy()
    shared = np.minimum.outer(np.append(downbeats[1:], ends[-1]), ends)
    most = (shared - np.maximum.outer(downbeats, starts)).argmax(axis=1)
    return [degree(name, key) for name in chords["label"].iloc[most]]


bars = {t: by_bar(h["chords"], h["downbeats"], h["key"].value) for t, h in heard.items()}
true_bars = {t: by_bar(*truth) for t, truth in truths.items()}
right = {t: np.mean([a == b for a, b in zip(bars[t], true_bars[t], strict=False)]) for t in bars}
songs[["style"]].assign(right=right).nsmallest(5, "right").round(2)

# %% [markdown]
# Look at the styles. Jazz has chords of four notes, and `mt.audio.chords` knows `maj`, `min` and
# `7` only; a slow ballad may change the chord within a bar. How good is the reading on the whole? A
# mean of so few songs is uncertain, so we give a 90 % interval by the *bootstrap* [1]: draw as many
# songs, with repetition, again and again, and see how far the mean moves. We draw songs and not
# bars, because the bars of one song succeed or fail together.

# %%
scores = [*right.values()]


def interval(values):
    draws = rng.integers(len(values), size=(2000, len(values)))
    return np.quantile(np.asarray(values)[draws].mean(axis=1), [0.05, 0.95], axis=0)


low, high = interval(scores)
ipd.Markdown(f"Bars right: **{np.mean(scores):.1%}** (90 % interval {low:.1%} to {high:.1%}).")

# %% [markdown]
# That is good enough to go on. But our songs keep time like a clock, and no singer slides between
# the notes. On real records expect less, and check some by ear.
#
# ## How soon does the chorus come?
#
# Managers care, because listeners skip: over three decades of hits, the voice came in sooner and
# sooner [2]. A computer hears that something changes, and not that it is called a chorus. We take
# the place where the first loop ends: the first group of four bars in which at most two agree with
# the first four bars of the song. In the picture, a point is a song.

# %%
form = pd.DataFrame({"tempo_bpm": {t: h["tempo"].value for t, h in heard.items()}})


def turn(loop, most=2):
    groups = [loop[k : k + 4] for k in range(0, len(loop) - 3, 4)]
    same = [sum(a == b for a, b in zip(loop, group, strict=False)) for group in groups]
    return next((4 * k for k, count in enumerate(same) if count <= most), len(loop) - 1)


form["bars_before"] = [turn(loop) for loop in bars.values()]
form["chorus_s"] = [heard[t]["downbeats"][n] for t, n in form["bars_before"].items()]
with mt.plot.style():
    ax = mt.plot.features(form, x="tempo_bpm", y="chorus_s", hue="bars_before")
mt.plot.show(ax, alt="Time of the chorus against tempo; most points lie on falling curves.")

# %% [markdown]
# By the clock the songs differ a lot. In bars they hardly do: nearly all points lie on curves, one
# for each number of bars (and of beats in a bar). The writers of this label count eight bars, or
# twelve if the bars are short, and the tempo does the rest. So the useful advice to a writer is not
# "some seconds sooner" but "leave out four bars".
#
# Is it true? We ask in how many songs the chorus is found within 3 s of the true one: by the
# tempting answer, the third section, and by the loops.

# %%
third = {t: h["sections"]["start_s"].get(2, np.nan) for t, h in heard.items()}
ways = pd.DataFrame({"third section": third, "first loop ends": form["chorus_s"]})
hits = ways.sub(pd.Series(chorus_s), axis=0).abs() <= 3
low, high = interval(hits)
pd.DataFrame({"songs right": hits.sum(), "share": hits.mean(), "low": low, "high": high}).round(2)

# %% [markdown]
# `mt.audio.sections` listens to the *sound*, and in these songs the same players go on from the
# verse to the chorus. On records where a choir comes in, the sections will do better. On records
# with one loop from beginning to end, the loops say nothing. Use both, and look.
#
# ## Is the new song too like the last single?
#
# Take the step from the degree of each bar to that of the next. The *likeness* of two songs is the
# share of such steps that they have in common: 0 is none, 1 is the same mixture. A number alone
# says nothing: how alike are two songs usually? So we measure all pairs of the label; `as_alike` is
# the share of pairs that are as alike, or more.

# %%
moves = {t: pd.Series([*itertools.pairwise(loop)]) for t, loop in bars.items()}
steps = {t: move.value_counts(normalize=True) for t, move in moves.items()}
pairs = list(itertools.combinations(songs.index, 2))
alike = {(a, b): steps[a].combine(steps[b], min, fill_value=0).sum() for a, b in pairs}
table = pd.Series(alike).to_frame("likeness")
table["as_alike"] = table["likeness"].rank(ascending=False, method="max", pct=True)
table[[new in pair for pair in pairs]].nlargest(5, "likeness").round(3)

# %% [markdown]
# By names the two had nothing in common. By degrees they are nearly as alike as songs of this label
# get. But the new song is at least as like *Je t'écris demain*, which another artist sings: the
# label writes its pop in major on these loops. So the answer to the manager is: yes, its harmony
# and its form are those of the last single, and of others. Whether that is too like depends on the
# tune and the words, which nobody has compared here.
#
# ## What do our songs have in common?
#
# The share of bars on each degree, as a mean over songs, beside the truth. Major and minor songs
# stand apart, because they use other chords. `low` and `high` come from the bootstrap over songs.

# %%
habits = {}


def shares(loops):
    counts = {t: pd.Series(loop).value_counts(normalize=True) for t, loop in loops.items()}
    return pd.DataFrame(counts).T.fillna(0)


for mode, part in shares(bars).groupby(lambda t: heard[t]["key"].value.split()[1]):
    low, high = interval(part)
    habit = pd.DataFrame({"mean": part.mean(), "low": low, "high": high})
    habit["true"] = shares(true_bars).loc[part.index].mean()
    habits[f"{mode}, {len(part)} songs"] = habit.nlargest(4, "mean")
pd.concat(habits).round(2)

# %% [markdown]
# Four chords fill most of the bars. This label is not alone with it: in rock, too, `I`, `IV` and
# `V` lead [3]. A writer who wants to stand out should look at what is *not* in the table.
#
# ## Which songs can follow each other?
#
# Degrees help with playlists, too. In *harmonic mixing* [4] a song may follow another if its key,
# taken as a chord, is one of four degrees in the key of the first: then the two share all notes, or
# all but one. And the tempi may differ by 3 %. A mean tempo of the label would be of no use here:
# hardly any song has it. And one song can be felt at half or double speed; that is what programs,
# and people, confuse most [5]. So half and double are allowed.

# %%
follow = {"major": ["I", "IV", "V", "vi"], "minor": ["i", "iv", "v", "bIII"]}


def fits(bpm, other_bpm, key, other_key):
    octaves = np.log2(bpm / other_bpm)
    chord = degree(other_key.replace(" ", ":"), key)
    return abs(octaves - round(octaves)) <= np.log2(1.03) and chord in follow[key.split()[1]]


def chance(a, b):
    four = [heard[t][tool] for tool in ("tempo", "key") for t in (a, b)]
    answers = itertools.product(*([(e.value, e.confidence), *e.alternatives] for e in four))
    return sum(np.prod([p for _, p in x]) for x in answers if fits(*[value for value, _ in x]))


# %% [markdown]
# Every tempo and key comes with a `confidence` and with `alternatives`. `chance` goes through all
# combinations and adds the probabilities of those that fit. The column `fits` is the truth.

# %%
ranked = pd.Series({pair: chance(*pair) for pair in pairs}).nlargest(10).to_frame("chance")
ranked["fits"] = [fits(*(known[t][w] for w in ("bpm", "key") for t in p)) for p in ranked.index]
ranked["tempi"] = [[round(heard[t]["tempo"].value) for t in pair] for pair in ranked.index]
ranked.round(2)

# %% [markdown]
# Look at the column `tempi`: *Slow Burn Avenue* and *Sobremesa* go together only at double speed,
# and whoever takes tempi literally would miss them. Then compare `chance` with `fits`. Here the
# chances fall from nearly sure to nearly nothing, and the truth agrees. On your own music expect
# chances in the middle, too. They are no failure: they say which pair takes an ear and a minute.
# (And look at the styles: a waltz, in three, does not run into a song in four.)
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert hits["third section"].mean() < 0.5 < hits["first loop ends"].mean() - 0.4
assert 0.05 > table["as_alike"][last, new] >= table["as_alike"][new, "Je t'écris demain"]

# %% [markdown]
# ## What this cannot tell you
#
# - Whether a song copies another. Listeners go by tune, words and sound as well, and many songs
#   that nobody calls copies have one loop of four chords.
# - Where the chorus is, if all of the song has one loop. And "verse" and "chorus" are words for
#   what a part does; the loops only say that something new begins.
# - A wrong key: it turns every degree into another. Look at the `alternatives` of the key first.
# - Whether an early chorus helps. The study that found introductions to shrink did not find that
#   shorter ones make a song more popular [2].
# - How it goes on real records. No model has seen these songs, but they were made by the studio
#   that also made some of the songs for training.
#
# ## The same on your own music
#
# Write the names of files into the list, for example `my_files = ["Music/a.wav", "Music/b.wav"]`.
# You get the degrees, bar by bar; with an empty list, nothing.

# %%
my_files = []
mine = [hear(path) for path in my_files]
[" ".join(by_bar(h["chords"], h["downbeats"], h["key"].value)) for h in mine]

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** *Midnight Ferry (Acoustic)* is the same work as *Midnight Ferry*, for other
# players. How alike are the two? Guess first, then look into `table`, and into `bars`.

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
both = [(last, new), (last, "Midnight Ferry (Acoustic)")]
ipd.display(table.loc[both].round(3), bars[both[1][1]][:12])
assert table["likeness"][both].is_monotonic_decreasing

# %% [markdown]
# The same work is less alike than another one! The acoustic version has a folk accompaniment with
# other chords. A song can change its chords and stay the same song, and a measure of chords cannot
# know that.
#
# **Exercise 2.** In one song the end of the first loop is found too late. Which, and why? Look at
# its `bars`. Then let `turn` be stricter or milder (`most=1`, `most=3`): how many songs are right?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
true = {t: (k["downbeats_s"] < chorus_s[t] - 0.1).sum() for t, k in known.items()}
counts = {n: sum(turn(bars[t], n) == true[t] for t in bars) for n in (1, 2, 3)}
ipd.display(pd.Series(counts), {t: bars[t][:12] for t in bars if turn(bars[t]) != true[t]})
assert counts[2] == max(counts.values())

# %% [markdown]
# In that song three of the four chords of the chorus are those of the verse. A milder rule finds
# it, and takes misread chords of jazz for a chorus. Every rule has such a price, and with the few
# songs that we have, its best setting is uncertain, too.
#
# ## Takeaways
#
# - Names of chords and seconds depend on key and tempo. Take both away before you compare songs.
# - A degree is a chord counted from the home note. With one for each bar, a song becomes a line of
#   text, which can be checked against the truth.
# - The end of the first loop says when the chorus comes, in bars. Give the share of songs where it
#   is right, with its interval; and remember what the rule takes for granted.
# - "Alike" means: more alike than other pairs. Songs of one style share loops without copying.
# - For songs that follow each other, allow half and double, and add up the probabilities of all
#   answers instead of taking the first.
#
# ## Next
#
# - [What does a machine hear in a song?](18-machine-learning-and-the-future-of-music.ipynb) goes on
#   from what can be measured to what can be guessed.
# - The production track ends here. Next door, [How many followers did she
#   gain?](05-collecting-streaming-and-social-data.ipynb) begins with the people who listen.
# - [All notebooks](README.md).
#
# ## References
#
# 1. B. Efron, Bootstrap methods: another look at the jackknife, *Annals of Statistics* 7(1), 1979.
#    <https://doi.org/10.1214/aos/1176344552>
# 2. H. Léveillé Gauvin, Drawing listener attention in popular music: testing five musical features
#    arising from the theory of attention economy, *Musicae Scientiae* 22(3), 2018.
#    <https://doi.org/10.1177/1029864917698010>
# 3. T. de Clercq, D. Temperley, A corpus analysis of rock harmony, *Popular Music* 30(1), 2011.
#    <https://doi.org/10.1017/S026114301000067X>
# 4. R. Gebhardt, M. Davies, B. Seeber, Psychoacoustic approaches for harmonic music mixing,
#    *Applied Sciences* 6(5), 2016. <https://doi.org/10.3390/app6050123>
# 5. F. Gouyon and others, An experimental comparison of audio tempo induction algorithms, *IEEE
#    Trans. ASLP* 14(5), 2006. <https://doi.org/10.1109/TSA.2005.858509>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
