"""Every state can be reached through the real operations, and the chain of events holds."""

import pytest
from flask import Flask

from tests.factories.world import GRID, SANZAO, make_task, make_world, task
from tracker.tasks.chain import breaks
from tracker.tasks.states import State


@pytest.mark.parametrize("state", [state for state in State if state is not State.MERGED])
def test_a_task_reaches_the_state_and_its_chain_is_whole(both: Flask, state: State) -> None:
    world = make_world()
    found = task(make_task(world, state))
    assert found.state == state
    assert found.community_code == SANZAO
    assert found.grid_code in (GRID, None)
    assert breaks(found, found.events) == []
