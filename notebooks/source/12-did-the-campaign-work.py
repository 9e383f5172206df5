# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 40
#     description: Posters in eight cities, +37 % says the agency; what they did, how
#       sure that is, and how to plan the next campaign so that it can be known.
#     level: inter
#     requires: []
#     title: Did the campaign work?
#     track: marketing
# ---

# %% [markdown]
# # Did the campaign work?
#
# **Question.** In April 2025 the label *Lantern & Tide* put up posters for The Copper Hours in
# eight cities. In December the agency writes: "+37 % streams in these cities. Shall we book the
# next eight?" The label's marketing manager asks: "Did the posters do that? Did they pay for
# themselves?"
#
# **You will learn**
#
# - why before and after is no answer, and why a difference to other cities need not be one
# - how to measure an impact with an interval, and what the interval does not hold
# - how to ask a placebo: other cities, and earlier starts at which nothing was done
# - what to do if a campaign or a tour starts on another date in each city
# - how to plan the next campaign so that it can be measured, and how small an effect it would find
#
# **Before you start.** [Start here](00-start-here.ipynb), for the label, and for what an interval
# of 90 % is. You have seen a table of pandas.
#
# **Time.** 45 minutes with the exercises.
#
# **Data and licence.** Cities, streams and what posters did are *simulated*, costs *invented*,
# under CC0 1.0, so that there is a truth to compare with. No network is used.

# %% [markdown]
# ## Set up
#
# The toolkit is `mt`. `rng` draws the chance numbers, from one seed, so that you see what we see.

# %%
import IPython.display as ipd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import musictools as mt

rng = np.random.default_rng(2026)

# %% [markdown]
# The label's own world is too small for sixty cities, so `mt.datasets.simulate_panel` makes them:
# weekly streams of two years, posters in eight of them from one week on. It knows what they did.
# We do not look yet. (`design="selected"` is the story of this notebook; it comes later.)

# %%
asked = {"units": 60, "treated": 8, "design": "selected", "start": "2024-01-01", "rng": 31}
made = mt.datasets.simulate_panel("campaign", effect=0.06, **asked)
series, posters, start = made.series[["unique_id", "ds", "y"]], made.treated, made.start
history = series[series["ds"] < start]
series.pivot_table("y", "ds", "unique_id").iloc[-3:, :6].astype(int)

# %% [markdown]
# This is a *series* table: who (`unique_id`), when (`ds`, a Monday), how many (`y`).
#
# ## The tempting answers
#
# **"Before and after."** Take the mean week of the eight cities before, and since. **"Less what
# the others did."** Do the same for the 52 cities without posters, and subtract: what all share, a
# season or an album, is gone. That is a *difference in differences*.

# %%
where = np.where(series["unique_id"].isin(posters), "posters", "no posters")
when = np.where(series["ds"] < start, "before", "since")
means = series.assign(where=where, when=when).pivot_table("y", "where", "when")
means["more"] = means["since"] - means["before"]
means.assign(percent=100 * means["more"] / means["before"]).round(1)

# %% [markdown]
# There is the agency's number: 37 %. But the others rose as well, by almost half of that. The music
# was growing everywhere. The second answer is what is left: 5,500 streams a week and city. It
# assumes that the eight would have grown as the *mean* of the others did. Would they?
#
# ## What would have been
#
# A better comparison is not all other cities alike, but a mixture of them that moved as the eight
# did before. `mt.marketing.impact` finds it. Its usual method, *synthetic difference in
# differences* [1], weighs cities and weeks. The interval comes from placebos: eight cities without
# posters are treated as if they had some, many times; what it "finds" there is chance.

# %%
found = mt.marketing.impact(series, treated=posters, start=start)
with mt.plot.style():
    ax = found.plot()
ax.set(xlabel="Week (Monday)", ylabel="Streams (a week and city)")
mt.plot.show(ax, alt="Streams of the eight cities rise above a dashed line once posters are up.")

# %% [markdown]
# The distance after the start is the effect. (Look at the first months, too: the dashed line lies
# above the other. We come back to that.)
#
# Other methods beside it: *synthetic control* [2] weighs cities only, its augmented form may mix
# them beyond their range [3], `"did"` takes all alike, and `"interrupted"` knows no other city: it
# goes on with a straight line.

# %%
methods = "synthetic_did", "synthetic_control", "augmented_synthetic_control", "did", "interrupted"
what = {"treated": posters, "start": start}
runs = [mt.marketing.impact(series, **what, method=method) for method in methods]
numbers = ["method", "effect", "lo_90", "hi_90", "p_value", "relative_pct"]
pd.DataFrame([{n: getattr(run, n) for n in numbers} for run in runs]).round(3)

# %% [markdown]
# The four that look at other cities agree: the posters worked, and chance does not do that
# (`p_value`). The line alone says nothing: its
# interval has room for anything. Most reports
# would end here, with good tools and a good conscience.
#
# ## What is true
#
# In a simulation we may look. Say a stream earns 0.003 euro and the posters cost 2,200 euros, for
# 8 cities and 35 weeks:

# %%
more, rest = means["more"]["posters"], means["more"]["no posters"]
answers = {"before and after": more, "less the others": more - rest, "synthetic DiD": found.effect}
books = pd.DataFrame({"streams a week and city": answers | {"true": made.att}})
books["euro"] = books["streams a week and city"] * 8 * 35 * 0.003
books["profit"] = books["euro"] - 2_200
books.round()

# %% [markdown]
# The posters lost money. The agency's number makes them a triumph. Subtracting the others leaves a
# good business, and the right method still a sure one: its whole interval lies above the cost, and
# above the truth. So what was wrong with it?
#
# ## The placebo that tells
#
# Not the arithmetic. The *choice* of cities: posters went up where the music was growing anyway.
# That is what `"selected"` means, and what any sensible marketer does. On the left, how each city
# grew from its first 26 weeks to the last 26 before posters. On the right, a *placebo in time*:
# pretend that it began earlier, when nothing was done, and measure that.

# %%
weeks = history.groupby("unique_id")["y"]
grew = 100 * (weeks.apply(lambda y: y.tail(26).mean() / y.head(26).mean()) - 1)
early = found.placebos.query("kind == 'time'").sort_values("name")
with mt.plot.style():
    left, right = plt.subplots(1, 2, figsize=(9, 3.4), width_ratios=(3, 2))[1]
    left.hist([grew.drop(posters), grew[posters]], stacked=True, bins=20, color=["0.7", "C1"])
    right.bar(early["name"].str[:7], early["effect"], color="0.7")
    right.bar("real", found.effect, yerr=found.hi_90 - found.effect, color="C1")
left.set(xlabel="Growth before posters (%)", ylabel="Number (cities)", title="orange: the eight")
right.set(xlabel="Start (year, month)", ylabel="Effect found (streams a week)")
mt.plot.show(left, alt="The eight grew most before; pretended starts find part of the effect.")

# %% [markdown]
# The eight stand far to the right. A mixture is never above the highest of its parts, so that only
# a few of the others could stand for them, and those have luck of their own. (Therefore the dashed
# line lay too high in the first months: the eight were catching up with it.) And at three starts
# where *nothing* was done the method "finds" something, each time with the same sign. The eight
# were leaving the others long before.
#
# The placebo in *space*, which makes interval and p-value, could not see that. It asks whether
# eight cities drawn by chance would rise so much. They would not; but these were not drawn by
# chance. `words` says what the numbers mean, and warns:

# %%
ipd.Markdown(f"> {found.words}")

# %% [markdown]
# Such a warning is a help, and no proof. And one panel is one story, so 100 of each kind were made
# (see the help of `mt.marketing.impact`). The warning came in 48 of those whose cities were chosen
# like these, and in 6 of those by lot. The interval, which promises 90, held the truth in 56 and in
# 93. And of the 52 that were chosen and came *without* a warning it held it in 37 only. So silence
# is no leave to trust. A good report says how cities were chosen before it says anything else.
#
# Can it be mended? Some advise to set each city to 100 before, so that a large one does not count
# more:

# %%
mean = weeks.mean()
indexed = series.assign(y=100 * series["y"] / series["unique_id"].map(mean))
again = mt.marketing.impact(indexed, **what)
gain = 0.06 * made.units.set_index("unit_id")["level"]
starts = again.placebos.query("kind == 'time'").set_index("name")["effect"].to_dict()
row = {n: getattr(again, n) for n in numbers[1:4]} | {"true": (100 * gain / mean)[posters].mean()}
pd.DataFrame([row | starts]).round(1)

# %% [markdown]
# That is good practice, but no cure: still above the truth, still early "effects". What was never
# measured, a city's own reason to grow, cannot be computed away.
#
# ## The cure: draw lots
#
# The same sixty cities and the same weeks, without posters (`effect=0`, same seed). Now we put the
# same posters up ourselves, in eight cities *drawn by lot*, and measure. Sixteen times.

# %%
quiet = mt.datasets.simulate_panel("campaign", effect=0, **asked).series[["unique_id", "ds", "y"]]


def measured(cities):
    on = quiet["unique_id"].isin(cities) & (quiet["ds"] >= start)
    told = quiet.assign(y=quiet["y"] + on * quiet["unique_id"].map(gain))
    found = mt.marketing.impact(told, treated=cities, start=start)
    return np.array([found.effect, found.lo_90, found.hi_90]) / gain[cities].mean()


lots = [posters] + [list(rng.choice(gain.index, 8, replace=False)) for _ in range(16)]
ratio = np.array([measured(cities) for cities in lots])

# %% [markdown]
# Each line is one campaign: the estimate and its interval as multiples of the truth. At 1 it is
# right; at 2 the posters look twice as good as they are.

# %%
with mt.plot.style():
    ax = plt.subplots(figsize=(7, 4))[1]
    ax.hlines(range(17), ratio[:, 1], ratio[:, 2], colors=["C1"] + ["0.5"] * 16)
    ax.scatter(ratio[:, 0], range(17), c=["C1"] + ["0.5"] * 16, zorder=3)
    ax.axvline(1, color="black", linestyle="--")
ax.set(xlabel="Estimate (multiples of the truth)", ylabel="Campaign (number; 0: chosen)")
mt.plot.show(ax, alt="Sixteen intervals by lot lie around 1; that of the chosen cities above it.")

# %% [markdown]
# By lot, the same method in the same world is right: the truth is within its interval about as
# often as promised. The intervals are honest about chance, and only about chance.
#
# ## When each city has its own date
#
# Posters all went up in one week. A tour does not: each city has its concert on another evening.
# Before and after all concerts would compare summers with winters, and cities after their concert
# with others after theirs. `mt.marketing.event_study` compares each city with those that have not
# had one *yet* [4], and lines the effects up by the time since. The table needs one more column.

# %%
studies, truth = {}, {}
for design in ("random", "momentum"):
    tour = mt.datasets.simulate_panel("tour", **asked | {"treated": 24, "design": design})
    first = tour.series["unique_id"].map(tour.units.set_index("unit_id")["start"])
    series_of_tour = tour.series.assign(treated_from=first)
    studies[design] = mt.marketing.event_study(series_of_tour, window=(-12, 12))
    truth[design] = tour.truth["ages"].query("-12 <= age <= 12").set_index("age")["effect"]

# %% [markdown]
# Above, concerts were anywhere. Below, a promoter booked each city when its streams had just
# jumped (`"momentum"`). Points are what is found, the black line is the truth.

# %%
with mt.plot.style():
    for ax, design in zip(plt.subplots(2, figsize=(8, 7), sharex=True)[1], studies, strict=True):
        studies[design].plot(ax=ax).set(ylabel="Effect (streams a week)")
        ax.plot(truth[design], color="black", zorder=4)
mt.plot.show(ax, alt="Above, points follow the truth; below, they are far off before the start.")

# %% [markdown]
# Look to the left of the line first. Nothing has happened there, so points should lie at zero.
# `pre_p_value` says how surprising they are if all is well:

# %%
pd.Series({design: study.pre_p_value for design, study in studies.items()})

# %% [markdown]
# Above, nothing odd; below, cities that get a concert were on their way before it. The picture
# must not be read there. (`mt.marketing.tour_effect` does this from a table of concerts.)
#
# ## Before the next campaign
#
# That the eight were different could have been known in April. `mt.marketing.power` plays campaigns
# on the history, at dates where nothing happened, and counts how often a test "finds" something.
# For the eight cities, and for eight by lot:

# %%
plan = mt.marketing.geo_test(history, rng=rng)
tests = {"the eight": posters, "eight by lot": 8, "pairs": plan.treated}
tried = {"duration": [4, 13], "rng": rng}
powers = {n: mt.marketing.power(history, treated=who, **tried) for n, who in tests.items()}
pd.concat({n: p.by_duration.round(3) for n, p in powers.items()}).droplevel(1)

# %% [markdown]
# `false_positive` should be 0.1 at this level. With the eight, a test of four weeks finds something
# in nine of ten cases where *nothing* was done: it was broken before the first poster was printed.
# (Its tiny `mde` is no skill. Who always cries finds everything.) By lot it is as promised, and
# finds an effect of `mde` or more (the *minimum detectable effect*) in four of five campaigns.
#
# `pairs` is what `mt.marketing.geo_test` proposes: cities that moved alike make a pair, and in each
# a coin decides. With thirty cities instead of eight it finds a smaller effect. Here is how alike
# the two halves are, and the power. The band of 13 weeks is wide: the history holds three such
# tests that share no week, and three are not many.

# %%
with mt.plot.style():
    axes = plt.subplots(1, 2, figsize=(10, 3.6))[1]
    mt.plot.geo_test(plan, ax=axes[0])
    mt.plot.power_curve(powers["pairs"], ax=axes[1])
mt.plot.show(axes[0], alt="Two halves that move as one, and power rising with the effect.")

# %% [markdown]
# Three more tools for the same question. If cities must be given, `mt.marketing.matched_markets`
# names those that moved most like them. If there is one market only, but the campaign can be
# switched off (ads can, posters cannot), `mt.marketing.switchback` draws weeks on and off by lot.
# And for two versions of a picture, `mt.marketing.sample_size` says how many people must see each.

# %%
turns = mt.marketing.switchback(24, block=2, rng=rng)
print(turns.power(history[history["unique_id"] == posters[0]], rng=rng).verdict)
print(mt.marketing.sample_size(0.04, 0.2, per_day=1_500).verdict)
mt.marketing.matched_markets(history, treated=posters[0], count=3).matches.round(3)

# %% [markdown]
# A single city on and off finds only large effects. The best matches of a city still move with it
# only loosely (`correlation`): take several. And a click rate of 4 % must be watched by
# thousands before a fifth more can be told from luck: most "winning" pictures have not won.
#
# ## What the naive answer would have cost
#
# The agency offers the *next eight* for the same price, and so on, all 52. At the true effect each
# eight lose the same again:

# %%
(books["profit"] * (52 // 8)).drop(["less the others", "synthetic DiD"]).round()

# %% [markdown]
# And drawing lots costs nothing. It only has to be done *before*.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert [round(100 * more / means["before"]["posters"]), round(more - rest, -2)] == [37, 5500]
assert found.lo_90 * 8 * 35 * 0.003 > 2_200 > books["euro"]["true"]
held = (ratio[:, 1] < 1) & (ratio[:, 2] > 1)
assert ["were leaving" in found.words, *held[:1], held[1:].sum() >= 14] == [True, False, True]
assert again.lo_90 > row["true"]
assert [study.pre_p_value < 0.1 for study in studies.values()] == [False, True]
assert [power.false_positive > 0.2 for power in powers.values()] == [True, False, False]

# %% [markdown]
# ## What this cannot tell you
#
# - *What else happened.* A concert or a playlist in the same cities in the same week is part of
#   the number, whatever the method. Drawing lots makes that unlikely; nothing else does.
# - *Neighbours.* People travel. If posters are seen by those who live elsewhere, the others are
#   touched too, and the effect looks smaller than it is.
# - *Later.* An effect of 35 weeks says nothing about the year after.
# - *Your world.* These cities follow simple laws and one kernel; yours have outliers, and hits.
#   How often intervals hold the truth was counted in simulations, of which yours may not be one.
#
# ## Your own campaign
#
# Write a file of streams by city (or country) and week between the quotes, a CSV with the columns
# `unique_id`, `ds` and `y`, then your cities and the first week. Look for streams by city or
# country in what your distributor and the platforms let you download. Leave out cities where
# something else was going on. Read the placebos before the effect.

# %%
my_file, my_cities, my_start = "", ["Leeds", "York"], "2026-03-02"
if my_file:
    mine = pd.read_csv(my_file, parse_dates=["ds"])
    result = mt.marketing.impact(mine, treated=my_cities, start=my_start)
    ipd.display(ipd.Markdown(result.words), result.placebos.query("kind == 'time'"))

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** You are the auditor, in April 2025: there are no posters yet, only `history`.
# Pretend that they went up in the eight cities 20 weeks earlier. What does `impact` find, with what
# p-value? What would the agency have written?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
audit = mt.marketing.impact(history, treated=posters, start=start - pd.Timedelta(weeks=20))
print(audit.words)
assert audit.lo_90 > 0

# %% [markdown]
# A "significant" success of posters that were not there. Ask for this audit whenever somebody else
# has chosen the cities.
#
# **Exercise 2.** The next campaign has half the posters in each city, and perhaps half the effect:
# 3 % instead of 6 %. It runs for 8 weeks. In how many cities, by lot, must it be to be found in
# four of five cases? Try 4, 8 and 16.

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
small = {n: mt.marketing.power(history, treated=n, duration=8, rng=1).mde for n in (4, 8, 16)}
ipd.display(pd.Series(small, name="mde").round(3))
assert small[8] < 0.03 < small[4] < 0.06

# %% [markdown]
# Eight are enough, four are not. If four then give a result that is "not significant", that says
# nothing about posters.
#
# **Exercise 3.** Another analyst prefers `method="interrupted"`: a line through the eight cities,
# with no others to argue about. She says: "The interval holds zero, so posters do not work." Is she
# right? How large an effect does her interval allow, in per cent?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
line = runs[-1]
print([round(end / line.effect * line.relative_pct, 1) for end in (line.lo_90, line.hi_90)])
assert line.lo_90 < made.att < line.hi_90

# %% [markdown]
# She is not. Her interval holds zero, and the truth, and all between the loss of an eighth and a
# gain of nine per cent. "We cannot know from this" and "it does not work" are different sentences.
#
# ## Takeaways
#
# - Before and after measures the times, and a difference to others measures who was chosen. Both
#   were more than twice too large.
# - An impact comes with an interval, and that holds chance only: not the choice, and nothing else
#   that happened.
# - Pretend earlier starts. If they find something where nothing was done, the real one finds that,
#   too. If they find nothing, be only a little more at ease.
# - With many dates, compare with those that are not treated *yet*, and look to the left of the
#   start first.
# - Draw the cities by lot, before; `power` tells how small an effect that can find, and whether a
#   choice was broken from the beginning.
#
# ## Next
#
# - [Where should the next euro go?](13-media-mix-for-a-release.ipynb): several channels at once.
# - [What did the playlist, the post and the radio bring?](14-playlists-posts-and-airplay.ipynb)
# - [Start here](00-start-here.ipynb) and [all notebooks](README.md).
#
# ## References
#
# 1. D. Arkhangelsky et al., *Synthetic difference-in-differences*, American Economic Review 111
#    (12), 2021. <https://arxiv.org/abs/1812.09970>
# 2. A. Abadie, A. Diamond, J. Hainmueller, *Synthetic control methods for comparative case
#    studies*, Journal of the American Statistical Association 105 (490), 2010.
#    <https://doi.org/10.1198/jasa.2009.ap08746>
# 3. E. Ben-Michael, A. Feller, J. Rothstein, *The augmented synthetic control method*, Journal of
#    the American Statistical Association 116 (536), 2021.
#    <https://doi.org/10.1080/01621459.2021.1929245>
# 4. B. Callaway, P. Sant'Anna, *Difference-in-differences with multiple time periods*, Journal of
#    Econometrics 225 (2), 2021. <https://doi.org/10.1016/j.jeconom.2020.12.001>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
