"""A refusal is a page that says what to do for people, and JSON for scripts; never a stack trace."""

import sqlite3
from collections.abc import Callable
from typing import NoReturn

import pytest
from flask import Flask, abort
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError

from tests.factories.client import OfficeClient, open_session, visitor
from tests.factories.world import make_world
from tracker import errors

RAISED: dict[int, Callable[[], ResponseReturnValue]] = {}


def _raises(status: int, error: Callable[[], Exception]) -> None:
    def view() -> NoReturn:
        raise error()

    RAISED[status] = view


_raises(403, lambda: errors.NotPermitted("须由辖区派遣员立案，且不能是上报人本人或上报单位"))
_raises(404, lambda: errors.NotFound("没有这项任务，或您无权查看。"))
_raises(409, lambda: errors.Conflict("他人已处理，请刷新。"))
_raises(422, lambda: errors.Invalid("时限%(n)d无效，请填写正整数。", field="limit", n=-3))
_raises(500, lambda: RuntimeError("secret inner state"))
_raises(503, lambda: OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error")))
_raises(507, lambda: errors.StorageFull("磁盘空间不足，照片没有保存。"))

WORDS = {
    403: "须由辖区派遣员立案", 404: "没有这项任务", 409: "他人已处理", 422: "时限-3无效",
    500: "操作没有保存", 503: "数据库暂时不可用", 507: "照片没有保存",
}  # fmt: skip


@pytest.fixture
def failing(make_app: Callable[..., Flask]) -> Flask:
    """An installation with a page for each way to fail."""
    app = make_app("sqlite")
    for status, view in RAISED.items():
        app.add_url_rule(f"/fails/{status}", f"fails_{status}", view)
    app.add_url_rule("/aborts", "aborts", lambda: abort(418))
    with app.app_context():
        make_world()
    return app


@pytest.fixture(params=["visitor", "inspector"])
def client(request: pytest.FixtureRequest, failing: Flask) -> OfficeClient:
    """Nobody, and somebody."""
    if request.param == "visitor":
        return visitor(failing)
    return open_session(failing, request.param)


@pytest.mark.parametrize("status", sorted(RAISED))
def test_a_person_reads_what_is_wrong_and_where_to_go(client: OfficeClient, status: int) -> None:
    answer = client.get(f"/fails/{status}")
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert WORDS[status] in answer.text
    assert "secret inner state" not in answer.text
    assert "<h1>" in answer.text
    assert 'class="btn btn-primary"' in answer.text


@pytest.mark.parametrize("status", sorted(RAISED))
def test_a_script_gets_json_with_a_stable_code(client: OfficeClient, status: int) -> None:
    answer = client.get(f"/fails/{status}", headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert answer.mimetype == "application/json"
    assert WORDS[status] in answer.json["message"]
    assert answer.json["error"] in {
        "not_permitted", "not_found", "conflict", "invalid", "internal", "unavailable", "storage_full",
    }  # fmt: skip
    assert answer.json["field"] == ("limit" if status == 422 else None)


def test_a_visitor_is_led_to_sign_in_and_a_person_home(failing: Flask) -> None:
    assert "去登录" in visitor(failing).get("/fails/404").text
    signed_in = open_session(failing, "inspector").get("/fails/404").text
    assert "回到首页" in signed_in
    assert "去登录" not in signed_in


def test_the_way_back_leads_only_to_a_page_of_ours(failing: Flask) -> None:
    client = open_session(failing, "inspector")
    ours = client.get("/fails/409", headers={"Referer": "http://localhost/tasks/JW-1?x=1"}).text
    assert 'href="/tasks/JW-1?x=1"' in ours
    theirs = client.get("/fails/409", headers={"Referer": "http://evil.example/tasks/"}).text
    assert "evil.example" not in theirs
    assert "返回上一页" not in theirs


def test_try_again_later_is_said_to_programs_too(failing: Flask) -> None:
    client = visitor(failing)
    assert client.get("/fails/503").headers["Retry-After"]
    assert client.get("/fails/507").headers["Retry-After"]
    assert "Retry-After" not in client.get("/fails/500").headers


@pytest.mark.parametrize(
    ("path", "status"), [("/no/such/page", 404), ("/healthz", 405), ("/aborts", 418)]
)
def test_an_unknown_address_and_a_wrong_method_have_their_page(
    client: OfficeClient, path: str, status: int
) -> None:
    answer = client.delete(path) if status == 405 else client.get(path)
    if status == 405 and answer.status_code == 400:
        pytest.skip("a missing token is refused first")
    assert answer.status_code == status
    assert "<h1>" in answer.text


def test_a_form_without_token_is_refused_with_words(failing: Flask) -> None:
    answer = visitor(failing).post("/locale", data={"locale": "en"})
    assert answer.status_code == 400
    assert "页面已过期" in answer.text


def test_a_body_that_is_too_large_is_refused_with_words(failing: Flask) -> None:
    failing.config["MAX_CONTENT_LENGTH"] = 1000
    client = visitor(failing)
    answer = client.post("/locale", data={"locale": "x" * 5000})
    assert answer.status_code == 413
    assert "上传的内容过大" in answer.text


def test_the_page_is_in_the_readers_language(failing: Flask) -> None:
    client = visitor(failing)
    client.post_form("/locale", {"locale": "en"})
    assert '<html lang="en">' in client.get("/fails/404").text
