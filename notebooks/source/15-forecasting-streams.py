# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 60
#     description: How to forecast streams, and how to tell whether a forecast can be
#       believed.
#     level: adv
#     requires: []
#     title: How many streams will this song have in eight weeks?
#     track: marketing
# ---

# %% [markdown]
# # How many streams will this song have in eight weeks?
#
# **Question.** It is Monday, 16 September 2024, at the label *Lantern & Tide*. Last week *Néon
# doux* by Zoë Çelikkaya, half a year old, was played nearly six times as often as in the week
# before. The label manager knows of no reason, and has to plan. She asks: "How many streams will
# this song have in eight weeks? And should I believe the number?"
#
# **You will learn**
#
# - why the growth of last week, a straight line and a curve that fits well all go wrong
# - how to make a forecast with intervals, and how to test it where the truth is known
# - how to read a verdict of "no skill", and which songs can be forecast at all
# - how to make songs, artists and the label add up, and what that does not mend
# - what curves of decay, growth and response say about a song, and how sure that is
#
# **Before you start.** [Start here](00-start-here.ipynb), for intervals, and [Did the campaign
# work?](12-did-the-campaign-work.ipynb), which asks what something *did*; here we ask what *comes*.
# You have seen an average and a straight line through points.
#
# **Time.** 45 minutes with the exercises.
#
# **Data and licence.** The fictional label *Lantern & Tide* and the series of `simulate_streams`,
# all *simulated* under CC0 1.0. So we can look up what came. No network is used.

# %% [markdown]
# ## Set up
#
# The toolkit is `mt`; `pd` and `np` calculate, `plt` draws.

# %%
import IPython.display as ipd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import musictools as mt

# %% [markdown]
# All that is needed is a *long frame*: `unique_id` (which song), `ds` (when), `y` (how many). We
# add up three services, and days to weeks that begin on Monday. A song comes out on a Friday, so
# its first week has three days: that week is left out, or every song would seem to double at once.
# Then we hide what came after today.

# %%
label = mt.datasets.load_label()
days = label.series.assign(unique_id=label.series["unique_id"].str.partition("/")[0])
week = pd.Grouper(key="ds", freq="W-MON", label="left", closed="left")
weeks = days.groupby(["unique_id", week])["y"].sum().reset_index().query("ds < '2025-12-29'")
weeks = weeks[weeks.groupby("unique_id").cumcount() > 0]
today, song, ahead = pd.Timestamp("2024-09-16"), "R22", 8
known = weeks[weeks["ds"] < today]
came = weeks[weeks["ds"].between(today, today + pd.Timedelta(weeks=ahead - 1))]
past = known[known["unique_id"] == song].set_index("ds")["y"]
ipd.Markdown(f"The last six weeks of *Néon doux*: {', '.join(map(str, past.tail(6)))}.")

# %% [markdown]
# ## The tempting answers
#
# Three of them. "It grew; if it goes on growing like that ..." A straight line through all weeks.
# And a curve with many bends (a polynomial of degree 9), because it fits so well: `R2` is the part
# of the ups and downs that it explains.

# %%
at, there = np.arange(len(past)), len(past) - 1 + ahead
line, bends = (np.polynomial.Polynomial.fit(at, past, degree) for degree in (1, 9))
fit = {"straight line": line, "many bends": bends}
r2 = {name: 1 - ((past - f(at)) ** 2).mean() / past.var(ddof=0) for name, f in fit.items()}
tempting = {"growth of last week": past.iloc[-1] * (past.iloc[-1] / past.iloc[-2]) ** ahead}
tempting |= {name: f(there) for name, f in fit.items()}
answers = pd.DataFrame({"in eight weeks": tempting, "R2": r2})
answers.style.format("{:,.0f}", subset="in eight weeks").format("{:.2f}", subset="R2", na_rep="")

# %% [markdown]
# The first is more than a billion plays a week, for a song that had a thousand. The line says *less
# than nothing*. The curve with the bends fits best by far, and says nonsense all the same: it was
# judged by the very weeks that it was drawn through. *How well it fits* is not *how well it
# foretells*.
# ## A forecast with an interval
#
# The plainest answer is *naive*: as many as last week. It is hard to beat, and every other forecast
# should be measured by it. `mt.trends.forecast` mixes it with a drift, a season and a model that
# learns from all songs of the label together how songs of that age go on after a jump. It does not
# give a number alone, but *intervals*: one for an even bet (50), and one for nine of ten (90).

# %%
told = mt.trends.forecast(known, ahead, levels=(50, 90), rng=2026)
seen = came[came["unique_id"] == song]
with mt.plot.style():
    ax = mt.plot.forecast(told, unique_id=song, unit="streams a week", ax=plt.subplots()[1])
    ax.plot(seen["ds"], seen["y"], "k:", label="what came")
    ax.legend()
mt.plot.show(ax, alt="A fan that falls and gets wider; what came lies at its lower part.")

# %% [markdown]
# (`R22` is *Néon doux*.) The dotted line is what came: we can look, because it is September no
# more. The forecast does not believe the jump and falls, not far enough. The narrow interval missed
# nearly all of what came, the wide one held it. It is ragged, because its width is counted, week by
# week, from the misses of the past, and of songs that jumped like this there were few. The forecast
# also says whether to believe it:

# %%
mine, truth = told.table[told.table["unique_id"] == song].iloc[-1], seen["y"].iloc[-1]
ipd.Markdown(
    f"In eight weeks: **{mine['y_hat']:,.0f}** streams a week, nine times of ten between "
    f"{mine['lo_90']:,.0f} and {mine['hi_90']:,.0f}. What came: {truth}. {told.verdict}"
)

# %% [markdown]
# ## Should I believe it?
#
# A *backtest* goes back to earlier Mondays (the *origins*), hides what came after each, forecasts,
# and compares. `skill` is 1 less the ratio of its errors to those of naive: 0 is no better, 1 is
# perfect, below zero is worse. `pinball_skill` is the same for middle and interval together.
# `coverage` is the part of what came that the interval of 90 per cent held: it should be near 0.9.
# (`series` counts each song once for each date.)

# %%
tested = mt.trends.backtest(known, ahead, origins=2, others=("drift",), rng=2026)
scores = tested.scores.query("part == 'all'").set_index("method")
ipd.display(ipd.Markdown(f"**{tested.verdict}**"))
scores[["series", "mae", "skill", "pinball_skill", "coverage"]].style.format(precision=2)

# %% [markdown]
# Read the verdict, not the number. The skill has an interval of its own, from drawing songs again;
# where that holds zero, no skill has been *shown*. (Of fewer than five songs the verdict would be
# "too little to tell".) Two dozen songs and two dates are few. The straight line (`drift`) is worse
# than naive. And this is what happened to all songs in the eight weeks after today:

# %%
both = told.table.merge(came, on=["unique_id", "ds"])
both["naive"] = both["unique_id"].map(known.groupby("unique_id")["y"].last())
error = both[["y_hat", "naive"]].sub(both["y"], axis=0).abs().mean()
held = {n: both["y"].between(both[f"lo_{n}"], both[f"hi_{n}"]).mean() for n in (50, 90)}
ipd.Markdown(
    f"Mean error: {error['y_hat']:.0f} streams a week, naive {error['naive']:.0f}. "
    f"The interval of 50 % held {held[50]:.0%}, that of 90 % {held[90]:.0%}."
)

# %% [markdown]
# This time it beat naive. That was not known on the day, and one date is one throw of the
# dice: a single success is no proof, just as a single failure is none.
#
# ## Which songs can be forecast at all?
#
# `simulate_streams` makes songs that follow known laws. We test the two plainest forecasts on five
# kinds, each by itself: the same week of last year (`seasonal_naive`), and the straight line.

# %%
kinds = ("christmas", "catalogue", "release", "niche", "walk")
made = mt.datasets.simulate_streams(60, families=kinds, rng=2026)
skills = {}
for kind, names in made.tracks.groupby("family")["unique_id"]:
    some = made.series[made.series["unique_id"].isin(names)]
    how = mt.trends.backtest(some, ahead, origins=6, method="seasonal_naive", others=("drift",))
    skills[kind] = how.scores.query("part == 'all'").set_index("method")["skill"].drop("naive")
pd.DataFrame(skills).T.style.format("{:.2f}")

# %% [markdown]
# A Christmas song can be forecast by the calendar: skill lies in what repeats. A `walk` goes up or
# down by chance each week. Of that the last value says all there is, and nobody on earth has skill.
# No single method is right for all, so ask for the skill on *your* songs.
#
# ## Songs, artists and the label
#
# The label wants to plan with sums. Ask for songs, artists and the label, each for itself, and the
# answers will not add up. `reconcile` changes all of them, as little as past errors suggest, until
# they do.

# %%
owner = label.recordings.set_index("recording_id")["artist_id"]
songs = known["unique_id"].unique()
parents = pd.Series(songs).groupby(owner[songs].to_numpy()).agg(list)
parents = parents[parents.str.len() > 1].to_dict() | {"label": list(songs)}
sums = mt.trends.forecast(mt.trends.aggregate(known, parents), ahead, rng=2026)
plan = {"each for itself": sums, "reconciled": mt.trends.reconcile(sums, parents)}
ends = {name: each.table.groupby("unique_id")["y_hat"].last() for name, each in plan.items()}
parts = {n: {"label": end["label"], "sum of songs": end[songs].sum()} for n, end in ends.items()}
whole = both[both["ds"] == both["ds"].max()]["y"].sum()
pd.DataFrame(parts | {"what came": {"label": whole, "sum of songs": whole}}).round()

# %% [markdown]
# Now the numbers agree with each other. Whether they agree with what comes is another question:
# here they do not: both ran far too high. What adds up can be wrong. The same function adds
# countries up to the world.
#
# ## How fast does a song fade?
#
# A curve says in one number what a forecast says in many. The *half-life* is the age at which a
# song is at half of where it began. Four shapes are tried, and judged by a part that they did not
# see. We look at *Néon doux* before the jump.

# %%
calm = known[known["ds"] < "2024-09-09"].groupby("unique_id").filter(lambda one: len(one) > 20)
fading = mt.trends.half_life(calm, start="first", rng=2026)
with mt.plot.style():
    ax = mt.plot.decay(fading, unique_id=song, unit="streams a week", ax=plt.subplots()[1])
mt.plot.show(ax, alt="Points that fall fast and then slowly, and the curve through them.")

# %% [markdown]
# The curve is at half of where it began after about two weeks. Here are the last eight songs, in
# days; `lo` and `hi` are the interval of 90 per cent.

# %%
fading.table[["unique_id", "model", "half_life", "lo", "hi", "note"]].tail(8).round(1)

# %% [markdown]
# Of *Néon doux* the half-life is known to within days, of most others to within weeks or months.
# Where the interval has no end (`inf`) it is not known, however exact the middle looks. And a song
# that hardly fades in what was seen has none: that is an answer too, and the note gives it.
#
# ## How large will it grow, and what do posts bring?
#
# `bass` is for what *spreads*: some come by themselves (p), others because others came (q), and m
# will ever come. `gompertz` is its sister with a longer tail. Here is one made-up song that follows
# Bass' law with `m` about one million: what the curve would have said after 10, 15, 20 and 30
# weeks.

# %%
t = np.arange(31)
share = (1 - np.exp(-0.3 * t)) / (1 + 29 * np.exp(-0.3 * t))
rng = np.random.default_rng(2026)
new = 1e6 * np.diff(share) * rng.lognormal(0, 0.15, 30)
spread = pd.DataFrame({"unique_id": "song", "ds": t[1:], "y": new})
fits = {n: mt.trends.bass(spread.head(n), rng=2026).table.iloc[0] for n in (10, 15, 20, 30)}
pd.DataFrame(fits).T[["m", "m_lo", "m_hi", "peak", "note"]].infer_objects().round(1)

# %% [markdown]
# Before the peak the size of the whole rests on the shape alone: the interval is wide, and the note
# says so. Believe it after.
#
# `hawkes` asks what promotion brings, and what word of mouth adds: `virality` is all that comes of
# one unit, here of one viewer of an influencer's post. We know what the posts of this label really
# brought, and compare.

# %%
posts = label.events.query("kind == 'influencer_post'").rename(columns={"subject": "unique_id"})
viewers = posts.groupby(["unique_id", week])["size"].sum().rename("promotion").reset_index()
shown = weeks.merge(viewers, on=["unique_id", "ds"], how="left").fillna({"promotion": 0})
answer = mt.trends.hawkes(shown, rng=2026).table.dropna(subset=["virality"])
effects = label.truth["event_effects"].merge(posts[["event_id", "size"]], on="event_id")
really = effects["streams"].sum() / effects.drop_duplicates("event_id")["size"].sum()
right = ((answer["virality_lo"] <= really) & (really <= answer["virality_hi"])).sum()
ipd.Markdown(
    f"Truth: {really:.2f} streams for each viewer. Median of {len(answer)} songs: "
    f"{answer['virality'].median():.2f}; the interval holds the truth for {right} of them."
)

# %% [markdown]
# A response is not a cause. With one or two posts a song, whatever else happened in that week is
# paid out to the post, and an interval around a wrong question is wrong too. The notes in
# `answer["note"]` catch the worst, such as *Sobremesa* (`R15`), whose plays were bots', but not
# all. For what a post
# *brought*, use [playlists, posts and airplay](14-playlists-posts-and-airplay.ipynb).
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert tempting["straight line"] < 0 < tempting["growth of last week"] - 1e9
assert r2["many bends"] > 0.9 > r2["straight line"]
assert tempting["many bends"] > 100 * past.max()
assert 5.5 < past.iloc[-1] / past.iloc[-2] < 6
assert label.spend.query("artist_id == 'A11'").groupby("ds")["spend"].sum()["2024-09-09"] > 40
assert max(mine["lo_90"], 0) <= truth < mine["y_hat"] < past.iloc[-1]
assert tested.skill_lo < 0 > scores.loc["drift", "skill"]
assert error["y_hat"] < 0.8 * error["naive"]
assert max(skills["walk"]) < 0 < skills["christmas"]["seasonal_naive"] - 0.5
assert abs(np.ptp(list(parts["each for itself"].values()))) > 500
assert right < 0.7 * len(answer)

# %% [markdown]
# ## What this cannot tell you
#
# - *What is not in the past.* A place on a large list, a film, a scandal: no interval made from
#   past weeks holds what never happened in them.
# - *Why.* A forecast knows the plays, and nothing else. The label's own books (`label.spend`) know
#   more: in that week it paid for ads of Zoë Çelikkaya, whose next single came out on the Friday.
#   Until then ads could only lead to *Néon doux*, and the manager need only have asked. What ads
#   bring is a question for [media mix](13-media-mix-for-a-release.ipynb).
# - *What you will do about it.* If the label answers a low forecast with a campaign, the forecast
#   will be wrong, and that is as it should be.
# - *Real life.* These songs were simulated. Measure the skill on your own.
#
# ## Your own songs
#
# Write the path of a table (CSV) with `unique_id`, `ds` and `y`, or of the store that you collected
# into: a store holds totals, so take differences. Steps have to be even; missing ones are an error
# unless you say `gaps="interpolate"` or `gaps="zero"`. Dates of releases and posts go into
# `events=`.

# %%
my_table, my_store = "", ""
own = pd.read_csv(my_table, parse_dates=["ds"]) if my_table else None
if my_store:
    own = mt.collect.Store(my_store).series("views").dropna(subset="y")
    own["y"] = own.groupby("unique_id")["y"].diff().clip(lower=0)
if own is not None:
    for ask in (mt.trends.backtest, mt.trends.forecast):
        ipd.display(ask(own.dropna(subset="y"), 8, gaps="interpolate", rng=2026))

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** A colleague says: "The straight line was only unlucky in its dates." Test `drift`
# on `known` at eight origins, four weeks apart (`step=4`). Is there a distance at which it helps?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
lines = mt.trends.backtest(known, ahead, origins=8, step=4, method="drift")
ipd.display(ipd.Markdown(lines.verdict), lines.by_horizon.query("method == 'drift'").round(2))
assert max(lines.skill_hi, lines.by_horizon.query("method == 'drift'")["skill"].max()) < 0

# %% [markdown]
# Nowhere: a song that fell fast when it was new does not go on
# like that.
#
# **Exercise 2.** Somebody sells forecasts of songs. He shows a song that his
# line foretold well. Make 20 songs of the family `"walk"`, of 80 weeks, which nobody can forecast,
# and ask `backtest` about his `drift`. For how many songs alone did it beat naive?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
chance = mt.datasets.simulate_streams(20, weeks=80, families=("walk",), rng=7).series
sold = mt.trends.backtest(chance, 8, origins=2, method="drift")
misses = sold.forecasts.eval("miss = abs(y - y_hat)").pivot_table("miss", "unique_id", "method")
wins = (misses["drift"] < misses["naive"]).sum()
ipd.display(ipd.Markdown(f"{sold.verdict} It did beat naive for {wins} of {len(misses)} songs."))
assert sold.skill_lo < 0 < wins < 10

# %% [markdown]
# Among enough methods, dates and songs, something always won, and he shows us one of those. Without
# an interval and origins that were fixed beforehand, that is an advertisement.
# ## Takeaways
#
# - What fits the past best may foretell worst. Judge a forecast by weeks that it did not see, and
#   by the last value [1].
# - A forecast is an interval. A backtest shows its skill and whether the intervals hold what they
#   promise.
# - "No skill is shown" is an answer: plan with the last value and a wide interval. What repeats can
#   be forecast; a random walk cannot.
# - Forecasts of parts and sums have to be made to add up [2]. They may still be wrong together.
# - Half-life, size and response are short stories about a curve [3] [4]. Read their intervals
#   first, and no cause into them.
#
# ## Next
#
# - [Anatomy of a chart run](16-anatomy-of-a-chart-run.ipynb): how long a song stays, when many have
#   not ended yet
# - [All notebooks](README.md)
#
# ## References
#
# 1. R. J. Hyndman, A. B. Koehler, Another look at measures of forecast accuracy, *International
#    Journal of Forecasting* 22, 2006. <https://doi.org/10.1016/j.ijforecast.2006.03.001>
# 2. S. L. Wickramasuriya, G. Athanasopoulos, R. J. Hyndman, Optimal forecast reconciliation for
#    hierarchical and grouped time series through trace minimization, *Journal of the American
#    Statistical Association* 114, 2019. <https://doi.org/10.1080/01621459.2018.1448825>
# 3. F. M. Bass, A new product growth for model consumer durables, *Management Science* 15, 1969.
#    <https://doi.org/10.1287/mnsc.15.5.215>
# 4. M.-A. Rizoiu and others, Expecting to be HIP: Hawkes intensity processes for social media
#    popularity, *WWW 2017*. <https://doi.org/10.1145/3038912.3052650>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
