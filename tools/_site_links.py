"""Look at every page of a site: dead links, things fetched from afar, pictures without words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Long, and no address of anything.
_DATA = re.compile(r"data:[\w/+.;=-]+,[^\"'\s)>]*")
_STYLE_FETCH = re.compile(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')\s]+)")
_STYLE_FILE = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])([^"')\s]+)""")
#: What a browser loads by itself, by tag: the attribute with the address.
_LOADED = {
    "img": "src", "script": "src", "audio": "src", "video": "src", "source": "src",
    "iframe": "src", "embed": "src", "link": "href",
}  # fmt: skip
_NO_WORDS = "No description has been provided for this image"


@dataclass
class _Page(HTMLParser):
    """What one page says: places in it, addresses, and what is wrong with it alone."""

    places: set[str] = field(default_factory=lambda: {"", "top"})
    links: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.places |= {str(told[key]) for key in ("id", "name") if told.get(key)}
        if tag == "a" and told.get("href"):
            self.links.append(str(told["href"]))
        address = told.get(_LOADED.get(tag, ""))
        if address:
            afar = urlsplit(address).scheme in ("http", "https") or address.startswith("//")
            if afar and told.get("rel") != "canonical":
                self.problems.append(f"<{tag}> is fetched from {address}")
            elif not afar:
                self.links.append(address)
        alt = (told.get("alt") or "").strip()
        if tag == "img" and (not alt or alt == _NO_WORDS):
            self.problems.append("<img> without alternative text")
        if tag in ("audio", "video") and not told.get("aria-label"):
            self.problems.append(f"<{tag}> without aria-label")


def problems(root: Path) -> list[str]:
    """List what is wrong with the pages below a folder.

    Parameters
    ----------
    root : Path
        Folder of a site that is opened from files: every link in it is relative.

    Returns
    -------
    list of str
        ``page: problem``, in the order of pages.
    """
    root = root.resolve()
    pages = {path: _read(path) for path in sorted(root.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        told = [*page.problems, *_dead(page, path, pages=pages, root=root)]
        found += [f"{path.relative_to(root)}: {one}" for one in dict.fromkeys(told)]
    for path in sorted(root.rglob("*.css")):
        found += [f"{path.relative_to(root)}: {one}" for one in _style_problems(path)]
    return found or ([] if pages else [f"{root}: no page at all"])


def _read(path: Path) -> _Page:
    text = _DATA.sub("data:", path.read_text(encoding="utf-8"))
    page = _Page()
    page.feed(text)
    page.close()
    page.problems += [f"a style fetches {one}" for one in _STYLE_FETCH.findall(text)]
    return page


def _dead(page: _Page, path: Path, *, pages: dict[Path, _Page], root: Path) -> Iterator[str]:
    for address in page.links:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https", "mailto", "data", "javascript"):
            continue
        if parts.scheme or parts.netloc or parts.path.startswith("/"):
            yield f"a link that is not relative: {address}"
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.is_relative_to(root) or not target.is_file():
            yield f"a link to nowhere: {address}"
        elif target in pages and unquote(parts.fragment) not in pages[target].places:
            yield f"a link to no place on its page: {address}"


def _style_problems(path: Path) -> Iterator[str]:
    text = _DATA.sub("data:", path.read_text(encoding="utf-8"))
    for address in _STYLE_FILE.findall(text):
        if "//" in address:
            yield f"a style fetches {address}"
        elif not address.startswith(("data:", "#")) and not (path.parent / address).is_file():
            yield f"a style names no file: {address}"
