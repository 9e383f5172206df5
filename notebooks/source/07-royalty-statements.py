# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 50
#     description: A label's royalty statements joined, reconciled and explained, to
#       the cent.
#     level: inter
#     requires:
#     - collect
#     title: What were we paid, is it right, and why less than before?
#     track: streaming
# ---

# %% [markdown]
# # What were we paid, is it right, and why less than before?
#
# **Question.** The accountant of a label has a folder of royalty statements, no two alike. She
# asks: "What were we paid? Is it all there, and right? And why did the stores pay us fewer euros
# for December 2025 than for November, although we had more streams?"
#
# **You will learn**
#
# - why a short script over statements gives a wrong sum, and no error
# - how to read statements exactly, in known formats and in one that nobody knows
# - whose song a line is about, where the code of the recording is missing
# - how to find what is missing, paid twice, or paid at a strange rate
# - how to explain a change by streams, rates and currency, so that the parts sum up
#
# **Before you start.** [Start here](00-start-here.ipynb). You have seen a table of pandas.
#
# **Time.** 45 minutes with the exercises.
#
# **Data and licence.** The fictional label *Lantern & Tide*, under CC0 1.0. Its statements are
# *simulated*: layouts and quirks follow what is public about each format; songs, streams and
# amounts are invented. The exchange rates are real, from the European Central Bank. No network is
# used. At the end you may read a folder of your own.

# %% [markdown]
# ## Set up
#
# The toolkit is `mt`; `pd` makes tables, and `duckdb` is a database in a file.

# %%
import tempfile
from contextlib import suppress
from pathlib import Path

import duckdb
import IPython.display as ipd
import pandas as pd

import musictools as mt

# %% [markdown]
# Real statements are private, so `mt.datasets.simulate_exports` writes some: from distributors and
# shops, from two societies that collect for songwriters (ASCAP and BMI), and a sales report in the
# standard of the trade (DSR). With each comes the `truth`, which no real file has. No real label
# has so many payers for the same songs: this folder is here to show what their files are like. The
# amounts are those of a very small label.

# %%
room = tempfile.TemporaryDirectory()
made = {n: e for n, e in mt.datasets.simulate_exports(room.name).items() if e.kind == "royalties"}

# %% [markdown]
# Files change on their way. We do here, where you can see it, what happens in many offices:
#
# - Somebody opens Believe's statement in a spreadsheet set to German, adds a line with the total,
#   and saves it. Now it has decimal commas.
# - In CD Baby's, a character of two numbers is damaged on the way: 0 became #.

# %%
total = '"Total"' + ';""' * 19 + f';"{made["believe"].truth["net"].sum()}"\n'
text = made["believe"].path.read_text("utf-8") + total
made["believe"].path.write_text(text.replace(".", ","), "utf-8")
lines = made["cdbaby"].path.read_text("utf-8").split("\n")
lines[199] = lines[199].replace("\t0.", "\t#.")
_ = made["cdbaby"].path.write_text("\n".join(lines), "utf-8")

# %% [markdown]
# ## The tempting answer: a sum in ten lines
#
# Somebody in the office knows a little Python. The script looks for a column that sounds like
# money, takes commas for separators of thousands (as in 1,234), passes over what is no number,
# counts a file that it cannot read as 0, and adds up.

# %%
sounds = "^Earnings|Total Earned|Subtotal|Net Revenue|NET SHARE|^net amount|^Dollars|ROYALTY"
naive = dict.fromkeys(made, 0.0)
for name, export in made.items():
    with suppress(IndexError, ValueError):
        frame = pd.read_csv(export.path, sep=None, engine="python", thousands=",")
        naive[name] = pd.to_numeric(frame.filter(regex=sounds).iloc[:, 0], errors="coerce").sum()
ipd.Markdown(f"The script says: we were paid **{sum(naive.values()):,.2f}**.")

# %% [markdown]
# So much that somebody will notice. What nobody would notice is worse: the script has added
# dollars, pounds and euros, and some files counted as 0. And for which month is it? CD Baby writes
# days in the American way, as in 12/3/2025. The script thinks that the day comes first, as in
# Europe:

# %%
dates = pd.read_csv(made["cdbaby"].path, sep="\t")["Sales Date"]
pd.to_datetime(dates, format="mixed", dayfirst=True).dt.month.value_counts().sort_index()

# %% [markdown]
# The file holds sales of December, and of nothing else. Every day up to the 12th became a month.
#
# ## The right way: read, with problems and totals
#
# `mt.collect.read` tells the format by what is in the file. Amounts are exact decimals: what the
# statement says, to the last digit. It gives the `table`, its `totals`, and as `problems` each line
# that gave no row. The last column is what the script made of the same file.

# %%
read = {name: mt.collect.read(each.path, progress=False) for name, each in made.items()}
totals = pd.concat({name: some.totals for name, some in read.items()}).droplevel(1)
money = dict.fromkeys(("units", "gross", "fees", "net", "stated_net", "script"), "{:,.2f}")
totals.assign(script=naive).style.format(money, na_rep="")

# %% [markdown]
# - *Believe*: each amount had become a whole number of many digits, and the total line was counted
#   on top. `read` finds out how the file writes numbers, and holds the total that it states
#   (`stated_net`) against its own sum. They agree.
# - *Bandcamp* writes another encoding, *SoundCloud* has lines above its header, and *DSR* holds
#   several tables in one file. The script counted all three as 0.
# - *CD Baby*: the script is a few cents short and does not say so. `read` is as short, and does:

# %%
pd.concat([some.problems for some in read.values()]).style

# %% [markdown]
# File, line and reason: enough to ask the payer. It would be easy to guess what stood there, but
# nothing is guessed: the line is left out until somebody puts it right.
#
# Look at the fees. Most statements tell only what is paid, so the table says that fees are 0. That
# nothing was kept does not follow.
#
# ## A file that nobody knows
#
# Three stores pay the label directly, each month since 2023, through an agent with a layout of its
# own, in German. We write the agent's file, and hide in it what we want to find later:

# %%
label = mt.datasets.load_label()
own = label.royalties.merge(label.recordings[["recording_id", "title", "artist", "isrc"]])
own = own[own["statement"] != "Pomelo-2024-08"]  # one statement gets lost
again = own.query("statement == 'Ebbtide-2025-03'").assign(statement="Ebbtide-2025-03-b")
own = pd.concat([own, again], ignore_index=True)  # and one is paid twice
slip = own[own["statement"] == "Sprocket-2025-06"]["units"].idxmax()
own.loc[slip, ["gross", "fees", "net"]] *= 10  # a decimal point slips
night = own["recording_id"].eq("R25") & own["period"].ge("2025")
own.loc[night, ["title", "isrc"]] = ["Grid Reference (Night)", None]  # a song without its code
other = own["statement"].eq("Pomelo-2025-09").idxmax()  # and a song that is not ours
own.loc[other, ["title", "artist", "isrc"]] = ["Not Our Song", "Somebody Else", "XXABC2500001"]
own = own.drop(columns=["recording_id", "work_id", "currency"])
words = ["Beleg", "Monat", "Zahler", "Dienst", "Land", "Abrufe", "Brutto", "Gebühr", "Betrag"]
words += ["Titel", "Interpret", "ISRC"]
own.to_csv(agent := Path(room.name, "agent.csv"), sep=";", header=words, index=False)

# %% [markdown]
# `read` would refuse this file. `guess_mapping` says which column is probably which of ours, by its
# name and by what stands in it. *Look at it before you use it.*

# %%
guess = mt.collect.guess_mapping(agent)
guess

# %% [markdown]
# Nine columns are right. It did not know that *Beleg* is the number of a statement and *Abrufe* are
# streams, and nothing in the file tells the currency. That stands in the contract: US dollars. We
# add all three, and have one table of everything, in the columns that
# `mt.tables.describe("royalties")` lists.

# %%
mapping = dict(guess) | {"statement": "Beleg", "units": "Abrufe"}
read["agent"] = mt.collect.read_table(agent, mapping=mapping, constants={"currency": "USD"})
royalties = pd.concat([some.table for some in read.values()], ignore_index=True)

# %% [markdown]
# ## Whose song is it?
#
# A recording has a code, its *ISRC* [1], and most lines carry it. Some do not: ASCAP knows works
# and not recordings, and the agent has lost one code. There only title and artist are left.
# `mt.collect.resolve` compares them with the catalogue, and says of each match by what, and how
# sure. Albums are left out, since an album is not a song (see exercise 2), and so are lines without
# an artist: a title alone proves nothing.

# %%
key = ["title", "artist", "isrc"]
royalties["single"] = ~royalties["use"].str.lower().isin(["album", "package"])
named = royalties.query("single and artist.notna()").drop_duplicates(key)
named = named[key].reset_index(names="recording_id")
found = mt.collect.resolve(named, label.recordings, progress=False)
found.table[["state", "method"]].value_counts()

# %% [markdown]
# One title is like nothing that we have, and one is ambiguous. Ambiguous means: a person must look.
# `review` shows both sides, with an empty column `answer`. You can fill it in a spreadsheet.

# %%
found.review().T

# %% [markdown]
# The candidate is near, and wrong: another version of the song. The label knows better: *Grid
# Reference (Night)* is the *Night Mix*, R25. A *pin* keeps this answer, for every later run. What
# is resolved goes back into the table, as the ISRC.

# %%
pins = {found.review()["left_id"].iloc[0]: "R25"}
best = mt.collect.resolve(named, label.recordings, pins=pins, progress=False).best()
codes = label.recordings.set_index("recording_id")["isrc"]
named["song"] = named["recording_id"].map(best.set_index("left_id")["right_id"]).map(codes)
song = royalties.merge(named[[*key, "song"]], how="left", on=key)["song"].where(royalties["single"])
royalties["recording_id"] = royalties["recording_id"].fillna(song)

# %% [markdown]
# ## Is it all there, and right?
#
# `mt.collect.reconcile` holds the statements against each other, against the catalogue and against
# themselves. It changes nothing. We look at its errors, and at codes that are not in the catalogue.

# %%
report = mt.collect.reconcile(royalties, recordings=label.recordings)
odd = report.findings.query("severity == 'error' or kind == 'unmatched' and recording_id.notna()")
odd.drop(columns=["severity", "platform"]).style.format(na_rep="", escape="html")

# %% [markdown]
# What we hid is there: the month that Pomelo lacks, the statement that Ebbtide paid twice, the slip
# of Sprocket, and the song that is not ours. There is one more, which we did *not* hide. Believe
# lacks November, because we have a single file of it, of December, with some late lines of October.
# A finding is a question to the payer, not a verdict.
#
# The picture shows what the stores paid, month by month, with a cross where a statement is missing.

# %%
with mt.plot.style():
    ax = mt.plot.royalties(read["agent"].table)
mt.plot.show(ax, alt="Bars of three stores for each month of three years; a cross in August 2024.")

# %% [markdown]
# The amounts at stake are the size of the question. For the month that is missing it is only what
# a month usually brings. In the picture, the neighbours of the gap say that it was more.
#
# From here on we leave out the statement that was paid twice. (The money was paid: in the books it
# is a debt to Ebbtide, and no income.) The slip stays in until Sprocket answers; remember June
# 2025.
#
# ## One currency, and which day's rate?
#
# The label keeps its books in euros. `mt.collect.convert_currency` takes, for each line, the
# average rate of the month in which the streams happened. That is one rule of several. Here is
# another, the rate of two months later, when the money comes:

# %%
royalties = royalties[royalties["statement"] != "Ebbtide-2025-03-b"]
late = mt.datasets.load_exchange_rates()
late["month"] = (pd.PeriodIndex(late["month"], freq="M") - 2).astype(str)
euros = mt.collect.convert_currency(royalties, "EUR")
both = {"streamed": euros, "paid": mt.collect.convert_currency(royalties, "EUR", rates=late)}
sums = {rule: some.groupby(some["period"].str[:4])["net"].sum() for rule, some in both.items()}
pd.DataFrame(sums).style.format("EUR {:,.2f}")

# %% [markdown]
# The streams are the same, and so are the dollars. In 2025 the dollar fell, so whoever waited for
# the money got less. Neither sum is wrong. Accounting rules ask for the rate of the day of the
# transaction, and allow an average of the month where rates move little [2]; which day that is, ask
# your accountant, and then use one rule for all.
#
# Nothing is lost: the amount of the statement and the rate stay beside the euros, and nothing is
# rounded before the sum.

# %%
euros[["payer", "period", "net_original", "currency_original", "rate", "rate_month", "net"]].tail(3)

# %% [markdown]
# ## From gross to net
#
# Now the first question: what were we paid for the last quarter of 2025, and who kept how much?

# %%
quarter = euros[euros["period"].between("2025-10", "2025-Q4")]
fees = (-quarter.groupby("payer")["fees"].sum().loc[lambda some: some != 0]).sort_values()
with mt.plot.style():
    ax = mt.plot.waterfall({"Gross": quarter["gross"].sum()} | dict(fees), total="Net", unit="EUR")
mt.plot.show(ax, alt="From gross, the fees of Bandcamp, the stores, Orchard and Believe to net.")

# %% [markdown]
# The orange steps are what payers *say* they kept, less what returns gave back. Gross is therefore
# too low: those who tell no fee stand in it with what they paid.
#
# ## What does a stream bring?
#
# There is no price of a stream. Stores pay out a share of what they earn, so it depends on the
# store, on the country, and on how much people listened. The picture has a box for each store and
# country, from the lines of three years, with the median in it.

# %%
with mt.plot.style():
    ax = mt.plot.royalty_rates(read["agent"].table)
mt.plot.show(ax, alt="Rates by country: Ebbtide pays most, Sprocket least; one dot is far off.")

# %% [markdown]
# The boxes are narrow, and far apart: what decides is where the listeners are, and in which store.
# "What a stream pays" is then the mix of our listeners, and no rate. The dot far to the right is
# the slip of June 2025.
#
# ## Why less than before?
#
# In each store and country, what we get is *streams*, times the *rate* in dollars, times the price
# of a dollar in euros. `mt.collect.explain_change` divides a change among the three. What each is
# given depends on which one changes first, so it takes the mean of all orders. That is called the
# Shapley value [3], and its parts always sum to the whole.

# %%
direct = euros[euros["payer"].str.endswith("Licensing")]
month = mt.collect.explain_change(direct, "2025-11", "2025-12")
year = mt.collect.explain_change(direct, "2024-12", "2025-12")
pd.DataFrame({"month": month.steps, "year": year.steps}).style.format("{:+,.2f}", na_rep="")

# %% [markdown]
# This is the answer to the last question. Since November we have won streams, and even the rate
# rose a little. But the dollar fell, and took more than both had brought. Nothing is wrong with the
# songs. Over a year it is another story: streams are the largest part by far.

# %%
with mt.plot.style():
    ax = year.plot()
mt.plot.show(ax, alt="From December 2024 to 2025, down: by volume most, then currency, then rate.")

# %% [markdown]
# And which songs earn it? By recording, over all payers and years, in euros:

# %%
names = label.recordings.set_index("isrc")[["title", "artist"]]
sums = names.join(euros.groupby("recording_id")["net"].sum().astype(float), how="inner")
sums.nlargest(5, "net").round(2)

# %% [markdown]
# The first leads without its slip of June, too. Lines without a recording are in no row: albums,
# and what BMI pays for works. (BMI names writers, and no artists.)
#
# ## When files are large
#
# A statement of gigabytes does not fit into memory. With `into=` the same reader writes into
# a database in a file, bit by bit, and gives the same problems and totals. Reading a file again
# replaces what it gave before, so nothing is counted twice. Sums are then a question in SQL.
# (`read_table` has `into=`, too.)

# %%
with duckdb.connect(str(Path(room.name, "royalties.duckdb"))) as database:
    for export in made.values():
        mt.collect.read(export.path, into=database, progress=False)
    stored = database.sql("select currency, sum(net) from royalties group by all").fetchall()
stored

# %% [markdown]
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert [n for n in made if made[n].truth["net"].sum() != read[n].table["net"].sum()] == ["cdbaby"]
assert [*read["cdbaby"].problems["line"], *sorted(odd["kind"].value_counts())] == [200, 1, 1, 1, 2]
assert round(quarter["gross"].sum() + fees.sum(), 9) == round(quarter["net"].sum(), 9)
assert min(month.steps["volume"], month.steps["rate"]) > 0 > sum([*month.steps.values()][1:])
everything = pd.concat([read[name].table for name in made])
assert dict(stored) == everything.groupby("currency")["net"].sum().to_dict()

# %% [markdown]
# ## The answer to the accountant
#
# - *What were we paid?* The last quarter is in the picture from gross to net, in euros, and all of
#   it in the table, with each line that could not be read beside it.
# - *Is it all there, and right?* No: two months are missing, one is paid twice, a rate is ten times
#   too high, and a song is not ours. Each is a letter to a payer.
# - *Why less for December?* The dollar fell. The songs won.
#
# ## What this cannot tell you
#
# - *What the store counted.* A statement says what was paid for, and nobody outside can count the
#   streams again. `reconcile` compares lines with lines; an error that all lines share is in none.
# - *What was kept before.* Fees that a statement does not state are not in it. That they are 0 in
#   the table is no proof.
# - *What you are owed.* That stands in the contract. A rate far off is a question, and a steady
#   rate may be wrong, too.
# - *Why people streamed less or more.* `explain_change` divides a change among streams, rate and
#   currency. It is arithmetic, and knows no cause.
# - *Whose song it is in law.* `resolve` compares names and codes. A code may be given twice, and a
#   match is no title of ownership.
#
# ## The same for your own statements
#
# Put the statements that you have downloaded into a folder, unopened, and write its path between
# the quotes. Where to download them is in the column `where` of `mt.collect.formats()`. Nothing
# leaves your computer. A file of an unknown format stops the cell, and says what to try: the guess
# of its mapping, as above.

# %%
my_folder = ""
if my_folder:
    mine = [mt.collect.read(path) for path in sorted(Path(my_folder).glob("[!.]*.*"))]
    ipd.display(*mine, mt.collect.reconcile(pd.concat([some.table for some in mine])))

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** Over the year, most was lost by volume. By which songs? Explain the year's change
# again, with each recording as one market: `by=["recording_id"]`. Do all songs lose?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
won = mt.collect.explain_change(direct, "2024-12", "2025-12", by=["recording_id"]).to_frame()
ipd.display(names.join(won.set_index("recording_id")["volume"].astype(float)).sort_values("volume"))
assert sum(won["change"]) == sum([*year.steps.values()][1:])

# %% [markdown]
# They do not. Nearly half of it is one song, the acoustic version of *Midnight Ferry*: a year ago
# it was new. Other songs grew.
#
# **Exercise 2.** Bandcamp sells albums, which have no ISRC. Compare the titles of the album lines
# with the catalogue's recordings, and then with its releases (`kind="release"`; the catalogue's
# `release_id`, `release_title` and `upc` say what is out). What goes wrong the first time?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
albums = royalties[~royalties["single"]].drop_duplicates(key[:2]).drop(columns="release")
albums["release_id"] = range(len(albums))
wrong = mt.collect.resolve(albums, label.recordings, id_column=("release_id", "recording_id"))
right = mt.collect.resolve(albums, label.recordings.drop_duplicates("release_id"), kind="release")
assert wrong.matched == right.matched == len(albums)

# %% [markdown]
# Nothing seems to go wrong: all albums match, with the same title and artist. But they match
# *songs*, those that the albums are named after. The title song would get the money of the whole
# album, and the others nothing. As releases they match by their UPC, the code of a release, and how
# an album is shared among its songs is then for the contracts to say.
#
# ## Takeaways
#
# - A script that adds up columns mixes currencies, counts totals twice, and drops what it cannot
#   read. No error tells you.
# - `read` gives exact amounts, each bad line with its number, and totals to compare with the
#   statement's own. For an unknown file look at `guess_mapping`, correct it, and hand it on.
# - Join by ISRC. Where there is none, `resolve` says how sure it is, and a person pins the rest.
# - `reconcile` asks questions: a missing month, a statement twice, a rate far off, a strange song.
#   The payer answers them.
# - A change has parts: streams, rate, currency. Fix the rule of the exchange rate, and take parts
#   that sum up, before you blame the songs.
#
# ## Next
#
# - [Did streaming save the music business?](08-from-cd-to-streaming.ipynb): the same money, for the
#   whole industry.
# - [Which offer should I sign?](10-deals-and-catalogues.ipynb): what becomes of it on its way to
#   the artist.
# - [All notebooks](README.md).
#
# ## References
#
# 1. ISO 3901:2019, *International Standard Recording Code (ISRC)*. <https://isrc.ifpi.org/>
# 2. IFRS Foundation, *IAS 21 The effects of changes in foreign exchange rates*, paragraphs 21 and
#    22. <https://www.ifrs.org/issued-standards/list-of-standards/ias-21-the-effects-of-changes-in-foreign-exchange-rates/>
# 3. L. S. Shapley, A value for n-person games, *Contributions to the Theory of Games* II, 1953.
#    <https://doi.org/10.1515/9781400881970-018>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
