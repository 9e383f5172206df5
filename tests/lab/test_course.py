"""Copies for a course: nothing of a solution for students, everything for teachers."""

import json

import pytest

from musictools.errors import InputError, MusictoolsError
from musictools.lab import _course, _lesson

OPENING = """# Is it loud?

**Question.** Which of *our* songs
is the loudest?

**You will learn**

- to look at a peak
- and why
  not

**Before you start.** [Nothing](00-none.ipynb).

**Time.** 25 minutes with the exercises.

**Data and licence.** Invented, CC0."""
HIDDEN = {"jupyter": {"source_hidden": True, "outputs_hidden": True}, "tags": ["solution"]}


def cell(kind, source, **metadata):
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": "x", "metadata": metadata, "source": source} | code


@pytest.fixture
def shipped(tmp_path):
    """A folder with one notebook of two exercises, its README, and what teachers have heard."""
    folded = "*A solution is folded below. Click on the bar to open it.*"
    turn = {"tags": ["your-turn"]}
    cells = [
        cell("markdown", OPENING),
        cell("markdown", "## The tempting answer: the peak\n\nHigher peak, louder\nsong.\n\nNo!"),
        cell("code", "import musictools as mt"),
        cell("markdown", "## Exercises\n\n**Exercise 1.** How much? See [the map](README.md)."),
        cell("code", "# Your code here.", **turn),
        cell("markdown", folded),
        cell("code", "first_answer = 6\nassert first_answer", **HIDDEN),
        cell("markdown", "The remark gives it away.\n\n**Exercise 2.** How often?"),
        cell("code", "# Your code here.", **turn),
        cell("markdown", folded),
        cell("code", "second_answer = 7\nassert second_answer", **HIDDEN),
        cell("markdown", "Seven it is.\n\n## Takeaways\n\n- listen\n- measure"),
    ]
    about = {"title": "Is it loud?", "track": "production", "level": "adv"}
    notebook = {"cells": cells, "metadata": {"musictools": about}, "nbformat": 4}
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "00-loud.ipynb").write_text(json.dumps(notebook | {"nbformat_minor": 5}))
    (folder / "README.md").write_text("# The notebooks\n")
    (folder / "teachers.md").write_text('# Heard\n\n## 00-loud\n\n- "Halves."\n\n## 99-no\n\n- x\n')
    return folder


def words(path):
    return "\n\n".join(one["source"] for one in json.loads(path.read_text("utf-8"))["cells"])


def test_students_get_tasks_and_no_solution(shipped, tmp_path):
    made = _course.copy_notebooks(tmp_path / "course", source=shipped)
    assert made.written == ("00-loud.ipynb", "README.md")
    text = words(made.folder / "00-loud.ipynb")
    for hidden in ("answer =", "folded", "remark", "Seven"):
        assert hidden not in text
    for there in ("**Exercise 1.** How much?", "**Exercise 2.** How often?", "## Takeaways"):
        assert there in text
    assert text.count("# Your code here.") == 2
    assert "ask who gave them" in (made.folder / "README.md").read_text("utf-8")
    assert sorted(path.name for path in made.folder.rglob("*") if path.is_file()) == [
        ".shipped.json",
        "00-loud.ipynb",
        "README.md",
    ]


def test_teachers_get_open_solutions_and_a_note(shipped, tmp_path):
    made = _course.copy_notebooks(tmp_path / "course", source=shipped, solutions=True)
    solved = json.loads((made.folder / "solutions" / "00-loud.ipynb").read_text("utf-8"))
    assert [c["metadata"] for c in solved["cells"] if "_answer" in c["source"]] == [
        {"tags": ["solution"]}
    ] * 2
    text = words(made.folder / "solutions" / "00-loud.ipynb")
    assert "Your code" not in text
    assert "](../README.md)" in text
    assert "not to be handed out" in (made.folder / "README.md").read_text("utf-8")
    assert "The remark gives it away." in text
    note = (made.folder / "teachers" / "00-loud.md").read_text("utf-8")
    for part in (
        "production, advanced, 25 minutes",
        "- to look at a peak\n- and why not\n",
        "[Nothing](../00-none.ipynb).",
        '- **The tempting answer: the peak.** Higher peak, louder song.\n- "Halves."\n',
        "**2.** How often?\n\n```python\nsecond_answer = 7",
        "The remark gives it away.",
        "- listen\n- measure",
    ):
        assert part in note
    assert "- x" not in note


def test_what_a_student_changed_is_never_overwritten(shipped, tmp_path):
    folder = tmp_path / "course"
    _course.copy_notebooks(folder, source=shipped)
    (folder / "00-loud.ipynb").write_text("my work")
    (shipped / "README.md").write_text("second edition")
    made = _course.copy_notebooks(folder, source=shipped)
    assert (made.written, made.kept) == (("README.md",), ("00-loud.ipynb",))
    assert (folder / "00-loud.ipynb").read_text() == "my work"
    assert "second edition" in (folder / "README.md").read_text()


def test_notebooks_for_colab_install_first(shipped, tmp_path):
    what = "musictools-research[widgets]"
    made = _course.copy_notebooks(tmp_path / "course", source=shipped, install=what)
    cells = json.loads((made.folder / "00-loud.ipynb").read_text("utf-8"))["cells"]
    assert [one["cell_type"] for one in cells[:3]] == ["markdown", "code", "markdown"]
    assert cells[1]["source"] == f'%pip install -q "{what}"'
    with pytest.raises(InputError, match="without quotation marks"):
        _course.copy_notebooks(tmp_path / "other", source=shipped, install='x" && y')


def test_folders_that_cannot_be_copied_to_are_told(shipped, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match="another folder"):
        _course.copy_notebooks(tmp_path / "file", source=shipped)
    with pytest.raises(InputError, match="another folder"):
        _course.copy_notebooks(shipped, source=shipped)
    with pytest.raises(InputError, match="0 notebooks"):
        _course.copy_notebooks(tmp_path / "course", source=tmp_path)
    (tmp_path / "course" / "README.md").mkdir(parents=True)
    with pytest.raises(MusictoolsError, match="can be written"):
        _course.copy_notebooks(tmp_path / "course", source=shipped)


@pytest.fixture(scope="module")
def ours(root):
    """Every shipped notebook with what it says about itself."""
    paths = sorted((root / "notebooks").glob("*.ipynb"))
    return {path: _lesson.read_lesson(path) for path in paths}


def test_every_notebook_tells_what_teachers_need(ours, root):
    heard = _course.wrong_answers(root / "notebooks" / "teachers.md")
    for path, told in ours.items():
        for part in ("question", "before", "data", "minutes", "goals", "takeaways", "title"):
            assert getattr(told, part), f"{path.name}: {part}"
        assert told.wrong or heard.get(path.stem), f"{path.name}: no wrong answer is told"
        assert len(told.exercises) >= 2
        assert all(one.task and one.solution for one in told.exercises), path.name
    assert set(heard) <= {path.stem for path in ours}


def test_no_line_of_a_solution_reaches_students(ours):
    for path, told in ours.items():
        notebook = json.loads(path.read_text("utf-8"))
        left = [_lesson.source_of(one) for one in _course.without_solutions(notebook)["cells"]]
        text = "\n".join(left)
        for one in told.exercises:
            assert one.solution not in text, path.name
            assert not one.comment or one.comment not in " ".join(text.split()), path.name
            assert one.task in " ".join(text.split()), path.name
        assert "folded below" not in text
        assert "".join(left[-1:]) == "mt.show_versions()"
