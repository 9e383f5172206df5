# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 30
#     description: What half a century of industry figures can say, and what they cannot.
#     level: inter
#     requires: []
#     title: Did streaming save the music business, and what comes next?
#     track: streaming
# ---

# %% [markdown]
# # Did streaming save the music business, and what comes next?
#
# **Question.** The owner of a label reads that the business has never been so big. She asks: "Did
# streaming save the music business? And how long will the next format take?"
#
# **You will learn**
#
# - why figures of one business may not be put into one line: retail and wholesale, one edition and
#   the next, dollars of different years
# - how to forecast a market, and how to see when a forecast knows nothing
# - how to catch a wrong number in a table with sums that must agree
# - how to count streams as albums, exactly, by the rules of the day
# - what a model of formats that follow each other says about the next one, and what it cannot say
#
# **Before you start.** [Start here](00-start-here.ipynb). You have seen a table of pandas.
#
# **Time.** 40 minutes with the exercises.
#
# **Data and licence.** Figures of RIAA, IFPI, Spotify and Billboard, with a source for each row.
# Facts belong to nobody; the tables of this package are under CC0 1.0. Nothing is simulated, but
# two albums in the part on charts are invented, and two errors are put into a copy on purpose.

# %% [markdown]
# ## Set up
#
# The toolkit is `mt`; `np` reckons, and `pd` makes tables.

# %%
import numpy as np
import pandas as pd

import musictools as mt

# %% [markdown]
# What did recorded music bring in, in 2014? We ask for the worst of its recent years.

# %%
market = mt.datasets.load_market()
totals = market.query("format == 'total'").drop(columns=["format", "period"])
totals.query("year == 2014").iloc[:, :6].style.hide().format(precision=1)

# %% [markdown]
# One year, and six rows, in millions of US dollars. All of them are right.
#
# - `region`: the United States, or the world.
# - `basis`: *retail* is what listeners paid, *wholesale* is what labels got of it.
# - `vintage` is the month in which the edition came out. Publishers correct former years.
#
# Most mistakes with these figures come from taking two of them for one series.
#
# ## First tempting answer: it fell by a third
#
# The latest news is about half-years. We take the first figure of each year, and the change.

# %%
halves = mt.datasets.load_market(period="first half").query("format == 'total'")
naive = halves.drop_duplicates("year")["revenue_usd_m"].pct_change().iloc[-1]
print(f"In a year, the business changed by {naive:+.1%}.")

# %% [markdown]
# A crash, and no newspaper has told of it? In 2025 the RIAA, which publishes the figures for the
# United States, went over from retail to wholesale [1]. The first figure of 2024 was at retail.
# `mt.economics.market_series` gives one series, and refuses to splice two.

# %%
try:
    mt.economics.market_series(halves, region="US")
except mt.errors.InputError as refusal:
    print(refusal)
mt.economics.market_series(halves, region="US", basis="wholesale")[["year", "revenue_usd_m"]]

# %% [markdown]
# Nearly nothing has happened. The "crash" is the part of the shops and services. To put two tables
# under each other there is `mt.economics.join_market`; it refuses in the same way.
#
# Here is the whole history of the United States, at retail, with a dashed line for wholesale.

# %%
with mt.plot.style():
    ax = mt.plot.market_history(market, region="US")
mt.plot.show(ax, alt="Discs rise to 1999 and fall; downloads come and go; streaming rises to 2024.")

# %% [markdown]
# Discs and tapes (*physical*), then a thin wave of downloads, then streams. The white strip under
# the line, since 2020, is in the total and in no format: its parts were not published. Unknown is
# not nothing.
#
# ## Second tempting answer: bigger than ever
#
# The black line ends higher than its top of 1999. Saved, and more! But a dollar of 1999 was a
# bigger dollar: the picture is in *nominal* dollars, those of each year. The *consumer price index*
# says how much: what cost 166.6 dollars in 1999 cost 313.689 in 2024 [2].

# %%
us = mt.economics.market_series(market, region="US", basis="retail")
nominal = us.set_index("year")["revenue_usd_m"]
cpi = pd.Series({1973: 44.4, 1999: 166.6, 2014: 236.736, 2024: 313.689})
real = pd.DataFrame({"as printed": nominal, "dollars of 2024": nominal * cpi[2024] / cpi}).dropna()
real["% of 1999"] = 100 * real["dollars of 2024"] / real["dollars of 2024"][1999]
real.round()

# %% [markdown]
# In what money can buy, the business is back at not quite two thirds of 1999, and above 1973. So it
# was saved from 2014, and not restored. (The index is one for all goods. For the prices of music
# itself see exercise 1.)
#
# ## Third tempting answer: a straight line
#
# And what comes next? We draw a line through the past, and go on with it: once as one would have
# done in 1999, and once as in 2014.

# %%
with mt.plot.style():
    ax = nominal.plot(color="k", label="what came")
    for begin, end, then in ((1973, 1999, 2014), (1999, 2014, 2024)):
        line = np.poly1d(np.polyfit(range(begin, end + 1), nominal.loc[begin:end], 1))
        label = f"line of {end}: {line(then):,.0f} in {then}"
        ax.plot([begin, end, then], line([begin, end, then]), "--", label=label)
    ax.set(xlabel="Year", ylabel="Revenue (million USD, nominal)")
    ax.legend()
mt.plot.show(ax, alt="The line of 1999 shoots far above the fall; the line of 2014 ends at zero.")

# %% [markdown]
# The line of 1999 promised far more than came. That of 2014 said that there would be less than
# nothing by now. A line knows of no new format, and it does not even say how sure it is.
#
# `mt.economics.market_forecast` first asks whether it *can* forecast. It goes back to each year,
# forecasts with simple methods from what was known then, and compares them with a forecaster who
# knows nothing and repeats the last figure (*naive*). *Skill* is how much smaller the errors are:
# 1 is perfect, 0 is no better than naive.

# %%
ahead = mt.economics.market_forecast(us, 5)
print(ahead.verdict)
with mt.plot.style():
    ax = mt.plot.market_forecast(ahead)
mt.plot.show(ax, alt="A flat dashed line in a fan that opens from narrow to very wide.")

# %% [markdown]
# The title of the picture is its most important part. Nobody knows whether five years from now the
# business is little more than half as big, or nearly twice. The interval is made of the errors that
# forecasts really made in the past, and holds only if the future is not stranger than that.
#
# ## The world, and its editions
#
# The figures for the world are IFPI's, all at wholesale. Each row is a year, each column the month
# of an edition.

# %%
world = totals.query("region == 'world'")
world.pivot_table("revenue_usd_m", "year", "vintage").style.format("{:,.0f}", na_rep="")

# %% [markdown]
# Some years have been told in two ways. IFPI has the sums in many currencies, and with each report
# it reckons *all* years in dollars again, at the exchange rates of the last one [3]. When the
# dollar rises, the past shrinks.
#
# How much did the world grow in 2022? The tempting way takes each year as it was first printed; the
# right way takes both from one edition. Figures are rounded to a hundred million, so the growth has
# an interval, too.

# %%
first = world.drop_duplicates("year").set_index("year")["revenue_usd_m"]
last = mt.economics.market_series(market, region="world").set_index("year")["revenue_usd_m"]
edge = np.array([0, -50, 50])
growth = [first[2022] / first[2021], *(last[2022] + edge) / (last[2021] - edge)]
growth = pd.DataFrame([growth], ["growth (%)"], ["first printed", "one edition", "low", "high"])
growth.sub(1).mul(100).round(1)

# %% [markdown]
# With `as_of="2022-12"`, `market_series` gives what was known on that day: use it to judge an old
# forecast fairly. Without it you get the latest edition of each year, and the column `vintage` says
# where the next one begins; before you name a growth, look there.
#
# ## Saved, but whom?
#
# Between listeners and labels there is a service now. What it keeps is in its reports; Spotify's
# quarters are in `mt.datasets.load_spotify_quarters()`. Copies of such tables go round. Into one we
# put two errors that public copies really had. Can you see them in a table of 36 rows? You need
# not: revenue less cost is profit, and what subscribers and advertisers pay is the revenue.

# %%
quarters = mt.datasets.load_spotify_quarters().set_index("quarter_end")
copy = quarters.copy()
copy.loc["2017-12-31", ["revenue_eur_m", "gross_profit_eur_m"]] += 300
copy.loc["2023-03-31", "gross_profit_eur_m"] = 776
profit = "revenue_eur_m - cost_of_revenue_eur_m - gross_profit_eur_m"
parts = "premium_revenue_eur_m + ad_revenue_eur_m - revenue_eur_m"
off = pd.DataFrame({"profit": copy.eval(profit), "parts": copy.eval(parts)})
off[(off.abs() > 1).any(axis=1)]

# %% [markdown]
# Millions of euros that are missing or too many; one more or less is rounding. The first sum alone
# would have missed 2017: there revenue *and* profit were wrong by the same amount. Two sums that
# share a figure catch more than one. In the shipped table both hold everywhere.
#
# Now the question itself. Most of the *cost of revenue* goes to those who hold rights [4]. How much
# of a hundred euros is it?

# %%
part = "100 * cost_of_revenue_eur_m / revenue_eur_m"
cost = pd.DataFrame({"copy with errors": copy.eval(part), "checked": quarters.eval(part)})
with mt.plot.style():
    ax = cost.plot(style=["o:", "k"], figsize=(8, 3.6))
    ax.set(xlabel="End of quarter (date)", ylabel="Cost of revenue (% of revenue)")
mt.plot.show(ax, alt="Level at 75 per cent, then down to 67; one point of the copy is far below.")

# %% [markdown]
# For years it was three quarters, and now it is two thirds: streaming has saved the service, too.
# Whether that came from podcasts, audiobooks, new contracts or cheaper computers, no row tells.
#
# The dip in the copy is the error of 2017. A picture shows one that is large and alone; sums that
# must agree show the small ones as well.
#
# ## How many albums is a stream?
#
# Charts and awards add albums, tracks and streams in *album-equivalent units*. Many scripts take
# one number, 1,500 streams, for all years. Take two invented albums, in one week: one is heard by
# subscribers, the other for free.

# %%
week = {
    "Paid For": {"sales": 1000, "premium_streams": 2_500_000, "ad_streams": 750_000},
    "Free Ride": {"sales": 1500, "premium_streams": 1_000_000, "ad_streams": 2_250_000},
}
pd.DataFrame(week).T.eval("sales + (premium_streams + ad_streams) / 1500").round().to_frame("units")

# %% [markdown]
# *Free Ride* leads. Now by the rules of three days, which `mt.datasets.load_chart_rules()` lists
# with their sources: since July 2018 the Billboard 200 counts paid and free streams apart, and
# since January 2026 it needs fewer of both [5]. The awards of the RIAA have rules of their own.

# %%
count = mt.economics.album_units
days = ["2016-01-02", "2020-01-04", "2026-01-24"]
units = pd.DataFrame({name: [count(**week[name], date=day) for day in days] for name in week}, days)
units.loc["RIAA award"] = [count(**sold, rules="riaa_album") for sold in week.values()]
units

# %% [markdown]
# The same week, and another leader. The one number was right until 2018, and for the award it still
# is, as far as we could find out; in the chart it would crown the wrong album. The fractions are
# exact, so that nothing is lost before *you* decide how to round.
#
# Rules also decide how long a song may stay. Must one leave that falls to rank 20 after 60 weeks?
# We ask for the last chart before a change of the rules, and for the first after it.

# %%
[mt.economics.is_recurrent(20, 60, date=day) for day in ("2025-10-18", "2025-10-25")]

# %% [markdown]
# Who counts how long hits live, and does not know of that week, finds that they die younger.
#
# ## How long will the next format take?
#
# The classical answer is the model of Norton and Bass [6]. Each format spreads as an infection
# does: a few begin by themselves (*p*), the others follow those who have it (*q*) [7]. As it
# spreads, it takes over the buyers of the format before, and adds *m*, a market of its own. We give
# it what was known early in 2020, and keep the years since then for a test: the crosses.

# %%
known = market.query("region == 'US' and vintage == '2020-02'")
waves = ["physical", "download", "streaming"]
fit = mt.economics.norton_bass(known, formats=waves, shared=False, horizon=5)
later = market.query("region == 'US' and basis == 'retail' and year > 2019 and format in @waves")
later = later.drop_duplicates(["year", "format"], keep="last")
with mt.plot.style():
    ax = mt.plot.format_succession(fit)
    ax.plot("year", "revenue_usd_m", "kx", data=later)
mt.plot.show(ax, alt="Three waves. Streams came higher than the curve, and discs did not die.")

# %% [markdown]
# It looks good. How many of the later figures were inside the interval of nine in ten?

# %%
test = later.merge(fit.curves, on=["year", "format"])
test["inside"] = test["revenue_usd_m"].between(test["lo_90"], test["hi_90"])
test.groupby("format", sort=False)["inside"].agg(inside="sum", of="size")

# %% [markdown]
# Downloads died as foreseen. But all figures of discs came too high, because the model lets an old
# format only die, and vinyl came back. Streams came too high in most years. So an interval of nine
# in ten held for fewer than half: it is right if the model is, and the model is not.
#
# The fit knows more about its weakness, in `notes`, and in the intervals of its parameters:

# %%
print(*fit.notes, sep="\n")
sizes = fit.parameters.set_index("format")
sizes[["m", "m_lo_90", "m_hi_90", "launch", "launch_lo_90", "launch_hi_90"]].round(0)

# %% [markdown]
# Read it before you tell anybody the launch of anything.
#
# - *m* is what a format adds. Norton and Bass counted chips, and each generation of them opened new
#   uses: no *m* was below zero [6]. Here downloads have one far below, with its whole
#   interval. They did not add a market; they sold songs one by one to those who had bought albums.
#   That can be seen. How *many* billions it was cannot: the *m* of discs is nearly three times the
#   best year that there ever was.
# - *Physical* should have been launched in 1933, give or take centuries. Discs and tapes are
#   several formats, and no single wave. (Your own copy of the RIAA's table, below, has them one by
#   one.)
# - It gives the first years of streams *less* than nothing, which the picture cuts off.
#
# And it does not know of any format to come. For "how long?" we can only count: how many years from
# the first figure of a format until it brought in the most?

# %%
families = known.pivot_table("revenue_usd_m", "year", "format")[waves]
leads = families.idxmax(axis=1).reset_index(name="format").groupby("format")["year"].min()
took = pd.DataFrame({"first": families.apply(pd.Series.first_valid_index), "leads": leads})
took.loc[waves[1:]].assign(years=took["leads"] - took["first"])

# %% [markdown]
# (Count with care. A format is older than its first figure, and in 2015 streams led by so little
# that the next edition could have turned it round. A year more or less is in both.)
#
# Two cases. If the next format is like these two, and nothing else is known, it is as likely to be
# the fastest of the three as the middle one or the slowest. So its time lies between these two with
# a chance of one in three. More often it is faster than both, or slower than both, and nobody can
# say by how much.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
share, inside = real["% of 1999"] / 100, test.groupby("format")["inside"].mean()
assert naive < -1 / 3 < share[2014] < 1 / 3 < share[1973] < share[2024] < 2 / 3
assert (ahead.forecast / nominal[2024]).iloc[-1, 2:].round(1).tolist() == [0.6, 1.8]
assert [quarters.eval(rule).abs().max() <= 1 for rule in (profit, parts)] == [True, True]
assert cost["checked"].iloc[-1] < 67 < cost.loc["2018":"2023", "checked"].min() - 4
assert units["Paid For"].gt(units["Free Ride"]).tolist() == [False, True, True, False]
assert inside["download"] == 1 > 2 * test["inside"].mean() > inside["physical"] == 0
assert sizes["m_hi_90"]["download"] < 0 < sizes["m"]["physical"] - 2.9 * families.max(axis=None)
assert took["leads"].tolist() == [2012, 1973, 2015]

# %% [markdown]
# ## The answer to the owner
#
# - *Did streaming save the business?* In the United States it was at a third of its best year, in
#   what money can buy, and is now a little below two thirds: saved, and not restored. A growing
#   part of the money stays with the service, at least with the one that we looked at.
# - *What will the next five years bring?* Anything from little more than half of today's dollars to
#   nearly twice. Plan for both.
# - *How long will the next format take?* The last two took 8 and 11 years to lead. That is all
#   there is to know, and it does not say when the next one begins, or whether it has begun.
#
# ## What this cannot tell you
#
# - Whether streaming *caused* the rise. There is no second United States without streams.
# - What artists got. Revenue of labels is not income of artists; what falls to whom is the subject
#   of [Who gets the money I pay for music?](06-your-own-listening.ipynb).
# - Concerts, publishing and merchandise: they are in none of these figures.
# - How many listeners share the money. There are more people now than in 1999, so that a head
#   spends less than the table of dollars says.
# - The world in what money can buy. That would need the prices of each country.
# - Which figures a publisher will still correct. The column `verified` says how near to the
#   publisher a figure was read: most of them in papers, not in the reports themselves.
#
# ## The same on your own copy of the RIAA's table
#
# Until 2025 the RIAA showed its whole table, by format, and many have kept a copy. It may not be
# shipped. Write the path of yours between the quotes. `mt.economics.read_riaa` gives each format in
# units and in dollars, also in dollars of the copy's last year, and those are then fitted. With the
# empty quotes you see the shipped sums again, fitted with one *p* and *q* for all.

# %%
my_riaa = ""
own = mt.economics.read_riaa(my_riaa) if my_riaa else known.assign(family=known["format"])
value = own.filter(like="revenue").columns[-1]
sums = own.groupby(["year", own["family"].rename("format")])[value].sum().reset_index()
print(*mt.economics.norton_bass(sums, value=value, formats=waves).notes, sep="\n")
with mt.plot.style():
    ax = mt.plot.market_history(own)
mt.plot.show(ax, alt="Revenue by format, one upon the other, through the years of the table.")

# %% [markdown]
# In the copy that we have tried, which ends in 2019, the notes say again that *m* of downloads is
# below zero, in dollars of one year, too. So it is not inflation that made it so.
#
# ## Exercises
#
# **Exercise 1.** A subscription to Spotify in the United States cost 9.99 dollars in 2011. The
# price index of 2011 is 224.939 [2]. What should the subscription have cost in 2024, only to keep
# up with other prices? And what did it cost? Look into `mt.datasets.load_subscription_prices()`.

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
prices = mt.datasets.load_subscription_prices().set_index("day")
asked = prices.query("service == 'Spotify' and plan == 'individual' and region == 'US'")
asked = asked[["price_month"]].assign(keeps_up=asked["price_month"]["2011"] * cpi[2024] / 224.939)
print(asked.round(2))
assert asked["price_month"]["2024-06-04"] < asked["keeps_up"].iloc[0]

# %% [markdown]
# For twelve years the price stood still while others rose, and the rises since then have not made
# up for it. That streams grew all the same is mostly due to the number of those who pay.
#
# **Exercise 2.** *Loud & Clear* says how many artists reached a sum of money in a year. By how much
# did each count grow from 2020 to 2021? Take each year as it was first printed, and then both from
# the edition `2022-03` of `mt.datasets.load_loud_and_clear()`.

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
counts = mt.datasets.load_loud_and_clear()
counts = counts.pivot_table("artists", "threshold_usd", ["year", "vintage"])
grown = (100 * (counts[2021]["2022-03"] / counts[2020].T - 1)).T.dropna()
print(grown.round(1))
assert grown["2021-03"][1000] - grown["2022-03"][1000] > 1 < grown.T.diff().iloc[-1].max()

# %% [markdown]
# The corrections go both ways: up for those who earn little, down for the millionaires. And a
# thousand dollars is a smaller sum each year, so that some of the growth is inflation again.
#
# ## Takeaways
#
# - A series has one basis, one edition and one kind of dollar. `market_series` and `join_market`
#   refuse what does not splice; inflation and editions are for you to watch.
# - A straight line does not know what it does not know. `market_forecast` compares itself with the
#   last figure, and says so when it has no skill.
# - Sums that must agree catch wrong numbers, and two sums catch what one lets pass.
# - Count units by the rules of the day, in exact fractions. One number for all years changes who
#   leads.
# - Norton-Bass fits the past well, and its intervals failed in five years. Two formats are two
#   cases: give the count, and no date.
#
# ## Next
#
# - [Would another rule pay us more?](09-who-gets-paid.ipynb): how the money of streams is shared
#   out.
# - [What were we paid, is it right?](07-royalty-statements.ipynb): the statements of a label.
# - [All notebooks](README.md).
#
# ## References
#
# 1. *RIAA switches key revenue metrics from retail to wholesale*, Billboard, 2025, read in a copy.
#    <https://z89online.com/?p=465239>
# 2. U.S. Bureau of Labor Statistics, *Consumer Price Index, all urban consumers*, U.S. city
#    average, all items (CUUR0000SA0), annual averages. <https://www.bls.gov/cpi/>
# 3. IFPI, *Global Music Report 2019*, Methodology and sources.
#    <https://docslib.org/doc/3611533/methodology-and-sources>
# 4. Spotify Technology S.A., quarterly reports. <https://investors.spotify.com/>
# 5. *On-demand streams to count more under Billboard's new method*, Music Business Worldwide, 2025.
#    <https://www.musicbusinessworldwide.com/on-demand-streams-to-count-more-under-billboards-new-method-for-measuring-chart-hits>
# 6. J. A. Norton, F. M. Bass, A diffusion theory model of adoption and substitution for successive
#    generations of high-technology products, *Management Science* 33(9), 1987.
#    <https://doi.org/10.1287/mnsc.33.9.1069>
# 7. F. M. Bass, A new product growth for model consumer durables, *Management Science* 15(5), 1969.
#    <https://doi.org/10.1287/mnsc.15.5.215>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
