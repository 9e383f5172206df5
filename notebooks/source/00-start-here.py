# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   musictools:
#     budget_s: 60
#     description: From eight songs to a table, a picture and an honest answer.
#     level: intro
#     requires:
#     - audio
#     title: 'Start here: which of our songs is the loudest?'
#     track: production
# ---

# %% [markdown]
# # Start here: which of our songs is the loudest?
#
# **Question.** It is Monday at the record label *Lantern & Tide*. The label manager has a producer
# on the phone who wants to master everything louder. She asks: "Which of our songs is the loudest?
# And do our loud songs do better?"
#
# **You will learn**
#
# - how to turn audio files into a table with one line
# - why the peak of a file does not say how loud it sounds
# - how to look at one measure against another, song by song
# - how to say honestly that eight songs are not enough
#
# **Before you start.** Nothing. If you have never used a notebook: click on a grey cell and press
# <kbd>Shift</kbd>+<kbd>Enter</kbd> to run it, from top to bottom.
#
# **Time.** 10 minutes of reading. The first run takes up to a minute, because the songs are being
# synthesised on your computer; later runs are quick.
#
# **Data and licence.** *Lantern & Tide* is invented. Its artists, songs and listeners are
# generated, so nobody's rights or privacy are touched. Everything is under CC0 1.0: do with it what
# you like.

# %% [markdown]
# ## Set up
#
# One cell brings in all we need. `mt` is the toolkit, `plt` draws, `np` calculates, `pd`
# makes tables. (All notebooks compute with the toolkit's own engine. Optional packages, such as
# essentia, are not needed, and change no number here.)

# %%
import IPython.display as ipd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import musictools as mt

# %% [markdown]
# Later we will draw songs at random. A *seed* starts the random numbers at a fixed place, so that
# you see the same results as everybody else.

# %%
rng = np.random.default_rng(2026)

# %% [markdown]
# ## Meet the label
#
# All notebooks work for this label. It has artists, recordings, listeners and money, and you will
# meet some of the people behind the songs again: Maren Solvåg, whose *Midnight Ferry* is the
# label's pride, or the rock band The Copper Hours. Here we need only songs and how often they were
# played.

# %%
label = mt.datasets.load_label()
label

# %% [markdown]
# We take eight songs of different styles. `render` lets the built-in studio play them, and writes
# the files to a cache folder. (`label.render()` without a list renders all of them.)

# %%
titles = ["Midnight Ferry", "Midnight Ferry (Acoustic)", "Slow Burn Avenue", "Leise, leise"]
titles += ["Was du nicht sagst", "Sobremesa", "Crème solaire", "Rust & Honey"]
chosen = label.recordings[label.recordings["title"].isin(titles)]
songs = label.render(chosen["recording_id"])
songs[["recording_id", "title", "artist", "style", "released_at"]]

# %% [markdown]
# ## From files to a table
#
# `mt.audio.extract` opens each file and measures it. One row is one recording, and one column is
# one *descriptor*: a number that describes the sound. With `out=` the table is also kept on disk,
# so the next run has nothing left to do.

# %%
features = mt.audio.extract(songs["path"], out=label.folder / "start-here.parquet")
# Both tables name a recording in their own way; the path is what they share.
measured = features.drop(columns=["recording_id", "duration_s"])
table = songs.merge(measured, on="path")
failed = int(features["error"].notna().sum())
count = len(mt.audio.descriptors())
ipd.Markdown(f"**{len(table)} songs**, {count} descriptors each, {failed} files with an error.")

# %% [markdown]
# A file that cannot be read would not stop the run. It would have its error in the column `error`,
# and no numbers.
#
# ## The tempting answer: look at the peak
#
# Many programs show the *peak*: the largest sample of the file. Its unit is dBFS, decibels relative
# to full scale. 0 dBFS is the largest value that a usual file can hold, so the numbers are
# negative. Higher peak, louder song. Right?

# %%
by_peak = table.sort_values("sample_peak_dbfs", ascending=False)
by_peak[["title", "style", "sample_peak_dbfs"]].round(1)

# %% [markdown]
# So the first row wins.

# %%
winner = by_peak.iloc[0]
ipd.Markdown(
    f"The peak says: the loudest song is *{winner['title']}*, in the style {winner['style']}."
)

# %% [markdown]
# Do you believe it? Look at the numbers again: most songs have nearly the same peak. That is no
# accident. In mastering, a *limiter* holds the highest samples just below full scale, in a lullaby
# and in a rock song. In this way records became louder over many years, while their peaks stayed
# where they were [3]. What stands out above the others is often a fault, such as a click, or a wave
# that is not centred on zero.
#
# And a peak is one single sample, far less than a thousandth of a second. Our ears do not judge
# loudness by one sample. They judge the energy over time, and they hear the middle of the spectrum
# better than deep bass.
#
# ## The right answer: look at the loudness
#
# That is what *LUFS* measures (loudness units relative to full scale). It filters the sound a
# little like the ear does, takes the energy over time, and leaves out the silence [1]. One LU, one
# loudness unit, is a step of 1 dB [1]. Closer to zero is louder.

# %%
by_loudness = table.sort_values("integrated_lufs", ascending=False)
by_loudness[["title", "style", "integrated_lufs", "sample_peak_dbfs"]].round(1)

# %% [markdown]
# And where does the winner by peak stand now?

# %%
order = by_loudness["title"].tolist()
place = order.index(winner["title"]) + 1
ipd.Markdown(f"LUFS says: *{order[0]}*. The winner by peak is number **{place}** of {len(order)}.")

# %% [markdown]
# A different song wins. The picture shows both measures at once. Songs that stand in one column
# have the same peak, and still their loudness differs a lot. Look for *Midnight Ferry*: the pop
# version and the acoustic version have one peak and two loudnesses.

# %%
with mt.plot.style():
    figure, ax = plt.subplots(figsize=(8, 4.2))
    mt.plot.features(table, x="sample_peak_dbfs", y="integrated_lufs", text="title", ax=ax)
    ax.set_title("The same peak, and a different loudness")
mt.plot.show(
    ax,
    alt="Eight songs by peak and by loudness. Six stand in a narrow column, from the acoustic song "
    "at the bottom to rock at the top. Jazz is alone at the lower left, a ballad to the right.",
)

# %% [markdown]
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
ferry = table[table["title"].str.startswith("Midnight Ferry")]
assert len(table) == 8
assert order[0] == "Rust & Honey"
assert place > 1
assert table["sample_peak_dbfs"].between(-1.2, -1).sum() == 6
assert np.ptp(ferry["sample_peak_dbfs"]) < 0.1
assert np.ptp(ferry["integrated_lufs"]) > 3

# %% [markdown]
# ## Does loud mean better?
#
# "Better" is a big word. The label means plays. Counting all plays would be unfair, because older
# songs have had more time. So we count the plays in the first 60 days of each song.

# %%
daily = label.series.assign(recording_id=lambda t: t["unique_id"].str.split("/").str[0])
daily = daily.merge(songs[["recording_id", "released_at"]], on="recording_id")
early = daily[(daily["ds"] - daily["released_at"]).dt.days < 60]
plays = early.groupby("recording_id")["y"].sum()
table["plays_in_60_days"] = table["recording_id"].map(plays)
table[["title", "integrated_lufs", "plays_in_60_days"]].round(1)

# %% [markdown]
# And the picture: loudness across, plays up.

# %%
with mt.plot.style():
    figure, ax = plt.subplots(figsize=(8, 4.2))
    mt.plot.features(table, x="integrated_lufs", y="plays_in_60_days", text="title", ax=ax)
    ax.set_title("Loudness and early plays")
    ax.set_ylim(bottom=0)
mt.plot.show(
    ax,
    alt="Early plays against loudness, eight songs. Six points climb from lower left to right, "
    "close to a line. Two stand far above it: Midnight Ferry, loud, and its acoustic version.",
)

# %% [markdown]
# Six of the points climb nearly in a line. Two stand far above it: the loud and the soft version of
# *Midnight Ferry*. They have the same artist, and of all artists in the picture she has the most
# listeners. So the artist may matter more than the level. Could we leave these two out, and believe
# the line? No: whoever may drop two points *after* looking will often find a line. All eight count.
#
# Let us not trust the eye. The *rank correlation* is 1 if the louder song always has more plays, -1
# if it always has fewer, and 0 if there is no such order.
#
# But eight other songs would give another number. The *bootstrap* shows how far it might move: draw
# eight songs out of the eight, with repeats, and compute again, a thousand times. The range that
# holds 90 of 100 results is a rough interval.

# %%
pairs = table[["integrated_lufs", "plays_in_60_days"]].rank()
value = pairs.corr().iloc[0, 1]
draws = [pairs.sample(frac=1, replace=True, random_state=rng).rank() for _ in range(1000)]
low, high = np.nanquantile([draw.corr().iloc[0, 1] for draw in draws], [0.05, 0.95])
ipd.Markdown(f"Rank correlation **{value:+.2f}**, 90 % interval from {low:+.2f} to {high:+.2f}.")

# %% [markdown]
# *The next cell checks what the text says; in JupyterLab it is folded.*

# %% jupyter={"source_hidden": true} tags=["check"]
assert (plays > 0).all()
assert low < 0 < high
is_ferry = table["title"].str.startswith("Midnight Ferry")
assert table[is_ferry]["plays_in_60_days"].min() > table[~is_ferry]["plays_in_60_days"].max()
assert pairs[~is_ferry].corr(method="spearman").iloc[0, 1] > 0.9
listeners = label.plays.groupby("artist_id", observed=True)["user_id"].nunique()
assert (table[is_ferry]["artist_id"] == listeners[table["artist_id"]].idxmax()).all()

# %% [markdown]
# The interval reaches from clearly below zero to clearly above. So the honest answer to the manager
# is: *Rust & Honey* is the loudest; whether loud songs do better, **these songs do not tell.** That
# is no reason to master anything again.
#
# In this world we can look behind the curtain. The plays were generated from the artist, the
# release, the season and the promotion; the loudness is not in the recipe. A link that you see here
# comes from chance, or from a third thing. The artist is such a third thing, a *confounder*: one
# artist's fans lift all her songs, and her producer may master them louder or softer than others.
# In real life nobody can look behind the curtain, and the same traps are there.
#
# ## What this cannot tell you
#
# - Whether a *listener* hears one song louder than another. Services that normalise turn loud songs
#   down before they play them; exercise 1 shows how far.
# - Whether a song is good. Loudness is a choice in mastering, and not a grade.
# - What would happen to a song if you made it louder. For that you need an experiment, not a table.
#
# ## The same on your own music
#
# Write the folder of your music between the quotation marks and run the cell; the name may look
# like `my_folder = "Music/album"`. As long as it says `None`, the cell does nothing.

# %%
my_folder = None

if my_folder is None:
    result = ipd.Markdown("*No folder yet. Nothing was measured.*")
else:
    mine = mt.audio.extract(my_folder)
    mine = mine.sort_values("integrated_lufs", ascending=False)
    result = mine[["path", "integrated_lufs", "sample_peak_dbfs", "tempo_bpm", "key", "error"]]
result

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** Spotify turns songs to -14 LUFS before it plays them [2]. By how many decibels is
# each of our songs turned up or down? Which one loses the most? (Ignore that a service may turn
# quiet songs up by less, to leave room for their peaks.)

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
gain = table.set_index("title")["integrated_lufs"].rsub(-14).rename("gain_db")
ipd.display(gain.sort_values().round(1).to_frame())
assert gain.idxmin() == order[0], "the loudest song is turned down the most"
assert np.allclose(table["integrated_lufs"].to_numpy() + gain.to_numpy(), -14)

# %% [markdown]
# The loudest master loses the most, and afterwards all are equally loud. The work that went into
# being loud is gone.
#
# **Exercise 2.** One of our songs has more than 20,000 plays that nobody heard. Which one? Count
# how often each account played each song (`label.plays` has a `recording_id` and a `user_id`), and
# look at the largest counts. What do these plays do to the rank correlation, if we count *all*
# plays?

# %% tags=["your-turn"]
# Your code here.

# %% [markdown]
# *A solution is folded below. Click on the bar to open it.*

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution"]
counts = label.plays.groupby(["recording_id", "user_id"], observed=True).size()
bots = counts[counts > 1000].reset_index(name="plays")
played = counts.groupby("recording_id").sum()
clean = played.sub(bots.groupby("recording_id")["plays"].sum(), fill_value=0)
both = pd.DataFrame({"all plays": played, "without bots": clean}).loc[table["recording_id"]]
loudness = table.set_index("recording_id")["integrated_lufs"]
ipd.display(bots, both.corrwith(loudness, method="spearman").round(2).to_frame("correlation"))
assert bots["recording_id"].unique().tolist() == ["R15"], "Sobremesa"
assert bots["plays"].sum() > 20_000
assert set(bots["user_id"]) == set(label.truth["fraud"]["user_id"]), "as the label's truth says"
assert both.corrwith(loudness, method="spearman").diff().iloc[1] > 0.1

# %% [markdown]
# A few accounts played *Sobremesa* more than a thousand times each. No fan does that; they
# are *bots*, programs that pretend to listen. They lift the softest song of the eight, and most of
# the order between loudness and plays is gone. So look at who is behind a number before you use it.

# %% [markdown]
# ## Takeaways
#
# - `mt.audio.extract(folder)` turns files into a table: one row per recording, one column per
#   descriptor.
# - The peak is one sample. LUFS follows what we hear; use it when you ask how loud a song is.
# - A picture of one measure against another shows at once where they disagree.
# - A number from eight songs needs an interval, and here the interval says: we do not know.
#
# ## Next
#
# - [What can we write on a song's data sheet?](01-what-a-recording-measures.ipynb): listen to one
#   song, and see its level, pitch and rhythm in numbers.
# - If you came for listeners or money, go on with
#   [How many followers did she gain?](05-collecting-streaming-and-social-data.ipynb) or
#   [Who gets the money I pay for music?](06-your-own-listening.ipynb).
# - [All notebooks](README.md).
#
# ## References
#
# 1. ITU-R BS.1770-5, *Algorithms to measure audio programme loudness and true-peak audio level*,
#    2023. <https://www.itu.int/rec/R-REC-BS.1770>
# 2. Spotify, *Loudness normalization*.
#    <https://support.spotify.com/us/artists/article/loudness-normalization>
# 3. E. Deruty, D. Tardieu, About dynamic processing in mainstream music, *J. Audio Eng. Soc.*
#    62(1/2), 2014. <https://doi.org/10.17743/jaes.2014.0001>. How loud records have become, and
#    what it did to them.
#
# The last cell lists the versions, so that others can repeat what you did.

# %%
mt.show_versions()
