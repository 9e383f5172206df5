"""Statements whose header is not public: mappings from what is known, to be looked at before use.

SESAC, SOCAN, GEMA, SACEM and APRA AMCOS are left out, since the one public list of their columns is
the same few generic words for each; so are Songtrust and Kobalt, on which public sources disagree.
"""

from musictools.collect.imports._fields import (
    code,
    constant,
    count,
    country,
    derived,
    file_stem,
    isrc,
    money,
    number,
    period,
    text,
    told,
)
from musictools.collect.imports._format import Format

_UNVERIFIED = "Unverified: no public evidence shows the whole header. Compare with your file."

_PRS = Format(
    name="prs",
    kind="royalties",
    title="PRS for Music's statement",
    where="Online account > statements",
    evidence=(),
    needs=(("CAE Number", "Work Title", "Amount (performance revenue)"),),
    columns={
        "statement": file_stem(),
        "period": told("period"),
        "payer": constant("PRS for Music"),
        "platform": text("Usage Narrative").optional(),
        "country": constant(None),
        "recording_id": constant(None),
        "work_id": code("ISWC", kind="iswc").optional(),
        "units": number("Number of Perfs").optional(),
        "gross": derived("net"),
        "fees": derived("0"),
        "net": money("Amount (performance revenue)").required(),
        "currency": constant("GBP"),
        "title": text("Work Title"),
        "artist": constant(None),
    },
    verified=False,
    guessed=False,
    notes=(_UNVERIFIED, "The file tells no period: it must be said."),
)

_USAGE = {
    "statement": file_stem(),
    "period": period("Usage Period Start Date", formats=("%Y-%m-%d", "%m/%d/%Y")).required(),
    "payer": constant("The MLC"),
    "platform": text("DSP Name"),
    "country": country("Territory"),
    "units": count("Number of Usages"),
    "gross": derived("net"),
    "fees": derived("0"),
    "net": money("Distributed Amount").required(),
    "currency": constant("USD"),
    "title": text("Work Primary Title"),
    "use": text("Use Type", "Consumer Offering").optional(),
}

_MLC_DETAIL = Format(
    name="mlc",
    kind="royalties",
    title="The MLC's royalty detail, or work summary",
    where="Portal > Statements > Royalty Detail, or Work Summary; "
    "https://help.themlc.com/en/support/solutions/articles/60000697041",
    evidence=(),
    needs=(("Distribution Identifier", "Work Primary Title", "DSP Name", "Distributed Amount"),),
    columns={
        **_USAGE,
        "recording_id": isrc("ISRC"),
        "work_id": derived("coalesce(_iswc, _song_code)"),
        "_iswc": code("ISWC", kind="iswc").optional(),
        "_song_code": text("MLC Song Code").optional(),
        "artist": text("Recording Display Artist Name").optional(),
        "release": text("Product Title").optional(),
        "isrc": derived("recording_id"),
    },
    verified=False,
    guessed=False,
    notes=(_UNVERIFIED, "Names of columns come from one registry of profiles only."),
)

_MLC_SUMMARY = Format(
    name="mlc",
    kind="royalties",
    title="The MLC's work summary",
    where=_MLC_DETAIL.where,
    evidence=(),
    needs=(("Payee Name", "Work Primary Title", "Work Writer List", "Distributed Amount"),),
    columns={
        **_USAGE,
        "recording_id": constant(None),
        "work_id": derived("coalesce(_iswc, _song_code)"),
        "_iswc": code("ISWC", kind="iswc").optional(),
        "_song_code": text("MLC Song Code").optional(),
        "artist": constant(None),
    },
    verified=False,
    guessed=False,
    notes=_MLC_DETAIL.notes,
)

FORMATS = (_PRS, _MLC_DETAIL, _MLC_SUMMARY)
