"""Knows how the photos of an answer leave their inspector's tray."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from tracker.errors import Invalid
from tracker.evidence.models import Photo
from tracker.inspections.models import Answer
from tracker.texts import N_


def keep_with_answer(
    session: Session, answer: Answer, uuids: Iterable[str], *, owner_id: int | None
) -> None:
    """Tie photos to the answer that they show; those of a failure went to its task before.

    Raises Invalid for a photo that is not in the owner's tray, or is used already.
    """
    for uuid in uuids:
        photo = session.get(Photo, uuid)
        if photo is None or photo.owner_id != owner_id:
            raise Invalid(N_("有一张照片没有上传成功，请重新添加。"), field="photos")
        if photo.answer_id is not None or photo.task_id not in (None, answer.task_id):
            raise Invalid(N_("有一张照片已用于其他内容，请重新拍摄。"), field="photos")
        photo.answer_id = answer.id
