"""Knows how a notice is said: on a page in the reader's language, in a digest in Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from tracker.notices.models import Notice
from tracker.notices.rules import NOTICE_KIND_LABELS, NoticeKind, words_of
from tracker.tasks.words import is_english
from tracker.web.filters import moment


@dataclass(frozen=True)
class Shown:
    """A notice as its row shows it."""

    id: int
    kind: str
    kind_label: str
    words: str
    number: str
    about: str
    due: datetime | None
    at: datetime
    is_unread: bool


def shown(notice: Notice) -> Shown:
    """One row of the inbox."""
    params = notice.params
    return Shown(
        notice.id, notice.kind, NOTICE_KIND_LABELS[NoticeKind(notice.kind)], words_of(notice.text_key),
        params["number"], about(params), due_of(params), notice.created_at, notice.read_at is None,
    )  # fmt: skip


def about(params: Mapping[str, Any]) -> str:
    """Category and place, what there is of them, in the reader's language."""
    parts = (params["category_en" if is_english() else "category"], params["place"])
    return " · ".join(part for part in parts if part)


def due_of(params: Mapping[str, Any]) -> datetime | None:
    """The deadline as it stood when it was told."""
    return datetime.fromisoformat(params["due"]) if params["due"] else None


def line(text_key: str, params: Mapping[str, Any]) -> str:
    """One line of a digest: number, words, category, place, deadline, and nothing else."""
    parts = [f"{params['number']} {_(words_of(text_key))}", about(params)]
    due = due_of(params)
    if due is not None:
        parts.append(_("限 %(due)s", due=moment(due)))
    return _("；").join(part for part in parts if part)
