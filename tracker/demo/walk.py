"""One demo task from its report on: filed, dispatched, rectified, checked, with what goes wrong."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tracker.access.actor import Actor
from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.catalogue.models import Category
from tracker.clock import CITY_ZONE
from tracker.tasks.given import Given
from tracker.tasks.models import Task
from tracker.tasks.operations import apply
from tracker.tasks.states import Action
from tracker.tasks.suggestions import suggested_unit

if TYPE_CHECKING:
    from tracker.demo.history import Story

#: What came in this lately may still lie with somebody, at each step with this chance.
BACKLOG = timedelta(days=6)
STALL = 0.17

REASONS = (
    ("duty", "不属于本单位职责范围，请改派"),
    ("place", "位置在相邻社区辖区内"),
    ("ownership", "设施由养护单位管理，需由其处理"),
)
MEASURES = (
    "已安排人员清理并加强巡查",
    "已现场整改完毕，并告知责任人",
    "已修复，现场恢复正常",
    "已劝离并纳入日常巡查",
)
REWORKS = (
    ("unfinished", "仍有残留，请彻底清理"),
    ("unclear", "照片角度与整改前不一致，请补拍"),
    ("unfinished", "只处理了一侧，另一侧未整改"),
)


class Walk:
    """The steps of one task after its report, each later than the last, until the end is reached."""

    def __init__(
        self,
        story: "Story",
        task: Task,
        category: Category,
        limit: Limit,
        variant: int,
        at: datetime,
    ) -> None:
        self.story, self.task, self.category, self.limit = story, task, category, limit
        self.variant, self.at, self.random = variant, at, story.random
        self.dispatcher = self.random.choice(story.cast.dispatchers)
        self.handler = story.cast.dispatchers[0]

    def step(self, action: Action, actor: Actor, hours: float, given: Given | None = None) -> bool:
        """Take a step some time later; False when that lies beyond the end."""
        if self.story.end - self.at < BACKLOG and self.random.random() < STALL:
            return False
        later = self.at + timedelta(hours=max(hours * self.random.uniform(0.4, 1.8), 0.02))
        local = later.astimezone(CITY_ZONE)
        if local.hour < 8:
            later += timedelta(hours=8 - local.hour)
        if later >= self.story.end:
            return False
        apply(action, self.task, actor=actor, given=given or Given(), at=later)
        self.at = later
        return True

    def on(self) -> None:
        chance = self.random.random()
        if chance < 0.03:
            self.step(Action.REJECT, self.dispatcher, 1, Given(reason="现场核实未发现问题"))
            return
        if not self.step(Action.FILE, self.dispatcher, 0.8, Given(category_id=self.category.id)):
            return
        if chance < 0.08 and self._merge():
            return
        if not self._dispatch():
            return
        if chance < 0.095:
            self.step(
                Action.CANCEL, self.story.cast.leader, 5, Given(reason="与专项整治重复，统一处理")
            )
            return
        if chance < 0.13 and not self._sent_back():
            return
        if self.step(Action.ACKNOWLEDGE, self.handler, 1.2):
            self._rectify(chance)

    def _sent_back(self) -> bool:
        """Returned by the unit and dispatched again; False when it still lies at the office."""
        code, words = self.random.choice(REASONS)
        if not self.step(Action.RETURN, self.handler, 0.4, Given(reason_code=code, reason=words)):
            return True
        if self.task.joint is None:
            return self._dispatch()
        leader = self.story.cast.leader
        others = sorted(set(self.story.cast.by_unit) - set(self.task.joint_unit_ids))
        convened = Given(
            assignee_id=leader.user_id, unit_id=others[0], text="点位靠近社区边界，请共同确认"
        )
        if not self.step(Action.CONVENE, self.dispatcher, 1, convened):
            return False
        unit_id = next(unit for unit in self.task.joint_unit_ids if unit in self.story.cast.by_unit)
        self.handler = self.story.cast.by_unit[unit_id]
        decided = Given(unit_id=unit_id, limit=self.limit, reason="按现场位置确定责任单位")
        return self.step(Action.DECIDE_JOINT, leader, 3, decided)

    def _merge(self) -> bool:
        """Into a task of the same community that is still open at the end."""
        other = self.story.still_open.get(self.task.community_code or "")
        if other is None:
            return False
        given = Given(other_number=other, text="同一处问题")
        return self.step(Action.MERGE, self.dispatcher, 0.2, given)

    def _dispatch(self) -> bool:
        suggestion = suggested_unit(self.story.session, self.task, self.category)
        unit_id = suggestion.unit_id if suggestion else min(self.story.cast.by_unit)
        if unit_id not in self.story.cast.by_unit:
            unit_id = min(self.story.cast.by_unit)
        self.handler = self.story.cast.by_unit[unit_id]
        return self.step(
            Action.DISPATCH, self.dispatcher, 0.7, Given(unit_id=unit_id, limit=self.limit)
        )

    def _rectify(self, chance: float) -> None:
        random = self.random
        if chance < 0.16 and self.limit.unit in (LimitUnit.WORK_DAY, LimitUnit.NATURAL_DAY):
            until = (self.at + timedelta(days=random.randint(40, 120))).astimezone(CITY_ZONE).date()
            asked = Given(
                reason_code="funding", reason="需列入年度改造计划，等待资金批复", until=until
            )
            if (
                self.step(Action.ASK_SUSPENSION, self.handler, 3, asked)
                and self._endorsed()
                and random.random() < 0.8
            ):
                granted = Given(reason="情况属实，同意挂账", until=until)
                self.step(Action.SUSPEND, self.dispatcher, 4, granted)
            return
        assert self.task.due_at is not None
        share = random.choices(
            [random.uniform(0.15, 0.9), random.uniform(1.02, 1.6)], weights=[86, 14]
        )[0]
        hours = max((self.task.due_at - self.at).total_seconds() / 3600, 0.3) * share / 1.1
        if not self._submit(hours):
            return
        if random.random() < 0.08:
            code, words = random.choice(REWORKS)
            given = Given(
                reason_code=code,
                reason=words,
                limit=Limit(1, LimitUnit.WORK_DAY, LimitReading.DAY_COUNT),
            )
            if not self.step(Action.REWORK, self.story.cast.verifier, 3, given) or not self._submit(
                5
            ):
                return
        self.step(Action.PASS, self.story.cast.verifier, 5, Given(text="现场核查，已整改到位"))

    def _endorsed(self) -> bool:
        """The head of the unit agrees, where there is one to be asked."""
        if self.task.is_endorsed:
            return True
        head = self.story.cast.heads.get(self.task.unit_id or 0)
        return head is not None and self.step(Action.ENDORSE, head, 1)

    def _submit(self, hours: float) -> bool:
        spot = (self.task.lon, self.task.lat) if self.random.random() < 0.9 else None
        photo = self.story.photo(
            self.category, self.variant, self.handler, self.at, after=True, spot=spot
        )
        photos = (photo,)
        return self.step(
            Action.SUBMIT,
            self.handler,
            hours,
            Given(after_photos=photos, measures=self.random.choice(MEASURES)),
        )
