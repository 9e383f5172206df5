# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 45
#     description: Which plays are bought, what that earns under each payout rule, and
#       what generated tracks cost the others.
#     level: adv
#     requires: []
#     title: Which plays are bought, and who pays for them?
#     track: streaming
# ---

# %% [markdown]
# # Which plays are bought, and who pays for them?
#
# **Question.** The distributor of the label *Lantern & Tide* writes: "4 % of all plays that we
# deliver were taken back last month, as *artificial*." The label's manager remembers the bots on
# *Sobremesa* and asks: "Which plays are that, and how can anybody know? What does buying plays earn
# at all? And what does the flood of generated tracks cost my artists?"
#
# **You will learn**
#
# - why the accounts that play most are mostly fans, and which bots hide among everybody else
# - how accounts and artists give themselves away, and how to test a detector where the truth is
#   known
# - whom a score accuses who has done nothing, and what may follow from a score
# - what an attack earns under each payout rule, and where it breaks even
# - what generated music takes from all others, and why the rule decides how much
#
# **Before you start.** [Would another rule pay us more?](09-who-gets-paid.ipynb), for the payout
# rules, and exercise 2 of [Start here](00-start-here.ipynb), for the bots. You have seen a table of
# pandas and a short function.
#
# **Time.** 45 minutes with the exercises.
#
# **Data and licence.** A *simulated* streaming service, under CC0 1.0: its listening is set to
# published figures, its five attacks are *ours*. No real account, artist or company is meant. No
# network is used.

# %% [markdown]
# ## Set up
#
# The toolkit is `mt`; `plt` draws, `pd` and `np` calculate.

# %%
import IPython.display as ipd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import musictools as mt

# %% [markdown]
# Real plays come without an answer: nobody can say for sure which ones were bought. So we first
# look at a service where everything is known. `mt.datasets.simulate_plays` makes a month of a small
# one, and five kinds of cheating:
#
# - a *bot farm*: accounts that play one artist round the clock, each track for just long enough
# - a *copying farm*: accounts that copy what real people play, and slip in a tenth for one artist
# - *payola*: a bought place on a playlist, which real people hear without knowing
# - *generated music*: many new artists, played mostly by robots
# - *slicing*: songs cut into pieces just long enough to count
#
# A play counts when it was heard for 30 seconds. The *targets* are the artists for whom it is done.

# %%
sets = mt.datasets
attacks = {
    "bot_farm": sets.BotFarm(accounts=3, plays_per_day=75),
    "copying_farm": sets.CopyingFarm(accounts=12, share=0.1),
    "playlist_payola": sets.PlaylistPayola(listeners=60, share=0.04),
    "ai_dilution": sets.AIDilution(share=0.02, artists=40, accounts=3),
    "track_slicing": sets.TrackSlicing(artists=8),
}


def service(*some):
    return sets.simulate_plays(300_000, attacks=some, rng=2026)


made = service(*attacks.values())
made.truth["attacks"][["attack", "accounts", "plays_on_target"]]

# %% [markdown]
# The distributor delivers the music of all artists of this service who are people. `bought` marks
# plays that counted, that an attack made, and that went to a target: those which should be taken
# back. (A copying account plays mostly others, as a disguise.) What is the part of them, of the
# three kinds of buying that touch these artists?

# %%
plays, truth = made.plays.copy(), made.truth
targets = truth["targets"].set_index("artist_id")["attack"].astype(object)
plays["attack"] = truth["plays"].set_index("row")["attack"].astype(object).reindex(plays.index)
plays["counted"] = plays["seconds"] >= 30
for_targets = plays["attack"].notna() & plays["artist_id"].isin(targets.index)
plays["bought"] = plays["counted"] & for_targets
ours = plays[plays["counted"] & (plays["attack"] != "ai_dilution")]
share = (ours["bought"] & (ours["attack"] != "track_slicing")).mean()
ipd.Markdown(f"**{share:.0%}** of these counted plays were bought: that is the letter.")

# %% [markdown]
# ## The tempting answer: who plays most is a bot
#
# In notebook 00 the bots on *Sobremesa* were easy: a few accounts played it more than a thousand
# times each. "So do it again: sort by plays, and close the accounts on top." There are as many fake
# accounts here as `fake` holds. Let us take as many from the top.

# %%
fake = truth["users"].set_index("user_id")["attack"].astype(object)
per_account = plays[plays["counted"]].groupby("user_id", observed=True).size()
caught = per_account.nlargest(len(fake)).index.isin(fake.index).sum()
ipd.Markdown(f"Of the {len(fake)} accounts on top, **{caught}** are fake; the others are people.")

# %% [markdown]
# The crude robots are among them, and as many fake ones were missed as people were hit. These
# people are the best customers that a service has, and each of
# them would be told that their favourite artists are paid for by crooks. Where are the rest of the
# fake ones?

# %%
is_fake = per_account.index.isin(fake.index)
with mt.plot.style():
    _, ax = plt.subplots(figsize=(8, 3.4))
    values, bins = [per_account[~is_fake], per_account[is_fake]], np.geomspace(1, 8_000, 28)
    ax.hist(values, bins=bins, stacked=True, label=["people", "fake"])
    ax.set(xscale="log", xlabel="Counted plays in the month (number)", ylabel="Accounts (number)")
    ax.legend()
mt.plot.show(ax, alt="Fake accounts stand among all others; the heaviest accounts are people.")

# %% [markdown]
# In the middle. Who copies real accounts copies how much they play, and when; no line across this
# picture can part them. *How much* is the wrong question.
#
# ## The better question: what do they do, and with whom?
#
# `mt.economics.suspicion` asks for five *habits* (how much, how much for one artist, how often just
# long enough to count, how evenly, how much at night), each against what most accounts do, and with
# the error that few plays leave. How much counts little. The sixth view is the *company* that an
# account keeps: an artist whose listeners all give it about the same part of their plays is not
# loved, but served. The score goes from 0 to 1, and from `0.5` on an account is worth a look. It
# needs no examples of fraud. Here is the most suspicious account of each kind, in its own words:

# %%
found = mt.economics.suspicion(plays)
heard = plays.loc[plays["attack"] == "playlist_payola", "user_id"].unique()
follows = pd.Series("playlist_payola", heard).drop(fake.index, errors="ignore")
found["who"] = found["user_id"].astype(object).map({**follows, **fake}).fillna("people")
found["plays"] = found["user_id"].map(per_account).astype(float).fillna(0)
found.groupby("who", sort=False).first().style.format(precision=2)

# %% [markdown]
# Words matter more than the score: a person can check them, and whoever is accused can answer. The
# kind that we call `playlist_payola` are people who follow a playlist. They are not fake, and the
# score knows no difference: it says "a farm, or a playlist".
#
# ## How good is it? Only where the truth is known
#
# A *ROC curve* goes through all thresholds: how much fraud is found (upwards) against how many
# people are accused (to the right). Its area, the *AUC*, is 1 if all fraud stands above all
# people, and a half for a coin. On the left the tempting answer, on the right the score.

# %%
kinds = [*fake.unique(), "playlist_payola"]
with mt.plot.style():
    _, axes = plt.subplots(1, 2, figsize=(9.5, 4.6), sharey=True)
    for ax, column in zip(axes, ("plays", "score"), strict=True):
        for kind in kinds:
            rows = found[found["who"].isin(["people", kind])]
            mt.plot.roc(rows[column], rows["who"] == kind, label=kind, ax=ax)
        ax.set_title(f"by {column}")
mt.plot.show(ax, alt="By plays, copies and payola are near chance; by score all curves are steep.")

# %% [markdown]
# Copies and the audience of the playlist are found, though their totals tell next to nothing. Now
# count those who would be accused from `0.5` on. The heavy listeners are the tenth of people who
# play most, those whom the tempting answer hit.

# %%
people = found[found["who"] == "people"]
heavy = people[people["plays"] >= people["plays"].quantile(0.9)].assign(who="people: heavy")
judged = pd.concat([found, heavy]).groupby("who")["score"]
judged = judged.agg(accounts="size", accused=lambda score: (score >= 0.5).sum())
judged

# %% [markdown]
# Nobody who has nothing to do with an attack is accused, heavy or not. But nearly all followers of
# the playlist are, and they are innocent: somebody sold their ears. **A score is a reason to
# look, and no verdict on a person.** So do not close accounts by it. Look at the artists:

# %%
artists = mt.economics.suspicious_artists(plays)
artists["who"] = artists["artist_id"].map(targets).fillna("not bought")
artists["accused"] = artists["score"] >= 0.5
leads = artists.groupby("who").agg(artists=("score", "size"), accused=("accused", "sum"))
leads.join(artists.groupby("who")[["score", "reasons"]].first()).style.format(precision=2)

# %% [markdown]
# Of thousands of artists who bought nothing, none is accused. Sliced songs are found where there
# are a few plays to go by: *all* of them end after half a minute. Below some twenty plays the score
# stays under the line, and an artist whom nobody played cannot be seen at all.
#
# ## Which plays are taken back?
#
# Now the letter can be answered. We take back a play if it counted, *and* its account is
# suspicious, *and* its artist is. All other plays of these accounts stay: fans of a playlist like
# many songs, and a copying account mostly plays artists who know nothing of it.

# %%
accounts = found.loc[found["score"] >= 0.5, "user_id"]
led = plays["artist_id"].isin(artists.loc[artists["accused"], "artist_id"])
plays["taken_back"] = plays["counted"] & led & plays["user_id"].isin(accounts)
kind = plays["attack"].where(plays["bought"], "not bought")[plays["counted"]]
back = plays[plays["counted"]].groupby(kind)["taken_back"].agg(plays="size", taken_back="sum")
back

# %% [markdown]
# What stays was heard by real people: generated music, and sliced songs, where what is wrong is how
# the artist cut them. And a manager whose artist is on the list may be as surprised as anybody:
# "promotion" with guaranteed plays is often what buys them. Some services also charge a fee for
# each such song [1].
#
# ## What does buying plays earn?
#
# `mt.economics.attack_profit` compares two months that differ in nothing but the attack, each
# attack alone. The service hands out `0.7` of all fees. You know the rules from notebook 09.
# `scaled_user_prop` [2] was made against such attacks: an account's plays weigh the same, up to
# what its fee can pay. `user_cap` counts no more plays of an account than a number, here 1,000 a
# month, as Deezer says that it does. The table holds the *profit* in US dollars: what the targets
# gained, less what the accounts cost.

# %%
rules = mt.economics.rules
offered = [0.7 * rules.pro_rata(), 0.7 * rules.user_cap(1_000), 0.7 * rules.user_centric()]
offered += [rules.scaled_user_prop(0.7)]
genuine = service()
earned = {n: mt.economics.attack_profit(service(a), genuine, offered) for n, a in attacks.items()}
profit = pd.DataFrame({n: e.table.set_index("rule")["profit"] for n, e in earned.items()})
(profit.round(2) + 0).style.format("{:+.2f}")

# %% [markdown]
# - The **bot farm** wins under pro-rata. Elsewhere its accounts get back at most what they paid in.
# - **Generated music** just pays for its robots under pro-rata. Where each fee goes to what its
#   payer plays, the robots lose a part of their fees. `scaled_user_prop` gives them all back, as to
#   any farm, but no more; what is left are people who hear generated tracks, and pay for them.
# - **Copies** lose money under each rule: most of their plays go to others. Who buys them wants
#   something else than royalties, such as a place in a chart, or has not paid for the accounts.
# - **Payola** and **slicing** win under each rule. Real people pay real fees, and no rule that only
#   looks at plays can see the difference. (What the place on the playlist cost is not in here.)
#
# ## Where does a farm break even?
#
# The bigger, the better? `mt.economics.farm_profit` adds three accounts of every size to the
# genuine plays. Here everybody pays one fee, so the money is counted in fees.

# %%
long_enough, sizes = genuine.plays[genuine.plays["seconds"] >= 30], np.geomspace(60, 6_000, 13)
farm = mt.economics.farm_profit(long_enough, offered, accounts=3, plays_per_account=sizes)
with mt.plot.style():
    ax = mt.plot.farm_profit(farm, ax=plt.subplots(figsize=(8, 4.6))[1])
mt.plot.show(ax, alt="Pro-rata rises without end; the cap ends at a small profit, others at none.")

# %% [markdown]
# Under pro-rata each play is worth the same whoever makes it, so whoever plays more than the mean
# takes other people's money, and there is no end to it. A cap ends it at some number, and a smart
# farm plays just that. User-centric never lets anybody take out more than they put in, and the
# scaled rule never more than all of it. For a service of any size the break-even under pro-rata is
# a formula, the mean plays over the part that is handed out:

# %%
round(mt.economics.break_even_plays(users=1_000_000, plays=600 * 1_000_000, share=0.7))

# %% [markdown]
# Plays of each account in a month. It depends on the mean alone: a large service is no safer. A
# farm in a court case of the United States had 1,040 accounts with 636 plays *a day* [3].
#
# **Turn it yourself.** Here are the star and the duo of notebook 09 again, now with a farm beside
# them. Turn up what its accounts play: who pays for it by which rule? Then turn down `alpha`, the
# part of the fees that the scaled rule hands out. (Where no widgets run, give numbers in the
# brackets: `bots`, `bot_plays`, `alpha`.)

# %%
mt.lab.explore_payouts({"bots": 1, "bot_plays": 6000})

# %% [markdown]
# One account in a hundred takes a large part of a pro-rata pot, from the star and from the duo. By
# the other two rules it gets back no more than it paid in, however much it plays.
#
# ## What does a flood of generated music cost the rest?
#
# If generated plays are `x` times all other plays, the others keep `1 / (1 + x)` of a pro-rata
# pool: `mt.economics.dilution_loss`. But which plays? Robots never skip, so all of theirs count,
# and of people's about two thirds. We let the flood rise, take `x` from *counted* plays, and ask
# what the others lose under each rule. `fraudulent=0.85` is the part that robots play; Deezer says
# so of the generated music there, which has a small share of all its plays [4].

# %%
fees, loss = genuine.users[["user_id", "fee"]], {}
had = mt.economics.compare(long_enough, offered, fee=fees).sum(numeric_only=True)
for part in (0.05, 0.1, 0.2, 0.4):
    flood = service(sets.AIDilution(share=part, artists=40, accounts=12, fraudulent=0.85))
    heard = flood.plays.loc[flood.plays["seconds"] >= 30, "artist_id"]
    new = heard.isin(flood.truth["targets"]["artist_id"]).mean()
    result = mt.economics.attack_profit(flood, genuine, offered).table.set_index("rule")
    loss[100 * new / (1 - new)] = -100 * result["others"] / had[result.index]
loss = pd.DataFrame(loss).T
loss["x / (1 + x)"] = [100 * mt.economics.dilution_loss(x / 100) for x in loss.index]

# %% [markdown]
# One line for each rule, and the formula, all in per cent:

# %%
with mt.plot.style():
    ax = loss.plot(figsize=(8, 4.2), style=["-", "--", "-.", ":", "k--"])
    ax.set(xlabel="Generated plays (% of all others)", ylabel="Lost by the others (% of payouts)")
mt.plot.show(ax, alt="Pro-rata follows the formula upwards; the three other rules stay far below.")

# %% [markdown]
# Under pro-rata the others lose nearly what the formula says; less, because robots that pay a fee
# put it into the pool. (While the flood is small, these fees make up for most of it.) Under the
# other rules the robots take hardly more than their own money, and the loss is what *people* hear
# of generated music in place of something else. Whether that is a loss or a choice is no question
# of arithmetic.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert [round(100 * share), caught, back.loc["not bought", "taken_back"]] == [4, 3, 0]
assert judged["accused"].loc[["people", "people: heavy"]].sum() == 0
assert list(profit.index[profit["bot_farm"] > 0.01]) == ["0.7_pro_rata"]
assert max(profit["copying_farm"]) < 0 < profit[["playlist_payola", "track_slicing"]].min(axis=None)
assert loss.iloc[-1, 0] > 3 * loss.iloc[-1, 1:4].max()

# %% [markdown]
# ## What this cannot tell you
#
# - *Real crooks.* Simulator and attacks are ours, and we knew both when we built the score. The
#   figures are an upper bound. Who reads this notebook can build a farm that is not in it.
# - *Slicing, weakly.* It is seen only in pieces just above 30 seconds, and with a few plays. An
#   artist of short pieces may make them for good reasons.
# - *When, and where in a list.* Our payola falls anywhere into a listener's day. Real playlists
#   have an order and a date, and whether people come back to a song is evidence, too. None of it is
#   used.
# - *Guilt.* A playlist may lift an artist who never paid; a rival may buy plays to have songs taken
#   down. Ask what was promised to whom, and let the accused answer.
# - *What a distributor sees.* It mostly gets sums by song and country. Accounts are seen by the
#   service alone, which does not tell how it judges. The public study of 2021 in France, on plays
#   of Spotify, Deezer and Qobuz, is about what services *detected*: 1 to 3 % of all [5].
#
# ## Your own plays
#
# If you have plays by account (a service, a radio app, a shop's own player), write the path of a
# Parquet file between the quotes. It needs `user_id` and `artist_id`; `played_at` and `seconds`
# make it better. Nothing leaves your computer.

# %%
my_file = ""
if my_file:
    mine = pd.read_parquet(my_file)
    ipd.display(mt.economics.suspicious_artists(mine).head(20))
    ipd.display(mt.economics.suspicion(mine).head(20))

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** The bot farm did not pay for its accounts: they were stolen from people, who go on
# paying. Give `attack_profit` an `account_fee` of 0. Which rules still make the farm lose?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
robbed = service(attacks["bot_farm"])
stolen = mt.economics.attack_profit(robbed, genuine, offered, account_fee=0)
ipd.display(stolen.table[["rule", "gain", "profit"]])
assert (stolen.table["profit"] > 0).all()

# %% [markdown]
# None. A rule that protects by the fee protects as far as somebody must really pay it. Free trials
# and stolen accounts are the door that stays open.
#
# **Exercise 2.** A copying farm becomes careful: only `0.01` of its plays go to the target.
# Simulate it with `service`. How many of its accounts have a score of `0.5` or more? At what place
# stands its artist in `suspicious_artists`?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
careful = service(sets.CopyingFarm(accounts=12, share=0.01))
scores = mt.economics.suspicion(careful.plays).set_index("user_id")["score"]
seen = (scores.loc[careful.truth["users"]["user_id"]] >= 0.5).sum()
first = mt.economics.suspicious_artists(careful.plays)["artist_id"].iloc[0]
ipd.display(f"{seen} of 12 accounts; artist {first} stands first")
assert (first, seen < 6) == (careful.truth["targets"]["artist_id"].iloc[0], True)

# %% [markdown]
# Hardly any account can be told from people any more, but the artist still stands on top: what is
# too little in each account adds up where it arrives. Follow the money, not the clicks. And a farm
# of this kind pays a hundred fees' worth of disguise for a play: look at its profit.
#
# ## Takeaways
#
# - Most plays is not most fake. A line through totals accuses the best customers, and misses
#   whoever copies totals.
# - Habits give robots away, and company gives away copies and payola. Test a detector on planted
#   fraud, with the ROC of each kind.
# - A score accuses people whose ears were sold. Count them, take back plays and not accounts, and
#   look at the artist first.
# - Pro-rata pays a farm without end; rules that follow the fee pay it back at most its fees, as
#   long as those are really paid. No rule stops payola.
# - Generated plays take `x / (1 + x)` of a pro-rata pool, counted plays against counted plays.
#   Under rules that follow the fee, mostly what people really hear.
#
# ## Next
#
# - [Deals and catalogues](10-deals-and-catalogues.ipynb): what the plays that stay are worth.
# - [All notebooks](README.md).
#
# ## References
#
# 1. TuneCore, *Fees and penalties for artificial streaming*, help page, 2024.
#    <https://support.tunecore.com/hc/en-ca/articles/22901710894356-Fees-Penalties-for-Artificial-Streaming>
# 2. A. Ghosh and others, ScaledUserProp, *ICML* 2025. <https://arxiv.org/abs/2511.04465>
# 3. Cointeeth, *The first case of AI-generated music emerges: musician Michael Smith*, 2024, after
#    the indictment; he pleaded guilty on 19 March 2026.
#    <https://cointeeth.com/news/the-first-case-of-ai-generated-music-emerges-musician-michael-smith>
# 4. CelebrityAccess, *Deezer makes its AI detection tech available to the music industry*, 2026.
#    <https://celebrityaccess.com/2026/02/06/deezer-makes-its-ai-detection-tech-available-to-the-music-industry/>
# 5. *La Lettre*, on the study of the Centre national de la musique of January 2023.
#    <https://www.lalettre.pro/Le-CNM-veut-lutter-contre-les-faux-streams_a31077.html>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
