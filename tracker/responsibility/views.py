"""The responsibility map: who answers where, the posts, what is left over, on paper, from files."""

from flask import Blueprint

from tracker.responsibility import (
    ask_views,
    cover_views,
    file_views,
    form_views,
    map_views,
    paper_views,
    post_views,
)

blueprint = Blueprint("responsibility", __name__, url_prefix="/responsibility")
ask_views.register(blueprint)
map_views.register(blueprint)
post_views.register(blueprint)
form_views.register(blueprint)
cover_views.register(blueprint)
paper_views.register(blueprint)
file_views.register(blueprint)
