"""Pages of progress: boards, review maps, past days."""

from flask import Blueprint

from tracker.progress import board_views

blueprint = Blueprint("progress", __name__, url_prefix="/progress")
board_views.register(blueprint)
