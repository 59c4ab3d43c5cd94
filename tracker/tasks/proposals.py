"""Knows on a task's row which dispatch stands and what was proposed for it: the share of proposals counts these."""

from datetime import datetime

from tracker.clock import in_city
from tracker.tasks.models import Task
from tracker.tasks.states import Action
from tracker.tasks.steps import Payload


def stand(task: Task, action: Action, payload: Payload, at: datetime) -> None:
    """After the effect of a step: a dispatch stands until the next one, or until it is returned.

    One that noted nothing (an import's) is not counted; one that is taken back restores the row.
    """
    if action in (Action.DISPATCH, Action.REDISPATCH):
        is_noted = "suggestion_reason" in payload
        task.proposed_month = f"{in_city(at):%Y-%m}" if is_noted else None
        task.proposed_unit_id = payload.get("suggested_unit")
        task.proposal_taken = payload.get("suggestion_taken")
    elif action is Action.RETURN:
        task.proposed_month = task.proposed_unit_id = task.proposal_taken = None
