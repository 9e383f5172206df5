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
# **Question.** A student pays for a streaming service each month: "I have downloaded my listening
# history. What are my habits, do I still discover music, and who gets my fee? Would the artists I
# love get more if the service shared it out by another rule?"
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
# **Time.** 50 minutes with the exercises.
#
# **Data and licence.** One account of the fictional label *Lantern & Tide*, under CC0 1.0, written
# as a file of Spotify's form. Listener, songs, service and prices are *simulated*. The rules are
# real, and so is each figure with a reference. At the end you may read your own file.

# %% [markdown]
# ## Set up
#
# The toolkit is `mt`; `pd` makes tables, `sns` and `plt` draw.

# %%
import tempfile

import IPython.display as ipd
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

import musictools as mt

# %% [markdown]
# ## Get the history, and read it
#
# Spotify gives everybody their *extended streaming history* [1]: on the page *Account privacy* of
# your account, ask for *Extended streaming history*, and wait for an e-mail, for up to 30 days. It
# brings a zip file. Leave it zipped.
#
# Real histories are private, so we let the toolkit write one. `U03117` is a student in Germany, one
# of the label's 10,000 accounts. The label itself knows only how much this account plays in all,
# and its own artists' plays one by one. `listener=` makes the history whole: the other artists are
# made up.

# %%
folder = tempfile.TemporaryDirectory()
who = {"listener": "U03117", "rng": 1}
made = mt.datasets.simulate_exports(folder.name, formats="spotify_history", **who)
path = made["spotify_history"].path
history = mt.collect.read(path)
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
private = mt.collect.read(path, private=True).to_frame()
private[private.columns.difference(history.table.columns)].iloc[:1].T

# %% [markdown]
# (The address is one that is reserved for examples.) But a history without a name is not
# anonymous: exercise 2 finds out whose it is. Do not publish yours, and ask before you collect
# those of others.
#
# ## Habits
#
# **The tempting answer: count the rows.** Who is the favourite, and how much was played? One row
# is one stream, so we count.

# %%
plays = history.to_frame().sort_values("played_at", ignore_index=True)
plays["counted"] = plays["seconds"] >= 30
favourites = plays.groupby("artist")["counted"].agg(rows="size", streams="sum", share="mean")
favourites.loc["(all)"] = plays["counted"].agg(["size", "sum", "mean"]).to_numpy()
favourites[favourites["rows"] > 300].sort_values("rows", ascending=False)

# %% [markdown]
# `streams` is the better answer. A service pays for a stream only if somebody "listens for 30
# seconds or more" [2]. What is skipped earlier stands in the file, and pays nobody: here every
# eighth row. `share` is what is left, and differs between artists.
#
# **Whose clock?** `played_at` is in UTC, the time of Greenwich without summer time. The student
# lives in Germany, one hour ahead in winter and two in summer. The picture shows both clocks.

# %%
with mt.plot.style():
    figure, axes = plt.subplots(2, figsize=(8, 5))
    for ax, zone in zip(axes, ("UTC", "Europe/Berlin"), strict=True):
        mt.plot.hours_of_week(plays, zone=zone, ax=ax)
mt.plot.show(ax, alt="Two maps of a week: mornings before 8 and evenings, blurred in UTC.")

# %% [markdown]
# By the listener's own clock the way to the university is a sharp line before 8 in the morning, and
# the week's habits are plain. In UTC it is smeared over two hours, and the nights begin too early.
# Always name the zone; never add a fixed number of hours. (If you travel, the file's `country`
# helps, and no zone is right for all of it.)
#
# Now by month. The trip in August, and the exams in February and July?

# %%
plays["local"] = plays["played_at"].dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")
plays["month"] = plays["local"].dt.strftime("%y-%m")
plays["hours"] = plays["seconds"] / 3600
with mt.plot.style():
    by_month = plays.groupby("month")["hours"].sum()
    ax = by_month.plot.bar(xlabel="Month (year-month)", ylabel="Heard (hours a month)")
mt.plot.show(ax, alt="Hours a month over three years: between 20 and 60, least in August.")

# %% [markdown]
# August is low each year; the exams one would not see without knowing of them: months differ
# by chance, too. Before you explain a bar, look whether it comes back.
#
# **Why did a play end?** The file tells. `skipped` is what Spotify calls so.

# %%
plays.groupby(["reason_end", "skipped", "counted"])["hours"].agg(["size", "sum"]).round(1)

# %% [markdown]
# About half of the plays that are called skipped lasted 30 seconds or more: they count, and are
# paid. `skipped` says what the listener did, `counted` what the service pays for. (The files of
# some years leave `skipped` open. Then it is missing, and missing is not "no".)
#
# **Sessions.** A *session* is a run of plays without a long pause. How long is long? It is a
# convention; we take 30 minutes, and exercise 1 tries others.

# %%
ended = plays["played_at"] + pd.to_timedelta(plays["seconds"], unit="s")
pause = plays["played_at"] - ended.shift()
session = (pause > pd.Timedelta(minutes=30)).cumsum()
plays.groupby(session)["hours"].agg(["size", "sum"]).describe().round(2)

# %% [markdown]
# The mean session (`size` is in plays, `sum` in hours) is longer than the median one (`50%`): a few
# are very long.
#
# ## Discovery
#
# An artist is *new* when the file holds no earlier play.

# %%
plays["artists"] = ~plays.duplicated("artist")
plays["recordings"] = ~plays.duplicated("recording_id")
with mt.plot.style():
    new = plays.groupby("month")[["artists", "recordings"]].sum()
    ax = new.plot.bar(xlabel="Month (year-month)", ylabel="New (number a month)", width=0.8)
mt.plot.show(ax, alt="New artists and recordings a month: a high start, then a slow decline.")

# %% [markdown]
# The start is no burst of curiosity. Whoever was loved before the file begins is "new" in it. Do not
# read the first months, and be careful with a comparison of years: the more one has heard, the
# less can be new. What is left is a slow decline, which here is put in by the simulation.
#
# A new *recording* is told by its track identifier. In a real file one recording may have several,
# on the single and on the album: then repeats look new. Join by ISRC if you can.
#
# **Concentration.** What part of the streams goes to the ten most heard artists of the year? The
# *effective number* of artists is one divided by the sum of the squared shares: it is how many
# artists of equal shares would be just as concentrated.

# %%
year = plays["local"].dt.year
counts = plays[plays["counted"]].groupby([year, "artist"]).size()
share = (counts / counts.groupby(level=0).transform("sum")).groupby(level=0)
table = pd.DataFrame({"artists": share.size(), "top_10": share.apply(lambda s: s.nlargest(10).sum())})
table["effective"] = share.apply(lambda s: 1 / (s**2).sum())
table["repeats"] = 1 - plays.groupby(year)["recordings"].mean()
table.round(2)

# %% [markdown]
# Each year has more artists than the year before, and yet one of them has the fewest *effective*
# ones: a single great love is enough. That is why the number of artists alone says little.
# `repeats` is the share of plays of something heard before.
#
# **How long does a favourite last?** We count the plays of an artist by weeks since the first one.
# The tempting answer takes the artists with the most plays of all. But they have the most plays
# *because* they lasted. So we choose by the first four weeks, and measure from the weeks after
# them, which had no part in the choice. Both see only artists who came after three months (others
# may be old loves) and before the last year (so that all are watched for 52 weeks).

# %%
found = plays.groupby("artist")["played_at"].transform("min")
plays["week"] = (plays["played_at"] - found).dt.days // 7
seen = plays[plays["counted"] & found.between("2023-04-01", "2024-12-31")]


def fading(some):
    chosen = some["artist"].value_counts().index[:20]
    weekly = seen[seen["artist"].isin(chosen)]["week"].value_counts().sort_index()[:52]
    return weekly.rolling(4).mean()[7:] / weekly[4:8].mean()


curves = pd.DataFrame({"all plays": fading(seen), "first weeks": fading(seen[seen["week"] < 4])})
half_life = (curves < 0.5).idxmax() - curves.index[0]
half_life.to_frame("weeks until half")

# %% [markdown]
# Chosen by their whole life, favourites seem to last longer. The name of this error is
# *survivorship bias*. It is the same when one studies only songs that became hits.

# %%
with mt.plot.style():
    labels = {"xlabel": "Since the first play (weeks)", "ylabel": "Streams (1: weeks 5 to 8)"}
    ax = curves.plot(ylim=0, **labels)
mt.plot.show(ax, alt="Two falling curves; that of artists chosen by all plays falls later.")

# %% [markdown]
# ## Who gets my fee?
#
# First the rules, on three listeners A, B, C who pay 1 each, and three artists X, Y, Z.
#
# - **Pro rata**, the usual rule: all money goes into one pot, and each stream gets the same part.
# - **User-centric**: each listener's own money is shared out by that listener's own streams.

# %%
small = pd.DataFrame({"user_id": list("AABBC"), "artist": list("XYYZZ"), "money": 1.0})
small["plays"] = [10, 10, 20, 20, 60]


def pro_rata(streams):
    pot = streams.groupby("user_id")["money"].first().sum()
    return pot * streams["plays"] / streams["plays"].sum()


def user_centric(streams):
    own = streams.groupby("user_id")["plays"].transform("sum")
    return streams["money"] * streams["plays"] / own


toy = small.assign(pro_rata=pro_rata, user_centric=user_centric)
toy = toy.groupby("artist")[["plays", "pro_rata", "user_centric"]].sum()
toy

# %% [markdown]
# Check it by hand: X has 10 of 120 streams, and so a twelfth of the 3. By the other rule it gets
# half of what A pays. C plays much, and makes each stream of A and B worth less in the pot. Both
# rules share out all the money, and nothing else [6].
#
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
ours = pot * streams["plays"][streams["artist_id"].notna()].sum() / streams["plays"].sum()
lines = mt.datasets.load_label().royalties.query("platform == 'Sprocket' and period == '2025-11'")
stated = lines["gross"][lines["country"] == "DE"].sum()
ipd.Markdown(f"Pot {pot / 100:,.2f} USD. Label: {ours / 100:.2f} computed, {stated} stated.")

# %% [markdown]
# To the cent. (`money` is 55 % of what is paid, in US cents; the pot is rounded to whole cents.)
#
# Now our student's file goes into this world, in place of what the world had. The month of a
# statement is in UTC, and so is this one.

# %%
mine = plays[plays["counted"] & (plays["played_at"].dt.strftime("%Y-%m") == "2025-11")]
rows = mine["artist"].value_counts().rename("plays").reset_index()
before = streams[streams["user_id"] == "U03117"]
rows[["user_id", "tier", "money"]] = before[["user_id", "tier", "money"]].iloc[0]
streams = pd.concat([streams.drop(before.index), rows], ignore_index=True)
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
# they bring more, since I play more than most who pay so little: others pay for it. **For the
# artists of this listener, the usual rule is the better one.** It need not be so for yours.
#
# The fourth rule is **artist-centric**, as Deezer has published it [5]:
#
# - of each listener at most 1000 streams a month count,
# - a stream counts double for an artist with 1000 streams or more in the month, by 500 listeners
#   or more,
# - and double again if the listener has looked for it, instead of being served by a machine.
#
# We have to guess at three places, and say so. The limits are held against the whole service, since
# we see the label's artists in all its countries. The file says `clickrow` where somebody clicked
# on a song; we take that for "looked for", and assume that the others do it as often as I do. And
# whether all other artists are above the limits nobody tells: we suppose it, since most streams go
# to artists with many listeners. Were they below, the label's doubled artists would get about twice
# as much.

# %%
fans = service.groupby("artist").agg(plays=("plays", "sum"), fans=("user_id", "nunique"))
doubled = 1 + streams["artist"].map((fans["plays"] >= 1000) & (fans["fans"] >= 500)).fillna(True)
clicked = mine["reason_start"] == "clickrow"
looked_for = streams["artist"].map(clicked.groupby(mine["artist"]).mean())
active = 1 + looked_for.where(is_me, clicked.mean())
total = streams.groupby("user_id")["plays"].transform("sum")
weight = streams["plays"] * (1000 / total).clip(upper=1) * doubled * active
rules["artist_centric"] = pot * weight / weight.sum()
fans.iloc[:-1].sort_values("plays", ascending=False)

# %% [markdown]
# ### To the cent
#
# Nobody can be paid a fraction of a cent, and rounding each amount would lose or make money. We
# use the method of *largest remainders*: round all down, then give the cents that are left to those
# who lost most; among equals to the first. The sum is rounded once, and then it is exact.

# %%
def to_cents(exact):
    whole = (exact // 1).astype(int)
    lost = (exact - whole).round(9).sort_values(ascending=False, kind="stable")
    whole[lost.index[: round(exact.sum()) - whole.sum()]] += 1
    return whole


paid = rules.groupby(streams["artist"]).sum().apply(to_cents)
by_me = rules[is_me].groupby(streams["artist"]).sum().apply(to_cents)
pd.DataFrame({"pot": paid.sum(), "by me": by_me.sum()}) / 100

# %% [markdown]
# In USD. Each rule but the rate per stream pays out the pot, to the cent; and user-centric, my
# streams are paid 55 % of my 5.99 USD. What do the artists whom I played most get for my streams?

# %%
favourite = by_me.nlargest(8, "user_centric").iloc[::-1]
with mt.plot.style():
    ax = favourite.plot.barh(width=0.8, figsize=(8, 5), ylabel="")
    ax.set_xlabel("For my streams (US cents a month)")
mt.plot.show(ax, alt="Bars of eight artists: most when artist-centric, least when user-centric.")

# %% [markdown]
# A month of listening is worth half a dollar to the most loved artist, by any rule. The order of
# the artists hardly differs. (Artist-centric, clicks shift a little.) What differs is the level, and
# that depends on *who else is in the pot*.
#
# ### Who gains and who loses
#
# User-centric, a stream is worth what its listener pays, divided by what that listener plays. Pro
# rata, all streams are worth the same. So, exactly:
#
# > user-centric / pro rata = the mean worth of an artist's streams, weighed by its listeners, over
# > the mean worth of all streams.
#
# Each point is an account. Those above the line bring their artists more by the user-centric rule.

# %%
streams["worth"] = streams["money"] / total
line = streams["plays"] @ streams["worth"] / streams["plays"].sum()
each = streams.assign(total=total).drop_duplicates("user_id")
with mt.plot.style():
    ax = sns.scatterplot(each, x="total", y="worth", hue="tier", style="tier", alpha=0.6)
    ax.plot("total", "worth", "k*", data=each[each["user_id"] == "U03117"], markersize=14, label="me")
    ax.axhline(line, color="black", label="pro rata")
    ax.set(xscale="log", yscale="log", xlabel="Streams (a month)", ylabel="A stream (US cents)")
    ax.legend()
mt.plot.show(ax, alt="The worth of a stream falls with plays; free accounts lie far below the line.")

# %% [markdown]
# Heavy listeners lie below the line, and so do nearly all free accounts. An artist of theirs loses.
# Here are the label's artists. `identity` is the fraction above, and `free` the part of the artist's
# streams that comes from free accounts.

# %%
by_artist = rules.groupby(streams["artist"]).sum().loc[fans.index[:-1]]
change = by_artist.div(by_artist["pro_rata"], axis=0).drop(columns="pro_rata")
heard = streams[streams["artist_id"].notna() | is_me]
worth = (heard["plays"] * heard["worth"]).groupby(heard["artist"]).sum()
change["identity"] = worth / heard.groupby("artist")["plays"].sum() / line
free = heard[heard["tier"] == "free"].groupby("artist")["plays"].sum()
change["free"] = free / heard.groupby("artist")["plays"].sum()
change.sort_values("user_centric").round(3)

# %% [markdown]
# In per cent of what they get pro rata; `free_share` is the part of the artist's streams that comes
# from free accounts. The table says what no slogan does: by the user-centric rule a small artist
# may gain or lose, according to who listens. Artist-centric, those below the limits lose about
# half, if the others' music is above them.

# %%
with mt.plot.style():
    figure, ax = plt.subplots(figsize=(8, 4.5))
    for name, marker in {"user_centric": "o", "artist_centric": "D", "per_stream": "|"}.items():
        ax.plot(change[name].sort_index(), change.index.sort_values(), marker, label=name)
    ax.axvline(0, color="0.3")
    ax.set(xlabel="Change against pro rata (%)", ylabel="")
    ax.legend()
mt.plot.show(ax, alt="Twelve artists: some gain and some lose; no rule is best for all.")

# %% [markdown]
# Real studies find the same: who gains depends on the audience. In data of a French service, songs
# of superstars *and* of the least popular artists would lose by the user-centric rule, and the
# artist-centric one changed little [7].
#
# ### What can be known
#
# "But who gets *my* fee?" Pro rata, it goes into the pot, and the pot goes to everybody. What part
# reaches the artists whom I played? For the label's artists we know all streams; for the others
# only my own. So we know a lower bound:

# %%
mine_too = rules["pro_rata"].groupby(streams["artist"]).sum().loc[by_me.index].sum() / pot
own_fee = by_me["user_centric"].sum()
ipd.Markdown(
    f"Of my {own_fee} cents, at least **{own_fee * mine_too:.1f}** reach artists whom I played. "
    f"Where the other {own_fee * (1 - mine_too):.1f} go, this world does not know."
)

# %% [markdown]
# How to read all this:
#
# - **Simulated**: the listener, the songs, the service, the prices, how much others play, and the
#   55 %. The result for this student is an example, not a finding.
# - **Real**: the rules as published, and the identity, which holds for any numbers.
# - **With a real platform's total** the pots would be split further (Spotify's by country and kind
#   of account: exercise 3), and contracts have minimum payments. The level would change; the
#   identity would say how.
# - **Not to be known** from a history: all streams, all money, what others play, and what an artist
#   gets of what the rights holder is paid. The payments here go to labels and distributors.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert np.allclose(toy["pro_rata"], [1 / 4, 3 / 4, 2])
assert np.allclose(toy["user_centric"], [1 / 2, 1, 3 / 2])
assert ours / 100 == float(stated)
assert (paid.drop(columns="per_stream").sum() == pot).all()
assert own_fee == (55 * 599 + 50) // 100 < by_me["pro_rata"].sum()
assert np.allclose(identity, artists["user_centric"] / artists["pro_rata"], rtol=1e-12)
assert half_life["all plays"] > half_life["first weeks"]
assert table["effective"].idxmin() == table["artists"].idxmax()

# %% [markdown]
# ## The same with your own history
#
# Write the name of your zip file between the quotes, your time zone, and what you pay, in cents. The
# cell works with the histories of other services, too: `mt.collect.formats()` names them. Nothing
# leaves your computer. Without a platform around you, two rules can be computed: user-centric with
# an assumed share of the rights holders, and the rate per stream. Take the last *whole* month.

# %%
my_file, my_zone, my_cents = "", "Europe/Berlin", 1099
if my_file:
    own = mt.collect.read(my_file).to_frame()
    heard = own[own["seconds"].fillna(30) >= 30]
    months = heard["played_at"].dt.to_period("M")
    last = heard[months == months.max() - 1]["artist"].value_counts().rename("streams").to_frame()
    last["user_centric"] = to_cents(0.55 * my_cents * last["streams"] / last["streams"].sum())
    last["per_stream"] = to_cents(0.4 * last["streams"])
    ipd.display(last.head(20), last.sum().to_frame("sum"))
    with mt.plot.style():
        ax = mt.plot.hours_of_week(own, zone=my_zone)
    ipd.display(mt.plot.show(ax, alt="A map of the hours of the week in which you listen."))

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** How many sessions are there if a pause of 15 or of 60 minutes ends one? Does it
# matter for what you would say about this listener?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
sessions = {m: 1 + int((pause > pd.Timedelta(minutes=m)).sum()) for m in (15, 30, 60)}
ipd.display(sessions)
assert sessions[15] > sessions[30] > sessions[60] > 0.85 * sessions[15]

# %% [markdown]
# The number moves by some per cent only, so that "two or three sessions a day" holds with each. Say
# which pause you took, all the same.
#
# **Exercise 2.** The file names nobody. Suppose that the table `german` leaked, with user numbers
# instead of names. Find the account, from titles and times alone: `played_at` of the history,
# rounded up to a second, is that of the label's table.

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
seconds = mine.assign(played_at=mine["played_at"].dt.ceil("s"))[["artist", "played_at"]]
suspects = seconds.merge(german, on=["artist", "played_at"])["user_id"].value_counts()
ipd.display(suspects)
assert suspects.index.tolist() == ["U03117"]

# %% [markdown]
# Four plays in one month are enough: nobody else played these artists in these seconds. A history
# is a fingerprint.
#
# **Exercise 3.** Let Sprocket make a pot for each tier, as Spotify does, and share out each pro rata.
# What is left of the difference to the user-centric rule? (Hint: call `pro_rata` for the streams of
# each tier.)

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
tier = streams["user_id"].map(accounts["tier"])
pots = pd.concat([pro_rata(some) for _, some in streams.groupby(tier)])
each = pots.groupby(streams["artist"]).sum().loc[service.index]
left = (each - artists["user_centric"]).abs().sum()
ipd.display(left / (artists["pro_rata"] - artists["user_centric"]).abs().sum())
assert to_cents(pots).sum() == pot

# %% [markdown]
# (The number is what is left, as a part of the difference.) Much of what separates the rules in this
# world is that free and paid streams share one pot.
#
# ## Takeaways
#
# - A history is private data: readers drop address and device, count what they leave out, and a
#   file without a name still identifies you.
# - Rows are not streams: 30 seconds make one. And the file's clock is UTC; use your time zone.
# - The beginning of a file is full of "new" artists, one great love hides in a large number of
#   artists, and favourites that are chosen by their whole life seem to last longer.
# - All rules share out one pot, but per stream. Who gains depends on what an artist's listeners pay
#   and how much else they play; sums agree to the cent if the rounding is stated.
# - From your own file you know what your streams weigh, and not what they are paid. That needs
#   everybody's streams and the money.
#
# ## Next
#
# - [How many followers did she gain, and can I believe it?](05-collecting-streaming-and-social-data.ipynb)
# - [All notebooks](README.md).
#
# ## References
#
# 1. Spotify, *Understanding my data*. <https://support.spotify.com/us/article/understanding-my-data/>
# 2. Spotify, *How we count streams*.
#    <https://support.spotify.com/us/artists/article/how-we-count-streams/>
# 3. Amuse, *What does Spotify pay per stream?*
#    <https://support.amuse.io/en/articles/107754-what-does-spotify-pay-per-stream>
# 4. The Seattle Times, as quoted on 30 December 2021. An estimate, not a rate.
#    <http://www.dailymiscellany.com/2021/12/30.html>
# 5. Deezer, *Artist remuneration*. <https://www.deezer.com/explore/en-us/artist-remuneration/>
# 6. G. Bergantiños, J. D. Moreno-Ternero, *Revenue sharing at music streaming platforms*, 2023.
#    <https://arxiv.org/abs/2310.11861>
# 7. F. Moreau, P. Wikström, O. Haampland, R. Johannessen, *Alternative payment models in the music
#    streaming market: A comparative approach based on stream-level data*, Information Economics and
#    Policy 68, 101103, 2024. <https://hal.science/hal-04679366>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
