"""The audit log: for the audit administrator, by person, kind and time, in stable pages."""

import re
from datetime import timedelta

import pytest

from tests.factories.client import open_session
from tests.factories.world import make_world
from tracker import clock
from tracker.audit import queries
from tracker.audit.models import AuditEntry
from tracker.storage.unit_of_work import unit_of_work


@pytest.fixture
def world(app):
    return make_world()


def write(count, *, kind="export", person="张三", days_ago=0, **more):
    with unit_of_work() as work:
        for number in range(count):
            at = clock.now() - timedelta(days=days_ago)
            work.add(
                AuditEntry(at=at, actor_name=person, kind=kind, object=f"{kind}-{number}", **more)
            )


def test_the_log_is_read_by_the_audit_administrator_alone(app, world):
    for name in world.users:
        answer = open_session(app, name).get("/admin/audit")
        assert answer.status_code == (200 if name == "auditor" else 403), name


def test_the_log_is_narrowed_by_person_kind_and_day(app, world):
    write(2, kind="export", person="张三")
    write(3, kind="import", person="李四", days_ago=10)
    client = open_session(app, "auditor")

    def rows(query):
        return len(re.findall(r"<time ", client.get(f"/admin/audit?{query}").text))

    day = (clock.today() - timedelta(days=10)).isoformat()
    assert rows("") == 5
    assert rows("person=张") == 2
    assert rows("person=import-1") == 1
    assert rows("kind=import") == 3
    assert rows(f"since={day}&until={day}") == 3
    assert rows(f"since={clock.today()}") == 2
    assert rows("person=%25") == 0


def test_pages_hold_every_entry_once_while_new_ones_are_written(app, world):
    write(12)
    seen, after = [], ""
    while after is not None:
        page = queries.find(queries.AuditFilter(kind="export"), after=after, limit=5)
        seen += [entry.id for entry in page.rows]
        after = page.next_key
        write(1, kind="export")
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == 12


def test_a_spoiled_filter_is_refused_in_words(app, world):
    client = open_session(app, "auditor")
    for query in (
        "since=yesterday",
        "until=9999-12-31",
        "since=0001-01-01",
        "after=zz",
        "person=%00",
    ):
        answer = client.get(f"/admin/audit?{query}")
        assert answer.status_code == 422, query


def test_what_an_entry_says_reaches_the_page_as_text(app, world):
    write(1, person="<b>x</b>", detail={"file": "<script>alert(1)</script>"})
    text = open_session(app, "auditor").get("/admin/audit").text
    assert "<script>alert" not in text
    assert "<b>x</b>" not in text


def test_the_log_is_found_on_both_databases(both):
    write(3)
    page = queries.find(queries.AuditFilter(person="张", since=clock.now() - timedelta(days=1)))
    assert page.total == 3
    assert queries.kinds() == ["export"]


def test_details_are_written_in_words(app, world):
    write(1, kind="user.grant", detail={"role": "leader", "before": {"name": None}})
    text = open_session(app, "auditor").get("/admin/audit").text
    assert "岗位 领导" in text
    assert "改前 姓名 —" in text
