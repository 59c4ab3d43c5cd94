"""Knows how photos leave their owner's tray for the step they prove."""

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.errors import Invalid
from tracker.evidence.models import Phase, Photo
from tracker.tasks.given import Given
from tracker.tasks.states import Action
from tracker.texts import N_


def taken_from_tray(session: Session, action: Action, given: Given, actor: Actor) -> list[Photo]:
    """The photos handed over with a step, each with its phase; the caller gives them task and event.

    Raises Invalid for a photo that is not in the actor's tray, or is used by a task already.
    """
    taken: list[Photo] = []
    after = Phase.CHECK if action in (Action.PASS, Action.REWORK) else Phase.AFTER
    for uuids, phase in ((given.before_photos, Phase.BEFORE), (given.after_photos, after)):
        for uuid in uuids:
            photo = session.get(Photo, uuid)
            if photo is None or (photo.owner_id != actor.user_id and not actor.is_system):
                raise Invalid(
                    N_("有一张照片没有上传成功，请重新添加。"), field=f"{phase.value}_photos"
                )
            if photo.task_id is not None or photo.answer_id is not None or photo in taken:
                raise Invalid(
                    N_("有一张照片已用于其他任务，请重新拍摄。"), field=f"{phase.value}_photos"
                )
            photo.phase = phase.value
            taken.append(photo)
    return taken
