"""The operations on accounts hold on SQLite and on PostgreSQL."""

from uuid import uuid4

import pytest

from tests.factories.world import DISTRICT, make_world
from tracker.access.actor import SYSTEM
from tracker.access.roles import Role
from tracker.errors import Conflict, Invalid, NotFound, NotPermitted
from tracker.people import granting, operations, queries, securing
from tracker.people.granting import Jurisdiction
from tracker.storage.db import db


def uuid():
    return str(uuid4())


def test_an_account_is_made_granted_secured_and_closed(both):
    world = make_world()
    made, first = operations.create_user(
        "newcomer", operations.Particulars("新人", world.units["police"]),
        actor=world.actor("sysadmin"), request_uuid=uuid(),
    )  # fmt: skip
    assert first is not None
    security = world.actor("secadmin")
    wanted = Jurisdiction(Role.LEADER, DISTRICT)
    number = granting.grant_role(made, wanted, actor=security, request_uuid=uuid())
    with pytest.raises(Conflict):
        granting.grant_role(made, wanted, actor=security, request_uuid=uuid())
    assert securing.reset_password(made, actor=security, request_uuid=uuid()) != first
    granting.revoke_role(made, number, actor=security, request_uuid=uuid())
    with pytest.raises(Conflict):
        granting.revoke_role(made, number, actor=security, request_uuid=uuid())
    operations.deactivate(made, actor=world.actor("sysadmin"), request_uuid=uuid())
    db.session.rollback()
    assert not queries.person(made).is_active


def test_refusals_leave_nothing_behind(both):
    world = make_world()
    with pytest.raises(NotPermitted):
        operations.create_user(
            "newcomer", operations.Particulars("新人"),
            actor=world.actor("clerk"), request_uuid=uuid(),
        )  # fmt: skip
    with pytest.raises(NotFound):
        queries.named("newcomer")
    account = operations.new_account("newcomer", operations.Particulars("新人"))
    with pytest.raises(Invalid):
        granting.add_user(account, [Jurisdiction(Role.LEADER, "000000")], actor=SYSTEM)
    db.session.rollback()
    with pytest.raises(NotFound):
        queries.named("newcomer")


def test_a_role_revoked_a_moment_ago_gives_nothing(both):
    world = make_world()
    before = world.actor("secadmin")
    granting.grant_role(
        world.users["worker"], Jurisdiction(Role.SECURITY_ADMIN), actor=SYSTEM, request_uuid=uuid()
    )
    grant_id = queries.person(world.users["secadmin"]).grants[0].id
    granting.revoke_role(world.users["secadmin"], grant_id, actor=SYSTEM, request_uuid=uuid())
    with pytest.raises(NotPermitted):
        granting.grant_role(
            world.users["clerk"], Jurisdiction(Role.LEADER, DISTRICT),
            actor=before, request_uuid=uuid(),
        )  # fmt: skip
