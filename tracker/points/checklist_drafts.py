"""Keeps a read edition between its preview and its publication, for its owner alone."""

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from flask import current_app
from sqlalchemy.orm import Session

from tracker.errors import NotFound
from tracker.points.checklist_importing import Draft, LineRefused
from tracker.points.checklist_lines import Difference, ItemLine, compare
from tracker.points.checklist_operations import EditionGiven
from tracker.points.checklist_storing import lines_of
from tracker.points.checklists import AppliedEdition, editions_in_force
from tracker.texts import N_

#: Drafts that nobody published are removed after this, seconds.
_KEPT = 24 * 3600
_TOKEN = re.compile(r"[\w-]{32}")


@dataclass(frozen=True)
class KeptDraft:
    """A draft with what was said of it; `published` is the code once it was published."""

    token: str
    file_name: str
    given: EditionGiven
    draft: Draft
    published: str = ""


@dataclass(frozen=True)
class Against:
    """What an edition changes against the one it would follow; `before` None: it is the first."""

    before: AppliedEdition | None
    difference: Difference


def against_current(session: Session, given: EditionGiven, lines: Sequence[ItemLine]) -> Against:
    """Compare with the edition of the same kind in force on its first day (today if kept aside)."""
    in_force = editions_in_force(session, on=given.valid_from)
    before = next((one for one in in_force if one.kind is given.kind), None)
    old = lines_of(session, before.id) if before else ()
    return Against(before, compare(old, lines))


def keep_draft(draft: Draft, given: EditionGiven, *, file_name: str, owner_id: int) -> str:
    """Keep a draft under a random name; returns it."""
    _forget_old()
    token = secrets.token_urlsafe(24)
    _write(
        token,
        {
            "owner_id": owner_id,
            "file_name": file_name,
            "given": given.as_dict(),
            "lines": [line.as_dict() for line in draft.lines],
            "rejections": [one.as_dict() for one in draft.rejections],
            "published": "",
        },
    )
    return token


def find_draft(token: str, *, owner_id: int | None) -> KeptDraft:
    """The draft of a token, for the person who sent it only. Raises NotFound."""
    said = _read(token)
    if said is None or said["owner_id"] != owner_id:
        raise NotFound(N_("这次上传已失效，请重新上传文件。"))
    draft = Draft(
        tuple(map(ItemLine.of, said["lines"])),
        tuple(LineRefused(**one) for one in said["rejections"]),
    )
    return KeptDraft(
        token, said["file_name"], EditionGiven.of(said["given"]), draft, said["published"]
    )


def mark_published(token: str, code: str) -> None:
    """Remember what became of a draft: a second confirmation leads to the same edition."""
    said = _read(token)
    if said is not None:
        _write(token, {**said, "published": code})


def _read(token: str) -> dict[str, Any] | None:
    path = _room() / f"{token}.json"
    if not _TOKEN.fullmatch(token) or not path.is_file():
        return None
    said: dict[str, Any] = orjson.loads(path.read_bytes())
    return said


def _write(token: str, said: dict[str, Any]) -> None:
    path = _room() / f"{token}.json"
    fresh = path.with_suffix(".part")
    fresh.touch(mode=0o600)
    fresh.write_bytes(orjson.dumps(said))
    fresh.replace(path)


def _room() -> Path:
    room: Path = current_app.config["SETTINGS"].data_dir / "uploads" / "checklists"
    room.mkdir(parents=True, exist_ok=True, mode=0o700)
    return room


def _forget_old() -> None:
    border = time.time() - _KEPT
    for path in _room().iterdir():
        if path.stat().st_mtime < border:
            path.unlink(missing_ok=True)
