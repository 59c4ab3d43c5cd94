"""Pages of tasks."""

from flask import Blueprint

from tracker.tasks import action_views, detail_views, list_views, report_views

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")
report_views.register(blueprint)
list_views.register(blueprint)
detail_views.register(blueprint)
action_views.register(blueprint)
