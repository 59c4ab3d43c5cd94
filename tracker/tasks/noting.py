"""Knows what an event remembers of the moment before its step; it decides nothing."""

from collections.abc import Callable

from tracker.responsibility.suggesting import note_suggestion
from tracker.tasks.parties import unit_given
from tracker.tasks.states import Action
from tracker.tasks.steps import Payload, Step


def _proposal(step: Step) -> Payload:
    """What was proposed when a person chose the unit, for the share of proposals that are taken."""
    return {} if step.actor.is_system else dict(note_suggestion(step, unit_given(step)))


NOTES: dict[Action, Callable[[Step], Payload]] = {
    Action.DISPATCH: _proposal,
    Action.REDISPATCH: _proposal,
}


def noted(action: Action, step: Step) -> Payload:
    """Asked before the effect changes the task."""
    return NOTES[action](step) if action in NOTES else {}
