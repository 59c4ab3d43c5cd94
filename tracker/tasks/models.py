"""Tasks, their append-only events, and the sequence of their numbers."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.catalogue.models import Category
from tracker.evidence.models import Photo
from tracker.people.models import User
from tracker.places.models import Organization
from tracker.points.checklist_models import CheckItem
from tracker.points.models import InspectionPoint
from tracker.storage.db import Base
from tracker.storage.types import Document, UTCDateTime
from tracker.tasks.indexes import task_indexes

#: Events that may have put a task into another area; written out, so that the index is used.
RELOCATED = text("action = 'relocate'")
#: Events by which a task was sent back, or by which that may have been taken back.
SENT_BACK = text("action IN ('rework', 'return', 'undo')")


class Task(Base):
    """A rectification task (整改任务). Only tasks.operations changes one."""

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        *task_indexes(),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: e.g. JW-20261122-0001
    number: Mapped[str] = mapped_column(String(32), unique=True)
    #: made by the client: a resend finds the first row; a batch is matched by it when inserted
    uuid: Mapped[str] = mapped_column(String(36), unique=True, insert_sentinel=True)
    source: Mapped[str] = mapped_column(String(20))
    #: id at the source; unique within it
    external_id: Mapped[str | None] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12))

    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(String(256), default="")

    #: WGS-84 degrees; None when only a community is known
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    #: 62-bit Morton key of the position, see gis.cells
    cell: Mapped[int | None] = mapped_column(BigInteger)
    #: the position as it was given, before conversion
    raw_x: Mapped[float | None]
    raw_y: Mapped[float | None]
    coord_sys: Mapped[str | None] = mapped_column(String(16))
    accuracy_m: Mapped[float | None]
    #: gps, pin, photo, point, import, address
    pos_method: Mapped[str | None] = mapped_column(String(10))
    district_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    town_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    #: None is 未落入网格: outside every community
    community_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    grid_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))

    #: the inspection point it was found at, and the item that failed there
    point_id: Mapped[int | None] = mapped_column(ForeignKey("inspection_point.id"))
    check_item_id: Mapped[int | None] = mapped_column(ForeignKey("check_item.id"))
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: the unit in whose name it was reported (自查); never judged by that unit
    reporter_unit_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    submitter_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    found_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reported_at: Mapped[datetime] = mapped_column(UTCDateTime)
    filed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    dispatched_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: computed once when dispatched and stored with the calendar's version
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: from this moment on it is due soon (a fifth of the time left)
    due_soon_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: until then the unit may send it back
    return_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    calendar_version: Mapped[str | None] = mapped_column(String(40))
    limit_value: Mapped[int | None]
    limit_unit: Mapped[str | None] = mapped_column(String(16))
    limit_reading: Mapped[str | None] = mapped_column(String(12))
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    suspended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    suspended_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)

    rework_count: Mapped[int] = mapped_column(default=0)
    extension_count: Mapped[int] = mapped_column(default=0)
    return_count: Mapped[int] = mapped_column(default=0)
    is_urgent: Mapped[bool] = mapped_column(default=False)
    is_supervised: Mapped[bool] = mapped_column(default=False)
    #: an appeal was granted; the overdue fact stays
    is_exempt: Mapped[bool] = mapped_column(default=False)
    #: submitted (or closed) after it was due; a fact, never reset
    was_overdue: Mapped[bool] = mapped_column(default=False)
    appealed: Mapped[bool] = mapped_column(default=False)
    #: extension, suspension or appeal waiting for a decision, and who asked
    asked: Mapped[str | None] = mapped_column(String(12))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: the head of the unit agrees with what was asked, or there is no head to ask
    is_endorsed: Mapped[bool] = mapped_column(default=False)
    #: first of the two reviewers who granted the appeal
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: 1 to 5, once, by the citizen
    stars: Mapped[int | None]
    #: organizations that assist now, of task_party; a copy that the policy reads without a query
    assist_unit_ids: Mapped[list[int]] = mapped_column(Document, default=list)
    #: why several heads have to meet: returns or border; None when nobody has to
    joint: Mapped[str | None] = mapped_column(String(10))
    joint_unit_ids: Mapped[list[int]] = mapped_column(Document, default=list)
    joint_decider_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: the unit was decided jointly: it does not send the task back again
    is_forced: Mapped[bool] = mapped_column(default=False)
    #: a rework says with a drawing what is missing, and nobody of the unit has looked at it yet
    rework_to_read: Mapped[bool] = mapped_column(default=False)
    #: month (2026-11) of the dispatch that stands, if it noted what was proposed: the unit, and whether it was taken
    proposed_month: Mapped[str | None] = mapped_column(String(7))
    proposed_unit_id: Mapped[int | None]
    proposal_taken: Mapped[bool | None]
    #: number of the newest supervision order (督办单)
    order_number: Mapped[str | None] = mapped_column(String(40))
    #: who may take the last step back, until when, and what the row was before it
    undo_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    undo_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    undo_before: Mapped[dict[str, Any] | None] = mapped_column(Document, deferred=True)
    #: how it ended, see states.Closing; None while open
    closing: Mapped[str | None] = mapped_column(String(12))
    self_handled: Mapped[bool] = mapped_column(default=False)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    recurrence_of_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    event_count: Mapped[int] = mapped_column(default=0)
    #: hash of the newest event: the head of this task's chain
    head_hash: Mapped[str] = mapped_column(String(64), default="")
    version: Mapped[int] = mapped_column(default=1)

    category: Mapped[Category | None] = relationship()
    point: Mapped[InspectionPoint | None] = relationship()
    check_item: Mapped[CheckItem | None] = relationship()
    unit: Mapped[Organization | None] = relationship(foreign_keys=[unit_id])
    reporter: Mapped[User | None] = relationship(foreign_keys=[reporter_id])
    assignee: Mapped[User | None] = relationship(foreign_keys=[assignee_id])
    photos: Mapped[list[Photo]] = relationship(order_by=Photo.received_at, viewonly=True)
    events: Mapped[list["TaskEvent"]] = relationship(order_by="TaskEvent.sequence", viewonly=True)

    #: an UPDATE names the version it read: of two concurrent steps exactly one wins
    __mapper_args__ = {"version_id_col": version}


class TaskEvent(Base):
    """What happened to a task, once; each row seals the one before it."""

    __tablename__ = "task_event"
    __table_args__ = (
        UniqueConstraint("task_id", "sequence"),
        # few: which tasks lay in another area on a past day
        Index(
            "ix_task_event_relocated_at", "at",
            sqlite_where=RELOCATED, postgresql_where=RELOCATED,
        ),
        # few: how often work was sent back on some days, and why
        Index("ix_task_event_sent_back_at", "at", sqlite_where=SENT_BACK, postgresql_where=SENT_BACK),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    sequence: Mapped[int]
    action: Mapped[str] = mapped_column(String(20))
    source_state: Mapped[str | None] = mapped_column(String(12))
    target_state: Mapped[str] = mapped_column(String(12))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    actor_name: Mapped[str] = mapped_column(String(50), default="")
    #: roles held when acting, comma separated
    roles: Mapped[str] = mapped_column(String(200), default="")
    #: when it happened; of imports the historical time
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    #: when the server wrote it
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    payload: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    prev_hash: Mapped[str] = mapped_column(String(64))
    #: unique by what it seals; lets SQLite insert a batch in one statement
    hash: Mapped[str] = mapped_column(String(64), insert_sentinel=True)

    #: written through, so that a batch of new tasks and their events is one flush
    task: Mapped[Task] = relationship()
    photos: Mapped[list[Photo]] = relationship(viewonly=True)


class TaskParty(Base):
    """A unit that takes part in a task beside the one that holds it."""

    __tablename__ = "task_party"
    __table_args__ = (
        Index("ix_task_party_task_id", "task_id"),
        Index("ix_task_party_unit_id_ended_at", "unit_id", "ended_at", "task_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    #: assist (协办) or joint (会商)
    part: Mapped[str] = mapped_column(String(8))
    #: what it was asked for
    wanted: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reply: Mapped[str] = mapped_column(Text, default="")
    replied_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    replied_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: since then it takes no part any more and does not see the task for it
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    unit: Mapped[Organization] = relationship()


class NumberSequence(Base):
    """The last serial number given out under a prefix and day."""

    __tablename__ = "number_sequence"

    key: Mapped[str] = mapped_column(String(24), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
