"""Instagram's insights from Meta Business Suite: one file a graph, and the posts."""

from musictools.collect.imports._meta_insights import meta_formats, posts_of
from musictools.collect.imports._reader import reader

_POSTS = posts_of(
    "instagram",
    needs=("Post ID", "Account ID", "Account name", "Publish time"),
    artist="Account name",
    title="_description",
    metrics={
        "views_total": "Views",
        "reach_total": "Reach",
        "likes_total": "Likes",
        "shares_total": "Shares",
        "follows_total": "Follows",
        "comments_total": "Comments",
        "saves_total": "Saves",
    },
)

FORMATS = meta_formats("instagram", title="Instagram's insights", posts=_POSTS)
read_instagram_insights = reader(FORMATS[0])
