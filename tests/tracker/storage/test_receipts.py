"""Receipts: one UUID, one person, one content, one answer."""

from uuid import uuid4

import pytest
from flask import Flask

from tests.factories.world import make_world
from tracker.errors import Conflict, Invalid
from tracker.storage import receipts
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

CONTENT = {"number": "JW-1", "words": "积水", "nested": {"b": 1, "a": [1, 2]}}


@pytest.fixture
def kept(both: Flask) -> tuple[str, int]:
    """A receipt of the clerk's."""
    actor, uuid = make_world().users["clerk"], str(uuid4())
    with unit_of_work() as work:
        receipts.keep(
            work,
            uuid,
            actor_id=actor,
            digest=receipts.digest_of(CONTENT),
            outcome={"state": "filed"},
        )
    return uuid, actor


def test_the_same_request_finds_its_answer(kept: tuple[str, int]):
    uuid, actor = kept
    digest = receipts.digest_of(dict(reversed(CONTENT.items())))
    found = receipts.earlier(db.session(), uuid, actor_id=actor, digest=digest)
    assert found == {"state": "filed"}


def test_an_unknown_request_has_no_answer(kept: tuple[str, int]):
    digest = receipts.digest_of(CONTENT)
    assert receipts.earlier(db.session(), str(uuid4()), actor_id=kept[1], digest=digest) is None


def test_other_content_or_another_person_is_a_conflict(kept: tuple[str, int]):
    uuid, actor = kept
    same, other = receipts.digest_of(CONTENT), receipts.digest_of({**CONTENT, "words": "积 水"})
    for who, digest in ((actor, other), (actor + 1, same), (None, same)):
        with pytest.raises(Conflict) as caught:
            receipts.earlier(db.session(), uuid, actor_id=who, digest=digest)
        assert caught.value.code == "request_reused"


def keep_and_fail(uuid: str) -> None:
    with unit_of_work() as work:
        receipts.keep(work, uuid, actor_id=None, digest="0" * 64, outcome={})
        work.flush()
        raise ZeroDivisionError


def test_a_receipt_is_undone_with_the_write_it_belongs_to(both: Flask):
    uuid = str(uuid4())
    with pytest.raises(ZeroDivisionError):
        keep_and_fail(uuid)
    assert receipts.earlier(db.session(), uuid, actor_id=None, digest="0" * 64) is None


@pytest.mark.parametrize("text", [None, "", "1", "x" * 36, "' OR 1=1 --"])
def test_what_is_no_uuid_is_refused(text: str | None):
    with pytest.raises(Invalid) as caught:
        receipts.parse_uuid(text)
    assert caught.value.field == "request_uuid"


def test_a_uuid_has_one_form():
    plain = "6F9619FF8B86D011B42D00CF4FC964FF"
    assert receipts.parse_uuid(plain) == "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
    assert receipts.parse_uuid("{" + plain + "}") == receipts.parse_uuid(plain.lower())
