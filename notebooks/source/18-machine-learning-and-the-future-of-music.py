# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 60
#     description: What a machine hears in a song, and whether it hears who made it.
#     level: adv
#     requires:
#     - audio
#     title: What does a machine hear in a song, and can it hear another machine?
#     track: production
# ---

# %% [markdown]
# # What does a machine hear in a song, and can it hear another machine?
#
# **Question.** There are two at the label *Lantern & Tide*. The sync manager, who places songs in
# films, asks: "What did *energy*, *danceability* and *valence* mean, and can we still get them, now
# that Spotify has closed them?" And the label manager: "Our distributor's machine says that one of
# our singers is a machine. Can anybody tell that?"
#
# **You will learn**
#
# - what the old features were, and which of them audio can give back, with which error
# - what level does to energy, and how to get onto the scale of values that you kept
# - what a network that makes sound leaves in a spectrum, and what else leaves the same
# - how a detector comes to be right in all cases, and misses the next generator
# - what a score means when few songs, or many, are generated, and what may follow from it
#
# **Before you start.** [What a recording measures](01-what-a-recording-measures.ipynb), for level
# and spectrum, and [Does sound predict success?](17-does-sound-predict-success.ipynb), for the AUC,
# and for twins that make a model look clever. You have seen a table of pandas.
#
# **Time.** 50 minutes with the exercises.
#
# **Data and licence.** Songs of the fictional label *Lantern & Tide* and of the same studio, all
# *synthesised* under CC0 1.0. **No song here was made by a person, and none by a neural network**:
# the label stands in for people, and traces of up-sampling that we add stand in for generators. No
# network is used.

# %% [markdown]
# ## Set up
#
# The toolkit is `mt`. The tempting detector comes from scikit-learn.

# %%
import IPython.display as ipd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import musictools as mt

rng = np.random.default_rng(2026)

# %% [markdown]
# Four songs of the label, by four artists. The first time they are synthesised, which takes some
# seconds.

# %%
label = mt.datasets.load_label()
titles = ["Concrete Weather", "Low Winter Sun", "Last Stop, Peckham", "Vals para Nadie"]
chosen = label.recordings.query("title in @titles")
songs = label.render(chosen["recording_id"]).set_index("title")
found = {title: mt.audio.estimate(songs.loc[title, "path"]) for title in titles}
songs[["artist", "style"]]

# %% [markdown]
# ## What the features were
#
# The Echo Nest, a company that Spotify bought, gave each song numbers from 0 to 1: people had
# labelled some songs, and a model learned to say what they would have said. The recipe was never
# published. Spotify trained new models under the old names, and closed them to new apps in November
# 2024. So `danceability` never was a property of a sound. It was the *opinion of a model*.
#
# The tempting use: one number each, and a ranking.

# %%
kinds = ["energy", "acousticness", "danceability", "valence", "liveness"]
ranks = pd.DataFrame({title: each.loc[kinds, "estimate"] for title, each in found.items()}).T
ranks.sort_values("danceability", ascending=False).round(2)

# %% [markdown]
# A playlist could be made of that, and would be made of noise. `mt.audio.estimate` learned from 870
# free songs with values of the Echo Nest, none of them from Spotify, whose terms forbid to train on
# its content. It knows its errors, and the whole answer is this:

# %%
with mt.plot.style():
    ax = mt.plot.feature_estimates(found[titles[0]], ax=plt.subplots(figsize=(7, 3.6))[1])
mt.plot.show(ax, alt="Seven features of Concrete Weather with intervals, most of them very wide.")

# %% [markdown]
# The bars are *conformal* intervals: as wide as it takes to hold the value for nine of ten songs
# that the model had not seen. *Tiers* say what a feature is good for:
#
# - **measured**: loudness, tempo, key, mode, metre; no model of opinions is needed
# - **good**: energy and acousticness; the error is half that of a guess, or less
# - **weak**: tells groups of songs apart, not single songs
# - **refused**: liveness; the model is no better than a constant, so there is no number
#
# `mae` is the mean error on unseen songs, `baseline_mae` that of the median of all songs, which
# listens to nothing.

# %%
card = found[titles[0]].table.query("tier != 'measured'")[["tier", "mae", "baseline_mae"]]
dance = pd.DataFrame({t: each.loc["danceability"] for t, each in found.items()}).T
overlap = dance["hi_90"].min() - dance["lo_90"].max()
card.assign(saved=1 - card["mae"] / card["baseline_mae"]).round(2)

# %% [markdown]
# `saved` is the part of that error which listening saves: half of it for the good ones, a quarter
# and less for the weak, and less than nothing for liveness. The intervals for danceability of all
# four songs overlap, so the ranking above says nothing for sure. Who sorts by weak features sorts
# mostly by chance.
#
# ## Level, and a sound from elsewhere
#
# Play the same song more quietly. Nothing about the music changes.

# %%
song = mt.audio.read(songs.loc[titles[0], "path"])
down_db, rate = (0, -6, -12, -18), song.sample_rate
quiet = [mt.audio.estimate(song.samples * 10 ** (db / 20), sample_rate=rate) for db in down_db]
levels = pd.DataFrame([each.loc["energy", ["estimate", "lo_90", "hi_90"]] for each in quiet])
levels = levels.astype(float).set_index(pd.Index(down_db))
with mt.plot.style():
    _, ax = plt.subplots(figsize=(6, 3.2))
    ax.fill_between(levels.index, levels["lo_90"], levels["hi_90"], alpha=0.2, label="90 %")
    ax.plot(levels.index, levels["estimate"], marker="o", label="estimate")
    ax.set(xlabel="Level beside the master (dB)", ylabel="Energy (0 to 1)", ylim=(0, 1))
    ax.legend(loc="upper left")
mt.plot.show(ax, alt="Energy falls by about a half from the master to the quietest copy.")

# %% [markdown]
# Energy is mostly level: what you see in it over decades is partly the loudness war. Only compare
# songs *as mastered*, or all at one loudness. And give the model something that is no song, a
# steady hiss:

# %%
hiss = mt.audio.estimate(rng.normal(0, 0.1, 30 * rate), sample_rate=rate)
ipd.Markdown(f"Out of domain: **{hiss.out_of_domain}**. {' '.join(hiss.words)}")

# %% [markdown]
# It is flagged as *out of domain*: unlike all that was learned from, so that the intervals promise
# nothing. Heed this flag before any number.
#
# ## If you kept your old values
#
# Perhaps you have the old numbers of your own songs. Then do not mix them with estimates, which
# spread less: fit a line between the two. Forty pairs here, made up for the purpose:

# %%
mine = pd.DataFrame({"energy": rng.uniform(0.3, 0.7, 40)})
kept = (1.7 * mine - 0.3 + rng.normal(0, 0.06, (40, 1))).clip(0, 1)
calibrator = mt.audio.fit_calibrator(kept, mine)
moved = calibrator.apply(found[titles[0]])
scales = {"as estimated": found[titles[0]], "on your scale": moved}
scales = {name: each.loc["energy", "estimate":"hi_90"] for name, each in scales.items()}
pd.DataFrame(scales).T.astype(float).round(2)

# %% [markdown]
# The interval is narrower, because forty pairs of one catalogue say more about it than all free
# music. Whether the terms under which you got the old values allow this is yours to know.
#
# ## What a network leaves behind
#
# Now the second question. A network that makes sound ends in layers that raise the sample rate.
# Each leaves weak copies at equal distances: narrow lines in the spectrum, set by how the layers
# are built and not by what was learned [1]. Three "generators" of ours make three songs each, in
# the style of the studio; their lines are far stronger than real ones. All songs, those of the
# label too, are cut into clips of 8 s.

# %%
plain = [mt.datasets.simulate_recording(style=style, duration_s=18, rng=rng).recording
         for style in ("house", "ballad", "waltz") * 3]  # fmt: skip
layers = {
    "Alpha": {"method": "zero_stuffing", "factor": 256},
    "Beta": {"method": "transposed_convolution", "factor": 512},
    "Gamma": {"method": "transposed_convolution", "factor": 8},
}


def clips(samples, count, through=None, leak_db=-12):
    if through:
        how = layers[through] | {"leak_db": leak_db, "rng": list(layers).index(through)}
        samples = mt.datasets.simulate_upsampling(samples, rate, **how)
    parts = np.split(samples[:, : count * 8 * rate], count, axis=1)
    return [mt.audio.from_samples(part, rate) for part in parts]


# %% [markdown]
# `mt.audio.upsampling` takes the spectrum, subtracts its slow course, and looks for a comb in the
# rest. It is a measurement and no verdict. A clip by Beta:

# %%
human = {r.artist: clips(mt.audio.read(r.path).samples, 4) for r in songs.itertuples()}
made = {name: [clip for each in plain[3 * k : 3 * k + 3] for clip in clips(each.samples, 2, name)]
        for k, name in enumerate(layers)}  # fmt: skip
lines = mt.audio.upsampling(made["Beta"][2])
with mt.plot.style():
    ax = mt.plot.upsampling(lines, ax=plt.subplots(figsize=(8.4, 3.2))[1])
mt.plot.show(ax, alt="The residue of a spectrum, with regular lines marked by ticks below it.")

# %% [markdown]
# ## The tempting answer
#
# Turn each clip into numbers (`vector`), deal the clips at random into a part to learn from and a
# part to be asked about, and count.

# %%
piles = [[clip for some in pile.values() for clip in some] for pile in (human, made)]
x = np.array([mt.audio.upsampling(clip).vector() for pile in piles for clip in pile])
generated = np.repeat([False, True], [len(pile) for pile in piles])
simple = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced"))
dealt = KFold(8, shuffle=True, random_state=1)
right = (cross_val_predict(simple, x, generated, cv=dealt) == generated).mean()
ipd.Markdown(f"Right in **{right:.0%}** of clips.")

# %% [markdown]
# This is how such machines are sold. But these are the twins of [the last
# notebook](17-does-sound-predict-success.ipynb): clips of the same song, and of the same generator,
# are on both sides. In real life the next song comes from a generator that nobody has trained on.
#
# ## The next generator
#
# `AIDetector` knows nothing until you teach it, with your own folders. Each generator is *held out*
# in turn, together with some of the artists. And each is asked about copies, too: re-encoded
# (`vorbis`), and played a semitone faster (`pitch_up`), as people do who want to hide something.

# %%
conditions = ("as_is", "vorbis", "pitch_up")
detector = mt.audio.AIDetector(conditions=conditions, rng=1).fit(human, made, progress=False)
with mt.plot.style():
    ax = mt.plot.ai_report(detector.report_, ax=plt.subplots(figsize=(7, 3.8))[1])
mt.plot.show(ax, alt="AUC of three held-out generators on files as they are, and on copies.")

# %% [markdown]
# The *AUC* says how often a generated clip gets a higher score than a human one; a coin has `0.5`.
# That is about ranks. A verdict needs a threshold, and there it breaks: `caught` is the share of
# clips above it.

# %%
scores = detector.report_.scores
caught = scores.pivot_table(index="generator", columns="condition", values="caught")
caught[list(conditions)].style.format("{:.0%}")

# %% [markdown]
# Two generators give each other away. Of Gamma, whose layers are built in another way, most clips
# pass a detector that has not met it, although the tempting answer was near perfect. And a
# generator can do better still: give Alpha a good last layer, so that its lines are far below the
# sound.

# %%
better = [clip for each in plain[:3] for clip in clips(each.samples, 2, "Alpha", leak_db=-60)]
asked = {"human": human[songs["artist"].iloc[0]][:2], "Alpha": made["Alpha"][:2]}
asked["Alpha, next version"] = better[:4]
told = {name: detector.predict(some)["verdict"].value_counts() for name, some in asked.items()}
pd.DataFrame(told).fillna(0).astype(int)

# %% [markdown]
# The next version passes for human. ("Cannot tell" is an answer, too, and a good one.) That is the
# arms race: who publishes how a detector works, helps those who want to pass it; who does not, asks
# to be believed. The words of the detector:

# %%
ipd.Markdown("\n\n".join(detector.words().splitlines()))

# %% [markdown]
# *Fragile* is its verdict on itself. And mind the "Beware": our generators happen to be quieter
# than the label, so a part of its success may be mere level. Bring your piles to one loudness
# first.
#
# ## One of our singers is accused
#
# Deezer said that 18 % of daily uploads were fully generated in April 2025 [2], and 39 % in January
# 2026; they had 3 % of all streams, and up to 85 % of those were fraudulent [3]. Suppose a very
# good detector: it catches 95 of 100 generated songs, and accuses one human song in 100. It says
# "generated". How likely is that? It depends on the pile that it was let loose on.

# %%
caught_share, false_alarms = 0.95, 0.01
share = pd.Series({"all uploads, 2026": 0.39, "all uploads, 2025": 0.18, "a label's roster": 0.001})
hits, wrong = share * caught_share, (1 - share) * false_alarms
people = pd.DataFrame({"generated": share, "right when it accuses": hits / (hits + wrong)})
people.style.format("{:.1%}")

# %% [markdown]
# On all uploads, an accusation is mostly right. On a roster of people whom you know it is mostly
# *wrong*, with the very same detector. So the answer to the label: no, not from a score alone. Ask
# for what a score cannot replace: sessions, takes, stems, a contract. And ask the distributor on
# which generators, held out, and on which copies its detector was judged.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert overlap > 0
assert card.loc["energy", "mae"] < card.loc["energy", "baseline_mae"] / 1.9
assert np.isnan(found[titles[0]].loc["liveness", "estimate"])
assert levels.loc[-18, "estimate"] < 0.65 * levels.loc[0, "estimate"]
assert hiss.out_of_domain
assert not any(each.out_of_domain for each in found.values())
assert lines.p_value < 0.01
assert right > 0.95
assert caught.loc["Gamma", "as_is"] < 0.5 < caught.loc[["Alpha", "Beta"], "as_is"].min()
assert told["Alpha, next version"].get("like the generated", 0) == 0
assert people.iloc[2, 1] < 0.5 < people.iloc[0, 1]

# %% [markdown]
# ## What this cannot tell you
#
# - *Real generators.* We added lines of our own. Real ones are weaker, differ, and change each
#   month. What was right on ours says nothing about a product.
# - *Who made a song.* Lines tell of resamplers, codecs and power supplies, too. A person who sings
#   into a tool with such a layer leaves them; a generator recorded over loudspeakers does not.
# - *What share of work is a machine's.* A loop, a voice, a master by a machine inside a human mix
#   is not one or the other.
# - *What is fair.* Whether training needs a licence is for courts and parliaments. In 2025 labels
#   that had sued two makers of generators began to settle and to license instead [4], before any
#   judgement. Who is paid for what was learned is not in a spectrum.
# - *What it costs musicians.* Plays of generated songs come out of the same pool:
#   [fraud and dilution](11-streaming-fraud-and-ai-dilution.ipynb) reckons how much, by rule.
#
# What *your* data can say is smaller, and worth it: what your songs measure, with errors; whether
# your folders can be told apart, on generators held out; and nothing about a person.
#
# ## Your own music
#
# Write the path of a song, and of two folders: one with a subfolder for each artist, one with a
# subfolder for each generator, eight files or more in each. Beware of *shortcuts*: if all human
# files are FLAC and all others MP3, the detector learns the format. `report_.shortcuts` says so.

# %%
my_song, my_human, my_generated = "", "", ""
if my_song:
    ipd.display(mt.audio.estimate(my_song), mt.audio.upsampling(my_song))
if my_human:
    ipd.display(mt.audio.AIDetector(rng=1).fit(my_human, my_generated).report_)

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** Why not simply believe the comb? Measure `comb_z` of all clips with
# `mt.audio.upsampling`. How many human clips have a higher one than the lowest of Gamma?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
every = {"human": piles[0], **made}
combs = {name: [mt.audio.upsampling(each).comb_z for each in every[name]] for name in every}
ipd.display(pd.DataFrame({name: pd.Series(z).describe() for name, z in combs.items()}).round(1))
assert sum(z > min(combs["Gamma"]) for z in combs["human"]) > 0

# %% [markdown]
# Music has regular lines of its own: a steady beat, a held chord. A threshold for all music does
# not exist.
#
# **Exercise 2.** What false alarm rate would a detector need, so that an accusation is right in
# nine of ten cases on the label's roster? Keep `caught_share`.

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
roster = share["a label's roster"]
needed = roster * caught_share * (1 / 0.9 - 1) / (1 - roster)
ipd.display(ipd.Markdown(f"One false alarm in **{1 / needed:,.0f}** human songs."))
assert abs(roster * caught_share / (roster * caught_share + (1 - roster) * needed) - 0.9) < 1e-9

# %% [markdown]
# To *measure* so low a rate takes tens of thousands of human songs that the detector has not seen.
# Ask how many there were.
#
# ## Takeaways
#
# - The old features are opinions of a model. Energy and acousticness can be had back, four others
#   roughly, liveness not at all.
# - The same song, turned down, has less energy. Compare songs as mastered, and calibrate on values
#   of your own.
# - Up-sampling leaves regular lines; so do other things. A measurement is no verdict.
# - Deal clips at random, and a detector is nearly perfect. Hold out a generator, and it may miss
#   most of it; the next version passes.
# - The same score is proof on one pile and slander on another. It is no evidence against a person.
#
# ## Next
#
# - [Does sound predict success?](17-does-sound-predict-success.ipynb): the other question that
#   people ask machines about songs.
# - [All notebooks](README.md).
#
# ## References
#
# 1. D. Afchar and others, A Fourier explanation of AI-music artifacts, *ISMIR* 2025.
#    <https://arxiv.org/abs/2506.19108>
# 2. ChannelNews, *Deezer swamped by AI music uploads*, 17 April 2025.
#    <https://www.channelnews.com.au/deezer-swamped-by-ai-music-uploads/>
# 3. CelebrityAccess, *Deezer makes its AI detection tech available to the music industry*, 2026.
#    <https://celebrityaccess.com/2026/02/06/deezer-makes-its-ai-detection-tech-available-to-the-music-industry/>
# 4. Cornwalls, *Major label settlements that are reshaping AI music*, 2025.
#    <https://www.cornwalls.com.au/major-label-settlements-that-are-reshaping-ai-music>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
