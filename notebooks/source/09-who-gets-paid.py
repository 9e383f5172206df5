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
# **Question.** A manager has two acts with nearly the same number of streams. She reads that
# services should share out each listener's fee among the artists whom that listener plays
# ("user-centric"), and not all fees by all streams ("pro rata"). "Would that pay us more?"
#
# **You will learn**
#
# - what payout rules are, and what they pay on the same plays, to the cent
# - why two acts with the same streams can end up on different sides, by an identity that holds
#   exactly
# - who gains and who loses over a whole service, and that this depends on the service
# - how unequal payouts are: with the population stated, and an interval
# - where one listener's fee goes, and who pays for whom
#
# **Before you start.** [Start here](00-start-here.ipynb). You have seen `groupby` of pandas.
# [Who gets the money I pay for music?](06-your-own-listening.ipynb) asks the same for one listener.
#
# **Time.** 45 minutes with the exercises.
#
# **Data and licence.** With a network: *HetRec 2011 Last.fm 2k*, real listening of 1,892 people,
# for non-commercial use only; your computer fetches it from GroupLens. Without: a *simulated*
# service, CC0 1.0. Fees are *invented*. Tables and pictures below are those of the data that you
# have; the text says only what holds for both.

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
# `FEE` is what of each subscription goes to recordings in a month, in US dollars: invented, and the
# same for all, so that only listening makes a difference.
#
# Who played whom? `mt.datasets.fetch_lastfm_2k` downloads the real set once. Where that cannot be,
# it raises a `ServiceError` that says so, and we simulate a month of a service that is as unequal
# as the real set: as its listeners are, as its artists are, and with heavy listeners who prefer
# the popular as much as there. Streams of less than 30 seconds pay nobody, and are left out.

# %%
FEE = 6.0


def listening(simulated):
    heard = simulated.plays[simulated.plays["seconds"] >= 30].astype({"artist_id": str})
    counts = heard.groupby(["user_id", "artist_id"], observed=True).size()
    return counts.reset_index(name="plays")


try:
    real = mt.datasets.fetch_lastfm_2k()
    plays, artists, source = real.plays, real.artists, real
except mt.errors.ServiceError:
    source = mt.datasets.simulate_plays(1_000_000, rng=rng)
    plays, artists = listening(source), source.artists.astype({"artist_id": str})
    artists = artists.assign(name="act " + artists["artist_id"], tag=artists["community"])
source

# %% [markdown]
# One row is one listener and one artist, with the number of streams. (Last.fm counted all the years
# of an account. We take them as one month's, which changes no share of anything.)
#
# Our two acts are neighbours in the ranking by streams. For the sake of the lesson we have looked
# for neighbours who differ much in what comes. Put in other ids if you like.

# %%
why = ECO.explain_payouts(plays, fee=FEE, artists=artists[["artist_id", "name", "tag"]])
middle = why.artists[why.artists["rank"].between(50, 200)]
second = np.log(middle["factor"]).diff().abs().idxmax()
acts = why.artists.loc[[second - 1, second]].sort_values("factor", ascending=False)
ours = list(acts["artist_id"])
acts[["name", "rank", "plays", "listeners"]]

# %% [markdown]
# ## Two tempting answers
#
# **"Same streams, same money."** By either rule all fees are paid out, a stream is a stream, and
# we have as many as our neighbour. What changes?
#
# **"Compare two averages."** A stream of somebody who plays little brings more, user-centric. So
# compare how much our listeners play with how much people play on average: below, we gain.

# %%
total = plays.groupby("user_id")["plays"].sum()
heard = plays.assign(all_plays=plays["user_id"].map(total))
naive = heard.groupby("artist_id")["all_plays"].mean()
print(f"all listeners: {total.mean():,.0f} plays on average; ours:")
naive[ours].round().to_frame("mean of our listeners").set_axis(acts["name"])

# %% [markdown]
# The first answer makes no difference between the two; the second one says something of each. Let
# us see what they really get.
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
# The first tempting answer has failed. By pro rata the neighbours get nearly the same, and as soon
# as a listener's own fee counts, they part: one gains, and the other loses. The second one may have
# been right for both of them, or for one. We shall see how far it can be trusted.
#
# Before we ask why: *is it all there?* Each call checks that a rule hands out what it promises.
# But an accountant wants cents. `mt.economics.to_cents` rounds so that they sum.

# %%
cents = ECO.to_cents(ECO.payouts(plays, "user_centric", fee=FEE))
alone = cents["payout"].round(2).mul(100).round().astype(int).sum()
fees = round(FEE * 100) * len(total)
pd.Series({"fees": fees, "to_cents": cents["cents"].sum(), "alone": alone}).to_frame("cents")

# %% [markdown]
# Each rounded `alone`, money appears or is lost. With the largest remainder it sums to the fees.
#
# ## Why? What a stream is worth
#
# By pro rata a stream is worth the same, whoever plays it: all fees over all streams. By the
# user-centric rule it is worth that listener's fee over that listener's streams.

# %%
with mt.plot.style():
    ax = mt.plot.stream_worth(plays.assign(money=FEE))
    ax.axvline(total.mean(), color="#777777", linestyle=":")
mt.plot.show(ax, alt="A falling line of listeners crosses the level line at the mean of streams.")

# %% [markdown]
# The lines cross at the mean number of streams (dotted). Left of it a stream gains, right of it it
# loses. So an act's gain is the mean of this worth over its *streams*, over the pro-rata worth:
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
# listener of a typical stream of ours plays (the harmonic mean). Below the mean of all, which was
# printed above, one gains. `base` is pro rata, `other` user-centric.

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
print(f"{why.redistributed_share:.1%} of the money moves")
mt.plot.show(ax, alt="The first tenth has most of the money by both rules, and less user-centric.")

# %% [markdown]
# Look at the scale before you quote a percentage: below the first tenths, large gains are gains on
# very little. (On the Last.fm data the last tenths seem to gain enormously. That is how the data
# were cut, at 50 artists a listener: who has hardly any streams is in the list only where that is
# enough to be among somebody's first 50, and then that listener plays little.)
#
# The same by what is known of artists: on Last.fm the tag that most users gave, in the simulated
# service a community of taste.

# %%
why.by("tag").head(6)[["tag", "artists", "base_share", "other_share", "relative_delta"]].round(3)

# %% [markdown]
# **Would it be so on any service?** It depends above all on whether heavy listeners play *more
# popular* artists than light ones do. Here they do. At Spotify, writes somebody who has seen the
# data, it is the other way round: the artists of heavy listeners are only 0.83 as popular [4]. So
# let us simulate such a service, with nothing else changed. `heavy_light` is that ratio.

# %%
other_way = mt.datasets.ListeningWorld(popularity_ratio=0.83)
there = listening(mt.datasets.simulate_plays(500_000, world=other_way, rng=1))
turned = ECO.explain_payouts(there)
tops = pd.DataFrame({"heavy_light": [w.heavy_light_plays for w in (why, turned)]})
tops["top ten"] = [w.artists["relative_delta"][:10].median() for w in (why, turned)]
tops = tops.set_axis(["here", "the other way round"])
tops.style.format({"heavy_light": "{:.2f}", "top ten": "{:+.0%}"})

# %% [markdown]
# `top ten` is the typical change (the median) of the ten most streamed. So whoever says
# "user-centric helps the small", or "helps the stars", says something about the listeners of one
# service. That may be why studies differ. On 890 million streams in France, rap, stars and new
# releases lost [5].
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
gini = {
    f"{n:,} artists": [ECO.inequality(paid, column=c, population=n)["gini"] for c in curves]
    for n in (len(paid), 2 * len(paid))
}
pd.DataFrame(gini, curves).round(3)

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
over = users["net"].clip(lower=0).sum() / users["fee"].sum()
print(f"{(users['net'] < 0).mean():.0%} move less than they pay; {over:.0%} of fees changes sides")
users[["plays", "moved", "net", "to_own_share"]].describe().loc[["min", "50%", "max"]].round(3)

# %% [markdown]
# `to_own_share` is the part of a fee that reaches artists whom its payer played. One of them asks
# *where did my fee go?* We follow the fee of a listener with a typical number of streams, by both
# rules.

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
# Is that unfair? By pro rata one buys access to everything, and money follows use. By the
# user-centric rule one pays one's own artists. There is a case for each: a model shows that pro
# rata can be preferred by the service and by artists [6]. The rule is a choice, and its effects can
# be reckoned; that is all that data can say.
#
# ## The answer to the manager
#
# *"For the one act yes, for the other no, and the streams do not tell which."* She needs the
# intensity of each act's listeners, and only the service has it. That is what she should ask for.
# Her two acts together:

# %%
both = paid.loc[ours, names].sum()
pd.DataFrame({"USD": both.round(2), "change": (both / both["pro_rata"] - 1).map("{:+.1%}".format)})

# %% [markdown]
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert cents["cents"].sum() == fees != alone
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
payers = pd.DataFrame({"user_id": pd.Series(members, dtype=object), "fee": FEE})
asked = plays.astype({"user_id": object})
quiet = ECO.compare(asked, ["pro_rata", "user_centric"], fee=payers).set_index("artist_id")
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
ipd.display(round(weight, 3))
assert np.isclose(mixed.loc[ours, "payout"].sum(), both["user_cap"], rtol=1e-9)

# %% [markdown]
# The weight is that of pro rata. A cap and a compromise with the same sum for us are two ways to
# the same money, and may treat every other artist otherwise.
#
# ## Takeaways
#
# - A rule hands out the same fees in another way. Compare rules on the same plays, check that all
#   is handed out, and round to cents that sum.
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
# - [Who gets the money I pay for music?](06-your-own-listening.ipynb), and
#   [all notebooks](README.md).
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
