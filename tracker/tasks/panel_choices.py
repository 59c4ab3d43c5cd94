"""Fills the selects of the forms on a task page; what several forms offer is read once."""

from collections.abc import Sequence
from functools import cached_property

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms.fields import SelectChoice

from tracker.tasks import choices
from tracker.tasks.action_fields import ActionForm
from tracker.tasks.models import Task
from tracker.tasks.reasons import REASONS
from tracker.tasks.states import Action
from tracker.tasks.words import is_english


class Choices:
    """What the selects of one task's forms offer."""

    def __init__(self, session: Session, task: Task) -> None:
        self.session, self.task = session, task

    @cached_property
    def units(self) -> list[tuple[int, str]]:
        return choices.units(self.session)

    def fill(self, form: ActionForm) -> None:
        """Fill every select of a form."""
        if "unit_id" in form:
            form["unit_id"].choices = self._units(form.action)
        if "reason_code" in form:
            form["reason_code"].choices = [
                SelectChoice(code, _(label)) for code, label in REASONS[form.action].items()
            ]
        if "category_id" in form:
            members = [
                (member.id, f"{member.code} {member.label}", f"{major.code} {major.label}")
                for major in choices.categories(self.session, english=is_english())
                for member in major.members
            ]
            form["category_id"].choices = _options(_("请选择问题类别"), members)
        if "community_code" in form:
            form["community_code"].choices = _community_options(self.session)
        if "assignee_id" in form:
            form["assignee_id"].choices = self._people(form.action)

    def _units(self, action: Action) -> list[SelectChoice]:
        """Units that the action can name: those that assist now, those that do not yet, all."""
        assisting = self.task.assist_unit_ids
        known = self.units
        if action is Action.REMOVE_ASSIST:
            known = [pair for pair in known if pair[0] in assisting]
        elif action is Action.ADD_ASSIST:
            known = [pair for pair in known if pair[0] not in {*assisting, self.task.unit_id}]
        elif action is Action.REDISPATCH:
            known = [pair for pair in known if pair[0] not in assisting]
        elif action is Action.CONVENE:
            known = [pair for pair in known if pair[0] not in self.task.joint_unit_ids]
        return _options(_("请选择单位"), [(unit_id, name, None) for unit_id, name in known])

    def _people(self, action: Action) -> list[SelectChoice]:
        if action is Action.CONVENE:
            empty, offered = _("请选择决定人"), choices.deciders(self.session, self.task)
        else:
            empty = _("请选择经办人")
            offered = choices.people_of(self.session, self.task.unit_id)
        return _options(empty, [(user_id, name, None) for user_id, name in offered])


def _community_options(session: Session) -> list[SelectChoice]:
    """Communities under their towns."""
    found = [SelectChoice("", _("请选择社区"))]
    town = None
    for area in choices.areas(session):
        if area.depth == 1:
            town = area.name
        elif area.depth == 2:
            found.append(SelectChoice(area.code, area.name, optgroup=town))
    return found


def _options(empty: str, found: Sequence[tuple[int, str, str | None]]) -> list[SelectChoice]:
    """(id, words, group) as options after one that is no choice."""
    named = [SelectChoice(str(key), label, optgroup=group) for key, label, group in found]
    return [SelectChoice("", empty), *named]
