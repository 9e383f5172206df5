"""formats(): what can be read, where to download it, and how sure we are of it."""

from typing import TYPE_CHECKING

from musictools.collect.imports._formats import FORMATS

if TYPE_CHECKING:
    import pandas as pd


def formats(kind: str | None = None) -> "pd.DataFrame":
    """List the files that can be read, and where to download them.

    Parameters
    ----------
    kind : str, optional
        Only those that give this table, such as ``"royalties"``.

    Returns
    -------
    pandas.DataFrame
        Columns ``format, kind, title, reader, verified, where, evidence, read_on, notes``. Formats
        that are not verified have no reader of their own, since no public evidence shows their
        header: their name is a mapping for `read_table`.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.collect.formats("royalties").set_index("format").loc["distrokid", "reader"]
    'read_distrokid'
    """
    import pandas as pd

    rows = [
        {
            "format": each.name,
            "kind": each.kind,
            "title": each.title,
            "reader": f"read_{each.name}" if each.verified else "",
            "verified": each.verified,
            "where": each.where,
            "evidence": "; ".join(some.where for some in each.evidence),
            "read_on": max((some.read_on for some in each.evidence), default=""),
            "notes": " ".join(each.notes),
        }
        for some in FORMATS.values()
        for each in some[:1]
        if kind is None or each.kind == kind
    ]
    return pd.DataFrame(rows)
