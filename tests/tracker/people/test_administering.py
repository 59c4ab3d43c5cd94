"""Accounts and roles through the pages: who may, once only, nothing that was not asked for."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.factories.client import fresh, open_session, request_uuid_on, sign_in, visitor
from tests.factories.world import DISTRICT, GRID, PASSWORD, SANZAO
from tracker.access.actor import SYSTEM
from tracker.access.roles import Role
from tracker.audit.models import AuditEntry
from tracker.people import granting, operations, queries
from tracker.people.granting import Jurisdiction
from tracker.people.models import RoleGrant, User
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work


def columns(user_id):
    user = fresh(User, user_id)
    return {column.key: getattr(user, column.key) for column in User.__table__.columns}


def roles(user_id):
    return fresh(User, user_id).as_actor().roles


def grant(client, user_id, role, area="", unit=""):
    data = {"role": role, "area_code": area, "organization_id": str(unit)}
    return client.post_form(f"/admin/users/{user_id}/grants", data)


def held(user_id, role):
    query = select(RoleGrant.id).where(
        RoleGrant.user_id == user_id, RoleGrant.role == role, RoleGrant.revoked_at.is_(None)
    )
    return db.session.scalars(query).one()


def revoke(client, user_id, role):
    return client.post_form(f"/admin/users/{user_id}/grants/{held(user_id, role)}/revoke")


def give(user_id, role, **place):
    granting.grant_role(
        user_id, Jurisdiction(role, **place), actor=SYSTEM, request_uuid=str(uuid4())
    )


@pytest.fixture
def sysadmin(app, world):
    return open_session(app, "sysadmin")


@pytest.fixture
def secadmin(app, world):
    return open_session(app, "secadmin")


# making and editing


def test_a_new_account_gets_a_first_password_shown_once_and_to_be_changed(app, world, sysadmin):
    page = sysadmin.get("/admin/users/new").text
    data = {
        "name": "张三", "username": "ZhangSan", "organization_id": str(world.units["police"]),
        "request_uuid": request_uuid_on(page),
    }  # fmt: skip
    answer = sysadmin.post_form("/admin/users/new", data)
    first = re.search(r'class="secret"[^>]*>([^<]+)<', answer.text).group(1)
    assert first not in sysadmin.post_form("/admin/users/new", data, follow=True).text
    db.session.rollback()  # what this test read before is a snapshot
    assert db.session.scalar(select(func.count()).where(User.name == "张三")) == 1
    client = visitor(app)
    client.post_form("/login", {"username": "zhangsan", "password": first})
    assert client.get("/").location == "/account/password"


@pytest.mark.parametrize(
    "username", ["", "ab", "1abc", "张三", "a b c", "a" * 33, "clerk", "CLERK", "<b>bb"]
)
def test_an_unfit_or_taken_account_name_is_refused_and_what_was_typed_kept(sysadmin, username):
    answer = sysadmin.post_form("/admin/users/new", {"name": "李四四", "username": username})
    assert answer.status_code in (409, 422)
    assert 'value="李四四"' in answer.text
    assert db.session.scalar(select(func.count()).where(User.name == "李四四")) == 0


def test_columns_that_the_form_does_not_list_do_not_move(world, sysadmin, secadmin):
    clerk = world.users["clerk"]
    before = columns(clerk)
    sent = dict.fromkeys(before, "1") | {
        "password_hash": "x", "locale": "en", "grants": "system_admin", "role": "system_admin",
        "username": "hacker", "is_active": "", "must_change_password": "1",
        "name": "王五", "organization_id": str(world.units["police"]),
    }  # fmt: skip
    assert sysadmin.post_form(f"/admin/users/{clerk}/edit", sent).status_code == 302
    after = columns(clerk)
    moved = {name for name in before if before[name] != after[name]}
    assert moved == {"name", "organization_id"}
    assert roles(clerk) == {Role.UNIT_CLERK}


def test_columns_sent_to_every_other_form_do_not_move_either(app, world, secadmin):
    clerk = world.users["clerk"]
    client = open_session(app, "clerk")
    before = columns(clerk)
    sent = dict.fromkeys(before, "1") | {"locale": "en", "role": "system_admin"}
    client.post_form("/account/locale", sent)
    secadmin.post_form(f"/admin/users/{clerk}/unlock", sent)
    secadmin.post_form(f"/admin/users/{clerk}/end-sessions", sent)
    after = columns(clerk)
    assert {name for name in before if before[name] != after[name]} == {"locale"}


def test_a_new_account_is_what_the_form_lists_and_nothing_more(sysadmin):
    sent = {
        "name": "赵六", "username": "zhaoliu", "id": "9999", "failed_count": "3",
        "password_hash": "x", "must_change_password": "", "role": "system_admin",
        "locked_until": "2030-01-01", "last_sign_in_at": "2020-01-01",
    }  # fmt: skip
    sysadmin.post_form("/admin/users/new", sent)
    made = queries.named("zhaoliu")
    assert made.id != 9999
    assert (made.failed_count, made.locked_until, made.last_sign_in_at) == (0, None, None)
    assert made.must_change_password
    assert made.grants == []
    assert made.password_hash.startswith("$argon2id$")


def test_an_account_of_an_unknown_or_closed_unit_is_refused(world, sysadmin):
    for unit in ("99999", "x", "-1", "1e3", "9" * 30):
        data = {"name": "甲", "username": "jiajia", "organization_id": unit}
        assert sysadmin.post_form("/admin/users/new", data).status_code == 422


# the three administrators and everybody else


def test_only_the_system_administrator_makes_edits_and_closes_accounts(app, world):
    clerk = world.users["clerk"]
    for name in ("secadmin", "auditor", "dispatcher", "leader", "clerk"):
        client = open_session(app, name)
        assert client.get("/admin/users/new").status_code == 403
        data = {"name": "甲", "username": "jiajia"}
        assert client.post_form("/admin/users/new", data).status_code == 403
        assert client.post_form(f"/admin/users/{clerk}/edit", {"name": "乙"}).status_code == 403
        assert client.post_form(f"/admin/users/{clerk}/deactivate").status_code == 403
    assert fresh(User, clerk).is_active


def test_only_the_security_administrator_grants_resets_unlocks_and_ends_sessions(app, world):
    head = world.users["head"]
    for name in ("sysadmin", "auditor", "dispatcher", "leader", "clerk"):
        client = open_session(app, name)
        assert grant(client, head, "leader", DISTRICT).status_code == 403
        assert revoke(client, head, "unit_head").status_code == 403
        for act in ("reset-password", "unlock", "end-sessions"):
            assert client.post_form(f"/admin/users/{head}/{act}").status_code == 403
    assert roles(head) == {Role.UNIT_HEAD}


def test_accounts_are_seen_by_the_two_administrators_alone(app, world):
    for name in world.users:
        answer = open_session(app, name).get("/admin/users")
        assert answer.status_code == (200 if name in ("sysadmin", "secadmin") else 403), name


def test_nobody_grants_to_themselves(world, secadmin):
    me = world.users["secadmin"]
    for role in Role:
        assert grant(secadmin, me, role.value, DISTRICT).status_code == 403
    assert roles(me) == {Role.SECURITY_ADMIN}


def test_nobody_takes_their_own_role_or_closes_their_own_account(world, sysadmin, secadmin):
    assert revoke(secadmin, world.users["secadmin"], "security_admin").status_code == 403
    assert (
        sysadmin.post_form(f"/admin/users/{world.users['sysadmin']}/deactivate").status_code == 403
    )


def test_the_three_administrators_are_three_persons(world, secadmin):
    for name, other in (
        ("sysadmin", "audit_admin"),
        ("auditor", "system_admin"),
        ("auditor", "security_admin"),
    ):
        answer = grant(secadmin, world.users[name], other)
        assert answer.status_code == 422
        assert "三人分别担任" in answer.text
    assert roles(world.users["auditor"]) == {Role.AUDIT_ADMIN}


def test_the_last_system_administrator_cannot_be_taken_away(world, secadmin):
    answer = revoke(secadmin, world.users["sysadmin"], "system_admin")
    assert answer.status_code == 422
    assert roles(world.users["sysadmin"]) == {Role.SYSTEM_ADMIN}
    give(world.users["worker"], Role.SYSTEM_ADMIN)
    assert revoke(secadmin, world.users["sysadmin"], "system_admin").status_code == 302
    assert roles(world.users["sysadmin"]) == frozenset()


def test_the_last_security_administrator_cannot_be_closed(world, sysadmin):
    path = f"/admin/users/{world.users['secadmin']}/deactivate"
    assert sysadmin.post_form(path).status_code == 422
    assert fresh(User, world.users["secadmin"]).is_active
    give(world.users["worker"], Role.SECURITY_ADMIN)
    assert sysadmin.post_form(path).status_code == 302


def test_a_closed_administrator_does_not_count_as_one_left(world, secadmin):
    give(world.users["worker"], Role.SYSTEM_ADMIN)
    with unit_of_work() as work:
        work.get_one(User, world.users["worker"]).is_active = False
    assert revoke(secadmin, world.users["sysadmin"], "system_admin").status_code == 422


def test_before_there_is_a_security_administrator_the_system_administrator_names_one(
    app, world, sysadmin
):
    with unit_of_work() as work:
        work.get_one(User, world.users["secadmin"]).is_active = False
    worker, head = world.users["worker"], world.users["head"]
    assert sysadmin.post_form(f"/admin/users/{head}/reset-password").status_code == 200
    assert grant(sysadmin, world.users["sysadmin"], "leader", DISTRICT).status_code == 403
    assert grant(sysadmin, worker, "security_admin").status_code == 302
    assert grant(sysadmin, head, "leader", DISTRICT).status_code == 403, "the door is closed again"
    assert sysadmin.post_form(f"/admin/users/{head}/reset-password").status_code == 403


# jurisdiction


@pytest.mark.parametrize(
    ("role", "area", "unit"),
    [
        ("inspector", "", ""),
        ("inspector", "", "sanzao"),
        ("inspector", "440999", ""),
        ("leader", SANZAO, "sanzao"),
        ("unit_clerk", "", ""),
        ("unit_clerk", SANZAO, ""),
        ("unit_head", SANZAO, "sanzao"),
        ("grid_lead", SANZAO, ""),
        ("grid_lead", "", "sanzao"),
        ("system_admin", DISTRICT, ""),
        ("audit_admin", "", "sanzao"),
        ("emperor", "", ""),
        ("", DISTRICT, ""),
    ],
)
def test_a_role_without_its_place_or_with_a_foreign_one_is_refused(
    world, secadmin, role, area, unit
):
    worker = world.users["worker"]
    answer = grant(secadmin, worker, role, area, world.units[unit] if unit else "")
    assert answer.status_code == 422
    assert roles(worker) == frozenset()


@pytest.mark.parametrize(
    ("role", "area", "unit"),
    [
        ("inspector", SANZAO, ""),
        ("grid_worker", GRID, ""),
        ("leader", DISTRICT, ""),
        ("unit_clerk", "", "police"),
        ("grid_lead", SANZAO, "sanzao"),
        ("audit_admin", "", ""),
    ],
)
def test_a_role_with_its_place_is_granted_and_counts_at_the_next_request(
    app, world, secadmin, role, area, unit
):
    worker = world.users["worker"]
    answer = grant(secadmin, worker, role, area, world.units[unit] if unit else "")
    assert answer.status_code == 302, answer.text
    (one,) = fresh(User, worker).as_actor().grants
    assert (one.role, one.area_code) == (role, area or None)
    assert one.organization_id == (world.units[unit] if unit else None)


def test_the_same_role_twice_is_a_conflict(world, secadmin):
    assert grant(secadmin, world.users["leader"], "leader", DISTRICT).status_code == 409


def test_a_role_taken_is_gone_at_the_next_request_of_an_open_session(app, world, secadmin):
    auditor = open_session(app, "auditor")
    assert auditor.get("/admin/audit").status_code == 200
    assert revoke(secadmin, world.users["auditor"], "audit_admin").status_code == 302
    assert auditor.get("/admin/audit").status_code == 403


def test_a_grant_is_taken_only_with_the_person_who_has_it(world, secadmin):
    mine = held(world.users["leader"], "leader")
    path = f"/admin/users/{world.users['clerk']}/grants/{mine}/revoke"
    assert secadmin.get(path).status_code == 404
    assert secadmin.post_form(path).status_code == 404
    assert roles(world.users["leader"]) == {Role.LEADER}


# closing and securing


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(app, world, sysadmin):
    clerk = world.users["clerk"]
    theirs = sign_in(app, "clerk")
    assert sysadmin.get(f"/admin/users/{clerk}/deactivate").status_code == 200
    assert sysadmin.post_form(f"/admin/users/{clerk}/deactivate").status_code == 302
    assert theirs.get("/account").status_code == 302
    refused = visitor(app).post_form("/login", {"username": "clerk", "password": PASSWORD})
    assert refused.status_code == 401
    sysadmin.post_form(f"/admin/users/{clerk}/reactivate")
    assert theirs.get("/account").status_code == 302, "the old session stays dead"
    assert roles(clerk) == {Role.UNIT_CLERK}
    assert sign_in(app, "clerk").get("/account").status_code == 200


def test_a_reset_password_ends_sessions_and_has_to_be_changed(app, world, secadmin):
    theirs = sign_in(app, "clerk")
    answer = secadmin.post_form(f"/admin/users/{world.users['clerk']}/reset-password")
    first = re.search(r'class="secret"[^>]*>([^<]+)<', answer.text).group(1)
    assert theirs.get("/account").status_code == 302
    client = visitor(app)
    assert (
        client.post_form("/login", {"username": "clerk", "password": PASSWORD}).status_code == 401
    )
    assert client.post_form("/login", {"username": "clerk", "password": first}).status_code == 302
    assert client.get("/").location == "/account/password"


def test_a_locked_account_is_unlocked_before_its_time(app, world, secadmin):
    for _ in range(5):
        visitor(app).post_form("/login", {"username": "clerk", "password": "wrong-word-12"})
    page = secadmin.get(f"/admin/users/{world.users['clerk']}").text
    assert "锁定至" in page
    secadmin.post_form(f"/admin/users/{world.users['clerk']}/unlock")
    assert sign_in(app, "clerk").get("/account").status_code == 200


def test_sessions_of_a_person_are_ended_by_the_security_administrator(app, world, secadmin):
    theirs = open_session(app, "clerk")
    secadmin.post_form(f"/admin/users/{world.users['clerk']}/end-sessions")
    assert theirs.get("/account").status_code == 302


def test_an_act_sent_twice_is_done_once(world, sysadmin):
    uuid, clerk = str(uuid4()), world.users["clerk"]
    for _ in range(2):
        answer = sysadmin.post_form(f"/admin/users/{clerk}/deactivate", {"request_uuid": uuid})
        assert answer.status_code == 302
    query = select(func.count()).where(AuditEntry.kind == "user.deactivate")
    assert db.session.scalar(query) == 1
    reused = sysadmin.post_form(f"/admin/users/{clerk}/reactivate", {"request_uuid": uuid})
    assert reused.status_code == 409
    assert not fresh(User, clerk).is_active


def test_an_act_without_a_request_number_or_without_the_pages_token_is_refused(world, sysadmin):
    path = f"/admin/users/{world.users['clerk']}/deactivate"
    assert sysadmin.post_form(path, {"request_uuid": ""}).status_code == 422
    assert sysadmin.post(path, data={"request_uuid": str(uuid4())}).status_code == 400
    assert fresh(User, world.users["clerk"]).is_active


def test_unknown_accounts_and_numbers_too_large_are_404(world, sysadmin, secadmin):
    for number in ("0", "99999", "2147483647"):
        assert sysadmin.get(f"/admin/users/{number}").status_code == 404
        assert sysadmin.post_form(f"/admin/users/{number}/edit", {"name": "x"}).status_code == 404
        assert sysadmin.post_form(f"/admin/users/{number}/deactivate").status_code == 404
        assert secadmin.post_form(f"/admin/users/{number}/unlock").status_code == 404
        assert secadmin.post_form(f"/admin/users/{number}/grants").status_code == 404
        revoking = f"/admin/users/{world.users['clerk']}/grants/{number}/revoke"
        assert secadmin.post_form(revoking).status_code == 404


# the list


def test_the_list_is_narrowed_by_text_unit_role_and_standing(world, sysadmin):
    def names(query):
        page = sysadmin.get(f"/admin/users?{query}").text
        return re.findall(r'class="row-link"[^>]*>([^<]+)<', page)

    assert names("q=grid") == ["grid_lead", "grid_lead_b", "grid_worker"]
    assert names("q=%25") == []
    assert names(f"unit={world.units['police']}") == ["clerk_police"]
    assert names("role=verifier") == ["verifier"]
    assert names("standing=inactive") == []
    assert len(names("")) == 18


def test_the_list_pages_by_key_and_an_account_made_meanwhile_shifts_nothing(world, sysadmin):
    seen, after = [], ""
    wanted = queries.UserFilter()
    while after is not None:
        page = queries.find(wanted, after=after, limit=5)
        seen += [user.username for user in page.rows]
        after = page.next_key
        if len(seen) == 5:
            operations.create_user(
                "aaa", operations.Particulars("插入"), actor=SYSTEM, request_uuid=str(uuid4())
            )
    assert seen == sorted(world.users)


def test_a_spoiled_filter_is_refused_in_words(sysadmin):
    for query in ("role=emperor", "unit=x", "unit=999999999999", "after=zzz", "after=%00"):
        assert sysadmin.get(f"/admin/users?{query}").status_code == 422, query


def test_names_reach_the_page_as_text(sysadmin):
    hostile = "<img src=x onerror=alert(1)>\"'"
    sysadmin.post_form("/admin/users/new", {"name": hostile, "username": "hostile"})
    assert "<img src=x" not in sysadmin.get("/admin/users").text
    assert "&lt;img src=x" in sysadmin.get("/admin/users").text
