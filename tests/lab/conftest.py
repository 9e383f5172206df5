"""Small notebooks to run, and a look for processes that were left behind."""

import pytest


@pytest.fixture
def notebook(tmp_path):
    """Write a notebook of the given cells: code, or Markdown after ``md:``."""
    # Not at the top: a conftest that skips takes the whole run down.
    nbformat = pytest.importorskip("nbformat", reason="no nbformat: the laboratory is not there")

    def write(name, *cells, **metadata):
        made = [
            nbformat.v4.new_markdown_cell(cell[3:])
            if cell.startswith("md:")
            else nbformat.v4.new_code_cell(cell)
            for cell in cells
        ]
        path = tmp_path / "notebooks" / name
        path.parent.mkdir(exist_ok=True)
        content = nbformat.v4.new_notebook(cells=made, metadata=metadata)
        for number, cell in enumerate(content.cells):
            cell["id"] = f"cell-{number}"
        nbformat.write(content, path)
        return path

    return write
