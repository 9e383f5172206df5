"""BMI: performances, one line for each participant of a work."""

from musictools.collect.imports._fields import (
    constant,
    country,
    derived,
    file_stem,
    money,
    number,
    period,
    text,
)
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._reader import reader

_FORMAT = Format(
    name="bmi",
    kind="royalties",
    title="BMI's royalty statement",
    where="Online Services > statements > CSV",
    # Two parsers list its columns; the index of public repositories holds them without the names of
    # their repositories.
    evidence=(
        Evidence(
            "the head comment of a parser of BMI's CSV (27 columns) and a registry of statement "
            "profiles (26 of them), files 41655519781, 61502095549 and 61761812700 of the index of "
            "public repositories that was searched; it does not name theirs",
            "2026-11-26",
        ),
    ),
    needs=(("PERIOD", "PARTICIPANT NAME", "TITLE NAME", "PERF SOURCE", "ROYALTY AMOUNT"),),
    columns={
        "statement": file_stem(),
        "period": period("PERIOD", formats=("%Y%q",)).required(),
        "payer": constant("BMI"),
        "platform": text("PERF SOURCE"),
        "country": country("COUNTRY OF PERFORMANCE"),
        "recording_id": constant(None),
        "work_id": text("TITLE #"),
        "units": number("PERF COUNT"),
        "gross": derived("net"),
        "fees": derived("0"),
        "net": money("ROYALTY AMOUNT").required(),
        "currency": constant("USD"),
        "title": text("TITLE NAME"),
        "artist": constant(None),
        "use": text("USE CODE"),
        "participant": text("PARTICIPANT NAME"),
        "performance_period": text("PERF PERIOD").optional(),
        "withheld": money("WITHHOLD").optional(),
    },
    total_in=("PERIOD",),
    notes=(
        (
            "A work has a line for each participant, each with all of its performances: the sum of "
            "units counts them several times."
        ),
        (
            "The period is that of the statement; how PERF PERIOD is written is not documented, so "
            "it is kept as it is."
        ),
        "The effect of WITHHOLD on what is paid is not documented: it is kept, not subtracted.",
    ),
)

FORMATS = (_FORMAT,)
read_bmi = reader(_FORMAT)
