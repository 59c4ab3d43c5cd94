"""Imports an uploaded file of points in two steps: a preview that writes nothing, then the import."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from tracker.access.actor import Actor
from tracker.errors import Conflict
from tracker.places.importing_report import Rejection
from tracker.places.queries import children, children_with_boundaries
from tracker.places.uploads import check_suffix
from tracker.points.importing import PointImport, store_points, taken_meanwhile
from tracker.points.importing_columns import COLUMNS, Column, PointColumns, choose_columns
from tracker.points.importing_files import PointFile, read_points
from tracker.points.importing_plan import Plan, plan_points
from tracker.points.importing_report import PointReport, rejected_rows_csv
from tracker.storage import receipts
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.web.kept_files import KeptFile, drop_file, find_file, keep_file

#: Rows of each list shown on the page, and places drawn on its map.
SHOWN, DRAWN = 200, 5000
#: How far the borders under them may be moved for a smaller answer, metres.
_COARSE = 20


class PointUpload(KeptFile):
    """A file of points."""

    @property
    def options(self) -> PointImport:
        return PointImport(**self.said)

    @property
    def places(self) -> bytes:
        """What the map of the preview draws: GeoJSON, each feature with its role."""
        return (self.folder / "places.json").read_bytes()


class Planned(Protocol):
    """What an import would do."""

    @property
    def rejections(self) -> Sequence[Rejection]: ...

    def report(self, file: PointFile, *, dry_run: bool = False) -> PointReport: ...


@dataclass(frozen=True)
class Importer:
    """How one register takes a file: the same two steps for points and for what is like them."""

    #: folder of its uploads, and of its receipts
    room: str
    #: matches the headers of a file
    choose: Callable[[Sequence[str]], PointColumns]
    columns: Sequence[Column]
    plan: Callable[[Session, PointFile, Actor], Planned]
    store: Callable[[Session, PointFile, PointImport, Actor], Planned]
    #: (role, code, name, GeoJSON geometry) of what a plan stores
    drawn: Callable[[Any], Iterator[tuple[str, str, str, Any]]]
    taken_meanwhile: Callable[[], Conflict]

    def read(self, kept: PointUpload) -> PointFile:
        """The records of the file; slow, so read before a transaction. Raises Invalid."""
        said = kept.options
        return read_points(kept.path, crs=said.crs, encoding=said.encoding, choose=self.choose)


def _places(plan: Plan) -> Iterator[tuple[str, str, str, Any]]:
    for planned in plan.points:
        given = planned.checked.given
        if given.lon is None:
            continue
        shape = given.geometry or {"type": "Point", "coordinates": [given.lon, given.lat]}
        yield ("new" if planned.change.is_new else "changed", given.code, given.name, shape)


POINTS = Importer(
    room="points",
    choose=choose_columns,
    columns=COLUMNS,
    plan=lambda session, file, actor: plan_points(session, file, actor=actor),
    store=lambda work, file, said, actor: store_points(work, file, said, actor=actor),
    drawn=_places,
    taken_meanwhile=taken_meanwhile,
)


def examined(
    sent: FileStorage, options: PointImport, *, actor: Actor, importer: Importer = POINTS
) -> PointUpload:
    """Keep a sent file, judge it without writing anything, and keep what was found. Raises Invalid."""
    check_suffix(sent)
    assert actor.user_id is not None
    kept = keep_file(
        PointUpload, sent, room=importer.room, said=vars(options), owner_id=actor.user_id
    )
    try:
        _examine(kept, actor, importer)
    except BaseException:
        drop_file(kept)
        raise
    return kept


def find_upload(token: str, *, actor: Actor, importer: Importer = POINTS) -> PointUpload:
    """The upload of a token, for the person who sent it only. Raises NotFound."""
    return find_file(PointUpload, token, room=importer.room, owner_id=actor.user_id)


def carry_out(
    kept: PointUpload, *, actor: Actor, request_uuid: str, importer: Importer = POINTS
) -> None:
    """Import an examined file. Idempotent by `request_uuid`; a second confirmation does nothing.

    Raises Invalid, Conflict.
    """
    if kept.result is not None:
        return
    file = importer.read(kept)
    digest = receipts.digest_of({f"{importer.room}_import": kept.token})
    try:
        with unit_of_work() as work:
            done = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest)
            if done is None:
                plan = importer.store(work, file, kept.options, actor)
                found = plan.report(file).as_dict(shown=SHOWN)
                done = {name: value for name, value in found.items() if isinstance(value, int)}
                receipts.keep(
                    work, request_uuid, actor_id=actor.user_id, digest=digest, outcome=done
                )
                done = found
    except IntegrityError as error:
        raise importer.taken_meanwhile() from error
    kept.write("result.json", {**kept.preview, **done})


def _examine(kept: PointUpload, actor: Actor, importer: Importer) -> None:
    file = importer.read(kept)
    plan = importer.plan(db.session(), file, actor)
    report = plan.report(file, dry_run=True)
    borders = _borders()
    db.session.rollback()
    words = {i: _(one.reason, **one.facts) for i, one in enumerate(report.rejections)}
    kept.rejects.write_text(
        rejected_rows_csv(report.rejections, words, importer.columns), encoding="utf-8", newline=""
    )
    kept.write("places.json", _drawn(plan, borders, importer))
    kept.write("preview.json", report.as_dict(shown=SHOWN))


def _drawn(plan: Planned, borders: list[dict[str, Any]], importer: Importer) -> dict[str, Any]:
    """Where the rows lie that are stored, and the shapes of those that are refused."""
    from shapely.geometry import mapping

    features = list(borders)
    features += [_feature(*place) for place in islice(importer.drawn(plan), DRAWN)]
    for one in plan.rejections[:DRAWN]:
        if one.record is not None and one.record.shape is not None:
            features.append(_feature("rejected", one.code, one.name, mapping(one.record.shape)))
    return {"type": "FeatureCollection", "features": features}


def _borders() -> list[dict[str, Any]]:
    """The districts and what lies in them, so that an eye sees a layer that is shifted."""
    found, waiting = [], [None, *(area.code for area in children(db.session(), None))]
    waiting += [town.code for code in waiting[1:] for town in children(db.session(), code)]
    for code in waiting:
        for one in children_with_boundaries(db.session(), code, simplify_m=_COARSE):
            found.append(_feature("parent", one.code, one.name, one.geometry))
    return found


def _feature(role: str, code: str, name: str, geometry: Any) -> dict[str, Any]:
    properties = {"role": role, "code": code, "name": name}
    return {"type": "Feature", "properties": properties, "geometry": geometry}
