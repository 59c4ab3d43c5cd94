"""The register of inspection points: list, map, forms, labels, import and export."""

from flask import Blueprint

from tracker.points import file_views, form_views, label_views, list_views, map_views, rivers_views

blueprint = Blueprint("points", __name__, url_prefix="/points")
list_views.register(blueprint)
map_views.register(blueprint)
form_views.register(blueprint)
file_views.register(blueprint)
label_views.register(blueprint)
rivers_views.register(blueprint)
