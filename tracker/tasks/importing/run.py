"""Takes a file of tasks in through the one door, a batch of rows at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gis.coordinates import parse_crs
from gis.errors import UnknownCoordSys
from tracker.access.actor import SYSTEM, Actor
from tracker.audit.operations import record as record_audit
from tracker.errors import Fault, Invalid
from tracker.memory import without_collecting
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.batches import Batch, batch
from tracker.tasks.given import Place
from tracker.tasks.importing.mapping import Mapper, Record
from tracker.tasks.importing.places import Places
from tracker.tasks.importing.profile import Profile
from tracker.tasks.importing.reading import Line, open_rows
from tracker.tasks.importing.reasons import Reason, RowRejected
from tracker.tasks.importing.rejects import RejectFile
from tracker.tasks.importing.report import Report
from tracker.tasks.importing.resolving import Resolved, Resolver
from tracker.tasks.importing.walking import begins, steps
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.numbers import reserved
from tracker.tasks.operations import apply
from tracker.tasks.running import one_calendar
from tracker.texts import N_

#: Rows of one transaction: a killed import keeps whole batches, and others may write between.
BATCH = 1_000

Progress = Callable[[Report], None]
_Read = tuple[Line, Record]


@dataclass(frozen=True)
class TaskImport:
    """What is asked for besides the file. `crs` overrides the profile's."""

    profile: Profile
    crs: str | None = None
    dry_run: bool = False
    rejects: Path | None = None
    batch: int = BATCH


class _DryRun(Exception):
    """Ends a unit of work that must leave no trace."""


def import_tasks(
    path: Path, asked: TaskImport, *, actor: Actor = SYSTEM, progress: Progress | None = None
) -> Report:
    """Store each row of a file or list it with its reason; safe to run again at any time.

    `actor` is who asked, for the audit log; the events are the system's. Raises Invalid when the
    file as a whole cannot be used, Unavailable when the database refuses: whole batches are kept.
    """
    with open_rows(path, asked.profile) as sheet:
        mapper = Mapper(asked.profile, sheet.header)
        with RejectFile(asked.rejects, sheet.header) as rejects:
            run = _Run(asked, mapper, rejects)
            while lines := list(islice(sheet.lines, asked.batch)):
                with without_collecting():
                    run.take(lines)
                if progress is not None:
                    progress(run.report)
    run.report.stop()
    if not asked.dry_run:
        with unit_of_work():
            record_audit(
                "task.import", actor=actor, object=path.name,
                result="ok" if not run.report.refused else "partial",
                profile=asked.profile.name, **run.report.as_detail(),
            )  # fmt: skip
    return run.report


class _Run:
    """One file being taken in."""

    def __init__(self, asked: TaskImport, mapper: Mapper, rejects: RejectFile) -> None:
        self.asked, self.mapper, self.rejects = asked, mapper, rejects
        self.report = Report(dry_run=asked.dry_run)
        self.places = Places(asked.profile, _crs(asked))
        #: ids of a dry run, which leaves none in the database
        self.seen: set[tuple[str, str]] = set()

    def take(self, lines: Sequence[Line]) -> None:
        """Store one batch in one transaction, again if somebody stored the same rows meanwhile."""
        outcome = _Outcome()
        found = list(self._parsed(lines, outcome))
        try:
            stored = self._store(found)
        except IntegrityError:
            stored = self._store(found)
        outcome.join(stored)
        self.report.read += len(lines)
        self.report.stored += outcome.stored
        self.report.known += outcome.known
        self.report.queued += outcome.queued
        self.report.units_made += len(outcome.units_made)
        for line, rejected in sorted(outcome.rejected, key=lambda pair: pair[0].number):
            self.report.rejected[rejected.reason] += 1
            self.rejects.add(line, rejected)

    def _parsed(self, lines: Sequence[Line], outcome: "_Outcome") -> Iterator[_Read]:
        for line in lines:
            try:
                yield line, self.mapper.record(line)
            except RowRejected as rejected:
                outcome.rejected.append((line, rejected))

    def _store(self, found: Sequence[_Read]) -> "_Outcome":
        if not found:
            return _Outcome()
        seen = set(self.seen)
        try:
            with unit_of_work() as session:
                outcome = self._store_in(session, found, seen)
                if self.asked.dry_run:
                    raise _DryRun
        except _DryRun:
            self.seen = seen
        db.session.expunge_all()
        return outcome

    def _store_in(
        self, session: Session, found: Sequence[_Read], seen: set[tuple[str, str]]
    ) -> "_Outcome":
        outcome = _Outcome()
        known, numbers = _known(session, found)
        fresh: list[_Read] = []
        for line, record in found:
            key = (record.source.value, record.external_id)
            if key in known or key in seen or record.number in numbers:
                outcome.known += 1
                continue
            known.add(key)
            if self.asked.dry_run:
                seen.add(key)
            fresh.append((line, record))
        records = [record for _, record in fresh]
        places = self.places.found(session, records)
        resolver = Resolver(session, self.asked.profile)
        resolved = resolver.resolve_all(records)
        begun = (
            begins(record, words)
            for record, words in zip(records, resolved, strict=True)
            if isinstance(words, Resolved)
        )
        with one_calendar(session), reserved(session, begun), batch(session) as made:
            for (line, record), place, words in zip(fresh, places, resolved, strict=True):
                try:
                    self._walk(made, record, place, words)
                except RowRejected as rejected:
                    outcome.rejected.append((line, rejected))
                else:
                    outcome.stored += 1
                    outcome.queued += isinstance(place, Place) and not _community(place)
        outcome.units_made = resolver.made
        return outcome

    def _walk(
        self,
        made: Batch,
        record: Record,
        place: Place | RowRejected,
        resolved: Resolved | RowRejected,
    ) -> None:
        """Every step of one row, or none."""
        for looked_up in (place, resolved):
            if isinstance(looked_up, RowRejected):
                raise looked_up
        assert isinstance(place, Place)
        assert isinstance(resolved, Resolved)
        uuid = str(uuid5(NAMESPACE_URL, f"{record.source.value}/{record.external_id}"))
        events: list[TaskEvent] = []
        task: Task | None = None
        try:
            for action, given, at in steps(record, resolved, place, self.asked.profile):
                event = apply(action, task, actor=SYSTEM, given=given, at=at, uuid=uuid)
                task = event.task
                events.append(event)
        except RowRejected:
            raise
        except Fault as fault:
            raise RowRejected(Reason.REFUSED, fault.message, **fault.facts) from fault
        assert task is not None
        made.keep(task, events)


@dataclass
class _Outcome:
    """What became of a batch; joined to the report only after its commit."""

    stored: int = 0
    known: int = 0
    queued: int = 0

    def __post_init__(self) -> None:
        self.units_made: list[str] = []
        self.rejected: list[tuple[Line, RowRejected]] = []

    def join(self, other: "_Outcome") -> None:
        self.stored += other.stored
        self.known += other.known
        self.queued += other.queued
        self.units_made += other.units_made
        self.rejected += other.rejected


def _known(session: Session, found: Sequence[_Read]) -> tuple[set[tuple[str, str]], set[str]]:
    """The (source, id) pairs and our own numbers of the batch that are stored already."""
    ids = [record.external_id for _, record in found]
    ours = {record.number for _, record in found if record.number}
    rows = session.execute(
        select(Task.source, Task.external_id, Task.number).where(
            or_(Task.external_id.in_(ids), *([Task.number.in_(ours)] if ours else ()))
        )
    ).all()
    pairs = {(source, external_id) for source, external_id, _ in rows if external_id}
    return pairs, {number for _, _, number in rows} & ours


def _community(place: Place) -> str | None:
    return place.areas[2] if place.areas else place.community_code


def _crs(asked: TaskImport) -> str:
    try:
        return parse_crs(asked.crs or asked.profile.crs)
    except UnknownCoordSys as error:
        raise Invalid(
            N_("不认识坐标系“%(crs)s”，可用 wgs84、gcj02、bd09、cgcs2000 或 EPSG:代码。"),
            field="crs", crs=asked.crs or "",
        ) from error  # fmt: skip
