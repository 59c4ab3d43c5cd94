"""One's own account: sessions that die at once, passwords, the language."""

import pytest
from sqlalchemy import func, select

from tests.factories.client import fresh, open_session, sign_in, visitor
from tests.factories.world import PASSWORD
from tracker.app import create_app
from tracker.people import sessions
from tracker.people.models import User, UserSession
from tracker.people.sessions import hash_token
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

NEW = "another-long-word-8"


def is_in(client):
    return client.get("/account").status_code == 200


def stolen(client, app):
    """A second browser with a copy of the cookie."""
    thief = visitor(app)
    thief.set_cookie("tracker", client.get_cookie("tracker").value)
    return thief


def change_password(client, current=PASSWORD, new=NEW, again=None):
    return client.post_form(
        "/account/password", {"current": current, "password": new, "again": again or new}
    )


def first_password(user_id):
    with unit_of_work() as work:
        work.get_one(User, user_id).must_change_password = True


def test_a_copied_cookie_is_dead_after_signing_out(app, world):
    client = sign_in(app, "clerk")
    thief = stolen(client, app)
    assert is_in(thief)
    client.post_form("/logout")
    assert not is_in(client)
    assert not is_in(thief)


def test_signing_out_twice_is_no_error(app, world):
    client = sign_in(app, "clerk")
    client.post_form("/logout")
    assert client.post_form("/logout").status_code == 302


def test_signing_in_as_another_ends_the_session_before(app, world):
    client = sign_in(app, "clerk")
    thief = stolen(client, app)
    client.post_form("/login", {"username": "head", "password": PASSWORD})
    assert not is_in(thief)
    assert "head" in client.get("/account").text


def test_a_changed_password_ends_every_other_session_and_rotates_this_one(app, world):
    client, other = sign_in(app, "clerk"), sign_in(app, "clerk")
    thief = stolen(client, app)
    assert change_password(client).status_code == 302
    assert is_in(client)
    assert not is_in(other)
    assert not is_in(thief)
    assert (
        visitor(app).post_form("/login", {"username": "clerk", "password": PASSWORD}).status_code
        == 401
    )
    assert is_in(sign_in(app, "clerk", NEW))


@pytest.mark.parametrize(
    ("current", "new", "again"),
    [
        ("wrong-password-1", NEW, NEW),
        (PASSWORD, "short", "short"),
        (PASSWORD, NEW, "different-word-99"),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, "clerk-clerk-clerk", "clerk-clerk-clerk"),
        (PASSWORD, "aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa"),
        (PASSWORD, "", ""),
    ],
)
def test_an_unfit_change_of_password_changes_nothing(app, world, current, new, again):
    client, other = sign_in(app, "clerk"), open_session(app, "clerk")
    before = fresh(User, world.users["clerk"]).password_hash
    assert change_password(client, current, new, again).status_code in (401, 422)
    assert fresh(User, world.users["clerk"]).password_hash == before
    assert is_in(other)


def test_guessing_the_old_password_in_an_open_session_locks_as_signing_in_does(app, world):
    client = open_session(app, "clerk")
    for _ in range(5):
        change_password(client, current="wrong-password-1")
    assert change_password(client).status_code == 401


def test_a_first_password_has_to_be_changed_before_anything_else(app, world):
    first_password(world.users["sysadmin"])
    client = sign_in(app, "sysadmin")
    for path in ("/", "/account", "/admin/users", "/tasks/", "/maps/"):
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (302, "/account/password"), path
    answer = client.get("/admin/users", headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.json["error"]) == (403, "password_change_needed")
    made = client.post_form("/admin/users/new", {"name": "甲", "username": "jia"})
    assert made.location == "/account/password"
    assert db.session.scalar(select(func.count()).where(User.username == "jia")) == 0
    assert change_password(client).status_code == 302
    assert client.get("/admin/users").status_code == 200


def test_whoever_must_change_a_first_password_may_leave_instead(app, world):
    first_password(world.users["clerk"])
    client = sign_in(app, "clerk")
    assert client.post_form("/logout", page="/account/password").location == "/login"


def test_a_session_without_requests_ends_after_thirty_minutes(app, world, later):
    client = open_session(app, "clerk")
    later(minutes=29)
    assert is_in(client)
    later(minutes=29)
    assert is_in(client)
    later(minutes=31)
    assert not is_in(client)


def test_a_session_ends_after_twelve_hours_however_busy(app, world, later):
    client = open_session(app, "clerk")
    for _ in range(12 * 3):
        assert is_in(client)
        later(minutes=20)
    later(minutes=1)
    assert not is_in(client)


def test_the_account_page_names_the_person_the_unit_and_each_role_with_its_place(app, world):
    text = open_session(app, "grid_lead").get("/account").text
    for words in ("grid_lead", "三灶社区居委会", "社区书记", "三灶社区"):
        assert words in text


def test_a_person_ends_a_session_on_another_device(app, world):
    here, there = open_session(app, "clerk"), open_session(app, "clerk")
    page = here.get("/account").text
    handle = hash_token(there.token())
    assert f"/account/sessions/{handle}/end" in page
    assert here.post_form(f"/account/sessions/{handle}/end").status_code == 302
    assert not is_in(there)
    assert is_in(here)


def test_nobody_ends_another_persons_session(app, world):
    mine, theirs = open_session(app, "clerk"), open_session(app, "head")
    handle = hash_token(theirs.token())
    assert mine.post_form(f"/account/sessions/{handle}/end").status_code == 404
    assert is_in(theirs)
    assert fresh(UserSession, handle).revoked_at is None


def test_the_chosen_language_stays_with_the_account(app, world):
    client = sign_in(app, "clerk")
    assert client.post_form("/account/locale", {"locale": "en"}).status_code == 302
    assert '<html lang="en">' in sign_in(app, "clerk").get("/account").text
    assert '<html lang="zh-CN">' in sign_in(app, "head").get("/account").text


def test_a_language_that_is_not_offered_is_refused(app, world):
    client = open_session(app, "clerk")
    assert client.post_form("/account/locale", {"locale": "xx"}).status_code == 422
    assert fresh(User, world.users["clerk"]).locale is None


def test_no_account_page_may_be_kept_by_a_cache(app, world):
    client = open_session(app, "clerk")
    for path in ("/login", "/account", "/account/password"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


def test_a_device_is_named_in_a_few_words(app, world):
    agent = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
    )
    client = visitor(app, HTTP_USER_AGENT=agent)
    client.post_form("/login", {"username": "clerk", "password": PASSWORD})
    text = client.get("/account").text
    assert "Chrome · Windows" in text
    assert "Mozilla" not in text


def test_a_session_that_is_over_gets_nothing_from_any_process_not_even_that_nothing_changed(
    app, world
):
    other = create_app(app.config["SETTINGS"])
    here = open_session(app, "inspector")
    there = stolen(here, other)
    paths = ("/tiles/tasks/12/3337/1786.mvt", "/inspect/package", "/tasks/export.csv")
    tags = {}
    for path in paths:
        answer = there.get(path, buffered=True)
        assert answer.status_code == 200, path
        tags[path] = answer.headers.get("ETag", '"none"')
    with unit_of_work() as work:
        sessions.revoke_all(work, world.users["inspector"])
    for path, tag in tags.items():
        for client in (there, here):
            assert client.get(path, headers={"If-None-Match": tag}).status_code in (302, 401), path
