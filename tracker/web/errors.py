"""Knows how a refusal becomes an answer: a page for people, JSON for scripts, never a 500 for input."""

import logging

import orjson
from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from tracker.errors import Fault, Unavailable
from tracker.storage.db import db
from tracker.texts import N_
from tracker.web.redirects import referring_path

log = logging.getLogger(__name__)

TITLES = {
    400: N_("请求有误"),
    401: N_("请先登录"),
    403: N_("没有权限"),
    404: N_("没有找到"),
    405: N_("不支持的操作"),
    409: N_("与他人的操作冲突"),
    413: N_("上传的内容过大"),
    422: N_("填写有误"),
    429: N_("操作过于频繁"),
    500: N_("系统出错"),
    503: N_("系统暂时不可用"),
    507: N_("磁盘空间不足"),
}


def words(fault: Fault) -> str:
    """The fault's message in the reader's language, its facts translated too."""
    facts = {
        key: _(value) if isinstance(value, str) else value for key, value in fault.facts.items()
    }
    return _(fault.message, **facts)


#: Blueprints that only scripts speak to, whatever they say they accept.
_FOR_SCRIPTS = frozenset({"sync"})
#: Below it a refusal has the form of an OGC exception (OGC 17-069r4, 7.5.2).
OGC = "/ogc/"


def wants_json() -> bool:
    """Whether the answer is read by a script."""
    if request.blueprint in _FOR_SCRIPTS:
        return True
    if request.path.startswith(("/api/", OGC)) or request.path.endswith((".json", ".mvt")):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" or request.headers.get("X-Requested-With") == "fetch"


def answer(status: int, message: str, *, code: str, field: str | None = None) -> Response:
    """One refusal, as page or JSON."""
    if request.path.startswith(OGC):
        # the standard has this status for whatever was asked wrongly
        status = 400 if status == 422 else status
        words_of = {"code": code, "description": message}
        response = make_response(orjson.dumps(words_of), {"Content-Type": "application/json"})
    elif wants_json():
        response = jsonify(error=code, message=message, field=field)
    else:
        title = TITLES.get(status, TITLES[400])
        response = make_response(
            render_template(
                "errors/refusal.html",
                status=status,
                title=_(title),
                message=message,
                came_from=_came_from(),
            )
        )
    response.status_code = status
    if status in (503, 507):
        response.headers["Retry-After"] = "5"
    return response


def _came_from() -> str | None:
    """The page of ours that led here, unless it is this very one; never reads the body."""
    came = referring_path()
    return None if came in ("/", request.full_path.rstrip("?")) else came


def install(app: Flask) -> None:
    app.register_error_handler(Fault, _fault)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _unexpected)


def _fault(fault: Fault) -> Response:
    db.session.rollback()
    log.info("refused %s %s: %s", request.method, request.path, fault.code)
    return answer(fault.status, words(fault), code=fault.code, field=getattr(fault, "field", None))


def _csrf(_error: CSRFError) -> Response:
    message = _("页面已过期或来源不明，内容没有提交。请返回上一页，刷新后重试。")
    return answer(400, message, code="csrf")


def _too_large(_error: RequestEntityTooLarge) -> Response:
    return answer(413, _("上传的内容过大，请减少照片数量或缩小照片后重试。"), code="too_large")


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    message = {
        404: _("没有这个页面，或您无权查看。"),
        405: _("这个地址不支持这样访问，请从页面上的按钮操作。"),
    }.get(status, _("请求不能处理，请检查后重试。"))
    return answer(status, message, code=error.name.lower().replace(" ", "_"))


def _database(error: OperationalError) -> Response:
    db.session.rollback()
    log.error("database refused: %s", error.orig)
    return answer(Unavailable.status, _("数据库暂时不可用，请稍后重试。"), code=Unavailable.code)


def _unexpected(error: Exception) -> Response:
    db.session.rollback()
    log.exception("unexpected error at %s %s", request.method, request.path, exc_info=error)
    return answer(
        500, _("系统出错了，操作没有保存。请重试；如再次出现，请联系系统管理员。"), code="internal"
    )
