"""Thousands of random steps by random people, compared with a plain model of the rules."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.factories.steps import alter
from tests.factories.world import World, category, given_for, make_task, make_world, task
from tracker import clock
from tracker.access.actor import Actor
from tracker.errors import Conflict, Fault, Invalid, NotPermitted
from tracker.storage.db import db
from tracker.tasks.chain import breaks
from tracker.tasks.checks import IllegalTransition
from tracker.tasks.operations import Order, StaleVersion, perform
from tracker.tasks.states import Action, State

WHO = ("inspector", "clerk", "head", "worker", "clerk_police", "dispatcher", "dispatcher_2", "verifier", "leader", "assessor")  # fmt: skip
OFFICE = {"dispatcher", "dispatcher_2"}
HELD = {"dispatched", "handling"}
OPEN = {"reported", "filed", "dispatched", "handling", "submitted", "suspended"}
#: Proved one by one in test_joint and the tests of parties and links.
ELSEWHERE = {
    Action.REPORT, Action.SELF_HANDLE, Action.MERGE, Action.REOPEN, Action.LINK_RECURRENCE,
    Action.RECALCULATE, Action.ADD_ASSIST, Action.REMOVE_ASSIST, Action.ASSIST_REPLY, Action.CONVENE,
    Action.OPINE, Action.DECIDE_JOINT,
}  # fmt: skip
STEPS = [a for a in Action if a not in ELSEWHERE]
#: More than twenty thousand steps.
LIVES, STEPS_A_LIFE = 375, 60
#: Steps that whoever took them may take back, and those of them that moved the deadline.
UNDOABLE = {
    "file", "reject", "dispatch", "acknowledge", "assign", "pass", "close_by_notice", "rework",
    "ask_extension", "ask_suspension", "endorse", "decline", "grant_extension", "deny_extension",
    "suspend", "deny_suspension", "redispatch", "relocate", "cancel", "appeal", "grant_appeal", "deny_appeal",
}  # fmt: skip
MOVES_DUE = {"dispatch", "redispatch", "rework", "grant_extension"}
#: The states in which each step can be taken.
SOURCES = {
    name: states for names, states in (
        ("file reject", {"reported"}), ("dispatch", {"filed"}), ("acknowledge", {"dispatched"}),
        ("return assign submit redispatch acknowledge_rework", HELD), ("endorse decline", {"handling"}),
        ("withdraw pass close_by_notice rework", {"submitted"}), ("resume", {"suspended"}),
        ("ask_extension grant_extension deny_extension ask_suspension suspend deny_suspension", {"handling"}),
        ("supervise urge instruct cancel relocate", OPEN), ("appeal grant_appeal deny_appeal rate", {"closed"}),
        ("comment undo", {state.value for state in State}),
    )
    for name in names.split()
}  # fmt: skip


@dataclass
class Model:
    """What the rules say a task is, without a table, a policy page or a database."""

    state: str = "reported"
    unit: str | None = None
    assignee: str | None = None
    submitter: str | None = None
    asked: str | None = None
    asker: str | None = None
    endorsed: bool = False
    reviewer: str | None = None
    late: bool = False
    was_overdue: bool = False
    appealed: bool = False
    exempt: bool = False
    reworks: int = 0
    returns: int = 0
    extensions: int = 0
    events: int = 1
    #: who took the last step and what it was, while it can be taken back; how things stood before
    undoer: str | None = None
    undoes: str = ""
    before: "Model | None" = None

    def staff(self) -> set[str]:
        return {"sanitation": {"clerk", "head"}, "police": {"clerk_police"}}.get(
            self.unit or "", set()
        )

    def may(self, who: str, action: Action) -> bool:
        staff, checkers = self.staff(), OFFICE | {"verifier"}
        seers = OFFICE | {"inspector", "verifier", "leader", "assessor"} | staff | {self.assignee}
        people: dict[str, set[Any]] = {
            "file reject dispatch redispatch resume relocate": OFFICE,
            "acknowledge return assign ask_extension ask_suspension appeal": staff,
            "submit acknowledge_rework": staff | {self.assignee},
            "endorse decline": ({"head"} & staff) - {self.asker},
            "withdraw": {self.submitter},
            "pass close_by_notice rework": checkers - {self.submitter},
            "grant_extension deny_extension suspend deny_suspension": OFFICE - {self.asker},
            "grant_appeal deny_appeal": (OFFICE | {"assessor"}) - {self.asker},
            "supervise urge": OFFICE | {"leader"},
            "instruct": {"leader"},
            "cancel": {"leader"} | (OFFICE if self.was_never_held() else set()),
            "comment": seers,
            "undo": {self.undoer} - {None},
        }
        return any(who in who_may for names, who_may in people.items() if action in names.split())

    def was_never_held(self) -> bool:
        return self.state in ("reported", "filed") and not self.returns

    def starts(self, action: Action) -> bool:
        return self.state in SOURCES.get(action.value, set())

    def holds(self, action: Action, who: str) -> bool:
        wanted = {
            "grant_extension": "extension", "deny_extension": "extension", "suspend": "suspension",
            "deny_suspension": "suspension", "grant_appeal": "appeal", "deny_appeal": "appeal",
        }.get(action.value)  # fmt: skip
        if wanted and self.asked != wanted:
            return False
        if action in (Action.GRANT_EXTENSION, Action.SUSPEND) and not self.endorsed:
            return False
        if action in (Action.ENDORSE, Action.DECLINE):
            return self.asked in ("extension", "suspension") and not self.endorsed
        if action is Action.ACKNOWLEDGE_REWORK or (action is Action.DISPATCH and self.returns >= 2):
            return False
        if action in (Action.RETURN, Action.ASK_EXTENSION) and self.late:
            return False
        if action in (Action.ASK_EXTENSION, Action.GRANT_EXTENSION) and self.extensions >= 2:
            return False
        if action in (Action.ASK_EXTENSION, Action.ASK_SUSPENSION) and self.asked:
            return False
        if action is Action.APPEAL:
            return self.was_overdue and not self.appealed and not self.asked
        return not (action is Action.GRANT_APPEAL and self.reviewer == who)

    def expected(self, who: str, action: Action) -> type[Fault] | None:
        if not self.starts(action):
            return IllegalTransition
        if not self.may(who, action):
            return NotPermitted
        return None if self.holds(action, who) else Conflict

    def take(self, who: str, action: Action, unit: str) -> None:
        if action is Action.UNDO:
            return self._take_back()
        before, met = replace(self), self.state == "filed" and self.returns >= 2
        self._take(who, action, unit)
        kept = action.value in UNDOABLE and not (action is Action.CANCEL and met)
        self.undoer, self.undoes = (who, action.value) if kept else (None, "")
        self.before = before if kept else None
        return None

    def _take_back(self) -> None:
        assert self.before is not None
        late, events, moved = self.late, self.events, self.undoes in MOVES_DUE
        for one in fields(self.before):
            setattr(self, one.name, getattr(self.before, one.name))
        if not moved:
            self.late = late
        self.events, self.undoer, self.undoes, self.before = events + 1, None, "", None

    def _take(self, who: str, action: Action, unit: str) -> None:
        self.events += 1
        getattr(self, f"_{action.value}", lambda *_: None)(who, unit)
        target = {
            "file": "filed", "reject": "rejected", "dispatch": "dispatched", "acknowledge": "handling",
            "return": "filed", "submit": "submitted", "withdraw": "handling", "pass": "closed",
            "close_by_notice": "closed", "rework": "handling", "suspend": "suspended",
            "resume": "handling", "redispatch": "dispatched", "cancel": "cancelled",
        }.get(action.value)  # fmt: skip
        self.state = target or self.state

    def _nothing_asked(self, *_: str) -> None:
        self.asked, self.asker, self.endorsed = None, None, False

    _cancel = _nothing_asked

    def _endorse(self, _who: str, _unit: str) -> None:
        self.endorsed = True

    def _dispatch(self, _who: str, unit: str) -> None:
        self.was_overdue |= self.late
        self.unit, self.assignee, self.late = unit, None, False
        self._nothing_asked()

    _redispatch = _dispatch

    def _return(self, _who: str, _unit: str) -> None:
        self.unit = self.assignee = None
        self.returns += 1
        self._nothing_asked()

    def _assign(self, _who: str, _unit: str) -> None:
        self.assignee = "worker" if self.unit == "sanitation" else "clerk_police"

    def _submit(self, who: str, _unit: str) -> None:
        self.submitter = who
        self.was_overdue |= self.late
        self._nothing_asked()

    def _withdraw(self, _who: str, _unit: str) -> None:
        self.submitter = None

    def _rework(self, _who: str, _unit: str) -> None:
        self.submitter, self.late = None, False
        self.reworks += 1

    def _ask(self, who: str, kind: str) -> None:
        self.asked, self.asker = kind, who
        self.endorsed = who == "head" or self.unit == "police"

    def _ask_extension(self, who: str, _unit: str) -> None:
        self._ask(who, "extension")

    def _ask_suspension(self, who: str, _unit: str) -> None:
        self._ask(who, "suspension")

    def _appeal(self, who: str, _unit: str) -> None:
        self.appealed = True
        self._ask(who, "appeal")

    def _grant_extension(self, _who: str, _unit: str) -> None:
        self.extensions += 1
        self.late = False
        self._nothing_asked()

    def _deny_extension(self, _who: str, _unit: str) -> None:
        self.reviewer = None
        self._nothing_asked()

    _deny_suspension = _deny_appeal = _decline = _deny_extension

    def _suspend(self, _who: str, _unit: str) -> None:
        self.was_overdue |= self.late
        self._nothing_asked()

    def _grant_appeal(self, who: str, _unit: str) -> None:
        if self.reviewer is None:
            self.reviewer = who
        else:
            self.exempt = True
            self._nothing_asked()


class Office(RuleBasedStateMachine):
    """One task at a time in the hands of ten people."""

    world: ClassVar[World]
    #: the same all the time: who they are, and what is reported
    actors: ClassVar[dict[str, Actor]]
    category_id: ClassVar[int]
    steps: ClassVar[int] = 0
    taken: ClassVar[int] = 0
    refused: ClassVar[int] = 0

    @initialize()
    def report(self) -> None:
        self.number = make_task(self.world)
        self.model = Model()

    def request(self, who: str, action: Action, uuid: str, **more: Any) -> dict[str, Any]:
        unit = more.pop("unit", "sanitation")
        person = "worker" if self.model.unit == "sanitation" else "clerk_police"
        given = given_for(
            self.world, action, unit_id=self.world.units[unit], category_id=self.category_id,
            assignee_id=self.world.users[person], text=uuid,
        )  # fmt: skip
        return perform(
            [Order(action, given)], number=self.number, actor=self.actors[who],
            request_uuid=uuid, version=more.pop("version", None),
        )  # fmt: skip

    def _try(self, who: str, action: Action, unit: str, resend: bool) -> None:
        expected = None if action is Action.RATE else self.model.expected(who, action)
        if action is Action.RATE:
            expected = NotPermitted if self.model.state == "closed" else IllegalTransition
        uuid = str(uuid4())
        if expected is not None:
            with pytest.raises(expected):
                self.request(who, action, uuid, unit=unit)
            type(self).refused += 1
            return
        answer = self.request(who, action, uuid, unit=unit)
        if resend:
            assert self.request(who, action, uuid, unit=unit) == answer
        self.model.take(who, action, unit)
        type(self).taken += 1

    @rule(
        who=st.sampled_from(WHO),
        action=st.sampled_from(STEPS),
        unit=st.sampled_from(("sanitation", "police")),
    )
    def anybody_tries_anything(self, who: str, action: Action, unit: str) -> None:
        self._try(who, action, unit, resend=False)

    @rule(data=st.data(), unit=st.sampled_from(("sanitation", "police")), resend=st.booleans())
    def somebody_does_what_they_may(self, data: st.DataObject, unit: str, resend: bool) -> None:
        legal = [
            (who, action) for action in STEPS if action is not Action.RATE and self.model.starts(action)
            for who in WHO if self.model.expected(who, action) is None
        ]  # fmt: skip
        moves = [
            pair for pair in legal if pair[1] not in (Action.COMMENT, Action.URGE, Action.CANCEL)
        ]
        if not (legal or moves):
            return
        who, action = data.draw(st.sampled_from(moves or legal))
        self._try(who, action, unit, resend)

    @precondition(lambda self: self.model.state in HELD and not self.model.late)
    @rule()
    def time_passes_the_deadline(self) -> None:
        alter(self.number, due_at=clock.now() - timedelta(seconds=1))
        self.model.late = True

    @rule(who=st.sampled_from(WHO))
    def a_stale_page_changes_nothing(self, who: str) -> None:
        with pytest.raises(StaleVersion):
            self.request(who, Action.COMMENT, str(uuid4()), version=self.version + 7)

    @rule(who=st.sampled_from(("dispatcher", "clerk", "verifier")))
    def a_step_without_words_is_sent_back(self, who: str) -> None:
        if not self.model.may(who, Action.COMMENT):
            return
        given = given_for(self.world, Action.COMMENT, text="", category_id=self.category_id)
        with pytest.raises(Invalid):
            perform(
                [Order(Action.COMMENT, given)], number=self.number, actor=self.actors[who],
                version=None, request_uuid=str(uuid4()),
            )  # fmt: skip

    @invariant()
    def a_step_is_counted(self) -> None:
        type(self).steps += 1

    @invariant()
    def the_task_is_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        found, model = task(self.number), self.model
        self.version = found.version
        names = {value: key for key, value in self.world.users.items()}
        units = {value: key for key, value in self.world.units.items()}
        assert (
            found.state, units.get(found.unit_id or 0), names.get(found.assignee_id or 0),
            names.get(found.submitter_id or 0), found.asked, names.get(found.asked_by_id or 0), found.is_endorsed,
            found.was_overdue, found.appealed, found.is_exempt, found.rework_count,
            found.return_count, found.extension_count, found.event_count,
        ) == (
            model.state, model.unit, model.assignee, model.submitter, model.asked, model.asker, model.endorsed,
            model.was_overdue, model.appealed, model.exempt, model.reworks, model.returns,
            model.extensions, model.events,
        )  # fmt: skip

    def teardown(self) -> None:
        found = task(self.number)
        assert breaks(found, found.events) == []


@pytest.fixture
def office(app: Flask) -> Iterator[Callable[[int, int], type[Office]]]:
    """Run the machine over the small world: `office(examples, steps)`."""

    def run(examples: int, steps: int) -> type[Office]:
        Office.world, Office.category_id = make_world(), category()
        Office.actors = {name: Office.world.actor(name) for name in WHO}
        Office.steps = Office.taken = Office.refused = 0
        run_state_machine_as_test(
            Office,
            settings=settings(
                max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True,
                database=None, suppress_health_check=list(HealthCheck),
                # a failure is shown as it was found: shrinking sixty steps takes an hour
                phases=(Phase.explicit, Phase.generate),
            ),
        )  # fmt: skip
        return Office

    yield run
    db.session.remove()


def test_thousands_of_random_steps_end_where_the_model_says(
    office: Callable[[int, int], type[Office]],
):
    machine = office(LIVES, STEPS_A_LIFE)
    assert machine.steps >= 20_000
    assert machine.taken > 2_000
    assert machine.refused > 2_000
