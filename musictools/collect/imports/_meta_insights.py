"""What the insights of Meta's two networks share: graphs day by day in UTF-16, and posts."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from musictools.collect.imports._field import Bound, Context, Field, quoted
from musictools.collect.imports._fields import constant, count, day, derived, file_day, text
from musictools.collect.imports._format import Evidence, Format, Sample, plain
from musictools.collect.imports._shapes import own, shaped
from musictools.errors import ExportError

#: Titles of graphs that tell no network.
_EITHER = {
    "views": "views",
    "viewers": "viewers",
    "reach": "reach",
    "content interactions": "interactions",
}
_TITLES = {
    "facebook": _EITHER
    | {
        "facebook visits": "profile_visits",
        "facebook follows": "follows",
        "facebook link clicks": "link_clicks",
    },
    "instagram": _EITHER
    | {
        "instagram profile visits": "profile_visits",
        "instagram follows": "follows",
        "instagram link clicks": "link_clicks",
    },
}
_BASE = Format(
    name="",
    kind="observations",
    title="",
    where="business.facebook.com (Meta Business Suite) > Insights > Results > Export (one CSV for "
    "each graph); Insights > Content > Export data (posts)",
    evidence=(
        Evidence(
            "github.com/crispee107161/pcm-dss-main @9b9512cbf68d267d4d36dd54efa23b44f967a042 "
            "(graphs, and a catalogue of posts)",
            "2026-11-26",
        ),
    ),
    columns={},
    notes=(
        "Graphs name nobody: their entity is 'me'. Days without a number may be left out of them.",
        (
            "A graph of views, viewers, reach or interactions does not tell whether it is "
            "Facebook's or Instagram's: the other files in its folder do, or the reader that is "
            "called."
        ),
        (
            "Numbers of posts, whose names end in _total, are those of their life, on the day on "
            "which the file was last changed: it tells no date of its own."
        ),
        (
            "Audience.csv, five tables in one file, is not read; neither are files in other "
            "languages than English."
        ),
    ),
)


def meta_formats(network: str, *, title: str, posts: Format) -> tuple[Format, Format]:
    """Give the graphs and the posts of one network.

    Parameters
    ----------
    network : str
        ``facebook`` or ``instagram``.
    title : str
        What the vendor calls it.
    posts : Format
        As of `posts_of`.
    """
    graphs = replace(
        _BASE,
        name=f"{network}_insights",
        title=title,
        needs=(("Date", "Primary"),),
        exact=True,
        also=lambda sample: not _is_of_another(sample, network),
        columns={
            "entity_id": constant("me"),
            **own(network),
            "metric": _graph(network),
            "observed_at": day("Date", formats=("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")).required(),
            "value": count("Primary"),
        },
        leave_out={"a day without a number": "{Primary} IS NULL"},
    )
    return graphs, replace(posts, name=f"{network}_insights", title=title)


def posts_of(
    network: str, *, needs: Iterable[str], artist: str, title: str, metrics: Mapping[str, str]
) -> Format:
    """Give the table of posts of one network.

    Parameters
    ----------
    network : str
        ``facebook`` or ``instagram``.
    needs : iterable of str
        Columns by which it is known.
    artist : str
        Column with the account's name.
    title : str
        SQL that gives the title of a post.
    metrics : mapping of str to str
        Metric to its column; an export need not have all of them.
    """
    return replace(
        _BASE,
        needs=(tuple(needs),),
        columns={
            "entity_id": shaped(
                "Post ID", pattern="[0-9]+(_[0-9]+)?", what="a post's whole number"
            ).required(),
            **own(network),
            "observed_at": file_day(),
            "_caption": text("Title").optional(),
            "_description": text("Description").optional(),
            "title": derived(title),
            "artist": text(artist),
            "_date": shaped("Date", pattern="(?i)lifetime", what="'Lifetime'"),
        },
        metrics={metric: count(name).optional() for metric, name in metrics.items()},
    )


def _title(lines: Iterable[str]) -> str:
    """Give the title of a graph: the line above the header that is none for spreadsheets."""
    title = ""
    for line in lines:
        bare = plain(line)
        if "," in bare and not bare.startswith("sep="):
            break
        if bare and not bare.startswith("sep="):
            title = bare
    return title


def _is_of_another(sample: Sample, network: str) -> bool:
    other = "facebook" if network == "instagram" else "instagram"
    return _title(sample.lines).startswith(other)


def _graph(network: str) -> Field:
    """Put there what a graph counts, by its title."""

    def bind(_: Field, context: Context) -> Bound:
        title = _title(context.preamble.splitlines())
        known = _TITLES[network]
        if title not in known:
            raise ExportError(
                f"read {context.file}",
                got=f"a graph with the title {title!r}" if title else "a graph without a title",
                expected="one of " + ", ".join(map(repr, known)),
                hint="read the other files without it; or read_table(path, mapping=...)",
            )
        return Bound(quoted(known[title]), same=True)

    return Field("VARCHAR", bind)
