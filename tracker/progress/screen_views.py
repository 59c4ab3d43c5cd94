"""The screen of the command room: large, dark, by itself up to date, without personal data."""

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from tracker import clock
from tracker.access.gate import current_actor, requires, unattended
from tracker.access.permissions import Permission
from tracker.errors import NotFound
from tracker.places.locating import epoch
from tracker.places.models import Level
from tracker.progress import board_scope, screen
from tracker.progress.board_parts import boards_of
from tracker.progress.board_scope import Scope
from tracker.storage.db import db
from tracker.tasks.words import is_english
from tracker.texts import N_
from tracker.web.map_answers import kept_answer, settings_block, static_url, unchanged

#: Between two questions of the screen (seconds).
REFRESH_S = 60


@requires(Permission.PROGRESS_VIEW)
def page() -> str:
    """The empty screen; its figures come by `data`."""
    scope = _scope()
    words = {
        "lost": _("连接中断，以下是 {time} 的数据"), "ended": _("登录已结束，请重新登录"),
        "fresh": _("数据更新于 {time}"), "none": _("没有超期的任务"),
        "found": _("发现"), "closed": _("结案"), "open": _("未办结"), "rest": _("{n} 天以上"),
        "band": _("{least}–{most} 天"), "overdue": _("超期"), "rate": _("整改率"),
    }  # fmt: skip
    settings = {
        "data": url_for("progress.screen_data", area=scope.area.code if scope.area else ""),
        "every": REFRESH_S, "library": static_url("vendor/echarts/echarts.js"), "words": words,
        "lang": "en" if is_english() else "zh-CN",
    }  # fmt: skip
    return render_template("progress/screen.html", scope=scope, settings=settings_block(settings))


@requires(Permission.PROGRESS_VIEW)
@unattended
def data() -> Response:
    """The picture as JSON; 304 when nothing changed since the browser last had it."""
    session, at, scope = db.session(), clock.now(), _scope()
    area = scope.area.code if scope.area else ""
    parts = (area, screen.state(session, scope, at), epoch(session), is_english())
    return unchanged(*parts) or kept_answer(screen.picture(session, scope, at), *parts)


def _scope() -> Scope:
    """The area that the address names, else the first of the person's. Raises NotFound without one."""
    actor = current_actor()
    boards = [board for board in boards_of(actor) if not board.of_unit]
    if boards:
        args = {"board": boards[0].key, "area": request.args.get("area", "")}
        scope = board_scope.from_request(db.session(), actor, args)
        if scope.area is not None and scope.area.level != Level.GRID:
            return scope
    raise NotFound(N_("大屏按区、镇街或社区显示，您的岗位没有这样的辖区。"))


def register(blueprint: Blueprint) -> None:
    """Put the pages on the blueprint."""
    blueprint.add_url_rule("/screen", "screen", page)
    blueprint.add_url_rule("/screen/data", "screen_data", data)
