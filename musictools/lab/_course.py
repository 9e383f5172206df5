"""Copies of the notebooks for a course: without solutions for students, with them for teachers."""

import copy
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musictools.errors import InputError, MusictoolsError
from musictools.lab._folder import place_files, shipped_folder
from musictools.lab._lesson import (
    LEVELS,
    Lesson,
    has_tag,
    lesson,
    source_of,
    split_comment,
)

SOLUTIONS, NOTES = "solutions", "teachers"
#: Headings that every notebook ends with, and that stand in the note by themselves.
_ENDING = ("What this cannot tell you", "Exercises", "Takeaways", "Next", "References")
_PURPOSE = "copy the notebooks"
_FOLDED = "*A solution is folded below"
_MAP = re.compile(r"\]\((?:\./)?README\.md")
_HEADING = re.compile(r"(?m)^## (\S+)\s*$")
_STUDENTS = "Solutions are left out of these copies; ask who gave them to you."
_TEACHERS = (
    "Solutions are left out of these copies. They stand in `solutions`, and a note for each "
    "notebook in `teachers`: for you, and not to be handed out."
)


@dataclass(frozen=True)
class CourseCopy:
    """What was copied for a course.

    Attributes
    ----------
    folder : pathlib.Path
        Where it stands.
    written : tuple of str
        Files that are now as shipped, as paths within the folder.
    kept : tuple of str
        Files that somebody has changed since, and that stayed as they were.
    """

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]


def copy_notebooks(
    folder: str | os.PathLike[str],
    *,
    solutions: bool = False,
    install: str = "",
    source: str | os.PathLike[str] | None = None,
) -> CourseCopy:
    """Copy the notebooks for a course: exercises without their solutions, and a README.

    They need no other file: the data come with the package, or are made by it. Call it again for
    a new edition. A file that was changed since it was copied is kept as it is, and told.

    Parameters
    ----------
    folder : path-like
        Where the copy goes. Made where it is missing.
    solutions : bool
        Whether to add what teachers need: the notebooks with open solutions in the folder
        ``solutions``, and a note for each in ``teachers``, with goals, time, what to know before,
        common wrong answers and exercises.
    install : str
        What pip installs first, in a cell after the title, where notebooks open without the
        package, as in Colab; such as ``"musictools-research[widgets]"``.
    source : path-like, optional
        Folder of the notebooks; the shipped ones by default.

    Returns
    -------
    CourseCopy
        What was written, and what was kept.

    Raises
    ------
    InputError
        If there is no notebook in `source`, `folder` is a file or that of the notebooks, or
            `install` is no requirement of one line.
    MusictoolsError
        If nothing can be written there.

    Examples
    --------
    >>> import musictools as mt, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = mt.lab.copy_notebooks(folder, solutions=True)
    >>> made.written[:2], made.kept
    (('00-start-here.ipynb', '01-what-a-recording-measures.ipynb'), ())
    """
    shipped = shipped_folder() if source is None else Path(source)
    paths = sorted(path for path in shipped.glob("*.ipynb") if not path.name.startswith("."))
    target = Path(folder)
    if not paths or target.resolve() == shipped.resolve() or target.is_file():
        raise InputError(
            _PURPOSE,
            got=f"{len(paths)} notebooks in {shipped}, to {target}",
            expected="at least one notebook, and another folder to copy to",
            hint="musictools lab --copy course",
        )
    if '"' in install or "\n" in install:
        raise InputError(
            _PURPOSE,
            got=f"install={install!r}",
            expected="a requirement of one line, without quotation marks",
            hint='install="musictools-research[widgets]"',
        )
    notebooks = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    if install:
        notebooks = {name: with_install(one, install) for name, one in notebooks.items()}
    files = {name: _bytes(without_solutions(one)) for name, one in notebooks.items()}
    readme = shipped / "README.md"
    if readme.is_file():
        last = _TEACHERS if solutions else _STUDENTS
        files[readme.name] = f"{readme.read_text(encoding='utf-8')}\n{last}\n".encode()
    if solutions:
        wrong = wrong_answers(shipped / "teachers.md")
        for name, one in notebooks.items():
            note = teachers_note(lesson(one, name=name), wrong=wrong.get(Path(name).stem, ""))
            files[f"{SOLUTIONS}/{name}"] = _bytes(with_solutions(one))
            files[f"{NOTES}/{Path(name).stem}.md"] = note.encode()
    try:
        written, kept = place_files(files, target)
    except OSError as error:
        raise MusictoolsError(
            _PURPOSE,
            got=f"{error.strerror or error} at {target}",
            expected="a folder that can be written to",
            hint="musictools lab --copy ANOTHER_FOLDER",
        ) from error
    return CourseCopy(target, tuple(written), tuple(kept))


def without_solutions(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out solutions, the words that announce them, and those that discuss them."""
    made, after = copy.deepcopy(dict(notebook)), False
    cells: list[dict[str, Any]] = []
    for cell in made["cells"]:
        if has_tag(cell, "solution"):
            after = True
            if cells and source_of(cells[-1]).startswith(_FOLDED):
                cells.pop()
            continue
        if after and cell["cell_type"] == "markdown":
            cell["source"] = split_comment(source_of(cell))[1]
            after = False
            if not cell["source"].strip():
                continue
        cells.append(cell)
    made["cells"] = cells
    return made


def with_solutions(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Open every solution, in place of the cell for the reader."""
    made = copy.deepcopy(dict(notebook))
    cells: list[dict[str, Any]] = []
    for cell in made["cells"]:
        if has_tag(cell, "your-turn"):
            continue
        text = source_of(cell)
        if text.startswith(_FOLDED):
            cell["source"] = "*A solution:*"
        elif cell["cell_type"] == "markdown":
            cell["source"] = _MAP.sub("](../README.md", text)
        if has_tag(cell, "solution"):
            cell["metadata"].pop("jupyter", None)
        cells.append(cell)
    made["cells"] = cells
    return made


def with_install(notebook: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Add a cell after the title that installs what the notebook needs."""
    made = copy.deepcopy(dict(notebook))
    cell = {"cell_type": "code", "id": "install", "metadata": {}, "outputs": []}
    source = f'%pip install -q "{what}"'
    made["cells"] = [*made["cells"][:1], cell | {"execution_count": None, "source": source}]
    made["cells"] += notebook["cells"][1:]
    return made


def wrong_answers(path: Path) -> dict[str, str]:
    """Read what teachers have heard: for the name of each notebook, a list as Markdown."""
    if not path.is_file():
        return {}
    parts = _HEADING.split(path.read_text(encoding="utf-8"))
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def teachers_note(told: Lesson, *, wrong: str = "") -> str:
    """Write the note for those who teach with a notebook.

    Parameters
    ----------
    told : Lesson
        What the notebook says about itself.
    wrong : str
        More common wrong answers, a list as Markdown.

    Returns
    -------
    str
        Markdown.
    """
    level = LEVELS.get(told.level, told.level)
    facts = [told.track, level, f"{told.minutes} minutes with the exercises" * bool(told.minutes)]
    heard = "\n".join(filter(None, [_list(told.wrong), wrong]))
    parts = {
        "The question": told.question,
        "Goals": _list(told.goals),
        "What to know before": told.before,
        "Data": told.data,
        "The way": _list(tuple(one for one in told.sections if one not in _ENDING)),
        "Common wrong answers": heard,
        "Exercises": "\n\n".join(_exercise(told, number) for number in range(len(told.exercises))),
        "What it cannot tell": _list(told.limits),
        "To ask for at the end": _list(told.takeaways),
    }
    head = f"# Teacher's note: {told.title}\n\n{', '.join(filter(None, facts))}\n\n"
    head += f"Notebook: [{told.name}](../{told.name}), "
    head += f"with solutions: [solutions/{told.name}](../{SOLUTIONS}/{told.name})\n"
    body = "".join(f"\n## {name}\n\n{text}\n" for name, text in parts.items() if text)
    return head + _away(body)


def _exercise(told: Lesson, number: int) -> str:
    one = told.exercises[number]
    code = f"```python\n{one.solution.rstrip()}\n```"
    return f"**{number + 1}.** {one.task}\n\n{code}\n\n{one.comment}".strip()


def _list(lines: tuple[str, ...]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _away(text: str) -> str:
    """Links to fellow notebooks, as seen from the folder of notes."""
    return re.sub(r"\]\((?![a-z]+:|/|#|\.\./)([^)\s]+\.(?:ipynb|md))", r"](../\1", text)


def _bytes(notebook: Mapping[str, Any]) -> bytes:
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()
