"""Pages of tasks."""

from flask import Blueprint

from tracker.tasks import (
    action_views,
    detail_views,
    list_views,
    reopen_views,
    report_views,
    suspended_views,
)

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")
report_views.register(blueprint)
list_views.register(blueprint)
suspended_views.register(blueprint)
detail_views.register(blueprint)
action_views.register(blueprint)
reopen_views.register(blueprint)
