"""Facebook's insights from Meta Business Suite: one file a graph, and the posts."""

from musictools.collect.imports._meta_insights import meta_formats, posts_of
from musictools.collect.imports._reader import reader

_POSTS = posts_of(
    "facebook",
    needs=("Post ID", "Page ID", "Page name", "Publish time"),
    artist="Page name",
    # One of them is often empty, or the beginning of the other.
    title="CASE WHEN length(coalesce(_description, '')) > length(coalesce(_caption, '')) "
    "THEN _description ELSE _caption END",
    metrics={
        "views_total": "Views",
        "reach_total": "Reach",
        "interactions_total": "Reactions, Comments and Shares",
        "reactions_total": "Reactions",
        "comments_total": "Comments",
        "shares_total": "Shares",
        "clicks_total": "Total clicks",
        "other_clicks_total": "Other Clicks",
        "photo_clicks_total": "Matched Audience Targeting Consumption (Photo Click)",
    },
)

FORMATS = meta_formats("facebook", title="Facebook's insights", posts=_POSTS)
read_facebook_insights = reader(FORMATS[0])
