"""A cookie is believed only as this server signed it, for as long as it may be, and apart from others."""

from datetime import timedelta

from flask import Flask, session
from itsdangerous import URLSafeTimedSerializer

from tests.factories.client import open_session, visitor
from tests.factories.world import make_world
from tracker.people.models import UserSession
from tracker.storage.unit_of_work import unit_of_work


def test_a_cookie_that_was_changed_or_signed_elsewhere_signs_nobody_in(app: Flask) -> None:
    make_world()
    client = open_session(app, "clerk")
    assert client.get("/account").status_code == 200
    cookie = client.get_cookie("tracker")
    assert cookie is not None
    body, _, signature = cookie.value.rpartition(".")
    elsewhere = URLSafeTimedSerializer("another key", salt="cookie-session").dumps(
        {"_user_id": "x"}
    )
    for sent in (f"{body}.{signature[::-1]}", f"x{cookie.value}", elsewhere, "nonsense"):
        other = visitor(app)
        other.set_cookie("tracker", sent)
        assert other.get("/account").status_code == 302, sent
    assert client.get("/account").status_code == 200


def test_a_known_cookie_opens_nothing_once_its_session_is_revoked_or_it_is_too_old(
    app: Flask,
) -> None:
    make_world()
    client = open_session(app, "clerk")
    assert client.get("/account").status_code == 200
    app.permanent_session_lifetime = timedelta(seconds=-1)
    assert client.get("/account").status_code == 302
    app.permanent_session_lifetime = timedelta(days=1)
    other = open_session(app, "clerk")
    assert other.get("/account").status_code == 200
    with unit_of_work() as work:
        work.query(UserSession).update({"revoked_at": UserSession.created_at})
    assert other.get("/account").status_code == 302


def test_what_one_request_puts_into_its_session_is_not_found_by_another(app: Flask) -> None:
    make_world()
    cookie = open_session(app, "clerk").get_cookie("tracker")
    assert cookie is not None
    headers = {"Cookie": f"tracker={cookie.value}"}
    for _ in range(2):
        with app.test_request_context("/", headers=headers):
            assert session.setdefault("_flashes", []) == []
            session["_flashes"].append(("info", "once"))
