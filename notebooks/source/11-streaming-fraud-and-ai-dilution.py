# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 45
#     description: Which plays are bought, what that earns under each payout rule, and what
#       generated tracks cost the others.
#     level: adv
#     requires: []
#     title: Which plays are bought, and who pays for them?
#     track: streaming
# ---

# %% [markdown]
# # Which plays are bought, and who pays for them?
#
# **Question.** A manager writes to her distributor: "4 % of our plays were taken back last month,
# as *artificial*. Which ones, and how can anybody know? What does buying plays earn at all? And
# what does the flood of generated tracks cost my artists?"
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
# **Before you start.** [Your own listening](06-your-own-listening.ipynb), for pro-rata and
# user-centric shares. You have seen a table of pandas and a short function.
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
# Our distributor delivers the music of all artists of this service who are people. `bought` marks
# plays that counted, that an attack made, and that went to a target: those which should be taken
# back. (A copying account plays mostly others, as a disguise.) What is the part of them, of the
# three kinds of buying that touch our own artists?

# %%
plays, truth = made.plays.copy(), made.truth
targets = truth["targets"].set_index("artist_id")["attack"].astype(object)
plays["attack"] = truth["plays"].set_index("row")["attack"].astype(object).reindex(plays.index)
plays["counted"] = plays["seconds"] >= 30
plays["bought"] = plays["counted"] & plays["attack"].notna() & plays["artist_id"].isin(targets.index)

ours = plays[plays["counted"] & ~(plays["attack"] == "ai_dilution")]
share = (ours["bought"] & (ours["attack"] != "track_slicing")).mean()
ipd.Markdown(f"**{share:.0%}** of our counted plays were bought: the letter of the manager.")

# %% [markdown]
# ## The tempting answer: who plays most is a bot
#
# "Nobody listens that much. Sort by plays, and close the accounts on top." There are as many fake
# accounts here as `fake` holds. Let us take as many from the top.

# %%
fake = truth["users"].set_index("user_id")["attack"].astype(object)
per_account = plays[plays["counted"]].groupby("user_id", observed=True).size()
top = per_account.nlargest(len(fake)).index
caught = top.isin(fake.index).sum()
ipd.Markdown(
    f"Of the {len(top)} accounts on top, **{caught}** are fake and **{len(top) - caught}** are "
    f"people. {len(fake) - caught} fake accounts were missed."
)

# %% [markdown]
# The crude robots are among them. The others are the best customers that a service has, and each of
# them would be told that their favourite artists are paid for by crooks. Where are the rest of the
# fake ones?

# %%
with mt.plot.style():
    _, ax = plt.subplots(figsize=(8, 3.4))
    groups = {"people": ~per_account.index.isin(fake.index)}
    groups |= {name: per_account.index.isin(fake.index[fake == name]) for name in fake.unique()}
    values = [per_account[rows] for rows in groups.values()]
    ax.hist(values, bins=np.geomspace(1, 8_000, 28), stacked=True, label=list(groups))
    ax.set(xscale="log", xlabel="Counted plays in the month (number)", ylabel="Accounts (number)")
    ax.legend()
mt.plot.show(ax, alt="Copying accounts stand among all others; robots below the heaviest people.")

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
found["who"] = found["user_id"].map(fake).astype(object).fillna("people")
on_playlist = found["user_id"].isin(heard) & (found["who"] == "people")
found.loc[on_playlist, "who"] = "playlist_payola"
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
judged = pd.concat([found, heavy]).assign(accused=lambda table: table["score"] >= 0.5)
judged = judged.groupby("who")["accused"].agg(accounts="size", accused="sum")
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
looked_at = plays["user_id"].isin(found.loc[found["score"] >= 0.5, "user_id"])
looked_at &= plays["artist_id"].isin(artists.loc[artists["accused"], "artist_id"])
plays["taken_back"] = plays["counted"] & looked_at
kind = plays["attack"].where(plays["bought"], "not bought")[plays["counted"]]
back = plays[plays["counted"]].groupby(kind)["taken_back"].agg(plays="size", taken_back="sum")
back

# %% [markdown]
# What stays of the bought plays is mostly slicing. That is no mistake: these are plays of real fans,
# and what is wrong is how the artist cut the song. And a manager whose artist is on the list may be
# as surprised as anybody: "promotion" with guaranteed plays is often what buys them. Some services
# also charge a fee for each such song [1].
#
# ## What does buying plays earn?
#
# `mt.economics.attack_profit` compares two months that differ in nothing but the attack, each
# attack alone. The service hands out `0.7` of all fees. `scaled_user_prop` [2] was made against such
# attacks: an account's plays weigh the same, up to what its fee can pay. `user_cap` counts no more
# plays of an account than a number, here 1,000 a month, as Deezer says that it does. The table
# holds the *profit* in US dollars: what the targets gained, less what the accounts cost.

# %%
rules = mt.economics.rules
offered = [0.7 * rules.pro_rata(), 0.7 * rules.user_cap(1_000), 0.7 * rules.user_centric()]
offered += [rules.scaled_user_prop(0.7)]
genuine = service()
earned = {n: mt.economics.attack_profit(service(a), genuine, offered) for n, a in attacks.items()}
profit = pd.DataFrame({n: e.table.set_index("rule")["profit"] for n, e in earned.items()})
profit.style.format("{:+.2f}")

# %% [markdown]
# - The **bot farm** wins under pro-rata. Elsewhere its accounts get back at most what they paid in.
# - **Generated music** wins, too, but not under one rule only: robots lose their fees where each
#   fee goes to what its payer plays, but people hear generated tracks as well, and pay for them.
# - **Copies** lose money under each rule: most of their plays go to others. Who buys them wants
#   something else than royalties, such as a place in a chart, or has not paid for the accounts.
# - **Payola** and **slicing** win under each rule. Real people pay real fees, and no rule that
#   only looks at plays can see the difference. (What the place on the playlist cost is not in here.)
