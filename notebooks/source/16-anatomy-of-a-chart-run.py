# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 40
#     description: How long songs stay in a chart, when many have not left yet.
#     level: adv
#     requires: []
#     title: How long will our song stay in the chart?
#     track: marketing
# ---

# %% [markdown]
# # How long will our song stay in the chart?
#
# **Question.** A song of the label *Lantern & Tide* entered the chart some months ago, and is still
# there. The label manager asks: "How long will our song stay? And was it a good run so far?" All
# she has is one year of charts.
#
# **You will learn**
#
# - why the mean of finished runs is too short, and that of today's songs too long
# - how to use songs that have not left yet (censoring), with an interval
# - how to ask what makes a run longer, without using what was not known at the time
# - when songs peak, whether ours is rising or falling, and who comes back
# - how the generations differ, and how much of the chart the few at the top have
#
# **Before you start.** [Forecasting streams](15-forecasting-streams.ipynb): there the plays of a
# song faded and never ended; here it has a last week, and we ask when. You have seen an average, a
# median and an interval.
#
# **Time.** 45 minutes with the exercises.
#
# **Data and licence.** A chart of made-up songs by `simulate_chart`, CC0 1.0, whose law of survival
# is known. Facts about the Hot 100 are cited; its own data has no licence and is not shipped. No
# network is used.

# %% [markdown]
# ## Set up
#
# The toolkit is `mt`; `pd` and `np` calculate, `plt` draws.

# %%
import IPython.display as ipd
import matplotlib.pyplot as plt
import pandas as pd

import musictools as mt

# %% [markdown]
# The label's own world has no chart, so `simulate_chart` makes one, in which our song is called
# `Song 01948`. A chart is a table with `date`, `rank`, `song` and `artist`. Ours has six years, of
# which we saw only the last one. `chart_runs` makes one row for each song. `left` is whether it has
# gone: a song on the last chart is *censored*, its life goes on. `seen` is whether we saw it enter:
# what stands on our first chart may have come long before.

# %%
made = mt.datasets.simulate_chart(weeks=312, rng=2026)
year = made.chart[made.chart["date"] > made.chart["date"].max() - pd.Timedelta(weeks=52)]
runs = mt.trends.chart_runs(year).merge(made.songs[["song", "playlisted"]])
ours = runs[(runs["song"] == "Song 01948")].iloc[0]
runs[["song", "debut", "peak", "weeks_to_peak", "weeks", "left", "seen"]].tail(4)

# %% [markdown]
# ## The tempting answers
#
# "Take the runs that are finished, and their mean." Or: "Look at the songs that are in the chart
# today, and how long they stay." For the second we cheat, and look up their whole lives, which
# nobody knows yet. And the truth: all songs that entered in those six years, to their end.

# %%
entered = runs[runs["seen"]]
whole = made.songs.set_index("song")["weeks"]
tempting = {"finished runs of this year": entered[entered["left"]]["weeks"].mean()}
tempting["songs in the chart today"] = whole[runs[~runs["left"]]["song"]].mean()
born = made.songs[made.songs["entry"] >= made.chart["date"].min()]
truth = {"mean": born["weeks"].mean(), "median": born["weeks"].median()}
pd.Series(tempting | {"all that ever entered": truth["mean"]}, name="mean weeks").round(
    1
).to_frame()

# %% [markdown]
# The finished ones are too short: in one year only the short runs *can* finish. Today's songs are
# much too long: a run of forty weeks is in forty charts, and a run of one week is in one, so
# whoever looks at a chart meets the long ones (*length-biased sampling*). The same mistakes are
# made with artists, contracts and subscribers.
#
# ## The right answer: count who was at risk
#
# Week by week: of the songs that were still there, how many left? Songs that are still there count
# for as long as they were watched. That is the curve of Kaplan and Meier [1].

# %%
stay = mt.trends.survival(entered)
with mt.plot.style():
    ax = stay.plot(ax=plt.subplots(figsize=(8, 4))[1])
mt.plot.show(ax, alt="A stair that falls fast at first and then slowly, with a band around it.")

# %% [markdown]
# The curve falls steeply, then flattens: who has stayed, stays on. Half of the songs are gone after
# the median, and its interval holds the truth.

# %%
half = stay.groups.iloc[0]
ipd.Markdown(
    f"Median: **{half['median']:.0f} weeks** (90 % interval {half['median_lo']:.0f} to "
    f"{half['median_hi']:.0f}); truth {truth['median']:.0f}. "
    f"Median of the finished runs alone: {entered[entered['left']]['weeks'].median():.0f}."
)

# %% [markdown]
# ## And our song?
#
# It is there already, so the question is not how long *a* song stays, but how long one stays that
# got this far: divide the curve by its height today. That is the chance of ten weeks more.

# %%
now = stay.at(ours["weeks"]).iloc[0]["survival"]
more = stay.at(ours["weeks"] + 10).iloc[0]["survival"] / now
fresh = stay.at(10).iloc[0]["survival"]
better = stay.at(ours["weeks"] - 1).iloc[0]
ipd.Markdown(
    f"Our song is in week {ours['weeks']}; its best place was {ours['peak']}. A new song stays "
    f"longer than ten weeks with a chance of {fresh:.0%}; one that got this far stays ten more "
    f"with {more:.0%}. Was it a good run? {better['survival']:.0%} of all songs last as long "
    f"({better['lo']:.0%} to {better['hi']:.0%})."
)

# %% [markdown]
# On the real Hot 100 it is the same, only more so: of the songs that entered in the 2010s, 28.17 %
# stayed for one week, and the mean was 11.42 weeks. The longest run until the end of 2019 was
# *Radioactive* by Imagine Dragons, with 87 weeks [2].
#
# ## What makes a run longer?
#
# A third of the songs are on a playlist. Two curves, and the *log-rank test* of whether they are
# one:

# %%
words = entered["playlisted"].map({True: "on a playlist", False: "on none"})
listed = mt.trends.survival(entered.assign(who=words), by="who")
with mt.plot.style():
    ax = listed.plot(ax=plt.subplots(figsize=(8, 4))[1])
mt.plot.show(ax, alt="Two stairs: songs on a playlist stay longer, and the bands part.")

# %% [markdown]
# Cox' model puts it into one number: the *hazard ratio* is by what the risk of leaving in any week
# is multiplied. Below 1 is a longer life. We know that 0.6 was built in. First with the playlist
# alone, and then "controlled" for the best place, as one often sees it done:

# %%
alone = mt.trends.cox(entered, ["playlisted"])
peaked = mt.trends.cox(entered, ["playlisted", "peak"])
both = {"playlist alone": alone, "with the peak": peaked}
both = {name: model.table.set_index("covariate").loc["playlisted"] for name, model in both.items()}
pd.DataFrame(both).T[["hazard_ratio", "lo", "hi", "p_value", "proportional_p"]].round(3)

# %% [markdown]
# The peak takes the effect away. It was not known at the entry: a song has a high peak *because* it
# stayed long, and because the playlist held it. Use only what was known when the song came in.
# `proportional_p` warns where it is small: the ratio changes over a life.
#
# (On the made-up chart a playlist is drawn by lot. On a real one editors pick what does well
# anyway, and then not even the first number is an effect.)
#
# ## When do songs peak, and where is ours?
#
# `weeks_to_peak` is 0 for a song whose first week was its best. Only finished runs can tell, and
# short ones peak early. Then `momentum`: is it rising or falling in the last eight weeks?

# %%
longer = runs[runs["left"] & runs["seen"] & (runs["weeks"] >= 8)]
points = year.assign(unique_id=year["song"], ds=year["date"], y=101 - year["rank"])
there = points[points["unique_id"].isin(runs[~runs["left"]]["song"])][["unique_id", "ds", "y"]]
moves = mt.trends.momentum(there).set_index("unique_id")
trend = mt.trends.mann_kendall(there[there["unique_id"] == ours["song"]]).iloc[0]
ipd.Markdown(
    f"Half of the runs of eight weeks and more peak by week {longer['weeks_to_peak'].median():.0f} "
    f"of {longer['weeks'].median():.0f}. Ours peaked in week {ours['weeks_to_peak']:.0f} and is "
    f"now **{moves.loc[ours['song'], 'trend']}** (whole run: Mann-Kendall "
    f"p = {trend['p_value']:.3f})."
)

# %% [markdown]
# Over its whole run our song did rise: an order like that is rare by chance, says the small p. In
# the last eight weeks it did not: a slope of eight points has a wide interval, and "flat" means
# that the interval holds zero. `breakouts` looks for *steps* instead: weeks where a run went to
# another level.

# %%
steps = mt.trends.breakouts(there)
with mt.plot.style():
    _, ax = plt.subplots(figsize=(8, 3.8))
    mt.plot.breakouts(steps, unique_id=ours["song"], unit="101 less the rank", ax=ax)
    ax.tick_params(axis="x", rotation=30)
mt.plot.show(ax, alt="The run of our song, and the levels that it climbed through.")

# %% [markdown]
# ## Who comes back?
#
# In this chart no song returns, but artists do. `by=["artist"]` follows them by their best place.
# For the stage of a career, weeks out of the chart must count as zero; a missing week is not zero
# by itself.

# %%
six = made.chart.assign(y=101 - made.chart["rank"])
careers = mt.trends.chart_runs(six, by=["artist"])
again = careers[careers["left"]]["re_entries"].gt(0).mean()
table = six.pivot_table(index="date", columns="artist", values="y", aggfunc="sum", fill_value=0)
long = table.rename_axis("ds").reset_index().melt("ds", var_name="unique_id", value_name="y")
stages = mt.trends.career_stage(long)["stage"].value_counts()
ipd.display(ipd.Markdown(f"{again:.0%} of the artists who are gone had come back at least once."))
stages.to_frame().T

# %% [markdown]
# Most artists are `dormant`: a chart is a place that nearly all have left. But whoever "is gone"
# may come back next week: "gone" is a word about our data, not about her.
#
# ## Generations, and the few at the top
#
# `cohort_curves` follows the songs of each year from their entry on. `present` is the part that is
# still there; songs too young to have been seen at an age are left out, or the curve would jump.

# %%
story = six.assign(unique_id=six["song"], ds=six["date"])
story = story[story["song"].isin(born["song"])][["unique_id", "ds", "y"]]
curves = mt.trends.cohort_curves(story, ages=40)
few = mt.trends.concentration(long)
with mt.plot.style():
    _, axes = plt.subplots(1, 2, figsize=(9.5, 3.8))
    mt.plot.cohorts(curves, unit="weeks", ax=axes[0])
    mt.plot.concentration(few, ax=axes[1])
mt.plot.show(
    axes[0].figure, alt="Six curves of survival that agree, and shares of the top artists."
)

# %% [markdown]
# The generations agree, as they must: they were made by one law. A curve ends where less than half
# of its songs were seen for so long. On the right are the shares of the first artist, of ten
# artists, and of ten per cent of them: three measures, three stories. One that counts people and
# one that counts parts of them can move in opposite ways when the number of artists changes.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert tempting["finished runs of this year"] < 0.75 * truth["mean"]
assert tempting["songs in the chart today"] > 2 * truth["mean"]
assert half["median_lo"] <= truth["median"] <= half["median_hi"]
assert more > fresh
assert trend["p_value"] < 0.05
assert moves.loc[ours["song"], "trend"] == "flat"
assert stages["dormant"] > stages.sum() / 2
assert listed.p_value < 0.01
assert both["playlist alone"]["hi"] > made.truth["hazard_ratio"] == 0.6
assert both["playlist alone"]["lo"] < 0.6
assert both["with the peak"]["hazard_ratio"] > 0.75
assert curves.query("age == 20").groupby("cohort")["present"].first().std() < 0.1

# %% [markdown]
# ## What this cannot tell you
#
# - *Why songs stay.* A chart has ranks, not listeners: a song can fall because others rise.
# - *Rules.* The real Hot 100 takes off old songs below some place, and the rules changed: long runs
#   of different decades are not the same thing. The made-up chart has no rules.
# - *What never entered.* Everything here is about songs that made it. Nothing here tells what makes
#   a song enter.
# - *Independence.* Songs of one artist go together, so intervals are a little too narrow.
#
# ## Your own chart
#
# Write the path of a table (CSV) with `date`, `rank`, `song` and `artist`. `fetch_hot100` reads it,
# knows the names of columns of the usual collections, and without a path it downloads the Hot 100
# since 1958 from its collection, if you have a network.

# %%
my_chart = ""
if my_chart:
    lives = mt.trends.chart_runs(mt.datasets.fetch_hot100(my_chart))
    ipd.display(mt.trends.survival(lives[lives["seen"]]))
    ipd.display(lives.sort_values("weeks", ascending=False).head(10))

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** We left out songs that were there on the first chart (`seen` is False). A
# colleague counts them, too, by the weeks that he saw. Compare his median. Then cut the year to
# its last *half*: what do the mean of finished runs and the median of the curve do?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
his = mt.trends.survival(runs).groups["median"][0]
late = mt.trends.chart_runs(year[year["date"] > year["date"].max() - pd.Timedelta(weeks=26)])
late = late[late["seen"]]
mean, median = late[late["left"]]["weeks"].mean(), mt.trends.survival(late).groups["median"][0]
ipd.display(pd.Series({"with unseen": his, "finished, half": mean, "curve, half": median}))
assert his > half["median"]
assert mean < tempting["finished runs of this year"]

# %% [markdown]
# His is longer: the unseen are songs that had survived. The mean of finished runs gets shorter with
# the window, as if songs were getting worse. The curve hardly moves.
#
# **Exercise 2.** `weeks_to_peak` seems to "explain" a long life, too. Put it into Cox' model alone.
# Then take what *was* known at the entry, `debut`. What do you believe?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
future, entry = (mt.trends.cox(entered, [name]).table for name in ("weeks_to_peak", "debut"))
ipd.display(pd.concat([future, entry]))
assert future["p_value"][0] < 1e-6
assert entry["p_value"][0] > 0.1

# %% [markdown]
# A song that peaks in week ten *has* to live for ten weeks: that is arithmetic and no discovery.
# The place at the entry, which is known on the day, says nothing for sure.
#
# ## Takeaways
#
# - Finished runs are the short ones, and today's chart is full of the long ones. Both means lie.
# - Count who was at risk, week by week, and report the median with its interval [1]. What got far
#   is likely to go on.
# - A covariate from the future explains everything. Use what was known at the entry [3].
# - Peak, momentum and steps say where a song is; "flat" and "gone" are statements about data.
# - Compare generations only at ages at which all were seen, and say which share you mean.
#
# ## Next
#
# - [Can we tell from the sound which song will be a hit?](17-does-sound-predict-success.ipynb):
#   whether one can hear why a song enters at all
# - [All notebooks](README.md)
#
# ## References
#
# 1. E. L. Kaplan, P. Meier, Nonparametric estimation from incomplete observations, *Journal of the
#    American Statistical Association* 53, 1958. <https://doi.org/10.1080/01621459.1958.10501452>
# 2. Billboard Hot 100, August 1958 to December 2019, counted by `chart_runs` from the collection of
#    M. Hollingshead. <https://github.com/mhollingshead/billboard-hot-100>
# 3. D. R. Cox, Regression models and life-tables, *Journal of the Royal Statistical Society B* 34,
#    1972. <https://doi.org/10.1111/j.2517-6161.1972.tb00899.x>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
