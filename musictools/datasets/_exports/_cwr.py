"""Common Works Registration 2.1: the label's works as a publisher registers them."""

import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

#: Hundredths of a percent.
_WHOLE = 10_000
_WORLD = "2136"
_PUBLISHER = ("LT0000001", "LANTERN AND TIDE PUBLISHING")
#: A number that nobody has been given; the people here are made up.
_NO_IPI = "0" * 11
#: Letters that no decomposition makes ASCII.
_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "\u0131": "i", "ß": "ss", "æ": "ae", "Æ": "AE", "ł": "l"}
)
_QUIRKS = (
    "texts are in capitals, without accents",
    "trailing blanks of a record are cut here and there",
    "shares are hundredths of a percent, and publishers hold a part of them",
    "writers who are not ours have no number, and their publisher no name",
    "some works have no ISWC",
    "a second group registers a work again, with another title",
    "no line end after the last record",
)


def write_cwr(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write a file of two groups, new works and a revision, into a folder."""
    works = label.works
    songs = label.recordings
    bare = set(rng.choice(works["work_id"], size=3, replace=False))
    strangers = {
        name for name in sorted({n for names in works["writers"] for n in names}) if _stray(rng)
    }
    records_of: list[Any] = works.to_dict("records")
    rows = [
        _Work(row, songs[songs["work_id"] == row["work_id"]], bare, strangers) for row in records_of
    ]
    again = rows[int(rng.integers(len(rows)))]
    records = [
        "HDR" + "PB" + "000000001" + f"{_plain(label.name):45}" + "01.10" + _STAMP + " " * 15
    ]
    records += _group("NWR", 1, rows)
    again.title = again.title[:50] + " (FILM)"
    records += _group("REV", 2, [again])
    records.append(f"TRL{2:05}{len(rows) + 1:08}{len(records) + 1:08}")
    path = folder / "CW260001LAT_000.V21"
    cut = [line.rstrip(" ") if rng.random() < 0.3 else line for line in records]
    path.write_bytes("\r\n".join(cut).encode("ascii"))
    return SimulatedExport("cwr", path, "works", _truth(rows), _QUIRKS)


_STAMP = "20260105" + "093000" + "20260105"


def _stray(rng: np.random.Generator) -> bool:
    return bool(rng.random() < 0.2)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return folded.encode("ascii", "ignore").decode("ascii").upper().strip()


def _parts(shares: Sequence[float], whole: int) -> list[int]:
    """Whole numbers in these proportions, with the sum that is wanted."""
    exact = np.array(shares) * whole
    parts = np.floor(exact).astype(int)
    missing = whole - int(parts.sum())
    parts[np.argsort(parts - exact, kind="stable")[:missing]] += 1
    return [int(part) for part in parts]


class _Work:
    """One work as it is registered."""

    def __init__(
        self, row: dict[str, Any], songs: pd.DataFrame, bare: set[str], strangers: set[str]
    ) -> None:
        self.number = str(row["work_id"])
        self.title = _plain(row["title"])
        code = "T" + "".join(c for c in row["iswc"] if c.isdigit())
        self.iswc = "" if self.number in bare else code
        self.songs: list[Any] = songs.to_dict("records")
        self.writers = [_plain(name) for name in row["writers"]]
        self.ours = [name not in strangers for name in row["writers"]]
        # Writers keep half of the performing right, and their publishers have the other.
        self.parts = _parts(row["shares"], _WHOLE // 2)

    def records(self) -> list[str]:
        """Everything after the first record, without its prefix."""
        ours = sum(p for p, own in zip(self.parts, self.ours, strict=True) if own)
        kept = [*self._publishers(ours)]
        for i, (name, part) in enumerate(zip(self.writers, self.parts, strict=True)):
            kept += self._writer(i, name, part)
        kept += [f"PER{_plain(song['artist']):45}{'':30}{_NO_IPI}{'':13}" for song in self.songs]
        return kept + [_recording(song) for song in self.songs]

    def _publishers(self, ours: int) -> Iterable[str]:
        number, name = _PUBLISHER
        if ours:
            yield f"SPU01{number:9}{name:45} {_publisher(ours)}"
            yield f"SPT{number:9}{'':6}{ours:05}{2 * ours:05}{2 * ours:05}I{_WORLD}N001"
        if theirs := _WHOLE // 2 - ours:
            yield f"OPU{1 + bool(ours):02}{'':9}{'':45}Y{_publisher(theirs)}"

    def _writer(self, i: int, name: str, part: int) -> Iterable[str]:
        first, _, last = name.rpartition(" ")
        shares = f"{'':3}{part:05}{'':3}{0:05}{'':3}{0:05}"
        number = f"W{self.number[1:]:0>4}{i + 1:02}" if self.ours[i] else ""
        head = "SWR" if self.ours[i] else "OWR"
        yield (
            f"{head}{number:9}{last:45}{first:30} {'CA'}{'0' * 9}{_NO_IPI}{shares} N  "
            f"{'':13}{'':12} "
        )
        if self.ours[i]:
            yield f"SWT{number:9}{part:05}{0:05}{0:05}I{_WORLD}N001"
            yield f"PWR{_PUBLISHER[0]:9}{_PUBLISHER[1]:45}{'':14}{'':14}{number:9}"

    def first(self, kind: str) -> str:
        """Give the record that begins the transaction, without its prefix."""
        length = _clock(self.songs[0]["duration_s"]) if self.songs else "000000"
        return (
            f"{kind}{self.title:60}{'':2}{self.number:14}{self.iswc:11}{'0' * 8}{'':12}UNC{length}"
            f"{'Y' if self.songs else 'N'}{'':3}{'':3}ORI{'':3}{'':3}{'':3}{'':30}{'':10}{'':2}"
            f"N000{'0' * 8}{'':1}{'':25}{'':25}N"
        )


def _publisher(part: int) -> str:
    """Give what follows a publisher's name; mechanical rights are theirs alone."""
    shares = f"{'':3}{part:05}{'':3}{2 * part:05}{'':3}{2 * part:05}"
    return f"E {'0' * 9}{_NO_IPI}{'':14}{shares} N {'':13}{'':14}{'':14}{'':2} "


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600:02}{whole // 60 % 60:02}{whole % 60:02}"


def _recording(song: dict[str, Any]) -> str:
    return (
        f"REC{song['released_at']:%Y%m%d}{'':60}{_clock(song['duration_s'])}{'':5}"
        f"{_plain(song['release_title']):60}{'LANTERN AND TIDE':60}{'':18}{song['upc']:0>13}"
        f"{song['isrc']:12}{'':1}{'':1}{'':3}"
    )


def _group(kind: str, number: int, works: Sequence[_Work]) -> list[str]:
    lines = [f"GRH{kind}{number:05}02.10{'0' * 10}{'':2}"]
    for i, work in enumerate(works):
        for j, record in enumerate([work.first(kind), *work.records()]):
            lines.append(f"{record[:3]}{i:08}{j:08}{record[3:]}")
    return [*lines, f"GRT{number:05}{len(works):08}{len(lines) + 1:08}{'':3}{'0' * 10}"]


def _truth(works: Sequence[_Work]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "work_id": [work.number for work in works],
            "title": [work.title for work in works],
            "writers": [work.writers for work in works],
            "shares": [[part / sum(work.parts) for part in work.parts] for work in works],
            "iswc": [work.iswc or None for work in works],
        }
    )
