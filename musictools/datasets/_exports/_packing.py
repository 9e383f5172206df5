"""How a vendor's file is packed: text to bytes, zip archives, small workbooks, made-up names."""

import codecs
import csv
import hashlib
import io
import string
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    import pandas as pd

#: When every simulated export was asked for: the week after the label's last day.
EXPORTED = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
_LETTERS = string.digits + string.ascii_letters
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def rows_of(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """Rows of a table by the names of its columns."""
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def made_up(name: str, size: int, letters: str = _LETTERS) -> str:
    """Make an identifier that belongs to nobody; the same for the same name."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")
    marks = []
    for _ in range(size):
        number, rest = divmod(number, len(letters))
        marks.append(letters[rest])
    return "".join(marks)


def csv_text(
    rows: Iterable[Sequence[object]],
    *,
    delimiter: str = ",",
    quoting: int = csv.QUOTE_MINIMAL,
) -> str:
    """Rows as CSV, None as nothing."""
    out = io.StringIO(newline="")
    # The csv module knows four ways of quoting and types them as literals.
    writer = csv.writer(
        out, delimiter=delimiter, quoting=quoting, lineterminator="\n",  # type: ignore[arg-type]
    )  # fmt: skip
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return out.getvalue()


def write_text(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write a file; what an encoding lacks becomes a question mark."""
    # Little-endian on every machine, as the vendors write it.
    mark = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else b""
    path.write_bytes(mark + text.encode(encoding, errors="replace"))


def zip_bytes(members: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Make a zip archive that is the same bytes whenever it is made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, EXPORTED.timetuple()[:6])
            info.compress_type = method
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return out.getvalue()


def xlsx_bytes(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """Make a workbook of plain sheets, its texts shared as spreadsheet programs do it."""
    shared: dict[str, int] = {}
    pages = {name: _page(rows, shared) for name, rows in sheets.items()}
    texts = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in shared)
    numbered = list(enumerate(pages, start=1))
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n, _ in numbered
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/'
        'vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
        f'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>{types}</Types>',
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in numbered
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            [
                *(("worksheet", f"worksheets/sheet{n}.xml") for n, _ in numbered),
                ("sharedStrings", "sharedStrings.xml"),
            ]
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{_SPREADSHEET}">{texts}</sst>',
        **{f"xl/worksheets/sheet{n}.xml": pages[name] for n, name in numbered},
    }
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return zip_bytes({name: (head + text).encode() for name, text in parts.items()})


def _relations(parts: Iterable[tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(parts, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _page(rows: Sequence[Sequence[object]], shared: dict[str, int]) -> str:
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = []
        for letter, value in zip(string.ascii_uppercase, row, strict=False):
            if value is None:
                continue
            if isinstance(value, str):
                index = shared.setdefault(value, len(shared))
                cells.append(f'<c r="{letter}{number}" t="s"><v>{index}</v></c>')
            else:
                cells.append(f'<c r="{letter}{number}"><v>{value}</v></c>')
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return f'<worksheet xmlns="{_SPREADSHEET}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
