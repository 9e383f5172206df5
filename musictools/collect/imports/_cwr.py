"""CWR: works as publishers register them at societies."""

from musictools.collect.imports._fields import code, fractions, text, words
from musictools.collect.imports._format import Evidence, Format, Sample
from musictools.collect.imports._reader import reader
from musictools.collect.imports._registrations import NAMES, SPLIT, works_of

COLUMNS = {
    "work_id": text("number").required(),
    "title": text("title"),
    "writers": words("writers", split=SPLIT),
    "shares": fractions("shares", split=SPLIT),
    "iswc": code("iswc", kind="iswc"),
    "language": text("language"),
    "roles": words("roles", split=SPLIT),
    "ipis": words("ipis", split=SPLIT),
    "artists": words("artists", split=SPLIT),
    "isrcs": words("isrcs", split=SPLIT),
}
LEFT_OUT = {
    "acknowledgements of societies": "{group} = 'ACK'",
    "notifications of societies": "{group} IN ('ISW', 'EXC')",
    "agreements": "{group} = 'AGR'",
    "searches for an ISWC": "{group} = 'ISR'",
    "registered again further down": "{later} = 'yes'",
}


def version_of(sample: Sample) -> str:
    """Tell the version, such as 02.10, of a file's first group; empty where it is no CWR."""
    if not sample.text.removeprefix("\ufeff").startswith("HDR"):
        return ""
    groups = [line for line in sample.lines[:3] if line.startswith("GRH")]
    return groups[0][11:16] if groups else ""


_FORMAT = Format(
    name="cwr",
    kind="works",
    title="Common Works Registration (CWR) 2.1 and 2.2",
    where="the publisher's or the administrator's software, where works are registered: a file "
    "such as CW260001ABC_000.V21",
    evidence=(
        Evidence(
            "github.com/weso/CWR-DataApi config_cwr/record_config_common.yml "
            "@6cc08b3076b6520104143785a8b9529d94a78548",
            "2026-11-26",
        ),
        Evidence(
            "github.com/weso/CWR-DataApi config_cwr/field_config_common.yml "
            "@86365200269b4c00b162baaace238d4ceee3734b",
            "2026-11-26",
        ),
        Evidence(
            "github.com/matijakolaric-com/django-music-publisher music_publisher/cwr_templates.py "
            "@039bb1ea176680a7926894e25526eb8c05e25db8",
            "2026-11-26",
        ),
        Evidence(
            "github.com/musicmetadata/edi music_metadata/edi/tests/CW190001MPC_000.V21 "
            "@061f218aeccd9b08282d16577fa4b767a34e90a5",
            "2026-11-26",
        ),
    ),
    columns=COLUMNS,
    leave_out=LEFT_OUT,
    names=NAMES,
    parse=works_of,
    sniff=lambda sample: version_of(sample).startswith("02"),
    notes=(
        "Shares are the writers' among themselves: the parts of publishers are left out.",
        "They are of performing rights; where those are nought of mechanical, then of synch.",
        "A broken record refuses its transaction, and the problem names the work.",
        "Of a work that is registered twice in one file, the later registration counts.",
        "What societies answer (ACK, ISW, EXC) is left out.",
        "Texts are in capitals, as they are registered.",
    ),
)

FORMATS = (_FORMAT,)
read_cwr = reader(_FORMAT)
