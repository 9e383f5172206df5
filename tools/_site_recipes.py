"""Recipes that are tables: which file holds a number, and which platform answers a question."""

from typing import Any

import _site_words as words

_KINDS = {
    "plays": "What you have listened to",
    "observations": "Numbers of an artist, from dashboards",
    "royalties": "What was paid",
    "works": "Works and who wrote them",
    "airplay": "Radio",
    "spend": "What advertising cost",
}
_FILES = """\
You want your own numbers, and ask where to download them. ``mt.collect.read`` opens all of these
files, archives and folders included, and tells by their content what they are. Name the reader
where two look alike, or where you want an error for anything else.

.. code-block:: python

   import musictools as mt

   found = mt.collect.read("my-statement.tsv")  # or mt.collect.read_distrokid("my-statement.tsv")
   found

Where no reader is named, no public file shows the header: hand the file to
``mt.collect.read_table`` with a mapping that you have looked at (``mt.collect.guess_mapping``).

"""
_PLATFORMS = """\
You want numbers of somebody else's, and ask which platform gives them. Each question is a method
of the same name. *Freely* needs no key; a key goes into ``token=`` or into an environment variable
such as ``MUSICTOOLS_DISCOGS_TOKEN``. Before the first request, look at what it will cost:

.. code-block:: python

   import musictools as mt

   mt.collect.Deezer().plan(tracks=10_000)

*May be kept* is what the platform's terms say about storing; the terms themselves are in
``mt.collect.policy("Deezer")``, with the day they were read.

"""


def which_file() -> str:
    """Write the page that leads from a download to its reader."""
    import musictools as mt

    formats = mt.collect.formats()
    text = words.heading("Which file has my numbers, and which reader?") + _FILES
    for kind, part in formats.groupby("kind", sort=False):
        text += words.heading(_KINDS[str(kind)], mark="-")
        rows = [
            [words.plain(one.title), _name(one.reader), words.plain(one.where)]
            for one in part.itertuples()
        ]
        text += words.table(["File", "Reader", "Where to get it"], rows)
    return text


def which_platform() -> str:
    """Write the page that leads from a question to the platforms that answer it."""
    import musictools as mt

    asked = mt.collect.capabilities()
    rows = []
    for platform in sorted(asked.index, key=str.lower):
        states = asked.loc[platform]
        free, keyed = (", ".join(states.index[states == state]) for state in ("yes", "key"))
        rows.append([_name(platform), free, keyed, _kept(mt.collect.policy(platform))])
    text = words.heading("Which platform answers my question?") + _PLATFORMS
    return text + words.table(["Platform", "Freely", "With a key", "May be kept"], rows)


def _name(name: str) -> str:
    return f"``mt.collect.{name}``" if name else ""


def _kept(policy: Any) -> str:
    if policy.ttl_days is not None:
        return f"{policy.ttl_days:g} days"
    return {True: "yes", False: "no", None: "not said"}[policy.storable]
