# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 40
#     description: What platforms tell about an artist, and who may use it.
#     level: inter
#     requires:
#     - collect
#     title: How many followers did she gain, and can I believe it?
#     track: marketing
# ---

# %% [markdown]
# # How many followers did she gain, and can I believe it?
#
# **Question.** The manager of a label asks: "How many followers did Maren Solvåg gain in June 2025,
# on Deezer and on Instagram? Can I believe the number? And what would it cost to know this for all
# our artists, every day?"
#
# **You will learn**
#
# - why ten lines of code that ask a platform give a wrong number, and no error
# - how to take daily snapshots that survive outages, limits and a computer that was off
# - how to read a series with gaps and corrected numbers
# - how to know the price of a collection before its first request, and what can no longer be had
# - which song is which on two platforms, and who may do what with the data
#
# **Before you start.** [Start here](00-start-here.ipynb). You have seen a table of pandas.
#
# **Time.** 35 minutes with the exercises.
#
# **Data and licence.** The fictional label *Lantern & Tide*, under CC0 1.0, on *simulated*
# platforms that run on your computer: no network is used, and no key is needed. At the end you may
# ask the real ones.

# %% [markdown]
# ## Set up
#
# The toolkit is `mt`; `requests` asks web addresses, `sns` and `plt` draw, `pd` makes tables.

# %%
import os
import warnings

import IPython.display as ipd
import matplotlib.pyplot as plt
import pandas as pd
import requests
import seaborn as sns

import musictools as mt

# %% [markdown]
# Programs do not read the pages that people see. They ask an *API*: an address that answers with
# data, in a text form called JSON. `mt.datasets.simulate_platform` starts a small server on your
# computer that answers as Deezer, Spotify and Instagram do, according to their documents, on any
# day that we like. `trouble` is the share of requests that fail once, as happens in real life.

# %%
platform = mt.datasets.simulate_platform(day="2025-06-01", trouble=0.1, rng=702)
address = platform.base_url("Deezer")
requests.get(f"{address}/artist/1001", timeout=10).json()

# %% [markdown]
# `nb_fan` is what we want: fans, as Deezer calls followers. It is the number of *today*. Deezer
# tells no past. Who wants to know about June must ask on every day of June.
#
# ## The tempting answer: ten lines of code
#
# So we ask every day, and take the first number from the last one. `platform.days` lets the days
# pass quickly. For June we also need the first of July: a snapshot counts all that came *before*.
# A script that stops in the night helps nobody, so whatever goes wrong counts as 0.

# %%
first, last = "2025-06-01", "2025-07-01"


def fans():
    try:
        return requests.get(f"{address}/artist/1001", timeout=10).json()["nb_fan"]
    except (KeyError, ValueError):
        return 0


naive = [fans() for day in platform.days(first, last)]
ipd.Markdown(f"The script says: she gained **{naive[-1] - naive[0]:,}** fans.")

# %% [markdown]
# She lost all her fans, and no error was shown. The server remembers what was asked. What did it
# answer?

# %%
platform.requests.groupby("status")["path"].count().to_frame("answers")

# %% [markdown]
# - 200 is a good answer.
# - 503 is an outage: the server is there, and cannot answer now.
# - 429 is "too many requests" [1]. With it comes how long to wait, in a line `Retry-After` [2].
# - 0 is how our server notes an answer that broke off in the middle.
#
# One of them fell on the last day. It could as well have fallen on no day that matters, and the
# manager would have believed the script until the month when it counts.
#
# ## The second trap: the first page
#
# "And how many songs have we got on Deezer?" That is a search, and Deezer can search by label.

# %%
wanted = {"q": 'label:"Lantern & Tide"'}
page = requests.get(f"{address}/search", params=wanted, timeout=10).json()
deezer = mt.collect.Deezer(base_url=address)
tracks = deezer.search(wanted["q"]).to_frame()
counts = len(page["data"]), page["total"], len(tracks), tracks["isrc"].nunique()
pd.DataFrame([counts], columns=["first page", "total", "all pages", "recordings"])

# %% [markdown]
# Platforms answer in *pages*: Deezer gives 25 songs unless you ask for more, and the address of the
# next page. The script has read one page, and again it did not fail.
#
# `mt.collect.Deezer` reads to the end. What its methods give is `Rows`: nothing is sent before you
# take the first row, and `to_frame` takes all. But the last two numbers differ, too: the label has
# fewer recordings than there are tracks. We come back to that below.
#
# `base_url=` names our simulated server. Leave it out, and you ask the real Deezer.
#
# ## The right way: a store, and a snapshot each day
#
# A *store* is one file, which a daily job and your notebooks share. `collect` asks, waits where the
# platform wants us to wait, asks again after an outage, and keeps the answers. (`":memory:"` is a
# store for trying out, without a file.) Instagram answers only to those who have a *token*, a long
# password for programs, and an account of their own.

# %%
store = mt.collect.Store(":memory:")
tokens = {"token": platform.token, "account_id": 1}
instagram = mt.collect.Instagram(base_url=platform.base_url("Instagram"), **tokens)
maren = deezer.search("Maren Solvåg", kind="artist").one()

# %% [markdown]
# Two things happen in June. From the 11th to the 13th nobody collects: the computer is off. And on
# the 24th, after our snapshot, Instagram throws out fake accounts, one of a hundred. We ask once
# more that evening. `run=` names the snapshot: the same question is asked once in each run.

# %%
for day in platform.days(first, last):
    if day.day not in {11, 12, 13}:
        for rows in (deezer.metrics(maren.artist_id), instagram.metrics("marensolvag")):
            store.collect(rows, run=str(day), progress=False)
    if day.day == 24:
        platform.purged = 0.01
        store.collect(instagram.metrics("marensolvag"), run=f"{day} evening", progress=False)
series = store.series("followers")
series[series["gap"] | series["restated"]]

# %% [markdown]
# `series` is a long table: what (`unique_id`), when (`ds`), how many (`y`). Shown are the rows that
# you should know about. In a `gap` nobody looked, and `y` is missing: it is not 0, and not a guess.
# `restated` says that the platform changed a number that we had. The outages have left no trace.
#
# In the picture the gap is grey, and the corrected number is a large point.

# %%
with mt.plot.style():
    figure, axes = plt.subplots(2, figsize=(8, 5), sharex=True)
    for ax, (name, some) in zip(axes, series.groupby("unique_id"), strict=True):
        pieces = {"units": some["gap"].cumsum(), "estimator": None}
        sns.lineplot(some, x="ds", y="y", marker="o", ax=ax, **pieces)
        ax.plot("ds", "y", "o", data=some[some["restated"]], markersize=10)
        ax.axvspan("2025-06-10", "2025-06-14", color="0.9")
        ax.set(xlabel="Day (2025)", ylabel=f"{name.partition('/')[0]} (followers)")
mt.plot.show(ax, alt="Followers rise all June; Instagram falls on the 24th, then rises again.")

# %% [markdown]
# On Deezer the line rises, and the gap does not matter: the first and the last number were seen.
# On Instagram last minus first hides something. Both numbers of the 24th are in the store, since it
# never forgets an observation.

# %%
ends = series.groupby("unique_id")["y"].agg(["first", "last"])
ends["net"] = ends["last"] - ends["first"]
both = store.frame("observations", where="platform = 'Instagram' AND metric = 'followers'")
both = both[both["observed_at"] == "2025-06-24"]["value"]
ends["thrown_out"] = [0, both.iloc[0] - both.iloc[-1]]
ends["came"] = ends["net"] + ends["thrown_out"]
world = mt.datasets.load_label().observations.query("entity_id == 'A01' & metric == 'followers'")
world = world.set_index(["platform", "observed_at"])["value"]
ends["true"] = [world[name, last] - world[name, first] for name in ("Sprocket", "instagram")]
ends

# %% [markdown]
# This is the answer. On Deezer there is nothing to correct. On Instagram `net` is what the page
# shows, and `came` is what the work of June should be measured by. A report of the two ends
# only would have shown a third too little, and blamed the campaign. `true` is how many came in the
# simulated world, where Deezer's part is played by a service called Sprocket. The few that are
# missing were fakes of the last week, which Instagram never showed. (In real life you have no such
# column.)
#
# Can the manager believe it? Up to the parts that are named: the gap, the correction, and the fakes
# that nobody saw. When in doubt, look at the *raw* answers. Every one is kept, and no key is in it.

# %%
store.frame("raw").groupby(["platform", "method", "status"])["body"].agg(["size", "last"])

# %% [markdown]
# ## Stop, and go on
#
# Now all artists of the label. A *budget* is the most that we want to spend in a day, by requests,
# by a platform's own units, or in US dollars. Here it is too small, on purpose.

# %%
artists = range(1001, 1013)
careful = mt.collect.Deezer(base_url=address, store=store, budget={"requests": 5})
try:
    for artist in artists:
        store.collect(careful.metrics(artist), run="all artists", progress=False)
except mt.errors.RateLimited as limit:
    print(limit)

# %% [markdown]
# The error says what is used up and when to come again; `retry_at` has it as a time, for a program.
# You get the same error, at once, when a platform wants us to wait for long: some ask for a whole
# day, and a script that sleeps so long looks like one that hangs.
#
# The next day, or with more money, run *the same loop* again. What is there is not asked again.

# %%
again = [store.collect(deezer.metrics(a), run="all artists", progress=False) for a in artists]
pd.DataFrame(again)["cached"].value_counts().to_frame("artists")

# %% [markdown]
# The same holds if the power fails in the middle of a list of many pages: each page is stored whole
# or not at all, and the next start goes on behind the last one.
#
# ## What will it cost?
#
# `plan` says it before the first request, and without a key. For one snapshot of all artists:

# %%
for source in (mt.collect.Deezer(), mt.collect.Instagram(), mt.collect.YouTube(), mt.collect.X()):
    plan = source.plan(metrics=len(artists))
    print(f"{plan}; in a year {365 * plan.usd:.2f}")

# %% [markdown]
# The manager's last question is answered: on three of these four, nothing but a small job each
# morning. X sells its numbers by the piece.
#
# ## What can no longer be asked
#
# Many tutorials ask Spotify how popular a song is, or how danceable. Spotify has closed both
# [3] [4]. Old programs then get an error 403, or nothing at all, and go on with empty columns.

# %%
keys = {"client_id": platform.client_id, "client_secret": platform.client_secret}
places = {"base_url": platform.base_url("Spotify"), "token_url": platform.token_url}
spotify = mt.collect.Spotify(**places, **keys)
for question in (spotify.popularity, spotify.audio_features):
    try:
        question("a track")
    except mt.errors.RemovedByPlatform as gone:
        print(gone.removed_on, gone.hint, sep=": ")

# %% [markdown]
# You are told the day, and what answers the question today. What is *in* a recording you can
# measure yourself, with `mt.audio.extract`. The grid shows who answers what: `yes` needs no key,
# `key` needs one.

# %%
mt.collect.capabilities().iloc[:, :8]

# %% [markdown]
# ## Which song is which?
#
# Names do not tell: they are written in many ways, and many songs share one. A recording has a
# number, its *ISRC* [5], which it keeps on all platforms and in all releases. We take Maren's
# tracks on Deezer, and ask Spotify for each ISRC.

# %%
here = deezer.tracks(maren.artist_id).to_frame()
there = pd.concat([spotify.track(isrc=isrc).to_frame() for isrc in here["isrc"].unique()])
found = pd.concat([here, there])
found.pivot_table("release", ["isrc", "title"], "platform", aggfunc=" + ".join)

# %% [markdown]
# Five tracks on each platform, and four recordings: *Second Summer* stands on the album and on its
# deluxe edition, as two tracks. That is why the label has fewer recordings than tracks. Count
# tracks, and you count it twice; look at the streams of one track only, and you lose the other's.
#
# (Spotify's terms do not allow to build a database of its content. Look up what you need, and keep
# your own list of ISRCs.)
#
# ## Who may do what?
#
# What a platform says is not yours because you could download it. Each source has *terms*, and they
# travel with the rows. `policy` reads them to you. `None` means that the terms do not say, or that
# we could not read them; `verified` tells. It is a help, and no legal advice.

# %%
names = ["Deezer", "Instagram", "Spotify", "YouTube", "TikTok", "MusicBrainz", "Wikipedia"]
terms = pd.DataFrame([vars(mt.collect.policy(name)) for name in names]).set_index("name")
terms[["storable", "ttl_days", "machine_learning", "aggregation", "redistribution", "verified"]]

# %% [markdown]
# `ttl_days` is after how many days a number must be deleted, or asked for again (`NaN`: no limit);
# `store.purge()` does it. And before a model is trained, `check_use` looks at where its table comes
# from: it warns where nobody knows, and refuses where it is forbidden.

# %%
with warnings.catch_warnings(record=True) as told:
    mt.collect.check_use(series, "machine learning")
print(*[warning.message for warning in told], sep="\n")
try:
    mt.collect.check_use(there, "machine learning")
except mt.errors.PolicyError as refusal:
    print(refusal)

# %% [markdown]
# If you have leave of the platform, `overrule=["Spotify"]` says so, in your code, where others can
# see it.
#
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert naive[-1] == 0 < counts[0] < counts[1] == counts[2] > counts[3]
assert (ends["came"] / ends["true"]).between(0.99, 1).all()
assert 0.6 < ends["net"].iloc[1] / ends["true"].iloc[1] < 0.7
assert len(here) == len(there) == 5 > here["isrc"].nunique() == 4

# %% [markdown]
# ## What this cannot tell you
#
# - *How many people came.* The numbers are what platforms *show*. Some repeat a number for a day,
#   some round, and fakes may be among those who came, too. Nobody outside can tell.
# - *How many there are in all.* Followers of two platforms must not be added: the same people
#   follow on both.
# - *Why they came.* A rise after a campaign is no effect of it;
#   [Did the campaign work?](12-did-the-campaign-work.ipynb) asks that question.
# - *What happened in a gap.* The days that nobody saw are gone, and no later question brings them
#   back.
# - *What real platforms will do tomorrow.* Ours follow documents, and documents change. Terms do,
#   too: the column `verified` says which of them could be read.
#
# ## The same for your own artists
#
# Write a name, a link or an identifier between the quotes, for example `my_artist = "Daft Punk"`.
# `mt.collect.artist` finds out who is meant, asks the sources that need no key (MusicBrainz,
# Deezer, iTunes, ListenBrainz and Wikipedia), and gives tables and what it cost. Where several
# artists have the name, it shows them and chooses none. With the empty quotes nothing is asked.
#
# For Spotify you need keys of your own. **Never write a key into a notebook**: you will share it
# one day. Put it into the environment before you start JupyterLab (`MUSICTOOLS_SPOTIFY_CLIENT_ID`
# and `MUSICTOOLS_SPOTIFY_CLIENT_SECRET`), or into the keyring of your system (service `musictools`,
# names `spotify.client_id` and `spotify.client_secret`). It is read from there, and kept out of
# errors, logs and the store.

# %%
my_artist = ""
if my_artist:
    ipd.display(mt.collect.artist(my_artist))
    if "MUSICTOOLS_SPOTIFY_CLIENT_ID" in os.environ:
        ipd.display(mt.collect.Spotify().search(my_artist, kind="artist", limit=5).to_frame())

# %% [markdown]
# Snapshots do not take themselves. Write what you want to watch into a file `watch.toml`:
#
# ```toml
# [store]
# path = "collected.sqlite"      # beside this file
#
# [[watch]]
# platform = "Deezer"
# method = "metrics"
# ids = ["27", "13"]             # identifiers of artists, from the links to their pages
#
# [[watch]]
# platform = "Instagram"         # with MUSICTOOLS_INSTAGRAM_TOKEN and ..._ACCOUNT_ID set
# method = "metrics"
# ids = ["bluebottle"]
# ```
#
# `musictools collect watch.toml --dry-run` shows the plan, and without `--dry-run` it takes the
# snapshot. Let your system run that each morning (cron: `15 6 * * * musictools collect
# watch.toml`). A second run on the same day asks only for what is missing. In a notebook,
# `mt.collect.watch("watch.toml")` does the same, and `mt.collect.Store("collected.sqlite")` opens
# what was collected, even while the job runs.
#
# ## Exercises
#
# **Exercise 1.** On which day did Maren gain the most fans on Deezer, compared to the number before
# it? Was it a good day?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
seen = series[series["unique_id"] == "Deezer/artist:1001"].dropna(subset="y").set_index("ds")["y"]
gains = pd.DataFrame({"gain": seen.diff(), "days": seen.index.diff().days})
ipd.display(gains.assign(a_day=gains["gain"] / gains["days"]).nlargest(4, "gain"))
assert gains["days"][gains["gain"].idxmax()] == 4

# %% [markdown]
# The 14th has the largest gain, because it holds four days: the gap. By the day it is an ordinary
# one. Look at the 3rd and the 24th, too: no gain at all, since the platform repeated its number,
# and then more than usual. No flag can tell that from a quiet day. So look at weeks:
# `store.series("followers", freq="W")`.
#
# **Exercise 2.** You need 10,000 tracks. Plan it on Deezer, by lists, and on Spotify, one by one,
# with a budget of 800 requests a day. Why do they differ so much?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
quick = mt.collect.Deezer().plan(tracks=10_000)
slow = mt.collect.Spotify(budget={"requests": 800}).plan(track=10_000)
print(quick, slow, sep="\n")
assert slow.calls / quick.calls == 100 > slow.days > 10 * quick.days

# %% [markdown]
# Deezer gives 100 tracks in a page. Spotify has closed its batches to most apps [3]: one request
# for each track. (How many requests it allows in a day it does not say; 800 is a cautious guess.)
#
# **Exercise 3.** You want to train a model that forecasts how artists grow. The data of which
# platforms may you use for that without asking? Which must you not use?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
sources = mt.collect.capabilities().index
may = pd.Series({name: str(mt.collect.policy(name).machine_learning) for name in sources})
ipd.display(may.groupby(may).agg(lambda some: list(some.index)).to_dict())
assert may["MusicBrainz"] == may["Wikipedia"] == "True" != may["Spotify"]

# %% [markdown]
# Three may be used, one must not, and for all others nobody has told us: read the terms that
# `policy` names, or ask. The numbers of your *own* accounts are a way out of most of it.
#
# ## Takeaways
#
# - An answer that is missing is not 0, and a page is not a list. Look at what was answered before
#   you subtract.
# - Ask each day, into a store, with a name for the run. Then any loop may stop and start again.
# - A gap says that nobody looked, and a restated number that the platform changed its mind. Both
#   belong into the report. The net gain is not the number of people who came.
# - Plan first, and set a budget. What a platform has removed is no reason to fail: something else
#   answers.
# - Join by ISRC and never by name; and ask who may do what before you build on it.
#
# ## Next
#
# - [Who gets the money I pay for music?](06-your-own-listening.ipynb): what a listener can
#   download.
# - [Did the campaign work?](12-did-the-campaign-work.ipynb): what to make of the series.
# - [All notebooks](README.md).
#
# ## References
#
# 1. M. Nottingham, R. Fielding, *Additional HTTP status codes*, RFC 6585, 2012.
#    <https://doi.org/10.17487/RFC6585>
# 2. R. Fielding, M. Nottingham, J. Reschke, *HTTP semantics*, RFC 9110, section 10.2.3, 2022.
#    <https://doi.org/10.17487/RFC9110>
# 3. Spotify, *Web API changes of February 2026*.
#    <https://developer.spotify.com/documentation/web-api/references/changes/february-2026>
# 4. Spotify, *Introducing some changes to our Web API*, 2024.
#    <https://developer.spotify.com/blog/2024-11-27-changes-to-the-web-api>
# 5. ISO 3901:2019, *International Standard Recording Code (ISRC)*. <https://isrc.ifpi.org/>
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
