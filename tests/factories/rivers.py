"""River points with their plans in the small world, made through the real operations."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.factories.points import make_point
from tests.factories.world import SANZAO, World
from tracker import clock
from tracker.points.rivers_editing import MeasureGiven, PlanGiven, add_measure, save_plan


def make_river(world: World, community: str = SANZAO, **changes: Any) -> str:
    """Commit a river point with a plan, a late measure and one that is due later; its code."""
    code = make_point(
        world, community, **{"name": "三灶河下游", "site_type_code": "river", **changes}
    )
    actor = world.actor("dispatcher")
    plan = PlanGiven("三灶河", "金湾大道桥至三灶河口", "林志强", "三灶镇党委副书记、镇长")
    save_plan(code, plan, version=0, actor=actor, request_uuid=str(uuid4()))
    for text, days in (("清理河面漂浮物和岸边垃圾", -12), ("整治 3 号排口晴天排污", 20)):
        given = MeasureGiven(text, clock.today() + timedelta(days=days), world.units["sanitation"])
        add_measure(code, given, actor=actor, request_uuid=str(uuid4()))
    return code
