"""A DDEX digital sales report as a flat file: one quarter, one market, blocks of records.

The structure is public in DDEX's own open parser; its schemas and value sets are not shipped here.
"""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.datasets._exports import _royalty_lines as money
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

#: Cells of each type of record, behind the type itself.
CELLS = {
    "HEAD": "MessageVersion Profile ProfileVersion MessageId MessageCreatedDateTime FileNumber "
    "NumberofFiles UsageStartDate UsageEndDate SenderPartyId SenderName ServiceDescription "
    "RecipientPartyId RecipientName RepresentedRepertoire",
    "SY02.01": "SummaryRecordId DistributionChannel DistributionChannelDPID CommercialModel "
    "UseType Territory ServiceDescription Usages Users Currency NetRevenue RightsController "
    "RightsControllerPartyId AllocatedUsages AllocatedRevenue AllocatedNetRevenue RightsType",
    "AS01": "BlockId ResourceReference DspResourceId ISRC Title SubTitle DisplayArtistName "
    "DisplayArtistPartyId Duration ResourceType",
    "MW01.01": "BlockId DspWorkId ISWC Title SubTitle ComposerAuthor ComposerAuthorPartyId "
    "Arranger ArrangerPartyId MusicPublisher MusicPublisherPartyId WorkContributor "
    "WorkContributorPartyId DataProvider ProprietaryWorkId",
    "RU01": "BlockId SummaryRecordId DspReleaseId Usages",
    "SU03.01": "BlockId SalesTransactionId SummaryRecordId DspReleaseId Usages NetRevenue "
    "ValidityPeriodStart ValidityPeriodEnd",
    "LI01": "BlockId SummaryRecordId RightsController RightsControllerProprietaryID "
    "RightsControllerWorkID RightShare% RightType AllocatedNetRevenue AllocatedAmount",
    "FOOT": "NumberOfLinesInFile NumberOfLinesInReport NumberOfSummaryRecords "
    "NumberOfBlocksInFile NumberOfBlocksInReport",
}
_STORE, _COUNTRY = "Pomelo", "GB"
_SENDER, _RECIPIENT = "PADPIDA2099000001P", "PADPIDA2099000002L"
_MESSAGE = "1767978000000017"


def write_dsr(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write one block a recording: its sound, its work, its usages, and the amount due for them."""
    path = folder / (
        f"DSR_{_RECIPIENT}_{_SENDER}_AdSupport-music_2025-Q4_{_COUNTRY}_1of1_20260109T170000.tsv"
    )
    blocks, told, usages, due = _blocks(label, rng)
    lines = [
        _record("HEAD", **_head(label)),
        *(f"#{kind}\t" + "\t".join(cells.split()) for kind, cells in CELLS.items()),
        _record(
            "SY02.01",
            SummaryRecordId="1",
            CommercialModel="AdvertisementSupportedModel",
            UseType="Stream",
            Territory=_COUNTRY,
            ServiceDescription="AdSupport-music",
            Usages=usages,
            Currency="GBP",
            NetRevenue=money.digits(due * 40, 2),
            RightsController=label.name,
            AllocatedUsages=usages,
            AllocatedRevenue=money.digits(due, 7),
            AllocatedNetRevenue=money.digits(due, 7),
            RightsType="PerformingRight",
        ),
        *blocks,
    ]
    count = len(lines) + 1
    lines.append(
        _record(
            "FOOT",
            NumberOfLinesInFile=count,
            NumberOfLinesInReport=count,
            NumberOfSummaryRecords=1,
            NumberOfBlocksInFile=len(told),
            NumberOfBlocksInReport=len(told),
        )
    )
    path.write_bytes(("\n".join(lines) + "\n").encode())
    return SimulatedExport(
        "dsr",
        path,
        "royalties",
        money.statement(told, name=_MESSAGE, payer=_STORE, currency="GBP"),
        ("records of several types in blocks", "several values in a cell", "counts in the footer"),
    )


def _head(label: "Label") -> dict[str, object]:
    return {
        "MessageVersion": "dsrf/30",
        "Profile": "UGCProfile",
        "ProfileVersion": "1.0",
        "MessageId": _MESSAGE,
        "MessageCreatedDateTime": "2026-01-09T17:00:00Z",
        "FileNumber": 1,
        "NumberofFiles": 1,
        "UsageStartDate": "2025-10-01",
        "UsageEndDate": "2025-12-31",
        "SenderPartyId": _SENDER,
        "SenderName": _STORE,
        "ServiceDescription": "AdSupport-music",
        "RecipientPartyId": _RECIPIENT,
        "RecipientName": label.name,
    }


def _blocks(
    label: "Label", rng: np.random.Generator
) -> tuple[list[str], list[dict[str, Any]], int, Decimal]:
    """Lines of all blocks, rows of the truth, usages and amount in all."""
    paid = label.royalties
    here = paid["period"].isin(list(money.QUARTER)) & (paid["platform"] == _STORE)
    paid = paid[here & (paid["country"] == _COUNTRY)]
    recordings = label.recordings.set_index("recording_id")
    works = label.works.set_index("work_id")
    lines: list[str] = []
    told: list[dict[str, Any]] = []
    usages, due = 0, money.ZERO
    for block, (name, months) in enumerate(paid.groupby("recording_id"), start=1):
        recording: Any = recordings.loc[str(name)]
        work: Any = works.loc[str(recording["work_id"])]
        units = int(months["units"].sum())
        crumb = Decimal(int(rng.integers(1, 10**5))).scaleb(-7)
        amount = money.rounded(sum(months["net"], money.ZERO) * Decimal("0.15") + crumb, 7)
        iswc = "".join(c for c in str(work["iswc"]) if c.isalnum())
        lines += _block(str(block), recording, work, iswc=iswc, units=units, amount=amount)
        usages, due = usages + units, due + amount
        told.append(
            {
                "period": "2025-Q4",
                "platform": _STORE,
                "country": _COUNTRY,
                "recording_id": recording["isrc"],
                "work_id": iswc,
                "units": float(units),
                "gross": amount,
                "fees": money.ZERO,
                "net": amount,
                "title": recording["title"],
                "artist": recording["artist"],
                "release": None,
                "isrc": recording["isrc"],
                "upc": None,
                "use": "Stream",
            }
        )
    return lines, told, usages, due


def _block(
    block: str, recording: Any, work: Any, *, iswc: str, units: int, amount: Decimal
) -> list[str]:
    resource = f"A{recording['upc']}"
    minutes, seconds = divmod(round(float(recording["duration_s"])), 60)
    return [
        _record(
            "AS01",
            BlockId=block,
            ResourceReference=resource,
            DspResourceId=resource,
            ISRC=recording["isrc"],
            Title=recording["title"],
            DisplayArtistName=recording["artist"],
            Duration=f"PT0H{minutes}M{seconds}S",
            ResourceType="SoundRecording",
        ),
        _record(
            "MW01.01",
            BlockId=block,
            DspWorkId=f"W{block}",
            ISWC=iswc,
            Title=str(work["title"]).upper(),
            ComposerAuthor="|".join(work["writers"]),
        ),
        _record("RU01", BlockId=block, SummaryRecordId=1, DspReleaseId=resource, Usages=units),
        _record(
            "SU03.01",
            BlockId=block,
            SalesTransactionId=f"U{block}",
            SummaryRecordId=1,
            DspReleaseId=resource,
            Usages=units,
            NetRevenue=money.digits(amount * 4, 6),
            ValidityPeriodStart="20251001",
            ValidityPeriodEnd="20251231",
        ),
        _record(
            "LI01",
            BlockId=block,
            SummaryRecordId=1,
            RightsController=recording["artist"],
            **{"RightShare%": "1.0000"},
            RightType="PerformingRight",
            AllocatedNetRevenue=money.digits(amount, 7),
            AllocatedAmount=money.digits(amount, 7),
        ),
    ]


def _record(kind: str, **cells: object) -> str:
    """One line; cells that are not given are empty, and empty ones at the end are left off."""
    named = [str(cells.get(name, "")) for name in CELLS[kind].split()]
    return "\t".join([kind, *named]).rstrip("\t")
