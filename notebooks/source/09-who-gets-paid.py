# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 45
#     description: What payout rules make of the same plays, why, for whom, and how
#       sure one can be.
#     level: inter
#     requires: []
#     title: Would another rule pay us more?
#     track: streaming
# ---

# %% [markdown]
# # Would another rule pay us more?
#
# **Question.** The manager of *Nightbus Theory* and *Wren & Alderman*, two acts of the label
# *Lantern & Tide*, has nearly the same number of streams for both. She reads that services should
# share out each listener's fee among the artists whom that listener plays ("user-centric"), and not
# all fees by all streams ("pro rata"). "Would another rule pay us more?"
#
# **You will learn**
#
# - what payout rules are, and what they pay on the same plays
# - why two acts with the same streams can end up on different sides, by an identity that holds
#   exactly
# - who gains and who loses over a whole service, and that this depends on the service
# - how unequal payouts are: with the population stated, and an interval
# - where one listener's fee goes, and who pays for whom
#
# **Before you start.** [Who gets the money I pay for music?](06-your-own-listening.ipynb): both
# rules, for one listener, and the service Sprocket. Here they meet all listeners at once.
#
# **Time.** 45 minutes with the exercises.
#
# **Data and licence.** The label is fictional, under CC0 1.0. For a whole service: with a network,
# *HetRec 2011 Last.fm 2k*, real listening of 1,892 people, for non-commercial use only, which your
# computer fetches from GroupLens; without, a *simulated* service, CC0 1.0. Fees are *invented*.
# Tables and pictures are those of the data that you have; the text says what holds for both.

# %% [markdown]
# ## Set up
#
# The toolkit is `mt`. `rng` draws the chance numbers, from one seed.

# %%
import IPython.display as ipd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import musictools as mt

rng = np.random.default_rng(2026)
ECO = mt.economics

# %% [markdown]
# ## The tempting answer: same streams, same money
#
# "By either rule all fees are paid out, and a stream is a stream. What should change?" We look at
# Sprocket in November 2025, as in notebook 06. There each country has a pot of its own. One row is
# one account and one artist, and `paid_usd` is what comes in for the account. We hand out all of
# it, by both rules, in Germany and in Great Britain.

# %%
pair, pots = ["Nightbus Theory", "Wren & Alderman"], {}
home = mt.datasets.load_streams("Sprocket", "2025-11").rename(columns={"paid_usd": "fee"})
for country in ("DE", "GB"):
    rows = home[home["country"] == country].assign(artist_id=lambda t: t["artist"])
    fees = rows.drop_duplicates("user_id")[["user_id", "fee"]]
    pots[country] = ECO.compare(rows, ["pro_rata", "user_centric"], fee=fees).set_index("artist_id")
at_home = pd.concat(pots).loc[(slice(None), pair), :].sort_index()
at_home["change"] = at_home["user_centric"] / at_home["pro_rata"] - 1
at_home.style.format("{:+.0%}", "change").format("{:.2f}", ["pro_rata", "user_centric"])

# %% [markdown]
# (US dollars. They are few, since the label's world is small.) In both countries the two have
# nearly the same streams, and pro rata nearly the same money. User-centric they part: in Germany
# the first gains and the second loses. And in Great Britain it is the other way round! So "same
# streams, same money" is wrong, and so would be "user-centric is good for folk".
#
# What decides, then? Here it may be luck: behind 57 streams are a few dozen people. To see the rule
# and not the luck, we need everybody's listening on a whole service. No label has that. (In this
# table, too, most music is one row for each account, "all other music".)
#
# ## A whole service
#
# `mt.datasets.fetch_lastfm_2k` downloads the listening of real people once. Where that cannot be,
# it raises a `ServiceError` that says so, and we simulate a month of a service that is as unequal
# as the real set: as its listeners are, as its artists are, and with heavy listeners who prefer
# the popular as much as there. Streams of less than 30 seconds pay nobody, and are left out.
#
# `FEE` is what of each subscription goes to recordings in a month, in US dollars: invented, and the
# same for all, so that only listening makes a difference.

# %%
FEE = 6.0


def listening(simulated):
    heard = simulated.plays[simulated.plays["seconds"] >= 30].astype({"artist_id": str})
    counts = heard.groupby(["user_id", "artist_id"], observed=True).size()
    return counts.reset_index(name="plays")


try:
    source = mt.datasets.fetch_lastfm_2k()
    plays, artists = source.plays, source.artists
except mt.errors.ServiceError:
    source = mt.datasets.simulate_plays(1_000_000, rng=rng)
    plays, artists = listening(source), source.artists.astype({"artist_id": str})
    artists["name"] = "act " + artists["artist_id"]
plays["user_id"] = plays["user_id"].astype(str)
source

# %% [markdown]
# One row is one listener and one artist, with the number of streams. (Last.fm counted all the years
# of an account. We take them as one month's, which changes no share of anything.)
#
# Two artists of this service play the parts of our acts. They are neighbours in the ranking by
# streams, and for the sake of the lesson we take neighbours who differ much in what comes. The
# numbers are theirs; only the names are ours.

# %%
why = ECO.explain_payouts(plays, fee=FEE, artists=artists[["artist_id", "name"]])
middle = why.artists[why.artists["rank"].between(50, 200)]
second = np.log(middle["factor"]).diff().abs().idxmax()
acts = why.artists.loc[[second - 1, second]].sort_values("factor", ascending=False)
acts, ours = acts.assign(name=pair), list(acts["artist_id"])
acts[["name", "rank", "plays", "listeners"]]

# %% [markdown]
# Again nearly the same streams, but hundreds of them or more, and many listeners.
#
# **The second tempting answer: compare two averages.** From notebook 06 we know that user-centric,
# a stream of somebody who plays little brings more. So compare how much our listeners play with how
# much people play on average: below, we gain.

# %%
total = plays.groupby("user_id")["plays"].sum()
heard = plays.assign(all_plays=plays["user_id"].map(total))
naive = heard.groupby("artist_id")["all_plays"].mean()
means = {"our listeners": naive[ours].to_numpy(), "all listeners": total.mean()}
pd.DataFrame(means, acts["name"]).round()

# %% [markdown]
# That says something of each of the two. Let us see what they really get.
#
# ## The rules
#
# A *rule* says whose money is handed out, and how. `mt.economics.describe_rules` lists those that
# the toolkit knows, with what each needs and the properties that are proven or refuted for it.
# `local` means: if one listener leaves, only artists whom that listener played notice.

# %%
rules = ECO.describe_rules().set_index("rule")
rules[["formula", "inputs", "local", "equal_streams", "click_fraud_proof"]].head(7)

# %% [markdown]
# No rule has all the good ones: where each stream brings the same (`equal_streams`), a listener who
# plays more than others moves other people's money, and so does a bot. `shapley` splits a fee
# evenly among all whom one played [1], `scaled_user_prop` caps what one listener can move [2], and
# `user_cap` counts at most so many streams of a listener. Deezer names 1,000, with a mean of 600
# [3]; we take the same multiple of our mean.
#
# Now the money of our two acts. `mt.economics.compare` pays out the same fees by several rules.

# %%
cap = ECO.rules.user_cap(cap=total.mean() * 1000 / 600)
chosen = ["pro_rata", cap, ECO.rules.compromise(0.5), "user_centric", "shapley"]
paid = ECO.compare(plays, chosen, fee=FEE).set_index("artist_id")
names = list(paid.columns[1:])
paid.loc[ours, names].set_axis(acts["name"]).style.format("{:,.2f}")

# %% [markdown]
# By pro rata the neighbours get nearly the same, and as soon as a listener's own fee counts, they
# part: one gains, and the other loses. The two averages may have been right for both of them, or
# for one. We shall see how far they can be trusted. (Each column hands out the same fees, to the
# last cent; `mt.economics.to_cents` rounds them as we did in notebook 06.)
#
# ## Why? What a stream is worth
#
# By pro rata a stream is worth the same, whoever plays it: all fees over all streams. By the
# user-centric rule it is worth that listener's fee over that listener's streams. You saw the
# falling line of these worths in notebook 06. If all pay the same, it crosses pro rata at the mean
# number of streams: who plays less makes streams that gain. So an act's gain is the mean of this
# worth over its *streams*, over the pro-rata worth:
#
# $$\frac{U}{P} = \frac{1}{n} \sum_{i=1}^{n} \frac{\bar{T}}{T_i}$$
#
# $U$ and $P$ are what the act gets, user-centric and pro rata; $n$ is its streams, $T_i$ what the
# listener of stream $i$ streams in all, and $\bar{T}$ the mean of that over listeners. This is an
# identity, no model. Two lines reckon it, and it is what was paid:

# %%
of_streams = (heard["plays"] / heard["all_plays"]).groupby(heard["artist_id"]).sum()
factor = total.mean() * of_streams / paid["plays"]
shown = pd.DataFrame({"identity": factor, "paid": paid["user_centric"] / paid["pro_rata"]})
shown.loc[ours].set_axis(acts["name"]).round(4)

# %% [markdown]
# Now we see what was wrong with the two averages. First, each *listener* counted once there; but
# one fan with a thousand streams weighs a thousand times. Second, whoever plays much, plays many
# artists: heavy listeners turn up in everybody's list, so that acts seem to have heavier listeners
# than their streams do. Third, the worth goes with 1 over $T$, whose mean is not 1 over the mean.
# How often is the sign wrong, of artists with 20 listeners or more?

# %%
known = why.artists[why.artists["listeners"] >= 20].set_index("artist_id")
says, does = naive[known.index] < total.mean(), known["delta"] > 0
pd.crosstab(says, does, normalize="all", rownames=["says gain"], colnames=["gains"]).round(2)

# %% [markdown]
# Rows are what the two averages say, columns what is. Whatever stands at `True` and `False`, or at
# `False` and `True`, is wrong: it is a large part. And no average tells how much one gains.
#
# The right figure for a conversation is `intensity` in `mt.economics.explain_payouts`: how much the
# listener of a typical stream of ours plays (the harmonic mean). Below the mean of all, which
# stood in the table above, one gains. `base` is pro rata, `other` user-centric.

# %%
acts[["name", "listeners", "intensity", "base", "other", "relative_delta"]].round(2)

# %% [markdown]
# ## Who gains, over the whole service?
#
# Each point is an artist; at the line both rules pay the same.

# %%
with mt.plot.style():
    ax = mt.plot.gainers_losers(why, label="name")
mt.plot.show(ax, alt="A cloud of artists: most above the line, the most streamed ones below it.")

# %% [markdown]
# Most artists gain, most of the most streamed lose, and at each number of streams there are both.
# "Small artists gain" is a tendency, and no statement about *your* act. In sums, by tenths of the
# ranking:

# %%
with mt.plot.style():
    ax = mt.plot.rule_deltas(why)
mt.plot.show(ax, alt="The first tenth has most of the money by both rules, and less user-centric.")

# %% [markdown]
# Look at the scale before you quote a percentage: below the first tenths, large gains are gains on
# very little. (On the Last.fm data the last tenths seem to gain enormously. That is how the data
# were cut, at 50 artists a listener: who has hardly any streams is in the list only where that is
# enough to be among somebody's first 50, and then that listener plays little.)
#
# **Would it be so on any service?** It depends above all on whether heavy listeners play *more
# popular* artists than light ones do. Here they do. At Spotify, writes somebody who has seen the
# data, it is the other way round: the artists of heavy listeners are only 0.83 as popular [4]. So
# let us simulate such a service, with nothing else changed. `heavy_light` is that ratio.

# %%
other_way = mt.datasets.ListeningWorld(popularity_ratio=0.83)
there = listening(mt.datasets.simulate_plays(500_000, world=other_way, rng=1))
both_ways = {"here": why, "the other way round": ECO.explain_payouts(there)}
tops = pd.DataFrame({"heavy_light": {n: w.heavy_light_plays for n, w in both_ways.items()}})
tops["top ten"] = [w.artists["relative_delta"][:10].median() for w in both_ways.values()]
tops.style.format("{:.2f}", "heavy_light").format("{:+.0%}", "top ten")

# %% [markdown]
# `top ten` is the typical change (the median) of the ten most streamed. So whoever says
# "user-centric helps the small", or "helps the stars", says something about the listeners of one
# service. That may be why studies differ. On 890 million streams in France, rap, stars and new
# releases lost [5].
#
# **Turn it yourself.** A thousand listeners, a pop star and a folk duo. Most accounts play little,
# and mostly the duo; some play all day, and mostly the star. The bars show who gets what. Turn
# down what the heavy accounts play, and up what all others play: when does the duo begin to lose?
# (Where no widgets run you see a picture: give other numbers in the brackets. The sentence below
# is the same world with heavy and light exchanged.)

# %%
knobs = mt.lab.explore_payouts({"bots": 0})
swapped = mt.lab.explore_payouts({"bots": 0, "heavy_plays": 100, "light_plays": 300})
ipd.display(knobs, ipd.Markdown(f"*Exchanged:* {swapped.words}"))

# %% [markdown]
# The duo gains as long as *its* listeners play less than the mean, and loses as soon as they play
# more. The third bar, the scaled rule, and the knobs of a farm belong to
# [notebook 11](11-streaming-fraud-and-ai-dilution.ipynb).
#
# ## How unequal is it?
#
# A Lorenz curve shows what share of the money the poorest artists have together.

# %%
curves = {name: ECO.lorenz(paid, column=name) for name in ("pro_rata", "user_centric", "shapley")}
with mt.plot.style():
    ax = mt.plot.lorenz(curves, ax=plt.subplots(figsize=(5, 5))[1])
mt.plot.show(ax, alt="Three curves far below the diagonal; pro rata is the farthest.")

# %% [markdown]
# The Gini coefficient sums it up: 0 if all get the same, and near 1 if one gets all. But among
# *whom*? Here the population is all artists with a stream. A service also has those whom nobody
# played. We add as many of them as there are artists, and see the same money become "more
# unequal". So quote no Gini without its population.

# %%
sizes = [len(paid), 2 * len(paid)]
gini = {c: [ECO.inequality(paid, column=c, population=n)["gini"] for n in sizes] for c in curves}
pd.DataFrame(gini, [f"{n:,} artists" for n in sizes]).T.round(3)

# %% [markdown]
# **How sure is that?** We have a thousand listeners or two; a service has millions.
# `mt.economics.user_intervals` draws listeners anew, with all their streams, and follows the rules
# each time.

# %%
sure = ECO.user_intervals(plays, fee=FEE, rng=rng)
few = sure["measure"].str.contains("gini$|top_1_p|redistributed|change")
sure[few].drop(columns=["bias", "se"]).round(3)

# %% [markdown]
# Some intervals do not hold the value itself! That is meant: few listeners are *more unequal* than
# many, since artists with few fans are missing or have one by luck. The interval is for all the
# listeners of whom these are a sample, and corrects for it (see its notes). The change of the Gini
# is far from 0, so the direction is not luck of the sample.
#
# ## Who pays for whom?
#
# `mt.economics.user_subsidy` says for each listener what was paid, and what their streams moved. By
# pro rata, those who play less than the mean pay for the listening of others.

# %%
users = ECO.user_subsidy(plays, "pro_rata", fee=FEE)
print(f"{(users['net'] < 0).mean():.0%} of listeners move less than they pay")
users[["plays", "moved", "net", "to_own_share"]].describe().loc[["min", "50%", "max"]].round(3)

# %% [markdown]
# Most people pay for the listening of others: half of them give away more than `net` in the row
# `50%`, and one listener moves many fees (`max`). `to_own_share` is the part of a fee that reaches
# artists whom its payer played. One of them asks *where did my fee go?* We follow the fee of a
# listener with a typical number of streams, by both rules.

# %%
fan = total.sort_values().index[len(total) // 2]
called = artists.set_index("artist_id")["name"].str.slice(0, 22).to_dict()
with mt.plot.style():
    _, axes = plt.subplots(1, 2, figsize=(9.5, 4), sharey=True)
    for ax, rule in zip(axes, ("pro_rata", "user_centric"), strict=True):
        flow = ECO.follow_fee(plays, fan, rule, fee=FEE)
        mt.plot.fee_flow(flow, names=called, top=4, unit="USD", ax=ax).set_title(rule)
mt.plot.show(ax, alt="Pro rata, most of the fee goes to artists not played; user-centric, nothing.")

# %% [markdown]
# Pro rata, nearly all of this fee goes to artists whom the fan never played (orange); user-centric,
# all of it to those who were played. Is the first unfair? By pro rata one buys access to
# everything, and money follows use. By the user-centric rule one pays one's own artists. There is a
# case for each: a model shows that pro rata can be preferred by the service and by artists [6]. The
# rule is a choice, and its effects can be reckoned; that is all that data can say.
#
# ## The answer to the manager
#
# *"For the one act yes, for the other no. Streams do not tell which, and countries may differ."*
# She needs the intensity of each act's listeners, and only the service has it. That is what she
# should ask for. The two acts together, on this service:

# %%
both = paid.loc[ours, names].sum()
pd.DataFrame({"USD": both.round(2), "change": (both / both["pro_rata"] - 1).map("{:+.1%}".format)})

# %% [markdown]
# `change` is against pro rata. A gain and a loss need not cancel, so look at the sum of all your
# acts before you speak for a rule.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert [*at_home["plays"], *(at_home["change"] > 0)] == [57, 56, 173, 166, 1, 0, 0, 1]
assert np.allclose(paid[names].sum(), FEE * len(total))
assert [k.table.eval("user_centric > pro_rata")[1] for k in (knobs, swapped)] == [True, False]
assert acts["delta"].iloc[0] > 0 > acts["delta"].iloc[1]
assert abs(np.diff(acts["plays"])[0]) < 0.05 * acts["plays"].max()
assert np.allclose(shown["identity"], shown["paid"], rtol=1e-9)
assert (says != does).mean() > 0.2
assert [*(tops["heavy_light"] > 1)] == [*(tops["top ten"] < 0)] == [True, False]
assert min(why.gainers - why.losers, -sure.set_index("measure").loc["gini_change", "hi_90"]) > 0

# %% [markdown]
# ## What this cannot tell you
#
# - *What people would do.* Streams stay as they are here. By another rule fans may play otherwise,
#   labels may advertise otherwise, and cheats would look for other ways.
# - *What you are paid.* Contracts stand between a payout and an artist:
#   [deals](10-deals-and-catalogues.ipynb) have a notebook of their own. Here an artist's payout is
#   what goes to all who have rights in the recordings.
# - *Your service.* Last.fm in 2011 is no service of today, and the simulated one is as unequal as
#   Last.fm by construction. Fees differ by country, family and advertising, and real services make
#   a pool of each: `mt.economics.rules.by_pool`.
# - *What is fair.* Properties of rules contradict each other. Choosing among them is no
#   calculation.
# - *Costs.* To follow each fee is more to account for, and to audit.
#
# ## Your own plays
#
# Services do not hand out everybody's streams, but a label's own shop, a small service, a radio app
# or a study may. Write the path of a table between the quotes, with the columns `user_id`,
# `artist_id` and `plays` (or one row a stream). Nothing leaves your computer.

# %%
my_plays = ""
if my_plays:
    mine = ECO.explain_payouts(pd.read_csv(my_plays, dtype={"user_id": str, "artist_id": str}))
    ipd.display(mine, mine.artists.head(20))

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** A hundred subscribers pay and play nothing. Where do their fees go, pro rata and
# user-centric? Give `mt.economics.payouts` a table of fees: `user_id, fee`, with one row for each
# who paid. What does that make of the first act's payout?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
members = [*total.index, *(f"silent {i}" for i in range(100))]
payers = pd.DataFrame({"user_id": members, "fee": FEE})
quiet = ECO.compare(plays, ["pro_rata", "user_centric"], fee=payers).set_index("artist_id")
more = quiet.sum() - paid[quiet.columns].sum()
ipd.display(more.round(2), quiet.loc[ours[0]] / paid.loc[ours[0], quiet.columns])
assert np.allclose(more[["pro_rata", "user_centric"]], [100 * FEE, 0], atol=1e-6)

# %% [markdown]
# Pro rata, the fees of those who play nothing go to all artists, by streams. User-centric, they
# have no artist, and stay with the service, unless the contract says otherwise:
# `user_centric(silent="shared")`. Ask, when somebody offers you this rule.
#
# **Exercise 2.** Which weight of the compromise brings the two acts together exactly what they get
# by the user cap? (Payouts of a compromise are a straight line in its weight, so that two points
# are enough.) Is the weight that of pro rata, or of user-centric? Check what you found.

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
weight = (both["user_cap"] - both["user_centric"]) / (both["pro_rata"] - both["user_centric"])
mixed = ECO.payouts(plays, ECO.rules.compromise(weight), fee=FEE).set_index("artist_id")
ipd.display(f"weight {weight:.3f}")
assert np.isclose(mixed.loc[ours, "payout"].sum(), both["user_cap"], rtol=1e-9)

# %% [markdown]
# The weight is that of pro rata. A cap and a compromise with the same sum for us are two ways to
# the same money, and may treat every other artist otherwise.
#
# ## Takeaways
#
# - A rule hands out the same fees in another way. Compare rules on the same plays, and check that
#   all is handed out.
# - With equal fees, an act gains from a user-centric rule if and only if the listeners of its
#   *streams* play less than the mean, by the harmonic mean. Averages over listeners have the wrong
#   sign too often.
# - Over a service, the sign depends on whether heavy listeners prefer the popular. It differs
#   between services: look before you quote.
# - A Gini needs its population, and a sample of listeners its interval.
# - Pro rata, most people pay for others' listening. Whether that is unfair is for people to decide.
#
# ## Next
#
# - [Which offer should I sign?](10-deals-and-catalogues.ipynb): what becomes of a payout on its way
#   to the artist.
# - [Which plays are bought, and who pays for them?](11-streaming-fraud-and-ai-dilution.ipynb): what
#   cheats make of each rule.
# - [All notebooks](README.md).
#
# ## References
#
# 1. G. Bergantiños, J. D. Moreno-Ternero, *The Shapley index for music streaming platforms*, 2024.
#    <https://arxiv.org/abs/2411.07166>
# 2. A. Ghosh, T. Y. Neoh, N. Teh, G. Tyrovolas, *Fraud-Proof Revenue Division on Subscription
#    Platforms*, ICML 2025. <https://arxiv.org/abs/2511.04465>
# 3. Deezer, *Artist remuneration*. <https://www.deezer.com/explore/en-us/artist-remuneration/>
# 4. G. McDonald, *You Have Not Yet Heard Your Favourite Song*, Canbury Press, 2024.
# 5. F. Moreau, P. Wikström, O. Haampland, R. Johannessen, *Alternative payment models in the music
#    streaming market: A comparative approach based on stream-level data*, Information Economics and
#    Policy 68, 101103, 2024. <https://doi.org/10.1016/j.infoecopol.2024.101103>
# 6. S. Alaei, A. Makhdoumi, A. Malekian, S. Pekeč, *Revenue-Sharing Allocation Strategies for
#    Two-Sided Media Platforms: Pro-Rata vs. User-Centric*, Management Science 68(12), 2022.
#    <https://doi.org/10.1287/mnsc.2022.4307>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
