"""The administrator's pages: first what a change would do, then the change, and its trace."""

import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.factories.client import open_session, request_uuid_on
from tests.factories.steps import together
from tests.factories.world import make_world
from tests.tracker.workdays.test_importing import ROWS
from tracker import clock
from tracker.audit.models import AuditEntry
from tracker.calendar.models import CalendarEdition
from tracker.calendar.storing import calendar_in_force, edition_in_force, missing_years
from tracker.storage.db import db
from tracker.workdays.operations import change_calendar, stop_change

BASE = "/admin/calendar"


def next_workday():
    day = clock.today() + timedelta(days=3)
    while not in_force().is_workday(day):
        day += timedelta(days=1)
    return day


def in_force():
    db.session.rollback()
    return calendar_in_force(db.session())


def edition():
    db.session.rollback()
    return edition_in_force(db.session())


@pytest.fixture
def office(app):
    make_world()
    return open_session(app, "sysadmin")


def confirmed(**said):
    return {"edition": str(edition()), "confirm": "1", **said}


def test_only_the_system_administrator_looks_after_the_calendar(app, office):
    for path in (BASE, BASE + "/import", BASE + "/hours", BASE + "/editions"):
        assert office.get(path).status_code == 200
        assert open_session(app, "dispatcher").get(path).status_code == 403


def test_a_year_shows_its_days_and_another_address_shows_this_year(office):
    page = office.get(BASE + "?year=2026").text
    assert "国庆节" in page
    assert "调休上班" in page
    for odd in ("?year=1", "?year=9999999999", "?year=x"):
        assert office.get(BASE + odd).status_code == 200


def test_a_stop_work_day_is_previewed_then_declared_then_lifted(office):
    day, before = next_workday(), edition()
    said = {"first": day.isoformat(), "last": "", "reason": "台风“山竹”停工"}
    preview = office.post_form(BASE + "/stop", said)
    assert preview.status_code == 200
    assert "还没有修改日历" in preview.text
    assert edition() == before
    sent = confirmed(**said, request_uuid=request_uuid_on(preview.text))
    assert office.post_form(BASE + "/stop", sent).status_code == 303
    assert not in_force().is_workday(day)
    # a resend of the same request is answered, not repeated
    assert office.post_form(BASE + "/stop", sent).status_code == 303
    assert edition() == before + 1
    row = db.session.get(CalendarEdition, edition())
    assert (row.kind, row.note, row.first_day) == ("stop", "台风“山竹”停工", day)
    assert db.session.scalars(select(AuditEntry.kind)).all().count("calendar.stop") == 1
    remove = f"{BASE}/days/{day.isoformat()}/order/remove"
    assert "台风" in office.get(remove).text
    assert "还没有修改日历" in office.post_form(remove, {"reason": "台风远离"}).text
    assert office.post_form(remove, confirmed(reason="台风远离")).status_code == 303
    assert in_force().is_workday(day)
    assert office.get(remove).status_code == 404
    assert "台风远离" in office.get(BASE + "/editions").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": ""}, "请填写停工原因"),
        ({"reason": "长" * 61}, "超过 60"),
        ({"first": "x"}, "开始日期"),
        ({"last": "2000-01-01"}, "不能早于开始日期"),
        ({"last": "2099-01-01"}, "不超过 31 天"),
        ({"first": "2000-01-01", "last": ""}, "今年前后一年"),
    ],
)
def test_a_stop_that_cannot_be_is_refused_with_what_was_typed(office, changes, words):
    said = {"first": clock.today().isoformat(), "last": "", "reason": "台风海葵", **changes}
    answer = office.post_form(BASE + "/stop", said)
    assert answer.status_code == 422
    assert words in answer.text
    assert said["reason"][:50] in answer.text


def test_a_decision_on_an_older_edition_is_refused(office):
    day, seen = next_workday(), str(edition())
    said = {"first": day.isoformat(), "reason": "台风", "confirm": "1", "edition": seen}
    assert office.post_form(BASE + "/stop", said).status_code == 303
    late = office.post_form(BASE + "/stop", {**said, "reason": "暴雨"})
    assert late.status_code == 409
    assert "已被他人修改" in late.text
    assert "暴雨" in late.text
    assert office.post_form(BASE + "/stop", {**said, "edition": "x"}).status_code == 422


def test_other_office_hours_change_the_length_of_a_working_day(office):
    hours = {"opens_1": "08:30", "closes_1": "12:00", "opens_2": "15:00", "closes_2": "18:00"}
    wrong = office.post_form(BASE + "/hours", {**hours, "opens_2": "11:00", "reason": "夏令"})
    assert wrong.status_code == 422
    assert (
        office.post_form(BASE + "/hours", {**hours, "closes_2": "", "reason": "x"}).status_code
        == 422
    )
    assert office.post_form(BASE + "/hours", confirmed(**hours, reason="夏令")).status_code == 303
    assert in_force().day_length == timedelta(hours=6.5)
    assert "08:30–12:00" in office.get(BASE).text


def test_a_notice_is_uploaded_looked_at_and_confirmed_once(app, office):
    content = "\n".join(("日期,类别,名称,来源", *ROWS)).encode()
    sent = office.post_form(BASE + "/import", {"file": (io.BytesIO(content), "通知2035.csv")})
    assert sent.status_code == 303
    where, before = sent.location, edition()
    assert "还没有写入" in office.get(where).text
    assert edition() == before
    assert open_session(app, "secadmin").get(where).status_code in (403, 404)
    for _ in range(2):
        assert office.post_form(where, {"edition": str(before)}).status_code == 303
    assert edition() == before + 1
    assert not in_force().is_workday(date(2035, 10, 1))


def test_a_notice_with_a_wrong_row_cannot_be_confirmed(office):
    content = "\n".join(("日期,类别", *ROWS[:1], "2035-02-30,休")).encode()
    where = office.post_form(BASE + "/import", {"file": (io.BytesIO(content), "a.csv")}).location
    page = office.get(where).text
    assert "2035-02-30" in page
    assert "确认导入" not in page
    assert office.post_form(where, {"edition": str(edition())}).status_code == 422
    assert in_force().is_workday(date(2035, 1, 1))


@pytest.mark.parametrize("name", ["a.txt", "a.xlsx", "a.csv"])
def test_a_file_that_is_no_table_is_refused(office, name):
    sent = office.post_form(BASE + "/import", {"file": (io.BytesIO(b"\x00\x01"), name)})
    assert sent.status_code == 422


def test_the_office_and_the_administrators_are_told_of_a_year_without_a_notice(app, office):
    missing = missing_years(in_force())
    pages = {
        who: open_session(app, who).get("/").text
        for who in ("dispatcher", "secadmin", "inspector", "clerk")
    }
    told = {who for who, page in pages.items() if "放假安排尚未录入" in page}
    assert told == ({"dispatcher", "secadmin"} if missing else set())


def test_of_two_changes_decided_on_the_same_edition_one_is_made_and_the_other_told(both):
    world = make_world()
    seen, days = edition(), [next_workday() + timedelta(days=7 * n) for n in range(3)]

    def declare(day):
        return lambda: change_calendar(
            stop_change(day, day, "台风"),
            seen=seen, actor=world.actor("sysadmin"), request_uuid=str(uuid4()),
        )  # fmt: skip

    answers = together(both, [declare(day) for day in days])
    assert sorted(type(one).__name__ for one in answers) == ["Conflict", "Conflict", "Outcome"]
    assert edition() == seen + 1
    assert sum(not in_force().is_workday(day) for day in days) == 1
