# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 50
#     description: A label's royalty statements joined, reconciled and explained, to the cent.
#     level: inter
#     requires:
#     - collect
#     title: What were we paid, is it right, and why less than before?
#     track: streaming
# ---

# %% [markdown]
# # What were we paid, is it right, and why less than before?
#
# **Question.** The accountant of a label has a folder of royalty statements, no two alike. She asks:
# "What were we paid? Is it all there, and right? And why did the stores pay us fewer euros for
# December 2025 than for November, although we had more streams?"
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
# *simulated*: layouts and quirks follow what is public about each format; songs, streams and amounts
# are invented. The exchange rates are real, from the European Central Bank. No network is used. At
# the end you may read a folder of your own.

# %% [markdown]
# ## Set up
#
# The toolkit is `mt`; `pd` makes tables, and `duckdb` is a database in a file.

# %%
import re
import tempfile
from pathlib import Path

import duckdb
import IPython.display as ipd
import pandas as pd

import musictools as mt

# %% [markdown]
# Real statements are private, so `mt.datasets.simulate_exports` writes some: from distributors and
# shops, from two societies that collect for songwriters (ASCAP and BMI), and a sales report in the
# standard of the trade (DSR). With each comes the `truth`, which no real file has. No real label has
# so many payers for the same songs: this folder is here to show what their files are like. The
# amounts are those of a very small label.

# %%
payers = "distrokid tunecore cdbaby believe orchard bandcamp soundcloud ascap bmi dsr".split()
room = tempfile.TemporaryDirectory()
made = mt.datasets.simulate_exports(room.name, formats=payers)
files = {name: export.path for name, export in made.items()}

# %% [markdown]
# Files change on their way. We do here, where you can see it, what happens in many offices:
#
# - Somebody opens Believe's statement in a spreadsheet set to German, adds a line with the total,
#   and saves it. Now it has decimal commas.
# - In CD Baby's, the spreadsheet leaves an error in place of an amount.

# %%
text = re.sub(r'"(-?\d+)\.(\d+)"', r'"\1,\2"', files["believe"].read_text("utf-8"))
stated = str(made["believe"].truth["net"].sum()).replace(".", ",")
files["believe"].write_text(text + '"Total"' + ';""' * 19 + f';"{stated}"\n', "utf-8")
lines = files["cdbaby"].read_text("utf-8").split("\n")
lines[199] = re.sub(r"\t[\d.]+\t(?=XX)", "\t#REF!\t", lines[199])
files["cdbaby"].write_text("\n".join(lines), "utf-8");

# %% [markdown]
# ## The tempting answer: a sum in ten lines
#
# Somebody in the office knows a little Python. The script looks for a column that sounds like money,
# takes commas for separators of thousands (as in 1,234), passes over what is no number, counts a
# file that it cannot read as 0, and adds up.

# %%
sounds = "^Earnings|Total Earned|Subtotal|Net Revenue|NET SHARE|^net amount|^Dollars|ROYALTY"
naive = {}
for name, path in files.items():
    try:
        frame = pd.read_csv(path, sep=None, engine="python", thousands=",")
        naive[name] = pd.to_numeric(frame.filter(regex=sounds).iloc[:, 0], errors="coerce").sum()
    except (IndexError, ValueError):
        naive[name] = 0
ipd.Markdown(f"The script says: we were paid **{sum(naive.values()):,.2f}**.")

# %% [markdown]
# Of what? It has added dollars, pounds and euros. Most of the sum must be nonsense, too: this is
# more than the whole world earns. And for which month? CD Baby writes days in the American way, as
# in 12/3/2025. The script takes the day for first, as in Europe:

# %%
dates = pd.read_csv(files["cdbaby"], sep="\t")["Sales Date"]
dates = pd.to_datetime(dates, format="mixed", dayfirst=True)
dates.dt.strftime("%Y-%m").value_counts().sort_index().to_frame("lines").T

# %% [markdown]
# The file holds sales of December, and of nothing else. Every day up to the 12th became a month.
#
# ## The right way: read, with problems and totals
#
# `mt.collect.read` tells the format by what is in the file. Amounts are exact decimals: what the
# statement says, to the last digit. It gives the `table`, its `totals`, and as `problems` each line
# that gave no row. The last column is what the script made of the same file.

# %%
read = {name: mt.collect.read(path) for name, path in files.items()}
totals = pd.concat({name: some.totals for name, some in read.items()}).droplevel(1)
money = ["gross", "fees", "net", "stated_net"]
totals = totals[["currency", "lines", "rows", "problems", *money]].assign(script=naive)
totals.style.format("{:,.2f}", subset=[*money, "script"], na_rep="")

# %% [markdown]
# - *Believe*: each amount had become a whole number of many digits, and the total line was counted
#   on top. `read` finds out how the file writes numbers, and holds the total that it states
#   (`stated_net`) against its own sum. They agree.
# - *Bandcamp* writes another encoding, *SoundCloud* has lines above its header, and *DSR* holds
#   several tables in one file. The script counted all three as 0.
# - *CD Baby*: the script is a few cents short and does not say so. `read` is as short, and does:

# %%
problems = pd.concat([some.problems for some in read.values()])
problems[["file", "line", "why", "text"]]

# %% [markdown]
# File, line and reason: enough to ask the payer. On this line quantity and price still stand beside
# the broken cell, but nothing is guessed: it is left out until somebody puts it right.
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
again = own[own["statement"] == "Ebbtide-2025-03"].assign(statement="Ebbtide-2025-03-b")
own = pd.concat([own, again], ignore_index=True)  # and one is paid twice
slip = own[own["statement"] == "Sprocket-2025-06"]["units"].idxmax()
own.loc[slip, ["gross", "fees", "net"]] *= 10  # a decimal point slips
night = own["recording_id"].eq("R25") & own["period"].ge("2025")
own.loc[night, ["title", "isrc"]] = ["Grid Reference (Night)", None]  # a song without its code
other = own["statement"].eq("Pomelo-2025-09").idxmax()  # and a song that is not ours
own.loc[other, ["title", "artist", "isrc"]] = ["Not Our Song", "Somebody Else", "XXABC2500001"]
ours = "statement period payer platform country title artist isrc units gross fees net".split()
theirs = "Beleg Monat Zahler Dienst Land Titel Interpret ISRC Abrufe Brutto Gebühr Betrag".split()
own[ours].to_csv(agent := Path(room.name, "agent.csv"), sep=";", header=theirs, index=False)

# %% [markdown]
# `read` would refuse this file. `guess_mapping` says which column is probably which of ours, by its
# name and by what stands in it. *Look at it before you use it.*

# %%
guess = mt.collect.guess_mapping(agent)
guess

# %% [markdown]
# PLACEHOLDER

# %%
mapping = dict(guess) | {"statement": "Beleg", "units": "Abrufe"}
told = {"currency": "USD", "use": "Stream"}
read["agent"] = mt.collect.read_table(agent, mapping=mapping, kind="royalties", constants=told)
royalties = pd.concat([some.table for some in read.values()], ignore_index=True)
