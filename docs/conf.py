"""Settings of Sphinx. `tools/docs.py` adds generated pages to these sources and builds the site."""

from musictools._version import __version__

project = "musictools"
author = "The musictools authors"
release = version = __version__
extensions = ["sphinx.ext.autodoc", "numpydoc"]
templates_path = ["_templates"]
html_static_path = ["_static"]
html_theme = "basic"
html_style = "site.css"
html_sidebars = {"**": ["searchbox.html", "globaltoc.html"]}
html_title = "musictools"
html_show_sourcelink = html_copy_source = html_use_index = False
# A page from a file may not read its neighbours, from which summaries would come.
html_show_search_summary = False
html_show_copyright = False
highlight_language = "python3"
default_role = "code"
autodoc_typehints = "none"  # the docstrings say it with shapes and units
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
trim_doctest_flags = True
toc_object_entries = False


def _skip_foreign(app, what, name, thing, skip, options):
    """Leave out what classes have from other packages, such as scikit-learn's routing."""
    home = getattr(thing, "__module__", None) or "musictools"
    return True if not home.startswith("musictools") else None


def setup(app):
    app.connect("autodoc-skip-member", _skip_foreign)
