"""A board opens no area through the home of a unit that a person also acts for."""

from flask import Flask

from tests.factories.client import open_session
from tests.factories.world import GUANGAN, HAIAN, SANZAO, TOWN_A, make_task, make_world
from tracker import clock
from tracker.access.roles import Role
from tracker.people.models import RoleGrant
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.states import State


def test_a_grid_lead_whose_unit_is_at_home_in_the_district_sees_the_own_community_alone(
    app: Flask,
) -> None:
    world = make_world()
    make_task(world, State.HANDLING, HAIAN)
    with unit_of_work() as work:
        work.add(
            RoleGrant(
                user_id=world.users["worker"], role=Role.GRID_LEAD, area_code=SANZAO,
                organization_id=world.units["sanitation"], granted_at=clock.now(),
            )
        )  # fmt: skip
    client = open_session(app, "worker")
    assert client.get(f"/progress/?board=area&area={SANZAO}").status_code == 200
    for foreign in (TOWN_A, HAIAN, GUANGAN):
        assert client.get(f"/progress/?board=area&area={foreign}").status_code == 404
        assert client.get(f"/progress/screen/data?area={foreign}").status_code == 404
    assert "三灶社区" in client.get("/progress/?board=area").text
