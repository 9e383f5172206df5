"""Bars of progress are there while a person watches, and gone afterwards."""

import io
import sys
import types

import pytest

from musictools._progress import track, watched


def test_nothing_is_shown_where_nobody_watches(capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    assert not watched()
    assert list(track(range(3), total=3, label="read")) == [0, 1, 2]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("fails", [False, True])
def test_a_notebook_keeps_no_bar(capsys, monkeypatch, fails):
    """What is displayed is text that is taken back; a widget would stay as a lost model."""
    seen = []
    place = types.SimpleNamespace(update=lambda data, raw: seen.append(data))
    shown = types.ModuleType("IPython.display")
    shown.display = lambda data, raw, display_id: (seen.append(data), place)[1]
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    shell = types.ModuleType("IPython")
    shell.get_ipython = lambda: types.SimpleNamespace(kernel=None)
    monkeypatch.setitem(sys.modules, "IPython", shell)

    def work():
        for _ in track(range(2), total=2, label="read"):
            if fails:
                raise ValueError

    if fails:
        with pytest.raises(ValueError, match=r"^$"):
            work()
    else:
        work()
    assert any("read" in data["text/plain"] for data in seen)
    assert seen[-1] == {"text/plain": ""}
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("shell", [None, types.SimpleNamespace()])
def test_a_script_that_imports_ipykernel_is_no_notebook(monkeypatch, shell):
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: shell
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    assert not watched()
    assert list(track(range(3), total=3, label="read")) == [0, 1, 2]


def test_a_terminal_is_wiped(monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    list(track(range(2), total=2, label="read", progress=True))
    last = terminal.getvalue().rstrip("\r").rpartition("\r")[2]
    assert "read" in terminal.getvalue()
    assert not last.strip()
