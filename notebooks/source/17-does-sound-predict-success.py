# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 60
#     description: What the sound tells of success, and all that only seems to.
#     level: adv
#     requires: []
#     title: Can we tell from the sound which song will be a hit?
#     track: marketing
# ---

# %% [markdown]
# # Can we tell from the sound which song will be a hit?
#
# **Question.** A company offers the label *Lantern & Tide* a machine: "It listens to a demo and
# says whether it will be a hit. It is right in 99 of 100 cases." The A&R manager, who chooses what
# is released, asks: "Can we tell from the sound which song will be a hit? And how would I notice if
# we cannot?"
#
# **You will learn**
#
# - why a model that is nearly always right may have listened to nothing
# - how to ask what sound adds to what is known anyway: who the artist is, and when it came out
# - how to read chances, importance and effects with their intervals, and what a chance is worth
# - how to ask whether the typical does best, and whether music ever leaps
# - what no such model can tell you, however good it is
#
# **Before you start.** [Start here](00-start-here.ipynb), for the table of features: there eight
# songs were too few to say whether the loud do better, and the artist stood behind both. Here are
# more than a thousand songs, and the artist stands there still. [How many streams in eight
# weeks?](15-forecasting-streams.ipynb) says why a forecast is judged by what it did not see. You
# have seen a table of pandas, and know what a random sample is.
#
# **Time.** 50 minutes with the exercises.
#
# **Data and licence.** Songs of `simulate_hits`, all *simulated* under CC0 1.0, so that we know
# what sound has to do with success: first nothing, then something. (The label has too few songs for
# this question.) No real song or artist is meant, and no network is used.

# %% [markdown]
# ## Set up
#
# The toolkit is `mt`. The forest and its tests come from scikit-learn; most people who try this
# start there.

# %%
import IPython.display as ipd
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, cross_val_predict
from statsmodels.stats.proportion import proportion_confint

import musictools as mt

# %% [markdown]
# `simulate_hits` makes artists, some of them famous, and songs with twelve measured features. In
# this first world, the *silent* one, `effect=0`: **sound does nothing**. Hits are made by fame,
# year and luck. But famous artists have a sound of their own (`house_sound`), and of some hits a
# remaster or a live version comes out years later (`reissues`), as in real life.

# %%
how = {"artists": 120, "fame": 2, "house_sound": 0.8, "reissues": 0.4, "rng": 1}
silent = mt.datasets.simulate_hits(1_200, effect=0, **how)
silent.songs.head(4)

# %% [markdown]
# ## The tempting answer
#
# Join all that is there. Hide a fifth of the songs, dealt at random, teach a random forest with the
# others, and ask it about the hidden ones; five times, until each was hidden once. `accuracy` is
# the share of right answers.

# %%
joined = silent.features.merge(silent.songs, on="recording_id")
sound = list(silent.features.columns[1:])
new = silent.truth["songs"]["reissue_of"].isna()


def tempting(rows, columns):
    forest = RandomForestClassifier(100, random_state=1)
    folds = KFold(5, shuffle=True, random_state=1)
    hit = rows["hit"]
    chance = cross_val_predict(forest, rows[columns], hit, cv=folds, method="predict_proba")[:, 1]
    right = ((chance > 0.5) == hit).mean()
    return {"accuracy": right, "always no": 1 - hit.mean(), "auc": roc_auc_score(hit, chance)}


first = tempting(joined, [*sound, "popularity"])
ipd.Markdown(f"The forest is right in **{first['accuracy']:.1%}** of cases.")

# %% [markdown]
# There is the 99 of 100. And in this world sound does *nothing*. What did the forest listen to?
#
# ## Three traps
#
# *What is known only afterwards.* `popularity` is counted after the release: it does not foretell
# the hit, it is the hit. *Twins.* A remaster in the hidden part has its original in the other.
# *Accuracy.* Most songs are no hits; a parrot that always says "no" is right each time one is not.
# A better number is the *AUC*: show it a hit and another song, and count how often the hit gets the
# higher chance. A coin has `0.5`. We take the traps away, one by one.

# %%
ladder = {"all columns": first, "sound only": tempting(joined, sound)}
ladder["sound, no reissues"] = tempting(joined[new], sound)
pd.DataFrame(ladder).T.round(3)

# %% [markdown]
# Without `popularity`, a little better than the parrot. Without reissues, not even that. Yet the
# AUC is still above a coin's: there is *something* in the sound. It is the fourth trap, and the
# deepest: **fame can be heard**. The famous sound like the famous, because they are; whoever copies
# their sound does not get their fame.
#
# ## The right question
#
# So do not ask "does sound foretell hits?" but "does it add to what I know anyway?" `HitModel` fits
# three models: `history` knows what the artist had done by then, the date and the season, and how
# many songs of the last year became hits; `sound` knows the features only; `both` knows both. Each
# song is judged by models that were fitted on *earlier* songs of *other* artists. What leaks is
# looked for first. We leave `popularity` in, to see whether it is noticed.

# %%
trapped = joined[["recording_id", *sound, "popularity"]]
judge = mt.trends.HitModel(rng=1).fit(trapped, silent.songs)
judge.report_

# %% [markdown]
# The first line is the answer, and it is right: sound adds nothing that matters. `Skill` is the
# share of the *Brier score*, the mean squared error of a chance, that a model saves beside one that
# gives each song the share of hits; `Gain` is the same beside `history`. An interval that holds
# zero is no proof that there is nothing. It says that anything larger than its ends would have been
# seen. Only where all of it lies below a gain of 2 % is the verdict `nothing`; else it is
# `unclear`. And for `adds` a gain is not enough: a model could know the *artist* by the sound, or
# the *year*, where sound and hits both have fashions. So the songs of each artist swap their sounds
# (all that is not the fashion of their day), and the predictions must get worse (`Within`, a p
# value). The leaks come last, and `popularity` is the first of them.
#
# ## A world where sound matters
#
# The same artists, and now `effect=0.8`: the more danceable, the better. First the forest, then
# `HitModel`. Which of the two tells the worlds apart?

# %%
loud = mt.datasets.simulate_hits(1_200, effect=0.8, **how)
model = mt.trends.HitModel(rng=1).fit(loud.features, loud.songs)
both_worlds = {}
for name, world, report in (("silent", silent, judge.report_), ("loud", loud, model.report_)):
    table = world.features.merge(world.songs, on="recording_id")
    scores = report.scores.set_index("model")
    both_worlds[name] = {"forest": tempting(table, sound)["auc"], "verdict": report.verdict}
    both_worlds[name] |= scores.loc["both", ["gain", "gain_lo", "gain_hi"]].round(3).to_dict()
pd.DataFrame(both_worlds).T

# %% [markdown]
# The forest (its AUC) finds hits in both worlds, a little more in one. `HitModel` says `nothing` in
# the one, and `adds` in the other, where the whole interval of the gain lies above zero.
#
# ## What is a chance worth?
#
# A chance is *calibrated* if, of all songs with a chance of a third, a third become hits. Then you
# can count with it. On the dashed line, predictions come true.

# %%
with mt.plot.style():
    ax = mt.plot.hit_reliability(model.report_, ax=plt.subplots(figsize=(7, 4.4))[1])
mt.plot.show(ax, alt="Predicted and seen shares of hits: lines near the diagonal, sound below it.")

# %% [markdown]
# `history` and `both` come true nearly everywhere within their intervals. `sound` alone promises
# too much: hits were less rare in the years that it learned from, and it knows no date.
#
# The label can take one demo in ten. How many hits are among them, if we take the best by each
# model, and how many if we draw lots? The intervals are Wilson's.

# %%
past = model.report_.predictions
rows = {"lots": [past["hit"].mean()]}
for view in ("history", "sound", "both"):
    taken = past.nlargest(len(past) // 10, view)["hit"]
    rows[view] = [taken.mean(), *proportion_confint(taken.sum(), len(taken), 0.1, "wilson")]
worth = pd.DataFrame(rows, index=["hits", "lo_90", "hi_90"]).T
worth.style.format("{:.0%}", na_rep="")

# %% [markdown]
# Each is far better than lots, and of those taken about half are misses. The intervals of the three
# overlap, so that this alone does not say which is best. This is a world in which sound matters a
# lot; still fame and luck do most. And whoever goes by `history` alone signs the famous only.
#
# ## Which sound?
#
# *Permutation importance*: shuffle a column among the songs, and see how much worse the predictions
# get. Columns that go together are shuffled together, or each would hide behind the other.

# %%
with mt.plot.style():
    ax = mt.plot.hit_importance(model.report_, ax=plt.subplots(figsize=(7.4, 3.8))[1])
mt.plot.show(ax, alt="Danceability and the artist's history stand out; the others are near zero.")

# %% [markdown]
# A *partial effect* says which way: the chance of a hit if all songs had a value, all else as it
# is. The band comes from other draws of artists. On the left the cause that was put in; on the
# right the rate of onsets, which goes with danceability and does nothing by itself.

# %%
units = {"danceability": "1", "onset_rate_hz": "Hz"}
effects = {name: model.effect(name) for name in units}
with mt.plot.style():
    _, axes = plt.subplots(1, 2, figsize=(8.6, 3.6), sharey=True)
    for ax, (name, unit) in zip(axes, units.items(), strict=True):
        mt.plot.hit_effect(effects[name], ax=ax).set_xlabel(f"{name} ({unit})")
    axes[1].set_ylabel("")
mt.plot.show(ax, alt="On the left the chance rises steeply, on the right it is nearly level.")

# %% [markdown]
# ## Does the typical do best?
#
# A study of about 27,000 songs of the Hot 100 found that those very much like the others did worse,
# and that it pays to be *a little* different [1]. `typicality` compares each song with those of the
# year before; `inverted_u` asks whether the middle does best. A curve that bends proves nothing,
# since one that levels off bends too: two tests must agree. We ask in three worlds.

# %%
bulge = mt.datasets.simulate_hits(2_000, artists=300, shape="inverted_u", effect=1.0, rng=1)
middles = {}
for name, world in {"silent": silent, "loud": loud, "bulge": bulge}.items():
    typical = mt.trends.typicality(world.features, world.songs, genre="genre")
    middles[name] = typical.inverted_u(world.songs)
with mt.plot.style():
    ax = mt.plot.inverted_u(middles["bulge"], ax=plt.subplots(figsize=(7, 3.8))[1])
    ax.set(xlabel="Typicality (rank, 0 to 1)", ylabel="Share of hits (0 to 1)")
mt.plot.show(ax, alt="The share of hits is highest for songs of middling typicality.")

# %% [markdown]
# In numbers, in all three. The two lines are one up to the middle and one from there on; only if
# the interval of the first slope lies above zero, and that of the second below, is there an
# inverted U:

# %%
pd.Series({name: found.words() for name, found in middles.items()}).to_frame("what is found").style

# %% [markdown]
# In the bulge the middle does best, as it was built; in the other two no peak is shown. But look at
# the silent world: the more typical songs do better there, and the interval is above zero, although
# sound does *nothing*. `typicality` does not know who the artist is. It is the fourth trap again.
#
# ## Does music leap?
#
# Charts get louder over decades, and a study of 17,000 recordings in American charts speaks of
# three revolutions of sound: 1964, 1983 and 1991 [2]. The tempting way: plot how much the sound
# changes from year to year, and call the highest peak a revolution. But each curve has a highest
# peak. `sound_evolution` measures *novelty* [3], and asks how high the highest gets if music only
# walks on at a steady pace. Here loudness drifts, and in 1991 the sound changes; then the same
# without 1991.

# %%
walks, span = {}, {"years": (1960, 2019), "artists": 300, "rng": 3}
for name, when in {"with a leap": 1991, "without": None}.items():
    made = mt.datasets.simulate_hits(2_400, revolution=when, **span)
    walks[name] = mt.trends.sound_evolution(made.features, made.songs, draws=200, rng=1)
with mt.plot.style():
    _, axes = plt.subplots(1, 3, figsize=(9.6, 4.4))
    ax = mt.plot.sound_trend(walks["with a leap"], column="integrated_lufs", ax=axes[0])
    ax.set_ylabel("Loudness (LUFS)")
    for ax, (name, walk) in zip(axes[1:], walks.items(), strict=True):
        mt.plot.sound_novelty(walk, ax=ax).set_title(name)
mt.plot.show(ax, alt="Loudness rises; 1991 is far above the line, others only now and then.")

# %% [markdown]
# With the leap, 1991 stands far above all that a steady pace gives. Without it (mind the scale)
# single years still come above the dashed line, which holds 95 of 100 values of *one* year: among
# so many years some must. Only the highest of a whole history is compared with the highest of
# others, and there it finds nothing.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert first["accuracy"] > 0.99
bare, honest = ladder["sound only"], ladder["sound, no reissues"]
assert bare["accuracy"] - bare["always no"] > 0 > honest["accuracy"] - honest["always no"]
assert 0.55 < honest["auc"] < bare["auc"]
assert {"after_release", "reissue"} <= set(judge.report_.leaks["kind"])
assert [each["verdict"] for each in both_worlds.values()] == ["nothing", "adds"]
assert min(each["forest"] for each in both_worlds.values()) > 0.65
assert past["sound"].mean() > 1.3 * past["hit"].mean()
assert worth["hits"].idxmin() == "lots"
assert model.report_.importance["group"].iloc[0] == "danceability"
assert effects["danceability"].lo > 5 * abs(effects["onset_rate_hz"].difference)
assert [found.verdict for found in middles.values()] == ["rises", "rises", "inverted_u"]
assert middles["silent"].line_low_lo > 0
assert walks["with a leap"].revolutions["year"].tolist() == [1991]
assert not len(walks["without"].revolutions)

# %% [markdown]
# ## What this cannot tell you
#
# - *That sound causes success.* In the silent world the sound *alone* did better than a coin,
#   because it told the fame. What is not in the table (promotion, playlists, a face, a story) can
#   be told by the sound in the same way, and so can a fashion of one genre. Only a test can say
#   what a change of sound does.
# - *What is not a hit yet.* Only songs that came out are in the table. A model learns the taste of
#   those who chose them, and of years that are gone.
# - *How little is left.* "Nothing that these songs can show" depends on how many there are. See the
#   second exercise.
# - *Real sizes.* Ours are made up. In real charts both kinds of result have been published: on half
#   a million British songs a model of sound did better than chance, and better still when told
#   whether the artist was a star already [4].
# - *What to write.* A model of hits finds songs like old hits. If all go by it, all sound alike,
#   and the typical did not do best.
#
# ## Your own songs
#
# You need two tables: the features, as `mt.audio.extract("Music")` measures them, and one row a
# song with `recording_id`, `artist`, `title`, `released_at` and `hit` (`0` or `1`, by a rule that
# you fix before you look). Some hundred songs are the least; a label with thirty has to read, not
# fit. Do not use what a platform's terms forbid to train on: musictools refuses what it knows of.

# %%
my_features, my_songs = "", ""
if my_features:
    mine = mt.trends.HitModel(rng=1)
    mine.fit(pd.read_parquet(my_features), pd.read_csv(my_songs, parse_dates=["released_at"]))
    ipd.display(mine.report_)

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** Reissues fooled the forest. Do they fool `HitModel`? Fit it on the silent world
# once more with `reissues="keep"`. Compare the verdict, and the AUC of each of the three models.
# Which of them is flattered, and why? (How many of the reissues are hits?)

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
kept = mt.trends.HitModel(reissues="keep", rng=1).fit(silent.features, silent.songs)
asked = {"left out": judge.report_, "kept": kept.report_}
aucs = pd.DataFrame({name: each.scores.set_index("model")["auc"] for name, each in asked.items()})
hits = joined[~new]["hit"].mean()
ipd.display(aucs.round(2), f"{kept.report_.verdict}; {hits:.0%} of the reissues are hits")
assert kept.report_.verdict == judge.report_.verdict == "nothing"
assert aucs.loc["sound"].max() < 0.6
assert hits == 1
assert aucs.loc["history", "kept"] > aucs.loc["history", "left out"] + 0.05

# %% [markdown]
# The verdict stands: twins have the same artist, and no artist is on both sides, so sound gains
# nothing. But `history` looks much better than it is. Only hits are reissued. So each reissue is a
# "hit", and its artist has had one before: the original. No split helps against that, only a look
# at the titles, which is why `HitModel` leaves reissues out. The bar for sound would be too high.
#
# **Exercise 2.** How many songs does it take? Fit the loud world on its first 300 and 600 rows
# (leave the reissues to the model), beside `model`, which has all. Where is the verdict right?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
few = {size: (loud.features.head(size), loud.songs.head(size)) for size in (300, 600)}
fits = {size: mt.trends.HitModel(rng=1).fit(*each) for size, each in few.items()} | {"all": model}
both = {size: each.report_.scores.set_index("model").loc["both"] for size, each in fits.items()}
width = {size: each["gain_hi"] - each["gain_lo"] for size, each in both.items()}
sizes = {size: [each.report_.verdict, width[size]] for size, each in fits.items()}
ipd.display(pd.DataFrame(sizes, index=["verdict", "width"]).T)
assert sizes[300][0] != sizes["all"][0] == "adds"
assert width[300] > width["all"]

# %% [markdown]
# The interval gets narrower, and only then does the verdict turn. Before you ask the question, know
# how large an effect your songs could show at all.
#
# ## Takeaways
#
# - What is known only afterwards, twins, and a parrot's accuracy make a model look clever. Take
#   them away one by one, and look at what is left.
# - Ask what sound *adds* to artist and date, on later songs of other artists. `HitModel` does, and
#   says "nothing" where nothing is.
# - Chances that come true can be counted with; importance says which sound, a partial effect says
#   which way, each with an interval. Most of success stays fame and luck.
# - A curve that bends is no inverted U, and the highest peak is no revolution, until a test says
#   so.
# - Sound may stand in for fame, money and taste. Foretelling is not causing, and a model of old
#   hits knows old hits.
#
# ## Next
#
# - [Machine learning and the future of music](18-machine-learning-and-the-future-of-music.ipynb):
#   what machines hear, and whether they can hear each other.
# - [Did the campaign work?](12-did-the-campaign-work.ipynb): how a test tells causes.
# - [All notebooks](README.md).
#
# ## References
#
# 1. N. Askin, M. Mauskapf, What makes popular culture popular? Product features and optimal
#    differentiation in music, *American Sociological Review* 82, 2017.
#    <https://doi.org/10.1177/0003122417728662>
# 2. M. Mauch and others, The evolution of popular music: USA 1960-2010, *Royal Society Open
#    Science* 2, 2015. <https://doi.org/10.1098/rsos.150081>
# 3. J. Foote, Automatic audio segmentation using a measure of audio novelty, *ICME*, 2000.
#    <https://doi.org/10.1109/ICME.2000.869637>
# 4. M. Interiano and others, Musical trends and predictability of success in contemporary songs in
#    and out of the top charts, *Royal Society Open Science* 5, 2018.
#    <https://doi.org/10.1098/rsos.171274>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
