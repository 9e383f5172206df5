"""Records of a DDEX sales report, one after the other, in bounded memory."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from musictools.collect.imports._format import Broken, Parsed
from musictools.errors import ExportError

#: Cells of a row, as they are handed on.
CELLS = (
    *("Record", "MessageId", "SenderName", "Period", "Territory", "Currency", "UseType"),
    *("ISRC", "Title", "DisplayArtistName", "ISWC", "ProprietaryWorkId", "Usages"),
    *("RightsController", "RightType", "AllocatedAmount"),
)
#: Cells of the records that are read, for files that do not say themselves what their cells are.
_PUBLIC = {
    "HEAD": "MessageVersion Profile ProfileVersion MessageId MessageCreatedDateTime FileNumber "
    "NumberOfFiles UsageStartDate UsageEndDate SenderPartyId SenderName ServiceDescription "
    "RecipientPartyId RecipientName RepresentedRepertoire",
    "SY02": "SummaryRecordId DistributionChannel DistributionChannelDPID CommercialModel UseType "
    "Territory ServiceDescription Usages Users Currency NetRevenue RightsController "
    "RightsControllerPartyId AllocatedUsages AllocatedRevenue AllocatedNetRevenue RightsType "
    "ContentCategory ExchangeRateBaseCurrency ExchangeRate RightsTypePercentage",
    "AS01": "BlockId ResourceReference DspResourceId ISRC Title SubTitle DisplayArtistName "
    "DisplayArtistPartyId Duration ResourceType",
    "AS02": "BlockId ResourceReference DspResourceId ISRC Title SubTitle DisplayArtistName "
    "DisplayArtistPartyId Duration ResourceType ISWC ComposerAuthor ComposerAuthorPartyId Arranger "
    "ArrangerPartyId MusicPublisher MusicPublisherPartyId WorkContributor WorkContributorPartyId "
    "ProprietaryWorkId IsMasterRecording IsSubjectToOwnershipConflict LastConflictCheck",
    "MW01": "BlockId DspWorkId ISWC Title SubTitle ComposerAuthor ComposerAuthorPartyId Arranger "
    "ArrangerPartyId MusicPublisher MusicPublisherPartyId WorkContributor WorkContributorPartyId "
    "DataProvider ProprietaryWorkId",
    "RE01": "BlockId ReleaseReference DspReleaseId ProprietaryReleaseId CatalogNumber ICPN "
    "DisplayArtistName DisplayArtistPartyId Title SubTitle ReleaseType Label PLine DataProvider "
    "ReleaseDate",
    "RU01": "BlockId SummaryRecordId DspReleaseId Usages",
    "SU02": "BlockId SummaryRecordId SalesTransactionId TransactedRelease TransactedResource "
    "IsRoyaltyBearing NumberOfStreams PriceConsumerPaidExcSalesTax PromotionalActivity",
    "SU03": "BlockId SalesTransactionId SummaryRecordId DspReleaseId Usages NetRevenue "
    "ValidityPeriodStart ValidityPeriodEnd",
    "LI01": "BlockId SummaryRecordId RightsController RightsControllerProprietaryID "
    "RightsControllerWorkID RightShare% RightType AllocatedNetRevenue AllocatedAmount",
    "FOOT": "NumberOfLinesInFile NumberOfLinesInReport NumberOfSummaryRecords NumberOfBlocksInFile "
    "NumberOfBlocksInReport",
}
_TYPE = re.compile(r"[A-Z]{2}\d{2}(\.\d{2})?|HEAD(\.\d+)?|FOOT(\.\d+)?")

Cells = Mapping[str, str]
_NONE: Cells = {}


@dataclass
class _Block:
    """Consecutive records with one BlockId."""

    id: str = ""
    sounds: list[Cells] = field(default_factory=list)
    works: list[Cells] = field(default_factory=list)
    usage: Cells | None = None
    usage_line: int = 0
    due: int = 0


class Report:
    """One file, as far as it has been read.

    Parameters
    ----------
    file : str
        Its name, for errors.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.layouts = {kind: cells.split() for kind, cells in _PUBLIC.items()}
        self.head: Cells = _NONE
        self.period = ""
        self.summaries: dict[tuple[str, str], Cells] = {}
        self.block = _Block()
        self.count = {"lines": 0, "summaries": 0, "blocks": 0, "usages": 0, "amounts": 0}
        self.ended = False

    def read(self, line: int, text: str) -> Iterator[Parsed | Broken]:
        """Read one line, and give what has come to its end with it."""
        if not text.strip():
            return
        self.count["lines"] += 1
        kind, *values = text.split("\t")
        if kind.startswith("#"):
            # The file's own word on the cells of a type.
            self.layouts[kind[1:].strip()] = [name.strip() for name in values]
            return
        found = self.cells(kind, values)
        if isinstance(found, str) or "\ufffd" in text:
            why = found if isinstance(found, str) else "it has bytes that are no text"
            yield Broken(line, why, text)
        elif self.ended:
            yield Broken(line, "it stands behind the end of the report", text)
        else:
            yield from self.record(line, kind, found, text)

    def cells(self, kind: str, values: list[str]) -> dict[str, str] | str:
        """Name the cells of a record, or say why that cannot be done."""
        if not _TYPE.fullmatch(kind):
            return f"it begins with {kind[:40]!r}, which is no type of record"
        layout = self.layouts.get(kind) or self.layouts.get(kind.split(".", maxsplit=1)[0])
        if layout is None:
            return f"it is of a type {kind!r} whose cells are not known"
        if any(value.strip() for value in values[len(layout) :]):
            return f"it has {len(values)} cells, and {kind} has {len(layout)}"
        # Empty cells at the end may be left off, or added.
        named = zip(layout, map(_plain, values), strict=False)
        return {name.casefold(): value for name, value in named if name}

    def record(self, line: int, kind: str, cells: Cells, text: str) -> Iterator[Parsed | Broken]:
        """Take in a record whose cells are known."""
        family = kind[:2] if kind[2:3].isdigit() else kind[:4]
        if family == "HEAD":
            self.head, self.period = cells, _period(cells)
        elif family == "FOOT":
            yield from self.close()
            yield from self.foot(line, cells, text)
        elif family == "SY":
            self.count["summaries"] += 1
            controller = cells.get("rightscontroller", "")
            self.summaries[cells.get("summaryrecordid", ""), controller] = cells
        elif "blockid" in cells:
            if not cells["blockid"]:
                yield Broken(line, "its BlockId is empty", text)
                return
            if cells["blockid"] != self.block.id:
                yield from self.close()
                self.block = _Block(cells["blockid"])
                self.count["blocks"] += 1
            yield from self.part(line, family, cells, text)

    def part(self, line: int, family: str, cells: Cells, text: str) -> Iterator[Parsed | Broken]:
        """Take in a record of a block."""
        block = self.block
        if family == "AS":
            block.sounds.append(cells)
        elif family == "MW":
            block.works.append(cells)
        elif family == "SU":
            yield from self.close()
            self.count["usages"] += 1
            block.usage, block.usage_line, block.due = cells, line, 0
        elif family == "LI":
            self.count["amounts"] += 1
            if block.usage is None:
                yield Broken(line, "an amount due without a usage before it", text)
                return
            block.due += 1
            summary = self.summary(cells)
            if summary is None:
                name = cells.get("summaryrecordid", "")
                yield Broken(line, f"no summary record is called {name!r}", text)
                return
            yield Parsed(line, self.row("LI", block.usage, cells, summary))

    def summary(self, cells: Cells) -> Cells | None:
        """Find the summary record of a record; there may be one for each rights controller."""
        name = cells.get("summaryrecordid", "")
        own = self.summaries.get((name, cells.get("rightscontroller", "")))
        if own is not None:
            return own
        same = [each for (other, _), each in self.summaries.items() if other == name]
        alike = {(each.get("currency"), each.get("territory")) for each in same}
        return same[0] if len(alike) == 1 else None

    def close(self) -> Iterator[Parsed]:
        """Give the last usage, if no amount was due for it."""
        block = self.block
        if block.usage is not None and not block.due:
            summary = self.summary(block.usage) or _NONE
            yield Parsed(block.usage_line, self.row("SU", block.usage, _NONE, summary))
        block.usage = None

    def row(self, record: str, usage: Cells, due: Cells, summary: Cells) -> list[str]:
        """Put together what is known of an amount due."""
        sold = {usage.get("transactedresource", ""), usage.get("dspreleaseid", "")} - {""}
        sound = _one(self.block.sounds, ("resourcereference", "dspresourceid"), sold)
        number = {due.get("rightscontrollerworkid", "")} - {""}
        work = _one(self.block.works, ("proprietaryworkid", "dspworkid", "iswc"), number)
        values = {
            "Record": record,
            "MessageId": self.head.get("messageid", ""),
            "SenderName": self.head.get("sendername", ""),
            "Period": self.period,
            "Territory": summary.get("territory", ""),
            "Currency": summary.get("currency", ""),
            "UseType": usage.get("usetype") or summary.get("usetype", ""),
            "ISRC": sound.get("isrc", ""),
            "Title": sound.get("title") or work.get("title", ""),
            "DisplayArtistName": sound.get("displayartistname", ""),
            "ISWC": work.get("iswc") or sound.get("iswc", ""),
            "ProprietaryWorkId": work.get("proprietaryworkid")
            or sound.get("proprietaryworkid", ""),
            "Usages": usage.get("usages") or usage.get("numberofstreams", ""),
            "RightsController": due.get("rightscontroller", ""),
            "RightType": due.get("righttype", ""),
            "AllocatedAmount": due.get("allocatedamount", ""),
        }
        return [values[name] for name in CELLS]

    def foot(self, line: int, cells: Cells, text: str) -> Iterator[Broken]:
        """Hold what the report says of itself against what was there."""
        self.ended = True
        stated = {
            "lines": "numberoflinesinfile",
            "summaries": "numberofsummaryrecords",
            "blocks": "numberofblocksinfile",
        }
        for name, cell in stated.items():
            told, there = cells.get(cell, ""), self.count[name]
            if told and told != str(there):
                yield Broken(line, f"the report states {told} {name}, and has {there}", text)
        if not cells.get("numberoflinesinfile"):
            yield Broken(line, "the report does not state how many lines it has", text)

    def end(self) -> Iterator[Parsed | Broken]:
        """Say what is missing at the end of the file."""
        yield from self.close()
        if not self.ended:
            yield Broken(0, "the file ends before its FOOT record: it was cut off")
        if self.count["usages"] and not self.count["amounts"]:
            raise ExportError(
                f"read {self.file} as royalties",
                got="a report of usages without an amount due: it has no LI record",
                expected="a profile that states what is due for each usage",
                hint="ask the service for the report with amounts, or its invoice",
            )


def _plain(cell: str) -> str:
    """Take the marks off a cell: values are divided by bars, and backslashes keep letters."""
    bare = cell.strip()
    if "|" not in bare and "\\" not in bare:
        return bare
    parts = re.findall(r"(?:\\.|[^|\\])+", bare)
    return ", ".join(re.sub(r"\\(.)", r"\1", part).strip() for part in parts)


def _one(records: list[Cells], names: tuple[str, ...], wanted: set[str]) -> Cells:
    """Give the only record of its kind in a block, or the one that is meant."""
    if len(records) == 1:
        return records[0]
    meant = [each for each in records if any(each.get(name) in wanted for name in names)]
    return meant[0] if len(meant) == 1 else _NONE


def _period(head: Cells) -> str:
    """Write the month or the quarter of a report, or its two days where it is neither."""
    first, last = head.get("usagestartdate", ""), head.get("usageenddate", "")
    try:
        start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    except ValueError:
        return ""
    if start.year == end.year:
        if start.month == end.month:
            return f"{start:%Y-%m}"
        if (start.month - 1) // 3 == (end.month - 1) // 3:
            return f"{start.year}-Q{(start.month + 2) // 3}"
    return f"{first}--{last}"
