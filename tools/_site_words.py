"""Small pieces of reStructuredText: headings, tables, foreign Markdown."""

import html
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

_SPECIAL = re.compile(r"([\\*`|_])")
_LINK = re.compile(r'<a href="([^"]+)">(.*?)</a>', re.DOTALL)


def heading(text: str, *, mark: str = "=") -> str:
    """Give a heading with its line."""
    return f"{text}\n{mark * max(4, len(text))}\n\n"


def plain(value: Any) -> str:
    """Write any value so that nothing of it is markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(value).split()))


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give a table; cells are reStructuredText of one line."""
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in [titles, *rows]:
        for place, cell in enumerate(row):
            start = "   * -" if place == 0 else "     -"
            lines.append(f"{start} {cell}".rstrip())
    return "\n".join(lines) + "\n\n"


def frame(data: Any, *, rename: dict[str, str] | None = None) -> str:
    """Give a pandas frame as a table, missing values empty."""
    shown = data.astype(object).where(data.notna(), "")
    titles = [plain((rename or {}).get(str(name), name)) for name in shown.columns]
    rows = [[plain(_yes(value)) for value in row] for row in shown.itertuples(index=False)]
    return table(titles, rows)


def _yes(value: Any) -> Any:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def indented(text: str, by: int = 3) -> str:
    """Move every line to the right."""
    return "\n".join(" " * by + line if line.strip() else "" for line in text.splitlines())


def toctree(names: Iterable[str], *, hidden: bool = False) -> str:
    """Give the list of pages below a page."""
    options = "   :hidden:\n" if hidden else "   :maxdepth: 1\n"
    return f".. toctree::\n{options}\n" + "".join(f"   {name}\n" for name in names) + "\n"


def raw(text: str) -> str:
    """Give HTML as it is."""
    return f".. raw:: html\n\n{indented(text)}\n\n"


def markdown(text: str, *, link: Callable[[str], str | None]) -> tuple[str, str]:
    """Turn Markdown into a title and HTML.

    Parameters
    ----------
    text : str
        Markdown; its first heading is the title.
    link : callable
        Given a relative address, it tells the one on the site, or None if that place has no page.

    Returns
    -------
    title, body : str
        Plain text and HTML.
    """
    import mistune

    first, _, rest = text.partition("\n")
    body = mistune.create_markdown(plugins=["table", "url"])(rest)

    def linked(found: "re.Match[str]") -> str:
        address, words = html.unescape(found[1]), found[2]
        if "://" not in address and not address.startswith("#"):
            there = link(address)
            return f'<a href="{html.escape(there)}">{words}</a>' if there else words
        return found[0]

    body = _LINK.sub(linked, str(body))
    return first.removeprefix("# ").replace("`", ""), f'<div class="md">\n{body}</div>'
