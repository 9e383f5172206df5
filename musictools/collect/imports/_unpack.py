"""Files, folders and archives as people download them, made into plain UTF-8 files."""

import codecs
import datetime as dt
import gzip
import io
import shutil
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from musictools.errors import ExportError

#: How much of a file is looked at to tell what it is.
HEAD = 1 << 18
#: Archives lie in archives, but no deeper than this.
_DEEPEST = 5
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Member:
    """One file, or one file of an archive.

    Attributes
    ----------
    name : str
        Its path within what was given.
    open : callable
        Gives its bytes, unpacked.
    path : pathlib.Path or None
        Where it lies as it is; None where it must be unpacked first.
    modified : datetime.datetime
        When it was last changed, in UTC; archives tell the time of their maker.
    sums : tuple of int or None
        CRC-32 and size modulo 2**32, where the archive tells them.
    around : str
        Name of the archive or the folder in which it lies.
    whose : str
        Of whom its numbers are, where that stands beside it; else others may be the same.
    """

    name: str
    open: Callable[[], IO[bytes]]
    path: Path | None
    modified: dt.datetime
    sums: tuple[int, int] | None = None
    around: str = ""
    whose: str = ""

    # A large file takes a while.
    @cached_property
    def checksum(self) -> tuple[int, int]:
        """CRC-32 and size of what is in it, the same for a file and its archive."""
        if self.sums is not None:
            return self.sums
        crc = size = 0
        with self.open() as stream:
            while block := stream.read(1 << 18):
                crc, size = zlib.crc32(block, crc), size + len(block)
        return crc, size % (1 << 32)

    @property
    def identity(self) -> tuple[int | str, ...]:
        """What tells it from files that are not it once more."""
        return (*self.checksum, self.whose) if self.whose else self.checksum

    def head(self) -> bytes:
        """Give its first bytes."""
        try:
            with self.open() as stream:
                return stream.read(HEAD)
        except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
            raise _broken(self.name, error) from error


def members(path: Path) -> list[Member]:
    """List the files that a path holds: itself, those of a folder, or those of an archive."""
    path = path.expanduser()
    if path.is_dir():
        inside = sorted(each for each in path.rglob("*") if each.is_file())
        plain = [each for each in inside if not _hidden(each.relative_to(path).as_posix())]
        return [found for each in plain for found in _members(each, each.relative_to(path))]
    if not path.exists():
        raise ExportError(
            f"read {path.name}",
            got="no file there",
            expected="a file, a folder or a zip archive",
            hint=f"look into {path.absolute().parent}",
        )
    if not path.is_file():
        raise ExportError(
            f"read {path.name}",
            got="a device or a pipe",
            expected="a file, a folder or a zip archive",
            hint="write what comes of it into a file first",
        )
    return _members(path, Path(path.name))


def _members(path: Path, name: Path) -> list[Member]:
    around = path.absolute().parent.name
    name = Path(str(name).encode("utf-8", "replace").decode())
    with path.open("rb") as stream:
        start = stream.read(4)
    if start[:2] == b"\x1f\x8b":
        unpacked = name.as_posix().removesuffix(".gz")
        opened = lambda: io.BufferedReader(_gunzip(path))  # noqa: E731
        return [Member(unpacked, opened, None, _modified(path), around=around)]
    # Spreadsheets are zip archives too.
    if start == b"PK\x03\x04" and path.suffix.lower() not in {".xlsx", ".xlsm", ".ods"}:
        try:
            with zipfile.ZipFile(path) as archive:
                return _inside(archive, path, path.name)
        except zipfile.BadZipFile as error:
            raise _broken(name.as_posix(), error) from error
    opened = lambda: path.open("rb")  # noqa: E731
    return [Member(name.as_posix(), opened, path, _modified(path), around=around)]


def _gunzip(path: Path) -> Any:
    return gzip.open(path, "rb")


def _modified(path: Path) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(path.stat().st_mtime), dt.UTC).replace(tzinfo=None)


def _inside(
    archive: zipfile.ZipFile, path: Path | zipfile.ZipFile, around: str, deep: int = 0
) -> list[Member]:
    """List the files of an archive, and of the archives in it, at most so many deep."""
    found = []
    for each in sorted(archive.infolist(), key=lambda some: some.filename):
        if each.is_dir() or _hidden(each.filename):
            continue
        if each.filename.lower().endswith(".zip") and deep < _DEEPEST:
            inner = _copied(archive, each)
            found += _inside(inner, inner, each.filename.rsplit("/", 1)[-1], deep + 1)
            continue
        opened, sums = _opener(path, each), (each.CRC, each.file_size)
        found.append(Member(each.filename, opened, None, _made(each), sums, around))
    return found


def _made(each: zipfile.ZipInfo) -> dt.datetime:
    try:
        # Of a zone that nobody tells.
        return dt.datetime(*each.date_time)  # noqa: DTZ001
    except ValueError:
        # Some programs write no time at all, which is read as the 0th of a month.
        return dt.datetime(1980, 1, 1)  # noqa: DTZ001


def _copied(archive: zipfile.ZipFile, inner: zipfile.ZipInfo) -> zipfile.ZipFile:
    """Open an archive in an archive: from a copy, since packed files cannot be leapt about in."""
    # It is closed, and gone, with the last file that is opened from it.
    copy = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        with archive.open(inner) as stream:
            shutil.copyfileobj(stream, copy, 1 << 20)
        opened = zipfile.ZipFile(copy)
    except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        copy.close()
        raise _broken(inner.filename, error) from error
    weakref.finalize(opened, copy.close)
    return opened


def _opener(archive: Path | zipfile.ZipFile, each: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        # By its place, since several may have one name.
        if isinstance(archive, zipfile.ZipFile):
            stream = archive.open(each)
        else:
            with zipfile.ZipFile(archive) as holder:
                # The stream keeps the archive open.
                stream = holder.open(each)
        if not each.filename.endswith(".gz"):
            return stream
        packed: Any = gzip.GzipFile(fileobj=stream)
        return io.BufferedReader(packed)

    return opened


def _hidden(name: str) -> bool:
    parts = [part for part in name.split("/") if part not in {".", ".."}]
    return any(part.startswith((".", "__MACOSX")) for part in parts)


def _broken(name: str, error: Exception) -> ExportError:
    said = str(error) or type(error).__name__
    encrypted = "password" in said or "encrypted" in said
    return ExportError(
        f"unpack {name}",
        got=said,
        expected="a whole archive without a password",
        hint="unpack it yourself, and read the folder" if encrypted else "download it again",
    )


def encoding_of(head: bytes) -> str:
    """Tell how a file's text is encoded, from its first bytes."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    first, second = head[:2000:2].count(0), head[1:2000:2].count(0)
    if abs(first - second) * 10 > min(len(head), 2000):
        # UTF-16 without its mark: every second byte of Latin text is zero. A zero here and there
        # is rubbish.
        return "utf-16-le" if second > first else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < HEAD)
    except UnicodeDecodeError:
        # One broken letter among good ones is a broken letter, and no other encoding.
        return "utf-8" if _has_letters(head.decode("utf-8", "replace")) else "cp1252"
    return "utf-8"


def _has_letters(text: str) -> bool:
    return not text.isascii() and any(ord(c) > 127 and c != "\ufffd" for c in text)


def known_encoding(name: str | None) -> str | None:
    """Check what a reader says of the encoding, and write it one way."""
    if name is None:
        return None
    try:
        found = codecs.lookup(name)
        # Some codecs are for bytes, or for nothing that is stored.
        found.incrementaldecoder("replace").decode(b"") + ""
    except (LookupError, TypeError, AssertionError, UnicodeError, ValueError):
        raise ExportError(
            "read a file",
            got=f"encoding={name!r}",
            expected="the name of an encoding of text",
            hint='encoding="utf-8", or "cp1252", "utf-16", "shift-jis"',
        ) from None
    return found.name


def decoded(head: bytes, encoding: str) -> str:
    """Give the text of a file's first bytes; what is cut off at their end is left out."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head).removeprefix("\ufeff")
    return text.replace("\r", "\n") if _ends_with_returns(text) else text


def _ends_with_returns(text: str) -> bool:
    """Tell whether lines end as on old Macintoshes, and in what Excel still calls CSV of such."""
    return "\r" in text and "\n" not in text


def to_plain(member: Member, encoding: str, folder: Path) -> Path:
    """Put a file's text into UTF-8, into a folder; one that is so already is left where it is.

    Parameters
    ----------
    member : Member
        The file.
    encoding : str
        As it was told, or found.
    folder : pathlib.Path
        Where there is room for it.
    """
    head = member.head()
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    # In a workbook, what looks like a return is a number.
    returns = not head.startswith(b"PK\x03\x04") and _ends_with_returns(text)
    if member.path is not None and encoding == "utf-8" and not returns and _is_text(member.path):
        return member.path
    target = folder / f"{len(list(folder.iterdir()))}.txt"
    try:
        with member.open() as stream, target.open("wb") as out:
            if returns:
                texts = _texts(stream, encoding)
                out.writelines(text.replace("\r", "\n").encode() for text in texts)
            elif encoding == "utf-8":
                shutil.copyfileobj(stream, out, 1 << 20)
            else:
                out.writelines(text.encode() for text in _texts(stream, encoding))
    except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise _broken(member.name, error) from error
    except UnicodeError as error:
        raise ExportError(
            f"read {member.name}",
            got=f"bytes that are no {encoding}: {error}",
            expected=f"{encoding}, as its beginning says",
            hint="download it again; or say encoding= if you know it",
        ) from error
    return target


def _is_text(path: Path) -> bool:
    """Tell whether a path is written in letters; names on Unix may be any bytes."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _texts(stream: IO[bytes], encoding: str) -> Iterator[str]:
    # Windows-1252 leaves five bytes open; Latin-1 knows them all.
    if encoding == "cp1252":
        while block := stream.read(1 << 20):
            try:
                yield block.decode("cp1252")
            except UnicodeDecodeError:
                yield block.decode("latin-1")
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    first = True
    while block := stream.read(1 << 20):
        text = decoder.decode(block)
        yield text.removeprefix("\ufeff") if first else text
        first = False
    yield decoder.decode(b"", final=True)


def has_utf8(path: Path) -> bool:
    """Tell whether a file with bytes that are no UTF-8 is UTF-8 elsewhere."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            if _has_letters(decoder.decode(block)):
                return True
    return False
