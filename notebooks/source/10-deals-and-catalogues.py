# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 40
#     description: Four record deals on the same money, to the cent, and what a catalogue
#       is worth, with an interval.
#     level: adv
#     requires: []
#     title: Which offer should I sign, and what is my catalogue worth?
#     track: streaming
# ---

# %% [markdown]
# # Which offer should I sign, and what is my catalogue worth?
#
# **Question.** The contract of *Juno Okafor-Reyes* with the label *Lantern & Tide* ends. She and
# her manager have four offers for her next album. "Which of these should I sign?" And a fund has
# written: it would buy the songs that are out already. "What is my catalogue worth?"
#
# **You will learn**
#
# - who keeps what of a subscriber's money, in cents that sum
# - why neither the advance nor the headline rate tells which offer is better
# - how a royalty deal and a profit split repay costs, and why that decides so much
# - when a deal that takes part in everything ("360 degrees") wins, and what luck does to each
#   offer
# - why last year's income times a number is no value of a catalogue, and how to get an interval
#
# **Before you start.** [Royalty statements](07-royalty-statements.ipynb), for the words. In
# [notebook 09](09-who-gets-paid.ipynb) a rule said what goes to a recording; here we follow it on
# its way to the artist. You have seen a table of pandas and a short function.
#
# **Time.** 50 minutes with the exercises.
#
# **Data and licence.** The fictional label *Lantern & Tide*, under CC0 1.0. Songs, listeners and
# income are *simulated*; offers, costs, the tour, price rises and all chances are *invented* for
# this notebook. The rates of songwriters' royalties are those of US law. Nothing here is legal
# advice: a contract has many pages, and these are a few of its numbers. No network is used.

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
# The label's world is small, and so is its money; its datasheet says to multiply everything by one
# number for a bigger one. We take 100. The table is what three
# streaming services paid out for Juno's four songs, in US dollars a year. They are exact decimals,
# to the cent.

# %%
label = mt.datasets.load_label()
lines = label.royalties.merge(label.recordings[label.recordings["artist_id"] == "A06"])
lines[["units", "gross"]] *= 100
lines.pivot_table("gross", "title", lines["period"].str[:4], aggfunc="sum")

# %% [markdown]
# `NaN` is a year before a song was out. *Auntie's Porch* brought much less in its second year;
# *Corner Store Gospel*, her first, has hardly changed. Such shapes will matter at the end.
#
# ## Where a subscriber's dollar goes
#
# First the whole cake. A service in the United States has 1,000 subscribers at 10.99 dollars a
# month. It pays 55 % of that for recordings, as the services of this world do. What songwriters
# are owed for the music that they wrote follows from a formula in the law [1]: a part of the
# service's revenue, or a part of what recordings get, up to a cap, whichever is more. Royalties
# for performance are within. The rates are in `mt.datasets.load_mechanical_rates()`, with a
# column that says which of them could be verified.

# %%
bill = {"revenue": 10_990, "content_cost": "6044.50", "subscribers": 1_000}
pool = mt.economics.mechanical_royalty(2025, **bill)
pool

# %% [markdown]
# Revenue decides here (`binding`), and `all_in` is owed. Now `mt.economics.split_income` cuts the
# cake. A `Step` takes a part of the whole, an amount, or all that is left, and a later step may
# cut further what one has got. Juno's royalty is `0.22` of what her label gets for recordings. Her
# label delivers to the services itself, so nobody stands between.

# %%
step = mt.economics.Step
steps = [step("songwriters", amount=pool.all_in), step("recordings", "0.55"), step("service")]
steps += [step("Juno", "0.22", of="recordings"), step("label", of="recordings")]
with mt.plot.style():
    ax = mt.economics.split_income(bill["revenue"], steps, currency="USD").plot()
mt.plot.show(ax, alt="Bars end to end: songwriters, service, Juno, and the label with the longest.")

# %% [markdown]
# *Recordings* has no bar, since all of it was passed on. And `0.22` has turned out to be an eighth
# of what subscribers paid. The first question to any percentage is: *of what?*
#
# The parts must sum to the cent. Three writers share 10.01 dollars, and the first gets a half,
# which is no whole number of cents. Each rounded alone (halves to even, as Python does), a cent
# is lost, and nobody gets it. `mt.economics.to_cents` gives it to the part that lost most:

# %%
mt.economics.to_cents([10.01 * share for share in (0.500, 0.375, 0.125)])

# %% [markdown]
# ## Four offers
#
# | | advance | her share | who pays for the album |
# |---|---|---|---|
# | *distribution* | none | all, after a fee of `0.20` | she does |
# | *profit split* | 5,000 | `0.50` of the profit | the company, recouped |
# | *royalty* | 12,000 | `0.22` of receipts | the company, recouped |
# | *360* | 18,000 | `0.25` of receipts, less `0.20` of what tours leave | the company, recouped |
#
# Recording and promotion cost 18,000 dollars. An *advance* is money now that need not be given
# back. It is *recouped*: kept from what she earns later. If she never earns it, it stays hers.
#
# **The tempting answers.** "The 360: it pays most." Or: "Distribution: I keep everything." Each
# looks at one column. But no column knows what a song earns, what is taken off before, or who
# pays if nobody listens.

# %%
distribution = mt.economics.distribution_deal("0.20")
split = mt.economics.profit_split_deal("0.50", advance=5_000)
royalty = mt.economics.royalty_deal("0.22", advance=12_000)
full = mt.economics.deal_360("0.25", {"touring": "0.20"}, advance=18_000)
offers = {deal.name: deal for deal in (distribution, split, royalty, full)}

# %% [markdown]
# ## The same money through each offer
#
# She tours, too, and one offer takes a part of that. `mt.economics.tour_margin` reckons what
# shows leave, here four weekends of shows in four towns. `price` is the mean price of a ticket
# without tax, `merch_per_head` what a visitor buys.

# %%
tour = pd.DataFrame({"show": ["Cork", "York", "Bath", "Hull"], "tickets": [420, 610, 843, 1000]})
tour = tour.assign(price=20, venue_share=0.2, fixed_costs=9_000, merch_per_head=5, merch_cost=0.55)
margin = mt.economics.tour_margin(tour).round(2)
margin[["show", "tickets", "ticket_income", "merch_income", "profit", "break_even_tickets"]]

# %% [markdown]
# Cork loses money: it sold fewer tickets than it needs. Now the cash, a row for each quarter. We
# let the next album earn what her last one did in its seven quarters (*Auntie's Porch* with a
# bonus song). What it cost, and what the tour left, stand in the first.

# %%
new = lines[lines["title"].isin(["Auntie's Porch", "No Small Talk"])]
quarter = pd.PeriodIndex(new["period"], freq="M").asfreq("Q").astype(str).rename("period")
album = new.groupby(quarter).agg(units=("units", "sum"), revenue=("gross", "sum")).reset_index()

# %% [markdown]
# `mt.economics.statement` gives what a company sends her each quarter, to the cent. `hers` is
# what the record brings her: advance and payments, less what the company takes of her tour, and
# less the costs of the album where she bears them. (What else the tour leaves is hers with any
# offer.)

# %%
album[["costs", "touring"]] = [[18_000, margin["profit"].sum()]] + [[0, 0]] * 6


def account(deal, cash):
    return mt.economics.statement(deal, cash.assign(costs=0) if deal is distribution else cash)


def hers(deal, cash):
    gets = account(deal, cash).table.eval("advance + paid - participation").sum()
    return gets - 18_000 * (deal is distribution)


books = [account(deal, album) for deal in offers.values()]
rows = [(hers(b.deals[0], album), b.balance, b.table["to_company"].sum()) for b in books]
pd.DataFrame(rows, offers, ["hers", "to be recouped", "the company's"]).style.format("{:,.2f}")

# %% [markdown]
# If the next album does as the last, the offer without any advance brings her most. The two with
# large ones bring the advance and nothing more: all that she earns goes to what is still *to be
# recouped*. Look at the last column, what the company has left after all costs and advances. It
# earns most on an account that is "not recouped".
#
# ## What repays the costs?
#
# This is the clause to look for. In a **royalty deal** advance and costs are repaid from *her
# share* alone. In a **profit split** they are repaid from *all* receipts, 100 % of them, and the
# two share what comes after. To see nothing but this, we give both the same rate and the same
# advance:

# %%
made = (mt.economics.royalty_deal, mt.economics.profit_split_deal)
with mt.plot.style():
    for ax, make in zip(plt.subplots(2, figsize=(7, 6), sharey=True)[1], made, strict=True):
        mt.plot.recoupment(account(make("0.50", advance=5_000), album), unit="USD", ax=ax)
mt.plot.show(ax, alt="In a royalty the balance climbs slowly; in a profit split twice as fast.")

# %% [markdown]
# Same rate, same advance, same songs. In the split the balance climbs twice as fast, and the
# first payment comes long before. And when the royalty's account is even at last, the company has
# had its money back twice. How many streams must repay advance and costs in each of the offers
# before she is paid? (The last album had a little over eight million.)

# %%
rate = album["revenue"].sum() / album["units"].sum()
owed = {"profit split": (23_000, "1.00"), "royalty": (30_000, "0.22"), "360": (36_000, "0.25")}
pd.Series({n: mt.economics.break_even_streams(c, rate, share=s) for n, (c, s) in owed.items()})

# %% [markdown]
# ## When does a 360 win?
#
# A 360 gives better terms on the record, and takes a part of what she earns elsewhere. It is
# worth more the *less* that is. We hold it against the plain royalty, without a tour, with this
# one, and with one that leaves three or five times as much:

# %%
tours = {n: album.assign(touring=n * album["touring"]) for n in (0, 1, 3, 5)}
brings = {n: [hers(deal, cash) for deal in (royalty, full)] for n, cash in tours.items()}
pd.DataFrame(brings, ["royalty", "360"]).rename(columns="tour x {}".format)

# %% [markdown]
# For an act with small tours the 360 is the better of the two; three such tours, and it is the
# worse. (A company may also bring what she would not have alone, such as larger halls: then give
# each offer its own tour.) Again, ask *of what*: here the company takes 20 % of what the tour
# *leaves*. Many contracts say "of gross", and then it takes its part of Cork, too.
#
# ## A flop, or a hit?
#
# "As the last album" is one guess, and offers differ most where luck does. We think of three
# futures: a quarter of the last album's income, the same, or four times. The chances are
# invented; put in your own. `mt.economics.scenario_tree` weighs what they come to.

# %%
node, chances = mt.economics.Node, (("flop", 1, "0.5"), ("same", 4, "0.35"), ("hit", 16, "0.15"))
luck = [(n, album.assign(revenue=album["revenue"] * k / 4), p) for n, k, p in chances]
ways = {name: [node(n, hers(d, c), p) for n, c, p in luck] for name, d in offers.items()}
trees = {n: mt.economics.scenario_tree(node(n, children=way)) for n, way in ways.items()}
with mt.plot.style():
    for ax, n in zip(plt.subplots(2, 2, sharex=True, figsize=(9, 7))[1].flat, trees, strict=True):
        mt.plot.scenarios(trees[n], unit="USD", ax=ax).set(title=n, xticks=(0, 60_000, 120_000))
mt.plot.show(ax, alt="Steps far apart for distribution and profit split, close for the others.")

# %% [markdown]
# Each step is one future; how high it goes is its chance. In numbers:

# %%
table = pd.DataFrame({n: [*t.table["value"], t.expected] for n, t in trees.items()}).T
table.set_axis(["flop", "same", "hit", "expected"], axis=1).style.format("{:,.0f}")

# %% [markdown]
# So the answer is not one offer, but a question to her: *can you afford a flop?* Distribution has
# the best mean, and she loses her own money in half of all futures. The 360 is best in a flop.
# The profit split never costs her anything, and keeps much of a hit. The royalty is worse than
# the 360 in each of them: with a tour of this size, nobody should sign it.
#
# ## What is the catalogue worth?
#
# The second question. First the tempting answers. "Last year brought so much, and catalogues go
# for twelve times that." Administration costs a part of it (`admin`), so only the rest is counted.

# %%
income = lines.groupby(["title", "period"])["gross"].sum().astype(float).reset_index()
income = income.set_axis(["unique_id", "ds", "y"], axis=1).astype({"ds": "datetime64[us]"})
last = lines[lines["period"] >= "2025"].groupby("title")["gross"].sum()
asked = mt.economics.value_by_multiple(last, (10, 12, 14), admin="0.15")
asked

# %% [markdown]
# But the twelve is of somebody else's songs. If theirs are thirty years old, and hardly fall any
# more, it may be fair. Hers are young, and in last year's income are a release and playlists.
#
# "Then fit a curve." An exponential through the sum of all songs, from its peak on, and again
# from its first full month on:

# %%
total = income.groupby("ds", as_index=False)["y"].sum().assign(unique_id="all")[1:]
fits = [mt.trends.half_life(total, models=["exponential"], start=s) for s in ("peak", "first")]
pd.concat([fit.table[["start", "half_life", "note"]] for fit in fits]).round({"half_life": 0})

# %% [markdown]
# (`half_life` is in days.) Half of it is gone after a year and a half, or never: the choice of a
# start decides. The sum has no age. Each release starts anew, and hides how the old songs fall.
# Decay belongs to a *song*.
#
# And does a song fall by the same part each month? Attention often falls fast at first, and
# slowly later [2]. Here is her title song, once with an exponential, and once with the shape that
# foretells its last months best from those before:

# %%
with mt.plot.style():
    _, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
    for ax, fit in zip(axes, ({"models": ["exponential"]}, {}), strict=True):
        found = mt.trends.half_life(income, rng=rng, **fit)
        mt.plot.decay(found, unique_id="Auntie's Porch", unit="USD a month", ax=ax)
mt.plot.show(ax, alt="The exponential misses the peak and sinks below the last points.")

# %% [markdown]
# The exponential misses both ends, and the last end is what a buyer pays for.
# `mt.economics.value_catalogue` chooses a shape for each song, goes on from the last month for 20
# years, and discounts by 10 % a year: a dollar that comes later is worth less. Its interval holds
# three doubts: which shape, which parameters, and which rate of discount.

# %%
worth = mt.economics.value_catalogue(income, discount=(0.10, 0.01), admin=0.15, rng=rng)
with mt.plot.style():
    ax = mt.plot.valuation(worth, unit="USD")
mt.plot.show(ax, alt="Four songs with long lines as intervals; the newest song is worth least.")

# %% [markdown]
# That is the answer: an interval, of nine in ten by default (`level=0.9`), and a wide one. Two or
# three years of a song say little about the next twenty. The point within is about four times last
# year's income. Who pays twelve times gets what in return?

# %%
prices, flows = (worth.lo, worth.value, worth.hi, asked.value), worth.flows
gets = {p: (mt.economics.payback(p, flows), mt.economics.irr([-p, *flows])) for p in prices}
pd.DataFrame(gets, ["years to pay back", "return a year"]).round(2).rename(columns="{:,.0f}".format)

# %% [markdown]
# At the last price the money is not back after 20 years. Whoever pays that knows something that
# is not in the data, or does not know what is. (At the value the return is a little under the
# rate of discount, since here each year's income is paid at its end.)
#
# ## Will the services pay more?
#
# "Prices of subscriptions rise, so the catalogue gains." It depends on how many subscribers
# leave: the *elasticity* is their change in per cent when the price rises by one. We invent
# sixteen countries with a rise, in a market that grows anyway, each with a neighbour without one,
# and put in an elasticity of -0.3.

# %%
size, growth = np.linspace(1.06, 1.20, 16), np.exp(rng.normal(0.10, 0.03, 16))
rises = pd.DataFrame({"price_after": size, "quantity_after": growth * size**-0.3})
rises["control_after"] = growth * rng.normal(1, 0.02, 16)
rises[["price_before", "quantity_before", "control_before"]] = 1.0
with mt.plot.style():
    for ax, trend in zip(plt.subplots(1, 2, figsize=(9, 3.2))[1], ("none", "control"), strict=True):
        mt.plot.elasticity(mt.economics.price_elasticity(rises, trend=trend, rng=rng), ax=ax)
mt.plot.show(ax, alt="A line that rises, with growth left in, and one that falls, without.")

# %% [markdown]
# Before and after alone (left), dearer subscriptions seem to *win* subscribers. Against the
# neighbours (right) the interval holds what was put in: most of a rise arrives, and some of it
# leaves.
#
# ## Back to the offers: whose are the songs afterwards?
#
# The two questions are one. After seven quarters the album goes on earning, and the contract says
# for whom, and for how long. We let it fall as the last one will, keep each offer for 20 years,
# and discount what she is paid. Low and high are the ends of the interval of its worth.

# %%
tail = mt.economics.value_catalogue(income[income["unique_id"].isin(new["title"])], rng=rng)


def later(deal, times):
    years = pd.DataFrame({"period": range(2026, 2046), "revenue": times * np.array(tail.flows)})
    cash = pd.concat([album, years.astype({"period": str})]).fillna(0)
    return account(deal, cash).table["paid"].astype(float)[-20:] @ 1.10 ** -np.arange(1.0, 21)


ends = {"low": tail.lo / tail.value, "middle": 1, "high": tail.hi / tail.value}
pd.DataFrame({n: [later(d, x) for d in offers.values()] for n, x in ends.items()}, offers).round()

# %% [markdown]
# In the middle, two of the offers still bring more than the largest advance. In the royalty and
# the 360 she has as good as sold the songs for the advance: even at the high end hardly anything
# comes. *How long do you keep the songs, and what happens to the balance then?* is worth more
# than some thousand dollars of advance.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert min(brings[1][1] - brings[1][0], brings[3][0] - brings[3][1], asked.lo - worth.hi) > 0
assert [*table.idxmax()[[0, 3]], gets[asked.value][0]] == ["360", "distribution", np.inf]

# %% [markdown]
# ## What this cannot tell you
#
# - *The next album.* The last one is a single example, the three futures are invented. A company
#   may also bring listeners that she would not have alone: a fifth of a lot can beat half of a
#   little.
# - *The contract.* Term, territories, options on further albums, what counts as a cost, whose the
#   recordings are, whether one album's balance is charged to another
#   (`cross_collateralise=True`), audits. Read it with a lawyer who is paid by you.
# - *Songs to come.* A curve goes on with what was. It knows no new release that lifts the old
#   ones, no film that uses a song, no service that closes. In this world a release did lift the
#   others.
# - *The tail.* Three years cannot show whether a song lives for twenty. Simulated songs follow
#   simple laws; real ones need not. Intervals hold the doubts that the model knows of, and only
#   those.
# - *Songwriting.* These are receipts for recordings. What she earns as a songwriter is another
#   catalogue, with its own statements.
#
# ## Your own deal memo and your own statements
#
# Put your statements, a year of months or more, unopened into a folder, and write its path
# between the quotes. Put the terms of your deal memo into the same line; `advance` is what is
# recouped from you, recoupable costs included. Where the memo says profit split, distribution or
# 360, use that deal. You get the value of your songs, and what the offer would have paid you on
# the same income. Nothing leaves your computer.

# %%
my_folder, my_offer = "", mt.economics.royalty_deal("0.20", advance=10_000)
if my_folder:
    mine = mt.collect.convert_currency(mt.collect.read(my_folder).table, "USD")
    mine["ds"] = pd.PeriodIndex(mine["period"], freq="M").to_timestamp()
    sums = mine.groupby(["title", "ds"])["net"].sum().astype(float).clip(lower=0).reset_index()
    cash = mine.groupby("ds")["net"].sum().rename_axis("period").reset_index(name="revenue")
    ipd.display(mt.economics.value_catalogue(sums.set_axis(["unique_id", "ds", "y"], axis=1)))
    ipd.display(mt.economics.statement(my_offer, cash))

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** Which of our choices moves the value of the catalogue most? Give
# `mt.economics.tornado` a function that calls `value_catalogue`, and ranges of `discount` (0.07
# to 0.14), of `years` (10 to 30), and of `admin` (0.1 to 0.2). Draw it.

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
ranges = {"discount": (0.07, 0.1, 0.14), "years": (10, 20, 30), "admin": (0.1, 0.15, 0.2)}
moved = mt.economics.tornado(lambda **x: mt.economics.value_catalogue(income, **x).value, ranges)
with mt.plot.style():
    ax = mt.plot.tornado(moved, unit="USD")
ipd.display(mt.plot.show(ax, alt="Three bars from the value of today, ends written at them."))
assert list(moved.table["input"]) == ["discount", "years", "admin"]

# %% [markdown]
# Whether a dollar in ten years is worth half of today's or a quarter is nobody's measurement, and
# it moves the value most. So agree on the rate before you argue about the price.
#
# **Exercise 2.** Test the method before you trust it. Hide the second half of 2025, and let
# `value_catalogue` foretell it from the rest: `years=0.5`, with hardly any discount. Is what
# really came within the interval?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
known = income[income["ds"] < "2025-07"]
told = mt.economics.value_catalogue(known, years=0.5, discount=1e-9, rng=rng)
assert told.lo < income["y"].sum() - known["y"].sum() < told.hi

# %% [markdown]
# No error, so it is. (Write `told` on the last line to see how near the point is.) That is one
# half-year of one artist without a release: try it with the first half of 2025, and with your own.
#
# ## Takeaways
#
# - Ask *of what?* of each percentage, and follow the money step by step. Parts that are rounded
#   together sum to the cent.
# - The largest advance and the highest rate can both be the worse offer. Put the same cash
#   through each contract, costs included.
# - A royalty recoups from the artist's share, a profit split from 100 %: same rate, same advance,
#   and the royalty needs twice the income before it pays.
# - A 360 wins for whoever earns little elsewhere, and in a flop; distribution wins in a hit, with
#   her own money at stake. Choose by what a flop would do to you, and by whose the songs are
#   afterwards.
# - A multiple is a value of other songs. Fit decay song by song, discount, and say the interval;
#   what happens outside of the curve, no interval knows.
#
# ## Next
#
# - [What were we paid, and is it right?](07-royalty-statements.ipynb): before you value income,
#   check it.
# - [Which plays are bought, and who pays for them?](11-streaming-fraud-and-ai-dilution.ipynb): ask
#   whether plays are real before you value them.
# - [All notebooks](README.md).
#
# ## References
#
# 1. Copyright Royalty Board, *Determination of Rates and Terms for Making and Distributing
#    Phonorecords (Phonorecords IV)*, 87 FR 80448, 2022.
#    <https://regulations.justia.com/regulations/fedreg/2022/12/30/2022-28316.html>
# 2. C. Candia, C. Jara-Figueroa, C. Rodriguez-Sickert, A.-L. Barabási and C. A. Hidalgo, The
#    universal decay of collective memory and attention, *Nature Human Behaviour* 3, 2019.
#    <https://doi.org/10.1038/s41562-018-0474-5>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
