"""What a notebook says about itself, for the front page, the site and those who teach."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: A cell as it stands in the file of a notebook.
Cell = Mapping[str, Any]
#: Order of the tracks, and what each asks.
TRACKS = {
    "production": "How good is this recording?",
    "marketing": "Did the promotion work?",
    "streaming": "Who gets paid, and is it fair?",
}
LEVELS = {"intro": "introductory", "inter": "intermediate", "adv": "advanced"}
_NEXT_TASK = re.compile(r"(?m)^(?:\*\*Exercise \d|## )")
_TASK = re.compile(r"(?ms)^\*\*Exercise \d+\.\*\*\s*(.*?)(?=^\*\*Exercise \d|^## |\Z)")
_TEMPTING = re.compile(r"(?im)^(?:## .*tempting.*$|\*\*[^*\n]*tempting[^*\n]*\*\*)")


@dataclass(frozen=True)
class Exercise:
    """One exercise: what is asked, code that answers it, and what there is to say about it."""

    task: str
    solution: str
    comment: str


@dataclass(frozen=True)
class Lesson:
    """What a notebook says about itself, as Markdown; empty where it says nothing.

    Attributes
    ----------
    name : str
        File name.
    title, description, level, track : str
        From its metadata, or its first heading and paragraph.
    question, before, data : str
        What it asks, what a reader should know before, and whose data it uses.
    minutes : int
        For a first reading; 0 if it does not say.
    goals, sections, wrong, limits, takeaways : tuple of str
        What will be learned, the headings, tempting answers that are wrong, what it cannot tell,
        and what to take away.
    exercises : tuple of Exercise
        With their solutions.
    """

    name: str
    title: str
    description: str
    level: str
    track: str
    question: str
    before: str
    data: str
    minutes: int
    goals: tuple[str, ...]
    sections: tuple[str, ...]
    wrong: tuple[str, ...]
    limits: tuple[str, ...]
    takeaways: tuple[str, ...]
    exercises: tuple[Exercise, ...]


def source_of(cell: Cell) -> str:
    """Text of a cell; files hold it as lines or in one."""
    text = cell.get("source", "")
    return text if isinstance(text, str) else "".join(text)


def has_tag(cell: Cell, tag: str) -> bool:
    """Whether a cell carries a tag."""
    return tag in cell.get("metadata", {}).get("tags", ())


def split_comment(text: str) -> tuple[str, str]:
    """Divide the words after a solution: what belongs to it, and what comes next."""
    found = _NEXT_TASK.search(text)
    return (text[: found.start()], text[found.start() :]) if found else (text, "")


def read_lesson(path: Path) -> Lesson:
    """Read a file; see `lesson`."""
    return lesson(json.loads(path.read_text(encoding="utf-8")), name=path.name)


def lesson(notebook: Mapping[str, Any], *, name: str) -> Lesson:
    """Gather what a notebook says about itself.

    Parameters
    ----------
    notebook : mapping
        As in its file, or from nbformat.
    name : str
        File name.

    Returns
    -------
    Lesson
        Empty fields where the notebook has no such part.
    """
    cells: Sequence[Cell] = notebook["cells"]
    texts = [source_of(cell) for cell in cells if cell["cell_type"] == "markdown"]
    first, prose = (texts[0] if texts else ""), "\n\n".join(texts)
    told = notebook.get("metadata", {}).get("musictools", {})
    title, paragraph = _opening(prose)
    minutes = re.search(r"\*\*Time\.\*\* (\d+) minutes", first)
    return Lesson(
        name=name,
        title=str(told.get("title") or title or name),
        description=str(told.get("description") or paragraph),
        level=str(told.get("level", "")),
        track=str(told.get("track", "")),
        question=_part(first, "Question"),
        before=_part(first, "Before you start"),
        data=_part(first, "Data and licence"),
        minutes=int(minutes[1]) if minutes else 0,
        goals=_bullets(first.partition("**You will learn**")[2].partition("\n**")[0]),
        sections=tuple(re.findall(r"(?m)^## (.+?)\s*$", prose)),
        wrong=_tempting(prose),
        limits=_bullets(_section(prose, "What this cannot tell you")),
        takeaways=_bullets(_section(prose, "Takeaways")),
        exercises=_exercises(cells),
    )


def _opening(prose: str) -> tuple[str, str]:
    """First heading, and the first plain paragraph."""
    blocks = [block.strip() for block in prose.split("\n\n") if block.strip()]
    title = next((block for block in blocks if block.startswith("# ")), "")
    plain = [block for block in blocks if not block.startswith(("#", "|", "-", "*", ">", "<", "!"))]
    return title.removeprefix("# ").partition("\n")[0].strip(), _line(plain[0]) if plain else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _part(text: str, name: str) -> str:
    found = re.search(rf"(?ms)^\*\*{name}\.\*\*\s*(.*?)(?=\n\s*\n|\Z)", text)
    return _line(found[1]) if found else ""


def _section(prose: str, title: str) -> str:
    found = re.search(rf"(?ms)^## {title}\s*$(.*?)(?=^## |\Z)", prose)
    return found[1] if found else ""


def _bullets(text: str) -> tuple[str, ...]:
    found = re.findall(r"(?ms)^- (.*?)(?=^- |\n\s*\n|\Z)", text)
    return tuple(_line(one) for one in found)


def _tempting(prose: str) -> tuple[str, ...]:
    """Each tempting answer: its name, and the words up to the next blank line after it."""
    found = []
    for match in _TEMPTING.finditer(prose):
        name = re.sub(r"^## |\*\*", "", match[0]).strip().rstrip(".")
        rest = prose[match.end() :].lstrip()
        words = _line(re.split(r"\n\s*\n|^## ", rest, maxsplit=1, flags=re.MULTILINE)[0])
        found.append(f"**{name}.** {words}".strip())
    return tuple(found)


def _exercises(cells: Sequence[Cell]) -> tuple[Exercise, ...]:
    """Tasks stand in words before each solution, what there is to say about it after it."""
    found, words, solution = [], "", ""
    for cell in cells:
        if has_tag(cell, "solution"):
            solution = source_of(cell)
        elif cell["cell_type"] == "markdown":
            text = source_of(cell)
            if solution:
                comment, text = split_comment(text)
                found.append(Exercise(_task(words), solution, _line(comment)))
                words, solution = "", ""
            words += f"\n\n{text}"
    if solution:
        found.append(Exercise(_task(words), solution, ""))
    return tuple(found)


def _task(words: str) -> str:
    tasks = _TASK.findall(re.sub(r"(?m)^\*A solution is folded.*$", "", words))
    return _line(tasks[-1]) if tasks else ""
