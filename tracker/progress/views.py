"""Pages of progress: boards, the command room's screen, review maps, past days, hot spots, sheets and the wall."""

from flask import Blueprint

from tracker.progress import (
    board_views,
    compare_views,
    hotspots_views,
    meeting_views,
    review_map_views,
    review_views,
    screen_views,
    sheet_views,
    since_views,
    timeline_views,
    wall_views,
)

blueprint = Blueprint("progress", __name__, url_prefix="/progress")
for _part in (
    board_views, screen_views, review_views, review_map_views, compare_views, timeline_views, since_views, meeting_views,
    hotspots_views, sheet_views, wall_views,
):  # fmt: skip
    _part.register(blueprint)
