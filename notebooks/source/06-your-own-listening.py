# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 45
#     description: A listener's own history, and where the fee goes under several rules.
#     level: inter
#     requires:
#     - collect
#     title: Who gets the money I pay for music?
#     track: streaming
# ---

# %% [markdown]
# # Who gets the money I pay for music?
#
# **Question.** The label's intern is a student, and pays for a streaming service each month: "I
# have downloaded my listening history. Who gets my fee? Would the artists I love get more if the
# service shared it out by another rule? And what are my habits, do I still discover music?"
#
# **You will learn**
#
# - how to get your own history, what is private in it, and what a reader leaves out
# - why rows are not streams, and why the clock of the file is not yours
# - how to measure discovery, concentration and the life of a favourite without fooling yourself
# - what four payout rules make of the same plays, to the cent, and why some artists gain
# - what a listener can know about this money, and what only the service knows
#
# **Before you start.** [Start here](00-start-here.ipynb). You have seen `groupby` of pandas.
#
# **Time.** 40 minutes with the exercises.
#
# **Data and licence.** One account of the fictional label *Lantern & Tide*, under CC0 1.0, written
# as a file of Spotify's form. Listener, songs, service and prices are *simulated*. The rules are
# real, and so is each figure with a reference. At the end you may read your own file.

# %% [markdown]
# ## Set up
#
# The toolkit is `mt`; `pd` makes tables, `plt` draws.

# %%
import tempfile

import IPython.display as ipd
import matplotlib.pyplot as plt
import pandas as pd

import musictools as mt

# %% [markdown]
# ## Get the history, and read it
#
# Spotify gives everybody their *extended streaming history* [1]: on the page *Account privacy* of
# your account, ask for *Extended streaming history*, and wait for an e-mail, for up to 30 days. It
# brings a zip file. Leave it zipped.
#
# Real histories are private, so we let the toolkit write one. `U03117` is our intern, a student in
# Germany, one of the label's 10,000 accounts. The label itself knows only how much this account
# plays in all, and its own artists' plays one by one. `listener=` makes the history whole: the
# other artists are made up.

# %%
folder = tempfile.TemporaryDirectory()
mt.datasets.simulate_exports(folder.name, formats="spotify_history", listener="U03117", rng=1)
history = mt.collect.read(folder.name, progress=False)
history

# %% [markdown]
# `mt.collect.read` has told by the content what file it is. `lines` is what it has read, `rows` the
# streams of songs, and `left_out` what is no song. A line that it cannot understand would stand in
# `problems`, with its number and the reason; none does. What was left out?

# %%
pd.Series(history.provenance["left_out"]).to_frame("lines")

# %% [markdown]
# A podcast in a table of songs would be wrong, and so would a reader that drops it in silence.
#
# The file also says where you were and on which device. Nobody needs this to study music, so it is
# dropped, unless you ask for it with `private=True`. This is what you would get:

# %%
everything = mt.collect.read(folder.name, private=True, progress=False).table
everything.drop(columns=history.table.columns).head(1).T

# %% [markdown]
# (The address is one that is reserved for examples.) But a history without a name is not
# anonymous: exercise 1 finds out whose it is. Do not publish yours, and ask before you collect
# those of others.
#
# ## The tempting answer: my fee follows my plays
#
# The fee is 599 US cents a month. One row of the file is one play, so we count the rows of each
# artist in November 2025, and divide the fee by them.

# %%
november = history.table[history.table["played_at"].dt.strftime("%Y-%m") == "2025-11"]
naive = 599 * november["artist"].value_counts(normalize=True)
naive.head(5).round(1).to_frame("US cents")

# %% [markdown]
# "So much of my money goes to my favourite, and so much to the second." It is what most people
# believe, and it has three holes. A row is not yet a stream that is paid. The service keeps its
# part first. And no fee is carried to an artist: by the usual rule all fees lie in one pot. We
# close the holes one by one, and then come back to this table.
#
# ## Habits
#
# **Rows, or streams?** Who is the favourite of all the years? Again we count the rows.

# %%
plays = history.to_frame().assign(counted=history.table["seconds"] >= 30)
favourites = plays.groupby("artist")["counted"].agg(rows="size", streams="sum", share="mean")
favourites[favourites["rows"] > 400].sort_values("rows", ascending=False)

# %% [markdown]
# `streams` is the better answer. A service pays for a stream only if somebody "listens for 30
# seconds or more" [2]. What is skipped earlier stands in the file, and pays nobody; `share` is what
# is left. *Faded Drawer Assembly* and *Northern Yard Assembly* have as many rows as each other, and
# not as many streams.
#
# **Whose clock?** `played_at` is in UTC, the time of Greenwich without summer time. The student
# lives in Germany, one hour ahead in winter and two in summer. The picture shows both clocks.

# %%
with mt.plot.style():
    figure, axes = plt.subplots(2, figsize=(8, 5))
    mt.plot.hours_of_week(plays, ax=axes[0])
    mt.plot.hours_of_week(plays, zone="Europe/Berlin", ax=axes[1])
mt.plot.show(axes[0], alt="Two maps of a week: mornings and evenings, blurred in UTC.")

# %% [markdown]
# By the listener's own clock workdays begin at 7, sharply. In UTC the same hours are smeared over
# three columns, from 5 on, and all evenings are too early. Always name the zone, and never add a
# fixed number of hours. (If you travel, no zone is right for all; the file's `country` helps.)
#
# `mt.collect.listening` adds up the months, by your clock. Can you see a trip in August, and exams
# in February and July?

# %%
months = mt.collect.listening(plays, zone="Europe/Berlin")
with mt.plot.style():
    ax = months["hours"].plot.bar(xlabel="Month (year-month)", ylabel="Heard (hours a month)")
mt.plot.show(ax, alt="Hours a month over three years: low in each August, high in each February.")

# %% [markdown]
# Each August is low, and each February high. But July 2023 is not high, and March 2025 is lower
# than August: months differ by chance, too. Before you explain a bar, look whether it comes back.
#
# **Why did a play end?** The file tells. `skipped` is what Spotify calls so.

# %%
plays.groupby(["reason_end", "skipped", "counted"])["seconds"].agg(plays="size", median="median")

# %% [markdown]
# About half of the plays that are called skipped lasted 30 seconds or more: they count, and are
# paid. `skipped` says what the listener did, `counted` what the service pays for. (The files of
# some years leave `skipped` open. Then it is missing, and missing is not "no".)
#
# **Sessions.** A *session* is a run of plays without a long pause. How long is long? That is a
# convention; here it is half an hour. Try others with `pause_s=`, and say which one you took.

# %%
sums = mt.collect.listening(plays, zone="Europe/Berlin", by="year")
sums.assign(minutes_a_session=60 * sums["hours"] / sums["sessions"]).round(2).T

# %% [markdown]
# ## Discovery
#
# The same table tells how curious this listener is. An artist is *new* when the file holds no
# earlier stream. Here are the months:

# %%
with mt.plot.style():
    ax = months.filter(like="new_").plot.bar(xlabel="Month (year-month)", ylabel="New (number)")
mt.plot.show(ax, alt="New artists and recordings a month: a high start, then a slow decline.")

# %% [markdown]
# The start is no burst of curiosity. Whoever was loved before the file begins is "new" in it. Do
# not read the first months, nor the first year of the table above. And the more one has heard,
# the less can be new. What is left is a slow decline, which here is put in by the simulation.
#
# A new *recording* is told by its track identifier. In a real file one recording may have several,
# on the single and on the album: then repeats look new. Join by ISRC if you can.
#
# **Concentration.** `top_10` is the part of the streams that goes to the ten most heard artists of
# the year, `repeats` the part of recordings that were heard before. `effective_artists` is one
# divided by the sum of the squared shares: so many artists of equal shares would be just as
# concentrated. The last year has the most artists and the fewest *effective* ones: one great
# love is enough. The number of artists alone says little.
#
# **How long does a favourite last?** We count the streams of an artist by weeks since the first
# one. The tempting answer takes the artists with the most streams of all. But they have the most
# *because* they lasted. So `mt.collect.fading` chooses by the first four weeks, and measures from
# the weeks after them, which had no part in the choice. Both curves are of five favourites, and
# leave out artists who came in the first three months (they may be old loves) or too late to be
# watched for a year.

# %%
curves = {c: mt.collect.fading(plays, choose=c, top=5) for c in ("all_weeks", "first_weeks")}
with mt.plot.style():
    ax = pd.DataFrame(curves).plot(ylim=0, xlabel="Age (weeks)", ylabel="Streams (1: weeks 4 to 7)")
mt.plot.show(ax, alt="Two falling curves; that of artists chosen by all weeks falls later.")

# %% [markdown]
# The curves begin at 1, in week 7. After how many more weeks is half of it gone?

# %%
pd.Series({c: (some < 0.5).idxmax() - some.index[0] for c, some in curves.items()}, name="weeks")

# %% [markdown]
# Chosen by their whole life, favourites seem to last longer. The name of this error is
# *survivorship bias*. It is the same when one studies only songs that became hits. Try `top=20`:
# the more one takes, the less the choice matters. (Five artists are few. Do not trust single
# weeks.)
#
# ## Who gets my fee?
#
# First the rules, on three listeners A, B, C who pay 1 each, and three artists X, Y, Z.
#
# - **Pro rata**, the usual rule: all money goes into one pot, and each stream gets the same part.
# - **User-centric**: each listener's own money is shared out by that listener's own streams [6].

# %%
toy = pd.DataFrame({"user_id": [*"AABBC"], "artist": [*"XYYZZ"], "plays": [10, 10, 20, 20, 60]})


def pro_rata(rows):
    return rows.groupby("user_id")["money"].first().sum() * rows["plays"] / rows["plays"].sum()


def user_centric(rows):
    return rows["money"] * rows["plays"] / rows.groupby("user_id")["plays"].transform("sum")


toy.assign(money=1.0, pro_rata=pro_rata, user_centric=user_centric)

# %% [markdown]
# Check it by hand: X has 10 of 120 streams, and so a twelfth of the 3. By the other rule it gets
# half of what A pays. C plays much, and makes each stream of A and B worth less in the pot. Both
# rules share out all the money, and nothing else. (`mt.economics.compare` does this for plays of
# any size, by these rules and a dozen others; notebook 09 goes on from there.)

# %%
mt.economics.compare(toy.rename(columns={"artist": "artist_id"}), ["pro_rata", "user_centric"])

# %% [markdown]
# ### The platform around it
#
# To know what one listener's streams get, you need *everybody's* streams and *all* the money. No
# history holds that. In the simulated world we have it. `load_streams` tells, for a service and a
# month, what comes in for each account and how much it streams, by artist of the label; the rest of
# its streams is one row, since the world does not know whose they are.
#
# The service is called *Sprocket*. It puts the money of a country and month into one pot, and pays
# out 55 % of it. Accounts of the tier `free` pay nothing, and bring a little through advertising.
# We begin as an accountant would: do we get what the label's royalty statement says?

# %%
service = mt.datasets.load_streams("Sprocket", "2025-11")
streams = service[service["country"] == "DE"].copy()
streams["money"] = 55 * (100 * streams["paid_usd"]).round() / 100
pot = round(streams.groupby("user_id")["money"].first().sum())
ours = round(pot * (streams["plays"] * streams["artist_id"].notna()).sum() / streams["plays"].sum())
where = "platform == 'Sprocket' and country == 'DE' and period == '2025-11'"
stated = mt.datasets.load_label().royalties.query(where)["gross"].sum()
ipd.Markdown(f"Pot {pot / 100:,.2f} USD. The label's part: {ours / 100} computed, {stated} stated.")

# %% [markdown]
# To the cent. (`money` is 55 % of what is paid, in US cents; the pot is rounded to whole cents.)
#
# Now our student's file goes into this world, in place of what the world had. The month of a
# statement is in UTC, and so is this one.

# %%
mine = november[november["seconds"] >= 30]
rows = mine["artist"].value_counts().rename("plays").reset_index()
rows = rows.assign(user_id="U03117", tier="student", money=55 * 599 / 100)
streams = pd.concat([streams[streams["user_id"] != "U03117"], rows], ignore_index=True)
is_me = streams["user_id"] == "U03117"
rules = pd.DataFrame({"pro_rata": pro_rata(streams), "user_centric": user_centric(streams)})
rules["per_stream"] = 0.4 * streams["plays"]
rules.groupby(is_me).sum().rename({False: "the others", True: "me"})

# %% [markdown]
# These are US cents. The third rule, **a rate per stream**, is what people often believe in. No
# service has one [3]; estimates of the average for Spotify lie between 0.3 and 0.5 cents [4], and
# we take the middle. It does not care how much money there is: the sum is not the pot.
#
# Look at the row `me`. By the user-centric rule my streams bring my artists what I pay. Pro rata
# they bring more, since I play much and pay little: others pay for it. **For the artists of this
# listener, the usual rule is the better one.** It need not be so for yours.
#
# The fourth rule is **artist-centric**, as Deezer has published it [5]:
#
# - of each listener at most 1000 streams a month count,
# - a stream counts double for an artist with 1000 streams or more in the month, by 500 listeners
#   or more,
# - and double again if the listener looked for it, or found it in one of the service's playlists,
#   instead of being served by a machine.
#
# We have to guess at three places, and say so. The limits are held against the whole service, since
# we see the label's artists in all its countries. The file says `clickrow` where somebody clicked
# on a song; we take that for "looked for", and assume that the others do it as often as I do. And
# whether all other artists are above the limits nobody tells: we suppose it, since most streams go
# to artists with many listeners.

# %%
fans = service.groupby("artist").agg(plays=("plays", "sum"), fans=("user_id", "nunique"))
fans["counts"] = 1 + ((fans["plays"] >= 1000) & (fans["fans"] >= 500))
boost = streams["artist"].map(fans["counts"]).fillna(2)
click = mine["reason_start"] == "clickrow"
clicked = streams["artist"].map(click.groupby(mine["artist"]).mean()).where(is_me, click.mean())
total = streams.groupby("user_id")["plays"].transform("sum")
weight = streams["plays"] * (1000 / total).clip(upper=1) * boost * (1 + clicked)
rules["artist_centric"] = pot * weight / weight.sum()
fans.drop("all other music").sort_values("plays", ascending=False)

# %% [markdown]
# ### To the cent
#
# Nobody can be paid a fraction of a cent, and rounding each amount would lose or make money. We
# use the method of *largest remainders*: round all down, then give the cents that are left to those
# who lost most; among equals to the first. The sum is rounded once (a half to the even cent), and
# then it is exact. `paid` is what each artist is paid for everybody's streams. `by_me` shares out
# my part alone, and is rounded by itself.

# %%
everybody, me = (each.groupby(streams["artist"]).sum() for each in (rules, rules[is_me]))
to_cents = mt.economics.to_cents
paid, by_me = (each.div(100).apply(to_cents) for each in (everybody, me))
pd.DataFrame({"all": paid.sum(), "my streams": by_me.sum()}) / 100

# %% [markdown]
# In USD. Each rule but the rate per stream pays out the pot, to the cent; and user-centric, my
# streams are paid 55 % of my fee. What do the artists whom I played most get for my streams?

# %%
with mt.plot.style():
    top = by_me.assign(tempting=naive).nlargest(8, "user_centric").iloc[::-1]
    ax = top.plot.barh(width=0.8, figsize=(8, 5), xlabel="For my streams (US cents)", ylabel="")
mt.plot.show(ax, alt="Eight artists: the tempting bar is the longest, user-centric the shortest.")

# %% [markdown]
# To be the favourite of a month is worth some tens of cents, by any rule. The tempting answer
# promises more than each of them, since it gives away what the service keeps. And its second,
# *Paper Yard Assembly*, is only the fourth: many of its rows were skipped. By the rules the order
# of the artists hardly differs (artist-centric, clicks shift a little). What differs is the level,
# and that depends on *who else is in the pot*.
#
# ### Who gains and who loses
#
# User-centric, a stream is worth what its listener pays, divided by what that listener plays. Pro
# rata, all streams are worth the same. So, exactly, what an artist gets user-centric over what it
# gets pro rata is the mean worth of its streams over the mean worth of all streams. Each point is
# an account:

# %%
with mt.plot.style():
    ax = mt.plot.stream_worth(streams, mark="U03117", unit="US cents")
mt.plot.show(ax, alt="The worth of a stream falls with plays; free accounts lie far below.")

# %% [markdown]
# Accounts above the line bring their artists more by the user-centric rule. Heavy listeners lie
# below it, and so do nearly all free accounts. An artist of theirs loses. `identity` computes the
# fraction for the label's artists, and `free` the part of their streams from free accounts.

# %%
parts = {"identity": streams["money"] / total, "free": streams["tier"] == "free"}
means = pd.DataFrame(parts).mul(streams["plays"], axis=0).groupby(streams["artist"]).sum()
all_streams = means["identity"].sum() / streams["plays"].sum()
means = means.div(streams.groupby("artist")["plays"].sum(), axis=0) / [all_streams, 1]
change = rules.groupby(streams["artist"]).sum()
change = change.div(change["pro_rata"], axis=0).join(means).loc[fans.index[:-1]]
change.sort_values("user_centric").round(3)

# %% [markdown]
# 1 is what they get pro rata. By the user-centric rule a small artist may gain or lose, according
# to who listens: *Nightbus Theory* has the fewest free accounts among its listeners, and gains
# most. Free accounts do not explain all, since some pay much and play little. Artist-centric,
# those below the limits lose half or so.

# %%
with mt.plot.style():
    percent = 100 * (change.sort_values("user_centric").iloc[:, :4] - 1)
    ax = percent.plot.barh(width=0.8, figsize=(8, 6), xlabel="Against pro rata (%)", ylabel="")
mt.plot.show(ax, alt="Twelve artists: some gain and some lose; no rule is best for all.")

# %% [markdown]
# Studies of real data find that it depends, too. In data of a French service, songs of superstars
# *and* of the least popular artists would lose by the user-centric rule, and the artist-centric
# one changed little [7].
#
# ## The answer to the intern
#
# "But who gets *my* fee?" Pro rata, it goes into the pot, and the pot goes to everybody. What part
# reaches the artists whom I played? For the label's artists we know all streams; for the others
# only my own. So this is a lower bound:

# %%
ipd.Markdown(f"{paid['pro_rata'][by_me.index].sum() / pot * by_me['user_centric'].sum():.1f} cents")

# %% [markdown]
# Of all that I bring into the pot, that is. Where the rest goes, this world does not know. It is
# the price of the common pot that nobody can follow a fee through it. And another rule? For *these*
# artists, and this heavy listener at a low price, user-centric would be less, and artist-centric
# more. The rules as published are real, and the identity holds for any numbers; the result is an
# example, and no finding.
#
# ## What this cannot tell you
#
# - *Your service.* Listener, songs, service, prices, how much others play, and the 55 % are
#   *simulated*.
# - *The worth of a stream.* Spotify says that it shares out by country, and that in 2024 one stream
#   in a million, worldwide, was worth 10,000 USD on average [8]. That is a total of some 10 billion
#   USD in the year. But how many streams it was shared by is not said, and without that number
#   there is no worth of a stream.
# - *What the artist gets.* A history knows neither all streams, nor all money, nor the contracts
#   between the rights holder and the artist.
# - *What others would do.* By another rule people may play otherwise, and services may charge
#   otherwise. Here the plays stay as they are.
# - *Why you skip, or come back.* The file tells what was played, and not who sat before it.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
small = toy.assign(money=1.0, pr=pro_rata, uc=user_centric).groupby("artist")[["pr", "uc"]].sum()
assert small.T.to_numpy().tolist() == [[1 / 4, 3 / 4, 2], [1 / 2, 1, 3 / 2]]
assert {ours / 100, *paid.drop(columns="per_stream").sum()} == {float(stated), pot}
assert by_me["user_centric"].sum() == (55 * 599 + 50) // 100 < by_me["pro_rata"].sum()
assert (change["identity"] / change["user_centric"] - 1).abs().max() < 1e-12
assert (top.index[-4], *top.idxmax(axis=1).unique()) == (naive.index[1], "tempting")
assert sums["effective_artists"].idxmin() == sums["artists"].idxmax() == "2025"

# %% [markdown]
# ## The same with your own history
#
# Write the name of your zip file between the quotes, your time zone, a month, and what you pay, in
# cents. The cell works with histories of other services, too: `mt.collect.formats()` names them.
# Nothing leaves your computer. Without a platform around you, two rules can be computed:
# user-centric, if rights holders get 55 % of the fee, and the rate per stream. (`head` shows the
# first 20 artists only.)

# %%
my_file, my_zone, my_month, my_cents = "", "Europe/Berlin", "2025-11", 1099
if my_file:
    own = mt.collect.read(my_file).to_frame()
    ipd.display(mt.collect.listening(own, zone=my_zone).round(2))
    own = own[~(own["seconds"] < 30) & (own["played_at"].dt.strftime("%Y-%m") == my_month)]
    heard = own["artist_id"].value_counts()
    split = {"user_centric": 0.55 * my_cents * heard / heard.sum(), "per_stream": 0.4 * heard}
    ipd.display(pd.DataFrame(split).div(100).apply(to_cents).assign(streams=heard).head(20))

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** The file names nobody. Suppose that the label's `plays` leaked, with user numbers
# instead of names. Find the account from times alone: `played_at` of the history, rounded up to a
# second, is that of the label's table.

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
leaked = mt.datasets.load_label().plays[["user_id", "played_at"]].astype({"user_id": str})
found = plays[["played_at"]].apply(lambda times: times.dt.ceil("s")).merge(leaked)["user_id"]
ipd.display(found.value_counts().head(3))
assert found.value_counts().index[0] == "U03117"

# %% [markdown]
# One account has hundreds of plays in the same seconds; all others have a few, by chance. A history
# is a fingerprint.
#
# **Exercise 2.** Let Sprocket make a pot for each tier, and share out each pro rata. What is left
# of the difference to the user-centric rule? (Hint: call `pro_rata` for the rows of each tier.)

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
pots = pd.concat([pro_rata(some) for _, some in streams.groupby("tier")]).rename("by_tier")
far = rules.join(pots).groupby(streams["artist"]).sum().loc[change.index]
far = far.sub(far["user_centric"], axis=0).abs().sum()
ipd.display(to_cents(pots / 100).sum() / 100, far[["pro_rata", "by_tier"]])
assert far["by_tier"] < 0.6 * far["pro_rata"]

# %% [markdown]
# (In US cents, over the label's artists.) Nearly half of what separates the rules in this world is
# that free and paid streams share one pot.
#
# ## Takeaways
#
# - A history is private data: readers drop address and device, count what they leave out, and a
#   file without a name still identifies you.
# - Rows are not streams: 30 seconds make one. And the file's clock is UTC; use your time zone.
# - The beginning of a file is full of "new" artists, one great love hides in a large number of
#   artists, and favourites that are chosen by their whole life seem to last longer.
# - A rule shares out one pot, to the cent if its rounding is stated; a rate per stream does not.
#   Who gains depends on what an artist's listeners pay and how much else they play.
# - From your own file you know what your streams weigh, and not what they are paid. That takes
#   everybody's streams and all the money.
#
# ## Next
#
# - [What were we paid, is it right?](07-royalty-statements.ipynb): the other end of the money, the
#   statements of the label.
# - [Would another rule pay us more?](09-who-gets-paid.ipynb): the same question for all artists of
#   a service.
# - [All notebooks](README.md).
#
# ## References
#
# 1. Spotify, *Understanding my data*.
#    <https://support.spotify.com/us/article/understanding-my-data/>
# 2. Spotify, *How we count streams*.
#    <https://support.spotify.com/us/artists/article/how-we-count-streams/>
# 3. Amuse, *What does Spotify pay per stream?*
#    <https://support.amuse.io/en/articles/107754-what-does-spotify-pay-per-stream>
# 4. The Seattle Times, as quoted on 30 December 2021. An estimate, not a rate.
#    <http://www.dailymiscellany.com/2021/12/30.html>
# 5. Deezer, *Artist remuneration*. <https://www.deezer.com/explore/en-us/artist-remuneration/>
# 6. G. Bergantiños, J. D. Moreno-Ternero, *Revenue sharing at music streaming platforms*,
#    Management Science, 2025. <https://doi.org/10.1287/mnsc.2023.03830>
# 7. F. Moreau, P. Wikström, O. Haampland, R. Johannessen, *Alternative payment models in the music
#    streaming market: A comparative approach based on stream-level data*, Information Economics and
#    Policy 68, 101103, 2024. <https://hal.science/hal-04679366>
# 8. Spotify, *How is streamshare calculated?*
#    <https://loudandclear.byspotify.com/faqs/how-is-streamshare-calculated/>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
