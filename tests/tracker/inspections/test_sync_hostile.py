"""Whatever a hostile phone sends is refused in words and leaves nothing behind."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.points import make_point
from tests.factories.sending import SendingPhone, named, phone_of
from tests.factories.visits import sent_visit
from tests.factories.world import make_world
from tests.tracker.inspections.test_sync import counts, sent_report
from tracker.inspections.models import Visit
from tracker.storage.db import db


@pytest.fixture
def phone(app: Flask) -> SendingPhone:
    make_point(make_world(), code="P1")
    return phone_of(app, "inspector")


def without_last(body: dict[str, Any]) -> None:
    body["content"]["answers"].pop()


HOSTILE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no uuid": lambda body: body.pop("uuid"),
    "a list as uuid": lambda body: body.update(uuid=[1]),
    "no kind": lambda body: body.pop("kind"),
    "unknown kind": lambda body: body.update(kind="drop"),
    "kind is a list": lambda body: body.update(kind=["visit"]),
    "content is text": lambda body: body.update(content="x"),
    "no time": lambda body: body.update(made_at=None),
    "time without zone": lambda body: body.update(made_at="2026-11-22T10:00:00"),
    "year one": lambda body: body.update(made_at="0001-01-01T00:00:00+00:00"),
    "point is text": lambda body: body["content"].update(point_id="1; drop"),
    "point is huge": lambda body: body["content"].update(point_id=2**70),
    "point is true": lambda body: body["content"].update(point_id=True),
    "round is huge": lambda body: body["content"].update(round_id=2**31),
    "answers is text": lambda body: body["content"].update(answers="all fine"),
    "an answer is null": lambda body: body["content"].update(answers=[None]),
    "one too few": without_last,
    "position beyond the pole": lambda body: body["content"].update(
        position={"lon": 113.3, "lat": 95}
    ),
    "position is infinite": lambda body: body["content"].update(position={"lon": 1e999, "lat": 22}),
    "half a position": lambda body: body["content"].update(position={"lon": 113.3}),
    "huge note": lambda body: body["content"].update(note="很" * 5000),
    "huge answer note": lambda body: body["content"]["answers"][0].update(note="很" * 501),
    "result of another edition": lambda body: body["content"]["answers"][0].update(result="good"),
    "photo without bytes": lambda body: body.update(photos=[named("a" * 64)]),
    "photo hash is no hash": lambda body: body.update(photos=[named("../../etc/passwd")]),
    "photos is text": lambda body: body.update(photos="all"),
    "photo twice": lambda body: body.update(photos=[named("a" * 64, str(uuid4()))] * 2),
    "unnamed photo": lambda body: body["content"]["answers"][0].update(photos=[str(uuid4())]),
    "decisions is a list": lambda body: body.update(decisions=[1]),
    "near is a list": lambda body: body.update(decisions={"near": [1]}),
    "depth": lambda body: body["content"].update(note=json.loads("[" * 300 + "]" * 300)),
    "a surrogate": lambda body: body["content"].update(note="\ud800"),
}


@pytest.mark.parametrize("change", HOSTILE)
def test_hostile_input_is_refused_in_words_and_stores_nothing(phone: SendingPhone, change: str):
    body = sent_visit("P1", ("G6",))
    HOSTILE[change](body)
    answer = phone.send(body)
    told = answer.get_json()
    assert answer.status_code in (400, 409, 422), (answer.status_code, answer.text)
    assert told["error"]
    assert told["message"]
    assert set(counts().values()) == {0}


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 5000, b'"x"', b'{"a": NaN}']
)
def test_what_is_no_item_is_refused_in_words(phone: SendingPhone, data: bytes):
    answer = phone.client.post(
        "/inspect/items", data=data, content_type="application/json",
        headers={"X-CSRFToken": phone.csrf},
    )  # fmt: skip
    assert answer.status_code == 422
    assert answer.get_json()["message"]


def test_ten_megabytes_of_json_are_too_much(phone: SendingPhone):
    body = sent_visit("P1", content={"note": "x" * 10_000_000})
    answer = phone.send(body)
    assert answer.status_code == 413
    assert answer.get_json()["message"]


def test_strange_letters_and_nul_are_kept_or_dropped_but_break_nothing(both: Flask):
    make_point(make_world(), code="P1")
    phone = phone_of(both, "inspector")
    body = sent_visit("P1", content={"note": "𠮷\u202e\0<script>${7*7}"})
    answer = phone.send(body)
    assert answer.status_code == 200, answer.text
    assert counts()["Visit"] == 1
    note = db.session.scalars(select(Visit.note)).one()
    assert "\0" not in note
    assert "𠮷" in note
    assert phone.leave(sent_visit("P1", content={"x\0": "\0", "note": 5})).status_code == 202


def test_a_report_says_what_is_missing(phone: SendingPhone):
    for change, field in (
        ({"category_id": 999_999}, "category_id"),
        ({"description": ""}, "description"),
        ({"position": None}, "place"),
        ({"no_photo_reason": ""}, "before_photos"),
        ({"source": "leader"}, "source"),
        ({"community_code": "nowhere"}, "community_code"),
        ({"point_id": 999_999}, "point_id"),
        ({"self_handled": {"measures": ""}}, "measures"),
    ):
        answer = phone.send(sent_report(content=change))
        assert answer.status_code == 422, (change, answer.text)
        assert answer.get_json()["field"] == field
    assert set(counts().values()) == {0}
