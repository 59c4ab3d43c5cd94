"""Who gets in, who does not, and what the refusal does not tell."""

import logging
import re
from urllib.parse import urljoin, urlsplit

import pytest
from sqlalchemy import func, select

from tests.factories.client import fresh, sign_in, visitor
from tests.factories.world import PASSWORD
from tracker.audit.models import AuditEntry
from tracker.people import passwords, signin
from tracker.people.models import SignInAttempt, User, UserSession
from tracker.people.sessions import hash_token
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

WRONG = "not-the-password-9"


def attempt(client, username, password=WRONG, **data):
    return client.post_form("/login", {"username": username, "password": password, **data})


def change(app, user_id, **values):
    with unit_of_work() as work:
        for name, value in values.items():
            setattr(work.get_one(User, user_id), name, value)


def plain(answer, username):
    """The page without what differs for every visitor: tokens, and the name typed."""
    text = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)
    return text.replace(f'value="{username}"', 'value="NAME"')


def test_the_right_password_signs_in_and_leads_home(app, world):
    client = visitor(app)
    answer = attempt(client, "clerk", PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/account").status_code == 200


def test_the_account_name_is_the_same_in_capitals_and_with_blanks(app, world):
    assert attempt(visitor(app), "  Clerk ", PASSWORD).status_code == 302


def test_the_cookie_before_signing_in_is_not_the_cookie_after(app, world):
    client = visitor(app)
    client.get("/login")
    before = client.get_cookie("tracker").value
    attempt(client, "clerk", PASSWORD)
    first = client.get_cookie("tracker").value
    client.post_form("/logout")
    attempt(client, "clerk", PASSWORD)
    assert len({before, first, client.get_cookie("tracker").value}) == 3


def test_an_unknown_a_wrong_a_locked_and_a_closed_account_get_the_same_answer(app, world):
    change(app, world.users["head"], is_active=False)
    for _ in range(signin.MAX_WRONG):
        attempt(visitor(app), "worker")
    answers = {
        name: attempt(visitor(app), name, password)
        for name, password in (
            ("nobody_here", WRONG),
            ("clerk", WRONG),
            ("worker", PASSWORD),
            ("head", PASSWORD),
            ("张三", WRONG),
        )
    }
    assert {answer.status_code for answer in answers.values()} == {401}
    assert len({plain(answer, name) for name, answer in answers.items()}) == 1


def test_a_missing_account_costs_one_hash_as_an_existing_one_does(app, world, monkeypatch):
    counted = []
    verify = passwords.verify

    def counting(stored, password):
        counted.append(stored.split("$")[3])
        return verify(stored, password)

    monkeypatch.setattr(passwords, "verify", counting)
    attempt(visitor(app), "clerk")
    attempt(visitor(app), "nobody_here")
    assert len(counted) == 2
    assert counted[0] == counted[1], "both with the same Argon2 parameters"


def test_five_wrong_passwords_lock_the_account_for_thirty_minutes(app, world, later):
    for _ in range(5):
        attempt(visitor(app), "clerk")
    assert attempt(visitor(app), "clerk", PASSWORD).status_code == 401
    later(minutes=29)
    assert attempt(visitor(app), "clerk", PASSWORD).status_code == 401
    later(minutes=2)
    assert attempt(visitor(app), "clerk", PASSWORD).status_code == 302
    assert fresh(User, world.users["clerk"]).failed_count == 0


def test_a_lock_is_of_one_account_and_not_of_its_neighbours(app, world):
    for _ in range(6):
        attempt(visitor(app), "clerk")
    assert attempt(visitor(app), "head", PASSWORD).status_code == 302


def test_four_wrong_then_right_starts_the_count_again(app, world):
    for _ in range(2):
        for _ in range(4):
            attempt(visitor(app), "clerk")
        assert attempt(visitor(app), "clerk", PASSWORD).status_code == 302


def test_a_thousand_guesses_in_frozen_time_are_five_checks_of_the_password(
    app, world, later, monkeypatch
):
    checked = []
    verify = passwords.verify

    def counting(stored, password):
        checked.append(stored)
        return verify(stored, password)

    monkeypatch.setattr(passwords, "verify", counting)
    stored = db.session.get_one(User, world.users["clerk"]).password_hash
    for number in range(1000):
        with pytest.raises((signin.SignInRefused, signin.TooManyAttempts)):
            signin.sign_in("clerk", f"guess-{number}", ip=f"10.0.{number // 25}.1")
    assert checked.count(stored) == signin.MAX_WRONG


def test_thirty_failures_from_one_address_close_it_for_a_while_over_all_accounts(app, world, later):
    here = visitor(app, REMOTE_ADDR="10.9.9.9")
    for number in range(30):
        assert attempt(here, f"somebody{number}").status_code == 401
    assert attempt(here, "clerk", PASSWORD).status_code == 429
    assert attempt(visitor(app, REMOTE_ADDR="10.9.9.8"), "clerk", PASSWORD).status_code == 302
    later(minutes=16)
    assert attempt(here, "clerk", PASSWORD).status_code == 302


def test_signing_in_rightly_does_not_use_up_the_address(app, world):
    for _ in range(3):
        attempt(visitor(app), "clerk", PASSWORD)
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 0


def test_failures_are_counted_in_the_database_on_both(both):
    from tests.factories.world import make_world

    make_world()
    for _ in range(5):
        with pytest.raises(signin.SignInRefused):
            signin.sign_in("clerk", WRONG, ip="10.0.0.1")
    with pytest.raises(signin.SignInRefused):
        signin.sign_in("clerk", PASSWORD, ip="10.0.0.2")
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 6


def test_signing_in_and_failing_go_to_the_audit_log_without_what_was_typed(app, world):
    attempt(visitor(app), "clerk", PASSWORD)
    attempt(visitor(app), "clerk")
    attempt(visitor(app), WRONG)
    db.session.rollback()
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.kind, entry.object, entry.result) for entry in entries] == [
        ("sign_in", "clerk", "ok"),
        ("sign_in", "clerk", "failed"),
        ("sign_in", "", "failed"),
    ]
    assert all(entry.ip == "127.0.0.1" for entry in entries)


def test_no_password_is_written_to_the_log(app, world, caplog):
    caplog.set_level(logging.DEBUG)
    attempt(visitor(app), "clerk", PASSWORD)
    attempt(visitor(app), "clerk", WRONG)
    assert PASSWORD not in caplog.text
    assert WRONG not in caplog.text


def test_the_token_itself_is_not_in_the_database(app, world):
    client = sign_in(app, "clerk")
    token = client.token()
    assert fresh(UserSession, token) is None
    assert fresh(UserSession, hash_token(token)).user_id == world.users["clerk"]


def test_hostile_bytes_in_name_and_password_are_refused_in_words(app, world):
    for text in ("\x00", "clerk\x00", "a" * 5000, "' OR 1=1 --", "\ud7ff", "🙂"):
        assert attempt(visitor(app), text, text).status_code == 401


def test_signing_in_without_the_token_of_the_page_is_refused(app, world):
    answer = visitor(app).post("/login", data={"username": "clerk", "password": PASSWORD})
    assert answer.status_code == 400


def test_a_visitor_is_led_to_sign_in_and_then_to_the_page_asked_for(app, world):
    client = visitor(app)
    first = client.get("/account?x=1")
    assert first.status_code == 302
    page = client.get(first.location)
    assert 'name="next" value="/account?x=1"' in page.text
    assert attempt(client, "clerk", PASSWORD, next="/account?x=1").location == "/account?x=1"


def test_a_script_without_a_session_gets_401_and_not_a_page(app, world):
    answer = visitor(app).get("/account", headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.json["error"]) == (401, "signed_out")


OUTSIDE = [
    "https://evil.example", "http://evil.example/", "HTTP://evil.example", "//evil.example",
    "///evil.example", "////evil.example", "/\\evil.example", "\\/evil.example", "\\\\evil.example",
    "/\\/evil.example", "\t//evil.example", "/\t/evil.example", "/\n/evil.example",
    "/\r/evil.example", " //evil.example", "\x00//evil.example", "/\x00/evil.example",
    "https:evil.example", "https:/evil.example", "https:\\\\evil.example", "javascript:alert(1)",
    "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "vbscript:x", "ftp://evil.example",
    "file:///etc/passwd", "mailto:a@evil.example", "evil.example", "www.evil.example", "@evil.example",
    "//evil.example@localhost", "//localhost@evil.example", "http://localhost@evil.example",
    "http://localhost.evil.example", "http://localhost:80@evil.example", "//evil.example/%2e%2e",
    "?next=//evil.example", "#//evil.example", "/%0d%0aLocation:%20https://evil.example",
    "/\r\nLocation: https://evil.example", "/%2f/evil.example", "/%5cevil.example", "/.//evil.example",
    "/..//evil.example", "/;//evil.example", "/@evil.example", "/:evil.example", "//[::1]", "//evil。example",
    "//evil\u3002example", "/\u2028/evil.example", "\u2028//evil.example", "//%65vil.example", "http:///evil.example",
    "https:///evil.example", "http:////evil.example", "//\\evil.example", "/ /evil.example", "", "/\x7f/evil.example",
]  # fmt: skip


@pytest.mark.parametrize("spelling", OUTSIDE)
def test_signing_in_never_leads_to_another_host(app, world, spelling):
    answer = attempt(visitor(app), "clerk", PASSWORD, next=spelling)
    assert answer.status_code == 302
    stripped = re.sub(r"[\t\r\n]", "", answer.location).replace("\\", "/")
    led = urlsplit(urljoin("http://localhost/login", stripped))
    assert (led.scheme, led.hostname) == ("http", "localhost")
    assert "Location" not in answer.headers.get("Set-Cookie", "")
